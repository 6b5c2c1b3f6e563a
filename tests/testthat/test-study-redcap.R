# REDCap: the data dictionary of the schema, and tables from an export.

known_columns <- function(study) {
  lapply(unclass(study)[redcap_names], function(x) {
    x <- as.data.frame(x)
    x[vapply(x, function(column) !all(is.na(column)), NA)]
  })
}

redcap_names <- c("patients", "lesions", "adverse_events")

test_that("the data dictionary has a field for each column, and REDCap's own columns", {
  dir <- withr::local_tempdir()
  file <- study_template(file.path(dir, "new"), format = "redcap")
  expect_identical(basename(file), "redcap_data_dictionary.csv")
  x <- read.csv(file, check.names = FALSE, colClasses = "character")
  expect_identical(names(x), redcap_columns)
  expect_false(anyDuplicated(x[[1]]) > 0L)
  expect_match(x[[1]], "^[a-z][a-z0-9_]*$")
  expect_true(all(nchar(x[[1]]) <= 100L))
  expect_identical(x[[1]][1], "patient_id")
  # patient_id stands in each of the seven tables of the schema, and once in REDCap, where
  # there are dates only
  dated <- !study_schema()$type %in% c("time", "status")
  expect_identical(nrow(x), sum(dated) - 6L)
  expect_setequal(x[[2]], unique(study_schema()$table))
  choice <- x[x[[1]] == "visit_status", ]
  expect_identical(choice[[4]], "radio")
  expect_identical(choice[[6]],
    "CR, CR | non_CR_non_PD, non-CR/non-PD | PD, PD | NE, NE"
  )
  day <- x[x[[1]] == "sbrt_start", ]
  expect_identical(day[[8]], "date_ymd")
  expect_identical(day[[13]], "y")
})

test_that("a study comes back from its own REDCap export, coded and labelled", {
  for (raw in c(TRUE, FALSE)) {
    export <- redcap_export(hcc_sbrt, raw)
    file <- withr::local_tempfile(fileext = ".csv")
    write.csv(export, file, row.names = FALSE)
    for (x in list(export, file)) {
      study <- suppressWarnings(do.call(sbrt_study, redcap_tables(x)))
      for (name in redcap_names) {
        want <- known_columns(hcc_sbrt)[[name]]
        got <- as.data.frame(study[[name]])[names(want)]
        expect_equal(got, want, ignore_attr = TRUE, info = name)
      }
    }
  }
})

export_of <- function(...) {
  rows <- data.frame(
    record_id = c("1", "1", "1", "2"),
    redcap_repeat_instrument = c("", "lesions", "lesions", ""),
    redcap_repeat_instance = c("", "1", "2", ""),
    redcap_data_access_group = "north",
    sbrt_start = c("2021-01-01", "", "", "2021-02-01"),
    own = c("F", "", "", "001"), lesion_dose_gy = c("", "50", "48", ""),
    patients_complete = c("2", "", "", "2")
  )
  extra <- list(...)
  for (name in names(extra)) rows[[name]] <- extra[[name]]
  rows
}

test_that("instances number lesions; fields of another form and REDCap's columns go", {
  got <- redcap_tables(export_of())
  expect_named(got, c("patients", "lesions"))
  expect_identical(got$patients$patient_id, c("1", "2"))
  expect_identical(got$patients$own, c("F", "001"))
  expect_identical(got$patients$redcap_data_access_group, c("north", "north"))
  expect_false(any(c("patients_complete", "dose_gy", "lesion_dose_gy",
    "redcap_repeat_instance") %in% names(got$patients)))
  expect_identical(got$lesions$lesion_id, c("1", "2"))
  expect_identical(got$lesions$dose_gy, c("50", "48"))
  expect_null(got$lesions$sbrt_start)
})

test_that("instruments are named by the user, left out by NA, or an error says how", {
  x <- export_of(redcap_repeat_instrument = c("", "targets", "targets", ""))
  expect_error(redcap_tables(x), "instruments = c\\(assessments = \"targets\"\\)",
    class = "oligosurv_error_input"
  )
  expect_identical(nrow(redcap_tables(x, c(lesions = "targets"))$lesions), 2L)
  expect_named(redcap_tables(x, c(targets = NA)), "patients")
  expect_error(redcap_tables(x, "a"), "`instruments` must name",
    class = "oligosurv_error_input"
  )
  expect_error(redcap_tables(x, id = "pid"), "`id`", class = "oligosurv_error_input")
  expect_error(redcap_tables(hcc_sbrt$patients), "not a REDCap export",
    class = "oligosurv_error_input"
  )
  expect_error(redcap_tables("none.csv"), "does not exist",
    class = "oligosurv_error_input"
  )
  expect_error(redcap_tables(3), "`x` must be", class = "oligosurv_error_input")
})

test_that("events of one record are one patient; a contradiction is an error", {
  x <- data.frame(
    record_id = c("1", "1", "2"), redcap_event_name = c("base", "end", "base"),
    sbrt_start = c("2021-01-01", "", "2021-02-01"), last_contact = c("", "2022-01-01", "")
  )
  got <- redcap_tables(x)$patients
  expect_identical(got$sbrt_start, c("2021-01-01", "2021-02-01"))
  expect_identical(got$last_contact, c("2022-01-01", ""))
  x$sbrt_start[2] <- "2021-01-02"
  expect_error(redcap_tables(x), "`sbrt_start` has several values",
    class = "oligosurv_error_data"
  )
})

test_that("a repeating event is a repeating form; labelled headers are known", {
  x <- data.frame(
    "Record ID" = c("1", "1", "1"), "Event Name" = c("Base", "Therapies", "Therapies"),
    "Repeat Instance" = c("", "1", "2"), therapy_line = c("", "1", "2"),
    check.names = FALSE
  )
  expect_identical(redcap_tables(x)$therapies$line, c("1", "2"))
})

test_that("a file that cannot be read is an error that names the file", {
  file <- withr::local_tempfile(fileext = ".csv")
  file.create(file)
  expect_error(redcap_tables(file), "is empty", class = "oligosurv_error_input")
})
