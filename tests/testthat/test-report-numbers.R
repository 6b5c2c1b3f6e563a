# Numbers of the report, against published numbers and by hand.

test_that("medians and rates of the simulated cohort are the published ones", {
  pfs <- survival_numbers(hcc_sbrt, "pfs")
  expect_identical(pfs$Group, c("All", "OP", "OM", "OP-N", "OP-C"))
  expect_identical(sub("\n.*", "", pfs[["Median, months"]]),
    c("11.2", "11.2", "10.2", "11.6", "16.5")
  )
  os <- survival_numbers(hcc_sbrt, "os")
  expect_identical(sub("\n.*", "", os[["Median, months"]]),
    c("34.9", "32.6", "NR", "NR", "32.6")
  )
  failure <- failure_numbers(hcc_sbrt, "patient")
  expect_identical(sub("\n.*", "", failure[["At 24 months, %"]]), c("3.0", "4.0", "0.0"))
  # Lesions, with death competing, have other values
  lesions <- failure_numbers(hcc_sbrt, "lesion")
  expect_identical(sub("\n.*", "", lesions[["At 24 months, %"]]), c("1.9", "2.6", "0.0"))
  # No failure in the lesions of nine patients: limits based on 9 patients, not 17 lesions
  expect_identical(lesions[["At 24 months, %"]][3], failure[["At 24 months, %"]][3])
  expect_identical(follow_up_numbers(hcc_sbrt)[["Median follow-up, months"]][1],
    "32.8\n17.0\u201374.0"
  )
})

test_that("response, toxicity and flow count what is in the tables", {
  response <- response_numbers(hcc_sbrt, "patient")
  expect_identical(response$Evaluable, c("36 of 37", "27 of 28", "9 of 9", "12 of 12",
    "15 of 16"
  ))
  acute <- toxicity_numbers(hcc_sbrt, "acute")
  expect_identical(acute[["Grade 3 or more"]][1], "15 (40.5%)")
  # Nobody had grade 4 or 5; late events are not in the table of acute ones
  expect_identical(names(acute)[2:4], c("Grade 1", "Grade 2", "Grade 3"))
  expect_false("rib fracture" %in% acute$Event)
  flow <- flow_numbers(hcc_sbrt)
  expect_identical(flow$OP[flow$Quantity == "Lesions treated"], "48")
  died <- as.integer(flow[flow$Quantity == "Died", -1])
  expect_identical(died, c(17L, 14L, 3L, 4L, 10L))
})

test_that("a study followed by hand: two deaths among four patients", {
  study <- small_study()
  os <- survival_numbers(study, "os")
  expect_identical(os$Patients, c("4", "3", "1", "1", "2"))
  expect_identical(os$Events, c("2", "2", "0", "1", "1"))
  # Nobody is followed for 24 months, but S of OP-N is known: its only patient died
  expect_identical(os[["At 24 months, %"]][1:3], rep("\u2013", 3))
  expect_identical(os[["At 24 months, %"]][4], survival_numbers(study, "os")[[6]][4])
  expect_match(os[["At 24 months, %"]][4], "^0\\.0")
})

test_that("a test of small groups also gives its permutation p", {
  pfs <- endpoint(hcc_sbrt, "pfs")
  said <- test_sentence(fit_by(logrank_test, pfs, "strategy"))
  expect_match(said, fixed = TRUE,
    "P\u00a0=\u00a00.89 (chi-square 0.02, 1 df; permutation P\u00a0="
  )
  failure <- endpoint(hcc_sbrt, "local_failure")
  said <- test_sentence(fit_by(gray_test, failure, "cohort"), "local failure")
  start <- "^Gray\u2019s test: P\u00a0=\u00a00.58 \\(chi-square 0.31, 1 df; permutation"
  expect_match(said, start)
})

test_that("numbers that are not there", {
  expect_identical(number_text(c(1.25, NA, -3)), c("1.2", "NR", "\u22123.0"))
  expect_identical(interval_text(1, NA, NA), "1.0")
  expect_identical(interval_text(NA, 2, NA), "NR\n2.0\u2013NR")
  # no minus zero, but the sign of a limit stays: it tells if 0 is inside
  expect_identical(interval_text(-0.04, -0.04, 0.3), "0.0\n\u22120.0 to 0.3")
  expect_identical(interval_text(-0.06, NA, NA), "\u22120.1")
  test <- logrank_test(Surv(c(1, 2), c(0, 0)) ~ c("A", "B"))
  expect_identical(test_sentence(test), "Log-rank test: P is not defined (no events).")
})

test_that("counts of 10,000 and more have separators in every text and table", {
  n <- 21000L
  many <- sbrt_study(data.frame(
    patient_id = seq_len(n), cohort = rep(c("A", "B"), c(10500L, 10500L)),
    os_time = 1 + seq_len(n) %% 40, os_status = c(rep(1, n - 6000L), rep(0, 6000L)),
    best_response = rep(c("PR", NA), c(10100L, 10900L)), age = 50 + seq_len(n) %% 30
  ), adverse_events = data.frame(
    patient_id = seq_len(n), term = "fatigue", grade = 1, phase = "acute"
  ), time_unit = "months")
  text <- c(
    key_text(many), methods_text(many), unlist(flow_numbers(many)),
    unlist(survival_numbers(many, "os")), unlist(follow_up_numbers(many)),
    unlist(response_numbers(many, "patient")), unlist(toxicity_numbers(many, "acute")),
    flow_text(cbind(flow_table(many))), flow_table(many)$reason,
    unlist(result_table(baseline_or_null(many))), unlist(result_table(flow_table(many)))
  )
  expect_gt(sum(grepl("[0-9],[0-9]{3}", text)), 30L)
  expect_no_match(text, "(?<![0-9.,])[0-9]{5,}", perl = TRUE)
})
