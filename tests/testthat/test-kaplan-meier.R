test_that("Freireich 1963, 6-MP: the published curve, standard errors and median", {
  week <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
  relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
  fit <- kaplan_meier(Surv(week, relapse) ~ 1)
  at <- summary(fit, times = c(6, 7, 10, 13, 16, 22, 23))
  # Klein & Moeschberger 2003, table 4.1A
  expect_identical(
    round(at$estimate, 3), c(0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448)
  )
  expect_identical(
    round(at$std.error, 4), c(0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346)
  )
  expect_identical(at$n.risk, c(21, 17, 15, 12, 11, 7, 6))
  expect_identical(median(fit)$estimate, 23)
})

test_that("without censoring S is k / n to the last bit", {
  for (n in c(3, 7, 10, 49, 1000)) {
    fit <- kaplan_meier(Surv(seq_len(n), rep(1, n)) ~ 1)
    expect_identical(fit$estimate, (n - seq_len(n)) / n)
  }
})

test_that("five interval types by their formulas, exact limits at 0 and 1", {
  time <- c(1, 2, 2, 3, 4, 5)
  status <- c(0, 1, 0, 1, 0, 1)
  z <- qnorm(0.95)
  s <- 4 / 5 * 2 / 3
  se <- s * sqrt(1 / (5 * 4) + 1 / (3 * 2))
  want <- list(
    plain = s + c(-1, 1) * z * se,
    log = exp(log(s) + c(-1, 1) * z * se / s),
    `log-log` = s^exp(c(1, -1) * z * se / (s * abs(log(s)))),
    logit = plogis(qlogis(s) + c(-1, 1) * z * se / (s * (1 - s))),
    arcsin = sin(pmax(asin(sqrt(s)) + c(-1, 1) * z * se / (2 * sqrt(s * (1 - s))), 0))^2
  )
  for (type in names(want)) {
    at <- tidy(
      kaplan_meier(Surv(time, status) ~ 1, conf.type = type, conf.level = 0.9),
      times = c(1, 3, 5)
    )
    expect_equal(
      c(at$conf.low[2], at$conf.high[2]), pmin(want[[type]], 1),
      tolerance = 1e-14
    )
    expect_identical(at$conf.type, c("exact", type, "exact"))
    expect_equal(at$conf.low[1], 0.05^(1 / 5), tolerance = 1e-14)
    expect_identical(at$conf.high[1], 1)
    expect_identical(at$conf.low[3], 0)
    expect_true(at$conf.high[3] > 0 && at$conf.high[3] < 1)
  }
})

test_that("the exact interval is Clopper-Pearson where nobody is censored before t", {
  fit <- kaplan_meier(Surv(1:10, rep(1, 10)) ~ 1, conf.type = "exact")
  at <- tidy(fit, times = c(3, 10))
  expect_equal(at$conf.high[1], qbeta(0.975, 8, 3), tolerance = 1e-12)
  expect_equal(at$conf.low[1], qbeta(0.025, 7, 4), tolerance = 1e-12)
  expect_equal(at$conf.high[2], 1 - 0.025^(1 / 10), tolerance = 1e-12)
})

test_that("ten patients without an event are no 100% (100-100)", {
  at <- tidy(kaplan_meier(Surv(rep(12, 10), rep(0, 10)) ~ 1), times = 0)
  expect_equal(at$conf.low, 0.025^(1 / 10))
})

test_that("left truncation: at risk when entry < t <= exit", {
  late <- data.frame(
    entry = c(0, 0, 1, 2, 2), exit = c(3, 2, 4, 3, 5), s = c(1, 1, 1, 0, 1)
  )
  at <- tidy(kaplan_meier(Surv(entry, exit, s) ~ 1, late), times = c(2, 3, 4))
  expect_identical(at$n.risk, c(3, 4, 2)) # those entering at 2 are not at risk at 2
  expect_equal(at$estimate, c(2 / 3, 2 / 3 * 3 / 4, 2 / 3 * 3 / 4 / 2))
  expect_message(
    fit <- kaplan_meier(Surv(c(0, 2, 3), c(1, 5, 6), c(1, 1, 0)) ~ 1),
    "falls to 0 at time 1"
  )
  expect_identical(fit$estimate, c(0, 0, 0))
})

test_that("competing causes are refused with the way out", {
  k <- factor(c("censored", "a", "b"), c("censored", "a", "b"))
  expect_error(kaplan_meier(Surv(1:3, k) ~ 1), "cumulative_incidence",
    class = "oligosurv_error_data"
  )
})

test_that("what is printed", {
  d <- data.frame(t = c(2, 4, 6, 8), s = c(1, 1, 0, 0), g = c("a", "b", "a", "b"))
  expect_snapshot(print(kaplan_meier(Surv(t, s) ~ g, d)))
  expect_snapshot(print(summary(kaplan_meier(Surv(t, s) ~ g, d), times = c(3, 9))))
})
