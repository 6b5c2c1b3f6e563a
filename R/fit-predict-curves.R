# Predicted curves of single persons: estimates, standard errors and limits.

# The curves of one person in stratum s (its number in the job) at ascending ranks of
# time. `row` [1, .] is the person's row of the whole model matrix; base: see
# person_base(). Returns `estimate` and `std.error` [ranks, causes] of the cumulative
# incidence, and `free` and `free.error` [ranks] of the probability of being free of all
# events.
person_curves <- function(job, row, s, offset, ranks, robust, base) {
  persons <- list(
    models = lapply(job$steps, persons_for, row, s, offset), stratum = s, weight = 1
  )
  average <- average_curves(job, persons, ranks, base_of = function(s) base)
  error <- if (is.null(base$spread)) {
    influence_error(average, ranks, robust)
  } else if (length(job$steps) == 1L) {
    error_of_one(persons, average, base)
  } else {
    model_error(job, persons, average, base)
  }
  c(average[c("estimate", "free")], error)
}

# What the curves of all persons of a stratum share at ascending ranks of time:
# stratum_base(), and by cause the covariances from which the variance of any person's
# cumulative hazard follows (`spread`). The influences on incidences of several causes
# depend on the person, so there is no `spread` then.
person_base <- function(job, s, ranks, robust) {
  base <- stratum_base(job, s, ranks)
  for (l in seq_along(job$steps)) {
    base$sums[[l]]$centre <- job$steps[[l]]$centre[, s]
  }
  if (is.null(robust)) {
    base$spread <- Map(function(steps, sums) {
      list(coefficients = steps$bread, hazard = sums$variance, both = NULL)
    }, job$steps, base$sums)
  } else if (length(job$steps) == 1L) {
    base$spread <- list(influence_spread(robust, s, ranks))
  }
  base
}

# From the influence of the units: covariances of the `coefficients` [p, p], the variance
# of the baseline `hazard` [ranks], and the covariances of `both` [p, ranks]
influence_spread <- function(robust, s, ranks) {
  units <- robust$units
  own <- robust$coefficients[[1L]]
  stratum <- robust$strata[[1L]][[s]]
  hazard <- double(length(ranks))
  both <- matrix(0, ncol(own), length(ranks))
  for (at in rank_blocks(ranks, units$n)) {
    influence <- matrix(0, units$n, length(at))
    influence[stratum$units, ] <- hazard_influence(stratum, ranks[at])
    hazard[at] <- sum_products(units, influence, influence)
    both[, at] <- sum_cross(units, own, influence)
  }
  list(
    coefficients = robust$factor * sum_cross(units, own), hazard = robust$factor * hazard,
    both = robust$factor * both
  )
}

# Input of robust standard errors: the units, their influence on the coefficients, what
# their influence on the baselines is computed from (`strata`, by cause), and the factor
# for few ids. NULL for Cox models without ids and sampling weights, whose variance is
# model-based, unless `always` is TRUE.
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
    strata = lapply(job$steps, influence_strata, units),
    factor = max(factor), df = min(df)
  )
}

rank_blocks <- function(ranks, numbers_each) {
  each <- max(1, most_numbers %/% max(1, numbers_each))
  split(seq_along(ranks), (seq_along(ranks) - 1L) %/% each)
}

influence_error <- function(average, ranks, robust) {
  units <- robust$units
  causes <- length(average$hazard)
  error <- matrix(0, length(ranks), causes)
  free <- double(length(ranks))
  for (at in rank_blocks(ranks, units$n * causes)) {
    part <- influence_at(part_of(average, at), ranks[at], robust)
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

# Variance of the cumulative hazard of a person for one cause: the sum of a part from the
# baseline hazard, a part from the coefficients and twice their covariance, which is 0 if
# the variance is model-based
hazard_variance <- function(who, sums, spread) {
  ratio <- who$ratio
  q <- ratio * (outer(who$x[1L, ] - sums$centre, sums$hazard) - sums$mean)
  variance <- ratio^2 * spread$hazard + quadratic(q, spread$coefficients)
  if (is.null(spread$both)) return(variance)
  pmax(variance + 2 * ratio * colSums(q * spread$both), 0)
}

error_of_one <- function(persons, average, base) {
  variance <- hazard_variance(persons$models[[1L]], base$sums[[1L]], base$spread[[1L]])
  error <- average$free * sqrt(variance)
  list(std.error = matrix(error), free.error = error)
}

model_error <- function(job, persons, average, base) {
  causes <- seq_along(job$steps)
  s <- persons$stratum
  ranks <- seq_along(average$free)
  variance <- vapply(causes, function(k) {
    parts <- vapply(causes, function(l) {
      step_variance <- job$steps[[l]]$b[base$joined$own[[l]]]
      gain <- average$total[[s]][[k]][[l]]
      all <- average$hazard[[k]][[l]][s, ]
      sums <- base$sums[[l]]
      running_sums(gain^2 * step_variance, sums$at) +
        2 * all * running_sums(gain * step_variance, sums$at) + all^2 * sums$variance +
        quadratic(average$beta[[k]][[l]], job$steps[[l]]$bread)
    }, ranks + 0)
    rowSums(matrix(parts, length(ranks)))
  }, ranks + 0)
  free <- vapply(causes, function(l) {
    hazard_variance(persons$models[[l]], base$sums[[l]], base$spread[[l]])
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
