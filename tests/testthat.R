# Without Suggests, as some checks run, there is no testthat and nothing to do
if (requireNamespace("testthat", quietly = TRUE)) {
  library(testthat)
  library(oligosurv)
  test_check("oligosurv")
}
