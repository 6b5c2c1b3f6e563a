# forest_plot(): rows, limits beyond the axis, room for the text.

skip_if_not_installed("ggplot2")
op <- endpoint(hcc_sbrt, "os")
op <- op[op$cohort == "OP", ]
by_strategy <- Surv(time, status) ~ strategy

test_that("rows are those of the result, from the top down", {
  hr <- hazard_ratio(by_strategy, op)
  p <- ggplot2::autoplot(hr)
  want <- tidy(hr)
  expect_identical(p$data$estimate, want$estimate)
  expect_identical(p$data$label, "OP-C vs OP-N")
  expect_match(p$data$text, sprintf("^%.2f \\(.* p = ", want$estimate))
  d <- rate_difference(by_strategy, op, times = c(12, 24))
  p <- ggplot2::autoplot(d)
  expect_identical(p$data$label, paste("OP-C minus OP-N at", c(12, 24), "months"))
  expect_identical(p$data$estimate, tidy(d)$estimate)
  expect_identical(p$data$place, 2:1)
  p <- ggplot2::autoplot(restricted_mean(Surv(time, status) ~ 1, op, tau = 24))
  expect_identical(p$labels$x, "Restricted mean to 24 (months)")
  p <- forest_plot(response_rate(hcc_sbrt, by = "cohort"))
  expect_match(p$data$label[1], "objective response: OP (12 of 27)", fixed = TRUE)
})

test_that("limits beyond the axis end in an arrow; rows not estimable are marked", {
  d <- data.frame(
    label = c("a", "b", "c <i>&\"=|"), estimate = c(1, 2, NA), conf.low = c(0, 1.5, NA),
    conf.high = c(Inf, 2.5, NA), p.value = c(0.5, 0.0001, NA)
  )
  p <- forest_plot(d)
  segments <- layer_of(p, "GeomSegment")
  drawn <- do.call(rbind, lapply(segments[-1], `[`, c("x", "xend", "y")))
  whole <- drawn[drawn$y == 3, ]
  expect_equal(10^c(whole$x, whole$xend), c(1 / 50 * 0.9, 2.5 * 1.1))
  expect_equal(10^unlist(drawn[drawn$y == 2, 1:2]), c(1.5, 2.5), ignore_attr = TRUE)
  expect_identical(p$data$text[3], "not estimable")
  expect_match(p$data$text[2], "p < 0.001")
  expect_identical(nrow(layer_of(p, "GeomPoint")[[1]]), 2L)
  expect_identical(p$data$label, d$label)
  withr::local_cairo_pdf(withr::local_tempfile())
  expect_silent(print(p))
})

test_that("a journal's column has room for the intervals, whatever the names", {
  d <- data.frame(
    label = c(strrep("a long name ", 5), "b"), estimate = 1:2, conf.low = 0.5,
    conf.high = 3, p.value = 0.04
  )
  p <- forest_plot(d)
  expect_match(p$data$text, "\np = 0.04", fixed = TRUE)
  withr::local_pdf(NULL, width = 85 / 25.4, height = natural_height(p, 85) / 25.4)
  g <- ggplot2::ggplotGrob(p)
  panel <- g$layout$l[g$layout$name == "panel"]
  fixed <- grid::convertWidth(sum(g$widths[-panel]), "mm", valueOnly = TRUE)
  expect_gt(85 - fixed, 20)
  short <- forest_plot(transform(d, label = c("a", "b"), p.value = NA))
  expect_lt(natural_height(short, 85), natural_height(p, 85))
})

test_that("errors by class", {
  d <- data.frame(label = "a", estimate = -1, conf.low = 0, conf.high = 1)
  expect_error(forest_plot(d), class = "oligosurv_error_domain")
  expect_identical(forest_plot(d, ratio = FALSE)$data$estimate, -1)
  expect_error(forest_plot(d, ratio = NA, xlim = 1), class = "oligosurv_error_input")
  expect_error(forest_plot(1), class = "oligosurv_error_input")
  expect_error(forest_plot(d[0, ]), class = "oligosurv_error_data")
  expect_error(forest_plot(d[rep(1, 61), ], NA), "61", class = "oligosurv_error_data")
})
