#' Kaplan-Meier curves
#'
#' Product-limit estimate of the survival function with Greenwood's variance, one curve
#' per group and stratum.
#'
#' @details With \eqn{d_j} events and \eqn{n_j} at risk just before the j-th distinct
#' time \eqn{t_j}:
#' \deqn{\hat S(t) = \prod_{t_j \le t} \left(1 - \frac{d_j}{n_j}\right)}{
#'   S(t) = prod_(t_j <= t) (1 - d_j / n_j)}
#' \deqn{\widehat{\mathrm{se}}(t) = \hat S(t) \left\{\sum_{t_j \le t}
#'   \frac{d_j}{n_j (n_j - d_j)}\right\}^{1/2}}{
#'   se(t) = S(t) sqrt(sum_(t_j <= t) d_j / (n_j (n_j - d_j)))}
#' If \eqn{\hat S} is 0, the standard error is its limit, 0.
#'
#' **Ties.** Events at t come before censorings at t. A time t that is later than the
#' first of a group of tied times by at most `tie_tol` \eqn{\times t}{* t} is tied with
#' them.
#'
#' **Intervals**, with \eqn{s} the standard error and \eqn{z} the normal quantile:
#' `"plain"` \eqn{S \mp z s}{S -+ z s};
#' `"log"` \eqn{S e^{\mp z s / S}}{S exp(-+ z s / S)};
#' `"log-log"` \eqn{S^{\exp(\pm z s / (S |\log S|))}}{S^exp(+- z s / (S |log S|))};
#' `"logit"` and `"arcsin"` (of the square root) likewise on their scales; `"exact"`: the
#' beta product procedure with matched moments; `"mid-p"`: its mid-p form, quantiles of
#' the equal mixture of the distributions of the lower and the upper exact limit, which is
#' shorter and has the confidence level on average, not as a minimum. If S is 0 or 1,
#' every other type uses the exact limits (`"mid-p"` those of twice the tail probability:
#' with all of n alive 0.05^(1/n) instead of 0.025^(1/n)), so no interval is a single
#' point; `conf.type` of [tidy()] gives the type of the limits in each row.
#'
#' `"small-sample"`, the default, uses exact limits in curves of up to 50 subjects; in
#' larger ones it uses exact limits up to the fifth event (of the cause) and log-log
#' limits after it. In small groups no other type keeps its level. With 9 to 37 subjects,
#' no censoring and 3 to 50% of events (summed over the binomial distribution), 95%
#' log-log intervals of S cover at least 90.9%, mid-p intervals at least 92.3% and
#' small-sample intervals at least 95.1%. With staggered censoring (simulated) log-log
#' intervals cover 91.7 to 98.1% (S) and 93.2 to 99.7% (F), small-sample intervals at
#' least 95.1%. This holds for right-censored data. With the jackknife (`id`, sampling
#' weights) ids (or rows) are counted instead of subjects: with lesions of 9 to 37
#' patients log-log limits cover at least 91.6%, small-sample limits at least 94.5%. With
#' sampling weights the number of events is the number of rows with an event.
#'
#' **Quantiles.** A quantile is the first time at which the curve is at or below 1 - p. If
#' the curve is flat at exactly 1 - p, it is the midpoint between this time and the next
#' event (`midpoint = FALSE` in [quantile()] gives the first time), or the first time if
#' no event follows. Its limits are the first times at which the limit curves are at or
#' below 1 - p. A quantile that is not reached is `NA`, printed as NR.
#'
#' **Conditional survival**, `from = s`: survival of subjects who are event-free just
#' after s,
#' \deqn{S(t \mid T > s) = S(t) / S(s) = \prod_{s < t_j \le t} (1 - d_j / n_j)}{
#'   S(t | T > s) = S(t) / S(s) = prod_(s < t_j <= t) (1 - d_j / n_j)}
#' with the Greenwood sum over the same times. It is estimated from those still under
#' observation after s. Time is not reset (the landmark of [late_group()] resets it); the
#' first row of [tidy()] is at s, and earlier `times` are an error. Events at s itself are
#' excluded; `survival::survfit(start.time =)` includes them.
#'
#' **Left truncation.** `Surv(entry, exit, status)`: a subject is at risk at t if entry <
#' t <= exit. If all subjects of a small early risk set have the event, the curve falls to
#' 0 and stays there, with a message. Rows of one subject that follow each other
#' (start-stop data) count as one subject: an entry at the time of a censoring cancels it,
#' so splitting rows changes neither estimates nor limits. If subjects enter late, the
#' number at risk at a time says little about earlier times, and exact limits are those of
#' Clopper and Pearson for the effective number
#' \eqn{m = S (1 - S) / s^2}{m = S (1 - S) / s^2} of subjects, multiplied by
#' \eqn{(z / t_{m - 1})^2}{(z / t_(m - 1))^2} because the standard error is itself
#' estimated (with at least 3 degrees of freedom), and at most the number of subjects.
#' While S is 1 they use the smallest number at risk since the first entry, and the lower
#' limit is 0 after any time at which nobody was at risk, because later entries say
#' nothing about earlier times. These limits are approximate: in simulations with 16 to 50
#' subjects who all enter late, uniformly over the time to t, they covered 94.7 to 99.9%;
#' they do not keep their level if the hazard is concentrated at times at which few
#' subjects are at risk.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` or an [event_table()].
#' @param data Data frame of the variables of the formula.
#' @param times `NULL`, or the times (in the unit of the data) that [tidy()] reports. A
#'   curve with thousands of times is then evaluated only at these: [tidy()], [quantile()]
#'   and `print()` need no memory beyond the event table, and the full curve is computed
#'   when a method, such as a plot, needs it.
#' @param from `NULL`, or a time in the unit of the data, for the survival of those still
#'   under observation after it, see Details.
#' @param id `NULL`, or the cluster id of each row, an unquoted column of `data`
#'   (`id = patient_id`), see [clustered_rows].
#' @param weights,weight_type `NULL`, or the weight of each row (an unquoted column of
#'   `data`) and its type, `"frequency"` or `"sampling"`: see [row_weights].
#' @param conf.type One of `"small-sample"`, `"log-log"`, `"log"`, `"plain"`, `"logit"`,
#'   `"arcsin"`, `"exact"`, `"mid-p"`, or `"none"` for a fit without limits.
#' @param conf.level Confidence level of the intervals, between 0 and 1.
#' @param tie_tol Largest difference between tied times, relative to the later one; with 0
#'   only equal times are tied.
#' @param ... `censor`, `na.action` and `landmark`, see [event_table()].
#' @return A `kaplan_meier` fit with the methods `print()` (with `n`, the number of groups
#'   to show, by default 20), [summary()][summary.oligosurv_fit],
#'   [quantile()][quantile.oligosurv_fit], `median()`, `as.data.frame()`,
#'   [tidy()][tidy.oligosurv_fit], [glance()][glance.oligosurv_fit] and `autoplot()`.
#' @section Errors: those of [event_table()] and [clustered_rows]; `oligosurv_error_data`
#'   when the status has more than one event type; `oligosurv_error_domain` for `times`
#'   before `from`.
#' @references Kaplan and Meier (1958) \doi{10.1080/01621459.1958.10501452};
#'   Greenwood (1926) Reports on Public Health and Medical Subjects 33, 1-26;
#'   Fay, Brittain and Proschan (2013) \doi{10.1093/biostatistics/kxt016};
#'   Fay and Brittain (2016) \doi{10.1002/sim.6905}.
#' @seealso [logrank_test()], [rate_difference()], [restricted_mean()], [curve_plot()],
#'   [result_table()], [survival_band], [row_weights], [clustered_rows]
#' @examples
#' # Freireich et al. 1963, weeks in remission under 6-MP: median 23 weeks
#' week <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
#' relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
#' fit <- kaplan_meier(Surv(week, relapse) ~ 1)
#' fit
#' summary(fit, times = c(6, 12, 24)) # S(6) = 18 / 21
#' # of those event-free after week 6: S(13) / S(6)
#' kaplan_meier(Surv(week, relapse) ~ 1, from = 6, times = 13)
#' @export
kaplan_meier <- function(x, data = NULL, times = NULL, from = NULL, id = NULL,
                         weights = NULL, weight_type = NULL,
                         conf.type = "small-sample", conf.level = 0.95,
                         tie_tol = 1e-9, ...) {
  if (missing(x) || ...length()) check_row_dots(x, ...)
  call <- if (!missing(id) || !missing(weights)) {
    captured(substitute(id), substitute(weights), weight_type, parent.frame())
  }
  if (!missing(conf.type)) {
    conf.type <- check_choice(conf.type, curve_conf_types, "conf.type")
  }
  if (!missing(conf.level)) conf.level <- check_level(conf.level)
  if (!is.null(times)) times <- check_times(times)
  table <- unclass(estimator_table(x, data, call, tie_tol, ..., use = "curves"))
  if (length(table$states) != 2L) check_one_event(table, "kaplan_meier")
  if (!is.null(from)) table <- table_from(table, from, times)
  curves <- km_curves(table, FALSE, conf.type, conf.level, times)
  fit <- new_kaplan_meier(curves, table, conf.type, conf.level, times)
  if (is.null(table$entry)) fit else note_early_end(fit)
}

new_kaplan_meier <- function(curves, table, conf.type, conf.level, times,
                             class = "kaplan_meier") {
  fit <- list(
    time = curves$time, n.risk = curves$n_risk, n.event = curves$n_event,
    n.censor = curves$n_censor, estimate = curves$surv, std.error = curves$std_error,
    conf.low = curves$conf_low, conf.high = curves$conf_high, size = curves$size,
    outcomes = NULL, start_value = 1, table = drop_ids(table), conf.type = conf.type,
    conf.level = conf.level, times = times, variance = "greenwood"
  )
  if (!is.null(table$id)) {
    fit$variance <- curve_variance(table)
    fit <- add_ids(fit, curves, table)
  }
  class(fit) <- c(class, "oligosurv_fit")
  fit
}

# Kaplan-Meier or, with `reverse`, censoring curves of a table. If `times` are given, long
# curves are lazy: they are evaluated at these times, and the full curve is computed when
# a method needs it.
km_curves <- function(table, reverse, conf.type, conf.level, times = NULL) {
  if (!is.null(table$id)) {
    run <- function(table) .Call(C_km, table, reverse, conf.type, conf.level)
    return(cluster_curves(table, TRUE, conf.type, conf.level, run))
  }
  if (!is.null(times)) {
    lazy <- .Call(C_curves_later, table, FALSE, reverse, conf.type, conf.level)
    if (!is.null(lazy)) return(lazy)
  }
  .Call(C_km, table, reverse, conf.type, conf.level)
}

# Tells the user about a curve that falls to 0 early. With left truncation, all subjects
# of a small early risk set can have the event. S is then 0 from that time on, although
# others enter later. This is correct by definition, but seldom wanted.
note_early_end <- function(fit) {
  event_free <- if (is.null(fit$event.free)) fit$estimate else fit$event.free
  zero <- which(event_free == 0)
  curve <- rep.int(seq_along(fit$size), fit$size)[zero]
  for (at in zero[!duplicated(curve) & duplicated(curve, fromLast = TRUE)]) {
    inform_oligosurv(sprintf(
      paste(
        "curve %s falls to 0 at time %s, when all %s at risk have the event; it stays 0",
        "although others enter later"
      ),
      curve_labels(fit$table)[curve[zero == at]], format(fit$time[at]),
      format_count(fit$n.risk[at])
    ))
  }
  fit
}
