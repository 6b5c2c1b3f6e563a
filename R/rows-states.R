# Rows of states over time. Reads a formula with ids into spells, each in one state from
# its start to its end, checks that the spells of an id follow each other, and counts
# them.

# The spells of a formula, as a list sorted by curve (stratum by group) and end: time,
# from, to (codes of `states`; to 0: censored), n (weights or NULL), start (offsets of the
# curves), row (row number in the data), id (numbered within each curve), id_start
# (offsets of the ids), and entry, a list of time, state, n, first (is it the first spell
# of the id?), start and row (within the curve). `call` is from captured(), with the
# expression of `from`.
state_spells <- function(x, data, call, tie_tol, ..., na.action = NULL) {
  value <- if (!is.null(call$weights)) eval_column(call$weights, data, call$env)
  type <- if (!is.null(value)) check_weight_type(call$weight_type)
  id <- read_id(x, data, call)
  if (is.null(id)) check_repeated_ids(x, data)
  if (is.null(na.action)) na.action <- if (is.null(id)) stats::na.omit else stats::na.fail
  table <- unclass(join_ties(
    row_table(x, data, id, ..., na.action = na.action, weights = value,
      weight_type = type
    ), tie_tol
  ))
  if (is.null(id) && !is.null(table$entry)) {
    stop_oligosurv("input", paste(
      "`id` is missing; rows with a start and an end need the column that says which",
      "rows belong to the same patient"
    ), arg = "id")
  }
  if (!is.null(table$entry)) check_first_state(table, list(...)$censor)
  n_curve <- length(table$start) - 1L
  curve <- rep.int(seq_len(n_curve), diff(table$start))
  check_whole_ids(table$id, curve, paste(
    "a curve follows each id from its first row to its last"
  ))
  rows <- list(
    curve = curve, time = table$time, to = table$status, n = table$n, row = table$row,
    id = table$id, entry = rep(before_origin, length(curve))
  )
  if (!is.null(table$entry)) rows$entry[table$entry$row] <- table$entry$time
  rows <- lapply(rows, `[`, order(rows$id, rows$time, method = "radix"))
  check_id_weights(rows)
  check_sequence(rows)
  rows <- join_spells(add_from(rows, read_from(call, data, table), table$states[-1L]))
  new_spells(rows, table, type)
}

# Counts of a formula with `from`, for event_table()
state_table <- function(x, data, call, censor, na.action) {
  count_spells(state_spells(x, data, call, default_tie_tol, censor = censor,
    na.action = na.action
  ))
}

# If the first level of the status is a state and not censoring, it would be read as the
# end of follow-up, and all moves to that state would be lost.
check_first_state <- function(table, censor) {
  first <- table$states[1L]
  if (!is.null(censor) || table$coding != "factor" || looks_censored(first)) {
    return(invisible())
  }
  stop_oligosurv("input", sprintf(
    paste(
      "the first level of the status means that a row ends without a move, but \"%s\"",
      "does not look like it (levels: %s); put a level such as \"censored\" first, or",
      "confirm it with `censor = \"%s\"`"
    ), first, quote_all(table$states), first
  ), arg = "status")
}

# The start of rows without a start. It is before all times, so that an event at time 0
# counts.
before_origin <- -1

# Is a row of the same id as the row before it?
same_as_before <- function(id) c(FALSE, id[-1L] == id[-length(id)])[seq_along(id)]

check_id_weights <- function(rows) {
  if (is.null(rows$n)) return(invisible())
  changed <- c(FALSE, diff(rows$n) != 0)[seq_along(rows$n)] & same_as_before(rows$id)
  if (!any(changed)) return(invisible())
  where <- sort(rows$row[changed])
  stop_oligosurv("data", sprintf(
    "the weight of an id must be the same in all of its rows, but it changes in %s; %s",
    format_rows(where), "give each id one weight"
  ), arg = "weights", where = where)
}

# Stops for rows of one id that overlap. The rows are sorted by id and time.
check_sequence <- function(rows) {
  n <- length(rows$time)
  same <- same_as_before(rows$id)
  late <- c(FALSE, rows$entry[-1L] < rows$time[-n])[seq_len(n)]
  bad <- which(same & late)
  if (!length(bad)) return(invisible())
  first <- bad[1L]
  where <- sort(rows$row[bad])
  stop_oligosurv("data", sprintf(
    paste(
      "the rows of an id must follow each other in time, as it is in one state at a",
      "time; %s begins at %s, before row %d of the same id ends at %s%s"
    ),
    format_rows(rows$row[first]), format(max(rows$entry[first], 0)), rows$row[first - 1L],
    format(rows$time[first - 1L]), more_rows(where, rows$row[first])
  ), arg = "id", where = where)
}

more_rows <- function(where, shown) {
  others <- setdiff(where, shown)
  if (!length(others)) return("")
  sprintf("; so %s %s", if (length(others) == 1L) "does" else "do", format_rows(others))
}

# The value of `from`: NULL; or a list with `initial`, the label of the state in which all
# ids begin; or a list with `code`, by row of the data, and `labels`
read_from <- function(call, data, table) {
  value <- if (!is.null(call$from)) eval_column(call$from, data, call$env)
  if (is.null(value)) return(list(initial = initial_state))
  n <- if (is.data.frame(data)) nrow(data) else max(length(value), table$row)
  if (is.character(value) && length(value) == 1L && n != 1L) {
    value <- trim_labels(check_string(value, "from"))
    if (nzchar(value)) return(list(initial = value))
  }
  coded <- code_columns(list(value), "from", n)
  code <- as.integer(coded$code)
  if (anyNA(code)) {
    where <- which(is.na(code))
    stop_oligosurv("domain", sprintf(
      "`from` must name the state of each row; it is missing in %s", format_rows(where)
    ), arg = "from", where = where)
  }
  list(code = code, labels = coded$labels)
}

initial_state <- "initial"

# Adds the state of each row, as a code of `states`. First come states in which rows begin
# but to which nobody moves, then the states of the status.
add_from <- function(rows, from, moved_to) {
  labels <- if (is.null(from$code)) from$initial else from$labels[sort(unique(
    from$code[rows$row]
  ))]
  rows$states <- c(setdiff(labels, moved_to), moved_to)
  shift <- length(rows$states) - length(moved_to)
  rows$to <- ifelse(rows$to == 0L, 0L, rows$to + shift)
  rows$from <- if (is.null(from$code)) {
    carried_states(rows, match(from$initial, rows$states))
  } else {
    match(from$labels, rows$states)[from$code[rows$row]]
  }
  rows$to[rows$to == rows$from] <- 0L # staying in a state is not a move
  check_states_held(rows)
  rows
}

# The state of each row, derived from the rows before it. An id begins in the state
# numbered `initial`, and stays in a state until it moves to another one, even over gaps
# between its rows.
carried_states <- function(rows, initial) {
  n <- length(rows$to)
  at <- seq_len(n)
  last_move <- c(0L, cummax(ifelse(rows$to > 0L, at, 0L)))[at]
  first <- cummax(ifelse(same_as_before(rows$id), 0L, at))
  moved <- last_move >= first & last_move > 0L
  replace(rep(initial, n), which(moved), rows$to[last_move[moved]])
}

# Stops if a row begins in a state that differs from the state in which the row before it
# ended at the same time
check_states_held <- function(rows) {
  n <- length(rows$time)
  at <- seq_len(n)
  held <- c(0L, ifelse(rows$to > 0L, rows$to, rows$from))[at]
  goes_on <- follows_on(rows)
  bad <- which(goes_on & held != rows$from)
  if (!length(bad)) return(invisible())
  first <- bad[1L]
  where <- sort(rows$row[bad])
  stop_oligosurv("domain", sprintf(
    paste(
      "a row must begin in the state in which the row before it ends; %s begins in",
      "\"%s\" at %s, but row %d of the same id ends in \"%s\" at that time%s; correct",
      "`from` or the status"
    ),
    format_rows(rows$row[first]), rows$states[rows$from[first]],
    format(rows$entry[first]), rows$row[first - 1L], rows$states[held[first]],
    more_rows(where, rows$row[first])
  ), arg = "from", where = where)
}

# Does a row begin when the row before it, of the same id, ends?
follows_on <- function(rows) {
  n <- length(rows$time)
  same_as_before(rows$id) & c(FALSE, rows$entry[-1L] == rows$time[-n])[seq_len(n)]
}

# Joins consecutive rows in which an id stays in the same state, for example where
# follow-up is split at changes of a covariate. Only the last of these rows may be a
# censoring.
join_spells <- function(rows) {
  n <- length(rows$time)
  stays <- follows_on(rows) & c(FALSE, rows$to[-n] == 0L)[seq_len(n)]
  last <- !c(stays[-1L], FALSE)[seq_len(n)]
  begins <- which(!stays)
  rows$first <- !same_as_before(rows$id)
  columns <- c("curve", "time", "to", "n", "row", "id", "from")
  columns <- columns[lengths(rows[columns]) > 0L]
  out <- rows
  out[columns] <- lapply(rows[columns], `[`, last)
  out[c("entry", "first")] <- lapply(rows[c("entry", "first")], `[`, begins)
  out
}

# The only place that makes a table of spells. `rows`: from join_spells(); `table`: the
# value of row_table(), for its labels.
new_spells <- function(rows, table, weight_type) {
  n_curve <- length(table$start) - 1L
  o <- order(rows$curve, rows$time, rows$from, rows$to, method = "radix")
  states <- rows$states
  rows <- lapply(rows[names(rows) != "states"], `[`, o)
  start <- c(0, cumsum(tabulate(rows$curve, n_curve)))
  ids <- unique(rows$id) # sorted by curve; each id is in one curve
  of_curve <- rows$curve[!duplicated(rows$id)]
  id_start <- c(0, cumsum(tabulate(of_curve, n_curve)))
  e <- order(rows$curve, rows$entry, rows$from, method = "radix")
  entry <- list(
    time = rows$entry[e], state = rows$from[e], n = rows$n[e], first = rows$first[e],
    start = start, row = as.integer(e - start[rows$curve[e]])
  )
  c(
    list(
      time = rows$time, from = rows$from, to = rows$to, n = rows$n, counted = FALSE,
      start = start, row = rows$row, n_state = length(states), states = states,
      id = as.integer(match(rows$id, ids) - id_start[rows$curve]), id_start = id_start,
      entry = entry, delayed = !is.null(table$entry), weight_type = weight_type,
      censored = table$states[1L]
    ),
    table[c("groups", "strata", "values", "variables", "origin", "dropped", "joined",
      "words"
    )]
  )
}
