# The times at which adjusted curves are computed: all event times, or a selection if
# there are very many.

# Curves of all persons at all event times would take persons times event times numbers.
# With more event times than this, only a selection is used.
most_curve_times <- 2000L

# The numbers of the ranks to compute; NULL for all ranks. They include the first and the
# last rank, and those of the times `at` and tau. If ranks are omitted between two
# neighbours, these are at most 1/500 of all ranks and 1/500 of the time to tau apart, so
# that the curve changes little between them.
thin_ranks <- function(ranks, distinct, at, tau) {
  n <- length(ranks)
  if (n <= most_curve_times) return(NULL)
  time <- distinct[ranks]
  past <- seq_len(n) / n + if (tau > 0) pmin(time, tau) / tau else 0
  # the last rank before and the first after each of evenly spaced points
  points <- seq(past[1L], past[n], length.out = most_curve_times %/% 2L)
  before <- findInterval(points, past)
  wanted <- findInterval(c(at, tau) * (1 + default_tie_tol), time)
  sort(unique(c(before, pmin(before + 1L, n), n, wanted[wanted > 0L])))
}

# The weight of each time in the area under a curve up to tau: the length of the interval
# after it in which the curve is constant. steps: number of steps of the curve to the next
# selected time. If there are k, the curve in between is taken to have k equal steps.
area_widths <- function(time, tau, steps) {
  gap <- diff(c(pmin(time, tau), tau))
  last <- length(gap)
  if (last < 2L) return(gap)
  later <- ifelse(time[-1L] <= tau, (steps - 1) / (2 * steps), 0)
  right <- gap[-last] * later
  gap - c(right, 0) + c(0, right)
}
