# Value labels: labelled columns as haven reads them from SPSS, Stata and SAS, and the
# factors that the export script of REDCap adds to its codes.

# The values of a labelled column: its labels for categories and text (a code without a
# label stays), its codes for ids, numbers and dates. Codes that are declared missing, or
# whose label is a word for missing, become NA. A code that `levels` explains stays a
# code.
labelled_values <- function(x, type, levels = NULL) {
  labels <- attr(x, "labels", exact = TRUE)
  if (!inherits(x, label_classes) || is.null(names(labels))) return(x)
  code <- plain_column(x)
  words <- trim_blank(mark_bytes(names(labels)))
  at <- match(code, as.vector(unclass(labels)))
  code[is_likely_missing(words)[at] %in% TRUE] <- NA
  if (!type %in% c("category", "group", "status", "text")) return(code)
  text <- cell_text(code)
  use <- !is.na(at) & !is.na(text) & !own_words(text, levels)$found
  text[use] <- words[at[use]]
  text
}

# A labelled column outside the schema becomes a factor if each of its values has a label;
# else its codes are kept.
labelled_extra <- function(x) {
  if (!inherits(x, label_classes)) return(x)
  code <- plain_column(x)
  labels <- attr(x, "labels", exact = TRUE)
  value <- as.vector(unclass(labels))
  if (length(labels) && all(is.na(code) | code %in% value)) {
    order <- order(value)
    code <- factor(code, value[order])
    levels(code) <- names(labels)[order]
  }
  keep_attributes(code, x)
}

# The export script of REDCap adds `cohort.factor`, with the labels, to the codes in
# `cohort`; the factor is read in place of the codes.
use_redcap_factors <- function(x, name, spec) {
  columns <- spec$column[spec$type %in% c("category", "group", "status", "text")]
  columns <- columns[columns %in% names(x) & paste0(columns, ".factor") %in% names(x)]
  columns <- Filter(function(column) is.factor(x[[paste0(column, ".factor")]]), columns)
  for (column in columns) {
    x[[column]] <- keep_attributes(x[[paste0(column, ".factor")]], x[[column]])
  }
  if (!length(columns)) return(list(value = x, problems = no_problems))
  problems <- new_problems(name, columns, rep(NA, length(columns)), NA, sprintf(
    "is read from `%s.factor`, which has the labels", columns
  ), "note")
  list(value = x[!names(x) %in% paste0(columns, ".factor")], problems = problems)
}
