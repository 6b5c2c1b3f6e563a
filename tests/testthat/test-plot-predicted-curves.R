# Figures of predicted and adjusted curves: what is drawn, and errors.

test_that("figures have the corners of the curves, one panel a cause", {
  skip_if_not_installed("ggplot2")
  d <- curve_data(50, 91)
  a <- adjusted_curves(hazard_ratio(Surv(time, ev) ~ x + g, d), g)
  layers <- built(ggplot2::autoplot(a, unit = "months"))
  expect_identical(length(unique(layers[[2]]$PANEL)), 2L)
  expect_identical(length(built(ggplot2::autoplot(a, conf.int = FALSE))), 1L)
  plot <- ggplot2::autoplot(a, outcome = "death", title = "Deaths", unit = "months")
  expect_identical(plot$labels$title, "Deaths")
  expect_identical(plot$labels$x, "Time (months)")
  expect_identical(sort(unique(plot$data$estimate)),
    sort(unique(a$curves$estimate[a$curves$outcome == "death"]))
  )
  expect_error(ggplot2::autoplot(a, outcome = "cure"), "must be among",
    class = "oligosurv_error_input"
  )
})

test_that("base graphics draw the same rows and restore the margins", {
  d <- curve_data(50, 92)
  fit <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  p <- predict(fit, data.frame(x = 0, g = c("a", "b")))
  withr::local_pdf(NULL)
  before <- graphics::par("mar")
  rows <- plot(p)
  expect_identical(graphics::par("mar"), before)
  expect_identical(rows$estimate, p$curves$estimate)
  expect_error(plot(p, outcome = "x"), class = "oligosurv_error_input")
  many <- predict(fit, data.frame(x = 1:13, g = "a"))
  expect_error(plot(many), "13 curves", class = "oligosurv_error_data")
  unknown <- suppressMessages(predict(fit, data.frame(x = NA_real_, g = "a")))
  expect_error(plot(unknown), "nothing to draw", class = "oligosurv_error_data")
})
