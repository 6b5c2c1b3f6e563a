# Simplified forms of words and names for comparisons, and the words for yes and no that
# spreadsheets, databases and several languages use.

accented <- list(
  a = "[\u00e0-\u00e5\u00c0-\u00c5]", c = "[\u00e7\u00c7]",
  e = "[\u00e8-\u00eb\u00c8-\u00cb]", i = "[\u00ec-\u00ef\u00cc-\u00cf]",
  n = "[\u00f1\u00d1]", o = "[\u00f2-\u00f6\u00d2-\u00d6]",
  u = "[\u00f9-\u00fc\u00d9-\u00dc]", ss = "\u00df"
)

# Text in small letters without accents. tolower() is not used, because in a Turkish
# locale the small form of I has no dot.
small_letters <- function(text) {
  if (any(grepl("[^ -~]", text, perl = TRUE))) {
    for (letter in names(accented)) {
      text <- gsub(paste0("(*UTF)", accented[[letter]]), letter, text, perl = TRUE)
    }
  }
  chartr(paste(LETTERS, collapse = ""), paste(letters, collapse = ""), text)
}

# Names of columns, tables and files are compared without regard to case, punctuation and
# accents.
simplify_name <- function(x) gsub("[^a-z0-9]", "", small_letters(mark_bytes(x)))

# Free text is compared without regard to case and repeated blanks.
fold_words <- function(x) lower_case(one_blank(x))

# Words of a fixed list are compared without regard to case, blanks and punctuation:
# "Non-target " and "non target" are one word.
simplify_word <- function(x) {
  text <- lower_case(mark_bytes(as.character(x)))
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

# Words for a missing value. find_missing() reads them as empty, with a warning, in all
# columns of a study except ids and text.
missing_words <- c("n/a", "na", "n.a.", "nan", "null", "nil", "-", "--", ".", "?", "??")

# Converts yes and no in all these forms, logical values and 1/0 to a logical vector.
# Empty cells and other words become NA.
yes_no <- function(x) {
  word <- simplify_word(x)
  answer <- rep(NA, length(word))
  answer[word %in% yes_words] <- TRUE
  answer[word %in% no_words] <- FALSE
  answer
}
