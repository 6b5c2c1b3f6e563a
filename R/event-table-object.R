# The class event_table: its maker, and what can be read from a table without its rows.

sum_by_curve <- function(counts, values) {
  if (!is.null(counts$n)) values <- values * counts$n
  curve <- rep.int(seq_along(counts$start[-1L]), diff(counts$start))
  out <- double(length(counts$start) - 1L)
  sums <- rowsum(values, curve)
  out[as.integer(rownames(sums))] <- sums
  out
}

number_states <- c("censored", "event") # those of the codes 0 and 1

new_event_table <- function(counts, rows, dropped) {
  table <- list(
    time = counts$time, status = counts$status, n = counts$n, start = counts$start,
    states = if (rows$coding == "factor") rows$states else number_states,
    groups = rows$groups, strata = rows$strata,
    coding = if (is.null(counts$coding)) rows$coding else counts$coding,
    dropped = dropped, joined = 0, entry = NULL, landmark = rows$landmark,
    origin = rows$origin, variables = rows$variables
  )
  class(table) <- "event_table"
  table
}

# Subjects by status, over the rows of one curve or of all
count_states <- function(table, rows = NULL) {
  status <- table$status
  n <- table$n
  if (!is.null(rows)) {
    status <- status[rows]
    n <- n[rows]
  }
  states <- seq_along(table$states) - 1L
  if (is.null(n)) { # no copy of a long column
    events <- tabulate(status, length(states) - 1L)
    return(c(length(status) - sum(events), events))
  }
  vapply(states, function(s) sum(n[status == s]), 0)
}

# Curves are strata by groups, groups running fastest: labels of the one, or of both,
# which then say which variable each value belongs to where that is known
curve_labels <- function(table) {
  if (length(table$strata) == 1L) return(table$groups)
  if (length(table$groups) == 1L) return(table$strata)
  groups <- rep(table$groups, length(table$strata))
  strata <- rep(table$strata, each = length(table$groups))
  variables <- table$variables
  if (is.null(variables)) return(join_labels(list(groups, strata), NULL))
  names <- vapply(variables[c("group", "stratum")], function(x) {
    if (length(x) == 1L) x else ""
  }, "")
  join_labels(list(groups, strata), names)
}

# Subjects of each curve
curve_sizes <- function(table) .Call(C_curve_sizes, table)

# Subjects of each curve at risk from time 0 on: with left truncation those who enter then
curve_starters <- function(table) {
  if (is.null(table$entry)) return(curve_sizes(table))
  at_zero <- enters_at_origin(table$entry$time, table_origin(table))
  n <- if (is.null(table$entry$n)) as.double(at_zero) else table$entry$n * at_zero
  total <- c(0, cumsum(n))
  diff(total[table$entry$start + 1])
}

# Is an entry one at the origin, by the tie rule?
enters_at_origin <- function(entry, origin) entry <= origin * (1 + default_tie_tol)

enters_late <- function(entry, time) {
  !is.finite(entry) | entry < 0 | entry >= time * (1 - default_tie_tol)
}

# The table of some of its groups (numbers, in the order wanted) and all its strata
subset_groups <- function(table, groups) {
  k <- length(table$groups)
  first <- (seq_along(table$strata) - 1L) * k
  curves <- as.vector(outer(groups, first, `+`))
  take <- function(counts, columns) {
    size <- diff(counts$start)[curves]
    rows <- sequence(size, counts$start[curves] + 1)
    present <- columns[lengths(counts[columns]) > 0L]
    counts[present] <- lapply(counts[present], `[`, rows)
    counts$start <- c(0, cumsum(size))
    counts
  }
  kept <- sequence(diff(table$start)[curves], table$start[curves] + 1)
  table <- take(table, c("time", "status", "n", "id", "row"))
  if (!is.null(table$entry)) table$entry <- take(table$entry, c("time", "n", "row"))
  if (!is.null(table$entry$row)) table$entry$row <- match(table$entry$row, kept)
  if (!is.null(table$id)) { # the ids that are left, from 1 on
    ids <- unique(table$id)
    table$id <- match(table$id, ids)
    table$n_id <- length(ids)
  }
  table$groups <- table$groups[groups]
  table
}

# The time at which the clock of a table starts
table_origin <- function(table) {
  if (is.null(table$from)) 0 else table$from$at
}

# All causes as one event
pool_events <- function(table) {
  if (length(table$states) == 2L) return(table)
  table$status <- pmin(table$status, 1L)
  table$states <- c(table$states[1L], "any event")
  table
}

# The tie rule: times closer than tie_tol, relative to the first of them and over all
# curves together, are one time. Done when estimating, so that merging stays exact. `own`:
# the caller has just made the table, and nobody else has it.
join_ties <- function(table, tie_tol, own = FALSE) {
  if (!identical(tie_tol, default_tie_tol)) {
    tie_tol <- check_number(tie_tol, "tie_tol", 0, 1e-3)
  }
  if (tie_tol == 0) return(table)
  entry <- table$entry
  all <- table
  if (!is.null(entry)) { # entries are curves of their own
    all$time <- c(table$time, entry$time)
    all$status <- c(table$status, integer(length(entry$time)))
    all$start <- c(table$start, length(table$time) + entry$start[-1L])
    all["n"] <- list(NULL)
  }
  joined <- .Call(C_join_times, all, tie_tol, max_threads(), own)
  if (joined$joined == 0) return(table)
  if (is.null(entry)) {
    table$time <- joined$time
  } else {
    exits <- seq_along(table$time)
    table$time <- joined$time[exits]
    table$entry$time <- joined$time[-exits]
  }
  table$joined <- joined$joined
  table
}
