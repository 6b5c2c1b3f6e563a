# Reads rows whose covariates are all factors as counts by covariate pattern, so that the
# fit costs no more than its distinct times and patterns.

# Below so many rows, counting saves no time
least_rows_for_patterns <- 5000L

has_few_patterns <- function(rows, variables, id) {
  if (!is.null(id) || !is.null(rows$entry)) return(FALSE)
  n <- length(rows$time)
  if (n < least_rows_for_patterns || !all(vapply(variables, is.factor, NA))) return(FALSE)
  cells <- prod(vapply(variables, nlevels, 0L)) * rows$n_status * rows$n_stratum
  cells * 50 < n
}

# The value of read_counts_regression() for rows without delayed entry. Rows with a
# missing value have a missing group in `rows`.
read_patterns <- function(rows, status, variables, model, table, tie_tol) {
  sizes <- vapply(variables, nlevels, 0L)
  code <- as.integer(variables[[1L]])
  for (v in seq_along(variables)[-1L]) {
    code <- (code - 1L) * sizes[v] + as.integer(variables[[v]])
  }
  if (!is.null(rows$group)) code[is.na(rows$group)] <- NA
  rows$group <- code
  rows$n_group <- prod(sizes)
  rows$groups <- seq_len(rows$n_group)
  counts <- join_ties(new_event_table(count_rows(rows), rows, 0), tie_tol)
  if (table$coding == "1/2") counts$status <- counts$status - 1L
  cells <- table_cells(counts)
  used <- sort(unique(cells$group))
  number <- match(seq_len(rows$n_group), used)
  cells$pattern <- number[cells$group]
  cells$table <- table
  cells$source <- list( # for residuals, which are by row
    time = rows$time, stratum = rows$stratum, status = status,
    pattern = number[code], table = table, tie_tol = tie_tol
  )
  by <- rev(cumprod(rev(c(sizes[-1L], 1))))
  patterns <- Map(function(value, size, step) {
    code <- (seq_len(rows$n_group) - 1) %/% step %% size + 1
    structure(quick_factor(as.integer(code), levels(value)),
      contrasts = attr(value, "contrasts")
    )
  }, variables, sizes, by)
  cells$design <- regression_design(patterns, used, model)
  cells
}
