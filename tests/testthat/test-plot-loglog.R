# loglog_plot(): log(-log S) against log time.

skip_if_not_installed("ggplot2", "3.5.0")

test_that("values by hand, from the first event to the last time above 0", {
  x <- data.frame(time = c(1, 1, 2, 3, 5, 6), status = c(0, 1, 1, 0, 1, 1))
  fit <- kaplan_meier(Surv(time, status) ~ 1, x, conf.type = "log-log")
  rows <- loglog_plot(fit)$data
  # 5/6 after 1, 5/8 after 2, half of it after 5; 0 after 6
  s <- c(5 / 6, 5 / 8, 5 / 8, 5 / 16)
  expect_equal(rows$time, c(1, 2, 3, 5))
  expect_equal(rows$estimate, s, tolerance = 1e-12)
  expect_equal(rows$loglog, log(-log(s)), tolerance = 1e-12)
  # limits that are log-log are symmetric on this scale
  expect_equal(rows$high - rows$loglog, rows$loglog - rows$low, tolerance = 1e-9)
})

test_that("a hazard ratio is a distance, incidences are 1 minus them, axes have words", {
  # S of b is that of a squared at every time: the curves are log 2 apart
  a <- data.frame(time = c(1, 2, 3, 4), status = 1, group = "a")
  rows <- loglog_plot(kaplan_meier(Surv(time, status) ~ 1, a))$data
  expect_equal(rows$loglog, log(-log(c(3, 2, 1) / 4)), tolerance = 1e-12)
  lf <- endpoint(hcc_sbrt, "local_failure")
  fit <- cumulative_incidence(Surv(time, status) ~ cohort, lf)
  p <- loglog_plot(fit, "death", conf.int = TRUE)
  at <- p$data[p$data$strata == "OP", ]
  at <- at[nrow(at), ]
  wanted <- tidy(fit, times = at$time)
  f <- wanted$estimate[wanted$outcome == "death" & wanted$strata == "OP"]
  expect_equal(at$loglog, log(-log(1 - f)), tolerance = 1e-12)
  labels <- ggplot2::ggplot_build(p)$plot$labels
  expect_identical(labels$x, "Time (months)")
  expect_identical(labels$y, "log(\u2212log(1 \u2212 incidence of death))")
  expect_length(p$layers, 3L)
})

test_that("what has no logarithm is an error that says so", {
  none <- data.frame(time = 1:3, status = 0)
  fit <- kaplan_meier(Surv(time, status) ~ 1, none)
  expect_error(loglog_plot(fit), "between 0 and 1", class = "oligosurv_error_data")
  expect_error(loglog_plot(none), "`fit`", class = "oligosurv_error_input")
  lf <- cumulative_incidence(Surv(time, status) ~ 1, endpoint(hcc_sbrt, "local_failure"))
  expect_error(loglog_plot(lf, c("death", "local failure")), "one cause",
    class = "oligosurv_error_input"
  )
})
