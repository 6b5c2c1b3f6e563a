# sbrt_study(): tables, summary, edits, renamed columns.

test_that("a study holds its tables", {
  study <- small_study()
  expect_s3_class(study, "sbrt_study")
  expect_identical(names(study), c(
    "patients", "lesions", "adverse_events", "courses", "assessments", "therapies",
    "liver_function", "cutoff", "problems"
  ))
  expect_null(study$assessments)
  expect_null(study$cutoff)
})

test_that("missing and unknown arguments are input errors", {
  tables <- small_tables()
  expect_error(sbrt_study(), "patients: the table is missing",
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

test_that("the printed study lists its content", {
  text <- capture.output(print(small_study(cutoff = "2022-06-30")))
  expect_match(text, "cut-off 2022-06-30", all = FALSE)
  expect_match(text, "1.0\u201312.0 months", all = FALSE)
})

test_that("a first argument that is missing is an input error", {
  calls <- list(
    quote(sbrt_study()), quote(read_study()), quote(study_problems()), quote(endpoint()),
    quote(endpoint(small_study())), quote(response_rate()), quote(best_response()),
    quote(toxicity_table()), quote(study_template())
  )
  for (call in calls) {
    expect_error(eval(call), "missing", class = "oligosurv_error_input")
  }
})

test_that("a study that is edited is checked again: classed errors, types kept", {
  study <- small_study()
  expect_identical(check_study(study), study)
  edits <- list(
    function(x) {
      x$patients$death_date[2] <- as.Date("2020-01-01")
      x
    },
    function(x) {
      x$patients$sbrt_start <- NULL
      x
    },
    function(x) {
      x$lesions$patient_id[1] <- "Z"
      x
    },
    function(x) {
      x$patients$cohort <- as.character(x$patients$cohort)
      x
    },
    function(x) {
      x$patients$last_contact <- format(x$patients$last_contact)
      x
    },
    function(x) {
      x$patients <- NULL
      x
    },
    function(x) {
      x$lesions <- 1:3
      x
    },
    function(x) {
      x$patients <- x$patients[0, ]
      x
    },
    function(x) {
      x$cutoff <- "soon"
      x
    }
  )
  for (edit in edits) {
    broken <- edit(study)
    if (!identical(broken$patients, study$patients)) {
      expect_error(endpoint(broken, "os"), class = "oligosurv_error")
    }
    expect_error(print(broken), class = "oligosurv_error")
    expect_error(response_rate(broken), class = "oligosurv_error")
  }
  study$patients$age <- 61:64
  expect_identical(endpoint(study, "os")$age, 61:64)
  study$patients$death_date[2] <- as.Date("2021-12-31")
  expect_error(endpoint(study, "os"), "edited after its check",
    class = "oligosurv_error_domain"
  )
  expect_identical(study_problems(study)$rule, "must not be after `death_date`")
})

test_that("an empty label is a missing group, as in every estimator", {
  tables <- small_tables()
  tables$patients$centre <- c("", "y ", "y", " ")
  study <- do.call(sbrt_study, tables)
  expect_message(rates <- response_rate(study, by = "centre"), "trailing white space")
  expect_identical(levels(rates$strata), "y")
  tables$patients$centre <- c(NA, "y", "y", NA)
  expect_identical(rates$n, response_rate(do.call(sbrt_study, tables), by = "centre")$n)
})

test_that("the summary has the median follow-up of follow_up()", {
  study <- small_study()
  want <- median(follow_up(Surv(time, status) ~ 1, endpoint(study, "os")))
  expect_identical(summary(study)$follow_up$median[1], want$estimate)
  expect_output(print(hcc_sbrt), "Median follow-up (reverse Kaplan-Meier): 32.8 months",
    fixed = TRUE
  )
  counts <- summary(full_study())$counts
  expect_identical(unname(counts["SBRT courses", ]), c(3L, 3L, 0L))
  expect_identical(unname(counts["therapies", ]), c(5L, 4L, 1L))
})

test_that("columns under other names are read through `columns`", {
  tables <- small_tables()
  names(tables$patients)[c(1, 4)] <- c("MRN", "RT start")
  names(tables$lesions)[1] <- "MRN"
  columns <- list(
    patients = c(patient_id = "MRN", sbrt_start = "RT start"),
    lesions = c(patient_id = "MRN")
  )
  study <- do.call(sbrt_study, c(tables, list(columns = columns)))
  expect_identical(attr(study$patients$sbrt_start, "label"), "RT start")
  attr(study$patients$sbrt_start, "label") <- NULL
  attr(study$patients$patient_id, "label") <- NULL
  attr(study$lesions$patient_id, "label") <- NULL
  expect_identical(tables_of(study), tables_of(small_study()))
  dir <- write_tables(tables)
  expect_identical(
    names(read_study(dir, columns = columns)$patients), names(small_study()$patients)
  )
  expect_identical(nrow(study_problems(dir, columns = columns)), 0L)
  columns$patients[["sbrt_start"]] <- "start"
  problems <- study_problems(tables, columns = columns)
  expect_true("is not in the table, but `columns` names it" %in% problems$rule)
  for (bad in list(
    "x", list("x"), list(patient = c(a = "b")), list(patients = "b"),
    list(patients = c(nothing = "b")), list(patients = c(sbrt_start = NA)),
    list(patients = c(sbrt_start = "a", death_date = "a"))
  )) {
    expect_error(small_study(columns = bad), "`columns", class = "oligosurv_error_input")
  }
})
