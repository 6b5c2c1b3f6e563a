#' Curves adjusted for covariates
#'
#' The survival or cumulative incidence expected if all subjects were in the same group,
#' for each group in turn: predicted by a [hazard_ratio()] and averaged over the observed
#' covariates (standardised curves, also called direct adjusted or marginal), with
#' differences between groups and restricted means.
#'
#' @details For group g, each of the N subjects keeps all covariates except the group,
#' which is set to g; the curves predicted by [`predict()`][predict.hazard_ratio] are
#' averaged:
#' \deqn{\bar S_g(t) = \frac1N \sum_i S(t \mid g, x_i)}{S_g(t) = sum over i of S(t | g,
#'   x_i) / N}
#' If the model holds and the covariates include all confounders, the difference is the
#' average treatment effect: that between everybody in one group and everybody in the
#' other. It is on the scale of probabilities and, unlike a hazard ratio, does not change
#' when a further covariate that is balanced between the groups enters the model. If `by`
#' is a stratum, each group has its own baseline hazard, and the hazards need not be
#' proportional.
#'
#' **Variance.** Covariates count as sampled, not as fixed. The influence of subject i on
#' \eqn{\bar S_g(t)}{S_g(t)} is
#' \eqn{\{S(t \mid g, x_i) - \bar S_g(t)\} / N}{(S(t | g, x_i) - S_g(t)) / N} plus the
#' effect of the subject on the baseline hazard and on the coefficients; in Fine-Gray
#' models also on the weights for censoring. The variance is the sum of squares over the n
#' subjects times n / (n - p - 1), with p coefficients, and limits and p-values use the t
#' distribution with n - p - 1 degrees of freedom; n is the number of ids if the fit has
#' `id`. The influences on a difference are the differences of the influences, so the
#' variance allows for the correlation of curves that share covariates and baseline.
#'
#' **Restricted means** are the areas under the average curves to `tau`: mean survival
#' time, or mean time lost to each cause with competing risks. By default `tau` is the
#' last follow-up time, or the earliest of the last times of the groups or strata. Limits
#' of means and differences are the estimate minus and plus the quantile of t times the
#' standard error, truncated to the possible range (0 to `tau`, `-tau` to `tau`, -1 to 1);
#' those of the curves are on the scale of `conf.type`.
#'
#' **Many times.** With more than 2,000 event times the curves are computed at no more
#' than 2,000 of them, spread evenly by rank and by time, and at the requested times;
#' restricted means treat the steps in between, which span at most a 500th of the time to
#' `tau`, as equal.
#'
#' **Who counts.** Every row of the fit, or every counted subject of an event table, is a
#' subject; with `id`, consecutive rows of one id are one subject and count once. Subjects
#' with delayed entry count like others.
#'
#' @param fit A [hazard_ratio()], from rows or from counts.
#' @param by The covariate whose levels are the groups, as in the formula (its name or the
#'   unquoted column): a factor or a numeric covariate. Or the variable of the strata;
#'   `"strata"` for the strata of an event table.
#' @param times `NULL` for all event times, or the times at which the curves are
#'   evaluated.
#' @param type `"survival"` or `"incidence"`; `NULL` is `"survival"` with one event type
#'   and `"incidence"` with competing risks.
#' @param outcome With competing risks: the causes to return; `NULL` for all in the fit.
#' @param values The groups, in the order wanted: levels of a factor, or values of a
#'   number, which need not occur in the data. `NULL` for all levels or, if there are at
#'   most 12, all distinct numbers.
#' @param tau End of the restricted mean, in the unit of the times.
#' @param reference The group that the others are compared with; `NULL` for the first.
#' @param extend `TRUE` extends the curves, at their last value, beyond the last
#'   follow-up.
#' @inheritParams predict.hazard_ratio
#' @return An `adjusted_curves`, which is a [`predicted_curves`][predict.hazard_ratio]: a
#'   list of data frames that `tidy(x, rows = )` returns: `curves` (the columns of
#'   `predict()`; `strata` is the group); `differences` with `time`, `outcome` (competing
#'   risks only), `contrast` (`B - A`), `estimate`, `std.error`, `statistic`, `p.value`,
#'   `conf.low`, `conf.high`, `conf.level`; `means` with `outcome`, `strata`, `tau`,
#'   `estimate` and so on; and `mean.differences`. `autoplot()` draws it as it draws
#'   [`predict()`][predict.hazard_ratio].
#' @section Errors: `oligosurv_error_input` if `by` is neither a covariate with a term of
#'   its own nor strata, and for unknown `values` or `reference`; `oligosurv_error_data`
#'   for a `tau` after the last follow-up and for Cox models of counts with left
#'   truncation (the influence of a subject depends on which entry belongs to which exit);
#'   those of [`predict()`][predict.hazard_ratio].
#' @references Makuch (1982) \doi{10.1016/0021-9681(82)90061-3};
#'   Gail and Byar (1986) \doi{10.1002/bimj.4710280508};
#'   Zhang, Loberiza, Klein and Zhang (2007) \doi{10.1016/j.cmpb.2007.07.010};
#'   Ozenne, Scheike, Staerk and Gerds (2020) \doi{10.1002/bimj.201800298}.
#' @seealso [hazard_ratio()], [`predict()`][predict.hazard_ratio], [rate_difference()]
#'   and [restricted_mean()] for groups as they are
#' @examples
#' # Without further covariates the average is the predicted curve: S(1) is 0.6979 in A
#' # and 0.8690 in B, see predict()
#' d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
#' fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
#' a <- adjusted_curves(fit, by = arm)
#' tidy(a, times = 1)
#' tidy(a, rows = "mean.differences")
#' @export
adjusted_curves <- function(fit, by, times = NULL, type = NULL, outcome = NULL,
                            values = NULL, tau = NULL, reference = NULL,
                            conf.level = fit$conf.level, conf.type = "log-log",
                            extend = FALSE, ...) {
  check_no_dots(...)
  if (!inherits(fit, "hazard_ratio")) {
    stop_oligosurv("input", sprintf(
      "`fit` must come from hazard_ratio(); it is %s", describe(fit)
    ), arg = "fit")
  }
  by <- name_of_group(if (!missing(by)) substitute(by), parent.frame())
  type <- check_prediction_type(type, fit)
  if (!type %in% c("survival", "incidence")) {
    stop_oligosurv("input", sprintf(
      "`type` must be \"survival\" or \"incidence\"; it is \"%s\"", type
    ), arg = "type")
  }
  settings <- list(
    times = check_times(times), type = type, conf.level = check_level(conf.level),
    conf.type = check_choice(conf.type, prediction_conf_types, "conf.type"),
    extend = check_flag(extend, "extend"), distinct = distinct_times(fit),
    tau = if (!is.null(tau)) check_number(tau, "tau", 0)
  )
  model <- model_of(fit)
  if (model$late && is.null(model$row) && !is_fine_gray(fit)) {
    stop_oligosurv("data", paste(
      "the variance of adjusted curves of a Cox model depends on which entry belongs to",
      "which exit, and an event table does not record this; fit hazard_ratio() with a",
      "formula and `data`"
    ), arg = "fit")
  }
  outcomes <- prediction_outcomes(fit, outcome)
  group <- find_standard_group(by, values, fit)
  settings$reference <- check_group_reference(reference, group)
  parts <- lapply(prediction_jobs(fit, outcomes, type), function(names) {
    adjust_job(fit, names, intersect(outcomes, names), group, settings)
  })
  new_adjusted_curves(parts, fit, settings, outcomes, group, by)
}

# Returns the text of `by`: a string as given, or the code of an unquoted column or of a
# call of factor()
name_of_group <- function(expr, env) {
  if (is.null(expr)) {
    stop_oligosurv("input", "give `by`, the covariate whose levels are compared",
      arg = "by"
    )
  }
  if (is.character(expr)) return(check_string(expr, "by"))
  if (is.symbol(expr) || calls_to(expr, "factor")) return(term_text(expr))
  check_string(eval(expr, env), "by")
}

check_group_reference <- function(reference, group) {
  if (is.null(reference)) return(1L)
  check_factor(reference, "reference")
  at <- if (is.atomic(reference)) {
    match(as.character(reference), as.character(group$groups))
  }
  if (length(at) == 1L && !is.na(at)) return(at)
  stop_oligosurv("input", sprintf("`reference` must be one of the groups, %s; it is %s",
    paste0("\"", group$groups, "\"", collapse = ", "), describe(reference)
  ), arg = "reference")
}

# The adjusted curves of `outcomes`, with the differences and means derived from them
adjust_job <- function(fit, names, outcomes, group, settings) {
  model <- model_of(fit)
  job <- curve_job(model, names)
  robust <- robust_units(job, model, always = TRUE)
  standard <- standard_persons(job, model)
  if (is.null(model$id)) {
    robust <- correct_for_few(robust, job, subjects_of(standard, job))
  }
  persons <- lapply(seq_along(group$groups), function(at) {
    persons_in_group(job, model, standard, group, at)
  })
  last <- vapply(persons, function(x) {
    if (is.null(x)) NA_real_ else settings$distinct[min(job$last[unique(x$stratum)])]
  }, 0)
  grid <- area_grid(job, last, settings)
  pool <- settings$type == "survival"
  wanted <- sort(unique(grid_rows(grid, settings)$at))
  all <- standardise(job, standard, persons, grid, wanted, robust, pool)
  blank <- any(vapply(job$steps, function(x) x$curve$blank, NA))
  if (blank) {
    all$covariance[] <- NA
    all$area <- lapply(all$area, `*`, NA)
  }
  causes <- if (pool) 1L else match(outcomes, names)
  list(
    all = all, grid = grid, causes = causes, last = last, df = robust$df,
    robust = TRUE, unknown = which(vapply(persons, is.null, NA))
  )
}

# The number of subjects; with sampling weights that of the rows
subjects_of <- function(standard, job) {
  sampled <- isTRUE(job$steps[[1L]]$sampled)
  if (sampled) sum(standard$of_cell > 0L) else standard$total
}

# Small-sample correction for subjects, as for ids: n / (n - p - 1), and t with n - p - 1
# degrees of freedom
correct_for_few <- function(robust, job, n) {
  p <- max(vapply(job$steps, function(steps) length(steps$curve$beta), 0L))
  robust$df <- n - p - 1
  robust$factor <- if (robust$df > 0) n / robust$df else NA_real_
  robust
}

# All event times up to the last follow-up, and the length of the interval after each
# time, up to tau, in which the curves are constant
area_grid <- function(job, last, settings) {
  if (all(is.na(last))) last <- settings$distinct[max(job$last)]
  tau <- settings$tau
  if (is.null(tau)) tau <- min(last, na.rm = TRUE)
  if (!settings$extend && any(tau * (1 - default_tie_tol) > last, na.rm = TRUE)) {
    stop_oligosurv("data", sprintf(
      paste(
        "`tau` is %s, but the last follow-up is at %s; give a smaller `tau`, or",
        "`extend = TRUE` to continue the curves as constant"
      ), format_time(tau), format_time(min(last, na.rm = TRUE))
    ), arg = "tau")
  }
  ranks <- sort(unique(unlist(c(lapply(job$steps, `[[`, "rank"), max(job$last)))))
  part <- thin_ranks(ranks, settings$distinct, settings$times, tau)
  steps <- if (is.null(part)) rep(1, length(ranks) - 1L) else diff(part)
  if (!is.null(part)) ranks <- ranks[part]
  rank <- c(0L, ranks)
  time <- c(0, settings$distinct[ranks])
  steps <- c(1, steps)
  if (length(ranks) && time[2L] == 0) {
    rank <- rank[-1L]
    time <- time[-1L]
    steps <- steps[-1L]
  }
  list(rank = rank, time = time, width = area_widths(time, tau, steps), tau = tau)
}
