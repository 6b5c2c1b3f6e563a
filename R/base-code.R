# Writes R code as text, for the calls that messages suggest.

# Returns R code that creates a value: text, a number, a date (as text), NA, or a vector
# or list of such values, with or without names. If the code of a list is longer than one
# line, each element has its own line.
r_code <- function(x, indent = "", width = 80L) {
  if (is.null(x)) return("NULL")
  if (!is.list(x) && length(x) == 1L && is.null(names(x))) return(value_code(x))
  inside <- if (is.list(x)) {
    vapply(seq_along(x), function(i) r_code(x[[i]], paste0(indent, "  "), width), "")
  } else {
    value_code(x)
  }
  if (!is.null(names(x))) inside <- paste(name_code(names(x)), "=", inside)
  maker <- if (is.list(x)) "list" else "c"
  line <- sprintf("%s(%s)", maker, paste(inside, collapse = ", "))
  if (!is.list(x) || nchar(line) <= width) return(line)
  sprintf("list(%s\n%s)", paste0("\n", indent, "  ", inside, collapse = ","), indent)
}

value_code <- function(x) {
  text <- if (is.character(x) || is.object(x)) {
    encodeString(as.character(x), quote = "\"")
  } else {
    vapply(unname(x), format, "", digits = 15L)
  }
  text[is.na(x)] <- "NA"
  text
}

name_code <- function(name) {
  ifelse(make.names(name) == name, name, encodeString(name, quote = "\""))
}

# A call as text. Each argument has its own line if the call is longer than one line;
# text in quotation marks is never broken.
call_code <- function(name, arguments, width = 80L) {
  if (!is.null(names(arguments))) {
    named <- nzchar(names(arguments))
    arguments[named] <- paste(names(arguments), "=", arguments)[named]
  }
  line <- sprintf("%s(%s)", name, paste(arguments, collapse = ", "))
  if (nchar(line) <= width) return(line)
  sprintf("%s(%s\n)", name, paste0("\n  ", arguments, collapse = ","))
}
