skip_if_not_installed("ggplot2")

fit <- kaplan_meier(Surv(time, status) ~ g, data.frame(
  time = c(1, 2, 3, 4, 5, 6), status = c(1, 0, 1, 1, 0, 1), g = rep(c("a", "b"), 3)
))
drawn <- function(p) list(ggplot2::ggplot_build(p)$data, p$labels)

test_that("an option by name, in a style, or over a style draws the same figure", {
  style <- curve_options(median = TRUE, min_risk = 2, ylab = "Alive", breaks = c(0, 3))
  named <- curve_plot(fit, median = TRUE, min_risk = 2, ylab = "Alive", breaks = c(0, 3))
  expect_identical(drawn(curve_plot(fit, options = style)), drawn(named))
  expect_identical(named$labels$y, "Alive")
  over <- curve_plot(fit, options = style, ylab = NULL, median = FALSE, censor = FALSE)
  expect_identical(drawn(over), drawn(
    curve_plot(fit, min_risk = 2, breaks = c(0, 3), censor = FALSE)
  ))
  expect_identical(over$labels$y, "Survival")
  expect_identical(
    drawn(ggplot2::autoplot(fit, options = style, conf.int = FALSE)),
    drawn(curve_plot(fit, options = style, conf.int = FALSE))
  )
})

test_that("options are checked by name", {
  input <- "oligosurv_error_input"
  expect_error(curve_plot(fit, cencor = TRUE), "`cencor`", class = input)
  expect_error(curve_plot(fit, hazard.ratio = TRUE), "`hazard.ratio`", class = input)
  expect_error(curve_plot(fit, options = list(median = TRUE)), "`options`", class = input)
  expect_error(curve_plot(fit, median = 2), "`median`", class = input)
  expect_error(curve_options(below_min = "x"), "`below_min`", class = input)
  expect_error(curve_options(xlab = 1), "`xlab`", class = input)
  expect_error(curve_options(ylim = c(0, 2)), "`ylim` is 0, 2;", class = input)
  expect_error(curve_options(breaks = c(0, -1)), "`breaks`",
    class = "oligosurv_error_domain"
  )
  expect_identical(curve_options(breaks = c(6, 0, 6))$breaks, c(0, 6))
})

test_that("lines, colours, marks, titles and journal style are those given", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(
    time = c(1, 2, 3, 4, 1, 2, 3, 5), status = c(1, 0, 1, 0, 0, 1, 0, 1),
    g = rep(c("a", "b"), each = 4)
  )
  fit <- kaplan_meier(Surv(time, status) ~ g, d)
  p <- curve_plot(fit,
    linewidth = 1, colours = c(b = "navy", a = "#D55E00"), linetype = "solid",
    mark = "tick", legend_title = "Group", risk_title = "Patients (deaths)"
  )
  step <- layer_of(p, "GeomStep")[[1]]
  expect_identical(unique(step$linewidth), 1)
  expect_identical(unique(step$colour[step$group == 1]), "#D55E00")
  expect_identical(unique(step$colour[step$group == 2]), "navy")
  expect_identical(unique(step$linetype), "solid")
  expect_length(layer_of(p, "GeomTick"), 1L)
  expect_length(layer_of(curve_plot(fit, mark = "plus"), "GeomTick"), 0L)
  expect_identical(p$labels$colour, "Group")
  expect_identical(table_grobs(p)$risk_title$label, "Patients (deaths)")
  in_order <- curve_plot(fit, colours = c("red", "blue", "green"), linetype = 1:2)
  step <- layer_of(in_order, "GeomStep")[[1]]
  expect_identical(unique(step$colour), c("red", "blue"))
  lines <- curve_plot(fit, interval = "lines")
  rows <- tidy(fit)
  steps <- layer_of(lines, "GeomStep")
  expect_length(steps, 3L)
  expect_identical(steps[[1]]$y, rows$conf.low)
  expect_identical(steps[[2]]$y, rows$conf.high)
  expect_length(layer_of(lines, "GeomRibbon"), 0L)
  note <- function(style) {
    p <- curve_plot(fit, p.value = TRUE, hazard_ratio = TRUE, style = style)
    layer_of(p, "GeomCurveNote")[[1]]$label
  }
  test <- glance(logrank_test(Surv(time, status) ~ g, d))
  for (style in c("nejm", "jama", "lancet")) {
    want <- paste("Log-rank", format_p_value(test$p.value, style, prefix = TRUE))
    expect_identical(strsplit(note(style), "\n")[[1]][1], want)
  }
  expect_match(note("lancet"), "HR [0-9]+\u00b7[0-9]+ \\(95% CI")
  # the areas of causes, in their order
  causes <- cumulative_incidence(Surv(time, factor(status)) ~ 1,
    transform(d, status = c(1, 0, 2, 0, 0, 1, 0, 2))
  )
  area <- layer_of(
    curve_plot(causes, stacked = TRUE, colours = c("black", "grey60")), "GeomRibbon"
  )[[1]]
  lowest <- area$fill[area$ymin == 0 & area$ymax > 0 & area$ymax < 1]
  expect_identical(unique(lowest), "black")
})

test_that("errors of the look say what was found and what is expected", {
  expect_error(curve_options(colours = "blu"), "\"blu\"", class = "oligosurv_error_input")
  expect_error(curve_options(colours = 1), class = "oligosurv_error_input")
  expect_error(curve_options(linetype = "wavy"), class = "oligosurv_error_input")
  expect_error(curve_options(linewidth = 0), class = "oligosurv_error_input")
  expect_error(curve_options(style = "bmj"), class = "oligosurv_error_input")
  expect_error(curve_options(risk_title = NA), class = "oligosurv_error_input")
  expect_error(for_curves("red", c("a", "b"), "colours"), "2 curves: a; b",
    class = "oligosurv_error_input"
  )
  expect_error(for_curves(c(a = "red"), c("a", "b"), "colours"), "no value for .* \"b\"",
    class = "oligosurv_error_input"
  )
  expect_error(
    given_titles(c("At risk", "Events"), "one"), "2: \"At risk\"",
    class = "oligosurv_error_input"
  )
  skip_if_not_installed("ggplot2")
  fit <- kaplan_meier(Surv(1:3, c(1, 0, 1)) ~ 1)
  # names of other packages lead to the name here
  expect_error(curve_plot(fit, pval = TRUE), "use `p.value`")
  expect_error(curve_plot(fit, risk.table = TRUE), "use `risk_table`")
  expect_error(curve_plot(fit, palette = "jco"), "use `colours`")
  expect_error(curve_plot(fit, xlim = c(0, 2)), "coord_cartesian")
})

test_that("quantiles are drawn where the curves reach them, in each panel", {
  x <- data.frame(
    time = c(1, 2, 3, 4, 2, 4, 6, 8), status = 1, g = rep(c("a", "b"), each = 4)
  )
  fit <- kaplan_meier(Surv(time, status) ~ g, x)
  guides <- function(...) {
    p <- curve_plot(fit, ...)
    segments <- Filter(function(l) inherits(l$geom, "GeomSegment"), p$layers)
    list(across = segments[[1L]]$data, down = segments[[2L]]$data)
  }
  # S of a is 0.75 at 1 and 0.5 at 2, midpoints of flat parts: 1.5 and 2.5
  at <- quantile(fit, c(0.25, 0.5))
  drawn <- guides(quantiles = c(0.5, 0.25))
  expect_equal(drawn$down$to, at$estimate)
  expect_equal(drawn$down$estimate, 1 - at$prob)
  expect_equal(drawn$across$to, at$estimate[3:4][2:1])
  # the median is one of them; a panel has lines of its own
  expect_equal(guides(median = TRUE, quantiles = 0.25)$down, drawn$down)
  expect_identical(nrow(guides(quantiles = 0.25, facet = "group")$across), 2L)
  expect_error(curve_plot(fit, quantiles = c(0.5, 1)), "element 2",
    class = "oligosurv_error_domain"
  )
})
