#' Curves in base graphics
#'
#' The figure of [curve_plot()] without ggplot2: step curves,
#' confidence bands, censoring marks and the number at risk under the axis.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @inheritParams curve_plot
#' @inheritParams curve_options
#' @param ... Not used.
#' @param risk_table Numbers under the axis: one of the words of [curve_plot()].
#' @return The rows drawn, as in [curve_plot()], invisibly. Margins are restored.
#' @section Errors: those of [curve_plot()].
#' @examples
#' # S is 3/4 from 1, 3/8 from 3
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
#' plot(fit, unit = "months")
#' @export
plot.oligosurv_fit <- function(x, p.value = NULL, outcome = NULL, conf.int = TRUE,
                               censor = NULL, risk_table = "events",
                               xlab = "Time", unit = NULL, ylab = NULL, title = NULL,
                               breaks = NULL, ylim = c(0, 1), ...) {
  check_no_dots(...)
  options <- curve_options(
    censor = censor, xlab = xlab, ylab = ylab, breaks = breaks, ylim = ylim
  )
  figure <- curve_figure(check_fits(x), c(unclass(options), list(
    p.value = p.value, outcome = outcome, unit = unit,
    risk_table = check_choice(risk_table, c(risk_kinds, "none"), "risk_table"),
    conf.int = check_flag(conf.int, "conf.int")
  )))
  if (!is.null(title)) check_string(title, "title")
  labels <- shorten(levels(figure$rows$curve), 30L)
  style <- curve_styles(length(labels))
  old <- graphics::par(
    mar = base_margins(figure, labels, title), las = 1, mgp = c(2, 0.6, 0), tcl = -0.3
  )
  on.exit(graphics::par(old))
  graphics::plot.new()
  graphics::plot.window(figure$xlim, figure$ylim)
  curves <- split(figure$rows, figure$rows$line)
  if (conf.int) {
    Map(draw_band, curves, style$colour, "band", 0.12)
    Map(draw_band, curves, style$colour, "conf", 0.2)
  }
  Map(draw_curve, curves, style$colour, rep_len(1:6, length(labels)), figure$censor)
  draw_axes(figure, title)
  draw_legend(figure, labels, style$colour)
  draw_risk_table(figure, labels)
  if (!is.null(figure$caption)) {
    # mtext() places the last line of a text at the given line
    last <- base_table_line(figure, labels) + 0.2 + 0.9 * (caption_lines(figure) - 1)
    graphics::mtext(figure$caption, 1, last,
      adj = 0, cex = table_cex * graphics::par("cex")
    )
  }
  invisible(figure$rows)
}

# Margins in lines: the lower one has room for the number-at-risk table, the left one for
# the names of its rows
base_margins <- function(figure, labels, title) {
  left <- if (length(labels) > 1L) table_cex * max(text_em(labels)) + 2 else 0
  below <- base_table_line(figure, labels) + 0.3 +
    if (is.null(figure$caption)) 0 else 0.3 + 0.9 * caption_lines(figure)
  c(below, max(5, left), if (is.null(title)) 1 else 2.5, 1.2)
}

caption_lines <- function(figure) lengths(strsplit(figure$caption, "\n"))

# The line of the lower margin just below the number-at-risk table
base_table_line <- function(figure, labels) {
  3.4 + if (is.null(figure$risk_titles)) 0 else 0.9 + 0.9 * length(labels)
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

draw_curve <- function(rows, colour, linetype, censor) {
  graphics::lines(rows$time, rows$estimate,
    type = "s", col = colour, lty = linetype, lwd = 1.5
  )
  at <- rows$n.censor > 0
  if (!censor) return(invisible())
  graphics::points(rows$time[at], rows$estimate[at], pch = 3, col = colour, cex = 0.6)
}

draw_axes <- function(figure, title) {
  at <- percent_breaks(figure$ylim)
  graphics::axis(1, figure$breaks, time_axis(figure$breaks))
  graphics::axis(2, at, percent_axis(at))
  graphics::title(main = title, xlab = figure$xlab)
  graphics::title(ylab = figure$ylab, line = 2.8)
}

# Draws the names of the curves and the p-value in the corner that curves seldom reach
draw_legend <- function(figure, labels, colour) {
  n <- if (length(labels) > 1L) length(labels) else 0L
  p_lines <- note_lines(figure)
  text <- c(labels[seq_len(n)], p_lines)
  if (!length(text)) return(invisible())
  graphics::legend(if (figure$rising) "topleft" else "topright", text,
    col = c(colour[seq_len(n)], rep(NA, length(p_lines))),
    lty = rep_len(1:6, length(text)), lwd = 1.5, bty = "n", cex = 0.8, seg.len = 2.5,
    y.intersp = 0.9
  )
}

draw_risk_table <- function(figure, labels) {
  if (is.null(figure$risk_titles)) return(invisible())
  put <- function(text, line, at, ...) {
    graphics::mtext(text,
      side = 1, line = line, at = at, cex = table_cex * graphics::par("cex"), ...
    )
  }
  put(figure$risk_titles, 3.4, graphics::par("usr")[1L], adj = 0, font = 2)
  risk <- figure$risk
  put(risk$label, 3.4 + 0.9 * risk$row, risk$time, adj = 0.5)
  if (length(labels) < 2L) return(invisible())
  widest <- max(graphics::strwidth(risk$label, cex = table_cex))
  left <- figure$xlim[1L] - widest / 2 - graphics::strwidth("m")
  put(labels, 3.4 + 0.9 * seq_along(labels), left, adj = 1)
}

table_cex <- 0.75
