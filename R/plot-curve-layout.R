# The layout of a figure of curves. Numbers at risk are placed at the breaks of the axis,
# and need room that depends on the theme. Axis and theme are known only when ggplot2
# builds the figure, so a layout class of this package determines both.

curve_layout <- function(figure) {
  ggplot2::ggproto("LayoutCurves", ggplot2::Layout,
    figure = figure,
    train_position = function(self, data, x_scale, y_scale) {
      ggplot2::ggproto_parent(ggplot2::Layout, self)$train_position(
        data, x_scale, y_scale
      )
      zoom_scales(self)
    },
    setup_panel_params = function(self) {
      self$coord <- without_limits(self$coord, self)
      ggplot2::ggproto_parent(ggplot2::Layout, self)$setup_panel_params()
    },
    finish_data = function(self, data) {
      data <- ggplot2::ggproto_parent(ggplot2::Layout, self)$finish_data(data)
      lapply(data, rows_at_breaks, layout = self, count = self$figure$count)
    },
    render = function(self, panels, data, theme, labels) {
      table <- risk_table(self$figure, theme)
      at <- which(vapply(data, function(x) !is.null(x$block), NA))
      panels[at] <- lapply(panels[at], lapply, set_table, table = table)
      drawn <- ggplot2::ggproto_parent(ggplot2::Layout, self)$render(
        panels, data, theme, labels
      )
      drawn <- make_room(drawn, room_of(self$figure, table, data[at], theme), theme)
      place_note(drawn, self$figure, theme)
    }
  )
}

# Limits of an axis, such as those of ggplot2::xlim(), show a part of the curves: rows
# beyond them are kept, so that a step reaches the edge of the panel
zoom_scales <- function(layout) {
  for (scale in c(layout$panel_scales_x, layout$panel_scales_y)) {
    if (inherits(scale, "ScaleContinuous")) scale$oob <- function(x, ...) x
  }
}

# The limits of these coordinates are dropped if limits were given to the axis, or if the
# axis cannot show them, such as 0 on a logarithmic axis
without_limits <- function(coord, layout) {
  if (!isTRUE(coord$default)) return(coord)
  limits <- coord$limits
  scales <- list(x = layout$panel_scales_x[[1L]], y = layout$panel_scales_y[[1L]])
  for (axis in names(scales)) {
    scale <- scales[[axis]]
    if (!inherits(scale, "ScaleContinuous") || is.null(limits[[axis]])) next
    ends <- suppressWarnings(scale$get_transformation()$transform(limits[[axis]]))
    if (!is.null(scale$limits) || !all(is.finite(ends))) limits[axis] <- list(NULL)
  }
  ggplot2::ggproto(NULL, coord, limits = limits)
}

# The breaks of the time axis in a panel: their positions, and the times
panel_breaks <- function(layout, panel) {
  view <- layout$panel_params[[panel]]$x
  scale <- layout$panel_scales_x[[layout$layout$SCALE_X[panel]]]
  if (is.null(view) || !is.function(view$get_breaks) || view$is_discrete()) return(NULL)
  at <- view$get_breaks()
  if (!is.numeric(at)) return(NULL)
  at <- as.numeric(at[!is.na(at)])
  data.frame(x = at, time = scale$get_transformation()$inverse(at))
}

# Rows of the number-at-risk table at the breaks of the axis; `count` counts them at given
# times. Other data are returned as they are.
rows_at_breaks <- function(data, layout, count) {
  if (is.null(data$block)) return(data)
  if (inherits(layout$coord, "CoordFlip")) return(data[0L, ])
  key <- function(x) paste(as.character(x$line), x$block)
  parts <- lapply(split(data, data$PANEL, drop = TRUE), function(known) {
    at <- panel_breaks(layout, as.integer(known$PANEL[1L]))
    at <- at[at$time >= 0, ]
    if (!NROW(at)) return(known[0L, ])
    rows <- count(sort(at$time))
    rows <- rows[key(rows) %in% key(known), ]
    out <- known[match(key(rows), key(known)), ]
    out$x <- at$x[match(rows$time, at$time)]
    out$label <- rows$label
    out
  })
  do.call(rbind, c(parts, make.row.names = FALSE))
}

# Room around the panels, in points
room_of <- function(figure, table, rows, theme) {
  right <- direct_room(figure, theme)
  if (is.null(table) || !length(rows) || !NROW(rows[[1L]])) {
    return(c(below = 0, left = 0, right = right))
  }
  rows <- rows[[1L]]
  last <- text_width(rows$label[rows$x == max(rows$x)], table)
  left <- if (table$above) 0 else max(text_width(rows$name, table))
  c(
    below = table$line * (table_lines(rows, table) + 0.6), left = table$indent + left,
    right = max(max(last) / 2, right)
  )
}

# Enlarges the rows and columns of a drawn figure next to its panels. Their number does
# not change, because packages that align figures rely on it.
make_room <- function(drawn, room, theme) {
  panel <- drawn$layout[grepl("^panel", drawn$layout$name), ]
  margin <- outer_margin(theme)
  wide <- function(at) sum(grid::convertWidth(drawn$widths[at], "pt", valueOnly = TRUE))
  title <- function(name) drawn$layout[match(name, drawn$layout$name), ]
  if (nrow(panel) == 1L) {
    drawn <- table_below_title(drawn, room[["below"]])
  } else {
    for (b in unique(panel$b)) {
      drawn <- set_top(drawn, b, drawn$heights[b + 1L])
      drawn <- enlarge(drawn, b + 1L, room[["below"]], "b")
    }
  }
  first <- min(panel$l)
  have <- wide(seq_len(first - 1L)) + margin[4L] - 2
  drawn <- enlarge(drawn, title("ylab-l")$l, room[["left"]] - have, "l")
  for (l in setdiff(panel$l, first)) {
    have <- wide(seq(max(panel$r[panel$r < l]) + 1L, l - 1L))
    between <- max(room[["left"]], 12) + max(room[["right"]], 6)
    drawn <- enlarge(drawn, l - 1L, between - have, "l")
  }
  have <- wide(seq(max(panel$r) + 1L, ncol(drawn))) + margin[2L]
  enlarge(drawn, title("ylab-r")$l, room[["right"]] - have, "r")
}

# Moves the table of a single panel below the axis title. It is drawn in the cell of the
# title, so that it stays there if the figure is aligned with others.
table_below_title <- function(drawn, room) {
  title <- match("xlab-b", drawn$layout$name)
  panel <- grep("^panel", drawn$layout$name)[1L]
  inside <- drawn$grobs[[panel]]$children
  table <- Filter(function(grob) inherits(grob, "risk_table"), inside)
  if (!length(table) || is.na(title)) return(drawn)
  row <- drawn$layout$b[title]
  table <- table[[1L]]
  table$top <- drawn$heights[row]
  table$from <- 1
  drawn$grobs[[panel]]$children <- inside[names(inside) != table$name]
  drawn <- enlarge(drawn, row, room, "b")
  drawn$grobs[[title]] <- grid::gTree(
    children = grid::gList(drawn$grobs[[title]], table), name = "axis_title_and_table"
  )
  drawn
}

# Margin of the figure in points; 0 where a theme does not set it
outer_margin <- function(theme) {
  margin <- theme$plot.margin
  if (!grid::is.unit(margin)) return(rep(0, 4L))
  margin <- as.numeric(grid::convertUnit(margin, "pt"))
  ifelse(is.na(margin), 0, margin)
}

# Adds `more` points to the far side of a row below a panel ("b"), or of a column left or
# right of it ("l", "r"). The contents of the row or column stay next to the panel.
enlarge <- function(drawn, at, more, side) {
  if (is.na(at) || more <= 0) return(drawn)
  part <- if (side == "b") "heights" else "widths"
  old <- drawn[[part]][at]
  view <- switch(side,
    b = grid::viewport(y = 1, height = old, just = "top"),
    l = grid::viewport(x = 1, width = old, just = "right"),
    r = grid::viewport(x = 0, width = old, just = "left")
  )
  ends <- if (side == "b") c("t", "b") else c("l", "r")
  there <- drawn$layout[[ends[1L]]] == at & drawn$layout[[ends[2L]]] == at
  drawn$grobs[there] <- lapply(drawn$grobs[there], function(grob) {
    grid::gTree(children = grid::gList(grob), vp = view, name = grob$name)
  })
  drawn[[part]][at] <- old + grid::unit(more, "pt")
  drawn
}
