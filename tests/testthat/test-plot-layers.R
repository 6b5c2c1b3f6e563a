skip_if_not_installed("ggplot2")
os <- endpoint(hcc_sbrt, "os")
by_cohort <- Surv(time, status) ~ cohort

test_that("the table has the numbers of summary() and is under the breaks", {
  op <- os[os$cohort == "OP", ]
  fit <- kaplan_meier(Surv(time, status) ~ strategy, op)
  base <- ggplot2::autoplot(fit, unit = "months")
  large <- ggplot2::theme(axis.text = ggplot2::element_text(size = 14))
  for (p in list(
    base, base + ggplot2::coord_cartesian(xlim = c(0, 50)), base + large,
    ggplot2::autoplot(fit, unit = "months", theme = ggplot2::theme_bw(11))
  )) {
    scale <- ggplot2::ggplot_build(p)$layout$panel_params[[1]]$x
    breaks <- scale$get_breaks()
    breaks <- breaks[!is.na(breaks)]
    numbers <- table_grobs(p)$risk_numbers
    x <- as.numeric(numbers$x)
    # half a pixel of a figure 174 mm wide at 600 dots per inch
    half <- 0.5 / (174 / 25.4 * 600)
    expect_lt(max(abs(x - rep(scale$rescale(breaks), 2))), half)
    at <- summary(fit, times = breaks)
    expect_identical(numbers$label, sprintf("%d (%d)", at$n.risk, at$cum.event))
    expect_identical(numbers$label[1], "12 (0)")
  }
})

test_that("table rows stand in order below the axis, inside the figure", {
  p <- ggplot2::autoplot(kaplan_meier(by_cohort, os), unit = "months")
  withr::local_pdf(NULL)
  grobs <- table_grobs(p)
  y <- function(grob) grid::convertY(grob$y, "pt", valueOnly = TRUE)
  expect_true(all(diff(c(y(grobs$risk_title), unique(y(grobs$risk_numbers)))) < -5))
  expect_equal(y(grobs$risk_labels), unique(y(grobs$risk_numbers)))
  expect_identical(grobs$risk_labels$label, c("OP", "OM"))
  expect_identical(grobs$risk_title$label, "At risk (events)")
  margin <- p$theme$axis.title.x$margin
  expect_gt(as.numeric(margin)[3], 3 * 7)
})

test_that("labels with signs, Chinese and 200 letters are shown as text", {
  liver <- "\u809d\u764c <b>&\"x\" = 3 | y"
  long <- paste(rep("abcdefghi ", 20), collapse = "")
  d <- data.frame(
    time = 1:6, status = 1, g = rep(c(liver, paste(long, "1"), paste(long, "2")), 2)
  )
  p <- ggplot2::autoplot(kaplan_meier(Surv(time, status) ~ g, d))
  labels <- table_grobs(p)$risk_labels$label
  expect_true(liver %in% labels)
  expect_true(all(nchar(labels, "width") <= 64))
  expect_identical(anyDuplicated(labels), 0L)
})

test_that("corners of steps: each value holds until the next time of its curve", {
  rows <- data.frame(time = c(0, 2, 5, 0), y = c(1, 0.5, 0.2, 1), line = c(1, 1, 1, 2))
  expect_identical(step_rows(rows), data.frame(
    time = c(0, 2, 2, 5, 5, 0), y = c(1, 1, 0.5, 0.5, 0.2, 1), line = c(1, 1, 1, 1, 1, 2)
  ))
})

test_that("each facet has the rows of its own curves", {
  p <- ggplot2::autoplot(kaplan_meier(by_cohort, os)) + ggplot2::facet_wrap("strata")
  expect_identical(table_grobs(p, 2)$risk_labels$label, "OM")
  expect_true(all(startsWith(table_grobs(p, 1)$risk_numbers$label[1], "28")))
})

test_that("an empty label has a colour; names and numbers take the theme's colour", {
  d <- data.frame(time = 1:4, status = 1, g = c("", "B", "", "B"))
  p <- ggplot2::autoplot(kaplan_meier(Surv(time, status) ~ g, d),
    theme = ggplot2::theme(axis.text = ggplot2::element_text(colour = "grey90"))
  )
  expect_setequal(layer_of(p, "GeomStep")[[1]]$colour, curve_colours[1:2])
  expect_identical(table_grobs(p)$risk_numbers$gp$col, "grey90")
})

test_that("keys of the legend stand in rows of equal length", {
  expect_equal(legend_columns(c("OP", "OM")), 2)
  expect_equal(legend_columns(c("A, relapse", "B, relapse", "A, death", "B, death")), 2)
  expect_equal(legend_columns(strrep("x", 60)), 1)
})
