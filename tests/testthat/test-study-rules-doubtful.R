# Cells and columns that are possible but unusual: warnings, also stored in the study.

# Cells that are possible but unusual: a warning, and the study is still made.
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
  adverse_events | onset_date           | 3   | 2020-12-31 | baseline event
  adverse_events | onset_date           | 3   |            | it is in no phase
  adverse_events | grade                | 3   | 5          | no `death_date`
  assessments    | assessment_date      | 7   | 2022-01-02 | after `last_contact`
  assessments    | role                 | 1   | new        | start of SBRT
  patients       | sbrt_end             | 2   | 2021-04-02 | more than 90 days
  patients       | progression_date     | 2   |            | implies a progression
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
  assessments    | assessment_date      | 3   | 2012-03-01 | check the year
  assessments    | diameter_mm          | 2   | 0          | 0 before SBRT
  assessments    | diameter_mm          | 5   | 9          | of normal size
  assessments    | node                 | 3   | yes        | other rows of the lesion
  assessments    | role                 | 3   | non-target | other rows of the lesion
  assessments    | site                 | 4   | near liver | outside of it
  therapies      | start_date           | 1   | 2018-12-31 | before `diagnosis_date`
")

test_that("each odd cell is a warning that names table, column and row", {
  skip_on_cran() # takes seconds
  for (i in seq_len(nrow(odd))) {
    case <- odd[i, ]
    label <- paste(unlist(case), collapse = " | ")
    tables <- with_cell(compared_columns(), case$table, case$column, case$row,
      case$value
    )
    study <- withCallingHandlers(do.call(sbrt_study, tables),
      oligosurv_warning_study = function(w) {
        expect_match(conditionMessage(w), case$rule, fixed = TRUE, label = label)
        invokeRestart("muffleWarning")
      }
    )
    # If a cell is unusual because of another column, the problem names that column
    there <- if (case$column == "fractions") "dose_gy" else case$column
    found <- problems_at(study_problems(study), case$table, there, case$row)
    expect_true(any(grepl(case$rule, found$rule, fixed = TRUE)), label = label)
    expect_identical(unique(found$severity), "warning", label = label)
  }
})

test_that("doubled rows, differing capitals and missing names are found", {
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
  tables <- with_cell(full_tables(), "patients", "patient_id", 2, "B\u200bx")
  expect_match(study_problems(tables)$rule[1], "invisible character")
  expect_identical(study_problems(tables)$value[1], "B?x")
})

test_that("whole columns that are empty are found row by row, optional ones are not", {
  skip_on_cran() # takes seconds
  for (column in c("patient_id", "sbrt_start")) {
    tables <- full_tables()
    tables$patients[[column]] <- ""
    found <- study_problems(tables)
    empty <- found[found$column %in% column & grepl("not be empty", found$rule), ]
    expect_identical(empty$row, 1:4)
  }
  schema <- study_schema()
  # Without roles, new and non-target lesions would be misread: an error.
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
  expect_match(problems$rule[problems$table == "patients"], "if you mean `last_imaging`")
  # short names may mean something else: `relatd` is kept
  expect_false("adverse_events" %in% problems$table)
  expect_true("diametr_mm" %in% problems$column)
  tables <- full_tables()
  names(tables$patients)[4] <- "sbrt_strat"
  expect_match(study_error(tables)$message, "column `sbrt_start`: the column is missing")
  names(tables$patients)[4] <- "sbrt_stat"
  expect_match(study_error(tables)$message, "rename `sbrt_stat`", fixed = TRUE)
  names(tables$patients)[4] <- "sbrt_start\xfc"
  expect_match(study_error(tables)$message, "name must be UTF-8 text")
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
