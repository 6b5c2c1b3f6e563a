# The first irradiation of each lesion: its own date, the date of its first course, or the
# first day of SBRT of the patient. Also the lesions with the columns of their patient.

# One row per lesion: `course`, the number of its first course, the days `start` and `end`
# of that SBRT (`end` is NA if unknown), `source` and `end_source`, the columns they come
# from, and `own`, whether `start` differs from the first day of SBRT of the patient.
# `tables`: a study, or its tables with typed columns.
lesion_starts <- function(tables) {
  lesions <- tables$lesions
  patients <- tables$patients
  row <- match(lesions$patient_id, patients$patient_id, incomparables = NA)
  of_patient <- as.numeric(patients$sbrt_start)[row]
  own <- as.numeric(column_or_na(lesions, "sbrt_start"))
  treated <- lesion_courses(tables)
  course <- first_courses(tables, treated, own)
  first <- treated[treated$course == course[treated$lesion], ]
  at <- match(seq_along(course), first$lesion)
  start <- own
  source <- ifelse(is.na(own), NA, "sbrt_start of the lesion")
  planned <- is.na(start) & !is.na(first$start[at])
  start[planned] <- first$start[at][planned]
  source[planned] <- paste("start_date of course", course[planned])
  same <- is.na(start) | (!is.na(of_patient) & start == of_patient)
  start[is.na(start)] <- of_patient[is.na(start)]
  source[same] <- "sbrt_start"
  ended <- first[order(-first$end, na.last = NA), ]
  end <- as.numeric(column_or_na(lesions, "sbrt_end"))
  end_source <- rep("sbrt_end of the lesion", length(end))
  planned <- is.na(end)
  end[planned] <- ended$end[match(seq_along(end), ended$lesion)][planned]
  end_source[planned] <- paste("end_date of course", course[planned])
  quick_frame(list(
    course = course, start = as_date(start), source = source, own = !same,
    end = as_date(end), end_source = end_source
  ))
}

# The rows of the table courses that name a lesion, with the row number of that lesion in
# the table lesions, sorted by lesion, course and day
lesion_courses <- function(tables) {
  x <- tables$courses
  if (!has_columns(x, c("patient_id", "course", "lesion_id"))) {
    x <- data.frame(patient_id = character(), course = integer(), lesion_id = character())
  }
  lesion <- match(pair_of(x, "lesion_id"), pair_of(tables$lesions, "lesion_id"))
  lesion[is.na(x$lesion_id)] <- NA
  number <- function(column) as.numeric(column_or_na(x, column))
  rows <- data.frame(
    lesion = lesion, course = as.integer(x$course), start = number("start_date"),
    end = number("end_date"), dose_gy = number("dose_gy"),
    fractions = number("fractions")
  )
  rows <- rows[!is.na(rows$lesion) & !is.na(rows$course), ]
  rows[order(rows$lesion, rows$course, rows$start), ]
}

# Number of the course in which each lesion was first irradiated. In general the dose in
# the table lesions is that of course 1. For a lesion that has rows only for later
# courses, the first of these is used in two cases: if the lesion's own date is in that
# course; or if course 1 of the patient names other lesions, and the dose in the table
# lesions is that of the later course (or empty).
first_courses <- function(tables, treated, own) {
  lesions <- tables$lesions
  course <- rep(1L, nrow(lesions))
  if (!nrow(treated)) return(course)
  earliest <- treated[!duplicated(treated$lesion), ]
  late <- earliest[earliest$course > 1L, ]
  courses <- tables$courses
  first <- courses[courses$course %in% 1L, ]
  listed <- setdiff(first$patient_id, first$patient_id[is.na(first$lesion_id)])
  differs <- function(column) {
    known <- as.numeric(column_or_na(lesions, column))[late$lesion]
    !is.na(known) & !is.na(late[[column]]) & known != late[[column]]
  }
  alike <- lesions$patient_id[late$lesion] %in% listed & !differs("dose_gy") &
    !differs("fractions") & is.na(own[late$lesion])
  course[late$lesion[alike]] <- late$course[alike]
  dated <- treated[which(treated$start == own[treated$lesion]), ]
  dated <- dated[dated$lesion %in% late$lesion & !duplicated(dated$lesion), ]
  course[dated$lesion] <- dated$course
  course
}

# Lesions with the columns of their patient; a column of the same name in lesions is kept.
# `sbrt_start` and `sbrt_end` are those of the lesion.
lesions_with_patient <- function(study) {
  study_table(study, "lesions", character(), "a result for lesions")
  lesions <- study$lesions
  patients <- study$patients
  patient <- subset_rows(patients, match(lesions$patient_id, patients$patient_id))
  value <- cbind(lesions, patient[setdiff(names(patient), names(lesions))])
  rownames(value) <- NULL
  starts <- lesion_starts(study)
  if (is.null(lesions$sbrt_start) && !any(starts$own)) return(value)
  value$sbrt_start <- keep_attributes(starts$start, value$sbrt_start)
  if (is.null(value$sbrt_end)) return(value)
  end <- starts$end
  shared <- is.na(end) & !starts$own
  if (!is.null(patient$sbrt_end)) end[shared] <- patient$sbrt_end[shared]
  value$sbrt_end <- keep_attributes(end, value$sbrt_end)
  value
}
