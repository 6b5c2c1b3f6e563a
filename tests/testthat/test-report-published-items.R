# Items and groups of published tables, in the names of the help and in words of papers.

compare_one <- function(item, published, group = "All", study = hcc_sbrt, ...) {
  compare_published(study, data.frame(item, group, published, ...))
}

test_that("the words of papers mean what the names of the help mean", {
  same <- list(
    c("os_24", "2-year overall survival"), c("os_24", "OS at 24 months, %"),
    c("os_12", "1-yr OS"), c("pfs_median", "Median PFS (months)"),
    c("pfs_12", "Progression-free survival, 12 mo"),
    c("os_events", "Deaths, overall survival"),
    c("local_failure_24", "Local failure at 2 years"),
    c("follow_up", "Median follow-up"), c("response_patients", "ORR"),
    c("response_lesions", "Objective response, lesions"),
    c("toxicity_acute", "Acute grade 3+ toxicity"), c("toxicity_late", "Late toxicity"),
    c("patients", "No. of patients"), c("lesions", "Lesions treated")
  )
  for (pair in same) {
    values <- vapply(pair, function(item) compare_one(item, "1.234")$ours, "")
    expect_identical(unname(values[2]), unname(values[1]), label = pair[2])
  }
  # Kaplan-Meier at 24 months and the hazard ratio, from survival
  os <- endpoint(hcc_sbrt, "os")
  peer <- summary(survival::survfit(survival::Surv(time, status) ~ 1, os), times = 24)
  expect_identical(compare_one("os_24", "0.00")$ours, sprintf("%.2f", 100 * peer$surv))
  two <- os[!is.na(os$strategy), ]
  two$g <- as.integer(two$strategy == "OP-N")
  ratio <- exp(stats::coef(survival::coxph(survival::Surv(time, status) ~ g, two)))
  expect_identical(compare_one("os_hr", "0.000", "OP-N vs OP-C")$ours,
    sprintf("%.3f", ratio)
  )
  expect_identical(compare_one("OS, hazard ratio", "0.000", "OP-C versus OP-N")$ours,
    sprintf("%.3f", 1 / ratio)
  )
  # control is 100% minus failure; a column gives the time
  expect_identical(compare_one("Local control at 2 years", "97.0%")$equal, TRUE)
  expect_identical(compare_one("overall survival", "70.9", time = 24)$equal, TRUE)
  gray <- compare_one("local_failure_gray", "0.58", "OP against OM")
  expect_true(gray$equal)
  expect_true(compare_one("OS, log-rank P", "0.47", "OP-N against OP-C")$equal)
})

test_that("groups are labels of any column", {
  tables <- small_tables()
  tables$patients$sex <- c("f", "m", "m", "f")
  tables$patients$smoker <- c("f", "t", "t", "t")
  study <- do.call(sbrt_study, tables)
  for (all in c("All", "Overall", "total", "", NA)) {
    expect_identical(compare_one("patients", "4", all, study)$ours, "4")
  }
  expect_identical(compare_one("patients", "2", "m", study)$ours, "2")
  expect_identical(compare_one("patients", "2", "sex: f", study)$ours, "2")
  expect_error(compare_one("patients", "2", "f", study), "\"sex: f\"",
    class = "oligosurv_error_input"
  )
  expect_error(compare_one("patients", "2", "sex: x", study), "no patient",
    class = "oligosurv_error_data"
  )
  for (group in c("All", "m", "m against OP", "m vs m vs m")) {
    expect_error(compare_one("os_hr", "1", group, study), "two groups of one column",
      class = "oligosurv_error_input"
    )
  }
})

test_that("numbers are read as papers print them", {
  expect_identical(
    printed_number(c(
      "47.2%", " 47.2 % ", "34.9 (21.2-69.1)", "34.9 months", "47\u00b72", "47,2",
      "P = 0.47", "p<0.001", ".89", "NR", "not reached", "\u22121.5", "< .05", "17/37"
    )),
    c(
      "47.2%", "47.2%", "34.9", "34.9", "47.2", "47.2", "0.47", "<0.001", "0.89", "NR",
      "NR", "-1.5", "<0.05", "17"
    )
  )
  expect_identical(rounding_text(c("47.2%", "17", "0.047", "<0.001", "NR")),
    c("1 decimal", "whole number", "3 decimals", "bound", "")
  )
  expect_true(compare_one("os_median", "34.9 (21.2-69.1) months")$equal)
  expect_true(compare_one("os_median", "not reached", "OM")$equal)
  expect_false(compare_one("os_median", "NR")$equal)
  expect_identical(compare_one("os_median", "NR")$ours, "34.9")
})

test_that("a comma is decimal, and in a count it separates thousands", {
  expect_identical(
    printed_number(c("0,046", "<0,001", "1,234", "35, 21 to 69", "0.72 (0.61,0.83)")),
    c("0.046", "<0.001", "1.234", "35", "0.72")
  )
  expect_false(compare_one("os_logrank", "< 0,001", "OP against OM")$equal)
  expect_true(compare_one("os_logrank", "> 0,001", "OP against OM")$equal)
  count <- list(measure = "patients")
  rate <- list(measure = "rate")
  expect_identical(
    compared_part(c("1,234", "12.345 patients", "47,222", "1,234,567 (100%)"),
      list(count, count, rate, count)
    ), c("1234", "12345 patients", "47,222", "1234567 (100%)")
  )
  expect_false(compare_one("patients", "37,000")$equal)
})

test_that("an item that is not understood names itself", {
  for (item in c("quality of life", "os", "overall survival", "os_", "rfs_24", "")) {
    expect_error(compare_one(item, "1"), sprintf("\"%s\"", item), fixed = TRUE,
      class = "oligosurv_error_input"
    )
  }
})

test_that("words for local control and numbers are read as a paper means them", {
  compared <- function(item, published, group = "All") {
    compare_published(hcc_sbrt, data.frame(item, group, published))
  }
  # local failure at 24 months is 3.0%
  for (item in c("LC at 24 months", "Freedom from local progression, two years")) {
    expect_identical(compared(item, "97.0%")$ours, "97.0%")
  }
  expect_identical(compared("mOS", "34.9")$ours, "34.9")
  expect_identical(compared("Deaths", "17")$ours, "17")
  # deaths are events of these, which no endpoint computes
  for (item in c(
    "Local progression-free survival, 1 year", "1-year distant metastasis-free survival"
  )) {
    expect_error(compared(item, "50"), "unknown item", class = "oligosurv_error_input")
  }
})

test_that("a percentage after a count, bounds and about signs are read", {
  compared <- function(item, published, group = "All") {
    compare_published(hcc_sbrt, data.frame(item, group, published))
  }
  expect_true(all(compared("ORR", c("17/36 (47.2%)", "17 (47.2%)", "47.2%"))$equal))
  expect_true(all(compared("ORR", c("17/36", "17 of 36", "17 out of 36"))$equal))
  expect_false(compared("ORR", "17/37")$equal)
  expect_identical(compared("os_events", "17 (45.9%)")$ours, "17")
  expect_true(all(compared("os_median", c("~34.9", "\u2248 35", "\u226530"))$equal))
  expect_false(compared("os_median", "\u226440")$ours == "35")
})

test_that("a cell without a number, or a group against itself, is an error", {
  stops <- function(item, published, words, group = "All") {
    expect_error(
      compare_published(hcc_sbrt, data.frame(item, group, published)), words,
      class = "oligosurv_error_input"
    )
  }
  for (cell in c("", NA, "NS", "-")) stops("os_median", cell, "no number in row 1")
  stops("os_logrank", "0.5", "needs two groups of one column", "OP-N vs OP-N")
})
