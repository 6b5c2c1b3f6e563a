# forest_plot(): rows, columns, limits beyond the axis, room for the text.

skip_if_not_installed("ggplot2")
op <- endpoint(hcc_sbrt, "os")
op <- op[op$cohort == "OP", ]
by_strategy <- Surv(time, status) ~ strategy
d <- data.frame(
  label = c("a", "b", "c <i>&\"=|"), estimate = c(1, 2, NA), conf.low = c(0, 1.5, NA),
  conf.high = c(Inf, 2.5, NA), p.value = c(0.5, 0.0001, NA), n = c(20, 30, 0),
  n.event = c(10, 15, 0)
)

# Texts of a figure drawn at a width, from left to right by heading
drawn_texts <- function(p, mm) {
  withr::local_cairo_pdf(withr::local_tempfile(),
    width = mm / 25.4, height = natural_height(p, mm) / 25.4
  )
  print(p)
  grid::grid.force()
  found <- grid::grid.get("sized_drawing", grep = TRUE)$children
  texts <- found[vapply(found, inherits, NA, "text")]
  unlist(lapply(texts, function(t) gsub("\n", " ", t$label)), use.names = FALSE)
}

test_that("rows are those of the result, from the top down", {
  hr <- hazard_ratio(by_strategy, op)
  p <- ggplot2::autoplot(hr)
  want <- tidy(hr)
  expect_identical(p$data$estimate, want$estimate)
  expect_identical(p$data$label, "OP-C vs OP-N")
  expect_match(p$data$text, sprintf("^%.2f \\(", want$estimate))
  expect_identical(p$data$p, format_p_value(want$p.value))
  x <- rate_difference(by_strategy, op, times = c(12, 24))
  p <- ggplot2::autoplot(x)
  expect_identical(p$data$label, paste("OP-C minus OP-N at", c(12, 24), "months"))
  expect_identical(p$data$estimate, tidy(x)$estimate)
  expect_identical(p$data$place, 2:1)
  p <- ggplot2::autoplot(restricted_mean(Surv(time, status) ~ 1, op, tau = 24))
  expect_identical(p$labels$x, "Restricted mean to 24 (months)")
  one <- one_sample_test(Surv(time, status) ~ 1, op, hazard = 0.02)
  expect_identical(forest_plot(one)$data$p.value, one$tests$p.exact)
})

test_that("ranges have an en dash, or \"to\" below 0, and true minus signs", {
  values <- data.frame(
    label = c("a", "b"), estimate = c(0.5, 1), conf.low = c(0.25, 0.5),
    conf.high = c(1, 2)
  )
  expect_identical(forest_plot(values)$data$text,
    c("0.50 (0.25\u20131.00)", "1.00 (0.50\u20132.00)")
  )
  values[2, 2:4] <- c(-0.5, -1, 0)
  expect_identical(forest_plot(values, ratio = FALSE)$data$text,
    c("0.50 (0.25 to 1.00)", "\u22120.50 (\u22121.00 to 0.00)")
  )
  expect_identical(forest_plot(d)$data$text,
    c("1.00 (< 0.001\u2013\u221e)", "2.00 (1.50\u20132.50)", "not estimable")
  )
  expect_identical(
    forest_plot(d, style = "lancet")$data$text[2], "2\u00b700 (1\u00b750\u20132\u00b750)"
  )
})

test_that("a page has all columns, a journal's column has fewer but always P", {
  p <- forest_plot(transform(d, label = paste(label, "with a long name of the row")),
    favours = c("Favours A", "Favours B")
  )
  wide <- drawn_texts(p, 174)
  expect_true(all(c("N", "Events", "Estimate (interval)", "P", "30", "15") %in% wide))
  narrow <- drawn_texts(p, 85)
  expect_false(any(c("N", "Events") %in% narrow))
  expect_true(all(c("P", "0.50", "<0.001", p$data$text) %in% narrow))
  expect_true(all(c("Favours A", "Favours B", "Estimate") %in% narrow))
  # between the two, events and numbers share a column; where depends on the font
  share <- vapply(seq(86, 118, 4), function(mm) {
    all(c("Events/N", "15/30") %in% drawn_texts(forest_plot(d), mm))
  }, NA)
  expect_true(any(share))
  own <- forest_plot(d, columns = c(Patients = "n"))
  expect_true("Patients" %in% drawn_texts(own, 85))
  expect_false("Events" %in% drawn_texts(own, 174))
  expect_false("N" %in% drawn_texts(forest_plot(d, columns = character()), 174))
})

test_that("several outcomes and several models have subheadings", {
  rates <- forest_plot(response_rate(hcc_sbrt, by = "cohort"))
  expect_identical(rates$data$label, rep(c("OP", "OM"), 2))
  expect_identical(
    rates$data$group, rep(c("Objective response", "Disease control"), each = 2)
  )
  expect_true(all(c("n/N", "12/27", "Disease control") %in% drawn_texts(rates, 174)))
  whole <- forest_plot(response_rate(hcc_sbrt))
  expect_identical(whole$data$label, c("Objective response", "Disease control"))
  models <- list(
    OS = hazard_ratio(by_strategy, op),
    "No limits" = hazard_ratio(by_strategy, transform(op, status = 0L))
  )
  p <- forest_plot(models)
  expect_identical(p$data$group, c("OS", "No limits"))
  expect_identical(p$data$text[2], "not estimable")
  own <- forest_plot(transform(d, group = c("x", "x", "y")))
  spec <- forest_spec(own$data, list(sets = list(list()), heading = "", xlab = ""))
  expect_identical(spec$label, c("x", "a", "b", "y", d$label[3]))
  expect_identical(spec$row, c(NA, 1L, 2L, NA, 3L))
  expect_error(
    forest_plot(list(a = models$OS, b = rate_difference(by_strategy, op, times = 12))),
    "on one scale", class = "oligosurv_error_input"
  )
  expect_error(forest_plot(list(models$OS)), "name", class = "oligosurv_error_input")
  expect_error(forest_plot(list()), "0 elements", class = "oligosurv_error_input")
})

test_that("limits beyond the axis end in an arrow", {
  p <- forest_plot(d)
  expect_equal(layer_of(p, "GeomDrawn")[[1]]$xmin[1:2], log10(c(0.9 / 50, 1.5)))
  expect_equal(layer_of(p, "GeomDrawn")[[1]]$xmax[1:2], log10(c(2.5 * 1.1, 2.5)))
  expect_match(p$labels$caption, "beyond the axis")
  expect_null(forest_plot(d[2, ])$labels$caption)
  far <- clip_rows(data.frame(conf.low = 60, conf.high = 90), c(0.5, 50))
  expect_identical(unlist(far[c("low", "high")], use.names = FALSE), c(50, 50))
  expect_identical(c(far$more_low, far$more_high), c(FALSE, TRUE))
  heads <- function(p) {
    withr::local_cairo_pdf(withr::local_tempfile())
    print(p)
    grid::grid.force()
    found <- grid::grid.get("sized_drawing", grep = TRUE)$children
    sum(vapply(found, function(g) !is.null(g$arrow), NA))
  }
  expect_identical(heads(p), 1L)
  expect_identical(heads(forest_plot(d[2, ])), 0L)
  # the estimate too is beyond the axis: an arrow without a square
  out <- forest_plot(transform(d[2, ], estimate = 90, conf.low = 60, conf.high = 900))
  expect_identical(heads(out), 1L)
})

test_that("the axis follows the scale and the name that the user adds", {
  p <- forest_plot(d) + ggplot2::scale_x_log10(breaks = c(0.1, 1), labels = c("A", "B")) +
    ggplot2::labs(x = "own name")
  suppressMessages(texts <- drawn_texts(p, 174))
  expect_true(all(c("A", "B", "own name") %in% texts))
  expect_false("Estimate" %in% texts)
  expect_identical(labels_apart(c(0, 10, 20, 30, 40), rep(8, 5), 4, 20), c(1L, 3L, 5L))
  expect_identical(labels_apart(c(0, 10, 20), rep(2, 3), 4, 20), 1:3)
})

test_that("a journal's column has room for the intervals, whatever the names", {
  long <- data.frame(
    label = c(strrep("a long name ", 5), "b"), estimate = 1:2, conf.low = 0.5,
    conf.high = 3, p.value = 0.04
  )
  p <- forest_plot(long)
  parts <- list(sets = list(list()), heading = "HR (95% CI)", xlab = "HR")
  rows <- forest_spec(p$data, parts)
  found <- forest_layout(rows, 230, 7.2, text_guess)
  expect_gt(diff(found$plot), 20 * 72 / 25.4 * 0.95)
  expect_true(all(text_guess(7.2)(found$label) <= found$room))
  short <- forest_plot(transform(long, label = c("a", "b")))
  expect_lt(natural_height(short, 85), natural_height(p, 85))
  # very small figures have smaller type
  expect_lt(forest_layout(rows, 90, 7.2, text_guess)$size, 7.2)
})

test_that("errors by class", {
  one <- data.frame(label = "a", estimate = -1, conf.low = 0, conf.high = 1)
  expect_error(forest_plot(one), class = "oligosurv_error_domain")
  expect_identical(forest_plot(one, ratio = FALSE)$data$estimate, -1)
  expect_error(forest_plot(one, ratio = NA, xlim = 1), class = "oligosurv_error_input")
  expect_error(forest_plot(1), class = "oligosurv_error_input")
  expect_error(forest_plot(one[0, ]), class = "oligosurv_error_data")
  expect_error(forest_plot(one[rep(1, 61), ], NA), "61", class = "oligosurv_error_data")
  expect_error(forest_plot(d, favours = "x"), "two texts",
    class = "oligosurv_error_input"
  )
  expect_error(forest_plot(d, NA, favours = c("x", "y")), "no effect",
    class = "oligosurv_error_input"
  )
  expect_error(forest_plot(d, columns = "m"), "\"m\"", class = "oligosurv_error_input")
  expect_error(forest_plot(d, columns = 1), class = "oligosurv_error_input")
})

test_that("estimates that are text, and results that lost their heading, are errors", {
  for (column in c("estimate", "p.value")) {
    text <- d
    text[[column]] <- "1"
    error <- expect_error(forest_plot(text), sprintf("`%s` must be numeric", column),
      class = "oligosurv_error_input"
    )
    expect_identical(c(error$arg, error$column), c("x", column))
  }
  rates <- rate_difference(by_strategy, op, times = 12)
  rates$method <- NULL
  error <- expect_error(forest_plot(rates), "no heading for its numbers.*create it again",
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "x")
})

test_that("the axis ends where the user says, and its ends are in order", {
  x <- data.frame(label = c("a", "b"), estimate = 1:2, conf.low = c(0.5, 1),
    conf.high = c(3, 4)
  )
  drawn <- forest_plot(x, xlim = c(0.8, 3.5))$data
  expect_identical(drawn$low, c(0.8, 1))
  expect_identical(drawn$high, c(3, 3.5))
  expect_identical(drawn$more_low, c(TRUE, FALSE))
  expect_identical(drawn$more_high, c(FALSE, TRUE))
  for (ends in list(c(2, 1), c(1, 1), 1, 1:3)) {
    error <- expect_error(forest_plot(x, xlim = ends), "two numbers, the smaller first",
      class = "oligosurv_error_input"
    )
    expect_identical(error$arg, "xlim")
  }
  expect_error(forest_plot(x, xlim = c(0, 2)), "xlim", class = "oligosurv_error_domain")
})

test_that("numbers in a column have the same decimals, words are shown as they are", {
  x <- data.frame(label = c("a", "b", "c"), estimate = 1, conf.low = 0.5, conf.high = 2,
    dose = c(12.5, NA, 3), site = c("liver", NA, "lung")
  )
  texts <- drawn_texts(forest_plot(x, columns = c(Dose = "dose", Site = "site")), 174)
  expect_true(all(c("Dose", "12.5", "3.0", "Site", "liver", "lung") %in% texts))
  expect_false(any(c("NA", "12", "3") %in% texts))
})

test_that("limits of an axis of ratios are above 0", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(t = 1:6, s = 1, g = rep(c("a", "b"), 3))
  expect_error(forest_plot(hazard_ratio(Surv(t, s) ~ g, d), xlim = c(0, 2)),
    "`xlim` must be above 0, because the axis of ratios is logarithmic",
    class = "oligosurv_error_domain"
  )
})

test_that("a method that is no text is named", {
  d <- data.frame(time = 1:8, dead = 1, g = rep(c("A", "B"), 4))
  x <- bootstrap_interval(Surv(time, dead) ~ g, d, n_resamples = 39)
  x$method <- TRUE
  expect_error(ggplot2::autoplot(x), "`method`", class = "oligosurv_error_data")
})
