# Data frames of fits: one row a time, outcome and stratum. Fits hold plain vectors, one
# curve after another, so that fitting is quick; rows are laid out here.

# A data frame without the cost of data.frame(), for columns known to be right
quick_frame <- function(columns) {
  attr(columns, "row.names") <- c(NA_integer_, -length(columns[[1L]]))
  class(columns) <- "data.frame"
  columns
}

# A factor without the cost of factor(), of codes known to be right
quick_factor <- function(code, labels) {
  attr(code, "levels") <- labels
  class(code) <- "factor"
  code
}

# Rows of each curve in the vectors of a fit: 0-based offset and size
curve_rows <- function(fit) {
  list(offset = cumsum(c(0, fit$size))[seq_along(fit$size)], size = fit$size)
}

# Value of a running total just after each row, started anew in each curve
cumulate <- function(x, rows) {
  total <- cumsum(x)
  before <- c(0, total)[rows$offset + 1]
  total - rep.int(before, rows$size)
}

# Where small-sample limits are exact, as src/r_curves.c has it (FEW_EVENTS, FEW_SUBJECTS)
few_events <- 5
few_subjects <- 50

small_sample_exact <- function(fit, x) {
  x$cum.event <= few_events | fit_sizes(fit)[x$curve] <= few_subjects
}

# Subjects of each curve of a fit, or its ids
fit_sizes <- function(fit) if (is.null(fit$ids)) curve_sizes(fit$table) else fit$ids

# A limit of every row of a fit, NA where it has none
limit_of <- function(fit, which) {
  if (is.null(fit[[which]])) rep(NA_real_, length(fit$estimate)) else fit[[which]]
}

# Exact limits of an estimate that no event has moved yet, n subjects still at risk
limits_no_event <- function(n, start_value, conf.level, conf.type) {
  if (conf.type == "none") {
    unknown <- rep(NA_real_, length(n))
    return(list(low = unknown, high = unknown))
  }
  tail <- (1 - conf.level) / if (conf.type == "mid-p") 1 else 2
  bound <- ifelse(n > 0, exp(log(tail) / n), 0)
  if (start_value == 1) {
    list(low = bound, high = rep(1, length(n)))
  } else {
    list(low = rep(0, length(n)), high = 1 - bound)
  }
}

# All rows of one outcome, with a row at time 0 where a curve has none
outcome_rows <- function(fit, outcome = 1L) {
  rows <- curve_rows(fit)
  n_row <- length(fit$time)
  curve <- rep.int(seq_along(fit$size), fit$size)
  at <- (outcome - 1) * n_row + seq_len(n_row)
  total <- curve_starters(fit$table)
  first <- fit$time[rows$offset + 1]
  origin <- table_origin(fit$table)
  add <- fit$size == 0 | is.na(first) | first > origin
  to <- seq_len(n_row) + cumsum(add)[curve]
  zero <- rows$offset[add] + cumsum(add)[add]
  start <- rep(fit$start_value, sum(add))
  start[curve_sizes(fit$table)[add] == 0] <- NA
  ids <- if (!is.null(fit$ids_start)) fit$ids_start else fit$ids
  if (is.null(ids)) ids <- total
  limits <- limits_no_event(ids[add], fit$start_value, fit$conf.level, fit$conf.type)
  place <- function(values, at_zero) {
    x <- double(n_row + length(zero))
    x[to] <- values
    x[zero] <- at_zero
    x
  }
  all_curve <- integer(n_row + length(zero))
  all_curve[to] <- curve
  all_curve[zero] <- which(add)
  n.event <- fit$n.event[at]
  columns <- list(
    curve = all_curve, time = place(fit$time, origin),
    n.risk = place(fit$n.risk, total[add]),
    n.event = place(n.event, 0), n.censor = place(fit$n.censor, 0),
    cum.event = place(cumulate(n.event, rows), 0),
    cum.censor = place(cumulate(fit$n.censor, rows), 0),
    estimate = place(fit$estimate[at], start),
    std.error = place(fit$std.error[at], start * 0),
    conf.low = place(limit_of(fit, "conf.low")[at], ifelse(is.na(start), NA, limits$low)),
    conf.high = place(
      limit_of(fit, "conf.high")[at], ifelse(is.na(start), NA, limits$high)
    )
  )
  if (!is.null(fit$ids)) columns$n.id <- place(fit$n.id, ids[add])
  if (!is.null(fit$weights)) {
    event <- fit$weights$event[at]
    at_start <- curve_starters(fit$weights$table)[add]
    columns$weight.risk <- place(weights_at_risk(fit), at_start)
    columns$weight.event <- place(event, 0)
    columns$cum.weight <- place(cumulate(event, rows), 0)
  }
  if (!is.null(fit$band)) {
    columns$band.low <- place(fit$band.low, NA)
    columns$band.high <- place(fit$band.high, NA)
  }
  columns
}

# Rows of one outcome at given times. n.event and n.censor are those since the time
# before; past the last time of a curve the estimate is unknown unless the curve has come
# to its end (nobody event-free) or `extend`.
outcome_at <- function(fit, outcome, times, extend, along = NULL) {
  if (!is.null(along)) return(outcome_along(along, fit, outcome, times, extend))
  all <- as.list(outcome_rows(fit, outcome))
  curves <- seq_along(fit$size)
  bounds <- cumsum(c(0, tabulate(all$curve, length(curves))))
  by_curve <- function(f) as.double(unlist(lapply(curves, f)))
  times_of <- function(i) all$time[seq_len(bounds[i + 1] - bounds[i]) + bounds[i]]
  # figures ask for times before `start`, where nobody is lost yet
  at <- pmax(times, table_origin(fit$table)) * (1 + default_tie_tol)
  row <- by_curve(function(i) bounds[i] + findInterval(at, times_of(i)))
  curve <- rep(curves, each = length(times))
  out <- lapply(all, `[`, row)
  out$time <- rep(times, length(curves))
  out$n.risk <- by_curve(function(i) risk_at(fit$table, i, times))
  if (!is.null(fit$ids)) {
    out$n.id <- by_curve(function(i) {
      before <- findInterval(times * (1 - default_tie_tol), times_of(i), left.open = TRUE)
      ifelse(before < bounds[i + 1] - bounds[i], all$n.id[bounds[i] + before + 1L], 0)
    })
  }
  if (!is.null(fit$weights)) {
    out$weight.risk <- by_curve(function(i) risk_at(fit$weights$table, i, times))
    out$weight.event <- since_before(out$cum.weight, curve)
  }
  out$n.event <- since_before(out$cum.event, curve)
  out$n.censor <- since_before(out$cum.censor, curve)
  blank <- function(columns, where) {
    lapply(out[columns], function(x) replace(x, where, NA_real_))
  }
  if (!is.null(fit$band)) {
    band <- lapply(fit$band[c("from", "to")], `[`, curve)
    columns <- c("band.low", "band.high")
    out[columns] <- blank(columns,
      is.na(band$to) | out$time > band$to | out$time < band$from
    )
  }
  if (!extend) {
    past <- out$time * (1 - default_tie_tol) > all$time[bounds[-1L]][curve]
    columns <- c("estimate", "std.error", "conf.low", "conf.high")
    out[columns] <- blank(columns, past & !curves_ended(fit)[curve])
  }
  quick_frame(out)
}

# What a running total has grown by since the row before of the same curve
since_before <- function(total, curve) {
  if (!length(total)) return(total)
  total - ifelse(c(TRUE, diff(curve) > 0), 0, c(0, total[-length(total)]))
}

# Weight at risk just before each row of a fit
weights_at_risk <- function(fit) {
  rows <- curve_rows(fit)
  unlist(lapply(seq_along(fit$size), function(i) {
    risk_at(fit$weights$table, i, fit$time[seq_len(rows$size[i]) + rows$offset[i]])
  }))
}

# Is nobody event-free at the end of each curve?
curves_ended <- function(fit) {
  event_free <- if (is.null(fit$event.free)) fit$estimate else fit$event.free
  last <- cumsum(fit$size)
  fit$size > 0 & event_free[pmax(last, 1)] %in% 0
}

# Subjects of curve i at risk just before each time: those who leave then or later, less
# those who enter then or later
risk_at <- function(table, i, times) {
  remaining <- function(counts) {
    rows <- seq_len(counts$start[i + 1] - counts$start[i]) + counts$start[i]
    n <- if (is.null(counts$n)) rep(1, length(rows)) else counts$n[rows]
    before <- findInterval(
      times * (1 - default_tie_tol), counts$time[rows], left.open = TRUE
    )
    sum(n) - c(0, cumsum(n))[before + 1L]
  }
  remaining(table) - if (is.null(table$entry)) 0 else remaining(table$entry)
}

tidy_rows <- function(fit, times = fit$times, extend = FALSE) {
  times <- check_times(times)
  extend <- check_flag(extend, "extend")
  labels <- curve_labels(fit$table)
  outcomes <- if (is.null(fit$outcomes)) NA_character_ else fit$outcomes
  mixed <- fit$conf.type == "small-sample"
  along <- if (!is.null(times) && is_later(fit)) read_along(fit, times)
  parts <- lapply(seq_along(outcomes), function(k) {
    x <- if (is.null(times)) {
      outcome_rows(fit, k)
    } else {
      outcome_at(fit, k, times, extend, along)
    }
    exact <- !is.na(x$estimate) & (x$estimate == 0 | x$estimate == 1) &
      !fit$conf.type %in% c("mid-p", "none")
    if (mixed) exact <- exact | small_sample_exact(fit, x)
    c(
      list(
        time = x$time,
        outcome = quick_factor(rep(k, length(x$time)), outcomes),
        strata = quick_factor(x$curve, labels)
      ),
      as.list(x)[c(
        "n.risk", "n.event", "n.censor", "cum.event", "cum.censor", "estimate",
        "std.error", "conf.low", "conf.high"
      )],
      list(
        conf.level = rep(fit$conf.level, length(x$time)),
        conf.type = ifelse(exact, "exact", if (mixed) "log-log" else fit$conf.type)
      ),
      if (!is.null(fit$ids)) list(n.id = x$n.id),
      if (!is.null(fit$weights)) as.list(x)[c("weight.risk", "weight.event")],
      if (!is.null(fit$band)) list(band.low = x$band.low, band.high = x$band.high)
    )
  })
  if (is.null(fit$outcomes)) return(quick_frame(parts[[1]][-2]))
  columns <- lapply(names(parts[[1]]), function(name) {
    x <- lapply(parts, `[[`, name)
    if (is.factor(x[[1]])) {
      quick_factor(unlist(lapply(x, unclass)), levels(x[[1]]))
    } else {
      unlist(x)
    }
  })
  quick_frame(structure(columns, names = names(parts[[1]])))
}

#' Data frames of a fit
#'
#' `tidy()` gives one row for each outcome, stratum and distinct time; `glance()` one row
#' for each outcome and stratum, with the median.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param times `NULL` for all distinct times, or the times wanted.
#' @param extend `TRUE` carries the last estimate on past the last follow-up of a curve;
#'   else it is `NA` there, unless the curve has ended because nobody is left event-free.
#' @param ... Not used.
#' @return A data frame. `tidy()`: `time`, `outcome` (competing risks only), `strata`
#'   (factor of plain labels; `All` without groups), `n.risk` (at risk just before the
#'   time), `n.event`, `n.censor` (at the time, or since the row before with `times`),
#'   `cum.event`, `cum.censor`, `estimate`, `std.error` (on the scale of `estimate`),
#'   `conf.low`, `conf.high`, `conf.level`, `conf.type` (`exact` where the exact limits
#'   stand in). Each curve has a row at time 0 (or at `start`). `glance()`: `outcome`,
#'   `strata`, `n`, `n.event`, `n.censor`, `median`, `conf.low`, `conf.high` (of the
#'   median), `conf.level`, `conf.type`. With `band` the last columns of `tidy()` are
#'   `band.low` and `band.high`, `NA` outside the times of the band.
#'
#'   With `id` the last columns of `tidy()` are `n.id`, distinct ids at risk just before
#'   the time, and of `glance()` `n.id`, those of the curve, and `design.effect`, the
#'   variance by id over the variance with independent rows, at the last time at which the
#'   estimate is between 0 and 1 (`NA` without one), and, without weights,
#'   `intra.correlation`, that of rows of one id, see [clustered_rows] (`NA` where each id
#'   has one row).
#' @section Errors: `oligosurv_error_domain` for times that are not finite or negative.
#' @examples
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 1)) ~ 1)
#' tidy(fit)
#' tidy(fit, times = c(2, 3))
#' glance(fit)
#' @name tidy.oligosurv_fit
#' @export
tidy.oligosurv_fit <- function(x, times = x$times, extend = FALSE, ...) {
  check_no_dots(...)
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
  q <- fit_quantiles(x, 0.5, TRUE)
  rows <- curve_rows(x)
  sum_by_curve <- function(v) {
    total <- c(0, cumsum(v))
    total[rows$offset + rows$size + 1] - total[rows$offset + 1]
  }
  n_row <- length(x$time)
  if (is_later(x)) {
    along <- read_along(x)
    n.event <- along$n.event
    n.censor <- along$n.censor
  } else {
    n.event <- unlist(lapply(seq_len(max(1L, length(x$outcomes))), function(k) {
      sum_by_curve(x$n.event[(k - 1) * n_row + seq_len(n_row)])
    }))
    n.censor <- rep_len(sum_by_curve(x$n.censor), nrow(q))
  }
  out <- q[intersect(c("outcome", "strata"), names(q))]
  out$n <- rep_len(curve_sizes(x$table), nrow(q))
  out$n.event <- n.event
  out$n.censor <- n.censor
  out$median <- q$estimate
  out[c("conf.low", "conf.high", "conf.level", "conf.type")] <-
    q[c("conf.low", "conf.high", "conf.level", "conf.type")]
  if (!is.null(x$ids)) {
    out$n.id <- rep_len(x$ids, nrow(q))
    out$design.effect <- design_effects(x)
    if (!is.null(x$id_size)) {
      out$intra.correlation <- intra_correlation(
        out$design.effect, rep_len(x$id_size, nrow(q))
      )
    }
  }
  out
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
  structure(tidy_rows(object, times, extend),
    class = c("summary_oligosurv_fit", "data.frame"), fit_header = fit_header(object)
  )
}

#' @export
print.summary_oligosurv_fit <- function(x, digits = 3L, ...) {
  header <- attr(x, "fit_header") # gone where columns were taken out
  if (!is.null(header)) writeLines(header)
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
  print(shown, row.names = FALSE)
  invisible(x)
}
