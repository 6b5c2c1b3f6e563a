# The number-at-risk table under a figure of curves, in the coordinates of its panel

# Draws the table and makes room for it: below the axis title (in facets: below the axis
# numbers), and left of the panel for the names of the rows. Names too wide for the margin
# are placed above their numbers.
layer_risk_table <- function(figure, theme) {
  right <- direct_room(figure, theme)
  if (is.null(figure$risk_titles)) {
    return(margins_of(figure, theme, 0, 0, right))
  }
  size <- 0.92 * text_size("axis.text.x.bottom", theme)
  labels <- table_labels(figure$risk)
  above <- labels_above(labels)
  labels <- shorten(labels, if (above) 60L else 30L)
  half <- function(at) {
    column <- figure$risk$label[figure$risk$time == at]
    max(text_em(c(column, time_axis(at)))) * size / 2
  }
  indent <- half(figure$breaks[1L]) + 0.5 * size
  text <- text_element("axis.text.x.bottom", theme)
  table <- list(
    titles = figure$risk_titles, labels = labels, size = size, line = 1.25 * size,
    above = above, indent = if (above) 0 else indent,
    # a function, because measuring needs the device that draws
    top = function() axis_height(if (is.null(figure$facet)) figure$xlab, theme),
    family = text$family, colour = text$colour
  )
  lines <- risk_line_count(figure) + 0.6
  left <- if (above) indent else indent + max(text_em(labels)) * size
  list(
    geom_risk_table(figure$risk, table),
    margins_of(
      figure, theme, table$line * lines, left, max(half(max(figure$breaks)) - 2, right)
    )
  )
}

labels_above <- function(labels) max(text_em(labels)) > 9

# Number of lines of the table under a panel, titles included; 0 without a table
risk_line_count <- function(figure) {
  if (is.null(figure$risk_titles)) return(0)
  rows <- max(tapply(figure$risk$row, panel_of(figure), function(row) {
    length(unique(row))
  }))
  each <- if (labels_above(table_labels(figure$risk))) 2 else 1
  length(figure$risk_titles) * (1 + rows * each)
}

panel_of <- function(figure) {
  if (is.null(figure$facet)) return(rep(1L, nrow(figure$risk)))
  figure$risk[[figure$facet]]
}

# Names of the rows; a single curve needs none
table_labels <- function(risk) {
  labels <- levels(risk$curve)
  if (length(labels) == 1L) "" else labels
}

# Margins that make room for table and labels, in points beyond the panel
margins_of <- function(figure, theme, below, left, right) {
  axis <- left_room(figure$ylab, theme)
  if (is.null(figure$facet)) {
    return(room_around(theme, "axis.title.x", below, left - axis, right - 6))
  }
  between <- max(left, 12) + max(right, 6)
  room_around(theme, "axis.text.x", below, left - axis, right - 6) + ggplot2::theme(
    panel.spacing.x = grid::unit(between, "pt"), panel.spacing.y = grid::unit(8, "pt")
  )
}

# Height of the time axis in this theme, with its title if there is one
axis_height <- function(xlab, theme) {
  drawn <- function(element, label) {
    grid::grobHeight(
      ggplot2::element_render(theme, element, label = label, margin_y = TRUE)
    )
  }
  axis <- ggplot2::calc_element("axis.ticks.length.x.bottom", theme) +
    drawn("axis.text.x.bottom", "0")
  if (is.null(xlab)) axis else axis + drawn("axis.title.x.bottom", xlab)
}

# Approximate room between the panel and the left edge of the figure, in points
left_room <- function(ylab, theme) {
  5 + label_lines(ylab) * 1.1 * text_size("axis.title.y.left", theme) +
    2.9 * text_size("axis.text.y.left", theme)
}

# Adds margin below an element of the axis and left and right of the figure, in points
room_around <- function(theme, element, below, left, right) {
  more <- function(element, t = 0, r = 0, b = 0, l = 0) {
    old <- ggplot2::calc_element(element, theme)
    if (!grid::is.unit(old)) old <- old$margin
    if (is.null(old)) old <- rep(0, 4L)
    new <- as.numeric(old) + c(t, r, b, l)
    ggplot2::margin(new[1], new[2], new[3], new[4])
  }
  margin <- ggplot2::element_text(margin = more(paste0(element, ".bottom"), b = below))
  do.call(ggplot2::theme, c(
    stats::setNames(list(margin), element),
    list(plot.margin = more("plot.margin", r = max(0, right), l = max(0, left)))
  ))
}

# A separate geom, because rows are placed at fixed distances below the panel, whatever
# its height, while columns are placed at times of the axis.
geom_risk_table <- function(rows, table) {
  geom <- ggplot2::ggproto("GeomRiskTable", ggplot2::Geom,
    required_aes = c("x", "row", "label", "block"),
    draw_panel = function(data, panel_params, coord, table) {
      data$x <- coord$transform(data, panel_params)$x
      risk_table_grob(data[data$x >= 0 & data$x <= 1, ], table)
    }
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = rows,
    mapping = aes_of(x = "time", row = "row", label = "label", block = "block"),
    inherit.aes = FALSE, show.legend = FALSE, params = list(table = table)
  )
}

# Lines of the table in one panel, which may have only some of the curves
risk_lines <- function(data, table) {
  rows <- sort(unique(data$row))
  each <- if (table$above) 2 else 1
  start <- (data$block - 1) * (1 + length(rows) * each)
  number <- start + 1 + match(data$row, rows) * each
  list(
    number = number, label = number - if (table$above) 1 else 0,
    title = (seq_along(table$titles) - 1) * (1 + length(rows) * each) + 1
  )
}

# Drawn below the panel, in a viewport without clipping
risk_table_grob <- function(data, table) {
  top <- grid::unit(0, "npc") - table$top()
  at <- risk_lines(data, table)
  text <- function(label, x, line, hjust, name, face = "plain") {
    grid::textGrob(label,
      x = x, y = top - grid::unit(line * table$line, "pt"),
      hjust = hjust, vjust = 0, name = name,
      gp = grid::gpar(
        fontsize = table$size, fontfamily = table$family, fontface = face,
        col = table$colour
      )
    )
  }
  first <- !duplicated(data[c("row", "block")])
  grid::gTree(
    children = grid::gList(
      text(table$titles, grid::unit(0, "npc"), at$title, 0, "risk_title", "bold"),
      text(
        table$labels[data$row[first]],
        grid::unit(0, "npc") - grid::unit(table$indent, "pt"), at$label[first],
        if (table$above) 0 else 1, "risk_labels"
      ),
      text(data$label, grid::unit(data$x, "npc"), at$number, 0.5, "risk_numbers")
    ),
    vp = grid::viewport(clip = "off"), name = "risk_table"
  )
}
