# Restricted means of rows with ids or sampling weights.

# --- the jackknife: ids and sampling weights --------------------------------------------

# Influence of each row on the mean: central difference in the weight of the row
mean_influence <- function(f, d, w, tau, outcome = NULL) {
  estimate <- function(w) {
    d$w <- w
    rows <- restricted_mean(f, d, tau = tau, weights = w, weight_type = "frequency")
    rows <- rows$estimates
    if (is.null(outcome)) rows$estimate else rows$estimate[rows$outcome == outcome]
  }
  vapply(seq_along(w), function(i) {
    step <- 1e-5 * (seq_along(w) == i)
    (estimate(w + step) - estimate(w - step)) / 2e-5
  }, double(length(estimate(w))))
}

test_that("sampling weights and ids: the jackknife of the mean by its definition", {
  d <- random_rows("ties", 3)
  d <- transform(d, event = as.integer(cause > 0), id = seq_along(time) %/% 3)
  d$w <- 0.3 + seq_along(d$time) %% 5
  tau <- stats::quantile(d$time, 0.7, names = FALSE)
  f <- Surv(time, event) ~ 1
  influence <- mean_influence(f, d, d$w, tau)
  fit <- restricted_mean(f, d, tau = tau, weights = w, weight_type = "sampling")
  expect_equal(fit$estimates$std.error, sqrt(sum((d$w * influence)^2)), tolerance = 1e-8)
  by_id <- restricted_mean(f, d,
    tau = tau, weights = w, weight_type = "sampling", id = id
  )
  sums <- tapply(d$w * influence, d$id, sum)
  expect_equal(by_id$estimates$std.error, sqrt(sum(sums^2)), tolerance = 1e-8)
  expect_equal(by_id$estimates$estimate, fit$estimates$estimate, tolerance = 1e-14)
  g <- Surv(time, status) ~ 1
  for (k in levels(d$status)[-1]) {
    influence <- mean_influence(g, d, rep(1, nrow(d)), tau, k)
    lost <- tidy(restricted_mean(g, d, tau = tau, id = id))
    expect_equal(lost$std.error[lost$outcome == k],
      sqrt(sum(tapply(influence, d$id, sum)^2)), tolerance = 1e-8
    )
  }
})

test_that("each row its own id: Greenwood's errors, as influence_values() gives", {
  found <- 0
  for (kind in c("ties", "continuous", "zero times")) {
    d <- random_rows(kind, 5)
    d$id <- paste(d$group, seq_along(d$time) %/% 2)
    f <- Surv(time, status) ~ group
    tau <- min(tapply(d$time, d$group, max))
    plain <- restricted_mean(f, d, tau = tau)
    own <- restricted_mean(f, d, tau = tau, id = seq_len(nrow(d)))
    expect_equal(own$estimates, plain$estimates, tolerance = 1e-10)
    expect_equal(own$contrasts, plain$contrasts, tolerance = 1e-10)
    by_id <- tidy(restricted_mean(f, d, tau = tau, id = id))
    v <- influence_values(f, d, tau = tau, id = id)
    want <- as.vector(tapply(v$influence^2, list(v$strata, v$outcome), sum))
    alone <- tapply(d$id, d$group, function(id) length(unique(id)) == 1L)
    none <- is.na(by_id$std.error)
    expect_true(all(alone[as.character(by_id$strata[none])]))
    found <- found + sum(none)
    expect_equal(by_id$std.error[!none], sqrt(want[!none]), tolerance = 1e-12)
  }
  expect_gt(found, 0) # some groups have a single id
})

test_that("exact limits count ids; a single id has no standard error", {
  d <- data.frame(
    time = 1:8, event = c(0, 0, 1, 0, 0, 1, 0, 0), id = c(1, 1, 2, 2, 3, 3, 4, 4),
    group = rep(c("a", "b"), each = 4)
  )
  f <- Surv(time, event) ~ group
  fit <- restricted_mean(f, d, tau = 2, id = id)
  # two ids in each group, one of which leaves after time 2
  expect_equal(fit$estimates$conf.low, 2 * rep(0.025^(1 / 2), 2), tolerance = 1e-12)
  expect_identical(fit$estimates$conf.type, c("exact", "exact"))
  expect_output(print(fit), "8 rows in 4 ids")
  one <- restricted_mean(f, d, tau = 4, id = c(1, 1, 1, 1, 3, 3, 4, 4))
  expect_identical(one$estimates$std.error[1], NA_real_)
  expect_identical(one$contrasts$reason, rep("no standard error in a", 2))
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_error(restricted_mean(Surv(time, status) ~ cohort, lesions, tau = 24),
    "id = patient_id", class = "oligosurv_error_data"
  )
})

test_that("ids in both groups: a limit that underflows to 0 is that of a ratio, too", {
  d <- data.frame(
    time = c(3, 1, 10, 4, 10), status = factor(c(2, 2, 1, 0, 1), 0:2),
    group = c(1, 2, 1, 2, 1), id = c(1, 3, 3, 2, 2)
  )
  fit <- restricted_mean(Surv(time, status) ~ group, d,
    tau = 4, conf.level = 0.99, id = id
  )
  # mean time lost to cause 2: (4 - 3) / 3 in group 1, (4 - 1) / 2 in group 2
  rows <- fit$contrasts[fit$contrasts$outcome == 2, ]
  expect_equal(rows$estimate, c(3 / 2 - 1 / 3, 4.5))
  expect_identical(rows$conf.low[2], 0)
  expect_gt(rows$conf.high[2], 1e20)
  expect_true(all(rows$p.value > 0.01 & rows$p.value <= 1))
  none <- is.na(fit$contrasts$p.value)
  expect_identical(is.na(fit$contrasts$reason), !none)
})

test_that("where the rows of each id cancel the limits are the areas under exact ones", {
  d <- data.frame(
    time = c(1.5, 5.5, 13.5, 2, 3), status = c(0, 1, 1, 0, 0), id = c(1, 2, 2, 3, 4)
  )
  rows <- restricted_mean(Surv(time, status) ~ 1, d, tau = 5.75, id = id)$estimates
  expect_identical(c(rows$estimate, rows$std.error), c(5.625, 0))
  expect_identical(rows$conf.type, "exact")
  curve <- tidy(kaplan_meier(Surv(time, status) ~ 1, d, id = id, conf.type = "exact"))
  curve <- curve[curve$time < 5.75, ]
  width <- diff(c(curve$time, 5.75))
  expect_equal(
    c(rows$conf.low, rows$conf.high),
    c(sum(width * curve$conf.low), sum(width * curve$conf.high)), tolerance = 1e-12
  )
  # time lost, with a death in the other group, and a contrast with a group of two ids
  d$cause <- factor(c(0, 1, 1, 0, 0), 0:2)
  lost <- restricted_mean(Surv(time, cause) ~ 1, d, tau = 5.75, id = id)$estimates
  expect_equal(lost$estimate, c(0.125, 0))
  expect_equal(
    c(lost$conf.low[1], lost$conf.high[1]), 5.75 - c(rows$conf.high, rows$conf.low),
    tolerance = 1e-12
  )
  two <- rbind(cbind(d, group = 1), data.frame(
    time = 6:7, status = 1, id = 5:6, cause = factor(1, 0:2), group = 2
  ))
  fit <- restricted_mean(Surv(time, status) ~ group, two, tau = 5.75, id = id)
  expect_true(all(is.finite(fit$estimates$conf.low)))
  expect_true(all(is.finite(fit$contrasts$p.value)))
})
