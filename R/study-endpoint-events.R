# Dates of the events of endpoint(), one per patient. A finder takes the study and the
# options of endpoint(), and returns list(date, source), where `source` says in words
# which column the date comes from.

event_labels <- c(
  death = "death", progression = "progression", local_failure = "local failure",
  distant_failure = "distant failure", intrahepatic_failure = "intrahepatic failure",
  extrahepatic_failure = "extrahepatic failure",
  widespread_failure = "widespread failure", next_therapy = "next therapy",
  next_sbrt = "next SBRT", late_toxicity = "late toxicity", response = "response"
)

event_date <- function(study, name, options) {
  found <- event_finders[[name]](study, options)
  found$source <- rep_len(found$source, nrow(study$patients))
  found
}

patient_date <- function(study, column) {
  list(date = study$patients[[column]], source = column)
}

# A date given in the table patients takes precedence over the dates of other tables.
has_date_column <- function(study, column) column %in% names(study$patients)

# The first `date` of each patient, with its label
first_by_patient <- function(study, id, date, label) {
  o <- order(date, na.last = NA)
  at <- o[match(study$patients$patient_id, id[o])]
  list(date = date[at], source = label[at])
}

days_after_sbrt <- function(study, x, date) {
  row <- match(x$patient_id, study$patients$patient_id)
  as.numeric(date) - as.numeric(study$patients$sbrt_start)[row]
}

require_source <- function(study, table, what, column) {
  if (!is.null(study[[table]])) return(study[[table]])
  stop_oligosurv("input", sprintf(
    "%s needs the column `%s` in the table patients or the table %s; neither was found",
    what, column, table
  ), table = table, column = column)
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

# Returns a finder for events that are new lesions; `sites` selects lesions by whether
# they are in the liver.
find_new_lesion <- function(name, sites = NULL) {
  own <- paste0(name, "_date")
  function(study, options) {
    if (has_date_column(study, own)) return(patient_date(study, own))
    x <- new_lesions(study, name)
    if (!is.null(sites)) {
      site <- if (is.null(x$site)) rep(NA, nrow(x)) else x$site
      if (anyNA(site)) {
        where <- x$row[is.na(site)]
        stop_oligosurv("data", sprintf(
          "`site` in the table assessments is empty in %s; %s needs it for new lesions",
          format_rows(where), event_labels[[name]]
        ), table = "assessments", column = "site", where = where)
      }
      x <- x[sites(tolower(trimws(site)) == "liver"), ]
    }
    first_by_patient(study, x$patient_id, x$assessment_date,
      rep("assessment_date of a new lesion", nrow(x))
    )
  }
}

find_widespread <- function(study, options) {
  if (is.null(options$threshold) && has_date_column(study, "widespread_failure_date")) {
    return(patient_date(study, "widespread_failure_date"))
  }
  x <- new_lesions(study, "widespread_failure")
  number <- if (is.null(x$n_lesions)) rep(NA, nrow(x)) else x$n_lesions
  number[is.na(number)] <- 1
  o <- order(x$assessment_date)
  x <- x[o, ]
  # Adds rows of the same day one after another; whichever row exceeds the threshold, the
  # date is the same.
  total <- stats::ave(as.double(number[o]), x$patient_id, FUN = cumsum)
  beyond <- total > widespread_threshold(options)
  first_by_patient(study, x$patient_id[beyond], x$assessment_date[beyond],
    sprintf("assessment_date with %g new lesions in all", total[beyond])
  )
}

# Five new lesions is the usual limit of oligometastatic disease.
widespread_threshold <- function(options) {
  if (is.null(options$threshold)) 5 else options$threshold
}

# A therapy that starts within `grace_days` after SBRT, or belongs to the line given at
# SBRT, is not the next line.
find_next_therapy <- function(study, options) {
  if (has_date_column(study, "next_therapy_date")) {
    return(patient_date(study, "next_therapy_date"))
  }
  x <- require_source(study, "therapies", "next therapy", "next_therapy_date")
  later <- days_after_sbrt(study, x, x$start_date) > options$grace_days
  at_sbrt <- tapply(x$line[!later], x$patient_id[!later], max)
  line <- at_sbrt[x$patient_id]
  x <- x[later & (is.na(line) | x$line > line), ]
  first_by_patient(study, x$patient_id, x$start_date,
    sprintf("start_date of line %d", x$line)
  )
}

find_next_sbrt <- function(study, options) {
  if (has_date_column(study, "next_sbrt_date")) {
    return(patient_date(study, "next_sbrt_date"))
  }
  x <- require_source(study, "courses", "next SBRT", "next_sbrt_date")
  x <- x[x$course > 1L &
    days_after_sbrt(study, x, x$start_date) > options$grace_days, ]
  first_by_patient(study, x$patient_id, x$start_date,
    sprintf("start_date of course %d", x$course)
  )
}

find_late_toxicity <- function(study, options) {
  x <- attributed_events(study, options$attribution)
  late <- days_after_sbrt(study, x, x$onset_date) > options$window
  x <- x[late & x$grade >= options$grade, ]
  first_by_patient(study, x$patient_id, x$onset_date,
    sprintf("onset_date of %s, grade %d", x$term, x$grade)
  )
}

event_finders <- list(
  death = function(study, options) patient_date(study, "death_date"),
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
  intrahepatic_failure = find_new_lesion("intrahepatic_failure", function(liver) liver),
  extrahepatic_failure = find_new_lesion("extrahepatic_failure", function(liver) !liver),
  widespread_failure = find_widespread, next_therapy = find_next_therapy,
  next_sbrt = find_next_sbrt, late_toxicity = find_late_toxicity
)

# Day 0 of each patient. An origin before SBRT needs delayed entry at SBRT.
origin_date <- function(study, options) {
  switch(options$origin,
    sbrt_start = patient_date(study, "sbrt_start"),
    response = list(
      date = options$response$response_date, source = "assessment_date with response"
    ),
    diagnosis = {
      study_table(study, "patients", "diagnosis_date", "the origin diagnosis")
      patient_date(study, "diagnosis_date")
    },
    sbrt_end = {
      if (has_date_column(study, "sbrt_end")) return(patient_date(study, "sbrt_end"))
      x <- require_source(study, "courses", "the origin sbrt_end", "sbrt_end")
      x <- x[x$course == 1L & !is.na(x$end_date), ]
      last_by_patient(study, x$patient_id, x$end_date, "end_date of course 1")
    },
    systemic_start = {
      if (has_date_column(study, "systemic_start")) {
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

last_by_patient <- function(study, id, date, source) {
  o <- order(date, decreasing = TRUE, na.last = NA)
  list(date = date[o][match(study$patients$patient_id, id[o])], source = source)
}

# End of follow-up of patients without an event. A death ends follow-up even if the
# endpoint does not count it.
censor_date <- function(study, pfs_censor) {
  patients <- study$patients
  if (pfs_censor == "last_imaging") {
    imaging <- if (has_date_column(study, "last_imaging")) {
      patient_date(study, "last_imaging")
    } else {
      x <- require_source(study, "assessments", "`pfs_censor`", "last_imaging")
      last_by_patient(study, x$patient_id, x$assessment_date, "last assessment_date")
    }
    none <- is.na(imaging$date) | imaging$date < patients$sbrt_start
    imaging$source <- ifelse(none, "sbrt_start (no imaging since)", imaging$source)
    imaging$date[none] <- patients$sbrt_start[none]
    return(imaging)
  }
  died <- !is.na(patients$death_date)
  list(
    date = as_date(ifelse(died, patients$death_date, patients$last_contact)),
    source = ifelse(died, "death_date", "last_contact")
  )
}

# ifelse() drops the class of dates.
as_date <- function(x) structure(as.double(x), class = "Date")

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

# Lesions with the columns of their patient; a column of the same name in lesions is kept.
lesions_with_patient <- function(study) {
  lesions <- study_table(study, "lesions", character(), "a result for lesions")
  patients <- study$patients
  patient <- subset_rows(patients, match(lesions$patient_id, patients$patient_id))
  value <- cbind(lesions, patient[setdiff(names(patient), names(lesions))])
  rownames(value) <- NULL
  value
}
