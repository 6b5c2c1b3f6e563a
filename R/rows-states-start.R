# The initial distribution of curves of states, before anybody moves.

# Returns, for each curve: `time`; `p0`, the initial distribution (a column for each
# curve); `first`, the number of the time from which on moves count, from 0; and with ids
# `n`, the number of subjects in p0, `state` (by id: its state in p0, 0 if it is not
# included) and `square` (by id: the factor of its squared influence in the variance). If
# all ids begin in one state, p0 is 1 in this state from time 0 on. If all begin at one
# time, p0 holds the proportions at that time; else the proportions among those at risk at
# the first move.
spell_starts <- function(table, counts) {
  n_curve <- length(table$start) - 1L
  starts <- lapply(seq_len(n_curve), curve_start, table = table, counts = counts)
  number <- function(name) vapply(starts, function(x) as.double(x[[name]]), 0)
  out <- list(
    time = number("time"), first = number("first"), n = number("n"),
    p0 = matrix(unlist(lapply(starts, `[[`, "p0")), table$n_state, n_curve)
  )
  if (is.null(table$id)) return(out)
  out$state <- integer(table$id_start[n_curve + 1L])
  for (i in seq_len(n_curve)) {
    rows <- starts[[i]]$rows
    out$state[table$id_start[i] + table$id[rows]] <- table$from[rows]
  }
  out$square <- id_squares(table)
  out
}

# The start of curve i. `rows`: the spells included in p0, if p0 depends on them
curve_start <- function(table, counts, i) {
  k <- table$n_state
  mine <- rows_of_curve(table$entry$start, i)
  n <- entry_first(table)[mine]
  mine <- mine[n > 0]
  n <- n[n > 0]
  if (!length(mine)) {
    return(list(time = NA, first = 0, n = 1, p0 = rep(NA_real_, k), rows = integer()))
  }
  time <- pmax(table$entry$time[mine], 0)
  state <- table$entry$state[mine]
  if (all(state == state[1L])) {
    p0 <- replace(double(k), state[1L], 1)
    return(list(time = 0, first = 0, n = 1, p0 = p0, rows = integer()))
  }
  if (all(time == time[1L])) {
    total <- state_totals(n, state, k)
    rows <- if (!is.null(table$id)) table$start[i] + table$entry$row[mine]
    return(list(
      time = time[1L], first = 0, n = sum(total), p0 = total / sum(total), rows = rows
    ))
  }
  start_at_move(table, counts, i)
}

start_at_move <- function(table, counts, i) {
  k <- table$n_state
  at <- rows_of_curve(c(0, cumsum(counts$size)), i)
  moves <- colSums(matrix(counts$n_move, k * k)[, at, drop = FALSE])
  first <- c(which(moves > 0), 1L)[1L] # without any move: the first end of a spell
  risk <- matrix(counts$n_risk, k)[, at[first]]
  time <- counts$time[at[first]]
  rows <- if (!is.null(table$id)) {
    mine <- rows_of_curve(table$start, i)
    mine[spell_entries(table, i) < time & table$time[mine] >= time]
  }
  list(time = time, first = first - 1, n = sum(risk), p0 = risk / sum(risk), rows = rows)
}

# The time at which each spell of curve i begins
spell_entries <- function(table, i) {
  at <- rows_of_curve(table$entry$start, i)
  entry <- double(length(at))
  entry[table$entry$row[at]] <- table$entry$time[at]
  entry
}

rows_of_curve <- function(start, i) seq_len(start[i + 1L] - start[i]) + start[i]

state_totals <- function(n, state, k) {
  sums <- rowsum(n, state)
  replace(double(k), as.integer(rownames(sums)), sums)
}

# Number of subjects whose first spell begins with each entry
entry_first <- function(table) {
  entry <- table$entry
  if (!is.null(entry$n_first)) return(entry$n_first) # counts
  if (is.null(entry$n)) as.double(entry$first) else entry$n * entry$first
}

# By id, the factor of the squared influence of one subject in the variance: a frequency w
# represents w subjects; a sampling weight multiplies the influence of one subject, so its
# square is used
id_squares <- function(table) {
  n_id <- table$id_start[length(table$id_start)]
  if (is.null(table$n)) return(rep(1, n_id))
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  w <- double(n_id)
  w[table$id_start[curve] + table$id] <- table$n
  if (table$weight_type == "sampling") w^2 else w
}
