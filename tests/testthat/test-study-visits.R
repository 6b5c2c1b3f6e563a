# Lesions, baselines and visits of the table assessments; all of RECIST 1.1 against the
# slow program of helper-recist.R.

# Rows of patient A: day, lesion, diameter, enhancing diameter
rows_of <- function(...) {
  x <- utils::read.table(header = TRUE, na.strings = "-", ...)
  data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + x$day,
    lesion_id = ifelse(x$lesion == 1, "1", NA),
    other_lesion = ifelse(x$lesion == 1, NA, paste0("T", x$lesion)), role = "target",
    diameter_mm = x$mm, viable_mm = if (is.null(x$viable)) NA_real_ else x$viable
  )
}

visited <- function(rows, ...) visit_response(plain_study("A", rows), ...)

test_that("random sequences of visits are judged as by the slow program", {
  skip_on_cran() # takes seconds
  n <- as.integer(Sys.getenv("OLIGOSURV_SEQUENCES", "2000"))
  settings <- list(
    recist(), recist(TRUE), recist(TRUE, max_ne = 1),
    recist(after_cr = "PR"), recist(TRUE, after_cr = "PR", max_ne = 0),
    recist(TRUE, after_cr = "keep"), recist(TRUE, visit_days = 0),
    recist(TRUE, confirm_days = 20, sd_days = 30, visit_days = 2)
  )
  withr::local_seed(20)
  each <- min(5000L, ceiling(n / length(settings)))
  for (i in seq_len(ceiling(n / each))) {
    criteria <- settings[[(i - 1L) %% length(settings) + 1L]]
    case <- random_visit_study(each)
    expect_identical(slow_differences(case, criteria), c(patient = 0L, lesion = 0L),
      label = paste("batch", i)
    )
  }
})

test_that("the baseline of each lesion is its own last measurement before SBRT", {
  # CT on day -20, MRI on day -10; a planning CT that measures lesion 1 alone
  two_days <- rows_of(text = "
    day lesion mm
    -20 1      50
     60 1      40
    -10 2      30
     60 2      30
  ")
  expect_identical(visited(two_days)$baseline_mm, 80)
  planning <- rows_of(text = "
    day lesion mm
    -20 1      50
     -3 1      48
     60 1      30
    -20 2      30
     60 2      25
  ")
  expect_identical(visited(planning)$baseline_mm, 78)
  expect_identical(visited(planning)$sum_mm, 55)
})

test_that("a measurement earlier than `baseline_days` is no baseline", {
  rows <- rows_of(text = "
    day lesion mm
    -29 1      50
     60 1      30
    -28 2      20
     60 2      20
  ")
  expect_identical(visited(rows)$baseline_mm, 70)
  late <- visited(rows, criteria = recist(baseline_days = 28))
  expect_identical(late$baseline_mm, 20)
  expect_identical(late$sum_mm, 20)
  none <- visited(rows[1:2, ], criteria = recist(baseline_days = 28))
  expect_identical(none$target, "none")
  expect_error(recist(baseline_days = "x"), "`baseline_days`",
    class = "oligosurv_error_input"
  )
})

test_that("a visit may take several days", {
  rows <- rows_of(text = "
    day lesion mm
    -10 1      50
     60 1      30
    -10 2      30
     62 2      20
  ")
  one <- visited(rows)
  expect_identical(one$day, 60)
  expect_identical(as.numeric(one$last_date - one$date), 2)
  expect_identical(as.character(one$response), "PR")
  torn <- visited(rows, criteria = recist(visit_days = 1))
  expect_identical(torn$day, c(60, 62))
  expect_identical(as.character(torn$response), c("NE", "NE"))
  rows$assessment_date[4] <- as.Date("2021-01-01") + 67
  expect_identical(nrow(visited(rows)), 1L)
  rows$assessment_date[4] <- as.Date("2021-01-01") + 68
  expect_identical(visited(rows)$day, c(60, 68))
})

test_that("a day on which a lesion is measured again is another visit", {
  rows <- rows_of(text = "
    day lesion mm
    -10 1      50
    -10 2      30
     60 1      30
     60 2      20
     63 1      10
     63 2      10
  ")
  expect_identical(visited(rows)$sum_mm, c(50, 20))
  # empty cells are no measurement: one visit on days 60 and 63
  rows$diameter_mm[c(4, 5)] <- NA
  expect_identical(visited(rows)$sum_mm, 40)
  expect_identical(visited(rows)$day, 60)
})

test_that("a new lesion seen on a later day of the visit dates its progression", {
  rows <- rows_of(text = "
    day lesion mm
    -10 1      50
     60 1      30
     65 9      -
  ")
  rows$role[3] <- "new"
  x <- visited(rows)
  expect_identical(x$day, 65)
  expect_identical(x$date, as.Date("2021-01-01") + 65)
  expect_identical(as.character(x$response), "PD")
  # a progression_date within the visit is the day of the visit with PD, and no response
  # is counted on it
  for (day in c(60, 62, 65)) {
    study <- plain_study("A", rows, progression = day)
    best <- best_response(study, criteria = "recist")
    expect_identical(as.character(best$best_response), "PD")
  }
  expect_identical(best$progression_visit, as.Date("2021-01-01") + 65)
})

test_that("mRECIST follows by size a lesion without enhancement before SBRT", {
  rows <- rows_of(text = "
    day lesion mm viable
    -5  1      50 0
    60  1      50 0
  ")
  x <- visited(rows, criteria = "mrecist")
  expect_identical(x$baseline_mm, 50)
  expect_identical(as.character(x$response), "SD")
  rows <- rows_of(text = "
    day lesion mm viable
    -5  1      50 30
    60  1      50 0
    -5  2      20 0
    60  2      30 0
  ")
  x <- visited(rows, criteria = "mrecist")
  expect_identical(x$baseline_mm, 50)
  expect_identical(x$sum_mm, 30)
  expect_identical(as.character(x$response), "PR")
  # a planning CT without contrast does not replace the enhancing diameter
  rows <- rows_of(text = "
    day lesion mm viable
    -20 1      50 40
     -3 1      50 -
     60 1      50 0
  ")
  x <- visited(rows, criteria = "mrecist")
  expect_identical(x$baseline_mm, 40)
  expect_identical(as.character(x$response), "CR")
})

test_that("the clock of a lesion is that of its own SBRT where it has one", {
  rows <- rows_of(text = "
    day lesion mm
    100 1      40
    260 1      20
  ")
  study <- plain_study("A", rows)
  expect_identical(visit_response(study, "lesion")$day, c(100, 260))
  study$lesions$sbrt_start <- as.Date("2021-01-01") + 200
  own <- visit_response(study, "lesion")
  expect_identical(own$day, 60)
  expect_identical(own$baseline_mm, 40)
  expect_identical(as.character(own$response), "PR")
})
