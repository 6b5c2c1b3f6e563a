# Breaks of the time axis: steps that suit the unit, more of them on a wide page.

skip_if_not_installed("ggplot2")

lung <- survival::lung
lung$months <- lung$time / 30.4375
fit <- kaplan_meier(Surv(months, status == 2) ~ sex, lung)

# Breaks of the axis and columns of the table as drawn in a width in mm
drawn_breaks <- function(p, mm) {
  withr::local_cairo_pdf(withr::local_tempfile(), mm / 25.4, 100 / 25.4)
  build <- ggplot2::ggplot_build(p)
  at <- build$layout$panel_params[[1L]]$x$get_breaks()
  risk <- build$data[[which(vapply(build$data, function(d) !is.null(d$block), NA))]]
  list(axis = as.numeric(at[!is.na(at)]), table = sort(unique(risk$x)))
}

test_that("steps are those in which the unit is counted", {
  expect_identical(time_breaks(83, "months"), seq(0, 84, 12))
  expect_identical(time_breaks(83, "months", 4), seq(0, 72, 24))
  expect_identical(time_breaks(83, "months", 14), seq(0, 84, 6))
  expect_identical(time_breaks(6.9, "years"), 0:7 + 0)
  expect_identical(time_breaks(3650, "days", 7), seq(0, 3650, 730))
  expect_identical(time_breaks(40, NULL), seq(0, 40, 10))
  expect_identical(time_breaks(40, NULL, 14), seq(0, 40, 5))
  expect_identical(time_breaks(0, "months"), 0)
})

test_that("a page has more breaks than a column, in the axis and in the table", {
  p <- curve_plot(fit, unit = "months")
  column <- drawn_breaks(p, 85)
  page <- drawn_breaks(p, 174)
  expect_identical(column$axis, seq(0, 30, 6))
  expect_identical(page$axis, seq(0, 33, 3))
  expect_identical(column$table, column$axis)
  expect_identical(page$table, page$axis)
  # those given hold at every width
  given <- curve_plot(fit, unit = "months", breaks = c(0, 10, 20))
  expect_identical(drawn_breaks(given, 174)$axis, c(0, 10, 20))
  # a part of the axis has the breaks of its own length
  part <- curve_plot(fit, unit = "months") + ggplot2::coord_cartesian(xlim = c(0, 12))
  expect_identical(drawn_breaks(part, 85)$axis, seq(0, 12, 3))
})

test_that("the longest numbers of the table decide how many breaks there are", {
  expect_identical(most_intervals(text_em("158 (0)")), 7)
  expect_identical(most_intervals(text_em("30,000 (12,000)")), 3)
  expect_identical(most_intervals(text_em("158 (0)"), panels = 2L), 3)
  expect_identical(most_intervals(text_em("9"), width_mm = 174), 14)
  expect_identical(most_intervals(0, width_mm = 1000), 14)
  expect_identical(most_intervals(30), 1)
})
