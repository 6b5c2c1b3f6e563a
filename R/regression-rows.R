# Formula and data of a regression to plain columns: the left side and strata as every
# estimator reads them, covariates as any R model does.

# `...`: censor, na.action and landmark
read_regression <- function(x, data, id, tie_tol, censor = NULL,
                            na.action = stats::na.omit, landmark = NULL, ...) {
  check_no_dots(...)
  if (!inherits(x, "formula") || length(x) != 3L) {
    stop_oligosurv("input", paste(
      "`x` must be a formula Surv(time, status) ~ covariates, or an event table; it is",
      describe(x)
    ), arg = "x")
  }
  terms <- rhs_terms(x[[3L]])
  is_strata <- vapply(terms, calls_to, NA, "strata")
  is_cluster <- vapply(terms, calls_to, NA, "cluster")
  if (is.null(id)) check_repeated_ids(data)
  rows <- read_formula(with_terms(x, terms[is_strata]), data, censor, landmark)
  check_late_groups(terms, data, environment(x), landmark, rows$kept)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  if (!is.null(id)) id <- check_row_count(id, "id", length(kept))[kept]
  covariates <- with_terms(x, terms[!is_strata & !is_cluster])
  design <- read_design(covariates, data, kept)
  complete <- !missing_rows(rows) & stats::complete.cases(design$x) &
    if (is.null(id)) TRUE else !is.na(id)
  rows$group <- ifelse(complete, 1L, NA_integer_)
  table <- count_table(rows, na.action, "time, status, stratum, covariate or id")
  status <- as.integer(rows$status) - if (is.factor(rows$status)) 1L else 0L
  if (table$coding == "1/2") status <- status - 1L
  # only the order of the times matters; times that are one by the tie rule share a rank
  distinct <- sort(unique(join_ties(table, tie_tol)$time))
  rank <- function(time) findInterval(as.double(time[complete]), distinct)
  list(
    time = rank(rows$time),
    entry = if (is.null(rows$entry)) rep(0, sum(complete)) else rank(rows$entry),
    status = status[complete],
    stratum = if (is.null(rows$stratum)) {
      rep(1L, sum(complete))
    } else {
      as.integer(rows$stratum)[complete]
    },
    id = if (!is.null(id)) match(id, unique(id))[complete],
    design = pick_rows(design, complete), table = table
  )
}

# The formula with these terms on its right side
with_terms <- function(formula, terms) {
  formula[[3L]] <- if (length(terms)) {
    Reduce(function(a, b) call("+", a, b), terms)
  } else {
    1
  }
  formula
}

# Model matrix without intercept over the rows `kept`, and for each of its columns what it
# compares
read_design <- function(formula, data, kept) {
  formula[[2L]] <- NULL
  check_text(all.vars(formula), "x")
  terms <- stats::terms(formula)
  check_covariates(formula, terms)
  exprs <- as.list(attr(terms, "variables"))[-1L]
  variables <- lapply(exprs, function(expr) {
    read_covariate(eval_term(expr, data, environment(formula)), expr, kept)
  })
  names(variables) <- vapply(exprs, term_text, "")
  is_factor <- vapply(variables, is.factor, NA)
  frame <- structure(variables,
    class = "data.frame", row.names = .set_row_names(sum(kept)), terms = terms
  )
  x <- stats::model.matrix(terms, frame,
    contrasts.arg = lapply(variables[is_factor], function(v) "contr.treatment")
  )
  describe_columns(x, attr(terms, "term.labels"), variables)
}

term_text <- function(expr) paste(deparse(expr, 500L), collapse = " ")

check_covariates <- function(formula, terms) {
  special <- intersect(setdiff(all.names(formula), all.vars(formula)), c(
    "strata", "cluster", "frailty", "pspline", "ridge", "tt", "offset"
  ))
  if (length(special)) {
    stop_oligosurv("input", sprintf(
      "%s() inside a term is not read by hazard_ratio()", special[1L]
    ), arg = "x")
  }
  if (!length(attr(terms, "term.labels")) || attr(terms, "intercept") == 0L) {
    stop_oligosurv("input", paste(
      "the formula of hazard_ratio() needs covariates on its right side, and no `- 1`"
    ), arg = "x")
  }
}

# Numbers as they are; else a factor whose first level is the reference, a level with rows
read_covariate <- function(value, expr, kept) {
  n <- length(kept)
  if (is.character(value) || is.logical(value)) value <- factor(value)
  if (NROW(value) != n || !(is.numeric(value) || is.factor(value))) {
    stop_oligosurv("input", sprintf(
      "`%s` of the formula must be numbers or a factor, one a row (%d); it is %s",
      term_text(expr), n, describe(value)
    ), arg = "x")
  }
  value <- if (is.matrix(value)) value[kept, , drop = FALSE] else value[kept]
  if (!is.factor(value)) return(value)
  used <- levels(value) %in% value
  if (nlevels(value) < 2L) {
    stop_oligosurv("data", sprintf(
      "`%s` has only one level, so there is nothing to compare", term_text(expr)
    ), arg = "x")
  }
  factor(as.character(value), c(levels(value)[used], levels(value)[!used]))
}

describe_columns <- function(x, labels, variables) {
  from <- attr(x, "assign")
  keep <- from > 0L
  term <- labels[from[keep]]
  x <- x[, keep, drop = FALSE]
  level <- reference <- rep(NA_character_, length(term))
  member <- matrix(1, nrow(x), ncol(x))
  for (label in unique(term)) {
    at <- which(term == label)
    variable <- variables[[label]]
    if (is.factor(variable)) {
      level[at] <- levels(variable)[-1L]
      reference[at] <- levels(variable)[1L]
      member[, at] <- x[, at] == 1
    } else if (length(at) > 1L || is.null(variable)) {
      level[at] <- colnames(x)[at]
    }
  }
  list(
    x = x, term = unname(term), level = level, reference = reference, member = member
  )
}

pick_rows <- function(design, rows) {
  design$x <- design$x[rows, , drop = FALSE]
  design$member <- design$member[rows, , drop = FALSE]
  design
}
