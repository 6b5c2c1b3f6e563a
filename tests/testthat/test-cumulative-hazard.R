# cumulative_hazard(): Nelson-Aalen by hand, limits, causes.

test_that("by hand: tied events at once and one by one", {
  d <- data.frame(month = c(2, 3, 3, 5), dead = c(1, 1, 1, 0))
  fit <- kaplan_meier(Surv(month, dead) ~ 1, d)
  at_once <- cumulative_hazard(fit)
  expect_equal(at_once$estimate, c(1 / 4, 11 / 12, 11 / 12), tolerance = 1e-15)
  expect_equal(at_once$std.error^2, 1 / 16 + c(0, 2 / 9, 2 / 9), tolerance = 1e-14)
  one <- cumulative_hazard(fit, ties = "fleming-harrington")
  expect_equal(one$estimate, c(1 / 4, 13 / 12, 13 / 12), tolerance = 1e-15)
  expect_equal(one$std.error^2, 1 / 16 + c(0, 13 / 36, 13 / 36), tolerance = 1e-14)
})

test_that("limits by their formulas, exact before the first event", {
  fit <- kaplan_meier(Surv(1:5, c(0, 1, 1, 0, 1)) ~ 1)
  z <- stats::qnorm(0.95)
  for (type in c("log", "plain")) {
    got <- cumulative_hazard(fit, conf.type = type, conf.level = 0.9)
    h <- got$estimate[3]
    s <- got$std.error[3]
    want <- if (type == "log") h * exp(c(-1, 1) * z * s / h) else h + c(-1, 1) * z * s
    expect_equal(c(got$conf.low[3], got$conf.high[3]), pmax(want, 0), tolerance = 1e-14)
    expect_identical(got$conf.type[1:2], c("exact", type))
    expect_equal(got$conf.high[1], -log(0.05) / 4, tolerance = 1e-14)
    expect_identical(got$conf.low[1], 0)
  }
})

test_that("by cause as survival has it", {
  for (seed in 1:6) {
    d <- random_rows("ties", seed)
    fit <- cumulative_incidence(Surv(time, status) ~ group, d)
    got <- cumulative_hazard(fit)
    for (cause in 1:2) {
      d$event <- as.integer(d$cause == cause)
      peer <- survival::survfit(Surv(time, event) ~ group, d)
      rows <- got[as.integer(got$outcome) == cause, ]
      expect_equal(rows$estimate, peer$cumhaz, tolerance = 1e-12)
      expect_equal(rows$std.error, peer$std.chaz, tolerance = 1e-12)
      expect_identical(levels(rows$strata), levels(d$group))
    }
  }
})

test_that("edges: no rows, no event, all at one time, many tied", {
  none <- cumulative_hazard(kaplan_meier(Surv(1:3, c(0, 0, 0)) ~ 1))
  expect_identical(none$estimate, c(0, 0, 0))
  expect_identical(none$conf.high[3], Inf)
  empty <- kaplan_meier(Surv(double(), double()) ~ 1)
  expect_identical(nrow(cumulative_hazard(empty)), 0L)
  tied <- kaplan_meier(Surv(rep(2, 3), rep(1, 3)) ~ 1)
  all <- cumulative_hazard(tied, "fleming-harrington")
  expect_equal(all$estimate, 1 + 1 / 2 + 1 / 3, tolerance = 1e-15)
  many <- kaplan_meier(Surv(rep(1, 1e5), rep(1, 1e5)) ~ 1)
  harmonic <- sum(1 / (1e5:1))
  expect_equal(cumulative_hazard(many, "fleming-harrington")$estimate, harmonic,
    tolerance = 1e-14
  )
})

test_that("an object that is not a survival fit is refused", {
  expect_error(cumulative_hazard(1), "kaplan_meier", class = "oligosurv_error_input")
  fit <- kaplan_meier(Surv(1:3, c(1, 0, 1)) ~ 1, id = c(1, 1, 2))
  expect_error(cumulative_hazard(fit), "ids", class = "oligosurv_error_data")
})

test_that("no event, split follow-up: the number at risk counts subjects", {
  d <- data.frame(
    entry = c(0, 0, 0, 3, 3), time = c(3, 3, 8, 6, 8), event = 0, g = c(1, 1, 2, 1, 1)
  )
  rows <- cumulative_hazard(kaplan_meier(Surv(entry, time, event) ~ 1, d))
  expect_equal(rows$conf.high, c(-log(0.025) / 3, -log(0.025) / 2, Inf))
  rows <- cumulative_hazard(kaplan_meier(Surv(entry, time, event) ~ g, d))
  expect_equal(rows$conf.high, -log(0.025) / c(2, 1, 0, 0))
  # two are at risk at first, ten enter later: the limits are based on two
  late <- data.frame(entry = rep(c(0, 2), c(2, 10)), time = c(9, 9, 5:14), event = 0)
  rows <- cumulative_hazard(kaplan_meier(Surv(entry, time, event) ~ 1, late))
  expect_equal(rows$conf.high[1:3], rep(-log(0.025) / 2, 3))
  # other causes are censorings for the hazard of a cause, so the limits are the same
  k <- factor(c(2, 2, 0, 0), 0:2)
  rows <- cumulative_hazard(cumulative_incidence(Surv(1:4, k) ~ 1))
  expect_equal(rows$conf.high[rows$outcome == "1"], -log(0.025) / (3:0))
})

test_that("the upper limit is infinite after a time in which nobody was at risk", {
  d <- data.frame(
    en = c(0, 0, rep(5, 30)), t = c(2, 3, seq(8, 20, length.out = 30)),
    e = c(0, 0, 1, rep(0, 29)), g = rep(1:2, 16)
  )
  h <- cumulative_hazard(kaplan_meier(Surv(en, t, e) ~ 1, d))
  expect_true(all(is.infinite(h$conf.high[h$time >= 3])))
  expect_true(is.finite(h$conf.high[h$time == 2]))
  # without delayed entry no curve has a time with an unknown upper limit
  plain <- cumulative_hazard(kaplan_meier(Surv(t, e) ~ g, d))
  expect_true(all(is.finite(plain$conf.high[plain$estimate > 0])))
  d$cause <- factor(c("censored", "death")[d$e + 1], c("censored", "relapse", "death"))
  both <- cumulative_hazard(cumulative_incidence(Surv(t, cause) ~ g, d))
  expect_true(all(is.finite(both$conf.high[both$estimate > 0])))
})
