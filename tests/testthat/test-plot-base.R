os <- endpoint(hcc_sbrt, "os")
fit <- kaplan_meier(Surv(time, status) ~ cohort, os)

test_that("plot() returns the rows of tidy() and sets the margins back", {
  withr::local_pdf(NULL)
  before <- graphics::par("mar")
  rows <- plot(fit, unit = "months")
  expect_identical(graphics::par("mar"), before)
  wanted <- tidy(fit)
  expect_identical(rows[names(wanted)], wanted)
  expect_identical(rows$curve, wanted$strata)
})

test_that("edges draw: one subject, an empty group, no table, two causes with p", {
  withr::local_pdf(NULL)
  d <- data.frame(time = 1:2, status = 0, g = factor(c("A", "A"), c("A", "none")))
  expect_identical(levels(plot(kaplan_meier(Surv(time, status) ~ g, d))$curve), "A")
  expect_identical(plot(kaplan_meier(Surv(3, 1) ~ 1))$estimate, c(1, 0))
  expect_s3_class(plot(fit, risk_table = "none", title = "OS"), "data.frame")
  lf <- endpoint(hcc_sbrt, "local_failure")
  rows <- plot(cumulative_incidence(Surv(time, status) ~ cohort, lf),
    p.value = gray_test(Surv(time, status) ~ cohort, lf),
    outcome = c("local failure", "death")
  )
  expect_identical(nlevels(rows$curve), 4L)
})

test_that("errors by class", {
  withr::local_pdf(NULL)
  expect_error(plot(fit, col = 2), class = "oligosurv_error_input")
  expect_error(plot(fit, p.value = 0.5), class = "oligosurv_error_input")
})
