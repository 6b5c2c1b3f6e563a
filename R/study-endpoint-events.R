# Dates of the events of endpoint(), one per patient. A finder is a function of the study
# and the options of endpoint(). It returns list(date, source), where `source` names the
# column of the date. It may add `note`, sentences for the rule, and `lacking`, TRUE for
# patients for whom the event cannot be determined; these are omitted.

event_date <- function(study, name, options) {
  found <- event_finders[[name]](study, options)
  found$source <- rep_len(found$source, nrow(study$patients))
  found
}

# Assessments of new lesions after the first day of SBRT
new_lesions <- function(study, name) {
  x <- require_source(study, "assessments", event_labels[[name]], paste0(name, "_date"))
  if (is.null(x$role)) {
    stop_oligosurv("input", sprintf(
      paste(
        "%s needs the column `role` in the table assessments or the column `%s_date` in",
        "the table patients; neither was found"
      ), event_labels[[name]], name
    ), table = "assessments", column = "role")
  }
  x$row <- seq_len(nrow(x))
  x[x$role %in% "new" & days_after_sbrt(study, x, x$assessment_date) > 0, ]
}

# The new lesions of `x` in the liver (`inside` is TRUE) or elsewhere. The attribute
# `sites_read` says which sites were read as liver.
lesions_by_site <- function(x, inside, liver, name) {
  site <- column_or_na(x, "site")
  known <- in_liver(site, liver)
  if (anyNA(known)) {
    where <- x$row[is.na(known)]
    stop_oligosurv("data", sprintf(
      "`site` in the table assessments is empty in %s; %s needs it for new lesions",
      format_rows(where), event_labels[[name]]
    ), table = "assessments", column = "site", where = where)
  }
  structure(x[known == inside, ], sites_read = liver_sites_text(site, liver))
}

# Returns a finder for events that are new lesions; `inside` selects lesions in the liver
# (TRUE) or elsewhere (FALSE).
find_new_lesion <- function(name, inside = NULL) {
  own <- paste0(name, "_date")
  function(study, options) {
    if (column_decides(study, own, table_with(study, "assessments", "role"))) {
      return(patient_date(study, own))
    }
    x <- new_lesions(study, name)
    if (!is.null(inside)) x <- lesions_by_site(x, inside, options$liver, name)
    found <- first_by_patient(study, x$patient_id, x$assessment_date,
      rep("assessment_date of a new lesion", nrow(x))
    )
    found$note <- attr(x, "sites_read")
    found
  }
}

# Is the day of widespread failure that of a column, whose threshold is not known?
widespread_is_dated <- function(study, options) {
  is.null(options$threshold) && column_decides(study, "widespread_failure_date",
    table_with(study, "assessments", "role")
  )
}

find_widespread <- function(study, options) {
  if (widespread_is_dated(study, options)) {
    return(patient_date(study, "widespread_failure_date"))
  }
  x <- new_lesions(study, "widespread_failure")
  x <- x[order(x$assessment_date), ]
  # The number of new lesions is added up row by row, also within a day. Whichever row
  # exceeds the threshold, the date is the same.
  total <- stats::ave(added_lesions(x), x$patient_id, FUN = cumsum)
  beyond <- total > widespread_threshold(options)
  first_by_patient(study, x$patient_id[beyond], x$assessment_date[beyond],
    sprintf("assessment_date with %g new lesions in all", total[beyond])
  )
}

# Number of lesions that each row adds to the earlier ones, for rows sorted by day. A
# lesion with a name (or a group of lesions with one name) counts once, at its first
# visit; a later row of that name adds only what `n_lesions` has grown by.
added_lesions <- function(x) {
  number <- as.double(column_or_na(x, "n_lesions"))
  number[is.na(number)] <- 1
  id <- assessed_lesion(x)
  named <- which(!is.na(id))
  key <- row_code(list(x$patient_id[named], id[named]))
  number[named] <- stats::ave(number[named], key, FUN = function(n) {
    diff(c(0, cummax(n)))
  })
  number
}

# Five new lesions is the usual limit of oligometastatic disease.
widespread_threshold <- function(options) {
  if (is.null(options$threshold)) 5 else options$threshold
}

find_next_therapy <- function(study, options) {
  if (column_decides(study, "next_therapy_date", study$therapies)) {
    return(patient_date(study, "next_therapy_date"))
  }
  x <- require_source(study, "therapies", "next therapy", "next_therapy_date")
  x <- later_lines(study, x, options$grace_days)
  first_by_patient(study, x$patient_id, x$start_date,
    sprintf("start_date of line %d", x$line)
  )
}

find_next_sbrt <- function(study, options) {
  if (column_decides(study, "next_sbrt_date", study$courses)) {
    return(patient_date(study, "next_sbrt_date"))
  }
  x <- require_source(study, "courses", "next SBRT", "next_sbrt_date")
  x <- x[x$course > 1L &
    days_after_sbrt(study, x, x$start_date) > options$grace_days, ]
  first_by_patient(study, x$patient_id, x$start_date,
    sprintf("start_date of course %d", x$course)
  )
}

# The day from which the window of acute events is counted. It is the start of SBRT for
# patients whose end of SBRT is unknown (`unknown`: their number).
toxicity_start <- function(study, from) {
  start <- column_or_na(study$patients, "sbrt_start")
  if (from == "sbrt_start") return(list(day = start, unknown = 0L))
  end <- origin_date(study, list(origin = from))$date
  list(day = as_date(ifelse(is.na(end), start, end)), unknown = sum(is.na(end)))
}

find_late_toxicity <- function(study, options) {
  start <- toxicity_start(study, options$from)$day
  x <- counted_events(study, options, toxicity_windows(study, options, start))$events
  x <- x[!x$phase %in% "acute", ]
  ungraded <- sum(is.na(x$grade))
  if (ungraded > 0L) {
    inform_oligosurv(sprintf(
      "Late toxicity: %s of unknown grade not counted", count_noun(ungraded, "event")
    ))
  }
  x <- x[which(x$grade >= options$grade), ]
  where <- x$row[is.na(x$date)]
  if (length(where)) {
    stop_oligosurv("data", sprintf(
      paste(
        "`onset_date` in the table adverse_events is empty in %s, of grade %g or more;",
        "late toxicity needs it for the time of the event; add it, or count patients",
        "with toxicity_table()"
      ), format_rows(where), options$grade
    ), table = "adverse_events", column = "onset_date", where = where)
  }
  first_by_patient(study, x$patient_id, x$date,
    sprintf("onset_date of %s, grade %d", x$term, x$grade)
  )
}

# Returns a finder for deaths from the causes in `options` (`from_cause` is TRUE), or for
# all other deaths. A death of unknown cause is one of the others.
find_death <- function(from_cause) {
  function(study, options) {
    found <- patient_date(study, "death_date")
    cause <- cause_text(study$patients$death_cause)
    of_cause <- cause %in% cause_text(options$cause)
    found$source <- ifelse(is.na(cause) | cause == "", "death_date, cause unknown,",
      sprintf("death_date (%s)", study$patients$death_cause)
    )
    found$date[of_cause != from_cause] <- NA
    found
  }
}

cause_text <- function(x) lower_case(trim_blank(mark_bytes(as.character(x))))

event_finders <- list(
  death = function(study, options) patient_date(study, "death_date"),
  death_from_cause = find_death(TRUE), other_death = find_death(FALSE),
  own = function(study, options) patient_date(study, options$own),
  progression = function(study, options) {
    given <- patient_date(study, "progression_date")
    visit <- options$response$progression_visit
    if (is.null(visit)) return(given)
    first <- !is.na(visit) & (is.na(given$date) | visit < given$date)
    given$date[first] <- visit[first]
    given$source <- ifelse(first, "assessment_date with PD", "progression_date")
    given
  },
  response = function(study, options) {
    list(date = options$response$response_date, source = "assessment_date with response")
  },
  local_failure = function(study, options) {
    x <- study$lesions
    first_by_patient(study, x$patient_id, x$local_failure_date,
      paste("local_failure_date of lesion", x$lesion_id)
    )
  },
  distant_failure = find_new_lesion("distant_failure"),
  intrahepatic_failure = find_new_lesion("intrahepatic_failure", TRUE),
  extrahepatic_failure = find_new_lesion("extrahepatic_failure", FALSE),
  widespread_failure = find_widespread, next_therapy = find_next_therapy,
  next_sbrt = find_next_sbrt, late_toxicity = find_late_toxicity,
  # these functions are defined in files that are loaded later
  next_progression = function(study, options) find_next_progression(study, options),
  liver_decline = function(study, options) find_liver_decline(study, options)
)

# Day 0 of each patient. An origin before SBRT needs delayed entry at SBRT.
origin_date <- function(study, options) {
  switch(options$origin,
    sbrt_start = patient_date(study, "sbrt_start"),
    response = list(
      date = options$response$response_date, source = "assessment_date with response"
    ),
    next_therapy = find_next_therapy(study, options),
    diagnosis = {
      study_table(study, "patients", "diagnosis_date", "the origin diagnosis")
      patient_date(study, "diagnosis_date")
    },
    sbrt_end = {
      courses <- table_with(study, "courses", "end_date")
      if (column_decides(study, "sbrt_end", courses)) {
        return(patient_date(study, "sbrt_end"))
      }
      x <- require_source(study, "courses", "the origin sbrt_end", "sbrt_end")
      x$end_date <- as_date(as.numeric(column_or_na(x, "end_date")))
      x <- x[x$course == 1L & !is.na(x$end_date), ]
      last_by_patient(study, x$patient_id, x$end_date, "end_date of course 1")
    },
    systemic_start = {
      if (column_decides(study, "systemic_start", study$therapies)) {
        return(patient_date(study, "systemic_start"))
      }
      x <- require_source(
        study, "therapies", "the origin systemic_start", "systemic_start"
      )
      first_by_patient(study, x$patient_id, x$start_date,
        sprintf("start_date of line %d", x$line)
      )
    }
  )
}

# Days from `start` to the first of `events` (a list of dates) and its number in the list,
# or days to last contact and 0. At a tie the event listed first counts.
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
