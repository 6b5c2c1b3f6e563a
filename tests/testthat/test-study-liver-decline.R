# The table liver_function and the endpoint liver_decline. SBRT is on 2021-01-01.

day_of <- function(day) format(as.Date("2021-01-01") + day)

# A study of tests with recorded Child-Pugh points or values, one row per test
liver_study <- function(id, day, ..., patients = unique(id), progression = NA,
                        death = NA, last = 365) {
  sbrt_study(
    data.frame(
      patient_id = patients, sbrt_start = day_of(0),
      progression_date = day_of(progression),
      death_date = day_of(death), last_contact = ifelse(is.na(death), day_of(last), "")
    ),
    liver_function = data.frame(patient_id = id, test_date = day_of(day), ...)
  )
}

decline_of <- function(study, ...) {
  x <- suppressMessages(endpoint(study, "liver_decline", unit = "days", ...))
  stats::setNames(sprintf("%g %s", x$time, x$status), x$patient_id)
}

test_that("the first rise by 2 points above the last value up to day 0 counts", {
  study <- liver_study(
    c("A", "A", "A", "A", "B", "B", "B", "C", "C", "D", "D"),
    c(-40, -12, 31, 100, -5, 0, 90, -1, 50, -1, 60),
    child_pugh = c(9, 5, 6, 7, 5, 6, 7, 6, 8, 5, 7)
  )
  # B: day 0 is the baseline, so 7 is a rise of 1
  expect_identical(decline_of(study), c(
    A = "100 liver decline", B = "365 censored", C = "50 liver decline",
    D = "60 liver decline"
  ))
  x <- endpoint(study, "liver_decline", unit = "days")
  expect_identical(x$audit[1],
    "sbrt_start 2021-01-01 to test_date (Child-Pugh 7, baseline 5) 2021-04-11"
  )
  expect_match(attr(x, "rule"), paste(
    "a Child-Pugh score of 2 points or more above baseline; progression or death before",
    "it compete; patients alive without it are censored at last contact; baseline is",
    "0 to 12 days before the first day of SBRT"
  ), fixed = TRUE)
})

test_that("progression and death compete, and on one day the decline comes first", {
  id <- rep(c("A", "B", "C"), each = 2)
  study <- function(...) {
    liver_study(id, rep(c(0, 100), 3), child_pugh = rep(c(5, 8), 3), ...)
  }
  expect_identical(decline_of(study(progression = c(50, 100, NA))), c(
    A = "50 progression", B = "100 liver decline", C = "100 liver decline"
  ))
  expect_identical(
    decline_of(study(progression = c(50, 100, NA)), competing = "death"),
    c(A = "100 liver decline", B = "100 liver decline", C = "100 liver decline")
  )
  dead <- liver_study(c("A", "A"), c(0, 30), child_pugh = c(5, 6), death = 40)
  expect_identical(decline_of(dead), c(A = "40 death"))
  # as a competing event
  os <- endpoint(study(), "os", unit = "days", competing = "liver_decline")
  expect_identical(levels(os$status), c("censored", "death", "liver decline"))
  expect_identical(os$time, c(100, 100, 100))
})

test_that("lesions of patients without a baseline are left out, if decline competes", {
  study <- sbrt_study(
    data.frame(patient_id = c("A", "B"), sbrt_start = day_of(0), progression_date = NA,
      death_date = NA, last_contact = day_of(365)
    ),
    data.frame(patient_id = c("A", "A", "B"), lesion_id = 1:3, local_failure_date = NA),
    liver_function = data.frame(
      patient_id = "A", test_date = day_of(c(0, 100)), child_pugh = c(5, 8)
    )
  )
  x <- suppressMessages(endpoint(study, "local_failure", "lesion", unit = "days",
    competing = c("liver_decline", "death")
  ))
  expect_identical(x$patient_id, c("A", "A"))
  expect_identical(as.character(x$status), rep("liver decline", 2))
  expect_match(attr(x, "rule"), "1 row without a baseline of liver function",
    fixed = TRUE
  )
  expect_match(attr(x, "rule"), "baseline is 0 days before", fixed = TRUE)
})

test_that("patients without a baseline and rows without all values are counted", {
  expect_warning(
    study <- liver_study(c("A", "A", "A", "B", "C"), c(-3, 20, 40, 10, -2),
      child_pugh = c(5, NA, 6, 9, 5), patients = c("A", "B", "C", "D")
    ), "after `sbrt_start` only, so there is no baseline"
  )
  expect_message(
    expect_message(endpoint(study, "liver_decline"),
      "left out: 2 rows without a baseline of liver function"
    ), "1 row of liver_function without all values of the Child-Pugh score not used"
  )
  x <- suppressMessages(endpoint(study, "liver_decline"))
  expect_identical(x$patient_id, c("A", "C"))
  expect_match(attr(x, "rule"), "1 patient has no later value", fixed = TRUE)
  expect_error(endpoint(study, "liver_decline", decline = "albi"),
    "no row of the table liver_function has all values of the ALBI grade",
    class = "oligosurv_error_data"
  )
})

test_that("scores of the rows are those of albi() and child_pugh(), in either unit", {
  x <- full_study()$liver_function
  points <- c(
    child_pugh(c(12, 40), c(40, 34), c(1.1, 1.3), c("none", "slight"), "none", "umol/l",
      "g/l"
    )$points,
    child_pugh(c(0.8, 1.1), c(3.9, 3.8), 1, "none", "none", "mg/dl", "g/dl")$points, 5L
  )
  expect_identical(as.integer(liver_score(x, "child_pugh")), points)
  expect_identical(points, c(5L, 8L, 5L, 5L, 5L))
  grades <- c(
    albi(c(40, 34), c(12, 40), "g/l", "umol/l")$grade,
    albi(c(3.9, 3.8), c(0.8, 1.1), "g/dl", "mg/dl")$grade,
    albi(42, 9, "g/l", "umol/l")$grade
  )
  expect_identical(liver_score(x, "albi"), grades)
  # recorded points are used only where the values do not give them
  x$inr[1] <- NA
  x$child_pugh[1:2] <- c(6L, 12L)
  expect_identical(liver_score(x, "child_pugh")[1:2], c(6L, 8L))
})

test_that("of several rows on one day the worst counts, for the baseline too", {
  study <- liver_study(rep("A", 4), c(-1, -1, 50, 50), child_pugh = c(5, 6, 7, 8))
  expect_identical(decline_of(study), c(A = "50 liver decline"))
  study <- liver_study(rep("A", 4), c(-1, -1, 50, 50), child_pugh = c(6, 5, 7, 6))
  expect_identical(decline_of(study), c(A = "365 censored"))
})

test_that("a rise of the ALBI grade is a decline by `decline`", {
  # -2.77 (grade 1), -2.03 (2), -1.83 (2)
  study <- liver_study(rep("A", 3), c(-12, 31, 100), bilirubin_umol_l = c(12, 20, 30),
    albumin_g_l = c(41, 34, 33)
  )
  expect_identical(decline_of(study, decline = "albi"), c(A = "31 liver decline"))
  x <- endpoint(study, "liver_decline", decline = "albi")
  expect_match(x$audit, "test_date (ALBI grade 2, baseline 1) 2021-02-01", fixed = TRUE)
  expect_error(endpoint(study, "liver_decline"), "or use `decline = \"albi\"`",
    class = "oligosurv_error_data"
  )
  expect_error(endpoint(study, "os", decline = "albi"),
    "`decline` applies only to the endpoint",
    class = "oligosurv_error_input"
  )
})

test_that("without the table the error says what to do; it cannot censor", {
  expect_error(endpoint(small_study(), "liver_decline"), "needs the table liver_function",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(full_study(), "pfs", censor_at = "liver_decline"), "`censor_at`",
    class = "oligosurv_error_input"
  )
})

test_that("radiation-induced liver disease is a date column of the user", {
  tables <- small_tables()
  tables$patients$rild_date <- c(NA, "2021-03-01", "2021-02-01", NA)
  x <- endpoint(do.call(sbrt_study, tables), "rild_date",
    competing = c("progression", "death"), unit = "days"
  )
  expect_identical(sprintf("%g %s", x$time, x$status),
    c("0 progression", "59 rild", "31 rild", "30 death")
  )
})

test_that("a doubtful unit and recorded points that differ are warnings", {
  tables <- full_tables()
  tables$liver_function$bilirubin_mg_dl[3:5] <- c("8", "11", "14")
  tables$liver_function$bilirubin_umol_l[5] <- NA
  found <- study_problems(tables)
  expect_identical(found$column, c("bilirubin_mg_dl", "child_pugh"))
  expect_match(found$rule[1], "its median is 11, which is unusual in mg/dl; if it is in ")
  expect_match(found$rule[2], "differs from the points of the other columns")
  expect_identical(found$severity, c("warning", "warning"))
})

test_that("a time and a status may stand for the tests", {
  study <- sbrt_study(data.frame(patient_id = 1:3, liver_decline_time = c(3, 5, 7),
    liver_decline_status = c(1, 0, 1)
  ), time_unit = "months")
  expect_identical(endpoint(study, "liver_decline")$time, c(3, 5, 7))
})
