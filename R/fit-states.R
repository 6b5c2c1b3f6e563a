# The computations of state_occupation() from a table of states: curves, mean times with
# the influence of each id, and limits.

# Probabilities and counts of all curves: the value of C_states_counts() with that of
# C_states_curves(), and `start`, see spell_starts(), with the standard error at the start
state_curves <- function(table) {
  counts <- .Call(C_states_counts, table)
  start <- spell_starts(table, counts)
  has_ids <- !is.null(table$id)
  curves <- .Call(C_states_curves, table, counts, start, has_ids)
  start$std_error <- if (has_ids) start_errors(table, start)
  list(counts = counts, start = start, probability = curves$probability,
    std_error = if (has_ids) curves$std_error
  )
}

# Standard errors of p0, a column for each curve
start_errors <- function(table, start) {
  k <- table$n_state
  out <- vapply(seq_along(start$time), function(i) {
    ids <- rows_of_curve(table$id_start, i)
    ids <- ids[start$state[ids] > 0L]
    p0 <- start$p0[, i]
    sums <- state_totals(start$square[ids], start$state[ids], k)
    # sum of c (e_a - p0)^2 over the ids
    variance <- sums * (1 - p0)^2 + (sum(sums) - sums) * p0^2
    sqrt(variance) / start$n[i]
  }, double(k))
  matrix(out, k)
}

# Estimates at `at`, or with `area` integrals up to it: a list of `estimate`, a column for
# each curve, and with ids `influence`, a column for each id. Counts have no ids; then
# only the estimates are computed.
states_at <- function(table, x, at, area) {
  k <- table$n_state
  begin <- x$start
  if (is.null(table$id)) {
    none <- rep(0, length(table$start))
    table[c("time", "n")] <- list(double(), NULL)
    table[c("from", "to", "id")] <- rep(list(integer()), 3L)
    table$start <- table$id_start <- none
    table$entry <- list(
      time = double(), state = integer(), n = NULL, row = integer(), start = none
    )
    begin[c("state", "square")] <- list(integer(), double())
  }
  out <- .Call(C_states_influence, table, x$counts, begin, x$probability, x$start$time,
    at, area
  )
  list(estimate = matrix(out$estimate, k), influence = matrix(out$influence, k))
}

# Standard errors from the influence of ids, a column for each curve
influence_errors <- function(table, x, influence) {
  squares <- influence^2 * rep(x$start$square, each = table$n_state)
  out <- vapply(seq_along(x$start$time), function(i) {
    sqrt(rowSums(squares[, rows_of_curve(table$id_start, i), drop = FALSE]))
  }, double(table$n_state))
  matrix(out, table$n_state)
}

# The last time of each curve, and whether all ids are then in states that nobody leaves,
# so that the probabilities are known at all later times
curve_ends <- function(table, x) {
  k <- table$n_state
  at <- cumsum(x$counts$size)
  size <- x$counts$size
  moves <- matrix(x$counts$n_risk, k)
  p <- matrix(x$probability, k)
  ends <- lapply(seq_along(at), function(i) {
    if (size[i] == 0) return(list(last = NA_real_, known = FALSE))
    mine <- at[i] - size[i] + seq_len(size[i])
    left <- rowSums(moves[, mine, drop = FALSE]) > 0
    list(last = x$counts$time[at[i]], known = all(p[left, at[i]] == 0))
  })
  list(
    last = vapply(ends, `[[`, 0, "last"), known = vapply(ends, `[[`, NA, "known")
  )
}

# The end of mean times: `tau`, or the smallest last time of the curves
states_tau <- function(table, x, tau, extend, tie_tol) {
  ends <- curve_ends(table, x)
  if (is.null(tau)) {
    return(if (all(is.na(ends$last))) NA_real_ else min(ends$last, na.rm = TRUE))
  }
  past <- which(tau * (1 - tie_tol) > ends$last & !ends$known)
  if (length(past) && !extend) {
    first <- past[which.min(ends$last[past])]
    stop_oligosurv("data", sprintf(
      paste0(
        "`tau` is %s, but the states of '%s' are known only up to the last time, %s; ",
        "give a smaller `tau`, or `extend = TRUE` to continue the probabilities as ",
        "constant"
      ), format(tau), curve_labels(table)[first], format(ends$last[first])
    ), arg = "tau", where = past)
  }
  tau
}

state_conf_types <- c("beta", "mid-p", "plain", "log", "log-log", "logit", "none")

# Is a standard error 0 up to rounding? This is so if a probability is 0 or 1.
no_error <- function(p, std.error) {
  rest <- 1 - p
  exact <- std.error^2 * 2^53 <= p * rest | p <= rounding_tol | rest <= rounding_tol
  exact %in% TRUE & !is.na(std.error)
}

# Limits of proportions with standard errors. `n`: number of ids of the curve. `exact_n`:
# number of ids for Clopper-Pearson limits, used if the standard error is 0. `tail`: one
# probability, or one for each row. The standard error is widened for small numbers. If
# `normal`, by the factor sqrt(n / (n - 1)), as for the curves of kaplan_meier() with ids;
# else by the t quantile, as for areas.
state_limits <- function(p, std.error, n, exact_n, tail, conf.type, normal = TRUE) {
  p <- as.double(p)
  std.error <- as.double(std.error)
  rest <- 1 - p
  tail <- rep_len(tail, length(p))
  exact <- no_error(p, std.error)
  known <- !is.na(p) & !is.na(std.error) & conf.type != "none"
  out <- list(low = rep(NA_real_, length(p)), high = rep(NA_real_, length(p)))
  at <- which(known & exact)
  size <- pmax(exact_n, 1)
  p[at] <- ifelse(p[at] <= rounding_tol, 0, ifelse(rest[at] <= rounding_tol, 1, p[at]))
  rest[at] <- 1 - p[at]
  out$low[at] <- ifelse(p[at] == 0, 0,
    stats::qbeta(tail[at], p[at] * size[at], rest[at] * size[at] + 1)
  )
  out$high[at] <- ifelse(rest[at] == 0, 1, stats::qbeta(tail[at], p[at] * size[at] + 1,
    rest[at] * size[at],
    lower.tail = FALSE
  ))
  at <- which(known & !exact)
  limits <- if (conf.type %in% c("beta", "mid-p")) {
    widen <- if (normal) {
      sqrt(n[at] / pmax(n[at] - 1, 1))
    } else {
      stats::qt(tail[at], pmax(n[at] - 1, 1), lower.tail = FALSE) /
        stats::qnorm(tail[at], lower.tail = FALSE)
    }
    .Call(C_share_limits, p[at], rest[at], widen * std.error[at],
      if (conf.type == "beta") "exact" else conf.type, as.double(tail[at])
    )
  } else if (conf.type != "none") {
    none <- rep(NA_real_, length(p))
    .Call(C_limits_at, list(
      type = rep(limit_codes[[conf.type]], length(p)), estimate = p, rest = rest,
      std_error = std.error, a0 = none, b0 = none, a1 = none, b1 = none, number = none,
      least = none, survival = FALSE
    ), at, as.double(tail[at]))
  }
  out$low[at] <- limits$low
  out$high[at] <- limits$high
  out
}

# The effective number of ids, by time, for limits where a probability is 0 or 1. It
# estimates how many ids would remain if only censoring had removed ids: the rows at risk
# in transient states, divided by the probability of these states. It never
# increases, and is at most the number of ids of the curve at the start.
effective_ids <- function(table, x, i, n) {
  k <- table$n_state
  mine <- rows_of_curve(c(0, cumsum(x$counts$size)), i)
  sampled <- identical(table$weight_type, "sampling")
  rows <- x$counts[[if (sampled) "n_row" else "n_risk"]]
  rows <- matrix(rows, k)[, mine, drop = FALSE]
  before <- cbind(x$start$p0[, i], matrix(x$probability, k)[, mine, drop = FALSE])
  before <- before[, seq_along(mine), drop = FALSE]
  left <- rowSums(rows) > 0
  share <- colSums(before[left, , drop = FALSE])
  size <- colSums(rows) / share
  size[!is.finite(size)] <- Inf
  pmax(cummin(pmin(size, n)), 1)
}
