# autoplot() of tables, counts and cumulative hazards.

skip_if_not_installed("ggplot2")
autoplot <- ggplot2::autoplot

test_that("toxicity: bars add up to the share of patients with the event", {
  x <- toxicity_table(hcc_sbrt)
  p <- autoplot(x)
  got <- tapply(p$data$share, paste(tolower(p$data$phase), p$data$term), sum)
  rows <- as.data.frame(x)
  rows <- rows[rows$term != "Any adverse event" & rows$any_grade > 0, ]
  want <- stats::setNames(rows$any_grade / rows$n, paste(rows$phase, rows$term))
  expect_equal(got[names(want)], want, ignore_attr = TRUE)
  expect_length(got, length(want))
  # the most frequent event is on top
  expect_identical(utils::tail(levels(p$data$term), 1), "proteinuria")
  by <- autoplot(toxicity_table(hcc_sbrt, by = "cohort"))
  expect_identical(levels(by$data$strata), c("OP", "OM"))
  none <- hcc_sbrt
  none$adverse_events <- none$adverse_events[0, ]
  expect_error(autoplot(toxicity_table(none)), class = "oligosurv_error_data")
})

test_that("grades are darker the higher", {
  light <- colSums(grDevices::col2rgb(grade_colours[as.character(1:5)]))
  expect_true(all(diff(light) < -80))
})

test_that("baseline: the differences of the table, in their order", {
  x <- baseline_table(hcc_sbrt, by = "cohort")
  p <- autoplot(x)
  smd <- as.data.frame(x)
  smd <- abs(smd$smd[!duplicated(smd$variable)])
  expect_equal(p$data$size, sort(smd))
  none <- baseline_table(hcc_sbrt)
  expect_error(autoplot(none), "by = ", class = "oligosurv_error_data")
})

test_that("dose: the share of lesions with each item", {
  x <- dose_table(hcc_sbrt)
  p <- autoplot(x)
  expect_identical(p$data$share, x$n.reported / x$n)
  expect_identical(levels(p$data$term), rev(levels(x$item)))
})

test_that("cumulative hazard: steps from 0, unbounded limits not drawn", {
  d <- data.frame(month = c(2, 3, 3, 5), dead = c(1, 1, 1, 0))
  x <- cumulative_hazard(kaplan_meier(Surv(month, dead) ~ 1, d))
  expect_s3_class(x, "data.frame")
  p <- autoplot(x)
  # 1/4 from 2, 1/4 + 2/3 from 3 on; corners of the steps
  expect_equal(p$data$time, c(0, 2, 2, 3, 3, 5, 5))
  expect_equal(p$data$estimate, c(0, 0, 1 / 4, 1 / 4, 11 / 12, 11 / 12, 11 / 12))
  os <- endpoint(hcc_sbrt, "os")
  of_os <- autoplot(cumulative_hazard(kaplan_meier(Surv(time, status) ~ cohort, os)))
  expect_identical(of_os$labels$x, "Time (months)")
  lf <- cumulative_incidence(
    Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "local_failure")
  )
  both <- autoplot(cumulative_hazard(lf))
  expect_identical(nlevels(ggplot2::ggplot_build(both)$data[[2]]$PANEL), 2L)
  expect_error(autoplot(x[0, ]), class = "oligosurv_error_data")
})

test_that("event tables and flows have the figures of their functions", {
  table <- event_table(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os"))
  expect_identical(autoplot(table)$data, curve_plot(kaplan_meier(table))$data)
  lf <- event_table(Surv(time, status) ~ 1, endpoint(hcc_sbrt, "local_failure"))
  expect_identical(
    autoplot(lf, title = "x")$data, curve_plot(cumulative_incidence(lf))$data
  )
  flow <- flow_table(hcc_sbrt)
  expect_identical(autoplot(flow)$data, flow_plot(flow)$data)
})

test_that("what cannot be drawn says what shows it", {
  size <- sample_size("logrank", hazard_ratio = 0.5, median = 12, follow_up = 12)
  expect_error(autoplot(size), "result_table", class = "oligosurv_error_data")
  expect_error(autoplot(dose_table(hcc_sbrt), theme = 1), class = "oligosurv_error_input")
  expect_error(autoplot(dose_table(hcc_sbrt), x = 1), class = "oligosurv_error_input")
})

test_that("every class of results with a figure or a reason", {
  generic <- getNamespaceInfo("oligosurv", "S3methods")
  drawn <- generic[generic[, 1] == "autoplot", 2]
  tidied <- generic[generic[, 1] == "tidy", 2]
  expect_true(all(tidied %in% drawn))
})
