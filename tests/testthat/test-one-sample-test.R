# One-sample log-rank test: by hand, poisson.test(), survdiff() with an offset.

d <- data.frame(
  month = c(5, 15, 12, 8, 20, 3), death = c(1, 1, 0, 1, 0, 0),
  arm = c("A", "A", "A", "B", "B", "B"), expected = c(0.1, 0.4, 0.2, 0.3, 0.5, 0.05)
)

test_that("by hand: a constant rate of 0.02 over 63 months", {
  row <- tidy(one_sample_test(Surv(month, death) ~ 1, d, hazard = 0.02))
  expect_identical(row$observed, 3)
  expect_equal(row$expected, 1.26, tolerance = 1e-15)
  expect_equal(row$estimate, 3 / 1.26, tolerance = 1e-15)
  expect_equal(row$statistic, (3 - 1.26)^2 / 1.26, tolerance = 1e-14)
  expect_equal(row$p.value, stats::pchisq(row$statistic, 1, lower.tail = FALSE))
})

test_that("the exact interval is that of poisson.test()", {
  for (rate in c(1e-4, 0.02, 0.3)) {
    row <- tidy(one_sample_test(Surv(month, death) ~ 1, d, rate, conf.level = 0.9))
    want <- stats::poisson.test(3, 63 * rate, conf.level = 0.9)$conf.int
    expect_equal(c(row$conf.low, row$conf.high), c(want), tolerance = 1e-12)
  }
  # twice the smaller tail: P(3 or more) of a Poisson variable with mean 1.26
  row <- tidy(one_sample_test(Surv(month, death) ~ 1, d, 0.02))
  expect_equal(row$p.exact, 2 * stats::ppois(2, 1.26, lower.tail = FALSE))
})

test_that("survival: survdiff() of one sample", {
  # the offset of survdiff() is the expected survival of each row
  fit <- survival::survdiff(Surv(month, death) ~ offset(exp(-expected)), d)
  row <- tidy(one_sample_test(Surv(month, death) ~ 1, d, hazard = expected))
  expect_equal(row$expected, fit$exp, tolerance = 1e-14)
  expect_equal(row$statistic, fit$chisq, tolerance = 1e-12)
})

test_that("rate, function and column agree; groups; entries; tables", {
  f <- Surv(month, death) ~ arm
  base <- tidy(one_sample_test(f, d, 0.02))
  expect_equal(tidy(one_sample_test(f, d, function(t) 0.02 * t)), base)
  expect_equal(tidy(one_sample_test(f, d, hazard = month * 0.02)), base)
  expect_equal(tidy(one_sample_test(event_table(f, d), hazard = 0.02)), base)
  twice <- event_table(f, rbind(d, d))
  expect_equal(tidy(one_sample_test(twice, hazard = 0.02))$expected, 2 * base$expected)
  expect_equal(base$expected, 0.02 * c(32, 31), tolerance = 1e-14)
  late <- transform(d, entry = month - 2)
  row <- tidy(one_sample_test(Surv(entry, month, death) ~ 1, late, 0.02))
  expect_equal(row$expected, 6 * 2 * 0.02, tolerance = 1e-13)
  shuffled <- d[c(4, 2, 6, 1, 3, 5), ]
  expect_equal(
    tidy(one_sample_test(f, shuffled, hazard = expected)),
    tidy(one_sample_test(f, d, hazard = expected))
  )
  lost <- transform(d, month = replace(month, 2, NA))
  row <- suppressMessages(
    one_sample_test(Surv(month, death) ~ 1, lost, hazard = expected)
  )
  expect_equal(row$tests$expected, sum(d$expected[-2]))
})

test_that("edges: no events, nothing expected, an empty group", {
  none <- tidy(one_sample_test(Surv(1:3, c(0, 0, 0)) ~ 1, hazard = 0.5))
  expect_identical(c(none$estimate, none$conf.low), c(0, 0))
  expect_equal(none$conf.high, -log(0.025) / 3, tolerance = 1e-14)
  zero <- one_sample_test(Surv(1:3, c(1, 0, 0)) ~ 1, hazard = 0)
  expect_identical(zero$tests$p.value, NA_real_)
  expect_output(print(zero), "nothing is expected")
  arm <- factor(c("a", "a"), c("a", "b"))
  rows <- tidy(one_sample_test(Surv(1:2, c(1, 0)) ~ arm, hazard = 1))
  expect_identical(rows$expected, c(3, 0))
  expect_identical(is.na(rows$p.exact), c(FALSE, TRUE))
})

test_that("print and errors by class", {
  f <- Surv(month, death) ~ arm
  expect_snapshot(print(one_sample_test(f, d, 0.05)))
  expect_error(one_sample_test(f, d), "hazard", class = "oligosurv_error_input")
  expect_error(one_sample_test(f, d, "0.1"), class = "oligosurv_error_input")
  expect_error(one_sample_test(f, d, -1), class = "oligosurv_error_input")
  expect_error(one_sample_test(f, d, c(1, 2)), class = "oligosurv_error_input")
  expect_error(one_sample_test(f, d, -expected), class = "oligosurv_error_domain")
  expect_error(
    one_sample_test(f, d, replace(expected, 3, NA)), class = "oligosurv_error_domain"
  )
  falls <- expect_error(
    one_sample_test(f, d, function(t) 1 / t), class = "oligosurv_error_domain"
  )
  expect_match(conditionMessage(falls), "never decreases")
  expect_error(
    one_sample_test(f, d, function(t) 1), "one number", class = "oligosurv_error_input"
  )
  expect_error(
    one_sample_test(event_table(f, d), hazard = d$expected),
    class = "oligosurv_error_data"
  )
  expect_error(
    one_sample_test(Surv(month, factor(c(0, 1, 2, 0, 1, 2))) ~ 1, d, 1),
    class = "oligosurv_error_data"
  )
})

test_that("from a landmark on: what was expected before does not count", {
  # followed from month 3 to 5, 8 and 10 with hazard 0.1 a month: E = 0.1 (2 + 5 + 7)
  late <- data.frame(t = c(2, 5, 8, 10), e = c(1, 1, 0, 1), g = c("a", "a", "b", "b"))
  late$h <- 0.1 * late$t
  f <- Surv(t, e) ~ 1
  of <- function(...) one_sample_test(..., landmark = 3)$tests$expected
  expect_equal(of(f, late, 0.1), 1.4, tolerance = 1e-14)
  expect_equal(of(f, late, function(t) 0.1 * t), 1.4, tolerance = 1e-14)
  expect_equal(of(f, late, h, hazard_before = 0.3), 1.4, tolerance = 1e-14)
  expect_equal(of(f, late, h, hazard_before = rep(0.3, 4)), 1.4, tolerance = 1e-14)
  late$early <- 0.1 * pmin(late$t, 3)
  expect_equal(of(f, late, h, hazard_before = early), 1.4, tolerance = 1e-14)
  expect_equal(of(f, late, pmax(h - 0.3, 0), hazard_before = 0), 1.4, tolerance = 1e-14)
  expect_equal(of(Surv(t, e) ~ g, late, h, hazard_before = 0.3), c(0.2, 1.2))
  error <- expect_error(of(f, late, h), "before the `landmark`",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "hazard_before")
  # a hazard function uses the time scale of the data, whose zero is not moved
  square <- function(t) t^2 / 100
  expect_equal(of(f, late, square), sum(square(c(5, 8, 10)) - square(3)))
  table <- event_table(f, late, landmark = 3)
  expect_equal(one_sample_test(table, hazard = square)$tests$expected,
    sum(square(c(5, 8, 10)) - square(3))
  )
  expect_output(print(one_sample_test(f, late, 0.1, landmark = 3)), "H\\(t\\) - H\\(3\\)")
  expect_identical(one_sample_test(f, late, 0.1, landmark = 3)$tests$observed, 2)
})

test_that("from a landmark on, with entries, missing values and a late group", {
  late <- data.frame(
    en = c(0, 1, 4, 0, 6), t = c(2, 5, 8, 10, 9), e = c(1, 1, 0, NA, 1)
  )
  f <- Surv(en, t, e) ~ 1
  square <- function(t) t^2 / 100
  want <- sum(square(c(5, 8, 9)) - square(c(3, 4, 6)))
  of <- function(...) {
    suppressMessages(one_sample_test(f, late, ..., landmark = 3))$tests$expected
  }
  expect_equal(of(square), want)
  expect_equal(of(0.1), 0.1 * (2 + 4 + 3), tolerance = 1e-14)
  # hazard by row: from entry on, and its part before the landmark
  late$h <- square(late$t) - square(late$en)
  late$before <- pmax(square(3) - square(late$en), 0)
  expect_equal(of(h, hazard_before = before), want)
  # without a landmark the hazard of each row counts from its entry on
  got <- suppressMessages(one_sample_test(f, late, hazard = square))$tests$expected
  expect_equal(got, sum(square(c(2, 5, 8, 9)) - square(c(0, 1, 4, 6))))
  late$g <- late_group(c("a", "b", "b", "a", "b"), c(0, 3, 2, 0, 1))
  by_group <- suppressMessages(
    one_sample_test(Surv(en, t, e) ~ g, late, square, landmark = 3)
  )
  expect_equal(sum(by_group$tests$expected), want)
})

test_that("a step of the hazard at the time of an event counts, landmark or not", {
  at <- c(0.7, 1.1, 2.3, 5.9, 7.7, 13.1)
  step <- stats::stepfun(at, 0:6 / 10)
  late <- data.frame(t = at, e = 1)
  for (landmark in c(0.1, 0.3, 0.9, 1.3)) {
    kept <- at > landmark
    got <- one_sample_test(Surv(t, e) ~ 1, late, step, landmark = landmark)
    expect_equal(got$tests$expected, sum(step(at[kept]) - step(landmark)))
  }
})

test_that("hazard_before: errors by class", {
  late <- data.frame(t = c(2, 5, 8), e = 1, h = c(0.2, 0.5, 0.8))
  f <- Surv(t, e) ~ 1
  input <- "oligosurv_error_input"
  expect_error(one_sample_test(f, late, h, hazard_before = 0.1), "only", class = input)
  expect_error(one_sample_test(f, late, 0.1, hazard_before = 0.1, landmark = 3),
    class = input
  )
  expect_error(one_sample_test(f, late, h, hazard_before = "a", landmark = 3),
    class = input
  )
  expect_error(one_sample_test(f, late, h, hazard_before = 1:2 / 9, landmark = 3),
    class = input
  )
  error <- expect_error(
    one_sample_test(f, late, h, hazard_before = 0.6, landmark = 3), "at most `hazard`",
    class = "oligosurv_error_domain"
  )
  expect_identical(error$where, 2L)
  expect_error(one_sample_test(f, late, h, hazard_before = c(0, NA, 0), landmark = 3),
    class = "oligosurv_error_domain"
  )
})

test_that("a function that is not 0 at time 0 is not a cumulative hazard", {
  d <- data.frame(t = c(2, 5, 7), s = c(1, 0, 1))
  stops <- function(hazard) {
    expect_error(one_sample_test(Surv(t, s) ~ 1, d, hazard), "at time 0",
      class = "oligosurv_error_domain"
    )
  }
  stops(function(t) 0.05 + 0 * t) # a rate
  stops(exp)
  # not defined at 0, but known at all times of the rows
  known <- stats::approxfun(c(1, 10), c(0.1, 1))
  expect_equal(tidy(one_sample_test(Surv(t, s) ~ 1, d, known))$expected, 1.4)
})
