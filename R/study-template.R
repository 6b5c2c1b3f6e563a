#' Write empty study files
#'
#' Writes one CSV file per table with its column names, ready to be filled in, and
#' `data_dictionary.csv`, which describes each column (see [study_schema()]).
#'
#' The files have columns for dates. Times with a status, such as `os_time` and
#' `os_status`, may be added to them; they are in the dictionary only.
#' @param dir Folder for the files; it is created if it does not exist.
#' @return The paths of the files, invisibly.
#' @section Errors:
#' `oligosurv_error_input` if one of the files already exists or the folder cannot be
#' written to; in both cases no file is written.
#' @seealso [read_study()]
#' @examples
#' dir <- tempfile()
#' basename(study_template(dir))
#' readLines(file.path(dir, "adverse_events.csv"))
#' @export
study_template <- function(dir) {
  check_string(dir, "dir")
  dated <- schema_all[!schema_all$type %in% c("time", "status"), ]
  contents <- lapply(split(dated$column, dated$table), paste, collapse = ",")
  names(contents) <- paste0(names(contents), ".csv")
  contents$data_dictionary.csv <- utils::capture.output(
    utils::write.csv(schema_all, row.names = FALSE)
  )
  files <- file.path(dir, names(contents))
  exist <- file.exists(files)
  if (any(exist)) {
    stop_oligosurv("input", sprintf(
      "`dir` already has %s; nothing was written: choose another folder",
      join_words(basename(files[exist]))
    ), arg = "dir")
  }
  created <- !dir.exists(dir)
  if (created && !dir.create(dir, showWarnings = FALSE, recursive = TRUE)) {
    stop_oligosurv("input", sprintf(
      "`dir`: the folder \"%s\" cannot be created; choose another one", dir
    ), arg = "dir")
  }
  drafts <- tempfile(rep("template-", length(files)), dir)
  done <- FALSE
  on.exit({
    unlink(drafts)
    if (!done) unlink(if (created) dir else files, recursive = created)
  })
  written <- tryCatch({
    Map(writeLines, contents, drafts, useBytes = TRUE)
    all(file.rename(drafts, files))
  }, error = function(e) FALSE, warning = function(w) FALSE)
  if (!written) {
    stop_oligosurv("input", sprintf(
      "`dir`: no file can be written in the folder \"%s\"; choose another one", dir
    ), arg = "dir")
  }
  done <- TRUE
  invisible(files)
}
