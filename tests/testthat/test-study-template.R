# study_template(): files with every column.

test_that("the template has every column, is read back, and is never half written", {
  dir <- file.path(withr::local_tempdir(), "new", "study")
  files <- study_template(dir)
  expect_setequal(dir(dir), c(
    "patients.csv", "lesions.csv", "adverse_events.csv", "courses.csv",
    "assessments.csv", "therapies.csv", "liver_function.csv", "data_dictionary.csv"
  ))
  expect_true(all(file.exists(files)))
  dictionary <- utils::read.csv(
    file.path(dir, "data_dictionary.csv"), colClasses = "character", na.strings = NULL
  )
  expect_identical(dictionary, study_schema())
  # the files have the columns for dates, not those for times
  schema <- study_schema()
  schema <- schema[!schema$type %in% c("time", "status"), ]
  for (name in unique(schema$table)) {
    header <- readLines(file.path(dir, paste0(name, ".csv")))
    expect_identical(header, paste(schema$column[schema$table == name], collapse = ","))
  }
  problems <- study_problems(dir)
  expect_setequal(problems$table, "patients")

  unlink(file.path(dir, c("patients.csv", "lesions.csv")))
  before <- dir(dir, all.files = TRUE)
  expect_error(study_template(dir), "assessments.csv", class = "oligosurv_error_input")
  expect_identical(dir(dir, all.files = TRUE), before)
})

test_that("a template where no folder can be is an input error", {
  file <- withr::local_tempfile(lines = "x")
  expect_error(study_template(file.path(file, "a")), class = "oligosurv_error_input")
  expect_error(study_template(NA_character_), class = "oligosurv_error_input")
})
