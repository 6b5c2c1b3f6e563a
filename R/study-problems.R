#' Findings of the checks of a study
#'
#' @param x An [sbrt_study()] (its warnings, and errors when it was edited since), a
#'   folder or workbook as in [read_study()], a list of data frames named as the tables,
#'   or an error that [sbrt_study()] or [read_study()] raised.
#' @inheritParams sbrt_study
#' @return A data frame with one row per finding: `table`, `row` (1 is the first row below
#'   the column names; `NA` when it is about the table or column), `column`, `value`,
#'   `rule` and `severity` (`"error"` or `"warning"`). No finding, no row.
#' @section Errors:
#' `oligosurv_error_input` when `x` is none of these.
#' @seealso [sbrt_study()], [read_study()], [study_schema()]
#' @examples
#' study_problems(hcc_sbrt)
#' study_problems(list(patients = data.frame(patient_id = c("A", "A"))))
#' @export
study_problems <- function(x, cutoff = NULL, columns = NULL) {
  if (missing(x)) stop_missing("x")
  cutoff <- check_day(cutoff, "cutoff")
  columns <- check_columns(columns)
  problems <- if (inherits(x, "sbrt_study")) {
    gather_study(tables_of(x), if (is.null(cutoff)) x$cutoff else cutoff)$problems
  } else if (inherits(x, "oligosurv_error")) {
    x$problems
  } else if (is.character(x)) {
    gather_files(x, cutoff, columns)$problems
  } else if (is_named_list(x)) {
    gather_study(x, cutoff, columns)$problems
  }
  if (is.null(problems)) {
    stop_oligosurv("input", sprintf(
      "`x` must be a study, a folder, a list of tables or an error about them; it is %s",
      describe(x)
    ), arg = "x")
  }
  problems[shown_columns]
}
