states_study <- function(...) {
  patients <- data.frame(
    patient_id = c("A", "B", "C", "D", "E"),
    sbrt_start = as.Date("2020-01-01"),
    progression_date = as.Date("2020-01-01") + c(100, NA, 50, 70, 200),
    next_therapy_date = as.Date("2020-01-01") + c(130, NA, 50, NA, 150),
    death_date = as.Date("2020-01-01") + c(400, NA, NA, 70, NA),
    last_contact = as.Date("2020-01-01") + c(400, 300, 360, 70, 500)
  )
  change <- list(...)
  patients[names(change)] <- change
  # progression_date may be empty but not missing in a study
  gone <- vapply(patients, function(x) all(is.na(x)), NA)
  sbrt_study(patients[!gone | names(patients) == "progression_date"])
}

test_that("by hand: each state begins with its date, the later state counts on a day", {
  x <- study_states(states_study(), unit = "days")
  rows <- as.data.frame(x)[c("patient_id", "from", "entry", "time", "status")]
  rows[c("from", "status")] <- lapply(rows[c("from", "status")], as.character)
  want <- data.frame(
    patient_id = c("A", "A", "A", "B", "C", "C", "D", "E", "E"),
    from = c(
      "without progression", "progressed", "next line", "without progression",
      "without progression", "next line", "without progression", "without progression",
      "next line"
    ),
    entry = c(0, 100, 130, 0, 0, 50, 0, 0, 150),
    time = c(100, 130, 400, 300, 50, 360, 70, 150, 500),
    status = c(
      "progressed", "next line", "dead", "censored", "next line", "censored", "dead",
      "next line", "censored"
    )
  )
  expect_equal(rows, want, ignore_attr = TRUE)
  expect_identical(levels(x$status),
    c("censored", "progressed", "next line", "dead")
  )
  expect_identical(x$audit[3], "next_therapy_date 2020-05-10 to death_date 2021-02-04")
  expect_identical(x$audit[4], "sbrt_start 2020-01-01 to last_contact 2020-10-27")
  expect_output(print(x), "States over time, 9 rows, time in days")
  months <- study_states(states_study())
  expect_equal(months$time, x$time / 30.4375, tolerance = 1e-15)
})

test_that("the rows give the probabilities counted by hand, with their unit", {
  x <- study_states(states_study(), unit = "days")
  fit <- state_occupation(Surv(entry, time, status) ~ 1, x,
    id = patient_id, from = from, times = c(60, 120, 140), tau = 300
  )
  at <- tidy(fit)
  # nobody is censored before day 300
  expect_equal(at$estimate[at$time == 60], c(4, 0, 1, 0) / 5, tolerance = 1e-15)
  expect_equal(at$estimate[at$time == 120], c(2, 1, 1, 1) / 5, tolerance = 1e-15)
  expect_equal(at$estimate[at$time == 140], c(2, 0, 2, 1) / 5, tolerance = 1e-15)
  means <- tidy(fit, rows = "means")
  expect_equal(means$estimate, c(100 + 300 + 50 + 70 + 150, 30, 170 + 250 + 150, 230) / 5,
    tolerance = 1e-14
  )
  expect_output(print(fit), "days")
  expect_match(inline_text(fit)[["progressed"]], "^6.0 days")
})

test_that("studies without a next line, or without progression", {
  no_line <- study_states(states_study(next_therapy_date = as.Date(NA)))
  expect_identical(levels(no_line$from), c("without progression", "progressed", "dead"))
  no_progression <- study_states(states_study(progression_date = as.Date(NA)))
  expect_identical(levels(no_progression$from), c("first line", "next line", "dead"))
})

test_that("a state from day 0, follow-up that ends on day 0, death on the day of SBRT", {
  day <- as.Date("2020-01-01")
  x <- study_states(states_study(
    progression_date = day + c(0, NA, NA, NA, NA),
    next_therapy_date = day + c(130, NA, NA, NA, NA),
    death_date = day + c(400, NA, NA, NA, NA), last_contact = day + c(400, 0, 9, 9, 9)
  ), unit = "days")
  of_a <- as.character(x$from[x$patient_id == "A"])
  expect_identical(of_a, c("progressed", "next line"))
  expect_false("B" %in% x$patient_id)
  expect_match(attr(x, "rule"), "left out: 1 patient without follow-up")
})

test_that("hcc_sbrt: progression-free is the Kaplan-Meier curve of the same dates", {
  x <- study_states(hcc_sbrt)
  fit <- state_occupation(Surv(entry, time, status) ~ cohort, x, id = patient_id,
    from = from, times = c(6, 12, 24)
  )
  free <- tidy(fit)
  free <- free[free$state == "without progression", ]
  pfs <- kaplan_meier(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "pfs"))
  expect_identical(free$estimate, tidy(pfs, times = c(6, 12, 24))$estimate)
  expect_equal(free$std.error, tidy(pfs, times = c(6, 12, 24))$std.error,
    tolerance = 1e-12
  )
  os <- endpoint(hcc_sbrt, "os")
  expect_identical(sum(x$status == "dead"), sum(os$status))
})

test_that("a study without the dates is refused by what it lacks", {
  expect_error(study_states(1), "sbrt_study", class = "oligosurv_error_input")
  bare <- sbrt_study(data.frame(
    patient_id = c("A", "B"), os_time = c(5, 9), os_status = c(1, 0)
  ), time_unit = "months")
  expect_error(study_states(bare), "sbrt_start", class = "oligosurv_error_input")
  expect_error(study_states(hcc_sbrt, unit = "weeks"), "unit",
    class = "oligosurv_error_input"
  )
})

# A of two patients with a progression on one day is last seen on it.
test_that("a state that begins on the day of last contact counts", {
  s <- sbrt_study(data.frame(
    patient_id = c("A", "B", "C"), sbrt_start = "2021-01-01",
    progression_date = c("2021-04-11", "2021-04-11", NA), death_date = NA,
    next_therapy_date = c(NA, "2021-04-12", NA),
    last_contact = c("2021-04-11", "2021-04-12", "2022-01-01")
  ))
  states <- study_states(s, unit = "days")
  expect_identical(as.character(states$status),
    c("progressed", "progressed", "next line", "censored")
  )
  expect_identical(states$time, c(100, 100, 101, 365))
  at <- state_occupation(Surv(entry, time, status) ~ 1, states, id = patient_id,
    from = from, times = 150
  )
  pfs <- kaplan_meier(Surv(time, status) ~ 1, endpoint(s, "pfs", unit = "days"))
  expect_equal(tidy(at)$estimate[1], tidy(pfs, times = 150)$estimate)
  # on the day of death only the death counts
  died <- sbrt_study(data.frame(
    patient_id = "A", sbrt_start = "2021-01-01", progression_date = "2021-04-11",
    death_date = "2021-04-11", last_contact = "2021-04-11"
  ))
  expect_identical(as.character(study_states(died)$status), "dead")
})
