# The text of a file: its bytes, its encoding, and its cells by the separator.

# File types that are not text, with their first bytes
file_kinds <- c(
  "504b0304" = "is an Excel workbook or another zip file: save it as 'CSV UTF-8'",
  "d0cf11e0" = "is an old Excel workbook: save it as 'CSV UTF-8'",
  "1f8b" = "is compressed: unpack it",
  "25504446" = "is a PDF file: save the table as 'CSV UTF-8'"
)

# Reads bytes, so that neither the locale nor a byte order mark changes the text. The
# attribute `latin` is TRUE if the text was not UTF-8 and is read as Latin-1.
read_lines <- function(file) {
  unreadable <- function(condition) {
    raise_time_limit(condition)
    stop_oligosurv("input", sprintf(
      "cannot be read (%s); close it in other programs, and check that you may read it",
      conditionMessage(condition)
    ))
  }
  bytes <- tryCatch(readBin(file, "raw", n = file.size(file)),
    error = unreadable, warning = unreadable
  )
  first <- paste(bytes[seq_len(min(4L, length(bytes)))], collapse = "")
  kind <- file_kinds[startsWith(first, names(file_kinds))]
  if (length(kind)) stop_oligosurv("input", kind[[1L]])
  text <- from_utf16(bytes, first)
  if (is.null(text) && any(bytes == as.raw(0L))) {
    stop_oligosurv("input",
      "is not text (it contains zero bytes): save it as 'CSV UTF-8'"
    )
  }
  latin <- NULL
  if (is.null(text)) {
    text <- rawToChar(bytes)
    latin <- from_latin(text)
    text <- if (is.null(latin)) mark_bytes(text) else latin
  }
  lines <- strsplit(sub("^\ufeff", "", text), "\r\n|\n|\r")[[1L]]
  if (all(grepl("^\\s*$", lines))) lines <- character()
  structure(lines, latin = !is.null(latin))
}

# Decodes UTF-16, which spreadsheets call Unicode text. It has a byte order mark or, in
# Latin text, a zero in every other byte. Returns NULL for other text.
from_utf16 <- function(bytes, first) {
  zeros <- which(bytes == as.raw(0L))
  wide <- length(zeros) > length(bytes) / 4 && length(unique(zeros %% 2L)) == 1L
  order <- if (startsWith(first, "fffe")) "UTF-16LE" else if (startsWith(first, "feff")) {
    "UTF-16BE"
  } else if (wide) {
    if (zeros[1L] %% 2L == 0L) "UTF-16LE" else "UTF-16BE"
  }
  if (is.null(order)) return(NULL)
  text <- iconv(list(bytes), order, "UTF-8")
  if (is.na(text)) {
    stop_oligosurv("input", "is broken UTF-16 text: save it as 'CSV UTF-8'")
  }
  text
}

# Converts text of Western spreadsheets (Latin-1 as Windows has it) to UTF-8. Returns NULL
# if the text is UTF-8, or a mixture in which some letters are UTF-8.
from_latin <- function(text) {
  if (validUTF8(text)) return(NULL)
  marked <- mark_bytes(text)
  other <- gsub("\ufffd", "", marked, fixed = TRUE)
  if (grepl("(*UTF)[^\\x{00}-\\x{7f}]", other, perl = TRUE)) return(NULL)
  Encoding(text) <- "unknown"
  latin <- iconv(text, "CP1252", "UTF-8")
  if (is.na(latin)) NULL else latin
}

# A character matrix of the cells; short rows are padded with "". Spreadsheets may declare
# the separator in a first line such as sep=;. `known` are names of columns.
split_cells <- function(lines, known = character()) {
  declared <- grepl("^\"?sep=.\"?$", lines[1L])
  separator <- if (declared) sub("^\"?sep=(.).*", "\\1", lines[1L])
  if (declared) lines <- lines[-1L]
  if (!length(lines)) return(matrix("", 1L, 1L))
  if (is.null(separator)) separator <- find_separator(lines, known)
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
  attr(cells, "comma") <- separator == ";"
  cells
}

# The separator that gives the most known names of columns in one of the first lines, so
# that a comma in a name ("comment, free") does not count. If no separator gives two known
# names, it is the first one that occurs in the first line.
find_separator <- function(lines, known) {
  separators <- c(",", ";", "\t", "|")
  lines <- gsub("\"[^\"]*\"", "", utils::head(lines[nzchar(lines)], 10L))
  whole <- utils::head(lines, 10L)
  names_found <- vapply(separators, function(separator) {
    parts <- strsplit(whole, separator, fixed = TRUE)
    max(0L, vapply(parts, count_known, 0L, known))
  }, 0L)
  used <- vapply(separators, function(s) any(grepl(s, lines[1L], fixed = TRUE)), NA)
  if (max(names_found) < 2L) return(c(separators[used], ",")[1L])
  separators[which.max(names_found)]
}

# Reads one CSV file; a file that cannot be read is a problem of its table.
read_table_file <- function(file, name, columns = list()) {
  shown <- basename(file)
  lines <- tryCatch(
    read_lines(file),
    error = function(e) {
      raise_time_limit(e)
      structure(conditionMessage(e), class = "unreadable")
    }
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
  # the handler returns NULL, but raises the error of a time limit again
  unreadable <- raise_time_limit
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
    "the file %s is not UTF-8 and is read as Latin-1 (Western Windows); check its",
    "letters or save it as 'CSV UTF-8'"
  ), shown), "warning")
}
