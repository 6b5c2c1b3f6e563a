# Objects that a user changed after they were made, for example by `fit$time <- NULL`: one
# error for all of them, which names the component.

# `component`: names of what is missing or does not match the rest
stop_changed <- function(noun, component, maker) {
  stop_oligosurv("data", sprintf(
    paste(
      "the %s was changed after %s made it (missing, or not matching the rest: %s);",
      "make it again"
    ), noun, maker, join_words(sprintf("`%s`", component))
  ), component = component)
}

# Called from C, which checks types, lengths and offsets whenever it reads a table
stop_changed_table <- function(component) {
  stop_changed("event table", component, "event_table()")
}

# The component of an event table that is not as event_table() makes it, or NULL. C code
# checks the columns; labels and the counts of what was left out are used in R only.
table_fault <- function(table) {
  bad <- .Call(C_table_fault, table)
  if (!is.null(bad)) return(bad)
  table <- unclass(table)
  is_count <- function(v) is.numeric(v) && length(v) == 1L && !is.na(v)
  are_left_out <- function(v) {
    known <- is.list(v) && !is.data.frame(v)
    is.null(v) || (known && all(vapply(v[c("at", "event", "censored")], is_count, NA)))
  }
  fine <- c(
    vapply(table[c("states", "groups", "strata")], function(v) {
      .Call(C_is_simple_text, v) || all(validEnc(v))
    }, NA),
    vapply(table[c("dropped", "joined")], is_count, NA),
    landmark = are_left_out(table$landmark), from = are_left_out(table$from),
    weights = is.null(table$weights) ||
      (is.list(table$weights) && is_count(table$weights$zero))
  )
  if (all(fine)) NULL else names(fine)[!fine][1L]
}

# The same for a table of states
states_fault <- function(table) {
  if (!is.list(table)) return("start")
  for (name in c("states", "groups", "strata")) {
    if (!is.character(table[[name]]) || !all(validEnc(table[[name]]))) return(name)
  }
  if (length(table$groups) * length(table$strata) != length(table$start) - 1) {
    return("groups")
  }
  n_state <- table$n_state
  if (!is.numeric(n_state) || !all(n_state == length(table$states))) return("n_state")
  tryCatch({
    .Call(C_states_counts, table)
    NULL
  }, oligosurv_error = function(e) e$component)
}

# A function of an object, its first argument, that says which component was changed when
# it fails. R/zzz.R makes all methods so.
guarded <- function(f) {
  object <- as.name(names(formals(f))[1L])
  body(f) <- call("with_object", object, body(f))
  f
}

# Evaluates `expr`, a computation on the object `x`. If it fails, or R warns, because `x`
# differs from the objects of its class, the error says so; all else passes. Nothing is
# compared before, which would take longer than many a method.
with_object <- function(x, expr) {
  if (!missing(x)) force(x) # `expr` may assign another value to it
  warn <- getOption("warn")
  diagnose <- function(condition) {
    if (inherits(condition, c("oligosurv_error", "oligosurv_warning"))) return()
    if (is_resource_limit(condition)) return() # says nothing about the object
    bad <- tryCatch(changed_parts(x), error = function(e) NULL)
    if (!length(bad)) return()
    options(warn = warn) # table() leaves it at 2 if it fails
    maker <- paste0(class(x)[1L], "()")
    if (!class(x)[1L] %in% getNamespaceExports("oligosurv")) maker <- "this package"
    stop_changed(class(x)[1L], bad, maker)
  }
  withCallingHandlers(expr, error = diagnose, warning = diagnose)
}

# `make`: a function that returns a list of two or more objects of each class, set in
# R/zzz.R; `made`: its value, once it was needed
object_examples <- new.env(parent = emptyenv())

# Names of the components of `x` that differ in kind from those of all examples of its
# class, or are missing
changed_parts <- function(x) {
  fault <- if (inherits(x, "event_table")) {
    table_fault(x)
  } else if (inherits(x, "state_table")) {
    states_fault(x)
  }
  if (length(fault)) return(fault)
  if (is.null(object_examples$made)) object_examples$made <- object_examples$make()
  first <- vapply(object_examples$made, function(y) class(y)[1L], "")
  family <- vapply(object_examples$made, function(y) c(class(y), "")[2L], "")
  alike <- object_examples$made[first == class(x)[1L]]
  own <- intersect(class(x)[-1L], c(
    "oligosurv_contrast", "oligosurv_test", "oligosurv_score"
  ))
  if (!length(alike)) alike <- object_examples$made[family %in% own]
  if (!length(alike)) return(NULL)
  unlike_parts(x, alike)
}

unlike_parts <- function(x, examples) {
  parts <- list(parts_of(x), lapply(examples, parts_of))
  names <- unique(unlist(lapply(parts[[2L]], names)))
  bad <- vapply(names, function(name) {
    having <- Filter(function(part) name %in% names(part), parts[[2L]])
    if (!name %in% names(parts[[1L]])) return(length(having) == length(examples))
    is_unlike(parts[[1L]][[name]], lapply(having, `[[`, name))
  }, NA)
  ragged <- if (is.data.frame(x)) {
    names(x)[vapply(unclass(x), NROW, 0L) != length(attr(x, "row.names"))]
  }
  codes <- if (is.factor(x) && !.Call(C_codes_fit, x)) "codes"
  unique(c(names[bad], ragged, codes))
}

# Components of a list, or columns and own attributes of a data frame or vector
parts_of <- function(x) {
  own <- attributes(x)[setdiff(names(attributes(x)), c("names", "row.names", "class"))]
  c(if (is.list(x)) unclass(x) else list(values = as.vector(unclass(x))), own)
}

kind_of <- function(v) {
  if (is.data.frame(v)) return("frame")
  if (is.factor(v)) return("factor")
  if (is.numeric(v)) "number" else typeof(v)
}

# Are there missing or infinite values, although the examples have none?
has_more_odd <- function(v, examples) {
  if (!is.numeric(v)) return(FALSE)
  (anyNA(v) && !anyNA(examples)) ||
    (any(is.infinite(v)) && !any(is.infinite(examples)))
}

# Does a value differ in kind from all of the examples? If these are single numbers or
# texts that are known, it must be one too.
is_unlike <- function(v, examples) {
  kinds <- vapply(examples, kind_of, "")
  unknown <- is.logical(v) && all(is.na(v)) && any(kinds %in% c("number", "character"))
  if (!kind_of(v) %in% kinds && !unknown) return(TRUE)
  if (unknown && all(lengths(examples) == 1L)) return(!anyNA(unlist(examples)))
  examples <- examples[kinds == kind_of(v)]
  if (is.character(v) && !all(validEnc(v))) return(TRUE)
  if (is.factor(v) && !.Call(C_codes_fit, v)) return(TRUE)
  if (inherits(v, "event_table")) return(!is.null(table_fault(v)))
  if (is.list(v)) return(length(unlike_parts(v, examples)) > 0L)
  if (has_more_odd(v, unlist(examples))) return(TRUE)
  same <- length(examples) == length(kinds)
  single <- is.atomic(v) && same && all(lengths(examples) == 1L)
  if (!single) return(FALSE)
  length(v) != 1L || (is.na(v) && !anyNA(unlist(examples)))
}
