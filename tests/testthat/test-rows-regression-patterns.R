# Many rows with factors only are counted by covariate pattern: the fit is that of rows.

test_that("the fit by pattern is that of rows, and coxph()'s", {
  d <- withr::with_seed(41, {
    n <- 6000
    data.frame(
      time = ceiling(stats::rexp(n) * 5), event = stats::rbinom(n, 1, 0.7),
      a = factor(sample(c("x", "y"), n, TRUE), c("y", "x", "z")),
      b = factor(sample(letters[1:3], n, TRUE)), s = sample(1:2, n, TRUE)
    )
  })
  d$b[5] <- NA
  formula <- Surv(time, event) ~ a * b + strata(s)
  expect_message(fit <- hazard_ratio(formula, d), "1 row with a missing .*row 5")
  by_row <- quietly(tidy(hazard_ratio(update(formula, . ~ . + I(0 * time)), d)))
  by_row <- by_row[by_row$term != "I(0 * time)", ]
  columns <- c("term", "level", "reference", "n", "n.event")
  expect_equal(tidy(fit)[columns], by_row[columns], ignore_attr = TRUE)
  expect_equal(tidy(fit)$estimate, by_row$estimate, tolerance = 1e-11)
  peer <- survival::coxph(Surv(time, event) ~ factor(a, c("y", "x")) * b + strata(s), d,
    control = survival::coxph.control(1e-11)
  )
  known <- !is.na(tidy(fit)$estimate)
  expect_equal(log(tidy(fit)$estimate[known]), unname(stats::coef(peer)),
    tolerance = 1e-9
  )
  expect_equal(fit$proportional_hazards$p.value,
    unname(survival::cox.zph(peer)$table[, "p"]),
    tolerance = 1e-6
  )
  d$event <- d$event + 1
  expect_message(two <- hazard_ratio(formula, d[-5, ]), "1 = censored, 2 = event")
  expect_identical(tidy(two)$estimate, tidy(fit)$estimate)
})

test_that("the event table of a fit by pattern is that of the rows", {
  d <- withr::with_seed(42, data.frame(
    day = ceiling(stats::rexp(6000) * 40), event = stats::rbinom(6000, 1, 0.6),
    a = factor(sample(c("x", "y"), 6000, TRUE)), b = factor(sample(1:3, 6000, TRUE)),
    s = sample(c("north", "south"), 6000, TRUE)
  ))
  counted <- hazard_ratio(Surv(day, event) ~ a + b, d)$event_table
  expect_identical(counted, event_table(Surv(day, event) ~ 1, d))
  counted <- hazard_ratio(Surv(day, event) ~ a + b + strata(s), d)$event_table
  expect_identical(
    as.data.frame(counted), as.data.frame(event_table(Surv(day, event) ~ strata(s), d))
  )
  # times closer than the tie rule are joined in the fit, but not in the table
  near <- d
  near$day[1:3000] <- near$day[1:3000] * (1 + 1e-12)
  expect_identical(
    hazard_ratio(Surv(day, event) ~ a + b, near)$event_table,
    event_table(Surv(day, event) ~ 1, near)
  )
  expect_equal(
    tidy(hazard_ratio(Surv(day, event) ~ a + b, near)),
    tidy(hazard_ratio(Surv(day, event) ~ a + b, d)),
    tolerance = 1e-12
  )
})

test_that("one thread and two give the same bits by pattern", {
  d <- withr::with_seed(43, data.frame(
    day = ceiling(stats::rexp(2e5) * 400), event = stats::rbinom(2e5, 1, 0.6),
    a = factor(sample(c("x", "y"), 2e5, TRUE)), b = factor(sample(1:4, 2e5, TRUE))
  ))
  fit <- function(threads) {
    withr::local_options(oligosurv.threads = threads, oligosurv.rows_per_thread = 1e4)
    hazard_ratio(Surv(day, event) ~ a + b, d)
  }
  expect_identical(fit(1L), fit(2L))
})

test_that("rows with any missing value have no residual in a fit by pattern", {
  d <- withr::with_seed(44, data.frame(
    day = ceiling(stats::rexp(6000) * 40), event = stats::rbinom(6000, 1, 0.6),
    a = factor(sample(c("x", "y"), 6000, TRUE)), b = factor(sample(1:3, 6000, TRUE))
  ))
  d$day[3] <- d$event[5] <- d$a[9] <- NA
  expect_message(fit <- hazard_ratio(Surv(day, event) ~ a + b, d), "rows 3, 5 and 9")
  peer <- survival::coxph(Surv(day, event) ~ a + b, d)
  expect_equal(residuals(fit), unname(residuals(peer)), tolerance = 1e-8)
  expect_identical(nrow(model.matrix(fit)), 5997L)
  fit <- expect_no_message(hazard_ratio(Surv(day, event) ~ a + b, d[-c(3, 5, 9), ]))
  expect_equal(residuals(fit), unname(residuals(peer)), tolerance = 1e-8)
})

test_that("a status outside 0/1 and 1/2 is an error that names the row, by pattern too", {
  d <- data.frame(
    day = rep(1:60, 100), event = rep(0:1, 3000), a = factor(rep(1:2, each = 3000))
  )
  for (event in list(7, -1, 0.5, 2)) {
    d$event[41] <- event
    error <- expect_error(hazard_ratio(Surv(day, event) ~ a, d),
      "`status` must be",
      class = "oligosurv_error_domain"
    )
    if (event != 2) expect_identical(error$where, 41L)
  }
  d$event[41] <- 1
  d$day[7] <- -1
  expect_error(hazard_ratio(Surv(day, event) ~ a, d), "`time` must be.*row 7",
    class = "oligosurv_error_domain"
  )
  d$day[7] <- 7L
  d$event <- d$event == 1
  expect_no_error(hazard_ratio(Surv(day, event) ~ a, d))
})

test_that("memory grows with the rows, not with strata times distinct times", {
  skip_on_cran() # takes a second
  d <- withr::with_seed(43, {
    n <- 1e5
    data.frame(
      time = stats::rexp(n), event = stats::rbinom(n, 1, 0.5),
      arm = factor(rep(c("A", "B"), n / 2)), centre = sample(300, n, TRUE)
    )
  })
  invisible(gc(reset = TRUE))
  before <- sum(gc()[, 2L])
  fit <- hazard_ratio(Surv(time, event) ~ arm + strata(centre), d)
  expect_lt(sum(gc()[, 6L]) - before, 100) # megabytes; 480 for 300 x 1e5 x 2 doubles
  peer <- survival::coxph(Surv(time, event) ~ arm + survival::strata(centre), d)
  expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-9)
  counted <- suppressMessages(event_table(Surv(time, event) ~ strata(centre), d))
  expect_identical(fit$event_table$time, counted$time)
  expect_identical(fit$event_table$status, counted$status)
  expect_identical(fit$event_table$start, counted$start)
})
