# Endpoints that the user chooses: from a date column outside the schema, and deaths of a
# cause in the words of the column `death_cause`.

# Checks `cause` and completes the labels that depend on it.
with_cause <- function(study, what, rules, options) {
  if (!takes_option(what, "cause")) return(rules)
  study_table(study, "patients", "death_cause", "the endpoint \"cause_specific_death\"")
  found <- unique(study$patients$death_cause)
  found <- found[!is.na(found)]
  known <- is.character(options$cause) && length(options$cause) &&
    all(cause_text(options$cause) %in% cause_text(found))
  if (!known) {
    stop_oligosurv("input", sprintf(
      "`cause` must be one or more of the causes in `death_cause`: %s; it is %s",
      if (length(found)) paste0("\"", found, "\"", collapse = ", ") else
        "the column is empty",
      if (is.character(options$cause)) join_words(options$cause) else
        describe(options$cause)
    ), arg = "cause")
  }
  rules$event <- rules$event(options)
  rules
}

# Warns about dates of the user's column that are after death or, for patients alive,
# after the last contact. For columns of the schema this is an error of the study.
warn_late_own <- function(study, column, table) {
  day <- as.numeric(own_dates(study, table, column))
  patient <- match(study[[table]]$patient_id, study$patients$patient_id)
  of_patient <- function(name) as.numeric(column_or_na(study$patients, name))[patient]
  died <- of_patient("death_date")
  end <- ifelse(is.na(died), of_patient("last_contact"), died)
  late <- which(day > end)
  if (!length(late)) return(invisible())
  warn_oligosurv("data", sprintf(
    paste(
      "the column `%s` of the table %s has a date after death or, of patients alive,",
      "after `last_contact`, in %s: an event after death does not count; check the dates"
    ), column, table, format_rows(late)
  ), table = table, column = column, where = late)
}
