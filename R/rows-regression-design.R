# The model matrix of a regression and, for each of its columns, what it compares.

# Makes the model matrix of the given rows (row numbers) of the variables. model: see
# read_model_formula(). Returns a list about the columns of the model: the matrix `x`
# without intercept; `index` and `term`, the number and name of the term of each column;
# `level` and `reference`, the levels it compares; its text `label`; and `member`, which
# flags the rows with one of these levels (NULL: all rows). About the variables:
# `factors`, which terms contain them; and `levels`, how many levels they have (0 for
# numbers). `coding`: input of new_design().
regression_design <- function(variables, rows, model) {
  names <- model$names
  parts <- model$parts
  single <- length(model$at) == length(parts)
  labels <- contrasts <- vector("list", length(variables))
  for (v in seq_along(variables)) {
    is_factor <- is.factor(variables[[v]])
    # main_effects() selects the rows of numbers itself
    if (single && !is_factor) next
    variables[[v]] <- pick_covariate(variables[[v]], rows)
    if (is_factor) labels[[v]] <- attr(variables[[v]], "levels")
  }
  levels <- lengths(labels)
  check_column_count(variables, levels, parts, names)
  for (v in seq_along(variables)) {
    if (!is.null(labels[[v]])) contrasts[[v]] <- coding_of(variables[[v]], names[v])
  }
  made <- if (single) {
    main_effects(variables[model$at], contrasts[model$at], rows)
  } else {
    interactions(variables, parts, contrasts)
  }
  described <- vector("list", length(parts))
  for (j in seq_along(parts)) {
    v <- parts[[j]][1L]
    if (single && is.null(attr(variables[[v]], "contrasts")) && !is.null(labels[[v]])) {
      described[[j]] <- describe_levels(variables[[v]], labels[[v]], names[v])
      next
    }
    columns <- vector("list", length(parts[[j]]))
    for (k in seq_along(columns)) {
      v <- parts[[j]][k]
      coding <- if (single) 1L else made$coding[v, j]
      columns[[k]] <- describe_variable(variables[[v]], names[v], contrasts[[v]], coding)
    }
    described[[j]] <- describe_term(columns, names[parts[[j]]])
  }
  all <- if (length(described) == 1L) {
    described[[1L]]
  } else {
    .mapply(function(...) unlist(list(...), FALSE), described, NULL)
  }
  list(
    x = made$x, index = made$index, term = all[[1L]], level = all[[2L]],
    reference = all[[3L]], label = all[[4L]], member = all[[5L]],
    factors = model$factors, levels = levels,
    coding = list(
      contrasts = contrasts, labels = labels, names = names,
      variables = if (!single) variables
    )
  )
}

# With more columns than this, the information matrix alone would take gigabytes, and each
# step of the fit minutes
most_columns <- 5000

# Stops if a term has too many columns, such as a factor with a level for each row
check_column_count <- function(variables, levels, parts, names) {
  sizes <- as.double(levels)
  if (!all(levels)) for (v in which(sizes == 0)) sizes[v] <- NCOL(variables[[v]])
  if (prod(sizes) <= most_columns) return(invisible())
  columns <- vapply(parts, function(at) prod(sizes[at]), 0)
  if (max(columns) <= most_columns) return(invisible())
  j <- which.max(columns)
  name <- paste(names[parts[[j]]], collapse = ":")
  stop_oligosurv("data", sprintf(
    paste(
      "`%s` has %s levels, each with a coefficient of its own; at most %s are possible.",
      "Use droplevels() if most have no rows, strata() or `id` if they are units such as",
      "patients or centres, or fewer levels"
    ), name, format_count(columns[j]), format_count(most_columns)
  ), arg = "x")
}

# A covariate in the rows that are analysed (row numbers). Levels that occur come first,
# so that the reference level has rows. If the user has set contrasts, the order of the
# levels is kept.
pick_covariate <- function(value, rows) {
  if (is.matrix(value)) return(value[rows, , drop = FALSE])
  if (!is.factor(value)) return(value[rows])
  .Call(C_pick_levels, value, as.integer(rows), attr(value, "contrasts"))
}

# The model matrix of terms with one variable each, and the number of the term of each
# column. Of numbers the given rows are used (NULL: all); factors must already be
# restricted to them. model.matrix() would copy the data once more, and takes longer than
# a fit of few rows.
main_effects <- function(variables, contrasts, rows = NULL) {
  .Call(C_model_columns, variables, contrasts, if (!is.null(rows)) as.integer(rows))
}

# The model matrix of terms with interactions, and how terms() codes the factors of each
# term: 2 for one column per level
interactions <- function(variables, parts, contrasts) {
  safe <- paste0("v", seq_along(variables)) # model.matrix() looks columns up by name
  labels <- vapply(parts, function(at) paste(safe[at], collapse = ":"), "")
  terms <- stats::terms(stats::reformulate(labels), keep.order = TRUE)
  frame <- structure(stats::setNames(variables, safe),
    class = "data.frame", row.names = .set_row_names(NROW(variables[[1L]])),
    terms = terms
  )
  x <- stats::model.matrix(terms, frame,
    contrasts.arg = stats::setNames(contrasts, safe)[vapply(variables, is.factor, NA)]
  )
  index <- attr(x, "assign")
  list(
    x = x[, index > 0L, drop = FALSE], index = index[index > 0L],
    coding = attr(terms, "factors")[safe, , drop = FALSE]
  )
}

# The contrast matrix of a factor: each level is compared with the first one, unless the
# user has set other contrasts
coding_of <- function(value, name) {
  if (!is.factor(value)) return(NULL)
  own <- attr(value, "contrasts")
  if (is.null(own)) return(against_first(attr(value, "levels")))
  made <- tryCatch(stats::contrasts(value), error = raise_time_limit)
  fits <- is.matrix(made) && nrow(made) == nlevels(value) && ncol(made) > 0L
  if (!fits || !all(is.finite(made))) {
    stop_oligosurv("input", sprintf(
      "the contrasts of `%s` must be a finite matrix with one row per level (%d levels)",
      name, nlevels(value)
    ), arg = "x")
  }
  storage.mode(made) <- "double"
  if (is.null(colnames(made))) colnames(made) <- seq_len(ncol(made))
  made
}

# contr.treatment() without its checks
against_first <- remember_last(function(labels) {
  k <- length(labels)
  coding <- double(k * (k - 1L))
  dim(coding) <- c(k, k - 1L)
  dimnames(coding) <- list(labels, labels[-1L])
  coding[seq.int(2L, by = k + 1L, length.out = k - 1L)] <- 1
  coding
})

# Describes the columns of one variable in a term: `piece`, its part of the column label;
# `level`, the number of the level that the column marks (NA if none); and the number of
# the `reference`. If a term is without its main effects, a factor has one column for each
# level (coding 2).
describe_variable <- function(value, name, contrasts, coding) {
  if (!is.factor(value)) {
    k <- NCOL(value)
    suffix <- if (is.null(colnames(value))) seq_len(k) else colnames(value)
    none <- rep(NA_integer_, k)
    return(list(
      piece = if (k == 1L) name else paste(name, suffix), level = none,
      reference = none, value = NULL
    ))
  }
  labels <- attr(value, "levels")
  if (coding == 1L && is.null(attr(value, "contrasts"))) { # the usual case
    level <- seq_along(labels)[-1L]
    return(list(
      piece = paste(name, labels[-1L]), level = level, value = value,
      reference = rep(1L, length(level))
    ))
  }
  if (coding == 2L) contrasts <- diag(length(labels))
  marks <- unname(colSums(contrasts == 1) == 1L & colSums(contrasts != 0) == 1L)
  base <- which(rowSums(contrasts != 0) == 0L)
  marks <- marks & (coding == 2L | length(base) == 1L)
  level <- ifelse(marks, max.col(t(contrasts == 1), "first"), NA_integer_)
  suffix <- ifelse(marks, labels[level], colnames(contrasts))
  list(
    piece = paste(name, suffix), level = level, value = value,
    reference = ifelse(marks & coding == 1L, base[1L], NA_integer_)
  )
}

# Describes the columns of a term, which are all combinations of the columns of its
# variables; those of the first variable vary fastest. Returns the `term`, `level`,
# `reference`, `label` and `member` of each column, see regression_design().
describe_term <- function(columns, names) {
  if (length(columns) == 1L) return(describe_main(columns[[1L]], names))
  grid <- as.list(expand.grid(lapply(columns, function(v) seq_along(v$piece))))
  size <- length(grid[[1L]])
  member <- vector("list", size)
  for (v in seq_along(columns)) {
    level <- columns[[v]]$level[grid[[v]]]
    codes <- if (!is.null(columns[[v]]$value)) as.integer(columns[[v]]$value)
    for (j in which(!is.na(level))) {
      of <- codes == level[j]
      member[[j]] <- if (is.null(member[[j]])) of else member[[j]] & of
    }
  }
  text <- do.call(paste, c(
    .mapply(function(v, at) v$piece[at], list(columns, grid), NULL), list(sep = " : ")
  ))
  list(
    term = rep(paste(names, collapse = ":"), size), level = text,
    reference = rep(NA_character_, size), label = text, member = member
  )
}

# Like describe_term(), for the main effect of a factor whose levels are compared with the
# first one
describe_levels <- function(value, labels, name) {
  level <- labels[-1L]
  size <- length(level)
  list(
    term = rep.int(name, size), level = level, reference = rep.int(labels[1L], size),
    label = paste(name, level), member = .Call(C_level_members, value, size)
  )
}

# Like describe_term(), for a term of one variable
describe_main <- function(column, name) {
  text <- column$piece
  size <- length(text)
  member <- vector("list", size)
  level <- if (size > 1L) text else NA_character_
  reference <- rep(NA_character_, size)
  if (!is.null(column$value)) {
    codes <- as.integer(column$value)
    marked <- column$level
    for (j in seq_len(size)) if (!is.na(marked[j])) member[[j]] <- codes == marked[j]
    labels <- attr(column$value, "levels")
    compared <- !is.na(column$reference)
    level <- text
    level[compared] <- labels[column$level[compared]]
    reference[compared] <- labels[column$reference[compared]]
  }
  list(
    term = rep(name, size), level = level, reference = reference, label = text,
    member = member
  )
}
