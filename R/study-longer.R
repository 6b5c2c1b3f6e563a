# longer_lesions() and longer_events(). They convert wide tables, in which a row has all
# lesions or adverse events of a patient, to the rows that a study needs.

#' Lesions and adverse events from a wide table
#'
#' Many spreadsheets and REDCap exports have one row per patient and numbered columns for
#' lesions (`lesion1_dose`, `lesion2_dose`), or one column per adverse event
#' (`Fatigue grade`, `ae___1`). These functions give the tables `lesions` and
#' `adverse_events` of [sbrt_study()], with one row per lesion or event.
#'
#' @details **Patterns.** `columns` says which of your columns belong together: each name
#' is a column of the result (of [study_schema()], or another), and each value is the
#' pattern of the names of your columns, with `#` in place of the number or term, anywhere
#' in the name: `c(dose_gy = "lesion#_dose")`, `c(dose_gy = "L# dose (Gy)")`,
#' `c(grade = "# grade")`. Capitals do not matter, and blanks, points and other signs are
#' treated as equal, so the names made by `read.csv()` (`L1.dose..Gy.`) match. A value
#' without `#`, such as `c(onset_date = "visit_date")`, is a single column whose cell is
#' copied to every row of the patient.
#'
#' **Lesions.** `#` is a number; it becomes `lesion_id` unless `columns` has a
#' `lesion_id`. A lesion whose cells are all empty is ignored. Without `columns` the usual
#' names are recognised, and a message says which; if a column of a lesion is not
#' recognised, the error shows a call that you can complete.
#'
#' **Events.** `#` is the term (`"# grade"`), which becomes the column `term` of the
#' result. Or it is a code whose meaning is given by `terms` or by the label of the column
#' (`Adverse event (choice=Fatigue)`, as REDCap exports it). Or, with `term` in `columns`,
#' it is only the number of a block: `c(term = "ae#_term", grade = "ae#_grade")`. The
#' terms are those of the pattern of `grade` or `checked`.
#' * Empty cells mean no event. A date without a grade is an event of unknown grade. A
#'   grade of 0 is kept; it means assessed, no event.
#' * `checked` is a checkbox (1/0, yes/no, `Checked`/`Unchecked`, TRUE/FALSE): a checked
#'   box is an event, of unknown grade if its grade is empty or not in `columns`.
#' @param data A data frame with one row per patient (or per patient and visit).
#' @param columns Named patterns of columns, see Details.
#' @param id Name of the column with the ids of the patients.
#' @param terms For events: the possible values of `#`. Terms as they are in the names of
#'   the columns, `c("Fatigue", "Nausea")`, or codes with their terms,
#'   `c("1" = "Fatigue")`. With `terms` the pattern may be `"#"` alone, for columns named
#'   only by their terms.
#' @param ... Not used; an unknown argument is an error.
#' @return A data frame with `patient_id`, then `lesion_id` or `term`, then the columns
#'   named in `columns` (without `checked`), in the order of the rows of `data` and of the
#'   lesions or terms. Cells keep their values; [sbrt_study()] reads and checks them.
#' @section Examples to follow by hand:
#' - A has `lesion1_dose` 50, `lesion1_fx` 5, `lesion2_dose` 24, `lesion2_fx` 3, B has 48
#'   and 4 and nothing more: three rows, A 1, A 2 and B 1.
#' - `Fatigue grade` 2 and `Nausea grade` 0 of A, both empty in B: two rows of A, fatigue
#'   of grade 2 and nausea of grade 0.
#' - `ae___1` 1, `ae___2` 0 and `ae_grade_1` 3 of A with `terms = c("1" = "Fatigue", "2" =
#'   "Nausea")`: one row, fatigue of grade 3.
#' @section Errors:
#' `oligosurv_error_input` for a pattern that matches no column, a column that matches two
#' patterns, two columns for one cell, a code without a term, and a column that seems to
#' belong to a lesion but is in no pattern (the message names these columns);
#' `oligosurv_error_domain` for a checkbox that is neither checked nor unchecked;
#' `oligosurv_error_data` for an empty id, or a grade or date with an unchecked box.
#' @seealso [sbrt_study()], [study_schema()]
#' @examples
#' wide <- data.frame(
#'   patient_id = c("A", "B"), lesion1_dose = c(50, 48), lesion1_fx = c(5, 4),
#'   lesion2_dose = c(24, NA), lesion2_fx = c(3, NA),
#'   "Fatigue grade" = c(2, NA), "Nausea grade" = c(0, NA),
#'   "Fatigue date" = c("2021-02-01", ""), check.names = FALSE
#' )
#' # three lesions: A 1, A 2, B 1
#' longer_lesions(wide, c(dose_gy = "lesion#_dose", fractions = "lesion#_fx"))
#' longer_events(wide, c(grade = "# grade", onset_date = "# date"))
#' @export
longer_lesions <- function(data, columns = NULL, id = "patient_id", ...) {
  check_no_dots(...)
  check_wide(data, id)
  if (is.null(columns)) {
    columns <- guess_lesion_columns(setdiff(names(data), id))
    inform_oligosurv(sprintf("Lesions read with columns = %s", r_code(columns)))
  }
  found <- matched_columns(setdiff(names(data), id), check_patterns(columns), "[0-9]+")
  check_left_over(setdiff(names(data), id), columns, found)
  found$label <- sub("^0+(?=.)", "", found$key, perl = TRUE)
  rows <- longer_rows(data, id, found, columns)
  value <- rows$value
  if (!"lesion_id" %in% names(columns)) {
    value <- c(value[1L], list(lesion_id = rows$label), value[-1L])
  }
  pick_rows(value, which(rows$filled))
}

#' @rdname longer_lesions
#' @export
longer_events <- function(data, columns, id = "patient_id", terms = NULL, ...) {
  check_no_dots(...)
  check_wide(data, id)
  if (missing(columns)) stop_missing("columns")
  columns <- check_patterns(columns)
  terms <- check_terms(terms)
  numbered <- "term" %in% names(columns)
  lead <- intersect(c("checked", "grade"), names(columns))[1L]
  if (is.na(lead) || !grepl("#", columns[[lead]], fixed = TRUE)) {
    stop_oligosurv("input", paste(
      "`columns` must have a pattern with # for `grade` or `checked`, as in",
      "c(grade = \"# grade\", onset_date = \"# date\")"
    ), arg = "columns")
  }
  key <- if (numbered) "[0-9]+" else term_regex(columns, terms)
  found <- matched_columns(setdiff(names(data), id), columns, key)
  found <- found[numbered | found$key %in% c("", found$key[found$part == lead]), ]
  if (!numbered) found$label <- term_labels(data, found, terms)
  rows <- longer_rows(data, id, found, columns)
  value <- rows$value
  if (!numbered) value <- c(value[1L], list(term = rows$label), value[-1L])
  kept <- rows$filled
  if (lead == "checked") {
    kept <- is_checked(value$checked, found$name[found$part == "checked"])
    check_unchecked(value, kept, setdiff(found$part[nzchar(found$key)], "checked"))
    value$checked <- NULL
  }
  pick_rows(value, which(kept))
}

check_wide <- function(data, id) {
  if (missing(data)) stop_missing("data")
  if (!is.data.frame(data)) {
    stop_oligosurv("input", sprintf(
      "`data` must be a data frame; it is %s", describe(data)
    ), arg = "data")
  }
  check_frame_columns(data, "data")
  check_column_of(data, id, "id")
  empty <- which(is.na(cell_text(plain_column(data[[id]]))))
  if (length(empty)) {
    stop_oligosurv("data", sprintf(
      "the column \"%s\" of `data` must not be empty; it is in %s", id, format_rows(empty)
    ), arg = "id", where = empty)
  }
}

check_column_of <- function(data, name, arg) {
  check_string(name, arg)
  if (name %in% names(data)) return(invisible())
  stop_oligosurv("input", sprintf(
    "`%s` must be a column of `data`; there is no column \"%s\"%s", arg, name,
    suggest_name(closest_name(name, names(data)))
  ), arg = arg)
}

check_patterns <- function(columns) {
  columns <- if (is.list(columns)) unlist(columns) else plain_argument(columns)
  ok <- is.character(columns) && length(columns) && !anyNA(columns) &&
    !is.null(names(columns)) && all(nzchar(names(columns))) &&
    !anyDuplicated(names(columns))
  if (ok) {
    marks <- lengths(regmatches(columns, gregexpr("#", columns, fixed = TRUE)))
    ok <- all(marks < 2L) && any(marks == 1L)
  }
  if (!ok) {
    stop_oligosurv("input", sprintf(
      paste(
        "`columns` must be names of your columns with one # in place of the number or",
        "term, named by the columns of the result, as in c(dose_gy = \"lesion#_dose\");",
        "it is %s"
      ), if (is.character(columns)) r_code(columns) else describe(columns)
    ), arg = "columns")
  }
  columns
}

# A regular expression for literal text: signs other than letters and digits are equal,
# because make.names() turns each of them into a point.
literal_regex <- function(text) {
  parts <- strsplit(text, "", fixed = TRUE)[[1L]]
  word <- grepl("[[:alnum:]]", parts)
  paste(ifelse(word, parts, "[^[:alnum:]]"), collapse = "")
}

pattern_regex <- function(pattern, key) {
  sides <- strsplit(paste0(pattern, " "), "#", fixed = TRUE)[[1L]]
  sides[length(sides)] <- sub(" $", "", sides[length(sides)])
  if (length(sides) == 1L) return(sprintf("^()%s$", literal_regex(sides)))
  # make.names() puts an X before a number
  mark <- if (!nzchar(sides[1L]) && startsWith(key, "[0-9]")) "x?" else ""
  sprintf("^%s%s(%s)%s$", mark, literal_regex(sides[1L]), key, literal_regex(sides[2L]))
}

# One row for each column that fits a pattern: `part` of the result, `key` (the text at #,
# "" without one, after fold_key()), `name` of the column, and `text` (the key as
# written). A name that fits several patterns belongs to the pattern with the most fixed
# text.
matched_columns <- function(names, columns, key) {
  fits <- lapply(columns, function(pattern) {
    at <- regexec(pattern_regex(lower_case(pattern), lower_case(key)), lower_case(names))
    text <- vapply(regmatches(names, at), function(found) c(found, "", "")[2L], "")
    list(hit = vapply(at, `[`, 0L, 1L) > 0L, text = text)
  })
  hit <- vapply(fits, `[[`, logical(length(names)), "hit")
  hit <- matrix(hit, nrow = length(names))
  fixed <- nchar(gsub("#", "", columns, fixed = TRUE))
  best <- apply(hit, 1L, function(x) if (any(x)) max(fixed[x]) else 0L)
  hit <- hit & outer(best, fixed, `==`)
  at <- which(hit, arr.ind = TRUE)
  absent <- setdiff(seq_along(columns), at[, 2L])
  if (length(absent)) stop_no_column(columns[absent], names)
  twice <- names[rowSums(hit) > 1L]
  if (length(twice)) {
    stop_oligosurv("input", sprintf(
      "the column \"%s\" matches more than one pattern of `columns`; make them differ",
      twice[1L]
    ), arg = "columns", column = twice)
  }
  text <- vapply(seq_len(nrow(at)), function(i) fits[[at[i, 2L]]]$text[at[i, 1L]], "")
  found <- data.frame(
    part = names(columns)[at[, 2L]], key = fold_key(text), name = names[at[, 1L]], text
  )
  again <- duplicated(found[c("part", "key")])
  if (any(again)) {
    same <- found$part == found$part[again][1L] & found$key == found$key[again][1L]
    stop_oligosurv("input", sprintf(
      paste(
        "the columns %s of `data` both match the pattern of `%s`; remove or rename",
        "all but one"
      ),
      join_words(sprintf("\"%s\"", found$name[same])), found$part[again][1L]
    ), arg = "columns", column = found$name[same])
  }
  found
}

# The form in which keys are compared: "01" is 1; "Rib.fracture" and "rib_fracture" are
# the same term.
fold_key <- function(text) {
  word <- trim_blank(gsub("[^[:alnum:]]+", " ", lower_case(text)))
  sub("^0+(?=[0-9])", "", word, perl = TRUE)
}

stop_no_column <- function(columns, names) {
  shown <- names[seq_len(min(length(names), 8L))]
  stop_oligosurv("input", sprintf(
    "no column of `data` matches %s%s; its columns are %s%s",
    join_words(sprintf("\"%s\"", columns), "or"),
    if (any(grepl("#", columns, fixed = TRUE))) " (# is the number or term)" else "",
    join_words(sprintf("\"%s\"", shown)),
    if (length(names) > length(shown)) " and others" else ""
  ), arg = "columns")
}

# One row for each row of `data` and each key, in this order. `filled`: TRUE if the row
# has a non-empty cell other than those that are copied to every row.
longer_rows <- function(data, id, found, columns) {
  own <- found[nzchar(found$key), ]
  first <- own[!duplicated(own$key), ]
  keys <- first$key
  # lesions are in the order of their numbers, terms in that of the columns
  if (all(grepl("^[0-9]+$", keys))) {
    first <- first[order(as.numeric(keys)), ]
    keys <- first$key
  }
  n <- nrow(data)
  order <- order(rep(seq_len(n), length(keys)), rep(seq_along(keys), each = n))
  filled <- logical(n * length(keys))
  value <- list(patient_id = rep(plain_id(data[[id]]), each = length(keys)))
  gaps <- list()
  for (part in names(columns)) {
    copied <- found$name[found$part == part & !nzchar(found$key)]
    if (length(copied)) {
      value[[part]] <- pick_cells(data[[copied]], rep(seq_len(n), each = length(keys)))
      next
    }
    name <- own$name[own$part == part][match(keys, own$key[own$part == part])]
    without <- first$text[is.na(name)]
    gaps <- c(gaps, Map(sub, without, columns[[part]], pattern = "#", fixed = TRUE))
    cells <- lapply(name, function(x) if (is.na(x)) rep(NA, n) else data[[x]])
    value[[part]] <- pick_cells(stack_columns(cells), order)
    filled <- filled | !is.na(cell_text(plain_column(value[[part]])))
  }
  if (length(gaps)) {
    inform_oligosurv(sprintf("`data` has no column %s: left empty in the result",
      join_words(sprintf("\"%s\"", unlist(gaps)), "or")
    ))
  }
  list(value = value, filled = filled, label = rep(first$label, n))
}

plain_id <- function(x) {
  x <- plain_column(x)
  if (is.factor(x)) as.character(x) else as.vector(x)
}
