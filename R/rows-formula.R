# Reads the columns for C_count() from formula and data, without copying them. User
# expressions are evaluated only here, by eval_term().

# Groups are variables joined by `+`. Other operators of model formulas are an error,
# because they would be evaluated as arithmetic.
check_group_term <- function(expr) {
  combines <- is.call(expr) && as.character(expr[[1L]])[1L] %in%
    c("*", ":", "-", "^", "/", "%in%", "|", "offset")
  if (!is.numeric(expr) && !identical(expr, quote(.)) && !combines) return(expr)
  stop_oligosurv("input", sprintf(
    paste(
      "the right side of the formula must be `1` or variables joined by `+`, not `%s`;",
      "several variables form groups by their combinations; write arithmetic inside I()"
    ),
    paste(deparse(expr), collapse = " ")
  ), arg = "x")
}

# Reads time and status of a Surv() call in the formula, without calling survival::Surv()
read_surv_call <- function(call, data, env) {
  args <- if (length(call) == 3L && is.null(names(call))) { # the usual case
    list(time = call[[2L]], time2 = call[[3L]])
  } else {
    match_surv(as.call(c(quote(Surv), as.list(call)[-1L])))
  }
  if (!all(nzchar(as.character(args)))) {
    stop_oligosurv("input", sprintf(
      "`%s` of the formula has an empty argument; give it or remove its comma",
      paste(deparse(call), collapse = " ")
    ), arg = "x")
  }
  entry <- if (length(args) == 3L) eval_term(args$time, data, env)
  status <- if (is.null(args$event)) args$time2 else args$event
  time <- eval_term(if (is.null(entry)) args$time else args$time2, data, env)
  name <- status_name(status)
  status <- if (is.null(status)) rep(1L, length(time)) else eval_term(status, data, env)
  list(entry = entry, time = time, status = status, name = name)
}

match_surv <- function(call) {
  shape <- function(time, time2, event, type, origin) NULL
  args <- tryCatch(as.list(match.call(shape, call))[-1L], error = function(e) {
    stop_oligosurv("input", sprintf(
      "`%s` of the formula: %s", paste(deparse(call), collapse = " "), conditionMessage(e)
    ), arg = "x")
  })
  if (is.null(args$type) && is.null(args$origin)) return(args)
  stop_oligosurv("input", paste(
    "`type` and `origin` of Surv() are not supported; leave them out of the formula"
  ), arg = "x")
}

# The name of the status column if it is written as s, d$s, d[["s"]] or d[, "s"], possibly
# inside functions that only change its type; NULL for a computed status
status_name <- function(expr) {
  if (is.symbol(expr)) return(as.character(expr))
  if (!is.call(expr) || !is.symbol(expr[[1L]])) return(NULL)
  what <- as.character(expr[[1L]])
  last <- expr[[length(expr)]]
  if (length(expr) == 2L && what %in% c(
    "(", "+", "I", "c", "factor", "as.factor", "as.numeric", "as.double", "as.integer",
    "as.logical", "as.character", "as.vector", "unclass"
  )) {
    return(status_name(last))
  }
  if (length(expr) == 3L && what == "$") return(as.character(last))
  if (length(expr) > 2L && what %in% c("[[", "[") && is.character(last)) return(last)
  NULL
}

# Reads time and status of an existing Surv object, whose status survival has recoded to
# 0/1 or to codes of causes
read_surv_object <- function(y) {
  if (!inherits(y, "Surv")) {
    stop_oligosurv("input", sprintf(
      "the left side of the formula must be Surv(time, status); it is %s", describe(y)
    ), arg = "x")
  }
  type <- attr(y, "type")
  if (!type %in% c("right", "mright", "counting", "mcounting")) {
    stop_oligosurv("input", sprintf(
      "Surv objects of type \"%s\" are not supported; use Surv(time, status)", type
    ), arg = "x")
  }
  states <- c("censored", attr(y, "states"))
  y <- unclass(y)
  columns <- if (endsWith(type, "counting")) c("start", "stop") else "time"
  if (!is.matrix(y) || !all(c(columns, "status") %in% colnames(y))) {
    stop_oligosurv("input", sprintf(
      paste(
        "the Surv object on the left side of the formula has no column%s %s: give",
        "Surv() vectors with one time and one status per row"
      ), if (length(columns) > 1L) "s" else "", join_words(sprintf("\"%s\"", columns))
    ), arg = "x")
  }
  status <- y[, "status"]
  if (length(states) > 1L) status <- factor(status, seq_along(states) - 1L, states)
  if (ncol(y) == 2L) return(list(time = y[, "time"], status = status))
  list(entry = y[, "start"], time = y[, "stop"], status = status)
}

# Checks a column of times: one number or duration per row
check_time_column <- function(x, arg, n = length(x)) {
  reason <- NULL
  is_time <- is.numeric(x)
  if (is.object(x)) {
    x <- if (inherits(x, "integer64")) plain_number(x) else plain_column(x)
    reason <- not_a_length(x)
    is_time <- is.null(reason) && !inherits(x, "Surv") &&
      (is.numeric(x) || inherits(x, "difftime"))
  }
  if (!is_time) {
    stop_oligosurv("input", sprintf(
      "the %s of Surv() must be numeric%s; it is %s", arg,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  if (length(x) == n) x else stop_row_count(x, arg, n)
}

# Converts entries to the unit of the times, if both have one. Duration and Interval of
# lubridate are numbers of seconds.
same_unit <- function(entry, time) {
  in_seconds <- c("Duration", "Interval")
  if (inherits(time, in_seconds) && inherits(entry, "difftime")) {
    return(as.double(entry, units = "secs"))
  }
  if (!inherits(time, "difftime")) return(entry)
  if (inherits(entry, in_seconds)) entry <- as.difftime(as.double(entry), units = "secs")
  if (inherits(entry, "difftime")) units(entry) <- units(time)
  entry
}

stop_row_count <- function(x, arg, n) {
  stop_oligosurv("input", sprintf(
    "time and %s of Surv() differ in length: %d and %d", arg, n, length(x)
  ), arg = arg)
}

# Reads formula and data into the columns and labels for C_count(). The formula may have a
# cluster() term only with `ids`; read_id() reads it.
read_formula <- function(formula, data = NULL, censor = NULL, landmark = NULL,
                         ids = FALSE) {
  bad_data <- !is.null(data) && !is.list(data) && !is.environment(data)
  if (length(formula) != 3L || bad_data) stop_formula(formula, data)
  env <- environment(formula)
  response <- if (calls_to(formula[[2L]], "Surv")) {
    read_surv_call(formula[[2L]], data, env)
  } else {
    read_surv_object(eval_term(formula[[2L]], data, env))
  }
  time <- check_time_column(response$time, "time")
  n <- length(time)
  if (length(response$status) != n) stop_row_count(response$status, "status", n)
  entry <- response$entry
  if (!is.null(entry)) {
    entry <- same_unit(check_time_column(entry, "entry", n), time)
  }
  terms <- rhs_terms(formula[[3L]])
  kind <- vapply(terms, term_kind, "")
  if (!ids && "id" %in% kind) {
    stop_oligosurv("data", paste(
      "cluster() is not supported here, because counts have no cluster ids;",
      "kaplan_meier(), cumulative_incidence(), logrank_test() and gray_test() take it"
    ), arg = "x")
  }
  strata <- unlist(lapply(terms[kind == "strata"], function(x) as.list(x)[-1L]))
  status <- code_status(response$status, censor, response$name)
  groups <- code_terms(terms[kind == "group"], data, env, n)
  strata <- if (length(strata)) code_terms(strata, data, env, n) else no_groups
  rows <- new_rows(time, status, groups, strata, entry)
  if (inherits(data, "sbrt_endpoint")) rows$origin <- time_origin(data, time)
  if (!is.null(landmark)) rows <- restart_at(rows, landmark)
  check_late_groups(all.vars(formula[[3L]]), data, env, landmark, rows)
  rows
}

stop_formula <- function(formula, data) {
  if (length(formula) == 3L) {
    stop_oligosurv("input", sprintf(
      "`data` must be a data frame; it is %s", describe(data)
    ), arg = "data")
  }
  stop_oligosurv("input", "the formula must have a left side, Surv(time, status)",
    arg = "x"
  )
}

# Is a term of the right side a group, a stratum or a cluster id?
term_kind <- function(expr) {
  if (is.symbol(expr) && !identical(expr, quote(.))) return("group")
  check_group_term(expr)
  if (calls_to(expr, "strata")) return("strata")
  if (calls_to(expr, "cluster")) "id" else "group"
}

code_terms <- function(exprs, data, env, n) {
  if (!length(exprs)) return(no_groups)
  names <- vapply(exprs, function(expr) { # column names, or the code of other expressions
    if (is.symbol(expr)) as.character(expr) else paste(deparse(expr), collapse = " ")
  }, "")
  code_columns(lapply(exprs, eval_term, data, env), names, n)
}

# Codes the combinations of one or more columns of `n` rows. Returns list(code, labels,
# empty, variables, values): code 1 has the first label, and `empty` holds the rows of
# each column with empty text. `values` are the values of each variable in each group, for
# regression on counts: factors, or numbers if the column had numbers. A single column
# keeps all its declared levels. Of several columns only the combinations that occur are
# kept.
code_columns <- function(columns, names, n) {
  if (!length(columns)) return(no_groups)
  empty <- list()
  is_number <- logical(length(columns))
  for (i in seq_along(columns)) {
    x <- columns[[i]]
    if (is_usual_factor(x) && length(x) == n) next
    if (is.object(x)) x <- plain_key_column(x, names[i])
    if (!is.atomic(x) || is.null(x) || is.raw(x) || length(x) != n) {
      stop_oligosurv("input", sprintf(
        "`%s` of the formula must have one value per row (%d); it is %s", names[i], n,
        describe(x)
      ), arg = names[i])
    }
    if (is.double(x)) x[is.nan(x)] <- NA
    is_number[i] <- is.numeric(x)
    read <- read_labels(x, names[i])
    columns[[i]] <- if (is.factor(read$column)) read$column else factor(read$column)
    empty[[names[i]]] <- read$empty
  }
  if (length(columns) == 1L) {
    code <- columns[[1L]]
    labels <- levels(code)
    if (!length(labels)) {
      labels <- "All"
      is_number <- FALSE
    }
    values <- list(structure(seq_along(labels), levels = labels, class = "factor"))
  } else {
    code <- as.integer(columns[[1L]])
    for (x in columns[-1L]) {
      pair <- (as.double(code) - 1) * nlevels(x) + as.integer(x)
      code <- match(pair, sort(unique(pair)), incomparables = NA)
    }
    first <- match(seq_len(max(code, 0L, na.rm = TRUE)), code)
    labels <- join_labels(lapply(columns, function(x) as.character(x)[first]), names)
    if (!length(labels)) labels <- "All"
    values <- lapply(columns, `[`, first)
  }
  values[is_number] <- lapply(values[is_number], function(x) {
    as.double(levels(x))[as.integer(x)]
  })
  list(
    code = code, labels = labels, empty = empty, variables = names,
    values = stats::setNames(values, names)
  )
}

# Is it a factor without another class, whose labels need no change? Without `codes`, it
# is not checked whether each code has a level.
is_usual_factor <- function(x, codes = TRUE) {
  identical(oldClass(x), "factor") && .Call(C_is_simple_text, attr(x, "levels")) &&
    !anyDuplicated.default(attr(x, "levels")) &&
    if (codes) .Call(C_codes_fit, x) else typeof(x) == "integer"
}

no_groups <- list(code = NULL, labels = "All")

# Name and unit of the time of an endpoint, for figures and tables; NULL if `time` is not
# the time column of the endpoint
time_origin <- function(data, time) {
  if (!identical(time, data$time)) return(NULL)
  list(unit = attr(data, "unit"), label = attr(data, "label"))
}

# Each combination of status, group and stratum has a number, which must fit in a C int.
check_cells <- function(n_status, n_group, n_stratum) {
  cells <- as.double(n_status) * n_group * n_stratum
  if (cells < .Machine$integer.max) return(invisible())
  parts <- c(
    count_noun(n_group, "group"),
    if (n_stratum > 1L) sprintf("%s strata", format_count(n_stratum)),
    sprintf("up to %s of the status", count_noun(n_status, "value"))
  )
  stop_oligosurv("data", sprintf(
    "%s have too many combinations to count; use fewer", join_words(parts)
  ), arg = "x")
}

# The input of C_count() from times, a status from code_status(), and groups and strata
# from code_columns()
new_rows <- function(time, status, group, stratum, entry = NULL) {
  check_cells(length(status$states), length(group$labels), length(stratum$labels))
  list(
    entry = entry, time = time, status = status$status, status_first = status$first,
    n_status = length(status$states), group = group$code, stratum = stratum$code,
    n_group = length(group$labels), n_stratum = length(stratum$labels),
    states = status$states, coding = status$coding,
    groups = group$labels, strata = stratum$labels, values = group$values,
    variables = if (!is.null(group$variables) && !is.null(stratum$variables)) {
      list(group = unname(group$variables), stratum = unname(stratum$variables))
    },
    empty = c(status$empty, group$empty, stratum$empty)
  )
}

eval_term <- function(expr, data, env) {
  if (is.symbol(expr) && is.list(data)) { # the usual case
    value <- .subset2(data, as.character(expr))
    if (!is.null(value)) return(value)
  }
  tryCatch(eval(expr, data, env), error = function(e) {
    raise_time_limit(e)
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

# Evaluates the expression of a column; also accepts the name of a column as one string
eval_column <- function(expr, data, env) {
  value <- eval_term(expr, data, env)
  is_name <- is.character(value) && length(value) == 1L && value %in% names(data)
  if (is_name) data[[value]] else value
}

# Is `expr` a call of survival's function `name`, with or without `survival::`?
calls_to <- function(expr, name) {
  is.call(expr) && (identical(expr[[1L]], as.name(name)) ||
    (is.call(expr[[1L]]) && identical(as.character(expr[[1L]])[3L], name)))
}

# Splits the right-hand side into its terms: a + b + strata(s) -> list(a, b, strata(s))
rhs_terms <- function(expr) {
  if (is.call(expr) && identical(expr[[1L]], as.name("("))) return(rhs_terms(expr[[2L]]))
  if (is.call(expr) && identical(expr[[1L]], as.name("+")) && length(expr) == 3L) {
    return(c(rhs_terms(expr[[2L]]), rhs_terms(expr[[3L]])))
  }
  if (is.numeric(expr) && identical(as.double(expr), 1)) return(list())
  list(expr)
}

names_in <- function(exprs) unique(unlist(lapply(exprs, all.vars)))

# Stops if the value of one of `names` became known only after the row was at risk: after
# `landmark` (else time zero of `data`), or after its delayed entry. `rows` are the rows
# of the formula.
check_late_groups <- function(names, data, env, landmark, rows) {
  from <- if (is.null(landmark)) 0 else landmark
  is_endpoint <- inherits(data, "sbrt_endpoint")
  if (is_endpoint) from <- from + c(attr(data, "landmark"), 0)[1L]
  for (name in names) {
    value <- if (match(name, names(data), 0L)) {
      if (is.list(data)) .subset2(data, name) else data[[name]]
    } else if (exists(name, envir = env)) {
      eval_term(as.name(name), data, env) # this may be a promise or a missing argument
    }
    # a factor keeps the times at which its values were known if it loses the class, as in
    # some functions of forcats
    if (inherits(value, "late_group") ||
      (is.factor(value) && !is.null(attr(value, "known")))) {
      check_known(name, value, from, rows, inherits(data, "data.table"))
    } else if (match(name, found_out_later, 0L)) {
      check_found_out_later(name, data, landmark)
    }
  }
}
