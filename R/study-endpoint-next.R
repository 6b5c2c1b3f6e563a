# Progression on the next line of systemic therapy: its date, and the start of that line
# as day 0.

# The rows of therapies that begin a later line than the one given at SBRT. A therapy that
# starts within `grace_days` after SBRT belongs to that line.
later_lines <- function(study, x, grace_days) {
  lines_above(x, days_after_sbrt(study, x, x$start_date) > grace_days)
}

# If the progression on the next line is not recorded, the start of the line after it is
# used instead.
find_next_progression <- function(study, options) {
  own <- "next_progression_date"
  if (column_decides(study, own, study$therapies)) return(patient_date(study, own))
  x <- require_source(study, "therapies", event_labels[["next_progression"]], own)
  x <- later_lines(study, x, options$grace_days)
  x <- x[order(x$start_date, x$line), ]
  first <- x$line[match(x$patient_id, x$patient_id)]
  x <- x[x$line > first, ]
  found <- first_by_patient(study, x$patient_id, x$start_date,
    sprintf("start_date of line %d, after the next line,", x$line)
  )
  found$note <- "progression on the next line is taken as the start of the line after it"
  found
}

# Some endpoints have their own day 0. For these `origin` is an error.
with_own_origin <- function(what, rules, options) {
  if (is.null(rules$origin)) return(options)
  if (options$origin != "sbrt_start") {
    stop_oligosurv("input", sprintf(
      paste(
        "`origin` cannot be \"%s\" for \"%s\", which is counted from %s;",
        "leave `origin` out"
      ), options$origin, what, origin_words[[rules$origin]]
    ), arg = "origin")
  }
  options$origin <- rules$origin
  options
}

# Events before the next line, or on its first day, neither compete nor censor: the
# treatment that follows a failure is often the next line itself. Only death counts.
since_next_line <- function(parts) {
  start <- parts$start$date
  since <- function(x) {
    x$date[which(x$date <= start)] <- NA
    x
  }
  at <- !names(parts$dates) %in% c("next_progression", any_death)
  parts$dates[at] <- lapply(parts$dates[at], since)
  if (!is.null(parts$early$stop)) parts$early$stop <- since(parts$early$stop)
  parts
}
