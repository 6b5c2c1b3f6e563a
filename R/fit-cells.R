# Columns of results as text, in one style for the console and for tables of a journal:
# numbers, intervals, p-values, and signs for what is not known.

no_value <- "\u2013"

not_followed <- stats::setNames("nobody was followed that long", no_value)

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
  ifelse(is.na(n), na, vapply(n, format, "", scientific = FALSE, trim = TRUE))
}

# A number with so many decimals, or with four significant digits where `digits` is NULL
decimal_text <- function(x, digits, na = no_value) {
  if (!is.null(digits)) return(number_text(x, digits, na))
  sub("^-", "\u2212", format_time(x, na))
}

# The sign of a range: an en dash; "to" where a limit is below 0 and dashes would meet
range_sign <- function(limits) if (any(limits < 0, na.rm = TRUE)) " to " else "\u2013"

# "24.1-NR", with an en dash
limits_text <- function(low, high, digits = 1L, na = "NR") {
  text <- decimal_text(c(low, high), digits, na)
  n <- length(low)
  paste0(text[seq_len(n)], range_sign(c(low, high)), text[n + seq_len(n)])
}

# Two decimals; one where a ratio has three digits before the point
ratio_digits <- function(x) {
  size <- suppressWarnings(max(abs(x[is.finite(x)])))
  if (is.finite(size) && size >= 100) 1L else 2L
}

# What the numbers of a scale are multiplied by for print, and their unit
scale_factors <- c(probability = 100, points = 100, time = 1, ratio = 1, count = 1)

scale_units <- list(probability = "%", points = "percentage points")

# Columns of a result are text, counts (numeric), or one of these. `digits`: decimals in a
# table, NULL for those of the user; `console`: in a print, NULL for significant digits;
# `short`: without zeros at the end.
number_column <- function(x, digits = NULL, na = no_value, console = NULL,
                          short = FALSE) {
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
  if (is.numeric(column)) return(format_count_each(column, ""))
  if (!is.list(column)) return(as.character(column))
  text <- switch(column$kind,
    number = number_cells(column, column_digits(column, digits, style)),
    p = if (style == "console") {
      ifelse(is.na(column$x), no_value, format_p(column$x, equals = ""))
    } else {
      format_p_value(column$x, style, na = no_value)
    },
    text = column$x, time = with_unit_value(column$x, unit),
    joined = replace(do.call(sprintf, c(
      list(column$pattern), lapply(column$parts, column_text, digits, style, unit)
    )), which(column$unknown), no_value)
  )
  text <- journal_point(text, style)
  if (is.null(column$first)) return(text)
  replace(character(length(column$first)), which(column$first), text)
}

number_cells <- function(column, digits) {
  text <- decimal_text(column$x, digits, column$na)
  if (column$short) sub("[.]0+$|([.][0-9]*[1-9])0+$", "\\1", text) else text
}

column_digits <- function(column, digits, style) {
  if (style == "console") return(if (is.null(digits)) column$console else digits)
  if (!is.null(column$digits)) column$digits else if (is.null(digits)) 1L else digits
}

# Columns of an estimate and its limits: two in a print, one in a table. There are no
# brackets where there are no limits.
interval_columns <- function(name, column, digits, style, unit) {
  if (!is.null(column$at)) {
    at <- if (is.null(unit)) "At time" else "At"
    name <- paste(at, with_unit_value(column$at, unit))
  }
  if (column$scale != "time") unit <- scale_units[[column$scale]]
  if (!is.null(unit)) name <- sprintf("%s, %s", name, unit)
  estimate <- limits <- character(length(column$estimate))
  console <- style == "console"
  for (part in unique(column$part)) {
    at <- column$part == part
    times <- if (part == 3L) 1 else scale_factors[[column$scale]]
    ends <- times * c(column$conf.low[at], column$conf.high[at])
    asked <- if (part < 3L || console) digits else 2L
    places <- column_digits(column, asked, style)
    text <- decimal_text(c(times * column$estimate[at], ends), places, column$na)
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
  stats::setNames(list(text), sprintf("%s (%s)", name, ci))
}

# All columns as text, and the names of those that stand left
columns_text <- function(columns, digits, style, unit) {
  other <- if (style == "console") "table" else "console"
  body <- list()
  left <- character()
  for (i in which(lengths(columns) > 0L)) {
    name <- names(columns)[i]
    column <- columns[[i]]
    kind <- if (is.list(column)) column$kind else class(column)[1L]
    if (is.list(column) && identical(column$only, other)) next
    text <- switch(kind,
      interval = interval_columns(name, column, digits, style, unit),
      character = list(column), list(column_text(column, digits, style, unit))
    )
    if (kind != "interval") names(text) <- name
    if (kind %in% c("character", "factor", "text", "time")) left <- c(left, name)
    body <- c(body, text)
  }
  list(body = body, left = left)
}

# Prints columns of text, those named in `left` to the left. Each row stays on one line.
print_columns <- function(body, left) {
  shown <- Map(function(v, name) {
    format(c(name, v), justify = if (name %in% left) "left" else "right")
  }, body, names(body))
  writeLines(trimws(do.call(paste, unname(shown)), "right"))
}
