# bed() and eqd2(): published schedules, sums of schedules, refusals.

test_that("published schedules", {
  # Radiat Oncol 2021;16:73, table 3, doi:10.1186/s13014-021-01802-9
  published <- data.frame(
    dose = c(30, 25, 27, 24, 20, 18, 16, 14, 12), n = c(5, 5, 3, 3, 1, 1, 1, 1, 1),
    bed10 = c(48, 37.5, 51.3, 43.2, 60, 50.4, 41.6, 33.6, 26.4),
    eqd10 = c(40, 31.25, 42.75, 36, 50, 42, 34.67, 28, 22),
    bed2 = c(120, 87.5, 148.5, 120, 220, 180, 144, 112, 84),
    eqd2 = c(60, 43.75, 74.25, 60, 110, 90, 72, 56, 42)
  )
  d <- published$dose / published$n
  expect_equal(bed(d, published$n), published$bed10, tolerance = 1e-12)
  expect_equal(round(eqd2(d, published$n), 2), published$eqd10, tolerance = 1e-12)
  expect_equal(bed(d, published$n, 2), published$bed2, tolerance = 1e-12)
  expect_equal(eqd2(d, published$n, 2), published$eqd2, tolerance = 1e-12)
})

test_that("schedules of SBRT as their names in the literature", {
  # 54 Gy in 3 fractions is 151.2 Gy10, 48 Gy in 4 is 105.6 Gy10 (RTOG 0236, JCOG 0403)
  expect_equal(bed(c(18, 12), c(3, 4)), c(151.2, 105.6), tolerance = 1e-12)
  # Fractions of 2 Gy are their own equivalent dose, for any tissue
  expect_equal(eqd2(2, 30, c(1.5, 3, 10)), rep(60, 3), tolerance = 1e-12)
})

test_that("the parts of a schedule add up, whatever their order", {
  expect_equal(bed(c(2, 8), c(25, 2), schedule = c("A", "A")), c(A = 60 + 28.8))
  d <- c(2, 8, 10, 8)
  n <- c(25, 2, 5, 1)
  got <- bed(d, n, 3, schedule = c("b", "b", "a", "b"))
  expect_identical(names(got), c("b", "a"))
  expect_equal(got[["b"]], sum(bed(d, n, 3)[c(1, 2, 4)]), tolerance = 1e-12)
  expect_equal(eqd2(d, n, 3, c(1, 1, 2, 1)), eqd2(d, n, 3, factor(c(1, 1, 2, 1))))
  # one course of n fractions equals n courses of one fraction
  expect_equal(bed(rep(7, 8), 1, schedule = rep("x", 8))[["x"]], bed(7, 8),
    tolerance = 1e-12
  )
  # the same dose in more fractions has less effect, down to the physical dose
  expect_warning(many <- bed(60 / c(1, 3, 30, 3e6), c(1, 3, 30, 3e6)), "above 40 Gy",
    class = "oligosurv_warning_domain"
  )
  expect_true(all(diff(many) < 0))
  expect_equal(many[4], 60, tolerance = 1e-5)
})

test_that("missing values, recycling and empty input", {
  expect_identical(bed(c(10, NA), c(5L, 5L)), c(100, NA))
  expect_identical(bed(NA, 5), NA_real_)
  expect_identical(bed(10, 5, c(10, NA)), c(100, NA))
  expect_identical(bed(c(10, NA), 5, schedule = c("a", "a")), c(a = NA_real_))
  expect_identical(bed(numeric(), numeric()), numeric())
  expect_identical(eqd2(numeric(), 5), numeric())
  expect_length(bed(numeric(), 5, schedule = character()), 0)
})

test_that("an invalid schedule is an error by class", {
  input <- "oligosurv_error_input"
  domain <- "oligosurv_error_domain"
  expect_error(bed("10", 5), "`dose_per_fraction` must be numeric", class = input)
  expect_error(bed(10, TRUE), "`fractions`", class = input)
  expect_error(bed(1:2, 1:3), "same length or length 1; their lengths are 2, 3 and 1",
    class = input
  )
  expect_error(bed(10, 5, schedule = c("a", "b")), "`schedule`", class = input)
  expect_error(bed(c(1, 2), 5, schedule = c("a", NA)), "has missing values",
    class = input
  )
  for (bad in list(0, -1, Inf, NaN)) {
    expect_error(bed(c(10, bad), 5), "element 2", class = domain)
    expect_error(eqd2(10, 5, bad), "`alpha_beta`", class = domain)
  }
  e <- expect_error(bed(10, c(1, 2.5, 0)), "whole numbers of at least 1", class = domain)
  expect_identical(e$where, 2:3)
})

test_that("a total dose is not mistaken for the dose of one fraction", {
  input <- "oligosurv_error_input"
  for (f in list(bed, eqd2)) {
    # R would complete `dose` and `d` to `dose_per_fraction`
    expect_error(f(dose = 60, fractions = 4), "for a total dose", class = input)
    expect_error(f(d = 15, fractions = 4), "`d` is not an argument", class = input)
    expect_error(f(dose_per = 15, 4), class = input)
    expect_error(f(fractions = 4, dose = 60), class = input)
    expect_error(do.call(f, list(dose = 60, fractions = 4)), class = input)
    expect_error(mapply(f, dose = 60, fractions = 4), class = input)
    through <- function(...) f(...)
    expect_error(through(dose = 60, fractions = 4), class = input)
    expect_identical(through(dose_per_fraction = 15, fractions = 4), f(15, 4))
    expect_identical(through(15, 4), f(15, 4))
    warned <- expect_warning(f(c(15, 60, NA), 4), "above 40 Gy \\(element 2",
      class = "oligosurv_warning_domain"
    )
    expect_identical(warned$where, 2L)
    expect_silent(f(c(40, 2, NA), 4))
  }
  expect_warning(value <- bed(60, 4), class = "oligosurv_warning_domain")
  expect_identical(value, 1680)
})

test_that("one rule says above which dose per fraction there is a warning", {
  patients <- data.frame(
    patient_id = "A", cohort = "OP", sbrt_start = "2020-01-01", progression_date = NA,
    death_date = NA, last_contact = "2021-01-01"
  )
  events <- data.frame(
    patient_id = character(), term = character(), grade = integer(),
    onset_date = character()
  )
  of <- function(dose) {
    sbrt_study(patients, data.frame(
      patient_id = "A", lesion_id = 1, dose_gy = 3 * dose, fractions = 3,
      local_failure_date = NA
    ), events)
  }
  expect_warning(study <- of(largest_fraction + 1), "above 40 Gy per fraction",
    class = "oligosurv_warning_study"
  )
  # sbrt_study() has warned already; functions of the study do not warn again
  expect_silent(dose <- lesion_dose(study))
  expect_equal(dose$bed, 3 * 41 * (1 + 41 / 10), tolerance = 1e-12)
  expect_no_warning(of(largest_fraction))
})
