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
  expect_match(x$text, "mean number of months in it, in the first 24", fixed = TRUE)
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

test_that("the words are those of the states that were visited, and of their number", {
  text <- function(study) {
    rows <- state_rows_or_null(study)
    gsub("\\", "", state_text(rows, c(levels(rows$from))), fixed = TRUE)
  }
  expect_match(text(hcc_sbrt), "^37 patients were followed through these states: ")
  expect_no_match(text(hcc_sbrt), "next line")
  expect_match(text(full_study()), "progression on a next line does not change the state")
  expect_match(text(hcc_sbrt), "differ from the complement of the Kaplan-Meier")
  expect_match(text(hcc_sbrt), "the infinitesimal jackknife by patient. Patients move")
  one <- lapply(full_tables(), function(x) x[x$patient_id == "A", , drop = FALSE])
  one <- do.call(sbrt_study, one)
  expect_match(text(one), "^1 patient was followed through")
  # A progressed on the day of SBRT, so was never without progression
  skip_if_not_installed("rmarkdown")
  skip_if_not_installed("ggplot2", "3.5.0")
  shown <- gsub("\\", "", section_of(one)$text, fixed = TRUE)
  expect_match(shown, "these states: progressed, next line and dead. ", fixed = TRUE)
})

test_that("one patient has no standard error, so no interval is announced", {
  one <- twelve_studies()$one_patient()
  rows <- state_rows_or_null(one)
  text <- gsub("\\", "", state_text(rows, levels(rows$from)), fixed = TRUE)
  expect_match(text, "that; one patient gives them no standard error. Patients move")
  expect_no_match(paste(text, state_methods(one)), "jackknife")
  heads <- names(result_table(report_states(rows, NULL))$body)
  expect_no_match(heads, "CI")
  heads <- names(result_table(report_states(state_rows_or_null(hcc_sbrt), NULL))$body)
  expect_match(heads[4:6], "(95% CI)", fixed = TRUE)
})

test_that("the note: months and P as elsewhere in the report, and no more than fit", {
  rows <- state_rows_or_null(hcc_sbrt)
  note <- state_note(report_states(rows, "cohort"))
  expect_match(note[1L], "in the first 24 months.", fixed = TRUE)
  fit <- report_states(rows, "cohort")
  expect_match(note[2L], fixed = TRUE,
    sprintf("P\u00a0=\u00a0%.2f", fit$contrasts$p.value[1L])
  )
  expect_length(state_note(report_states(rows, NULL)), 1L)
  short <- report_states(state_rows_or_null(full_study()), NULL)
  # the last patient alive left after 365 days, 365 / 30.4375 months
  expect_match(state_note(short)[1L], "in the first 12.0 months.", fixed = TRUE)
  # six groups have five differences from the first in each of three states
  ids <- hcc_sbrt$patients$patient_id
  rows$cohort <- factor(LETTERS[match(rows$patient_id, ids) %% 6 + 1])
  expect_length(state_note(report_states(rows, "cohort")), 1L)
})

test_that("methods and checklists name the section where it is, and only there", {
  expect_match(state_methods(hcc_sbrt), "^States over time: ")
  expect_true("States over time" %in% report_sections(hcc_sbrt))
  times <- sbrt_study(data.frame(
    patient_id = c("A", "B"), os_time = c(5, 9), os_status = c(1, 0)
  ), time_unit = "months")
  expect_null(state_methods(times))
  expect_false("States over time" %in% report_sections(times))
})

test_that("the numbers of a figure name the states, and nobody is at risk when dead", {
  csv <- state_csv(report_states(state_rows_or_null(hcc_sbrt), NULL))
  x <- utils::read.csv(text = csv)
  expect_identical(unique(x$strata), c("without progression", "progressed", "dead"))
  expect_true(all(is.na(x$n.risk[x$strata == "dead"])))
  expect_false(anyNA(x$n.risk[x$strata != "dead"]))
  csv <- state_csv(report_states(state_rows_or_null(hcc_sbrt), "cohort"))
  expect_true("OM, progressed" %in% utils::read.csv(text = csv)$strata)
})
