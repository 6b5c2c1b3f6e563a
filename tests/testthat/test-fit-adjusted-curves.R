# The rows of adjusted_curves(), their print and their reading at times.

test_that("tidy() has the rows asked for, with names of broom", {
  d <- curve_data(50, 81)
  a <- adjusted_curves(hazard_ratio(Surv(time, ev) ~ x + g, d), g)
  expect_identical(names(tidy(a)), c(
    "time", "outcome", "strata", "estimate", "std.error", "conf.low", "conf.high",
    "conf.level", "conf.type"
  ))
  at <- tidy(a, rows = "differences", times = c(5, 10))
  expect_identical(nrow(at), 8L) # 2 causes, 2 contrasts, 2 times
  whole <- tidy(a, rows = "differences")
  same <- whole[whole$time == 5, ]
  if (nrow(same)) expect_equal(at$estimate[at$time == 5], same$estimate)
  expect_equal(at$p.value, 2 * stats::pt(-abs(at$estimate / at$std.error), 50 - 4))
  means <- tidy(a, rows = "means")
  expect_identical(nrow(means), 6L)
  change <- tidy(a, rows = "mean.differences")
  expect_equal(change$estimate[1], means$estimate[2] - means$estimate[1])
  expect_error(tidy(a, rows = "none"), class = "oligosurv_error_input")
})

test_that("the print has the curves and, as sentences, means with their difference", {
  d <- curve_data(50, 82)
  a <- adjusted_curves(hazard_ratio(Surv(time, ev) ~ x + g, d), g, 5, tau = 10)
  text <- gsub(" +", " ", paste(utils::capture.output(print(a)), collapse = " "))
  expect_match(text, "Adjusted cumulative incidence")
  expect_match(text, "groups: g")
  change <- a$mean.differences[1, ]
  expect_match(text, "mean time lost to 10 (relapse), b \u2212 a:", fixed = TRUE)
  expect_match(text, sub("-", "\u2212", sprintf("%.2f", change$estimate)), fixed = TRUE)
  expect_s3_class(result_table(a), "result_table")
})
