# Restricted means and differences of rates by id and with sampling weights: against
# derivatives of the estimates by the row weights.

lesion_rows <- function(seed, n = 40, whole = seed %% 2 == 0) {
  withr::with_seed(seed, {
    cause <- sample(0:2, n, TRUE)
    d <- data.frame(
      time = sample(1:12, n, TRUE), entry = 0, cause = cause,
      event = as.integer(cause > 0),
      status = factor(cause, 0:2, c("censored", "failure", "death")),
      group = factor(sample(c("a", "b", "c"), n, TRUE)),
      patient = sample(paste0("P", 1:9), n, TRUE), w = stats::runif(n, 0.5, 2)
    )
    if (whole) d$patient <- paste(d$group, d$patient)
    if (seed %% 3 == 0) d$entry <- pmin(d$time - 0.5, sample(c(0, 0, 2, 3), n, TRUE))
    d
  })
}

# w_i D_i of each row (in rows), for each estimate (in columns)
derivatives <- function(d, estimates, w = rep(1, nrow(d))) {
  step <- 1e-5
  t(vapply(seq_len(nrow(d)), function(i) {
    at <- function(f) {
      d$w <- w
      d$w[i] <- d$w[i] * f
      estimates(d)
    }
    (at(1 + step) - at(1 - step)) / (2 * step)
  }, estimates(transform(d, w = w))))
}

# Plain limits take least time; the estimates are the same
area_of <- function(f, tau) {
  function(d) {
    quietly(tidy(restricted_mean(f, d, tau, extend = TRUE, conf.type = "plain",
      weights = w, weight_type = "frequency"
    ))$estimate)
  }
}

rate_of <- function(f, times) {
  function(d) {
    quietly(rate_difference(f, d, times, extend = TRUE, conf.type = "plain",
      weights = w, weight_type = "frequency"
    )$estimates$estimate)
  }
}

# Compares standard errors of the estimates (groups a, b, c by outcome), and of b - a
# and c - a
expect_errors <- function(fit, u, n_place = 1L) {
  expect_equal(fit$estimates$std.error, unname(sqrt(colSums(u^2))), tolerance = 1e-6)
  cell <- seq_len(ncol(u)) - 1L
  group <- cell %/% n_place %% 3L
  b <- which(group > 0L)
  a <- b - group[b] * n_place
  apart <- u[, b, drop = FALSE] - u[, a, drop = FALSE]
  rows <- fit$contrasts[fit$contrasts$measure == "difference", ]
  expect_equal(rows$std.error, unname(sqrt(colSums(apart^2))), tolerance = 1e-6)
  both <- colSums(u[, b, drop = FALSE] * u[, a, drop = FALSE])
  scale <- sqrt(colSums(u[, b, drop = FALSE]^2) * colSums(u[, a, drop = FALSE]^2))
  invisible(ifelse(scale > 0, both / scale, 0))
}

test_that("restricted means: sums of derivatives by id, also of ids in several groups", {
  for (seed in 1:6) {
    d <- lesion_rows(seed)
    for (f in list(
      Surv(entry, time, event) ~ group, Surv(entry, time, status) ~ group
    )) {
      fit <- quietly(restricted_mean(f, d, 8, extend = TRUE, id = patient))
      u <- rowsum(derivatives(d, area_of(f, 8)), d$patient)
      r <- expect_errors(fit, u)
      # limits of differences that account for ids in both groups
      x <- fit$estimates
      b <- which(x$strata != "a")
      a <- b - as.integer(x$strata[b]) + 1L
      down <- x$estimate[b] - x$conf.low[b]
      up <- x$conf.high[a] - x$estimate[a]
      low <- x$estimate[b] - x$estimate[a] - sqrt(down^2 + up^2 - 2 * r * down * up)
      rows <- fit$contrasts[fit$contrasts$measure == "difference", ]
      expect_equal(rows$conf.low, low, tolerance = 1e-6)
    }
  }
})

test_that("sampling weights: the jackknife of areas as of curves", {
  for (seed in 1:3) {
    d <- lesion_rows(seed)
    f <- Surv(entry, time, status) ~ group
    fit <- quietly(restricted_mean(f, d, 8, extend = TRUE,
      weights = w, weight_type = "sampling"
    ))
    u <- derivatives(d, area_of(f, 8), d$w)
    expect_errors(fit, u)
    by_id <- quietly(restricted_mean(f, d, 8, extend = TRUE,
      weights = w, weight_type = "sampling", id = patient
    ))
    expect_errors(by_id, rowsum(u, d$patient))
    double <- quietly(restricted_mean(f, d, 8, extend = TRUE,
      weights = 2 * w, weight_type = "sampling"
    ))
    expect_equal(double$estimates, fit$estimates, tolerance = 1e-12)
    expect_equal(glance(fit)$n, c(40, 40)) # rows
    rates <- quietly(rate_difference(f, d, c(3, 6), extend = TRUE,
      weights = w, weight_type = "sampling"
    ))
    expect_errors(rates, derivatives(d, rate_of(f, c(3, 6)), d$w), 2L)
  }
})

test_that("rates by id: standard errors of the curves, correlation of shared ids", {
  for (seed in 1:6) {
    d <- lesion_rows(seed)
    for (f in list(
      Surv(entry, time, event) ~ group, Surv(entry, time, status) ~ group
    )) {
      fit <- quietly(rate_difference(f, d, c(3, 6), extend = TRUE, id = patient,
        conf.type = "log-log"
      ))
      u <- rowsum(derivatives(d, rate_of(f, c(3, 6))), d$patient)
      expect_errors(fit, u, 2L)
    }
  }
})

test_that("one row per id: Greenwood's errors; a group twice has no difference", {
  d <- lesion_rows(2)
  f <- Surv(time, status) ~ group
  d$row <- seq_len(nrow(d))
  own <- restricted_mean(f, d, 6, id = row, conf.type = "plain")
  plain <- restricted_mean(f, d, 6, conf.type = "plain")
  expect_equal(own$estimates, plain$estimates, tolerance = 1e-12)
  expect_equal(own$contrasts, plain$contrasts, tolerance = 1e-12)
  twice <- rbind(transform(d, group = "a"), transform(d, group = "b"))
  same <- restricted_mean(f, twice, 6, id = row)
  expect_lt(max(abs(same$contrasts$std.error)), 1e-8)
})

test_that("limits count ids: beta by its formula, exact where nobody fails, one id", {
  d <- lesion_rows(4)
  fit <- restricted_mean(Surv(time, event) ~ 1, d, 8, id = patient)
  x <- tidy(fit)
  g <- length(unique(d$patient))
  p <- x$estimate / 8
  widen <- (stats::qt(0.975, g - 1) / stats::qnorm(0.975))^2
  n <- p * (1 - p) / ((x$std.error / 8)^2 * widen)
  expect_equal(
    c(x$conf.low, x$conf.high),
    8 * stats::qbeta(c(0.025, 0.975), p * n + 0:1, (1 - p) * n + 1:0), tolerance = 1e-10
  )
  free <- data.frame(
    time = c(6, 9, 7, 9, 9), event = 0, patient = c("a", "a", "b", "b", "c")
  )
  one_each <- data.frame(time = c(9, 9, 9), event = 0)
  columns <- c("estimate", "conf.low", "conf.high", "conf.type")
  expect_equal(
    tidy(restricted_mean(Surv(time, event) ~ 1, free, 8, id = patient))[columns],
    tidy(restricted_mean(Surv(time, event) ~ 1, one_each, 8))[columns]
  )
  alone <- tidy(restricted_mean(Surv(time, event) ~ 1, transform(d, patient = "a"), 8,
    id = patient
  ))
  expect_identical(is.na(alone$std.error), TRUE)
  expect_identical(c(alone$conf.low, alone$conf.high), c(NA_real_, NA_real_))
})

test_that("lesions of the study need an id, and the print counts patients", {
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  f <- Surv(time, status) ~ cohort
  for (call in list(quote(restricted_mean(f, lesions)),
    quote(rate_difference(f, lesions, times = 12))
  )) {
    expect_error(eval(call), "id = patient_id", class = "oligosurv_error_data")
    call$id <- quote(patient_id)
    expect_output(print(eval(call)), "65 lesions in 37 patients")
  }
})

test_that("intra-patient correlation: that of the influence of two rows of one patient", {
  d <- lesion_rows(1)
  fit <- cumulative_incidence(Surv(time, status) ~ 1, d, id = patient)
  g <- glance(fit)
  last <- max(fit$time[fit$estimate[seq_along(fit$time)] < 1])
  by_row <- influence_values(Surv(time, status) ~ 1, d, times = last)
  for (outcome in levels(by_row$outcome)) {
    v <- by_row$influence[by_row$outcome == outcome]
    pairs <- outer(d$patient, d$patient, "==") & !diag(nrow(d))
    m <- sum(table(d$patient)^2) / nrow(d)
    expect_equal(g$intra.correlation[g$outcome == outcome],
      sum(outer(v, v)[pairs]) / sum(v^2) / (m - 1), tolerance = 1e-10
    )
  }
  expect_output(print(fit), "Design effect Correlation")
  one_each <- kaplan_meier(Surv(time, event) ~ 1, d, id = seq_len(nrow(d)))
  expect_identical(glance(one_each)$intra.correlation, NA_real_)
  weighted <- kaplan_meier(Surv(time, event) ~ 1, d, id = patient, weights = w,
    weight_type = "sampling"
  )
  expect_null(glance(weighted)$intra.correlation)
})
