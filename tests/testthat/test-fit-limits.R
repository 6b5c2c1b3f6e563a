# conf.type = "small-sample", the default: exact limits for curves of up to 50 subjects;
# for larger ones up to the fifth event, then log-log.

limits_of <- function(f, d, type, ...) {
  estimator <- if (is.factor(eval(f[[2]][[3]], d))) cumulative_incidence else kaplan_meier
  tidy(estimator(f, d, conf.type = type, ...))
}

# Number of subjects, or of ids, in the curve of each row
curve_size <- function(rows) {
  n <- if (is.null(rows$n.id)) rows$n.risk else rows$n.id
  stats::ave(n, rows$strata, FUN = max)
}

check_choice_of_limits <- function(f, d, ...) {
  got <- limits_of(f, d, "small-sample", ...)
  few <- got$cum.event <= 5 | got$estimate %in% c(0, 1) | curve_size(got) <= 50
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

test_that("limits are exact in small curves and up to 5 events, log-log after them", {
  later <- 0
  for (kind in random_kinds) {
    for (seeds in list(4, 1:6)) {
      d <- do.call(rbind, lapply(seeds, function(seed) random_rows(kind, seed)))
      beyond <- check_choice_of_limits(Surv(time, event) ~ group, d) +
        check_choice_of_limits(Surv(time, status) ~ group, d)
      if (length(seeds) == 1L) expect_identical(beyond, 0L)
      later <- later + beyond
    }
  }
  expect_gt(later, 50)
  d <- transform(random_rows("ties", 6), id = seq_along(time) %/% 2)
  expect_identical(check_choice_of_limits(Surv(time, event) ~ 1, d, id = id), 0L)
  d <- do.call(rbind, lapply(1:6, function(seed) random_rows("days", seed)))
  d <- transform(d[1:110, ], id = 1:110 %/% 2, event = as.integer(cause > 0))
  expect_gt(check_choice_of_limits(Surv(time, event) ~ 1, d, id = id), 0)
  expect_gt(check_choice_of_limits(Surv(time, status) ~ 1, d, id = id), 0)
})

test_that("a curve of 50 subjects is the largest small one, however rows are split", {
  type_of <- function(n, ...) {
    d <- data.frame(time = seq_len(n), event = 1, status = factor(1, 0:1), w = 2)
    rows <- tidy(kaplan_meier(Surv(time, event) ~ 1, d, ...))
    cause <- tidy(cumulative_incidence(Surv(time, status) ~ 1, d, ...))
    reverse <- tidy(follow_up(Surv(time, 1 - event) ~ 1, d))
    lapply(list(rows, cause, reverse), function(x) unique(x$conf.type))
  }
  expect_identical(type_of(50), list("exact", "exact", "exact"))
  expect_identical(type_of(51), rep(list(c("exact", "log-log")), 3))
  expect_identical(type_of(25, weights = w, weight_type = "frequency")[1:2],
    list("exact", "exact")
  )
  expect_identical(type_of(26, weights = w, weight_type = "frequency")[1:2],
    rep(list(c("exact", "log-log")), 2)
  )
})

# Without censoring S and F are binomial proportions, and coverage can be summed exactly
test_that("covers 95% at every size from 9 to 37, log-log down to 91%", {
  cover <- function(n, type) {
    d <- data.frame(
      curve = rep(0:n, each = n), event = as.integer(sequence(rep(n, n + 1)) <=
        rep(0:n, each = n))
    )
    d$time <- 2 - d$event
    d$status <- factor(d$event, 0:2)
    s <- tidy(kaplan_meier(Surv(time, event) ~ curve, d, conf.type = type), times = 1)
    f <- cumulative_incidence(Surv(time, status) ~ curve, d, conf.type = type)
    f <- tidy(f, times = 1)
    f <- f[f$outcome == "1", ]
    vapply(c(0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5), function(rate) {
      law <- stats::dbinom(0:n, n, rate)
      c(
        sum(law[s$conf.low <= 1 - rate & 1 - rate <= s$conf.high]),
        sum(law[f$conf.low <= rate & rate <= f$conf.high])
      )
    }, double(2))
  }
  sizes <- c(9, 12, 16, 28, 29, 36, 37)
  expect_gt(min(vapply(sizes, cover, double(14), "small-sample")), 0.95)
  expect_lt(min(vapply(sizes, cover, double(14), "log-log")), 0.92)
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

test_that("it is the default for all limits of curves, except other estimators", {
  d <- random_rows("continuous", 3)
  f <- Surv(time, event) ~ group
  small <- "small-sample"
  expect_identical(kaplan_meier(f, d), kaplan_meier(f, d, conf.type = small))
  g <- Surv(time, status) ~ group
  expect_identical(
    cumulative_incidence(g, d), cumulative_incidence(g, d, conf.type = small)
  )
  expect_identical(follow_up(f, d), follow_up(f, d, conf.type = small))
  # differences use mid-p limits, because MOVER with exact limits is too conservative
  expect_identical(
    rate_difference(f, d, 2), rate_difference(f, d, 2, conf.type = "mid-p")
  )
  expect_identical(median(kaplan_meier(f, d))$conf.type, rep(small, nlevels(d$group)))
  for (fit in list(
    survival_estimate(kaplan_meier(f, d), conf.lower = "peto"),
    survival_estimate(kaplan_meier(f, d), "breslow")
  )) {
    expect_identical(fit$conf.type, "log-log")
  }
  expect_identical(survival_band(kaplan_meier(f, d), "equal-precision")$conf.type, small)
  same <- survival_estimate(kaplan_meier(f, d), "kaplan-meier")
  expect_identical(same, kaplan_meier(f, d))
})

test_that("with sampling weights events are counted in rows, not in weights", {
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

test_that("effective numbers near 0 and a standard error of 0 give limits, no warning", {
  d <- data.frame(
    entry = c(0, 0, 1, 1, 1), exit = c(2, 3, 4, 5, 6), event = c(1, 0, 1, 1, 0),
    w = c(1e-4, 1, 300, 1e4, 1e-3), id = c(1, 1, 2, 3, 4)
  )
  expect_silent(fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d,
    weights = w, weight_type = "sampling"
  ))
  rows <- tidy(fit)
  expect_true(all(rows$conf.low <= rows$estimate & rows$estimate <= rows$conf.high))
  # a single id is at risk: the changes of its influence sum to 0, up to rounding (1e-33)
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

test_that("small-sample limits reach differences and prints, and go with a band", {
  d <- random_rows("continuous", 3)
  f <- Surv(time, event) ~ group
  rows <- tidy(rate_difference(f, d, times = 2, conf.type = "small-sample"))
  expect_match(rows$conf.type, "^mover, ")
  prints <- function(d, f, ..., what) {
    expect_output(print(kaplan_meier(f, d, ...)), what, fixed = TRUE, width = 200)
  }
  pooled <- Surv(time, event) ~ 1
  large <- do.call(rbind, rep(list(d), 4))
  prints(d, pooled, what = "(exact in curves of up to 50 subjects)\n")
  prints(large, pooled, what = "(exact up to 5 events and at 0 or 1, else log-log)\n")
  large$group <- rep(c("a", "b"), c(20, nrow(large) - 20))
  prints(large, f, what = paste(
    "(exact in curves of up to 50 subjects, up to 5 events and at 0 or 1, else log-log)"
  ))
  prints(d, pooled, id = seq_len(nrow(d)), what = "(exact in curves of up to 50 ids)\n")
  banded <- survival_band(kaplan_meier(f, d, conf.type = "small-sample"), "hall-wellner")
  expect_identical(banded$conf.low, kaplan_meier(f, d)$conf.low)
})
