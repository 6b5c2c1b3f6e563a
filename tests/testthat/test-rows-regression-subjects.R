# Covariates from counts that depend on how often each value occurs: as from the rows.

d <- hospital_rows(n = 400)
table <- event_table(Surv(day, dead) ~ age + arm, d)

test_that("splines, polynomials and functions of means are those of the rows", {
  scaled <- function(a, b) {
    expect_equal(tidy(a), tidy(b), tolerance = 1e-11)
    off <- log(tidy(a)$estimate / tidy(b)$estimate) / a$table$std.error
    expect_lt(max(abs(off)), 1e-12)
    expect_equal(a$proportional_hazards, b$proportional_hazards, tolerance = 1e-11)
  }
  for (rhs in list(
    ~ splines::ns(age, 3), ~ splines::ns(age, 3) * arm, ~ poly(age, 2) + arm,
    ~ splines::bs(age, 4), ~ scale(age), ~ I(age > median(age)) + arm,
    ~ I(age - mean(age)) * arm, ~ cut(age, quantile(age), include.lowest = TRUE)
  )) {
    scaled(hazard_ratio(table, rhs),
      hazard_ratio(stats::update(rhs, Surv(day, dead) ~ .), d)
    )
  }
})

test_that("groups without subjects do not count", {
  declared <- transform(d, age = factor(age, 40:90))
  table <- event_table(Surv(day, dead) ~ age, declared)
  numbers <- ~ splines::ns(as.numeric(as.character(age)), 3)
  same <- tidy(hazard_ratio(table, numbers))
  rows <- tidy(hazard_ratio(Surv(day, dead) ~ splines::ns(age, 3), d))
  expect_equal(same$estimate, rows$estimate, tolerance = 1e-11)
})

test_that("too many subjects to write out need knots that are given", {
  large <- table
  large$n <- large$n * 1e6
  knots <- ~ splines::ns(age, knots = c(55, 65), Boundary.knots = c(45, 80)) + arm
  expect_equal(tidy(hazard_ratio(large, knots, ties = "breslow"))$estimate,
    tidy(hazard_ratio(table, knots, ties = "breslow"))$estimate,
    tolerance = 1e-8
  )
  expect_error(hazard_ratio(large, ~ splines::ns(age, 3)), "cannot be determined for",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(large, ~ I(age - mean(age))), "cannot be determined for",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(table, ~ rev(age)[1:3]), "one per row",
    class = "oligosurv_error_input"
  )
})
