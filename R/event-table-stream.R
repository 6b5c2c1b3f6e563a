#' Event table of a big file or result set, chunk by chunk
#'
#' Counts the rows of a CSV file, compressed or not, or of the result of a database query.
#' Only one chunk and the table itself are in memory, so a file may be larger than memory.
#'
#' @details The table equals that of [event_table()] for all rows at once, as read by
#'   `read.csv(x, na.strings = c("", missing))`: a column whose values are all numbers is
#'   numeric, and its levels are in numeric order.
#'
#'   **Files** are UTF-8 text, and their first line holds the column names. A field may be
#'   quoted with `"` and may then contain separators and line ends; a quotation mark
#'   inside is doubled. Numbers have a decimal point. Empty lines are skipped. Every row
#'   has as many fields as there are column names. Errors give line numbers, where line 1
#'   holds the column names; a row that spans several lines has the number of the first.
#'
#'   Rows with **missing values** are dropped; one message says how many and gives the
#'   first line numbers. Empty and blank fields are missing, and white space at the ends
#'   of labels is trimmed. `NaN` is missing in a numeric column.
#'
#'   A column named `lesion_id` gives a warning (`oligosurv_warning_data`), since counts
#'   do not record which patient a row belongs to.
#'
#'   Each chunk is counted as [event_table()] counts rows. Chunks are merged when together
#'   they have as many counts as the table, so the cost is proportional to the number of
#'   rows, even if all times are distinct.
#'
#' @param x Path of a file (`.gz` and `.xz` are decompressed), a connection, or a
#'   `DBIResult` of `DBI::dbSendQuery()`. An open connection is read from its current
#'   position and left open; truncated compressed data is not detected there. A result is
#'   left open for `DBI::dbClearResult()`.
#' @param time,status One string each: column names. Times may have any unit; the status
#'   is 0/1, 1/2, `TRUE`/`FALSE`, or text (competing risks).
#' @param separator `","`, `";"` or `"\t"`: the separator of the fields of a file.
#' @param missing `NULL`, or strings: the texts in a file that mean a missing value, in
#'   addition to blank fields.
#' @param chunk_rows One whole number: the approximate number of rows held at a time.
#' @param ... Not used.
#' @inheritParams event_table.tbl_lazy
#' @return An `event_table`, see [event_table()].
#' @section Errors: `oligosurv_error_domain` (a time that is not a number, is negative or
#'   infinite, an entry that is not before the exit, an unknown status or group) and
#'   `oligosurv_error_input` (too few or too many fields, a quote that is not closed, text
#'   outside the quotes of a field, text that is not UTF-8, a file that cannot be read or
#'   is truncated, arguments). Element `where` holds the line numbers (row numbers for a
#'   result set) in the first chunk with errors. `oligosurv_error_data`: missing values
#'   with `na.fail`, a lost database connection (element `parent`).
#' @seealso [event_table()] for a database table, which counts inside the database.
#' @examples
#' file <- tempfile(fileext = ".csv")
#' writeLines(c("month,status,arm", "6,1,A", "6,1,B", "6,0,A", "7,1,A", "10,0,B"), file)
#' table <- event_table_stream(file, "month", "status", group = "arm", chunk_rows = 2)
#' table
#' kaplan_meier(table)
#' unlink(file)
#' @export
event_table_stream <- function(x, time = NULL, status = NULL, group = NULL,
                               strata = NULL, entry = NULL, censor = NULL,
                               states = NULL, groups = NULL, separator = ",",
                               missing = "NA", chunk_rows = 1e5,
                               na.action = stats::na.omit, ...) {
  check_no_dots(...)
  separator <- check_choice(separator, c(",", ";", "\t"), "separator")
  missing <- check_strings(missing, "missing")
  chunk_rows <- floor(check_number(chunk_rows, "chunk_rows", 1, 1e9))
  if (inherits(x, "DBIResult")) {
    source <- result_source(x, chunk_rows)
  } else {
    input <- open_input(x)
    on.exit(input$close())
    source <- file_source(input, separator, missing, chunk_rows)
  }
  picked <- pick_columns(source$columns, time, status, group, strata, entry)
  warn_lesion_column(source$columns, picked)
  declared <- check_declared(states, groups, picked)
  counted <- count_chunks(source, picked, declared, chunk_rows, na.action)
  counted <- drop_nan_rows(counted, source, picked)
  dropped <- counted$dropped
  if (dropped$n > 0) {
    tell_missing(dropped$n, na.action, dropped$where, source$noun, empty = dropped$empty)
  }
  counted$dropped <- dropped$n
  table_from_chunks(counted, source, picked, declared, censor)
}

# Counts all chunks. Returns list(parts, entries, dictionary, dropped, nan): counts by
# codes, which are numbered in the order of first appearance, and the dictionary of their
# values. `entries` is NULL without left truncation. `nan` holds the first rows of each
# column with the text "NaN".
count_chunks <- function(source, picked, declared, chunk_rows, na.action) {
  bar <- cli::cli_progress_bar(
    total = source$size, format = progress_format(source$size), clear = TRUE,
    auto_terminate = FALSE # the last row may be read after the last byte
  )
  on.exit(cli::cli_progress_done(id = bar))
  dictionary <- new_dictionary(picked)
  exits <- entries <- list(parts = list(), n_base = 0, n_new = 0)
  dropped <- list(n = 0, where = double(), empty = 0)
  nan <- NULL
  repeat {
    chunk <- source$read(picked)
    if (is.null(chunk)) break
    chunk <- polled(blank_to_missing(chunk, picked))
    check_chunk(chunk, source$noun, picked, declared)
    dictionary <- encode_chunk(dictionary, polled(chunk))
    rows <- coded_rows(chunk$time, polled(dictionary), chunk$entry)
    check_cells(rows$n_status, rows$n_group, rows$n_stratum)
    counts <- .Call(C_count, rows)
    dropped <- count_dropped(dropped, rows, counts, chunk)
    nan <- record_nan_rows(nan, chunk, rows)
    if (dropped$n > 0 && is_na_fail(na.action)) break
    exits <- append_counts(exits, counts, 4 * chunk_rows)
    if (!is.null(chunk$entry)) {
      entries <- append_counts(entries, count_entries(rows, chunk$status), 4 * chunk_rows)
    }
    cli::cli_progress_update(set = source$position(), id = bar)
  }
  list(
    parts = exits$parts, entries = if (!is.null(picked$entry)) entries$parts,
    dictionary = dictionary, dropped = dropped, nan = nan
  )
}

# Flags the text "NaN". It is a missing value if the column turns out to be numeric.
is_nan_text <- function(x) {
  if (!is.character(x)) return(logical(length(x)))
  once <- unique(x)
  x %in% once[grepl("^[[:space:]]*[+-]?NaN[[:space:]]*$", once)]
}

# Records, for the status and each column of groups and strata, the positions of the first
# five rows with the text "NaN" that are not dropped for another missing value.
record_nan_rows <- function(nan, chunk, rows) {
  keys <- c(list(chunk$status), chunk$group, chunk$strata)
  if (is.null(nan)) nan <- lapply(keys, function(x) double())
  Map(function(where, x) {
    if (length(where) >= 5L || !is.character(x)) return(where)
    new <- which(is_nan_text(x))
    if (length(new)) new <- new[!missing_rows(rows)[new]]
    utils::head(c(where, chunk$at[new]), 5L)
  }, nan, keys)
}

# Drops rows with the text "NaN" in numeric columns. In a text column it is a label, and
# the type of a column is known only after the last chunk.
drop_nan_rows <- function(counted, source, picked) {
  if (!any(lengths(counted$nan) > 0L)) return(counted)
  dictionary <- counted$dictionary
  not_number <- function(values) {
    values <- source$type(values)
    is.double(values) & is.nan(values)
  }
  keys <- c(list(dictionary$status), dictionary$group$column, dictionary$strata$column)
  affected <- vapply(keys, function(column) any(not_number(column$values)), NA)
  if (!any(affected)) return(counted)
  status <- which(not_number(dictionary$status$values)) - 1L
  in_any <- function(dictionary) { # one flag per code of a combination
    columns <- decode_columns(dictionary, source$type)
    Reduce(`|`, lapply(columns, not_number), logical(max(1L, lengths(columns))))
  }
  curve <- dictionary$curve$values
  bad_curve <- in_any(dictionary$group)[second_of_pair(curve)] |
    in_any(dictionary$strata)[first_of_pair(curve)]
  keep <- function(long, status) {
    kept <- !long$status %in% status & !bad_curve[long$curve]
    n <- sum(long$n[!kept])
    columns <- c("time", "status", "curve", "n")
    long[columns] <- lapply(long[columns], function(x) x[kept])
    list(long = long, n = n)
  }
  kept <- keep(stack_counts(counted$parts), status)
  counted$long <- kept$long
  if (!is.null(counted$entries)) {
    first <- if (affected[1L]) 1L else integer()
    counted$entry_long <- keep(stack_counts(counted$entries), first)$long
  }
  where <- sort(unique(c(counted$dropped$where, unlist(counted$nan[affected]))))
  counted$dropped$n <- counted$dropped$n + kept$n
  counted$dropped$where <- utils::head(where, 5L)
  counted
}

# If the size is unknown, only the number of rows read can be shown.
progress_format <- function(size) {
  if (is.na(size)) return("{cli::pb_spin} Counting rows: {cli::pb_current}")
  "Counting rows {cli::pb_bar} {cli::pb_percent} {cli::pb_eta_str}"
}

# Replaces empty and blank text by NA and counts, by column, the rows that had it.
blank_to_missing <- function(chunk, picked) {
  keys <- c(list(chunk$status), chunk$group, chunk$strata)
  blank <- blank_keys(keys)
  chunk$empty <- vapply(blank$empty, sum, 0L)
  names(chunk$empty) <- c(picked$status, picked$group, picked$strata)
  k <- length(chunk$group)
  chunk$status <- blank$keys[[1L]]
  chunk$group <- blank$keys[1L + seq_len(k)]
  chunk$strata <- blank$keys[-seq_len(1L + k)]
  chunk
}

# Checks values while the line numbers of the chunk are known.
check_chunk <- function(chunk, noun, picked, declared) {
  check_time_values(chunk$time, picked$time, chunk$at, noun)
  check <- function(...) check_declared_level(..., where = chunk$at, noun = noun)
  check(chunk$status, declared$states, "status", picked$status)
  if (length(picked$group) == 1L) {
    check(chunk$group[[1L]], declared$groups, "group", picked$group)
  }
  if (!is.null(chunk$entry)) {
    keys <- c(list(chunk$status), chunk$group, chunk$strata)
    # its rows are dropped, so the time is not checked
    chunk$time[Reduce(`|`, lapply(keys, is.na))] <- NA
    check_entry_values(chunk$entry, chunk$time, picked$entry, chunk$at, noun)
  }
}

# Input of C_count() with the codes of the last chunk. The time of a row without an entry
# time is set to NA, so that the row is dropped.
coded_rows <- function(time, dictionary, entry = NULL) {
  if (!is.null(entry)) time[is.na(entry)] <- NA
  list(
    entry = entry, time = time, status = dictionary$status$code, status_first = 1L,
    n_status = max(1L, length(dictionary$status$values)), group = dictionary$curve$code,
    stratum = NULL, n_group = max(1L, length(dictionary$curve$values)), n_stratum = 1L
  )
}

# Counts the entries of the rows that are not dropped. In place of the status of a row,
# the counts record only whether it is the text "NaN": drop_nan_rows() removes such rows
# if the column turns out to be numeric.
count_entries <- function(rows, status) {
  rows$entry[missing_rows(rows)] <- NA
  rows$time <- rows$entry
  rows$status <- 1L + is_nan_text(status)
  rows$n_status <- 2L
  .Call(C_count, rows)
}

# Adds the dropped rows of a chunk. Keeps only as many positions as a message shows.
count_dropped <- function(dropped, rows, counts, chunk) {
  at <- chunk$at
  n <- length(at) - counts$complete
  if (n > 0 && length(dropped$where) < 5L) {
    where <- c(dropped$where, at[missing_rows(rows)])
    dropped$where <- where[seq_len(min(5L, length(where)))]
  }
  dropped$n <- dropped$n + n
  dropped$empty <- dropped$empty + chunk$empty
  dropped
}

# Adds the counts of a chunk to a buffer. The buffer is merged with the counts merged so
# far only when it has as many (and at least `at_least`), so that the merged counts are
# sorted again only when their number doubles.
append_counts <- function(buffer, counts, at_least) {
  buffer$parts <- c(buffer$parts, list(counts))
  buffer$n_new <- buffer$n_new + length(counts$time)
  if (buffer$n_new < max(buffer$n_base, at_least)) return(buffer)
  long <- stack_counts(buffer$parts)
  rows <- list(
    time = long$time, status = long$status, status_first = 0L, group = long$curve,
    n_group = long$n_curve, n_stratum = 1L
  )
  base <- sum_counts(rows, long$n)
  list(parts = list(base), n_base = length(base$time), n_new = 0)
}

# Stacks the counts of several chunks in one list of columns, one of them the curve.
stack_counts <- function(parts) {
  column <- function(empty, get) polled(c(empty, unlist(lapply(parts, get))))
  list(
    time = column(double(), function(p) p$time),
    status = column(integer(), function(p) p$status),
    curve = column(integer(), function(p) {
      rep.int(seq_len(length(p$start) - 1L), diff(p$start))
    }),
    n = column(double(), function(p) if (is.null(p$n)) rep(1, length(p$time)) else p$n),
    n_curve = max(1L, lengths(lapply(parts, `[[`, "start")) - 1L)
  )
}

# Makes the event table. Codes by first appearance are replaced by codes in the order of
# the levels, which is known only after the last chunk.
table_from_chunks <- function(counted, source, picked, declared, censor) {
  dictionary <- counted$dictionary
  long <- if (is.null(counted$long)) stack_counts(counted$parts) else counted$long
  status <- declared_factor(
    source$type(dictionary$status$values), declared$states, picked$status
  )
  coding <- code_status(status, censor, picked$status)
  used <- sort(unique(long$status)) + 1L
  if (is.null(censor)) {
    where <- dictionary$status$at[used]
    check_status_codes(status[used], picked$status, where, source$noun)
  }
  coding$status <- coding$status[long$status + 1L]
  coded <- code_curves(dictionary, source$type, picked, declared$groups)
  rows <- recoded_rows(long, coding, coded)
  counts <- resolve_numeric_status(sum_counts(rows, long$n), rows)
  table <- new_event_table(counts, rows, counted$dropped)
  if (!is.null(counted$entries)) {
    long <- counted$entry_long
    if (is.null(long)) long <- stack_counts(counted$entries)
    table$entry <- sum_entries(recoded_rows(long, coding, coded), long$n)
  }
  table
}

# Codes and labels of group and stratum, for each curve in the order of first appearance
code_curves <- function(dictionary, type, picked, groups) {
  code <- function(dictionary, names, curve_code, levels = NULL) {
    columns <- decode_columns(dictionary, type)
    if (length(columns) == 1L) {
      columns[[1L]] <- declared_factor(columns[[1L]], levels, names)
    }
    coded <- code_columns(columns, names, length(columns[1L][[1L]]))
    if (!is.null(coded$code)) coded$code <- as.integer(coded$code)[curve_code]
    coded
  }
  curve <- dictionary$curve$values
  list(
    group = code(dictionary$group, picked$group, second_of_pair(curve), groups),
    stratum = code(dictionary$strata, picked$strata, first_of_pair(curve))
  )
}

# Gives each count its group and stratum in place of its curve
recoded_rows <- function(long, coding, coded) {
  by_row <- function(x) {
    if (!is.null(x$code)) x$code <- x$code[long$curve]
    x
  }
  new_rows(long$time, coding, by_row(coded$group), by_row(coded$stratum))
}
