# The model matrix of a regression and, for each of its columns, what it compares.

# Makes the model matrix of these rows (row numbers) of the variables. model: see
# read_model_formula(). Returns a list that describes the columns
# of the model: the matrix `x` without intercept; `index` and `term`, number and name of
# the term of each column; the `level` and the `reference` that it compares; its text
# `label`; and `member`, which flags the rows that have the levels of the column (NULL:
# all rows). For the variables: which terms contain them (`factors`) and how many levels
# they have (`levels`; 0 for numbers).
regression_design <- function(variables, rows, model) {
  variables <- lapply(variables, pick_covariate, rows)
  factors <- model$factors
  names <- vapply(model$variables, term_text, "")
  parts <- lapply(seq_len(ncol(factors)), function(j) which(factors[, j] > 0))
  check_column_count(variables, parts, names)
  contrasts <- .mapply(coding_of, list(variables, names), NULL)
  made <- if (all(lengths(parts) == 1L)) {
    main_effects(variables[unlist(parts)], contrasts[unlist(parts)])
  } else {
    interactions(variables, parts, contrasts)
  }
  coding <- made$coding
  described <- lapply(seq_along(parts), function(j) {
    columns <- lapply(parts[[j]], function(v) {
      describe_variable(variables[[v]], names[v], contrasts[[v]],
        if (is.null(coding)) 1L else coding[v, j]
      )
    })
    describe_term(columns, names[parts[[j]]])
  })
  all <- function(name) unlist(lapply(described, `[[`, name))
  list(
    x = made$x, index = made$index, term = all("term"),
    level = all("level"), reference = all("reference"), label = all("label"),
    member = unlist(lapply(described, `[[`, "member"), recursive = FALSE),
    factors = factors > 0, levels = vapply(variables, nlevels, 0L)
  )
}

# With more columns than this, the information alone would take gigabytes, and a step of
# the
# fit minutes
most_columns <- 5000

# Stops if a term has too many columns, such as a factor with a level for each row
check_column_count <- function(variables, parts, names) {
  sizes <- vapply(variables, function(v) if (is.factor(v)) nlevels(v) else NCOL(v), 0L)
  columns <- vapply(parts, function(at) prod(as.double(sizes[at])), 0)
  j <- which.max(columns)
  if (columns[j] <= most_columns) return(invisible())
  name <- paste(names[parts[[j]]], collapse = ":")
  stop_oligosurv("data", sprintf(
    paste(
      "`%s` has %s levels, each with a coefficient of its own; at most %s are possible.",
      "Use droplevels() if most have no rows, strata() or `id` if they are units such as",
      "patients or centres, or fewer levels"
    ), name, format_count(columns[j]), format_count(most_columns)
  ), arg = "x")
}

# A covariate in the rows that are analysed (row numbers). Levels with rows come first, so
# that the reference has rows; contrasts set by the user keep the order of the levels.
pick_covariate <- function(value, rows) {
  if (is.matrix(value)) return(value[rows, , drop = FALSE])
  if (!is.factor(value)) return(value[rows])
  own <- attr(value, "contrasts")
  code <- as.integer(value)[rows]
  used <- tabulate(code, nlevels(value)) > 0L
  order <- if (is.null(own)) c(which(used), which(!used)) else seq_along(used)
  labels <- levels(value)[order]
  structure(quick_factor(match(seq_along(order), order)[code], labels), contrasts = own)
}

# The model matrix of terms with one variable each, and the number of the term of each
# column. model.matrix() would make a copy more, and takes longer than a fit of few rows.
main_effects <- function(variables, contrasts) {
  columns <- lapply(seq_along(variables), function(v) {
    value <- variables[[v]]
    if (is.factor(value)) contrasts[[v]][as.integer(value), , drop = FALSE] else value
  })
  size <- vapply(columns, NCOL, 0L)
  x <- if (length(columns) == 1L) as.matrix(columns[[1L]]) else do.call(cbind, columns)
  storage.mode(x) <- "double"
  list(x = x, index = rep.int(seq_along(size), size))
}

# The same with interactions, and how terms() codes the factors of each term: 2 for a
# column a level
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
  if (is.null(own)) return(stats::contr.treatment(levels(value)))
  made <- tryCatch(stats::contrasts(value), error = function(e) NULL)
  fits <- is.matrix(made) && nrow(made) == nlevels(value) && ncol(made) > 0L
  if (!fits || !all(is.finite(made))) {
    stop_oligosurv("input", sprintf(
      "the contrasts of `%s` must be a finite matrix with one row per level (%d levels)",
      name, nlevels(value)
    ), arg = "x")
  }
  if (is.null(colnames(made))) colnames(made) <- seq_len(ncol(made))
  made
}

# Describes the columns of one variable in a term: `piece`, its part of the column label;
# `level`, the number of the level that the column marks (NA if none); and the number of
# the `reference`. In a term without its main effects a factor has a column for each level
# (coding 2).
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
  labels <- levels(value)
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
# variables. Those of the first variable vary fastest.
describe_term <- function(columns, names) {
  each <- lapply(columns, function(v) seq_along(v$piece))
  grid <- if (length(each) == 1L) each else as.list(expand.grid(each))
  size <- length(grid[[1L]])
  member <- vector("list", size)
  for (v in seq_along(columns)) {
    level <- columns[[v]]$level[grid[[v]]]
    for (j in which(!is.na(level))) {
      of <- as.integer(columns[[v]]$value) == level[j]
      member[[j]] <- if (is.null(member[[j]])) of else member[[j]] & of
    }
  }
  term <- paste(names, collapse = ":")
  text <- do.call(paste, c(
    Map(function(v, at) v$piece[at], columns, grid), list(sep = " : ")
  ))
  level <- if (size > 1L || length(columns) > 1L) text else rep(NA_character_, size)
  reference <- rep(NA_character_, size)
  only <- columns[[1L]]
  if (length(columns) == 1L && !is.null(only$value)) {
    labels <- levels(only$value)
    compared <- !is.na(only$reference)
    level <- ifelse(compared, labels[only$level], text)
    reference[compared] <- labels[only$reference[compared]]
  }
  list(
    term = rep(term, size), level = level, reference = reference, label = text,
    member = member
  )
}
