# lesion_dose(): BED and EQD2 of lesions over several courses.

courses_study <- function() {
  study <- small_study()
  study$courses <- data.frame(
    patient_id = c("A", "A", "A", "B", "C", "A"),
    lesion_id = c("1", "2", "2", "1", "1", NA), course = c(2L, 1L, 1L, 2L, 1L, 3L),
    dose_gy = c(30, 50, 16, NA, NA, 20), fractions = c(3L, 25L, 2L, 5L, NA, 2L),
    start_date = as.Date("2021-01-05")
  )
  study
}

test_that("BED and EQD2 of lesions, and the dose behind the isodose", {
  tables <- small_tables()
  tables$lesions$prescription_isodose_pct <- c("80", "65", "", "100", "50")
  tables$lesions$dose_gy <- c("50", "39", "50", "", "20")
  tables$lesions$fractions <- c("5", "3", "5", "5", "1")
  x <- lesion_dose(do.call(sbrt_study, tables))
  expect_equal(x$bed, c(100, 39 * 2.3, 100, NA, 60), tolerance = 1e-12)
  expect_equal(x$eqd2, x$bed / 1.2, tolerance = 1e-12)
  expect_equal(x$max_dose, c(62.5, 60, NA, NA, 40), tolerance = 1e-12)
  # 62.5 Gy in 5 fractions of 12.5 Gy, 60 Gy in 3 of 20 Gy, 40 Gy in one
  expect_equal(x$max_bed, c(62.5 * 2.25, 180, NA, NA, 200), tolerance = 1e-12)
  expect_identical(x$courses, rep(1L, 5))
  expect_identical(x$total_bed, x$bed)
  expect_identical(x$cohort[4], factor("OM", c("OP", "OM")))
  late <- lesion_dose(do.call(sbrt_study, tables), alpha_beta = 3)
  expect_equal(late$bed[1], 50 * (1 + 10 / 3), tolerance = 1e-12)
})

test_that("courses add up, and the first is unchanged", {
  x <- lesion_dose(courses_study())
  # A-1: 5 x 10 Gy, then 3 x 10 Gy; A-2: course 1 has two parts, 25 x 2 and 2 x 8 Gy; B: a
  # second course without dose; C: course 1 is empty: table lesions applies; D: no course
  expect_identical(x$courses, c(2L, 1L, 2L, 1L, 1L))
  expect_equal(x$bed, c(100, 88.8, 100, 100, 100), tolerance = 1e-12)
  expect_equal(x$total_bed, c(160, 88.8, NA, 100, 100), tolerance = 1e-12)
  expect_equal(x$total_dose, c(80, 66, NA, 50, 50))
  expect_equal(x$dose_per_fraction, c(10, 2, 10, 10, 10))
  shuffled <- courses_study()
  shuffled$courses <- shuffled$courses[c(6, 3, 1, 5, 2, 4), ]
  expect_equal(lesion_dose(shuffled)$total_bed, x$total_bed, tolerance = 1e-12)
})

test_that("a lesion first irradiated in course 2 has one course and one dose", {
  lesions <- lone_lesions(2, dose_gy = 50, fractions = 5)
  courses <- data.frame(
    patient_id = "A", course = 1:2, start_date = lone_day(c(0, 200)),
    lesion_id = c("1", "2"), dose_gy = 50, fractions = 5
  )
  dose <- function() {
    x <- lesion_dose(lone_study(list(), lesions, courses = courses))
    c(x$courses, x$total_bed)
  }
  expect_identical(dose(), c(1, 1, 100, 100))
  # another dose in lesions is that of course 1, and the row is doubtful
  courses$dose_gy[2] <- 30
  expect_identical(dose(), c(1, 2, 100, 148))
  study <- lone_study(list(), lesions, courses = courses)
  expect_match(study_problems(study)$rule, "has no row of course 1")
  # unless the lesion has its own date, or no dose in lesions
  lesions$sbrt_start <- lone_day(c(NA, 200))
  expect_identical(dose(), c(1, 1, 100, 48))
  study <- lone_study(list(), lesions, courses = courses)
  expect_identical(nrow(study_problems(study)), 0L)
  lesions$sbrt_start <- NULL
  lesions$dose_gy[2] <- lesions$fractions[2] <- NA
  expect_identical(dose(), c(1, 1, 100, 48))
  # course 1 about all lesions: course 2 is a second one
  lesions$dose_gy <- 50
  lesions$fractions <- 5
  courses$dose_gy <- 50
  courses$lesion_id[1] <- NA
  expect_identical(dose(), c(1, 2, 100, 200))
  # treated again on a later day than its own date
  lesions$sbrt_start <- lone_day(c(NA, 100))
  expect_identical(dose(), c(1, 2, 100, 200))
  # doses of courses that are all empty, as in a template, are not known to be zero
  courses$dose_gy <- courses$fractions <- NA
  expect_identical(dose(), c(1, 1, 100, 100))
})

test_that("alpha/beta by lesion, as numbers or as a column", {
  lesions <- lone_lesions(2, dose_gy = 50, fractions = 5, ratio = c("1.5", "10"))
  study <- lone_study(list(), lesions)
  want <- c(50 * (1 + 10 / 1.5), 100)
  by_row <- lesion_dose(study, c(1.5, 10))
  expect_equal(by_row$bed, want, tolerance = 1e-12)
  expect_equal(by_row$eqd2, want / c(1 + 2 / 1.5, 1.2), tolerance = 1e-12)
  expect_identical(lesion_dose(study, "ratio")$bed, by_row$bed)
  study$lesions$ratio[2] <- NA
  expect_identical(is.na(lesion_dose(study, "ratio")$bed), c(FALSE, TRUE))
  items <- function(...) as.character(dose_table(study, ...)$item)
  expect_match(items(alpha_beta = c(1.5, 10)), "alpha/beta by lesion", all = FALSE)
  expect_identical(items(alpha_beta = c(10, 10)), items())
  expect_error(lesion_dose(study, "alpha"), "not a column",
    class = "oligosurv_error_input"
  )
  expect_error(lesion_dose(study, c(10, -1)), class = "oligosurv_error_domain")
  study$lesions$ratio[2] <- "ten"
  expect_error(lesion_dose(study, "ratio"), "row 2", class = "oligosurv_error_domain")
})

test_that("requests that cannot be met are input errors", {
  tables <- small_tables()
  tables$lesions$fractions <- NULL
  expect_error(lesion_dose(do.call(sbrt_study, tables)), "`fractions`",
    class = "oligosurv_error_input"
  )
  expect_error(lesion_dose(small_study(), 0), "`alpha_beta`",
    class = "oligosurv_error_input"
  )
  expect_error(lesion_dose(small_study(), c(3, 10)), class = "oligosurv_error_input")
  expect_error(lesion_dose(1), class = "oligosurv_error_input")
})
