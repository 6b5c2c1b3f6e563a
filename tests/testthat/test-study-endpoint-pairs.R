# Endpoints from a time and a status.

pair_study <- function(...) {
  sbrt_study(data.frame(
    patient_id = c("A", "B", "C", "D"), os_time = c(10, 20, 30, 40),
    os_status = c(1, 0, 1, 0), local_failure_time = c(5, 20, 30, 12),
    local_failure_status = c("failure", "alive", "dead", "transplant"), ...
  ), time_unit = "months", levels = list(
    local_failure_status = c(transplant = "transplant")
  ))
}

test_that("competing events are those of the status, all or some", {
  study <- pair_study()
  x <- endpoint(study, "local_failure")
  expect_identical(
    levels(x$status), c("censored", "local failure", "death", "transplant")
  )
  expect_identical(as.integer(x$status), c(2L, 1L, 3L, 4L))
  expect_match(attr(x, "rule"), "death or transplant before it compete", fixed = TRUE)
  none <- endpoint(study, "local_failure", competing = "none")
  expect_identical(none$status, c(1L, 0L, 0L, 0L))
  death <- endpoint(study, "local_failure", competing = "death")
  expect_identical(levels(death$status), c("censored", "local failure", "death"))
  expect_identical(as.integer(death$status), c(2L, 1L, 3L, 1L))
  expect_error(endpoint(study, "local_failure", competing = "next_sbrt"),
    "no such event", class = "oligosurv_error_input"
  )
})

test_that("a landmark works on times, what needs dates says so", {
  study <- pair_study()
  late <- endpoint(study, "os", landmark = 15)
  expect_identical(late$patient_id, c("B", "C", "D"))
  expect_identical(late$time, c(5, 15, 25))
  expect_error(endpoint(study, "os", origin = "diagnosis"), "`origin` needs dates",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(study, "next_therapy", grace_days = 3), "the study has no",
    class = "oligosurv_error_input"
  )
  error <- tryCatch(endpoint(study, "pfs"), oligosurv_error = identity)
  expect_s3_class(error, "oligosurv_error_input")
  for (part in c(
    "`sbrt_start`", "`progression_date`", "`pfs_time` and `pfs_status`",
    "for \"os\" and \"local_failure\""
  )) {
    expect_match(conditionMessage(error), part, fixed = TRUE)
  }
  expect_error(endpoint(study, "local_failure", "lesion"), "table lesions",
    class = "oligosurv_error_input"
  )
  expect_error(toxicity_table(study), "no table adverse_events",
    class = "oligosurv_error_data"
  )
  expect_error(best_response(study, "lesion", "recist"), "no table lesions",
    class = "oligosurv_error_input"
  )
})

test_that("lesions have a pair of their own, and give that of their patients", {
  lesions <- data.frame(
    patient_id = c("A", "A", "B", "C", "C"), lesion_id = c(1, 2, 1, 1, 2),
    local_failure_time = c(8, 5, 20, 30, 30), local_failure_status = c(1, 1, 0, 2, 0)
  )
  patients <- data.frame(patient_id = c("A", "B", "C", "D"), cohort = "SABR")
  study <- suppressWarnings(sbrt_study(patients, lesions, time_unit = "months"))
  rows <- endpoint(study, "local_failure", "lesion")
  expect_identical(rows$time, c(8, 5, 20, 30, 30))
  expect_identical(as.integer(rows$status), c(2L, 2L, 1L, 3L, 1L))
  expect_identical(as.character(rows$cohort), rep("SABR", 5))
  expect_message(first <- endpoint(study, "local_failure"), "1 row without a time")
  expect_identical(first$patient_id, c("A", "B", "C"))
  expect_identical(first$time, c(5, 20, 30))
  expect_identical(as.integer(first$status), c(2L, 1L, 3L))
  fit <- cumulative_incidence(Surv(time, status) ~ 1, rows, id = patient_id)
  expect_identical(glance(fit)$n[1], 5)
})

test_that("summary, flow and figures need no date", {
  study <- pair_study(cohort = "X", best_change_pct = c(-40, 10, -20, 0))
  counts <- summary(study)$counts
  expect_identical(rownames(counts), c("patients", "died"))
  expect_output(print(study), "Observed to death or last contact: 10.0.40.0 months")
  flow <- as.data.frame(flow_table(study))
  expect_identical(flow$n.event[flow$step == "analysed for local failure"], 1L)
  expect_true(all(is.na(flow$n.lesions)))
  skip_if_not_installed("ggplot2")
  swim <- swimmer_plot(study, fill = NULL)
  expect_identical(swim$data$time, c(10, 20, 30, 40))
  expect_identical(swim$data$ongoing, c(FALSE, TRUE, FALSE, TRUE))
  points <- swim$layers[[3]]$data
  expect_identical(points$time[points$mark == "local failure"], 5)
  expect_identical(points$time[points$mark == "death"], c(10, 30))
  expect_s3_class(flow_plot(flow_table(study)), "ggplot")
})

test_that("response by assessments needs the day of SBRT, not that of progression", {
  seen <- data.frame(
    patient_id = "A", lesion_id = "1", diameter_mm = c(30, 10),
    assessment_date = c("2020-12-20", "2021-03-01")
  )
  patients <- data.frame(patient_id = "A", os_time = 10, os_status = 1)
  study_with <- function(...) {
    suppressWarnings(sbrt_study(cbind(patients, ...),
      lesions = data.frame(patient_id = "A", lesion_id = "1"), assessments = seen,
      time_unit = "months"
    ))
  }
  expect_error(best_response(study_with(), criteria = "recist"), "`sbrt_start`",
    class = "oligosurv_error_input"
  )
  dated <- best_response(study_with(sbrt_start = "2021-01-01"), criteria = "recist")
  expect_identical(as.character(dated$best_response), "PR")
})
