# The class sbrt_study: its constructor, its parts, and the check after a user edited it.

# The only place that creates a study, after raising its problems. `origin` describes the
# user's call: `fun`, its function; `first`, its first arguments; and `listed`, the first
# argument with which study_problems() lists the same problems.
new_study <- function(gathered, source, origin) {
  listed <- call_of("study_problems", origin$listed, gathered$cutoff,
    gathered$reading$given
  )
  failed <- any(gathered$problems$severity == "error")
  advice <- if (failed) suggestion_text(gathered, origin) else ""
  problems <- raise_problems(gathered$problems, source, listed, advice)
  tables <- gathered$tables
  parts <- stats::setNames(lapply(schema_tables$table, function(name) tables[[name]]),
    schema_tables$table
  )
  mark_checked(structure(
    c(
      parts, list(cutoff = gathered$cutoff, problems = problems[shown_columns]),
      if (nrow(gathered$imputed)) list(imputed = gathered$imputed)
    ),
    class = "sbrt_study",
    reading = if (length(gathered$reading$given)) gathered$reading
  ))
}

# Stores the checked tables, so that check_study() can detect edits. R shares them with
# the study until one is edited, so they need no memory and are fast to compare.
mark_checked <- function(study) {
  attr(study, "checked") <- checked_parts(study)
  study
}

checked_parts <- function(study) {
  list(tables = tables_of(study), cutoff = unclass(study)$cutoff)
}

tables_of <- function(study) {
  study <- unclass(study)
  tables <- study[intersect(schema_tables$table, names(study))]
  tables[!vapply(tables, is.null, NA)]
}

is_edited <- function(study) !identical(checked_parts(study), attr(study, "checked"))

# Accepts a study, and checks it again if it was edited.
check_study <- function(x, arg = "study") {
  if (missing(x)) stop_missing(arg)
  if (!inherits(x, "sbrt_study") || !is.list(x)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be an sbrt_study, made by sbrt_study() or read_study(); it is %s", arg,
      describe(x)
    ), arg = arg)
  }
  if (is_edited(x)) recheck_study(x, arg)
  x
}

# Checks an edited study. A column whose type changed is an error, since the methods rely
# on the types that parsing gives.
recheck_study <- function(x, arg) {
  tables <- tables_of(x)
  gathered <- gather_again(x)
  errors <- gathered$problems[gathered$problems$severity == "error", ]
  raise_problems(errors, sprintf("`%s` was edited after its check; it", arg),
    call_of("study_problems", arg, NULL, list())
  )
  kind <- function(tables) lapply(tables, function(table) lapply(table, class))
  if (identical(kind(gathered$tables), kind(tables))) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` was edited after its check and its columns no longer have the types of the",
      "schema; create it again with sbrt_study()"
    ), arg
  ), arg = arg)
}

day_of_cutoff <- function(study) check_day(unclass(study)$cutoff, "study$cutoff")

# Checks the tables of a study again.
gather_again <- function(study, cutoff = day_of_cutoff(study)) {
  gather_study(tables_of(study), cutoff, reading_done(attr(study, "reading")))
}

# The tables of a study already have the names and words of the schema, which must not be
# translated twice.
reading_done <- function(reading) {
  study_reading(time_unit = reading$time_unit)
}

# A date outside the tables of a study, in the form of a row of the schema
own_date <- list(type = "date", table = "", column = "", required = "optional")

# Accepts one day or NULL and returns a `Date` or NULL.
check_day <- function(x, arg) {
  if (is.null(x)) return(NULL)
  check_factor(x, arg)
  result <- if (length(x) == 1L && is.atomic(x)) parse_column(x, own_date)
  if (is.null(result) || is.na(result$value) || !is.na(result$rule)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be one day, a Date or \"yyyy-mm-dd\"; it is %s", arg, describe(x)
    ), arg = arg)
  }
  result$value
}

# The dates of a column outside the schema, which a study stores as it was given, mostly
# as text; NULL if there is no such column
own_dates <- function(study, table, column) {
  x <- study[[table]][[column]]
  if (is.null(x) || inherits(x, "Date")) return(x)
  if (!is_column(x, nrow(study[[table]]))) return(NULL)
  reading <- attr(study, "reading")
  if (is.null(reading)) reading <- study_reading()
  reading$last_day <- study$cutoff
  spec <- list(type = "date", table = table, column = column)
  result <- parse_column(x, spec, reading_of(reading, table, column))
  bad <- which(!is.na(result$rule))
  if (length(bad)) {
    stop_oligosurv("data", sprintf(
      "the column `%s` of the table %s does not hold dates: %s %s (found \"%s\")",
      column, table, format_rows(bad), result$rule[bad[1L]], result$text[bad[1L]]
    ), table = table, column = column, where = bad)
  }
  result$value
}

# Number of lesions of each patient
lesion_count <- function(study) {
  ids <- study$patients$patient_id
  tabulate(match(study$lesions$patient_id, ids), length(ids))
}

# The first `date` of each patient, with its label
first_by_patient <- function(study, id, date, label) {
  o <- order(date, na.last = NA)
  at <- o[match(study$patients$patient_id, id[o])]
  list(date = date[at], source = label[at])
}

days_after_sbrt <- function(study, x, date) {
  row <- match(x$patient_id, study$patients$patient_id)
  as.numeric(date) - as.numeric(study$patients$sbrt_start)[row]
}

# Makes a factor of group labels; its only level is "All" without `by`. Blank labels are
# missing.
group_of <- function(rows, by, table) {
  if (is.null(by)) return(factor(rep("All", nrow(rows))))
  by <- check_string(by, "by")
  if (!by %in% names(rows)) {
    stop_oligosurv("input", sprintf(
      "`by` must be a column of the %s table; there is no column \"%s\"", table, by
    ), arg = "by")
  }
  droplevels(as.factor(read_labels(plain_column(rows[[by]]), by)$column))
}

is_named_list <- function(x) {
  is.list(x) && !is.object(x) && (length(x) == 0L || !is.null(names(x)))
}
