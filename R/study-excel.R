# Tables from Excel workbooks through readxl, as the text of their cells.

is_workbook <- function(file) grepl("[.]xlsx?$", file, ignore.case = TRUE)

# The sheet named as the table, or the sheet `sheet`
read_sheet <- function(file, name, sheet = NULL) {
  need_package("readxl", sprintf("reading %s", basename(file)))
  unreadable <- function(e) {
    no_table(name, sprintf(
      "the file %s cannot be read as an Excel workbook", basename(file)
    ))
  }
  tryCatch({
    sheets <- readxl::excel_sheets(file)
    if (is.null(sheet)) sheet <- match(name, tolower(trimws(sheets)))
    if (is.na(sheet)) {
      return(missing_table(name, sprintf(
        "the workbook has no sheet \"%s\"; its sheets are %s", name,
        join_words(sprintf("\"%s\"", sheets))
      )))
    }
    # Every cell with its own type, from the first row on, so that row numbers hold
    cells <- suppressWarnings(suppressMessages(readxl::read_excel(file, sheet,
      range = readxl::cell_limits(c(1L, 1L), c(NA, NA)), col_names = FALSE,
      col_types = "list", .name_repair = "minimal"
    )))
    cells <- vapply(unclass(cells), sheet_text, character(nrow(cells)))
    if (!length(cells) || all(cells == "")) {
      return(no_table(name, sprintf("the sheet \"%s\" is empty", sheets[sheet])))
    }
    named_cells(matrix(cells, ncol = NCOL(cells), dimnames = NULL), name)
  }, error = unreadable)
}

# The cells of one column as text, empty ones as ""
sheet_text <- function(cells) {
  text <- vapply(cells, function(cell) {
    if (length(cell) != 1L || is.na(cell)) return("")
    cell_text(cell)
  }, "")
  text[is.na(text)] <- ""
  unname(text)
}
