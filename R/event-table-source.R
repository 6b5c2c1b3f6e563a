# Where event_table_stream() reads from. A source is a list of functions and facts:
#   columns     names of the columns
#   read        function(picked): the next rows as list(time, status, group, strata, at,
#               entry), `at` their positions, `entry` NULL unless picked; NULL at the end
#   type        function(values): the distinct values of a key column, all known, as they
#               are to be sorted
#   size        what position() reaches at the end, NA where that is not known
#   position    function(): how far reading has come
#   noun        what `at` counts: "line" or "row"

result_source <- function(result, chunk_rows) {
  need_package("DBI", "reading a result set")
  done <- 0
  read <- function(picked) {
    chunk <- fetch_rows(result, chunk_rows, done)
    if (!nrow(chunk)) return(NULL)
    done <<- done + nrow(chunk)
    keys <- function(names) lapply(unname(as.list(chunk[names])), plain_key)
    list(
      time = plain_time(chunk[[picked$time]], picked$time),
      status = plain_key(chunk[[picked$status]]), group = keys(picked$group),
      strata = keys(picked$strata), at = done - nrow(chunk) + seq_len(nrow(chunk)),
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
    sprintf(" after row %s", format_count(done))
  ))
}

# What a file or connection gives: list(read, close, size, position), read(n) with about n
# bytes, none at the end
open_input <- function(x) {
  if (inherits(x, "connection")) return(open_connection(x))
  check_string(x, "x")
  if (!file.exists(x) || dir.exists(x)) {
    stop_oligosurv("input", sprintf("`x` must be a file; there is no file \"%s\"", x),
      arg = "x"
    )
  }
  if (is_bzip2(x)) {
    stop_oligosurv("input", sprintf(paste(
      "\"%s\" is a bzip2 file, which R reads without a word where it is damaged or ends",
      "early: unpack it, or pack it with gzip or xz"
    ), x), arg = "x")
  }
  packed <- is_gzip(x)
  con <- with_read_errors(gzfile(x, "rb"), 0)
  input <- new_input(con, function(n) readBin(con, "raw", n), function(bytes) {
    if (packed && bytes %% 2^32 != uncompressed_size(x)) {
      stop_oligosurv("input", sprintf(
        "the compressed file \"%s\" ends early, or holds several parts: unpack it", x
      ), arg = "x")
    }
  })
  input$close <- function() close(con)
  if (!packed) input$size <- file.size(x)
  input
}

open_connection <- function(con) {
  opened <- !isOpen(con)
  if (opened) with_read_errors(open(con, if (inherits(con, "textConnection")) "r" else "rb"), 0)
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

with_read_errors <- function(expr, done) {
  fail <- function(condition) {
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

# "BZh", the size of a block, and the first digits of pi
is_bzip2 <- function(file) {
  mark <- as.raw(c(0x42, 0x5a, 0x68, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59))
  identical(readBin(file, "raw", 10L)[-4L], mark)
}

# The last four bytes of a gzip file; R reads one that was cut off without a word.
uncompressed_size <- function(file) {
  con <- file(file, "rb")
  on.exit(close(con))
  seek(con, file.size(file) - 4)
  sum(as.integer(readBin(con, "raw", 4L)) * 256^(0:3))
}

new_line <- as.raw(0x0a)

quote_mark <- as.raw(0x22)

# Bytes are cut where a record ends, the fields counted, and scan() then makes strings of
# only the columns that are needed.
file_source <- function(input, separator, missing, chunk_rows) {
  rest <- drop_byte_order_mark(input$read(64)) # not yet given out; begins with a record
  lines <- 0 # before `rest`
  row_bytes <- 64
  next_records <- function() {
    block <- cut_block(input, rest, ceiling(chunk_rows * row_bytes), lines)
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
    if (is.null(records)) stop_oligosurv("input", "`x` holds no line", arg = "x")
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

# As read.csv() finds the type of a column; only its distinct values are needed for that.
type_of_text <- function(values) {
  utils::type.convert(as.character(values), na.strings = character(), as.is = TRUE)
}

# Reads until there is a whole record: list(bytes, rest), no bytes at the end of the input
cut_block <- function(input, rest, n, lines) {
  most <- 64 * n + 1e6
  repeat {
    new <- input$read(max(n, length(rest)))
    rest <- c(rest, new)
    if (!length(rest)) return(list(bytes = raw(), rest = rest))
    if (!length(new) && rest[length(rest)] != new_line) rest <- c(rest, new_line)
    last <- last_end(rest)
    if (last > 0) {
      return(list(bytes = rest[seq_len(last)], rest = rest[-seq_len(last)]))
    }
    if (!length(new) || length(rest) > most) {
      stop_oligosurv("input", sprintf(
        "a quotation mark of the row on line %s is not closed", format_count(lines + 1)
      ), where = lines + 1, arg = "x")
    }
  }
}

# Where a byte stands outside quotes, whose marks stand at `marks`
unquoted <- function(bytes, byte, marks) {
  at <- which(bytes == byte)
  if (length(marks)) at[findInterval(at, marks) %% 2L == 0L] else at
}

last_end <- function(bytes) {
  marks <- which(bytes == quote_mark)
  if (length(marks)) return(max(0L, unquoted(bytes, new_line, marks)))
  back <- match(new_line, rev(bytes))
  if (is.na(back)) 0L else length(bytes) - back + 1L
}

# Whole records, without the blank ones: list(bytes, end, fields, at, lines): where each
# ends, its number of fields and first line, and the lines of all
find_records <- function(bytes, separator, lines) {
  bytes <- unix_lines(bytes)
  marks <- which(bytes == quote_mark)
  line_end <- which(bytes == new_line)
  end <- unquoted(bytes, new_line, marks)
  begin <- c(1, end[-length(end)] + 1)
  at <- lines + 1 + c(0, match(end[-length(end)], line_end))
  if (any(bytes == as.raw(0))) {
    where <- at[findInterval(match(as.raw(0), bytes), begin)]
    stop_oligosurv("input", sprintf(
      "line %s holds a zero byte: `x` is no text in UTF-8", format_count(where)
    ), where = where, arg = "x")
  }
  stray <- stray_marks(bytes, separator, marks)
  if (length(stray)) {
    where <- unique(at[findInterval(stray, begin)])
    stop_oligosurv("input", sprintf(
      "a quoted field must hold nothing outside its quotation marks (\"); not so %s",
      format_rows(where, "line")
    ), where = where, arg = "x")
  }
  inner <- unquoted(bytes, separator, marks)
  fields <- tabulate(findInterval(inner, end) + 1L, length(end)) + 1L
  blank <- which(fields == 1L)
  blank <- blank[vapply(blank, function(i) {
    all(bytes[begin[i]:end[i]] %in% as.raw(c(0x20, 0x09, 0x0a)))
  }, NA)]
  records <- list(
    bytes = bytes, end = end, fields = fields, at = at, lines = length(line_end)
  )
  if (length(blank)) records <- drop_records(records, blank)
  records
}

# Quotation marks with text of their field outside of them, as in "2"6, 2"6" or 5" 6":
# nobody knows then what the field holds, nor where the row ends. Two in a row within a
# quoted field are one of its text. Blanks around a quoted field are let through.
stray_marks <- function(bytes, separator, marks) {
  if (!length(marks)) return(double())
  blanks <- setdiff(as.raw(c(0x20, 0x09)), separator)
  at_edge <- function(at) {
    at == 0 | bytes[pmax(at, 1)] == separator | bytes[pmax(at, 1)] == new_line
  }
  # the marks that have neither an edge of the field nor another mark at their side
  stray <- function(at, step) {
    at <- at[!at_edge(at + step)]
    next_to <- at + step
    mark <- bytes[next_to] == quote_mark
    at <- at[!mark]
    next_to <- next_to[!mark]
    repeat {
      blank <- next_to > 0 & bytes[pmax(next_to, 1)] %in% blanks
      if (!any(blank)) break
      next_to[blank] <- next_to[blank] + step
    }
    at[!at_edge(next_to)]
  }
  c(stray(marks[c(TRUE, FALSE)], -1), stray(marks[c(FALSE, TRUE)], 1))
}

drop_records <- function(records, which) {
  size <- diff(c(0, records$end))
  records$bytes <- records$bytes[!rep(seq_along(size) %in% which, size)]
  records$end <- cumsum(size[-which])
  records$fields <- records$fields[-which]
  records$at <- records$at[-which]
  records
}

# Line ends of Windows as of Unix
unix_lines <- function(bytes) {
  at <- which(bytes == as.raw(0x0d))
  at <- at[bytes[at + 1L] == new_line]
  if (length(at)) bytes[-at] else bytes
}

# NULL when there are only blank lines so far
split_header <- function(records, separator) {
  if (!length(records$end)) return(NULL)
  columns <- scan_bytes(records$bytes[seq_len(records$end[1L])], "", separator)
  list(columns = columns, records = drop_records(records, 1L))
}

# The byte order mark that spreadsheets write
drop_byte_order_mark <- function(bytes) {
  mark <- as.raw(c(0xef, 0xbb, 0xbf))
  if (identical(utils::head(bytes, 3L), mark)) bytes[-(1:3)] else bytes
}

scan_bytes <- function(bytes, what, separator) {
  con <- rawConnection(bytes)
  on.exit(close(con))
  scan(con, what,
    sep = separator, quote = "\"", na.strings = character(), quiet = TRUE,
    encoding = "UTF-8", multi.line = FALSE
  )
}

read_records <- function(records, columns, picked, separator, missing) {
  wrong <- records$fields != length(columns)
  if (any(wrong)) {
    where <- records$at[wrong]
    stop_oligosurv("input", sprintf(
      "each row must have %s, as the first line has; not so %s (first: %s)",
      count_noun(length(columns), "field"), format_rows(where, "line"),
      count_noun(records$fields[wrong][1L], "field")
    ), where = where, arg = "x")
  }
  wanted <- columns %in% unlist(picked)
  cells <- scan_bytes(records$bytes, ifelse(wanted, list(""), list(NULL)), separator)
  cells <- lapply(cells[wanted], function(x) replace(x, x %in% missing, NA))
  names(cells) <- columns[wanted]
  if (any(lengths(cells) != length(records$at))) {
    stop_oligosurv("input", sprintf(
      "quotation marks within fields between the lines %s and %s cannot be read",
      format_count(records$at[1L]), format_count(records$at[length(records$at)])
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
      "text must be UTF-8 (in a spreadsheet, save as 'CSV UTF-8'); not so %s",
      format_rows(at[bad], "line")
    ), where = at[bad], arg = "x")
  }
}

text_to_number <- function(text, arg, column, at) {
  number <- suppressWarnings(as.double(text))
  bad <- is.na(number) & !is.nan(number) & !is.na(text)
  bad[bad] <- !is_blank(text[bad])
  if (any(bad)) stop_values(arg, column, "a number", bad, text, at, "line")
  number
}
