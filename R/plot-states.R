#' Figure of states over time
#'
#' The probabilities of [state_occupation()] as stacked areas that add up to 100% at every
#' time, in the order of the states from the bottom, one panel per group, with the number
#' of patients under observation in each state below the axis.
#'
#' @details The height of an area at a time is the probability of its state; the lower
#'   edge of the topmost area is the probability of not being in that state: if the last
#'   state is death, of being alive. Areas range from dark to light, and the last one is
#'   grey, so they can be distinguished in grey print. States that nobody leaves, such as
#'   death, have no row below the axis.
#' @param object,x A [state_occupation()]; `object` may also be an [event_table()] of
#'   moves, made with `from`.
#' @param labels `"legend"`, `"direct"` (names of the states to the right of the areas, if
#'   they fit) or `"none"`.
#' @param risk_table `"risk"` for the numbers below the axis, or `"none"`.
#' @param min_risk After the last time with at least `min_risk` patients under observation
#'   in a group its areas are dimmed, and the caption says so.
#' @param colours `NULL`, or colours of the areas: one for each state but the last, in
#'   order or with names.
#' @param unit,title,theme As in [curve_plot()].
#' @param xlab,ylab,breaks As in [curve_options()].
#' @param ... For an event table: the arguments above. Otherwise not used.
#' @return `autoplot()`: a ggplot, with a row for each state, group and time in its data
#'   (`low` and `high` are the edges of the area). `plot()`: these rows, invisibly; it
#'   draws the same areas without ggplot2.
#' @section Errors: `oligosurv_error_data` if there is no patient;
#'   `oligosurv_error_dependency` if ggplot2 is not installed.
#' @examples
#' fit <- state_occupation(Surv(entry, time, status) ~ 1, study_states(hcc_sbrt),
#'   id = patient_id, from = from
#' )
#' if (requireNamespace("ggplot2", quietly = TRUE)) ggplot2::autoplot(fit)
#' @exportS3Method ggplot2::autoplot
autoplot.state_occupation <- function(object, labels = c("legend", "direct", "none"),
                                      risk_table = c("risk", "none"), min_risk = 0,
                                      colours = NULL, unit = NULL, xlab = "Time",
                                      ylab = NULL, breaks = NULL, title = NULL,
                                      theme = NULL, ...) {
  check_no_dots(...)
  need_package("ggplot2", "autoplot()")
  labels <- check_choice(labels, c("legend", "direct", "none"), "labels")
  figure <- state_figure(object, list(
    risk_table = check_choice(risk_table, c("risk", "none"), "risk_table"), unit = unit,
    xlab = check_string(xlab, "xlab"), ylab = ylab,
    breaks = check_breaks(breaks), labels = labels,
    min_risk = check_number(min_risk, "min_risk", 0)
  ))
  if (!is.null(title)) figure$title <- check_string(title, "title")
  theme <- full_theme(theme)
  n <- nlevels(figure$rows$curve) - 1L
  colours <- check_colours(colours)
  figure$colours <- if (is.null(colours)) area_colours(n, is_dark(theme)) else colours
  if (labels == "direct" && !labels_fit(figure)) figure$labels <- "legend"
  draw_curves(figure, theme)
}

# Contents of the figure, in the form needed by draw_curves()
state_figure <- function(x, options) {
  present <- which(x$n > 0)
  if (!length(present)) {
    stop_oligosurv("data", paste(
      "the fit has no patients, so there is nothing to draw; check which rows of the",
      "data it used"
    ))
  }
  rows <- stacked_states(x, present, options$min_risk)
  unit <- if (is.null(options$unit)) x$origin$unit else check_string(options$unit, "unit")
  last <- max(x$ends$last[present], 0, na.rm = TRUE)
  panels <- length(present)
  count <- function(times) state_risk_rows(x, present, times)
  breaks <- options$breaks
  if (is.null(breaks)) {
    widest <- text_em(format_number(max(x$n)))
    label_em <- if (options$labels == "direct") curve_label_em(x$states) else 0
    wide <- 27 / panel_columns(panels) - label_em
    breaks <- time_breaks(last, unit, max(1, min(7, floor(wide / (widest + 0.5)))))
  }
  list(
    rows = rows, stacked = TRUE, facet = if (panels > 1L) "strata", conf.int = FALSE,
    median = FALSE, censor = FALSE, rising = FALSE, labels = options$labels,
    breaks = breaks, xlim = c(0, max(last, breaks, 1e-6)), ylim = c(0, 1),
    xlab = time_title(options$xlab, unit),
    ylab = if (is.null(options$ylab)) "Probability of the state" else options$ylab,
    count = count, risk = count(breaks),
    risk_titles = if (options$risk_table == "risk") "Patients in each state",
    linewidth = 0.6, interval = "shade", mark = "plus",
    caption = state_caption(x, rows, options$min_risk),
    alt = sprintf("stacked probabilities of the states %s", join_words(x$states))
  )
}

state_caption <- function(x, rows, min_risk) {
  lines <- c(
    if (any(x$n == 0)) {
      paste("No patients:", join_words(shorten(x$labels[x$n == 0], 30L)))
    },
    if (any(rows$thin)) {
      sprintf("Areas are dimmed once fewer than %s are under observation",
        format_number(min_risk)
      )
    }
  )
  if (length(lines)) paste(wrap_text(lines, 64), collapse = "\n")
}

# Areas from `low` to `high`; the last state is the first level of `curve`, on top. `thin`
# marks times after the last one with at least `min_risk` patients in states that can be
# left.
stacked_states <- function(x, present, min_risk) {
  rows <- x$curves
  if (nrow(rows) > most_drawn) {
    last <- max(x$ends$last, na.rm = TRUE)
    rows <- state_rows_at(x, seq(min(x$start, na.rm = TRUE), last,
      length.out = drawn_steps
    ))
  }
  rows <- rows[as.integer(rows$strata) %in% present & !is.na(rows$estimate), ]
  rows$strata <- factor(rows$strata, x$labels[present])
  rows <- rows[order(rows$strata, rows$time, rows$state), ]
  k <- length(x$states)
  edge <- apply(matrix(rows$estimate, k), 2L, cumsum)
  edge <- matrix(pmin(edge, 1), k)
  rows$high <- as.vector(edge)
  rows$low <- as.vector(rbind(0, edge[-k, , drop = FALSE]))
  rows$curve <- factor(rows$state, c(x$states[k], rev(x$states[-k])))
  rows$line <- line_of(rows$curve, rows$strata)
  rows$thin <- after_enough(rows, k, min_risk)
  rows <- rows[order(rows$line, rows$time), ]
  row.names(rows) <- NULL
  rows
}

# `rows` are ordered by group, time and state; there are k states
after_enough <- function(rows, k, min_risk) {
  n <- rep(colSums(matrix(rows$n.risk, k)), each = k)
  last <- tapply(ifelse(n >= min_risk, rows$time, 0), rows$strata, max)
  min_risk > 0 & rows$time > as.vector(last)[as.integer(rows$strata)]
}

# Numbers at risk below the axis: patients in each transient state, by group and time
state_risk_rows <- function(x, present, times) {
  rows <- state_rows_at(x, times, extend = TRUE)
  left <- tapply(x$curves$n.risk, x$curves$state, max)
  shown <- x$states[!is.na(left) & left > 0]
  keep <- as.integer(rows$strata) %in% present & rows$state %in% shown
  rows <- rows[keep, c("time", "state", "strata", "n.risk")]
  rows$strata <- factor(rows$strata, x$labels[present])
  rows$line <- line_of(rows$state, rows$strata)
  rows$row <- match(rows$state, shown)
  rows$name <- risk_names(factor(rows$state, shown))
  rows$block <- rep(1L, nrow(rows))
  rows$label <- format_number(rows$n.risk)
  row.names(rows) <- NULL
  rows
}

#' @rdname autoplot.state_occupation
#' @exportS3Method ggplot2::autoplot
autoplot.state_table <- function(object, ...) {
  need_package("ggplot2", "autoplot()")
  autoplot.state_occupation(state_occupation(object), ...)
}

#' @rdname autoplot.state_occupation
#' @export
plot.state_occupation <- function(x, risk_table = c("risk", "none"), colours = NULL,
                                  unit = NULL, xlab = "Time", ylab = NULL, breaks = NULL,
                                  title = NULL, ...) {
  check_no_dots(...)
  figure <- state_figure(x, list(
    risk_table = check_choice(risk_table, c("risk", "none"), "risk_table"), unit = unit,
    xlab = check_string(xlab, "xlab"), ylab = ylab,
    breaks = check_breaks(breaks), labels = "legend", min_risk = 0
  ))
  if (!is.null(title)) check_string(title, "title")
  n <- length(x$states)
  colours <- check_colours(colours)
  fill <- if (is.null(colours)) {
    c(area_colours(n - 1L), "grey88")
  } else {
    c(for_curves(colours, x$states[-n], "colours"), "grey88")
  }
  named <- unique(figure$risk$name[order(figure$risk$row)])
  panels <- split(figure$rows, figure$rows$strata)
  old <- graphics::par(
    mar = c(base_table_line(figure) + 0.3, max(5, table_cex * max(0, text_em(named))
      + 2), 2.7 + 0.9 * n, 1.2), las = 1, mgp = c(2, 0.6, 0), tcl = -0.3,
    mfrow = c(1L, length(panels))
  )
  on.exit(graphics::par(old))
  for (name in names(panels)) {
    heading <- if (length(panels) > 1L) paste(c(title, name), collapse = ", ") else title
    draw_states(panels[[name]], figure, name, fill, x$states, heading)
  }
  invisible(figure$rows)
}

# Draws one panel of stacked areas in base graphics
draw_states <- function(rows, figure, panel, fill, states, title) {
  graphics::plot.new()
  graphics::plot.window(figure$xlim, figure$ylim)
  for (i in seq_along(states)) {
    area <- step_rows(rows[rows$state == states[i], ])
    graphics::polygon(c(area$time, rev(area$time)), c(area$low, rev(area$high)),
      col = fill[i], border = "white"
    )
  }
  draw_axes(figure, NULL)
  graphics::title(main = device_text(title), line = 0.9 * length(states) + 0.6)
  graphics::legend("bottom", device_text(rev(shorten(states, 30L))),
    fill = rev(fill), bty = "n", cex = 0.8, inset = c(0, 1), xpd = NA, y.intersp = 0.9
  )
  figure$risk <- figure$risk[figure$risk$strata == panel, ]
  draw_risk_table(figure)
}
