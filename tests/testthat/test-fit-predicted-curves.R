# The class predicted_curves: tidy() at times, print, table, sentence.

test_that("curves are read at times like those predicted there", {
  d <- curve_data(50, 61)
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d)
  new <- data.frame(x = 0, g = c("a", "b"))
  whole <- predict(fit, new)
  times <- c(0, 4, 4.5, 11, 1000)
  expect_equal(tidy(whole, times = times), tidy(predict(fit, new, times = times)))
  expect_identical(as.data.frame(whole), tidy(whole))
  some <- predict(fit, new, times = c(3, 6))
  expect_equal(tidy(some, times = 6)$estimate, tidy(whole, times = 6)$estimate)
  expect_error(tidy(some, times = 5), "known only at 3 and 6",
    class = "oligosurv_error_input"
  )
  expect_error(tidy(whole, times = NA), class = "oligosurv_error")
})

test_that("prints, tables and sentences say what was predicted and how", {
  d <- curve_data(50, 62)
  fit <- hazard_ratio(Surv(time, dead) ~ x + g, d, id = id)
  p <- predict(fit, data.frame(x = 0, g = c("a", "b")), times = 5)
  text <- gsub(" +", " ", paste(utils::capture.output(print(p)), collapse = " "))
  expect_match(text, "Predicted survival; Cox regression, Efron ties")
  expect_match(text, "influence of each id, t with [0-9]+ degrees")
  expect_match(text, "95% log-log limits")
  rows <- tidy(p)
  expect_match(text, sprintf("%.1f", 100 * rows$estimate[1]), fixed = TRUE)
  expect_match(inline_text(p)[1], sprintf("%.1f%%", 100 * rows$estimate[1]), fixed = TRUE)
  expect_s3_class(result_table(p), "result_table")
  expect_identical(glance(p), glance(fit))
})
