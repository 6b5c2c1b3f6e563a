# The figure of calibration(): observed against predicted risk.

#' Figure of a calibration
#'
#' Observed against predicted risk by group, with limits; on the diagonal the two are
#' equal. Models are distinguished by colour and shape, and each time has its own panel.
#' Ticks on the lower axis mark the mean predicted risks of the groups.
#'
#' @param object A [calibration()].
#' @param unit Unit of the times, for the titles of the panels; `NULL` for the unit of the
#'   endpoint.
#' @param title,theme As in [waterfall_plot()].
#' @param ... Not used.
#' @return A ggplot. Its data are the rows of [tidy()] that have an observed risk.
#' @section Errors: `oligosurv_error_data` if no group was followed to the times;
#'   `oligosurv_error_dependency` if ggplot2 is not installed.
#' @examples
#' d <- data.frame(month = c(5, 4, 2, 1), dead = 1, risk = c(0.2, 0.4, 0.6, 0.8))
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   ggplot2::autoplot(calibration(Surv(month, dead) ~ risk, d, times = 4, groups = 2))
#' }
#' @exportS3Method ggplot2::autoplot
autoplot.calibration <- function(object, unit = NULL, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- object$table
  rows <- rows[!is.na(rows$estimate), ]
  if (!nrow(rows)) nothing_to_draw("no group of predicted risk was followed to the times")
  if (is.null(unit)) unit <- table_unit(object$table_of_events)
  at <- sort(unique(object$table$time))
  rows$panel <- factor(rows$time, at, paste("At", with_unit_value(at, unit)))
  models <- unique(object$table$term)
  rows$model <- factor(shorten(rows$term, 40L), shorten(models, 40L))
  several <- length(models) > 1L
  most <- min(1, 1.04 * max(rows$predicted, rows$estimate, rows$conf.high, na.rm = TRUE))
  style <- curve_styles(length(models), is_dark(theme))
  ggplot2::ggplot(rows, aes_of(x = "predicted", y = "estimate")) +
    ggplot2::geom_abline(linetype = "22", colour = muted_colour(theme), linewidth = 0.4) +
    calibration_layers(rows, several, style, theme) +
    (if (length(at) > 1L) ggplot2::facet_wrap("panel")) +
    ggplot2::scale_x_continuous(labels = percent_axis, limits = c(0, most),
      guide = ggplot2::guide_axis(check.overlap = TRUE)
    ) +
    ggplot2::scale_y_continuous(labels = percent_axis, limits = c(0, most)) +
    ggplot2::coord_fixed() +
    ggplot2::labs(
      x = "Predicted risk", y = "Observed risk", title = title, alt = sprintf(
        "Observed against predicted risk in %s, with %s limits",
        count_noun(nrow(rows), "group"), level_text(rows$conf.level)
      )
    ) + theme + ggplot2::theme(panel.spacing = grid::unit(9, "pt"))
}

calibration_layers <- function(rows, several, style, theme) {
  limits <- rows[!is.na(rows$conf.low), ]
  rug <- ggplot2::geom_rug(sides = "b", length = grid::unit(1.4, "mm"),
    colour = muted_colour(theme), linewidth = 0.4
  )
  if (!several) {
    return(list(
      rug,
      ggplot2::geom_linerange(aes_of(ymin = "conf.low", ymax = "conf.high"), limits,
        colour = ink_of(theme), linewidth = 0.4
      ),
      ggplot2::geom_point(colour = ink_of(theme), size = 1.6)
    ))
  }
  models <- levels(rows$model)
  list(
    rug,
    ggplot2::geom_linerange(
      aes_of(ymin = "conf.low", ymax = "conf.high", colour = "model"), limits,
      linewidth = 0.4, show.legend = FALSE
    ),
    ggplot2::geom_point(aes_of(colour = "model", shape = "model"), size = 1.8),
    ggplot2::scale_colour_manual(
      values = style$colour[seq_along(models)], limits = models, name = NULL
    ),
    ggplot2::scale_shape_manual(
      values = rep_len(c(16, 17, 15, 1, 2, 0), length(models)), limits = models,
      name = NULL
    )
  )
}
