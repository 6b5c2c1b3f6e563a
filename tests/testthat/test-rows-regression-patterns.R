# Many rows with factors only are counted by covariate pattern: the fit is that of rows.

test_that("the fit by pattern is that of rows, and coxph()'s", {
  d <- withr::with_seed(41, {
    n <- 6000
    data.frame(
      time = ceiling(stats::rexp(n) * 5), event = stats::rbinom(n, 1, 0.7),
      a = factor(sample(c("x", "y"), n, TRUE), c("y", "x", "z")),
      b = factor(sample(letters[1:3], n, TRUE)), s = sample(1:2, n, TRUE)
    )
  })
  d$b[5] <- NA
  formula <- Surv(time, event) ~ a * b + strata(s)
  expect_message(fit <- hazard_ratio(formula, d), "1 row with a missing .*row 5")
  by_row <- quietly(tidy(hazard_ratio(update(formula, . ~ . + I(0 * time)), d)))
  by_row <- by_row[by_row$term != "I(0 * time)", ]
  columns <- c("term", "level", "reference", "n", "n.event")
  expect_equal(tidy(fit)[columns], by_row[columns], ignore_attr = TRUE)
  expect_equal(tidy(fit)$estimate, by_row$estimate, tolerance = 1e-11)
  peer <- survival::coxph(Surv(time, event) ~ factor(a, c("y", "x")) * b + strata(s), d,
    control = survival::coxph.control(1e-11)
  )
  known <- !is.na(tidy(fit)$estimate)
  expect_equal(log(tidy(fit)$estimate[known]), unname(stats::coef(peer)),
    tolerance = 1e-9
  )
  expect_equal(fit$proportional_hazards$p.value,
    unname(survival::cox.zph(peer)$table[, "p"]),
    tolerance = 1e-6
  )
  d$event <- d$event + 1
  expect_message(two <- hazard_ratio(formula, d[-5, ]), "1 = censored, 2 = event")
  expect_identical(tidy(two)$estimate, tidy(fit)$estimate)
})
