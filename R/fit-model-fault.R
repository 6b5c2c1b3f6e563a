# Checks the model that a hazard_ratio keeps, which a user may have changed: types,
# lengths and codes. C code checks the cells and rows again when it reads them.

# The model that new_hazard_ratio() stores. All methods take it from here.
model_of <- function(object) {
  bad <- model_fault(object$model)
  if (is.null(bad) && length(object$model$fits) != NROW(object$models)) bad <- "fits"
  if (is.null(bad)) return(object$model)
  stop_changed("hazard_ratio", bad, "hazard_ratio()")
}

# The first component of a model that is not as hazard_ratio() makes it, or NULL
model_fault <- function(model) {
  if (!is_list(model) || !length(model)) return("model")
  if (!is_matrix_of(model$x, "double")) return("x")
  bad <- rows_of_model_fault(model)
  if (is.null(bad)) bad <- coding_fault(model)
  if (!is.null(bad)) return(bad)
  fits <- model$fits
  if (!is_list(fits) || !length(fits)) return("fits")
  if (!is.null(names(fits)) && anyDuplicated(names(fits))) return("fits")
  for (fit in fits) {
    bad <- fit_of_cause_fault(fit, ncol(model$x))
    if (is.null(bad)) bad <- unlike_model(fit, model)
    if (!is.null(bad)) return(bad)
  }
}

# The first component of one element of `fits` that does not match the model
unlike_model <- function(fit, model) {
  if (!length(fit$curve$known)) return(NULL)
  cells <- fit$cells
  offset <- if (is.null(cells)) fit$curve$fine_gray$offset else cells$offset
  counts <- is.null(model$row) && is.null(model$source)
  pairs <- !is.null(fit$curve$fine_gray$pairs)
  first_false(
    id = !is.null(model$id) || is.null(fit$curve$correction),
    offset = is.null(offset) == is.null(model$offset),
    size = is.null(cells$pattern) || !is.null(cells$size),
    stratum = length(model$stratum) >= 1L &&
      (is.null(cells) || length(model$stratum) == length(cells$stratum_end)),
    pairs = !is.null(cells) || pairs == (counts && model$late)
  )
}

# The name of the first condition that is not TRUE; conditions are evaluated in order
first_false <- function(...) {
  for (i in seq_len(...length())) {
    if (!isTRUE(...elt(i))) return(...names()[i])
  }
}

is_list <- function(v) is.list(v) && !is.object(v) && is.null(dim(v))

is_vector_of <- function(v, type, n) {
  typeof(v) == type && length(v) == n && !is.object(v) && is.null(dim(v))
}

may_lack_vector_of <- function(v, type, n) is.null(v) || is_vector_of(v, type, n)

is_matrix_of <- function(v, type, n_row = nrow(v), n_column = ncol(v)) {
  typeof(v) == type && is.matrix(v) && !is.object(v) && nrow(v) == n_row &&
    ncol(v) == n_column
}

is_single <- function(v, type) is_vector_of(v, type, 1L) && !is.na(v)

# Known whole numbers from 1 to `most`
are_codes_to <- function(v, most, n = length(v)) {
  is_vector_of(v, "integer", n) && !anyNA(v) && (!n || (min(v) >= 1L && max(v) <= most))
}

is_list_of <- function(v, n, of = function(element) TRUE) {
  is_list(v) && length(v) == n && all(vapply(v, of, NA))
}

are_names <- function(v) is.null(v) || is.character(v)

rows_of_model_fault <- function(model) {
  n <- nrow(model$x)
  counts <- is.null(model$row) && is.null(model$source)
  first_false(
    formula = inherits(model$formula, "formula") && is.call(model$formula) &&
      length(model$formula) == if (counts) 2L else 3L,
    label = is_vector_of(model$label, "character", ncol(model$x)) &&
      all(validEnc(model$label)),
    row = may_lack_vector_of(model$row, "integer", n),
    id = is.null(model$id) || are_codes_to(model$id, n, n),
    whole = is_single(model$whole, "logical"), late = is_single(model$late, "logical"),
    tie_tol = is_single(model$tie_tol, "double"),
    stratum = are_codes_to(model$stratum, .Machine$integer.max),
    offset = may_lack_vector_of(model$offset, "double", n),
    source = is.null(model$source) || is_list(model$source), # see check_source()
    number = is.null(model$source) ||
      isTRUE(max(1L, model$source$number, na.rm = TRUE) <= n)
  )
}

# How covariates become columns of the model matrix
coding_fault <- function(model) {
  coding <- model$coding
  recipe <- model$recipe
  n <- length(coding$names)
  factors <- model$factors
  first_false(
    coding = is_list(coding), recipe = is_list(recipe),
    names = is_vector_of(coding$names, "character", n),
    labels = is_list_of(coding$labels, n, are_names),
    contrasts = is_list_of(coding$contrasts, n, function(v) {
      is.null(v) || is_matrix_of(v, "double")
    }) && identical(
      vapply(coding$contrasts, NROW, 0L), lengths(coding$labels, use.names = FALSE)
    ),
    variables = is.null(coding$variables) || is_list_of(coding$variables, n, function(v) {
      NROW(v) == nrow(model$x) &&
        (if (is.factor(v)) .Call(C_codes_fit, v) else is.numeric(v))
    }),
    factors = is_matrix_of(factors, "logical", n) && !anyNA(factors),
    index = are_codes_to(model$index, NCOL(factors), ncol(model$x)),
    contrasts = have_columns(coding$contrasts, factors, model$index),
    calls = is_list_of(recipe$calls, n),
    columns = is_list_of(recipe$columns, n, are_names) &&
      all(mapply(is_column_of, recipe$columns, recipe$calls)),
    matrices = is_list_of(recipe$matrices, n, are_names),
    strata = is.null(recipe$strata) || is_list(recipe$strata),
    strata_columns = is_list_of(
      recipe$strata_columns, length(recipe$strata), are_names
    ) && all(unlist(Map(is_column_of, recipe$strata_columns, recipe$strata))),
    offsets = is_list_of(recipe$offsets, length(recipe$offsets), function(v) {
      is.language(v) || is_vector_of(v, "double", 1L) || is_vector_of(v, "integer", 1L)
    }),
    offset_columns = is_list_of(
      recipe$offset_columns, length(recipe$offsets), are_names
    )
  )
}

# A covariate that is a name has the column of this name, see covariate_recipe()
is_column_of <- function(columns, call) {
  !is.symbol(call) || identical(columns, as.character(call))
}

# Does each factor with a term of its own have as many contrasts as the term has columns?
have_columns <- function(contrasts, factors, index) {
  size <- tabulate(index, ncol(factors))
  all(vapply(which(colSums(factors) == 1), function(term) {
    coding <- contrasts[[which(factors[, term])]]
    is.null(coding) || ncol(coding) == size[term]
  }, NA))
}

# One element of `fits`, for a model matrix of p columns
fit_of_cause_fault <- function(fit, p) {
  if (!is_list(fit)) return("fits")
  if (!is_vector_of(fit$known, "logical", p) || anyNA(fit$known)) return("known")
  curve <- fit$curve
  if (!is_list(curve) || !are_codes_to(curve$known, p)) return("curve")
  # all in the likelihood; `known` has none of them if all labels would be wrong
  k <- length(curve$known)
  cox <- is_list(fit$cells)
  first_false(
    known = sum(fit$known) %in% c(0L, k), beta = is_vector_of(fit$beta, "double", p),
    var = is_matrix_of(fit$var, "double", p, p),
    apart = is_vector_of(fit$apart, "logical", p) && !anyNA(fit$apart),
    cause = is_single(fit$cause, "integer"),
    naive = (k == 0 && is.null(fit$naive)) || is_matrix_of(fit$naive, "double", k, k),
    loglik = may_lack_vector_of(fit$loglik, "double", 2L),
    cells = cox || (is.null(fit$cells) && (k == 0 || !is.null(fit$data))),
    data = is_fine_gray_data(fit$data) && !(cox && !is.null(fit$data)),
    curve = !anyDuplicated(curve$known),
    curve = (k == 0 && is.null(curve$beta)) || is_vector_of(curve$beta, "double", k),
    curve = if (cox) isTRUE(curve$cox) else k == 0 || is.null(curve$cox),
    curve = is.character(curve$infinite) &&
      is_single(curve$variance, "character") &&
      curve$variance %in% c("censoring", "robust"),
    curve = is_single(curve$blank, "logical"),
    curve = is.null(curve$var) || is_matrix_of(curve$var, "double", k, k),
    correction = is_correction(curve$correction),
    fine_gray = are_fine_gray_rows(curve$fine_gray),
    fine_gray = k == 0 || cox == is.null(curve$fine_gray)
  )
}

# The rows of fine_gray_rows(). C checks the components that it reads.
are_fine_gray_rows <- function(data) {
  if (is.null(data)) return(TRUE)
  if (!is_list(data)) return(FALSE)
  n <- length(data$status)
  times <- length(data$time_end)
  pairs <- data$pairs
  are_codes_to(data$kept, .Machine$integer.max, n) &&
    are_codes_to(data$time, .Machine$integer.max, times) &&
    are_codes_to(data$codes, .Machine$integer.max, length(data$stratum_end)) &&
    (is.null(pairs) || (is_list(pairs) && are_codes_to(pairs$lone, n, n) &&
      is_vector_of(pairs$time, "integer", n) && is_vector_of(pairs$entry, "integer", n) &&
      is_vector_of(pairs$size, "double", n) && is_list(pairs$curves) &&
      all(vapply(pairs$curves, is.integer, NA)) &&
      are_codes_to(unlist(pairs$curves), n, n)))
}

# See residual_rows()
is_fine_gray_data <- function(data) {
  if (is.null(data)) return(TRUE)
  if (!is_list(data) || !is_list(data$rows)) return(FALSE)
  rows <- data$rows
  n <- length(rows$time)
  needed <- rows[c("time", "stratum", "status")]
  all(vapply(needed, is_vector_of, NA, "integer", n)) &&
    all(vapply(rows[c("entry", "row")], may_lack_vector_of, NA, "integer", n)) &&
    may_lack_vector_of(rows$size, "double", n) && is_single(data$ties, "character")
}

# See id_correction()
is_correction <- function(x) {
  if (is.null(x)) return(TRUE)
  one <- function(v) is.numeric(v) && length(v) == 1L
  is_list(x) && one(x$n_id) && one(x$df) && one(x$factor) && !is.na(x$df)
}
