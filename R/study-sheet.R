# Makes tables from the cells of a file or sheet: finds the row of column names, and
# separates lines above and below the data, and row names.

unreadable_table <- function(name, rule) {
  list(value = NULL, problems = new_problems(name, rule = rule, kind = "input"))
}

# Reports a missing table: as a problem if it is required; as a warning if a file seems to
# be intended for it; otherwise not (NULL).
missing_table <- function(name, rule, doubt = FALSE) {
  if (schema_tables$required[schema_tables$table == name]) {
    return(unreadable_table(name, rule))
  }
  if (!doubt) return(NULL)
  found <- unreadable_table(name, rule)
  found$problems$severity <- "warning"
  found
}

# Names that a column of the table may have: names of the schema, names in the argument
# `columns`, and usual other names
known_names <- function(name, columns = list()) {
  synonyms <- unlist(column_synonyms[[name]], use.names = FALSE)
  unique(c(schema_of(name)$column, columns[[name]], synonyms))
}

count_known <- function(cells, known) {
  cells <- simplify_name(cells[nzchar(cells)])
  length(intersect(cells[nzchar(cells)], simplify_name(known)))
}

# Makes a data frame of the cells of a file; the attribute `file` says that it is one, and
# whether its decimal sign may be a comma. Content without a column name is a problem.
cells_to_table <- function(cells, name, columns = list()) {
  fields <- attr(cells, "fields")
  comma <- isTRUE(attr(cells, "comma"))
  known <- known_names(name, columns)
  top <- find_header(cells, known)
  above <- cells[seq_len(top - 1L), , drop = FALSE]
  named <- name_row_names(cells[top, ], cells[-seq_len(top), , drop = FALSE],
    fields[-seq_len(top)], known
  )
  header <- named$header
  body <- named$body
  fields <- fields[-seq_len(top)]
  units <- nrow(body) > 1L && is_unit_line(header, body, name, columns)
  if (units) {
    below <- body[1L, , drop = FALSE]
    body <- body[-1L, , drop = FALSE]
    fields <- fields[-1L]
  }
  used <- header != "" | colSums(body != "") > 0
  header <- header[used]
  body <- body[, used, drop = FALSE]
  body <- body[seq_len(max(which(rowSums(body != "") > 0), 0L)), , drop = FALSE]
  end <- cut_totals(body)
  least <- max(which(header != ""), 0L)
  spill <- row_text(end$body[, header == "", drop = FALSE])
  value <- as.data.frame(end$body[, header != "", drop = FALSE], stringsAsFactors = FALSE)
  names(value) <- header[header != ""]
  attr(value, "file") <- list(comma = comma)
  list(value = value, problems = rbind(
    skipped_lines(name, above, "above the column names is not read"),
    if (units) skipped_lines(name, below,
      "below the column names has no values, perhaps units; it is not read"
    ),
    skipped_lines(name, end$totals,
      "at the end is not data, perhaps a total; it is not read"
    ),
    named$problems(name), spill_problems(spill, header, name),
    short_rows(end$body, fields, least, name)
  ))
}

# Notes what is not read of a file
skipped_lines <- function(name, cells, what) {
  text <- row_text(cells)
  text <- sub(",+$", "", text[nzchar(text)])
  if (!length(text)) return(no_problems)
  new_problems(name, NA, NA, text, paste("a line", what), "note")
}

spill_problems <- function(spill, header, name) {
  last <- max(which(header != ""), 0L)
  inside <- any(header[seq_len(last)] == "")
  rule <- if (inside) {
    "a column has no name, but cells; name it in the file, or delete it"
  } else {
    paste(
      "the row has more fields than there are column names; check for a comma inside a",
      "number or text"
    )
  }
  problems_where(nzchar(spill), name, NA_character_, spill, rule, kind = "input")
}

short_rows <- function(body, fields, least, name) {
  filled <- which(rowSums(body != "") > 0)
  cut <- seq_len(nrow(body)) %in% intersect(filled, which(fields < least))
  problems_where(cut, name, NA_character_, if (any(cut)) row_text(body), paste(
    "the row has fewer fields than there are column names; the missing fields are read",
    "as empty"
  ), severity = "warning", kind = "input")
}

# The row of column names. It is the row with the most known names among the first 20, if
# it has at least two. Otherwise it is the first row. If that has no known name and less
# than half as many filled cells as the fullest row, it is the first row with at least
# three quarters as many.
find_header <- function(cells, known, most = 20L) {
  rows <- seq_len(min(most, nrow(cells)))
  names_known <- vapply(rows, function(i) count_known(cells[i, ], known), 0L)
  best <- which.max(names_known)
  if (names_known[best] > max(1L, names_known[1L])) return(best)
  filled <- rowSums(cells[rows, , drop = FALSE] != "")
  widest <- max(filled)
  sparse <- names_known[1L] == 0L && filled[1L] < widest / 2
  if (sparse && widest > 2L) match(TRUE, filled >= 0.75 * widest) else 1L
}

# Row names of write.csv() are a first column without a name that numbers the rows; those
# of write.table() are one field more than there are names.
name_row_names <- function(header, body, fields, known) {
  filled <- rowSums(body != "") > 0
  first <- body[filled, 1L]
  numbers <- suppressWarnings(as.double(first))
  increasing <- length(first) > 0L && !anyNA(numbers) && all(diff(numbers) > 0) &&
    all(numbers == round(numbers))
  last <- max(which(header != ""), 0L)
  shifted <- increasing && last > 0L && header[1L] != "" && length(header) == last + 1L &&
    all(fields[filled] == last + 1L) && count_known(header[1L], known) > 0L
  if (shifted) header <- c("", header[seq_len(last)])
  unnamed <- header[1L] == "" && increasing
  if (unnamed) {
    header <- header[-1L]
    body <- body[, -1L, drop = FALSE]
  }
  list(header = header, body = body, problems = function(name) {
    if (!unnamed) return(no_problems)
    new_problems(name, rule = paste(
      "the first column has no name and numbers the rows; it is not read (write.csv()",
      "has row.names = FALSE)"
    ), severity = "note")
  })
}

# Does the first row below the names hold units or descriptions? Then columns of numbers
# or dates have no value in it, and its id does not look like the other ids.
is_unit_line <- function(header, body, name, columns) {
  spec <- schema_of(name)
  own <- columns[[name]]
  header[header %in% own] <- names(own)[match(header[header %in% own], own)]
  typed <- header %in% spec$column[spec$type %in% c("date", "number", "whole")]
  first <- body[1L, ]
  cell <- first[typed & first != "" & !is_likely_missing(first)]
  is_value <- grepl("^[(\\[]?[-+<>~]?[.]?[0-9]|[0-9]{4}", cell)
  if (!length(cell) || any(is_value)) return(FALSE)
  id <- match("patient_id", header)
  others <- if (!is.na(id)) body[-1L, id]
  same_form <- !is.na(id) && nzchar(first[id]) &&
    any(grepl("[0-9]", first[id]) == grepl("[0-9]", others[others != ""])) &&
    max(nchar(others)) >= nchar(first[id])
  length(cell) > 1L + same_form || (!same_form && !is.na(id))
}

total_words <- paste0(
  "^(grand )?(totals?|sum|summe|gesamt|mean|average|median|mittelwert|somme|suma|",
  "moyenne|media)\\b|^n ?= ?[0-9]+$|^[0-9]+ (patients|rows|records|cases)$"
)

# Removes lines at the end that are totals or remarks. A remark is a single cell of
# several words.
cut_totals <- function(body) {
  is_end <- function(row) {
    cells <- row[row != ""]
    grepl(total_words, lower_case(cells[1L])) || (length(cells) == 1L &&
      length(row) > 2L && lengths(strsplit(cells, "\\s+")) > 2L)
  }
  last <- nrow(body)
  while (last > 1L && (all(body[last, ] == "") || is_end(body[last, ]))) last <- last - 1L
  list(body = body[seq_len(last), , drop = FALSE],
    totals = body[-seq_len(last), , drop = FALSE])
}

# The cells of each row joined by commas, "" if all are empty
row_text <- function(cells) {
  has_text <- rowSums(cells != "") > 0
  text <- character(nrow(cells))
  text[has_text] <- apply(cells[has_text, , drop = FALSE], 1L, paste, collapse = ",")
  text
}
