# Studies in Excel workbooks.

workbook <- function() test_path("excel", "small-study.xlsx")

test_that("a workbook gives the study that the data frames give, dates as dates", {
  skip_if_not_installed("readxl")
  expect_identical(read_study(workbook()), small_study())
  expect_identical(nrow(study_problems(workbook())), 0L)
})

test_that("a workbook sheet can replace a CSV file, but not accompany it", {
  skip_if_not_installed("readxl")
  dir <- write_tables(small_tables()[c("lesions", "adverse_events")])
  file.copy(workbook(), file.path(dir, "patients.xlsx"))
  expect_identical(read_study(dir), small_study())
  file.copy(workbook(), file.path(dir, "lesions.xlsx"))
  problems <- study_problems(dir)
  expect_identical(problems$rule, paste(
    "must be one file; remove all but one of", "lesions.csv and lesions.xlsx"
  ))
})

test_that("a file that is not a workbook and a missing sheet are findings", {
  skip_if_not_installed("readxl")
  file <- withr::local_tempfile(fileext = ".xlsx", lines = "patient_id")
  problems <- study_problems(file)
  expect_match(problems$rule, "cannot be read as an Excel workbook")
  problems <- read_sheet(workbook(), "therapies")
  expect_null(problems)
  expect_match(read_sheet(workbook(), "lesions", 9L)$problems$rule, "cannot be read")
})

test_that("without a package the error names the line that installs it", {
  expect_error(need_package("no.such.reader", "reading study.xlsx"),
    "reading study.xlsx needs .* install.packages\\(\"no.such.reader\"\\)",
    class = "oligosurv_error_dependency"
  )
})

test_that("broken cells of a workbook are found by table, row and column", {
  skip_if_not_installed("readxl")
  problems <- study_problems(test_path("excel", "broken-study.xlsx"))
  expect_identical(
    paste(problems$table, problems$column, problems$row, problems$value),
    c(
      "patients cohort 4 om", "patients sbrt_start 1 44197",
      "patients sbrt_start 3 #N/A",
      "patients death_date 4 2021-02-31", "patients best_change_pct 1 -40,5",
      "patients best_change_pct 2 #DIV/0!", "patients patient_id 2 002",
      "lesions NA 4 why", "lesions site 3 #REF!",
      "lesions fractions 4 2.5", "lesions patient_id 3 2",
      "adverse_events grade 2 7", "adverse_events onset_date 3 NA"
    )
  )
  expect_identical(problems$severity[c(1, 2, 7)], c("note", "note", "warning"))
})

test_that("a title, merged cells and a sheet with its names alone are read, with notes", {
  skip_if_not_installed("readxl")
  expect_message(study <- read_study(test_path("excel", "untidy-study.xlsx")),
    "above the column names.*merged over several rows"
  )
  expect_identical(study$patients, small_study()$patients)
  expect_identical(study$lesions, small_study()$lesions)
  expect_identical(nrow(study$adverse_events), 0L)
  expect_identical(names(study$adverse_events), names(small_tables()$adverse_events))
})

test_that("the only sheet of a workbook is the table of patients", {
  skip_if_not_installed("readxl")
  read <- read_tables(test_path("excel", "one-sheet.xlsx"))
  expect_identical(read$patients$value$patient_id, c("A", "B", "C", "D"))
  problems <- study_problems(test_path("excel", "one-sheet.xlsx"))
  expect_false(any(problems$table == "patients"))
})
