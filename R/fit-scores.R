# Linear predictors of a hazard_ratio in the rows of its data, as scores.

# The data with a column for the linear predictor of each outcome, and the formula with
# these columns as scores, with the strata and ids of the fit
rows_of_fit <- function(fit, data, call) {
  model <- model_of(fit)
  check_fit_for_scores(fit, data, call, "scores")
  source <- model$source
  row <- if (is.null(source)) sort(model$row) else which(!is.na(source$pattern))
  if (max(row, 0L) > nrow(data)) return(rows_of_new(fit, data, call))
  matrix <- stats::model.matrix(fit)
  names <- sprintf(".linear_predictor_%d", seq_along(model$fits))
  for (k in seq_along(model$fits)) {
    beta <- model$fits[[k]]$beta
    lp <- rep(NA_real_, nrow(data))
    lp[row] <- matrix %*% replace(beta, is.na(beta), 0)
    if (!is.null(attr(matrix, "offset"))) lp[row] <- lp[row] + attr(matrix, "offset")
    data[[names[k]]] <- lp
  }
  list(formula = formula_of_scores(fit, names), data = data)
}

# The same for other rows than those of the fit
rows_of_new <- function(fit, data, call) {
  lp <- predictors_of_new(fit, data, call)
  names <- sprintf(".linear_predictor_%d", seq_len(ncol(lp)))
  for (k in seq_along(names)) data[[names[k]]] <- lp[, k]
  list(formula = formula_of_scores(fit, names), data = data)
}

stop_other_data <- function() {
  stop_oligosurv("data", paste(
    "the model was fitted with a landmark; give what it predicts as a column:",
    "Surv(time, status) ~ predictor"
  ), arg = "data")
}
