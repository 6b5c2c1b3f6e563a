# Parsers that convert the cells of a column to values. A parser takes a column and its
# row of the schema, and how it is to be read (reading_of()), and returns the values (NA
# if unreadable) and, for each cell, the rule that it breaks (NA if none).

# Converts cells to text, with dates and numbers as in a CSV file; empty cells become NA.
cell_text <- function(x) {
  text <- if (inherits(x, "POSIXt")) {
    format(x, "%Y-%m-%d")
  } else if (is.double(x) && !inherits(x, "Date")) {
    format(x, digits = 15L, scientific = FALSE, trim = TRUE, drop0trailing = TRUE)
  } else {
    as.character(x)
  }
  text <- mark_bytes(text)
  text <- trim_blank(text)
  text[is.na(x) | text %in% c("", "NA")] <- NA
  text
}

# Words that often stand for an empty cell, besides NA
missing_words <- c("n/a", "na", "n.a.", "nan", "null", "nil", "-", "--", ".", "?", "??")

# Makes the return value of every parser
parsed <- function(value, rule) list(value = value, rule = rule)

no_rule <- function(n) rep(NA_character_, n)

parse_text <- function(x, spec, how) {
  text <- cell_text(x)
  parsed(text, no_rule(length(text)))
}

parse_category <- function(x, spec, how) {
  text <- cell_text(x)
  levels <- strsplit(spec$allowed, "|", fixed = TRUE)[[1L]]
  rule <- no_rule(length(text))
  rule[!is.na(text) & !text %in% levels] <- paste("must be", join_words(levels, "or"))
  parsed(factor(text, levels), rule)
}

number_rule <- function(spec) {
  what <- if (spec$type == "whole") "a whole number" else "a number"
  range <- if (nzchar(spec$lower) && nzchar(spec$upper)) {
    sprintf(" from %s to %s", spec$lower, spec$upper)
  } else if (nzchar(spec$lower)) {
    paste(" of at least", spec$lower)
  }
  paste0("must be ", what, range)
}

parse_number <- function(x, spec, how) {
  text <- cell_text(x)
  valid <- grepl("^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?$", text)
  value <- rep(NA_real_, length(text))
  value[valid] <- if (is.numeric(x)) as.double(x[valid]) else as.double(text[valid])
  outside <- valid & !is.na(value) & (
    (nzchar(spec$lower) & value < bound(spec$lower, -Inf)) |
      (nzchar(spec$upper) & value > bound(spec$upper, Inf)) |
      (spec$type == "whole" & value != round(value)) | !is.finite(value)
  )
  comma <- grepl("^[-+]?[0-9]*,[0-9]+$", text)
  rule <- no_rule(length(text))
  rule[!is.na(text) & (!valid | outside)] <- number_rule(spec)
  rule[comma] <- paste0(number_rule(spec), " with a decimal point; it has a comma")
  value[!is.na(rule)] <- NA
  parsed(if (spec$type == "whole") as.integer(value) else value, rule)
}

# Limits are text in the schema; an empty one means no limit.
bound <- function(text, otherwise) if (nzchar(text)) as.double(text) else otherwise

# The parser of dates is in a file that R loads later.
study_parsers <- list(
  id = parse_text, text = parse_text, category = parse_category,
  date = function(x, spec, how) parse_date(x, spec, how),
  number = parse_number, whole = parse_number
)

# Invisible characters that make labels differ although they look the same: zero width and
# direction marks, soft hyphens, control characters
invisible_marks <- paste0(
  "(*UTF)[\\x{00AD}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}\\x{FEFF}]|\\p{Cc}"
)

show_invisible_marks <- function(text) {
  gsub(invisible_marks, "?", mark_bytes(text), perl = TRUE)
}
