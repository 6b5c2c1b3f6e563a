# Hazard ratios: Cox, cause-specific and Fine-Gray models against survival and cmprsk.

test_that("values by hand: two subjects a group, no ties", {
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- tidy(hazard_ratio(Surv(month, dead) ~ arm, d))
  ratio <- (sqrt(17) - 1) / 8
  expect_equal(fit$estimate, ratio, tolerance = 1e-8)
  info <- 2 * ratio / (1 + ratio)^2 + 2 * ratio / (1 + 2 * ratio)^2
  expect_equal(fit$std.error, ratio * sqrt(1 / info), tolerance = 1e-6)
  expect_equal(fit$statistic, log(ratio) * sqrt(info), tolerance = 1e-6)
  expect_equal(fit$conf.high, ratio * exp(stats::qnorm(0.975) / sqrt(info)),
    tolerance = 1e-6
  )
  expect_identical(fit[c("term", "level", "reference", "n", "n.event")], data.frame(
    term = "arm", level = "B", reference = "A", n = 2, n.event = 2
  ))
})

test_that("Freireich et al. 1963: log hazard ratio 1.57 (Efron), se 0.412", {
  fit <- tidy(hazard_ratio(Surv(week, relapse) ~ arm, freireich), exponentiate = FALSE)
  expect_equal(round(fit$estimate, 2), 1.57)
  expect_equal(round(fit$std.error, 3), 0.412)
})

test_that("Cox is coxph with Efron ties: numbers, factors, strata, interactions", {
  for (ties in c(FALSE, TRUE)) {
    d <- cox_rows(3, ties = ties)
    fit <- hazard_ratio(Surv(time, event) ~ log(age) * arm + strata(site), d)
    peer <- survival::coxph(Surv(time, event) ~ log(age) * arm + strata(site), d)
    expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-6)
    expect_equal(tidy(fit, exponentiate = FALSE)$std.error,
      unname(sqrt(diag(stats::vcov(peer)))),
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

test_that("Breslow: 1.509, se 0.410, ratio 4.523 (Kleinbaum and Klein 2012, chapter 3)", {
  fit <- hazard_ratio(Surv(week, relapse) ~ arm, freireich, ties = "breslow")
  expect_equal(round(log(tidy(fit)$estimate), 3), 1.509)
  expect_equal(round(tidy(fit, exponentiate = FALSE)$std.error, 3), 0.410)
  expect_equal(round(tidy(fit)$estimate, 3), 4.523)
  expect_output(print(fit), "^Cox regression, Breslow ties")
})

test_that("one tie by hand: 1/2 by Breslow, 1 / sqrt(6) by Efron", {
  # A and B fail at 1, the other B fails at 2. Likelihood: Breslow r / (1 + 2 r)^2, Efron
  # r / ((1 + 2 r) (1 + 2 r - (1 + r) / 2))
  d <- data.frame(t = c(1, 1, 2), e = 1, arm = c("A", "B", "B"))
  ratio <- function(...) tidy(hazard_ratio(Surv(t, e) ~ arm, d, firth = FALSE, ...))
  expect_equal(ratio(ties = "breslow")$estimate, 1 / 2, tolerance = 1e-6)
  expect_equal(ratio(ties = "efron")$estimate, 1 / sqrt(6), tolerance = 1e-6)
  expect_identical(ratio(), ratio(ties = "efron"))
})

test_that("ties are those of coxph(ties = ) in each model", {
  d <- cox_rows(3, ties = TRUE)
  d$entry <- d$time / 3
  numbers <- function(fit) c(log(fit$estimate), fit$std.error / fit$estimate)
  peer <- function(...) {
    fit <- survival::coxph(...)
    unname(c(stats::coef(fit), sqrt(diag(stats::vcov(fit)))))
  }
  long <- survival::finegray(Surv(time, status) ~ ., d[c("time", "status", "age", "arm")],
    etype = "failure"
  )
  for (ties in c("efron", "breslow")) {
    ours <- function(...) tidy(hazard_ratio(..., data = d, ties = ties))
    expect_equal(
      numbers(ours(Surv(time, event) ~ age + arm + strata(site))),
      peer(Surv(time, event) ~ age + arm + strata(site), d, ties = ties),
      tolerance = 1e-6
    )
    expect_equal(
      numbers(ours(Surv(entry, time, event) ~ age + arm)),
      peer(Surv(entry, time, event) ~ age + arm, d, ties = ties),
      tolerance = 1e-6
    )
    expect_equal(
      numbers(ours(Surv(time, status) ~ age + arm, outcome = "death")),
      peer(Surv(time, status == "death") ~ age + arm, d, ties = ties),
      tolerance = 1e-6
    )
    gray <- ours(Surv(time, status) ~ age + arm, model = "fine-gray", outcome = "failure")
    expect_equal(log(gray$estimate), unname(stats::coef(survival::coxph(
      Surv(fgstart, fgstop, fgstatus) ~ age + arm, long, weights = fgwt, ties = ties
    ))), tolerance = 1e-6)
    expect_match(gray$method[1], ties, ignore.case = TRUE)
  }
  usual <- tidy(hazard_ratio(Surv(time, status) ~ age, d, "fine-gray"))
  expect_identical(
    usual, tidy(hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", ties = "breslow"))
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, ties = "exact"), "`ties`",
    class = "oligosurv_error_input"
  )
})

test_that("id gives coxph's cluster variance times G / (G - p - 1), and t", {
  d <- cox_rows(4)
  d$one <- d$event * (d$cause == 1)
  corrected <- function(fit, peer) {
    p <- length(stats::coef(peer))
    error <- unname(sqrt(diag(stats::vcov(peer)))) * sqrt(30 / (30 - p - 1))
    b <- unname(stats::coef(peer))
    expect_equal(fit$std.error / fit$estimate, error, tolerance = 1e-5)
    expect_identical(fit$df, rep(30 - p - 1, p))
    expect_equal(fit$statistic, b / error, tolerance = 1e-5)
    expect_equal(fit$p.value, 2 * stats::pt(-abs(b / error), 30 - p - 1),
      tolerance = 1e-5
    )
    width <- stats::qt(0.975, 30 - p - 1) * error
    expect_equal(log(fit$conf.low), b - width, tolerance = 1e-5)
    expect_equal(log(fit$conf.high), b + width, tolerance = 1e-5)
  }
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  corrected(tidy(fit), survival::coxph(Surv(time, event) ~ arm, d, cluster = id))
  corrected(
    tidy(hazard_ratio(Surv(time, event) ~ age, d, id = id)),
    survival::coxph(Surv(time, event) ~ age, d, cluster = id)
  )
  stratified <- Surv(time, status) ~ arm + age + strata(site)
  by_cause <- tidy(hazard_ratio(stratified, d, id = id))
  corrected(by_cause[by_cause$outcome == "failure", ], survival::coxph(
    Surv(time, cause == 1) ~ arm + age + strata(site), d, cluster = id
  ))
  long <- survival::finegray(Surv(time, status) ~ ., d[c("time", "status", "age", "id")],
    etype = "failure"
  )
  corrected(tidy(hazard_ratio(Surv(time, status) ~ age, d, "fine-gray",
    outcome = "failure", id = id, variance = "robust"
  )), survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ age, long,
    weights = fgwt, cluster = id, ties = "breslow"
  ))
  expect_match(
    glance(fit)$method, "30 ids: times 30/27, t with 27 degrees of freedom", fixed = TRUE
  )
  expect_identical(glance(fit)$n.id, 30L)
  expect_output(print(fit), "t with 27 degrees of freedom", width = 200)
  alone <- hazard_ratio(Surv(time, event) ~ arm, d)
  expect_identical(tidy(alone)$df, c(Inf, Inf))
  expect_identical(glance(alone)$n.id, NA_integer_)
  for (other in list(
    hazard_ratio(Surv(time, event) ~ arm, d, id = "id"),
    hazard_ratio(Surv(time, event) ~ arm, d, id = d$id + 0.5),
    hazard_ratio(Surv(time, event) ~ arm + cluster(id), d)
  )) {
    expect_identical(tidy(other), tidy(fit))
  }
})

test_that("p is below 5% where the 95% limits leave out 1, also by id", {
  for (seed in 1:20) {
    d <- cox_rows(seed, 24)
    fit <- tidy(hazard_ratio(Surv(time, event) ~ age + I(site == 2), d, id = id))
    out <- fit$conf.low > 1 | fit$conf.high < 1
    expect_identical(fit$p.value < 0.05, out)
  }
})

test_that("as many ids as coefficients leave no standard error", {
  d <- cox_rows(4)
  d$id <- rep(1:3, 20)
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  alone <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  expect_identical(tidy(fit)$estimate, alone$estimate)
  for (name in c("std.error", "df", "p.value", "conf.low", "conf.high")) {
    expect_identical(tidy(fit)[[name]], c(NA_real_, NA))
  }
  expect_output(print(fit), "not defined for 3 ids")
  one <- tidy(hazard_ratio(Surv(time, event) ~ age, d, id = id))
  expect_identical(one$df, 1)
  expect_false(anyNA(one$conf.low))
})

test_that("left truncation is coxph's counting form", {
  d <- cox_rows(5)
  d$entry <- d$time / 3
  fit <- tidy(hazard_ratio(Surv(entry, time, event) ~ age, d))
  peer <- survival::coxph(Surv(entry, time, event) ~ age, d,
    control = survival::coxph.control(1e-11)
  )
  expect_equal(log(fit$estimate), unname(stats::coef(peer)), tolerance = 1e-8)
})

test_that("Fine-Gray is crr: coefficients and standard errors to 1e-6", {
  skip_if_not_installed("cmprsk")
  for (seed in 1:5) {
    d <- cox_rows(seed, 80)
    fit <- tidy(hazard_ratio(Surv(time, status) ~ age + arm, d, "fine-gray"))
    for (k in 1:2) {
      x <- stats::model.matrix(~ age + arm, d)[, -1]
      peer <- cmprsk::crr(d$time, d$cause, x, failcode = k, gtol = 1e-10)
      ours <- fit[fit$outcome == levels(d$status)[k + 1], ]
      expect_lt(max(abs(log(ours$estimate) - peer$coef)), 1e-6)
      expect_equal(ours$std.error / ours$estimate, sqrt(diag(peer$var)),
        tolerance = 1e-6
      )
    }
  }
})

test_that("without censoring a Fine-Gray model is Cox with the others kept to the end", {
  d <- cox_rows(6)
  d$status[d$status == "censored"] <- "death"
  d$kept <- ifelse(d$status == "failure", d$time, 99)
  fit <- hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", outcome = "failure")
  peer <- survival::coxph(Surv(kept, status == "failure") ~ age, d,
    ties = "breslow", control = survival::coxph.control(1e-11)
  )
  expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-8)
})

test_that("Cox with competing risks is cause-specific, one model a cause", {
  d <- cox_rows(7)
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

test_that("invariants: row order, unit of time, coding of the status, event table", {
  d <- cox_rows(10, ties = TRUE)
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
  d <- cox_rows(11)
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

test_that("lesions need an id; few events give a warning", {
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

test_that("the print has the model, the status, the ratios and the check", {
  expect_snapshot(hazard_ratio(Surv(week, relapse) ~ arm, freireich))
})

test_that("errors by class", {
  d <- cox_rows(12)
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
