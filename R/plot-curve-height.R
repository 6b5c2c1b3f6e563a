# The height of a figure of curves for a given width. Everything around the panels
# (numbers at risk, legend, texts below) is measured on the drawn figure. The panels get a
# height in which the steps of the curves can be read.

# Height in mm: `low`, by default three quarters of the width, or more if the panels would
# be lower than `flat` times the width
curve_height <- function(width_mm, plot, low = 0.75 * width_mm, flat = 0.42) {
  on_draft_device(width_mm, low, {
    drawn <- ggplot2::ggplotGrob(plot)
    panels <- drawn$layout[grepl("^panel", drawn$layout$name), ]
    rows <- length(unique(panels$t))
    width <- panel_size(drawn)[1L]
    points <- 72 / 25.4
    # panels next to each other are narrow, so they need not be much higher than wide
    least <- min(flat * width_mm * points, if (nrow(panels) > 1L) 1.6 * width else Inf)
    around <- sum(fixed_points(drawn$heights, grid::convertHeight))
    height <- max(low * points, around + rows * least)
    size <- c(width, (height - around) / rows)
    if (inherits(drawn, "curve_table") && !notes_fit(drawn, size)) {
      below <- note_height(lines_under(drawn), drawn$note$style)
      height <- max(height, around + below + rows * least)
    }
    height / points
  })
}

# Evaluates `code` with an open device of this size whose file is deleted afterwards
on_draft_device <- function(width_mm, height_mm, code) {
  file <- tempfile("draft-")
  on.exit(unlink(file))
  size <- c(width_mm, height_mm) / 25.4
  on_device(if (capabilities("cairo")) {
    grDevices::cairo_pdf(file, size[1L], size[2L])
  } else {
    grDevices::pdf(NULL, size[1L], size[2L])
  }, code)
}
