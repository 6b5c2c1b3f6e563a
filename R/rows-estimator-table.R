# The first step of every estimator: makes the event table to be analysed from a formula
# or event table, `id` and `weights`.

# Estimators that allow for dependence between rows of one id need the rows themselves,
# not counts. They receive an event table with one row per row of the data (`n` is NULL,
# or holds the weights) and the elements `id` (1 .. n_id, by row), `n_id` and `row` (row
# number in the data).

# Checks the `...` of an estimator first. An argument that the estimator does not have
# might otherwise match an argument of an inner function to which `...` is passed.
check_row_dots <- function(x, ...) {
  if (missing(x)) stop_missing("x")
  if (...length() == 0L) return(invisible())
  known <- if (inherits(x, "formula")) c("censor", "na.action", "landmark")
  if (!is.null(known) || inherits(x, "event_table")) {
    check_dots(known, ..., frame = sys.parent())
  }
}

# Collects the expressions of `id` and `weights`, unevaluated. They are evaluated later in
# `data` or in `env`, the environment of the call. The most common estimators call this
# only if `id` or `weights` is given, and otherwise use NULL.
captured <- function(id, weights, weight_type, env) {
  list(id = id, weights = weights, weight_type = weight_type, env = env)
}

# The table of an estimator call: counts, or rows if the call has ids or sampling weights.
# `call` is from captured(). `use` is "curves", or the name of a test or contrast, for
# which check_weights_of_test() checks the type of weights. The most common estimators use
# the table without its class, because `$` first looks for a method of the class, which
# takes half a microsecond each time; drop_ids() restores the class.
estimator_table <- function(x, data, call, tie_tol, ..., use = "") {
  if (is.null(call$id) && is.null(call$weights) && ...length() == 0L) {
    if (is.null(data)) {
      if (.Call(C_is_ready, x, tie_tol)) return(x)
    } else {
      easy <- easy_table(x, data, tie_tol)
      if (!is.null(easy)) return(easy)
    }
  }
  if (!is.null(call$weights)) {
    table <- weighted_table(x, data, call, use, ...)
    if (!is.null(table)) return(join_ties(table, tie_tol))
  }
  id <- if (!is.null(call$id) || "cluster" %in% all.names(x)) read_id(x, data, call)
  if (is.null(id)) {
    check_repeated_ids(x, data, landmark = if (...length()) list(...)$landmark)
    if (!inherits(x, "formula")) return(join_ties(as_event_table(x, data, ...), tie_tol))
    return(join_ties(count_formula(x, data, ...), tie_tol, own = TRUE))
  }
  if (!inherits(x, "formula")) {
    stop_oligosurv("data", paste(
      "an event table holds counts and no ids; give the formula and `data` together",
      "with `id`"
    ), arg = "id")
  }
  join_ties(row_table(x, data, id, ...), tie_tol)
}

# Counts the rows of a formula, for callers that have checked its ids
count_formula <- function(x, data, censor = NULL, na.action = stats::na.omit,
                          landmark = NULL, ...) {
  if (...length()) check_no_dots(...)
  count_table(read_formula(x, data, censor, landmark), na.action)
}

# Makes an event table from the first argument of an estimator
as_event_table <- function(x, data = NULL, ...) {
  if (inherits(x, "event_table")) {
    if (!is.null(data)) {
      stop_oligosurv("input", paste(
        "`data` is used only with a formula, but `x` is an event table; leave `data` out"
      ), arg = "data")
    }
    check_no_dots(...)
    return(check_event_table(x))
  }
  if (inherits(x, "formula")) count_formula(x, data, ...) else event_table(x, ...)
}

# The fast path: rows without special cases (labels, codes, ids, missing values, ties) are
# counted in C, because reading a formula in R takes longer than the estimate for a few
# dozen rows. With `left_alone` the right side of the formula is not read. Returns NULL
# for all other rows, valid or not.
easy_table <- function(formula, data, tie_tol, left_alone = FALSE) {
  found <- .Call(C_count_easy, formula, data, tie_tol, left_alone)
  if (is.null(found)) return(NULL)
  states <- found$states
  id <- easy_id(found$name, attr(data, "names"), states)
  if (is.na(id) || (nzchar(id) && !are_patients(.subset2(data, id)))) return(NULL)
  for (labels in found$sorted) if (is.unsorted(labels, strictly = TRUE)) return(NULL)
  by <- c(found$group, found$stratum)
  late <- !is.null(by) && any(match(by, found_out_later, 0L))
  if (late && is_from_endpoint(data)) return(NULL)
  if (inherits(data, "sbrt_endpoint")) {
    if (!nzchar(id)) return(NULL)
    found$origin <- time_origin(data, .subset2(data, as.character(formula[[2L]][[2L]])))
  }
  found$coding <- if (is.null(states)) "0/1" else "factor"
  groups <- found$groups
  if (is.null(groups)) {
    found$groups <- "All"
  } else {
    values <- list(quick_factor(seq_along(groups), groups))
    names(values) <- found$group
    found$values <- values
  }
  if (is.null(found$strata)) {
    found$strata <- "All"
  } else if (!is.null(found$group)) {
    found$variables <- list(group = found$group, stratum = found$stratum)
  }
  new_event_table(found, found, 0)
}

# Returns the name of the patient column, or "" if there is none. Returns NA, which ends
# the fast path, in three cases: if it is not certain that the first state is the only one
# that means censoring, if a state is a word for a missing value, and if there is a column
# of lesions but none of patients. The last
# answer is stored, because most calls have the same columns as the call before.
easy_id <- local({
  last <- list()
  function(name, columns, states) {
    asked <- list(name, columns, states)
    if (identical(asked, last$asked)) return(last$id)
    alike <- if (is.null(states)) 1L else which(looks_censored(states))
    ids <- columns_of_ids(columns)
    lesions_alone <- is.null(ids$patient) && !is.null(ids$lesion)
    unclear <- !identical(alike, 1L) || any(is_missing_label(states))
    id <- if (unclear || names_censoring(name) || lesions_alone) {
      NA_character_
    } else if (is.null(ids$patient)) {
      ""
    } else {
      ids$patient
    }
    last <<- list(asked = asked, id = id)
    id
  }
})

# The cluster id of each row, from the argument `id` of a call (see captured()) or from
# cluster() in the formula; NULL without either
read_id <- function(x, data, call) {
  value <- if (!is.null(call$id)) {
    known_id(plain_key_column(eval_column(call$id, data, call$env), "id"))
  }
  if (!inherits(x, "formula") || !match("cluster", all.names(x), 0L)) return(value)
  if (length(x) != 3L) return(value)
  is_cluster <- function(term) calls_to(term, "cluster")
  terms <- Filter(is_cluster, rhs_terms(x[[3L]]))
  terms <- unlist(lapply(terms, function(term) as.list(term)[-1L]))
  if (length(terms) + (!is.null(value)) > 1L) {
    stop_oligosurv("input", paste(
      "the ids are given more than once; give them either by `id =` or by one cluster(id)"
    ), arg = "id")
  }
  if (!length(terms)) return(value)
  known_id(plain_key_column(eval_term(terms[[1L]], data, environment(x)), "id"))
}

# Converts the rows of a formula to a table sorted by curve, time and status. `weights`,
# one per row, become the `n` of the table. Each delayed entry is linked to its row, see
# row_entries().
row_table <- function(formula, data, id, censor = NULL, na.action = stats::na.omit,
                      landmark = NULL, ..., weights = NULL, weight_type = NULL) {
  check_no_dots(...)
  rows <- read_formula(formula, data, censor, landmark, ids = TRUE)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  own <- is.null(id)
  if (own) id <- seq_along(kept)
  rows$id <- check_id(id, length(kept))[kept]
  if (!is.null(weights)) rows$weight <- check_weights(weights, length(kept))[kept]
  sorted <- sort_rows(rows, na.action)
  table <- new_event_table(
    c(sorted[c("time", "status", "start", "coding")], list(n = sorted$weight)), rows,
    sorted$missing
  )
  if (!is.null(rows$entry)) table$entry <- row_entries(sorted)
  id <- rows$id[sorted$at]
  ids <- polled(unique(id))
  table$n_id <- length(ids)
  table$id <- polled(match(id, ids))
  table$row <- which(kept)[sorted$at]
  table$words <- if (is_lesion_endpoint(data)) c("lesion", "patient") else c("row", "id")
  if (!is.null(weights)) {
    table$weights <- c(describe_weights(sorted$weight, weight_type), zero = sorted$zero)
    if (own) table$own_rows <- TRUE
  }
  table
}

# The table of a call with weights; NULL if the argument `weights` is NULL
weighted_table <- function(x, data, call, use, ...) {
  value <- eval_column(call$weights, data, call$env)
  if (is.null(value)) return(NULL)
  type <- check_weight_type(call$weight_type)
  if (!inherits(x, "formula")) {
    stop_oligosurv("data", paste(
      "an event table holds counts, not rows that can be weighted; give the formula and",
      "`data` together with `weights`"
    ), arg = "weights")
  }
  id <- read_id(x, data, call)
  if (is.null(id)) {
    check_repeated_ids(x, data, landmark = if (...length()) list(...)$landmark)
  }
  if (use != "curves") check_weights_of_test(type, use)
  if (type == "frequency" && is.null(id)) return(frequency_table(x, data, value, ...))
  row_table(x, data, id, ..., weights = value, weight_type = type)
}

# Entries of sorted rows, by curve and time. `row` is the row of the table that belongs to
# each entry.
row_entries <- function(sorted) {
  o <- polled(order(sorted$curve, sorted$entry, method = "radix"))
  list(time = sorted$entry[o], n = sorted$weight[o], start = sorted$start, row = o)
}

# With left truncation, methods for single subjects need rows, so counts are an error.
check_late_formula <- function(x, who, weights = NULL) {
  if (inherits(x, "formula") && is.null(weights)) return(invisible())
  stop_oligosurv("data", sprintf(
    paste(
      "%s with left truncation must know which entry belongs to which exit; give the",
      "formula and `data`, without weights, instead of an event table"
    ), who
  ), arg = "x")
}

# Adds up the rows of a formula with frequency weights by curve, time and status
frequency_table <- function(formula, data, value, censor = NULL,
                            na.action = stats::na.omit, landmark = NULL, ...) {
  check_no_dots(...)
  rows <- read_formula(formula, data, censor, landmark)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  rows$weight <- check_weights(value, length(kept))[kept]
  sorted <- sort_rows(rows, na.action)
  counts <- sum_sorted(sorted, sorted$status)
  counts$coding <- sorted$coding
  table <- new_event_table(counts, rows, sorted$missing)
  if (!is.null(rows$entry)) {
    o <- order(sorted$curve, sorted$entry, sorted$weight, method = "radix")
    entries <- lapply(sorted[c("entry", "weight")], `[`, o)
    entries <- list(
      time = entries$entry, weight = entries$weight, start = sorted$start
    )
    table$entry <- sum_sorted(entries, integer(length(o)))[c("time", "n", "start")]
  }
  table$weights <- c(describe_weights(sorted$weight, "frequency"), zero = sorted$zero)
  table
}

# Complete rows with a positive weight, sorted by curve, time, status and weight, as basic
# vectors; `at` holds their row numbers in the data
sort_rows <- function(rows, na.action) {
  counts <- resolve_numeric_status(count_rows(rows), rows) # checks times and codes
  missing <- polled(missing_rows(rows))
  if (any(missing)) {
    there <- c(rep(TRUE, 4L), !is.null(rows$id), !is.null(rows$weight))
    columns <- c("time", "status", "group", "stratum", "id", "weight")[there]
    last <- length(columns)
    report_missing(rows, na.action, paste(
      paste(columns[-last], collapse = ", "), "or", columns[last]
    ))
  }
  if (!is.null(rows$entry)) check_entries(rows$entry, rows$time)
  w <- rows$weight
  at <- which(if (is.null(w)) !missing else !missing & w > 0)
  code <- function(x) if (is.null(x)) rep(1L, length(at)) else as.integer(x)[at]
  curve <- polled((code(rows$stratum) - 1L) * rows$n_group + code(rows$group))
  time <- as.double(rows$time)[at] + 0 # changes -0 to 0
  shift <- rows$status_first + identical(counts$coding, "1/2")
  status <- polled(as.integer(as.integer(rows$status)[at] - shift))
  o <- if (is.null(w)) {
    order(curve, time, status, method = "radix")
  } else {
    order(curve, time, status, w[at], method = "radix")
  }
  polled()
  list(
    curve = curve[o], time = time[o], status = polled(status[o]), weight = w[at][o],
    entry = as.double(rows$entry)[at][o], at = at[o], coding = counts$coding,
    start = c(0, cumsum(tabulate(curve, rows$n_group * rows$n_stratum))),
    missing = sum(missing), zero = sum(!missing) - length(at)
  )
}
