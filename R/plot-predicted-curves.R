#' Figures of predicted and adjusted curves
#'
#' Step curves with shaded confidence limits, as in [curve_plot()], but without numbers at
#' risk, which predicted curves do not have.
#'
#' @param object,x Curves of [`predict()`][predict.hazard_ratio] or [adjusted_curves()].
#' @param outcome With competing risks: the causes to draw, one panel each; `NULL` for
#'   all.
#' @param conf.int `TRUE` or `FALSE`: shaded confidence limits.
#' @param unit Unit of the times, for the axis; `NULL` is the unit of the [endpoint()], if
#'   any.
#' @param title,theme As in [waterfall_plot()].
#' @param xlab,ylab Titles of the axes; `ylab = NULL` names what was predicted.
#' @param ylim Limits of the vertical axis, as proportions.
#' @param ... Not used.
#' @return `autoplot()`: a ggplot, whose data have one row per corner of the steps;
#'   `plot()`: the rows drawn, invisibly.
#' @section Errors: `oligosurv_error_data` if no curve is known or there are more than 12;
#'   `oligosurv_error_input` for an unknown `outcome`; `oligosurv_error_dependency` if
#'   ggplot2 is not installed.
#' @examples
#' d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
#' fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
#' plot(predict(fit, data.frame(arm = c("A", "B"))), unit = "months")
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   ggplot2::autoplot(adjusted_curves(fit, by = arm), unit = "months")
#' }
#' @name plot_predicted_curves
#' @exportS3Method ggplot2::autoplot
autoplot.predicted_curves <- function(object, outcome = NULL, conf.int = TRUE,
                                      unit = NULL, xlab = "Time", ylab = NULL,
                                      title = NULL, ylim = c(0, 1), theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  conf.int <- check_flag(conf.int, "conf.int")
  figure <- predicted_figure(object, outcome, unit, xlab, ylab, ylim)
  rows <- step_rows(figure$rows)
  limits <- rows[conf.int & !is.na(rows$conf.low), ]
  plot <- step_figure(rows, limits, figure$breaks, theme) +
    ggplot2::scale_y_continuous(
      breaks = percent_breaks(figure$ylim), labels = percent_axis,
      expand = ggplot2::expansion(mult = c(0, 0.02))
    ) +
    ggplot2::coord_cartesian(ylim = figure$ylim) +
    ggplot2::labs(x = figure$xlab, y = figure$ylab, title = title, alt = figure$alt) +
    theme
  if (nlevels(rows$outcome) < 2L) return(plot)
  plot + outcome_panels() + ggplot2::theme(panel.spacing.x = grid::unit(9, "pt"))
}

# The rows with known estimates and their labels, and the axes
predicted_figure <- function(x, outcome, unit, xlab, ylab, ylim) {
  rows <- x$curves
  causes <- levels(rows$outcome)
  if (!is.null(outcome)) {
    outcome <- check_labels(outcome, "outcome")
    if (!length(outcome) || !all(outcome %in% causes)) {
      stop_oligosurv("input", if (is.null(causes)) {
        "`outcome` selects causes, but these curves have one event type; leave it out"
      } else {
        sprintf("`outcome` must be among %s; it is %s",
          paste0("\"", causes, "\"", collapse = ", "), describe(outcome)
        )
      }, arg = "outcome")
    }
    rows <- rows[rows$outcome %in% outcome, ]
    rows$outcome <- factor(rows$outcome, unique(outcome))
  }
  rows <- rows[!is.na(rows$estimate), ]
  if (!nrow(rows)) nothing_to_draw("no curve is known")
  rows$curve <- droplevels(rows$strata)
  n <- nlevels(rows$curve)
  if (n > most_curves) {
    stop_oligosurv("data", sprintf(
      "there are %d curves, but at most %d can be told apart; predict fewer", n,
      most_curves
    ), arg = "object")
  }
  rows$line <- paste(as.integer(rows$curve), rows$outcome)
  if (is.null(unit)) unit <- table_unit(x$event_table)
  if (!is.null(unit)) check_string(unit, "unit")
  what <- if (x$type == "survival") "Survival" else "Cumulative incidence"
  ylim <- check_double(ylim, "ylim", 0)
  list(
    rows = rows, breaks = time_breaks(max(rows$time), unit), ylim = ylim,
    xlab = time_title(check_string(xlab, "xlab"), unit),
    ylab = if (is.null(ylab)) {
      if (inherits(x, "adjusted_curves")) paste("Adjusted", tolower(what)) else what
    } else {
      check_string(ylab, "ylab")
    },
    alt = sprintf("%s of %s", what, join_words(levels(rows$curve)))
  )
}

#' @rdname plot_predicted_curves
#' @exportS3Method graphics::plot
plot.predicted_curves <- function(x, outcome = NULL, conf.int = TRUE, unit = NULL,
                                  xlab = "Time", ylab = NULL, title = NULL,
                                  ylim = c(0, 1), ...) {
  check_no_dots(...)
  conf.int <- check_flag(conf.int, "conf.int")
  figure <- predicted_figure(x, outcome, unit, xlab, ylab, ylim)
  if (!is.null(title)) check_string(title, "title")
  rows <- figure$rows
  labels <- shorten(levels(rows$curve), 30L)
  style <- curve_styles(length(labels))
  panels <- if (is.null(rows$outcome)) {
    list(rows)
  } else {
    split(rows, rows$outcome, drop = TRUE)
  }
  old <- graphics::par(
    mfrow = c(1L, length(panels)), mar = c(4, 4.2, 2.5, 1), las = 1,
    mgp = c(2.6, 0.6, 0), tcl = -0.3
  )
  on.exit(graphics::par(old))
  for (i in seq_along(panels)) {
    draw_panel(panels[[i]], figure, style$colour, conf.int)
    graphics::title(
      main = device_text(if (is.null(title)) names(panels)[i] else title),
      xlab = device_text(figure$xlab), ylab = device_text(figure$ylab)
    )
    if (length(labels) < 2L || i > 1L) next
    graphics::legend(if (x$type == "survival") "bottomleft" else "topleft",
      device_text(labels),
      col = style$colour, lty = rep_len(1:6, length(labels)), lwd = 1.5, bty = "n",
      cex = 0.8, seg.len = 2.5
    )
  }
  invisible(figure$rows)
}

# The curves and axes of one panel
draw_panel <- function(rows, figure, colour, conf.int) {
  graphics::plot.new()
  graphics::plot.window(c(0, max(figure$rows$time)), figure$ylim)
  curves <- split(rows, rows$curve)
  at <- which(vapply(curves, nrow, 0L) > 0L)
  curves <- curves[at]
  if (conf.int) Map(draw_band, curves, colour[at], "conf", 0.2)
  Map(function(x, colour, type) {
    graphics::lines(x$time, x$estimate, type = "s", col = colour, lty = type, lwd = 1.5)
  }, curves, colour[at], rep_len(1:6, length(colour))[at])
  breaks <- percent_breaks(figure$ylim)
  graphics::axis(1, figure$breaks, time_axis(figure$breaks))
  graphics::axis(2, breaks, percent_axis(breaks))
}
