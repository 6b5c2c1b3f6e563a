# predict() of a hazard_ratio: by hand, types, outcomes, times.

test_that("four deaths by hand", {
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
  r <- (sqrt(17) - 1) / 8
  hazard <- cumsum(1 / c(2 + 2 * r, 1 + 2 * r, 1 + r, r))
  p <- tidy(predict(fit, data.frame(arm = c("A", "B"))))
  expect_identical(p$time, c(0:4, 0:4) + 0)
  expect_equal(p$estimate, exp(-c(0, hazard, 0, r * hazard)), tolerance = 1e-12)
  expect_identical(names(p), c(
    "time", "strata", "estimate", "std.error", "conf.low", "conf.high", "conf.level",
    "conf.type"
  ))
  # the hazard of A is the baseline, of which B is the coefficient: variance at 1 is
  # h^2 + (dh/db)^2 var(b), with h = 1 / (2 + 2 r) and dh/db = -2 r h^2
  h <- hazard[1]
  variance <- h^2 + (2 * r * h^2)^2 * vcov(fit)[1]
  expect_equal(p$std.error[2], p$estimate[2] * sqrt(variance), tolerance = 1e-10)
  expect_equal(predict(fit, data.frame(arm = "B"), type = "risk")$estimate, r,
    tolerance = 1e-12
  )
})

test_that("the type depends on the model, and what it cannot give is an error", {
  d <- curve_data(50, 51)
  new <- data.frame(x = 0, g = "a")
  one <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  causes <- hazard_ratio(Surv(time, ev) ~ x + g, d)
  first <- hazard_ratio(Surv(time, ev) ~ x + g, d, outcome = "relapse")
  fg <- hazard_ratio(Surv(time, ev) ~ x + g, d, model = "fine-gray")
  expect_identical(predict(one, new)$type, "survival")
  expect_identical(predict(causes, new)$type, "incidence")
  expect_identical(predict(fg, new)$type, "incidence")
  input <- "oligosurv_error_input"
  expect_error(predict(fg, new, type = "survival"), "Fine-Gray", class = input)
  expect_error(predict(one, new, type = "hazard"), "must be one of", class = input)
  expect_error(predict(one, new, outcome = "relapse"), "one event type", class = input)
  expect_error(predict(causes, new, outcome = "cure"), "must be among", class = input)
  expect_error(predict(one, new, conf.type = "exact"), class = input)
  expect_error(predict(one, new, tims = 3), class = input)
  expect_error(predict(first, new), "death is not in the fit",
    class = "oligosurv_error_data"
  )
  expect_error(predict(one, new, times = -1), class = "oligosurv_error_domain")
  death <- tidy(predict(causes, new, outcome = "death"))
  both <- tidy(predict(causes, new))
  expect_identical(levels(death$outcome), "death")
  expect_identical(death$estimate, both$estimate[both$outcome == "death"])
})

test_that("after the last follow-up estimates are NA, or carried on if asked for", {
  d <- curve_data(50, 52)
  fit <- hazard_ratio(Surv(time, dead) ~ x, d)
  last <- max(d$time)
  new <- data.frame(x = 0)
  p <- tidy(predict(fit, new, times = c(last, last + 1)))
  expect_identical(is.na(p$estimate), c(FALSE, TRUE))
  q <- tidy(predict(fit, new, times = c(last, last + 1), extend = TRUE))
  expect_identical(q$estimate, rep(p$estimate[1], 2))
  # each stratum has its own last follow-up
  d$time[d$s == "u"] <- pmin(d$time[d$s == "u"], 10)
  fit <- hazard_ratio(Surv(time, dead) ~ x + strata(s), d)
  p <- tidy(predict(fit, new, times = 11))
  expect_identical(is.na(p$estimate), c(TRUE, FALSE))
  whole <- tidy(predict(fit, new))
  expect_equal(max(whole$time[whole$strata == "u"]), 10)
})

test_that("unit of time, order of rows and row names change what they should", {
  d <- curve_data(50, 53)
  new <- data.frame(x = c(0, 1), g = "a", row.names = c("first", "second"))
  fit <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  p <- predict(fit, new)
  expect_identical(levels(tidy(p)$strata), c("first", "second"))
  o <- order(d$x)
  expect_equal(tidy(predict(hazard_ratio(Surv(time, dead) ~ x + g, d[o, ]), new)),
    tidy(p), tolerance = 1e-11
  )
  days <- tidy(predict(hazard_ratio(Surv(time * 30, dead) ~ x + g, d), new))
  expect_equal(days$time, tidy(p)$time * 30)
  expect_equal(days$estimate, tidy(p)$estimate)
  row.names(new) <- NULL
  twins <- predict(fit, new[c(1, 1), ])
  expect_false(anyDuplicated(levels(tidy(twins)$strata)) > 0)
})
