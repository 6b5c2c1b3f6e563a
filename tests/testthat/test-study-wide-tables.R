# Tables inside another one: patterns in `columns`, REDCap files, and files with names of
# their own.

clinic_columns <- list(
  patients = c(
    patient_id = "Hosp. no.", cohort = "Group", strategy = "Systemic plan",
    sbrt_start = "RT start", progression_date = "Progression",
    death_date = "Date of death", last_contact = "Last FU", best_response = "Response",
    best_change_pct = "Best change"
  ),
  lesions = c(
    site = "L# site", dose_gy = "L# dose", fractions = "L# fx", diameter_mm = "L# size",
    best_response = "L# response", best_change_pct = "L# change",
    local_failure_date = "L# failure"
  ),
  adverse_events = c(
    patient_id = "Hosp. no.", term = "Toxicity", grade = "CTCAE", onset_date = "Onset"
  )
)

clinic_levels <- list(
  cohort = c("1" = "OP", "2" = "OM"), strategy = c(switched = "OP-N", continued = "OP-C")
)

clinic_study <- function(...) {
  suppressMessages(read_study(system.file("extdata/clinic_export", package = "oligosurv"),
    tables = c(patients = "cohort.csv", adverse_events = "toxicity.csv"),
    columns = clinic_columns, levels = clinic_levels, missing = "-", ...
  ))
}

test_that("a clinic's spreadsheet with lesions side by side is the published study", {
  study <- clinic_study()
  for (name in c("patients", "lesions", "adverse_events")) {
    got <- as.data.frame(study[[name]])
    want <- as.data.frame(hcc_sbrt[[name]])
    expect_identical(names(got), names(want)[match(names(got), names(want))])
    expect_setequal(names(got), names(want))
    for (column in setdiff(names(want), c("lesion_id", "term"))) {
      expect_equal(got[[column]], want[[column]], ignore_attr = TRUE)
    }
  }
  expect_identical(study$lesions$lesion_id[1:5], c("1", "1", "2", "3", "4"))
  expect_equal(tolower(study$adverse_events$term), tolower(hcc_sbrt$adverse_events$term),
    ignore_attr = TRUE
  )
  for (what in c("os", "pfs", "local_failure")) {
    expect_identical(
      as.data.frame(endpoint(study, what))[c("time", "status")],
      as.data.frame(endpoint(hcc_sbrt, what))[c("time", "status")]
    )
  }
})

test_that("the study of a clinic is one after an edit, and its notes are listed", {
  study <- clinic_study()
  expect_identical(unique(study_problems(study)$severity), "note")
  expect_output(print(study), "notes on how the tables were read: see study_problems")
  study$patients$last_contact[1] <- study$patients$last_contact[1] + 1
  study$patients$death_date[1] <- study$patients$last_contact[1]
  expect_identical(nrow(endpoint(study, "os")), 37L)
})

test_that("patterns make adverse events, too", {
  wide <- data.frame(
    ID = c("A", "B"), sbrt_start = "2021-01-01", progression_date = NA, death_date = NA,
    last_contact = "2022-01-01", "Fatigue grade" = c("2", ""), "Pain grade" = c("1", "3"),
    "Fatigue date" = c("2021-02-01", ""), "Pain date" = "2021-03-01", check.names = FALSE
  )
  columns <- list(
    patients = c(patient_id = "ID"),
    adverse_events = c(grade = "# grade", onset_date = "# date")
  )
  study <- sbrt_study(wide, columns = columns)
  expect_identical(paste(study$adverse_events$patient_id, study$adverse_events$term,
    study$adverse_events$grade), c("A Fatigue 2", "A Pain 1", "B Pain 3"))
  expect_false(any(grepl("grade|date$", setdiff(names(study$patients),
    c("progression_date", "death_date")))))
  checked <- list(patients = c(patient_id = "ID"), adverse_events = c(
    checked = "# grade", onset_date = "# date"
  ))
  expect_error(sbrt_study(wide, columns = checked), class = "oligosurv_error_domain")
})

test_that("`tables` names files and sheets; a name that is not there is an error", {
  dir <- withr::local_tempdir()
  tables <- small_tables()
  write.csv(tables$patients, file.path(dir, "Cohort 2021.csv"), row.names = FALSE)
  write.csv(tables$lesions, file.path(dir, "targets.csv"), row.names = FALSE)
  study <- read_study(dir,
    tables = c(patients = "Cohort 2021.csv", lesions = "targets.csv")
  )
  expect_identical(study$lesions, small_study()$lesions)
  expect_error(read_study(dir, tables = c(patients = "cohort.csv")),
    "`tables` names \"cohort.csv\".*Cohort 2021.csv", class = "oligosurv_error_input"
  )
  expect_error(read_study(dir, tables = c(cohort = "a.csv")), "`tables` must name files",
    class = "oligosurv_error_input"
  )
  problems <- study_problems(dir, tables = c(patients = "Cohort 2021.csv"))
  expect_false(any(problems$severity == "error"))
  skip_if_not_installed("readxl")
  book <- test_path("excel", "one-sheet.xlsx")
  sheet <- readxl::excel_sheets(book)
  read <- read_tables(book, files = c(patients = sheet))
  expect_identical(read$patients$value$patient_id, c("A", "B", "C", "D"))
})

test_that("a REDCap export is read as one file", {
  file <- withr::local_tempfile(fileext = ".csv")
  write.csv(redcap_export(hcc_sbrt), file, row.names = FALSE, na = "")
  study <- read_study(file)
  expect_identical(nrow(study$lesions), 65L)
  expect_equal(as.data.frame(endpoint(study, "os"))[c("time", "status")],
    as.data.frame(endpoint(hcc_sbrt, "os"))[c("time", "status")]
  )
})
