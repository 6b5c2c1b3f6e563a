# Published: Song Z et al., J Hepatocell Carcinoma 2025;12:1097-1110, abstract. Response
# and toxicity are in test-study-response-rate.R and test-study-toxicity-table.R.

test_that("the CSV files are the data set", {
  dir <- system.file("extdata/hcc_sbrt", package = "oligosurv")
  expect_identical(read_study(dir), hcc_sbrt)
  expect_identical(nrow(study_problems(dir, cutoff = "2024-01-31")), 0L)
})

test_that("patients and lesions are as many as published", {
  patients <- hcc_sbrt$patients
  expect_identical(as.integer(table(patients$cohort)), c(28L, 9L))
  expect_identical(as.integer(table(patients$strategy)), c(12L, 16L))
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_identical(as.integer(table(lesions$cohort)), c(48L, 17L))
  expect_true(all(table(lesions$patient_id) <= 5L))
})

test_that("survival gives the published medians and p-values from the dates", {
  month <- function(data, group = TRUE) {
    fit <- survival::survfit(survival::Surv(time, status) ~ 1, data[group, ])
    sprintf("%.1f", stats::quantile(fit, 0.5)$quantile)
  }
  medians <- function(data) {
    c(
      month(data), month(data, data$cohort == "OP"), month(data, data$cohort == "OM"),
      month(data, data$strategy %in% "OP-N"), month(data, data$strategy %in% "OP-C")
    )
  }
  pfs <- endpoint(hcc_sbrt, "pfs")
  os <- endpoint(hcc_sbrt, "os")
  expect_identical(medians(pfs), c("11.2", "11.2", "10.2", "11.6", "16.5"))
  expect_identical(medians(os), c("34.9", "32.6", "NA", "NA", "32.6"))
  os$status <- 1L - os$status
  expect_identical(month(os), "32.8")
  os$status <- 1L - os$status
  p <- function(data) {
    test <- survival::survdiff(survival::Surv(time, status) ~ strategy, data)
    sprintf("%.2f", stats::pchisq(test$chisq, 1, lower.tail = FALSE))
  }
  expect_identical(c(p(pfs), p(os)), c("0.89", "0.47"))
})

test_that("survival gives the published local failure at two years from the dates", {
  failure <- endpoint(hcc_sbrt, "local_failure")
  rate <- function(data) {
    fit <- survival::survfit(survival::Surv(time, status) ~ 1, data)
    state <- summary(fit, times = 24)$pstate[, match("local failure", fit$states)]
    sprintf("%.1f", 100 * state)
  }
  expect_identical(rate(failure), "3.0")
  expect_identical(rate(failure[failure$cohort == "OP", ]), "4.0")
  om <- failure[failure$cohort == "OM", ]
  expect_identical(sum(om$status == "local failure"), 0L)
})

test_that("six OP patients are censored for PFS before 11.2 months, at last contact", {
  pfs <- endpoint(hcc_sbrt, "pfs")
  early <- pfs[pfs$cohort == "OP" & pfs$status == 0L & pfs$time < 11.15, ]
  expect_identical(nrow(early), 6L)
  expect_true(all(is.na(early$progression_date)))
  expect_identical(
    early$last_contact, early$sbrt_start + round(early$time * 30.4375)
  )
})

test_that("dates and responses are plausible", {
  x <- hcc_sbrt$patients
  expect_true(all(format(x$sbrt_start, "%u") < "6"))
  expect_identical(format(range(x$sbrt_start), "%Y-%m"), c("2017-01", "2023-06"))
  progressed <- as.numeric(x$progression_date - x$sbrt_start)
  expect_gte(min(progressed, na.rm = TRUE), 45)
  category <- function(change) {
    as.character(cut(change, c(-Inf, -100, -30, 19.99, Inf), c("CR", "PR", "SD", "PD")))
  }
  lesions <- hcc_sbrt$lesions
  seen <- lesions[lesions$best_response != "NE", ]
  expect_identical(category(seen$best_change_pct), as.character(seen$best_response))
  seen <- x[x$best_response != "NE", ]
  expect_identical(category(seen$best_change_pct), as.character(seen$best_response))
  expect_true(all(lesions$dose_gy / lesions$fractions >= 5))
})

test_that("the help page and the files say first that the patients are simulated", {
  readme <- readLines(system.file("extdata/hcc_sbrt/README.md", package = "oligosurv"))
  expect_match(readme[1:3], "invented", all = FALSE)
})
