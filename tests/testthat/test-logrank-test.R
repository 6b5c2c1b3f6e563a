# logrank_test(): weights, strata, undefined tests, prints.

test_that("Freireich 1963: every weight under its own name", {
  value <- function(...) logrank_test(Surv(week, relapse) ~ arm, freireich, ...)$statistic
  # exact values; lifelines' tests quote the same from Kleinbaum & Klein 2012
  expect_equal(value(), 16.792940989216533, tolerance = 1e-13)
  expect_equal(value(weight = "gehan"), 13.457852049631067, tolerance = 1e-13)
  expect_equal(value(weight = "tarone-ware"), 15.123575301872694, tolerance = 1e-13)
  expect_equal(value(weight = "peto-peto"), 14.084139866856547, tolerance = 1e-13)
  # "Peto-Peto" is rho = 1 in survival
  expect_equal(
    value(weight = "fleming-harrington", rho = 1), 14.457, tolerance = 1e-4
  )
})

test_that("by hand: two against two", {
  test <- logrank_test(Surv(1:4, rep(1, 4)) ~ c("a", "a", "b", "b"))
  expected <- 2 / 4 + 1 / 3
  variance <- 1 / 4 + 2 / 9
  expect_equal(test$groups$expected, c(expected, 4 - expected))
  expect_equal(test$statistic, (2 - expected)^2 / variance)
  expect_identical(test$df, 1L)
  expect_equal(test$p.value, pchisq(test$statistic, 1, lower.tail = FALSE))
})

test_that("strata add up", {
  s <- rep(1:3, each = 14)
  parts <- lapply(1:3, function(k) {
    logrank_test(Surv(week, relapse) ~ arm, freireich[c(seq(k, 42, 3)), ])
  })
  freireich$s <- rep_len(1:3, 42)
  all <- logrank_test(Surv(week, relapse) ~ arm + strata(s), freireich)
  sums <- function(name) Reduce(`+`, lapply(parts, `[[`, name))
  expect_equal(all$score, sums("score"), tolerance = 1e-13)
  expect_equal(all$variance, sums("variance"), tolerance = 1e-13)
  expect_identical(all$method, "Log-rank test, 3 strata")
})

test_that("an undefined test is NA with the reason", {
  none <- logrank_test(Surv(1:4, rep(0, 4)) ~ c("a", "a", "b", "b"))
  expect_identical(c(none$statistic, none$p.value), c(NA_real_, NA_real_))
  expect_identical(none$reason, "no events")
  tied <- logrank_test(Surv(rep(1, 4), rep(1, 4)) ~ c("a", "a", "b", "b"))
  expect_identical(tied$statistic, NA_real_)
  expect_match(tied$reason, "fail together")
})

test_that("a group that is never at risk does not count", {
  g <- factor(c("a", "a", "b", "b"), c("a", "b", "c"))
  with_c <- logrank_test(Surv(1:4, rep(1, 4)) ~ g)
  without <- logrank_test(Surv(1:4, rep(1, 4)) ~ as.character(g))
  expect_identical(with_c$df, 1L)
  expect_equal(with_c$statistic, without$statistic, tolerance = 1e-13)
})

test_that("a small p keeps its digits", {
  test <- logrank_test(Surv(1:800, rep(1, 800)) ~ rep(1:2, each = 400))
  expect_true(test$statistic > 200)
  expect_identical(test$p.value, pchisq(test$statistic, 1, lower.tail = FALSE))
  expect_true(test$p.value > 0)
})

test_that("wrong arguments are errors by class", {
  f <- Surv(week, relapse) ~ arm
  expect_error(logrank_test(f, freireich, rho = 1), class = "oligosurv_error_input")
  expect_error(
    logrank_test(f, freireich, weight = "wilcoxon"),
    class = "oligosurv_error_input"
  )
  expect_error(
    logrank_test(Surv(week, relapse) ~ 1, freireich), "only one",
    class = "oligosurv_error_data"
  )
  k <- factor(c(0, 1, 2), 0:2, c("censored", "x", "y"))
  expect_error(logrank_test(Surv(1:3, k) ~ c(1, 2, 2)), class = "oligosurv_error_data")
})

test_that("the print is as expected", {
  expect_snapshot(print(logrank_test(Surv(week, relapse) ~ arm, freireich)))
})

test_that("long tables of continuous times, taken apart, follow the formula", {
  n <- 2e4
  d <- withr::with_seed(8, data.frame(
    time = stats::runif(n), event = stats::rbinom(n, 1, 0.6),
    arm = sample(c("A", "B"), n, TRUE, c(0.3, 0.7))
  ))
  d$time[101:200] <- d$time[1:100] # ties between arms and within an arm
  at <- sort(unique(d$time[d$event == 1]))
  at_risk <- function(rows) length(rows) - findInterval(at, sort(rows), left.open = TRUE)
  n_all <- at_risk(d$time)
  share <- at_risk(d$time[d$arm == "A"]) / n_all
  deaths <- tabulate(match(d$time[d$event == 1], at), length(at))
  in_a <- d$event == 1 & d$arm == "A"
  deaths_a <- tabulate(match(d$time[in_a], at), length(at))
  for (weight in c("logrank", "gehan", "tarone-ware")) {
    w <- switch(weight, "logrank" = 1, "gehan" = n_all, "tarone-ware" = sqrt(n_all))
    test <- logrank_test(Surv(time, event) ~ arm, d, weight = weight)
    score <- sum(w * (deaths_a - deaths * share))
    expect_equal(test$score[["A"]], score, tolerance = 1e-11)
    expect_equal(test$variance["A", "A"], sum(w^2 * deaths * share * (1 - share) *
      (n_all - deaths) / pmax(n_all - 1, 1)), tolerance = 1e-12)
    expect_equal(test$groups$expected[1], sum(deaths * share), tolerance = 1e-13)
    expect_equal(test$groups$observed, c(sum(in_a), sum(d$event) - sum(in_a)))
  }
})

test_that("tests of an event table follow its tie rule and refuse a wrong `tie_tol`", {
  d <- data.frame(t = c(1, 1 + 1e-12, 2:5), s = c(1, 1, 0, 1, 1, 0), g = c("a", "b"))
  table <- event_table(Surv(t, s) ~ g, d)
  for (tol in c(0, 1e-9, 1e-4)) {
    expect_identical(logrank_test(table, tie_tol = tol)$statistic,
      logrank_test(Surv(t, s) ~ g, d, tie_tol = tol)$statistic
    )
  }
  expect_identical(logrank_test(table)$table$joined, 1)
  expect_identical(logrank_test(table, tie_tol = 0)$table$joined, 0)
  for (tol in list("a", NA, -1, 2, c(0, 0), NULL)) {
    expect_error(logrank_test(table, tie_tol = tol), class = "oligosurv_error_input")
  }
})

test_that("a test compares at most 5000 groups", {
  d <- data.frame(time = 1:5001, event = 1, group = 1:5001)
  error <- expect_error(logrank_test(Surv(time, event) ~ group, d),
    "logrank_test() takes at most 5000 groups, but there are 5001", fixed = TRUE,
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "x")
})

test_that("scores of a trend with names belong to the groups of these names", {
  d <- data.frame(t = 1:9, s = 1, g = rep(c("A", "B", "C"), 3))
  by_order <- logrank_test(Surv(t, s) ~ g, d, trend = c(0, 1, 5))
  by_name <- logrank_test(Surv(t, s) ~ g, d, trend = c(C = 5, A = 0, B = 1))
  expect_identical(by_name$statistic, by_order$statistic)
  expect_error(logrank_test(Surv(t, s) ~ g, d, trend = c(X = 5, A = 0, B = 1)),
    "the names of the scores in `trend` must be the groups",
    class = "oligosurv_error_input"
  )
})
