# Reports of studies of other kinds than the simulated ones: two arms of a trial in files
# with names, units and dates as a hospital writes them; and what they revealed.

# Thirty patients, all of whom die; three lack a covariate. Names of arms have characters
# that HTML and LaTeX read as markup.
trial_tables <- function() {
  id <- sprintf("P%02d", 1:30)
  day <- function(after) {
    format(as.Date("2019-01-14") + 3 * seq_along(id) + after, "%d/%m/%y")
  }
  survival <- 60 + 11 * (seq_along(id) * 7) %% 330
  patients <- data.frame(
    Patient = id, Arm = rep(c("SBRT <50 Gy & drug", "Drug & SBRT, 100% dose"), 15),
    "SBRT start" = day(0), "PD date" = day(20 + seq_along(id)), DOD = day(survival),
    "Last FU" = day(survival),
    "Hep C" = replace(rep(c("yes", "no", "no"), 10), c(2, 11, 23), ""),
    check.names = FALSE
  )
  lesions <- data.frame(
    Patient = id, Lesion = 1, Location = "liver", "Local failure" = day(50),
    check.names = FALSE
  )
  liver <- data.frame(
    Patient = id, "Test date" = day(-9), "Bilirubin (mg/dl)" = 0.8,
    "Albumin (g/dl)" = 3.9, INR = 1.1, Ascites = "none", Encephalopathy = "none",
    check.names = FALSE
  )
  list(patients = patients, lesions = lesions, liver_function = liver)
}

# The call at the end of the error of read_study(), and the study that it reads
trial_advice <- function(frame = parent.frame()) {
  dir <- write_tables(trial_tables(), frame = frame)
  tryCatch(read_study(dir), oligosurv_error = function(e) e$advice)
}

study_advised <- function(advice = trial_advice(environment())) {
  suppressWarnings(eval(parse(text = sub("^[^\n]*\n", "", advice))))
}

test_that("the call for a folder with other names of columns keeps their units", {
  advice <- trial_advice()
  expect_match(advice, "^This call reads the study")
  expect_match(advice, "albumin_g_dl = \"Albumin (g/dl)\"", fixed = TRUE)
  study <- study_advised(advice)
  expect_identical(unique(study$liver_function$albumin_g_dl), 3.9)
  # years of two digits, days before months
  expect_identical(format(study$patients$sbrt_start[1:2]), c("2019-01-17", "2019-01-20"))
  # a name with a typing error is still found
  expect_identical(
    meant_names("liver_function", c("albumin_g_l", "albumin_g_dl"), "Albumin g/dll"),
    c(NA, "Albumin g/dll")
  )
  expect_identical(
    meant_names("liver_function", c("albumin_g_l", "albumin_g_dl"), "Albumin, g/l"),
    c("Albumin, g/l", NA)
  )
})

test_that("the printed call is broken between names of columns, not inside one", {
  study <- study_advised()
  lines <- strsplit(reading_code(study), "\n", fixed = TRUE)[[1L]]
  expect_lte(max(nchar(lines)), 68L)
  expect_true(any(grepl("sbrt_start = \"SBRT start\"", lines, fixed = TRUE)))
  call <- str2lang(paste(lines, collapse = "\n"))
  expect_identical(lapply(eval(call$columns), sort),
    lapply(attr(study, "reading")$given$columns, sort)
  )
  # single values stay as they are
  expect_identical(call_of_values("months"), "months")
  expect_identical(call_of_values(c("unk", "-9")), quote(c("unk", "-9")))
})

test_that("patients without a covariate are counted among the missing", {
  study <- study_advised()
  columns <- c("cohort", "Hep C")
  models <- list(model_numbers(study, columns), joint_numbers(study, columns))
  text <- missing_text(study, models)
  expect_match(text, "the hazard ratios of Hep C: 3 patients of 30 (without a value)",
    fixed = TRUE
  )
  expect_match(text, fixed = TRUE,
    "models of all covariates: 3 patients of 30 (without a value of one of them)"
  )
  expect_no_match(text, "No patient was left out|ratios of Arm")
  # parts of a list with commas of their own
  known <- list(model_numbers(study, "cohort"), joint_numbers(study, "cohort"))
  none <- "No patient was left out of an analysis for missing data."
  expect_identical(missing_text(study, known), none)
  expect_identical(missing_text(study), none)
  # parts of a longer list have commas of their own
  study$patients$best_response <- factor(replace(rep("PR", 30), 4, NA), response_levels)
  expect_match(missing_text(study, models[1L]),
    "of 30 \\(without a recorded response\\), and of the hazard ratios of Hep C:"
  )
  expect_match(missing_text(study, models),
    "response\\); of the hazard ratios of Hep C: [^;]*; of the models of all covariates"
  )
})

test_that("patients left out of a failure are counted among the missing", {
  tables <- tables_of(study_advised())
  liver <- as.data.frame(tables$liver_function)
  # six days after SBRT: a higher Child-Pugh score in five patients
  later <- liver[1:5, ]
  later$test_date <- later$test_date + 15
  later$bilirubin_mg_dl <- 5
  missing <- function(liver) {
    tables$liver_function <- liver
    suppressWarnings(missing_text(do.call(sbrt_study, tables)))
  }
  expect_identical(missing(rbind(liver, later)),
    "No patient was left out of an analysis for missing data."
  )
  expect_identical(missing(rbind(liver[-(29:30), ], later)), paste(
    "Those with missing data were left out of the analysis of liver function decline: 2",
    "patients of 30 (without a baseline of liver function)."
  ))
})

# Four patients who are followed for `days`, and rows of adverse events
followed <- function(days, ...) {
  start <- as.Date("2021-01-01")
  sbrt_study(data.frame(
    patient_id = 1:4, sbrt_start = start, progression_date = as.Date(NA),
    death_date = as.Date(NA), last_contact = start + days
  ), adverse_events = data.frame(patient_id = 1:3, ...))
}

test_that("late toxicity has no rate if no patient was followed so long", {
  day <- as.Date("2021-01-05")
  early <- followed(80:83, term = "fatigue", grade = 1:3, onset_date = day)
  expect_false(late_observed(early))
  expect_match(key_text(early), "Acute toxicity of grade 3 or more", all = FALSE)
  expect_no_match(key_text(early), "Late toxicity")
  late <- followed(c(80, 81, 82, 91), term = "fatigue", grade = 1:3, onset_date = day)
  expect_true(late_observed(late))
  expect_match(key_text(late), "Late toxicity of grade 3 or more", all = FALSE)
  # without dates of follow-up this is known only from a late event
  timed <- function(onset) {
    sbrt_study(data.frame(patient_id = 1:3, sbrt_start = "2021-01-01", os_time = 9:11,
      os_status = 1
    ), adverse_events = data.frame(
      patient_id = 1, term = "fatigue", grade = 2, onset_date = onset
    ), time_unit = "months")
  }
  expect_false(late_observed(timed("2021-04-01")))
  expect_true(late_observed(timed("2021-04-02")))
})

test_that("rows of grade 0 are no adverse events", {
  none <- followed(100, term = NA_character_, grade = 0, onset_date = as.Date(NA))
  expect_identical(data_text(none), "4 patients, 0 adverse events")
  some <- followed(100, term = c("a", NA, "b"), grade = c(1, 0, NA),
    onset_date = as.Date("2021-02-01")
  )
  expect_identical(data_text(some), "4 patients, 2 adverse events")
})

test_that("with responses of lesions only, patients with such a lesion are evaluable", {
  lesions <- data.frame(
    patient_id = c(1, 1, 2, 3, 4), lesion_id = 1:5,
    best_response = c("PR", "NE", "SD", NA, "CR")
  )
  step <- function(...) {
    patients <- data.frame(patient_id = 1:4, os_time = 1:4, os_status = 1, ...)
    flow <- flow_table(sbrt_study(patients, lesions, time_unit = "months"))
    flow[flow$step == "evaluable for response", ]
  }
  alone <- step()
  expect_identical(c(alone$n.patients, alone$n.lesions, alone$n.left.out), c(3L, 3L, 1L))
  expect_identical(alone$reason, paste(
    "1 patient without an evaluable lesion, 1 lesion not evaluable,",
    "1 lesion without a recorded response"
  ))
  both <- step(best_response = c("PR", "PR", "NE", NA))
  expect_identical(c(both$n.patients, both$n.lesions, both$n.left.out), c(2L, 3L, 2L))
  expect_match(both$reason, "^1 patient not evaluable, 1 patient without a recorded resp")
})

test_that("tables of first failure by group have the name of the groups", {
  skip_if_not_installed("ggplot2")
  skip_if_not_installed("knitr")
  section <- function(study) {
    env <- new.env(parent = asNamespace("oligosurv"))
    env$study <- study
    env$theme <- figure_theme()
    paste(pattern_section(env), collapse = "\n")
  }
  arms <- section(study_advised())
  expect_match(arms, "First failure by site, by Arm: patients", fixed = TRUE)
  expect_no_match(arms, "by cohort")
  expect_match(section(hcc_sbrt), "First failure by site, by cohort: patients")
})

test_that("the sample size of lesions is explained for one patient at all and at half", {
  mixed <- twelve_studies()$one_patient()
  expect_identical(effective_size_text(mixed),
    "; at 0% or 100% the number of patients; for a single patient 1"
  )
  expect_identical(effective_size_text(hcc_sbrt),
    "; at 0% or 100% the number of patients"
  )
  expect_identical(effective_size_text(twelve_studies()$one_arm()), "")
})
