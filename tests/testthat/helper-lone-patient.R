# A study of one patient A, with SBRT on 2021-01-01 and alive on day 900, for rules whose
# result can be checked by hand. Days are counted from SBRT.

lone_day <- function(x) as.Date("2021-01-01") + x

no_day <- as.Date(NA)

# `patient`: additional or other columns of the patient; `...`: additional tables
lone_study <- function(patient = list(), lesions = NULL, ...) {
  rows <- data.frame(
    patient_id = "A", cohort = "OM", sbrt_start = lone_day(0), progression_date = no_day,
    death_date = no_day, last_contact = lone_day(900)
  )
  for (name in names(patient)) rows[[name]] <- patient[[name]]
  if (is.null(lesions)) lesions <- lone_lesions(4)
  events <- data.frame(
    patient_id = character(), term = character(), grade = integer(),
    onset_date = character()
  )
  suppressWarnings(sbrt_study(rows, lesions, events, ...))
}

lone_lesions <- function(n, ...) {
  data.frame(
    patient_id = "A", lesion_id = as.character(seq_len(n)), ...,
    local_failure_date = no_day
  )
}

# Assessments on these days: sizes of target lesion 1, or new lesions by name
lone_targets <- function(day, mm) {
  data.frame(
    patient_id = "A", assessment_date = lone_day(day), lesion_id = "1",
    role = "target", diameter_mm = mm
  )
}

lone_new <- function(day, name, n = NA, site = NA) {
  data.frame(
    patient_id = "A", assessment_date = lone_day(day), other_lesion = name,
    role = "new", n_lesions = as.integer(n), site = as.character(site)
  )
}

# "time status" of each row, in days
lone_times <- function(study, what, ...) {
  x <- suppressMessages(endpoint(study, what, unit = "days", ...))
  paste(x$time, x$status)
}
