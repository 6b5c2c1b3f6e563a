#' Brier score of predicted risks
#'
#' The mean squared difference between the predicted risk of an event by a given time and
#' its occurrence, with censoring and competing risks; how much smaller it is than without
#' a model; and the difference between two models.
#'
#' @details With \eqn{y_i(t)} = 1 if subject i has had the event by t, else 0, and
#' \eqn{\hat r_i(t)}{r_i(t)} the predicted risk,
#' \deqn{B(t) = \frac{1}{n} \sum_i W_i(t) \{y_i(t) - \hat r_i(t)\}^2}{
#'   B(t) = sum of W_i(t) (y_i(t) - r_i(t))^2 / n}
#' where \eqn{W_i(t)} is \eqn{1 / G(t_i-)} for those with an event of any type by t,
#' \eqn{1 / G(t)} for those followed beyond t and 0 for those censored by t; G is the
#' reverse Kaplan-Meier curve of censoring in the stratum, with events before censorings
#' at the same time (Graf et al. 1999; Gerds and Schumacher 2006). After a competing event
#' y is 0.
#'
#' `reference` is the score if everybody has the same predicted risk, that of the
#' Kaplan-Meier or Aalen-Johansen curve: \eqn{F (1 - F)}. It is the score of a model
#' without covariates; predicting 1/2 for all gives 1/4. `scaled` = 1 - estimate /
#' reference is 1 for a perfect model, 0 for a useless one and below 0 for one that is
#' worse than no model.
#'
#' With two or more times the **integrated** score is the mean of B over the interval from
#' the first to the last of `times`, by the trapezoidal rule
#' (`tidy(x, rows = "integrated")`).
#'
#' **Variance**: the infinitesimal jackknife, including the influence of each row on G;
#' with `id` summed by id, see [clustered_rows]. Limits are estimate \eqn{\mp z}{-+ z}
#' standard errors. The predictions are treated as fixed. If the model was fitted to the
#' same rows, its score is too good, see [bootstrap_optimism()].
#'
#' **For a fit** of [hazard_ratio()], Cox or Fine-Gray, the risks are those of
#' [`predict()`][predict.hazard_ratio] for the rows of `data`. In the rows of the fit the
#' score is marked `Apparent`; other `data` with the same columns are new patients. With
#' competing risks a Cox fit must include all causes.
#'
#' **Delayed entry.** Subjects whose event came before their entry are missing, so each
#' row represents 1 / W subjects, where W is the product of the curves of censoring and of
#' entry (Geskus 2011), and the sum is divided by the sum of the weights instead of n.
#' `reference` then uses the curve of [kaplan_meier()] or [cumulative_incidence()] with
#' delayed entry. If all subjects at risk have an event and others enter later, the score
#' is `NA` after that time. If few subjects are at risk at the start, weights are large.
#'
#' **Times beyond the follow-up.** If the last subject of any stratum is censored before t
#' or at t, the score is `NA`.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ risk + other + strata(s)`. Each term holds the
#'   predicted risks of one model, the probabilities of the event **by** the time (1 minus
#'   survival): a column or, with several `times`, a matrix with one column per time, in
#'   `data` or as `cbind(r12, r24)`. The curve of censoring is estimated separately in
#'   each stratum. Or a [hazard_ratio()] from rows.
#' @param times The times by which the risks are predicted, ascending, in the unit of the
#'   data.
#' @param outcome With competing risks: the cause whose risk is predicted.
#' @param ... `censor`, `na.action` and `landmark`, see [event_table()].
#' @return A `brier_score`: `table` (what [tidy()] gives), a data frame with `outcome`
#'   (competing risks only), `term`, `time`, `estimate`, `std.error`, `conf.low`,
#'   `conf.high`, `conf.level`, `reference`, `scaled`, `scaled.low`, `scaled.high`;
#'   `contrasts`, each further model minus the first: `contrast`, `time`, `estimate`,
#'   `std.error`, `statistic` (z), `conf.low`, `conf.high`, `p.value`, `conf.level`;
#'   `integrated` (with two or more times), like `table` but with `from` and `to`;
#'   `table_of_events`. [glance()]: `n`, `n.id`, `n.event`, `method`.
#' @section Errors: those of [event_table()], [clustered_rows] and [row_weights];
#'   `oligosurv_error_input` for risks that are not numbers or do not have one column per
#'   time, and for competing risks without `outcome`; `oligosurv_error_domain` for risks
#'   outside 0 to 1; `oligosurv_error_data` for a fit from an event table, and for `times`
#'   after the follow-up of a fit.
#' @references Graf, Schmoor, Sauerbrei and Schumacher (1999)
#'   \doi{10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5};
#'   Gerds and Schumacher (2006) \doi{10.1002/bimj.200610301};
#'   Geskus (2011) \doi{10.1111/j.1541-0420.2010.01420.x}.
#' @seealso [calibration()], [concordance_index()], [bootstrap_optimism()]
#' @examples
#' # By month 2 two of four have died. Nobody is censored before: the mean of (1 - 0.8)^2,
#' # (1 - 0.6)^2, 0.4^2 and 0.2^2 is 0.1; without a model 1/2 * 1/2
#' d <- data.frame(month = 1:4, dead = c(1, 1, 0, 1), risk = c(0.8, 0.6, 0.4, 0.2))
#' brier_score(Surv(month, dead) ~ risk, d, times = 2)
#' @export
brier_score <- function(x, data = NULL, times, outcome = NULL, id = NULL, weights = NULL,
                        weight_type = NULL, conf.level = 0.95, tie_tol = 1e-9, ...) {
  check_row_dots(x, ...)
  call <- captured(substitute(id), substitute(weights), weight_type, parent.frame())
  conf.level <- check_level(conf.level)
  times <- check_score_times(if (!missing(times)) times)
  rows <- read_predicted(x, data, times, outcome, call, tie_tol, ...)
  outcome <- check_one_outcome(rows$outcome, rows$table)
  cause <- if (is.na(outcome)) 1L else match(outcome, rows$table$states) - 1L
  curve <- censoring_curve(rows)
  each <- lapply(rows$scores, brier_of, times, rows, curve, cause)
  new_brier_score(each, times, rows, outcome, cause, conf.level)
}

# Standard errors from the influence of rows, one column per estimate; NA if they are
# unknown
score_errors <- function(influence, rows) {
  known <- colSums(is.na(influence)) == 0
  error <- rep(NA_real_, ncol(influence))
  if (any(known)) {
    error[known] <- sqrt(diag(influence_variance(influence[, known, drop = FALSE], rows)))
  }
  error
}

# Columns of an estimate with limits from its standard error
wald_columns <- function(estimate, error, conf.level, low = -Inf, high = Inf) {
  # a score that no row influences, such as 1/4 for risks of 1/2, has no limits
  width <- stats::qnorm((1 + conf.level) / 2) *
    replace(error, which(error < rounding_tol), NA_real_)
  list(
    estimate = estimate, std.error = error, conf.low = pmax(estimate - width, low),
    conf.high = pmin(estimate + width, high),
    conf.level = rep(conf.level, length(estimate))
  )
}

# Scores with their references, and the scaled score with its limits
brier_columns <- function(part, rows, conf.level) {
  ratio <- part$value / part$reference
  ratio[part$reference < rounding_tol] <- NA_real_
  n <- nrow(part$influence)
  of_ratio <- (part$influence - rep(ratio, each = n) * part$of_reference) /
    rep(part$reference, each = n)
  error <- score_errors(of_ratio, rows)
  scaled <- wald_columns(1 - ratio, error, conf.level, high = 1)
  c(
    wald_columns(part$value, score_errors(part$influence, rows), conf.level, 0),
    list(
      reference = part$reference, scaled = 1 - ratio, scaled.low = scaled$conf.low,
      scaled.high = scaled$conf.high
    )
  )
}

# Differences of each other model from the first one, at each time
brier_contrasts <- function(each, times, rows, conf.level) {
  frames <- lapply(each[-1L], function(part) {
    difference <- part$value - each[[1L]]$value
    error <- score_errors(part$influence - each[[1L]]$influence, rows)
    error[which(error < rounding_tol)] <- NA_real_
    z <- difference / error
    columns <- wald_columns(difference, error, conf.level)
    quick_frame(c(
      list(time = times), columns[1:2], list(statistic = z), columns[3:4],
      list(p.value = 2 * stats::pnorm(-abs(z))), columns[5L]
    ))
  })
  names <- names(each)
  if (!length(frames)) return(NULL)
  contrast <- rep(paste(names[-1L], "-", names[1L]), each = length(times))
  quick_frame(c(list(contrast = contrast), do.call(rbind, unname(frames))))
}

integrated_score <- function(part, times) {
  by <- mean_over(times)
  list(
    value = sum(by * part$value), reference = sum(by * part$reference),
    influence = part$influence %*% by, of_reference = part$of_reference %*% by
  )
}

new_brier_score <- function(each, times, rows, outcome, cause, conf.level) {
  stack <- function(parts, places) {
    columns <- lapply(parts, function(part) {
      quick_frame(c(places, brier_columns(part, rows, conf.level)))
    })
    all <- do.call(rbind, unname(columns))
    k <- length(places[[1L]])
    first <- if (!is.na(outcome)) list(outcome = factor(rep(outcome, nrow(all)), outcome))
    quick_frame(c(first, list(term = rep(names(parts), each = k)), all))
  }
  integrated <- if (length(times) > 1L) {
    stack(lapply(each, integrated_score, times), list(
      from = times[1L], to = times[length(times)]
    ))
  }
  w <- row_weight(rows)
  what <- if (rows$own) "Apparent Brier score" else "Brier score"
  structure(list(
    table = stack(each, list(time = times)),
    contrasts = brier_contrasts(each, times, rows, conf.level), integrated = integrated,
    models = quick_frame(list(
      n = sum(w), n.id = if (is.null(rows$id)) NA_integer_ else max(rows$id, 0L),
      n.event = sum(w[rows$status == cause]), method = what
    )),
    method = if (is.na(outcome)) what else paste(what, "of", outcome),
    basis = paste0(
      "inverse probability of censoring ", if (!is.null(rows$entry)) "and entry ",
      "weights; ", score_variance(rows)
    ), table_of_events = rows$table
  ), class = c("brier_score", "oligosurv_score"))
}

# `rows`: the rows for tidy(): "estimates", "contrasts" between models or the "integrated"
# scores
#' @exportS3Method NULL
result_rows.brier_score <- function(x, rows = "estimates", ...) {
  check_no_dots(...)
  rows <- check_choice(rows, c("estimates", "contrasts", "integrated"), "rows")
  one <- x$table
  two <- x$contrasts
  three <- x$integrated
  all <- list(estimates = one, contrasts = two, integrated = three)[[rows]]
  if (is.null(all)) all <- one[0L, ]
  both <- function(name, from) c(one[[name]], if (from) three[[name]], two[[name]])
  stack <- list(
    estimate = both("estimate", TRUE), conf.low = both("conf.low", TRUE),
    conf.high = both("conf.high", TRUE), conf.level = one$conf.level
  )
  none <- rep(NA_real_, NROW(two))
  scaled <- lapply(c(estimate = "scaled", conf.low = "scaled.low",
    conf.high = "scaled.high"
  ), function(name) c(one[[name]], three[[name]], none))
  unit <- table_unit(x$table_of_events)
  time <- c(
    format_time(one$time),
    if (!is.null(three)) paste(format_time(three$from), "to", format_time(three$to)),
    if (!is.null(two)) format_time(two$time)
  )
  new_result(all, x$models,
    scale = "ratio", shown = one, unit = unit, what = x$method, title = x$method,
    table = x$table_of_events, basis = x$basis,
    columns = list(
      Model = c(one$term, three$term, if (!is.null(two)) {
        sub(" - ", " \u2212 ", two$contrast, fixed = TRUE)
      }),
      Time = list(kind = "text", x = if (is.null(unit)) time else paste(time, unit)),
      "Brier score" = interval_column(stack, "ratio", 3L),
      "Without a model" = number_column(
        c(one$reference, three$reference, none), 3L, na = ""
      ),
      Scaled = interval_column(c(scaled, list(conf.level = one$conf.level)), "ratio", 2L,
        na = ""
      ),
      P = if (!is.null(two)) {
        joined_column(
          rep(c("%.0s", "%s"), c(nrow(one) + NROW(three), nrow(two))),
          p_column(c(rep(NA, nrow(one) + NROW(three)), two$p.value))
        )
      }
    ),
    signs = stats::setNames("not followed that long, or not defined", no_value),
    label = paste(one$term, "at", with_unit_value(one$time, unit)), axis = "Brier score",
    heading = "Brier score", values = list(term = one$term)
  )
}
