# Encodings of text, small and capital letters in every locale, and escapes for HTML and
# spreadsheets.

# Replaces each byte that is not valid UTF-8 by U+FFFD, the replacement character. Text
# without a declared encoding is taken as UTF-8 in every locale.
mark_bytes <- function(text) {
  text <- enc2utf8_declared(text)
  bad <- !validUTF8(text)
  if (!any(bad)) return(text)
  # U+FFFD as bytes without a declared encoding, so that no locale translates them.
  mark <- rawToChar(as.raw(c(0xef, 0xbf, 0xbd)))
  text[bad] <- iconv(text[bad], "UTF-8", "UTF-8", sub = mark)
  text
}

enc2utf8_declared <- function(text) {
  declared <- Encoding(text)
  text[declared == "latin1"] <- enc2utf8(text[declared == "latin1"])
  Encoding(text[declared %in% c("unknown", "bytes")]) <- "UTF-8"
  text
}

html_escape <- function(x) {
  special <- c(
    "&" = "&amp;", "<" = "&lt;", ">" = "&gt;", "\"" = "&quot;", "'" = "&#39;",
    "`" = "&#96;"
  )
  for (character in names(special)) {
    x <- gsub(character, special[[character]], x, fixed = TRUE)
  }
  x
}

# Labels for a CSV file. A spreadsheet would evaluate a cell that begins like a formula,
# so such labels get an apostrophe in front.
spreadsheet_text <- function(x) sub("^([=+@\t\r-])", "'\\1", x)

# Text in small or capital letters. ASCII letters change in the same way in every locale;
# in a Turkish one, tolower("I") has no dot and toupper("i") has one. The same holds for
# further_capitals, which tolower() does not change in the locale C. Bytes that are not
# valid text become U+FFFD, because tolower() would stop.
lower_case <- function(x) {
  x <- valid_text(x)
  # most text is ASCII without capitals
  if (!any(grepl("[^ -@[-~]", x, perl = TRUE))) return(x)
  tolower(plain_case(x, LETTERS, letters, 0L, 32L))
}

upper_case <- function(x) toupper(plain_case(valid_text(x), letters, LETTERS, 32L, 0L))

valid_text <- function(x) {
  x <- as.character(x)
  bad <- !validEnc(x)
  if (any(bad)) x[bad] <- mark_bytes(x[bad])
  x
}

# Western European, Greek and Cyrillic capitals whose small letter comes 32 places later
further_capitals <- c(0xc0:0xd6, 0xd8:0xde, 0x391:0x3a1, 0x3a3:0x3a9, 0x410:0x42f)

plain_case <- function(x, from, to, from_shift, to_shift) {
  x <- chartr(paste(from, collapse = ""), paste(to, collapse = ""), x)
  if (!any(Encoding(x) == "UTF-8")) return(x)
  letters_at <- function(shift) intToUtf8(further_capitals + shift)
  chartr(letters_at(from_shift), letters_at(to_shift), x)
}
