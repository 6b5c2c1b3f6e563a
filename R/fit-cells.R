# Columns of results as text, in one style for the console and for tables of a journal:
# numbers, intervals, p-values, and signs for what is not known.

no_value <- "\u2013"

# A label is written once for the rows that share it
blank_repeats <- function(x) {
  x <- as.character(x)
  x[c(FALSE, x[-1L] == x[-length(x)])] <- ""
  x
}

level_text <- function(conf.level) paste0(format(100 * conf.level[1L]), "%")

with_unit <- function(label, unit) {
  if (is.null(unit)) label else sprintf("%s, %s", label, unit)
}

with_unit_value <- function(x, unit) {
  if (is.null(unit)) format_time(x) else paste(format_time(x), unit)
}

format_count_each <- function(n, na = "NA") {
  ifelse(is.na(n), na, vapply(n, format_count, ""))
}

# A number with so many decimals, or with four significant digits where `digits` is NULL
decimal_text <- function(x, digits, na = no_value) {
  if (is.null(digits)) sub("^-", "\u2212", format_time(x, na)) else number_text(x, digits, na)
}

# "24.1-NR" with an en dash; "to" where a limit is below 0 and dashes would meet
limits_text <- function(low, high, digits = 1L, na = "NR") {
  between <- if (any(c(low, high) < 0, na.rm = TRUE)) " to " else "\u2013"
  paste0(decimal_text(low, digits, na), between, decimal_text(high, digits, na))
}

# Two decimals; one where a ratio has three digits before the point
ratio_digits <- function(x) {
  size <- suppressWarnings(max(abs(x[is.finite(x)])))
  if (is.finite(size) && size >= 100) 1L else 2L
}

# What the numbers of a scale are multiplied by for print, and their unit
scale_factor <- function(scale) if (scale %in% c("probability", "points")) 100 else 1

scale_unit <- function(scale, unit) {
  switch(scale,
    probability = "%", points = "percentage points", time = unit, NULL
  )
}

# Columns of a result are text, counts (numeric), or one of these. `digits`: decimals in a
# table, NULL for those asked for; `console`: in a print, NULL for significant digits.
# `short`: without zeros at the end.
number_column <- function(x, digits = NULL, na = no_value, console = NULL, short = FALSE) {
  list(kind = "number", x = x, digits = digits, na = na, console = console, short = short)
}

# An estimate with its limits; `at`: the time that the heading names; `part`: parts of the
# rows with a sign of range of their own, the third of them ratios
interval_column <- function(rows, scale, digits = NULL, na = no_value, at = NULL,
                            console = NULL, part = rep(1L, length(rows$estimate))) {
  c(
    as.list(rows)[c("estimate", "conf.low", "conf.high")],
    list(
      kind = "interval", scale = scale, digits = digits, na = na, at = at,
      console = console, level = rows$conf.level[1L], part = part
    )
  )
}

p_column <- function(p) list(kind = "p", x = p)

time_column <- function(x) list(kind = "time", x = x)

# Columns put together by sprintf(), where they are not `unknown`
joined_column <- function(pattern, ..., unknown = FALSE) {
  list(kind = "joined", pattern = pattern, parts = list(...), unknown = unknown)
}

# Columns that say something once for all rows of an outcome: in tables alone, as a print
# has a line for it
once <- function(column, first) c(column, list(first = first, only = "table"))

# Columns of prints alone
in_print <- function(column) c(column, list(only = "console"))

# Labels of groups; a single one in tables alone, and there if `always`
group_column <- function(group, always = FALSE) {
  if (nlevels(group) > 1L) return(as.character(group))
  if (always) list(kind = "text", x = as.character(group), only = "table")
}

# Text of a column that is no interval. `style`: that of a journal, or "console".
column_text <- function(column, digits, style, unit) {
  if (!is.list(column)) {
    return(if (is.numeric(column)) format_count_each(column, "") else as.character(column))
  }
  text <- switch(column$kind,
    number = number_cells(column, column_digits(column, digits, style)),
    p = if (style == "console") {
      ifelse(is.na(column$x), no_value, format_p(column$x, equals = ""))
    } else {
      format_p_value(column$x, style, na = no_value)
    },
    text = column$x, time = with_unit_value(column$x, unit),
    joined = unless_unknown(column$unknown, do.call(sprintf, c(
      list(column$pattern), lapply(column$parts, column_text, digits, style, unit)
    )))
  )
  text <- journal_point(text, style)
  if (is.null(column$first)) return(text)
  replace(character(length(column$first)), which(column$first), text)
}

number_cells <- function(column, digits) {
  text <- decimal_text(column$x, digits, column$na)
  if (column$short) sub("[.]?0+$", "", sub("(^[^.]*$)", "\\1.", text)) else text
}

unless_unknown <- function(unknown, text) replace(text, which(unknown), no_value)

column_digits <- function(column, digits, style) {
  if (style == "console") return(if (is.null(digits)) column$console else digits)
  if (!is.null(column$digits)) column$digits else if (is.null(digits)) 1L else digits
}

# Columns of an estimate and its limits: two in a print, one in a table. There are no
# brackets where there are no limits.
interval_columns <- function(name, column, digits, style, unit) {
  if (!is.null(column$at)) {
    name <- if (is.null(unit)) "At time" else "At"
    name <- paste(name, with_unit_value(column$at, unit))
  }
  name <- with_unit(name, scale_unit(column$scale, unit))
  estimate <- limits <- character(length(column$estimate))
  for (part in unique(column$part)) {
    at <- column$part == part
    times <- if (part == 3L) 1 else scale_factor(column$scale)
    places <- column_digits(column, if (part < 3L || style == "console") digits else 2L, style)
    low <- times * column$conf.low[at]
    high <- times * column$conf.high[at]
    estimate[at] <- decimal_text(times * column$estimate[at], places, column$na)
    limits[at] <- ifelse(is.na(low) & is.na(high), "",
      sprintf("(%s)", limits_text(low, high, places, column$na))
    )
  }
  ci <- sprintf("%s CI", level_text(column$level))
  if (style != "console") {
    text <- journal_point(trimws(paste(estimate, limits)), style)
    return(stats::setNames(list(text), sprintf("%s (%s)", name, ci)))
  }
  stats::setNames(list(estimate, limits), c(name, ci))[c(TRUE, any(nzchar(limits)))]
}

# All columns as text, and the names of those that stand left
columns_text <- function(columns, digits, style, unit) {
  other <- if (style == "console") "table" else "console"
  left_out <- function(v) length(v) == 0L || is.list(v) && identical(v$only, other)
  columns <- columns[!vapply(columns, left_out, NA)]
  body <- unlist(Map(function(column, name) {
    if (is.list(column) && column$kind == "interval") {
      interval_columns(name, column, digits, style, unit)
    } else {
      stats::setNames(list(column_text(column, digits, style, unit)), name)
    }
  }, columns, names(columns), USE.NAMES = FALSE), recursive = FALSE)
  text <- vapply(columns, function(v) {
    is.character(v) || is.factor(v) || is.list(v) && v$kind %in% c("text", "time")
  }, NA)
  list(body = quick_frame(body), left = names(columns)[text])
}

# Prints columns of text, those named in `left` to the left. Each row stays on one line.
print_columns <- function(body, left) {
  shown <- Map(function(v, name) {
    format(c(name, v), justify = if (name %in% left) "left" else "right")
  }, body, names(body))
  writeLines(trimws(do.call(paste, unname(shown)), "right"))
}
