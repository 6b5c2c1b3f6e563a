# Subsets of a study: some of its patients with their lesions, events and other rows.

#' Some patients of a study
#'
#' Selects patients of a study, with their lesions, adverse events, courses, assessments,
#' therapies and tests of liver function. The result is a study with the same cut-off. It
#' is checked again, so the row numbers of doubtful values are those of the subset.
#' @param x An [sbrt_study()].
#' @param i Patients: a condition with one value per patient, such as
#'   `study$patients$cohort == "OP"` (`NA` counts as `FALSE`), row numbers of the table
#'   patients, or patient ids as text.
#' @param j Not used: a study has no columns. `study["patients"]`, without a comma, is the
#'   list of that one table.
#' @param subset A condition on the columns of the patients, such as `cohort == "OP"`.
#' @param ... Not used; an unknown argument is an error.
#' @return An `sbrt_study`. Levels of `cohort` and `strategy` that no patient has are
#'   dropped.
#' @section Errors:
#' `oligosurv_error_input` for an index of the wrong type or length, an unknown or a
#' repeated patient; `oligosurv_error_data` if no patient is left.
#' @seealso [sbrt_study()], [endpoint()]
#' @examples
#' # 28 of 37 patients, with 48 of 65 lesions
#' op <- hcc_sbrt[hcc_sbrt$patients$cohort == "OP", ]
#' nrow(op$patients)
#' identical(op, subset(hcc_sbrt, cohort == "OP"))
#' hcc_sbrt[c("P08", "P03"), ]$patients$patient_id
#' @name subset_study
#' @export
`[.sbrt_study` <- function(x, i, j, ...) {
  # x[i] is the list of the tables; x[i, ] chooses patients
  if (nargs() < 3L) return(try_index(unclass_study(x)[i]))
  check_no_dots(...)
  if (!missing(j)) {
    stop_oligosurv("input", paste(
      "a study has no columns: choose patients by study[rows, ], columns by",
      "study$patients[, columns]"
    ), arg = "j")
  }
  check_study(x, "x")
  rows <- seq_len(nrow(x$patients))
  take_patients(x, if (missing(i)) rows else patient_rows(x$patients, i), check = TRUE)
}

#' @rdname subset_study
#' @export
subset.sbrt_study <- function(x, subset, ...) {
  check_no_dots(...)
  check_study(x, "x")
  if (missing(subset)) return(x)
  keep <- eval_condition(substitute(subset), x$patients, parent.frame(), "subset",
    "the columns of the patients"
  )
  take_patients(x, patient_rows(x$patients, keep, "subset"), check = TRUE)
}

# The value of an expression of the user, a condition on `columns`
eval_condition <- function(expr, columns, env, arg, of) {
  tryCatch(eval(expr, columns, env), error = function(e) {
    raise_time_limit(e)
    stop_oligosurv("input", sprintf(
      paste(
        "`%s` cannot be evaluated: %s; it must be a condition on %s, such as",
        "cohort == \"OP\""
      ), arg, conditionMessage(e), of
    ), arg = arg)
  })
}

# A plain list of the parts of a study
unclass_study <- function(x) {
  x <- unclass(x)
  attributes(x) <- list(names = names(x))
  x
}

# Row numbers of the patients that an index chooses
patient_rows <- function(patients, i, arg = "i") {
  n <- nrow(patients)
  stop_index <- function(...) stop_oligosurv("input", sprintf(...), arg = arg)
  i <- plain_argument(i)
  check_factor(i, "i")
  if (is.factor(i)) i <- as.character(i)
  rows <- if (is.logical(i)) {
    if (length(i) != n) {
      stop_index(
        "`%s` has %d values; a condition must have one for each of the %d patients", arg,
        length(i), n
      )
    }
    which(i)
  } else if (is.character(i)) {
    at <- match(i, patients$patient_id)
    if (anyNA(at)) {
      stop_index("`%s` has the id \"%s\", which no patient of the study has", arg,
        i[is.na(at)][1L]
      )
    }
    at
  } else if (is.numeric(i) && all(i %in% c(seq_len(n), 0, -seq_len(n))) &&
    !(any(i < 0) && any(i > 0))) {
    seq_len(n)[i]
  } else {
    stop_index(
      paste(
        "`%s` must be a condition on the patients, row numbers from 1 to %d or patient",
        "ids; it is %s"
      ), arg, n, describe(i)
    )
  }
  if (anyDuplicated(rows)) {
    stop_index("`%s` has the patient \"%s\" more than once", arg,
      patients$patient_id[rows[anyDuplicated(rows)]]
    )
  }
  rows
}

# The study restricted to some of its patients. `check`: TRUE to look for
# doubtful values again.
take_patients <- function(study, rows, check = FALSE) {
  if (!length(rows)) {
    stop_oligosurv("data", paste(
      "no patient is selected, and a study needs at least one; see the column",
      "`patient_id` of its patients"
    ))
  }
  tables <- tables_of(study)
  ids <- tables$patients$patient_id[rows]
  for (name in names(tables)) {
    x <- tables[[name]]
    x <- subset_rows(x, if (name == "patients") rows else x$patient_id %in% ids)
    rownames(x) <- NULL
    tables[[name]] <- x
  }
  for (column in intersect(names(known_groups), names(tables$patients))) {
    x <- tables$patients[[column]]
    tables$patients[[column]] <- keep_attributes(droplevels(x), x)
  }
  # The selected patients may have no adverse events although toxicity was recorded in the
  # study; this attribute says that it was.
  if (toxicity_recorded(study)) attr(study, "toxicity_recorded") <- TRUE
  study$imputed <- imputed_of(study, rows, ids)
  for (name in names(tables)) study[[name]] <- tables[[name]]
  if (check) study$problems <- gather_again(study)$problems[shown_columns]
  mark_checked(study)
}

# The imputed dates of the selected patients, with their new row numbers
imputed_of <- function(study, rows, ids) {
  x <- imputed_now(study)
  if (is.null(x)) return(NULL)
  new <- vapply(seq_len(nrow(x)), function(i) {
    of <- study[[x$table[i]]]$patient_id
    kept <- if (x$table[i] == "patients") rows else which(of %in% ids)
    match(x$row[i], kept)
  }, 0L)
  x$row <- new
  x <- x[!is.na(new), ]
  rownames(x) <- NULL
  if (nrow(x)) x
}
