# Text in figures. Labels are shown literally, even if they contain special characters,
# and are shortened or wrapped to fit.

# Approximate width in ems in a font like Helvetica, without opening a device
text_em <- function(x) {
  vapply(strsplit(enc2utf8(as.character(x)), ""), function(letter) {
    sum(ifelse(nchar(letter, "width") > 1L, 1,
      ifelse(grepl("[A-Z%@mwMW&]", letter), 0.72,
        ifelse(grepl("[][ijlft.,:;'|!() /-]", letter), 0.32, 0.56)
      )
    ))
  }, 0)
}

# Lines of at most `width` columns; words longer than a line are cut
wrap_text <- function(x, width) {
  vapply(x, function(text) {
    words <- strwrap(text, width + 1)
    lines <- lapply(strsplit(words, ""), function(letters) {
      line <- (cumsum(text_columns(letters)) - 1) %/% width
      vapply(split(letters, line), paste, "", collapse = "")
    })
    paste(unlist(lines), collapse = "\n")
  }, "", USE.NAMES = FALSE)
}

legend_text <- function(x) wrap_text(shorten(as.character(x), 78L), 40L)

# "25%", rounded so that binary fractions do not show
percent_axis <- function(x) {
  paste0(format(signif(100 * x, 6), trim = TRUE), "%"[length(x) > 0L])
}

# Times in decimal notation, never 2e+05
time_axis <- function(x, style = "plain") {
  text <- vapply(signif(x, 12), format, "", digits = 12, scientific = FALSE)
  thousands(text, if (is.null(style)) "plain" else style)
}

# Formats counts; weighted counts get up to one decimal
format_number <- function(x, style = "plain") {
  thousands(formatC(x, digits = 1, format = "f", drop0trailing = TRUE), style)
}

# Numbers on an axis, with the minus sign U+2212
minus_axis <- function(labels) {
  function(x) device_text(sub("^-", "\u2212", labels(x)))
}

# Number of lines of each label
label_lines <- function(label) lengths(regmatches(label, gregexpr("\n", label))) + 1

# Which of several labels on a line to print: all of them, or every second, third, ...
# label counted from the one nearest to `from`, so that no labels touch. `x` are their
# centres and `width` their widths, in points; if `from` is NA, the first label is always
# printed.
labels_apart <- function(x, width, gap, from = NA) {
  o <- order(x)
  first <- if (is.na(from) || !length(x)) 1L else which.min(abs(x[o] - from))
  keep <- o
  for (step in seq_along(x)) {
    keep <- o[(seq_along(o) - first) %% step == 0L]
    half <- width[keep] / 2
    if (all(diff(x[keep]) - half[-1L] - half[-length(half)] >= gap)) break
  }
  sort(keep)
}

# Devices such as pdf() cannot draw these signs; in their fonts a hyphen is as long as a
# minus sign
device_text <- function(text) {
  of_bytes <- c("pdf", "postscript", "xfig", "pictex")
  if (is.null(text) || !names(grDevices::dev.cur()) %in% of_bytes) return(text)
  plain <- c("\u2212" = "-", "\u2013" = "-", "\u221e" = "Inf", "\u2264" = "<=",
    "\u2265" = ">=", "\u2009" = " "
  )
  for (sign in names(plain)) text <- gsub(sign, plain[[sign]], text, fixed = TRUE)
  # no encoding of one byte has emoji, and R would draw four dots for each and warn
  gsub("(*UTF)[\\x{10000}-\\x{10FFFF}]", ".", text, perl = TRUE)
}
