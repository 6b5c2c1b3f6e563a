# format_p_value(): the style of each journal.

p <- c(0.4702, 0.0461, 0.00312, 0.00004)

test_that("each journal has its digits, zero, sign and point", {
  expect_identical(format_p_value(p), c("0.47", "0.046", "0.003", "<0.001"))
  expect_identical(format_p_value(p, "nejm", TRUE),
    c("P=0.47", "P=0.05", "P=0.003", "P<0.001")
  )
  expect_identical(format_p_value(p, "jama", TRUE),
    c("P = .47", "P = .046", "P = .003", "P < .001")
  )
  expect_identical(format_p_value(p, "lancet", TRUE),
    c("p=0\u00b747", "p=0\u00b7046", "p=0\u00b70031", "p<0\u00b70001")
  )
})

test_that("edges: 0, 1, next to them, missing, none", {
  expect_identical(format_p_value(c(0, 1)), c("<0.001", ">0.99"))
  expect_identical(format_p_value(c(0.991, 1), "jama"), c(">.99", ">.99"))
  expect_identical(format_p_value(c(NA, 0.2), na = "-"), c("-", "0.20"))
  expect_identical(format_p_value(NA, prefix = TRUE), "P = NA")
  for (style in c("plain", "nejm", "jama", "lancet")) {
    expect_identical(format_p_value(double(), style), character())
  }
})

test_that("values that are not p-values are refused", {
  expect_error(format_p_value(1.2), "`p`", class = "oligosurv_error_domain")
  expect_error(format_p_value("0.2"), "`p`", class = "oligosurv_error_input")
  expect_error(format_p_value(0.2, "bmj"), "`style`", class = "oligosurv_error_input")
})
