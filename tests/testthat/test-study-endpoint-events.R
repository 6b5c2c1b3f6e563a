# Dates of the events of endpoint(): columns before tables, new lesions, causes of death.

test_that("a column without any date does not hide the table, as in study_template()", {
  new <- lone_study(list(progression_date = lone_day(60), distant_failure_date = no_day,
    intrahepatic_failure_date = no_day, widespread_failure_date = no_day
  ), assessments = lone_new(60, "X", 7, "liver"))
  expect_identical(lone_times(new, "distant_failure"), "60 distant failure")
  expect_identical(lone_times(new, "intrahepatic_failure"), "60 intrahepatic failure")
  expect_identical(lone_times(new, "widespread_failure"), "60 widespread failure")
  drug <- lone_study(list(next_therapy_date = no_day, systemic_start = no_day),
    therapies = data.frame(
      patient_id = "A", line = 1:2, start_date = lone_day(c(-100, 50))
    )
  )
  expect_identical(lone_times(drug, "next_therapy"), "50 next therapy")
  expect_identical(lone_times(drug, "os", origin = "systemic_start"), "1000 0")
  again <- lone_study(list(next_sbrt_date = no_day, sbrt_end = no_day),
    courses = data.frame(
      patient_id = "A", course = 1:2, start_date = lone_day(c(0, 200)),
      end_date = lone_day(c(10, 210))
    )
  )
  expect_identical(lone_times(again, "next_sbrt"), "200 next SBRT")
  expect_identical(lone_times(again, "os", origin = "sbrt_end"), "890 0")
})

test_that("the whole template, filled in part, gives the events of its tables", {
  dir <- withr::local_tempdir()
  study_template(dir)
  put <- function(file, ...) {
    file <- file.path(dir, file)
    header <- strsplit(readLines(file), ",", fixed = TRUE)[[1L]]
    header <- gsub("\"", "", header)
    cells <- stats::setNames(rep("", length(header)), header)
    cells[names(c(...))] <- c(...)
    cat(paste(cells, collapse = ","), "\n", sep = "", file = file, append = TRUE)
  }
  put("patients.csv",
    patient_id = "A", cohort = "OP", sbrt_start = "2021-01-01",
    last_contact = "2022-01-01"
  )
  put("lesions.csv", patient_id = "A", lesion_id = "1")
  put("therapies.csv", patient_id = "A", line = "1", start_date = "2020-06-01")
  put("therapies.csv", patient_id = "A", line = "2", start_date = "2021-02-10")
  study <- suppressWarnings(read_study(dir))
  expect_identical(lone_times(study, "next_therapy"), "40 next therapy")
})

test_that("an empty column without another source says that nobody had the event", {
  study <- lone_study(list(distant_failure_date = no_day, next_sbrt_date = no_day))
  expect_identical(lone_times(study, "distant_failure"), "900 censored")
  expect_identical(lone_times(study, "next_sbrt"), "900 censored")
  # assessments without any role cannot show new lesions
  sizes <- lone_targets(c(-10, 60), c(50, 40))
  sizes$role <- NA
  study <- lone_study(list(distant_failure_date = no_day), assessments = sizes)
  expect_identical(lone_times(study, "distant_failure"), "900 censored")
})

test_that("a new lesion counts at its first visit only", {
  names <- c("X1", "X2", "X3")
  twice <- rbind(lone_new(60, names), lone_new(120, names))
  progressed <- list(progression_date = lone_day(60))
  study <- lone_study(progressed, assessments = twice)
  expect_identical(lone_times(study, "widespread_failure"), "900 censored")
  expect_identical(
    lone_times(study, "widespread_failure", threshold = 2), "60 widespread failure"
  )
  expect_identical(
    lone_times(study, "widespread_failure", threshold = 3), "900 censored"
  )
  # rows without a name count each; a named group adds what its number has grown by
  study <- lone_study(progressed, assessments = rbind(
    lone_new(60, rep(NA, 3)), lone_new(120, rep(NA, 3))
  ))
  expect_identical(lone_times(study, "widespread_failure"), "120 widespread failure")
  study <- lone_study(progressed,
    assessments = lone_new(c(60, 120, 180), "lung", c(2, 2, 6))
  )
  expect_identical(lone_times(study, "widespread_failure"), "180 widespread failure")
  expect_match(endpoint(study, "widespread_failure")$audit, "6 new lesions in all")
})

test_that("deaths from a cause, all others competing", {
  patients <- data.frame(
    patient_id = c("A", "B", "C", "D"), cohort = "OP", sbrt_start = "2021-01-01",
    progression_date = NA, last_contact = lone_day(c(100, 200, 300, 360)),
    death_date = lone_day(c(100, 200, 300, NA)),
    death_cause = c("HCC", "liver failure", NA, NA)
  )
  lesions <- data.frame(
    patient_id = patients$patient_id, lesion_id = 1, local_failure_date = NA
  )
  study <- sbrt_study(patients, lesions, small_tables()$adverse_events[0, ])
  expect_identical(lone_times(study, "cause_specific_death", cause = "hcc"), c(
    "100 death from hcc", "200 other death", "300 other death", "360 censored"
  ))
  both <- endpoint(study, "cause_specific_death", cause = c("HCC", "liver failure"),
    competing = "none"
  )
  expect_identical(both$status, c(1L, 1L, 0L, 0L))
  expect_match(attr(both, "rule"), "to death from HCC or liver failure")
  expect_match(both$audit[1], "death_date (HCC) 2021-04-11", fixed = TRUE)
  input <- "oligosurv_error_input"
  expect_error(endpoint(study, "cause_specific_death", cause = "RILD"), "\"HCC\"",
    class = input
  )
  expect_error(endpoint(study, "cause_specific_death"), "`cause`", class = input)
  expect_error(endpoint(study, "os", cause = "HCC"), "cause_specific_death",
    class = input
  )
  expect_error(endpoint(small_study(), "cause_specific_death", cause = "HCC"),
    "`death_cause`", class = input
  )
  alive <- transform(patients, death_cause = "HCC")
  expect_warning(sbrt_study(alive, lesions, small_tables()$adverse_events[0, ]),
    "no `death_date`"
  )
})

test_that("without roles of lesions no assessment is a new lesion", {
  tables <- small_tables()
  tables$assessments <- data.frame(
    patient_id = "A", lesion_id = "1", diameter_mm = c(30, 20),
    assessment_date = c("2020-12-20", "2021-03-01")
  )
  study <- do.call(sbrt_study, tables)
  for (what in c("distant_failure", "widespread_failure", "intrahepatic_failure")) {
    error <- expect_error(endpoint(study, what),
      sprintf("needs the column `role` .* or the column `%s_date`", what),
      class = "oligosurv_error_input"
    )
    expect_identical(c(error$table, error$column), c("assessments", "role"))
  }
})
