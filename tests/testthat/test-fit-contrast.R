# Differences and ratios by MOVER, and their p-values.

group <- function(estimate, std.error, low, high, conf.type, label) {
  list(
    estimate = estimate, std.error = std.error, conf.low = low, conf.high = high,
    conf.type = conf.type, group = label
  )
}

no_levels <- list(
  b = function(i, tail) stop("not asked for"), a = function(i, tail) stop("not asked for")
)

# 1 - the confidence level at which a limit of the interval `at(z)` is 0, by uniroot()
level_of <- function(at) {
  2 * stats::pnorm(-stats::uniroot(at, c(1e-6, 30), tol = 1e-14)$root)
}

test_that("Newcombe 1998 table II: 56/70 - 48/80 by Wilson limits, 0.0524 to 0.3339", {
  wilson_limits <- function(x, n, tail) {
    z <- stats::qnorm(tail, lower.tail = FALSE)
    middle <- (x + z^2 / 2) / (n + z^2)
    half <- z / (n + z^2) * sqrt(x * (n - x) / n + z^2 / 4)
    list(low = middle - half, high = middle + half)
  }
  wilson <- function(x, n, label) {
    limits <- stats::prop.test(x, n, correct = FALSE)$conf.int
    group(x / n, sqrt(x / n * (1 - x / n) / n), limits[1], limits[2], "wilson", label)
  }
  limits_at <- list(
    b = function(i, tail) wilson_limits(56, 70, tail),
    a = function(i, tail) wilson_limits(48, 80, tail)
  )
  got <- contrast_columns(wilson(56, 70, "b"), wilson(48, 80, "a"), 0.95, "wilson",
    wald = FALSE, ratio = FALSE, limits_at = limits_at
  )
  expect_equal(round(c(got$conf.low, got$conf.high), 4), c(0.0524, 0.3339))
  expect_identical(got$conf.type, "mover, wilson")
  # p: 1 - the confidence level at which the lower limit is 0
  want <- level_of(function(z) {
    tail <- stats::pnorm(-z)
    low <- wilson_limits(56, 70, tail)$low
    high <- wilson_limits(48, 80, tail)$high
    0.2 - sqrt((0.8 - low)^2 + (high - 0.6)^2)
  })
  expect_equal(got$p.value, want, tolerance = 1e-9)
  expect_lt(got$p.value, 0.05)
  expect_equal(got$statistic, stats::qnorm(got$p.value / 2, lower.tail = FALSE))
  # method 1 of the same paper, Wald: 0.0575 to 0.3425
  wald <- contrast_columns(wilson(56, 70, "b"), wilson(48, 80, "a"), 0.95, "plain",
    wald = TRUE, ratio = FALSE, limits_at = no_levels
  )
  expect_equal(round(c(wald$conf.low, wald$conf.high), 4), c(0.0575, 0.3425))
  expect_identical(wald$conf.type, "plain")
  expect_equal(
    wald$p.value, 2 * stats::pnorm(-0.2 / sqrt(0.16 / 70 + 0.24 / 80)), tolerance = 1e-14
  )
})

test_that("MOVER with Wald limits is Wald, also for ratios on the log scale", {
  z <- stats::qnorm(0.975)
  wald <- function(e, se, label) group(e, se, e - z * se, e + z * se, "plain", label)
  b <- wald(6, 0.5, "b")
  a <- wald(4, 0.25, "a")
  by_level <- function(e, se) {
    function(i, tail) {
      z <- stats::qnorm(tail, lower.tail = FALSE)
      list(low = e - z * se, high = e + z * se)
    }
  }
  limits_at <- list(b = by_level(6, 0.5), a = by_level(4, 0.25))
  for (by_error in c(TRUE, FALSE)) {
    got <- contrast_columns(b, a, 0.95, "plain", wald = by_error, ratio = FALSE,
      limits_at = limits_at
    )
    se <- sqrt(0.5^2 + 0.25^2)
    expect_equal(c(got$conf.low, got$conf.high), 2 + c(-z, z) * se, tolerance = 1e-14)
    expect_equal(got$statistic, 2 / se, tolerance = 1e-11)
    expect_equal(got$p.value, 2 * stats::pnorm(-2 / se), tolerance = 1e-10)
  }
  # a difference of correlated estimates
  both <- contrast_columns(b, a, 0.95, "plain", wald = FALSE, ratio = FALSE,
    limits_at = limits_at, correlation = 0.4
  )
  expect_equal(
    both$statistic, 2 / sqrt(0.5^2 + 0.25^2 - 0.8 * 0.5 * 0.25), tolerance = 1e-11
  )
  ratio <- contrast_columns(b, a, 0.95, "log", wald = TRUE, ratio = TRUE,
    limits_at = no_levels
  )
  se <- sqrt((0.5 / 6)^2 + (0.25 / 4)^2)
  expect_equal(ratio$std.error, 1.5 * se, tolerance = 1e-14)
  expect_equal(c(ratio$conf.low, ratio$conf.high), 1.5 * exp(c(-z, z) * se))
  expect_equal(ratio$p.value, 2 * stats::pnorm(-log(1.5) / se), tolerance = 1e-13)
})

test_that("where the standard error is 0 the exact limits enter, into p too", {
  b <- group(c(1, 1, NA), c(0.1, 0, NA), c(0.8, 0.7, NA), c(1.2, 1.4, NA),
    c("plain", "exact", "plain"), "b"
  )
  a <- group(c(2, 2, 2), c(0, 0, 0.1), c(1.7, 1.6, 1.8), c(2.4, 2.3, 2.2),
    c("exact", "exact", "plain"), "a"
  )
  # limits whose width is proportional to the square root of z
  z <- stats::qnorm(0.975)
  spread <- function(x) {
    function(i, tail) {
      by <- sqrt(stats::qnorm(tail, lower.tail = FALSE) / z)
      list(
        low = x$estimate[i] - by * (x$estimate - x$conf.low)[i],
        high = x$estimate[i] + by * (x$conf.high - x$estimate)[i]
      )
    }
  }
  got <- contrast_columns(b, a, 0.95, "plain", wald = TRUE, ratio = FALSE,
    limits_at = list(b = spread(b), a = spread(a))
  )
  expect_equal(got$conf.low, c(
    -1 - sqrt((0.1 * z)^2 + 0.4^2), -1 - sqrt(0.3^2 + 0.3^2), NA
  ), tolerance = 1e-14)
  expect_equal(got$conf.high, c(
    -1 + sqrt((0.1 * z)^2 + 0.3^2), -1 + sqrt(0.4^2 + 0.4^2), NA
  ), tolerance = 1e-14)
  want <- c(
    level_of(function(x) 1 - sqrt((0.1 * x)^2 + 0.3^2 * x / z)),
    2 * stats::pnorm(-z / (0.4^2 + 0.4^2)), NA
  )
  expect_equal(got$p.value, want, tolerance = 1e-9)
  expect_identical(got$reason, c(NA, NA, "no estimate in b"))
  expect_identical(got$conf.type, c("mover, plain", "mover, exact", "plain"))
  zero <- group(0, 0, 0, 0.5, "exact", "zero")
  one <- group(1, 0.1, 0.8, 1.2, "plain", "one")
  upper <- contrast_columns(zero, one, 0.95, "log", wald = TRUE, ratio = TRUE,
    limits_at = no_levels
  )
  expect_identical(c(upper$estimate, upper$conf.high), c(0, NA))
  lower <- contrast_columns(one, zero, 0.95, "log", wald = TRUE, ratio = TRUE,
    limits_at = no_levels
  )
  expect_identical(lower$estimate, NA_real_)
  expect_identical(lower$reason, "the estimate is 0 in zero")
})

test_that("p is below 1 - conf.level exactly where the interval leaves out 0", {
  half <- function(tail) stats::qt(tail, 4, lower.tail = FALSE)
  limits_at <- list(
    b = function(i, tail) list(low = -half(tail), high = 1.4^i + half(tail)),
    a = function(i, tail) list(low = -half(tail) - 1, high = half(tail) - 0.4)
  )
  for (level in c(0.5, 0.9, 0.95, 0.99, 0.999)) {
    tail <- rep((1 - level) / 2, 12)
    rows <- seq_along(tail)
    b <- c(list(estimate = 0.8^rows * 9, std.error = rep(1, 12)),
      limits_at$b(rows, tail), list(conf.type = rep("x", 12), group = "b"))
    a <- c(list(estimate = rep(-0.5, 12), std.error = rep(1, 12)),
      limits_at$a(rows, tail), list(conf.type = rep("x", 12), group = "a"))
    names(a)[3:4] <- names(b)[3:4] <- c("conf.low", "conf.high")
    got <- contrast_columns(b, a, level, "x", FALSE, FALSE, limits_at)
    expect_identical(got$p.value < 1 - level, got$conf.low > 0 | got$conf.high < 0)
  }
})

test_that("an infinite distance is one whatever the correlation", {
  expect_identical(apart(c(Inf, 1, Inf, Inf), c(1, Inf, Inf, 0), c(0, 0.5, 1, -0.5)),
    rep(Inf, 4)
  )
  expect_identical(apart(c(3, NA), c(4, 1), 0), c(5, NA))
})
