# Words of the report as the three formats print them: what stays on one line, numbers of
# one, and labels of the user.

test_that("short words, units and dates are not torn", {
  expect_identical(unbroken(c("At 12 months, %", "Hazard ratio (95% CI)", "P")),
    c("At\u00a012\u00a0months,\u00a0%", "Hazard ratio (95%\u00a0CI)", "P")
  )
  skip_if_not_installed("rmarkdown")
  skip_if_not(rmarkdown::pandoc_available("2.0"), "no pandoc")
  filter <- system.file("rmarkdown/contents.lua", package = "oligosurv")
  input <- withr::local_tempfile(lines = "with OP-N on 2021-01-01, mid-p; log-likelihood")
  made <- withr::local_tempfile(fileext = ".tex")
  rmarkdown::pandoc_convert(input, "latex", "markdown", made,
    options = c("--lua-filter", filter), wd = dirname(input)
  )
  text <- paste(readLines(made), collapse = " ")
  expect_match(text, "OP\\mbox{-}N", fixed = TRUE)
  expect_match(text, "2021\\mbox{-}01\\mbox{-}01", fixed = TRUE)
  expect_match(text, "log-likelihood", fixed = TRUE)
})

test_that("one percentage point, a P that stays with its number, an own label as it is", {
  said <- interval_sentences(endpoint(two_strategies(500, 1.02), "os"))
  expect_no_match(said, "\\b1 percentage points")
  expect_match(said[2], "from 1 percentage point lower to 10 percentage points higher")
  expect_identical(defined_p(0.5), "P\u00a0=\u00a00.50")
  x <- data.frame(age_years = 1:3, own = 1:3)
  attr(x$own, "label") <- "pT"
  expect_identical(column_labels(c("age_years", "own"), x),
    c(age_years = "Age years", own = "pT")
  )
})

test_that("labels of columns reach tables and figures in all formats", {
  skip_if_not_installed("ggplot2", "3.5.0")
  skip_if_not_installed("knitr")
  study <- with_labels(small_study(), c(cohort = "\u7ec4 arm", site = "Organ"))
  for (to in c("html", "word", "latex")) {
    expect_match(as.character(report_table(lesions_or_null(study), to = to)), "Organ")
    expect_no_match(as.character(report_table(lesions_or_null(study), to = to)), ">Site")
  }
  page <- list2env(list(study = study, figures = list()))
  page$folder <- withr::local_tempdir()
  survival_figure(page, "os", by = "cohort")
  expect_match(page$figures[[1L]]$caption, "by \u7ec4 arm")
  expect_match(between_text(study, "os", "cohort", logrank_test), "groups \\(\u7ec4 arm")
  expect_identical(group_word(hcc_sbrt, "cohort"), "Cohort")
  expect_identical(with_labels(hcc_sbrt, NULL), hcc_sbrt)
})
