# Areas under curves with standard errors and confidence limits, for restricted means.

# Restricted means with limits of type `conf.type`; cluster-robust if the table has ids
mean_rows <- function(table, tau, conf.level, conf.type) {
  rows <- area_rows(table, tau, conf.level, conf.type)
  if (is.null(table$id)) return(rows)
  robust_area_rows(rows, table, tau, conf.level, conf.type)
}

# Restricted mean survival time, or with competing risks the time lost by cause
area_rows <- function(table, tau, conf.level, conf.type) {
  tail <- (1 - conf.level) / 2
  raw <- .Call(C_area, table, if (is.na(tau)) 0 else tau, tail)
  n <- rep_len(table_subjects(table)$n, length(raw$kept))
  causes <- table$states[-1L]
  labels <- curve_labels(table)
  one <- length(causes) == 1L
  estimate <- if (one) raw$kept else raw$lost
  rest <- if (one) raw$lost else raw$kept
  limits <- area_limits(estimate, rest, tau, raw$std_error, n, tail, conf.type)
  exact <- raw$std_error == 0
  low <- ifelse(exact, raw$low, limits$low)
  high <- ifelse(exact, raw$high, limits$high)
  empty <- rep(curve_sizes(table) == 0, length(causes))
  # NaN: times below 1e-308 are too small
  known <- function(x) replace(x, empty | is.nan(x), NA_real_)
  out <- list(
    outcome = factor(rep(causes, each = length(labels)), causes),
    strata = structure(
      rep(seq_along(labels), length(causes)), levels = labels, class = "factor"
    ),
    tau = rep(tau, length(estimate)), estimate = known(estimate),
    std.error = known(raw$std_error), conf.low = known(low), conf.high = known(high),
    conf.level = rep(conf.level, length(estimate)),
    conf.type = ifelse(exact & !empty, "exact", conf.type)
  )
  if (one) out$outcome <- NULL
  quick_frame(out)
}

# Estimates of area_rows() with cluster-robust standard errors, from the influence of each
# row summed by id, and with limits from these standard errors. Exact limits count ids
# instead of subjects. They are also used if the influences within each id cancel, so that
# the standard error is 0 up to rounding.
robust_area_rows <- function(rows, table, tau, conf.level, conf.type) {
  raw <- row_values(table, list(name = "tau", at = if (is.na(tau)) 0 else tau))
  n_curve <- length(table$start) - 1L
  unit <- id_in_curve(raw, table)
  number <- polled(match(unit, unique(unit)))
  first <- !duplicated(number)
  ids <- tabulate(raw$curve[first], n_curve)
  weight <- if (is.null(table$n)) 1 else table$n
  error <- unlist(lapply(raw$influence, function(d) {
    by_id <- polled(as.vector(rowsum(weight * d, number, reorder = FALSE)))
    sums <- vapply(split(by_id^2, factor(raw$curve[first], seq_len(n_curve))), sum, 0)
    sqrt(unname(sums))
  }))
  limits <- c("conf.low", "conf.high")
  ids <- rep(ids, length.out = nrow(rows))
  cancels <- rows$conf.type != "exact" & ids >= 2 & !is.na(rows$estimate) &
    error^2 * 2^53 < rows$estimate * (tau - rows$estimate)
  rows$std.error[cancels] <- 0
  rows$conf.type[cancels] <- "exact"
  exact <- rows$conf.type == "exact"
  if (any(exact)) {
    tail <- rep((1 - conf.level) / 2, sum(exact))
    rows[exact, limits] <- exact_areas(table, rows, tau)(which(exact), tail)
  }
  at <- which(!exact & !is.na(rows$estimate))
  rows$std.error[at] <- ifelse(ids[at] < 2, NA_real_, error[at])
  estimate <- rows$estimate[at]
  rows[at, limits] <- area_limits(
    estimate, tau - estimate, tau, rows$std.error[at], ids[at], (1 - conf.level) / 2,
    conf.type
  )
  rows
}

# Exact limits of areas whose standard error is 0, from the effective number of ids at
# risk. For a curve that is always 0 or 1 they are those of osv_area_limits() in
# src/osv_area.c; for other curves they are the areas under the exact limits of the curve.
# `rows` is from robust_area_rows(). Returns a function of row numbers and tail
# probabilities that gives low and high.
exact_areas <- function(table, rows, tau) {
  competing <- length(table$states) > 2L
  times <- .Call(C_aj, table, FALSE, "none", 0.95)
  exact_curves <- function(level) {
    .Call(C_cluster_curves, table, FALSE, "exact", level,
      identical(table$weights$type, "sampling")
    )
  }
  ids <- exact_curves(0.95)
  curve <- factor(rep.int(seq_along(times$size), times$size), seq_along(times$size))
  time <- split(times$time, curve)
  kept <- split(ids$kept, curve)
  at <- as.integer(rows$strata)
  cause <- if (competing) as.integer(rows$outcome) else rep(1L, nrow(rows))
  n_time <- length(times$time)
  row_of <- split(seq_len(n_time), curve)
  # whether the curve is strictly between 0 and 1 at some time before tau
  varies <- vapply(seq_len(nrow(rows)), function(i) {
    before <- row_of[[at[i]]][time[[at[i]]] < tau]
    probability <- times$cif[(cause[i] - 1L) * n_time + before]
    any(probability > 0 & probability < 1)
  }, NA)
  # area under the limits of the cumulative incidence of a cause
  under_limits <- function(i, tail) {
    made <- exact_curves(1 - 2 * tail)
    before <- row_of[[at[i]]][time[[at[i]]] < tau]
    cell <- (cause[i] - 1L) * n_time + before
    width <- diff(c(0, times$time[before], tau))
    start <- 1 - tail^(1 / made$start[at[i]])
    lost <- c(sum(width * c(0, made$conf_low[cell])),
      sum(width * c(start, made$conf_high[cell]))
    )
    tau - lost[2:1]
  }
  one_area <- function(i, tail) {
    if (varies[i]) return(under_limits(i, tail))
    before <- time[[at[i]]] < tau
    from <- c(0, time[[at[i]]][before])
    bound <- tail^(1 / c(ids$start[at[i]], kept[[at[i]]][before]))
    free <- if (competing) tau - rows$estimate[i] else rows$estimate[i]
    all_fail <- is.finite(free) && free < tau * (1 - rounding_tol) # at the time `free`
    if (all_fail) {
      last <- which.min(abs(from - free)) - 1L
      low <- sum(diff(from[seq_len(last + 1L)]) * bound[seq_len(last)])
      return(c(low, from[last + 1L] + (tau - from[last + 1L]) * (1 - bound[last])))
    }
    c(sum(diff(c(from, tau)) * bound), tau)
  }
  function(i, tail) {
    limits <- vapply(seq_along(i), function(k) one_area(i[k], tail[k]), double(2L))
    if (competing) limits <- tau - limits[2:1, , drop = FALSE]
    list(low = limits[1L, ], high = limits[2L, ])
  }
}

# Limits of an area from its standard error, if this is not 0, for n subjects or ids.
# `rest` is tau - estimate; `tail` is one probability or one per row.
area_limits <- function(estimate, rest, tau, std.error, n, tail, conf.type) {
  z <- stats::qnorm(tail, lower.tail = FALSE)
  if (conf.type == "plain") {
    return(list(
      low = pmax(estimate - z * std.error, 0), high = pmin(estimate + z * std.error, tau)
    ))
  }
  widen <- stats::qt(tail, pmax(n - 1, 1), lower.tail = FALSE) / z
  proportions <- .Call(
    C_share_limits, estimate / tau, rest / tau, widen * std.error / tau,
    if (conf.type == "mid-p") "mid-p" else "exact", tail
  )
  list(low = tau * proportions$low, high = tau * proportions$high)
}

# Returns a function that gives the limits of rows of area_rows() or robust_area_rows()
# for other tail probabilities, one per row.
area_limits_at <- function(estimates, table, tau, conf.type) {
  n <- rep_len(curve_units(table), nrow(estimates))
  n_curve <- length(table$start) - 1L
  exact <- estimates$conf.type == "exact"
  of_exact <- if (any(exact) && !is.null(table$id)) {
    exact_areas(table, estimates, tau)
  } else {
    function(i, tail) {
      part <- repeat_curves(table, (i - 1L) %% n_curve + 1L)
      raw <- .Call(C_area, part, tau, tail)
      cell <- (i - 1L) %/% n_curve * length(i) + seq_along(i)
      list(low = raw$low[cell], high = raw$high[cell])
    }
  }
  function(i, tail) {
    x <- estimates[i, c("estimate", "std.error")]
    out <- area_limits(
      x$estimate, tau - x$estimate, tau, x$std.error, n[i], tail, conf.type
    )
    at <- which(exact[i])
    if (!length(at)) return(out)
    limits <- of_exact(i[at], tail[at])
    out$low[at] <- limits$low
    out$high[at] <- limits$high
    out
  }
}

# A table of the given curves, in which a curve may occur several times, for kernels that
# process each curve separately; not for tables with ids
repeat_curves <- function(table, curve) {
  part <- function(x) {
    size <- diff(x$start)[curve]
    list(
      row = sequence(size, x$start[curve] + 1), start = c(0, cumsum(size))
    )
  }
  rows <- part(table)
  if (!is.null(table$entry)) {
    entries <- part(table$entry)
    table$entry <- list(
      time = table$entry$time[entries$row], n = table$entry$n[entries$row],
      start = entries$start
    )
  }
  table$time <- table$time[rows$row]
  table$status <- table$status[rows$row]
  if (!is.null(table$n)) table$n <- table$n[rows$row]
  table$start <- rows$start
  table
}

# Returns, for each curve: `n`, the number of subjects; `start`, the number at risk at the
# start; `gains`, TRUE if more subjects enter than leave at any later time
table_subjects <- function(table) .Call(C_curve_subjects, table)

# Number of subjects, or of ids if the table has them, of each curve
curve_units <- function(table) {
  if (is.null(table$id)) return(table_subjects(table)$n)
  n_curve <- length(table$start) - 1L
  curve <- rep.int(seq_len(n_curve), diff(table$start))
  tabulate(curve[!duplicated(curve * as.double(table$n_id) + table$id)], n_curve)
}
