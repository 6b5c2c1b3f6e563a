# Text that R's own functions cannot read must give a classed error, in every version
# of R and in every function that trims, searches, wraps or measures it.
test_that("text that is not valid in its encoding is an input error", {
  skip_if_not(l10n_info()[["UTF-8"]])
  bad <- "caf\xe9"
  d <- data.frame(time = 1:4, status = c(1, 0, 1, 1), g = c("a", "b", "a", "b"))
  fit <- kaplan_meier(Surv(time, status) ~ g, d)
  ratio <- data.frame(
    label = c("a", bad), estimate = 1, conf.low = 0.5, conf.high = 2, p.value = 0.5
  )
  named <- d
  names(named)[3] <- bad
  by_bad <- as.formula(call("~", quote(Surv(time, status)), as.name(bad)))
  calls <- list(
    function() kaplan_meier(Surv(time, status) ~ 1, d, censor = bad),
    function() hazard_ratio(by_bad, named),
    function() inline_text(fit, time = 2, pattern = paste0("{", bad, "}")),
    function() save_figure(function() plot(fit), paste0("figure.", bad)),
    function() save_table(fit, paste0("table.", bad)),
    function() result_table(data.frame(x = c("a", bad))),
    function() result_table(fit, times = 2, caption = bad),
    function() flow_table(hcc_sbrt, screened = 50, excluded = stats::setNames(13, bad)),
    function() response_rate(hcc_sbrt, by = bad), function() read_study(bad),
    function() endpoint(hcc_sbrt, bad),
    function() study_report(hcc_sbrt, paste0("x.", bad))
  )
  for (call in calls) {
    error <- expect_error(call(), class = "oligosurv_error_input")
    expect_true(validUTF8(conditionMessage(error)))
  }
  expect_true(validEnc(conditionMessage(tryCatch(
    warn_oligosurv("study", bad),
    warning = identity
  ))))
  skip_if_not_installed("ggplot2", "3.5.0")
  expect_error(curve_plot(fit, unit = bad), "`unit`.*valid in its encoding",
    class = "oligosurv_error_input"
  )
  expect_error(curve_plot(fit, title = bad), class = "oligosurv_error_input")
  error <- expect_error(forest_plot(ratio), "element 2 is not", fixed = TRUE,
    class = "oligosurv_error_input"
  )
  expect_identical(error$where, 2L)
})

test_that("text in any declared encoding is accepted and kept unchanged", {
  latin <- "caf\xe9"
  Encoding(latin) <- "latin1"
  expect_identical(check_text(latin, "x"), latin)
  expect_identical(check_text(c("caf\u00e9", NA, ""), "x"), c("caf\u00e9", NA, ""))
  expect_identical(check_text(factor("a"), "x"), factor("a"))
  expect_identical(check_text(NULL, "x"), NULL)
})

test_that("labels that are a list or a function are an input error with their argument", {
  d <- data.frame(
    time = 1:12, g = c("u", "v"),
    status = factor(rep(0:2, 4), 0:2, c("censored", "relapse", "death"))
  )
  fit <- hazard_ratio(Surv(time, status) ~ g, d, outcome = "relapse")
  refused <- function(expr, arg) {
    error <- expect_error(expr, "must be labels, given as text; it is an object",
      class = "oligosurv_error_input"
    )
    expect_identical(error$arg, arg)
  }
  for (label in list(list("relapse"), quote(relapse), function(x) x)) {
    refused(predict(fit, data.frame(g = "u"), times = 2, outcome = label), "outcome")
    refused(adjusted_curves(fit, "g", values = label), "values")
  }
})

test_that("a print takes a number of rows from 0 to Inf", {
  table <- event_table(Surv(time, status) ~ 1, data.frame(time = 1:4, status = 1))
  fit <- kaplan_meier(table)
  for (n in list(-1, NA_real_, "all", 1:2, NULL, as.Date("2021-01-01"))) {
    for (x in list(table, fit)) {
      error <- expect_error(print(x, n = n), "`n` must be one number of at least 0",
        class = "oligosurv_error_input"
      )
      expect_identical(error$arg, "n")
    }
  }
  expect_output(print(table, n = Inf), "   4  event 1", fixed = TRUE)
  expect_output(print(table, n = 0), "... and 4 rows more", fixed = TRUE)
})
