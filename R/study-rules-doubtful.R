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

# Finds liver in several languages, since only the site "liver" counts as intrahepatic.
resembles_liver <- function(site) {
  word <- tolower(trimws(site))
  word != "liver" & !grepl("extra", word) & grepl("liver|hepat|leber|foie|higado", word)
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
  dose_rule("courses"),
  doubtful_rule("courses", c("end_date", "start_date"),
    "is more than 90 days after `start_date`",
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
    "seems to be the liver, but only `liver` counts as intrahepatic",
    function(x, tables) x$role %in% "new" & resembles_liver(x$site)
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
