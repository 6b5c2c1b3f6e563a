# Words for yes and no as spreadsheets, databases and several languages write them, and
# the form in which words are compared.

# Free text is compared without regard to capitals and repeated blanks.
fold_words <- function(x) tolower(one_blank(x))

# Words of a fixed list are compared without regard to case, blanks and punctuation:
# "Non-target " and "non target" are one word.
simplify_word <- function(x) {
  text <- tolower(mark_bytes(as.character(x)))
  gsub("(*UTF)[^\\p{L}\\p{N}]+", "", text, perl = TRUE)
}

yes_words <- c(
  "yes", "y", "true", "t", "1", "checked", "ja", "j", "wahr", "oui", "o", "vrai", "si",
  "s\u00ed", "s\u00ec", "s", "sim", "verdadero", "verdadeiro", "vero"
)

no_words <- c(
  "no", "n", "false", "f", "0", "unchecked", "nein", "falsch", "nee", "non", "faux",
  "nao", "n\u00e3o", "falso"
)

# Converts yes and no in all these forms, logical values and 1/0 to a logical vector.
# Empty cells and other words become NA.
yes_no <- function(x) {
  word <- simplify_word(x)
  answer <- rep(NA, length(word))
  answer[word %in% yes_words] <- TRUE
  answer[word %in% no_words] <- FALSE
  answer
}
