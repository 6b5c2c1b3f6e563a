# albi() and child_pugh(): scores by hand, limits, units, words for signs, errors.

test_that("ALBI follows the formula, and its grade the limits of the unrounded score", {
  # by hand: 0.66 times 1 less 0.085 times 40, and 0.66 times 2 less 0.085 times 30
  expect_equal(albi(c(40, 30), c(10, 100), "g/l", "umol/l"),
    data.frame(score = c(-2.74, -1.23), grade = c(1L, 3L))
  )
  # 1 mg/dl = 10 / 584.66 mmol/l
  expect_equal(albi(4, 10 / (10000 / 584.66), "g/dl", "mg/dl")$score, -2.74,
    tolerance = 1e-4
  )
  # scores of -2.60 and -1.39 and just above them
  albumin <- function(score) (0.66 - score) / 0.085
  grade <- albi(albumin(c(-2.6001, -2.5999, -1.3901, -1.3899)), 10, "g/l", "umol/l")$grade
  expect_identical(grade, c(1L, 2L, 2L, 3L))
  expect_identical(albi_grade(c(-2.60, -1.39)), 1:2)
  expect_identical(albi(c(NA, 40), c(10, NaN), "g/l", "umol/l"),
    data.frame(score = c(NA_real_, NA), grade = c(NA_integer_, NA))
  )
  expect_identical(nrow(albi(double(), 10, "g/l", "umol/l")), 0L)
})

test_that("a value at a limit of Child-Pugh has 2 points, in either unit", {
  points <- function(bilirubin = 10, albumin = 40, inr = 1, ascites = "none",
                     encephalopathy = "none", bilirubin_unit = "umol/l",
                     albumin_unit = "g/l", ...) {
    child_pugh(bilirubin, albumin, inr, ascites, encephalopathy, bilirubin_unit,
      albumin_unit, ...
    )$points - 4L
  }
  steps <- c(1L, 2L, 2L, 3L)
  expect_identical(points(bilirubin = c(33.9, 34, 51, 51.1)), steps)
  expect_identical(points(c(1.9, 2, 3, 3.1), bilirubin_unit = "mg/dl"), steps)
  expect_identical(points(c(67.9, 68, 170, 170.1), cholestatic = TRUE), steps)
  expect_identical(
    points(c(3.9, 4, 5.9, 10, 10.1), bilirubin_unit = "mg/dl", cholestatic = TRUE),
    c(1L, 2L, 2L, 2L, 3L)
  )
  expect_identical(points(albumin = c(35.1, 35, 28, 27.9)), steps)
  expect_identical(points(albumin = c(3.6, 3.5, 2.8, 2.7), albumin_unit = "g/dl"), steps)
  expect_identical(points(inr = c(1.69, 1.7, 2.3, 2.31)), steps)
  expect_identical(points(ascites = c("none", "slight", "moderate")), 1:3)
  expect_identical(points(encephalopathy = c("none", "grade 1-2", "grade 3-4")), 1:3)
})

test_that("the class of Child-Pugh is A to 6, B to 9 and C from 10 points", {
  worst <- child_pugh(60, 20, 3, "moderate", "grade 3-4", "umol/l", "g/l")
  expect_identical(worst, data.frame(points = 15L, class = factor("C", c("A", "B", "C"))))
  expect_identical(as.character(child_pugh_class(5:10)),
    rep(c("A", "B", "C"), c(2, 3, 1))
  )
  # points 2, 2, 1, 2 and 1
  expect_identical(
    child_pugh(2.5, 3.5, 1.2, "slight", "none", "mg/dl", "g/dl")$points, 8L
  )
  unknown <- child_pugh(10, 40, NA, "none", "none", "umol/l", "g/l")
  expect_identical(unknown$points, NA_integer_)
})

test_that("signs are read in other words; numbers are grades only next to a 0", {
  sign <- function(ascites = "none", encephalopathy = "none") {
    child_pugh(10, 40, 1, ascites, encephalopathy, "umol/l", "g/l")$points - 4L
  }
  expect_identical(
    sign(c("No", " Mild", "diuretic-controlled", "Refractory", "severe", "", NA)),
    c(1L, 2L, 2L, 3L, 3L, NA, NA)
  )
  expect_identical(sign(c(0, 1, 2, 3)), c(1L, 2L, 3L, 3L))
  expect_identical(sign(factor("absent")), 1L)
  expect_identical(sign(encephalopathy = c("grade 1", "Grade 2", "grade 3", "grade 4")),
    c(2L, 2L, 3L, 3L)
  )
  expect_identical(sign(encephalopathy = c(0, 2, 4)), 1:3)
  error <- expect_error(sign(c(1, 1, 2)), "numbers are grades only if one of them is 0",
    class = "oligosurv_error_domain"
  )
  expect_identical(error$where, 1:3)
  expect_error(sign("yes"), "none, slight or moderate", class = "oligosurv_error_domain")
  expect_error(sign(list("no")), "must be text", class = "oligosurv_error_input")
})

test_that("units must be given, and an impossible value says which unit was given", {
  expect_error(albi(40, 10), "`albumin_unit` is missing", class = "oligosurv_error_input")
  expect_error(albi(40, 10, "g/l"), "\"umol/l\" or \"mg/dl\"",
    class = "oligosurv_error_input"
  )
  expect_error(albi(40, 10, "g/l", "mmol/l"), "bilirubin_unit",
    class = "oligosurv_error_input"
  )
  expect_identical(albi(40, 10, "g/L", "\u00b5mol/L"), albi(40, 10, "g/l", "umol/l"))
  error <- expect_error(albi(c(40, 4.1), 10, "g/l", "umol/l"),
    "the unit was given as g/l; if it is g/dl", class = "oligosurv_error_domain"
  )
  expect_identical(error$where, 2L)
  expect_error(albi(40, 0.8, "g/l", "umol/l"), "1 to 1200 umol/l; .* if it is mg/dl",
    class = "oligosurv_error_domain"
  )
  expect_warning(albi(4, c(8, 11, 14), "g/dl", "mg/dl"), "median of `bilirubin` is 11",
    class = "oligosurv_warning_domain"
  )
  expect_error(child_pugh(10, 40, 95, "none", "none", "umol/l", "g/l"),
    "`inr` must be from 0.5 to 15", class = "oligosurv_error_domain"
  )
  expect_error(albi("40", 10, "g/l", "umol/l"), "numeric",
    class = "oligosurv_error_input"
  )
  expect_error(albi(40:42, 10:11, "g/l", "umol/l"), "same length",
    class = "oligosurv_error_input"
  )
  expect_error(child_pugh(10, 40, 1, "none", "none", "umol/l", "g/l", cholestatic = NA),
    "`cholestatic` must be TRUE or FALSE", class = "oligosurv_error_input"
  )
})
