#' Options of a figure of curves
#'
#' What [curve_plot()] draws and how, beyond its own arguments. Options are given to
#' [curve_plot()] by name, or kept as the style of a paper and given as its `options`.
#'
#' @details `naive = TRUE` is a warning, not a result: 1 - Kaplan-Meier, with competing
#' events treated as censored, is drawn in grey with the cumulative incidence, and the
#' caption says by how much it overestimates at the last time.
#' @param stacked `TRUE` stacks the areas of all causes of [cumulative_incidence()], with
#'   the event-free probability on top; each group has a panel of its own.
#' @param naive `TRUE` adds 1 - Kaplan-Meier to [cumulative_incidence()].
#' @param median `TRUE` draws lines from each median down to the time axis.
#' @param censor `TRUE` or `FALSE`: marks at the times of censoring; `NULL` omits them
#'   where a curve has more than 200, which would hide it.
#' @param min_risk,below_min After the last time with at least `min_risk` subjects at risk
#'   (ids, for fits with `id`) curves are dimmed (`below_min = "fade"`) or end (`"stop"`);
#'   the caption says so.
#' @param xlab,ylab Titles of the axes; the unit is added to `xlab` in brackets unless
#'   `xlab` names it. `NULL` for `ylab` is the endpoint or the kind of curve.
#' @param breaks `NULL`, or the times labelled on the axis and shown in the table.
#' @param ylim Two proportions between 0 and 1: the ends of the percent axis.
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
curve_options <- function(stacked = FALSE, naive = FALSE, median = FALSE, censor = NULL,
                          min_risk = 0, below_min = c("fade", "stop"), xlab = "Time",
                          ylab = NULL, breaks = NULL, ylim = c(0, 1)) {
  structure(list(
    stacked = check_flag(stacked, "stacked"), naive = check_flag(naive, "naive"),
    median = check_flag(median, "median"),
    censor = if (!is.null(censor)) check_flag(censor, "censor"),
    min_risk = check_number(min_risk, "min_risk", 0),
    below_min = check_choice(below_min, c("fade", "stop"), "below_min"),
    xlab = check_string(xlab, "xlab"),
    ylab = if (!is.null(ylab)) check_string(ylab, "ylab"),
    breaks = if (!is.null(breaks)) sort(unique(check_double(breaks, "breaks", 0))),
    ylim = check_ylim(ylim)
  ), class = "curve_options")
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
