# Result tables in HTML, Word, Markdown and LaTeX.

results <- all_results()
awkward <- function() {
  x <- data.frame(nasty, seq_along(nasty), paste0("1.0\n", nasty))
  names(x) <- c(nasty[1], nasty[2], "cell")
  new_result_table(x, nasty[2], nasty)
}

test_that("every result has a table in every format, with as many rows", {
  for (name in names(results)) {
    x <- result_table(results[[name]])
    rows <- function(lines, what) sum(grepl(what, lines, fixed = TRUE))
    expect_identical(rows(table_html(x), "<tr"), nrow(x$body) + 1L, label = name)
    expect_identical(rows(table_word(x), "<w:tr>"), nrow(x$body) + 1L, label = name)
    expect_identical(rows(table_latex(x), " \\\\"), nrow(x$body) + 1L, label = name)
    expect_identical(sum(grepl("^[|]", table_markdown(x))), nrow(x$body) + 2L,
      label = name
    )
  }
})

test_that("HTML and Word: markup is text, both are well formed", {
  skip_if_not_installed("xml2")
  html <- paste(table_html(awkward()), collapse = "\n")
  expect_false(grepl("<script", html, fixed = TRUE))
  page <- xml2::read_html(html)
  expect_identical(xml2::xml_text(xml2::xml_find_all(page, "//tbody//th")), nasty)
  expect_identical(xml2::xml_text(xml2::xml_find_all(page, "//p")), nasty)
  space <- "xmlns:w=\"w\""
  word <- xml2::read_xml(paste0(
    "<x ", space, ">", paste(table_word(awkward()), collapse = ""), "</x>"
  ))
  cells <- xml2::xml_text(xml2::xml_find_all(word, "//w:tc"))
  expect_identical(cells[3 * seq_along(nasty) + 1], nasty)
  expect_identical(length(xml2::xml_find_all(word, "//w:tblHeader")), 1L)
})

test_that("Markdown: pandoc reads every cell back as the text it was", {
  skip_if_not_installed("rmarkdown")
  skip_if_not(rmarkdown::pandoc_available("2.0"))
  skip_if_not_installed("xml2")
  for (from in c("markdown", "gfm")) {
    input <- withr::local_tempfile(fileext = ".md")
    output <- withr::local_tempfile(fileext = ".html")
    writeLines(table_markdown(awkward()), input, useBytes = TRUE)
    rmarkdown::pandoc_convert(input, "html", from, output)
    page <- xml2::read_html(output, encoding = "UTF-8")
    # pandoc may break lines at spaces
    cells <- gsub("\\s+", " ", xml2::xml_text(xml2::xml_find_all(page, "//td[1]")))
    expect_identical(cells, nasty)
    expect_identical(length(xml2::xml_find_all(page, "//script")), 0L)
  }
})

test_that("Markdown: prose that looks like a list, a dash, a link or a heading is text", {
  skip_if_not_installed("rmarkdown")
  skip_if_not(rmarkdown::pandoc_available("2.0"))
  skip_if_not_installed("xml2")
  odd <- c(
    "1. one", "2) two", "(3) three", "a. b", "- x", "+ x", ": x", "% x", "# x",
    "a -- b...", "x --- y", ":smile: 10:30", "&amp; &lt;", "[a](b) ![c](d) [^1]",
    "<b>x</b>", "@key", "> q"
  )
  input <- withr::local_tempfile(fileext = ".md")
  output <- withr::local_tempfile(fileext = ".html")
  for (from in c("markdown", "gfm")) {
    writeLines(rbind(markdown_escape(odd), ""), input, useBytes = TRUE)
    rmarkdown::pandoc_convert(input, "html", from, output)
    page <- xml2::read_html(output, encoding = "UTF-8")
    expect_identical(xml2::xml_text(xml2::xml_find_all(page, "//body/p")), odd)
  }
})

test_that("LaTeX: each sign with a meaning is written as text", {
  expect_identical(
    latex_escape("50% of a_b & {c} \\d $e ~f ^g"),
    paste(
      "50\\% of a\\_b \\& \\{c\\} \\textbackslash{}d \\$e \\textasciitilde{}f",
      "\\textasciicircum{}g"
    )
  )
  # a line break of LaTeX takes a star or a bracket after it as its argument
  star <- table_latex(result_table(data.frame("a long *b*" = c("*c", "[d]"),
    check.names = FALSE
  )))
  expect_no_match(star, "\\\\\\\\\\s*[*[]")
  expect_match(star, "{*}c", fixed = TRUE, all = FALSE)
  expect_match(star, "{[}d{]}", fixed = TRUE, all = FALSE)
  lines <- table_latex(awkward())
  expect_identical(sum(grepl("\\end{table}", lines, fixed = TRUE)), 1L)
  expect_match(lines, "p{", fixed = TRUE, all = FALSE) # 200 letters need a fixed width
})

test_that("columns of numbers stand right, of text left", {
  x <- result_table(data.frame(group = "a", value = 1.5))
  html <- table_html(x)
  expect_match(html, "<th scope=\"row\" style=\"text-align:left", all = FALSE)
  expect_match(html, "<td class=\"number\" style=\"text-align:right", all = FALSE)
  expect_match(table_latex(x), "{@{}lr@{}}", fixed = TRUE, all = FALSE)
  expect_match(table_markdown(x), "| :--- | ---: |", fixed = TRUE, all = FALSE)
  expect_match(table_word(x), "<w:jc w:val=\"right\"/>", fixed = TRUE, all = FALSE)
})

test_that("LaTeX tables compile, wide ones too", {
  skip_on_cran()
  latex <- Sys.which(c("xelatex", "pdflatex"))
  latex <- latex[nzchar(latex)]
  skip_if(!length(latex), "no LaTeX")
  withr::local_dir(withr::local_tempdir())
  wide <- result_table(toxicity_table(hcc_sbrt, by = "cohort"))
  compile <- function(x) {
    writeLines(enc2utf8(c(
      "\\documentclass{article}\\begin{document}", table_latex(x), "\\end{document}"
    )), "t.tex", useBytes = TRUE)
    suppressWarnings(system2(latex[1L], c("-interaction=nonstopmode", "t.tex"),
      stdout = TRUE, stderr = TRUE
    ))
  }
  expect_false(any(grepl("^!", compile(awkward()))))
  # the wide table, too wide at its usual size, fits into the line
  expect_false(any(grepl("^!|^Overfull .hbox", compile(wide))))
  expect_true(file.exists("t.pdf"))
})
