# Field by field against survfit on seeded random data. Intended differences: names of
# curves (here labels without the variable) and limits that survfit lacks (at S = 0;
# arcsine at S = 1; where rounding makes the variance negative).

expect_same_survfit <- function(fit, peer, tolerance = 1e-10) {
  got <- unclass(as_survfit(fit))
  want <- unclass(peer)
  expect_setequal(names(got), names(want))
  fields <- setdiff(names(want), c("call", "strata", "p0"))
  for (name in c("std.err", "lower", "upper")) {
    unknown <- is.na(want[[name]])
    got[[name]][unknown] <- want[[name]][unknown] <- 0
  }
  gaps <- lapply(fields, function(name) {
    all.equal(got[[name]], want[[name]], tolerance = tolerance)
  })
  names(gaps) <- fields
  expect_identical(Filter(Negate(isTRUE), gaps), stats::setNames(list(), character()))
  expect_identical(unname(got$strata), unname(want$strata))
  expect_equal(got$p0, want$p0, ignore_attr = TRUE)
}

sets <- random_sets(3)

test_that("a Kaplan-Meier fit becomes survfit's own object", {
  for (d in sets) {
    for (type in c("log", "log-log", "plain", "logit", "arcsin")) {
      for (f in list(Surv(time, event) ~ 1, Surv(time, event) ~ group)) {
        expect_same_survfit(
          kaplan_meier(f, d, conf.type = type),
          suppressWarnings(survival::survfit(f, d, conf.type = type))
        )
      }
    }
  }
})

test_that("a cumulative incidence fit becomes survfit's multi-state object", {
  for (d in sets) {
    if (!any(d$event)) next
    for (f in list(Surv(time, status) ~ 1, Surv(time, status) ~ group)) {
      expect_same_survfit(
        cumulative_incidence(f, d, conf.type = "log-log"),
        suppressWarnings(survival::survfit(f, d, conf.type = "log-log"))
      )
    }
  }
})

test_that("left truncation is handed over", {
  d <- data.frame(
    entry = c(0, 0, 1, 2, 2, 3), exit = c(2, 4, 5, 6, 7, 7), dead = c(1, 0, 1, 1, 0, 1)
  )
  expect_same_survfit(
    kaplan_meier(Surv(entry, exit, dead) ~ 1, d, conf.type = "log-log"),
    survival::survfit(Surv(entry, exit, dead) ~ 1, d, conf.type = "log-log")
  )
})

d <- data.frame(
  month = c(2, 3, 3, 5, 8, 9, 4, 6, 7, 7), dead = c(1, 0, 1, 1, 0, 1, 1, 0, 1, 0),
  cause = factor(c(1, 0, 2, 1, 0, 2, 1, 0, 2, 0), 0:2, c("censored", "relapse", "death")),
  arm = rep(c("A=1, x", "B"), c(6, 4))
)

test_that("survival's methods take the objects", {
  s <- as_survfit(kaplan_meier(Surv(month, dead) ~ arm, d, conf.type = "log-log"))
  peer <- survival::survfit(Surv(month, dead) ~ arm, d, conf.type = "log-log")
  expect_identical(names(s$strata), c("A=1, x", "B"))
  for (what in c("surv", "std.err", "lower", "upper", "n.risk")) {
    expect_equal(
      summary(s, times = c(3, 6))[[what]], summary(peer, times = c(3, 6))[[what]]
    )
  }
  expect_equal(unname(quantile(s)$quantile), unname(quantile(peer)$quantile))
  expect_equal(unname(quantile(s)$upper), unname(quantile(peer)$upper))
  expect_identical(s["B"]$surv, s[2]$surv)
  expect_equal(s[2]$surv, peer[2]$surv)
  expect_output(print(s, rmean = 6), "rmean")
  expect_equal(
    unname(summary(s, rmean = 6)$table[, "rmean"]),
    unname(summary(peer, rmean = 6)$table[, "rmean"])
  )
  ms <- as_survfit(
    cumulative_incidence(Surv(month, cause) ~ arm, d, conf.type = "log-log")
  )
  ms_peer <- survival::survfit(Surv(month, cause) ~ arm, d, conf.type = "log-log")
  expect_equal(
    summary(ms, times = c(3, 6))$pstate, summary(ms_peer, times = c(3, 6))$pstate
  )
  expect_equal(
    unname(summary(ms, rmean = 6)$table), unname(summary(ms_peer, rmean = 6)$table)
  )
  expect_equal(ms[2, "death"]$pstate, ms_peer[2, "death"]$pstate)
  expect_output(print(ms), "relapse")
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  expect_equal(plot(s), plot(peer))
  expect_equal(plot(ms), plot(ms_peer))
})

test_that("broom and ggsurvfit take the objects", {
  skip_if_not_installed("broom")
  skip_if_not_installed("ggsurvfit")
  skip_if_not_installed("dplyr", "1.1.0") # earlier ones fail with current vctrs
  # ggsurvfit is not a suggested package, because of its many dependencies
  ggsurvfit <- function(name) getExportedValue("ggsurvfit", name)
  fit <- kaplan_meier(Surv(month, dead) ~ arm, d)
  ours <- tidy(fit)
  theirs <- as.data.frame(ggsurvfit("tidy_survfit")(as_survfit(fit)))
  expect_equal(theirs$estimate, ours$estimate)
  expect_identical(as.character(theirs$strata), as.character(ours$strata))
  cif <- cumulative_incidence(Surv(month, cause) ~ arm, d)
  theirs <- ggsurvfit("tidy_survfit")(as_survfit(cif), times = 6)
  ours <- tidy(cif, times = 6)
  at <- match(paste(ours$outcome, ours$strata), paste(theirs$outcome, theirs$strata))
  expect_equal(theirs$estimate[at], ours$estimate)
  expect_s3_class(ggsurvfit("ggsurvfit")(as_survfit(fit)), "ggsurvfit")
  expect_s3_class(ggsurvfit("ggcuminc")(as_survfit(cif), outcome = "relapse"), "ggcuminc")
})

test_that("exact limits are kept when asked for, and in an exact fit", {
  fit <- kaplan_meier(Surv(month, dead) ~ 1, d[d$month > 2, ])
  fit_last <- kaplan_meier(Surv(c(1, 2, 3), c(0, 1, 1)) ~ 1)
  expect_identical(as_survfit(fit_last)$lower[1], 1)
  expect_identical(as_survfit(fit_last)$upper[3], NA_real_)
  expect_identical(as_survfit(fit_last, exact = TRUE)$lower, fit_last$conf.low)
  expect_identical(as_survfit(fit_last, exact = TRUE)$upper, fit_last$conf.high)
  exact <- kaplan_meier(Surv(c(1, 2, 3), c(0, 1, 1)) ~ 1, conf.type = "exact")
  expect_identical(as_survfit(exact)$lower, exact$conf.low)
  expect_true(all(is.finite(as_survfit(fit)$std.err[-length(fit$time)])))
})

test_that("groups without subjects are left out; no subjects and no fit are errors", {
  d$arm <- factor(d$arm, c("none", "A=1, x", "B"))
  s <- as_survfit(kaplan_meier(Surv(month, dead) ~ arm, d))
  expect_identical(names(s$strata), c("A=1, x", "B"))
  expect_identical(s$n, c(6L, 4L))
  expect_error(
    as_survfit(kaplan_meier(Surv(month, dead) ~ 1, d[0, ])),
    class = "oligosurv_error_data"
  )
  expect_error(as_survfit(d), "data frame", class = "oligosurv_error_input")
})
