# MaxCombo: covariance by its formula, distribution of the maximum by numerical integrals.

oracle_maxcombo <- function(time, event, group, weights, stratum = rep(1, length(time))) {
  score <- numeric(length(weights))
  variance <- matrix(0, length(weights), length(weights))
  for (s in unique(stratum)) {
    surv <- 1
    for (t in sort(unique(time[stratum == s & event > 0]))) {
      at <- stratum == s & time >= t
      n <- c(sum(at & group == levels(group)[1]), sum(at & group == levels(group)[2]))
      dead <- at & time == t & event > 0
      d <- sum(dead)
      w <- vapply(weights, function(p) surv^p[1] * (1 - surv)^p[2], 0)
      score <- score + w * (sum(dead & group == levels(group)[2]) - d * n[2] / sum(n))
      if (sum(n) > 1) {
        variance <- variance + w %o% w * d * (sum(n) - d) / (sum(n) - 1) *
          prod(n) / sum(n)^2
      }
      surv <- surv * (1 - d / sum(n))
    }
  }
  list(z = score / sqrt(diag(variance)), correlation = stats::cov2cor(variance))
}

tail_of <- function(correlation, c) .Call(C_max_normal, correlation, c)

test_that("statistics and correlation: the formula in R, stratified too", {
  for (kind in c("ties", "continuous", "days")) {
    d <- two_group_rows(kind, 3)
    got <- maxcombo_test(Surv(time, event) ~ group, d)
    want <- oracle_maxcombo(d$time, d$event, d$group, powers)
    expect_equal(got$components$z, want$z, tolerance = 1e-12)
    expect_equal(unname(got$correlation), want$correlation, tolerance = 1e-12)
    expect_equal(got$statistic, max(abs(want$z)), tolerance = 1e-12)
    got <- maxcombo_test(Surv(time, event) ~ group + strata(stratum), d)
    want <- oracle_maxcombo(d$time, d$event, d$group, powers, d$stratum)
    expect_equal(got$components$z, want$z, tolerance = 1e-12)
  }
})

test_that("one weight is its own test, by id too", {
  d <- two_group_rows("ties", 5)
  d$id <- rep_len(1:9, nrow(d)) + 10 * (d$group == "b")
  for (p in powers) {
    one <- logrank_test(Surv(time, event) ~ group, d, "fleming-harrington", p[1], p[2])
    got <- maxcombo_test(Surv(time, event) ~ group, d, powers = list(p))
    expect_equal(got$p.value, one$p.value, tolerance = 1e-12)
    expect_equal(got$statistic^2, one$statistic, tolerance = 1e-12)
    expect_equal(got$groups, one$groups)
    one <- logrank_test(
      Surv(time, event) ~ group, d, "fleming-harrington", p[1], p[2], id = id
    )
    got <- maxcombo_test(Surv(time, event) ~ group, d, powers = list(p), id = id)
    expect_equal(got$p.value, one$p.value, tolerance = 1e-12)
  }
})

test_that("largest of normals: independent, equal and two correlated ones", {
  for (c in c(0.5, 2, 5)) {
    alone <- 2 * stats::pnorm(-c)
    for (k in 1:4) {
      want <- -expm1(k * log1p(-alone))
      expect_equal(tail_of(diag(k), c), c(want, k), tolerance = 1e-7)
    }
    expect_equal(tail_of(matrix(1, 3, 3), c), c(alone, 1), tolerance = 1e-12)
    for (r in c(-0.7, 0.3, 0.95)) {
      spread <- sqrt(1 - r^2)
      outside <- function(x) {
        below <- stats::pnorm((-c - r * x) / spread)
        above <- stats::pnorm((c - r * x) / spread, lower.tail = FALSE)
        stats::dnorm(x) * (below + above)
      }
      want <- alone + stats::integrate(outside, -c, c, rel.tol = 1e-11)$value
      expect_equal(
        tail_of(matrix(c(1, r, r, 1), 2), c), c(want, 2), tolerance = 1e-7
      )
    }
  }
})

test_that("largest of normals: mvtnorm's pmvnorm by Miwa's algorithm, 4096 steps", {
  three <- matrix(c(1, 0.5, 0.2, 0.5, 1, 0.3, 0.2, 0.3, 1), 3)
  expect_equal(tail_of(three, 2), c(0.122102917166, 3), tolerance = 1e-11)
  four <- matrix(
    c(1, 0.9, 0.8, 0.5, 0.9, 1, 0.7, 0.6, 0.8, 0.7, 1, 0.85, 0.5, 0.6, 0.85, 1), 4
  )
  expect_equal(tail_of(four, 2.2), c(0.0688575587, 4), tolerance = 1e-6)
})

test_that("largest of correlated normals: an integral, and simulation", {
  # Z3 is the scaled sum of Z1 and Z2: integrate over the region in the plane along Z1
  r <- 0.4
  length <- sqrt(2 + 2 * r)
  mixed <- rbind(c(1, r, (1 + r) / length), c(r, 1, (1 + r) / length), 0)
  mixed[3, ] <- c((1 + r) / length, (1 + r) / length, 1)
  c <- 1.8
  inside <- function(x) {
    low <- pmax(-c, -c * length - x)
    high <- pmin(c, c * length - x)
    spread <- sqrt(1 - r^2)
    stats::dnorm(x) * pmax(
      stats::pnorm((high - r * x) / spread) - stats::pnorm((low - r * x) / spread), 0
    )
  }
  want <- 1 - stats::integrate(inside, -c, c, rel.tol = 1e-10)$value
  expect_equal(tail_of(mixed, c), c(want, 2), tolerance = 1e-8)

  z <- maxcombo_test(Surv(time, event) ~ group, two_group_rows("continuous", 2))
  expect_identical(z$df, 3L)
  e <- eigen(z$correlation)
  draws <- withr::with_seed(1, matrix(stats::rnorm(4e5), 4))
  draws <- e$vectors %*% (sqrt(pmax(e$values, 0)) * draws)
  for (c in c(1, 2, 2.5)) {
    p <- mean(apply(abs(draws), 2, max) > c)
    expect_lt(abs(tail_of(z$correlation, c)[1] - p), 4 * sqrt(p * (1 - p) / 1e5))
  }
})

test_that("p keeps its digits in the far tail", {
  correlation <- matrix(c(1, 0.5, 0.2, 0.5, 1, 0.3, 0.2, 0.3, 1), 3)
  p <- tail_of(correlation, 12)[1]
  expect_equal(p, 6 * stats::pnorm(-12), tolerance = 1e-6)
})

test_that("the test holds its level in two groups of 20", {
  p <- withr::with_seed(3, replicate(400, {
    time <- stats::rexp(40)
    maxcombo_test(Surv(pmin(time, 1.5), time < 1.5) ~ rep(1:2, 20))$p.value
  }))
  expect_lt(abs(mean(p < 0.1) - 0.1), 0.05)
})

test_that("swapping the groups changes the sign of z; an event table equals its rows", {
  d <- two_group_rows("ties", 7)
  f <- Surv(time, event) ~ group
  base <- maxcombo_test(f, d)
  turned <- maxcombo_test(f, transform(d, group = factor(group, c("b", "a"))))
  expect_equal(turned$components$z, -base$components$z)
  expect_equal(turned$p.value, base$p.value, tolerance = 1e-9)
  expect_identical(maxcombo_test(event_table(f, d))$p.value, base$p.value)
  expect_identical(glance(base)$p.value, base$p.value)
  pairs <- tidy(pairwise_test(f, d, maxcombo_test))
  expect_identical(pairs$p.value, base$p.value)
})

test_that("edges: undefined with the reason", {
  none <- maxcombo_test(Surv(1:4, rep(0, 4)) ~ c(1, 1, 2, 2))
  expect_identical(none$reason, "no events")
  expect_identical(none$p.value, NA_real_)
  tied <- maxcombo_test(Surv(rep(3, 4), rep(1, 4)) ~ c(1, 1, 2, 2))
  expect_match(tied$reason, "not all fail")
  lone <- maxcombo_test(Surv(1:4, rep(1, 4)) ~ c(1, 1, 2, 2), id = c(1, 1, 2, 3))
  expect_match(lone$reason, "all belong to one id")
  expect_output(print(lone), "not defined")
})

test_that("a weight without variance is left out", {
  # all events at the first time: weights (0, 1) and (1, 1) are 0, (1, 0) equals (0, 0)
  d <- data.frame(
    time = c(1, 1, 1, 1, 1, 5, 6, 7, 8, 9, 10, 11),
    event = rep(1:0, c(5, 7)), group = rep(1:2, c(6, 6))
  )
  f <- Surv(time, event) ~ group
  alone <- logrank_test(f, d)
  got <- maxcombo_test(f, d)
  expect_equal(got$p.value, alone$p.value, tolerance = 1e-12)
  expect_identical(got$df, 1L)
  expect_identical(is.na(got$components$z), c(FALSE, FALSE, TRUE, TRUE))
  expect_identical(got$reason, NA_character_)
  expect_identical(
    got$method,
    "MaxCombo test of 2 of 4 Fleming-Harrington weights, without (0, 1), (1, 1)"
  )
  expect_identical(sum(!is.na(got$correlation)), 4L)
  expect_output(print(got), "takes no part")
  expect_match(result_table(got)$notes, "takes no part", all = FALSE)
  exact <- maxcombo_test(f, d, method = "exact")
  expect_equal(exact$p.value, logrank_test(f, d, method = "exact")$p.value)
  expect_match(exact$method, "2 of 4 .* exact over 924 assignments")
  d$id <- d$time + 20 * d$group
  by_id <- maxcombo_test(f, d, id = id)
  alone <- logrank_test(f, d, id = id)
  expect_equal(by_id$p.value, alone$p.value, tolerance = 1e-10)
})

test_that("by id: multivariate t with as many degrees of freedom as ids less one", {
  t_of <- function(correlation, c, df) .Call(C_max_t, correlation, c, df)
  for (df in c(3, 36)) {
    for (k in 1:4) {
      # independent given the common length s: the mean over s of P(max |z| > c s)
      over <- function(s) {
        x <- df * s^2
        2 * x * stats::dchisq(x, df) / s * -expm1(k * log1p(-2 * stats::pnorm(-2.1 * s)))
      }
      want <- stats::integrate(over, 0, Inf, rel.tol = 1e-10)$value
      expect_equal(t_of(diag(k), 2.1, df), c(want, k), tolerance = 1e-6)
    }
    alone <- 2 * stats::pt(-3, df)
    expect_equal(t_of(matrix(1, 2, 2), 3, df)[1], alone, tolerance = 1e-12)
  }
  d <- two_group_rows("continuous", 5)
  d$id <- rep_len(1:9, nrow(d)) + 10 * (d$group == "b")
  f <- Surv(time, event) ~ group
  got <- maxcombo_test(f, d, id = id)
  expect_identical(got$df2, 17L)
  expect_identical(tidy(got)$den.df, 17L)
  expect_equal(got$p.value, t_of(got$correlation, got$statistic, 17)[1])
  robust <- vapply(powers, function(p) {
    logrank_test(f, d, "fleming-harrington", p[1], p[2], id = id)$statistic
  }, 0)
  expect_equal(got$components$z^2, robust, tolerance = 1e-12)
  expect_equal(got$components$p.value, stats::pf(robust, 1, 17, lower.tail = FALSE))
  expect_match(got$method, "clustered by id .\\d+ rows in 18 ids., t.17.$")
  expect_output(print(got), "largest |t| = ", fixed = TRUE)
  expect_output(print(got), "fewer than 50 ids", fixed = TRUE, width = 120)
  notes <- result_table(got)$notes
  expect_match(notes, "joint t distribution with 17 degrees", all = FALSE)
})

test_that("mvtnorm: multivariate t of three tests", {
  skip_if_not_installed("mvtnorm")
  d <- two_group_rows("continuous", 5)
  got <- maxcombo_test(Surv(time, event) ~ group, d,
    powers = powers[-1], id = rep_len(1:12, nrow(d))
  )
  limit <- rep(got$statistic, 3)
  box <- withr::with_seed(1, getExportedValue("mvtnorm", "pmvt")(-limit, limit,
    df = got$df2, corr = unname(got$correlation),
    algorithm = getExportedValue("mvtnorm", "GenzBretz")(maxpts = 1e6, abseps = 1e-5)
  ))
  expect_lt(abs(got$p.value - (1 - box)), 1e-4)
})

test_that("every display of a MaxCombo test says how its p was computed", {
  f <- Surv(time, event) ~ group
  d <- small_sets$untied
  plain <- maxcombo_test(f, d)
  withr::local_seed(9)
  kept <- stats::runif(1)
  withr::local_seed(9)
  out <- capture.output(print(plain))
  expect_identical(stats::runif(1), kept)
  exact <- maxcombo_test(f, d, method = "exact")
  small <- small_sample_p(plain)
  expect_lt(abs(small$p.value - exact$p.value), 4 * small$p.std.error)
  expect_match(out, sprintf("(permutation p = %.3f)", small$p.value),
    fixed = TRUE, all = FALSE
  )
  expect_identical(
    result_table(plain)$body[["Permutation P"]][5], format_p_value(small$p.value)
  )
  expect_null(small_sample_p(exact))
  expect_match(result_table(exact)$notes, "all assignments", all = FALSE)
  expect_match(
    inline_text(exact), "^P = 0.29 .MaxCombo test of 4 .* over 70 assignments.$"
  )
  expect_identical(
    names(tidy(exact)), c("statistic", "parameter", "p.value", "p.std.error", "method")
  )
  large <- data.frame(time = 1:120, event = 1, group = rep(1:2, 60))
  expect_null(small_sample_p(maxcombo_test(f, large)))
  pairs <- pairwise_test(f, d, maxcombo_test, method = "exact")
  expect_equal(tidy(pairs)$p.value, exact$p.value)
})

test_that("print and errors by class", {
  d <- two_group_rows("ties", 2)
  f <- Surv(time, event) ~ group
  expect_snapshot(print(maxcombo_test(f, d)))
  for (w in list(NULL, c(0, 1), list(), list(c(0, -1)), list("a"), rep(powers, 2))) {
    expect_error(maxcombo_test(f, d, powers = w), class = "oligosurv_error_input")
  }
  many <- lapply(0:5, function(i) c(0, i^2 / 2))
  expect_error(maxcombo_test(f, d, weights = many), class = "oligosurv_error_input")
  d$three <- factor(rep_len(1:3, nrow(d)))
  expect_error(
    maxcombo_test(Surv(time, event) ~ three, d), class = "oligosurv_error_data"
  )
  expect_error(maxcombo_test(Surv(time, status) ~ group, d),
    class = "oligosurv_error_data"
  )
})

test_that("a level without rows is not a third group", {
  d <- data.frame(
    t = c(5, 2, 8, 3, 9, 1, 7, 6), s = c(1, 1, 0, 1, 1, 1, 1, 0), u = rep(1:2, 4),
    entry = 0.5, g = rep(c("A", "B"), each = 4)
  )
  d$g3 <- factor(d$g, c("0", "A", "Z", "B"))
  same <- function(formula, other) {
    expect_identical(
      glance(maxcombo_test(formula, d)), glance(maxcombo_test(other, d))
    )
  }
  same(Surv(t, s) ~ g3, Surv(t, s) ~ g)
  same(Surv(entry, t, s) ~ g3 + strata(u), Surv(entry, t, s) ~ g + strata(u))
  d$g <- c("A", "B", "C", "A")
  expect_error(maxcombo_test(Surv(t, s) ~ g, d), "there are 3",
    class = "oligosurv_error_data"
  )
})
