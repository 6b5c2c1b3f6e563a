# The rules of censoring of endpoint(): at the end of follow-up, at the last imaging, at
# the start of another treatment, and at the last imaging before a gap.

# End of follow-up of patients without an event; `reason` says what ended it. A death ends
# follow-up even if the endpoint does not count it as an event.
censor_date <- function(study, pfs_censor) {
  patients <- study$patients
  if (pfs_censor == "last_imaging") return(last_imaging(study))
  death <- column_or_na(patients, "death_date")
  died <- !is.na(death)
  list(
    date = as_date(ifelse(died, death, column_or_na(patients, "last_contact"))),
    source = ifelse(died, "death_date", "last_contact"),
    reason = ifelse(died, "death", "last_contact")
  )
}

# The last imaging of each patient: the column `last_imaging` or, if it is empty, the last
# day in assessments. For patients without imaging after SBRT it is the first day of SBRT.
last_imaging <- function(study) {
  patients <- study$patients
  n <- nrow(patients)
  given <- as.numeric(column_or_na(patients, "last_imaging"))
  x <- study$assessments
  if (!is_filled(patients[["last_imaging"]])) {
    x <- require_source(study, "assessments", "`pfs_censor`", "last_imaging")
  }
  seen <- rep(NA_real_, n)
  if (!is.null(x)) {
    seen <- as.numeric(last_by_patient(study, x$patient_id, x$assessment_date, "")$date)
  }
  start <- as.numeric(patients$sbrt_start)
  date <- ifelse(is.na(given), seen, given)
  source <- ifelse(is.na(given), "last assessment_date", "last_imaging")
  none <- is.na(date) | date < start
  list(
    date = as_date(ifelse(none, start, date)),
    source = ifelse(none, "sbrt_start (no imaging since)", source),
    reason = rep("imaging", n)
  )
}

# The rules that may censor before the event. `stop`: the first date of the events of
# `censor_at`; `at_imaging`: TRUE to censor at the last imaging up to `stop`; `imaging`:
# the days of imaging of each patient. `stop` and `imaging` are NULL if no rule uses them.
early_rules <- function(study, options) {
  stop <- NULL
  if (!is.null(options$censor_at)) {
    dates <- lapply(options$censor_at, event_date, study = study, options = options)
    first <- first_event(rep(0, nrow(study$patients)), lapply(dates, `[[`, "date"),
      rep(NA, nrow(study$patients))
    )
    at <- cbind(seq_along(first$event), pmax(first$event, 1L))
    sources <- vapply(dates, `[[`, character(nrow(study$patients)), "source")
    stop <- list(
      date = as_date(first$days), source = matrix(sources, ncol = length(dates))[at]
    )
  }
  at_imaging <- options$pfs_censor == "last_imaging"
  needs_imaging <- if (!is.null(options$max_gap)) {
    "`max_gap`"
  } else if (!is.null(stop) && at_imaging) {
    "`censor_at` with `pfs_censor = \"last_imaging\"`"
  }
  list(
    stop = stop, at_imaging = at_imaging,
    imaging = if (!is.null(needs_imaging)) imaging_days(study, needs_imaging)
  )
}

# Sorted days of imaging, from the first day of SBRT on, by patient. `what`: the endpoint
# that needs them, for the message
imaging_days <- function(study, what) {
  patients <- study$patients
  x <- study$assessments
  if (is.null(x)) {
    stop_oligosurv("input", paste(
      what, "needs the days of all imaging: give the table assessments to sbrt_study()",
      "(patient_id and assessment_date are enough)"
    ), table = "assessments")
  }
  id <- c(x$patient_id, patients$patient_id)
  day <- c(
    as.numeric(x$assessment_date), as.numeric(column_or_na(patients, "last_imaging"))
  )
  start <- as.numeric(patients$sbrt_start)[match(id, patients$patient_id)]
  kept <- which(day >= start)
  days <- split(day[kept], factor(id[kept], patients$patient_id))
  unname(lapply(days, sort))
}

# For each row, the last of its days in `imaging` up to `day`, or before `day` if
# `strictly`; if there is none, `floor`, the first day of SBRT
imaging_until <- function(imaging, day, strictly, floor) {
  last <- mapply(function(days, until, open) {
    max(days[if (open) days < until else days <= until], -Inf)
  }, imaging, day, rep_len(strictly, length(day)))
  pmax(as.double(last), floor)
}

# Applies early_rules() to the result of first_event(). Adds `decided`, the source of the
# day of censoring, `rule`, the option that censored, and `note`, a description of it. All
# are NA if no rule applied.
censor_early <- function(outcome, start, floor, early, sources, options) {
  n <- length(outcome$days)
  outcome$decided <- outcome$rule <- outcome$note <- rep(NA_character_, n)
  if (!is.null(early$stop)) outcome <- censor_at_stop(outcome, start, floor, early)
  if (is.null(options$max_gap)) return(outcome)
  censor_after_gap(outcome, start, floor, early$imaging, sources, options$max_gap)
}

# Censors at the first event of `censor_at`, or at the last imaging up to it, if that is
# before the event of the endpoint. If both are on the same day, the event of the endpoint
# counts, because a new therapy often begins on the day of progression.
censor_at_stop <- function(outcome, start, floor, early) {
  stop <- as.numeric(early$stop$date)
  at <- which(stop < start + outcome$days)
  day <- stop[at]
  decided <- early$stop$source[at]
  if (early$at_imaging) {
    day <- imaging_until(early$imaging[at], day, FALSE, floor[at])
    decided <- imaging_source(day, floor[at])
  }
  outcome$decided[at] <- decided
  outcome$rule[at] <- "censor_at"
  outcome$note[at] <- sprintf("censored by censor_at (%s %s)", early$stop$source[at],
    day_text(as_date(stop[at]))
  )
  outcome$days[at] <- day - start[at]
  outcome$event[at] <- 0L
  outcome
}

# Censors events more than `max_gap` days after the previous imaging. For a progression,
# imaging on the same day does not count as previous, because it shows the progression;
# for a death it does.
censor_after_gap <- function(outcome, start, floor, imaging, sources, max_gap) {
  at <- which(outcome$event > 0L)
  day <- start[at] + outcome$days[at]
  died <- names(sources)[outcome$event[at]] %in% any_death
  before <- imaging_until(imaging[at], day, !died, floor[at])
  far <- day - before > max_gap
  late <- at[far]
  source <- vapply(late, function(i) sources[[outcome$event[i]]]$source[i], "")
  outcome$rule[late] <- "max_gap"
  outcome$note[late] <- sprintf("censored by max_gap (%s %s, %g days later)", source,
    day_text(as_date(day[far])), (day - before)[far]
  )
  outcome$decided[late] <- imaging_source(before[far], floor[late])
  outcome$days[late] <- before[far] - start[late]
  outcome$event[late] <- 0L
  outcome
}

imaging_source <- function(day, floor) {
  ifelse(day > floor, "last imaging", "sbrt_start (no imaging since)")
}

# Describes the rules of early censoring in words, with the number of rows that each
# censored
early_words <- function(options, rule) {
  count <- function(option) sum(rule %in% option)
  c(
    if (!is.null(options$censor_at)) sprintf(
      "%s before it censors%s, as in %s",
      join_words(unname(event_labels[options$censor_at]), "or"),
      if (options$pfs_censor == "last_imaging") " at the last imaging until then" else "",
      count_noun(count("censor_at"), "row")
    ),
    if (!is.null(options$max_gap)) sprintf(
      "an event more than %g days after the imaging before is censored there, as in %s",
      options$max_gap, count_noun(count("max_gap"), "row")
    )
  )
}

check_censor_at <- function(options, rules) {
  at <- options$censor_at
  if (is.null(at)) return(invisible())
  # liver decline cannot censor, because it is unknown without a baseline
  known <- setdiff(other_events,
    c(rules$events, options$competing, "death", "liver_decline")
  )
  if (is.character(at) && length(at) && all(at %in% known) && !anyDuplicated(at)) {
    return(invisible())
  }
  stop_oligosurv("input", sprintf(
    paste(
      "`censor_at` must be NULL or names of events, each once, that are neither the",
      "event nor competing: %s; it is %s"
    ), paste0("\"", known, "\"", collapse = ", "),
    if (is.character(at)) paste(at, collapse = ", ") else describe(at)
  ), arg = "censor_at")
}
