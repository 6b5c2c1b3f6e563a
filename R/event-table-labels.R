# Labels of status, groups and strata, read in the same way from rows in memory, files,
# result sets and databases.

# White space to trim from labels, because a reader of a table cannot see it: ASCII
# spaces, non-breaking and other Unicode spaces, byte order marks
edge_space <- paste0(
  "[\\t-\\r \\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200B}\\x{2028}\\x{2029}\\x{202F}",
  "\\x{205F}\\x{2060}\\x{3000}\\x{FEFF}]"
)

at_edges <- paste0("(*UTF)^", edge_space, "+|", edge_space, "+$")

# Trims white space; a blank label becomes "". Labels that are invalid in their encoding
# are returned unchanged, because check_encoding() raises the error for them.
trim_labels <- function(labels) {
  if (is_simple_text(labels)) return(labels)
  foreign <- is_undecodable(labels)
  sound <- which(validEnc(labels) & Encoding(labels) != "bytes" & !foreign)
  text <- enc2utf8(labels[sound])
  padded <- grepl(at_edges, text, perl = TRUE)
  labels[sound[padded]] <- gsub(at_edges, "", text[padded], perl = TRUE)
  if (any(foreign)) labels[foreign] <- trim_bytes(labels[foreign])
  latin1 <- Encoding(labels) == "latin1" # paste() would write <e9> in an ASCII locale
  labels[latin1] <- enc2utf8(labels[latin1])
  labels
}

# Flags non-ASCII text without a declared encoding in an ASCII locale (LC_ALL=C): R cannot
# decode its bytes, so they are passed through unchanged.
is_undecodable <- function(labels) {
  foreign <- rep(FALSE, length(labels))
  if (l10n_info()$`UTF-8` || l10n_info()$`Latin-1`) return(foreign)
  at <- which(!is.na(labels) & Encoding(labels) == "unknown")
  foreign[at] <- is.na(iconv(labels[at], "", "UTF-8"))
  foreign
}

# Trims ASCII white space only, since the encoding of the bytes is unknown.
trim_bytes <- function(labels) {
  labels <- gsub("^[\t-\r ]+|[\t-\r ]+$", "", labels, useBytes = TRUE)
  Encoding(labels) <- "unknown"
  labels
}

is_blank <- function(labels) !is.na(labels) & !nzchar(trim_labels(labels))

# Sorts labels as R does in the locale. Labels that compare as equal in the locale are
# sorted by their code points, so that the result does not depend on the order of rows.
order_labels <- function(labels) {
  if (length(labels) < 2L) return(seq_along(labels))
  place <- integer(length(labels))
  place[order(enc2utf8(labels), method = "radix")] <- seq_along(labels)
  order(labels, place)
}

# Stops for text that is invalid in its encoding, since R would sort and match its bytes.
check_encoding <- function(labels, arg) {
  bad <- !validEnc(labels) | Encoding(labels) == "bytes"
  if (!any(bad)) return(invisible())
  bytes <- vapply(labels[bad], function(x) {
    byte <- charToRaw(x)
    printable <- byte >= as.raw(0x20) & byte < as.raw(0x7f)
    shown <- sprintf("<%02x>", as.integer(byte))
    shown[printable] <- rawToChar(byte[printable], multiple = TRUE)
    paste(shown, collapse = "")
  }, "", USE.NAMES = FALSE)
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` of the formula has labels that are invalid in their encoding (%s); read the",
      "file with the encoding it was written in, as in `read.csv(file, fileEncoding =",
      "\"latin1\")`"
    ), arg, paste0("\"", bytes, "\"", collapse = ", ")
  ), arg = arg)
}

# Converts a text or factor column of groups, strata or states to a factor with trimmed
# labels. Blank labels become missing values; `empty` holds their rows, or is NULL. Other
# columns, and factors whose labels need no change, are returned unchanged. The level NA
# of addNA() is kept.
read_labels <- function(x, arg) {
  if (is.character(x)) {
    labels <- unique(as.character(x))
    labels <- labels[!is.na(labels)]
  } else if (is.factor(x)) {
    check_factor(x, arg)
    labels <- levels(x)
  } else {
    return(list(column = x))
  }
  simple <- .Call(C_is_simple_text, labels)
  if (simple && is.factor(x) && !anyDuplicated(labels)) return(list(column = x))
  if (!simple) check_encoding(labels, arg)
  trimmed <- if (simple) labels else trim_labels(labels)
  blank <- !is.na(trimmed) & !nzchar(trimmed)
  levels <- unique(trimmed[!blank])
  if (is.factor(x)) {
    same <- identical(levels, labels) && identical(Encoding(levels), Encoding(labels))
    if (same) return(list(column = x))
    code <- as.integer(x)
  } else {
    code <- match(as.character(x), labels)
    levels <- levels[order_labels(levels)]
  }
  if (!simple) report_merged_labels(labels, trimmed, arg)
  place <- match(trimmed, levels)
  place[blank] <- NA
  empty <- which(code %in% which(blank))
  list(
    column = structure(place[code], levels = levels, class = "factor"),
    empty = if (length(empty)) empty
  )
}

# Tells the user that labels became equal when white space was trimmed.
report_merged_labels <- function(labels, trimmed, arg) {
  if (!anyDuplicated(trimmed)) return(invisible())
  merged <- unique(trimmed[duplicated(trimmed) & !duplicated(labels) & nzchar(trimmed)])
  if (!length(merged)) return(invisible())
  sets <- vapply(utils::head(merged, 5L), function(label) {
    same <- unique(labels[trimmed %in% label])
    paste0(encodeString(same, quote = "\""), collapse = " and ")
  }, "")
  inform_oligosurv(sprintf(
    "`%s`: labels that differ only in leading or trailing white space are merged (%s%s)",
    arg, paste(sets, collapse = "; "), if (length(merged) > 5L) "; ..." else ""
  ))
}

# Replaces blank text in the columns `keys` by NA; `empty` flags the rows of each column
# where that happened.
blank_keys <- function(keys) {
  empty <- lapply(keys, function(x) {
    if (!is.character(x)) return(logical(length(x)))
    once <- unique(x)
    x %in% once[is_blank(once)]
  })
  list(keys = Map(function(x, blank) replace(x, blank, NA), keys, empty), empty = empty)
}

# Returns the end of a message, "; empty cells of text are missing values (`status`: 2,
# `arm`: 1)", from the number of empty cells by column
format_empty <- function(empty) {
  empty <- empty[empty > 0]
  if (!length(empty)) return("")
  sprintf("; empty cells of text are missing values (%s)",
    paste0("`", names(empty), "`: ", format_count(empty), collapse = ", ")
  )
}

# Applies declared levels, which are trimmed already, to a column.
declared_factor <- function(x, levels, arg) {
  if (is.null(levels)) return(x)
  x <- as.character(x)
  labels <- unique(x)
  trimmed <- trim_labels(labels)
  report_merged_labels(labels, trimmed, arg)
  structure(match(trimmed, levels)[match(x, labels)], levels = levels, class = "factor")
}

# Flags values that are not among the declared levels.
is_undeclared <- function(x, levels) {
  x <- as.character(x)
  labels <- unique(x)
  labels <- labels[!is.na(labels)]
  x %in% labels[!trim_labels(labels) %in% levels]
}

# Labels of combinations name the variable of each value, as survfit() does: "sex=0,
# rx=Obs". A value that contains the separator is quoted, so that "a, b" with "c" differs
# from "a" with "b, c". A part whose name is "" already holds labels of combinations.
# `names` is NULL if the variables are unknown.
join_labels <- function(parts, names) {
  quoted <- function(x) ifelse(grepl(", ", x, fixed = TRUE), dQuote(x, FALSE), x)
  named <- lapply(seq_along(parts), function(i) {
    x <- as.character(parts[[i]])
    if (is.null(names)) return(quoted(x))
    if (nzchar(names[i])) paste0(names[i], "=", quoted(x)) else x
  })
  labels <- do.call(paste, c(unname(named), sep = ", "))
  if (anyDuplicated(labels)) {
    stop_oligosurv("data", sprintf(
      "two groups of `x` have the same label '%s'; rename the levels of one of them",
      labels[anyDuplicated(labels)]
    ), arg = "x")
  }
  labels
}
