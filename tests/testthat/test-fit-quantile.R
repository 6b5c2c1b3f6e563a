# quantile() and median() of fits, with their limits.

median_of <- function(time, status, ...) {
  unlist(quantile(kaplan_meier(Surv(time, status) ~ 1), 0.5, ...)[3:5], use.names = FALSE)
}

test_that("flat exactly at 1/2: midpoint, or its left end on request", {
  expect_identical(median_of(1:4, rep(1, 4))[1], 2.5)
  expect_identical(median_of(1:4, rep(1, 4), midpoint = FALSE)[1], 2)
  expect_identical(median_of(c(1, 2, 7, 9), c(1, 1, 0, 0))[1], 2) # flat end: left end
  expect_identical(median_of(1:5, rep(1, 5))[1], 3)
})

test_that("S of exactly 1/2 is recognised after any censoring", {
  # (1 - 1/6)(1 - 1/5)(1 - 1/4) = 1/2 exactly; a censoring, then an event follow
  expect_identical(median_of(1:6, c(1, 1, 1, 0, 1, 0))[1], 4)
  # 9/10 * 5/9 = 1/2, with four tied events
  expect_identical(
    median_of(c(1, rep(2, 4), 3, 4, 4, 5, 6), rep(1, 10))[1], 2.5
  )
})

test_that("a quantile that is not reached is NA, that of an empty group too", {
  expect_identical(median_of(1:3, c(1, 0, 0)), c(NA, 0, NA))
  g <- factor(c("a", "a"), c("a", "b"))
  q <- median(kaplan_meier(Surv(1:2, c(1, 1)) ~ g))
  expect_identical(q$estimate, c(1.5, NA))
})

test_that("limits are first crossings of the limit curves, from the first event on", {
  fit <- kaplan_meier(Surv(1:20, rep(1, 20)) ~ 1)
  rows <- tidy(fit)
  moved <- rows[rows$estimate < 1, ]
  q <- quantile(fit, c(0.25, 0.5))
  for (i in 1:2) {
    level <- 1 - q$prob[i]
    expect_identical(q$conf.low[i], moved$time[which(moved$conf.low <= level)[1]])
    expect_identical(q$conf.high[i], moved$time[which(moved$conf.high <= level)[1]])
  }
})

test_that("cumulative incidence: the time by which a proportion has had the event", {
  k <- factor(c(1, 2, 1, 1, 0), 0:2, c("censored", "x", "y"))
  q <- quantile(cumulative_incidence(Surv(1:5, k) ~ 1), c(0.2, 0.5))
  # F_x is 1/5, 1/5, 2/5, 3/5, so it equals 1/5 from 1 to 3
  expect_identical(q$estimate, c(2, 4, 2, NA))
  expect_identical(as.character(q$outcome), c("x", "x", "y", "y"))
})

test_that("cumulative incidence: limits are first crossings of its limit curves", {
  for (type in c("small-sample", "log-log")) {
    for (seed in 1:5) {
      d <- random_rows("ties", seed)
      fit <- cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = type)
      rows <- tidy(fit)
      q <- quantile(fit, c(0.1, 0.3), midpoint = FALSE)
      for (i in seq_len(nrow(q))) {
        curve <- rows[rows$outcome == q$outcome[i], ]
        if (type == "log-log") curve <- curve[cumsum(curve$n.event) > 0, ]
        first <- function(v) curve$time[which(v >= q$prob[i] - 1e-12)[1]]
        expect_identical(
          c(q$estimate[i], q$conf.low[i], q$conf.high[i]),
          c(first(curve$estimate), first(curve$conf.high), first(curve$conf.low))
        )
      }
      expect_true(all(is.na(q$conf.low) | is.na(q$estimate) | q$conf.low <= q$estimate))
    }
  }
})

test_that("probabilities outside (0, 1) are refused", {
  fit <- kaplan_meier(Surv(1:3, rep(1, 3)) ~ 1)
  for (p in list(0, 1, -0.1, NA, "a")) {
    expect_error(quantile(fit, p), class = "oligosurv_error")
  }
})

test_that("exact limits hold before the first event, the others from it on", {
  all_die <- Surv(1:5, rep(1, 5)) ~ 1 # 0.025^(1/5) = 0.478 from time 0 on
  expect_identical(median(kaplan_meier(all_die))$conf.low, 0)
  expect_identical(median(kaplan_meier(all_die, conf.type = "log-log"))$conf.low, 1)
  # 0.025^(1/6) = 0.541: the lower limit falls below 1/2 only after the first event
  expect_identical(median(kaplan_meier(Surv(1:6, rep(1, 6)) ~ 1))$conf.low, 1)

  # no event: 0.025^(1/5) < 1/2 after time 3, when five of eight are still at risk
  none <- Surv(1:8, rep(0, 8)) ~ 1
  got <- median(kaplan_meier(none))
  expect_identical(got$conf.low, 3)
  expect_identical(c(got$estimate, got$conf.high), c(NA_real_, NA_real_))
  expect_identical(median(kaplan_meier(none, conf.type = "log-log"))$conf.low, NA_real_)

  # time to F = 10%: with nine at risk the upper limit of F is 0.34 from the start
  d <- data.frame(
    time = 1:9, status = factor(c(0, 1, 2, 0, 1, 0, 2, 0, 0), 0:2, c("no", "a", "b"))
  )
  fit <- cumulative_incidence(Surv(time, status) ~ 1, d)
  expect_identical(quantile(fit, 0.1)$conf.low, c(0, 0))
})

test_that("late entry: exact limits hold from the first event on, without one from 0", {
  d <- withr::with_seed(3, {
    entry <- c(0, sort(stats::runif(39, 1, 24)))
    data.frame(entry, time = entry + 1 + stats::rexp(40, 0.03), event = 1)
  })
  f <- Surv(entry, time, event) ~ 1
  fit <- suppressMessages(kaplan_meier(f, d))
  rows <- tidy(fit)
  median <- median(fit)
  later <- rows$cum.event > 0
  expect_identical(median$conf.low, rows$time[later & rows$conf.low <= 0.5][1])
  expect_gt(median$conf.low, 0)
  none <- median(kaplan_meier(f, transform(d, event = 0)))
  expect_identical(c(none$estimate, none$conf.low, none$conf.high), c(NA, 0, NA))
  # limits for a cause with events and for one without
  k <- factor(d$event, 0:2)
  both <- suppressMessages(
    median(cumulative_incidence(Surv(entry, time, k) ~ 1, cbind(d, k = k)))
  )
  expect_gt(both$conf.low[1], 0)
  expect_identical(both$conf.low[2], 0)
})
