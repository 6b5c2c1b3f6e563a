# p-values by inversion of intervals: the level at which a limit touches the value of no
# difference, so that p is below 1 - conf.level where and only where the interval leaves
# that value out.

# The normal quantile of the highest one-sided tail that is searched: past it p is 1
least_z <- 1e-7

# and of the lowest: p below 3e-307 is given as that
most_z <- 37.4

# Roots z of decreasing functions, one a row. gap(i, z): for the rows i, by how much an
# interval of one-sided tail pnorm(-z) misses the null value; at most 0 where it holds it.
# start: the quantile of the level at which the interval is reported, whose side of the
# root is thereby that of the interval, even where `gap` is not monotone. A gap may be
# -Inf; where one is NA the root is.
touching_z <- function(gap, start, row = seq_along(start)) {
  n <- length(start)
  if (n == 0L) return(double())
  from <- gap(row, start)
  out <- from > 0 & !is.na(from) # the interval leaves the null value out
  held <- which(from <= 0)
  low <- ifelse(out, start, least_z)
  high <- ifelse(out, most_z, start)
  f_low <- f_high <- from
  if (length(held)) f_low[held] <- gap(row[held], low[held])
  z <- rep(NA_real_, n)
  z[held[which(f_low[held] <= 0)]] <- 0 # even at the lowest level the interval holds it
  # the end of the bracket, in steps from the level reported
  at <- which(out)
  step <- rep(1.5, n)
  while (length(at)) {
    try <- pmin(start[at] + step[at], most_z)
    f <- gap(row[at], try)
    still <- which(f > 0)
    ends <- which(!(f > 0) | is.na(f)) # with a gap of NA there is no root
    low[at[still]] <- try[still]
    f_low[at[still]] <- f[still]
    high[at[ends]] <- try[ends]
    f_high[at[ends]] <- f[ends]
    z[at[still][try[still] == most_z]] <- most_z
    step <- 2 * step
    at <- at[still][try[still] < most_z]
  }
  bracketed_roots(gap, row, low, high, f_low, f_high, z)
}

# Ridders' method in all rows at once: gap is nearly linear in z, so that three or four
# rounds do. Rows with a root `z` already are done, and rows that meet a gap of NA.
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
    try[is.na(try)] <- middle[is.na(try)] # a gap of -Inf has no slope
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
