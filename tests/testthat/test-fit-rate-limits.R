# The counts needed for limits are read from the curves once; limits from these counts
# must equal those of the curves at any other confidence level.

# Estimates of the curves, and the function that computes their limits
rate_parts <- function(formula, d, type, times, args) {
  call <- captured(args$id, args$weights, args$weight_type, globalenv())
  table <- estimator_table(formula, d, call, 1e-9, use = "curves")
  rate_rows(table, type, 0.95, times, FALSE)
}

# Largest relative difference of limits over types and confidence levels
levels_gap <- function(d, formula, types, ..., times) {
  args <- list(...)
  one <- "event" %in% all.vars(formula)
  fit <- if (one) kaplan_meier else cumulative_incidence
  grid <- expand.grid(type = types, level = c(0.5, 0.9, 0.99, 0.9999))
  gaps <- Map(function(type, level) {
    type <- as.character(type)
    rows <- rate_parts(formula, d, type, times, args)
    n <- nrow(rows$estimates)
    got <- rows$limits_at(seq_len(n), rep((1 - level) / 2, n))
    curves <- function(type) {
      tidy(suppressMessages(do.call(fit, c(
        list(formula, d, times = times, conf.type = type, conf.level = level), args
      ))))
    }
    want <- curves(type)
    if (type == "mid-p") { # exact limits at 0 and 1
      end <- want$estimate %in% c(0, 1)
      want[end, ] <- curves("exact")[end, ]
    }
    c(
      worst_difference(got$low, want$conf.low, 1e-6),
      worst_difference(got$high, want$conf.high, 1e-6)
    )
  }, grid$type, grid$level)
  max(unlist(gaps))
}

all_types <- c(
  "small-sample", "exact", "mid-p", "log-log", "log", "plain", "logit", "arcsin"
)

test_that("survival and incidence: every type at every level, any kind of data", {
  for (kind in random_kinds) {
    d <- random_rows(kind, 2)
    at <- unique(as.vector(stats::quantile(d$time, c(0.1, 0.4, 0.8, 1), type = 1)))
    expect_lt(levels_gap(d, Surv(time, event) ~ group, all_types, times = at), 1e-9)
    expect_lt(levels_gap(d, Surv(time, status) ~ group, all_types, times = at), 1e-9)
  }
})

test_that("by id, with weights of both types, and with delayed entry", {
  types <- c("small-sample", "mid-p", "exact", "log-log", "plain")
  for (kind in c("ties", "no event", "both at every time", "all events")) {
    d <- random_rows(kind, 5)
    d$w <- rep_len(c(1, 2, 3), nrow(d))
    d$entry <- pmax(0, d$time - rep_len(c(20, 3, 1, 0.5), nrow(d)))
    id <- rep_len(seq_len(ceiling(nrow(d) / 2)), nrow(d))
    at <- c(0, 1, 4, 9, 12)
    for (f in list(Surv(time, event) ~ group, Surv(time, status) ~ group)) {
      gap <- function(...) levels_gap(d, f, types, times = at, ...)
      expect_lt(gap(id = id), 1e-8)
      expect_lt(gap(weights = d$w, weight_type = "frequency"), 1e-8)
      expect_lt(gap(weights = d$w, weight_type = "sampling"), 1e-8)
    }
    for (f in list(Surv(entry, time, event) ~ group, Surv(entry, time, status) ~ group)) {
      expect_lt(levels_gap(d, f, types, times = at), 1e-8)
      expect_lt(levels_gap(d, f, types, times = at, id = id), 1e-8)
    }
  }
})

test_that("mid-p limits are those of the curves, where these are as long as the data", {
  d <- withr::with_seed(4, data.frame(
    time = stats::rexp(6000), event = stats::rbinom(6000, 1, 0.3), g = c("a", "b")
  ))
  rows <- tidy(rate_difference(Surv(time, event) ~ g, d, times = c(0.1, 1)))
  expect_true(all(is.finite(rows$p.value)))
  curves <- tidy(
    kaplan_meier(Surv(time, event) ~ g, d, times = 0.001, conf.type = "mid-p")
  )
  short <- rate_difference(Surv(time, event) ~ g, d, times = 0.001)$estimates
  expect_equal(short$conf.low, curves$conf.low, tolerance = 1e-12)
})

test_that("a time without a row has NA limits", {
  d <- data.frame(time = 1:6, event = c(1, 0, 1, 1, 0, 1), group = 1)
  rows <- rate_parts(Surv(time, event) ~ group, d, "exact", c(2, 4), list())
  got <- rows$limits_at(c(NA, 0, -1, 3, 2, 2, 1), c(rep(0.025, 5), NA))
  expect_identical(is.na(got$low), c(TRUE, TRUE, TRUE, TRUE, FALSE, TRUE, TRUE))
  expect_identical(is.na(got$high), is.na(got$low))
  expect_equal(got$low[5], rows$estimates$conf.low[2], tolerance = 1e-12)
})

test_that("a group of one id has no limits, of its difference neither", {
  d <- data.frame(
    time = c(2, 4, 6, 1, 3, 5, 7, 8, 9, 10), event = c(1, 1, 0, 1, 0, 1, 1, 0, 1, 0),
    group = rep(c("u", "v"), c(3, 7)), id = c(1, 1, 1, 2:8)
  )
  for (type in c("exact", "mid-p")) {
    fit <- rate_difference(Surv(time, event) ~ group, d, 4, conf.type = type, id = id)
    alone <- fit$estimates[fit$estimates$strata == "u", ]
    expect_equal(alone$estimate, 1 / 3, tolerance = 1e-15)
    expect_identical(c(alone$conf.low, alone$conf.high), c(NA_real_, NA_real_))
    row <- tidy(fit)
    expect_equal(row$estimate, (6 / 7) - 1 / 3, tolerance = 1e-15)
    expect_identical(c(row$conf.low, row$conf.high, row$p.value), rep(NA_real_, 3))
    expect_identical(row$reason, "no standard error in u")
  }
})
