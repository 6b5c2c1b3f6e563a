# Words for an empty cell: those of the argument `missing`, and those that are recognised
# without it.

# Words that a message suggests for the argument `missing` if a cell with one of them is
# an error. Some, such as 99, may also be values, so they need the argument.
likely_missing_words <- c(
  missing_words, "unknown", "unk", "missing", "not available", "not known", "not done",
  "nd", "n.d.", "none", "k.a.", "k. a.", "unbekannt", "fehlt", "inconnu", "manquant",
  "desconocido", "desconhecido", "-1", "-9", "-99", "-999", "-9999", "99", "999", "9999",
  "9999-12-31", "1900-01-01", "9999-99-99"
)

is_likely_missing <- function(text) {
  lower_case(text) %in% likely_missing_words | grepl("^##.*##$", text)
}

# Flags the cells with words of the argument `missing` (`own`) and those with other words
# that are always read as empty (`known`). Ids, text and words that `levels` explains are
# never `known`.
find_missing <- function(text, type, how) {
  none <- rep(FALSE, length(text))
  if (all(is.na(text))) return(list(own = none, known = none))
  small <- lower_case(text)
  own <- !is.na(text) & small %in% lower_case(how$missing)
  codes <- suppressWarnings(as.double(how$missing))
  codes <- codes[!is.na(codes)]
  # A patient may have the id 99, although 99 is not a grade.
  if (type == "id") own <- own & is.na(suppressWarnings(as.double(text)))
  if (length(codes) && type != "id") {
    own <- own | (!is.na(text) & suppressWarnings(as.double(text)) %in% codes)
  }
  known <- small %in% missing_words & !own & !is.na(text)
  known <- known & !type %in% c("id", "text") & !own_words(text, how$levels)$found
  list(own = own, known = known)
}

# The argument that declares these words as missing
missing_code <- function(words) paste("missing =", r_code(unique(words)))
