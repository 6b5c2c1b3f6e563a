workbook <- function() test_path("excel", "small-study.xlsx")

test_that("a workbook gives the study that the data frames give, dates as dates", {
  skip_if_not_installed("readxl")
  expect_identical(read_study(workbook()), small_study())
  expect_identical(nrow(study_problems(workbook())), 0L)
})

test_that("a sheet of a folder stands in for a CSV file, but not beside it", {
  skip_if_not_installed("readxl")
  dir <- write_tables(small_tables()[c("lesions", "adverse_events")])
  file.copy(workbook(), file.path(dir, "patients.xlsx"))
  expect_identical(read_study(dir), small_study())
  file.copy(workbook(), file.path(dir, "lesions.xlsx"))
  problems <- study_problems(dir)
  expect_identical(problems$rule, paste(
    "must be one file; there are", "lesions.csv and lesions.xlsx"
  ))
})

test_that("a file that is no workbook and a missing sheet are findings", {
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
