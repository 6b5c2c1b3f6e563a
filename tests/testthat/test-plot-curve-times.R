# Estimates at requested times: their labels hide no curve.

none <- matrix(0, 0, 4)

test_that("labels are beside their points, apart from curves and from each other", {
  page <- c(100, 100)
  free <- label_places(50, 50, 20, 8, none, page)
  # right of the point and above it
  expect_equal(free, rbind(c(53, 73, 52, 60)))
  # a curve there: the other side
  curve <- rbind(c(50, 100, 51, 70))
  other <- label_places(50, 50, 20, 8, curve, page)
  expect_identical(touching(curve, other), 0L)
  two <- label_places(c(50, 50), c(50, 51), c(20, 20), c(8, 8)[1], none, page)
  expect_identical(touching(two[1, , drop = FALSE], two[2, ]), 0L)
  # inside the panel at its edges
  edge <- label_places(c(99, 1), c(99, 1), c(20, 20), 8, none, page)
  expect_true(all(edge >= 0 & edge <= 100))
})

test_that("the text of each label is the estimate of its curve", {
  skip_if_not_installed("ggplot2")
  fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
  p <- curve_plot(fit, times = c(1, 3.5))
  # S is 3/4 from 1, 3/8 from 3
  label <- layer_of(p, "GeomTimeLabel")[[1]]
  expect_identical(label$label, c("75%", "38%"))
  expect_identical(label$x, c(1, 3.5))
  withr::local_cairo_pdf(withr::local_tempfile())
  expect_silent(print(p))
  expect_silent(print(curve_plot(fit, times = 1, labels = "direct", min_risk = 2)))
})
