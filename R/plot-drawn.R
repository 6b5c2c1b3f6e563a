# Figures whose layout is determined when they are drawn. The number of columns that fit
# next to a forest plot, and the line breaks in a box, depend on the width of the figure,
# which is known only then.

# A layer that calls draw(data, width, height, axis) when the size of the panel is known,
# in points. `mapping`: names of the columns of `data`; columns named x, xmin and xmax are
# passed as fractions of the width of the panel. `axis`: breaks of the x scale as
# fractions `at` with their `labels`, and the `title` of the axis at that time.
layer_drawn <- function(data, mapping, draw) {
  geom <- ggplot2::ggproto("GeomDrawn", ggplot2::Geom,
    required_aes = c(names(mapping), "axis_title"),
    handle_na = function(data, params) data,
    draw_panel = function(data, panel_params, coord, draw) {
      title <- data$axis_title[1L]
      data <- coord$transform(data, panel_params)
      grid::gTree(
        data = data, axis = c(scale_breaks(panel_params$x), title = title), draw = draw,
        cl = "sized_drawing", name = "sized_drawing"
      )
    }
  )
  layer <- ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = data,
    mapping = aes_of(mapping, axis_title = "axis_title"), inherit.aes = FALSE,
    show.legend = FALSE, params = list(draw = draw)
  )
  # labs(x = ) is in the plot, not in the layer
  ggplot2::ggproto(NULL, layer, setup_layer = function(self, data, plot) {
    title <- plot$labels$x
    data$axis_title <- rep(if (is.character(title)) title[1L] else "", nrow(data))
    ggplot2::ggproto_parent(layer, self)$setup_layer(data, plot)
  })
}

# Breaks that lie inside the panel, as fractions of its width, with their labels
scale_breaks <- function(scale) {
  at <- scale$break_positions()
  labels <- scale$get_labels()
  known <- which(!is.na(at) & at >= -1e-9 & at <= 1 + 1e-9)
  list(at = at[known], labels = as.character(labels)[known])
}

#' @exportS3Method grid::makeContent
makeContent.sized_drawing <- function(x) {
  size <- panel_points()
  grid::setChildren(x, x$draw(x$data, size[1L], size[2L], x$axis))
}

# Width and height of the current viewport in points
panel_points <- function() {
  c(
    grid::convertWidth(grid::unit(1, "npc"), "pt", valueOnly = TRUE),
    grid::convertHeight(grid::unit(1, "npc"), "pt", valueOnly = TRUE)
  )
}

# Width of each text (of its widest line) in points, in the font of `style` on the open
# device
text_width <- function(text, style) {
  gp <- grid::gpar(fontsize = style$size, fontfamily = style$family)
  known <- unique(text)
  width <- vapply(known, function(one) {
    grob <- grid::textGrob(device_text(one), gp = gp)
    grid::convertWidth(grid::grobWidth(grob), "pt", valueOnly = TRUE)
  }, 0)
  unname(width[match(text, known)])
}

# Returns a function of the font size. Its value is a measure: a function that gives the
# widths of texts, see text_width(). Needs an open device.
text_measure <- function(family) {
  function(size) {
    function(text) text_width(text, list(size = size, family = family))
  }
}

# Like text_measure(), but without a device: uses average widths of letters
text_guess <- function(size) {
  function(text) {
    vapply(strsplit(paste0(text, " "), "\n", fixed = TRUE), function(lines) {
      size * max(0, text_em(sub(" $", "", lines)))
    }, 0)
  }
}

# Wraps each text so that no line is wider than `room` according to `measure`; each line
# has at least one letter
wrap_to <- function(text, room, measure) {
  vapply(text, function(one) {
    if (measure(one) <= room) return(one)
    columns <- max(1L, as.integer(text_columns(one) * room / measure(one) * 1.25))
    repeat {
      wrapped <- wrap_text(one, columns)
      if (columns <= 1L || measure(wrapped) <= room) return(wrapped)
      columns <- columns - 1L
    }
  }, "", USE.NAMES = FALSE)
}
