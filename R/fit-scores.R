# Linear predictors of a hazard_ratio as scores, for the rows of its own data or of new
# data.

# Returns the data with a column for the linear predictor of each outcome, and the formula
# with these columns as scores and with the strata and ids of the fit. `own`: TRUE if the
# covariates are those of the rows of the fit. `only_own`: TRUE if the data cannot be new
# data, because predictors_of_new() stops.
rows_of_fit <- function(fit, data, call) {
  check_fit_for_scores(fit, data, call, "scores")
  row <- fitted_rows(fit, nrow(data))
  own <- !is.null(row) && has_own_covariates(fit, data, row, call)
  only_own <- FALSE
  if (own) {
    lp <- matrix(NA_real_, nrow(data), length(model_of(fit)$fits))
    lp[row, ] <- own_predictors(fit)
    rest <- setdiff(seq_len(nrow(data)), row)
    of_rest <- predictors_if_known(fit, data[rest, , drop = FALSE], call)
    only_own <- is.null(of_rest)
    # Rows that the fit did not use get a number, so that a later check finds those that
    # it could have used; with NA they would be dropped without a message.
    lp[rest, ] <- if (only_own) 0 else of_rest
  } else {
    lp <- predictors_of_new(fit, data, call)
  }
  names <- sprintf(".linear_predictor_%d", seq_len(ncol(lp)))
  for (k in seq_along(names)) data[[names[k]]] <- lp[, k]
  list(
    formula = formula_of_scores(fit, names), data = data, own = own, only_own = only_own
  )
}

# The value of predictors_of_new(), or NULL if that stops
predictors_if_known <- function(fit, data, call, ...) {
  if (length(lacking_columns(data, model_of(fit)$recipe))) return(NULL)
  if (!nrow(data)) return(0)
  tryCatch(predictors_of_new(fit, data, call, ...), oligosurv_error = function(e) NULL)
}

# The numbers of the rows that a fit has used; NULL if the data have fewer rows
fitted_rows <- function(fit, n) {
  model <- model_of(fit)
  source <- model$source
  row <- if (is.null(source)) sort(model$row) else which(!is.na(source$code))
  if (max(row, 0L) <= n) row
}

# Linear predictors of the rows of the fit, one column per outcome
own_predictors <- function(fit) {
  x <- stats::model.matrix(fit)
  offset <- offset_of(attr(x, "offset"), seq_len(nrow(x)))
  each <- lapply(model_of(fit)$fits, function(one) {
    as.vector(x %*% replace(one$beta, is.na(one$beta), 0)) + offset
  })
  matrix(unlist(each), nrow(x))
}

# Are the linear predictors of these rows of the data equal to those of the fit, up to
# rounding (of poly(), for example)? If covariates are not columns of the data, this is
# assumed.
has_own_covariates <- function(fit, data, row, call) {
  lacks <- lacking_columns(data, model_of(fit)$recipe)
  if (!length(row) || length(lacks)) return(TRUE)
  own <- own_predictors(fit)
  lp <- predictors_if_known(fit, data, call, only_known = FALSE)[row, , drop = FALSE]
  if (is.null(lp)) { # perhaps it stopped at a row that the fit did not use
    check_frame_columns(data, "data")
    lp <- predictors_if_known(fit, data[row, , drop = FALSE], call, only_known = FALSE)
  }
  !is.null(lp) && isTRUE(all(abs(own - lp) <= 1e-8 * max(1, abs(own))))
}

stop_other_data <- function() {
  stop_oligosurv("data", paste(
    "the model was fitted with a landmark, so its rows cannot be found in `data`; add",
    "its predictions as a column and use a formula, Surv(time, status) ~ predictor"
  ), arg = "data")
}
