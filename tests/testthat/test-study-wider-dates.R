# wider_dates(): date columns from one column of events and one of dates.

log <- data.frame(
  patient_id = c("A", "A", "B", "A"), age = c(60, 60, 70, 60),
  event = c("progression", " Dead", "ALIVE", "Progression"),
  date = c("2021-03-01", "2021-09-01", "2022-01-01", "2021-02-01")
)
columns <- list(
  progression = "progression_date", dead = c("death_date", "last_contact"),
  alive = "last_contact"
)

test_that("each patient gets one row; the earliest event and the latest contact count", {
  got <- wider_dates(log, "event", "date", columns)
  expect_identical(got, data.frame(
    patient_id = c("A", "B"), age = c(60, 70),
    progression_date = as.Date(c("2021-02-01", NA)),
    death_date = as.Date(c("2021-09-01", NA)),
    last_contact = as.Date(c("2021-09-01", "2022-01-01"))
  ))
  twice <- rbind(log, data.frame(
    patient_id = "B", age = 70, event = "alive", date = "2022-03-01"
  ))
  expect_identical(wider_dates(twice, "event", "date", columns)$last_contact[2],
    as.Date("2022-03-01")
  )
})

test_that("the result makes a study whose times are those of the log", {
  patients <- wider_dates(log, "event", "date", columns)
  patients$cohort <- "OP"
  patients$sbrt_start <- "2021-01-01"
  study <- sbrt_study(patients, data.frame(
    patient_id = c("A", "B"), lesion_id = "1", local_failure_date = NA
  ), data.frame(
    patient_id = character(), term = character(), grade = integer(),
    onset_date = character()
  ))
  expect_identical(endpoint(study, "pfs", unit = "days")$time, c(31, 365))
  expect_identical(endpoint(study, "os", unit = "days")$status, c(1L, 0L))
})

test_that("words without a column, columns that are not there and bad dates are errors", {
  expect_error(wider_dates(log, "event", "date", columns[-1]),
    "\"progression\".*\"progression\" = NA", class = "oligosurv_error_input"
  )
  left <- wider_dates(log, "event", "date", c(columns[-1], progression = NA))
  expect_named(left, c("patient_id", "age", "death_date", "last_contact"))
  expect_error(wider_dates(log, "what", "date", columns), "no column \"what\"",
    class = "oligosurv_error_input"
  )
  expect_error(wider_dates(log, "event", "date", "last_contact"), "`columns` must give",
    class = "oligosurv_error_input"
  )
  expect_error(wider_dates(log, "event", "date"), "`columns` is missing",
    class = "oligosurv_error_input"
  )
  expect_error(wider_dates(1, "event", "date", columns), "data frame",
    class = "oligosurv_error_input"
  )
  log$date[3] <- "spring"
  expect_error(wider_dates(log, "event", "date", columns), "row 3.*\"spring\"",
    class = "oligosurv_error_domain"
  )
  log$patient_id[2] <- NA
  expect_error(wider_dates(log, "event", "date", columns), "must not be empty.*row 2",
    class = "oligosurv_error_data"
  )
})
