# Answers of yes or no in their usual forms.

yes_words <- c("yes", "y", "true", "t", "1", "ja", "j", "oui", "o", "si", "s\u00ed", "s")

no_words <- c("no", "n", "false", "f", "0", "nein", "non")

# Logical, NA for unknown; `noun` names the elements of `x` in messages
check_yes_no <- function(x, arg, noun = "element") {
  forms <- paste(
    "yes or no (or Y/N, TRUE/FALSE, 1/0, ja/nein, oui/non, si/no; NA or empty for",
    "unknown)"
  )
  x <- plain_column(x)
  if (!is.atomic(x)) {
    stop_oligosurv("input", sprintf("`%s` must be %s; it is %s", arg, forms, describe(x)),
      arg = arg
    )
  }
  text <- tolower(trim_blank(mark_bytes(as.character(x))))
  text[text %in% c("", "na")] <- NA
  yes <- text %in% yes_words
  bad <- !is.na(text) & !yes & !text %in% no_words
  if (any(bad)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be %s; %s is \"%s\"", arg, forms, format_rows(which(bad), noun),
      text[which(bad)[1L]]
    ), arg = arg, where = which(bad))
  }
  ifelse(is.na(text), NA, yes)
}
