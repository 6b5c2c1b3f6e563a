# Residuals of a hazard_ratio against residuals.coxph().

types <- c("martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaledsch")

test_that("residuals are coxph()'s: ties, strata, missing values, delayed entry", {
  for (seed in 1:4) {
    d <- cox_rows(seed, 60, ties = seed < 3)
    d$age[7] <- NA
    d$entry <- if (seed %% 2) 0 * d$time else d$time / 3
    formula <- Surv(entry, time, event) ~ age + arm + strata(site)
    quietly(fit <- hazard_ratio(formula, d))
    peer <- survival::coxph(formula, d, control = survival::coxph.control(1e-11))
    for (type in types) {
      expect_equal(residuals(fit, type), residuals(peer, type),
        tolerance = 1e-7, ignore_attr = TRUE, label = paste(type, seed)
      )
    }
    expect_equal(sum(residuals(fit)), 0, tolerance = 1e-10)
  }
})

test_that("one coefficient gives a vector; rows counted by pattern give each row", {
  d <- withr::with_seed(3, data.frame(
    time = sample(30, 5100, TRUE), event = stats::rbinom(5100, 1, 0.6),
    arm = factor(sample(c("A", "B"), 5100, TRUE))
  ))
  d$arm[9] <- NA
  quietly(fit <- hazard_ratio(Surv(time, event) ~ arm, d))
  peer <- survival::coxph(Surv(time, event) ~ arm, d)
  for (type in types) {
    expect_equal(residuals(fit, type), residuals(peer, type),
      tolerance = 1e-6, ignore_attr = TRUE
    )
  }
  expect_equal(unname(model.matrix(fit)), unname(model.matrix(peer)), ignore_attr = TRUE)
})

test_that("by cause, and errors by class", {
  d <- cox_rows(7)
  fit <- hazard_ratio(Surv(time, status) ~ age, d)
  peer <- survival::coxph(Surv(time, status == "death") ~ age, d)
  expect_equal(residuals(fit, outcome = "death"), unname(residuals(peer)),
    tolerance = 1e-6
  )
  expect_error(residuals(fit), "`outcome` must be one",
    class = "oligosurv_error_input"
  )
  expect_error(residuals(fit, "raw", "death"), "`type`", class = "oligosurv_error_input")
  gray <- hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", outcome = "death")
  expect_error(residuals(gray), "Fine-Gray", class = "oligosurv_error_data")
  none <- hazard_ratio(Surv(time, 0 * event) ~ age, d)
  expect_error(residuals(none), class = "oligosurv_error_data")
})
