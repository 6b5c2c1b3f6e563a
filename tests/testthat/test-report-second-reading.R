# What a second reading of rendered reports found: each test shows a study on which the
# words or marks are printed and one on which they are not.

second_studies <- twelve_studies()
lesions_alone <- suppressWarnings(second_studies$lesions_alone())
one_text <- function(...) paste(c(...), collapse = " ")

test_that("methods name the limits of proportions, medians and lesions", {
  without_response <- second_studies$no_response()
  text <- methods_text(without_response)
  exact <- "with exact (Clopper-Pearson) confidence intervals"
  toxicity <- grep("Toxicity: ", text, value = TRUE)
  expect_match(toxicity, paste0("among all patients, ", exact), fixed = TRUE)
  expect_no_match(one_text(text), "Response: ")
  bare <- second_studies$times_alone()
  expect_no_match(methods_text(bare), "Clopper")
  # medians have limits where there are curves of survival
  limits <- "their confidence limits: the first times at which the confidence limits of"
  expect_match(one_text(methods_text(bare)), limits, fixed = TRUE)
  expect_no_match(one_text(methods_text(lesions_alone)), limits)
  # lesions all with control in a group, mixed in all groups, or of one patient
  of_patients <- "counts as at least 1; at 0% or 100% the number of patients)"
  expect_match(one_text(methods_text(hcc_sbrt)), of_patients, fixed = TRUE)
  mixed <- one_text(methods_text(second_studies$one_arm()))
  expect_match(mixed, "design effect, which counts as at least 1)", fixed = TRUE)
  patients <- data.frame(patient_id = 1, os_time = 2, os_status = 1)
  lone <- sbrt_study(patients, time_unit = "months", lesions = data.frame(
    patient_id = 1, lesion_id = 1:2, best_response = c("PR", "PD")
  ))
  expect_identical(effective_size_text(lone), "; for a single patient 1")
})

test_that("the limits of a median are the times at which the limits reach 50%", {
  fit <- kaplan_meier(Surv(time, status) ~ 1, endpoint(hcc_sbrt, "os"))
  curve <- tidy(fit)
  first <- function(limit) min(curve$time[!is.na(limit) & limit <= 0.5])
  x <- stats::median(fit)
  expect_identical(c(x$conf.low, x$conf.high),
    c(first(curve$conf.low), first(curve$conf.high))
  )
})

test_that("without progression, survival without it is not a result of its own", {
  none <- second_studies$clear()
  expect_no_match(key_text(none), "progression")
  expect_match(one_text(key_text(none)), "Median overall survival")
  expect_match(one_text(strategy_text(none)), "log-rank P.* for overall survival[.] The")
  expect_no_match(strategy_text(none), "progression", ignore.case = TRUE)
  expect_match(one_text(key_text(hcc_sbrt)), "Median progression-free survival was")
  expect_match(one_text(strategy_text(hcc_sbrt)), "for progression-free survival and ")
  # the rows of the comparison are all there
  expect_true("Progression or death" %in% comparison_numbers(none)[[1L]])
})

test_that("the figure of first failures is described by its areas", {
  skip_if_not_installed("ggplot2", "3.5.0")
  page <- list2env(list(study = hcc_sbrt, figures = list()))
  page$folder <- withr::local_tempdir()
  x <- patterns_or_null(hcc_sbrt)
  expect_true("any failure" %in% x$table$pattern)
  html <- pattern_figure(page, x)
  alt <- regmatches(html, regexpr("alt=\"[^\"]*", html))
  expect_match(alt, "Stacked areas: elsewhere 23 patients; death [0-9]+ patients?[.]$")
})

test_that("figures of the invented patients correspond to those of the publication", {
  skip_if_not_installed("ggplot2", "3.5.0")
  caption <- function(is_published) {
    page <- list2env(list(study = hcc_sbrt, figures = list()))
    page$folder <- withr::local_tempdir()
    page$is_published <- is_published
    survival_figure(page, "os", "2E")
    page$figures[[1L]]$caption
  }
  expect_match(caption(TRUE), " Corresponds to Figure 2E of the publication[.]$")
  expect_no_match(caption(FALSE), "publication")
  expect_identical(notice_text[2L], paste(
    "Only the published summary statistics that they reproduce are real: Song Z et al.,",
    "J Hepatocell Carcinoma 2025;12:1097\u20131110. Never use this report as evidence."
  ))
})

test_that("checklists: no section, and confounding without a model of all covariates", {
  answers <- function(study) {
    x <- checklist("strobe", report_sections(study))
    stats::setNames(x$Answer, x$Item)
  }
  arm <- answers(second_studies$one_arm())
  expect_identical(unname(arm["17"]), "This report has no section on this")
  expect_match(answers(hcc_sbrt)["17"], "^Section")
  adjusted <- second_studies$clear()
  adjusted$patients$strategy <- NULL
  expect_true("Joint" %in% names(report_sections(adjusted)))
  expect_identical(unname(answers(adjusted)["12a"]),
    "Sections \u201cMethods\u201d and \u201cModels\u201d"
  )
  lone <- answers(second_studies$times_alone())
  expect_match(lone["12a"], "authors: how confounding was controlled$")
})

test_that("lesions without a response have a reason in the flow", {
  reason <- function(study) {
    flow <- flow_table(study)
    flow$reason[flow$step == "evaluable for response"]
  }
  both <- "1 patient not evaluable, 14 lesions not evaluable"
  expect_identical(reason(hcc_sbrt), both)
  lost <- sbrt_study(
    data.frame(patient_id = 1:2, os_time = 1:2, os_status = 1, best_response = "PR"),
    data.frame(patient_id = c(1, 1, 2), lesion_id = c(1, 2, 1),
      best_response = c("PR", NA, "SD")
    ), time_unit = "months"
  )
  expect_identical(reason(lost), "1 lesion without a recorded response")
  expect_identical(reason(without_lesions()), character())
  # the methods count the lesions once
  text <- missing_text(hcc_sbrt)
  expect_length(gregexpr("14 lesions of 65 (not eval", text, fixed = TRUE)[[1L]], 1L)
  expect_match(missing_text(lost), "1 lesion of 3 \\(without a recorded response\\)")
  # a diagram does not count lesions as patients
  side <- function(n, text) gsub("\u00a0", " ", excluded_text(text, n, TRUE))
  expect_identical(side(0, reason(lost)),
    "Left out:\nlesion without a recorded response (n = 1)"
  )
  expect_identical(side(1, both),
    "Left out (n = 1):\npatient not evaluable (n = 1)\nlesions not evaluable (n = 14)"
  )
})

test_that("lesions have a definition of their own endpoint", {
  rule <- "Local failure of lesions: from the first day of SBRT to the local failure of"
  expect_match(one_text(methods_text(hcc_sbrt)), rule, fixed = TRUE)
  expect_no_match(one_text(methods_text(second_studies$clear())), "of lesions")
  recorded <- one_text(methods_text(lesions_alone))
  recorded_as <- "Local failure of lesions: time to local failure as recorded in \u201c"
  expect_match(recorded, recorded_as, fixed = TRUE)
})

test_that("abbreviations of responses are those that the report prints", {
  used <- function(study) abbreviations_used(study)
  expect_match(used(hcc_sbrt), "CR: .*PR: .*SD: .*PD: ")
  expect_no_match(used(hcc_sbrt), "NE: ") # is not drawn, and no text says NE
  patients <- hcc_sbrt$patients
  partial <- patients$best_response %in% "PR"
  few <- sbrt_study(patients[partial, ])
  expect_match(used(few), "PR: partial response")
  expect_no_match(used(few), "CR: |SD: |PD: |NE: ")
  expect_no_match(used(second_studies$no_response()), "PR: |NE: ")
})

test_that("numbers of groups are written in one way", {
  groups <- as.character(pattern_table(patterns_or_null(hcc_sbrt, by = "cohort")))
  expect_match(one_text(groups), "OP (n\u00a0=\u00a028)", fixed = TRUE)
  toxicity <- result_table(toxicity_table(hcc_sbrt, by = "cohort"))$body$Group
  expect_true("OP (n = 28)" %in% toxicity)
})

test_that("P of 1 is printed as above 0.99", {
  expect_identical(format_p_value(c(1, 0.995001, 0.9949, NA)),
    c(">0.99", ">0.99", "0.99", "NA")
  )
  expect_identical(p_with_sign(c(1, 0.99, 0.046, 0.0001)),
    gsub(" ", "\u00a0", c("P > 0.99", "P = 0.99", "P = 0.046", "P < 0.001"))
  )
})

test_that("characteristics: the note says what the cells are", {
  note <- function(...) {
    patients <- data.frame(patient_id = 1:4, os_time = 1:4, os_status = 1, ...)
    study <- sbrt_study(patients, time_unit = "months")
    result_table(baseline_table(study, names(patients)[-(1:3)]))$notes[1L]
  }
  age <- c(50, 61, 72, 80)
  sex <- c("f", "m", "m", "f")
  expect_identical(note(age = age), "Median (quartiles; range).")
  expect_identical(note(sex = sex), "Number (%).")
  expect_identical(note(age = age, sex = sex), "Median (quartiles; range) or n (%).")
  age[2L] <- NA # the missing are counted
  expect_identical(note(age = age), "Median (quartiles; range) or n (%).")
})

test_that("hazard ratios near 1 have the decimals that show where the limits are", {
  rows <- data.frame(
    estimate = c(0.991, 1.5, 0.9997, 1), conf.low = c(0.982, 1.1, 0.9991, 1),
    conf.high = c(1.001, 2, 1.0002, 1)
  )
  cells <- ratio_cells(rows, c("0.99 (0.98-1.00)", "1.50 (1.10-2.00)", "a", "b"))
  expect_identical(cells, c("0.991 (0.982\u20131.001)", "1.50 (1.10-2.00)",
    "0.9997 (0.9991\u20131.0002)", "b"
  ))
  clear <- model_numbers(second_studies$clear(), "age")
  expect_match(clear[[grep("^Hazard", names(clear))]], "^[0-9][.][0-9]{3} ")
  usual <- model_numbers(hcc_sbrt, "cohort")
  expect_match(usual[[grep("^Hazard", names(usual))]], "^[0-9]+[.][0-9]{2} ")
})

test_that("the ratio alpha/beta has its unit", {
  item <- function(...) as.character(dose_table(hcc_sbrt, ...)$item)
  expect_true("BED (alpha/beta 10 Gy)" %in% item())
  expect_true("EQD2 (alpha/beta 3 Gy)" %in% item(alpha_beta = 3))
  varied <- item(alpha_beta = rep_len(c(3, 10), nrow(hcc_sbrt$lesions)))
  expect_true("BED (alpha/beta by lesion)" %in% varied)
  expect_identical(baseline_names[["bed"]], "BED (alpha/beta 10 Gy), Gy")
})
