# A component that was changed deep in a fit: an error that names it, never a crash, and
# no answer if its type, length or codes are not as they were.

rows <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12), start = rep(c(0, 0, 1.5), 4) * 0:1,
  event = rep(c(1, 0, 1), 4), arm = rep(c("a", "b"), 6), w = 1:2,
  x = c(3, 1, 2, 5, 4, 1, 3, 2, 6, 4, 5, 2),
  status = factor(c(1, 0, 2, 1, 0, 1, 2, 0, 1, 2, 1, 0), 0:2, c("none", "r", "d"))
)

# What does not match either, if one of these has another length
beside <- list(stratum_end = "stratum", pattern = "size")

# expect that `use` of the fit, with one component of `part` of its first outcome replaced
# by each of the values, names the component
expect_named <- function(fit, part, values, use) {
  for (i in seq_along(values)) {
    name <- names(values)[i]
    changed <- fit
    inner <- changed$model$fits[[1L]]
    if (identical(part, "cells")) {
      inner$cells[name] <- values[i]
    } else if (identical(part, "fine_gray")) {
      inner$curve$fine_gray[name] <- values[i]
    } else {
      inner[name] <- values[i]
    }
    changed$model$fits[[1L]] <- inner
    error <- tryCatch(use(changed), error = identity)
    expect_s3_class(error, "oligosurv_error_data")
    expect_true(error$component %in% c(name, part, beside[[name]]))
  }
}

test_that("the cells of a Cox model: each component is checked before it is read", {
  # the call that ended R
  lung <- survival::lung
  lung$status <- lung$status - 1
  fit <- hazard_ratio(Surv(time, status) ~ age + sex, lung)
  fit$model$fits[[1L]]$cells$event <- 1:3
  expect_error(residuals(fit), "`event`", class = "oligosurv_error_data")

  fit <- hazard_ratio(Surv(start, time, event) ~ arm + x, rows, firth = FALSE)
  cells <- fit$model$fits[[1L]]$cells
  n <- length(cells$time)
  wrong <- list(
    event = TRUE, event = 2L * cells$event, event = replace(cells$event, 2L, NA),
    event = as.character(cells$event), time = rev(cells$time), time = cells$time - 9L,
    time = as.double(cells$time), start = cells$start[-1L], start = -cells$start - 1L,
    by_start = cells$by_start + 1L, by_start = rep(0L, n), by_start = rev(cells$by_start),
    by_start = NULL, stratum_end = n + 1, stratum_end = c(5, 3, n), stratum_end = n - 0.5,
    stratum_end = double(), x = as.vector(cells$x), x = cells$x > 0, column = c(1L, 3L),
    column = c(1, 2), pattern = rep(2L, n) * n, pattern = 1:3, size = -rep(1, n),
    size = rep(Inf, n), size = 1:n, sampled = NA, efron = NULL,
    efron = c(TRUE, FALSE), scaling = 1, scaling = -abs(cells$scaling),
    scaling = replace(cells$scaling, 1L, NaN), scaling = list(1, 1, 1, 1)
  )
  expect_named(fit, "cells", wrong, residuals)
  expect_named(fit, "cells", wrong["event"], function(x) stats::predict(x, rows[1, ]))
  expect_named(fit, "cells", wrong["time"], function(x) stats::drop1(x))
  without <- fit
  without$model$fits[[1L]]$cells$scaling <- NULL # it is then computed again
  expect_equal(residuals(without, "score"), residuals(fit, "score"), tolerance = 1e-14)
  fit$model$fits[[1L]]$cells$sampled <- TRUE # but no weights
  expect_error(residuals(fit), "`size`", class = "oligosurv_error_data")
})

test_that("the rows of a Fine-Gray model", {
  fit <- hazard_ratio(Surv(start, time, status) ~ x, rows, model = "fine-gray")
  data <- fit$model$fits[[1L]]$curve$fine_gray
  n <- length(data$status)
  times <- length(data$time_end)
  wrong <- list(
    status = data$status + 1L, status = data$status > 0, time_end = data$time_end + 1L,
    time_end = rep(n, times), stratum_end = times + 1, stratum_end = c(0, times),
    order = data$order * n, count = rep(-1, n), sampled = 1,
    efron = NA, first_time = data$first_time + 100L, by_first = rep(0L, n),
    by_first = data$by_first + 1L, by_first = rev(data$by_first)
  )
  predicted <- function(x) stats::predict(x, rows[1, ], times = 3)
  expect_named(fit, "fine_gray", wrong, predicted)
  fit$model$fits[[1L]]$curve$fine_gray$kept <- data$kept[-1L]
  expect_error(predicted(fit), "`fine_gray`", class = "oligosurv_error_data")
})

test_that("coefficients, variances and the coding of covariates", {
  fit <- hazard_ratio(Surv(time, status) ~ arm * x, rows)
  one <- fit$model$fits[[1L]]
  wrong <- list(
    beta = one$beta[-1L], beta = as.character(one$beta), beta = t(one$beta),
    var = as.vector(one$var), known = as.integer(one$known), known = !NA,
    apart = NULL, naive = one$naive[, 1:2], loglik = 1, curve = list(), data = list(1),
    cause = 1, cells = NULL
  )
  expect_named(fit, "fit", wrong, stats::coef)
  for (use in list(stats::vcov, residuals, summary, print, stats::logLik)) {
    changed <- fit
    changed$model$fits[[2L]]$beta <- "a"
    expect_error(use(changed), "`beta`", class = "oligosurv_error_data")
  }
  model <- fit$model
  wrong <- list(
    x = model$x[, 1L], label = model$label[-1L], row = as.double(model$row), id = 0L,
    stratum = NULL, offset = 1, index = 4:6, factors = model$factors * 1,
    coding = NULL, recipe = mean, fits = list(), fits = model$fits[1L], formula = "a",
    whole = NULL, tie_tol = NA_real_
  )
  predicted <- function(x) stats::predict(x, rows[1:2, ], times = 3)
  for (i in seq_along(wrong)) {
    changed <- fit
    changed$model[names(wrong)[i]] <- wrong[i]
    expect_error(predicted(changed), sprintf("`%s`", names(wrong)[i]),
      class = "oligosurv_error_data"
    )
  }
  fit$model$coding$contrasts[[1L]] <- cbind(1:2, 1:2) + 0
  expect_error(predicted(fit), "`contrasts`", class = "oligosurv_error_data")
})

test_that("ids, and the rows that a fit by covariate pattern keeps for residuals", {
  fit <- hazard_ratio(Surv(time, event) ~ arm + x, rows, id = rep(1:6, 2))
  for (id in list(1:3, rep(0L, 12), rep(.Machine$integer.max, 12), letters[1:12])) {
    fit$model$id <- id
    expect_error(adjusted_curves(fit, "arm"), "`id`", class = "oligosurv_error_data")
  }
  many <- rows[rep(1:12, 500), ]
  many$time <- seq_len(6000) %% 23 + 1
  fit <- hazard_ratio(Surv(time, event) ~ arm, many)
  source <- fit$model$source
  wrong <- list(
    time = "a", code = source$code[-1L], code = source$code * 99L, status = 1,
    number = source$number + 9L, stratum = rep(3L, 6000), n_stratum = "a"
  )
  for (i in seq_along(wrong)) {
    fit$model$source <- source
    fit$model$source[names(wrong)[i]] <- wrong[i]
    expect_error(residuals(fit), sprintf("`%s`", names(wrong)[i]),
      class = "oligosurv_error_data"
    )
  }
})

test_that("dimensions, units and times of other objects", {
  table <- event_table(Surv(start, time, event) ~ arm, rows)
  expect_named_part <- function(x, name, use) {
    expect_error(use(x), sprintf("`%s`", name), class = "oligosurv_error_data")
  }
  for (name in c("time", "status", "start")) {
    changed <- table
    changed[[name]] <- t(table[[name]])
    expect_named_part(changed, name, as.data.frame)
  }
  table$origin <- list(unit = c("months", "days"))
  expect_named_part(table, "origin", function(x) restricted_mean(x, tau = 5))

  moves <- event_table(Surv(time, status) ~ arm, rows, from = "alive")
  moves$n_state <- t(3L)
  expect_named_part(moves, "n_state", tidy)

  fit <- kaplan_meier(Surv(time, event) ~ arm, rows, id = rep(1:6, 2))
  changed <- fit
  changed$n.id <- as.integer(fit$n.id)
  expect_named_part(changed, "n.id", print)
  changed$n.id <- fit$n.id[-1L]
  expect_named_part(changed, "n.id", as_survfit)
  weighted <- kaplan_meier(Surv(time, event) ~ arm, rows, weights = w,
    weight_type = "sampling"
  )
  changed <- weighted
  changed$weights$table$time <- 1
  expect_named_part(changed, "weights", tidy)
  changed <- weighted
  changed$limit_start <- 1
  expect_named_part(changed, "limit_start", print)
  changed <- fit
  changed$conf.level <- t(0.95)
  expect_named_part(changed, "conf.level", tidy)

  curves <- stats::predict(hazard_ratio(Surv(time, event) ~ x, rows), rows[1:2, ])
  curves$curves$time <- -curves$curves$time
  expect_error(print(curves), class = "oligosurv_error_data")
})
