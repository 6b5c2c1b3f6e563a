# Toxicity in the report: which tables of adverse events a study allows, and the sentences
# on what they count.

# Is the phase of adverse events known? It is recorded with them, or follows from their
# dates and the first day of SBRT.
has_toxicity <- function(study) {
  events <- study$adverse_events
  if (!toxicity_recorded(study)) return(FALSE)
  if (is_filled(events[["phase"]])) return(TRUE)
  is_filled(study$patients$sbrt_start) &&
    (is_filled(events[["onset_date"]]) || no_event_found(study))
}

# Was every patient in the table assessed and without an event?
no_event_found <- function(study) all(study$adverse_events$grade %in% 0L)

# How the counted events are known to be acute or late: by their "days" after the start of
# SBRT, as "recorded" in the column `phase`, or, if only some have a date, by "both"
phase_basis <- function(study) {
  events <- study$adverse_events
  events <- events[!events$grade %in% 0L, , drop = FALSE]
  dated <- is_filled(study$patients$sbrt_start) &
    !is.na(column_or_na(events, "onset_date"))
  recorded <- !dated & !is.na(column_or_na(events, "phase"))
  if (!any(recorded)) "days" else if (any(dated)) "both" else "recorded"
}

# Captions of the two tables
toxicity_captions <- function(study) {
  meaning <- switch(phase_basis(study),
    days = c("day 0 to 90 after the start of SBRT", "after day 90"),
    recorded = rep("as recorded", 2L),
    both = paste(
      c("day 0 to 90 after the start of SBRT", "after day 90"),
      "or, without a date, as recorded"
    )
  )
  words <- "%s (%s), whatever the attribution: patients by worst grade"
  stats::setNames(sprintf(words, c("Acute", "Late"), meaning), c("acute", "late"))
}

# What the report can say without the phase of the events, or without their dates
toxicity_text <- function(study) {
  if (!has_toxicity(study)) {
    if (!no_event_found(study)) return(
      "Adverse events were recorded without the dates that tell acute from late events."
    )
    n <- length(unique(study$adverse_events$patient_id))
    return(sprintf("Toxicity was assessed in %s: no adverse event was recorded.",
      count_noun(n, "patient")
    ))
  }
  if (phase_basis(study) != "recorded") return(character())
  unknown <- c(
    if (!is_filled(study$patients$sbrt_start)) "SBRT",
    if (!is_filled(study$adverse_events[["onset_date"]])) "adverse events"
  )
  sprintf(
    paste(
      "The data have no dates of %s: adverse events are acute or late as recorded, and",
      "the cumulative incidence of late toxicity over time cannot be estimated."
    ), join_words(unknown, "or")
  )
}

# Was any patient followed beyond the acute phase? Without dates this is known only if a
# late event occurred.
late_observed <- function(study) {
  x <- toxicity_table(study,
    denominator = if (has_follow_up_dates(study)) "at_risk" else "all"
  )
  late <- x[x$phase == "late", ]
  any((if (has_follow_up_dates(study)) late$n else late$any_grade) > 0L)
}

# Why there is no table of late events
no_late_text <- function(study) {
  if (has_follow_up_dates(study)) return(
    "No patient was followed beyond day 90: there is no rate of late toxicity."
  )
  paste(
    "No late event was recorded. Without dates, the number of patients who were followed",
    "beyond the acute phase is unknown: there is no rate of late toxicity."
  )
}

# Notes below the table of toxicity on what was counted and what was not
toxicity_notes <- function(study) {
  notes <- attr(toxicity_table(study), "notes")
  if (length(notes)) paste0(paste(notes, collapse = "; "), ".")
}

toxicity_methods <- function(study) {
  if (!has_toxicity(study)) return(NULL)
  sprintf(
    paste(
      "Toxicity: worst grade per patient and event %s, whatever the attribution, among",
      "all patients, with exact (Clopper-Pearson) confidence intervals."
    ), switch(phase_basis(study),
      days = "from the first day of SBRT on", recorded = "recorded as acute or late",
      both = "from the first day of SBRT on (without a date: recorded as acute or late)"
    )
  )
}
