# Parsers that convert the cells of a column to values. Those of words and numbers are in
# study-words.R and study-numbers.R. The arguments of a parser are a column, its row of
# the schema, and the reading options (reading_of()). It returns the values (NA if
# unreadable) and, for each cell, the rule that it breaks and a note on how it was read
# (NA if none).

# Converts cells to text, with dates and numbers as in a CSV file; empty cells become NA.
cell_text <- function(x) {
  text <- if (inherits(x, "POSIXt")) {
    format(x, "%Y-%m-%d")
  } else if (is.double(x) && !inherits(x, "Date")) {
    format(x, digits = 15L, scientific = FALSE, trim = TRUE, drop0trailing = TRUE)
  } else {
    as.character(x)
  }
  # the regular expressions take long, and change no simple text
  filled <- text[!is.na(text) & nzchar(text)]
  if (length(filled) && !is_simple_text(filled)) text <- trim_blank(mark_bytes(text))
  text[is.na(x) | text %in% c("", "NA")] <- NA
  text
}

# Makes the return value of every parser
parsed <- function(value, rule, note = no_rule(length(rule))) {
  list(value = value, rule = rule, note = note)
}

no_rule <- function(n) rep(NA_character_, n)

# Limits are text in the schema; an empty one means no limit.
bound <- function(text, otherwise) if (nzchar(text)) as.double(text) else otherwise

# Invisible characters that make labels differ although they look the same: zero width and
# direction marks, soft hyphens, control characters
invisible_marks <- paste0(
  "(*UTF)[\\x{00AD}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}\\x{FEFF}]|\\p{Cc}"
)

show_invisible_marks <- function(text) {
  gsub(invisible_marks, "?", mark_bytes(text), perl = TRUE)
}

# Is `x` a column with one value for each of `n` rows?
is_column <- function(x, n) {
  ((is.atomic(x) && !is.raw(x) && !is.complex(x)) || inherits(x, "POSIXlt")) &&
    length(x) == n
}
