#' Read a study from CSV files
#'
#' Reads `patients.csv`, `lesions.csv`, `adverse_events.csv` and, where it is there,
#' `assessments.csv` from a folder and checks them as [sbrt_study()] does.
#'
#' Fields are separated by commas, by semicolons, as spreadsheets write it in much of
#' Europe, or by tabs; the first line holds the column names; text is UTF-8; empty cells
#' and `NA` are missing. Days are written yyyy-mm-dd and numbers with a decimal point.
#' Rows without any content are skipped at the end of a file.
#' @param dir Folder with the files.
#' @inheritParams sbrt_study
#' @return An `sbrt_study`, see [sbrt_study()].
#' @section Errors:
#' As [sbrt_study()]; a missing folder or file, a row with too many fields and a file
#' without column names are `oligosurv_error_input`. All findings in all files are
#' reported at once.
#' @seealso [study_template()] writes empty files to fill in.
#' @examples
#' read_study(system.file("extdata/hcc_sbrt", package = "oligosurv"))
#' @export
read_study <- function(dir, cutoff = NULL) {
  new_study(gather_files(dir, check_day(cutoff, "cutoff")), dir)
}

gather_files <- function(dir, cutoff = NULL) {
  check_string(dir, "dir")
  if (!dir.exists(dir)) {
    stop_oligosurv("input", sprintf(
      "`dir` must be a folder; there is no folder \"%s\"", dir
    ), arg = "dir")
  }
  files <- file.path(dir, paste0(schema_tables$table, ".csv"))
  there <- file.exists(files)
  read <- Map(read_table_file, files[there], schema_tables$table[there])
  names(read) <- schema_tables$table[there]
  absent <- schema_tables$table[!there & schema_tables$required]
  found <- c(
    lapply(absent, function(name) {
      new_problems(name,
        rule = sprintf("the file %s.csv is missing", name), kind = "input"
      )
    }),
    lapply(read, `[[`, "problems")
  )
  tables <- Filter(is.data.frame, lapply(read, `[[`, "value"))
  gathered <- gather_study(tables, cutoff, do.call(rbind, c(found, list(new_problems()))))
  # A missing or unreadable file is said once, not again as a missing table.
  said <- gathered$problems$rule == "the table is missing"
  gathered$problems <- gathered$problems[!said, ]
  gathered
}

read_table_file <- function(file, name) {
  lines <- tryCatch(
    read_lines(file),
    error = function(e) structure(conditionMessage(e), class = "unreadable")
  )
  if (inherits(lines, "unreadable")) {
    return(list(value = NULL, problems = new_problems(name,
      value = unclass(lines),
      rule = sprintf("the file %s.csv cannot be read", name), kind = "input"
    )))
  }
  if (!length(lines)) {
    return(list(value = data.frame(), problems = new_problems(name,
      rule = sprintf("the file %s.csv is empty", name), kind = "input"
    )))
  }
  # The reader stops or warns only where a quotation mark is never closed.
  unreadable <- function(condition) NULL
  cells <- tryCatch(split_cells(lines), warning = unreadable, error = unreadable)
  if (is.null(cells)) {
    return(list(value = NULL, problems = new_problems(name,
      rule = sprintf("a quotation mark in the file %s.csv is not closed", name),
      kind = "input"
    )))
  }
  named_cells(cells, name)
}

# The cells of a file as a data frame; what has no column name is a finding.
named_cells <- function(cells, name) {
  header <- cells[1L, ]
  body <- cells[-1L, , drop = FALSE]
  used <- header != "" | colSums(body != "") > 0
  body <- body[, used, drop = FALSE]
  header <- header[used]
  filled <- which(rowSums(body != "") > 0)
  body <- body[seq_len(max(filled, 0L)), , drop = FALSE]
  nameless <- which(header == "")
  extra <- rowSums(body[, nameless, drop = FALSE] != "") > 0
  spill <- character(nrow(body))
  spill[extra] <- apply(body[extra, nameless, drop = FALSE], 1L, paste, collapse = ",")
  value <- as.data.frame(body[, header != "", drop = FALSE], stringsAsFactors = FALSE)
  names(value) <- header[header != ""]
  list(value = typed_extras(value, name), problems = problems_where(extra, name,
    NA_character_, spill,
    "the row has more fields than there are column names (a comma in a number or text?)",
    kind = "input"
  ))
}

# Bytes, so that neither the locale nor a byte order mark changes what is read.
read_lines <- function(file) {
  bytes <- readBin(file, "raw", n = file.size(file))
  if (any(bytes == as.raw(0L))) {
    stop_oligosurv("input", "it holds zero bytes: it is no text file in UTF-8")
  }
  text <- mark_bytes(rawToChar(bytes))
  lines <- strsplit(sub("^\ufeff", "", text), "\r\n|\n|\r")[[1L]]
  if (all(grepl("^\\s*$", lines))) character() else lines
}

# A character matrix, first row the column names; short rows are filled with "".
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
  cells
}

# Columns outside the schema are kept, with the type their values have.
typed_extras <- function(x, name) {
  known <- schema_all$column[schema_all$table == name]
  for (i in which(!names(x) %in% known)) {
    x[[i]] <- utils::type.convert(x[[i]], as.is = TRUE, na.strings = c("", "NA"))
  }
  x
}

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
