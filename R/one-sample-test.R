#' One-sample log-rank test: observed against expected events
#'
#' Compares the events of a cohort with those expected under a given hazard, of a
#' population or of a historical control.
#'
#' @details With \eqn{H_i} the cumulative hazard that subject i has passed when he leaves,
#' \deqn{E = \sum_i H_i(t_i),\quad \chi^2 = \frac{(O - E)^2}{E}}{
#'   E = sum H_i(t_i), chi-square = (O - E)^2 / E}
#' on 1 degree of freedom (Breslow 1975), O the number of events. O behaves as a Poisson
#' variable of mean E, which also gives an exact p-value (twice the smaller tail) and the
#' exact interval of the ratio O / E, the standardised mortality ratio,
#' \deqn{\frac{\chi^2_{2 O}(\alpha / 2)}{2 E},\quad
#'   \frac{\chi^2_{2 (O + 1)}(1 - \alpha / 2)}{2 E}}{
#'   qchisq(alpha / 2, 2 O) / (2 E), qchisq(1 - alpha / 2, 2 (O + 1)) / (2 E)}
#' (Garwood 1936), from 0 without an event. With left truncation a subject is expected to
#' have \eqn{H(exit) - H(entry)} events. With groups and strata each is tested by itself.
#'
#' @inheritParams kaplan_meier
#' @param hazard What is expected: one number, a constant hazard (events per subject and
#'   unit of time); a function of time that gives the cumulative hazard; or a column of
#'   `data` (`hazard = expected`) or a vector, the cumulative hazard of each row at its
#'   time, from life tables by age and sex for example.
#' @return A `one_sample_test`: `tests` (what `tidy()` and `glance()` give), a data frame
#'   with one row a group: `strata`, `n`, `observed`, `expected`, `ratio` (O / E),
#'   `conf.low`, `conf.high`, `conf.level`, `statistic`, `df`, `p.value` (upper tail of
#'   chi-square), `p.exact`; `table`. Where nothing is expected the test is `NA`.
#' @section Errors: those of [event_table()]; `oligosurv_error_input` for a `hazard` of
#'   another kind, `oligosurv_error_domain` where it is negative, not finite or falls;
#'   `oligosurv_error_data` for several event types, for lesion rows and for a `hazard` by
#'   row with an event table.
#' @references Breslow (1975) International Statistical Review 43, 45-57;
#'   Garwood (1936) \doi{10.1093/biomet/28.3-4.437}.
#' @seealso [logrank_test()], [kaplan_meier()]
#' @examples
#' # 4 deaths in 40 months of follow-up; 2 per 100 months are expected: E = 0.8
#' one_sample_test(Surv(c(5, 15, 12, 8), c(1, 1, 1, 1)) ~ 1, hazard = 0.02)
#' # the same by a function and by row
#' d <- data.frame(month = c(5, 15, 12, 8), death = 1, expected = c(5, 15, 12, 8) * 0.02)
#' one_sample_test(Surv(month, death) ~ 1, d, hazard = function(t) 0.02 * t)
#' one_sample_test(Surv(month, death) ~ 1, d, hazard = expected)
#' @export
one_sample_test <- function(x, data = NULL, hazard, conf.level = 0.95, ...) {
  check_row_dots(x, ...)
  conf.level <- check_level(conf.level)
  if (missing(hazard)) {
    stop_oligosurv("input", paste(
      "`hazard` must say what is expected: a rate, a function of time or a column"
    ), arg = "hazard")
  }
  check_repeated_ids(data, "count patients: endpoint(..., level = \"patient\")")
  hazard <- eval_term(substitute(hazard), data, parent.frame())
  by_row <- is.numeric(hazard) && length(hazard) != 1L
  table <- if (by_row) {
    hazard_table(x, data, hazard, ...)
  } else {
    as_event_table(x, data, ...)
  }
  check_one_event(table, "one_sample_test")
  expected <- if (by_row) {
    sum_by_curve(table, table$hazard)
  } else {
    expected_events(table, hazard)
  }
  new_one_sample_test(drop_ids(table), expected, conf.level)
}

# The rows of a formula with the cumulative hazard of each
hazard_table <- function(x, data, hazard, ...) {
  if (!inherits(x, "formula")) {
    stop_oligosurv("data", paste(
      "an event table has no rows; `hazard` must be a rate or a function of time"
    ), arg = "hazard")
  }
  check_hazard(hazard)
  table <- row_table(x, data, NULL, ...)
  if (max(table$row, 0L) > length(hazard)) {
    stop_oligosurv("input", sprintf(
      "`hazard` must have one value a row; it has %d", length(hazard)
    ), arg = "hazard")
  }
  table$hazard <- hazard[table$row]
  if (anyNA(table$hazard)) stop_domain("hazard", "known", is.na(hazard), hazard, "row")
  table
}

check_hazard <- function(hazard) {
  bad <- !is.na(hazard) & !(is.finite(hazard) & hazard >= 0)
  if (any(bad)) stop_domain("hazard", "finite and not negative", bad, hazard, "row")
}

# Expected events of each curve, from a rate or a cumulative hazard
expected_events <- function(table, hazard) {
  cumulative <- hazard
  if (is.numeric(hazard)) {
    rate <- check_number(hazard, "hazard", 0)
    cumulative <- function(t) rate * t
  } else if (!is.function(hazard)) {
    stop_oligosurv("input", sprintf(
      "`hazard` must be a rate, a function of time or one number a row; it is %s",
      describe(hazard)
    ), arg = "hazard")
  }
  out <- sum_by_curve(table, hazard_at(cumulative, table$time))
  if (is.null(table$entry)) return(out)
  out - sum_by_curve(table$entry, hazard_at(cumulative, table$entry$time))
}

hazard_at <- function(cumulative, time) {
  if (!length(time)) return(double())
  values <- cumulative(time)
  if (!is.numeric(values) || length(values) != length(time)) {
    stop_oligosurv("input", sprintf(
      "the function `hazard` must give one number a time (%d); it gave %s", length(time),
      describe(values)
    ), arg = "hazard")
  }
  bad <- !is.finite(values) | values < 0
  if (any(bad)) {
    stop_domain("hazard", "finite and not negative at all times", bad, values, "time")
  }
  o <- order(time)
  if (any(diff(values[o]) < 0)) {
    falls <- o[which(diff(values[o]) < 0)[1L] + 1L]
    stop_domain("hazard", "a cumulative hazard, which never falls",
      seq_along(values) == falls, values, "time"
    )
  }
  values
}

sum_by_curve <- function(counts, values) {
  if (!is.null(counts$n)) values <- values * counts$n
  curve <- rep.int(seq_along(counts$start[-1L]), diff(counts$start))
  out <- double(length(counts$start) - 1L)
  sums <- rowsum(values, curve)
  out[as.integer(rownames(sums))] <- sums
  out
}

new_one_sample_test <- function(table, expected, conf.level) {
  table$hazard <- NULL
  observed <- sum_by_curve(table, as.double(table$status > 0L))
  labels <- curve_labels(table)
  some <- expected > 0
  known <- function(x) replace(x, !some, NA_real_)
  tail <- (1 - conf.level) / 2
  statistic <- known((observed - expected)^2 / expected)
  tails <- pmin(
    stats::ppois(observed, expected), stats::ppois(observed - 1, expected, FALSE)
  )
  tests <- quick_frame(list(
    strata = factor(labels, labels), n = curve_sizes(table), observed = observed,
    expected = expected, ratio = known(observed / expected),
    conf.low = known(stats::qchisq(tail, 2 * observed) / (2 * expected)),
    conf.high = known(
      stats::qchisq(tail, 2 * (observed + 1), lower.tail = FALSE) / (2 * expected)
    ),
    conf.level = rep(conf.level, length(labels)), statistic = statistic,
    df = rep(1L, length(labels)),
    p.value = stats::pchisq(statistic, 1, lower.tail = FALSE),
    p.exact = known(pmin(1, 2 * tails))
  ))
  structure(list(
    tests = tests, method = "One-sample log-rank test", table = table
  ), class = "one_sample_test")
}

#' @export
tidy.one_sample_test <- function(x, ...) {
  check_no_dots(...)
  x$tests
}

#' @export
glance.one_sample_test <- function(x, ...) {
  check_no_dots(...)
  out <- x$tests
  out$method <- rep(x$method, nrow(out))
  out
}

#' @export
as.data.frame.one_sample_test <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$tests
}

#' @export
print.one_sample_test <- function(x, ...) {
  rows <- x$tests
  writeLines(c(x$method, sprintf("Status: %s", format_states(x$table))))
  writeLines(format_losses(x$table))
  shown <- list(
    strata = rows$strata, n = format_count(rows$n),
    observed = format_count(rows$observed),
    expected = format_time(rows$expected), `O / E` = format_time(rows$ratio, "NA")
  )
  shown[[sprintf("%s%% CI", format(100 * rows$conf.level[1L]))]] <- sprintf(
    "(%s-%s)", format_time(rows$conf.low, "NA"), format_time(rows$conf.high, "NA")
  )
  shown[["chi-square"]] <- format_time(rows$statistic, "NA")
  shown$p <- format_p(rows$p.value, equals = "")
  shown[["exact p"]] <- format_p(rows$p.exact, equals = "")
  if (nlevels(rows$strata) == 1L) shown$strata <- NULL
  print(quick_frame(shown), row.names = FALSE)
  writeLines("O / E with its exact Poisson interval")
  if (anyNA(rows$ratio)) writeLines("NA: nothing is expected")
  invisible(x)
}
