# The call that a message suggests. It has the fewest arguments `columns`, `dates`,
# `levels` and `missing` with which more of a study can be read. Each suggestion is tried
# before it is shown.

# Finds options that give fewer errors than the problems found. Returns a list of `given`
# (the arguments) and `errors` (the number left); NULL if there are none.
suggest_reading <- function(gathered) {
  given <- gathered$reading$given
  given$columns <- suggest_columns(gathered$given$tables, given$columns)
  # arguments that were tried before, and what they gave: reading takes long
  tried <- list(list(given = gathered$reading$given, again = gathered))
  try_given <- function(given) {
    for (before in tried) if (identical(before$given, given)) return(before$again)
    again <- tryCatch(gather_study(gathered$given$tables, gathered$cutoff,
      do.call(study_reading, given), gathered$given$problems
    ), oligosurv_error = function(e) NULL)
    tried <<- c(tried, list(list(given = given, again = again)))
    again
  }
  again <- try_given(given)
  if (is.null(again)) return(NULL)
  given$missing <- suggest_missing(again, given$missing)
  given$levels <- suggest_all_levels(again, given$levels)
  again <- try_given(given)
  if (is.null(again)) return(NULL)
  given <- suggest_dates(again, given, try_given)
  given <- given[!vapply(given, is.null, NA)]
  if (identical(given, gathered$reading$given)) return(NULL)
  again <- try_given(given)
  if (is.null(again)) return(NULL)
  errors <- sum(again$problems$severity == "error")
  if (errors >= sum(gathered$problems$severity == "error")) return(NULL)
  list(given = given, errors = errors)
}

# Adds to `columns` the names in a table that are similar to columns of the schema that it
# lacks. Required columns choose first.
suggest_columns <- function(tables, columns = NULL) {
  for (table in intersect(schema_tables$table, names(tables))) {
    own <- names(tables[[table]])
    if (is.null(own)) next
    spec <- schema_of(table)
    absent <- spec[!spec$column %in% c(own, names(columns[[table]])), ]
    absent <- absent$column[order(absent$required == "optional")]
    free <- setdiff(own[!is.na(own) & nzchar(own)],
      c(spec$column, unlist(columns[[table]])))
    similar <- meant_names(table, absent, free)
    found <- stats::setNames(similar, absent)[!is.na(similar)]
    found <- found[order(match(names(found), spec$column))]
    if (length(found)) columns[[table]] <- c(columns[[table]], found)
  }
  columns
}

# Adds to `missing` the words of erroneous cells that usually stand for a missing value.
suggest_missing <- function(gathered, missing = NULL) {
  errors <- gathered$problems[gathered$problems$severity == "error", ]
  words <- unique(errors$value[is_likely_missing(errors$value)])
  words <- setdiff(words, as.character(missing))
  if (length(words)) c(as.character(missing), words) else missing
}

# Adds to `levels` the words of all categories that are not understood.
suggest_all_levels <- function(gathered, levels = NULL) {
  problems <- gathered$problems
  words <- problems[problems$severity == "error" & grepl("; to say what other words",
    problems$rule, fixed = TRUE) & !is_likely_missing(problems$value), ]
  for (rule in unique(words$rule)) {
    at <- words[words$rule == rule, ][1L, ]
    levels <- add_levels(levels, at$table, at$column, suggestion_of(gathered, at))
  }
  levels
}

# The words that suggest_levels() gives for the column of a problem
suggestion_of <- function(gathered, at) {
  x <- gathered$given$mapped[[at$table]][[at$column]]
  spec <- schema_all[schema_all$table == at$table & schema_all$column == at$column, ]
  how <- reading_of(gathered$reading, at$table, at$column)
  text <- cell_text(labelled_values(x, spec$type, how$levels))
  text <- unique(text[!is_likely_missing(text)])
  levels <- allowed_levels(spec)
  suggest_levels(text, category_values(text, levels, how$levels), levels)
}

# Adds words to the argument `levels`, which is a list by column, or by table and column
add_levels <- function(levels, table, column, words) {
  if (!is.null(levels) && !is.list(levels)) return(levels)
  if (is.list(levels[[table]])) {
    levels[[table]][[column]] <- c(levels[[table]][[column]], words)
  } else {
    old <- levels[[column]]
    levels[[column]] <- c(old, words[!names(words) %in% names(old)])
  }
  levels
}

# Adds to `given` the order of dates with which most dates are read, unless it has one.
suggest_dates <- function(gathered, given, try_given) {
  is_date <- paste(schema_all$table, schema_all$column)[schema_all$type == "date"]
  wrong <- function(problems) {
    sum(problems$severity == "error" & !is.na(problems$row) &
      paste(problems$table, problems$column) %in% is_date)
  }
  if (!is.null(given$dates) || !wrong(gathered$problems)) return(given)
  if (is.null(given$levels) && all_begin_with_year(gathered$given$mapped)) return(given)
  count <- vapply(date_orders, function(order) {
    again <- try_given(replace(given, "dates", order))
    if (is.null(again)) Inf else as.double(wrong(again$problems))
  }, 0)
  best <- which.min(count)
  if (count[best] < wrong(gathered$problems)) given$dates <- date_orders[best]
  given
}

# Do all dates begin with the year, so that every order of dates reads the same days?
all_begin_with_year <- function(tables) {
  dates <- schema_all[schema_all$type == "date", ]
  all(mapply(function(table, column) {
    x <- tables[[table]]
    if (!has_columns(x, column)) return(TRUE)
    if (!is_column(x[[column]], nrow(x))) return(FALSE)
    text <- cell_text(unique(plain_column(x[[column]])))
    all(grepl("^[0-9]{4}-", text) | !grepl("[0-9]", text))
  }, dates$table, dates$column))
}

# The text below the list of problems, "" without a suggestion. `origin` has the function
# and the first argument of the call that raised them.
suggestion_text <- function(gathered, origin) {
  best <- suggest_reading(gathered)
  if (is.null(best)) return(unknown_names_text(gathered, origin))
  before <- sum(gathered$problems$severity == "error")
  left <- sprintf("This call gets further (%s instead of %d)",
    count_noun(best$errors, "problem"), before
  )
  paste0(
    if (best$errors) left else "This call reads the study",
    if (!is.null(best$given$levels)) "; check what each word means (NA is an empty cell)",
    if (!identical(best$given$dates, gathered$reading$given$dates)) {
      sprintf("; check that %s is the order of your dates", order_names[best$given$dates])
    },
    ":\n", call_of(origin$fun, origin$first, gathered$cutoff, best$given)
  )
}

# A suggested call for missing columns to which no name is similar. It lists the names in
# the table; the user replaces "..." by some of them.
unknown_names_text <- function(gathered, origin) {
  absent <- gathered$problems[gathered$problems$rule == "the column is missing", ]
  if (!nrow(absent)) return("")
  table <- absent$table[1L]
  free <- setdiff(names(gathered$tables[[table]]), schema_of(table)$column)
  if (!length(free)) return("")
  columns <- gathered$reading$given$columns
  own <- stats::setNames(rep("...", sum(absent$table == table)),
    absent$column[absent$table == table])
  columns[[table]] <- c(columns[[table]], own)
  given <- replace(gathered$reading$given, "columns", list(columns))
  shown <- utils::head(sprintf("\"%s\"", show_invisible_marks(free)), 12L)
  dates <- intersect(date_columns$patients, absent$column[absent$table == "patients"])
  paste0(
    if (length(dates) > 1L) {
      "If one column says what happened and another one when, use wider_dates() first.\n"
    },
    sprintf("Write your names in place of \"...\"; %s has %s%s:\n", table,
      join_words(shown), if (length(free) > 12L) " and more" else ""
    ),
    call_of(origin$fun, origin$first, gathered$cutoff, given)
  )
}

# The code of a call: `first` are its first arguments, `given` those of study_reading()
call_of <- function(fun, first, cutoff, given) {
  call_code(fun, c(first, if (!is.null(cutoff)) c(cutoff = r_code(format(cutoff))),
    vapply(given, r_code, "", indent = "  ")))
}
