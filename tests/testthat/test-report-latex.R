# The PDF of a report: letters that the Latin font lacks, and what its log says of them.

test_that("characters that the PDF lacks are a warning", {
  log <- withr::local_tempfile(lines = enc2utf8(c(
    "This is XeTeX", "Missing character: There is no \u5be1 in font lmr!",
    "Missing character: There is no \u5be1 in font lmb!"
  )))
  expect_warning(warn_missing_characters(log),
    "font lacks 1 character, such as .* install",
    class = "oligosurv_warning_data"
  )
  log <- withr::local_tempfile(
    lines = enc2utf8("Missing character: There is no \u0416 in font lmr!")
  )
  expect_warning(warn_missing_characters(log), "\"\u0416\"; write the report as .docx",
    class = "oligosurv_warning_data"
  )
  expect_no_warning(warn_missing_characters(withr::local_tempfile(lines = "none")))
  expect_no_warning(warn_missing_characters(tempfile()))
})

test_that("Chinese, Japanese and Korean letters are found wherever a study has them", {
  expect_identical(cjk_characters(c("OP \u5be1a", "\u5be1\u3042", NA, "\uac00 \u00e9")),
    c("\u5be1", "\u3042", "\uac00")
  )
  expect_identical(cjk_characters(character()), character())
  expect_identical(cjk_characters(study_texts(hcc_sbrt)), character())
  tables <- small_tables()
  tables$adverse_events$term[1L] <- "\u4e4f\u529b"
  attr(tables$patients$cohort, "label") <- "\u7ec4"
  found <- cjk_characters(study_texts(do.call(sbrt_study, tables)))
  expect_setequal(found, c("\u4e4f", "\u529b", "\u7ec4"))
})

test_that("the preamble changes the font only for XeLaTeX, and only if it is needed", {
  expect_identical(cjk_head(character(), "xelatex"), character())
  expect_identical(cjk_head("\u5be1", "lualatex"), character())
  head <- cjk_head("\u5be1", "xelatex", c("First Font", "Second"))
  expect_match(head, "XeTeXcharclass\"5BE1=", fixed = TRUE, all = FALSE)
  expect_match(head, "^\\\\IfFontExistsTF\\{First Font\\}.*\\{Second\\}", all = FALSE)
  # names of fonts are code of LaTeX, so no other signs may be in them
  expect_no_match(cjk_fonts(""), "[^[:alnum:] .-]")
})

test_that("letters in bold, in groups and next to Latin ones are set in the other font", {
  skip_on_cran() # a run of LaTeX
  skip_if_not(nzchar(Sys.which("xelatex")) && nzchar(Sys.which("fc-list")), "xelatex")
  fonts <- system2("fc-list", c(":", "family"), stdout = TRUE)
  skip_if_not("DejaVu Sans" %in% fonts, "DejaVu Sans")
  # a Cyrillic letter, which Latin Modern lacks, stands for a Chinese one
  withr::local_dir(withr::local_tempdir())
  missing <- function(head) {
    text <- gsub("Z", "\u0416", "a ZZb \\textbf{Z}Z, \\emph{xZ}y Z\\texttt{cZ} d")
    writeLines(enc2utf8(c("\\documentclass{article}", "\\usepackage{fontspec}", head,
      "\\begin{document}", text, "\\end{document}"
    )), "a.tex", useBytes = TRUE)
    system2("xelatex", c("-interaction=batchmode", "-halt-on-error", "a.tex"),
      stdout = FALSE
    )
    expect_true(file.exists("a.pdf"))
    unlink("a.pdf")
    sum(grepl("Missing character", readLines("a.log", warn = FALSE), useBytes = TRUE))
  }
  expect_gt(missing(character()), 0L)
  expect_identical(missing(cjk_head("\u0416", "xelatex", "DejaVu Sans")), 0L)
})

test_that("signs that the Latin font lacks are set as formulas, only where they occur", {
  head <- sign_head(c("\u22656 months", NA, "\u03b1/\u03b2"))
  expect_identical(head, c(
    "\\catcode\"2265=13 \\protected\\def^^^^2265{\\ensuremath{\\geq}}",
    "\\catcode\"03B1=13 \\protected\\def^^^^03b1{\\ensuremath{\\alpha}}",
    "\\catcode\"03B2=13 \\protected\\def^^^^03b2{\\ensuremath{\\beta}}"
  ))
  expect_identical(sign_head("OP \u00b1 2"), character())
  expect_identical(sign_head(character()), character())
})
