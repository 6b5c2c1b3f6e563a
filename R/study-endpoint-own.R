# Endpoints that depend on columns of the user: a date column, and the causes of death.

# Makes dates of a column of the user, which the checks of a study do not read.
own_dates <- function(x, column) {
  if (inherits(x[[column]], "Date")) return(x[[column]])
  spec <- schema_patients[schema_patients$column == "progression_date", ]
  read <- parse_column(x[[column]], spec)
  bad <- which(!is.na(read$rule))
  if (length(bad)) {
    stop_oligosurv("data", sprintf(
      "the column `%s` cannot be an endpoint: it %s; %s (first value: %s)", column,
      read$rule[bad[1L]], format_rows(bad), read$text[bad[1L]]
    ), column = column, where = bad)
  }
  read$value
}

# Checks `cause` and completes the labels that depend on it.
with_cause <- function(study, rules, options) {
  wanted <- identical(rules$events, "death_from_cause")
  if (!wanted) {
    if (is.null(options$cause)) return(rules)
    stop_oligosurv("input",
      "`cause` is available for the endpoint \"cause_specific_death\" only",
      arg = "cause"
    )
  }
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
