# Predicted risks of a hazard_ratio as scores, for the rows of its own data or of new
# data.

# The rows of read_scores() with risks at the times. Risks are given in `data`, or
# predicted by a hazard_ratio. Adds `outcome`, the outcome of the risks (NULL if none was
# named), and `own`, TRUE if they are predictions for the rows of the fit.
read_predicted <- function(x, data, times, outcome, call, tie_tol, ...) {
  fit <- if (inherits(x, "hazard_ratio")) x
  own <- FALSE
  if (!is.null(fit)) {
    made <- risks_of_fit(fit, data, times, outcome, call, list(...)$landmark)
    x <- made$formula
    data <- made$data
    outcome <- if (!is.na(made$outcome)) made$outcome
    own <- made$own
  }
  rows <- read_scores(x, data, call, tie_tol, read_risks(length(times)), ...)
  rows["outcome"] <- list(outcome)
  rows$own <- own && is_own_data(fit, rows)
  rows
}

# The data with a matrix column of risks (one column per time); the formula with this
# column and the strata and ids of the fit; `outcome`, the cause of the risks; `own` as
# in rows_of_fit()
risks_of_fit <- function(fit, data, times, outcome, call, landmark) {
  model <- model_of(fit)
  check_fit_for_scores(fit, data, call, "risks", landmark)
  outcomes <- names(model$fits)
  if (is.null(outcome) && length(outcomes) == 1L) outcome <- outcomes
  outcome <- check_one_outcome(outcome, fit$event_table)
  at <- prediction_outcomes(fit, if (!is.na(outcome)) outcome)
  new <- read_newdata(data, model$recipe, model$coding, call$env, "data")
  stratum <- read_new_strata(data, model$recipe, fit$event_table$strata, call$env,
    "data"
  )
  if (is.null(stratum)) {
    stop_oligosurv("input", sprintf(
      "`data` has no column %s, on which the baseline of the fit depends; add it",
      join_words(paste0("`", unique(unlist(model$recipe$strata_columns)), "`"))
    ), arg = "data")
  }
  names <- prediction_jobs(fit, at, "incidence")[[1L]]
  job <- curve_job(model, names)
  check_risk_times(times, job, fit)
  data[[score_of_fit]] <- predicted_risks(job, model, new, as.integer(stratum),
    findInterval(times * (1 + default_tie_tol), distinct_times(fit)),
    match(outcome, names, nomatch = 1L)
  )
  row <- fitted_rows(fit, nrow(data))
  list(
    formula = formula_of_scores(fit, score_of_fit), data = data, outcome = outcome,
    own = !is.null(row) && has_own_covariates(fit, data, row, call)
  )
}

score_of_fit <- "predicted risk"

# The formula of a fit with the given columns as scores
formula_of_scores <- function(fit, names) {
  x <- model_of(fit)$formula
  ids <- Filter(function(term) calls_to(term, "cluster"), rhs_terms(x[[3L]]))
  strata <- Filter(function(term) calls_to(term, "strata"), rhs_terms(x[[3L]]))
  with_terms(x, c(lapply(names, as.name), strata, ids))
}

# Stops if the rows of a fit are unknown, or cannot be found in `data`
check_fit_for_scores <- function(fit, data, call, what, landmark = NULL) {
  model <- model_of(fit)
  if (is.null(model$row) && is.null(model$source)) {
    stop_oligosurv("data", sprintf(
      paste(
        "this fit was made from an event table, which has no rows to predict; give",
        "the formula with the predicted %s, Surv(time, status) ~ %s, and `data`"
      ), what, if (what == "risks") "risk" else "score"
    ), arg = "x")
  }
  if (!is.data.frame(data)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`data` must be the data frame to which the hazard_ratio was fitted, or one with",
        "the same columns; it is %s"
      ), describe(data)
    ), arg = "data")
  }
  ids <- Filter(function(term) calls_to(term, "cluster"), rhs_terms(model$formula[[3L]]))
  if (!is.na(fit$models$n.id[1L]) && is.null(call$id) && !length(ids)) {
    stop_oligosurv("data", "the model was fitted with `id`; give the same `id` here",
      arg = "id"
    )
  }
  if (!is.null(fit$event_table$landmark) && is.null(landmark)) stop_other_data()
}

check_risk_times <- function(times, job, fit) {
  last <- distinct_times(fit)[min(job$last)]
  past <- times * (1 - default_tie_tol) > last
  if (!any(past)) return(invisible())
  stop_oligosurv("data", sprintf(
    "the model predicts no risk at %s, as its follow-up ends at %s; give earlier `times`",
    join_words(format_time(times[past])), format_time(last)
  ), arg = "times")
}

# Risks [rows, ranks] of one cause (its number in the job); NA if a covariate is missing,
# or if the fit does not determine the hazard
predicted_risks <- function(job, model, new, stratum, ranks, cause) {
  x <- new_design(new$variables, model$factors, model$coding$contrasts)
  s <- match(stratum, job$codes)
  out <- matrix(NA_real_, length(s), length(ranks))
  known <- which(!new$missing & !is.na(s))
  for (steps in job$steps) {
    known <- known[is_estimable(steps, model$x, x[known, , drop = FALSE], s[known])]
  }
  for (at in person_blocks(known, length(ranks) * length(job$steps)^2)) {
    persons <- list(models = lapply(job$steps, persons_for, x[at, , drop = FALSE], s[at],
      new$offset[at]
    ), stratum = s[at], weight = rep(1, length(at)))
    out[at, ] <- person_incidences(job, persons, ranks)[[cause]]
  }
  out
}

# Do times, states and strata equal those of the fit?
is_own_data <- function(fit, rows) {
  parts <- c("time", "status", "n", "start", "states", "strata", "entry")
  identical(unclass(fit$event_table)[parts], unclass(rows$table)[parts])
}

# Linear predictors of new rows, one column per outcome; see rows_of_fit(). NA if a
# covariate is missing and, with `only_known`, if the fit does not determine the ratio, as
# in predict().
predictors_of_new <- function(fit, data, call, only_known = TRUE) {
  model <- model_of(fit)
  new <- read_newdata(data, model$recipe, model$coding, call$env, "data")
  x <- new_design(new$variables, model$factors, model$coding$contrasts)
  outcomes <- names(model$fits)
  each <- lapply(if (is.null(outcomes)) 1L else outcomes, function(outcome) {
    beta <- model$fits[[outcome]]$beta
    lp <- as.vector(x %*% replace(beta, is.na(beta), 0)) + new$offset
    known <- !new$missing
    if (only_known && anyNA(beta)) {
      known[known] <- has_known_ratio(model, outcome, x[known, , drop = FALSE])
    }
    replace(lp, !known, NA)
  })
  matrix(unlist(each), nrow(x))
}
