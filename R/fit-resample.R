# Resampling for bootstrap_interval(): the units that are resampled, and the confidence
# limits from the resamples.

# The table from which units are resampled: counts or, if delayed entries must be linked
# to their exits, rows
boot_rows <- function(table, x, data, tie_tol, ...) {
  if (is.null(table$entry) || !is.null(table$id)) return(table)
  check_late_formula(x, "the bootstrap")
  rows <- suppressMessages(row_table(x, data, NULL, ...))
  rows["id"] <- list(NULL)
  join_ties(rows, tie_tol)
}

# The rows of each unit (subject or id) of the table, as passed to C_bootstrap()
boot_units <- function(table) {
  sizes <- curve_sizes(table)
  if (sum(sizes) > .Machine$integer.max) {
    stop_oligosurv("data", sprintf(
      "`x` has %s subjects, but at most %s can be resampled; use a part of them",
      format_count(sum(sizes)), format_count(.Machine$integer.max)
    ), arg = "x")
  }
  if (is.null(table$id)) {
    row <- seq_along(table$time) - 1L
    if (!is.null(table$n)) row <- rep.int(row, table$n)
    return(list(row = row, start = NULL, curve = c(0, cumsum(sizes))))
  }
  curve <- rep.int(seq_along(sizes), diff(table$start))
  check_whole_ids(table$id, curve, "the bootstrap resamples all rows of an id together")
  row <- order(curve, table$id)
  first <- which(!duplicated(table$id[row]))
  list(
    row = row - 1L, start = as.double(c(first - 1L, length(row))),
    curve = c(0, cumsum(tabulate(curve[row][first], length(sizes))))
  )
}

# The statistic as passed to C_bootstrap()
boot_spec <- function(table, statistic, at, midpoint) {
  n_cause <- length(table$states) - 1L
  list(
    kind = match(statistic, c("quantile", "rate", "restricted_mean")) - 1L,
    cause = if (n_cause == 1L) 0L else seq_len(n_cause), at = as.double(at),
    midpoint = midpoint
  )
}

# For each row of the result: its resampled values, the proportion of resamples in which
# the value is known, and the changes if a unit is left out (for BCa limits)
boot_sample <- function(raw, rows, units, table, spec, conf.type) {
  n_at <- length(spec$at)
  n_cause <- length(spec$cause)
  n_curve <- length(table$start) - 1L
  row <- expand.grid(at = seq_len(n_at), curve = seq_len(n_curve),
    cause = seq_len(n_cause)
  )
  column <- ((row$curve - 1L) * n_cause + row$cause - 1L) * n_at + row$at
  value <- matrix(raw$value, ncol = n_cause * n_at * n_curve)[, column, drop = FALSE]
  left_out <- vector("list", nrow(row))
  if (conf.type == "bca") {
    all <- matrix(.Call(C_leave_out, table, units, spec), ncol = n_cause * n_at)
    left_out <- lapply(seq_len(nrow(row)), function(i) {
      from <- units$curve[row$curve[i]]
      n <- units$curve[row$curve[i] + 1L] - from
      v <- all[seq_len(n) + from, (row$cause[i] - 1L) * n_at + row$at[i]]
      (mean(v) - v) * (n - 1) / n
    })
  }
  known <- if (spec$kind == 0L) {
    colMeans(is.finite(value))
  } else {
    1 - raw$past[column] / nrow(value)
  }
  known[colSums(is.nan(value)) > 0] <- NA_real_
  list(
    value = value, left_out = left_out, curve = row$curve, known = known,
    range = c(0, switch(spec$kind + 1L, Inf, 1, spec$at))
  )
}

# Limits from the resampled values `v` of an estimate. Undefined values count as extreme
# on both sides, and a limit that is not finite becomes NA.
boot_limits <- function(v, estimate, conf.type, conf.level, range, left_out) {
  tail <- (1 - conf.level) / 2
  n <- length(v)
  undefined <- is.nan(v)
  low <- sort(ifelse(undefined, -Inf, v))
  high <- sort(ifelse(undefined, Inf, v))
  rank_of <- function(p) pmin(pmax(floor((n + 1) * p + 1e-9), 1), n)
  tails <- if (conf.type == "bca") {
    bca_tails(v[!undefined], estimate, tail, left_out)
  } else {
    c(tail, tail)
  }
  limits <- c(low[rank_of(tails[1L])], high[n + 1 - rank_of(tails[2L])])
  if (conf.type == "basic") limits <- 2 * estimate - rev(limits)
  if (conf.type == "normal") {
    z <- stats::qnorm(tail, lower.tail = FALSE)
    limits <- 2 * estimate - mean(v) + c(-z, z) * stats::sd(v)
  }
  if (conf.type %in% c("basic", "normal")) {
    limits <- pmin(pmax(limits, range[1L]), range[2L])
  }
  replace(limits, !is.finite(limits), NA_real_)
}

# Tail probabilities of the lower and the upper limit, bias-corrected and accelerated
# (BCa), from the resampled values `v` and the changes `d` if a unit is left out
bca_tails <- function(v, estimate, tail, d) {
  if (is.na(estimate)) return(c(NA_real_, NA_real_))
  z0 <- stats::qnorm((sum(v < estimate) + sum(v == estimate) / 2) / length(v))
  z <- z0 + stats::qnorm(c(tail, 1 - tail))
  a <- sum(d^3) / (6 * sum(d^2)^1.5)
  if (!is.finite(a)) a <- 0
  p <- stats::pnorm(z0 + z / (1 - a * z))
  if (is.finite(z0)) c(p[1L], 1 - p[2L]) else c(NA_real_, NA_real_)
}

# Result columns from the resamples, for the rows of `estimate`. With `open`, an estimate
# that is not reached counts as infinite.
boot_columns <- function(value, estimate, known, conf.type, conf.level, range, left_out,
                         open) {
  limits <- vapply(seq_along(estimate), function(i) {
    target <- if (open && is.na(estimate[i])) Inf else estimate[i]
    boot_limits(value[, i], target, conf.type, conf.level, range, left_out[[i]])
  }, double(2L))
  finite <- colSums(!is.finite(value)) == 0
  list(
    estimate = estimate,
    std.error = ifelse(finite, apply(value, 2L, stats::sd), NA_real_),
    bias = ifelse(finite, colMeans(value) - estimate, NA_real_),
    conf.low = limits[1L, ], conf.high = limits[2L, ],
    conf.level = rep(conf.level, length(estimate)),
    conf.type = rep(conf.type, length(estimate)), share.known = known
  )
}
