#' Event table counted inside a database
#'
#' For a database table (`dplyr::tbl()`, or any dbplyr query of it), `event_table()`
#' sends one `SELECT ..., COUNT(*) ... GROUP BY` and fetches its result: one row for each
#' distinct time, status, group and stratum. The rows themselves stay in the database, so
#' this works on tables of any size, partitioned or distributed over servers.
#'
#' @details The result equals the [event_table()] of the same rows in memory. The levels
#'   of the status and of the groups are the values that occur, in sorted order, unless
#'   `states` and `groups` declare them. Rows with a NULL in any of the columns are
#'   dropped, and a message says how many; it cannot list them, because rows of a database
#'   have no numbers.
#'
#'   Times must be numbers: compute differences between dates in the query, for example
#'   with `dplyr::mutate()`. The driver quotes all names and values, so no text of yours
#'   becomes SQL code.
#'
#'   With `entry` the database returns one row for each distinct pair of entry and exit
#'   times by status, group and stratum, so that every pair can be checked. The result of
#'   the query is then longer, but never has more rows than the database table.
#'
#' @param x A `tbl_lazy`: a table or query of dbplyr.
#' @param time,status One string each: column names. Times may have any unit; the status
#'   is 0/1, 1/2, logical, or text (competing risks).
#' @param group,strata `NULL` or strings: column names. With several columns, each
#'   combination of their values is a group or stratum.
#' @param entry `NULL` or one string: the column of entry times (left truncation), in the
#'   unit of `time`. A row is at risk at t when entry < t <= exit.
#' @param censor Strings: the values of the status that mean censored.
#' @param states,groups `NULL` or strings: all values of the status, censoring first, and
#'   of the single column in `group`, in order. Any other value is then an error.
#' @param na.action [stats::na.omit()] or [stats::na.fail()].
#' @param ... Not used.
#' @return An `event_table`, see [event_table()].
#' @section Errors: `oligosurv_error_input` (arguments; a time that is not a number),
#'   `oligosurv_error_domain` (a negative or infinite time, an entry that is not before
#'   the exit, an unknown status or group; element `values` holds these values),
#'   `oligosurv_error_data` (NULL with `na.fail`; the query failed, for example because
#'   the connection was lost: element `parent` holds the condition of the driver),
#'   `oligosurv_error_dependency` (dbplyr, dplyr or bit64 is missing).
#' @seealso [event_table_stream()] for files and result sets.
#' @examples
#' if (requireNamespace("dbplyr", quietly = TRUE) &&
#'   requireNamespace("RSQLite", quietly = TRUE)) {
#'   con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
#'   DBI::dbWriteTable(con, "rows", data.frame(
#'     month = c(6, 6, 6, 7, 10), status = c(1, 1, 0, 1, 0),
#'     arm = c("A", "B", "A", "A", "B")
#'   ))
#'   print(event_table(dplyr::tbl(con, "rows"), "month", "status", group = "arm"))
#'   DBI::dbDisconnect(con)
#' }
#' @export
event_table.tbl_lazy <- function(x, time = NULL, status = NULL, group = NULL,
                                 strata = NULL, entry = NULL, censor = NULL,
                                 states = NULL, groups = NULL,
                                 na.action = stats::na.omit, ...) {
  check_no_dots(...)
  for (package in c("dbplyr", "dplyr")) need_package(package, "counting in a database")
  columns <- database_columns(x)
  picked <- pick_columns(columns, time, status, group, strata, entry)
  warn_lesion_column(columns, picked)
  declared <- check_declared(states, groups, picked)
  keys <- unique(unlist(picked, use.names = FALSE))
  count <- make.unique(c(keys, "n"))[length(keys) + 1L]
  query <- count_query(x, keys, count)
  counts <- refuse_mixed_types(as.data.frame(query_database(dplyr::collect(query))))
  read_query_counts(counts, counts[[count]], picked, declared, censor, na.action)
}

database_columns <- function(x) {
  as.vector(query_database(dplyr::tbl_vars(x)))
}

# Column names are passed as symbols, so that the driver quotes them.
count_query <- function(x, keys, count) {
  grouped <- do.call(dplyr::group_by, c(list(dplyr::ungroup(x)), lapply(keys, as.name)))
  counted <- stats::setNames(list(quote(n())), count)
  do.call(dplyr::summarise, c(list(grouped), counted, .groups = "drop"))
}

# Turns the driver's warning about a column of mixed types (SQLite allows them) into an
# error, since the driver replaces some of the values.
refuse_mixed_types <- function(expr) {
  withCallingHandlers(expr, warning = function(w) {
    if (grepl("mixed type", conditionMessage(w), fixed = TRUE)) {
      stop_oligosurv("data", paste(
        "a column of the database has values of more than one type; convert it to one",
        "type, for example with CAST. The database reported:",
        conditionMessage(w)
      ), parent = w)
    }
  })
}

# Gives errors of the database a class of this package. There is nothing to clean up:
# dbplyr closes its result sets after an error too, and the connection belongs to the
# caller.
query_database <- function(expr, after = "") {
  tryCatch(expr, error = function(e) {
    raise_time_limit(e)
    stop_oligosurv("data", sprintf(
      "the database reported an error%s: %s", after, conditionMessage(e)
    ), parent = e)
  })
}

# Makes an event table from the result of count_query(): `counts` has one row for each
# combination of time, entry, status, group and strata, and `n` says how many rows of the
# database have it. Combinations with a NULL are dropped, like rows with missing values.
read_query_counts <- function(counts, n, picked, declared, censor, na.action) {
  n <- plain_number(n)
  values <- do.call(c, lapply(c("status", "group", "strata"), function(arg) {
    plain_keys(counts, picked, arg)
  }))
  values <- values[!duplicated(names(values))]
  time <- plain_time(counts[[picked$time]], picked$time)
  entry <- if (!is.null(picked$entry)) {
    plain_time(counts[[picked$entry]], picked$entry, "entry")
  }
  blank <- blank_keys(values)
  values <- blank$keys
  keys <- c(values, list(time), if (!is.null(entry)) list(entry))
  missing <- Reduce(`|`, lapply(keys, is.na))
  dropped <- sum(n[missing])
  empty <- vapply(blank$empty, function(at) sum(n[at]), 0)
  if (dropped > 0) tell_missing(dropped, na.action, empty = empty)
  n[missing] <- 0
  check_time_values(time[!missing], picked$time)
  if (!is.null(entry)) {
    check_entry_values(entry[!missing], time[!missing], picked$entry)
  }
  status <- values[[picked$status]]
  check_declared_level(status, declared$states, "status", picked$status)
  status <- declared_factor(status, declared$states, picked$status)
  coding <- code_status(status, censor, picked$status)
  if (is.null(censor)) check_status_codes(status[!missing], picked$status)
  if (length(picked$group) == 1L) {
    check_declared_level(values[[picked$group]], declared$groups, "group", picked$group)
    values[[picked$group]] <- declared_factor(
      values[[picked$group]], declared$groups, picked$group
    )
  }
  code <- function(names) code_columns(unname(values[names]), names, length(time))
  rows <- new_rows(time, coding, code(picked$group), code(picked$strata))
  counts <- resolve_numeric_status(sum_counts(rows, n), rows)
  table <- new_event_table(counts, rows, dropped)
  if (!is.null(entry)) {
    rows$time <- entry
    table$entry <- sum_entries(rows, n)
  }
  table
}
