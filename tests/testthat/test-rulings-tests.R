# Rules of this package on tests and input: the smallest case that shows the difference.

# --- tests -----------------------------------------------------------------------------

test_that("Freireich 1963: each weight by its own name, Peto-Peto's not survdiff's", {
  test <- function(weight, ...) {
    logrank_test(Surv(week, relapse) ~ arm, freireich, weight = weight, ...)
  }
  statistic <- function(...) round(test(...)$statistic, 3)
  expect_identical(statistic("peto-peto"), 14.084)
  expect_identical(statistic("modified-peto-peto"), 13.911)
  # the result of survdiff() for rho = 1
  expect_identical(statistic("fleming-harrington", rho = 1), 14.457)
  expect_identical(statistic("gehan"), 13.458)
  names <- c("peto-peto", "modified-peto-peto", "kaplan-meier", "gehan", "tarone-ware")
  labels <- vapply(names, function(weight) glance(test(weight))$method, "")
  expect_identical(anyDuplicated(labels), 0L)
})

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
    expect_equal(gray$statistic, 7, tolerance = 1e-14) # as in cmprsk::cuminc
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
  rows <- curve_at(cumulative_incidence(Surv(time, status) ~ 1, d), 4)
  expect_identical(rows$estimate, c(0.5, 0.5))
  expect_identical(as.character(rows$outcome), c("a", "b"))
})

test_that("levels without a censoring label are an error: say which it is", {
  d <- data.frame(time = 1:4, code = rep(1:2, 2), text = rep("death", 4))
  for (status in list(factor(d$code), d$text, factor(d$text))) {
    d$status <- status
    expect_error(cumulative_incidence(Surv(time, status) ~ 1, d), "censor",
      class = "oligosurv_error_input"
    )
  }
  d$text[1] <- "alive"
  fit <- kaplan_meier(Surv(time, text) ~ 1, d)
  expect_identical(curve_at(fit, 4)$cum.event, 3)
})

test_that("1/2 codes are read as survival reads them, with a message", {
  d <- data.frame(time = 1:6, status = rep(1:2, 3))
  expect_message(
    fit <- kaplan_meier(Surv(time, status) ~ 1, d), "1 = ",
    class = "oligosurv_message"
  )
  expect_identical(
    tidy(fit)$estimate, tidy(km_of(1:6, rep(0:1, 3)))$estimate
  )
})

test_that("a subset in which all are censored: `censor` names the code", {
  d <- data.frame(time = 1:4, status = 1)
  fit <- kaplan_meier(Surv(time, status) ~ 1, d, censor = 1)
  expect_identical(tidy(fit)$estimate, rep(1, 5))
  declared <- kaplan_meier(Surv(time, factor(status, 1:2)) ~ 1, d, censor = "1")
  expect_identical(tidy(declared)$estimate, rep(1, 5))
  compared <- kaplan_meier(Surv(time, status == 2) ~ 1, d)
  expect_identical(tidy(compared)$estimate, rep(1, 5))
})

test_that("rows with NA are dropped and counted in a message, never with cat()", {
  d <- data.frame(time = c(1, NA, 3, 4), status = factor(c(1, 1, NA, 0), 0:1))
  expect_output(
    expect_message(
      fit <- cumulative_incidence(Surv(time, status) ~ 1, d), "2 rows .*dropped"
    ), NA
  )
  expect_identical(glance(fit)$n, 2)
})

test_that("infinite times are an error that names the row", {
  d <- data.frame(time = c(1, Inf, 3), event = 1)
  e <- expect_error(
    kaplan_meier(Surv(time, event) ~ 1, d), class = "oligosurv_error_domain"
  )
  expect_identical(as.integer(e$where), 2L)
})

test_that("a requested time past the end is a row of NA with nobody at risk", {
  row <- curve_at(km_of(1:4, c(1, 0, 1, 0)), c(2, 9))
  expect_identical(row$time, c(2, 9))
  expect_identical(row$estimate, c(0.75, NA))
  expect_identical(as.double(row$n.risk), c(3, 0))
  expect_identical(curve_at(km_of(1:4, rep(1, 4)), 9)$estimate, 0) # S = 0 stays
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
    d$one <- factor(d$event, 0:1, c("censored", "failure"))
    s <- tidy(kaplan_meier(Surv(time, event) ~ 1, d))
    f <- tidy(cumulative_incidence(Surv(time, one) ~ 1, d))
    expect_equal(f$estimate, 1 - s$estimate, tolerance = 1e-14)
    expect_equal(f$std.error, s$std.error, tolerance = 1e-13)
  }
})
