# Determines the layout of a forest plot in points: which columns fit, their positions,
# the line breaks of labels, and the heights of rows.

# The contents of a forest plot as text: a line for each subheading and each estimate; the
# sets of columns, of which one will be drawn; and the columns on the right
forest_spec <- function(rows, parts) {
  grouped <- any(nzchar(rows$group))
  new <- nzchar(rows$group) & rows$group != c("", rows$group[-nrow(rows)])
  at <- seq_len(nrow(rows)) + cumsum(new)
  n <- nrow(rows) + sum(new)
  row <- replace(rep(NA_integer_, n), at, seq_len(nrow(rows)))
  label <- replace(character(n), at, rows$label)
  label[at[new] - 1L] <- rows$group[new]
  right <- list(list(heading = parts$heading, text = rows$text))
  if (any(nzchar(rows$p))) right <- c(right, list(list(heading = "P", text = rows$p)))
  list(
    row = row, label = label, indent = ifelse(grouped & !is.na(row), 1, 0),
    sets = parts$sets, right = right, favours = parts$favours, xlab = parts$xlab
  )
}

# Positions of the columns for a width, in points from the left. `measure` makes a measure
# from a font size; the font is reduced if even the narrowest set does not fit.
forest_layout <- function(spec, width, size, measure) {
  for (scale in c(1, 0.92, 0.84, 0.76, 0.68, 0.6, 0.5, 0.4, 0.3)) {
    scaled <- measure(size * scale)
    found <- forest_columns_at(spec, width, size * scale, scaled)
    if (found$fits) break
  }
  # a subheading is bold and has no numbers next to it, so it may extend to the axis
  of_row <- !is.na(spec$row)
  found$label <- wrap_to(spec$label, found$plot[1L] / 1.1, scaled)
  found$label[of_row] <- wrap_to(
    spec$label[of_row], found$room - size * scale * max(spec$indent), scaled
  )
  headings <- vapply(found$columns, `[[`, "", "heading")
  found$lines <- list(
    head = max(label_lines(headings)), row = label_lines(found$label)
  )
  found$size <- size * scale
  found$measure <- scaled
  found
}

forest_columns_at <- function(spec, width, size, measure) {
  gap <- 1.3 * size
  plot <- max(8 * size, 0.25 * width)
  need <- max((measure(spec$label) + size * spec$indent)[!is.na(spec$row)])
  least <- min(need, 10 * size)
  for (set in spec$sets) {
    columns <- lapply(c(set, spec$right), function(column) {
      words <- unlist(strsplit(column$heading, " ", fixed = TRUE))
      # headings are bold, and therefore wider than measured
      text <- max(measure(column$text), 1.1 * measure(c(words, "P")))
      column$heading <- wrap_to(column$heading, text / 1.1 + 0.01, measure)
      column$width <- text
      column
    })
    widths <- vapply(columns, `[[`, 0, "width")
    free <- width - sum(widths) - gap * (length(columns) + 1)
    if (free - plot >= least) break
  }
  room <- min(need, max(free - plot, 5 * size))
  left <- length(set)
  start <- room + gap + cumsum(c(0, widths + gap))
  on_left <- seq_along(columns) <= left
  plot_from <- start[left + 1L]
  plot_to <- plot_from + free - room
  x <- start[seq_along(columns)] + ifelse(on_left, widths, free - room + gap)
  columns <- Map(function(column, x, on_left) {
    c(column, list(x = x, hjust = if (on_left) 1 else 0))
  }, columns, x, on_left)
  end <- max(vapply(columns, function(c) c$x + (1 - c$hjust) * c$width, 0))
  list(
    columns = columns, room = room, plot = c(plot_from, plot_to), end = end,
    fits = free - room >= min(plot, 6 * size) - 1e-6
  )
}

# Heights of the parts of the figure, in lines of text: heading, rows, axis and its title,
# and the texts on which side is favoured
forest_heights <- function(spec, found) {
  favours <- if (is.null(spec$favours)) {
    0
  } else {
    max(label_lines(favours_text(spec, found, mean(found$plot)))) * 1.2 + 1
  }
  list(
    head = 1.2 * found$lines$head + 0.4, row = 1.2 * found$lines$row + 0.4,
    axis = 1.9 + 1.2 * label_lines(axis_title_text(spec$xlab, found)), favours = favours
  )
}

axis_title_text <- function(title, found) {
  wrap_to(title, max(diff(found$plot), 14 * found$size), found$measure)
}

# The two texts below the axis, wrapped to the room on each side of the line of no effect.
# They may extend below the columns, which end above them.
favours_text <- function(spec, found, null) {
  size <- found$size
  room <- pmax(c(null, found$end - null) - size, 4 * size)
  room <- pmin(room, pmax(diff(found$plot) / 2, 14 * size))
  c(
    wrap_to(spec$favours[1L], room[1L], found$measure),
    wrap_to(spec$favours[2L], room[2L], found$measure)
  )
}

# Height in mm for a width in mm, computed without a device
forest_height <- function(spec, theme, title, caption) {
  size <- text_size("axis.text.y.left", theme)
  function(width_mm, plot) {
    width <- (width_mm * 72 / 25.4) - 12
    found <- forest_layout(spec, max(width, 20), size, text_guess)
    h <- forest_heights(spec, found)
    lines <- h$head + sum(h$row) + h$axis + h$favours
    extra <- size * (1.2 + (if (is.null(title)) 0 else 2) + (if (caption) 1.5 else 0))
    (lines * found$size + extra) * 25.4 / 72 + 3
  }
}
