# The day of progression: its date, or that of a scan. SBRT is on day 0.

scan_day <- function(x) as.Date("2021-01-01") + x

# A: scans on days 60 and 200, progression on day 180. B: its first scan shows the
# progression. C: no scan. D: progression after the last scan. E: on the day of a scan.
scan_study <- function(assessments = TRUE) {
  ids <- c("A", "B", "C", "D", "E")
  sbrt_study(
    data.frame(
      patient_id = ids, sbrt_start = scan_day(0),
      progression_date = scan_day(c(180, 90, 70, 250, 200)), death_date = as.Date(NA),
      last_contact = scan_day(900)
    ),
    data.frame(patient_id = ids, lesion_id = "1", local_failure_date = as.Date(NA)),
    assessments = if (assessments) data.frame(
      patient_id = c("A", "A", "A", "B", "D", "E", "E"),
      assessment_date = scan_day(c(-10, 60, 200, 90, 100, 100, 200))
    )
  )
}

test_that("a progression counts on its date, on the next scan or on the one before", {
  days <- function(at) {
    endpoint(scan_study(), "pfs", unit = "days", progression_at = at)$time
  }
  expect_equal(days("date"), c(180, 90, 70, 250, 200))
  expect_equal(days("imaging"), c(200, 90, 70, 250, 200))
  expect_equal(days("imaging_before"), c(60, 0, 70, 100, 100))
})

test_that("rule and audit say so", {
  x <- endpoint(scan_study(), "progression", progression_at = "imaging_before")
  expect_match(attr(x, "rule"), "on the day of the imaging before its date")
  expect_match(x$audit[1],
    "to last imaging (progression_date 2021-06-30) on 2021-03-02", fixed = TRUE
  )
  expect_match(x$audit[2], "to sbrt_start (no imaging since) (progression_date",
    fixed = TRUE
  )
  expect_match(x$audit[3], "to progression_date 2021-03-12", fixed = TRUE)
  expect_no_match(attr(endpoint(scan_study(), "pfs"), "rule"), "counts on")
})

test_that("what cannot be done is an error", {
  input <- "oligosurv_error_input"
  expect_error(endpoint(scan_study(), "pfs", progression_at = "imaging", max_gap = 100),
    "cannot be combined", class = input
  )
  expect_error(endpoint(scan_study(FALSE), "pfs", progression_at = "imaging"),
    "`progression_at` needs the days of all imaging", class = input
  )
  expect_error(endpoint(scan_study(), "os", progression_at = "imaging"), "\"pfs\"",
    class = input
  )
})
