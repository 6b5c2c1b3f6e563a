# Every function on every awkward data set: an answer or a classed error; no crash, no
# internal warning, no NaN.

codes <- c("censored", "failure", "death")

awkward <- function(time, cause, group = rep_len(c("a", "b"), length(time))) {
  data.frame(
    time = time, event = as.integer(cause > 0), group = factor(group, c("a", "b")),
    status = factor(cause, 0:2, codes),
    stratum = factor(rep_len(c("x", "x", "y"), length(time)))
  )
}

fixtures <- list(
  `zero events` = awkward(1:6, rep(0, 6)),
  `one event` = awkward(1:6, c(0, 0, 1, 0, 0, 0)),
  `one subject, event` = awkward(3, 1),
  `one subject, censored` = awkward(3, 0),
  `an empty group` = awkward(1:4, c(1, 0, 2, 1), "a"),
  `all tied` = awkward(rep(5, 6), c(0, 1, 2, 0, 1, 2)),
  `all tied, all events` = awkward(rep(5, 6), rep(1, 6)),
  `all events` = awkward(1:6, rep(1:2, 3)),
  `times 0` = awkward(c(0, 0, 0, 1, 2), c(1, 0, 2, 1, 0)),
  `all at time 0` = awkward(rep(0, 4), c(1, 0, 2, 1)),
  `one ulp apart` = awkward(1 + c(0, 1, 0, 1) * .Machine$double.eps, c(1, 0, 2, 1)),
  `huge and tiny times` = awkward(c(1e-300, 1e-9, 1, 1e300), c(1, 0, 2, 1)),
  `missing time` = awkward(c(1, NA, 3, 4), c(1, 0, 2, 1)),
  `missing status` = awkward(1:4, c(1, NA, 2, 1)),
  `missing group` = awkward(1:4, c(1, 0, 2, 1), c("a", NA, "b", "b")),
  `NaN time` = awkward(c(1, NaN, 3, 4), c(1, 0, 2, 1))
)

errors <- list(
  negative = awkward(c(1, -2, 3, 4), c(1, 0, 2, 1)),
  infinite = awkward(c(1, Inf, 3, 4), c(1, 0, 2, 1)),
  `minus infinite` = awkward(c(1, -Inf, 3, 4), c(1, 0, 2, 1))
)

calls <- list(
  event_table = function(d) as.data.frame(event_table(Surv(time, status) ~ group, d)),
  kaplan_meier = function(d) kaplan_meier(Surv(time, event) ~ group, d),
  pooled = function(d) kaplan_meier(Surv(time, event) ~ 1, d),
  cumulative_incidence = function(d) cumulative_incidence(Surv(time, status) ~ group, d),
  follow_up = function(d) follow_up(Surv(time, event) ~ group, d),
  logrank_test = function(d) logrank_test(Surv(time, event) ~ group, d),
  stratified = function(d) logrank_test(Surv(time, event) ~ group + strata(stratum), d),
  gray_test = function(d) gray_test(Surv(time, status) ~ group, d),
  restricted_mean = function(d) restricted_mean(Surv(time, event) ~ group, d),
  state_occupation = function(d) state_occupation(Surv(time, status) ~ group, d),
  time_lost = function(d) restricted_mean(Surv(time, status) ~ group, d),
  rate_difference = function(d) rate_difference(Surv(time, event) ~ group, d, 0:3),
  cif_difference = function(d) rate_difference(Surv(time, status) ~ group, d, 0:3),
  aalen = function(d) {
    cumulative_incidence(Surv(time, status) ~ group, d, variance = "aalen")
  },
  by_id = function(d) kaplan_meier(Surv(time, event) ~ group, d, id = pairs_of(d)),
  incidence_by_id = function(d) {
    cumulative_incidence(Surv(time, status) ~ group, d, id = pairs_of(d))
  },
  logrank_test_by_id = function(d) {
    logrank_test(Surv(time, event) ~ group, d, id = pairs_of(d))
  },
  gray_test_by_id = function(d) {
    gray_test(Surv(time, status) ~ group, d, id = pairs_of(d))
  },
  maxcombo_test = function(d) maxcombo_test(Surv(time, event) ~ group, d),
  one_sample_test = function(d) {
    tidy(one_sample_test(Surv(time, event) ~ group, d, hazard = 0.1))
  },
  concordance_index = function(d) {
    tidy(concordance_index(Surv(time, status) ~ group + strata(stratum), d))
  },
  concordance_uno = function(d) {
    tidy(concordance_index(Surv(time, event) ~ group, d, method = "uno"))
  },
  brier_score = function(d) {
    tidy(brier_score(Surv(time, event) ~ I(1 / (1 + time)), d, times = 3))
  },
  calibration = function(d) {
    tidy(calibration(Surv(time, event) ~ I(1 / (1 + time)), d, times = 3))
  },
  pseudo_values = function(d) pseudo_values(Surv(time, status) ~ group, d, times = 0:3),
  influence_values = function(d) {
    influence_values(Surv(time, event) ~ group, d, times = 0:3, id = pairs_of(d))
  },
  small_sample = function(d) {
    cumulative_incidence(Surv(time, status) ~ group, d, conf.type = "small-sample")
  },
  bootstrap = function(d) {
    bootstrap_interval(Surv(time, event) ~ group, d, n_resamples = 39)
  },
  bootstrap_rate = function(d) {
    bootstrap_interval(Surv(time, status) ~ group, d, "rate", times = 0:3,
      n_resamples = 39, conf.type = "bca"
    )
  },
  bootstrap_mean = function(d) {
    bootstrap_interval(Surv(time, status) ~ group, d, "restricted_mean",
      n_resamples = 39
    )
  },
  one_id = function(d) {
    cumulative_incidence(Surv(time, status) ~ group, d, id = rep("P", nrow(d)))
  }
)

pairs_of <- function(d) seq_len(nrow(d)) %/% 2

# All data frames of an object; extracting them is part of each test.
tables <- function(x) {
  if (is.data.frame(x)) return(list(x))
  if (inherits(x, "state_occupation")) {
    return(list(tidy(x), glance(x), x$means, x$contrasts))
  }
  if (inherits(x, "oligosurv_test")) return(list(tidy(x), glance(x)))
  if (inherits(x, "oligosurv_contrast")) return(list(x$estimates, x$contrasts, glance(x)))
  list(
    tidy(x), glance(x), summary(x, times = c(0, 2, 1e6)), quantile(x, c(0.1, 0.5, 0.9)),
    median(x)
  )
}

attempt <- function(f, d) {
  tryCatch(
    withCallingHandlers(tables(f(d)), oligosurv_message = function(m) {
      invokeRestart("muffleMessage")
    }),
    oligosurv_error = function(e) e, warning = function(w) stop(w)
  )
}

has_nan <- function(frames) {
  columns <- unlist(lapply(frames, as.list), recursive = FALSE)
  any(vapply(columns, function(x) is.numeric(x) && any(is.nan(x)), NA))
}

test_that("awkward data give an answer or a classed error, never NaN", {
  answered <- character()
  for (name in names(fixtures)) {
    for (f in names(calls)) {
      got <- attempt(calls[[f]], fixtures[[name]])
      if (!inherits(got, "error")) answered <- union(answered, f)
      if (inherits(got, "error")) {
        # only a test of a single group has no result
        expect_s3_class(got, "oligosurv_error_data")
        expect_match(f, "test|stratified", label = paste(name, "/", f))
      } else {
        expect_false(has_nan(got), label = paste(name, "/", f))
      }
    }
  }
  expect_setequal(answered, names(calls))
})

test_that("times outside the domain are an error that names the column and the row", {
  for (name in names(errors)) {
    for (f in names(calls)) {
      got <- attempt(calls[[f]], errors[[name]])
      expect_s3_class(got, "oligosurv_error_domain")
      expect_identical(as.integer(got$where), 2L)
      expect_match(conditionMessage(got), "time")
    }
  }
})

test_that("missing values are dropped with a message that counts them", {
  for (name in c("missing time", "missing status", "missing group")) {
    d <- fixtures[[name]]
    expect_message(
      fit <- cumulative_incidence(Surv(time, status) ~ group, d), "1",
      class = "oligosurv_message"
    )
    expect_identical(tidy(fit), tidy(
      cumulative_incidence(Surv(time, status) ~ group, d[stats::complete.cases(d), ])
    ))
  }
})

test_that("one subject, zero events, all tied: the values", {
  one <- tidy(kaplan_meier(Surv(time, event) ~ 1, fixtures$`one subject, event`))
  expect_identical(one$estimate, c(1, 0))
  expect_identical(one$std.error, c(0, 0))
  none <- tidy(kaplan_meier(Surv(time, event) ~ 1, fixtures$`zero events`))
  expect_identical(unique(none$estimate), 1)
  tied <- cumulative_incidence(Surv(time, status) ~ 1, fixtures$`all tied`)
  tied <- summary(tied, times = 5)
  expect_equal(tied$estimate, c(1, 1) / 3, tolerance = 1e-15)
  zero <- summary(kaplan_meier(Surv(time, event) ~ 1, fixtures$`times 0`), times = 0)
  expect_identical(c(zero$n.risk, zero$n.event), c(5, 2))
  expect_equal(zero$estimate, 3 / 5, tolerance = 1e-15)
})

test_that("an empty group stays in the results", {
  d <- fixtures$`an empty group`
  fit <- glance(kaplan_meier(Surv(time, event) ~ group, d))
  expect_identical(as.character(fit$strata), c("a", "b"))
  expect_identical(as.double(fit$n), c(4, 0))
})
