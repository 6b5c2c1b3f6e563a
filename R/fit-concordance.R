# The concordance of one score. C code counts the pairs; the influence of each row is
# computed here.

concordance_methods <- c("harrell", "uno")

# Input of C_concordance() for one cause, except the scores: `status` (1 case, 2 competing
# event) and, with inverse probability weights, `pair` and `left`. Events after `tau` are
# not cases. `curve`: from censoring_curve(); NULL for "harrell".
concordance_pairs <- function(rows, cause, method, tau) {
  status <- ifelse(rows$status == cause, 1L, ifelse(rows$status > 0L, 2L, 0L))
  past <- rows$real > tau * (1 + default_tie_tol)
  status[past & status == 1L] <- 0L
  curve <- if (method == "uno") censoring_curve(rows)
  left <- if (!is.null(curve)) 1 / curve$before[curve$cell]
  if (!is.null(left)) left[status == 0L] <- 1 # not used, and may be infinite
  entry <- rows$entry
  list(
    cells = list(
      time = rows$time, start = entry,
      by_start = if (!is.null(entry)) order(rows$stratum, entry) - 1L, status = status,
      weight = rows$weight, pair = if (!is.null(left)) left^2, left = left,
      stratum_end = group_ends(rows$stratum), competing = any(status == 2L)
    ),
    curve = curve
  )
}

# Ranks of scores within their strata, from 0
score_ranks <- function(score, stratum) {
  n <- length(score)
  if (!n) return(integer())
  o <- order(stratum, score, method = "radix")
  sorted <- score[o]
  of <- stratum[o]
  first <- c(TRUE, of[-1L] != of[-n])
  distinct <- cumsum(c(TRUE, sorted[-1L] != sorted[-n] | first[-1L]))
  rank <- integer(n)
  rank[o] <- distinct - distinct[first][cumsum(first)]
  rank
}

# The estimate, the counts of pairs, and the derivative of the estimate with respect to
# the weight of each row. `censoring`: include the influence of a row through the
# estimated weights?
concordance_of <- function(score, rows, pairs, censoring) {
  cells <- pairs$cells
  cells["score"] <- list(score_ranks(score, rows$stratum))
  raw <- .Call(C_concordance, cells)
  n <- length(cells$time)
  count <- raw$count
  all <- sum(count[1:3])
  estimate <- if (all > 0) (count[1L] + count[3L] / 2) / all else NA_real_
  # by role: case, control, control after a competing event, case with such a control
  net <- matrix(raw$won - estimate * raw$all, n)
  d <- rowSums(net)
  if (censoring && !is.null(pairs$curve) && all > 0) {
    part <- row_weight(rows) * net
    factors <- 2 * part[, 1L] + if (ncol(net) > 2L) part[, 3L] + part[, 4L] else 0
    by_cell <- sum_cells(factors, pairs$curve$cell)
    later <- by_stratum(by_cell, pairs$curve$stratum, sum_after)
    d <- d + censoring_influence(pairs$curve, rows, later)
  }
  if (identical(rows$weight_type, "frequency")) {
    # subjects of the same row have tied times and tied scores
    case <- cells$status == 1L
    w <- rows$weight[case]
    factor <- if (is.null(cells$pair)) 1 else cells$pair[case]
    count[5L] <- count[5L] + sum(factor * w * (w - 1) / 2)
  }
  list(estimate = estimate, count = count, influence = d / all)
}

# Limits from a standard error; NA if the estimate has no standard error
concordance_limits <- function(estimate, error, conf.type, conf.level) {
  z <- stats::qnorm((1 + conf.level) / 2)
  error <- replace(error, which(!(error > 0)), NA_real_)
  if (conf.type == "plain") {
    return(list(
      low = pmax(estimate - z * error, 0), high = pmin(estimate + z * error, 1)
    ))
  }
  width <- z * error / (estimate * (1 - estimate))
  list(
    low = stats::plogis(stats::qlogis(estimate) - width),
    high = stats::plogis(stats::qlogis(estimate) + width)
  )
}
