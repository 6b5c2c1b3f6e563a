# Methods of hazard_ratio for generics of fitted models: coef(), vcov(), logLik(),
# residuals() and others.

#' Coefficients, likelihood and residuals of a hazard_ratio
#'
#' A [hazard_ratio()] has the methods of `stats` for fitted models. Coefficients are
#' **logarithms** of hazard ratios, named like the rows of the print; those that the data
#' do not identify are `NA`, as in `coxph()`. With several outcomes their names begin with
#' the outcome.
#'
#' @details `vcov()` is the variance used for the limits; with `id` it includes the factor
#' G / (G - p - 1). For Firth's likelihood it is the inverse information, although the
#' limits are those of the profile likelihood, which are not symmetric. `confint()` gives
#' Wald limits at any level or, for Firth's likelihood, profile limits at the level of the
#' fit. `nobs()` is the number of events, as in survival; `BIC()` uses it.
#'
#' `logLik()` is the partial log likelihood (Cox), summed over the outcomes;
#' [stats::AIC()] and [stats::BIC()] use it. It is an error for Fine-Gray models and
#' Firth's penalty, which do not maximise a partial likelihood. `anova()` compares a model
#' with the one without covariates, or nested models of the same rows, by the likelihood
#' ratio \eqn{2 (\ell_1 - \ell_0)}{2 (l1 - l0)}, with as many degrees of freedom of
#' chi-square as the larger model has additional coefficients. Models that are not nested,
#' or have other strata or another rule for ties, are an error; so is `id`, because the
#' rows of an id are not independent. `drop1()` leaves out each term in turn and fits
#' again: the likelihood ratio test of a factor with several levels, for instance.
#' `summary()` tests each term by Wald's test, which is defined for all models with
#' Wald limits, also with `id`.
#'
#' **Residuals** are in the order of the data, without rows that had missing values or
#' weight 0. Types: `martingale` (events minus the cumulative hazard), `deviance` (the
#' signed root of the deviance), `score` (one column per coefficient: the contribution of
#' each row to the score, by Efron's rule as in `coxph()`), `dfbeta` (score times
#' variance: the change of the coefficients if the row is omitted), `schoenfeld` (one row
#' per event, in order of stratum and time: covariates minus their mean in the risk set)
#' and `scaledsch` (these times the variance and the number of events, plus the
#' coefficients: estimates of each coefficient at the time of the event). They equal those
#' of `residuals.coxph()` of survival, except that `dfbeta` uses the model-based variance
#' also with `id`. Residuals of Fine-Gray models equal those of `coxph()` for the rows of
#' `finegray()`, times their weights and summed over the rows of a subject, with the
#' weights treated as known; `deviance` is not defined for them. With `weights` residuals
#' are those of a single subject of the row, but `dfbeta` is that of the whole row.
#' `"scaled schoenfeld"` is another name for `"scaledsch"`.
#'
#' @param object,x A [hazard_ratio()].
#' @param parm Numbers or names of coefficients; all if missing.
#' @param level Confidence level; by default that of the fit.
#' @param type Type of residuals.
#' @param outcome With competing risks: the cause whose residuals are returned.
#' @param ... For `anova()`: further fits of the same rows. Otherwise not used.
#' @return `coef()`: a named vector; `vcov()`, `confint()` and `model.matrix()`: a matrix
#'   (the latter with the attribute `offset` if the formula has one);
#'   `nobs()`: a number; `logLik()`: a `logLik`; `formula()`: the formula; `anova()`: a
#'   data frame of class `anova`; `drop1()`: another, one row per term, with the number of
#'   coefficients that go with it (`Df`), the `AIC` without it, the likelihood ratio
#'   (`LRT`) and its p-value; `residuals()`: a vector or matrix; `summary()`: a
#'   `summary.hazard_ratio`, which has a `print()` method: a list of `table` ([tidy()]),
#'   `models` ([glance()]), `proportional_hazards`, and the tests that all coefficients
#'   are 0: `likelihood_ratio` (`statistic`, `df`, `p.value`; `NULL` if there is no
#'   likelihood) and `wald`, one row per outcome (also `df2`: with `id` that of F,
#'   otherwise `Inf`; `NULL` for Firth's likelihood); and `terms`, the same test for each
#'   term.
#' @section Errors: `oligosurv_error_data` if the fit has no likelihood or no rows, and in
#'   `anova()` for models that cannot be compared;
#'   `oligosurv_error_input` for unknown coefficients, types or outcomes.
#' @seealso [hazard_ratio()], [results]
#' @examples
#' d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
#' fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
#' coef(fit) # log of 0.3904
#' logLik(fit)
#' anova(fit)
#' drop1(fit) # with one term the same test
#' residuals(fit) # sum 0
#' @name hazard_ratio-methods
#' @aliases coef.hazard_ratio
NULL

# The names of all coefficients
coefficient_names <- function(object) {
  model <- model_of(object)
  outcomes <- names(model$fits)
  if (is.null(outcomes)) return(model$label)
  paste0(rep(outcomes, each = length(model$label)), ": ", model$label)
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::coef
coef.hazard_ratio <- function(object, ...) {
  check_no_dots(...)
  beta <- unlist(lapply(model_of(object)$fits, `[[`, "beta"), use.names = FALSE)
  stats::setNames(beta, coefficient_names(object))
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::vcov
vcov.hazard_ratio <- function(object, ...) {
  check_no_dots(...)
  fits <- model_of(object)$fits
  p <- length(model_of(object)$label)
  names <- coefficient_names(object)
  all <- matrix(0, length(names), length(names), dimnames = list(names, names))
  for (i in seq_along(fits)) {
    at <- (i - 1L) * p + seq_len(p)
    all[at, at] <- fits[[i]]$var
  }
  all
}

has_wald_limits <- function(rows) !is.na(rows$df) & is.finite(rows$std.error)

# The logarithms of the hazard ratios and of their limits. Wald limits are computed from
# the coefficients, because the ratio of a covariate in a tiny unit may be 0 or Inf.
log_ratios <- function(object, level = object$conf.level) {
  rows <- object$table
  values <- lapply(rows[c("estimate", "conf.low", "conf.high")], log)
  wald <- has_wald_limits(rows)
  beta <- unname(stats::coef(object)[wald])
  width <- stats::qt((1 + level) / 2, rows$df[wald]) * rows$std.error[wald]
  values$estimate[wald] <- beta
  values$conf.low[wald] <- beta - width
  values$conf.high[wald] <- beta + width
  values
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::confint
confint.hazard_ratio <- function(object, parm, level = object$conf.level, ...) {
  check_no_dots(...)
  level <- check_level(level, "level")
  rows <- object$table
  wald <- has_wald_limits(rows)
  if (level != object$conf.level && any(!wald & !is.na(rows$conf.low))) {
    stop_oligosurv("data", sprintf(
      paste(
        "Firth's limits are known only at the level of the fit, %s; fit again with",
        "hazard_ratio(conf.level = %s)"
      ), format(object$conf.level), format(level)
    ), arg = "level")
  }
  names <- coefficient_names(object)
  tails <- paste(format(100 * c(1 - level, 1 + level) / 2, digits = 3, trim = TRUE), "%")
  limits <- unlist(log_ratios(object, level)[c("conf.low", "conf.high")])
  limits <- matrix(limits, ncol = 2L, dimnames = list(names, tails))
  if (missing(parm)) return(limits)
  parm <- plain_argument(parm)
  known <- if (is.character(parm)) parm %in% names else parm %in% seq_along(names)
  if (!all(known)) {
    stop_oligosurv("input", sprintf("`parm` must be among %s; it is %s",
      paste0("\"", names, "\"", collapse = ", "), describe(parm)
    ), arg = "parm")
  }
  limits[parm, , drop = FALSE]
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::nobs
nobs.hazard_ratio <- function(object, ...) sum(object$models$n.event)

# Log likelihoods of the null model and of the fit, summed over the outcomes
likelihoods <- function(object) {
  parts <- lapply(model_of(object)$fits, `[[`, "loglik")
  if (any(lengths(parts) == 0L)) {
    stop_oligosurv("data", paste(
      "this fit has no partial likelihood that can be compared, because it is a",
      "Fine-Gray model or has sampling weights or Firth's penalty; summary() has Wald",
      "tests"
    ), arg = "object")
  }
  Reduce(`+`, parts)
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::logLik
logLik.hazard_ratio <- function(object, ...) {
  structure(likelihoods(object)[2L],
    df = sum(object$models$n.parameter), nobs = stats::nobs(object), class = "logLik"
  )
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::formula
formula.hazard_ratio <- function(x, ...) model_of(x)$formula

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::model.matrix
model.matrix.hazard_ratio <- function(object, ...) {
  model <- model_of(object)
  rows <- in_order_of_data(model)
  x <- if (is.null(rows)) model$x else model$x[rows, , drop = FALSE]
  dimnames(x) <- list(NULL, model$label)
  if (is.null(model$offset)) return(x)
  structure(x, offset = if (is.null(rows)) model$offset else model$offset[rows])
}

# The row of the model matrix of each analysed row, in the order of the data; NULL for an
# event table
in_order_of_data <- function(model) {
  if (!is.null(model$source)) {
    pattern <- source_pattern(model$source)
    return(pattern[!is.na(pattern)])
  }
  if (!is.null(model$row)) order(model$row)
}

#' @rdname hazard_ratio-methods
#' @exportS3Method stats::anova
anova.hazard_ratio <- function(object, ...) {
  fits <- list(object, ...)
  is_fit <- vapply(fits, inherits, NA, "hazard_ratio")
  if (!all(is_fit)) {
    stop_oligosurv("input", sprintf(
      "anova() compares results of hazard_ratio(); argument %d is %s", which(!is_fit)[1L],
      describe(fits[[which(!is_fit)[1L]]])
    ))
  }
  check_comparable(fits)
  loglik <- vapply(fits, function(fit) likelihoods(fit)[2L], 0)
  df <- vapply(fits, function(fit) sum(fit$models$n.parameter), 0L)
  for (i in seq_along(fits)[-1L]) check_nested(fits, i + c(-1L, 0L), df)
  if (length(fits) == 1L) {
    loglik <- c(likelihoods(object)[1L], loglik)
    df <- c(0L, df)
  }
  more <- c(NA, diff(df))
  ratio <- c(NA, 2 * diff(loglik)) * sign(more)
  structure(
    data.frame(
      loglik = loglik, Chisq = ratio, Df = abs(more),
      "Pr(>|Chi|)" = stats::pchisq(ratio, abs(more), lower.tail = FALSE),
      check.names = FALSE
    ),
    heading = "Likelihood ratio test of hazard ratios\n", class = c("anova", "data.frame")
  )
}

# Stops unless the fits are of one kind, and of the same rows, strata and rule for ties
check_comparable <- function(fits) {
  distinct <- function(part) length(unique(lapply(fits, part))) > 1L
  by_id <- any(!is.na(unlist(lapply(fits, function(fit) fit$models$n.id))))
  if (by_id || distinct(function(fit) fit$models[c("n", "n.event")])) stop_other_rows()
  # Cox models say "is Efron", Fine-Gray models the name of the rule
  ties <- function(fit) {
    unname(lapply(model_of(fit)$fits, function(of) c(of$cells$efron, of$data$ties)))
  }
  if (distinct(ties) || distinct(function(fit) fit$event_table$strata)) {
    stop_oligosurv("data", paste(
      "a likelihood ratio test needs models of one kind (Cox or Fine-Gray), with the",
      "same strata and the same rule for ties, because other likelihoods have other risk",
      "sets or factors; fit them alike, with the covariates as the only difference"
    ))
  }
  none <- vapply(fits, function(fit) likelihoods(fit)[1L], 0)
  same_offset <- !distinct(function(fit) offset_text(model_of(fit)$recipe))
  if (same_offset && diff(range(none)) > 1e-8 * max(abs(none), 1)) stop_other_rows()
}

stop_other_rows <- function() {
  stop_oligosurv("data", paste(
    "a likelihood ratio test needs models of the same rows, without `id`; leave out",
    "rows with a missing value in any covariate before fitting, and use fits without",
    "`id`"
  ))
}

# Stops unless the linear predictors of the smaller of two fits, the numbers `pair`, are
# among those of the larger one. The baseline hazard takes up a constant.
check_nested <- function(fits, pair, df) {
  pair <- pair[order(df[pair])]
  parts <- lapply(fits[pair], function(fit) {
    x <- stats::model.matrix(fit)
    offset <- attr(x, "offset")
    list(x = x, offset = if (is.null(offset)) 0 else offset,
      known = Reduce(`|`, lapply(model_of(fit)$fits, function(f) !is.na(f$beta)))
    )
  })
  small <- parts[[1L]]
  large <- parts[[2L]]
  if (nrow(small$x) != nrow(large$x)) return(invisible()) # counts and rows
  needed <- cbind(small$x[, small$known, drop = FALSE], small$offset - large$offset)
  rest <- qr.resid(qr(cbind(1, large$x)), needed)
  size <- function(x) sqrt(colSums(x^2))
  if (all(size(rest) <= 1e-6 * size(scale(needed, scale = FALSE)) + 1e-12)) {
    return(invisible())
  }
  stop_oligosurv("data", sprintf(
    paste(
      "a likelihood ratio test needs nested models, but argument %d has covariates that",
      "are not in argument %d; compare such models by AIC()"
    ), pair[1L], pair[2L]
  ))
}
