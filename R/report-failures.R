# Events after SBRT other than local failure, if the study recorded at least one: failure
# elsewhere, later treatment, late toxicity, and the duration of response.

failure_names <- c(
  "distant_failure", "intrahepatic_failure", "extrahepatic_failure",
  "widespread_failure", "next_therapy", "next_sbrt", "late_toxicity", "liver_decline"
)

# The endpoint, or the error message that says why it cannot be derived from the data
endpoint_or_reason <- function(study, what) {
  tryCatch(suppressMessages(endpoint(study, what)),
    oligosurv_error_data = conditionMessage
  )
}

# Names of the endpoints that get a section: those with a date column or table, and at
# least one event. Without any event the report cannot know whether the event was
# assessed.
failures_of <- function(study) {
  Filter(function(what) {
    rows <- if (is_candidate(study, what)) endpoint_or_reason(study, what)
    is.data.frame(rows) && any(as.integer(rows$status) == 2L)
  }, failure_names)
}

is_candidate <- function(study, what) {
  if (!is.null(pair_table(study, what)) || !has_endpoint(study, what)) return(FALSE)
  what != "late_toxicity" ||
    (has_toxicity(study) && is_filled(study$adverse_events$onset_date))
}

# Endpoints for which the study has columns but not sufficient data, with the reasons
failed_endpoints <- function(study) {
  what <- Filter(function(name) is_candidate(study, name), failure_names)
  rows <- lapply(what, endpoint_or_reason, study = study)
  bad <- !vapply(rows, is.data.frame, NA)
  labels <- vapply(what[bad], function(name) endpoint_rules[[name]]$label, "")
  sprintf("%s was left out: %s", labels, unlist(rows[bad]))
}

# Patients left out of these endpoints, with the reasons
failures_missing <- function(study) {
  unlist(lapply(failures_of(study), function(what) {
    rows <- suppressMessages(endpoint(study, what))
    omitted <- attr(rows, "omitted")
    omitted <- omitted[omitted > 0]
    if (!length(omitted)) return(NULL)
    reason <- paste(format_count(omitted), names(omitted), collapse = ", ")
    sprintf_counts("the analysis of %s: %s of %d (%s)", lower_first(attr(rows, "label")),
      count_noun(sum(omitted), "patient"), nrow(study$patients),
      single_reason(reason, sum(omitted))
    )
  }))
}

# A single reason has the number of those left out, which need not be repeated.
single_reason <- function(reason, lost) {
  alone <- startsWith(reason, paste0(format_count(lost), " "))
  ifelse(alone, sub("^[0-9,]+ ", "", reason), reason)
}

# Duration of response needs the dates of the visits, and therefore measurements
has_duration <- function(study) {
  if (!has_measurements(study)) return(FALSE)
  rows <- endpoint_or_reason(study, "duration_of_response")
  is.data.frame(rows) && nrow(rows) > 0L
}

has_measurements <- function(study) {
  has_diameters(study) && has_endpoint(study, "duration_of_response")
}

# Tables, comparisons and figures of these endpoints, one after another
failure_sections <- function(env) {
  study <- env$study
  parts <- lapply(failures_of(study), function(what) {
    label <- event_label(endpoint(study, what))
    table <- failure_numbers(study, "patient", what)
    c(
      report_heading(label),
      report_table(table, sprintf("Cumulative incidence of %s", lower_first(label)),
        legend_of(table)
      ),
      failure_between(study, what),
      as.character(report_figures(failure_figure(env, what = what)))
    )
  })
  knitr::asis_output(paste(unlist(parts), collapse = "\n\n"))
}

failure_between <- function(study, what) {
  event <- event_of(endpoint(study, what))
  between_text(study, what, "cohort", gray_test, event)
}
