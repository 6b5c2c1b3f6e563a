#' Endpoints from the dates of a study
#'
#' Turns the dates of a study into `time` and `status`, ready for `Surv(time, status)`.
#'
#' | `what` | event | competing |
#' |---|---|---|
#' | `"os"` | death from any cause | none |
#' | `"pfs"` | progression or death, whichever comes first | none |
#' | `"local_failure"` | local failure of the lesion; of a patient, the first | death |
#'
#' Whoever has none of these is censored at last contact. Time runs from `sbrt_start`. A
#' month is 30.4375 days, a year 365.25 days. An event on the first day of SBRT has time 0
#' and counts. A local failure and a death on one day count as the failure.
#' @param study An [sbrt_study()].
#' @param what The endpoint: `"os"`, `"pfs"` or `"local_failure"`.
#' @param level For `"local_failure"`: one row per `"patient"` (the first failure of any
#'   lesion) or per `"lesion"` (give `id = patient_id` to estimators that take it).
#' @param unit Unit of `time`: `"months"`, `"days"` or `"years"`.
#' @param landmark `NULL`, or a time in `unit` after the first day of SBRT: rows still
#'   without event and in follow-up beyond it are kept, and `time` counts from there; see
#'   [late_group()].
#' @return A data frame of class `sbrt_endpoint`: the rows of the patients with their own
#'   columns (for lesions also the columns of the patient that lesions do not have) plus
#'   `time` and `status`. `status` is 0/1 for os and pfs; for local failure a factor with
#'   the levels `censored`, `local failure`, `death`. The attribute `rule` says in words
#'   what was done, `unit` the unit of `time`, `landmark` the landmark.
#' @section Errors:
#' `oligosurv_error_input` for an unknown endpoint, level or unit, or a lesion level that
#' the endpoint does not have.
#' @seealso [kaplan_meier()], [cumulative_incidence()]
#' @examples
#' patients <- data.frame(
#'   patient_id = c("A", "B"), cohort = "OP", sbrt_start = "2020-01-01",
#'   progression_date = c("2020-07-01", NA), death_date = c("2021-01-01", NA),
#'   last_contact = c("2021-01-01", "2022-01-01")
#' )
#' lesions <- data.frame(
#'   patient_id = c("A", "A", "B"), lesion_id = 1:3,
#'   local_failure_date = c("2020-08-01", NA, NA)
#' )
#' events <- data.frame(
#'   patient_id = character(), term = character(), grade = integer(),
#'   onset_date = character()
#' )
#' study <- sbrt_study(patients, lesions, events)
#' # 2020 has 366 days: A progressed on day 182 and died on day 366
#' endpoint(study, "pfs", unit = "days")
#' endpoint(study, "local_failure", "lesion", unit = "days")$status
#' @export
endpoint <- function(study, what, level = c("patient", "lesion"),
                     unit = c("months", "days", "years"), landmark = NULL) {
  check_study(study)
  what <- check_choice(what, names(endpoint_rules), "what")
  level <- check_choice(level, c("patient", "lesion"), "level")
  unit <- check_choice(unit, names(days_in), "unit")
  definition <- endpoint_rules[[what]]
  if (!level %in% definition$levels) {
    stop_oligosurv("input", sprintf(
      "`level` must be \"patient\" for the endpoint \"%s\"; it is \"%s\"", what, level
    ), arg = "level")
  }
  rows <- definition$rows(study, level)
  outcome <- first_event(rows$start, rows$events, rows$last_contact)
  value <- rows$value
  value$time <- outcome$days / days_in[[unit]]
  value$status <- if (length(rows$events) > 1L && !is.null(definition$status)) {
    factor(outcome$event, seq_along(definition$status) - 1L, definition$status)
  } else {
    as.integer(outcome$event > 0L)
  }
  result <- structure(value,
    rule = definition$rule[[level]], unit = unit, label = definition$label,
    level = level,
    class = c("sbrt_endpoint", "sbrt_table", "data.frame")
  )
  if (is.null(landmark)) result else from_landmark(result, landmark)
}

# Only rows beyond the landmark, and the rule says which were left out
from_landmark <- function(x, landmark) {
  landmark <- check_number(landmark, "landmark", 0, open = TRUE)
  beyond <- x$time > landmark * (1 + default_tie_tol)
  failed <- if (is.factor(x$status)) x$status != levels(x$status)[1L] else x$status > 0L
  start <- sprintf("from the landmark at %s %s", format(landmark), attr(x, "unit"))
  rule <- sprintf(
    paste(
      "%s; time restarts at the landmark, %s %s later, with %d of %d rows: left out are",
      "%d with an event by then and %d no longer in follow-up"
    ), attr(x, "rule"), format(landmark), attr(x, "unit"), sum(beyond), length(beyond),
    sum(failed & !beyond), sum(!failed & !beyond)
  )
  x <- x[beyond, ]
  x$time <- x$time - landmark
  rownames(x) <- NULL
  attr(x, "rule") <- rule
  attr(x, "label") <- paste0(attr(x, "label"), ", ", start)
  attr(x, "landmark") <- landmark
  x
}

days_in <- c(months = 30.4375, days = 1, years = 365.25)

# Days from `start` to the first of `events` (a list of dates; at a tie the one listed
# first), which is its number, or to last contact, which is 0.
first_event <- function(start, events, last_contact) {
  days <- vapply(events, function(day) {
    as.numeric(day) - as.numeric(start)
  }, numeric(length(start)))
  days <- matrix(days, nrow = length(start))
  days[is.na(days)] <- Inf
  first <- max.col(-days, ties.method = "first")
  earliest <- days[cbind(seq_along(start), first)]
  none <- is.infinite(earliest)
  list(
    days = ifelse(none, as.numeric(last_contact) - as.numeric(start), earliest),
    event = ifelse(none, 0L, first)
  )
}

patient_rows <- function(study, events) {
  x <- study$patients
  list(
    value = x, start = x$sbrt_start, last_contact = x$last_contact, events = x[events]
  )
}

local_failure_rows <- function(study, level) {
  patients <- study$patients
  lesions <- study$lesions
  if (level == "lesion") {
    owner <- patients[match(lesions$patient_id, patients$patient_id), ]
    value <- lesions_with_owner(study)
    failure <- lesions$local_failure_date
  } else {
    owner <- value <- patients
    known <- lesions[!is.na(lesions$local_failure_date), ]
    known <- known[order(known$local_failure_date), ]
    failure <- known$local_failure_date[match(patients$patient_id, known$patient_id)]
  }
  list(
    value = value, start = owner$sbrt_start, last_contact = owner$last_contact,
    events = list(failure, owner$death_date)
  )
}

# Lesions with those columns of their patient that they do not have themselves.
lesions_with_owner <- function(study) {
  lesions <- study$lesions
  owner <- study$patients[match(lesions$patient_id, study$patients$patient_id), ]
  value <- cbind(lesions, owner[setdiff(names(owner), names(lesions))])
  rownames(value) <- NULL
  value
}

# One entry per endpoint: its rows with dates, the levels it has, and its rule in words.
endpoint_rules <- list(
  os = list(
    label = "Overall survival",
    levels = "patient",
    rows = function(study, level) patient_rows(study, "death_date"),
    rule = list(patient = paste(
      "from the first day of SBRT to death from any cause;",
      "patients alive are censored at last contact"
    ))
  ),
  pfs = list(
    label = "Progression-free survival",
    levels = "patient",
    rows = function(study, level) {
      patient_rows(study, c("progression_date", "death_date"))
    },
    rule = list(patient = paste(
      "from the first day of SBRT to progression or death, whichever comes first;",
      "patients alive without progression are censored at last contact"
    ))
  ),
  local_failure = list(
    label = "Local failure",
    levels = c("patient", "lesion"),
    status = c("censored", "local failure", "death"),
    rows = local_failure_rows,
    rule = list(
      patient = paste(
        "from the first day of SBRT to the first local failure of any lesion",
        "of the patient; death before it competes;",
        "patients alive without it are censored at last contact"
      ),
      lesion = paste(
        "from the first day of SBRT to the local failure of the lesion;",
        "death before it competes; lesions without it are censored at last contact;",
        "lesions of one patient are not independent"
      )
    )
  )
)
