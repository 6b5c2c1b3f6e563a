# Draws figures to files, and embeds them in the HTML page with their texts escaped.

# A figure embedded in the page as SVG, with caption and alternative text. The page offers
# it as SVG and PNG, and the numbers of its curves as CSV. `csv`: lines, or NULL.
html_figure <- function(plot, caption, alt, width = 5.6, height = 4.6, csv = NULL,
                        number = 1L) {
  file <- tempfile(fileext = ".svg")
  on.exit(unlink(file))
  draw_plot(plot, file, width, height)
  data <- if (length(csv)) sprintf(
    " <a class=\"get\" download=\"figure-%d.csv\" href=\"%s\">CSV</a>", number,
    csv_uri(csv)
  )
  sprintf(
    paste0(
      "<figure id=\"figure-%d\"><img src=\"%s\" width=\"%d\" height=\"%d\" ",
      "alt=\"%s\">",
      "<figcaption>%s%s</figcaption></figure>"
    ),
    number, knitr::image_uri(file), round(96 * width), round(96 * height),
    html_escape(alt), html_escape(caption), paste(data, collapse = "")
  )
}

# Lines of CSV as a data URI, so that the page holds the file that it offers
csv_uri <- function(lines) {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write_text(lines, file)
  sub("^data:[^;]*", "data:text/csv", knitr::image_uri(file))
}

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
  print(plot)
}
