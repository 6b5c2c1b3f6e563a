# Rules for doubtful values in what two tables say about one event, dose or lesion. Each
# entry has the form of an entry of `study_rules`.

# Flags patients whose date in `column` is empty or later than the first date in a table.
# If the column has any date, endpoint() uses it for all patients, so the event of these
# patients would be lost. `events` returns patient_id and day of the events in the table.
misses_event <- function(column, events) {
  function(x, tables) {
    given <- as.numeric(x[[column]])
    if (all(is.na(given))) return(FALSE) # the table is used
    found <- events(tables)
    first <- tapply(found$day, found$patient_id, min)
    day <- as.vector(first)[match(as.character(x$patient_id), names(first))]
    !is.na(day) & (is.na(given) | given > day)
  }
}

events_after_sbrt <- function(x, tables, day) {
  quick_frame(list(patient_id = as.character(x$patient_id), day = as.numeric(day)))[
    which(as.numeric(day) > patient_day(x, tables, "sbrt_start")), ]
}

new_lesion_events <- function(tables) {
  x <- tables$assessments
  x <- x[x$role %in% "new", ]
  events_after_sbrt(x, tables, x$assessment_date)
}

# Lines after SBRT of patients who had a line before: a first line may be no next therapy
next_therapy_events <- function(tables) {
  x <- tables$therapies
  x$days <- as.numeric(x$start_date) - patient_day(x, tables, "sbrt_start")
  x <- x[!is.na(x$days) & x$patient_id %in% x$patient_id[which(x$days <= 0)], ]
  x <- lines_above(x, x$days > 0)
  events_after_sbrt(x, tables, x$start_date)
}

next_sbrt_events <- function(tables) {
  x <- tables$courses
  x <- x[which(x$course > 1L), ]
  events_after_sbrt(x, tables, x$start_date)
}

source_rule <- function(column, event, table, events, needs) {
  doubtful_rule("patients", c(column, "patient_id", "sbrt_start"), sprintf(
    "is empty or later than the %s in the table %s; endpoint() uses the column",
    event, table
  ), misses_event(column, events), stats::setNames(
    c("patient_id", needs), rep(table, length(needs) + 1L)
  ))
}

# Flags lesions whose dose differs from that of course 1 in the table courses.
differs_from_course <- function(x, tables) {
  parts <- lesion_courses(tables)
  parts <- parts[parts$course == 1L, ]
  total <- function(column) {
    sums <- tapply(parts[[column]], factor(parts$lesion, seq_len(nrow(x))), sum)
    as.vector(sums)
  }
  differ <- function(column) abs(x[[column]] - total(column)) > 0.005
  differ("dose_gy") | (!is.na(x$dose_gy) & differ("fractions"))
}

# A rule about names of lesions of one patient, such as "X1" and "x1"
case_rule <- function(table, column) {
  study_rule(table, c(column, "patient_id"),
    "differs from another lesion of the patient only in capital letters",
    function(x, tables) {
      first <- !duplicated(pair_of(x, column))
      small <- paste(x$patient_id, lower_case(x[[column]]), sep = "\r")
      !is.na(x[[column]]) & small %in% small[first][duplicated(small[first])]
    }, "warning"
  )
}

source_rules <- list(
  source_rule("distant_failure_date", "first new lesion", "assessments",
    new_lesion_events, c("assessment_date", "role")
  ),
  source_rule("next_therapy_date", "next line", "therapies", next_therapy_events,
    c("line", "start_date")
  ),
  source_rule("next_sbrt_date", "next course", "courses", next_sbrt_events,
    c("course", "start_date")
  ),
  doubtful_rule("lesions", c("dose_gy", "fractions", "lesion_id", "patient_id"),
    "differs from course 1 of the lesion in the table courses, whose dose counts",
    differs_from_course, c(needs_start, courses = "lesion_id", courses = "start_date",
      courses = "course", courses = "dose_gy", courses = "fractions")
  ),
  case_rule("lesions", "lesion_id"),
  case_rule("assessments", "other_lesion")
)
