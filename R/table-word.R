# Writes a result_table as a native Word table: WordprocessingML that pandoc copies
# unchanged. It uses the styles of pandoc's document or of the user's reference document.

xml_escape <- function(x) {
  # XML does not allow control characters
  x <- gsub("[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f]", " ", enc2utf8(x), perl = TRUE)
  special <- c("&" = "&amp;", "<" = "&lt;", ">" = "&gt;", "\"" = "&quot;")
  for (sign in names(special)) x <- gsub(sign, special[[sign]], x, fixed = TRUE)
  x
}

# Makes the runs (elements w:r) of a text; lines after the first are smaller, as in HTML
word_run <- function(text, bold = FALSE, half_points = 18L) {
  part <- function(text, size) {
    sprintf(
      paste0(
        "<w:r><w:rPr>%s<w:sz w:val=\"%d\"/></w:rPr>",
        "<w:t xml:space=\"preserve\">%s</w:t></w:r>"
      ),
      if (bold) "<w:b/>" else "", size, xml_escape(text)
    )
  }
  lines <- strsplit(text, "\n", fixed = TRUE)[[1L]]
  if (!length(lines)) lines <- ""
  runs <- part(lines, c(half_points, rep(half_points - 3L, length(lines) - 1L)))
  paste(runs, collapse = "<w:r><w:br/></w:r>")
}

word_paragraph <- function(runs, style, align = "left", keep = FALSE) {
  sprintf(
    "<w:p><w:pPr><w:pStyle w:val=\"%s\"/>%s<w:jc w:val=\"%s\"/></w:pPr>%s</w:p>",
    style, if (keep) "<w:keepNext/>" else "", align, runs
  )
}

# Width of each column in twips (1/20 point), from its text, on a page 16.5 cm wide. The
# layout is fixed, so every column is at least as wide as its longest word; what is left
# goes to the columns with the longest lines.
word_widths <- function(body, page = 9360) {
  letter <- 112 # of 9 point type, wide fonts included
  margin <- 230
  words <- function(text) c(0L, text_columns(unlist(strsplit(text, "[ \n-]+"))))
  need <- vapply(seq_along(body), function(j) {
    head <- 1.18 * max(words(names(body)[j]))
    c(max(head, words(body[[j]]), 2), max(head, text_columns(unlist(c(
      1, strsplit(body[[j]], "\n", fixed = TRUE)
    )))))
  }, c(0, 0))
  least <- letter * need[1L, ] + margin
  if (sum(least) >= page) return(as.integer(page * least / sum(least)))
  most <- pmax(pmin(letter * need[2L, ] + margin, page), least)
  if (sum(most) <= page) return(as.integer(round(page * most / sum(most))))
  longer <- sqrt(most - least)
  as.integer(round(least + (page - sum(least)) * longer / sum(longer)))
}

# `keep`: on the page of the next row
word_row <- function(cells, align, widths, head = FALSE, line = FALSE, keep = head) {
  border <- c(
    if (head) "<w:top w:val=\"single\" w:sz=\"12\" w:space=\"0\" w:color=\"auto\"/>",
    if (line) sprintf(
      "<w:bottom w:val=\"single\" w:sz=\"%d\" w:space=\"0\" w:color=\"auto\"/>",
      if (head) 6L else 12L
    )
  )
  border <- if (length(border)) {
    sprintf("<w:tcBorders>%s</w:tcBorders>", paste(border, collapse = ""))
  } else {
    ""
  }
  cell <- vapply(seq_along(cells), function(j) {
    text <- word_paragraph(word_run(cells[j], head), "Compact", align[j], keep)
    sprintf("<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>%s</w:tcPr>%s</w:tc>",
      widths[j], border, text
    )
  }, "")
  sprintf("<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>%s</w:tr>",
    if (head) "<w:tblHeader/>" else "", paste(cell, collapse = "")
  )
}

together <- 14L # a table of up to so many rows is not divided between pages

table_word <- function(x) {
  body <- x$body
  align <- ifelse(names(body) %in% x$left, "left", "right")
  widths <- word_widths(body)
  n <- nrow(body)
  rows <- vapply(seq_len(n), function(i) {
    word_row(vapply(body, `[`, "", i), align, widths, line = i == n,
      keep = i < n && (n <= together || i == 1L || i == n - 1L)
    )
  }, "")
  caption <- flat_text(x$caption)
  c(
    if (length(x$caption)) {
      word_paragraph(word_run(caption, half_points = 20L), "TableCaption", keep = TRUE)
    },
    paste0(
      "<w:tbl><w:tblPr><w:tblStyle w:val=\"Table\"/>",
      sprintf("<w:tblW w:w=\"%d\" w:type=\"dxa\"/>", sum(widths)),
      "<w:tblLayout w:type=\"fixed\"/>",
      "<w:tblLook w:firstRow=\"1\" w:noHBand=\"1\" w:noVBand=\"1\"/>",
      if (length(x$caption)) {
        sprintf("<w:tblCaption w:val=\"%s\"/>", xml_escape(caption))
      }, "</w:tblPr>"
    ),
    paste0(
      "<w:tblGrid>",
      paste(sprintf("<w:gridCol w:w=\"%d\"/>", widths), collapse = ""), "</w:tblGrid>"
    ),
    word_row(names(body), align, widths, head = TRUE, line = TRUE), rows, "</w:tbl>",
    vapply(x$notes, function(note) {
      word_paragraph(word_run(note, half_points = 16L), "BodyText")
    }, "", USE.NAMES = FALSE),
    if (!length(x$notes)) "<w:p/>"
  )
}
