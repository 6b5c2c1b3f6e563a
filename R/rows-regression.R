# Reads formula and data of a regression into plain columns: the left side and strata like
# every estimator here, covariates like other R models.

# Reads the rows of a regression. `...` may hold censor, na.action and landmark. weights:
# see read_row_weights()
read_regression <- function(x, data, id, tie_tol, censor = NULL,
                            na.action = stats::na.omit, landmark = NULL, weights = NULL,
                            ...) {
  check_no_dots(...)
  model <- read_model_formula(x, data, id)
  if (is.null(id)) check_repeated_ids(x, data, landmark = landmark)
  env <- environment(x)
  rows <- read_formula(with_terms(x, model$strata), data, censor, landmark)
  check_late_groups(model$variables, data, env, landmark, rows)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  if (!is.null(id) && length(id) != length(kept)) {
    stop_row_count(id, "id", length(kept))
  }
  id <- id[kept]
  weight <- if (!is.null(weights)) check_weights(weights$value, length(kept))[kept]
  variables <- lapply(model$variables, function(expr) {
    read_covariate(eval_term(expr, data, env), term_text(expr), kept)
  })
  complete <- complete_rows(rows, variables, id, weight)
  if (!is.null(complete)) rows$group <- replace(as.integer(complete), !complete, NA)
  table <- count_table(rows, na.action, "time, status, stratum, covariate or id")
  status <- as.integer(rows$status) - if (is.factor(rows$status)) 1L else 0L
  if (table$coding == "1/2") status <- status - 1L
  if (is.null(weight) && has_few_patterns(rows, variables, id)) {
    return(read_patterns(rows, status, variables, model, table, tie_tol))
  }
  picked <- if (!is.null(complete)) which(complete)
  if (!is.null(weight)) picked <- positive_rows(weight, picked)
  ranks <- time_ranks(rows, picked, table, tie_tol)
  picked <- if (is.null(picked)) ranks$order else picked[ranks$order]
  cells <- list(
    time = ranks$time, entry = ranks$entry, stratum = ranks$stratum,
    status = status[picked],
    id = if (!is.null(id)) {
      match(id, unique(if (is.null(complete)) id else id[complete]))[picked]
    },
    design = regression_design(variables, picked, model),
    table = table, row = picked
  )
  if (is.null(weight)) cells else weigh_cells(cells, weight, weights$type, rows, complete)
}

# Flags the rows without a missing value; NULL if all are
complete_rows <- function(rows, variables, id, weight = NULL) {
  columns <- rows[c("entry", "time", "status", "stratum")]
  has_missing <- c(
    vapply(columns, anyNA, NA), vapply(variables, anyNA, NA), anyNA(id), anyNA(weight)
  )
  if (!any(has_missing)) return(NULL)
  missing <- Reduce(`|`, lapply(variables, is_missing), missing_rows(rows))
  if (!is.null(id)) missing <- missing | is.na(id)
  if (!is.null(weight)) missing <- missing | is.na(weight)
  if (any(missing)) !missing
}

# Only the order of the times matters: ranks replace them, one rank for tied times.
# Returns the `order` of the rows by stratum and time, and in this order `time`, `entry`
# (0: at the origin) and `stratum`.
time_ranks <- function(rows, picked, table, tie_tol) {
  take <- function(x) if (is.null(picked)) x else x[picked]
  time <- as.double(take(rows$time))
  o <- order(time)
  sorted <- time[o]
  n <- length(o)
  joined <- join_ties(table, tie_tol)
  entry <- NULL
  if (joined$joined > 0 || !is.null(rows$entry)) {
    distinct <- distinct_sorted(joined$time)
    rank <- findInterval(sorted, distinct)
    if (!is.null(rows$entry)) entry <- findInterval(as.double(take(rows$entry)), distinct)
  } else {
    rank <- cumsum(c(TRUE[n > 0L], sorted[-1L] != sorted[-n]))
  }
  if (is.null(rows$stratum)) {
    return(list(order = o, time = rank, entry = entry[o], stratum = rep(1L, n)))
  }
  stratum <- as.integer(take(rows$stratum))[o]
  by <- order(stratum)
  o <- o[by]
  list(order = o, time = rank[by], entry = entry[o], stratum = stratum[by])
}

# The sorted distinct values of times, which are sorted already if there is one curve
distinct_sorted <- function(time) {
  if (is.unsorted(time)) time <- sort(time)
  time[c(TRUE[length(time) > 0L], time[-1L] != time[-length(time)])]
}

# Replaces the right side of the formula by these terms
with_terms <- function(formula, terms) {
  formula[[3L]] <- if (length(terms)) {
    Reduce(function(a, b) call("+", a, b), terms)
  } else {
    1
  }
  formula
}

# Reads a covariate for the rows `kept`: numbers, a numeric matrix, or a factor
read_covariate <- function(value, name, kept) {
  n <- length(kept)
  value <- plain_key_column(value, name, "numbers")
  if (is.logical(value)) value <- factor(value)
  is_number <- is.numeric(value) && !inherits(value, "Surv")
  is_label <- (is.factor(value) || is.character(value)) && !is.matrix(value)
  if (NROW(value) != n || !(is_number || is_label)) {
    stop_oligosurv("input", sprintf(
      "`%s` of the formula must be numbers or a factor, one per row (%d rows); it is %s",
      name, n, describe(value)
    ), arg = "x")
  }
  value <- if (is.matrix(value)) value[kept, , drop = FALSE] else value[kept]
  if (!is_number) return(read_levels(value, name))
  check_covariate_size(value, name, kept)
  value
}

# Squares of covariates and of coefficients must be numbers
check_covariate_size <- function(value, name, kept) {
  if (any(is.infinite(value))) {
    infinite <- rowSums(matrix(is.infinite(value), sum(kept))) > 0
    where <- which(kept)[infinite]
    stop_oligosurv("domain", sprintf(
      "`%s` of the formula must be finite; %s", name, format_rows(where)
    ), where = where, arg = "x")
  }
  size <- if (length(value)) range(abs(value), 0, na.rm = TRUE)[2L] else 0
  if (size == 0 || (size > 1e-150 && size < 1e150)) return(invisible())
  stop_oligosurv("domain", sprintf(
    paste(
      "`%s` of the formula is of the size %s, of which squares are not numbers; give it",
      "in a unit that makes it smaller than 1e150 and larger than 1e-150"
    ), name, format(size, digits = 2)
  ), arg = "x")
}

# Reads levels like read_labels() reads groups; a missing level becomes a missing value.
# The order of declared levels and contrasts set by the user are kept.
read_levels <- function(value, name) {
  own <- attr(value, "contrasts")
  if (!is_usual_factor(value)) {
    value <- read_labels(value, name)$column
    value <- factor(as.character(value), levels(value)[!is.na(levels(value))])
  }
  if (nlevels(value) < 2L) {
    stop_oligosurv("data", sprintf(
      "`%s` has only one level, so there is nothing to compare", name
    ), arg = "x")
  }
  structure(value, contrasts = own)
}
