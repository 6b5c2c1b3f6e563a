# Methods that every result has: help page, tidy(), glance() and as.data.frame(); also the
# record from which tables and sentences are written.

#' Methods of all results
#'
#' All results have the same methods. `tidy()` and `glance()` are those of broom: `tidy()`
#' gives one row per estimate, contrast, coefficient or test, `glance()` one row per model
#' (outcome). The columns have the names of broom: `estimate`, `std.error` (on the scale
#' of `estimate`), `statistic`, `p.value`, `adj.p.value`, `conf.low`, `conf.high`, `term`,
#' `contrast`, `parameter` or `num.df` and `den.df`, `method`.
#'
#' @details
#' | result of | `tidy()` | `as.data.frame()` | figure |
#' |---|---|---|---|
#' | [kaplan_meier()], [cumulative_incidence()], [follow_up()] | curves, see [there][tidy.oligosurv_fit] | the same | [curve_plot()], `autoplot()` |
#' | [logrank_test()], [gray_test()], [maxcombo_test()] | the test | events by group | `autoplot()` |
#' | [pairwise_test()] | one test per pair | the same | `autoplot()` |
#' | [one_sample_test()] | observed : expected and test, by group | the same | [forest_plot()] |
#' | [hazard_ratio()] | coefficients | the same | [forest_plot()] |
#' | [concordance_index()], [brier_score()] | scores; `rows = "contrasts"`: differences from the first | the same | [forest_plot()] |
#' | [calibration()] | groups of predicted risk | the same | [`autoplot()`][autoplot.calibration] |
#' | [bootstrap_optimism()] | corrected measures | the same | [forest_plot()] |
#' | [`predict()`][predict.hazard_ratio] of a hazard_ratio | curves, also at other `times` | the same | [`autoplot()`][plot_predicted_curves] |
#' | [adjusted_curves()] | curves; `rows = "differences"`, `"means"`, `"mean.differences"` | the same | [`autoplot()`][plot_predicted_curves] |
#' | [rate_difference()] | contrasts; `rows = "estimates"`: the groups | the same | [forest_plot()] |
#' | [restricted_mean()], [bootstrap_interval()] | estimates; `rows = "contrasts"` | the same | [forest_plot()] |
#' | [response_rate()], [response_difference()], [dose_response()] | its rows | the same | [forest_plot()] |
#' | [baseline_table()], [dose_table()], [toxicity_table()] | its rows | the same | [`autoplot()`][autoplot_tables] |
#' | [failure_pattern()] | its table | the same | `autoplot()` |
#' | [state_occupation()] | probabilities; `rows = "means"`, `"contrasts"` | the same | [`autoplot()`][autoplot.state_occupation]: areas |
#' | [flow_table()] | its rows | the same | [flow_plot()], `autoplot()` |
#' | [event_table()] | its rows | the same | [`autoplot()`][autoplot_tables]: curves |
#' | [omd_class()] | patients by state | one row per patient |
#' [`autoplot()`][autoplot_tables] |
#' | [sample_size()] | its row | the same | none |
#'
#' All of them have `print()`, [glance()], [result_table()], [inline_text()] and
#' [save_table()], and are shown as tables in R Markdown and Quarto.
#'
#' **Tests.** `tidy()`: `outcome` (competing risks), `statistic`, `parameter` (degrees of
#' freedom of chi-square) or `num.df` and `den.df` (F and t tests, with `id`), `p.value`,
#' `p.std.error` (permutation and exact tests), `z` (tests of trend), `method`. `glance()`
#' also has `n` and `n.event`, and the degrees of freedom as `df` (and `df2`), as in
#' broom.
#'
#' **Hazard ratios.** `tidy(x, exponentiate = FALSE)` gives logarithms. Unlike in broom,
#' ratios are the default, and `std.error` is always on the scale of `estimate`: the
#' standard error of a ratio is the ratio times the standard error of its logarithm (delta
#' method).
#'
#' **Prints.** `n =` is the number of groups shown, `digits =` the number of decimals; by
#' default as many as show the median of the numbers in a column with four significant
#' digits. Lines and tables are not wider than the console, `getOption("width")`: headings
#' wrap, and columns that do not fit follow in a second block. `NR` means not reached, an
#' en dash means not known or not defined.
#' @return `tidy()`, `glance()` and `as.data.frame()`: a data frame.
#' @section Errors: `oligosurv_error_input` for unknown arguments.
#' @seealso [result_table()], [inline_text()], [forest_plot()]
#' @examples
#' os <- endpoint(hcc_sbrt, "os")
#' test <- logrank_test(Surv(time, status) ~ cohort, os)
#' tidy(test)
#' as.data.frame(test) # events by group
#' ratio <- hazard_ratio(Surv(time, status) ~ cohort, os)
#' tidy(ratio)
#' tidy(ratio, exponentiate = FALSE)
#' @name results
#' @aliases tidy.oligosurv_test glance.oligosurv_test
#' @usage NULL
NULL

#' @rawNamespace
#' S3method(tidy, oligosurv_test, tidy_result)
#' S3method(tidy, oligosurv_contrast, tidy_result)
#' S3method(tidy, oligosurv_score, tidy_result)
#' S3method(tidy, pairwise_test, tidy_result)
#' S3method(tidy, hazard_ratio, tidy_result)
#' S3method(tidy, one_sample_test, tidy_result)
#' S3method(tidy, response_rate, tidy_result)
#' S3method(tidy, response_difference, tidy_result)
#' S3method(tidy, dose_response, tidy_result)
#' S3method(tidy, toxicity_table, tidy_result)
#' S3method(tidy, baseline_table, tidy_result)
#' S3method(tidy, flow_table, tidy_result)
#' S3method(tidy, dose_table, tidy_result)
#' S3method(tidy, omd_class, tidy_result)
#' S3method(tidy, sample_size, tidy_result)
#' S3method(tidy, event_table, tidy_result)
#' S3method(tidy, predicted_curves, tidy_result)
tidy_result <- function(x, ...) result_rows(x, ...)$rows

#' @rawNamespace
#' S3method(glance, oligosurv_test, glance_result)
#' S3method(glance, oligosurv_contrast, glance_result)
#' S3method(glance, oligosurv_score, glance_result)
#' S3method(glance, pairwise_test, glance_result)
#' S3method(glance, hazard_ratio, glance_result)
#' S3method(glance, one_sample_test, glance_result)
#' S3method(glance, response_rate, glance_result)
#' S3method(glance, response_difference, glance_result)
#' S3method(glance, dose_response, glance_result)
#' S3method(glance, toxicity_table, glance_result)
#' S3method(glance, baseline_table, glance_result)
#' S3method(glance, flow_table, glance_result)
#' S3method(glance, dose_table, glance_result)
#' S3method(glance, omd_class, glance_result)
#' S3method(glance, sample_size, glance_result)
#' S3method(glance, event_table, glance_result)
#' S3method(glance, predicted_curves, glance_result)
glance_result <- function(x, ...) {
  check_no_dots(...)
  result_rows(x)$summary
}

#' @rawNamespace
#' S3method(as.data.frame, oligosurv_contrast, frame_result)
#' S3method(as.data.frame, oligosurv_score, frame_result)
#' S3method(as.data.frame, pairwise_test, frame_result)
#' S3method(as.data.frame, hazard_ratio, frame_result)
#' S3method(as.data.frame, one_sample_test, frame_result)
#' S3method(as.data.frame, predicted_curves, frame_result)
frame_result <- function(x, row.names = NULL, optional = FALSE, ...) result_rows(x)$rows

# The record of a result for a table or a sentence, with the unit that the user gives
read_result <- function(x, times, unit, ...) {
  r <- if (is.null(times)) result_rows(x, ...) else result_rows(x, times = times, ...)
  if (is.null(unit)) return(r)
  unit <- check_string(unit, "unit")
  if (is.null(r) || !(r$scale == "time" || any(vapply(r$columns, is_of_time, NA)))) {
    stop_oligosurv("input", paste(
      "`unit` is a unit of time, but this result has no times; leave `unit` out"
    ), arg = "unit")
  }
  r$unit <- unit
  r
}

is_of_time <- function(column) {
  is.list(column) && (
    column$kind == "time" || identical(column$scale, "time") || !is.null(column$at)
  )
}

# Does a data frame still have the columns of its class?
is_whole <- function(x, columns) all(columns %in% names(x))

# A data frame without the class of a result
frame_only <- function(x) {
  attributes(x) <- attributes(x)[c("names", "row.names")]
  class(x) <- "data.frame"
  x
}

# Text on rows that were left out because their group is missing
left_out_text <- function(x, noun) {
  left <- attr(x, "left_out")
  if (!isTRUE(left > 0)) return(NULL)
  sprintf("Left out: %s without a value of %s", count_noun(left, noun), attr(x, "by"))
}
