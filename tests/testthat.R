library(testthat)
library(oligosurv)

test_check("oligosurv")
