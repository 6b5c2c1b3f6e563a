# 24 lesions in 12 patients; those with 30 Gy in 5 (48 Gy10) fail, those with 50 Gy do not
response_study <- function(failing = seq(1, 23, 2)) {
  id <- rep(sprintf("P%02d", 1:12), each = 2)
  start <- as.Date("2020-01-01")
  failure <- rep(as.Date(NA), 24)
  failure[failing] <- start + 100 + 10 * failing
  patients <- data.frame(
    patient_id = unique(id), cohort = "OP", sbrt_start = start,
    progression_date = as.Date(NA), death_date = as.Date(NA),
    last_contact = start + 1000
  )
  lesions <- data.frame(
    patient_id = id, lesion_id = rep(1:2, 12), dose_gy = rep(c(30, 50), 12),
    fractions = 5, local_failure_date = failure
  )
  events <- data.frame(
    patient_id = character(), term = character(), grade = integer(),
    onset_date = character()
  )
  suppressWarnings(sbrt_study(patients, lesions, events))
}

test_that("bands, their counts and their incidence", {
  x <- dose_response(response_study(), times = c(6, 30))
  expect_identical(as.character(x$band), rep(c("< 75", ">= 100"), each = 2))
  expect_identical(x$median_bed, c(48, 48, 100, 100))
  expect_identical(x$n, rep(12L, 4))
  expect_identical(x$n.id, rep(12L, 4))
  expect_identical(x$n.event, c(12L, 12L, 0L, 0L))
  # failures on days 110, 130, ...: 4 of 12 by 6 months (182.6 days)
  expect_equal(x$estimate, c(4 / 12, 1, 0, 0), tolerance = 1e-12)
})

test_that("the tests are those of the estimators, with the requested scores", {
  study <- response_study(c(1, 3, 5, 7, 2))
  study$lesions$dose_gy[c(2, 6, 10)] <- 40
  rows <- as.data.frame(endpoint(study, "local_failure", "lesion"))
  rows$bed <- lesion_dose(study)$bed
  rows$band <- cut(rows$bed, c(0, 60, 90, Inf), c("a", "b", "c"))
  rows$failed <- as.integer(rows$status == "local failure")
  for (scores in c("median", "rank")) {
    score <- if (scores == "median") c(48, 72, 100) else 1:3
    gray <- gray_test(Surv(time, status) ~ band, rows, trend = score, id = patient_id)
    logrank <- logrank_test(Surv(time, failed) ~ band, rows, trend = score,
      id = patient_id
    )
    got <- attr(dose_response(study, breaks = c(60, 90), scores = scores), "tests")
    expect_equal(got$z, c(gray$tests$z[1], logrank$z), tolerance = 1e-12)
    expect_equal(got$p.value, c(gray$tests$p.value[1], logrank$p.value))
    expect_true(all(got$z < 0))
  }
})

test_that("more dose with fewer failures is a trend below 0, the reverse one above 0", {
  tests <- attr(dose_response(response_study()), "tests")
  expect_true(all(tests$z < 0 & tests$p.value < 0.01))
  turned <- attr(dose_response(response_study(seq(2, 24, 2))), "tests")
  expect_true(all(turned$z > 0 & turned$p.value < 0.01))
  none <- attr(dose_response(response_study(integer())), "tests")
  expect_identical(none$statistic, c(NA_real_, NA_real_))
  expect_identical(none$reason[2], "no events")
})

test_that("limits belong to the upper band, also after rounding", {
  band <- dose_band(c(74.99, 75, 100 - 1e-12, 100, 101), c(75, 100))
  expect_identical(as.integer(band), c(1L, 2L, 3L, 3L, 3L))
  expect_identical(levels(band), c("< 75", "75 to < 100", ">= 100"))
  expect_identical(levels(dose_band(1, 72)), c("< 72", ">= 72"))
  # 21 Gy in 3 fractions is 35.7 Gy10, which a double cannot represent exactly
  expect_identical(as.integer(dose_band(bed(7, 3), 35.7)), 2L)
})

test_that("one band, unknown doses", {
  one <- dose_response(response_study(), breaks = 500)
  expect_identical(unique(as.character(one$band)), "< 500")
  expect_identical(unique(attr(one, "tests")$reason), "all lesions are in one band")
  expect_output(print(one), "not defined: all lesions are in one band")
  study <- response_study()
  study$lesions$dose_gy[1:3] <- NA
  expect_output(print(dose_response(study)), "Left out: 3 lesions")
  study$lesions$dose_gy <- NA_real_
  expect_error(dose_response(study), "no lesion has", class = "oligosurv_error_data")
})

test_that("requests that cannot be met are input errors", {
  study <- response_study()
  input <- "oligosurv_error_input"
  expect_error(dose_response(study, breaks = c(2, 1)), "`breaks`", class = input)
  expect_error(dose_response(study, times = numeric()), "`times`", class = input)
  expect_error(dose_response(study, scores = "mean"), class = input)
  expect_error(dose_response(study, conf.level = 2), class = input)
})

test_that("the print is as expected", {
  expect_snapshot(print(dose_response(response_study(c(1, 3, 2)))))
  expect_output(print(dose_response(hcc_sbrt)[c("band", "n")]), ">= 100")
})
