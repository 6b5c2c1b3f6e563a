# cumulative_incidence(): by hand, and limits before the first event of the cause.

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
  # a binomial proportion up to the first censoring
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

test_that("no failure: the exact upper limit of 0 of those who were not lost", {
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

test_that("the print is as expected", {
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
    survival_band(
      kaplan_meier(Surv(time, status != "censored") ~ 1, d, conf.type = "none"),
      "hall-wellner"
    ),
    "no limits", class = "oligosurv_error_input"
  )
})

# Clopper-Pearson limit for 0 of n, as in binom.test(0, n)$conf.int[2]
none_of <- function(n, tail = 0.025) 1 - tail^(1 / n)
of_cause <- function(x, cause) x[x$outcome == cause, ]

# Deaths and censorings of n subjects; `failures` of the deaths become failures
deaths_of <- function(seed, n, censored = TRUE, failures = 0L) {
  withr::with_seed(seed, {
    death <- stats::rexp(n, 0.06)
    end <- if (censored) stats::runif(n, 3, 60) else rep(Inf, n)
    cause <- ifelse(death <= end, 2L, 0L)
    at <- which(cause == 2L)
    cause[at[sample.int(length(at), failures)]] <- 1L
    time <- pmin(death, end)
    data.frame(
      time = if (seed %% 2) ceiling(time) else time, id = seq_len(n),
      status = factor(cause, 0:2, c("censored", "failure", "death"))
    )
  })
}

test_that("no failure and nobody censored: Clopper-Pearson of 0 / n, whoever has died", {
  for (n in c(9, 50, 60)) {
    d <- deaths_of(n, n, censored = FALSE)
    for (type in c("small-sample", "exact", "log-log", "log", "plain")) {
      fit <- cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = type)
      rows <- of_cause(tidy(fit), "failure")
      # also at the last time, where all have died
      expect_equal(rows$conf.high, rep(none_of(n), nrow(rows)), tolerance = 1e-12)
      expect_identical(unique(rows$conf.type), "exact")
    }
    rows <- tidy(cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = "mid-p"))
    rows <- of_cause(rows, "failure")
    expect_equal(rows$conf.high, rep(none_of(n, 0.05), nrow(rows)), tolerance = 1e-12)
    rows <- of_cause(
      tidy(cumulative_incidence(Surv(time, status) ~ 1, d, id = id)), "failure"
    )
    expect_equal(rows$conf.high, rep(none_of(n), nrow(rows)), tolerance = 1e-12)
  }
})

test_that("no failure: the information is n / S, n times the Kaplan-Meier of censoring", {
  for (seed in 1:6) {
    d <- deaths_of(seed, 40)
    free <- survival::survfit(survival::Surv(time, status != "censored") ~ 1, d)
    left <- c(free$n.risk[-1], 0)
    rows <- of_cause(tidy(cumulative_incidence(Surv(time, status) ~ 1, d)), "failure")
    rows <- rows[rows$time > 0, ]
    at <- free$surv > 0
    expect_equal(rows$conf.high[at], none_of(left / free$surv)[at], tolerance = 1e-12)
    by_id <- tidy(cumulative_incidence(Surv(time, status) ~ 1, d, id = id))
    by_id <- of_cause(by_id, "failure")
    expect_equal(by_id$conf.high[-1], rows$conf.high, tolerance = 1e-12)
  }
})

test_that("limits of no failure only widen, and are never above those of one failure", {
  for (seed in 1:12) {
    n <- c(9, 30, 60)[seed %% 3 + 1]
    d <- deaths_of(seed, n)
    one <- deaths_of(seed, n, failures = 1L)
    for (type in c("small-sample", "exact", "mid-p")) {
      for (by_id in c(FALSE, TRUE)) {
        upper <- function(d) {
          f <- Surv(time, status) ~ 1
          fit <- if (by_id) {
            cumulative_incidence(f, d, conf.type = type, id = id)
          } else {
            cumulative_incidence(f, d, conf.type = type)
          }
          of_cause(tidy(fit), "failure")$conf.high
        }
        expect_true(all(upper(d) <= upper(one) + 1e-12))
        expect_true(all(diff(upper(d)) >= -1e-12))
        tail <- if (type == "mid-p") 0.05 else 0.025
        expect_true(all(upper(d) >= none_of(n, tail) - 1e-12))
      }
    }
  }
})

test_that("after failures, too, limits widen with losses to follow-up, not with deaths", {
  k <- function(x) factor(x, 0:2, c("censored", "failure", "death"))
  # 1 of 20 fails at 1; then 15 are censored
  upper <- function(cause) {
    fit <- cumulative_incidence(Surv(1:20, k(c(1, rep(cause, 15), rep(0, 4)))) ~ 1)
    of_cause(tidy(fit, times = 16.5), "failure")$conf.high
  }
  expect_equal(upper(2), stats::binom.test(1, 20)$conf.int[2], tolerance = 1e-7)
  # 19 of 20, then 4 of 19 still followed: Beta(19, 1) times Beta(4, 1)
  s <- tidy(kaplan_meier(Surv(1:20, c(1, rep(0, 19))) ~ 1), times = 16.5)
  expect_equal(upper(0), 1 - s$conf.low, tolerance = 1e-12)
  expect_gt(upper(0), none_of(4))
})

test_that("one cause has the limits of 1 - S: default, exact and mid-p", {
  for (n in c(12, 30, 80)) {
    d <- withr::with_seed(n, data.frame(
      time = round(stats::rexp(n) * 10, 1) + 0.1, event = stats::rbinom(n, 1, 0.6),
      id = seq_len(n), w = stats::runif(n, 0.5, 2)
    ))
    d$status <- factor(d$event, 0:1)
    for (type in c("small-sample", "exact", "mid-p")) {
      for (more in list(
        list(), list(id = d$id), list(weights = d$w, weight_type = "frequency"),
        list(weights = d$w, weight_type = "sampling")
      )) {
        more <- c(list(d, conf.type = type), more)
        s <- tidy(do.call(kaplan_meier, c(Surv(time, event) ~ 1, more)))
        f <- tidy(do.call(cumulative_incidence, c(Surv(time, status) ~ 1, more)))
        expect_equal(f$conf.low, 1 - s$conf.high, tolerance = 1e-12)
        expect_equal(f$conf.high, 1 - s$conf.low, tolerance = 1e-12)
        expect_identical(f$conf.type, s$conf.type)
      }
    }
    # the log-log interval transforms F, not 1 - F, as in survival and tidycmprsk
    f <- tidy(cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = "log-log"))
    mid <- which(f$estimate > 0 & f$estimate < 1)
    z <- stats::qnorm(0.975) * f$std.error / (f$estimate * abs(log(f$estimate)))
    expect_equal(f$conf.low[mid], (f$estimate^exp(z))[mid], tolerance = 1e-12)
  }
  # the sum of the weights is 1 - 1e-16 by rounding: F must be 1 where S is 0
  w <- c(0.1, 0.2, 0.3, 0.7, 0.07, 1.1, 0.13)
  f <- tidy(cumulative_incidence(Surv(1:7, factor(rep(1, 7), 0:1)) ~ 1,
    weights = w, weight_type = "frequency"
  ))
  expect_identical(f$estimate[8], 1)
  expect_lt(f$conf.low[8], 1)
})

test_that("a short curve, a lazy one and one of many rows have the same limits", {
  d <- deaths_of(3, 5000, failures = 3L)
  f <- Surv(time, status) ~ 1
  whole <- tidy(cumulative_incidence(f, d))
  at <- c(1, 5, 20, 50)
  for (rows in list(
    tidy(cumulative_incidence(f, d, times = at)),
    tidy(cumulative_incidence(f, d), times = at),
    tidy(cumulative_incidence(f, transform(d, en = 0)), times = at)
  )) {
    for (cause in c("failure", "death")) {
      a <- of_cause(rows, cause)
      b <- of_cause(whole, cause)
      b <- b[findInterval(at, b$time), ]
      expect_identical(a$conf.high, b$conf.high)
      expect_identical(a$conf.low, b$conf.low)
    }
  }
})

test_that("where S is 0, later entries change neither F nor its limits", {
  d <- data.frame(
    en = c(0, 2, 2), t = c(1, 3, 9),
    s = factor(c("death", "failure", "censored"), c("censored", "failure", "death"))
  )
  for (type in c("small-sample", "exact", "log-log", "plain")) {
    expect_message(
      fit <- cumulative_incidence(Surv(en, t, s) ~ 1, d, conf.type = type), "falls to 0"
    )
    x <- tidy(fit, times = c(1, 2.5, 4))
    x <- x[x$outcome == "failure", ]
    expect_identical(x$estimate, c(0, 0, 0))
    expect_identical(x$conf.low, c(0, 0, 0))
    expect_equal(x$conf.high, rep(binom.test(0, 1)$conf.int[2], 3))
  }
})
