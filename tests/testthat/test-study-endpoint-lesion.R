# endpoint() by lesion: each lesion has its own first and last day of SBRT.

# Lesion 1 irradiated on day 0, lesion 2 on day 200; lesion 2 fails on day 290
two_lesions <- function(...) {
  lesions <- lone_lesions(2, ...)
  lesions$local_failure_date[2] <- lone_day(290)
  lesions
}

failed <- list(progression_date = lone_day(290))

test_that("the clock of a lesion starts at its own SBRT, that of the patient does not", {
  study <- lone_study(failed, two_lesions(sbrt_start = lone_day(c(0, 200))))
  x <- endpoint(study, "local_failure", "lesion", unit = "days")
  expect_identical(x$time, c(900, 90))
  expect_identical(as.character(x$status), c("censored", "local failure"))
  expect_identical(x$audit, c(
    "sbrt_start 2021-01-01 to last_contact 2023-06-20",
    "sbrt_start of the lesion 2021-07-20 to local_failure_date 2021-10-18"
  ))
  expect_match(attr(x, "rule"), "^from the first day of SBRT of the lesion to")
  expect_identical(x$sbrt_start, lone_day(c(0, 200)))
  expect_identical(lone_times(study, "local_failure"), "290 local failure")
  # an empty cell is the day of the patient
  study <- lone_study(failed, two_lesions(sbrt_start = lone_day(c(NA, 200))))
  expect_identical(lone_times(study, "local_failure", level = "lesion"), c(
    "900 censored", "90 local failure"
  ))
})

test_that("without own dates the first course of the lesion starts its clock", {
  courses <- data.frame(
    patient_id = "A", course = 1:2, start_date = lone_day(c(0, 200)),
    end_date = lone_day(c(10, 205)), lesion_id = c("1", "2"), dose_gy = 50, fractions = 5
  )
  lesions <- two_lesions(dose_gy = 50, fractions = 5)
  study <- lone_study(failed, lesions, courses = courses)
  x <- endpoint(study, "local_failure", "lesion", unit = "days")
  expect_identical(x$time, c(900, 90))
  expect_match(x$audit[2], "start_date of course 2 2021-07-20")
  expect_identical(
    lone_times(study, "local_failure", level = "lesion", origin = "sbrt_end"),
    c("890 censored", "85 local failure")
  )
  # lesion 1 treated again: its clock goes on
  courses$lesion_id <- "1"
  study <- lone_study(failed, lesions, courses = courses)
  expect_identical(
    endpoint(study, "local_failure", "lesion", unit = "days")$time, c(900, 290)
  )
})

test_that("what came before the SBRT of a lesion does not compete with its failure", {
  start <- lone_day(c(0, 200))
  study <- lone_study(
    list(progression_date = lone_day(100), next_sbrt_date = lone_day(200)),
    two_lesions(sbrt_start = start)
  )
  x <- function(...) lone_times(study, "local_failure", level = "lesion", ...)
  expect_identical(x(competing = c("death", "progression")), c(
    "100 progression", "90 local failure"
  ))
  expect_identical(x(censor_at = "next_sbrt"), c("200 censored", "90 local failure"))
  died <- lone_study(
    list(death_date = lone_day(250), last_contact = lone_day(250)),
    lone_lesions(2, sbrt_start = start)
  )
  expect_identical(lone_times(died, "local_failure", level = "lesion"), c(
    "250 death", "50 death"
  ))
})

test_that("the end of SBRT of a lesion that was irradiated later must be known", {
  lesions <- two_lesions(sbrt_start = lone_day(c(0, 200)))
  study <- lone_study(c(failed, list(sbrt_end = lone_day(10))), lesions)
  expect_message(
    x <- endpoint(study, "local_failure", "lesion", unit = "days", origin = "sbrt_end"),
    "1 row without a date of origin"
  )
  expect_identical(x$lesion_id, "1")
  lesions$sbrt_end <- lone_day(c(NA, 210))
  study <- lone_study(c(failed, list(sbrt_end = lone_day(10))), lesions)
  expect_identical(
    lone_times(study, "local_failure", level = "lesion", origin = "sbrt_end"),
    c("890 censored", "80 local failure")
  )
})

test_that("the dose of a lesion keeps its row when another row cannot be counted", {
  # lesion 1 failed before its own SBRT, which is a warning
  lesions <- lone_lesions(3, dose_gy = c(50, 30, 40), fractions = 5)
  lesions$local_failure_date[1] <- lone_day(100)
  courses <- data.frame(
    patient_id = "A", course = c(2, 1, 1), start_date = lone_day(c(200, 0, 0)),
    lesion_id = c("1", "2", "3"), dose_gy = c(50, 30, 40), fractions = 5
  )
  study <- lone_study(list(progression_date = lone_day(100)), lesions, courses = courses)
  expect_match(study_problems(study)$rule, "before the first course", all = FALSE)
  x <- suppressMessages(suppressWarnings(dose_response(study, breaks = 70, times = 12)))
  # 30 Gy are 48 Gy10 and 40 Gy are 72; the 100 Gy10 of lesion 1 are left out
  expect_identical(as.double(x$median_bed), c(48, 72))
})

test_that("dates that contradict one another are found", {
  early <- lone_lesions(1, sbrt_start = lone_day(-1))
  expect_error(lone_study(list(), early), "before `sbrt_start` of the patient",
    class = "oligosurv_error_domain"
  )
  lesions <- lone_lesions(1, sbrt_start = lone_day(200))
  lesions$local_failure_date <- lone_day(100)
  expect_error(lone_study(list(progression_date = lone_day(100)), lesions),
    "before `sbrt_start`", class = "oligosurv_error_domain"
  )
  # where the cell is empty, the day of the patient is compared
  lesions$sbrt_start <- no_day
  lesions$local_failure_date <- lone_day(-5)
  expect_error(lone_study(list(), lesions), "before `sbrt_start`",
    class = "oligosurv_error_domain"
  )
  courses <- data.frame(
    patient_id = "A", course = 1, start_date = lone_day(0), lesion_id = "1"
  )
  study <- lone_study(list(), lone_lesions(1, sbrt_start = lone_day(7)),
    courses = courses
  )
  expect_match(study_problems(study)$rule, "not the first day of any course")
})
