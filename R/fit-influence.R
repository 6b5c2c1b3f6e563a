# Influence and pseudo-values of rows and ids, and correlations between groups that share
# ids.

# The sorted rows of a formula. Stops for an event table, because pseudo-values cannot be
# computed from counts.
subject_table <- function(x, data, id, tie_tol, what, ...) {
  if (!inherits(x, "formula")) {
    stop_oligosurv("data", sprintf(
      "`x` must be a formula, because %s are computed from rows; it is %s", what,
      describe(x)
    ), arg = "x")
  }
  join_ties(row_table(x, data, id, ...), tie_tol)
}

# The points of the values: `times`, or `tau` for the area up to it
value_points <- function(table, times, tau, tie_tol) {
  if ((length(times) == 0L) == is.null(tau)) {
    stop_oligosurv("input", paste(
      "give either `times`, for S(t) or F(t), or `tau`, for the restricted mean up to",
      "it, but not both"
    ), arg = "times")
  }
  if (is.null(tau)) return(list(name = "time", at = check_times(times)))
  tau <- check_number(tau, "tau", 0)
  list(name = "tau", at = area_end(table, tau, FALSE, tie_tol))
}

# Returns the estimates, the pseudo-values (`left_out`) and the influence of rows. Each is
# a list with one vector over the rows of the table for every outcome and point. Also
# `curve`, the number of the curve of each row, and `known`, see known_at().
row_values <- function(table, at) {
  area <- at$name == "tau"
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  n_cause <- length(table$states) - 1L
  ends <- value_ends(at)
  raw <- lapply(seq_len(n_cause), function(k) {
    raw <- .Call(C_pseudo, table, k, area, ends)
    n_curve <- length(table$start) - 1L
    part <- function(x, n) {
      lapply(seq_along(ends), function(i) x[(i - 1) * n + seq_len(n)])
    }
    estimate <- part(raw$estimate, n_curve)
    list(
      estimate = lapply(estimate, `[`, curve),
      left_out = part(raw$left_out, length(curve)),
      influence = part(raw$influence, length(curve))
    )
  })
  out <- lapply(c(estimate = 1L, left_out = 2L, influence = 3L), function(j) {
    unlist(lapply(raw, `[[`, j), recursive = FALSE)
  })
  if (n_cause == 1L) { # converts F and time lost of C_pseudo() to S and restricted mean
    top <- if (area) as.list(at$at) else rep(list(1), length(at$at))
    out$estimate <- Map(`-`, top, out$estimate)
    out$left_out <- Map(`-`, top, out$left_out)
    out$influence <- lapply(out$influence, `-`)
  }
  c(out, list(curve = curve, known = known_at(table, curve, at$at)))
}

# Keeps one of the points between the same two times of the data, because all of these
# have the same values; a million points are then as fast as a few. `of`: for each point,
# the number of the point that is kept.
distinct_points <- function(table, at) {
  if (at$name == "tau") return(c(at, list(of = seq_along(at$at))))
  times <- sort(unique(c(table$time, table$entry$time)))
  before <- findInterval(at$at * (1 - default_tie_tol), times, left.open = TRUE)
  cell <- findInterval(value_ends(at), times) * (length(times) + 1) + before
  first <- !duplicated(cell)
  list(name = at$name, at = at$at[first], of = match(cell, cell[first]))
}

# The points increased by the tie tolerance, so that a point that equals a time of the
# data up to rounding counts as that time
value_ends <- function(at) {
  if (at$name == "tau") at$at else at$at * (1 + default_tie_tol)
}

# For each point, flags rows whose curve is known there. Past its last time a curve is
# known only if nobody is censored at this time.
known_at <- function(table, curve, at) {
  n_curve <- length(table$start) - 1L
  last <- tapply(table$time, factor(curve, seq_len(n_curve)), max)[curve]
  open <- table$status == 0L & table$time == last
  open <- tabulate(curve[open], n_curve)[curve] > 0
  lapply(at, function(t) unname(!open | t * (1 - default_tie_tol) <= last))
}

# Identifies the id and curve of each row: an id counts once in each curve where it has
# rows.
id_in_curve <- function(raw, table) {
  polled((raw$curve - 1) * as.double(table$n_id) + table$id)
}

# Sums the influence by id, in the order of the first row of each id.
sum_by_id <- function(raw, table) {
  unit <- id_in_curve(raw, table)
  unit <- polled(match(unit, unique(unit)))
  raw$influence <- lapply(raw$influence, function(v) {
    polled(as.vector(rowsum(v, unit, reorder = FALSE)))
  })
  raw
}

# Reduces values that are equal in all rows of an id to one per id, that of its first row.
first_of_id <- function(raw, table) {
  raw$first <- which(!duplicated(id_in_curve(raw, table)))
  raw$curve <- raw$curve[raw$first]
  parts <- c("known", "estimate")
  raw[parts] <- lapply(raw[parts], lapply, `[`, raw$first)
  raw
}

# The column that identifies the values in the result: row numbers, or ids
value_key <- function(raw, table, id) {
  if (is.null(id)) list(row = table$row) else list(id = id[table$row[raw$first]])
}

# Pseudo-values of subjects with several rows or with delayed entry. Each curve is
# estimated again without all rows of a subject. Sorted by curve and first row of the
# subject.
left_out_values <- function(table, at, raw, id) {
  unit <- if (is.null(id)) seq_along(raw$curve) else id_in_curve(raw, table)
  unit <- match(unit, unique(unit))
  row <- order(raw$curve, unit) # makes the rows of a subject adjacent
  first <- which(!duplicated(unit[row]))
  curve <- raw$curve[row][first]
  n <- tabulate(curve, length(table$start) - 1L)
  units <- list(
    row = row - 1L, start = as.double(c(first - 1L, length(row))),
    curve = c(0, cumsum(n))
  )
  area <- at$name == "tau"
  spec <- boot_spec(table, if (area) "restricted_mean" else "rate", at$at, TRUE)
  all <- matrix(.Call(C_leave_out, table, units, spec), ncol = length(raw$estimate))
  Map(function(theta, k) {
    theta <- theta[row][first]
    theta + (n[curve] - 1) * (theta - all[, k])
  }, raw$estimate, seq_along(raw$estimate))
}

# Correlation of the estimate of each curve with that of the reference group in the same
# stratum, at the points `at`, computed from the influence of each id. The result has the
# order of the estimates (outcome, curve, point). NULL if no id is in two groups.
id_correlation <- function(table, at, reference) {
  if (is.null(table$id) || length(table$groups) < 2L) return(NULL)
  raw <- row_values(table, at)
  n_curve <- length(table$start) - 1L
  n_id <- as.double(table$n_id)
  unit <- (raw$curve - 1) * n_id + table$id
  units <- polled(unique(unit))
  number <- polled(match(unit, units))
  curve <- as.integer((units - 1) %/% n_id + 1)
  of_curve <- structure(curve, levels = as.character(seq_len(n_curve)), class = "factor")
  partner <- seq_len(n_curve) - (seq_len(n_curve) - 1L) %% length(table$groups) +
    reference - 1L
  other <- match(units + (partner[curve] - curve) * n_id, units)
  shared <- !is.na(other) & partner[curve] != curve
  if (!any(shared)) return(NULL)
  weight <- if (is.null(table$n)) 1 else table$n
  n_at <- length(at$at)
  n_cause <- length(table$states) - 1L
  # the correlation is undefined if a standard error is 0 up to rounding
  least <- rounding_tol * if (at$name == "tau") at$at else 1
  correlation <- vapply(raw$influence, function(d) {
    # numbers are in the order in which they appear
    sums <- polled(as.vector(rowsum(weight * d, number, reorder = FALSE)))
    by_curve <- function(v) polled(as.vector(tapply(v, of_curve, sum, default = 0)))
    error <- sqrt(by_curve(sums^2))
    covariance <- by_curve(ifelse(shared, sums * sums[other], 0))
    known <- error > least & error[partner] > least
    r <- ifelse(known, covariance / (error * error[partner]), 0)
    pmin(pmax(r, -1), 1)
  }, double(n_curve))
  as.vector(aperm(array(correlation, c(n_curve, n_at, n_cause)), c(2L, 1L, 3L)))
}
