# The computed data of the layers of a figure with the given geom
layer_of <- function(p, geom) {
  i <- which(vapply(p$layers, function(l) inherits(l$geom, geom), NA))
  ggplot2::ggplot_build(p)$data[i]
}

# The texts of the table in a drawn panel; uses cairo, which can draw every script
table_grobs <- function(p, panel = 1L) {
  withr::local_cairo_pdf(withr::local_tempfile())
  g <- ggplot2::ggplotGrob(p)
  panels <- g$grobs[grepl("^panel", g$layout$name)]
  # the table of a single panel is drawn with the title of its axis
  if (length(panels) == 1L) panels <- list(g$grobs[[match("xlab-b", g$layout$name)]])
  found <- NULL
  look <- function(x) {
    if (identical(x$name, "risk_table")) found <<- x
    for (child in x$children) look(child)
  }
  look(panels[[panel]])
  if (is.null(found)) return(NULL)
  # The texts of the table are created when it is drawn. The page is wide enough for all
  # columns.
  grid::makeContent(found)$children
}

# The text lines of a PDF. Binary lines are dropped, because the header has a comment of
# bytes that are not valid text.
pdf_lines <- function(file) {
  lines <- readLines(file, warn = FALSE)
  lines[validUTF8(lines)]
}
