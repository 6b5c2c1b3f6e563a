# Layout of curve_plot(): numbers at risk follow the axis and have room in every theme.

skip_if_not_installed("ggplot2")
os <- endpoint(hcc_sbrt, "os")
fit <- kaplan_meier(Surv(time, status) ~ cohort, os)

# Points below the panel of a figure, without legend and caption; and at its left
room_around_panel <- function(p) {
  withr::local_cairo_pdf(withr::local_tempfile())
  g <- ggplot2::ggplotGrob(p)
  panel <- g$layout[g$layout$name == "panel", ]
  skip <- g$layout$t[grepl("guide-box-bottom|caption", g$layout$name)]
  rows <- setdiff(seq(panel$b + 1, length(g$heights)), skip)
  wide <- function(at) sum(grid::convertWidth(g$widths[at], "pt", valueOnly = TRUE))
  c(
    below = sum(grid::convertHeight(g$heights[rows], "pt", valueOnly = TRUE)),
    left = wide(seq_len(panel$l - 1)), right = wide(seq(panel$r + 1, length(g$widths)))
  )
}

test_that("the numbers at risk are those of summary() at the breaks of a new scale", {
  at <- c(0, 3, 7, 12, 24)
  p <- suppressMessages(curve_plot(fit) + ggplot2::scale_x_continuous(breaks = at))
  rows <- layer_of(p, "GeomRiskTable")[[1]]
  expect_identical(rows$x, rep(at, 2))
  want <- summary(fit, times = at)
  expect_identical(rows$label, sprintf("%d (%d)", want$n.risk, want$cum.event))
  # limits of the axis show a part of the curves, which reach its end
  zoomed <- suppressMessages(
    curve_plot(fit) + ggplot2::xlim(0, 10) + ggplot2::ylim(0.5, 1)
  )
  expect_identical(unique(layer_of(zoomed, "GeomRiskTable")[[1]]$x), seq(0, 10, 2.5))
  step <- layer_of(zoomed, "GeomStep")[[1]]
  expect_false(anyNA(step$x) || anyNA(step$y))
  view <- ggplot2::ggplot_build(zoomed)$layout$panel_params[[1]]
  expect_equal(view$x$limits, c(0, 10))
  expect_equal(view$y$limits, c(0.5, 1))
  closer <- curve_plot(fit) + ggplot2::coord_cartesian(xlim = c(0, 24))
  expect_identical(max(layer_of(closer, "GeomRiskTable")[[1]]$x), 24)
  none <- suppressMessages(curve_plot(fit) + ggplot2::scale_x_continuous(breaks = NULL))
  expect_identical(nrow(layer_of(none, "GeomRiskTable")[[1]]), 0L)
  # 0% does not exist on a logarithmic axis
  log <- suppressMessages(curve_plot(fit) + ggplot2::scale_y_log10())
  built <- suppressWarnings(ggplot2::ggplot_build(log))
  low <- built$layout$panel_params[[1]]$y$continuous_range[1]
  expect_true(is.finite(low) && low < log10(0.5))
  # on a transformed axis the breaks are times, not positions
  root <- suppressMessages(curve_plot(fit) + ggplot2::scale_x_sqrt(breaks = c(0, 4, 9)))
  rows <- layer_of(root, "GeomRiskTable")[[1]]
  expect_identical(rows$x[1:3], c(0, 2, 3))
  at <- summary(fit, times = c(0, 4, 9))
  expect_identical(rows$label, sprintf("%d (%d)", at$n.risk, at$cum.event))
})

test_that("the table has its room in every theme, with and without axis title", {
  p <- curve_plot(fit)
  for (theme in list(
    ggplot2::theme_minimal(), ggplot2::theme_bw(11), ggplot2::theme_classic(7)
  )) {
    first <- room_around_panel(curve_plot(fit, theme = theme))
    later <- room_around_panel(p + theme)
    # three lines of text and the axis
    expect_gt(later[["below"]], 4 * 0.8 * theme$text$size)
    expect_equal(later[["below"]], first[["below"]], tolerance = 0.1)
  }
  title <- room_around_panel(p)
  without <- room_around_panel(p + ggplot2::labs(x = NULL))
  blank <- room_around_panel(
    p + ggplot2::theme(axis.title.x = ggplot2::element_blank())
  )
  expect_equal(without, blank)
  # the title is a line of 8 points
  expect_equal(title[["below"]] - without[["below"]], 10, tolerance = 0.2)
  bare <- room_around_panel(curve_plot(fit, risk_table = "none"))
  expect_gt(title[["below"]] - bare[["below"]], 3 * 7)
  # names of the rows are left of the panel, or above the numbers when they are wide
  named <- function(name) {
    d <- data.frame(time = 1:4, status = 1, g = rep(c("a", name), 2))
    room_around_panel(curve_plot(kaplan_meier(Surv(time, status) ~ g, d)))[["left"]]
  }
  expect_gt(named("twelve chars"), named("b") + 10)
  expect_lt(named(strrep("wide ", 9)), named("twelve chars"))
})

test_that("each panel of a figure with facets has its own room", {
  withr::local_cairo_pdf(withr::local_tempfile())
  panels <- function(p) {
    g <- ggplot2::ggplotGrob(p)
    rows <- unique(g$layout$b[grepl("^panel", g$layout$name)]) + 1
    grid::convertHeight(g$heights[rows], "pt", valueOnly = TRUE)
  }
  p <- curve_plot(fit)
  expect_true(all(panels(p + ggplot2::facet_wrap("strata", ncol = 1)) > 20))
  expect_true(all(panels(p + ggplot2::facet_grid("strata")) > 20))
  expect_true(all(panels(p + ggplot2::facet_grid("strata") + ggplot2::theme_bw()) > 20))
})

test_that("rows and columns of the drawn figure stay those that ggplot2 makes", {
  withr::local_cairo_pdf(withr::local_tempfile())
  d <- ggplot2::ggplotGrob(curve_plot(fit))
  plain <- ggplot2::ggplotGrob(curve_plot(fit, risk_table = "none"))
  expect_identical(dim(d), dim(plain))
  expect_setequal(d$layout$name, plain$layout$name)
})

test_that("a figure on its side has no table, and no room for it", {
  p <- curve_plot(fit) + ggplot2::coord_flip()
  expect_identical(nrow(layer_of(p, "GeomRiskTable")[[1]]), 0L)
  bare <- curve_plot(fit, risk_table = "none") + ggplot2::coord_flip()
  expect_equal(room_around_panel(p), room_around_panel(bare))
})

test_that("columns are thinned until none touch", {
  expect_identical(labels_apart(c(0, 10, 20, 30), rep(8, 4), 1), 1:4)
  expect_identical(labels_apart(c(0, 10, 20, 30), rep(12, 4), 1), c(1L, 3L))
  expect_identical(labels_apart(c(30, 20, 10, 0), rep(12, 4), 1), c(2L, 4L))
  expect_identical(labels_apart(5, 100, 1), 1L)
  narrow <- curve_plot(fit, breaks = seq(0, 36, 1), theme = theme_oligosurv(14))
  numbers <- table_grobs(narrow)$risk_numbers$label
  expect_lt(length(numbers), 2 * 37)
  expect_identical(length(numbers) %% 2, 0)
})
