# tidy(), glance(), summary(), quantile() and as.data.frame() of fits. For speed a fit
# holds plain vectors, one curve after another. The functions here convert them to rows,
# one per time, outcome and stratum.

#' Data frames of a fit
#'
#' `tidy()` gives one row for each outcome, stratum and distinct time; `glance()` one row
#' for each outcome and stratum, with the median.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param times `NULL` for all distinct times, or the times at which the curves are
#'   evaluated.
#' @param extend `TRUE` extends the last estimate beyond the last follow-up of a curve.
#'   Otherwise estimates are `NA` there, unless nobody is left event-free.
#' @param ... Not used.
#' @return A data frame. `tidy()`: `time`, `outcome` (competing risks only), `strata` (a
#'   factor with the labels of the curves; `All` without groups), `n.risk` (at risk just
#'   before the time; with delayed entry those who entered before it, and at the first
#'   time of the curve, 0 or `start`, those who enter then), `n.event`, `n.censor` (at the
#'   time or, with `times`, since the row before), `cum.event`, `cum.censor`, `estimate`,
#'   `std.error` (on the scale of `estimate`), `conf.low`, `conf.high`, `conf.level`,
#'   `conf.type` (`exact` where exact limits are used). Each curve has a row at time 0 (or
#'   at `start`). `glance()`: `outcome`, `strata`, `n` (rows, also where the follow-up of
#'   one subject is split into several), `n.event`, `n.censor`, `median`, `conf.low`,
#'   `conf.high` (of the median), `conf.level`, `conf.type`. With `band` the last columns
#'   of `tidy()` are `band.low` and `band.high`, `NA` outside the times of the band.
#'
#'   With `id` the last column of `tidy()` is `n.id`, the number of distinct ids at risk
#'   just before the time (`NA` if rows enter between it and the next time of the curve).
#'   The last columns of `glance()` are `n.id`, the number of ids of the curve;
#'   `design.effect`, the variance by id divided by the variance with independent rows, at
#'   the last time at which the estimate is between 0 and 1 (`NA` if there is none); and,
#'   without weights, `intra.correlation`, the correlation of rows of one id, see
#'   [clustered_rows] (`NA` if each id has one row).
#' @section Errors: `oligosurv_error_domain` for times that are negative or not finite.
#' @examples
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 1)) ~ 1)
#' tidy(fit)
#' tidy(fit, times = c(2, 3))
#' glance(fit)
#' @name tidy.oligosurv_fit
#' @order 1
#' @export
tidy.oligosurv_fit <- function(x, times = x$times, extend = FALSE, ...) {
  check_no_dots(...)
  check_fit(x)
  if (!is.null(x$table$from) && !is.null(times)) check_from(times, x$table)
  tidy_rows(x, times, extend)
}

#' @export
as.data.frame.oligosurv_fit <- function(x, row.names = NULL, optional = FALSE, ...) {
  tidy_rows(x, x$times)
}

#' @rdname tidy.oligosurv_fit
#' @export
glance.oligosurv_fit <- function(x, ...) {
  check_no_dots(...)
  quick_frame(fit_summary(x, fit_facts(x)))
}

#' Median and other quantiles of a fit
#'
#' The time by which a proportion `probs` of the subjects has had the event, with
#' confidence limits.
#'
#' @details The quantile is the first time at which S is at or below 1 - p (F at or
#'   above p). If the curve is flat at exactly 1 - p, it is the midpoint between this
#'   time and the next event, as in survival and SAS; with `midpoint = FALSE`, or if no
#'   event follows, it is the first of these times, as in SPSS and Stata. The confidence
#'   limits are the first times at which the limit curves are at or below 1 - p
#'   (Brookmeyer and Crowley 1982). Exact limits (`conf.type` `"small-sample"`, `"exact"`,
#'   `"mid-p"`) are also defined before the first event: with five subjects the lower
#'   limit of the median is 0, since 0.025^(1/5) < 1/2, and without any event it is the
#'   time at which too few subjects are left to exclude 1/2. The other types are defined
#'   from the first event on. With delayed entry this holds for exact limits too, because
#'   the few subjects first at risk carry little information. A curve counts as equal to
#'   1 - p if it is within 1e-12 of it.
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
  probs <- check_proportions(probs, "probs")
  quick_frame(fit_quantiles(x, probs, check_flag(midpoint, "midpoint")))
}

#' @rdname quantile.oligosurv_fit
#' @export
median.oligosurv_fit <- function(x, na.rm = FALSE, ...) {
  quantile.oligosurv_fit(x, 0.5, ...)
}

#' Estimates at given times
#'
#' @param object A fit.
#' @param times Times in the unit of the data; `NULL` for all distinct times.
#' @param extend,... See [tidy()][tidy.oligosurv_fit].
#' @return The columns of [tidy()][tidy.oligosurv_fit], one row for each outcome, stratum
#'   and time, as a data frame that prints rounded.
#' @examples
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
#' summary(fit, times = c(1, 5)) # S(1) = 3/4; unknown at 5, the last is censored at 4
#' @export
summary.oligosurv_fit <- function(object, times = object$times, extend = FALSE, ...) {
  check_no_dots(...)
  if (!is.null(object$table$from) && !is.null(times)) check_from(times, object$table)
  facts <- fit_facts(object)
  words <- fit_words(object, facts)
  counts <- table_words(object$table)
  words[1L] <- sprintf("%s: %s (%s)", words[1L], counts$size, counts$states)
  structure(tidy_rows(object, times, extend, facts),
    class = c("summary_oligosurv_fit", "data.frame"),
    fit_header = c(words, counts$losses)
  )
}

#' @export
print.summary_oligosurv_fit <- function(x, digits = 3L, ...) {
  header <- attr(x, "fit_header") # NULL if columns were removed
  if (!is.null(header)) print_lines(header)
  shown <- as.data.frame(unclass(x), optional = TRUE)
  shown <- shown[intersect(c(
    "time", "outcome", "strata", "n.risk", "n.event", "n.censor", "estimate", "std.error",
    "conf.low", "conf.high", "conf.type", "weight.risk", "weight.event", "band.low",
    "band.high"
  ), names(shown))]
  number <- intersect(c(
    "estimate", "std.error", "conf.low", "conf.high", "band.low", "band.high"
  ), names(shown))
  shown[number] <- lapply(shown[number], function(v) {
    ifelse(is.na(v), "NA", formatC(v, digits = digits, format = "f"))
  })
  if (nlevels(shown$strata) == 1L) shown$strata <- NULL
  # if all limits are of one type, the column is left out so that the print fits the
  # console
  kind <- unique(shown$conf.type)
  if (!is.null(header) && length(kind) == 1L) {
    print_lines(sprintf("Limits in all rows: %s", kind))
    shown$conf.type <- NULL
  }
  print(shown, row.names = FALSE)
  invisible(x)
}

# Position of each curve in the vectors of a fit: 0-based offset and number of rows
curve_rows <- function(fit) {
  list(offset = cumsum(c(0, fit$size))[seq_along(fit$size)], size = fit$size)
}

# Positions of one outcome in the columns that hold all outcomes
at_outcome <- function(fit, outcome) {
  (outcome - 1) * length(fit$time) + seq_along(fit$time)
}

# Cumulative sums within each curve
cumulate <- function(x, rows) {
  total <- cumsum(x)
  before <- c(0, total)[rows$offset + 1]
  total - rep.int(before, rows$size)
}

# Number of ids of each curve at risk from the start, or of subjects if the fit has no ids
ids_from_start <- function(fit, starters = curve_starters(fit$table)) {
  if (!is.null(fit$ids_start)) return(fit$ids_start)
  if (is.null(fit$ids)) starters else fit$ids
}

# All rows of one outcome. A row at the time origin is added to curves that have none.
outcome_rows <- function(fit, outcome, facts) {
  rows <- curve_rows(fit)
  first <- fit$time[rows$offset + 1]
  add <- fit$size == 0 | is.na(first) | first > facts$origin
  total <- curve_starters(fit$table)
  ids <- ids_from_start(fit, total)
  start <- rep(fit$start_value, length(add))
  start[facts$size == 0] <- NA
  limits <- lapply(facts[c("low", "high")], replace, is.na(start), NA)
  column <- function(x, at_start, running = FALSE, from = 0) {
    .Call(C_start_rows, x, from, fit$size, add, as.double(at_start), running)
  }
  of_outcome <- function(x, at_start, running = FALSE) {
    column(x, at_start, running, (outcome - 1) * length(fit$time))
  }
  columns <- list(
    curve = rep.int(seq_along(fit$size), fit$size + add),
    time = column(fit$time, facts$origin), n.risk = column(fit$n.risk, total),
    n.event = of_outcome(fit$n.event, 0), n.censor = column(fit$n.censor, 0),
    cum.event = of_outcome(fit$n.event, 0, running = TRUE),
    cum.censor = column(fit$n.censor, 0, running = TRUE),
    estimate = of_outcome(fit$estimate, start),
    std.error = of_outcome(fit$std.error, start * 0),
    conf.low = of_outcome(fit$conf.low, limits$low),
    conf.high = of_outcome(fit$conf.high, limits$high)
  )
  if (!is.null(fit$ids)) columns$n.id <- column(fit$n.id, ids)
  if (!is.null(fit$weights)) {
    columns$weight.risk <- column(
      weights_at_risk(fit), curve_starters(fit$weights$table)
    )
    columns$weight.event <- of_outcome(fit$weights$event, 0)
  }
  if (!is.null(fit$band)) {
    columns$band.low <- column(fit$band.low, NA)
    columns$band.high <- column(fit$band.high, NA)
  }
  columns
}

# Rows of one outcome at given times, from values evaluated along the curves. n.event and
# n.censor count since the previous time. After the last time of a curve the estimate is
# unknown, unless nobody is event-free any more or `extend` is TRUE.
outcome_along <- function(along, fit, outcome, times, extend, facts) {
  curve <- rep(seq_along(fit$size), each = length(times))
  at <- (outcome - 1L) * length(curve) + seq_along(curve)
  out <- c(
    list(
      curve = curve, time = rep(times, length(fit$size)),
      n.risk = polled(risk_at(fit$table, times))
    ),
    lapply(along[c(
      "cum.event", "cum.censor", "estimate", "std.error", "conf.low", "conf.high"
    )], function(x) polled(x[at]))
  )
  row <- along$row[at]
  none <- which(row == 0)
  if (length(none)) {
    none <- none[facts$size[curve[none]] > 0]
    out$estimate[none] <- fit$start_value
    out$std.error[none] <- 0
    out$conf.low[none] <- facts$low[curve[none]]
    out$conf.high[none] <- facts$high[curve[none]]
  }
  out$n.event <- since_before(out$cum.event, curve)
  out$n.censor <- since_before(out$cum.censor, curve)
  if (!is.null(fit$ids)) out$n.id <- ids_at(fit, times)
  if (!is.null(fit$weights)) {
    events <- cumulate(fit$weights$event[at_outcome(fit, outcome)], curve_rows(fit))
    out$weight.risk <- risk_at(fit$weights$table, times)
    out$weight.event <- since_before(value_at(fit, events, row, curve, 0), curve)
  }
  blank <- function(columns, where) {
    lapply(out[columns], function(x) replace(x, where, NA_real_))
  }
  if (!is.null(fit$band)) {
    band <- lapply(fit$band[c("from", "to")], `[`, curve)
    columns <- c("band.low", "band.high")
    out[columns] <- lapply(fit[columns], function(x) value_at(fit, x, row, curve, NA))
    out[columns] <- blank(columns,
      is.na(band$to) | out$time > band$to | out$time < band$from
    )
  }
  if (!extend) {
    along$last[fit$size == 0] <- facts$origin
    past <- out$time * (1 - default_tie_tol) > along$last[curve] &
      along$ended[curve] == 0
    columns <- c("estimate", "std.error", "conf.low", "conf.high")
    if (any(past)) out[columns] <- blank(columns, past)
  }
  quick_frame(out)
}

# Value of a column of a fit after the first `row` rows of each `curve`; `start` if `row`
# is 0
value_at <- function(fit, x, row, curve, start) {
  offset <- curve_rows(fit)$offset
  out <- rep(start + 0, length(row))
  out[row > 0] <- x[(offset[curve] + row)[row > 0]]
  out
}

# Number of distinct ids of each curve at risk just before the ascending times. A fit
# knows it at the times of its rows; it is NA if rows enter between the time and the next
# of these.
ids_at <- function(fit, times) {
  rows <- curve_rows(fit)
  curve <- rep(seq_along(rows$size), each = length(times))
  left <- risk_at(list(time = fit$time, start = c(0, cumsum(rows$size))), times)
  n <- c(fit$n.id, 0)[(rows$offset + rows$size)[curve] - left + 1]
  n[left == 0] <- 0
  entry <- fit$table$entry
  if (!is.null(entry)) {
    next_time <- c(fit$time, Inf)[(rows$offset + rows$size)[curve] - left + 1]
    entered <- function(at) {
      unlist(lapply(seq_along(rows$size), function(i) {
        mine <- curve == i
        entries <- entry$time[rows_of_curve(entry$start, i)]
        findInterval(at[mine], entries, left.open = TRUE)
      }))
    }
    n[left > 0 & entered(next_time) > entered(rep_len(times, length(curve)))] <- NA
  }
  at_start <- rep(
    times * (1 - default_tie_tol) <= table_origin(fit$table), length(rows$size)
  )
  n[at_start] <- ids_from_start(fit)[curve[at_start]]
  n
}

# Increase of a cumulative total since the previous row of the same curve
since_before <- function(total, curve) {
  n <- length(total)
  if (n < 2L) return(total)
  before <- c(0, total[-n])
  before[c(TRUE, curve[-1L] != curve[-n])] <- 0
  polled(total - before)
}

# Total weight at risk just before each row of a fit
weights_at_risk <- function(fit) risk_at(fit$weights$table, fit$time, fit$size)

# Number of subjects of each curve at risk just before the ascending times: those who
# leave at the time or later, minus those who enter at the time or later. Those who enter
# at the time origin count as at risk there, as in the first row of a curve. `size`:
# number of times of each curve; NULL if all curves have the same times.
risk_at <- function(table, times, size = NULL) {
  before <- times * (1 - default_tie_tol)
  remaining <- function(counts, at) {
    .Call(C_remaining, counts$time, counts$n, counts$start, at, size)
  }
  if (is.null(table$entry)) return(remaining(table, before))
  after_origin <- max(table_origin(table) * (1 + default_tie_tol), .Machine$double.xmin)
  remaining(table, before) - remaining(table$entry, pmax(before, after_origin))
}

tidy_rows <- function(fit, times = fit$times, extend = FALSE, facts = fit_facts(fit)) {
  times <- check_times(times)
  extend <- check_flag(extend, "extend")
  outcomes <- if (is.null(fit$outcomes)) NA_character_ else fit$outcomes
  mixed <- fit$conf.type == "small-sample"
  along <- if (!is.null(times)) read_along(fit, facts, times)
  parts <- lapply(seq_along(outcomes), function(k) {
    x <- if (is.null(times)) {
      outcome_rows(fit, k, facts)
    } else {
      outcome_along(along, fit, k, times, extend, facts)
    }
    polled()
    exact <- !is.na(x$estimate) & (x$estimate == 0 | x$estimate == 1) &
      !fit$conf.type %in% c("mid-p", "none")
    if (mixed) {
      exact <- exact | x$cum.event <= few_events | (facts$n <= few_subjects)[x$curve]
    }
    type <- rep(if (mixed) "log-log" else fit$conf.type, length(x$time))
    type[exact] <- "exact"
    c(
      list(
        time = x$time,
        outcome = quick_factor(rep(k, length(x$time)), outcomes),
        strata = quick_factor(x$curve, facts$labels)
      ),
      as.list(x)[c(
        "n.risk", "n.event", "n.censor", "cum.event", "cum.censor", "estimate",
        "std.error", "conf.low", "conf.high"
      )],
      list(
        conf.level = rep(fit$conf.level, length(x$time)),
        conf.type = type
      ),
      if (!is.null(fit$ids)) list(n.id = x$n.id),
      if (!is.null(fit$weights)) as.list(x)[c("weight.risk", "weight.event")],
      if (!is.null(fit$band)) list(band.low = x$band.low, band.high = x$band.high)
    )
  })
  if (is.null(fit$outcomes)) return(quick_frame(parts[[1]][-2]))
  columns <- lapply(names(parts[[1]]), function(name) {
    polled()
    x <- lapply(parts, `[[`, name)
    if (is.factor(x[[1]])) {
      quick_factor(unlist(lapply(x, unclass)), levels(x[[1]]))
    } else {
      unlist(x)
    }
  })
  quick_frame(structure(columns, names = names(parts[[1]])))
}
