#' Calibration of predicted risks
#'
#' Are predicted risks right? Compares predicted with observed risks in groups of
#' patients, over all patients (observed : expected) and by the slope of a regression,
#' with censoring and competing risks.
#'
#' @details **Groups.** At each time the rows are divided into groups at quantiles of the
#' predicted risk; equal risks stay in the same group. `predicted` is the mean predicted
#' risk of a group, and `estimate` the observed risk: 1 minus the Kaplan-Meier curve or,
#' with competing risks, the cumulative incidence at the time, with the standard errors
#' and limits of [kaplan_meier()] and [cumulative_incidence()] or, with `id`, those of
#' [clustered_rows]. The picture depends on the number of groups; groups with few events
#' carry little information.
#'
#' **Observed : expected.** The observed risk of all rows divided by the mean predicted
#' risk: 1 if the predictions are right on average, above 1 if they are too low. Its
#' limits are those of the observed risk, divided by the same mean.
#'
#' **Slope.** The coefficient of \eqn{\log(-\log(1 - r))}{log(-log(1 - r))}, r the
#' predicted risk, in a Cox model or, with competing risks, a Fine-Gray model of the
#' follow-up to the time, see [hazard_ratio()]. It is 1 if the spread of the predictions
#' is right. Below 1 the predictions are too extreme, as those of a model with too many
#' coefficients are in new patients. In the rows to which a Cox model was fitted it is
#' about 1 and not informative; [bootstrap_optimism()] corrects it. It is `NA` if a risk
#' is 0 or 1, or if there are fewer than two distinct risks.
#'
#' **A fit, delayed entry**: as for [brier_score()]. With delayed entry `predicted` is the
#' mean risk with the weights of [brier_score()], so that predicted and observed risks
#' both refer to subjects followed from time 0.
#'
#' @inheritParams brier_score
#' @param groups Number of groups, at least 1.
#' @param conf.type Limits of the observed risk, see [kaplan_meier()].
#' @return A `calibration`: `table` (what [tidy()] gives), a data frame with `outcome`
#'   (competing risks only), `term`, `time`, `group` (number of the group, from the lowest
#'   risk), `n`, `n.event` (by the time), `predicted`, `estimate`, `std.error`,
#'   `conf.low`, `conf.high`, `conf.level`, `conf.type`; `summary` ([glance()]), one row
#'   per model and time: `outcome`, `term`, `time`, `n`, `n.id`, `n.event`, `predicted`,
#'   `observed`, `ratio` (observed : expected), `ratio.low`, `ratio.high`, `slope`,
#'   `slope.low`, `slope.high`, `conf.level`, `method`; `table_of_events`.
#' @section Errors: those of [brier_score()] and [kaplan_meier()].
#' @references van Houwelingen (2000)
#'   \doi{10.1002/1097-0258(20001230)19:24<3401::AID-SIM554>3.0.CO;2-2};
#'   Royston and Altman (2013) \doi{10.1186/1471-2288-13-33}.
#' @seealso [brier_score()], [concordance_index()], [`autoplot()`][autoplot.calibration]
#' @examples
#' # Low risks: one of two dies by month 4, predicted 0.3; high risks: both, predicted
#' # 0.7. Observed 3/4 over 0.5 expected: 1.5
#' d <- data.frame(month = c(5, 4, 2, 1), dead = 1, risk = c(0.2, 0.4, 0.6, 0.8))
#' calibration(Surv(month, dead) ~ risk, d, times = 4, groups = 2)
#' @export
calibration <- function(x, data = NULL, times, outcome = NULL, groups = 5, id = NULL,
                        conf.type = "small-sample", conf.level = 0.95, tie_tol = 1e-9,
                        ...) {
  check_row_dots(x, ...)
  call <- captured(substitute(id), NULL, NULL, parent.frame())
  conf.level <- check_level(conf.level)
  times <- check_score_times(if (!missing(times)) times)
  groups <- check_whole(groups, "groups", 1, 1000)
  rows <- read_predicted(x, data, times, outcome, call, tie_tol, ...)
  outcome <- check_one_outcome(rows$outcome, rows$table)
  observed <- observed_rows(rows, outcome)
  each <- lapply(rows$scores, function(risk) {
    lapply(seq_along(times), function(j) {
      calibration_at(risk[, j], times[j], observed, groups, outcome, conf.type,
        conf.level, tie_tol
      )
    })
  })
  new_calibration(each, times, rows, outcome, conf.level)
}

# The rows as a data frame for the curves, with the information on the cause that
# calibration_at() needs
observed_rows <- function(rows, outcome) {
  states <- rows$table$states
  competing <- length(states) > 2L
  status <- if (competing) {
    factor(states[rows$status + 1L], states)
  } else {
    rows$status
  }
  cause <- if (competing) match(outcome, states) - 1L else 1L
  data <- list(time = rows$real, status = status)
  weight <- NULL
  if (!is.null(rows$entry)) {
    data$entry <- c(0, rows$real[match(seq_len(max(rows$time, 0L)), rows$time)])[
      rows$entry + 1L
    ]
    curve <- censoring_curve(rows)
    weight <- function(t) outcome_at(t, rows, curve, cause)$weight
  }
  list(data = quick_frame(data), id = rows$id, cause = rows$status == cause,
    weight = weight
  )
}

# Calls an estimator on rows with a group or covariate `value`, with their ids
with_rows <- function(estimator, observed, value, ...) {
  data <- quick_frame(c(observed$data, list(value = value)))
  formula <- if (is.null(data$entry)) {
    Surv(time, status) ~ value
  } else {
    Surv(entry, time, status) ~ value
  }
  environment(formula) <- globalenv()
  arguments <- list(formula, data, ...)
  if (!is.null(observed$id)) arguments$id <- observed$id
  do.call(estimator, arguments, quote = TRUE)
}

# Observed risk at t by group, with its limits, in the order of the groups
observed_risk <- function(observed, group, t, outcome, conf.type, conf.level, tie_tol) {
  one <- is.na(outcome)
  fit <- with_rows(if (one) kaplan_meier else cumulative_incidence, observed, group,
    conf.type = conf.type, conf.level = conf.level, tie_tol = tie_tol
  )
  at <- tidy_rows(fit, t)
  if (!one) at <- at[at$outcome == outcome, ]
  if (one) {
    limits <- list(low = 1 - at$conf.high, high = 1 - at$conf.low)
    at$estimate <- 1 - at$estimate
    at$conf.low <- limits$low
    at$conf.high <- limits$high
  }
  at
}

calibration_at <- function(risk, t, observed, groups, outcome, conf.type, conf.level,
                           tie_tol) {
  n <- length(risk)
  cuts <- if (n) unique(stats::quantile(risk, seq_len(groups - 1) / groups, type = 2L))
  group <- factor(findInterval(risk, cuts, left.open = TRUE) + 1L)
  levels(group) <- seq_len(nlevels(group))
  past <- observed$cause & observed$data$time <= t * (1 + default_tie_tol)
  by_group <- function(x) as.vector(tapply(x, group, sum))
  size <- tabulate(group, nlevels(group))
  at <- if (n) observed_risk(observed, group, t, outcome, conf.type, conf.level, tie_tol)
  all <- if (n) {
    observed_risk(observed, factor(rep("All", n)), t, outcome, conf.type, conf.level,
      tie_tol
    )
  }
  # with delayed entry a row also represents subjects who would have entered later
  w <- if (is.null(observed$weight)) rep(1, n) else observed$weight(t)
  expected <- if (n) sum(w * risk) / sum(w) else NA_real_
  slope <- calibration_slope(risk, t, observed, outcome, conf.level)
  unless <- function(x) if (length(x)) x else NA_real_
  list(
    table = quick_frame(c(
      list(
        time = rep(t, nlevels(group)), group = seq_len(nlevels(group)), n = size,
        n.event = by_group(past), predicted = by_group(w * risk) / by_group(w)
      ),
      as.list(at)[c("estimate", "std.error", "conf.low", "conf.high", "conf.level",
        "conf.type"
      )]
    )),
    summary = list(
      time = t, n = n,
      n.id = if (is.null(observed$id)) NA_integer_ else max(observed$id, 0L),
      n.event = sum(past), predicted = expected, observed = unless(all$estimate),
      ratio = unless(all$estimate) / expected,
      ratio.low = unless(all$conf.low) / expected,
      ratio.high = unless(all$conf.high) / expected, slope = slope[1L],
      slope.low = slope[2L], slope.high = slope[3L]
    )
  )
}

# Coefficient of the transformed risk in a model of the follow-up to t, with its limits
calibration_slope <- function(risk, t, observed, outcome, conf.level) {
  value <- log(-log1p(-risk))
  if (!all(is.finite(value)) || length(unique(value)) < 2L) return(rep(NA_real_, 3L))
  past <- observed$data$time > t * (1 + default_tie_tol)
  observed$data$time[past] <- t
  observed$data$status[past] <- if (is.na(outcome)) {
    0L
  } else {
    levels(observed$data$status)[1L]
  }
  if (!is.null(observed$weight)) {
    kept <- observed$data$entry < observed$data$time
    observed$data <- observed$data[kept, ]
    observed$id <- observed$id[kept]
    value <- value[kept]
  }
  one <- is.na(outcome)
  fit <- tryCatch(
    with_rows(hazard_ratio, observed, value,
      model = if (one) "cox" else "fine-gray", outcome = if (!one) outcome,
      conf.level = conf.level
    ), oligosurv_error_data = function(e) NULL
  )
  if (is.null(fit)) return(rep(NA_real_, 3L))
  log(unlist(fit$table[1L, c("estimate", "conf.low", "conf.high")], use.names = FALSE))
}

new_calibration <- function(each, times, rows, outcome, conf.level) {
  method <- paste(c(
    "Predicted and observed risk", if (!is.na(outcome)) paste("of", outcome)
  ), collapse = " ")
  first <- function(n, name) {
    c(
      if (!is.na(outcome)) list(outcome = factor(rep(outcome, n), outcome)),
      list(term = rep(name, n))
    )
  }
  stack <- function(name) {
    parts <- Map(function(parts, term) {
      frames <- lapply(parts, function(part) quick_frame(as.list(part[[name]])))
      all <- do.call(rbind, frames)
      quick_frame(c(first(nrow(all), term), all))
    }, each, names(each), USE.NAMES = FALSE)
    do.call(rbind, parts)
  }
  summary <- stack("summary")
  summary$conf.level <- rep(conf.level, nrow(summary))
  summary$method <- rep(method, nrow(summary))
  structure(list(
    table = stack("table"), summary = summary, method = method,
    basis = paste(c(
      sprintf("observed: %s", if (is.na(outcome)) {
        "1 minus Kaplan-Meier"
      } else {
        "cumulative incidence"
      }),
      if (!is.null(rows$id)) sprintf("%s in %s",
        count_noun(length(rows$id), "row"), count_noun(max(rows$id, 0L), "id")
      ), "groups by quantiles of the predicted risk"
    ), collapse = "; "),
    table_of_events = rows$table
  ), class = c("calibration", "oligosurv_score"))
}

#' @exportS3Method NULL
result_rows.calibration <- function(x, ...) {
  check_no_dots(...)
  rows <- x$table
  unit <- table_unit(x$table_of_events)
  several <- length(unique(rows$term)) > 1L
  new_result(rows, x$summary,
    scale = "probability", unit = unit, what = x$method, title = x$method,
    table = x$table_of_events, basis = x$basis,
    columns = list(
      Model = if (several) rows$term, Time = time_column(rows$time),
      Group = as.character(rows$group), N = rows$n, Events = rows$n.event,
      "Predicted, %" = number_column(100 * rows$predicted, 1L, console = 1L),
      Observed = interval_column(rows, "probability")
    ),
    remarks = calibration_text(x$summary, several, unit), signs = not_followed,
    label = sprintf("%sgroup %d at %s", if (several) paste0(rows$term, ", ") else "",
      rows$group, with_unit_value(rows$time, unit)
    ),
    axis = "Observed risk", heading = "Observed risk",
    values = list(
      term = rows$term, group = rows$group, predicted = percent_text(rows$predicted)
    ),
    sentence = "predicted {predicted}, observed {number} ({level} CI {ci})"
  )
}

# Observed : expected ratio and slope, one sentence for each model and time
calibration_text <- function(summary, several, unit) {
  number <- function(x) number_text(x, 2L, no_value)
  with_limits <- function(x, low, high) {
    limits <- limits_text(low, high, 2L, no_value)
    ifelse(is.na(low) & is.na(high), number(x), sprintf("%s (%s)", number(x), limits))
  }
  sprintf("At %s%s: observed : expected %s, slope %s",
    with_unit_value(summary$time, unit), if (several) paste0(", ", summary$term) else "",
    with_limits(summary$ratio, summary$ratio.low, summary$ratio.high),
    with_limits(summary$slope, summary$slope.low, summary$slope.high)
  )
}
