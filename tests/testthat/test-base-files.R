# Files that are written completely or not at all: what happens when pandoc is stopped.

# A folder with a pandoc that tells its version and is killed when it converts
killed_pandoc <- function(env = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = env)
  writeLines(c(
    "#!/bin/sh",
    sprintf("case \"$*\" in *--version*) exec %s --version ;; esac",
      shQuote(rmarkdown::pandoc_exec())
    ),
    "kill -KILL $$"
  ), file.path(dir, "pandoc"))
  Sys.chmod(file.path(dir, "pandoc"), "755")
  found <- rmarkdown::find_pandoc()$dir
  rmarkdown::find_pandoc(cache = FALSE, dir = dir)
  withr::defer(rmarkdown::find_pandoc(cache = FALSE, dir = found), envir = env)
}

test_that("a pandoc that is killed is a classed error, and the old file stays", {
  skip_on_cran()
  skip_on_os("windows")
  skip_if_not_installed("rmarkdown")
  skip_if_not_installed("ggplot2")
  skip_if_not(rmarkdown::pandoc_available("2.0"), "pandoc")
  killed_pandoc()
  dir <- withr::local_tempdir()
  file <- file.path(dir, "table.docx")
  writeLines("old", file)
  table <- result_table(kaplan_meier(Surv(month, death) ~ arm, arms))
  error <- expect_error(save_table(table, file), "exit status 137",
    class = "oligosurv_error_dependency"
  )
  expect_identical(error$package, "pandoc")
  expect_identical(readLines(file), "old")
  report <- file.path(dir, "report.html")
  writeLines("old", report)
  template <- withr::local_tempfile(fileext = ".Rmd",
    lines = c("---", "title: Study", "---", "`r nrow(study$patients)`")
  )
  expect_error(study_report(hcc_sbrt, report, template = template, quiet = TRUE),
    "the report was not written", class = "oligosurv_error_dependency"
  )
  expect_identical(readLines(report), "old")
  expect_setequal(list.files(dir), c("report.html", "table.docx"))
})
