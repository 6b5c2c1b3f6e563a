# sample_size(): published designs, exact power, simulated power.

test_that("exact single-arm designs of A'Hern 2001", {
  # Statist Med 20:859-866: cutoff (responses) / patients, at alpha 0.05
  published <- data.frame(
    p0 = c(0.05, 0.05, 0.1, 0.2, 0.2, 0.3, 0.3, 0.5, 0.5),
    p1 = c(0.2, 0.2, 0.3, 0.4, 0.4, 0.5, 0.5, 0.7, 0.7),
    power = c(0.8, 0.9, 0.8, 0.8, 0.9, 0.8, 0.9, 0.8, 0.9),
    r = c(4, 5, 6, 12, 15, 17, 22, 24, 33), n = c(27, 38, 25, 35, 47, 39, 53, 37, 53)
  )
  got <- Map(function(p0, p1, power) {
    sample_size("single-arm", p0, p1, power = power)
  }, published$p0, published$p1, published$power)
  expect_equal(vapply(got, `[[`, 0, "n"), published$n)
  expect_equal(vapply(got, `[[`, 0, "cutoff"), published$r)
})

test_that("an exact design keeps its promises, and no smaller one does", {
  for (case in list(c(0.8, 0.95, 0.05, 0.8), c(0.6, 0.75, 0.1, 0.9))) {
    x <- sample_size(p0 = case[1], p1 = case[2], alpha = case[3], power = case[4])
    tail_of <- function(n, r, p) sum(stats::dbinom(r:n, n, p))
    expect_equal(x$alpha.exact, tail_of(x$n, x$cutoff, case[1]), tolerance = 1e-10)
    expect_equal(x$power.exact, tail_of(x$n, x$cutoff, case[2]), tolerance = 1e-10)
    expect_lte(x$alpha.exact, case[3])
    expect_gte(x$power.exact, case[4])
    works <- vapply(seq_len(x$n - 1), function(n) {
      any(vapply(seq_len(n), function(r) {
        tail_of(n, r, case[1]) <= case[3] && tail_of(n, r, case[2]) >= case[4]
      }, NA))
    }, NA)
    expect_false(any(works))
  }
  two <- sample_size(p0 = 0.8, p1 = 0.95, sided = 2)
  expect_lte(two$alpha.exact, 0.025)
})

test_that("events of the log-rank test", {
  # Collett, Modelling Survival Data in Medical Research, ch. 10: hazard ratio 0.57,
  # power 0.9, two-sided 0.05: 133 deaths. Freedman at ratio 0.5: 9 (1.96 + 0.84)^2.
  z <- stats::qnorm(0.975) + stats::qnorm(0.9)
  expect_identical(round(logrank_events(0.57, 1, z, "schoenfeld")), 133)
  x <- sample_size("logrank", hazard_ratio = 0.5, method = "freedman")
  z <- stats::qnorm(0.975) + stats::qnorm(0.8)
  expect_identical(x$n.event, ceiling(9 * z^2))
  expect_identical(x$n, NA_real_)
  # inverting the ratio and swapping the groups changes nothing; 1:1 needs fewest events
  for (method in c("schoenfeld", "freedman")) {
    expect_equal(
      logrank_events(0.4, 3, z, method), logrank_events(2.5, 1 / 3, z, method)
    )
  }
  expect_gt(
    logrank_events(0.4, 2, z, "schoenfeld"), logrank_events(0.4, 1, z, "schoenfeld")
  )
})

test_that("patients are events divided by the proportion with an event", {
  x <- sample_size("logrank", hazard_ratio = 0.5, median = 10, follow_up = 20, ratio = 2)
  # without accrual the proportions with the event are 1 - 2^-2 and 1 - 2^-1
  part <- (0.75 + 2 * 0.5) / 3
  z <- stats::qnorm(0.975) + stats::qnorm(0.8)
  n <- logrank_events(0.5, 2, z, "schoenfeld") / part
  expect_identical(x$n.analysed, ceiling(n))
  expect_identical(c(x$n.1, x$n.2), ceiling(n * c(1, 2) / 3))
  # very short accrual equals no accrual; the proportion is the mean over entry times
  expect_equal(event_probability(0.1, 1e-7, 5), event_probability(0.1, 0, 5),
    tolerance = 1e-6
  )
  mean_part <- stats::integrate(function(u) 1 - exp(-0.1 * (5 + u)), 0, 8)$value / 8
  expect_equal(event_probability(0.1, 8, 5), mean_part, tolerance = 1e-8)
})

km_size <- function(p0, p1, ..., time = 12) {
  sample_size("single-arm", p0, p1, method = "kaplan-meier", time = time, ...)
}

test_that("where all are followed the Kaplan-Meier design is the exact one", {
  # S(time) is a binomial proportion then: clinfun and A'Hern give 59 for 85% v 95%
  x <- km_size(0.85, 0.95, accrual = 24, follow_up = 12)
  expect_identical(x$n, 59)
  expect_identical(x$cutoff, NA_real_)
  for (case in list(c(0.8, 0.92), c(0.5, 0.6), c(0.9, 0.97))) {
    for (power in c(0.8, 0.9)) {
      exact <- sample_size(p0 = case[1], p1 = case[2], power = power)$n
      expect_identical(km_size(case[1], case[2], power = power)$n, exact)
      two <- sample_size(p0 = case[1], p1 = case[2], power = power, sided = 2)$n
      expect_identical(km_size(case[1], case[2], power = power, sided = 2)$n, two)
    }
  }
  # accrual or follow-up alone does not change n if everybody is followed up to the time
  # of interest; n is larger if some are followed for a shorter time
  n <- km_size(0.8, 0.92)$n
  expect_identical(km_size(0.8, 0.92, accrual = 50)$n, n)
  expect_identical(km_size(0.8, 0.92, follow_up = 99)$n, n)
  expect_gt(km_size(0.8, 0.92, accrual = 24, follow_up = 3)$n, n)
})

test_that("censoring multiplies n by the ratio of the variances of S(time)", {
  h <- -log(0.92) / 12
  integral <- stats::integrate(function(u) {
    h * exp(h * u) / pmin(1, (24 + 6 - u) / 24)
  }, 0, 12, rel.tol = 1e-10)$value
  ratio <- 0.92 / 0.08 * integral
  expect_equal(ratio, 1.0775, tolerance = 1e-4)
  x <- km_size(0.8, 0.92, accrual = 24, follow_up = 6, design_effect = 1.2)
  exact <- sample_size(p0 = 0.8, p1 = 0.92)$n
  expect_identical(c(x$n.analysed, x$n), c(ceiling(exact * ratio), 75))
  # the unit of time has no effect
  days <- km_size(0.8, 0.92, time = 360, accrual = 720, follow_up = 180)
  expect_identical(days$n, x$n.analysed)
})

test_that("beyond 10 000 subjects the arcsine scale replaces the exact search", {
  z <- stats::qnorm(0.95) + stats::qnorm(0.8)
  gap <- asin(sqrt(0.505)) - asin(sqrt(0.5))
  expect_identical(km_size(0.5, 0.505)$n, ceiling(z^2 / (4 * gap^2)))
  near <- km_size(0.5, 0.53)$n # below the bound: exact search
  gap <- asin(sqrt(0.53)) - asin(sqrt(0.5))
  expect_equal(near, z^2 / (4 * gap^2), tolerance = 0.05)
})

test_that("simulated power of the Kaplan-Meier design", {
  withr::local_seed(20261)
  times <- 1000
  for (case in list(c(0.6, 0.75, 6), c(0.85, 0.95, 12), c(0.8, 0.92, 6))) {
    size <- km_size(case[1], case[2], accrual = 24, follow_up = case[3])
    n <- size$n * times
    fail <- stats::rexp(n, -log(case[2]) / 12)
    seen <- case[3] + 24 * stats::runif(n)
    d <- data.frame(
      time = pmin(fail, seen), status = as.integer(fail <= seen), g = rep(1:times, size$n)
    )
    fit <- kaplan_meier(Surv(time, status) ~ g, d,
      conf.type = "log-log", conf.level = 0.9, times = 12
    )
    rows <- tidy_rows(fit, extend = TRUE)
    expect_lt(abs(mean(rows$conf.low > case[1]) - 0.8), 0.06)
  }
})

test_that("simulated power of the log-rank design", {
  withr::local_seed(20262)
  size <- sample_size("logrank", hazard_ratio = 0.5, median = 10, accrual = 12,
    follow_up = 12
  )
  group <- rep(1:2, c(size$n.1, size$n.2))
  rejected <- replicate(500, {
    fail <- stats::rexp(size$n) * 10 / log(2) / c(1, 0.5)[group]
    seen <- 12 + 12 * stats::runif(size$n)
    d <- data.frame(time = pmin(fail, seen), status = as.integer(fail <= seen), group)
    logrank_test(Surv(time, status) ~ group, d)$p.value < 0.05
  })
  expect_lt(abs(mean(rejected) - 0.8), 4 * sqrt(0.16 / 500))
})

test_that("the design effect and dropout enlarge the sample", {
  x <- sample_size(p0 = 0.1, p1 = 0.3, design_effect = 1.4, dropout = 0.1)
  expect_identical(c(x$n, x$n.analysed, x$cutoff), c(ceiling(25 * 1.4 / 0.9), 25, 6))
  x <- sample_size(p0 = 0.1, p1 = 0.3, dropout = 0.5)
  expect_identical(x$n, 50)
})

test_that("what is missing or impossible is an error by class", {
  input <- "oligosurv_error_input"
  expect_error(sample_size(p1 = 0.9), "`p0` is missing", class = input)
  expect_error(sample_size(p0 = 0.9, p1 = 0.8), "must be above `p0`", class = input)
  expect_error(sample_size(p0 = 0, p1 = 0.8), class = input)
  expect_error(sample_size("logrank"), "`hazard_ratio` is missing", class = input)
  expect_error(sample_size("logrank", hazard_ratio = 1), "must differ from 1",
    class = input
  )
  expect_error(sample_size("logrank", hazard_ratio = 2, method = "exact"), class = input)
  expect_error(sample_size("logrank", hazard_ratio = 2, median = 5), "`follow_up`",
    class = input
  )
  expect_error(sample_size(p0 = 0.1, p1 = 0.3, dropout = 1), class = input)
  expect_error(sample_size(p0 = 0.1, p1 = 0.3, sided = 3), class = input)
  expect_error(sample_size(p0 = 0.1, p1 = 0.3, method = "kaplan-meier"), "`time`",
    class = input
  )
  expect_error(sample_size(p0 = 0.5, p1 = 0.50001), "10 000",
    class = "oligosurv_error_data"
  )
  expect_error(
    sample_size(p0 = 0.5, p1 = 0.6, method = "kaplan-meier", time = 12, follow_up = 6),
    "nobody is followed", class = "oligosurv_error_data"
  )
})

test_that("the prints are as expected", {
  expect_snapshot({
    print(sample_size(p0 = 0.8, p1 = 0.95, design_effect = 1.2))
    print(sample_size("logrank",
      hazard_ratio = 0.5, median = 11, accrual = 24, follow_up = 12
    ))
  })
  expect_output(print(sample_size(p0 = 0.1, p1 = 0.3)["n"]), "25")
})

test_that("a log-rank test without accrual and follow-up sees no event", {
  error <- expect_error(
    sample_size("logrank", hazard_ratio = 0.5, median = 10, follow_up = 0),
    "`accrual` or `follow_up` must be above 0; both are 0",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "follow_up")
  # one of them is enough, and the events needed do not depend on them
  long <- sample_size("logrank", hazard_ratio = 0.5, median = 10, follow_up = 12)
  late <- sample_size("logrank",
    hazard_ratio = 0.5, median = 10, accrual = 12, follow_up = 0
  )
  expect_identical(tidy(long)$n.event, tidy(late)$n.event)
  expect_lt(tidy(long)$n, tidy(late)$n)
})
