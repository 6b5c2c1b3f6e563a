# One broken cell per line: where it is, the value put there, a part of the rule it breaks
# and the kind of error. `row` 0 stands for the whole column.
broken <- utils::read.table(header = TRUE, sep = "|", strip.white = TRUE, quote = "",
  comment.char = "",
  colClasses = c(row = "integer", value = "character"), na.strings = "<NA>", text = "
  table          | column             | row | value       | rule                | kind
  patients       | patient_id         | 2   |             | not be empty        | data
  patients       | patient_id         | 2   | A           | unique              | data
  patients       | cohort             | 1   |             | not be empty        | domain
  patients       | cohort             | 1   | XX          | OP or OM            | domain
  patients       | cohort             | 3   | op          | OP or OM            | domain
  patients       | strategy           | 1   | OP-X        | OP-N or OP-C        | domain
  patients       | strategy           | 3   | OP-N        | empty for patients  | domain
  patients       | sbrt_start         | 2   |             | not be empty        | domain
  patients       | sbrt_start         | 2   | 44197       | spreadsheet         | domain
  patients       | sbrt_start         | 2   | 44197.5     | spreadsheet         | domain
  patients       | sbrt_start         | 2   | 31/12/2020  | month/day/year      | domain
  patients       | sbrt_start         | 2   | 31.12.2020  | yyyy-mm-dd          | domain
  patients       | sbrt_start         | 2   | 2021-02-30  | no such day         | domain
  patients       | sbrt_start         | 2   | 2021-1-5    | yyyy-mm-dd          | domain
  patients       | sbrt_start         | 2   | 0201-01-05  | from 1950           | domain
  patients       | sbrt_start         | 2   | Jan 5, 2021 | yyyy-mm-dd          | domain
  patients       | progression_date   | 2   | 2020-12-31  | before `sbrt_start` | domain
  patients       | progression_date   | 1   | 2021-07-21  | after `death_date`  | domain
  patients       | progression_date   | 2   | 2022-01-02  | after `last_contact`| domain
  patients       | progression_date   | 2   | unknown     | yyyy-mm-dd          | domain
  patients       | death_date         | 4   | 2020-12-31  | before `sbrt_start` | domain
  patients       | death_date         | 4   | dead        | yyyy-mm-dd          | domain
  patients       | last_contact       | 3   | 2020-12-31  | before `sbrt_start` | domain
  patients       | last_contact       | 4   | 2021-02-01  | after `death_date`  | domain
  patients       | last_contact       | 2   |             | without a `death    | domain
  patients       | best_response      | 1   | response    | CR, PR, SD, PD or NE| domain
  patients       | best_change_pct    | 1   | -40,5       | decimal point       | domain
  patients       | best_change_pct    | 1   | -101        | at least -100       | domain
  patients       | best_change_pct    | 1   | -40%        | a number            | domain
  lesions        | patient_id         | 4   | X           | of the table pat    | data
  lesions        | patient_id         | 1   |             | not be empty        | data
  lesions        | lesion_id          | 2   | 1           | within its patient  | data
  lesions        | lesion_id          | 2   |             | not be empty        | data
  lesions        | dose_gy            | 5   | 50 Gy       | 0.1 to 150          | domain
  lesions        | dose_gy            | 5   | 0           | 0.1 to 150          | domain
  lesions        | dose_gy            | 5   | 7,5         | decimal point       | domain
  lesions        | fractions          | 5   | 2.5         | whole number        | domain
  lesions        | fractions          | 5   | 0           | 1 to 50             | domain
  lesions        | diameter_mm        | 3   | -1          | 0 to 500            | domain
  lesions        | diameter_mm        | 3   | 1,5         | decimal point       | domain
  lesions        | best_response      | 3   | cr          | CR, PR, SD, PD or NE| domain
  lesions        | local_failure_date | 3   | 2020-12-31  | before `sbrt_start` | domain
  lesions        | local_failure_date | 2   | 2021-07-21  | after `death_date`  | domain
  lesions        | local_failure_date | 4   | 2021-04-12  | after `last_contact`| domain
  lesions        | local_failure_date | 4   | 3/4/21      | yyyy-mm-dd          | domain
  adverse_events | patient_id         | 3   | b           | of the table pat    | data
  adverse_events | patient_id         | 3   |             | not be empty        | data
  adverse_events | term               | 3   |             | not be empty        | domain
  adverse_events | grade              | 3   |             | not be empty        | domain
  adverse_events | grade              | 3   | 0           | 1 to 5              | domain
  adverse_events | grade              | 3   | 6           | 1 to 5              | domain
  adverse_events | grade              | 3   | II          | 1 to 5              | domain
  adverse_events | onset_date         | 3   |             | not be empty        | domain
  adverse_events | onset_date         | 3   | 2020-12-31  | before `sbrt_start` | domain
  adverse_events | onset_date         | 1   | 2021-07-21  | after `death_date`  | domain
  adverse_events | onset_date         | 1   | 12-31-2021  | month/day/year      | domain
  patients       | cohort             | 2   | OP;OM       | OP or OM            | domain
  patients       | sbrt_start         | 1   | 2021/01/01  | yyyy-mm-dd          | domain
  patients       | sbrt_start         | 1   | 20210101    | yyyy-mm-dd          | domain
  patients       | sbrt_start         | 1   | 2021-13-01  | no such day         | domain
  patients       | sbrt_start         | 1   | 2100-01-01  | to 2099             | domain
  patients       | sbrt_start         | 1   | 01-Jan-21   | yyyy-mm-dd          | domain
  patients       | death_date         | 4   | 1.2.21      | month/day/year      | domain
  patients       | death_date         | 1   | 44397       | spreadsheet         | domain
  patients       | last_contact       | 2   | 2022-02-29  | no such day         | domain
  patients       | last_contact       | 2   | alive       | yyyy-mm-dd          | domain
  patients       | best_change_pct    | 2   | 1.234,5     | a number            | domain
  patients       | best_change_pct    | 2   | Inf         | a number            | domain
  patients       | best_change_pct    | 2   | 1e999       | a number            | domain
  patients       | best_change_pct    | 2   | #DIV/0!     | a number            | domain
  patients       | sbrt_end           | 1   | 2020-12-31  | before `sbrt_start` | domain
  patients       | sbrt_end           | 1   | 2021-07-21  | after `death_date`  | domain
  patients       | sbrt_end           | 2   | 2022-01-02  | after `last_contact`| domain
  patients       | sbrt_end           | 2   | 44205       | spreadsheet         | domain
  patients       | diagnosis_date     | 1   | 2021-01-02  | after `sbrt_start`  | domain
  patients       | diagnosis_date     | 1   | 2019        | like a year         | domain
  patients       | diagnosis_date     | 1   | 17897       | since 1970          | domain
  patients       | diagnosis_date     | 1   | 2019-06     | yyyy-mm-dd          | domain
  patients       | systemic_start     | 1   | 2021-07-21  | after `death_date`  | domain
  patients       | systemic_start     | 3   | 2021-04-12  | after `last_contact`| domain
  patients       | last_imaging       | 1   | 2021-07-21  | after `death_date`  | domain
  patients       | last_imaging       | 3   | 2021-04-12  | after `last_contact`| domain
  patients       | distant_failure_date | 2 | 2020-12-31  | before `sbrt_start` | domain
  patients       | distant_failure_date | 1 | 2021-07-21  | after `death_date`  | domain
  patients       | distant_failure_date | 2 | 2022-01-02  | after `last_contact`| domain
  patients | intrahepatic_failure_date | 2 | 2020-12-31 | before `sbrt_start` | domain
  patients | intrahepatic_failure_date | 1 | 2021-07-21 | after `death_date`  | domain
  patients | extrahepatic_failure_date | 2 | 2022-01-02 | after `last_contact`| domain
  patients | extrahepatic_failure_date | 1 | 2020-12-31 | before `sbrt_start` | domain
  patients | widespread_failure_date   | 1 | 2020-12-31 | before `sbrt_start` | domain
  patients | widespread_failure_date   | 1 | 2021-07-21 | after `death_date`  | domain
  patients       | next_therapy_date  | 1   | 2020-12-31  | before `sbrt_start` | domain
  patients       | next_therapy_date  | 2   | 2022-01-02  | after `last_contact`| domain
  patients       | next_sbrt_date     | 2   | 2020-12-31  | before `sbrt_start` | domain
  patients       | next_sbrt_date     | 1   | 2021-07-21  | after `death_date`  | domain
  lesions        | dose_gy            | 1   | 151         | 0.1 to 150          | domain
  lesions        | dose_gy            | 1   | 5x10        | 0.1 to 150          | domain
  lesions        | fractions          | 1   | 51          | 1 to 50             | domain
  lesions        | fractions          | 1   | five        | 1 to 50             | domain
  lesions        | diameter_mm        | 1   | 501         | 0 to 500            | domain
  lesions        | diameter_mm        | 1   | <10         | 0 to 500            | domain
  lesions        | best_change_pct    | 1   | -100,5      | decimal point       | domain
  lesions        | local_failure_date | 3   | 44000       | spreadsheet         | domain
  adverse_events | grade              | 1   | 2.5         | 1 to 5              | domain
  adverse_events | grade              | 1   | G3          | 1 to 5              | domain
  adverse_events | related            | 1   | maybe       | yes or no           | domain
  adverse_events | onset_date         | 2   | 44287       | spreadsheet         | domain
  courses        | patient_id         | 1   | X           | of the table pat    | data
  courses        | patient_id         | 1   |             | not be empty        | data
  courses        | course             | 1   |             | not be empty        | domain
  courses        | course             | 1   | 0           | 1 to 50             | domain
  courses        | start_date         | 1   |             | not be empty        | domain
  courses        | start_date         | 1   | 2020-12-31  | before `sbrt_start` | domain
  courses        | start_date         | 1   | 2021-07-21  | after `death_date`  | domain
  courses        | start_date         | 3   | 2022-01-02  | after `last_contact`| domain
  courses        | end_date           | 2   | 2020-12-30  | before `start_date` | domain
  courses        | end_date           | 1   | 2021-07-21  | after `death_date`  | domain
  courses        | lesion_id          | 2   | 9           | of this patient     | data
  assessments    | patient_id         | 2   | X           | of the table pat    | data
  assessments    | patient_id         | 2   |             | not be empty        | data
  assessments    | assessment_date    | 3   |             | not be empty        | domain
  assessments    | assessment_date    | 3   | 2021-07-21  | after `death_date`  | domain
  assessments    | assessment_date    | 3   | 44256       | spreadsheet         | domain
  assessments    | lesion_id          | 2   | 9           | of this patient     | data
  assessments    | lesion_id          | 2   | 1           | once a day          | data
  assessments    | other_lesion       | 1   | T9          | `lesion_id`         | domain
  assessments    | role               | 1   | Target      | target, non-target  | domain
  assessments    | node               | 1   | N1          | yes or no           | domain
  assessments    | diameter_mm        | 1   | 30,5        | decimal point       | domain
  assessments    | diameter_mm        | 1   | -3          | 0 to 500            | domain
  assessments    | viable_mm          | 1   | 31          | above `diameter_mm` | domain
  assessments    | viable_mm          | 1   | none        | 0 to 500            | domain
  assessments    | status             | 1   | stable      | CR, non-CR/non-PD   | domain
  assessments    | status             | 1   | PD          | role non-target     | domain
  assessments    | n_lesions          | 1   | 2           | role new            | domain
  assessments    | n_lesions          | 4   | many        | 1 to 1000           | domain
  assessments    | response           | 1   | uPR         | CR, PR, SD, PD or NE| domain
  therapies      | patient_id         | 5   | c           | of the table pat    | data
  therapies      | patient_id         | 5   |             | not be empty        | data
  therapies      | line               | 1   |             | not be empty        | domain
  therapies      | line               | 1   | first       | 1 to 30             | domain
  therapies      | line               | 2   | 2,5         | decimal point       | domain
  therapies      | start_date         | 1   |             | not be empty        | domain
  therapies      | start_date         | 2   | 2021-07-21  | after `death_date`  | domain
  therapies      | start_date         | 5   | 2021-04-12  | after `last_contact`| domain
  therapies      | start_date         | 4   | 1/5/2021    | month/day/year      | domain
  therapies      | line               | 1   | 3           | earlier line        | domain
  patients       | omd_date           | 1   | 2018-12-31  | before `diagnosis_  | domain
  patients       | omd_date           | 1   | 2021-01-02  | after `sbrt_start`  | domain
  patients       | prior_polymetastatic | 1 | 1           | yes or no           | domain
  lesions        | site               | 1   | #REF!       | error value         | domain
  lesions        | prescription_isodose_pct | 1 | 0.8   | 10 to 100           | domain
  lesions        | prescription_isodose_pct | 1 | 80%   | 10 to 100           | domain
  lesions        | treatment_days     | 1   | 1,5         | decimal point       | domain
  lesions        | ptv_cm3            | 1   | -2          | 0 to 5000           | domain
  lesions        | ptv_near_min_gy    | 1   | 61          | above `ptv_d50_gy`  | domain
  lesions        | ptv_near_max_gy    | 1   | 59          | below `ptv_d50_gy`  | domain
  lesions        | gradient_index     | 1   | 0.5         | 1 to 100            | domain
  adverse_events | term               | 2   | #N/A        | error value         | domain
  courses        | course             | 3   | 1.5         | 1 to 50             | domain
  courses        | start_date         | 3   | 2020-12-31  | before `sbrt_start` | domain
  courses        | course             | 2   | 3           | earlier course      | domain
  courses        | end_date           | 2   | 2022-01-02  | after `last_contact`| domain
  courses        | dose_gy            | 2   | 5000        | 0.1 to 150          | domain
  courses        | fractions          | 2   | 5x          | 1 to 50             | domain
  therapies      | drug               | 3   | #NAME?      | error value         | domain
")

put <- function(tables, table, column, row, value) {
  tables[[table]][row, column] <- value
  tables
}

error_of <- function(tables, ...) {
  tryCatch(do.call(sbrt_study, c(tables, list(...))), oligosurv_error = identity)
}

# The rows of `problems` about one cell.
at <- function(problems, table, column, row) {
  here <- problems$table == table & problems$column %in% column
  problems[here & problems$row %in% row, ]
}

# With every column of the schema, most of them empty
every_column <- function() {
  tables <- full_tables()
  schema <- study_schema()
  for (i in seq_len(nrow(schema))) {
    name <- schema$table[i]
    column <- schema$column[i]
    if (is.null(tables[[name]][[column]])) tables[[name]][[column]] <- NA_character_
  }
  tables$lesions$ptv_d50_gy[1] <- "60"
  tables$lesions$gtv_cm3[1] <- "5"
  tables
}

test_that("the small study has no problem", {
  expect_identical(nrow(study_problems(small_tables())), 0L)
  expect_silent(small_study())
})

test_that("the full study has no problem", {
  expect_identical(nrow(study_problems(full_tables())), 0L)
  expect_identical(nrow(study_problems(every_column())), 0L)
  expect_silent(full_study())
})

test_that("each broken cell is an error of its kind that names table, column and row", {
  skip_on_cran() # takes seconds
  expect_gte(nrow(broken), 160L)
  expect_false(anyDuplicated(broken) > 0L)
  for (i in seq_len(nrow(broken))) {
    case <- broken[i, ]
    tables <- put(every_column(), case$table, case$column, case$row, case$value)
    label <- paste(unlist(case), collapse = " | ")
    error <- error_of(tables)
    expect_s3_class(error, paste0("oligosurv_error_", case$kind))
    found <- at(error$problems, case$table, case$column, case$row)
    expect_true(any(grepl(case$rule, found$rule, fixed = TRUE)), label = label)
    message <- conditionMessage(error)
    expect_match(message, sprintf("%s, column `%s`, row", case$table, case$column),
      fixed = TRUE, label = label
    )
    if (nzchar(case$value)) expect_true(case$value %in% found$value, label = label)
  }
})

test_that("the same broken cells are found in files", {
  skip_on_cran() # takes seconds
  for (i in seq_len(nrow(broken))) {
    case <- broken[i, ]
    tables <- put(every_column(), case$table, case$column, case$row, case$value)
    dir <- write_tables(tables)
    found <- at(study_problems(dir), case$table, case$column, case$row)
    expect_true(any(grepl(case$rule, found$rule, fixed = TRUE)),
      label = paste(unlist(case), collapse = " | ")
    )
  }
})

test_that("each missing required column and table is found", {
  schema <- study_schema()
  needed <- schema[schema$required != "optional", ]
  for (i in seq_len(nrow(needed))) {
    tables <- full_tables()
    tables[[needed$table[i]]][[needed$column[i]]] <- NULL
    error <- error_of(tables)
    expect_s3_class(error, "oligosurv_error_input")
    found <- error$problems[error$problems$rule == "the column is missing", ]
    expect_identical(found$table, needed$table[i])
    expect_identical(found$column, needed$column[i])
  }
  for (name in names(small_tables())) {
    tables <- full_tables()
    tables[[name]] <- NULL
    error <- error_of(tables)
    expect_s3_class(error, "oligosurv_error_input")
    expect_match(conditionMessage(error), paste0(name, ": the table is missing"))
  }
})

test_that("a column written otherwise is named in the message", {
  tables <- small_tables()
  names(tables$patients)[4] <- "SBRT start"
  expect_match(conditionMessage(error_of(tables)), "there is `SBRT start`", fixed = TRUE)
})

test_that("empty tables: no patient or lesion is an error, no adverse event is not", {
  for (name in c("patients", "lesions")) {
    tables <- small_tables()
    tables[[name]] <- tables[[name]][0, ]
    error <- error_of(tables)
    expect_s3_class(error, "oligosurv_error_input")
    expect_match(conditionMessage(error), paste0(name, ": the table has no rows"))
    expect_identical(error$problems$table, name)
  }
  tables <- small_tables()
  tables$adverse_events <- tables$adverse_events[0, ]
  expect_s3_class(do.call(sbrt_study, tables), "sbrt_study")
})

test_that("types that no cell can have are input errors", {
  tables <- small_tables()
  tables$lesions$dose_gy <- as.list(1:5)
  error <- error_of(tables)
  expect_s3_class(error, "oligosurv_error_input")
  expect_identical(error$problems$column, "dose_gy")
  tables <- small_tables()
  tables$lesions <- "lesions.csv"
  expect_match(conditionMessage(error_of(tables)), "must be a data frame (found",
    fixed = TRUE
  )
  tables <- small_tables()
  names(tables$lesions)[3] <- "lesion_id"
  expect_match(conditionMessage(error_of(tables)), "more than once")
})

test_that("columns of other programs and doubled tables are read or found, not misread", {
  tables <- small_tables()
  labelled <- structure(c(1, 3, 2),
    labels = c(mild = 1), class = c("haven_labelled", "vctrs_vctr", "double")
  )
  tables$adverse_events$grade <- labelled
  expect_identical(do.call(sbrt_study, tables)$adverse_events$grade, c(1L, 3L, 2L))
  for (odd in list(as.raw(rep(20, 5)), complex(5, 20))) {
    tables <- small_tables()
    tables$lesions$diameter_mm <- odd
    expect_match(study_problems(tables)$rule, "must be a column of type number")
  }
  tables <- small_tables()
  problems <- study_problems(c(tables, tables["patients"]))
  expect_identical(problems$table, "patients")
  expect_identical(problems$rule, "the table is there more than once")
})

test_that("no day of any table may be after the cut-off", {
  error <- error_of(small_tables(), cutoff = "2021-04-01")
  expect_s3_class(error, "oligosurv_error_domain")
  late <- error$problems[grepl("cut-off 2021-04-01", error$problems$rule), ]
  expect_setequal(
    paste(late$table, late$column, late$row),
    c(
      "patients progression_date 2", "patients death_date 1", "patients last_contact 1",
      "patients last_contact 2", "patients last_contact 3", "adverse_events onset_date 3"
    )
  )
  expect_identical(small_study(cutoff = "2022-01-01")$cutoff, as.Date("2022-01-01"))
  expect_error(small_study(cutoff = "1/1/2022"), class = "oligosurv_error_input")
})

test_that("all findings are reported at once, the most basic kind names the class", {
  tables <- small_tables()
  tables <- put(tables, "patients", "cohort", 1, "XX")
  tables <- put(tables, "lesions", "patient_id", 4, "X")
  tables <- put(tables, "adverse_events", "grade", 1:3, "9")
  expect_warning(problems <- study_problems(tables), NA)
  errors <- problems[problems$severity == "error", ]
  expect_identical(nrow(errors), 5L)
  expect_identical(names(problems), c(
    "table", "row", "column", "value", "rule", "severity"
  ))
  error <- error_of(tables)
  expect_s3_class(error, "oligosurv_error_domain")
  expect_identical(error$problems, problems)
  expect_identical(study_problems(error), problems)
  expect_match(conditionMessage(error), "rows 1, 2 and 3: must be a whole number from 1")
  tables$patients$sbrt_start <- NULL
  expect_s3_class(error_of(tables), "oligosurv_error_input")
})

test_that("odd but possible values warn once and stay with the study", {
  tables <- put(small_tables(), "adverse_events", "onset_date", 3, "2022-01-02")
  tables <- put(tables, "lesions", "local_failure_date", 3, "2021-04-10")
  tables$patients[5, ] <- tables$patients[3, ]
  tables$patients$patient_id[5] <- "E"
  tables$patients$time <- 1
  expect_warning(study <- do.call(sbrt_study, tables), class = "oligosurv_warning_study")
  problems <- study_problems(study)
  expect_true(all(problems$severity == "warning"))
  expect_setequal(paste(problems$table, problems$column, problems$row), c(
    "patients time NA", "patients patient_id 5", "lesions local_failure_date 3",
    "adverse_events onset_date 3"
  ))
})

test_that("a lesion of an assessment must be one of the patient", {
  assessments <- data.frame(
    patient_id = c("A", "B", "Q"), lesion_id = c("2", "2", NA),
    assessment_date = c("2020-12-01", "2021-02-01", "2021-02-01"), diameter_mm = 10
  )
  error <- error_of(small_tables(), assessments = assessments)
  expect_identical(error$problems$table, c("assessments", "assessments"))
  expect_identical(error$problems$column, c("patient_id", "lesion_id"))
  expect_identical(error$problems$row, c(3L, 2L))
})

test_that("a random broken cell anywhere in hcc_sbrt is found, and only there", {
  wrong <- list(
    id = c(NA, ""), category = c("??", "cr "),
    date = c("1.2.2020", "43831", "2020-13-01"),
    number = c("1,5", "x", "-1e9"), whole = c("1.5", "99", "I")
  )
  schema <- study_schema()
  there <- mapply(function(table, column) column %in% names(hcc_sbrt[[table]]),
    schema$table, schema$column
  )
  schema <- schema[schema$type %in% names(wrong) & there, ]
  withr::local_seed(20250612)
  for (i in seq_len(60)) {
    spec <- schema[sample.int(nrow(schema), 1L), ]
    tables <- unclass(hcc_sbrt)[c("patients", "lesions", "adverse_events")]
    column <- as.character(tables[[spec$table]][[spec$column]])
    column <- rep_len(c(column, NA), nrow(tables[[spec$table]]))
    row <- sample.int(length(column), 1L)
    column[row] <- sample(wrong[[spec$type]], 1L)
    tables[[spec$table]][[spec$column]] <- column
    problems <- study_problems(tables)
    label <- paste(spec$table, spec$column, row, column[row])
    expect_identical(nrow(at(problems, spec$table, spec$column, row)), 1L, label = label)
    expect_true(all(problems$row == row | spec$column %in% "patient_id"), label = label)
  }
})

test_that("an unreadable date is not also an empty one", {
  tables <- put(small_tables(), "patients", "death_date", 4, "31/01/2021")
  problems <- study_problems(tables)
  expect_identical(problems$column, "death_date")
})

test_that("findings are few lines even when there are many", {
  tables <- small_tables()
  many <- tables$adverse_events[rep(1, 1000), ]
  many$grade <- "7"
  tables$adverse_events <- many
  error <- error_of(tables)
  expect_identical(nrow(error$problems), 1000L)
  expect_match(conditionMessage(error), "rows 1, 2, 3, 4, 5 and 995 more")
})

test_that("text that is not UTF-8 is found in data frames", {
  tables <- put(small_tables(), "lesions", "site", 2, "N\xfcrnberg")
  error <- error_of(tables)
  expect_s3_class(error, "oligosurv_error_domain")
  expect_identical(error$problems$row, 2L)
  expect_match(error$problems$rule, "UTF-8")
})

# Cells that are possible but odd: a warning, and the study is still made.
odd <- utils::read.table(header = TRUE, sep = "|", strip.white = TRUE, quote = "",
  comment.char = "",
  colClasses = c(row = "integer", value = "character"), text = "
  table          | column               | row | value      | rule
  patients       | systemic_start       | 1   | 2018-12-31 | before `diagnosis_date`
  patients       | last_imaging         | 2   | 2020-12-31 | before `sbrt_start`
  patients       | distant_failure_date | 2   | 2021-04-10 | before `progression_date`
  patients       | intrahepatic_failure_date | 2 | 2021-04-10 | before `distant
  patients       | widespread_failure_date   | 1 | 2021-02-01 | before `distant
  patients       | last_contact         | 2   | 2098-01-01 | in the future
  patients       | best_change_pct      | 1   | 3          | although `best_response`
  lesions        | local_failure_date   | 3   | 2021-04-10 | before `progression_date`
  adverse_events | onset_date           | 3   | 2022-01-02 | after `last_contact`
  adverse_events | grade                | 3   | 5          | no `death_date`
  assessments    | assessment_date      | 7   | 2022-01-02 | after `last_contact`
  assessments    | role                 | 1   | new        | before SBRT
  patients       | sbrt_end             | 2   | 2021-04-02 | more than 90 days
  patients       | progression_date     | 2   |            | `distant_failure_date` is
  patients       | progression_date     | 1   |            | a `local_failure_date`
  patients       | progression_date     | 2   | 2021-04-12 | first new lesion or PD
  patients       | progression_date     | 2   |            | first new lesion or PD
  patients       | distant_failure_date | 2   |            | `intrahepatic_failure_date`
  patients       | distant_failure_date | 1   |            | `extrahepatic_failure_date`
  lesions        | dose_gy              | 3   | 10         | below 3 or above 40
  lesions        | fractions            | 3   | 1          | below 3 or above 40
  lesions        | ptv_cm3              | 1   | 4          | below `gtv_cm3`
  lesions        | site                 | 1   | n/a        | missing value
  lesions        | site                 | 1   | ?          | missing value
  adverse_events | term                 | 2   | -          | missing value
  courses        | start_date           | 1   | 2021-01-02 | not `sbrt_start`
  courses        | end_date             | 2   | 2021-04-02 | more than 90 days
  assessments    | assessment_date      | 3   | 2012-03-01 | is the year right
  assessments    | diameter_mm          | 2   | 0          | 0 before SBRT
  assessments    | diameter_mm          | 5   | 9          | of normal size
  assessments    | node                 | 3   | yes        | other rows of the lesion
  assessments    | role                 | 3   | non-target | other rows of the lesion
  assessments    | site                 | 4   | liver S7   | counts as intrahepatic
  therapies      | start_date           | 1   | 2018-12-31 | before `diagnosis_date`
")

test_that("each odd cell is a warning that names table, column and row", {
  skip_on_cran() # takes seconds
  for (i in seq_len(nrow(odd))) {
    case <- odd[i, ]
    label <- paste(unlist(case), collapse = " | ")
    tables <- put(every_column(), case$table, case$column, case$row, case$value)
    study <- withCallingHandlers(do.call(sbrt_study, tables),
      oligosurv_warning_study = function(w) {
        expect_match(conditionMessage(w), case$rule, fixed = TRUE, label = label)
        invokeRestart("muffleWarning")
      }
    )
    # Some cells show what is odd in the row of another one
    there <- if (case$column == "fractions") "dose_gy" else case$column
    found <- at(study_problems(study), case$table, there, case$row)
    expect_true(any(grepl(case$rule, found$rule, fixed = TRUE)), label = label)
    expect_identical(unique(found$severity), "warning", label = label)
  }
})

test_that("what more than one cell shows is found: doubles, capital letters, no names", {
  tables <- full_tables()
  tables$adverse_events <- tables$adverse_events[c(1:3, 2), ]
  tables$therapies <- tables$therapies[c(1:5, 5), ]
  problems <- study_problems(tables)
  expect_identical(problems$table, c("adverse_events", "therapies"))
  expect_identical(problems$row, c(4L, 6L))
  expect_identical(problems$severity, rep("warning", 2))
  tables <- full_tables()
  tables$patients <- rbind(tables$patients, tables$patients[3, ])
  tables$patients$patient_id[5] <- "c"
  problems <- study_problems(tables)
  found <- problems$row[grepl("capital letters", problems$rule)]
  expect_identical(found, c(3L, 5L))
  tables <- full_tables()
  names(tables$lesions)[3] <- ""
  expect_match(study_problems(tables)$rule, "no name")
  tables <- put(full_tables(), "patients", "patient_id", 2, "B\u200bx")
  expect_match(study_problems(tables)$rule[1], "invisible character")
  expect_identical(study_problems(tables)$value[1], "B?x")
})

test_that("whole columns that are empty are found row by row, optional ones are not", {
  skip_on_cran() # takes seconds
  for (column in c("patient_id", "cohort", "sbrt_start")) {
    tables <- full_tables()
    tables$patients[[column]] <- ""
    found <- study_problems(tables)
    empty <- found[found$column %in% column & grepl("not be empty", found$rule), ]
    expect_identical(empty$row, 1:4)
  }
  schema <- study_schema()
  # Without roles new and non-target lesions would be misread: that is an error.
  schema <- schema[
    schema$required == "optional" & !schema$column %in% c("best_change_pct", "role"),
  ]
  for (i in seq_len(nrow(schema))) {
    tables <- full_tables()
    tables[[schema$table[i]]][[schema$column[i]]] <- NA
    problems <- study_problems(tables)
    expect_false(any(problems$severity == "error"), label = paste(schema[i, 1:2]))
  }
})

test_that("a column that seems to be in another unit, and many lesions, are warnings", {
  rules <- function(edit) {
    problems <- study_problems(edit(every_column()))
    expect_identical(unique(problems$severity), "warning")
    paste(problems$table, problems$column, problems$rule)
  }
  expect_match(rules(function(x) {
    x$lesions$diameter_mm <- c("2.1", "3", "1.5", NA, "4.4")
    x
  }), "lesions diameter_mm every value is below 10")
  expect_match(rules(function(x) {
    x$lesions$prescription_volume_pct <- "0.95"
    x
  }), "prescription_volume_pct every value is at most 1")
  expect_match(rules(function(x) {
    x$lesions <- x$lesions[c(1:5, 5, 5, 5, 5, 5), ]
    x$lesions$lesion_id[5:10] <- 1:6
    x
  }), "patients patient_id has more than 5 rows")
  expect_match(rules(function(x) {
    x$patients[4, c("sbrt_start", "diagnosis_date")] <- "1985-01-01"
    x
  }), "patients sbrt_start is before 1990")
  expect_match(rules(function(x) {
    x$patients$best_response[4] <- "PD"
    x
  }), "patients progression_date is empty, although `best_response` is PD")
  expect_match(rules(function(x) {
    x$lesions$best_response[5] <- "PD"
    x
  }), "lesions local_failure_date is empty, although `best_response` is PD")
})

test_that("names that are nearly those of the schema are found", {
  tables <- full_tables()
  names(tables$patients)[names(tables$patients) == "last_imaging"] <- "Last Imaging"
  names(tables$adverse_events)[5] <- "relatd"
  names(tables$assessments)[names(tables$assessments) == "diameter_mm"] <- "diametr_mm"
  problems <- study_problems(tables)
  expect_identical(problems$column[problems$table == "patients"], "Last Imaging")
  expect_match(problems$rule[problems$table == "patients"], "write `last_imaging`")
  # short names may be others: `relatd` is kept as it is
  expect_false("adverse_events" %in% problems$table)
  expect_true("diametr_mm" %in% problems$column)
  tables <- full_tables()
  names(tables$patients)[4] <- "sbrt_strat"
  expect_match(error_of(tables)$message, "column `sbrt_start`: the column is missing")
  names(tables$patients)[4] <- "sbrt_stat"
  expect_match(error_of(tables)$message, "there is `sbrt_stat`", fixed = TRUE)
  names(tables$patients)[4] <- "sbrt_start\xfc"
  expect_match(error_of(tables)$message, "name must be UTF-8 text")
})

test_that("a name that is not UTF-8 is a finding wherever it stands", {
  tables <- small_tables()
  for (name in names(tables)) {
    for (column in names(tables[[name]])) {
      broken <- tables
      names(broken[[name]])[names(broken[[name]]) == column] <- paste0(column, "\xe9")
      error <- error_of(broken)
      expect_s3_class(error, "oligosurv_error_input")
      expect_match(conditionMessage(error), "e9>`: the name must be UTF-8 text")
      expect_match(study_problems(broken)$rule, "name must be UTF-8 text", all = FALSE)
    }
    extra <- tables
    extra[[name]]["caf\xe9"] <- 1
    expect_s3_class(error_of(extra), "oligosurv_error_input")
    blank <- tables
    names(blank[[name]])[2] <- "\u00a0"
    expect_match(study_problems(blank)$rule, "a column has no name", all = FALSE)
  }
  expect_output(print(study_problems(broken)), "name must be UTF-8 text")
})

test_that("an id that lost its zeros is found with the id that it was", {
  tables <- small_tables()
  tables$patients$patient_id <- c("001", "002", "003", "P 4")
  tables$lesions$patient_id <- c(1, 1, 2, 3, 4)
  tables$lesions$patient_id[5] <- "p4"
  tables$adverse_events$patient_id <- "002"
  problems <- study_problems(tables)
  orphans <- problems[problems$severity == "error", ]
  expect_identical(orphans$row, 1:5)
  expect_match(orphans$rule, "; \"1\" is written \"001\" there", fixed = TRUE)
})

test_that("messages say how to mend what many files have", {
  tables <- small_tables()
  tables$patients$sbrt_start <- "31.12.2020"
  tables$patients$death_date[1] <- "44397"
  tables$lesions$dose_gy <- "50,5"
  tables$patients$last_contact <- NULL
  text <- conditionMessage(error_of(tables))
  expect_match(text, "as.Date(x, \"%d.%m.%Y\")", fixed = TRUE)
  expect_match(text, "as.Date(x, \"1899-12-30\")", fixed = TRUE)
  expect_match(text, "as.numeric(sub(\",\", \".\", x))", fixed = TRUE)
  expect_match(text, "list(patients = c(sbrt_start = \"RT start\"))", fixed = TRUE)
})

test_that("a million rows of one patient in any table are found or read in seconds", {
  skip_on_cran() # takes seconds
  tables <- small_tables()
  tables$adverse_events <- tables$adverse_events[rep(1L, 1e6), ]
  problems <- study_problems(tables)
  expect_identical(problems$row, 2:1000000)
  expect_identical(unique(problems$rule), "the row is the same as an earlier one")
})

test_that("a million rows of one patient are found, in a few lines", {
  skip_on_cran() # takes seconds
  tables <- small_tables()
  tables$patients <- tables$patients[rep(1L, 1e6), ]
  problems <- study_problems(tables)
  again <- problems[problems$rule == "must be unique", ]
  expect_identical(nrow(again), 1000000L)
  expect_identical(again$row, seq_len(1e6))
  expect_identical(unique(problems$severity[problems$column == "patient_id"]), "error")
})

test_that("a column in another unit than that of the schema is an error", {
  tables <- small_tables()
  tables$lesions$diameter_mm <- structure(as.numeric(tables$lesions$diameter_mm) / 10,
    units = "cm", label = "Largest diameter"
  )
  problems <- study_problems(tables)
  expect_identical(problems$value, c("cm", NA))
  expect_match(problems$rule, "must be in mm|mm are needed")
  tables$lesions$diameter_mm[] <- 10 * tables$lesions$diameter_mm
  attr(tables$lesions$diameter_mm, "units") <- "mm"
  study <- do.call(sbrt_study, tables)
  expect_identical(attr(study$lesions$diameter_mm, "label"), "Largest diameter")
  expect_identical(attr(study$lesions$diameter_mm, "units"), "mm")
})
