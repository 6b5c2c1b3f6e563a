#' Write empty study files
#'
#' Writes one CSV file per table with its column names, ready to be filled in, and
#' `data_dictionary.csv`, which says what each column holds (see [study_schema()]).
#' @param dir Folder for the files; it is made when it is not there.
#' @return The paths of the files, invisibly.
#' @section Errors:
#' `oligosurv_error_input` when one of the files is already there or the folder cannot be
#' written; then no file is written at all.
#' @seealso [read_study()]
#' @examples
#' dir <- tempfile()
#' basename(study_template(dir))
#' readLines(file.path(dir, "adverse_events.csv"))
#' @export
study_template <- function(dir) {
  check_string(dir, "dir")
  contents <- lapply(split(schema_all$column, schema_all$table), paste, collapse = ",")
  names(contents) <- paste0(names(contents), ".csv")
  contents$data_dictionary.csv <- utils::capture.output(
    utils::write.csv(schema_all, row.names = FALSE)
  )
  files <- file.path(dir, names(contents))
  there <- file.exists(files)
  if (any(there)) {
    stop_oligosurv("input", sprintf(
      "`dir` already has %s; nothing was written", join_words(basename(files[there]))
    ), arg = "dir")
  }
  made <- !dir.exists(dir)
  if (made && !dir.create(dir, showWarnings = FALSE, recursive = TRUE)) {
    stop_oligosurv("input", sprintf("`dir` cannot be made: \"%s\"", dir), arg = "dir")
  }
  drafts <- tempfile(rep("template-", length(files)), dir)
  done <- FALSE
  on.exit({
    unlink(drafts)
    if (!done) unlink(if (made) dir else files, recursive = made)
  })
  written <- tryCatch({
    Map(writeLines, contents, drafts, useBytes = TRUE)
    all(file.rename(drafts, files))
  }, error = function(e) FALSE, warning = function(w) FALSE)
  if (!written) {
    stop_oligosurv("input", sprintf("no file can be written in \"%s\"", dir),
      arg = "dir"
    )
  }
  done <- TRUE
  invisible(files)
}
