# Layers of a figure of curves, in ggplot2. What they show comes from curve_figure().

# aes() from column names, so that no column is taken for a variable of the package
aes_of <- function(...) do.call(ggplot2::aes, lapply(c(...), as.name))

curve_mapping <- function(rows) {
  aes_of(
    x = "time", y = "estimate", colour = "curve", fill = "curve", linetype = "curve"
  )
}

# Corners of step functions: each value holds until the next time of its curve
step_rows <- function(rows) {
  parts <- lapply(split(rows, rows$curve), function(x) {
    k <- nrow(x)
    if (k < 2L) return(x)
    at <- rep(seq_len(k), each = 2L)
    out <- x[at[-2L * k], ]
    out$time <- x$time[at[-1L]]
    out
  })
  do.call(rbind, c(parts, make.row.names = FALSE))
}

layer_band <- function(rows) {
  ggplot2::geom_ribbon(aes_of(ymin = "conf.low", ymax = "conf.high"),
    data = step_rows(rows), alpha = 0.2, colour = NA, linetype = 0, na.rm = TRUE
  )
}

# A curve that ends where it starts, at time 0, is a point
layer_curve <- function(rows) {
  lone <- rows$curve %in% names(which(table(rows$curve) == 1L))
  list(
    ggplot2::geom_step(data = rows[!lone, ], linewidth = 0.5, na.rm = TRUE),
    if (any(lone)) ggplot2::geom_point(data = rows[lone, ], show.legend = FALSE)
  )
}

layer_censored <- function(rows) {
  ggplot2::geom_point(
    data = rows[rows$n.censor > 0 & !is.na(rows$estimate), ], shape = 3, size = 0.9,
    stroke = 0.4, show.legend = FALSE
  )
}

# From the longest median to the axis at one half, and down from each
layer_median <- function(medians) {
  medians <- medians[!is.na(medians$estimate), ]
  down <- data.frame(
    curve = medians$curve, time = medians$estimate, to = medians$estimate,
    estimate = rep(0.5, nrow(medians)), end = rep(0, nrow(medians))
  )
  across <- down[which.max(down$time), ]
  across$time <- rep(0, nrow(across))
  across$end <- rep(0.5, nrow(across))
  segment <- function(data, ...) {
    ggplot2::geom_segment(aes_of(xend = "to", yend = "end"),
      data = data, linetype = "22", linewidth = 0.3, show.legend = FALSE, ...
    )
  }
  list(segment(across, colour = "grey40"), segment(down))
}

# Survival leaves the lower left corner free, cumulative incidence the upper left
layer_p <- function(figure, theme) {
  text <- ggplot2::calc_element("axis.text.x.bottom", theme)
  high <- figure$ylim[2L]
  height <- diff(figure$ylim)
  ggplot2::annotate("text",
    x = 0.02 * figure$xlim[2L],
    y = if (figure$rising) high - 0.02 * height else figure$ylim[1L] + 0.04 * height,
    label = figure$p_text, hjust = 0, vjust = if (figure$rising) 1 else 0,
    size = text$size / ggplot2::.pt, colour = text$colour, lineheight = 1
  )
}

# Okabe and Ito's colours without the yellow, which vanishes on white, and as many line
# types: curves stay apart in grey and for every reader.
curve_colours <- c(
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"
)
curve_linetypes <- c("solid", "52", "12", "5212", "82", "521212")

# The first `n` colours and line types
curve_styles <- function(n) {
  list(
    colour = rep_len(curve_colours, n),
    linetype = if (n == 1L) "solid" else rep_len(curve_linetypes, n)
  )
}

curve_scales <- function(figure) {
  curves <- levels(figure$rows$curve)
  style <- curve_styles(length(curves))
  scale <- function(make, values) {
    make(values = values, limits = curves, labels = legend_text, name = NULL)
  }
  guide <- if (length(curves) > 1L) {
    ggplot2::guide_legend(ncol = legend_columns(curves), byrow = TRUE)
  } else {
    "none"
  }
  list(
    scale(ggplot2::scale_colour_manual, style$colour),
    scale(ggplot2::scale_fill_manual, style$colour),
    scale(ggplot2::scale_linetype_manual, style$linetype),
    ggplot2::guides(colour = guide, fill = guide, linetype = guide),
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

percent_breaks <- function(ylim) {
  if (diff(ylim) > 0.6) return(seq(0, 1, 0.25))
  pretty(ylim, 4)
}

# As many columns as fit a figure of one journal column, a key being about three ems;
# rows of equal length
legend_columns <- function(labels) {
  widest <- max(0, text_em(unlist(strsplit(legend_text(labels), "\n")))) + 3.5
  most <- max(1, min(length(labels), floor(26 / widest)))
  ceiling(length(labels) / ceiling(length(labels) / most))
}

full_theme <- function(theme) {
  base <- theme_oligosurv()
  if (is.null(theme)) return(base)
  if (!inherits(theme, "theme")) {
    stop_oligosurv("input", sprintf(
      "`theme` must be a ggplot2 theme; it is %s", describe(theme)
    ), arg = "theme")
  }
  base + theme
}

text_size <- function(element, theme) ggplot2::calc_element(element, theme)$size

# The table and the room it takes: below the axis title, and left of the panel for the
# names of the rows. Names too wide for the margin stand above their numbers.
layer_risk_table <- function(figure, theme) {
  if (is.null(figure$risk_title)) return(NULL)
  size <- 0.92 * text_size("axis.text.x.bottom", theme)
  labels <- levels(figure$rows$curve)
  if (length(labels) == 1L) labels <- ""
  above <- max(text_em(labels)) > 9
  labels <- shorten(labels, if (above) 60L else 30L)
  line <- 1.25 * size
  number_line <- if (above) 2L * seq_along(labels) + 1L else seq_along(labels) + 1L
  half <- function(at) {
    column <- figure$risk$label[figure$risk$time == at]
    max(text_em(c(column, time_axis(at)))) * size / 2
  }
  indent <- half(figure$breaks[1L]) + 0.5 * size
  room <- line * (max(number_line) + 0.6)
  text <- ggplot2::calc_element("axis.text.x.bottom", theme)
  table <- list(
    title = figure$risk_title, labels = labels, size = size, line = line,
    number_line = number_line, label_line = if (above) number_line - 1L else number_line,
    indent = if (above) 0 else indent, hjust = if (above) 0 else 1,
    # measured when drawn: measuring needs the device
    top = function() axis_height(figure$xlab, theme), family = text$family,
    colour = text$colour
  )
  left <- if (above) indent else indent + max(text_em(labels)) * size
  list(
    geom_risk_table(figure$risk, table),
    risk_table_room(
      theme, room, left - left_room(figure$ylab, theme), half(max(figure$breaks)) - 8
    )
  )
}

# Height of the axis under the panel, as the theme draws it
axis_height <- function(xlab, theme) {
  drawn <- function(element, label) {
    grid::grobHeight(
      ggplot2::element_render(theme, element, label = label, margin_y = TRUE)
    )
  }
  ggplot2::calc_element("axis.ticks.length.x.bottom", theme) +
    drawn("axis.text.x.bottom", "0") + drawn("axis.title.x.bottom", xlab)
}

# Points between the panel and the left edge of the figure, about
left_room <- function(ylab, theme) {
  lines <- lengths(regmatches(ylab, gregexpr("\n", ylab))) + 1
  5 + lines * 1.1 * text_size("axis.title.y.left", theme) +
    2.9 * text_size("axis.text.y.left", theme)
}

# More margin below the axis title, left and right of the figure, in points
risk_table_room <- function(theme, below, left, right) {
  more <- function(element, t = 0, r = 0, b = 0, l = 0) {
    old <- ggplot2::calc_element(element, theme)
    if (!grid::is.unit(old)) old <- old$margin
    new <- as.numeric(old) + c(t, r, b, l)
    ggplot2::margin(new[1], new[2], new[3], new[4])
  }
  ggplot2::theme(
    axis.title.x = ggplot2::element_text(margin = more("axis.title.x.bottom", b = below)),
    plot.margin = more("plot.margin", r = max(0, right), l = max(0, left))
  )
}

# A layer of its own, because the rows stand at distances from the panel that do not
# depend on its height, while the columns stand at times.
geom_risk_table <- function(rows, table) {
  geom <- ggplot2::ggproto("GeomRiskTable", ggplot2::Geom,
    required_aes = c("x", "row", "label"),
    draw_panel = function(data, panel_params, coord, table) {
      data$x <- coord$transform(data, panel_params)$x
      risk_table_grob(data[data$x >= 0 & data$x <= 1, ], table)
    }
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = rows,
    mapping = aes_of(x = "time", row = "row", label = "label"),
    inherit.aes = FALSE, show.legend = FALSE, params = list(table = table)
  )
}

# Drawn outside the panel, which clips its curves: a viewport of its own lifts that
risk_table_grob <- function(data, table) {
  top <- grid::unit(0, "npc") - table$top()
  rows <- sort(unique(data$row))
  text <- function(label, x, line, hjust, name, face = "plain") {
    grid::textGrob(label,
      x = x, y = top - grid::unit(line * table$line, "pt"),
      hjust = hjust, vjust = 0, name = name,
      gp = grid::gpar(
        fontsize = table$size, fontfamily = table$family, fontface = face,
        col = table$colour
      )
    )
  }
  grid::gTree(
    children = grid::gList(
      text(table$title, grid::unit(0, "npc"), 1, 0, "risk_title", "bold"),
      text(
        table$labels[rows], grid::unit(0, "npc") - grid::unit(table$indent, "pt"),
        table$label_line[rows], table$hjust, "risk_labels"
      ),
      text(
        data$label, grid::unit(data$x, "npc"), table$number_line[data$row], 0.5,
        "risk_numbers"
      )
    ),
    vp = grid::viewport(clip = "off"), name = "risk_table"
  )
}
