# Draws figures to files, and embeds them in the HTML page with escaped texts.

# A figure embedded in the page as SVG, with caption and alternative text. The page offers
# it as SVG and PNG, and the numbers of its curves as CSV. `csv`: lines, or NULL. With
# these lines the page shows the values at the time under the pointer, in this `unit`.
html_figure <- function(plot, caption, alt, width = 5.6, height = 4.6, csv = NULL,
                        number = 1L, unit = "months") {
  file <- tempfile(fileext = ".svg")
  on.exit(unlink(file))
  place <- draw_plot(plot, file, width, height)
  data <- if (length(csv)) sprintf(
    " <a class=\"get\" download=\"figure-%d.csv\" href=\"%s\">CSV</a>", number,
    csv_uri(csv)
  )
  image <- sprintf("<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">",
    knitr::image_uri(file), round(96 * width), round(96 * height), html_escape(alt)
  )
  if (length(csv) && length(place)) image <- sprintf(
    "<div class=\"curves\" data-panel=\"%s\" data-unit=\"%s\">%s</div>",
    paste(signif(place, 6), collapse = " "), html_escape(unit), image
  )
  sprintf("<figure id=\"figure-%d\">%s<figcaption>%s%s</figcaption></figure>", number,
    image, html_escape(caption), paste(data, collapse = "")
  )
}

# Lines of CSV as a data URI, so that the page contains the file for download
csv_uri <- function(lines) {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write_text(lines, file)
  sub("^data:[^;]*", "data:text/csv", knitr::image_uri(file))
}

# Draws a figure to a file; returns the position of its panel, see panel_place(). ggplot2
# computes the figure once for both.
draw_plot <- function(plot, file, width = 5.6, height = 4.6) {
  if (endsWith(file, ".pdf")) {
    grDevices::cairo_pdf(file, width, height)
  } else if (endsWith(file, ".svg")) {
    grDevices::svg(file, width, height)
  } else {
    type <- if (capabilities("cairo")) "cairo" else getOption("bitmapType")
    grDevices::png(file, width, height, units = "in", res = 192, type = type)
  }
  on.exit(grDevices::dev.off())
  built <- ggplot2::ggplot_build(plot)
  grid::grid.newpage()
  grid::grid.draw(ggplot2::ggplot_gtable(built))
  invisible(panel_place(built, width, height))
}

# The position of the panel in the figure that was just drawn: its left, right, upper and
# lower edge as fractions of the figure, and the times at its left and right edge; NULL
# for several panels or other kinds of axes
panel_place <- function(built, width, height) {
  panels <- built$layout$panel_params
  range <- if (length(panels) == 1L) panels[[1L]]$x.range
  drawn <- names(grid::current.vpTree()$children$layout$children)
  name <- grep("^panel[.]", drawn, value = TRUE)
  if (!is.numeric(range) || length(name) != 1L) return(NULL)
  grid::seekViewport(name)
  at <- grid::deviceLoc(grid::unit(0:1, "npc"), grid::unit(1:0, "npc"), valueOnly = TRUE)
  grid::upViewport(0)
  c(at$x / width, 1 - at$y / height, range)
}
