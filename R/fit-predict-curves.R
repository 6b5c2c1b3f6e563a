# Predicted curves of single persons: estimates, standard errors and limits.

# The curves of one person in stratum s (its number in the job) at ascending ranks of
# time. `row` [1, .] is the person's row of the whole model matrix. Returns `estimate` and
# `std.error` [ranks, causes] of the cumulative incidence, and `free` and `free.error`
# [ranks] of the probability of being free of all events.
person_curves <- function(job, row, s, offset, ranks, robust) {
  persons <- list(
    models = lapply(job$steps, persons_for, row, s, offset), stratum = s, weight = 1
  )
  average <- average_curves(job, persons, ranks)
  error <- if (!is.null(robust)) {
    influence_error(job, average, ranks, robust)
  } else if (length(job$steps) == 1L) {
    model_error_of_one(job, persons, average, ranks)
  } else {
    model_error(job, persons, average, ranks)
  }
  c(average[c("estimate", "free")], error)
}

# Input of robust standard errors: the units, their influence on the coefficients, and the
# factor for few ids. NULL for Cox models without ids and sampling weights, whose variance
# is model-based, unless `always` is TRUE.
robust_units <- function(job, model, always = FALSE) {
  of_model <- is.null(model$id) && !is.null(model$fits[[1L]]$cells) &&
    !isTRUE(job$steps[[1L]]$sampled)
  if (!always && of_model) return(NULL)
  units <- influence_units(job)
  corrections <- lapply(job$steps, function(steps) steps$curve$correction)
  factor <- vapply(corrections, function(x) if (is.null(x)) 1 else x$factor, 0)
  df <- vapply(corrections, function(x) if (is.null(x)) Inf else x$df, 0)
  list(
    units = units, coefficients = coefficient_influence(job, units),
    factor = max(factor), df = min(df)
  )
}

rank_blocks <- function(ranks, numbers_each) {
  each <- max(1, most_numbers %/% max(1, numbers_each))
  split(seq_along(ranks), (seq_along(ranks) - 1L) %/% each)
}

influence_error <- function(job, average, ranks, robust) {
  units <- robust$units
  causes <- length(job$steps)
  error <- matrix(0, length(ranks), causes)
  free <- double(length(ranks))
  for (at in rank_blocks(ranks, units$n * causes)) {
    part <- influence_at(job, part_of(average, at), ranks[at], units, robust$coefficients)
    sum_squares <- function(x) sqrt(robust$factor * sum_products(units, x, x))
    for (k in seq_len(causes)) error[at, k] <- sum_squares(part[[k]])
    free[at] <- sum_squares(Reduce(`+`, part))
  }
  list(std.error = error, free.error = free)
}

# The parts of average_curves() that belong to some of its ranks
part_of <- function(average, at) {
  take <- function(x) {
    if (is.list(x)) lapply(x, take) else x[, at, drop = FALSE]
  }
  average[c("hazard", "beta")] <- lapply(average[c("hazard", "beta")], take)
  average
}

quadratic <- function(x, v) colSums(x * (v %*% x))

# Variance of the cumulative hazard of one cause: the sum of a part from the baseline
# hazard and a part from the coefficients
hazard_variance <- function(steps, x, ratio, s, ranks) {
  base <- baseline_at(steps, s, ranks)
  q <- ratio * (outer(x[1L, ] - steps$centre[, s], base$hazard) - base$mean)
  ratio^2 * base$variance + quadratic(q, steps$bread)
}

model_error_of_one <- function(job, persons, average, ranks) {
  who <- persons$models[[1L]]
  variance <- hazard_variance(job$steps[[1L]], who$x, who$ratio, persons$stratum, ranks)
  error <- average$free * sqrt(variance)
  list(std.error = matrix(error), free.error = error)
}

model_error <- function(job, persons, average, ranks) {
  causes <- seq_along(job$steps)
  s <- persons$stratum
  variance <- vapply(causes, function(k) {
    parts <- vapply(causes, function(l) {
      steps <- job$steps[[l]]
      own <- step_range(steps$end, s)
      gain <- average$total[[s]][[k]][[l]]
      loss <- average$hazard[[k]][[l]][s, ]
      at <- findInterval(ranks, steps$rank[own]) + 1L
      sum_to <- function(x) c(0, cumsum(x * steps$b[own]))[at]
      sum_to(gain^2) - 2 * loss * sum_to(gain) + loss^2 * sum_to(1) +
        quadratic(average$beta[[k]][[l]], steps$bread)
    }, ranks + 0)
    rowSums(matrix(parts, length(ranks)))
  }, ranks + 0)
  free <- vapply(causes, function(l) {
    who <- persons$models[[l]]
    hazard_variance(job$steps[[l]], who$x, who$ratio, s, ranks)
  }, ranks + 0)
  list(
    std.error = sqrt(pmax(matrix(variance, length(ranks)), 0)),
    free.error = average$free * sqrt(rowSums(matrix(free, length(ranks))))
  )
}

# Limits of probabilities; NA if the estimate is 0 or 1, or has no standard error.
# complement: compute them as 1 minus the limits of 1 - estimate? This is done for an
# incidence with one cause.
probability_limits <- function(estimate, error, type, level, df, complement = FALSE) {
  known <- !is.na(estimate) & !is.na(error) & error > 0 & estimate > 0 & estimate < 1 &
    rep_len(df > 0, length(estimate))
  low <- high <- rep(NA_real_, length(estimate))
  if (type == "none" || !any(known)) return(list(low = low, high = high))
  p <- estimate[known]
  z <- stats::qt((1 + level) / 2, df)
  limits <- if (complement) {
    turned <- .Call(C_rate_limits, 1 - p, p, error[known], type, z)
    list(low = 1 - turned$high, high = 1 - turned$low)
  } else {
    .Call(C_rate_limits, p, 1 - p, error[known], type, z)
  }
  low[known] <- limits$low
  high[known] <- limits$high
  list(low = low, high = high)
}

# The grid of a stratum: the ranks of time at which the curves change, with the start and
# the last follow-up; or, with `times`, the ranks for these times. `past` flags times
# after the last follow-up.
curve_grid <- function(job, s, distinct, times) {
  last <- job$last[s]
  if (is.null(times)) {
    own <- unlist(lapply(job$steps, function(x) x$rank[step_range(x$end, s)]))
    ranks <- sort(unique(c(own, last)))
    start <- if (distinct[ranks[1L]] > 0) 0L
    return(list(
      rank = c(start, ranks), time = c(if (!is.null(start)) 0, distinct[ranks]),
      past = rep(FALSE, length(ranks) + length(start))
    ))
  }
  list(
    rank = findInterval(times * (1 + default_tie_tol), distinct), time = times,
    past = times * (1 - default_tie_tol) > distinct[last]
  )
}

# The distinct times of a fit, to which its ranks refer
distinct_times <- function(object) {
  sort(unique(join_ties(object$event_table, model_of(object)$tie_tol)$time))
}
