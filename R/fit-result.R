# The record of a result, from which its print, tables and sentences are written, and the
# print. Columns of a record become text in one style for console and journal tables:
# numbers, intervals, p-values, and signs for unknown values.

#' Contents of a result
#'
#' The one method that a new class of results needs. tidy(), glance(), as.data.frame(),
#' print(), result_table(), inline_text(), knit_print() and forest_plot() are based on it.
#' @param x A result.
#' @param ... Options of the class, such as `times`.
#' @return The record of new_result(), or `NULL` for a data frame that has lost columns of
#'   its class, which then has no class of its own.
#' @noRd
result_rows <- function(x, ...) UseMethod("result_rows")

#' @exportS3Method NULL
result_rows.default <- function(x, ...) {
  stop_oligosurv("input", sprintf(
    "`x` must be a result of an oligosurv function, such as kaplan_meier(); it is %s",
    describe(x)
  ), arg = "x")
}

#' @exportS3Method NULL
result_rows.data.frame <- function(x, ...) NULL

# The record of an event table, see new_result(): its rows are those of the table, and its
# printed columns are the counts of each curve.
#' @exportS3Method NULL
result_rows.event_table <- function(x, ...) {
  check_no_dots(...)
  curves <- summary(x)
  states <- lapply(stats::setNames(nm = x$states), function(state) curves[[state]])
  new_result(as.data.frame(x), curves,
    shown = curves, unit = table_unit(x), what = "Event table", table = x,
    columns = c(
      list(Group = curves$strata, N = curves$n), states,
      list("Last time" = time_column(curves$last.time))
    ),
    group = curves$strata, sentence = "{n} subjects"
  )
}

# Makes the record of a result. It is an environment with lazy fields, so that tidy()
# computes neither the text of a table nor the permutations that a print adds to a test.
#   rows     data frame with the columns of broom, for tidy(); `shown`: the rows for
#            sentences and figures, if different
#   summary  data frame returned by glance()
#   scale    of `estimate`: "probability", "points" (a difference of probabilities),
#            "time", "ratio", "count" (also other numbers, such as a rate)
#   null     value of no effect: 0, 1, or NA where there is none
#   unit     of time, or NULL
#   what     caption of a table: the estimated quantity
#   title    first words of a print: the method
#   table    event table, for the counts and losses; or NULL
#   basis    sentences on variance, intervals and test: above a print, below a table
#   columns  named list of columns, see column_text()
#   group    factor of the groups of the rows of `columns`, for print(n = ), or NULL
#   remarks  sentences below a print and a table; `details`: below a print only
#   signs    named: meaning of each sign in the columns, printed if the sign occurs
#   label    names of `rows` in figures; `axis`: title of the axis; `heading`: of the
#            numbers
#   values   further values for inline_text(); `sentence`: its pattern; `unknown`: its
#            text if the estimate is unknown
new_result <- function(rows, summary, scale = "count", null = NA, unit = NULL, what = "",
                       title = NULL, shown = rows, table = NULL, basis = NULL,
                       columns = NULL,
                       group = NULL, remarks = NULL, details = NULL, signs = NULL,
                       label = NULL, axis = what, heading = NULL, values = list(),
                       sentence = NULL, unknown = "not estimable") {
  force(unit)
  environment()
}

#' @rawNamespace
#' S3method(print, oligosurv_fit, print_result)
#' S3method(print, oligosurv_test, print_result)
#' S3method(print, oligosurv_contrast, print_result)
#' S3method(print, oligosurv_score, print_result)
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
#' S3method(print, predicted_curves, print_result)
print_result <- function(x, n = most_shown, digits = NULL, ...) {
  r <- result_rows(x)
  if (is.null(r)) return(print(as.data.frame(x), ...))
  if (!missing(n)) n <- check_shown(n)
  if (!is.null(digits)) digits <- check_whole(digits, "digits", 0, 10)
  # as many rows as R prints of a data frame
  most <- max(getOption("max.print") %/% max(length(r$columns), 1L), 1)
  columns <- r$columns
  group <- r$group
  rows <- max(0L, rapply(as.list(columns), length, how = "unlist"))
  if (rows > most) {
    columns <- first_rows(columns, rows, most)
    group <- first_rows(group, rows, most)
  }
  shown <- columns_text(columns, digits, "console", r$unit)
  body <- shown$body
  groups <- nlevels(group)
  if (groups > n) body <- lapply(body, `[`, as.integer(group) <= n)
  signs <- sign_text(r$signs, body)
  title <- if (is.null(r$title)) r$what else r$title
  counts <- if (!is.null(r$table)) table_words(r$table)
  if (!is.null(counts)) title <- sprintf("%s: %s (%s)", title, counts$size, counts$states)
  above <- c(title, sentence_case(r$basis), counts$losses)
  below <- c(
    if (groups > n) sprintf("... and %s more", count_noun(groups - n, "group")),
    if (rows > most) {
      sprintf("... %s rows, of which the first %d are shown; tidy() has all",
        format_count(rows), most
      )
    },
    signs, r$details, r$remarks
  )
  lines <- console_lines(c(above, below))
  at <- seq_along(above)
  writeLines(unlist(lines[at]))
  print_columns(body, shown$left)
  if (length(below)) writeLines(unlist(lines[-at]))
  invisible(x)
}

# The first `most` of the `rows` of columns; elements of other lengths are not columns
first_rows <- function(columns, rows, most) {
  if (is.list(columns)) return(lapply(columns, first_rows, rows, most))
  if (length(columns) == rows) columns[seq_len(most)] else columns
}

# Unit of the time of the endpoint from which the table was made
table_unit <- function(table) table$origin$unit

no_value <- "\u2013"

not_followed <- stats::setNames("nobody was followed that long", no_value)

# Replaces a label by blank text if the row before has the same label and is in the same
# part of the table (`within`)
blank_repeats <- function(x, within = x) {
  x <- as.character(x)
  again <- function(label) label[-1L] == label[-length(label)]
  x[c(FALSE, again(x) & again(as.character(within)))] <- ""
  x
}

level_text <- function(conf.level) paste0(format(100 * conf.level[1L]), "%")

with_unit_value <- function(x, unit) {
  if (is.null(unit)) format_time(x) else paste(format_time(x), unit)
}

# A range such as "24.1-NR", with an en dash
limits_text <- function(low, high, digits = 1L, na = "NR") {
  text <- number_text(c(low, high), digits, na)
  n <- length(low)
  paste0(text[seq_len(n)], range_sign(c(low, high)), text[n + seq_len(n)])
}

# Formats the limits of each row separately, with as many digits as they need. Equal
# limits are formatted once, as there may be many.
limits_each <- function(low, high, ...) {
  both <- paste(low, high)
  once <- which(!duplicated(both))
  text <- unlist(Map(limits_text, low[once], high[once], ...))
  text[match(both, both[once])]
}

# Number of decimals of ratios: two, or one if a ratio has three digits before the point
ratio_digits <- function(x) {
  # a limit that is as good as infinite does not determine the decimals of the others
  size <- suppressWarnings(max(abs(x[is.finite(x) & abs(x) < 1e9])))
  if (is.finite(size) && size >= 100) 1L else 2L
}

# Printed numbers of each scale are multiplied by these factors and have these units
scale_factors <- c(probability = 100, points = 100, time = 1, ratio = 1, count = 1)

scale_units <- list(probability = "%", points = "percentage points")

# Columns of a result are text, counts (numeric), labels of groups (a factor; the label of
# a single group is shown in tables only), or one of these kinds. `digits`:
# decimals in a table, NULL for the user's choice; `console`: decimals in a print, NULL
# for significant digits; `short`: without trailing zeros.
number_column <- function(x, digits = NULL, na = no_value, console = NULL,
                          short = FALSE) {
  list(kind = "number", x = x, digits = digits, na = na, console = console, short = short)
}

# An estimate with its limits. `at`: the time in the heading. `part`: number of the block
# of each row. The sign of range is chosen in each block; block 3 holds ratios.
interval_column <- function(rows, scale, digits = NULL, na = no_value, at = NULL,
                            part = rep(1L, length(rows$estimate))) {
  c(
    as.list(rows)[c("estimate", "conf.low", "conf.high")],
    list(
      kind = "interval", scale = scale, digits = digits, na = na, at = at,
      console = console_digits[[scale]], level = rows$conf.level[1L], part = part
    )
  )
}

# Number of decimals of each scale in a print: one for percentages, as in tables. Numbers
# on other scales may have any size, so common_decimals() determines their decimals.
console_digits <- list(probability = 1L, points = 1L)

# A column of p-values
p_column <- function(p) list(kind = "p", x = p)

time_column <- function(x) list(kind = "time", x = x)

# A column made of others by sprintf(), except in rows that are `unknown`
joined_column <- function(pattern, ..., unknown = FALSE) {
  list(kind = "joined", pattern = pattern, parts = list(...), unknown = unknown)
}

# A column with one entry for all rows of an outcome, shown in the row flagged by `first`.
# It is in tables only, because a print has a line of text instead.
once <- function(column, first) c(column, list(first = first, only = "table"))

# Columns that only print() shows, not tables
in_print <- function(column) c(column, list(only = "console"))

# Labels of groups, left out if there is a single group
group_column <- function(group) if (nlevels(group) > 1L) group

# Text of a column that is not an interval. `style`: a journal, or "console".
column_text <- function(column, digits, style, unit) {
  if (is.numeric(column)) return(format_count(column, "", style, TRUE))
  if (!is.list(column)) return(as.character(column))
  text <- switch(column$kind,
    number = number_text(column$x, column_digits(column, digits, style), column$na),
    p = if (style == "console") {
      ifelse(is.na(column$x), no_value, format_p(column$x, equals = ""))
    } else {
      format_p_value(column$x, style, na = no_value)
    },
    text = column$x, time = with_unit_value(column$x, unit),
    joined = replace(do.call(sprintf, c(
      list(as.character(column$pattern)),
      lapply(column$parts, column_text, digits, style, unit)
    )), which(column$unknown), no_value)
  )
  if (isTRUE(column$short)) text <- sub("[.]0+$|([.][0-9]*[1-9])0+$", "\\1", text)
  text <- journal_point(text, style)
  if (is.null(column$first)) return(text)
  replace(character(length(column$first)), which(column$first), text)
}

column_digits <- function(column, digits, style) {
  if (style == "console") return(if (is.null(digits)) column$console else digits)
  if (!is.null(column$digits)) column$digits else if (is.null(digits)) 1L else digits
}

# Columns of an estimate and its limits: two in a print, one in a table. Estimates without
# limits have no brackets.
interval_columns <- function(name, column, digits, style, unit) {
  if (!is.null(column$at)) {
    at <- if (is.null(unit)) "At time" else "At"
    name <- paste(at, with_unit_value(column$at, unit))
  }
  if (column$scale != "time") unit <- scale_units[[column$scale]]
  if (!is.null(unit)) name <- sprintf("%s, %s", name, unit)
  estimate <- limits <- character(length(column$estimate))
  console <- style == "console"
  factor <- scale_factors[[column$scale]]
  # all numbers of a print in one unit have the same decimals
  plain <- column$part != 3L
  of_unit <- common_decimals(factor * unlist(
    lapply(column[c("estimate", "conf.low", "conf.high")], `[`, plain)
  ))
  for (part in unique(column$part)) {
    at <- column$part == part
    ratios <- part == 3L
    times <- if (ratios) 1 else factor
    ends <- times * c(column$conf.low[at], column$conf.high[at])
    places <- if (console) {
      c(digits, if (!ratios) c(column$console, of_unit))[1L]
    } else if (!is.null(column$digits)) {
      column$digits
    } else if (ratios) {
      2L
    } else if (is.null(digits)) {
      1L
    } else {
      digits
    }
    text <- number_text(c(times * column$estimate[at], ends), places, column$na)
    text <- matrix(text, ncol = 3L)
    estimate[at] <- text[, 1L]
    none <- is.na(column$conf.low[at]) & is.na(column$conf.high[at])
    range <- paste0("(", text[, 2L], range_sign(ends), text[, 3L], ")")
    limits[at] <- ifelse(none, "", range)
  }
  ci <- sprintf("%s%% CI", format(100 * column$level))
  if (console) {
    both <- stats::setNames(list(estimate, limits), c(name, ci))
    return(both[c(TRUE, any(nzchar(limits)))])
  }
  text <- journal_point(trimws(paste(estimate, limits)), style)
  # without any interval, as with one subject, the heading does not mention one
  known <- !length(limits) || any(nzchar(limits))
  stats::setNames(list(text), if (known) sprintf("%s (%s)", name, ci) else name)
}

# All columns as text, and the names of the left-aligned ones. One call formats the counts
# of all columns, which is faster than a call for each.
columns_text <- function(columns, digits, style, unit) {
  other <- if (style == "console") "table" else "console"
  columns <- columns[lengths(columns) > 0L]
  groups <- vapply(columns, is.factor, NA)
  single <- groups & vapply(columns, nlevels, 0L) < 2L
  columns[groups] <- lapply(columns[groups], label_text)
  kind <- vapply(columns, function(column) {
    if (!is.list(column)) return(if (is.numeric(column)) "count" else "text")
    if (identical(column$only, other)) "hidden" else column$kind
  }, "")
  if (style == "console") kind[single] <- "hidden"
  counts <- columns[kind == "count"]
  if (length(counts)) {
    text <- format_count(unlist(counts), "", style, each = TRUE)
    columns[kind == "count"] <- split(text, rep(seq_along(counts), lengths(counts)))
  }
  body <- lapply(which(kind != "hidden"), function(i) {
    column <- columns[[i]]
    if (kind[i] == "interval") {
      return(interval_columns(names(columns)[i], column, digits, style, unit))
    }
    if (is.list(column)) column <- column_text(column, digits, style, unit)
    stats::setNames(list(as.character(column)), names(columns)[i])
  })
  list(
    body = do.call(c, unname(body)), left = names(columns)[kind %in% c("text", "time")]
  )
}
