# Reads formula and data of a regression into plain columns: the left side and strata like
# every estimator here, covariates like other R models.

# Reads the rows of a regression. `...` may hold censor, na.action and landmark
read_regression <- function(x, data, id, tie_tol, censor = NULL,
                            na.action = stats::na.omit, landmark = NULL, ...) {
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
  variables <- lapply(model$variables, function(expr) {
    read_covariate(eval_term(expr, data, env), term_text(expr), kept)
  })
  missing <- Reduce(`|`, lapply(variables, is_missing), missing_rows(rows))
  if (!is.null(id)) missing <- missing | is.na(id)
  complete <- !missing
  rows$group <- ifelse(complete, 1L, NA_integer_)
  table <- count_table(rows, na.action, "time, status, stratum, covariate or id")
  status <- as.integer(rows$status) - if (is.factor(rows$status)) 1L else 0L
  if (table$coding == "1/2") status <- status - 1L
  # only the order of the times matters: ranks replace them, one rank for tied times
  distinct <- sort(unique(join_ties(table, tie_tol)$time))
  rank <- function(time) findInterval(as.double(time[complete]), distinct)
  time <- rank(rows$time)
  stratum <- if (is.null(rows$stratum)) {
    rep(1L, length(time))
  } else {
    as.integer(rows$stratum)[complete]
  }
  o <- order(stratum, time)
  picked <- which(complete)[o]
  list(
    time = time[o],
    entry = if (is.null(rows$entry)) integer(length(time)) else rank(rows$entry)[o],
    status = status[picked], stratum = stratum[o],
    id = if (!is.null(id)) match(id, unique(id[complete]))[picked],
    design = regression_design(
      lapply(variables, pick_covariate, picked), model$factors,
      vapply(model$variables, term_text, "")
    ),
    table = table
  )
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
  infinite <- rowSums(matrix(is.infinite(value), sum(kept))) > 0
  if (any(infinite)) {
    where <- which(kept)[infinite]
    stop_oligosurv("domain", sprintf(
      "`%s` of the formula must be finite; %s", name, format_rows(where)
    ), where = where, arg = "x")
  }
  value
}

# Reads levels like read_labels() reads groups; a missing level becomes a missing value.
# The order of declared levels and contrasts set by the user are kept.
read_levels <- function(value, name) {
  own <- attr(value, "contrasts")
  value <- read_labels(value, name)$column
  value <- factor(as.character(value), levels(value)[!is.na(levels(value))])
  if (nlevels(value) < 2L) {
    stop_oligosurv("data", sprintf(
      "`%s` has only one level, so there is nothing to compare", name
    ), arg = "x")
  }
  structure(value, contrasts = own)
}

# A covariate in the rows that are analysed (row numbers). Levels with rows come first, so that the
# reference has rows; contrasts set by the user keep the order of the levels.
pick_covariate <- function(value, rows) {
  if (is.matrix(value)) return(value[rows, , drop = FALSE])
  if (!is.factor(value)) return(value[rows])
  own <- attr(value, "contrasts")
  label <- as.character(value)[rows]
  used <- levels(value) %in% label
  order <- if (is.null(own)) c(which(used), which(!used)) else seq_along(used)
  structure(factor(label, levels(value)[order]), contrasts = own)
}
