# What a second page-by-page reading found: words on methods, rules and limits, and
# figures. Each test shows a study on which they are printed and one on which they are
# not.

# Six patients with a time and a status of overall survival, and with other columns
dated_alone <- function(...) {
  sbrt_study(data.frame(patient_id = 1:6, os_time = 1:6, os_status = c(1, 0), ...),
    time_unit = "months"
  )
}

test_that("limits of differences are named as they were computed", {
  expect_identical(limit_words(c("mover, mid-p", NA)), "mid-p limits")
  expect_identical(limit_words(c("beta", "exact")),
    "limits of Clopper and Pearson, exact where the standard error is 0"
  )
  expect_identical(limit_words("plain"), "limits by the standard error")
  expect_identical(limit_words("mover, exact"), "exact limits")
  usual <- strategy_methods(hcc_sbrt)
  expect_match(usual, "of rates and of restricted means, combine", fixed = TRUE)
  expect_match(usual, "(MOVER): mid-p limits.", fixed = TRUE)
  expect_null(strategy_methods(dated_alone()))
  # nobody dies with one strategy: limits at 100% are exact
  alive <- dated_alone(strategy = rep(c("x", "y"), 3))
  expect_match(strategy_methods(alive), "mid-p limits, exact where the standard error")
  # followed for less than a month: no restricted mean is shown
  short <- sbrt_study(data.frame(
    patient_id = 1:6, strategy = rep(c("x", "y"), each = 3),
    os_time = c(0.1, 0.2, 0.3, 13, 14, 15), os_status = 1
  ), time_unit = "months")
  expect_match(strategy_methods(short), "of rates, combine", fixed = TRUE)
})

test_that("the limits of states over time are named", {
  text <- state_methods(hcc_sbrt)
  expect_match(text, "Clopper and Pearson for the effective number of patients;")
  expect_match(text, "combine mid-p limits .*MOVER.*, P by inversion")
  alive <- state_methods(twelve_studies()$all_alive())
  expect_match(alive, "number of patients, exact where the standard error is 0")
  lone <- state_methods(twelve_studies()$one_patient())
  expect_no_match(lone, "limits|exact|MOVER")
})

test_that("the P of several pairs of groups below a table of states are not adjusted", {
  note <- function(study) {
    paste(state_note(report_states(state_rows_or_null(study), "cohort")), collapse = " ")
  }
  words <- "P-values are not adjusted for multiple comparisons."
  expect_match(note(three_cohorts()), words, fixed = TRUE)
  expect_no_match(note(hcc_sbrt), words, fixed = TRUE)
})

test_that("patients who are missing from one analysis are left out, not excluded", {
  flow <- flow_rows(flow_table(hcc_sbrt, screened = 40))
  side <- flow$side[nzchar(flow$side)]
  expect_match(side[1L], "^Excluded \\(n.=.3\\):")
  expect_match(side[-1L], "^Left out \\(n.=.[12]\\):")
})

test_that("local failure of a patient is that of any of its lesions", {
  words <- "local failure of any lesion of a patient at 24 months"
  expect_match(key_failure(hcc_sbrt, "local_failure")$Sentence, words, fixed = TRUE)
  expect_true(is_of_any_lesion(hcc_sbrt))
  status <- c(1, 0, 0, 1)
  several <- lesion_times(c(1, 1, 2, 2), 27:30, status)
  expect_match(key_failure(several, "local_failure")$Sentence, words, fixed = TRUE)
  # one lesion per patient, or recorded by patient
  single <- lesion_times(1:4, 27:30, status)
  expect_match(key_failure(single, "local_failure")$Sentence, "failure at 24 months")
  own <- dated_alone(local_failure_time = 1:6, local_failure_status = c(2, 1))
  expect_false(is_of_any_lesion(own))
  expect_match(key_failure(own, "local_failure")$Sentence, "failure at 6 months")
})

test_that("the standardised mean difference says of which groups it is", {
  note <- function(...) {
    grep("SMD", result_table(baseline_table(...))$notes, value = TRUE)
  }
  study <- dated_alone(
    cohort = c("a", "b", "a", "b", "b", "a"), age = 51:56, ecog = rep(0:1, 3),
    centre = c("x", "y", "z")
  )
  expect_identical(note(study, "age", by = "cohort"),
    "SMD: standardised mean difference (b minus a)."
  )
  sex <- dated_alone(cohort = c("a", "b"), sex = c("f", "m", "m"))
  expect_identical(note(sex, "sex", by = "cohort"),
    "SMD: standardised mean difference (without a sign)."
  )
  expect_match(note(hcc_sbrt, by = "cohort"), fixed = TRUE, all = FALSE,
    "(numbers: OM minus OP; categories: without a sign)"
  )
  expect_match(note(study, "age", by = "centre"),
    "(the largest absolute value of any two groups)", fixed = TRUE
  )
  expect_length(note(study, "age"), 0L)
})

test_that("rules of first failure are stated where a patient has such a failure", {
  words <- "A progression date counts as a failure elsewhere if no other failure is rec"
  expect_match(pattern_rule(patterns_or_null(hcc_sbrt), FALSE), words)
  # new lesions say where each progression was
  alive <- twelve_studies()$all_alive()
  expect_no_match(pattern_rule(patterns_or_null(alive), FALSE), words)
  found <- function(pattern, n) {
    organ_notes(list(table = data.frame(pattern, n.event = n)))
  }
  organs <- c("lung", "several organs", "other organ")
  expect_identical(found(organs, c(3, 1, 2)), c(
    "Several organs: failures of the same day in more than one organ.",
    "Other organ: organs beyond the six most frequent."
  ))
  expect_null(found(organs, c(3, 0, 0)))
  drawn <- pattern_table(patterns_or_null(three_cohorts(), "organ"))
  expect_match(drawn, "Several organs: failures of", fixed = TRUE)
})

test_that("definitions are given for what the report shows, and only for that", {
  bare <- dated_alone()
  dosed <- paste(methods_text(hcc_sbrt), collapse = " ")
  expect_match(dosed, "BED and EQD2 by the linear-quadratic model without a time factor")
  expect_match(dosed, "disease control: response or stable disease; both among evaluable")
  expect_no_match(methods_text(bare), "BED|isease control|Dose")
  expect_match(abbreviations_used(hcc_sbrt), "AAPM: .*; TG: Task Group; ICRU: Intern")
  expect_no_match(abbreviations_used(bare), "AAPM|TG:|ICRU")
  # responses that were measured, recorded, or absent
  words <- "RECIST: Response Evaluation Criteria in Solid Tumours"
  measured <- suppressWarnings(do.call(sbrt_study, full_tables()))
  expect_match(abbreviations_used(measured), words)
  expect_no_match(abbreviations_used(hcc_sbrt), words)
  expect_match(response_source_words(c(patient = "recist", lesion = "given")),
    "^by RECIST 1.1 from the measured diameters, unconfirmed \\(patients\\)"
  )
})

test_that("tables of strategies, from time zero and from the landmark, have one note", {
  file <- system.file("rmarkdown/study_report.Rmd", package = "oligosurv")
  lines <- readLines(file, encoding = "UTF-8")
  chunk <- function(name) {
    from <- grep(sprintf("^```\\{r %s[,}]", name), lines)
    to <- which(startsWith(lines, "```"))
    paste(lines[from:min(to[to > from])], collapse = "\n")
  }
  note <- "paste(\"P: log-rank test.\", interval_place(\"difference\"))"
  for (name in c("strategy-table", "landmark-table")) {
    expect_match(chunk(name), note, fixed = TRUE)
  }
  expect_no_match(chunk("failure-lesion"), note, fixed = TRUE)
})

test_that("lesions that are all of one patient have no interval", {
  lone <- lesion_times(c(1, 1), c(3, 30), c(1, 0))
  expect_identical(failure_numbers(lone, "lesion")[["At 12 months, %"]], "50.0")
  expect_identical(lesion_note(lone), "No interval: all lesions are of one patient.")
  expect_no_match(methods_text(lone), "jackknife|2 lesions in 1 patient")
  two <- lesion_times(c(1, 1, 2), c(3, 30, 40), c(1, 0, 0))
  expect_match(failure_numbers(two, "lesion")[["At 12 months, %"]], "33.3\n")
  expect_match(lesion_note(two), "^Lesions of one patient are not independent")
  expect_match(methods_text(two), "jackknife", all = FALSE)
  # one lesion of one patient has the limits of one patient
  one <- lesion_times(1, 30, 0)
  expect_match(failure_numbers(one, "lesion")[["At 24 months, %"]], "0.0\n0.0.97.5")
  expect_null(lesion_note(one))
  # a cohort of one patient
  tables <- lapply(list(patients = two$patients, lesions = two$lesions), as.data.frame)
  tables$patients$cohort <- c("x", "y")
  mixed <- do.call(sbrt_study, c(tables, time_unit = "months"))
  expect_identical(grepl("\n", failure_numbers(mixed, "lesion")[["At 12 months, %"]]),
    c(TRUE, FALSE, TRUE)
  )
  expect_length(lesion_note(mixed), 2L)
})

test_that("an item of a checklist asks for the half that the study lacks", {
  answer <- function(study) {
    strobe <- checklist("strobe", report_sections(study))
    strobe$Answer[strobe$Item == "14"]
  }
  ask <- "To be added by the authors: "
  expect_match(answer(dated_alone()), paste0(ask, "characteristics of the patients$"))
  lesions <- lesion_times(1:4, 1:4, 1, site = c("lung", "bone"))
  expect_match(answer(lesions), paste0(ask, "follow-up time$"))
  expect_no_match(answer(hcc_sbrt), "added")
  expect_identical(missing_parts(c("a", "else b", "else Dose: c"), TRUE, "Flow"),
    c("a", "c")
  )
  expect_identical(missing_parts(c("else b", "else Dose: c"), FALSE, "Dose"), "b")
})

test_that("a lesion is not followed after the death of its patient", {
  found <- function(...) {
    study <- suppressWarnings(lesion_times(...))
    study$problems$row[grepl("after the death", study$problems$rule)]
  }
  expect_identical(found(c(1, 1, 2, 2), c(5, 9, 3, 3), c(2, 0, 2, 2)), 2L)
  expect_identical(found(c(1, 1, 2), c(5, 5, 9), c(2, 1, 0)), integer())
  expect_warning(lesion_times(c(1, 1), c(5, 9), c(2, 1)), "after the death of the pat")
  # treated on different days
  start <- as.Date(c("2020-02-01", "2020-01-01"))
  expect_identical(found(c(1, 1), c(5, 6), c(2, 0), sbrt_start = start), integer())
})

test_that("OP and OM are explained only where all groups have labels of the schema", {
  words <- abbreviation_text(dated_alone(cohort = c("OP", "OM")))
  expect_match(words, "OP: oligoprogressive; OM: oligometastatic.", fixed = TRUE)
  expect_identical(abbreviation_text(dated_alone(cohort = c("OP", "RT"))), "")
})

test_that("a figure whose times are all 0 is left out", {
  skip_if_not_installed("ggplot2", "3.5.0")
  page <- function(time) {
    study <- sbrt_study(data.frame(patient_id = 1:3, os_time = time, os_status = 1),
      time_unit = "months"
    )
    list2env(list(study = study, figures = list(), folder = withr::local_tempdir()))
  }
  expect_null(survival_figure(page(0), "os"))
  expect_false(is.null(survival_figure(page(1:3), "os")))
})

test_that("figures of one curve of failures are lower on paper", {
  skip_if_not_installed("ggplot2", "3.5.0")
  old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  withr::defer(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
  folder <- withr::local_tempdir()
  page <- list2env(list(study = hcc_sbrt, figures = list(), folder = folder))
  # the height of a PNG is in bytes 21 to 24; 192 pixels are an inch
  height <- function(figure) {
    file <- file.path(folder, sub("^.*[(]([^ ]+png) .*$", "\\1", figure))
    sum(as.integer(readBin(file, "raw", 24L)[23:24]) * c(256, 1)) / 192
  }
  knitr::opts_knit$set(rmarkdown.pandoc.to = "docx")
  # figures of Word are lower and narrower, so that less of a page stays empty
  expect_equal(height(failure_figure(page)), 0.88 * 3.3, tolerance = 0.01)
  expect_equal(height(failure_figure(page, by = "cohort")), 0.88 * 4.1, tolerance = 0.01)
  expect_equal(height(survival_figure(page, "os")), 0.88 * 3.8, tolerance = 0.01)
  figure <- survival_figure(page, "os", by = "cohort")
  expect_equal(height(figure), 0.88 * 4.1, tolerance = 0.01)
  expect_match(figure, "{width=10cm}", fixed = TRUE)
  waterfall <- waterfall_figure(page, by = "cohort", group = "OP")
  expect_equal(height(waterfall), 0.88 * 3.6, tolerance = 0.01)
  knitr::opts_knit$set(rmarkdown.pandoc.to = "latex")
  expect_match(failure_figure(page), "{width=11cm}", fixed = TRUE)
})

test_that("units have their sign", {
  items <- report_table(data.frame(Item = c("GTV, cm3", "cm35"), n = 1:2), to = "html")
  expect_match(items, "GTV, cm\u00b3<", fixed = TRUE)
  expect_match(items, "cm35<", fixed = TRUE)
})

test_that("a legend in one column is in the order of the stacked areas, dark to light", {
  params <- list(
    reverse = TRUE, key = data.frame(.label = c("local", "death")),
    decor = list(list(data = data.frame(fill = c("navy", "tan"))))
  )
  turned <- in_order_of_stack(params)
  expect_identical(turned$key$.label, c("death", "local"))
  expect_identical(turned$decor[[1L]]$data$fill, c("tan", "navy"))
  params$reverse <- FALSE # curves
  expect_identical(in_order_of_stack(params), params)
  curves <- c("event-free", "death", "local")
  fill <- function(stacked) {
    figure_styles(list(stacked = stacked, dark = FALSE), curves)$colour
  }
  expect_identical(fill(TRUE), c("grey88", rev(area_colours(2L))))
  expect_identical(fill(FALSE), curve_styles(3L)$colour)
})

test_that("a figure of many groups with long labels is higher: its panel is not flat", {
  skip_if_not_installed("ggplot2", "3.5.0")
  rows <- data.frame(time = rep(1:12, 5), status = 1, group = rep(paste(
    "a rather long label of the group", 1:5
  ), each = 12))
  figure <- function(rows) {
    ggplot2::autoplot(kaplan_meier(Surv(time, status) ~ group, rows),
      xlab = "Months", ylab = "Progression-free survival", theme = figure_theme()
    )
  }
  expect_gt(report_height(figure(rows), quote(autoplot()), 3.6), 4.2)
  few <- rows[rows$group == rows$group[1L], ]
  expect_equal(report_height(figure(few), quote(autoplot()), 3.6), 3.6)
})
