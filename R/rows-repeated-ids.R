# Patients with several rows: their ids, and whether their rows overlap in time, are
# copies, or only split the follow-up. check_repeated_ids() decides what this means.

is_lesion_endpoint <- function(data) {
  inherits(data, "sbrt_endpoint") && identical(attr(data, "level"), "lesion")
}

# Trims white space from ids, as from labels. An empty id is unknown, so rows with empty
# ids are not treated as rows of one patient.
known_id <- function(id, arg = "id", tell = TRUE) {
  labels <- if (is.factor(id)) levels(id) else if (is.character(id)) unique(id)
  if (is.null(labels)) return(id)
  labels <- labels[!is.na(labels)]
  trimmed <- trim_labels(labels)
  if (identical(trimmed, labels) && all(nzchar(labels))) return(id)
  if (tell) report_merged_labels(labels, trimmed, arg)
  trimmed[!nzchar(trimmed)] <- NA
  if (!is.factor(id)) {
    id[] <- trimmed[match(id, labels)]
    return(id)
  }
  levels <- unique(trimmed[!is.na(trimmed)])
  factor(trimmed[match(as.character(id), labels)], levels)
}

# "`patient_id` has 65 rows of 37 patients (3 of P007)"
describe_repeats <- function(patient, name) {
  most <- patient[duplicated(patient)][1L]
  sprintf("`%s` has %s of %s (%s of %s)", name, count_noun(length(patient), "row"),
    count_noun(length(unique(patient)), "patient"),
    format_count(sum(patient == most)), format(most)
  )
}

# The columns that show whether a patient has several rows at risk at one time: patient,
# entry, time, stratum, and whether the row is complete with time after the landmark
id_rows <- function(x, data, patient, landmark = NULL) {
  env <- environment(x)
  rows <- tryCatch({
    response <- if (calls_to(x[[2L]], "Surv")) {
      read_surv_call(x[[2L]], data, env)
    } else {
      read_surv_object(eval_term(x[[2L]], data, env))
    }
    response$entry <- same_unit(response$entry, response$time)
    response <- lapply(response, plain_column)
    terms <- Filter(function(term) calls_to(term, "strata"), rhs_terms(x[[3L]]))
    strata <- unlist(lapply(terms, function(term) as.list(term)[-1L]))
    strata <- lapply(strata, function(expr) as.character(eval_term(expr, data, env)))
    c(response, list(stratum = if (length(strata)) do.call(paste, c(strata, sep = "\r"))))
  }, error = raise_time_limit)
  n <- length(patient)
  # errors in the formula are reported by the function that reads it
  if (length(rows$time) != n || length(rows$status) != n) {
    return(list(complete = logical(n)))
  }
  complete <- !is.na(patient) & !is_unknown(rows$time) & !is_unknown(rows$status)
  if (!is.null(rows$entry)) complete <- complete & !is.na(rows$entry)
  complete <- complete & !term_unknown(x[[3L]], data, env, n)
  if (is.numeric(landmark) && length(landmark) == 1L && !is.na(landmark)) {
    past <- as.double(rows$time) <= landmark * (1 + default_tie_tol)
    complete <- complete & !past
  }
  if (length(rows$stratum) != n) rows$stratum <- NULL
  list(
    complete = complete, patient = match(patient, patient)[complete],
    entry = if (!is.null(rows$entry)) as.double(rows$entry)[complete],
    time = as.double(rows$time)[complete], stratum = rows$stratum[complete]
  )
}

# Flags missing values and blank text
is_unknown <- function(x) {
  x <- plain_column(x)
  if (is.character(x) || is.factor(x)) x <- known_id(x, tell = FALSE)
  is_missing(x)
}

# Flags rows whose group, stratum or covariate is missing, which are dropped. Errors in
# the terms are reported by the function that reads the formula.
term_unknown <- function(expr, data, env, n) {
  operators <- c("+", "-", "*", ":", "^", "/", "%in%", "(", "strata")
  if (identical(expr, quote(.)) || is.numeric(expr)) return(logical(n))
  if (any(vapply(operators, calls_to, NA, expr = expr))) {
    parts <- as.list(expr)[-1L]
    if (identical(expr[[1L]], quote(`-`))) parts <- parts[length(parts) - 1L]
    unknown <- lapply(parts, term_unknown, data, env, n)
    return(Reduce(`|`, unknown, logical(n)))
  }
  unknown <- tryCatch(is_unknown(eval_term(expr, data, env)), error = raise_time_limit)
  if (is.logical(unknown) && length(unknown) == n) unknown else logical(n)
}

# Is a patient at risk in two rows at once, within one stratum if strata are given? Rows
# that split the follow-up at some time do not overlap.
overlaps <- function(rows, stratum = NULL) {
  unit <- if (is.null(stratum)) rows$patient else paste(rows$patient, stratum)
  if (is.null(rows$entry)) return(anyDuplicated(unit) > 0L)
  unit <- match(unit, unit)
  o <- order(unit, rows$entry, rows$time)
  following <- o[-1L]
  this <- o[-length(o)]
  any(unit[this] == unit[following] &
    rows$entry[following] < rows$time[this] * (1 - default_tie_tol))
}

# Are all rows of a patient equal in every column, as in a bootstrap sample?
are_copies <- function(data, patient, complete) {
  first <- match(patient, patient)
  for (name in names(data)) {
    x <- data[[name]]
    if (!is.atomic(x) || length(x) != length(patient)) next
    x <- match(x, x)
    if (any((x != x[first])[complete])) return(FALSE)
  }
  TRUE
}
