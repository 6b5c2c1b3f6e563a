# Inverse probability weights with delayed entry. A subject is in the data only if it
# entered before it left. It therefore represents 1 / W(t) subjects from time 0 on. W is
# the product of the curves of censoring and of entry, up to a constant factor (Geskus
# 2011). At each time W is multiplied by (at risk after it) / (at risk at it - events).
# Those who enter between two exits count from their entry on, see entered_by().
# Because the factor is unknown, sums are divided by the sum of the weights; without
# delayed entry this sum is the number of rows.

# Adds delayed entries to censoring_curve(). `enter`: by row, the cell after which it is
# at risk (for rows at risk from the start, the cell before the first one of the stratum).
# `came`: by cell, the weight that enters after it and before the next cell. `left` is
# corrected. rank: rank of the time of each cell.
add_entries <- function(curve, rows, rank) {
  by <- max(rows$time, 0L) + 1L
  first <- match(rows$stratum, curve$stratum)
  enter <- findInterval(
    (rows$stratum - 1) * by + rows$entry, (curve$stratum - 1) * by + rank
  )
  curve$enter <- pmax(enter, first - 1L)
  n <- length(rank)
  w <- row_weight(rows)
  curve$came <- sum_to(w, ifelse(curve$enter >= first, curve$enter, NA), n)
  not_yet <- by_stratum(curve$came, curve$stratum, function(x) rev(cumsum(rev(x))))
  curve$left <- pmax(curve$left - not_yet, 0)
  curve
}

# The curve at time t: after the last cell up to t only those count as entered who did so
# by t. `cells_by_t` flags the cells, distinct times of a stratum, with times up to t.
entered_by <- function(curve, rows, t, cells_by_t) {
  if (is.null(curve$enter)) return(curve)
  last <- which(cells_by_t)
  last <- last[!duplicated(curve$stratum[last], fromLast = TRUE)]
  late <- which(rows$since > t * (1 + default_tie_tol) & curve$enter %in% last)
  if (!length(late)) return(curve)
  w <- row_weight(rows)[late]
  came <- curve$came - sum_to(w, curve$enter[late], length(cells_by_t))
  by <- (curve$left + came) / (curve$left + curve$came)
  by[!is.finite(by) | by == 0] <- 1 # nobody is at risk at t
  curve$after <- curve$after * by
  curve$came <- came
  curve$enter[late] <- curve$enter[late] + 1L
  curve
}

# Sums of x by cell, of n cells
sum_to <- function(x, cell, n) {
  as.vector(tapply(x, factor(cell, seq_len(n)), sum, default = 0))
}

# The number of subjects that the weights represent
known_total <- function(w, at, curve) {
  if (is.null(curve$enter)) sum(w) else sum(w * at$weight)
}

# weighted_mean_of() with the sum of the weights as denominator
weighted_mean_of_entered <- function(term, at, rows, curve) {
  w <- row_weight(rows)
  total <- sum(w * at$weight)
  mean <- sum(w * at$weight * term) / total
  off <- at$weight * (term - mean)
  list(
    value = mean,
    influence = (off + censoring_influence(curve, rows, at$later(w * off))) / total
  )
}

# censoring_influence() with delayed entry. The derivative of log W(t) with respect to the
# weight of a row is the sum over the cells s up to t of N(s) / n'(s) - B(s) / n(s). Here
# n(s) is the number at risk at s except for events, n'(s) the number at risk after s, and
# B and N are 1 if the row is one of them.
entry_influence <- function(curve, rows, later) {
  n <- curve$left + curve$lost
  after <- curve$left + curve$came
  over <- function(x) ifelse(x > 0, later / x, 0)
  before_exit <- c(0, cumsum(over(n)))
  passed <- c(0, cumsum(over(after)))
  cell <- curve$cell
  enter <- curve$enter
  first <- match(rows$stratum, curve$stratum)
  # sum of B / n: from `enter` to the cell of the row, which counts if the row is censored
  at_risk <- before_exit[cell] - before_exit[enter + 1L]
  own <- ifelse(rows$status == 0L, over(n)[cell], 0)
  # sum of N / n': from `enter` to before the cell of the row
  at_risk + own - (passed[cell] - passed[pmax(enter, first)])
}
