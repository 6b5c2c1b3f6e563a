# Writes a result_table as a native Word table, in WordprocessingML that pandoc copies
# unchanged. It uses the styles of pandoc's default document or of the user's reference
# document.

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
  runs <- gsub(torn, "</w:t><w:br/><w:t xml:space=\"preserve\">", runs, fixed = TRUE)
  if (bold) runs <- keep_labels(runs)
  paste(runs, collapse = "<w:r><w:br/></w:r>")
}

# In a head, a short label such as OP-N is not torn after its hyphen
keep_labels <- function(runs) {
  gsub(short_label, "\\1</w:t><w:noBreakHyphen/><w:t xml:space=\"preserve\">\\2", runs,
    perl = TRUE
  )
}

# Marks the end of a line that keep_ranges() inserts; xml_escape() does not change it
torn <- "\u2028"

# Word breaks a range such as "0.57-3.48" after its dash, although the next line has room
# for the whole range. Therefore, the lines of cells with ranges that are wider than their
# column are broken here, between words.
keep_ranges <- function(cells, layout) {
  wide <- grepl("[0-9]\u2013[0-9]", cells) & !grepl("\n", cells, fixed = TRUE)
  # a twip more, because widths are rounded
  room <- (layout$widths - 229) / (1.2 * 10 * layout$half_points)
  for (j in which(wide & text_em(cells) > room)) {
    words <- strsplit(cells[j], " ", fixed = TRUE)[[1L]]
    lines <- words[1L]
    for (word in words[-1L]) {
      longer <- paste(lines[length(lines)], word)
      if (text_em(longer) > room[j]) lines <- c(lines, word) else
        lines[length(lines)] <- longer
    }
    cells[j] <- paste(lines, collapse = torn)
  }
  cells
}

# The paragraph mark has the same size as the runs, so that a row whose first cell is
# empty is not higher than other rows. `above`: space above the paragraph in twips
word_paragraph <- function(runs, style, align = "left", keep = FALSE,
                           half_points = 18L, above = 0L) {
  space <- if (above > 0L) sprintf("<w:spacing w:before=\"%d\"/>", above) else ""
  sprintf(
    paste0(
      "<w:p><w:pPr><w:pStyle w:val=\"%s\"/>%s%s<w:jc w:val=\"%s\"/>",
      "<w:rPr><w:sz w:val=\"%d\"/></w:rPr></w:pPr>%s</w:p>"
    ),
    style, if (keep) "<w:keepNext/>" else "", space, align, half_points, runs
  )
}

page_twips <- 9360L # width of a page of 16.5 cm in twips (1/20 point)

# Widths of the columns in twips, and the font size in half points. Short numbers such as
# "28 (100.0)" and "0.93 (0.88-0.99)" stay on one line if type of at least 8 points allows
# it, and no word is broken. If there is not enough room, the type is reduced further.
# Short labels stay on one line if the type need not be reduced for them. Remaining room
# is given to columns whose cells need it to stay on one line, and then to their heads.
word_layout <- function(body) {
  tries <- data.frame(
    half_points = c(18L, 16L, 18L, 16L, 14L, 14L, 12L, 12L),
    short = c(17, 17, 0, 0, 17, 0, 17, 0)
  )
  tries <- merge(data.frame(label = c(20, 10, 0)), tries) # the longest labels to keep
  for (i in seq_len(nrow(tries))) {
    half_points <- tries$half_points[i]
    # A fifth is added, because Word or the user may choose a wider font than Helvetica;
    # also the margins of a cell.
    twips <- function(text) max(0, 1.2 * 10 * half_points * text_em(text)) + 230
    least <- vapply(seq_along(body), function(j) {
      lines <- unlist(strsplit(body[[j]], "\n", fixed = TRUE))
      whole <- nchar(lines) <= tries$label[i] |
        nchar(lines) <= tries$short[i] & grepl("^[^[:alpha:]]*[0-9]", lines)
      words <- c(lines[whole], split_words(lines[!whole]))
      head <- gsub("([[:alpha:]]{3}-)", "\\1 ", split_words(names(body)[j]))
      max(1.1 * twips(split_words(head)), twips(words), 500)
    }, 0)
    if (sum(least) <= page_twips) break
  }
  # widths at which no cell, and then no head either, has a second line
  cells <- vapply(seq_along(body), function(j) {
    max(least[j], twips(unlist(strsplit(body[[j]], "\n", fixed = TRUE))))
  }, 0)
  heads <- pmin(1.1 * vapply(names(body), twips, 0, USE.NAMES = FALSE), 2.5 * least)
  # a column in which more cells need the room gets more of it
  broken <- vapply(seq_along(body), function(j) {
    sum(vapply(body[[j]], twips, 0) > least[j])
  }, 0L)
  widths <- spread_widths(least, cells, broken)
  widths <- spread_widths(widths, pmax(cells, heads))
  widths <- page_twips * widths / sum(widths)
  list(
    widths = as.integer(round(widths)), half_points = half_points,
    fits = sum(least) <= page_twips
  )
}

# Widens columns towards the widths `wanted`, as far as the page has room, in proportion
# to what they lack times `weight`
spread_widths <- function(widths, wanted, weight = rep(1, length(widths))) {
  for (j in seq_along(widths)) { # what one column does not need is left to the others
    free <- page_twips - sum(widths)
    more <- pmax(wanted - widths, 0)
    share <- more * weight
    if (free <= 1 || !any(share > 0)) break
    widths <- widths + pmin(more, share * free / sum(share))
  }
  widths
}

split_words <- function(text) unlist(strsplit(as.character(text), "[ \n]+"))

# `keep`: keep this row on the same page as the next row
word_row <- function(cells, align, layout, head = FALSE, line = FALSE, keep = head) {
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
    size <- layout$half_points
    sprintf("<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>%s</w:tcPr>%s</w:tc>",
      layout$widths[j], border, word_paragraph(
        word_run(cells[j], head, size), "Compact", align[j], keep, size
      )
    )
  }, "")
  sprintf("<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>%s</w:tr>",
    if (head) "<w:tblHeader/>" else "", paste(cell, collapse = "")
  )
}

together <- 16L # a table with at most this many lines is not divided between pages
label_rows <- 8L # nor are at most this many rows under one label

# Number of lines of each row
word_lines <- function(body, layout) {
  lines <- vapply(seq_along(body), function(j) {
    room <- layout$widths[j] - 230
    vapply(strsplit(body[[j]], "\n", fixed = TRUE), function(cell) {
      sum(ceiling(1.2 * 10 * layout$half_points * text_em(cell) / room))
    }, 0)
  }, double(nrow(body)))
  do.call(pmax, c(list(rep(1, nrow(body))), asplit(matrix(lines, nrow(body)), 2L)))
}

# Which rows stay on the same page as the row below: all rows of a small table; otherwise
# the first row, the last two, and the rows under one label. The label is printed in the
# first of them only. `lines`: number of lines of each row
rows_kept <- function(body, lines = rep(1, nrow(body))) {
  n <- nrow(body)
  if (sum(lines) <= together) return(rep(TRUE, n))
  label <- cumsum(nzchar(body[[1L]]) | seq_len(n) == 1L)
  of_label <- duplicated(label, fromLast = TRUE) & tabulate(label)[label] <= label_rows
  of_label | seq_len(n) %in% c(1L, n - 1L)
}

# Keeps "(N = 28)" of a group on one line
keep_counts <- function(text) gsub("([nN]) = ([0-9])", "\\1\u00a0=\u00a0\\2", text)

table_word <- function(x) {
  body <- x$body
  align <- ifelse(names(body) %in% x$left, "left", "right")
  body[] <- lapply(body, keep_counts)
  names(body) <- keep_counts(names(body))
  layout <- word_layout(body)
  n <- nrow(body)
  kept <- rows_kept(body, word_lines(body, layout))
  rows <- vapply(seq_len(n), function(i) {
    cells <- keep_ranges(vapply(body, `[`, "", i), layout)
    word_row(cells, align, layout, line = i == n,
      keep = if (i == n) length(x$notes) > 0L else kept[i]
    )
  }, "")
  caption <- flat_text(x$caption)
  c(
    if (length(x$caption)) {
      # space between the caption of a figure and that of a table after it
      word_paragraph(word_run(caption, half_points = 20L), "TableCaption", keep = TRUE,
        above = 200L
      )
    },
    paste0(
      "<w:tbl><w:tblPr><w:tblStyle w:val=\"Table\"/>",
      sprintf("<w:tblW w:w=\"%d\" w:type=\"dxa\"/>", sum(layout$widths)),
      "<w:tblLayout w:type=\"fixed\"/>",
      "<w:tblLook w:firstRow=\"1\" w:noHBand=\"1\" w:noVBand=\"1\"/>",
      if (length(x$caption)) {
        sprintf("<w:tblCaption w:val=\"%s\"/>", xml_escape(caption))
      }, "</w:tblPr>"
    ),
    paste0(
      "<w:tblGrid>",
      paste(sprintf("<w:gridCol w:w=\"%d\"/>", layout$widths), collapse = ""),
      "</w:tblGrid>"
    ),
    word_row(names(body), align, layout, head = TRUE, line = TRUE), rows, "</w:tbl>",
    vapply(seq_along(x$notes), function(i) {
      word_paragraph(word_run(x$notes[i], half_points = 16L), "BodyText",
        keep = i < length(x$notes), half_points = 16L
      )
    }, ""),
    if (!length(x$notes)) "<w:p/>"
  )
}
