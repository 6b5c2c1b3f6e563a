# States of the patients of a study over time, from the dates of SBRT, progression, the
# next line of systemic therapy and death.

#' Rows of states over time from a study
#'
#' Gives one row per patient and state, from SBRT on: alive without progression,
#' progressed, on the next line of systemic therapy, dead. The rows are ready for
#' [state_occupation()].
#'
#' @details
#' | state | from |
#' |---|---|
#' | `without progression` | the first day of SBRT |
#' | `progressed` | `progression_date` |
#' | `next line` | start of the next line of systemic therapy: `next_therapy_date`, or therapies, as in [endpoint()] |
#' | `dead` | `death_date` |
#'
#' Patients move through the states in this order but may skip some: a new line without
#' recorded progression leads from `without progression` to `next line`, and a progression
#' on the next line is not a move ([endpoint()] has `"pfs2"` and `"next_line_pfs"` for
#' it). If two states begin on the same day, the later one in the table counts: a patient
#' with progression and the new line on the same day is never `progressed`, nor is a
#' patient with progression on the day of death. After an event on the first day of SBRT
#' the patient begins in the state of this event. Patients alive are censored at
#' `last_contact`; a state that begins on that day counts.
#'
#' A study without dates of a next line has the other three states; in a study without
#' dates of progression the first state is called `first line`. A study without both is an
#' error, since [endpoint()] `"os"` already gives the result.
#'
#' `audit` says which dates decided each row, such as `"sbrt_start 2018-06-13 to
#' progression_date 2019-10-28"`.
#' @section Example to follow by hand:
#' SBRT of A and B on day 0. A: progression on day 100, next line on day 130, death on day
#' 400: rows `without progression` 0 to 100, `progressed` 100 to 130, `next line` 130 to
#' 400, which ends in `dead`. B: alive on day 300, no event: one row, censored.
#' @param study An [sbrt_study()] with dates.
#' @param unit Unit of time, as in [endpoint()].
#' @param grace_days A new line that begins at most this many days after the start of SBRT
#'   is part of the therapy given with SBRT, as in [endpoint()]; only for the table
#'   therapies.
#' @return A data frame of class `sbrt_endpoint`, see [endpoint()]: the columns of
#'   patients, then `from` (factor: the state), `entry` and `time` (start and end of the
#'   row since SBRT), `status` (factor: `censored`, or the next state) and `audit`. Its
#'   formula is `Surv(entry, time, status)`, with `id = patient_id` and `from = from`.
#' @section Errors: `oligosurv_error_input` for a study that lacks `sbrt_start`,
#'   `death_date`, `last_contact`, or both progression and next line.
#' @seealso [state_occupation()], [endpoint()]
#' @examples
#' rows <- study_states(hcc_sbrt)
#' rows[rows$patient_id == "P08", c("from", "entry", "time", "status", "audit")]
#' fit <- state_occupation(Surv(entry, time, status) ~ cohort, rows,
#'   id = patient_id, from = from, times = c(12, 24), tau = 24
#' )
#' fit
#' @export
study_states <- function(study, unit = c("months", "days", "years"), grace_days = 0) {
  check_study(study)
  unit <- check_choice(unit, names(days_in), "unit")
  grace_days <- check_number(grace_days, "grace_days", lower = 0)
  require_state_dates(study)
  state_dates <- dated_states(study, grace_days)
  rows <- spell_dates(study, state_dates)
  value <- subset_rows(study$patients, rows$patient)
  labels <- c(state_dates$labels, "dead")
  value$from <- factor(labels[rows$from], labels)
  value$entry <- rows$entry / days_in[[unit]]
  value$time <- rows$time / days_in[[unit]]
  value$status <- factor(c("censored", labels)[rows$to + 1L], c("censored", labels[-1L]))
  value$audit <- rows$audit
  rownames(value) <- NULL
  structure(value,
    rule = states_rule(state_dates, rows$left_out), unit = unit,
    label = "States over time",
    level = "patient", from = origin_words[["sbrt_start"]],
    class = c("sbrt_endpoint", "sbrt_table", "data.frame")
  )
}

# Can the states be derived from the dates of the study?
has_states <- function(study) {
  has_dates(study) && has_later_state(study)
}

has_later_state <- function(study) {
  any(vapply(c("progression", "next_therapy"), has_event_date, NA,
    study = study, filled = TRUE
  ))
}

require_state_dates <- function(study) {
  require_dates(study, "study_states()",
    if (!has_later_state(study)) "`progression_date` or `next_therapy_date`"
  )
}

# The states before death: a list of `labels`, and the `date` and `source` of each state
dated_states <- function(study, grace_days) {
  out <- list(
    labels = "without progression", found = list(patient_date(study, "sbrt_start"))
  )
  if (has_event_date(study, "progression", filled = TRUE)) {
    out$labels <- c(out$labels, "progressed")
    out$found <- c(out$found, list(patient_date(study, "progression_date")))
  } else {
    out$labels <- "first line"
  }
  if (has_event_date(study, "next_therapy", filled = TRUE)) {
    out$labels <- c(out$labels, "next line")
    out$found <- c(out$found, list(
      event_date(study, "next_therapy", list(grace_days = grace_days))
    ))
  }
  out
}

# One row per patient and state: `patient` (row number), codes `from` and `to`, days
# `entry` and `time`, and `audit`
spell_dates <- function(study, states) {
  patients <- study$patients
  start <- as.numeric(patients$sbrt_start)
  end <- censor_date(study, "last_contact")
  last <- as.numeric(end$date) - start
  n <- length(start)
  k <- length(states$found)
  day <- vapply(states$found, function(x) as.numeric(x$date) - start, double(n))
  day <- matrix(day, n)
  source <- vapply(states$found, function(x) rep_len(x$source, n), character(n))
  source <- matrix(source, n)
  source[] <- paste(source, day_text(as_date(as.vector(day) + start)))
  # A state is entered only before any later state, and before death; patients alive may
  # enter one on the day of last contact.
  died <- !is.na(patients$death_date)
  until <- ifelse(died, last, last + 0.5)
  for (a in rev(seq_len(k))) {
    later <- day[, seq_len(k) > a, drop = FALSE]
    limit <- do.call(pmin, c(list(until), split(later, col(later)), na.rm = TRUE))
    day[which(day[, a] >= limit & !(a == 1L & limit == 0 & last == 0)), a] <- NA
  }
  kept <- which(!is.na(start) & !is.na(last) & last > 0)
  ended <- paste(end$source, day_text(end$date))
  rows <- lapply(kept, function(i) {
    from <- which(!is.na(day[i, ]))
    begin <- day[i, from]
    m <- length(from)
    rows <- list(
      patient = rep(i, m), from = from, entry = begin, time = c(begin[-1L], last[i]),
      to = c(from[-1L], if (died[i]) k + 1L else 0L),
      audit = paste(source[i, from], "to", c(source[i, from[-1L]], ended[i]))
    )
    if (m > 1L && begin[m] == last[i]) lapply(rows, `[`, -m) else rows
  })
  column <- function(name) unlist(lapply(rows, `[[`, name))
  out <- lapply(
    stats::setNames(nm = c("patient", "from", "entry", "time", "to", "audit")), column
  )
  out$to <- as.integer(out$to)
  c(out, list(left_out = n - length(kept)))
}

# The rule in words, for prints and the report
states_rule <- function(states, left_out) {
  paste0(
    "from the first day of SBRT; states in order: ",
    paste(c(states$labels, "dead"), collapse = ", "),
    "; a later state is never left for an earlier one, and of states that begin on one ",
    "day the last counts; patients alive are censored at last contact",
    if (left_out > 0) sprintf("; left out: %s without follow-up after SBRT",
      count_noun(left_out, "patient")
    )
  )
}
