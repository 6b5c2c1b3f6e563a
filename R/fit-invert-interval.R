# p-values by inversion of confidence intervals. The search finds the level at which a
# limit equals the null value, so that p < 1 - conf.level if and only if the interval
# excludes the null value.

# Smallest normal quantile of the search. If the interval still contains the null value
# there, p is 1.
min_z <- 1e-7

# Largest normal quantile of the search; smaller p-values are returned as 3e-307
max_z <- 37.4

# Roots z of decreasing functions, one per row. For the rows i, gap(i, z) is the distance
# from the null value to an interval with one-sided tail probability pnorm(-z), and at
# most 0 if the interval contains the null value. `start` is the quantile of the reported
# level. The search starts there, so that p agrees with the reported interval even if
# `gap` is not monotone. A gap may be -Inf; a gap of NA gives a root of NA.
boundary_z <- function(gap, start, row = seq_along(start)) {
  n <- length(start)
  if (n == 0L) return(double())
  from <- gap(row, start)
  excluded <- from > 0 & !is.na(from)
  included <- which(from <= 0)
  low <- ifelse(excluded, start, min_z)
  high <- ifelse(excluded, max_z, start)
  f_low <- f_high <- from
  if (length(included)) f_low[included] <- gap(row[included], low[included])
  z <- rep(NA_real_, n)
  z[included[which(f_low[included] <= 0)]] <- 0 # included at the lowest level: p is 1
  # find the upper end of the bracket by growing steps from the reported level
  at <- which(excluded)
  step <- rep(1.5, n)
  while (length(at)) {
    try <- pmin(start[at] + step[at], max_z)
    f <- gap(row[at], try)
    still <- which(f > 0)
    ends <- which(!(f > 0) | is.na(f)) # a gap of NA ends the search without a root
    low[at[still]] <- try[still]
    f_low[at[still]] <- f[still]
    high[at[ends]] <- try[ends]
    f_high[at[ends]] <- f[ends]
    z[at[still][try[still] == max_z]] <- max_z
    step <- 2 * step
    at <- at[still][try[still] < max_z]
  }
  bracketed_roots(gap, row, low, high, f_low, f_high, z)
}

# Ridders' method for all rows at once. `gap` is nearly linear in z, so three or four
# iterations are usually enough. Rows that already have a root `z`, or whose gap becomes
# NA, are skipped.
bracketed_roots <- function(gap, row, low, high, f_low, f_high, z) {
  at <- which(is.na(z) & !is.na(f_low) & !is.na(f_high))
  last <- rep(-Inf, length(z))
  for (round in seq_len(60L)) {
    if (!length(at)) break
    middle <- (low[at] + high[at]) / 2
    f <- gap(row[at], middle)
    try <- middle + (middle - low[at]) * f /
      sqrt(pmax(f^2 - f_low[at] * f_high[at], 1e-300))
    try <- pmin(pmax(try, low[at]), high[at])
    try[is.na(try)] <- middle[is.na(try)] # bisection where a gap is -Inf
    f_try <- gap(row[at], try)
    for (new in list(list(middle, f), list(try, f_try))) {
      inside <- new[[1L]] >= low[at] & new[[1L]] <= high[at]
      above <- which(inside & new[[2L]] > 0)
      below <- which(inside & new[[2L]] <= 0)
      low[at[above]] <- new[[1L]][above]
      f_low[at[above]] <- new[[2L]][above]
      high[at[below]] <- new[[1L]][below]
      f_high[at[below]] <- new[[2L]][below]
    }
    done <- abs(try - last[at]) <= rounding_tol * pmax(try, 1) | f_try == 0 |
      high[at] - low[at] <= 1e-13 * pmax(high[at], 1)
    last[at] <- try
    lost <- is.na(f) | is.na(f_try)
    done <- which(done & !lost)
    z[at[done]] <- try[done]
    left <- setdiff(which(!lost), done)
    at <- at[left]
  }
  z[at] <- last[at]
  z
}
