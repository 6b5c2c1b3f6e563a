#' Optimism of a model, estimated by the bootstrap
#'
#' How much worse would a Cox or Fine-Gray model perform in new patients than in those it
#' was fitted to? Gives concordance, calibration slope and Brier score, corrected for
#' optimism.
#'
#' @details The model is fitted to all rows, and its performance in these rows is
#' `apparent`. Then the same number of patients is resampled with replacement, each with
#' all rows of its `id`, and the model is refitted. The optimism of the refitted model is
#' its performance in its resample minus that in the original rows; the mean over the
#' resamples, `optimism`, is subtracted (Harrell, Lee and Mark 1996): `estimate` =
#' apparent - optimism. `set.seed()` makes the resamples reproducible.
#'
#' The correction covers only what is repeated in each resample, the fit: if the
#' covariates were selected on these data, by p-values for example, the optimism of the
#' selection is not included.
#'
#' **Measures.** `concordance`: Harrell's C of the linear predictor, see
#' [concordance_index()]. `slope`: the coefficient of the linear predictor as the only
#' covariate of a model, which is 1 in the rows of the fit (except with Firth's penalty).
#' The corrected slope is the factor by which the coefficients should be shrunk; a slope
#' below 1 means that predicted risks are too extreme. `brier` at `times`, with one event
#' type: see [brier_score()]; the predicted risk is \eqn{1 - \exp(-H_0(t)
#' \exp(x'\beta))}{1 - exp(-H0(t) exp(x'beta))} with \eqn{H_0}{H0} the baseline hazard of
#' the stratum that goes with `ties`.
#'
#' **Models** are those of [hazard_ratio()], with the same rule for Firth's penalty if a
#' resample has a group without events. Coefficients that are not identified in a resample
#' are set to 0. Resamples in which a measure is not defined are omitted for this measure;
#' `share.known` is the proportion of those used.
#'
#' **Limits** are percentiles of the performance of each refitted model in its own
#' resample, minus the optimism (Noma et al. 2021, location-shifted). Those of the slope
#' are percentiles of the slopes in the original rows.
#'
#' @inheritParams hazard_ratio
#' @param x A formula as for [hazard_ratio()].
#' @param times Times for the Brier score, in the unit of the data; `NULL` for none.
#' @param outcome With competing risks: the cause that is modelled.
#' @param n_resamples Number of resamples.
#' @return A `bootstrap_optimism`: `table` (what [tidy()] gives), a data frame with
#'   `outcome` (competing risks only), `measure`, `time`, `apparent`, `optimism`,
#'   `estimate` (corrected), `conf.low`, `conf.high`, `conf.level`, `share.known`;
#'   `resamples`, a list of two matrices with one row per resample and one column per
#'   measure: `apparent` and `original`; `models` ([glance()]): `n`, `n.id`, `n.event`,
#'   `n.resamples`, `method`.
#' @section Errors: those of [hazard_ratio()]; `oligosurv_error_input` if there are too
#'   few resamples for the confidence level; `oligosurv_error_data` for an
#'   [event_table()], and for `times` with competing risks or delayed entry.
#' @references Harrell, Lee and Mark (1996)
#'   \doi{10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4};
#'   Noma, Shinozaki, Iba, Teramukai and Furukawa (2021) \doi{10.1002/sim.9148}.
#' @seealso [concordance_index()], [brier_score()], [calibration()]
#' @examples
#' d <- data.frame(
#'   month = c(3, 5, 8, 12, 14, 20, 2, 4, 6, 7, 9, 13),
#'   death = c(1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1), arm = rep(c("A", "B"), each = 6)
#' )
#' set.seed(1)
#' bootstrap_optimism(Surv(month, death) ~ arm, d, times = 12, n_resamples = 99)
#' # The apparent values are those of
#' concordance_index(hazard_ratio(Surv(month, death) ~ arm, d), d)
#' @export
bootstrap_optimism <- function(x, data = NULL, times = NULL,
                               model = c("cox", "fine-gray"), outcome = NULL,
                               n_resamples = 499, id = NULL, conf.level = 0.95,
                               ties = c("efron", "breslow"), tie_tol = 1e-9, ...) {
  check_row_dots(x, ...)
  call <- captured(substitute(id), NULL, NULL, parent.frame())
  model <- check_choice(model, c("cox", "fine-gray"), "model")
  ties <- if (missing(ties)) {
    if (model == "cox") "efron" else "breslow"
  } else {
    check_choice(ties, c("efron", "breslow"), "ties")
  }
  conf.level <- check_level(conf.level)
  n_resamples <- check_resamples(n_resamples, conf.level)
  if (!is.null(times)) times <- check_score_times(times)
  rows <- rows_of_model(x, data, call, tie_tol, ...)
  outcome <- check_one_outcome(outcome, rows$table)
  if (model == "fine-gray") check_outcomes(outcome, rows$table, model)
  check_brier_model(times, rows)
  spec <- list(
    cause = if (is.na(outcome)) 1L else match(outcome, rows$table$states) - 1L,
    model = model, ties = ties, times = times
  )
  own <- model_performance(fit_resample(rows, spec), rows, rows, spec)
  drawn <- optimism_resamples(rows, spec, n_resamples)
  new_bootstrap_optimism(own, drawn, rows, spec, outcome, n_resamples, conf.level)
}

# The rows of the model as single rows (not counts), with `unit`, the number of the
# patient of each row (from 1), and `real`, the times
rows_of_model <- function(x, data, call, tie_tol, ...) {
  check_score_formula(x, "covariates")
  id <- read_id(x, data, call)
  if (is.null(id)) check_repeated_ids(x, data, landmark = list(...)$landmark)
  # with ids, read_regression() does not count rows by covariate pattern
  n <- if (is.data.frame(data)) {
    nrow(data)
  } else {
    NROW(eval_term(x[[2L]], data, environment(x)))
  }
  rows <- read_regression(x, data, if (is.null(id)) seq_len(n) else id, tie_tol, ...)
  rows$unit <- match(rows$id, unique(rows$id))
  rows$by_id <- !is.null(id)
  rows["id"] <- list(NULL)
  if (!any(rows$entry > 0L)) rows["entry"] <- list(NULL)
  rows$real <- distinct_sorted(join_ties(rows$table, tie_tol)$time)[rows$time]
  rows$time <- as.integer(rows$time)
  rows
}

check_brier_model <- function(times, rows) {
  if (is.null(times)) return(invisible())
  reason <- if (length(rows$table$states) > 2L) {
    "competing risks, for which this function predicts no risks"
  } else if (!is.null(rows$entry)) {
    "delayed entry, with which the weights for censoring are not defined"
  }
  if (is.null(reason)) return(invisible())
  stop_oligosurv("data", sprintf(
    "`times` is used for the Brier score, but the data have %s; leave `times` out",
    reason
  ), arg = "times")
}

optimism_resamples <- function(rows, spec, n_resamples) {
  of_unit <- split(seq_along(rows$unit), rows$unit)
  report <- report_progress("Resamples", n_resamples)
  values <- lapply(seq_len(n_resamples), function(i) {
    report(i)
    at <- sort(unlist(of_unit[sample.int(length(of_unit), replace = TRUE)]))
    drawn <- rows_subset(rows, at)
    fit <- fit_resample(drawn, spec)
    list(
      apparent = model_performance(fit, drawn, drawn, spec),
      original = model_performance(fit, drawn, rows, spec)
    )
  })
  bind <- function(name) do.call(rbind, lapply(values, `[[`, name))
  list(apparent = bind("apparent"), original = bind("original"))
}

new_bootstrap_optimism <- function(own, drawn, rows, spec, outcome, n_resamples,
                                   conf.level) {
  change <- drawn$apparent - drawn$original
  known <- is.finite(change)
  optimism <- colMeans(replace(change, !known, NA), na.rm = TRUE)
  optimism[is.nan(optimism)] <- NA_real_
  slope <- names(own) == "slope"
  limits <- vapply(seq_along(own), function(j) {
    of <- if (slope[j]) drawn$original[, j] else drawn$apparent[, j] - optimism[j]
    of <- of[known[, j]]
    if (!length(of)) return(c(NA_real_, NA_real_))
    boot_limits(of, own[j] - optimism[j], "percentile", conf.level, c(-Inf, Inf), NULL)
  }, double(2L))
  k <- length(own)
  measure <- c("concordance", "slope", rep("brier", length(spec$times)))
  name <- paste0(
    if (spec$model == "cox") "Cox model" else "Fine-Gray model",
    if (!is.na(outcome)) paste(" of", outcome)
  )
  units <- max(rows$unit, 0L)
  structure(list(
    table = quick_frame(c(
      if (!is.na(outcome)) list(outcome = factor(rep(outcome, k), outcome)),
      list(
        measure = measure, time = c(NA, NA, spec$times), apparent = unname(own),
        optimism = unname(optimism), estimate = unname(own - optimism),
        conf.low = limits[1L, ], conf.high = limits[2L, ],
        conf.level = rep(conf.level, k), share.known = unname(colMeans(known))
      )
    )),
    models = quick_frame(list(
      n = length(rows$time), n.id = if (rows$by_id) units else NA_integer_,
      n.event = sum(rows$status == spec$cause), n.resamples = n_resamples, method = name
    )),
    method = sprintf("Optimism of a %s", name),
    basis = sprintf("%s of %s; location-shifted percentile limits",
      count_noun(n_resamples, "resample"), count_noun(units, if (rows$by_id) {
        "id"
      } else {
        "subject"
      })
    ),
    resamples = drawn, table_of_events = rows$table
  ), class = c("bootstrap_optimism", "oligosurv_score"))
}

optimism_labels <- c(
  concordance = "Concordance (C)", slope = "Calibration slope", brier = "Brier score"
)

#' @exportS3Method NULL
result_rows.bootstrap_optimism <- function(x, ...) {
  check_no_dots(...)
  rows <- x$table
  unit <- table_unit(x$table_of_events)
  label <- unname(optimism_labels[rows$measure])
  timed <- !is.na(rows$time)
  label[timed] <- paste(label[timed], "at", with_unit_value(rows$time[timed], unit))
  new_result(rows, x$models,
    scale = "ratio", unit = unit, what = x$method, title = x$method,
    table = x$table_of_events, basis = x$basis,
    columns = list(
      Measure = label, Apparent = number_column(rows$apparent, 3L, console = 3L),
      Optimism = number_column(rows$optimism, 3L, console = 3L),
      Corrected = interval_column(rows, "ratio", 3L),
      Known = if (any(rows$share.known < 1)) {
        joined_column("%s%%", number_column(100 * rows$share.known, 0L, console = 0L))
      }
    ),
    signs = stats::setNames("not defined", no_value), label = label,
    axis = "Corrected for optimism", heading = "Corrected",
    values = list(measure = label, optimism = number_text(rows$optimism, 3L, "NA")),
    sentence = "{number} ({level} CI {ci})"
  )
}
