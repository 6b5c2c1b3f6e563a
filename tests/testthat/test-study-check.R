# One broken cell per line: its place, its value, a part of the rule that it breaks
# and the kind of error. `row` 0 means the whole column.
broken <- utils::read.table(header = TRUE, sep = "|", strip.white = TRUE, quote = "",
  comment.char = "",
  colClasses = c(row = "integer", value = "character"), na.strings = "<NA>", text = '
  table          | column             | row | value       | rule                | kind
  patients       | patient_id         | 2   |             | not be empty        | data
  patients       | patient_id         | 2   | A           | unique              | data
  patients       | strategy           | 3   | OP-N        | empty for patients  | domain
  patients       | sbrt_start         | 2   |             | not be empty        | domain
  patients       | sbrt_start         | 2   | 4/1/2021    | month/day/year      | domain
  patients       | sbrt_start         | 2   | 41/12/2020  | does not exist      | domain
  patients       | sbrt_start         | 2   | 31.13.2020  | does not exist      | domain
  patients       | sbrt_start         | 2   | 2021-02-30  | does not exist      | domain
  patients       | sbrt_start         | 2   | 2021-1-50   | yyyy-mm-dd          | domain
  patients       | sbrt_start         | 2   | 0201-01-05  | from 1950           | domain
  patients       | sbrt_start         | 2   | Jan 50, 2021 | does not exist      | domain
  patients       | progression_date   | 2   | 2020-12-31  | before `sbrt_start` | domain
  patients       | progression_date   | 1   | 2021-07-21  | after `death_date`  | domain
  patients       | progression_date   | 2   | 2022-01-02  | after `last_contact`| domain
  patients       | progression_date   | 2   | unknown     | give missing        | domain
  patients       | death_date         | 4   | 2020-12-31  | before `sbrt_start` | domain
  patients       | death_date         | 4   | dead        | yyyy-mm-dd          | domain
  patients       | last_contact       | 3   | 2020-12-31  | before `sbrt_start` | domain
  patients       | last_contact       | 4   | 2021-02-01  | after `death_date`  | domain
  patients       | last_contact       | 2   |             | without a `death    | domain
  patients       | best_response      | 1   | response    | CR, PR, SD, PD or NE| domain
  patients       | best_change_pct    | 1   | -40 mm      | unit "mm"           | domain
  patients       | best_change_pct    | 1   | -101        | at least -100       | domain
  patients       | best_change_pct    | 1   | -40 to -30  | a number            | domain
  lesions        | patient_id         | 4   | X           | of the table pat    | data
  lesions        | patient_id         | 1   |             | not be empty        | data
  lesions        | lesion_id          | 2   | 1           | within its patient  | data
  lesions        | lesion_id          | 2   |             | not be empty        | data
  lesions        | dose_gy            | 5   | 50 mSv      | unit "mSv"          | domain
  lesions        | dose_gy            | 5   | 0           | 0.1 to 150          | domain
  lesions        | dose_gy            | 5   | 1,000       | or thousands        | domain
  lesions        | fractions          | 5   | 2.5         | whole number        | domain
  lesions        | fractions          | 5   | 0           | 1 to 50             | domain
  lesions        | diameter_mm        | 3   | -1          | 0 to 500            | domain
  lesions        | diameter_mm        | 3   | 1,5         | decimal point       | domain
  lesions        | best_response      | 3   | crr         | CR, PR, SD, PD or NE | domain
  lesions        | local_failure_date | 3   | 2020-12-31  | before `sbrt_start` | domain
  lesions        | local_failure_date | 2   | 2021-07-21  | after `death_date`  | domain
  lesions        | local_failure_date | 4   | 2021-04-12  | after `last_contact`| domain
  lesions        | local_failure_date | 4   | 3/4/21      | year/month/day      | domain
  adverse_events | patient_id         | 3   | b           | of the table pat    | data
  adverse_events | patient_id         | 3   |             | not be empty        | data
  adverse_events | term               | 3   |             | not be empty        | domain
  adverse_events | grade              | 3   | -1          | 0 to 5              | domain
  adverse_events | grade              | 3   | 6           | 0 to 5              | domain
  adverse_events | grade              | 3   | VI          | 0 to 5              | domain
  adverse_events | grade              | 3   | 2-3         | 0 to 5              | domain
  adverse_events | phase              | 3   | subacute    | acute or late       | domain
  adverse_events | end_date           | 3   | 2021-04-01  | before `onset_date` | domain
  adverse_events | serious            | 3   | SAE         | yes or no           | domain
  adverse_events | onset_date         | 1   | 2021-07-21  | after `death_date`  | domain
  adverse_events | onset_date         | 1   | 12-11-2021  | month/day/year      | domain
  patients       | sbrt_start         | 1   | 2021-13-01  | does not exist      | domain
  patients       | sbrt_start         | 1   | 2100-01-01  | to 2099             | domain
  patients       | death_date         | 4   | 1/2/21      | month/day/year      | domain
  patients       | death_date         | 1   | 17999       | since 1970          | domain
  patients       | last_contact       | 2   | 2022-02-29  | does not exist      | domain
  patients       | last_contact       | 2   | alive       | yyyy-mm-dd          | domain
  patients       | best_change_pct    | 2   | 1.234,5     | a number            | domain
  patients       | best_change_pct    | 2   | Inf         | a number            | domain
  patients       | best_change_pct    | 2   | 1e999       | a number            | domain
  patients       | best_change_pct    | 2   | #DIV/0!     | a number            | domain
  patients       | sbrt_end           | 1   | 2020-12-31  | before `sbrt_start` | domain
  patients       | sbrt_end           | 1   | 2021-07-21  | after `death_date`  | domain
  patients       | sbrt_end           | 2   | 2022-01-02  | after `last_contact`| domain
  patients       | diagnosis_date     | 1   | 2021-01-02  | after `sbrt_start`  | domain
  patients       | sbrt_end           | 1   | 0000-00-00  | give missing        | domain
  patients       | sbrt_end           | 1   | 99999       | yyyy-mm-dd          | domain
  patients       | diagnosis_date     | 1   | 2019        | has no month        | domain
  patients       | diagnosis_date     | 1   | 17897       | since 1970          | domain
  patients       | diagnosis_date     | 1   | 2019-06     | has no day          | domain
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
  lesions        | best_change_pct    | 1   | -100,5      | at least -100       | domain
  lesions        | local_failure_date | 3   | 44000       | before `sbrt_start` | domain
  adverse_events | grade              | 1   | 2.5         | 0 to 5              | domain
  adverse_events | grade              | 1   | G6          | 0 to 5              | domain
  adverse_events | related            | 1   | maybe       | probable or definite| domain
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
  assessments    | lesion_id          | 2   | 9           | of this patient     | data
  assessments    | lesion_id          | 2   | 1           | row per day         | data
  assessments    | other_lesion       | 1   | T9          | `lesion_id`         | domain
  assessments    | role               | 1   | targets?    | target, non-target  | domain
  assessments    | node               | 1   | N1          | yes or no           | domain
  assessments    | diameter_mm        | 1   | 1 234,5     | thousands separator | domain
  assessments    | diameter_mm        | 1   | -3          | 0 to 500            | domain
  assessments    | viable_mm          | 1   | 31          | above `diameter_mm` | domain
  assessments    | viable_mm          | 1   | none        | 0 to 500            | domain
  assessments    | status             | 1   | stable      | CR, non-CR/non-PD   | domain
  assessments    | status             | 1   | PD          | is non-target       | domain
  assessments    | n_lesions          | 1   | 2           | is new              | domain
  assessments    | n_lesions          | 4   | many        | 1 to 1000           | domain
  assessments    | response           | 1   | uPR         | CR, PR, SD, PD or NE| domain
  therapies      | patient_id         | 5   | c           | of the table pat    | data
  therapies      | patient_id         | 5   |             | not be empty        | data
  therapies      | line               | 1   |             | not be empty        | domain
  therapies      | line               | 1   | first       | 1 to 30             | domain
  therapies      | line               | 2   | 2,5         | 1 to 30             | domain
  therapies      | start_date         | 1   |             | not be empty        | domain
  therapies      | start_date         | 2   | 2021-07-21  | after `death_date`  | domain
  therapies      | start_date         | 5   | 2021-04-12  | after `last_contact`| domain
  therapies      | start_date         | 4   | 1/5/2021    | month/day/year      | domain
  therapies      | line               | 1   | 3           | earlier line        | domain
  patients       | omd_date           | 1   | 2021-01-02  | after `sbrt_start`  | domain
  patients       | prior_polymetastatic | 1   | 2           | yes or no           | domain
  lesions        | site               | 1   | #REF!       | error value         | domain
  lesions        | prescription_isodose_pct | 1 | 0.8   | 10 to 100           | domain
  lesions        | prescription_isodose_pct | 1   | 80 Gy | unit "Gy"           | domain
  lesions        | treatment_days     | 1   | 1,5         | 1 to 90             | domain
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
  liver_function | patient_id         | 1   | X           | of the table pat    | data
  liver_function | test_date          | 1   |             | not be empty        | domain
  liver_function | test_date          | 2   | 2021-07-21  | after `death_date`  | domain
  liver_function | bilirubin_umol_l   | 1   | 0.7         | 1 to 1200 umol/l    | domain
  liver_function | bilirubin_umol_l   | 1   | 1.2 mg/dl   | unit "mg/dl"        | domain
  liver_function | bilirubin_mg_dl    | 3   | 80          | 0.05 to 70 mg/dl    | domain
  liver_function | bilirubin_mg_dl    | 1   | 1.2         | `bilirubin_umol_l`  | domain
  liver_function | albumin_g_l        | 1   | 4.1         | 10 to 70 g/l        | domain
  liver_function | albumin_g_dl       | 3   | 41          | 1 to 7 g/dl         | domain
  liver_function | albumin_g_dl       | 1   | 4.1         | `albumin_g_l`       | domain
  liver_function | inr                | 1   | 95          | 0.5 to 15           | domain
  liver_function | ascites            | 1   | yes         | slight or moderate  | domain
  liver_function | encephalopathy     | 1   | 1           | grade 1-2           | domain
  liver_function | child_pugh         | 2   | 4           | 5 to 15             | domain
  liver_function | child_pugh         | 2   | B7          | 5 to 15             | domain
')

test_that("the small study has no problem", {
  expect_identical(nrow(study_problems(small_tables())), 0L)
  expect_silent(small_study())
})

test_that("the full study has no problem", {
  expect_identical(nrow(study_problems(full_tables())), 0L)
  expect_identical(nrow(study_problems(compared_columns())), 0L)
  expect_identical(nrow(study_problems(every_column())), 0L)
  expect_silent(full_study())
})

test_that("each broken cell is an error of its kind that names table, column and row", {
  skip_on_cran() # takes seconds
  expect_gte(nrow(broken), 150L)
  expect_false(anyDuplicated(broken) > 0L)
  for (i in seq_len(nrow(broken))) {
    case <- broken[i, ]
    tables <- with_cell(compared_columns(), case$table, case$column, case$row,
      case$value
    )
    label <- paste(unlist(case), collapse = " | ")
    error <- study_error(tables)
    expect_s3_class(error, paste0("oligosurv_error_", case$kind))
    found <- problems_at(error$problems, case$table, case$column, case$row)
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
    tables <- with_cell(compared_columns(), case$table, case$column, case$row,
      case$value
    )
    dir <- write_tables(tables)
    found <- problems_at(study_problems(dir), case$table, case$column, case$row)
    expect_true(any(grepl(case$rule, found$rule, fixed = TRUE)),
      label = paste(unlist(case), collapse = " | ")
    )
  }
})

test_that("an unreadable date is not also reported as an empty one", {
  tables <- with_cell(small_tables(), "patients", "death_date", 4, "01/02/2021")
  problems <- study_problems(tables)
  expect_identical(problems$column, "death_date")
})

test_that("text that is not UTF-8 is found in data frames", {
  tables <- with_cell(small_tables(), "lesions", "site", 2, "N\xfcrnberg")
  error <- study_error(tables)
  expect_s3_class(error, "oligosurv_error_domain")
  expect_identical(error$problems$row, 2L)
  expect_match(error$problems$rule, "UTF-8")
})

test_that("a column name that is not UTF-8 is a finding in every table", {
  tables <- small_tables()
  for (name in names(tables)) {
    for (column in names(tables[[name]])) {
      broken <- tables
      names(broken[[name]])[names(broken[[name]]) == column] <- paste0(column, "\xe9")
      error <- study_error(broken)
      expect_s3_class(error, "oligosurv_error_input")
      expect_match(conditionMessage(error), "e9>`: the name must be UTF-8 text")
      expect_match(study_problems(broken)$rule, "name must be UTF-8 text", all = FALSE)
    }
    extra <- tables
    extra[[name]]["caf\xe9"] <- 1
    expect_s3_class(study_error(extra), "oligosurv_error_input")
    blank <- tables
    names(blank[[name]])[2] <- "\u00a0"
    expect_match(study_problems(blank)$rule, "a column has no name", all = FALSE)
  }
  expect_output(print(study_problems(broken)), "name must be UTF-8 text")
})

test_that("an empty start of SBRT says what to do with a control arm", {
  patients <- data.frame(
    patient_id = 1:3, cohort = c("SBRT", "SBRT", "control"),
    sbrt_start = c("2020-01-01", "2020-02-01", NA), progression_date = NA,
    death_date = NA, last_contact = "2021-01-01"
  )
  expect_error(sbrt_study(patients),
    "`sbrt_start`, row 3: must not be empty.*A control arm without it .* randomisation",
    class = "oligosurv_error"
  )
  expect_error(sbrt_study(patients[names(patients) != "sbrt_start"]),
    "the column is missing(?!.*control arm)",
    perl = TRUE, class = "oligosurv_error"
  )
  for (name in c("randomisation_date", "Date of Randomization", "Randomisierung")) {
    names(patients)[3] <- name
    patients[[3]] <- "2020-01-01"
    expect_error(sbrt_study(patients), sprintf(
      "`sbrt_start`: the column is missing; `%s` is not.*A control arm without it", name
    ), class = "oligosurv_error_input")
  }
})
