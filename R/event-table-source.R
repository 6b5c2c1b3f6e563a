# Sources that event_table_stream() reads: files, connections and database results. A
# source is a list of
#   columns     names of the columns
#   read        function(picked): the next rows as list(time, status, group, strata, at,
#               entry), where `at` holds their positions; NULL at the end
#   type        function(values): converts the distinct values of a column, once all are
#               known, to the type by which they are sorted
#   size        the value of position() at the end, NA if unknown
#   position    function(): how much has been read
#   noun        the unit of `at`: "line" or "row"

# Reads a DBI result, whose values the driver has converted to R types.
result_source <- function(result, chunk_rows) {
  need_package("DBI", "reading a result set")
  done <- 0
  read <- function(picked) {
    chunk <- fetch_rows(result, chunk_rows, done)
    if (!nrow(chunk)) return(NULL)
    done <<- done + nrow(chunk)
    keys <- function(arg) unname(plain_keys(chunk, picked, arg))
    list(
      time = plain_time(chunk[[picked$time]], picked$time),
      status = keys("status")[[1L]], group = keys("group"),
      strata = keys("strata"), at = done - nrow(chunk) + seq_len(nrow(chunk)),
      entry = if (!is.null(picked$entry)) {
        plain_time(chunk[[picked$entry]], picked$entry, "entry")
      }
    )
  }
  list(
    columns = query_database(DBI::dbColumnInfo(result))$name, read = read,
    type = function(values) if (is.null(values)) logical() else values,
    size = NA, position = function() done, noun = "row"
  )
}

fetch_rows <- function(result, n, done) {
  refuse_mixed_types(query_database(
    if (DBI::dbHasCompleted(result)) data.frame() else DBI::dbFetch(result, n = n),
    sprintf(" after row %s", format_position(done))
  ))
}

# Opens a file or connection as list(read, close, size, position). read(n) returns about n
# bytes, and none at the end.
open_input <- function(x) {
  if (inherits(x, "connection")) return(open_connection(x))
  check_string(x, "x")
  if (!file.exists(x) || dir.exists(x)) {
    stop_oligosurv("input", sprintf("`x` must be a file; \"%s\" does not exist", x),
      arg = "x"
    )
  }
  if (is_bzip2(x)) {
    stop_oligosurv("input", sprintf(paste(
      "`x` is the bzip2 file \"%s\", and R does not detect truncated or damaged bzip2",
      "files: decompress it, or compress it with gzip or xz"
    ), x), arg = "x")
  }
  gzip <- is_gzip(x)
  con <- with_read_errors(gzfile(x, "rb"), 0)
  input <- new_input(con, function(n) readBin(con, "raw", n), function(bytes) {
    if (gzip && bytes %% 2^32 != uncompressed_size(x)) {
      stop_oligosurv("input", sprintf(
        "the gzip file \"%s\" is truncated or has several members: decompress it first", x
      ), arg = "x")
    }
  })
  input$close <- function() close(con)
  if (!gzip) input$size <- file.size(x)
  input
}

# A connection in text mode can only be read by lines.
open_connection <- function(con) {
  opened <- !isOpen(con)
  mode <- if (inherits(con, "textConnection")) "r" else "rb"
  if (opened) with_read_errors(open(con, mode), 0)
  text <- summary(con)$text == "text"
  read <- function(n) {
    if (!text) return(readBin(con, "raw", n))
    lines <- readLines(con, ceiling(n / 64), warn = FALSE)
    if (length(lines)) charToRaw(paste0(enc2utf8(lines), "\n", collapse = "")) else raw()
  }
  input <- new_input(con, read, function(bytes) NULL)
  input$close <- function() if (opened) close(con)
  input
}

# Wraps read() so that it counts bytes and turns every failure into an error of this
# package. At the end of the input, at_end() receives the number of bytes read.
new_input <- function(con, read, at_end) {
  done <- 0
  list(
    read = function(n) {
      bytes <- with_read_errors(read(n), done)
      done <<- done + length(bytes)
      if (!length(bytes)) at_end(done)
      bytes
    },
    size = NA, position = function() done
  )
}

# Warnings become errors too, because R only warns about truncated input.
with_read_errors <- function(expr, done) {
  fail <- function(condition) {
    raise_time_limit(condition)
    stop_oligosurv("input", sprintf(
      "`x` cannot be read after %s: %s", count_noun(done, "byte"),
      conditionMessage(condition)
    ), arg = "x", parent = condition)
  }
  tryCatch(expr, error = fail, warning = fail)
}

is_gzip <- function(file) {
  identical(readBin(file, "raw", 2L), as.raw(c(0x1f, 0x8b)))
}

# A bzip2 file starts with "BZh", a digit for the block size and six bytes with digits of
# pi; the digit may vary.
is_bzip2 <- function(file) {
  mark <- as.raw(c(0x42, 0x5a, 0x68, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59))
  identical(readBin(file, "raw", 10L)[-4L], mark)
}

# Reads the uncompressed size, modulo 2^32, from the last four bytes of a gzip file. It is
# compared with the number of bytes read, since R does not report that a gzip file is
# truncated.
uncompressed_size <- function(file) {
  con <- file(file, "rb")
  on.exit(close(con))
  seek(con, file.size(file) - 4)
  sum(as.integer(readBin(con, "raw", 4L)) * 256^(0:3))
}

# Makes the source of a text file or connection, see the top of this file. It reads blocks
# of bytes, cuts each at the end of a record and counts the fields of the records. scan()
# then creates strings only for the columns that are needed.
file_source <- function(input, separator, missing, chunk_rows) {
  # bytes not yet split into records; they start with a record
  rest <- drop_byte_order_mark(input$read(64))
  lines <- 0 # number of lines before `rest`
  row_bytes <- 64
  next_records <- function() {
    # more for long rows
    n <- min(ceiling(chunk_rows * row_bytes), max(2^25, 64 * chunk_rows))
    block <- cut_block(input, rest, n, lines)
    rest <<- block$rest
    if (!length(block$bytes)) return(NULL)
    records <- find_records(block$bytes, charToRaw(separator), lines)
    lines <<- lines + records$lines
    row_bytes <<- max(1, length(block$bytes) / max(1L, length(records$end)))
    records
  }
  header <- NULL
  while (is.null(header)) {
    records <- next_records()
    if (is.null(records)) {
      stop_oligosurv("input",
        "`x` is empty; its first line must hold the column names",
        arg = "x"
      )
    }
    header <- split_header(records, separator)
  }
  pending <- header$records
  read <- function(picked) {
    repeat {
      records <- if (is.null(pending)) next_records() else pending
      pending <<- NULL
      if (is.null(records)) return(NULL)
      if (length(records$end)) break
    }
    read_records(records, header$columns, picked, separator, missing)
  }
  list(
    columns = header$columns, read = read, type = type_of_text, size = input$size,
    position = input$position, noun = "line"
  )
}

# The type that read.csv() would find; the distinct values of a column determine it.
type_of_text <- function(values) {
  utils::type.convert(as.character(values), na.strings = character(), as.is = TRUE)
}

# Reads until at least one record is complete. Returns list(bytes, rest): the complete
# records and the start of the next one; `bytes` is empty at the end of the input.
cut_block <- function(input, rest, n, lines) {
  longest <- 64 * n + 1e6
  repeat {
    new <- polled(input$read(max(n, length(rest))))
    rest <- polled(c(rest, new))
    if (!length(rest)) return(list(bytes = raw(), rest = rest))
    if (!length(new) && rest[length(rest)] != new_line) rest <- c(rest, new_line)
    last <- last_end(rest)
    if (last > 0) {
      after <- seq_len(length(rest) - last)
      return(list(bytes = polled(rest[seq_len(last)]), rest = rest[last + after]))
    }
    if (!length(new) || length(rest) > longest) {
      stop_oligosurv("input", sprintf(
        "a quotation mark in the row that starts on line %s of `x` is not closed",
        format_position(lines + 1)
      ), where = lines + 1, arg = "x")
    }
  }
}

# Separates the column names from the records; NULL if all records so far are blank.
split_header <- function(records, separator) {
  if (!length(records$end)) return(NULL)
  columns <- scan_bytes(records$bytes[seq_len(records$end[1L])], "", separator)
  list(columns = columns, records = drop_records(records, 1L))
}

# Spreadsheets write a byte order mark in front of UTF-8 text.
drop_byte_order_mark <- function(bytes) {
  mark <- as.raw(c(0xef, 0xbb, 0xbf))
  if (identical(utils::head(bytes, 3L), mark)) bytes[-(1:3)] else bytes
}

# All values come as text, since their type is known only after the last chunk.
scan_bytes <- function(bytes, what, separator) {
  con <- rawConnection(bytes)
  on.exit(close(con))
  scan(con, what,
    sep = separator, quote = "\"", na.strings = character(), quiet = TRUE,
    encoding = "UTF-8", multi.line = FALSE
  )
}

# Converts the bytes of whole records to the values of the picked columns.
read_records <- function(records, columns, picked, separator, missing) {
  wrong <- records$fields != length(columns)
  if (any(wrong)) {
    where <- records$at[wrong]
    stop_oligosurv("input", sprintf(
      "each row of `x` must have %s, as the line of column names; %s not (%s has %s)",
      count_noun(length(columns), "field"),
      paste(format_rows(where, "line"), if (sum(wrong) == 1L) "does" else "do"),
      if (sum(wrong) == 1L) "it" else "the first",
      count_noun(records$fields[wrong][1L], "field")
    ), where = where, arg = "x")
  }
  wanted <- columns %in% unlist(picked)
  cells <- scan_bytes(records$bytes, ifelse(wanted, list(""), list(NULL)), separator)
  cells <- lapply(cells[wanted], function(x) replace(x, x %in% missing, NA))
  names(cells) <- columns[wanted]
  if (any(lengths(cells) != length(records$at))) {
    stop_oligosurv("input", sprintf(
      paste(
        "quotation marks between lines %s and %s of `x` are ambiguous; quote whole",
        "fields and double each mark inside them"
      ), format_position(records$at[1L]),
      format_position(records$at[length(records$at)])
    ), arg = "x")
  }
  if (any(records$bytes > as.raw(0x7f))) check_utf8(cells, records$at)
  number <- function(arg) {
    column <- picked[[arg]]
    if (!is.null(column)) text_to_number(cells[[column]], arg, column, records$at)
  }
  list(
    time = number("time"), entry = number("entry"),
    status = cells[[picked$status]], group = unname(cells[picked$group]),
    strata = unname(cells[picked$strata]), at = records$at
  )
}

check_utf8 <- function(cells, at) {
  bad <- Reduce(`|`, lapply(cells, function(x) !is.na(x) & !validUTF8(x)))
  if (any(bad)) {
    stop_oligosurv("input", sprintf(
      "`x` must be UTF-8 text; %s %s not (in a spreadsheet, save as 'CSV UTF-8')",
      format_rows(at[bad], "line"), if (sum(bad) == 1L) "is" else "are"
    ), where = at[bad], arg = "x")
  }
}

# Blank text is missing; other text that is not a number is an error.
text_to_number <- function(text, arg, column, at) {
  number <- suppressWarnings(as.double(text))
  bad <- is.na(number) & !is.nan(number) & !is.na(text)
  bad[bad] <- !is_blank(text[bad])
  if (any(bad)) stop_values(arg, column, "a number", bad, text, at, "line")
  number
}
