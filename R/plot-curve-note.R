# Texts of the test and the hazard ratio in a figure of curves. They never cover a curve
# or its interval. Whether they fit into the panel depends on its size, so their place is
# determined when the figure is drawn. Texts that do not fit are written below the figure.

# If each panel shows one cause, it gets the text of that cause; otherwise all texts are
# in the first panel
note_data <- function(figure) {
  cause <- names(figure$text)
  if (several_causes(figure) && identical(figure$facet, "outcome")) {
    each <- split(unname(figure$text), factor(cause, unique(cause)))
    data <- data.frame(text = vapply(each, paste, "", collapse = "\n"))
    data$outcome <- factor(names(each), levels(figure$rows$outcome))
    return(data)
  }
  data <- data.frame(text = paste(note_lines(figure), collapse = "\n"))
  if (!is.null(figure$facet)) {
    levels <- levels(figure$rows[[figure$facet]])
    data[[figure$facet]] <- factor(levels[1L], levels)
  }
  data
}

several_causes <- function(figure) length(unique(names(figure$text))) > 1L

# The texts of all panels as lines; with several causes each text begins with its cause
note_lines <- function(figure) {
  text <- unname(figure$text)
  if (several_causes(figure)) paste0(names(figure$text), ": ", text) else text
}

layer_note <- function(figure, theme) {
  if (is.null(figure$text)) return(NULL)
  geom <- ggplot2::ggproto("GeomCurveNote", ggplot2::Geom,
    required_aes = "label",
    draw_panel = function(data, panel_params, coord, taken, style, rising) {
      panel <- as.integer(data$PANEL[1L])
      taken <- taken[taken$panel == panel, ]
      grid::gTree(
        lines = strsplit(data$label[1L], "\n")[[1L]], style = style, rising = rising,
        taken = in_panel(taken, panel_params, coord), hidden = FALSE,
        cl = "curve_note", name = "curve_note"
      )
    }
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = note_data(figure),
    mapping = aes_of(label = "text"), inherit.aes = FALSE, show.legend = FALSE,
    params = list(
      taken = taken_places(figure), style = note_style(theme), rising = figure$rising
    )
  )
}

note_style <- function(theme) {
  element <- text_element("axis.text.x.bottom", theme)
  list(size = element$size, family = element$family, colour = element$colour)
}

# Rectangles, in units of the axes, that are covered by curves, intervals and guide lines,
# with the number of their panel
taken_places <- function(figure) {
  if (figure$stacked) {
    return(data.frame(x0 = -Inf, x1 = Inf, y0 = -Inf, y1 = Inf, panel = 1L))
  }
  shown <- c("estimate", if (figure$conf.int) c(
    "conf.low", "conf.high", "band.low", "band.high"
  ))
  values <- figure$rows[intersect(shown, names(figure$rows))]
  rbind(curve_places(figure, values), guide_places(figure))
}

# Rectangles covered by curves, from the smallest to the largest of the columns `values`
curve_places <- function(figure, values) {
  rows <- figure$rows
  rows$low <- do.call(pmin, c(values, na.rm = TRUE))
  rows$high <- do.call(pmax, c(values, na.rm = TRUE))
  naive <- figure$naive
  if (!is.null(naive)) naive$low <- naive$high <- naive$estimate
  parts <- c(
    split(rows, rows$line, drop = TRUE),
    if (!is.null(naive)) split(naive, naive$line, drop = TRUE)
  )
  places <- lapply(parts, function(x) {
    x <- x[!is.na(x$estimate), ]
    k <- nrow(x)
    after <- c(seq_len(k)[-1L], k[k > 0L])
    panel <- panel_number(x, figure)
    data.frame(
      x0 = c(x$time, x$time[after]), x1 = rep(x$time[after], 2L),
      y0 = c(x$low, pmin(x$low, x$low[after])),
      y1 = c(x$high, pmax(x$high, x$high[after])), panel = rep(panel, 2L)
    )
  })
  do.call(rbind, c(places, make.row.names = FALSE))
}

# Rectangles of the guide lines of quantiles and of requested times
guide_places <- function(figure) {
  guides <- figure$quantiles
  rbind(
    if (NROW(guides)) data.frame(
      x0 = c(guides$estimate, 0 * guides$estimate), x1 = guides$estimate,
      y0 = c(0 * guides$level, guides$level), y1 = guides$level,
      panel = panel_number(guides, figure)
    ),
    if (NROW(figure$at)) data.frame(
      x0 = figure$at$time, x1 = figure$at$time, y0 = -Inf, y1 = Inf,
      panel = panel_number(figure$at, figure)
    )
  )
}

# Converts rectangles from units of the axes to fractions of the panel
in_panel <- function(taken, panel_params, coord) {
  part <- function(value, axis) {
    view <- panel_params[[axis]]
    scaled <- suppressWarnings(view$scale$get_transformation()$transform(value))
    scaled[is.nan(scaled)] <- -Inf
    inside <- is.finite(scaled)
    out <- ifelse(scaled > 0, 1, 0)
    out[inside] <- view$rescale(scaled[inside])
    out
  }
  data.frame(
    x0 = part(taken$x0, "x"), x1 = part(taken$x1, "x"), y0 = part(taken$y0, "y"),
    y1 = part(taken$y1, "y")
  )
}

# Rectangles of in_panel() in a panel of `size`, in points, as a matrix with the columns
# left, right, bottom and top; each is larger by `gap` on every side
places_in_points <- function(taken, size, gap) {
  cbind(
    taken$x0 * size[1L] - gap, taken$x1 * size[1L] + gap, taken$y0 * size[2L] - gap,
    taken$y1 * size[2L] + gap
  )
}

# Number of such rectangles that a box (left, right, bottom, top) touches
touching <- function(places, box) {
  sum(
    places[, 2L] > box[1L] & places[, 1L] < box[2L] & places[, 4L] > box[3L] &
      places[, 3L] < box[4L]
  )
}

# The corners of a panel, beginning with those that curves rarely reach
note_corners <- function(rising) {
  if (rising) c("tl", "br", "bl", "tr") else c("bl", "tr", "br", "tl")
}

# Possible places for a box of `w` x `h` in a panel of `width` x `height`, in points: the
# corners, then places along the edges, beginning near the better corners
note_places <- function(w, h, width, height, rising) {
  x <- c(0.035 * width, 0.965 * width - w)
  y <- c(0.04 * height, 0.97 * height - h)
  corner <- note_corners(rising)
  at <- data.frame(
    x = x[1L + (substr(corner, 2L, 2L) == "r")],
    y = y[1L + (substr(corner, 1L, 1L) == "t")]
  )
  along <- function(ends) seq(ends[1L], ends[2L], length.out = 13L)
  edges <- rbind(
    expand.grid(x = x, y = along(y)), expand.grid(x = along(x), y = y)
  )
  far <- abs(edges$x - at$x[1L]) / width + abs(edges$y - at$y[1L]) / height
  rbind(at, edges[order(far), ])
}

# The first place at which a text touches nothing, in points; NULL if there is none. The
# text is tried in long lines and in short lines.
note_place <- function(note, width, height,
                       measure = text_measure(note$style$family)(note$style$size)) {
  taken <- places_in_points(note$taken, c(width, height), 3)
  for (columns in c(46L, 34L, 28L)) {
    lines <- wrap_lines(note$lines, columns)
    w <- max(measure(lines))
    h <- length(lines) * 1.05 * note$style$size
    if (w > 0.93 * width || h > 0.93 * height) next
    at <- note_places(w, h, width, height, note$rising)
    for (i in seq_len(nrow(at))) {
      x <- at$x[i]
      y <- at$y[i]
      if (touching(taken, c(x, x + w, y, y + h)) > 0L) next
      return(list(lines = lines, x = x, y = y, w = w, right = x > 0.5 * (width - w)))
    }
  }
  NULL
}

note_grob <- function(lines, style, ...) {
  grid::textGrob(device_text(paste(lines, collapse = "\n")),
    gp = grid::gpar(
      fontsize = style$size, fontfamily = style$family, col = style$colour,
      lineheight = 1.05
    ), name = "note_text", ...
  )
}

#' @exportS3Method grid::makeContent
makeContent.curve_note <- function(x) {
  if (x$hidden) return(grid::setChildren(x, grid::gList()))
  size <- panel_points()
  place <- note_place(x, size[1L], size[2L])
  if (is.null(place)) {
    # the figure is drawn in a frame without room below it
    place <- list(
      lines = x$lines, x = 0.035 * size[1L], y = 0.04 * size[2L], w = 0, right = FALSE
    )
  }
  at <- place$x + if (place$right) place$w else 0
  grid::setChildren(x, grid::gList(note_grob(place$lines, x$style,
    x = grid::unit(at, "pt"), y = grid::unit(place$y, "pt"),
    hjust = as.numeric(place$right), vjust = 0
  )))
}

# Applies `change` to the drawn texts of each panel
each_note <- function(drawn, change) {
  for (i in which(grepl("^panel", drawn$layout$name))) {
    inside <- drawn$grobs[[i]]$children
    for (name in names(inside)) {
      if (inherits(inside[[name]], "curve_note")) inside[[name]] <- change(inside[[name]])
    }
    drawn$grobs[[i]]$children <- inside
  }
  drawn
}

# Moves the texts out of the panels, below the axis title and the table
move_note_below <- function(drawn, lines, style) {
  drawn <- each_note(drawn, function(note) {
    note$hidden <- TRUE
    note
  })
  at <- match("xlab-b", drawn$layout$name)
  if (is.na(at)) return(drawn)
  row <- drawn$layout$b[at]
  drawn <- enlarge(drawn, row, note_height(lines, style), "b")
  drawn$grobs[[at]] <- grid::gTree(children = grid::gList(
    drawn$grobs[[at]],
    note_grob(lines, style,
      x = grid::unit(0, "npc"), y = grid::unit(0.15 * style$size, "pt"), hjust = 0,
      vjust = 0
    )
  ), name = drawn$grobs[[at]]$name)
  drawn
}

# In a figure with several panels the texts are below it. In a single panel, or in panels
# of causes, makeContext.curve_table() decides once the size of the panel is known.
place_note <- function(drawn, figure, theme) {
  if (is.null(figure$text)) return(drawn)
  style <- note_style(theme)
  panels <- sum(grepl("^panel", drawn$layout$name))
  own <- nrow(note_data(figure))
  drawn <- each_note(drawn, function(note) {
    note$style <- style
    note
  })
  drawn$note <- list(lines = note_lines(figure), style = style)
  if (panels > own) {
    return(move_note_below(drawn, wrap_lines(drawn$note$lines, 50L), style))
  }
  class(drawn) <- c("curve_table", class(drawn))
  drawn
}

# Wraps lines to at most `width` columns; a number stays in one line with its interval
wrap_lines <- function(lines, width) {
  whole <- gregexpr("HR [^(,]+[(][^)]*[)]|[(][^)]*[)]|[pP] [=<>] [^ ]+", lines)
  regmatches(lines, whole) <- lapply(regmatches(lines, whole), function(part) {
    if (length(part)) gsub(" ", "\u00a0", part) else part
  })
  wrapped <- unlist(strsplit(wrap_text(lines, width), "\n"))
  gsub("\u00a0", " ", wrapped)
}

# TRUE if the texts of each panel find a place in panels of `size`, in points
notes_fit <- function(drawn, size) {
  fits <- TRUE
  each_note(drawn, function(note) {
    fits <<- fits && !is.null(note_place(note, size[1L], size[2L]))
    note
  })
  fits
}

# The texts, wrapped to lines that fit below the panels
lines_under <- function(drawn) {
  room <- panel_points()[1L] - panel_left(drawn)
  columns <- max(20, floor(room / (0.5 * drawn$note$style$size)))
  wrap_lines(drawn$note$lines, columns)
}

note_height <- function(lines, style) (1.05 * length(lines) + 0.7) * style$size

#' @exportS3Method grid::makeContext
makeContext.curve_table <- function(x) {
  class(x) <- setdiff(class(x), "curve_table")
  if (!notes_fit(x, panel_size(x))) {
    x <- move_note_below(x, lines_under(x), x$note$style)
  }
  grid::makeContext(x)
}

fixed_points <- function(units, convert) {
  fixed <- grid::unitType(units) != "null"
  c(if (any(fixed)) convert(units[fixed], "pt", valueOnly = TRUE), 0)
}

# Distance from the left edge of the figure to its first panel
panel_left <- function(drawn) {
  first <- min(drawn$layout$l[grepl("^panel", drawn$layout$name)])
  sum(fixed_points(drawn$widths[seq_len(first - 1L)], grid::convertWidth))
}

# Width and height of a panel in points: what the fixed rows and columns leave
panel_size <- function(drawn) {
  whole <- panel_points()
  null_sum <- function(units) {
    free <- grid::unitType(units) == "null"
    sum(as.numeric(units[free]))
  }
  parts <- c(null_sum(drawn$widths), null_sum(drawn$heights))
  left <- whole - c(
    sum(fixed_points(drawn$widths, grid::convertWidth)),
    sum(fixed_points(drawn$heights, grid::convertHeight))
  )
  panel <- drawn$layout[match(TRUE, grepl("^panel", drawn$layout$name)), ]
  share <- c(null_sum(drawn$widths[panel$l]), null_sum(drawn$heights[panel$t]))
  each <- pmax(left, 0) / parts
  if (isTRUE(drawn$respect)) each <- rep(min(each), 2L)
  each * share
}
