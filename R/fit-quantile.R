# Quantile and limits in columns; in rows outcomes, then curves, then probs. `along`:
# what was read of the fit at shares 1 - probs.
quantile_matrix <- function(fit, probs, midpoint, along) {
  estimate <- along$cross
  half <- which(midpoint & along$cross.flat == 1 & !is.na(along$cross.next))
  estimate[half] <- (along$cross[half] + along$cross.next[half]) / 2
  low <- along$cross.low
  high <- along$cross.high
  from_start <- limits_from_start(fit)
  if (any(from_start)) { # they may be past the share before any event
    start <- limits_at_start(fit)
    falling <- function(x) if (fit$start_value == 0) 1 - x else x
    bounds <- if (fit$start_value == 0) start[c("high", "low")] else start
    shares <- rep(1 - probs, length.out = length(low))
    curve <- rep(seq_along(fit$size), each = length(probs), length.out = length(low))
    holds <- rep(from_start, each = length(probs)) & start$any[curve]
    at_start <- function(x) holds & falling(x)[curve] <= shares + rounding_tol
    origin <- table_origin(fit$table)
    low[at_start(bounds[[1L]])] <- origin
    high[at_start(bounds[[2L]])] <- origin
  }
  matrix(c(estimate, low, high), ncol = 3L)
}

fit_quantiles <- function(fit, probs, midpoint,
                          along = read_along(fit, shares = 1 - probs)) {
  labels <- curve_labels(fit$table)
  n_outcome <- max(1L, length(fit$outcomes))
  n_each <- length(labels) * length(probs)
  values <- quantile_matrix(fit, probs, midpoint, along)
  out <- list(
    strata = quick_factor(
      rep(rep(seq_along(labels), each = length(probs)), n_outcome), labels
    ),
    prob = rep(probs, length(labels) * n_outcome),
    estimate = values[, 1], conf.low = values[, 2], conf.high = values[, 3],
    conf.level = rep(fit$conf.level, nrow(values)),
    conf.type = rep(fit$conf.type, nrow(values))
  )
  if (!is.null(fit$outcomes)) {
    outcome <- quick_factor(rep(seq_len(n_outcome), each = n_each), fit$outcomes)
    out <- c(list(outcome = outcome), out)
  }
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
#'   from the first event on, and so do exact ones where subjects enter late, since the
#'   few at risk first say next to nothing. A curve is at 1 - p when it is within 1e-12
#'   of it.
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
