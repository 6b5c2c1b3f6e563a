# response_rate() and best_response(): exact limits, published rates, lesions.

test_that("Clopper-Pearson limits are those of published tables and of binom.test", {
  # Newcombe 1998, Statist Med 17:857-872, table I, method 5.
  published <- data.frame(
    r = c(81, 15, 0, 1), n = c(263, 148, 20, 29),
    low = c(0.2527, 0.0578, 0, 0.0009), high = c(0.3676, 0.1617, 0.1684, 0.1776)
  )
  limits <- clopper_pearson(published$r, published$n, 0.95)
  expect_identical(round(limits$conf.low, 4), published$low)
  expect_identical(round(limits$conf.high, 4), published$high)
  cases <- expand.grid(n = c(1, 2, 9, 36, 400), share = c(0, 0.2, 0.5, 1))
  cases$r <- round(cases$n * cases$share)
  for (level in c(0.8, 0.95, 0.999)) {
    limits <- clopper_pearson(cases$r, cases$n, level)
    exact <- mapply(function(r, n) stats::binom.test(r, n, conf.level = level)$conf.int,
      cases$r, cases$n
    )
    expect_equal(unname(as.matrix(limits)), t(exact), tolerance = 1e-12)
  }
})

test_that("no interval collapses at 0 or n, and nobody evaluable is NA", {
  limits <- clopper_pearson(c(0L, 5L, 0L), c(5L, 5L, 0L), 0.95)
  expect_identical(limits$conf.low[1], 0)
  expect_equal(limits$conf.high[1], 1 - 0.025^(1 / 5), tolerance = 1e-12)
  expect_equal(limits$conf.low[2], 0.025^(1 / 5), tolerance = 1e-12)
  expect_identical(limits$conf.high[2], 1)
  expect_identical(unlist(limits[3, ], use.names = FALSE), c(NA_real_, NA_real_))
})

test_that("published response rates", {
  x <- response_rate(hcc_sbrt)
  expect_identical(x$n.event[1], 17L)
  expect_identical(x$n.evaluable[1], 36L)
  by <- response_rate(hcc_sbrt, by = "cohort")[1:2, ]
  expect_identical(as.character(by$strata), c("OP", "OM"))
  expect_identical(by$n.event, c(12L, 5L))
  expect_identical(by$n.evaluable, c(27L, 9L))
  expect_identical(by$n, c(28L, 9L))
  lesions <- response_rate(hcc_sbrt, level = "lesion")
  expect_identical(lesions$n.event[1] / lesions$n.evaluable[1], 33 / 51)
})

test_that("limits of lesions rest on patients", {
  # 3 patients, 6 lesions: responses 2 of 2, 1 of 2, 0 of 2. p = 1/2, r_i - p n_i = 1, 0,
  # -1, v = 3/2 * 2 / 36 = 1/12, design effect 6 / 12 / (1/4) = 2: limits of 1.5 of 3
  happened <- c(TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, NA)
  all <- factor(rep("All", 7))
  effect <- response_effects(happened, all, c(1, 1, 2, 2, 3, 3, 3))
  # residual products of pairs in a patient: 1/4, -1/4, 1/4; mean / (p (1 - p)) is 1/3
  expect_equal(effect, list(n_id = 3L, design = c(All = 2), correlation = c(All = 1 / 3)))
  expect_equal(
    unlist(clopper_pearson(1.5, 3, 0.95), use.names = FALSE),
    c(stats::qbeta(0.025, 1.5, 2.5), stats::qbeta(0.975, 2.5, 1.5))
  )
  # if responses vary mostly within patients, the design effect is its minimum, 1
  expect_identical(response_effects(happened, all, c(1, 2, 3, 1, 2, 3, 3))$design[[1]], 1)
  # if all or no lesions respond, the effective number is that of patients
  expect_identical(response_effects(happened[1:3], all[1:3], c(1, 1, 2))$design[[1]], 1.5)
  lesions <- response_rate(hcc_sbrt, level = "lesion")
  expect_equal(lesions$design.effect[1], 64 / 55, tolerance = 1e-12)
  expect_identical(lesions$n.id, c(36L, 36L))
  expect_identical(unique(lesions$conf.type), "clopper-pearson by patient")
  plain <- clopper_pearson(33L, 51L, 0.95)
  expect_lt(lesions$conf.low[1], plain$conf.low)
  expect_gt(lesions$conf.high[1], plain$conf.high)
  expect_output(print(lesions), "Design effect Correlation", width = 120)
  expect_identical(lesions$intra.correlation[2], NA_real_) # all lesions are controlled
  by <- response_rate(hcc_sbrt, by = "cohort", level = "lesion")
  expect_identical(by$n.evaluable[1:2], c(38L, 13L))
  tables <- small_tables()
  tables$lesions$best_response <- "NE"
  none <- response_rate(do.call(sbrt_study, tables), level = "lesion")
  expect_identical(none$conf.low, c(NA_real_, NA_real_))
  expect_identical(none$n.id, c(0L, 0L))
})

test_that("rates of the small study are those counted by hand", {
  x <- response_rate(small_study(), conf.level = 0.9)
  expect_identical(names(x), c(
    "outcome", "strata", "n", "n.evaluable", "n.event", "estimate", "conf.low",
    "conf.high", "conf.level", "conf.type"
  ))
  expect_identical(as.character(x$outcome), c("objective response", "disease control"))
  expect_identical(as.character(x$strata), c("All", "All"))
  expect_identical(x$n.event, c(2L, 3L))
  expect_identical(x$estimate, c(2 / 3, 1))
  expect_identical(x$conf.level, c(0.9, 0.9))
  expect_identical(x$conf.type, rep("clopper-pearson", 2))
  by <- response_rate(small_study(), by = "strategy")
  expect_identical(by$n, c(1L, 2L, 1L, 2L))
  expect_identical(by$n.evaluable, c(1L, 1L, 1L, 1L))
  expect_output(print(by), "Left out: 1 patient without a value of strategy")
})

test_that("an empty response and NE are not evaluable, also when it is everybody", {
  tables <- small_tables()
  tables$patients$best_response <- c(NA, "NE", NA, NA)
  study <- do.call(sbrt_study, tables)
  x <- response_rate(study)
  expect_identical(x$n.evaluable, c(0L, 0L))
  expect_identical(x$estimate, c(NA_real_, NA_real_))
  expect_output(print(x), "\u2013: nobody evaluable")
  expect_identical(best_response(study)$responder, rep(NA, 4))
})

test_that("rates of all patients count those without evaluation as without response", {
  x <- response_rate(small_study(), denominator = "all")
  expect_identical(x$n.evaluable, c(4L, 4L))
  expect_identical(x$n.event, c(2L, 3L))
  expect_identical(x$estimate, c(2 / 4, 3 / 4))
  exact <- stats::binom.test(2, 4)$conf.int
  expect_equal(c(x$conf.low[1], x$conf.high[1]), as.vector(exact), tolerance = 1e-12)
  expect_output(print(x), "among all patients, evaluable or not", width = 120)
  expect_output(
    print(response_rate(small_study())), "both among the evaluable", width = 120
  )
  published <- response_rate(hcc_sbrt, denominator = "all")
  expect_identical(published$n.evaluable[1], 37L)
  expect_identical(published$estimate[1], 17 / 37)
  lesions <- response_rate(small_study(), level = "lesion", denominator = "all")
  expect_identical(lesions$n.evaluable, c(5L, 5L))
  expect_identical(lesions$n.event, c(2L, 4L))
  expect_identical(lesions$n.id, c(4L, 4L))
  expect_error(response_rate(small_study(), denominator = "n"), "`denominator`",
    class = "oligosurv_error_input"
  )
})

test_that("best response gives rows with what each counts as", {
  x <- best_response(small_study(), "lesion")
  expect_identical(x$evaluable, c(TRUE, TRUE, TRUE, TRUE, FALSE))
  expect_identical(x$responder, c(TRUE, FALSE, FALSE, TRUE, NA))
  expect_identical(x$controlled, c(TRUE, TRUE, TRUE, TRUE, NA))
  expect_identical(as.character(x$cohort[4]), "OM")
})

test_that("requests that cannot be met are input errors", {
  study <- small_study()
  expect_error(response_rate(study, by = "sex"), "no column \"sex\"",
    class = "oligosurv_error_input"
  )
  expect_error(response_rate(study, conf.level = 1), class = "oligosurv_error_input")
  expect_error(response_rate(study, level = "x"), class = "oligosurv_error_input")
  tables <- small_tables()
  tables$lesions$best_response <- NULL
  study <- do.call(sbrt_study, tables)
  expect_error(response_rate(study, level = "lesion"), "`best_response`",
    class = "oligosurv_error_input"
  )
})
