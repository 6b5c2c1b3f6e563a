# Fine-Gray regression: by hand, against crr(), finegray() with coxph(), and crrSC.

# Random rows: seed %% 3 is 0 for continuous times, else ties; censorings and competing
# events in both
fine_gray_sample <- function(seed, n = 30 + seed %% 70) {
  withr::local_seed(seed)
  event <- stats::rexp(n)
  censored <- stats::rexp(n, 0.6)
  cause <- 1 + stats::rbinom(n, 1, 0.45)
  time <- pmin(event, censored)
  if (seed %% 3) time <- ceiling(time * c(5, 20)[seed %% 3])
  late <- time * stats::runif(n, 0, 0.8) * stats::rbinom(n, 1, 0.6)
  data.frame(
    time, status = factor(
      ifelse(event <= censored, cause, 0), 0:2, c("censored", "failure", "death")
    ),
    x = stats::rnorm(n), g = factor(sample(letters[1:3], n, TRUE)),
    s = sample(1:2, n, TRUE), id = sample(ceiling(n / 3), n, TRUE),
    entry = if (seed %% 3) floor(late) else late, row = seq_len(n)
  )
}

fine_gray <- function(formula, d, ...) {
  suppressMessages(suppressWarnings(
    hazard_ratio(formula, d, "fine-gray", "failure", firth = FALSE, ...)
  ))
}

# The rows of finegray() with the covariates of their subjects; NULL if it has a weight
# that is not a number, as in strata where all at risk leave before others enter
long_rows <- function(d, late, strata) {
  formula <- if (late) Surv(entry, time, status) ~ row else Surv(time, status) ~ row
  if (strata) formula <- stats::update(formula, ~ . + strata(s))
  long <- if (late) {
    survival::finegray(formula, d, etype = "failure", id = row)
  } else {
    survival::finegray(formula, d, etype = "failure")
  }
  if (!all(is.finite(long$fgwt))) return(NULL)
  cbind(long, d[long$row, c("x", "g", "s", "id")])
}

exact <- survival::coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 40)

test_that("by hand: a competing event has the weight 2/3 after the censoring", {
  # l = -log(1 + r + 2/3) + log(r) - log(r + 2/3), largest where r^2 = (5/3) (2/3); with
  # m_1, m_2 the means r / (1 + r + 2/3), r / (r + 2/3) and h their hazards
  d <- data.frame(t = 1:4, e = factor(c("dead", "no", "yes", "yes"),
    c("no", "yes", "dead")
  ), x = c(0, 1, 0, 1))
  ratio <- sqrt(10) / 3
  m <- ratio / (ratio + c(5, 2) / 3)
  h <- 1 / (ratio + c(5, 2) / 3)
  information <- sum(m * (1 - m))
  robust <- c(
    2 / 3 * sum(m * h), 0, -m[1] + m[1] * h[1], 1 - m[2] - ratio * sum((1 - m) * h)
  )
  q <- -2 / 3 * sum(m * h)
  term <- q / 3 * c(0, 2 / 3, -1 / 3, -1 / 3)
  for (variance in c("robust", "censoring")) {
    u <- robust + if (variance == "censoring") term else 0
    fit <- hazard_ratio(Surv(t, e) ~ x, d, "fine-gray", "yes", variance = variance)
    expect_equal(tidy(fit)$estimate, ratio, tolerance = 1e-9)
    expect_equal(tidy(fit, exponentiate = FALSE)$std.error, sqrt(sum(u^2)) / information,
      tolerance = 1e-9
    )
  }
})

test_that("coefficients and variance are those of crr(), ties apart", {
  skip_if_not_installed("cmprsk")
  for (seed in 3 * c(1:30, 200)) {
    d <- fine_gray_sample(seed, if (seed == 600) 700 else 40 + seed)
    x <- stats::model.matrix(~ x + g, d)[, -1]
    peer <- cmprsk::crr(d$time, as.integer(d$status) - 1, x, gtol = 1e-12, maxiter = 30)
    fit <- tidy(fine_gray(Surv(time, status) ~ x + g, d), exponentiate = FALSE)
    expect_equal(fit$estimate, unname(peer$coef), tolerance = 1e-6)
    expect_equal(fit$std.error, sqrt(diag(peer$var)), tolerance = 1e-6)
  }
})

test_that("the robust variance is that of coxph() with the rows of finegray()", {
  compared <- 0
  for (seed in 1:60) {
    d <- fine_gray_sample(seed)
    late <- seed %% 2 == 0
    strata <- seed %% 4 < 2
    ties <- if (seed %% 5 < 3) "breslow" else "efron"
    long <- long_rows(d, late, strata)
    if (is.null(long)) next
    formula <- if (late) Surv(entry, time, status) ~ x + g else Surv(time, status) ~ x + g
    wide <- Surv(fgstart, fgstop, fgstatus) ~ x + g
    if (strata) {
      formula <- stats::update(formula, ~ . + strata(s))
      wide <- stats::update(wide, ~ . + strata(s))
    }
    fit <- fine_gray(formula, d, ties = ties, variance = "robust")
    ours <- tidy(fit, exponentiate = FALSE)
    if (!all(is.finite(ours$estimate))) next
    compared <- compared + 1
    peer <- survival::coxph(wide, long, fgwt, cluster = row, ties = ties, control = exact)
    error <- sqrt(diag(peer$naive.var))
    expect_lt(max(abs(ours$estimate - stats::coef(peer)) / error), 1e-8)
    expect_equal(ours$std.error, unname(sqrt(diag(peer$var))), tolerance = 1e-8)
    ids <- tidy(fine_gray(formula, d, ties = ties, variance = "robust", id = "id"),
      exponentiate = FALSE
    )
    peer <- survival::coxph(wide, long, fgwt, cluster = id, ties = ties, control = exact)
    n_id <- length(unique(d$id))
    expect_equal(ids$std.error, unname(sqrt(diag(peer$var) * n_id / (n_id - 4))),
      tolerance = 1e-8
    )
    if (!strata) {
      expect_equal(fit$proportional_hazards$statistic,
        unname(survival::cox.zph(peer)$table[, "chisq"]),
        tolerance = 1e-7
      )
    }
  }
  expect_gt(compared, 45)
})

test_that("with strata the test of proportional hazards is that of the same transform", {
  d <- fine_gray_sample(9, 200)
  fit <- fine_gray(Surv(time, status) ~ x + g + strata(s), d)
  o <- order(d$s, d$time)
  rows <- list(
    time = match(d$time, sort(d$time))[o], status = as.integer(d$status)[o] - 1L,
    stratum = d$s[o], sampled = FALSE
  )
  g <- oligosurv:::km_transform(oligosurv:::fine_gray_obs(rows, 1L))[-1]
  # 1 - Kaplan-Meier with competing events at risk up to the last time of their stratum
  end <- ifelse(d$status == "death", stats::ave(d$time, d$s, FUN = max), d$time)
  km <- survival::survfit(Surv(end, d$status == "failure") ~ 1, time0 = TRUE)
  before <- 1 - summary(km, sort(d$time) * (1 - 1e-12), extend = TRUE)$surv
  event <- d$status[order(d$time)] == "failure"
  expect_equal(g, before - mean(before[event]), tolerance = 1e-12)
  long <- long_rows(d, FALSE, TRUE)
  peer <- survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ x + g + strata(s), long,
    weights = fgwt, ties = "breslow", control = exact
  )
  transform <- function(t) {
    values <- g[match(t, sort(d$time))]
    ifelse(is.na(values), 0, values)
  }
  expect_equal(fit$proportional_hazards$statistic,
    unname(survival::cox.zph(peer, transform)$table[, "chisq"]),
    tolerance = 1e-7
  )
})

test_that("variance by id and by strata is that of crrSC", {
  skip_if_not_installed("crrSC")
  by_id <- getExportedValue("crrSC", "crrc")
  by_stratum <- getExportedValue("crrSC", "crrs")
  for (seed in 3 * 1:10) {
    d <- fine_gray_sample(seed)
    status <- as.integer(d$status) - 1
    x <- stats::model.matrix(~ x + g, d)[, -1]
    peer <- by_id(d$time, status, x, cluster = d$id, gtol = 1e-12, maxiter = 30)
    fit <- tidy(fine_gray(Surv(time, status) ~ x + g, d, id = "id"), exponentiate = FALSE)
    n_id <- length(unique(d$id))
    expect_equal(fit$std.error, sqrt(diag(peer$var) * n_id / (n_id - 4)),
      tolerance = 1e-6
    )
    peer <- by_stratum(d$time, status, x, strata = d$s, gtol = 1e-12, maxiter = 30)
    fit <- fine_gray(Surv(time, status) ~ x + g + strata(s), d)
    fit <- tidy(fit, exponentiate = FALSE)
    expect_equal(fit$estimate, unname(peer$coef), tolerance = 1e-6)
    expect_equal(fit$std.error, sqrt(diag(peer$var)), tolerance = 1e-6)
  }
})

# What a subject more of each row changes in the estimate, from fits with counts, and the
# same from the scores
influence_of <- function(d) {
  d <- d[order(d$time), ]
  at <- sort(unique(d$time))
  n <- nrow(d)
  rows <- list(
    time = match(d$time, at), entry = findInterval(d$entry, at),
    status = as.integer(d$status) - 1L, stratum = rep(1L, n)
  )
  data <- oligosurv:::fine_gray_rows(rows, 1L, "breslow")
  data$x <- cbind(d$x)
  fit <- function(count, of_weights, unit) {
    data["count"] <- list(count)
    sums <- list(of_weights = of_weights, unit = unit, n_unit = 2, by_row = FALSE)
    .Call(oligosurv:::C_finegray, data, sums, double(n))
  }
  more <- function(i, by) {
    fit <- fit(replace(rep(1000, n), i, 1000 + by), FALSE, rep(1:2, length.out = n))
    fit$beta / fit$scale
  }
  score <- function(i, of_weights) {
    fit <- fit(NULL, of_weights, replace(rep(2L, n), i, 1L))
    sqrt(fit$meat / 2) / fit$information / fit$scale
  }
  i <- seq_len(n)
  data.frame(
    difference = vapply(i, function(i) abs(more(i, 10) - more(i, -10)) * 50, 0),
    robust = vapply(i, score, 0, of_weights = FALSE),
    censoring = vapply(i, score, 0, of_weights = TRUE)
  )
}

test_that("with delayed entry the influence includes that on both weights", {
  withr::local_seed(2)
  n <- 900
  event <- stats::rexp(n)
  censored <- stats::runif(n, 0.2, 3)
  d <- data.frame(
    time = pmin(event, censored), entry = pmax(stats::runif(n, -0.4, 0.8), 0),
    status = factor(ifelse(event <= censored, 1 + stats::rbinom(n, 1, 0.4), 0)),
    x = stats::rnorm(n)
  )
  found <- influence_of(d[d$entry < d$time, ][1:150, ])
  off <- function(x) mean(abs(x - found$difference))
  expect_lt(off(found$censoring), off(found$robust) / 8)
  expect_lt(off(found$censoring), 0.01 * mean(found$difference))
})

test_that("follow-up that is split into rows is one subject", {
  d <- fine_gray_sample(6, 80)
  long <- survival::survSplit(Surv(entry, time, status) ~ ., d,
    cut = stats::quantile(d$time, c(0.2, 0.5, 0.8), type = 1), start = "entry"
  )
  expect_gt(nrow(long), nrow(d))
  for (variance in c("censoring", "robust")) {
    whole <- fine_gray(Surv(entry, time, status) ~ x + g, d, id = "row",
      variance = variance
    )
    parts <- fine_gray(Surv(entry, time, status) ~ x + g, long, id = "row",
      variance = variance
    )
    columns <- c("estimate", "std.error", "conf.low", "p.value")
    expect_equal(tidy(parts)[columns], tidy(whole)[columns], tolerance = 1e-9)
  }
})

test_that("without censoring no term for it; without competing events a Cox model", {
  d <- fine_gray_sample(6, 80)
  d$status[d$status == "censored"] <- "death"
  robust <- fine_gray(Surv(time, status) ~ x + g, d, variance = "robust")
  expect_equal(
    tidy(fine_gray(Surv(time, status) ~ x + g, d))$std.error, tidy(robust)$std.error,
    tolerance = 1e-12
  )
  d <- fine_gray_sample(6, 80)
  d$status[d$status == "death"] <- "censored"
  fit <- fine_gray(Surv(entry, time, status) ~ x + g, d, variance = "robust")
  peer <- survival::coxph(Surv(entry, time, status == "failure") ~ x + g, d,
    ties = "breslow", cluster = row, control = exact
  )
  expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-9)
  expect_equal(tidy(fit, exponentiate = FALSE)$std.error,
    unname(sqrt(diag(stats::vcov(peer)))),
    tolerance = 1e-9
  )
  expect_equal(fit$proportional_hazards$statistic,
    unname(survival::cox.zph(peer)$table[, "chisq"]),
    tolerance = 1e-7
  )
})

test_that("Firth's likelihood is that of the rows of finegray()", {
  for (seed in 1:4) {
    d <- fine_gray_sample(seed, 40)
    d$x <- ifelse(d$status == "failure", 0, as.double(d$x > 0))
    late <- seed > 2
    ties <- if (seed %% 2) "efron" else "breslow"
    formula <- if (late) Surv(entry, time, status) ~ x else Surv(time, status) ~ x
    fit <- suppressMessages(hazard_ratio(formula, d, "fine-gray", "failure", ties = ties))
    expect_match(tidy(fit)$method, "Firth")
    long <- long_rows(d, late, FALSE)
    obs <- list(
      start = long$fgstart, stop = long$fgstop, event = long$fgstatus == 1,
      weight = long$fgwt, stratum = rep(1, nrow(long))
    )
    risk <- risk_sets(obs, cbind(long$x), ties)
    at <- function(b) penalised_moments(risk, b * risk$scale)
    b <- log(c(tidy(fit)$estimate, tidy(fit)$conf.low, tidy(fit)$conf.high))
    expect_lt(abs(at(b[1])$score), 1e-6)
    fall <- 2 * (at(b[1])$loglik - vapply(b[2:3], function(b) at(b)$loglik, 0))
    expect_equal(fall, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-6)
  }
})

test_that("edges: no event, one event, collinear, empty level, a gap between entries", {
  d <- fine_gray_sample(5, 60)
  none <- d
  none$status[none$status == "failure"] <- "censored"
  fit <- fine_gray(Surv(time, status) ~ x + g, none)
  expect_identical(tidy(fit)$estimate, rep(NA_real_, 3))
  one <- none
  one$status[order(one$time)[5]] <- "failure"
  fit <- fine_gray(Surv(time, status) ~ x, one)
  expect_identical(tidy(fit)$n.event, 1)
  expect_false(is.na(tidy(fit)$estimate))
  both <- tidy(fine_gray(Surv(time, status) ~ x + I(2 * x) + I(0 * x), d))
  alone <- tidy(fine_gray(Surv(time, status) ~ x, d))
  expect_identical(is.na(both$estimate), c(FALSE, TRUE, TRUE))
  expect_equal(both$estimate[1], alone$estimate, tolerance = 1e-10)
  large <- tidy(fine_gray(Surv(time, status) ~ I(1e10 + 1e5 * x), d))
  expect_equal(log(large$estimate) * 1e5, log(alone$estimate), tolerance = 1e-5)
  # all of the first three leave before the others enter: who had a competing event is in
  # no later risk set
  gap <- data.frame(
    start = c(0, 0, 0, 5, 5, 5, 5), stop = c(1, 2, 3, 6, 7, 8, 9),
    e = factor(c(2, 1, 1, 1, 0, 1, 1), 0:2, c("none", "failure", "death")),
    x = c(1, 2, 1, 0, 1, 2, 1)
  )
  fit <- fine_gray(Surv(start, stop, e) ~ x, gap)
  apart <- fine_gray(Surv(start, stop, e) ~ x + strata(start), gap)
  expect_equal(tidy(fit)$estimate, tidy(apart)$estimate, tolerance = 1e-9)
})

test_that("from counts by pattern: the numbers of the rows", {
  d <- fine_gray_sample(4, 6000)
  d$h <- factor(d$x > 0, c(FALSE, TRUE), c("low", "high"))
  numbers <- c("estimate", "std.error", "p.value", "conf.low", "conf.high")
  table <- event_table(Surv(time, status) ~ g + h + strata(s), d)
  for (ties in c("breslow", "efron")) {
    for (variance in c("censoring", "robust")) {
      counted <- hazard_ratio(table, ~ g + h, "fine-gray", "failure",
        ties = ties, variance = variance
      )
      rows <- fine_gray(Surv(time, status) ~ g + h + strata(s), d,
        ties = ties, variance = variance
      )
      x <- fine_gray(Surv(time, status) ~ g + as.integer(h) + strata(s), d,
        ties = ties, variance = variance
      )
      expect_equal(tidy(rows)[numbers], tidy(counted)[numbers], tolerance = 1e-12)
      expect_equal(tidy(x)[numbers], tidy(counted)[numbers], tolerance = 1e-12)
      expect_equal(x$proportional_hazards$statistic,
        counted$proportional_hazards$statistic,
        tolerance = 1e-10
      )
    }
  }
  firth <- function(x, ...) {
    tidy(hazard_ratio(x, ..., model = "fine-gray", outcome = "failure", firth = TRUE))
  }
  expect_equal(firth(table, ~ g + h)[numbers],
    firth(Surv(time, status) ~ g + as.integer(h) + strata(s), d)[numbers],
    tolerance = 1e-9
  )
})

test_that("order of rows, unit of time and labels do not matter", {
  d <- fine_gray_sample(7, 90)
  base <- fine_gray(Surv(entry, time, status) ~ x + g + strata(s), d, id = "id")
  o <- rev(seq_len(nrow(d)))
  turned <- fine_gray(Surv(entry, time, status) ~ x + g + strata(s), d[o, ], id = "id")
  expect_equal(tidy(turned), tidy(base), tolerance = 1e-9)
  d$time <- d$time * 30.4375
  d$entry <- d$entry * 30.4375
  expect_identical(
    tidy(fine_gray(Surv(entry, time, status) ~ x + g + strata(s), d, id = "id")),
    tidy(base)
  )
})

test_that("`variance` belongs to Fine-Gray models and is named in the method", {
  d <- fine_gray_sample(7, 90)
  method <- function(...) tidy(fine_gray(Surv(time, status) ~ x, d, ...))$method
  expect_match(method(), "variance with the term for estimated censoring$")
  expect_match(method(variance = "robust"), "robust variance$")
  expect_match(method(id = "id"), "by id .*with the term for estimated censoring$")
  expect_no_match(method(id = "id", variance = "robust"), "estimated censoring")
  expect_error(fine_gray(Surv(time, status) ~ x, d, variance = "naive"), "`variance`",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, status) ~ x, d, variance = "robust"),
    "Fine-Gray",
    class = "oligosurv_error_input"
  )
})

test_that("a hundred thousand rows have a fit, also by Firth's likelihood", {
  skip_on_cran()
  d <- fine_gray_sample(3, 1e5)
  fit <- hazard_ratio(Surv(time, status) ~ x + g, d, "fine-gray")
  expect_true(all(is.finite(tidy(fit)$conf.low)))
  d$g[d$status == "failure"] <- "a"
  fit <- hazard_ratio(Surv(time, status) ~ g, d, "fine-gray", "failure")
  expect_match(tidy(fit)$method[1], "Firth")
})
