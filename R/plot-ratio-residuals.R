# Figures of a hazard_ratio: the forest plot, and residuals against time.

#' Figures of hazard ratios
#'
#' The forest plot of the coefficients, or scaled Schoenfeld residuals against time, which
#' estimate the log hazard ratio at each event. If their local mean, the line, rises or
#' falls, the ratio changes with time; the p-value above the panel is that of the test of
#' proportional hazards.
#'
#' @param object,x A [hazard_ratio()].
#' @param what `"forest"` or `"residuals"`.
#' @param outcome With competing risks: the cause whose residuals are drawn.
#' @param title,theme As in [waterfall_plot()].
#' @param ... For `what = "forest"`: arguments of [forest_plot()]. Otherwise not used.
#' @details The residuals are those of [residuals()][hazard_ratio-methods] of type
#' `"scaledsch"`. The line is [stats::lowess()] with its default span of two thirds, drawn
#' if there are at least five events; the dashed line is the coefficient. If rows of
#' weight 0 were omitted, the axis shows the ranks of the times.
#' @return `autoplot()`: a ggplot; `plot()`, which draws without ggplot2: the rows drawn,
#'   invisibly, one for each event and coefficient, with `term`, `time`, `residual` and
#'   `estimate`.
#' @section Errors: those of [forest_plot()] and [residuals()][hazard_ratio-methods];
#'   `oligosurv_error_dependency` without ggplot2.
#' @examples
#' d <- data.frame(month = 1:8, dead = 1, arm = rep(c("A", "B"), 4))
#' fit <- hazard_ratio(Surv(month, dead) ~ arm, d)
#' plot(fit)
#' @name hazard_ratio_figures
#' @exportS3Method ggplot2::autoplot
autoplot.hazard_ratio <- function(object, what = c("forest", "residuals"), outcome = NULL,
                                  title = NULL, theme = NULL, ...) {
  what <- check_choice(what, c("forest", "residuals"), "what")
  if (what == "forest") {
    return(forest_plot(object, title = title, theme = theme, ...))
  }
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- residual_points(object, outcome)
  lines <- do.call(rbind, lapply(split(rows, rows$panel), smooth_line))
  figure <- ggplot2::ggplot(rows, aes_of(x = "time", y = "residual")) +
    ggplot2::geom_hline(aes_of(yintercept = "estimate"),
      linetype = "42", linewidth = 0.3, colour = muted_colour(theme)
    ) +
    ggplot2::geom_point(size = 1, alpha = 0.6, colour = ink_of(theme)) +
    ggplot2::facet_wrap("panel", scales = "free_y") +
    ggplot2::scale_x_continuous(labels = time_axis) +
    ggplot2::scale_y_continuous(labels = minus_axis(time_axis)) +
    ggplot2::labs(
      x = attr(rows, "xlab"), y = "Log hazard ratio", title = title,
      alt = sprintf(
        "Scaled Schoenfeld residuals against time of %s", join_words(levels(rows$panel))
      )
    ) +
    theme
  if (is.null(lines)) return(figure)
  figure + ggplot2::geom_line(data = lines, linewidth = 0.5, colour = ink_of(theme))
}

#' @rdname hazard_ratio_figures
#' @export
plot.hazard_ratio <- function(x, outcome = NULL, title = NULL, ...) {
  check_no_dots(...)
  if (!is.null(title)) check_string(title, "title")
  rows <- residual_points(x, outcome)
  panels <- split(rows, rows$panel)
  across <- ceiling(sqrt(length(panels)))
  old <- graphics::par(
    mfrow = c(ceiling(length(panels) / across), across), mar = c(4, 4, 2.5, 1), las = 1,
    mgp = c(2.5, 0.7, 0), tcl = -0.3
  )
  on.exit(graphics::par(old))
  for (panel in panels) {
    graphics::plot(panel$time, panel$residual,
      xlab = device_text(attr(rows, "xlab")), ylab = "Log hazard ratio", pch = 20,
      cex = 0.7, main = device_text(as.character(panel$panel[1L])), cex.main = 0.9,
      font.main = 1, bty = "l"
    )
    graphics::abline(h = panel$estimate[1L], lty = 2, col = "grey50")
    line <- smooth_line(panel)
    if (!is.null(line)) graphics::lines(line$time, line$residual)
  }
  if (!is.null(title)) graphics::mtext(device_text(title), 3, -1.2, outer = TRUE)
  rows$panel <- NULL
  attr(rows, "xlab") <- NULL
  invisible(rows)
}

# One row for each event and coefficient. The panel shows the coefficient and the p-value
# of its term.
residual_points <- function(object, outcome) {
  model <- model_of(object)
  fit <- fit_of_outcome(model, outcome)
  values <- as.matrix(stats::residuals(object, "scaledsch", outcome))
  if (!nrow(values)) nothing_to_draw("there is no event")
  defined <- colSums(is.finite(values)) > 0
  if (!all(defined)) nothing_to_draw("the residuals are not defined")
  at <- event_times_of(object, model, fit)
  labels <- model$label[fit$known]
  p <- ph_p_values(object, outcome)[fit$known]
  panel <- ifelse(is.na(p), labels, sprintf("%s (P %s)", labels, format_p(p)))
  out <- data.frame(
    term = rep(labels, each = nrow(values)), time = rep(at$time, length(labels)),
    residual = c(values), estimate = rep(fit$beta[fit$known], each = nrow(values)),
    panel = factor(rep(panel, each = nrow(values)), unique(panel))
  )
  attr(out, "xlab") <- at$xlab
  out
}

# The time of each event, in the order of the residuals. The fit stores ranks of times.
# The event table has the times, unless rows of weight 0 were omitted.
event_times_of <- function(object, model, fit) {
  at <- kernel_residuals(model, fit, coefficient_labels(object))
  times <- distinct_sorted(join_ties(object$event_table, model$tie_tol)$time)
  rank <- at$rank[at$event]
  if (max(at$rank) != length(times)) return(list(time = rank, xlab = "Rank of time"))
  list(time = times[rank], xlab = time_title("Time", table_unit(object$event_table)))
}

# The p-value of proportional hazards of the term of each coefficient; NA without a test
ph_p_values <- function(object, outcome) {
  rows <- object$table
  ph <- object$proportional_hazards
  if (!is.null(outcome)) {
    rows <- rows[rows$outcome == outcome, ]
    ph <- ph[ph$outcome == outcome, ]
  }
  if (is.null(ph)) rep(NA_real_, nrow(rows)) else ph$p.value[match(rows$term, ph$term)]
}

# A local mean (lowess) of the residuals of a panel; NULL with too few events
smooth_line <- function(panel) {
  if (nrow(panel) < 5L) return(NULL)
  smooth <- stats::lowess(panel$time, panel$residual)
  data.frame(time = smooth$x, residual = smooth$y, panel = panel$panel[1L])
}
