# Curves averaged over persons, and the influence of each subject of the fit on them. With
# one person this is a predicted curve, with all persons a standardised curve. Persons
# have `models` (by cause, see persons_for()), `stratum`, and a `weight` with sum 1.

# Largest number of elements of a matrix of subjects by times
most_numbers <- 5e6

# Largest number of elements of a block of persons by times; small, because blocks that
# fit into the cache of a processor are faster
numbers_in_block <- 1e5

# Divides the persons of a stratum into blocks
person_blocks <- function(at, n_rank) {
  split(at, (seq_along(at) - 1L) %/% max(1, numbers_in_block %/% max(1, n_rank)))
}

# The average curves at ascending ranks of time, with their slopes. `estimate` [ranks,
# causes] is the cumulative incidence by cause; `free` is the event-free probability.
# `area` [persons, causes]: for each person the sum of the incidence times the `widths` of
# the ranks. For influence_at(), by cause of the curve and cause of the hazard: `hazard`
# [strata, ranks], the increase of the curve per unit of cumulative hazard of a stratum;
# `beta` [p, ranks], the derivative with respect to the coefficients; and with several
# causes by stratum `total`, the increase by step in addition to that of `hazard`.
# base_of: function of the number of a stratum that gives its stratum_base().
average_curves <- function(job, persons, ranks, widths = 0 * ranks,
                           base_of = function(s) stratum_base(job, s, ranks)) {
  average <- if (length(job$steps) == 1L) average_of_one else average_of_causes
  average(job, persons, ranks, widths, base_of)
}

average_of_one <- function(job, persons, ranks, widths, base_of) {
  steps <- job$steps[[1L]]
  who <- persons$models[[1L]]
  p <- ncol(who$x)
  survival <- incidence <- double(length(ranks))
  hazard <- matrix(0, length(steps$end), length(ranks))
  beta <- matrix(0, p, length(ranks))
  area <- matrix(0, length(who$ratio), 1L)
  for (s in unique(persons$stratum)) {
    base <- base_of(s)$sums[[1L]]
    for (at in person_blocks(which(persons$stratum == s), length(ranks))) {
      free <- exp(tcrossprod(-who$ratio[at], base$hazard))
      f <- 1 - free
      area[at] <- f %*% widths
      incidence <- incidence + as.vector(crossprod(f, persons$weight[at]))
      slope <- persons$weight[at] * who$ratio[at]
      x <- sweep(who$x[at, , drop = FALSE], 2L, steps$centre[, s])
      sums <- unname(crossprod(cbind(persons$weight[at], slope, slope * x), free))
      survival <- survival + sums[1L, ]
      hazard[s, ] <- hazard[s, ] + sums[2L, ]
      beta <- beta + sums[-(1:2), , drop = FALSE] * rep(base$hazard, each = p)
    }
    beta <- beta - base$mean * rep(hazard[s, ], each = p)
  }
  list(
    estimate = matrix(incidence), free = survival, area = area,
    hazard = list(list(hazard)), beta = list(list(beta))
  )
}

# The cumulative incidences of the persons `at`, all in one stratum, at ranks of time
cause_curves <- function(joined, persons, at, ranks, slope) {
  ratio <- do.call(rbind, lapply(persons$models, function(who) who$ratio[at]))
  .Call(C_cause_curves, joined$hazard, ratio, as.double(persons$weight[at]),
    as.double(findInterval(ranks, joined$rank)), slope
  )
}

average_of_causes <- function(job, persons, ranks, widths, base_of) {
  causes <- seq_along(job$steps)
  m <- length(ranks)
  zeros <- function(rows_of) {
    lapply(causes, function(k) lapply(causes, function(l) matrix(0, rows_of(l), m)))
  }
  out <- list(
    estimate = matrix(0, m, length(causes)),
    area = matrix(0, length(persons$stratum), length(causes)),
    hazard = zeros(function(l) length(job$codes)),
    beta = zeros(function(l) ncol(persons$models[[l]]$x)),
    total = vector("list", length(job$codes))
  )
  for (s in unique(persons$stratum)) {
    base <- base_of(s)
    sums <- NULL
    for (at in person_blocks(which(persons$stratum == s), m * length(causes)^2)) {
      curves <- cause_curves(base$joined, persons, at, ranks, TRUE)
      f <- matrix(curves$incidence, length(at)) # the ranks of each cause after another
      out$area[at, ] <- f %*% kronecker(diag(length(causes)), widths)
      part <- c(
        list(estimate = crossprod(f, persons$weight[at]), total = curves$total),
        slope_sums(job, s, base, persons, at, f, curves$slope)
      )
      sums <- if (is.null(sums)) part else Map(`+`, sums, part)
    }
    out$estimate <- out$estimate + as.vector(sums$estimate)
    total <- array(sums$total, c(length(causes), dim(base$joined$hazard)))
    out$total[[s]] <- lapply(causes, function(k) {
      lapply(causes, function(l) total[l, k, base$joined$at[[l]]])
    })
    for (l in causes) {
      for (k in causes) {
        slopes <- sums[[2L + l]][, (k - 1L) * m + seq_len(m), drop = FALSE]
        hazard <- -slopes[1L, ]
        out$hazard[[k]][[l]][s, ] <- hazard
        out$beta[[k]][[l]] <- out$beta[[k]][[l]] + slopes[-1L, , drop = FALSE] -
          mean_part(job$steps[[l]], base, l, out$total[[s]][[k]][[l]], hazard)
      }
    }
  }
  out$free <- 1 - rowSums(out$estimate)
  out
}

# Sums over the persons `at` of stratum s, by cause of the hazard, [1 + p, ranks by
# cause]: in the first row of the incidences f [persons, ranks by cause] times weight and
# hazard ratio; then, for each covariate, of the derivatives of f
slope_sums <- function(job, s, base, persons, at, f, slope) {
  causes <- seq_along(job$steps)
  slope <- array(slope, c(length(at), ncol(f) %/% length(causes), rep(length(causes), 2)))
  lapply(causes, function(l) {
    who <- persons$models[[l]]
    by <- persons$weight[at] * who$ratio[at]
    x <- by * sweep(who$x[at, , drop = FALSE], 2L, job$steps[[l]]$centre[, s])
    grown <- matrix(slope[, , l, ], length(at)) -
      f * rep(base$sums[[l]]$hazard, each = length(at))
    unname(rbind(crossprod(by, f), crossprod(x, grown)))
  })
}

# The part of the derivative with respect to the coefficients of cause l that comes from
# the means over the risk sets
mean_part <- function(steps, base, l, total, hazard) {
  sums <- base$sums[[l]]
  mean <- steps$mean[, base$joined$own[[l]], drop = FALSE]
  grown <- running_rows(mean * rep(total, each = nrow(mean)), sums$at)
  grown + sums$mean * rep(hazard, each = nrow(mean))
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

# The same for each column of x with each of y
sum_cross <- function(units, x, y = NULL) {
  if (!is.null(units$pairs)) return(expected_cross(units$pairs, x, y))
  crossprod(x * units$size, if (is.null(y)) x else y)
}

# The influence of each unit on the coefficients of each cause
coefficient_influence <- function(job, units) {
  lapply(job$steps, function(steps) steps$score(units$id, units$n) %*% steps$bread)
}

# What hazard_influence() needs of a cause: for each stratum the `units` in it, the `part`
# with the elements of osv_influence_in in C, the number of the unit of each cell among
# these (`unit`), and the `rank` of the steps
influence_strata <- function(steps, units) {
  cells <- steps$cells
  rows <- split(seq_along(cells$stratum), factor(cells$stratum, seq_along(steps$end)))
  of_cells <- c("risk", "event", "first", "last", "until", "entered", "stayed")
  lapply(seq_along(rows), function(s) {
    here <- rows[[s]]
    own <- step_range(steps$end, s)
    part <- lapply(cells[of_cells], `[`, here)
    part[c("first", "last", "until")] <- lapply(part[c("first", "last", "until")],
      function(x) if (!is.null(x)) x - c(0, steps$end)[s]
    )
    part$stratum <- rep(1L, length(here))
    part["weight"] <- list(if (units$sampled) cells$size[here])
    part["count"] <- list(if (units$counted) cells$size[here])
    part$hazard <- steps$b[own]
    part$jump <- steps$a[own] / steps$d[own]
    part$tied <- steps$tied[own]
    part["weighted"] <- list(cells$weighted[own])
    part["moved"] <- list(cells$moved[own])
    in_it <- if (is.null(units$id)) here else unique(units$id[here])
    list(
      units = in_it, part = part, rank = steps$rank[own],
      unit = if (!is.null(units$id)) match(units$id[here], in_it)
    )
  })
}

# The influence [units of the stratum, ranks] of each unit on the cumulative hazard of a
# stratum. stratum: one of influence_strata(). weight: NULL, or factors of its steps up to
# one of them; later steps do not count then.
hazard_influence <- function(stratum, ranks, weight = NULL) {
  units <- length(stratum$units)
  # the influences of the rows of one id cancel, which says nothing about other ids
  if (!is.null(stratum$unit) && units < 2L) {
    return(matrix(NA_real_, units, length(ranks)))
  }
  part <- stratum$part
  if (!is.null(weight)) {
    weight <- c(weight, double(length(stratum$rank) - length(weight)))
    of_steps <- c("hazard", "jump", "tied", "weighted")
    part[of_steps] <- lapply(part[of_steps], function(x) if (!is.null(x)) weight * x)
  }
  at <- matrix(as.double(findInterval(ranks, stratum$rank)))
  .Call(C_hazard_influence, part, at, stratum$unit, as.double(units))
}

# The influence of each unit on the average cumulative incidences through hazards and
# coefficients: by cause a matrix [units, ranks]. baseline: function of the numbers of a
# cause and a stratum that gives hazard_influence() at the ranks
influence_at <- function(average, ranks, robust, baseline = function(l, s) {
  hazard_influence(robust$strata[[l]][[s]], ranks)
}) {
  times <- function(x, by) x * rep(by, each = nrow(x))
  causes <- seq_along(average$hazard)
  out <- lapply(causes, function(k) {
    Reduce(`+`, Map(`%*%`, robust$coefficients, average$beta[[k]]))
  })
  for (l in causes) {
    for (s in strata_of(average, l)) {
      stratum <- robust$strata[[l]][[s]]
      at <- stratum$units
      plain <- baseline(l, s)
      for (k in causes) {
        change <- times(plain, average$hazard[[k]][[l]][s, ])
        total <- average$total[[s]][[k]][[l]]
        if (!is.null(total)) change <- change + hazard_influence(stratum, ranks, total)
        out[[k]][at, ] <- out[[k]][at, ] + change
      }
    }
  }
  out
}

# The strata whose hazard of cause l changes the average curves
strata_of <- function(average, l) {
  hazard <- average$hazard[[l]][[l]]
  if (is.null(average$total)) return(which(rowSums(abs(hazard)) > 0))
  which(vapply(average$total, function(total) {
    any(unlist(lapply(total, `[[`, l)) != 0)
  }, NA))
}

# The influence [units, causes] of each unit, through hazards and coefficients, on the
# areas under the average cumulative incidences: their sums over ranks times `widths`. A
# step of a hazard changes the curve from its own rank on, so it is multiplied by the sum
# over these ranks.
area_influence <- function(average, ranks, widths, robust) {
  causes <- seq_along(average$hazard)
  out <- matrix(0, robust$units$n, length(causes))
  for (l in causes) {
    slopes <- vapply(causes, function(k) average$beta[[k]][[l]] %*% widths,
      double(ncol(robust$coefficients[[l]]))
    )
    out <- out + robust$coefficients[[l]] %*% matrix(slopes, ncol = length(causes))
    for (s in strata_of(average, l)) {
      stratum <- robust$strata[[l]][[s]]
      before <- findInterval(stratum$rank, ranks, left.open = TRUE)
      from <- function(x) c(rev(cumsum(rev(x))), 0)[before + 1L]
      at <- stratum$units
      for (k in causes) {
        weight <- from(widths * average$hazard[[k]][[l]][s, ])
        total <- average$total[[s]][[k]][[l]]
        if (!is.null(total)) {
          counted <- seq_along(total)
          weight[counted] <- weight[counted] + from(widths)[counted] * total
        }
        out[at, k] <- out[at, k] + hazard_influence(stratum, Inf, weight)
      }
    }
  }
  out
}
