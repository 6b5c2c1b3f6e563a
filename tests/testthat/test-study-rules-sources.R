# Two tables, or two rows, that contradict each other: warnings.

warned <- function(study, column) {
  found <- study_problems(study)
  found <- found[found$column %in% column, ]
  expect_identical(unique(found$severity), if (nrow(found)) "warning" else character())
  paste(found$table, found$row, found$rule)
}

# Patient B, whose events are in tables, beside A, whose events are in columns
two_patients <- function(patient, ...) {
  rows <- data.frame(
    patient_id = c("A", "B"), sbrt_start = lone_day(0), progression_date = lone_day(30),
    death_date = no_day, last_contact = lone_day(900)
  )
  for (name in names(patient)) rows[[name]] <- patient[[name]]
  suppressWarnings(sbrt_study(rows, ...))
}

test_that("an event in a table that the column of patients does not have is found", {
  of_b <- function(x) transform(x, patient_id = "B")
  lines <- data.frame(
    patient_id = "B", line = 1:3, start_date = lone_day(c(-100, 50, 90))
  )
  courses <- data.frame(patient_id = "B", course = 1:2, start_date = lone_day(c(0, 200)))
  new <- of_b(rbind(lone_new(60, "X"), lone_new(90, "Y")))
  cases <- list(
    list("distant_failure_date", 60, list(assessments = new)),
    list("next_therapy_date", 50, list(therapies = lines)),
    list("next_sbrt_date", 200, list(courses = courses))
  )
  for (case in cases) {
    what <- case[[1]]
    event <- sub("_date$", "", what)
    study <- function(of_a, of_b = NA) {
      dates <- stats::setNames(list(lone_day(c(of_a, of_b))), what)
      do.call(two_patients, c(list(dates), case[[3]]))
    }
    # the column decides for all patients: the event of B is lost
    lost <- study(30)
    expect_identical(lone_times(lost, event)[2], "900 censored")
    expect_match(warned(lost, what), "^patients 2 is empty or later than the")
    late <- study(30, case[[2]] + 1)
    expect_match(warned(late, what), "^patients 2 is empty or later than the")
    # the same day, or a column without any date: nothing is lost
    expect_length(warned(study(30, case[[2]]), what), 0L)
    empty <- study(NA)
    expect_length(warned(empty, what), 0L)
    expect_match(lone_times(empty, event)[2], paste0("^", case[[2]], " "))
  }
  # a therapy of the line given at SBRT is no event
  lines$line <- 1L
  study <- two_patients(list(next_therapy_date = lone_day(c(30, NA))), therapies = lines)
  expect_length(warned(study, "next_therapy_date"), 0L)
})

test_that("a dose of lesions that differs from that of its first course is found", {
  with_course <- function(dose, fractions, course = 1L) {
    lone_study(lesions = lone_lesions(1, dose_gy = 50, fractions = 5),
      courses = data.frame(
        patient_id = "A", course = course, start_date = lone_day(200 * (course - 1)),
        lesion_id = "1", dose_gy = dose, fractions = fractions
      )
    )
  }
  other <- with_course(30, 3)
  expect_match(warned(other, "dose_gy"), "^lesions 1 differs from course 1")
  expect_equal(lesion_dose(other)$bed, 30 * (1 + 10 / 10)) # that of the course
  expect_match(warned(with_course(50, 10), "dose_gy"), "^lesions 1 differs")
  expect_length(warned(with_course(50, 5), "dose_gy"), 0L)
  expect_length(warned(with_course(NA, NA), "dose_gy"), 0L)
  # two parts of course 1, and a further course
  expect_length(warned(with_course(c(30, 20), c(3, 2)), "dose_gy"), 0L)
  expect_length(warned(with_course(c(50, 40), 5, 1:2), "dose_gy"), 0L)
})

test_that("names of lesions that differ only in capitals are found", {
  study <- lone_study(assessments = rbind(
    lone_new(60, "X1"), lone_new(120, "x1"), lone_new(120, "X2"), lone_new(180, "X1")
  ), patient = list(progression_date = lone_day(60)))
  expect_identical(lone_times(study, "widespread_failure", threshold = 2),
    "120 widespread failure"
  ) # although there are only two lesions
  expect_match(warned(study, "other_lesion"),
    "^assessments [124] differs from another lesion of the patient only in capital"
  )
  two <- rbind(lone_lesions(1), lone_lesions(1), lone_lesions(1))
  two$lesion_id <- c("a", "A", "b")
  expect_match(warned(lone_study(lesions = two), "lesion_id"), "^lesions [12] differs")
})
