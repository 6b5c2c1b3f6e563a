# Reads the cells of Excel workbooks as text, with the package readxl.

is_workbook <- function(file) grepl("[.]xlsx?$", file, ignore.case = TRUE)

# Reads the sheet with the name of the table, or the sheet with the number `sheet`.
read_sheet <- function(file, name, sheet = NULL) {
  need_package("readxl", sprintf("reading %s", basename(file)))
  unreadable <- function(e) {
    unreadable_table(name, sprintf(
      "the file %s cannot be read as an Excel workbook; save it anew as .xlsx",
      basename(file)
    ))
  }
  tryCatch({
    sheets <- readxl::excel_sheets(file)
    if (is.null(sheet)) sheet <- match(simplify_name(name), simplify_name(sheets))
    if (is.na(sheet)) {
      return(missing_table(name, sprintf(
        "the workbook has no sheet \"%s\"; its sheets are %s", name,
        join_words(sprintf("\"%s\"", sheets))
      )))
    }
    # Each cell has its own type. Reading starts in the first row, because readxl would
    # skip empty rows at the top and row numbers would be wrong.
    cells <- suppressWarnings(suppressMessages(readxl::read_excel(file, sheet,
      range = readxl::cell_limits(c(1L, 1L), c(NA, NA)), col_names = FALSE,
      col_types = "list", .name_repair = "minimal"
    )))
    cells <- vapply(unclass(cells), sheet_text, character(nrow(cells)))
    if (!length(cells) || all(cells == "")) {
      return(unreadable_table(name, sprintf("the sheet \"%s\" is empty", sheets[sheet])))
    }
    cells <- matrix(cells, ncol = NCOL(cells), dimnames = NULL)
    cells_to_table(with_error_values(cells, file, sheet), name)
  }, error = unreadable)
}

# Fills in #DIV/0! and other error values, which readxl reads as empty cells.
with_error_values <- function(cells, file, sheet) {
  if (!grepl("[.]xlsx$", file, ignore.case = TRUE)) return(cells)
  text <- sheet_xml(file, sheet)
  if (is.null(text) || !grepl("t=\"e\"", text, fixed = TRUE)) return(cells)
  found <- regmatches(text,
    gregexpr("<c [^>]*t=\"e\"[^>]*>.*?</c>", text, perl = TRUE)
  )[[1L]]
  at <- sub(".*? r=\"([A-Z]+[0-9]+)\".*", "\\1", sub(">.*", ">", found))
  row <- as.integer(sub("[A-Z]+", "", at))
  letters <- lapply(strsplit(sub("[0-9]+", "", at), ""), match, LETTERS)
  column <- vapply(letters, function(l) sum(l * 26^(rev(seq_along(l)) - 1)), 0)
  value <- sub(".*<v>(.*?)</v>.*", "\\1", found)
  inside <- !is.na(row) & row <= nrow(cells) & column <= ncol(cells)
  cells[cbind(row, column)[inside, , drop = FALSE]] <- value[inside]
  cells
}

# The XML of the sheet with the number `sheet`
sheet_xml <- function(file, sheet) {
  parts <- utils::unzip(file, list = TRUE)
  part <- function(name) {
    at <- match(name, parts$Name)
    if (is.na(at)) return("")
    con <- unz(file, name, open = "rb")
    on.exit(close(con))
    mark_bytes(rawToChar(readBin(con, "raw", parts$Length[at])))
  }
  tags <- function(text, tag) {
    regmatches(text, gregexpr(sprintf("<%s [^>]*>", tag), text))[[1L]]
  }
  value <- function(tags, name) sub(sprintf(".* %s=\"([^\"]*)\".*", name), "\\1", tags)
  id <- value(tags(part("xl/workbook.xml"), "sheet")[sheet], "r:id")
  links <- tags(part("xl/_rels/workbook.xml.rels"), "Relationship")
  target <- value(links[match(id, value(links, "Id"))], "Target")
  if (is.na(target)) return(NULL)
  part(if (startsWith(target, "/")) sub("^/", "", target) else paste0("xl/", target))
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
