results <- c(
  all_results(),
  list(events = event_table(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os")))
)
figures <- c(
  "km", "cif", "lesions", "follow_up", "logrank", "gray", "pairs", "rates", "means",
  "lost", "cox", "causes", "response", "of_lesions", "bands", "one_sample", "maxcombo",
  "bootstrap", "difference"
)

test_that("every class answers every generic", {
  for (name in names(results)) {
    x <- results[[name]]
    rows <- tidy(x)
    expect_s3_class(rows, "data.frame", exact = TRUE)
    expect_gt(nrow(rows), 0L)
    expect_s3_class(as.data.frame(x), "data.frame")
    expect_s3_class(glance(x), "data.frame", exact = TRUE)
    expect_s3_class(result_table(x), "result_table")
    text <- inline_text(x)
    expect_type(text, "character")
    expect_true(length(text) > 0L && all(nzchar(text)), label = name)
    out <- utils::capture.output(shown <- withVisible(print(x)))
    expect_gt(length(out), 2L)
    expect_false(shown$visible, label = name)
    expect_identical(shown$value, x)
    expect_error(tidy(x, wrong = 1), "wrong", class = "oligosurv_error_input")
    expect_error(glance(x, wrong = 1), class = "oligosurv_error_input")
    expect_error(result_table(x, wrong = 1), "wrong", class = "oligosurv_error_input")
    expect_error(inline_text(x, wrong = 1), "wrong", class = "oligosurv_error_input")
  }
})

test_that("every class is a table in a chunk", {
  skip_if_not_installed("knitr")
  for (x in results) expect_s3_class(knitr::knit_print(x), "knit_asis")
})

test_that("every class with estimates has a figure", {
  skip_if_not_installed("ggplot2")
  for (x in results[figures]) expect_s3_class(ggplot2::autoplot(x), "ggplot")
  expect_error(forest_plot(results$km), class = "oligosurv_error_input")
  expect_error(forest_plot(results$size), class = "oligosurv_error_input")
})

test_that("columns of tidy() are those of broom", {
  known <- c(
    "outcome", "strata", "group1", "group2", "contrast", "term", "estimate", "std.error",
    "statistic", "p.value", "adj.p.value", "conf.low", "conf.high", "parameter", "num.df",
    "den.df", "method"
  )
  has <- list(
    logrank = c("statistic", "parameter", "p.value", "method"),
    gray = c("outcome", "statistic", "parameter", "p.value", "method"),
    maxcombo = c("statistic", "parameter", "p.value", "method"),
    pairs = c("outcome", "group1", "group2", "statistic", "p.value", "adj.p.value"),
    cox = c("term", "estimate", "std.error", "statistic", "p.value", "conf.low"),
    one_sample = c("estimate", "conf.low", "conf.high", "statistic", "p.value"),
    rates = c("contrast", "estimate", "std.error", "p.value"),
    means = c("estimate", "std.error", "conf.low", "conf.high"),
    difference = c("contrast", "estimate", "conf.low", "conf.high", "p.value")
  )
  for (name in names(has)) {
    expect_identical(setdiff(has[[name]], names(tidy(results[[name]]))), character())
    expect_identical(setdiff(has[[name]], known), character())
  }
  expect_identical(nrow(tidy(results$logrank)), 1L)
  expect_identical(nrow(tidy(results$gray)), 2L)
  expect_identical(as.data.frame(results$gray), results$gray$groups)
  test <- results$logrank
  expect_identical(tidy(test)$p.value, test$p.value)
  expect_identical(glance(test)$n.event, sum(test$groups$observed))
  expect_identical(
    tidy(results$means, rows = "contrasts"), results$means$contrasts
  )
  expect_identical(tidy(results$rates, rows = "estimates"), results$rates$estimates)
})

test_that("a standard error is on the scale of its estimate", {
  # by hand: r = (sqrt(17) - 1) / 8; information of log r as in test-hazard-ratio.R
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
  r <- (sqrt(17) - 1) / 8
  error <- 1 / sqrt(2 * r / (1 + r)^2 + 2 * r / (1 + 2 * r)^2)
  logs <- tidy(fit, exponentiate = FALSE)
  expect_equal(logs$estimate, log(r), tolerance = 1e-8)
  expect_equal(logs$std.error, error, tolerance = 1e-6)
  expect_equal(tidy(fit)$std.error, r * error, tolerance = 1e-6)
  expect_identical(exp(logs$conf.low), exp(log(tidy(fit)$conf.low)))
})

test_that("the unit of the data goes with the numbers, and the user's goes first", {
  fit <- results$km
  expect_match(inline_text(fit, strata = "OP"), "^32.6 months ")
  expect_match(inline_text(fit, strata = "OP", unit = "mo"), "^32.6 mo ")
  expect_match(names(result_table(fit)$body)[4], "Median, months", fixed = TRUE)
  expect_output(print(fit), "Median, months", fixed = TRUE, width = 120)
  expect_match(inline_text(results$means), "months (95% CI", fixed = TRUE)
  bare <- kaplan_meier(Surv(1:4, c(1, 1, 1, 0)) ~ 1)
  expect_match(inline_text(bare), "^2.5 [(]95% CI")
  expect_error(inline_text(results$cox, unit = "months"), "`unit`",
    class = "oligosurv_error_input"
  )
  expect_error(result_table(results$size, unit = "months"), "`unit`",
    class = "oligosurv_error_input"
  )
})

test_that("print(digits = ) is honoured, ranges have an en dash and a minus is a minus", {
  expect_output(print(results$km, digits = 1), "32.6 (21.2\u201369.1)", fixed = TRUE)
  out <- utils::capture.output(print(results$rates, digits = 2))
  expect_match(out, "\u22123.81 (\u221244.48 to 23.99)", fixed = TRUE, all = FALSE)
  expect_error(print(results$km, digits = -1), class = "oligosurv_error_input")
})

test_that("a limit that is not known is said, not printed as a range", {
  os <- endpoint(hcc_sbrt, "os")
  os$start <- ifelse(seq_len(37) > 19, os$time / 2, 0)
  firth <- hazard_ratio(Surv(start, time, status) ~ cohort, os,
    firth = TRUE, id = rep(1:19, length.out = 37)
  )
  expect_match(inline_text(firth), "^HR [0-9.]+ \\(no confidence interval\\)$")
})

test_that("a print has percentages with one decimal, other scales significant digits", {
  os <- endpoint(hcc_sbrt, "os")
  fit <- kaplan_meier(Surv(time, status) ~ cohort, os, times = 12)
  expect_output(print(fit), "80.0 (58.2\u201393.2)", fixed = TRUE)
  expect_output(print(fit), "32.59 (21.22\u201369.06)", fixed = TRUE)
  expect_output(print(fit, digits = 2), "80.00 (58.19\u201393.17)", fixed = TRUE)
  difference <- rate_difference(Surv(time, status) ~ cohort, os, times = 12)
  expect_output(print(difference), "(\u221244.5 to 24.0) ", fixed = TRUE)
})

test_that("tidy() and glance() of tests name the degrees of freedom as broom does", {
  expect_identical(tidy(results$logrank)$parameter, 1L)
  expect_identical(glance(results$logrank)$df, 1L)
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  by_id <- logrank_test(Surv(time, status == "death") ~ cohort, lesions, id = patient_id)
  expect_identical(glance(by_id)[c("df", "df2")],
    stats::setNames(tidy(by_id)[c("num.df", "den.df")], c("df", "df2"))
  )
})

test_that("a fit that lost or shortened a component is an error in every method", {
  d <- random_rows("days", 1)
  fits <- list(
    kaplan_meier(Surv(time, event) ~ group, d), follow_up(Surv(time, event) ~ 1, d),
    cumulative_incidence(Surv(time, status) ~ group, d)
  )
  uses <- list(print, median, glance, tidy, summary, result_table, as.data.frame)
  for (fit in fits) {
    for (name in c("time", "n.event", "n.censor", "std.error", "conf.low", "size")) {
      for (use in uses) {
        lost <- fit
        lost[[name]] <- NULL
        expect_error(use(lost), class = "oligosurv_error_data")
        short <- fit
        short[[name]] <- fit[[name]][-1L]
        expect_error(use(short), class = "oligosurv_error_data")
      }
    }
    lost$table <- 1
    expect_error(print(lost), "`table`", class = "oligosurv_error_data")
  }
})
