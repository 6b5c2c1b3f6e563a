# The calls that the error of a study suggests.

test_that("an error names the call that lists its problems, with the user's arguments", {
  pats <- small_tables()$patients
  pats$sbrt_start <- "never"
  les <- small_tables()$lesions
  ae <- small_tables()$adverse_events
  error <- tryCatch(sbrt_study(pats, les, ae, missing = "unk"), error = identity)
  expect_match(conditionMessage(error), paste0(
    "All of them: study_problems(\n  list(patients = pats, lesions = les, ",
    "adverse_events = ae),\n  missing = \"unk\"\n)"
  ), fixed = TRUE)
  tables <- small_tables()
  tables$lesions$lesion_id <- NULL
  dir <- write_tables(tables)
  error <- tryCatch(read_study(dir, cutoff = "2022-12-31"), error = identity)
  expect_match(conditionMessage(error),
    sprintf("study_problems\\(\\s*\"%s\",\\s*cutoff = \"2022-12-31\"\\s*\\)", dir)
  )
})

test_that("the suggested call of data frames runs and reads the study", {
  pats <- small_tables()$patients
  names(pats)[c(1, 4, 6)] <- c("MRN", "Start of SBRT", "DOD")
  pats$best_response <- c(2, 3, 1, 5)
  pats$best_change_pct[4] <- "unknown"
  les <- small_tables()$lesions
  ae <- small_tables()$adverse_events
  error <- tryCatch(sbrt_study(pats, lesions = les, ae), error = identity)
  expect_match(error$advice, "^This call reads the study; check what each word means")
  study <- suppressWarnings(eval(parse(text = sub("^[^\n]*\n", "", error$advice))))
  # the codes get the levels in their order, so 5 is the fourth and not NE
  want <- small_study()$patients
  want$best_response[4] <- "PD"
  expect_identical(as.data.frame(lapply(study$patients, as.character)),
    as.data.frame(lapply(want, as.character))
  )
})

test_that("a call that reads more, but not all, says how many problems are left", {
  tables <- small_tables()
  names(tables$patients)[1] <- "Patient"
  tables$lesions$dose_gy[1] <- "500"
  error <- study_error(tables)
  expect_match(error$advice, "^This call gets further \\(1 problem instead of 2\\)")
  error <- tryCatch(eval(parse(text = sub("^[^\n]*\n", "", error$advice)), tables),
    error = identity
  )
  expect_identical(error$problems$column, "dose_gy")
})

test_that("nothing is suggested that does not help", {
  tables <- with_cell(small_tables(), "lesions", "dose_gy", 1, "500")
  expect_identical(study_error(tables)$advice, "")
})

test_that("without usual names the message has the call to complete", {
  tables <- small_tables()
  names(tables$patients)[1] <- "Wer"
  advice <- study_error(tables)$advice
  expect_match(advice, "^Write your names in place of \"...\"; patients has \"Wer\":")
  expect_match(advice, "columns = list(patients = c(patient_id = \"...\"))", fixed = TRUE)
})

test_that("messages with a suggestion fit the length that R prints", {
  tables <- small_tables()
  names(tables$patients) <- c("id", "group", "s", "RT start", "PD date", "DOD", "last FU",
    "BOR", "change")
  names(tables$lesions)[c(1, 2, 8)] <- c("Patient", "Lesion", "LF date")
  tables$adverse_events$grade <- "9"
  text <- conditionMessage(study_error(tables))
  expect_lt(nchar(text, "bytes"), 1000)
  expect_match(text, "kinds of problems")
})

test_that("every usual name is for one column of its table", {
  schema <- study_schema()
  for (table in names(column_synonyms)) {
    columns <- names(column_synonyms[[table]])
    expect_identical(setdiff(columns, schema$column[schema$table == table]), character())
    words <- simplify_name(unlist(column_synonyms[[table]], use.names = FALSE))
    expect_true(all(nzchar(words)))
  }
  expect_identical(
    find_synonyms("patients", c("patient_id", "sbrt_start", "death_date"),
      c("D\u00e9c\u00e8s", "ID", "d\u00e9but RT")),
    c("ID", "d\u00e9but RT", "D\u00e9c\u00e8s")
  )
})

test_that("unknown words of wide rows are suggested for lesions, dates only if needed", {
  patients <- small_tables()$patients
  patients$L1_dose <- 50
  patients$L1_resp <- c("better", "PR", "SD", "SD")
  patients$L1_failed <- ""
  columns <- list(lesions = c(
    dose_gy = "L#_dose", best_response = "L#_resp", local_failure_date = "L#_failed"
  ))
  expect_error(sbrt_study(patients, columns = columns),
    "levels = list\\(best_response = c\\(better = NA\\)\\)",
    class = "oligosurv_error_domain"
  )
  patients$death_date[1] <- "unk"
  error <- expect_error(sbrt_study(patients[1:9]), class = "oligosurv_error_domain")
  expect_match(error$advice, "missing = \"unk\"")
  expect_no_match(error$advice, "dates =")
})

test_that("words by table are added to those that the user gave for that table", {
  tables <- small_tables()
  tables$patients$best_response <- c("better", "worse", "CR", "NE")
  error <- study_error(tables, levels = list(
    patients = list(best_response = c(better = "PR"))
  ))
  expect_match(error$advice, fixed = TRUE,
    "levels = list(patients = list(best_response = c(better = \"PR\", worse = NA)))"
  )
  error <- study_error(tables, levels = list(patients = list(cohort = c(x = "OP"))))
  expect_match(error$advice, paste0("patients = list\\(cohort = c\\(x = \"OP\"\\), ",
    "best_response = c\\(better = NA, worse = NA\\)\\)"))
})
