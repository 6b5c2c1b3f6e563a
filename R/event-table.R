#' Event table: the counts that every estimator here is a function of
#'
#' How many subjects left the risk set at each distinct time, by stratum, group and
#' status. It is small (one row a distinct time and status), can be printed, and two of
#' them are merged with `c()` by adding counts.
#'
#' @details Rows are counted in C: few distinct times (days, months) in one pass without
#'   sorting, many by a radix sort. The table does not depend on the order of the rows or
#'   on the number of threads (`options(oligosurv.threads = )`, 2 unless set).
#'
#'   **Status.** 0/1 or logical for one event type; a factor whose first level is
#'   censoring for competing risks (`censor =` names another level). Numbers 1/2 without a
#'   0 are read as survival reads them, 1 censored and 2 event, with a message; every
#'   print echoes how the status was read.
#'
#'   **Missing values** in time, status, group or stratum drop the row, with a message
#'   that counts them; `na.action = na.fail` makes them an error.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` (`~ 1` for one group;
#'   several variables give their combinations), or a data frame with the columns `time`,
#'   `status`, `n` and, where there are any, `group` and `stratum`: counts made
#'   elsewhere, for example by a database.
#' @param data Data frame in which the variables of the formula are looked up first.
#' @param censor One string: the level of a factor status that means censored.
#' @param na.action [stats::na.omit()] or [stats::na.fail()].
#' @param ... For `c()`: event tables to merge. Else not used.
#' @return An `event_table`. `as.data.frame()` gives one row for each stratum, group,
#'   distinct time and status: `time` (the unit of the data), `stratum`, `group`, `status`
#'   (factors) and `n`.
#' @section Errors: `oligosurv_error_input` (type or length), `oligosurv_error_domain`
#'   (times that are negative or infinite, unknown status codes; element `where` holds the
#'   rows), `oligosurv_error_data` (missing values with `na.fail`).
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
                                na.action = stats::na.omit, ...) {
  check_no_dots(...)
  rows <- read_formula(x, data, censor)
  counts <- .Call(C_count, rows, max_threads())
  if (counts$bad > 0) stop_bad_rows(rows)
  dropped <- length(rows$time) - counts$complete
  if (dropped > 0) report_missing(rows, na.action)
  new_event_table(resolve_numeric_status(counts, rows), rows, dropped)
}

#' @rdname event_table
#' @export
event_table.data.frame <- function(x, ...) {
  check_no_dots(...)
  absent <- setdiff(c("time", "status", "n"), names(x))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "a data frame of counts needs the column%s %s", if (length(absent) > 1) "s" else "",
      paste0("`", absent, "`", collapse = ", ")
    ), arg = "x")
  }
  n <- check_double(x$n, "n", 0, "row")
  if (any(n != floor(n))) stop_domain("n", "whole", n != floor(n), n, "row")
  terms <- c(intersect("group", names(x)), if ("stratum" %in% names(x)) "strata(stratum)")
  if (!length(terms)) terms <- "1"
  formula <- stats::reformulate(terms, quote(Surv(time, status)))
  rows <- read_formula(formula, x)
  counts <- .Call(C_count, rows, max_threads())
  if (counts$bad > 0) stop_bad_rows(rows)
  if (counts$complete < nrow(x)) report_missing(rows, stats::na.fail)
  counts <- sum_counts(rows, n)
  new_event_table(resolve_numeric_status(counts, rows), rows, 0)
}

# Counts given by row instead of counted: sorted and added up in R, since such tables are
# small. Zero counts say nothing and are left out.
sum_counts <- function(rows, n) {
  code <- function(x) if (is.null(x)) rep(1L, length(n)) else as.integer(x)
  curve <- (code(rows$stratum) - 1L) * rows$n_group + code(rows$group)
  status <- as.integer(rows$status) - rows$status_first
  o <- order(curve, rows$time, status)
  o <- o[n[o] > 0]
  key <- list(curve[o], as.double(rows$time[o]), status[o])
  k <- length(o)
  fresh <- rep(TRUE, k)
  if (k > 1) {
    fresh[-1] <- Reduce(`|`, lapply(key, function(v) v[-1] != v[-k]))
  }
  list(
    time = key[[2]][fresh], status = key[[3]][fresh],
    n = as.double(rowsum(n[o], cumsum(fresh), reorder = FALSE)),
    start = c(0, cumsum(tabulate(key[[1]][fresh], rows$n_group * rows$n_stratum)))
  )
}

check_no_dots <- function(...) {
  if (...length() == 0L) return(invisible())
  names <- ...names()
  stop_oligosurv("input", sprintf(
    "unknown argument%s: %s", if (...length() > 1) "s" else "",
    if (is.null(names)) "without a name" else paste0("`", names, "`", collapse = ", ")
  ))
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

report_missing <- function(rows, na.action) {
  missing <- Reduce(`|`, lapply(
    rows[c("time", "status", "group", "stratum")],
    function(x) if (is.null(x)) FALSE else is.na(x)
  ))
  where <- which(missing)
  text <- sprintf(
    "%s with a missing time, status, group or stratum", count_noun(length(where), "row")
  )
  if (identical(na.action, stats::na.fail) || identical(na.action, "na.fail")) {
    stop_oligosurv("data", sprintf("%s (%s)", text, format_rows(where)), where = where)
  }
  inform_oligosurv(sprintf("%s dropped (%s)", text, format_rows(where)), where = where)
}

# Numeric codes are known only after counting: 0/1, or 1/2 without a 0.
resolve_numeric_status <- function(counts, rows) {
  if (is.factor(rows$status) || is.logical(rows$status)) return(counts)
  if (!any(counts$status == 2L)) return(counts)
  if (any(counts$status == 0L)) {
    both <- !is.na(rows$status) & (rows$status == 0 | rows$status == 2)
    stop_domain("status", paste(
      "0/1 or 1/2, but both 0 and 2 occur; competing risks need a factor whose first",
      "level is censoring"
    ), both, rows$status, "row")
  }
  inform_oligosurv("status has the codes 1 and 2: read as 1 = censored, 2 = event")
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
    dropped = dropped, joined = 0
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
  if (inherits(x, "formula")) return(event_table.formula(x, data, ...))
  event_table(x, ...)
}

# The tie rule: times closer than tie_tol, relative to the first of them and over all
# curves together, are one time. Done when estimating, so that merging stays exact.
join_ties <- function(table, tie_tol) {
  tie_tol <- check_number(tie_tol, "tie_tol", 0, 1e-3)
  if (tie_tol == 0) return(table)
  joined <- .Call(C_join_times, table, tie_tol)
  if (joined$joined > 0) {
    table$time <- joined$time
    table$joined <- joined$joined
  }
  table
}

# Subjects by status, over the rows of one curve or of all
count_states <- function(table, rows = NULL) {
  status <- table$status
  n <- table$n
  if (!is.null(rows)) {
    status <- status[rows]
    n <- n[rows]
  }
  states <- seq_along(table$states) - 1L
  if (is.null(n)) return(tabulate(status + 1L, length(states)))
  vapply(states, function(s) sum(n[status == s]), 0)
}

# Curves are strata by groups, groups running fastest; plain labels
curve_labels <- function(table) {
  if (length(table$strata) == 1L) return(table$groups)
  if (length(table$groups) == 1L) return(table$strata)
  as.vector(outer(table$groups, table$strata, paste, sep = ", "))
}

# Subjects of each curve
curve_sizes <- function(table) {
  size <- diff(table$start)
  if (is.null(table$n)) return(size)
  total <- c(0, cumsum(table$n))
  total[table$start[-1L] + 1] - total[table$start[-length(table$start)] + 1]
}

#' @export
c.event_table <- function(...) {
  tables <- list(...)
  is_table <- vapply(tables, inherits, NA, "event_table")
  if (!all(is_table)) {
    stop_oligosurv("input", sprintf(
      "only event tables can be merged; argument %d is %s", which(!is_table)[1],
      describe(tables[[which(!is_table)[1]]])
    ))
  }
  states <- lapply(tables, `[[`, "states")
  if (length(unique(states)) > 1L) {
    stop_oligosurv("data", paste0(
      "event tables with different states cannot be merged: ",
      paste(vapply(unique(states), paste, "", collapse = "/"), collapse = " and ")
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
  merged$groups <- groups
  merged$strata <- strata
  merged$dropped <- sum(vapply(tables, `[[`, 0, "dropped"))
  merged
}

long_counts <- function(table) {
  curve <- rep.int(seq_len(length(table$start) - 1L), diff(table$start))
  n_group <- length(table$groups)
  data.frame(
    time = table$time, stratum = table$strata[(curve - 1L) %/% n_group + 1L],
    group = table$groups[(curve - 1L) %% n_group + 1L], status = table$status,
    n = if (is.null(table$n)) rep(1, length(table$time)) else table$n
  )
}

#' @export
as.data.frame.event_table <- function(x, row.names = NULL, optional = FALSE, ...) {
  long <- long_counts(x)
  if (is.null(x$n)) {
    k <- nrow(long)
    same <- c(FALSE, Reduce(`&`, lapply(long[1:4], function(v) v[-1] == v[-k])))
    if (k == 0L) same <- logical()
    counts <- tabulate(cumsum(!same))
    long <- long[!same, ]
    long$n <- as.double(counts)
    row.names(long) <- NULL
  }
  long$stratum <- factor(long$stratum, x$strata)
  long$group <- factor(long$group, x$groups)
  long$status <- factor(x$states[long$status + 1L], x$states)
  long
}
