# offset() of a regression: a term of the linear predictor whose coefficient is fixed at
# 1.

# The arguments of the offsets of a formula without its left side
read_offset_terms <- function(offsets, x) {
  rhs <- x[[length(x)]]
  written <- sum(called_names(rhs) == "offset")
  if (!written) return(list())
  alone <- sum(vapply(rhs_terms(rhs), calls_to, NA, "offset"))
  one_argument <- all(lengths(offsets) == 2L)
  if (alone < written || !one_argument) {
    stop_oligosurv("input", paste(
      "offset() must be a separate term with one argument in the formula of",
      "hazard_ratio(), joined by `+`, as in Surv(time, status) ~ arm + offset(log_risk)"
    ), arg = "x")
  }
  lapply(offsets, `[[`, 2L)
}

# The offset of n rows: the sum of the `values` of the terms; NULL without terms. Rows
# flagged in `kept` are returned (NULL: all).
read_offset <- function(values, exprs, n, kept = NULL, arg = "x") {
  if (!length(values)) return(NULL)
  each <- Map(function(value, expr) {
    name <- sprintf("offset(%s)", term_text(expr))
    value <- plain_key_column(value, name, "numbers")
    if (!is.numeric(value) || NCOL(value) != 1L || inherits(value, "Surv")) {
      stop_oligosurv("input", sprintf(
        "`%s` must be one number per row; it is %s", name, describe(value)
      ), arg = arg)
    }
    if (length(value) != n) stop_row_count(value, name, n)
    infinite <- is.infinite(value)
    if (any(infinite)) {
      stop_oligosurv("domain", sprintf(
        paste(
          "`%s` must be finite; %s. An offset is added to the logarithm of the hazard,",
          "so log(0) is not possible: leave these rows out"
        ), name, format_rows(which(infinite))
      ), where = which(infinite), arg = arg)
    }
    as.double(value)
  }, values, exprs)
  sum <- Reduce(`+`, each)
  if (is.null(kept)) sum else sum[kept]
}

# What a fit stores to compute the offset of new data, see covariate_recipe()
offset_recipe <- function(model, values, columns_of) {
  calls <- model$offsets
  for (v in seq_along(calls)) {
    if (is.call(calls[[v]])) calls[[v]] <- stats::makepredictcall(values[[v]], calls[[v]])
  }
  list(offsets = calls, offset_columns = lapply(model$offsets, columns_of))
}

# The offset of new data; 0 without offsets
new_offset <- function(newdata, recipe, env, arg) {
  n <- nrow(newdata)
  values <- lapply(recipe$offsets, eval_term, newdata, env)
  offset <- read_offset(values, recipe$offsets, n, arg = arg)
  if (is.null(offset)) double(n) else offset
}

# The offsets of a model as text, for prints
offset_text <- function(recipe) {
  if (!length(recipe$offsets)) return(NULL)
  join_words(sprintf("offset(%s)", vapply(recipe$offsets, term_text, "")))
}

# The offset of the rows of a model matrix; 0 without one
offset_of <- function(offset, rows) if (is.null(offset)) 0 else offset[rows]
