test_that("a study holds its tables", {
  study <- small_study()
  expect_s3_class(study, "sbrt_study")
  expect_identical(names(study), c(
    "patients", "lesions", "adverse_events", "assessments", "cutoff", "problems"
  ))
  expect_null(study$assessments)
  expect_null(study$cutoff)
})

test_that("arguments that are not there or unknown are input errors", {
  tables <- small_tables()
  expect_error(sbrt_study(tables$patients, tables$lesions),
    "adverse_events: the table is missing",
    class = "oligosurv_error_input"
  )
  expect_error(small_study(cut_off = "2022-01-01"), "`cut_off`",
    class = "oligosurv_error_input"
  )
  expect_error(study_problems(list(1)), class = "oligosurv_error_input")
  expect_error(study_problems(mtcars), class = "oligosurv_error_input")
  expect_error(study_problems(1), class = "oligosurv_error_input")
})

test_that("the summary counts patients, lesions and events by cohort", {
  counts <- summary(small_study())$counts
  expect_identical(colnames(counts), c("All", "OP", "OM"))
  expect_identical(unname(counts["patients", ]), c(4L, 3L, 1L))
  expect_identical(unname(counts["lesions", ]), c(5L, 4L, 1L))
  expect_identical(unname(counts["progressed", ]), c(2L, 2L, 0L))
  expect_identical(unname(counts["died", ]), c(2L, 2L, 0L))
  expect_identical(unname(counts["lesions with local failure", ]), c(2L, 2L, 0L))
  expect_identical(unname(counts["patients with grade 3 or more", ]), c(1L, 1L, 0L))
})

test_that("the printed study says what is in it", {
  text <- capture.output(print(small_study(cutoff = "2022-06-30")))
  expect_match(text, "cut-off 2022-06-30", all = FALSE)
  expect_match(text, "1.0 to 12.0 months", all = FALSE)
})
