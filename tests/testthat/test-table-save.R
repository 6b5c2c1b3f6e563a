# save_table(), as_tinytable() and tables in documents.

fit <- kaplan_meier(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os"))

test_that("a file of each kind, whole or not at all", {
  dir <- withr::local_tempdir()
  for (kind in c("html", "tex", "md")) {
    file <- file.path(dir, paste0("t.", kind))
    writeLines("earlier", file)
    expect_identical(withVisible(save_table(fit, file, times = 12, unit = "months")),
      list(value = file, visible = FALSE)
    )
    text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
    expect_match(text, "Kaplan-Meier estimates", fixed = TRUE)
    expect_match(text, "At 12 months", fixed = TRUE)
  }
  page <- readLines(file.path(dir, "t.html"))
  expect_false(any(grepl("<script|<link|https?:", page)))
  before <- readLines(file.path(dir, "t.md"))
  expect_error(save_table(mean, file.path(dir, "t.md")), class = "oligosurv_error_input")
  expect_identical(readLines(file.path(dir, "t.md")), before)
  expect_length(list.files(dir, all.files = TRUE, no.. = TRUE), 3L)
})

test_that("Word has a table of its own, with caption, header row and notes", {
  skip_if_not_installed("rmarkdown")
  skip_if_not(rmarkdown::pandoc_available("2.0"))
  skip_if_not_installed("xml2")
  file <- withr::local_tempfile(fileext = ".docx")
  save_table(fit, file, caption = "A < B & C")
  dir <- withr::local_tempdir()
  utils::unzip(file, exdir = dir)
  doc <- xml2::read_xml(file.path(dir, "word/document.xml"))
  of <- function(what) xml2::xml_find_all(doc, what)
  expect_length(of("//w:tbl"), 1L)
  expect_length(of("//w:tr"), 3L)
  expect_match(xml2::xml_text(of("//w:p")), "A < B & C", fixed = TRUE, all = FALSE)
  expect_match(xml2::xml_text(of("//w:p")), "Greenwood", all = FALSE)
})

test_that("tinytable takes it over, escaped, without a network", {
  # In a child process: tinytable does not load with an older xfun, which knitr may have
  # loaded in this process
  skip_on_cran()
  skip_if(!nzchar(system.file(package = "tinytable")), "tinytable")
  dir <- withr::local_tempdir()
  script <- file.path(dir, "run.R")
  writeLines(c(
    sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")),
    sprintf("setwd(%s)", deparse(dir)), "library(oligosurv)",
    "d <- data.frame(a = \"<b> & 5%\", n = 1)",
    "x <- as_tinytable(result_table(d, notes = \"<i>\"))",
    "tinytable::save_tt(x, \"t.html\")", "tinytable::save_tt(x, \"t.tex\")"
  ), script)
  r <- file.path(R.home("bin"), "Rscript")
  system2(r, c("--vanilla", shQuote(script)), stdout = FALSE, stderr = FALSE)
  html <- paste(readLines(file.path(dir, "t.html"), warn = FALSE), collapse = "\n")
  expect_match(html, "&lt;b&gt; &amp; 5%", fixed = TRUE)
  expect_false(grepl("src=\"https?:", html))
  tex <- readLines(file.path(dir, "t.tex"), warn = FALSE)
  expect_match(tex, "\\& 5\\%", fixed = TRUE, all = FALSE)
})

test_that("a package that does not load is distinguished from one not installed", {
  library <- withr::local_tempdir()
  dir.create(file.path(library, "half.there"))
  writeLines("Package: half.there\nVersion: 1.0", file.path(library, "half.there",
    "DESCRIPTION"
  ))
  withr::local_libpaths(library, "prefix")
  expect_error(need_package("half.there", "as_tinytable()"), "does not load",
    class = "oligosurv_error_dependency"
  )
  expect_error(need_package("not.there", "as_tinytable()"), "not installed",
    class = "oligosurv_error_dependency"
  )
})

test_that("in a document the table takes the format of the document", {
  shown <- function(to) {
    withr::local_options(knitr.in.progress = TRUE)
    old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
    knitr::opts_knit$set(rmarkdown.pandoc.to = to)
    on.exit(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
    as.character(knitr::knit_print(fit))
  }
  skip_if_not_installed("knitr")
  expect_match(shown("html"), "```{=html}\n<div class=\"table\"", fixed = TRUE)
  expect_match(shown("docx"), "```{=openxml}\n<w:p>", fixed = TRUE)
  expect_match(shown("latex"), "\\begin{tabular}", fixed = TRUE)
  expect_match(shown("gfm"), "| Group |", fixed = TRUE)
})

test_that("no text closes the block that holds it", {
  block <- raw_block("a ```` b", "openxml")
  expect_match(block, "`````{=openxml}\na ```` b\n`````", fixed = TRUE)
})

test_that("a wrong file name is an error", {
  expect_error(save_table(fit, "t.pdf"), "`file`", class = "oligosurv_error_input")
  expect_error(save_table(fit, "no-such/t.md"), "folder", class = "oligosurv_error_input")
  expect_error(save_table(fit, 1), "`file`", class = "oligosurv_error_input")
})

test_that("a table without rows or columns is none for tinytable", {
  local_internal("need_package", function(...) invisible())
  for (x in list(data.frame(a = character()), data.frame(a = 1:2)[0L])) {
    error <- expect_error(as_tinytable(x), "the table has no rows or no columns",
      class = "oligosurv_error_data"
    )
    expect_identical(error$arg, "x")
  }
})
