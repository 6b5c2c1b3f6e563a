# Figures of a hazard_ratio: forest plot, and residuals against time.

test_that("plot() draws scaled Schoenfeld residuals at the times of their events", {
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  d <- data.frame(month = c(1, 2.5, 4, 6), dead = c(1, 1, 0, 1), arm = c("A", "B"))
  d$age <- c(50, 61, 47, 70)
  fit <- hazard_ratio(Surv(month, dead) ~ arm + age, d, firth = FALSE)
  before <- graphics::par("mfrow")
  rows <- plot(fit)
  expect_identical(graphics::par("mfrow"), before)
  expect_identical(rows$time, rep(c(1, 2.5, 6), 2))
  expect_identical(rows$term, rep(c("arm B", "age"), each = 3))
  expect_equal(rows$residual, c(residuals(fit, "scaledsch")))
  expect_equal(unique(rows$estimate), unname(coef(fit)))
})

test_that("autoplot() has a panel a coefficient, with the p of its term", {
  skip_if_not_installed("ggplot2")
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  d <- cox_rows(4, 60)
  fit <- hazard_ratio(Surv(time, status) ~ age + arm, d)
  figure <- ggplot2::autoplot(fit, "residuals", outcome = "death")
  p <- fit$proportional_hazards
  p <- p$p.value[p$outcome == "death" & p$term == "age"]
  expect_identical(levels(figure$data$panel)[1], sprintf("age (P = %.3f)", p))
  expect_identical(nrow(figure$data), 3L * sum(d$status == "death"))
  expect_silent(ggplot2::ggplotGrob(figure))
  gray <- hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", "death")
  gray <- ggplot2::autoplot(gray, "residuals")
  expect_identical(sort(gray$data$time), sort(d$time[d$status == "death"]))
  forest <- ggplot2::autoplot(hazard_ratio(Surv(time, event) ~ age, d))
  expect_s3_class(forest, "ggplot")
  expect_error(ggplot2::autoplot(fit, "residuals"), "`outcome`",
    class = "oligosurv_error_input"
  )
  expect_error(ggplot2::autoplot(fit, "lines"), "`what`", class = "oligosurv_error_input")
  none <- hazard_ratio(Surv(time, 0 * event) ~ age, d)
  expect_error(ggplot2::autoplot(none, "residuals"), class = "oligosurv_error_data")
})

test_that("fewer than five events have no line, ties are drawn at the joined time", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(
    t = c(1, 1 + 1e-12, 2, 3), s = 1, x = c(0.2, 1.4, -0.3, 0.8)
  )
  figure <- ggplot2::autoplot(hazard_ratio(Surv(t, s) ~ x, d), "residuals")
  expect_length(figure$layers, 2L)
  expect_equal(figure$data$time, c(1, 1, 2, 3))
})
