# Hazard ratios that the data do not determine are NA; the others are unchanged.

# Groups that cannot be compared: all of B leave before the first event, D has no rows
early <- data.frame(
  t = c(1, 2, 3, 10:16), e = c(0, 0, 0, 1, 0, 1, 1, 0, 1, 1),
  g = factor(c("B", "B", "B", rep(c("A", "C"), length = 7)), c("A", "B", "C", "D")),
  id = c(1, 2, 1, 2, 3, 4, 5, 6, 7, 8)
)

early$s <- factor(early$e * c(rep(1, 6), 2, 1, 2, 1), 0:2, c("none", "LF", "death"))

test_that("coefficients that are not identified are NA, the others are unchanged", {
  rest <- early[early$g != "B", ]
  rest$g <- droplevels(rest$g)
  numbers <- c("estimate", "std.error", "p.value", "conf.low", "conf.high")
  for (firth in list(NA, TRUE, FALSE)) {
    fit <- tidy(hazard_ratio(Surv(t, e) ~ g, early, firth = firth))
    expect_identical(is.na(fit$estimate), c(TRUE, FALSE, TRUE))
    expect_equal(fit[2, numbers],
      tidy(hazard_ratio(Surv(t, e) ~ g, rest, firth = firth))[numbers],
      ignore_attr = TRUE, tolerance = 1e-6
    )
  }
  expect_equal(log(fit$estimate[2]),
    unname(stats::coef(survival::coxph(Surv(t, e) ~ g, early))["gC"]),
    tolerance = 1e-6
  )
  fit <- hazard_ratio(Surv(t, e) ~ g, early)
  expect_equal(fit$proportional_hazards$p.value[1],
    survival::cox.zph(survival::coxph(Surv(t, e) ~ g, rest))$table["g", "p"],
    tolerance = 1e-6, ignore_attr = TRUE
  )
  expect_identical(glance(fit)$n.parameter, 1L)
  expect_identical(glance(fit)$events.per.parameter, 5)
  expect_output(print(fit), "not estimable: g: B against A and g: D against A")
})

test_that("a reference that leaves before the first event has no comparison", {
  d <- transform(early, x = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3))
  d$g <- factor(c("A", "A", "A", "B", "C", "B", "C", "B", "C", "B"))
  fit <- hazard_ratio(Surv(t, e) ~ g, d)
  expect_identical(tidy(fit)$estimate, c(NA_real_, NA))
  expect_identical(tidy(fit)$reference, c("A", "A"))
  expect_identical(glance(fit)$n.parameter, 0L)
  expect_null(fit$proportional_hazards)
  expect_output(print(fit), "g: B against A and g: C against A (the reference level is",
    fixed = TRUE
  )
  # as survival::coxph() with C as the reference
  moved <- transform(d, g = stats::relevel(g, "C"))
  peer <- survival::coxph(Surv(t, e) ~ g, moved)
  expect_equal(tidy(hazard_ratio(Surv(t, e) ~ g, moved))$estimate,
    unname(exp(stats::coef(peer))),
    tolerance = 1e-6
  )
  # B against C is still adjusted for other covariates
  for (firth in list(NA, TRUE)) {
    both <- tidy(hazard_ratio(Surv(t, e) ~ g + x, d, firth = firth))
    other <- tidy(hazard_ratio(Surv(t, e) ~ g + x, moved, firth = firth))
    expect_identical(is.na(both$estimate), c(TRUE, TRUE, FALSE))
    expect_equal(both$estimate[3], other$estimate[3], tolerance = 1e-6)
    expect_equal(both$conf.low[3], other$conf.low[3], tolerance = 1e-6)
  }
  # the slope of x in A, and its difference from other slopes, are in no risk set either
  slope <- tidy(hazard_ratio(Surv(t, e) ~ g * x, d))
  expect_identical(slope$estimate, rep(NA_real_, 5))
  for (model in c("cox", "fine-gray")) {
    expect_identical(
      tidy(hazard_ratio(Surv(t, s) ~ g, d, model, "LF"))$estimate, c(NA_real_, NA)
    )
  }
})

test_that("levels never in a stratum with the reference are not compared with it", {
  d <- data.frame(
    t = 1:8, e = 1, g = c("A", "A", "A", "A", "B", "C", "B", "C"), s = rep(1:2, each = 4)
  )
  for (firth in list(NA, TRUE, FALSE)) {
    fit <- tidy(hazard_ratio(Surv(t, e) ~ g + strata(s), d, firth = firth))
    expect_identical(fit$estimate, c(NA_real_, NA))
  }
  # the strata are now risk sets at different times
  d$start <- ifelse(d$s == 1, 0, 4)
  suppressMessages(fit <- hazard_ratio(Surv(start, t, e) ~ g, d))
  expect_identical(tidy(fit)$estimate, c(NA_real_, NA))
  # A and D are at risk together, and so are B and C: only D against A is determined
  d <- data.frame(
    t = 1:16, e = 1, g = c(rep(c("A", "D"), 4), rep(c("B", "C"), 4)),
    s = rep(1:2, each = 8)
  )
  fit <- tidy(hazard_ratio(Surv(t, e) ~ g + strata(s), d))
  expect_identical(is.na(fit$estimate), c(TRUE, TRUE, FALSE))
  first <- tidy(hazard_ratio(Surv(t, e) ~ g, d[d$s == 1, ]))
  expect_equal(fit$estimate[3], first$estimate, tolerance = 1e-6)
  # one row of B at risk with A connects all groups
  d$g[2] <- "B"
  fit <- tidy(hazard_ratio(Surv(t, e) ~ g + strata(s), d))
  peer <- survival::coxph(Surv(t, e) ~ g + strata(s), d)
  expect_equal(log(fit$estimate), unname(stats::coef(peer)), tolerance = 1e-6)
})

test_that("Firth's limits of split follow-up are those of the whole follow-up", {
  d <- data.frame(
    i = 1:8, t = 1:8, e = c(1, 0, 1, 0, 1, 0, 0, 0), g = factor(rep(1:2, 4))
  )
  numbers <- c("estimate", "std.error", "p.value", "conf.low", "conf.high")
  whole <- tidy(hazard_ratio(Surv(t, e) ~ g, d))
  expect_equal(unlist(whole[c("estimate", "conf.low", "conf.high", "p.value")]),
    c(0.143, 0.00106, 1.47, 0.112),
    tolerance = 0.005, ignore_attr = TRUE
  )
  for (cut in list(2, c(2.5, 4), 1:7)) {
    long <- survival::survSplit(Surv(t, e) ~ ., d, cut = cut, start = "a")
    long <- long[rev(seq_len(nrow(long))), ]
    suppressMessages(fit <- hazard_ratio(Surv(a, t, e) ~ g, long, id = i))
    expect_equal(tidy(fit)[numbers], whole[numbers], tolerance = 1e-5)
    expect_false(fit$blank)
  }
  # overlapping rows of an id, or rows after its event, are not split follow-up
  long <- survival::survSplit(Surv(t, e) ~ ., d, cut = 2, start = "a")
  over <- transform(long, a = ifelse(a == 2 & i == 5, 1, a))
  again <- transform(long, e = ifelse(i == 5, 1, e))
  for (rows in list(over, again, rbind(long, long))) {
    suppressMessages(fit <- hazard_ratio(Surv(a, t, e) ~ g, rows, id = i))
    expect_identical(tidy(fit)$conf.low, NA_real_)
    expect_identical(tidy(fit)$p.value, NA_real_)
  }
})

test_that("the same by id, by cause, in Fine-Gray, with either tie rule", {
  fit <- hazard_ratio(Surv(t, e) ~ g, early, id = id)
  fit <- tidy(fit, exponentiate = FALSE)
  peer <- survival::coxph(Surv(t, e) ~ I(g == "C"), early, cluster = id)
  expect_identical(fit$df[2], 6)
  expect_equal(fit$std.error, c(NA, sqrt(stats::vcov(peer)[1] * 8 / 6), NA),
    tolerance = 1e-6
  )
  for (model in c("cox", "fine-gray")) {
    for (ties in c("efron", "breslow")) {
      fit <- tidy(hazard_ratio(Surv(t, s) ~ g, early, model, "LF", ties = ties))
      expect_identical(is.na(fit$estimate), c(TRUE, FALSE, TRUE))
      expect_false(is.na(fit$conf.low[2]))
    }
  }
})

test_that("covariates without variation among those at risk at the events are NA", {
  d <- data.frame(
    t = 1:8, e = c(1, 1, 0, 1, 0, 0, 0, 0), s = c(1, 1, 1, 1, 2, 2, 2, 2),
    arm = c("A", "A", "A", "A", "A", "B", "B", "A"), x = c(2, 5, 1, 4, 3, 2, 1, 7)
  )
  estimate <- function(...) tidy(hazard_ratio(..., data = d))$estimate
  expect_identical(estimate(Surv(t, e) ~ arm + strata(s)), NA_real_)
  both <- estimate(Surv(t, e) ~ arm + x + strata(s))
  expect_identical(both, c(NA, estimate(Surv(t, e) ~ x + strata(s))))
  expect_identical(estimate(Surv(t, e) ~ I(0 * t) + x + strata(s))[2], both[2])
  twice <- estimate(Surv(t, e) ~ x + I(2 * x) + arm)
  expect_identical(is.na(twice), c(FALSE, TRUE, FALSE))
  expect_identical(estimate(Surv(t, e) ~ I(0 * t)), NA_real_)
  # NA is the last of the collinear columns, as in coxph()
  d <- cox_rows(13)
  fit <- tidy(hazard_ratio(Surv(time, event) ~ arm + age + I(arm == "b") + I(3 - age), d))
  peer <- suppressWarnings(
    survival::coxph(Surv(time, event) ~ arm + age + I(arm == "b") + I(3 - age), d)
  )
  expect_identical(is.na(fit$estimate), unname(is.na(stats::coef(peer))))
  expect_equal(log(fit$estimate)[1:3], unname(stats::coef(peer))[1:3], tolerance = 1e-6)
})

test_that("survival's singtest: the pattern of NA and the values", {
  one <- data.frame(
    time = c(4, 3, 1, 1, 2, 2, 3), status = c(1, NA, 1, 0, 1, 1, 0),
    x = c(0, 2, 1, 1, 1, 0, 0)
  )
  from <- rep(10 * 0:3, each = 7)
  d <- data.frame(
    a = from, b = from + one$time, status = rep(one$status, 4),
    x = c(one$x + 1:7, rep(one$x, 3)), epoch = factor(rep(1:4, each = 7))
  )
  suppressMessages(fit <- hazard_ratio(Surv(a, b, status) ~ x * epoch, d))
  peer <- stats::coef(survival::coxph(Surv(a, b, status) ~ x * epoch, d))
  expect_identical(is.na(tidy(fit)$estimate), unname(is.na(peer)))
  expect_equal(log(tidy(fit)$estimate), unname(peer), tolerance = 1e-5)
  expect_output(print(fit), "test is not defined")
})

test_that("tables, sentences and figures mark what is not estimable", {
  skip_if_not_installed("ggplot2")
  fit <- hazard_ratio(Surv(t, e) ~ g, early)
  x <- result_table(fit)
  expect_identical(as.data.frame(x)[[4]][1], as.data.frame(x)[[4]][3])
  expect_match(paste(x$notes, collapse = " "), "Not estimable: g: B against A and g: D")
  expect_identical(forest_plot(fit)$data$text[1], "not estimable")
  expect_identical(unname(inline_text(fit)[c(1, 3)]), rep("HR not estimable", 2))
  expect_match(inline_text(fit)[2], "^HR [0-9.]+ \\(95% CI ")
  expect_identical(
    inline_text(fit, strata = "B", pattern = "{value} v {reference}: {estimate}"),
    "B v A: not estimable"
  )
  curves <- kaplan_meier(Surv(t, e) ~ g, early)
  expect_s3_class(curve_plot(curves, hazard_ratio = fit), "ggplot")
  text <- oligosurv:::ratio_text(fit, curves, "any")
  expect_identical(unname(text)[1], "HR not estimable, B vs A")
  none <- hazard_ratio(Surv(t, 0 * e) ~ g, early)
  expect_true(all(is.na(tidy(none)$estimate)))
  expect_identical(glance(none)$events.per.parameter, NA_real_)
  expect_output(print(none), "D against A (no event)", fixed = TRUE)
  expect_s3_class(forest_plot(none), "ggplot")
  expect_s3_class(result_table(none), "result_table")
})
