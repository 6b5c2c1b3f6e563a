mp <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
mp_relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
placebo <- c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
freireich <- data.frame(
  week = c(mp, placebo), relapse = c(mp_relapse, rep(1, 21)),
  arm = rep(c("6-MP", "placebo"), each = 21)
)

cohort <- function(seed, n = 60, ties = FALSE) {
  withr::with_seed(seed, {
    d <- data.frame(
      time = stats::rexp(n), cause = sample(0:2, n, TRUE), age = stats::rnorm(n, 60, 9),
      arm = factor(sample(c("a", "b", "c"), n, TRUE)), site = sample(1:2, n, TRUE),
      id = rep(seq_len(n / 2), 2)
    )
    if (ties) d$time <- ceiling(d$time * 4)
    d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
    d$event <- as.integer(d$cause > 0)
    d
  })
}

test_that("values by hand: two subjects a group, no ties", {
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- tidy(hazard_ratio(Surv(month, dead) ~ arm, d))
  ratio <- (sqrt(17) - 1) / 8
  expect_equal(fit$estimate, ratio, tolerance = 1e-8)
  info <- 2 * ratio / (1 + ratio)^2 + 2 * ratio / (1 + 2 * ratio)^2
  expect_equal(fit$std.error, sqrt(1 / info), tolerance = 1e-6)
  expect_equal(fit$statistic, log(ratio) * sqrt(info), tolerance = 1e-6)
  expect_equal(fit$conf.high, ratio * exp(stats::qnorm(0.975) / sqrt(info)),
    tolerance = 1e-6
  )
  expect_identical(fit[c("term", "level", "reference", "n", "n.event")], data.frame(
    term = "arm", level = "B", reference = "A", n = 2, n.event = 2
  ))
})

test_that("Freireich et al. 1963: log hazard ratio 1.57 (Efron), se 0.412", {
  fit <- tidy(hazard_ratio(Surv(week, relapse) ~ arm, freireich))
  expect_equal(round(log(fit$estimate), 2), 1.57)
  expect_equal(round(fit$std.error, 3), 0.412)
})

test_that("Cox is coxph with Efron ties: numbers, factors, strata, interactions", {
  for (ties in c(FALSE, TRUE)) {
    d <- cohort(3, ties = ties)
    fit <- hazard_ratio(Surv(time, event) ~ log(age) * arm + strata(site), d)
    peer <- survival::coxph(Surv(time, event) ~ log(age) * arm + strata(site), d)
    expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-6)
    expect_equal(tidy(fit)$std.error, unname(sqrt(diag(stats::vcov(peer)))),
      tolerance = 1e-6
    )
    expect_equal(fit$proportional_hazards$p.value,
      unname(survival::cox.zph(peer)$table[, "p"]),
      tolerance = 1e-6
    )
  }
  expect_identical(tidy(fit)$term, rep(c("log(age)", "arm", "log(age):arm"), c(1, 2, 2)))
  expect_identical(tidy(fit)$level[1:3], c(NA, "b", "c"))
})

test_that("id gives coxph's cluster variance, in each way to say it", {
  d <- cohort(4)
  peer <- survival::coxph(Surv(time, event) ~ arm, d, cluster = id)
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  expect_equal(tidy(fit)$std.error, unname(sqrt(diag(stats::vcov(peer)))))
  expect_match(glance(fit)$method, "robust variance by id")
  for (other in list(
    hazard_ratio(Surv(time, event) ~ arm, d, id = "id"),
    hazard_ratio(Surv(time, event) ~ arm, d, id = d$id + 0.5),
    hazard_ratio(Surv(time, event) ~ arm + cluster(id), d)
  )) {
    expect_identical(tidy(other), tidy(fit))
  }
})

test_that("left truncation is coxph's counting form", {
  d <- cohort(5)
  d$entry <- d$time / 3
  fit <- tidy(hazard_ratio(Surv(entry, time, event) ~ age, d))
  peer <- survival::coxph(Surv(entry, time, event) ~ age, d)
  expect_equal(log(fit$estimate), unname(stats::coef(peer)), tolerance = 1e-8)
})

test_that("Fine-Gray agrees with crr: coefficients to 1e-6, errors to 1%", {
  skip_if_not_installed("cmprsk")
  for (seed in 1:5) {
    d <- cohort(seed, 80)
    fit <- tidy(hazard_ratio(Surv(time, status) ~ age + arm, d, "fine-gray"))
    for (k in 1:2) {
      x <- stats::model.matrix(~ age + arm, d)[, -1]
      peer <- cmprsk::crr(d$time, d$cause, x, failcode = k, gtol = 1e-10)
      ours <- fit[fit$outcome == levels(d$status)[k + 1], ]
      expect_lt(max(abs(log(ours$estimate) - peer$coef)), 1e-6)
      expect_equal(ours$std.error, sqrt(diag(peer$var)), tolerance = 0.01)
    }
  }
})

test_that("without censoring a Fine-Gray model is Cox with the others kept to the end", {
  d <- cohort(6)
  d$status[d$status == "censored"] <- "death"
  d$kept <- ifelse(d$status == "failure", d$time, 99)
  fit <- hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", outcome = "failure")
  peer <- survival::coxph(Surv(kept, status == "failure") ~ age, d, ties = "breslow")
  expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-8)
})

test_that("Cox with competing risks is cause-specific, one model a cause", {
  d <- cohort(7)
  fit <- hazard_ratio(Surv(time, status) ~ age, d)
  for (cause in c("failure", "death")) {
    d$this <- d$status == cause
    peer <- survival::coxph(Surv(time, this) ~ age, d)
    expect_equal(log(tidy(fit)$estimate[tidy(fit)$outcome == cause]),
      unname(stats::coef(peer)),
      tolerance = 1e-8
    )
  }
  one <- hazard_ratio(Surv(time, status) ~ age, d, outcome = "death")
  expect_identical(tidy(one)$estimate, tidy(fit)$estimate[2])
  expect_match(glance(one)$method, "cause-specific")
})

test_that("a group without events: Firth by hand, limits on the profile", {
  d <- data.frame(month = 1:4, dead = c(1, 0, 1, 0), arm = c("A", "B", "A", "B"))
  fit <- tidy(hazard_ratio(Surv(month, dead) ~ arm, d))
  expect_equal(fit$estimate, 0.2, tolerance = 1e-8)
  penalised <- function(r) log(r) / 2 - 3 * log(1 + r)
  deviance <- 2 * (penalised(0.2) - penalised(1))
  expect_equal(fit$p.value, stats::pchisq(deviance, 1, lower.tail = FALSE),
    tolerance = 1e-8
  )
  expect_equal(fit$statistic, -sqrt(deviance), tolerance = 1e-8)
  drop <- 2 * (penalised(0.2) - penalised(c(fit$conf.low, fit$conf.high)))
  expect_equal(drop, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-6)
  expect_match(fit$method, "Firth")
  expect_equal(fit$std.error, 1 / sqrt(2 * 0.2 / 1.2^2), tolerance = 1e-8)
})

test_that("firth = TRUE always, FALSE never, NA where needed", {
  d <- cohort(8)
  expect_no_match(tidy(hazard_ratio(Surv(time, event) ~ arm, d))$method, "Firth")
  always <- tidy(hazard_ratio(Surv(time, event) ~ arm, d, firth = TRUE))
  expect_match(always$method, "Firth")
  d$event[d$arm == "c"] <- 0
  expect_match(tidy(hazard_ratio(Surv(time, event) ~ age + arm, d))$method, "Firth")
  expect_warning(
    never <- hazard_ratio(Surv(time, event) ~ age + arm, d, firth = FALSE), "armc",
    class = "oligosurv_warning_data"
  )
  expect_identical(tidy(never)$estimate[3], 0)
  expect_identical(tidy(never)$conf.high[3], Inf)
  expect_identical(tidy(never)$p.value[3], NA_real_)
  peer <- survival::coxph(Surv(time, event) ~ age + arm, d, subset = arm != "c")
  expect_equal(log(tidy(never)$estimate[1:2]), unname(stats::coef(peer)[1:2]),
    tolerance = 1e-6
  )
})

test_that("Firth with repeated ids keeps the estimate and gives no limits", {
  d <- cohort(9)
  d$event[d$arm == "c"] <- 0
  alone <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  expect_identical(tidy(fit)$estimate, alone$estimate)
  expect_true(all(is.na(tidy(fit)[c("conf.low", "conf.high", "p.value")])))
  expect_output(print(fit), "would ignore that rows of one id")
})

test_that("invariants: row order, unit of time, coding of the status, event table", {
  d <- cohort(10, ties = TRUE)
  base <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  o <- rev(seq_len(nrow(d)))
  expect_equal(tidy(hazard_ratio(Surv(time, event) ~ arm, d[o, ])), base)
  expect_identical(tidy(hazard_ratio(Surv(time * 30.4, event) ~ arm, d)), base)
  expect_identical(tidy(hazard_ratio(Surv(time, event == 1) ~ arm, d)), base)
  expect_message(
    two <- hazard_ratio(Surv(time, event + 1) ~ arm, d), "1 = censored, 2 = event"
  )
  expect_identical(tidy(two)$estimate, base$estimate)
  counted <- tidy(hazard_ratio(event_table(Surv(time, event) ~ arm, d)))
  expect_equal(counted$estimate, base$estimate)
  close <- d$time * (1 + 1e-12 * seq_along(d$time))
  near <- hazard_ratio(Surv(close, event) ~ arm, d)
  expect_identical(tidy(near)$estimate, base$estimate)
})

test_that("edges: no event, empty level, aliased column, missing values, time 0", {
  d <- cohort(11)
  none <- hazard_ratio(Surv(time, rep(0, 60)) ~ arm + age, d)
  expect_identical(tidy(none)$estimate, rep(NA_real_, 3))
  expect_output(print(none), "not checked")
  d$empty <- factor(d$arm, c("none", "a", "b", "c"))
  fit <- tidy(hazard_ratio(Surv(time, event) ~ empty, d))
  expect_identical(fit$reference, rep("a", 3))
  expect_identical(fit$level, c("b", "c", "none"))
  expect_identical(is.na(fit$estimate), c(FALSE, FALSE, TRUE))
  expect_identical(fit$n[3], 0)
  twice <- tidy(hazard_ratio(Surv(time, event) ~ age + I(2 * age), d))
  expect_identical(is.na(twice$estimate), c(FALSE, TRUE))
  d$age[4] <- NA
  expect_message(
    part <- hazard_ratio(Surv(time, event) ~ age, d), "1 row with a missing .*row 4"
  )
  expect_equal(
    tidy(part)$estimate, tidy(hazard_ratio(Surv(time, event) ~ age, d[-4, ]))$estimate
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, na.action = stats::na.fail),
    class = "oligosurv_error_data"
  )
  zero <- data.frame(t = c(0, 1, 2, 3), e = 1, g = c("a", "b", "a", "b"))
  expect_equal(
    tidy(hazard_ratio(Surv(t, e) ~ g, zero))$estimate, (sqrt(17) - 1) / 8,
    tolerance = 1e-8
  )
  one <- hazard_ratio(Surv(time, event) ~ age, d[1, ])
  expect_identical(tidy(one)$estimate, NA_real_)
})

test_that("lesions need an id; few events are said", {
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_error(hazard_ratio(Surv(time, status) ~ cohort, lesions), "id = patient_id",
    class = "oligosurv_error_data"
  )
  os <- endpoint(hcc_sbrt, "os")
  fit <- hazard_ratio(Surv(time, status) ~ cohort, os)
  expect_identical(glance(fit)$n, 37L)
  small <- hazard_ratio(Surv(time, status) ~ cohort, os[os$status == 0 | os$time < 6, ])
  expect_output(print(small), "events per parameter \\(below 5\\)")
})

test_that("print says the model, the status, the ratios and the check", {
  expect_snapshot(hazard_ratio(Surv(week, relapse) ~ arm, freireich))
})

test_that("errors by class", {
  d <- cohort(12)
  expect_error(hazard_ratio(Surv(time, event) ~ 1, d), class = "oligosurv_error_input")
  expect_error(hazard_ratio(Surv(time, event) ~ age - 1, d),
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ nosuch, d), "columns of `data`",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age:strata(site), d), "strata",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, "fine-gray"), "competing",
    class = "oligosurv_error_data"
  )
  expect_error(hazard_ratio(Surv(time, status) ~ age, d, outcome = "cure"), "failure",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, id = nosuch),
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, id = 1:3),
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(-time, event) ~ age, d),
    class = "oligosurv_error_domain"
  )
  d$same <- "x"
  expect_error(hazard_ratio(Surv(time, event) ~ same, d), "one level",
    class = "oligosurv_error_data"
  )
  expect_error(hazard_ratio(d), class = "oligosurv_error_input")
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, firth = "yes"),
    class = "oligosurv_error_input"
  )
})
