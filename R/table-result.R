#' Results as tables for publication
#'
#' `result_table()` formats a result as a table of a paper: rounded text, a caption, and
#' footnotes that name the estimator, the variance, the interval and the test. The table
#' is shown as such in R Markdown and Quarto, and [save_table()] writes it to HTML, Word,
#' LaTeX or Markdown.
#'
#' @details
#' A result that is printed by its name alone in a chunk of an R Markdown or Quarto
#' document is shown as this table; `print(x)` gives the text of the console instead.
#'
#' Text from data is shown as text: characters with a special meaning in a format (`<`,
#' `&`, `|`, `_`, `%`, a script tag) are escaped.
#'
#' [as_tinytable()] passes a table to the package tinytable, to style it further.
#' @param x A result, see [results], or any data frame.
#' @param times For a fit: the times at which rates are shown, one column each.
#' @param unit The unit of time for the headings, such as `"months"`; `NULL` for that of
#'   the data if they come from [endpoint()]. Nothing is converted.
#' @param digits Decimals of times and percentages; `NULL` is 1.
#' @param style How p-values and decimal points are printed, see [format_p_value()].
#' @param caption,notes `NULL` for those of the result, or text; `notes` may have several
#'   elements, one per line.
#' @param ... Options of the result: `extend` for a fit, see [tidy()][tidy.oligosurv_fit].
#' @return A `result_table`: a list of `body`, a data frame of text whose names are the
#'   headings; `caption`; `notes`; `left`, the names of the left-aligned columns.
#'   `as.data.frame()` gives `body`.
#' @section Errors: `oligosurv_error_input` for an object that has no table.
#' @seealso [results], [save_table()], [inline_text()], [format_p_value()]
#' @examples
#' os <- endpoint(hcc_sbrt, "os")
#' fit <- kaplan_meier(Surv(time, status) ~ cohort, os)
#' result_table(fit, times = c(12, 24))
#' result_table(logrank_test(Surv(time, status) ~ cohort, os), style = "jama")
#' @export
result_table <- function(x, times = NULL, unit = NULL, digits = NULL, style = "plain",
                         caption = NULL, notes = NULL, ...) {
  if (!is.null(digits)) digits <- check_whole(digits, "digits", 0, 10)
  style <- check_choice(style, journal_styles, "style")
  if (inherits(x, "result_table")) {
    check_no_dots(...)
    return(retitle(x, caption, notes))
  }
  r <- read_result(x, times, unit, ...)
  table <- if (is.null(r)) {
    check_frame_columns(x, "x")
    frame_table(x, if (is.null(digits)) 1L else digits)
  } else {
    shown <- columns_text(r$columns, digits, style, r$unit)
    notes_of <- table_notes(r, shown$body)
    new_result_table(quick_frame(shown$body), r$what, notes_of, shown$left)
  }
  retitle(table, caption, notes)
}

# Notes below a table: method, counts, omitted rows, checks, symbols
table_notes <- function(r, body) {
  counts <- if (!is.null(r$table)) {
    words <- table_words(r$table)
    c(paste("Status:", words$states), words$losses)
  }
  first <- paste(c(r$title, r$basis[1L]), collapse = "; ")
  notes <- c(
    first[nzchar(first)], r$basis[-1L], counts, gsub("\n", " ", r$remarks),
    sign_text(r$signs, body)
  )
  sentence(sentence_case(notes))
}

sentence <- function(x) sub("[.]?$", ".", x)

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

# Replaces caption and notes by those of the user
retitle <- function(table, caption, notes) {
  if (!is.null(caption)) table$caption <- check_string(caption, "caption")
  notes <- plain_argument(notes)
  if (!is.null(notes) && !is.character(notes)) {
    stop_oligosurv("input", sprintf(
      "`notes` must be text, one element per line; it is %s", describe(notes)
    ), arg = "notes")
  }
  if (!is.null(notes)) table$notes <- enc2utf8(check_text(notes, "notes"))
  table
}

# Makes a result_table from any data frame. A matrix in it, as of aggregate(), becomes a
# column for each of its own.
frame_table <- function(x, digits) {
  x <- as.data.frame(x)
  if (any(vapply(x, function(v) length(dim(v)) > 1L, NA))) {
    x <- do.call(data.frame, c(as.list(x), check.names = FALSE))
  }
  number <- vapply(x, is.numeric, NA)
  decimal <- vapply(x, function(v) is.numeric(v) && any(v != round(v), na.rm = TRUE), NA)
  body <- x
  body[decimal] <- lapply(x[decimal], number_text, digits, na = "")
  body[number & !decimal] <- lapply(x[number & !decimal], number_text, 0L, na = "")
  new_result_table(body, left = names(x)[!number])
}

#' @export
as.data.frame.result_table <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$body
}

#' @export
print.result_table <- function(x, ...) {
  if (length(x$caption)) print_lines(x$caption)
  print_columns(lapply(x$body, flat_cell), x$left)
  for (note in x$notes) writeLines(strwrap(note, getOption("width")))
  invisible(x)
}

# Joins the lines of a cell, for formats in which a cell has one line: "11.2 (7.1 to
# 17.2)"
flat_cell <- function(x) sub("\n(.*)$", " (\\1)", x)
