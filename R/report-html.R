# Draws figures to files, and embeds them in the HTML page with their texts escaped.

# A figure embedded in the page, with caption and alternative text.
html_figure <- function(plot, caption, alt, width = 5.6, height = 4.6) {
  file <- tempfile(fileext = ".png")
  on.exit(unlink(file))
  draw_plot(plot, file, width, height)
  sprintf(
    paste0(
      "<figure><img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">",
      "<figcaption>%s</figcaption></figure>"
    ),
    knitr::image_uri(file), round(96 * width), round(96 * height), html_escape(alt),
    html_escape(caption)
  )
}

draw_plot <- function(plot, file, width = 5.6, height = 4.6) {
  if (endsWith(file, ".pdf")) {
    grDevices::cairo_pdf(file, width, height)
  } else {
    type <- if (capabilities("cairo")) "cairo" else getOption("bitmapType")
    grDevices::png(file, width, height, units = "in", res = 192, type = type)
  }
  on.exit(grDevices::dev.off())
  print(plot)
}
