# Left truncation with ids, pseudo-values and the bootstrap: against direct sums,
# numerical derivatives and refits.

test_that("pseudo-values: refits without each row, or without each patient", {
  at <- 3
  rate <- function(d) {
    fit <- cumulative_incidence(Surv(entry, time, status) ~ 1, d)
    summary(fit, at, extend = TRUE)$estimate
  }
  area <- function(d) {
    tidy(restricted_mean(Surv(entry, time, status) ~ 1, d, at, extend = TRUE))$estimate
  }
  refits <- function(d, unit, statistic) {
    n <- length(unique(unit))
    whole <- statistic(d)
    vapply(unique(unit), function(u) {
      n * whole - (n - 1) * statistic(d[unit != u, ])
    }, whole)
  }
  for (seed in 1:4) {
    d <- late_rows(seed)
    f <- Surv(entry, time, status) ~ 1
    quietly({
      got <- pseudo_values(f, d, times = at)$pseudo.value
      want <- refits(d, seq_len(nrow(d)), rate)
      expect_equal(got, as.vector(t(want)), tolerance = 1e-12)
      got <- pseudo_values(f, d, tau = at, id = patient)
      want <- refits(d, d$patient, area)[, unique(got$id)]
      expect_equal(got$pseudo.value, as.vector(t(want)), tolerance = 1e-12)
      # patients with all their rows, without delayed entry
      got <- pseudo_values(Surv(time, event) ~ 1, d, times = at, id = patient)
      want <- refits(d, d$patient, function(d) {
        summary(kaplan_meier(Surv(time, event) ~ 1, d), at, extend = TRUE)$estimate
      })
      expect_equal(got$pseudo.value, unname(want[got$id]), tolerance = 1e-12)
    })
  }
})

test_that("influence: survival's, the derivative, and the variance by id of the fit", {
  d <- late_rows(5)
  f <- Surv(entry, time, event) ~ 1
  # survival evaluates its call again, so the call must contain the values
  peer <- do.call(survival::survfit, list(f, data = d, id = seq_len(nrow(d))))
  got <- influence_values(f, d, times = 2)
  expect_equal(got$influence, as.vector(residuals(peer, times = 2)), tolerance = 1e-12)
  got <- influence_values(f, d, tau = 2)
  expect_equal(got$influence, as.vector(residuals(peer, times = 2, type = "rmst")),
    tolerance = 1e-12
  )
  for (seed in 1:6) {
    d <- late_rows(seed)
    f <- Surv(entry, time, status) ~ group
    quietly({
      got <- influence_values(f, d, times = 2:3, id = patient)
      fit <- cumulative_incidence(f, d, id = patient)
      jackknife <- pseudo_values(f, d, times = 2:3, id = patient, method = "jackknife")
    })
    want <- summary(fit, 2:3, extend = TRUE)
    cell <- function(x) list(x$time, x$strata, x$outcome)
    sums <- tapply(got$influence, cell(got), function(v) sqrt(sum(v^2)))
    expect_equal(as.vector(sums), as.vector(tapply(want$std.error, cell(want), sum)),
      tolerance = 1e-11
    )
    expect_equal(
      as.vector(tapply(jackknife$pseudo.value, cell(jackknife), mean)),
      as.vector(tapply(want$estimate, cell(want), sum)), tolerance = 1e-11
    )
  }
})

test_that("the bootstrap resamples rows, or patients, with their entries", {
  refit <- function(d, rows) {
    fit <- kaplan_meier(Surv(entry, time, event) ~ 1, d[rows, ])
    mean <- restricted_mean(Surv(entry, time, event) ~ 1, d[rows, ], 3, extend = TRUE)
    c(
      summary(fit, 3, extend = TRUE)$estimate, tidy(mean)$estimate,
      quantile(fit, 0.3)$estimate
    )
  }
  d <- late_rows(7)
  d <- d[order(d$time, d$event), ]
  f <- Surv(entry, time, event) ~ 1
  resamples <- function(...) {
    cbind(
      withr::with_seed(7, bootstrap_interval(f, d, "rate", times = 3, ...)$resamples),
      withr::with_seed(7, bootstrap_interval(f, d, "restricted_mean", tau = 3, ...)$resa),
      withr::with_seed(7, bootstrap_interval(f, d, probs = 0.3, ...)$resamples)
    )
  }
  for (unit in list(seq_len(nrow(d)), d$patient)) {
    got <- quietly(if (is.integer(unit)) {
      resamples(n_resamples = 60)
    } else {
      resamples(n_resamples = 60, id = patient)
    })
    rows <- lapply(unique(unit), function(u) which(unit == u))
    want <- withr::with_seed(7, replicate(60, {
      drawn <- floor(stats::runif(length(rows)) * length(rows)) + 1
      quietly(refit(d, unlist(rows[drawn])))
    }))
    expect_equal(got, replace(t(want), is.na(t(want)), Inf), tolerance = 1e-13)
  }
  expect_error(
    bootstrap_interval(event_table(f, d), n_resamples = 39), "which entry belongs to",
    class = "oligosurv_error_data"
  )
})

test_that("patients from their first entry on: exact limits where nothing varies", {
  d <- data.frame(
    entry = c(0, 1, 0, 2, 1), time = c(2, 6, 5, 7, 8), event = 0,
    patient = c("a", "a", "b", "b", "c")
  )
  got <- bootstrap_interval(Surv(entry, time, event) ~ 1, d, "restricted_mean",
    tau = 6, id = patient, n_resamples = 39
  )
  one_each <- data.frame(entry = c(0, 0, 1), time = c(6, 7, 8), event = 0)
  want <- restricted_mean(Surv(entry, time, event) ~ 1, one_each, tau = 6)
  columns <- c("estimate", "conf.low", "conf.high", "conf.type")
  expect_equal(tidy(got)[columns], tidy(want)[columns])
})

test_that("a hazard by row goes from entry to exit", {
  d <- late_rows(9)
  d$expected <- 0.1 * (d$time - d$entry)
  by_row <- one_sample_test(Surv(entry, time, event) ~ group, d, hazard = expected)
  expect_equal(tidy(by_row),
    tidy(one_sample_test(Surv(entry, time, event) ~ group, d, hazard = 0.1)),
    tolerance = 1e-12
  )
})

test_that("frequency weights with ids are repeated rows of the same ids", {
  d <- late_rows(6, 40)
  d$w <- rep_len(1:3, 40)
  long <- d[rep(seq_len(40), d$w), ]
  f <- Surv(entry, time, event) ~ group
  got <- logrank_test(f, d, weights = w, weight_type = "frequency", id = patient)
  want <- logrank_test(f, long, id = patient)
  expect_equal(got$variance, want$variance, tolerance = 1e-13)
  expect_equal(got$statistic, want$statistic, tolerance = 1e-12)
  f <- Surv(entry, time, status) ~ group
  quietly({
    got <- gray_test(f, d, weights = w, weight_type = "frequency", id = patient)
    want <- gray_test(f, long, id = patient)
  })
  expect_equal(got$tests, want$tests, tolerance = 1e-12)
  d$patient <- paste(d$group, d$patient)
  long$patient <- paste(long$group, long$patient)
  permuted <- function(d, ...) { # variance over assignments
    logrank_test(Surv(time, event) ~ group, d, id = patient, method = "permutation",
      n_permutations = 9, ...
    )$statistic
  }
  got <- permuted(d, weights = w, weight_type = "frequency")
  expect_equal(got, permuted(long), tolerance = 1e-12)
})

# Number at risk just before `at`, row by row; at the origin, those who enter there
at_risk <- function(entry, time, at, origin = 0, w = 1) {
  entry <- pmax(entry, origin)
  vapply(at, function(t) {
    entered <- if (t <= origin) entry <= origin else entry < t
    sum((entered & time >= t & time > origin) * w)
  }, 0)
}

test_that("those who enter at the origin are at risk there, at any requested time", {
  f <- Surv(entry, time, event) ~ 1
  causes <- Surv(entry, time, status) ~ 1
  for (seed in 1:6) {
    d <- late_rows(seed)
    d$w <- rep_len(c(1, 2, 0.5), nrow(d))
    at <- sort(unique(c(0, 0.5, 1, d$entry, d$time)))
    want <- at_risk(d$entry, d$time, at)
    expect_gt(want[1], 0)
    expect_equal(tidy(kaplan_meier(f, d), times = at)$n.risk, want)
    expect_equal(summary(kaplan_meier(f, d), times = 0)$n.risk, want[1])
    expect_equal(tidy(kaplan_meier(f, d, times = at))$n.risk, want)
    expect_equal(tidy(follow_up(f, d), times = at)$n.risk, want)
    both <- tidy(cumulative_incidence(causes, d), times = at)
    expect_equal(both$n.risk[both$outcome == "death"], want)
    by_group <- tidy(kaplan_meier(Surv(entry, time, event) ~ group, d), times = at)
    for (g in levels(d$group)) {
      mine <- d$group == g
      expect_equal(by_group$n.risk[by_group$strata == g],
        at_risk(d$entry[mine], d$time[mine], at)
      )
    }
    sampled <- tidy(kaplan_meier(f, d, weights = w, weight_type = "sampling"), times = at)
    expect_equal(sampled$weight.risk, at_risk(d$entry, d$time, at, w = d$w))
    expect_equal(sampled$n.risk, want)
    frequency <- kaplan_meier(f, d, weights = w, weight_type = "frequency")
    expect_equal(tidy(frequency, times = at)$n.risk, sampled$weight.risk)
    clustered <- tidy(kaplan_meier(f, d, id = patient), times = at)
    expect_equal(clustered$n.risk, want)
    expect_equal(clustered$n.id[1], length(unique(d$patient[d$entry == 0])))
    # the first row is that of time 0
    rows <- tidy(kaplan_meier(f, d))
    expect_equal(rows$n.risk, at_risk(d$entry, d$time, rows$time))
    # given event-free at 2: those who entered by then are at risk
    later <- at[at >= 2]
    from_two <- kaplan_meier(f, d, from = 2)
    expect_equal(tidy(from_two, times = c(2, later))$n.risk,
      at_risk(d$entry, d$time, unique(c(2, later)), 2)
    )
    expect_equal(tidy(from_two)$n.risk[1], at_risk(d$entry, d$time, 2, 2))
    # from a landmark on, entries before it are moved to it
    landmark <- tidy(kaplan_meier(f, d, landmark = 2), times = 0)$n.risk
    expect_equal(landmark, at_risk(d$entry, d$time, 2, 2))
    # an event table made from a data frame
    table <- event_table(as.data.frame(event_table(f, d)))
    expect_equal(tidy(kaplan_meier(table), times = at)$n.risk, want)
  }
})

test_that("entry at 0 is no delayed entry; survival counts alike at the origin", {
  d <- late_rows(3)
  zero <- kaplan_meier(Surv(0 * entry, time, event) ~ 1, d)
  plain <- kaplan_meier(Surv(time, event) ~ 1, d)
  at <- c(0, 0.1, 1:5)
  expect_identical(tidy(zero, times = at)$n.risk, tidy(plain, times = at)$n.risk)
  f <- Surv(entry, time, event) ~ 1
  got <- tidy(kaplan_meier(f, transform(d, entry = round(entry))), times = 0)
  first <- d$entry < 0.5
  expect_identical(got$n.risk, as.double(sum(first)))
  handed <- summary(as_survfit(kaplan_meier(f, d)), times = c(0, 1, 2), extend = TRUE)
  peer <- summary(survival::survfit(f, d), times = c(0, 1, 2), extend = TRUE)
  expect_equal(handed$n.risk, peer$n.risk)
})

test_that("the start of an endpoint and of a curve by the tie rule", {
  # by the tie rule, 0.1 + 0.2 equals 0.3
  d <- data.frame(entry = c(0.1 + 0.2, 0, 0.5), time = c(2, 1, 3), event = 1)
  fit <- kaplan_meier(Surv(entry, time, event) ~ 1, d, from = 0.3)
  expect_identical(tidy(fit, times = c(0.3, 0.4, 0.6))$n.risk, c(2, 2, 3))
  expect_identical(tidy(fit)$n.risk[1], 2)
  study <- hcc_sbrt
  study$patients$systemic_start <- study$patients$sbrt_start - rep_len(c(0, 60, 0), 37)
  since <- endpoint(study, "os", origin = "systemic_start")
  fit <- kaplan_meier(Surv(entry, time, status) ~ 1, since)
  expect_identical(tidy(fit, times = 0)$n.risk, as.double(sum(since$entry == 0)))
  skip_if_not_installed("ggplot2")
  figure <- curve_plot(fit, breaks = c(0, 12))
  label <- unlist(lapply(figure$layers, function(x) as.character(x$data$label)))
  expect_true(paste0(sum(since$entry == 0), " (0)") %in% label)
})
