# Rules for doubtful values: possible, but often a typing error, so they are warnings.
# Each entry has the form of an entry of `study_rules`.

doubtful_rule <- function(table, columns, rule, bad, needs = character()) {
  study_rule(table, columns, rule, bad, "warning", needs)
}

patient_day <- function(x, tables, column) as.numeric(patient_value(x, tables, column))

# A dose per fraction that is unusual in SBRT often means that `dose_gy` holds the dose of
# one fraction or another unit.
doubtful_fraction <- function(x, tables) {
  each <- x$dose_gy / x$fractions
  each < 3 | each > largest_fraction
}

dose_rule <- function(table) {
  doubtful_rule(table, c("dose_gy", "fractions"),
    sprintf(
      "is below 3 or above %s Gy per fraction; it must be the dose of all fractions",
      format(largest_fraction)
    ), doubtful_fraction
  )
}

# Flags the first row of a lesion that has rows only for later courses, although course 1
# of its patient names other lesions, and whose dose in the table lesions differs from
# that of the later course; see first_courses().
later_only <- function(x, tables) {
  starts <- lesion_starts(tables)
  lesion <- match(pair_of(x, "lesion_id"), pair_of(tables$lesions, "lesion_id"))
  first <- x$course %in% 1L
  by_lesion <- setdiff(x$patient_id[first], x$patient_id[first & is.na(x$lesion_id)])
  own <- as.numeric(column_or_na(tables$lesions, "sbrt_start"))[lesion]
  later <- !lesion %in% lesion[first] & starts$course[lesion] == 1L
  !is.na(x$lesion_id) & !is.na(lesion) & later & x$patient_id %in% by_lesion &
    is.na(own) & !duplicated(lesion)
}

# Flags times of lesions that are after a time with the status "death" of their patient.
# They can be right if lesions were treated on different days: then nothing is flagged.
after_other_death <- function(x, tables) {
  several <- is_filled(x[["sbrt_start"]]) || has_columns(tables$courses, "lesion_id")
  if (several || !is.numeric(x$local_failure_time)) return(rep(FALSE, nrow(x)))
  died <- which(x$local_failure_status %in% "death" & !is.na(x$local_failure_time))
  first <- tapply(x$local_failure_time[died], as.character(x$patient_id[died]), min)
  x$local_failure_time > as.vector(first)[match(as.character(x$patient_id), names(first))]
}

needs_start <- c(patients = "patient_id", patients = "sbrt_start")

doubtful_rules <- list(
  doubtful_rule("patients", "sbrt_start", "is before 1990, before SBRT existed",
    function(x, tables) x$sbrt_start < as.Date("1990-01-01")
  ),
  doubtful_rule("patients", c("sbrt_end", "sbrt_start"),
    "is more than 90 days after `sbrt_start`",
    function(x, tables) as.numeric(x$sbrt_end) - as.numeric(x$sbrt_start) > 90
  ),
  doubtful_rule("patients", c("omd_date", "diagnosis_date"),
    "is more than 6 months before `diagnosis_date`; check the year",
    function(x, tables) as.numeric(x$diagnosis_date) - as.numeric(x$omd_date) > 183
  ),
  doubtful_rule("patients", c("death_cause", "death_date"),
    "is given, but there is no `death_date`",
    function(x, tables) !is.na(x$death_cause) & is.na(x$death_date)
  ),
  doubtful_rule("patients", "patient_id", "has more than 5 rows in the table lesions",
    function(x, tables) {
      owner <- match(tables$lesions$patient_id, x$patient_id)
      tabulate(owner, nrow(x)) > 5L
    }, c(lesions = "patient_id")
  ),
  doubtful_rule("patients", c("progression_date", "distant_failure_date"),
    "is empty, although `distant_failure_date` implies a progression",
    function(x, tables) is.na(x$progression_date) & !is.na(x$distant_failure_date)
  ),
  doubtful_rule("patients", c("progression_date", "patient_id"),
    "is empty, although a lesion of the patient has a `local_failure_date`",
    function(x, tables) {
      failed <- tables$lesions$patient_id[!is.na(tables$lesions$local_failure_date)]
      is.na(x$progression_date) & x$patient_id %in% failed
    }, c(lesions = "patient_id", lesions = "local_failure_date")
  ),
  doubtful_rule("patients", c("progression_date", "best_response"),
    "is empty, although `best_response` is PD",
    function(x, tables) is.na(x$progression_date) & x[["best_response"]] %in% "PD"
  ),
  doubtful_rule("patients", c("distant_failure_date", "intrahepatic_failure_date"),
    "is empty, although there is an `intrahepatic_failure_date`",
    function(x, tables) {
      is.na(x$distant_failure_date) & !is.na(x$intrahepatic_failure_date)
    }
  ),
  doubtful_rule("patients", c("distant_failure_date", "extrahepatic_failure_date"),
    "is empty, although there is an `extrahepatic_failure_date`",
    function(x, tables) {
      is.na(x$distant_failure_date) & !is.na(x$extrahepatic_failure_date)
    }
  ),
  dose_rule("lesions"),
  doubtful_rule("lesions", c("local_failure_date", "best_response"),
    "is empty, although `best_response` is PD",
    function(x, tables) is.na(x$local_failure_date) & x[["best_response"]] %in% "PD"
  ),
  doubtful_rule("lesions", c("ptv_cm3", "gtv_cm3"), "is below `gtv_cm3`",
    function(x, tables) x$ptv_cm3 < x$gtv_cm3
  ),
  doubtful_rule("lesions", c("sbrt_start", "lesion_id", "patient_id"),
    "is not the first day of any course of the lesion",
    function(x, tables) {
      treated <- lesion_courses(tables)
      own <- as.numeric(x$sbrt_start)
      listed <- seq_along(own) %in% treated$lesion[!is.na(treated$start)]
      same <- treated$lesion[which(treated$start == own[treated$lesion])]
      !is.na(own) & listed & !seq_along(own) %in% same
    }, c(needs_start, courses = "lesion_id", courses = "start_date", courses = "course")
  ),
  doubtful_rule("lesions", c("local_failure_date", "lesion_id", "patient_id"),
    "is before the first course of the lesion, so the lesion has no time to failure",
    function(x, tables) {
      starts <- lesion_starts(tables)
      starts$own & x$local_failure_date < starts$start
    }, c(needs_start, courses = "lesion_id", courses = "start_date", courses = "course")
  ),
  doubtful_rule("lesions", c("local_failure_time", "local_failure_status", "patient_id"),
    "is after the death of the patient, by the status of another lesion; check both rows",
    after_other_death
  ),
  doubtful_rule("adverse_events", "onset_date",
    "is empty without a `phase` (baseline, acute or late), so it is in no phase",
    function(x, tables) {
      is.na(x$onset_date) & is.na(column_or_na(x, "phase")) & !x$grade %in% 0L
    }
  ),
  doubtful_rule("adverse_events", c("onset_date", "patient_id"),
    paste(
      "is before `sbrt_start`: a baseline event; check the date, or confirm it: write",
      "baseline in the column `phase`"
    ),
    function(x, tables) {
      early <- as.numeric(x$onset_date) < patient_day(x, tables, "sbrt_start")
      early & !column_or_na(x, "phase") %in% "baseline" & !x$grade %in% 0L
    }, needs_start
  ),
  dose_rule("courses"),
  doubtful_rule("courses", c("lesion_id", "course", "patient_id"),
    paste(
      "has no row of course 1, unlike other lesions of the patient; its dose in lesions",
      "counts as course 1 (if it was first irradiated here, give `sbrt_start` in lesions)"
    ), later_only, c(needs_start, lesions = "lesion_id", lesions = "patient_id")
  ),
  doubtful_rule("courses", c("end_date", "start_date"),
    "is more than 90 days after `start_date`; check both dates",
    function(x, tables) as.numeric(x$end_date) - as.numeric(x$start_date) > 90
  ),
  doubtful_rule("courses", c("start_date", "course", "patient_id"),
    "is the first day of course 1, but not `sbrt_start` of the patient",
    function(x, tables) {
      day <- ifelse(x$course %in% 1L, as.numeric(x$start_date), NA)
      o <- order(day)
      first <- day[o][match(x$patient_id, x$patient_id[o])]
      day == first & day != patient_day(x, tables, "sbrt_start")
    }, needs_start
  ),
  doubtful_rule("assessments", c("site", "role"),
    "names the liver, but is read as outside of it; if it is in the liver, write liver",
    function(x, tables) x$role %in% "new" & beside_the_liver(x$site)
  )
)

# Warns about columns that seem to be in another unit than the schema requires.
check_column_units <- function(tables) {
  numbers <- schema_all[schema_all$type == "number" & schema_all$unit %in% c("%", "mm"), ]
  Map(function(name, column, unit) {
    if (!has_columns(tables[[name]], column)) return(no_problems)
    value <- tables[[name]][[column]]
    value <- abs(value[!is.na(value) & value != 0])
    if (length(value) < 3L) return(no_problems)
    if (unit == "%" && all(value <= 1)) {
      return(doubtful_column(name, column,
        "every value is at most 1; the column must be in percent"
      ))
    }
    if (column == "diameter_mm" && all(value < 10)) {
      return(doubtful_column(name, column,
        "every value is below 10; the column must be in mm, not cm"
      ))
    }
    no_problems
  }, numbers$table, numbers$column, numbers$unit)
}

doubtful_column <- function(table, column, rule) {
  new_problems(table, column, rule = rule, severity = "warning")
}
