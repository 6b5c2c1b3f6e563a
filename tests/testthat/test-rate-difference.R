# rate_difference(): by hand, p-values and intervals, coverage.

mover <- function(b, a) {
  d <- b$estimate - a$estimate
  c(
    d - sqrt((b$estimate - b$conf.low)^2 + (a$conf.high - a$estimate)^2),
    d + sqrt((b$conf.high - b$estimate)^2 + (a$estimate - a$conf.low)^2)
  )
}

test_that("by hand: S(4) is 3/4 and 1/2", {
  fit <- rate_difference(Surv(month, death) ~ arm, arms, times = 4)
  row <- tidy(fit)
  expect_equal(row$estimate, -1 / 4, tolerance = 1e-15)
  expect_equal(row$std.error, sqrt(3 / 64 + 1 / 16), tolerance = 1e-15)
  expect_identical(row$contrast, "B - A")
  expect_identical(row$conf.type, "mover, mid-p")
  groups <- summary(
    kaplan_meier(Surv(month, death) ~ arm, arms, conf.type = "mid-p"), times = 4
  )
  expect_equal(
    c(row$conf.low, row$conf.high), mover(groups[2, ], groups[1, ]), tolerance = 1e-12
  )
  # p: 1 - the confidence level at which the upper limit is 0
  upper <- function(p) {
    groups <- summary(kaplan_meier(Surv(month, death) ~ arm, arms,
      conf.type = "mid-p", conf.level = 1 - p
    ), times = 4)
    mover(groups[2, ], groups[1, ])[2]
  }
  expect_equal(
    row$p.value, stats::uniroot(upper, c(0.3, 0.9), tol = 1e-12)$root, tolerance = 1e-8
  )
  expect_equal(row$statistic, stats::qnorm(row$p.value / 2), tolerance = 1e-12)
  # with two events in each group the small-sample limits are exact
  exact <- rate_difference(Surv(month, death) ~ arm, arms, 4, conf.type = "small-sample")
  expect_identical(exact$contrasts$conf.type, "mover, exact")
})

two_groups <- function(n, events, time = c(6, 30)) {
  data.frame(
    t = time[rep(rep(1:2, length(n)), as.vector(rbind(events, n - events)))],
    e = rep(rep(1:0, length(n)), as.vector(rbind(events, n - events))),
    g = rep(LETTERS[seq_along(n)], n)
  )
}

test_that("0 of 28 against 6 of 9: a p-value, by each type's own interval", {
  d <- two_groups(c(28, 9), c(0, 6))
  at <- function(type, level = 0.95) {
    tidy(rate_difference(Surv(t, e) ~ g, d, 24, conf.type = type, conf.level = level))
  }
  # by hand: at level 1 - p the MOVER limit from Clopper-Pearson (0/28 and 6/9) is 0
  exact <- function(a) {
    low <- stats::qbeta(a / 2, 6, 4)
    2 / 3 - sqrt((2 / 3 - low)^2 + (1 - (a / 2)^(1 / 28))^2)
  }
  want <- stats::uniroot(function(x) exact(exp(x)), c(-20, -2), tol = 1e-13)$root
  expect_equal(at("exact")$p.value, exp(want), tolerance = 1e-8)
  expect_equal(at("exact")$p.value, 8.5e-5, tolerance = 0.01)
  for (type in c(conf_types, list(NULL))) {
    row <- at(type)
    expect_lt(row$p.value, if (identical(type, "log")) 0.05 else 0.001)
    edge <- at(type, 1 - row$p.value)
    expect_lt(abs(edge$conf.high), 1e-8)
    expect_equal(edge$p.value, row$p.value, tolerance = 1e-8)
  }
})

test_that("p is below 1 - conf.level exactly where the interval leaves out 0", {
  agree <- function(fit, level) {
    rows <- tidy(fit)
    rows <- rows[!is.na(rows$estimate), ]
    expect_identical(
      rows$p.value < 1 - level, rows$conf.low > 0 | rows$conf.high < 0
    )
    expect_false(anyNA(rows$p.value))
    invisible(sum(rows$p.value < 1 - level))
  }
  found <- 0
  for (kind in c("ties", "continuous", "no event", "rare", "both at every time")) {
    d <- random_rows(kind, 3)
    d$w <- rep_len(1:3, nrow(d))
    d$id <- rep_len(seq_len(ceiling(nrow(d) * 0.6)), nrow(d)) # shared by groups
    at <- as.vector(stats::quantile(d$time, c(0.2, 0.5, 0.7), type = 1))
    at <- unique(at)
    for (level in c(0.5, 0.9, 0.95, 0.99)) {
      for (type in conf_types) {
        run <- function(f, ...) {
          agree(suppressMessages(
            rate_difference(f, d, at, conf.level = level, conf.type = type, ...)
          ), level)
        }
        found <- found + run(Surv(time, event) ~ group) +
          run(Surv(time, status) ~ group + strata(stratum))
        if (type %in% c("small-sample", "mid-p", "plain")) {
          found <- found + run(Surv(time, status) ~ group, id = id) +
            run(Surv(time, event) ~ group, weights = w, weight_type = "sampling")
        }
      }
    }
  }
  expect_gt(found, 50) # many sets were compared
})

test_that("p does not depend on the level shown, and is small where it should be", {
  d <- two_groups(c(300, 300), c(60, 150))
  p <- vapply(c(0.2, 0.9, 0.99, 0.9999), function(level) {
    tidy(rate_difference(Surv(t, e) ~ g, d, 24, conf.level = level))$p.value
  }, 0)
  expect_equal(p, rep(p[1], 4), tolerance = 1e-9)
  expect_lt(p[1], 1e-13)
  expect_gt(p[1], 1e-18)
})

test_that("the default: mid-p, but small-sample by id and with sampling weights", {
  d <- two_groups(c(12, 10), c(3, 6))
  d$id <- c(1, 1:21)
  d$w <- 1
  type <- function(...) tidy(rate_difference(Surv(t, e) ~ g, d, 24, ...))$conf.type
  expect_identical(type(), "mover, mid-p")
  expect_identical(type(weights = w, weight_type = "frequency"), "mover, mid-p")
  expect_identical(type(id = id), "mover, exact")
  expect_identical(type(id = 1:22), "mover, mid-p") # one row per id
  expect_identical(type(weights = w, weight_type = "sampling"), "mover, exact")
  expect_identical(type(id = id, conf.type = "mid-p"), "mover, mid-p")
  d$s <- -3 # entries, but none is delayed
  split <- transform(d[rep(1:22, each = 2), ],
    s = rep(c(0, 2), 22), t = ifelse(rep(1:2, 22) == 1, 2, t[1:44]),
    e = ifelse(rep(1:2, 22) == 1, 0, e[1:44])
  )
  rows <- tidy(rate_difference(Surv(s, t, e) ~ g, split, 24))
  expect_equal(rows, tidy(rate_difference(Surv(t, e) ~ g, d, 24)), tolerance = 1e-9)
})

test_that("the plain interval is Wald's", {
  row <- tidy(rate_difference(Surv(month, death) ~ arm, arms, 4, conf.type = "plain"))
  z <- stats::qnorm(0.975)
  expect_equal(
    c(row$conf.low, row$conf.high), -1 / 4 + c(-z, z) * sqrt(7 / 64), tolerance = 1e-14
  )
  expect_identical(row$conf.type, "plain")
  wide <- tidy(rate_difference(Surv(month, death) ~ arm, arms, 4,
    conf.type = "plain", conf.level = 0.99
  ))
  expect_equal(
    (wide$conf.high - wide$estimate) / (row$conf.high - row$estimate),
    stats::qnorm(0.995) / z, tolerance = 1e-13
  )
})

test_that("at 0 and 1 the interval does not collapse and p goes with it", {
  for (type in conf_types) {
    row <- tidy(rate_difference(
      Surv(month, death) ~ arm, arms, c(0.5, 7), conf.type = type
    ))
    expect_identical(row$estimate[1], 0)
    bound <- 1 - 0.025^(1 / 4)
    expect_equal(c(row$conf.low[1], row$conf.high[1]), c(-bound, bound))
    expect_identical(row$conf.type[1], "mover, exact")
    expect_true(all(row$conf.low < row$estimate & row$estimate < row$conf.high))
    expect_true(all(row$conf.low >= -1 & row$conf.high <= 1))
    expect_identical(row$p.value[1], 1) # the rates are equal
    expect_true(row$p.value[2] > 0.05 && row$p.value[2] < 1)
    expect_identical(row$reason, c(NA_character_, NA_character_))
  }
})

test_that("two groups of 50 without the event, where others die: +-7.1%", {
  d <- data.frame(
    t = rep(c(seq(1, 11, length = 40), seq(20, 30, length = 10)), 2),
    s = factor("death", c("censored", "failure", "death")),
    g = rep(c("A", "B"), each = 50)
  )
  for (type in list(NULL, "exact", "log-log", "mid-p")) {
    row <- tidy(rate_difference(Surv(t, s) ~ g, d, times = 12, conf.type = type))[1, ]
    expect_equal(row$conf.high, 1 - 0.025^(1 / 50), tolerance = 1e-10)
    expect_equal(row$conf.low, -row$conf.high)
    expect_identical(c(row$estimate, row$p.value), c(0, 1))
  }
})

test_that("past the last follow-up: NA with the group, unless ended or extend", {
  row <- tidy(rate_difference(Surv(month, death) ~ arm, arms, times = 9))
  expect_identical(row$estimate, NA_real_)
  expect_identical(c(row$conf.low, row$conf.high, row$p.value), rep(NA_real_, 3))
  expect_identical(row$reason, "no estimate in A")
  row <- tidy(rate_difference(Surv(month, death) ~ arm, arms, times = 9, extend = TRUE))
  expect_equal(row$estimate, -3 / 8, tolerance = 1e-15)
})

test_that("competing risks, three groups, strata: the fits' numbers, each cause", {
  d <- random_rows("ties", 3)
  d$group <- factor(rep_len(c("a", "b", "c"), nrow(d)))
  times <- c(2, 5)
  fit <- rate_difference(Surv(time, status) ~ group, d, times,
    reference = "b", conf.type = "exact"
  )
  rows <- tidy(fit)
  expect_identical(
    names(rows)[1:5], c("time", "outcome", "measure", "contrast", "estimate")
  )
  expect_identical(rows$contrast, rep(rep(c("a - b", "c - b"), each = 2), 2))
  groups <- summary(
    cumulative_incidence(Surv(time, status) ~ group, d, conf.type = "exact"),
    times = times
  )
  for (i in seq_len(nrow(rows))) {
    at <- groups$time == rows$time[i] & groups$outcome == rows$outcome[i]
    b <- groups[at & groups$strata == substr(rows$contrast[i], 1, 1), ]
    a <- groups[at & groups$strata == "b", ]
    expect_equal(rows$estimate[i], b$estimate - a$estimate, tolerance = 1e-15)
    expect_equal(rows$std.error[i], sqrt(b$std.error^2 + a$std.error^2))
    expect_equal(c(rows$conf.low[i], rows$conf.high[i]), mover(b, a), tolerance = 1e-12)
  }
  within <- tidy(rate_difference(Surv(time, status) ~ group + strata(stratum), d, times))
  alone <- tidy(rate_difference(Surv(time, status) ~ group, d[d$stratum == "x", ], times))
  expect_equal(
    within[within$stratum == "x", names(alone)], alone, ignore_attr = "row.names"
  )
})

test_that("row order and event table", {
  d <- random_rows("continuous", 2)
  f <- Surv(time, status) ~ group
  base <- tidy(rate_difference(f, d, c(1, 4)))
  expect_identical(tidy(rate_difference(f, d[rev(seq_len(nrow(d))), ], c(1, 4))), base)
  expect_identical(tidy(rate_difference(event_table(f, d), times = c(4, 1))), base)
})

test_that("the default interval covers at S = 0.95 in groups of 10 and 12", {
  covered <- withr::with_seed(1, vapply(1:200, function(i) {
    d <- data.frame(
      time = ifelse(stats::runif(22) < 0.05, 1, 3), arm = rep(c("a", "b"), c(10, 12))
    )
    row <- tidy(rate_difference(Surv(time, time < 2) ~ arm, d, 2))
    row$conf.low <= 0 && row$conf.high >= 0
  }, NA))
  expect_gt(mean(covered), 0.95)
})

test_that("glance, print and errors by class", {
  f <- Surv(month, death) ~ arm
  fit <- rate_difference(f, arms, c(2, 4))
  expect_identical(glance(fit)$n.event, 5)
  expect_identical(as.data.frame(fit), tidy(fit))
  out <- capture.output(print(fit))
  expect_match(out[1], "Difference of survival: 8 subjects")
  expect_match(out[2], "Greenwood-type variance; 95% MOVER \\(mid-p\\)")
  expect_error(rate_difference(f, arms), "`times`", class = "oligosurv_error_input")
  expect_error(rate_difference(f, arms, -1), class = "oligosurv_error_domain")
  expect_error(
    rate_difference(f, arms, 1, reference = "C"), class = "oligosurv_error_input"
  )
  expect_error(
    rate_difference(Surv(month, death) ~ 1, arms, 1), class = "oligosurv_error_data"
  )
  expect_error(
    rate_difference(f, arms, 1, conf.type = "wald"), class = "oligosurv_error_input"
  )
})

test_that("by id and with sampling weights: standard errors and limits of the curves", {
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  f <- Surv(time, status) ~ cohort
  fit <- rate_difference(f, lesions, times = c(12, 24), id = patient_id)
  curves <- cumulative_incidence(f, lesions, id = patient_id, times = c(12, 24))
  expect_equal(fit$estimates, tidy(curves), tolerance = 1e-14)
  at <- tidy(curves)
  at <- at[at$outcome == "death" & at$time == 24, ]
  got <- fit$contrasts[fit$contrasts$outcome == "death" & fit$contrasts$time == 24, ]
  expect_equal(got$std.error, sqrt(sum(at$std.error^2)), tolerance = 1e-14)
  expect_equal(got$conf.low, diff(at$estimate) - sqrt(
    (at$estimate[2] - at$conf.low[2])^2 + (at$conf.high[1] - at$estimate[1])^2
  ), tolerance = 1e-12)
  expect_output(print(fit), "65 lesions in 37 patients")
  expect_error(rate_difference(f, lesions, times = 12), "id = patient_id",
    class = "oligosurv_error_data"
  )
  d <- data.frame(
    time = 1:8, event = c(1, 0, 1, 0, 1, 1, 0, 0), w = c(2, 1, 3, 1, 0.5, 2, 1, 1),
    group = rep(c("a", "b"), each = 4)
  )
  sampled <- rate_difference(Surv(time, event) ~ group, d, 6,
    extend = TRUE, weights = w, weight_type = "sampling"
  )
  curves <- kaplan_meier(Surv(time, event) ~ group, d,
    weights = w, weight_type = "sampling"
  )
  expect_identical(
    sampled$estimates$std.error, summary(curves, times = 6, extend = TRUE)$std.error
  )
  own <- rate_difference(Surv(time, event) ~ group, d, 3, id = 1:8)
  plain <- rate_difference(Surv(time, event) ~ group, d, 3)
  expect_equal(own$contrasts$std.error, plain$contrasts$std.error, tolerance = 1e-14)
})

test_that("a curve that ends before the first late entry: answers, without warning", {
  d <- data.frame(
    entry = c(0, 2, 2, 0, 0), time = c(1, 3, 9, 2, 9), group = c(1, 1, 1, 2, 2),
    status = factor(c("D", "LF", "c", "LF", "c"), c("c", "LF", "D"))
  )
  for (type in c("exact", "mid-p", "small-sample", "log-log")) {
    expect_no_warning(fit <- suppressMessages(rate_difference(
      Surv(entry, time, status) ~ group, d, times = 4, conf.type = type
    )))
    rows <- fit$contrasts
    expect_equal(rows$estimate, c(0.5, -1))
    expect_true(all(is.finite(rows$conf.low) & is.finite(rows$conf.high)))
    expect_true(all(is.finite(rows$p.value)))
    expect_identical(rows$p.value < 0.05, rows$conf.low > 0 | rows$conf.high < 0)
  }
})

test_that("the follow-up of an id split in rows is one row: the same intervals", {
  d <- two_groups(c(12, 10), c(3, 6))
  d$id <- 1:22
  split <- transform(d[rep(1:22, each = 2), ],
    s = rep(c(0, 2), 22), t = ifelse(rep(1:2, 22) == 1, 2, t[1:44]),
    e = ifelse(rep(1:2, 22) == 1, 0, e[1:44])
  )
  rows <- function(d) tidy(rate_difference(Surv(s, t, e) ~ g, d, 24, id = id))
  want <- tidy(rate_difference(Surv(t, e) ~ g, d, 24, id = id))
  expect_identical(want$conf.type, "mover, mid-p")
  expect_equal(rows(split), want, tolerance = 1e-9)
  type <- function(d) rows(d)$conf.type
  twice <- split
  twice$id[3:4] <- 1 # overlapping rows of one id
  expect_identical(type(twice), "mover, exact")
  again <- split
  again$e[1] <- 1 # at risk after an event
  expect_identical(type(again), "mover, exact")
  mean <- function(f, d) restricted_mean(f, d, tau = 20, id = id)$contrasts
  expect_equal(
    mean(Surv(s, t, e) ~ g, split), mean(Surv(t, e) ~ g, d), tolerance = 1e-9
  )
  expect_identical(mean(Surv(s, t, e) ~ g, split)$conf.type[1], "mover, mid-p")
})

test_that("the plain interval stays within the range of a difference", {
  d <- data.frame(
    t = c(1, 2, 3, 4, 9, 1, 9, 9, 9, 9), e = c(1, 1, 1, 1, 0, 1, 0, 0, 0, 0),
    g = rep(1:2, each = 5)
  )
  rows <- tidy(rate_difference(Surv(t, e) ~ g, d, 5, conf.type = "plain"))
  se <- sqrt(2 * 0.2 * 0.8 / 5)
  expect_equal(rows$estimate, 0.6)
  expect_equal(c(rows$conf.low, rows$conf.high), c(0.6 - stats::qnorm(0.975) * se, 1))
  expect_equal(rows$p.value, 2 * stats::pnorm(-0.6 / se))
  rows <- tidy(
    rate_difference(Surv(t, e) ~ g, d, 5, conf.type = "plain", reference = "2")
  )
  expect_identical(rows$conf.low, -1)
  d$t <- ifelse(d$e == 1, 0.1, 9) # means of 0.1 + 0.9 / 5 and 0.1 + 0.9 * 4 / 5
  fit <- restricted_mean(Surv(t, e) ~ g, d,
    tau = 1, conf.type = "plain", conf.level = 0.99
  )
  expect_equal(fit$contrasts$estimate[1], 0.54)
  expect_identical(fit$contrasts$conf.high[1], 1)
})
