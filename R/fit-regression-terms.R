# Likelihood ratio tests of the terms of a hazard_ratio: drop1().

#' @rdname hazard_ratio-methods
#' @param scope Terms to leave out, one at a time: their names as in `tidy()`, or a
#'   formula; by default all terms that are not part of an interaction.
#' @param test `"Chisq"`, or `"none"` for the AIC alone.
#' @exportS3Method stats::drop1
drop1.hazard_ratio <- function(object, scope = NULL, test = c("Chisq", "none"), ...) {
  check_no_dots(...)
  test <- check_choice(test, c("Chisq", "none"), "test")
  if (any(!is.na(object$models$n.id))) stop_other_rows()
  full <- likelihoods(object)[2L]
  parameters <- sum(object$models$n.parameter)
  at <- terms_to_drop(object, scope)
  fits <- lapply(at, function(term) fit_without(model_of(object), term))
  loglik <- c(full, vapply(fits, `[[`, 0, "loglik"))
  left <- c(parameters, vapply(fits, `[[`, 0, "df"))
  more <- c(NA, parameters - left[-1L])
  rows <- data.frame(Df = more, AIC = 2 * (left - loglik),
    row.names = c("<none>", names(at))
  )
  if (test == "Chisq") {
    rows$LRT <- c(NA, 2 * (full - loglik[-1L]))
    rows[["Pr(>Chi)"]] <- stats::pchisq(rows$LRT, more, lower.tail = FALSE)
    rows[["Pr(>Chi)"]][more %in% 0] <- NA
  }
  structure(rows, class = c("anova", "data.frame"), heading = c(
    "Each term left out of the model in turn\n",
    paste0(deparse(stats::formula(object), 500L), collapse = ""), ""
  ))
}

# The numbers of the terms to drop, with their names
terms_to_drop <- function(object, scope) {
  model <- model_of(object)
  index <- unique(model$index)
  names(index) <- object$table$term[match(index, model$index)]
  factors <- model$factors
  inside <- vapply(index, function(j) { # in an interaction that stays
    any(colSums(factors[factors[, j], , drop = FALSE]) == sum(factors[, j]) &
      colSums(factors) > sum(factors[, j]))
  }, NA)
  if (is.null(scope)) return(index[!inside])
  scope <- if (inherits(scope, "formula")) {
    attr(stats::terms(stats::update(stats::formula(object), scope)), "term.labels")
  } else {
    plain_argument(scope)
  }
  if (is.character(scope) && length(scope) && all(scope %in% names(index)[!inside])) {
    return(index[unique(scope)])
  }
  stop_oligosurv("input", sprintf(
    "`scope` must be among %s, terms that are not part of an interaction; it is %s",
    paste0("\"", names(index)[!inside], "\"", collapse = ", "), describe(scope)
  ), arg = "scope")
}

# The log likelihood, and the number of coefficients, of the Cox model without one term.
# Columns that were left out because this term determined them may be estimated then.
fit_without <- function(model, term) {
  columns <- which(model$index != term)
  loglik <- df <- 0
  for (fit in model$fits) {
    cells <- fit$cells
    if (is.null(cells)) next # no event
    cells$column <- columns
    left <- check_risk_sets(.Call(C_cox_fit, cells))
    loglik <- loglik + left$loglik[2L]
    df <- df + sum(left$known)
  }
  list(loglik = loglik, df = as.double(df))
}
