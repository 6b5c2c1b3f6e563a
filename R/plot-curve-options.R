#' Options of a figure of curves
#'
#' Further options of [curve_plot()]. They are given to [curve_plot()] by name, or stored,
#' as the style of all figures of a paper, and given as its argument `options`.
#'
#' @details `naive = TRUE` is a warning, not a result: 1 - Kaplan-Meier, with competing
#' events treated as censored, is drawn in grey with the cumulative incidence, and the
#' caption says by how much it overestimates at the last time.
#' @param stacked `TRUE` stacks the areas of all causes of [cumulative_incidence()], with
#'   the event-free probability on top; each group has its own panel.
#' @param naive `TRUE` adds 1 - Kaplan-Meier to [cumulative_incidence()].
#' @param median `TRUE` draws lines from each median down to the time axis.
#' @param quantiles `NULL`, or proportions of subjects with the event, between 0 and 1:
#'   lines like those of the median where each curve reaches them. `c(0.25, 0.5, 0.75)` is
#'   75%, 50% and 25% of a survival curve, and 25%, 50% and 75% of an incidence.
#' @param censor `TRUE` or `FALSE`: marks at the times of censoring; `NULL` omits the
#'   marks of a panel whose curves have more than 200 together, which would hide them.
#' @param min_risk,below_min After the last time with at least `min_risk` subjects at risk
#'   (ids, for fits with `id`) curves are dimmed (`below_min = "fade"`) or end (`"stop"`);
#'   the caption says so where it is the case.
#' @param xlab,ylab Titles of the axes; the unit is added to `xlab` in brackets unless
#'   `xlab` names it. `ylab = NULL` is the name of the endpoint or the type of curve.
#' @param breaks `NULL`, or the times labelled on the axis and shown in the table. `NULL`
#'   chooses them when the figure is drawn: multiples that suit the unit, at most seven in
#'   a journal column of 85 mm and up to 14 on a wide page, if there is room for the
#'   numbers.
#' @param ylim Two proportions between 0 and 1: the ends of the percent axis. The caption
#'   says so if the axis starts above 0% or cuts curves or intervals.
#' @param linewidth Width of the curves in mm, above 0.
#' @param colours `NULL`, or the colours of the curves, in their order or with the labels
#'   of the curves as names, as in `c(OP = "navy", OM = "#D55E00")`.
#' @param linetype `NULL` for a different line type for each curve, or line types of R:
#'   one for all, such as `"solid"`, or one for each curve, in order or by name.
#' @param mark Marks of censoring: a vertical `"tick"`, which leaves the gaps of dashed
#'   lines open, or a `"plus"`.
#' @param interval Pointwise intervals as a `"shade"` or as two thin `"lines"`.
#' @param legend_title `NULL` or the title of the legend.
#' @param risk_title `NULL` for the default title of the number-at-risk table, or one
#'   title for each of its blocks.
#' @param style How p-values and decimal points are printed, see [format_p_value()].
#'   Thousands are separated from 10,000 on: by a comma, in the styles of JAMA and the
#'   Lancet by a narrow space.
#' @return A list of class `curve_options`.
#' @section Errors: `oligosurv_error_input` for an argument of the wrong type,
#'   `oligosurv_error_domain` for a value outside its range.
#' @examples
#' # the style of a paper, for all its figures
#' style <- curve_options(median = TRUE, min_risk = 3, xlab = "Time since SBRT")
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   os <- kaplan_meier(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os"))
#'   curve_plot(os, options = style)
#'   # one option differs here
#'   curve_plot(os, options = style, median = FALSE)
#' }
#' @export
curve_options <- function(stacked = FALSE, naive = FALSE, median = FALSE,
                          quantiles = NULL, censor = NULL, min_risk = 0,
                          below_min = c("fade", "stop"), xlab = "Time", ylab = NULL,
                          breaks = NULL, ylim = c(0, 1), linewidth = 0.5,
                          colours = NULL, linetype = NULL, mark = c("tick", "plus"),
                          interval = c("shade", "lines"), legend_title = NULL,
                          risk_title = NULL, style = "plain") {
  structure(list(
    stacked = check_flag(stacked, "stacked"), naive = check_flag(naive, "naive"),
    median = check_flag(median, "median"),
    quantiles = if (!is.null(quantiles)) check_proportions(quantiles, "quantiles"),
    censor = if (!is.null(censor)) check_flag(censor, "censor"),
    min_risk = check_number(min_risk, "min_risk", 0),
    below_min = check_choice(below_min, c("fade", "stop"), "below_min"),
    xlab = check_string(xlab, "xlab"),
    ylab = if (!is.null(ylab)) check_string(ylab, "ylab"),
    breaks = check_breaks(breaks),
    ylim = check_ylim(ylim),
    linewidth = check_number(linewidth, "linewidth", 0, open = TRUE),
    colours = check_colours(colours), linetype = check_linetype(linetype),
    mark = check_choice(mark, c("tick", "plus"), "mark"),
    interval = check_choice(interval, c("shade", "lines"), "interval"),
    legend_title = if (!is.null(legend_title)) check_string(legend_title, "legend_title"),
    risk_title = check_risk_title(risk_title),
    style = check_choice(style, journal_styles, "style")
  ), class = "curve_options")
}

check_risk_title <- function(risk_title) {
  if (is.null(risk_title)) return(NULL)
  risk_title <- plain_argument(risk_title)
  if (is.character(risk_title) && length(risk_title) && !anyNA(risk_title)) {
    return(risk_title)
  }
  stop_oligosurv("input", sprintf(
    "`risk_title` must be a title for each block of the table; it is %s",
    describe(risk_title)
  ), arg = "risk_title")
}

check_breaks <- function(breaks) {
  if (!is.null(breaks)) sort(unique(check_double(breaks, "breaks", 0)))
}

check_colours <- function(colours) {
  if (is.null(colours)) return(NULL)
  colours <- plain_argument(colours)
  known <- is.character(colours) && !anyNA(colours) && length(colours) > 0L
  bad <- if (known) {
    Filter(function(x) inherits(try(grDevices::col2rgb(x), TRUE), "try-error"), colours)
  }
  if (known && !length(bad)) return(colours)
  stop_oligosurv("input", sprintf(
    "`colours` must be colours of R, such as \"navy\" or \"#D55E00\"; %s",
    if (known) {
      sprintf("\"%s\" is not a colour", bad[1L])
    } else {
      paste("it is", describe(colours))
    }
  ), arg = "colours")
}

line_words <- c(
  "blank", "solid", "dashed", "dotted", "dotdash", "longdash", "twodash"
)

check_linetype <- function(linetype) {
  if (is.null(linetype)) return(NULL)
  linetype <- plain_argument(linetype)
  hex <- "^([1-9A-Fa-f]{2}){1,4}$"
  known <- if (is.character(linetype)) {
    linetype %in% line_words | grepl(hex, linetype)
  } else if (is.numeric(linetype)) {
    linetype %in% 0:6
  }
  if (length(known) && all(known)) return(linetype)
  stop_oligosurv("input", sprintf(paste(
    "`linetype` must be line types of R, such as \"solid\", \"dashed\" or 1 to 6;",
    "it is %s"
  ), describe(linetype)), arg = "linetype")
}

# Values for the curves, given in the order of the curves or with their names.
# `one_for_all`: a single value may apply to all curves.
for_curves <- function(values, curves, arg, one_for_all = FALSE) {
  if (is.null(names(values))) {
    if (one_for_all && length(values) == 1L) return(rep(values, length(curves)))
    if (length(values) >= length(curves)) return(unname(values[seq_along(curves)]))
    stop_oligosurv("input", sprintf(
      "`%s` has %d value%s, but there are %d curves: %s", arg, length(values),
      if (length(values) == 1L) "" else "s", length(curves),
      paste(curves, collapse = "; ")
    ), arg = arg)
  }
  missing <- setdiff(curves, names(values))
  if (!length(missing)) return(unname(values[curves]))
  stop_oligosurv("input", sprintf(
    "`%s` has no value for the curve \"%s\"; its names are %s", arg, missing[1L],
    paste0("\"", names(values), "\"", collapse = ", ")
  ), arg = arg)
}

check_ylim <- function(ylim) {
  ylim <- check_double(ylim, "ylim", 0)
  if (length(ylim) != 2L || ylim[1] >= ylim[2] || ylim[2] > 1) {
    stop_oligosurv("input", sprintf(paste(
      "`ylim` is %s; it must be two proportions between 0 and 1, the smaller first,",
      "such as c(0, 0.5)"
    ), paste(format(ylim), collapse = ", ")), arg = "ylim")
  }
  ylim
}
