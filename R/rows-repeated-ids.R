# Rows that share a patient are not independent. Such rows are recognised by the columns
# of the schema, `patient_id` and `lesion_id`, since classes may be lost in a file, a join
# or a tibble. Nothing is checked in data without these columns.

is_lesion_endpoint <- function(data) {
  inherits(data, "sbrt_endpoint") && identical(attr(data, "level"), "lesion")
}

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
  } else if (are_copies(data, patient, rows$complete)) {
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
  if (!is.null(id_columns(data)$lesion)) return(FALSE)
  for (name in names(data)) {
    x <- data[[name]]
    if (!is.atomic(x) || length(x) != length(patient)) next
    x <- match(x, x)
    if (any((x != x[first])[complete])) return(FALSE)
  }
  TRUE
}
