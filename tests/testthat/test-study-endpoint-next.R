# PFS2 and progression-free survival on the next line, computed by hand. SBRT is on day 0.

next_day <- function(x) as.Date("2021-01-01") + x

# A: line 2 on day 60, progression on it on day 200. B: lines 2 and 3 on days 60 and 220.
# C: no next line. D: line 2 on day 70, death on day 300.
next_study <- function(progression = c(200, NA, NA, NA), ...) {
  sbrt_study(
    data.frame(
      patient_id = c("A", "B", "C", "D"), sbrt_start = next_day(0),
      progression_date = next_day(c(50, 50, NA, 40)),
      death_date = next_day(c(NA, NA, NA, 300)),
      last_contact = next_day(c(900, 900, 900, 300)),
      next_progression_date = next_day(progression), ...
    ),
    data.frame(patient_id = c("A", "B", "C", "D"), lesion_id = "1",
      local_failure_date = as.Date(NA)
    ),
    therapies = data.frame(
      patient_id = c("A", "A", "B", "B", "B", "D"), line = c(1, 2, 1, 2, 3, 2),
      start_date = next_day(c(-100, 60, -100, 60, 220, 70))
    )
  )
}

days_and_status <- function(study, ...) {
  x <- endpoint(study, unit = "days", ...)
  stats::setNames(paste(x$time, x$status), x$patient_id)
}

test_that("PFS2 counts to progression on the next line, or death", {
  expect_identical(days_and_status(next_study(), "pfs2"),
    c(A = "200 1", B = "900 0", C = "900 0", D = "300 1")
  )
  # without that date the line after the next stands for it
  none <- next_study(NA)
  expect_identical(days_and_status(none, "pfs2"),
    c(A = "900 0", B = "220 1", C = "900 0", D = "300 1")
  )
  proxy <- endpoint(none, "pfs2")
  expect_match(proxy$audit[2], "start_date of line 3, after the next line")
  expect_match(attr(proxy, "rule"), "taken as the start of the line after")
  expect_no_match(attr(endpoint(next_study(), "pfs2"), "rule"), "taken as")
  # line 2 is part of the treatment at SBRT: line 3 is the next line of B
  expect_identical(unname(days_and_status(none, "pfs2", grace_days = 65)[2]), "900 0")
})

test_that("progression-free survival on the next line counts from its start", {
  expect_identical(days_and_status(next_study(), "next_line_pfs"),
    c(A = "140 1", B = "840 0", D = "230 1")
  )
  expect_identical(days_and_status(next_study(NA), "next_line_pfs"),
    c(A = "840 0", B = "160 1", D = "230 1")
  )
  x <- endpoint(next_study(), "next_line_pfs")
  expect_match(attr(x, "rule"), "1 row without a next line")
  expect_match(x$audit[1],
    "start_date of line 2 2021-03-02 to next_progression_date 2021-07-20", fixed = TRUE
  )
})

test_that("what came before the next line neither competes nor censors", {
  again <- next_study(next_sbrt_date = next_day(c(60, 100, 30, 30)))
  expect_identical(days_and_status(again, "next_line_pfs", censor_at = "next_sbrt"),
    c(A = "140 1", B = "40 0", D = "230 1")
  )
  expect_identical(days_and_status(again, "next_line_pfs", competing = "next_sbrt"),
    c(A = "140 progression or death", B = "40 next SBRT", D = "230 progression or death")
  )
})

test_that("their dates are needed, and `origin` is their own", {
  input <- "oligosurv_error_input"
  expect_error(endpoint(next_study(), "next_line_pfs", origin = "sbrt_end"),
    "which is counted from the start of the next line", class = input
  )
  expect_error(endpoint(small_study(), "pfs2"), "`next_progression_date`", class = input)
  alone <- small_tables()
  alone$patients$next_progression_date <- c("2021-05-01", NA, NA, NA)
  alone <- do.call(sbrt_study, alone)
  expect_identical(unname(days_and_status(alone, "pfs2")[1]), "120 1")
  # the start of the next line is not known
  expect_error(endpoint(alone, "next_line_pfs"), "next_therapy_date", class = input)
  expect_warning(next_study(c(30, NA, NA, NA), next_therapy_date = next_day(60)),
    "next_therapy_date"
  )
})

test_that("PFS2 may be a time and a status", {
  study <- sbrt_study(data.frame(
    patient_id = c("A", "B"), pfs2_time = c(10, 20), pfs2_status = c(1, 0)
  ), time_unit = "months")
  expect_equal(endpoint(study, "pfs2")$time, c(10, 20))
  expect_identical(endpoint(study, "pfs2")$status, c(1L, 0L))
})
