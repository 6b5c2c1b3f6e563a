# Adjusted curves at a part of very many times.

test_that("areas: constant steps, or several equal steps in between", {
  one <- c(1, 1, 1)
  expect_equal(area_widths(c(0, 1, 3, 6), 5, one), c(1, 2, 2, 0))
  expect_equal(area_widths(c(0, 1, 3, 6), 8, one), c(1, 2, 3, 2))
  # four steps from 1 to 3: the mean is that at 1 minus 3/8 of the difference
  expect_equal(area_widths(c(0, 1, 3, 6), 8, c(1, 4, 1)), c(1, 1.25, 3.75, 2))
  expect_null(thin_ranks(1:2000, 1:2000, 5))
  part <- thin_ranks(1:9000, 1:9000 / 10, c(1.23, 700))
  expect_true(all(c(1, 12, 7000, 9000) %in% part))
  expect_lte(length(part), 2002)
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
  inside <- asNamespace("oligosurv")
  set <- function(value) {
    unlockBinding("most_curve_times", inside)
    assign("most_curve_times", value, inside)
    lockBinding("most_curve_times", inside)
  }
  usual <- get("most_curve_times", inside)
  withr::defer(set(usual))
  set(100L)
  thin <- adjusted_curves(fit, by = g, times = c(0.4, 1.1), tau = 1.5)
  expect_equal(tidy(thin), tidy(full), tolerance = 1e-12)
  expect_equal(tidy(thin, rows = "differences"), tidy(full, rows = "differences"),
    tolerance = 1e-10
  )
  expect_equal(tidy(thin, rows = "means"), tidy(full, rows = "means"), tolerance = 1e-3)
  all_times <- adjusted_curves(fit, by = g)
  expect_lt(sum(all_times$curves$strata == "a"), 105)
})
