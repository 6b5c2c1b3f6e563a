skip_if_not_installed("ggplot2")

fit <- kaplan_meier(Surv(time, status) ~ g, data.frame(
  time = c(1, 2, 3, 4, 5, 6), status = c(1, 0, 1, 1, 0, 1), g = rep(c("a", "b"), 3)
))
drawn <- function(p) list(ggplot2::ggplot_build(p)$data, p$labels)

test_that("an option by name, in a style, or over a style draws the same figure", {
  style <- curve_options(median = TRUE, min_risk = 2, ylab = "Alive", breaks = c(0, 3))
  named <- curve_plot(fit, median = TRUE, min_risk = 2, ylab = "Alive", breaks = c(0, 3))
  expect_identical(drawn(curve_plot(fit, options = style)), drawn(named))
  expect_identical(named$labels$y, "Alive")
  over <- curve_plot(fit, options = style, ylab = NULL, median = FALSE, censor = FALSE)
  expect_identical(drawn(over), drawn(
    curve_plot(fit, min_risk = 2, breaks = c(0, 3), censor = FALSE)
  ))
  expect_identical(over$labels$y, "Survival")
  expect_identical(
    drawn(ggplot2::autoplot(fit, options = style, conf.int = FALSE)),
    drawn(curve_plot(fit, options = style, conf.int = FALSE))
  )
})

test_that("options are checked by name", {
  input <- "oligosurv_error_input"
  expect_error(curve_plot(fit, cencor = TRUE), "`cencor`", class = input)
  expect_error(curve_plot(fit, hazard.ratio = TRUE), "`hazard.ratio`", class = input)
  expect_error(curve_plot(fit, options = list(median = TRUE)), "`options`", class = input)
  expect_error(curve_plot(fit, median = 2), "`median`", class = input)
  expect_error(curve_options(below_min = "x"), "`below_min`", class = input)
  expect_error(curve_options(xlab = 1), "`xlab`", class = input)
  expect_error(curve_options(ylim = c(0, 2)), "`ylim` is 0, 2;", class = input)
  expect_error(curve_options(breaks = c(0, -1)), "`breaks`",
    class = "oligosurv_error_domain"
  )
  expect_identical(curve_options(breaks = c(6, 0, 6))$breaks, c(0, 6))
})
