# The summary of a hazard_ratio: tests of all coefficients together.

# By hand: r = (sqrt(17) - 1) / 8 for the four rows of the help of hazard_ratio()
test_that("one coefficient has the Wald test of its z, and the likelihood ratio", {
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
  s <- summary(fit)
  expect_s3_class(s, "summary.hazard_ratio")
  expect_equal(s$wald$statistic, fit$table$statistic^2, tolerance = 1e-12)
  expect_equal(s$wald$p.value, fit$table$p.value, tolerance = 1e-12)
  expect_identical(s$wald$df2, Inf)
  r <- (sqrt(17) - 1) / 8
  loglik <- function(r) -log(2 + 2 * r) + log(r) - log(1 + 2 * r) - log(1 + r)
  expect_equal(s$likelihood_ratio$statistic, 2 * (loglik(r) - loglik(1)))
  expect_identical(s$table, tidy(fit))
  expect_identical(s$models, glance(fit))
})

test_that("the tests are those of summary(coxph()); by id the Wald test is F", {
  d <- cox_rows(5, 80)
  d$id <- rep(1:40, 2)
  f <- Surv(time, event) ~ age + arm
  s <- summary(hazard_ratio(f, d[names(d) != "id"]))
  peer <- summary(survival::coxph(f, d))
  expect_equal(unlist(s$likelihood_ratio), peer$logtest,
    tolerance = 1e-6, ignore_attr = TRUE
  )
  expect_equal(c(s$wald$statistic, s$wald$df), peer$waldtest[1:2],
    tolerance = 1e-2, ignore_attr = TRUE # survival rounds it
  )
  fit <- hazard_ratio(f, d, id = id)
  b <- coef(fit)
  by_id <- summary(fit)$wald
  statistic <- drop(b %*% solve(vcov(fit), b)) / 3
  expect_equal(by_id$statistic, statistic, tolerance = 1e-10)
  expect_equal(by_id$p.value, stats::pf(statistic, 3, 36, lower.tail = FALSE))
  expect_null(summary(fit)$likelihood_ratio)
  expect_output(print(summary(fit)), "F [0-9.]+ on 3 and 36 df")
})

test_that("what is not defined is left out, and outcomes are named", {
  d <- cox_rows(6, 80)
  causes <- summary(hazard_ratio(Surv(time, status) ~ age, d))
  expect_identical(causes$wald$outcome, c("failure", "death"))
  expect_output(print(causes), "death: Wald test")
  expect_output(print(causes), "Outcome Term")
  none <- summary(hazard_ratio(Surv(time, 0 * event) ~ age, d))
  expect_null(none$wald)
  expect_null(none$likelihood_ratio)
  expect_output(print(none), "no event")
  firth <- summary(hazard_ratio(Surv(time, event) ~ age, d, firth = TRUE))
  expect_null(firth$wald)
  expect_output(print(firth), "Firth")
  utils::capture.output(kept <- withVisible(print(firth)))
  expect_false(kept$visible)
})
