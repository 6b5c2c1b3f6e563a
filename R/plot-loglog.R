#' Log-log plot: are the hazards proportional?
#'
#' Plots log(-log S(t)) of each curve against the logarithm of time. If hazards are
#' proportional, the curves are parallel, and their distance is the log hazard ratio; if
#' curves cross or meet, one hazard ratio does not describe the groups.
#'
#' @details The ratio of -log S is the ratio of cumulative hazards: two curves whose
#' distance is 0.69 = log 2 differ by a hazard ratio of 2. The limits are those of the fit
#' on the same scale. A curve begins at its first event, since S = 1 has no logarithm, and
#' ends before S = 0. With few events curves are rough: use the test of proportional
#' hazards of [hazard_ratio()] together with the figure.
#' @param fit A fit of [kaplan_meier()] or, for subdistribution hazards,
#'   [cumulative_incidence()], whose log(-log(1 - F)) is drawn; the curves are parallel if
#'   a Fine-Gray model holds.
#' @param outcome For [cumulative_incidence()]: one cause; `NULL` is the first.
#' @param conf.int `TRUE` draws the pointwise confidence limits as thin lines.
#' @param xlab,ylab,title Titles; the unit of the times is added to `xlab`.
#' @param theme `NULL` for [theme_oligosurv()], or a ggplot2 theme.
#' @return A ggplot; its data have the columns `time`, `curve`, `estimate` (S or 1 - F)
#'   and `loglog`.
#' @section Errors: `oligosurv_error_input` for anything other than these fits;
#'   `oligosurv_error_data` if no curve has an event before its end.
#' @seealso [curve_plot()], [hazard_ratio()]
#' @examples
#' # survival of 1, 0.5 at t = 1 and 0.25 at t = 2: log(-log 0.5) = -0.37 and 0.33
#' x <- data.frame(time = c(1, 1, 2, 3), status = c(1, 1, 1, 0))
#' fit <- kaplan_meier(Surv(time, status) ~ 1, x)
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   loglog_plot(fit)$data[c("time", "estimate", "loglog")]
#'   loglog_plot(kaplan_meier(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os")))
#' }
#' @export
loglog_plot <- function(fit, outcome = NULL, conf.int = FALSE, xlab = "Time",
                        ylab = NULL, title = NULL, theme = NULL) {
  need_package("ggplot2", "loglog_plot()")
  if (!inherits(fit, "kaplan_meier") && !inherits(fit, "cumulative_incidence")) {
    stop_oligosurv("input", sprintf(
      "`fit` must be a fit of kaplan_meier() or cumulative_incidence(); it is %s",
      describe(fit)
    ), arg = "fit")
  }
  check_flag(conf.int, "conf.int")
  xlab <- time_title(check_string(xlab, "xlab"), fit$table$origin$unit)
  if (!is.null(ylab)) check_string(ylab, "ylab")
  if (!is.null(title)) check_string(title, "title")
  outcome <- check_outcome(outcome, fit)
  if (length(outcome) > 1L) {
    stop_oligosurv("input", sprintf(
      "`outcome` must be one cause in loglog_plot(); it is %s", join_words(outcome)
    ), arg = "outcome")
  }
  rows <- loglog_rows(fit, outcome)
  draw_loglog(rows, conf.int, full_theme(theme)) + ggplot2::labs(
    x = xlab, y = if (is.null(ylab)) loglog_title(outcome) else ylab, title = title,
    alt = sprintf("log(-log) curves of %s", join_words(levels(rows$curve)))
  )
}

loglog_title <- function(outcome) {
  of <- if (is.na(outcome)) "survival" else sprintf("1 \u2212 incidence of %s", outcome)
  sprintf("log(\u2212log(%s))", of)
}

# The rows of curves after their first event and before S = 0, with the limits on the same
# scale
loglog_rows <- function(fit, outcome) {
  curves <- curve_names(list(fit), list(outcome), NULL)
  rows <- figure_rows(list(fit), curves, drawn_rows)
  if (!is.na(outcome)) {
    falling <- c("estimate", "conf.low", "conf.high")
    rows[falling] <- 1 - rows[c("estimate", "conf.high", "conf.low")]
  }
  rows <- rows[rows$time > 0 & rows$estimate > 0 & rows$estimate < 1, ]
  if (!nrow(rows)) {
    stop_oligosurv("data", paste(
      "log(-log S) is defined only where S is between 0 and 1, and no curve has such a",
      "time; fit data in which some subjects, but not all of a group, have the event"
    ), arg = "fit")
  }
  rows$curve <- droplevels(rows$curve)
  scale <- function(s) {
    inside <- !is.na(s) & s > 0 & s < 1
    replace(rep(NA_real_, length(s)), inside, log(-log(s[inside])))
  }
  rows$loglog <- scale(rows$estimate)
  # this transform decreases in S, so the upper limit of S becomes the lower limit
  rows$low <- scale(rows$conf.high)
  rows$high <- scale(rows$conf.low)
  rows
}

draw_loglog <- function(rows, conf.int, theme) {
  style <- curve_styles(nlevels(rows$curve), is_dark(theme))
  limit <- function(column) {
    ggplot2::geom_step(aes_of(y = column), na.rm = TRUE, linewidth = 0.25,
      show.legend = FALSE
    )
  }
  several <- nlevels(rows$curve) > 1L
  ggplot2::ggplot(rows, aes_of(
    x = "time", y = "loglog", colour = "curve", linetype = "curve"
  )) +
    (if (conf.int) list(limit("low"), limit("high"))) +
    ggplot2::geom_step(linewidth = 0.5, na.rm = TRUE, show.legend = several) +
    ggplot2::scale_colour_manual(NULL, values = style$colour, labels = legend_text) +
    ggplot2::scale_linetype_manual(NULL, values = style$linetype, labels = legend_text) +
    ggplot2::scale_x_log10(labels = time_axis) +
    ggplot2::scale_y_continuous(labels = minus_axis(time_axis)) + theme
}
