#' Curves with their number-at-risk table
#'
#' One figure of a fit, or of several: step curves from time 0, interval bands, censoring
#' marks, a percent axis and, under the axis, the number at risk at each of its breaks.
#'
#' @details The result is one ggplot: `+ labs()`, `+ theme()` and scales work as on any
#' other. The table is drawn in the panel's own coordinates, so its columns stand under
#' the breaks whatever the size of the figure. Room for it is made from the texts given
#' here; change their size with `theme = theme_oligosurv(base_size = 10)` and the axis
#' title with `xlab` and `unit` rather than afterwards. Colours suit the background of
#' `theme`, light or dark, and stay apart for colour-blind readers.
#'
#' At risk at t are the subjects still under observation just before t; the events in
#' brackets are those up to and including t. An event at t is at risk at t. For
#' [follow_up()] the events are the censorings.
#'
#' Where nothing has happened yet the limits are the exact ones, so the band of a curve
#' without events widens as subjects are censored (not as they die of another cause).
#'
#' Labels of groups are shown as text, whatever they contain. Those too long for the
#' figure lose their middle. Groups without subjects are named in the caption. The texts
#' on tests and ratios stand in the corner that the curves leave free.
#'
#' `naive = TRUE` is a warning, not a result: 1 - Kaplan-Meier, with the other causes as
#' censorings, is drawn grey beside the cumulative incidence, and the caption says by how
#' much it overstates it at the last time.
#'
#' @param x,object A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()];
#'   `x` may also be a list of such fits with names, several endpoints on one panel, such
#'   as `list(OS = os_fit, PFS = pfs_fit)`.
#' @param p.value `NULL`, or a test of the same rows: [logrank_test()] for Kaplan-Meier,
#'   [gray_test()] for cumulative incidence; `TRUE` for the one of the counts of the fit.
#'   Its name and p-value are written into the panel.
#' @param hazard.ratio `NULL`, or a [hazard_ratio()] of the same rows whose terms include
#'   the groups; `TRUE` for Cox regression on the groups.
#' @param outcome Causes to draw, for [cumulative_incidence()]; `NULL` is the first one.
#' @param stacked `TRUE` puts all causes of [cumulative_incidence()] on each other as
#'   areas, the event-free part on top; groups have a panel each.
#' @param naive `TRUE` adds 1 - Kaplan-Meier to [cumulative_incidence()].
#' @param conf.int,median `TRUE` or `FALSE`: shades between the limits of each time (for
#'   fits with `band` also, fainter, of the band of the whole curve, see [survival_band]),
#'   and lines down from the median.
#' @param censor `TRUE` or `FALSE`: marks at the times of censoring; `NULL` leaves them
#'   out where a curve has more than 200, which would hide it.
#' @param times `NULL`, or times at which a line stands, with the estimate of each curve.
#' @param labels Where the curves are named: in a `"legend"`, `"direct"`ly at their ends,
#'   or `"none"`.
#' @param min_risk Curves are dimmed (`below_min = "fade"`) or end (`"stop"`) after the
#'   last time at which that many are at risk (ids, for fits with `id`); the caption says
#'   so.
#' @param below_min `"fade"` or `"stop"`.
#' @param risk_table Numbers under the axis. One of `"risk"` (at risk alone), `"events"`,
#'   `"censored"`, `"ids"` (at risk, with in brackets the events or censorings so far, or
#'   the ids at risk, for fits with `id`) and `"none"`; or several of the first four, each
#'   a block of its own.
#' @param facet `NULL`, or what has a panel of its own, each with its table: `"group"`,
#'   `"stratum"`, `"outcome"` or `"endpoint"` (of a list of fits).
#' @param xlab,unit Name of the time axis and its unit, such as `"months"`, which is put
#'   in brackets unless `xlab` names it; the breaks are then multiples that suit the unit.
#'   `NULL` is the unit of the [endpoint()] that was fitted, if any.
#' @param ylab,title Name of the other axis, and title; `NULL` for the usual name (that of
#'   the endpoint, where there is one) and no title.
#' @param breaks `NULL` or the times of the axis and the table.
#' @param ylim Two shares between 0 and 1: the ends of the percent axis.
#' @param theme `NULL` for [theme_oligosurv()], or a ggplot2 theme.
#' @param ... Not used.
#' @return A ggplot. Its layers hold the rows of [tidy()][tidy.oligosurv_fit], with the
#'   columns `curve`, `group`, `stratum` and `endpoint`; where these are more than 20,000,
#'   those at 5,000 even steps of the axis, which no paper tells from all.
#' @section Errors: `oligosurv_error_input` for an argument of the wrong type;
#'   `oligosurv_error_data` when the fit has no subjects or more than 12 curves in a
#'   panel, or when the test or ratio is not of the rows of the fit.
#' @seealso [plot()][plot.oligosurv_fit] without ggplot2, [save_figure()].
#' @examples
#' op <- endpoint(hcc_sbrt, "os")
#' op <- op[op$cohort == "OP", ]
#' fit <- kaplan_meier(Surv(time, status) ~ strategy, op)
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   # 12 OP-N and 16 OP-C at risk at 0; log-rank p = 0.47; "Time (months)" is known
#'   curve_plot(fit, p.value = TRUE)
#'   # the same, by the generic of ggplot2
#'   ggplot2::autoplot(fit, p.value = TRUE, hazard.ratio = TRUE, labels = "direct")
#'   lf <- endpoint(hcc_sbrt, "local_failure")
#'   curve_plot(cumulative_incidence(Surv(time, status) ~ cohort, lf), stacked = TRUE)
#' }
#' @export
curve_plot <- function(x, p.value = NULL, hazard.ratio = NULL, outcome = NULL,
                       stacked = FALSE, naive = FALSE, conf.int = TRUE, censor = NULL,
                       median = FALSE, times = NULL,
                       labels = c("legend", "direct", "none"), min_risk = 0,
                       below_min = c("fade", "stop"), risk_table = "events",
                       facet = NULL, xlab = "Time", unit = NULL, ylab = NULL,
                       title = NULL, breaks = NULL, ylim = c(0, 1), theme = NULL, ...) {
  check_no_dots(...)
  need_package("ggplot2", "curve_plot()")
  check_flag(conf.int, "conf.int")
  check_flag(median, "median")
  if (!is.null(title)) check_string(title, "title")
  labels <- check_choice(labels, c("legend", "direct", "none"), "labels")
  figure <- curve_figure(check_fits(x), list(
    labels = labels,
    p.value = p.value, hazard.ratio = hazard.ratio, outcome = outcome,
    stacked = check_flag(stacked, "stacked"), naive = check_flag(naive, "naive"),
    times = check_times(times), min_risk = check_number(min_risk, "min_risk", 0),
    below_min = check_choice(below_min, c("fade", "stop"), "below_min"),
    risk_table = risk_table, facet = facet, xlab = xlab, unit = unit, ylab = ylab,
    breaks = breaks, ylim = ylim, conf.int = conf.int
  ))
  figure$labels <- labels
  figure$censor <- censor_shown(censor, figure$rows)
  figure$conf.int <- conf.int
  figure$median <- median
  figure$title <- title
  draw_curves(figure, full_theme(theme))
}

#' @rdname curve_plot
#' @exportS3Method ggplot2::autoplot
autoplot.oligosurv_fit <- function(object, ...) {
  need_package("ggplot2", "autoplot()")
  curve_plot(object, ...)
}

# A fit, or a list of them with names, as such a list
check_fits <- function(x) {
  if (inherits(x, "oligosurv_fit")) return(list(x))
  fits <- is.list(x) && !is.object(x) && length(x) > 0L &&
    all(vapply(x, inherits, NA, "oligosurv_fit"))
  if (!fits) {
    stop_oligosurv("input", sprintf(paste(
      "`x` must be a fit of kaplan_meier(), cumulative_incidence() or follow_up(), or a",
      "list of fits; it is %s"
    ), describe(x)), arg = "x")
  }
  if (length(x) == 1L) return(unname(x))
  if (is.null(names(x)) || any(names(x) == "") || anyDuplicated(names(x))) {
    stop_oligosurv("input", paste(
      "fits on one panel need a name each, such as list(OS = os_fit, PFS = pfs_fit)"
    ), arg = "x")
  }
  x
}

draw_curves <- function(figure, theme) {
  figure$dark <- is_dark(theme)
  rows <- figure$rows
  p <- ggplot2::ggplot(rows, curve_mapping(rows))
  if (!is.null(figure$facet)) p <- p + curve_facets(figure)
  if (figure$stacked) {
    p <- p + layer_stack(rows)
  } else {
    if (figure$conf.int) p <- p + layer_band(rows)
    if (!is.null(figure$naive)) p <- p + layer_naive(figure$naive, theme)
    p <- p + layer_curve(rows)
    if (figure$censor) p <- p + layer_censored(rows)
    if (figure$median) p <- p + layer_median(figure$medians, theme)
  }
  if (!is.null(figure$at)) p <- p + layer_times(figure, theme)
  if (!is.null(figure$text)) p <- p + layer_text(figure, theme)
  if (figure$labels == "direct") p <- p + layer_direct_labels(figure, theme)
  p <- p + curve_scales(figure) +
    ggplot2::labs(
      x = figure$xlab, y = figure$ylab, title = figure$title, caption = figure$caption,
      alt = figure$alt
    ) +
    theme + layer_risk_table(figure, theme)
  with_height(p, more = lines_mm(max(0, risk_line_count(figure) - 4), theme))
}
