# The section of the report on states over time: there with dates of progression or of a
# next line, absent without.

section_of <- function(study) {
  env <- new.env(parent = asNamespace("oligosurv"))
  env$study <- study
  list(text = paste(state_sections(env), collapse = "\n"), figures = env$figures)
}

test_that("a study with progression has the section, with its numbers", {
  skip_if_not_installed("rmarkdown")
  skip_if_not_installed("ggplot2", "3.5.0")
  x <- section_of(hcc_sbrt)
  expect_match(x$text, "States over time", fixed = TRUE)
  expect_match(x$text, "without progression, progressed and dead", fixed = TRUE)
  # one figure of all patients, one by cohort, whose code stands alone
  expect_length(x$figures, 2L)
  expect_match(x$figures[[2]]$caption, "States over time, ")
  rows <- study_states(hcc_sbrt)
  fit <- state_occupation(Surv(entry, time, status) ~ 1, rows,
    id = patient_id, from = from, times = c(12, 24), tau = 24
  )
  mean <- number_text(tidy(fit, rows = "means")$estimate, 1L)
  for (text in mean) expect_match(x$text, text, fixed = TRUE)
  expect_match(x$text, "Mean time: mean number of months in the state in the first 24")
})

test_that("a study without these dates has no section", {
  skip_if_not_installed("rmarkdown")
  day <- as.Date("2020-01-01")
  plain <- sbrt_study(data.frame(
    patient_id = c("A", "B"), sbrt_start = day, progression_date = as.Date(NA),
    death_date = c(day + 90, NA), last_contact = day + c(90, 400)
  ))
  x <- section_of(plain)
  expect_identical(x$text, "")
  expect_null(x$figures)
  times <- sbrt_study(data.frame(
    patient_id = c("A", "B"), os_time = c(5, 9), os_status = c(1, 0)
  ), time_unit = "months")
  expect_identical(section_of(times)$text, "")
})

test_that("short follow-up: the means end with the shortest group", {
  skip_if_not_installed("rmarkdown")
  skip_if_not_installed("ggplot2", "3.5.0")
  day <- as.Date("2020-01-01")
  short <- sbrt_study(data.frame(
    patient_id = c("A", "B", "C"), sbrt_start = day,
    progression_date = day + c(30, NA, 60), death_date = as.Date(NA),
    last_contact = day + c(200, 210, 304)
  ))
  x <- section_of(short)
  expect_match(x$text, "in the first [0-9.]+ months")
  expect_length(x$figures, 1L)
})
