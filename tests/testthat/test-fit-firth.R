# Firth's penalised likelihood: against coxph(), numerical maximisation and coxphf.

observed <- function(d) {
  list(
    start = rep(0, nrow(d)), stop = d$time, event = d$event == 1,
    weight = rep(1, nrow(d)), stratum = d$stratum, row = seq_len(nrow(d))
  )
}

sample_rows <- function(seed, n = 24) {
  withr::with_seed(seed, {
    d <- data.frame(
      time = sample(9, n, TRUE), event = stats::rbinom(n, 1, 0.6),
      a = stats::rbinom(n, 1, 0.5), b = stats::rnorm(n), stratum = rep(1:2, n / 2)
    )
    d$event[d$a == 1] <- 0
    d
  })
}

test_that("likelihood, score and information are coxph's at any coefficients", {
  d <- sample_rows(1)
  x <- as.matrix(d[c("a", "b")])
  at <- c(0.3, -0.2)
  for (ties in c("efron", "breslow")) {
    risk <- risk_sets(observed(d), x, ties)
    m <- likelihood_moments(risk, at * risk$scale)
    peer <- suppressWarnings(survival::coxph(
      Surv(time, event) ~ a + b + strata(stratum), d,
      init = at, ties = ties, control = survival::coxph.control(iter.max = 0)
    ))
    expect_equal(m$loglik, peer$loglik[1], tolerance = 1e-12)
    expect_equal(unname(solve(m$info)) / outer(risk$scale, risk$scale),
      unname(stats::vcov(peer)),
      tolerance = 1e-10, ignore_attr = TRUE
    )
  }
})

test_that("the penalised score is the slope of the penalised likelihood", {
  risk <- risk_sets(
    observed(sample_rows(2)), as.matrix(sample_rows(2)[c("a", "b")]), "efron"
  )
  at <- c(-0.7, 0.4)
  slope <- vapply(1:2, function(j) {
    h <- 1e-5 * (1:2 == j)
    (penalised_moments(risk, at + h)$loglik -
      penalised_moments(risk, at - h)$loglik) / 2e-5
  }, 0)
  expect_equal(penalised_moments(risk, at)$score, slope, tolerance = 1e-7,
    ignore_attr = TRUE
  )
})

test_that("the maximum and the profile limits are those of a search", {
  for (seed in 1:3) {
    d <- sample_rows(seed)
    x <- as.matrix(d[c("a", "b")])
    fit <- firth_of(observed(d), x, "efron", 0.95)
    risk <- risk_sets(observed(d), x, "efron")
    value <- function(b) penalised_moments(risk, b * risk$scale)$loglik
    best <- stats::optim(c(0, 0), function(b) -value(b), control = list(reltol = 1e-14))
    expect_equal(fit$log.ratio, best$par, tolerance = 1e-5)
    profile <- function(a) {
      stats::optimize(function(b) value(c(a, b)), c(-5, 5), maximum = TRUE)$objective
    }
    drop <- -2 * best$value - 2 * vapply(c(fit$low[1], fit$high[1]), profile, 0)
    expect_equal(drop, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-5)
  }
})

test_that("with weights, strata and delayed entry the score of l* is 0 at its maximum", {
  for (seed in 1:20) {
    withr::local_seed(seed)
    n <- 40L
    obs <- list(
      start = sample(0:3, n, TRUE), stop = sample(4:9, n, TRUE),
      event = stats::runif(n) < 0.5, weight = stats::runif(n, 0.2, 1),
      stratum = sample(2L, n, TRUE)
    )
    obs$weight[obs$event] <- 1 # an event is a whole subject
    x <- cbind(stats::rnorm(n), stats::rbinom(n, 1, 0.4))
    for (ties in c("efron", "breslow")) {
      fit <- firth_of(obs, x, ties, 0.9)
      risk <- risk_sets(obs, x, ties)
      at <- penalised_moments(risk, fit$log.ratio * risk$scale)
      expect_lt(max(abs(at$score) * sqrt(diag(at$inverse))), 1e-7)
      expect_equal(fit$std.error, sqrt(diag(at$inverse)) / risk$scale, tolerance = 1e-9)
    }
  }
})

# The risk set of the one event has x = 10, which fails, and x = 1. With q the probability
# that it is the first of them, l* = log(q) + log(q (1 - q)) / 2 + constant, largest at
# q = 3 / 4. The row that leaves before has a value so large that exp(x b) of the others
# is 0 beside it; it is in no risk set of an event.
test_that("an outlying covariate does not hide the others", {
  d <- data.frame(time = c(0.5, 1:3), event = c(0, 0, 1, 0), stratum = 1)
  penalised <- function(u) {
    1.5 * stats::plogis(u, log.p = TRUE) + 0.5 * stats::plogis(-u, log.p = TRUE)
  }
  for (outlier in c(1000, 1e4, 1e7, -1e5)) {
    fit <- firth_of(observed(d), matrix(c(outlier, 1, 10, 1)), "efron")
    expect_equal(fit$log.ratio, log(3) / 9, tolerance = 1e-8)
    fall <- 2 * (penalised(log(3)) - penalised(9 * c(fit$low, fit$high)))
    expect_equal(fall, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-9)
    expect_true(fit$low < fit$log.ratio && fit$log.ratio < fit$high)
  }
})

# One event by an outlier: x = 10, 10000, 10, 1 with events of the first three in turn
test_that("linear predictors may be further apart than a double holds", {
  d <- data.frame(time = 1:4, event = c(1, 1, 1, 0), stratum = 1)
  x <- matrix(c(10, 1e4, 10, 1))
  fit <- firth_of(observed(d), x, "efron")
  risk <- risk_sets(observed(d), x, "efron")
  value <- function(b) penalised_moments(risk, b * risk$scale)$loglik
  best <- stats::optimize(value, c(-1, 1), maximum = TRUE, tol = 1e-10)
  expect_equal(fit$log.ratio, best$maximum, tolerance = 1e-5)
  expect_equal(2 * (best$objective - c(value(fit$low), value(fit$high))),
    rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-6
  )
})

test_that("coxphf gives the same with Breslow ties", {
  skip_if_not_installed("coxphf")
  d <- sample_rows(4)
  fit <- firth_of(
    observed(transform(d, stratum = 1)), as.matrix(d[c("a", "b")]), "breslow", 0.95
  )
  peer <- getExportedValue("coxphf", "coxphf")(Surv(time, event) ~ a + b, d,
    epsilon = 1e-12, gconv = 1e-12, maxit = 500
  )
  expect_equal(fit$log.ratio, unname(peer$coefficients), tolerance = 1e-6)
  expect_equal(exp(fit$low), unname(peer$ci.lower), tolerance = 1e-5)
  expect_equal(exp(fit$high), unname(peer$ci.upper), tolerance = 1e-5)
  expect_equal(fit$p.value, unname(peer$prob), tolerance = 1e-5)
})

test_that("more coefficients than the events can identify are a classed error", {
  outcomes <- vapply(1:60, function(seed) {
    withr::local_seed(seed)
    n <- sample(3:8, 1L)
    d <- data.frame(
      t = sample(1:9, n, TRUE), s = stats::rbinom(n, 1, 0.6), age = stats::rnorm(n),
      arm = factor(sample(c("a", "b", "c"), n, TRUE))
    )
    suppressMessages(suppressWarnings(tryCatch(
      class(hazard_ratio(Surv(t, s) ~ age * arm, d))[1L],
      oligosurv_error = function(e) class(e)[1L]
    )))
  }, "")
  expect_setequal(outcomes, c("hazard_ratio", "oligosurv_error_data"))
})

test_that("Firth's fit takes the tie rule: coxphf uses Breslow's", {
  skip_if_not_installed("coxphf")
  d <- cox_rows(8, ties = TRUE)
  d$event[d$arm == "c"] <- 0
  d$c <- as.integer(d$arm == "c")
  fit <- tidy(hazard_ratio(Surv(time, event) ~ age + c, d, ties = "breslow"))
  peer <- getExportedValue("coxphf", "coxphf")(Surv(time, event) ~ age + c, d,
    epsilon = 1e-12, gconv = 1e-12, maxit = 500
  )
  expect_match(fit$method[1], "Breslow ties, Firth")
  expect_equal(log(fit$estimate), unname(peer$coefficients), tolerance = 1e-6)
  expect_equal(fit$conf.high, unname(peer$ci.upper), tolerance = 1e-5)
})

test_that("a group without events: Firth by hand, limits on the profile", {
  d <- data.frame(month = 1:4, dead = c(1, 0, 1, 0), arm = c("A", "B", "A", "B"))
  fit <- tidy(hazard_ratio(Surv(month, dead) ~ arm, d))
  expect_equal(fit$estimate, 0.2, tolerance = 1e-8)
  penalised <- function(r) log(r) / 2 - 3 * log(1 + r)
  deviance <- 2 * (penalised(0.2) - penalised(1))
  expect_equal(fit$p.value, stats::pchisq(deviance, 1, lower.tail = FALSE),
    tolerance = 1e-8
  )
  expect_equal(fit$statistic, -sqrt(deviance), tolerance = 1e-8)
  drop <- 2 * (penalised(0.2) - penalised(c(fit$conf.low, fit$conf.high)))
  expect_equal(drop, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-6)
  expect_match(fit$method, "Firth")
  expect_equal(fit$std.error, 0.2 / sqrt(2 * 0.2 / 1.2^2), tolerance = 1e-8)
})

test_that("firth = TRUE always, FALSE never, NA where needed", {
  d <- cox_rows(8)
  expect_no_match(tidy(hazard_ratio(Surv(time, event) ~ arm, d))$method, "Firth")
  always <- tidy(hazard_ratio(Surv(time, event) ~ arm, d, firth = TRUE))
  expect_match(always$method, "Firth")
  d$event[d$arm == "c"] <- 0
  expect_match(tidy(hazard_ratio(Surv(time, event) ~ age + arm, d))$method, "Firth")
  expect_warning(
    never <- hazard_ratio(Surv(time, event) ~ age + arm, d, firth = FALSE), "arm c,",
    class = "oligosurv_warning_data"
  )
  expect_identical(tidy(never)$estimate[3], 0)
  expect_identical(tidy(never)$conf.high[3], Inf)
  expect_identical(tidy(never)$p.value[3], NA_real_)
  peer <- survival::coxph(Surv(time, event) ~ age + arm, d, subset = arm != "c")
  expect_equal(log(tidy(never)$estimate[1:2]), unname(stats::coef(peer)[1:2]),
    tolerance = 1e-6
  )
})

test_that("Firth with repeated ids keeps the estimate; its limits are wider", {
  d <- cox_rows(9)
  d$event[d$arm == "c"] <- 0
  alone <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  expect_identical(tidy(fit)$estimate, alone$estimate)
  expect_true(all(tidy(fit)$conf.high > alone$conf.high))
  expect_output(print(fit), "one row of each id")
})
