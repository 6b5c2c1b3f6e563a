#' Waterfall plot of best change
#'
#' One bar per patient: the best change of the sum of diameters from baseline, from the
#' largest growth to the largest shrinkage, coloured by the recorded best response.
#'
#' @details The colour is that of the recorded response, which is never derived from the
#' percentage: because of new or unmeasured lesions the two can differ. In grey print CR
#' is darkest, then NE, PD, PR and SD. Dashed lines mark +20% and -30%, the thresholds of
#' progression and of partial response of RECIST 1.1. A change of 0 is a thin line.
#' Patients without a measurement have no bar; the caption counts them. More than 200 bars
#' have no space between them, so that each of them is visible.
#'
#' @param x An [sbrt_study()], whose patients are drawn, or a data frame.
#' @param keep `NULL` for all rows, or the rows to draw: a condition on unquoted columns,
#'   such as `cohort == "OP"` (`NA` is `FALSE`), or row numbers.
#' @param change,response Names (text) of the columns of the change, in percent, and of
#'   the best response, one of `CR`, `PR`, `SD`, `PD`, `NE` or missing.
#' @param new_lesion,ongoing `NULL`, or names of yes/no columns (`TRUE`/`FALSE`, 1/0,
#'   yes/no, Y/N; empty is no): patients with a new lesion (marked by a star) and those
#'   whose treatment or response is ongoing (marked by an arrow).
#' @param title `NULL` or a title.
#' @param theme `NULL` for [theme_oligosurv()], or a ggplot2 theme.
#' @param ... Not used.
#' @return A ggplot. Its data have one row per bar: `rank`, `change`, `response`,
#'   `new`, `ongoing`.
#' @section Errors: `oligosurv_error_input` for a missing column or an argument of the
#'   wrong type, `oligosurv_error_domain` for an unknown response, a change below
#'   -100% or a flag other than yes and no, `oligosurv_error_data` if no row is left or
#'   none has a measurement, `oligosurv_error_dependency` without ggplot2.
#' @references Eisenhauer et al. (2009) \doi{10.1016/j.ejca.2008.10.026}.
#' @seealso [swimmer_plot()], [spider_plot()], [response_rate()], [save_figure()]
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   # 28 OP patients, one not evaluable: 27 bars
#'   waterfall_plot(hcc_sbrt, keep = cohort == "OP")
#'   d <- data.frame(change = c(25, -40, 0, -100), answer = c("PD", "PR", "SD", "CR"))
#'   waterfall_plot(d, change = "change", response = "answer")
#' }
#' @export
waterfall_plot <- function(x, keep = NULL, change = "best_change_pct",
                           response = "best_response", new_lesion = NULL, ongoing = NULL,
                           title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme, "waterfall_plot()")
  change <- check_string(change, "change")
  response <- check_string(response, "response")
  if (!is.null(new_lesion)) new_lesion <- check_string(new_lesion, "new_lesion")
  if (!is.null(ongoing)) ongoing <- check_string(ongoing, "ongoing")
  rows <- rows_with(x, c(change, response, new_lesion, ongoing), "a waterfall plot")
  rows <- kept_rows(rows, substitute(keep), parent.frame())
  bars <- waterfall_bars(
    rows[[change]], rows[[response]], flags_of(rows, new_lesion), flags_of(rows, ongoing)
  )
  ink <- ink_of(theme)
  none <- nrow(rows) - nrow(bars)
  flat <- bars[bars$change == 0, ]
  half <- bar_width(bars) / 2
  ggplot2::ggplot(bars, aes_of(x = "rank", y = "change", fill = "response")) +
    ggplot2::geom_hline(
      yintercept = c(-30, 20), linetype = "42", linewidth = 0.3,
      colour = muted_colour(theme)
    ) +
    bar_layer(bars) +
    ggplot2::geom_hline(yintercept = 0, linewidth = 0.3, colour = ink) +
    ggplot2::geom_segment(
      aes_of(x = "from", xend = "to", yend = "change", colour = "response"),
      data = cbind(flat, from = flat$rank - half, to = flat$rank + half),
      linewidth = 0.7, show.legend = FALSE
    ) +
    waterfall_marks(bars, ink, text_size("axis.text.y.left", theme)) +
    waterfall_scales(bars, is_dark(theme)) +
    ggplot2::labs(
      x = sprintf_counts("Patients (n = %d)", nrow(bars)),
      y = "Best change from baseline",
      title = title, caption = waterfall_caption(bars, none),
      alt = sprintf("Waterfall plot of the best change of %d patients", nrow(bars))
    ) +
    theme + ggplot2::theme(
      axis.line.x = ggplot2::element_blank(), axis.ticks.x = ggplot2::element_blank(),
      axis.text.x = ggplot2::element_blank()
    )
}

many_bars <- 200L # above this number there is no space between bars

bar_width <- function(bars) if (nrow(bars) > many_bars) 1 else 0.8

# Many bars can be narrower than a pixel. An outline in the colour of the bar keeps each
# of them visible. They are drawn by rank, so that no response covers another one.
bar_layer <- function(bars) {
  if (nrow(bars) <= many_bars) return(ggplot2::geom_col(width = bar_width(bars)))
  ggplot2::geom_rect(
    aes_of(xmin = "from", xmax = "to", ymin = "low", ymax = "high", colour = "response",
      group = "all"
    ),
    data = cbind(bars, from = bars$rank - 0.5, to = bars$rank + 0.5,
      low = pmin(bars$change, 0), high = pmax(bars$change, 0), all = 1L
    ), linewidth = 0.1, linejoin = "mitre"
  )
}

# Returns the data frame `x` or the patients of a study, after checking for needed columns
rows_with <- function(x, columns, what) {
  if (inherits(x, "sbrt_study")) return(study_table(x, "patients", columns, what))
  if (!is.data.frame(x)) {
    stop_oligosurv("input", sprintf(
      "`x` must be an sbrt_study or a data frame; it is %s", describe(x)
    ), arg = "x")
  }
  check_frame_columns(x, "x")
  absent <- setdiff(columns, names(x))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "`x` has no %s, which %s needs; name the columns in the arguments",
      join_words(sprintf("column `%s`", absent)), what
    ), arg = "x", column = absent)
  }
  as.data.frame(x)
}

# A column of flags as TRUE and FALSE; an empty cell is FALSE.
flags_of <- function(rows, column) {
  if (is.null(column)) return(FALSE)
  x <- rows[[column]]
  flag <- yes_no(x)
  unknown <- is.na(flag) & !is.na(x) & nzchar(trim_blank(as.character(x)))
  if (any(unknown)) {
    stop_oligosurv("domain", sprintf(
      "column `%s` must be yes or no, TRUE or FALSE, or 1 or 0; %s is %s", column,
      format_rows(which(unknown)), describe(as.character(x[unknown][1L]))
    ), where = which(unknown), column = column)
  }
  flag %in% TRUE
}

# The rows selected by `keep`, an expression. Its variables are columns or, if there is no
# such column, variables of `env`.
kept_rows <- function(rows, keep, env) {
  n <- nrow(rows)
  keep <- plain_argument(eval_condition(keep, rows, env, "keep", "the columns"))
  kept <- if (is.null(keep)) {
    rep(TRUE, n)
  } else if (is.logical(keep) && length(keep) == n) {
    !is.na(keep) & keep
  } else if (is.numeric(keep) && all(keep %in% seq_len(n))) {
    seq_len(n) %in% keep
  } else {
    stop_oligosurv("input", sprintf(paste(
      "`keep` is %s; it must be a condition with one value for each of the %d rows, such",
      "as cohort == \"OP\", or row numbers"
    ), describe(keep), n), arg = "keep")
  }
  if (!any(kept)) {
    stop_oligosurv("data", paste(
      "`keep` selects no patient, so there is nothing to draw; give another condition"
    ), arg = "keep")
  }
  rows[kept, , drop = FALSE]
}

# In grey these colours differ in lightness, from dark to light: CR, NE, PD, not given,
# PR, SD. They can therefore be distinguished in prints without colours.
response_colours <- c(
  CR = "#00385E", PR = "#4FAADF", SD = "#C6C6C6", PD = "#C44E00", NE = "#6B3F86",
  "not given" = "#8A8A8A"
)

response_colours_dark <- c(
  CR = "#3C6FA8", PR = "#8CCBF0", SD = "#7A7A7A", PD = "#F08A3C", NE = "#E3A0C6",
  "not given" = "#FFFFFF"
)

# Number of rows of a legend in a journal column, with keys as wide as those of lines
legend_rows <- function(labels) ceiling(sum(text_em(labels) + 3.6) / 30)

response_fill <- function(levels, dark) {
  (if (dark) response_colours_dark else response_colours)[levels]
}

# Best responses as a factor in the order of the colours; missing responses are "not
# given"
check_responses <- function(response) {
  response <- as.character(response)
  bad <- !is.na(response) & !response %in% response_levels
  if (any(bad)) {
    stop_domain("response", paste("one of", join_words(response_levels)), bad, response,
      "row"
    )
  }
  response[is.na(response)] <- "not given"
  factor(response, names(response_colours))
}

# Bars from the largest growth to the largest shrinkage; of equal changes the better
# response comes last
waterfall_bars <- function(change, response, new = FALSE, ongoing = FALSE) {
  if (!is.numeric(change)) {
    stop_oligosurv("input", sprintf(
      "the column of `change` must be numeric; it is %s", describe(change)
    ), arg = "change")
  }
  bad <- !is.na(change) & (is.infinite(change) | change < -100)
  if (any(bad)) stop_domain("change", "finite and at least -100", bad, change, "row")
  response <- check_responses(response)
  measured <- which(!is.na(change))
  if (!length(measured)) {
    stop_oligosurv("data", paste(
      "no patient has a measured change, so there is nothing to draw; check the column",
      "of changes"
    ))
  }
  order <- measured[order(-change[measured], -as.integer(response[measured]))]
  data.frame(
    rank = seq_along(order), change = change[order],
    response = droplevels(response[order]),
    new = rep_len(new, length(change))[order],
    ongoing = rep_len(ongoing, length(change))[order]
  )
}

waterfall_caption <- function(bars, none) {
  lines <- c(
    if (any(bars$response != "not given")) "Colour: recorded best response",
    if (any(bars$new)) "*: new lesion", if (any(bars$ongoing)) "arrow: ongoing",
    if (none > 0L) {
      paste(count_noun(none, "patient"), "not evaluable")
    }
  )
  if (length(lines)) paste(wrap_text(paste(lines, collapse = "; "), 64L), collapse = "\n")
}

# A star at the end of the bar for a new lesion; an arrow pointing away from 0 if the
# response is ongoing
waterfall_marks <- function(bars, ink, size) {
  out <- ifelse(bars$change > 0, 1, -1)
  bars$at <- bars$change + out * ifelse(bars$new, 9, 2)
  bars$to <- bars$at + out * 7
  bars$star <- bars$change + out * 4
  # close to -100% there is no room below the bar, so marks are drawn inside it
  low <- bars$change < -88
  bars$at[low] <- bars$change[low] + ifelse(bars$new[low], 16, 9)
  bars$to[low] <- bars$at[low] - 7
  bars$star[low] <- bars$change[low] + 4
  arrows <- bars[bars$ongoing, ]
  stars <- bars[bars$new, ]
  stars$text <- rep("*", nrow(stars))
  mark <- ifelse(stars$change < -88, "white", ink)
  list(
    ggplot2::geom_segment(
      aes_of(x = "rank", xend = "rank", y = "at", yend = "to"),
      data = arrows, inherit.aes = FALSE, linewidth = 0.4,
      colour = ifelse(arrows$change < -88, "white", ink),
      arrow = grid::arrow(length = grid::unit(2.5, "pt"), type = "closed")
    ),
    ggplot2::geom_text(aes_of(x = "rank", y = "star", label = "text"),
      data = stars, inherit.aes = FALSE, size = 1.3 * size / ggplot2::.pt, vjust = 0.75,
      colour = mark
    )
  )
}

change_axis <- minus_axis(function(x) ifelse(x == 0, "0%", sprintf("%+g%%", x)))

# Percent axis whose breaks include the thresholds of RECIST
change_scale <- function(top) {
  breaks <- c(-100, -75, -50, -30, 0, 20, 50, 75, 100)
  if (top > 110) breaks <- c(-100, -50, -30, 0, 20, pretty(c(50, top), 4))
  ggplot2::scale_y_continuous(
    breaks = unique(breaks), labels = change_axis,
    expand = ggplot2::expansion(mult = 0.02)
  )
}

waterfall_scales <- function(bars, dark) {
  high <- bars$change[bars$change > 0 & (bars$new | bars$ongoing)]
  top <- max(25, bars$change * 1.02, high + 18)
  scale <- function(make, guide) {
    make(values = response_fill(levels(bars$response), dark), name = NULL, guide = guide)
  }
  list(
    scale(ggplot2::scale_fill_manual, ggplot2::guide_legend(
      nrow = legend_rows(levels(bars$response))
    )),
    scale(ggplot2::scale_colour_manual, "none"),
    ggplot2::scale_x_continuous(
      breaks = NULL, expand = ggplot2::expansion(add = 0.3),
      limits = c(0.5, nrow(bars) + 0.5)
    ),
    change_scale(top), ggplot2::coord_cartesian(ylim = c(-100, top))
  )
}
