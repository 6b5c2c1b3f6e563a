# Terms of a formula: evaluated in the data, searched for calls.

eval_term <- function(expr, data, env) {
  if (is.symbol(expr) && is.list(data)) { # as most are
    value <- .subset2(data, as.character(expr))
    if (!is.null(value)) return(value)
  }
  tryCatch(eval(expr, data, env), error = function(e) {
    stop_oligosurv("input", sprintf(
      "cannot evaluate `%s` of the formula: %s%s", paste(deparse(expr), collapse = " "),
      conditionMessage(e),
      if (is.data.frame(data)) {
        paste0("; columns of `data`: ", paste(names(data), collapse = ", "))
      } else {
        ""
      }
    ), arg = "x")
  })
}

# The same of an argument that may also be the name of a column, as one string
eval_column <- function(expr, data, env) {
  value <- eval_term(expr, data, env)
  is_name <- is.character(value) && length(value) == 1L && value %in% names(data)
  if (is_name) data[[value]] else value
}

# Is `expr` a call of survival's function `name`, with or without its package?
calls_to <- function(expr, name) {
  is.call(expr) && (identical(expr[[1L]], as.name(name)) ||
    (is.call(expr[[1L]]) && identical(as.character(expr[[1L]])[3L], name)))
}

# The terms of the right-hand side: a + b + strata(s) -> list(a, b, strata(s))
rhs_terms <- function(expr) {
  if (is.call(expr) && identical(expr[[1L]], as.name("("))) return(rhs_terms(expr[[2L]]))
  if (is.call(expr) && identical(expr[[1L]], as.name("+")) && length(expr) == 3L) {
    return(c(rhs_terms(expr[[2L]]), rhs_terms(expr[[3L]])))
  }
  if (is.numeric(expr) && identical(as.double(expr), 1)) return(list())
  list(expr)
}
