# Words for the levels of a category: codes and other languages by the argument `levels`,
# yes and no, and the usual long forms of best responses and roles of lesions.

# Other words for each level; simplify_word() gives the form in which they are compared.
level_words <- list(
  CR = c(
    "complete response", "complete remission", "complete", "komplette remission",
    "vollremission", "r\u00e9ponse compl\u00e8te", "respuesta completa",
    "resposta completa"
  ),
  PR = c(
    "partial response", "partial remission", "partial", "partielle remission",
    "teilremission", "r\u00e9ponse partielle", "respuesta parcial", "resposta parcial"
  ),
  SD = c(
    "stable disease", "stable", "stabile erkrankung", "maladie stable",
    "enfermedad estable", "doen\u00e7a est\u00e1vel"
  ),
  PD = c(
    "progressive disease", "progressive", "progression", "progressed",
    "disease progression", "progress", "maladie progressive", "enfermedad progresiva",
    "progresi\u00f3n", "progress\u00e3o"
  ),
  NE = c(
    "not evaluable", "inevaluable", "unevaluable", "not evaluated", "not assessable",
    "not assessed", "nicht beurteilbar", "non \u00e9valuable", "no evaluable",
    "n\u00e3o avali\u00e1vel"
  ),
  target = c("target lesion", "tl"),
  `non-target` = c("non-target lesion", "ntl"),
  new = c("new lesion", "nl"),
  `non-CR/non-PD` = c("nn", "incomplete response/stable disease", "ir/sd"),
  unrelated = "not related", unlikely = "unlikely related",
  possible = c("possibly", "possibly related", "possible related"),
  probable = c("probably", "probably related", "probable related"),
  definite = c("definitely", "definitely related", "definite related", "certain"),
  # signs of liver function: ascites by the grades of the International Ascites Club,
  # encephalopathy by those of West Haven
  none = c(no_words, "absent", "grade 0", "keine", "kein", "absente", "ausente"),
  slight = c(
    "mild", "minimal", "trace", "small", "controlled", "easily controlled",
    "medically controlled", "diuretic controlled", "controlled by diuretics", "grade 1",
    "1", "leicht", "gering", "leve", "l\u00e9g\u00e8re"
  ),
  moderate = c(
    "moderate to severe", "severe", "large", "massive", "tense", "refractory",
    "poorly controlled", "uncontrolled", "grade 2", "grade 3", "2", "3", "massiv",
    "moderada", "mod\u00e9r\u00e9e"
  ),
  `grade 1-2` = c(
    "grade 1", "grade 2", "1", "2", "mild", "minimal", "slight", "controlled",
    "medically controlled"
  ),
  `grade 3-4` = c(
    "grade 3", "grade 4", "3", "4", "severe", "advanced", "refractory",
    "poorly controlled", "uncontrolled"
  )
)

# The level that each word means; NA for other words
known_level <- function(text, levels) {
  words <- level_words[intersect(names(level_words), levels)]
  attribution <- "unrelated" %in% levels
  # Numbers of a sign are grades if one of them is 0. Otherwise they may be points of the
  # Child-Pugh score, in which 1 means none.
  if ("none" %in% levels && !"0" %in% text) text[grepl("^[0-9]+$", text)] <- NA
  if (attribution) words$yes <- "related"
  word <- simplify_word(c(levels, unlist(words)))
  level <- c(levels, rep(names(words), lengths(words)))
  found <- level[match(simplify_word(text), word, incomparables = c("", NA))]
  if (!all(c("yes", "no") %in% levels)) return(found)
  # The attribution may be yes or no, or one of five levels, whose codes are 1 to 5.
  code <- grepl("^[0-9]+$", text)
  if (attribution && !("0" %in% text && all(text[code] %in% c("0", "1")))) {
    text[code] <- NA
  }
  ifelse(is.na(found), c("no", "yes")[yes_no(text) + 1L], found)
}

# The label in "1, OP", "1 = OP", "1: OP", "OP (1)" and "PR (partial response)"
code_before <- "^[0-9]+\\s*[-,;:=.)|]+\\s*(\\D.*)$"

label_in <- function(text) {
  text <- sub(code_before, "\\1", text, perl = TRUE)
  sub("^([^(]+)[(][^()]*[)]$", "\\1", text, perl = TRUE)
}

# The name with which `levels` can give the meaning of an empty cell
empty_word <- "(empty)"

# Applies the argument `levels` to each cell. Returns `text` with the words replaced, and
# `found`, TRUE if `levels` has the word as it is written or without regard to case and
# repeated blanks. A word given as NA or "" becomes an empty cell.
own_words <- function(text, levels) {
  if (is.null(levels)) return(list(text = text, found = rep(FALSE, length(text))))
  cell <- ifelse(is.na(text), empty_word, one_blank(text))
  word <- one_blank(mark_bytes(names(levels)))
  at <- match(cell, word)
  at[is.na(at)] <- match(lower_case(cell[is.na(at)]), lower_case(word))
  found <- !is.na(at)
  meaning <- one_blank(as.character(levels))[at[found]]
  text[found] <- ifelse(meaning %in% "", NA, meaning)
  list(text = text, found = found)
}

# The level of each cell; NA where the cell is empty or its word is `unknown`
category_values <- function(text, levels, own = NULL) {
  given <- own_words(text, own)
  value <- known_level(given$text, levels)
  open <- !is.na(given$text) & is.na(value)
  value[open] <- known_level(label_in(given$text[open]), levels)
  list(value = value, unknown = !is.na(given$text) & is.na(value))
}

parse_category <- function(x, spec, how) {
  text <- cell_text(x)
  levels <- allowed_levels(spec)
  read <- category_values(text, levels, how$levels)
  rule <- no_rule(length(text))
  if (any(read$unknown)) {
    map <- suggest_levels(text, read, levels)
    rule[read$unknown] <- sprintf("must be %s; to say what other words mean, add %s",
      join_words(levels, "or"),
      paste0("levels = ", r_code(stats::setNames(list(map), spec$column)))
    )
  }
  parsed(factor(read$value, levels), rule)
}

parse_text <- function(x, spec, how) {
  text <- cell_text(x)
  parsed(text, no_rule(length(text)))
}

# A suggested value for the argument `levels`, with the words that are not understood;
# most of them become empty cells. Codes get the levels that are not used yet, in their
# order. Codes that are understood are listed too, because 1 may mean yes or no.
suggest_levels <- function(text, read, levels, most = 12L) {
  is_code <- function(x) grepl("^([0-9]{1,2}|[[:alpha:]])$", x)
  words <- sort(unique(text[read$unknown]))
  map <- stats::setNames(rep(NA_character_, length(words)), words)
  if (all(is_code(words))) {
    known <- unique(data.frame(text, value = read$value)[is_code(text) & !read$unknown, ])
    left <- setdiff(levels, known$value)
    if (length(words) <= length(left)) map[] <- left[seq_along(words)]
    map <- c(stats::setNames(known$value, known$text), map)
    map <- map[order(names(map))]
  }
  utils::head(map, most)
}
