group <- function(estimate, std.error, low, high, conf.type, label) {
  list(
    estimate = estimate, std.error = std.error, conf.low = low, conf.high = high,
    conf.type = conf.type, group = label
  )
}

test_that("Newcombe 1998 table II: 56/70 - 48/80 by Wilson limits, 0.0524 to 0.3339", {
  wilson <- function(x, n, label) {
    limits <- stats::prop.test(x, n, correct = FALSE)$conf.int
    group(x / n, sqrt(x / n * (1 - x / n) / n), limits[1], limits[2], "wilson", label)
  }
  got <- contrast_columns(
    wilson(56, 70, "b"), wilson(48, 80, "a"), 0.95, "wilson", wald = FALSE, ratio = FALSE
  )
  expect_equal(round(c(got$conf.low, got$conf.high), 4), c(0.0524, 0.3339))
  expect_identical(got$conf.type, "mover, wilson")
  # their method 1, Wald: 0.0575 to 0.3425
  wald <- contrast_columns(
    wilson(56, 70, "b"), wilson(48, 80, "a"), 0.95, "plain", wald = TRUE, ratio = FALSE
  )
  expect_equal(round(c(wald$conf.low, wald$conf.high), 4), c(0.0575, 0.3425))
  expect_identical(wald$conf.type, "plain")
})

test_that("MOVER with Wald limits is Wald, also for ratios on the log scale", {
  z <- stats::qnorm(0.975)
  wald <- function(e, se, label) group(e, se, e - z * se, e + z * se, "plain", label)
  b <- wald(6, 0.5, "b")
  a <- wald(4, 0.25, "a")
  for (by_error in c(TRUE, FALSE)) {
    got <- contrast_columns(b, a, 0.95, "plain", wald = by_error, ratio = FALSE)
    half <- z * sqrt(0.5^2 + 0.25^2)
    expect_equal(c(got$conf.low, got$conf.high), 2 + c(-half, half), tolerance = 1e-14)
  }
  ratio <- contrast_columns(b, a, 0.95, "log", wald = TRUE, ratio = TRUE)
  se <- sqrt((0.5 / 6)^2 + (0.25 / 4)^2)
  expect_equal(ratio$std.error, 1.5 * se, tolerance = 1e-14)
  expect_equal(c(ratio$conf.low, ratio$conf.high), 1.5 * exp(c(-z, z) * se))
})

test_that("where a group has no error its exact limits enter and no p-value is given", {
  b <- group(c(1, 1, NA), c(0.1, 0, NA), c(0.8, 0.7, NA), c(1.2, 1.4, NA),
    c("plain", "exact", "plain"), "b"
  )
  a <- group(c(2, 2, 2), c(0, 0, 0.1), c(1.7, 1.6, 1.8), c(2.4, 2.3, 2.2),
    c("exact", "exact", "plain"), "a"
  )
  got <- contrast_columns(b, a, 0.95, "plain", wald = TRUE, ratio = FALSE)
  z <- stats::qnorm(0.975)
  expect_equal(got$conf.low, c(
    -1 - sqrt((0.1 * z)^2 + 0.4^2), -1 - sqrt(0.3^2 + 0.3^2), NA
  ), tolerance = 1e-14)
  expect_equal(got$conf.high, c(
    -1 + sqrt((0.1 * z)^2 + 0.3^2), -1 + sqrt(0.4^2 + 0.4^2), NA
  ), tolerance = 1e-14)
  expect_identical(got$p.value, rep(NA_real_, 3))
  expect_identical(got$reason, c(
    "the standard error is 0 in a", "the standard error is 0 in b and a",
    "no estimate in b"
  ))
  expect_identical(got$conf.type, c("mover, plain", "mover, exact", "plain"))
  zero <- group(0, 0, 0, 0.5, "exact", "zero")
  one <- group(1, 0.1, 0.8, 1.2, "plain", "one")
  upper <- contrast_columns(zero, one, 0.95, "log", wald = TRUE, ratio = TRUE)
  expect_identical(c(upper$estimate, upper$conf.high), c(0, NA))
  lower <- contrast_columns(one, zero, 0.95, "log", wald = TRUE, ratio = TRUE)
  expect_identical(lower$estimate, NA_real_)
  expect_identical(lower$reason, "the estimate is 0 in zero")
})
