# conf.type = "small-sample", the default: exact limits up to the fifth event, log-log
# after it.

limits_of <- function(f, d, type, ...) {
  estimator <- if (is.factor(eval(f[[2]][[3]], d))) cumulative_incidence else kaplan_meier
  tidy(estimator(f, d, conf.type = type, ...))
}

few_ids <- function(rows) !is.null(rows$n.id) && max(rows$n.id) <= 50

check_choice_of_limits <- function(f, d, ...) {
  got <- limits_of(f, d, "small-sample", ...)
  few <- got$cum.event <= 5 | got$estimate %in% c(0, 1) | few_ids(got)
  log_log <- limits_of(f, d, "log-log", ...)
  exact <- limits_of(f, d, "exact", ...)
  for (column in c("conf.low", "conf.high")) {
    want <- ifelse(few, exact[[column]], log_log[[column]])
    expect_identical(got[[column]], want)
  }
  expect_identical(got$conf.type, ifelse(few, "exact", "log-log"))
  expect_identical(got$estimate, log_log$estimate)
  sum(!few)
}

test_that("limits are the exact ones up to 5 events of the curve, log-log after them", {
  later <- 0
  for (kind in random_kinds) {
    d <- random_rows(kind, 4)
    d$event <- as.integer(d$cause > 0)
    later <- later + check_choice_of_limits(Surv(time, event) ~ group, d) +
      check_choice_of_limits(Surv(time, status) ~ group, d)
  }
  expect_gt(later, 50)
  d <- transform(random_rows("ties", 6), id = seq_along(time) %/% 2)
  d$event <- as.integer(d$cause > 0)
  expect_identical(check_choice_of_limits(Surv(time, event) ~ 1, d, id = id), 0L)
  d <- do.call(rbind, lapply(1:6, function(seed) random_rows("days", seed)))
  d <- transform(d[1:110, ], id = 1:110 %/% 2, event = as.integer(cause > 0))
  expect_gt(check_choice_of_limits(Surv(time, event) ~ 1, d, id = id), 0)
  expect_gt(check_choice_of_limits(Surv(time, status) ~ 1, d, id = id), 0)
})

test_that("covers 95% where log-log does not: 16 subjects, S = 0.97", {
  covered <- withr::with_seed(1, vapply(1:300, function(i) {
    early <- stats::runif(16) < 0.03
    d <- data.frame(time = ifelse(early, 1, stats::runif(16, 2, 9)), event = early)
    vapply(c("small-sample", "log-log"), function(type) {
      row <- summary(kaplan_meier(Surv(time, event) ~ 1, d, conf.type = type), times = 2)
      row$conf.low <= 0.97 && row$conf.high >= 0.97
    }, NA)
  }, c(NA, NA)))
  expect_gt(mean(covered[1, ]), 0.97)
  expect_lt(mean(covered[2, ]), 0.95)
})

test_that("it is the default wherever limits of a curve are, but for bands", {
  d <- random_rows("continuous", 3)
  d$event <- as.integer(d$cause > 0)
  f <- Surv(time, event) ~ group
  small <- "small-sample"
  expect_identical(kaplan_meier(f, d), kaplan_meier(f, d, conf.type = small))
  g <- Surv(time, status) ~ group
  expect_identical(
    cumulative_incidence(g, d), cumulative_incidence(g, d, conf.type = small)
  )
  expect_identical(follow_up(f, d), follow_up(f, d, conf.type = small))
  expect_identical(
    rate_difference(f, d, 2), rate_difference(f, d, 2, conf.type = small)
  )
  expect_identical(median(kaplan_meier(f, d))$conf.type, rep(small, nlevels(d$group)))
  for (fit in list(
    kaplan_meier(f, d, band = "equal-precision"), kaplan_meier(f, d, conf.lower = "peto"),
    kaplan_meier(f, d, estimator = "breslow")
  )) {
    expect_identical(fit$conf.type, "log-log")
  }
  same <- kaplan_meier(f, d, estimator = "kaplan-meier", band = "none")
  expect_identical(same, kaplan_meier(f, d))
})

test_that("events of sampling weights are rows, not their weight", {
  d <- data.frame(time = 1:60, event = rep(c(1, 0), 30), w = rep(c(400, 900), 30))
  fit <- kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = "sampling")
  rows <- tidy(fit)
  expect_identical(rows$conf.type, ifelse(rows$cum.event <= 5, "exact", "log-log"))
  exact <- kaplan_meier(Surv(time, event) ~ 1, d,
    conf.type = "exact", weights = w, weight_type = "sampling"
  )
  few <- rows$cum.event <= 5
  expect_identical(rows$conf.high[few], tidy(exact)$conf.high[few])
  expect_false(any(rows$conf.high[!few] == tidy(exact)$conf.high[!few]))
})

test_that("effective numbers near 0 and an error of 0 have limits, without warnings", {
  d <- data.frame(
    entry = c(0, 0, 1, 1, 1), exit = c(2, 3, 4, 5, 6), event = c(1, 0, 1, 1, 0),
    w = c(1e-4, 1, 300, 1e4, 1e-3), id = c(1, 1, 2, 3, 4)
  )
  expect_silent(fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d,
    weights = w, weight_type = "sampling"
  ))
  rows <- tidy(fit)
  expect_true(all(rows$conf.low <= rows$estimate & rows$estimate <= rows$conf.high))
  # one id alone at risk: what it gains and loses adds up to 0, or to 1e-33
  d <- transform(d, exit = exit - 1, w = c(0.37, 0.83, 1, 1.7, 1))
  for (type in c("log-log", "small-sample")) {
    expect_silent(fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d,
      weights = w, weight_type = "sampling", id = id, times = 1, conf.type = type
    ))
    expect_equal(tidy(fit)$estimate, 0.83 / 1.2, tolerance = 1e-15)
    expect_lt(tidy(fit)$conf.low, 0.2)
    expect_gt(tidy(fit)$conf.high, 0.9)
  }
})

test_that("it goes on to differences, prints what it is, and goes with no band", {
  d <- random_rows("continuous", 3)
  d$event <- as.integer(d$cause > 0)
  f <- Surv(time, event) ~ group
  rows <- tidy(rate_difference(f, d, times = 2, conf.type = "small-sample"))
  expect_match(rows$conf.type, "^mover, ")
  expect_output(
    print(kaplan_meier(f, d, conf.type = "small-sample")), "exact up to 5 events"
  )
  expect_error(
    kaplan_meier(f, d, conf.type = "small-sample", band = "hall-wellner"),
    class = "oligosurv_error_input"
  )
})
