# Linear predictors of a hazard_ratio in the rows of its data, as scores.

# The data with a column for the linear predictor of each outcome, and the formula with
# these columns as scores, with the strata and ids of the fit
rows_of_fit <- function(fit, data, call) {
  model <- model_of(fit)
  if (is.null(model$row) && is.null(model$source)) {
    stop_oligosurv("data", paste(
      "this fit was made from an event table, which has no rows to order; give the",
      "formula and `data`"
    ), arg = "x")
  }
  if (!is.data.frame(data)) {
    stop_oligosurv("input", sprintf(
      "`data` must be the data frame to which the hazard_ratio was fitted; it is %s",
      describe(data)
    ), arg = "data")
  }
  x <- model_of(fit)$formula
  ids <- Filter(function(term) calls_to(term, "cluster"), rhs_terms(x[[3L]]))
  if (!is.na(fit$models$n.id[1L]) && is.null(call$id) && !length(ids)) {
    stop_oligosurv("data", "the model was fitted with `id`; give the same `id` here",
      arg = "id"
    )
  }
  source <- model$source
  row <- if (is.null(source)) sort(model$row) else which(!is.na(source$pattern))
  if (!is.null(fit$event_table$landmark) || max(row, 0L) > nrow(data)) stop_other_data()
  matrix <- stats::model.matrix(fit)
  names <- sprintf(".linear_predictor_%d", seq_along(model$fits))
  for (k in seq_along(model$fits)) {
    beta <- model$fits[[k]]$beta
    lp <- rep(NA_real_, nrow(data))
    lp[row] <- matrix %*% replace(beta, is.na(beta), 0)
    if (!is.null(attr(matrix, "offset"))) lp[row] <- lp[row] + attr(matrix, "offset")
    data[[names[k]]] <- lp
  }
  strata <- read_model_formula(x, data, NULL)$strata
  list(formula = with_terms(x, c(lapply(names, as.name), strata, ids)), data = data)
}

check_same_rows <- function(fit, rows) {
  if (!identical(count_states(fit$event_table), count_states(rows$table))) {
    stop_other_data()
  }
}

stop_other_data <- function() {
  stop_oligosurv("data", paste(
    "`data` are not the rows to which the model was fitted, or it was fitted with a",
    "landmark; give its linear predictor as a column: Surv(time, status) ~ predictor"
  ), arg = "data")
}
