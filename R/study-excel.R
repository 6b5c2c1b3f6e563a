# Reads the cells of Excel workbooks as text, with the package readxl.

is_workbook <- function(file) grepl("[.]xlsx?$", file, ignore.case = TRUE)

# The names of the sheets; none if the workbook cannot be read, which read_sheet() reports
workbook_sheets <- function(file) {
  need_package("readxl", sprintf("reading %s", basename(file)))
  tryCatch({
    if (unpacked_size(file) > most_unpacked) return(character())
    readxl::excel_sheets(file)
  }, error = function(e) {
    raise_time_limit(e)
    character()
  })
}

# TRUE if the workbook has one sheet and its name is not that of a table; it is then read
# as the table of patients
is_single_sheet <- function(file) {
  sheets <- workbook_sheets(file)
  length(sheets) == 1L && !simplify_name(sheets) %in% simplify_name(schema_tables$table)
}

# Reads the sheet with the name of the table, or the sheet with the number `sheet`.
read_sheet <- function(file, name, sheet = NULL, columns = list()) {
  need_package("readxl", sprintf("reading %s", basename(file)))
  unreadable <- function(e) {
    raise_time_limit(e)
    unreadable_table(name, sprintf(
      "the file %s cannot be read as an Excel workbook; save it again as .xlsx",
      basename(file)
    ))
  }
  tryCatch({
    size <- unpacked_size(file)
    if (size > most_unpacked) return(too_large_workbook(file, name, size))
    sheets <- readxl::excel_sheets(file)
    if (is.null(sheet)) sheet <- match(simplify_name(name), simplify_name(sheets))
    if (is.na(sheet)) {
      return(missing_table(name, sprintf(
        "the workbook has no sheet \"%s\"; its sheets are %s", name,
        join_words(sprintf("\"%s\"", sheets))
      )))
    }
    xml <- sheet_xml(file, sheet)
    size <- filled_size(xml)
    if (isTRUE(prod(size) > most_cells)) {
      return(unreadable_table(name, sprintf(
        paste(
          "the sheet \"%s\" has a cell in row %.0f and one in column %.0f, too far away",
          "to be data; delete the rows and columns after your table and save the workbook"
        ), sheets[sheet], size[1L], size[2L]
      )))
    }
    # Each cell has its own type. Reading starts in the first row, because readxl would
    # skip empty rows at the top and row numbers would be wrong.
    cells <- suppressWarnings(suppressMessages(readxl::read_excel(file, sheet,
      range = readxl::cell_limits(c(1L, 1L), size), col_names = FALSE,
      col_types = "list", .name_repair = "minimal"
    )))
    # vapply() returns a vector for a sheet of one row, which may be its header alone.
    size <- dim(cells)
    cells <- vapply(unclass(cells), sheet_text, character(size[1L]))
    if (!length(cells) || all(cells == "")) {
      return(unreadable_table(name, sprintf("the sheet \"%s\" is empty", sheets[sheet])))
    }
    cells <- matrix(cells, size[1L], size[2L], dimnames = NULL)
    merged <- fill_merged(with_error_values(cells, xml), xml)
    read <- cells_to_table(merged$cells, name, columns)
    if (merged$filled) {
      read$problems <- rbind(read$problems, new_problems(name, rule = paste(
        "cells that are merged over several rows are read as their value in each row"
      ), severity = "note"))
    }
    read
  }, error = unreadable)
}

most_cells <- 2e7 # which take 1 GB while they are read

# A workbook is a zip archive. One of a few megabytes may unpack to many gigabytes, which
# readxl would put into memory, so the size is read from its list of contents first.
most_unpacked <- 5e8

unpacked_size <- function(file) {
  if (!grepl("[.]xlsx$", file, ignore.case = TRUE)) return(0)
  sum(utils::unzip(file, list = TRUE)$Length)
}

too_large_workbook <- function(file, name, size) {
  unreadable_table(name, sprintf(
    paste(
      "the file %s unpacks to %.0f MB, too much to be a study; copy the cells of your",
      "tables into a new workbook and save it"
    ), basename(file), size / 1e6
  ))
}

# The last row and the last column with a filled cell; NA if the sheet does not record
# them. Cells that only have a format do not count, as they may be anywhere.
filled_size <- function(xml) {
  cells <- regmatches(xml, gregexpr("<c [^>]*[^/]>", xml))[[1L]]
  cells <- grep(" r=\"[A-Z]{1,3}[0-9]{1,7}\"", cells, value = TRUE)
  if (!length(cells)) return(c(NA, NA))
  at <- cell_positions(sub(".* r=\"([A-Z]+[0-9]+)\".*", "\\1", cells))
  c(max(at$row), max(at$column))
}

# Copies the value of cells that are merged over several rows into each of them. Cells
# merged over several columns are headings and stay as they are.
fill_merged <- function(cells, xml) {
  range <- regmatches(xml, gregexpr("<mergeCell [^>]*ref=\"[^\"]*\"", xml))[[1L]]
  if (!length(range)) return(list(cells = cells, filled = FALSE))
  range <- sub(".*ref=\"([^\"]*)\"", "\\1", range)
  first <- cell_positions(sub(":.*", "", range))
  last <- cell_positions(sub(".*:", "", range))
  down <- which(first$column == last$column & last$row > first$row &
    last$row <= nrow(cells) & last$column <= ncol(cells))
  for (i in down) {
    rows <- first$row[i]:last$row[i]
    cells[rows, first$column[i]] <- cells[first$row[i], first$column[i]]
  }
  list(cells = cells, filled = length(down) > 0L)
}

# Rows and columns of addresses such as B12
cell_positions <- function(at) {
  letters <- lapply(strsplit(sub("[0-9]+", "", at), ""), match, LETTERS)
  list(
    row = as.integer(sub("[A-Z]+", "", at)),
    column = vapply(letters, function(l) sum(l * 26^(rev(seq_along(l)) - 1)), 0)
  )
}

# Fills in #DIV/0! and other error values, which readxl reads as empty cells.
with_error_values <- function(cells, xml) {
  if (!grepl("t=\"e\"", xml, fixed = TRUE)) return(cells)
  found <- regmatches(xml,
    gregexpr("<c [^>]*t=\"e\"[^>]*>.*?</c>", xml, perl = TRUE)
  )[[1L]]
  at <- cell_positions(
    sub(".*? r=\"([A-Z]+[0-9]+)\".*", "\\1", sub(">.*", ">", found))
  )
  value <- sub(".*<v>(.*?)</v>.*", "\\1", found)
  inside <- !is.na(at$row) & at$row <= nrow(cells) & at$column <= ncol(cells)
  cells[cbind(at$row, at$column)[inside, , drop = FALSE]] <- value[inside]
  cells
}

# The XML of the sheet with the number `sheet`; "" in a workbook in the format .xls
sheet_xml <- function(file, sheet) {
  if (!grepl("[.]xlsx$", file, ignore.case = TRUE)) return("")
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
  if (is.na(target)) return("")
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
