# Splits the bytes of CSV text into records and fields.

new_line <- as.raw(0x0a)

quote_mark <- as.raw(0x22)

# Positions of a byte outside quoted text; `marks` are the positions of quotation marks.
unquoted <- function(bytes, byte, marks) {
  at <- polled(which(bytes == byte))
  if (length(marks)) at[findInterval(at, marks) %% 2L == 0L] else at
}

# Position of the last line end outside quoted text, 0 if there is none
last_end <- function(bytes) {
  marks <- which(bytes == quote_mark)
  if (length(marks)) return(max(0L, unquoted(bytes, new_line, marks)))
  to <- length(bytes)
  while (to > 0L) { # lines are short, so the last bytes contain a line end
    from <- max(1L, to - 65535L)
    at <- which(bytes[from:to] == new_line)
    if (length(at)) return(from + at[length(at)] - 1L)
    to <- from - 1L
  }
  0L
}

# Splits complete records and drops blank ones. Returns list(bytes, end, fields, at,
# lines): `end`, `fields` and `at` are the last byte, number of fields and first line of
# each record; `lines` is the number of lines of all records.
find_records <- function(bytes, separator, lines) {
  bytes <- polled(unix_lines(bytes))
  marks <- polled(which(bytes == quote_mark))
  line_end <- polled(which(bytes == new_line))
  end <- unquoted(bytes, new_line, marks)
  begin <- c(1, end[-length(end)] + 1)
  at <- lines + 1 + c(0, match(end[-length(end)], line_end))
  if (polled(any(bytes == as.raw(0)))) {
    stop_at_lines(at[findInterval(match(as.raw(0), bytes), begin)],
      "`x` has a zero byte in %s; `x` must be UTF-8 text"
    )
  }
  refuse_lone_returns(bytes, marks, at, begin)
  stray <- stray_marks(bytes, separator, marks)
  if (length(stray)) {
    stop_at_lines(at[findInterval(stray, begin)], paste(
      "`x`, %s: a quoted field has text outside its quotation marks (\"); quote the",
      "whole field and double each mark inside it"
    ))
  }
  inner <- unquoted(bytes, separator, marks)
  fields <- polled(tabulate(findInterval(inner, end) + 1L, length(end))) + 1L
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

# Positions of quotation marks that do not enclose a whole field, as in 2"6, "2"6 or 5"
# 6". With such a mark it is unclear where the field and the row end. Doubled marks within
# a quoted field are part of its text. Blanks around a quoted field are allowed.
stray_marks <- function(bytes, separator, marks) {
  if (!length(marks)) return(double())
  blanks <- setdiff(as.raw(c(0x20, 0x09)), separator)
  at_edge <- function(at) {
    at == 0 | bytes[pmax(at, 1)] == separator | bytes[pmax(at, 1)] == new_line
  }
  # The marks `at` that have text next to them on the left (`step` = -1) or right (1).
  # Blanks are skipped; another mark or an edge of the field is not text.
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
  polled()
  records$end <- cumsum(size[-which])
  records$fields <- records$fields[-which]
  records$at <- records$at[-which]
  records
}

# Stops at a carriage return outside quoted text that is not part of a Windows line end:
# other programs read it as a line end, so rows would be lost here.
refuse_lone_returns <- function(bytes, marks, at, begin) {
  lone <- unquoted(bytes, as.raw(0x0d), marks)
  if (!length(lone)) return(invisible())
  stop_at_lines(at[findInterval(lone, begin)], paste(
    "`x` has a carriage return within %s; if its lines end in carriage returns, as of",
    "old Macintosh programs, save it again with usual line ends"
  ))
}

# `text` contains %s for the lines
stop_at_lines <- function(lines, text) {
  where <- unique(lines)
  stop_oligosurv("input", sprintf(text, format_rows(where, "line")),
    where = where, arg = "x"
  )
}

# Converts Windows line ends to Unix line ends.
unix_lines <- function(bytes) {
  at <- polled(which(bytes == as.raw(0x0d)))
  at <- at[bytes[at + 1L] == new_line]
  if (length(at)) bytes[-at] else bytes
}
