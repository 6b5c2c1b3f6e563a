# Texts of the test and the ratio: never on a curve or its interval.

note <- function(taken, lines = "Log-rank P = 0.47", rising = FALSE) {
  list(
    lines = lines, style = list(size = 8, family = ""), rising = rising,
    taken = as.data.frame(taken)
  )
}
# five points for each letter
letters_wide <- function(text) 5 * nchar(text)
nothing <- list(x0 = numeric(), x1 = numeric(), y0 = numeric(), y1 = numeric())

test_that("the first free corner is taken, else a place along the edges", {
  place <- function(taken, ...) note_place(note(taken, ...), 200, 150, letters_wide)
  corner <- function(p) {
    paste0(if (p$y > 75) "t" else "b", if (p$right) "r" else "l")
  }
  expect_identical(corner(place(nothing)), "bl")
  expect_identical(corner(place(nothing, rising = TRUE)), "tl")
  # a curve in the lower left corner
  low <- list(x0 = 0, x1 = 0.2, y0 = 0, y1 = 0.1)
  expect_identical(corner(place(low)), "tr")
  # curves in all corners leave the middle of the lower edge
  corners <- list(x0 = c(0, 0.9, 0, 0.9), x1 = c(0.1, 1, 0.1, 1),
    y0 = c(0, 0, 0.5, 0.5), y1 = c(0.1, 0.1, 1, 1)
  )
  found <- place(corners)
  expect_gt(found$x, 0.1 * 200 + 3)
  expect_lt(found$x + found$w, 0.9 * 200 - 3)
  # no place: everything is taken, or the text is wider than the panel
  expect_null(place(list(x0 = 0, x1 = 1, y0 = 0, y1 = 1)))
  expect_null(note_place(note(nothing), 20, 150, letters_wide))
})

test_that("lines are broken between numbers, not inside them", {
  text <- "HR 0.59 (95% CI 0.42-0.82), Female vs Male"
  expect_identical(
    wrap_lines(text, 28L), c("HR 0.59 (95% CI 0.42-0.82),", "Female vs Male")
  )
  expect_identical(wrap_lines("Log-rank P < 0.001 (3 strata)", 12L),
    c("Log-rank", "P < 0.001", "(3 strata)")
  )
})

test_that("the rectangles taken are those of curves, limits and guide lines", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(time = c(1, 2), status = c(1, 0))
  fit <- kaplan_meier(Surv(time, status) ~ 1, d)
  rows <- tidy(fit)
  figure <- function(...) {
    options <- curve_options(...)
    figure <- curve_figure(check_fits(fit), c(unclass(options), list(
      risk_table = "none", conf.int = TRUE
    )))
    figure$conf.int <- TRUE
    figure
  }
  taken <- taken_places(figure())
  # the steps from 0 and from 1, the drops at 1 and at 2
  expect_equal(taken$x0, c(0, 1, 2, 1, 2, 2))
  expect_equal(taken$x1, c(1, 2, 2, 1, 2, 2))
  expect_equal(taken$y1[4], max(rows$conf.high[1:2]))
  expect_equal(taken$y0[4], min(rows$conf.low[1:2]))
  median <- taken_places(figure(median = TRUE))
  # S is 1/2 from 1: a line down from the median, and one across to it
  expect_equal(median$x0[7:8], c(1, 0))
  expect_equal(median$y0[7:8], c(0, 0.5))
})

# Texts of a drawn figure by their grob: where they are drawn
drawn_note <- function(p, width = 85, height = 64) {
  withr::local_cairo_pdf(withr::local_tempfile(), width / 25.4, height / 25.4)
  print(p)
  grid::grid.force()
  paths <- grid::grid.ls(print = FALSE, viewports = TRUE)
  at <- which(paths$name == "note_text")
  vapply(at, function(i) paste(paths$vpPath[i], paths$gPath[i]), "")
}

test_that("texts without room stand once below the figure", {
  skip_if_not_installed("ggplot2")
  os <- endpoint(hcc_sbrt, "os")
  op <- os[os$cohort == "OP", ]
  few <- curve_plot(kaplan_meier(Surv(time, status) ~ strategy, op), p.value = TRUE,
    conf.int = FALSE
  )
  at <- drawn_note(few, 174, 120)
  expect_length(at, 1L)
  expect_match(at, "panel")
  # three curves whose limits fill the panel
  d <- data.frame(time = 1:36, status = rep(c(1, 1, 0), 12), g = rep(1:3, each = 12))
  d$time[13:36] <- d$time[1:12] + rep(c(0.3, 0.6), each = 12)
  full <- curve_plot(kaplan_meier(Surv(time, status) ~ g, d), p.value = TRUE,
    hazard_ratio = TRUE
  )
  at <- drawn_note(full, 85, 55)
  expect_length(at, 1L)
  expect_match(at, "xlab-b")
  # save_figure() makes such a figure higher
  expect_gt(natural_height(full, 85), natural_height(few, 85))
  # a stratified test belongs to no panel
  strata <- kaplan_meier(Surv(time, status) ~ strategy + strata(half),
    cbind(op, half = rep(1:2, 14))
  )
  at <- drawn_note(curve_plot(strata, facet = "stratum", p.value = TRUE), 174, 100)
  expect_length(at, 1L)
  expect_match(at, "xlab-b")
  rows <- endpoint(hcc_sbrt, "local_failure")
  lf <- cumulative_incidence(Surv(time, status) ~ cohort, rows)
  causes <- curve_plot(lf,
    facet = "outcome", outcome = lf$outcomes, p.value = TRUE, conf.int = FALSE
  )
  at <- drawn_note(causes, 174, 100)
  expect_length(at, 2L)
})

test_that("a device without Unicode gets a hyphen", {
  withr::local_pdf(NULL)
  expect_identical(device_text("0.42\u20130.82, \u22645"), "0.42-0.82, <=5")
  grDevices::dev.off()
  withr::local_cairo_pdf(withr::local_tempfile())
  expect_identical(device_text("0.42\u20130.82"), "0.42\u20130.82")
})

test_that("stacked areas fill their panel, so the test stands below", {
  skip_if_not_installed("ggplot2")
  lf <- endpoint(hcc_sbrt, "local_failure")
  fit <- cumulative_incidence(Surv(time, status) ~ cohort, lf)
  at <- drawn_note(curve_plot(fit, stacked = TRUE, p.value = TRUE), 174, 120)
  expect_length(at, 1L)
  expect_match(at, "xlab-b")
  figure <- list(stacked = TRUE)
  expect_identical(unlist(taken_places(figure)[c("x0", "x1", "y0", "y1")]),
    c(x0 = -Inf, x1 = Inf, y0 = -Inf, y1 = Inf)
  )
})

test_that("a panel that is drawn alone keeps its text, in the lower left corner", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(time = c(1, 1:3), status = 1, g = c("A", "A", "B", "B"))
  p <- curve_plot(kaplan_meier(Surv(time, status) ~ g, d), p.value = TRUE)
  withr::local_cairo_pdf(withr::local_tempfile(), 1, 0.6)
  drawn <- ggplot2::ggplotGrob(p)
  grid::grid.draw(drawn$grobs[[match("panel", drawn$layout$name)]])
  grid::grid.force()
  text <- grid::grid.get("note_text")
  expect_match(text$label, "^Log-rank P = ")
  expect_identical(c(text$hjust, text$vjust), c(0, 0))
  # the page is rounded to parts of a point
  expect_equal(as.numeric(c(text$x, text$y)), c(0.035 * 72, 0.04 * 0.6 * 72),
    tolerance = 0.01
  )
})
