# toxicity_table(): worst grades, windows, groups.

test_that("published grade 3 toxicity: acute 15/37, late 2/37", {
  x <- toxicity_table(hcc_sbrt)
  any <- x[x$term == "Any adverse event", ]
  expect_identical(as.character(any$phase), c("acute", "late"))
  expect_identical(any$n, c(37L, 37L))
  expect_identical(any$grade_3_plus, c(15L, 2L))
  expect_identical(sprintf("%.1f", any$grade_3_plus_pct), c("40.5", "5.4"))
  expect_identical(any$grade_4 + any$grade_5, c(0L, 0L))
})

test_that("worst grades by patient, both ends of the window", {
  # A: fatigue grade 1 on day 0 and grade 3 on day 90; B: rib fracture grade 2 on day 91.
  x <- toxicity_table(small_study())
  expect_identical(names(x), c(
    "phase", "term", "strata", "n", paste0("grade_", 1:5), "any_grade", "grade_2_plus",
    "grade_3_plus", "any_grade_pct", "grade_2_plus_pct", "grade_3_plus_pct",
    "grade_unknown"
  ))
  expect_identical(as.character(x$term), rep(
    c("Any adverse event", "fatigue", "rib fracture"), 2
  ))
  expect_identical(x$grade_1, rep(0L, 6))
  expect_identical(x$grade_2, c(0L, 0L, 0L, 1L, 0L, 1L))
  expect_identical(x$grade_3, c(1L, 1L, 0L, 0L, 0L, 0L))
  expect_identical(x$grade_3_plus_pct, c(25, 25, 0, 0, 0, 0))
  expect_identical(x$any_grade_pct, c(25, 25, 0, 25, 0, 25))
  expect_identical(x$grade_2_plus, c(1L, 1L, 0L, 1L, 0L, 1L))
  expect_identical(x$grade_2_plus_pct, c(25, 25, 0, 25, 0, 25))
  early <- toxicity_table(small_study(), window = 89)
  expect_identical(early$grade_1[1:2], c(1L, 1L))
  expect_identical(early$grade_3[4:5], c(1L, 1L))
})

test_that("groups have their own denominators and zero rows stay", {
  x <- toxicity_table(small_study(), by = "cohort")
  expect_identical(nrow(x), 12L)
  expect_identical(as.character(x$strata), rep(c("OP", "OM"), 6))
  expect_identical(x$n, rep(c(3L, 1L), 6))
  expect_identical(x$any_grade[x$strata == "OM"], rep(0L, 6))
  expect_identical(x$grade_3_plus_pct[1], 100 / 3)
  x <- toxicity_table(small_study(), by = "strategy")
  expect_output(print(x), "Left out: 1 patient without")
})

test_that("without rows toxicity was not recorded, which is never 0%", {
  tables <- small_tables()
  tables$adverse_events <- tables$adverse_events[0, ]
  study <- do.call(sbrt_study, tables)
  expect_error(toxicity_table(study), "has no rows: toxicity was not recorded",
    class = "oligosurv_error_data"
  )
  expect_error(endpoint(study, "late_toxicity"), class = "oligosurv_error_data")
  expect_error(endpoint(study, "os", competing = "late_toxicity"),
    class = "oligosurv_error_data"
  )
  expect_false(any(grepl("grade 3", rownames(summary(study)$counts))))
  study$adverse_events <- NULL
  study <- mark_checked(study)
  expect_error(toxicity_table(study), "has no table adverse_events: toxicity was not",
    class = "oligosurv_error_data"
  )
})

test_that("rows of grade 0 say that nobody had an event", {
  tables <- small_tables()
  tables$adverse_events <- data.frame(
    patient_id = c("A", "B", "C", "D"), term = NA, grade = 0, onset_date = NA
  )
  study <- do.call(sbrt_study, tables)
  x <- toxicity_table(study)
  expect_identical(as.character(x$term), rep("Any adverse event", 2))
  expect_identical(x$any_grade, c(0L, 0L))
  expect_identical(x$any_grade_pct, c(0, 0))
  expect_output(print(x), "Grade 0 in 4 rows of 4 patients: assessed, no event")
  expect_identical(unname(summary(study)$counts["adverse events", "All"]), 0L)
  # a row of grade 0 needs no term, any other row does
  tables$adverse_events$grade[2] <- 1
  expect_match(conditionMessage(study_error(tables)), "unless `grade` is 0")
})

test_that("a part of a study without events is not a study without records", {
  rest <- small_study()[3:4, ]
  expect_identical(toxicity_table(rest)$any_grade, c(0L, 0L))
})

test_that("the printed table shows counts with denominators", {
  text <- capture.output(print(toxicity_table(hcc_sbrt)))
  expect_match(text, "15 (40.5)", fixed = TRUE, all = FALSE)
  expect_match(text, "Late: first day after day 90", all = FALSE)
  expect_lte(max(nchar(text)), 90)
})

test_that("requests that cannot be met are input errors", {
  study <- small_study()
  expect_error(toxicity_table(study, window = -1), class = "oligosurv_error_input")
  expect_error(toxicity_table(study, by = "sex"), class = "oligosurv_error_input")
  expect_error(toxicity_table(1), class = "oligosurv_error_input")
})

test_that("each phase names its first row, also after a phase without events", {
  out <- capture.output(print(toxicity_table(small_study(), window = 0)))
  expect_length(grep("Any adverse event", out), 2L)
  expect_match(out, "Acute: first day on day 0 after the start", all = FALSE)
})

test_that("a subset of the table still prints its window", {
  x <- toxicity_table(small_study(), window = 89)
  expect_output(print(subset(x, term == "fatigue")), "Acute: first day on day 0 to 89")
  expect_output(print(x[c("term", "n")]), "fatigue")
})

test_that("related events only, those without an answer among them", {
  tables <- small_tables()
  # `related`: A fatigue grade 1 yes, grade 3 no; B rib fracture grade 2 not stated
  tables$adverse_events$related <- c("yes", "no", "")
  study <- do.call(sbrt_study, tables)
  x <- toxicity_table(study, attribution = "related")
  row <- function(x, phase) as.data.frame(x[x$phase == phase & x$term == any_event, ])
  expect_identical(row(x, "acute")$grade_1, 1L)
  expect_identical(row(x, "acute")$grade_3_plus, 0L)
  expect_identical(row(x, "late")$grade_2, 1L)
  expect_identical(x$n, rep(4L, nrow(x)))
  expect_output(print(x), "1 event without attribution counted as related")
  expect_output(print(x), "related to SBRT: patients by worst grade")
  expect_identical(row(toxicity_table(study), "acute")$grade_3_plus, 1L)
  # late events of grade 2 or more: only that of B, unless it is unrelated
  late <- function(study, ...) {
    endpoint(study, "late_toxicity", unit = "days", grade = 2, ...)
  }
  expect_identical(as.character(late(study)$status[2]), "late toxicity")
  expect_identical(late(study, attribution = "related")$time[2], 91)
  expect_match(attr(late(study, attribution = "related"), "rule"),
    "the first adverse event related to SBRT of grade 2 or more after day 90"
  )
  tables$adverse_events$related[3] <- "no"
  unrelated <- late(do.call(sbrt_study, tables), attribution = "related")
  expect_identical(as.character(unrelated$status[2]), "censored")
  expect_error(toxicity_table(small_study(), attribution = "related"), "`related`",
    class = "oligosurv_error_input"
  )
  expect_error(toxicity_table(study, attribution = "some"),
    class = "oligosurv_error_input"
  )
})
