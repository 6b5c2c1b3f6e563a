# Answers of yes or no in their usual forms.

test_that("usual forms are read regardless of capitals and spaces", {
  yes <- c("yes", "Y", " Yes ", "TRUE", "T", "1", "ja", "J", "oui", "O", "si", "s\u00ed")
  no <- c("no", "N", "NO", "FALSE", "f", "0", "nein", "non")
  expect_identical(check_yes_no(yes, "x"), rep(TRUE, length(yes)))
  expect_identical(check_yes_no(no, "x"), rep(FALSE, length(no)))
  expect_identical(check_yes_no(c("", NA, "NA", "y"), "x"), c(NA, NA, NA, TRUE))
  expect_identical(check_yes_no(c(TRUE, NA), "x"), c(TRUE, NA))
  expect_identical(check_yes_no(c(0, 1, NA), "x"), c(FALSE, TRUE, NA))
  expect_identical(check_yes_no(factor(c("no", "yes")), "x"), c(FALSE, TRUE))
  expect_identical(check_yes_no(character(), "x"), logical())
})

test_that("anything else is an error with its position", {
  error <- tryCatch(check_yes_no(c("yes", "maybe"), "flag", "row"), error = identity)
  expect_s3_class(error, "oligosurv_error_input")
  expect_identical(error$where, 2L)
  expect_match(conditionMessage(error), "`flag` must be yes or no .* row 2 is \"maybe\"")
  expect_error(check_yes_no(list(1), "x"), class = "oligosurv_error_input")
})
