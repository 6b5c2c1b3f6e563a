# A small study whose endpoints were computed by hand. It takes place in 2021 and 2022,
# which have 365 days each.
small_tables <- function() {
  list(
    patients = data.frame(
      patient_id = c("A", "B", "C", "D"),
      cohort = c("OP", "OP", "OM", "OP"),
      strategy = c("OP-N", "OP-C", NA, "OP-C"),
      sbrt_start = "2021-01-01",
      progression_date = c("2021-01-01", "2021-04-11", NA, NA),
      death_date = c("2021-07-20", NA, NA, "2021-01-31"),
      last_contact = c("2021-07-20", "2022-01-01", "2021-04-11", NA),
      best_response = c("PR", "SD", "CR", "NE"),
      best_change_pct = c("-40.5", "10", "-100", NA)
    ),
    lesions = data.frame(
      patient_id = c("A", "A", "B", "C", "D"), lesion_id = c("1", "2", "1", "1", "1"),
      site = "lung", dose_gy = "50", fractions = "5", diameter_mm = "20.5",
      best_response = c("PR", "SD", "SD", "CR", "NE"),
      local_failure_date = c("2021-03-02", "2021-02-20", NA, NA, NA)
    ),
    adverse_events = data.frame(
      patient_id = c("A", "A", "B"), term = c("fatigue", "fatigue", "rib fracture"),
      grade = c("1", "3", "2"), onset_date = c("2021-01-01", "2021-04-01", "2021-04-02")
    )
  )
}

# The study of small_tables()
small_study <- function(...) do.call(sbrt_study, c(small_tables(), list(...)))

# A study of times and status alone, whose patients die at 1, 2, ... or are censored there
times_study <- function(n = 4, status = c(1, 1, 0, 1), unit = "months", ...) {
  sbrt_study(
    data.frame(patient_id = seq_len(n), os_time = seq_len(n), os_status = status, ...),
    time_unit = unit
  )
}

# Writes the tables as files to a folder, which is removed after the test
write_tables <- function(tables, separator = ",", frame = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = frame)
  for (name in names(tables)) {
    utils::write.table(tables[[name]], file.path(dir, paste0(name, ".csv")),
      sep = separator, row.names = FALSE, na = "", qmethod = "double"
    )
  }
  dir
}

# The tables of small_tables() with all optional columns, and all optional tables
full_tables <- function() {
  tables <- small_tables()
  tables$patients <- cbind(tables$patients, data.frame(
    sbrt_end = c("2021-01-10", "2021-01-05", "2021-01-12", NA),
    diagnosis_date = c("2019-01-01", "2020-01-01", "2020-12-01", "2018-01-01"),
    systemic_start = c("2020-06-01", "2020-01-15", "2021-02-01", NA),
    last_imaging = c("2021-06-30", "2021-11-01", "2021-04-01", NA),
    distant_failure_date = c("2021-03-01", "2021-04-11", NA, NA),
    intrahepatic_failure_date = c(NA, "2021-04-11", NA, NA),
    extrahepatic_failure_date = c("2021-03-01", NA, NA, NA),
    widespread_failure_date = c("2021-05-01", NA, NA, NA),
    next_therapy_date = c("2021-02-10", "2021-05-01", NA, NA),
    next_sbrt_date = c(NA, "2021-06-01", NA, NA)
  ))
  tables$adverse_events$related <- c("yes", "yes", "no")
  tables$courses <- data.frame(
    patient_id = c("A", "B", "B"), course = c("1", "1", "2"),
    start_date = c("2021-01-01", "2021-01-01", "2021-06-01"),
    end_date = c("2021-01-10", "2021-01-05", NA), lesion_id = c(NA, "1", "1")
  )
  tables$assessments <- data.frame(
    patient_id = c("A", "A", "A", "A", "B", "B", "B"),
    assessment_date = c(
      "2020-12-20", "2020-12-20", "2021-03-01", "2021-03-01", "2020-12-10", "2021-03-01",
      "2021-04-11"
    ),
    lesion_id = c("1", "2", "1", NA, "1", "1", NA),
    other_lesion = c(NA, NA, NA, "N1", NA, NA, "N1"),
    role = c("target", "target", "target", "new", "target", NA, "new"),
    node = c("no", "no", "no", NA, "yes", "yes", NA), site = "lung",
    diameter_mm = c("30", "20", "20", NA, "20", "9", NA),
    viable_mm = c("25", NA, "10", NA, NA, NA, NA), status = NA_character_,
    n_lesions = c(NA, NA, NA, "2", NA, NA, NA), response = NA_character_
  )
  tables$therapies <- data.frame(
    patient_id = c("A", "A", "B", "B", "C"), line = c("1", "2", "1", "2", "1"),
    drug = c("lenvatinib", "regorafenib", "sorafenib", "regorafenib", "sorafenib"),
    start_date = c("2020-06-01", "2021-02-10", "2020-01-15", "2021-05-01", "2021-02-01")
  )
  tables$liver_function <- data.frame(
    patient_id = c("A", "A", "B", "B", "C"),
    test_date = c("2020-12-28", "2021-03-01", "2021-01-01", "2021-03-01", "2020-12-30"),
    bilirubin_umol_l = c("12", "40", NA, NA, "9"),
    bilirubin_mg_dl = c(NA, NA, "0.8", "1.1", NA),
    albumin_g_l = c("40", "34", NA, NA, "42"), albumin_g_dl = c(NA, NA, "3.9", "3.8", NA),
    inr = c("1.1", "1.3", "1.0", "1.1", "1.0"),
    ascites = c("none", "slight", "none", "none", "none"), encephalopathy = "none",
    child_pugh = c(NA, "8", NA, NA, "5")
  )
  tables
}

# The study of full_tables()
full_study <- function(...) do.call(sbrt_study, c(full_tables(), list(...)))

# The tables of full_tables(), and columns with which rules compare others
compared_columns <- function() {
  tables <- full_tables()
  tables$lesions$ptv_d50_gy <- c("60", NA, NA, NA, NA)
  tables$lesions$gtv_cm3 <- c("5", NA, NA, NA, NA)
  tables
}

# Replaces cells of one column of a table; adds the column if the table lacks it
with_cell <- function(tables, table, column, row, value) {
  tables[[table]][row, column] <- value
  tables
}

# The error of sbrt_study() for the given tables
study_error <- function(tables, ...) {
  tryCatch(do.call(sbrt_study, c(tables, list(...))), oligosurv_error = identity)
}

# The problems of one cell.
problems_at <- function(problems, table, column, row) {
  here <- problems$table == table & problems$column %in% column
  problems[here & problems$row %in% row, ]
}

# The tables with every column of the schema, most of them empty
every_column <- function() {
  tables <- compared_columns()
  schema <- study_schema()
  for (i in seq_len(nrow(schema))) {
    name <- schema$table[i]
    column <- schema$column[i]
    if (is.null(tables[[name]][[column]])) tables[[name]][[column]] <- NA_character_
  }
  tables
}

# One row for each lesion, with a time and a status of local failure
lesion_times <- function(patient, time, status, ...) {
  lesions <- data.frame(
    patient_id = patient, lesion_id = seq_along(patient), local_failure_time = time,
    local_failure_status = status, ...
  )
  sbrt_study(data.frame(patient_id = unique(patient)), lesions, time_unit = "months")
}
