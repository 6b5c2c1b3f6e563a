# Arguments of reading that meet: each case is a pair of parts that were right alone.

quiet <- function(expr) suppressMessages(suppressWarnings(expr))

test_that("a time keeps its unit when a study is edited by base functions", {
  times <- data.frame(patient_id = 1:4, os_time = c(10, 20, 30, 40), os_status = 1)
  study <- sbrt_study(times, time_unit = "months")
  study$patients <- study$patients[2:3, ]
  expect_identical(endpoint(study, "os")$time, c(20, 30))
})

test_that("dates that were imputed are counted while the study has them", {
  tables <- with_cell(messy_tables(), "patients", "progression_date", 1L, "2020-08")
  study <- quiet(do.call(sbrt_study, c(tables, impute = "last")))
  expect_match(imputed_text(study), "1 incomplete date")
  study$patients <- study$patients[-1L, ]
  expect_identical(imputed_text(study), "")
  expect_null(imputed_now(sbrt_study(messy_tables()$patients)))
})

test_that("a misspelt column in `dates` or `impute` is an error", {
  error <- study_error(messy_tables(), dates = list(sbrt_strt = "dmy"))
  expect_match(conditionMessage(error), "`dates` names it.*there is `sbrt_start`")
  error <- study_error(messy_tables(), impute = list(lesions = c(died = "first")))
  expect_match(conditionMessage(error), "lesions, column `died`: .* `impute` names it")
  tables <- messy_tables()
  tables$patients$transplant <- "2021-02-03"
  expect_no_error(quiet(do.call(sbrt_study,
    c(tables, list(dates = list(transplant = "ymd")))
  )))
})

test_that("a code for missing values leaves the patient with that number", {
  tables <- messy_tables()
  study <- quiet(do.call(sbrt_study, c(tables, missing = 5)))
  expect_identical(study$patients$patient_id, tables$patients$patient_id)
  expect_true(all(is.na(study$lesions$fractions)))
})

test_that("codes before the labels of groups are taken off, parts of labels are not", {
  groups <- function(...) {
    patients <- replace(messy_tables()$patients, "cohort", rep_len(c(...), 6L))
    levels(quiet(sbrt_study(patients))$patients$cohort)
  }
  expect_identical(groups("1, SABR", "2, control"), c("SABR", "control"))
  expect_identical(groups("1. line", "2. line"), c("1. line", "2. line"))
  expect_identical(groups("1-2 lesions", "3-5 lesions"), c("1-2 lesions", "3-5 lesions"))
})

test_that("REDCap's record may be named in `columns`", {
  export <- messy_redcap(messy_tables())
  study <- sbrt_study(export, columns = list(patients = c(patient_id = "record_id")))
  expect_identical(study$patients$patient_id, messy_tables()$patients$patient_id)
})

test_that("columns of lesions that nothing reads give a warning with the call", {
  wide <- wide_lesions(messy_tables())
  expect_warning(study <- sbrt_study(wide),
    "columns = list\\(lesions = c\\(site = \"L# site"
  )
  expect_null(study$lesions)
  read <- sbrt_study(wide, columns = list(lesions = lesion_patterns))
  expect_identical(nrow(read$lesions), 7L)
})

test_that("suggestions name an order of dates to check, and no list is a list", {
  tables <- messy_tables()
  tables$patients$sbrt_start <- "05/01/2020"
  error <- study_error(tables)
  expect_match(error$advice, "check that day/month/year is the order of your dates")
  log <- data.frame(patient_id = "A", event = "dead", date = "03/04/2020")
  expect_error(wider_dates(log, "event", "date", list(dead = "death_date")),
    "as in dates = \"dmy\";", class = "oligosurv_error_domain"
  )
  expect_error(sbrt_study(NULL), "study_problems(list())",
    fixed = TRUE, class = "oligosurv_error_input"
  )
})

test_that("words for an empty cell are text or numbers", {
  tables <- messy_tables()
  for (bad in list(TRUE, NA_character_, list("x"))) {
    error <- study_error(tables, missing = bad)
    expect_s3_class(error, "oligosurv_error_input")
    expect_match(conditionMessage(error), "`missing` must be the words for an empty cell")
    expect_identical(error$arg, "missing")
  }
})

test_that("a whole column given as `missing` is refused before cells are read", {
  tables <- messy_tables()
  error <- expect_error(do.call(sbrt_study, c(tables, list(missing = 1:1001))),
    "`missing` has 1001 words, but may have at most 1000",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "missing")
  expect_no_error(quiet(do.call(sbrt_study, c(tables, list(missing = 7001:8000)))))
})
