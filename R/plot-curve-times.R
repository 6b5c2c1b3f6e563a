# Estimates at requested times: a vertical line, and next to it the estimate of each
# curve.

# `rows` have the estimates; their column `text` is printed
layer_times <- function(figure, theme) {
  at <- figure$at
  at$text <- percent_axis(round(at$estimate, if (any(at$estimate %in% c(0, 1))) 3 else 2))
  list(
    ggplot2::geom_vline(
      xintercept = unique(at$time), linetype = "13", linewidth = 0.3,
      colour = muted_colour(theme)
    ),
    ggplot2::geom_point(data = at, shape = 16, size = 0.9, show.legend = FALSE),
    layer_time_labels(figure, at, theme)
  )
}

# Labels that do not cover curves. Their places are determined when the size of the panel
# is known.
layer_time_labels <- function(figure, at, theme) {
  geom <- ggplot2::ggproto("GeomTimeLabel", ggplot2::Geom,
    required_aes = c("x", "y", "label", "colour"),
    draw_panel = function(data, panel_params, coord, taken, style) {
      taken <- taken[taken$panel == as.integer(data$PANEL[1L]), ]
      grid::gTree(
        data = coord$transform(data, panel_params), style = style,
        taken = in_panel(taken, panel_params, coord),
        cl = "time_labels", name = "time_labels"
      )
    }
  )
  text <- text_element("axis.text.x.bottom", theme)
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = at,
    mapping = aes_of(label = "text"), show.legend = FALSE,
    params = list(
      taken = curve_places(figure, figure$rows["estimate"]),
      style = list(size = 0.9 * text$size, family = text$family, darken = !figure$dark)
    )
  )
}

# For each label, the first place around its point (x, y) that touches no curve and no
# earlier label, in points; if there is none, the place that touches the least
label_places <- function(x, y, w, h, taken, size) {
  box <- function(i, right, up) {
    left <- x[i] + if (right) 3 else -3 - w[i]
    c(left, left + w[i], y[i] + up, y[i] + up + h)
  }
  tried <- expand.grid(right = c(TRUE, FALSE), step = 0:4, side = c(1, -1))
  up <- ifelse(tried$side > 0, 2 + tried$step * h / 2, -2 - h - tried$step * h / 2)
  order_of <- order(tried$step, -tried$side * tried$right)
  out <- matrix(0, length(x), 4L)
  for (i in seq_along(x)) {
    touched <- vapply(order_of, function(k) {
      b <- box(i, tried$right[k], up[k])
      outside <- b[1L] < 0 || b[2L] > size[1L] || b[3L] < 0 || b[4L] > size[2L]
      touching(taken, b) + 10 * touching(out[seq_len(i - 1L), , drop = FALSE], b) +
        1000 * outside
    }, 0)
    k <- order_of[which.min(touched)]
    out[i, ] <- box(i, tried$right[k], up[k])
  }
  out
}

#' @exportS3Method grid::makeContent
makeContent.time_labels <- function(x) {
  size <- panel_points()
  data <- x$data
  style <- x$style
  taken <- places_in_points(x$taken, size, 1)
  width <- text_width(data$label, style)
  at <- label_places(
    data$x * size[1L], data$y * size[2L], width, 0.8 * style$size, taken, size
  )
  colour <- if (style$darken) text_colour(data$colour) else data$colour
  grid::setChildren(x, grid::gList(grid::textGrob(device_text(data$label),
    x = grid::unit(at[, 1L], "pt"), y = grid::unit(at[, 3L], "pt"), hjust = 0, vjust = 0,
    gp = grid::gpar(fontsize = style$size, fontfamily = style$family, col = colour),
    name = "labels"
  )))
}
