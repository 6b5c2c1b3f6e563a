# The Cox fit in C against survival, on random rows of every kind.

# Rows with ties, strata, delayed entry, an empty level, few or no events, and ids
any_rows <- function(seed) {
  withr::with_seed(seed, {
    n <- sample(c(4:12, 20, 60, 60, 150, 400), 1)
    time <- stats::rexp(n) * exp(-0.3 * (x <- stats::rnorm(n)))
    if (seed %% 2) time <- ceiling(time * sample(c(3, 10), 1))
    d <- data.frame(
      time = pmax(time, 0.01), event = stats::rbinom(n, 1, stats::runif(1, 0.2, 1)),
      x = x * sample(c(0.1, 1, 9), 1) + sample(c(0, 60), 1),
      f = factor(sample(letters[1:3], n, TRUE, c(0.5, 0.3, 0.2)), letters[1:4]),
      b = stats::rbinom(n, 1, 0.4), site = sample(1:3, n, TRUE),
      id = sample(ceiling(n / 2), n, TRUE), y = 1 + 2 * x
    )
    d$entry <- d$time * sample(c(0, 0.2, 0.7), n, TRUE)
    if (seed %% 29 == 0) d$event <- d$event * (seq_len(n) < 2)
    if (seed %% 31 == 0) d$event <- 0
    d
  })
}

any_formula <- function(seed) {
  right <- c("x", "x + b", "f + x", "x + I(2 * x) + b", "x * b", "f + b", "b + f + y")
  stats::as.formula(paste(
    if (seed %% 4 == 0) "Surv(entry, time, event)" else "Surv(time, event)", "~",
    right[seed %% 7 + 1], if (seed %% 3 == 0) "+ strata(site)"
  ))
}

# coxph()'s numbers in the order of our rows; NULL where it has none for a level
peer_of <- function(formula, d, ties = "efron", clustered = FALSE) {
  d$f <- droplevels(d$f)
  control <- suppressWarnings(survival::coxph.control(1e-13, iter.max = 60))
  fit <- tryCatch(suppressWarnings(if (clustered) {
    survival::coxph(formula, d, control = control, cluster = id)
  } else {
    survival::coxph(formula, d, control = control, ties = ties)
  }), error = function(e) NULL)
  if (is.null(fit)) return(NULL)
  variance <- tryCatch(diag(stats::vcov(fit)), error = function(e) NULL)
  b <- stats::coef(fit)
  if (is.null(variance) || any(!is.na(b) & !(variance %in% variance[variance > 0]))) {
    return(NULL)
  }
  list(b = unname(b), variance = unname(variance), fit = fit)
}

test_that("300 random sets: coefficients to 1e-9 standard errors, variances to 1e-8", {
  compared <- 0
  for (seed in 1:560) {
    d <- any_rows(seed)
    formula <- any_formula(seed)
    ties <- if (seed %% 5) "efron" else "breslow"
    ours <- quietly(suppressWarnings(
      hazard_ratio(formula, d, firth = FALSE, ties = ties)
    ))
    rows <- tidy(ours, exponentiate = FALSE)
    shown <- !(rows$term == "f" & rows$level %in% setdiff(letters, d$f))
    rows <- rows[shown, ]
    peer <- peer_of(formula, d, ties = ties)
    if (is.null(peer) || any(ours$table$estimate[shown] %in% c(0, Inf))) next
    expect_identical(is.na(rows$estimate), is.na(peer$b))
    at <- !is.na(peer$b)
    if (!any(at)) next
    compared <- compared + 1
    se <- sqrt(peer$variance[at])
    expect_lt(max(abs(rows$estimate[at] - peer$b[at]) / se), 1e-9)
    expect_equal(rows$std.error[at]^2, peer$variance[at], tolerance = 1e-8)
    ph <- tryCatch(survival::cox.zph(peer$fit)$table, error = function(e) NULL)
    if (!is.null(ph) && !is.null(ours$proportional_hazards)) {
      expect_equal(ours$proportional_hazards$statistic, unname(ph[, "chisq"]),
        tolerance = 1e-6
      )
      expect_identical(ours$proportional_hazards$df, unname(ph[, "df"]))
    }
  }
  expect_gte(compared, 300)
})

test_that("variances by id are those of coxph(cluster =) times G / (G - p - 1)", {
  compared <- 0
  for (seed in 1:200) {
    d <- any_rows(seed)
    formula <- any_formula(seed)
    peer <- peer_of(formula, d, clustered = TRUE)
    ours <- quietly(suppressWarnings(hazard_ratio(formula, d, id = id, firth = FALSE)))
    rows <- tidy(ours, exponentiate = FALSE)
    rows <- rows[!(rows$term == "f" & rows$level %in% setdiff(letters, d$f)), ]
    models <- glance(ours)
    df <- models$n.id - models$n.parameter - 1
    if (is.null(peer) || any(is.infinite(rows$estimate)) || df < 1) next
    at <- !is.na(peer$b) & peer$variance > 1e-6 * rows$std.error^2
    if (!any(at %in% TRUE)) next
    compared <- compared + 1
    expect_equal(rows$std.error[at %in% TRUE]^2 * df / models$n.id,
      peer$variance[at %in% TRUE],
      tolerance = 1e-7 # coxph() loses digits: 2e-8 of 6 rows in seed 63, by the formula
    )
  }
  expect_gte(compared, 80)
})

test_that("coefficients that grow for ever are named, the others are at their limit", {
  d <- any_rows(7)
  d$none <- factor(ifelse(d$event == 0 & d$b == 1, "none", "some"), c("some", "none"))
  expect_warning(
    fit <- hazard_ratio(Surv(time, event) ~ x + none, d, firth = FALSE),
    "no maximum for none none"
  )
  some <- d[d$none == "some" | d$time < min(d$time[d$event == 1]), ]
  alone <- suppressWarnings(hazard_ratio(Surv(time, event) ~ x, d[d$none == "some", ]))
  expect_identical(tidy(fit)$estimate[2], 0)
  expect_equal(tidy(fit)$estimate[1], tidy(alone)$estimate[1], tolerance = 1e-6)
})

test_that("huge and tiny covariates: the unit does not matter", {
  d <- any_rows(8)
  base <- tidy(hazard_ratio(Surv(time, event) ~ x, d))
  for (unit in c(1e-100, 1e-10, 1e10, 1e100)) {
    d$scaled <- d$x * unit
    fit <- tidy(hazard_ratio(Surv(time, event) ~ scaled, d))
    expect_equal(fit$statistic, base$statistic, tolerance = 1e-9)
  }
  d$far <- d$x + 1e10
  fit <- tidy(hazard_ratio(Surv(time, event) ~ far, d))
  expect_equal(fit$estimate, base$estimate, tolerance = 1e-4)
})

test_that("the score test of one binary covariate at 0 is the log-rank test", {
  d <- data.frame(t = 1:8, e = c(1, 1, 0, 1, 1, 0, 1, 1), g = rep(0:1, 4))
  cells <- oligosurv:::cox_cells(list(
    stop = d$t, event = d$e == 1, stratum = rep(1L, 8)
  ), cbind(as.double(d$g)), "efron")
  at_0 <- .Call(oligosurv:::C_cox_residuals, cells, 0, NULL, 8L)
  risk <- rev(cumsum(rev(d$g))) / rev(seq_len(8))
  variance <- sum((risk * (1 - risk))[d$e == 1])
  test <- logrank_test(Surv(t, e) ~ g, d)
  expect_equal(sum(at_0$score)^2 / variance, tidy(test)$statistic[1], tolerance = 1e-12)
})

test_that("a risk set of which rounding leaves nothing is an error", {
  # the third row enters after the first event with a relative hazard of e^400
  cells <- oligosurv:::cox_cells(list(
    start = c(0L, 0L, 1L, 0L), stop = c(1L, 2L, 2L, 3L), stratum = rep(1L, 4),
    event = c(TRUE, TRUE, FALSE, TRUE)
  ), cbind(c(0, 0, 1, 0)), "efron")
  fine <- .Call(oligosurv:::C_cox_steps, cells, 40)
  expect_identical(oligosurv:::check_risk_sets(fine), fine)
  expect_equal(fine$a[1], exp(40) / 3, tolerance = 1e-12)
  lost <- .Call(oligosurv:::C_cox_steps, cells, 400)
  expect_error(
    oligosurv:::check_risk_sets(lost),
    "check the covariates and offset() for extreme values", fixed = TRUE,
    class = "oligosurv_error_domain"
  )
  expect_null(.Call(oligosurv:::C_cox_residuals, cells, 400, NULL, 4L))
})
