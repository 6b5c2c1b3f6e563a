# plot(): the figure without ggplot2.

os <- endpoint(hcc_sbrt, "os")
fit <- kaplan_meier(Surv(time, status) ~ cohort, os)

test_that("plot() returns the rows of tidy() and sets the margins back", {
  withr::local_pdf(NULL)
  before <- graphics::par("mar")
  rows <- plot(fit, unit = "months")
  expect_identical(graphics::par("mar"), before)
  wanted <- tidy(fit)
  expect_identical(rows[names(wanted)], wanted)
  expect_identical(rows$curve, wanted$strata)
})

# Texts in a PDF with their midpoints, in points
pdf_texts <- function(draw) {
  file <- withr::local_tempfile(fileext = ".pdf")
  withr::with_pdf(file, draw(), compress = FALSE, useKerning = FALSE)
  shown <- "(\\S+) 0.00 0.00 \\S+ (\\S+) (\\S+) Tm \\((.*)\\) Tj"
  lines <- grep(shown, pdf_lines(file), value = TRUE)
  parts <- do.call(rbind, regmatches(lines, regexec(shown, lines)))
  text <- gsub("\\\\([()])", "\\1", parts[, 5])
  number <- function(j) as.numeric(parts[, j])
  withr::local_pdf(NULL)
  graphics::plot.new()
  width <- 72 * mapply(graphics::strwidth, text, cex = number(2) / 12, units = "inches")
  data.frame(text = text, middle = number(3) + width / 2, y = number(4))
}

test_that("numbers at risk are under the breaks, in the row of their curve", {
  found <- pdf_texts(function() {
    plot(fit, unit = "months", p.value = logrank_test(Surv(time, status) ~ cohort, os))
  })
  breaks <- seq(0, 84, 12)
  at <- summary(fit, times = breaks)
  numbers <- found[grepl("^[0-9]+ \\([0-9]+\\)$", found$text), ]
  expect_identical(numbers$text, sprintf("%d (%d)", at$n.risk, at$cum.event))
  ticks <- found[match(breaks, found$text), ]
  expect_lt(max(abs(numbers$middle - rep(ticks$middle, 2))), 0.1)
  expect_identical(rle(numbers$y)$lengths, c(8L, 8L))
  expect_true(all(diff(c(ticks$y[1], unique(numbers$y))) < -8))
  expect_true("Log-rank P = 0.74" %in% found$text)
  expect_true(all(c("At risk (events)", "OP", "OM", "Time (months)") %in% found$text))
})

test_that("a caption of several lines is below the table", {
  band <- survival_band(kaplan_meier(Surv(time, status) ~ cohort, os), "hall-wellner")
  found <- pdf_texts(function() plot(band))
  caption <- grepl("shade|pointwise", found$text)
  expect_identical(sum(caption), 2L)
  expect_lt(max(found$y[caption]), min(found$y[!caption]) - 5)
  expect_gt(min(found$y[caption]), 0)
})

test_that("edge cases draw: one subject, an empty group, no table, two causes with p", {
  withr::local_pdf(NULL)
  d <- data.frame(time = 1:2, status = 0, g = factor(c("A", "A"), c("A", "none")))
  expect_identical(levels(plot(kaplan_meier(Surv(time, status) ~ g, d))$curve), "A")
  expect_identical(plot(kaplan_meier(Surv(3, 1) ~ 1))$estimate, c(1, 0))
  expect_s3_class(plot(fit, risk_table = "none", title = "OS"), "data.frame")
  lf <- endpoint(hcc_sbrt, "local_failure")
  rows <- plot(cumulative_incidence(Surv(time, status) ~ cohort, lf),
    p.value = gray_test(Surv(time, status) ~ cohort, lf),
    outcome = c("local failure", "death")
  )
  expect_identical(nlevels(rows$curve), 4L)
})

test_that("plot() has the options of curve_plot(), and its numbers", {
  withr::local_pdf(NULL)
  rows <- plot(fit, min_risk = 5, below_min = "stop", median = TRUE, times = 12)
  expect_true(all(rows$n.risk >= 5))
  for (options in list(
    list(interval = "lines", mark = "plus"), list(linetype = 1:2),
    list(linetype = "solid", linewidth = 1), list(colours = c(OM = "navy", OP = "red")),
    list(legend_title = "Cohort", risk_title = "Patients"),
    list(options = curve_options())
  )) {
    expect_identical(do.call(plot, c(list(fit), options)), plot(fit))
  }
  found <- pdf_texts(function() {
    plot(fit, hazard_ratio = TRUE, p.value = TRUE, legend_title = "Cohort", times = 24)
  })
  ratio <- hazard_ratio(Surv(time, status) ~ cohort, os)$table
  expect_true(any(grepl(sprintf("HR %.2f", ratio$estimate), found$text, fixed = TRUE)))
  survival <- tidy(fit, times = 24)$estimate
  expect_true(all(c("Cohort", percent_axis(round(survival, 2))) %in% found$text))
})

test_that("several causes have a row at risk for each group", {
  lf <- endpoint(hcc_sbrt, "local_failure")
  risks <- cumulative_incidence(Surv(time, status) ~ cohort, lf)
  found <- pdf_texts(function() plot(risks, outcome = risks$outcomes))
  expect_identical(sum(found$text == "OP"), 1L)
  expect_identical(length(unique(found$y[grepl("^[0-9]+ [(]", found$text)])), 2L)
})

test_that("the legend is where it covers least", {
  # survival of 1 at the right: the usual corner is taken
  d <- data.frame(time = c(1, 1, 1, 10, 10, 10), status = 0, g = rep(c("A", "B"), 3))
  found <- pdf_texts(function() {
    plot(kaplan_meier(Surv(time, status) ~ g, d), conf.int = FALSE, risk_table = "none")
  })
  axis <- found$y[match(c("0%", "100%"), found$text)]
  expect_lt(max(found$y[found$text %in% c("A", "B")]), mean(axis))
})

test_that("errors by class", {
  withr::local_pdf(NULL)
  expect_error(plot(fit, col = 2), class = "oligosurv_error_input")
  expect_error(plot(fit, p.value = 0.5), class = "oligosurv_error_input")
  expect_error(plot(fit, stacked = TRUE), "curve_plot", class = "oligosurv_error_input")
  expect_error(plot(fit, colours = "navy"), class = "oligosurv_error_input")
})
