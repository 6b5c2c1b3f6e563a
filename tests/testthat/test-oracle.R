# Against the plain R formulas of helper-oracle.R, also where survival and cmprsk have no
# result: rank-deficient tests, reverse Kaplan-Meier with ties, standard errors at S = 0.

sets <- random_sets(6)

expect_close <- function(gaps, tolerance) {
  gaps <- unlist(gaps)
  expect_identical(gaps[gaps > tolerance], gaps[0])
}

# The rows of a fit at exit times; the row of time 0 only if a subject leaves at 0.
exit_rows <- function(fit, times) {
  rows <- tidy(fit)
  rows[rows$time %in% times, ]
}

test_that("Kaplan-Meier and its standard error, S = 0 included", {
  expect_close(lapply(sets, function(d) {
    want <- oracle_km(d$time, d$cause)
    got <- exit_rows(kaplan_meier(Surv(time, event) ~ 1, d), want$time)
    columns <- c("time", "n.risk", "n.event", "n.censor", "estimate", "std.error")
    vapply(columns, function(x) worst_difference(as.double(got[[x]]), want[[x]]), 0)
  }), 1e-13)
})

test_that("reverse Kaplan-Meier", {
  expect_close(lapply(sets, function(d) {
    want <- oracle_reverse_km(d$time, d$cause)
    got <- exit_rows(follow_up(Surv(time, event) ~ 1, d), want$time)
    worst_difference(got$estimate, want$estimate)
  }), 1e-13)
})

test_that("Aalen-Johansen and its standard error", {
  expect_close(lapply(sets, function(d) {
    want <- oracle_aj(d$time, d$cause, 1:2)
    got <- exit_rows(cumulative_incidence(Surv(time, status) ~ 1, d), want$time)
    got <- got[order(got$outcome, got$time), ]
    c(
      estimate = worst_difference(got$estimate, as.vector(want$estimate)),
      # the oracle's variance has an absolute error of 1e-16 of the largest one
      variance = worst_difference(got$std.error^2, as.vector(want$std.error)^2, 1e-3)
    )
  }), 1e-12)
})

test_that("log-rank: any rank, plain and stratified", {
  formulas <- c(Surv(time, event) ~ group, Surv(time, event) ~ group + strata(stratum))
  expect_close(lapply(sets, function(d) {
    lapply(1:2, function(i) {
      got <- logrank_test(formulas[[i]], d)
      stratum <- if (i == 1) rep(1, nrow(d)) else d$stratum
      want <- oracle_logrank(d$time, d$event, d$group, stratum)
      c(
        observed = worst_difference(got$groups$observed, unname(want$observed)),
        expected = worst_difference(got$groups$expected, unname(want$expected)),
        df = abs(got$df - want$df),
        statistic = worst_difference(got$statistic, want$statistic, 1e-4),
        p.value = worst_difference(got$p.value, want$p.value, 1e-4)
      )
    })
  }), 1e-10)
})

test_that("Gray's test: any rank, plain and stratified, rho 0 and 1", {
  formulas <- c(Surv(time, status) ~ group, Surv(time, status) ~ group + strata(stratum))
  expect_close(lapply(sets, function(d) {
    lapply(split(expand.grid(i = 1:2, rho = 0:1, of = 1:2), 1:8), function(k) {
      got <- gray_test(formulas[[k$i]], d, rho = k$rho)$tests[k$of, ]
      stratum <- if (k$i == 1) rep(1, nrow(d)) else d$stratum
      want <- oracle_gray(d$time, d$cause, d$group, k$of, stratum, k$rho)
      c(
        df = abs(got$df - want$df),
        statistic = worst_difference(got$statistic, want$statistic, 1e-4),
        p.value = worst_difference(got$p.value, want$p.value, 1e-4)
      )
    })
  }), 1e-9)
})

# The first time at which a curve is at most 1 - p. If it is flat at exactly 1 - p: the
# middle of the flat part, or its left end if the curve ends there.
oracle_quantile <- function(curve, prob) {
  left <- curve$time[curve$estimate <= 1 - prob + 1e-12][1L]
  right <- curve$time[curve$estimate < 1 - prob - 1e-12][1L]
  if (is.na(right)) left else (left + right) / 2
}

test_that("quantiles by their definition", {
  probs <- c(0.1, 0.25, 0.5, 0.75, 0.9)
  for (d in sets) {
    got <- quantile(kaplan_meier(Surv(time, event) ~ 1, d), probs)
    curve <- oracle_km(d$time, d$cause)
    want <- vapply(probs, function(p) oracle_quantile(curve, p), 0)
    expect_equal(got$estimate, want, tolerance = 1e-15)
  }
})
