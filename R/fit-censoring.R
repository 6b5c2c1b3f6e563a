# The censoring distribution of rows with predictions: inverse probability weights, and
# the influence of each row on them.

# The product-limit curve of censoring in each stratum; with delayed entry it is
# multiplied by the curve of entry (Geskus 2011), see fit-entry-weights.R. At one time
# events come before censorings.
# `rows` are sorted by stratum and time, see read_scores(). A cell is a distinct time of a
# stratum. Returns `cell` (of each row) and, by cell: `stratum`; `real`, the time; `lost`,
# the weight censored; `left`, the weight still at risk after the time; `before` and
# `after`, the curve G just before and after the time.
censoring_curve <- function(rows) {
  n <- length(rows$time)
  new <- c(TRUE[n > 0L], rows$time[-1L] != rows$time[-n] |
    rows$stratum[-1L] != rows$stratum[-n])
  cell <- cumsum(new)
  w <- row_weight(rows)
  sums <- function(x) sum_cells(x, cell)
  stratum <- rows$stratum[new]
  leaving <- sums(w)
  lost <- sums(w * (rows$status == 0L))
  left <- by_stratum(leaving, stratum, sum_after)
  curve <- list(
    cell = cell, stratum = stratum, real = rows$real[new], lost = lost, left = left
  )
  if (!is.null(rows$entry)) curve <- add_entries(curve, rows, rows$time[new])
  came <- if (is.null(curve$came)) 0 else curve$came
  step <- ifelse(lost > 0 | came > 0, (curve$left + came) / (curve$left + lost), 1)
  # if all at risk have an event and others enter later, no weight is defined
  step[which(!is.finite(step))] <- 0
  curve$after <- by_stratum(step, stratum, cumprod)
  curve$before <- by_stratum(curve$after, stratum, function(x) c(1, x[-length(x)]))
  curve
}

# Sums over the rows of each cell; cells are numbered from 1, in order. Only second and
# later rows of a cell are added by rowsum(), because with continuous times most cells
# have one row.
sum_cells <- function(x, cell) {
  n <- length(cell)
  if (!n || cell[n] == n) return(x)
  again <- c(FALSE, cell[-1L] == cell[-n])
  out <- x[!again]
  more <- cell[again]
  at <- unique(more)
  out[at] <- out[at] + as.vector(rowsum(x[again], more, reorder = FALSE))
  out
}

row_weight <- function(rows) {
  if (is.null(rows$weight)) rep(1, length(rows$time)) else rows$weight
}

# For each element, the sum of all later elements
sum_after <- function(x) c(rev(cumsum(rev(x)))[-1L], 0)

# Applies a function to the elements of each stratum; the strata are sorted
by_stratum <- function(x, stratum, fun) {
  if (!length(x)) return(x)
  if (stratum[1L] == stratum[length(x)]) return(fun(x))
  unlist(lapply(split(x, stratum), fun), use.names = FALSE)
}

# Influence of each row on a sum of terms with inverse probability weights, through the
# estimated weights. `later`: for each cell, the sum of the terms whose weight 1 / G
# contains the factor of this cell; a term with two such factors counts twice. The
# derivative of log(1 / G(t)) with respect to the weight of a row is the sum over the
# cells s up to t of (dN(s) - Y(s) lost(s) / n(s)) / left(s). Here n(s) = left(s) +
# lost(s) is the number at risk of censoring, dN(s) = 1 if the row is censored at s, and
# Y(s) = 1 if it is at risk of censoring at s.
censoring_influence <- function(curve, rows, later) {
  if (!is.null(curve$enter)) return(entry_influence(curve, rows, later))
  n <- curve$left + curve$lost
  at_risk <- ifelse(curve$left > 0, later * curve$lost / n / curve$left, 0)
  own <- ifelse(curve$left > 0, later / curve$left, 0)
  passed <- by_stratum(at_risk, curve$stratum, cumsum)
  cell <- curve$cell
  censored <- rows$status == 0L
  ifelse(censored, own[cell], at_risk[cell]) - passed[cell]
}

# Variance matrix of estimates, from the derivative of each estimate with respect to the
# weight of each row (a matrix with a column per estimate). Rows of an id are added up. A
# row with a frequency represents that many subjects.
influence_variance <- function(derivative, rows) {
  w <- row_weight(rows)
  if (is.null(rows$id) && identical(rows$weight_type, "frequency")) {
    return(crossprod(sqrt(w) * derivative))
  }
  by_row <- w * derivative
  crossprod(if (is.null(rows$id)) by_row else rowsum(by_row, rows$id, reorder = FALSE))
}
