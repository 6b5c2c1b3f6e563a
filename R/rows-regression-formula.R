# Splits the right side of a regression formula into strata, cluster ids and covariates.
# Terms are identified by their position in the matrix of terms(), never by their text,
# because a column may have any name.

# Terms of model formulas that hazard_ratio() does not accept, and what to write instead
other_model_terms <- c(
  offset = "write it as offset(x), a separate term",
  tt = "split the follow-up at the times of change (survival::survSplit())",
  frailty = "use `id = `, which lets rows of one id depend on each other",
  pspline = "use a regression spline such as splines::ns(x, 3)",
  ridge = "use `firth = TRUE` or fewer covariates",
  nsk = "use splines::ns()"
)

# Returns a list: `strata`, the strata() calls; `variables` and `names`, the covariates as
# expressions and as text; `offsets`, the arguments of offset(); `columns`, the names in
# covariates and offsets; `factors`, which covariates (rows) make up each term (columns);
# `parts` and `at`, their numbers by term, as a list and as a vector.
# `id` are the ids, which `.` does not include.
read_model_formula <- function(x, data, id) {
  if (!inherits(x, "formula") || length(x) != 3L) {
    stop_oligosurv("input", paste(
      "`x` must be a formula Surv(time, status) ~ covariates, or an event table; it is",
      describe(x)
    ), arg = "x")
  }
  names <- all.vars(x)
  if (!is_simple_text(names)) check_text(names, "x")
  # wrapped in list(), because assigning NULL (from `~ NULL`) would delete the element
  if ("." %in% names) x[3L] <- list(expand_dot(x, data, id))
  plain <- plain_columns(x[[3L]])
  if (!is.null(plain)) return(plain)
  x[[2L]] <- NULL
  terms <- withCallingHandlers(stats::terms.formula(x), error = function(e) {
    stop_oligosurv("input", sprintf(
      "the right side of the formula, `%s`, is not a model formula: %s",
      term_text(x[[2L]]), conditionMessage(e)
    ), arg = "x")
  })
  variables <- as.list(attr(terms, "variables"))[-1L]
  factors <- attr(terms, "factors")
  is_strata <- special <- logical(length(variables))
  is_call <- !vapply(variables, is.symbol, NA)
  offset_at <- attr(terms, "offset")
  for (v in which(is_call)) {
    is_strata[v] <- calls_to(variables[[v]], "strata")
    special[v] <- is_strata[v] || v %in% offset_at || calls_to(variables[[v]], "cluster")
  }
  check_model_terms(variables[is_call & !special], terms)
  used <- special
  of_special <- if (length(factors)) {
    used <- .rowSums(factors > 0, nrow(factors), ncol(factors)) > 0
    .colSums(factors[special, ], sum(special), ncol(factors)) > 0
  }
  if (any(attr(terms, "order")[of_special] > 1L)) {
    stop_oligosurv("input", paste(
      "strata() and cluster() must be separate terms in the formula of hazard_ratio(),",
      "joined by `+`; for effects that differ between strata, write the interaction with",
      "the variable itself: x:s + strata(s)"
    ), arg = "x")
  }
  offsets <- read_offset_terms(variables[offset_at], x)
  if (all(of_special)) {
    stop_oligosurv("input", paste(
      "the formula of hazard_ratio() needs covariates on its right side, as in",
      "Surv(time, status) ~ arm"
    ), arg = "x")
  }
  covariates <- variables[used & !special]
  factors <- factors[used & !special, !of_special, drop = FALSE] > 0
  parts <- unname(split(row(factors)[factors], col(factors)[factors]))
  list(
    strata = variables[is_strata & used], variables = covariates,
    names = vapply(covariates, term_text, ""), offsets = offsets,
    columns = names_in(c(covariates, offsets)),
    factors = factors, parts = parts, at = unlist(parts)
  )
}

# The value of read_model_formula() for a sum of different columns, the most common right
# side, without a call of terms(); NULL for any other right side
plain_columns <- remember_last(function(rhs) {
  variables <- rhs_terms(rhs)
  n <- length(variables)
  names <- character(n)
  for (v in seq_len(n)) {
    if (!is.symbol(variables[[v]])) return(NULL)
    names[v] <- as.character(variables[[v]])
  }
  # terms() writes other names with backticks
  if (!n || !identical(make.names(names), names)) return(NULL)
  if (match(".", names, 0L) || (n > 1L && anyDuplicated(names))) return(NULL)
  factors <- diag(n) == 1
  dimnames(factors) <- list(names, names)
  list(
    strata = list(), variables = variables, names = names, offsets = list(),
    columns = names, factors = factors, parts = as.list(seq_len(n)), at = seq_len(n)
  )
})

# `variables`: the covariates that are calls
check_model_terms <- function(variables, terms) {
  if (attr(terms, "intercept") == 0L) {
    stop_oligosurv("input", paste(
      "leave `- 1` and `0 +` out of the formula of hazard_ratio(): a hazard model has no",
      "intercept, and factors are compared with their first level"
    ), arg = "x")
  }
  if (!length(variables)) return(invisible())
  calls <- unlist(lapply(variables, called_names))
  nested <- intersect(calls, c("strata", "cluster"))
  if (length(nested)) {
    stop_oligosurv("input", sprintf(
      "%s() inside another term is not supported by hazard_ratio(); join it by `+`",
      nested[1L]
    ), arg = "x")
  }
  other <- intersect(calls, names(other_model_terms))
  if (!length(other)) return(invisible())
  stop_oligosurv("input", sprintf(
    "%s() is not supported in the formula of hazard_ratio(); %s", other[1L],
    other_model_terms[[other[1L]]]
  ), arg = "x")
}

# Names of the functions called in an expression, without their package
called_names <- function(expr) {
  if (!is.call(expr)) return(character())
  head <- expr[[1L]]
  name <- if (is.symbol(head)) {
    as.character(head)
  } else if (is.call(head) && length(head) == 3L) {
    as.character(head)[3L]
  }
  args <- as.list(expr)[-1L]
  # an empty argument, as in x[, 1]
  empty <- vapply(args, function(arg) identical(arg, substitute()), NA)
  c(name, unlist(lapply(args[!empty], called_names)))
}

# Expands `.` on the right side to the columns of `data` that the formula does not already
# use as time, status, stratum, offset or id
expand_dot <- function(x, data, id) {
  rhs <- x[[3L]]
  if (!"." %in% all.vars(rhs) || "." %in% names(data)) return(rhs)
  if (!is.list(data) || is.null(names(data))) {
    stop_oligosurv("input", "`.` in the formula needs `data` to be a data frame",
      arg = "data"
    )
  }
  specials <- Filter(
    function(term) {
      calls_to(term, "strata") || calls_to(term, "cluster") || calls_to(term, "offset")
    }, rhs_terms(rhs)
  )
  used <- c(all.vars(x[[2L]]), unlist(lapply(specials, all.vars)))
  is_id <- vapply(data, function(column) {
    !is.null(id) && identical(known_id(plain_column(column), tell = FALSE), id)
  }, NA)
  columns <- names(data)[!names(data) %in% used & !is_id]
  removed <- removed_names(rhs)
  own <- Filter(function(name) !name %in% removed && all_different(data[[name]]), columns)
  if (length(own)) {
    stop_oligosurv("data", sprintf(
      paste(
        "`.` in the formula includes the column \"%s\", which has a different label in",
        "each row; leave it out: ~ . - `%s`"
      ), own[1L], own[1L]
    ), arg = "x", column = own[1L])
  }
  if (!length(columns)) {
    stop_oligosurv("input", paste(
      "`.` in the formula stands for no column, because the formula already uses all",
      "columns; remove `.`"
    ), arg = "x")
  }
  sum <- Reduce(function(a, b) call("+", a, b), lapply(columns, as.name))
  replace_dot(rhs, call("(", sum))
}

all_different <- function(x) {
  (is.character(x) || is.factor(x)) && length(x) > 2L && !anyDuplicated(x)
}

# Names that a formula removes: y ~ . - a
removed_names <- function(expr) {
  if (!is.call(expr)) return(character())
  if (identical(expr[[1L]], as.name("-")) && length(expr) == 3L) {
    return(c(removed_names(expr[[2L]]), all.vars(expr[[3L]])))
  }
  if (!identical(expr[[1L]], as.name("+")) && !identical(expr[[1L]], as.name("("))) {
    return(character())
  }
  unlist(lapply(as.list(expr)[-1L], removed_names))
}

formula_operators <- c("+", "-", "*", ":", "^", "%in%", "/", "(")

replace_dot <- function(expr, by) {
  if (identical(expr, quote(.))) return(by)
  if (!is.call(expr) || !is.symbol(expr[[1L]])) return(expr)
  if (!as.character(expr[[1L]]) %in% formula_operators) return(expr)
  expr[-1L] <- lapply(as.list(expr)[-1L], replace_dot, by)
  expr
}

# An expression as text; column names without backticks
term_text <- function(expr) {
  if (is.symbol(expr)) return(as.character(expr))
  paste(deparse(expr, 500L, backtick = FALSE), collapse = " ")
}
