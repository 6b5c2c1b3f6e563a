# Sections of first failures and of liver function before SBRT: when they are there.

skip_if_not_installed("knitr")

test_that("liver function: numbers by class and grade of the baselines", {
  # baselines: A 12 umol/l and 40 g/l: 5 points, ALBI -2.69; B 0.8 mg/dl and 3.9 g/dl: 5
  # points, ALBI -2.57; C 9 umol/l and 42 g/l: 5 points, ALBI -2.94; D none
  x <- liver_baseline_table(full_study())
  expect_identical(x$Result, c(paste("Child-Pugh class", c("A", "B", "C")),
    paste("ALBI grade", 1:3)
  ))
  expect_identical(x$Patients, paste(c(3, 0, 0, 2, 1, 0), "of 3"))
  expect_identical(x$Percent, c("100.0", "0.0", "0.0", "66.7", "33.3", "0.0"))
  # points alone have no ALBI grade
  tables <- full_tables()
  known <- c("patient_id", "test_date", "child_pugh")
  tables$liver_function <- tables$liver_function[known]
  x <- liver_baseline_table(do.call(sbrt_study, tables))
  expect_identical(x$Patients, c("1 of 1", "0 of 1", "0 of 1"))
  expect_null(liver_baseline_table(hcc_sbrt))
  expect_null(liver_methods(hcc_sbrt))
  expect_match(liver_methods(full_study()), "Child-Pugh score (Pugh 1973", fixed = TRUE)
})

test_that("first failures: with a failure, and without words on numbers nobody counted", {
  x <- patterns_or_null(hcc_sbrt)
  expect_identical(sum(x$table$n.event[x$table$pattern == "elsewhere"]), 46L) # 23 twice
  expect_null(patterns_or_null(hcc_sbrt, "number"))
  expect_null(patterns_or_null(hcc_sbrt, "organ"))
  expect_match(pattern_rule(x, TRUE), "up to 5 lesions are called oligo, more are")
  expect_no_match(pattern_rule(x, FALSE), "oligo")
  expect_match(pattern_methods(hcc_sbrt), "First failure: Aalen\\\\?-Johansen")
  # nobody failed, or no dates of failure
  patients <- hcc_sbrt$patients
  patients$progression_date[] <- NA
  lesions <- hcc_sbrt$lesions
  lesions$local_failure_date[] <- NA
  none <- suppressWarnings(sbrt_study(patients, lesions))
  expect_null(patterns_or_null(none))
  expect_null(pattern_methods(none))
  expect_false("First failure" %in% report_sections(none))
  expect_true("First failure" %in% report_sections(hcc_sbrt))
})

test_that("the figure has its numbers, and absent where all failed on the first day", {
  skip_if_not_installed("rmarkdown")
  skip_if_not_installed("ggplot2", "3.5.0")
  x <- patterns_or_null(hcc_sbrt)
  csv <- utils::read.csv(text = pattern_csv(x))
  expect_identical(unique(csv$strata), levels(x$table$pattern)[
    levels(x$table$pattern) != "any failure"
  ])
  at <- csv[csv$strata == "elsewhere" & csv$time <= 12, ]
  table <- x$table[x$table$pattern == "elsewhere" & x$table$time == 12, ]
  expect_equal(at$estimate[nrow(at)], table$estimate, tolerance = 1e-5)
  one <- lapply(full_tables(), function(x) x[x$patient_id == "A", , drop = FALSE])
  one <- do.call(sbrt_study, one)
  expect_null(pattern_figure(new.env(), patterns_or_null(one)))
})

test_that("a dash has the words of the other tables of the report", {
  skip_if_not_installed("rmarkdown")
  text <- paste(pattern_table(patterns_or_null(full_study())), collapse = " ")
  expect_match(text, "Dash: follow-up ended before that time.", fixed = TRUE)
  expect_no_match(text, "nobody was followed")
  whole <- paste(pattern_table(patterns_or_null(hcc_sbrt)), collapse = " ")
  expect_no_match(whole, "Dash:")
})
