# Text in figures: shortening, widths, labels of axes.

test_that("long labels lose their middle and stay distinct", {
  expect_identical(shorten(c("one", strrep("x", 99), strrep("x", 98)), 20), c(
    "one", "xxxxxxxxxx...xxxxxx [1]", "xxxxxxxxxx...xxxxxx [2]"
  ))
  expect_identical(wrap_text(strrep("y", 25), 10), "yyyyyyyyyy\nyyyyyyyyyy\nyyyyy")
})

test_that("wide letters count twice, signs and control characters are text", {
  liver <- strrep("\u809d", 30)
  expect_lte(text_columns(shorten(liver, 20)), 20)
  expect_identical(shorten("a\nb <i>", 20), "a b <i>")
  expect_identical(wrap_text("", 10), "")
  expect_gt(text_em("\u809d"), text_em("a"))
})

test_that("percent labels have no rounding noise", {
  expect_identical(percent_axis(c(0, 0.07, 0.25, 1)), c("0%", "7%", "25%", "100%"))
})

test_that("times are written out", {
  times <- c(0, 1e5, 0.1 + 0.2, 1e-4)
  expect_identical(time_axis(times), c("0", "100,000", "0.3", "0.0001"))
})

test_that("thousands are separated from 10,000 on, as the journal does", {
  numbers <- c("9999", "10000", "-1234567", "12345.6789", "0.123456", "NA", "")
  expect_identical(thousands(numbers),
    c("9999", "10,000", "-1,234,567", "12,345.6789", "0.123456", "NA", "")
  )
  expect_identical(thousands("12345", "lancet"), "12\u2009345")
  expect_identical(format_number(c(123456, 12.5, 9999)), c("123,456", "12.5", "9999"))
  withr::local_pdf(NULL)
  expect_identical(device_text(thousands("12345", "jama")), "12 345")
})
