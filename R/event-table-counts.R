# Makes event tables from data frames of counts, merges them, and turns them into data
# frames.

#' @rdname event_table
#' @export
event_table.data.frame <- function(x, censor = NULL, ...) {
  check_no_dots(...)
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
# all three. R is fast enough, since such tables are small. Rows with a count of 0 are
# left out. Counts are whole numbers, so differences of their running total are exact.
sum_counts <- function(rows, n) {
  code <- function(x) if (is.null(x)) rep(1L, length(n)) else as.integer(x)
  curve <- (code(rows$stratum) - 1L) * rows$n_group + code(rows$group)
  status <- as.integer(rows$status) - rows$status_first
  o <- order(curve, rows$time, status)
  o <- o[n[o] > 0]
  key <- list(curve[o], as.double(rows$time[o]), status[o])
  k <- length(o)
  is_first <- rep(TRUE, k)
  if (k > 1) {
    is_first[-1] <- Reduce(`|`, lapply(key, function(v) v[-1] != v[-k]))
  }
  last <- c(which(is_first)[-1] - 1, k)
  list(
    time = key[[2]][is_first], status = key[[3]][is_first],
    n = diff(c(0, cumsum(as.double(n[o]))[last])),
    start = c(0, cumsum(tabulate(key[[1]][is_first], rows$n_group * rows$n_stratum)))
  )
}

# Adds up counts of delayed entries that are given by row; entries have no status.
sum_entries <- function(rows, n) {
  rows$status <- rep(rows$status_first, length(n))
  sum_counts(rows, n)[c("time", "n", "start")]
}

#' @export
c.event_table <- function(...) {
  tables <- list(...)
  is_table <- vapply(tables, inherits, NA, "event_table")
  if (!all(is_table)) {
    stop_oligosurv("input", sprintf(
      "c() merges event tables only; argument %d is %s", which(!is_table)[1],
      describe(tables[[which(!is_table)[1]]])
    ))
  }
  tables <- lapply(tables, check_event_table)
  states <- lapply(tables, `[[`, "states")
  if (length(unique(states)) > 1L) {
    stop_oligosurv("data", sprintf(
      paste(
        "event tables with different states cannot be merged (%s); give the status the",
        "same levels in all of them"
      ), paste(vapply(unique(states), paste, "", collapse = "/"), collapse = " and ")
    ))
  }
  truncated <- !vapply(lapply(tables, `[[`, "entry"), is.null, NA)
  if (any(truncated) && !all(truncated)) {
    stop_oligosurv("data", sprintf(
      paste(
        "event tables with and without left truncation cannot be merged; argument %d has",
        "no entry times"
      ), which(!truncated)[1L]
    ))
  }
  long <- do.call(rbind, lapply(tables, long_counts))
  groups <- unique(unlist(lapply(tables, `[[`, "groups")))
  strata <- unique(unlist(lapply(tables, `[[`, "strata")))
  rows <- list(
    time = long$time, status = long$status, status_first = 0L,
    group = match(long$group, groups), stratum = match(long$stratum, strata),
    n_group = length(groups), n_stratum = length(strata)
  )
  merged <- tables[[1L]]
  counts <- sum_counts(rows, long$n)
  merged[names(counts)] <- counts
  if (truncated[1L]) merged$entry <- sum_entries(rows, long$n_entry)
  merged$groups <- groups
  merged$strata <- strata
  merged$landmark <- merge_landmarks(lapply(tables, `[[`, "landmark"))
  for (same in c("origin", "variables")) {
    if (length(unique(lapply(tables, `[[`, same))) > 1L) merged[same] <- list(NULL)
  }
  merged["values"] <- list(merge_values(tables, groups))
  merged$dropped <- sum(vapply(tables, `[[`, 0, "dropped"))
  merged
}

# The values of the variables in the groups of merged tables; NULL unless all tables have
# the same variables. Levels are those of the first table and then of the others.
merge_values <- function(tables, groups) {
  all <- lapply(tables, `[[`, "values")
  names <- names(all[[1L]])
  alike <- vapply(all, function(x) identical(names(x), names), NA)
  if (is.null(names) || !all(alike)) return(NULL)
  at <- match(groups, unlist(lapply(tables, `[[`, "groups")))
  columns <- lapply(seq_along(names), function(j) {
    parts <- lapply(all, `[[`, j)
    if (all(vapply(parts, is.double, NA))) return(unlist(parts)[at])
    levels <- unique(unlist(lapply(parts, function(x) {
      if (is.factor(x)) levels(x) else as.character(unique(x))
    })))
    factor(unlist(lapply(parts, as.character))[at], levels)
  })
  stats::setNames(columns, names)
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
# of counts. If the table has no counts `n`, it has one row per subject, and equal rows
# are counted here.
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
