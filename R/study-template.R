#' Write empty study files
#'
#' Writes one CSV file per table with its column names, ready to be filled in, and
#' `data_dictionary.csv`, which describes each column (see [study_schema()]). With
#' `format = "redcap"` it writes the data dictionary of a REDCap project instead.
#'
#' The files have columns for dates. Columns with a time and a status, such as `os_time`
#' and `os_status`, are only in the dictionary; you may add them.
#'
#' For REDCap the file is `redcap_data_dictionary.csv`. In REDCap, create a project,
#' upload the file on the page *Data Dictionary*, and make all forms but `patients`
#' repeating instruments (*Project Setup*, *Enable optional modules*). [redcap_tables()]
#' and [read_study()] read the export of the project.
#' @param dir Folder for the files; it is created if it does not exist.
#' @param format `"csv"` for one empty file per table, `"redcap"` for the data dictionary
#'   of a REDCap project.
#' @param ... Not used; an unknown argument is an error.
#' @return The paths of the files, invisibly.
#' @section Errors:
#' `oligosurv_error_input` if one of the files already exists or the folder cannot be
#' written to; in both cases no file is written.
#' @seealso [read_study()]
#' @examples
#' dir <- tempfile()
#' basename(study_template(dir))
#' readLines(file.path(dir, "adverse_events.csv"))
#' # fields of a REDCap project
#' dictionary <- read.csv(study_template(tempfile(), format = "redcap"))
#' dictionary[c(1, 21, 22), c(1, 2, 4)]
#' @export
study_template <- function(dir, format = c("csv", "redcap"), ...) {
  check_no_dots(...)
  check_path(dir, "dir")
  format <- check_choice(format, c("csv", "redcap"), "format")
  contents <- if (format == "csv") template_files() else list(
    redcap_data_dictionary.csv = csv_lines(redcap_dictionary())
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
    Map(write_text, contents, drafts)
    all(file.rename(drafts, files))
  }, error = function(e) {
    raise_time_limit(e)
    FALSE
  }, warning = function(w) FALSE)
  if (!written) {
    stop_oligosurv("input", sprintf(
      "`dir`: no file can be written in the folder \"%s\"; choose another one", dir
    ), arg = "dir")
  }
  done <- TRUE
  invisible(files)
}

# The lines of each file, named by file
template_files <- function() {
  dated <- schema_all[!schema_all$type %in% c("time", "status"), ]
  contents <- lapply(split(dated$column, dated$table), paste, collapse = ",")
  names(contents) <- paste0(names(contents), ".csv")
  contents$data_dictionary.csv <- csv_lines(schema_all)
  contents
}

csv_lines <- function(x) {
  utils::capture.output(utils::write.csv(x, row.names = FALSE, na = ""))
}
