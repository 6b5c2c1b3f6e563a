# Formula and data to the plain columns that C_count() reads: the only non-standard
# evaluation of the package. Columns are used as they are, without a copy.

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

# Groups are variables joined by `+`: what else means a model term in R would be taken for
# arithmetic here.
check_group_term <- function(expr) {
  combines <- is.call(expr) && as.character(expr[[1L]])[1L] %in%
    c("*", ":", "-", "^", "/", "%in%", "|", "offset")
  if (!is.numeric(expr) && !identical(expr, quote(.)) && !combines) return(expr)
  stop_oligosurv("input", sprintf(
    paste(
      "the right side of the formula must be `1` or variables joined by `+`, not `%s`;",
      "several variables give their combinations, arithmetic goes in I()"
    ),
    paste(deparse(expr), collapse = " ")
  ), arg = "x")
}

# Time and status of a Surv(...) that stands in the formula: its arguments one by one
read_surv_call <- function(call, data, env) {
  call <- as.call(c(quote(Surv), as.list(call)[-1L]))
  shape <- function(time, time2, event, type, origin) NULL
  args <- tryCatch(as.list(match.call(shape, call))[-1L], error = function(e) {
    stop_oligosurv("input", sprintf(
      "`%s` of the formula: %s", paste(deparse(call), collapse = " "), conditionMessage(e)
    ), arg = "x")
  })
  if (!is.null(args$type) || !is.null(args$origin)) {
    stop_oligosurv("input", "`type` and `origin` of Surv() are not read here", arg = "x")
  }
  entry <- if (length(args) == 3L) eval_term(args$time, data, env)
  status <- if (is.null(args$event)) args$time2 else args$event
  time <- eval_term(if (is.null(entry)) args$time else args$time2, data, env)
  name <- status_name(status)
  status <- if (is.null(status)) rep(1L, length(time)) else eval_term(status, data, env)
  list(entry = entry, time = time, status = status, name = name)
}

# The name of the column that the status is, or NULL where it is computed: d$s, d[["s"]]
status_name <- function(expr) {
  if (is.call(expr) && identical(expr[[1L]], as.name("("))) {
    return(status_name(expr[[2L]]))
  }
  if (is.symbol(expr)) return(as.character(expr))
  if (!is.call(expr) || length(expr) != 3L) return(NULL)
  if (identical(expr[[1L]], as.name("$"))) return(as.character(expr[[3L]]))
  if (identical(expr[[1L]], as.name("[[")) && is.character(expr[[3L]])) return(expr[[3L]])
  NULL
}

# The same of an object made by Surv() before; survival has recoded its status
read_surv_object <- function(y) {
  if (!inherits(y, "Surv")) {
    stop_oligosurv("input", sprintf(
      "the left side of the formula must be Surv(time, status); it is %s", describe(y)
    ), arg = "x")
  }
  type <- attr(y, "type")
  if (!type %in% c("right", "mright", "counting", "mcounting")) {
    stop_oligosurv("input", sprintf(
      "Surv objects of type \"%s\" are not read here; Surv(time, status) is", type
    ), arg = "x")
  }
  states <- c("censored", attr(y, "states"))
  y <- unclass(y)
  status <- y[, "status"]
  if (length(states) > 1L) status <- factor(status, seq_along(states) - 1L, states)
  if (ncol(y) == 2L) return(list(time = y[, "time"], status = status))
  list(entry = y[, "start"], time = y[, "stop"], status = status)
}

# A column of times: numbers or lengths of time, one a row
check_time_column <- function(x, arg, n = length(x)) {
  x <- if (inherits(x, "integer64")) plain_number(x) else plain_column(x)
  reason <- not_a_length(x)
  if (inherits(x, "Surv") || !is.null(reason) ||
    (!is.numeric(x) && !inherits(x, "difftime"))) {
    stop_oligosurv("input", sprintf(
      "the %s of Surv() must be numeric%s; it is %s", arg,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  check_row_count(x, arg, n)
}

# Entries in the unit of the times, where both say which that is
same_unit <- function(entry, time) {
  if (inherits(entry, "difftime") && inherits(time, "difftime")) {
    units(entry) <- units(time)
  }
  entry
}

check_row_count <- function(x, arg, n) {
  if (length(x) == n) return(x)
  stop_oligosurv("input", sprintf(
    "time and %s of Surv() differ in length: %d and %d", arg, n, length(x)
  ), arg = arg)
}

# Labels that everybody reads as censoring, whatever the locale thinks of capitals
looks_censored <- function(label) {
  grepl(paste0(
    "^(0|cens.*|none|no|no.?event.*|no (evidence|relapse|recurrence|progression|failure|",
    "death).*|alive.*|still alive.*|living.*|event.?free.*|lost to f.*|ltfu|lfu|ned|awd|",
    "false|\\(s0\\))$"
  ), lower_case(label), perl = TRUE)
}

# Letters of ASCII alone: in a Turkish locale "I" has another small letter
lower_case <- function(x) {
  chartr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", enc2utf8(x))
}

quote_all <- function(labels) paste0("\"", labels, "\"", collapse = ", ")

# `censor` as labels or codes in text
check_censor <- function(censor) {
  if (is.numeric(censor) || is.logical(censor)) censor <- as.character(censor)
  if (is.factor(censor)) censor <- as.character(censor)
  if (!is.character(censor) || !length(censor) || anyNA(censor) ||
    anyDuplicated(censor)) {
    stop_oligosurv("input", sprintf(
      "`censor` must be one or more different labels or codes of the status; it is %s",
      describe(censor)
    ), arg = "censor")
  }
  unique(trim_labels(censor))
}

# Which levels of a factor status are censoring: `censor`, else the first, unless the
# labels say that the first is an event or that others are censoring, too. Levels that
# nobody declared (of text, or one level only) are those that occur: without a censored
# row the first is an event.
censoring_levels <- function(labels, censor, declared) {
  if (!is.null(censor)) {
    censor <- check_censor(censor)
    at <- match(censor, labels)
    if (anyNA(at)) {
      stop_oligosurv("input", sprintf(
        "`censor` is %s, which is no level of the status; its levels are %s",
        quote_all(censor[is.na(at)]), quote_all(labels)
      ), arg = "censor")
    }
    return(at)
  }
  alike <- which(looks_censored(labels))
  if (length(alike) > 1L) {
    stop_oligosurv("input", sprintf(
      paste0(
        "the status has %d labels that read as censoring: %s (levels: %s); say which ",
        "are, for example `censor = c(%s)`; every other label is an event"
      ),
      length(alike), quote_all(labels[alike]), quote_all(labels), quote_all(labels[alike])
    ), arg = "status", values = labels[alike])
  }
  if (identical(alike, 1L)) return(1L)
  in_doubt <- !declared || length(labels) == 1L || grepl("^[0-9.]+$", labels[1L])
  if (in_doubt || length(alike)) {
    stop_oligosurv("input", sprintf(
      paste0(
        "the first level of the status, \"%s\", is read as censoring but does not look ",
        "like it (levels: %s); put the censoring level first or name it with `censor =`"
      ),
      labels[1L], quote_all(labels)
    ), arg = "status")
  }
  1L
}

# Is it an event, where `censor` are the codes of censoring? The one other code is.
is_not_code <- function(status, censor) {
  censor <- check_censor(censor)
  codes <- as.character(sort(unique(status[!is.na(status)])))
  others <- setdiff(codes, censor)
  if (length(others) > 1L) {
    stop_oligosurv("input", sprintf(
      "`censor` is %s, and the status has %d other codes (%s%s); competing risks %s",
      quote_all(censor), length(others), paste(utils::head(others, 3L), collapse = ", "),
      if (length(others) > 3L) ", ..." else "", "need a factor"
    ), arg = "censor")
  }
  event <- !as.character(status) %in% censor
  event[is.na(status)] <- NA
  event
}

# A name that says that 1 is censored (CNSR of CDISC, is_censored, cens), though in many
# data sets 1 is the event all the same
names_censoring <- function(name) {
  if (!grepl("cens|cnsr", name, ignore.case = TRUE, perl = TRUE)) return(FALSE)
  name <- gsub("([a-z])(C[Ee][Nn][Ss]|CNSR)", "\\1_\\2", name, perl = TRUE)
  name <- lower_case(name)
  name <- gsub("(^|[^a-z])(un|non?|not)[^a-z]*cens", "", name, perl = TRUE)
  grepl("cnsr|(^|[^a-z])cens(or|ored|oring|orship|rec|ind|fl|flag)?([^a-z]|$)", name,
    perl = TRUE
  )
}

# Codes in a column with such a name are asked about: an event read as a censoring turns
# every curve upside down, and nothing in the numbers tells.
check_censoring_name <- function(codes, name) {
  if (is.null(name) || !names_censoring(name)) return(invisible())
  codes <- as.character(codes[!is.na(codes)])
  known <- c("true", "false", "yes", "no", "y", "n", "t", "f")
  if (!length(codes) || !all(lower_case(codes) %in% known | grepl("^[0-9.]+$", codes))) {
    return(invisible()) # labels that speak for themselves
  }
  numbers <- suppressWarnings(as.double(codes))
  event <- if (0 %in% numbers || anyNA(numbers)) sort(codes)[1L] else "0"
  others <- setdiff(codes, event)
  if (!length(others)) others <- if (anyNA(numbers)) codes else "1"
  shown <- if (anyNA(numbers)) quote_all(others) else paste(others, collapse = ", ")
  if (length(others) > 1L) shown <- sprintf("c(%s)", shown)
  code <- function(x) if (is.na(suppressWarnings(as.double(x)))) quote_all(x) else x
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` (codes: %s) is named as a column of censoring, in which 1 often means",
      "censored (CNSR of CDISC) but is read as the event here; say which codes mean",
      "censored: `censor = %s`, or `censor = %s` if 1 is the event"
    ),
    name, paste(utils::head(codes, 6L), collapse = ", "), shown, code(event)
  ), arg = "status", values = codes)
}

# How the status column is coded: what C_count() needs, the labels of the states and the
# rows of an empty text. `name` is the column's, where it is one.
code_status <- function(status, censor, name = NULL) {
  declared <- is.factor(status)
  status <- plain_column(status)
  shown <- if (is.null(name)) "status" else name
  read <- read_labels(status, shown)
  status <- read$column
  if (is.factor(status) && anyNA(levels(status))) { # no state, but not known
    status <- factor(status, levels(status)[!is.na(levels(status))])
  }
  if (is.null(censor) && !is.null(name) && names_censoring(name)) {
    codes <- if (is.factor(status)) levels(status) else sort(unique(status))
    check_censoring_name(codes, name)
  }
  if (is.factor(status)) {
    coding <- code_factor_status(status, censor, declared)
  } else {
    coding <- code_numeric_status(status, censor)
  }
  if (length(read$empty)) coding$empty <- stats::setNames(list(read$empty), shown)
  coding
}

code_factor_status <- function(status, censor, declared) {
  labels <- levels(status)
  if (!length(labels)) {
    stop_oligosurv("input", if (declared) {
      "the status is a factor without levels"
    } else {
      "the status has no value: all are missing or empty"
    }, arg = "status")
  }
  at <- censoring_levels(labels, censor, declared)
  if (!identical(at, 1L)) {
    states <- c(paste(labels[at], collapse = " / "), labels[-at])
    place <- integer(length(labels))
    place[at] <- 1L
    place[-at] <- seq_along(states[-1L]) + 1L
    status <- structure(place[as.integer(status)], levels = states, class = "factor")
    labels <- states
  }
  if (length(labels) == 1L) labels <- c(labels, "event")
  list(status = status, first = 1L, states = labels, coding = "factor")
}

code_numeric_status <- function(status, censor) {
  reason <- not_a_number(status)
  if ((!is.logical(status) && !is.numeric(status)) || !is.null(reason)) {
    stop_oligosurv("input", sprintf(
      "the status must be 0/1, logical or a factor%s; it is %s",
      if (is.null(reason)) "" else paste0(", ", reason), describe(status)
    ), arg = "status")
  }
  if (!is.null(censor)) status <- is_not_code(status, censor)
  if (is.logical(status)) {
    return(list(
      status = status, first = 0L, states = c("censored", "event"), coding = "0/1"
    ))
  }
  list(status = status, first = 0L, states = c("censored", "event", "2"), coding = "0/1")
}

# Whose rows these are, from an argument `id` (its expression and where that was written)
# or from cluster() in the formula; NULL without either
read_id <- function(x, data, id) {
  value <- if (!is.null(id$expr)) eval_term(id$expr, data, id$env)
  if (is.character(value) && length(value) == 1L && value %in% names(data)) {
    value <- data[[value]]
  }
  value <- known_id(plain_column(value))
  if (!inherits(x, "formula") || length(x) != 3L) return(value)
  is_cluster <- function(term) calls_to(term, "cluster")
  terms <- Filter(is_cluster, rhs_terms(x[[3L]]))
  terms <- unlist(lapply(terms, function(term) as.list(term)[-1L]))
  if (length(terms) + (!is.null(value)) > 1L) {
    stop_oligosurv("input", "ids are given once: by `id =` or by one cluster(id)",
      arg = "id"
    )
  }
  if (!length(terms)) return(value)
  known_id(plain_column(eval_term(terms[[1L]], data, environment(x))))
}

# Rows whose id is an empty text are not rows of one patient: nobody knows whose they are.
known_id <- function(id) {
  labels <- if (is.factor(id)) levels(id) else if (is.character(id)) unique(id)
  if (is.null(labels)) return(id)
  blank <- labels[is_blank(labels)]
  if (length(blank)) id[id %in% blank] <- NA
  id
}

# Formula and data -> the list of columns of C_count(), with labels. Only with `ids` may
# the formula have a cluster() term; read_id() reads it.
read_formula <- function(formula, data = NULL, censor = NULL, landmark = NULL,
                         ids = FALSE) {
  if (length(formula) != 3L) {
    stop_oligosurv("input", "the formula must have a left side, Surv(time, status)",
      arg = "x"
    )
  }
  if (!is.null(data) && !is.list(data) && !is.environment(data)) {
    stop_oligosurv("input", sprintf(
      "`data` must be a data frame; it is %s", describe(data)
    ), arg = "data")
  }
  env <- environment(formula)
  response <- if (calls_to(formula[[2L]], "Surv")) {
    read_surv_call(formula[[2L]], data, env)
  } else {
    read_surv_object(eval_term(formula[[2L]], data, env))
  }
  time <- check_time_column(response$time, "time")
  check_row_count(response$status, "status", length(time))
  entry <- response$entry
  if (!is.null(entry)) {
    entry <- same_unit(check_time_column(entry, "entry", length(time)), time)
  }
  terms <- lapply(rhs_terms(formula[[3L]]), check_group_term)
  kind <- vapply(terms, function(x) {
    if (calls_to(x, "strata")) "strata" else if (calls_to(x, "cluster")) "id" else "group"
  }, "")
  if (any(kind == "id") && !ids) {
    stop_oligosurv("data", paste(
      "cluster() says whose rows these are, which counts do not hold; kaplan_meier(),",
      "cumulative_incidence(), logrank_test() and gray_test() take it"
    ), arg = "x")
  }
  strata_args <- unlist(lapply(terms[kind == "strata"], function(x) as.list(x)[-1L]))
  code <- function(exprs) {
    code_columns(
      lapply(exprs, eval_term, data, env),
      vapply(exprs, variable_name, ""), length(time)
    )
  }
  rows <- new_rows(
    time, code_status(response$status, censor, response$name),
    code(terms[kind == "group"]),
    code(strata_args), entry
  )
  rows$origin <- time_origin(data, time)
  if (!is.null(landmark)) rows <- restart_at(rows, landmark)
  check_late_groups(terms, data, env, landmark, rows)
  rows
}

# Name and unit of the time of an endpoint, for figures and tables; NULL when the time is
# not the endpoint's own
time_origin <- function(data, time) {
  if (!inherits(data, "sbrt_endpoint") || !identical(time, data$time)) return(NULL)
  list(unit = attr(data, "unit"), label = attr(data, "label"))
}

# Counting numbers the cells of status, group and stratum with C's int.
check_cells <- function(n_status, n_group, n_stratum) {
  cells <- as.double(n_status) * n_group * n_stratum
  if (cells < .Machine$integer.max) return(invisible())
  stop_oligosurv("data", sprintf(
    "%s groups in %s strata with %s states are too many to count", format_count(n_group),
    format_count(n_stratum), format_count(n_status)
  ), arg = "x")
}

# What C_count() reads, of a status from code_status(), groups and strata from
# code_columns() and times
new_rows <- function(time, status, group, stratum, entry = NULL) {
  check_cells(length(status$states), length(group$labels), length(stratum$labels))
  list(
    entry = entry, time = time, status = status$status, status_first = status$first,
    n_status = length(status$states), group = group$code, stratum = stratum$code,
    n_group = length(group$labels), n_stratum = length(stratum$labels),
    states = status$states, coding = status$coding,
    groups = group$labels, strata = stratum$labels,
    variables = if (!is.null(group$variables) && !is.null(stratum$variables)) {
      list(group = unname(group$variables), stratum = unname(stratum$variables))
    },
    empty = c(status$empty, group$empty, stratum$empty)
  )
}
