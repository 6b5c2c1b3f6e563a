# Adjusted curves at a part of very many times.

test_that("areas: constant steps, or several equal steps in between", {
  one <- c(1, 1, 1)
  expect_equal(area_widths(c(0, 1, 3, 6), 5, one), c(1, 2, 2, 0))
  expect_equal(area_widths(c(0, 1, 3, 6), 8, one), c(1, 2, 3, 2))
  # four steps from 1 to 3: the mean is that at 1 minus 3/8 of the difference
  expect_equal(area_widths(c(0, 1, 3, 6), 8, c(1, 4, 1)), c(1, 1.25, 3.75, 2))
  expect_null(thin_ranks(1:2000, 1:2000, 5, 9))
  part <- thin_ranks(1:9000, 1:9000 / 10, c(1.23, 700), 850)
  expect_true(all(c(1, 12, 7000, 8500, 9000) %in% part))
  expect_lte(length(part), 2003)
  # long gaps at the end: no step beside one is skipped
  time <- c(1:5995 / 1000, 20, 21, 60, 100, 101)
  part <- thin_ranks(1:6000, time, NULL, 101)
  expect_true(all(5995:6000 %in% part))
  skipped <- diff(part) > 1
  expect_lte(max(diff(part)), 6000 / 500)
  expect_lte(max(diff(time[part])[skipped]), 101 / 500)
})

test_that("means with few left at risk, long apart, are those of all times", {
  withr::local_seed(3)
  n <- 6000
  x <- stats::rexp(n, 0.5)
  end <- pmin(stats::rexp(n), exp(stats::rnorm(n, -1, 1.5)))
  d <- data.frame(time = pmin(x, end), dead = as.integer(x <= end), g = rep(1:2, n / 2))
  fit <- hazard_ratio(Surv(time, dead) ~ factor(g), d)
  model <- model_of(fit)
  job <- curve_job(model, 1L)
  steps <- job$steps[[1L]]
  time <- c(0, distinct_times(fit)[steps$rank])
  s <- exp(-cumsum(c(0, steps$a)))
  tau <- max(d$time)
  part <- local({
    most_curve_times <- 200L
    environment(thin_ranks) <- environment()
    c(1L, thin_ranks(steps$rank, distinct_times(fit), NULL, tau) + 1L)
  })
  expect_lt(length(part), length(s) / 3)
  all_times <- sum(s * area_widths(time, tau, rep(1, length(s) - 1L)))
  thin <- sum(s[part] * area_widths(time[part], tau, diff(part)))
  expect_equal(thin, all_times, tolerance = 2e-3)
})

test_that("at the times asked for the curves are those of all times, the means nearly", {
  withr::local_seed(8)
  n <- 400
  d <- data.frame(
    time = stats::rexp(n), dead = stats::rbinom(n, 1, 0.9), x = stats::rnorm(n),
    g = sample(c("a", "b"), n, TRUE)
  )
  fit <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  full <- adjusted_curves(fit, by = g, times = c(0.4, 1.1), tau = 1.5)
  local_internal("most_curve_times", 100L)
  thin <- adjusted_curves(fit, by = g, times = c(0.4, 1.1), tau = 1.5)
  expect_equal(tidy(thin), tidy(full), tolerance = 1e-12)
  expect_equal(tidy(thin, rows = "differences"), tidy(full, rows = "differences"),
    tolerance = 1e-10
  )
  expect_equal(tidy(thin, rows = "means"), tidy(full, rows = "means"), tolerance = 1e-3)
  all_times <- adjusted_curves(fit, by = g)
  expect_lt(sum(all_times$curves$strata == "a"), 105)
})
