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
#' **Ties.** An event at t comes before a censoring at t. Times closer than `tie_tol`,
#' relative to the first of them, are one time.
#'
#' **Intervals**, with \eqn{s} the standard error and \eqn{z} the normal quantile:
#' `"plain"` \eqn{S \mp z s}{S -+ z s};
#' `"log"` \eqn{S e^{\mp z s / S}}{S exp(-+ z s / S)};
#' `"log-log"` \eqn{S^{\exp(\pm z s / (S |\log S|))}}{S^exp(+- z s / (S |log S|))};
#' `"logit"` and `"arcsin"` (of the square root) likewise on their scale; `"exact"` the
#' beta product procedure with matched moments, `"mid-p"` its mid-p form; the default,
#' `"small-sample"`, is exact in curves of up to 50 subjects, in larger ones exact up to
#' the fifth event and log-log after it, see [survival_band]. Where S is 0 or 1 the exact
#' limits stand in every type, so no interval is a single point; `conf.type` of [tidy()]
#' says in each row which stand there.
#'
#' **Quantiles.** The first time the curve is at or below 1 - p; the midpoint to the next
#' event where it is flat exactly at 1 - p (`midpoint = FALSE` in [quantile()] for the
#' left end), the left end where it ends flat. Limits: the first time the limit curve is
#' at or below 1 - p. Not reached is `NA`, printed as NR.
#'
#' **Left truncation.** `Surv(entry, exit, status)`: at risk at t when entry < t <= exit.
#' A curve that falls to 0 because all of a small early risk set have the event stays
#' there, with a message. Rows of one subject that follow each other (start-stop data) are
#' counted as one subject: whoever enters at the time at which another is censored is no
#' loss to follow-up, so splitting rows changes neither estimates nor limits. Where more
#' enter than leave, the number at risk now says little of earlier times, and exact limits
#' are those of Clopper and Pearson on the effective number
#' \eqn{m = S (1 - S) / s^2}{m = S (1 - S) / s^2} of subjects, times
#' \eqn{(z / t_{m - 1})^2}{(z / t_(m - 1))^2} as the error is itself estimated (at least 3
#' degrees of freedom), and at most the number of subjects. While S is 1 they rest on the
#' fewest at risk since the first entry, and the lower limit is 0 from the time on at
#' which nobody was left at risk: others who enter say nothing of what happened before.
#' They are approximate: simulated with 16 to 50 subjects who all enter late, uniformly
#' over the time to t, they cover 94.7 to 99.9%; a hazard concentrated where few were at
#' risk is not covered.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` or an [event_table()].
#' @param data Data frame of the variables of the formula.
#' @param conf.type One of `"small-sample"`, `"log-log"`, `"log"`, `"plain"`, `"logit"`,
#'   `"arcsin"`, `"exact"`, `"mid-p"`, or `"none"` for a fit without limits. The default
#'   is `"log-log"` with `estimator` or `conf.lower`, which `"small-sample"` does not go
#'   with.
#' @param conf.level Level of the intervals, between 0 and 1.
#' @param times `NULL`, or the times (in the unit of the data) that [tidy()] reports. With
#'   them a curve of thousands of times or more is read past, not held: [tidy()],
#'   [quantile()] and `print()` need no memory beyond the event table, and the columns of
#'   the fit are made only when something asks for all of it, such as a plot.
#' @param weights,weight_type `NULL`, or the weight of each row (a variable of `data`
#'   written plainly) and what it is, `"frequency"` or `"sampling"`: see [row_weights].
#' @param id `NULL`, or whose row each is, a variable of `data` written plainly
#'   (`id = patient_id`), see [clustered_rows].
#' @param start `NULL`, or a time in the unit of the data: survival given event-free after
#'   it, see [survival_band].
#' @param estimator,conf.lower,band,band_range,band_scale Another estimator of S, lower
#'   limits by the number still at risk, simultaneous bands, their two times and the scale
#'   on which they are symmetric: see [survival_band].
#' @param tie_tol Relative distance under which two times are one; 0 switches it off.
#' @param ... `censor`, `na.action` and `landmark`, see [event_table()].
#' @return A `kaplan_meier` fit with the methods `print()` (with `n`, the number of groups
#'   to show, 20 unless given), [summary()][summary.oligosurv_fit],
#'   [quantile()][quantile.oligosurv_fit], `median()`, `as.data.frame()`,
#'   [tidy()][tidy.oligosurv_fit], [glance()][glance.oligosurv_fit] and `autoplot()`.
#' @section Errors: those of [event_table()] and [clustered_rows]; `oligosurv_error_data`
#'   when the status has more than one event type.
#' @references Kaplan and Meier (1958) \doi{10.1080/01621459.1958.10501452};
#'   Greenwood (1926) Reports on Public Health and Medical Subjects 33, 1-26;
#'   Fay, Brittain and Proschan (2013) \doi{10.1093/biostatistics/kxt016}.
#' @seealso [logrank_test()], [rate_difference()], [restricted_mean()], [curve_plot()],
#'   [result_table()], [survival_band], [row_weights], [clustered_rows]
#' @examples
#' # Freireich et al. 1963, weeks in remission under 6-MP: median 23 weeks
#' week <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
#' relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
#' fit <- kaplan_meier(Surv(week, relapse) ~ 1)
#' fit
#' summary(fit, times = c(6, 12, 24)) # S(6) = 18 / 21
#' @export
kaplan_meier <- function(x, data = NULL, conf.type = "small-sample", conf.level = 0.95,
                         times = NULL, weights = NULL,
                         weight_type = c("frequency", "sampling"), id = NULL,
                         start = NULL,
                         estimator = c("kaplan-meier", "breslow", "fleming-harrington"),
                         conf.lower = c("usual", "peto", "modified"),
                         band = c("none", "hall-wellner", "equal-precision"),
                         band_range = NULL,
                         band_scale = c("arcsin", "plain", "log", "log-log", "logit"),
                         tie_tol = 1e-9, ...) {
  if (missing(x)) stop_missing("x")
  # With these arguments alone all is one step in C; NULL: it has to be looked at here
  if (nargs() + missing(data) + missing(conf.type) + missing(conf.level) +
    missing(times) + missing(tie_tol) == 6L) {
    fit <- .Call(
      C_quick_km, x, data, tie_tol, conf.type, conf.level, check_times(times)
    )
    if (!is.null(fit)) return(fit)
  }
  id <- list(expr = substitute(id), env = parent.frame())
  weights <- if (!missing(weights)) {
    list(
      expr = substitute(weights), env = parent.frame(),
      type = if (!missing(weight_type)) weight_type
    )
  }
  usual <- missing(estimator) && missing(conf.lower) && missing(band) &&
    missing(band_range)
  if (!usual && missing(conf.type)) conf.type <- default_conf_type(estimator, conf.lower)
  check_row_dots(x, ...)
  conf.type <- check_choice(conf.type, curve_conf_types, "conf.type")
  conf.level <- check_level(conf.level)
  times <- check_times(times)
  options <- if (!usual) {
    check_survival_options(
      estimator, conf.lower, band, band_range, band_scale, conf.type, conf.level
    )
  }
  table <- estimator_table(x, data, id, tie_tol, ..., weights = weights, use = "curves")
  check_one_event(table, "kaplan_meier")
  if (!is.null(start)) {
    table <- table_from(table, start)
    if (!is.null(times)) check_from(times, table)
  }
  only <- if (is.null(options)) times # bands need all of a curve
  curves <- km_curves(table, FALSE, conf.type, conf.level, only)
  if (!is.null(table$id)) {
    curves <- robust_curves(curves, table, TRUE, conf.type, conf.level)
    curves <- count_unweighted(curves, table, function(plain) {
      km_curves(plain, FALSE, conf.type, conf.level)
    })
  }
  fit <- new_kaplan_meier(curves, table, conf.type, conf.level, times, "kaplan_meier")
  if (!is.null(options)) fit <- add_survival_options(fit, curves, options)
  note_early_end(fit)
}

new_kaplan_meier <- function(curves, table, conf.type, conf.level, times, class) {
  fit <- .Call(
    C_new_fit, curves, table, FALSE, conf.type, conf.level, times, curve_variance(table)
  )
  structure(add_ids(fit, curves, table), class = c(class, "oligosurv_fit"))
}
