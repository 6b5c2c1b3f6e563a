#' Curves with their number-at-risk table
#'
#' One figure of a fit: step curves from time 0, interval bands, censoring marks, a
#' percent axis and, under the axis, the number at risk at each of its breaks.
#'
#' @details The result is one ggplot: `+ labs()`, `+ theme()` and scales work as on any
#' other. The table is drawn in the panel's own coordinates, so its columns stand under
#' the breaks whatever the size of the figure. Room for it is made from the texts given
#' here; change their size with `theme = theme_oligosurv(base_size = 10)` and the axis
#' title with `xlab` and `unit` rather than afterwards.
#'
#' At risk at t are the subjects still under observation just before t; the events in
#' brackets are those up to and including t. An event at t is at risk at t. For
#' [follow_up()] the events are the censorings.
#'
#' Where nothing has happened yet the limits are the exact ones for those still at risk,
#' so the band of a curve without events widens as subjects are censored.
#'
#' Labels of groups are shown as text, whatever they contain. Those too long for the
#' figure lose their middle. Groups without subjects are named in the caption.
#'
#' @param object A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param p.value `NULL` or a test of the same rows: [logrank_test()] for Kaplan-Meier,
#'   [gray_test()] for cumulative incidence. Its name and p-value are written into the
#'   panel.
#' @param outcome Causes to draw, for [cumulative_incidence()]; `NULL` is the first one.
#' @param conf.int,median `TRUE` or `FALSE`: bands, and lines down from the median.
#' @param censor `TRUE` or `FALSE`: marks at the times of censoring; `NULL` leaves them
#'   out where a curve has more than 200, which would hide it.
#' @param risk_table Numbers under the axis: `"events"` is at risk (events), `"risk"` at
#'   risk alone, `"none"` no table.
#' @param xlab,unit Name of the time axis and its unit, such as `"months"`, which is put
#'   in brackets unless `xlab` names it; the breaks are then multiples that suit the unit.
#' @param ylab,title Name of the other axis, and title; `NULL` for the usual name and no
#'   title.
#' @param breaks `NULL` or the times of the axis and the table.
#' @param ylim Two shares between 0 and 1: the ends of the percent axis.
#' @param theme `NULL` for [theme_oligosurv()], or a ggplot2 theme.
#' @param ... Not used.
#' @return A ggplot. Its layers hold the rows of [tidy()][tidy.oligosurv_fit].
#' @section Errors: `oligosurv_error_input` for an argument of the wrong type;
#'   `oligosurv_error_data` when the fit has no subjects or more than 12 curves, or when
#'   the test is not of the rows of the fit.
#' @seealso [plot()][plot.oligosurv_fit] without ggplot2, [save_figure()].
#' @examples
#' os <- endpoint(hcc_sbrt, "os")
#' fit <- kaplan_meier(Surv(time, status) ~ strategy, os[os$cohort == "OP", ])
#' test <- logrank_test(Surv(time, status) ~ strategy, os[os$cohort == "OP", ])
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   # 12 OP-N and 16 OP-C at risk at 0; log-rank p = 0.47
#'   ggplot2::autoplot(fit, p.value = test, unit = "months", ylab = "Overall survival")
#' }
#' @exportS3Method ggplot2::autoplot
autoplot.oligosurv_fit <- function(object, p.value = NULL, outcome = NULL,
                                   conf.int = TRUE, censor = NULL, median = FALSE,
                                   risk_table = c("events", "risk", "none"),
                                   xlab = "Time", unit = NULL, ylab = NULL, title = NULL,
                                   breaks = NULL, ylim = c(0, 1), theme = NULL, ...) {
  check_no_dots(...)
  need_package("ggplot2", "autoplot()")
  figure <- curve_figure(
    object, p.value, outcome, risk_table, xlab, unit, ylab, breaks, ylim
  )
  check_flag(conf.int, "conf.int")
  censor <- censor_shown(censor, figure$rows)
  check_flag(median, "median")
  if (!is.null(title)) check_string(title, "title")
  theme <- full_theme(theme)
  rows <- figure$rows
  p <- ggplot2::ggplot(rows, curve_mapping(rows))
  if (conf.int) p <- p + layer_band(rows)
  p <- p + layer_curve(rows)
  if (censor) p <- p + layer_censored(rows)
  if (median) p <- p + layer_median(figure$medians)
  if (!is.null(figure$p_text)) p <- p + layer_p(figure, theme)
  p + curve_scales(figure) +
    ggplot2::labs(
      x = figure$xlab, y = figure$ylab, title = title, caption = figure$caption,
      alt = figure$alt
    ) +
    theme + layer_risk_table(figure, theme)
}

# All that a figure shows, worked out before anything is drawn: shared by ggplot2 and
# base graphics.
curve_figure <- function(fit, test, outcome, risk_table, xlab, unit, ylab, breaks, ylim) {
  risk_table <- check_choice(risk_table, c("events", "risk", "none"), "risk_table")
  xlab <- check_string(xlab, "xlab")
  if (!is.null(unit)) {
    named <- grepl(tolower(check_string(unit, "unit")), tolower(xlab), fixed = TRUE)
    if (!named) xlab <- sprintf("%s (%s)", xlab, unit)
  }
  if (!is.null(ylab)) check_string(ylab, "ylab")
  ylim <- check_ylim(ylim)
  outcome <- check_outcome(outcome, fit)
  present <- curve_sizes(fit$table) > 0
  labels <- curve_labels(fit$table)
  check_curves(labels[present], outcome)
  last <- max(fit$time)
  breaks <- if (is.null(breaks)) {
    time_breaks(last, unit, most_intervals(fit, risk_table))
  } else {
    check_times(breaks)
  }
  list(
    rows = curve_rows_of(tidy_rows(fit, NULL), labels[present], outcome),
    risk = risk_rows(fit, labels[present], outcome, breaks, risk_table),
    medians = curve_rows_of(fit_quantiles(fit, 0.5, TRUE), labels[present], outcome),
    p_text = if (!is.null(test)) test_text(test, fit, outcome),
    rising = fit$start_value == 0, breaks = breaks,
    xlim = c(0, if (max(last, breaks) > 0) max(last, breaks) else 1), ylim = ylim,
    xlab = xlab, ylab = if (is.null(ylab)) default_ylab(fit, outcome) else ylab,
    risk_title = risk_title(fit, risk_table),
    caption = if (!all(present)) {
      paste("No subjects:", paste(shorten(labels[!present], 30), collapse = ", "))
    },
    alt = sprintf(
      "%s curves of %s", fit_names[[class(fit)[1]]],
      paste(labels[present], collapse = ", ")
    )
  )
}

check_ylim <- function(ylim) {
  ylim <- check_double(ylim, "ylim", 0)
  if (length(ylim) != 2L || ylim[1] >= ylim[2] || ylim[2] > 1) {
    stop_oligosurv("input", sprintf(
      "`ylim` must be two shares between 0 and 1, the smaller first; it is %s",
      paste(format(ylim), collapse = ", ")
    ), arg = "ylim")
  }
  ylim
}

check_outcome <- function(outcome, fit) {
  if (is.null(outcome)) return(fit$outcomes[1L])
  if (is.null(fit$outcomes)) {
    stop_oligosurv("input", "`outcome` goes with cumulative_incidence() only",
      arg = "outcome"
    )
  }
  outcome <- unique(as.character(outcome))
  if (!length(outcome) || !all(outcome %in% fit$outcomes)) {
    stop_oligosurv("input", sprintf(
      "`outcome` must be among %s", paste0("\"", fit$outcomes, "\"", collapse = ", ")
    ), arg = "outcome")
  }
  outcome
}

most_curves <- 12L

check_curves <- function(labels, outcome) {
  n <- length(labels) * max(1L, length(outcome))
  if (n == 0L) {
    stop_oligosurv("data", "the fit has no subjects: there is nothing to draw")
  }
  if (n > most_curves) {
    stop_oligosurv("data", sprintf(paste(
      "%d curves cannot be told apart in one figure, which takes %d;",
      "draw fewer groups, or several figures"
    ), n, most_curves))
  }
}

censor_shown <- function(censor, rows) {
  if (!is.null(censor)) return(check_flag(censor, "censor"))
  max(table(rows$curve[rows$n.censor > 0])) <= 200
}

# Rows of the curves drawn, with a factor `curve` that tells them apart: the group, the
# cause, or both where there are several of each.
curve_rows_of <- function(rows, labels, outcome) {
  keep <- rows$strata %in% labels
  if (!is.null(outcome)) keep <- keep & rows$outcome %in% outcome
  rows <- rows[keep, ]
  row.names(rows) <- NULL
  if (length(outcome) < 2L) {
    rows$curve <- factor(rows$strata, labels)
  } else if (length(labels) == 1L) {
    rows$curve <- factor(rows$outcome, outcome)
  } else {
    both <- outer(labels, outcome, paste, sep = ", ")
    rows$curve <- factor(paste(rows$strata, rows$outcome, sep = ", "), both)
  }
  rows
}

# Numbers under the axis: one row a curve and break
risk_rows <- function(fit, labels, outcome, breaks, risk_table) {
  rows <- curve_rows_of(tidy_rows(fit, breaks), labels, outcome)
  rows$row <- as.integer(rows$curve)
  rows$label <- if (risk_table == "events") {
    sprintf("%s (%s)", format_number(rows$n.risk), format_number(rows$cum.event))
  } else {
    format_number(rows$n.risk)
  }
  rows
}

risk_title <- function(fit, risk_table) {
  events <- if (inherits(fit, "follow_up")) "censored" else "events"
  switch(risk_table,
    events = sprintf("At risk (%s)", events), risk = "At risk", none = NULL
  )
}

# Counts with up to one decimal, for tables of weighted counts
format_number <- function(x) formatC(x, digits = 1, format = "f", drop0trailing = TRUE)

default_ylab <- function(fit, outcome) {
  if (inherits(fit, "follow_up")) return("Under follow-up")
  if (is.null(outcome)) return("Survival")
  if (length(outcome) > 1L) return("Cumulative incidence")
  paste0("Cumulative incidence\nof ", wrap_text(shorten(outcome, 60), 30))
}

# Steps of the axis that suit a unit
time_steps <- list(
  days = c(1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650),
  weeks = c(1, 2, 4, 8, 13, 26, 52, 104, 260, 520),
  months = c(1, 2, 3, 6, 12, 24, 36, 60, 120, 240),
  years = c(1, 2, 5, 10, 20, 50)
)

# Breaks from 0 in the smallest such step that leaves at most `most` intervals; one break
# may lie a little after the last time
time_breaks <- function(last, unit, most = 7L) {
  steps <- if (!is.null(unit)) time_steps[[sub("s?$", "s", tolower(unit))]]
  steps <- steps[floor(1.05 * last / steps) <= most]
  if (!length(steps) || last < steps[1L]) {
    steps <- diff(pretty(c(0, last), min(most, 5L)))
  }
  seq(0, max(1.05 * last, steps[1L] / 1e6), steps[1L])
}

# Intervals that leave room for "n (events)" at each break in a journal's column, whose
# panel is some 27 ems wide
most_intervals <- function(fit, risk_table) {
  n <- format_number(max(curve_sizes(fit$table)))
  size <- length(fit$time)
  totals <- vapply(seq_len(length(fit$n.event) / size), function(k) {
    max(cumulate(fit$n.event[(k - 1) * size + seq_len(size)], curve_rows(fit)))
  }, 0)
  events <- format_number(max(totals))
  both <- sprintf("%s (%s)", n, events)
  widest <- switch(risk_table, events = both, risk = n, none = "")
  max(2, min(7, floor(27 / (text_em(widest) + 0.5))))
}

# "Log-rank p = 0.89", one line a cause; the test must be of the rows of the fit
test_text <- function(test, fit, outcome) {
  wanted <- if (is.null(outcome)) "logrank_test" else "gray_test"
  if (inherits(fit, "follow_up")) {
    stop_oligosurv("input", "`p.value` does not go with follow_up()", arg = "p.value")
  }
  if (!inherits(test, wanted)) {
    stop_oligosurv("input", sprintf(
      "`p.value` must be the result of %s() for this fit; it is %s", wanted,
      describe(test)
    ), arg = "p.value")
  }
  if (!isTRUE(all.equal(group_totals(test$table), group_totals(fit$table), 1e-6))) {
    stop_oligosurv("data", paste(
      "the test in `p.value` is not of the rows and groups of the fit;",
      "use the same formula and data for both"
    ), arg = "p.value")
  }
  results <- test_results(test)
  method <- regmatches(test$method, regexpr(", ", test$method), invert = TRUE)[[1L]]
  name <- paste0(sub("(?<!'s) test", "", method[1L], perl = TRUE), " p ")
  strata <- if (length(method) > 1L) sprintf(" (%s)", method[2L]) else ""
  text <- paste0(name, p_text(results$p.value, results$reason), strata)
  if (is.null(outcome)) return(text)
  at <- match(outcome, results$outcome)
  if (length(outcome) == 1L) return(text[at])
  paste(paste0(outcome, ": ", text[at]), collapse = "\n")
}

p_text <- function(p, reason) {
  ifelse(is.na(p), paste("not defined:", reason),
    ifelse(p < 0.0995, format_p(p), ifelse(p > 0.995, "> 0.99", format_p(p, 2L)))
  )
}

# Subjects and time of each group and status, by name: equal for a fit and its test
group_totals <- function(table) {
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  group <- table$groups[(curve - 1L) %% length(table$groups) + 1L]
  n <- if (is.null(table$n)) rep(1, length(table$time)) else table$n
  totals <- rowsum(cbind(n, n * table$time), paste(group, table$status, sep = "\r"))
  dimnames(totals)[[2L]] <- c("n", "time")
  totals[totals[, "n"] > 0, , drop = FALSE]
}
