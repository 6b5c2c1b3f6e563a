# Where survival, cmprsk and prodlim differ from each other or from exact arithmetic: the
# rule of this package on the smallest case that shows the difference.

km <- function(time, event, ...) {
  kaplan_meier(Surv(time, event) ~ 1, data.frame(time = time, event = event), ...)
}

curve <- function(fit, at) summary(fit, times = at)

median_of <- function(time, event, ...) median(km(time, event, ...))$estimate

# --- ties by tolerance -----------------------------------------------------------------

test_that("float noise is one time, in every function", {
  d <- data.frame(
    time = c(0.3, 0.1 + 0.2, 1, 2), event = c(1, 1, 0, 1), group = c("a", "b", "a", "b"),
    status = factor(c(1, 2, 0, 1), 0:2)
  )
  expect_identical(curve(km(d$time, d$event), 0.3)$n.event, 2)
  expect_identical(tidy(km(d$time, d$event))$time, c(0, 0.3, 1, 2))
  cif <- cumulative_incidence(Surv(time, status) ~ 1, d)
  expect_identical(curve(cif, 0.3)$estimate, c(0.25, 0.25))
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

test_that("the tolerance is relative: small, close and chained times stay apart", {
  times_of <- function(time) tidy(km(time, rep(1, length(time))))$time[-1]
  expect_identical(times_of(1:4 * 1e-9), 1:4 * 1e-9)
  apart <- c(1, 1.001, 1.002, 1e6, 2e6, 3e6)
  expect_identical(times_of(apart), apart)
  chain <- 1 + 0:999 * 1e-8
  expect_identical(times_of(chain), chain)
  # measured from the first of them: steps of 0.6e-9 pair up, they do not all join
  expect_length(times_of(1 + 0:9 * 0.6e-9), 5)
})

# --- quantiles -------------------------------------------------------------------------

test_that("a quantile on an interior flat piece is its middle", {
  expect_identical(quantile(km(1:4, rep(1, 4)), c(0.25, 0.5, 0.75))$estimate, 1:3 + 0.5)
  # S is k / n to the last bit, so 1/2 is met for every even number of events
  for (n in seq(2, 400, by = 2)) {
    expect_identical(median_of(seq_len(n), rep(1, n)), (n + 1) / 2)
  }
  # through a censoring: 9/15 * 5/6, flat until 14
  event <- c(rep(1, 6), 0, 0, 0, 1, 0, 0, 0, 1, 1)
  expect_identical(median_of(1:15, event), (10 + 14) / 2)
})

test_that("a curve that ends flat on 1/2 has its left end as the median", {
  expect_identical(median_of(c(1, 2, 10, 10), c(1, 1, 0, 0)), 2)
})

test_that("limits are the first crossing in time order, though a limit curve rises", {
  # the upper limit of `log` runs 0.795, 0.716, 0.738 at times 4, 5, 6
  fit <- km(
    c(1, 1, 3, 3, 3, 4, 4, 5, 5, 6, 7), c(1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1),
    conf.type = "log"
  )
  expect_equal(curve(fit, 4:6)$conf.high, c(0.795, 0.716, 0.738), tolerance = 1e-3)
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

test_that("not reached is NA, and the drop to 0 is reached", {
  expect_identical(median_of(1:4, c(1, 0, 0, 0)), NA_real_)
  expect_identical(quantile(km(1:4, rep(1, 4)), 0.9)$estimate, 4)
})

# --- the edges of an interval ----------------------------------------------------------

test_that("no event yet: the exact limits, never [1, 1]", {
  for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
    row <- curve(km(c(12, 13:21), c(1, rep(0, 9)), conf.type = type), 5)
    expect_identical(row[c("estimate", "std.error", "conf.high")], data.frame(
      estimate = 1, std.error = 0, conf.high = 1
    ), ignore_attr = TRUE)
    expect_equal(row$conf.low, 0.025^(1 / 10), tolerance = 1e-12)
    expect_identical(as.character(row$conf.type), "exact")
  }
})

test_that("all have failed: se 0 and the exact limits", {
  row <- curve(km(1:10, rep(1, 10)), 10)
  expect_identical(c(row$estimate, row$std.error, row$conf.low), c(0, 0, 0))
  expect_equal(row$conf.high, 1 - 0.025^(1 / 10), tolerance = 1e-12)
})

test_that("no failure of the cause: the upper limit is Clopper-Pearson's", {
  d <- data.frame(time = 11:20, status = factor(rep(0, 10), 0:2, c("censored", "a", "b")))
  rows <- curve(cumulative_incidence(Surv(time, status) ~ 1, d), 5)
  expect_identical(rows$estimate, c(0, 0))
  expect_equal(rows$conf.high, rep(1 - 0.025^(1 / 10), 2), tolerance = 1e-12)
})

# --- reverse Kaplan-Meier --------------------------------------------------------------

test_that("reverse Kaplan-Meier: events leave before the censorings of their time", {
  d <- data.frame(
    time = c(1, 2, 3, 3, 3, 4, 5, 5, 6, 7), event = c(1, 0, 0, 1, 0, 1, 0, 1, 1, 0)
  )
  fit <- follow_up(Surv(time, event) ~ 1, d)
  expect_equal(curve(fit, c(2, 3, 5, 7))$estimate, c(8 / 9, 40 / 63, 80 / 189, 0),
    tolerance = 1e-15
  )
  expect_identical(median(fit)$estimate, 5)
})

test_that("follow-up without a censoring is not estimable, not an error", {
  fit <- follow_up(Surv(time, event) ~ 1, data.frame(time = 1:4, event = 1))
  expect_identical(median(fit)$estimate, NA_real_)
})

# --- tests -----------------------------------------------------------------------------

test_that("everyone fails at one time: df 0, statistic and p NA", {
  d <- data.frame(time = 3, event = 1, group = rep(c("a", "b"), each = 4))
  fit <- logrank_test(Surv(time, event) ~ group, d)
  expect_identical(c(fit$statistic, fit$p.value), c(NA_real_, NA_real_))
  expect_equal(fit$df, 0)
  expect_equal(fit$groups$expected, c(4, 4))
})

test_that("no event: the test is NA, the curves are flat", {
  d <- data.frame(
    time = 1:6, group = rep(c("a", "b"), 3),
    status = factor(rep("censored", 6), c("censored", "failure", "death"))
  )
  d$event <- 0
  expect_identical(logrank_test(Surv(time, event) ~ group, d)$p.value, NA_real_)
  gray <- gray_test(Surv(time, status) ~ group, d)$tests
  expect_identical(as.character(gray$outcome), c("failure", "death"))
  expect_identical(gray$statistic, c(NA_real_, NA_real_))
  expect_equal(gray$df, c(0, 0))
  cif <- tidy(cumulative_incidence(Surv(time, status) ~ group, d))
  expect_identical(unique(cif$estimate), 0)
  expect_setequal(cif$outcome, c("failure", "death"))
})

test_that("p-values keep their digits far out in the tail", {
  d <- data.frame(time = 1:240, event = 1, group = rep(c("a", "b"), each = 120))
  d$status <- factor(d$event, 0:1, c("censored", "failure"))
  logrank <- logrank_test(Surv(time, event) ~ group, d)
  expect_gt(logrank$statistic, 70)
  expect_gt(logrank$p.value, 0)
  expect_equal(
    log(logrank$p.value), pchisq(logrank$statistic, 1, lower.tail = FALSE, log.p = TRUE),
    tolerance = 1e-12
  )
  gray <- gray_test(Surv(time, status) ~ group, d)$tests
  expect_gt(gray$statistic, 70)
  expect_gt(gray$p.value, 0)
})

test_that("a group that is never at risk at an event has no degree of freedom", {
  d <- data.frame(
    time = c(1, 1, 2:9), event = c(0, 0, rep(1, 8)),
    group = c("early", "early", rep(c("a", "b"), 4))
  )
  three <- logrank_test(Surv(time, event) ~ group, d)
  two <- logrank_test(Surv(time, event) ~ group, d[-(1:2), ])
  expect_equal(three$df, 1)
  expect_equal(three$statistic, two$statistic, tolerance = 1e-14)
})

test_that("Gray: the pooled incidence may reach 1 while one group is left", {
  d <- data.frame(time = c(1, 1, 1, 1, 2, 2, 3, 4), group = rep(c("a", "b"), each = 4))
  d$status <- factor(rep(1, 8), 0:1, c("censored", "failure"))
  for (rho in c(0, 0.5)) {
    gray <- gray_test(Surv(time, status) ~ group, d, rho = rho)$tests
    expect_equal(gray$statistic, 7, tolerance = 1e-14) # cmprsk::cuminc too
    expect_equal(gray$df, 1)
  }
})

test_that("Gray: a pooled incidence above 1 leaves a fractional rho undefined", {
  d <- data.frame(
    time = c(rep(1, 6), 2, 2, 2, 3, 4, 2, 2, 2, 3, 5),
    group = rep(letters[1:3], c(6, 5, 5))
  )
  d$status <- factor(rep(1, 16), 0:1, c("censored", "failure"))
  gray <- gray_test(Surv(time, status) ~ group, d, rho = 0.5)$tests
  expect_identical(c(gray$statistic, gray$p.value), c(NA_real_, NA_real_))
  expect_match(gray$reason, "passes 1")
})

# --- input traps -----------------------------------------------------------------------

test_that("no censored row: the first cause stays a cause", {
  d <- data.frame(time = 1:4, status = factor(c("a", "b"), c("censored", "a", "b")))
  rows <- curve(cumulative_incidence(Surv(time, status) ~ 1, d), 4)
  expect_identical(rows$estimate, c(0.5, 0.5))
  expect_identical(as.character(rows$outcome), c("a", "b"))
})

test_that("levels that only show what occurs are no censoring: say which it is", {
  d <- data.frame(time = 1:4, code = rep(1:2, 2), text = rep("death", 4))
  for (status in list(factor(d$code), d$text, factor(d$text))) {
    d$status <- status
    expect_error(cumulative_incidence(Surv(time, status) ~ 1, d), "censor",
      class = "oligosurv_error_input"
    )
  }
  d$text[1] <- "alive"
  fit <- kaplan_meier(Surv(time, text) ~ 1, d)
  expect_identical(curve(fit, 4)$cum.event, 3)
})

test_that("1/2 codes are read as survival reads them, and said so", {
  d <- data.frame(time = 1:6, status = rep(1:2, 3))
  expect_message(
    fit <- kaplan_meier(Surv(time, status) ~ 1, d), "1 = ",
    class = "oligosurv_message"
  )
  expect_identical(
    tidy(fit)$estimate, tidy(km(1:6, rep(0:1, 3)))$estimate
  )
})

test_that("infinite times are an error that says where", {
  d <- data.frame(time = c(1, Inf, 3), event = 1)
  e <- expect_error(
    kaplan_meier(Surv(time, event) ~ 1, d), class = "oligosurv_error_domain"
  )
  expect_identical(as.integer(e$where), 2L)
})

test_that("a requested time past the end is a row of NA with nobody at risk", {
  row <- curve(km(1:4, c(1, 0, 1, 0)), c(2, 9))
  expect_identical(row$time, c(2, 9))
  expect_identical(row$estimate, c(0.75, NA))
  expect_identical(as.double(row$n.risk), c(3, 0))
  expect_identical(curve(km(1:4, rep(1, 4)), 9)$estimate, 0) # S = 0 stays
})

test_that("labels may hold spaces, signs and commas", {
  labels <- c("a b", "x=1, y>2", "group=a")
  d <- data.frame(
    time = 1:9, event = 1, group = factor(rep(labels, 3), labels),
    status = factor(rep_len(1:2, 9), 0:2, c("0", "a b", "a"))
  )
  curves <- tidy(kaplan_meier(Surv(time, event) ~ group, d))
  expect_identical(levels(curves$strata), labels)
  expect_identical(
    as.character(logrank_test(Surv(time, event) ~ group, d)$groups$group), labels
  )
  rows <- tidy(cumulative_incidence(Surv(time, status) ~ group, d))
  expect_identical(nrow(unique(rows[c("outcome", "strata")])), 6L)
})

test_that("one cause has the Greenwood error of Kaplan-Meier", {
  for (d in random_sets(5, c("ties", "continuous"))) {
    d$event <- as.integer(d$cause > 0)
    d$one <- factor(d$event, 0:1, c("censored", "failure"))
    s <- tidy(kaplan_meier(Surv(time, event) ~ 1, d))
    f <- tidy(cumulative_incidence(Surv(time, one) ~ 1, d))
    expect_equal(f$estimate, 1 - s$estimate, tolerance = 1e-14)
    expect_equal(f$std.error, s$std.error, tolerance = 1e-13)
  }
})
