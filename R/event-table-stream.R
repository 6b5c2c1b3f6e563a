#' Event table of a big file or result set, chunk by chunk
#'
#' Counts the rows of a CSV file, plain or compressed, or of a database query's result.
#' In memory are one chunk and the table itself, so a file may be larger than memory.
#'
#' @details The table is the one that [event_table()] makes of all rows at once, those of
#'   `read.csv(x, na.strings = c("", missing))`: a column whose values are all numbers is
#'   one of numbers, and its levels are in numeric order.
#'
#'   **Files.** Text in UTF-8; the first line holds the column names; a field may be
#'   quoted with `"` (a quote inside is doubled) and then hold separators and line ends;
#'   decimal point; empty lines are skipped. Every other row has as many fields as there
#'   are names. The lines of an error count from 1, the line of the names; a row that goes
#'   over several lines has the number of the first.
#'
#'   **Missing values** drop the row, counted in one message with the first lines. Empty
#'   and blank fields are missing; white space at the ends of a label is no part of it.
#'   `NaN` is missing in a column of numbers.
#'
#'   A column of the name `lesion_id` gets a warning (`oligosurv_warning_data`), since
#'   counts do not hold whose the rows are.
#'
#'   A chunk is counted as [event_table()] counts rows, and chunks are added up as soon as
#'   they hold as many counts as the table: a cost in proportion to the rows, also when no
#'   two times are equal.
#'
#' @param x Path of a file (`.gz` and `.xz` are unpacked), a connection, or a `DBIResult`
#'   of `DBI::dbSendQuery()`. A connection that is open is read from where it stands and
#'   left open; whether what it unpacks ends early is then for the caller to see. A result
#'   is left for `DBI::dbClearResult()`.
#' @param time,status One string each: names of the columns. Times in any unit; the status
#'   0/1, 1/2, `TRUE`/`FALSE` or text (competing risks).
#' @param separator `","`, `";"` or `"\t"`: what stands between two fields of a file.
#' @param missing `NULL` or strings: fields of a file that mean a missing value, beside
#'   the blank ones.
#' @param chunk_rows One whole number: rows held at a time, about.
#' @param ... Not used.
#' @inheritParams event_table.tbl_lazy
#' @return An `event_table`, see [event_table()].
#' @section Errors: `oligosurv_error_domain` (a time that is no number, negative or
#'   infinite, an entry that is not before the exit, an unknown status or group) and
#'   `oligosurv_error_input` (too few or too many fields, a quote that is not closed or
#'   text outside of the quotes of a field, text that is not UTF-8, a file that cannot be
#'   read or ends early, arguments): element `where` holds the line numbers, of a result
#'   set the row numbers, of the first chunk in which any were found.
#'   `oligosurv_error_data`: missing values with `na.fail`, a lost database connection
#'   (element `parent`).
#' @seealso [event_table()] of a database table, which counts inside the database.
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

# All chunks -> list(parts, entries, met, dropped, nan): counts by codes that are given in
# the order in which values were met, and these values; entries are NULL unless picked.
# `nan` are the first rows of each column with the text "NaN".
count_chunks <- function(source, picked, declared, chunk_rows, na.action) {
  bar <- cli::cli_progress_bar(
    total = source$size, format = progress_format(source$size), clear = TRUE
  )
  met <- new_dictionary(picked)
  pile <- entries <- list(parts = list(), n_base = 0, n_new = 0)
  dropped <- list(n = 0, where = double(), empty = 0)
  nan <- NULL
  repeat {
    chunk <- source$read(picked)
    if (is.null(chunk)) break
    chunk <- blank_to_missing(chunk, picked)
    check_chunk(chunk, source$noun, picked, declared)
    met <- encode_chunk(met, chunk)
    rows <- coded_rows(chunk$time, met, chunk$entry)
    check_cells(rows$n_status, rows$n_group, rows$n_stratum)
    counts <- .Call(C_count, rows, max_threads())
    dropped <- count_dropped(dropped, rows, counts, chunk)
    nan <- record_nan_rows(nan, chunk, rows)
    if (dropped$n > 0 && is_na_fail(na.action)) break
    pile <- append_counts(pile, counts, 4 * chunk_rows)
    if (!is.null(chunk$entry)) {
      entries <- append_counts(entries, count_entries(rows, chunk$status), 4 * chunk_rows)
    }
    cli::cli_progress_update(set = source$position(), id = bar)
  }
  cli::cli_progress_done(id = bar)
  list(
    parts = pile$parts, entries = if (!is.null(picked$entry)) entries$parts, met = met,
    dropped = dropped, nan = nan
  )
}

is_nan_text <- function(x) {
  if (!is.character(x)) return(logical(length(x)))
  once <- unique(x)
  x %in% once[grepl("^[[:space:]]*[+-]?NaN[[:space:]]*$", once)]
}

# The first rows of each key column with the text "NaN" that are not dropped already
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

# In a column of numbers the text "NaN" is a missing value, in one of text a label; which
# of them it is, is known only when all values are.
drop_nan_rows <- function(counted, source, picked) {
  if (!any(lengths(counted$nan) > 0L)) return(counted)
  met <- counted$met
  not_number <- function(values) {
    values <- source$type(values)
    is.double(values) & is.nan(values)
  }
  of <- c(list(met$status), met$group$column, met$strata$column)
  affected <- vapply(of, function(column) any(not_number(column$values)), NA)
  if (!any(affected)) return(counted)
  status <- which(not_number(met$status$values)) - 1L
  in_any <- function(met) { # by the codes of the combinations
    columns <- decode_columns(met, source$type)
    Reduce(`|`, lapply(columns, not_number), logical(max(1L, lengths(columns))))
  }
  curve <- met$curve$values
  bad_curve <- in_any(met$group)[second_of_pair(curve)] |
    in_any(met$strata)[first_of_pair(curve)]
  keep <- function(long, status) {
    stay <- !long$status %in% status & !bad_curve[long$curve]
    n <- sum(long$n[!stay])
    columns <- c("time", "status", "curve", "n")
    long[columns] <- lapply(long[columns], function(x) x[stay])
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

progress_format <- function(size) {
  if (is.na(size)) return("{cli::pb_spin} Counting rows: {cli::pb_current}")
  "Counting rows {cli::pb_bar} {cli::pb_percent} {cli::pb_eta_str}"
}

# Empty and blank text as missing, with the number of rows by column
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

check_chunk <- function(chunk, noun, picked, declared) {
  check_time_values(chunk$time, picked$time, chunk$at, noun)
  check <- function(...) check_declared_level(..., where = chunk$at, noun = noun)
  check(chunk$status, declared$states, "status", picked$status)
  if (length(picked$group) == 1L) {
    check(chunk$group[[1L]], declared$groups, "group", picked$group)
  }
  if (!is.null(chunk$entry)) {
    keys <- c(list(chunk$status), chunk$group, chunk$strata)
    chunk$time[Reduce(`|`, lapply(keys, is.na))] <- NA # dropped
    check_entry_values(chunk$entry, chunk$time, picked$entry, chunk$at, noun)
  }
}

new_dictionary <- function(picked) {
  empty <- function(names) {
    none <- lapply(names, function(x) list())
    list(column = none, pair = none)
  }
  list(
    status = list(), group = empty(picked$group), strata = empty(picked$strata),
    curve = list()
  )
}

encode_chunk <- function(met, chunk) {
  met$status <- encode_column(met$status, chunk$status, chunk$at)
  met$group <- encode_columns(met$group, chunk$group, chunk$at)
  met$strata <- encode_columns(met$strata, chunk$strata, chunk$at)
  met$curve <- encode_column(met$curve, pair_code(met$strata$code, met$group$code), chunk$at)
  met
}

# Codes of the values of x among those met so far, which grow: list(values, at, code);
# `at` is where each value was met first
encode_column <- function(met, x, at) {
  code <- match(x, met$values)
  new <- which(is.na(code) & !is.na(x))
  if (length(new)) {
    fresh <- new[!duplicated(x[new])]
    met <- list(values = c(met$values, x[fresh]), at = c(met$at, at[fresh]))
    code[new] <- match(x[new], met$values)
  }
  list(values = met$values, at = met$at, code = code)
}

# The same for combinations of columns, of which there may be none; pairs of codes step by
# step, so that no combination is coded that does not occur
encode_columns <- function(met, columns, at) {
  met$code <- rep(1L, length(at))
  for (j in seq_along(columns)) {
    met$column[[j]] <- encode_column(met$column[[j]], columns[[j]], at)
    met$pair[[j]] <- encode_column(met$pair[[j]], pair_code(met$code, met$column[[j]]$code), at)
    met$code <- met$pair[[j]]$code
  }
  met
}

# Two codes below 2^26 as one number below 2^52, which a double holds
pair_radix <- 2^26

pair_code <- function(a, b) (a - 1) * pair_radix + b

first_of_pair <- function(pair) (pair - 1) %/% pair_radix + 1

second_of_pair <- function(pair) (pair - 1) %% pair_radix + 1

# The columns of each combination that was met, in the order of the codes
decode_columns <- function(met, type) {
  at <- if (length(met$pair)) seq_along(met$pair[[length(met$pair)]]$values)
  columns <- lapply(met$column, function(column) type(column$values))
  for (j in rev(seq_along(columns))) {
    pair <- met$pair[[j]]$values[at]
    columns[[j]] <- columns[[j]][second_of_pair(pair)]
    at <- first_of_pair(pair)
  }
  columns
}

# What C_count() reads, with the codes of the last chunk. A row without an entry has no
# time, so that it is dropped.
coded_rows <- function(time, met, entry = NULL) {
  if (!is.null(entry)) time[is.na(entry)] <- NA
  list(
    entry = entry, time = time, status = met$status$code, status_first = 1L,
    n_status = max(1L, length(met$status$values)), group = met$curve$code, stratum = NULL,
    n_group = max(1L, length(met$curve$values)), n_stratum = 1L
  )
}

# The entries of the rows that are not dropped; of the status is kept only whether it is
# the text "NaN"
count_entries <- function(rows, status) {
  rows$entry[missing_rows(rows)] <- NA
  rows$time <- rows$entry
  rows$status <- 1L + is_nan_text(status)
  rows$n_status <- 2L
  .Call(C_count, rows, max_threads())
}

# Only as many positions as a message shows are kept.
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

# New counts are put aside and added up once there are as many as in the base: a base that
# grows is sorted at every doubling only, one that does not is sorted rarely.
append_counts <- function(pile, counts, at_least) {
  pile$parts <- c(pile$parts, list(counts))
  pile$n_new <- pile$n_new + length(counts$time)
  if (pile$n_new < max(pile$n_base, at_least)) return(pile)
  long <- stack_counts(pile$parts)
  rows <- list(
    time = long$time, status = long$status, status_first = 0L, group = long$curve,
    n_group = long$n_curve, n_stratum = 1L
  )
  base <- sum_counts(rows, long$n)
  list(parts = list(base), n_base = length(base$time), n_new = 0)
}

stack_counts <- function(parts) {
  column <- function(empty, of) c(empty, unlist(lapply(parts, of)))
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

# Codes as met -> codes in the order of the levels; only now are all values known.
table_from_chunks <- function(counted, source, picked, declared, censor) {
  met <- counted$met
  long <- if (is.null(counted$long)) stack_counts(counted$parts) else counted$long
  status <- declared_factor(
    source$type(met$status$values), declared$states, picked$status
  )
  coding <- code_status(status, censor, picked$status)
  used <- sort(unique(long$status)) + 1L
  if (is.null(censor)) {
    check_status_codes(status[used], picked$status, met$status$at[used], source$noun)
  }
  coding$status <- coding$status[long$status + 1L]
  coded <- code_curves(met, source$type, picked, declared$groups)
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

# Groups and strata of the curves, in the order in which these were met
code_curves <- function(met, type, picked, groups) {
  code <- function(met, names, curve_code, levels = NULL) {
    columns <- decode_columns(met, type)
    if (length(columns) == 1L) {
      columns[[1L]] <- declared_factor(columns[[1L]], levels, names)
    }
    coded <- code_columns(columns, names, length(columns[1L][[1L]]))
    if (!is.null(coded$code)) coded$code <- as.integer(coded$code)[curve_code]
    coded
  }
  curve <- met$curve$values
  list(
    group = code(met$group, picked$group, second_of_pair(curve), groups),
    stratum = code(met$strata, picked$strata, first_of_pair(curve))
  )
}

# Counts by curve as rows by group and stratum
recoded_rows <- function(long, coding, coded) {
  of_rows <- function(x) {
    if (!is.null(x$code)) x$code <- x$code[long$curve]
    x
  }
  new_rows(long$time, coding, of_rows(coded$group), of_rows(coded$stratum))
}
