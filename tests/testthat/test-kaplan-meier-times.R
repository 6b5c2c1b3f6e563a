# With `times`, a long curve is evaluated in blocks of its rows; without `times`, all of
# it is computed. Both must agree.
long_rows <- function(n, seed, last_event = FALSE) {
  withr::local_seed(seed)
  d <- data.frame(
    time = round(rexp(n, 0.02), 4), event = rbinom(n, 1, 0.6),
    arm = sample(c("a", "b", "c"), n, TRUE, c(0.6, 0.3, 0.1))
  )
  last <- tapply(seq_len(n), d$arm, function(at) at[which.max(d$time[at])])
  d$event[last] <- as.integer(last_event)
  d$status <- factor(d$event * sample(2L, n, TRUE), 0:2, c("censored", "x", "y"))
  d
}
types <- c("small-sample", "log-log", "exact", "mid-p", "plain", "none")
asked <- c(0, 0.00005, 0.01, 1, 30, 34.5678, 200, 1e5)

expect_same_fit <- function(make, probs = c(0.1, 0.25, 0.5, 0.9)) {
  whole <- make(NULL)
  later <- make(asked)
  expect_true(is_lazy(later))
  expect_equal(tidy(later), tidy(whole, times = asked), tolerance = 1e-14)
  expect_equal(
    tidy(later, extend = TRUE), tidy(whole, times = asked, extend = TRUE),
    tolerance = 1e-14
  )
  expect_identical(quantile(later, probs), quantile(whole, probs))
  expect_identical(
    quantile(later, probs, midpoint = FALSE), quantile(whole, probs, midpoint = FALSE)
  )
  expect_identical(glance(later), glance(whole))
  expect_true(is_lazy(later)) # nothing has been computed
  expect_identical(as.data.frame(tidy(later, times = NULL)), tidy(whole))
  expect_false(is_lazy(later))
}

test_that("survival: every type of interval, three groups, ties", {
  for (last_event in c(FALSE, TRUE)) {
    d <- long_rows(6000, 1 + last_event, last_event)
    for (type in types) {
      expect_same_fit(function(times) {
        kaplan_meier(Surv(time, event) ~ arm, d, conf.type = type, times = times)
      })
    }
  }
})

test_that("incidence and follow-up", {
  d <- long_rows(6000, 3)
  for (type in types) {
    expect_same_fit(function(times) {
      cumulative_incidence(Surv(time, status) ~ arm, d, conf.type = type, times = times)
    })
  }
  d$one <- factor(rep("x", 6000), c("censored", "x", "y")) # F reaches 1
  expect_same_fit(function(times) {
    cumulative_incidence(Surv(time, one) ~ 1, d, times = times)
  })
  expect_same_fit(function(times) follow_up(Surv(time, event) ~ arm, d, times = times))
})

test_that("more times than rows, and fewer times than blocks of a curve", {
  d <- long_rows(5000, 7)
  whole <- kaplan_meier(Surv(time, event) ~ arm, d)
  incidence <- cumulative_incidence(Surv(time, status) ~ arm, d)
  for (times in list(seq(0, 400, 0.05), c(d$time, d$time * (1 + 5e-10)), 80)) {
    later <- kaplan_meier(Surv(time, event) ~ arm, d, times = times)
    expect_true(is_lazy(later))
    expect_equal(tidy(later), tidy(whole, times = times), tolerance = 1e-14)
    later <- cumulative_incidence(Surv(time, status) ~ arm, d, times = times)
    expect_equal(tidy(later), tidy(incidence, times = times), tolerance = 1e-14)
  }
})

test_that("days: counts of many at one time, in many groups", {
  d <- long_rows(30000, 8)
  d$time <- round(d$time, 1)
  d$group <- factor(sample(40L, nrow(d), TRUE, c(300, rep(1, 39))), 0:40)
  expect_false(is.null(event_table(Surv(time, event) ~ arm, d)$n))
  for (type in c("small-sample", "log-log", "none")) {
    expect_same_fit(function(times) {
      kaplan_meier(Surv(time, event) ~ arm, d, conf.type = type, times = times)
    })
    expect_same_fit(function(times) {
      cumulative_incidence(Surv(time, status) ~ arm, d, conf.type = type, times = times)
    })
  }
  for (make in list(kaplan_meier, follow_up)) {
    expect_same_fit(function(times) make(Surv(time, event) ~ group, d, times = times))
  }
})

test_that("fractional weights are not read by the lazy path", {
  d <- long_rows(6000, 9)
  d$w <- 0.5 + (seq_len(6000) %% 3) / 7
  fit <- kaplan_meier(Surv(time, event) ~ arm, d,
    weights = w, weight_type = "sampling", times = 10
  )
  expect_false(is_lazy(fit))
  half <- event_table(Surv(time, event) ~ arm, d)
  half$n <- rep(0.5, length(half$time))
  fit <- kaplan_meier(half, times = c(1, 10, 50))
  expect_false(is_lazy(fit))
  whole <- kaplan_meier(Surv(time, event) ~ arm, d, times = c(1, 10, 50))
  expect_equal(tidy(fit)$estimate, tidy(whole)$estimate, tolerance = 1e-13)
  expect_equal(tidy(fit)$n.risk, tidy(whole)$n.risk / 2, tolerance = 1e-13)
})

test_that("few events, none, and an empty group", {
  d <- long_rows(6000, 4)
  d$arm <- factor(d$arm, c("a", "b", "c", "empty"))
  d$few <- as.integer(rank(d$time, ties.method = "first") %in% c(3000, 3100, 5999, 6000))
  for (type in types) {
    expect_same_fit(function(times) {
      kaplan_meier(Surv(time, few) ~ arm, d, conf.type = type, times = times)
    })
    expect_same_fit(function(times) {
      kaplan_meier(Surv(time, 0 * few) ~ 1, d, conf.type = type, times = times)
    })
  }
})

test_that("start = and small times", {
  d <- long_rows(9000, 5)
  later <- kaplan_meier(Surv(time, event) ~ 1, d, from = 10, times = c(10, 20, 60))
  whole <- kaplan_meier(Surv(time, event) ~ 1, d, from = 10)
  expect_true(is_lazy(later))
  expect_equal(tidy(later), tidy(whole, times = c(10, 20, 60)), tolerance = 1e-14)
  expect_identical(median(later), median(whole))
})

test_that("counts of a long curve are computed on first access, and are right", {
  d <- long_rows(5000, 6)
  fit <- kaplan_meier(Surv(time, event) ~ arm, d)
  rows <- tidy(fit)
  d$arm <- factor(d$arm)
  d$one <- rep(1, 5000)
  weighted <- tidy(kaplan_meier(Surv(time, event) ~ arm, d,
    weights = one, weight_type = "frequency"
  ))
  columns <- c("time", "n.risk", "n.event", "n.censor", "cum.event", "cum.censor")
  expect_equal(rows[columns], weighted[columns])
  again <- unserialize(serialize(fit, NULL))
  expect_identical(tidy(again), rows)
  copy <- fit$n.risk
  copy[1] <- -1
  expect_identical(tidy(fit), rows)
  reverse <- follow_up(Surv(time, event) ~ arm, d)
  expect_identical(sum(reverse$n.event), sum(d$event == 0) + 0)
})

test_that("a figure draws a long curve at even steps, up to its own last time", {
  withr::local_pdf(NULL)
  d <- long_rows(30000, 10)
  d$time[d$arm == "c"] <- d$time[d$arm == "c"] / 4
  fits <- list(
    survival_band(kaplan_meier(Surv(time, event) ~ arm, d), "equal-precision"),
    kaplan_meier(Surv(time, event) ~ arm, d, times = 10),
    cumulative_incidence(Surv(time, status) ~ arm, d)
  )
  for (fit in fits) {
    rows <- plot(fit)
    expect_lte(nrow(rows), 3 * (drawn_steps + 3L))
    expect_identical(as.vector(tapply(rows$time, rows$strata, max)),
      as.vector(tapply(d$time, d$arm, max)))
    step <- max(d$time) / (drawn_steps - 1)
    expect_lte(max(tapply(rows$time, rows$strata, function(t) max(diff(t)))), step * 1.01)
    expect_false(anyNA(rows$estimate))
  }
  rows <- plot(fits[[1L]])
  at <- rows$time[rows$strata == "a"][c(2, 50, 500, 2000)]
  exact <- tidy(fits[[1L]], times = at)
  columns <- c("time", "estimate", "conf.low", "conf.high", "band.low", "cum.event")
  expect_equal(
    rows[rows$strata == "a" & rows$time %in% at, columns], exact[1:4, columns],
    tolerance = 1e-14, ignore_attr = "row.names"
  )
  few <- plot(kaplan_meier(Surv(time, event) ~ 1, d[1:2000, ])) # a short curve: all rows
  expect_identical(nrow(few), length(unique(d$time[1:2000])) + 1L)
})

test_that("a table of one subject a row counts those of one time and status together", {
  d <- long_rows(20000, 11)
  table <- event_table(Surv(time, status) ~ arm, d)
  expect_null(table$n)
  rows <- as.data.frame(table)
  counted <- aggregate(list(n = rep(1, 20000)), d[c("time", "status", "arm")], sum)
  counted <- counted[order(counted$arm, counted$time, counted$status), ]
  expect_gt(max(rows$n), 1)
  expect_identical(rows$n, counted$n)
  expect_identical(rows$time, counted$time)
  expect_identical(as.character(rows$group), counted$arm)
  expect_identical(rows$status, counted$status)
})
