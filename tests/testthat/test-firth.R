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
    risk <- oligosurv:::risk_sets(observed(d), x, ties)
    m <- oligosurv:::likelihood_moments(risk, at * risk$scale)
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
  risk <- oligosurv:::risk_sets(
    observed(sample_rows(2)), as.matrix(sample_rows(2)[c("a", "b")]), "efron"
  )
  at <- c(-0.7, 0.4)
  slope <- vapply(1:2, function(j) {
    h <- 1e-5 * (1:2 == j)
    (oligosurv:::penalised_moments(risk, at + h)$loglik -
      oligosurv:::penalised_moments(risk, at - h)$loglik) / 2e-5
  }, 0)
  expect_equal(oligosurv:::penalised_moments(risk, at)$score, slope, tolerance = 1e-7,
    ignore_attr = TRUE
  )
})

test_that("the maximum and the profile limits are those of a search", {
  for (seed in 1:3) {
    d <- sample_rows(seed)
    x <- as.matrix(d[c("a", "b")])
    fit <- oligosurv:::firth_fit(observed(d), x, "efron", 0.95)
    risk <- oligosurv:::risk_sets(observed(d), x, "efron")
    value <- function(b) oligosurv:::penalised_moments(risk, b * risk$scale)$loglik
    best <- stats::optim(c(0, 0), function(b) -value(b), control = list(reltol = 1e-14))
    expect_equal(fit$log.ratio, best$par, tolerance = 1e-5)
    profile <- function(a) {
      stats::optimize(function(b) value(c(a, b)), c(-5, 5), maximum = TRUE)$objective
    }
    drop <- -2 * best$value - 2 * vapply(c(fit$low[1], fit$high[1]), profile, 0)
    expect_equal(drop, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-5)
  }
})

test_that("coxphf gives the same with Breslow ties", {
  skip_if_not_installed("coxphf")
  d <- sample_rows(4)
  fit <- oligosurv:::firth_fit(
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

test_that("more coefficients than the events tell apart are an error of ours", {
  outcomes <- vapply(1:60, function(seed) {
    withr::local_seed(seed)
    n <- sample(3:8, 1L)
    d <- data.frame(
      t = sample(1:9, n, TRUE), s = stats::rbinom(n, 1, 0.6), age = stats::rnorm(n),
      arm = factor(sample(c("a", "b", "c"), n, TRUE))
    )
    suppressMessages(suppressWarnings(tryCatch(
      class(hazard_ratio(Surv(t, s) ~ age * arm, d))[1L],
      oligosurv_error = function(e) "classed"
    )))
  }, "")
  expect_setequal(outcomes, c("hazard_ratio", "classed"))
})
