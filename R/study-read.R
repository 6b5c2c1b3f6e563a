#' Read a study from CSV or Excel files
#'
#' Reads `patients.csv` and, if they exist, `lesions.csv`, `adverse_events.csv`,
#' `courses.csv`, `assessments.csv`, `therapies.csv` and `liver_function.csv` from a
#' folder, and checks them as [sbrt_study()] does. Capitals and punctuation of file names
#' do not matter, and a file may end in `.txt` or `.tsv`.
#'
#' **Excel** (with the package readxl): instead of `<table>.csv` the folder may contain
#' `<table>.xlsx` or `.xls`, whose first sheet is read. Or `dir` is one workbook with a
#' sheet for each table, named as the table (case and blanks do not matter). Date cells
#' are read as dates, also where they are mixed with text and day numbers; error values
#' such as `#N/A` are errors. Cells that are merged over several rows (`.xlsx`) have their
#' value in each row.
#'
#' **CSV.** Fields are separated by commas, semicolons, tabs or vertical bars: the
#' separator is the one that gives the most known column names, or that of a first line
#' `sep=;`. Text is UTF-8, UTF-16 or, with a warning, Latin-1. In a file with semicolons a
#' comma is a decimal sign. Dates may have any form that can mean only one day, or the
#' order given in `dates`; see the section *Dates* of [sbrt_study()].
#'
#' **One file.** `dir` may be the file of patients, or a workbook with one sheet. A file
#' that REDCap exported is split into its forms, see [redcap_tables()].
#'
#' @section What is not data: Among the first 20 rows, the row of column names is the one
#' with most known names: the names of the schema, those of `columns`, and the usual names
#' in English, German, French, Spanish and Portuguese. The following are not read, and a
#' note shows them: lines above it (titles, merged headings), a line of units or
#' descriptions below it, totals (`Total`, `n = 37`, `Mean`) and remarks at the end, and a
#' first column without a name that numbers the rows. Empty rows at the end are skipped. A
#' row with more fields than column names is an error, a row with fewer fields is a
#' warning. A file whose name is only similar to that of an optional table
#' (`Therapies (1).csv`) is not read and gives a warning.
#' @section Columns outside the schema:
#' They remain text, so `F`, `001` and `1E2` are not changed. A column is numeric only if
#' each of its cells is empty or an ordinary number: without leading zeros, without an
#' exponent, and of at most 15 digits. If at least four in five cells are numbers, a note
#' names the cells that keep the column from being numeric (`>10000`).
#' @param dir Folder with the files, path of one Excel workbook, or of the file of
#'   patients.
#' @param tables Names of files in the folder, or of sheets in the workbook, that are not
#'   those of the schema, as in `c(patients = "cohort.csv", adverse_events = "AE
#'   log.csv")`.
#' @inheritParams sbrt_study
#' @return An `sbrt_study`, see [sbrt_study()].
#' @section Errors:
#' As [sbrt_study()]. A missing folder or file, a row with too many fields, a file without
#' column names and a file that is not text are `oligosurv_error_input`. The problems of
#' all files are reported at once. `oligosurv_error_dependency` for an Excel file if
#' readxl is missing.
#'
#' If possible, the message ends with a call that reads the study, or more of it; this
#' call was tried before it is shown.
#' @seealso [study_template()] writes empty files to fill in.
#' @examples
#' read_study(system.file("extdata/hcc_sbrt", package = "oligosurv"))
#'
#' # an untidy file of patients: a title, names and words of its own, a total
#' dir <- tempfile()
#' dir.create(dir)
#' writeLines(c(
#'   "Our patients;;;;;",
#'   "MRN;Arm;Start of SBRT;PD date;DOD;Last FU",
#'   "001;1;2020-01-15;2020-08-17;2021-01-20;2021-01-20",
#'   "002;2;2020-02-20;;;2022-01-31",
#'   "Total;2;;;;"
#' ), file.path(dir, "Patients.txt"))
#' writeLines(c(
#'   "patient_id,lesion_id,dose_gy,fractions,local_failure_date",
#'   "001,1,50 Gy,5 fx,", "002,1,4500 cGy,3,"
#' ), file.path(dir, "lesions.csv"))
#' writeLines("patient_id,term,grade,onset_date", file.path(dir, "adverse_events.csv"))
#' # the error says which call reads it
#' cat(tryCatch(read_study(dir), error = function(e) e$advice))
#' study <- read_study(dir,
#'   columns = list(patients = c(
#'     patient_id = "MRN", cohort = "Arm", sbrt_start = "Start of SBRT",
#'     progression_date = "PD date", death_date = "DOD", last_contact = "Last FU"
#'   )),
#'   levels = list(cohort = c("1" = "OP", "2" = "OM"))
#' )
#' study$patients$cohort # OP OM
#' study$lesions$dose_gy # 50 45
#' @export
read_study <- function(dir, cutoff = NULL, columns = NULL, dates = NULL, impute = NULL,
                       levels = NULL, missing = NULL, time_unit = NULL, tables = NULL,
                       ...) {
  check_no_dots(...)
  check_path(dir, "dir")
  reading <- study_reading(columns, dates, impute, levels, missing, time_unit, tables)
  new_study(gather_files(dir, check_day(cutoff, "cutoff"), reading), dir,
    list(fun = "read_study", first = r_code(dir), listed = r_code(dir))
  )
}

# Collects the problems of all files before checking the tables.
gather_files <- function(dir, cutoff = NULL, reading = study_reading()) {
  read <- read_tables(dir, reading$columns, reading$tables)
  problems <- do.call(rbind, c(lapply(unname(read), `[[`, "problems"),
    list(new_problems())
  ))
  tables <- Filter(is.data.frame, lapply(read, `[[`, "value"))
  gather_study(tables, cutoff, reading, problems)
}

stop_no_study <- function(file, why) {
  stop_oligosurv("input", sprintf(
    "`dir` must be a folder, an Excel workbook (.xlsx, .xls) or a CSV file; \"%s\" %s",
    file, why
  ), arg = "dir")
}

# Reads one entry per table, `value` and `problems`, from a folder, a workbook or one file
read_tables <- function(dir, columns = list(), files = NULL) {
  check_path(dir, "dir")
  if (!file.exists(dir)) {
    stop_no_study(dir, "does not exist")
  }
  if (!dir.exists(dir) && !is_workbook(dir)) return(read_patients_file(dir, columns))
  if (!dir.exists(dir) && !length(workbook_sheets(dir))) { # told once
    return(list(patients = read_sheet(dir, "patients", 1L, columns)))
  }
  alone <- !dir.exists(dir) && is_single_sheet(dir)
  read <- lapply(schema_tables$table, function(name) {
    if (name %in% names(files)) {
      return(read_named_table(dir, name, files[[name]], columns))
    }
    if (dir.exists(dir)) return(read_table_of(dir, name, columns))
    read_sheet(dir, name, if (alone && name == "patients") 1L, columns)
  })
  names(read) <- schema_tables$table
  Filter(Negate(is.null), read)
}

# Reads the file of a folder, or the sheet of a workbook, that the argument `tables`
# names.
read_named_table <- function(dir, name, file, columns) {
  folder <- dir.exists(dir)
  there <- if (folder) {
    list.files(dir, table_endings, ignore.case = TRUE)
  } else {
    workbook_sheets(dir)
  }
  at <- match(file, there)
  if (is.na(at)) at <- match(simplify_name(file), simplify_name(there))
  if (is.na(at)) {
    return(unreadable_table(name, sprintf(
      "`tables` names \"%s\", but the %s has %s", file,
      if (folder) "folder" else "workbook", join_words(sprintf("\"%s\"", there))
    )))
  }
  if (!folder) return(read_sheet(dir, name, at, columns))
  path <- file.path(dir, there[at])
  if (is_workbook(path)) return(read_sheet(path, name, 1L, columns))
  read_table_file(path, name, columns)
}

# Reads a single file as the table of patients. A note names other tables in its folder,
# which are not read. Stops if the name of the file is that of another table.
read_patients_file <- function(file, columns) {
  if (!grepl(table_endings, file, ignore.case = TRUE)) {
    stop_no_study(file, "is another file")
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
  missing <- setdiff(schema_tables$table[schema_tables$required], "patients")
  c(read, stats::setNames(lapply(missing, function(name) {
    missing_table(name, sprintf("the file %s.csv is missing", name))
  }), missing))
}

table_endings <- "[.](csv|txt|tsv|xlsx?)$"

# The table that the name of a file means, ignoring case and punctuation
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
  files[!is.na(closest_name(stem, name))]
}
