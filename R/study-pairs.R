# Times with a status instead of dates: which columns of a study form a pair, in which
# unit the times are, and whether a pair agrees with the dates.

# Length in days of the units of time columns; time_unit_of() also accepts the singular.
time_units <- c(days = 1, weeks = 7, months = 30.4375, years = 365.25)

time_unit_of <- function(x, reading) {
  unit <- column_attribute(x, "units")
  if (is.null(unit)) return(reading$time_unit)
  word <- sub("s?$", "s", lower_case(trimws(as.character(unit))))
  if (length(word) == 1L && word %in% names(time_units)) word else NA_character_
}

has_pair <- function(tables, what, table = "patients") {
  x <- tables[[table]]
  is.data.frame(x) && is_filled(x[[time_of_pair(what)]]) &&
    is_filled(x[[status_of_pair(what)]])
}

pair_tables <- function(what) c("patients", if (what == "local_failure") "lesions")

# The pairs of a study: one row per endpoint and table
find_pairs <- function(tables) {
  found <- lapply(names(pair_endpoints), function(what) {
    table <- Filter(function(name) has_pair(tables, what, name), pair_tables(what))
    data.frame(what = rep(what, length(table)), table = as.character(table))
  })
  do.call(rbind, found)
}

# Dates that a study needs only if it has no pair of time and status
date_columns <- list(
  patients = c("sbrt_start", "progression_date", "death_date", "last_contact"),
  lesions = "local_failure_date"
)

# Without one of these dates no endpoint can be derived from dates.
needed_dates <- setdiff(date_columns$patients, "progression_date")

# The schema of a table of this study. In a study with pairs the dates may be missing or
# empty. A time without a status, or a status without a time, is a column outside the
# schema.
spec_of_study <- function(x, name, pairs) {
  spec <- schema_of(name)
  alone <- spec$type %in% c("time", "status") &
    !pair_name(spec$column) %in% pairs$what[pairs$table == name]
  spec <- spec[!alone, ]
  if (!nrow(pairs)) return(spec)
  free <- spec$column %in% date_columns[[name]] &
    !vapply(spec$column, function(column) is_filled(x[[column]]), NA)
  spec$required[free] <- "optional"
  spec
}

# Stores the unit of each time with its column, so that it stays with the study.
set_time_units <- function(tables, pairs, reading) {
  for (i in seq_len(nrow(pairs))) {
    table <- pairs$table[i]
    column <- time_of_pair(pairs$what[i])
    attr(tables[[table]][[column]], "units") <- time_unit_of(
      tables[[table]][[column]], reading
    )
  }
  tables
}

# Problems of the pairs: times without a unit, a time without a status (or the reverse), a
# pair that contradicts the dates
check_pairs <- function(tables, pairs, reading) {
  lone <- lapply(c("patients", "lesions"), function(table) {
    columns <- schema_all$column[
      schema_all$table == table & schema_all$type %in% c("time", "status")
    ]
    columns <- columns[!pair_name(columns) %in% pairs$what[pairs$table == table]]
    columns <- Filter(function(column) is_filled(tables[[table]][[column]]), columns)
    is_time <- endsWith(columns, "_time")
    other <- paste0(pair_name(columns), ifelse(is_time, "_status", "_time"))
    if (!length(columns)) return(NULL)
    new_problems(table, columns, rep(NA, length(columns)), NA, sprintf(
      "is not used without a column `%s`", other
    ), "warning")
  })
  found <- Map(function(what, table) {
    x <- tables[[table]]
    pair <- c(time_of_pair(what), status_of_pair(what))
    if (!has_columns(x, pair)) return(no_problems)
    bind_problems(list(
      check_time_unit(x[[pair[1L]]], table, pair[1L], reading),
      half_pair(x, table, pair), half_pair(x, table, rev(pair)),
      if (what == "local_failure") no_competing(x, tables, table, pair),
      differs_from_dates(tables, what, table, reading)
    ))
  }, pairs$what, pairs$table)
  c(lone, unname(found))
}

check_time_unit <- function(x, table, column, reading) {
  unit <- time_unit_of(x, reading)
  if (!is.null(unit) && !is.na(unit)) return(no_problems)
  own <- column_attribute(x, "units")
  new_problems(table, column,
    value = if (is.null(own)) NA else paste(own, collapse = " "), rule = paste(
      "has no unit that is known; give the argument time_unit = \"days\", \"weeks\",",
      "\"months\" or \"years\", or an attribute `units` with one of these"
    ), kind = "input"
  )
}

half_pair <- function(x, table, pair) {
  problems_where(is.na(x[[pair[1L]]]) & !is.na(x[[pair[2L]]]), table, pair[1L],
    x[[pair[1L]]], sprintf("is empty, although there is a `%s`", pair[2L]),
    severity = "warning"
  )
}

# Warns about patients who died but are censored in a status without competing events,
# because their deaths should compete with the event.
no_competing <- function(x, tables, table, pair) {
  status <- x[[pair[2L]]]
  died <- tables$patients$os_status
  if (!is.factor(status) || nlevels(status) > 2L || !is.factor(died)) return(no_problems)
  died <- died[match(x$patient_id, tables$patients$patient_id)] %in% "death"
  problems_where(status %in% "censored" & died, table, pair[2L], status, paste(
    "is censored, although the patient died; to count deaths as competing events, write",
    "2 or death"
  ), severity = "warning")
}

# Warns about a time or status that differs from the dates. Times may be rounded, so they
# may differ by a day plus half a unit of the last decimal that the column has.
differs_from_dates <- function(tables, what, table, reading) {
  x <- tables[[table]]
  dated <- dated_endpoint(tables, what, table)
  unit <- time_unit_of(x[[time_of_pair(what)]], reading)
  if (is.null(dated) || is.null(unit) || is.na(unit)) return(no_problems)
  time <- as.double(x[[time_of_pair(what)]])
  decimals <- match(TRUE, vapply(0:4, function(d) {
    all(abs(time - round(time, d)) < 1e-9, na.rm = TRUE)
  }, NA), 6L) - 1L
  near <- 1 + 0.5 * 10^-decimals * time_units[[unit]]
  event <- as.integer(x[[status_of_pair(what)]]) - 1L
  wrong <- abs(time * time_units[[unit]] - dated$days) > near | event != dated$code
  problems_where(wrong, table, time_of_pair(what), x[[time_of_pair(what)]], sprintf(
    "differs from the dates in time or status; the dates are used (%s)",
    join_words(sprintf("`%s`", dated$columns))
  ), severity = "warning")
}

# Days and code (0 censored, 1 event, 2 death) from the dates of a table, if it has them
dated_endpoint <- function(tables, what, table) {
  patients <- tables$patients
  columns <- pair_endpoints[[what]]$dates
  if (is.null(columns)) columns <- paste0(what, "_date")
  x <- tables[[table]]
  if (!has_columns(patients, needed_dates) || !has_columns(x, columns)) return(NULL)
  if (!all(vapply(x[columns], function(v) inherits(v, "Date"), NA))) return(NULL)
  if (!is_filled(patients$sbrt_start) || !is_filled(x[[columns[1L]]])) return(NULL)
  row <- match(x$patient_id, patients$patient_id)
  day <- function(v) as.numeric(v) - as.numeric(patients$sbrt_start)[row]
  event <- do.call(pmin, c(lapply(x[columns], day), list(na.rm = TRUE)))
  death <- day(patients$death_date[row])
  last <- day(patients$last_contact[row])
  code <- ifelse(!is.na(event), 1L,
    ifelse(is.na(death) | is.null(pair_endpoints[[what]]$competing), 0L, 2L)
  )
  end <- ifelse(is.na(death), last, death)
  list(days = ifelse(is.na(event), end, event), code = code, columns = columns)
}
