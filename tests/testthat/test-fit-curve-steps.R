# Baselines, and which persons have curves when coefficients are NA.

test_that("curves are known for covariates that are like those seen at events", {
  d <- curve_data(60, 41)
  d$twice <- 2 * d$x
  fit <- hazard_ratio(Surv(time, dead) ~ x + twice + g, d)
  alone <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  new <- data.frame(x = 1, twice = c(2, 3), g = "b")
  p <- predict(fit, new, times = 6)
  expect_equal(tidy(p)$estimate, c(tidy(predict(alone, new[1, ], 6))$estimate, NA))
  expect_identical(p$unknown, "twice=3")
  expect_output(print(p), "not estimable: twice=3")
  ratio <- predict(fit, new, type = "linear predictor")
  expect_identical(is.na(ratio$estimate), c(FALSE, TRUE))
  expect_equal(tidy(adjusted_curves(fit, g, 6)), tidy(adjusted_curves(alone, g, 6)),
    tolerance = 1e-10
  )
})

test_that("a group that leaves before the first event has no curve, the others have", {
  d <- data.frame(
    time = c(1, 2, 5:12), dead = c(0, 0, rep(1:0, 4)),
    g = c("a", "a", rep(c("b", "c", "c", "b"), 2))
  )
  fit <- hazard_ratio(Surv(time, dead) ~ g, d)
  expect_true(all(is.na(coef(fit))))
  p <- tidy(predict(fit, data.frame(g = c("a", "b", "c")), times = 7))
  known <- tidy(predict(
    hazard_ratio(Surv(time, dead) ~ g, d[d$g != "a", ]), data.frame(g = c("b", "c")), 7
  ))
  expect_equal(p$estimate, c(NA, known$estimate), tolerance = 1e-12)
  a <- adjusted_curves(fit, g, 7)
  expect_identical(a$unknown, "a")
  expect_identical(is.na(tidy(a)$estimate), c(TRUE, FALSE, FALSE))
})

test_that("hazard ratios without limits and fits without events are errors", {
  d <- curve_data(40, 42)
  d$dead[d$g == "c"] <- 0L
  fit <- suppressWarnings(hazard_ratio(Surv(time, dead) ~ g, d, firth = FALSE))
  new <- data.frame(g = "a")
  expect_error(predict(fit, new), "infinite for g c", class = "oligosurv_error_data")
  expect_error(adjusted_curves(fit, g), "infinite", class = "oligosurv_error_data")
  none <- hazard_ratio(Surv(time, dead) ~ g, transform(d, dead = 0L))
  expect_error(predict(none, new), "no coefficient", class = "oligosurv_error_data")
})

test_that("with Firth's likelihood the curves are those at its estimate", {
  d <- curve_data(40, 43)
  d$dead[d$g == "c"] <- 0L
  fit <- hazard_ratio(Surv(time, dead) ~ g, d)
  peer <- survival::coxph(Surv(time, dead) ~ g, d,
    init = coef(fit), control = survival::coxph.control(iter.max = 0)
  )
  new <- data.frame(g = c("a", "c"))
  theirs <- summary(survival::survfit(peer, newdata = new), times = 6)
  ours <- tidy(predict(fit, new, times = 6))
  expect_equal(ours$estimate, as.vector(theirs$surv), tolerance = 1e-10)
  expect_equal(ours$std.error, as.vector(theirs$std.err), tolerance = 1e-6)
  lesions <- hazard_ratio(Surv(time, dead) ~ g, d, id = id)
  ours <- tidy(predict(lesions, new, times = 6))
  expect_identical(is.na(ours$conf.low), c(TRUE, TRUE))
  expect_false(anyNA(ours$estimate))
})
