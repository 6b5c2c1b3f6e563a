# Published and exact areas are also in test-reference.R.

# Mean time lost to each cause (in the order of `causes`) and its variance by definition:
# delta method on the multinomial increments h. The area is linear in each increment, so
# that its derivative is the difference for a step of 1.
oracle_area <- function(time, cause, tau, causes = 1:2) {
  times <- oracle_times(time)
  n <- vapply(times, function(t) sum(time >= t), 0)
  h <- vapply(causes, function(k) {
    vapply(times, function(t) sum(time == t & cause == k), 0)
  }, double(length(times)))
  h <- matrix(h, ncol = length(causes)) / n
  left <- pmax(tau - times, 0)
  area <- function(h) {
    surv <- cumprod(c(1, 1 - rowSums(h)))[seq_along(times)]
    colSums(left * surv * h)
  }
  lost <- area(h)
  variance <- 0 * lost
  for (i in which(left > 0 & rowSums(h) > 0)) {
    slope <- vapply(seq_along(causes), function(k) {
      moved <- h
      moved[i, k] <- moved[i, k] + 1
      area(moved) - lost
    }, lost)
    slope <- matrix(slope, length(causes))
    spread <- (diag(h[i, ], length(causes)) - h[i, ] %o% h[i, ]) / n[i]
    variance <- variance + diag(slope %*% spread %*% t(slope))
  }
  list(estimate = lost, std.error = sqrt(pmax(variance, 0)))
}

sets <- random_sets(4, setdiff(random_kinds, "no event"))

gap_above <- function(gaps, tolerance) {
  gaps <- unlist(gaps)
  gaps[!gaps <= tolerance]
}

test_that("by hand: two groups of four", {
  fit <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 6, conf.type = "plain")
  expect_equal(tidy(fit)$estimate, c(5, 4), tolerance = 1e-15)
  # A: event at 2, remaining area 3: 3^2 / (4 * 3); the event at 6 leaves no area
  # B: event at 1: (3/2 + 3/2)^2 / 12; event at 3: (3/2)^2 / (3 * 2)
  expect_equal(tidy(fit)$std.error, sqrt(c(9 / 12, 9 / 12 + 9 / 24)), tolerance = 1e-15)
  expect_identical(tidy(fit)$tau, c(6, 6))
  z <- stats::qnorm(0.975)
  expect_equal(tidy(fit)$conf.low, c(5, 4) - z * tidy(fit)$std.error, tolerance = 1e-14)
  expect_identical(tidy(fit)$conf.high, c(6, 6)) # at most tau

  difference <- fit$contrasts[fit$contrasts$measure == "difference", ]
  expect_identical(difference$contrast, "B - A")
  expect_equal(difference$estimate, -1, tolerance = 1e-15)
  expect_equal(difference$std.error, sqrt(15 / 8), tolerance = 1e-15)
  expect_equal(difference$conf.low, -1 - z * sqrt(15 / 8), tolerance = 1e-14)
  expect_equal(difference$conf.high, -1 + z * sqrt(15 / 8), tolerance = 1e-14)
  expect_equal(
    difference$p.value, 2 * stats::pnorm(-1 / sqrt(15 / 8)), tolerance = 1e-14
  )
  ratio <- fit$contrasts[fit$contrasts$measure == "ratio", ]
  se_log <- sqrt((9 / 12) / 25 + (9 / 8) / 16)
  expect_identical(ratio$contrast, "B / A")
  expect_equal(ratio$estimate, 0.8, tolerance = 1e-15)
  expect_equal(ratio$std.error, 0.8 * se_log, tolerance = 1e-14)
  expect_equal(ratio$statistic, log(0.8) / se_log, tolerance = 1e-14)
  expect_equal(ratio$conf.high, 0.8 * exp(z * se_log), tolerance = 1e-14)
  expect_identical(c(difference$conf.type, ratio$conf.type), c("plain", "log"))
  expect_identical(fit$contrasts$reason, c(NA_character_, NA_character_))
})

test_that("time lost by cause: exact rational values", {
  area <- function(data, tau) {
    fit <- restricted_mean(
      Surv(time, status) ~ group, reference_data(data), tau = tau, extend = TRUE
    )
    tidy(fit)[c("estimate", "std.error")]
  }
  dd <- area("cmprsk_test_dd", 8)
  expect_equal(dd$estimate, c(
    2.8449369170089289386, 2.5404292780400357051, 3.9825450931624531788,
    3.4785007241899464568, 4.4658351558728396828, 2.8685722711612045848
  ), tolerance = 1e-15)
  expect_equal(dd$std.error, c(
    0.76126998628430475369, 0.65268511622722084751, 0.74328267095814069915,
    0.83290092208620942632, 0.62368860226164766764, 0.71639094643193467568
  ), tolerance = 1e-15)
  bmt <- area("bmtcrr", 24)
  expect_equal(bmt$estimate, c(
    7.0096518264840182739, 4.4778525641025640939, 7.3469863013698630400,
    8.3180767322954822540
  ), tolerance = 1e-15)
  expect_equal(bmt$std.error, c(
    1.0945397230832265286, 0.79348406412278191273, 1.1454761541061767289,
    0.93178348741706685883
  ), tolerance = 1e-15)
})

test_that("agrees with the definition, for any cause and window", {
  expect_identical(gap_above(lapply(sets, function(d) {
    lapply(stats::quantile(d$time, c(0.3, 0.7, 1), type = 1), function(tau) {
      got <- tidy(restricted_mean(Surv(time, status) ~ 1, d, tau = tau))
      want <- oracle_area(d$time, d$cause, tau)
      mean <- tidy(restricted_mean(Surv(time, event) ~ 1, d, tau = tau))
      any <- oracle_area(d$time, d$event, tau, 1)
      c(
        lost = worst_difference(got$estimate, want$estimate),
        variance = worst_difference(got$std.error^2, want$std.error^2, 1e-8 * tau^2),
        mean = worst_difference(mean$estimate, tau - any$estimate),
        # one cause: the time lost has the same standard error as the mean
        same = worst_difference(mean$std.error^2, any$std.error^2, 1e-8 * tau^2)
      )
    })
  }), 1e-11), stats::setNames(numeric(), character()))
})

test_that("the mean is survfit's, and the time lost that of its states", {
  expect_identical(gap_above(lapply(sets, function(d) {
    tau <- stats::quantile(d$time, 0.8, type = 1, names = FALSE)
    if (tau <= min(d$time)) return(NULL)
    peer <- summary(survival::survfit(Surv(time, event) ~ 1, d), rmean = tau)$table
    got <- tidy(restricted_mean(Surv(time, event) ~ 1, d, tau = tau))
    states <- summary(survival::survfit(Surv(time, status) ~ 1, d), rmean = tau)$table
    lost <- tidy(restricted_mean(Surv(time, status) ~ 1, d, tau = tau))
    at <- match(lost$outcome, rownames(states))
    seen <- !is.na(at)
    c(
      mean = worst_difference(got$estimate, peer[["rmean"]]),
      variance = worst_difference(got$std.error^2, peer[["se(rmean)"]]^2, 1e-6 * tau^2),
      lost = worst_difference(lost$estimate[seen], states[at[seen], "rmean"]),
      lost_variance = worst_difference(
        lost$std.error[seen]^2, states[at[seen], "se(rmean)"]^2, 1e-6 * tau^2
      )
    )
  }), 1e-9), stats::setNames(numeric(), character()))
})

test_that("one cause loses tau - mean with the same standard error; causes add up", {
  for (d in sets) {
    tau <- max(d$time)
    mean <- tidy(restricted_mean(Surv(time, event) ~ 1, d, tau = tau))
    d$alone <- factor(d$event, 0:2, c("censored", "failure", "never"))
    alone <- tidy(restricted_mean(Surv(time, alone) ~ 1, d, tau = tau))
    expect_equal(alone$estimate[1], tau - mean$estimate, tolerance = 1e-13)
    expect_identical(alone$std.error, c(mean$std.error, 0))
    lost <- tidy(restricted_mean(Surv(time, status) ~ 1, d, tau = tau))
    expect_equal(sum(lost$estimate) + mean$estimate, tau, tolerance = 1e-14)
  }
})

test_that("row order, every row twice, unit of time, event table, threads", {
  for (d in sets[1:8]) {
    f <- Surv(time, status) ~ group + strata(stratum)
    fit <- function(d) restricted_mean(f, d)
    base <- fit(d)
    expect_identical(tidy(fit(d[rev(seq_len(nrow(d))), ])), tidy(base))
    expect_identical(restricted_mean(event_table(f, d))$contrasts, base$contrasts)
    twice <- tidy(fit(rbind(d, d)))
    expect_equal(twice$estimate, tidy(base)$estimate, tolerance = 1e-14)
    expect_equal(twice$std.error, tidy(base)$std.error / sqrt(2), tolerance = 1e-13)
    years <- tidy(fit(transform(d, time = time * 8)))
    expect_identical(years$estimate, 8 * tidy(base)$estimate)
    expect_identical(years$std.error, 8 * tidy(base)$std.error)
    one <- withr::with_options(list(oligosurv.threads = 1), tidy(fit(d)))
    expect_identical(one, tidy(base))
  }
})

test_that("tau: the smallest last time, an error beyond it, extend", {
  fit <- restricted_mean(Surv(month, death) ~ arm, arms)
  expect_identical(tidy(fit)$tau, c(7, 7))
  error <- expect_error(
    restricted_mean(Surv(month, death) ~ arm, arms, tau = 8.5),
    "curve of 'A' is known only up to its last time, 8", class = "oligosurv_error_data"
  )
  expect_identical(error$where, 1L)
  far <- tidy(restricted_mean(Surv(month, death) ~ arm, arms, tau = 16, extend = TRUE))
  # A is extended at S = 3/8; B has reached 0
  expect_equal(far$estimate, c(2 + 4 * 3 / 4 + 10 * 3 / 8, 4.5), tolerance = 1e-15)
  # by the tie rule, 7 (1 + 5e-10) equals 7
  expect_s3_class(
    restricted_mean(Surv(month, death) ~ arm, arms, tau = 7 * (1 + 5e-10)),
    "restricted_mean"
  )
})

test_that("reference, more than two groups, strata", {
  d <- random_rows("ties", 1)
  d$group <- factor(rep_len(c("a", "b = 2", "c, 3"), nrow(d)))
  fit <- restricted_mean(Surv(time, event) ~ group, d, reference = "b = 2")
  expect_identical(
    fit$contrasts$contrast, c("a - b = 2", "c, 3 - b = 2", "a / b = 2", "c, 3 / b = 2")
  )
  e <- tidy(fit)$estimate
  expect_equal(
    fit$contrasts$estimate, c(e[1] - e[2], e[3] - e[2], e[1] / e[2], e[3] / e[2]),
    tolerance = 1e-14
  )
  within <- restricted_mean(Surv(time, event) ~ group + strata(stratum), d)
  x <- restricted_mean(Surv(time, event) ~ group, d[d$stratum == "y", ],
    tau = tidy(within)$tau[1]
  )
  columns <- setdiff(names(x$contrasts), "tau")
  expect_equal(
    within$contrasts[within$contrasts$stratum == "y", columns], x$contrasts[columns],
    ignore_attr = "row.names"
  )
  expect_error(
    restricted_mean(Surv(time, event) ~ group, d, reference = "z"), "is not a group",
    class = "oligosurv_error_input"
  )
  expect_identical(nrow(restricted_mean(Surv(time, event) ~ 1, d)$contrasts), 0L)
})

test_that("empty groups are NA and do not set tau; no subjects at all", {
  d <- transform(arms, arm = factor(arm, c("A", "B", "C")))
  fit <- restricted_mean(Surv(month, death) ~ arm, d)
  expect_identical(tidy(fit)$tau, c(7, 7, 7))
  expect_identical(tidy(fit)$estimate[3], NA_real_)
  expect_identical(fit$contrasts$reason, rep(c(NA, "no estimate in C"), 2))
  none <- restricted_mean(Surv(month, death) ~ arm, arms[0, ], tau = 3)
  expect_identical(tidy(none)$estimate, NA_real_)
})

test_that("left truncation: an empty risk set gives a message and ends the curve", {
  d <- data.frame(entry = c(0, 3, 3), exit = c(2, 5, 6), event = c(1, 0, 1))
  expect_message(
    fit <- restricted_mean(Surv(entry, exit, event) ~ 1, d), "falls to 0 at time 2",
    class = "oligosurv_message"
  )
  expect_identical(tidy(fit)$estimate, 2)
  expect_identical(tidy(fit)$std.error, 0)
  expect_equal(tidy(fit)$conf.high, 2 + 4 * 0.975, tolerance = 1e-15)
  # at risk 2, 3, 2 at times 2, 4, 5; S = 1/2, 1/3, 1/3
  d <- data.frame(entry = c(0, 0, 2, 2), exit = c(2, 4, 5, 6), event = c(1, 1, 0, 0))
  fit <- tidy(restricted_mean(Surv(entry, exit, event) ~ 1, d))
  expect_equal(fit$estimate, 2 + 2 / 2 + 2 / 3, tolerance = 1e-15)
  expect_equal(
    fit$std.error, sqrt((5 / 3)^2 / 2 + (2 / 3)^2 / 6), tolerance = 1e-15
  )
})

test_that("huge and tiny times do not overflow", {
  for (unit in c(1e-300, 1e300)) {
    d <- transform(arms, month = month * unit)
    fit <- tidy(restricted_mean(Surv(month, death) ~ arm, d, tau = 6 * unit))
    expect_equal(fit$estimate / unit, c(5, 4), tolerance = 1e-14)
    expect_equal(fit$std.error / unit, sqrt(c(3 / 4, 9 / 8)), tolerance = 1e-14)
  }
})

test_that("glance, print and errors by class", {
  fit <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 6)
  expect_identical(
    glance(fit)[c("tau", "n", "n.event")],
    data.frame(tau = 6, n = 8, n.event = 5)
  )
  expect_identical(as.data.frame(fit), tidy(fit))
  withr::local_options(width = 120)
  out <- capture.output(print(fit))
  expect_match(out[1], "Restricted mean survival time to tau = 6: 8 subjects")
  expect_match(out[2], "Greenwood-type variance; 95% beta intervals")
  expect_true(any(grepl("B \u2212 A", out)))
  f <- Surv(month, death) ~ arm
  expect_error(restricted_mean(f, arms, tau = -1), class = "oligosurv_error_input")
  expect_error(restricted_mean(f, arms, tau = NA), class = "oligosurv_error_input")
  expect_error(restricted_mean(f, arms, extend = 1), class = "oligosurv_error_input")
  expect_error(
    restricted_mean(f, arms, conf.type = "t"), class = "oligosurv_error_input"
  )
  expect_error(restricted_mean(f, arms, cut = 1), class = "oligosurv_error_input")
  expect_error(
    restricted_mean(f, transform(arms, month = -month)), class = "oligosurv_error_domain"
  )
})
