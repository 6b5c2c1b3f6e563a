# Event tables of states over time: counts of the moves between states.

# Adds up the spells of a table by curve, time and move. Ids are not needed afterwards.
count_spells <- function(table) {
  if (!is.null(table$entry$n_first)) return(structure(table, class = "state_table"))
  exits <- sum_keys(table$start, table$time, table$from, table$to, list(
    n = if (is.null(table$n)) rep(1, length(table$time)) else table$n
  ))
  entry <- table$entry
  none <- integer(length(entry$time))
  begin <- sum_keys(entry$start, entry$time, entry$state, none, list(
    n = if (is.null(entry$n)) rep(1, length(entry$time)) else entry$n,
    n_first = entry_first(table)
  ))
  new_state_table(exits, begin, table)
}

# The only place that makes a state_table
new_state_table <- function(exits, begin, table) {
  structure(
    c(
      list(
        time = exits$time, status = exits$b, from = exits$a, to = exits$b,
        n = exits$sums$n, counted = TRUE, start = exits$start,
        entry = list(
          time = begin$time, state = begin$a, n = begin$sums$n,
          n_first = begin$sums$n_first, start = begin$start
        )
      ),
      table[c(
        "n_state", "states", "groups", "strata", "values", "variables", "origin",
        "dropped", "joined", "delayed", "censored"
      )]
    ),
    class = "state_table"
  )
}

# Sums of values by curve, time and the codes a and b, in this order
sum_keys <- function(start, time, a, b, values) {
  n_curve <- length(start) - 1L
  curve <- rep.int(seq_len(n_curve), diff(start))
  o <- order(curve, time, a, b, method = "radix")
  keys <- list(curve = curve[o], time = time[o], a = a[o], b = b[o])
  changes <- lapply(keys, function(v) v[-1L] != v[-length(v)])
  new <- c(TRUE, Reduce(`|`, changes))[seq_along(o)]
  group <- cumsum(new)
  sums <- lapply(values, function(v) as.vector(rowsum(v[o], group)))
  keys <- lapply(keys, `[`, new)
  c(
    keys[c("time", "a", "b")],
    list(sums = sums, start = c(0, cumsum(tabulate(keys$curve, n_curve))))
  )
}

# One row for each move, censoring and entry: `from` is "not followed" where follow-up
# begins, and `to` where it ends
#' @export
as.data.frame.state_table <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_no_dots(...)
  check_state_table(x)
  off <- "not followed"
  labels <- c(x$states, off)
  last <- length(labels)
  n_curve <- length(x$start) - 1L
  curves <- function(start) rep.int(seq_len(n_curve), diff(start))
  curve <- c(curves(x$start), curves(x$entry$start))
  n <- c(x$n, unseen_entries(x))
  from <- c(x$from, rep(last, length(x$entry$time)))
  to <- c(replace(x$to, x$to == 0L, last), x$entry$state)
  time <- c(x$time, pmax(x$entry$time, 0))
  o <- order(curve, time, from, to, method = "radix")
  o <- o[n[o] != 0]
  k <- length(x$groups)
  quick_frame(list(
    time = time[o], stratum = quick_factor((curve[o] - 1L) %/% k + 1L, x$strata),
    group = quick_factor((curve[o] - 1L) %% k + 1L, x$groups),
    from = quick_factor(from[o], labels), to = quick_factor(to[o], labels), n = n[o]
  ))
}

# Number of entries that are not moves at the same time: subjects whose follow-up begins
# or resumes. A negative number means that more subjects moved into the state than are
# followed on in it; for them follow-up ends.
unseen_entries <- function(x) {
  n_curve <- length(x$start) - 1L
  key <- function(start, time, state) {
    paste(rep.int(seq_len(n_curve), diff(start)), format(time, digits = 17L), state)
  }
  moves <- x$to > 0L
  moved <- key(x$start, x$time, x$to)[moves]
  arrived <- tapply(x$n[moves], moved, sum)
  went_on <- arrived[key(x$entry$start, x$entry$time, x$entry$state)]
  pmax(x$entry$n - ifelse(is.na(went_on), 0, went_on), x$entry$n_first)
}

#' @export
c.state_table <- function(...) {
  tables <- list(...)
  other <- which(!vapply(tables, inherits, NA, "state_table"))
  if (length(other)) {
    stop_oligosurv("input", sprintf(
      "c() can merge an event table with `from` only with other such tables; %s%s",
      sprintf("argument %d is %s", other[1L], describe(tables[[other[1L]]])),
      "; leave it out, or create it with `from`"
    ))
  }
  for (table in tables) {
    bad <- states_fault(table)
    if (!is.null(bad)) stop_changed("event table", bad, "event_table()")
  }
  union_of <- function(name) unique(unlist(lapply(tables, `[[`, name)))
  all <- tables[[1L]]
  all$states <- union_of("states")
  all$n_state <- length(all$states)
  all$groups <- union_of("groups")
  all$strata <- union_of("strata")
  n_curve <- length(all$groups) * length(all$strata)
  merged <- function(part, code_a, code_b, values) {
    rows <- lapply(tables, function(x) {
      with_object(x, merged_rows(x, all, part, code_a, code_b, values))
    })
    column <- function(name) unlist(lapply(rows, `[[`, name))
    o <- order(column("curve"), method = "radix")
    sum_keys(c(0, cumsum(tabulate(column("curve"), n_curve))), column("time")[o],
      column("a")[o], column("b")[o],
      lapply(stats::setNames(nm = values), function(name) column(name)[o])
    )
  }
  all["values"] <- list(NULL)
  all$dropped <- sum(vapply(tables, `[[`, 0, "dropped"))
  new_state_table(
    merged(identity, "from", "to", "n"),
    merged(function(x) x$entry, "state", NULL, c("n", "n_first")), all
  )
}

# Rows of one table, recoded to the states and curves of all tables
merged_rows <- function(x, all, part, code_a, code_b, values) {
  rows <- part(x)
  k <- length(x$groups)
  n_curve <- length(x$start) - 1L
  curve <- rep.int(seq_len(n_curve), diff(rows$start)) - 1L
  group <- match(x$groups, all$groups)[curve %% k + 1L]
  stratum <- match(x$strata, all$strata)[curve %/% k + 1L]
  state <- c(0L, match(x$states, all$states))
  c(
    list(
      curve = (stratum - 1L) * length(all$groups) + group, time = rows$time,
      a = state[rows[[code_a]] + 1L],
      b = if (is.null(code_b)) integer(length(rows$time)) else state[rows[[code_b]] + 1L]
    ),
    rows[values]
  )
}
