# Weights of hazard_ratio() against coxph(), finegray() and repeated rows.

weighted_rows <- function(seed, n = 80, months = 12) {
  withr::with_seed(seed, data.frame(
    time = sample(months, n, TRUE), event = stats::rbinom(n, 1, 0.6),
    cause = factor(sample(0:2, n, TRUE, c(0.3, 0.4, 0.3)), 0:2, c("none", "a", "b")),
    arm = factor(sample(c("A", "B", "C"), n, TRUE)), x = stats::rnorm(n),
    site = sample(2, n, TRUE), w = round(stats::rexp(n) + 0.1, 3),
    count = sample(0:3, n, TRUE), unit = sample(ceiling(n / 2), n, TRUE),
    row = seq_len(n)
  ))
}

sampled <- function(formula, d, ...) {
  quietly(hazard_ratio(formula, d, weights = w, weight_type = "sampling", ...))
}

tight <- survival::coxph.control(eps = 1e-11, toler.chol = 1e-13)

test_that("with sampling weights a Cox model is coxph(weights = , robust = TRUE)", {
  for (seed in 1:8) {
    d <- weighted_rows(seed, months = if (seed %% 2) 12 else 1e5)
    d$entry <- if (seed %% 3) 0 else pmin(d$time - 1, seed)
    formula <- Surv(entry, time, event) ~ arm + x + strata(site)
    for (ties in c("efron", "breslow")) {
      fit <- sampled(formula, d, ties = ties)
      peer <- survival::coxph(formula, d,
        weights = w, cluster = row, ties = ties, control = tight
      )
      error <- sqrt(diag(stats::vcov(peer)))
      expect_lt(max(abs(coef(fit) - stats::coef(peer)) / error), 1e-9)
      expect_equal(vcov(fit), stats::vcov(peer), tolerance = 1e-8, ignore_attr = TRUE)
      expect_equal(fit$proportional_hazards$statistic,
        unname(survival::cox.zph(peer)$table[, 1]),
        tolerance = 1e-8
      )
      for (type in c("martingale", "score", "dfbeta", "schoenfeld")) {
        expect_equal(residuals(fit, type), residuals(peer, type),
          tolerance = 1e-7, ignore_attr = TRUE, label = paste(type, seed, ties)
        )
      }
    }
  }
})

test_that("by id the weighted scores of an id are summed, with the correction", {
  d <- weighted_rows(9)
  fit <- sampled(Surv(time, event) ~ arm + x, d, id = unit)
  peer <- survival::coxph(Surv(time, event) ~ arm + x, d,
    weights = w, cluster = unit, control = tight
  )
  g <- length(unique(d$unit))
  expect_equal(vcov(fit), stats::vcov(peer) * g / (g - 4),
    tolerance = 1e-8, ignore_attr = TRUE
  )
  expect_identical(fit$table$df, rep(g - 4, 3))
})

test_that("with sampling weights a Fine-Gray model is finegray() and coxph()", {
  for (seed in 1:4) {
    d <- weighted_rows(seed, months = if (seed %% 2) 12 else 1e5)
    long <- survival::finegray(Surv(time, cause) ~ ., d, etype = "a", weights = w)
    for (ties in c("efron", "breslow")) {
      fit <- sampled(Surv(time, cause) ~ arm + x, d, "fine-gray", "a",
        ties = ties, variance = "robust"
      )
      peer <- survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ arm + x, long,
        weights = fgwt, cluster = row, ties = ties, control = tight
      )
      error <- sqrt(diag(stats::vcov(peer)))
      expect_lt(max(abs(coef(fit) - stats::coef(peer)) / error), 1e-8)
      expect_equal(vcov(fit), stats::vcov(peer), tolerance = 1e-8, ignore_attr = TRUE)
    }
  }
})

# The jackknife leaves out one row after another, and estimates the curve of censoring
# from the others: to first order that is the variance with the term for this curve.
test_that("the variance with the term for censoring is that of a weighted jackknife", {
  d <- weighted_rows(21, n = 400, months = 1e5)
  full <- sampled(Surv(time, cause) ~ x, d, "fine-gray", "a")
  left_out <- vapply(seq_len(nrow(d)), function(i) {
    coef(sampled(Surv(time, cause) ~ x, d[-i, ], "fine-gray", "a"))
  }, 0)
  by_hand <- sum((left_out - coef(full))^2)
  expect_equal(drop(vcov(full)), by_hand, tolerance = 0.05, ignore_attr = TRUE)
})

test_that("frequencies are rows repeated, in Cox, Fine-Gray and Firth's fits", {
  d <- weighted_rows(11)
  repeated <- d[rep(seq_len(nrow(d)), d$count), ]
  for (firth in c(FALSE, TRUE)) {
    for (model in c("cox", "fine-gray")) {
      left <- if (model == "cox") quote(Surv(time, event)) else quote(Surv(time, cause))
      formula <- eval(bquote(.(left) ~ arm + x + strata(site)))
      fit <- hazard_ratio(formula, d, model,
        weights = count, weight_type = "frequency", firth = firth
      )
      peer <- hazard_ratio(formula, repeated, model, firth = firth)
      expect_equal(tidy(fit), tidy(peer), tolerance = 1e-9)
      expect_equal(fit$models, peer$models, tolerance = 1e-9)
    }
  }
  late <- transform(d, entry = pmin(time - 1, 2))
  formula <- Surv(entry, time, event) ~ arm + x
  expect_equal(
    tidy(hazard_ratio(formula, late, weights = count, weight_type = "frequency")),
    tidy(hazard_ratio(formula, late[rep(seq_len(nrow(d)), d$count), ]))
  )
})

test_that("doubled sampling weights change nothing; rows of weight 0 are left out", {
  d <- weighted_rows(12)
  d$w[c(3, 8)] <- 0
  f <- Surv(time, event) ~ arm + x
  fit <- sampled(f, d)
  expect_equal(tidy(sampled(f, transform(d, w = 2 * w))), tidy(fit), tolerance = 1e-8)
  expect_equal(tidy(sampled(f, d[-c(3, 8), ])), tidy(fit))
  firth <- sampled(f, d, firth = TRUE)
  twice <- sampled(f, transform(d, w = 7 * w), firth = TRUE)
  expect_equal(coef(twice), coef(firth), tolerance = 1e-8)
  expect_true(all(is.na(tidy(firth)$conf.low)))
  expect_output(print(firth), "how the rows were\\s+sampled")
  expect_output(print(fit), "2 rows of weight 0 left out")
  expect_output(print(fit), "robust variance, sampling weights")
})

test_that("weights that do not fit are classed errors", {
  d <- weighted_rows(13)
  f <- Surv(time, event) ~ arm
  refused <- function(kind, pattern, ...) {
    expect_error(hazard_ratio(...), pattern, class = paste0("oligosurv_error_", kind))
  }
  refused("input", "weight_type", f, d, weights = w)
  refused("data", "whole numbers", f, d, weights = w, weight_type = "frequency")
  refused("domain", "weights", f, d, weights = -w, weight_type = "sampling")
  refused("input", "one number per row", f, d, weights = 1:3, weight_type = "sampling")
  refused("data", "event table", event_table(f, d), weights = 1, weight_type = "sampling")
  fit <- sampled(f, d)
  expect_error(logLik(fit), "no partial likelihood", class = "oligosurv_error_data")
  d$w[4] <- NA
  expect_message(hazard_ratio(f, d, weights = w, weight_type = "sampling"), "1 row")
})

# Before, ranks counted the times of rows with weight 0, which the event table has not.
test_that("rows with weight 0 change no time of curves, with entries and near-ties", {
  d <- data.frame(
    entry = c(0, 0, 1.5, 0, 2.5, 0, 0, 3.5), time = 1:8, st = c(1, 0, 1, 1, 0, 1, 1, 0),
    x = c(1, 0, 1, 0, 1, 1, 0, 0), w = c(1, 0, 1, 1, 1, 0, 1, 1)
  )
  some <- d[d$w > 0, ]
  times <- c(1, 3.5, 4.5)
  compare <- function(formula, d, some, ...) {
    fit <- hazard_ratio(formula, d, weights = w, firth = FALSE, ...)
    want <- hazard_ratio(formula, some, weights = w, firth = FALSE, ...)
    expect_identical(coef(fit), coef(want))
    new <- data.frame(x = 0:1)
    expect_equal(predict(fit, new)$curves, predict(want, new)$curves, tolerance = 1e-12)
    expect_equal(tidy(predict(fit, new, times = times)),
      tidy(predict(want, new, times = times)),
      tolerance = 1e-12
    )
  }
  compare(Surv(entry, time, st) ~ x, d, some, weight_type = "frequency")
  compare(Surv(entry, time, st) ~ x, d, some, weight_type = "sampling")
  near <- transform(d, time = time * c(1, 1, 1, 1, 0.8, 1, 1 + 1e-12, 7 / 8))
  compare(Surv(time, st) ~ x, near, near[near$w > 0, ], weight_type = "frequency")
  d$how <- factor(d$st * c(1, 1, 2, 1, 1, 1, 2, 1), 0:2)
  suppressWarnings(compare(Surv(entry, time, how) ~ x, d, d[d$w > 0, ],
    weight_type = "frequency", model = "fine-gray", outcome = "1"
  ))
  # the times of events and the last one
  fit <- hazard_ratio(Surv(entry, time, st) ~ x, d, weights = w, firth = FALSE,
    weight_type = "frequency"
  )
  expect_identical(predict(fit, data.frame(x = 0))$curves$time, c(0, 1, 3, 4, 7, 8))
})
