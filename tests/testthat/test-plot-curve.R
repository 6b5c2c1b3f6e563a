# curve_plot(): curves, bands, marks, p-values, axes.

skip_if_not_installed("ggplot2")
os <- endpoint(hcc_sbrt, "os")
pfs <- endpoint(hcc_sbrt, "pfs")
lf <- endpoint(hcc_sbrt, "local_failure")
op <- function(rows) rows[rows$cohort == "OP", ]
by_cohort <- Surv(time, status) ~ cohort
by_strategy <- Surv(time, status) ~ strategy

test_that("curves, bands and marks are the rows of tidy(), in steps from time 0", {
  fit <- kaplan_meier(by_cohort, os)
  p <- ggplot2::autoplot(fit)
  rows <- tidy(fit)
  step <- layer_of(p, "GeomStep")[[1]]
  expect_identical(step$x, rows$time)
  expect_identical(step$y, rows$estimate)
  expect_identical(step$group, as.integer(rows$strata), ignore_attr = TRUE)
  expect_identical(step$x[!duplicated(step$group)], c(0, 0))
  mark <- layer_of(p, "GeomPoint")[[1]]
  expect_identical(mark$x, rows$time[rows$n.censor > 0])
  expect_identical(mark$y, rows$estimate[rows$n.censor > 0])
  # limits hold until the next time of the curve: two corners per row, one for the last
  band <- layer_of(p, "GeomRibbon")[[1]]
  one <- rows[rows$strata == "OM", ]
  band <- band[band$group == which(levels(rows$strata) == "OM"), ]
  k <- nrow(one)
  expect_identical(band$x, c(0, rep(one$time[-1], each = 2)))
  expect_identical(band$ymin, rep(one$conf.low, each = 2)[-2 * k])
  expect_identical(band$ymax, rep(one$conf.high, each = 2)[-2 * k])
})

test_that("a figure written by hand: S is 3/4 from 1 and 3/8 from 3", {
  fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
  p <- ggplot2::autoplot(fit, median = TRUE, breaks = c(0, 2, 4))
  expect_equal(layer_of(p, "GeomStep")[[1]]$y, c(1, 3 / 4, 3 / 4, 3 / 8, 3 / 8))
  table <- layer_of(p, "GeomRiskTable")[[1]]
  expect_identical(table$label, c("4 (0)", "3 (1)", "1 (2)"))
  ends <- c("x", "xend", "y", "yend")
  lines <- do.call(rbind, lapply(layer_of(p, "GeomSegment"), `[`, ends))
  expect_equal(unlist(lines[1, ], use.names = FALSE), c(0, 3, 0.5, 0.5))
  expect_equal(unlist(lines[2, ], use.names = FALSE), c(3, 3, 0.5, 0))
})

test_that("p-values are those of the test and carry its name", {
  label <- function(p) layer_of(p, "GeomCurveNote")[[1]]$label
  pfs_fit <- kaplan_meier(by_strategy, op(pfs))
  test <- logrank_test(by_strategy, op(pfs))
  expect_identical(label(ggplot2::autoplot(pfs_fit, p.value = test)), "Log-rank P = 0.89")
  os_test <- logrank_test(by_strategy, op(os))
  expect_identical(
    label(ggplot2::autoplot(kaplan_meier(by_strategy, op(os)), p.value = os_test)),
    "Log-rank P = 0.47"
  )
  gehan <- logrank_test(by_strategy, op(pfs), weight = "gehan")
  expect_match(label(ggplot2::autoplot(pfs_fit, p.value = gehan)), "^Gehan P = 0")
  fit <- cumulative_incidence(by_cohort, lf)
  gray <- gray_test(by_cohort, lf)
  expect_identical(
    label(ggplot2::autoplot(fit, p.value = gray, outcome = "death")),
    sprintf("Gray's test P = %.2f", gray$tests$p.value[gray$tests$outcome == "death"])
  )
  causes <- c("death", "local failure")
  both <- label(ggplot2::autoplot(fit, p.value = gray, outcome = causes))
  expect_match(both, "^death: Gray's test P = .*\nlocal failure: Gray's test P = ")
  p <- list(p.value = c(0.0004, 0.0421, 0.1, NA), reason = "no events")
  expect_identical(p_words(p), c(
    "P < 0.001", "P = 0.042", "P = 0.10", "P not defined: no events"
  ))
  expect_identical(p_words(p, "lancet")[2:4], c(
    "p=0\u00b7042", "p=0\u00b710", "p not defined: no events"
  ))
})

test_that("a p-value of other rows, groups or kind is refused", {
  fit <- kaplan_meier(by_strategy, op(pfs))
  expect_error(
    ggplot2::autoplot(fit, p.value = logrank_test(by_strategy, op(os))),
    class = "oligosurv_error_data"
  )
  expect_error(
    ggplot2::autoplot(fit, p.value = logrank_test(by_cohort, pfs)),
    class = "oligosurv_error_data"
  )
  expect_error(ggplot2::autoplot(fit, p.value = 0.04), class = "oligosurv_error_input")
  follow <- follow_up(by_cohort, os)
  expect_error(
    ggplot2::autoplot(follow, p.value = logrank_test(by_cohort, os)),
    class = "oligosurv_error_input"
  )
  # the same rows with groups in another order are accepted
  turned <- as.data.frame(op(pfs))
  turned$strategy <- factor(turned$strategy, c("OP-C", "OP-N"))
  expect_silent(ggplot2::autoplot(fit, p.value = logrank_test(by_strategy, turned)))
})

test_that("the axes say what they show", {
  grDevices::pdf(NULL, width = 85 / 25.4) # breaks depend on the width of the open device
  withr::defer(grDevices::dev.off())
  fit <- cumulative_incidence(by_cohort, lf)
  p <- ggplot2::autoplot(fit, unit = "months", ylim = c(0, 0.2))
  expect_identical(p$labels$x, "Time (months)")
  expect_identical(p$labels$y, "Cumulative incidence\nof local failure")
  params <- ggplot2::ggplot_build(p)$layout$panel_params[[1]]
  percent <- c("0%", "5%", "10%", "15%", "20%")
  expect_identical(as.character(params$y$get_labels()), percent)
  breaks <- params$x$get_breaks()
  expect_identical(breaks, seq(0, 84, 12), ignore_attr = TRUE)
  named <- ggplot2::autoplot(fit, xlab = "Months since SBRT", unit = "months")
  expect_identical(named$labels$x, "Months since SBRT")
  p <- ggplot2::autoplot(follow_up(by_cohort, os))
  expect_identical(p$labels$y, "Under follow-up")
})

test_that("edge cases give a figure: no event, one subject, an empty group, two causes", {
  d <- data.frame(
    time = 1:4, status = 0, g = factor(c("A", "A", "B", "B"), c("A", "none", "B"))
  )
  p <- ggplot2::autoplot(kaplan_meier(Surv(time, status) ~ g, d))
  expect_identical(p$labels$caption, "No subjects: none")
  expect_identical(table_grobs(p)$risk_labels$label, c("A", "B"))
  expect_identical(unique(layer_of(p, "GeomStep")[[1]]$y), 1)
  one <- ggplot2::autoplot(kaplan_meier(Surv(3, 1) ~ 1))
  expect_identical(layer_of(one, "GeomStep")[[1]]$y, c(1, 0))
  at_zero <- ggplot2::autoplot(kaplan_meier(Surv(0, 1) ~ 1))
  expect_identical(nrow(layer_of(at_zero, "GeomStep")[[1]]), 0L)
  expect_identical(layer_of(at_zero, "GeomPoint")[[1]]$y, 0)
  expect_type(table_grobs(at_zero)$risk_numbers$label, "character")
  causes <- c("local failure", "death")
  both <- cumulative_incidence(Surv(time, status) ~ 1, lf)
  expect_identical(
    levels(ggplot2::autoplot(both, outcome = causes)$data$curve), causes
  )
  plain <- ggplot2::autoplot(kaplan_meier(by_cohort, os), risk_table = "none")
  expect_null(table_grobs(plain))
})

test_that("censoring marks are left out where they would hide a curve", {
  d <- data.frame(time = 1:300, status = rep(c(0, 1, 0), 100))
  few <- kaplan_meier(Surv(time, status) ~ 1, d)
  d$status <- 0
  many <- kaplan_meier(Surv(time, status) ~ 1, d)
  marks <- function(fit, ...) length(layer_of(ggplot2::autoplot(fit, ...), "GeomPoint"))
  expect_identical(marks(few), 1L)
  expect_identical(marks(many), 0L)
  expect_identical(marks(many, censor = TRUE), 1L)
  expect_identical(marks(few, censor = FALSE), 0L)
})

test_that("errors by class", {
  fit <- kaplan_meier(by_cohort, os)
  many <- kaplan_meier(Surv(time, status) ~ patient_id, os)
  none <- kaplan_meier(by_cohort, os[0, ])
  expect_error(ggplot2::autoplot(many), "37 curves", class = "oligosurv_error_data")
  expect_error(ggplot2::autoplot(none), class = "oligosurv_error_data")
  expect_error(ggplot2::autoplot(fit, ylim = c(1, 0)), class = "oligosurv_error_input")
  expect_error(ggplot2::autoplot(fit, breaks = -1), class = "oligosurv_error_domain")
  expect_error(ggplot2::autoplot(fit, outcome = "death"), class = "oligosurv_error_input")
  expect_error(ggplot2::autoplot(fit, colour = "red"), class = "oligosurv_error_input")
  expect_error(ggplot2::autoplot(fit, theme = "bw"), class = "oligosurv_error_input")
  expect_error(
    ggplot2::autoplot(cumulative_incidence(by_cohort, lf), outcome = "relapse"),
    "local failure", class = "oligosurv_error_input"
  )
})
