# Endpoints that depend on the argument `cause`: the causes of death that count, which are
# words that the user chose for the column `death_cause`.

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
