# augment(): the estimate at the time of each row.

d <- data.frame(
  month = c(3, 1, 4, 2, NA, 3), status = c(1, 1, 0, 0, 1, 1),
  g = c("a", "a", "a", "a", "a", "b"), keep = 6:1
)

test_that("each row has the estimate of its curve at its own time, in its place", {
  fit <- suppressMessages(kaplan_meier(Surv(month, status) ~ g, d))
  out <- suppressMessages(augment(fit, d, Surv(month, status) ~ g))
  expect_identical(out[names(d)], d)
  # by hand: in a S is 3/4 from 1 and 3/8 from 3; in b it is 0 from 3
  expect_equal(out$.fitted, c(3 / 8, 3 / 4, 3 / 8, 3 / 4, NA, 0))
  expect_equal(out$.n.risk, c(2, 4, 1, 3, NA, 1))
  expect_identical(as.character(out$.strata), c("a", "a", "a", "a", NA, "b"))
  at <- tidy(fit, times = 3)
  expect_equal(out[1, c(".se.fit", ".lower", ".upper")],
    at[at$strata == "a", c("std.error", "conf.low", "conf.high")], ignore_attr = TRUE
  )
})

test_that("the study: rows agree with summary() at their times, cause by cause", {
  lf <- endpoint(hcc_sbrt, "local_failure")
  fit <- cumulative_incidence(Surv(time, status) ~ cohort, lf)
  out <- augment(fit, lf, Surv(time, status) ~ cohort)
  expect_identical(nrow(out), 2L * nrow(lf))
  expect_identical(levels(out$.outcome), fit$outcomes)
  for (i in c(1, 20, 37)) {
    at <- tidy(fit, times = lf$time[i])
    at <- at[at$strata == lf$cohort[i], ]
    expect_equal(out$.fitted[c(i, i + nrow(lf))], at$estimate)
    expect_equal(out$.n.risk[i], at$n.risk[1])
  }
})

test_that("columns have the names that broom gives to fitted values", {
  skip_if_not_installed("broom")
  fit <- kaplan_meier(Surv(month, status) ~ 1, d[-5, ])
  ours <- names(augment(fit, d[-5, ], Surv(month, status) ~ 1))
  cox <- survival::coxph(Surv(month, status) ~ keep, d[-5, ])
  theirs <- names(broom::augment(cox, d[-5, ]))
  expect_true(all(c(".fitted", ".se.fit") %in% intersect(ours, theirs)))
})

test_that("rows that are missing are reported", {
  fit <- kaplan_meier(Surv(month, status) ~ g, d[-5, ])
  expect_error(augment(fit), "data", class = "oligosurv_error_input")
  expect_error(augment(fit, d), "formula", class = "oligosurv_error_input")
  other <- transform(d[-5, ], g = "c")
  expect_error(
    augment(fit, other, Surv(month, status) ~ g), class = "oligosurv_error_data"
  )
})
