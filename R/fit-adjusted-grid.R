# The times at which adjusted curves are computed: all with events, or some of very many.

# With more times of events than this, curves of all persons at all times would take
# persons times times
most_curve_times <- 2000L

# Numbers of the ranks to compute: those that divide the times evenly, with the first, the
# last, and those to which the times `at` belong. NULL: all of them.
thin_ranks <- function(ranks, distinct, at) {
  n <- length(ranks)
  if (n <= most_curve_times) return(NULL)
  even <- round(seq(1, n, length.out = most_curve_times))
  wanted <- findInterval(at * (1 + default_tie_tol), distinct[ranks])
  sort(unique(c(even, wanted[wanted > 0L])))
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
