# Bootstrap intervals: every resample is compared with a refit of the resampled rows.

# Rows in each resample that C draws, by curve: row numbers of `d`, in the table's order
oracle_draws <- function(d, times, unit = seq_len(nrow(d))) {
  lapply(levels(d$group), function(g) {
    at <- which(d$group == g)
    at <- at[order(d$time[at], d$cause[at])]
    units <- unique(unit[at])
    rows <- lapply(units, function(u) at[unit[at] == u])
    lapply(seq_len(times), function(b) {
      unlist(rows[floor(stats::runif(length(units)) * length(units)) + 1])
    })
  })
}

oracle_resamples <- function(d, times, statistic, ...) {
  draws <- oracle_draws(d, times, ...)
  do.call(cbind, lapply(draws, function(group) {
    do.call(rbind, lapply(group, function(rows) statistic(d[rows, ])))
  }))
}

cohort <- function(seed, n = 25) {
  withr::with_seed(seed, data.frame(
    time = sample(12, n, TRUE) / 2, cause = sample(0:2, n, TRUE, c(3, 4, 2)),
    group = factor(sample(c("a", "b"), n, TRUE)), id = sample(letters[1:9], n, TRUE)
  ))
}

with_status <- function(d) {
  d$event <- as.integer(d$cause > 0)
  d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
  d$id <- paste(d$group, d$id)
  d
}

draw <- function(...) withr::with_seed(7, bootstrap_interval(...))

test_that("survival: quantiles, rates, restricted means of each resample are refits", {
  for (seed in 1:3) {
    d <- with_status(cohort(seed))
    f <- Surv(time, event) ~ group
    got <- draw(f, d, probs = c(0.3, 0.5), n_resamples = 60)$resamples
    want <- withr::with_seed(7, oracle_resamples(d, 60, function(d) {
      quantile(kaplan_meier(Surv(time, event) ~ 1, d), c(0.3, 0.5))$estimate
    }))
    expect_equal(got, replace(want, is.na(want), Inf), tolerance = 1e-14)
    got <- draw(f, d, "rate", times = c(1, 4), n_resamples = 60)$resamples
    want <- withr::with_seed(7, oracle_resamples(d, 60, function(d) {
      summary(kaplan_meier(Surv(time, event) ~ 1, d), c(1, 4), extend = TRUE)$estimate
    }))
    expect_equal(got, want, tolerance = 1e-14)
    got <- draw(f, d, "restricted_mean", tau = 4, n_resamples = 60)$resamples
    want <- withr::with_seed(7, oracle_resamples(d, 60, function(d) {
      tidy(restricted_mean(Surv(time, event) ~ 1, d, tau = 4, extend = TRUE))$estimate
    }))
    expect_equal(got, want, tolerance = 1e-14)
  }
})

test_that("competing risks and whole ids", {
  d <- with_status(cohort(5, 30))
  fit <- draw(Surv(time, status) ~ group, d, "rate",
    times = c(2, 4), n_resamples = 60, id = id
  )
  want <- withr::with_seed(7, oracle_resamples(d, 60, function(d) {
    summary(cumulative_incidence(Surv(time, status) ~ 1, d), c(2, 4),
      extend = TRUE
    )$estimate
  }, unit = d$id))
  # column order here: outcome, group, time; in the oracle: group, outcome, time
  expect_equal(fit$resamples, want[, c(1, 2, 5, 6, 3, 4, 7, 8)], tolerance = 1e-14)
  expect_match(fit$method, "60 resamples of ids")
  d$time <- d$time + seq_len(30) / 1000 # distinct times, so that ids have the same order
  lost <- draw(Surv(time, status) ~ 1, d, "restricted_mean",
    tau = 5, n_resamples = 60, id = id
  )
  free <- draw(Surv(time, event) ~ 1, d, "restricted_mean",
    tau = 5, n_resamples = 60, id = id
  )
  expect_equal(rowSums(lost$resamples) + drop(free$resamples), rep(5, 60))
})

test_that("limits: the ordered values by their formulas", {
  d <- with_status(cohort(2, 40))
  f <- Surv(time, event) ~ 1
  fit <- function(type, ...) {
    draw(f, d, "restricted_mean", tau = 4, n_resamples = 199, conf.type = type, ...)
  }
  row <- tidy(fit("percentile", conf.level = 0.9))
  v <- sort(drop(fit("percentile")$resamples))
  expect_identical(c(row$conf.low, row$conf.high), v[c(10, 190)])
  expect_equal(row$std.error, stats::sd(v), tolerance = 1e-14)
  expect_equal(row$bias, mean(v) - row$estimate, tolerance = 1e-12)
  # with so few events kaplan_meier() would give exact limits by default
  early <- draw(f, d, "rate",
    times = 0.5, n_resamples = 199, conf.type = "percentile"
  )
  expect_identical(tidy(early)$conf.type, "percentile")
  expect_identical(tidy(early)$conf.low, sort(drop(early$resamples))[5])
  basic <- tidy(fit("basic", conf.level = 0.9))
  expect_equal(
    c(basic$conf.low, basic$conf.high), pmin(2 * row$estimate - v[c(190, 10)], 4)
  )
  normal <- tidy(fit("normal"))
  expect_equal(
    c(normal$conf.low, normal$conf.high),
    pmin(row$estimate - row$bias + c(-1, 1) * stats::qnorm(0.975) * row$std.error, 4)
  )
  bca <- tidy(fit("bca"))
  left_out <- vapply(seq_len(nrow(d)), function(i) {
    tidy(restricted_mean(f, d[-i, ], 4, extend = TRUE))$estimate
  }, 0)
  l <- mean(left_out) - left_out
  a <- sum(l^3) / (6 * sum(l^2)^1.5)
  z <- stats::qnorm((sum(v < bca$estimate) + sum(v == bca$estimate) / 2) / 199) +
    stats::qnorm(c(0.025, 0.975))
  z0 <- z - stats::qnorm(c(0.025, 0.975))
  share <- stats::pnorm(z0 + z / (1 - a * z))
  expect_equal(
    c(bca$conf.low, bca$conf.high),
    v[c(floor(200 * share[1]), 200 - floor(200 * (1 - share[2])))], tolerance = 1e-14
  )
})

test_that("all resamples of three values: the distribution of the median of 1, 2, 3", {
  # of 27 equally likely resamples 7 have the median 1, 13 the median 2, 7 the median 3
  v <- draw(Surv(1:3, rep(1, 3)) ~ 1, n_resamples = 27000)$resamples
  expect_setequal(unique(drop(v)), 1:3)
  expect_lt(stats::chisq.test(table(v), p = c(7, 13, 7) / 27)$statistic, 13.8)
})

test_that("set.seed() reproduces; an event table is its rows; the user's row order", {
  d <- with_status(cohort(3))
  f <- Surv(time, event) ~ group
  base <- draw(f, d, n_resamples = 99)
  expect_identical(draw(f, d, n_resamples = 99), base)
  expect_identical(draw(event_table(f, d), n_resamples = 99)$resamples, base$resamples)
  expect_identical(
    draw(f, d[rev(seq_len(nrow(d))), ], n_resamples = 99)$resamples, base$resamples
  )
  # the draws are divided into several calls, which must not change the results
  d <- data.frame(time = rep(1:1000, 3), event = rep(1:0, 1500))
  many <- draw(Surv(time, event) ~ 1, d, n_resamples = 1500)$resamples
  few <- draw(Surv(time, event) ~ 1, d, n_resamples = 50)$resamples
  expect_identical(many[1:50, 1], few[, 1])
})

test_that("with one row per id the ids do not change the distribution", {
  d <- with_status(cohort(4, 40))
  f <- Surv(time, event) ~ 1
  a <- draw(f, d, n_resamples = 4000, probs = 0.4)
  b <- draw(f, d, n_resamples = 4000, probs = 0.4, id = seq_len(40))
  expect_identical(b$estimates$estimate, a$estimates$estimate)
  expect_lt(abs(mean(a$resamples > 2) - mean(b$resamples > 2)), 0.05)
})

test_that("times and tau equal to times of the data up to rounding are taken as these", {
  d <- data.frame(
    t = c(0.1 + 0.2, 0.1 + 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1), e = 1,
    g = rep(c("a", "b"), 4), s = rep(c("x", "y"), each = 4), id = c(1:7, 7)
  )
  boot <- function(f, times, d, ..., statistic = "rate") {
    withr::with_seed(1, bootstrap_interval(f, d, statistic, times = times,
      n_resamples = 499, conf.type = "percentile", ...
    ))
  }
  exact <- transform(d, t = replace(t, 1:2, 0.3))
  # S(0.3) is 3/4 with n = 8: resampled it is a binomial proportion
  got <- boot(Surv(t, e) ~ 1, 0.3, d)
  expect_identical(tidy(got)$estimate, 0.75)
  expect_equal(tidy(got)$std.error, sqrt(0.75 * 0.25 / 8), tolerance = 0.1)
  expect_identical(got$resamples, boot(Surv(t, e) ~ 1, 0.3, exact)$resamples)
  # here times of the data and `at` differ by rounding: strata, ids, causes, delayed entry
  d$cause <- factor(rep(c(1, 2, 1, 0), 2), 0:2)
  d$entry <- c(0, 0, 0, 0.3, 0.1, 0, 0, 0)
  exact[c("cause", "entry")] <- d[c("cause", "entry")]
  for (f in list(
    Surv(t, e) ~ g, Surv(t, e) ~ g + strata(s), Surv(t, cause) ~ g,
    Surv(entry, t, e) ~ 1
  )) {
    for (at in list(0.3, c(0.1 + 0.2, 0.7 * (1 - 4e-10)))) {
      want <- boot(f, round(at, 6), exact)
      expect_identical(boot(f, at, d)$resamples, want$resamples)
    }
  }
  by_id <- boot(Surv(t, e) ~ 1, 0.3, d, id = id)
  expect_identical(by_id$resamples, boot(Surv(t, e) ~ 1, 0.3, exact, id = id)$resamples)
  # at the last time no resample is beyond its follow-up
  last <- data.frame(t = c(0.1, 0.2, 0.3, 0.3), e = c(1, 1, 0, 0))
  expect_identical(
    tidy(boot(Surv(t, e) ~ 1, 0.1 + 0.2, last))$share.known,
    tidy(boot(Surv(t, e) ~ 1, 0.3, last))$share.known
  )
  area <- function(tau) {
    tidy(boot(Surv(t, e) ~ 1, NULL, last, statistic = "restricted_mean", tau = tau))
  }
  expect_equal(area(0.1 + 0.2), area(0.3), tolerance = 1e-12)
})

test_that("the default is bca for rates, percentile for the others, unless given", {
  d <- data.frame(t = 1:12, e = rep(c(1, 1, 0), 4))
  boot <- function(...) {
    withr::with_seed(1, bootstrap_interval(Surv(t, e) ~ 1, d, ..., n_resamples = 199))
  }
  expect_identical(tidy(boot("rate", times = 5))$conf.type, "bca")
  expect_identical(tidy(boot())$conf.type, "percentile")
  expect_identical(tidy(boot("restricted_mean", tau = 8))$conf.type, "percentile")
  given <- boot("rate", times = 5, conf.type = "percentile")
  expect_identical(tidy(given)$conf.type, "percentile")
})

test_that("differences between groups, resample by resample, within strata", {
  d <- with_status(cohort(6, 60))
  fit <- draw(Surv(time, event) ~ group, d, "restricted_mean", tau = 4, n_resamples = 199)
  v <- sort(fit$resamples[, 2] - fit$resamples[, 1])
  row <- fit$contrasts
  expect_identical(row$contrast, "b - a")
  expect_identical(c(row$conf.low, row$conf.high), v[c(5, 195)])
  d$stratum <- factor(rep(c("x", "y"), 30))
  strata <- draw(Surv(time, event) ~ group + strata(stratum), d, "rate",
    times = c(1, 3), n_resamples = 199, reference = "b"
  )
  expect_identical(as.character(strata$contrasts$stratum), c("x", "x", "y", "y"))
  expect_identical(strata$contrasts$time, c(1, 3, 1, 3))
  expect_equal(
    strata$contrasts$estimate, strata$estimates$estimate[c(1, 2, 5, 6)] -
      strata$estimates$estimate[c(3, 4, 7, 8)]
  )
})

test_that("where nothing varies the limits are exact, also for patients with lesions", {
  d <- data.frame(
    time = c(2, 3, 4, 5, 5, 6), event = 0, id = c(1, 1, 2, 2, 3, 3),
    arm = rep(c("A", "B"), each = 3)
  )
  rate <- draw(Surv(time, event) ~ 1, d, "rate", times = 1, n_resamples = 39)
  expect_equal(tidy(rate)$conf.low, 0.025^(1 / 6), tolerance = 1e-14)
  expect_identical(tidy(rate)$conf.type, "exact")
  by_id <- draw(Surv(time, event) ~ 1, d, "rate", times = 1, n_resamples = 39, id = id)
  expect_equal(tidy(by_id)$conf.low, 0.025^(1 / 3), tolerance = 1e-14)
  area <- draw(Surv(time, event) ~ 1, d, "restricted_mean",
    tau = 2, n_resamples = 39, id = id
  )
  expect_equal(tidy(area)$conf.low, 2 * 0.025^(1 / 3), tolerance = 1e-14)
  expect_identical(tidy(area)$conf.high, 2)
  both <- draw(Surv(time, event) ~ arm, d, "rate", times = 1, n_resamples = 39)
  bound <- 1 - 0.025^(1 / 3)
  expect_equal(c(both$contrasts$conf.low, both$contrasts$conf.high), c(-bound, bound))
  expect_identical(both$contrasts$conf.type, "mover, exact")
  never <- draw(Surv(time, event) ~ arm, d, n_resamples = 39)
  expect_identical(tidy(never)$share.known, c(0, 0))
  expect_identical(tidy(never)$conf.low, c(NA_real_, NA_real_))
  expect_identical(never$contrasts$conf.high, NA_real_)
})

test_that("a quantile that some resamples do not reach has an open upper limit", {
  fit <- draw(Surv(1:10, rep(1:0, 5)) ~ 1, n_resamples = 999)
  row <- tidy(fit)
  expect_identical(mean(is.finite(fit$resamples)), row$share.known)
  expect_lt(row$share.known, 1)
  expect_identical(row$conf.high, NA_real_)
  expect_identical(row$std.error, NA_real_)
  expect_true(row$conf.low <= row$estimate)
})

test_that("print, glance and errors by class", {
  d <- with_status(cohort(2))
  f <- Surv(time, event) ~ group
  fit <- draw(f, d, n_resamples = 99)
  expect_snapshot(print(fit))
  expect_identical(glance(fit)$n.resamples, 99)
  few <- expect_error(draw(f, d, n_resamples = 38), class = "oligosurv_error_input")
  expect_match(conditionMessage(few), "at least 39")
  expect_error(draw(f, d, probs = 1), class = "oligosurv_error_domain")
  expect_error(draw(f, d, "rate"), "`times`", class = "oligosurv_error_input")
  expect_error(draw(f, d, "mean"), class = "oligosurv_error_input")
  expect_error(
    draw(Surv(1:3, c(1, 1, 0)) ~ 1, NULL, "restricted_mean", tau = 99),
    class = "oligosurv_error_data"
  )
  expect_error(
    draw(f, transform(d, id = 1), id = id), class = "oligosurv_error_data"
  )
})

test_that("more subjects than an integer counts are refused", {
  many <- event_table(data.frame(
    time = 1:4, status = c(1, 0, 1, 1), n = c(1e9, 1e9, 1e9, 5)
  ))
  error <- expect_error(bootstrap_interval(many),
    "`x` has 3,000,000,005 subjects, but at most 2,147,483,647 can be resampled",
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "x")
})
