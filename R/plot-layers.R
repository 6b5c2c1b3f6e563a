# The ggplot2 layers of a figure of curves; curve_figure() computes what they show.

curve_mapping <- function() {
  aes_of(
    x = "time", y = "estimate", colour = "curve", linetype = "curve", group = "line"
  )
}

# Limits of an area. It has the colour of its curve, unless a scale sets its fill.
band_mapping <- function(low, high) {
  # ggplot2 looks for stage() here
  stage <- ggplot2::stage
  fill <- quote(stage(start = curve, after_scale = ifelse(is.na(fill), colour, fill)))
  do.call(ggplot2::aes, list(ymin = as.name(low), ymax = as.name(high), fill = fill))
}

# Corners of step functions: each value is constant until the next time of its line
step_rows <- function(rows) {
  parts <- lapply(split(rows, rows$line), function(x) {
    k <- nrow(x)
    if (k < 2L) return(x)
    at <- rep(seq_len(k), each = 2L)
    out <- x[at[-2L * k], ]
    out$time <- x$time[at[-1L]]
    out
  })
  do.call(rbind, c(parts, make.row.names = FALSE))
}

# The part of each line with few subjects at risk, and the last point before it
thin_part <- function(rows) {
  last <- !rows$thin & c(rows$thin[-1L] & rows$line[-1L] == rows$line[-nrow(rows)], FALSE)
  rows[rows$thin | last, ]
}

# Rows inside the range of the simultaneous band; NULL without a band
within_band <- function(rows) {
  if (!is.null(rows$band.low)) rows[!is.na(rows$band.low), ]
}

# Pointwise intervals and, fainter and behind them, the simultaneous band
layer_band <- function(rows, interval = "shade") {
  band <- function(rows, kind, alpha) {
    if (!NROW(rows)) return(NULL)
    limits <- paste0(kind, c(".low", ".high"))
    ggplot2::geom_ribbon(band_mapping(limits[1L], limits[2L]),
      data = step_rows(rows), alpha = alpha, linetype = 0, na.rm = TRUE
    )
  }
  thin <- if (any(rows$thin)) thin_part(rows)
  rows <- rows[!rows$thin, ]
  list(
    band(within_band(rows), "band", 0.12), band(within_band(thin), "band", 0.05),
    if (interval == "lines") {
      layer_limits(rows)
    } else {
      list(band(rows, "conf", 0.2), band(thin, "conf", 0.07))
    }
  )
}

# Limits of the intervals as thin lines
layer_limits <- function(rows) {
  lapply(c("conf.low", "conf.high"), function(limit) {
    ggplot2::geom_step(aes_of(y = limit),
      data = rows, linewidth = 0.2, linetype = "solid", na.rm = TRUE, show.legend = FALSE
    )
  })
}

# A line that ends at its first time is drawn as a point
layer_curve <- function(rows, linewidth) {
  lone <- rows$line %in% names(which(table(rows$line) == 1L))
  drawn <- rows[!lone & !rows$thin, ]
  solid <- drawn[!drawn$line %in% names(which(table(drawn$line) == 1L)), ]
  list(
    ggplot2::geom_step(data = solid, linewidth = linewidth, na.rm = TRUE),
    if (any(rows$thin)) {
      ggplot2::geom_step(
        data = thin_part(rows), linewidth = linewidth, alpha = 0.35, na.rm = TRUE,
        show.legend = FALSE
      )
    },
    if (any(lone)) ggplot2::geom_point(data = rows[lone, ], show.legend = FALSE)
  )
}

layer_censored <- function(rows, mark = "tick") {
  marks <- rows[rows$n.censor > 0 & !is.na(rows$estimate), ]
  geom <- if (mark == "tick") geom_tick() else ggplot2::GeomPoint
  point <- function(data, alpha) {
    ggplot2::layer(
      geom = geom, stat = "identity", position = "identity", data = data,
      params = list(shape = 3L, size = 0.9, stroke = 0.4, alpha = alpha),
      show.legend = FALSE
    )
  }
  list(
    point(marks[!marks$thin, ], 1), if (any(marks$thin)) point(marks[marks$thin, ], 0.35)
  )
}

# Points drawn as vertical ticks, which leave the gaps of a dashed line open
geom_tick <- function() {
  ggplot2::ggproto("GeomTick", ggplot2::GeomPoint,
    draw_panel = function(data, panel_params, coord, na.rm = FALSE) {
      data <- coord$transform(data, panel_params)
      half <- grid::unit(2 * data$size, "pt")
      y <- grid::unit(data$y, "npc")
      grid::segmentsGrob(data$x, y - half, data$x, y + half,
        gp = grid::gpar(
          col = ggplot2::alpha(data$colour, data$alpha), lwd = 1.8 * data$stroke
        ), name = "ticks"
      )
    }
  )
}

layer_naive <- function(naive, theme) {
  ggplot2::geom_step(aes_of(x = "time", y = "estimate", group = "line"),
    data = naive, inherit.aes = FALSE, colour = muted_colour(theme), linewidth = 0.4,
    linetype = "42", na.rm = TRUE
  )
}

# Areas, paler where few subjects are at risk
layer_stack <- function(rows) {
  areas <- function(rows, ...) {
    ggplot2::geom_ribbon(aes_of(ymin = "low", ymax = "high", fill = "curve"),
      data = step_rows(rows), colour = "white", linewidth = 0.2, linetype = 1,
      na.rm = TRUE, key_glyph = "rect", ...
    )
  }
  if (!any(rows$thin)) return(list(areas(rows)))
  list(areas(rows[!rows$thin, ]), areas(thin_part(rows),
    alpha = pale_area, show.legend = FALSE
  ))
}

pale_area <- 0.4

# For each quantile a horizontal line at its level, up to the last curve that reaches it,
# and a vertical line down from each curve
layer_quantiles <- function(figure, theme) {
  down <- figure$quantiles
  down$time <- down$to <- down$estimate
  down$estimate <- down$level
  down$end <- rep(0, nrow(down))
  parts <- split(down, list(panel_number(down, figure), down$level), drop = TRUE)
  across <- do.call(rbind, lapply(parts, function(x) x[which.max(x$time), ]))
  across$time <- rep(0, nrow(across))
  across$end <- across$level
  segment <- function(data, ...) {
    ggplot2::geom_segment(aes_of(xend = "to", yend = "end"),
      data = data, linetype = "22", linewidth = 0.3, show.legend = FALSE, ...
    )
  }
  list(segment(across, colour = muted_colour(theme)), segment(down))
}

# Panels in at most three columns. Each has a time axis with its number-at-risk table
# below.
curve_facets <- function(figure) {
  n <- nlevels(figure$rows[[figure$facet]])
  ggplot2::facet_wrap(ggplot2::vars(!!as.name(figure$facet)),
    ncol = panel_columns(n), axes = "all_x",
    labeller = ggplot2::as_labeller(function(x) wrap_text(shorten(x, 40), 20))
  )
}

curve_scales <- function(figure) {
  curves <- levels(figure$rows$curve)
  style <- figure_styles(figure, curves)
  scale <- function(make, values) {
    make(values = values, limits = curves, labels = legend_text, na.value = NA)
  }
  fill <- if (figure$stacked) style$colour else rep(NA_character_, length(curves))
  guide <- if (length(curves) > 1L && figure$labels == "legend") {
    curve_legend(
      ncol = legend_columns(curves), byrow = TRUE, reverse = figure$stacked
    )
  } else {
    "none"
  }
  list(
    scale(ggplot2::scale_colour_manual, style$colour),
    scale(ggplot2::scale_fill_manual, fill),
    scale(ggplot2::scale_linetype_manual, style$linetype),
    ggplot2::guides(colour = guide, fill = guide, linetype = guide),
    ggplot2::labs(colour = figure$legend_title, fill = NULL, linetype = NULL),
    ggplot2::scale_x_continuous(
      breaks = axis_breaks(figure), labels = function(x) time_axis(x, figure$style),
      guide = ggplot2::guide_axis(check.overlap = TRUE),
      expand = ggplot2::expansion(mult = c(0.02, 0.03))
    ),
    ggplot2::scale_y_continuous(
      breaks = percent_breaks(figure$ylim), labels = percent_axis,
      expand = ggplot2::expansion(mult = 0.02)
    ),
    ggplot2::coord_cartesian(figure$xlim, figure$ylim, default = TRUE)
  )
}

# Colours and line types of the curves: given values, or the defaults of this package
figure_styles <- function(figure, curves) {
  # the event-free area is the first level, and is on top of the stack
  named <- if (figure$stacked) rev(curves[-1L]) else curves
  style <- curve_styles(length(named), figure$dark)
  if (figure$stacked) style$colour <- area_colours(length(named), figure$dark)
  if (!is.null(figure$colours)) {
    style$colour <- for_curves(figure$colours, named, "colours")
  }
  if (!is.null(figure$linetype)) {
    style$linetype <- for_curves(figure$linetype, named, "linetype", TRUE)
  }
  if (figure$stacked) {
    style$colour <- c(if (figure$dark) "grey35" else "grey88", rev(style$colour))
    style$linetype <- rep("solid", length(curves))
  }
  style
}

# A common legend for colour, fill and line type. ggplot2 merges legends with the same
# titles and labels. These legends are merged even after one of them was replaced, with
# the title and the labels that were given to any of them.
curve_legend <- function(...) {
  base <- ggplot2::guide_legend(...)
  given <- function(key) !identical(as.character(key$.label), legend_text(key$.value))
  ggplot2::ggproto("GuideCurves", base,
    hashables = list(quote(key$.value), quote(name)),
    merge = function(self, params, new_guide, new_params) {
      if (is.null(params$title)) params$title <- new_params$title
      if (!given(params$key)) params$key$.label <- new_params$key$.label
      ggplot2::ggproto_parent(base, self)$merge(params, new_guide, new_params)
    },
    draw = function(self, theme, position = NULL, direction = NULL,
                    params = self$params) {
      # next to the panel there is room for only one column
      if (any(position %in% c("left", "right"))) params["ncol"] <- 1
      if (isTRUE(params$ncol == 1)) params <- in_order_of_stack(params)
      ggplot2::ggproto_parent(base, self)$draw(theme, position, direction, params)
    }
  )
}

# In one column the areas are listed from the top, as they are stacked; in a row, where
# reverse = TRUE, from below
in_order_of_stack <- function(params) {
  if (!isTRUE(params$reverse)) return(params)
  back <- rev(seq_len(nrow(params$key)))
  params$key <- params$key[back, , drop = FALSE]
  params$decor <- lapply(params$decor, function(glyph) {
    glyph$data <- glyph$data[back, , drop = FALSE]
    glyph
  })
  params
}

percent_breaks <- function(ylim) {
  if (diff(ylim) > 0.6) return(seq(0, 1, 0.25))
  pretty(ylim, 4)
}

# Number of columns of a legend that fits a journal column (a key takes about three ems),
# with the same number of entries in each row
legend_columns <- function(labels) {
  wide <- vapply(strsplit(legend_text(labels), "\n"), function(lines) {
    max(0, text_em(lines))
  }, 0) + 3.5
  if (sum(wide) <= 28) return(length(labels))
  widest <- max(wide)
  most <- max(1, min(length(labels), floor(26 / widest)))
  ceiling(length(labels) / ceiling(length(labels) / most))
}

# Curves of step_rows() with limits as areas (those of the rows `limits`), one colour and
# line type each, over a time axis
step_figure <- function(rows, limits, breaks, theme) {
  n <- nlevels(rows$curve)
  style <- curve_styles(n, is_dark(theme))
  scale <- function(make, values) {
    make(values = values, labels = legend_text, name = NULL,
      guide = if (n > 1L) "legend" else "none"
    )
  }
  ggplot2::ggplot(rows, aes_of(
    x = "time", y = "estimate", colour = "curve", fill = "curve", linetype = "curve",
    group = "line"
  )) +
    (if (nrow(limits)) {
      ggplot2::geom_ribbon(aes_of(ymin = "conf.low", ymax = "conf.high"),
        data = limits, alpha = 0.2, colour = NA, linetype = 0
      )
    }) +
    ggplot2::geom_line(linewidth = 0.5) +
    scale(ggplot2::scale_colour_manual, style$colour) +
    scale(ggplot2::scale_fill_manual, style$colour) +
    scale(ggplot2::scale_linetype_manual, style$linetype) +
    ggplot2::scale_x_continuous(
      breaks = breaks, labels = time_axis, expand = ggplot2::expansion(mult = c(0, 0.02))
    )
}
