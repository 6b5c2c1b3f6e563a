# The rows of a state_occupation: probabilities by time, mean times, differences.

# All rows of the curves: state by state, curve by curve, from the start on
state_rows <- function(x, table, n, options) {
  k <- table$n_state
  shown <- if (identical(table$weight_type, "sampling")) {
    .Call(C_states_counts, replace(table, "n", list(NULL)))
  } else {
    x$counts
  }
  curves <- lapply(seq_along(x$start$time), curve_columns, x = x, table = table,
    counts = shown, n = n
  )
  stack <- function(name) {
    unlist(lapply(seq_len(k), function(a) lapply(curves, function(x) x[[name]][a, ])))
  }
  size <- vapply(curves, function(x) length(x$time), 0L)
  curve <- rep.int(seq_along(size), size)
  out <- list(
    time = rep(unlist(lapply(curves, `[[`, "time")), k),
    state = quick_factor(rep(seq_len(k), each = length(curve)), table$states),
    strata = quick_factor(rep(curve, k), curve_labels(table)),
    n.risk = stack("n_risk"), n.event = stack("n_event"), n.censor = stack("n_censor"),
    estimate = stack("estimate"), std.error = stack("std_error")
  )
  limits <- state_limits(out$estimate, out$std.error, n[rep(curve, k)],
    rep(unlist(lapply(curves, `[[`, "exact_n")), k), (1 - options$conf.level) / 2,
    options$conf.type
  )
  quick_frame(c(out, limit_columns(out, limits, options$conf.type, options$conf.level)))
}

# The columns of limits; `x` holds estimate and std.error
limit_columns <- function(x, limits, conf.type, conf.level) {
  n <- length(x$estimate)
  exact <- no_error(x$estimate, x$std.error) & conf.type != "none"
  type <- ifelse(is.na(x$std.error), "none", ifelse(exact, "exact", conf.type))
  list(
    conf.low = limits$low, conf.high = limits$high, conf.level = rep(conf.level, n),
    conf.type = type
  )
}

# Matrices of one curve with a row for each state and a column for each time
curve_columns <- function(i, x, table, counts, n) {
  k <- table$n_state
  mine <- rows_of_curve(c(0, cumsum(x$counts$size)), i)
  first <- x$start$first[i]
  kept <- seq_along(mine) > first
  # after a time the ids that left at it are no longer at risk, as at the next time
  exact_n <- effective_ids(table, x, i, n[i])
  exact_n <- c(exact_n[-1L], exact_n[length(exact_n)])[kept]
  at <- mine[kept]
  part <- function(v) matrix(v, k)[, at, drop = FALSE]
  time <- x$counts$time[at]
  # if a state changes at the very start, the first row is the one after that change
  begins <- !length(at) || time[1L] > x$start$time[i] || is.na(x$start$time[i])
  join <- function(first, rest) if (begins) unname(cbind(first, rest)) else rest
  moves <- array(counts$n_move, c(k, k, length(counts$time)))[, , at, drop = FALSE]
  into <- Reduce(`+`, lapply(seq_len(k), function(a) matrix(moves[, a, ], k)))
  error <- if (is.null(x$std_error)) NA_real_ + part(x$probability) else part(x$std_error)
  start_error <- if (is.null(x$std_error)) rep(NA_real_, k) else x$start$std_error[, i]
  single <- n[i] < 2
  list(
    time = c(if (begins) replace(x$start$time[i], is.na(x$start$time[i]), 0), time),
    n_risk = join(start_counts(table, i, x$start$time[i]), part(counts$n_risk)),
    n_event = join(double(k), into), n_censor = join(double(k), part(counts$n_censor)),
    estimate = join(x$start$p0[, i], part(x$probability)),
    std_error = join(start_error, error) + if (single) NA_real_ else 0,
    exact_n = c(if (begins) n[i], exact_n)
  )
}

# Subjects in each state at the start of curve i
start_counts <- function(table, i, time) {
  mine <- rows_of_curve(table$entry$start, i)
  mine <- mine[table$entry$time[mine] <= time]
  n <- if (is.null(table$entry$n) || identical(table$weight_type, "sampling")) {
    rep(1, length(mine))
  } else {
    table$entry$n[mine]
  }
  state_totals(n, table$entry$state[mine], table$n_state)
}

# Rows of a fit at `times`: estimates of the last row up to each time, counts since the
# time before. NA before the start and, unless `extend`, after the end if the curve is not
# known there.
state_rows_at <- function(fit, times, extend = fit$options$extend) {
  times <- check_times(times)
  extend <- check_flag(extend, "extend")
  rows <- fit$curves
  # by codes: joined labels may be equal, as "a.b" with "c" and "a" with "b.c"
  part <- split(seq_len(nrow(rows)), line_of(rows$strata, rows$state))
  out <- lapply(part, function(i) {
    if (!isFALSE(is.unsorted(rows$time[i]))) {
      stop_changed("state_occupation", "curves", "state_occupation()")
    }
    at <- findInterval(times * (1 + default_tie_tol), rows$time[i])
    curve <- as.integer(rows$strata[i[1L]])
    past <- times * (1 - default_tie_tol) > fit$ends$last[curve]
    none <- at == 0L | (past & !extend & !fit$ends$known[curve])
    x <- as.list(rows[i[pmax(at, 1L)], ])
    x$time <- times
    starts <- at > 0L & times == fit$start[curve]
    x$n.risk <- ifelse(starts, x$n.risk,
      counts_at_risk(fit$counts, curve, as.integer(rows$state[i[1L]]), times)
    )
    since <- function(v) diff(c(0, c(0, cumsum(v))[at + 1L]))
    x$n.event <- since(rows$n.event[i])
    x$n.censor <- since(rows$n.censor[i])
    for (name in c("estimate", "std.error", "conf.low", "conf.high")) {
      x[[name]][none] <- NA_real_
    }
    x
  })
  columns <- lapply(stats::setNames(nm = names(rows)), function(name) {
    v <- lapply(out, `[[`, name)
    if (!is.factor(v[[1L]])) return(unlist(v, use.names = FALSE))
    quick_factor(unlist(lapply(v, as.integer), use.names = FALSE), levels(v[[1L]]))
  })
  quick_frame(columns)
}

# Subjects of a curve at risk in a state just before each time
counts_at_risk <- function(counts, curve, state, times) {
  before <- function(x, code) {
    mine <- rows_of_curve(x$start, curve)
    mine <- mine[x[[code]][mine] == state]
    total <- c(0, cumsum(x$n[mine]))
    before <- findInterval(times * (1 - default_tie_tol), x$time[mine], left.open = TRUE)
    total[before + 1L]
  }
  before(counts$entry, "state") - before(counts, "from")
}

# Mean time in each state, state by state, curve by curve
mean_state_rows <- function(x, table, n, options, conf.type) {
  k <- table$n_state
  tau <- options$tau
  until_tau <- tau * (1 + default_tie_tol)
  n_curve <- length(n)
  at <- states_at(table, x, if (is.na(tau)) 0 else tau, TRUE)
  estimate <- as.vector(t(at$estimate))
  error <- if (is.null(table$id)) {
    rep(NA_real_, length(estimate))
  } else {
    as.vector(t(influence_errors(table, x, at$influence)))
  }
  if (is.na(tau)) estimate[] <- NA_real_
  error[is.na(estimate) | rep(n < 2, k)] <- NA_real_
  width <- rep(pmax(tau - x$start$time, 0), k)
  spread <- list(
    n = rep(n, k), width = width, exact_n = rep(ids_until(x, table, n, tau), k),
    share = ifelse(width > 0, estimate / width, NA_real_), error = error / width
  )
  limits <- mean_limits(spread, seq_along(estimate), (1 - options$conf.level) / 2,
    conf.type
  )
  moves <- array(x$counts$n_move, c(k, k, length(x$counts$time)))
  until <- factor(
    rep.int(seq_len(n_curve), x$counts$size)[x$counts$time <= until_tau],
    seq_len(n_curve)
  )
  into <- vapply(seq_len(k), function(a) {
    moved <- colSums(matrix(moves[a, , ], k))
    as.vector(vapply(split(moved[x$counts$time <= until_tau], until), sum, 0))
  }, double(n_curve))
  out <- list(
    state = quick_factor(rep(seq_len(k), each = n_curve), table$states),
    strata = quick_factor(rep(seq_len(n_curve), k), curve_labels(table)),
    tau = rep(tau, length(estimate)), n.event = as.vector(into), estimate = estimate,
    std.error = error
  )
  of_share <- list(estimate = spread$share, std.error = spread$error)
  rows <- quick_frame(c(
    out, limit_columns(of_share, limits, conf.type, options$conf.level)
  ))
  structure(rows, spread = spread)
}

# The effective number of ids, see effective_ids(), of each curve up to tau
ids_until <- function(x, table, n, tau) {
  end <- tau * (1 + default_tie_tol)
  vapply(seq_along(n), function(i) {
    time <- x$counts$time[rows_of_curve(c(0, cumsum(x$counts$size)), i)]
    c(n[i], effective_ids(table, x, i, n[i]))[1L + sum(time <= end, na.rm = TRUE)]
  }, 0)
}

# Limits of mean times, from the limits of the proportion of time in the state
mean_limits <- function(x, i, tail, conf.type) {
  limits <- state_limits(x$share[i], x$error[i], x$n[i], x$exact_n[i], tail, conf.type,
    normal = FALSE
  )
  list(low = x$width[i] * limits$low, high = x$width[i] * limits$high)
}

# Differences of mean times between groups
state_contrasts <- function(x, table, n, reference, options) {
  type <- options$contrast_type
  rows <- mean_state_rows(x, table, n, options, type)
  spread <- attr(rows, "spread")
  contrast_frame(rows, table, reference, 1L, "difference",
    function(i, tail) mean_limits(spread, i, tail, type),
    conf.level = options$conf.level, wald = type == "plain", most = options$tau,
    type = type
  )
}

#' @rawNamespace
#' S3method(print, state_occupation, print_result)
#' S3method(tidy, state_occupation, tidy_result)
#' S3method(glance, state_occupation, glance_result)
#' S3method(as.data.frame, state_occupation, frame_result)
#' @exportS3Method NULL
result_rows.state_occupation <- function(x, times = x$options$times, rows = NULL,
                                         extend = x$options$extend, ...) {
  check_no_dots(...)
  kinds <- c("probabilities", "means", "contrasts")
  kind <- if (is.null(rows)) "means" else check_choice(rows, kinds, "rows")
  at <- if (!is.null(times)) state_rows_at(x, times, extend)
  probabilities <- if (is.null(at)) x$curves else at
  shown <- switch(kind,
    probabilities = probabilities, means = frame_only(x$means), contrasts = x$contrasts
  )
  unit <- x$origin$unit
  new_result(if (is.null(rows)) probabilities else shown, state_summary(x),
    scale = if (kind == "probabilities") "probability" else "time",
    null = if (kind == "contrasts") 0 else NA, shown = shown, unit = unit,
    what = sprintf("Probability of each state, and mean time in it to %s",
      with_unit_value(x$options$tau, unit)
    ),
    title = sprintf("States over time; moves and mean time to %s",
      with_unit_value(x$options$tau, unit)
    ), basis = x$basis,
    columns = state_columns(x, at), group = x$means$strata,
    details = difference_lines(x, unit), remarks = dropped_rows_text(x$dropped),
    signs = not_followed, label = mean_labels(shown),
    axis = if (kind == "contrasts") {
      sprintf("Difference in mean time in the state to %s", format_time(x$options$tau))
    } else if (kind == "means") {
      sprintf("Mean time in the state to %s", format_time(x$options$tau))
    } else {
      "Probability"
    },
    heading = if (kind == "contrasts") "Difference" else "Estimate",
    values = list(outcome = as.character(shown$state), strata = names_of(shown))
  )
}

# Columns of a print and a table. `at`: TRUE for rows at given times
state_columns <- function(x, at) {
  means <- x$means
  rates <- lapply(unique(at$time), function(time) {
    interval_column(at[at$time == time, ], "probability", at = time)
  })
  names(rates) <- paste("at", seq_along(rates), recycle0 = TRUE)
  c(
    list(
      State = as.character(means$state), Group = means$strata,
      "Moves into it" = means$n.event
    ), rates,
    list("Mean time" = interval_column(means, "time"))
  )
}

# Differences of mean times, one per line. `p_words` writes a p-value with its letter
difference_lines <- function(x, unit, most = 12L,
                             p_words = function(p) paste("P", format_p(p))) {
  rows <- x$contrasts
  if (!nrow(rows)) return(NULL)
  text <- number_text(rows$estimate, 2L, no_value)
  limits <- Map(limits_text, rows$conf.low, rows$conf.high, 2L, no_value)
  unknown <- is.na(rows$conf.low) | is.na(rows$conf.high)
  stratum <- if (is.null(rows$stratum)) "" else sprintf(", %s", rows$stratum)
  known <- sprintf("%s), %s", unlist(limits),
    ifelse(is.na(rows$p.value), paste("P", no_value), p_words(rows$p.value))
  )
  lines <- sprintf("  %s, %s%s: %s%s (%s", rows$state,
    sub(" - ", " \u2212 ", rows$contrast, fixed = TRUE), stratum, text,
    if (is.null(unit)) "" else paste0(" ", unit),
    ifelse(unknown, paste0(rows$reason, ")"), known)
  )
  more <- length(lines) - most
  c("Differences of mean times:", lines[seq_len(min(most, length(lines)))],
    if (more > 0L) sprintf("  ... and %d more in tidy(rows = \"contrasts\")", more)
  )
}

dropped_rows_text <- function(n) {
  if (n > 0) paste(count_noun(n, "row"), "with missing values left out")
}

# Names of the mean times in forest_plot(), which draws no other rows
mean_labels <- function(means) {
  if (nlevels(means$strata) < 2L) return(as.character(means$state))
  sprintf("%s, %s", means$state, means$strata)
}

# One row for each curve
state_summary <- function(x) {
  rows <- x$curves
  curve <- as.integer(rows$strata)
  sums <- function(v) vapply(split(v, factor(curve, seq_along(x$labels))), sum, 0)
  quick_frame(list(
    strata = quick_factor(seq_along(x$labels), x$labels), n = x$n,
    n.event = unname(sums(rows$n.event)), n.censor = unname(sums(rows$n.censor)),
    tau = rep(x$options$tau, length(x$labels)), start = x$start,
    method = rep("Aalen-Johansen", length(x$labels))
  ))
}

# The record of an event table of moves, see new_result()
#' @rawNamespace
#' S3method(print, state_table, print_result)
#' S3method(tidy, state_table, tidy_result)
#' S3method(glance, state_table, glance_result)
#' @exportS3Method NULL
result_rows.state_table <- function(x, ...) {
  check_no_dots(...)
  check_state_table(x)
  moves <- move_totals(x)
  first <- sum(x$entry$n_first)
  new_result(as.data.frame(x), moves,
    shown = moves, unit = x$origin$unit, what = "Moves between states",
    title = sprintf("Event table of states: %s", count_noun(first, "patient")),
    columns = list(
      Group = moves$strata, From = as.character(moves$from),
      To = as.character(moves$to), N = moves$n
    ),
    group = moves$strata, sentence = "{n} from {from} to {to}"
  )
}

# Numbers of moves and censorings over all times, by curve. A curve without rows has 0
# censored in the first state.
move_totals <- function(x) {
  n_curve <- length(x$start) - 1L
  if (!length(x$time)) {
    return(quick_frame(list(
      strata = quick_factor(seq_len(n_curve), curve_labels(x)),
      from = quick_factor(rep(1L, n_curve), x$states),
      to = quick_factor(rep(1L, n_curve), x$censored), n = double(n_curve)
    )))
  }
  curve <- rep.int(seq_len(n_curve), diff(x$start))
  all <- sum_keys(c(0, length(curve)), double(length(curve)), curve,
    x$from * (x$n_state + 1L) + x$to, list(n = x$n)
  )
  to <- all$b %% (x$n_state + 1L)
  labels <- c(x$states, x$censored)
  quick_frame(list(
    strata = quick_factor(as.integer(all$a), curve_labels(x)),
    from = quick_factor(as.integer(all$b %/% (x$n_state + 1L)), x$states),
    to = quick_factor(as.integer(ifelse(to == 0L, length(labels), to)), labels),
    n = all$sums$n
  ))
}
