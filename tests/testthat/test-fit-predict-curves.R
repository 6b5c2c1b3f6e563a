# Predicted curves of single persons against survfit() of coxph() and predict() of crr().

expect_survfit <- function(formula, d, new, ties) {
  environment(formula) <- environment()
  peer <- survival::coxph(formula, d, ties = ties, control = tight)
  ours <- tidy(predict(hazard_ratio(formula, d, ties = ties), new))
  for (i in seq_len(nrow(new))) {
    theirs <- survival::survfit(peer, newdata = new[i, ], conf.type = "log-log")
    mine <- ours[as.integer(ours$strata) == i, ]
    at <- match(mine$time[-1], theirs$time)
    expect_false(anyNA(at))
    expect_equal(mine$estimate[-1], theirs$surv[at], tolerance = 1e-10)
    expect_equal(mine$std.error[-1], (theirs$std.err * theirs$surv)[at], tolerance = 1e-9)
    known <- !is.na(mine$conf.low[-1])
    expect_true(all(known == (theirs$surv[at] < 1)))
    expect_equal(mine$conf.low[-1][known], theirs$lower[at][known], tolerance = 1e-9)
    expect_equal(mine$conf.high[-1][known], theirs$upper[at][known], tolerance = 1e-9)
  }
}

test_that("survival, standard errors and limits are those of survfit() of coxph()", {
  new <- data.frame(x = c(0.3, -1), g = c("b", "c"), s = c("u", "v"), entry = 0)
  for (seed in 1:3) {
    d <- curve_data(120, seed)
    for (ties in c("efron", "breslow")) {
      expect_survfit(Surv(time, dead) ~ x + g, d, new, ties)
      expect_survfit(Surv(time, dead) ~ x + g + strata(s), d, new, ties)
      expect_survfit(Surv(entry, time, dead) ~ x * g, d, new, ties)
      both <- Surv(entry, time, dead) ~ splines::ns(x, 3) + strata(s)
      expect_survfit(both, d, new, ties)
    }
  }
})

test_that("incidences from all causes are those of a multi-state coxph()", {
  d <- curve_data(150, 4)
  d$row <- seq_len(nrow(d))
  new <- data.frame(x = c(0.3, -1), g = c("b", "c"))
  peer <- survival::coxph(Surv(time, ev) ~ x + g, d, id = row, control = tight)
  theirs <- survival::survfit(peer, newdata = new)
  p <- predict(hazard_ratio(Surv(time, ev) ~ x + g, d, ties = "breslow"), new)
  ours <- tidy(p, times = theirs$time)
  for (i in 1:2) {
    for (k in 1:2) {
      mine <- ours[as.integer(ours$outcome) == k & as.integer(ours$strata) == i, ]
      expect_equal(mine$estimate, theirs$pstate[, i, k + 1], tolerance = 1e-8)
    }
  }
})

test_that("incidences and survival add up to 1, and one cause has F = 1 - S", {
  d <- curve_data(90, 5)
  new <- data.frame(x = c(0.3, -1), g = c("b", "c"))
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d)
  f <- tidy(predict(fit, new))
  s <- tidy(predict(fit, new, type = "survival"))
  both <- f$estimate[f$outcome == "relapse"] + f$estimate[f$outcome == "death"]
  expect_equal(both + s$estimate, rep(1, nrow(s)), tolerance = 1e-14)
  fit <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  f <- tidy(predict(fit, new, type = "incidence"))
  s <- tidy(predict(fit, new))
  expect_equal(f$estimate, 1 - s$estimate, tolerance = 1e-14)
  expect_equal(f$conf.low, 1 - s$conf.high, tolerance = 1e-12)
})

test_that("the variance of incidences follows from those of the hazards", {
  # direct delta method: the incidences as a function of all steps and coefficients
  d <- curve_data(40, 6)
  new <- data.frame(x = 0.3, g = "b")
  fits <- lapply(levels(d$ev)[-1], function(k) {
    survival::coxph(Surv(time, ev == k) ~ x + g, d, ties = "breslow", control = tight)
  })
  times <- sort(unique(d$time))
  x0 <- c(0.3, 1, 0)
  x <- stats::model.matrix(~ x + g, d)[, -1]
  incidence <- function(beta, w) { # w: by cause and time, multiples of the events
    h <- vapply(1:2, function(k) {
      r <- exp(as.vector(x %*% beta[[k]]))
      dn <- vapply(times, function(t) sum(d$time == t & as.integer(d$ev) == k + 1), 0)
      s0 <- vapply(times, function(t) sum(r[d$time >= t]), 0)
      w[, k] * dn / s0 * exp(sum(x0 * beta[[k]]))
    }, times + 0)
    s <- 1
    f <- 0
    for (j in which(times <= 10)) {
      all <- sum(h[j, ])
      if (all > 0) f <- f + s * (1 - exp(-all)) / all * h[j, 1]
      s <- s * exp(-all)
    }
    f
  }
  beta <- lapply(fits, stats::coef)
  one <- matrix(1, length(times), 2)
  variance <- 0
  for (k in 1:2) {
    for (j in which(times <= 10)) {
      events <- sum(d$time == times[j] & as.integer(d$ev) == k + 1)
      if (!events) next
      up <- down <- one
      up[j, k] <- 1 + 1e-5
      down[j, k] <- 1 - 1e-5
      slope <- (incidence(beta, up) - incidence(beta, down)) / 2e-5
      variance <- variance + slope^2 / events # a step is a Poisson count / S0
    }
    gradient <- vapply(1:3, function(a) {
      up <- down <- beta
      up[[k]][a] <- up[[k]][a] + 1e-5
      down[[k]][a] <- down[[k]][a] - 1e-5
      (incidence(up, one) - incidence(down, one)) / 2e-5
    }, 0)
    variance <- variance + sum(gradient * (stats::vcov(fits[[k]]) %*% gradient))
  }
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d, ties = "breslow")
  ours <- tidy(predict(fit, new, times = 10))
  expect_equal(ours$estimate[1], incidence(beta, one), tolerance = 1e-9)
  expect_equal(ours$std.error[1], sqrt(variance), tolerance = 1e-7)
})

test_that("Fine-Gray incidences are those of crr() and of finegray()", {
  d <- curve_data(120, 7)
  new <- data.frame(x = c(0.3, -1), g = c("b", "c"), s = c("u", "v"))
  at <- c(2, 5, 11)
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d, model = "fine-gray", outcome = "death")
  ours <- tidy(predict(fit, new, times = at))
  rows <- survival::finegray(Surv(time, ev) ~ ., d, etype = "death")
  peer <- survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ x + g, rows, weights = fgwt,
    ties = "breslow", control = tight
  )
  hazard <- cox_hazards(peer, new, at)
  expect_equal(ours$estimate, as.vector(1 - exp(-hazard)), tolerance = 1e-9)
  skip_if_not_installed("cmprsk")
  x <- stats::model.matrix(~ x + g, d)[, -1]
  # crr() takes censorings before events of the same time
  crr <- getExportedValue("cmprsk", "crr")(
    d$time + (d$ev == "censored") * 1e-6, as.integer(d$ev) - 1, x,
    failcode = 2, cencode = 0, gtol = 1e-11
  )
  theirs <- stats::predict(crr, rbind(c(0.3, 1, 0), c(-1, 0, 1)))
  theirs <- apply(theirs[, -1], 2, function(f) step_at(theirs[, 1], f, at, 0))
  expect_equal(ours$estimate, as.vector(theirs), tolerance = 1e-8)
})

test_that("limits are on the scale asked for, and NA at 0 and 1", {
  d <- curve_data(60, 8)
  fit <- hazard_ratio(Surv(time, dead) ~ x, d)
  new <- data.frame(x = 0)
  z <- stats::qnorm(0.95)
  limits <- function(type) {
    tidy(predict(fit, new, times = 6, conf.type = type, conf.level = 0.9))
  }
  p <- limits("plain")
  expect_equal(p$conf.low, p$estimate - z * p$std.error)
  p <- limits("log")
  expect_equal(p$conf.low, p$estimate * exp(-z * p$std.error / p$estimate))
  p <- limits("log-log")
  expect_equal(p$conf.low, p$estimate^exp(
    z * p$std.error / (p$estimate * abs(log(p$estimate)))
  ))
  expect_identical(limits("none")$conf.low, NA_real_)
  start <- tidy(predict(fit, new))[1, ]
  expect_identical(c(start$estimate, start$conf.low), c(1, NA))
})

test_that("without an estimated coefficient the curve is that of all", {
  d <- data.frame(time = 1:4, event = c(1, 0, 0, 1), x = 1)
  fit <- suppressWarnings(hazard_ratio(Surv(time, event) ~ x, d))
  # hazards 1/4 and 1
  expect_equal(tidy(predict(fit, d[1, ]), times = c(1, 4))$estimate,
    exp(-c(0.25, 1.25)), tolerance = 1e-12
  )
})

test_that("persons of several strata in any order have the curves they have alone", {
  d <- curve_data(80, 9)
  d$w <- 1 + d$id %% 3 / 2
  new <- data.frame(x = c(0.3, -1, 0.8, NA, 0.1, 2), g = c("b", "c", "a", "b", "a", "c"),
    s = c("v", "u", "v", "u", "v", "u")
  )
  one <- Surv(entry, time, dead) ~ x + g + strata(s)
  causes <- Surv(time, ev) ~ x + g + strata(s)
  fits <- list(
    hazard_ratio(one, d), hazard_ratio(one, d, id = id),
    hazard_ratio(one, d, weights = w, weight_type = "sampling"), hazard_ratio(causes, d),
    hazard_ratio(causes, d, id = id), hazard_ratio(causes, d, model = "fine-gray"),
    hazard_ratio(causes, d, model = "fine-gray", variance = "robust", id = id)
  )
  for (fit in fits) {
    for (times in list(NULL, c(2, 7, 100))) {
      together <- quietly(tidy(predict(fit, new, times)))
      for (i in seq_len(nrow(new))) {
        mine <- together[as.integer(together$strata) == i, ]
        alone <- quietly(tidy(predict(fit, new[i, ], times)))
        alone$strata <- mine$strata <- NULL
        expect_identical(mine, alone, ignore_attr = "row.names")
      }
    }
  }
})
