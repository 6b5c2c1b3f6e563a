# Compares predicted risks with observed events, by squared errors with inverse
# probability of censoring weights.

# A term of predicted risks: one value per row, or a matrix with a column for each of
# `n_times`
read_risks <- function(n_times) {
  function(value, name, kept) {
    if (is.data.frame(value)) value <- as.matrix(value)
    if (!is.matrix(value)) value <- plain_key_column(value, name, "numbers")
    right <- is.numeric(value) && !inherits(value, "Surv") &&
      NROW(value) == length(kept) && NCOL(value) == n_times
    if (!right) {
      stop_oligosurv("input", sprintf(
        "the predicted risk `%s` must be %s (%d rows); it is %s", name,
        if (n_times == 1L) {
          "one number per row"
        } else {
          sprintf(
            "a matrix with a column for each of the %d times, such as cbind(r12, r24)",
            n_times
          )
        }, length(kept), describe(value)
      ), arg = "x")
    }
    value <- matrix(as.double(value), ncol = n_times)[kept, , drop = FALSE]
    value[is.nan(value)] <- NA
    outside <- rowSums(value < 0 | value > 1, na.rm = TRUE) > 0
    if (any(outside)) {
      stop_oligosurv("domain", sprintf(paste(
        "predicted risks must be between 0 and 1; `%s` is not in %s. A risk is the",
        "probability of the event by the time, 1 minus survival"
      ), name, format_rows(which(kept)[outside])),
      where = which(kept)[outside], arg = "x")
    }
    value
  }
}

check_score_times <- function(times) {
  if (length(times)) {
    times <- check_double(times, "times", 0)
    if (!is.unsorted(times, strictly = TRUE)) return(times)
    stop_oligosurv("input", sprintf(
      "`times` must ascend without repeats, like the columns of the risks; it is %s",
      paste(format(times, trim = TRUE), collapse = ", ")
    ), arg = "times")
  }
  stop_oligosurv("input", paste(
    "`times` is missing; give the times by which the predicted events occur, in the unit",
    "of the data"
  ), arg = "times")
}

# Returns the one cause that the risks predict; stops if it is unclear
check_one_outcome <- function(outcome, table) {
  outcomes <- check_outcomes(outcome, table, "cox")
  if (length(outcomes) == 1L) {
    return(if (is.na(outcomes)) NA_character_ else outcomes)
  }
  stop_oligosurv("input", sprintf(
    "predicted risks are for one event type; name it: `outcome` must be one of %s",
    paste0("\"", outcomes, "\"", collapse = ", ")
  ), arg = "outcome")
}

# The outcome of each row at time t. `y`: TRUE if the event occurred by t; `weight`:
# inverse probability of being uncensored, 0 if censored by t; `known`: FALSE if follow-up
# in some stratum ended before t; `curve`: the curve up to t; `later`: a function that
# converts terms with these weights to the sums that censoring_influence() needs.
outcome_at <- function(t, rows, curve, cause) {
  by_t <- rows$real <= t * (1 + default_tie_tol)
  event <- by_t & rows$status > 0L
  cells_by_t <- curve$real <= t * (1 + default_tie_tol)
  curve <- entered_by(curve, rows, t, cells_by_t)
  at_end <- by_stratum(ifelse(cells_by_t, curve$after, NA), curve$stratum, function(g) {
    known <- g[!is.na(g)]
    rep(if (any(known == 0)) 0 else c(1, known)[length(known) + 1L], length(g))
  })
  g <- ifelse(by_t, curve$before[curve$cell], at_end[curve$cell])
  weight <- ifelse(event | !by_t, 1 / g, 0)
  if (!is.null(rows$entry)) weight[rows$since > t * (1 + default_tie_tol)] <- 0
  ends <- by_stratum(curve$real, curve$stratum, function(x) rep(max(x), length(x)))
  later <- function(x) {
    own <- sum_cells(ifelse(event, x, 0), curve$cell)
    free <- sum_cells(ifelse(by_t, 0, x), curve$cell)
    free <- by_stratum(free, curve$stratum, function(v) rep(sum(v), length(v)))
    by_stratum(own, curve$stratum, sum_after) + ifelse(cells_by_t, free, 0)
  }
  list(
    y = as.double(event & rows$status == cause), weight = weight,
    known = all(at_end > 0) && (all(ends > t * (1 - default_tie_tol)) ||
      ended_by_events(curve, t)),
    curve = curve, later = later
  )
}

# TRUE if in all strata whose follow-up ended before t it ended with events only
ended_by_events <- function(curve, t) {
  last <- !duplicated(curve$stratum, fromLast = TRUE)
  all(curve$real[last] > t * (1 - default_tie_tol) | curve$lost[last] == 0)
}

# A weighted mean of terms, and its derivative with respect to the weight of each row
weighted_mean_of <- function(term, at, rows) {
  curve <- at$curve
  if (!is.null(curve$enter)) return(weighted_mean_of_entered(term, at, rows, curve))
  w <- row_weight(rows)
  total <- sum(w)
  by_row <- at$weight * term
  mean <- sum(w * by_row) / total
  list(
    value = mean,
    influence = (by_row - mean + censoring_influence(curve, rows, at$later(w * by_row))) /
      total
  )
}

# Brier scores by time: `value` of the given risks, and `reference` of a model that gives
# everyone the same risk. The derivatives of both with respect to the weight of each row
# have one column per time.
brier_of <- function(risk, times, rows, curve, cause) {
  parts <- lapply(seq_along(times), function(j) {
    at <- outcome_at(times[j], rows, curve, cause)
    if (!at$known || !length(rows$time)) return(NULL)
    w <- row_weight(rows)
    overall <- sum(w * at$weight * at$y) / known_total(w, at, curve)
    list(
      own = weighted_mean_of((at$y - risk[, j])^2, at, rows),
      reference = weighted_mean_of((at$y - overall)^2, at, rows)
    )
  })
  n <- length(rows$time)
  value <- function(name) {
    vapply(parts, function(p) if (is.null(p)) NA_real_ else p[[name]]$value, 0)
  }
  influence <- function(name) {
    columns <- lapply(parts, function(p) {
      if (is.null(p)) rep(NA_real_, n) else p[[name]]$influence
    })
    matrix(unlist(columns), n)
  }
  list(
    value = value("own"), reference = value("reference"), influence = influence("own"),
    of_reference = influence("reference")
  )
}

# Weights of the trapezoidal rule for the mean over the times
mean_over <- function(times) {
  gaps <- diff(times)
  (c(gaps, 0) + c(0, gaps)) / 2 / sum(gaps)
}
