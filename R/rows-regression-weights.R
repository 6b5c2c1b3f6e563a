# Weights of the rows of a regression, and how many subjects they may stand for.

# The weights of a call, see captured(): a list of `value`, one number per row, and
# `type`; NULL without weights
read_row_weights <- function(data, call) {
  if (is.null(call$weights)) return(NULL)
  value <- eval_column(call$weights, data, call$env)
  if (is.null(value)) return(NULL)
  list(value = value, type = check_weight_type(call$weight_type))
}

# The `rows` (NULL: all) that have a positive weight
positive_rows <- function(weight, rows) {
  if (is.null(rows)) which(weight > 0) else rows[weight[rows] > 0]
}

# The event table of these rows (numbers, in the order of stratum and time), each with its
# status and its number of subjects (NULL: one)
table_of_row <- function(table, rows, row, status = integer(length(row)), n = NULL) {
  stratum <- if (is.null(rows$stratum)) rep(1L, length(row)) else rows$stratum[row]
  table$start <- c(0, cumsum(tabulate(stratum, length(table$strata))))
  table$time <- as.double(rows$time)[row]
  table$status <- status
  table["n"] <- list(n)
  if (!is.null(rows$entry)) {
    entry <- as.double(rows$entry)[row]
    o <- order(stratum, entry)
    table$entry <- list(time = entry[o], n = n[o], start = table$start)
  }
  table
}

# The table of the picked rows only, so that ranks are among the times of rows that count
table_of_picked <- function(table, rows, picked) {
  o <- if (is.null(rows$stratum)) {
    order(rows$time[picked])
  } else {
    order(rows$stratum[picked], rows$time[picked])
  }
  table_of_row(table, rows, picked[o])
}

# Adds the weights to the cells of a regression with one cell per row: `size` is the
# number of subjects, or with `sampled` the sampling weight. In the event table that
# describes the data, n is the number of subjects, or of rows.
weigh_cells <- function(cells, weight, type, rows, complete) {
  w <- weight[cells$row]
  cells$size <- w
  cells$sampled <- type == "sampling"
  table <- table_of_row(cells$table, rows, cells$row, cells$status,
    if (!cells$sampled) w
  )
  zero <- if (is.null(complete)) weight == 0 else weight == 0 & complete
  table$weights <- c(describe_weights(w, type), zero = sum(zero))
  if (!cells$sampled) check_whole_weights(table, "hazard_ratio()")
  cells$table <- table
  cells
}

# With more subjects, which are more than there are people, the sums over tied events are
# lost to rounding.
most_subjects <- 1e10

check_total_size <- function(rows) {
  if (rows$sampled) return(invisible())
  total <- sum(rows$size)
  if (total <= most_subjects) return(invisible())
  stop_oligosurv("domain", sprintf(
    paste(
      "the %s add up to %s subjects, but at most %s can be analysed: of more, the sums",
      "over tied events are lost to rounding; divide them by a common factor%s"
    ), if (is.null(rows$pattern)) "`weights`" else "counts", format(total, digits = 3),
    format(most_subjects), if (is.null(rows$pattern)) {
      ", or use weight_type = \"sampling\" if they are not numbers of subjects"
    } else {
      ""
    }
  ), arg = if (is.null(rows$pattern)) "weights" else "x")
}
