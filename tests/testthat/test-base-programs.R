# Other programs that are run: their status, time limits, and a pandoc that is killed.

run_program <- getFromNamespace("run_program", "oligosurv")
run_latex <- getFromNamespace("run_latex", "oligosurv")

test_that("the status of a program is returned, and its arguments are not changed", {
  skip_on_cran() # starts programs
  skip_on_os("windows")
  file <- withr::local_tempfile()
  odd <- "a b'c \"$HOME\" ; & *"
  write <- c("-c", "printf %s \"$1\" >\"$2\"", "x", odd, file)
  expect_identical(run_program("sh", write), 0L)
  expect_identical(readLines(file, warn = FALSE), odd)
  expect_identical(run_program("sh", c("-c", "exit 3")), 3L)
  expect_identical(run_program("sh", c("-c", "kill -KILL $$")), 137L)
  expect_identical(run_program("no-such-program", character()), 127L)
  expect_length(list.files(tempdir(), "^program-"), 0L)
})

test_that("a time limit stops a program", {
  skip_on_cran() # starts programs
  skip_on_os("windows")
  alive <- withr::local_tempfile()
  code <- "echo $$ >\"$1.pid\"; exec sleep 600"
  expect_error({
    setTimeLimit(elapsed = 3, transient = TRUE)
    run_program("sh", c("-c", code, "x", alive)) # else it would last ten minutes
  }, "time limit")
  setTimeLimit()
  pid <- readLines(paste0(alive, ".pid"))
  expect_false(tools::pskill(as.integer(pid), 0L))
  expect_length(list.files(tempdir(), "^program-"), 0L)
})

test_that("LaTeX that fails is a classed error with its reason", {
  skip_on_cran() # starts programs
  skip_on_os("windows")
  skip_if_not_installed("tinytex")
  dir <- withr::local_tempdir()
  writeLines("\\documentclass{article}", file.path(dir, "page.tex"))
  error <- expect_error(run_latex(file.path(dir, "page.tex"), "no-such-engine"),
    "LaTeX failed", class = "oligosurv_error_dependency"
  )
  expect_identical(error$package, "tinytex")
})

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
