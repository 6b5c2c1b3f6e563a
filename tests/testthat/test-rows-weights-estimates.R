# Weighted estimates: against repeated rows, the jackknife and survival.

repeated <- function(d) d[rep(seq_len(nrow(d)), d$w), ]

peer_numbers <- function(peer) {
  if (!is.null(peer$pstate)) {
    return(list(estimate = as.vector(peer$pstate[, -1]),
      error = as.vector(peer$std.err[, -1])
    ))
  }
  list(estimate = peer$surv, error = peer$std.err * if (peer$logse) peer$surv else 1)
}

# survfit warns, because it takes the logarithm of rounding errors of running sums
expect_as_peer <- function(fit, peer) {
  want <- peer_numbers(suppressWarnings(peer))
  expect_lt(max(abs(fit$estimate - want$estimate)), 1e-12)
  open <- !is.na(fit$std.error) & fit$estimate > 1e-9 # survfit has NaN at S = 0
  expect_lt(max(abs(fit$std.error - want$error)[open], 0), 2e-9)
}

test_that("frequency weights are repeated rows, for every estimator", {
  for (seed in 1:12) {
    d <- weighted_rows(seed, "whole")
    many <- repeated(d)
    km <- kaplan_meier(Surv(time, event) ~ group, d, weights = w,
      weight_type = "frequency"
    )
    expect_identical(tidy(km), tidy(kaplan_meier(Surv(time, event) ~ group, many)))
    expect_identical(glance(km)$n, as.double(table(many$group)))
    late <- function(d, ...) {
      suppressMessages(kaplan_meier(Surv(entry, time, event) ~ group, d, ...))
    }
    expect_identical(
      tidy(late(d, weights = w, weight_type = "frequency")), tidy(late(many))
    )
    for (variance in c("greenwood", "aalen", "jackknife")) {
      got <- cumulative_incidence(Surv(time, status) ~ group, d,
        variance = variance, weights = w, weight_type = "frequency"
      )
      want <- cumulative_incidence(Surv(time, status) ~ group, many, variance = variance)
      expect_equal(tidy(got), tidy(want), tolerance = 1e-13)
    }
    test <- logrank_test(Surv(time, event) ~ group, d, weights = w,
      weight_type = "frequency"
    )
    same <- c("statistic", "df", "p.value", "groups", "variance")
    want <- logrank_test(Surv(time, event) ~ group, many)
    expect_identical(unclass(test)[same], unclass(want)[same])
    test <- gray_test(Surv(time, status) ~ group, d, weights = w,
      weight_type = "frequency"
    )
    expect_identical(test$tests, gray_test(Surv(time, status) ~ group, many)$tests)
    area <- restricted_mean(Surv(time, event) ~ group, d, weights = w,
      weight_type = "frequency"
    )
    expect_identical(
      area$estimates, restricted_mean(Surv(time, event) ~ group, many)$estimates
    )
    at <- stats::median(many$time)
    rate <- rate_difference(Surv(time, event) ~ group, d, at, weights = w,
      weight_type = "frequency"
    )
    want <- rate_difference(Surv(time, event) ~ group, many, at)
    expect_identical(tidy(rate), tidy(want))
  }
})

test_that("permutation tests take whole frequencies as subjects", {
  d <- weighted_rows(2, "whole")
  run <- function(d, ...) {
    withr::with_seed(3, logrank_test(Surv(time, event) ~ group, d,
      method = "permutation", n_permutations = 199, ...
    ))
  }
  got <- run(d, weights = w, weight_type = "frequency")
  expect_identical(got$p.value, run(repeated(d))$p.value)
})

# The infinitesimal jackknife by definition: numerical derivatives by each weight
numeric_jackknife <- function(estimate, w, id) {
  step <- 1e-5
  slopes <- vapply(seq_along(w), function(i) {
    up <- down <- w
    up[i] <- w[i] + step
    down[i] <- w[i] - step
    (estimate(up) - estimate(down)) / (2 * step) * w[i]
  }, estimate(w))
  slopes <- matrix(slopes, ncol = length(w))
  sqrt(colSums(rowsum(t(slopes), id)^2))
}

test_that("sampling weights: the jackknife by its definition, ids, late entries", {
  km <- function(time, event, entry, w) {
    vapply(sort(unique(time)), function(t) {
      at <- sort(unique(time[event == 1 & time <= t]))
      prod(1 - vapply(at, function(u) {
        sum(w[time == u & event == 1]) / sum(w[time >= u & entry < u])
      }, 0))
    }, 0)
  }
  for (seed in 1:6) {
    d <- weighted_rows(seed)
    for (late in c(FALSE, TRUE)) {
      for (by_id in c(FALSE, TRUE)) {
        entry <- if (late) d$entry else rep(-1, nrow(d))
        f <- if (late) Surv(entry, time, event) ~ 1 else Surv(time, event) ~ 1
        own <- seq_len(nrow(d))
        fit <- suppressMessages(if (by_id) {
          kaplan_meier(f, d, weights = w, weight_type = "sampling", id = id)
        } else {
          kaplan_meier(f, d, weights = w, weight_type = "sampling")
        })
        estimate <- function(w) km(d$time, d$event, entry, w)
        want <- numeric_jackknife(estimate, d$w, if (by_id) d$id else own)
        expect_equal(fit$estimate, estimate(d$w), tolerance = 1e-11)
        open <- fit$estimate > 0
        expect_equal(fit$std.error[open], want[open], tolerance = 1e-6)
      }
    }
  }
})

test_that("weights, robust standard errors and delayed entry agree with survival", {
  for (seed in 1:40) {
    d <- weighted_rows(seed)
    d$own <- seq_len(nrow(d))
    km <- Surv(time, event) ~ group
    late <- Surv(entry, time, event) ~ group
    sampling <- function(f, ..., of = kaplan_meier) {
      suppressMessages(of(f, d, weights = w, weight_type = "sampling", ...))
    }
    expect_as_peer(sampling(km), survival::survfit(km, d, weights = w, robust = TRUE))
    expect_as_peer(
      sampling(km, id = id), survival::survfit(km, d, weights = w, cluster = id)
    )
    expect_as_peer(
      kaplan_meier(km, d, weights = w, weight_type = "frequency"),
      survival::survfit(km, d, weights = w, robust = FALSE)
    )
    expect_as_peer(
      suppressMessages(kaplan_meier(late, d, id = own)),
      survival::survfit(late, d, id = own, robust = TRUE)
    )
    expect_as_peer(
      sampling(late, id = id),
      survival::survfit(late, d, cluster = id, weights = w)
    )
    if (any(table(d$status) == 0)) next
    aj <- Surv(time, status) ~ group
    late <- Surv(entry, time, status) ~ group
    expect_as_peer(
      sampling(aj, of = cumulative_incidence), survival::survfit(aj, d, weights = w)
    )
    expect_as_peer(
      suppressMessages(cumulative_incidence(late, d, variance = "jackknife")),
      survival::survfit(late, d, id = own)
    )
    expect_as_peer(
      sampling(late, id = id, of = cumulative_incidence),
      survival::survfit(late, d, id = own, cluster = id, weights = w)
    )
  }
})

test_that("doubling sampling weights changes nothing, doubling frequencies does", {
  d <- weighted_rows(4)
  run <- function(each, type) {
    kaplan_meier(Surv(time, event) ~ group, d, weights = each, weight_type = type)
  }
  one <- run(d$w, "sampling")
  two <- run(2 * d$w, "sampling")
  expect_equal(two[c("estimate", "std.error", "conf.low", "n.risk")],
    one[c("estimate", "std.error", "conf.low", "n.risk")],
    tolerance = 1e-13, ignore_attr = TRUE
  )
  open <- one$std.error > 0
  ratio <- run(d$w, "frequency")$std.error / run(2 * d$w, "frequency")$std.error
  expect_equal(ratio[open], rep(sqrt(2), sum(open)), tolerance = 1e-12)
  # with all weights 1 the jackknife equals Greenwood's variance
  plain <- kaplan_meier(Surv(time, event) ~ group, d)
  ones <- run(rep(1, nrow(d)), "sampling")
  expect_equal(ones$std.error, plain$std.error, tolerance = 1e-12)
})

test_that("row order and threads change no bit; counts and weights are separate", {
  d <- weighted_rows(7)
  f <- Surv(time, event) ~ group
  shuffled <- withr::with_seed(1, d[sample(nrow(d)), ])
  for (type in weight_types) {
    got <- tidy(kaplan_meier(f, shuffled, weights = w, weight_type = type))
    want <- kaplan_meier(f, d, weights = w, weight_type = type)
    if (type == "frequency") {
      expect_identical(got, tidy(want))
    } else {
      expect_equal(got, tidy(want), tolerance = 1e-13)
    }
    withr::local_options(oligosurv.threads = 1)
    got <- kaplan_meier(f, d, weights = w, weight_type = type)
    expect_identical(tidy(got), tidy(want))
  }
  rows <- tidy(want)
  expect_identical(utils::tail(names(rows), 2), c("weight.risk", "weight.event"))
  plain <- tidy(kaplan_meier(f, d))
  expect_identical(rows[c("n.risk", "n.event")], plain[c("n.risk", "n.event")])
  a <- d[d$group == "a", ]
  at <- summary(want, times = c(2, 5))
  at <- at[at$strata == "a", ]
  expect_equal(at$weight.risk, c(sum(a$w[a$time >= 2]), sum(a$w[a$time >= 5])))
  expect_equal(at$weight.event[2], sum(a$w[a$time > 2 & a$time <= 5 & a$event == 1]))
  expect_identical(glance(want)$n, as.double(table(d$group)))
})

test_that("conditional survival of weighted rows", {
  d <- weighted_rows(8)
  late <- d[d$time > 2, ]
  for (type in weight_types) {
    got <- kaplan_meier(Surv(time, event) ~ 1, d,
      weights = w, weight_type = type, from = 2
    )
    want <- kaplan_meier(Surv(time, event) ~ 1, late, weights = w, weight_type = type)
    expect_equal(tidy(got)[-1, ], tidy(want)[-1, ], tolerance = 1e-13, ignore_attr = TRUE)
  }
  by_row <- suppressMessages(
    kaplan_meier(Surv(entry, time, event) ~ 1, d, id = id, from = 2)
  )
  late$entry <- pmax(late$entry, 2)
  want <- suppressMessages(kaplan_meier(Surv(entry, time, event) ~ 1, late, id = id))
  expect_equal(by_row$std.error, want$std.error, tolerance = 1e-13)
})

test_that("as_survfit hands over sums of weights", {
  d <- weighted_rows(5)
  fit <- kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = "sampling")
  got <- as_survfit(fit)
  peer <- survival::survfit(Surv(time, event) ~ 1, d, weights = w)
  for (name in c("n.risk", "n.event", "n.censor", "surv")) {
    expect_equal(got[[name]], peer[[name]], tolerance = 1e-12)
  }
  expect_null(got$std.chaz)
})
