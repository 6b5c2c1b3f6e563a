# survival_band(): estimators, lower limits, bands, conditional survival.

# Simulates a Brownian bridge on a fine grid. The discrete maximum is 0.5826 steps of the
# process below the continuous maximum (Broadie, Glasserman and Kou 1997).
bridge_share <- function(bound, from, to, n_path = 4000, step = 1 / 2000) {
  at <- seq(step, 1 - step, by = step)
  inside <- which(at >= from - 1e-9 & at <= to + 1e-9)
  walks <- withr::with_seed(1, {
    matrix(stats::rnorm(n_path * (length(at) + 1L), sd = sqrt(step)), n_path)
  })
  total <- walks[, 1L] - rowSums(walks) * step
  end <- rowSums(walks)
  value <- 0
  stays <- rep(TRUE, n_path)
  for (i in seq_along(at)) {
    value <- value + walks[, i]
    if (i %in% inside) {
      stays <- stays & abs(value - at[i] * end) < bound(at[i]) - 0.5826 * sqrt(step)
    }
  }
  mean(stays)
}

# Critical value from n subjects without censoring: n v / (1 + n v) is k / n at the k-th
# failure, so the range of the bridge can be chosen.
critical <- function(band, from, to, level = 0.95, n = 1000) {
  curve <- kaplan_meier(Surv(seq_len(n), rep(1, n)) ~ 1, conf.level = level)
  fit <- survival_band(curve, band, range = c(from, to) * n)
  fit$band$critical
}

test_that("Hall-Wellner values of the published tables", {
  # Klein & Moeschberger 2003, table C.4 and example 4.2
  expect_identical(round(critical("hall-wellner", 0.1, 0.6), 4), 1.3211)
  # Kolmogorov's limit for the whole bridge
  whole <- critical("hall-wellner", 0.001, 0.999)
  expect_equal(whole, 1.3580986, tolerance = 1e-7)
  expect_equal(critical("hall-wellner", 0.001, 0.999, 0.9), 1.2238479, tolerance = 1e-7)
  expect_equal(critical("hall-wellner", 0.001, 0.999, 0.99), 1.6276236, tolerance = 1e-7)
})

test_that("equal precision is near its approximation, and in the limit the normal", {
  # Miller & Siegmund 1982: 4 phi(c) / c + phi(c) (c - 1 / c) log(odds ratio) = alpha
  for (range in list(c(0.1, 0.6), c(0.1, 0.9), c(0.02, 0.98))) {
    odds <- range / (1 - range)
    near <- stats::uniroot(function(c) {
      dnorm(c) * (4 / c + (c - 1 / c) * log(odds[2] / odds[1])) - 0.01
    }, c(2, 5), tol = 1e-10)$root
    got <- critical("equal-precision", range[1], range[2], 0.99)
    expect_equal(got, near, tolerance = 2e-3)
  }
  one <- survival_band(kaplan_meier(Surv(c(1, 2, 2), c(1, 0, 0)) ~ 1), "equal-precision")
  expect_equal(one$band$critical, stats::qnorm(0.975), tolerance = 1e-10)
  short <- vapply(c(0.5001, 0.502, 0.505, 0.51), function(to) {
    critical("equal-precision", 0.5, to, n = 10000)
  }, 0)
  expect_true(all(diff(short) > 0) && short[1] > stats::qnorm(0.975))
})

test_that("critical values by simulation", {
  k <- critical("hall-wellner", 0.1, 0.6)
  c <- critical("equal-precision", 0.1, 0.6)
  bound <- 3 * sqrt(0.95 * 0.05 / 4000)
  expect_lt(abs(bridge_share(function(u) k, 0.1, 0.6) - 0.95), bound)
  share <- bridge_share(function(u) c * sqrt(u * (1 - u)), 0.1, 0.6)
  expect_lt(abs(share - 0.95), bound)
})

test_that("band limits are those of the formulas", {
  d <- random_rows("ties", 5)
  for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
    for (band in band_types) {
      curve <- kaplan_meier(Surv(time, event) ~ 1, d, conf.type = "plain")
      fit <- survival_band(curve, band, scale = type)
      rows <- tidy(fit)
      at <- which(!is.na(rows$band.low))
      s <- rows$estimate[at]
      v <- (rows$std.error[at] / s)^2
      n <- nrow(d)
      half <- fit$band$critical * # half the width on the scale of S
        (if (band == "hall-wellner") s * (1 + n * v) / sqrt(n) else rows$std.error[at])
      want <- switch(type,
        plain = cbind(s - half, s + half),
        log = s * exp(cbind(-half, half) / s),
        "log-log" = s^exp(cbind(half, -half) / (s * abs(log(s)))),
        logit = stats::plogis(stats::qlogis(s) + cbind(-half, half) / (s * (1 - s))),
        arcsin = sin(pmin(pmax(
          asin(sqrt(s)) + cbind(-half, half) / (2 * sqrt(s * (1 - s))), 0
        ), pi / 2))^2
      )
      want <- pmin(pmax(want, 0), 1)
      expect_equal(rows$band.low[at], want[, 1], tolerance = 1e-12)
      expect_equal(rows$band.high[at], want[, 2], tolerance = 1e-12)
      expect_true(all(rows$estimate[at] > 0 & rows$estimate[at] < 1))
    }
  }
})

test_that("by default a band is on the arcsine scale and holds the exact limits", {
  d <- random_rows("ties", 5)
  f <- Surv(time, event) ~ group
  for (band in band_types) {
    alone <- survival_band(kaplan_meier(f, d, conf.type = "plain"), band)
    logit <- kaplan_meier(f, d, conf.type = "logit")
    same <- survival_band(logit, band, scale = "arcsin")
    expect_identical(alone$band.low, same$band.low)
    expect_identical(alone$band$scale, "arcsin")
    usual <- kaplan_meier(f, d)
    fit <- survival_band(kaplan_meier(f, d), band)
    limits <- c("estimate", "conf.low", "conf.high", "conf.type")
    expect_identical(unclass(fit)[limits], unclass(usual)[limits])
    expect_identical(fit$band.low, pmin(alone$band.low, usual$conf.low))
    expect_identical(fit$band.high, pmax(alone$band.high, usual$conf.high))
    expect_true(any(fit$band.low < alone$band.low, na.rm = TRUE))
  }
})

test_that("bands hold the curve of 16 subjects, those on the log-log scale too seldom", {
  n_set <- 300
  d <- withr::with_seed(2, data.frame(
    t = stats::rexp(16 * n_set), c = stats::runif(16 * n_set, 0.5, 3),
    set = factor(rep(seq_len(n_set), each = 16))
  ))
  d$time <- pmin(d$t, d$c)
  d$event <- as.integer(d$t <= d$c)
  share <- function(type, scale = "arcsin", ...) {
    fit <- kaplan_meier(Surv(time, event) ~ set, d, ...)
    fit <- survival_band(fit, type, scale = scale)
    set <- rep.int(seq_len(n_set), fit$size)
    before <- c(NA, fit$band.low[-length(set)])
    before[c(TRUE, diff(set) > 0)] <- NA
    out <- !is.na(fit$band.low) & (exp(-fit$time) > fit$band.high |
      exp(-fit$time) < fit$band.low | (!is.na(before) & exp(-fit$time) < before))
    mean(!(seq_len(n_set) %in% set[out]))
  }
  for (band in band_types) {
    expect_gt(share(band), 0.945)
    alone <- share(band, "log-log", conf.type = "log-log")
    expect_lt(alone, share(band) - 0.02)
  }
})

test_that("the band has two times, and is wider than the interval", {
  f <- Surv(time, event) ~ group
  d <- random_rows("continuous", 2)
  d$time <- round(d$time, 2)
  expect_error(survival_band(kaplan_meier(f, d), "equal"), "equal-precision",
    class = "oligosurv_error_input"
  )
  curve <- kaplan_meier(f, d, conf.type = "arcsin")
  fit <- survival_band(curve, "equal-precision", range = c(2, 9))
  rows <- tidy(fit)
  inside <- !is.na(rows$band.low)
  expect_true(all(rows$band.low[inside] < rows$conf.low[inside]))
  expect_true(all(rows$time[inside] >= 2 & rows$time[inside] <= 9))
  at <- summary(fit, times = c(1, 3, 9.5))
  expect_identical(is.na(at$band.low), is.na(at$band.high))
  expect_true(all(is.na(at$band.low[at$time != 3])))
  none <- survival_band(kaplan_meier(Surv(1:3, c(0, 0, 0)) ~ 1), "hall-wellner")
  expect_identical(none$band$critical, NA_real_)
  expect_output(print(none), "no time with an estimate between 0 and 1")
  expect_error(
    survival_band(kaplan_meier(f, d), "hall-wellner", range = 9:8), "earlier first",
    class = "oligosurv_error_input"
  )
  late <- Surv(time / 2, time, event) ~ 1
  expect_error(survival_band(kaplan_meier(late, d), "hall-wellner"), "left truncation",
    class = "oligosurv_error_data"
  )
  expect_message(curve <- kaplan_meier(late, d), "falls to 0")
  expect_no_message(equal <- survival_band(curve, "equal-precision"))
  expect_false(is.na(equal$band$critical))
})

test_that("lower limits, estimators and hazards as survival has them", {
  skip_on_cran() # takes seconds
  forms <- list(
    "kaplan-meier" = c(1, 1), breslow = c(2, 1), "fleming-harrington" = c(2, 2)
  )
  for (kind in c("ties", "continuous", "tiny", "days")) {
    for (seed in 1:4) {
      d <- random_rows(kind, seed)
      if (!any(d$event > 0)) next
      for (name in names(forms)) {
        for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
          for (lower in lower_types) {
            fit <- kaplan_meier(Surv(time, event) ~ 1, d, conf.type = type)
            fit <- survival_estimate(fit, name, lower)
            peer <- survival::survfit(Surv(time, event) ~ 1, d,
              conf.type = type, conf.lower = lower, stype = forms[[name]][1],
              ctype = forms[[name]][2]
            )
            open <- fit$estimate > 1e-9 & fit$estimate < 1
            expect_equal(fit$estimate[open], peer$surv[open], tolerance = 1e-12)
            expect_equal(
              fit$std.error[open], (peer$std.err * peer$surv)[open],
              tolerance = 1e-12
            )
            expect_equal(fit$conf.low[open], peer$lower[open], tolerance = 1e-10)
            expect_equal(fit$conf.high[open], peer$upper[open], tolerance = 1e-10)
          }
        }
        hazard <- cumulative_hazard(fit,
          ties = if (name == "fleming-harrington") name else "nelson-aalen"
        )
        expect_equal(hazard$estimate, peer$cumhaz, tolerance = 1e-12)
        expect_equal(hazard$std.error, peer$std.chaz, tolerance = 1e-12)
      }
    }
  }
})

test_that("mid-p limits are the quantiles of the even mixture", {
  # no censoring before t: the mid-p limits for 7 of 10 solve the binomial equation
  fit <- kaplan_meier(Surv(1:10, rep(1, 10)) ~ 1, conf.type = "mid-p")
  at <- tidy(fit, times = c(0, 3, 10))
  tail <- function(p, upper) {
    sum(stats::dbinom(if (upper) 0:6 else 8:10, 10, p)) + stats::dbinom(7, 10, p) / 2
  }
  expect_equal(tail(at$conf.low[2], FALSE), 0.025, tolerance = 1e-10)
  expect_equal(tail(at$conf.high[2], TRUE), 0.025, tolerance = 1e-10)
  expect_equal(at$conf.low[1], 0.05^(1 / 10), tolerance = 1e-14)
  expect_equal(at$conf.high[3], 1 - 0.05^(1 / 10), tolerance = 1e-12)
  expect_identical(at$conf.type, rep("mid-p", 3))
  for (seed in 1:5) {
    d <- random_rows("ties", seed)
    exact <- kaplan_meier(Surv(time, event) ~ group, d, conf.type = "exact")
    mid <- kaplan_meier(Surv(time, event) ~ group, d, conf.type = "mid-p")
    expect_true(all(mid$conf.low >= exact$conf.low & mid$conf.high <= exact$conf.high))
    expect_true(all(mid$conf.low <= mid$estimate & mid$estimate <= mid$conf.high))
    cif <- tidy(cumulative_incidence(Surv(time, status) ~ group, d, conf.type = "mid-p"))
    expect_true(all(cif$conf.low <= cif$estimate & cif$estimate <= cif$conf.high))
  }
})

test_that("mid-p limits as bpcp has them", {
  skip_if_not_installed("bpcp")
  for (seed in 1:10) {
    d <- random_rows("ties", seed)
    peer <- getExportedValue("bpcp", "bpcp")(d$time, d$event, midp = TRUE, nmc = 0)
    fit <- kaplan_meier(Surv(time, event) ~ 1, d, conf.type = "mid-p")
    row <- vapply(fit$time, function(t) which(peer$L <= t & t < peer$R)[1], 1L)
    known <- !is.na(row)
    # the accuracy of bpcp is 1e-4
    expect_lt(max(abs(fit$conf.low - peer$lower[row])[known]), 2e-4)
    expect_lt(max(abs(fit$conf.high - peer$upper[row])[known]), 2e-4)
  }
})

test_that("conditional survival is S(t) / S(start), with the variance after the start", {
  for (kind in c("ties", "continuous", "days")) {
    d <- random_rows(kind, 3)
    start <- stats::quantile(d$time, 0.3, names = FALSE)
    fit <- kaplan_meier(Surv(time, event) ~ group, d, from = start)
    left <- kaplan_meier(Surv(time, event) ~ group, d[d$time > start, ])
    expect_identical(fit$estimate, left$estimate)
    expect_identical(fit$std.error, left$std.error)
    all <- kaplan_meier(Surv(time, event) ~ group, d)
    late <- sort(unique(d$time[d$time > start]))
    whole <- tidy(all, times = late)$estimate /
      rep(tidy(all, times = start)$estimate, each = length(late))
    expect_equal(tidy(fit, times = late)$estimate, whole, tolerance = 1e-12)
    first <- tidy(fit)
    first <- first[!duplicated(first$strata), ]
    expect_identical(first$time, rep(start, nrow(first)))
    expect_identical(first$estimate, rep(1, nrow(first)))
    table <- kaplan_meier(event_table(Surv(time, event) ~ group, d), from = start)
    expect_identical(tidy(table), tidy(fit))
    expect_identical(quantile(table), quantile(fit))
    # survfit keeps those who leave at start.time; nobody leaves at `between`
    between <- start + 1e-4
    peer <- survival::survfit(Surv(time, event) ~ 1, d, start.time = between)
    got <- kaplan_meier(Surv(time, event) ~ 1, d, from = between)
    expect_equal(got$estimate, peer$surv, tolerance = 1e-12)
    expect_equal(got$std.error[got$estimate > 0],
      (peer$std.err * peer$surv)[got$estimate > 0], tolerance = 1e-12)
  }
})

test_that("conditional survival with late entries and with ids", {
  d <- data.frame(
    entry = c(0, 0, 1, 2, 4, 0), exit = c(3, 2, 4, 6, 7, 9), event = c(1, 1, 1, 0, 1, 1),
    id = c(1, 1, 2, 2, 3, 3)
  )
  fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d, from = 3)
  left <- d[d$exit > 3, ]
  want <- kaplan_meier(Surv(pmax(entry, 3), exit, event) ~ 1, left)
  expect_identical(fit[c("n.risk", "estimate")], unclass(want)[c("n.risk", "estimate")])
  at <- tidy(fit)
  expect_identical(at$n.risk[1], 3) # three of the four with exit after 3 have entered
  by_id <- kaplan_meier(Surv(exit, event) ~ 1, d, id = id, from = 3)
  want <- kaplan_meier(Surv(exit, event) ~ 1, left, id = id)
  expect_identical(by_id$std.error, want$std.error)
  expect_identical(tidy(by_id)$n.id[-1], tidy(want)$n.id[-1])
})

test_that("options that contradict each other are refused", {
  d <- data.frame(time = 1:4, event = c(1, 0, 1, 1), id = c(1, 1, 2, 3))
  f <- Surv(time, event) ~ 1
  for (type in c("exact", "mid-p")) {
    exact <- kaplan_meier(f, d, conf.type = type)
    for (lower in lower_types[-1]) {
      expect_error(survival_estimate(exact, conf.lower = lower), type,
        class = "oligosurv_error_input"
      )
    }
    expect_error(survival_estimate(exact, "breslow"), "Kaplan-Meier",
      class = "oligosurv_error_input"
    )
    expect_identical(survival_estimate(exact), exact)
    expect_named(survival_band(exact)$band, c("type", "scale", "from", "to", "critical"))
  }
  fit <- kaplan_meier(f, d)
  bare <- kaplan_meier(f, d, conf.type = "none")
  for (bad in list(bare, follow_up(f, d), event_table(f, d), NULL)) {
    expect_error(survival_band(bad), "fit", class = "oligosurv_error_input")
    expect_error(survival_estimate(bad, "breslow"), "fit",
      class = "oligosurv_error_input"
    )
  }
  expect_error(survival_band(fit, scale = "root"), "arcsin",
    class = "oligosurv_error_input"
  )
  expect_error(survival_band(fit, "equal-precision", rnage = 1), "did you mean `range`",
    class = "oligosurv_error_input"
  )
  expect_error(survival_estimate(survival_band(fit), "breslow"), "first",
    class = "oligosurv_error_input"
  )
  for (bad in list(
    kaplan_meier(f, d, id = id),
    kaplan_meier(f, d, weights = id, weight_type = "sampling")
  )) {
    expect_error(survival_estimate(bad, "breslow"), "ignore",
      class = "oligosurv_error_data"
    )
    expect_error(survival_band(bad), "ignore", class = "oligosurv_error_data")
  }
  expect_error(kaplan_meier(f, d, from = -1), "from", class = "oligosurv_error_input")
  fit <- kaplan_meier(f, d, from = 2)
  expect_error(summary(fit, times = 1), "at least `from`, 2",
    class = "oligosurv_error_domain"
  )
  expect_error(kaplan_meier(f, d, from = 2, times = 1), "at least `from`",
    class = "oligosurv_error_domain"
  )
  skip_if_not_installed("ggplot2")
  expect_gt(length(ggplot2::ggplot_build(ggplot2::autoplot(fit))$data), 1)
})

test_that("nobody at risk after the conditioning time", {
  d <- data.frame(time = 1:4, event = c(1, 0, 1, 1))
  f <- Surv(time, event) ~ 1
  gone <- kaplan_meier(f, d, from = 9)
  expect_identical(tidy(gone)$estimate, NA_real_)
  expect_identical(glance(gone)$n, 0)
})

test_that("the print is as expected", {
  d <- data.frame(month = c(2, 3, 3, 5, 8, 9), dead = c(1, 1, 1, 0, 1, 0))
  expect_snapshot({
    fit <- kaplan_meier(Surv(month, dead) ~ 1, d)
    later <- kaplan_meier(Surv(month, dead) ~ 1, d, from = 2)
    print(survival_estimate(later, conf.lower = "peto"))
    print(survival_band(survival_estimate(fit, "fleming-harrington"), "hall-wellner"))
    print(summary(survival_band(fit, "equal-precision"), times = c(3, 8)))
  })
})

test_that("there is no band if the curve ends before the range", {
  d <- data.frame(t = c(1:9, 30), s = c(1, 1, 0, 1, 0, 1, 1, 0, 1, 0), g = 1)
  fit <- kaplan_meier(Surv(t, s) ~ 1, d)
  band <- survival_band(fit, range = c(50, 60))
  expect_identical(c(band$band$from, band$band$to, band$band$critical), rep(NA_real_, 3))
  expect_true(all(is.na(band$band.low)))
  expect_output(print(band), "none, no time in `range`")
  expect_false(is.na(survival_band(fit, range = c(20, 60))$band$critical))
})

test_that("a time that equals the range up to rounding is in it", {
  d <- data.frame(time = c(0.1, 0.3 - 3e-13, 0.5, 0.7, 0.9), dead = 1)
  band <- tidy(survival_band(kaplan_meier(Surv(time, dead) ~ 1, d), range = c(0.3, 0.7)))
  inside <- band$time > 0.2 & band$time < 0.8
  expect_identical(is.na(band$band.low), !inside)
})
