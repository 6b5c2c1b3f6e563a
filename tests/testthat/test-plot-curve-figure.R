# Contents of a figure of curves: units, texts, panels, table blocks.

skip_if_not_installed("ggplot2")
os <- endpoint(hcc_sbrt, "os")
pfs <- endpoint(hcc_sbrt, "pfs")
lf <- endpoint(hcc_sbrt, "local_failure")
op <- os[os$cohort == "OP", ]
by_strategy <- Surv(time, status) ~ strategy
by_cohort <- Surv(time, status) ~ cohort

# group a: event, censored, event, censored at times 1 to 4; group b: all censored
hand <- data.frame(
  time = c(1, 2, 3, 4, 1, 2, 3, 4), status = c(1, 0, 1, 0, 0, 0, 0, 0),
  g = rep(c("a", "b"), each = 4)
)

test_that("unit and name come from the endpoint, and only from its own time", {
  p <- curve_plot(kaplan_meier(by_strategy, op))
  expect_identical(p$labels$x, "Time (months)")
  expect_identical(p$labels$y, "Overall survival")
  days <- endpoint(hcc_sbrt, "pfs", unit = "days")
  fit <- kaplan_meier(Surv(time, status) ~ 1, days)
  expect_identical(curve_plot(fit)$labels$x, "Time (days)")
  # a time computed by the user has no known unit
  own <- kaplan_meier(Surv(time / 12, status) ~ 1, os)
  expect_identical(curve_plot(own)$labels$x, "Time")
  both <- c(event_table(by_cohort, os), event_table(by_cohort, os))
  expect_identical(curve_plot(kaplan_meier(both))$labels$x, "Time (months)")
  expect_error(
    curve_plot(list(a = fit, b = kaplan_meier(Surv(time, status) ~ 1, os))),
    "days and months", class = "oligosurv_error_data"
  )
})

test_that("TRUE takes the test and the ratio of the counts of the fit", {
  p <- curve_plot(kaplan_meier(by_strategy, op), p.value = TRUE, hazard_ratio = TRUE)
  text <- layer_of(p, "GeomCurveNote")[[1]]$label
  hr <- tidy(hazard_ratio(by_strategy, op))
  expect_identical(text, sprintf(
    "Log-rank P = 0.47\nHR %.2f (95%% CI %.2f\u2013%.2f), OP-C vs OP-N",
    hr$estimate, hr$conf.low, hr$conf.high
  ))
  # a ratio adjusted for another covariate
  op$age <- rep(50:77, length.out = nrow(op))
  adjusted <- hazard_ratio(Surv(time, status) ~ strategy + age, op)
  fit <- kaplan_meier(by_strategy, op)
  text <- layer_of(curve_plot(fit, hazard_ratio = adjusted), "GeomCurveNote")[[1]]$label
  expect_match(text, "^adjusted HR .*, OP-C vs\\s*OP-N$")
  expect_error(
    curve_plot(kaplan_meier(by_cohort, os), hazard_ratio = adjusted),
    class = "oligosurv_error_data"
  )
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  fit <- cumulative_incidence(by_cohort, lesions, id = patient_id)
  expect_error(curve_plot(fit, p.value = TRUE), "id", class = "oligosurv_error_data")
  expect_error(
    curve_plot(kaplan_meier(Surv(time, status) ~ 1, os), hazard_ratio = TRUE),
    class = "oligosurv_error_data"
  )
})

test_that("curves are dimmed or end after the last time with min_risk at risk", {
  fit <- kaplan_meier(Surv(time, status) ~ g, hand)
  p <- curve_plot(fit, min_risk = 2, censor = FALSE)
  steps <- layer_of(p, "GeomStep")
  # at risk 4, 3, 2, 1 at 1, 2, 3, 4: solid up to 3, dimmed from 3 to 4
  expect_identical(unique(steps[[1]]$x), c(0, 1, 2, 3))
  expect_identical(steps[[2]]$x, c(3, 4, 3, 4))
  expect_identical(unique(steps[[2]]$alpha), 0.35)
  expect_match(p$labels$caption, "dimmed once fewer than 2 are at risk")
  stopped <- curve_plot(fit, min_risk = 2, below_min = "stop", times = c(2, 4))
  expect_identical(max(layer_of(stopped, "GeomStep")[[1]]$x), 3)
  expect_length(layer_of(stopped, "GeomStep"), 1L)
  expect_match(stopped$labels$caption, "end once fewer than 2")
  # no estimate is printed at a time after the end of the curve
  expect_identical(unique(layer_of(stopped, "GeomTimeLabel")[[1]]$x), 2)
  ids <- kaplan_meier(Surv(time, status) ~ 1, hand, id = rep(1:2, 4))
  expect_match(curve_plot(ids, min_risk = 2)$labels$caption, "2 ids are at risk")
})

test_that("a line at each time carries the estimates of summary()", {
  fit <- kaplan_meier(by_strategy, op)
  text <- layer_of(curve_plot(fit, times = c(12, 24)), "GeomTimeLabel")[[1]]
  at <- summary(fit, times = c(12, 24))
  expect_identical(text$label, paste0(round(100 * at$estimate), "%"))
  expect_equal(text$y, at$estimate)
})

test_that("stacked areas add up to one, with the event-free part on top", {
  fit <- cumulative_incidence(Surv(time, status) ~ 1, lf)
  area <- layer_of(curve_plot(fit, stacked = TRUE), "GeomRibbon")[[1]]
  rows <- tidy(fit, times = 24)
  at <- vapply(split(area, area$group), function(x) {
    x <- x[x$x <= 24, ]
    unlist(x[nrow(x), c("ymin", "ymax")])
  }, double(2))
  height <- sort(at["ymax", ] - at["ymin", ])
  expect_equal(unname(height), sort(c(rows$estimate, 1 - sum(rows$estimate))))
  expect_equal(max(at["ymax", ]), 1)
  # each group has its own panel; the tables count all causes
  p <- curve_plot(cumulative_incidence(by_cohort, lf), stacked = TRUE)
  risk <- layer_of(p, "GeomRiskTable")[[1]]
  expect_identical(nlevels(factor(risk$PANEL)), 2L)
  all <- kaplan_meier(Surv(time, status != "censored") ~ cohort, lf)
  want <- tidy(all, times = unique(risk$x))
  expect_identical(risk$label, sprintf("%d (%d)", want$n.risk, want$cum.event))
  expect_error(
    curve_plot(kaplan_meier(by_cohort, os), stacked = TRUE),
    class = "oligosurv_error_input"
  )
})

test_that("naive is 1 - Kaplan-Meier of the cause, and the caption says what it does", {
  d <- data.frame(
    time = 1:4, status = factor(c("death", "failure", "death", "failure"),
      c("censored", "failure", "death")
    )
  )
  fit <- cumulative_incidence(Surv(time, status) ~ 1, d)
  p <- curve_plot(fit, naive = TRUE)
  # by hand: F is 1/4 from 2 and 1/2 from 4; 1 - KM is 1/3 from 2 and 1 from 4
  steps <- layer_of(p, "GeomStep")
  expect_equal(steps[[1]]$y, c(0, 0, 1 / 3, 1 / 3, 1))
  expect_equal(steps[[2]]$y, c(0, 0, 1 / 4, 1 / 4, 1 / 2))
  expect_match(gsub("\n", " ", p$labels$caption), "ends at 100% instead of 50%")
  expect_error(
    curve_plot(kaplan_meier(by_cohort, os), naive = TRUE),
    class = "oligosurv_error_input"
  )
})

test_that("several endpoints share one panel, each with its own row", {
  one <- Surv(time, status) ~ 1
  fits <- list(OS = kaplan_meier(one, os), PFS = kaplan_meier(one, pfs))
  p <- curve_plot(fits, unit = "months")
  expect_identical(levels(p$data$curve), c("OS", "PFS"))
  expect_identical(table_grobs(p)$risk_labels$label, c("OS", "PFS"))
  step <- layer_of(p, "GeomStep")[[1]]
  expect_identical(step$y, c(tidy(fits$OS)$estimate, tidy(fits$PFS)$estimate))
  by_group <- curve_plot(list(OS = kaplan_meier(by_cohort, os), PFS = fits$PFS))
  expect_identical(levels(by_group$data$curve), c("OS, OP", "OS, OM", "PFS"))
  mixed <- curve_plot(c(fits, list(LF = cumulative_incidence(one, lf))))
  expect_identical(mixed$labels$y, "Probability")
  expect_error(curve_plot(unname(fits)), "name", class = "oligosurv_error_input")
  expect_error(curve_plot(fits, p.value = TRUE), class = "oligosurv_error_input")
  expect_error(curve_plot(list(1)), class = "oligosurv_error_input")
})

test_that("each panel has its own curves and table", {
  fit <- kaplan_meier(Surv(time, status) ~ strategy + strata(site), cbind(op,
    site = rep(c("x", "y"), 14)
  ))
  p <- curve_plot(fit, facet = "stratum", p.value = TRUE)
  expect_identical(levels(p$data$curve), c("OP-N", "OP-C"))
  for (panel in 1:2) {
    grobs <- table_grobs(p, panel)
    x <- p$data[p$data$stratum == c("x", "y")[panel] & p$data$time == 0, ]
    expect_identical(grobs$risk_labels$label, c("OP-N", "OP-C"))
    expect_true(startsWith(grobs$risk_numbers$label[1], format(x$n.risk[1])))
  }
  text <- layer_of(p, "GeomCurveNote")[[1]]
  expect_identical(as.integer(text$PANEL), 1L)
  fit <- cumulative_incidence(by_cohort, lf)
  p <- curve_plot(fit, facet = "outcome", outcome = fit$outcomes, p.value = TRUE)
  expect_identical(as.integer(layer_of(p, "GeomCurveNote")[[1]]$PANEL), 1:2)
  # with one panel per group no legend is needed
  p <- curve_plot(kaplan_meier(by_cohort, os), facet = "group")
  expect_identical(levels(p$data$curve), "All")
  expect_error(curve_plot(fit, facet = "x"), class = "oligosurv_error_input")
})

test_that("the table has the requested blocks", {
  fit <- kaplan_meier(Surv(time, status) ~ g, hand)
  label <- function(...) {
    table_grobs(curve_plot(fit, breaks = c(0, 2, 4), ...))$risk_numbers$label
  }
  expect_identical(
    label(risk_table = "censored"),
    c("4 (0)", "3 (1)", "1 (2)", "4 (0)", "3 (2)", "1 (4)")
  )
  blocks <- curve_plot(fit, risk_table = c("risk", "events", "censored"))
  grobs <- table_grobs(blocks)
  expect_identical(grobs$risk_title$label, c("At risk", "Events", "Censored"))
  withr::local_pdf(NULL)
  y <- grid::convertY(grobs$risk_numbers$y, "pt", valueOnly = TRUE)
  expect_length(unique(round(y, 3)), 6L)
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  ids <- cumulative_incidence(by_cohort, lesions, id = patient_id)
  grobs <- table_grobs(curve_plot(ids, risk_table = "ids"))
  expect_identical(grobs$risk_title$label, "Lesions at risk (patients)")
  expect_identical(grobs$risk_numbers$label[1], "48 (28)")
  expect_error(curve_plot(fit, risk_table = "ids"), class = "oligosurv_error_input")
  expect_error(curve_plot(fit, risk_table = c("risk", "none")),
    class = "oligosurv_error_input"
  )
})

test_that("at risk stands once a group when a panel has several causes", {
  fit <- cumulative_incidence(by_cohort, lf)
  p <- curve_plot(fit, outcome = fit$outcomes)
  grobs <- table_grobs(p)
  expect_identical(grobs$risk_labels$label, c("OP", "OM"))
  rows <- layer_of(p, "GeomRiskTable")[[1]]
  any_event <- kaplan_meier(Surv(time, status != "censored") ~ cohort, lf)
  want <- tidy(any_event, times = unique(rows$x))
  expect_identical(rows$label, sprintf("%d (%d)", want$n.risk, want$cum.event))
  # in blocks of their own the events have a row for each cause
  blocks <- curve_plot(fit, outcome = fit$outcomes, risk_table = c("risk", "events"))
  rows <- layer_of(blocks, "GeomRiskTable")[[1]]
  expect_identical(unique(rows$name[rows$block == 1]), c("OP", "OM"))
  expect_identical(unique(rows$name[rows$block == 2]), levels(blocks$data$curve))
  each <- tidy(fit, times = unique(rows$x))
  expect_setequal(rows$label[rows$block == 2], format(each$cum.event, trim = TRUE))
  # a panel for each cause has the events of its cause
  panels <- layer_of(curve_plot(fit, outcome = fit$outcomes, facet = "outcome"),
    "GeomRiskTable"
  )[[1]]
  first <- panels[panels$PANEL == 1, ]
  mine <- tidy(fit, times = unique(first$x))
  mine <- mine[mine$outcome == fit$outcomes[1], ]
  expect_identical(first$label, sprintf("%d (%d)", mine$n.risk, mine$cum.event))
})

test_that("an axis that does not show all says so", {
  fit <- kaplan_meier(by_cohort, os)
  expect_null(curve_plot(fit)$labels$caption)
  expect_identical(curve_plot(fit, ylim = c(0.4, 1))$labels$caption,
    "The vertical axis starts at 40%"
  )
  cut <- cumulative_incidence(by_cohort, lf)
  rows <- tidy(cut)[tidy(cut)$outcome == "local failure", ]
  # the area between the limits has no width at the last time
  inside <- rows$time < stats::ave(rows$time, rows$strata, FUN = max)
  high <- max(rows$conf.high[inside], na.rm = TRUE)
  expect_lt(high, max(rows$conf.high, na.rm = TRUE))
  expect_identical(
    curve_plot(cut, ylim = c(0, high - 0.01))$labels$caption,
    paste("Intervals above", percent_axis(high - 0.01), "are cut")
  )
  expect_null(curve_plot(cut, ylim = c(0, high))$labels$caption)
  low <- curve_plot(cut, ylim = c(0, 0.01))
  expect_match(low$labels$caption, "Curves above 1% are cut")
})

test_that("edge cases draw: conditional, few at risk, a bare theme, no events", {
  withr::local_cairo_pdf(withr::local_tempfile())
  later <- kaplan_meier(Surv(time, status) ~ 1, hand, from = 2)
  from <- curve_plot(later, times = c(1, 3))
  expect_identical(min(layer_of(from, "GeomRiskTable")[[1]]$x), 2)
  fit <- kaplan_meier(Surv(time, status) ~ g, hand)
  expect_silent(print(curve_plot(fit, min_risk = 99, labels = "direct")))
  expect_silent(print(curve_plot(fit, min_risk = 99, below_min = "stop")))
  expect_silent(print(curve_plot(fit, theme = ggplot2::theme_void(), times = 2)))
  none <- data.frame(
    time = 1:4, status = factor(rep("censored", 4), c("censored", "a", "b"))
  )
  causes <- cumulative_incidence(Surv(time, status) ~ 1, none)
  expect_silent(print(curve_plot(causes, stacked = TRUE, labels = "direct")))
  expect_silent(print(curve_plot(causes, naive = TRUE)))
  groups <- data.frame(time = 1:80, status = 1, g = rep(1:40, 2))
  many <- kaplan_meier(Surv(time, status) ~ g, groups)
  expect_error(curve_plot(many), "40 curves", class = "oligosurv_error_data")
  expect_error(
    curve_plot(many, facet = "group"), "40 panels", class = "oligosurv_error_data"
  )
})

test_that("causes are stacked in one fit at a time", {
  one <- cumulative_incidence(Surv(time, status) ~ 1, lf)
  error <- expect_error(curve_plot(list(a = one, b = one), stacked = TRUE),
    "needs a single fit; `x` has 2", class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "stacked")
})

test_that("a ratio of another kind is refused by what it is", {
  fit <- kaplan_meier(by_cohort, os)
  for (ratio in list("x", logrank_test(by_cohort, os))) {
    error <- expect_error(curve_plot(fit, hazard_ratio = ratio),
      "must be TRUE or the result of hazard_ratio\\(\\); it is",
      class = "oligosurv_error_input"
    )
    expect_identical(error$arg, "hazard_ratio")
  }
})
