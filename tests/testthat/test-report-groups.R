# What a report says about the groups and the shape of its study.

test_that("groups have the words of the study, the published labels are spelled out", {
  expect_identical(between_words(hcc_sbrt, "cohort"), "between cohorts")
  expect_identical(by_words(hcc_sbrt, "strategy"), "by strategy")
  expect_match(abbreviation_text(hcc_sbrt), "OM: oligometastatic; OP-N: next-line")
  x <- data.frame(
    patient_id = 1:4, cohort = c("SABR", "SOC"), os_time = 1:4, os_status = c(1, 1, 0, 1)
  )
  attr(x$cohort, "label") <- "arm"
  study <- sbrt_study(x, time_unit = "years")
  expect_identical(between_words(study, "cohort"), "between groups (arm)")
  expect_identical(by_words(study, "cohort"), "by arm")
  expect_identical(abbreviation_text(study), "")
  text <- between_text(study, "os", "cohort", logrank_test)
  expect_match(text, "^Log-rank test between groups \\(arm\\): P\u00a0")
  expect_identical(between_text(study, "pfs", "cohort", logrank_test), "")
  expect_identical(between_text(study["1", ], "os", "cohort", logrank_test), "")
  expect_null(baseline_or_null(study))
})

test_that("main results and methods have what the study has", {
  study <- suppressWarnings(do.call(sbrt_study, small_tables()["patients"]))
  expect_identical(
    sub(" [(].*|,.*", "", key_numbers(study)$Result),
    c("Median overall survival", "Median follow-up", "Median progression-free survival",
      "Objective response"
    )
  )
  methods <- paste(methods_text(study), collapse = " ")
  expect_match(methods, "log-rank")
  expect_no_match(methods, "Gray|oxicity|lesions")
  expect_identical(nrow(key_numbers(small_study())), 7L)
  # one arm without an adverse event: no test, no rate of toxicity
  tables <- small_tables()
  tables$patients$cohort <- tables$patients$strategy <- NULL
  tables$adverse_events <- tables$adverse_events[0, ]
  one <- do.call(sbrt_study, tables)
  expect_no_match(paste(key_numbers(one)$Result, collapse = " "), "toxicity")
  expect_no_match(paste(methods_text(one), collapse = " "), "log-rank|Gray|oxicity")
  # responses that were measured are derived
  tables <- full_tables()
  tables$patients$best_response <- tables$lesions$best_response <- NULL
  measured <- suppressWarnings(do.call(sbrt_study, tables))
  expect_identical(report_criteria(measured, "patient"), "recist")
  expect_identical(response_origin(measured),
    "Responses are derived from the measured diameters by RECIST 1.1, unconfirmed."
  )
  expect_match(paste(methods_text(measured), collapse = " "), "by RECIST 1[.]1")
})

test_that("the code of the figures reads the study as it was read", {
  x <- data.frame(id = 1:2, t = 1:2, d = c("tot", "lebt"))
  study <- sbrt_study(x,
    columns = list(patients = c(patient_id = "id", os_time = "t", os_status = "d")),
    levels = list(patients = list(os_status = c(tot = "death", lebt = "censored"))),
    time_unit = "weeks", cutoff = "2020-01-31"
  )
  code <- str2lang(sub("folder-of-the-study", "patients", reading_code(study)))
  expect_identical(as.character(code[[1]]), "read_study")
  again <- do.call(sbrt_study, c(list(x), lapply(as.list(code)[-(1:2)], eval)))
  expect_identical(again, study)
  attr(study, "reading")$given$tables <- c(patients = "cohort.csv")
  expect_match(reading_code(study), 'tables = c(patients = "cohort.csv")', fixed = TRUE)
  expect_identical(reading_code(hcc_sbrt), "read_study(\"folder-of-the-study\")")
})

test_that("doubtful values and notes are listed, each as what they are", {
  tables <- small_tables()
  tables$lesions$dose_gy[1] <- "10"
  study <- suppressWarnings(do.call(sbrt_study, tables))
  text <- paste(problems_text(study), collapse = " ")
  expect_match(text, "used as they are: .*below 3 or above 40 Gy")
  expect_no_match(text, "converted")
  tables$lesions$dose_gy[1] <- "5000 cGy"
  study <- suppressMessages(do.call(sbrt_study, tables))
  text <- paste(problems_text(study), collapse = " ")
  expect_match(text, "converted, or not read: .*from cGy to Gy")
  expect_no_match(text, "doubtful")
  expect_null(problems_text(small_study()))
})
