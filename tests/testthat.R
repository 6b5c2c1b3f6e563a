# Some checks install no suggested packages: without testthat no test can run
if (requireNamespace("testthat", quietly = TRUE)) {
  library(testthat)
  library(oligosurv)
  test_check("oligosurv")
}
