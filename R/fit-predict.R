# The predict() method of a hazard_ratio.

prediction_types <- c("survival", "incidence", "linear predictor", "risk")

prediction_conf_types <- c("log-log", "log", "plain", "logit", "arcsin", "none")

#' Curves predicted by a hazard_ratio
#'
#' Predicts survival or cumulative incidence for given covariates, with confidence limits,
#' from a Cox or Fine-Gray model that was fitted to rows or to counts. Also gives linear
#' predictors and hazard ratios against the reference.
#'
#' @details With the cumulative baseline hazard \eqn{\Lambda}{H0} of a stratum, a person
#' with covariates x has the cumulative hazard \eqn{H(t) = \Lambda(t) e^{x'\beta}}{H(t) =
#' H0(t) exp(x'b)}.
#'
#' **Cox, one event type.** \eqn{S = e^{-H}}{S = exp(-H)}. The baseline treats ties as the
#' fit does: \eqn{d\Lambda = \sum_l 1 / (S_0 - E_0\, l / d)}{dH0 = sum over l of 1 / (S0 -
#' E0 l / d)} (Efron) or \eqn{d / S_0}{d / S0} (Breslow), see [hazard_ratio()]. The
#' variance of H is the sum of a term for the baseline and a term for the coefficients
#' (Link 1984, Tsiatis 1981). Estimates and standard errors equal those of
#' `survival::survfit()` for a `coxph()` fit.
#'
#' **Cox, competing risks.** The cumulative incidences follow from the hazards of all
#' causes,
#' \deqn{F_k = \sum_j S(t_j-)\, (1 - e^{-h_j})\, h_{kj} / h_j, \quad h_j = \sum_k
#'   h_{kj}}{F_k = sum over j of S(t_j-) (1 - exp(-h_j)) h_kj / h_j, h_j = sum over k of
#'   h_kj}
#' where \eqn{h_{kj}}{h_kj} are the steps of the cumulative hazards, and
#' \eqn{S = e^{-\sum H_k}}{S = exp(-sum of H_k)} is the probability of being free of all
#' events; S and the \eqn{F_k}{F_k} add up to 1 at every time. All causes must be in the
#' fit. The estimated hazards of different causes are independent, and variances follow by
#' the delta method. `survival::survfit()` of a multi-state `coxph()` fit gives the same
#' estimates.
#'
#' **Fine-Gray.** \eqn{F = 1 - e^{-H}}{F = 1 - exp(-H)} of the subdistribution hazard. The
#' variance is the sum of squares of the influences of the subjects; these include the
#' effect of the subject on the weights for censoring unless the fit has
#' `variance = "robust"`. Incidences of several causes are those of separate models and
#' may add up to more than 1.
#'
#' **Clusters.** If the fit has `id`, the standard error is the sum over ids of the
#' squared sum of influences (Reid 1981), with the factor G / (G - p - 1) and the t
#' distribution of [hazard_ratio()].
#'
#' **Sampling weights.** The baseline is weighted like the fit, and the variance is the
#' sum over rows or ids of the squared sums of weight times influence. In Fine-Gray models
#' the censoring curve is that of the rows without weights, as in the fit, so the
#' influence through it is not weighted.
#'
#' **Counts with delayed entry.** The variance of the curves of a Fine-Gray model is then
#' an expectation given the counts, like that of its coefficients, see [hazard_ratio()].
#'
#' **Limits** are on the scale of `conf.type`, by default log-log as in [kaplan_meier()];
#' with one event type those of the incidence are 1 minus those of survival. They are `NA`
#' where the estimate is 0 or 1, as before the first event. They are limits for the
#' probability of an event in persons with these covariates, not for the event time of one
#' person.
#'
#' **Firth.** The curves use the penalised estimate; their variance uses the inverse
#' information at this estimate. If rows of one id are at risk together, there are no
#' limits, as the within-cluster resampling of [hazard_ratio()] applies to coefficients
#' only. There are none with sampling weights either.
#'
#' **Not estimable.** A coefficient is `NA` if its covariate is determined by the others
#' in all risk sets of events. Persons for whom the same relation holds have curves; those
#' of others are `NA` and are named in the print. After the last follow-up of the stratum
#' estimates are `NA`, unless `extend = TRUE` extends the last value.
#'
#' An [offset()][stats::offset] of the formula is added to the linear predictor of each
#' person, from the columns of `newdata`.
#'
#' A linear predictor is \eqn{x'\beta}{x'b}, and a risk \eqn{e^{x'\beta}}{exp(x'b)}: the
#' log hazard ratio and the hazard ratio against a person with the reference level of
#' every factor and 0 for every number. (The reference of `predict.coxph()` is the means
#' of the data.)
#'
#' @param object A [hazard_ratio()].
#' @param newdata Data frame with one row per person and the columns of the covariates:
#'   factors as text or factor, numbers as numbers. If it has the columns of the strata,
#'   each person has the baseline of the stratum; otherwise there is one curve per person
#'   and stratum. For fits of counts the strata are a column `strata` with their labels.
#'   `newdata` may be missing for linear predictors and risks, which are then those of the
#'   rows of the fit.
#' @param times `NULL` for all times at which a curve changes and the last follow-up, or
#'   the times at which the curves are evaluated.
#' @param type `"survival"`, `"incidence"`, `"linear predictor"` or `"risk"`; `NULL` is
#'   `"survival"` with one event type and `"incidence"` with competing risks. With
#'   competing risks `"survival"` is the probability of being free of all events.
#' @param outcome With competing risks: the causes to return; `NULL` for all in the fit.
#' @param conf.level Confidence level; by default that of the fit.
#' @param conf.type `"log-log"`, `"log"`, `"plain"`, `"logit"`, `"arcsin"` or `"none"`,
#'   see [kaplan_meier()].
#' @param extend `TRUE` extends the curves, at their last value, beyond the last follow-up
#'   of their stratum.
#' @param ... Not used.
#' @return For curves `predicted_curves`: a list of `curves` (what [tidy()] gives), a data
#'   frame with `time`, `outcome` (competing risks only), `strata` (label of the person:
#'   the covariates in which persons differ, or the row names of `newdata`, and the
#'   stratum), `estimate`, `std.error`, `conf.low`, `conf.high`, `conf.level`,
#'   `conf.type`, with a row at time 0; `row`, the row of `newdata` of each curve; and
#'   further elements for the print. `tidy(x, times = )` evaluates the curves at other
#'   times; `autoplot()` and `plot()` draw them. For `"linear predictor"` and `"risk"` a
#'   data frame with `row`, `outcome`, `estimate`, `std.error`, `conf.low`, `conf.high`,
#'   `conf.level`.
#' @section Errors: `oligosurv_error_input` for columns missing in `newdata`, for a number
#'   given as text, for an unknown type or outcome; `oligosurv_error_data` for a level
#'   that is not in the fit, for hazard ratios of 0 or infinity, for incidences if a cause
#'   is not in the fit, and without any event; `oligosurv_error_domain` for infinite
#'   covariates and negative times.
#' @references Link (1984) \doi{10.2307/2530928};
#'   Tsiatis (1981) \doi{10.1214/aos/1176345335};
#'   Reid (1981) \doi{10.1214/aos/1176345326};
#'   Cheng, Fine and Wei (1998) \doi{10.2307/2534009};
#'   Fine and Gray (1999) \doi{10.1080/01621459.1999.10474144}.
#' @seealso [adjusted_curves()] for averages over the observed covariates,
#'   [hazard_ratio()], [kaplan_meier()]
#' @examples
#' # By hand: r = 0.3904 in B. The risk sets weigh 2 + 2 r, 1 + 2 r, 1 + r and r, so
#' # S(1) is exp(-1 / 2.7808) = 0.6979 in A and exp(-0.3904 / 2.7808) = 0.8690 in B
#' d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
#' fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
#' p <- predict(fit, data.frame(arm = c("A", "B")))
#' p
#' tidy(p, times = 1)
#' predict(fit, data.frame(arm = "B"), type = "risk")
#' @exportS3Method stats::predict
predict.hazard_ratio <- function(object, newdata, times = NULL, type = NULL,
                                 outcome = NULL, conf.level = object$conf.level,
                                 conf.type = "log-log", extend = FALSE, ...) {
  check_no_dots(...)
  env <- parent.frame()
  model <- model_of(object)
  check_event_table(object$event_table)
  type <- check_prediction_type(type, object)
  conf.level <- check_level(conf.level)
  conf.type <- check_choice(conf.type, prediction_conf_types, "conf.type")
  outcomes <- prediction_outcomes(object, outcome)
  if (type %in% c("linear predictor", "risk")) {
    new <- if (missing(newdata)) NULL else read_newdata(
      newdata, model$recipe, model$coding, env
    )
    return(predict_ratio(object, new, type, outcomes, conf.level))
  }
  if (missing(newdata)) {
    stop_oligosurv("input", paste(
      "`newdata` is missing; give a data frame with the covariates of the persons for",
      "whom curves are predicted, or use adjusted_curves() to average over the rows of",
      "the fit"
    ), arg = "newdata")
  }
  times <- check_times(times)
  extend <- check_flag(extend, "extend")
  new <- read_newdata(newdata, model$recipe, model$coding, env)
  labels <- object$event_table$strata
  stratum <- read_new_strata(newdata, model$recipe, labels, env)
  persons <- list_persons(new, stratum, labels, model, newdata)
  tell_missing_persons(new$missing)
  settings <- list(
    times = times, extend = extend, conf.level = conf.level, conf.type = conf.type,
    type = type, distinct = distinct_times(object)
  )
  parts <- lapply(prediction_jobs(object, outcomes, type), function(names) {
    predict_job(object, names, intersect(outcomes, names), persons, settings)
  })
  new_predicted_curves(parts, persons, object, settings, outcomes)
}

check_prediction_type <- function(type, object) {
  fine_gray <- is_fine_gray(object)
  competing <- length(object$event_table$states) > 2L
  if (is.null(type)) return(if (competing) "incidence" else "survival")
  type <- check_choice(type, prediction_types, "type")
  if (type == "survival" && fine_gray) {
    stop_oligosurv("input", paste(
      "a Fine-Gray model gives the incidence of its cause, not survival; use",
      "type = \"incidence\""
    ), arg = "type")
  }
  type
}

is_fine_gray <- function(object) is.null(model_of(object)$fits[[1L]]$curve$cox)

# The outcomes to predict: names of fits, or 1 if there is one event type
prediction_outcomes <- function(object, outcome) {
  fitted <- names(model_of(object)$fits)
  if (is.null(fitted)) {
    if (!is.null(outcome)) {
      stop_oligosurv("input", paste(
        "`outcome` selects causes, but the fit has one event type; leave `outcome` out"
      ), arg = "outcome")
    }
    return(1L)
  }
  if (is.null(outcome)) return(fitted)
  outcome <- check_labels(outcome, "outcome")
  if (!length(outcome) || !all(outcome %in% fitted)) {
    stop_oligosurv("input", sprintf("`outcome` must be among %s; it is %s",
      paste0("\"", fitted, "\"", collapse = ", "), describe(outcome)
    ), arg = "outcome")
  }
  outcome
}

# Which fits determine curves together: each Fine-Gray model alone; Cox models of all
# causes
prediction_jobs <- function(object, outcomes, type) {
  if (is_fine_gray(object) || is.integer(outcomes)) return(as.list(outcomes))
  lacking <- setdiff(object$event_table$states[-1L], names(model_of(object)$fits))
  if (length(lacking)) {
    stop_oligosurv("data", sprintf(
      paste(
        "incidences need the hazards of all causes, but %s %s not in the fit; leave",
        "`outcome` out of hazard_ratio(), or use model = \"fine-gray\""
      ), join_words(lacking), if (length(lacking) > 1L) "are" else "is"
    ), arg = "object")
  }
  list(names(model_of(object)$fits))
}

tell_missing_persons <- function(missing) {
  if (!any(missing)) return(invisible())
  inform_oligosurv(sprintf(
    "predictions are NA for %s of `newdata` with a missing covariate (%s)",
    count_noun(sum(missing), "row"), format_rows(which(missing))
  ), where = which(missing))
}

# The persons of newdata, one for each row, or for each row and stratum: `row`, `stratum`,
# `label`, and the model matrix `x` of the rows without missing values
list_persons <- function(new, stratum, labels, model, newdata) {
  n <- length(new$missing)
  label <- person_labels(new$shown, newdata, n)
  x <- new_design(new$variables, model$factors, model$coding$contrasts)
  if (is.null(stratum)) {
    codes <- sort(model$stratum)
    return(list(
      row = rep(seq_len(n), each = length(codes)), stratum = rep(codes, n), x = x,
      offset = new$offset, missing = new$missing, label = paste(
        if (n > 1L) paste0(rep(label, each = length(codes)), ", ") else "",
        rep(labels[codes], n),
        sep = ""
      )
    ))
  }
  stratum <- as.integer(stratum)
  several <- length(labels) > 1L && length(unique(stratum)) > 1L
  if (several && !is_named(newdata)) label <- person_labels(
    c(if (n > 1L) new$shown, list(strata = labels[stratum])), newdata, n
  )
  list(
    row = seq_len(n), stratum = stratum, x = x, offset = new$offset, label = label,
    missing = new$missing | is.na(stratum)
  )
}

is_named <- function(newdata) is.character(attr(newdata, "row.names"))

# A label for each person: the row names given, or the covariates that differ
person_labels <- function(shown, newdata, n) {
  if (is_named(newdata)) return(row.names(newdata))
  text <- lapply(shown, function(x) {
    if (is.numeric(x)) format(x, digits = 6, trim = TRUE) else as.character(x)
  })
  differ <- vapply(text, function(x) length(unique(x)) > 1L, NA)
  if (any(differ)) text <- text[differ]
  if (length(text) > 1L || any(vapply(shown[names(text)], is.numeric, NA))) {
    text <- Map(function(name, x) paste0(name, "=", x), names(text), text)
  }
  label <- if (length(text)) do.call(paste, c(unname(text), sep = ", ")) else rep("", n)
  again <- label %in% label[duplicated(label)]
  label[again] <- trimws(paste(label[again], sprintf("(row %d)", seq_len(n)[again])))
  label
}

# The predicted curves of `outcomes`, as rows, one person after another
predict_job <- function(object, names, outcomes, persons, settings) {
  model <- model_of(object)
  job <- curve_job(model, names)
  robust <- robust_units(job, model)
  blank <- any(vapply(job$steps, function(x) x$curve$blank, NA))
  s <- match(persons$stratum, job$codes)
  unknown <- persons$missing[persons$row] | is.na(s)
  estimable <- !unknown
  for (steps in job$steps) {
    estimable[!unknown] <- estimable[!unknown] & is_estimable(steps, model$x,
      persons$x[persons$row[!unknown], , drop = FALSE], s[!unknown]
    )
  }
  rows <- vector("list", length(s))
  s[is.na(s)] <- 1L # the times of a person without a curve
  for (at in split(seq_along(s), s)) {
    stratum <- s[at[1L]]
    grid <- curve_grid(job, stratum, settings$distinct, settings$times)
    base <- if (any(estimable[at])) person_base(job, stratum, grid$rank, robust)
    rows[at] <- lapply(at, function(i) {
      curves <- if (estimable[i]) {
        person_curves(job, persons$x[persons$row[i], , drop = FALSE], stratum,
          persons$offset[persons$row[i]], grid$rank, robust, base
        )
      }
      curve_rows_of(curves, grid, match(outcomes, names), i, blank, settings)
    })
  }
  list(
    rows = do.call(rbind, rows), unknown = which(!estimable & !unknown),
    df = if (is.null(robust)) Inf else robust$df, robust = !is.null(robust)
  )
}

# The rows of one person. `causes`: numbers of the requested incidences
curve_rows_of <- function(curves, grid, causes, person, blank, settings) {
  m <- length(grid$time)
  survival <- settings$type == "survival"
  estimate <- error <- rep(NA_real_, m * if (survival) 1L else length(causes))
  if (!is.null(curves)) {
    estimate <- if (survival) curves$free else as.vector(curves$estimate[, causes])
    error <- if (survival) curves$free.error else as.vector(curves$std.error[, causes])
  }
  if (!settings$extend) estimate[rep_len(grid$past, length(estimate))] <- NA
  error[is.na(estimate) | blank] <- NA
  quick_frame(list(
    time = rep_len(grid$time, length(estimate)), cause = rep(
      if (survival) 1L else seq_along(causes), each = m
    ), person = rep(person, length(estimate)), estimate = estimate, std.error = error
  ))
}
