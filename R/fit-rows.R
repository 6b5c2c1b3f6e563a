# Data frames of fits: one row a time, outcome and stratum. Fits hold plain vectors, one
# curve after another, so that fitting is quick; rows are laid out here.

# Rows of each curve in the vectors of a fit: 0-based offset and size
curve_rows <- function(fit) {
  list(offset = cumsum(c(0, fit$size))[seq_along(fit$size)], size = fit$size)
}

# Places of one outcome in the columns that hold all outcomes
at_outcome <- function(fit, outcome) {
  (outcome - 1) * length(fit$time) + seq_along(fit$time)
}

# Value of a running total just after each row, started anew in each curve
cumulate <- function(x, rows) {
  total <- cumsum(x)
  before <- c(0, total)[rows$offset + 1]
  total - rep.int(before, rows$size)
}

# Ids, or subjects where there are none, of each curve at risk from the start
ids_from_start <- function(fit, starters = curve_starters(fit$table)) {
  if (!is.null(fit$ids_start)) return(fit$ids_start)
  if (is.null(fit$ids)) starters else fit$ids
}

# All rows of one outcome, with a row at time 0 where a curve has none
outcome_rows <- function(fit, outcome = 1L) {
  rows <- curve_rows(fit)
  first <- fit$time[rows$offset + 1]
  origin <- table_origin(fit$table)
  add <- fit$size == 0 | is.na(first) | first > origin
  total <- curve_starters(fit$table)
  ids <- ids_from_start(fit, total)
  start <- rep(fit$start_value, length(add))
  start[curve_sizes(fit$table) == 0] <- NA
  limits <- lapply(limits_at_start(fit)[c("low", "high")], function(x) {
    replace(x, is.na(start), NA)
  })
  column <- function(x, at_start, running = FALSE, from = 0) {
    .Call(C_start_rows, x, from, fit$size, add, as.double(at_start), running)
  }
  of_outcome <- function(x, at_start, running = FALSE) {
    column(x, at_start, running, (outcome - 1) * length(fit$time))
  }
  columns <- list(
    curve = rep.int(seq_along(fit$size), fit$size + add),
    time = column(fit$time, origin), n.risk = column(fit$n.risk, total),
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

# Rows of one outcome at given times, from what was read along the curves. n.event and
# n.censor are those since the time before; past the last time of a curve the estimate is
# unknown unless the curve has come to its end (nobody event-free) or `extend`.
outcome_along <- function(along, fit, outcome, times, extend) {
  curve <- rep(seq_along(fit$size), each = length(times))
  at <- (outcome - 1L) * length(curve) + seq_along(curve)
  out <- c(
    list(
      curve = curve, time = rep(times, length(fit$size)),
      n.risk = risk_at(fit$table, times)
    ),
    lapply(along[c(
      "cum.event", "cum.censor", "estimate", "std.error", "conf.low", "conf.high"
    )], `[`, at)
  )
  row <- along$row[at]
  none <- which(row == 0)
  if (length(none)) {
    limits <- limits_at_start(fit)
    none <- none[limits$any[curve[none]]]
    out$estimate[none] <- fit$start_value
    out$std.error[none] <- 0
    out$conf.low[none] <- limits$low[curve[none]]
    out$conf.high[none] <- limits$high[curve[none]]
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
    along$last[fit$size == 0] <- table_origin(fit$table)
    past <- out$time * (1 - default_tie_tol) > along$last[curve] &
      along$ended[curve] == 0
    columns <- c("estimate", "std.error", "conf.low", "conf.high")
    if (any(past)) out[columns] <- blank(columns, past)
  }
  quick_frame(out)
}

# What a column of a fit says after the first `row` rows of each `curve`; `start` before
# them
value_at <- function(fit, x, row, curve, start) {
  offset <- curve_rows(fit)$offset
  out <- rep(start + 0, length(row))
  out[row > 0] <- x[(offset[curve] + row)[row > 0]]
  out
}

# Distinct ids of each curve at risk just before the ascending times
ids_at <- function(fit, times) {
  rows <- curve_rows(fit)
  curve <- rep(seq_along(rows$size), each = length(times))
  left <- risk_at(list(time = fit$time, start = c(0, cumsum(rows$size))), times)
  n <- c(fit$n.id, 0)[(rows$offset + rows$size)[curve] - left + 1]
  n[left == 0] <- 0
  at_start <- rep(
    times * (1 - default_tie_tol) <= table_origin(fit$table), length(rows$size)
  )
  n[at_start] <- ids_from_start(fit)[curve[at_start]]
  n
}

# What a running total has grown by since the row before of the same curve
since_before <- function(total, curve) {
  n <- length(total)
  if (n < 2L) return(total)
  before <- c(0, total[-n])
  before[c(TRUE, curve[-1L] != curve[-n])] <- 0
  total - before
}

# Weight at risk just before each row of a fit
weights_at_risk <- function(fit) risk_at(fit$weights$table, fit$time, fit$size)

# Subjects of each curve at risk just before the ascending times: those who leave then or
# later, less those who enter then or later. Those who enter at the origin are at risk at
# that time, as in the first row of a curve. `size`: how many of the times are those of
# each curve; NULL: all times for all curves.
risk_at <- function(table, times, size = NULL) {
  before <- times * (1 - default_tie_tol)
  remaining <- function(counts, at) {
    .Call(C_remaining, counts$time, counts$n, counts$start, at, size)
  }
  if (is.null(table$entry)) return(remaining(table, before))
  after_origin <- max(table_origin(table) * (1 + default_tie_tol), .Machine$double.xmin)
  remaining(table, before) - remaining(table$entry, pmax(before, after_origin))
}

tidy_rows <- function(fit, times = fit$times, extend = FALSE) {
  times <- check_times(times)
  extend <- check_flag(extend, "extend")
  labels <- curve_labels(fit$table)
  outcomes <- if (is.null(fit$outcomes)) NA_character_ else fit$outcomes
  mixed <- fit$conf.type == "small-sample"
  along <- if (!is.null(times)) read_along(fit, times)
  parts <- lapply(seq_along(outcomes), function(k) {
    x <- if (is.null(times)) {
      outcome_rows(fit, k)
    } else {
      outcome_along(along, fit, k, times, extend)
    }
    exact <- !is.na(x$estimate) & (x$estimate == 0 | x$estimate == 1) &
      !fit$conf.type %in% c("mid-p", "none")
    if (mixed) exact <- exact | small_sample_exact(fit, x)
    type <- rep(if (mixed) "log-log" else fit$conf.type, length(x$time))
    type[exact] <- "exact"
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
        conf.type = type
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
