#' Pseudo-values and influence values
#'
#' The contribution of each subject to S(t), to the cumulative incidence of each cause or
#' to a restricted mean: `pseudo_values()` for regression (generalised estimating
#' equations), `influence_values()` for the variance of any function of the estimates.
#'
#' @details With \eqn{\hat\theta} the estimate from the n subjects of a group and
#' \eqn{\hat\theta_{(-i)}} that from all but subject i,
#' \deqn{\theta_i = n \hat\theta - (n - 1) \hat\theta_{(-i)}}{
#'   theta_i = n theta - (n - 1) theta_(-i)}
#' is the pseudo-value of i (Andersen, Klein and Rosthoj 2003). With
#' `method = "jackknife"`, the infinitesimal jackknife, it is
#' \eqn{\hat\theta + n D_i}{theta + n D_i}, where \eqn{D_i} is the influence of the
#' subject: the derivative of \eqn{\hat\theta} with respect to its weight. Nothing is
#' refitted: for one t all values come from two passes over the distinct times, because
#' leaving out a subject reduces the number at risk by one until the subject leaves and
#' changes no factor of the curve after that. With `id` the subject left out is a patient
#' with all its rows, and n is the number of patients; with `id` or left truncation the
#' curve is recomputed for each (the work is proportional to subjects times distinct
#' times; `"jackknife"` still needs two passes). Without censoring the pseudo-value of
#' S(t) is 1 if i was event-free at t, otherwise 0.
#'
#' **Left truncation.** `Surv(entry, exit, status)`: a subject has influence from its
#' entry on, with \eqn{D_i}{D_i} as in [clustered_rows] and \eqn{Y_i}{Y_i} = 1 from entry
#' to exit.
#'
#' Influence values sum to 0; their sum of squares is the infinitesimal jackknife
#' variance, which without left truncation is Greenwood's for S(t) and the Greenwood-type
#' variance of [cumulative_incidence()]. With `id` the values of the rows of an id are
#' summed first, and the sum of squares of these sums is the variance by id of
#' [clustered_rows].
#'
#' With one event type the estimate is S(t) or the restricted mean, with several F(t) or
#' the time lost of each cause. With groups the values of a subject refer to the estimate
#' of its group. A curve from which a subject is left out is extended at its last value.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ group + strata(s)`, with a factor status for
#'   competing risks.
#' @param times Times in the unit of the data, for S(t) or F(t).
#' @param tau One time, for the restricted mean up to it. Give either `times` or `tau`.
#' @param method `"leave-one-out"` or `"jackknife"`.
#' @param id `NULL`, or the cluster id of each row, see [clustered_rows].
#' @return A data frame with a row for each subject, time and outcome: `row`, the row of
#'   the data (with `id`: `id`), `strata`, `outcome` (competing
#'   risks only), `time` or `tau`, and `pseudo.value` (unit of the estimate; may be below
#'   0 or above 1) or `influence`. They are `NA` after the last time of a group if
#'   somebody is event-free at this time. Rows dropped for missing values have none.
#' @section Errors: those of [event_table()]; `oligosurv_error_input` unless either
#'   `times` or `tau` is given; `oligosurv_error_data` for an event table, which holds no
#'   rows, for left truncation and for a `tau` after the last time of a group.
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
  check_row_dots(x, ...)
  call <- captured(substitute(id), NULL, NULL, parent.frame())
  method <- check_choice(method, c("leave-one-out", "jackknife"), "method")
  id <- read_id(x, data, call)
  if (is.null(id)) check_repeated_ids(x, data, landmark = list(...)$landmark)
  table <- subject_table(x, data, id, tie_tol, "pseudo-values", ...)
  all <- value_points(table, times, tau, tie_tol)
  at <- distinct_points(table, all)
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
  at[c("all", "values")] <- list(all$at, raw$left_out)
  value_frame(raw, table, at, "pseudo.value", value_key(raw, table, id))
}

#' @rdname pseudo_values
#' @export
influence_values <- function(x, data = NULL, times = NULL, tau = NULL, id = NULL,
                             tie_tol = 1e-9, ...) {
  check_row_dots(x, ...)
  call <- captured(substitute(id), NULL, NULL, parent.frame())
  id <- read_id(x, data, call)
  if (is.null(id)) check_repeated_ids(x, data, landmark = list(...)$landmark)
  table <- subject_table(x, data, id, tie_tol, "influence values", ...)
  all <- value_points(table, times, tau, tie_tol)
  at <- distinct_points(table, all)
  raw <- row_values(table, at)
  if (!is.null(id)) raw <- first_of_id(sum_by_id(raw, table), table)
  at[c("all", "values")] <- list(all$at, raw$influence)
  value_frame(raw, table, at, "influence", value_key(raw, table, id))
}

# One row for each subject (or id), time or tau, and outcome, in the order of the data.
# `at$values` are those of the points `at$at`, of which `at$of` stand for `at$all`.
value_frame <- function(raw, table, at, name, key) {
  n_at <- length(at$all)
  causes <- table$states[-1L]
  labels <- curve_labels(table)
  o <- if (is.null(key$row)) seq_along(key[[1L]]) else order(key$row)
  n <- length(o)
  times <- n_at * length(causes)
  out <- list(
    outcome = factor(rep(causes, each = n * n_at), causes),
    strata = factor(rep(labels[raw$curve[o]], times), labels)
  )
  out[[at$name]] <- rep(rep(at$all, each = n), length(causes))
  out[[name]] <- unlist(lapply(seq_along(causes), function(k) {
    values <- at$values[(k - 1L) * length(at$at) + seq_along(at$at)]
    values <- Map(function(v, known) replace(v, !known, NA_real_)[o], values, raw$known)
    unlist(values[at$of])
  }))
  if (length(causes) == 1L) out$outcome <- NULL
  quick_frame(c(lapply(key, function(x) rep(x[o], times)), out))
}
