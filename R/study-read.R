#' Read a study from CSV or Excel files
#'
#' Reads `patients.csv` and, if they exist, `lesions.csv`, `adverse_events.csv`,
#' `courses.csv`, `assessments.csv` and `therapies.csv` from a folder, and checks them as
#' [sbrt_study()] does.
#'
#' **Excel** (with the package readxl): instead of `<table>.csv` the folder may contain
#' `<table>.xlsx` or `.xls`, whose first sheet is read. Or `dir` is one workbook with a
#' sheet for each table, named as the table (case and blanks do not matter). Date cells
#' are read as dates, also where they are mixed with text and day numbers; error values
#' such as `#N/A` are errors.
#'
#' **CSV.**
#' Fields are separated by commas, by tabs, or by semicolons, which spreadsheets write in
#' much of Europe. The first line holds the column names; text is UTF-8; empty cells and
#' `NA` are missing. Numbers have a decimal point. Dates may have any form that can be one
#' day only, or the order that `dates` says; see the section *Dates* of [sbrt_study()].
#' Empty rows at the end of a file and a first line `sep=;` are skipped. A row with more
#' fields than column names is an error, a row with fewer fields is a warning. A file
#' whose name is only similar to that of an optional table (`Therapies (1).csv`) is not
#' read and gives a warning.
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
  new_study(gather_files(dir, check_day(cutoff, "cutoff"), reading), dir)
}

# Collects the problems of all files before checking the tables.
gather_files <- function(dir, cutoff = NULL, reading = study_reading()) {
  read <- read_tables(dir)
  problems <- do.call(rbind, c(lapply(unname(read), `[[`, "problems"),
    list(new_problems())
  ))
  tables <- Filter(is.data.frame, lapply(read, `[[`, "value"))
  tables <- Map(typed_extras, tables, names(tables), list(reading$columns))
  gathered <- gather_study(tables, cutoff, reading, problems)
  # A missing or unreadable file is reported already, so the table is not reported again.
  repeated <- gathered$problems$rule == "the table is missing"
  gathered$problems <- gathered$problems[!repeated, ]
  gathered
}

# One entry per table, from a folder or a workbook: `value` and `problems`
read_tables <- function(dir) {
  check_string(dir, "dir")
  if (!file.exists(dir)) {
    stop_oligosurv("input", sprintf(
      "`dir` must be a folder or an Excel workbook; \"%s\" does not exist", dir
    ), arg = "dir")
  }
  if (!dir.exists(dir) && !is_workbook(dir)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`dir` must be a folder or an Excel workbook; \"%s\" is another file. To read",
        "all files in its folder, use \"%s\""
      ), dir, dirname(dir)
    ), arg = "dir")
  }
  read <- lapply(schema_tables$table, function(name) {
    if (!dir.exists(dir)) return(read_sheet(dir, name))
    read_table_of(dir, name)
  })
  names(read) <- schema_tables$table
  Filter(Negate(is.null), read)
}

# Reads `<table>.csv`, or the first sheet of `<table>.xlsx` or `<table>.xls`.
read_table_of <- function(dir, name) {
  files <- file.path(dir, paste0(name, c(".csv", ".xlsx", ".xls")))
  files <- files[file.exists(files)]
  if (length(files) > 1L) {
    return(unreadable_table(name, paste(
      "must be one file; remove all but one of", join_words(basename(files))
    )))
  }
  if (length(files) == 1L && is_workbook(files)) return(read_sheet(files, name, 1L))
  if (length(files) == 1L) return(read_table_file(files, name))
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
  files <- basename(list.files(dir, "[.](csv|txt|tsv|xlsx?)$", ignore.case = TRUE))
  stem <- sub("[ _-]*[(]?[0-9]*[)]?[.][^.]*$", "", files)
  files[!is.na(closest_name(stem, name)) | simplify_name(stem) %in% simplify_name(name)]
}

# Reads one CSV file; a file that cannot be read is a problem of its table.
read_table_file <- function(file, name) {
  lines <- tryCatch(
    read_lines(file),
    error = function(e) structure(conditionMessage(e), class = "unreadable")
  )
  if (inherits(lines, "unreadable")) {
    return(unreadable_table(name, sprintf("the file %s.csv %s", name, unclass(lines))))
  }
  if (!length(lines)) {
    return(list(value = data.frame(), problems = new_problems(name,
      rule = sprintf("the file %s.csv is empty", name), kind = "input"
    )))
  }
  # Spreadsheets declare the separator of the file in a first line such as sep=;
  if (grepl("^\"?sep=.\"?$", lines[1L])) lines <- lines[-1L]
  # read.table() stops or warns only if a quotation mark is never closed.
  unreadable <- function(condition) NULL
  cells <- tryCatch(split_cells(lines), warning = unreadable, error = unreadable)
  if (is.null(cells)) {
    return(unreadable_table(name,
      sprintf("a quotation mark in the file %s.csv is not closed", name)
    ))
  }
  cells_to_table(cells, name)
}

# Kinds of files that are not UTF-8 text, by their first bytes
file_kinds <- c(
  "fffe" = "is UTF-16 text ('Unicode text'): save it as 'CSV UTF-8'",
  "feff" = "is UTF-16 text ('Unicode text'): save it as 'CSV UTF-8'",
  "504b0304" = "is an Excel workbook or another zip file: save it as 'CSV UTF-8'",
  "d0cf11e0" = "is an old Excel workbook: save it as 'CSV UTF-8'",
  "1f8b" = "is compressed: unpack it",
  "25504446" = "is a PDF file: save the table as 'CSV UTF-8'"
)

# Reads bytes, so that neither the locale nor a byte order mark changes the text.
read_lines <- function(file) {
  bytes <- tryCatch(readBin(file, "raw", n = file.size(file)),
    error = function(e) stop_oligosurv("input", "cannot be read"),
    warning = function(w) stop_oligosurv("input", "cannot be read")
  )
  first <- paste(bytes[seq_len(min(4L, length(bytes)))], collapse = "")
  kind <- file_kinds[startsWith(first, names(file_kinds))]
  if (length(kind)) stop_oligosurv("input", kind[[1L]])
  zeros <- which(bytes == as.raw(0L))
  if (length(zeros)) {
    # Latin text in UTF-16 has a zero in every other byte.
    wide <- length(zeros) > length(bytes) / 4 && length(unique(zeros %% 2L)) == 1L
    stop_oligosurv("input", if (wide) file_kinds[["fffe"]] else
      "is not text (it contains zero bytes): save it as 'CSV UTF-8'")
  }
  text <- mark_bytes(rawToChar(bytes))
  lines <- strsplit(sub("^\ufeff", "", text), "\r\n|\n|\r")[[1L]]
  if (all(grepl("^\\s*$", lines))) character() else lines
}

# A character matrix whose first row holds the column names; short rows are padded with
# "".
split_cells <- function(lines) {
  names_line <- gsub("\"[^\"]*\"", "", lines[1L])
  used <- vapply(c(",", ";", "\t"), grepl, NA, x = names_line, fixed = TRUE)
  separator <- c(names(used)[used], ",")[1L]
  source <- textConnection(lines, encoding = "UTF-8")
  on.exit(close(source))
  count <- utils::count.fields(source,
    sep = separator, quote = "\"", comment.char = "", blank.lines.skip = FALSE
  )
  cells <- utils::read.table(
    text = lines, sep = separator, quote = "\"", header = FALSE, fill = TRUE,
    col.names = seq_len(max(count, 1L, na.rm = TRUE)), colClasses = "character",
    na.strings = character(), comment.char = "", strip.white = TRUE,
    blank.lines.skip = FALSE, encoding = "UTF-8"
  )
  cells <- as.matrix(cells)
  cells[is.na(cells)] <- ""
  dimnames(cells) <- NULL
  # For a record of several lines, count.fields() gives NA for all lines but the last.
  attr(cells, "fields") <- count[!is.na(count)]
  cells
}

# Converts columns outside the schema to the type of their values.
typed_extras <- function(x, name, columns = list()) {
  known <- c(schema_all$column[schema_all$table == name], columns[[name]])
  for (i in which(!names(x) %in% known)) {
    x[[i]] <- utils::type.convert(x[[i]], as.is = TRUE, na.strings = c("", "NA"))
  }
  x
}
