# Times with a status instead of dates: what is a pair, units, agreement with dates.

# Three patients: dead after 10, alive after 20, dead after 30 months
timed <- function(...) {
  data.frame(
    patient_id = c("A", "B", "C"), os_time = c(10, 20, 30), os_status = c(1, 0, 1), ...
  )
}

test_that("the schema has a pair for every endpoint, with the same events", {
  # death from a cause is not a status, but a choice among the causes of death
  paired <- setdiff(names(endpoint_rules), "cause_specific_death")
  expect_identical(names(pair_endpoints), paired)
  for (what in paired) {
    rules <- endpoint_rules[[what]]
    expect_identical(pair_endpoints[[what]]$event, rules$event)
    expect_identical(pair_endpoints[[what]]$competing, rules$competing)
  }
  schema <- study_schema()
  expect_true(all(c("os_time", "os_status") %in% schema$column))
  expect_identical(time_units[names(days_in)], days_in[names(days_in)])
})

test_that("a study of a time and a status needs neither dates nor lesions", {
  study <- sbrt_study(timed(), time_unit = "months")
  expect_null(study$lesions)
  expect_identical(attr(study$patients$os_time, "units"), "months")
  expect_identical(levels(study$patients$os_status), c("censored", "death"))
  os <- endpoint(study, "os")
  expect_identical(os$time, c(10, 20, 30))
  expect_identical(os$status, c(1L, 0L, 1L))
  expect_match(attr(os, "rule"), "recorded in `os_time` (months) and `os_status`",
    fixed = TRUE
  )
  expect_identical(os$audit[1], "os_time 10 months, os_status death")
  expect_identical(summary(study)$counts["died", "All"], 2L)
})

test_that("times are converted from their unit, which must be known", {
  for (unit in names(time_units)) {
    study <- sbrt_study(timed(), time_unit = unit)
    expect_equal(endpoint(study, "os", unit = "days")$time,
      c(10, 20, 30) * c(days = 1, weeks = 7, months = 30.4375, years = 365.25)[[unit]],
      tolerance = 1e-15
    )
  }
  error <- study_error(list(patients = timed()))
  expect_s3_class(error, "oligosurv_error_input")
  expect_match(conditionMessage(error), "`os_time`: has no unit that is known")
  expect_match(conditionMessage(error), "time_unit = \"days\"", fixed = TRUE)
  labelled <- timed()
  attr(labelled$os_time, "units") <- "Week"
  expect_identical(endpoint(sbrt_study(labelled), "os", unit = "days")$time[1], 70)
  # the unit of the column counts before that of the study
  expect_identical(
    endpoint(sbrt_study(labelled, time_unit = "days"), "os", unit = "days")$time[1], 70
  )
  attr(labelled$os_time, "units") <- "fortnights"
  expect_match(conditionMessage(study_error(list(patients = labelled))), "fortnights")
  span <- timed()
  span$os_time <- as.difftime(c(70, 140, 210), units = "days")
  expect_identical(endpoint(sbrt_study(span), "os", unit = "days")$time, c(70, 140, 210))
})

test_that("half a pair is told, and a column alone is no pair", {
  gaps <- timed()
  gaps$os_time[2] <- NA
  gaps$os_status[3] <- NA
  expect_warning(study <- sbrt_study(gaps, time_unit = "months"), "although there is a")
  expect_identical(study$problems$row, c(3L, 2L)[order(study$problems$column)])
  expect_message(os <- endpoint(study, "os"), "2 rows without a time or a status")
  expect_identical(os$patient_id, "A")
  lone <- small_tables()
  lone$patients$os_status <- "alive with disease"
  expect_warning(
    study <- do.call(sbrt_study, lone), "not used without a column `os_time`"
  )
  expect_identical(study$patients$os_status, rep("alive with disease", 4))
  expect_error(sbrt_study(timed()[-3], time_unit = "months"),
    "a study without dates needs a time and a status", class = "oligosurv_error_input"
  )
})

test_that("dates count before a pair; if they differ, it is a finding", {
  tables <- small_tables()
  # days from 2021-01-01: A died on 200, B was alive on 365, C on 100, D died on 30
  tables$patients$os_time <- c(200, 365, 100, 30)
  tables$patients$os_status <- c(1, 0, 0, 1)
  study <- do.call(sbrt_study, c(tables, time_unit = "days"))
  expect_identical(nrow(study$problems), 0L)
  expect_identical(endpoint(study, "os", unit = "days")$time, c(200, 365, 100, 30))
  expect_match(attr(endpoint(study, "os"), "rule"), "from the first day of SBRT")
  # rounded months agree
  tables$patients$os_time <- round(tables$patients$os_time / 30.4375, 1)
  study <- do.call(sbrt_study, c(tables, time_unit = "months"))
  expect_identical(nrow(study$problems), 0L)
  tables$patients$os_time[1] <- 9
  tables$patients$os_status[4] <- 0
  expect_warning(study <- do.call(sbrt_study, c(tables, time_unit = "months")), "differs")
  expect_identical(study$problems$row, c(1L, 4L))
  # pfs: A progressed on day 0, B on day 100, C is censored on 100, D died on 30
  tables <- small_tables()
  tables$patients$pfs_time <- c(0, 100, 100, 31)
  tables$patients$pfs_status <- c("progression", "relapse", "censored", "dead")
  study <- do.call(sbrt_study, c(tables, time_unit = "days"))
  expect_identical(nrow(study$problems), 0L)
})

test_that("an empty column of dates does not hide a pair", {
  tables <- list(patients = cbind(timed(), data.frame(
    sbrt_start = NA, progression_date = NA, death_date = NA, last_contact = NA
  )))
  study <- do.call(sbrt_study, c(tables, time_unit = "months"))
  expect_identical(endpoint(study, "os")$time, c(10, 20, 30))
  # SBRT is dated, the follow-up is not
  tables$patients$sbrt_start <- "2021-01-01"
  tables$patients$last_contact <- NULL
  study <- do.call(sbrt_study, c(tables, time_unit = "months"))
  expect_identical(endpoint(study, "os")$time, c(10, 20, 30))
})

test_that("deaths that a status of local failure does not know are a finding", {
  x <- timed(local_failure_time = c(10, 20, 5), local_failure_status = c(0, 0, 1))
  expect_warning(study <- sbrt_study(x, time_unit = "months"), "write 2 or death")
  expect_identical(study$problems$row, 1L)
  x$local_failure_status[1] <- 2
  expect_no_warning(study <- sbrt_study(x, time_unit = "months"))
  status <- endpoint(study, "local_failure")$status
  expect_identical(as.character(status), c("death", "censored", "local failure"))
})

test_that("an edited study is not translated twice", {
  x <- timed(arm = c("1", "2", "2"))
  x$os_status <- c("2", "1", "2")
  study <- sbrt_study(x,
    time_unit = "months", columns = list(patients = c(cohort = "arm")),
    levels = list(cohort = c("1" = "2", "2" = "1"), os_status = c("1" = "0", "2" = "1"))
  )
  expect_identical(as.character(study$patients$cohort), c("2", "1", "1"))
  study$patients$os_time[1] <- 11
  os <- endpoint(study, "os")
  expect_identical(os$time[1], 11)
  expect_identical(as.character(os$cohort), c("2", "1", "1"))
  expect_identical(os$status, c(1L, 0L, 1L))
})

test_that("usual names of a time and an event are found", {
  x <- data.frame(patient_id = 1:3, os_months = c(10, 20, 30), os_event = c(1, 0, 1))
  own <- c(os_time = "os_months", os_status = "os_event")
  error <- tryCatch(sbrt_study(x), oligosurv_error = identity)
  expect_match(error$advice, r_code(list(patients = own)), fixed = TRUE)
  study <- sbrt_study(x, columns = list(patients = own), time_unit = "months")
  expect_identical(endpoint(study, "os")$time, c(10, 20, 30))
  names(x)[2:3] <- c("PFS (days)", "PFS event")
  error <- tryCatch(sbrt_study(x), oligosurv_error = identity)
  expect_match(error$advice, "pfs_time = \"PFS (days)\", pfs_status = \"PFS event\"",
    fixed = TRUE
  )
  # 1 of a column of censoring may mean censored
  names(x)[3] <- "PFS censored"
  error <- tryCatch(sbrt_study(x), oligosurv_error = identity)
  expect_no_match(paste(error$advice, conditionMessage(error)), "pfs_status = \"PFS cens")
})
