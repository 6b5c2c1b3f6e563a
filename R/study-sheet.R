# Tables from the cells of a file or sheet, and the problem entry of a table that cannot
# be read.

unreadable_table <- function(name, rule) {
  list(value = NULL, problems = new_problems(name, rule = rule, kind = "input"))
}

# Reports a missing table: as a problem if it is required, as a warning if a file seems to
# be meant for it, else not at all (NULL)
missing_table <- function(name, rule, doubt = FALSE) {
  if (schema_tables$required[schema_tables$table == name]) {
    return(unreadable_table(name, rule))
  }
  if (!doubt) return(NULL)
  found <- unreadable_table(name, rule)
  found$problems$severity <- "warning"
  found
}

# Makes a data frame of the cells of a file. Content without a column name is a problem.
cells_to_table <- function(cells, name) {
  header <- cells[1L, ]
  fields <- attr(cells, "fields")[-1L]
  least <- max(which(header != ""), 0L)
  body <- cells[-1L, , drop = FALSE]
  used <- header != "" | colSums(body != "") > 0
  body <- body[, used, drop = FALSE]
  header <- header[used]
  filled <- which(rowSums(body != "") > 0)
  body <- body[seq_len(max(filled, 0L)), , drop = FALSE]
  spill <- row_text(body[, header == "", drop = FALSE])
  cut <- seq_len(nrow(body)) %in% intersect(filled, which(fields < least))
  value <- as.data.frame(body[, header != "", drop = FALSE], stringsAsFactors = FALSE)
  names(value) <- header[header != ""]
  list(value = value, problems = rbind(
    problems_where(nzchar(spill), name, NA_character_, spill, paste(
      "the row has more fields than there are column names; check for a comma inside a",
      "number or text"
    ), kind = "input"),
    problems_where(cut, name, NA_character_, if (any(cut)) row_text(body), paste(
      "the row has fewer fields than there are column names; the missing fields are read",
      "as empty"
    ), severity = "warning", kind = "input")
  ))
}

# The cells of each row joined by commas, "" if all are empty
row_text <- function(cells) {
  has_text <- rowSums(cells != "") > 0
  text <- character(nrow(cells))
  text[has_text] <- apply(cells[has_text, , drop = FALSE], 1L, paste, collapse = ",")
  text
}
