# The first step of every estimator: makes the event table to be analysed from a formula
# or event table, `id` and `weights`, and refuses rows that share a patient. They are not
# independent. They are recognised by the columns of the schema, `patient_id` and
# `lesion_id`, since classes may be lost in a file, a join or a tibble. Nothing is checked
# in data without these columns.

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
      easy <- .Call(C_count_easy, x, data, tie_tol, FALSE) # see easy_table()
      if (!is.null(easy)) easy <- table_of_easy(easy, x, data)
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
  if (!is.null(found)) table_of_easy(found, formula, data)
}

# The event table of what C counted, or NULL if its ids or labels need a rule of R
table_of_easy <- function(found, formula, data) {
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
# of lesions but none of patients. The last answer is stored, because most calls have the
# same columns as the call before.
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

# The columns of `data` with the schema's names for ids, in any case and with any of
# _ . - or a blank between the words: list(patient, lesion), each NULL or a name
id_columns <- function(data) columns_of_ids(names(data))

columns_of_ids <- remember(function(columns) {
  words <- lower_case(gsub("[_. -]", "", columns, useBytes = TRUE))
  found <- function(word) columns[match(word, words, nomatch = 0L)]
  lapply(list(patient = "patientid", lesion = "lesionid"), function(word) {
    name <- found(word)
    if (length(name)) name
  })
})

# Is it certain that all rows belong to different patients?
are_patients <- function(id) {
  known <- if (is.character(id)) .Call(C_is_simple_text, id) else is.numeric(id)
  known && is.null(attributes(id)) && !anyDuplicated(id)
}

default_id_hint <- "name the patient of each row with `id = %s`"

# Stops or warns if rows of a formula without `id` share a patient. `hint` says what to do
# instead, with %s for the name of the column; `lesion_hint` is the hint for lesions of
# endpoint().
check_repeated_ids <- function(x, data, hint = default_id_hint, lesion_hint = hint,
                               landmark = NULL) {
  if (is.null(data) || is.null(names(data))) return(invisible())
  columns <- columns_of_ids(names(data))
  if (is.null(columns$patient)) {
    if (!is.null(columns$lesion) || is_lesion_endpoint(data)) warn_lesions(columns$lesion)
    return(invisible())
  }
  patient <- data[[columns$patient]]
  if (are_patients(patient)) return(invisible())
  patient <- known_id(plain_column(patient), columns$patient)
  repeated <- is.atomic(patient) && anyDuplicated(patient, incomparables = NA) > 0L
  if (!repeated) return(invisible())
  name <- deparse(as.name(columns$patient), backtick = TRUE)
  if (is_lesion_endpoint(data)) stop_lesions(data, with_name(lesion_hint, name))
  # a formula that groups or stratifies by patient analyses the rows within each patient
  if (length(x) == 3L && columns$patient %in% all.vars(x[[3L]])) return(invisible())
  rows <- id_rows(x, data, patient, landmark)
  complete <- which(rows$complete)
  again <- complete[duplicated(patient[complete])]
  if (!length(again) || !overlaps(rows)) return(invisible())
  of <- describe_repeats(patient[rows$complete], columns$patient)
  hint <- with_name(hint, name)
  if (!is.null(rows$stratum) && !overlaps(rows, rows$stratum)) {
    warn_oligosurv("data", sprintf(
      "%s, in several strata; they are treated as independent; if they are not, %s", of,
      hint
    ), where = again)
  } else if (is.null(columns$lesion) && are_copies(data, patient, rows$complete)) {
    warn_oligosurv("data", sprintf(
      paste(
        "%s that are equal in all columns, as in a bootstrap sample; they are treated as",
        "independent; if they are not, %s"
      ), of, hint
    ), where = again)
  } else {
    stop_oligosurv("data", sprintf(
      paste(
        "%s: rows of one patient are not independent; %s. If they are independent, leave",
        "the column out of `data`"
      ), of, hint
    ), where = again, arg = "id")
  }
}

with_name <- function(hint, name) sub("%s", name, hint, fixed = TRUE)

stop_lesions <- function(data, hint) {
  again <- which(duplicated(data$patient_id))
  most <- data$patient_id[again[1L]]
  stop_oligosurv("data", sprintf(
    "the rows are %d lesions of %d patients (%d of patient %s) and not independent; %s",
    nrow(data), length(unique(data$patient_id)), sum(data$patient_id == most), most, hint
  ), where = again, arg = "id")
}

warn_lesions <- function(name) {
  warn_oligosurv("data", paste0(
    "the rows are lesions", if (!is.null(name)) sprintf(" (column `%s`)", name),
    ", treated as independent: if patients have several, name the column of patients",
    " with `id = `"
  ))
}

# Files and database tables are held as counts only, so rows of lesions are recognised by
# column names. Nothing is reported if patients or lesions are groups or strata.
warn_lesion_column <- function(columns, picked) {
  ids <- id_columns(stats::setNames(as.list(columns), columns))
  if (is.null(ids$lesion)) return(invisible())
  if (any(c(ids$patient, ids$lesion) %in% c(picked$group, picked$strata))) {
    return(invisible())
  }
  warn_oligosurv("data", sprintf(
    paste(
      "the rows are lesions (column `%s`), treated as independent, because counts do not",
      "keep the patient of a lesion: if patients have several, read the rows as a data",
      "frame and give it to the estimator with `id = `"
    ), ids$lesion
  ))
}

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
