# The rules for adverse events that toxicity_table() and endpoint() share: which events
# count, and whether they are acute or late.

event_phases <- c("baseline", "acute", "late")

any_event <- "Any adverse event"

# Was toxicity recorded? An empty table does not show it. A subset of a study gets an
# attribute if toxicity was recorded in the whole study, because the patients in the
# subset may have no events.
toxicity_recorded <- function(study) {
  isTRUE(attr(study, "toxicity_recorded")) || NROW(study$adverse_events) > 0L
}

recorded_events <- function(study) {
  if (toxicity_recorded(study)) return(study$adverse_events)
  absent <- is.null(study$adverse_events)
  stop_oligosurv("data", sprintf(
    paste(
      "%s: toxicity was not recorded, which is not the same as no toxicity. If patients",
      "were assessed and had no event, give each of them a row of grade 0 there (`term`",
      "and `onset_date` may be empty)"
    ),
    if (absent) "the study has no table adverse_events" else
      "the table adverse_events has no rows"
  ), table = "adverse_events")
}

# Flags events whose attribution is `least` or above. "yes" does not say which level is
# meant, so it counts as every level. An empty cell counts too.
is_attributed <- function(related, least) {
  if (least == "all") return(rep(TRUE, length(related)))
  if (least == "related") least <- "possible"
  below <- attribution_levels[seq_len(match(least, attribution_levels) - 1L)]
  !related %in% c("no", below)
}

# The windows of acute events, sorted by patient. `of` is the row of the patient, `begin`
# the first day of the course, and `day` the day from which the window is counted. `start`
# gives that day for the first course of each patient.
toxicity_windows <- function(study, options, start) {
  patients <- study$patients
  begin <- column_or_na(patients, "sbrt_start")
  windows <- data.frame(
    of = seq_len(nrow(patients)), begin = as.numeric(begin), day = as.numeric(start)
  )
  if (options$courses == "first") return(windows)
  x <- study$courses
  if (is.null(x)) {
    stop_oligosurv("input", paste(
      "`courses` = \"each\" needs the table courses, which this study does not have; add",
      "it (columns patient_id, course, start_date), or use `courses` = \"first\""
    ), arg = "courses")
  }
  x <- x[x$course > 1L, ]
  day <- as.numeric(x$start_date)
  end <- as.numeric(column_or_na(x, "end_date"))
  later <- data.frame(
    of = match(x$patient_id, patients$patient_id), begin = day,
    day = if (options$from == "sbrt_end") ifelse(is.na(end), day, end) else day
  )
  windows <- unique(rbind(windows, later))
  windows[order(windows$of, windows$begin, windows$day), ]
}

# Days from the start of a window (`day` in `windows`) to `day`. It is the window of the
# patient's last course that began by `day`; of courses that began on the same day, the
# one whose window starts last. All are NA if the study has no days of SBRT.
days_in_window <- function(windows, of, day) {
  if (anyNA(windows$begin)) return(rep(NA_real_, length(day)))
  # one scale for all patients, such that the days of different patients do not overlap
  place <- function(of, day) of * 1e7 + day
  at <- findInterval(place(of, day), place(windows$of, windows$begin))
  day - windows$day[pmax(at, 1L)]
}

# Flags patients who are alive and in follow-up on at least one day of the late phase.
# `end`: last day of follow-up of each patient
reaches_late_phase <- function(windows, window, end) {
  n <- nrow(windows)
  following <- c(windows$begin[-1L] - 1, Inf)
  following[c(windows$of[-1L] != windows$of[-n], TRUE)] <- Inf
  late <- pmin(as.numeric(end)[windows$of], following) > windows$day + window
  seq_along(end) %in% windows$of[late]
}

# The phase of each event: by its date or, without a date, from the column `phase`.
# `differs` flags events whose date and column disagree.
phase_of_events <- function(study, events, of, windows, window) {
  date <- as.numeric(column_or_na(events, "onset_date"))
  before <- date < as.numeric(study$patients$sbrt_start)[of]
  day <- days_in_window(windows, of, date)
  phase <- ifelse(before, "baseline", ifelse(day <= window, "acute", "late"))
  given <- as.character(column_or_na(events, "phase"))
  list(
    phase = ifelse(is.na(phase), given, phase),
    differs = !is.na(phase) & !is.na(given) & phase != given
  )
}

# Flags events after SBRT whose grade is not above that of the same event before SBRT,
# unless that event had ended before the first day of SBRT.
is_not_worse <- function(study, events, of, phase) {
  end <- as.numeric(column_or_na(events, "end_date"))
  over <- end < as.numeric(study$patients$sbrt_start)[of]
  before <- phase %in% "baseline" & !over %in% TRUE & !is.na(events$grade)
  code <- row_code(list(of, events$term))
  highest <- tapply(events$grade[before], factor(code[before], unique(code)), max)
  !phase %in% "baseline" & (events$grade <= highest[as.character(code)]) %in% TRUE
}

# The events that count, with the row of their patient (`of`), `term`, `grade` (NA:
# unknown), `phase` (NA: unknown) and `date`. `terms`: terms with such an event in a known
# phase, or with a row of grade 0. `notes`: on events that do not count or are incomplete.
counted_events <- function(study, options, windows) {
  events <- recorded_events(study)
  if (options$attribution != "all") {
    study_table(study, "adverse_events", "related",
      sprintf("attribution = \"%s\"", options$attribution)
    )
  }
  events$term <- one_spelling(events$term)
  of <- match(events$patient_id, study$patients$patient_id)
  found <- phase_of_events(study, events, of, windows, options$window)
  phase <- found$phase
  related <- column_or_na(events, "related")
  none <- events$grade %in% 0L
  before <- !none & phase %in% "baseline"
  not_worse <- !none & !before & options$baseline == "above" &
    is_not_worse(study, events, of, phase)
  after <- !none & !before & !not_worse & is_attributed(related, options$attribution)
  date <- column_or_na(events, "onset_date")
  kept <- data.frame(
    of, patient_id = events$patient_id, term = events$term, grade = events$grade,
    phase, date = as_date(as.numeric(date)), row = seq_len(nrow(events))
  )[after, ]
  list(
    events = kept, terms = unique(c(kept$term[!is.na(kept$phase)], events$term[none])),
    notes = c(
      none_text(sum(none), length(unique(of[none]))),
      note_text(before, "event", "before SBRT (baseline) not counted"),
      note_text(not_worse, "event", paste(
        "after SBRT not counted: the grade is not above that before SBRT"
      )),
      note_text(after & is.na(events$grade), "event", paste(
        "of unknown grade counted as any grade, but not as grade 2 or 3 or more"
      )),
      undated_text(kept),
      note_text(found$differs, "event", paste(
        "with a `phase` that differs from that of `onset_date`, which is used"
      )),
      note_text(options$attribution != "all" & after & is.na(related), "event",
        "without attribution counted as related"
      )
    )
  )
}

# "2 events without attribution counted as related"; NULL if there is none
note_text <- function(which, noun, text) {
  if (any(which)) paste(count_noun(sum(which), noun), text)
}

none_text <- function(rows, patients) {
  if (rows > 0L) {
    sprintf("Grade 0 in %s of %s: assessed, no event", count_noun(rows, "row"),
      count_noun(patients, "patient")
    )
  }
}

undated_text <- function(kept) {
  undated <- kept$grade[is.na(kept$phase)]
  if (!length(undated)) return(NULL)
  worst <- if (all(is.na(undated))) "unknown" else max(undated, na.rm = TRUE)
  sprintf("%s without `onset_date` and `phase` in neither phase (worst grade %s)",
    count_noun(length(undated), "event"), worst
  )
}
