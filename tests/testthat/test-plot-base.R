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
  expect_true("Log-rank p = 0.74" %in% found$text)
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

test_that("errors by class", {
  withr::local_pdf(NULL)
  expect_error(plot(fit, col = 2), class = "oligosurv_error_input")
  expect_error(plot(fit, p.value = 0.5), class = "oligosurv_error_input")
})
