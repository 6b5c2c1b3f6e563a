# Pieces of the HTML page. What comes from data is escaped here and nowhere else.

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

# A block that pandoc passes on untouched. No backtick survives html_escape(), so nothing
# from data can close it.
html_block <- function(lines) {
  html <- paste(lines, collapse = "\n")
  knitr::asis_output(paste0("\n\n```{=html}\n", html, "\n```\n\n"))
}

# The first line of a cell, and smaller below it the rest.
html_cell <- function(x) {
  x <- html_escape(ifelse(is.na(x), "", x))
  sub("\n(.*)$", "<br><span class=\"limits\">\\1</span>", x)
}

# A table with a caption; its first column names the rows. Columns of numbers stand right,
# those in `text` left.
html_table <- function(x, caption, note = NULL, text = character()) {
  side <- ifelse(names(x) %in% c(names(x)[1L], text), "", " class=\"number\"")
  # A short label such as OP-N stays on one line.
  class <- ifelse(nchar(names(x)) > 8L, "", " class=\"label\"")
  head <- sprintf(
    "<th scope=\"col\"%s><span%s>%s</span></th>", side, class, html_escape(names(x))
  )
  body <- vapply(seq_len(nrow(x)), function(i) {
    cells <- html_cell(vapply(x, function(column) as.character(column[i]), ""))
    paste0(
      "<tr><th scope=\"row\">", cells[1L], "</th>",
      paste0("<td", side[-1L], ">", cells[-1L], "</td>", collapse = ""), "</tr>"
    )
  }, "")
  html_block(c(
    "<div class=\"table\">", "<table>",
    sprintf("<caption>%s</caption>", html_escape(caption)),
    paste0("<thead><tr>", paste(head, collapse = ""), "</tr></thead>"),
    "<tbody>", body, "</tbody>", "</table>",
    sprintf("<p class=\"note\">%s</p>", html_escape(note)), "</div>"
  ))
}

# A figure inside the page itself, with a caption and a text for who cannot see it.
html_figure <- function(plot, caption, alt, width = 5.6, height = 4.6) {
  file <- tempfile(fileext = ".png")
  on.exit(unlink(file))
  type <- if (capabilities("cairo")) "cairo" else getOption("bitmapType")
  grDevices::png(file, width, height, units = "in", res = 192, type = type)
  drawn <- FALSE
  on.exit(if (!drawn) grDevices::dev.off(), add = TRUE, after = FALSE)
  print(plot)
  grDevices::dev.off()
  drawn <- TRUE
  sprintf(
    paste0(
      "<figure><img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">",
      "<figcaption>%s</figcaption></figure>"
    ),
    knitr::image_uri(file), round(96 * width), round(96 * height), html_escape(alt),
    html_escape(caption)
  )
}

# Figures side by side where there is room; NULL ones are left out.
html_figures <- function(...) {
  html_block(c("<div class=\"figures\">", unlist(list(...)), "</div>"))
}
