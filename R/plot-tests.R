#' Figures of tests
#'
#' For a test: the events observed in each group next to those expected under equality.
#' For a [pairwise_test()]: the adjusted p-value of each pair, darker for smaller values.
#'
#' @param object A test, such as [logrank_test()] or [gray_test()], or a
#'   [pairwise_test()].
#' @param title,theme As in [waterfall_plot()].
#' @param ... Not used.
#' @return A ggplot with one panel per outcome. Its data are those of `tidy(object)`.
#' @section Errors: `oligosurv_error_data` for a test without groups or with more than 40;
#'   `oligosurv_error_dependency` without ggplot2.
#' @examples
#' d <- data.frame(month = 1:9, status = 1, arm = rep(c("A", "B", "C"), each = 3))
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   ggplot2::autoplot(logrank_test(Surv(month, status) ~ arm, d))
#'   ggplot2::autoplot(pairwise_test(Surv(month, status) ~ arm, d))
#' }
#' @exportS3Method ggplot2::autoplot
autoplot.oligosurv_test <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- as.data.frame(object)
  if (is.null(rows$group)) {
    stop_oligosurv("data", paste(
      "the test has no numbers by group, because it was changed after it was created;",
      "create it again"
    ), arg = "object")
  }
  groups <- check_drawn_groups(levels(factor(rows$group)))
  rows$place <- match(rows$group, rev(groups))
  ink <- ink_of(theme)
  kinds <- c("observed", "expected")
  points <- do.call(rbind, lapply(kinds, function(kind) {
    out <- rows
    out$value <- rows[[kind]]
    out$kind <- factor(rep(kind, nrow(rows)), kinds)
    out
  }))
  p <- ggplot2::ggplot(rows, aes_of(y = "place")) +
    ggplot2::geom_segment(
      aes_of(x = "observed", xend = "expected", yend = "place"),
      linewidth = 0.3, colour = muted_colour(theme)
    ) +
    ggplot2::geom_point(aes_of(x = "value", shape = "kind"),
      data = points, size = 1.8, colour = ink
    ) +
    ggplot2::scale_shape_manual(
      values = c(16, 1), limits = kinds, name = NULL
    ) +
    group_axis(groups) +
    ggplot2::scale_x_continuous(
      breaks = function(ends) unique(floor(pretty(ends, 4))),
      limits = c(0, max(1, points$value)), expand = ggplot2::expansion(mult = c(0, 0.05))
    ) +
    ggplot2::labs(
      x = "Events", y = NULL, title = title, caption = test_caption(object),
      alt = sprintf("Events observed and expected in %s", paste(groups, collapse = ", "))
    ) +
    theme
  p <- with_height(p, lines_mm(2.2 * length(groups) + 9, theme), 0)
  if (is.null(rows$outcome)) p else p + outcome_panels()
}

#' @rdname autoplot.oligosurv_test
#' @exportS3Method ggplot2::autoplot
autoplot.pairwise_test <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- object$tests
  groups <- check_drawn_groups(object$table$groups)
  rows$x <- match(rows$group1, groups)
  rows$y <- length(groups) + 1 - match(rows$group2, groups)
  rows$text <- format_p_value(rows$adj.p.value, na = "n.d.")
  p <- rows$adj.p.value
  shade <- ifelse(is.na(p), 0, pmin(3, -log10(pmax(p, 1e-3))))
  rows$fill <- grDevices::colorRampPalette(c("#F2F2F2", "#0072B2"))(61L)[
    1L + round(20 * shade)
  ]
  rows$ink <- ifelse(shade > 1.7, "white", "black")
  lines <- shorten(groups, 24L)
  p <- ggplot2::ggplot(rows, aes_of(x = "x", y = "y")) +
    ggplot2::geom_tile(aes_of(fill = "fill"), colour = "white", linewidth = 0.5) +
    ggplot2::geom_text(aes_of(label = "text", colour = "ink"),
      size = 0.9 * text_size("axis.text.x.bottom", theme) / ggplot2::.pt,
      family = theme_family(theme)
    ) +
    ggplot2::scale_fill_identity() + ggplot2::scale_colour_identity() +
    ggplot2::scale_x_continuous(
      breaks = seq_along(groups), labels = lines, expand = ggplot2::expansion(add = 0.1)
    ) +
    ggplot2::scale_y_continuous(
      breaks = seq_along(groups), labels = rev(lines),
      expand = ggplot2::expansion(add = 0.1)
    ) +
    ggplot2::labs(
      x = NULL, y = NULL, title = title,
      caption = wrap_text(sprintf(
        "%s; P-values %s", pairwise_method(object), adjusted_by(object$adjust)
      ), 60L),
      alt = "Adjusted P-values of each pair of groups"
    ) +
    theme + ggplot2::theme(
      axis.line = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank()
    )
  if (is.null(rows$outcome)) p else p + outcome_panels()
}

check_drawn_groups <- function(groups) {
  if (length(groups) <= 40L) return(groups)
  stop_oligosurv("data", sprintf(
    "the test has %d groups, but a figure holds at most 40; test fewer groups",
    length(groups)
  ), arg = "object")
}

group_axis <- function(groups) {
  ggplot2::scale_y_continuous(
    breaks = seq_along(groups), labels = wrap_text(shorten(rev(groups), 60L), 30L),
    limits = c(0.5, length(groups) + 0.5), expand = ggplot2::expansion(0)
  )
}

outcome_panels <- function() {
  ggplot2::facet_wrap("outcome",
    labeller = ggplot2::as_labeller(function(x) wrap_text(shorten(x, 60), 30))
  )
}

# Caption: name and p-value of the test, one line per outcome
test_caption <- function(test) {
  rows <- test_results(test)
  text <- p_words(rows)
  if (!is.null(rows$outcome)) text <- paste(rows$outcome, text, sep = ": ")
  paste(wrap_text(c(test$method, text), 64L), collapse = "\n")
}
