# Breaks of the time axis of a figure of curves. They are chosen when the figure is drawn,
# because a wide figure has room for more of them than a journal column.

# Width of a journal's column in mm, assumed where no device is open
column_mm <- 85

drawn_mm <- function() {
  if (grDevices::dev.cur() == 1L) return(column_mm)
  10 * grDevices::dev.size("cm")[1L]
}

# Possible steps between breaks of the time axis, by unit
time_steps <- list(
  days = c(1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650),
  weeks = c(1, 2, 4, 8, 13, 26, 52, 104, 260, 520),
  months = c(1, 2, 3, 6, 12, 24, 36, 60, 120, 240),
  years = c(1, 2, 5, 10, 20, 50)
)

# Breaks from 0 with the smallest step that gives at most `most` intervals; the last break
# may lie slightly after the last time
time_breaks <- function(last, unit, most = 7L) {
  if (last <= 0) return(0)
  steps <- if (!is.null(unit)) time_steps[[sub("s?$", "s", lower_case(unit))]]
  steps <- steps[floor(1.05 * last / steps) <= most]
  if (!length(steps) || last < steps[1L]) {
    steps <- diff(pretty(c(0, last), if (most > 7) 8L else min(most, 5L)))
  }
  seq(0, max(1.05 * last, steps[1L] / 1e6), steps[1L])
}

# Returns a function that gives the breaks. Its arguments are the width of the figure in
# mm and, if only a part of the curves is shown, the last time shown. `widest`: the
# value of the function widest_number()
width_breaks <- function(last, unit, curves, widest, options) {
  labels <- c(curves$rows$curve, if (options$stacked) "event-free")
  label_em <- if (identical(options$labels, "direct")) curve_label_em(labels) else 0
  panels <- curves$panels
  function(width_mm, end = last) {
    most <- most_intervals(widest, panels, label_em, width_mm)
    time_breaks(min(end, last), unit, most)
  }
}

# Breaks of the time axis of a ggplot: the given breaks, or a function of the width of the
# figure and the part of the axis that is shown
axis_breaks <- function(figure) {
  if (is.null(figure$breaks_for)) return(figure$breaks)
  function(limits) figure$breaks_for(drawn_mm(), max(limits))
}

# Width of the names of curves next to a panel, in ems
curve_label_em <- function(names) {
  lines <- unlist(strsplit(wrap_text(shorten(unique(names), 48L), 16L), "\n"))
  1.5 + max(text_em(lines))
}

# Width of the longest number of the table, in ems
widest_number <- function(fits, risk_table, options) {
  widest <- 0
  if (identical(risk_table, "none")) return(0)
  in_brackets <- length(risk_table) == 1L && risk_table != "risk"
  for (fit in fits) {
    most <- max(curve_sizes(fit$table))
    text <- format_number(most, options$style)
    if (in_brackets) {
      if (risk_table == "events") most <- max(0, read_along(fit, fit_facts(fit))$n.event)
      text <- sprintf("%s (%s)", text, format_number(most, options$style))
    }
    widest <- max(widest, text_em(text))
  }
  widest
}

# Number of intervals that leaves room for the numbers at each break. The names of rows
# and the axis take 63 points; an em is 6.6 points, so a panel in a journal column is 27
# ems wide. There are at most seven intervals in a column, and at most twice as many on a
# page.
most_intervals <- function(widest, panels = 1L, label_em = 0, width_mm = column_mm) {
  room <- (width_mm * 72 / 25.4 - 63) / 6.6
  wide <- room / panel_columns(panels) - label_em
  most <- min(14, round(7 * width_mm / column_mm))
  # a page has enough room for wider gaps
  gap <- if (width_mm > 1.2 * column_mm) 1 else 0.5
  max(1, min(most, floor(wide / (widest + gap))))
}

# Number of columns in which panels are arranged
panel_columns <- function(n) if (n == 3L) 3L else min(n, 2L)
