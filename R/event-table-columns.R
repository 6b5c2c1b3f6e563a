# Checks shared by files, result sets and database tables. Columns are named by strings,
# and errors name the column and the position of a wrong value.

# Returns list(time, status, group, strata, entry) of column names. Each name must occur
# exactly once in `available`; `entry` is NULL without left truncation.
pick_columns <- function(available, time, status, group, strata, entry) {
  picked <- list(
    time = check_string(time, "time"), status = check_string(status, "status"),
    group = check_strings(group, "group"), strata = check_strings(strata, "strata"),
    entry = if (!is.null(entry)) check_string(entry, "entry")
  )
  for (arg in names(picked)) {
    for (name in picked[[arg]]) {
      found <- sum(available == name)
      if (found == 1L) next
      stop_oligosurv("input", sprintf(
        "`%s` names the column \"%s\", which %s; the columns are %s", arg, name,
        if (found) "occurs more than once" else "does not exist",
        paste0("\"", available, "\"", collapse = ", ")
      ), arg = arg)
    }
  }
  picked
}

# Accepts NULL or strings without NA or repeats; NULL becomes character().
check_strings <- function(x, arg) {
  if (is.null(x)) return(character())
  x <- plain_argument(x)
  if (!is.character(x) || !length(x) || anyNA(x) || anyDuplicated(x)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be NULL or distinct strings without NA; it is %s", arg, describe(x)
    ), arg = arg)
  }
  x
}

# Checks the levels that the caller declares for status and group. Returns list(states,
# groups), each NULL or labels without white space at their ends.
check_declared <- function(states, groups, picked) {
  if (!is.null(groups) && length(picked$group) != 1L) {
    stop_oligosurv("input", sprintf(
      "`groups` declares levels of one column, but `group` names %d; leave `groups` out",
      length(picked$group)
    ), arg = "groups")
  }
  labels <- function(x, arg) {
    if (is.null(x)) return(NULL)
    x <- check_strings(trim_labels(check_strings(x, arg)), arg)
    if (all(nzchar(x))) return(x)
    stop_oligosurv("input", sprintf(
      "`%s` has an empty label; leave it out, since empty text is a missing value", arg
    ), arg = arg)
  }
  list(states = labels(states, "states"), groups = labels(groups, "groups"))
}

# Raises the error for the values of a column flagged by `bad`. `where` holds the
# positions of the values, or is NULL for a database table, whose rows have no order.
stop_values <- function(arg, column, need, bad, values, where = NULL, noun = "row") {
  found <- values[bad]
  where <- where[bad]
  stop_oligosurv("domain", sprintf(
    "`%s`, column \"%s\", must be %s; %s", arg, column, need,
    if (length(where)) {
      sprintf("%s (first value: %s)", format_rows(where, noun), format(found[1L]))
    } else {
      shown <- unique(found)
      paste0(
        "found ", paste(format(utils::head(shown, 5L), trim = TRUE), collapse = ", "),
        if (length(shown) > 5L) sprintf(" and %d more", length(shown) - 5L)
      )
    }
  ), where = where, values = found, arg = arg, column = column)
}

check_declared_level <- function(x, levels, arg, column, where = NULL, noun = "row") {
  if (is.null(levels)) return(invisible())
  bad <- is_undeclared(x, levels)
  if (any(bad)) {
    need <- paste("one of", paste0("\"", levels, "\"", collapse = ", "))
    stop_values(arg, column, need, bad, x, where, noun)
  }
}

check_time_values <- function(x, column, where = NULL, noun = "row") {
  bad <- !is.na(x) & (x < 0 | is.infinite(x))
  if (any(bad)) {
    stop_values("time", column, "finite and not negative", bad, x, where, noun)
  }
}

check_entry_values <- function(entry, time, column, where = NULL, noun = "row") {
  bad <- !is.na(entry) & !is.na(time) & enters_late(entry, time)
  if (any(bad)) {
    stop_values("entry", column, "finite, not negative and before the exit", bad, entry,
      where, noun
    )
  }
}

# Stops for numeric status codes other than 0/1 or 1/2, because their meaning is unknown.
check_status_codes <- function(x, column, where = NULL, noun = "row") {
  if (!is.numeric(x)) return(invisible())
  bad <- !is.na(x) & !x %in% 0:2
  if (!any(bad) && all(c(0, 2) %in% x)) bad <- x %in% c(0, 2)
  if (any(bad)) {
    stop_values("status", column, paste(
      "0 or 1 (1 or 2 where no 0 occurs); competing risks need text, or codes declared",
      "in `states`"
    ), bad, x, where, noun)
  }
}
