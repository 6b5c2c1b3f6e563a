# inline_text(): sentences, patterns, refusals.

os <- endpoint(hcc_sbrt, "os")
fit <- kaplan_meier(Surv(time, status) ~ 1, os)
by <- kaplan_meier(Surv(time, status) ~ cohort, os)
results <- all_results()

test_that("the published sentence, from the fit", {
  expect_identical(inline_text(fit, unit = "months"),
    "34.9 months (95% CI 21.2\u201369.1)"
  )
  expect_identical(inline_text(by, strata = "OM", unit = "months"),
    "NR (95% CI 4.6\u2013NR)"
  )
  at <- tidy(by, times = 24)
  expect_identical(inline_text(by, times = 24), stats::setNames(sprintf(
    "%.1f%% (95%% CI %.1f\u2013%.1f)", 100 * at$estimate, 100 * at$conf.low,
    100 * at$conf.high
  ), c("OP", "OM")))
})

test_that("text for tests, ratios, differences and rates of response", {
  text <- function(name, ...) unname(inline_text(results[[name]], ...))
  test <- results$logrank
  expect_identical(text("logrank"), sprintf("P = %.2f (log-rank test)", test$p.value))
  expect_identical(text("gray", outcome = "death", style = "nejm"),
    "P=0.85 (Gray's test)"
  )
  expect_identical(text("pairs", outcome = "death"), "P = 0.85 (Gray's test, holm)")
  expect_match(text("cox"), "^HR 0.81 \\(95% CI 0.23\u20132.83; P = 0.74\\)$")
  expect_match(text("rates", times = 12),
    "^\u22123.8 percentage points \\(95% CI \u2212[0-9.]+ to [0-9.]+; P = 0.[0-9]+\\)$"
  )
  expect_match(text("means", unit = "months"), "months \\(95% CI .* to .*; P")
  expect_false(grepl("months", text("means", unit = "months", measure = "ratio")))
  expect_identical(text("response", strata = "OM"),
    "55.6% (5 of 9; 95% CI 21.2\u201386.3)"
  )
})

test_that("a pattern is filled in, never run as code", {
  expect_identical(
    inline_text(by, 12, "OP", pattern = "{estimate} of {strata} at {time} ({n.risk})"),
    "80.0% of OP at 12 (17)"
  )
  expect_error(inline_text(fit, pattern = "{stop('x')}"), "`pattern`",
    class = "oligosurv_error_input"
  )
  d <- data.frame(time = 1:4, status = 1, g = rep(c("a\\1", "{estimate}"), 2))
  odd <- kaplan_meier(Surv(time, status) ~ g, d)
  shown <- inline_text(odd, pattern = "{strata}")
  expect_identical(unname(shown), c("a\\1", "{estimate}"))
})

test_that("an unknown group, outcome or name is an error that lists what there is", {
  expect_error(inline_text(by, strata = "XX"), "`strata`",
    class = "oligosurv_error_input"
  )
  expect_error(inline_text(results$cif, outcome = "XX"), "`outcome`",
    class = "oligosurv_error_input"
  )
  expect_error(inline_text(results$rates, times = 7), "`times`",
    class = "oligosurv_error_input"
  )
  expect_error(inline_text(1), "must be a result", class = "oligosurv_error_input")
})

test_that("past the last follow-up there is no rate", {
  short <- kaplan_meier(Surv(c(1, 2), c(1, 0)) ~ 1)
  expect_identical(inline_text(short, times = 5), "NR")
})

test_that("one-sample tests, bootstrap and differences of response have a sentence", {
  os <- endpoint(hcc_sbrt, "os")
  one <- one_sample_test(Surv(time, status) ~ 1, os, hazard = 0.01)
  text <- "^17 of 9\\.[0-9] expected \\(ratio 1\\.80, 95% CI .*; P = "
  expect_match(inline_text(one), text)
  difference <- response_difference(hcc_sbrt, by = "cohort")
  # 5 of 9 minus 12 of 27
  expect_match(inline_text(difference), "^11\\.1 percentage points \\(95% CI .*; P = ")
  withr::with_seed(1, {
    median <- bootstrap_interval(Surv(time, status) ~ 1, os, n_resamples = 50)
    rates <- bootstrap_interval(Surv(time, status) ~ cohort, os,
      statistic = "rate", times = c(12, 24), n_resamples = 50
    )
  })
  expect_match(inline_text(median, unit = "months"), "^34\\.9 months \\(95% CI ")
  text <- inline_text(rates, times = 12, strata = "OP")
  expect_length(text, 1L)
  expect_match(text, "^80\\.0% \\(95% CI ")
})
