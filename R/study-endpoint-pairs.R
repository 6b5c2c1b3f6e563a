# Endpoints that a study gives as a time and a status, without dates. Two such columns,
# for example `os_time` and `os_status`, are a pair.

# The table that can hold the date of an event if the table patients has no column for it
event_tables <- c(
  distant_failure = "assessments", intrahepatic_failure = "assessments",
  extrahepatic_failure = "assessments", widespread_failure = "assessments",
  next_therapy = "therapies", next_progression = "therapies", next_sbrt = "courses",
  late_toxicity = "adverse_events", liver_decline = "liver_function",
  response = "assessments"
)

has_dates <- function(study) {
  has_columns(study$patients, needed_dates) && is_filled(study$patients$sbrt_start)
}

# Stops if the study lacks dates that the function `who` needs. `more`: other things it
# lacks, for the message
require_dates <- function(study, who, more = character()) {
  lacking <- sprintf("`%s`", setdiff(needed_dates, names(study$patients)))
  if (!length(lacking) && !is_filled(study$patients$sbrt_start)) lacking <- "`sbrt_start`"
  lacking <- c(lacking, more)
  if (!length(lacking)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "%s needs dates, but the study has no %s; add them to the tables of sbrt_study()"
    ), who, join_words(lacking, "and no")
  ), arg = "study")
}

# Does the study have a column or table for the date of an event? With `filled`, an empty
# column does not count.
has_event_date <- function(study, event, filled = FALSE) {
  table <- if (event == "local_failure") "lesions" else "patients"
  other <- event_tables[event]
  source <- date_source(study[[table]], paste0(event, "_date"),
    if (!is.na(other)) study[[other]]
  )
  source %in% c("column", "table", if (!filled) "empty")
}

# Events other than death whose dates an endpoint needs
dated_events <- function(what) {
  rules <- endpoint_rules[[what]]
  setdiff(c(rules$events, rules$needs), any_death)
}

# Can the endpoint be derived from dates? If there is a pair, empty date columns do not
# count, because an empty column of the template would hide the pair.
is_dated <- function(study, what, pair = FALSE) {
  if (!has_dates(study)) return(FALSE)
  known <- study$patients[c("death_date", "last_contact")]
  if (pair && !any(vapply(known, is_filled, NA))) return(FALSE)
  events <- dated_events(what)
  all(vapply(events, has_event_date, NA, study = study, filled = pair))
}

# The table of the pair from which an endpoint is taken; NULL if it is derived from dates
pair_table <- function(study, what, level = "patient") {
  tables <- if (level == "lesion") "lesions" else pair_tables(what)
  tables <- Filter(function(name) has_pair(study, what, name), tables)
  if (!length(tables) || is_dated(study, what, TRUE)) NULL else tables[1L]
}

# Does the study have the columns that an endpoint needs?
has_endpoint <- function(study, what, level = "patient") {
  if (!is.null(pair_table(study, what, level))) return(TRUE)
  is_dated(study, what) && (level == "patient" || !is.null(study$lesions))
}

# Stops if the study has neither the dates of an endpoint nor its time and status.
require_endpoint <- function(study, what, level) {
  lacking <- setdiff(date_columns$patients, c("progression_date", names(study$patients)))
  if (!is_filled(study$patients$sbrt_start)) lacking <- union("sbrt_start", lacking)
  events <- dated_events(what)
  for (event in events) {
    if (has_event_date(study, event)) next
    table <- if (event == "local_failure") " in the table lesions" else ""
    # the finder of such an event stops with a message that names its column and table
    if (!length(lacking) && !is.na(event_tables[event])) next
    lacking <- c(lacking, paste0(event, "_date", table))
  }
  if (level == "lesion" && is.null(study$lesions)) lacking <- c(lacking, "table lesions")
  if (!length(lacking)) return(invisible())
  there <- unique(find_pairs(tables_of(study))$what)
  table <- if (level == "lesion") "lesions" else "patients"
  stop_oligosurv("input", sprintf(
    paste(
      "the endpoint \"%s\" needs dates, but the study has no %s; add them, or give the",
      "endpoint as the columns `%s` and `%s` in the table %s%s"
    ), what, join_words(sub("^([a-z_]+)", "`\\1`", lacking), "or"),
    time_of_pair(what), status_of_pair(what), table, if (length(there)) {
      sprintf("; the study has a time and a status for %s",
        join_words(sprintf("\"%s\"", there))
      )
    } else {
      ""
    }
  ), arg = "what")
}

# Stops if an option is set that needs dates, because a pair has none, or if the status
# has no event of `competing`.
check_pair_options <- function(what, options, competing, status) {
  for (name in options_set(options)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`%s` needs dates, but the study has a time and a status (`%s` and `%s`) for",
        "\"%s\"; leave `%s` out, or add dates to the study"
      ), name, time_of_pair(what), status_of_pair(what), what, name
    ), arg = name)
  }
  words <- unname(event_labels[competing])
  unknown <- setdiff(words, levels(status))
  if (length(unknown)) {
    stop_oligosurv("input", sprintf(
      "`competing` names %s, but `%s` has no such event; it has %s",
      join_words(sprintf("\"%s\"", unknown)), status_of_pair(what),
      join_words(sprintf("\"%s\"", levels(status)))
    ), arg = "competing")
  }
}

# Time and status of each patient from those of the lesions: the first failure of any
# lesion, else the death, else the end of the longest follow-up. The rule is the same as
# with dates.
first_lesion <- function(lesions, patients) {
  time <- as.double(lesions$local_failure_time)
  status <- lesions$local_failure_status
  code <- as.integer(status)
  rank <- ifelse(code == 2L, 1, ifelse(code > 2L, 2, 3))
  order <- order(rank, ifelse(rank == 3, -time, time), na.last = NA)
  at <- order[match(patients$patient_id, lesions$patient_id[order])]
  value <- patients
  value$local_failure_time <- keep_attributes(time[at], lesions$local_failure_time)
  value$local_failure_status <- status[at]
  value
}

# The endpoint from its pair. Rows without a time or a status are left out.
pair_endpoint <- function(study, what, table, level, unit, options, competing) {
  rules <- endpoint_rules[[what]]
  value <- if (level == "lesion") lesions_with_patient(study) else study$patients
  rows <- if (table == "lesions" && level == "patient") {
    first_lesion(study$lesions, study$patients)
  } else {
    value
  }
  status <- rows[[status_of_pair(what)]]
  check_pair_options(what, options, competing, status)
  # Base functions that edit a study may drop the attributes of columns.
  own <- time_unit_of(rows[[time_of_pair(what)]], reading_done(attr(study, "reading")))
  time <- as.double(rows[[time_of_pair(what)]])
  kept <- !is.na(time) & !is.na(status)
  audit <- sprintf("%s %s %s, %s %s", time_of_pair(what), format(time, trim = TRUE), own,
    status_of_pair(what), status
  )
  if (own != unit) time <- time * time_units[[own]] / time_units[[unit]]
  value <- subset_rows(value, kept)
  rownames(value) <- NULL
  value$time <- time[kept]
  value$status <- pair_status(status[kept], competing, length(rules$competing) > 0L)
  value$audit <- audit[kept]
  left_out <- c("without a time or a status" = sum(!kept))
  if (any(!kept)) inform_oligosurv(paste0(rules$label, ": ", left_out_words(left_out)))
  structure(value,
    rule = pair_words(what, table, level, own, value$status, left_out), unit = unit,
    label = rules$label, level = level, from = "day 0", omitted = left_out,
    class = c("sbrt_endpoint", "sbrt_table", "data.frame")
  )
}

# The status as 0/1 if no event competes (`competing` is empty), else as a factor with the
# competing events: all that occur if `competing` is NULL, or those that it names
pair_status <- function(status, competing, competes) {
  status <- droplevels_after(status, 2L)
  if (!is.null(competing)) {
    kept <- c(levels(status)[1:2], event_labels[competing])
    status[!status %in% kept] <- levels(status)[1L]
    status <- droplevels_after(status, 2L)
  }
  if (competes && (is.null(competing) || length(competing))) return(status)
  as.integer(status != levels(status)[1L])
}

# Drops levels that do not occur, except for the first `n`.
droplevels_after <- function(x, n) {
  used <- levels(x) %in% x
  used[seq_len(n)] <- TRUE
  factor(as.character(x), levels(x)[used])
}

pair_words <- function(what, table, level, unit, status, left_out) {
  event <- pair_endpoints[[what]]$event
  others <- if (is.factor(status)) levels(status)[-(1:2)]
  paste(c(
    sprintf("time to %s as recorded in `%s` (%s) and `%s` of the table %s", event,
      time_of_pair(what), unit, status_of_pair(what), table
    ),
    if (table == "lesions" && level == "patient") {
      "the first event of any lesion counts"
    },
    if (length(others)) {
      sprintf("%s before it %s", join_words(others, "or"),
        if (length(others) > 1L) "compete" else "competes"
      )
    },
    "others are censored at their time",
    if (any(left_out > 0)) left_out_words(left_out),
    if (level == "lesion") "lesions of one patient are not independent"
  ), collapse = "; ")
}
