#' Cumulative hazard of a fit
#'
#' The Nelson-Aalen estimate of the cumulative hazard of each curve, or of each cause with
#' competing risks.
#'
#' @details With d events among n at risk at a time, `ties = "nelson-aalen"` treats tied
#'   events as simultaneous, `"fleming-harrington"` as successive:
#'   \deqn{H = \sum \frac{d}{n}, \quad \mathrm{Var} = \sum \frac{d}{n^2}}{
#'     H = sum d / n, Var = sum d / n^2}
#'   \deqn{H = \sum \sum_{i < d} \frac{1}{n - i}, \quad
#'     \mathrm{Var} = \sum \sum_{i < d} \frac{1}{(n - i)^2}}{
#'     H = sum sum_(i < d) 1 / (n - i), Var = sum sum_(i < d) 1 / (n - i)^2}
#'   (survival: `ctype = 1` and `2`). If the number of events is not whole (because of
#'   weights), its fractional part is the last step. With competing causes these are
#'   cause-specific hazards, with events of the other causes as censorings.
#'
#'   Intervals, with s the standard error: `"log"`
#'   \eqn{H e^{\mp z s / H}}{H exp(-+ z s / H)}, `"plain"` \eqn{H \mp z s}{H -+ z s},
#'   truncated at 0. If H is 0, the upper limit is exact: minus the logarithm of the
#'   Clopper-Pearson limit for no event among those at risk after the time; with left
#'   truncation, among the fewest at risk since the start of the curve. Subjects whose
#'   follow-up is split into several rows count once.
#'
#' @param fit A fit of [kaplan_meier()] or [cumulative_incidence()].
#' @param ties `"nelson-aalen"` or `"fleming-harrington"`.
#' @param conf.type `"log"` or `"plain"`.
#' @param conf.level Level of the intervals, between 0 and 1.
#' @param ... Not used: an unknown argument is an error.
#' @return A data frame of class `cumulative_hazard`, whose `ggplot2::autoplot()` draws
#'   the curves, one row per cause (`outcome`, competing risks only), curve (`strata`) and
#'   distinct time: `time`, `outcome`, `strata`, `n.risk`, `n.event`, `estimate` (events
#'   per subject, no unit), `std.error`, `conf.low`, `conf.high`, `conf.level`,
#'   `conf.type`.
#' @section Errors: `oligosurv_error_input` if `fit` is not such a fit;
#'   `oligosurv_error_data` for a fit with `id` or sampling weights, which these variances
#'   ignore.
#' @references Nelson (1969) \doi{10.1080/00224065.1969.11980344};
#'   Aalen (1978) \doi{10.1214/aos/1176344247};
#'   Fleming and Harrington (1984) \doi{10.1080/03610928408828837}.
#' @seealso [kaplan_meier()], [cumulative_incidence()],
#'   [`autoplot()`][autoplot_tables]
#' @examples
#' d <- data.frame(month = c(2, 3, 3, 5), dead = c(1, 1, 1, 0))
#' fit <- kaplan_meier(Surv(month, dead) ~ 1, d)
#' cumulative_hazard(fit) # 1/4, then 1/4 + 2/3
#' cumulative_hazard(fit, ties = "fleming-harrington") # 1/4 + 1/3 + 1/2
#' @export
cumulative_hazard <- function(fit, ties = c("nelson-aalen", "fleming-harrington"),
                              conf.type = c("log", "plain"), conf.level = 0.95, ...) {
  check_no_dots(...)
  if (!inherits(fit, c("kaplan_meier", "cumulative_incidence"))) {
    stop_oligosurv("input", sprintf(
      "`fit` must come from kaplan_meier() or cumulative_incidence(); it is %s",
      describe(fit)
    ), arg = "fit")
  }
  check_fit(fit)
  ties <- check_choice(ties, c("nelson-aalen", "fleming-harrington"), "ties")
  conf.type <- check_choice(conf.type, c("log", "plain"), "conf.type")
  conf.level <- check_level(conf.level)
  if (!is.null(fit$ids) || !is.null(fit$weights)) {
    stop_oligosurv("data", paste(
      "`fit` has ids or sampling weights, which the variance of the cumulative hazard",
      "would ignore; give a fit without `id` and `weights`"
    ), arg = "fit")
  }
  k <- max(1L, length(fit$outcomes))
  m <- length(fit$time)
  one_by_one <- ties == "fleming-harrington"
  parts <- lapply(seq_len(k), function(i) {
    events <- fit$n.event[(i - 1) * m + seq_len(m)]
    .Call(C_hazard, fit$n.risk, events, fit$size, one_by_one)
  })
  hazard <- unlist(lapply(parts, `[[`, "hazard"))
  error <- sqrt(unlist(lapply(parts, `[[`, "variance")))
  limits <- hazard_limits(fit, hazard, error, conf.type, conf.level)
  labels <- curve_labels(fit$table)
  curve <- rep.int(seq_along(fit$size), fit$size)
  out <- list(
    time = rep(fit$time, k),
    outcome = structure(rep(seq_len(k), each = m), levels = fit$outcomes,
      class = "factor"
    ),
    strata = structure(rep(curve, k), levels = labels, class = "factor"),
    n.risk = rep(fit$n.risk, k), n.event = fit$n.event, estimate = hazard,
    std.error = error, conf.low = limits$low, conf.high = limits$high,
    conf.level = rep(conf.level, k * m),
    conf.type = ifelse(hazard == 0, "exact", conf.type)
  )
  if (is.null(fit$outcomes)) out$outcome <- NULL
  structure(quick_frame(out),
    class = c("cumulative_hazard", "data.frame"), unit = table_unit(fit$table)
  )
}

hazard_limits <- function(fit, hazard, error, conf.type, conf.level) {
  tail <- (1 - conf.level) / 2
  z <- stats::qnorm(tail, lower.tail = FALSE)
  if (conf.type == "log") {
    low <- hazard * exp(-z * error / hazard)
    high <- hazard * exp(z * error / hazard)
  } else {
    low <- pmax(hazard - z * error, 0)
    high <- hazard + z * error
  }
  at_risk <- .Call(C_least_at_risk, fit)
  # Once nobody is left at risk, the data do not bound the hazard at later times, so the
  # upper limit is infinite.
  emptied <- row_before_is(at_risk == 0, fit$size)
  none <- which(hazard == 0)
  low[none] <- 0
  high[none] <- -log(tail) / rep_len(at_risk, length(hazard))[none]
  high[rep_len(emptied, length(hazard))] <- Inf
  list(low = low, high = high)
}

# Is `true` TRUE in the previous row of the same curve?
row_before_is <- function(true, size) {
  first <- cumsum(c(0, size))[seq_along(size)] + 1
  replace(c(FALSE, true)[seq_along(true)], first[size > 0], FALSE)
}
