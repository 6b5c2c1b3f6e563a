# The height of a figure of curves: the panel keeps a height in which steps can be read.

skip_if_not_installed("ggplot2")
skip_if_not(capabilities("cairo"))

# Height of the first panel in mm when a figure is drawn in its own height
panel_mm <- function(p, mm) {
  on_draft_device(mm, natural_height(p, mm), {
    drawn <- ggplot2::ggplotGrob(p)
    panel_size(drawn)[2L] * 25.4 / 72
  })
}

groups <- function(k) {
  d <- data.frame(time = seq_len(12 * k), status = 1, g = paste("Centre", rep(1:k, 12)))
  curve_plot(kaplan_meier(Surv(time, status) ~ g, d), unit = "months")
}

test_that("few rows at risk leave three quarters of the width, many make it higher", {
  expect_equal(natural_height(groups(2), 85), 0.75 * 85)
  expect_equal(panel_mm(groups(8), 85), 0.42 * 85, tolerance = 0.01)
  # each row of the table takes 1.25 lines of 6.624 points
  expect_equal(natural_height(groups(8), 85) - natural_height(groups(7), 85),
    1.25 * 0.92 * 7.2 * 25.4 / 72, tolerance = 0.01
  )
  # on a page three quarters of the width are enough
  expect_equal(natural_height(groups(8), 174), 0.75 * 174)
})

test_that("no device stays open, and the current one stays current", {
  withr::local_pdf(NULL)
  before <- grDevices::dev.list()
  natural_height(groups(2), 85)
  expect_identical(grDevices::dev.list(), before)
  expect_error(on_draft_device(85, 60, stop("half-way")), "half-way")
  expect_identical(grDevices::dev.list(), before)
})
