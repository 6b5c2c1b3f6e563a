# Pseudo-values and influence values: against refits without each row in turn.

rows_of_seed <- function(kind, seed) {
  d <- random_rows(kind, seed)
  d
}

rate <- function(f, d, times) {
  estimator <- if (is.factor(eval(f[[2]][[3]], d))) cumulative_incidence else kaplan_meier
  summary(estimator(f, d), times, extend = TRUE)$estimate
}

area <- function(f, d, tau) tidy(restricted_mean(f, d, tau, extend = TRUE))$estimate

# Pseudo-values by definition; columns are rows of the data
slow_pseudo <- function(f, d, statistic, at) {
  n <- nrow(d)
  whole <- statistic(f, d, at)
  vapply(seq_len(n), function(i) {
    n * whole - (n - 1) * statistic(f, d[-i, , drop = FALSE], at)
  }, whole)
}

test_that("by hand: S is 3/4, 3/4, 3/8 and without each row in turn", {
  d <- data.frame(month = 1:4, death = c(1, 0, 1, 1))
  got <- pseudo_values(Surv(month, death) ~ 1, d, times = 3)
  # S(3) is 3/8; without row 1 it is 1/2, without 2: 1/3, without 3: 2/3, without 4: 0
  expect_equal(
    got$pseudo.value, 4 * 3 / 8 - 3 * c(1 / 2, 1 / 3, 2 / 3, 0), tolerance = 1e-14
  )
  expect_identical(got$row, 1:4)
  mean <- pseudo_values(Surv(month, death) ~ 1, d[c(1, 3, 4), ], tau = 4)
  expect_equal(mean$pseudo.value, c(1, 3, 4), tolerance = 1e-14) # the times themselves
})

test_that("leave-one-out: refits without each row, every kind of data", {
  for (kind in setdiff(random_kinds, "tiny")) {
    d <- rows_of_seed(kind, 3)
    times <- unname(stats::quantile(d$time, c(0.3, 0.8)))
    tau <- stats::median(d$time)
    for (f in list(Surv(time, event) ~ 1, Surv(time, status) ~ 1)) {
      got <- pseudo_values(f, d, times = times)$pseudo.value
      expect_lt(max(abs(got - as.vector(t(slow_pseudo(f, d, rate, times))))), 1e-11)
      got <- pseudo_values(f, d, tau = tau)$pseudo.value
      want <- slow_pseudo(f, d, area, tau)
      if (is.matrix(want)) want <- as.vector(t(want))
      expect_lt(max(abs(got - want)), 1e-11 * max(1, tau))
    }
  }
})

test_that("influence: sums to 0, sum of squares is the variance of the fit", {
  for (kind in random_kinds) {
    d <- rows_of_seed(kind, 5)
    times <- sort(unique(d$time))[1:2]
    f <- Surv(time, status) ~ group
    got <- influence_values(f, d, times = times)
    cell <- list(got$strata, got$time, got$outcome)
    expect_lt(max(abs(tapply(got$influence, cell, sum)), na.rm = TRUE), 1e-13)
    fit <- summary(cumulative_incidence(f, d), times)
    want <- tapply(fit$std.error^2, list(fit$strata, fit$time, fit$outcome), sum)
    expect_equal(
      c(tapply(got$influence^2, cell, sum)), c(want), tolerance = 1e-12
    )
    tau <- min(tapply(d$time, d$group, max))
    mean <- influence_values(Surv(time, event) ~ group, d, tau = tau)
    want <- tidy(restricted_mean(Surv(time, event) ~ group, d, tau = tau))$std.error^2
    expect_equal(
      as.vector(tapply(mean$influence^2, mean$strata, sum)), want, tolerance = 1e-12
    )
  }
})

test_that("influence by id is that of clustered rows", {
  d <- rows_of_seed("ties", 6)
  d$patient <- rep_len(letters[1:7], nrow(d))
  f <- Surv(time, status) ~ 1
  got <- influence_values(f, d, times = c(3, 6), id = patient)
  expect_identical(nrow(got), 7L * 2L * 2L)
  fit <- summary(cumulative_incidence(f, d, id = patient), c(3, 6))
  expect_equal(
    as.vector(tapply(got$influence^2, list(got$time, got$outcome), sum)),
    fit$std.error^2, tolerance = 1e-12
  )
  single <- influence_values(f, d, times = c(3, 6))
  one <- single[single$outcome == "failure" & single$time == 3, ]
  want <- tapply(one$influence, d$patient[one$row], sum)
  part <- got[got$outcome == "failure" & got$time == 3, ]
  expect_equal(part$influence, as.vector(want[part$id]), tolerance = 1e-14)
})

test_that("survival: pseudo() and residuals()", {
  d <- rows_of_seed("ties", 8)
  survfit <- function(f) do.call(survival::survfit, list(f, data = d)) # reads d again
  fit <- survfit(Surv(time, event) ~ 1)
  times <- c(2, 5, 9)
  expect_equal(
    pseudo_values(Surv(time, event) ~ 1, d, times = times, method = "jackknife")$
      pseudo.value,
    as.vector(survival::pseudo(fit, times = times)), tolerance = 1e-12
  )
  expect_equal(
    influence_values(Surv(time, event) ~ 1, d, times = times)$influence,
    as.vector(stats::residuals(fit, times = times)), tolerance = 1e-12
  )
  expect_equal(
    influence_values(Surv(time, event) ~ 1, d, tau = 9)$influence,
    as.vector(stats::residuals(fit, times = 9, type = "rmst")), tolerance = 1e-12
  )
  states <- survfit(Surv(time, status) ~ 1)
  got <- pseudo_values(Surv(time, status) ~ 1, d, times = 5, method = "jackknife")
  want <- survival::pseudo(states, times = 5)
  expect_equal(got$pseudo.value, as.vector(want[, 2:3]), tolerance = 1e-12)
})

test_that("digits stay with many rows: without censoring the values are 0 or 1", {
  n <- 2e5
  time <- withr::with_seed(1, sample(n))
  got <- pseudo_values(Surv(time, rep(1, n)) ~ 1, times = n / 2)
  expect_lt(max(abs(got$pseudo.value - (time > n / 2))), 1e-12)
})

test_that("groups, row order, missing rows, the end of a curve", {
  d <- rows_of_seed("ties", 9)
  d$time[3] <- NA
  f <- Surv(time, event) ~ group + strata(stratum)
  got <- suppressMessages(pseudo_values(f, d, times = 4))
  expect_identical(got$row, setdiff(seq_len(nrow(d)), 3L))
  cell <- as.character(got$strata) == as.character(got$strata)[1]
  alone <- d[got$row[cell], ]
  expect_equal(
    got$pseudo.value[cell],
    pseudo_values(Surv(time, event) ~ 1, alone, times = 4)$pseudo.value
  )
  back <- suppressMessages(pseudo_values(f, d[rev(seq_len(nrow(d))), ], times = 4))
  expect_identical(rev(back$pseudo.value), got$pseudo.value)
  end <- data.frame(
    time = c(1, 2, 1, 2), event = c(1, 0, 1, 1), g = c("a", "a", "b", "b")
  )
  past <- pseudo_values(Surv(time, event) ~ g, end, times = 3)
  expect_identical(past$pseudo.value, c(NA, NA, 0, 0))
  one <- pseudo_values(Surv(2, 1) ~ 1, times = c(1, 2))
  expect_identical(one$pseudo.value, c(1, 0))
  none <- influence_values(Surv(1:3, c(0, 0, 0)) ~ 1, times = 2)
  expect_identical(none$influence, c(0, 0, 0))
})

test_that("errors by class", {
  d <- rows_of_seed("ties", 2)
  f <- Surv(time, event) ~ 1
  expect_error(pseudo_values(f, d), "`times`", class = "oligosurv_error_input")
  expect_error(influence_values(f, d, 1, 2), class = "oligosurv_error_input")
  expect_error(pseudo_values(f, d, tau = 99), class = "oligosurv_error_data")
  expect_error(
    pseudo_values(event_table(f, d), times = 1), "rows", class = "oligosurv_error_data"
  )
  expect_error(pseudo_values(f, d, times = -1), class = "oligosurv_error_domain")
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_error(
    influence_values(Surv(time, status) ~ 1, lesions, 12), class = "oligosurv_error_data"
  )
})
