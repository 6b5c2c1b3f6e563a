# Weights of the rows of a regression.

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

# The event table with the times of these rows only, so that ranks are among the times of
# rows that count
table_of_picked <- function(table, rows, picked) {
  time <- as.double(rows$time)[picked]
  stratum <- if (is.null(rows$stratum)) rep(1L, length(time)) else rows$stratum[picked]
  table$start <- c(0, cumsum(tabulate(stratum, length(table$strata))))
  table$time <- time[order(stratum, time)]
  table$status <- integer(length(time))
  table["n"] <- list(NULL)
  if (!is.null(rows$entry)) {
    entry <- as.double(rows$entry)[picked]
    table$entry <- list(
      time = entry[order(stratum, entry)], n = NULL, start = table$start
    )
  }
  table
}

# Adds the weights to the cells of a regression with one cell per row: `size` is the
# number of subjects, or with `sampled` the sampling weight. In the event table that
# describes the data, n is the number of subjects, or of rows.
weigh_cells <- function(cells, weight, type, rows, complete) {
  w <- weight[cells$row]
  cells$size <- w
  cells$sampled <- type == "sampling"
  table <- cells$table
  by_stratum <- function(stratum) c(0, cumsum(tabulate(stratum, length(table$strata))))
  table$time <- as.double(rows$time)[cells$row]
  table$status <- cells$status
  table$start <- by_stratum(cells$stratum)
  table["n"] <- list(if (!cells$sampled) w)
  if (!is.null(rows$entry)) {
    entry <- as.double(rows$entry)[cells$row]
    o <- order(cells$stratum, entry)
    table$entry <- list(time = entry[o], n = table$n[o], start = table$start)
  }
  zero <- if (is.null(complete)) weight == 0 else weight == 0 & complete
  table$weights <- c(describe_weights(w, type), zero = sum(zero))
  if (!cells$sampled) check_whole_weights(table, "hazard_ratio()")
  cells$table <- table
  cells
}
