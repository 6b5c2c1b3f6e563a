# conf.type = "small-sample": exact limits up to the fifth event, log-log after it.

limits_of <- function(f, d, type, ...) {
  estimator <- if (is.factor(eval(f[[2]][[3]], d))) cumulative_incidence else kaplan_meier
  tidy(estimator(f, d, conf.type = type, ...))
}

check_choice_of_limits <- function(f, d, ...) {
  got <- limits_of(f, d, "small-sample", ...)
  few <- got$cum.event <= 5 | got$estimate %in% c(0, 1)
  log_log <- limits_of(f, d, "log-log", ...)
  exact <- limits_of(f, d, "exact", ...)
  for (column in c("conf.low", "conf.high")) {
    want <- ifelse(few, exact[[column]], log_log[[column]])
    expect_identical(got[[column]], want)
  }
  expect_identical(got$conf.type, ifelse(few, "exact", "small-sample"))
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
