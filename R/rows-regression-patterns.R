# Reads rows whose covariates are all factors as counts by covariate pattern, so that the
# fit costs no more than its distinct times and patterns.

# With fewer rows, counting does not save time
least_rows_for_patterns <- 5000L

has_many_rows <- function(rows) {
  length(rows$time) >= least_rows_for_patterns && is.null(rows$entry)
}

has_few_patterns <- function(rows, variables) {
  if (!all(vapply(variables, is.factor, NA))) return(FALSE)
  cells <- prod(vapply(variables, nlevels, 0L)) * rows$n_status * rows$n_stratum
  cells * 50 < length(rows$time)
}

# The value of read_counts_regression() for rows without delayed entry. Each row has one
# code of its pattern and status. Counted by this code, as if it were the status of a
# single group, the cells are in the order of a fit: by time, then by pattern.
read_patterns <- function(rows, variables, model, na.action, tie_tol) {
  sizes <- vapply(variables, nlevels, 0L)
  n_status <- rows$n_status
  n_code <- as.integer(prod(sizes) * n_status)
  counted <- count_codes(rows, variables, model$names, n_code, na.action)
  counts <- counted$counts
  occurs <- tabulate(counts$status + 1L, n_code) > 0L
  pattern <- (seq_len(n_code) - 1L) %/% n_status + 1L # by code
  status <- (seq_len(n_code) - 1L) %% n_status
  used <- unique(pattern[occurs])
  number <- match(pattern, used)
  found <- list(status = unique(status[occurs]))
  resolved <- resolve_numeric_status(found, rows)
  counts$coding <- resolved$coding
  if (!identical(resolved, found)) status <- status - 1L
  by_code <- new_event_table(counts, rows, counted$dropped)
  decode <- function(table) decode_cells(table_cells(table), number, status)
  joined <- join_ties(by_code, tie_tol)
  cells <- decode(joined)
  # tied times are joined in the fit, but not in the table
  table <- without_patterns(if (joined$joined > 0) decode(by_code) else cells, by_code,
    rows
  )
  cells$table <- table
  cells$sampled <- FALSE
  cells$source <- list( # residuals are by row, so they need the rows
    time = rows$time, stratum = rows$stratum, n_stratum = rows$n_stratum,
    table = table, tie_tol = tie_tol, code = counted$code, number = number,
    status = status
  )
  cells$design <- regression_design(levels_by_pattern(variables, sizes), used, model)
  cells
}

# Counts the complete rows by code, like count_table(); `code` is NA in the others, of
# which `dropped` is the number.
count_codes <- function(rows, variables, names, n_code, na.action) {
  sizes <- vapply(variables, nlevels, 0L)
  code <- .Call(C_pattern_codes, variables, sizes, rows$status, rows$status_first,
    rows$n_status
  )
  if (is.null(code)) {
    check_codes(variables, names)
    stop_bad_rows(rows)
  }
  coded <- rows
  coded$status <- code
  coded[c("status_first", "n_status")] <- list(1L, n_code)
  counts <- .Call(C_count, coded)
  if (counts$bad > 0) stop_bad_rows(rows)
  dropped <- length(rows$time) - counts$complete
  if (dropped > 0) {
    report_missing(coded, na.action, columns_of_regression)
    code[missing_rows(coded)] <- NA
  }
  list(counts = counts, code = code, dropped = dropped)
}

# The row of the model matrix of each row of the data; NA if the row was dropped
source_pattern <- function(source) {
  check_source(source)
  source$number[source$code]
}

# Stops for the rows of a fit, see read_patterns(), of which a component was changed
check_source <- function(source) {
  is_integer <- function(name, n) {
    typeof(source[[name]]) == "integer" && length(source[[name]]) == n
  }
  n <- length(source$time)
  m <- length(source$number)
  code <- range(0L, source$code[is_integer("code", n)], na.rm = TRUE)
  fine <- c(
    time = is.numeric(source$time), table = inherits(source$table, "event_table"),
    stratum = is.null(source$stratum) || is_integer("stratum", n),
    n_stratum = is_integer("n_stratum", 1L) && !is.na(source$n_stratum),
    code = is_integer("code", n) && code[1L] == 0L && code[2L] <= m,
    number = is_integer("number", m), status = is_integer("status", m),
    tie_tol = is.numeric(source$tie_tol) && length(source$tie_tol) == 1L
  )
  if (!all(fine)) stop_changed("hazard_ratio", names(fine)[!fine][1L], "hazard_ratio()")
  check_event_table(source$table)
}

# Replaces the code of each cell by `pattern`, the row of the model matrix, and status
decode_cells <- function(cells, number, status) {
  code <- cells$status + 1L
  cells$pattern <- number[code]
  cells$status <- status[code]
  cells$group <- NULL
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

# The event table of the rows without covariates, from their cells by pattern
without_patterns <- function(cells, by_code, rows) {
  sums <- .Call(C_sum_by_time, cells$size, cells$time, cells$stratum, cells$status,
    length(by_code$states)
  )
  size <- tabulate(cells$stratum[sums$at], rows$n_stratum)
  counts <- list(
    time = cells$distinct[cells$time[sums$at]], status = sums$status,
    n = if (!is.null(by_code$n) || any(sums$n > 1)) sums$n, start = c(0, cumsum(size)),
    coding = by_code$coding
  )
  new_event_table(counts, rows, by_code$dropped)
}
