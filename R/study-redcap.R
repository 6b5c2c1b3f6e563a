# Studies in REDCap: the data dictionary of the schema, and the conversion of a REDCap
# export to the tables of a study.

# Field names are unique in a project, so columns outside `patients` get a prefix.
redcap_prefix <- c(
  patients = "", lesions = "lesion_", adverse_events = "ae_", courses = "course_",
  assessments = "visit_", therapies = "therapy_", liver_function = "liver_"
)

redcap_field <- function(table, column) {
  prefix <- redcap_prefix[table]
  unname(ifelse(startsWith(column, prefix), column, paste0(prefix, column)))
}

# Codes of choices may hold letters, digits and underscores only. The parser of categories
# reads a code as its level, because it ignores punctuation.
redcap_code <- function(level) gsub("[^A-Za-z0-9]+", "_", level)

redcap_columns <- c(
  "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
  "Choices, Calculations, OR Slider Labels", "Field Note",
  "Text Validation Type OR Show Slider Number", "Text Validation Min",
  "Text Validation Max", "Identifier?",
  "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
  "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
  "Field Annotation"
)

# The schema as a data dictionary that can be uploaded to a REDCap project, one row per
# field. Only the table patients has the field patient_id, because REDCap exports the
# record id with each row of the other forms.
redcap_dictionary <- function() {
  spec <- schema_all[schema_all$table == "patients" | schema_all$column != "patient_id", ]
  # times and statuses are left out, because a project collects the dates
  spec <- spec[!spec$type %in% c("time", "status"), ]
  choices <- vapply(strsplit(spec$allowed, "|", fixed = TRUE), function(levels) {
    paste(sprintf("%s, %s", redcap_code(levels), levels), collapse = " | ")
  }, "")
  validation <- c(date = "date_ymd", number = "number", whole = "integer")[spec$type]
  validation[is.na(validation)] <- ""
  result <- as.data.frame(matrix("", nrow(spec), length(redcap_columns)))
  names(result) <- redcap_columns
  result[[1L]] <- redcap_field(spec$table, spec$column)
  result[[2L]] <- spec$table
  result[[4L]] <- ifelse(nzchar(spec$allowed), "radio", "text")
  result[[5L]] <- paste0(spec$column, ifelse(nzchar(spec$unit),
    sprintf(" (%s)", spec$unit), ""
  ))
  result[[6L]] <- ifelse(nzchar(spec$allowed), choices, "")
  result[[7L]] <- spec$description
  result[[8L]] <- unname(validation)
  result[[9L]] <- spec$lower
  result[[10L]] <- spec$upper
  result[[13L]] <- ifelse(spec$required == "value" & spec$column != "patient_id", "y", "")
  result
}

#' The tables of a study from a REDCap export
#'
#' REDCap exports one file for all forms. Each record has a row for its own form, and one
#' row for every instance of a repeating instrument. `redcap_tables()` splits the file
#' into one data frame per form, for [sbrt_study()]. [read_study()] does the same when its
#' file is such an export.
#'
#' Rows without a repeating instrument are the patients; several rows of one record (the
#' events of a longitudinal project) become one row, if they do not contradict one
#' another. Rows of a repeating instrument become rows of the table with its name
#' (`lesions`, `Lesions`, `adverse events`); `instruments` assigns instruments with other
#' names. Fields that are empty in all rows of an instrument do not belong to it.
#'
#' [study_template()] with `format = "redcap"` writes the data dictionary of the schema.
#' Its fields have the names of the schema, except that fields of tables other than
#' `patients` have a prefix, because field names must be unique in a project:
#' `lesion_dose_gy`, `ae_grade`, `course_start_date`, `visit_diameter_mm`, `therapy_line`,
#' `liver_test_date`. The prefix is removed. [sbrt_study()] reads the codes of its choices
#' (`non_target`) as their labels (`non-target`). A field of your own project keeps its
#' name; give it to `columns` of [sbrt_study()], and its codes to `levels`.
#'
#' If there is no field for them, `lesion_id` of lesions and `course` of courses are the
#' number of the instance. Columns that REDCap adds (`redcap_repeat_instance`,
#' `<form>_complete`) are omitted; `redcap_data_access_group` is kept in the table
#' patients.
#' @section An example to follow by hand: Four rows of record 1: its own row, instrument
#' `lesions` with instances 1 and 2, and instrument `adverse_events` with instance 1. The
#' result has 1 patient, 2 lesions with the `lesion_id` 1 and 2, and 1 adverse event.
#' @param x Path of a CSV file exported by REDCap (raw or labelled data, names of the
#'   fields or their labels in the first line), or a data frame with the same content.
#' @param instruments Names of instruments that differ from the tables of
#'   [study_schema()], as in `c(lesions = "sbrt_targets", assessments = "imaging")`. An
#'   instrument whose value is `NA`, as `quality_of_life` in `c(quality_of_life = NA)`, is
#'   left out.
#' @param id Field of the record; the first column if `NULL`.
#' @param ... Not used; an unknown argument is an error.
#' @return A list of data frames named by table, with text as REDCap wrote it; the
#'   argument of `do.call(sbrt_study, ...)` and of [study_problems()].
#' @section Errors: `oligosurv_error_input` for a file that is not a REDCap export, and
#' for an instrument that corresponds to no table; `oligosurv_error_data` for events of
#' one record that contradict one another.
#' @seealso [read_study()], [study_template()], [longer_lesions()]
#' @examples
#' export <- data.frame(
#'   record_id = c("1", "1", "1", "1"),
#'   redcap_repeat_instrument = c("", "lesions", "lesions", "adverse_events"),
#'   redcap_repeat_instance = c("", "1", "2", "1"),
#'   sbrt_start = c("2021-01-01", "", "", ""), last_contact = c("2022-01-01", "", "", ""),
#'   progression_date = "", death_date = "", cohort = c("OP", "", "", ""),
#'   lesion_dose_gy = c("", "50", "48", ""), lesion_fractions = c("", "5", "4", ""),
#'   lesion_local_failure_date = "", ae_term = c("", "", "", "fatigue"),
#'   ae_grade = c("", "", "", "1"), ae_onset_date = c("", "", "", "2021-02-01")
#' )
#' tables <- redcap_tables(export)
#' tables$lesions[c("patient_id", "lesion_id", "dose_gy")]
#' do.call(sbrt_study, tables)
#' @export
redcap_tables <- function(x, instruments = NULL, id = NULL, ...) {
  check_no_dots(...)
  x <- redcap_rows(x)
  id <- if (is.null(id)) names(x)[1L] else check_string(id, "id")
  if (!id %in% names(x)) {
    stop_oligosurv("input", sprintf(
      "`id` must be the column of record ids; there is no \"%s\", the first are %s", id,
      join_words(sprintf("\"%s\"", utils::head(names(x), 4L)))
    ), arg = "id")
  }
  names(x)[names(x) == id] <- "patient_id"
  form <- redcap_form(x)
  table <- redcap_table_of(unique(form), instruments)[form]
  table[form == ""] <- "patients"
  extra <- grepl("^redcap_(?!data_access_group)|_complete$", names(x), perl = TRUE)
  by_table <- factor(table, schema_tables$table)
  tables <- lapply(split(seq_len(nrow(x)), by_table, drop = TRUE), function(rows) {
    x[rows, , drop = FALSE]
  })
  Map(function(rows, name) {
    instance <- rows$redcap_repeat_instance
    filled <- vapply(rows, function(cell) any(cell != ""), NA)
    fields <- redcap_field(name, schema_of(name)$column)
    own <- name == "patients" & !redcap_foreign(names(x), x, form)
    rows <- rows[!extra & (filled | names(x) %in% fields | own)]
    redcap_finish(rows, name, instance)
  }, tables, names(tables))
}

# Flags fields that do not belong to the patients: those with the prefix of another table,
# and those filled in rows of a repeating instrument.
redcap_foreign <- function(names, x, form) {
  repeated <- x[form != "", , drop = FALSE]
  filled <- vapply(repeated, function(cell) any(cell != ""), NA)
  prefixed <- Reduce(`|`, lapply(redcap_prefix[-1L], startsWith, x = names))
  (filled | prefixed) & names != "patient_id"
}

# The export as a data frame of text. The columns that REDCap adds get their raw names
# even if the export uses labels as names.
redcap_rows <- function(x) {
  x <- plain_argument(x)
  if (is.character(x) && length(x) == 1L && !is.na(x)) {
    if (!file.exists(x)) {
      stop_oligosurv("input", sprintf("`x`: the file \"%s\" does not exist", x),
        arg = "x"
      )
    }
    read <- read_table_file(x, "patients")
    raise_problems(read$problems, basename(x), sprintf("study_problems(%s)", r_code(x)))
    x <- read$value
  }
  if (!is.data.frame(x)) {
    stop_oligosurv("input", sprintf(
      "`x` must be a CSV file exported by REDCap or its data frame; it is %s", describe(x)
    ), arg = "x")
  }
  check_frame_columns(x, "x")
  x <- as.data.frame(lapply(x, function(cell) {
    text <- cell_text(cell)
    text[is.na(text)] <- ""
    text
  }), optional = TRUE)
  shown <- c(
    "Repeat Instrument" = "redcap_repeat_instrument",
    "Repeat Instance" = "redcap_repeat_instance", "Event Name" = "redcap_event_name",
    "Data Access Group" = "redcap_data_access_group"
  )
  known <- names(x) %in% names(shown)
  names(x)[known] <- shown[names(x)[known]]
  if (!is_redcap(x)) {
    stop_oligosurv("input", paste(
      "`x` has no column redcap_repeat_instrument or redcap_event_name, so it is not a",
      "REDCap export of several forms; give its rows to sbrt_study(), or see",
      "longer_lesions() for several lesions in one row"
    ), arg = "x")
  }
  x
}

is_redcap <- function(x) {
  marks <- c("redcap_repeat_instrument", "redcap_event_name", "Repeat Instrument")
  any(marks %in% names(x))
}

# The repeating instrument of each row, or its repeating event; "" for the record itself
redcap_form <- function(x) {
  blank <- rep("", nrow(x))
  form <- if (is.null(x$redcap_repeat_instrument)) blank else x$redcap_repeat_instrument
  instance <- if (is.null(x$redcap_repeat_instance)) blank else x$redcap_repeat_instance
  event <- if (is.null(x$redcap_event_name)) blank else x$redcap_event_name
  repeated <- form == "" & instance != ""
  form[repeated] <- event[repeated]
  form
}

# The table of each instrument, named by instrument
redcap_table_of <- function(forms, instruments) {
  forms <- setdiff(forms, "")
  ok <- is.null(instruments) ||
    (is.atomic(instruments) && all(nzchar(names(instruments))) &&
      length(names(instruments)))
  if (!ok) {
    stop_oligosurv("input", sprintf(
      paste(
        "`instruments` must name instruments by table, as in",
        "c(lesions = \"sbrt_targets\"); it is %s"
      ), describe(instruments)
    ), arg = "instruments")
  }
  dropped <- names(instruments)[is.na(instruments)]
  given <- stats::setNames(as.character(instruments), names(instruments))
  given <- given[!is.na(given)]
  tables <- schema_tables$table
  table <- tables[match(simplify_name(forms), simplify_name(tables))]
  at <- match(simplify_name(forms), simplify_name(given))
  table[!is.na(at)] <- names(given)[at[!is.na(at)]]
  known <- table %in% tables | forms %in% dropped
  if (!all(known)) {
    first <- forms[!known][1L]
    stop_oligosurv("input", sprintf(
      paste(
        "the instrument %s is not a table of a study (%s); say which table it is, as in",
        "tables <- redcap_tables(x, instruments = c(assessments = \"%s\")), or leave it",
        "out by instruments = c(\"%s\" = NA); then do.call(sbrt_study, tables) reads them"
      ), join_words(sprintf("\"%s\"", forms[!known])), join_words(schema_tables$table),
      first, first
    ), arg = "instruments")
  }
  stats::setNames(ifelse(forms %in% dropped, NA, table), forms)
}

# Removes the prefix, and numbers lesions and courses.
redcap_finish <- function(rows, name, instance) {
  columns <- schema_of(name)$column
  at <- match(names(rows), redcap_field(name, columns))
  names(rows)[!is.na(at)] <- columns[at[!is.na(at)]]
  numbered <- c(lesions = "lesion_id", courses = "course")[name]
  if (!is.na(numbered) && !numbered %in% names(rows)) rows[[numbered]] <- instance
  if (name == "patients") rows <- redcap_one_row(rows)
  rownames(rows) <- NULL
  rows
}

# Merges the rows of a record, one for each event, into one. Stops if a field has
# different values in them.
redcap_one_row <- function(rows) {
  id <- rows$patient_id
  if (!anyDuplicated(id)) return(rows)
  first <- rows[!duplicated(id), , drop = FALSE]
  for (column in names(rows)) {
    value <- rows[[column]]
    pairs <- unique(data.frame(id, value)[value != "", ])
    twice <- pairs$id[duplicated(pairs$id)]
    if (length(twice)) {
      stop_oligosurv("data", sprintf(
        paste(
          "the field `%s` has several values in the events of record \"%s\" (%s); export",
          "the event that holds it, or make the form a repeating instrument"
        ), column, twice[1L],
        join_words(sprintf("\"%s\"", pairs$value[pairs$id == twice[1L]]))
      ), column = column, where = which(id == twice[1L]))
    }
    at <- match(first$patient_id, pairs$id)
    first[[column]] <- ifelse(is.na(at), "", pairs$value[at])
  }
  first
}
