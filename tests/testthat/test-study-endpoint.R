test_that("times and states of the small study are those counted by hand", {
  study <- small_study()
  os <- endpoint(study, "os", unit = "days")
  expect_identical(os$time, c(200, 365, 100, 30))
  expect_identical(os$status, c(1L, 0L, 0L, 1L))
  pfs <- endpoint(study, "pfs", unit = "days")
  # A progressed on the day of SBRT; D died without progression and has no last contact.
  expect_identical(pfs$time, c(0, 100, 100, 30))
  expect_identical(pfs$status, c(1L, 1L, 0L, 1L))
  failure <- endpoint(study, "local_failure", unit = "days")
  expect_identical(failure$time, c(50, 365, 100, 30))
  states <- c("censored", "local failure", "death")
  expect_identical(
    failure$status, factor(states[c(2, 1, 1, 3)], states)
  )
  lesions <- endpoint(study, "local_failure", "lesion", unit = "days")
  expect_identical(lesions$time, c(60, 50, 365, 100, 30))
  expect_identical(lesions$status, factor(states[c(2, 2, 1, 1, 3)], states))
  expect_identical(lesions$patient_id, c("A", "A", "B", "C", "D"))
  expect_identical(as.character(lesions$cohort), c("OP", "OP", "OP", "OM", "OP"))
  expect_identical(lesions$best_response, study$lesions$best_response)
})

test_that("a month is 30.4375 days and a year 365.25", {
  study <- small_study()
  days <- endpoint(study, "os", unit = "days")$time
  expect_identical(endpoint(study, "os")$time, days / 30.4375)
  expect_identical(endpoint(study, "os", unit = "years")$time, days / 365.25)
})

test_that("the rows keep their columns, also those outside the schema", {
  tables <- small_tables()
  tables$patients$age <- 61:64
  os <- endpoint(do.call(sbrt_study, tables), "os")
  expect_identical(os$age, 61:64)
  expect_identical(names(os), c(names(tables$patients), "time", "status"))
  expect_s3_class(os, "data.frame")
})

test_that("a local failure on the day of death is a failure", {
  tables <- small_tables()
  tables$lesions$local_failure_date[5] <- "2021-01-31"
  failure <- endpoint(do.call(sbrt_study, tables), "local_failure", unit = "days")
  expect_identical(as.character(failure$status[4]), "local failure")
  expect_identical(failure$time[4], 30)
})

test_that("one patient without any event is a result", {
  tables <- small_tables()
  tables$patients <- tables$patients[3, ]
  tables$lesions <- tables$lesions[4, ]
  tables$adverse_events <- tables$adverse_events[0, ]
  study <- do.call(sbrt_study, tables)
  expect_identical(endpoint(study, "pfs")$status, 0L)
  failure <- endpoint(study, "local_failure")
  expect_identical(as.character(failure$status), "censored")
  expect_identical(levels(failure$status), c("censored", "local failure", "death"))
})

test_that("the rule is said in words", {
  pfs <- endpoint(small_study(), "pfs")
  expect_match(attr(pfs, "rule"), "progression or death, whichever comes first")
  text <- paste(capture.output(print(pfs)), collapse = " ")
  expect_match(text, "censored at last contact")
  expect_match(text, "0 = censored (1), 1 = event (3)", fixed = TRUE)
  expect_output(print(endpoint(small_study(), "local_failure")),
    "censored (2), local failure (1), death (1)",
    fixed = TRUE
  )
  expect_output(print(pfs[c("patient_id", "time")]), "patient_id")
})

test_that("unknown endpoints, levels and units are errors that list what there is", {
  study <- small_study()
  expect_error(endpoint(study, "ttp"), "\"os\", \"pfs\", \"local_failure\"",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(study, "os", "lesion"), class = "oligosurv_error_input")
  expect_error(endpoint(study, "os", "organ"), class = "oligosurv_error_input")
  expect_error(endpoint(study, "os", unit = "weeks"), class = "oligosurv_error_input")
  expect_error(endpoint(study$patients, "os"), class = "oligosurv_error_input")
})

test_that("a part of the rows keeps its rule, a plain data frame does not", {
  pfs <- endpoint(small_study(), "pfs")
  part <- pfs[pfs$cohort == "OP", ]
  expect_identical(attr(part, "rule"), attr(pfs, "rule"))
  expect_identical(nrow(part), 3L)
  expect_identical(attr(subset(pfs, cohort == "OP"), "rule"), attr(pfs, "rule"))
  expect_identical(pfs[, "time"], pfs$time)
  plain <- as.data.frame(pfs)
  expect_identical(class(plain), "data.frame")
  expect_null(attr(plain, "rule"))
})
