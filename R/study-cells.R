# Parsers that convert the cells of a column to values; those of words and numbers are in
# study-words.R and study-numbers.R. A parser takes a column, its row of the schema and
# how it is read (reading_of()). It returns the values (NA if unreadable) and, for each
# cell, the rule that it breaks and a note on how it was read (NA if none).

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

# Makes the return value of every parser
parsed <- function(value, rule, note = no_rule(length(rule))) {
  list(value = value, rule = rule, note = note)
}

no_rule <- function(n) rep(NA_character_, n)

# Limits are text in the schema; an empty one means no limit.
bound <- function(text, otherwise) if (nzchar(text)) as.double(text) else otherwise

date_needed <- "must be a date written yyyy-mm-dd"

parse_date <- function(x, spec, how) {
  text <- cell_text(x)
  iso <- grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text)
  value <- rep(as.Date(NA), length(text))
  value[iso] <- as.Date(text[iso], format = "%Y-%m-%d")
  rule <- no_rule(length(text))
  rule[!is.na(text) & is.na(value)] <- date_needed
  number <- rep(NA_real_, length(text))
  digits <- grepl("^[0-9]{4,5}(\\.[0-9]+)?$", text)
  number[digits] <- as.double(text[digits])
  meaning <- number_meaning(number[digits])
  rule[digits] <- paste0(date_needed, "; this looks like ", meaning)
  rule[grepl("^[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}$", text)] <-
    paste0(date_needed, "; day/month/year and month/day/year cannot be told apart")
  rule[iso & is.na(value)] <- paste0(date_needed, "; this day does not exist")
  far <- !is.na(value) & (value < date_range[1L] | value > date_range[2L])
  rule[far] <- paste("must be a day from", date_range[1L], "to", date_range[2L])
  value[far] <- NA
  parsed(value, rule)
}

# Guesses the meaning of a number in a date column; day numbers of spreadsheets are
# recognised from 1990 on.
number_meaning <- function(x) {
  ifelse(x < 2200, "a year", ifelse(x >= 32874, "the day number of a spreadsheet",
    "days since 1970, as R stores a Date"
  ))
}

parser_of <- function(type) {
  switch(type,
    category = parse_category, date = parse_date, number = , whole = parse_number,
    parse_text
  )
}

# Invisible characters that make labels differ although they look the same: zero width and
# direction marks, soft hyphens, control characters
invisible_marks <- paste0(
  "(*UTF)[\\x{00AD}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}\\x{FEFF}]|\\p{Cc}"
)

show_invisible_marks <- function(text) {
  gsub(invisible_marks, "?", mark_bytes(text), perl = TRUE)
}
