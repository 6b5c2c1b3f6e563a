#' One-sample log-rank test: observed against expected events
#'
#' Compares the events of a cohort with those expected under a given hazard, such as that
#' of a population or of a historical control.
#'
#' @details With \eqn{H_i(t_i)} the given cumulative hazard of subject i at the end of its
#' follow-up,
#' \deqn{E = \sum_i H_i(t_i),\quad \chi^2 = \frac{(O - E)^2}{E}}{
#'   E = sum H_i(t_i), chi-square = (O - E)^2 / E}
#' with 1 degree of freedom (Breslow 1975), where O is the number of events. O is treated
#' as a Poisson variable with mean E, which also gives an exact p-value (twice the smaller
#' tail) and the exact interval of the ratio O / E, the standardised mortality ratio,
#' \deqn{\frac{\chi^2_{2 O}(\alpha / 2)}{2 E},\quad
#'   \frac{\chi^2_{2 (O + 1)}(1 - \alpha / 2)}{2 E}}{
#'   qchisq(alpha / 2, 2 O) / (2 E), qchisq(1 - alpha / 2, 2 (O + 1)) / (2 E)}
#' (Garwood 1936); the lower limit is 0 if there is no event. With left truncation the
#' expected number of events of a subject is \eqn{H(exit) - H(entry)}. With groups and
#' strata each is tested separately.
#'
#' **Landmark.** With `landmark = L` events and follow-up before L do not count, nor do
#' the events expected before L: E sums \eqn{H(t) - H(L)}, or \eqn{H(t) - H(entry)} for
#' rows that enter later. A function `hazard` is evaluated on the time scale of `data`,
#' whose origin the landmark does not change, although times in the table of the result
#' are counted from L. A hazard H that begins at the landmark is given as
#' `hazard = function(t) H(pmax(t - L, 0))`. In rows of an [endpoint()] with its own
#' `landmark`, `time` is counted from the landmark, and so is the time scale of `hazard`.
#'
#' @inheritParams kaplan_meier
#' @param hazard The expected hazard. Either one number, a constant hazard (events per
#'   subject and unit of time); or a function of time that gives the cumulative hazard; or
#'   a column of `data` (`hazard = expected`) or a vector, the cumulative hazard of each
#'   row over its follow-up (from entry, if entries are given), for example from life
#'   tables by age and sex.
#' @param hazard_before With `landmark` and a `hazard` by row: the cumulative hazard of
#'   each row at the landmark, a column of `data` or a vector (0 if `hazard` starts at the
#'   landmark). It is subtracted.
#' @return A `one_sample_test`: `tests`, a data frame with one row per group: `strata`,
#'   `n`, `observed`, `expected`, `ratio` (O / E), `conf.low`, `conf.high`, `conf.level`,
#'   `statistic`, `df`, `p.value` (upper tail of chi-square), `p.exact`; `table`. In
#'   `tidy()` and `glance()` `ratio` is `estimate`, and in `tidy()` `df` is `parameter`.
#'   If no events are expected, the test is `NA`.
#' @section Errors: those of [event_table()]; `oligosurv_error_input` for a `hazard` of
#'   another type and for a `hazard` by row with `landmark` but without `hazard_before`;
#'   `oligosurv_error_domain` if the cumulative hazard is negative, not finite,
#'   decreasing or, if it is a function, not 0 at time 0; `oligosurv_error_data` for
#'   several event types, for lesion rows and for a `hazard` by row with an event table.
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
#' # from month 6 on: 9, 6 and 2 months are followed, E = 17 * 0.02 = 0.34
#' one_sample_test(Surv(month, death) ~ 1, d, hazard = 0.02, landmark = 6)
#' one_sample_test(Surv(month, death) ~ 1, d,
#'   hazard = expected, hazard_before = 6 * 0.02, landmark = 6
#' )
#' @export
one_sample_test <- function(x, data = NULL, hazard, hazard_before = NULL,
                            conf.level = 0.95, ...) {
  check_row_dots(x, ...)
  conf.level <- check_level(conf.level)
  if (missing(hazard)) {
    stop_oligosurv("input", paste(
      "`hazard` is missing; give the expected hazard as a rate, as a function that",
      "returns the cumulative hazard at given times, or as a column of cumulative hazards"
    ), arg = "hazard")
  }
  check_repeated_ids(x, data, "give one row per patient",
    "count patients: endpoint(..., level = \"patient\")", list(...)$landmark
  )
  hazard <- eval_term(substitute(hazard), data, parent.frame())
  if (is.object(hazard)) hazard <- plain_column(hazard)
  by_row <- is.numeric(hazard) && length(hazard) != 1L
  hazard_before <- eval_term(substitute(hazard_before), data, parent.frame())
  if (is.object(hazard_before)) hazard_before <- plain_column(hazard_before)
  check_hazard_before(hazard_before, by_row, list(...)$landmark)
  if (by_row) {
    table <- hazard_table(x, data, hazard, hazard_before, ...)
    check_one_event(table, "one_sample_test")
    expected <- sum_by_curve(table, table$hazard)
  } else {
    by_clock <- is.function(hazard) && inherits(x, "formula") && ...length() > 0L
    table <- if (by_clock) row_table(x, data, NULL, ...) else as_event_table(x, data, ...)
    check_one_event(table, "one_sample_test")
    clock <- if (by_clock) row_clock(table, x, data, ...) else table_clock(table)
    expected <- expected_events(table, hazard, clock)
  }
  new_one_sample_test(drop_ids(table), expected, conf.level)
}

check_hazard_before <- function(hazard_before, by_row, landmark) {
  needed <- by_row && !is.null(landmark)
  if (needed && is.null(hazard_before)) {
    stop_oligosurv("input", paste(
      "a column `hazard` holds cumulative hazards from time zero, which include the time",
      "before the `landmark`; give the cumulative hazard of each row at the landmark as",
      "`hazard_before`, or `hazard_before = 0` if `hazard` starts at the landmark"
    ), arg = "hazard_before")
  }
  if (!needed && !is.null(hazard_before)) {
    stop_oligosurv("input", paste(
      "`hazard_before` is used only if there is a `landmark` and `hazard` is a column;",
      "leave it out: a rate or a function of time needs no value at the landmark"
    ), arg = "hazard_before")
  }
}

# The rows of a formula with their cumulative hazards, minus those at the landmark
hazard_table <- function(x, data, hazard, hazard_before, ...) {
  if (!inherits(x, "formula")) {
    stop_oligosurv("data", paste(
      "an event table holds counts, not rows, so that `hazard` cannot be a column; give",
      "a rate or a function of time"
    ), arg = "hazard")
  }
  table <- row_table(x, data, NULL, ...)
  of_rows <- function(values, arg) {
    check_hazard(values, arg)
    if (max(table$row, 0L) > length(values)) {
      stop_oligosurv("input", sprintf(
        "`%s` must have one value per row; it has %d, for at least %d rows",
        arg, length(values), max(table$row)
      ), arg = arg)
    }
    own <- values[table$row]
    if (anyNA(own)) stop_domain(arg, "known", is.na(values), values, "row")
    own
  }
  table$hazard <- of_rows(hazard, "hazard")
  if (is.null(hazard_before)) return(table)
  if (is.numeric(hazard_before) && length(hazard_before) == 1L) {
    hazard_before <- rep(hazard_before, length(hazard))
  }
  before <- of_rows(hazard_before, "hazard_before")
  # equal hazards may differ by rounding, if they were summed in different orders
  above <- before > table$hazard * (1 + rounding_tol)
  if (any(above)) {
    stop_domain("hazard_before", "at most `hazard` in every row that is kept",
      seq_along(hazard) %in% table$row[above], hazard_before, "row"
    )
  }
  table$hazard <- pmax(table$hazard - before, 0)
  table
}

check_hazard <- function(hazard, arg) {
  if (!is.numeric(hazard)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be numbers; it is %s", arg, describe(hazard)
    ), arg = arg)
  }
  bad <- !is.na(hazard) & !(is.finite(hazard) & hazard >= 0)
  if (any(bad)) stop_domain(arg, "finite and not negative", bad, hazard, "row")
}

# Begin and end of the time at risk of each row, on the time scale of the data. `begin` is
# NULL if all rows begin at 0. Otherwise it has one element per row of `table$entry` or,
# without delayed entry, per row of `table`.
table_clock <- function(table) {
  from <- if (is.null(table$landmark)) 0 else table$landmark$at
  begin <- table$entry
  if (is.null(begin) && from > 0) {
    begin <- list(time = double(length(table$time)), n = table$n, start = table$start)
  }
  if (!is.null(begin)) begin$time <- begin$time + from
  list(end = table$time + from, begin = begin)
}

# table_clock() for the rows of a formula. The times are those before the landmark is
# subtracted, so that a step of the hazard at an event time is matched exactly.
row_clock <- function(table, x, data, censor = NULL, landmark = NULL, ...) {
  # read_formula() stops for a late_group() unless it is given the landmark, which must
  # not be subtracted here. The groups are not needed, so they are removed from the
  # formula.
  rows <- suppressMessages(read_formula(with_terms(x, list()), data, censor))
  begin <- NULL
  if (!is.null(rows$entry) || !is.null(landmark)) {
    entry <- if (is.null(rows$entry)) 0 else as.double(rows$entry)[table$row]
    time <- pmax(entry, if (is.null(landmark)) 0 else landmark)
    begin <- list(time = rep_len(time, length(table$row)), start = table$start)
  }
  list(end = as.double(rows$time)[table$row], begin = begin)
}

# Expected events of each curve, from a rate or a cumulative hazard
expected_events <- function(table, hazard, clock) {
  cumulative <- hazard
  if (is.numeric(hazard)) {
    rate <- check_number(hazard, "hazard", 0)
    cumulative <- function(t) rate * t
  } else if (!is.function(hazard)) {
    stop_oligosurv("input", sprintf(
      "`hazard` must be a rate, a function of time or one number per row; it is %s",
      describe(hazard)
    ), arg = "hazard")
  }
  end <- seq_along(clock$end)
  values <- hazard_at(cumulative, c(clock$end, clock$begin$time))
  out <- sum_by_curve(table, values[end])
  if (is.null(clock$begin)) return(out)
  out - sum_by_curve(clock$begin, values[-end])
}

# Stops for a function that is a rate or a survival curve: a cumulative hazard begins at 0
check_zero_at_zero <- function(cumulative) {
  # a function that is not defined at 0 is accepted
  zero <- tryCatch(suppressWarnings(cumulative(0)), error = raise_time_limit)
  if (!is.numeric(zero) || length(zero) != 1L || !is.finite(zero)) return(invisible())
  if (abs(zero) <= 1e-6) return(invisible())
  stop_oligosurv("domain", sprintf(
    paste(
      "the function `hazard` must return the cumulative hazard, which is 0 at time 0; it",
      "is %s at time 0. A constant rate is one number, as in hazard = 0.05"
    ), format(zero, digits = 4)
  ), arg = "hazard")
}

hazard_at <- function(cumulative, time) {
  if (!length(time)) return(double())
  values <- with_function(cumulative(time), "hazard")
  if (!is.numeric(values) || length(values) != length(time)) {
    stop_oligosurv("input", sprintf(
      "the function `hazard` must return one number for each of %d times; it returned %s",
      length(time),
      describe(values)
    ), arg = "hazard")
  }
  at_time <- function(i) sprintf("%s at time %s", format(values[i]), format(time[i]))
  bad <- which(!is.finite(values) | values < 0)
  if (length(bad)) {
    stop_oligosurv("domain", sprintf(
      "`hazard` must be finite and not negative at all times; it is %s", at_time(bad[1L])
    ), arg = "hazard", where = bad)
  }
  o <- order(time)
  falls <- o[which(diff(values[o]) < 0) + 1L]
  if (length(falls)) {
    stop_oligosurv("domain", sprintf(
      "`hazard` must be a cumulative hazard, which never decreases; it falls to %s",
      at_time(falls[1L])
    ), arg = "hazard", where = falls)
  }
  check_zero_at_zero(cumulative)
  values
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

#' @exportS3Method NULL
result_rows.one_sample_test <- function(x, ...) {
  check_no_dots(...)
  tests <- x$tests
  names(tests)[match(c("ratio", "df"), names(tests))] <- c("estimate", "parameter")
  rows <- tests
  rows$method <- rep(x$method, nrow(rows))
  new_result(rows, stats::setNames(rows, sub("^parameter$", "df", names(rows))),
    scale = "ratio", null = 1, what = "Events observed and expected", title = x$method,
    table = x$table,
    basis = paste(
      "exact Poisson limits and P; chi-square with 1 degree of freedom"
    ),
    columns = list(
      Group = group_column(tests$strata),
      N = tests$n, Observed = tests$observed,
      Expected = number_column(tests$expected, 1L),
      "Observed : expected" = interval_column(tests, "ratio", 2L),
      "Exact P" = p_column(tests$p.exact),
      "Chi-square" = in_print(number_column(tests$statistic)),
      "Chi-square P" = p_column(tests$p.value)
    ),
    group = tests$strata, label = as.character(tests$strata),
    remarks = if (!is.null(x$table$landmark)) sprintf(
      "Expected from the landmark on: H(t) - H(%s), t counted from time zero of the data",
      format(x$table$landmark$at)
    ),
    signs = stats::setNames("nothing is expected", no_value),
    axis = "Observed : expected", heading = "Ratio",
    values = list(
      ratio = number_text(tests$estimate, 2L, "NA"), p.value = tests$p.exact
    ),
    sentence = paste0(
      "{observed} of {expected} expected (ratio {number}, {level} CI {ci}; {p})"
    )
  )
}
