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
