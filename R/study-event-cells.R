# How the cells of adverse events are read (grades and levels of attribution), and one
# spelling for names that differ only in capitals or blanks.

unknown_grades <- c(
  "unknown", "unk", "uk", "nk", "not known", "not graded", "ungraded", "not reported"
)

# Reads 2, "Grade 2", "G2", "CTCAE grade 2" and "II"; an unknown grade is an empty cell.
parse_grade <- function(x, spec, ...) {
  word <- tolower(cell_text(x))
  bare <- sub("^((ctcae|nci|rtog)[ -]*)?(grade|gr|g)?[ .:]*(?=[0-9iv]+$)", "", word,
    perl = TRUE
  )
  roman <- match(bare, c("i", "ii", "iii", "iv", "v"))
  bare[!is.na(roman)] <- as.character(roman[!is.na(roman)])
  bare[word %in% c(unknown_grades, missing_words)] <- NA
  parse_number(if (is.numeric(x)) x else bare, spec, ...)
}

attribution_levels <- c("unrelated", "unlikely", "possible", "probable", "definite")

# Words of case report forms for yes and the five levels of attribution of the NCI
attribution_words <- c(
  related = "yes",
  "not related" = "unrelated", "unlikely related" = "unlikely",
  possibly = "possible", "possibly related" = "possible",
  "possible related" = "possible", probably = "probable",
  "probably related" = "probable", "probable related" = "probable",
  definitely = "definite", "definitely related" = "definite",
  "definite related" = "definite", certain = "definite"
)

parse_attribution <- function(x, spec, ...) {
  text <- cell_text(x)
  word <- fold_words(text)
  known <- word %in% c("yes", "no", attribution_levels)
  text[known] <- word[known]
  other <- word %in% names(attribution_words)
  text[other] <- attribution_words[word[other]]
  # 1 means yes if the column also has 0; otherwise it may be the first of the five levels
  answer <- yes_no(text)
  answer[word %in% "1" & !"0" %in% word] <- NA
  text[!is.na(answer)] <- ifelse(answer[!is.na(answer)], "yes", "no")
  parse_category(text, spec, ...)
}

# Words are compared without regard to capitals and repeated blanks.
fold_words <- function(x) gsub("[[:space:]]+", " ", tolower(trim_blank(x)))

# Gives words that are equal after fold_words() the most frequent of their spellings, or
# the first of equally frequent ones.
one_spelling <- function(x) {
  once <- unique(x)
  word <- fold_words(once)
  if (!anyDuplicated(word)) return(x)
  at <- match(x, once)
  frequent <- order(-tabulate(at, length(once)))
  once[frequent][match(word, word[frequent])][at]
}
