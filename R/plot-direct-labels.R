# Names of curves to the right of the panel. They do not overlap, and each is connected to
# the end of its curve.

# The last drawn point of each line
line_ends <- function(rows) {
  rows <- rows[!is.na(rows$estimate), ]
  rows[!duplicated(rows$line, fromLast = TRUE), ]
}

# Labels at the ends of curves; for stacked areas in the middle of each area
end_labels <- function(figure) {
  ends <- line_ends(figure$rows)
  if (figure$stacked) ends$estimate <- (ends$low + ends$high) / 2
  # a curve may end outside a figure that shows part of the axis only
  ends$estimate <- pmin(pmax(ends$estimate, figure$ylim[1L]), figure$ylim[2L])
  ends$label <- wrap_text(shorten(as.character(ends$curve), 48L), 16L)
  ends
}

# TRUE if the labels fit next to a panel of about 17 lines: none is cut off, and none is
# moved by more than three lines. Otherwise a legend names the curves.
labels_fit <- function(figure) {
  names <- levels(figure$rows$curve)
  words <- unlist(strsplit(names, " "))
  if (max(text_columns(names)) > 48L || max(text_columns(words)) > 16L) return(FALSE)
  ends <- end_labels(figure)
  lines <- label_lines(ends$label)
  all(vapply(split(seq_len(nrow(ends)), panel_number(ends, figure)), function(i) {
    y <- 17 * (ends$estimate[i] - figure$ylim[1L]) / diff(figure$ylim)
    sum(lines[i]) <= 15 && all(abs(move_apart(y, 1.1 * lines[i], 17) - y) <= 3)
  }, NA))
}

layer_direct_labels <- function(figure, theme) {
  ends <- end_labels(figure)
  size <- 0.95 * text_size("axis.text.x.bottom", theme)
  geom <- ggplot2::ggproto("GeomDirectLabel", ggplot2::Geom,
    required_aes = c("x", "y", "label", "colour"),
    draw_panel = function(data, panel_params, coord, size, family, darken) {
      data <- coord$transform(data, panel_params)
      grid::gTree(
        data = data, size = size, family = family, darken = darken,
        cl = "direct_labels", name = "direct_labels",
        vp = grid::viewport(clip = "off")
      )
    }
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = ends,
    mapping = aes_of(x = "time", y = "estimate", label = "label", colour = "curve"),
    inherit.aes = FALSE, show.legend = FALSE,
    params = list(size = size, family = theme_family(theme), darken = !figure$dark)
  )
}

# Width needed for the labels to the right of a panel, in points; 0 for none
direct_room <- function(figure, theme) {
  if (figure$labels != "direct") return(0)
  lines <- unlist(strsplit(end_labels(figure)$label, "\n"))
  9 + 1.04 * text_size("axis.text.x.bottom", theme) * max(0, text_em(lines))
}

# Moves texts of given heights apart, between 0 and `top`, in an upward and a downward
# pass; returns their centres
move_apart <- function(y, height, top) {
  o <- order(y)
  y <- y[o]
  h <- height[o] / 2
  k <- length(y)
  if (k > 0L) y[1L] <- max(y[1L], h[1L])
  for (i in seq_len(k)[-1L]) y[i] <- max(y[i], y[i - 1L] + h[i - 1L] + h[i])
  if (k > 0L) y[k] <- min(y[k], max(top - h[k], h[k]))
  for (i in rev(seq_len(k)[-k])) y[i] <- min(y[i], y[i + 1L] - h[i + 1L] - h[i])
  y[o] <- y
  y
}

# Text needs more contrast than lines: colours on light backgrounds are darkened
text_colour <- function(colour) {
  rgb <- grDevices::col2rgb(colour)
  light <- drop(c(0.2126, 0.7152, 0.0722) %*% (rgb / 255)^2.2)
  factor <- pmin(1, sqrt(0.17 / pmax(light, 1e-6)))
  grDevices::rgb(t(rgb) * factor^(1 / 1.1), maxColorValue = 255)
}

# Places the labels when the figure is drawn, because overlap depends on the height of the
# panel
#' @exportS3Method grid::makeContent
makeContent.direct_labels <- function(x) {
  data <- x$data
  height <- panel_points()[2L]
  line <- 1.1 * x$size
  y <- move_apart(data$y * height, line * label_lines(data$label), height)
  colour <- if (x$darken) text_colour(data$colour) else data$colour
  grid::setChildren(x, grid::gList(
    grid::segmentsGrob(
      x0 = grid::unit(data$x, "npc"), y0 = grid::unit(data$y, "npc"),
      x1 = grid::unit(1, "npc") + grid::unit(4, "pt"), y1 = grid::unit(y, "pt"),
      gp = grid::gpar(col = data$colour, lwd = 0.6, lty = "13"), name = "leaders"
    ),
    grid::textGrob(data$label,
      x = grid::unit(1, "npc") + grid::unit(6, "pt"), y = grid::unit(y, "pt"), hjust = 0,
      gp = grid::gpar(
        col = colour, fontsize = x$size, fontfamily = x$family, lineheight = 1
      ), name = "labels"
    )
  ))
}
