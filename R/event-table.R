#' Event table: the counts that every estimator here is a function of
#'
#' How many subjects left the risk set at each distinct time, by stratum, group and
#' status. It is small (one row a distinct time and status), can be printed, and two of
#' them are merged with `c()` by adding counts.
#'
#' @details Rows are counted in C: few distinct times (days, months) in one pass without
#'   sorting, many by a radix sort. The table does not depend on the order of the rows or
#'   on the number of threads.
#'
#'   **Threads**, at most `options(oligosurv.threads = )`, 2 unless set, here and in every
#'   estimator, are given work of at least `options(oligosurv.rows_per_thread = )` rows
#'   each, 262,144 unless set: a second one from 524,288 rows (of an estimator: distinct
#'   times) on. With fewer the second would save 10 ms at most, and where other programs
#'   keep the processor busy two take two to eight times as long, waiting for each other.
#'
#'   **Status.** 0/1 or logical for one event type; a factor whose first level is
#'   censoring for competing risks (`censor =` names another level). Numbers 1/2 without a
#'   0 are read as survival reads them, 1 censored and 2 event, with a message; a subset
#'   that happens to be all 1 cannot be told from all events, so `censor = 1` says it, and
#'   every print echoes how the status was read. Two questions are asked instead of
#'   guessed: which labels are censoring where several read like it ("alive" and
#'   "censored"), and what the codes mean of a column named like CNSR of CDISC, in which 1
#'   is censored, or `cens`, `is_censored`. `censor =` answers both; so does
#'   `Surv(AVAL, CNSR == 0)`.
#'
#'   **Labels.** White space at the ends of a label is no part of it: "A" and "A " are one
#'   group, with a message. Several variables give labels such as "sex=0, rx=Obs".
#'
#'   **Missing values** in time, status, group or stratum drop the row, with a message
#'   that counts them; `na.action = na.fail` makes them an error. Missing are also empty
#'   and blank texts and levels, and the values that an SPSS column (`na_values`,
#'   `na_range` of haven) declares missing.
#'
#'   **Left truncation.** `Surv(entry, exit, status)`: a subject is at risk at t when
#'   entry < t <= exit, and those who enter at time 0 are at risk from then on. Entries
#'   are counted beside the exits. Where the follow-up of one subject is split into rows,
#'   each row counts as one: estimates, errors and tests are those of the subjects, but
#'   `n` and the censorings that prints and [glance()][glance.oligosurv_fit] give are of
#'   rows.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` (`~ 1` for one group;
#'   several variables give their combinations), or a data frame with the columns `time`,
#'   `status`, `n` and, where there are any, `group`, `stratum` and `n_entry` (entries at
#'   the time): counts made elsewhere, for example by a database.
#' @param data Data frame in which the variables of the formula are looked up first.
#' @param censor The level of a factor status, or the code of a numeric one, that means
#'   censored; several where several do, which then are one state.
#' @param na.action [stats::na.omit()] or [stats::na.fail()].
#' @param landmark `NULL`, or the time at which the clock starts anew; see [late_group()].
#' @param ... For `c()`: event tables to merge. Else not used.
#' @return An `event_table`. `as.data.frame()` gives one row for each stratum, group,
#'   distinct time and status: `time` (the unit of the data), `stratum`, `group`, `status`
#'   (factors) and `n`, with left truncation also `n_entry`.
#' @section Errors: `oligosurv_error_input` (type or length), `oligosurv_error_domain`
#'   (times that are negative or infinite, unknown status codes; element `where` holds the
#'   rows), `oligosurv_error_data` (missing values with `na.fail`; several rows of one
#'   patient, see [clustered_rows]).
#' @seealso [event_table_stream()], [event_table_parts()], [kaplan_meier()]
#' @examples
#' d <- data.frame(
#'   month = c(6, 6, 6, 7, 10), status = c(1, 1, 0, 1, 0),
#'   arm = c("A", "B", "A", "A", "B")
#' )
#' event_table(Surv(month, status) ~ arm, d)
#' as.data.frame(event_table(Surv(month, status) ~ 1, d))
#' @export
event_table <- function(x, ...) UseMethod("event_table")

#' @export
event_table.default <- function(x, ...) {
  stop_oligosurv("input", sprintf(
    "`x` must be a formula, an event table or a data frame of counts; it is %s",
    describe(x)
  ), arg = "x")
}

#' @export
event_table.event_table <- function(x, ...) x

#' @rdname event_table
#' @export
event_table.formula <- function(x, data = NULL, censor = NULL,
                                na.action = stats::na.omit, landmark = NULL, ...) {
  # NULL: not handled by the quick path in C, or invalid
  if (nargs() + missing(x) + missing(data) == 2L) {
    table <- .Call(C_plain_table, x, data, 0)
    if (!is.null(table)) return(table)
  }
  check_repeated_ids(x, data, paste(
    "counts do not hold whose rows they are: give the formula and `data` to the",
    "estimator, with `id = %s`"
  ), landmark = landmark)
  count_formula(x, data, censor, na.action, landmark, ...)
}

# The counts of a formula, for callers that have asked whose rows they are
count_formula <- function(x, data, censor = NULL, na.action = stats::na.omit,
                          landmark = NULL, ...) {
  check_no_dots(...)
  count_table(read_formula(x, data, censor, landmark), na.action)
}

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

enters_late <- function(entry, time) {
  !is.finite(entry) | entry < 0 | entry >= time * (1 - default_tie_tol)
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

new_event_table <- function(counts, rows, dropped) {
  states <- rows$states
  if (!is.factor(rows$status)) states <- c("censored", "event")
  structure(list(
    time = counts$time, status = counts$status, n = counts$n, start = counts$start,
    states = states, groups = rows$groups, strata = rows$strata,
    coding = if (is.null(counts$coding)) rows$coding else counts$coding,
    dropped = dropped, joined = 0, entry = NULL, landmark = rows$landmark,
    origin = rows$origin, variables = rows$variables
  ), class = "event_table")
}

# An event table from any first argument of an estimator
as_event_table <- function(x, data = NULL, ...) {
  if (inherits(x, "event_table")) {
    if (!is.null(data)) {
      stop_oligosurv("input", "`data` goes with a formula, not with an event table",
        arg = "data"
      )
    }
    check_no_dots(...)
    return(x)
  }
  if (!inherits(x, "formula")) return(event_table(x, ...))
  table <- if (...length() == 0L) .Call(C_plain_table, x, data, 0)
  if (is.null(table)) count_formula(x, data, ...) else table
}

# The tie rule: times closer than tie_tol, relative to the first of them and over all
# curves together, are one time. Done when estimating, so that merging stays exact. `own`:
# the caller has just made the table, and nobody else has it.
join_ties <- function(table, tie_tol, own = FALSE) {
  tie_tol <- check_number(tie_tol, "tie_tol", 0, 1e-3)
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

default_tie_tol <- 1e-9

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
