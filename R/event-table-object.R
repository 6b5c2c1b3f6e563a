# The class event_table: counts from rows (checks of times and entries, missing values,
# numeric status codes), its constructor, and what is computed without its rows.

count_table <- function(rows, na.action, columns = "time, status, group or stratum") {
  if (!is.null(rows$entry)) return(count_truncated(rows, na.action, columns))
  counts <- count_rows(rows)
  dropped <- length(rows$time) - counts$complete
  if (dropped > 0) report_missing(rows, na.action, columns)
  new_event_table(resolve_numeric_status(counts, rows), rows, dropped)
}

count_rows <- function(rows) {
  counts <- .Call(C_count, rows)
  if (counts$bad > 0) stop_bad_rows(rows)
  counts
}

# With left truncation, counts the entries like the exits, from the same complete rows.
count_truncated <- function(rows, na.action, columns) {
  missing <- missing_rows(rows)
  if (any(missing)) {
    report_missing(rows, na.action, columns)
    kept <- c("entry", "time", "status", "group", "stratum")
    rows[kept] <- lapply(rows[kept], function(x) x[!missing])
  }
  check_entries(rows$entry, rows$time)
  exits <- resolve_numeric_status(count_rows(rows), rows)
  entries <- rows
  entries$time <- rows$entry
  entries$status <- integer(length(rows$time))
  entries[c("status_first", "n_status")] <- list(0L, 1L)
  table <- new_event_table(exits, rows, as.double(sum(missing)))
  table$entry <- count_rows(entries)[c("time", "n", "start")]
  table
}

check_entries <- function(entry, time) {
  late <- !is.na(entry) & !is.na(time) & enters_late(entry, time)
  if (!any(late)) return(invisible())
  stop_domain("entry", "finite, not negative and before the exit", late,
    as.double(entry), "row"
  )
}

# Raises the error for all rows that C_count() would refuse
stop_bad_rows <- function(rows) {
  bad <- !is.na(rows$time) & (rows$time < 0 | is.infinite(rows$time))
  if (any(bad)) {
    stop_domain("time", "finite and not negative", bad, as.double(rows$time), "row")
  }
  allowed <- seq_len(rows$n_status) - 1L + rows$status_first
  bad <- !is.na(rows$status) & !as.double(rows$status) %in% allowed
  stop_domain("status", paste(
    "0 or 1 (1 or 2 where no 0 occurs); competing risks need a factor whose first",
    "level is censoring"
  ), bad, rows$status, "row")
}

missing_rows <- function(rows) {
  columns <- rows[c("entry", "time", "status", "group", "stratum", "id", "weight")]
  Reduce(`|`, lapply(columns[lengths(columns) > 0], is.na), logical(length(rows$time)))
}

report_missing <- function(rows, na.action,
                           columns = "time, status, group or stratum") {
  where <- which(missing_rows(rows))
  if (!is.null(rows$row)) where <- rows$row[where]
  empty <- vapply(rows$empty, function(rows) sum(rows %in% where), 0L)
  tell_missing(length(where), na.action, where, columns = columns, empty = empty)
}

# Reports rows with missing values. `where` holds at least the first positions, or is NULL
# for a database. `empty` holds the number of rows with empty text, by column.
tell_missing <- function(n, na.action, where = NULL, noun = "row",
                         columns = "time, status, group or stratum",
                         empty = integer()) {
  text <- paste(count_noun(n, "row"), "with a missing", columns)
  at <- if (length(where)) sprintf(" (%s)", format_rows(where, noun, total = n)) else ""
  why <- format_empty(empty)
  if (is_na_fail(na.action)) {
    stop_oligosurv("data", paste0(text, at, why, "; na.action = na.omit drops them"),
      where = where
    )
  }
  inform_oligosurv(paste0(text, " dropped", at, why), where = where)
}

is_na_fail <- function(na.action) {
  identical(na.action, stats::na.fail) || identical(na.action, "na.fail")
}

# Which numeric codes occur is known only after counting. Codes are read as 0/1. If 2
# occurs but 0 does not, they are 1/2, which is changed to 0/1 here.
resolve_numeric_status <- function(counts, rows) {
  if (is.factor(rows$status) || is.logical(rows$status)) return(counts)
  if (max(counts$status, 0L) < 2L) return(counts)
  if (any(counts$status == 0L)) {
    both <- !is.na(rows$status) & (rows$status == 0 | rows$status == 2)
    stop_domain("status", paste(
      "0/1 or 1/2, but both 0 and 2 occur; competing risks need a factor whose first",
      "level is censoring"
    ), both, rows$status, "row")
  }
  inform_from_one()
  counts$status <- counts$status - 1L
  counts$coding <- "1/2"
  counts
}

# Recodes 1/2 to 0/1 before rows are omitted. Otherwise, if all remaining rows were
# censored, their code 1 would be read as an event.
recode_from_one <- function(rows) {
  if (is.factor(rows$status) || is.logical(rows$status)) return(rows)
  if (!any(rows$status == 2, na.rm = TRUE) || any(rows$status == 0, na.rm = TRUE)) {
    return(rows)
  }
  inform_from_one()
  rows$status <- rows$status - 1L
  rows
}

inform_from_one <- function() {
  inform_oligosurv("status has the codes 1 and 2: read as 1 = censored, 2 = event")
}

# Sums by curve: a value for each row of the table (or of its `entry`), times its count
sum_by_curve <- function(counts, values) {
  values <- as.double(values) # ifelse() without rows gives a logical vector
  if (!is.null(counts$n)) values <- values * counts$n
  curve <- rep.int(seq_along(counts$start[-1L]), diff(counts$start))
  out <- double(length(counts$start) - 1L)
  sums <- rowsum(values, curve)
  out[as.integer(rownames(sums))] <- sums
  out
}

number_states <- c("censored", "event") # labels of the codes 0 and 1

new_event_table <- function(counts, rows, dropped) {
  coding <- rows$coding
  recoded <- counts$coding
  table <- list(
    time = counts$time, status = counts$status, n = counts$n, start = counts$start,
    states = if (coding == "factor") rows$states else number_states,
    groups = rows$groups, strata = rows$strata,
    coding = if (is.null(recoded)) coding else recoded,
    dropped = dropped, joined = 0, entry = NULL, landmark = rows$landmark,
    origin = rows$origin, variables = rows$variables, values = rows$values
  )
  class(table) <- "event_table"
  table
}

# Stops for an event table of which a user removed or replaced a component. C code checks
# the columns, because it uses their values as indices.
check_event_table <- function(table) {
  bad <- table_fault(table)
  if (is.null(bad)) return(table)
  stop_changed("event table", bad, "event_table()")
}

# Is an entry at the time origin, by the tie rule?
enters_at_origin <- function(entry, origin) entry <= origin * (1 + default_tie_tol)

enters_late <- function(entry, time) {
  !is.finite(entry) | entry < 0 | entry >= time * (1 - default_tie_tol)
}

# Removes the elements that describe single ids, which results do not store, and sets the
# class, which estimator_table() may have omitted
drop_ids <- function(table) {
  if (!is.null(.subset2(table, "id"))) {
    table <- unclass(table)
    if (!is.null(table$entry)) table$entry$row <- NULL
    table[c("id", "n_id", "row", "words", "own_rows", "potential")] <- NULL
  }
  class(table) <- "event_table"
  table
}

# Restricts a table to some of its groups (by number, in the given order), with all strata
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
  if (!is.null(table$id)) { # renumbers the remaining ids from 1
    ids <- unique(table$id)
    table$id <- match(table$id, ids)
    table$n_id <- length(ids)
  }
  table$groups <- table$groups[groups]
  table$values <- lapply(table$values, `[`, groups)
  table
}

# Combines all causes into one event
pool_events <- function(table) {
  if (length(table$states) == 2L) return(table)
  table$status <- pmin(table$status, 1L)
  table$states <- c(table$states[1L], "any event")
  table
}

# The tie rule, over all curves together: a time t is merged into the first time of its
# tie if it is later by at most tie_tol * t. It is applied when estimating, so that
# merging tables stays exact. `own`: no other object shares the table, so its times may be
# overwritten.
join_ties <- function(table, tie_tol, own = FALSE) {
  if (!identical(tie_tol, default_tie_tol)) {
    tie_tol <- check_number(tie_tol, "tie_tol", 0, 1e-3)
  }
  if (tie_tol == 0) return(table)
  all <- table
  entry <- .subset2(table, "entry") # faster than `$` on an object with a class
  if (!is.null(entry)) { # entries are passed to C as additional curves
    all <- unclass(table)
    all$time <- c(table$time, entry$time)
    all$status <- c(table$status, integer(length(entry$time)))
    all$start <- c(table$start, length(table$time) + entry$start[-1L])
    all[c("n", "entry")] <- list(NULL)
  }
  joined <- .Call(C_join_times, all, tie_tol, own)
  if (is.null(joined)) return(table)
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
