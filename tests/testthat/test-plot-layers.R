# Layers of curve_plot(): the table of numbers at risk, facets, legend, band.

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
    withr::local_cairo_pdf(withr::local_tempfile()) # as wide as that of table_grobs()
    scale <- ggplot2::ggplot_build(p)$layout$panel_params[[1]]$x
    breaks <- scale$get_breaks()
    breaks <- breaks[!is.na(breaks)]
    numbers <- table_grobs(p)$risk_numbers
    x <- as.numeric(numbers$x)
    # half a pixel of a figure 174 mm wide at 600 dots per inch
    half <- 0.5 / (174 / 25.4 * 600)
    # large type leaves room for every second or third number only
    places <- scale$rescale(breaks)
    near <- vapply(x, function(one) which.min(abs(places - one)), 1L)
    expect_lt(max(abs(x - places[near])), half)
    expect_identical(near, rep(unique(near), 2))
    expect_gte(length(x), 2 * length(breaks) / 3)
    at <- summary(fit, times = breaks[unique(near)])
    expect_identical(numbers$label, sprintf("%d (%d)", at$n.risk, at$cum.event))
    expect_identical(numbers$label[1], "12 (0)")
  }
})

# Positions of the texts of a drawn figure, in points
drawn_texts <- function(p) {
  file <- withr::local_tempfile(fileext = ".svg")
  vdiffr::write_svg(p, file, "figure")
  svg <- xml2::xml_ns_strip(xml2::read_xml(file))
  text <- xml2::xml_find_all(svg, ".//text[@x]")
  data.frame(
    x = as.numeric(xml2::xml_attr(text, "x")), y = as.numeric(xml2::xml_attr(text, "y")),
    middle = xml2::xml_attr(text, "text-anchor") %in% "middle",
    text = xml2::xml_text(text)
  )
}

test_that("as drawn, each number is under the label of its break to half a pixel", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("vdiffr")
  skip_if_not_installed("xml2")
  half <- 0.5 * 72 / 600 # in points, at 600 dots per inch
  op <- os[os$cohort == "OP", ]
  fit <- kaplan_meier(Surv(time, status) ~ strategy, op)
  lf <- endpoint(hcc_sbrt, "local_failure")
  causes <- cumulative_incidence(by_cohort, lf)
  figures <- list(
    curve_plot(fit), curve_plot(fit, labels = "direct", median = TRUE),
    curve_plot(fit) + ggplot2::theme(
      axis.text.x = ggplot2::element_text(size = 15), legend.position = "right"
    ),
    curve_plot(fit, breaks = c(0, 7, 31)), curve_plot(fit, facet = "group"),
    curve_plot(fit, risk_table = c("risk", "events", "censored")),
    curve_plot(causes, stacked = TRUE, labels = "direct"),
    curve_plot(causes, outcome = causes$outcomes, facet = "outcome")
  )
  for (p in figures) {
    drawn <- drawn_texts(p)
    number <- drawn[drawn$middle & grepl("^[0-9]+( [(][0-9]+[)])?$", drawn$text), ]
    # the axis is the topmost line of numbers
    axis <- number[number$y == min(number$y), ]
    below <- number[number$y > min(number$y), ]
    rows <- split(below, below$y)
    expect_gte(length(rows), 1L)
    for (row in rows) {
      expect_gte(nrow(row), nrow(axis) / 3)
      apart <- vapply(row$x, function(x) min(abs(axis$x - x)), 0)
      expect_lt(max(apart), half)
    }
  }
})

test_that("table rows are in order below the axis, inside the figure", {
  p <- ggplot2::autoplot(kaplan_meier(by_cohort, os), unit = "months")
  withr::local_pdf(NULL)
  grobs <- table_grobs(p)
  y <- function(grob) grid::convertY(grob$y, "pt", valueOnly = TRUE)
  expect_true(all(diff(c(y(grobs$risk_title), unique(y(grobs$risk_numbers)))) < -5))
  expect_equal(y(grobs$risk_labels), unique(y(grobs$risk_numbers)))
  expect_identical(grobs$risk_labels$label, c("OP", "OM"))
  expect_identical(grobs$risk_title$label, "At risk (events)")
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

test_that("each curve has a colour; names and numbers take the theme's colour", {
  d <- data.frame(time = 1:4, status = 1, g = c("A", "B", "A", "B"))
  p <- ggplot2::autoplot(kaplan_meier(Surv(time, status) ~ g, d),
    theme = ggplot2::theme(axis.text = ggplot2::element_text(colour = "grey90"))
  )
  expect_setequal(layer_of(p, "GeomStep")[[1]]$colour, curve_colours[1:2])
  expect_identical(table_grobs(p)$risk_numbers$gp$col, "grey90")
})

# Number of legends of a figure, and the labels of its keys
legends_of <- function(p) {
  withr::local_cairo_pdf(withr::local_tempfile())
  guides <- ggplot2::ggplot_build(p)$plot$guides
  lapply(guides$params, function(x) list(title = x$title, label = x$key$.label))
}

test_that("replacing a scale leaves one legend", {
  d <- data.frame(time = 1:4, status = 1, g = c("A", "B", "A", "B"))
  p <- curve_plot(kaplan_meier(Surv(time, status) ~ g, d))
  named <- c(A = "darkgreen", B = "purple")
  expect_identical(legends_of(p), list(list(title = NULL, label = c("A", "B"))),
    ignore_attr = TRUE
  )
  changed <- list(
    ggplot2::scale_colour_manual(values = unname(named)),
    ggplot2::scale_colour_manual(values = named),
    ggplot2::scale_fill_manual(values = named),
    ggplot2::scale_linetype_manual(values = c(A = 1, B = 1)),
    ggplot2::scale_colour_brewer(palette = "Set1", aesthetics = c("colour", "fill")),
    ggplot2::scale_colour_grey()
  )
  for (scale in changed) {
    suppressMessages(q <- p + scale)
    expect_identical(legends_of(q), legends_of(p), ignore_attr = TRUE)
  }
  # bands follow the colour, unless they have a fill of their own
  suppressMessages(green <- p + changed[[2]])
  expect_setequal(layer_of(green, "GeomRibbon")[[1]]$fill, named)
  expect_setequal(layer_of(green, "GeomStep")[[1]]$colour, named)
  suppressMessages(filled <- p + changed[[3]])
  expect_setequal(layer_of(filled, "GeomRibbon")[[1]]$fill, named)
  expect_setequal(layer_of(filled, "GeomStep")[[1]]$colour, curve_colours[1:2])
  expect_setequal(layer_of(p, "GeomRibbon")[[1]]$fill, curve_colours[1:2])
})

test_that("a title or labels given once hold for the legend", {
  d <- data.frame(time = 1:4, status = 1, g = c("A", "B", "A", "B"))
  p <- curve_plot(kaplan_meier(Surv(time, status) ~ g, d))
  for (q in list(
    p + ggplot2::labs(colour = "Arm"), p + ggplot2::labs(linetype = "Arm"),
    suppressMessages(
      p + ggplot2::scale_colour_manual(name = "Arm", values = c("red", "blue"))
    )
  )) {
    expect_identical(legends_of(q), list(list(title = "Arm", label = c("A", "B"))),
      ignore_attr = TRUE
    )
  }
  relabelled <- suppressMessages(p + ggplot2::scale_colour_manual(
    values = c("red", "blue"), labels = c("one", "two")
  ))
  expect_identical(legends_of(relabelled)[[1]]$label, c("one", "two"))
  expect_identical(table_grobs(relabelled)$risk_labels$label, c("one", "two"))
})

test_that("keys of the legend are in rows of equal length", {
  expect_equal(legend_columns(c("OP", "OM")), 2)
  expect_equal(legend_columns(c("A, relapse", "B, relapse", "A, death", "B, death")), 2)
  expect_equal(legend_columns(strrep("x", 60)), 1)
})

test_that("the band of a fit is drawn behind its limits, where it holds", {
  fit <- survival_band(kaplan_meier(by_cohort, os), "equal-precision", range = c(6, 30))
  shades <- function(p) layer_of(p, "GeomRibbon")
  got <- shades(curve_plot(fit))
  expect_length(got, 2L)
  expect_lt(unique(got[[1L]]$alpha), unique(got[[2L]]$alpha))
  rows <- tidy(fit)
  rows <- rows[!is.na(rows$band.low), ]
  expect_identical(range(got[[1L]]$x), range(rows$time))
  for (i in 1:2) {
    mine <- rows[rows$strata == levels(rows$strata)[i], ]
    drawn <- got[[1L]][got[[1L]]$group == i, ]
    expect_setequal(drawn$ymin, mine$band.low)
    expect_setequal(drawn$ymax, mine$band.high)
  }
  caption <- function(p) gsub("\n", " ", p$labels$caption)
  expect_match(caption(curve_plot(fit)), "^Faint shade: simultaneous 95% equal-p")
  plain <- kaplan_meier(by_cohort, os)
  both <- curve_plot(list(OS = plain, band = fit))
  expect_setequal(shades(both)[[1L]]$ymin, rows$band.low)
  expect_length(shades(curve_plot(fit, min_risk = 20)), 4L)
  expect_length(shades(curve_plot(fit, conf.int = FALSE)), 0L)
  expect_null(curve_plot(fit, conf.int = FALSE)$labels$caption)
  expect_length(shades(curve_plot(plain)), 1L)
  none <- survival_band(kaplan_meier(Surv(1:3, c(0, 0, 0)) ~ 1), "hall-wellner")
  expect_null(curve_plot(none)$labels$caption)
  expect_length(shades(curve_plot(none)), 1L)
})
