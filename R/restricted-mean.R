#' Restricted mean survival time, and time lost by cause
#'
#' With one event type the mean time free of the event up to `tau`, the area under the
#' Kaplan-Meier curve; with competing risks the mean time lost to each cause up to `tau`,
#' the area under its cumulative incidence. By group, with differences and ratios between
#' groups.
#'
#' @details With \eqn{d_j} events among \eqn{n_j} at risk at \eqn{t_j}:
#' \deqn{\mathrm{RMST}(\tau) = \int_0^\tau \hat S(t)\,dt,\quad
#'   \widehat{\mathrm{Var}} = \sum_{t_j \le \tau}
#'   \left(\int_{t_j}^{\tau} \hat S(t)\,dt\right)^2 \frac{d_j}{n_j (n_j - d_j)}}{
#'   RMST(tau) = int_0^tau S,
#'   Var = sum_(t_j <= tau) (int_(t_j)^tau S)^2 d_j / (n_j (n_j - d_j))}
#' with the term 0 where \eqn{n_j = d_j}. The time lost to cause k is
#' \deqn{L_k(\tau) = \int_0^\tau \hat F_k(t)\,dt,\quad
#'   \widehat{\mathrm{Var}} = \sum_{t_j \le \tau} \frac{\hat S(t_j-)^2}{n_j}
#'   \mathrm{Var}(X_j)}{
#'   L_k(tau) = int_0^tau F_k,
#'   Var = sum_(t_j <= tau) S(t_j-)^2 / n_j Var(X_j)}
#' where \eqn{X_j} is \eqn{\tau - t_j - g_j} with probability \eqn{d_{kj} / n_j} (an event
#' of the cause), \eqn{-g_j} with probability \eqn{(d_j - d_{kj}) / n_j} and else 0, and
#' \eqn{g_j} is the mean time lost to k up to \eqn{\tau} by those event-free after
#' \eqn{t_j}: the increments are multinomial given the risk set, as in
#' [cumulative_incidence()]. With one cause the time lost is \eqn{\tau} - RMST with the
#' same standard error. Times lost to all causes and the event-free time add up to
#' \eqn{\tau}.
#'
#' **tau.** `NULL` takes the smallest of the groups' last times. Past a last time that is
#' a censoring the curve is not known, and a `tau` there is an error unless
#' `extend = TRUE` carries the last value on; where the last time is an event of all who
#' were left, S is 0 from there on, which is known. Before the first time the restricted
#' mean is `tau`. Groups without subjects are `NA` and do not count.
#'
#' **Intervals.** `"beta"`, the default: `tau` times the limits of Clopper and Pearson for
#' the share \eqn{p} = estimate / `tau` of the effective number
#' \eqn{p (1 - p) / \mathrm{se}(p)^2 \cdot (z / t_{n - 1})^2}{
#' p (1 - p) / se(p)^2 (z / t_(n - 1))^2} of subjects (Korn and Graubard 1998), the t
#' quantile of the n subjects of the group for a standard error that is itself estimated.
#' `"mid-p"`: their mid-p form, which counts the probability of what was observed half.
#' `"plain"`: estimate \eqn{\mp z} standard error, not below 0 or above `tau`; in small
#' groups it covers less than its level (simulated at 9 to 37 subjects with event rates of
#' 3 to 80%: 88 to 95% at 95%, `"beta"` 94% and more). Where the standard error is 0 (no
#' event before `tau`, or one time at which all at risk have it) the exact limits stand,
#' the areas under the exact limits of the curve (competing deaths are no losses to
#' follow-up there), and `conf.type` says `exact`.
#'
#' **Clusters and weights.** With `id` or sampling weights the variance is the
#' infinitesimal jackknife, \eqn{\sum_c (\sum_{i \in c} w_i D_i)^2}{
#' sum over c of (sum over i in c of w_i D_i)^2} over ids c with \eqn{D_i}{D_i} the
#' influence of a row on the mean ([influence_values()]); the t quantile and exact limits
#' count ids, or rows. survival has Greenwood's there, though its standard error of S is
#' the jackknife's.
#'
#' **Contrasts.** Groups are independent, so variances add, and those of ratios by the
#' delta method on the log scale (`std.error` is that of the ratio itself). Limits
#' recover the variances from the limits of the groups (MOVER, Zou and Donner 2008, see
#' [rate_difference()]), of ratios on the log scale. By default these are `"mid-p"`
#' limits: those of `"beta"` are conservative in each group, and their MOVER is so twice.
#' Simulated without and with a difference (28 against 9 and 16 against 12 subjects,
#' event rates of 10 to 50%), 95% intervals of differences and ratios cover 94 to 97% and
#' are a tenth shorter than with `"beta"`. With several rows of an id at risk at one time,
#' sampling weights or subjects who enter late the default is `"beta"` for contrasts too.
#' With `conf.type = "plain"` they are Wald's, differences not beyond -`tau` and `tau`,
#' but where the limits of a group are exact.
#'
#' The p-value goes with the interval: it is the level 1 - `conf.level` at which a limit
#' is 0 (a ratio 1), so that p is below 0.05 where and only where the 95% interval leaves
#' that out. `statistic` is the normal deviate of p with the sign of the estimate; with
#' `"plain"` that is estimate (or log ratio) over standard error. A ratio with an
#' estimate of 0 has no limits and no p-value; `reason` says so. Contrasts are within
#' strata. Groups that hold rows of the same `id` are not independent, see
#' [rate_difference()].
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ group + strata(s)`, with a factor status for
#'   competing risks, or an [event_table()].
#' @param tau `NULL`, or the end of the time window: one number of at least 0 in the unit
#'   of the data.
#' @param extend `TRUE` to carry curves on past their last time.
#' @param conf.type `"beta"`, `"mid-p"` or `"plain"`, for the means and, by MOVER, for
#'   their contrasts; `NULL`, the default, is `"beta"` for means and, as a rule,
#'   `"mid-p"` for contrasts, see Details.
#' @param reference `NULL` for the first group, or the label of the group that the others
#'   are compared with.
#' @return A `restricted_mean`: `estimates` (what `tidy()` gives), a data frame with
#'   `outcome` (competing risks only), `strata`, `tau`, `estimate`, `std.error`,
#'   `conf.low`, `conf.high` (unit of time), `conf.level`, `conf.type`; `contrasts`, a
#'   data frame with `tau`, `outcome`, `stratum` (where there are any), `measure`
#'   (`difference` or `ratio`), `contrast` (`B - A` or `B / A`), `estimate`, `std.error`,
#'   `statistic` (normal deviate of the p-value), `conf.low`, `conf.high`, `p.value`
#'   (two-sided, by inversion of the interval), `conf.level`, `conf.type`
#'   (`mover, mid-p`: MOVER from mid-p limits), `reason` (why the p-value is `NA`);
#'   `table`. `glance()`: one row an outcome with `tau`, `n`, `n.event`, `n.censor`,
#'   `method`.
#' @section Errors: those of [event_table()] and [clustered_rows]; `oligosurv_error_data`
#'   for `tau` past the last time of a group that ends with a censoring;
#'   `oligosurv_error_input` for an unknown `reference`.
#' @references Kaplan and Meier (1958) \doi{10.1080/01621459.1958.10501452};
#'   Royston and Parmar (2013) \doi{10.1186/1471-2288-13-152};
#'   Korn and Graubard (1998) Survey Methodology 24, 193-201;
#'   Andersen (2013) \doi{10.1002/sim.5903}; Zou and Donner (2008) \doi{10.1002/sim.3095}.
#' @seealso [rate_difference()], [kaplan_meier()], [cumulative_incidence()],
#'   [forest_plot()]
#' @examples
#' d <- data.frame(
#'   month = c(2, 4, 6, 8, 1, 3, 5, 7), death = c(1, 0, 1, 0, 1, 1, 0, 1),
#'   arm = rep(c("A", "B"), each = 4)
#' )
#' # A: S is 1 to 2, 3/4 to 6: 2 + 4 * 3/4 = 5
#' # B: S is 1 to 1, 3/4 to 3, 1/2 to 6: 1 + 2 * 3/4 + 3 * 1/2 = 4
#' fit <- restricted_mean(Surv(month, death) ~ arm, d, tau = 6)
#' fit
#' fit$contrasts # B - A is -1, B / A is 0.8
#' @export
restricted_mean <- function(x, data = NULL, tau = NULL, conf.level = 0.95,
                            extend = FALSE, conf.type = NULL,
                            reference = NULL, weights = NULL,
                            weight_type = "frequency", tie_tol = 1e-9, id = NULL, ...) {
  id <- list(expr = substitute(id), env = parent.frame())
  weights <- if (!missing(weights)) {
    list(
      expr = substitute(weights), env = parent.frame(),
      type = if (!missing(weight_type)) weight_type
    )
  }
  check_row_dots(x, ...)
  own <- !is.null(conf.type) # else means and contrasts have types of their own
  types <- c("beta", "mid-p", "plain")
  conf.type <- if (own) check_choice(conf.type, types, "conf.type") else "beta"
  conf.level <- check_level(conf.level)
  extend <- check_flag(extend, "extend")
  if (!is.null(tau)) tau <- check_number(tau, "tau", 0)
  table <- estimator_table(x, data, id, tie_tol, ..., weights = weights, use = "curves")
  reference <- check_reference(reference, table)
  tau <- area_end(table, tau, extend, tie_tol)
  # tells of a curve that empties itself early
  if (!is.null(table$entry)) cumulative_incidence(drop_ids(table), tie_tol = 0)
  estimates <- mean_rows(table, tau, conf.level, conf.type)
  of_contrasts <- if (own || is_clustered(table) || any(table_subjects(table)$gains)) {
    conf.type
  } else {
    "mid-p"
  }
  rows <- if (of_contrasts == conf.type) {
    estimates
  } else {
    mean_rows(table, tau, conf.level, of_contrasts)
  }
  place <- list(name = "tau", at = if (is.na(tau)) 0 else tau)
  correlation <- id_correlation(table, place, reference)
  limits_at <- area_limits_at(rows, table, tau, of_contrasts)
  contrasts <- lapply(c("difference", "ratio"), function(measure) {
    wald <- of_contrasts == "plain"
    contrast_frame(rows, table, reference, 1L, measure, limits_at,
      correlation = correlation, conf.level = conf.level, wald = wald, most = tau,
      type = if (wald && measure == "ratio") "log" else of_contrasts
    )
  })
  new_restricted_mean(
    estimates, do.call(rbind, contrasts), table, tau, conf.level, conf.type, of_contrasts
  )
}

# Estimates with limits of one type, by id where the table has ids
mean_rows <- function(table, tau, conf.level, conf.type) {
  rows <- area_rows(table, tau, conf.level, conf.type)
  if (is.null(table$id)) return(rows)
  robust_area_rows(rows, table, tau, conf.level, conf.type)
}

# Is nobody event-free at the end of each curve? S is 0 then, and stays so.
ended_curves <- function(table) {
  curves <- .Call(C_aj, drop_ids(table), FALSE, "none", 0.95, max_threads())
  end <- cumsum(curves$size)
  known <- curves$size > 0
  out <- logical(length(known))
  out[known] <- curves$surv[end[known]] == 0
  out
}

# The end of the window: as given, or the smallest of the last times of the curves
area_end <- function(table, tau, extend, tie_tol) {
  n_curve <- length(table$start) - 1L
  last <- ifelse(diff(table$start) > 0, table$time[table$start[-1L]], NA_real_)[
    seq_len(n_curve)
  ]
  if (is.null(tau)) return(if (all(is.na(last))) NA_real_ else min(last, na.rm = TRUE))
  past <- which(tau * (1 - tie_tol) > last)
  if (length(past) && !extend) past <- past[!ended_curves(table)[past]]
  if (length(past) && !extend) {
    first <- past[which.min(last[past])]
    stop_oligosurv("data", sprintf(
      paste0(
        "`tau` is %s, past the last time of '%s' (%s), where its curve is not known; ",
        "take a smaller `tau`, or `extend = TRUE` to carry the curve on"
      ),
      format(tau), curve_labels(table)[first], format(last[first])
    ), arg = "tau", where = past)
  }
  tau
}

area_rows <- function(table, tau, conf.level, conf.type) {
  tail <- (1 - conf.level) / 2
  raw <- .Call(C_area, table, if (is.na(tau)) 0 else tau, tail, max_threads())
  n <- rep_len(table_subjects(table)$n, length(raw$kept))
  causes <- table$states[-1L]
  labels <- curve_labels(table)
  one <- length(causes) == 1L
  estimate <- if (one) raw$kept else raw$lost
  rest <- if (one) raw$lost else raw$kept
  limits <- area_limits(estimate, rest, tau, raw$std_error, n, tail, conf.type)
  exact <- raw$std_error == 0
  low <- ifelse(exact, raw$low, limits$low)
  high <- ifelse(exact, raw$high, limits$high)
  empty <- rep(curve_sizes(table) == 0, length(causes))
  known <- function(x) replace(x, empty | is.nan(x), NA_real_) # NaN: times below 1e-308
  out <- list(
    outcome = factor(rep(causes, each = length(labels)), causes),
    strata = structure(
      rep(seq_along(labels), length(causes)), levels = labels, class = "factor"
    ),
    tau = rep(tau, length(estimate)), estimate = known(estimate),
    std.error = known(raw$std_error), conf.low = known(low), conf.high = known(high),
    conf.level = rep(conf.level, length(estimate)),
    conf.type = ifelse(exact & !empty, "exact", conf.type)
  )
  if (one) out$outcome <- NULL
  quick_frame(out)
}

# Estimates of area_rows() with the jackknife's errors and the limits that follow: from
# the influence of each row, summed by id; limits that are exact count ids. Exact, too,
# where the rows of each id cancel, so that nothing or what rounding left is its error.
robust_area_rows <- function(rows, table, tau, conf.level, conf.type) {
  raw <- row_values(table, list(name = "tau", at = if (is.na(tau)) 0 else tau))
  n_curve <- length(table$start) - 1L
  unit <- id_in_curve(raw, table)
  first <- !duplicated(unit)
  ids <- tabulate(raw$curve[first], n_curve)
  weight <- if (is.null(table$n)) 1 else table$n
  error <- unlist(lapply(raw$influence, function(d) {
    by_id <- as.vector(rowsum(weight * d, match(unit, unique(unit))))
    sums <- vapply(split(by_id^2, factor(raw$curve[first], seq_len(n_curve))), sum, 0)
    sqrt(unname(sums))
  }))
  limits <- c("conf.low", "conf.high")
  ids <- rep(ids, length.out = nrow(rows))
  cancels <- rows$conf.type != "exact" & ids >= 2 & !is.na(rows$estimate) &
    error^2 * 2^53 < rows$estimate * (tau - rows$estimate)
  rows$std.error[cancels] <- 0
  rows$conf.type[cancels] <- "exact"
  exact <- rows$conf.type == "exact"
  if (any(exact)) {
    tail <- rep((1 - conf.level) / 2, sum(exact))
    rows[exact, limits] <- exact_areas(table, rows, tau)(which(exact), tail)
  }
  at <- which(!exact & !is.na(rows$estimate))
  rows$std.error[at] <- ifelse(ids[at] < 2, NA_real_, error[at])
  estimate <- rows$estimate[at]
  rows[at, limits] <- area_limits(
    estimate, tau - estimate, tau, rows$std.error[at], ids[at], (1 - conf.level) / 2,
    conf.type
  )
  rows
}

# Limits of the areas where nothing varies, from the effective ids at risk: as
# osv_area_limits() in src/osv_area.c has them of subjects, or under the exact limits of
# the curves where the rows of ids cancel. `rows`: those of robust_area_rows(). Value: a
# function of rows and tails, one a row, that gives low and high.
exact_areas <- function(table, rows, tau) {
  competing <- length(table$states) > 2L
  times <- .Call(C_aj, table, FALSE, "none", 0.95, max_threads())
  exact_curves <- function(level) {
    .Call(C_cluster_curves, table, FALSE, "exact", level,
      identical(table$weights$type, "sampling")
    )
  }
  ids <- exact_curves(0.95)
  curve <- factor(rep.int(seq_along(times$size), times$size), seq_along(times$size))
  time <- split(times$time, curve)
  kept <- split(ids$kept, curve)
  at <- as.integer(rows$strata)
  cause <- if (competing) as.integer(rows$outcome) else rep(1L, nrow(rows))
  n_time <- length(times$time)
  row_of <- split(seq_len(n_time), curve)
  # between 0 and 1 somewhere before tau
  varies <- vapply(seq_len(nrow(rows)), function(i) {
    before <- row_of[[at[i]]][time[[at[i]]] < tau]
    share <- times$cif[(cause[i] - 1L) * n_time + before]
    any(share > 0 & share < 1)
  }, NA)
  # under the limits of F of a cause
  under_limits <- function(i, tail) {
    made <- exact_curves(1 - 2 * tail)
    before <- row_of[[at[i]]][time[[at[i]]] < tau]
    cell <- (cause[i] - 1L) * n_time + before
    width <- diff(c(0, times$time[before], tau))
    start <- 1 - tail^(1 / made$start[at[i]])
    lost <- c(sum(width * c(0, made$conf_low[cell])),
      sum(width * c(start, made$conf_high[cell]))
    )
    tau - lost[2:1]
  }
  one_area <- function(i, tail) {
    if (varies[i]) return(under_limits(i, tail))
    before <- time[[at[i]]] < tau
    from <- c(0, time[[at[i]]][before])
    bound <- tail^(1 / c(ids$start[at[i]], kept[[at[i]]][before]))
    free <- if (competing) tau - rows$estimate[i] else rows$estimate[i]
    fails <- is.finite(free) && free < tau * (1 - 1e-12) # all of them, at time `free`
    if (fails) {
      last <- which.min(abs(from - free)) - 1L
      low <- sum(diff(from[seq_len(last + 1L)]) * bound[seq_len(last)])
      return(c(low, from[last + 1L] + (tau - from[last + 1L]) * (1 - bound[last])))
    }
    c(sum(diff(c(from, tau)) * bound), tau)
  }
  function(i, tail) {
    limits <- vapply(seq_along(i), function(k) one_area(i[k], tail[k]), double(2L))
    if (competing) limits <- tau - limits[2:1, , drop = FALSE]
    list(low = limits[1L, ], high = limits[2L, ])
  }
}

# The limits of rows of area_rows() or robust_area_rows() that leave out `tail` on each
# side, one tail a row
area_limits_at <- function(estimates, table, tau, conf.type) {
  n <- rep_len(curve_numbers(table), nrow(estimates))
  n_curve <- length(table$start) - 1L
  exact <- estimates$conf.type == "exact"
  of_exact <- if (any(exact) && !is.null(table$id)) {
    exact_areas(table, estimates, tau)
  } else {
    function(i, tail) {
      part <- repeat_curves(table, (i - 1L) %% n_curve + 1L)
      raw <- .Call(C_area, part, tau, tail, max_threads())
      cell <- (i - 1L) %/% n_curve * length(i) + seq_along(i)
      list(low = raw$low[cell], high = raw$high[cell])
    }
  }
  function(i, tail) {
    x <- estimates[i, c("estimate", "std.error")]
    out <- area_limits(
      x$estimate, tau - x$estimate, tau, x$std.error, n[i], tail, conf.type
    )
    at <- which(exact[i])
    if (!length(at)) return(out)
    limits <- of_exact(i[at], tail[at])
    out$low[at] <- limits$low
    out$high[at] <- limits$high
    out
  }
}

# Subjects of each curve, those whose follow-up is split in several rows once, and whether
# more enter late
table_subjects <- function(table) .Call(C_curve_subjects, table, FALSE)

# Subjects of each curve, or its ids
curve_numbers <- function(table) {
  if (is.null(table$id)) return(table_subjects(table)$n)
  n_curve <- length(table$start) - 1L
  curve <- rep.int(seq_len(n_curve), diff(table$start))
  tabulate(curve[!duplicated(curve * as.double(table$n_id) + table$id)], n_curve)
}

# A table of these curves, which may come several times, for kernels that take each curve
# by itself; without ids
repeat_curves <- function(table, curve) {
  part <- function(x) {
    size <- diff(x$start)[curve]
    list(
      row = sequence(size, x$start[curve] + 1), start = c(0, cumsum(size))
    )
  }
  rows <- part(table)
  if (!is.null(table$entry)) {
    entries <- part(table$entry)
    table$entry <- list(
      time = table$entry$time[entries$row], n = table$entry$n[entries$row],
      start = entries$start
    )
  }
  table$time <- table$time[rows$row]
  table$status <- table$status[rows$row]
  if (!is.null(table$n)) table$n <- table$n[rows$row]
  table$start <- rows$start
  table
}

# Limits of an area from its error, where this is not 0, of n subjects or ids; `rest` is
# what it lacks of tau; one tail, or one a row
area_limits <- function(estimate, rest, tau, std.error, n, tail, conf.type) {
  z <- stats::qnorm(tail, lower.tail = FALSE)
  if (conf.type == "plain") {
    return(list(
      low = pmax(estimate - z * std.error, 0), high = pmin(estimate + z * std.error, tau)
    ))
  }
  widen <- stats::qt(tail, pmax(n - 1, 1), lower.tail = FALSE) / z
  shares <- .Call(
    C_share_limits, estimate / tau, rest / tau, widen * std.error / tau,
    if (conf.type == "mid-p") "mid-p" else "exact", tail
  )
  list(low = tau * shares$low, high = tau * shares$high)
}

new_restricted_mean <- function(estimates, contrasts, table, tau, conf.level,
                                conf.type, of_contrasts) {
  what <- if (is.null(estimates$outcome)) {
    "Restricted mean survival time"
  } else {
    "Restricted mean time lost by cause"
  }
  new_contrast("restricted_mean", estimates, contrasts, table,
    method = sprintf("%s to tau = %s", what, format(tau)),
    interval = sprintf(
      "%s; %s%% %s intervals, exact where the standard error is 0%s",
      table_variance(table), format(100 * conf.level), conf.type,
      if (!nrow(contrasts)) {
        ""
      } else if (of_contrasts == "plain") {
        "; contrasts by their standard error"
      } else {
        sprintf("; contrasts by MOVER (%s), p by inversion", of_contrasts)
      }
    ),
    keys = list(tau = tau)
  )
}

#' @rdname restricted_mean
#' @export
tidy.restricted_mean <- function(x, ...) {
  check_no_dots(...)
  x$estimates
}
