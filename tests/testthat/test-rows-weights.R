# Weights, and ids with delayed entry: ?row_weights, ?clustered_rows.

test_that("weights that lose digits in sums keep S at 0 and above", {
  # with these entries and weights a running sum gives fewer at risk than events
  d <- data.frame(
    entry = c(0, 0, 2, 2), exit = 1:4, event = 1, w = c(0.1, 0.2, 0.3, 0.7)
  )
  for (type in weight_types) {
    fit <- suppressMessages(
      kaplan_meier(Surv(entry, exit, event) ~ 1, d, weights = w, weight_type = type)
    )
    expect_true(all(fit$estimate >= 0))
    expect_identical(fit$estimate[2:4], c(0, 0, 0))
    expect_false(anyNA(fit$std.error))
  }
  tenths <- data.frame(time = rep(1:10, 10), event = 1, w = rep(0.1, 100))
  fit <- kaplan_meier(Surv(time, event) ~ 1, tenths, weights = w,
    weight_type = "frequency"
  )
  expect_equal(fit$estimate, (9:0) / 10, tolerance = 1e-15)
  expect_identical(fit$estimate[10], 0)
  huge <- data.frame(time = 1:3, event = c(1, 0, 1), w = c(1e80, 1e-80, 1))
  for (type in weight_types) {
    fit <- kaplan_meier(Surv(time, event) ~ 1, huge, weights = w, weight_type = type)
    expect_true(all(is.finite(fit$estimate)) && all(fit$estimate >= 0))
    expect_false(any(is.nan(fit$std.error)))
    expect_error(
      kaplan_meier(Surv(time, event) ~ 1, huge, weights = w^2, weight_type = type),
      "1e80", class = "oligosurv_error_domain"
    )
  }
})

test_that("weights of 0 and missing weights", {
  d <- data.frame(time = 1:4, event = c(1, 0, 1, 1), w = c(1, 2, 0, 3))
  for (type in weight_types) {
    fit <- kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = type)
    want <- kaplan_meier(Surv(time, event) ~ 1, d[d$w > 0, ], weights = w,
      weight_type = type
    )
    expect_identical(tidy(fit), tidy(want))
    expect_output(print(fit), "1 row of weight 0 left out")
    none <- kaplan_meier(Surv(time, event) ~ 1, d, weights = 0 * w, weight_type = type)
    expect_identical(tidy(none)$estimate, NA_real_)
  }
  d$w[2] <- NA
  expect_message(
    kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = "frequency"),
    "weight dropped .row 2"
  )
  expect_error(
    kaplan_meier(Surv(time, event) ~ 1, d,
      weights = w, weight_type = "sampling", na.action = stats::na.fail
    ), "missing", class = "oligosurv_error_data"
  )
})

test_that("how status is coded is read from all rows, whatever their weights", {
  d <- data.frame(time = 1:4, code = c(1, 2, 2, 1), w = c(1, 2, 1, 1))
  for (type in weight_types) {
    expect_message(
      fit <- kaplan_meier(Surv(time, code) ~ 1, d, weights = w, weight_type = type),
      "1 = censored"
    )
    want <- kaplan_meier(Surv(time, code == 2) ~ 1, d, weights = w, weight_type = type)
    expect_identical(tidy(fit), tidy(want))
  }
})

test_that("by hand: ids with late entries", {
  # P1: rows (0, 2] and (1, 3], both failing; P2: (0, 3], censored. S(2) = 2/3.
  # D(2) = S dN / n: -2/9, 1/9, 1/9 by row; -1/9 and 1/9 by id: Var = 2/81
  d <- data.frame(
    entry = c(0, 1, 0), exit = c(2, 3, 3), event = c(1, 1, 0), id = c("P1", "P1", "P2")
  )
  fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d, id = id)
  expect_equal(fit$std.error[1]^2, 2 / 81, tolerance = 1e-14)
  rows <- tidy(fit)
  expect_identical(rows$n.id, c(2, 2, 2))
  expect_identical(rows$n.risk, c(2, 3, 2))
})

test_that("invalid weights are refused", {
  d <- weighted_rows(1)
  f <- Surv(time, event) ~ group
  refuse <- function(code, text, kind) {
    expect_error(code, text, class = paste0("oligosurv_error_", kind))
  }
  refuse(kaplan_meier(f, d, weights = w), "say what the weights are", "input")
  refuse(logrank_test(f, d, weights = w), "say what the weights are", "input")
  refuse(kaplan_meier(f, d, weights = w, weight_type = "iptw"), "weight_type", "input")
  refuse(
    kaplan_meier(f, d, weights = 1:2, weight_type = "sampling"), "one number", "input"
  )
  refuse(
    kaplan_meier(f, d, weights = -w, weight_type = "frequency"), "not negative", "domain"
  )
  refuse(
    kaplan_meier(f, d, weights = w / 0, weight_type = "sampling"), "finite", "domain"
  )
  counts <- event_table(f, d)
  refuse(
    kaplan_meier(counts, weights = 1, weight_type = "frequency"), "not rows", "data"
  )
  two <- Surv(time, status) ~ group
  refuse(logrank_test(f, d, weights = w, weight_type = "sampling"), "ignore", "data")
  refuse(gray_test(two, d, weights = w, weight_type = "sampling"), "ignore", "data")
  refuse(logrank_test(f, d, weights = w, weight_type = "frequency"), "whole", "data")
  refuse(gray_test(two, d, weights = w, weight_type = "frequency"), "whole", "data")
  refuse(
    cumulative_incidence(two, d,
      variance = "jackknife", weights = w, weight_type = "frequency"
    ), "whole", "data"
  )
  refuse(
    cumulative_incidence(two, d,
      variance = "aalen", weights = w, weight_type = "sampling"
    ), "independent", "input"
  )
  refuse(
    cumulative_incidence(event_table(Surv(entry, time, status) ~ 1, d),
      variance = "jackknife"
    ), "which entry", "data"
  )
  fit <- kaplan_meier(f, d, weights = w, weight_type = "sampling")
  refuse(cumulative_hazard(fit), "sampling weights", "data")
  refuse(
    survival_band(kaplan_meier(f, d, weights = w, weight_type = "sampling")),
    "sampling weights", "data"
  )
  skip_if_not_installed("ggplot2")
  refuse(
    ggplot2::autoplot(fit, p.value = logrank_test(f, d)), "sampling weights", "data"
  )
})

test_that("an argument that is NULL, a column by name, a variable", {
  d <- weighted_rows(3)
  f <- Surv(time, event) ~ 1
  expect_identical(tidy(kaplan_meier(f, d, weights = NULL)), tidy(kaplan_meier(f, d)))
  want <- tidy(kaplan_meier(f, d, weights = w, weight_type = "frequency"))
  outside <- d$w
  for (got in list(
    kaplan_meier(f, d, weights = "w", weight_type = "frequency"),
    kaplan_meier(f, d, weights = outside, weight_type = "frequency"),
    (function(data, ...) kaplan_meier(f, data, ...))(d, weights = w,
      weight_type = "frequency"
    )
  )) {
    expect_identical(tidy(got), want)
  }
})

test_that("the print is as expected", {
  d <- data.frame(
    month = c(1, 2, 3, 4), dead = c(1, 0, 1, 0), w = c(2, 1, 0.5, 0), n = c(2, 1, 3, 0)
  )
  f <- Surv(month, dead) ~ 1
  expect_snapshot({
    print(kaplan_meier(f, d, weights = n, weight_type = "frequency"))
    print(summary(kaplan_meier(f, d, weights = w, weight_type = "sampling")))
  })
})

test_that("sampling weights without events: limits by Kish's effective number at risk", {
  kish <- function(w) sum(w)^2 / sum(w^2)
  w <- c(1000, rep(1, 49))
  d <- data.frame(time = 1:50, event = 0, w = w)
  f <- Surv(time, event) ~ 1
  rows <- tidy(kaplan_meier(f, d, weights = w, weight_type = "sampling"))
  # the heavy row leaves at 1; equal weights then do not raise the effective number again
  expect_equal(rows$conf.low[c(1, 2, 30)], rep(0.025^(1 / kish(w)), 3), tolerance = 1e-12)
  d$time <- 50:1
  rows <- tidy(kaplan_meier(f, d, weights = w, weight_type = "sampling"))
  expect_equal(rows$conf.low[21], 0.025^(1 / kish(w[1:30])), tolerance = 1e-12)
  fit <- kaplan_meier(f, d, conf.type = "mid-p", weights = w, weight_type = "sampling")
  rows <- tidy(fit)
  expect_equal(rows$conf.low[1], 0.05^(1 / kish(w)), tolerance = 1e-12)
  means <- tidy(restricted_mean(f, d, tau = 1, weights = w, weight_type = "sampling"))
  expect_equal(means$conf.low, 0.025^(1 / kish(w)), tolerance = 1e-12)
  # equal weights of any size give the results without weights, also with ids
  d$id <- rep(1:25, 2)
  for (id in list(NULL, d$id)) {
    equal <- list(weights = rep(7, 50), weight_type = "sampling")
    id <- list(id = id)
    expect_equal(
      tidy(do.call(kaplan_meier, c(list(f, d), equal, id)))$conf.low,
      tidy(do.call(kaplan_meier, c(list(f, d), id)))$conf.low, tolerance = 1e-12
    )
    expect_equal(
      tidy(do.call(restricted_mean, c(list(f, d, tau = 20), equal, id)))$conf.low,
      tidy(do.call(restricted_mean, c(list(f, d, tau = 20), id)))$conf.low,
      tolerance = 1e-12
    )
  }
  # here too, competing deaths are not losses to follow-up
  k <- factor(rep(2, 4), 0:2)
  v <- c(1, 2, 3, 4)
  rows <- tidy(
    cumulative_incidence(Surv(1:4, k) ~ 1, weights = v, weight_type = "sampling")
  )
  rows <- rows[rows$outcome == "1", ]
  expect_equal(rows$conf.high, rep(1 - 0.025^(1 / kish(v)), 5), tolerance = 1e-12)
})
