# MaxCombo: covariance by its formula, the law of the maximum by other integrals.

powers <- list(c(0, 0), c(1, 0), c(0, 1), c(1, 1))

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

two_groups <- function(kind, seed) {
  d <- random_rows(kind, seed)
  d$group <- factor(rep_len(c("a", "b"), nrow(d)))
  d$event <- as.integer(d$cause > 0)
  d
}

test_that("statistics and correlation: the formula in R, stratified too", {
  for (kind in c("ties", "continuous", "days")) {
    d <- two_groups(kind, 3)
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
  d <- two_groups("ties", 5)
  d$id <- rep_len(1:9, nrow(d)) + 10 * (d$group == "b")
  for (p in powers) {
    one <- logrank_test(Surv(time, event) ~ group, d, "fleming-harrington", p[1], p[2])
    got <- maxcombo_test(Surv(time, event) ~ group, d, weights = list(p))
    expect_equal(got$p.value, one$p.value, tolerance = 1e-12)
    expect_equal(got$statistic^2, one$statistic, tolerance = 1e-12)
    expect_equal(got$groups, one$groups)
    one <- logrank_test(
      Surv(time, event) ~ group, d, "fleming-harrington", p[1], p[2], id = id
    )
    got <- maxcombo_test(Surv(time, event) ~ group, d, weights = list(p), id = id)
    expect_equal(got$p.value, one$p.value, tolerance = 1e-12)
  }
})

test_that("largest of normals: independent, equal and two of them", {
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

test_that("largest of normals that depend on each other: an integral, and draws", {
  # Z3 is the scaled sum of Z1 and Z2: the region in the plane, cut along Z1
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

  z <- maxcombo_test(Surv(time, event) ~ group, two_groups("continuous", 2))
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

test_that("swapping the groups turns z; an event table is its rows", {
  d <- two_groups("ties", 7)
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
  one <- maxcombo_test(Surv(1:4, c(1, 0, 0, 0)) ~ c(1, 1, 2, 2)) # (0, 1) weighs it 0
  expect_identical(one$p.value, NA_real_)
  lone <- maxcombo_test(Surv(1:4, rep(1, 4)) ~ c(1, 1, 2, 2), id = c(1, 1, 2, 3))
  expect_match(lone$reason, "all belong to one id")
  expect_output(print(lone), "not defined")
})

test_that("print and errors by class", {
  d <- two_groups("ties", 2)
  f <- Surv(time, event) ~ group
  expect_snapshot(print(maxcombo_test(f, d)))
  for (w in list(NULL, c(0, 1), list(), list(c(0, -1)), list("a"), rep(powers, 2))) {
    expect_error(maxcombo_test(f, d, weights = w), class = "oligosurv_error_input")
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
