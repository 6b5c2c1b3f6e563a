# Constants defined both in R and in C must be equal

test_that("R and C agree on the tie rule and the small-sample limits", {
  of_c <- .Call(C_constants)
  expect_identical(of_c$default_tie_tol, default_tie_tol)
  expect_identical(of_c$few_events, few_events)
  expect_identical(of_c$few_subjects, few_subjects)
  # a curve within same_probability of 1/2 counts as 1/2, in C and in R
  d <- data.frame(time = 1:4, event = 1)
  fit <- kaplan_meier(Surv(time, event) ~ 1, d, conf.type = "log-log")
  near <- c(-0.5, 0.5) * of_c$same_probability
  expect_identical(quantile(fit, 0.5 + near)$estimate, c(2.5, 2.5))
  expect_identical(quantile(fit, 0.5 + 40 * near)$estimate, c(2, 3))
})
