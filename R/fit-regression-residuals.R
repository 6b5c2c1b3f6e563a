# Residuals of a hazard_ratio.

residual_types <- c(
  "martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaledsch"
)

# The residuals of one outcome in the order of the kernel; matrices have one column per
# row. `event` flags events, `row` is the row of the data, `rank` the rank of its time,
# and `times` the number of subjects, or the sampling weight, of the row. `labels` names
# the coefficients in errors.
kernel_residuals <- function(model, fit, labels) {
  if (!any(fit$known)) {
    stop_oligosurv("data", paste(
      "no coefficient could be estimated, so there are no residuals; fit a model with",
      "covariates that differ between those at risk"
    ), arg = "object")
  }
  check_all_finite(fit, labels)
  beta <- fit$beta[fit$known]
  if (!is.null(fit$data)) return(fine_gray_residuals(model, fit, beta))
  cells <- row_cells(model, fit)
  at <- check_risk_sets(.Call(C_cox_residuals, cells, beta, NULL, length(cells$event)))
  times <- if (is.null(cells$size)) rep(1, length(cells$event)) else cells$size
  list( # the kernel sums over the subjects of a cell
    martingale = at$martingale / times, score = sweep(at$score, 2L, times, "/"),
    schoenfeld = at$schoenfeld, event = as.logical(cells$event), row = cells$row,
    rank = cells$time, times = times
  )
}

# Stops if a coefficient in the likelihood has no finite estimate, with the reason. Those
# in `apart` are NA because no risk set makes the comparison that their label names.
check_all_finite <- function(fit, labels) {
  bad <- fit$known & !fit$apart & !is.finite(fit$beta)
  if (any(bad)) {
    stop_oligosurv("data", sprintf(
      paste(
        "residuals are not defined, because the data give no finite estimate of %s;",
        "firth = NA in hazard_ratio() gives one"
      ), join_words(labels[bad])
    ), arg = "object")
  }
  if (any(fit$known & fit$apart)) {
    stop_oligosurv("data", sprintf(
      paste(
        "residuals are not defined, because %s cannot be estimated: the reference level",
        "is never at risk together with the others when an event occurs; choose another",
        "reference with relevel()"
      ), join_words(labels[fit$apart])
    ), arg = "object")
  }
}

fine_gray_residuals <- function(model, fit, beta) {
  rows <- fit$data$rows
  if (!is.null(model$source)) rows <- rows_of_source(model$source)
  if (is.null(rows$row)) stop_no_rows()
  rows$design$offset <- model$offset
  data <- fine_gray_rows(rows, fit$cause, fit$data$ties)
  data$x <- model$x[, fit$known, drop = FALSE]
  at <- check_risk_sets(.Call(C_finegray_residuals, data, beta))
  n <- length(rows$time)
  full <- function(x) { # a row that enters and leaves at tied times has residuals of 0
    out <- matrix(0, nrow(x), n)
    out[, data$kept] <- x
    out
  }
  list(
    martingale = drop(full(t(at$martingale))), score = full(at$score),
    schoenfeld = full(at$schoenfeld), event = rows$status == fit$cause,
    row = rows$row, rank = rows$time,
    times = if (is.null(rows$size)) rep(1, n) else rows$size
  )
}

# The rows of a fit of counts by covariate pattern
rows_of_source <- function(source) {
  check_source(source)
  picked <- which(!is.na(source$code))
  ranks <- time_ranks(source, picked, source$table, source$tie_tol)
  row <- ranks$row
  list(
    time = ranks$time, stratum = ranks$stratum, status = source$status[source$code[row]],
    row = row, pattern = source_pattern(source)[row]
  )
}

stop_no_rows <- function() {
  stop_oligosurv("data", paste(
    "residuals are computed for each row, but an event table holds only counts; fit",
    "hazard_ratio() with a formula and `data`"
  ), arg = "object")
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::residuals
residuals.hazard_ratio <- function(object, type = c(
                                     "martingale", "deviance", "score", "dfbeta",
                                     "schoenfeld", "scaledsch"
                                   ), outcome = NULL, ...) {
  check_no_dots(...)
  type <- if (identical(type, "scaled schoenfeld")) "scaledsch" else type
  type <- check_choice(type, residual_types, "type")
  model <- model_of(object)
  fit <- fit_of_outcome(model, outcome)
  at <- kernel_residuals(model, fit, coefficient_labels(object))
  if (type == "deviance" && !is.null(fit$data)) {
    stop_oligosurv("data", paste(
      "deviance residuals are not defined for Fine-Gray models, where subjects stay at",
      "risk with a weight that changes; use type = \"martingale\""
    ), arg = "type")
  }
  back <- order(at$row)
  names <- model$label[fit$known]
  columns <- function(x, rows) {
    x <- t(x)[rows, , drop = FALSE]
    dimnames(x) <- list(NULL, names)
    if (ncol(x) == 1L) x[, 1L] else x
  }
  events <- which(at$event)
  switch(type,
    martingale = at$martingale[back],
    deviance = deviance_of(at$martingale, at$event)[back],
    score = columns(at$score, back),
    dfbeta = columns(fit$naive %*% sweep(at$score, 2L, at$times, "*"), back),
    schoenfeld = columns(at$schoenfeld, events),
    scaledsch = columns(
      length(events) * fit$naive %*% at$schoenfeld + fit$beta[fit$known], events
    )
  )
}

deviance_of <- function(martingale, event) {
  inside <- ifelse(event, log(pmax(1 - martingale, 0)), 0)
  sign(martingale) * sqrt(pmax(-2 * (martingale + inside), 0))
}

fit_of_outcome <- function(model, outcome) {
  outcomes <- names(model$fits)
  if (is.null(outcome)) outcome <- if (is.null(outcomes)) 1L else outcomes
  if (length(outcome) == 1L && (is.null(outcomes) || outcome %in% outcomes)) {
    return(model$fits[[outcome]])
  }
  stop_oligosurv("input", sprintf("`outcome` must be one of %s; it is %s",
    paste0("\"", outcomes, "\"", collapse = ", "), describe(outcome)
  ), arg = "outcome")
}

# The cells of a Cox fit such that each has one row of the data; `row`: this row
row_cells <- function(model, fit) {
  if (is.null(model$row) && is.null(model$source)) stop_no_rows()
  cells <- fit$cells
  cells$row <- model$row
  if (is.null(model$source)) return(cells)
  rows <- rows_of_source(model$source)
  cells$row <- rows$row
  cells$pattern <- rows$pattern - 1L
  cells$event <- rows$status == fit$cause
  cells$time <- rows$time
  cells["size"] <- list(NULL)
  cells$stratum_end <- group_ends(rows$stratum)
  cells
}
