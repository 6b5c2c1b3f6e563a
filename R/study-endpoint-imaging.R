# The date of a progression: as recorded, or the day of an imaging.

# Moves the dates of progression to the imaging that shows it (`at` is "imaging": the
# first one on that day or later), or to the imaging before that ("imaging_before"; the
# first day of SBRT if the first imaging shows the progression). Without such imaging a
# progression keeps its date.
progression_at_imaging <- function(found, study, at) {
  day <- as.numeric(found$date)
  known <- which(!is.na(day))
  imaging <- imaging_days(study, "`progression_at`")
  first_day <- as.numeric(study$patients$sbrt_start)
  moved <- vapply(known, function(i) {
    if (at == "imaging") return(imaging[[i]][imaging[[i]] >= day[i]][1L])
    if (!length(imaging[[i]])) return(NA_real_)
    imaging_until(imaging[i], day[i], TRUE, first_day[i])
  }, 0)
  word <- if (at == "imaging") {
    rep("imaging", length(known))
  } else {
    imaging_source(moved, first_day[known])
  }
  known <- known[!is.na(moved)]
  source <- sprintf("%s (%s %s) on", word[!is.na(moved)], found$source[known],
    day_text(found$date[known])
  )
  found$date[known] <- as_date(moved[!is.na(moved)])
  found$source[known] <- source
  found
}

with_progression_at <- function(dates, study, options) {
  at <- options$progression_at
  if (at == "date") return(dates)
  if (!is.null(options$max_gap)) {
    stop_oligosurv("input", paste(
      "`progression_at` and `max_gap` cannot be combined, because the gap is counted up",
      "to the recorded day of progression; use only one of them"
    ), arg = "progression_at")
  }
  dates$progression <- progression_at_imaging(dates$progression, study, at)
  dates
}

progression_at_words <- function(at) {
  c(
    imaging = "progression counts on the day of the imaging on or after its date",
    imaging_before = "progression counts on the day of the imaging before its date"
  )[at[at != "date"]]
}
