# One error for all objects that a user changed after they were made, for example by
# `fit$time <- NULL`. It names the component.

# `component`: names of the components that are missing or do not match the others
stop_changed <- function(noun, component, maker) {
  stop_oligosurv("data", sprintf(
    paste(
      "the %s was changed after %s made it: %s %s the other components; create it",
      "again"
    ), noun, maker, join_words(sprintf("`%s`", component)),
    if (length(component) == 1L) {
      "is missing or does not match"
    } else {
      "are missing or do not match"
    }
  ), component = component)
}

# Stops for an object on which a computation has failed with the message `why` and whose
# components differ in kind from those of the examples of its class.
stop_unlike <- function(noun, component, maker, why) {
  stop_oligosurv("data", sprintf(
    paste(
      "a computation with the %s stopped (%s), and %s %s of a kind that %s makes; if you",
      "changed the %s, create it again"
    ), noun, why, join_words(sprintf("`%s`", component)),
    if (length(component) == 1L) "is missing or not" else "are missing or not",
    maker, noun
  ), component = component)
}

# Called from C, which checks types, lengths, offsets and codes whenever it reads a
# component. `object`: "event table", or a class
stop_changed_part <- function(component, object) {
  maker <- if (object == "event table") "event_table" else object
  stop_changed(object, component, paste0(maker, "()"))
}

# The first component of an event table that is not as event_table() makes it, or NULL. C
# code checks the columns. Labels and the counts of omitted rows are checked here, because
# only R code uses them.
table_fault <- function(table) {
  bad <- .Call(C_table_fault, table)
  if (!is.null(bad)) return(bad)
  table <- unclass(table)
  w <- table$weights
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
    values = are_group_values(table$values, length(table$groups)),
    landmark = are_left_out(table$landmark), from = are_left_out(table$from),
    origin = !is.data.frame(table$origin) &&
      are_single_texts(table$origin[c("unit", "label")]),
    weights = is.null(w) || (is.list(w) && !is.data.frame(w) && !anyNA(w$type) &&
      !is.null(w$type) && are_single_texts(w["type"]) &&
      all(vapply(w[c("n_row", "total", "effective", "zero")], is_count, NA)))
  )
  if (all(fine)) NULL else names(fine)[!fine][1L]
}

are_single_texts <- function(texts) {
  all(vapply(texts, function(v) is.null(v) || (is.character(v) && length(v) == 1L), NA))
}

# The values of the variables of the groups: NULL, or numbers or factors by name
are_group_values <- function(values, n_group) {
  if (is.null(values)) return(TRUE)
  if (!is.list(values) || is.data.frame(values) || is.null(names(values))) return(FALSE)
  all(vapply(values, function(v) {
    known <- if (is.factor(v)) .Call(C_codes_fit, v) else is.numeric(v)
    known && length(v) == n_group && !anyNA(v)
  }, NA))
}

# Like table_fault(), for a table of states
states_fault <- function(table) {
  if (!is.list(table)) return("start")
  for (name in c("states", "groups", "strata")) {
    if (!is.character(table[[name]]) || !all(validEnc(table[[name]]))) return(name)
  }
  if (length(table$groups) * length(table$strata) != length(table$start) - 1) {
    return("groups")
  }
  for (name in c("dropped", "joined")) {
    if (!is.numeric(table[[name]]) || length(table[[name]]) != 1L) return(name)
  }
  if (!are_group_values(table$values, length(table$groups))) return("values")
  # a larger number would make C code ask for that much memory
  if (!are_starts(table$start, table$time)) return("start")
  if (!is.list(table$entry)) return("entry")
  if (!are_starts(table$entry$start, table$entry$time)) return("entry")
  if (!ascend_within(table$time, table$start)) return("time")
  if (!ascend_within(table$entry$time, table$entry$start)) return("entry")
  n_first <- table$entry$n_first
  same <- is.null(n_first) || length(n_first) == length(table$entry$time)
  if (!same || !(is.null(n_first) || is.numeric(n_first))) return("entry")
  n_state <- table$n_state
  single <- is.numeric(n_state) && length(n_state) == 1L && is.null(dim(n_state))
  if (!single || !isTRUE(n_state == length(table$states))) return("n_state")
  tryCatch({
    .Call(C_states_counts, table)
    NULL
  }, oligosurv_error = function(e) e$component)
}

check_state_table <- function(table) {
  bad <- states_fault(table)
  if (!is.null(bad)) stop_changed("event table", bad, "event_table()")
}

# Are these the numbers of rows before each curve, from 0 to the number of all rows?
are_starts <- function(start, rows) {
  is.numeric(start) && length(start) > 0L && !anyNA(start) && !is.unsorted(start) &&
    start[1L] == 0 && start[length(start)] == length(rows)
}

# Do the times of each curve ascend? C code checks what they are.
ascend_within <- function(time, start) {
  if (!is.numeric(time)) return(TRUE)
  falls <- which(time[-1L] < time[-length(time)])
  all(falls %in% start)
}

# The text that `words` gives for a component that is one of their names
word_of <- function(words, key, component) {
  known <- is.character(key) && length(key) == 1L && key %in% names(words)
  if (known) words[[key]] else stop_changed("object", component, "its function")
}

# Returns a function like `f` that names the changed component if `f` fails. The object is
# its first argument. R/zzz.R wraps all methods in this way.
guarded <- function(f) {
  object <- as.name(names(formals(f))[1L])
  body(f) <- call("with_object", object, body(f))
  f
}

# Evaluates `expr`, a computation on the object `x`. If it fails or R warns, and `x`
# differs from the objects of its class, the error says both; other conditions pass. The
# comparison is made only then, because it takes longer than many methods.
with_object <- function(x, expr) {
  if (!missing(x)) force(x) # `expr` may assign another value to it
  warn <- getOption("warn")
  diagnose <- function(condition) {
    if (inherits(condition, c("oligosurv_error", "oligosurv_warning"))) return()
    if (is_resource_limit(condition)) return() # says nothing about the object
    wrong <- tryCatch(wrong_parts(x), error = raise_time_limit)
    bad <- wrong
    if (!length(bad)) bad <- tryCatch(unlike_parts(x), error = raise_time_limit)
    if (!length(bad)) return()
    options(warn = warn) # table() leaves the option at 2 if it fails
    maker <- paste0(class(x)[1L], "()")
    if (!class(x)[1L] %in% getNamespaceExports("oligosurv")) maker <- "this package"
    if (length(wrong)) stop_changed(class(x)[1L], bad, maker)
    stop_unlike(class(x)[1L], bad, maker, conditionMessage(condition))
  }
  withCallingHandlers(expr, error = diagnose, warning = diagnose)
}

# Names of components of `x` that are missing or contradict the others, by the check of
# its class
wrong_parts <- function(x) {
  for (class in class(x)) {
    wrong <- object_examples$fault(x, class)
    if (!is.null(wrong)) return(wrong)
  }
}

# `make`: a function that returns a list of two or more objects of each class. `made`: its
# value, once it has been needed. `fault`: a function of an object and one of its classes
# that names a wrong component (NULL: none). R/zzz.R sets `make` and `fault`.
object_examples <- new.env(parent = emptyenv())

# Names of the components of `x` that differ in kind from those of all examples of its
# class, or are missing. Examples cannot show every kind, so such an object may still be
# as it was made.
unlike_parts <- function(x) {
  if (is.null(object_examples$made)) object_examples$made <- object_examples$make()
  first <- vapply(object_examples$made, function(y) class(y)[1L], "")
  family <- vapply(object_examples$made, function(y) c(class(y), "")[2L], "")
  alike <- object_examples$made[first == class(x)[1L]]
  own <- intersect(class(x)[-1L], c(
    "oligosurv_contrast", "oligosurv_test", "oligosurv_score"
  ))
  if (!length(alike)) alike <- object_examples$made[family %in% own]
  if (!length(alike)) return(NULL)
  parts_unlike(x, alike)
}

parts_unlike <- function(x, examples) {
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
  class <- if (!is.data.frame(x) && all(vapply(examples, is.data.frame, NA))) "class"
  unique(c(names[bad], ragged, codes, class))
}

# Components of a list, or columns and own attributes of a data frame or vector
parts_of <- function(x) {
  own <- attributes(x)[setdiff(names(attributes(x)), c("names", "row.names", "class"))]
  c(if (is.list(x)) unclass(x) else list(values = as.vector(unclass(x))), own)
}

kind_of <- function(v) {
  if (is.data.frame(v)) return("frame")
  if (is.factor(v)) return("factor")
  if (is.matrix(v)) return("matrix")
  if (is.numeric(v)) "number" else typeof(v)
}

# TRUE if there are missing or infinite values, or numbers that are not counts, although
# the examples have none
has_more_odd <- function(v, examples) {
  if (!is.atomic(v)) return(FALSE)
  if (anyNA(v) && !anyNA(examples)) return(TRUE)
  if (!is.numeric(v)) return(FALSE)
  if (any(is.infinite(v)) && !any(is.infinite(examples))) return(TRUE)
  count <- v == floor(v) & abs(v) <= .Machine$integer.max
  is.integer(examples) && !all(count, na.rm = TRUE)
}

# The same for a list. Names that no example has are those of groups or outcomes, so that
# each element is compared with all elements of the examples, as without names.
is_list_unlike <- function(v, examples) {
  known <- lapply(examples, names)
  lost <- is.null(names(v)) && all(lengths(known) > 0L)
  if (is.data.frame(v) || lost || any(names(v) %in% unlist(known))) {
    return(length(parts_unlike(v, examples)) > 0L)
  }
  elements <- unlist(lapply(examples, unname), recursive = FALSE)
  any(vapply(v, is_unlike, NA, elements))
}

# Does a value differ in kind from all of the examples? If all examples are single known
# numbers or texts, the value must be one too.
is_unlike <- function(v, examples) {
  kinds <- vapply(examples, kind_of, "")
  unknown <- is.logical(v) && all(is.na(v)) && any(kinds %in% c("number", "character"))
  if (!kind_of(v) %in% kinds && !unknown) return(TRUE)
  if (unknown) return(!anyNA(unlist(examples)))
  examples <- examples[kinds == kind_of(v)]
  if (is.character(v) && !all(validEnc(v))) return(TRUE)
  if (is.factor(v) && !.Call(C_codes_fit, v)) return(TRUE)
  if (inherits(v, "event_table")) return(!is.null(table_fault(v)))
  if (!length(v) && all(lengths(examples) > 0L)) return(TRUE)
  if (is.matrix(v) && is.null(dimnames(v))) {
    return(!any(vapply(examples, function(x) is.null(dimnames(x)), NA)))
  }
  if (is.list(v)) return(is_list_unlike(v, examples))
  if (has_more_odd(v, unlist(examples))) return(TRUE)
  same <- length(examples) == length(kinds)
  single <- is.atomic(v) && same && all(lengths(examples) == 1L)
  if (!single) return(FALSE)
  length(v) != 1L || (is.na(v) && !anyNA(unlist(examples)))
}
