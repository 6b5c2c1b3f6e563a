#' Bootstrap intervals by patient
#'
#' Intervals of medians and other quantiles, of S(t) or cumulative incidence and of
#' restricted means, and of their differences between groups, by resampling patients.
#'
#' @details In each group (and stratum) the same number of patients is resampled with
#' replacement, and the statistic is computed for each resample (Efron 1981). With `id`
#' all rows of a patient are resampled together. Times are sorted only once, because a
#' resample changes only how often each patient counts; 9999 resamples of a small cohort
#' take milliseconds. `set.seed()` makes the resamples reproducible.
#'
#' **Left truncation.** Rows of `Surv(entry, exit, status)` are resampled together with
#' their entry times. If all subjects of a small early risk set have the event in a
#' resample, its curve falls to 0 and stays there.
#'
#' **Statistics** are those of S with one event type, and of the incidence of each cause
#' with several. `"quantile"`: the time by which a proportion `probs` has had the event,
#' by the rule of [quantile()][quantile.oligosurv_fit]; `"rate"`: S(t) or F(t) at `times`;
#' `"restricted_mean"`: restricted mean survival time, or time lost, up to `tau`, see
#' [restricted_mean()].
#'
#' **Limits** are computed from the R sorted values \eqn{v} of the resamples, with
#' \eqn{\alpha = 1 -} `conf.level`. `"percentile"`: the values of rank
#' \eqn{(R + 1) \alpha / 2} (rounded down), counted from the smallest and from the
#' largest;
#' `"basic"`: these values reflected about the estimate,
#' \eqn{2 \hat\theta - v}{2 estimate - v};
#' `"normal"`: the estimate minus its bias \eqn{\mp z}{-+ z} standard deviations; `"bca"`:
#' percentiles at
#' \deqn{\Phi\left(z_0 + \frac{z_0 \mp z}{1 - a (z_0 \mp z)}\right)}{
#'   Phi(z0 + (z0 -+ z) / (1 - a (z0 -+ z)))}
#' with \eqn{\Phi(z_0)} the proportion of values below the estimate (ties count half) and
#' \eqn{a = \sum d^3 / (6 (\sum d^2)^{3/2})}{a = sum d^3 / (6 (sum d^2)^(3/2))}, where d
#' are the changes of the estimate if one patient is left out (Efron 1987; a = 0 if one of
#' them is not defined). Limits of `"basic"` and `"normal"` are truncated to the range of
#' the statistic.
#'
#' **Statistics that a resample does not determine.** A quantile that is not reached
#' counts as later than all others; a limit at such a value is `NA`, printed as NR or NA.
#' If the follow-up of a resample ends before `times` or `tau`, the curve is extended at
#' its last value. A difference between two quantiles that are both not reached counts as
#' extreme on both sides. `share.known` is the proportion of resamples with none of these
#' problems; if it is below about 0.9, the limits are not reliable.
#'
#' If all resamples are the same, because S(t) or F(t) is 0 or 1 or a restricted mean has
#' no event, the exact limits of [kaplan_meier()], [cumulative_incidence()] or
#' [restricted_mean()] are used and marked `exact`; differences then have MOVER limits
#' (see [rate_difference()]).
#'
#' **Ties.** A time in `times` and a time in the data that differ by less than one part in
#' a billion are treated as equal, in the estimate and in each resample.
#'
#' **Small groups.** In simulations with groups of 28 and 9 and of 16 and 12 patients, at
#' a time with S = 1/2, 95% percentile limits covered 94.0 to 94.3% (median), 97.5%
#' (difference of medians), 94.5 to 95.2% (S) and 93.3 to 93.8% (difference of S). `"bca"`
#' limits covered 97.0 to 97.9% (S) and 95.5 to 96.5% (difference of S). They are the
#' default for `"rate"`, because their coverage was never below 95%. [rate_difference()]
#' has the nominal coverage without resampling.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ group + strata(s)`, with a factor status for
#'   competing risks, or an [event_table()].
#' @param statistic `"quantile"`, `"rate"` or `"restricted_mean"`, see Details.
#' @param probs Probabilities strictly between 0 and 1; 0.5 is the median.
#' @param times Times in the unit of the data, for `"rate"`.
#' @param tau `NULL` (the smallest of the groups' last times) or the end of the window,
#'   for `"restricted_mean"`.
#' @param n_resamples Number of resamples.
#' @param conf.type `"percentile"`, `"bca"`, `"basic"` or `"normal"`, see Details. The
#'   default is `"bca"` for `"rate"` and `"percentile"` for the other statistics.
#' @param reference `NULL` for the first group, or the label of the group that the others
#'   are compared with.
#' @param midpoint See [quantile()][quantile.oligosurv_fit].
#' @param ... `censor`, `na.action` and `landmark`, see [event_table()].
#' @return A `bootstrap_interval`: `estimates` (what `tidy()` gives), a data frame with
#'   `outcome` (competing risks only), `strata`, `prob`, `time` or `tau`, `estimate`,
#'   `std.error` (standard deviation of the resampled values, `NA` if one of them is not
#'   known), `bias` (their mean minus the estimate), `conf.low`, `conf.high`,
#'   `conf.level`, `conf.type`, `share.known`; `contrasts`, a data frame with the
#'   differences between groups, within strata; `resamples`, a matrix with one row per
#'   resample and one column per row of `estimates`; `table`, the event table.
#' @section Errors: those of [event_table()] and [clustered_rows]; `oligosurv_error_input`
#'   if there are too few resamples for the confidence level; `oligosurv_error_data` for
#'   an [event_table()] with left truncation, which does not record which entry belongs to
#'   which exit, for an id in several groups and for a `tau` after the last time of a
#'   group.
#' @references Efron (1981) \doi{10.1080/01621459.1981.10477650};
#'   Efron (1987) \doi{10.1080/01621459.1987.10478410};
#'   Davison and Hinkley (1997) \doi{10.1017/CBO9780511802843}.
#' @seealso [pseudo_values()], [restricted_mean()], [quantile()][quantile.oligosurv_fit]
#' @examples
#' d <- data.frame(
#'   month = c(3, 5, 8, 12, 14, 20, 2, 4, 6, 7, 9, 13), death = c(1, 1, 0, 1, 1, 0,
#'     1, 1, 1, 0, 1, 1), arm = rep(c("A", "B"), each = 6)
#' )
#' set.seed(1)
#' bootstrap_interval(Surv(month, death) ~ arm, d) # medians, and B - A
#' lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
#' bootstrap_interval(Surv(time, status) ~ 1, lesions, "rate",
#'   times = 24, id = patient_id
#' )
#' @export
bootstrap_interval <- function(x, data = NULL,
                               statistic = c("quantile", "rate", "restricted_mean"),
                               probs = 0.5, times = NULL, tau = NULL,
                               n_resamples = 9999, id = NULL,
                               conf.type = c("percentile", "bca", "basic", "normal"),
                               conf.level = 0.95, reference = NULL, midpoint = TRUE,
                               tie_tol = 1e-9, ...) {
  check_row_dots(x, ...)
  call <- captured(substitute(id), NULL, NULL, parent.frame())
  kinds <- c("quantile", "rate", "restricted_mean")
  statistic <- check_choice(statistic, kinds, "statistic")
  types <- c("percentile", "bca", "basic", "normal")
  conf.type <- if (missing(conf.type)) {
    if (statistic == "rate") "bca" else "percentile"
  } else {
    check_choice(conf.type, types, "conf.type")
  }
  conf.level <- check_level(conf.level)
  n_resamples <- check_resamples(n_resamples, conf.level)
  midpoint <- check_flag(midpoint, "midpoint")
  table <- estimator_table(x, data, call, tie_tol, ...)
  reference <- check_reference(reference, table)
  drawn <- boot_rows(table, x, data, tie_tol, ...)
  units <- boot_units(drawn)
  at <- switch(statistic,
    quantile = check_probs(probs),
    rate = check_rate_times(times),
    restricted_mean = boot_tau(table, tau, tie_tol)
  )
  rows <- boot_estimates(table, statistic, at, conf.level, midpoint)
  spec <- boot_spec(table, statistic, at, midpoint)
  raw <- .Call(
    C_bootstrap, drawn, units, spec, n_resamples,
    report_progress("Resamples", n_resamples * (length(table$start) - 1))
  )
  sample <- boot_sample(raw, rows, units, drawn, spec, conf.type)
  new_bootstrap(
    rows, sample, table, statistic, conf.type, conf.level, reference, n_resamples
  )
}

check_resamples <- function(n, conf.level) {
  n <- check_whole(n, "n_resamples", 1, 1e8)
  need <- ceiling(2 / (1 - conf.level) * (1 - 1e-9)) - 1
  if (n >= need) return(n)
  stop_oligosurv("input", sprintf(
    "%s%% limits need `n_resamples` of at least %s; it is %s", format(100 * conf.level),
    format_count(need), format_count(n)
  ), arg = "n_resamples")
}

check_probs <- function(probs) {
  probs <- check_double(probs, "probs")
  bad <- probs <= 0 | probs >= 1
  if (any(bad)) stop_domain("probs", "between 0 and 1", bad, probs)
  probs
}

check_rate_times <- function(times) {
  if (length(times)) return(check_times(times))
  stop_oligosurv("input", "give `times`, the times at which S or F is estimated",
    arg = "times"
  )
}

boot_tau <- function(table, tau, tie_tol) {
  if (!is.null(tau)) tau <- check_number(tau, "tau", 0)
  tau <- area_end(table, tau, FALSE, tie_tol)
  if (is.na(tau)) 0 else tau
}

# Estimates, one row for each outcome, curve and element of `at`, in this order. The
# confidence limits in the rows are those of the estimator, not of the bootstrap.
# new_bootstrap() uses only those that are exact.
boot_estimates <- function(table, statistic, at, conf.level, midpoint) {
  if (statistic == "restricted_mean") {
    rows <- area_rows(table, at, conf.level, "beta")
    # only exact limits are used; they count patients, not the rows of an id
    limits <- c("conf.low", "conf.high")
    rows[limits] <- area_rows(whole_units(table), at, conf.level, "beta")[limits]
    return(rows)
  }
  one <- length(table$states) == 2L
  # with "log-log", limits are exact only where the standard error is 0
  fit <- (if (one) kaplan_meier else cumulative_incidence)(
    table, conf.type = "log-log", conf.level = conf.level, tie_tol = 0
  )
  if (statistic == "quantile") return(stats::quantile(fit, at, midpoint))
  tidy_rows(fit, at)
}

new_bootstrap <- function(rows, sample, table, statistic, conf.type, conf.level,
                          reference, n_resamples) {
  open <- statistic == "quantile"
  columns <- boot_columns(
    sample$value, rows$estimate, sample$known, conf.type, conf.level, sample$range,
    sample$left_out, open
  )
  exact <- rows$conf.type == "exact"
  if (!open) {
    unknown <- is.na(rows$estimate)
    columns[c("conf.low", "conf.high")] <-
      lapply(columns[c("conf.low", "conf.high")], replace, unknown, NA_real_)
  }
  columns$conf.low[exact] <- rows$conf.low[exact]
  columns$conf.high[exact] <- rows$conf.high[exact]
  columns$conf.type[exact] <- "exact"
  places <- c("outcome", "strata", "prob", "time", "tau")
  keys <- as.list(rows[intersect(places, names(rows))])
  estimates <- quick_frame(c(keys, columns))
  contrasts <- boot_contrasts(
    estimates, sample, table, reference, conf.type, conf.level, open
  )
  fit <- new_contrast("bootstrap_interval", estimates, contrasts, drop_ids(table),
    method = boot_method(table, statistic, n_resamples),
    interval = sprintf("%s%% %s intervals%s", format(100 * conf.level), conf.type,
      if (open) "" else ", exact where all resamples agree"
    ),
    keys = list(n.resamples = n_resamples)
  )
  fit$resamples <- sample$value
  fit
}

boot_method <- function(table, statistic, n_resamples) {
  one <- length(table$states) == 2L
  sprintf(
    "%s, %s of %s",
    switch(statistic,
      quantile = "Quantiles of time",
      rate = if (one) "Survival" else "Cumulative incidence",
      restricted_mean = if (one) "Restricted mean" else "Restricted time lost"
    ), count_noun(n_resamples, "resample"),
    if (is.null(table$id)) "subjects" else paste0(table$words[2L], "s")
  )
}

# Differences of each group from the reference group of its stratum, computed in each
# resample
boot_contrasts <- function(estimates, sample, table, reference, conf.type, conf.level,
                           open) {
  n_group <- length(table$groups)
  group <- (sample$curve - 1L) %% n_group + 1L
  n_at <- sum(sample$curve == 1L) / max(1L, nlevels(estimates$outcome))
  b <- which(group != reference)
  a <- b + (reference - group[b]) * n_at
  places <- intersect(c("prob", "time", "tau", "outcome"), names(estimates))
  keys <- as.list(estimates[b, places, drop = FALSE])
  if (length(table$strata) > 1L) {
    stratum <- (sample$curve[b] - 1L) %/% n_group + 1L
    keys$stratum <- factor(table$strata[stratum], table$strata)
  }
  keys$measure <- rep("difference", length(b))
  keys$contrast <- paste(
    table$groups[group[b]], "-", table$groups[reference], recycle0 = TRUE
  )
  value <- sample$value[, b, drop = FALSE] - sample$value[, a, drop = FALSE]
  left_out <- Map(function(b, a) c(b, if (!is.null(a)) -a),
    sample$left_out[b], sample$left_out[a]
  )
  columns <- boot_columns(
    value, estimates$estimate[b] - estimates$estimate[a],
    if (open) colMeans(is.finite(value)) else pmin(sample$known[b], sample$known[a]),
    conf.type, conf.level, c(-1, 1) * sample$range[2L], left_out, FALSE
  )
  quick_frame(c(keys, mover_where_exact(columns, estimates[b, ], estimates[a, ])))
}

mover_where_exact <- function(columns, b, a) {
  gone <- is.na(columns$estimate)
  columns[c("conf.low", "conf.high")] <- lapply(
    columns[c("conf.low", "conf.high")], replace, gone, NA_real_
  )
  at <- which(!gone & (b$conf.type == "exact" | a$conf.type == "exact"))
  down <- sqrt((b$estimate - b$conf.low)^2 + (a$conf.high - a$estimate)^2)
  up <- sqrt((b$conf.high - b$estimate)^2 + (a$estimate - a$conf.low)^2)
  columns$conf.low[at] <- (columns$estimate - down)[at]
  columns$conf.high[at] <- (columns$estimate + up)[at]
  columns$conf.type[at] <- "mover, exact"
  columns
}
