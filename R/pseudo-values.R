#' Pseudo-values and influence values
#'
#' What each subject adds to S(t), to the cumulative incidence of each cause or to a
#' restricted mean: `pseudo_values()` for regression on them (generalised estimating
#' equations), `influence_values()` for variances, of anything made of the estimates.
#'
#' @details With \eqn{\hat\theta} from the n subjects of a group and
#' \eqn{\hat\theta_{(-i)}} from all but subject i,
#' \deqn{\theta_i = n \hat\theta - (n - 1) \hat\theta_{(-i)}}{
#'   theta_i = n theta - (n - 1) theta_(-i)}
#' is the pseudo-value of i (Andersen, Klein and Rosthoj 2003). With
#' `method = "jackknife"`, the infinitesimal one, it is
#' \eqn{\hat\theta + n D_i}{theta + n D_i}, \eqn{D_i} the influence of the subject: the
#' derivative of \eqn{\hat\theta} by his weight. Nothing is fitted anew: at one t all
#' values come from two passes over the distinct times, as the curve without a subject is
#' that of one subject fewer up to the time at which he leaves and the same curve after.
#' With `id` the subject left out is a patient with all his rows, n the number of
#' patients; there, and with left truncation, the curve is computed anew for each (cost
#' subjects times distinct times; `"jackknife"` stays at two passes).
#' Without censoring the pseudo-value of S(t) is 1 or 0, whether i was event-free at t.
#'
#' **Left truncation.** `Surv(entry, exit, status)`: a subject has influence from his
#' entry on, \eqn{D_i}{D_i} as in [clustered_rows] with \eqn{Y_i}{Y_i} = 1 from entry to
#' exit.
#'
#' Influence values sum to 0; their sum of squares is the infinitesimal jackknife
#' variance, which without left truncation is Greenwood's for S(t) and the Greenwood-type
#' variance of [cumulative_incidence()]. With `id` the values of the rows of an id are
#' added up first, and the sum of squares is the variance by id of [clustered_rows].
#'
#' With one event type the estimate is S(t) or the restricted mean, with several F(t) or
#' the time lost of each cause. With groups each subject's values are those of his group.
#' A curve without a subject goes on flat past its last time.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ group + strata(s)`, with a factor status for
#'   competing risks.
#' @param times Times in the unit of the data, for S(t) or F(t).
#' @param tau One time, for the restricted mean up to it. One of `times` and `tau` is
#'   given.
#' @param method `"leave-one-out"` or `"jackknife"`.
#' @param id `NULL`, or whose row each is, see [clustered_rows].
#' @return A data frame with a row for each subject, time and outcome: `row`, the row of
#'   the data (with `id`: `id`), `strata`, `outcome` (competing
#'   risks only), `time` or `tau`, and `pseudo.value` (unit of the estimate; may be below
#'   0 or above 1) or `influence`. Past the last time of a group on which somebody is
#'   event-free they are `NA`. Rows dropped for missing values have none.
#' @section Errors: those of [event_table()]; `oligosurv_error_input` unless one of
#'   `times` and `tau` is given; `oligosurv_error_data` for an event table, which holds no
#'   rows, for left truncation and for `tau` past the last time of a group.
#' @references Andersen, Klein and Rosthoj (2003) \doi{10.1093/biomet/90.1.15};
#'   Graw, Gerds and Schumacher (2009) \doi{10.1007/s10985-008-9107-z}.
#' @seealso [bootstrap_interval()], [clustered_rows]
#' @examples
#' d <- data.frame(month = c(1, 2, 3, 4), death = c(1, 0, 1, 1))
#' # S(3) is 3/8; without the first row 1/2: 4 * 3/8 - 3 * 1/2 = 0
#' pseudo_values(Surv(month, death) ~ 1, d, times = 3)
#' d <- influence_values(Surv(month, death) ~ 1, d, times = 3)
#' sum(d$influence)
#' sqrt(sum(d$influence^2)) # the standard error of S(3)
#' @export
pseudo_values <- function(x, data = NULL, times = NULL, tau = NULL,
                          method = c("leave-one-out", "jackknife"), id = NULL,
                          tie_tol = 1e-9, ...) {
  id <- list(expr = substitute(id), env = parent.frame())
  check_row_dots(x, ...)
  method <- check_choice(method, c("leave-one-out", "jackknife"), "method")
  id <- read_id(x, data, id)
  if (is.null(id)) check_repeated_ids(x, data, landmark = list(...)$landmark)
  table <- subject_table(x, data, id, tie_tol, "pseudo-values", ...)
  at <- value_places(table, times, tau, tie_tol)
  raw <- row_values(table, at)
  if (method == "leave-one-out" && (!is.null(id) || !is.null(table$entry))) {
    raw$left_out <- left_out_values(table, at, raw, id)
  } else if (!is.null(id)) {
    raw <- sum_by_id(raw, table)
  }
  if (!is.null(id)) raw <- first_of_id(raw, table)
  if (method == "jackknife") {
    n <- tabulate(raw$curve)[raw$curve]
    raw$left_out <- Map(function(theta, d) theta + n * d, raw$estimate, raw$influence)
  }
  value_frame(raw$left_out, table, at, raw, "pseudo.value", value_key(raw, table, id))
}

#' @rdname pseudo_values
#' @export
influence_values <- function(x, data = NULL, times = NULL, tau = NULL, id = NULL,
                             tie_tol = 1e-9, ...) {
  id <- list(expr = substitute(id), env = parent.frame())
  check_row_dots(x, ...)
  id <- read_id(x, data, id)
  if (is.null(id)) check_repeated_ids(x, data, landmark = list(...)$landmark)
  table <- subject_table(x, data, id, tie_tol, "influence values", ...)
  at <- value_places(table, times, tau, tie_tol)
  raw <- row_values(table, at)
  if (!is.null(id)) raw <- first_of_id(sum_by_id(raw, table), table)
  value_frame(raw$influence, table, at, raw, "influence", value_key(raw, table, id))
}

# An id counts once in each curve that has rows of it
id_in_curve <- function(raw, table) paste(raw$curve, table$id)

# Influence by id, in the order of the first row of each
sum_by_id <- function(raw, table) {
  unit <- id_in_curve(raw, table)
  unit <- match(unit, unique(unit))
  raw$influence <- lapply(raw$influence, function(v) as.vector(rowsum(v, unit)))
  raw
}

# What is the same in all rows of an id, once
first_of_id <- function(raw, table) {
  raw$first <- which(!duplicated(id_in_curve(raw, table)))
  raw$curve <- raw$curve[raw$first]
  parts <- c("known", "estimate")
  raw[parts] <- lapply(raw[parts], lapply, `[`, raw$first)
  raw
}

value_key <- function(raw, table, id) {
  if (is.null(id)) list(row = table$row) else list(id = id[table$row[raw$first]])
}

# Pseudo-values where a subject has several rows or enters late: each curve anew without
# the rows of each subject, in the order of the first of them
left_out_values <- function(table, at, raw, id) {
  unit <- if (is.null(id)) seq_along(raw$curve) else id_in_curve(raw, table)
  unit <- match(unit, unique(unit))
  row <- order(raw$curve, unit) # sorted by curve already: rows of a unit come together
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

# The rows of a formula, sorted, with the rows of the data they are
subject_table <- function(x, data, id, tie_tol, what, ...) {
  if (!inherits(x, "formula")) {
    stop_oligosurv("data", sprintf(
      "%s belong to rows: give the formula and `data`, not counts", what
    ), arg = "x")
  }
  join_ties(row_table(x, data, id, ...), tie_tol)
}

# What is asked for: the ends `at`, and whether areas up to them
value_places <- function(table, times, tau, tie_tol) {
  if ((length(times) == 0L) == is.null(tau)) {
    stop_oligosurv("input", paste(
      "give `times`, for S(t) or F(t), or `tau`, for the restricted mean up to it"
    ), arg = "times")
  }
  if (is.null(tau)) return(list(name = "time", at = check_times(times)))
  tau <- check_number(tau, "tau", 0)
  list(name = "tau", at = area_end(table, tau, FALSE, tie_tol))
}

# Where curves are read: a time that is a time of the data but for rounding is that time
value_ends <- function(at) {
  if (at$name == "tau") at$at else at$at * (1 + default_tie_tol)
}

# Values by outcome and place, lists of vectors over the rows of the table
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
  if (n_cause == 1L) { # of S or the time free of the event
    top <- if (area) as.list(at$at) else rep(list(1), length(at$at))
    out$estimate <- Map(`-`, top, out$estimate)
    out$left_out <- Map(`-`, top, out$left_out)
    out$influence <- lapply(out$influence, `-`)
  }
  c(out, list(curve = curve, known = known_at(table, curve, at$at)))
}

# By place: is the curve of each row known there? Past its last time only when nobody is
# left event-free.
known_at <- function(table, curve, at) {
  n_curve <- length(table$start) - 1L
  last <- tapply(table$time, factor(curve, seq_len(n_curve)), max)[curve]
  open <- table$status == 0L & table$time == last
  open <- tabulate(curve[open], n_curve)[curve] > 0
  lapply(at, function(t) unname(!open | t * (1 - default_tie_tol) <= last))
}

# A row for each subject (or id), place and outcome, in the order of the data
value_frame <- function(values, table, at, raw, name, key) {
  n_at <- length(at$at)
  causes <- table$states[-1L]
  labels <- curve_labels(table)
  o <- if (is.null(key$row)) seq_along(key[[1L]]) else order(key$row)
  n <- length(o)
  times <- n_at * length(causes)
  out <- list(
    outcome = factor(rep(causes, each = n * n_at), causes),
    strata = factor(rep(labels[raw$curve[o]], times), labels)
  )
  out[[at$name]] <- rep(rep(at$at, each = n), length(causes))
  known <- rep(unlist(lapply(raw$known, `[`, o)), length(causes))
  out[[name]] <- replace(unlist(lapply(values, `[`, o)), !known, NA_real_)
  if (length(causes) == 1L) out$outcome <- NULL
  quick_frame(c(lapply(key, function(x) rep(x[o], times)), out))
}
