# Names of the events of endpoint(), and the tables and columns from which their dates
# come, one date per patient.

event_labels <- c(
  death = "death", other_death = "other death", progression = "progression",
  local_failure = "local failure",
  distant_failure = "distant failure", intrahepatic_failure = "intrahepatic failure",
  extrahepatic_failure = "extrahepatic failure",
  widespread_failure = "widespread failure", next_therapy = "next therapy",
  next_progression = "progression on the next line",
  next_sbrt = "next SBRT", late_toxicity = "late toxicity",
  liver_decline = "liver decline", response = "response"
)

# Events that can compete with the event of an endpoint, or censor it
other_events <- setdiff(names(event_labels), c("other_death", "response"))

# Events whose date is that of death
any_death <- c("death", "death_from_cause", "other_death")

patient_date <- function(study, column) {
  list(date = study$patients[[column]], source = column)
}

# Sources of the dates of an event. A column of `x` with at least one date takes
# precedence over the `other` table, which may be NULL. An empty column is used only if
# there is no such table; it then means that nobody had the event.
date_source <- function(x, column, other) {
  if (is_filled(x[[column]])) return("column")
  if (!is.null(other)) return("table")
  if (column %in% names(x)) "empty" else "none"
}

column_decides <- function(study, column, other) {
  date_source(study$patients, column, other) %in% c("column", "empty")
}

# A table that has values in all `columns`, else NULL
table_with <- function(study, table, columns) {
  x <- study[[table]]
  if (all(vapply(columns, function(column) is_filled(x[[column]]), NA))) x
}

last_by_patient <- function(study, id, date, source) {
  o <- order(date, decreasing = TRUE, na.last = NA)
  list(date = date[o][match(study$patients$patient_id, id[o])], source = source)
}

require_source <- function(study, table, what, column) {
  if (!is.null(study[[table]])) return(study[[table]])
  stop_oligosurv("input", sprintf(
    paste(
      "%s needs the column `%s` in the table patients (with a date) or the table %s;",
      "neither was found"
    ),
    what, column, table
  ), table = table, column = column)
}
