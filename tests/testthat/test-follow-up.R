test_that("events at a time leave before the censorings at that time", {
  # the help page of prodlim has this case: 5, where a turned status gives 6
  fit <- follow_up(Surv(c(1, 2, 3, 5, 5, 6), c(1, 0, 1, 1, 0, 0)) ~ 1)
  rows <- tidy(fit)
  expect_identical(median(fit)$estimate, 5)
  expect_identical(rows$n.risk, c(6, 5, 5, 3, 2, 1))
  expect_equal(rows$estimate, c(1, 1, 4 / 5, 4 / 5, 2 / 5, 0))
})

test_that("without ties it is Kaplan-Meier with the status turned round", {
  withr::local_seed(2)
  time <- rexp(50)
  status <- rbinom(50, 1, 0.5)
  expect_identical(
    tidy(follow_up(Surv(time, status) ~ 1))$estimate,
    tidy(kaplan_meier(Surv(time, 1 - status) ~ 1))$estimate
  )
})

test_that("nobody censored: not estimable; competing events all count", {
  expect_identical(median(follow_up(Surv(1:5, rep(1, 5)) ~ 1))$estimate, NA_real_)
  k <- factor(c(0, 1, 2, 0), 0:2, c("censored", "x", "y"))
  expect_identical(
    tidy(follow_up(Surv(1:4, k) ~ 1))$estimate,
    tidy(follow_up(Surv(1:4, k != "censored") ~ 1))$estimate
  )
})

test_that("completeness: Clark's C, observed over potential time", {
  d <- data.frame(month = c(3, 5, 2, 8), death = c(1, 1, 0, 0), possible = c(9, 7, 8, 8))
  f <- Surv(month, death) ~ 1
  got <- glance(follow_up(f, d, potential = possible))
  expect_equal(got$completeness, 18 / 24, tolerance = 1e-15)
  expect_equal(glance(follow_up(f, d, potential = 8))$completeness, 18 / 24)
  expect_identical(glance(follow_up(event_table(f, d), potential = 8))$completeness, 0.75)
  expect_identical(glance(follow_up(f, d))$completeness, NA_real_)
  d$possible[1] <- NA # not read where there was an event
  expect_equal(glance(follow_up(f, d, potential = possible))$completeness, 18 / 24)
  d$arm <- c("a", "b", "a", "b")
  by_arm <- glance(follow_up(Surv(month, death) ~ arm, d, potential = d$possible))
  expect_equal(by_arm$completeness, c(5 / 11, 1), tolerance = 1e-15)
})

test_that("quartiles, ranges and survivors: of the rows themselves, counted or not", {
  d <- random_rows("ties", 4)
  d$event <- d$cause > 0
  fit <- follow_up(Surv(time, status) ~ group, d)
  got <- glance(fit)
  for (g in levels(d$group)) {
    rows <- d[d$group == g, ]
    alive <- rows$time[!rows$event]
    row <- got[got$strata == g, ]
    expect_identical(c(row$shortest, row$longest), range(rows$time))
    expect_identical(row$survivors, as.double(length(alive)))
    expect_identical(row$survivors.median, stats::median(alive))
    expect_identical(c(row$survivors.shortest, row$survivors.longest), range(alive))
  }
  q <- quantile(fit, c(0.25, 0.75))
  expect_identical(got$q25, q$estimate[q$prob == 0.25])
  expect_identical(got$q75, q$estimate[q$prob == 0.75])
  expect_identical(glance(follow_up(event_table(Surv(time, status) ~ group, d))), got)
})

test_that("nobody without event, an empty group, print and errors", {
  arm <- factor(c("a", "a"), c("a", "b"))
  got <- glance(follow_up(Surv(1:2, c(1, 1)) ~ arm))
  expect_identical(got$survivors, c(0, 0))
  expect_identical(got$survivors.median, c(NA_real_, NA_real_))
  expect_identical(got$longest, c(2, NA))
  d <- data.frame(month = c(3, 5, 2, 8), death = c(1, 1, 0, 0), possible = c(9, 7, 8, 8))
  f <- Surv(month, death) ~ 1
  expect_snapshot(print(follow_up(f, d, potential = possible)))
  low <- expect_error(
    follow_up(f, d, potential = possible - 1), class = "oligosurv_error_domain"
  )
  expect_identical(low$where, 4L)
  expect_error(follow_up(f, d, potential = "8"), class = "oligosurv_error_input")
  expect_error(follow_up(f, d, potential = c(8, 8)), class = "oligosurv_error_input")
  expect_error(
    follow_up(event_table(f, d), potential = d$possible), class = "oligosurv_error_data"
  )
})

test_that("exact limits are those of censoring as the event, the events gone before", {
  withr::local_seed(7)
  long <- data.frame(time = sample(5000), event = rbinom(5000, 1, 0.5))
  few <- data.frame(time = c(1, 2, 2, 3, 4, 4, 5), event = c(1, 1, 0, 0, 1, 0, 0))
  columns <- c("time", "estimate", "conf.low", "conf.high")
  for (type in c("exact", "mid-p", "small-sample", "log-log")) {
    for (d in list(few, long)) {
      at <- c(0:10, 4990:5000)
      at <- at[at <= max(d$time)]
      # an event half a unit earlier has left before the censorings at its time
      gone <- d$time - d$event / 2
      censoring <- kaplan_meier(Surv(gone, 1 - event) ~ 1, d, conf.type = type)
      fit <- follow_up(Surv(time, event) ~ 1, d, conf.type = type)
      want <- tidy(censoring, times = at, extend = TRUE)[columns]
      expect_equal(tidy(fit, times = at, extend = TRUE)[columns], want, tolerance = 1e-12)
      later <- follow_up(Surv(time, event) ~ 1, d, conf.type = type, times = at)
      expect_equal(tidy(later, extend = TRUE)[columns], want, tolerance = 1e-12)
    }
  }
  fit <- follow_up(Surv(time, event) ~ 1, few)
  expect_equal(tidy(fit, times = 1)$conf.low, 0.025^(1 / 6)) # six left, nobody censored
})
