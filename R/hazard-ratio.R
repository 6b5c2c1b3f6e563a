#' Hazard ratios: Cox and Fine-Gray regression
#'
#' Fits a regression model to rows or to the counts of an event table and gives one tidy
#' table. If a group has no event, Firth's penalised likelihood is used, whose estimate is
#' finite.
#'
#' @details **Cox.** The hazard is \eqn{\lambda_s(t) \exp(x'\beta)}{lambda_s(t)
#' exp(x'beta)} with a separate baseline in each stratum. With competing risks it is the
#' cause-specific hazard of each cause, with events of other causes censored.
#'
#' The partial likelihood is maximised by Newton's method, in C. It stops when the score
#' is below 1e-9 standard errors, so coefficients are those of `survival::coxph()` with a
#' tight `coxph.control(eps = )`. With p coefficients the work of a step is proportional
#' to p times the number of rows plus p squared times the number of distinct event times.
#' From 5,000 rows on, rows whose covariates are all factors are first counted by
#' covariate pattern; then the work of a step does not depend on the number of rows, only
#' on that of distinct times.
#'
#' **From counts.** `hazard_ratio(table, ~ arm + ecog)`: with categorical covariates the
#' partial likelihood needs only the number of subjects of each covariate pattern who
#' leave at each time, by status. An [event_table()] of `Surv(time, status) ~ arm + ecog`
#' holds these counts, whether it was counted from rows, in a database, from a stream or
#' by several hospitals whose tables `c()` merged; the fit is that of the rows. Its strata
#' are those of the table. A variable that was numeric in the rows is numeric here too:
#' `factor(ecog)` makes it a factor. `NULL`, the default, compares the groups. Splines,
#' polynomials and functions such as `mean()` are evaluated with each value repeated as
#' often as it was counted, so `splines::ns(age, 3)` has the same knots as with rows
#' (above 5 million subjects, give the knots).
#'
#' With delayed entry the counts determine everything except the variances of a Fine-Gray
#' model and of its curves, which depend on which entry belongs to which exit. Their
#' expectations given the counts are used instead, where each subject of the group at risk
#' is equally likely to be the one who leaves, as the model assumes. In simulations the
#' standard errors of coefficients were within 5% of those from the rows.
#'
#' **Ties.** With d events at one time, \eqn{S_0}{S0} the sum of
#' \eqn{\exp(x'\beta)}{exp(x'beta)} over those at risk and \eqn{E_0}{E0} the sum over
#' those with the event, the denominator of the partial likelihood is
#' \eqn{\prod_{l=0}^{d-1} (S_0 - E_0\, l / d)}{prod over l = 0 .. d - 1 of (S0 - E0 l /
#' d)} by Efron (the default for Cox, as in R's survival) and \eqn{S_0^d}{S0^d} by Breslow
#' (the default of SAS, Stata and SPSS). Firth's penalty can be added to either. Fine-Gray
#' models use Breslow's rule, as `cmprsk::crr()` and SAS do, unless `ties = "efron"` is
#' given, which corresponds to the default of `coxph()` for the rows of `finegray()`.
#'
#' **Fine-Gray.** The same model for the subdistribution hazard of one cause: those who
#' had an event of another cause at s remain at risk with the weight \eqn{w(t) = G(t-)
#' H(t-) / \{G(s-) H(s-)\}}{w(t) = G(t-) H(t-) / (G(s-) H(s-))}. G is the reverse
#' Kaplan-Meier curve of censoring and, with left truncation, H the product-limit curve of
#' entry (Geskus 2011), both estimated in each stratum, as in `survival::finegray()`. At
#' tied times events come before censorings, and these before entries; `cmprsk::crr()`
#' puts censorings first, so its estimates differ if events and censorings are tied. If
#' all subjects at risk have an event and others enter later, the weights are not defined,
#' and those with an earlier event of another cause leave the risk sets. A million rows
#' take seconds. The direction of the ratio is that of the difference in cumulative
#' incidence; it is not a ratio of rates among those at risk.
#'
#' **Variance of Fine-Gray models.** With u the score of a subject and I the information
#' it is \eqn{I^{-1} (\sum u u') I^{-1}}{I^-1 (sum u u') I^-1}. `variance = "censoring"`
#' includes in u the influence of the subject on the estimated weights. This is the
#' variance of Fine and Gray (1999) that `crr()` prints; with `id` it is that of Zhou et
#' al. (2012), as in crrSC, but with the correction below. `variance = "robust"` treats
#' the weights as known, as `coxph()` does with the rows of `finegray()`. The two differ
#' by one or two per cent.
#'
#' **Firth.** If a group has no event (or a covariate separates subjects with and without
#' the event), the likelihood has no maximum. Then \eqn{\ell^*(\beta) = \ell(\beta) +
#' \frac12 \log
#' |I(\beta)|}{l*(beta) = l(beta) + log|I(beta)| / 2} is maximised. The limits are the
#' values at which \eqn{2 (\ell^*_{max} - \ell^*_{profile})}{2 (l*max - l*profile)}
#' reaches the chi-square quantile, and the p-value is that of this likelihood ratio at a
#' hazard ratio of 1; `statistic` is its signed root. If the profile never falls that far,
#' the limit is 0 or `Inf`. The work of a step is proportional to the number of rows times
#' the square of the number of coefficients; 3,000 rows and 18 coefficients take seconds.
#'
#' **Clusters.** `id` makes the variance robust to correlation between rows of one
#' subject: the influences of the rows of an id are summed (Lin and Wei 1989), for Cox,
#' cause-specific and Fine-Gray models. The resulting sum of squares is too small if there
#' are few ids. With G ids among the rows and p estimated coefficients it is therefore
#' multiplied by G / (G - p - 1), and limits and p-values use the t distribution with G -
#' p - 1 degrees of freedom (`df`). In simulations with 9 to 37 patients, 1 to 5 lesions
#' each and 5 to 30 events, tests at the 5% level then rejected in at most 5.2% of cases,
#' against up to 11.9% with `coxph(cluster = )`, which has neither the factor nor t, and
#' 10.2% with `crrSC::crrc()`; see `vignette("methods")`. With p + 1 ids or fewer the
#' standard error is `NA`. Rows of an [endpoint()] with repeated patients and no `id` are
#' an error.
#'
#' If rows of one id are at risk at the same time (lesions), or an id has two events, the
#' estimate by Firth's likelihood uses all rows. Its profile treats rows as independent,
#' so limits, p-value and standard error come from within-cluster resampling (Hoffman et
#' al. 2001): they are the medians over 199 draws of one row per id. The draws have a
#' fixed seed and do not change the state of your random number generator; rows in another
#' order give other draws and slightly different limits. These limits
#' are conservative, because a draw ignores the other rows of an id. In a draw all ids
#' have the same weight, but in the estimate ids with many rows have more weight: if their
#' prognosis differs, the estimate is not in the middle of its limits. Percentiles of
#' estimates from resampled patients are not an alternative, because a group without
#' events has none in any resample. There are no limits (`NA`) if rows of an id begin at
#' different times. Rows of an id that follow each other, with at most one event, are one
#' subject whose follow-up is split: limits and p-value are those of the whole follow-up.
#'
#' **Weights.** With `weight_type = "frequency"` a row represents that many subjects, and
#' the fit is that of the rows repeated; the weights must be whole numbers. `"sampling"`
#' weights (inverse probability) enter the likelihood as in `coxph(weights = )`: the risk
#' sets are weighted, and with Efron's rule each factor of tied events has their mean
#' weight. The variance is always the robust one, summed over rows or, with `id`, over ids
#' with the correction above; a model-based variance would not be valid. It equals that of
#' `coxph(weights = , robust = TRUE)` and does not change if all weights are doubled. In
#' Fine-Gray models the curve of censoring is not weighted, as in `survival::finegray()`.
#' There is no likelihood for [logLik()] and `anova()`. Firth's estimate, for which
#' weights are scaled to mean 1, has no limits. The test of proportional hazards is that
#' of `cox.zph()`, which treats the weights as numbers of subjects.
#'
#' **Coefficients that are not identified** are `NA`: all of them if there is no event;
#' that of a group whose rows all leave before the first event; and that of a covariate
#' that is constant among those at risk whenever an event occurs (such as one that varies
#' only in strata without events), or that is determined by other covariates. The others
#' are estimated without them. With `firth = FALSE` and a ratio of 0 or `Inf`,
#' coefficients about which the events then say nothing are `NA` too, such as that of a
#' level without events if the reference has no events either. A level of a factor is
#' compared with the reference only if risk sets at events link the two. If the reference
#' leaves before the first event, or is alone in its strata, all levels are `NA` (and so
#' are interactions with the factor); choose another reference with [stats::relevel()].
#' `print()` names these coefficients.
#'
#' **Proportional hazards.** The test of `cox.zph()` of survival 3: the score test against
#' coefficients that change with the Kaplan-Meier transform of time, for each term and for
#' all together.
#'
#' Only the order of the times matters, so their unit does not. The reference of factors,
#' text and logical columns is the first level that has rows, also for ordered factors,
#' which do not get polynomial contrasts. Contrasts that are set on a factor
#' (`contrasts(d$x) <-`, `C(x, contr.sum)`) are used; they define what is compared, and
#' `reference` is `NA` unless it is a single level. Blanks around labels are ignored; an
#' empty label is a missing value.
#'
#' `.` in the formula means all columns of `data` that are not already used as time,
#' status, stratum, offset or id; `- x` removes one. `tt()`, `frailty()`, `pspline()`,
#' `ridge()` and `- 1` are errors that say what to write instead.
#'
#' **Offset.** `offset(o)`, a separate term, adds o to the linear predictor with a
#' coefficient of 1, as in `coxph()`: a prognostic score of another study, or a log hazard
#' ratio that is treated as known. From counts o is a variable of the table or a function
#' of its variables. [`predict()`][predict.hazard_ratio] needs its columns in `newdata`.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ covariates + strata(s)` (factors, numbers,
#'   interactions, splines, `.`), or an [event_table()] with groups.
#' @param data Data frame of the variables of the formula; with an event table as `x`,
#'   `NULL` or a formula of covariates such as `~ arm + ecog`.
#' @param model `"cox"` or `"fine-gray"`.
#' @param outcome With competing risks: the causes to return; `NULL` for all.
#' @param id `NULL`, a column of `data` (its name as text, or unquoted) or a vector: the
#'   cluster id of each row, such as the patient. `cluster()` in the formula is the same.
#' @param firth Use of Firth's penalty. `NA`: if the likelihood has no maximum; `TRUE`:
#'   always; `FALSE`: never (without a maximum the estimate is then 0 or `Inf`, with a
#'   warning).
#' @param ties How tied event times enter the likelihood: `"efron"` or `"breslow"`. The
#'   default is `"efron"` for Cox and `"breslow"` for Fine-Gray.
#' @param variance For Fine-Gray models: `"censoring"` includes the estimation of the
#'   weights in the variance, `"robust"` does not.
#' @return A `hazard_ratio`: a list of
#'   `table` (what [tidy()] gives, except for `std.error`, see [results]), one row per
#'   coefficient: `outcome` (competing risks only), `term`, `level` and `reference` (for
#'   factors; only `level` for columns of interactions and splines, as in `arm B : sex m`;
#'   otherwise `NA`), `n` and `n.event` (of the level or levels; for numeric covariates of
#'   all rows), `estimate` (hazard ratio), `std.error` (**of the log** hazard ratio),
#'   `statistic` (z, or t with `id`), `df` (degrees of freedom of t; `Inf` for z, `NA` for
#'   Firth's likelihood), `p.value`, `conf.low`, `conf.high`, `conf.level`, `method`;
#'   `proportional_hazards` (`outcome`, `term`, `statistic`, `df`, `p.value`; the last row
#'   of an outcome is `GLOBAL`); and `models` (what [glance()] gives), one row per
#'   outcome: `n`, `n.id` (number of ids, `NA` without `id`), `n.event`, `n.parameter`
#'   (number of estimated coefficients), `events.per.parameter`, `ph.p.value`, `method`,
#'   which names the rule for ties and the correction.
#' @section Errors: those of [event_table()]; `oligosurv_error_data` for repeated patients
#'   without `id`, a covariate with one level or one event type in a Fine-Gray model;
#'   `oligosurv_error_domain` for infinite covariates, for more than 1e10 subjects, and
#'   for linear predictors that differ so much that the sum over a risk set is lost to
#'   rounding;
#'   `oligosurv_error_input` for a formula without covariates, terms that are not
#'   supported or an unknown outcome.
#' @references Cox (1972) \doi{10.1111/j.2517-6161.1972.tb00899.x};
#'   Fine and Gray (1999) \doi{10.1080/01621459.1999.10474144};
#'   Geskus (2011) \doi{10.1111/j.1541-0420.2010.01420.x};
#'   Zhou, Fine, Latouche and Labopin (2012) \doi{10.1093/biostatistics/kxr032};
#'   Lin and Wei (1989) \doi{10.1080/01621459.1989.10478874};
#'   Efron (1977) \doi{10.1080/01621459.1977.10480613};
#'   Breslow (1974) \doi{10.2307/2529620};
#'   Heinze and Schemper (2001) \doi{10.1111/j.0006-341X.2001.00114.x};
#'   Hoffman, Sen and Weinberg (2001) \doi{10.1093/biomet/88.4.1121};
#'   Grambsch and Therneau (1994) \doi{10.1093/biomet/81.3.515}.
#' @seealso [coef()][hazard_ratio-methods] and other functions of fitted models,
#'   [logrank_test()], [gray_test()], [forest_plot()], [result_table()]
#' @examples
#' # By hand: with r the ratio, 2 r / (1 + r) + 2 r / (1 + 2 r) = 1, so
#' # r = (sqrt(17) - 1) / 8 = 0.3904
#' d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
#' hazard_ratio(Surv(month, dead) ~ arm, d)
#' # nobody in B dies: l* = log(r) / 2 - 3 log(1 + r), largest at r = 1/5
#' d$dead <- c(1, 0, 1, 0)
#' hazard_ratio(Surv(month, dead) ~ arm, d)
#' # The same from counts
#' hazard_ratio(event_table(Surv(month, dead) ~ arm, d), ~ arm)
#' @export
hazard_ratio <- function(x, data = NULL, model = c("cox", "fine-gray"), outcome = NULL,
                         id = NULL, weights = NULL, weight_type = NULL,
                         conf.level = 0.95, firth = NA, ties = c("efron", "breslow"),
                         variance = c("censoring", "robust"), tie_tol = 1e-9, ...) {
  if (missing(x) || ...length()) check_row_dots(x, ...)
  call <- if (!missing(id) || !missing(weights)) {
    captured(substitute(id), substitute(weights), weight_type, parent.frame())
  }
  model <- if (missing(model)) {
    "cox"
  } else {
    check_choice(model, c("cox", "fine-gray"), "model")
  }
  ties <- if (missing(ties)) {
    if (model == "cox") "efron" else "breslow"
  } else {
    check_choice(ties, c("efron", "breslow"), "ties")
  }
  variance <- check_fine_gray_variance(variance, model, missing(variance))
  if (!missing(conf.level)) conf.level <- check_level(conf.level)
  firth <- if (identical(firth, NA)) NA else check_flag(firth, "firth")
  rows <- if (inherits(x, "event_table")) {
    read_counts_regression(x, data, call, tie_tol, ...)
  } else {
    weights <- read_row_weights(data, call)
    read_regression(x, data, read_id(x, data, call), tie_tol, weights = weights, ...)
  }
  if (!is.null(rows$size)) check_total_size(rows)
  rows$tie_tol <- tie_tol
  outcomes <- check_outcomes(outcome, rows$table, model)
  fits <- vector("list", length(outcomes))
  for (i in seq_along(outcomes)) {
    fits[[i]] <- fit_hazard_ratio(
      outcomes[i], rows, model, conf.level, firth, ties, variance
    )
  }
  formula <- if (!inherits(x, "event_table")) x else if (is.null(data)) ~group else data
  new_hazard_ratio(fits, outcomes, rows, conf.level, formula)
}

# Checks `outcome` and returns the outcomes to fit; NA if there is one event type
check_outcomes <- function(outcome, table, model) {
  causes <- .subset2(table, "states")[-1L]
  if (length(causes) == 1L) {
    if (model == "fine-gray") {
      stop_oligosurv("data", paste(
        "a Fine-Gray model needs competing risks, but the status has one event type;",
        "use model = \"cox\""
      ), arg = "model")
    }
    if (is.null(outcome)) return(NA_character_)
  }
  if (is.null(outcome)) return(causes)
  outcome <- plain_argument(outcome)
  check_factor(outcome, "outcome")
  given <- is.atomic(outcome) && length(outcome) && all(outcome %in% causes)
  if (!given) {
    stop_oligosurv("input", sprintf(
      "`outcome` must be among %s; it is %s", paste0("\"", causes, "\"", collapse = ", "),
      describe(outcome)
    ), arg = "outcome")
  }
  unique(as.character(outcome))
}

fit_hazard_ratio <- function(outcome, rows, model, conf.level, firth, ties, variance) {
  cause <- if (is.na(outcome)) 1L else match(outcome, rows$table$states) - 1L
  event <- rows$status == cause
  count <- pattern_counts(rows, event)
  fine_gray <- model == "fine-gray"
  obs <- if (fine_gray) fine_gray_obs(rows, cause) else cox_rows(rows, event)
  design <- rows$design
  fit <- if (fine_gray) {
    fit_fine_gray(rows, obs, cause, ties, variance)
  } else {
    fit_cox(obs, design, ties)
  }
  known <- at <- fit$known
  p <- length(known)
  monotone <- as.logical(fit$monotone)
  apart <- if (all(known)) logical(p) else not_compared(obs, design, known)
  if (all(apart[known])) {
    # no coefficient is the comparison named by its label
    known[] <- fit$known[] <- FALSE
    monotone <- logical()
  }
  some <- any(known)
  diverges <- any(monotone)
  penalise <- some && (if (is.na(firth)) diverges else firth)
  lost <- logical(length(monotone))
  clustered <- !is.null(rows$id) && has_clusters(rows)
  correction <- if (!penalise && !is.null(rows$id)) id_correction(rows$id, sum(known))
  draws <- FALSE
  values <- if (penalise) {
    penalised <- penalised_fit(
      fit, rows, cause, known, fine_gray, ties, conf.level, clustered
    )
    fit[c("naive", "var")] <- penalised[c("naive", "var")]
    draws <- penalised$draws
    penalised$values
  } else if (some) {
    lost <- any_value_fits(fit, monotone, design$x)
    wald(fit, monotone, conf.level, correction, lost)
  }
  if (diverges && !penalise) warn_monotone(design$label[known][monotone & !apart[known]])
  method <- regression_method(model, rows, penalise, ties, correction, variance, draws)
  list(
    table = coefficient_table(values, known, apart, design, count, conf.level, method),
    apart = apart, lost = if (any(lost)) replace(known, known, lost) else logical(p),
    ph = if (some && !diverges) ph_table(fit, obs, design, fine_gray),
    n = whole_number(count$all[1L]), n.event = whole_number(count$all[2L]),
    n.parameter = sum(known), method = method,
    n.id = if (is.null(rows$id)) NA_integer_ else max(rows$id, 0L),
    blank = penalise && !draws && (clustered || rows$sampled),
    detail = c(
      fit_detail(
        fit, values, apart, model, cause, penalise, correction, rows$sampled
      ),
      list(curve = curve_detail(
        fit, values, at, if (diverges && !penalise) monotone | lost, fine_gray, penalise,
        correction, variance, rows
      ))
    )
  )
}

new_hazard_ratio <- function(fits, outcomes, rows, conf.level, formula) {
  stack <- if (anyNA(outcomes)) function(parts) parts[[1L]] else stacked(outcomes)
  tables <- tests <- models <- vector("list", length(fits))
  blank <- FALSE
  apart <- lost <- logical()
  for (i in seq_along(fits)) {
    fit <- fits[[i]]
    blank <- blank || fit$blank
    tables[[i]] <- fit$table
    tests[i] <- list(fit$ph)
    apart <- c(apart, fit$apart)
    lost <- c(lost, fit$lost)
    by_term <- if (!is.null(fit$ph)) .subset2(fit$ph, "p.value")
    overall <- by_term[length(by_term)] # the row GLOBAL
    parameters <- fit$n.parameter
    models[[i]] <- quick_frame(list(
      n = fit$n, n.id = fit$n.id, n.event = fit$n.event, n.parameter = parameters,
      events.per.parameter = if (parameters > 0L) fit$n.event / parameters else NA_real_,
      ph.p.value = if (length(overall)) overall else NA_real_, method = fit$method
    ))
  }
  result <- list(
    table = stack(tables), proportional_hazards = stack(tests), models = stack(models),
    conf.level = conf.level, event_table = rows$table, blank = blank,
    apart = apart, lost = lost,
    model = kept_model(fits, outcomes, rows, formula)
  )
  class(result) <- "hazard_ratio"
  result
}

# Returns a function that stacks the tables of all outcomes, of which some may be NULL
stacked <- function(outcomes) {
  function(parts) {
    size <- vapply(parts, function(part) length(part[[1L]]), 0L)
    if (!any(size)) return(NULL)
    of <- quick_factor(rep.int(seq_along(outcomes), size), outcomes)
    quick_frame(c(
      list(outcome = of),
      do.call(Map, c(function(...) c(..., recursive = TRUE), unname(parts[size > 0L])))
    ))
  }
}

# The parts of the model that coef(), residuals() and others need. The formula loses its
# environment, which may hold the data.
kept_model <- function(fits, outcomes, rows, formula) {
  environment(formula) <- globalenv()
  details <- vector("list", length(fits))
  for (i in seq_along(fits)) details[[i]] <- fits[[i]]$detail
  if (!anyNA(outcomes)) names(details) <- outcomes
  design <- rows$design
  list(
    formula = formula, x = design$x, label = design$label, row = rows$row,
    source = rows$source, fits = details, recipe = rows$recipe, index = design$index,
    coding = design$coding, factors = design$factors, id = rows$id,
    whole = !is.null(rows$id) && has_clusters(rows), tie_tol = rows$tie_tol,
    late = !is.null(rows$entry) && any(rows$entry > 0L),
    stratum = unique_of_sorted(rows$stratum), offset = design$offset
  )
}
