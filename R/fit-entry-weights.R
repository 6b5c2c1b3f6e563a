# Inverse probability weights with delayed entry. A subject is in the data only if it
# entered before it left. It therefore represents 1 / W(t) subjects from time 0 on. W is
# the product of the curves of censoring and of entry, up to a constant factor (Geskus
# 2011). At each time W is multiplied by (at risk after it) / (at risk at it - events).
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
  sums <- function(at) as.vector(tapply(w, factor(at, seq_len(n)), sum, default = 0))
  after_start <- curve$enter >= first
  curve$came <- sums(ifelse(after_start, curve$enter, NA))
  not_yet <- by_stratum(curve$came, curve$stratum, function(x) rev(cumsum(rev(x))))
  curve$left <- pmax(curve$left - not_yet, 0)
  curve
}

# Flags rows that had entered by time t: those that left by t (`by_t`), and those that
# entered before the first cell after t. A cell is a distinct time of a stratum;
# `cells_by_t` flags those with times up to t. Without delayed entry all had entered.
has_entered <- function(curve, cells_by_t, by_t) {
  if (is.null(curve$enter)) return(1)
  last <- by_stratum(cells_by_t, curve$stratum, function(x) rep(sum(x), length(x)))
  first <- match(curve$stratum, curve$stratum)
  by_t | curve$enter <= (first + last - 1L)[curve$cell]
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
