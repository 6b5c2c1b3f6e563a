# What two reviewers of the reports of twelve studies found: each test shows a study on
# which the words are printed and one on which they are not.

review_studies <- twelve_studies()
one_line <- function(text) gsub("\\", "", paste(text, collapse = " "), fixed = TRUE)

test_that("intervals of lesions are named apart from those of patients", {
  lesions <- paste(
    "curves of lesions: limits of Clopper and Pearson for the effective number of",
    "lesions (by the robust standard error; the upper limit is at least that for no"
  )
  both <- one_line(methods_text(review_studies$one_arm()))
  expect_match(both, "of curves of patients: exact limits from the beta product")
  expect_match(both, lesions, fixed = TRUE)
  # the limits at 12 months are those of Clopper and Pearson
  rows <- endpoint(review_studies$one_arm(), "local_failure", "lesion")
  fit <- cumulative_incidence(Surv(time, status) ~ 1, rows, id = patient_id)
  at <- tidy(fit, times = 12)
  at <- at[at$outcome == "local failure", ]
  patients <- length(unique(rows$patient_id))
  n <- at$estimate * (1 - at$estimate) / at$std.error^2 * (patients - 1) / patients
  expect_equal(
    c(at$conf.low, at$conf.high),
    c(qbeta(0.025, n * at$estimate, n * (1 - at$estimate) + 1),
      qbeta(0.975, n * at$estimate + 1, n * (1 - at$estimate))
    ), tolerance = 1e-6
  )
  alone <- one_line(methods_text(times_study()))
  expect_match(alone, "intervals of curves: exact limits")
  expect_no_match(alone, "Clopper and Pearson for the effective")
})

test_that("lesions without a failure have the limits of the number of patients", {
  none <- lesion_times(c(1, 1, 2, 3), c(30, 30, 40, 50), 0)
  expect_match(lesion_note(none), "; at 0%, without a failure, they are exact limits")
  cell <- failure_numbers(none, "lesion")[["At 24 months, %"]]
  expect_identical(cell, sprintf("0.0\n0.0\u2013%.1f", 100 * (1 - 0.025^(1 / 3))))
  some <- lesion_times(c(1, 1, 2, 3), c(3, 30, 40, 50), c(1, 0, 0, 0))
  expect_no_match(lesion_note(some), "at 0%")
})

test_that("a dated widespread failure does not claim a number of lesions", {
  dated <- review_studies$one_patient()
  rule <- attr(endpoint(dated, "widespread_failure"), "rule")
  expect_match(rule, "to the day in the column `widespread_failure_date`;", fixed = TRUE)
  dated$patients$widespread_failure_date <- NULL
  rule <- attr(endpoint(dated, "widespread_failure"), "rule")
  expect_match(rule, "to more than 5 new lesions in all")
})

test_that("several unlike values are not shown as one", {
  problem <- function(value) {
    new_problems("lesions", "x", seq_along(value), value, "is late", "error", "domain")
  }
  expect_match(problem_lines(problem(c("54.1", "41.3"))), "(first found \"54.1\")",
    fixed = TRUE
  )
  same <- problem_lines(problem(c("54.1", "54.1")))
  expect_match(same, "(found \"54.1\")", fixed = TRUE)
})

test_that("an infinite difference at baseline is not an empty cell", {
  apart <- data.frame(g = c("a", "a", "b", "b"), w = c(1, 1, 2, 2), v = 1:4)
  table <- result_table(baseline_table(apart, c("w", "v"), by = "g"))
  expect_identical(table$body$SMD[1], no_value)
  expect_match(table$notes, "SMD not defined, since a group has no value", all = FALSE)
  table <- result_table(baseline_table(apart, "v", by = "g"))
  expect_no_match(table$notes, "not defined")
})

test_that("an endpoint without events says why it has no hazard ratios", {
  none <- "Overall survival: no hazard ratios, because there was no event."
  alive <- one_line(joint_text(review_studies$all_alive()))
  expect_match(alive, none, fixed = TRUE)
  expect_no_match(alive, "there are 0")
  expect_no_match(one_line(joint_text(hcc_sbrt)), "no event")
})

test_that("a test of a covariate with several levels is one test", {
  note <- function(study) one_line(model_notes(study, model_numbers(study)))
  expect_match(note(review_studies$three_cohorts()), "one for all rows of a covariate;")
  expect_no_match(note(review_studies$no_response()), "for all rows")
})

test_that("states that nobody reached are named", {
  text <- function(study) {
    rows <- state_rows_or_null(study)
    states <- levels(rows$from)
    states <- states[states %in% c(as.character(rows$from), levels(rows$status))]
    one_line(state_text(rows, states))
  }
  alive <- text(review_studies$all_alive())
  expect_match(alive, "dead. Nobody reached the state dead. The")
  expect_no_match(text(hcc_sbrt), "Nobody")
})

test_that("limits of a state nobody is in are those of the patients still at risk", {
  study <- review_studies$all_alive()
  states <- tidy(report_states(state_rows_or_null(study), NULL), times = 24)
  dead <- states[states$state == "dead", ]
  os <- tidy(kaplan_meier(Surv(time, status) ~ 1, endpoint(study, "os")), times = 24)
  expect_equal(dead$conf.high, 1 - os$conf.low, tolerance = 1e-12)
  expect_equal(dead$conf.high, 1 - 0.025^(1 / os$n.risk), tolerance = 1e-12)
})

test_that("checklists name the section with the words, or ask for them", {
  answers <- function(study, guideline = "strobe") {
    x <- checklist(guideline, report_sections(study))
    stats::setNames(x$Answer, x$Item)
  }
  arm <- answers(review_studies$one_arm())
  expect_match(arm["12d"], "\u201cFollow-up\u201d and \u201cMethods\u201d", fixed = TRUE)
  expect_match(arm["15"], "\u201cResponse\u201d", fixed = TRUE)
  expect_match(arm["15"], "\u201cToxicity\u201d", fixed = TRUE)
  expect_match(arm["16"], "\u201cModels\u201d", fixed = TRUE)
  expect_match(arm["16"], "\u201cStates over time\u201d", fixed = TRUE)
  expect_match(arm["14"], "\u201cLesions\u201d", fixed = TRUE)
  one <- answers(review_studies$one_patient())
  expect_no_match(one["16"], "States over time")
  lesions <- answers(review_studies$lesions_alone())
  expect_match(lesions["12d"], "^Section \u201cMethods\u201d")
  expect_match(lesions["7"], "the day from which time is counted$")
  expect_no_match(arm["7"], "the day from which")
  # the period is that of SBRT; the end of follow-up is that of the cut-off
  remark <- answers(hcc_sbrt, "remark")
  expect_match(remark["6"], "\u201cPatients and lesions\u201d", fixed = TRUE)
  expect_match(remark["6"], "; the end of follow-up$")
  cut <- hcc_sbrt
  cut$cutoff <- as.Date("2030-01-01")
  remark <- answers(cut, "remark")
  expect_match(remark["6"], "\u201cMethods\u201d", fixed = TRUE)
  expect_no_match(remark["6"], "end of follow-up")
  expect_match(answers(hcc_sbrt, "strobe")["5"], "; the end of follow-up$")
  clear <- answers(review_studies$clear(), "remark")
  expect_match(clear["3"], "the dose of radiotherapy; systemic therapies")
  expect_no_match(answers(hcc_sbrt, "remark")["3"], "the dose of radio")
})

test_that("a short label in a long cell of a page is not torn", {
  cell <- "Sections \u201cOverall survival\u201d and \u201cOP-N and OP-C\u201d"
  expect_match(html_cell(cell, FALSE), "<span class=\"label\">OP-N</span>", fixed = TRUE)
  expect_no_match(html_cell("OP-N", FALSE), "span")
})

test_that("a study with no column but the ids of its patients is printed", {
  study <- suppressWarnings(sbrt_study(data.frame(patient_id = 1:2), data.frame(
    patient_id = c(1, 2, 2), lesion_id = 1:3, local_failure_time = 1:3,
    local_failure_status = 0
  ), time_unit = "months"))
  expect_output(print(study), "patients +2\nlesions +3")
  expect_identical(summary(study)$counts["patients", "All"], 2L)
  skip_if_not_installed("ggplot2", "3.5.0")
  expect_error(swimmer_plot(study), class = "oligosurv_error_input")
})

test_that("the summary of a study in which all patients died has no median follow-up", {
  of <- function(dead) {
    sbrt_study(data.frame(patient_id = 1:3, os_time = 1:3, os_status = dead),
      time_unit = "months"
    )
  }
  expect_output(print(summary(of(1))), "not estimable, because all patients died")
  expect_output(print(summary(of(c(1, 0, 1)))), "Kaplan-Meier): 2.0 months", fixed = TRUE)
})
