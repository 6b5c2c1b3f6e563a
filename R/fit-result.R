# The results contract: what a result says of itself, from which everything that people
# see is written: tidy(), glance(), print(), tables, sentences and figures.

#' What each result can do
#'
#' Every result answers the same functions. `tidy()` and `glance()` are those of broom:
#' `tidy()` has a row an estimate, contrast, coefficient or test, `glance()` a row a model
#' (an outcome). The columns bear the names of broom: `estimate`, `std.error` (on the
#' scale of `estimate`), `statistic`, `p.value`, `adj.p.value`, `conf.low`, `conf.high`,
#' `term`, `contrast`, `parameter` or `num.df` and `den.df`, `method`.
#'
#' @details
#' | result of | `tidy()` | `as.data.frame()` | figure |
#' |---|---|---|---|
#' | [kaplan_meier()], [cumulative_incidence()], [follow_up()] | curves, see [there][tidy.oligosurv_fit] | the same | [curve_plot()], `autoplot()` |
#' | [logrank_test()], [gray_test()], [maxcombo_test()] | the test | events by group | `autoplot()` |
#' | [pairwise_test()] | a test a pair | the same | `autoplot()` |
#' | [one_sample_test()] | observed : expected and test, by group | the same | [forest_plot()] |
#' | [hazard_ratio()] | coefficients | the same | [forest_plot()] |
#' | [rate_difference()] | contrasts; `rows = "estimates"`: the groups | the same | [forest_plot()] |
#' | [restricted_mean()], [bootstrap_interval()] | estimates; `rows = "contrasts"` | the same | [forest_plot()] |
#' | [response_rate()], [response_difference()], [dose_response()] | its rows | the same | [forest_plot()] |
#' | [baseline_table()], [dose_table()], [toxicity_table()] | its rows | the same | none |
#' | [flow_table()] | its rows | the same | [flow_plot()] |
#' | [event_table()] | its rows | the same | none |
#' | [omd_class()] | patients by state | a row a patient | none |
#' | [sample_size()] | its row | the same | none |
#'
#' All of them have `print()`, [glance()], [result_table()], [inline_text()] and
#' [save_table()], and are shown as tables in R Markdown and Quarto.
#'
#' **Tests.** `tidy()`: `outcome` (competing risks), `statistic`, `parameter` (degrees of
#' freedom of chi-square) or `num.df` and `den.df` (F and t tests, with `id`), `p.value`,
#' `p.std.error` (permutation and exact tests), `z` (tests of trend), `method`. `glance()`
#' has `n` and `n.event` too.
#'
#' **Hazard ratios.** `tidy(x, exponentiate = FALSE)` gives logarithms. Unlike broom,
#' ratios are the default, and `std.error` is always on the scale of `estimate`: that of a
#' ratio is the ratio times that of its logarithm (delta method).
#'
#' **Prints.** `n =` is how many groups are shown, `digits =` decimals, four significant
#' digits unless given. `NR` is not reached, an en dash is not known or not defined.
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

#' What a result says of itself
#'
#' The one method that a new class of results needs. tidy(), glance(), as.data.frame(),
#' print(), result_table(), inline_text(), knit_print() and forest_plot() are written over
#' it.
#' @param x A result.
#' @param ... Options of the class, such as `times`.
#' @return The record of new_result(), or `NULL` for a data frame that has lost columns of
#'   its class, which is then a plain data frame.
#' @noRd
result_rows <- function(x, ...) UseMethod("result_rows")

#' @exportS3Method NULL
result_rows.default <- function(x, ...) {
  stop_oligosurv("input", sprintf(
    "`x` must be a result of oligosurv; there is no table and no sentence for %s",
    describe(x)
  ), arg = "x")
}

#' @exportS3Method NULL
result_rows.data.frame <- function(x, ...) NULL

# Counts of each curve; the rows are those of the table
#' @exportS3Method NULL
result_rows.event_table <- function(x, ...) {
  check_no_dots(...)
  curves <- summary(x)
  states <- lapply(stats::setNames(nm = x$states), function(state) curves[[state]])
  new_result(as.data.frame(x), curves,
    shown = curves, unit = table_unit(x), what = "Event table", table = x,
    columns = c(
      list(Group = group_column(curves$strata, TRUE), N = curves$n), states,
      list("Last time" = time_column(curves$last.time))
    ),
    group = curves$strata, sentence = "{n} subjects"
  )
}

# An environment whose fields are computed when they are first read: tidy() does not pay
# for the text of a table, nor for the permutations that a print adds to a test.
#   rows     data frame with the columns of broom: what tidy() gives; `shown`: the rows of
#            sentences and figures, where these are others
#   summary  data frame: what glance() gives
#   scale    of `estimate`: "probability", "points" (a difference of probabilities),
#            "time", "ratio", "count"
#   null     value of no effect: 0, 1, or NA where there is none
#   unit     of time, or NULL
#   what     caption of a table; what is estimated
#   title    first words of a print: the method
#   table    event table, for the counts and losses; or NULL
#   basis    sentences on variance, intervals and test: above a print, below a table
#   columns  named list of columns, see column_text()
#   group    factor of the groups of the rows of `columns`, for print(n = ), or NULL
#   remarks  sentences below a print and a table; `details`: below a print only
#   signs    named: what a sign in the columns means, said where it occurs
#   label    names of `rows` in figures; `axis`: title of its axis; `heading`: of its
#            numbers
#   values   more names for inline_text(); `sentence`: its pattern; `unknown`: its text
#            where nothing is known
new_result <- function(rows, summary, scale = "count", null = NA, unit = NULL, what = "",
                       title = NULL, shown = rows, table = NULL, basis = NULL,
                       columns = NULL,
                       group = NULL, remarks = NULL, details = NULL, signs = NULL,
                       label = NULL, axis = what, heading = NULL, values = list(),
                       sentence = NULL, unknown = "not estimable") {
  force(unit)
  environment()
}

# The record of a result for a table or a sentence, with the unit that the user gives
read_result <- function(x, times, unit, ...) {
  r <- if (is.null(times)) result_rows(x, ...) else result_rows(x, times = times, ...)
  if (is.null(unit)) return(r)
  unit <- check_string(unit, "unit")
  if (is.null(r) || !(r$scale == "time" || any(vapply(r$columns, is_of_time, NA)))) {
    stop_oligosurv("input", "`unit` is the unit of times, and this result has none",
      arg = "unit"
    )
  }
  r$unit <- unit
  r
}

is_of_time <- function(column) {
  is.list(column) && (
    column$kind == "time" || identical(column$scale, "time") || !is.null(column$at)
  )
}

# Unit of the time that an endpoint brought with it
table_unit <- function(table) table$origin$unit

# Does a data frame still have the columns of its class?
is_whole <- function(x, columns) all(columns %in% names(x))

# A data frame without the class of a result
frame_only <- function(x) {
  attributes(x) <- attributes(x)[c("names", "row.names")]
  class(x) <- "data.frame"
  x
}

# Where rows without a group were left out
left_out_text <- function(x, noun) {
  left <- attr(x, "left_out")
  if (!isTRUE(left > 0)) return(NULL)
  sprintf("Left out: %s without a value of %s", count_noun(left, noun), attr(x, "by"))
}

# Signs that the columns use and what they mean
sign_text <- function(signs, body) {
  cells <- unlist(body, use.names = FALSE)
  used <- vapply(names(signs), function(sign) {
    any(if (nchar(sign) > 1L) grepl(sign, cells, fixed = TRUE) else cells == sign)
  }, NA)
  if (!any(used)) return(NULL)
  paste(names(signs)[used], signs[used], sep = ": ", collapse = "; ")
}

#' @rawNamespace
#' S3method(tidy, oligosurv_test, tidy_result)
#' S3method(tidy, oligosurv_contrast, tidy_result)
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
tidy_result <- function(x, ...) result_rows(x, ...)$rows

#' @rawNamespace
#' S3method(glance, oligosurv_test, glance_result)
#' S3method(glance, oligosurv_contrast, glance_result)
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
glance_result <- function(x, ...) {
  check_no_dots(...)
  result_rows(x)$summary
}

#' @rawNamespace
#' S3method(as.data.frame, oligosurv_contrast, frame_result)
#' S3method(as.data.frame, pairwise_test, frame_result)
#' S3method(as.data.frame, hazard_ratio, frame_result)
#' S3method(as.data.frame, one_sample_test, frame_result)
frame_result <- function(x, row.names = NULL, optional = FALSE, ...) result_rows(x)$rows

#' @rawNamespace
#' S3method(print, oligosurv_fit, print_result)
#' S3method(print, oligosurv_test, print_result)
#' S3method(print, oligosurv_contrast, print_result)
#' S3method(print, pairwise_test, print_result)
#' S3method(print, hazard_ratio, print_result)
#' S3method(print, one_sample_test, print_result)
#' S3method(print, response_rate, print_result)
#' S3method(print, response_difference, print_result)
#' S3method(print, dose_response, print_result)
#' S3method(print, toxicity_table, print_result)
#' S3method(print, baseline_table, print_result)
#' S3method(print, flow_table, print_result)
#' S3method(print, dose_table, print_result)
#' S3method(print, omd_class, print_result)
#' S3method(print, sample_size, print_result)
print_result <- function(x, n = most_shown, digits = NULL, ...) {
  r <- result_rows(x)
  if (is.null(r)) return(print(as.data.frame(x), ...))
  if (!is.null(digits)) digits <- check_whole(digits, "digits", 0, 10)
  columns <- r$columns
  shown <- columns_text(columns, digits, "console", r$unit)
  body <- shown$body
  groups <- nlevels(r$group)
  if (groups > n) body <- lapply(body, `[`, as.integer(r$group) <= n)
  title <- if (is.null(r$title)) r$what else r$title
  basis <- r$basis
  if (!is.null(r$table)) title <- sprintf("%s: %s", title, format_counts(r$table))
  writeLines(c(
    title, sentence_case(basis), if (!is.null(r$table)) format_losses(r$table)
  ))
  print_columns(body, shown$left)
  writeLines(c(
    character(),
    if (groups > n) sprintf("... and %s more", count_noun(groups - n, "group")),
    sign_text(r$signs, body), r$details, r$remarks
  ))
  invisible(x)
}
