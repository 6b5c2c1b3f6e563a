# Limits of S(t) and F(t) at any confidence level, for rate_difference(). The distribution
# whose quantiles are the limits of a row is determined once from the curves. Its
# quantiles are then computed for as many levels as needed.

limit_codes <- c(
  plain = 0L, log = 1L, "log-log" = 2L, logit = 3L, arcsin = 4L, exact = 5L, "mid-p" = 6L
) # codes of the enum osv_conf in C

# Returns list(estimates, limits_at): the rows of the curves at `times` with limits, and a
# function of row numbers and tail probabilities that gives limits at other levels.
rate_rows <- function(table, conf.type, conf.level, times, extend) {
  rows <- function(type) {
    tidy_rows(rate_fit(table, type, conf.level, times), times, extend)
  }
  # computed at `times` only, because mid-p limits of whole curves are slow
  mid_p <- conf.type == "mid-p"
  first <- if (mid_p) rows("first shapes")
  estimates <- if (mid_p) first else rows(conf.type)
  if (mid_p) estimates$conf.type <- rep(conf.type, nrow(estimates))
  p <- estimates$estimate
  q <- 1 - p
  # Estimates whose standard error is 0 up to rounding have exact limits too, as in the
  # curves (osv_cluster_limits.c).
  polled()
  no_error <- p %in% c(0, 1) | (estimates$std.error^2 * 2^53 < p * q) %in% TRUE
  # Estimates of 0 and 1 have exact limits instead of the shorter mid-p limits; with these
  # the coverage in the help was measured.
  estimates$conf.type[no_error] <- "exact"
  type <- limit_codes[estimates$conf.type]
  distributions <- c(
    list(type = type, estimate = p, rest = q, std_error = estimates$std.error),
    limit_shapes(rows, first, type, p, conf.level, table)
  )
  limits_at <- function(i, tail) {
    .Call(C_limits_at, distributions, as.integer(i), as.double(tail))
  }
  if (mid_p) {
    tail <- rep((1 - conf.level) / 2, nrow(estimates))
    limits <- limits_at(seq_along(tail), tail)
    estimates$conf.low <- limits$low
    estimates$conf.high <- limits$high
  }
  list(estimates = estimates, limits_at = limits_at)
}

# Kaplan-Meier or cumulative incidence fit of a table whose tied times are merged
rate_fit <- function(table, conf.type, conf.level, times) {
  if (length(table$states) == 2L) {
    curves <- km_curves(table, FALSE, conf.type, conf.level, times)
    return(new_kaplan_meier(curves, table, conf.type, conf.level, times))
  }
  curves <- aj_curves(table, FALSE, conf.type, conf.level, times)
  variance <- curve_variance(table)
  new_cumulative_incidence(curves, table, conf.type, conf.level, times, variance)
}

# Shape parameters of the beta distributions whose quantiles are the exact and mid-p
# limits, see r_limits_at(); NA in other rows. rows(type) gives the rows of the curves.
# With the types "first shapes", "second shapes" and "numbers" the C code writes these
# numbers in place of the limits. `first`: the rows with the first shapes, or NULL.
limit_shapes <- function(rows, first, type, estimate, conf.level, table) {
  unknown <- rep(NA_real_, length(type))
  survival <- length(table$states) == 2L
  out <- list(
    a0 = unknown, b0 = unknown, a1 = unknown, b1 = unknown, number = unknown * 0,
    least = unknown, survival = survival
  )
  if (!any(type %in% limit_codes[c("exact", "mid-p")])) return(out)
  if (is.null(first)) first <- rows("first shapes")
  second <- rows("second shapes")
  flip <- survival && !is.null(table$id) # with ids, limits of S are 1 - those of F
  side <- function(x) {
    if (flip) list(1 - x$conf.high, 1 - x$conf.low) else list(x$conf.low, x$conf.high)
  }
  a <- side(first)
  b <- side(second)
  out[1:4] <- if (flip) {
    list(b[[2L]], a[[2L]], b[[1L]], a[[1L]])
  } else {
    list(a[[1L]], b[[1L]], a[[2L]], b[[2L]])
  }
  polled()
  inner <- which(estimate > 0 & estimate < 1)
  if (!is.null(table$id) || !is.null(table$entry)) {
    numbers <- lapply(side(rows("numbers")), `[`, inner)
    out$number[inner] <- numbers[[1L]]
    flag <- numbers[[2L]]
    out$least[inner] <- if (is.null(table$id)) {
      ifelse(flag == 1, 0, NA)
    } else {
      ifelse(flag > 0, flag - 1, NA)
    }
  }
  # Before the first event the kernel returns the limit tail^(1 / n) itself, a quantile of
  # Beta(n, 1), instead of shapes; values above 1 are shapes.
  polled()
  limit <- if (survival) first$conf.low else first$conf.high
  start <- which(estimate == (if (survival) 1 else 0) & limit >= 0 & limit <= 1)
  limit <- limit[start]
  log_limit <- if (survival) log(limit) else log1p(-limit)
  n <- log((1 - conf.level) / 2) / log_limit
  at_start <- if (survival) list(n, 1, 1, 0) else list(0, 1, 1, n)
  out[1:4] <- Map(replace, out[1:4], list(start), at_start)
  out
}
