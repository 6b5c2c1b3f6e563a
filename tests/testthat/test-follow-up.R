test_that("events at a time leave before the censorings at that time", {
  # the help page of prodlim has this case: 5, where a turned status gives 6
  fit <- follow_up(Surv(c(1, 2, 3, 5, 5, 6), c(1, 0, 1, 1, 0, 0)) ~ 1)
  rows <- tidy(fit)
  expect_identical(median(fit)$estimate, 5)
  expect_identical(rows$n.risk, c(6, 5, 5, 3, 2, 1))
  expect_equal(rows$estimate, c(1, 1, 4 / 5, 4 / 5, 2 / 5, 0))
})

test_that("without ties it is Kaplan-Meier with the status turned round", {
  withr::local_seed(2)
  time <- rexp(50)
  status <- rbinom(50, 1, 0.5)
  expect_identical(
    tidy(follow_up(Surv(time, status) ~ 1))$estimate,
    tidy(kaplan_meier(Surv(time, 1 - status) ~ 1))$estimate
  )
})

test_that("nobody censored: not estimable; competing events all count", {
  expect_identical(median(follow_up(Surv(1:5, rep(1, 5)) ~ 1))$estimate, NA_real_)
  k <- factor(c(0, 1, 2, 0), 0:2, c("censored", "x", "y"))
  expect_identical(
    tidy(follow_up(Surv(1:4, k) ~ 1))$estimate,
    tidy(follow_up(Surv(1:4, k != "censored") ~ 1))$estimate
  )
})
