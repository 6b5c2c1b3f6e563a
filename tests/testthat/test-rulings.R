# Cases where survival, cmprsk and prodlim differ from each other or from exact
# arithmetic: the rule of this package, on the smallest case that shows the difference.

median_of <- function(time, event, ...) median(km_of(time, event, ...))$estimate

# --- variance of the cumulative incidence: two families --------------------------------

two_causes <- function(time, cause, ...) {
  d <- data.frame(time = time, status = factor(cause, 0:2, c("censored", "a", "b")))
  cumulative_incidence(Surv(time, status) ~ 1, d, ...)
}

test_that("Greenwood-type by default, cmprsk's if asked, and the print says which", {
  # one cause, one event of five: h (1 - h) / n against S^2 / (n - 1)^2
  one <- function(...) curve_at(two_causes(1:5, c(1, 0, 0, 0, 0), ...), 1)$std.error[1]^2
  expect_equal(one(), 0.2 * 0.8 / 5, tolerance = 1e-15)
  expect_equal(one(variance = "aalen"), 0.8^2 / 4^2, tolerance = 1e-15)
  # the last subject at risk fails: Aalen's variance increases, Greenwood's does not
  last <- function(...) curve_at(two_causes(1:2, c(1, 1), ...), 2)$std.error[1]^2
  expect_identical(last(), 0)
  expect_equal(last(variance = "aalen"), 0.5^2, tolerance = 1e-15)
  # 4 at risk, one event of each of two causes at the same time: Greenwood-type variance
  # (1/4)(1 - 1/4) / 4, Aalen's (1/4)^2
  tied <- function(...) {
    curve_at(two_causes(c(1, 1, 2, 2), c(1, 2, 0, 0), ...), 1)$std.error^2
  }
  expect_equal(tied(), rep(3 / 64, 2), tolerance = 1e-15)
  expect_equal(tied(variance = "aalen"), rep(1 / 16, 2), tolerance = 1e-15)
  expect_output(print(two_causes(1:2, c(1, 1))), "Greenwood-type variance")
  expect_output(print(two_causes(1:2, c(1, 1), variance = "aalen")), "as cmprsk")
})

test_that("\"aalen\" is cmprsk's digit for digit, tied causes and a last failure too", {
  skip_if_not_installed("cmprsk")
  time <- c(1, 1, 1, 2, 3, 3, 4, 4, 5, 6)
  cause <- c(1, 2, 0, 1, 1, 2, 0, 2, 2, 1)
  fit <- two_causes(time, cause, variance = "aalen", times = c(1, 3, 5.5, 6))
  peer <- cmprsk::timepoints(cmprsk::cuminc(time, cause), c(1, 3, 5.5, 6))
  rows <- tidy(fit)
  expect_equal(rows$estimate, as.vector(t(peer$est)), tolerance = 1e-14)
  expect_equal(rows$std.error^2, as.vector(t(peer$var)), tolerance = 1e-13)
})

# --- left truncation -------------------------------------------------------------------

late <- data.frame(
  entry = c(0, 0, 1, 2, 2, 4), exit = c(3, 5, 4, 5, 7, 8), event = c(1, 1, 1, 0, 1, 0)
)

test_that("delayed entry: Greenwood's standard error for S and F, jackknife on request", {
  late$status <- factor(late$event, 0:1, c("censored", "failure"))
  f <- Surv(entry, exit, status) ~ 1
  s <- tidy(kaplan_meier(Surv(entry, exit, event) ~ 1, late))
  incidence <- tidy(cumulative_incidence(f, late))
  expect_equal(incidence$estimate, 1 - s$estimate, tolerance = 1e-15)
  expect_equal(incidence$std.error, s$std.error, tolerance = 1e-14)
  # events: 1 of 5 at risk at 3; 1 of 4 at 4; 1 of 4 at 5 (one entered at 4); 1 of 2 at 7
  at <- s[s$time == 5, ]
  expect_equal(at$estimate, 4 / 5 * 3 / 4 * 3 / 4, tolerance = 1e-15)
  expect_equal(at$std.error,
    at$estimate * sqrt(1 / (5 * 4) + 1 / (4 * 3) + 1 / (4 * 3)), tolerance = 1e-14
  )
  asked <- cumulative_incidence(f, late, variance = "jackknife")
  expect_identical(asked$variance, "jackknife")
  expect_gt(max(abs(tidy(asked)$std.error - incidence$std.error)), 0.01)
})

test_that("a subject that enters at t is not at risk at t", {
  d <- data.frame(entry = c(0, 0, 2), exit = c(2, 4, 3), event = c(1, 0, 1))
  rows <- tidy(kaplan_meier(Surv(entry, exit, event) ~ 1, d))
  expect_identical(rows$n.risk[rows$time == 2], 2)
  expect_identical(rows$n.risk[rows$time == 3], 2)
  expect_identical(rows$time, c(0, 2, 3, 4)) # no row for an entry
})

test_that("a lone early subject fails: S stays 0, with a message", {
  d <- data.frame(entry = c(0, 2, 2, 3), exit = c(1, 4, 5, 6), event = c(1, 1, 0, 1))
  expect_message(
    fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d),
    "falls to 0 at time 1, when all 1"
  )
  expect_identical(tidy(fit)$estimate, c(1, 0, 0, 0, 0))
})

# --- weights ---------------------------------------------------------------------------

test_that("the type of weights must be given; it is not guessed from whole numbers", {
  d <- data.frame(time = 1:6, event = c(1, 0, 1, 1, 0, 1))
  error <- function(w, type) {
    d$w <- w
    fit <- kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = type)
    curve_at(fit, 1)$std.error
  }
  # 1/6 5/6 / 12 for two subjects per row, 1/6 5/6 / 6 for one subject per row
  expect_equal(error(2, "frequency"), sqrt(5 / 36 / 12), tolerance = 1e-14)
  expect_equal(error(2.1, "frequency"), sqrt(5 / 36 / 12.6), tolerance = 1e-14)
  expect_equal(error(2, "sampling"), sqrt(5 / 36 / 6), tolerance = 1e-14)
  expect_equal(error(2.1, "sampling"), sqrt(5 / 36 / 6), tolerance = 1e-14)
  expect_error(kaplan_meier(Surv(time, event) ~ 1, d, weights = rep(2, 6)), "weight_type",
    class = "oligosurv_error_input"
  )
})

test_that("sampling weights: the jackknife for the mean as for S", {
  d <- data.frame(
    time = 1:6, event = c(1, 0, 1, 1, 0, 1), w = c(0.5, 1.3, 2.1, 0.9, 1.7, 0.6)
  )
  f <- Surv(time, event) ~ 1
  mean_of <- function(w) {
    d$w <- w
    fit <- restricted_mean(f, d, tau = 5, weights = w, weight_type = "frequency")
    tidy(fit)$estimate
  }
  influence <- vapply(1:6, function(i) {
    step <- 1e-5 * (1:6 == i)
    (mean_of(d$w + step) - mean_of(d$w - step)) / 2e-5
  }, 0)
  fit <- tidy(restricted_mean(f, d, tau = 5, weights = w, weight_type = "sampling"))
  expect_equal(fit$std.error, sqrt(sum((d$w * influence)^2)), tolerance = 1e-8)
  # survfit uses Greenwood's formula for the mean, but a robust standard error for S
  greenwood <- restricted_mean(f, d, tau = 5, weights = w, weight_type = "frequency")
  peer <- summary(survival::survfit(f, d, weights = w), rmean = 5)$table
  expect_equal(tidy(greenwood)$std.error, peer[["se(rmean)"]], tolerance = 1e-12)
  expect_gt(fit$std.error / peer[["se(rmean)"]], 1.1)
})

test_that("weights of 0.3 that enter and leave: S is 0, not -2e-16", {
  d <- data.frame(entry = c(3, 1, 0), exit = c(4, 3, 3), event = c(0, 1, 1), w = 0.3)
  f <- Surv(entry, exit, event) ~ 1
  for (type in c("frequency", "sampling")) {
    fit <- suppressMessages(kaplan_meier(f, d, weights = w, weight_type = type))
    rows <- tidy(fit)
    expect_identical(rows$estimate, c(1, 0, 0))
    expect_false(anyNA(rows$std.error))
    expect_false(anyNA(rows$conf.high))
  }
})

test_that("fractional weights: S and the incidences add up to 1", {
  d <- data.frame(
    time = c(1, 1, 2, 3, 3, 4), status = factor(c(1, 2, 1, 0, 2, 1), 0:2),
    w = c(0.5, 1.5, 0.3, 2.7, 0.4, 1.1)
  )
  for (type in c("frequency", "sampling")) {
    fit <- cumulative_incidence(Surv(time, status) ~ 1, d,
      weights = w, weight_type = type
    )
    both <- tapply(tidy(fit)$estimate, tidy(fit)$time, sum)[-1]
    expect_equal(as.vector(both + fit$event.free), rep(1, 4), tolerance = 1e-15)
  }
})

# --- ties by tolerance -----------------------------------------------------------------

test_that("times equal up to rounding are one time, in every function", {
  d <- data.frame(
    time = c(0.3, 0.1 + 0.2, 1, 2), event = c(1, 1, 0, 1), group = c("a", "b", "a", "b"),
    status = factor(c(1, 2, 0, 1), 0:2)
  )
  expect_identical(curve_at(km_of(d$time, d$event), 0.3)$n.event, 2)
  expect_identical(tidy(km_of(d$time, d$event))$time, c(0, 0.3, 1, 2))
  cif <- cumulative_incidence(Surv(time, status) ~ 1, d)
  expect_identical(curve_at(cif, 0.3)$estimate, c(0.25, 0.25))
  same <- transform(d, time = c(0.3, 0.3, 1, 2))
  expect_identical(
    glance(logrank_test(Surv(time, event) ~ group, d)),
    glance(logrank_test(Surv(time, event) ~ group, same))
  )
  expect_identical(
    glance(gray_test(Surv(time, status) ~ group, d)),
    glance(gray_test(Surv(time, status) ~ group, same))
  )
  expect_identical(
    tidy(follow_up(Surv(time, event) ~ 1, d)),
    tidy(follow_up(Surv(time, event) ~ 1, same))
  )
})

test_that("the tolerance is relative: small, close and chained times stay distinct", {
  times_of <- function(time) tidy(km_of(time, rep(1, length(time))))$time[-1]
  expect_identical(times_of(1:4 * 1e-9), 1:4 * 1e-9)
  apart <- c(1, 1.001, 1.002, 1e6, 2e6, 3e6)
  expect_identical(times_of(apart), apart)
  chain <- 1 + 0:999 * 1e-8
  expect_identical(times_of(chain), chain)
  # tolerance from the first of the merged times: steps of 0.6e-9 merge in pairs only
  expect_length(times_of(1 + 0:9 * 0.6e-9), 5)
})

test_that("merged tied times are counted in the print; `tie_tol = 0` merges none", {
  expect_output(print(km_of(c(0.3, 0.1 + 0.2, 1), c(1, 1, 0))), "1 time merged")
  apart <- km_of(c(0.3, 0.1 + 0.2, 1), c(1, 1, 0), tie_tol = 0)
  expect_identical(apart$n.event, c(1, 1, 0))
  expect_identical(apart$table$joined, 0)
})

# --- quantiles -------------------------------------------------------------------------

test_that("a quantile on an interior flat part of the curve is its middle", {
  quarters <- quantile(km_of(1:4, rep(1, 4)), c(0.25, 0.5, 0.75))
  expect_identical(quarters$estimate, 1:3 + 0.5)
  # S is exactly k / n, so it is exactly 1/2 for every even number of events
  for (n in seq(2, 400, by = 2)) {
    expect_identical(median_of(seq_len(n), rep(1, n)), (n + 1) / 2)
  }
  # across a censoring: 9/15 * 5/6 = 1/2 from 10 on, flat until 14
  event <- c(rep(1, 6), 0, 0, 0, 1, 0, 0, 0, 1, 1)
  expect_identical(median_of(1:15, event), (10 + 14) / 2)
})

test_that("a curve that ends flat on 1/2 has its left end as the median", {
  expect_identical(median_of(c(1, 2, 10, 10), c(1, 1, 0, 0)), 2)
})

test_that("limits are the first crossing in time order, though a limit curve rises", {
  # the upper limit by `log` is 0.795, 0.716, 0.738 at times 4, 5, 6
  fit <- km_of(
    c(1, 1, 3, 3, 3, 4, 4, 5, 5, 6, 7), c(1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1),
    conf.type = "log"
  )
  expect_equal(curve_at(fit, 4:6)$conf.high, c(0.795, 0.716, 0.738), tolerance = 1e-3)
  expect_identical(quantile(fit, 0.25)$conf.high, 5)
})

test_that("a lower limit is never above the estimate, an upper one never below", {
  for (d in random_sets(10, c("ties", "all events", "tiny", "zero times"))) {
    fit <- kaplan_meier(Surv(time, cause > 0) ~ group, d)
    q <- quantile(fit, c(0.1, 0.25, 0.5, 0.75, 0.9))
    expect_true(all(q$conf.low <= q$estimate | is.na(q$estimate), na.rm = TRUE))
    expect_true(all(q$conf.high >= q$estimate, na.rm = TRUE))
  }
})

test_that("a quantile not reached is NA, and the drop to 0 is reached", {
  expect_identical(median_of(1:4, c(1, 0, 0, 0)), NA_real_)
  expect_identical(quantile(km_of(1:4, rep(1, 4)), 0.9)$estimate, 4)
})

test_that("S = 0 has limits, which give the upper limit of the median", {
  upper <- function(type) median(km_of(1:10, rep(1, 10), conf.type = type))$conf.high
  # survfit gives NA with `log`; 1 - 0.025^(1 / 10) is below 1/2 at the tenth failure
  expect_identical(vapply(c("log", "log-log", "logit"), upper, 0), c(
    log = 10, "log-log" = 8, logit = 9
  ))
})

# --- intervals at S = 0 and 1 ----------------------------------------------------------

test_that("no event yet: the exact limits, never [1, 1]", {
  for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
    row <- curve_at(km_of(c(12, 13:21), c(1, rep(0, 9)), conf.type = type), 5)
    expect_identical(row[c("estimate", "std.error", "conf.high")], data.frame(
      estimate = 1, std.error = 0, conf.high = 1
    ), ignore_attr = TRUE)
    expect_equal(row$conf.low, 0.025^(1 / 10), tolerance = 1e-12)
    expect_identical(as.character(row$conf.type), "exact")
  }
})

test_that("all have failed: standard error 0 and exact limits", {
  row <- curve_at(km_of(1:10, rep(1, 10)), 10)
  expect_identical(c(row$estimate, row$std.error, row$conf.low), c(0, 0, 0))
  expect_equal(row$conf.high, 1 - 0.025^(1 / 10), tolerance = 1e-12)
})

test_that("no failure of the cause: the upper limit is Clopper-Pearson's", {
  d <- data.frame(time = 11:20, status = factor(rep(0, 10), 0:2, c("censored", "a", "b")))
  rows <- curve_at(cumulative_incidence(Surv(time, status) ~ 1, d), 5)
  expect_identical(rows$estimate, c(0, 0))
  expect_equal(rows$conf.high, rep(1 - 0.025^(1 / 10), 2), tolerance = 1e-12)
})

test_that("limits of F are on the scale that is named", {
  d <- data.frame(
    time = c(1, rep(2, 9)), status = factor(rep(1:0, c(1, 9)), 0:1, c("censored", "a"))
  )
  limits <- function(type) {
    fit <- cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = type)
    expect_output(print(fit), paste0("95% ", type, " intervals"), fixed = TRUE)
    round(unlist(unclass(curve_at(fit, 1))[c("conf.low", "conf.high")]), 3)
  }
  expect_identical(limits("log"), c(conf.low = 0.016, conf.high = 0.642))
  expect_identical(limits("log-log"), c(conf.low = 0.006, conf.high = 0.358))
})

# --- reverse Kaplan-Meier --------------------------------------------------------------

test_that("reverse Kaplan-Meier: events leave before the censorings of their time", {
  d <- data.frame(
    time = c(1, 2, 3, 3, 3, 4, 5, 5, 6, 7), event = c(1, 0, 0, 1, 0, 1, 0, 1, 1, 0)
  )
  fit <- follow_up(Surv(time, event) ~ 1, d)
  expect_equal(curve_at(fit, c(2, 3, 5, 7))$estimate, c(8 / 9, 40 / 63, 80 / 189, 0),
    tolerance = 1e-15
  )
  expect_identical(median(fit)$estimate, 5)
})

test_that("follow-up without censoring is not estimable, and no error", {
  fit <- follow_up(Surv(time, event) ~ 1, data.frame(time = 1:4, event = 1))
  expect_identical(median(fit)$estimate, NA_real_)
  expect_output(print(fit), "Not estimable: nobody was censored")
})

# --- restricted means ------------------------------------------------------------------

test_that("tau is the smallest of the last times, later only on request", {
  d <- data.frame(
    week = c(1, 2, 3, 5, 20, 50), event = c(1, 0, 0, 1, 1, 0),
    arm = rep(c("A", "B"), each = 3)
  )
  f <- Surv(week, event) ~ arm
  expect_identical(tidy(restricted_mean(f, d))$tau, c(3, 3))
  expect_error(restricted_mean(f, d, tau = 50), "known only up to its last time, 3",
    class = "oligosurv_error_data"
  )
  flat <- tidy(restricted_mean(f, d, tau = 50, extend = TRUE))
  expect_equal(flat$estimate[1], 1 + 49 * 2 / 3, tolerance = 1e-14)
  early <- tidy(restricted_mean(f, d, tau = 0.5))
  expect_identical(early$estimate, c(0.5, 0.5))
  expect_identical(early$std.error, c(0, 0))
})
