# Makes event tables from data frames of counts, and converts them back to data frames.

#' @rdname event_table
#' @export
event_table.data.frame <- function(x, censor = NULL, ...) {
  check_no_dots(...)
  check_frame_columns(x, "x")
  absent <- setdiff(c("time", "status", "n"), names(x))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "`x` must have the columns `time`, `status` and `n`; it has no column %s",
      paste0("`", absent, "`", collapse = ", ")
    ), arg = "x")
  }
  n <- check_counts(x$n, "n")
  terms <- c(intersect("group", names(x)), if ("stratum" %in% names(x)) "strata(stratum)")
  if (!length(terms)) terms <- "1"
  formula <- stats::reformulate(terms, quote(Surv(time, status)))
  rows <- read_formula(formula, x, censor)
  rows[c("variables", "values")] <- list(NULL) # "group" is not the name of a variable
  counts <- count_rows(rows)
  if (counts$complete < nrow(x)) report_missing(rows, stats::na.fail)
  table <- new_event_table(resolve_numeric_status(sum_counts(rows, n), rows), rows, 0)
  if ("n_entry" %in% names(x)) {
    table$entry <- sum_entries(rows, check_counts(x$n_entry, "n_entry"))
  }
  table
}

check_counts <- function(n, arg) {
  n <- check_double(n, arg, 0, "row")
  if (any(n != floor(n))) stop_domain(arg, "whole", n != floor(n), n, "row")
  n
}

# Sorts `rows` by curve, time and status, and adds up the counts `n` of rows that agree in
# all three. Rows with a count of 0 are left out.
sum_counts <- function(rows, n) {
  code <- function(x) if (is.null(x)) rep(1L, length(n)) else as.integer(x)
  curve <- (code(rows$stratum) - 1L) * rows$n_group + code(rows$group)
  status <- as.integer(rows$status) - rows$status_first
  o <- polled(order(curve, rows$time, status))
  o <- o[n[o] > 0]
  key <- polled(list(curve[o], as.double(rows$time[o]), status[o]))
  k <- length(o)
  is_first <- rep(TRUE, k)
  if (k > 1) {
    is_first[-1] <- Reduce(`|`, lapply(key, function(v) polled(v[-1] != v[-k])))
  }
  list(
    time = key[[2]][is_first], status = key[[3]][is_first],
    n = sums_of_runs(as.double(n[o]), is_first),
    start = c(0, cumsum(tabulate(key[[1]][is_first], rows$n_group * rows$n_stratum)))
  )
}

# Sums of `n` over runs of rows, the first of which are flagged. Most runs have one row;
# rowsum() would make a name for each of them.
sums_of_runs <- function(n, is_first) {
  run <- polled(cumsum(is_first))
  longer <- run %in% run[!is_first]
  total <- n[is_first]
  sums <- polled(rowsum(n[longer], run[longer], reorder = FALSE))
  total[unique(run[longer])] <- as.vector(sums)
  total
}

# Adds up counts of delayed entries that are given by row; entries have no status.
sum_entries <- function(rows, n) {
  rows$status <- rep(rows$status_first, length(n))
  sum_counts(rows, n)[c("time", "n", "start")]
}

# Returns exits and, with left truncation, entries of a table as rows of one data frame.
# Rows of entries have status 0, n = 0 and their number in `n_entry`. Rows with the same
# time, stratum, group and status are not yet added up.
long_counts <- function(table) {
  long <- curve_counts(table)
  if (is.null(table$entry)) return(long)
  long$n_entry <- rep(0, nrow(long))
  table[names(table$entry)] <- table$entry
  table$status <- integer(length(table$time))
  entries <- curve_counts(table)
  entries$n_entry <- entries$n
  entries$n <- rep(0, nrow(entries))
  rbind(long, entries)
}

# Returns the exits of a table as a data frame with the labels of stratum and group, and
# the status as a number from 0
curve_counts <- function(table) {
  curve <- rep.int(seq_len(length(table$start) - 1L), diff(table$start))
  n_group <- length(table$groups)
  data.frame(
    time = table$time, stratum = table$strata[(curve - 1L) %/% n_group + 1L],
    group = table$groups[(curve - 1L) %% n_group + 1L], status = table$status,
    n = if (is.null(table$n)) rep(1, length(table$time)) else table$n
  )
}

# Returns a table without left truncation, whose rows are sorted already, as a data frame
# of counts. If the table has no counts `n`, each row is one subject, and equal rows are
# counted here.
count_frame <- function(table) {
  k <- length(table$time)
  curve <- rep.int(seq_len(length(table$start) - 1L), diff(table$start))
  at <- seq_len(k)
  n <- table$n
  if (is.null(n)) {
    differs <- function(x) x[-1L] != x[-k]
    at <- if (k) {
      which(c(TRUE, differs(table$time) | differs(table$status) | differs(curve)))
    }
    n <- as.double(diff(c(at, k + 1)))
  }
  all_kept <- length(at) == k
  keep <- function(x) if (all_kept) x else x[at]
  curve <- keep(curve) - 1L
  n_group <- length(table$groups)
  quick_frame(list(
    time = keep(table$time),
    stratum = quick_factor(curve %/% n_group + 1L, table$strata),
    group = quick_factor(curve %% n_group + 1L, table$groups),
    status = quick_factor(keep(table$status) + 1L, table$states), n = n
  ))
}

#' @export
as.data.frame.event_table <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_event_table(x)
  if (is.null(x$entry)) return(count_frame(x))
  long <- long_counts(x)
  long <- long[order(match(long$stratum, x$strata), match(long$group, x$groups),
    long$time, long$status), ]
  if (nrow(long)) {
    k <- nrow(long)
    is_first <- c(TRUE, Reduce(`|`, lapply(long[1:4], function(v) v[-1] != v[-k])))
    counts <- intersect(c("n", "n_entry"), names(long))
    sums <- rowsum(as.matrix(long[counts]), cumsum(is_first), reorder = FALSE)
    long <- long[is_first, ]
    long[counts] <- as.data.frame(sums)
    row.names(long) <- NULL
  }
  long$stratum <- factor(long$stratum, x$strata)
  long$group <- factor(long$group, x$groups)
  long$status <- factor(x$states[long$status + 1L], x$states)
  long
}
