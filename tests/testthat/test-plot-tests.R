# autoplot() of tests and pairwise tests.

skip_if_not_installed("ggplot2")
d <- data.frame(month = 1:9, status = 1, arm = rep(c("A", "B <b>", "C"), each = 3))
by_arm <- Surv(month, status) ~ arm

test_that("a test shows its observed and expected events and its p-value", {
  test <- logrank_test(by_arm, d)
  p <- ggplot2::autoplot(test)
  points <- layer_of(p, "GeomPoint")[[1]]
  expect_equal(sort(points$x), sort(c(test$groups$observed, test$groups$expected)))
  expect_match(p$labels$caption, "^Log-rank test\nP = 0\\.")
  lf <- endpoint(hcc_sbrt, "local_failure")
  gray <- ggplot2::autoplot(gray_test(Surv(time, status) ~ cohort, lf))
  expect_identical(nlevels(layer_of(gray, "GeomPoint")[[1]]$PANEL), 2L)
  expect_error(ggplot2::autoplot(test, colour = 1), class = "oligosurv_error_input")
})

test_that("pairs have a tile each with the adjusted p", {
  pairs <- pairwise_test(by_arm, d)
  p <- ggplot2::autoplot(pairs)
  want <- format_p_value(tidy(pairs)$adj.p.value)
  expect_identical(layer_of(p, "GeomText")[[1]]$label, want)
  none <- ggplot2::autoplot(pairwise_test(by_arm, transform(d, status = 0)))
  expect_identical(unique(layer_of(none, "GeomText")[[1]]$label), "n.d.")
})

test_that("40 groups are a figure, 41 an error", {
  withr::local_pdf(NULL)
  many <- function(k) data.frame(month = seq_len(2 * k), status = 1, arm = rep(1:k, 2))
  p <- ggplot2::autoplot(logrank_test(by_arm, many(40)))
  expect_silent(print(p))
  expect_identical(nrow(layer_of(p, "GeomPoint")[[1]]), 80L) # observed and expected curve
  expect_error(
    ggplot2::autoplot(logrank_test(by_arm, many(41))), class = "oligosurv_error_data"
  )
})

test_that("a test that lost its numbers by group is not drawn", {
  test <- logrank_test(by_arm, d)
  test$groups <- NULL
  error <- expect_error(ggplot2::autoplot(test), "was changed after .*create it again",
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "object")
})
