# Cells of study tables: all formats of a value, and the resulting types.

test_that("every way to write a value gives the same study", {
  plain <- small_study()
  tables <- small_tables()
  for (day in c("sbrt_start", "progression_date", "death_date")) {
    tables$patients[[day]] <- as.Date(tables$patients[[day]])
  }
  tables$patients$last_contact <- as.POSIXct(tables$patients$last_contact, tz = "UTC")
  tables$patients$cohort <- factor(tables$patients$cohort)
  tables$patients$best_change_pct <- as.numeric(tables$patients$best_change_pct)
  tables$patients$patient_id <- c(" A", "B ", "C\u00a0", "\tD")
  tables$lesions$lesion_id <- as.numeric(tables$lesions$lesion_id)
  tables$adverse_events$grade <- as.numeric(tables$adverse_events$grade)
  expect_identical(do.call(sbrt_study, tables), plain)
})

test_that("values have the types of the schema", {
  study <- small_study()
  cohort <- factor(c("OP", "OP", "OM", "OP"), c("OP", "OM"))
  expect_identical(study$patients$cohort, cohort)
  expect_s3_class(study$patients$sbrt_start, "Date")
  expect_identical(study$patients$best_change_pct, c(-40.5, 10, -100, NA))
  expect_identical(study$adverse_events$grade, c(1L, 3L, 2L))
  expect_identical(levels(study$lesions$best_response), c("CR", "PR", "SD", "PD", "NE"))
})

test_that("long numeric ids are not rounded or written with an exponent", {
  ids <- c(100000, 123456789012, 3, 40)
  tables <- small_tables()
  key <- c(A = ids[1], B = ids[2], C = ids[3], D = ids[4])
  for (name in names(tables)) {
    tables[[name]]$patient_id <- unname(key[tables[[name]]$patient_id])
  }
  expect_identical(
    do.call(sbrt_study, tables)$patients$patient_id,
    c("100000", "123456789012", "3", "40")
  )
})

test_that("a logical column without values is an empty column", {
  tables <- small_tables()
  tables$lesions$local_failure_date <- NA
  tables$patients$strategy <- NA
  study <- do.call(sbrt_study, tables)
  expect_identical(study$lesions$local_failure_date, rep(as.Date(NA), 5))
  expect_identical(study$patients$strategy, factor(rep(NA, 4), character()))
})

test_that("numbers that are not finite are errors", {
  tables <- small_tables()
  tables$lesions$diameter_mm <- c(1, Inf, 2, NaN, NA)
  problems <- study_problems(tables)
  expect_identical(problems$row, 2L)
})
