#' Problems found by the checks of a study
#'
#' Lists the errors, the doubtful values (warnings) and the notes on how cells were read,
#' for the tables of a study.
#' @param x An [sbrt_study()] (its doubtful values, and errors if it was edited after its
#'   check), a folder or workbook as in [read_study()], a named list of data frames, or an
#'   error raised by [sbrt_study()] or [read_study()].
#' @inheritParams sbrt_study
#' @param tables Names of files or sheets, as in [read_study()].
#' @return A data frame with one row per problem: `table`, `row` (1 is the first row below
#'   the column names; `NA` if the problem concerns the table or column), `column`,
#'   `value`, `rule` and `severity`: `"error"`, `"warning"` (a doubtful value) or `"note"`
#'   (what was skipped or converted, or a value in an unusual form and how it was read).
#'   It has no rows if there are no problems.
#' @section Errors:
#' `oligosurv_error_input` if `x` is none of these.
#' @seealso [sbrt_study()], [read_study()], [study_schema()]
#' @examples
#' study_problems(hcc_sbrt)
#' study_problems(list(patients = data.frame(patient_id = c("A", "A"))))
#' @export
study_problems <- function(x, cutoff = NULL, columns = NULL, dates = NULL, impute = NULL,
                           levels = NULL, missing = NULL, time_unit = NULL,
                           tables = NULL, ...) {
  check_no_dots(...)
  if (base::missing(x)) stop_missing("x")
  cutoff <- check_day(cutoff, "cutoff")
  reading <- study_reading(columns, dates, impute, levels, missing, time_unit, tables)
  problems <- if (inherits(x, "sbrt_study")) {
    if (is.null(cutoff) && !is_edited(x)) {
      x$problems # the tables no longer show how their cells were written
    } else {
      problems_of_study(x, if (is.null(cutoff)) day_of_cutoff(x) else cutoff)
    }
  } else if (inherits(x, "oligosurv_error")) {
    x$problems
  } else if (is.character(x)) {
    gather_files(x, cutoff, reading)$problems
  } else if (is_named_list(x)) {
    gather_study(x, cutoff, reading)$problems
  }
  if (is.null(problems)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`x` must be an sbrt_study, a folder or workbook, a named list of data frames,",
        "or an error raised by sbrt_study() or read_study(); it is %s"
      ),
      describe(x)
    ), arg = "x")
  }
  problems[shown_columns]
}

# Checks the tables of a study again, and adds its stored notes. They describe in which
# form values were written, which the typed columns no longer show.
problems_of_study <- function(x, cutoff) {
  found <- gather_again(x, cutoff)$problems
  noted <- unclass(x)$problems
  rbind(found[shown_columns], noted[noted$severity == "note", shown_columns])
}
