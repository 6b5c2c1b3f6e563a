# kaplan_meier(): published curves, intervals, split rows, delayed entry.

test_that("Freireich 1963, 6-MP: the published curve, standard errors and median", {
  week <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
  relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
  fit <- kaplan_meier(Surv(week, relapse) ~ 1)
  at <- summary(fit, times = c(6, 7, 10, 13, 16, 22, 23))
  # Klein & Moeschberger 2003, table 4.1A
  expect_identical(
    round(at$estimate, 3), c(0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448)
  )
  expect_identical(
    round(at$std.error, 4), c(0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346)
  )
  expect_identical(at$n.risk, c(21, 17, 15, 12, 11, 7, 6))
  expect_identical(median(fit)$estimate, 23)
})

test_that("without censoring S is k / n to the last bit", {
  for (n in c(3, 7, 10, 49, 1000)) {
    fit <- kaplan_meier(Surv(seq_len(n), rep(1, n)) ~ 1)
    expect_identical(fit$estimate, (n - seq_len(n)) / n)
  }
})

test_that("five interval types by their formulas, exact limits at 0 and 1", {
  time <- c(1, 2, 2, 3, 4, 5)
  status <- c(0, 1, 0, 1, 0, 1)
  z <- qnorm(0.95)
  s <- 4 / 5 * 2 / 3
  se <- s * sqrt(1 / (5 * 4) + 1 / (3 * 2))
  want <- list(
    plain = s + c(-1, 1) * z * se,
    log = exp(log(s) + c(-1, 1) * z * se / s),
    `log-log` = s^exp(c(1, -1) * z * se / (s * abs(log(s)))),
    logit = plogis(qlogis(s) + c(-1, 1) * z * se / (s * (1 - s))),
    arcsin = sin(pmax(asin(sqrt(s)) + c(-1, 1) * z * se / (2 * sqrt(s * (1 - s))), 0))^2
  )
  for (type in names(want)) {
    at <- tidy(
      kaplan_meier(Surv(time, status) ~ 1, conf.type = type, conf.level = 0.9),
      times = c(1, 3, 5)
    )
    expect_equal(
      c(at$conf.low[2], at$conf.high[2]), pmin(want[[type]], 1),
      tolerance = 1e-14
    )
    expect_identical(at$conf.type, c("exact", type, "exact"))
    expect_equal(at$conf.low[1], 0.05^(1 / 5), tolerance = 1e-14)
    expect_identical(at$conf.high[1], 1)
    expect_identical(at$conf.low[3], 0)
    expect_true(at$conf.high[3] > 0 && at$conf.high[3] < 1)
  }
})

test_that("the exact interval is Clopper-Pearson where nobody is censored before t", {
  fit <- kaplan_meier(Surv(1:10, rep(1, 10)) ~ 1, conf.type = "exact")
  at <- tidy(fit, times = c(3, 10))
  expect_equal(at$conf.high[1], qbeta(0.975, 8, 3), tolerance = 1e-12)
  expect_equal(at$conf.low[1], qbeta(0.025, 7, 4), tolerance = 1e-12)
  expect_equal(at$conf.high[2], 1 - 0.025^(1 / 10), tolerance = 1e-12)
})

test_that("ten patients without an event do not give 100% (100-100)", {
  at <- tidy(kaplan_meier(Surv(rep(12, 10), rep(0, 10)) ~ 1), times = 0)
  expect_equal(at$conf.low, 0.025^(1 / 10))
})

test_that("left truncation: at risk when entry < t <= exit", {
  late <- data.frame(
    entry = c(0, 0, 1, 2, 2), exit = c(3, 2, 4, 3, 5), s = c(1, 1, 1, 0, 1)
  )
  at <- tidy(kaplan_meier(Surv(entry, exit, s) ~ 1, late), times = c(2, 3, 4))
  expect_identical(at$n.risk, c(3, 4, 2)) # those entering at 2 are not yet at risk
  expect_equal(at$estimate, c(2 / 3, 2 / 3 * 3 / 4, 2 / 3 * 3 / 4 / 2))
  expect_message(
    fit <- kaplan_meier(Surv(c(0, 2, 3), c(1, 5, 6), c(1, 1, 0)) ~ 1),
    "falls to 0 at time 1"
  )
  expect_identical(fit$estimate, c(0, 0, 0))
})

test_that("competing causes are refused with the function to use instead", {
  k <- factor(c("censored", "a", "b"), c("censored", "a", "b"))
  expect_error(kaplan_meier(Surv(1:3, k) ~ 1), "cumulative_incidence",
    class = "oligosurv_error_data"
  )
})

test_that("the print is as expected", {
  d <- data.frame(t = c(2, 4, 6, 8), s = c(1, 1, 0, 0), g = c("a", "b", "a", "b"))
  expect_snapshot(print(kaplan_meier(Surv(t, s) ~ g, d)))
  expect_snapshot(print(summary(kaplan_meier(Surv(t, s) ~ g, d), times = c(3, 9))))
})

# ---- consecutive rows of one subject, and delayed entry ----

# Cuts rows at `cuts`; the last part has the status
cut_rows <- function(d, cuts, entry = numeric(nrow(d))) {
  pieces <- lapply(seq_len(nrow(d)), function(i) {
    inside <- cuts[cuts > entry[i] & cuts < d$time[i]]
    ends <- c(inside, d$time[i])
    rows <- d[rep(i, length(ends)), ]
    rows$entry <- c(entry[i], inside)
    rows$time <- ends
    rows$event[-length(ends)] <- 0L
    rows
  })
  do.call(rbind, pieces)
}

some_subjects <- function(seed, n, event = 0.5) {
  withr::with_seed(seed, data.frame(
    id = seq_len(n), time = ceiling(stats::rexp(n, 0.1)),
    event = stats::rbinom(n, 1, event), group = factor(sample(c("a", "b"), n, TRUE)),
    weight = round(stats::runif(n, 0.3, 3), 2)
  ))
}

limits_at <- function(fit, at) {
  tidy(fit, times = at)[c("strata", "estimate", "std.error", "conf.low", "conf.high",
    "conf.type")]
}

test_that("rows split at any times have the limits of the subjects", {
  at <- c(1, 2, 4, 5, 7, 12, 25)
  for (seed in 1:8) {
    d <- some_subjects(seed, c(12, 30, 60)[seed %% 3 + 1], if (seed == 4) 0 else 0.5)
    cuts <- list(3, c(2, 5, 9), sort(unique(d$time)))[[seed %% 3 + 1]]
    split <- cut_rows(d, cuts)
    expect_gt(nrow(split), nrow(d))
    for (type in c("small-sample", "exact", "mid-p", "log-log")) {
      whole <- kaplan_meier(Surv(time, event) ~ group, d, conf.type = type)
      pieces <- kaplan_meier(Surv(entry, time, event) ~ group, split, conf.type = type)
      expect_equal(limits_at(pieces, at), limits_at(whole, at), tolerance = 1e-12)
      expect_equal(quantile(pieces), quantile(whole))
      frequency <- function(f, d) {
        kaplan_meier(f, d, conf.type = type, weights = weight, weight_type = "frequency")
      }
      expect_equal(
        limits_at(frequency(Surv(entry, time, event) ~ group, split), at),
        limits_at(frequency(Surv(time, event) ~ group, d), at), tolerance = 1e-10
      )
      by_id <- function(f, d) kaplan_meier(f, d, conf.type = type, id = id)
      expect_equal(
        limits_at(by_id(Surv(entry, time, event) ~ group, split), at),
        limits_at(by_id(Surv(time, event) ~ group, d), at), tolerance = 1e-12
      )
    }
  }
})

test_that("split rows: differences, restricted means, 50 subjects and not 50 rows", {
  d <- some_subjects(11, 90)
  split <- cut_rows(d, c(3, 6))
  whole <- Surv(time, event) ~ group
  pieces <- Surv(entry, time, event) ~ group
  columns <- c("estimate", "conf.low", "conf.high")
  expect_equal(
    tidy(rate_difference(pieces, split, times = c(4, 8)))[columns],
    tidy(rate_difference(whole, d, times = c(4, 8)))[columns], tolerance = 1e-12
  )
  expect_equal(
    tidy(restricted_mean(pieces, split, tau = 8))[columns],
    tidy(restricted_mean(whole, d, tau = 8))[columns], tolerance = 1e-12
  )
  few <- some_subjects(12, 40)
  split <- cut_rows(few, 2:9)
  expect_gt(nrow(split), 50)
  fit <- kaplan_meier(Surv(entry, time, event) ~ 1, split)
  expect_identical(unique(tidy(fit)$conf.type), "exact")
  expect_output(print(fit), "exact in curves of up to 50 subjects", width = 120)
  expect_true("log-log" %in%
    tidy(kaplan_meier(Surv(entry, time, event) ~ 1, cut_rows(d, 2)))$conf.type)
})

test_that("late entry, no event yet: the fewest at risk since the start of the curve", {
  d <- data.frame(
    entry = c(0, 0, 0, rep(5, 47)), time = c(20, 20, 20, seq(6, 30, length.out = 47)),
    event = 0
  )
  rows <- tidy(kaplan_meier(Surv(entry, time, event) ~ 1, d))
  expect_equal(rows$conf.low[rows$time < 20], rep(0.025^(1 / 3), sum(rows$time < 20)))
  expect_true(all(diff(rows$conf.low) <= 1e-12))
  # if all enter after 0, the curve starts at the first entry
  later <- tidy(kaplan_meier(Surv(entry + 1, time + 1, event) ~ 1, d))
  expect_equal(later$conf.low, rows$conf.low)
  # when the risk set becomes empty, the curve is unknown until others enter
  gap <- data.frame(
    entry = c(0, 0, 4, 4, 4), time = c(1, 2, 5, 6, 7), event = c(0, 0, 0, 1, 0)
  )
  for (type in c("exact", "mid-p", "small-sample")) {
    rows <- tidy(kaplan_meier(Surv(entry, time, event) ~ 1, gap, conf.type = type))
    expect_identical(rows$conf.low[rows$time >= 2], rep(0, 4))
    expect_lt(rows$conf.high[rows$time == 6], 1)
  }
  d$status <- factor(d$event, 0:2)
  mirror <- tidy(cumulative_incidence(Surv(entry, time, status) ~ 1, d))
  expect_equal(mirror$conf.high[mirror$outcome == "1"], 1 -
    tidy(kaplan_meier(Surv(entry, time, event) ~ 1, d))$conf.low)
})

test_that("late entry, S between 0 and 1: Clopper-Pearson on the effective number", {
  d <- withr::with_seed(8, {
    entry <- stats::runif(40, 0, 12)
    time <- entry + 0.1 + stats::rexp(40, 0.05)
    data.frame(entry, time, event = stats::rbinom(40, 1, 0.7))
  })
  rows <- suppressMessages(
    tidy(kaplan_meier(Surv(entry, time, event) ~ 1, d, conf.type = "exact"))
  )
  rows <- rows[rows$estimate > 0 & rows$estimate < 1, ]
  s <- rows$estimate
  n <- s * (1 - s) / rows$std.error^2
  n <- pmin(n * (stats::qnorm(0.975) / stats::qt(0.975, pmax(n - 1, 3)))^2, 40)
  known <- cumsum(rows$n.risk == rows$n.event + rows$n.censor) == 0
  expect_equal(rows$conf.low[known], stats::qbeta(0.025, n * s, n * (1 - s) + 1)[known],
    tolerance = 1e-9
  )
  expect_equal(rows$conf.high, stats::qbeta(0.975, n * s + 1, n * (1 - s)),
    tolerance = 1e-9
  )
  # a row that starts where another ends is not a delayed entry
  tied <- data.frame(entry = c(0, 0, 0, 3), time = c(3, 5, 7, 9), event = c(0, 1, 0, 1))
  swap <- data.frame(time = c(5, 7, 9), event = c(1, 0, 1))
  expect_equal(
    tidy(kaplan_meier(Surv(entry, time, event) ~ 1, tied), times = c(4, 6, 8))$conf.low,
    tidy(kaplan_meier(Surv(time, event) ~ 1, swap), times = c(4, 6, 8))$conf.low
  )
})

test_that("S at 0 after a small early risk set keeps limits, despite later entries", {
  d <- data.frame(
    entry = c(0, 0, 2, 2, 2), time = c(1, 2, 3, 4, 5), event = c(1, 1, 1, 0, 1)
  )
  rows <- suppressMessages(tidy(kaplan_meier(Surv(entry, time, event) ~ 1, d)))
  at_zero <- rows$estimate == 0
  expect_identical(rows$conf.low[at_zero], rep(0, sum(at_zero)))
  expect_true(all(rows$conf.high[at_zero] > 0 & rows$conf.high[at_zero] < 1))
})
