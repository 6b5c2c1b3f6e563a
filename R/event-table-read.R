# Reads the files of write_counts(): the header, and the table of counts. Checks detect a
# file that was cut short, edited or damaged.

#' @rdname write_counts
#' @export
read_counts <- function(file) {
  path <- check_path(file, "file")
  if (!file.exists(path) || dir.exists(path)) {
    stop_oligosurv("input", sprintf("`file`: \"%s\" %s", path,
      if (dir.exists(path)) {
        "is a folder; give the path of one file that write_counts() wrote"
      } else {
        "does not exist"
      }
    ), arg = "file", file = path)
  }
  in_file(path, {
    lines <- file_lines(read_counts_bytes(path))
    header <- read_counts_header(lines)
    counts <- read_counts_lines(lines[-seq_len(header$n_line)], header)
    table <- assemble_counts(counts, header)
    check_sum(lines, header$line["checksum"])
  })
  table$file <- basename(path)
  table
}

# Evaluates `expr`; its errors, warnings and messages name the file. Errors keep their
# class and their lines.
in_file <- function(path, expr) {
  named <- function(condition) {
    message <- gsub("`x`", "the file", conditionMessage(condition), fixed = TRUE)
    sprintf("`file`, \"%s\": %s", basename(path), sub("\n$", "", message))
  }
  tryCatch(
    withCallingHandlers(expr,
      oligosurv_warning = function(w) {
        warn_oligosurv("data", named(w))
        invokeRestart("muffleWarning")
      },
      oligosurv_message = function(m) {
        inform_oligosurv(named(m), where = m$where)
        invokeRestart("muffleMessage")
      }
    ),
    oligosurv_error = function(e) {
      kind <- sub("oligosurv_error_", "", grep("^oligosurv_error_", class(e),
        value = TRUE
      ))
      stop_oligosurv(c(kind, "input")[1L], named(e),
        where = e$where, arg = "file", file = path, parent = e
      )
    }
  )
}

# Raises the error for a line. `kind`: "input" for a wrong form, "domain" for a wrong
# value
stop_line <- function(line, problem, kind = "input") {
  stop_oligosurv(kind, sprintf("%s: %s", format_rows(line, "line"), problem),
    where = line
  )
}

# All bytes of the file. The first line is checked before the rest is read, because the
# user may have given any file.
read_counts_bytes <- function(path) {
  input <- open_input(path)
  on.exit(input$close())
  bytes <- drop_byte_order_mark(input$read(1e5))
  check_counts_magic(bytes)
  blocks <- list(bytes)
  repeat {
    bytes <- input$read(1e7)
    if (!length(bytes)) break
    blocks <- c(blocks, list(bytes))
  }
  unlist(blocks)
}

check_counts_magic <- function(bytes) {
  bytes <- utils::head(bytes, 200L)
  if (any(bytes == as.raw(0))) {
    stop_oligosurv("input", "it is not UTF-8 text and not a file of write_counts()")
  }
  first <- mark_bytes(rawToChar(bytes))
  first <- strsplit(first, "[\r\n]")[[1L]]
  if (!any(nzchar(first))) stop_oligosurv("input", "it is empty")
  first <- first[1L]
  if (identical(first, counts_magic)) return(invisible())
  if (grepl("oligosurv counts", first, fixed = TRUE)) {
    stop_line(1, paste(
      "the file was saved by a spreadsheet program, which alters numbers and dates; use",
      "the original file of write_counts(), and open it only in a text editor"
    ))
  }
  stop_line(1, sprintf(
    "it is not a file of write_counts(), whose first line is \"%s\"; it is \"%s\"",
    counts_magic, substr(first, 1L, 60L)
  ))
}

# The lines of the file, as UTF-8, without the line ends of Unix or Windows
file_lines <- function(bytes) {
  zero <- match(as.raw(0), bytes)
  if (!is.na(zero)) {
    stop_line(sum(bytes[seq_len(zero)] == new_line) + 1,
      "it contains a zero byte; the file is damaged or not UTF-8 text"
    )
  }
  if (bytes[length(bytes)] != new_line) bytes <- c(bytes, new_line)
  bytes <- unix_lines(bytes)
  alone <- which(bytes == as.raw(0x0d))
  if (length(alone)) {
    stop_line(sum(bytes[seq_len(alone[1L])] == new_line) + 1,
      "it contains a carriage return that does not end the line; the file is damaged"
    )
  }
  lines <- strsplit(rawToChar(bytes), "\n", fixed = TRUE, useBytes = TRUE)[[1L]]
  Encoding(lines) <- "UTF-8"
  bad <- which(!validUTF8(lines))
  if (length(bad)) {
    stop_line(bad, "it is not UTF-8 text; do not convert the file to another encoding")
  }
  lines
}

# Reads the lines below those that begin with #. Returns list(time, n, n_entry, status,
# group, stratum, line): numbers, codes from 1, and the line of each row.
read_counts_lines <- function(lines, header) {
  columns <- c("time", "stratum", "group", "status", "n", if (header$late) "n_entry")
  check_counts_columns(lines, columns, header$n_line + 1)
  marks <- nchar(gsub("[^\"]", "", lines, useBytes = TRUE), "bytes")
  if (any(marks %% 2 == 1)) {
    stop_line(header$n_line + which(marks %% 2 == 1), "a quotation mark is not closed")
  }
  bytes <- charToRaw(paste0(lines[-1L], "\n", collapse = ""))
  records <- find_records(bytes, charToRaw(","), header$n_line + 1)
  check_counts_fields(records, lines[-1L], columns, header)
  cells <- if (length(records$at)) {
    tryCatch(scan_bytes(records$bytes, as.list(columns), ","), error = raise_time_limit)
  } else {
    rep(list(character()), length(columns))
  }
  if (is.null(cells) || any(lengths(cells) != length(records$at))) {
    stop_oligosurv("input", "its quotation marks are ambiguous; the file is damaged")
  }
  names(cells) <- columns
  at <- records$at
  whole <- header$weights == "no"
  list(
    time = read_amounts(cells$time, "time", at, FALSE),
    n = read_amounts(cells$n, "n", at, whole),
    n_entry = if (header$late) read_amounts(cells$n_entry, "n_entry", at, whole),
    status = read_codes(cells$status, header$states, "status", at),
    group = read_codes(cells$group, header$groups, "group", at),
    stratum = read_codes(cells$stratum, header$strata, "stratum", at), line = at
  )
}

check_counts_columns <- function(lines, columns, line) {
  wanted <- paste(columns, collapse = ",")
  if (!length(lines)) {
    stop_oligosurv("input", sprintf(
      "it ends at line %s, before the table of counts; the file is not complete",
      format_position(line - 1)
    ), where = line - 1)
  }
  if (identical(lines[1L], wanted)) return(invisible())
  if (grepl(";", lines[1L], fixed = TRUE)) {
    stop_line(line, paste(
      "columns are separated by semicolons, as a spreadsheet program writes them; use",
      "the original file of write_counts()"
    ))
  }
  stop_line(line, sprintf(
    "the columns must be \"%s\"; the line is \"%s\"", wanted, substr(lines[1L], 1L, 60L)
  ))
}

check_counts_fields <- function(records, lines, columns, header) {
  wrong <- which(records$fields != length(columns))
  if (!length(wrong)) return(invisible())
  first <- records$at[wrong[1L]]
  text <- lines[first - header$n_line - 1]
  stop_line(records$at[wrong], paste0(
    sprintf("each line must have %s; ", count_noun(length(columns), "field")),
    sprintf("line %s is \"%s\"", format_position(first), substr(text, 1L, 60L)),
    if (startsWith(text, "#")) {
      "; if two files were joined, read each of them and add the tables by c()"
    } else if (grepl(";", text, fixed = TRUE)) {
      "; a spreadsheet program has saved it with semicolons"
    }
  ))
}

# Numbers of a column: finite, not negative, and whole if they are counts
read_amounts <- function(text, column, at, whole) {
  value <- suppressWarnings(as.double(text))
  bad <- is.na(value)
  need <- if (whole) "a whole number, 0 or more" else "a number, 0 or more"
  limit <- if (column == "time") .Machine$double.xmax else 2^53 - 1
  kind <- if (any(bad)) "input" else "domain"
  if (!any(bad)) bad <- value < 0 | value > limit | (whole & value != floor(value))
  if (!any(bad)) return(value)
  found <- text[which(bad)[1L]]
  stop_line(at[bad], sprintf("`%s` must be %s; it is \"%s\"%s", column, need,
    substr(found, 1L, 40L),
    if (grepl("^[0-9]+,[0-9]+$", found)) {
      ", with a decimal comma"
    } else if (kind == "input" && grepl("^[0-9]{1,4}[-/. ]+[0-9A-Za-z]+", found)) {
      ", which looks like a date of a spreadsheet program"
    } else {
      ""
    }
  ), kind)
}

# Codes of the labels of a column
read_codes <- function(text, labels, column, at) {
  once <- unique(text)
  code <- match(cell_value(once), labels)[match(text, once)]
  if (!anyNA(code)) return(code)
  bad <- which(is.na(code))
  shown <- utils::head(labels, 10L)
  stop_line(at[bad], sprintf(
    "the %s \"%s\" is not among those that the file declares: %s%s", column,
    substr(text[bad[1L]], 1L, 40L), paste0("\"", shown, "\"", collapse = ", "),
    if (length(labels) > 10L) ", ..." else ""
  ), "domain")
}

# Makes the event table of the counts, if their totals agree with those in the header
assemble_counts <- function(counts, header) {
  check_total(counts$n, header$subjects, "subjects", header$line)
  if (header$late) check_total(counts$n_entry, header$entries, "entries", header$line)
  check_cells(length(header$states), length(header$groups), length(header$strata))
  rows <- list(
    time = counts$time, status = counts$status - 1L, status_first = 0L,
    group = counts$group, stratum = counts$stratum, n_group = length(header$groups),
    n_stratum = length(header$strata), states = header$states, coding = "factor",
    groups = header$groups, strata = header$strata, landmark = header$landmark,
    origin = header$origin, variables = header$variables, values = header$values
  )
  tell_repeated(counts, header)
  table <- new_event_table(sum_counts(rows, counts$n), rows, header$dropped)
  table$states <- header$states
  table$coding <- header$coding
  table$joined <- header$joined
  if (header$weights != "no") table$weights <- header$weighted
  if (header$late) {
    table$entry <- sum_entries(rows, counts$n_entry)
    check_entries_first(table)
  }
  table
}

check_total <- function(n, total, what, line) {
  if (abs(sum(n) - total) <= rounding_tol * total) return(invisible())
  stop_line(line[[what]], sprintf(
    paste(
      "the file states %s %s, but its table has %s; lines are missing or were changed,",
      "so use the original file of write_counts()"
    ), format_count(total), what, format_count(sum(n))
  ), "data")
}

# Lines that differ only in their counts are added. In a table with weights they are an
# error, because it is unknown whether a weight was counted twice.
tell_repeated <- function(counts, header) {
  again <- duplicated(as.data.frame(counts[c("time", "stratum", "group", "status")]))
  if (!any(again)) return(invisible())
  where <- counts$line[again]
  text <- sprintf("%s the time, stratum, group and status of an earlier line",
    paste(format_rows(where, "line"), if (length(where) == 1L) "has" else "have")
  )
  if (header$weights != "no") stop_oligosurv("data", text, where = where)
  inform_oligosurv(paste0(text, "; their counts are added"), where = where)
}

# With delayed entry, nobody may leave before entering
check_entries_first <- function(table) {
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  came <- rep.int(seq_along(table$entry$start[-1L]), diff(table$entry$start))
  labels <- curve_labels(table)
  for (k in unique(c(curve, came))) {
    out <- curve == k
    into <- came == k
    left <- cumsum(table$n[out])
    entered <- c(0, cumsum(table$entry$n[into]))
    before <- entered[findInterval(
      table$time[out], table$entry$time[into], left.open = TRUE
    ) + 1L]
    total <- entered[length(entered)]
    slack <- rounding_tol * total
    late <- which(left > before + slack)
    if (!length(late) && abs(total - c(0, left)[length(left) + 1L]) <= slack) next
    stop_oligosurv("data", sprintf(
      "in \"%s\" %s; the file was changed, so use the original file of write_counts()",
      labels[k], if (length(late)) {
        sprintf("more subjects have left by time %s than have entered before it",
          format(table$time[out][late[1L]])
        )
      } else {
        sprintf("%s enter, but %s leave", count_noun(total, "subject"),
          format_count(sum(table$n[out]))
        )
      }
    ))
  }
}
