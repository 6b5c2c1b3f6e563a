#' Read a study from CSV or Excel files
#'
#' Reads `patients.csv`, `lesions.csv`, `adverse_events.csv` and, if they exist,
#' `courses.csv`, `assessments.csv` and `therapies.csv` from a folder, and checks them as
#' [sbrt_study()] does.
#'
#' **Excel** (with the package readxl): instead of `<table>.csv` the folder may contain
#' `<table>.xlsx` or `.xls`, whose first sheet is read. Or `dir` is one workbook with a
#' sheet for each table, named as the table (case and blanks do not matter). Date cells
#' are read as dates; error values such as `#N/A` are errors.
#'
#' **CSV.**
#' Fields are separated by commas, by tabs, or by semicolons, which spreadsheets write in
#' much of Europe. The first line holds the column names; text is UTF-8; empty cells and
#' `NA` are missing. Dates are written yyyy-mm-dd and numbers with a decimal point. Empty
#' rows at the end of a file and a first line `sep=;` are skipped. A row with more fields
#' than column names is an error, a row with fewer fields is a warning. A file whose name
#' is only similar to that of an optional table (`Therapies (1).csv`) is not read and
#' gives a warning.
#' @param dir Folder with the files, or path of one Excel workbook.
#' @inheritParams sbrt_study
#' @return An `sbrt_study`, see [sbrt_study()].
#' @section Errors:
#' As [sbrt_study()]. A missing folder or file, a row with too many fields, a file without
#' column names and a file that is not UTF-8 text are `oligosurv_error_input`. The
#' problems of all files are reported at once. `oligosurv_error_dependency` for an Excel
#' file if readxl is missing.
#' @seealso [study_template()] writes empty files to fill in.
#' @examples
#' read_study(system.file("extdata/hcc_sbrt", package = "oligosurv"))
#' @export
read_study <- function(dir, cutoff = NULL, columns = NULL, dates = NULL, impute = NULL,
                       levels = NULL, missing = NULL, time_unit = NULL, ...) {
  check_no_dots(...)
  check_string(dir, "dir")
  reading <- study_reading(columns, dates, impute, levels, missing, time_unit)
  new_study(gather_files(dir, check_day(cutoff, "cutoff"), reading), dir,
    list(fun = "read_study", first = r_code(dir), listed = r_code(dir))
  )
}

# Collects the problems of all files before checking the tables.
gather_files <- function(dir, cutoff = NULL, reading = study_reading()) {
  read <- read_tables(dir, reading$columns)
  problems <- do.call(rbind, c(lapply(unname(read), `[[`, "problems"),
    list(new_problems())
  ))
  tables <- Filter(is.data.frame, lapply(read, `[[`, "value"))
  gathered <- gather_study(tables, cutoff, reading, problems)
  # A missing or unreadable file is reported already, so the table is not reported again.
  repeated <- gathered$problems$rule == "the table is missing"
  gathered$problems <- gathered$problems[!repeated, ]
  gathered
}

# One entry per table, from a folder, a workbook or one file: `value` and `problems`
read_tables <- function(dir, columns = list()) {
  check_string(dir, "dir")
  if (!file.exists(dir)) {
    stop_oligosurv("input", sprintf(
      "`dir` must be a folder, an Excel workbook or a CSV file; \"%s\" does not exist", dir
    ), arg = "dir")
  }
  if (!dir.exists(dir) && !is_workbook(dir)) return(read_patients_file(dir, columns))
  alone <- !dir.exists(dir) && is_single_sheet(dir)
  read <- lapply(schema_tables$table, function(name) {
    if (dir.exists(dir)) return(read_table_of(dir, name, columns))
    read_sheet(dir, name, if (alone && name == "patients") 1L, columns)
  })
  names(read) <- schema_tables$table
  Filter(Negate(is.null), read)
}

# A single file is the table of patients. Its folder may have more files, and a file of
# another table may be given by mistake.
read_patients_file <- function(file, columns) {
  if (!grepl(table_endings, file, ignore.case = TRUE)) {
    stop_oligosurv("input", sprintf(
      "`dir` must be a folder, an Excel workbook or a CSV file; \"%s\" is another file",
      file
    ), arg = "dir")
  }
  others <- setdiff(schema_tables$table, "patients")
  if (table_of_file(file) %in% others) {
    stop_oligosurv("input", sprintf(paste(
      "`dir` is the file %s; a single file must be the table of patients. To read all",
      "files of its folder: read_study(\"%s\")"
    ), basename(file), dirname(file)), arg = "dir")
  }
  read <- list(patients = read_table_file(file, "patients", columns))
  near <- list.files(dirname(file), table_endings, ignore.case = TRUE)
  near <- near[table_of_file(near) %in% others]
  if (length(near)) {
    read$patients$problems <- rbind(read$patients$problems, new_problems("patients",
      rule = sprintf(
        "only this file is read; read_study(\"%s\") also reads %s of its folder",
        dirname(file), join_words(near)
      ), severity = "note"
    ))
  }
  missing <- schema_tables$table[schema_tables$required & schema_tables$table != "patients"]
  c(read, stats::setNames(lapply(missing, function(name) {
    missing_table(name, sprintf("the file %s.csv is missing", name))
  }), missing))
}

table_endings <- "[.](csv|txt|tsv|xlsx?)$"

# The table that a file holds by its name, in any case and with any punctuation
table_of_file <- function(file) {
  stem <- sub("[.][^.]*$", "", basename(file))
  schema_tables$table[match(simplify_name(stem), simplify_name(schema_tables$table))]
}

# Reads `<table>.csv`, .txt or .tsv, or the first sheet of `<table>.xlsx` or .xls.
read_table_of <- function(dir, name, columns = list()) {
  files <- list.files(dir, table_endings, ignore.case = TRUE, full.names = TRUE)
  files <- files[table_of_file(files) %in% name]
  if (length(files) > 1L) {
    return(unreadable_table(name, paste(
      "must be one file; remove all but one of", join_words(basename(files))
    )))
  }
  if (length(files) == 1L && is_workbook(files)) {
    return(read_sheet(files, name, 1L, columns))
  }
  if (length(files) == 1L) return(read_table_file(files, name, columns))
  similar <- similar_files(dir, name)
  hint <- if (length(similar)) {
    sprintf("; rename %s if it is meant", join_words(similar, "or"))
  }
  missing_table(name, paste0(sprintf("the file %s.csv is missing", name), hint),
    doubt = length(similar) > 0L
  )
}

# Files whose names are similar to that of the table
similar_files <- function(dir, name) {
  files <- basename(list.files(dir, table_endings, ignore.case = TRUE))
  stem <- sub("[ _-]*[(]?[0-9]*[)]?[.][^.]*$", "", files)
  files[!is.na(closest_name(stem, name)) | simplify_name(stem) %in% simplify_name(name)]
}

# Reads one CSV file; a file that cannot be read is a problem of its table.
read_table_file <- function(file, name, columns = list()) {
  shown <- basename(file)
  lines <- tryCatch(
    read_lines(file),
    error = function(e) structure(conditionMessage(e), class = "unreadable")
  )
  if (inherits(lines, "unreadable")) {
    return(unreadable_table(name, sprintf("the file %s %s", shown, unclass(lines))))
  }
  if (!length(lines)) {
    return(list(value = data.frame(), problems = new_problems(name,
      rule = sprintf("the file %s is empty", shown), kind = "input"
    )))
  }
  # read.table() stops or warns only if a quotation mark is never closed.
  unreadable <- function(condition) NULL
  cells <- tryCatch(split_cells(lines, known_names(name, columns)),
    warning = unreadable, error = unreadable
  )
  if (is.null(cells)) {
    return(unreadable_table(name,
      sprintf("a quotation mark in the file %s is not closed", shown)
    ))
  }
  read <- cells_to_table(cells, name, columns)
  if (attr(lines, "latin")) {
    read$problems <- rbind(latin_problem(lines, name, shown), read$problems)
  }
  read
}

latin_problem <- function(lines, name, shown) {
  letters <- grep("(*UTF)[^\\x{00}-\\x{7f}]", lines, perl = TRUE, value = TRUE)[1L]
  word <- sub("(*UTF)^.*?([^\\s,;\"]*[^\\x{00}-\\x{7f}][^\\s,;\"]*).*$", "\\1", letters,
    perl = TRUE
  )
  new_problems(name, NA, NA, word, sprintf(paste(
    "the file %s is not UTF-8 and is read as Latin-1 (Western Windows); check its letters",
    "or save it as 'CSV UTF-8'"
  ), shown), "warning")
}
