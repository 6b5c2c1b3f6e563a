#' Figures of tables and counts
#'
#' `ggplot2::autoplot()` of the results that are neither curves, tests nor estimates with
#' intervals: those have [curve_plot()], [forest_plot()] and the
#' [`autoplot()`][autoplot.oligosurv_test] of tests.
#'
#' | result of | figure |
#' |---|---|
#' | [toxicity_table()] | proportion of patients by worst grade, one bar per event |
#' | [baseline_table()] with groups | standardised mean differences, with a line at 0.1 |
#' | [dose_table()] | proportion of lesions for which each item is reported |
#' | [omd_class()] | patients by state |
#' | [flow_table()] | [flow_plot()] |
#' | [cumulative_hazard()] | step curves with their intervals |
#' | [event_table()] | [curve_plot()] of [kaplan_meier()], or of [cumulative_incidence()] |
#' | [sample_size()] | none: an error names [result_table()] |
#'
#' Higher grades are darker, so that grades can be told apart in grey print.
#'
#' @param object A result, see above.
#' @param title,theme As in [waterfall_plot()].
#' @param ... For [flow_table()] and [event_table()]: arguments of their figure. Otherwise
#'   not used.
#' @return A ggplot. Its data have one row per bar, point or step.
#' @section Errors: `oligosurv_error_data` if there is nothing to draw: no event, no
#'   groups to compare, no row, or a sample size; `oligosurv_error_dependency` if ggplot2
#'   is not installed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   ggplot2::autoplot(toxicity_table(hcc_sbrt))
#'   ggplot2::autoplot(baseline_table(hcc_sbrt, by = "cohort"))
#' }
#' @name autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.toxicity_table <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- as.data.frame(object)
  rows <- rows[rows$term != any_event & rows$n > 0, ]
  total <- tapply(rows$any_grade, as.character(rows$term), sum)
  total <- sort(total[total > 0], decreasing = TRUE)
  if (!length(total)) nothing_to_draw("no adverse event is recorded")
  shown <- names(total)[seq_len(min(length(total), most_terms))]
  rarer <- length(total) - length(shown)
  bars <- toxicity_bars(rows[rows$term %in% shown, ], rev(shown))
  used <- levels(bars$grade)
  panels <- if (nlevels(bars$strata) > 1L) {
    ggplot2::facet_grid(phase ~ strata, scales = "free_y", space = "free_y")
  } else if (nlevels(bars$phase) > 1L) {
    ggplot2::facet_grid(phase ~ ., scales = "free_y", space = "free_y")
  }
  figure <- share_bars(bars, "grade", theme) + panels +
    ggplot2::scale_fill_manual(
      values = grade_colours[used], labels = sprintf("grade %s", used), name = NULL,
      guide = ggplot2::guide_legend(
        reverse = TRUE, nrow = legend_rows(paste("grade", used))
      )
    ) +
    ggplot2::labs(
      x = "Patients, by worst grade", y = NULL, title = title,
      caption = if (rarer > 0L) {
        sprintf("Not shown: %s", count_noun(rarer, "less frequent event"))
      }, alt = sprintf(
        "Proportion of patients with each adverse event, by worst grade: %s",
        paste(shown, collapse = ", ")
      )
    )
  lines <- sum(tapply(bars$term, bars$phase, function(x) length(unique(x))), na.rm = TRUE)
  with_height(figure, lines_mm(1.5 * lines + 9, theme), 0)
}

most_terms <- 25L

grade_colours <- c(
  "1" = "#E3EEF7", "2" = "#A6CBE6", "3" = "#5B9DCB", "4" = "#23649B", "5" = "#0A2A47",
  "not known" = "#FFFFFF"
)

# A row for each event, phase, group and grade that at least one patient had
toxicity_bars <- function(rows, terms) {
  columns <- c(paste0("grade_", 1:5), "grade_unknown")
  grades <- names(grade_colours)
  bars <- do.call(rbind, lapply(seq_along(columns), function(i) {
    data.frame(
      rows[c("phase", "term", "strata")], grade = grades[i],
      share = rows[[columns[i]]] / rows$n
    )
  }))
  bars <- bars[bars$share > 0, ]
  bars$grade <- factor(bars$grade, intersect(rev(grades), bars$grade))
  bars$term <- factor(bars$term, terms)
  phases <- sentence_case(levels(bars$phase))
  bars$phase <- droplevels(factor(sentence_case(bars$phase), phases))
  bars$strata <- droplevels(factor(bars$strata))
  bars
}

# Horizontal bars of proportions
share_bars <- function(bars, fill, theme) {
  ggplot2::ggplot(bars, aes_of(x = "share", y = "term")) +
    (if (is.null(fill)) {
      ggplot2::geom_col(orientation = "y", width = 0.75, fill = muted_colour(theme))
    } else {
      ggplot2::geom_col(aes_of(fill = fill), orientation = "y", width = 0.75,
        colour = ink_of(theme), linewidth = 0.2
      )
    }) +
    ggplot2::scale_x_continuous(
      labels = percent_axis, limits = c(0, NA), n.breaks = 4L,
      expand = ggplot2::expansion(mult = c(0, 0.04)),
      guide = ggplot2::guide_axis(check.overlap = TRUE)
    ) +
    term_axis() +
    theme + ggplot2::theme(
      axis.ticks.y = ggplot2::element_blank(), panel.spacing.x = grid::unit(9, "pt")
    )
}

# Names of events, items or characteristics on the y axis
term_axis <- function() {
  ggplot2::scale_y_discrete(labels = function(x) wrap_text(shorten(x, 60L), 28L))
}

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.baseline_table <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- as.data.frame(object)
  rows <- rows[!duplicated(rows$variable), ]
  rows <- rows[!is.na(rows$smd), ]
  if (!nrow(rows)) {
    nothing_to_draw(paste(
      "the table has no standardised mean differences; baseline_table(study, by = )",
      "has them for two or more groups"
    ))
  }
  rows$size <- abs(rows$smd)
  rows <- rows[order(rows$size), ]
  rows$term <- factor(rows$label, unique(rows$label))
  figure <- ggplot2::ggplot(rows, aes_of(x = "size", y = "term")) +
    ggplot2::geom_vline(
      xintercept = 0.1, linetype = "42", linewidth = 0.3, colour = muted_colour(theme)
    ) +
    ggplot2::geom_segment(aes_of(xend = "from", yend = "term"),
      data = cbind(rows, from = rep(0, nrow(rows))), linewidth = 0.3,
      colour = muted_colour(theme)
    ) +
    ggplot2::geom_point(size = 1.7, colour = ink_of(theme)) +
    ggplot2::scale_x_continuous(
      limits = c(0, NA), expand = ggplot2::expansion(mult = c(0, 0.06))
    ) +
    term_axis() +
    ggplot2::labs(
      x = "Standardised mean difference, without its sign", y = NULL, title = title,
      caption = "Dashed: 0.1",
      alt = paste(
        "Standardised mean differences of", paste(rows$label, collapse = ", ")
      )
    ) +
    theme
  with_height(figure, lines_mm(1.7 * nrow(rows) + 7, theme), 0)
}

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.dose_table <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- as.data.frame(object)
  rows <- rows[rows$n > 0, ]
  if (!nrow(rows)) nothing_to_draw("the table has no lesions")
  rows$share <- rows$n.reported / rows$n
  rows$term <- factor(rows$item, rev(levels(factor(rows$item))))
  figure <- share_bars(rows, NULL, theme) +
    ggplot2::labs(
      x = "Lesions with the item reported", y = NULL, title = title,
      alt = "Proportion of lesions for which each item of dose is reported"
    )
  if (length(unique(rows$strata)) > 1L) figure <- figure + ggplot2::facet_wrap("strata")
  with_height(figure, lines_mm(1.5 * nlevels(rows$term) + 6, theme), 0)
}

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.omd_class <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- tidy(object)
  rows <- rows[rows$n > 0, ]
  if (!nrow(rows)) nothing_to_draw("there is no patient")
  rows$share <- rows$estimate
  rows$term <- factor(sentence_case(rows$state), rev(sentence_case(rows$state)))
  rows$text <- sprintf("%s (%s%%)", rows$n, number_text(100 * rows$estimate))
  figure <- share_bars(rows, NULL, theme) +
    ggplot2::geom_text(aes_of(label = "text"),
      hjust = -0.15, size = 0.9 * text_size("axis.text.x.bottom", theme) / ggplot2::.pt,
      colour = ink_of(theme), family = theme_family(theme)
    ) +
    ggplot2::coord_cartesian(xlim = c(0, 1.3 * max(rows$share)), default = TRUE) +
    ggplot2::labs(
      x = sprintf_counts("Patients (n = %d)", sum(rows$n)), y = NULL, title = title,
      alt = sprintf("Patients by state: %s", paste(rows$state, rows$n, collapse = ", "))
    )
  with_height(figure, lines_mm(2.4 * nrow(rows) + 6, theme), 0)
}

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.cumulative_hazard <- function(object, title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme)
  rows <- as.data.frame(object)
  rows <- rows[!is.na(rows$estimate), ]
  if (!nrow(rows)) nothing_to_draw("there is no time with a cumulative hazard")
  rows$line <- paste(rows$strata, rows$outcome, sep = "\r")
  # limits that the data do not bound are not drawn
  rows$conf.high[is.infinite(rows$conf.high)] <- NA
  zero <- rows[!duplicated(rows$line), ]
  zero$time <- pmin(0, zero$time)
  zero[c("estimate", "conf.low", "conf.high")] <- list(0, NA_real_, NA_real_)
  rows <- rbind(zero, rows)
  rows <- step_rows(rows[order(match(rows$line, zero$line), rows$time), ])
  rows$curve <- droplevels(factor(rows$strata))
  unit <- attr(object, "unit")
  limits <- rows[!is.na(rows$conf.high), ]
  figure <- step_figure(rows, limits, time_breaks(max(rows$time), unit), theme) +
    ggplot2::coord_cartesian(ylim = c(0, max(rows$estimate) * 1.6 + 1e-9)) +
    ggplot2::labs(
      x = time_title("Time", unit), y = "Cumulative hazard", title = title,
      alt = sprintf("Cumulative hazard of %s", join_words(levels(rows$curve)))
    ) +
    theme
  if (length(unique(rows$outcome)) < 2L) return(figure)
  figure + outcome_panels() + ggplot2::theme(panel.spacing.x = grid::unit(9, "pt"))
}

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.flow_table <- function(object, ...) flow_plot(object, ...)

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.event_table <- function(object, ...) {
  estimate <- if (length(object$states) > 2L) cumulative_incidence else kaplan_meier
  curve_plot(estimate(object), ...)
}

#' @rdname autoplot_tables
#' @exportS3Method ggplot2::autoplot
autoplot.sample_size <- function(object, ...) {
  nothing_to_draw(paste(
    "a sample size is a list of numbers; result_table() and inline_text() show it"
  ))
}

nothing_to_draw <- function(why) {
  stop_oligosurv("data", paste0("there is nothing to draw: ", why), arg = "object")
}
