# R code as text.

test_that("code gives the value when it is run", {
  values <- list(
    "a", 1, NA, TRUE, c("a", "b\"c"), c(x = "a", "y z" = "b"), c(a = NA, b = "c"),
    list(patients = c(sbrt_start = "RT start"), onset_date = "dmy"), -99, 0.1,
    list(list(a = c(if_ = "x")), 2), c("1" = "OP", "(empty)" = NA)
  )
  for (value in values) {
    expect_identical(eval(parse(text = r_code(value))), value)
  }
  long <- list(a = c(x = strrep("m", 60)), b = c(y = strrep("n", 60)), c = "l")
  expect_match(r_code(long), "\n  b = c(y =", fixed = TRUE)
  expect_identical(eval(parse(text = r_code(long))), long)
  expect_identical(r_code(as.Date("2021-01-05")), "\"2021-01-05\"")
  expect_identical(r_code(NULL), "NULL")
})

test_that("a long call has one line per argument and never breaks text", {
  expect_identical(call_code("f", c("\"x\"", a = "1")), "f(\"x\", a = 1)")
  expect_identical(call_code("f", "x"), "f(x)")
  expect_identical(call_code("f", c("x", a = "\"b c\""), width = 5L),
    "f(\n  x,\n  a = \"b c\"\n)"
  )
})

test_that("the code of a vector is that of its values", {
  values <- list(
    c(1, 0.1, 1e5, 123456789, NA), c(TRUE, NA), c(1L, 10L), as.Date(c("2021-01-05", NA)),
    factor(c("b", "a")), c("1" = NA, "a" = "x")
  )
  for (value in values) {
    each <- vapply(seq_along(value), function(i) r_code(unname(value[i])), "")
    if (!is.null(names(value))) each <- paste(c("\"1\"", "a"), "=", each)
    expect_identical(r_code(value), sprintf("c(%s)", paste(each, collapse = ", ")))
  }
})
