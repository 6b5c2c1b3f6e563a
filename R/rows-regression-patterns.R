# Reads rows whose covariates are all factors as counts by covariate pattern, so that the
# fit costs no more than its distinct times and patterns.

# With fewer rows, counting does not save time
least_rows_for_patterns <- 5000L

has_few_patterns <- function(rows, variables, id) {
  n <- length(rows$time)
  if (n < least_rows_for_patterns || !is.null(id) || !is.null(rows$entry)) return(FALSE)
  if (!all(vapply(variables, is.factor, NA))) return(FALSE)
  cells <- prod(vapply(variables, nlevels, 0L)) * rows$n_status * rows$n_stratum
  cells * 50 < n
}

# The value of read_counts_regression() for rows without delayed entry. The levels of each
# row are combined to the number of a pattern, and the rows are counted by pattern.
read_patterns <- function(rows, variables, model, na.action, tie_tol) {
  sizes <- vapply(variables, nlevels, 0L)
  n_pattern <- prod(sizes)
  rows_by_pattern <- rows
  rows_by_pattern$group <- .Call(C_combine_codes, variables, sizes)
  rows_by_pattern$groups <- seq_len(n_pattern)
  rows_by_pattern["n_group"] <- n_pattern
  by_pattern <- count_table(rows_by_pattern, na.action, columns_of_regression)
  counts <- join_ties(by_pattern, tie_tol)
  cells <- table_cells(counts)
  table <- without_patterns(if (counts$joined > 0) table_cells(by_pattern) else cells,
    by_pattern, rows
  )
  used <- which(tabulate(cells$group, n_pattern) > 0L)
  number <- match(seq_len(n_pattern), used)
  cells$pattern <- number[cells$group]
  cells$table <- table
  cells$source <- list( # residuals are by row, so they need the rows
    time = rows$time, stratum = rows$stratum, n_stratum = rows$n_stratum,
    status = status_codes(rows, table), table = table, tie_tol = tie_tol,
    pattern = if (length(used) < n_pattern) {
      number[rows_by_pattern$group]
    } else {
      rows_by_pattern$group
    }
  )
  cells$design <- regression_design(levels_by_pattern(variables, sizes), used, model)
  cells
}

# The levels of each factor in all patterns; the first factor varies slowest
levels_by_pattern <- function(variables, sizes) {
  n_pattern <- prod(sizes)
  by <- rev(cumprod(rev(c(sizes[-1L], 1))))
  Map(function(value, size, step) {
    code <- (seq_len(n_pattern) - 1) %/% step %% size + 1
    structure(quick_factor(as.integer(code), levels(value)),
      contrasts = attr(value, "contrasts")
    )
  }, variables, sizes, by)
}

# The event table of the rows without covariates, made from the `cells` by pattern of
# the function table_cells()
without_patterns <- function(cells, by_pattern, rows) {
  n_status <- length(by_pattern$states)
  n_time <- length(cells$distinct)
  at <- ((cells$stratum - 1L) * n_time + cells$time - 1L) * n_status + cells$status + 1L
  n <- .Call(C_sum_at, cells$size, at, n_status * n_time * rows$n_stratum)
  present <- which(n > 0)
  curve_time <- (present - 1L) %/% n_status
  size <- tabulate(curve_time %/% n_time + 1L, rows$n_stratum)
  counts <- list(
    time = cells$distinct[curve_time %% n_time + 1L],
    status = (present - 1L) %% n_status,
    n = if (!is.null(by_pattern$n) || any(n > 1)) n[present], start = c(0, cumsum(size)),
    coding = by_pattern$coding
  )
  new_event_table(counts, rows, by_pattern$dropped)
}
