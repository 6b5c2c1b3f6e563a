# Layers laid out at drawing time: wrapping by measured width, breaks, signs of devices.

skip_if_not_installed("ggplot2")

test_that("text wraps to a measured width, words whole where they fit", {
  measure <- function(text) {
    vapply(strsplit(text, "\n"), function(lines) max(0, nchar(lines)), 0)
  }
  expect_identical(wrap_to("one two three", 13, measure), "one two three")
  expect_identical(wrap_to("one two three", 8, measure), "one two\nthree")
  expect_identical(wrap_to(c("", "abcdef"), 3, measure), c("", "abc\ndef"))
  # the room is less than a letter: one letter a line, not an endless loop
  expect_identical(wrap_to("ab", 0.5, measure), "a\nb")
})

test_that("a measure agrees with the device, and the guess is near it", {
  withr::local_cairo_pdf(withr::local_tempfile())
  text <- c("Analysed for overall survival", "a\nlonger second line", "")
  measured <- text_measure("")(10)(text)
  one <- grid::textGrob(text[1], gp = grid::gpar(fontsize = 10))
  expect_equal(measured[1], grid::convertWidth(grid::grobWidth(one), "pt", TRUE))
  expect_identical(measured[3], 0)
  guess <- text_guess(10)(text)
  expect_equal(guess[1] / measured[1], 1, tolerance = 0.25)
  expect_identical(guess[2], text_guess(10)("longer second line"))
})

test_that("the layer is given its size in points and the breaks of the axis", {
  seen <- NULL
  draw <- function(data, width, height, axis) {
    seen <<- list(data = data, width = width, height = height, axis = axis)
    grid::gList(grid::nullGrob())
  }
  rows <- data.frame(v = c(0, 5, NA))
  p <- ggplot2::ggplot(rows) + layer_drawn(rows, c(x = "v"), draw) +
    ggplot2::scale_x_continuous(
      limits = c(0, 10), breaks = c(0, 5, 20), expand = ggplot2::expansion(0)
    ) +
    ggplot2::labs(x = "name") + ggplot2::theme_void()
  # a point of grid is 1/72.27 inch
  withr::local_pdf(NULL, width = 100 / 72.27, height = 50 / 72.27)
  expect_silent(print(p))
  expect_equal(c(seen$width, seen$height), c(100, 50), tolerance = 1e-6)
  expect_identical(seen$data$x, c(0, 0.5, NA))
  expect_identical(seen$axis, list(at = c(0, 0.5), labels = c("0", "5"), title = "name"))
})

test_that("signs that pdf() cannot draw become a hyphen there, and only there", {
  signs <- "\u22121\u20132 \u221e"
  withr::with_cairo_pdf(withr::local_tempfile(), {
    expect_identical(minus_axis(function(x) c("-1", "a-b"))(1), c("\u22121", "a-b"))
  })
  withr::with_pdf(NULL, expect_identical(device_text(signs), "-1-2 Inf"))
  withr::with_cairo_pdf(
    withr::local_tempfile(), expect_identical(device_text(signs), signs)
  )
  p <- forest_plot(ratio = FALSE, data.frame(
    label = "a", estimate = -1, conf.low = -Inf, conf.high = 2
  ))
  withr::with_pdf(NULL, expect_silent(print(p)))
})
