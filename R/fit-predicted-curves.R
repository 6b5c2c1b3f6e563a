# The class predicted_curves: its constructor, tidy(), and the record for its print and
# tables. Also linear predictors and risks, which are data frames without a class of their
# own.

# parts: values of predict_job(), one for each set of outcomes
new_predicted_curves <- function(parts, persons, object, settings, outcomes) {
  competing <- is.character(outcomes) && settings$type != "survival"
  rows <- lapply(seq_along(parts), function(i) {
    rows <- parts[[i]]$rows
    if (competing && length(parts) > 1L) rows$cause <- rep(i, nrow(rows))
    limits <- probability_limits(rows$estimate, rows$std.error, settings$conf.type,
      settings$conf.level, parts[[i]]$df,
      complement = is.integer(outcomes) && settings$type == "incidence"
    )
    rows[c("low", "high")] <- limits
    rows
  })
  rows <- do.call(rbind, rows)
  rows <- rows[order(rows$cause, rows$person), ]
  n <- nrow(rows)
  labels <- persons$label
  curves <- quick_frame(c(
    list(time = rows$time),
    if (competing) list(outcome = quick_factor(rows$cause, outcomes)),
    list(
      strata = quick_factor(rows$person, labels), estimate = rows$estimate,
      std.error = rows$std.error, conf.low = rows$low, conf.high = rows$high,
      conf.level = rep(settings$conf.level, n), conf.type = rep(settings$conf.type, n)
    )
  ))
  structure(list(
    curves = curves, row = persons$row, type = settings$type, times = settings$times,
    models = object$models, event_table = object$event_table,
    unknown = labels[sort(unique(unlist(lapply(parts, `[[`, "unknown"))))],
    variance = prediction_variance(object, parts),
    of = if (is.character(outcomes) && settings$type == "survival") "free of all events"
  ), class = "predicted_curves")
}

# One sentence on standard errors and limits
prediction_variance <- function(object, parts) {
  model <- model_of(object)
  curve <- model$fits[[1L]]$curve
  blank <- any(vapply(model$fits, function(fit) isTRUE(fit$curve$blank), NA))
  known <- unlist(lapply(parts, function(part) {
    c(part$rows$std.error, part$all$covariance)
  }))
  if (blank && all(is.na(known))) {
    return(paste("no standard errors or limits:", firth_ignores(object)))
  }
  if (!parts[[1L]]$robust) return("variance of baseline and coefficients")
  paste0(
    "variance by the influence of each ", if (is.null(model$id)) "subject" else "id",
    if (is_fine_gray(object) && curve$variance == "censoring") {
      " with the estimated weights"
    },
    if (is.finite(parts[[1L]]$df)) {
      sprintf(", t with %s degrees of freedom", format_count(parts[[1L]]$df))
    }
  )
}

# The rows of curves at ascending times: the last row up to each time
curves_at_times <- function(curves, times) {
  outcome <- if (is.null(curves$outcome)) 0L else as.integer(curves$outcome)
  key <- outcome * nlevels(curves$strata) + as.integer(curves$strata)
  parts <- lapply(split(seq_len(nrow(curves)), key), function(at) {
    time <- curves$time[at]
    if (!isFALSE(is.unsorted(time))) {
      stop_changed("predicted curves", "curves", "predict() or adjusted_curves()")
    }
    found <- findInterval(times * (1 + default_tie_tol), time)
    rows <- curves[at[pmax(found, 1L)], ]
    past <- times * (1 - default_tie_tol) > time[length(time)] | found == 0L
    rows[past, c("estimate", "std.error", "conf.low", "conf.high")] <- NA
    rows$time <- times
    rows
  })
  out <- do.call(rbind, unname(parts))
  attr(out, "row.names") <- .set_row_names(nrow(out))
  out
}

# Times shown in a print of whole curves: at most five, evenly spaced over the follow-up
shown_times <- function(last) {
  if (!is.finite(last) || last <= 0) return(0)
  # pretty() warns of smaller ranges
  times <- if (last > 1e-300) pretty(c(0, last), 4L) else c(0, last)
  times[times > 0 & times <= last]
}

# The curves of x at `times`; NULL: all rows
read_curves <- function(x, times) {
  if (is.null(times)) return(x$curves)
  times <- check_times(times)
  if (!is.null(x$times) && !all(times %in% x$times)) {
    stop_oligosurv("input", sprintf(
      "the curves are known only at %s; for other times call predict() without `times`",
      join_words(format_time(x$times))
    ), arg = "times")
  }
  curves_at_times(x$curves, times)
}

#' @exportS3Method NULL
result_rows.predicted_curves <- function(x, times = NULL, ...) {
  check_no_dots(...)
  rows <- read_curves(x, times)
  last <- suppressWarnings(max(x$curves$time))
  shown <- if (is.null(times) && is.null(x$times)) {
    curves_at_times(x$curves, shown_times(last))
  } else {
    rows
  }
  survival <- x$type == "survival"
  what <- paste(
    if (inherits(x, "adjusted_curves")) "Adjusted" else "Predicted",
    if (survival) paste(c("survival", x$of), collapse = ", ") else "cumulative incidence"
  )
  columns <- list(
    Outcome = if (!is.null(shown$outcome)) blank_repeats(shown$outcome),
    Curve = if (nlevels(shown$strata) > 1L) as.character(shown$strata),
    Time = time_column(shown$time),
    value = interval_column(shown, "probability"),
    "Std. error" = in_print(number_column(100 * shown$std.error, console = 1L))
  )
  names(columns)[4L] <- if (survival) "Survival" else "Incidence"
  new_result(rows, x$models,
    scale = "probability", unit = table_unit(x$event_table), shown = shown, what = what,
    title = sprintf("%s; %s", what, paste(unique(x$models$method), collapse = "; ")),
    basis = paste0(x$variance, if (!startsWith(x$variance, "no standard errors")) {
      sprintf("; %s%% %s limits", format(100 * rows$conf.level[1L]), rows$conf.type[1L])
    }),
    table = x$event_table, columns = columns,
    group = if (nlevels(shown$strata) > 1L) shown$strata, remarks = c(
      x$remarks, if (length(x$unknown)) {
        sprintf("not estimable: %s (see the coefficients that are NA)",
          join_words(x$unknown)
        )
      }
    ),
    signs = stats::setNames("not known: not estimable, or nobody was followed that long",
      no_value
    ),
    label = paste(shown$strata, "at", format_time(shown$time)),
    values = list(strata = as.character(shown$strata), time = shown$time)
  )
}

# Linear predictors or hazard ratios of new data, or of the rows of the fit
predict_ratio <- function(object, new, type, outcomes, conf.level) {
  model <- model_of(object)
  x <- if (is.null(new)) {
    stats::model.matrix(object)
  } else {
    new_design(new$variables, model$factors, model$coding$contrasts)
  }
  missing <- if (is.null(new)) logical(nrow(x)) else new$missing
  offset <- if (is.null(new)) attr(x, "offset") else new$offset
  if (is.null(offset)) offset <- 0
  tell_missing_persons(missing)
  parts <- lapply(outcomes, function(outcome) {
    check_curve_fit(model$fits[[outcome]]$curve, model, outcome)
    ratio_of_persons(model, outcome, x, offset, missing, type, conf.level)
  })
  rows <- do.call(rbind, parts)
  if (is.integer(outcomes)) return(rows)
  n <- nrow(x)
  cbind(row = rows$row, outcome = quick_factor(
    rep(seq_along(outcomes), each = n), outcomes
  ), rows[-1L])
}

ratio_of_persons <- function(model, outcome, x, offset, missing, type, conf.level) {
  curve <- model$fits[[outcome]]$curve
  known <- known_columns(x, curve)
  var <- curve$var
  steps <- if (is.null(var) || ncol(known) < ncol(x)) {
    curve_job(model, outcome)$steps[[1L]]
  }
  if (is.null(var)) var <- steps$bread * if (curve$blank) NA else 1
  estimate <- as.vector(known %*% curve$beta) + offset
  error <- unname(sqrt(rowSums((known %*% var) * known)))
  unknown <- missing
  if (ncol(known) < ncol(x)) {
    unknown[!missing] <- !has_known_ratio(
      model, outcome, x[!missing, , drop = FALSE], steps
    )
  }
  estimate[unknown] <- error[unknown] <- NA
  df <- if (is.null(curve$correction)) Inf else curve$correction$df
  z <- if (df > 0) stats::qt((1 + conf.level) / 2, df) else NA_real_
  low <- estimate - z * error
  high <- estimate + z * error
  ratio <- type == "risk"
  quick_frame(list(
    row = seq_along(estimate), estimate = if (ratio) exp(estimate) else estimate,
    std.error = if (ratio) exp(estimate) * error else error,
    conf.low = if (ratio) exp(low) else low, conf.high = if (ratio) exp(high) else high,
    conf.level = rep(conf.level, length(estimate))
  ))
}
