# Inversion of intervals into p-values: roots for many rows at the same time.

test_that("roots of functions that are nearly linear, or not, to 1e-10 of p", {
  wald <- c(0.3, 1, 1.9599, 1.96, 3, 7, 20) # estimate / standard error
  z <- boundary_z(function(i, z) wald[i] - z, rep(stats::qnorm(0.975), 7))
  p <- 2 * stats::pnorm(-wald)
  expect_equal(2 * stats::pnorm(-z) / p, rep(1, 7), tolerance = 1e-9)
  for (start in c(0.1, 1, 4)) { # for any confidence level of the interval shown
    again <- boundary_z(function(i, z) wald[i] - z, rep(start, 7))
    expect_equal(again, wald, tolerance = 1e-11)
  }
  bent <- function(i, z) 1 - (z / wald[i])^3
  expect_equal(boundary_z(bent, rep(1, 7)), wald, tolerance = 1e-11)
  saturated <- function(i, z) 0.5 - stats::pnorm(z - wald[i])
  expect_equal(boundary_z(saturated, rep(1, 7)), wald, tolerance = 1e-11)
})

test_that("an interval that holds the value at every level has z 0", {
  expect_identical(boundary_z(function(i, z) rep(-1, length(i)), c(1, 2)), c(0, 0))
  expect_identical(boundary_z(function(i, z) rep(1, length(i)), 2), max_z)
  expect_identical(boundary_z(function(i, z) stop("no rows"), double()), double())
  expect_identical(boundary_z(function(i, z) z * NA, 1), NA_real_)
})

test_that("rows are requested by their own number", {
  truth <- c(9, 2, 9, 3)
  z <- boundary_z(function(i, z) truth[i] - z, c(1, 1), row = c(2, 4))
  expect_equal(z, c(2, 3), tolerance = 1e-11)
})

test_that("a gap that is not monotone: the side of the root is that of the interval", {
  up_and_down <- function(i, z) ifelse(z < 1, -1, 2 - z)
  expect_equal(boundary_z(up_and_down, 1.5), 2, tolerance = 1e-10)
  expect_gte(boundary_z(up_and_down, 2.5), 0)
  expect_lte(boundary_z(up_and_down, 2.5), 2.5)
})

test_that("a gap of NA has no root, and one of -Inf is inside the interval", {
  expect_identical(boundary_z(function(i, z) c(NA, 2 - z)[i], c(1, 1))[1], NA_real_)
  lost <- function(i, z) ifelse(i == 1L & z > 1.5, NA, 2 - z) # NA inside the bracket
  expect_equal(boundary_z(lost, c(1, 1)), c(NA, 2), tolerance = 1e-11)
  middle <- function(i, z) ifelse(i == 1L & z > 0.3 & z < 1.5, NA, 1 - z) # NA between
  expect_equal(boundary_z(middle, c(2, 2)), c(NA, 1), tolerance = 1e-11)
  cut <- function(i, z) ifelse(z > 3, -Inf, 4 - z) # a limit of 0 is -Inf on the log scale
  for (start in c(1, 3.5)) expect_equal(boundary_z(cut, start), 3, tolerance = 1e-9)
  far <- function(i, z) ifelse(z > 3, -Inf, 2 - z)
  for (start in c(1, 10)) expect_equal(boundary_z(far, start), 2, tolerance = 1e-9)
})
