# First time a step curve is at or below q, with the flat-segment rule. `time` and
# `value` are the rows of one curve; NA values count as above q.
first_crossing <- function(time, value, q, midpoint) {
  at <- which(value <= q + 1e-12)[1]
  if (is.na(at)) return(NA_real_)
  if (!midpoint || value[at] < q - 1e-12) return(time[at])
  below <- which(value < q - 1e-12)
  below <- below[below > at][1]
  if (is.na(below)) time[at] else (time[at] + time[below]) / 2
}

# Do the limits hold before the first event too? Exact ones do; the others say nothing of
# a time without an event.
limits_from_start <- function(fit) has_exact_limits(fit$conf.type)

# The limit curves of one outcome as decreasing ones: rows by curve, from the start or
# from the first event on
limit_rows <- function(fit, outcome, rising) {
  rows <- outcome_rows(fit, outcome)
  decreasing <- function(x) if (rising) 1 - x else x
  out <- quick_frame(list(
    curve = rows$curve, time = rows$time,
    low = decreasing(if (rising) rows$conf.high else rows$conf.low),
    high = decreasing(if (rising) rows$conf.low else rows$conf.high)
  ))
  if (limits_from_start(fit)) return(out)
  out[!is.na(rows$estimate) & rows$estimate != fit$start_value, ]
}

# Quantile and limits in columns; in rows outcomes, then curves, then probs
quantile_matrix <- function(fit, probs, midpoint) {
  if (is_later(fit)) return(quantiles_along(fit, probs, midpoint))
  rows <- curve_rows(fit)
  rising <- fit$start_value == 0
  parts <- lapply(seq_len(max(1L, length(fit$outcomes))), function(k) {
    limits <- limit_rows(fit, k, rising)
    last <- cumsum(tabulate(limits$curve, length(rows$size)))
    do.call(rbind, lapply(seq_along(rows$size), function(i) {
      at <- seq_len(rows$size[i]) + rows$offset[i]
      estimate <- fit$estimate[at + (k - 1) * length(fit$time)]
      if (rising) estimate <- 1 - estimate
      within <- seq_len(last[i] - c(0, last)[i]) + c(0, last)[i]
      t(vapply(1 - probs, function(q) {
        c(
          first_crossing(fit$time[at], estimate, q, midpoint),
          first_crossing(limits$time[within], limits$low[within], q, FALSE),
          first_crossing(limits$time[within], limits$high[within], q, FALSE)
        )
      }, double(3L)))
    }))
  })
  do.call(rbind, parts)
}

fit_quantiles <- function(fit, probs, midpoint) {
  labels <- curve_labels(fit$table)
  n_outcome <- max(1L, length(fit$outcomes))
  values <- quantile_matrix(fit, probs, midpoint)
  n_each <- length(labels) * length(probs)
  out <- list(
    outcome = factor(rep(fit$outcomes, each = n_each), fit$outcomes),
    strata = factor(rep(rep(labels, each = length(probs)), n_outcome), labels),
    prob = rep(probs, length(labels) * n_outcome),
    estimate = values[, 1], conf.low = values[, 2], conf.high = values[, 3],
    conf.level = rep(fit$conf.level, nrow(values)),
    conf.type = rep(fit$conf.type, nrow(values))
  )
  if (is.null(fit$outcomes)) out$outcome <- NULL
  quick_frame(out)
}

#' Median and other quantiles of a fit
#'
#' The time by which a share `probs` has had the event, with limits.
#'
#' @details The first time S is at or below 1 - p (F at or above p). Where the curve is
#'   flat exactly there, the midpoint between that time and the next event, as survival
#'   and SAS do; `midpoint = FALSE` gives the left end, as SPSS and Stata do; where it
#'   ends flat, the left end. Limits are the first times at which the limit curves are at
#'   or below 1 - p (Brookmeyer and Crowley 1982). Exact limits (`conf.type`
#'   `"small-sample"`, `"exact"`, `"mid-p"`) hold before the first event too: with five
#'   subjects the lower limit of the median is 0, since 0.025^(1/5) < 1/2, and without any
#'   event it is the time at which too few are left to exclude 1/2. The other types hold
#'   from the first event on. A curve is at 1 - p when it is within 1e-12 of it.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param probs Shares between 0 and 1, both left out.
#' @param midpoint `TRUE` or `FALSE`, see Details.
#' @param na.rm,... Not used.
#' @return A data frame: `outcome` (competing risks only), `strata`, `prob`, `estimate`,
#'   `conf.low`, `conf.high` (times in the unit of the data, `NA` when not reached),
#'   `conf.level`, `conf.type`. `median()` is the same for `probs = 0.5`.
#' @section Errors: `oligosurv_error_domain` for shares outside (0, 1).
#' @references Brookmeyer and Crowley (1982) \doi{10.2307/2530286}.
#' @examples
#' fit <- kaplan_meier(Surv(1:4, c(1, 1, 1, 1)) ~ 1)
#' quantile(fit, 0.5) # S is 1/2 from 2 to 3: midpoint 2.5
#' quantile(fit, 0.5, midpoint = FALSE) # 2
#' @name quantile.oligosurv_fit
#' @export
quantile.oligosurv_fit <- function(x, probs = c(0.25, 0.5, 0.75), midpoint = TRUE, ...) {
  check_no_dots(...)
  probs <- check_double(probs, "probs")
  bad <- probs <= 0 | probs >= 1
  if (any(bad)) stop_domain("probs", "between 0 and 1", bad, probs)
  fit_quantiles(x, probs, check_flag(midpoint, "midpoint"))
}

#' @rdname quantile.oligosurv_fit
#' @export
median.oligosurv_fit <- function(x, na.rm = FALSE, ...) {
  quantile.oligosurv_fit(x, 0.5, ...)
}
