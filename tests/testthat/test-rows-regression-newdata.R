# Covariates of new data: columns, levels, splines, missing values, strata.

test_that("new data are coded as in the fit, whatever the order of levels and rows", {
  d <- curve_data(60, 31)
  d$g <- factor(d$g, c("c", "a", "b"))
  fit <- hazard_ratio(Surv(time, dead) ~ g * x + splines::ns(x, 3), d)
  all <- predict(fit, d, type = "linear predictor")
  expect_equal(all$estimate, predict(fit, type = "linear predictor")$estimate)
  for (i in c(1, 17)) {
    one <- d[i, ]
    one$g <- as.character(one$g)
    expect_equal(predict(fit, one, type = "linear predictor")$estimate, all$estimate[i])
    one$g <- factor(paste0(" ", one$g)) # blanks around labels do not count
    expect_equal(predict(fit, one, type = "linear predictor")$estimate, all$estimate[i])
  }
})

test_that("linear predictors are those of coxph() with reference zero", {
  d <- curve_data(60, 32)
  d$on <- d$x > 0
  peer <- survival::coxph(Surv(time, dead) ~ log(x^2 + 1) + g + on, d, control = tight)
  theirs <- stats::predict(peer, d[1:5, ], reference = "zero", se.fit = TRUE)
  fit <- hazard_ratio(Surv(time, dead) ~ log(x^2 + 1) + g + on, d)
  ours <- predict(fit, d[1:5, ], type = "linear predictor")
  expect_equal(ours$estimate, as.vector(theirs$fit), tolerance = 1e-9)
  expect_equal(ours$std.error, as.vector(theirs$se.fit), tolerance = 1e-8)
  risk <- predict(fit, d[1:5, ], type = "risk")
  expect_equal(risk$estimate, exp(ours$estimate))
  expect_equal(risk$conf.low, exp(ours$conf.low))
})

test_that("names that are not columns are looked up where predict() is called", {
  d <- curve_data(60, 33)
  k <- 3
  double_of <- function(x) 2 * x
  fit <- hazard_ratio(Surv(time, dead) ~ double_of(x) + splines::ns(x, df = k), d)
  expect_silent(p <- predict(fit, data.frame(x = 0.2), times = 5))
  x <- 99 # a variable of this name is not the covariate
  expect_error(predict(fit, data.frame(y = 1)), class = "oligosurv_error_input")
})

test_that("what is wrong with new data is said", {
  d <- curve_data(60, 34)
  fit <- hazard_ratio(Surv(time, dead) ~ x + g + strata(s), d)
  input <- "oligosurv_error_input"
  expect_error(predict(fit), "newdata", class = input)
  expect_error(predict(fit, list(x = 1, g = "a")), "data frame", class = input)
  expect_error(predict(fit, data.frame(x = 1)), "no column `g`", class = input)
  expect_error(predict(fit, data.frame(x = "old", g = "a")), "number", class = input)
  data <- "oligosurv_error_data"
  expect_error(predict(fit, d[0, ]), "at least one row", class = data)
  odd <- data.frame(x = 1, g = c("a", "z"))
  e <- expect_error(predict(fit, odd), "\"z\"", class = data)
  expect_identical(e$where, 2L)
  expect_error(predict(fit, data.frame(x = 1, g = "a", s = "w")), "\"w\"", class = data)
  expect_error(predict(fit, data.frame(x = Inf, g = "a")), "finite",
    class = "oligosurv_error_domain"
  )
})

test_that("missing covariates give NA and a message, and strata select baselines", {
  d <- curve_data(60, 35)
  fit <- hazard_ratio(Surv(time, dead) ~ x + g + strata(s), d)
  expect_message(
    p <- predict(fit, data.frame(x = c(NA, 1), g = "a", s = c("u", "v")), times = 5),
    "1 row of `newdata` with a missing covariate"
  )
  expect_identical(is.na(tidy(p)$estimate), c(TRUE, FALSE))
  both <- tidy(predict(fit, data.frame(x = 1, g = "a"), times = 5))
  expect_identical(as.character(both$strata), c("u", "v"))
  expect_identical(both$estimate[2], tidy(p)$estimate[2])
})

test_that("strata of several variables need all of them; of an event table, `strata`", {
  d <- curve_data(60, 36)
  d$site <- rep(c("p", "q", "q"), 20)
  fit <- hazard_ratio(Surv(time, dead) ~ x + strata(s, site), d)
  error <- expect_error(predict(fit, data.frame(x = 1, s = "u"), times = 5),
    "`newdata` has no column `site`; the strata are formed by it together with `s`",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "newdata")
  d$x <- rep(0:1, 30)
  by_row <- hazard_ratio(Surv(time, dead) ~ x + strata(s), d)
  counted <- hazard_ratio(event_table(Surv(time, dead) ~ x + strata(s), d), ~x)
  at <- function(fit, ...) tidy(predict(fit, data.frame(x = 1, ...), times = 5))
  expect_equal(at(counted, strata = "v"), at(by_row, s = "v"), tolerance = 1e-12)
  expect_equal(at(counted), at(by_row), tolerance = 1e-12)
  error <- expect_error(at(counted, strata = "w"), "the level \"w\" of `strata`",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, 1L)
})

test_that("columns of a matrix are found by their names", {
  d <- data.frame(time = 1:8, status = c(1, 1, 0, 1, 1, 1, 0, 1))
  d$m <- cbind(a = c(3, 1, 4, 1, 5, 9, 2, 6), b = c(2, 7, 1, 8, 2, 8, 1, 8))
  fit <- hazard_ratio(Surv(time, status) ~ m, d)
  risk <- function(m) {
    new <- data.frame(row = 1:2)
    new$m <- m
    predict(fit, new, type = "linear predictor")$estimate
  }
  m <- cbind(a = 1:2, b = c(0, 5))
  expect_equal(risk(m), drop(m %*% unname(coef(fit))))
  expect_identical(risk(m[, 2:1]), risk(m))
  expect_identical(risk(unname(m)), risk(m))
  stops <- function(m, words) {
    expect_error(risk(m), words, class = "oligosurv_error_input")
  }
  stops(m[, 1, drop = FALSE], "`m` has 2 columns .*in `newdata` it has 1 column")
  stops(cbind(a = 1:2, z = 1:2), "it has 2 columns \\(\"a\", \"z\"\\)")
  stops(1:2, "it has 1 column")
})
