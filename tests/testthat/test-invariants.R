# Changes of the data that must not change a result, for every estimator.

answers <- function(d) {
  list(
    km = tidy(kaplan_meier(Surv(time, event) ~ group, d)),
    quantiles = quantile(kaplan_meier(Surv(time, event) ~ group, d), c(0.25, 0.5, 0.75)),
    cif = tidy(cumulative_incidence(Surv(time, status) ~ group, d)),
    follow_up = tidy(follow_up(Surv(time, event) ~ group, d)),
    logrank = glance(logrank_test(Surv(time, event) ~ group + strata(stratum), d)),
    logrank_groups = as.data.frame(logrank_test(Surv(time, event) ~ group, d)),
    gray = glance(gray_test(Surv(time, status) ~ group + strata(stratum), d))
  )
}

sets <- random_sets(2, c("ties", "continuous", "zero times", "days", "lone group"))

test_that("row order", {
  for (d in sets) {
    shuffled <- withr::with_seed(1, d[sample(nrow(d)), ])
    expect_identical(answers(shuffled), answers(d))
  }
})

test_that("unit of time: only times change", {
  for (d in sets) {
    base <- answers(d)
    for (unit in c(8, 30.4375)) {
      other <- answers(transform(d, time = time * unit))
      for (x in c("km", "cif", "follow_up")) {
        expect_identical(other[[x]]$time, base[[x]]$time * unit)
        rest <- setdiff(names(base[[x]]), "time")
        expect_identical(other[[x]][rest], base[[x]][rest])
      }
      for (x in c("estimate", "conf.low", "conf.high")) {
        expect_equal(other$quantiles[[x]], base$quantiles[[x]] * unit, tolerance = 1e-15)
      }
      tests <- c("logrank", "logrank_groups", "gray")
      expect_identical(other[tests], base[tests])
    }
  }
})

test_that("every row twice: the same curves, standard errors smaller by sqrt(2)", {
  for (d in sets) {
    base <- answers(d)
    twice <- answers(rbind(d, d))
    for (x in c("km", "cif", "follow_up")) {
      expect_equal(twice[[x]]$estimate, base[[x]]$estimate, tolerance = 1e-14)
      expect_equal(twice[[x]]$n.risk, 2 * base[[x]]$n.risk)
      expect_equal(twice[[x]]$std.error, base[[x]]$std.error / sqrt(2), tolerance = 1e-12)
    }
    expect_equal(twice$quantiles$estimate, base$quantiles$estimate)
    expect_equal(twice$logrank_groups$expected, 2 * base$logrank_groups$expected)
  }
})

test_that("names and order of the groups", {
  for (d in sets) {
    base <- answers(d)
    new <- rev(paste("group", levels(d$group)))
    other <- transform(d, group = factor(paste("group", group), new))
    other <- answers(other)
    for (x in c("km", "cif", "follow_up")) {
      got <- other[[x]][order(-as.integer(other[[x]]$strata)), ]
      if (x == "cif") got <- got[order(got$outcome), ]
      want <- base[[x]]
      if (x == "cif") want <- want[order(want$outcome, want$strata), ]
      same <- setdiff(names(got), "strata")
      expect_equal(got[same], want[same], tolerance = 0, ignore_attr = TRUE)
    }
    for (x in c("logrank", "gray")) {
      expect_equal(other[[x]]$statistic, base[[x]]$statistic, tolerance = 1e-12)
      expect_equal(other[[x]]$df, base[[x]]$df)
    }
  }
})

test_that("one thread or two: identical", {
  withr::local_options(oligosurv.rows_per_thread = 1) # two threads from 65,536 rows
  big <- withr::with_seed(3, {
    n <- 3e5
    data.frame(
      time = round(stats::rexp(n, 0.001), 3), cause = sample(0:2, n, TRUE),
      group = factor(sample(letters[1:3], n, TRUE)),
      stratum = factor(sample(1:2, n, TRUE))
    )
  })
  big$event <- as.integer(big$cause > 0)
  big$status <- factor(big$cause, 0:2, c("censored", "failure", "death"))
  for (d in list(big, transform(big, time = ceiling(time)))) {
    one <- withr::with_options(list(oligosurv.threads = 1), answers(d))
    two <- withr::with_options(list(oligosurv.threads = 2), answers(d))
    expect_identical(one, two)
  }
})

test_that("status as number, logical or two-level factor gives one answer", {
  d <- sets[[1]]
  base <- tidy(kaplan_meier(Surv(time, event) ~ group, d))
  expect_identical(tidy(kaplan_meier(Surv(time, event == 1) ~ group, d)), base)
  d$event <- as.double(d$event)
  expect_identical(tidy(kaplan_meier(Surv(time, event) ~ group, d)), base)
})

test_that("the incidences of all causes and the event-free curve sum to 1", {
  for (d in sets) {
    cif <- tidy(cumulative_incidence(Surv(time, status) ~ group, d))
    free <- tidy(kaplan_meier(Surv(time, event) ~ group, d))
    total <- free$estimate
    for (cause in levels(cif$outcome)) {
      rows <- cif[cif$outcome == cause, ]
      expect_identical(rows$strata, free$strata)
      expect_identical(rows$time, free$time)
      total <- total + rows$estimate
    }
    expect_equal(total, rep(1, length(total)), tolerance = 4e-16)
  }
})

test_that("the event table gives what its rows give, whole or merged from parts", {
  for (d in sets) {
    half <- seq_len(nrow(d)) %% 2 == 0
    for (f in list(
      list(kaplan_meier, Surv(time, event) ~ group, tidy),
      list(cumulative_incidence, Surv(time, status) ~ group, tidy),
      list(logrank_test, Surv(time, event) ~ group + strata(stratum), glance),
      list(gray_test, Surv(time, status) ~ group + strata(stratum), glance)
    )) {
      direct <- f[[3]](f[[1]](f[[2]], d))
      expect_identical(f[[3]](f[[1]](event_table(f[[2]], d))), direct)
      merged <- c(event_table(f[[2]], d[half, ]), event_table(f[[2]], d[!half, ]))
      expect_identical(f[[3]](f[[1]](merged)), direct)
    }
  }
})

# A computed time is read in R; a column may be counted in C
test_that("easy rows, an event table and the general reading give the same object", {
  for (d in random_sets(2)) {
    d$event <- d$cause > 0
    d$arm <- as.character(d$group)
    for (right in c("1", "group", "arm + strata(stratum)", "1 + strata(stratum)")) {
      one <- stats::as.formula(paste("Surv(time, event) ~", right))
      more <- stats::as.formula(paste("Surv(time, status) ~", right))
      long_one <- stats::as.formula(paste("Surv(time + 0, event) ~", right))
      long_more <- stats::as.formula(paste("Surv(time + 0, status) ~", right))
      km <- kaplan_meier(long_one, d)
      expect_identical(kaplan_meier(one, d), km)
      expect_identical(kaplan_meier(event_table(one, d)), km)
      aalen <- function(...) {
        cumulative_incidence(...,
          times = 3, conf.type = "log", conf.level = 0.9, variance = "aalen"
        )
      }
      cif <- aalen(long_more, d)
      expect_identical(aalen(more, d), cif)
      expect_identical(aalen(event_table(more, d)), cif)
      if (startsWith(right, "1")) next
      test <- logrank_test(long_one, d, "gehan")
      expect_identical(logrank_test(one, d, "gehan"), test)
      expect_identical(logrank_test(event_table(one, d), weight = "gehan"), test)
      test <- gray_test(long_more, d)
      expect_identical(gray_test(more, d), test)
      expect_identical(gray_test(event_table(more, d)), test)
    }
  }
})

test_that("the fast and the general path give the same error", {
  d <- random_rows("ties", 1)
  wrong <- list(
    quote(kaplan_meier(Surv(time, event) ~ group, d, conf.type = "loglog")),
    quote(kaplan_meier(Surv(time, event) ~ group, d, conf.level = 1)),
    quote(kaplan_meier(Surv(time, event) ~ group, d, times = -1)),
    quote(kaplan_meier(Surv(time, status) ~ group, d)),
    quote(cumulative_incidence(Surv(time, status) ~ group, d, variance = "none")),
    quote(logrank_test(Surv(time, event) ~ 1, d)),
    quote(logrank_test(Surv(time, event) ~ group, d, "wilcoxon")),
    quote(logrank_test(event_table(Surv(time, event) ~ group, d), d)),
    quote(gray_test(Surv(time, status) ~ 1, d, tie_tol = 0)),
    quote(gray_test(Surv(time, status) ~ group, d, tie_tol = 1))
  )
  for (call in wrong) {
    long <- call # na.action cannot drop rows of an event table
    if (as.list(call[[2L]])[[1L]] != "event_table") {
      long$na.action <- quote(stats::na.omit)
    }
    plain <- expect_error(eval(call), class = "oligosurv_error")
    expect_error(eval(long), conditionMessage(plain), fixed = TRUE,
      class = class(plain)[1]
    )
  }
  withr::local_options(oligosurv.threads = 0)
  expect_error(kaplan_meier(Surv(time, event) ~ group, d), "oligosurv.threads",
    class = "oligosurv_error_input"
  )
})
