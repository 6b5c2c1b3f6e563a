# Problems of whole tables, columns and ids, and their messages.

test_that("each missing required column and table is found", {
  schema <- study_schema()
  needed <- schema[schema$required != "optional", ]
  for (i in seq_len(nrow(needed))) {
    tables <- full_tables()
    tables[[needed$table[i]]][[needed$column[i]]] <- NULL
    error <- study_error(tables)
    expect_s3_class(error, "oligosurv_error_input")
    found <- error$problems[startsWith(error$problems$rule, "the column is missing"), ]
    expect_identical(found$table, needed$table[i])
    expect_identical(found$column, needed$column[i])
  }
  expect_error(sbrt_study(lesions = small_tables()$lesions),
    "patients: the table is missing", class = "oligosurv_error_input"
  )
})

test_that("a column under a similar name is named in the message", {
  tables <- small_tables()
  names(tables$patients)[4] <- "SBRT start"
  expect_match(conditionMessage(study_error(tables)), "rename `SBRT start`", fixed = TRUE)
})

test_that("empty tables: no patient is an error, no lesion or adverse event is not", {
  tables <- small_tables()
  tables$patients <- tables$patients[0, ]
  error <- study_error(tables)
  expect_s3_class(error, "oligosurv_error_input")
  expect_match(conditionMessage(error), "patients: the table has no rows")
  expect_identical(error$problems$table, "patients")
  tables <- small_tables()
  tables$lesions <- tables$lesions[0, ]
  expect_null(do.call(sbrt_study, tables)$lesions)
  tables <- small_tables()
  tables$adverse_events <- tables$adverse_events[0, ]
  expect_s3_class(do.call(sbrt_study, tables), "sbrt_study")
})

test_that("types that no cell can have are input errors", {
  tables <- small_tables()
  tables$lesions$dose_gy <- as.list(1:5)
  error <- study_error(tables)
  expect_s3_class(error, "oligosurv_error_input")
  expect_identical(error$problems$column, "dose_gy")
  tables <- small_tables()
  tables$lesions <- "lesions.csv"
  expect_match(conditionMessage(study_error(tables)), "must be a data frame; it is",
    fixed = TRUE
  )
  tables <- small_tables()
  names(tables$lesions)[3] <- "lesion_id"
  expect_match(conditionMessage(study_error(tables)), "more than once")
})

test_that("columns of other programs and repeated tables are read or found", {
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
  expect_identical(problems$rule, "the table occurs more than once")
})

test_that("no day of any table may be after the cut-off", {
  error <- study_error(small_tables(), cutoff = "2021-04-01")
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
  expect_error(small_study(cutoff = "1/2/2022"), class = "oligosurv_error_input")
})

test_that("all findings are reported at once, the most basic kind names the class", {
  tables <- small_tables()
  tables <- with_cell(tables, "patients", "best_response", 1, "XX")
  tables <- with_cell(tables, "lesions", "patient_id", 4, "X")
  tables <- with_cell(tables, "adverse_events", "grade", 1:3, "9")
  expect_no_warning(problems <- study_problems(tables))
  errors <- problems[problems$severity == "error", ]
  expect_identical(nrow(errors), 5L)
  expect_identical(names(problems), c(
    "table", "row", "column", "value", "rule", "severity"
  ))
  error <- study_error(tables)
  expect_s3_class(error, "oligosurv_error_domain")
  expect_identical(error$problems, problems)
  expect_identical(study_problems(error), problems)
  expect_match(conditionMessage(error), "rows 1, 2 and 3: must be a whole number from 0")
  tables$patients$sbrt_start <- NULL
  expect_s3_class(study_error(tables), "oligosurv_error_input")
})

test_that("odd but possible values warn once and stay with the study", {
  tables <- with_cell(small_tables(), "adverse_events", "onset_date", 3, "2022-01-02")
  tables <- with_cell(tables, "lesions", "local_failure_date", 3, "2021-04-10")
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
    assessment_date = c("2020-12-10", "2020-12-15", "2021-02-01"), diameter_mm = 10
  )
  error <- study_error(small_tables(), assessments = assessments)
  expect_identical(error$problems$table, c("assessments", "assessments"))
  expect_identical(error$problems$column, c("patient_id", "lesion_id"))
  expect_identical(error$problems$row, c(3L, 2L))
})

test_that("a random broken cell anywhere in hcc_sbrt is found, and only there", {
  wrong <- list(
    id = c(NA, ""), category = c("x?", "crr "),
    date = c("1/2/2020", "17999", "2020-13-01"),
    number = c("1,,5", "x", "-1e9"), whole = c("1.5", "99", "I")
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
    expect_identical(nrow(problems_at(problems, spec$table, spec$column, row)), 1L,
      label = label
    )
    expect_true(all(problems$row == row | spec$column %in% "patient_id"), label = label)
  }
})

test_that("findings are few lines even when there are many", {
  tables <- small_tables()
  many <- tables$adverse_events[rep(1, 1000), ]
  many$grade <- "7"
  tables$adverse_events <- many
  error <- study_error(tables)
  expect_identical(nrow(error$problems), 1000L)
  expect_match(conditionMessage(error), "rows 1, 2, 3, 4, 5 and 995 more")
})

test_that("messages say how to correct what is common in files", {
  tables <- small_tables()
  tables$patients$sbrt_start <- "1/12/2020"
  tables$patients$death_date[1] <- "2/7/2021"
  tables$lesions$local_failure_date[1] <- "17999"
  tables$lesions$dose_gy <- "1,000"
  tables$patients$last_contact <- NULL
  text <- conditionMessage(study_error(tables))
  expect_match(text, "check that day/month/year is the order of your dates", fixed = TRUE)
  expect_match(text, "dates = \"dmy\"", fixed = TRUE)
  expect_match(text, "For days since 1970", fixed = TRUE)
  expect_match(text, "save the file with semicolons between the fields", fixed = TRUE)
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
