# adjusted_curves(): by hand, groups, arguments and errors.

test_that("without other covariates the average is the predicted curve", {
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
  a <- adjusted_curves(fit, by = arm)
  p <- tidy(predict(fit, data.frame(arm = c("A", "B"))))
  expect_equal(tidy(a)$estimate, p$estimate, tolerance = 1e-14)
  means <- tidy(a, rows = "means")
  by_arm <- split(p$estimate, p$strata)
  expect_equal(means$estimate, vapply(by_arm, function(s) sum(s[1:4]), 0),
    ignore_attr = TRUE
  )
  expect_identical(means$tau, c(4, 4))
  change <- tidy(a, rows = "differences")
  expect_identical(unique(change$contrast), "B - A")
  expect_equal(change$estimate, by_arm$B - by_arm$A)
})

test_that("groups are named by column, text or variable of text", {
  d <- curve_data(50, 71)
  fit <- hazard_ratio(Surv(time, dead) ~ x + factor(s) + g, d)
  a <- adjusted_curves(fit, g, 5)
  which <- "g"
  expect_equal(adjusted_curves(fit, "g", 5), a)
  expect_equal(tidy(adjusted_curves(fit, by = factor(s), 5)),
    tidy(adjusted_curves(fit, "s", 5))
  )
  expect_identical(levels(tidy(adjusted_curves(fit, g, 5, values = c("c", "a")))$strata),
    c("c", "a")
  )
  from_c <- adjusted_curves(fit, g, 5, reference = "c")$differences
  expect_identical(from_c$contrast, c("a - c", "b - c"))
  expect_equal(from_c$estimate[1], -a$differences$estimate[2])
  expect_equal(from_c$std.error[1], a$differences$std.error[2])
  number <- adjusted_curves(fit, x, 5, values = c(-1, 1))
  expect_identical(levels(tidy(number)$strata), c("x=-1", "x=1"))
  p <- tidy(predict(fit, transform(d, x = -1), 5))
  expect_equal(tidy(number)$estimate[1], mean(p$estimate), tolerance = 1e-12)
})

test_that("what cannot be averaged is an error with a way out", {
  d <- curve_data(50, 72)
  fit <- hazard_ratio(Surv(time, dead) ~ x + splines::ns(id, 2) + g, d)
  input <- "oligosurv_error_input"
  expect_error(adjusted_curves(1, g), "hazard_ratio", class = input)
  expect_error(adjusted_curves(fit), "give `by`", class = input)
  expect_error(adjusted_curves(fit, dose), "must be a covariate", class = input)
  expect_error(adjusted_curves(fit, id), "spline", class = input)
  expect_error(adjusted_curves(fit, x), "give `values`", class = input)
  expect_error(adjusted_curves(fit, g, values = "z"), "levels of g", class = input)
  expect_error(adjusted_curves(fit, g, reference = "z"), "of the groups", class = input)
  expect_error(adjusted_curves(fit, g, type = "risk"), "must be", class = input)
  expect_error(adjusted_curves(fit, g, tau = -1), "at least 0", class = input)
  data <- "oligosurv_error_data"
  expect_error(adjusted_curves(fit, g, tau = 1e4), "last follow-up", class = data)
  expect_silent(adjusted_curves(fit, g, tau = 1e4, extend = TRUE))
  twice <- hazard_ratio(Surv(time, dead) ~ x + I(x^2), d)
  expect_error(adjusted_curves(twice, x, values = 1), "several covariates", class = input)
  late <- hazard_ratio(event_table(Surv(entry, time, dead) ~ g, d), ~g)
  expect_error(adjusted_curves(late, g), "which entry belongs", class = data)
  expect_s3_class(predict(late, data.frame(g = "a")), "predicted_curves")
})

test_that("ids are summed, and few subjects widen the limits", {
  d <- curve_data(36, 73)
  alone <- adjusted_curves(hazard_ratio(Surv(time, dead) ~ x + g, d), g, 5)
  each <- adjusted_curves(
    hazard_ratio(Surv(time, dead) ~ x + g, d, id = seq_len(36)), g, 5
  )
  expect_equal(tidy(each), tidy(alone), tolerance = 1e-12)
  twice <- adjusted_curves(
    hazard_ratio(Surv(time, dead) ~ x + g, d[rep(1:36, 2), ],
      id = rep(1:36, 2), ties = "breslow"
    ), g, 5
  )
  once <- adjusted_curves(
    hazard_ratio(Surv(time, dead) ~ x + g, d, ties = "breslow"), g, 5
  )
  expect_equal(tidy(twice)$std.error, tidy(once)$std.error, tolerance = 1e-10)
  expect_equal(twice$differences$p.value, once$differences$p.value, tolerance = 1e-10)
})

test_that("a reference that is no group is an error, whatever it is", {
  d <- data.frame(
    time = 1:8, dead = 1, g = rep(c("A", "B"), 4), x = c(3, 1, 4, 1, 5, 9, 2, 6)
  )
  fit <- hazard_ratio(Surv(time, dead) ~ g + x, d)
  for (reference in list("C", `if`, sum, list("A"), c("A", "B"))) {
    expect_error(adjusted_curves(fit, by = "g", times = 3, reference = reference),
      "`reference` must be one of the groups, \"A\", \"B\"",
      class = "oligosurv_error_input"
    )
  }
})
