# Restricts an event table to the subjects still under observation at a later time.

# Keeps the subjects still under observation just after `from`, for estimates conditional
# on being event-free at `from`. Time is not reset: it still counts from the time origin.
# `times` are the times at which the curves will be evaluated.
table_from <- function(table, from, times = NULL) {
  start <- check_number(from, "from", 0)
  has_left <- table$time <= start * (1 + default_tie_tol)
  n <- if (is.null(table$n)) rep(1, length(has_left)) else table$n
  event <- table$status > 0L
  if (!is.null(table$entry)) {
    by_row <- !is.null(table$entry$row)
    table$entry <- if (by_row) {
      row_entries_from(table, start, has_left)
    } else {
      entries_from(table, start, has_left, n)
    }
  }
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  rows <- intersect(c("time", "status", "n", "id", "row"), names(table))
  rows <- rows[lengths(table[rows]) > 0L]
  table[rows] <- lapply(table[rows], `[`, !has_left)
  table$start <- c(0, cumsum(tabulate(curve[!has_left], length(table$start) - 1L)))
  if (!is.null(table$id)) {
    table$id <- match(table$id, unique(table$id))
    table$n_id <- max(table$id, 0L)
  }
  if (!is.null(table$weights)) {
    w <- if (is.null(table$id)) NA_real_ else table$n
    table$weights[c("n_row", "total", "effective")] <-
      describe_weights(w, "")[c("n_row", "total", "effective")]
    if (is.null(table$id)) table$weights[c("n_row", "total")] <- list(NA, sum(table$n))
  }
  table$from <- list(
    at = start, event = sum(n[has_left & event]), censored = sum(n[has_left & !event])
  )
  if (!is.null(times)) check_from(times, table)
  table
}

# Delayed entries after the restriction. All subjects at risk just after `start` enter at
# `start`; later entries keep their times.
entries_from <- function(table, start, has_left, n) {
  entry <- table$entry
  early <- entry$time <= start
  size <- if (is.null(entry$n)) rep(1, length(early)) else entry$n
  k <- length(entry$start) - 1L
  sum_by_curve <- function(x, start) {
    total <- c(0, cumsum(x))
    diff(total[start + 1])
  }
  at_risk <- sum_by_curve(size * early, entry$start) -
    sum_by_curve(n * has_left, table$start)
  curve <- c(seq_len(k), rep.int(seq_len(k), diff(entry$start))[!early])
  o <- order(curve)
  list(
    time = c(rep(start, k), entry$time[!early])[o], n = c(at_risk, size[!early])[o],
    start = c(0, cumsum(tabulate(curve, k)))
  )
}

# Like entries_from(), for a table that links each entry to the row of its exit
row_entries_from <- function(table, start, has_left) {
  entry <- table$entry
  stays <- !has_left[entry$row]
  curve <- rep.int(seq_along(entry$start[-1L]), diff(entry$start))
  list(
    time = pmax(entry$time[stays], start), n = entry$n[stays],
    start = c(0, cumsum(tabulate(curve[stays], length(entry$start) - 1L))),
    row = cumsum(!has_left)[entry$row[stays]]
  )
}

# Stops for times before the conditioning time of a table
check_from <- function(times, table) {
  from <- table_origin(table)
  early <- times < from * (1 - default_tie_tol)
  if (!any(early)) return(times)
  stop_domain("times", sprintf("at least `from`, %s", format(from)), early, times)
}
