# The class sbrt_study: its maker, its parts, and the check after a user changed it.

new_study <- function(gathered, source) {
  problems <- raise_problems(gathered$problems, source)
  tables <- gathered$tables
  parts <- stats::setNames(lapply(schema_tables$table, function(name) tables[[name]]),
    schema_tables$table
  )
  mark_checked(structure(
    c(parts, list(cutoff = gathered$cutoff, problems = problems[shown_columns])),
    class = "sbrt_study"
  ))
}

tables_of <- function(study) {
  study <- unclass(study)
  tables <- study[intersect(schema_tables$table, names(study))]
  tables[!vapply(tables, is.null, NA)]
}

checked_parts <- function(study) {
  list(tables = tables_of(study), cutoff = unclass(study)$cutoff)
}

# What was checked. R shares them with the study until one is edited, so
# they take no memory and comparing them takes no time.
mark_checked <- function(study) {
  attr(study, "checked") <- checked_parts(study)
  study
}

# A single day as `Date`, or NULL.
check_day <- function(x, arg) {
  if (is.null(x)) return(NULL)
  result <- if (length(x) == 1L && is.atomic(x)) parse_date(x)
  if (is.null(result) || is.na(result$value)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be one day, a Date or \"yyyy-mm-dd\"; it is %s", arg, describe(x)
    ), arg = arg)
  }
  result$value
}

check_study <- function(x, arg = "study") {
  if (missing(x)) stop_missing(arg)
  if (!inherits(x, "sbrt_study") || !is.list(x)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be an sbrt_study, made by sbrt_study() or read_study(); it is %s", arg,
      describe(x)
    ), arg = arg)
  }
  if (!identical(checked_parts(x), attr(x, "checked"))) recheck_study(x, arg)
  x
}

# A study whose tables are no longer those that were checked
recheck_study <- function(x, arg) {
  tables <- tables_of(x)
  gathered <- gather_study(tables, check_day(unclass(x)$cutoff, "study$cutoff"))
  errors <- gathered$problems[gathered$problems$severity == "error", ]
  raise_problems(errors, sprintf("`%s` was edited after its check; it", arg))
  kind <- function(tables) lapply(tables, function(table) lapply(table, class))
  if (identical(kind(gathered$tables), kind(tables))) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` was edited after its check and its columns are no longer of the types of a",
      "study; make it anew with sbrt_study()"
    ), arg
  ), arg = arg)
}

# A table of the study with the columns that a result needs, or an error that says so.
study_table <- function(study, name, columns, what) {
  absent <- setdiff(columns, names(study[[name]]))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "%s needs %s in the table %s", what,
      join_words(sprintf("the column `%s`", absent)), name
    ), table = name, column = absent)
  }
  study[[name]]
}

is_named_list <- function(x) {
  is.list(x) && !is.object(x) && (length(x) == 0L || !is.null(names(x)))
}

# A factor of group labels, one level "All" without `by`; an empty text is no group.
group_of <- function(rows, by, table) {
  if (is.null(by)) return(factor(rep("All", nrow(rows))))
  check_string(by, "by")
  if (!by %in% names(rows)) {
    stop_oligosurv("input", sprintf(
      "`by` must be a column of the %s table; there is no column \"%s\"", table, by
    ), arg = "by")
  }
  droplevels(as.factor(read_labels(plain_column(rows[[by]]), by)$column))
}
