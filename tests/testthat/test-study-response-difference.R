# Newcombe 1998, Statist Med 17:873-890, table II: methods 6 (Miettinen-Nurminen) and 10
published <- data.frame(
  r2 = c(56, 9, 6, 5, 0, 0, 10, 10), n2 = c(70, 10, 7, 56, 10, 10, 10, 10),
  r1 = c(48, 3, 2, 0, 0, 0, 0, 0), n1 = c(80, 10, 7, 29, 20, 10, 20, 10),
  mn_low = c(0.0528, 0.17, 0.0342, -0.0326, -0.1658, -0.2879, 0.7156, 0.6636),
  mn_high = c(0.3382, 0.8406, 0.8534, 0.1933, 0.2844, 0.2879, 1, 1),
  low = c(0.0524, 0.1705, 0.0582, -0.0381, -0.1611, -0.2775, 0.6791, 0.6075),
  high = c(0.3339, 0.809, 0.8062, 0.1926, 0.2775, 0.2775, 1, 1)
)

test_that("published score limits", {
  for (i in seq_len(nrow(published))) {
    x <- published[i, ]
    r <- c(x$r1, x$r2)
    n <- c(x$n1, x$n2)
    mn <- difference_limits(r, n, "miettinen-nurminen", 0.95)[1:2]
    expect_equal(round(mn, 4), c(x$mn_low, x$mn_high), tolerance = 1e-9)
    hybrid <- difference_limits(r, n, "newcombe", 0.95)[1:2]
    expect_equal(round(hybrid, 4), c(x$low, x$high), tolerance = 1e-9)
  }
})

test_that("the restricted rates are the maximum of the likelihood", {
  withr::local_seed(4)
  for (i in 1:40) {
    n <- sample(2:40, 2)
    r <- stats::rbinom(2, n, stats::runif(2))
    delta <- stats::runif(1, -0.9, 0.9)
    log_likelihood <- function(p) {
      sum(stats::dbinom(r, n, pmin(1, pmax(0, p + c(0, delta))), log = TRUE))
    }
    range <- c(max(0, -delta), min(1, 1 - delta))
    best <- stats::optimize(log_likelihood, range, maximum = TRUE, tol = 1e-10)
    got <- restricted_rates(r[1], n[1], r[2], n[2], delta)
    expect_equal(got$second - got$first, delta)
    expect_gte(log_likelihood(got$first), best$objective - 1e-7)
  }
})

test_that("the score test at no difference is Pearson's chi-square, times (N - 1) / N", {
  chi <- suppressWarnings(
    stats::chisq.test(matrix(c(12, 15, 5, 4), 2), correct = FALSE)$statistic
  )
  got <- difference_limits(c(12, 5), c(27, 9), "miettinen-nurminen", 0.95)[3]
  expect_equal(got, stats::pchisq(unname(chi) * 35 / 36, 1, lower.tail = FALSE),
    tolerance = 1e-9
  )
})

test_that("p is the level at which the interval touches 0, in every method", {
  cases <- list(
    list(c(12, 5), c(27, 9)), list(c(0, 4), c(20, 10)), list(c(3, 9), c(10, 10)),
    list(c(0, 6), c(28, 9)), list(c(2, 2), c(7, 7)), list(c(7, 2), c(9, 8))
  )
  for (method in c("miettinen-nurminen", "newcombe", "exact")) {
    for (case in cases) {
      at <- function(level) difference_limits(case[[1]], case[[2]], method, level)
      p <- at(0.95)[3]
      for (level in c(0.5, 0.9, 0.95, 0.99, 0.999)) {
        x <- at(level)
        expect_identical(x[3] < 1 - level, x[1] > 1e-12 || x[2] < -1e-12)
        expect_equal(x[3], p, tolerance = 1e-9) # for any confidence level
      }
      if (method != "exact" && p < 1) {
        expect_lt(min(abs(at(1 - p)[1:2])), 1e-8)
      }
    }
  }
})

test_that("exact limits cover at least as often as they say, in every table", {
  skip_on_cran() # takes seconds
  n <- c(5L, 4L)
  tables <- expand.grid(r1 = 0:n[1], r2 = 0:n[2])
  limits <- t(mapply(function(a, b) {
    difference_limits(c(a, b), n, "exact", 0.9)[1:2]
  }, tables$r1, tables$r2))
  worst <- 1
  for (p1 in seq(0.02, 0.98, 0.06)) {
    for (p2 in seq(0.02, 0.98, 0.06)) {
      inside <- limits[, 1] <= p2 - p1 + 1e-9 & p2 - p1 - 1e-9 <= limits[, 2]
      weight <- stats::dbinom(tables$r1, n[1], p1) * stats::dbinom(tables$r2, n[2], p2)
      worst <- min(worst, sum(weight[inside]))
    }
  }
  expect_gte(worst, 0.9)
  estimate <- tables$r2 / n[2] - tables$r1 / n[1]
  expect_true(all(limits[, 1] <= estimate & estimate <= limits[, 2]))
})

test_that("swapped groups or outcomes swap the limits", {
  for (method in c("miettinen-nurminen", "newcombe", "exact")) {
    for (k in list(c(3, 9, 1, 6), c(0, 9, 6, 6), c(0, 5, 0, 7))) {
      x <- difference_limits(k[c(1, 3)], k[c(2, 4)], method, 0.95)
      back <- difference_limits(k[c(3, 1)], k[c(4, 2)], method, 0.95)
      other <- difference_limits(k[c(2, 4)] - k[c(1, 3)], k[c(2, 4)], method, 0.95)
      expect_equal(back, c(-x[2:1], x[3]), tolerance = 1e-6)
      expect_equal(other, c(-x[2:1], x[3]), tolerance = 1e-6)
      expect_true(all(x[1:2] >= -1 & x[1:2] <= 1) && x[1] < x[2])
    }
  }
})

test_that("the study of the paper, its lesions by patient", {
  x <- response_difference(hcc_sbrt, "cohort")
  expect_identical(x$contrast, c("OM - OP", "OM - OP"))
  expect_identical(c(x$event.1[1], x$n.1[1], x$event.2[1], x$n.2[1]), c(12L, 27L, 5L, 9L))
  expect_equal(x$estimate[1], 5 / 9 - 12 / 27)
  back <- response_difference(hcc_sbrt, "cohort", reference = "OM")
  expect_equal(back$conf.low, -x$conf.high, tolerance = 1e-9)
  expect_output(print(response_difference(hcc_sbrt, "strategy")), "Left out: 9 patients")
})

test_that("lesions: one design effect of both groups, each around its own rate", {
  x <- response_difference(hcc_sbrt, "cohort", "lesion")
  rows <- best_response(hcc_sbrt, "lesion")
  rows <- rows[rows$evaluable & !is.na(rows$cohort), ]
  rate <- tapply(rows$responder, rows$cohort, mean)
  excess <- tapply(rows$responder - rate[rows$cohort], rows$patient_id, sum)
  m <- length(excess)
  within <- sum((rate * (1 - rate))[rows$cohort])
  design <- m / (m - 2) * sum(excess^2) / within
  expect_equal(x$design.effect[1], design)
  expect_equal(
    unlist(x[1, c("conf.low", "conf.high")], use.names = FALSE),
    score_limits(
      c(x$event.1[1], x$event.2[1]) / design, c(x$n.1[1], x$n.2[1]) / design,
      stats::qnorm(0.975)
    )
  )
  expect_output(print(x), "common design effect")
  # swapping the groups keeps the design effect; at patient level there is none
  back <- response_difference(hcc_sbrt, "cohort", "lesion", reference = "OM")
  expect_equal(back$design.effect, x$design.effect)
  expect_equal(back$p.value, x$p.value)
  expect_null(response_difference(hcc_sbrt, "cohort")$design.effect)
})

test_that("the common design effect by hand, at its bounds, of pairs of three groups", {
  group <- factor(rep(c("a", "b", "c"), c(4, 4, 3)))
  id <- c(1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7)
  y <- c(1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1) > 0
  # a: p = 1/2, residual sums 1 and -1; b: p = 1/2, sums 0: 4 / 2 * (1 + 1) / 2 = 2
  expect_equal(common_effect(y, group, id, 1:2), 2)
  # c: one lesion per patient, p = 2/3, residual sums 1/3, -2/3, 1/3; pooled with a
  want <- 5 / 3 * (2 + 6 / 9) / (4 / 4 + 3 * 2 / 9)
  expect_equal(common_effect(y, group, id, c(1, 3)), want)
  expect_equal(common_effect(rep(TRUE, 11), group, id, 1:2), 2) # lesions per patient
  expect_equal(common_effect(y, group, seq_along(y), 1:2), max(1, 8 / 6))
  expect_identical(common_effect(y[0], group[0], id[0], 1:2), NA_real_)
})

test_that("under no difference clustered lesions reject at most at the nominal level", {
  withr::local_seed(5)
  sizes <- rep(1:4, c(20, 9, 5, 3))
  rejected <- replicate(800, {
    lesions <- sample(sizes)
    id <- rep(1:37, lesions)
    group <- factor(rep(rep(1:2, c(28, 9)), lesions))
    rate <- stats::rbeta(37, 1.17, 1.17) # correlation 0.3 within a patient
    y <- stats::runif(length(id)) < rate[id]
    difference_rows(y, group, id, "miettinen-nurminen", 0.95)$p.value < 0.05
  })
  expect_lt(mean(rejected), 0.055 + 2 * sqrt(0.05 * 0.95 / 800))
})

test_that("a group without anybody evaluable is NA", {
  tables <- small_tables()
  tables$patients$best_response <- c("PR", "SD", "NE", "SD")
  x <- response_difference(do.call(sbrt_study, tables), "cohort", method = "exact")
  expect_identical(x$conf.low, c(NA_real_, NA_real_))
  expect_identical(x$n.2, c(0L, 0L))
  expect_output(print(x), "\u2013: not defined")
})

test_that("requests that cannot be met are errors by class", {
  data <- "oligosurv_error_data"
  input <- "oligosurv_error_input"
  expect_error(response_difference(hcc_sbrt, "cohort", "lesion", method = "exact"),
    class = data
  )
  expect_error(response_difference(hcc_sbrt, "site", "lesion"), "in several groups",
    class = data
  )
  expect_error(response_difference(hcc_sbrt, "sex"), class = input)
  expect_error(response_difference(hcc_sbrt, NULL), class = input)
  expect_error(response_difference(hcc_sbrt, "cohort", reference = "X"), "one of the g",
    class = input
  )
  expect_error(response_difference(hcc_sbrt, "cohort", method = "wald"), class = input)
  one <- small_tables()
  one$patients$cohort <- "OP"
  expect_error(response_difference(do.call(sbrt_study, one), "cohort"), "only one",
    class = data
  )
})

test_that("the print is as expected", {
  expect_snapshot(print(response_difference(hcc_sbrt, "cohort")))
  expect_output(print(response_difference(hcc_sbrt, "cohort")[c("outcome", "n.1")]), "27")
})

test_that("responses from dated visits are compared as given ones are", {
  withr::local_seed(4)
  study <- simulate_study(40)
  for (confirm in c(FALSE, TRUE)) {
    criteria <- recist(confirm)
    x <- response_difference(study, "cohort", criteria = criteria)
    rate <- response_rate(study, "cohort", criteria = criteria)
    expect_identical(c(x$event.1, x$event.2), rate$n.event[c(1, 3, 2, 4)])
    expect_identical(c(x$n.1, x$n.2), rate$n.evaluable[c(1, 3, 2, 4)])
  }
  expect_output(print(x), "Differences of best response of patients by RECIST 1.1, conf")
  expect_error(response_difference(hcc_sbrt, "cohort", criteria = "recist"),
    "assessments",
    class = "oligosurv_error_input"
  )
})

test_that("differences of the rates of all patients", {
  x <- response_difference(hcc_sbrt, "cohort", denominator = "all")
  expect_identical(c(x$n.1[1], x$n.2[1]), c(28L, 9L))
  expect_equal(x$estimate[1], 5 / 9 - 12 / 28, tolerance = 1e-12)
  expect_output(print(x), "among all patients, evaluable or not", width = 120)
})
