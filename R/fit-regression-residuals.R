# Residuals of a hazard_ratio.

residual_types <- c(
  "martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaledsch"
)

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::residuals
residuals.hazard_ratio <- function(object, type = c(
                                     "martingale", "deviance", "score", "dfbeta",
                                     "schoenfeld", "scaledsch"
                                   ), outcome = NULL, ...) {
  check_no_dots(...)
  type <- check_choice(type, residual_types, "type")
  model <- model_of(object)
  fit <- fit_of_outcome(model, outcome)
  cells <- row_cells(model, fit)
  if (!any(fit$known)) {
    stop_oligosurv("data", "no coefficient was estimated, so there are no residuals")
  }
  n <- length(cells$event)
  at <- .Call(C_cox_residuals, cells, fit$beta[fit$known], NULL, n)
  back <- order(cells$row)
  names <- model$label[fit$known]
  columns <- function(x, rows) {
    x <- t(x)[rows, , drop = FALSE]
    dimnames(x) <- list(NULL, names)
    if (ncol(x) == 1L) x[, 1L] else x
  }
  events <- which(cells$event)
  switch(type,
    martingale = at$martingale[back],
    deviance = deviance_of(at$martingale, cells$event)[back],
    score = columns(at$score, back),
    dfbeta = columns(fit$naive %*% at$score, back),
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

# The cells of a fit with one row of the data each, and the `row` of each
row_cells <- function(model, fit) {
  if (is.null(fit$cells) || (is.null(model$row) && is.null(model$source))) {
    stop_oligosurv("data", paste(
      "residuals are those of rows in a Cox model: not of Fine-Gray models, and not of",
      "event tables, which do not keep the rows"
    ), arg = "object")
  }
  cells <- fit$cells
  cells$row <- model$row
  if (is.null(model$source)) return(cells)
  source <- model$source
  picked <- which(!is.na(source$pattern))
  ranks <- time_ranks(source, picked, source$table, source$tie_tol)
  cells$row <- ranks$row
  cells$pattern <- source$pattern[cells$row] - 1L
  cells$event <- source$status[cells$row] == fit$cause
  cells$time <- ranks$time
  cells["size"] <- list(NULL)
  cells$stratum_end <- group_ends(ranks$stratum)
  cells
}
