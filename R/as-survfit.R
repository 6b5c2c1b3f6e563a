#' Convert a fit to a survfit object
#'
#' Converts a [kaplan_meier()] fit to a `survfit` object and a [cumulative_incidence()]
#' fit to a `survfitms` object, for use with survival (`print()`, `summary(times = )`,
#' `quantile()`, `plot()`, `[`), broom, ggsurvfit and survminer.
#'
#' @details Each element equals that of `survival::survfit()` for the same rows,
#' confidence level and interval type, if survfit has that type; nothing is recomputed
#' from the data. Limits are those of `fit`: `survfit()` does not have the small-sample
#' limits that are the default of [kaplan_meier()], so fit with `conf.type = "log-log"` to
#' get equal limits. As in survival, `std.err` of a `survfit` is that of log S
#' (\eqn{\mathrm{se}(S) / S}{se(S) / S}, infinite where S is 0), while `std.err` of a
#' `survfitms` is that of the probability. The cumulative hazard is
#' \eqn{\sum d_j / n_j}{sum d_j / n_j} with variance
#' \eqn{\sum d_j / n_j^2}{sum d_j / n_j^2}, for each cause of a `survfitms` \eqn{\sum
#' d_{kj} (n_j - d_{kj}) / n_j^3}{sum d_kj (n_j - d_kj) / n_j^3}; `std.auc`, the standard
#' error of the area under each curve up to the time, is computed by the delta method.
#'
#' Two things differ on purpose. The labels of the curves are those of the groups, without
#' the name of the variable, and groups without subjects are dropped. Where the estimate
#' is 0 or 1, [kaplan_meier()] has exact limits, while survfit gives a single point (or
#' `NA` where S is 0). Quantiles of a `survfit` rely on these values, so exact limits are
#' kept only with `exact = TRUE`.
#'
#' The `call` of the object is for display only. Functions that evaluate it (for example
#' `survminer::ggsurvplot()` without `data`) cannot find the rows. Use [logrank_test()] or
#' [gray_test()] for a p-value.
#'
#' With left truncation the standard errors of a `survfitms` are those of multinomial
#' increments, while survfit uses the infinitesimal jackknife. A fit with `id` keeps its
#' cluster-robust standard errors; the standard errors of hazard and area are omitted.
#'
#' @param fit A fit of [kaplan_meier()], [follow_up()] or [cumulative_incidence()].
#' @param exact `TRUE` or `FALSE`: whether to keep exact limits where the estimate is 0 or
#'   1.
#' @return An object of class `survfit`, or `c("survfitms", "survfit")` whose states are
#'   `(s0)` (event-free) and the causes.
#' @section Errors: `oligosurv_error_input` if `fit` is not a fit; `oligosurv_error_data`
#'   if it has no subjects.
#' @seealso [kaplan_meier()], [cumulative_incidence()], [tidy()][tidy.oligosurv_fit]
#' @examples
#' d <- data.frame(month = c(2, 3, 5, 8, 9, 9), dead = c(1, 0, 1, 1, 0, 1))
#' fit <- kaplan_meier(Surv(month, dead) ~ 1, d)
#' s <- as_survfit(fit)
#' all.equal(s$surv, survival::survfit(Surv(month, dead) ~ 1, d)$surv)
#' summary(s, times = c(3, 6)) # S(3) = 5/6, S(6) = 5/6 * 3/4 = 0.625
#' quantile(s, 0.5) # 8: S(8) = 0.625 * 2/3 = 0.42 is the first below 0.5
#' @export
as_survfit <- function(fit, exact = FALSE) {
  if (!inherits(fit, "oligosurv_fit")) {
    stop_oligosurv("input", sprintf(
      paste(
        "`fit` must come from kaplan_meier(), follow_up() or cumulative_incidence();",
        "it is %s"
      ), describe(fit)
    ), arg = "fit")
  }
  check_fit(fit)
  exact <- check_flag(exact, "exact")
  n <- curve_sizes(fit$table)
  if (sum(n) == 0) {
    stop_oligosurv("data", paste(
      "`fit` has no subjects, so there is no curve to convert; check which rows of the",
      "data it used"
    ), arg = "fit")
  }
  if (!is.null(fit$weights)) fit <- with_weighted_counts(fit)
  make <- if (is.null(fit$outcomes)) survfit_one else survfit_states
  made <- make(fit, n, exact)
  # survfit() computes these two standard errors for independent rows, so they are omitted
  # for a fit with ids or weights
  if (!is.null(fit$ids) || !is.null(fit$weights)) made[c("std.chaz", "std.auc")] <- NULL
  made
}

# Replaces the counts of a weighted fit by sums of weights, because a survfit object holds
# these in the same elements
with_weighted_counts <- function(fit) {
  left <- .Call(
    C_km, pool_events(fit$weights$table), FALSE, fit$conf.type, fit$conf.level
  )
  fit$n.risk <- left$n_risk
  fit$n.censor <- left$n_censor
  fit$n.event <- fit$weights$event
  fit
}

# Makes a survfit object of Kaplan-Meier curves, with its elements in the order in which
# survival stores them
survfit_one <- function(fit, n, exact) {
  rows <- curve_rows(fit)
  estimate <- fit$estimate
  exact <- exact || fit$conf.type %in% c("exact", "mid-p")
  limits <- survfit_limits(fit$conf.low, fit$conf.high, estimate, exact, NA_real_)
  new_survfit(c(
    list(
      n = as.integer(n[n > 0]), time = fit$time, n.risk = fit$n.risk,
      n.event = fit$n.event, n.censor = fit$n.censor, surv = estimate,
      std.err = polled(ifelse(estimate > 0, fit$std.error / estimate, Inf)),
      cumhaz = polled(cumulate(fit$n.event / fit$n.risk, rows)),
      std.chaz = polled(sqrt(cumulate(fit$n.event / fit$n.risk^2, rows)))
    ),
    curve_strata(fit, n),
    list(
      type = if (is.null(fit$table$entry)) "right" else "counting", logse = TRUE,
      conf.int = fit$conf.level, conf.type = fit$conf.type, lower = limits$low,
      upper = limits$high, t0 = 0
    )
  ), n, "survfit")
}

# Makes a survfit object with competing risks (class survfitms, several states). Its
# matrices have one column per state; the first is the event-free state.
survfit_states <- function(fit, n, exact) {
  states <- c("(s0)", fit$outcomes)
  n_row <- length(fit$time)
  by_cause <- function(x) matrix(x, n_row, length(fit$outcomes))
  with_free <- function(free, causes) {
    matrix(c(free, causes), n_row, length(states), dimnames = list(NULL, states))
  }
  free <- fit$free
  if (is.null(free)) {
    free <- .Call(
      C_km, pool_events(fit$table), FALSE, fit$conf.type, fit$conf.level
    )
  }
  rows <- curve_rows(fit)
  hazard <- polled(by_cause(fit$n.event) / fit$n.risk)
  sum_in_curves <- function(x) {
    matrix(apply(x, 2L, cumulate, rows), n_row)
  }
  pstate <- polled(with_free(fit$event.free, fit$estimate))
  limits <- if (fit$conf.type != "none") survfit_limits(
    with_free(free$conf_low, fit$conf.low), with_free(free$conf_high, fit$conf.high),
    pstate, exact || fit$conf.type %in% c("exact", "mid-p"), 0
  )
  none <- by_cause(0)
  # causes without events are states without a transition to them
  observed <- which(colSums(by_cause(fit$n.event)) > 0)
  paths <- list(NULL, paste0("1:", observed + 1L, recycle0 = TRUE))
  per_path <- function(x, names = paths) {
    matrix(x[, observed], n_row, length(observed), dimnames = names)
  }
  curves <- curve_strata(fit, n)
  first <- c(1, rep(0, length(fit$outcomes)))
  p0 <- if (is.null(curves$strata)) {
    structure(first, names = states)
  } else {
    matrix(first, length(curves$strata), length(states),
      byrow = TRUE, dimnames = list(names(curves$strata), states)
    )
  }
  new_survfit(c(
    list(
      n = as.integer(n[n > 0]), time = fit$time, n.risk = with_free(fit$n.risk, none),
      n.event = polled(with_free(rep(0, n_row), fit$n.event)),
      n.censor = with_free(fit$n.censor, none), pstate = pstate,
      n.transition = polled(per_path(by_cause(fit$n.event))),
      n.id = as.integer(n[n > 0]),
      cumhaz = polled(per_path(sum_in_curves(hazard))),
      p0 = p0
    ), curves,
    list(
      std.err = unname(with_free(free$std_error, fit$std.error)),
      std.chaz = per_path(
        sqrt(sum_in_curves(hazard * (1 - hazard) / fit$n.risk)), NULL
      ),
      std.auc = area_errors(fit, hazard), logse = FALSE,
      transitions = count_transitions(fit$table, states), lower = limits$low,
      upper = limits$high, conf.type = fit$conf.type, conf.int = fit$conf.level,
      states = states, type = if (is.null(fit$table$entry)) "mright" else "mcounting",
      t0 = 0
    )
  ), n, c("survfitms", "survfit"))
}

# Replaces the limits at estimates of 1 and 0 by those of survfit(), unless `keep`: both
# limits are 1 if the estimate is 1, and `at_zero` if it is 0.
survfit_limits <- function(low, high, estimate, keep, at_zero) {
  if (is.null(low)) return(list(low = NULL, high = NULL))
  if (!keep) {
    low[estimate == 1] <- high[estimate == 1] <- 1
    low[estimate == 0] <- high[estimate == 0] <- at_zero
  }
  list(low = low, high = high)
}

# A survfit object of a single curve has no strata.
curve_strata <- function(fit, n) {
  labels <- curve_labels(fit$table)
  if (length(labels) == 1L) return(list())
  list(strata = structure(as.integer(fit$size[n > 0]), names = labels[n > 0]))
}

# The table of transitions that print() shows for an object of class survfitms
count_transitions <- function(table, states) {
  counts <- as.integer(count_states(table))
  observed <- counts > 0
  causes <- states[-1L][observed[-1L]]
  moves <- c(
    counts[-1L][observed[-1L]], counts[observed[1L] & seq_along(counts) == 1L]
  )
  structure(
    rbind(moves, matrix(0L, length(causes), length(moves))),
    dimnames = list(
      from = c(states[1L], causes), to = c(causes, "(censored)"[observed[1L]])
    ),
    class = "table"
  )
}

# Standard error of the area under each curve from 0 to each time, one column per curve.
# The first curve is the event-free curve S. The variances and covariances of area, curve
# and S are updated from event time to event time. In between, the area grows linearly
# with the curve. At an event time, curve k jumps by S h_k. S is its value just before the
# time, and h_k the hazard of cause k (for S itself: minus the sum over causes). The
# numbers of events by cause, n h_k among n at risk, are multinomial.
area_errors <- function(fit, hazard) {
  h <- cbind(-rowSums(hazard), hazard)
  errors <- h
  rows <- curve_rows(fit)
  for (i in which(fit$size > 0)) {
    at <- rows$offset[i] + seq_len(fit$size[i])
    moves <- at[h[at, 1L] < 0]
    after <- matrix(0, length(moves) + 1L, 3L * ncol(h))
    area <- curve <- area_curve <- area_free <- curve_free <- numeric(ncol(h))
    for (j in seq_along(moves)) {
      row <- moves[j]
      gap <- fit$time[row] - if (j > 1L) fit$time[moves[j - 1L]] else 0
      area <- area + 2 * gap * area_curve + gap^2 * curve
      area_curve <- area_curve + gap * curve
      area_free <- area_free + gap * curve_free
      jump <- h[row, ]
      remain <- 1 + jump[1L]
      noise <- (if (row > at[1L]) fit$event.free[row - 1L] else 1)^2 / fit$n.risk[row]
      free <- curve[1L]
      area_curve <- area_curve + jump * area_free
      area_free <- remain * area_free
      curve <- curve + 2 * jump * curve_free + jump^2 * free +
        noise * abs(jump) * (1 - abs(jump))
      curve_free <- remain * (curve_free + jump * free) - noise * jump * remain
      after[j + 1L, ] <- c(area, area_curve, curve)
    }
    last <- findInterval(fit$time[at], fit$time[moves])
    gap <- fit$time[at] - c(0, fit$time[moves])[last + 1L]
    part <- function(k) {
      after[last + 1L, seq_len(ncol(h)) + (k - 1L) * ncol(h), drop = FALSE]
    }
    errors[at, ] <- sqrt(pmax(part(1L) + 2 * gap * part(2L) + gap^2 * part(3L), 0))
  }
  errors
}

# Methods for survfit objects read the element `call`, so it must look like a call of
# survfit().
new_survfit <- function(elements, n, class) {
  formula <- if (length(n) > 1L) {
    quote(survfit(formula = Surv(time, status) ~ group))
  } else {
    quote(survfit(formula = Surv(time, status) ~ 1))
  }
  structure(c(elements, list(call = formula)), class = class)
}
