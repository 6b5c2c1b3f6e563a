d <- data.frame(
  month = c(2, 3, 3, 5, 8, 9),
  status = factor(c(1, 0, 2, 1, 0, 0), 0:2, c("censored", "failure", "death"))
)

test_that("by hand: six patients, two causes", {
  rows <- tidy(cumulative_incidence(Surv(month, status) ~ 1, d))
  failure <- rows[rows$outcome == "failure", ]
  death <- rows[rows$outcome == "death", ]
  expect_identical(failure$time, c(0, 2, 3, 5, 8, 9))
  expect_equal(failure$estimate, c(0, 1 / 6, 1 / 6, 7 / 18, 7 / 18, 7 / 18))
  expect_equal(death$estimate, c(0, 0, 1 / 6, 1 / 6, 1 / 6, 1 / 6))
  expect_identical(failure$n.risk, c(6, 6, 5, 3, 2, 1))
  expect_identical(failure$cum.event, c(0, 1, 1, 2, 2, 2))
  # binomial up to the first censoring
  expect_equal(failure$std.error[2], sqrt(1 / 6 * 5 / 6 / 6))
})

test_that("one cause is Kaplan-Meier: estimate, standard error, limits", {
  withr::local_seed(4)
  time <- sample(20, 60, TRUE)
  event <- rbinom(60, 1, 0.6)
  km <- tidy(kaplan_meier(Surv(time, event) ~ 1, conf.type = "logit"))
  cif <- tidy(cumulative_incidence(Surv(time, event) ~ 1, conf.type = "logit"))
  expect_equal(cif$estimate, 1 - km$estimate, tolerance = 1e-14)
  expect_equal(cif$std.error, km$std.error, tolerance = 1e-14)
  expect_equal(cif$conf.low, 1 - km$conf.high, tolerance = 1e-12)
  expect_equal(cif$conf.high, 1 - km$conf.low, tolerance = 1e-12)
})

test_that("no failure: the exact upper limit for those still at risk", {
  rows <- tidy(cumulative_incidence(Surv(month, status) ~ 1, d), times = 1)
  expect_identical(rows$estimate, c(0, 0))
  expect_equal(rows$conf.high, rep(1 - 0.025^(1 / 6), 2), tolerance = 1e-14)
  expect_identical(rows$conf.type, c("exact", "exact"))
})

test_that("exact limits are Clopper-Pearson when nobody is censored", {
  k <- factor(c(1, 2, 1, 2, 1, 2, 1, 1), 0:2, c("censored", "x", "y"))
  rows <- tidy(cumulative_incidence(Surv(1:8, k) ~ 1, conf.type = "exact"), times = 8)
  expect_equal(rows$conf.low, qbeta(0.025, c(5, 3), c(4, 6)), tolerance = 1e-12)
  expect_equal(rows$conf.high, qbeta(0.975, c(6, 4), c(3, 5)), tolerance = 1e-12)
})

test_that("declared causes without events, and no events at all, are curves at 0", {
  none <- factor(c("censored", "censored"), c("censored", "x", "y"))
  rows <- tidy(cumulative_incidence(Surv(1:2, none) ~ 1))
  expect_true(all(rows$estimate == 0))
  expect_identical(nlevels(rows$outcome), 2L)
})

test_that("past the last follow-up: NA, unless everybody has had an event", {
  fit <- cumulative_incidence(Surv(month, status) ~ 1, d)
  expect_identical(tidy(fit, times = 10)$estimate, c(NA_real_, NA_real_))
  expect_equal(tidy(fit, times = 10, extend = TRUE)$estimate, c(7 / 18, 1 / 6))
  k <- factor(c(1, 2), 0:2, c("censored", "x", "y"))
  expect_identical(
    tidy(cumulative_incidence(Surv(1:2, k) ~ 1), times = 10)$estimate, c(0.5, 0.5)
  )
})

test_that("what is printed", {
  expect_snapshot(print(cumulative_incidence(Surv(month, status) ~ 1, d)))
})

test_that("conf.type none: the same fit without limits, in every method", {
  d <- random_rows(random_kinds[1], 4)
  f <- Surv(time, status) ~ group
  for (fit_of in list(
    function(...) cumulative_incidence(f, d, ...),
    function(...) cumulative_incidence(f, d, id = seq_len(nrow(d)), ...),
    function(...) kaplan_meier(Surv(time, status != "censored") ~ group, d, ...),
    function(...) follow_up(Surv(time, status != "censored") ~ group, d, ...)
  )) {
    none <- fit_of(conf.type = "none")
    usual <- fit_of(conf.type = "log-log")
    expect_null(none$conf.low)
    same <- c("time", "n.risk", "estimate", "std.error")
    expect_identical(none[same], usual[same])
    rows <- tidy(none)
    expect_true(all(is.na(rows$conf.low)) && all(is.na(rows$conf.high)))
    expect_identical(unique(rows$conf.type), "none")
    expect_identical(rows$estimate, tidy(usual)$estimate)
    expect_identical(quantile(none, 0.3)$estimate, quantile(usual, 0.3)$estimate)
    expect_true(all(is.na(summary(none, times = 2)$conf.low)))
    expect_no_match(capture.output(print(none)), "CI", fixed = TRUE)
    expect_match(capture.output(print(none)), "no intervals", all = FALSE)
  }
  fit <- kaplan_meier(Surv(time, status != "censored") ~ 1, d, conf.type = "none")
  expect_null(as_survfit(fit)$lower)
  expect_null(as_survfit(cumulative_incidence(f, d, conf.type = "none"))$upper)
  expect_error(
    kaplan_meier(Surv(time, status != "censored") ~ 1, d,
      conf.type = "none", band = "hall-wellner"
    ),
    "no limits", class = "oligosurv_error_input"
  )
})
