#' Diagram of the flow of patients
#'
#' Draws [flow_table()] as boxes with the wording of CONSORT: one column for all patients,
#' or one per group, with the patients excluded at screening or left out of a step, and
#' the reasons.
#'
#' @details Boxes and lines of text are laid out when the figure is drawn, for its width
#' at that time: texts that fit on one line at 174 mm wrap at 85 mm, and the type is
#' smaller only if a word would not fit otherwise. A single column begins at the left;
#' columns of groups are centred. A reason such as "9 no imaging, 6 other SBRT" is listed
#' as "no imaging (n = 9)" and "other SBRT (n = 6)".
#'
#' @param x A [flow_table()], or a data frame with its columns `step` and `n.patients`
#'   and, optionally, `strata`, `n.lesions`, `n.event`, `n.left.out` and `reason`.
#' @param title,theme As in [waterfall_plot()]; only the fonts and the background of the
#'   theme are used.
#' @return A ggplot. Its data are the rows of `x` that have a box.
#' @section Errors: `oligosurv_error_input` for another object or for missing columns;
#'   `oligosurv_error_domain` for a number below 0; `oligosurv_error_data` without rows or
#'   with more than 4 groups; `oligosurv_error_dependency` without ggplot2.
#' @references Hopewell et al. (2025) CONSORT 2025 statement, the flow diagram,
#'   \doi{10.1136/bmj-2024-081123}.
#' @seealso [flow_table()], [save_figure()]
#' @examples
#' flow <- flow_table(hcc_sbrt, screened = 52, excluded = c("no imaging" = 15))
#' if (requireNamespace("ggplot2", quietly = TRUE)) flow_plot(flow)
#' @export
flow_plot <- function(x, title = NULL, theme = NULL) {
  theme <- checked_theme(title, theme, "flow_plot()")
  rows <- flow_rows(x)
  element <- text_element("axis.text.y.left", theme)
  measure <- text_measure(element$family)
  draw <- function(data, width, height, axis) {
    boxes <- fit_flow(rows, width, height, element$size, measure)
    draw_flow(boxes, element$family, theme)
  }
  figure <- ggplot2::ggplot(rows) + layer_drawn(rows, c(x = "n.patients"), draw) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(0)) +
    # do not clip boxes that are as wide as the panel
    ggplot2::coord_cartesian(clip = "off") +
    ggplot2::labs(title = title, x = "", alt = flow_alt(rows)) +
    theme + ggplot2::theme(
      axis.line = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
      axis.text = ggplot2::element_blank(), axis.title = ggplot2::element_blank()
    )
  attr(figure, "height_mm") <- function(width_mm, plot) {
    width <- max(20, width_mm * 72 / 25.4 - 12)
    boxes <- fit_flow(rows, width, Inf, element$size, text_guess)
    title_points <- if (is.null(title)) 0 else 2.4 * element$size
    (max(boxes$ymax) - min(boxes$ymin) + title_points + 14) * 25.4 / 72
  }
  figure
}

flow_alt <- function(rows) {
  text <- paste0(rows$text, ifelse(nzchar(rows$side), paste0("; ", rows$side), ""))
  paste("Flow of patients:", paste(gsub("\n", ", ", text), collapse = "; "))
}

flow_rows <- function(x) {
  if (!is.data.frame(x) || !all(c("step", "n.patients") %in% names(x))) {
    stop_oligosurv("input", sprintf(
      "`x` must be a flow_table() or have the columns `step` and `n.patients`; it is %s",
      describe(x)
    ), arg = "x")
  }
  parts <- inherits(x, "flow_table")
  x <- as.data.frame(check_frame_columns(x, "x"))
  n <- nrow(x)
  if (n == 0L) {
    stop_oligosurv("data", "`x` must have at least one row; it has none", arg = "x")
  }
  if (is.null(x$strata)) x$strata <- rep("All", n)
  for (name in c("n.patients", "n.lesions", "n.event", "n.left.out")) {
    if (is.null(x[[name]])) x[[name]] <- rep(NA_integer_, n)
    x[[name]] <- check_flow_count(x[[name]], name)
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
  # with groups, one column shows all patients up to the first step that has groups
  all <- x$strata == "All"
  if (length(groups)) {
    parted <- unique(x$step[!all])
    x <- x[!all | !x$step %in% parted[-1L], ]
  }
  x$text <- flow_text(x)
  x$side <- excluded_text(x$reason, x$n.left.out, x$branch)
  x
}

# Whole numbers of patients, lesions or events; NA for unknown
check_flow_count <- function(x, name) {
  x <- plain_column(x)
  if ((is.numeric(x) || all(is.na(x))) && is.null(dim(x))) {
    bad <- !is.na(x) & (is.infinite(x) | x < 0)
    if (any(bad)) stop_domain(name, "finite and at least 0", bad, x, "row")
    return(as.double(x))
  }
  stop_oligosurv("input", sprintf(
    "the column `%s` of `x` must be numbers of at least 0, or NA; it is %s", name,
    describe(x)
  ), arg = "x", column = name)
}

# "Included (n = 37)", with numbers of lesions or events below; the first box of a group
# has its name
flow_text <- function(rows) {
  step <- trimws(shorten(rows$step, 80L))
  named <- rows$strata != "All" & !duplicated(rows$strata)
  step[named] <- paste(shorten(rows$strata[named], 30L), step[named], sep = ": ")
  step[!named] <- sentence_case(step[!named])
  more <- vapply(seq_len(nrow(rows)), function(i) {
    paste(c(
      if (!is.na(rows$n.lesions[i])) count_noun(rows$n.lesions[i], "lesion"),
      if (!is.na(rows$n.event[i])) count_noun(rows$n.event[i], "event")
    ), collapse = ", ")
  }, "")
  n <- number_of(rows$n.patients)
  paste0(trimws(paste(step, n)), ifelse(nzchar(more), paste0("\n", more), ""))
}

# "(n = 15)", with non-breaking spaces
number_of <- function(n) {
  sprintf("(n\u00a0=\u00a0%s)", format_count(n, "not known", each = TRUE))
}

# "Excluded (n = 15)", with one line below for each reason. A text such as "9 no imaging,
# 6 other SBRT" is split into its reasons and numbers; other texts are not changed. Those
# who are missing from one analysis only (`branch`) are left out, not excluded.
excluded_text <- function(reason, n, branch) {
  branch <- rep_len(branch, length(reason))
  vapply(seq_along(reason), function(i) {
    text <- shorten(trimws(reason[i]), 400L)
    if (!nzchar(text)) return("")
    parts <- strsplit(text, ", (?=[0-9,]+ )", perl = TRUE)[[1L]]
    counted <- all(grepl("^[0-9,]+ [^ ]", parts))
    count <- as.double(gsub(",", "", sub(" .*", "", parts[counted])))
    if (counted) {
      parts <- paste(sub("^[0-9,]+ ", "", parts), number_of(count))
    }
    if (!counted) parts <- text
    total <- n[i]
    if (is.na(total)) total <- if (counted) sum(count)
    if (identical(total, 0)) total <- NULL # the reason is about lesions alone
    # a single reason needs no number, because it is the number of the box
    if (counted && length(parts) == 1L && identical(total, count)) {
      parts <- sub("^[0-9,]+ ", "", text)
    }
    word <- if (branch[i]) "Left out" else "Excluded"
    first <- paste(c(word, if (!is.null(total)) number_of(total)), collapse = " ")
    paste(c(paste0(first, ":"), parts), collapse = "\n")
  }, "")
}

# Positions of the boxes in points, with smaller type if they do not fit otherwise.
# `measure` makes a measure from a font size.
fit_flow <- function(rows, width, height, size, measure) {
  for (share in c(1, 0.92, 0.84, 0.76, 0.68, 0.6, 0.5, 0.4, 0.3, 0.2)) {
    boxes <- flow_boxes(rows, width, size * share, measure(size * share))
    fits <- !attr(boxes, "torn") && max(boxes$ymax) - min(boxes$ymin) <= height
    if (fits) break
  }
  boxes
}

# Text of boxes wrapped to a width, with its padding
boxed <- function(text, width, size, measure) {
  lines <- strsplit(text, "\n", fixed = TRUE)
  vapply(lines, function(line) {
    paste(wrap_to(line, width - 1.2 * size, measure), collapse = "\n")
  }, "")
}

# Is there a word that does not fit into the width?
is_torn <- function(text, width, size, measure) {
  words <- unlist(strsplit(text, "[ \n]"))
  length(words) > 0L && max(measure(words)) > width - 1.2 * size &&
    max(nchar(words)) <= 30L
}

box_height <- function(text, size) (1.14 * label_lines(text) + 0.8) * size

# The boxes of one column of the diagram, from `top` down, with the reasons for exclusion
# on the right. `height`: height of each box in points (NULL: the height of its text)
flow_column <- function(rows, text, ends, top, kind, size, height = NULL, side = NULL,
                        side_ends = NULL) {
  own <- box_height(text, size)
  with_side <- which(nzchar(side))
  tall <- box_height(side[with_side], size)
  high <- own
  high[with_side] <- pmax(own[with_side], tall)
  if (!is.null(height)) high <- own <- height
  middle <- top - cumsum(high + 1.1 * size) + high / 2 + 1.1 * size
  indent <- ifelse(rows$branch, 1.6 * size, 0)
  boxes <- data.frame(
    text, xmin = ends[1L] + indent, xmax = ends[2L], ymin = middle - own / 2,
    ymax = middle + own / 2, kind = rep(kind, nrow(rows)), branch = rows$branch
  )
  if (!length(with_side)) return(boxes)
  rbind(boxes, data.frame(
    text = side[with_side], xmin = side_ends[1L], xmax = side_ends[2L],
    ymin = middle[with_side] - tall / 2, ymax = middle[with_side] + tall / 2,
    kind = "side", branch = FALSE
  ))
}

# Positions of all boxes, in points; the attribute `torn` says whether a word is cut
flow_boxes <- function(rows, width, size, measure) {
  groups <- setdiff(unique(rows$strata), "All")
  shared <- rows[rows$strata == "All", ]
  need <- function(text) max(0, measure(text)) + 1.3 * size
  top <- 0
  boxes <- NULL
  torn <- FALSE
  if (nrow(shared)) {
    side <- shared$side
    gap <- 2 * size
    indent <- 1.6 * size * any(shared$branch)
    free <- width - if (any(nzchar(side))) gap else 0
    beside <- if (any(nzchar(side))) {
      min(need(side), max(0.42 * free, free - need(shared$text) - indent))
    } else {
      0
    }
    own <- min(need(shared$text) + indent, free - beside)
    # a lone column begins at the left, as titles and captions do
    start <- 0
    if (length(groups)) start <- (width - own - beside - if (beside > 0) gap else 0) / 2
    # boxes of all patients are centred above several groups
    middle <- (width - own) / 2
    if (length(groups) > 1L && middle >= beside + gap) start <- middle
    text <- boxed(shared$text, own - indent, size, measure)
    torn <- is_torn(shared$text, own - indent, size, measure) ||
      is_torn(side, beside, size, measure)
    boxes <- flow_column(shared, text, start + c(0, own), 0, "all", size,
      side = ifelse(nzchar(side), boxed(side, beside, size, measure), ""),
      side_ends = start + own + gap + c(0, beside)
    )
    top <- min(boxes$ymin) - 2 * size
  }
  if (length(groups)) {
    parts <- flow_groups(rows, groups, width, size, measure, top)
    torn <- torn || attr(parts, "torn")
    boxes <- rbind(boxes, parts)
  }
  boxes$x <- (boxes$xmin + boxes$xmax) / 2
  boxes$y <- (boxes$ymin + boxes$ymax) / 2
  structure(boxes, torn = torn, size = size)
}

# One column for each group. Its boxes have the same heights as those of the other groups,
# and contain the reasons for exclusion.
flow_groups <- function(rows, groups, width, size, measure, top) {
  k <- length(groups)
  indent <- 1.6 * size * any(rows$branch & rows$strata != "All")
  all_text <- paste0(rows$text, ifelse(nzchar(rows$side), "\n", ""), rows$side)
  mine <- lapply(groups, function(group) which(rows$strata == group))
  need <- max(0, measure(all_text[unlist(mine)])) + 1.3 * size + indent
  own <- min(need, (width - (k - 1) * size) / k)
  texts <- lapply(mine, function(i) boxed(all_text[i], own - indent, size, measure))
  height <- vapply(seq_len(max(lengths(texts))), function(i) {
    max(box_height(vapply(texts[lengths(texts) >= i], `[`, "", i), size))
  }, 0)
  start <- (width - k * own - (k - 1) * size) / 2
  columns <- lapply(seq_len(k), function(g) {
    i <- mine[[g]]
    ends <- start + (g - 1) * (own + size) + c(0, own)
    flow_column(rows[i, ], texts[[g]], ends, top, paste0("group", g), size,
      height[seq_along(i)], side = rep("", length(i))
    )
  })
  structure(do.call(rbind, columns),
    torn = is_torn(all_text[unlist(mine)], own - indent, size, measure)
  )
}

# Draws boxes, arrows and texts; the diagram is centred in its panel
draw_flow <- function(boxes, family, theme) {
  ink <- ink_of(theme)
  size <- attr(boxes, "size")
  shift <- mean(c(min(boxes$ymin), max(boxes$ymax)))
  y_at <- function(y) grid::unit(0.5, "npc") + grid::unit(y - shift, "pt")
  x_at <- function(x) grid::unit(x, "pt")
  arrows <- flow_arrows(boxes, 0.6 * size)
  line <- function(part, arrow = NULL) {
    grid::segmentsGrob(x_at(part$x), y_at(part$y), x_at(part$xend), y_at(part$yend),
      arrow = arrow, gp = grid::gpar(col = ink, fill = ink, lwd = 1, lineend = "square")
    )
  }
  # grid multiplies the height of lines by 1.2
  gp <- grid::gpar(fontsize = size, fontfamily = family, col = ink, lineheight = 0.95)
  # lists of reasons are left-aligned, other texts are centred
  left <- boxes$kind == "side"
  x <- ifelse(left, boxes$xmin + 0.6 * size, boxes$x)
  head <- grid::arrow(length = grid::unit(3.5, "pt"), type = "closed")
  grid::gList(
    if (any(!arrows$head)) line(arrows[!arrows$head, ]),
    if (any(arrows$head)) line(arrows[arrows$head, ], head),
    grid::rectGrob(x_at(boxes$x), y_at(boxes$y), x_at(boxes$xmax - boxes$xmin),
      x_at(boxes$ymax - boxes$ymin),
      gp = grid::gpar(
        fill = if (is_dark(theme)) "#2A3038" else "white", col = ink, lwd = 1
      )
    ),
    grid::textGrob(device_text(boxes$text), x_at(x), y_at(boxes$y),
      hjust = ifelse(left, 0, 0.5), vjust = 0.5, gp = gp, name = "flow_text"
    )
  )
}

# Arrows from each box to the next of its column, from all patients to the groups, and to
# the boxes on the right
flow_arrows <- function(boxes, trunk) {
  line <- function(x, y, xend, yend, head = TRUE) data.frame(x, y, xend, yend, head)
  down <- function(part) {
    on <- part[!part$branch, ]
    k <- nrow(on)
    off <- part[part$branch, ]
    branches <- if (nrow(off) && k) {
      x <- on$xmin[k] + trunk
      rbind(
        line(x, on$ymin[k], x, min(off$y), FALSE), line(rep(x, nrow(off)), off$y,
          off$xmin, off$y
        )
      )
    }
    if (k < 2L) return(branches)
    rbind(line(on$x[-k], on$ymin[-k], on$x[-1L], on$ymax[-1L]), branches)
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
