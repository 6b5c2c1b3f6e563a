# Reads formula and data of a regression into basic columns: the left side and strata as
# in every estimator of this package, covariates as in other R models.

# Reads the rows of a regression. `...` may hold censor, na.action and landmark. weights:
# see read_row_weights()
read_regression <- function(x, data, id, tie_tol, censor = NULL,
                            na.action = stats::na.omit, landmark = NULL, weights = NULL,
                            ...) {
  if (...length()) check_no_dots(...)
  model <- read_model_formula(x, data, id)
  env <- environment(x)
  plain <- is.null(censor) && is.null(landmark) && is.null(id) && is.null(weights)
  easy <- if (plain && !length(model$strata)) easy_table(x, data, tie_tol, TRUE)
  rows <- if (is.null(easy)) {
    if (is.null(id)) check_repeated_ids(x, data, landmark = landmark)
    read_formula(with_terms(x, model$strata), data, censor, landmark)
  } else {
    rows_of_easy_table(easy, x[[2L]], data)
  }
  check_late_groups(model$columns, data, env, landmark, rows)
  n <- if (is.null(rows$kept)) length(rows$time) else length(rows$kept)
  if (!is.null(id)) {
    id <- check_id(id, n)
    if (!is.null(rows$kept)) id <- id[rows$kept]
  }
  values <- lapply(model$variables, eval_term, data, env)
  may_count <- is.null(id) && is.null(weights) && !length(model$offsets) &&
    has_many_rows(rows)
  variables <- read_covariates(values, model$names, n, rows$kept, !may_count)
  offsets <- if (length(model$offsets)) lapply(model$offsets, eval_term, data, env)
  offset <- read_offset(offsets, model$offsets, n, rows$kept)
  recipe <- covariate_recipe(model, values, offsets, data, env, n)
  weight <- if (!is.null(weights)) check_weights(weights$value, n)
  if (!is.null(rows$kept)) weight <- weight[rows$kept]
  if (may_count && has_few_patterns(rows, variables)) {
    patterns <- read_patterns(rows, variables, model, na.action, tie_tol)
    return(c(patterns, list(recipe = recipe)))
  }
  if (may_count) check_codes(variables, model$names)
  # easy_table() takes no missing values
  complete <- if (is.null(easy) || anyNA(variables, TRUE) || anyNA(offset)) {
    also <- if (!is.null(offset)) list(offset)
    complete_rows(rows, c(variables, also), id, weight)
  }
  if (!is.null(complete)) {
    if (!is.null(easy)) rows <- read_formula(with_terms(x, list()), data)
    rows$group <- replace(as.integer(complete), !complete, NA)
  }
  table <- if (is.null(easy) || !is.null(complete)) {
    count_table(rows, na.action, paste0(
      columns_of_regression, if (!is.null(weight)) ", or a missing weight,"
    ))
  } else {
    easy
  }
  picked <- if (!is.null(complete)) which(complete)
  counted <- table
  if (!is.null(weight) && any(weight == 0, na.rm = TRUE)) {
    picked <- positive_rows(weight, picked)
    counted <- table_of_picked(table, rows, picked)
  }
  ranks <- time_ranks(rows, picked, counted, tie_tol)
  cells <- list(
    time = ranks$time, entry = ranks$entry, stratum = ranks$stratum,
    status = status_codes(rows, table)[ranks$row],
    id = if (!is.null(id)) { # numbered by rows that count: the largest is their number
      match(id, unique(if (is.null(picked)) id else id[picked]))[ranks$row]
    },
    design = regression_design(variables, ranks$row, model),
    table = table, row = ranks$row, recipe = recipe, sampled = FALSE,
    since = if (!is.null(rows$entry)) as.double(rows$entry)[ranks$row]
  )
  if (!is.null(offset)) cells$design$offset <- offset[ranks$row]
  if (is.null(weight)) cells else weigh_cells(cells, weight, weights$type, rows, complete)
}

# The columns that read_formula() would return, for rows that easy_table() has counted and
# in which it has merged tied times. `surv` names two columns of `data`.
rows_of_easy_table <- function(table, surv, data) {
  list(
    time = .subset2(data, as.character(surv[[2L]])),
    status = .subset2(data, as.character(surv[[3L]])),
    n_status = length(.subset2(table, "states")), n_stratum = 1L, joined = table
  )
}

columns_of_regression <- "time, status, stratum, covariate or id"

# The status of each row, 0 for censored
status_codes <- function(rows, table) {
  status <- rows$status
  from_one <- is.factor(status) || .subset2(table, "coding") == "1/2"
  if (from_one) as.integer(status) - 1L else as.integer(status)
}

# Flags the rows without a missing value; NULL if all rows are complete
complete_rows <- function(rows, variables, id, weight = NULL) {
  has_missing <- anyNA(rows$time) || anyNA(rows$status) || anyNA(rows$entry) ||
    anyNA(rows$stratum) || anyNA(id) || anyNA(weight)
  for (value in variables) has_missing <- has_missing || anyNA(value)
  if (!has_missing) return(NULL)
  missing <- Reduce(`|`, lapply(variables, is_missing), missing_rows(rows))
  if (!is.null(id)) missing <- missing | is.na(id)
  if (!is.null(weight)) missing <- missing | is.na(weight)
  if (any(missing)) !missing
}

# Replaces times by ranks, because only their order matters; tied times share a rank.
# `picked`: row numbers of the complete rows, NULL if all are complete. Returns `row`, the
# numbers of the rows sorted by stratum and time, and in this order the ranks `time` and
# `entry` (0: at risk from the start; NULL without left truncation) and `stratum`.
time_ranks <- function(rows, picked, table, tie_tol) {
  joined <- if (is.null(rows$joined)) join_ties(table, tie_tol) else rows$joined
  late <- !is.null(rows$entry)
  distinct <- if (late || .subset2(joined, "joined") > 0) {
    if (late || rows$n_stratum > 1L) distinct_sorted(joined$time) else joined$time
  }
  .Call(
    C_time_ranks, rows$time, rows$entry, rows$stratum, rows$n_stratum, picked, distinct
  )
}

# The sorted distinct times. With one curve they are sorted already.
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

read_covariates <- function(values, names, n, kept, codes) {
  for (v in seq_along(values)) {
    values[[v]] <- read_covariate(values[[v]], names[v], n, kept, codes)
  }
  values
}

# Reads a covariate of n rows, restricted to the rows `kept` (flags; NULL: all): numbers,
# a numeric matrix, or a factor. Without `codes`, check_codes() must follow.
read_covariate <- function(value, name, n, kept = NULL, codes = TRUE) {
  if (is_usual_factor(value, codes) && length(value) == n) {
    return(with_levels(if (is.null(kept)) value else value[kept], name))
  }
  if (is.object(value)) value <- plain_key_column(value, name, "numbers")
  if (is.logical(value) && !is.matrix(value)) value <- factor(value)
  is_number <- is.numeric(value) && !inherits(value, "Surv")
  is_label <- (is.factor(value) || is.character(value)) && !is.matrix(value)
  if (NROW(value) != n || !(is_number || is_label)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`%s` of the formula must be numbers or a factor, one per row (%d rows); it is",
        "%s%s"
      ), name, n, describe(value), if (inherits(value, c(date_classes, "difftime"))) {
        sprintf("; write as.numeric(%s) to use it as a number", name)
      } else {
        ""
      }
    ), arg = "x")
  }
  if (!is.null(kept)) {
    value <- if (is.matrix(value)) value[kept, , drop = FALSE] else value[kept]
  }
  if (!is_number) return(read_levels(value, name))
  check_covariate_size(value, name, kept)
  value
}

check_codes <- function(variables, names) Map(check_factor, variables, names)

# Squares of covariates and of coefficients must not overflow or become 0
check_covariate_size <- function(value, name, kept) {
  size <- .Call(C_largest_size, value)
  if (is.infinite(size)) {
    infinite <- rowSums(matrix(is.infinite(value), NROW(value))) > 0
    where <- if (is.null(kept)) which(infinite) else which(kept)[infinite]
    stop_oligosurv("domain", sprintf(
      "`%s` of the formula must be finite; %s", name, format_rows(where)
    ), where = where, arg = "x")
  }
  if (size == 0 || (size > 1e-150 && size < 1e150)) return(invisible())
  stop_oligosurv("domain", sprintf(
    paste(
      "`%s` of the formula has values up to %s, which are %s; give them in a unit in",
      "which they are between 1e-150 and 1e150"
    ), name, format(size, digits = 2), if (size > 1) {
      "too large: their squares overflow"
    } else {
      "too small: their squares are rounded to 0"
    }
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
  if (!is.null(own)) attr(value, "contrasts") <- own
  with_levels(value, name)
}

# Returns the factor if it has at least two levels to compare
with_levels <- function(value, name) {
  n_level <- length(attr(value, "levels"))
  if (n_level > 1L) return(value)
  stop_oligosurv("data", if (n_level == 0L) sprintf(
    "`%s` has no values: there are no rows, or all its values are missing", name
  ) else sprintf(
    "`%s` has only one level, so there is nothing to compare; leave it out", name
  ), arg = "x")
}
