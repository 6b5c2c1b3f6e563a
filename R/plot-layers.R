# The ggplot2 layers of a figure of curves; curve_figure() computes what they show.

curve_mapping <- function() {
  aes_of(
    x = "time", y = "estimate", colour = "curve", linetype = "curve", group = "line"
  )
}

# Limits of an area. Unless a scale gives it a fill, it has the colour of its curve.
band_mapping <- function(low, high) {
  # ggplot2 looks for stage() here
  stage <- ggplot2::stage
  fill <- quote(stage(start = curve, after_scale = ifelse(is.na(fill), colour, fill)))
  do.call(ggplot2::aes, list(ymin = as.name(low), ymax = as.name(high), fill = fill))
}

# Corners of step functions: each value holds until the next time of its line
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
layer_band <- function(rows) {
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
    band(rows, "conf", 0.2), band(thin, "conf", 0.07)
  )
}

# A line that ends at its first time is drawn as a point
layer_curve <- function(rows) {
  lone <- rows$line %in% names(which(table(rows$line) == 1L))
  drawn <- rows[!lone & !rows$thin, ]
  solid <- drawn[!drawn$line %in% names(which(table(drawn$line) == 1L)), ]
  list(
    ggplot2::geom_step(data = solid, linewidth = 0.5, na.rm = TRUE),
    if (any(rows$thin)) {
      ggplot2::geom_step(
        data = thin_part(rows), linewidth = 0.5, alpha = 0.35, na.rm = TRUE,
        show.legend = FALSE
      )
    },
    if (any(lone)) ggplot2::geom_point(data = rows[lone, ], show.legend = FALSE)
  )
}

layer_censored <- function(rows) {
  marks <- rows[rows$n.censor > 0 & !is.na(rows$estimate), ]
  point <- function(data, alpha) {
    ggplot2::geom_point(
      data = data, shape = 3, size = 0.9, stroke = 0.4, alpha = alpha, show.legend = FALSE
    )
  }
  list(
    point(marks[!marks$thin, ], 1), if (any(marks$thin)) point(marks[marks$thin, ], 0.35)
  )
}

layer_naive <- function(naive, theme) {
  ggplot2::geom_step(aes_of(x = "time", y = "estimate", group = "line"),
    data = naive, inherit.aes = FALSE, colour = muted_colour(theme), linewidth = 0.4,
    linetype = "42", na.rm = TRUE
  )
}

layer_stack <- function(rows) {
  list(ggplot2::geom_ribbon(aes_of(ymin = "low", ymax = "high", fill = "curve"),
    data = step_rows(rows), colour = "white", linewidth = 0.2, linetype = 1, na.rm = TRUE,
    key_glyph = "rect"
  ))
}

# A horizontal line at 50% up to the longest median, and a vertical line down from each
# median
layer_median <- function(medians, theme) {
  medians <- medians[!is.na(medians$estimate), ]
  down <- medians
  down$time <- down$to <- medians$estimate
  down$estimate <- rep(0.5, nrow(down))
  down$end <- rep(0, nrow(down))
  across <- down[which.max(down$time), ]
  across$time <- rep(0, nrow(across))
  across$end <- rep(0.5, nrow(across))
  segment <- function(data, ...) {
    ggplot2::geom_segment(aes_of(xend = "to", yend = "end"),
      data = data, linetype = "22", linewidth = 0.3, show.legend = FALSE, ...
    )
  }
  list(segment(across, colour = muted_colour(theme)), segment(down))
}

# A vertical line at each time, with the estimate of each curve next to it: the higher of
# two estimates is above its curve, the lower below
layer_times <- function(figure, theme) {
  at <- figure$at
  key <- paste(at$time, if (is.null(figure$facet)) "" else at[[figure$facet]])
  rank <- stats::ave(at$estimate, key, FUN = function(e) rank(e, ties.method = "first"))
  alone <- stats::ave(at$estimate, key, FUN = length) == 1
  at$vjust <- ifelse(rank == 1 & !alone, 1.4, -0.5)
  left <- at$time > 0.85 * figure$xlim[2L] |
    (figure$rising & at$vjust < 0 & at$time > 0.1 * figure$xlim[2L])
  at$right <- ifelse(left, 1.1, -0.1)
  at$text <- percent_axis(round(at$estimate, if (any(at$estimate %in% c(0, 1))) 3 else 2))
  list(
    ggplot2::geom_vline(
      xintercept = unique(at$time), linetype = "13", linewidth = 0.3,
      colour = muted_colour(theme)
    ),
    ggplot2::geom_point(data = at, shape = 16, size = 0.9, show.legend = FALSE),
    layer_paper_text(at, theme)
  )
}

# Text on a patch of the background colour, so that curves do not cross it
layer_paper_text <- function(at, theme) {
  fill <- ggplot2::calc_element("plot.background", theme)$fill
  paper <- if (is.null(fill) || is.na(fill)) "white" else fill
  geom <- ggplot2::ggproto("GeomPaperText", ggplot2::GeomText,
    draw_panel = function(self, data, panel_params, coord, paper) {
      text <- ggplot2::ggproto_parent(ggplot2::GeomText, self)$draw_panel(
        data, panel_params, coord
      )
      width <- grid::stringWidth(data$label) + grid::unit(1.5, "pt")
      patch <- grid::rectGrob(text$x, text$y, width, grid::unit(0.95, "lines"),
        hjust = data$hjust, vjust = data$vjust,
        gp = grid::gpar(
          fill = grDevices::adjustcolor(paper, 0.75), col = NA, lineheight = 1,
          fontsize = data$size[1L] * ggplot2::.pt, fontfamily = data$family[1L]
        )
      )
      grid::gTree(children = grid::gList(patch, text))
    }
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = at,
    mapping = aes_of(label = "text", hjust = "right", vjust = "vjust"),
    show.legend = FALSE, params = list(
      size = 0.9 * text_size("axis.text.x.bottom", theme) / ggplot2::.pt,
      family = theme_family(theme), paper = paper
    )
  )
}

# Texts of the test and the hazard ratio, in the corner that text_corner() chooses. If the
# panels are causes, each has the text of its cause; otherwise the first panel has them.
layer_text <- function(figure, theme) {
  text <- figure$text
  cause <- names(text)
  several <- length(unique(cause)) > 1L
  by_panel <- several && identical(figure$facet, "outcome")
  if (several && !by_panel) text <- paste0(cause, ": ", text)
  panels <- if (is.null(figure$facet)) 1L else nlevels(figure$rows[[figure$facet]])
  text <- wrap_text(text, if (panels > 1L) 26L else 46L)
  corner <- text_corner(figure, unlist(strsplit(text, "\n")))
  inset <- 0.02 * figure$xlim[2L]
  height <- diff(figure$ylim)
  right <- substr(corner, 2L, 2L) == "r"
  top <- substr(corner, 1L, 1L) == "t"
  place <- data.frame(
    x = if (right) figure$xlim[2L] - inset else inset,
    y = if (top) figure$ylim[2L] - 0.02 * height else figure$ylim[1L] + 0.03 * height
  )
  each <- if (by_panel) split(unname(text), factor(cause, unique(cause))) else list(text)
  data <- do.call(rbind, lapply(each, function(lines) {
    cbind(place, text = paste(lines, collapse = "\n"))
  }))
  if (by_panel) {
    data$outcome <- factor(names(each), levels(figure$rows$outcome))
  } else if (!is.null(figure$facet)) {
    levels <- levels(figure$rows[[figure$facet]])
    data[[figure$facet]] <- factor(levels[1L], levels)
  }
  element <- text_element("axis.text.x.bottom", theme)
  ggplot2::geom_text(aes_of(x = "x", y = "y", label = "text"),
    data = data, inherit.aes = FALSE, hjust = as.numeric(right), vjust = as.numeric(top),
    size = element$size / ggplot2::.pt, colour = element$colour, family = element$family,
    lineheight = 1.05
  )
}

# Panels in at most three columns, each with a time axis, under which its number-at-risk
# table is drawn
curve_facets <- function(figure) {
  n <- nlevels(figure$rows[[figure$facet]])
  ggplot2::facet_wrap(ggplot2::vars(!!as.name(figure$facet)),
    ncol = panel_columns(n), axes = "all_x",
    labeller = ggplot2::as_labeller(function(x) wrap_text(shorten(x, 40), 20))
  )
}

panel_columns <- function(n) if (n == 3L) 3L else min(n, 2L)

curve_scales <- function(figure) {
  curves <- levels(figure$rows$curve)
  style <- curve_styles(length(curves), figure$dark)
  if (figure$stacked) {
    # the event-free area is the first level, and is on top of the stack
    style <- curve_styles(length(curves) - 1L, figure$dark)
    style$colour <- c(if (figure$dark) "grey35" else "grey88", rev(style$colour))
    style$linetype <- rep("solid", length(curves))
  }
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
    ggplot2::labs(colour = NULL, fill = NULL, linetype = NULL),
    ggplot2::scale_x_continuous(
      breaks = figure$breaks, labels = time_axis,
      expand = ggplot2::expansion(mult = c(0.02, 0.03))
    ),
    ggplot2::scale_y_continuous(
      breaks = percent_breaks(figure$ylim), labels = percent_axis,
      expand = ggplot2::expansion(mult = 0.02)
    ),
    ggplot2::coord_cartesian(figure$xlim, figure$ylim, default = TRUE)
  )
}

# A legend for colour, fill and line type together. ggplot2 joins legends whose titles and
# labels are equal; these are also joined after one of them was replaced, and the title and
# the labels that were given to any of them hold.
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
      # next to the panel there is room for one column only
      if (any(position %in% c("left", "right"))) params["ncol"] <- 1
      ggplot2::ggproto_parent(base, self)$draw(theme, position, direction, params)
    }
  )
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
