# Weights of rows, and ids with late entries: ?row_weights, ?clustered_rows.

weighted_rows <- function(seed, weights = c("fraction", "whole")) {
  weights <- match.arg(weights)
  withr::with_seed(seed, {
    n <- sample(5:50, 1)
    d <- data.frame(
      time = if (seed %% 3) as.double(sample(10, n, TRUE)) else stats::rexp(n),
      cause = sample(0:2, n, TRUE, c(0.4, 0.35, 0.25)),
      group = factor(sample(c("a", "b"), n, TRUE), c("a", "b")),
      id = sample(max(2, n %/% 3), n, TRUE),
      w = switch(weights,
        whole = sample(0:4, n, TRUE), fraction = round(stats::rexp(n), 2) + 0.01
      )
    )
    d$event <- as.integer(d$cause > 0)
    d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
    d$entry <- d$time * sample(c(0, 0.3, 0.8), n, TRUE)
    d
  })
}

repeated <- function(d) d[rep(seq_len(nrow(d)), d$w), ]

peer_numbers <- function(peer) {
  if (!is.null(peer$pstate)) {
    return(list(estimate = as.vector(peer$pstate[, -1]),
      error = as.vector(peer$std.err[, -1])
    ))
  }
  list(estimate = peer$surv, error = peer$std.err * if (peer$logse) peer$surv else 1)
}

# survfit warns of the logarithm of what its running sums leave beside 0
expect_as_peer <- function(fit, peer) {
  want <- peer_numbers(suppressWarnings(peer))
  expect_lt(max(abs(fit$estimate - want$estimate)), 1e-12)
  open <- !is.na(fit$std.error) & fit$estimate > 1e-9 # at S = 0 survfit has NaN
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

# The infinitesimal jackknife by its definition: numerical derivatives by each weight
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

test_that("weights, robust errors and late entries as survival has them", {
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
  # with all weights one, the jackknife is Greenwood's
  plain <- kaplan_meier(Surv(time, event) ~ group, d)
  ones <- run(rep(1, nrow(d)), "sampling")
  expect_equal(ones$std.error, plain$std.error, tolerance = 1e-12)
})

test_that("row order and threads do not move a bit; counts and weights stand apart", {
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

test_that("weights that sum badly keep S at 0 and above", {
  # entries and weights with which a running sum leaves the risk set below the events
  d <- data.frame(
    entry = c(0, 0, 2, 2), exit = 1:4, event = 1, w = c(0.1, 0.2, 0.3, 0.7)
  )
  for (type in weight_types) {
    fit <- suppressMessages(
      kaplan_meier(Surv(entry, exit, event) ~ 1, d, weights = w, weight_type = type)
    )
    expect_true(all(fit$estimate >= 0))
    expect_identical(fit$estimate[2:4], c(0, 0, 0))
    expect_false(anyNA(fit$std.error))
  }
  tenths <- data.frame(time = rep(1:10, 10), event = 1, w = rep(0.1, 100))
  fit <- kaplan_meier(Surv(time, event) ~ 1, tenths, weights = w,
    weight_type = "frequency"
  )
  expect_equal(fit$estimate, (9:0) / 10, tolerance = 1e-15)
  expect_identical(fit$estimate[10], 0)
  huge <- data.frame(time = 1:3, event = c(1, 0, 1), w = c(1e80, 1e-80, 1))
  for (type in weight_types) {
    fit <- kaplan_meier(Surv(time, event) ~ 1, huge, weights = w, weight_type = type)
    expect_true(all(is.finite(fit$estimate)) && all(fit$estimate >= 0))
    expect_false(any(is.nan(fit$std.error)))
    expect_error(
      kaplan_meier(Surv(time, event) ~ 1, huge, weights = w^2, weight_type = type),
      "1e80", class = "oligosurv_error_domain"
    )
  }
})

test_that("weights of 0 and missing weights", {
  d <- data.frame(time = 1:4, event = c(1, 0, 1, 1), w = c(1, 2, 0, 3))
  for (type in weight_types) {
    fit <- kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = type)
    want <- kaplan_meier(Surv(time, event) ~ 1, d[d$w > 0, ], weights = w,
      weight_type = type
    )
    expect_identical(tidy(fit), tidy(want))
    expect_output(print(fit), "1 row of weight 0 left out")
    none <- kaplan_meier(Surv(time, event) ~ 1, d, weights = 0 * w, weight_type = type)
    expect_identical(tidy(none)$estimate, NA_real_)
  }
  d$w[2] <- NA
  expect_message(
    kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = "frequency"),
    "weight dropped .row 2"
  )
  expect_error(
    kaplan_meier(Surv(time, event) ~ 1, d,
      weights = w, weight_type = "sampling", na.action = stats::na.fail
    ), "missing", class = "oligosurv_error_data"
  )
})

test_that("how status is coded is read from all rows, whatever their weights", {
  d <- data.frame(time = 1:4, code = c(1, 2, 2, 1), w = c(1, 2, 1, 1))
  for (type in weight_types) {
    expect_message(
      fit <- kaplan_meier(Surv(time, code) ~ 1, d, weights = w, weight_type = type),
      "1 = censored"
    )
    want <- kaplan_meier(Surv(time, code == 2) ~ 1, d, weights = w, weight_type = type)
    expect_identical(tidy(fit), tidy(want))
  }
})

test_that("conditional survival of weighted rows", {
  d <- weighted_rows(8)
  late <- d[d$time > 2, ]
  for (type in weight_types) {
    got <- kaplan_meier(Surv(time, event) ~ 1, d,
      weights = w, weight_type = type, start = 2
    )
    want <- kaplan_meier(Surv(time, event) ~ 1, late, weights = w, weight_type = type)
    expect_equal(tidy(got)[-1, ], tidy(want)[-1, ], tolerance = 1e-13, ignore_attr = TRUE)
  }
  by_row <- suppressMessages(
    kaplan_meier(Surv(entry, time, event) ~ 1, d, id = id, start = 2)
  )
  late$entry <- pmax(late$entry, 2)
  want <- suppressMessages(kaplan_meier(Surv(entry, time, event) ~ 1, late, id = id))
  expect_equal(by_row$std.error, want$std.error, tolerance = 1e-13)
})

test_that("by hand: ids with late entries", {
  # P1: rows (0, 2] failing and (1, 3] failing; P2: (0, 3] censored. S(2) = 2/3.
  # D(2) = S dN / n: rows -2/9, 1/9, 1/9; by id -1/9 and 1/9: Var = 2/81
  d <- data.frame(
    entry = c(0, 1, 0), exit = c(2, 3, 3), event = c(1, 1, 0), id = c("P1", "P1", "P2")
  )
  fit <- kaplan_meier(Surv(entry, exit, event) ~ 1, d, id = id)
  expect_equal(fit$std.error[1]^2, 2 / 81, tolerance = 1e-14)
  rows <- tidy(fit)
  expect_identical(rows$n.id, c(2, 2, 2))
  expect_identical(rows$n.risk, c(2, 3, 2))
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

test_that("what weights cannot be is refused", {
  d <- weighted_rows(1)
  f <- Surv(time, event) ~ group
  refuse <- function(code, text, kind) {
    expect_error(code, text, class = paste0("oligosurv_error_", kind))
  }
  refuse(kaplan_meier(f, d, weights = w), "say what the weights are", "input")
  refuse(logrank_test(f, d, weights = w), "say what the weights are", "input")
  refuse(kaplan_meier(f, d, weights = w, weight_type = "iptw"), "weight_type", "input")
  refuse(
    kaplan_meier(f, d, weights = 1:2, weight_type = "sampling"), "one number", "input"
  )
  refuse(
    kaplan_meier(f, d, weights = -w, weight_type = "frequency"), "not negative", "domain"
  )
  refuse(
    kaplan_meier(f, d, weights = w / 0, weight_type = "sampling"), "finite", "domain"
  )
  counts <- event_table(f, d)
  refuse(
    kaplan_meier(counts, weights = 1, weight_type = "frequency"), "no rows", "data"
  )
  two <- Surv(time, status) ~ group
  refuse(logrank_test(f, d, weights = w, weight_type = "sampling"), "ignore", "data")
  refuse(gray_test(two, d, weights = w, weight_type = "sampling"), "ignore", "data")
  refuse(logrank_test(f, d, weights = w, weight_type = "frequency"), "whole", "data")
  refuse(gray_test(two, d, weights = w, weight_type = "frequency"), "whole", "data")
  refuse(
    cumulative_incidence(two, d,
      variance = "jackknife", weights = w, weight_type = "frequency"
    ), "whole", "data"
  )
  refuse(
    cumulative_incidence(two, d,
      variance = "aalen", weights = w, weight_type = "sampling"
    ), "independent", "input"
  )
  refuse(
    cumulative_incidence(event_table(Surv(entry, time, status) ~ 1, d),
      variance = "jackknife"
    ), "which entry", "data"
  )
  fit <- kaplan_meier(f, d, weights = w, weight_type = "sampling")
  refuse(cumulative_hazard(fit), "sampling weights", "data")
  refuse(
    kaplan_meier(f, d, weights = w, weight_type = "sampling", conf.lower = "peto"),
    "sampling weights", "data"
  )
  skip_if_not_installed("ggplot2")
  refuse(
    ggplot2::autoplot(fit, p.value = logrank_test(f, d)), "sampling weights", "data"
  )
})

test_that("an argument that is NULL, a column by name, a variable", {
  d <- weighted_rows(3)
  f <- Surv(time, event) ~ 1
  expect_identical(tidy(kaplan_meier(f, d, weights = NULL)), tidy(kaplan_meier(f, d)))
  want <- tidy(kaplan_meier(f, d, weights = w, weight_type = "frequency"))
  outside <- d$w
  for (got in list(
    kaplan_meier(f, d, weights = "w", weight_type = "frequency"),
    kaplan_meier(f, d, weights = outside, weight_type = "frequency"),
    (function(data, ...) kaplan_meier(f, data, ...))(d, weights = w,
      weight_type = "frequency"
    )
  )) {
    expect_identical(tidy(got), want)
  }
})

test_that("what is printed", {
  d <- data.frame(
    month = c(1, 2, 3, 4), dead = c(1, 0, 1, 0), w = c(2, 1, 0.5, 0), n = c(2, 1, 3, 0)
  )
  f <- Surv(month, dead) ~ 1
  expect_snapshot({
    print(kaplan_meier(f, d, weights = n, weight_type = "frequency"))
    print(summary(kaplan_meier(f, d, weights = w, weight_type = "sampling")))
  })
})

test_that("sampling weights, no event: limits by Kish's effective number at risk", {
  kish <- function(w) sum(w)^2 / sum(w^2)
  w <- c(1000, rep(1, 49))
  d <- data.frame(time = 1:50, event = 0, w = w)
  f <- Surv(time, event) ~ 1
  rows <- tidy(kaplan_meier(f, d, weights = w, weight_type = "sampling"))
  # the heavy row leaves at 1, then all weights are equal: no more is known than before
  expect_equal(rows$conf.low[c(1, 2, 30)], rep(0.025^(1 / kish(w)), 3), tolerance = 1e-12)
  d$time <- 50:1
  rows <- tidy(kaplan_meier(f, d, weights = w, weight_type = "sampling"))
  expect_equal(rows$conf.low[21], 0.025^(1 / kish(w[1:30])), tolerance = 1e-12)
  rows <- tidy(kaplan_meier(f, d, "mid-p", weights = w, weight_type = "sampling"))
  expect_equal(rows$conf.low[1], 0.05^(1 / kish(w)), tolerance = 1e-12)
  means <- tidy(restricted_mean(f, d, tau = 1, weights = w, weight_type = "sampling"))
  expect_equal(means$conf.low, 0.025^(1 / kish(w)), tolerance = 1e-12)
  # equal weights, whatever they are, and ids of several rows: as without
  d$id <- rep(1:25, 2)
  for (id in list(NULL, d$id)) {
    equal <- list(weights = rep(7, 50), weight_type = "sampling")
    id <- list(id = id)
    expect_equal(
      tidy(do.call(kaplan_meier, c(list(f, d), equal, id)))$conf.low,
      tidy(do.call(kaplan_meier, c(list(f, d), id)))$conf.low, tolerance = 1e-12
    )
    expect_equal(
      tidy(do.call(restricted_mean, c(list(f, d, tau = 20), equal, id)))$conf.low,
      tidy(do.call(restricted_mean, c(list(f, d, tau = 20), id)))$conf.low,
      tolerance = 1e-12
    )
  }
  # competing deaths are no losses here either
  k <- factor(rep(2, 4), 0:2)
  v <- c(1, 2, 3, 4)
  rows <- tidy(
    cumulative_incidence(Surv(1:4, k) ~ 1, weights = v, weight_type = "sampling")
  )
  rows <- rows[rows$outcome == "1", ]
  expect_equal(rows$conf.high, rep(1 - 0.025^(1 / kish(v)), 5), tolerance = 1e-12)
})
