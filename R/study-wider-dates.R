# One row per patient with a date column for each event, from a table with one column of
# events and one of dates.

#' Date columns from one column of events and one of dates
#'
#' Many spreadsheets hold the outcome in two columns: what happened (`"dead"`, `"alive"`)
#' and when. A study needs a date column for each outcome. `wider_dates()` makes these
#' columns, from one row per patient or from a log with several rows.
#'
#' Words are compared without regard to capitals and repeated blanks. If a patient has an
#' event several times, the earliest date is used; for `last_contact` and `last_imaging`
#' it is the latest.
#' @section An example to follow by hand: A has "progression" on 2021-03-01 and "dead" on
#' 2021-09-01, B is "alive" on 2022-01-01. With the columns of the example below, A has
#' both dates and `last_contact` 2021-09-01, B only `last_contact` 2022-01-01.
#' @param data A data frame.
#' @param event,date Names of the column with the event and of the column with its date.
#' @param columns For each word in `event`, the date column or columns that it fills, as
#'   in `list(dead = c("death_date", "last_contact"), alive = "last_contact")`. A word
#'   given as `NA` is left out.
#' @param id Name of the column with the patient.
#' @param dates,impute How dates are written, as in [sbrt_study()].
#' @param ... Not used; an unknown argument is an error.
#' @return A data frame with one row per patient, in the order of `data`: the other
#'   columns of the patient's first row, and the date columns, as `Date`.
#' @section Errors: `oligosurv_error_input` for a column that does not exist or a word
#' that is not in `columns`; `oligosurv_error_domain` for a date that cannot be read;
#' `oligosurv_error_data` for an empty id.
#' @seealso [sbrt_study()], [longer_lesions()]
#' @examples
#' log <- data.frame(
#'   patient_id = c("A", "A", "B"), event = c("progression", "Dead", "alive"),
#'   date = c("2021-03-01", "2021-09-01", "2022-01-01")
#' )
#' wider_dates(log, "event", "date", list(
#'   progression = "progression_date", dead = c("death_date", "last_contact"),
#'   alive = "last_contact"
#' ))
#' @export
wider_dates <- function(data, event, date, columns, id = "patient_id", dates = NULL,
                        impute = NULL, ...) {
  check_no_dots(...)
  check_wide(data, id)
  if (missing(event)) stop_missing("event")
  if (missing(date)) stop_missing("date")
  if (missing(columns)) stop_missing("columns")
  check_column_of(data, event, "event")
  check_column_of(data, date, "date")
  word <- fold_words(cell_text(data[[event]]))
  columns <- check_event_columns(columns, word, event)
  reading <- study_reading(dates = dates, impute = impute)
  day <- parse_column(data[[date]], own_date, reading_of(reading, "", date))
  bad <- which(!is.na(day$rule) & !is.na(word))
  if (length(bad)) {
    stop_oligosurv("domain", sprintf(
      "the column `%s`, %s: %s; it is \"%s\"", date, format_rows(bad), day$rule[bad[1L]],
      day$text[bad[1L]]
    ), where = bad, column = date)
  }
  who <- cell_text(data[[id]])
  result <- subset_rows(data[!names(data) %in% c(event, date)], !duplicated(who))
  for (column in unique(unlist(columns))) {
    words <- names(columns)[vapply(columns, function(x) column %in% x, NA)]
    rows <- which(word %in% words & !is.na(day$value))
    last <- column %in% c("last_contact", "last_imaging")
    rows <- rows[order(day$value[rows], decreasing = last)]
    result[[column]] <- day$value[rows[match(cell_text(result[[id]]), who[rows])]]
  }
  rownames(result) <- NULL
  result
}

# `columns` as a list named by words in small letters, after a check that it names each
# word of the data
check_event_columns <- function(columns, word, event) {
  columns <- plain_argument(columns)
  if (is.atomic(columns) && length(columns)) columns <- as.list(columns)
  ok <- is.list(columns) && length(columns) && !is.null(names(columns)) &&
    all(nzchar(names(columns))) &&
    all(vapply(columns, function(x) is.character(x) || all(is.na(x)), NA))
  if (!ok) {
    stop_oligosurv("input", sprintf(
      paste(
        "`columns` must give the date columns of each word, as in",
        "list(dead = \"death_date\", alive = \"last_contact\"); it is %s"
      ), describe(columns)
    ), arg = "columns")
  }
  names(columns) <- fold_words(names(columns))
  unknown <- setdiff(word, c(names(columns), NA))
  if (length(unknown)) {
    stop_oligosurv("input", sprintf(
      paste(
        "the column `%s` has the word %s, which is not in `columns`; add it, as in",
        "list(\"%s\" = \"last_contact\"), or leave its rows out with list(\"%s\" = NA)"
      ), event, join_words(sprintf("\"%s\"", unknown)), unknown[1L], unknown[1L]
    ), arg = "columns")
  }
  lapply(columns, function(x) as.character(x[!is.na(x)]))
}
