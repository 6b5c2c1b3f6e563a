# Columns outside the schema: their types, and their value labels.

# Columns outside the schema keep their values. In files they are text; such a column
# becomes numeric only if all its cells are ordinary numbers. Labelled columns become
# factors.
check_extras <- function(x, name, spec, file, reading) {
  found <- list()
  for (i in which(!names(x) %in% spec$column)) {
    if (!is_column(x[[i]], nrow(x))) next
    x[[i]] <- labelled_extra(x[[i]])
    how <- list(missing = reading$missing)
    words <- cell_text(x[[i]])
    x[[i]][find_missing(words, "text", how)$own] <- NA
    found <- c(found, list(other_spellings(x[[i]], name, names(x)[i])))
    if (is.null(file)) next
    typed <- typed_extra(x[[i]], isTRUE(file$comma))
    x[[i]] <- keep_attributes(typed$value, x[[i]])
    found <- c(found, list(problems_where(!is.na(typed$note), name, names(x)[i], words,
      typed$note, severity = "note"
    )))
  }
  list(value = x, problems = bind_problems(found))
}

# Warns about labels of a category that differ from a more frequent one only in capitals
# or blanks, as in male and Male: tables and curves would have a group for each.
other_spellings <- function(x, name, column) {
  if (is.factor(x)) x <- as.character(x)
  if (!is.character(x)) return(no_problems)
  once <- unique(x[!is.na(x)])
  if (length(once) > most_categories) return(no_problems)
  usual <- one_spelling(x)
  problems_where(!is.na(x) & one_blank(x) != one_blank(usual), name, column, x, paste(
    "differs from a more frequent label only in capital letters or blanks, and is kept",
    "as a category of its own; write both alike"
  ), severity = "warning")
}

# The numbers of a text column; the text itself if it holds codes, that is, if there are
# leading zeros (001), exponents (1E2) or more than 15 digits. Words for missing values
# among numbers are read as empty, with a note. If at least four of five cells are
# numbers, but other words keep the column from being numeric, a note names these words.
typed_extra <- function(x, comma = FALSE) {
  text <- cell_text(x)
  note <- no_rule(length(text))
  number <- text
  if (comma && !any(grepl(".", text, fixed = TRUE))) number <- sub(",", ".", text)
  plain <- grepl("^-?((0|[1-9][0-9]*)([.][0-9]+)?|[.][0-9]+)$", number) &
    nchar(gsub("[^0-9]", "", number)) <= 15L
  blank <- !is.na(text) & lower_case(text) %in% missing_words
  open <- !is.na(text) & !plain & !blank
  if (!any(plain) || any(open)) {
    code <- grepl("^0[0-9]+$|[0-9]{16}|^[0-9]+[eE][0-9]+$", text)
    if (any(plain) && !any(code) && mean(plain[!is.na(text)]) >= 0.8) {
      note[open] <- "is not a number, so the column stays text"
    }
    return(list(value = text, note = note))
  }
  note[blank] <- "seems to mean a missing value and is read as empty"
  number[!plain] <- NA
  value <- as.double(number)
  if (!any(grepl(".", number, fixed = TRUE)) && all(abs(value) < 2^31, na.rm = TRUE)) {
    value <- as.integer(value)
  }
  list(value = value, note = note)
}
