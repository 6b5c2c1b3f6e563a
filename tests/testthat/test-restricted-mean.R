# Published and exact areas are also in test-reference.R.

small <- data.frame(
  month = c(2, 4, 6, 8, 1, 3, 5, 7), death = c(1, 0, 1, 0, 1, 1, 0, 1),
  arm = rep(c("A", "B"), each = 4)
)

# Mean time lost to each cause (in the order of `causes`) and its variance from the
# definition: the delta method on the multinomial increments h, in which the area is
# linear one by one, so that a step of 1 is the derivative.
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

sets <- lapply(
  random_sets(4, setdiff(random_kinds, "no event")),
  function(d) cbind(d, event = as.integer(d$cause > 0))
)

gap_above <- function(gaps, tolerance) {
  gaps <- unlist(gaps)
  gaps[!gaps <= tolerance]
}

test_that("by hand: two groups of four", {
  fit <- restricted_mean(Surv(month, death) ~ arm, small, tau = 6, conf.type = "plain")
  expect_equal(tidy(fit)$estimate, c(5, 4), tolerance = 1e-15)
  # A: at 2, 3 months of area left: 3^2 / (4 * 3); the event at 6 leaves none
  # B: at 1 (3/2 + 3/2)^2 / 12 + at 3 (3/2)^2 / (3 * 2)
  expect_equal(tidy(fit)$std.error, sqrt(c(9 / 12, 9 / 12 + 9 / 24)), tolerance = 1e-15)
  expect_identical(tidy(fit)$tau, c(6, 6))
  z <- stats::qnorm(0.975)
  expect_equal(tidy(fit)$conf.low, c(5, 4) - z * tidy(fit)$std.error, tolerance = 1e-14)
  expect_identical(tidy(fit)$conf.high, c(6, 6)) # not beyond tau

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

# Limits of the difference in time free of the event of two groups of four, from shapes
# of the beta distribution by hand
by_hand <- function(tail, mid = TRUE) {
  p <- c(5, 4) / 6
  widen <- stats::qt(tail, 3) / stats::qnorm(tail)
  n <- p * (1 - p) / (c(3 / 4, 9 / 8) / 36 * widen^2)
  half <- function(x, i) {
    (stats::pbeta(x, n[i] * p[i], n[i] * (1 - p[i]) + 1) +
      stats::pbeta(x, n[i] * p[i] + 1, n[i] * (1 - p[i]))) / 2
  }
  limit <- function(i, share) {
    6 * stats::uniroot(function(x) half(x, i) - share, c(0, 1), tol = 1e-14)$root
  }
  low <- c(limit(1, tail), limit(2, tail))
  high <- c(limit(1, 1 - tail), limit(2, 1 - tail))
  -1 + c(
    -sqrt((4 - low[2])^2 + (high[1] - 5)^2), sqrt((high[2] - 4)^2 + (5 - low[1])^2)
  )
}

test_that("contrasts: MOVER of mid-p limits by default, and p by their inversion", {
  fit <- restricted_mean(Surv(month, death) ~ arm, small, tau = 6)
  row <- fit$contrasts[1, ]
  expect_identical(fit$contrasts$conf.type, c("mover, mid-p", "mover, mid-p"))
  expect_identical(tidy(fit)$conf.type, c("beta", "beta"))
  expect_equal(c(row$conf.low, row$conf.high), by_hand(0.025), tolerance = 1e-8)
  p <- stats::uniroot(function(p) by_hand(p / 2)[2], c(0.2, 0.9), tol = 1e-12)$root
  expect_equal(row$p.value, p, tolerance = 1e-7)
  expect_equal(row$statistic, stats::qnorm(p / 2), tolerance = 1e-7)
  mid <- restricted_mean(Surv(month, death) ~ arm, small, tau = 6, conf.type = "mid-p")
  expect_identical(mid$contrasts, fit$contrasts)
  expect_identical(tidy(mid)$conf.type, c("mid-p", "mid-p"))
  expect_true(all(tidy(mid)$conf.low > tidy(fit)$conf.low))
  expect_output(print(fit), "beta intervals, .*contrasts by MOVER \\(mid-p\\), p by inv")
})

test_that("p is below 1 - conf.level exactly where the interval leaves out 0, or 1", {
  found <- 0
  for (kind in c("ties", "continuous", "no event", "rare", "all events")) {
    d <- random_rows(kind, 6)
    d$event <- as.integer(d$cause > 0)
    d$id <- rep_len(seq_len(ceiling(nrow(d) * 0.6)), nrow(d))
    d$w <- rep_len(1:3, nrow(d))
    tau <- stats::quantile(d$time, 0.5, type = 1, names = FALSE)
    for (level in c(0.5, 0.9, 0.95, 0.99)) {
      for (type in list(NULL, "beta", "mid-p", "plain")) {
        for (fit in list(
          restricted_mean(Surv(time, event) ~ group, d, tau, level, TRUE, type),
          restricted_mean(Surv(time, status) ~ group, d, tau, level, TRUE, type),
          restricted_mean(Surv(time, status) ~ group, d, tau, level, TRUE, type, id = id),
          restricted_mean(Surv(time, event) ~ group, d, tau, level, TRUE, type,
            weights = w, weight_type = "sampling"
          )
        )) {
          rows <- fit$contrasts[!is.na(fit$contrasts$conf.low), ]
          expect_false(anyNA(rows$p.value))
          null <- ifelse(rows$measure == "ratio", 1, 0)
          expect_identical(
            rows$p.value < 1 - level, rows$conf.low > null | rows$conf.high < null
          )
          found <- found + sum(rows$p.value < 1 - level)
        }
      }
    }
  }
  expect_gt(found, 50)
})

test_that("by id, with sampling weights and late entry contrasts have the beta limits", {
  d <- transform(small, id = c(1, 1:7), w = 1, entry = c(0, 0, 0, 3, 0, 0, 0, 2))
  type <- function(...) unique(restricted_mean(..., tau = 6)$contrasts$conf.type)
  expect_identical(type(Surv(month, death) ~ arm, d), "mover, mid-p")
  expect_identical(type(Surv(month, death) ~ arm, d, id = id), "mover, beta")
  expect_identical(type(Surv(month, death) ~ arm, d, id = 1:8), "mover, mid-p")
  sampled <- type(Surv(month, death) ~ arm, d, weights = w, weight_type = "sampling")
  expect_identical(sampled, "mover, beta")
  expect_identical(type(Surv(entry, month, death) ~ arm, d), "mover, beta")
  # split follow-up is no late entry: the same limits and p as of whole rows
  split <- d[rep(1:8, each = 2), ]
  first <- rep(c(TRUE, FALSE), 8)
  split$from <- ifelse(first, 0, 0.5)
  split$month[first] <- 0.5
  split$death[first] <- 0
  got <- restricted_mean(Surv(from, month, death) ~ arm, split, tau = 6)
  want <- restricted_mean(Surv(month, death) ~ arm, d, tau = 6)
  expect_equal(got$contrasts, want$contrasts, tolerance = 1e-9)
  expect_equal(tidy(got), tidy(want), tolerance = 1e-9)
})

test_that("tau past a last time at which all who are left have the event", {
  # S is 0 from 7 on in B, known; A ends with a censoring at 8
  fit <- restricted_mean(Surv(month, death) ~ arm, small, tau = 8)
  expect_equal(tidy(fit)$estimate, c(5 + 2 * 3 / 8, 4.5), tolerance = 1e-15)
  dead <- data.frame(t = c(1, 2, 3, 4), e = 1, g = rep(c("a", "b"), each = 2))
  fit <- restricted_mean(Surv(t, e) ~ g, dead, tau = 10)
  expect_equal(tidy(fit)$estimate, c(1.5, 3.5), tolerance = 1e-15)
  extended <- restricted_mean(Surv(t, e) ~ g, dead, tau = 10, extend = TRUE)
  expect_identical(fit$contrasts, extended$contrasts)
  # competing: nobody is event-free after 4; a censoring tied with the last event is open
  cause <- factor(c(1, 2, 1, 2), 0:2)
  lost <- restricted_mean(Surv(1:4, cause) ~ 1, tau = 10)
  expect_equal(tidy(lost)$estimate, c((9 + 7) / 4, (8 + 6) / 4), tolerance = 1e-15)
  expect_error(
    restricted_mean(Surv(c(1, 2, 2), c(1, 1, 0)) ~ 1, tau = 5),
    class = "oligosurv_error_data"
  )
  # an early risk set that became empty, with others after it: S stays 0
  expect_message(late <- restricted_mean(
    Surv(c(0, 3, 3), c(2, 5, 6), c(1, 1, 0)) ~ 1, tau = 9
  ), "falls to 0")
  expect_identical(tidy(late)$estimate, 2)
  by_id <- restricted_mean(Surv(t, e) ~ g, transform(dead, id = 1:4), tau = 10, id = id)
  expect_equal(tidy(by_id)$estimate, c(1.5, 3.5), tolerance = 1e-15)
})

test_that("beta limits: Clopper-Pearson on the effective number, MOVER for contrasts", {
  fit <- restricted_mean(Surv(month, death) ~ arm, small, tau = 6)
  p <- c(5, 4) / 6
  widen <- stats::qt(0.975, 3) / stats::qnorm(0.975)
  n <- p * (1 - p) / (c(3 / 4, 9 / 8) / 36 * widen^2)
  rows <- tidy(fit)
  expect_identical(rows$conf.type, c("beta", "beta"))
  low <- 6 * stats::qbeta(0.025, n * p, n - n * p + 1)
  high <- 6 * stats::qbeta(0.975, n * p + 1, n - n * p)
  expect_equal(rows$conf.low, low, tolerance = 1e-12)
  expect_equal(rows$conf.high, high, tolerance = 1e-12)
  contrasts <- restricted_mean(
    Surv(month, death) ~ arm, small, tau = 6, conf.type = "beta"
  )$contrasts
  expect_identical(contrasts$conf.type, c("mover, beta", "mover, beta"))
  expect_equal(contrasts$conf.low, c(
    -1 - sqrt((4 - low[2])^2 + (high[1] - 5)^2),
    0.8 * exp(-sqrt(log(4 / low[2])^2 + log(high[1] / 5)^2))
  ), tolerance = 1e-12)
  expect_equal(contrasts$conf.high, c(
    -1 + sqrt((high[2] - 4)^2 + (5 - low[1])^2),
    0.8 * exp(sqrt(log(high[2] / 4)^2 + log(5 / low[1])^2))
  ), tolerance = 1e-12)
  # of the time lost: those of the mean, turned round
  lost <- transform(small, cause = factor(death, 0:2, c("censored", "death", "never")))
  lost <- tidy(restricted_mean(Surv(month, cause) ~ arm, lost, tau = 6))
  expect_equal(6 - lost$conf.low[1:2], high, tolerance = 1e-12)
  wide <- tidy(restricted_mean(
    Surv(month, death) ~ arm, small, tau = 6, conf.level = 0.99
  ))
  expect_true(all(wide$conf.low < low & wide$conf.high > high))
})

test_that("beta limits cover in groups of 9 where Wald's do not", {
  d <- withr::with_seed(2, {
    data.frame(fail = stats::rexp(9 * 400, 0.03), end = stats::runif(9 * 400, 6, 40))
  })
  d <- transform(d, time = pmin(fail, end), event = fail <= end)
  d$set <- factor(rep(1:400, each = 9))
  truth <- (1 - exp(-0.03 * 12)) / 0.03
  cover <- vapply(c("beta", "plain"), function(type) {
    rows <- tidy(restricted_mean(Surv(time, event) ~ set, d,
      tau = 12, extend = TRUE, conf.type = type
    ))
    mean(rows$conf.low <= truth & truth <= rows$conf.high)
  }, 0)
  expect_gt(cover[["beta"]], 0.94)
  expect_lt(cover[["plain"]], 0.91)
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
        # one cause: the time lost has the error of the mean
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

test_that("one cause loses tau - mean with the same error; all causes add up", {
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
  fit <- restricted_mean(Surv(month, death) ~ arm, small)
  expect_identical(tidy(fit)$tau, c(7, 7))
  error <- expect_error(
    restricted_mean(Surv(month, death) ~ arm, small, tau = 8.5),
    "past the last time of 'A' \\(8\\)", class = "oligosurv_error_data"
  )
  expect_identical(error$where, 1L)
  far <- tidy(restricted_mean(Surv(month, death) ~ arm, small, tau = 16, extend = TRUE))
  # A is carried on at 3/8, B has come to 0
  expect_equal(far$estimate, c(2 + 4 * 3 / 4 + 10 * 3 / 8, 4.5), tolerance = 1e-15)
  # 7 + 1e-9 of it is 7 by the tie rule
  expect_s3_class(
    restricted_mean(Surv(month, death) ~ arm, small, tau = 7 * (1 + 5e-10)),
    "restricted_mean"
  )
})

test_that("before the first time the mean is tau, with its exact limits", {
  early <- restricted_mean(Surv(month, death) ~ arm, small, tau = 0.5)
  rows <- tidy(early)
  expect_identical(rows$estimate, c(0.5, 0.5))
  expect_identical(rows$std.error, c(0, 0))
  expect_equal(rows$conf.low, rep(0.5 * 0.025^(1 / 4), 2), tolerance = 1e-15)
  expect_identical(rows$conf.high, c(0.5, 0.5))
  expect_identical(rows$conf.type, c("exact", "exact"))
  difference <- early$contrasts[1, ]
  expect_equal(difference$conf.high, 0.5 * (1 - 0.025^(1 / 4)), tolerance = 1e-14)
  expect_identical(difference$p.value, 1) # no difference at all
  expect_identical(difference$conf.type, "mover, exact")
})

test_that("without events, or when all fail together, the limits are exact areas", {
  rows <- tidy(restricted_mean(Surv(c(2, 4, 4), c(0, 0, 0)) ~ 1))
  expect_identical(rows$estimate, 4)
  expect_equal(rows$conf.low, 2 * 0.025^(1 / 3) + 2 * 0.025^(1 / 2), tolerance = 1e-15)
  together <- restricted_mean(Surv(c(2, 2, 2), c(1, 1, 1)) ~ 1, tau = 5, extend = TRUE)
  together <- tidy(together)
  expect_identical(together$estimate, 2)
  expect_equal(together$conf.low, 2 * 0.025^(1 / 3), tolerance = 1e-15)
  expect_equal(together$conf.high, 2 + 3 * (1 - 0.025^(1 / 3)), tolerance = 1e-15)
  # no death: the time lost to it is 0. Who fails is not lost to follow-up, so 0 of 3 is
  # known of the share of deaths up to the end: at most 1 - 0.025^(1 / 3)
  status <- factor(c(1, 1, 0), 0:2, c("censored", "failure", "death"))
  lost <- tidy(restricted_mean(Surv(c(1, 2, 4), status) ~ 1))
  expect_identical(lost$conf.type, c("beta", "exact"))
  expect_identical(lost$estimate[2], 0)
  expect_equal(lost$conf.high[2], 4 * (1 - 0.025^(1 / 3)), tolerance = 1e-15)
  # 3 known to 1, when one is censored, then 2
  status <- factor(c(0, 1, 1), 0:2, c("censored", "failure", "death"))
  lost <- tidy(restricted_mean(Surv(c(1, 2, 4), status) ~ 1))
  expect_equal(lost$conf.high[2], 4 - 0.025^(1 / 3) - 3 * 0.025^(1 / 2),
    tolerance = 1e-15
  )
  status <- factor(c(1, 1, 0), 0:2, c("censored", "failure", "death"))
  ratio <- restricted_mean(Surv(rep(1:3, 2), rep(status, 2)) ~ rep(c("a", "b"), each = 3))
  ratio <- ratio$contrasts[4, ]
  expect_identical(ratio$estimate, NA_real_)
  expect_match(ratio$reason, "the estimate is 0 in b and a")
})

test_that("reference, more than two groups, strata", {
  d <- random_rows("ties", 1)
  d$event <- as.integer(d$cause > 0)
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
    restricted_mean(Surv(time, event) ~ group, d, reference = "z"), "is no group",
    class = "oligosurv_error_input"
  )
  expect_identical(nrow(restricted_mean(Surv(time, event) ~ 1, d)$contrasts), 0L)
})

test_that("a cause without an event has 0 as its lower limit, not what rounding left", {
  d <- withr::with_seed(1, data.frame(
    set = factor(rep(1:100, each = 9)), time = stats::rexp(900), group = 1:2,
    status = factor(sample(c(0, 2), 900, TRUE), 0:2)
  ))
  expect_silent(fit <- restricted_mean(
    Surv(time, status) ~ group + strata(set), d, tau = 0.3, extend = TRUE
  ))
  rows <- tidy(fit)
  none <- rows$outcome == "1"
  expect_identical(rows$conf.low[none], rep(0, sum(none)))
  expect_true(all(rows$conf.high[none] > 0 & rows$conf.high[none] <= 0.3))
})

test_that("empty groups are NA and do not set tau; no subjects at all", {
  d <- transform(small, arm = factor(arm, c("A", "B", "C")))
  fit <- restricted_mean(Surv(month, death) ~ arm, d)
  expect_identical(tidy(fit)$tau, c(7, 7, 7))
  expect_identical(tidy(fit)$estimate[3], NA_real_)
  expect_identical(fit$contrasts$reason, rep(c(NA, "no estimate in C"), 2))
  none <- restricted_mean(Surv(month, death) ~ arm, small[0, ], tau = 3)
  expect_identical(tidy(none)$estimate, NA_real_)
})

test_that("left truncation: an emptied risk set is told and ends the curve", {
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
    d <- transform(small, month = month * unit)
    fit <- tidy(restricted_mean(Surv(month, death) ~ arm, d, tau = 6 * unit))
    expect_equal(fit$estimate / unit, c(5, 4), tolerance = 1e-14)
    expect_equal(fit$std.error / unit, sqrt(c(3 / 4, 9 / 8)), tolerance = 1e-14)
  }
})

test_that("glance, print and errors by class", {
  fit <- restricted_mean(Surv(month, death) ~ arm, small, tau = 6)
  expect_identical(
    glance(fit)[c("tau", "n", "n.event")],
    data.frame(tau = 6, n = 8, n.event = 5)
  )
  expect_identical(as.data.frame(fit), tidy(fit))
  out <- capture.output(print(fit))
  expect_match(out[1], "Restricted mean survival time to tau = 6: 8 subjects")
  expect_match(out[2], "Greenwood-type variance; 95% beta intervals")
  expect_true(any(grepl("B - A", out)))
  f <- Surv(month, death) ~ arm
  expect_error(restricted_mean(f, small, tau = -1), class = "oligosurv_error_input")
  expect_error(restricted_mean(f, small, tau = NA), class = "oligosurv_error_input")
  expect_error(restricted_mean(f, small, extend = 1), class = "oligosurv_error_input")
  expect_error(
    restricted_mean(f, small, conf.type = "t"), class = "oligosurv_error_input"
  )
  expect_error(restricted_mean(f, small, cut = 1), class = "oligosurv_error_input")
  expect_error(
    restricted_mean(f, transform(small, month = -month)), class = "oligosurv_error_domain"
  )
})

# --- the jackknife: ids and sampling weights --------------------------------------------

# Influence of each row on the mean by its definition, a central difference in its weight
mean_influence <- function(f, d, w, tau, outcome = NULL) {
  estimate <- function(w) {
    d$w <- w
    rows <- restricted_mean(f, d, tau = tau, weights = w, weight_type = "frequency")
    rows <- rows$estimates
    if (is.null(outcome)) rows$estimate else rows$estimate[rows$outcome == outcome]
  }
  vapply(seq_along(w), function(i) {
    step <- 1e-5 * (seq_along(w) == i)
    (estimate(w + step) - estimate(w - step)) / 2e-5
  }, double(length(estimate(w))))
}

test_that("sampling weights and ids: the jackknife of the mean by its definition", {
  d <- random_rows("ties", 3)
  d <- transform(d, event = as.integer(cause > 0), id = seq_along(time) %/% 3)
  d$w <- 0.3 + seq_along(d$time) %% 5
  tau <- stats::quantile(d$time, 0.7, names = FALSE)
  f <- Surv(time, event) ~ 1
  influence <- mean_influence(f, d, d$w, tau)
  fit <- restricted_mean(f, d, tau = tau, weights = w, weight_type = "sampling")
  expect_equal(fit$estimates$std.error, sqrt(sum((d$w * influence)^2)), tolerance = 1e-8)
  by_id <- restricted_mean(f, d,
    tau = tau, weights = w, weight_type = "sampling", id = id
  )
  sums <- tapply(d$w * influence, d$id, sum)
  expect_equal(by_id$estimates$std.error, sqrt(sum(sums^2)), tolerance = 1e-8)
  expect_equal(by_id$estimates$estimate, fit$estimates$estimate, tolerance = 1e-14)
  g <- Surv(time, status) ~ 1
  for (k in levels(d$status)[-1]) {
    influence <- mean_influence(g, d, rep(1, nrow(d)), tau, k)
    lost <- tidy(restricted_mean(g, d, tau = tau, id = id))
    expect_equal(lost$std.error[lost$outcome == k],
      sqrt(sum(tapply(influence, d$id, sum)^2)), tolerance = 1e-8
    )
  }
})

test_that("each row its own id: Greenwood's errors; the values of influence_values()", {
  for (kind in c("ties", "continuous", "zero times")) {
    d <- transform(random_rows(kind, 5), event = as.integer(cause > 0))
    d$id <- paste(d$group, seq_along(d$time) %/% 2)
    f <- Surv(time, status) ~ group
    tau <- min(tapply(d$time, d$group, max))
    plain <- restricted_mean(f, d, tau = tau)
    own <- restricted_mean(f, d, tau = tau, id = seq_len(nrow(d)))
    expect_equal(own$estimates, plain$estimates, tolerance = 1e-10)
    expect_equal(own$contrasts, plain$contrasts, tolerance = 1e-10)
    by_id <- tidy(restricted_mean(f, d, tau = tau, id = id))
    v <- influence_values(f, d, tau = tau, id = id)
    want <- as.vector(tapply(v$influence^2, list(v$strata, v$outcome), sum))
    alone <- tapply(d$id, d$group, function(id) length(unique(id)) == 1L)
    none <- is.na(by_id$std.error)
    expect_true(all(alone[as.character(by_id$strata[none])]))
    expect_equal(by_id$std.error[!none], sqrt(want[!none]), tolerance = 1e-12)
  }
})

test_that("exact limits count ids; one id alone has no error", {
  d <- data.frame(
    time = 1:8, event = c(0, 0, 1, 0, 0, 1, 0, 0), id = c(1, 1, 2, 2, 3, 3, 4, 4),
    group = rep(c("a", "b"), each = 4)
  )
  f <- Surv(time, event) ~ group
  fit <- restricted_mean(f, d, tau = 2, id = id)
  # two ids in each group, one of them gone after time 2
  expect_equal(fit$estimates$conf.low, 2 * rep(0.025^(1 / 2), 2), tolerance = 1e-12)
  expect_identical(fit$estimates$conf.type, c("exact", "exact"))
  expect_output(print(fit), "8 rows in 4 ids")
  one <- restricted_mean(f, d, tau = 4, id = c(1, 1, 1, 1, 3, 3, 4, 4))
  expect_identical(one$estimates$std.error[1], NA_real_)
  expect_identical(one$contrasts$reason, rep("no standard error in a", 2))
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_error(restricted_mean(Surv(time, status) ~ cohort, lesions, tau = 24),
    "id = patient_id", class = "oligosurv_error_data"
  )
})

test_that("ids in both groups: a limit that underflows to 0 is that of a ratio, too", {
  d <- data.frame(
    time = c(3, 1, 10, 4, 10), status = factor(c(2, 2, 1, 0, 1), 0:2),
    group = c(1, 2, 1, 2, 1), id = c(1, 3, 3, 2, 2)
  )
  fit <- restricted_mean(Surv(time, status) ~ group, d,
    tau = 4, conf.level = 0.99, id = id
  )
  # lost to cause 2: (4 - 3) / 3 of 4 in group 1, (4 - 1) / 2 in group 2
  rows <- fit$contrasts[fit$contrasts$outcome == 2, ]
  expect_equal(rows$estimate, c(3 / 2 - 1 / 3, 4.5))
  expect_identical(rows$conf.low[2], 0)
  expect_gt(rows$conf.high[2], 1e20)
  expect_true(all(rows$p.value > 0.01 & rows$p.value <= 1))
  none <- is.na(fit$contrasts$p.value)
  expect_identical(is.na(fit$contrasts$reason), !none)
})

test_that("where the rows of each id cancel the limits are the areas under exact ones", {
  d <- data.frame(
    time = c(1.5, 5.5, 13.5, 2, 3), status = c(0, 1, 1, 0, 0), id = c(1, 2, 2, 3, 4)
  )
  rows <- restricted_mean(Surv(time, status) ~ 1, d, tau = 5.75, id = id)$estimates
  expect_identical(c(rows$estimate, rows$std.error), c(5.625, 0))
  expect_identical(rows$conf.type, "exact")
  curve <- tidy(kaplan_meier(Surv(time, status) ~ 1, d, id = id, conf.type = "exact"))
  curve <- curve[curve$time < 5.75, ]
  width <- diff(c(curve$time, 5.75))
  expect_equal(
    c(rows$conf.low, rows$conf.high),
    c(sum(width * curve$conf.low), sum(width * curve$conf.high)), tolerance = 1e-12
  )
  # time lost, with a death elsewhere, and a contrast with a group of two ids
  d$cause <- factor(c(0, 1, 1, 0, 0), 0:2)
  lost <- restricted_mean(Surv(time, cause) ~ 1, d, tau = 5.75, id = id)$estimates
  expect_equal(lost$estimate, c(0.125, 0))
  expect_equal(
    c(lost$conf.low[1], lost$conf.high[1]), 5.75 - c(rows$conf.high, rows$conf.low),
    tolerance = 1e-12
  )
  two <- rbind(cbind(d, group = 1), data.frame(
    time = 6:7, status = 1, id = 5:6, cause = factor(1, 0:2), group = 2
  ))
  fit <- restricted_mean(Surv(time, status) ~ group, two, tau = 5.75, id = id)
  expect_true(all(is.finite(fit$estimates$conf.low)))
  expect_true(all(is.finite(fit$contrasts$p.value)))
})
