# tidy(), glance(), summary() and as.data.frame() of fits.

#' Data frames of a fit
#'
#' `tidy()` gives one row for each outcome, stratum and distinct time; `glance()` one row
#' for each outcome and stratum, with the median.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param times `NULL` for all distinct times, or the times wanted.
#' @param extend `TRUE` carries the last estimate on past the last follow-up of a curve;
#'   else it is `NA` there, unless the curve has ended because nobody is left event-free.
#' @param ... Not used.
#' @return A data frame. `tidy()`: `time`, `outcome` (competing risks only), `strata`
#'   (factor of plain labels; `All` without groups), `n.risk` (at risk just before the
#'   time; with delayed entry those who entered before it, and at the first time of the
#'   curve, 0 or `start`, those who enter then), `n.event`, `n.censor` (at the time, or
#'   since the row before with `times`), `cum.event`, `cum.censor`, `estimate`,
#'   `std.error` (on the scale of `estimate`), `conf.low`, `conf.high`, `conf.level`,
#'   `conf.type` (`exact` where the exact limits stand in). Each curve has a row at time 0
#'   (or at `start`). `glance()`: `outcome`, `strata`, `n` (rows, also where the follow-up
#'   of one subject is split into several), `n.event`, `n.censor`, `median`, `conf.low`,
#'   `conf.high` (of the median), `conf.level`, `conf.type`. With `band` the last columns
#'   of `tidy()` are `band.low` and `band.high`, `NA` outside the times of the band.
#'
#'   With `id` the last columns of `tidy()` are `n.id`, distinct ids at risk just before
#'   the time, and of `glance()` `n.id`, those of the curve, and `design.effect`, the
#'   variance by id over the variance with independent rows, at the last time at which the
#'   estimate is between 0 and 1 (`NA` without one), and, without weights,
#'   `intra.correlation`, that of rows of one id, see [clustered_rows] (`NA` where each id
#'   has one row).
#' @section Errors: `oligosurv_error_domain` for times that are not finite or negative.
#' @examples
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 1)) ~ 1)
#' tidy(fit)
#' tidy(fit, times = c(2, 3))
#' glance(fit)
#' @name tidy.oligosurv_fit
#' @order 1
#' @export
tidy.oligosurv_fit <- function(x, times = x$times, extend = FALSE, ...) {
  check_no_dots(...)
  if (!is.null(x$table$from) && !is.null(times)) check_from(times, x$table)
  tidy_rows(x, times, extend)
}

#' @export
as.data.frame.oligosurv_fit <- function(x, row.names = NULL, optional = FALSE, ...) {
  tidy_rows(x, x$times)
}

# Medians, or with `times` the estimates there; the columns have both
#' @exportS3Method NULL
result_rows.oligosurv_fit <- function(x, times = NULL, extend = FALSE, ...) {
  check_no_dots(...)
  g <- if (inherits(x, "follow_up")) glance(x) else fit_summary(x)
  rows <- if (is.null(times)) {
    c(g, list(estimate = g$median))
  } else {
    tidy_rows(x, times, extend)
  }
  new_result(quick_frame(rows), g,
    scale = if (is.null(times)) "time" else "probability", unit = table_unit(x$table),
    what = fit_captions[[class(x)[1L]]], title = format_estimator(x), table = x$table,
    basis = fit_basis(x),
    columns = fit_columns(x, g, if (is.null(times)) x$times else times, extend),
    group = g$strata,
    signs = c(NR = "not reached", not_followed),
    sentence = "{number} ({level} CI {ci})", unknown = "NR"
  )
}

fit_captions <- c(
  kaplan_meier = "Kaplan-Meier estimates",
  cumulative_incidence = "Cumulative incidence with competing risks",
  follow_up = "Follow-up"
)

fit_columns <- function(x, g, times, extend) {
  nouns <- if (is.null(x$ids)) c("N", "") else id_nouns(x)
  events <- if (inherits(x, "follow_up")) "Without event" else "Events"
  columns <- list(
    Outcome = if (!is.null(g$outcome)) blank_repeats(g$outcome),
    Group = group_column(g$strata, is.null(g$outcome)),
    n = g$n, ids = g$n.id, events = g$n.event,
    Median = interval_column(c(g, list(estimate = g$median)), "time", na = "NR"),
    "Design effect" = if (!is.null(g$design.effect)) {
      in_print(number_column(g$design.effect, na = "", console = 2L))
    },
    Correlation = if (!is.null(g$intra.correlation)) {
      in_print(number_column(g$intra.correlation, na = "", console = 2L))
    }
  )
  names(columns)[3:5] <- c(nouns, events)
  if (is.null(times)) return(columns)
  at <- tidy_rows(x, times, extend)
  c(columns, lapply(stats::setNames(nm = unique(at$time)), function(time) {
    interval_column(at[at$time == time, ], "probability", at = time)
  }))
}

# What rows and ids are called: "Lesions", "Patients" where the fit knows
id_nouns <- function(x) {
  words <- regmatches(x$clusters, regexec("^[0-9]+ (\\w+) in [0-9]+ (\\w+)", x$clusters))
  words <- words[[1L]][-1L]
  if (length(words) == 2L) sentence_case(words) else c("Rows", "Ids")
}

#' @rdname tidy.oligosurv_fit
#' @export
glance.oligosurv_fit <- function(x, ...) {
  check_no_dots(...)
  fit_summary(x)
}

fit_summary <- function(x) {
  along <- read_along(x, shares = 0.5)
  q <- fit_quantiles(x, 0.5, TRUE, along)
  out <- q[intersect(c("outcome", "strata"), names(q))]
  out$n <- rep_len(curve_sizes(x$table), nrow(q))
  out$n.event <- along$n.event
  out$n.censor <- along$n.censor
  out$median <- q$estimate
  out[c("conf.low", "conf.high", "conf.level", "conf.type")] <-
    q[c("conf.low", "conf.high", "conf.level", "conf.type")]
  if (!is.null(x$ids)) {
    out$n.id <- rep_len(x$ids, nrow(q))
    out$design.effect <- design_effects(x)
    if (!is.null(x$id_size)) {
      out$intra.correlation <- intra_correlation(
        out$design.effect, rep_len(x$id_size, nrow(q))
      )
    }
  }
  out
}

#' Estimates at given times
#'
#' @param object A fit.
#' @param times Times in the unit of the data; `NULL` for all distinct times.
#' @param extend,... See [tidy()][tidy.oligosurv_fit].
#' @return The columns of [tidy()][tidy.oligosurv_fit], one row for each outcome, stratum
#'   and time, as a data frame that prints rounded.
#' @examples
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
#' summary(fit, times = c(1, 5)) # S(1) = 3/4; unknown at 5, the last is censored at 4
#' @export
summary.oligosurv_fit <- function(object, times = object$times, extend = FALSE, ...) {
  check_no_dots(...)
  if (!is.null(object$table$from) && !is.null(times)) check_from(times, object$table)
  structure(tidy_rows(object, times, extend),
    class = c("summary_oligosurv_fit", "data.frame"), fit_header = fit_header(object)
  )
}

#' @export
print.summary_oligosurv_fit <- function(x, digits = 3L, ...) {
  header <- attr(x, "fit_header") # gone where columns were taken out
  if (!is.null(header)) writeLines(header)
  shown <- as.data.frame(unclass(x), optional = TRUE)
  shown <- shown[intersect(c(
    "time", "outcome", "strata", "n.risk", "n.event", "n.censor", "estimate", "std.error",
    "conf.low", "conf.high", "conf.type", "weight.risk", "weight.event", "band.low",
    "band.high"
  ), names(shown))]
  number <- intersect(c(
    "estimate", "std.error", "conf.low", "conf.high", "band.low", "band.high"
  ), names(shown))
  shown[number] <- lapply(shown[number], function(v) {
    ifelse(is.na(v), "NA", formatC(v, digits = digits, format = "f"))
  })
  if (nlevels(shown$strata) == 1L) shown$strata <- NULL
  print(shown, row.names = FALSE)
  invisible(x)
}
