# Brier score: by hand, from the formula, survival, and numerical derivatives.

# The formula row by row; censoring within strata, events first
brier_by_formula <- function(d, t) {
  g <- function(s, stratum, to) {
    of <- d[d$stratum == stratum, ]
    at <- unique(of$time[of$cause == 0 & (if (to) of$time <= s else of$time < s)])
    prod(vapply(at, function(u) {
      1 - sum(of$w[of$time == u & of$cause == 0]) /
        sum(of$w[of$time > u | (of$time == u & of$cause == 0)])
    }, 0))
  }
  terms <- vapply(seq_len(nrow(d)), function(i) {
    if (d$time[i] > t) return(d$r[i]^2 / g(t, d$stratum[i], TRUE))
    if (d$cause[i] == 0) return(0)
    ((d$cause[i] == 1) - d$r[i])^2 / g(d$time[i], d$stratum[i], FALSE)
  }, 0)
  sum(d$w * terms) / sum(d$w)
}

predicted_rows <- function(seed, n = 60) {
  withr::local_seed(seed)
  cause <- sample(0:2, n, TRUE, c(0.3, 0.5, 0.2))
  data.frame(
    time = sample(15, n, TRUE) + ifelse(cause == 0, 3, 0), cause = cause,
    event = as.integer(cause == 1), status = factor(cause, 0:2, c("no", "rec", "death")),
    r = stats::runif(n), q = stats::runif(n), w = stats::runif(n, 0.5, 2),
    stratum = sample(c("a", "b"), n, TRUE), cluster_id = sample(20, n, TRUE)
  )
}

test_that("by hand: nobody censored before the time", {
  d <- data.frame(month = 1:4, dead = c(1, 1, 0, 1), risk = c(0.8, 0.6, 0.4, 0.2))
  got <- brier_score(Surv(month, dead) ~ risk, d, times = 2)$table
  expect_equal(got$estimate, 0.1, tolerance = 1e-15)
  expect_equal(got$reference, 0.25, tolerance = 1e-15)
  expect_equal(got$scaled, 0.6, tolerance = 1e-15)
  # losses 0.04, 0.16, 0.16, 0.04 around 0.1
  expect_equal(got$std.error, sqrt(4 * 0.06^2) / 4, tolerance = 1e-14)
  # integrated: the mean of 0.15 and 0.1
  two <- brier_score(Surv(month, dead) ~ cbind(risk, risk), d, times = 1:2)
  expect_equal(tidy(two, rows = "integrated")$estimate, 0.125, tolerance = 1e-15)
})

test_that("values are those of the formula, in strata, with weights, causes and ties", {
  for (seed in 1:15) {
    d <- predicted_rows(seed)
    got <- brier_score(Surv(time, status) ~ cbind(r, r) + strata(stratum), d,
      times = c(6, 11), outcome = "rec", weights = w, weight_type = "sampling"
    )$table
    want <- c(brier_by_formula(d, 6), brier_by_formula(d, 11))
    expect_equal(got$estimate, want, tolerance = 1e-13)
    one <- transform(d, w = 1, stratum = "a", cause = event)
    got <- brier_score(Surv(time, event) ~ r, d, times = 8)$table
    expect_equal(got$estimate, brier_by_formula(one, 8), tolerance = 1e-13)
  }
})

test_that("continuous times: the scores of survival::brier()", {
  skip_if_not("brier" %in% getNamespaceExports("survival"))
  withr::local_seed(2)
  d <- data.frame(x = stats::rnorm(90))
  time <- stats::rexp(90, exp(d$x) / 20)
  lost <- stats::runif(90, 5, 40)
  d$time <- pmin(time, lost)
  d$event <- as.integer(time <= lost)
  # brier() looks for the data of the call elsewhere, so that the call holds them
  fit <- do.call(survival::coxph, list(Surv(time, event) ~ x, d, x = TRUE))
  d$risk <- 1 - t(summary(survival::survfit(fit, d), times = c(6, 12, 24))$surv)
  want <- getExportedValue("survival", "brier")(fit, times = c(6, 12, 24))
  got <- brier_score(Surv(time, event) ~ risk, d, times = c(6, 12, 24))$table
  expect_equal(got$estimate, want$brier, tolerance = 1e-12)
  expect_equal(got$scaled, want$rsquared, tolerance = 1e-12)
})

test_that("the risk of the curve for all has the reference score, 1/2 has 1/4", {
  d <- predicted_rows(5)
  km <- kaplan_meier(Surv(time, event) ~ 1, d, times = 7)
  d$all <- 1 - tidy(km)$estimate
  got <- brier_score(Surv(time, event) ~ all, d, times = 7)$table
  expect_equal(got$estimate, got$reference, tolerance = 1e-14)
  expect_equal(got$reference, d$all[1] * (1 - d$all[1]), tolerance = 1e-14)
  expect_equal(got$scaled, 0, tolerance = 1e-13)
  got <- brier_score(Surv(time, event) ~ I(0 * time + 0.5), d, times = 7)$table
  expect_equal(got$estimate, 0.25, tolerance = 1e-14)
  expect_true(is.na(got$conf.low))
})

test_that("standard errors are those of numerical derivatives by the weights", {
  d <- predicted_rows(3, 40)
  value <- function(d) {
    x <- brier_score(Surv(time, status) ~ cbind(r, q) + cbind(q, r) + strata(stratum), d,
      times = c(6, 11), outcome = "rec", weights = w, weight_type = "sampling"
    )
    z <- stats::qnorm(0.975)
    list(
      estimate = c(
        x$table$estimate, x$table$scaled, x$integrated$estimate, x$contrasts$estimate
      ),
      error = c(
        x$table$std.error, (x$table$scaled - x$table$scaled.low) / z,
        x$integrated$std.error, x$contrasts$std.error
      )
    )
  }
  h <- 1e-5
  slope <- vapply(seq_len(40), function(i) {
    up <- down <- d
    up$w[i] <- up$w[i] + h
    down$w[i] <- down$w[i] - h
    (value(up)$estimate - value(down)$estimate) / (2 * h)
  }, double(12))
  expect_equal(value(d)$error, sqrt(rowSums((slope * rep(d$w, each = 12))^2)),
    tolerance = 1e-7
  )
})

test_that("ids, frequencies, order of rows and unit of time", {
  d <- predicted_rows(4)
  f <- Surv(time, status) ~ cbind(r, q)
  value <- function(d, times = c(6, 11), ...) {
    brier_score(f, d, times, outcome = "rec", ...)$table
  }
  base <- value(d)
  expect_equal(value(d[rev(seq_len(nrow(d))), ]), base, tolerance = 1e-13)
  scaled <- value(transform(d, time = time / 30.4375), c(6, 11) / 30.4375)
  expect_equal(scaled[-3], base[-3], tolerance = 1e-13)
  d$w <- rep_len(1:3, nrow(d))
  expect_equal(
    value(d, weights = w, weight_type = "frequency"),
    value(d[rep(seq_len(nrow(d)), d$w), ]), tolerance = 1e-12
  )
  twice <- rbind(d, d)
  twice$who <- rep(seq_len(nrow(d)), 2)
  own <- value(twice, id = who)
  expect_equal(own$std.error, base$std.error, tolerance = 1e-12)
  expect_equal(value(twice)$std.error, base$std.error / sqrt(2), tolerance = 1e-12)
})

test_that("edges: times beyond the follow-up, all censored, one row, no row", {
  d <- data.frame(time = 1:4, event = c(1, 0, 1, 0), risk = 0.5)
  f <- Surv(time, event) ~ risk
  at <- function(t, d, event = d$event) {
    d$event <- event
    brier_score(f, d, times = t)$table$estimate
  }
  expect_false(is.na(at(3.9, d)))
  expect_true(is.na(at(4, d)))
  expect_true(is.na(at(9, d)))
  # after a last event all is known
  expect_false(is.na(at(9, d, c(1, 0, 1, 1))))
  # all censored: nobody has the event by 2
  expect_equal(at(2, d, rep(0, 4)), 0.25)
  expect_true(is.na(brier_score(f, transform(d, event = 0), times = 2)$table$scaled))
  expect_equal(at(1, d[3, ]), 0.25)
  expect_true(is.na(at(1, d[0, ])))
  printed <- capture.output(print(brier_score(f, d, times = 9)))
  expect_match(printed, "not followed that long", all = FALSE)
})

test_that("errors: risks outside of 0 to 1, a column too few, no times, no outcome", {
  d <- predicted_rows(1)
  input <- function(code, pattern) {
    expect_error(code, pattern, class = "oligosurv_error_input")
  }
  error <- expect_error(
    brier_score(Surv(time, event) ~ I(100 * r), d, times = 5), "between 0 and 1",
    class = "oligosurv_error_domain"
  )
  expect_identical(error$where, which(100 * d$r > 1))
  input(brier_score(Surv(time, event) ~ r, d, times = 5:6), "each of the 2 times")
  input(brier_score(Surv(time, event) ~ cbind(r, q), d, times = 5), "one number per row")
  input(brier_score(Surv(time, event) ~ r, d), "give the times")
  input(brier_score(Surv(time, event) ~ cbind(r, q), d, times = c(7, 5)), "ascend")
  input(brier_score(Surv(time, status) ~ r, d, times = 5), "one of \"rec\", \"death\"")
})
