# Parsers of columns for which the schema has no fixed words: groups whose labels the
# study chooses, and statuses that name the events of their endpoint.

# Labels of the published study whose data are `hcc_sbrt`. They keep this order in every
# study that uses them.
known_groups <- list(cohort = c("OP", "OM"), strategy = c("OP-N", "OP-C"))

# Meaning of the labels of the published study
group_meanings <- c(
  OP = "oligoprogressive", OM = "oligometastatic", "OP-N" = "next-line systemic therapy",
  "OP-C" = "current systemic therapy continued"
)

# Labels that differ only in case are one group. Its spelling is that of `first`, else the
# spelling that sorts first (capitals before small letters).
join_spellings <- function(text, first = character()) {
  known <- c(first, sort(unique(text[!is.na(text)]), method = "radix"))
  known[match(lower_case(text), lower_case(known))]
}

# Returns the labels in "1, OP" and "2 = OM" without their codes, if each cell has a code
# and each code has one label. Other labels ("1-fraction", "5-fraction") are returned
# unchanged.
without_codes <- function(text) {
  once <- unique(text[!is.na(text)])
  label <- sub(code_before, "\\1", once, perl = TRUE)
  repeated <- anyDuplicated(lower_case(label)[!duplicated(lower_case(once))])
  if (any(label == once) || repeated) return(text)
  label[match(text, once)]
}

# The order of levels is that of `levels =`; else, if all are labels of the published
# study, the order of that study; else the order of the levels of a factor. Labels of text
# are sorted, numbers by size.
parse_group <- function(x, spec, how) {
  text <- one_blank(cell_text(x))
  given <- if (is.factor(x)) one_blank(levels(x))
  if (is.null(how$levels)) {
    given <- without_codes(given)
    text <- without_codes(text)
  }
  declared <- unique(c(one_blank(as.character(how$levels)), given))
  declared <- declared[!is.na(declared) & nzchar(declared)]
  declared <- declared[!duplicated(lower_case(declared))]
  text <- own_words(text, how$levels)$text
  known <- known_groups[[spec$column]]
  if (is.null(how$levels) && all(declared %in% known)) declared <- character()
  text <- join_spellings(text, c(declared, known))
  value <- unique(text[!is.na(text)])
  rest <- setdiff(value, declared)
  order <- if (all(rest %in% known)) {
    intersect(known, rest)
  } else if (all(grepl("^-?[0-9]+([.][0-9]+)?$", rest))) {
    rest[order(as.double(rest))]
  } else {
    sort(rest, method = "radix")
  }
  levels <- c(intersect(declared, value), order)
  parsed(factor(text, levels), no_rule(length(text)))
}

# Flags cells whose spelling of a group was replaced by another spelling in the column
joined_spellings <- function(cells, value, how) {
  text <- own_words(one_blank(cells), how$levels)$text
  if (is.null(how$levels)) text <- without_codes(text)
  other <- !is.na(text) & text != as.character(value)
  other & as.character(value) %in% text[!other]
}

censored_words <- c(
  "0", "censored", "censor", "alive", "living", "no", "n", "false", "none", "no event"
)
event_words <- c("1", "event", "yes", "y", "true")
death_words <- c("death", "dead", "died", "deceased")
failure_words <- c(
  "failure", "failed", "progression", "progressed", "recurrence", "relapse"
)

# Words of each event of a status
status_words <- function(pair) {
  words <- list(censored = censored_words)
  words[[pair$event]] <- c(
    event_words, pair$event,
    if (pair$event %in% c("death", "progression or death")) death_words,
    if (grepl("failure|progression", pair$event)) failure_words
  )
  for (other in pair$competing) {
    words[[other]] <- c(
      other, if (other == "death") death_words, if (identical(pair$competing, other)) "2"
    )
  }
  words
}

# A factor with the levels "censored", the event, and the competing events that occur.
# Unknown words are competing events if `levels =` names them. Otherwise they are errors,
# because a misspelt "alive" must not become an event.
parse_status <- function(x, spec, how) {
  pair <- pair_endpoints[[pair_name(spec$column)]]
  text <- one_blank(cell_text(x))
  words <- status_words(pair)
  if (is.factor(x) && identical(levels(x)[1:2], c("censored", pair$event))) {
    return(parsed(factor(as.character(x), levels(x)), no_rule(length(x))))
  }
  meant <- own_words(text, how$levels)$text
  own <- if (length(pair$competing)) {
    setdiff(one_blank(as.character(how$levels)), c(unlist(words), NA))
  }
  own <- own[!lower_case(own) %in% unlist(words)]
  at <- match(lower_case(meant), lower_case(unlist(words)))
  value <- rep(names(words), lengths(words))[at]
  value[is.na(value) & meant %in% own] <- meant[is.na(value) & meant %in% own]
  rule <- no_rule(length(text))
  rule[!is.na(meant) & is.na(value)] <- status_rule(spec$column, pair)
  events <- c(pair$competing, unique(own))
  parsed(factor(value, c(names(words)[1:2], events[events %in% value])), rule)
}

status_rule <- function(column, pair) {
  sprintf(
    "must be 0 = censored, 1 = %s%s, or these words; for others, give `levels`, as in %s",
    pair$event, if (length(pair$competing)) {
      paste0(", ", paste(if (length(pair$competing) == 1L) "2 =", pair$competing,
        collapse = ", "
      ))
    } else {
      ""
    },
    sprintf("levels = list(%s = c(\"1\" = \"censored\", \"2\" = \"%s\"))", column,
      pair$event
    )
  )
}
