# Doubtful values in the table assessments, and where the response by the assessments
# contradicts the given dates.

# Assessments of patient A, one lesion "1" unless another is given, and their findings
assessed_rows <- function(day, mm, lesion = "1", ...) {
  data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + day,
    lesion_id = ifelse(lesion == "1", "1", NA),
    other_lesion = ifelse(lesion == "1", NA, lesion), diameter_mm = mm, ...
  )
}

findings <- function(rows, ...) {
  x <- study_problems(plain_study("A", rows, ...))
  expect_true(all(x$severity == "warning"))
  x[c("table", "column", "row", "rule")]
}

expect_finding <- function(found, table, column, row, rule) {
  expect_identical(nrow(found), 1L)
  expect_identical(found$table, table)
  expect_identical(found$column, column)
  expect_identical(found$row, row)
  expect_match(found$rule, rule, fixed = TRUE)
}

test_that("a target that cannot be measured is found", {
  expect_finding(findings(assessed_rows(c(-10, 60), c(6, 10))), "assessments",
    "diameter_mm", 1L, "less than 10 mm is not a target"
  )
  expect_identical(nrow(findings(assessed_rows(c(-10, 60), c(10, 4)))), 0L)
  # the baseline counts, not an earlier measurement
  expect_identical(nrow(findings(assessed_rows(c(-20, -10, 60), c(6, 12, 10)))), 0L)
  node <- function(mm) findings(assessed_rows(c(-10, 60), c(mm, 11), node = "yes"))
  expect_finding(node(12), "assessments", "diameter_mm", 1L,
    "10 to < 15 mm is not a target"
  )
  expect_finding(node(8), "assessments", "diameter_mm", 1L, "normal size")
  expect_identical(nrow(node(15)), 0L)
  expect_finding(findings(assessed_rows(c(-10, 60), 50, viable_mm = c(0, 0))),
    "assessments", "viable_mm", 1L, "without enhancement"
  )
})

test_that("a baseline of more than 28 days before SBRT is found", {
  expect_identical(nrow(findings(assessed_rows(c(-28, 60), 50))), 0L)
  expect_finding(findings(assessed_rows(c(-29, 60), 50)), "assessments",
    "assessment_date", 1L, "more than 28 days"
  )
  expect_identical(nrow(findings(assessed_rows(c(-45, -20, 60), 50))), 0L)
})

test_that("a target that was not measured before SBRT is found once", {
  rows <- assessed_rows(c(-10, 60, 60, 120), c(50, 40, 30, 30),
    lesion = c("1", "1", "T2", "T2")
  )
  expect_finding(findings(rows), "assessments", "assessment_date", 3L,
    "was not measured before SBRT"
  )
  rows$role <- c("target", NA, "target", NA)
  expect_identical(findings(rows)$row, 3L)
  # a new lesion, or one that is no target, needs no baseline
  rows$role[3] <- "new"
  expect_identical(nrow(findings(rows, progression = 60)), 0L)
  # an explicit target without any diameter
  empty <- assessed_rows(c(-10, 60), NA_real_, role = "target")
  expect_identical(findings(empty)$row, 1L)
})

test_that("PD by size without a date of progression is found for patient and lesion", {
  grown <- assessed_rows(c(-10, 60, 120), c(50, 30, 50))
  found <- findings(grown)
  expect_identical(found$column, c("progression_date", "local_failure_date"))
  expect_identical(nrow(findings(grown, progression = 120, failure = 120)), 0L)
  late <- findings(grown, progression = 130, failure = 130)
  expect_identical(late$table, c("patients", "lesions"))
  expect_match(late$rule[1], "later than the first new lesion or PD")
  expect_match(late$rule[2], "later than the first PD of the lesion")
  # a day within the visit of several days is not later
  grown <- assessed_rows(c(-10, -10, 60, 62), c(50, 50, 50, 80),
    lesion = c("1", "T2", "1", "T2")
  )
  expect_identical(nrow(findings(grown, progression = 62)), 0L)
  expect_identical(findings(grown, progression = 63)$column, "progression_date")
  # another lesion that grows is no local failure
  other <- assessed_rows(c(-10, 60), c(20, 40), lesion = "T2")
  expect_identical(findings(other)$column, "progression_date")
})

test_that("recorded PD counts for whom it was recorded", {
  rows <- assessed_rows(60, NA_real_, response = "PD")
  expect_identical(findings(rows)$column, "local_failure_date")
  rows$lesion_id <- NA
  expect_identical(findings(rows)$column, "progression_date")
  rows$other_lesion <- "N"
  expect_finding(findings(rows), "assessments", "response", 1L,
    "does not count as the response of the patient"
  )
})

test_that("simulated studies do not contradict their own assessments", {
  for (seed in 1:5) {
    withr::local_seed(seed)
    expect_identical(nrow(study_problems(simulate_study(100))), 0L)
  }
})
