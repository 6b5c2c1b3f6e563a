# endpoint(): a date column of the user as an endpoint.

test_that("a date column of the patients or lesions is an endpoint, death competing", {
  tables <- small_tables()
  tables$patients$rild_date <- c("2021-03-01", NA, "2021-04-01", NA)
  tables$lesions$marginal_failure <- as.Date(c("2021-03-02", NA, NA, NA, NA))
  study <- do.call(sbrt_study, tables)
  x <- endpoint(study, "rild_date", unit = "days")
  expect_identical(paste(x$time, x$status), c(
    "59 rild", "365 censored", "90 rild", "30 death"
  ))
  expect_match(x$audit[1], "to rild_date 2021-03-01")
  expect_identical(attr(x, "label"), "Rild")
  expect_match(attr(x, "rule"), "to the date in the column `rild_date`; death before it")
  lesions <- endpoint(study, "marginal_failure", "lesion", unit = "days")
  expect_identical(lesions$time, c(60, 200, 365, 100, 30))
  expect_identical(as.character(lesions$status[1:2]), c("marginal failure", "death"))
  expect_identical(
    endpoint(study, "rild_date", unit = "days", competing = "none")$status,
    c(1L, 0L, 1L, 0L)
  )
})

test_that("a column that holds no dates, or is in another table, is an error", {
  tables <- small_tables()
  tables$patients$rild <- c("2021-03-01", "yes", NA, NA)
  study <- do.call(sbrt_study, tables)
  error <- tryCatch(endpoint(study, "rild"), error = identity)
  expect_s3_class(error, "oligosurv_error_data")
  expect_identical(error$where, 2L)
  expect_match(conditionMessage(error), paste(
    "the column `rild` of the table patients does not hold dates: row 2"
  ))
  expect_error(endpoint(study, "site"), "no column `site`",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(study, "rild_date"), "\"os\", \"pfs\"",
    class = "oligosurv_error_input"
  )
})

test_that("a date after death, or after the last contact of a patient alive, is found", {
  late <- function(event, death = NA) {
    lone_study(list(
      surgery_date = lone_day(event), death_date = lone_day(death),
      last_contact = lone_day(300)
    ), lone_lesions(1, scar_date = lone_day(event)))
  }
  # alive on day 300, dead on day 500
  expect_warning(x <- endpoint(late(400), "surgery_date", unit = "days"),
    "`surgery_date` of the table patients .* after `last_contact`, in row 1",
    class = "oligosurv_warning_data"
  )
  expect_identical(x$time, 400)
  expect_no_warning(endpoint(late(300), "surgery_date"))
  expect_no_warning(endpoint(late(400, 500), "surgery_date"))
  expect_warning(x <- endpoint(late(501, 500), "surgery_date", unit = "days"),
    "an event after death does not count", class = "oligosurv_warning_data"
  )
  expect_identical(paste(x$time, x$status), "500 death")
  expect_warning(endpoint(late(400), "scar_date", "lesion"), "of the table lesions",
    class = "oligosurv_warning_data"
  )
})
