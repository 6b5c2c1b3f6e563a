# The rows of endpoint() by lesion: each has its own first and last day of SBRT.

# The parts of endpoint_rows() for lesions, each with its own first day of SBRT
lesion_parts <- function(study, parts, rules, options) {
  value <- lesions_with_patient(study)
  row <- match(value$patient_id, study$patients$patient_id)
  # A note is about the whole event; everything else has one element per patient.
  by_lesion <- function(x) {
    x$source <- rep_len(x$source, nrow(study$patients))
    each <- setdiff(names(x), "note")
    x[each] <- lapply(x[each], `[`, row)
    x
  }
  parts$floor <- parts$floor[row]
  parts$end <- by_lesion(parts$end)
  starts <- lesion_starts(study)
  parts$start <- if (options$origin == "sbrt_start") {
    list(date = value$sbrt_start, source = starts$source)
  } else if (options$origin == "sbrt_end") {
    lesion_end(study, starts, row)
  } else {
    by_lesion(origin_date(study, options))
  }
  # Events before the lesion was irradiated cannot compete with its failure.
  since <- function(x) {
    x <- by_lesion(x)
    x$date[which(starts$own & x$date <= starts$start)] <- NA
    x
  }
  at <- !names(parts$dates) %in% "death"
  parts$dates[!at] <- lapply(parts$dates[!at], by_lesion)
  parts$dates[at] <- lapply(parts$dates[at], since)
  if (!is.null(parts$early$stop)) parts$early$stop <- since(parts$early$stop)
  own <- if (is.null(rules$own)) "local_failure_date" else rules$own
  parts$dates[[rules$events]] <- list(
    date = own_dates(study, "lesions", own), source = rep(own, nrow(value))
  )
  parts$value <- value
  parts$own_start <- any(starts$own)
  parts
}

# The last day of SBRT of each lesion. If it is unknown, the patient's last day is used,
# but only for a lesion whose SBRT began on the patient's first day. For other lesions the
# patient's last day may be the end of a course without them.
lesion_end <- function(study, starts, row) {
  known <- !is.na(starts$end)
  if (all(known)) return(list(date = starts$end, source = starts$end_source))
  of_patient <- origin_date(study, list(origin = "sbrt_end"))
  source <- rep_len(of_patient$source, nrow(study$patients))[row]
  date <- of_patient$date[row]
  date[starts$own] <- NA
  date[known] <- starts$end[known]
  source[known] <- starts$end_source[known]
  list(date = date, source = source)
}
