# From rows to counts: checks of times and entries, missing values, numeric status codes.

count_table <- function(rows, na.action, columns = "time, status, group or stratum") {
  if (!is.null(rows$entry)) return(count_truncated(rows, na.action, columns))
  counts <- count_rows(rows)
  dropped <- length(rows$time) - counts$complete
  if (dropped > 0) report_missing(rows, na.action, columns)
  new_event_table(resolve_numeric_status(counts, rows), rows, dropped)
}

count_rows <- function(rows) {
  counts <- .Call(C_count, rows, max_threads())
  if (counts$bad > 0) stop_bad_rows(rows)
  counts
}

# Left truncation: entries are counted as the exits are, over the same complete rows.
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

# Which rows C_count() would not take, all of them
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

# `where` holds at least the first positions; a database has none. `empty` are numbers of
# rows with empty text, by column.
tell_missing <- function(n, na.action, where = NULL, noun = "row",
                         columns = "time, status, group or stratum",
                         empty = integer()) {
  text <- paste(count_noun(n, "row"), "with a missing", columns)
  at <- if (length(where)) sprintf(" (%s)", format_rows(where, noun, total = n)) else ""
  why <- format_empty(empty)
  if (is_na_fail(na.action)) {
    stop_oligosurv("data", paste0(text, at, why), where = where)
  }
  inform_oligosurv(paste0(text, " dropped", at, why), where = where)
}

is_na_fail <- function(na.action) {
  identical(na.action, stats::na.fail) || identical(na.action, "na.fail")
}

# Numeric codes are known only after counting: 0/1, or 1/2 without a 0.
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

# 1/2 to 0/1 while both are there: the rows left may all be censored
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
