#' Cumulative incidence with competing risks
#'
#' Aalen-Johansen estimate of the probability of an event of each cause by time t,
#' allowing for competing events, with a variance of Greenwood type.
#'
#' @details With \eqn{d_{kj}} events of cause k among \eqn{n_j} at risk at \eqn{t_j} and
#' \eqn{\hat S} the Kaplan-Meier curve of any event:
#' \deqn{\hat F_k(t) = \sum_{t_j \le t} \hat S(t_j-) \frac{d_{kj}}{n_j}}{
#'   F_k(t) = sum_(t_j <= t) S(t_j-) d_kj / n_j}
#' The variance treats the increments as multinomial given the risk set, with covariance
#' \eqn{h_k (\delta_{kl} - h_l) / n_j}, \eqn{h_k = d_{kj} / n_j}, and is propagated from
#' each time to the next. With one cause it is Greenwood's, so \eqn{\hat F = 1 - \hat S}
#' has the same standard error as \eqn{\hat S}. It equals the variance of survival
#' (infinitesimal jackknife) and etm, not that of cmprsk (Aalen 1978 with r - 1).
#'
#' **Intervals.** As in [kaplan_meier()], on the scale of F. Exact limits are those of the
#' beta product procedure on the subdistribution risk set (Gray 1988),
#' \deqn{R_k(t) = n(t) \frac{1 - \hat F_k(t-)}{\hat S(t-)},\quad
#'   1 - \hat F_k(t) = \prod_{t_j \le t} \left(1 - \frac{d_{kj}}{R_k(t_j)}\right)}{
#'   R_k(t) = n(t) (1 - F_k(t-)) / S(t-),
#'   1 - F_k(t) = prod_(t_j <= t) (1 - d_kj / R_k(t_j))}
#' in which subjects with a competing event remain as long as they would not have been
#' censored: a competing death is not a loss to follow-up. Where F is 0 the upper limit is
#' \eqn{1 - (\alpha / 2)^{1 / R}}{1 - (alpha / 2)^(1 / R)}, that of Clopper and Pearson
#' for no event among R(t) = n(t) / S(t) subjects, n times the Kaplan-Meier curve of
#' censoring. Without censoring this is 0 of all subjects at every time, even after
#' competing deaths. With one cause R is n and the limits are those of 1 - S, for the
#' default type also after the fifth event (`conf.type = "log-log"` is on the scale of F,
#' as in survival). Exact limits are used where F is 0 or 1; with `conf.type = "exact"`
#' throughout; by default, with `"small-sample"`, in curves of up to 50 subjects, and in
#' larger ones up to the fifth event of the cause, with log-log limits after it. They do
#' not depend on `variance`. With left truncation they are computed for the effective
#' number of subjects, see [kaplan_meier()].
#'
#' One minus the Kaplan-Meier curve of one cause, with the others censored, overestimates
#' the probability of this cause.
#'
#' @inheritParams kaplan_meier
#' @param variance `"greenwood"`, as above; `"aalen"`, the variance of cmprsk: with
#'   \eqn{v = S(s-)^2 (1 - (d - 1) / (n - 1)) d / n^2} at the times s up to t,
#'   the first sum over events of the cause and the second over events of other causes,
#'   \eqn{\sum v (1 - (F(t) - F(s)) / S(s))^2 +
#'   \sum v ((F(t) - F(s)) / S(s))^2}{sum v (1 - (F(t) - F(s)) / S(s))^2 +
#'   sum v ((F(t) - F(s)) / S(s))^2}; or `"jackknife"`, the infinitesimal jackknife of
#'   [clustered_rows] with each row as an id of its own. Without left truncation the
#'   jackknife without ids equals `"greenwood"` and is computed as such. `id` and sampling
#'   weights imply the jackknife.
#' @param x A formula `Surv(time, status) ~ group + strata(s)` with a factor status whose
#'   first level is censoring (a status of 0 and 1 has one cause), or an [event_table()].
#' @return A `cumulative_incidence` fit with the methods of [kaplan_meier()]; data frames
#'   have a column `outcome`, and rows for all causes.
#' @section Errors: those of [event_table()] and [clustered_rows];
#'   `oligosurv_error_input` for `id` with `"greenwood"` or `"aalen"`.
#' @references Aalen (1978) \doi{10.1214/aos/1176344198}; Aalen and
#'   Johansen (1978) Scandinavian Journal of Statistics 5, 141-150;
#'   Gray (1988) \doi{10.1214/aos/1176350951};
#'   Fay, Brittain and Proschan (2013) \doi{10.1093/biostatistics/kxt016};
#'   Marubini and Valsecchi (1995) Analysing Survival Data from Clinical Trials, 10.4.
#' @seealso [gray_test()], [rate_difference()], [restricted_mean()], [curve_plot()],
#'   [result_table()], [row_weights], [clustered_rows]
#' @examples
#' d <- data.frame(
#'   month = c(2, 3, 3, 5, 8, 9),
#'   status = factor(c(1, 0, 2, 1, 0, 0), 0:2, c("censored", "local failure", "death"))
#' )
#' fit <- cumulative_incidence(Surv(month, status) ~ 1, d)
#' fit
#' # by hand: 1/6 at month 2; (5/6)(4/5) = 2/3 still free before 5, three at risk
#' summary(fit, times = 6) # local failure 1/6 + 2/9 = 0.389
#' @export
cumulative_incidence <- function(x, data = NULL, times = NULL, id = NULL, weights = NULL,
                                 weight_type = NULL, conf.type = "small-sample",
                                 conf.level = 0.95,
                                 variance = c("greenwood", "aalen", "jackknife"),
                                 tie_tol = 1e-9, ...) {
  if (missing(x) || ...length()) check_row_dots(x, ...)
  call <- if (!missing(id) || !missing(weights)) {
    captured(substitute(id), substitute(weights), weight_type, parent.frame())
  }
  own_variance <- !missing(variance)
  variance <- if (own_variance) {
    check_choice(variance, incidence_variances, "variance")
  } else {
    incidence_variances[1L]
  }
  if (!missing(conf.type)) {
    conf.type <- check_choice(conf.type, curve_conf_types, "conf.type")
  }
  if (!missing(conf.level)) conf.level <- check_level(conf.level)
  if (!is.null(times)) times <- check_times(times)
  table <- unclass(estimator_table(x, data, call, tie_tol, ..., use = "curves"))
  if (!is.null(table$id)) {
    if (own_variance) check_variance_of_ids(variance)
    variance <- curve_variance(table)
  } else if (variance == "jackknife") {
    table <- jackknife_table(table, x, data, call, tie_tol, ...)
  }
  curves <- aj_curves(table, variance == "aalen", conf.type, conf.level, times)
  fit <- new_cumulative_incidence(curves, table, conf.type, conf.level, times, variance)
  if (is.null(table$entry)) fit else note_early_end(fit)
}

incidence_variances <- c("greenwood", "aalen", "jackknife")

# The table for a jackknife in which each row is its own id. Without left truncation the
# jackknife equals Greenwood's variance, for which counts suffice.
jackknife_table <- function(table, x, data, call, tie_tol, ...) {
  check_whole_weights(table, "variance = \"jackknife\"")
  if (is.null(table$entry)) return(table)
  check_late_formula(x, "variance = \"jackknife\"", call$weights)
  join_ties(suppressMessages(row_table(x, data, NULL, ...)), tie_tol)
}

new_cumulative_incidence <- function(curves, table, conf.type, conf.level, times,
                                     variance) {
  fit <- list(
    time = curves$time, n.risk = curves$n_risk, n.event = curves$n_event,
    n.censor = curves$n_censor, estimate = curves$cif, std.error = curves$std_error,
    conf.low = curves$conf_low, conf.high = curves$conf_high, size = curves$size,
    event.free = curves$surv, outcomes = table$states[-1L], start_value = 0,
    table = drop_ids(table), conf.type = conf.type, conf.level = conf.level,
    times = times, variance = variance
  )
  if (!is.null(table$id)) fit <- add_ids(fit, curves, table)
  class(fit) <- c("cumulative_incidence", "oligosurv_fit")
  fit
}

# Aalen-Johansen curves of a table; lazy as in km_curves()
aj_curves <- function(table, aalen, conf.type, conf.level, times = NULL) {
  if (!is.null(table$id)) {
    run <- function(table) .Call(C_aj, table, aalen, conf.type, conf.level)
    return(cluster_curves(table, FALSE, conf.type, conf.level, run))
  }
  if (!is.null(times) && !aalen) {
    lazy <- .Call(C_curves_later, table, TRUE, FALSE, conf.type, conf.level)
    if (!is.null(lazy)) return(lazy)
  }
  .Call(C_aj, table, aalen, conf.type, conf.level)
}
