# Covariates of new data, coded as in the fit: the same levels and contrasts, and the same
# knots of splines.

# How to compute each covariate and stratum from the columns of new data: `calls`, in
# which the knots of splines and similar constants are filled in, and the `columns` that
# each call needs. Other names, such as the degrees of freedom of a spline, are looked up
# in the environment that calls predict().
covariate_recipe <- function(model, values, offsets, data, env, n) {
  columns_of <- function(expr) {
    Filter(function(name) {
      if (is.list(data) && name %in% names(data)) return(TRUE)
      value <- get0(name, env)
      !is.function(value) && NROW(value) == n && n > 1L
    }, all.vars(expr))
  }
  calls <- model$variables
  columns <- matrices <- vector("list", length(calls))
  in_data <- is.list(data) & match(model$names, names(data), 0L) > 0L
  for (v in seq_along(calls)) {
    call <- calls[[v]]
    is_column <- in_data[v] && is.symbol(call)
    columns[[v]] <- if (is_column) model$names[v] else columns_of(call)
    if (is.call(call)) calls[[v]] <- stats::makepredictcall(values[[v]], call)
    if (is.matrix(values[[v]])) matrices[v] <- list(matrix_columns(values[[v]]))
  }
  if (!length(model$strata) && !length(model$offsets)) { # the usual case
    return(list(
      calls = calls, columns = columns, matrices = matrices, strata = NULL,
      strata_columns = list(), offsets = list(), offset_columns = list()
    ))
  }
  strata <- unlist(lapply(model$strata, function(x) as.list(x)[-1L]))
  c(list(
    calls = calls, columns = columns, matrices = matrices, strata = strata,
    strata_columns = lapply(strata, columns_of)
  ), offset_recipe(model, offsets, columns_of))
}

# The names or, without names, the numbers of the columns of a covariate that is a matrix
matrix_columns <- function(value) {
  if (ncol(value) < 2L) return(NULL)
  if (is.null(colnames(value))) as.character(seq_len(ncol(value))) else colnames(value)
}

# Reads the covariates of `newdata`. env: environment in which functions and constants are
# looked up. Returns list(variables, offset, missing, shown): the covariates, the offset,
# a flag for rows with a missing value, and the columns used. `arg`: the name of the
# argument with the new data.
read_newdata <- function(newdata, recipe, coding, env, arg = "newdata") {
  check_newdata(newdata, arg)
  needed <- columns_of_recipe(recipe)
  stop_lacking_columns(newdata, recipe, arg)
  variables <- Map(function(call, labels, columns, name) {
    value <- eval_term(call, newdata, env)
    value <- read_new_covariate(value, labels, name, nrow(newdata), arg)
    if (is.null(labels)) match_columns(value, columns, name, arg) else value
  }, recipe$calls, coding$labels, recipe$matrices, coding$names)
  variables <- Map(function(value, contrasts) {
    structure(value, contrasts = if (is.factor(value)) contrasts)
  }, variables, coding$contrasts)
  offset <- new_offset(newdata, recipe, env, arg)
  list(
    variables = unname(variables), offset = offset,
    missing = Reduce(`|`, lapply(variables, is_missing), is.na(offset)),
    shown = as.list(newdata)[needed]
  )
}

columns_of_recipe <- function(recipe) {
  unique(unlist(c(recipe$columns, recipe$offset_columns)))
}

lacking_columns <- function(newdata, recipe) {
  setdiff(columns_of_recipe(recipe), names(newdata))
}

stop_lacking_columns <- function(newdata, recipe, arg) {
  lacking <- lacking_columns(newdata, recipe)
  if (!length(lacking)) return(invisible())
  stop_oligosurv("input", sprintf(
    "`%s` has no column %s; the fit needs %s", arg,
    join_words(paste0("`", lacking, "`")),
    join_words(paste0("`", columns_of_recipe(recipe), "`"))
  ), arg = arg, column = lacking)
}

check_newdata <- function(newdata, arg) {
  if (!is.data.frame(newdata)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be a data frame with a column for each covariate; it is %s", arg,
      describe(newdata)
    ), arg = arg)
  }
  check_frame_columns(newdata, arg)
  if (!nrow(newdata)) {
    stop_oligosurv("data", sprintf("`%s` must have at least one row; it has none", arg),
      arg = arg
    )
  }
}

# A covariate of new data: numbers, or a factor with the levels of the fit (`labels`)
read_new_covariate <- function(value, labels, name, n, arg) {
  value <- plain_key_column(value, name, "numbers")
  if (NROW(value) != n) stop_row_count(value, name, n)
  if (!is.null(labels)) return(match_levels(value, labels, name, arg))
  if (!is.numeric(value)) {
    stop_oligosurv("input", sprintf(
      "`%s` was a number in the fit; in `%s` it is %s", name, arg, describe(value)
    ), arg = arg, column = name)
  }
  infinite <- is.infinite(value)
  if (any(infinite)) {
    where <- which(rowSums(matrix(infinite, n)) > 0)
    stop_oligosurv("domain", sprintf(
      "`%s` of `%s` must be finite; %s", name, arg, format_rows(where)
    ), where = where, arg = arg)
  }
  value
}

# The columns of a matrix in the order of the fit; columns: see matrix_columns()
match_columns <- function(value, columns, name, arg) {
  width <- max(length(columns), 1L)
  own <- if (is.matrix(value)) colnames(value)
  known <- is.null(own) || width == 1L || identical(columns, as.character(seq_len(width)))
  if (NCOL(value) == width && (known || setequal(own, columns))) {
    return(if (known) value else value[, columns, drop = FALSE])
  }
  stop_oligosurv("input", sprintf(
    "`%s` has %s in the fit; in `%s` it has %s", name, words_of_columns(width, columns),
    arg, words_of_columns(NCOL(value), own)
  ), arg = arg, column = name)
}

words_of_columns <- function(n, names) {
  text <- count_noun(n, "column")
  if (!length(names) || n > 12L) return(text)
  sprintf("%s (%s)", text, paste0("\"", names, "\"", collapse = ", "))
}

match_levels <- function(value, labels, name, arg) {
  text <- trim_labels(as.character(value))
  text[!nzchar(text)] <- NA
  code <- match(text, labels)
  unknown <- which(is.na(code) & !is.na(text))
  if (length(unknown)) {
    stop_oligosurv("data", sprintf(
      "the level \"%s\" of `%s` in `%s` (%s) is not in the fit; its levels are %s",
      text[unknown[1L]], name, arg, format_rows(unknown),
      paste0("\"", labels, "\"", collapse = ", ")
    ), where = unknown, arg = arg)
  }
  quick_factor(code, labels)
}

# The model matrix of new covariates, with the columns of regression_design()
new_design <- function(variables, factors, contrasts) {
  parts <- lapply(seq_len(ncol(factors)), function(j) which(factors[, j]))
  if (all(lengths(parts) == 1L)) {
    main_effects(variables[unlist(parts)], contrasts[unlist(parts)])$x
  } else {
    interactions(variables, parts, contrasts)$x
  }
}

# The stratum (number among `labels`, the strata of the fit) of each row of new data; NULL
# if the rows have no stratum and therefore stand for all strata
read_new_strata <- function(newdata, recipe, labels, env, arg = "newdata") {
  if (length(labels) == 1L) return(rep(1L, nrow(newdata)))
  needed <- unique(unlist(recipe$strata_columns))
  if (is.null(recipe$strata)) { # counts: the names of the variables are not known
    recipe$strata <- list(quote(strata))
    needed <- "strata"
  }
  found <- needed %in% names(newdata)
  if (!any(found)) return(NULL)
  if (!all(found)) {
    stop_oligosurv("input", sprintf(
      "`%s` has no column %s; the strata are formed by it together with %s", arg,
      join_words(paste0("`", needed[!found], "`")),
      join_words(paste0("`", needed[found], "`"))
    ), arg = arg)
  }
  codes <- code_terms(recipe$strata, newdata, env, nrow(newdata))
  match_levels(codes$labels[as.integer(codes$code)], labels, "strata", arg)
}
