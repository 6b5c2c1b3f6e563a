# Fine-Gray models from counts with delayed entry: estimates are those of the rows, and
# the variance is its expectation over the pairs of entry and exit.

late <- function(seed, n = 200) {
  withr::with_seed(seed, {
    d <- data.frame(
      arm = factor(sample(c("a", "b", "c"), n, TRUE)), x = sample(0:2, n, TRUE),
      site = sample(c("u", "v"), n, TRUE),
      entry = floor(stats::rexp(n, 0.1) * stats::rbinom(n, 1, 0.6))
    )
    d$time <- ceiling(stats::rexp(n, 0.05 * exp(0.3 * d$x)))
    d$status <- factor(sample(0:2, n, TRUE), 0:2, c("censored", "failure", "death"))
    d[d$entry < d$time, ]
  })
}

test_that("estimates, tests and likelihood are those of the rows", {
  ratio <- numeric()
  for (seed in 1:6) {
    d <- late(seed)
    table <- event_table(Surv(entry, time, status) ~ arm + x + strata(site), d)
    for (ties in c("breslow", "efron")) {
      for (variance in c("censoring", "robust")) {
        fit <- function(x, data) {
          hazard_ratio(x, data, "fine-gray", ties = ties, variance = variance)
        }
        got <- fit(table, ~ arm + x)
        want <- fit(Surv(entry, time, status) ~ arm + x + strata(site), d)
        expect_equal(log(got$table$estimate), log(want$table$estimate), tolerance = 1e-12)
        expect_equal(got$proportional_hazards, want$proportional_hazards,
          tolerance = 1e-12
        )
        expect_identical(got$table[c("n", "n.event")], want$table[c("n", "n.event")])
        ratio <- c(ratio, got$table$std.error / want$table$std.error)
      }
    }
  }
  expect_gt(min(ratio), 0.9)
  expect_lt(max(ratio), 1.1)
  expect_lt(abs(mean(ratio) - 1), 0.01)
  expect_match(got$table$method[1L], "expected over the pairs of entry and exit")
})

# In each of the arms a and b the next subject enters after the last has left; the others
# are followed from the start
one_pairing <- function() {
  states <- function(code) factor(code, 0:2, c("censored", "failure", "death"))
  rbind(
    data.frame(
      arm = rep(c("a", "b"), each = 7),
      entry = c(0, 6, 11, 16, 21, 26, 31, 0, 4, 9, 14, 20, 25, 29),
      time = c(5, 10, 15, 20, 25, 30, 40, 3, 8, 13, 18, 24, 28, 39),
      status = states(c(1, 2, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 2, 1))
    ),
    data.frame(arm = "c", entry = 0, time = 1:40, status = states(rep(c(1, 0, 2, 1), 10)))
  )
}

test_that("where only one pairing is possible the variance is that of the rows", {
  d <- one_pairing()
  table <- event_table(Surv(entry, time, status) ~ arm, d)
  for (variance in c("censoring", "robust")) {
    fit <- function(x, data) hazard_ratio(x, data, "fine-gray", variance = variance)
    expect_equal(fit(table, ~arm)$table$std.error,
      fit(Surv(entry, time, status) ~ arm, d)$table$std.error,
      tolerance = 1e-12
    )
  }
})

# Other pairs of entry and exit: whoever leaves is any of those at risk
shuffle <- function(rows) {
  rows <- rows[order(rows$time, rows$status == "censored"), ]
  free <- rows$entry
  for (i in seq_len(nrow(rows))) {
    at_risk <- which(free < rows$time[i])
    pick <- at_risk[sample.int(length(at_risk), 1L)]
    rows$entry[i] <- free[pick]
    free <- free[-pick]
  }
  rows
}

test_that("the variance is the mean over random pairs of entry and exit", {
  d <- late(3, 60)
  table <- event_table(Surv(entry, time, status) ~ arm, d)
  got <- hazard_ratio(table, ~arm, "fine-gray", "failure")$table$std.error^2
  withr::local_seed(7)
  draws <- replicate(400, {
    rows <- do.call(rbind, lapply(split(d, d$arm), shuffle))
    fit <- hazard_ratio(Surv(entry, time, status) ~ arm, rows, "fine-gray", "failure")
    fit$table$std.error^2
  })
  error <- apply(draws, 1, stats::sd) / sqrt(ncol(draws))
  expect_true(all(abs(rowMeans(draws) - got) < 4 * error))
})

test_that("Firth's likelihood with delayed entry", {
  d <- late(4)
  d$status[d$arm == "c" & d$status == "failure"] <- "death"
  table <- event_table(Surv(entry, time, status) ~ arm, d)
  got <- hazard_ratio(table, ~arm, "fine-gray", "failure")
  want <- hazard_ratio(Surv(entry, time, status) ~ arm, d, "fine-gray", "failure")
  expect_equal(tidy(got), tidy(want), tolerance = 1e-7)
})

curves_of <- function(fit, at) {
  new <- data.frame(arm = c("a", "c"))
  adjusted <- adjusted_curves(fit, by = arm, times = at)
  list(
    tidy(predict(fit, new, times = at)), tidy(adjusted), tidy(adjusted, rows = "means"),
    tidy(adjusted, rows = "mean.differences")
  )
}

test_that("curves are those of the rows; so are their errors with one possible pairing", {
  d <- one_pairing()
  table <- event_table(Surv(entry, time, status) ~ arm, d)
  for (variance in c("censoring", "robust")) {
    fit <- function(x, data) {
      hazard_ratio(x, data, "fine-gray", "failure", variance = variance)
    }
    expect_equal(curves_of(fit(table, ~arm), c(8, 22, 35)),
      curves_of(fit(Surv(entry, time, status) ~ arm, d), c(8, 22, 35)), tolerance = 1e-9
    )
  }
})

test_that("the variance of curves is the mean over random pairs of entry and exit", {
  skip_on_cran() # takes seconds
  d <- late(5, 60)
  squares <- function(fit) {
    adjusted <- adjusted_curves(fit, by = arm, times = c(10, 25))
    c(
      tidy(predict(fit, data.frame(arm = "b"), times = c(10, 25)))$std.error,
      tidy(adjusted)$std.error, tidy(adjusted, rows = "mean.differences")$std.error
    )^2
  }
  table <- event_table(Surv(entry, time, status) ~ arm, d)
  got <- squares(hazard_ratio(table, ~arm, "fine-gray", "failure"))
  withr::local_seed(8)
  draws <- replicate(150, {
    rows <- do.call(rbind, lapply(split(d, d$arm), shuffle))
    squares(hazard_ratio(Surv(entry, time, status) ~ arm, rows, "fine-gray", "failure"))
  })
  error <- apply(draws, 1, stats::sd) / sqrt(ncol(draws))
  expect_true(all(abs(rowMeans(draws) - got) < 4 * error))
  expect_error(adjusted_curves(hazard_ratio(table, ~arm, outcome = "failure"), by = arm),
    "Cox model depends", class = "oligosurv_error_data"
  )
})
