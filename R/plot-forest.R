#' Forest plot of estimates with their intervals
#'
#' One row an estimate: name at the left, point and interval in the middle, numbers at the
#' right; ratios on a log axis with a line at 1, differences with a line at 0.
#'
#' @details Limits beyond the axis end in an arrow; the axis holds the estimates and
#' limits within a factor of 50 of 1, or those of `xlim`. A row without an estimate says
#' so. Labels are shown as text, whatever they contain.
#'
#' @param x A result with estimates and intervals, see [results], or a data frame with the
#'   columns `label`, `estimate`, `conf.low`, `conf.high` and, if wanted, `p.value`.
#'   `ggplot2::autoplot()` of such a result is its forest plot, with the same arguments.
#' @param ratio For a data frame: `TRUE` for ratios, `FALSE` for differences, `NA` for
#'   estimates that have no value of no effect.
#' @param heading Title of the numbers at the right; `NULL` for the usual one.
#' @param xlab,title Names of the axis and the figure; `NULL` for the usual ones.
#' @param xlim `NULL`, or two numbers: the ends of the axis.
#' @param theme As in [waterfall_plot()].
#' @return A ggplot. Its data have one row an estimate: `label`, `estimate`, `conf.low`,
#'   `conf.high`, `p.value`, `place` (1 is the lowest row), `text`.
#' @section Errors: `oligosurv_error_input` for another object, missing columns or a wrong
#'   `xlim`; `oligosurv_error_domain` for ratios below 0; `oligosurv_error_data` without
#'   rows or with more than 60; `oligosurv_error_dependency` without ggplot2.
#' @seealso [hazard_ratio()], [rate_difference()], [restricted_mean()], [save_figure()]
#' @examples
#' d <- data.frame(
#'   label = c("age, per year", "OP-C vs OP-N"), estimate = c(1.02, 1.53),
#'   conf.low = c(0.97, 0.48), conf.high = c(1.07, 4.94), p.value = c(0.4, 0.47)
#' )
#' if (requireNamespace("ggplot2", quietly = TRUE)) forest_plot(d)
#' @export
forest_plot <- function(x, ratio = TRUE, heading = NULL, xlab = NULL, title = NULL,
                        xlim = NULL, theme = NULL) {
  need_package("ggplot2", "forest_plot()")
  parts <- forest_parts(x, ratio)
  if (!is.null(heading)) parts$heading <- check_string(heading, "heading")
  if (!is.null(xlab)) parts$xlab <- check_string(xlab, "xlab")
  if (!is.null(title)) check_string(title, "title")
  theme <- full_theme(theme)
  rows <- forest_rows(parts)
  xlim <- forest_limits(rows, parts$ratio, xlim)
  draw_forest(clip_rows(rows, xlim), parts, xlim, title, theme)
}

# autoplot() of results with estimates and intervals
#' @rawNamespace
#' S3method(ggplot2::autoplot, hazard_ratio, autoplot_forest)
#' S3method(ggplot2::autoplot, oligosurv_contrast, autoplot_forest)
#' S3method(ggplot2::autoplot, one_sample_test, autoplot_forest)
#' S3method(ggplot2::autoplot, response_rate, autoplot_forest)
#' S3method(ggplot2::autoplot, response_difference, autoplot_forest)
#' S3method(ggplot2::autoplot, dose_response, autoplot_forest)
autoplot_forest <- function(object, ...) forest_plot(object, ...)

# Contents of a forest plot: rows, type of axis, texts
forest_parts <- function(x, ratio) {
  r <- tryCatch(result_rows(x), oligosurv_error_input = function(e) NULL)
  rows <- r$shown
  if (!is.null(rows$conf.low) && !inherits(x, "oligosurv_fit")) {
    rows$label <- with_outcome(rows, r$label)
    return(list(
      rows = rows, ratio = if (is.na(r$null)) NA else r$null == 1,
      percent = scale_factors[[r$scale]] == 100, format = forest_number(r$scale),
      heading = sprintf("%s (%s CI)", r$heading, level_text(rows$conf.level)),
      xlab = if (r$scale == "time") time_title(r$axis, r$unit) else r$axis
    ))
  }
  needed <- c("label", "estimate", "conf.low", "conf.high")
  if (!is.data.frame(x) || !all(needed %in% names(x))) {
    stop_oligosurv("input", sprintf(
      "`x` must be a result with intervals or a data frame with %s; it is %s",
      join_words(sprintf("`%s`", needed)), describe(x)
    ), arg = "x")
  }
  ratio <- if (identical(ratio, NA)) NA else check_flag(ratio, "ratio")
  check_text(x$label, "x$label")
  list(
    rows = as.data.frame(x), ratio = ratio, format = ratio_number,
    heading = "Estimate (interval)", xlab = "Estimate"
  )
}

with_outcome <- function(x, label) {
  if (is.null(x$outcome) || length(unique(x$outcome)) < 2L) return(label)
  paste(x$outcome, label, sep = ": ")
}

# Returns the function that formats the estimates printed at the right
forest_number <- function(scale) {
  switch(scale,
    probability = ,
    points = function(v) paste0(formatC(100 * v, digits = 1, format = "f"), "%"),
    time = function(v) {
      digits <- if (max(abs(v), 0, na.rm = TRUE) < 100) 1 else 0
      formatC(v, digits = digits, format = "f")
    },
    ratio_number
  )
}

most_forest <- 60L

# Rows from top to bottom, with the numbers printed at their right
forest_rows <- function(parts) {
  rows <- parts$rows
  n <- nrow(rows)
  if (n == 0L || n > most_forest) {
    stop_oligosurv("data", if (n == 0L) {
      "there is no estimate to draw"
    } else {
      sprintf(
        "the figure has %d rows, but at most %d fit in one; draw several figures", n,
        most_forest
      )
    }, arg = "x")
  }
  if (is.null(rows$p.value)) rows$p.value <- rep(NA_real_, n)
  numbers <- c("estimate", "conf.low", "conf.high", "p.value")
  for (name in numbers) {
    if (all(is.na(rows[[name]]))) rows[[name]] <- rep(NA_real_, n)
    if (!is.numeric(rows[[name]])) {
      stop_oligosurv("input", sprintf(
        "`%s` must be numeric; it is %s", name, describe(rows[[name]])
      ), arg = "x", column = name)
    }
    below <- isTRUE(parts$ratio) & !is.na(rows[[name]]) & rows[[name]] < 0
    if (any(below)) {
      stop_domain(name, "at least 0, being a ratio", below, rows[[name]], "row")
    }
  }
  text <- parts$format(rows$estimate)
  limits <- sprintf(
    " (%s to %s)", parts$format(rows$conf.low), parts$format(rows$conf.high)
  )
  text <- paste0(text, ifelse(is.na(rows$conf.low) | is.na(rows$conf.high), "", limits))
  p <- ifelse(is.na(rows$p.value), "", paste0(
    if (is_crowded(rows$label, text)) "\np " else "   p ",
    p_text(ifelse(is.na(rows$p.value), 1, rows$p.value), "")
  ))
  data.frame(
    label = as.character(rows$label), rows[numbers], place = rev(seq_len(n)),
    text = ifelse(is.na(rows$estimate), "not estimable", paste0(text, p))
  )
}

# Would a label and numbers on one line leave too little room in a journal column?
is_crowded <- function(label, text) {
  max(text_em(shorten(as.character(label), 90L))) + max(text_em(text)) > 16
}

forest_limits <- function(rows, ratio, xlim) {
  null <- if (isTRUE(ratio)) 1 else if (isFALSE(ratio)) 0
  if (!is.null(xlim)) {
    xlim <- check_double(xlim, "xlim", if (isTRUE(ratio)) .Machine$double.eps else -Inf)
    if (length(xlim) != 2L || xlim[1L] >= xlim[2L]) {
      stop_oligosurv("input", "`xlim` must be two numbers, the smaller first",
        arg = "xlim"
      )
    }
    return(xlim)
  }
  values <- c(rows$estimate, rows$conf.low, rows$conf.high, null)
  values <- values[is.finite(values)]
  if (!length(values)) return(c(0, 1))
  if (isTRUE(ratio)) {
    near <- range(pmin(pmax(values, 1 / 50), 50))
    return(near * c(0.9, 1.1))
  }
  range <- range(values)
  gap <- if (diff(range) > 0) 0.03 * diff(range) else 1
  range + c(-gap, gap)
}

# Clips intervals to the axis and flags those that extend beyond it
clip_rows <- function(rows, xlim) {
  rows$low <- pmax(rows$conf.low, xlim[1L])
  rows$high <- pmin(rows$conf.high, xlim[2L])
  rows$more_low <- !is.na(rows$conf.low) & rows$conf.low < xlim[1L]
  rows$more_high <- !is.na(rows$conf.high) & rows$conf.high > xlim[2L]
  rows
}

draw_forest <- function(rows, parts, xlim, title, theme) {
  ink <- ink_of(theme)
  top <- nrow(rows) + 1
  inside <- rows[!is.na(rows$estimate) & rows$estimate >= xlim[1L] &
    rows$estimate <= xlim[2L], ]
  interval <- function(data, ...) {
    ggplot2::geom_segment(
      aes_of(x = "low", xend = "high", y = "place", yend = "place"),
      data = data, linewidth = 0.4, colour = ink, ...
    )
  }
  arrow <- function(ends) {
    grid::arrow(length = grid::unit(3, "pt"), type = "closed", ends = ends)
  }
  known <- rows[!is.na(rows$low) & !is.na(rows$high), ]
  ends <- ifelse(known$more_low & known$more_high, "both",
    ifelse(known$more_low, "first", ifelse(known$more_high, "last", "none"))
  )
  crowded <- is_crowded(rows$label, sub("\n.*", "", rows$text))
  label <- wrap_text(shorten(rows$label, 90L), if (crowded) 20L else 34L)
  null <- if (isTRUE(parts$ratio)) 1 else if (isFALSE(parts$ratio)) 0
  figure <- ggplot2::ggplot(rows, aes_of(x = "estimate", y = "place")) +
    (if (!is.null(null)) {
      ggplot2::geom_segment(aes_of(x = "x", xend = "x", y = "y", yend = "yend"),
        data = data.frame(x = null, y = 0.4, yend = top - 0.4), inherit.aes = FALSE,
        linewidth = 0.3, colour = muted_colour(theme), linetype = "42"
      )
    }) +
    lapply(unique(ends), function(end) {
      interval(known[ends == end, ], arrow = if (end != "none") arrow(end))
    }) +
    ggplot2::geom_point(data = inside, shape = 15, size = 1.7, colour = ink) +
    forest_axis(parts, xlim) +
    ggplot2::scale_y_continuous(
      breaks = c(rows$place, top), labels = c(label, ""), limits = c(0.4, top + 0.3),
      expand = ggplot2::expansion(0), sec.axis = ggplot2::dup_axis(
        labels = c(rows$text, parts$heading), name = NULL
      )
    ) +
    ggplot2::coord_cartesian(xlim = xlim, default = TRUE) +
    ggplot2::labs(
      x = parts$xlab, y = NULL, title = title,
      alt = sprintf("Forest plot of %s", paste(rows$label, collapse = ", "))
    ) +
    theme + ggplot2::theme(
      axis.line.y = ggplot2::element_blank(), axis.ticks.y = ggplot2::element_blank(),
      axis.text.y.left = ggplot2::element_text(hjust = 0),
      axis.text.y.right = ggplot2::element_text(hjust = 0)
    )
  high <- max(label_lines(label), label_lines(rows$text)) + 0.9
  lines <- high * (nrow(rows) + 0.9) + if (is.null(title)) 3 else 5
  with_height(figure, lines_mm(lines, theme), 0)
}

forest_axis <- function(parts, xlim) {
  guide <- ggplot2::guide_axis(check.overlap = TRUE)
  expand <- ggplot2::expansion(mult = 0.02)
  if (isTRUE(parts$ratio)) {
    at <- c(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
    at <- at[at >= xlim[1L] & at <= xlim[2L]]
    if (length(at) > 5L) at <- 10^(-2:2)
    if (length(at) < 3L) at <- pretty(xlim, 4)
    return(ggplot2::scale_x_log10(
      breaks = at[at > 0], labels = time_axis, expand = expand, guide = guide
    ))
  }
  labels <- if (isTRUE(parts$percent)) percent_axis else time_axis
  ggplot2::scale_x_continuous(
    n.breaks = 4L, labels = labels, expand = expand, guide = guide
  )
}
