#' Curves with their number-at-risk table
#'
#' One figure of a fit, or of several: step curves from time 0, confidence bands,
#' censoring marks, a percent axis and, below the time axis, the numbers at risk.
#'
#' @details The result is one ggplot: `+ labs()`, `+ theme_bw()`, facets and scales work
#' as on any other. The numbers at risk are those at the breaks of the axis, which are
#' chosen when the figure is drawn (a wide figure has more), and there is room for them in
#' every theme; if columns would touch, only every second or third is printed. If you
#' replace the scale of colour, fill or line type, there is still one legend, and
#' `+ labs(colour = "Sex")` sets its title. Limits such as `+ xlim(0, 24)` show a part of
#' the curves without changing them. Colours suit the background of `theme`, light or
#' dark, and can be distinguished by colour-blind readers.
#'
#' With several causes in one panel the numbers at risk are shown once per group, with the
#' events of all causes drawn; `risk_table = c("risk", "events")` has a row for each
#' cause.
#'
#' At risk at t are the subjects still under observation just before t, including those
#' with an event at t; the events in brackets are those up to and including t. For
#' [follow_up()] the events are the censorings. Before the first event the limits are
#' exact, so the band of a curve without events widens as subjects are censored (not as
#' they die of another cause).
#'
#' Labels of groups are shown as text, whatever they contain, and shortened to fit. Groups
#' without subjects are named in the caption. The texts of tests and ratios are placed in
#' a corner without curves and intervals, or below the figure if there is none or if they
#' refer to several panels, as a stratified test does.
#'
#' @param x,object A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()];
#'   `x` may also be a named list of such fits, several endpoints in one panel, such as
#'   `list(OS = os_fit, PFS = pfs_fit)`.
#' @param p.value `NULL`, or a test of the same rows: [logrank_test()] for Kaplan-Meier,
#'   [gray_test()] for cumulative incidence; `TRUE` computes the test from the counts of
#'   the fit. Its name and p-value are written into the panel.
#' @param hazard_ratio `NULL`, or a [hazard_ratio()] of the same rows whose terms include
#'   the groups; `TRUE` for Cox regression on the groups.
#' @param outcome Causes to draw, for [cumulative_incidence()]; `NULL` is the first one.
#' @param times `NULL`, or times marked by a vertical line, with the estimate of each
#'   curve.
#' @param labels How the curves are labelled: in a `"legend"`, `"direct"`ly at their ends
#'   (in a legend nevertheless if the labels do not fit there, because they are long or
#'   many curves end close together), or not at all (`"none"`).
#' @param risk_table Numbers below the axis. One of `"risk"` (number at risk), `"events"`,
#'   `"censored"` or `"ids"` (number at risk and, in brackets, the events or censorings so
#'   far or, for fits with `id`, the ids at risk), or `"none"`; or several of the first
#'   four, each in its own block.
#' @param facet `NULL`, or the variable whose values get one panel each, with a risk table
#'   for each panel: `"group"`, `"stratum"`, `"outcome"` or `"endpoint"` (for a list of
#'   fits).
#' @param conf.int `TRUE` or `FALSE`: shaded pointwise confidence intervals (and, fainter,
#'   the simultaneous band of fits that have one, see [survival_band]).
#' @param unit Unit of the times, a label such as `"months"`: it is added to the axis
#'   title, and the breaks are multiples that suit it; nothing is converted. `NULL` is the
#'   unit of the [endpoint()] that was fitted, if any.
#' @param title `NULL` or a title.
#' @param theme `NULL` for [theme_oligosurv()], or a ggplot2 theme.
#' @param options `NULL`, or the value of [curve_options()], which may be reused for
#'   several figures.
#' @param ... Single options of [curve_options()] by name, such as `median = TRUE`,
#'   `stacked = TRUE` or `min_risk = 5`; they replace those of `options`. For `autoplot()`
#'   also the other arguments of `curve_plot()`.
#' @return A ggplot. Its layers hold the rows of [tidy()][tidy.oligosurv_fit], with the
#'   columns `curve`, `group`, `stratum` and `endpoint`; fits with more than 20,000 rows
#'   are drawn at 5,000 evenly spaced times, visually identical.
#' @section Errors: `oligosurv_error_input` for an argument of the wrong type or an
#'   unknown option; `oligosurv_error_data` when the fit has no subjects or more than 12
#'   curves in a panel, or when the test or ratio was not computed from the rows of the
#'   fit.
#' @seealso [plot()][plot.oligosurv_fit] without ggplot2, [save_figure()].
#' @examples
#' op <- endpoint(hcc_sbrt, "os")
#' op <- op[op$cohort == "OP", ]
#' fit <- kaplan_meier(Surv(time, status) ~ strategy, op)
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   # 12 OP-N and 16 OP-C at risk at 0; log-rank P = 0.47; "Time (months)" is known
#'   curve_plot(fit, p.value = TRUE, median = TRUE)
#'   # the same, by the generic of ggplot2
#'   ggplot2::autoplot(fit, p.value = TRUE, hazard_ratio = TRUE, labels = "direct")
#'   lf <- endpoint(hcc_sbrt, "local_failure")
#'   curve_plot(cumulative_incidence(Surv(time, status) ~ cohort, lf), stacked = TRUE)
#' }
#' @export
curve_plot <- function(x, p.value = NULL, hazard_ratio = NULL, outcome = NULL,
                       times = NULL, labels = c("legend", "direct", "none"),
                       risk_table = "events", facet = NULL, conf.int = TRUE, unit = NULL,
                       title = NULL, theme = NULL, options = NULL, ...) {
  check_dots(names(formals(curve_options)), ...)
  options <- merge_options(options, ...)
  need_package("ggplot2", "curve_plot()")
  check_flag(conf.int, "conf.int")
  if (!is.null(title)) check_string(title, "title")
  labels <- check_choice(labels, c("legend", "direct", "none"), "labels")
  figure <- curve_figure(check_fits(x), c(unclass(options), list(
    labels = labels, p.value = p.value, hazard_ratio = hazard_ratio, outcome = outcome,
    times = check_times(times), risk_table = risk_table, facet = facet, unit = unit,
    conf.int = conf.int
  )))
  figure$labels <- if (labels == "direct" && !labels_fit(figure)) "legend" else labels
  figure$conf.int <- conf.int
  figure$title <- title
  draw_curves(figure, full_theme(theme))
}

#' @rdname curve_plot
#' @exportS3Method ggplot2::autoplot
autoplot.oligosurv_fit <- function(object, ...) {
  need_package("ggplot2", "autoplot()")
  curve_plot(object, ...)
}

# Replaces elements of `options` by the options that are given by name in `...`
merge_options <- function(options, ...) {
  given <- curve_options(...)
  if (is.null(options)) return(given)
  if (!inherits(options, "curve_options")) {
    stop_oligosurv("input", sprintf(
      "`options` must be made by curve_options(); it is %s", describe(options)
    ), arg = "options")
  }
  named <- ...names()
  options[named] <- given[named]
  options
}

# Returns one fit, or a named list of fits, as a list
check_fits <- function(x) {
  if (inherits(x, "oligosurv_fit")) return(list(check_fit(x)))
  fits <- is.list(x) && !is.object(x) && length(x) > 0L &&
    all(vapply(x, inherits, NA, "oligosurv_fit"))
  if (!fits) {
    stop_oligosurv("input", sprintf(paste(
      "`x` must be a fit of kaplan_meier(), cumulative_incidence() or follow_up(), or a",
      "list of fits; it is %s"
    ), describe(x)), arg = "x")
  }
  lapply(x, check_fit)
  if (length(x) == 1L) return(unname(x))
  if (is.null(names(x)) || any(names(x) == "") || anyDuplicated(names(x))) {
    stop_oligosurv("input", paste(
      "the fits in the list `x` must have different names, such as",
      "list(OS = os_fit, PFS = pfs_fit)"
    ), arg = "x")
  }
  x
}

draw_curves <- function(figure, theme) {
  figure$dark <- is_dark(theme)
  rows <- figure$rows
  p <- ggplot2::ggplot(rows, curve_mapping())
  if (!is.null(figure$facet)) p <- p + curve_facets(figure)
  if (figure$stacked) {
    p <- p + layer_stack(rows)
  } else {
    if (figure$conf.int) p <- p + layer_band(rows, figure$interval)
    if (!is.null(figure$naive)) p <- p + layer_naive(figure$naive, theme)
    p <- p + layer_curve(rows, figure$linewidth)
    if (figure$censor) p <- p + layer_censored(rows, figure$mark)
    if (NROW(figure$quantiles)) p <- p + layer_quantiles(figure, theme)
  }
  if (!is.null(figure$at)) p <- p + layer_times(figure, theme)
  p <- p + layer_note(figure, theme)
  if (figure$labels == "direct") p <- p + layer_direct_labels(figure, theme)
  p <- p + curve_scales(figure) +
    ggplot2::labs(
      x = figure$xlab, y = figure$ylab, title = figure$title, caption = figure$caption,
      alt = figure$alt
    ) +
    theme + layer_risk_table(figure, theme)
  p$layout <- curve_layout(figure)
  attr(p, "height_mm") <- curve_height
  p
}
