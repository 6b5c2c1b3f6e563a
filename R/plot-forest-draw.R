# Draws the layout of a forest plot: texts, intervals and axis as grobs in points.

draw_forest <- function(rows, parts, xlim, title, theme) {
  spec <- forest_spec(rows, parts)
  cut <- any(rows$more_low | rows$more_high)
  null <- if (isTRUE(parts$ratio)) 1 else if (isFALSE(parts$ratio)) 0 else NA_real_
  rows$null <- rep(null, nrow(rows))
  rows$inside <- ifelse(rows$estimate >= xlim[1L] & rows$estimate <= xlim[2L],
    rows$estimate, NA
  )
  draw <- function(data, width, height, axis) {
    draw_forest_at(rows, data, spec, width, height, axis, theme)
  }
  figure <- ggplot2::ggplot(rows) +
    layer_drawn(rows, c(
      x = "inside", xmin = "low", xmax = "high", xintercept = "null"
    ), draw) +
    forest_axis(parts, xlim) +
    ggplot2::scale_y_continuous(limits = c(0, 1)) +
    ggplot2::coord_cartesian(xlim = xlim, default = TRUE) +
    ggplot2::labs(
      x = parts$xlab, y = NULL, title = title,
      caption = if (cut) "Arrow: the interval goes on beyond the axis",
      alt = sprintf("Forest plot of %s", paste(rows$label, collapse = ", "))
    ) +
    theme + ggplot2::theme(
      axis.line = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
      axis.text = ggplot2::element_blank(), axis.title = ggplot2::element_blank()
    )
  attr(figure, "height_mm") <- forest_height(spec, theme, title, cut)
  figure
}

# Draws everything inside the panel, for a given size in points
draw_forest_at <- function(rows, data, spec, width, height, axis, theme) {
  if (nzchar(axis$title)) spec$xlab <- axis$title
  element <- text_element("axis.text.y.left", theme)
  measure <- text_measure(element$family)
  found <- forest_layout(spec, width, element$size, measure)
  h <- forest_heights(spec, found)
  need <- function() found$size * (h$head + sum(h$row) + h$axis + h$favours)
  if (need() > height) { # a low figure gets smaller type
    share <- max(0.3, height / need())
    found <- forest_layout(spec, width, element$size * share, measure)
    h <- forest_heights(spec, found)
  }
  # a high figure gets more space between rows
  size <- found$size
  spread <- (height - size * (h$head + h$axis + h$favours)) / (size * sum(h$row))
  pitch <- size * h$row * min(2, max(spread, 0.5))
  top <- height - size * h$head
  middle <- top - cumsum(pitch) + pitch / 2
  pen <- forest_pen(size, element$family, theme)
  at <- function(share) found$plot[1L] + share * diff(found$plot)
  base <- top - sum(pitch)
  row_y <- middle[match(seq_len(nrow(rows)), spec$row)]
  do.call(grid::gList, c(
    forest_texts(spec, found, top, middle, row_y, pen),
    forest_null(at(data$xintercept[1L]), found, base, top, pen),
    forest_intervals(rows, data, at, row_y, pen),
    forest_axis_grobs(axis, spec, found, at, base, pen, data$xintercept[1L]),
    forest_favours(spec, found, h, at, base, pen, data$xintercept[1L])
  ))
}

# Functions that make texts and lines of one size and colour
forest_pen <- function(size, family, theme) {
  ink <- ink_of(theme)
  list(
    size = size, ink = ink, muted = muted_colour(theme),
    text = function(label, x, y, hjust = 0, vjust = 0.5, face = "plain") {
      grid::textGrob(device_text(label), grid::unit(x, "pt"), grid::unit(y, "pt"),
        hjust = hjust, vjust = vjust, gp = grid::gpar(
          fontsize = size, fontfamily = family, fontface = face, col = ink,
          lineheight = 1
        )
      )
    },
    line = function(x, y, xend, yend, width = 0.3, colour = ink, type = "solid",
                    arrow = NULL) {
      grid::segmentsGrob(
        grid::unit(x, "pt"), grid::unit(y, "pt"), grid::unit(xend, "pt"),
        grid::unit(yend, "pt"), arrow = arrow, gp = grid::gpar(
          col = colour, fill = colour, lwd = width * ggplot2::.pt,
          lty = type, lineend = "butt"
        )
      )
    }
  )
}

forest_texts <- function(spec, found, top, middle, row_y, pen) {
  head_y <- top + 0.3 * pen$size
  labels <- pen$text(found$label, spec$indent * pen$size, middle,
    face = ifelse(is.na(spec$row), "bold", "plain")
  )
  columns <- lapply(found$columns, function(column) {
    pen$text(column$text, column$x, row_y, hjust = column$hjust)
  })
  headings <- lapply(found$columns, function(column) {
    pen$text(column$heading, column$x, head_y, hjust = column$hjust, vjust = 0,
      face = "bold"
    )
  })
  c(list(pen$line(0, top, found$end, top), labels), columns, headings)
}

# Draws the line of no effect
forest_null <- function(x, found, base, top, pen) {
  if (is.na(x) || x < found$plot[1L] || x > found$plot[2L]) return(NULL)
  list(pen$line(x, base, x, top, colour = pen$muted, type = "42"))
}

forest_intervals <- function(rows, data, at, y, pen) {
  arrow <- function(end) {
    grid::arrow(length = grid::unit(0.45 * pen$size, "pt"), type = "closed", ends = end)
  }
  known <- !is.na(data$xmin) & !is.na(data$xmax)
  ends <- ifelse(rows$more_low & rows$more_high, "both",
    ifelse(rows$more_low, "first", ifelse(rows$more_high, "last", "none"))
  )
  from <- at(data$xmin)
  to <- at(data$xmax)
  # an interval completely outside the axis is drawn as an arrow at its edge
  short <- known & to - from < 0.5 * pen$size & ends != "none"
  from[short & ends == "last"] <- (to - 0.8 * pen$size)[short & ends == "last"]
  to[short & ends == "first"] <- (from + 0.8 * pen$size)[short & ends == "first"]
  lines <- lapply(unique(ends[known]), function(end) {
    i <- known & ends == end
    pen$line(from[i], y[i], to[i], y[i], width = 0.4,
      arrow = if (end != "none") arrow(end)
    )
  })
  i <- which(!is.na(data$x))
  side <- grid::unit(0.5 * pen$size, "pt")
  points <- if (length(i)) {
    grid::rectGrob(grid::unit(at(data$x[i]), "pt"), grid::unit(y[i], "pt"), side, side,
      gp = grid::gpar(fill = pen$ink, col = NA), name = "forest_points"
    )
  }
  c(lines, list(points)[!is.null(points)])
}

forest_axis_grobs <- function(axis, spec, found, at, base, pen, null) {
  size <- pen$size
  keep <- labels_apart(at(axis$at), found$measure(axis$labels), 0.6 * size, at(null))
  x <- at(axis$at[keep])
  title <- axis_title_text(spec$xlab, found)
  half <- found$measure(title) / 2
  middle <- min(max(mean(found$plot), half), found$end - half)
  c(
    list(pen$line(found$plot[1L], base, found$plot[2L], base)),
    if (length(x)) {
      list(
        pen$line(x, base, x, base - 0.35 * size),
        pen$text(axis$labels[keep], x, base - 0.5 * size, hjust = 0.5, vjust = 1)
      )
    },
    list(pen$text(title, middle, base - 1.75 * size, hjust = 0.5, vjust = 1))
  )
}

# Draws arrows away from the line of no effect, with their texts below
forest_favours <- function(spec, found, h, at, base, pen, null) {
  if (is.null(spec$favours)) return(NULL)
  size <- pen$size
  x <- if (is.na(null)) mean(found$plot) else at(min(max(null, 0), 1))
  y <- base - size * (h$axis + 0.35)
  text <- favours_text(spec, found, x)
  reach <- max(2.5 * size, min(x - found$plot[1L], found$plot[2L] - x, 8 * size))
  gap <- 0.5 * size
  head <- grid::arrow(length = grid::unit(0.45 * size, "pt"), type = "closed")
  list(
    pen$line(x + c(-gap, gap), y, x + c(-reach, reach), y, width = 0.4, arrow = head),
    pen$text(text, x + c(-gap, gap), y - 0.5 * size, hjust = c(1, 0), vjust = 1)
  )
}

forest_axis <- function(parts, xlim) {
  guide <- ggplot2::guide_axis(check.overlap = TRUE)
  expand <- ggplot2::expansion(mult = 0.02)
  if (isTRUE(parts$ratio)) {
    at <- c(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
    at <- at[at >= xlim[1L] & at <= xlim[2L]]
    if (length(at) < 3L) at <- pretty(xlim, 4)
    return(ggplot2::scale_x_log10(
      breaks = at[at > 0], labels = time_axis, expand = expand, guide = guide
    ))
  }
  labels <- minus_axis(if (isTRUE(parts$percent)) percent_axis else time_axis)
  ggplot2::scale_x_continuous(
    n.breaks = 5L, labels = labels, expand = expand, guide = guide
  )
}
