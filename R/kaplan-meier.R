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
#' Where \eqn{\hat S} is 0 the standard error is its limit, 0.
#'
#' **Ties.** An event at t comes before a censoring at t. A time t later than
#' the first time of a tie by at most `tie_tol` \eqn{\times t}{* t} is the same time.
#'
#' **Intervals**, with \eqn{s} the standard error and \eqn{z} the normal quantile:
#' `"plain"` \eqn{S \mp z s}{S -+ z s};
#' `"log"` \eqn{S e^{\mp z s / S}}{S exp(-+ z s / S)};
#' `"log-log"` \eqn{S^{\exp(\pm z s / (S |\log S|))}}{S^exp(+- z s / (S |log S|))};
#' `"logit"` and `"arcsin"` (of the square root) likewise on their scale; `"exact"` the
#' beta product procedure with matched moments; `"mid-p"` its mid-p form, quantiles of the
#' even mixture of the distributions behind the lower and the upper exact limit: shorter,
#' with the level on the average, not at least. Where S is 0 or 1 every type has the exact
#' limits, so no interval is a single point; `conf.type` of [tidy()] says in each row
#' which limits it has.
#'
#' `"small-sample"`, the default, has exact limits in curves of up to 50 subjects; in
#' larger ones as long as the curve (of a cause) has had at most 5 events, and log-log
#' limits after them. In small groups no other type keeps its level: with 9 to 37
#' subjects, none censored, and 3 to 50% of events (a sum over the binomial
#' distribution), 95% log-log intervals of S cover from 90.9% on and mid-p ones from
#' 92.3% on, these from 95.1% on; with staggered censoring (simulated) log-log intervals
#' cover 91.7 to 98.1% (S) and 93.2 to 99.7% (F), these 95.1% and more. That holds for
#' right-censored data. With the jackknife (`id`, sampling weights) ids (or rows) are
#' counted, not subjects: with lesions of 9 to 37 patients log-log limits cover from
#' 91.6% on, these from 94.5% on. Events of sampling weights are counted as rows.
#'
#' **Quantiles.** The first time the curve is at or below 1 - p; the midpoint to the next
#' event where it is flat exactly at 1 - p (`midpoint = FALSE` in [quantile()] for the
#' left end), the left end where it ends flat. Limits: the first time the limit curve is
#' at or below 1 - p. Not reached is `NA`, printed as NR.
#'
#' **Conditional survival**, `from = s`: survival given event-free just after s,
#' \deqn{S(t \mid T > s) = S(t) / S(s) = \prod_{s < t_j \le t} (1 - d_j / n_j)}{
#'   S(t | T > s) = S(t) / S(s) = prod_(s < t_j <= t) (1 - d_j / n_j)}
#' with the Greenwood sum over the same times: of subjects still under observation after
#' s. Time is not reset ([late_group()] has the landmark that resets it); the first row of
#' [tidy()] is at s, and earlier `times` are an error. An event at s itself has happened;
#' `survival::survfit(start.time =)` keeps it in.
#'
#' **Left truncation.** `Surv(entry, exit, status)`: at risk at t when entry < t <= exit.
#' A curve that falls to 0 because all of a small early risk set have the event stays
#' there, with a message. Rows of one subject that follow each other (start-stop data) are
#' counted as one subject: an entry at the time of a censoring replaces it, so splitting
#' rows changes neither estimates nor limits. Where more
#' enter than leave, the number at risk now says little of earlier times, and exact limits
#' are those of Clopper and Pearson on the effective number
#' \eqn{m = S (1 - S) / s^2}{m = S (1 - S) / s^2} of subjects, times
#' \eqn{(z / t_{m - 1})^2}{(z / t_(m - 1))^2} as the standard error is itself estimated
#' (at least 3 degrees of freedom), and at most the number of subjects. While S is 1 they
#' rest on the smallest number at risk since the first entry, and the lower limit is 0
#' from the time on at which nobody was left at risk: later entries tell nothing of
#' earlier times. They are approximate: simulated with 16 to 50 subjects who all enter
#' late, uniformly over the time to t, they cover 94.7 to 99.9%; a hazard concentrated
#' where few were at risk is not covered.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` or an [event_table()].
#' @param data Data frame of the variables of the formula.
#' @param times `NULL`, or the times (in the unit of the data) that [tidy()] reports. With
#'   them a curve of thousands of times or more is evaluated only there: [tidy()],
#'   [quantile()] and `print()` need no memory beyond the event table, and the full curve
#'   is computed when a method needs it, such as a plot.
#' @param from `NULL`, or a time in the unit of the data: survival of those still under
#'   observation after it, see Details.
#' @param id `NULL`, or the cluster id of each row, an unquoted column of `data`
#'   (`id = patient_id`), see [clustered_rows].
#' @param weights,weight_type `NULL`, or the weight of each row (an unquoted column of
#'   `data`) and what it is, `"frequency"` or `"sampling"`: see [row_weights].
#' @param conf.type One of `"small-sample"`, `"log-log"`, `"log"`, `"plain"`, `"logit"`,
#'   `"arcsin"`, `"exact"`, `"mid-p"`, or `"none"` for a fit without limits.
#' @param conf.level Confidence level of the intervals, between 0 and 1.
#' @param tie_tol Largest distance of tied times, relative to the later; 0: only equal
#'   times are tied.
#' @param ... `censor`, `na.action` and `landmark`, see [event_table()].
#' @return A `kaplan_meier` fit with the methods `print()` (with `n`, the number of groups
#'   to show, 20 unless given), [summary()][summary.oligosurv_fit],
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
