# Rules for doubtful values in the table assessments, and for dates of patients and
# lesions that contradict the response in assessments. Each entry has the form of an entry
# of `study_rules`.

# The most days from the baseline to SBRT (RECIST 1.1, section 3.1.1: 4 weeks)
latest_baseline_days <- 28

before_sbrt <- function(x, tables) {
  as.numeric(x$assessment_date) <= patient_day(x, tables, "sbrt_start")
}

# A code for the patient and lesion of each row. The rows of a patient without the name of
# a lesion count as one lesion.
lesion_code <- function(x) row_code(list(x$patient_id, assessed_lesion(x)))

# Flags the baseline of each target lesion: its last measurement up to the day of SBRT.
is_baseline <- function(x, tables) {
  used <- which(is_target_row(x) & !is.na(x$diameter_mm) & before_sbrt(x, tables))
  used <- used[order(x$assessment_date[used], decreasing = TRUE)]
  lesion <- lesion_code(x)[used]
  day <- as.numeric(x$assessment_date)[used]
  flagged <- logical(nrow(x))
  flagged[used[day == day[match(lesion, lesion)]]] <- TRUE
  flagged
}

# Flags the first target row of each lesion that was never measured up to the day of SBRT,
# unless other rows say that it is new or a non-target.
has_no_baseline <- function(x, tables) {
  lesion <- lesion_code(x)
  measured <- !is.na(x$diameter_mm) | !is.na(column_or_na(x, "viable_mm"))
  based <- lesion %in% lesion[which(measured & before_sbrt(x, tables))]
  other <- lesion %in% lesion[column_or_na(x, "role") %in% c("new", "non-target")]
  odd <- which(is_target_row(x) & !based & !other & !is.na(before_sbrt(x, tables)))
  odd <- odd[order(x$assessment_date[odd])]
  flagged <- logical(nrow(x))
  flagged[odd[!duplicated(lesion[odd])]] <- TRUE
  flagged
}

# Flags rows whose date of progression, `given`, is empty or later than the first visit
# with PD in the assessments.
misses_pd <- function(given, x, tables, level) {
  usable <- !is.na(tables$assessments$assessment_date) &
    tables$assessments$patient_id %in% tables$patients$patient_id
  tables$assessments <- tables$assessments[usable, , drop = FALSE]
  key <- function(rows) {
    if (level == "lesion") pair_of(rows, "lesion_id") else rows$patient_id
  }
  last_day_with_pd <- function(visits) {
    last <- if (is.null(visits$last_date)) visits$date else visits$last_date
    pd <- visits$response %in% "PD"
    as.numeric(last[pd])[match(key(x), key(visits)[pd])]
  }
  sized <- measured_visits(response_rows(tables, level, "recist"), recist())
  recorded <- response_rows(tables, level, "visits")
  recorded <- quick_frame(list(
    patient_id = recorded$patient_id, lesion_id = recorded$lesion_id,
    date = recorded$assessment_date,
    response = ifelse(recorded$day > 0, recorded$response, NA)
  ))
  pd <- pmin(last_day_with_pd(sized), last_day_with_pd(recorded), na.rm = TRUE)
  !is.na(pd) & (is.na(given) | as.numeric(given) > pd)
}

baseline_rule <- function(columns, rule, bad) {
  columns <- unique(c(columns, "diameter_mm", "patient_id", "assessment_date"))
  doubtful_rule("assessments", columns, rule, function(x, tables) {
    bad(x) & is_baseline(x, tables)
  }, needs_start)
}

needs_visits <- c(assessments = "patient_id", assessments = "assessment_date")

response_rules <- list(
  doubtful_rule("patients", c("progression_date", "patient_id"),
    "is empty or later than the first new lesion or PD in the table assessments",
    function(x, tables) misses_pd(x$progression_date, x, tables, "patient"),
    c(needs_start, needs_visits)
  ),
  doubtful_rule("lesions", c("local_failure_date", "patient_id", "lesion_id"),
    "is empty or later than the first PD of the lesion in the table assessments",
    function(x, tables) misses_pd(x$local_failure_date, x, tables, "lesion"),
    c(needs_start, needs_visits, assessments = "lesion_id")
  ),
  doubtful_rule("assessments", c("assessment_date", "patient_id"),
    "is more than a year before `sbrt_start`; check the year",
    function(x, tables) {
      as.numeric(x$assessment_date) < patient_day(x, tables, "sbrt_start") - 366
    }, needs_start
  ),
  baseline_rule("diameter_mm", "is 0 before SBRT: this cannot be a target lesion",
    function(x) x$diameter_mm == 0
  ),
  baseline_rule(c("diameter_mm", "node"),
    "is below 10 before SBRT: a lymph node of normal size cannot be a target lesion",
    function(x) x$node %in% "yes" & x$diameter_mm > 0 & x$diameter_mm < 10
  ),
  baseline_rule(c("diameter_mm", "node"), paste(
    "is below 15 before SBRT: by RECIST 1.1 a lymph node of 10 to < 15 mm is not a",
    "target; write non-target in the column `role`"
  ), function(x) x$node %in% "yes" & x$diameter_mm >= 10 & x$diameter_mm < 15),
  baseline_rule("diameter_mm", paste(
    "is below 10 before SBRT: by RECIST 1.1 a lesion of less than 10 mm is not a",
    "target; write non-target in the column `role`"
  ), function(x) {
    !column_or_na(x, "node") %in% "yes" & x$diameter_mm > 0 & x$diameter_mm < 10
  }),
  baseline_rule("viable_mm", paste(
    "is 0 before SBRT: mRECIST follows a lesion without enhancement by its",
    "`diameter_mm`"
  ), function(x) x$viable_mm == 0),
  doubtful_rule("assessments", c("assessment_date", "diameter_mm", "patient_id"), sprintf(
    "is more than %d days before `sbrt_start`, but the last measurement of the lesion",
    latest_baseline_days
  ), function(x, tables) {
    early <- patient_day(x, tables, "sbrt_start") - latest_baseline_days
    is_baseline(x, tables) & as.numeric(x$assessment_date) < early
  }, needs_start),
  doubtful_rule("assessments", c("assessment_date", "diameter_mm", "patient_id"), paste(
    "is the first row of a target lesion that was not measured before SBRT, so that it",
    "has no response; write new or non-target in the column `role`, or add its baseline"
  ), has_no_baseline, needs_start),
  doubtful_rule("assessments", c("response", "other_lesion"), paste(
    "is in a row of another lesion and does not count as the response of the patient;",
    "write that in a row without `other_lesion`"
  ), function(x, tables) !is.na(x$response) & !is.na(x$other_lesion)),
  doubtful_rule("assessments", c("node", "patient_id"),
    "differs from other rows of the lesion",
    function(x, tables) differs_from_first(x, "node")
  ),
  doubtful_rule("assessments", c("role", "patient_id"),
    "differs from other rows of the lesion",
    function(x, tables) differs_from_first(x, "role")
  )
)

# Flags rows of a lesion whose `column` differs from its first row.
differs_from_first <- function(x, column) {
  id <- assessed_lesion(x)
  known <- !is.na(id) & !is.na(x[[column]])
  if (column == "role") known <- known & x$role %in% c("target", "non-target")
  lesion <- row_code(list(x$patient_id, id))
  first <- x[[column]][known][match(lesion, lesion[known])]
  known & x[[column]] != first
}
