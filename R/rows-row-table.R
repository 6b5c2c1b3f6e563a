# Event tables of estimators that allow for dependence between rows of one id, or for
# sampling weights. They need the rows themselves, not counts: a table has one row per row
# of the data (`n` is NULL, or holds the weights) and the elements `id` (1 .. n_id, by
# row), `n_id` and `row` (row number in the data). Also counts of rows with frequency
# weights.

# Converts the rows of a formula to a table sorted by curve, time and status. `weights`,
# one per row, become the `n` of the table. Each delayed entry is linked to its row, see
# row_entries().
row_table <- function(formula, data, id, censor = NULL, na.action = stats::na.omit,
                      landmark = NULL, ..., weights = NULL, weight_type = NULL) {
  check_no_dots(...)
  rows <- read_formula(formula, data, censor, landmark, ids = TRUE)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  own <- is.null(id)
  if (own) id <- seq_along(kept)
  rows$id <- check_id(id, length(kept))[kept]
  if (!is.null(weights)) rows$weight <- check_weights(weights, length(kept))[kept]
  sorted <- sort_rows(rows, na.action)
  table <- new_event_table(
    c(sorted[c("time", "status", "start", "coding")], list(n = sorted$weight)), rows,
    sorted$missing
  )
  if (!is.null(rows$entry)) table$entry <- row_entries(sorted)
  id <- rows$id[sorted$at]
  ids <- polled(unique(id))
  table$n_id <- length(ids)
  table$id <- polled(match(id, ids))
  table$row <- which(kept)[sorted$at]
  table$words <- if (is_lesion_endpoint(data)) c("lesion", "patient") else c("row", "id")
  if (!is.null(weights)) {
    table$weights <- c(describe_weights(sorted$weight, weight_type), zero = sorted$zero)
    if (own) table$own_rows <- TRUE
  }
  table
}

# Entries of sorted rows, by curve and time. `row` is the row of the table that belongs to
# each entry.
row_entries <- function(sorted) {
  o <- polled(order(sorted$curve, sorted$entry, method = "radix"))
  list(time = sorted$entry[o], n = sorted$weight[o], start = sorted$start, row = o)
}

# Adds up the rows of a formula with frequency weights by curve, time and status
frequency_table <- function(formula, data, value, censor = NULL,
                            na.action = stats::na.omit, landmark = NULL, ...) {
  check_no_dots(...)
  rows <- read_formula(formula, data, censor, landmark)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  rows$weight <- check_weights(value, length(kept))[kept]
  sorted <- sort_rows(rows, na.action)
  counts <- sum_sorted(sorted, sorted$status)
  counts$coding <- sorted$coding
  table <- new_event_table(counts, rows, sorted$missing)
  if (!is.null(rows$entry)) {
    o <- order(sorted$curve, sorted$entry, sorted$weight, method = "radix")
    entries <- lapply(sorted[c("entry", "weight")], `[`, o)
    entries <- list(
      time = entries$entry, weight = entries$weight, start = sorted$start
    )
    table$entry <- sum_sorted(entries, integer(length(o)))[c("time", "n", "start")]
  }
  table$weights <- c(describe_weights(sorted$weight, "frequency"), zero = sorted$zero)
  table
}

# Complete rows with a positive weight, sorted by curve, time, status and weight, as basic
# vectors; `at` holds their row numbers in the data
sort_rows <- function(rows, na.action) {
  counts <- resolve_numeric_status(count_rows(rows), rows) # checks times and codes
  missing <- polled(missing_rows(rows))
  if (any(missing)) {
    there <- c(rep(TRUE, 4L), !is.null(rows$id), !is.null(rows$weight))
    columns <- c("time", "status", "group", "stratum", "id", "weight")[there]
    last <- length(columns)
    report_missing(rows, na.action, paste(
      paste(columns[-last], collapse = ", "), "or", columns[last]
    ))
  }
  if (!is.null(rows$entry)) check_entries(rows$entry, rows$time)
  w <- rows$weight
  at <- which(if (is.null(w)) !missing else !missing & w > 0)
  code <- function(x) if (is.null(x)) rep(1L, length(at)) else as.integer(x)[at]
  curve <- polled((code(rows$stratum) - 1L) * rows$n_group + code(rows$group))
  time <- as.double(rows$time)[at] + 0 # changes -0 to 0
  shift <- rows$status_first + identical(counts$coding, "1/2")
  status <- polled(as.integer(as.integer(rows$status)[at] - shift))
  o <- if (is.null(w)) {
    order(curve, time, status, method = "radix")
  } else {
    order(curve, time, status, w[at], method = "radix")
  }
  polled()
  list(
    curve = curve[o], time = time[o], status = polled(status[o]), weight = w[at][o],
    entry = as.double(rows$entry)[at][o], at = at[o], coding = counts$coding,
    start = c(0, cumsum(tabulate(curve, rows$n_group * rows$n_stratum))),
    missing = sum(missing), zero = sum(!missing) - length(at)
  )
}
