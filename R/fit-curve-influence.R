# Curves averaged over persons, and the influence of each subject of the fit on them. With
# one person this is a predicted curve, with all persons a standardised curve. Persons
# have `models` (by cause, see persons_for()), `stratum`, and a `weight` with sum 1.

# Largest number of elements of a matrix of subjects by times
most_numbers <- 5e6

# The average curves at ascending ranks of time, with their slopes. `estimate` [ranks,
# causes] is the cumulative incidence by cause; with one cause, `free` is the event-free
# probability. For influence_at(): `hazard` [strata, ranks], by cause of the curve and
# cause of the hazard, the decrease of the curve per unit of cumulative hazard of a
# stratum; `total`, the increase by step; `beta` [p, ranks], the derivative with respect
# to the coefficients.
average_curves <- function(job, persons, ranks, total = NULL) {
  if (length(job$steps) == 1L) return(average_of_one(job, persons, ranks))
  average_of_causes(job, persons, ranks, total)
}

# Divides the persons of a stratum into parts that fit into memory
person_blocks <- function(at, n_rank) {
  split(at, (seq_along(at) - 1L) %/% max(1, most_numbers %/% max(1, n_rank)))
}

average_of_one <- function(job, persons, ranks) {
  steps <- job$steps[[1L]]
  who <- persons$models[[1L]]
  survival <- double(length(ranks))
  hazard <- matrix(0, length(steps$end), length(ranks))
  beta <- matrix(0, ncol(who$x), length(ranks))
  for (s in unique(persons$stratum)) {
    base <- baseline_at(steps, s, ranks)
    for (at in person_blocks(which(persons$stratum == s), length(ranks))) {
      free <- persons$weight[at] * exp(-outer(who$ratio[at], base$hazard))
      survival <- survival + colSums(free)
      free <- free * who$ratio[at]
      hazard[s, ] <- hazard[s, ] + colSums(free)
      x <- sweep(who$x[at, , drop = FALSE], 2L, steps$centre[, s])
      beta <- beta + crossprod(x, free) * rep(base$hazard, each = ncol(x))
    }
    beta <- beta - base$mean * rep(hazard[s, ], each = nrow(beta))
  }
  list(estimate = matrix(1 - survival), free = survival, hazard = hazard, beta = beta)
}

# The steps of all causes in a stratum, merged: `rank`; `hazard` [causes, steps]; and, by
# cause, the number of the step of this cause, 0 if it has none
joined_steps <- function(job, s) {
  own <- lapply(job$steps, function(steps) step_range(steps$end, s))
  ranks <- Map(function(steps, at) steps$rank[at], job$steps, own)
  rank <- sort(unique(unlist(ranks)))
  hazard <- matrix(0, length(job$steps), length(rank))
  at <- lapply(ranks, match, rank)
  for (l in seq_along(own)) hazard[l, at[[l]]] <- job$steps[[l]]$a[own[[l]]]
  list(rank = rank, hazard = hazard, at = at, own = own)
}

# The cumulative incidences of the persons `at`, all in stratum s, at ranks of time
cause_curves <- function(job, joined, persons, at, ranks, slope) {
  ratio <- do.call(rbind, lapply(persons$models, function(who) who$ratio[at]))
  .Call(C_cause_curves, joined$hazard, ratio, as.double(persons$weight[at]),
    as.double(findInterval(ranks, joined$rank)), slope
  )
}

# Derivatives of the sum of the persons' incidences of each cause k with respect to each
# hazard step of each cause l: for each stratum a list over k of lists over l
cause_totals <- function(job, persons) {
  causes <- seq_along(job$steps)
  lapply(seq_along(job$codes), function(s) {
    joined <- joined_steps(job, s)
    all <- array(0, c(length(causes), length(causes), length(joined$rank)))
    for (at in person_blocks(which(persons$stratum == s), length(causes)^2)) {
      out <- cause_curves(job, joined, persons, at, Inf, TRUE)
      all <- all + array(out$total, dim(all))
    }
    lapply(causes, function(k) lapply(causes, function(l) all[l, k, joined$at[[l]]]))
  })
}

average_of_causes <- function(job, persons, ranks, total) {
  causes <- seq_along(job$steps)
  if (is.null(total)) total <- cause_totals(job, persons)
  n_rank <- length(ranks)
  estimate <- matrix(0, n_rank, length(causes))
  hazard <- lapply(causes, function(k) {
    lapply(causes, function(l) matrix(0, length(job$codes), n_rank))
  })
  beta <- lapply(causes, function(k) {
    lapply(causes, function(l) matrix(0, ncol(persons$models[[l]]$x), n_rank))
  })
  for (s in unique(persons$stratum)) {
    joined <- joined_steps(job, s)
    bases <- lapply(job$steps, baseline_at, s, ranks)
    blocks <- person_blocks(which(persons$stratum == s), n_rank * length(causes)^2)
    for (at in blocks) {
      out <- cause_curves(job, joined, persons, at, ranks, TRUE)
      n <- length(at)
      f <- array(out$incidence, c(n, n_rank, length(causes)))
      slope <- array(out$slope, c(n, n_rank, length(causes), length(causes)))
      for (k in causes) {
        curve <- matrix(f[, , k], n)
        estimate[, k] <- estimate[, k] + colSums(persons$weight[at] * curve)
        for (l in causes) {
          who <- persons$models[[l]]
          by <- persons$weight[at] * who$ratio[at]
          hazard[[k]][[l]][s, ] <- hazard[[k]][[l]][s, ] + colSums(by * curve)
          x <- sweep(who$x[at, , drop = FALSE], 2L, job$steps[[l]]$centre[, s])
          grown <- matrix(slope[, , l, k], n) -
            curve * rep(bases[[l]]$hazard, each = n)
          beta[[k]][[l]] <- beta[[k]][[l]] + crossprod(x, by * grown)
        }
      }
    }
    for (k in causes) {
      for (l in causes) {
        beta[[k]][[l]] <- beta[[k]][[l]] - mean_part(
          job$steps[[l]], s, bases[[l]], total[[s]][[k]][[l]], hazard[[k]][[l]][s, ]
        )
      }
    }
  }
  list(
    estimate = estimate, free = 1 - rowSums(estimate), hazard = hazard, beta = beta,
    total = total
  )
}

# The part of the derivative with respect to the coefficients that comes from the means
# over the risk sets
mean_part <- function(steps, s, base, total, hazard) {
  p <- nrow(steps$mean)
  weighted <- steps$mean[, step_range(steps$end, s), drop = FALSE] * rep(total, each = p)
  sums <- cbind(rep(0, p), row_cumsum(weighted))[, base$at + 1L, drop = FALSE]
  sums - base$mean * rep(hazard, each = p)
}

row_cumsum <- function(x) {
  if (!length(x)) return(x)
  matrix(apply(x, 1L, cumsum), nrow(x), byrow = TRUE)
}

# The units whose influence is summed: ids, or cells of one or more subjects each. `size`
# is the factor of the squared influence in the variance, the number of subjects of a
# cell; with ids all subjects of a cell have the same id and are summed (`counted`). With
# sampling weights the influence is that of a row times its weight, see
# hazard_influence(), so each row is a unit of its own.
influence_units <- function(job) {
  cells <- job$steps[[1L]]$cells
  n <- length(cells$stratum)
  id <- cells$id
  sampled <- isTRUE(job$steps[[1L]]$sampled)
  if (sampled && is.null(id)) id <- seq_len(n)
  list(
    id = id, n = if (is.null(id)) n else max(id),
    size = if (is.null(id) && !is.null(cells$size)) cells$size else 1, cells = n,
    sampled = sampled, counted = !sampled && !is.null(id) && !is.null(cells$size),
    pairs = cells$pairs
  )
}

# Sums over subjects of products of the influences x and y [units, .], column by column;
# from counts with delayed entry their expectation, see fit-finegray-entries.R
sum_products <- function(units, x, y) {
  if (!is.null(units$pairs)) return(expected_products(units$pairs, x, y))
  colSums(units$size * x * y)
}

# The same for each pair of columns of x
sum_cross <- function(units, x) {
  if (!is.null(units$pairs)) return(expected_squares(units$pairs, x))
  crossprod(x * units$size, x)
}

# The influence of each unit on the coefficients of each cause
coefficient_influence <- function(job, units) {
  lapply(job$steps, function(steps) steps$score(units$id, units$n) %*% steps$bread)
}

# The influence [units, ranks] of each unit on the cumulative hazard of cause l in stratum
# s, in which each step is multiplied by `weight`
hazard_influence <- function(job, l, s, ranks, units, weight = 1) {
  steps <- job$steps[[l]]
  cells <- steps$cells
  own <- step_range(steps$end, s)
  here <- which(cells$stratum == s)
  # the influences of the rows of one id cancel, which says nothing about other ids
  if (!is.null(units$id) && length(unique(units$id[here])) < 2L) {
    return(matrix(NA_real_, units$n, length(ranks)))
  }
  of_cells <- c("risk", "event", "first", "last", "until", "entered", "stayed")
  part <- lapply(cells[of_cells], `[`, here)
  part[c("first", "last", "until")] <- lapply(part[c("first", "last", "until")],
    function(x) if (!is.null(x)) x - c(0, steps$end)[s]
  )
  part$stratum <- rep(1L, length(here))
  part["weight"] <- list(if (units$sampled) cells$size[here])
  part["count"] <- list(if (units$counted) cells$size[here])
  part$hazard <- weight * steps$b[own]
  part$jump <- weight * steps$a[own] / steps$d[own]
  part$tied <- weight * steps$tied[own]
  part["weighted"] <- list(cells$weighted[own])
  part["moved"] <- list(cells$moved[own])
  at <- matrix(as.double(findInterval(ranks, steps$rank[own])))
  if (!is.null(units$id)) {
    return(.Call(C_hazard_influence, part, at, units$id[here], as.double(units$n)))
  }
  out <- matrix(0, units$n, length(ranks))
  out[here, ] <- .Call(C_hazard_influence, part, at, NULL, as.double(length(here)))
  out
}

# The influence of each unit on the average cumulative incidences through hazards and
# coefficients: by cause a matrix [units, ranks]
influence_at <- function(job, average, ranks, units, coefficients) {
  times <- function(x, by) x * rep(by, each = nrow(x))
  if (length(job$steps) == 1L) {
    out <- coefficients[[1L]] %*% average$beta
    for (s in which(rowSums(abs(average$hazard)) > 0)) {
      out <- out + times(hazard_influence(job, 1L, s, ranks, units), average$hazard[s, ])
    }
    return(list(out))
  }
  causes <- seq_along(job$steps)
  out <- lapply(causes, function(k) matrix(0, units$n, length(ranks)))
  for (l in causes) {
    for (k in causes) out[[k]] <- out[[k]] + coefficients[[l]] %*% average$beta[[k]][[l]]
    for (s in seq_along(job$codes)) {
      totals <- lapply(average$total[[s]], `[[`, l)
      if (all(unlist(totals) == 0)) next
      plain <- hazard_influence(job, l, s, ranks, units)
      for (k in causes) {
        out[[k]] <- out[[k]] - times(plain, average$hazard[[k]][[l]][s, ]) +
          hazard_influence(job, l, s, ranks, units, totals[[k]])
      }
    }
  }
  out
}
