# Arguments: unknown names are errors; constants are defined once

test_that("an unknown argument suggests the near one", {
  f <- Surv(time, event) ~ group
  d <- random_rows("ties", 1)
  d$event <- as.integer(d$cause > 0)
  hint <- function(call, text) {
    expect_error(call, text, class = "oligosurv_error_input", fixed = TRUE)
  }
  hint(kaplan_meier(f, d, conf_level = 0.9), "`conf_level`; did you mean `conf.level`?")
  hint(kaplan_meier(f, d, tymes = 3), "`tymes`; did you mean `times`?")
  hint(kaplan_meier(f, d, start = 3), "`start`; use `from`")
  hint(kaplan_meier(f, d, band = "hall-wellner"), "`band`; see survival_band()")
  hint(kaplan_meier(f, d, estimator = "breslow"), "see survival_estimate()")
  hint(late_group(d$group, 1, start = 3), "`start`; use `origin`")
  hint(maxcombo_test(f, d, weights = list(c(0, 0))), "`weights`; use `powers`")
  hint(logrank_test(f, d, landmrk = 3), "`landmrk`; did you mean `landmark`?")
  hint(logrank_test(f, d, subset = 1:3), "subset(data, sex")
  hint(tidy(kaplan_meier(f, d), tims = 2), "`tims`; did you mean `times`?")
  hint(kaplan_meier(f, d, nonsense = 1, other = 2), "arguments: `nonsense` and `other`")
  hint(survival_band(kaplan_meier(f, d), rnge = 1:2), "did you mean `range`?")
  expect_error(kaplan_meier(f, d, quite_different_words = 3),
    "unknown argument: `quite_different_words`$",
    class = "oligosurv_error_input"
  )
})

test_that("what several functions have by default is one constant", {
  exported <- getNamespaceExports("oligosurv")
  defaults <- function(name) {
    found <- lapply(exported, function(f) {
      x <- getExportedValue("oligosurv", f)
      if (is.function(x)) formals(x)[[name]]
    })
    unique(Filter(is.numeric, found))
  }
  expect_identical(defaults("tie_tol"), list(default_tie_tol))
  expect_identical(defaults("n_permutations"), list(usual_permutations))
  # bootstrap_optimism() fits a model to each resample
  expect_setequal(defaults("n_resamples"), list(usual_permutations, 499))
  expect_identical(defaults("conf.level"), list(0.95))
})

test_that("the choices of an argument are one constant, the first is the default", {
  choices <- function(f, name) eval(formals(f)[[name]])
  expect_identical(choices(logrank_test, "weight"), names(weight_names))
  for (f in list(logrank_test, gray_test, maxcombo_test)) {
    expect_identical(choices(f, "method"), p_methods)
  }
  expect_identical(choices(cumulative_incidence, "variance"), incidence_variances)
  d <- data.frame(t = 1:8, s = rep(1:0, 4), g = rep(c("a", "b"), each = 4))
  f <- Surv(t, s) ~ g
  state <- Surv(t, factor(s)) ~ g
  given <- list(
    kaplan_meier(f, d, NULL, NULL, NULL, NULL, NULL, "small-sample", 0.95, 1e-9),
    logrank_test(f, d, "logrank", 0, 0, "asymptotic", 9999, NULL),
    cumulative_incidence(state, d, NULL, NULL, NULL, NULL, "small-sample", 0.95,
      "greenwood"
    ),
    gray_test(state, d, 0, "asymptotic", 9999, NULL)
  )
  expect_identical(given, list(
    kaplan_meier(f, d), logrank_test(f, d), cumulative_incidence(state, d),
    gray_test(state, d)
  ))
})

test_that("weights without their type are an error wherever they are taken", {
  d <- data.frame(t = 1:6, s = c(1, 1, 0, 1, 1, 0), g = rep(c("a", "b"), 3), n = 1)
  f <- Surv(t, s) ~ g
  calls <- list(
    kaplan_meier = function() kaplan_meier(f, d, weights = n),
    cumulative_incidence = function() cumulative_incidence(f, d, weights = n),
    logrank_test = function() logrank_test(f, d, weights = n),
    gray_test = function() gray_test(f, d, weights = n),
    pairwise_test = function() pairwise_test(f, d, weights = n),
    restricted_mean = function() restricted_mean(f, d, weights = n),
    rate_difference = function() rate_difference(f, d, 2, weights = n)
  )
  for (name in names(calls)) {
    expect_error(calls[[name]](), "weight_type", class = "oligosurv_error_input")
    expect_null(formals(name)$weight_type)
  }
})

test_that("the answers of a rule on text are kept, and are those of the rule", {
  asked <- 0L
  rule <- remember(function(text) {
    asked <<- asked + 1L
    paste(toupper(text), collapse = "+")
  }, most = 2L)
  expect_identical(c(rule("a"), rule("a"), rule(c("a", "b"))), c("A", "A", "A+B"))
  expect_identical(asked, 2L)
  expect_identical(c(rule("c"), rule("a")), c("C", "A")) # at most two are kept
  expect_identical(asked, 4L)
  odd <- c(" a", "\u00e4", strrep("x", 300))
  expect_identical(is_simple_text(c("a", "arm 1")), TRUE)
  for (text in c(list(NA_character_, character(), ""), odd)) {
    expect_false(is_simple_text(text))
    expect_identical(rule(text), paste(toupper(text), collapse = "+"))
  }
})

test_that("the answer to the last vector or expression is kept unless it is long", {
  asked <- 0L
  rule <- remember_last(function(x) {
    asked <<- asked + 1L
    length(x)
  })
  for (x in list("a", quote(a + b), quote(none), NULL, globalenv())) {
    asked <- 0L
    expect_identical(c(rule(x), rule(x)), rep(length(x), 2L))
    expect_identical(asked, 1L)
  }
  long <- Reduce(function(a, b) call("+", a, b), lapply(letters, as.name))
  for (x in list(1:33, long)) {
    asked <- 0L
    expect_identical(c(rule(x), rule(x)), rep(length(x), 2L))
    expect_identical(asked, 2L)
  }
})
