# Data frames and factors made without the checks of data.frame() and factor().

test_that("they equal those of R", {
  expect_identical(quick_factor(c(2L, 1L, 2L), c("a", "b")), factor(c("b", "a", "b")))
  columns <- list(x = c(1.5, 2), y = c("u", "v"))
  expect_identical(quick_frame(columns), data.frame(x = c(1.5, 2), y = c("u", "v")))
})

test_that("codes become factors, and the vectors of the caller stay as they are", {
  code <- c(1L, 2L, 2L)
  columns <- list(cause = code, group = 3:1, n = c(4, 5, 6))
  got <- quick_frame(columns, list(c("relapse", "death"), c("A", "B", "C")))
  expect_identical(got, data.frame(
    cause = factor(c("relapse", "death", "death"), c("relapse", "death")),
    group = factor(c("C", "B", "A")), n = c(4, 5, 6)
  ))
  expect_identical(code, c(1L, 2L, 2L))
  expect_identical(columns, list(cause = code, group = 3:1, n = c(4, 5, 6)))
})
