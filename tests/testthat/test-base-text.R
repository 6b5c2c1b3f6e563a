# Text of numbers and of arguments in messages.

test_that("numbers beyond the precision of a double are not written out", {
  expect_identical(number_text(c(2.04698e26, 12.345, -3e9), 1), c(
    "2.047e+26", "12.3", "\u22123e+09"
  ))
})

test_that("a factor is not described like its label", {
  expect_identical(describe(factor(60)), "a factor of length 1")
  expect_identical(describe("60"), "\"60\"")
})
