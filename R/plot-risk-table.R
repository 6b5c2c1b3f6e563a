# The number-at-risk table under a figure of curves, in the coordinates of its panel.

# This layer only holds the numbers; curve_layout() places them when the figure is built.
layer_risk_table <- function(figure, theme) {
  if (is.null(figure$risk_titles)) return(NULL)
  layer <- geom_risk_table(figure$risk, risk_table(figure, theme))
  ggplot2::ggproto(NULL, layer,
    compute_aesthetics = function(self, data, plot) {
      rows <- ggplot2::ggproto_parent(layer, self)$compute_aesthetics(data, plot)
      curves <- levels(figure$rows$curve)
      rows$name <- relabelled(rows$name, curves, plot$scales$get_scales("colour"))
      rows
    }
  )
}

# Replaces names of rows by the labels that the colour scale gives the curves
relabelled <- function(name, curves, scale) {
  if (is.null(scale) || !inherits(scale, "ScaleDiscrete")) return(name)
  scale <- scale$clone()
  scale$train(factor(curves, curves))
  labels <- scale$get_labels(curves)
  if (!is.character(labels) || length(labels) != length(curves)) return(name)
  at <- match(name, risk_names(factor(curves, curves)))
  changed <- !is.na(at) & !(labels == legend_text(curves))[at]
  name[changed] <- shorten(labels[at[changed]], 60L)
  name
}

# Texts and sizes of the table in a theme, in points; NULL without a table. Names too wide
# for the margin are placed above their numbers.
risk_table <- function(figure, theme) {
  if (is.null(figure$risk_titles)) return(NULL)
  text <- text_element("axis.text.x.bottom", theme)
  size <- 0.92 * text$size
  above <- labels_above(figure)
  list(
    titles = figure$risk_titles, size = size, line = 1.25 * size, above = above,
    indent = 0.5 * size + 0.5 * size * max(text_em(first_column(figure$risk))),
    family = text$family, colour = text$colour
  )
}

# The texts of the first column of the table: the numbers, and the time on the axis
first_column <- function(risk) {
  first <- min(risk$time)
  c(risk$label[risk$time == first], time_axis(first))
}

# Panels next to each other have no room for names between them
labels_above <- function(figure) {
  most <- if (is.null(figure$facet)) 9 else 0
  max(text_em(figure$risk$name)) > most
}

# A geom of its own, because rows are placed at fixed distances below the panel, whatever
# its height, while columns are placed at times of the axis.
geom_risk_table <- function(rows, table) {
  geom <- ggplot2::ggproto("GeomRiskTable", ggplot2::Geom,
    required_aes = c("x", "row", "label", "block", "line", "name"),
    draw_panel = function(data, panel_params, coord, table) {
      data$x <- coord$transform(data, panel_params)$x
      risk_table_grob(data[data$x >= 0 & data$x <= 1, ], table)
    }
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = rows,
    mapping = aes_of(
      x = "time", row = "row", label = "label", block = "block", line = "line",
      name = "name"
    ),
    inherit.aes = FALSE, show.legend = FALSE, params = list(table = table)
  )
}

# The lines of the table in one panel, which may show only some of the curves
risk_lines <- function(data, table) {
  each <- if (table$above) 2 else 1
  number <- rep(0, nrow(data))
  title <- rep(NA_real_, length(table$titles))
  used <- 0
  for (block in seq_along(title)) {
    mine <- data$block == block
    rows <- sort(unique(data$row[mine]))
    title[block] <- used + 1
    number[mine] <- used + 1 + match(data$row[mine], rows) * each
    used <- used + 1 + length(rows) * each
  }
  list(number = number, label = number - if (table$above) 1 else 0, title = title)
}

# Number of lines of the longest table
table_lines <- function(data, table) {
  max(vapply(split(data, data$PANEL, drop = TRUE), function(rows) {
    max(risk_lines(rows, table)$number)
  }, 0))
}

# The table begins at the distance `top` below the lower edge of the panel or, if `from`
# is 1, below the upper edge of the cell in which it is drawn. The layout sets both.
risk_table_grob <- function(data, table) {
  if (!nrow(data)) return(ggplot2::zeroGrob())
  grid::gTree(
    data = data, table = table, top = grid::unit(2, "lines"), from = 0,
    cl = "risk_table",
    vp = grid::viewport(clip = "off"), name = "risk_table"
  )
}

# Gives the drawn table the texts and sizes of another theme
set_table <- function(grob, table) {
  if (inherits(grob, "risk_table")) grob$table <- table
  grob
}

# Sets the distance to the table in the panels that end in row `b` of a drawn figure
set_top <- function(drawn, b, top) {
  for (i in which(grepl("^panel", drawn$layout$name) & drawn$layout$b == b)) {
    inside <- drawn$grobs[[i]]$children
    for (name in names(inside)) {
      if (inherits(inside[[name]], "risk_table")) inside[[name]]$top <- top
    }
    drawn$grobs[[i]]$children <- inside
  }
  drawn
}

# Drops columns of numbers for which the panel is too narrow
apart_rows <- function(data, table) {
  wide <- tapply(text_width(data$label, table), data$x, max)
  x <- sort(unique(data$x))
  keep <- labels_apart(x * panel_points()[1L], as.vector(wide), 0.6 * table$size)
  data$x %in% x[keep]
}

# Draws the table below the panel, in a viewport without clipping
#' @exportS3Method grid::makeContent
makeContent.risk_table <- function(x) {
  data <- x$data
  table <- x$table
  font <- grid::gpar(
    fontsize = table$size, fontfamily = table$family, col = table$colour
  )
  shown <- apart_rows(data, table)
  top <- grid::unit(x$from, "npc") - x$top
  at <- risk_lines(data, table)
  text <- function(label, x, line, hjust, name, face = "plain") {
    font$fontface <- face
    grid::textGrob(device_text(label),
      x = x, y = top - grid::unit(line * table$line, "pt"),
      hjust = hjust, vjust = 0, name = name, gp = do.call(grid::gpar, unclass(font))
    )
  }
  first <- !duplicated(data[c("row", "block")])
  indent <- grid::unit(0, "npc") - grid::unit(if (table$above) 0 else table$indent, "pt")
  grid::setChildren(x, grid::gList(
    text(table$titles, grid::unit(0, "npc"), at$title, 0, "risk_title", "bold"),
    text(
      data$name[first], indent, at$label[first], if (table$above) 0 else 1, "risk_labels"
    ),
    text(
      data$label[shown], grid::unit(data$x[shown], "npc"), at$number[shown], 0.5,
      "risk_numbers"
    )
  ))
}
