#' Median and other quantiles of a fit
#'
#' The time by which a proportion `probs` of the subjects has had the event, with
#' confidence limits.
#'
#' @details The quantile is the first time at which S is at or below 1 - p (F at or
#'   above p). If the curve is flat at exactly 1 - p, it is the midpoint between this
#'   time and the next event, as in survival and SAS; with `midpoint = FALSE`, or if no
#'   event follows, it is the left end, as in SPSS and Stata. The confidence limits are
#'   the first times at which the limit curves are at or below 1 - p (Brookmeyer and
#'   Crowley 1982). Exact limits (`conf.type` `"small-sample"`, `"exact"`, `"mid-p"`)
#'   are also defined before the first event: with five subjects the lower limit of the
#'   median is 0, since 0.025^(1/5) < 1/2, and without any event it is the time at which
#'   too few subjects are left to exclude 1/2. The other types are defined from the
#'   first event on. With delayed entry the same applies to exact limits, since the few
#'   subjects first at risk carry little information. A curve counts as equal to 1 - p
#'   if it is within 1e-12 of it.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param probs Proportions, above 0 and below 1.
#' @param midpoint `TRUE` or `FALSE`, see Details.
#' @param na.rm,... Not used.
#' @return A data frame: `outcome` (competing risks only), `strata`, `prob`, `estimate`,
#'   `conf.low`, `conf.high` (times in the unit of the data, `NA` when not reached),
#'   `conf.level`, `conf.type`. `median()` is the same for `probs = 0.5`.
#' @section Errors: `oligosurv_error_domain` for `probs` outside (0, 1).
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
  if (any(bad)) stop_domain("probs", "above 0 and below 1", bad, probs)
  fit_quantiles(x, probs, check_flag(midpoint, "midpoint"))
}

#' @rdname quantile.oligosurv_fit
#' @export
median.oligosurv_fit <- function(x, na.rm = FALSE, ...) {
  quantile.oligosurv_fit(x, 0.5, ...)
}

# Quantiles of a fit as a data frame; `along` is the fit evaluated at 1 - probs.
fit_quantiles <- function(fit, probs, midpoint,
                          along = read_along(fit, shares = 1 - probs)) {
  values <- quantile_matrix(fit, probs, midpoint, along)
  labels <- curve_labels(fit$table)
  n_outcome <- max(1L, length(fit$outcomes))
  n_each <- length(labels) * length(probs)
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

# Matrix with the columns quantile, lower and upper limit, and a row for each outcome,
# curve and probability
quantile_matrix <- function(fit, probs, midpoint, along) {
  estimate <- along$cross
  half <- which(midpoint & along$cross.flat == 1 & !is.na(along$cross.next))
  estimate[half] <- (along$cross[half] + along$cross.next[half]) / 2
  low <- along$cross.low
  high <- along$cross.high
  if (any(along$from_start)) { # a limit curve may be past 1 - p before the first event
    start <- limits_at_start(fit)
    falling <- function(x) if (fit$start_value == 0) 1 - x else x
    bounds <- if (fit$start_value == 0) start[c("high", "low")] else start
    targets <- rep(1 - probs, length.out = length(low))
    curve <- rep(seq_along(fit$size), each = length(probs), length.out = length(low))
    defined <- rep(along$from_start, each = length(probs)) & start$any[curve]
    at_start <- function(x) defined & falling(x)[curve] <= targets + rounding_tol
    origin <- table_origin(fit$table)
    low[at_start(bounds[[1L]])] <- origin
    high[at_start(bounds[[2L]])] <- origin
  }
  matrix(c(estimate, low, high), ncol = 3L)
}
