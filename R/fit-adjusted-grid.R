# The times at which adjusted curves are computed: all with events, or some of very many.

# With more times of events than this, curves of all persons at all times would take
# persons times times
most_curve_times <- 2000L

# Numbers of the ranks to compute, with the first, the last, and those to which the times
# `at` and tau belong. Where ranks are left out between two of them, these are at most a
# 500th of all ranks, and of the time to tau, apart: steps beside a long gap at the end
# would not be alike. NULL: all of them.
thin_ranks <- function(ranks, distinct, at, tau) {
  n <- length(ranks)
  if (n <= most_curve_times) return(NULL)
  time <- distinct[ranks]
  past <- seq_len(n) / n + if (tau > 0) pmin(time, tau) / tau else 0
  # before and after each of evenly spaced points of both
  points <- seq(past[1L], past[n], length.out = most_curve_times %/% 2L)
  before <- findInterval(points, past)
  wanted <- findInterval(c(at, tau) * (1 + default_tie_tol), time)
  sort(unique(c(before, pmin(before + 1L, n), n, wanted[wanted > 0L])))
}

# How much each time counts in the area under a curve up to tau: as long as the curve is
# constant after it. steps: how many steps of the curve lead to the next time; if there
# are k, the mean of the curve in between is taken as that of k equal ones.
area_widths <- function(time, tau, steps) {
  gap <- diff(c(pmin(time, tau), tau))
  last <- length(gap)
  if (last < 2L) return(gap)
  later <- ifelse(time[-1L] <= tau, (steps - 1) / (2 * steps), 0)
  right <- gap[-last] * later
  gap - c(right, 0) + c(0, right)
}
