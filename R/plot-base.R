#' Curves in base graphics
#'
#' The figure of [curve_plot()] without ggplot2: step curves,
#' confidence bands, censoring marks and the numbers at risk below the axis.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @inheritParams curve_plot
#' @param risk_table Numbers below the axis: one of the values of `risk_table` in
#'   [curve_plot()].
#' @param ... Single options of [curve_options()] by name, such as `xlab`, `breaks`,
#'   `median`, `min_risk`, `colours`, `interval` or `style`; they replace those of
#'   `options`. `stacked` and `naive` need [curve_plot()].
#' @return The rows drawn, as in [curve_plot()], invisibly. Margins are restored.
#' @section Errors: those of [curve_plot()].
#' @examples
#' # S is 3/4 from 1, 3/8 from 3
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
#' plot(fit, unit = "months")
#' @export
plot.oligosurv_fit <- function(x, p.value = NULL, hazard_ratio = NULL, outcome = NULL,
                               times = NULL, risk_table = "events", conf.int = TRUE,
                               unit = NULL, title = NULL, options = NULL, ...) {
  check_dots(names(formals(curve_options)), ...)
  options <- base_options(merge_options(options, ...))
  figure <- curve_figure(check_fits(x), c(unclass(options), list(
    p.value = p.value, hazard_ratio = hazard_ratio, outcome = outcome,
    times = check_times(times), unit = unit,
    risk_table = check_choice(risk_table, c(risk_kinds, "none"), "risk_table"),
    conf.int = check_flag(conf.int, "conf.int")
  )))
  figure$dark <- FALSE
  figure$conf.int <- conf.int
  if (!is.null(title)) check_string(title, "title")
  curves <- levels(figure$rows$curve)
  labels <- shorten(curves, 30L)
  style <- figure_styles(figure, curves)
  style$line <- base_linetypes(style$linetype)
  old <- graphics::par(
    mar = base_margins(figure, title), las = 1, mgp = c(2, 0.6, 0), tcl = -0.3
  )
  on.exit(graphics::par(old))
  graphics::plot.new()
  graphics::plot.window(figure$xlim, figure$ylim)
  draw_base_curves(figure, style, conf.int)
  draw_axes(figure, title)
  draw_legend(figure, labels, style)
  draw_risk_table(figure)
  if (!is.null(figure$caption)) {
    # mtext() places the last line of a text at the given line of the margin
    last <- base_table_line(figure) + 0.2 + 0.9 * (caption_lines(figure) - 1)
    graphics::mtext(device_text(figure$caption), 1, last,
      adj = 0, cex = table_cex * graphics::par("cex")
    )
  }
  invisible(figure$rows)
}

# Margins in lines. The lower margin has room for the number-at-risk table, the left
# margin for the names of its rows.
base_margins <- function(figure, title) {
  left <- table_cex * max(0, text_em(shorten(figure$risk$name, 30L))) + 2
  below <- base_table_line(figure) + 0.3 +
    if (is.null(figure$caption)) 0 else 0.3 + 0.9 * caption_lines(figure)
  c(below, max(5, left), if (is.null(title)) 1 else 2.5, 1.2)
}

caption_lines <- function(figure) lengths(strsplit(figure$caption, "\n"))

# The line of the lower margin just below the number-at-risk table
base_table_line <- function(figure) {
  3.4 + if (is.null(figure$risk_titles)) 0 else 0.9 + 0.9 * max(figure$risk$row)
}

draw_band <- function(rows, colour, kind, alpha) {
  rows <- rows[!is.na(rows[[paste0(kind, ".low")]]), ]
  if (!nrow(rows)) return(invisible())
  rows <- step_rows(rows)
  limits <- c(rows[[paste0(kind, ".low")]], rev(rows[[paste0(kind, ".high")]]))
  graphics::polygon(c(rows$time, rev(rows$time)), limits,
    col = grDevices::adjustcolor(colour, alpha), border = NA
  )
}

# Checks the options and keeps those that base graphics can draw
base_options <- function(options) {
  for (name in c("stacked", "naive")) {
    if (options[[name]]) {
      stop_oligosurv("input", sprintf(
        "plot() does not draw `%s = TRUE`; use curve_plot(), which needs ggplot2", name
      ), arg = name)
    }
  }
  options
}

# Line types as names or as numbers; base graphics do not accept a mixture
base_linetypes <- function(linetype) {
  if (is.numeric(linetype)) line_words[linetype + 1] else linetype
}

# Intervals behind everything, then guide lines, curves and marks
draw_base_curves <- function(figure, style, conf.int) {
  rows <- split(figure$rows, figure$rows$line)
  solid <- lapply(rows, function(x) x[!x$thin, ])
  if (conf.int) {
    Map(draw_band, solid, style$colour, "band", 0.12)
    if (figure$interval == "shade") {
      Map(draw_band, solid, style$colour, "conf", 0.2)
    } else {
      Map(draw_limits, solid, style$colour)
    }
  }
  draw_guides(figure, style$colour)
  pen <- figure$linewidth * 3
  Map(function(rows, colour, linetype) {
    draw_curve(rows[!rows$thin, ], colour, linetype, figure, pen)
    if (any(rows$thin)) {
      pale <- grDevices::adjustcolor(colour, 0.35)
      draw_curve(thin_part(rows), pale, linetype, figure, pen)
    }
  }, rows, style$colour, style$line)
}

draw_limits <- function(rows, colour) {
  for (limit in c("conf.low", "conf.high")) {
    graphics::lines(rows$time, rows[[limit]], type = "s", col = colour, lwd = 0.7)
  }
}

# Draws lines where curves reach quantiles, and estimates at given times
draw_guides <- function(figure, colour) {
  down <- figure$quantiles
  if (NROW(down)) {
    graphics::segments(0, down$level, down$estimate, down$level,
      lty = "22", col = "grey40"
    )
    graphics::segments(down$estimate, figure$ylim[1L], down$estimate, down$level,
      lty = "22", col = colour[as.integer(down$curve)]
    )
  }
  at <- figure$at
  if (!NROW(at)) return(invisible())
  graphics::abline(v = unique(at$time), lty = "13", col = "grey40")
  graphics::points(at$time, at$estimate,
    pch = 16, cex = 0.7, col = colour[as.integer(at$curve)]
  )
  # above a falling curve, below a rising one
  up <- if (figure$rising) 1.4 else -0.5
  graphics::text(at$time, at$estimate, percent_axis(round(at$estimate, 2)),
    adj = c(-0.15, up), cex = table_cex, col = text_colour(colour[as.integer(at$curve)])
  )
}

draw_curve <- function(rows, colour, linetype, figure, pen) {
  graphics::lines(rows$time, rows$estimate,
    type = "s", col = colour, lty = linetype, lwd = pen
  )
  at <- rows$n.censor > 0
  if (!figure$censor) return(invisible())
  if (figure$mark == "plus") {
    graphics::points(rows$time[at], rows$estimate[at], pch = 3, col = colour, cex = 0.6)
  } else {
    half <- 0.3 * graphics::strheight("m")
    graphics::segments(rows$time[at], rows$estimate[at] - half, rows$time[at],
      rows$estimate[at] + half, col = colour, xpd = NA
    )
  }
}

draw_axes <- function(figure, title) {
  at <- percent_breaks(figure$ylim)
  graphics::axis(1, figure$breaks, time_axis(figure$breaks, figure$style))
  graphics::axis(2, at, percent_axis(at))
  graphics::title(main = device_text(title), xlab = device_text(figure$xlab))
  graphics::title(ylab = device_text(figure$ylab), line = 2.8)
}

# Draws the names of the curves, the test and the ratio in a corner that curves and
# intervals leave free, or where they cover the least
draw_legend <- function(figure, labels, style) {
  n <- if (length(labels) > 1L) length(labels) else 0L
  p_lines <- note_lines(figure)
  text <- device_text(c(labels[seq_len(n)], p_lines))
  if (!length(text)) return(invisible())
  legend <- function(corner, ...) {
    graphics::legend(corner, text,
      col = c(style$colour[seq_len(n)], rep(NA, length(p_lines))),
      lty = c(style$line[seq_len(n)], rep("blank", length(p_lines))),
      lwd = 3 * figure$linewidth, bty = "n", cex = 0.8, seg.len = 2.5, y.intersp = 0.9,
      title = device_text(figure$legend_title), title.adj = 0, ...
    )
  }
  corners <- if (figure$rising) {
    c("topleft", "bottomright", "topright", "bottomleft")
  } else {
    c("topright", "bottomleft", "topleft", "bottomright")
  }
  taken <- as.matrix(taken_places(figure)[c("x0", "x1", "y0", "y1")])
  touched <- vapply(corners, function(corner) {
    box <- legend(corner, plot = FALSE)$rect
    touching(taken, c(box$left, box$left + box$w, box$top - box$h, box$top))
  }, 0L)
  legend(corners[which.min(touched)])
}

draw_risk_table <- function(figure) {
  if (is.null(figure$risk_titles)) return(invisible())
  put <- function(text, line, at, ...) {
    graphics::mtext(device_text(text),
      side = 1, line = line, at = at, cex = table_cex * graphics::par("cex"), ...
    )
  }
  put(figure$risk_titles, 3.4, graphics::par("usr")[1L], adj = 0, font = 2)
  risk <- figure$risk
  put(risk$label, 3.4 + 0.9 * risk$row, risk$time, adj = 0.5)
  first <- !duplicated(risk$row)
  if (!any(nzchar(risk$name[first]))) return(invisible())
  widest <- max(graphics::strwidth(risk$label, cex = table_cex))
  left <- figure$xlim[1L] - widest / 2 - graphics::strwidth("m")
  put(shorten(risk$name[first], 30L), 3.4 + 0.9 * risk$row[first], left, adj = 1)
}

table_cex <- 0.75
