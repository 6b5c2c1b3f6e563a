# Tests under left truncation, by id: against direct sums and derivatives.

# Derivative by the weights of the rows of each id, exact for rational functions: the
# imaginary part of f after a tiny imaginary step of those weights. Columns are ids.
by_complex_step <- function(f, id) {
  step <- 1e-30
  vapply(unique(id), function(c) {
    Im(f(complex(real = 1, imaginary = step * (id == c)))) / step
  }, Re(f(rep(1 + 0i, length(id)))))
}

# Gray's score as a function of the weights; the factor (1 - F0)^rho uses weights of 1
weighted_gray <- function(d, w, of, rho) {
  per_group <- function(rows, w) {
    vapply(levels(d$group), function(g) sum(w[rows & d$group == g]), w[1])
  }
  one <- rep(1, nrow(d))
  surv <- rep(1 + 0i, nlevels(d$group))
  score <- cif <- 0i * surv
  pooled <- 0
  for (t in sort(unique(d$time[d$cause > 0]))) {
    risk <- d$entry < t & d$time >= t
    n <- per_group(risk, w)
    here <- per_group(risk, one) > 0
    d1 <- per_group(d$time == t & d$cause == of, w)
    any <- per_group(d$time == t & d$cause > 0, w)
    h <- ifelse(here, n / surv, 0)
    r <- h * (1 - cif)
    if (sum(here) > 1) score <- score + (1 - pooled)^rho * (d1 - sum(d1) * r / sum(r))
    pooled <- pooled + sum(Re(d1)) / sum(Re(h))
    cif <- ifelse(here, cif + surv * d1 / n, cif)
    surv <- ifelse(here, surv * (1 - any / n), surv)
  }
  score
}

test_that("log-rank by id is the robust score test of coxph(cluster =), late entry too", {
  for (seed in 1:20) {
    d <- late_rows(seed)
    d$time <- d$time + withr::with_seed(seed, stats::runif(nrow(d)))
    cox <- survival::coxph(Surv(entry, time, event) ~ group, d,
      cluster = patient, ties = "breslow", init = rep(0, nlevels(d$group) - 1),
      control = survival::coxph.control(iter.max = 0)
    )
    test <- logrank_test(Surv(entry, time, event) ~ group, d, id = patient)
    # F for n ids is the robust score test times (n - 1) / n, divided by its df
    robust <- test$statistic * test$df * (test$df2 + 1) / test$df2
    expect_equal(robust, drop(cox$rscore), tolerance = 1e-10)
    expect_identical(test$df2, length(unique(d$patient)) - 1L)
  }
})

test_that("every weight by id: the sums written out, with ties and late entry", {
  weights <- list(
    logrank = function(n, d, s) 1, gehan = function(n, d, s) n,
    `tarone-ware` = function(n, d, s) sqrt(n), `kaplan-meier` = function(n, d, s) s
  )
  d <- late_rows(4, 40)
  k <- nlevels(d$group)
  for (weight in names(weights)) {
    u <- matrix(0, nrow(d), k)
    s <- 1
    for (t in sort(unique(d$time[d$event == 1]))) {
      risk <- d$entry < t & d$time >= t
      fails <- d$time == t & d$event == 1
      n <- sum(risk)
      s <- s * (1 - sum(fails) / n)
      share <- as.vector(table(d$group[risk])) / n
      own <- diag(k)[as.integer(d$group), ] - rep(share, each = nrow(d))
      u <- u + weights[[weight]](n, sum(fails), s) * (fails - risk * sum(fails) / n) * own
    }
    test <- logrank_test(Surv(entry, time, event) ~ group, d, weight, id = patient)
    expect_equal(unname(test$score), colSums(u), tolerance = 1e-12)
    expect_equal(unname(test$variance), crossprod(rowsum(u, d$patient)),
      tolerance = 1e-12, ignore_attr = TRUE
    )
  }
})

test_that("Gray by id: the variance is that of the derivative of the score", {
  seen <- 0
  for (seed in 1:30) {
    d <- late_rows(seed)
    if (seed %% 3 == 0) d$entry <- ifelse(d$group == "a", d$entry, d$entry / 2 + 0.4)
    d$entry <- round(d$entry, 6)
    rho <- seed %% 2
    test <- quietly(
      gray_test(Surv(entry, time, status) ~ group, d, rho = rho, id = patient)
    )
    for (of in which(!is.na(test$tests$statistic))) {
      u <- by_complex_step(function(w) weighted_gray(d, w, of, rho), d$patient)
      expect_equal(test$score[[of]], rowSums(u), tolerance = 1e-11)
      expect_equal(test$variance[[of]], tcrossprod(u),
        tolerance = 1e-11, ignore_attr = TRUE
      )
      seen <- seen + 1
    }
  }
  expect_gt(seen, 40)
})

test_that("Gray's test with late cohorts: a group alone at risk for a while", {
  # b and c enter after events in a: h = n / S of a accounts for them
  for (seed in 1:12) {
    d <- late_rows(seed, 40)
    late <- as.integer(d$group) - 1
    d$entry <- ifelse(late == 0, 0, late + d$entry / 9)
    d$time <- round(d$time / 2 + ifelse(late == 0, 0, late + 0.5), 6)
    for (rho in c(0, 1)) {
      got <- quietly(gray_test(Surv(entry, time, status) ~ group, d, rho = rho))$tests
      for (of in which(!is.na(got$statistic))) {
        want <- oracle_gray(d$time, d$cause, d$group, of, rho = rho, entry = d$entry)
        expect_equal(got$statistic[of], want$statistic, tolerance = 1e-8)
      }
    }
  }
  expect_false(anyNA(got$statistic))
})

test_that("pairwise tests keep the entries of their rows", {
  d <- late_rows(9, 60)
  f <- Surv(entry, time, status) ~ group
  pairs <- pairwise_test(f, d, gray_test, id = patient)$tests
  for (i in seq_len(nrow(pairs))) {
    two <- as.character(d$group) %in% unlist(lapply(pairs[i, 2:3], as.character))
    alone <- gray_test(f, droplevels(d[two, ]), id = patient)$tests
    expect_equal(pairs$statistic[i], alone$statistic[alone$outcome == pairs$outcome[i]])
  }
})

test_that("one row per id is no clustering; entry at 0 is no delayed entry", {
  d <- late_rows(8)
  d$entry <- 0
  for (f in list(logrank_test, maxcombo_test)) {
    late <- f(Surv(entry, time, event) ~ group, d, id = patient)
    plain <- f(Surv(time, event) ~ group, d, id = patient)
    expect_equal(late$statistic, plain$statistic, tolerance = 1e-13)
  }
  late <- gray_test(Surv(entry, time, status) ~ group, d, id = patient)
  plain <- gray_test(Surv(time, status) ~ group, d, id = patient)
  expect_equal(late$tests, plain$tests, tolerance = 1e-13)
  values <- pseudo_values(Surv(entry, time, status) ~ group, d, times = 2:3)
  expect_equal(values, pseudo_values(Surv(time, status) ~ group, d, times = 2:3),
    tolerance = 1e-12
  )
  maxcombo <- maxcombo_test(Surv(entry, time, event) ~ group, late_rows(6), id = patient)
  alone <- logrank_test(Surv(entry, time, event) ~ group, late_rows(6), id = patient)
  expect_equal(maxcombo$components$z[1]^2, alone$statistic, tolerance = 1e-12)
})
