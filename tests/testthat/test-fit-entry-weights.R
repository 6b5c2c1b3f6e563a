# Brier score and calibration with delayed entry: against a direct program, the curves
# with delayed entry, and derivatives by the weight of each row.

# The direct program for one stratum: the weight of each row at t, or 0
slow_weights <- function(d, t) {
  times <- sort(unique(d$time))
  w <- 1
  before <- stats::setNames(double(length(times)), times)
  until <- NA
  for (s in seq_along(times)) {
    before[s] <- w
    if (times[s] > t && is.na(until)) until <- s
    at_risk <- sum(d$w[d$entry < times[s] & d$time >= times[s]])
    events <- sum(d$w[d$time == times[s] & d$status > 0])
    next_time <- c(times, Inf)[s + 1]
    entered <- d$entry < next_time & (d$entry <= t | times[s] > t)
    after <- sum(d$w[entered & d$time > times[s]])
    if (at_risk > events) w <- w * after / (at_risk - events)
  }
  end <- before[until]
  ifelse(d$time <= t, ifelse(d$status > 0, 1 / before[as.character(d$time)], 0),
    ifelse(d$entry <= t, 1 / end, 0)
  )
}

late_rows <- function(seed, n = 60) {
  withr::local_seed(seed)
  d <- data.frame(time = sample(3:20, n, TRUE), w = 1, r = stats::runif(n))
  d$entry <- pmax(0, d$time - sample(1:20, n, TRUE))
  d$entry[1:8] <- 0
  d$time[1:8] <- sample(15:20, 8, TRUE) # the risk sets do not become empty
  d$status <- sample(0:2, n, TRUE)
  d$cause <- factor(d$status, 0:2, c("alive", "relapse", "death"))
  d$dead <- as.integer(d$status > 0)
  d
}

test_that("estimates are those of the direct program, the reference of the curves", {
  for (seed in 1:6) {
    d <- late_rows(seed)
    t <- 9
    got <- brier_score(Surv(entry, time, cause) ~ r, d, times = t, outcome = "relapse")
    w <- slow_weights(d, t)
    y <- d$time <= t & d$status == 1
    expect_equal(got$table$estimate, sum(w * (y - d$r)^2) / sum(w), tolerance = 1e-12)
    curve <- tidy(cumulative_incidence(Surv(entry, time, cause) ~ 1, d), times = t)
    f <- curve$estimate[curve$outcome == "relapse"]
    expect_equal(got$table$reference, f * (1 - f), tolerance = 1e-10)
    cal <- calibration(Surv(entry, time, cause) ~ r, d, times = t, outcome = "relapse",
      groups = 2
    )
    expect_equal(cal$summary$predicted, sum(w * d$r) / sum(w), tolerance = 1e-12)
    expect_equal(cal$summary$observed, f, tolerance = 1e-12)
    one <- brier_score(Surv(entry, time, dead) ~ r, d, times = t)
    s <- tidy(kaplan_meier(Surv(entry, time, dead) ~ 1, d), times = t)$estimate
    expect_equal(one$table$reference, s * (1 - s), tolerance = 1e-10)
  }
})

test_that("standard errors: derivatives by the weight of each row", {
  for (seed in 7:9) {
    d <- late_rows(seed, 40)
    value <- function(w) {
      d$w <- w
      brier_score(Surv(entry, time, dead) ~ r, d, times = 9, weights = w,
        weight_type = "sampling"
      )$table
    }
    n <- nrow(d)
    slope <- vapply(seq_len(n), function(i) {
      h <- 1e-5
      up <- value(replace(rep(1, n), i, 1 + h))$estimate
      (up - value(replace(rep(1, n), i, 1 - h))$estimate) / (2 * h)
    }, 0)
    got <- brier_score(Surv(entry, time, dead) ~ r, d, times = 9)$table
    expect_equal(got$std.error, sqrt(sum(slope^2)), tolerance = 1e-6)
  }
})

test_that("entries at 0 change nothing; strata; an emptied risk set leaves it unknown", {
  d <- late_rows(10)
  d$s <- rep(1:2, 30)
  zero <- brier_score(Surv(0 * entry, time, dead) ~ r, d, times = 9)$table
  expect_equal(zero, brier_score(Surv(time, dead) ~ r, d, times = 9)$table,
    tolerance = 1e-12
  )
  both <- brier_score(Surv(entry, time, dead) ~ r + strata(s), d, times = 9)$table
  w <- c(slow_weights(d[d$s == 1, ], 9), slow_weights(d[d$s == 2, ], 9))
  o <- order(d$s)
  expect_equal(both$estimate, stats::weighted.mean(
    (as.integer(d$time <= 9 & d$dead == 1) - d$r)[o]^2, w
  ), tolerance = 1e-12)
  empty <- data.frame(
    entry = c(0, 0, 4, 4, 4), time = c(2, 3, 6, 7, 9), dead = c(1, 1, 1, 0, 1), r = 0.4
  )
  got <- brier_score(Surv(entry, time, dead) ~ cbind(r, r), empty, times = c(2, 6))$table
  expect_identical(is.na(got$estimate), c(FALSE, TRUE))
})

test_that("no row, and one row", {
  d <- late_rows(11)
  for (n in 0:1) {
    one <- d[seq_len(n), ]
    expect_silent({
      score <- brier_score(Surv(entry, time, dead) ~ r, one, times = 2)
      observed <- calibration(Surv(entry, time, dead) ~ r, one, times = 2)
    })
    # nobody has died by 2: the mean of r^2
    expect_equal(score$table$estimate, if (n) one$r^2 else NA_real_)
    expect_equal(observed$summary$observed, if (n) 0 else NA_real_)
  }
})

# By hand, at 3.5: row 1 died, rows 3 and 4 of weight 1.5 for the one censored at 3
test_that("rows that enter after the time do not count, nor their weights", {
  d <- data.frame(
    entry = c(0, 0, 0, 0, 5), time = c(2, 3, 6, 7, 8), dead = c(1, 0, 1, 1, 1),
    risk = c(0.6, 0.5, 0.4, 0.3, 0.2)
  )
  want <- sum(c(1, 1.5, 1.5) * c(0.4, 0.4, 0.3)^2) / 4
  late <- replace(d$risk, 5, 0.9)
  for (risk in list(d$risk, late)) {
    d$risk <- risk
    score <- brier_score(Surv(entry, time, dead) ~ risk, d, times = 3.5)
    expect_equal(score$table$estimate, want)
    observed <- calibration(Surv(entry, time, dead) ~ risk, d, times = 3.5, groups = 1)
    expect_equal(observed$summary$predicted, sum(c(1, 1.5, 1.5) * c(0.6, 0.4, 0.3)) / 4)
  }
  # before the first exit all who have entered count alike
  expect_equal(brier_score(Surv(entry, time, dead) ~ risk, d, times = 1)$table$estimate,
    mean(d$risk[1:4]^2)
  )
  # half of these have entered by 9 but before the next exit
  some <- withr::with_seed(3, data.frame(
    entry = stats::runif(40, 0, 12), dead = stats::rbinom(40, 1, 0.5),
    r = stats::runif(40)
  ))
  some$time <- some$entry + stats::rexp(40, 0.2)
  some$entry[1:12] <- 0
  for (t in c(5, 9)) {
    w <- slow_weights(transform(some, w = 1, status = dead), t)
    got <- brier_score(Surv(entry, time, dead) ~ r, some, times = t)$table$estimate
    expect_equal(got, sum(w * ((some$time <= t & some$dead == 1) - some$r)^2) / sum(w))
  }
})
