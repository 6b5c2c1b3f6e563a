# theme_oligosurv() and the colours and line types of curves.

test_that("the theme is complete and has the requested size", {
  skip_if_not_installed("ggplot2")
  theme <- theme_oligosurv(7, "serif")
  expect_true(attr(theme, "complete") || isTRUE(theme$complete))
  expect_identical(ggplot2::calc_element("text", theme)$size, 7)
  expect_identical(ggplot2::calc_element("axis.text.x.bottom", theme)$family, "serif")
  expect_equal(ggplot2::calc_element("axis.text.x.bottom", theme)$size, 6.3)
  expect_error(theme_oligosurv(0), class = "oligosurv_error_input")
  expect_error(theme_oligosurv(8, 1), class = "oligosurv_error_input")
})

test_that("curves differ in colour and line type, and in grey", {
  style <- curve_styles(12)
  expect_identical(anyDuplicated(paste(style$colour, style$linetype)), 0L)
  rgb <- grDevices::col2rgb(response_colours[c("CR", "PR", "SD")])
  grey <- drop(c(0.299, 0.587, 0.114) %*% rgb)
  expect_true(all(diff(grey) > 25))
})

test_that("without ggplot2 the error says how to install it", {
  expect_error(need_package("no.such.package", "autoplot()"),
    "install.packages\\(\"no.such.package\"\\)", class = "oligosurv_error_dependency"
  )
})
