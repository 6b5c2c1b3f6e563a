# Checks arguments that hold answers of yes or no.

# Returns the answers as logical values, NA for unknown; `noun` names the elements of `x`
# in messages.
check_yes_no <- function(x, arg, noun = "element") {
  forms <- paste(
    "yes or no (or Y/N, TRUE/FALSE, 1/0, ja/nein, oui/non, si/no; NA or empty for",
    "unknown)"
  )
  x <- plain_column(x)
  check_factor(x, arg)
  if (!is.atomic(x)) {
    stop_oligosurv("input", sprintf("`%s` must be %s; it is %s", arg, forms, describe(x)),
      arg = arg
    )
  }
  text <- cell_text(x)
  yes <- yes_no(text)
  bad <- !is.na(text) & is.na(yes)
  if (any(bad)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be %s; %s is \"%s\"", arg, forms, format_rows(which(bad), noun),
      text[which(bad)[1L]]
    ), arg = arg, where = which(bad))
  }
  yes
}
