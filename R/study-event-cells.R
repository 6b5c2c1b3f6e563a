# Parser of grades of adverse events. Names of events that differ only in case or blanks
# get one spelling.

unknown_grades <- c(
  "unknown", "unk", "uk", "nk", "not known", "not graded", "ungraded", "not reported"
)

# Reads 2, "Grade 2", "G2", "CTCAE grade 2" and "II"; an unknown grade is an empty cell.
parse_grade <- function(x, spec, how) {
  word <- fold_words(cell_text(x))
  before <- "^((ctcae|nci|rtog)[ -]*)?(grade|grad|gr|g)?[ .:]*(?=[0-9]|[iv]+$)"
  bare <- sub(before, "", word, perl = TRUE)
  roman <- match(bare, c("i", "ii", "iii", "iv", "v"))
  bare[!is.na(roman)] <- as.character(roman[!is.na(roman)])
  bare[word %in% unknown_grades] <- NA
  parse_number(if (is.numeric(x)) x else bare, spec, how)
}

# Replaces words that are equal after fold_words() by their most frequent spelling, or by
# the first of equally frequent spellings.
one_spelling <- function(x) {
  once <- unique(x)
  word <- fold_words(once)
  if (!anyDuplicated(word)) return(x)
  at <- match(x, once)
  frequent <- order(-tabulate(at, length(once)))
  once[frequent][match(word, word[frequent])][at]
}
