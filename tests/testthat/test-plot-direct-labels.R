# Labels at the ends of curves: positions and colours.

test_that("labels are moved apart, in order and inside the panel", {
  y <- move_apart(c(50, 51, 0, 99), rep(10, 4), 100)
  expect_equal(y, c(50, 60, 5, 95))
  expect_equal(move_apart(c(99, 98, 97), rep(10, 3), 100), c(95, 85, 75))
  expect_equal(move_apart(numeric(), numeric(), 100), numeric())
  expect_equal(move_apart(40, 200, 100), 200 / 2)
})

test_that("text is dark enough to read on white", {
  light <- function(colour) {
    drop(c(0.2126, 0.7152, 0.0722) %*% (grDevices::col2rgb(colour) / 255)^2.2)
  }
  contrast <- 1.05 / (light(text_colour(c(curve_colours, "grey88"))) + 0.05)
  expect_true(all(contrast > 4.5))
})

test_that("names are right of the panel, joined to the ends of their curves", {
  skip_if_not_installed("ggplot2")
  op <- subset(endpoint(hcc_sbrt, "os"), cohort == "OP")
  fit <- kaplan_meier(Surv(time, status) ~ strategy, op)
  p <- curve_plot(fit, labels = "direct")
  ends <- layer_of(p, "GeomDirectLabel")[[1]]
  rows <- tidy(fit)
  last <- rows[!duplicated(rows$strata, fromLast = TRUE), ]
  expect_identical(ends$x, last$time)
  expect_identical(ends$y, last$estimate)
  expect_identical(ends$label, c("OP-N", "OP-C"))
  withr::local_cairo_pdf(withr::local_tempfile())
  g <- ggplot2::ggplotGrob(p)
  room <- g$widths[seq(g$layout$r[g$layout$name == "panel"] + 1, length(g$widths))]
  expect_gt(sum(grid::convertWidth(room, "pt", valueOnly = TRUE)), 25)
  file <- withr::local_tempfile(fileext = ".pdf")
  withr::with_pdf(file, print(p), compress = FALSE, useKerning = FALSE)
  shown <- grep("OP-[NC]", pdf_lines(file), value = TRUE)
  # each name is in the table and at its curve; there is no legend
  expect_length(shown, 4L)
})

test_that("a legend names curves whose labels do not fit at their ends", {
  skip_if_not_installed("ggplot2")
  named <- function(names, ...) {
    d <- data.frame(time = seq_along(names) + 0:1, status = 1, g = names)
    d <- rbind(d, d, d)
    p <- curve_plot(kaplan_meier(Surv(time, status) ~ g, d), labels = "direct", ...)
    c(direct = length(layer_of(p, "GeomDirectLabel")))
  }
  expect_identical(named(c("A", "B"))[["direct"]], 1L)
  # all eight curves end at 0
  expect_identical(named(paste("Centre", 1:8))[["direct"]], 0L)
  expect_identical(named(c("A", "Immunochemotherapy and SBRT"))[["direct"]], 0L)
  expect_identical(named(c("A", strrep("long label ", 6)))[["direct"]], 0L)
})
