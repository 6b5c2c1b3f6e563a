#' Results as tables for publication
#'
#' `result_table()` lays a result out as it stands in a paper: rounded text, a caption,
#' and footnotes that name the estimator, the variance, the interval and the test. The
#' table is shown as such in R Markdown and Quarto, and [save_table()] writes it to HTML,
#' Word, LaTeX or Markdown.
#'
#' @details
#' The same table comes of itself when a result stands alone in a chunk of an R Markdown
#' or Quarto document; `print(x)` in a chunk gives the text of the console instead.
#'
#' Text from data is shown as text: in every format, what has a meaning there (`<`, `&`,
#' `|`, `_`, `%`, a script tag) is escaped.
#'
#' [as_tinytable()] hands a table over to the package tinytable, to style it further.
#' @param x A result: a fit of [kaplan_meier()], [cumulative_incidence()] or
#'   [follow_up()]; a [logrank_test()], [gray_test()], [maxcombo_test()],
#'   [pairwise_test()] or [one_sample_test()]; a [restricted_mean()], [rate_difference()]
#'   or [bootstrap_interval()]; a [hazard_ratio()]; a [response_rate()],
#'   [response_difference()] or [toxicity_table()]; a [baseline_table()], [flow_table()]
#'   or [dose_table()]; a [dose_response()], [omd_class()] or [sample_size()]; or any data
#'   frame.
#' @param times For a fit: the times whose rates have a column of their own.
#' @param unit `NULL`, or the unit of time for the headings, such as `"months"`.
#' @param digits Decimals of times and percentages.
#' @param style How p-values and decimal points are printed, see [format_p_value()].
#' @param extend See [tidy()][tidy.oligosurv_fit].
#' @param caption,notes `NULL` for those of the result, or text; `notes` may have several
#'   elements, one a line.
#' @param ... Not used.
#' @return A `result_table`: a list of `body`, a data frame of text whose names are the
#'   headings; `caption`; `notes`; `left`, the names of the columns that stand left.
#'   `as.data.frame()` gives `body`.
#' @section Errors: `oligosurv_error_input` for an object that has no table.
#' @seealso [save_table()], [inline_text()], [format_p_value()]
#' @examples
#' os <- endpoint(hcc_sbrt, "os")
#' fit <- kaplan_meier(Surv(time, status) ~ cohort, os)
#' result_table(fit, times = c(12, 24), unit = "months")
#' result_table(logrank_test(Surv(time, status) ~ cohort, os), style = "jama")
#' @order 1
#' @export
result_table <- function(x, ...) UseMethod("result_table")

new_result_table <- function(body, caption = NULL, notes = NULL, left = character()) {
  body[] <- lapply(body, function(v) {
    v <- enc2utf8(check_text(as.character(v), "x"))
    ifelse(is.na(v), "", v)
  })
  structure(
    list(
      body = body, caption = as.character(caption),
      notes = as.character(notes[nzchar(notes)]),
      left = union(names(body)[1L], left)
    ),
    class = "result_table"
  )
}

# The caption and notes of the user, where given
retitle <- function(table, caption, notes) {
  if (!is.null(caption)) table$caption <- check_string(caption, "caption")
  if (!is.null(notes)) table$notes <- as.character(notes)
  table
}

#' @export
result_table.default <- function(x, ...) {
  stop_oligosurv("input", sprintf("`x` has no table: it is %s", describe(x)), arg = "x")
}

#' @export
result_table.result_table <- function(x, ...) {
  check_no_dots(...)
  x
}

#' @rdname result_table
#' @export
result_table.data.frame <- function(x, caption = NULL, notes = NULL, digits = 1L, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  x <- as.data.frame(x)
  number <- vapply(x, is.numeric, NA)
  decimal <- vapply(x, function(v) is.numeric(v) && any(v != round(v), na.rm = TRUE), NA)
  body <- x
  body[decimal] <- lapply(x[decimal], number_text, digits, na = "")
  body[number & !decimal] <- lapply(x[number & !decimal], number_text, 0L, na = "")
  retitle(new_result_table(body, left = names(x)[!number]), caption, notes)
}

#' @export
as.data.frame.result_table <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$body
}

#' @export
print.result_table <- function(x, ...) {
  if (length(x$caption)) writeLines(x$caption)
  shown <- x$body
  shown[] <- Map(function(v, name) {
    side <- if (name %in% x$left) "left" else "right"
    format(c(name, flat_cell(v)), justify = side)[-1L]
  }, shown, names(shown))
  print(shown, row.names = FALSE)
  for (note in x$notes) writeLines(strwrap(note, getOption("width")))
  invisible(x)
}

# A cell on one line: "11.2 (7.1 to 17.2)" of what stands below each other elsewhere
flat_cell <- function(x) sub("\n(.*)$", " (\\1)", x)
