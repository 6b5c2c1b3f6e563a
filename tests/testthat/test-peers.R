# Against survival and cmprsk on seeded random data with ties. Every number agrees to
# 1e-10 or falls under a named rule of `known`, where this package differs on purpose.

known <- c(
  "S = 1" = "no event yet: survival gives [1, 1]; here the limits are exact",
  "S = 0" = "survival divides by n - d = 0 (NaN); here se is 0 and the limits exact",
  "F = 0" = "survival gives no limits; here they are exact",
  "F = 1" = "survival gives limits of 1; here they are exact",
  "no event" = "survfit and cuminc stop; here every F is 0 and the test is NA",
  "rank" = "a variance without full rank: cuminc reports -1, survdiff stops; here df is
    the rank and the statistic NA at rank 0"
)

# Notes that a rule of `known` was met; at the end all must have been.
met <- character()
known_difference <- function(rule, at = TRUE) {
  stopifnot(rule %in% names(known))
  if (any(at)) met <<- union(met, rule)
  at
}

sets <- lapply(random_sets(20), function(d) cbind(d, event = as.integer(d$cause > 0)))
formulas <- list(
  pooled = Surv(time, event) ~ 1, grouped = Surv(time, event) ~ group,
  `pooled cif` = Surv(time, status) ~ 1, `grouped cif` = Surv(time, status) ~ group,
  plain = Surv(time, event) ~ group,
  stratified = Surv(time, event) ~ group + strata(stratum),
  `plain cif` = Surv(time, status) ~ group,
  `stratified cif` = Surv(time, status) ~ group + strata(stratum)
)

# Gaps of all sets, named "set / what": none above 1e-10.
expect_agreement <- function(compare, every = 1) {
  gaps <- unlist(lapply(names(sets)[seq_along(sets) %% every == 0], function(name) {
    gap <- compare(sets[[name]])
    if (length(gap)) stats::setNames(gap, paste(name, "/", names(gap)))
  }))
  expect_gt(length(gaps), length(sets) / every)
  expect_identical(gaps[gaps > 1e-10], gaps[0])
}

# The rows of `ours` at the strata and times of `peer`, in its order.
matched <- function(ours, peer) {
  at <- match(
    paste(peer$strata, peer$time, sep = "\r"), paste(ours$strata, ours$time, sep = "\r")
  )
  stopifnot(!anyNA(at))
  ours[at, ]
}

peer_strata <- function(fit) {
  if (is.null(fit$strata)) return("All")
  rep(sub("^group=", "", names(fit$strata)), fit$strata)
}

columns_gap <- function(ours, peer, columns, at = TRUE) {
  vapply(columns, function(x) {
    worst_difference(as.double(ours[[x]])[at], as.double(peer[[x]])[at])
  }, 0)
}

known_no_event <- function() {
  known_difference("no event")
  NULL
}

compare_km <- function(d, formula, type) {
  fit <- suppressWarnings(survival::survfit(formulas[[formula]], d, conf.type = type))
  peer <- data.frame(
    strata = peer_strata(fit), time = fit$time, n.risk = fit$n.risk,
    n.event = fit$n.event, n.censor = fit$n.censor, estimate = fit$surv,
    std.error = fit$std.err * fit$surv, conf.low = fit$lower, conf.high = fit$upper
  )
  ours <- matched(tidy(kaplan_meier(formulas[[formula]], d, conf.type = type)), peer)
  inside <- !known_difference("S = 1", peer$estimate == 1) &
    !known_difference("S = 0", peer$estimate == 0)
  gap <- c(
    columns_gap(ours, peer, c("n.risk", "n.event", "n.censor", "estimate")),
    columns_gap(ours, peer, c("std.error", "conf.low", "conf.high"), inside)
  )
  stats::setNames(gap, paste(formula, type, names(gap)))
}

test_that("Kaplan-Meier is survfit's: counts, estimate, error, five intervals", {
  for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
    expect_agreement(function(d) {
      c(compare_km(d, "pooled", type), compare_km(d, "grouped", type))
    })
  }
})

test_that("known S = 1 and S = 0: se 0, limits of positive width", {
  for (d in sets) {
    fit <- tidy(kaplan_meier(Surv(time, event) ~ group, d))
    at <- fit$estimate %in% c(0, 1) & fit$n.risk > 0
    expect_identical(fit$std.error[at], numeric(sum(at)))
    expect_true(all(fit$conf.high[at] > fit$conf.low[at]))
    expect_true(all(ifelse(fit$estimate == 1, fit$conf.high, 1 - fit$conf.low)[at] == 1))
  }
})

compare_aj <- function(d, formula, type) {
  if (!any(d$event)) return(known_no_event())
  fit <- suppressWarnings(survival::survfit(formulas[[formula]], d, conf.type = type))
  fit <- unclass(fit)
  ours <- tidy(cumulative_incidence(formulas[[formula]], d, conf.type = type))
  gaps <- lapply(setdiff(fit$states, "(s0)"), function(cause) {
    column <- match(cause, fit$states)
    peer <- data.frame(
      strata = peer_strata(fit), time = fit$time, n.risk = fit$n.risk[, 1],
      n.event = fit$n.event[, column], n.censor = fit$n.censor[, 1],
      estimate = fit$pstate[, column], std.error = fit$std.err[, column],
      conf.low = fit$lower[, column], conf.high = fit$upper[, column]
    )
    rows <- matched(ours[ours$outcome == cause, ], peer)
    inside <- !known_difference("F = 0", rows$estimate == 0) &
      !known_difference("F = 1", rows$estimate == 1)
    gap <- c(
      columns_gap(rows, peer, c("n.risk", "n.event", "n.censor", "estimate")),
      # an error of 0 comes out of survfit as the root of a rounding error
      variance = worst_difference(
        (rows$std.error^2)[inside], (peer$std.error^2)[inside], 1e-6
      ),
      columns_gap(rows, peer, c("conf.low", "conf.high"), inside & rows$std.error > 1e-7)
    )
    stats::setNames(gap, paste(formula, type, cause, names(gap)))
  })
  unlist(gaps)
}

test_that("cumulative incidence is survfit's, variance and intervals too", {
  for (type in c("plain", "log", "log-log", "logit")) {
    expect_agreement(function(d) {
      c(compare_aj(d, "pooled cif", type), compare_aj(d, "grouped cif", type))
    }, every = if (type == "log-log") 1 else 4)
  }
})

# The value of a cuminc() step curve at `time`.
step_value <- function(curve, time) {
  c(0, curve$est)[findInterval(time, curve$time) + 1L]
}

test_that("cumulative incidence is cuminc's", {
  skip_if_not_installed("cmprsk")
  expect_agreement(function(d) {
    if (!any(d$event)) return(known_no_event())
    peer <- cmprsk::cuminc(d$time, d$cause, d$group)
    peer$Tests <- NULL
    fit <- cumulative_incidence(Surv(time, status) ~ group, d)
    rows <- tidy(fit)
    vapply(names(peer), function(name) {
      part <- strsplit(name, " ")[[1L]]
      cause <- c("failure", "death")[as.integer(part[2])]
      at <- rows$strata == part[1] & rows$outcome == cause
      worst_difference(rows$estimate[at], step_value(peer[[name]], rows$time[at]))
    }, 0)
  })
})

compare_logrank <- function(d, formula) {
  ours <- logrank_test(formulas[[formula]], d)
  peer <- tryCatch(
    suppressWarnings(survival::survdiff(formulas[[formula]], d)),
    error = function(e) NULL
  )
  if (known_difference("rank", ours$df == 0)) {
    return(c(undefined = if (is.na(ours$statistic)) 0 else Inf))
  }
  total <- function(x) if (is.matrix(x)) rowSums(x) else as.vector(x)
  gap <- c(
    observed = worst_difference(ours$groups$observed, total(peer$obs)),
    expected = worst_difference(ours$groups$expected, total(peer$exp)),
    statistic = worst_difference(ours$statistic, peer$chisq)
  )
  stats::setNames(gap, paste(formula, names(gap)))
}

test_that("the log-rank test is survdiff's, plain and stratified", {
  expect_agreement(function(d) {
    c(compare_logrank(d, "plain"), compare_logrank(d, "stratified"))
  })
})

compare_gray <- function(d, formula) {
  ours <- gray_test(formulas[[formula]], d)$tests
  if (known_difference("no event", !any(d$event))) {
    return(c(undefined = if (all(is.na(ours$statistic))) 0 else Inf))
  }
  strata <- if (grepl("stratified", formula)) d$stratum else rep(1, nrow(d))
  peer <- cmprsk::cuminc(d$time, d$cause, d$group, strata)$Tests
  full <- nlevels(d$group) - 1
  gaps <- lapply(rownames(peer), function(cause) {
    row <- ours[ours$outcome == c("failure", "death")[as.integer(cause)], ]
    if (known_difference("rank", peer[cause, "stat"] == -1)) {
      return(c(rank = if (row$df < full) 0 else Inf))
    }
    c(
      statistic = worst_difference(row$statistic, peer[cause, "stat"]),
      p.value = abs(row$p.value - peer[cause, "pv"])
    )
  })
  unlist(stats::setNames(gaps, paste(formula, rownames(peer))))
}

test_that("Gray's test is cuminc's, plain and stratified", {
  skip_if_not_installed("cmprsk")
  expect_agreement(function(d) {
    c(compare_gray(d, "plain cif"), compare_gray(d, "stratified cif"))
  })
})

test_that("every known difference was met", {
  skip_if_not_installed("cmprsk")
  expect_setequal(met, names(known))
})
