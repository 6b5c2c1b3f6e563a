# Against survival, cmprsk and prodlim on 1000 seeded random data sets: ties, tiny n, no
# events, all events, zero times, weights (see helper-data.R). Every number agrees to
# 1e-10 or is covered by a rule in `known`, where this package differs on purpose; the
# methods vignette has these rules as a table.

known <- c(
  "S = 1" = "no event yet: survival gives [1, 1]; here the limits are exact",
  "S = 0" = "survival divides by n - d = 0 (NaN); here se is 0 and the limits exact",
  "F = 0" = "survival gives no limits; here they are exact",
  "F = 1" = "survival gives limits of 1; here they are exact",
  "no event" = "survfit and cuminc stop; here every F is 0 and the test is NA",
  "rank" = "a variance without full rank: cuminc reports -1, survdiff stops; here df is
    the rank and the statistic NA at rank 0",
  "far tail" = "p of cuminc is 1 - pchisq(), which has few digits left in the far tail",
  "error at S = 0" = "prodlim has NaN where all have failed; here the error is 0"
)

# Records that a rule of `known` applied; at the end every rule must have applied.
met <- character()
known_difference <- function(rule, at = TRUE) {
  stopifnot(rule %in% names(known))
  if (any(at)) met <<- union(met, rule)
  at
}

sets <- random_sets(100)

# Compares the curves of all sets in stacks of 50 sets; each set is a stratum of one call
by_stack <- split(seq_along(sets), (seq_along(sets) - 1) %/% 50)
stacks <- lapply(by_stack, function(at) {
  d <- do.call(rbind, unname(sets[at]))
  d$set <- factor(rep(sprintf("s%04d", at), vapply(sets[at], nrow, 0L)))
  d$group <- factor(paste(d$set, d$group, sep = "/"))
  withr::with_seed(at[1L], {
    d$whole <- sample(1:4, nrow(d), TRUE)
    d$part <- round(stats::rexp(nrow(d)), 2) + 0.01
  })
  d
})
names(stacks) <- paste("stack", seq_along(stacks))

formulas <- list(
  pooled = Surv(time, event) ~ set, grouped = Surv(time, event) ~ group,
  `pooled cif` = Surv(time, status) ~ set, `grouped cif` = Surv(time, status) ~ group,
  plain = Surv(time, event) ~ group,
  stratified = Surv(time, event) ~ group + strata(stratum),
  `plain cif` = Surv(time, status) ~ group,
  `stratified cif` = Surv(time, status) ~ group + strata(stratum)
)

# Differences of all sets, named "set / what": none may exceed 1e-10.
expect_agreement <- function(compare, of = sets) {
  gaps <- unlist(lapply(names(of), function(name) {
    gap <- compare(of[[name]])
    if (length(gap)) stats::setNames(gap, paste(name, "/", names(gap)))
  }))
  expect_gt(length(gaps), length(of))
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
  rep(sub("^(group|set)=", "", names(fit$strata)), fit$strata)
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
  fit <- suppressWarnings(survival::survfit(formulas[[formula]], d,
    conf.type = type, timefix = FALSE
  ))
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

test_that("Kaplan-Meier is survfit's: counts, estimate, standard error, five intervals", {
  for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
    expect_agreement(function(d) {
      c(compare_km(d, "pooled", type), compare_km(d, "grouped", type))
    }, stacks)
  }
})

test_that("known S = 1 and S = 0: se 0, limits of positive width", {
  for (d in stacks) {
    fit <- tidy(kaplan_meier(Surv(time, event) ~ group, d))
    at <- fit$estimate %in% c(0, 1) & fit$n.risk > 0
    expect_identical(fit$std.error[at], numeric(sum(at)))
    expect_true(all(fit$conf.high[at] > fit$conf.low[at]))
    expect_true(all(ifelse(fit$estimate == 1, fit$conf.high, 1 - fit$conf.low)[at] == 1))
  }
})

compare_aj <- function(d, formula, type) {
  fit <- unclass(suppressWarnings(survival::survfit(formulas[[formula]], d,
    conf.type = type, timefix = FALSE
  )))
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
      # survfit may give the root of a rounding error where the standard error is 0
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
    }, stacks[if (type == "log-log") TRUE else c(TRUE, FALSE, FALSE, FALSE)])
  }
})

test_that("weighted curves are survfit's: frequencies, and the robust standard error", {
  compare <- function(d, weight, type, of, ...) {
    d$w <- d[[weight]]
    f <- if (identical(of, kaplan_meier)) Surv(time, event) ~ set else
      Surv(time, status) ~ set
    fit <- of(f, d, weights = w, weight_type = type)
    peer <- suppressWarnings(survival::survfit(f, d, weights = w, timefix = FALSE, ...))
    causes <- length(fit$outcomes)
    estimate <- if (causes) as.vector(peer$pstate[, -1]) else peer$surv
    error <- if (causes) as.vector(peer$std.err[, -1]) else peer$std.err
    if (!causes && peer$logse) error <- error * peer$surv
    inside <- estimate > 1e-9 & estimate < 1 - 1e-9
    if (causes && type == "frequency") inside <- FALSE # survfit uses rows there
    gap <- c(
      estimate = max(abs(fit$estimate - estimate)),
      variance = worst_difference(fit$std.error[inside]^2, error[inside]^2, 1e-6)
    )
    stats::setNames(gap, paste(type, names(gap)))
  }
  expect_agreement(function(d) {
    c(
      compare(d, "whole", "frequency", kaplan_meier, robust = FALSE),
      compare(d, "part", "sampling", kaplan_meier, robust = TRUE),
      compare(d, "whole", "frequency", cumulative_incidence),
      compare(d, "part", "sampling", cumulative_incidence)
    )
  }, stacks)
})

test_that("curves are prodlim's: survival, cumulative incidence, follow-up", {
  skip_if_not_installed("prodlim")
  Hist <- prodlim::Hist
  # all numbers of a fit, by curve and time
  rows <- function(fit, label) {
    at <- rep(seq_len(nrow(fit$X)), fit$size.strata)
    data.frame(strata = as.character(fit$X[[label]])[at], time = fit$time, n = fit$n.risk)
  }
  expect_agreement(function(d) {
    peer <- prodlim::prodlim(Hist(time, event) ~ group, d)
    km <- rows(peer, "group")
    ours <- matched(tidy(kaplan_meier(formulas$grouped, d)), km)
    ended <- known_difference("error at S = 0", ours$estimate == 0 & ours$n.event > 0)
    turned <- prodlim::prodlim(Hist(time, event) ~ group, d, reverse = TRUE)
    left <- matched(tidy(follow_up(formulas$grouped, d)), rows(turned, "group"))
    gap <- c(
      S = worst_difference(ours$estimate, peer$surv),
      se = worst_difference(ours$std.error[!ended], peer$se.surv[!ended]),
      reverse = worst_difference(left$estimate, turned$surv)
    )
    peer <- prodlim::prodlim(Hist(time, cause) ~ group, d)
    ours <- tidy(cumulative_incidence(formulas[["grouped cif"]], d))
    for (cause in names(peer$cuminc)) {
      part <- matched(
        ours[ours$outcome == c("failure", "death")[as.integer(cause)], ],
        rows(peer, "group")
      )
      open <- !is.nan(peer$se.cuminc[[cause]])
      gap[paste("F", cause)] <- worst_difference(part$estimate, peer$cuminc[[cause]])
      gap[paste("variance", cause)] <- worst_difference(
        part$std.error[open]^2, peer$se.cuminc[[cause]][open]^2, 1e-6
      )
    }
    gap
  }, stacks)
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
  if (known_difference("rank", is.null(peer))) {
    return(c(rank = if (ours$df < nlevels(d$group) - 1) 0 else Inf))
  }
  total <- function(x) if (is.matrix(x)) rowSums(x) else as.vector(x)
  gap <- c(
    observed = worst_difference(ours$groups$observed, total(peer$obs)),
    expected = worst_difference(ours$groups$expected, total(peer$exp)),
    statistic = worst_difference(ours$statistic, peer$chisq, 1e-4) # O - E loses digits
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
  peer <- cmprsk::cuminc(d$time, d$cause, d$group, strata)
  curves <- if (grepl("plain", formula)) compare_cuminc(d, peer)
  peer <- peer$Tests
  full <- nlevels(d$group) - 1
  gaps <- lapply(rownames(peer), function(cause) {
    row <- ours[ours$outcome == c("failure", "death")[as.integer(cause)], ]
    if (known_difference("rank", peer[cause, "stat"] == -1)) {
      return(c(rank = if (row$df < full) 0 else Inf))
    }
    far <- known_difference("far tail", row$p.value < 1e-4)
    c(
      statistic = worst_difference(row$statistic, peer[cause, "stat"]),
      p.value = if (far) abs(row$p.value - peer[cause, "pv"]) else
        worst_difference(row$p.value, peer[cause, "pv"])
    )
  })
  c(curves, unlist(stats::setNames(gaps, paste(formula, rownames(peer)))))
}

# The value of a cuminc() step curve at `time`.
step_value <- function(curve, time, column) {
  c(0, curve[[column]])[findInterval(time, curve$time) + 1L]
}

compare_cuminc <- function(d, peer) {
  peer$Tests <- NULL
  rows <- tidy(cumulative_incidence(formulas[["plain cif"]], d, variance = "aalen"))
  unlist(lapply(names(peer), function(name) {
    part <- strsplit(name, " ")[[1L]]
    cause <- c("failure", "death")[as.integer(part[2])]
    at <- rows$strata == part[1] & rows$outcome == cause
    gap <- c(
      estimate = worst_difference(
        rows$estimate[at], step_value(peer[[name]], rows$time[at], "est")
      ),
      variance = worst_difference(
        rows$std.error[at]^2, step_value(peer[[name]], rows$time[at], "var"), 1e-5
      )
    )
    stats::setNames(gap, paste(name, names(gap)))
  }))
}

test_that("cuminc's: cumulative incidence, Aalen's variance, Gray's test", {
  skip_if_not_installed("cmprsk")
  expect_agreement(function(d) {
    c(compare_gray(d, "plain cif"), compare_gray(d, "stratified cif"))
  })
})

test_that("every known difference was met", {
  skip_if_not_installed("cmprsk")
  skip_if_not_installed("prodlim")
  expect_setequal(met, names(known))
})
