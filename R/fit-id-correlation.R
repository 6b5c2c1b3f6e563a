# Groups that hold rows of the same ids: how their estimates go together.

# Correlation of what is read off each curve with that of the reference group in the same
# stratum, from the influence of each id, at the places `at`; in the order of estimates
# (outcome, curve, place). NULL where no id is in two groups.
id_correlation <- function(table, at, reference) {
  if (is.null(table$id) || length(table$groups) < 2L) return(NULL)
  raw <- row_values(table, at)
  n_curve <- length(table$start) - 1L
  n_id <- as.double(table$n_id)
  unit <- (raw$curve - 1) * n_id + table$id
  units <- unique(unit)
  curve <- (units - 1) %/% n_id + 1
  partner <- seq_len(n_curve) - (seq_len(n_curve) - 1L) %% length(table$groups) +
    reference - 1L
  other <- match(units + (partner[curve] - curve) * n_id, units)
  shared <- !is.na(other) & partner[curve] != curve
  if (!any(shared)) return(NULL)
  weight <- if (is.null(table$n)) 1 else table$n
  n_at <- length(at$at)
  n_cause <- length(table$states) - 1L
  # what rounding leaves of an error of 0 has no correlation
  least <- 1e-12 * if (at$name == "tau") at$at else 1
  correlation <- vapply(raw$influence, function(d) {
    sums <- as.vector(rowsum(weight * d, match(unit, units)))
    by_curve <- function(v) {
      as.vector(tapply(v, factor(curve, seq_len(n_curve)), sum, default = 0))
    }
    error <- sqrt(by_curve(sums^2))
    together <- by_curve(ifelse(shared, sums * sums[other], 0))
    known <- error > least & error[partner] > least
    r <- ifelse(known, together / (error * error[partner]), 0)
    pmin(pmax(r, -1), 1)
  }, double(n_curve))
  as.vector(aperm(array(correlation, c(n_curve, n_at, n_cause)), c(2L, 1L, 3L)))
}
