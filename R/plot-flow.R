#' Diagram of the flow of patients
#'
#' The boxes of [flow_table()]: one column for all patients, or one per group, with the
#' patients left out and the reasons.
#'
#' @param x A [flow_table()], or a data frame with its columns `step` and `n.patients`
#'   and, if wanted, `strata`, `n.lesions`, `n.event` and `reason`.
#' @param title,theme As in [waterfall_plot()]; only the fonts and the background of the
#'   theme are used.
#' @return A ggplot. Its data have one row per box: `text`, `xmin`, `xmax`, `ymin`, `ymax`
#'   (in lines of text).
#' @section Errors: `oligosurv_error_input` for another object or for missing columns;
#'   `oligosurv_error_data` without rows or with more than 4 groups;
#'   `oligosurv_error_dependency` without ggplot2.
#' @seealso [flow_table()], [save_figure()]
#' @examples
#' flow <- flow_table(hcc_sbrt, screened = 52, excluded = c("no imaging" = 15))
#' if (requireNamespace("ggplot2", quietly = TRUE)) flow_plot(flow)
#' @export
flow_plot <- function(x, title = NULL, theme = NULL) {
  need_package("ggplot2", "flow_plot()")
  if (!is.null(title)) check_string(title, "title")
  theme <- full_theme(theme)
  rows <- flow_rows(x)
  boxes <- flow_boxes(rows)
  ink <- ink_of(theme)
  boxes$x <- (boxes$xmin + boxes$xmax) / 2
  boxes$y <- (boxes$ymin + boxes$ymax) / 2
  arrows <- flow_arrows(boxes)
  figure <- ggplot2::ggplot(boxes) +
    ggplot2::geom_segment(
      aes_of(x = "x", y = "y", xend = "xend", yend = "yend"),
      data = arrows[!arrows$head, ], linewidth = 0.35, colour = ink, lineend = "square"
    ) +
    ggplot2::geom_segment(
      aes_of(x = "x", y = "y", xend = "xend", yend = "yend"),
      data = arrows[arrows$head, ], linewidth = 0.35, colour = ink,
      arrow = grid::arrow(length = grid::unit(3.5, "pt"), type = "closed")
    ) +
    ggplot2::geom_rect(
      aes_of(xmin = "xmin", xmax = "xmax", ymin = "ymin", ymax = "ymax"),
      fill = if (is_dark(theme)) "#2A3038" else "white", colour = ink, linewidth = 0.35
    ) +
    layer_box_text(boxes, theme) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(add = 0.03)) +
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(add = 0.3)) +
    ggplot2::labs(title = title, alt = paste(
      "Flow of patients:", paste(gsub("\n", " ", boxes$text), collapse = "; ")
    )) +
    theme + ggplot2::theme(
      axis.line = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
      axis.text = ggplot2::element_blank(), axis.title = ggplot2::element_blank()
    )
  lines <- diff(range(boxes$ymin, boxes$ymax)) + if (is.null(title)) 2 else 4
  with_height(figure, lines_mm(lines, theme), 0)
}

# Centred texts of the boxes, all of the same size: that of the theme, or smaller where
# the figure is too small
layer_box_text <- function(boxes, theme) {
  geom <- ggplot2::ggproto("GeomBoxText", ggplot2::Geom,
    required_aes = c("x", "y", "xmin", "xmax", "ymin", "ymax", "label"),
    draw_panel = function(data, panel_params, coord, gp) {
      data <- coord$transform(data, panel_params)
      grid::gTree(data = data, text_gp = gp, cl = "box_text", name = "box_text")
    }
  )
  element <- text_element("axis.text.y.left", theme)
  gp <- grid::gpar(
    fontsize = element$size, fontfamily = element$family, col = element$colour,
    lineheight = 1.05
  )
  ggplot2::layer(
    geom = geom, stat = "identity", position = "identity", data = boxes,
    mapping = aes_of(
      x = "x", y = "y", xmin = "xmin", xmax = "xmax", ymin = "ymin", ymax = "ymax",
      label = "text"
    ), inherit.aes = FALSE, show.legend = FALSE, params = list(gp = gp)
  )
}

# Sized at drawing time, because boxes have no size earlier
#' @exportS3Method grid::makeContent
makeContent.box_text <- function(x) {
  data <- x$data
  points <- function(unit, side) {
    convert <- if (side == "width") grid::convertWidth else grid::convertHeight
    convert(unit, "pt", valueOnly = TRUE)
  }
  room <- c(
    points(grid::unit(data$xmax - data$xmin, "npc"), "width") - 4,
    points(grid::unit(data$ymax - data$ymin, "npc"), "height") - 2
  )
  needed <- vapply(seq_len(nrow(data)), function(i) {
    grob <- grid::textGrob(data$label[i], gp = x$text_gp)
    c(points(grid::grobWidth(grob), "width"), points(grid::grobHeight(grob), "height"))
  }, double(2L))
  fits <- min(1, room / pmax(c(needed[1L, ], needed[2L, ]), 1))
  gp <- x$text_gp
  gp$fontsize <- max(2, gp$fontsize * fits)
  grid::setChildren(x, grid::gList(grid::textGrob(data$label, data$x, data$y, gp = gp)))
}

flow_rows <- function(x) {
  if (!is.data.frame(x) || !all(c("step", "n.patients") %in% names(x))) {
    stop_oligosurv("input", sprintf(
      "`x` must be a flow_table() or have the columns `step` and `n.patients`; it is %s",
      describe(x)
    ), arg = "x")
  }
  parts <- inherits(x, "flow_table")
  x <- as.data.frame(x)
  n <- nrow(x)
  if (n == 0L) stop_oligosurv("data", "`x` has no rows: nothing to draw", arg = "x")
  if (is.null(x$strata)) x$strata <- rep("All", n)
  for (name in c("n.lesions", "n.event")) {
    if (is.null(x[[name]])) x[[name]] <- rep(NA_integer_, n)
  }
  if (is.null(x$reason)) x$reason <- rep("", n)
  x$reason[is.na(x$reason)] <- ""
  x$step <- as.character(x$step)
  x$strata <- as.character(x$strata)
  groups <- setdiff(unique(x$strata), "All")
  if (length(groups) > 4L) {
    stop_oligosurv("data", sprintf(
      "the flow has %d groups, but a figure holds at most 4; draw several figures",
      length(groups)
    ), arg = "x")
  }
  # Steps after "included" branch off: each is a subset of the included patients, not of
  # the step before.
  x$branch <- rep(FALSE, n)
  if (parts) x$branch <- cumsum(x$step == "included") > 0L & x$step != "included"
  # with groups, all patients are one column up to the first step that has groups
  all <- x$strata == "All"
  if (length(groups)) {
    parted <- unique(x$step[!all])
    x <- x[!all | !x$step %in% parted[-1L], ]
  }
  x
}

# The text of each box: step and counts, if `reasons` also why patients were left out, and
# if `named` first the name of the group
flow_text <- function(rows, width, reasons, named) {
  sentence <- function(text) {
    paste0(toupper(substr(text, 1L, 1L)), substring(text, 2L))
  }
  count <- vapply(seq_len(nrow(rows)), function(i) {
    paste(c(
      sprintf("n = %s", format_count(rows$n.patients[i])),
      if (!is.na(rows$n.lesions[i])) count_noun(rows$n.lesions[i], "lesion"),
      if (!is.na(rows$n.event[i])) count_noun(rows$n.event[i], "event")
    ), collapse = ", ")
  }, "")
  step <- sentence(shorten(rows$step, 80L))
  if (named) step <- paste(shorten(rows$strata, 30L), tolower(step), sep = ": ")
  text <- paste0(wrap_text(step, width), "\n", wrap_text(count, width))
  shown <- reasons & rows$reason != ""
  text[shown] <- paste0(text[shown], "\n", wrap_text(
    sprintf("(%s)", rows$reason[shown]), width
  ))
  text
}

# Boxes of one column of the diagram, from `top` down, `height` lines each (NULL: as high
# as their text). With `beside`, the reasons for leaving patients out are in boxes on the
# right.
flow_column <- function(rows, text, ends, top, kind, height = NULL, beside = TRUE) {
  side <- ifelse(beside & rows$reason != "", wrap_text(
    paste("Left out:", rows$reason), 24L
  ), NA)
  own <- label_lines(text) + 0.9
  high <- pmax(own, ifelse(is.na(side), 0, label_lines(side) + 0.9))
  if (!is.null(height)) high <- own <- height
  middle <- top - cumsum(high + 1) + high / 2 + 1
  indent <- ifelse(rows$branch, 0.06, 0)
  boxes <- data.frame(
    text, xmin = ends[1L] + indent, xmax = ends[2L], ymin = middle - own / 2,
    ymax = middle + own / 2, kind = rep(kind, nrow(rows)), branch = rows$branch
  )
  with_side <- which(!is.na(side))
  tall <- (label_lines(side[with_side]) + 0.9) / 2
  rbind(boxes, data.frame(
    text = side[with_side], xmin = rep(ends[2L] + 0.08, length(with_side)),
    xmax = rep(ends[2L] + 0.5, length(with_side)), ymin = middle[with_side] - tall,
    ymax = middle[with_side] + tall, kind = rep("side", length(with_side)),
    branch = rep(FALSE, length(with_side))
  ))
}

flow_boxes <- function(rows) {
  groups <- setdiff(unique(rows$strata), "All")
  k <- length(groups)
  shared <- rows[rows$strata == "All", ]
  ends <- if (k < 2L) c(0, 0.52) else c(0.24, 0.76) * k / 2
  boxes <- if (nrow(shared)) {
    flow_column(shared, flow_text(shared, 28L, FALSE, FALSE), ends, 0, "all")
  }
  if (k == 0L) return(boxes)
  top <- min(0, boxes$ymin) - 1.6
  texts <- lapply(groups, function(group) {
    mine <- rows[rows$strata == group, ]
    text <- flow_text(mine, 24L, TRUE, FALSE)
    text[1L] <- flow_text(mine[1L, ], 24L, TRUE, TRUE)
    text
  })
  steps <- max(lengths(texts))
  height <- vapply(seq_len(steps), function(i) {
    max(label_lines(vapply(texts[lengths(texts) >= i], `[`, "", i))) + 0.9
  }, 0)
  columns <- lapply(seq_len(k), function(g) {
    mine <- rows[rows$strata == groups[g], ]
    at <- c(g - 1 + 0.03, g - 0.03) * 0.52
    flow_column(
      mine, texts[[g]], at, top, paste0("group", g), height[seq_len(nrow(mine))], FALSE
    )
  })
  do.call(rbind, c(list(boxes), columns))
}

# Arrows from each box to the next of its column, from all patients to the groups, and to
# the boxes on the right
flow_arrows <- function(boxes) {
  line <- function(x, y, xend, yend, head = TRUE) data.frame(x, y, xend, yend, head)
  down <- function(part) {
    on <- part[!part$branch, ]
    k <- nrow(on)
    off <- part[part$branch, ]
    trunk <- if (nrow(off) && k) {
      x <- on$xmin[k] + 0.02
      rbind(
        line(x, on$ymin[k], x, min(off$y), FALSE), line(rep(x, nrow(off)), off$y,
          off$xmin, off$y
        )
      )
    }
    if (k < 2L) return(trunk)
    rbind(line(on$x[-k], on$ymin[-k], on$x[-1L], on$ymax[-1L]), trunk)
  }
  main <- boxes[boxes$kind == "all", ]
  groups <- boxes[startsWith(boxes$kind, "group"), ]
  first <- groups[!duplicated(groups$kind), ]
  side <- boxes[boxes$kind == "side", ]
  parts <- c(list(down(main)), lapply(split(groups, groups$kind), down))
  if (nrow(side)) {
    from <- match(round(side$y, 6), round(main$y, 6))
    parts <- c(parts, list(line(main$xmax[from], side$y, side$xmin, side$y)))
  }
  if (nrow(main) && nrow(first)) {
    last <- main[max(which(!main$branch)), ]
    fork <- (last$ymin + max(first$ymax)) / 2
    parts <- c(parts, list(
      line(last$x, last$ymin, last$x, fork, FALSE),
      line(min(first$x), fork, max(first$x), fork, FALSE),
      line(first$x, fork, first$x, first$ymax)
    ))
  }
  parts <- Filter(Negate(is.null), parts)
  if (!length(parts)) return(line(0, 0, 0, 0)[0L, ])
  do.call(rbind, c(parts, make.row.names = FALSE))
}
