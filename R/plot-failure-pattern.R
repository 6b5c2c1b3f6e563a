#' Figure of the patterns of first failure
#'
#' The cumulative incidences of the patterns of [failure_pattern()] stacked, so that the
#' upper edge of the failures is the cumulative incidence of any failure; one panel per
#' group.
#'
#' @param object,x A [failure_pattern()].
#' @param stacked `TRUE` stacks the areas of the patterns, death and event-free; `FALSE`
#'   draws a curve for each pattern.
#' @param ... Further arguments of [curve_plot()]; for `plot()` of
#'   [plot()][plot.oligosurv_fit], which draws the curves without ggplot2.
#' @return `autoplot()`: a ggplot. `plot()`: the rows drawn, invisibly.
#' @section Errors: those of [curve_plot()].
#' @seealso [curve_plot()]
#' @examples
#' x <- failure_pattern(hcc_sbrt)
#' if (requireNamespace("ggplot2", quietly = TRUE)) ggplot2::autoplot(x)
#' @exportS3Method ggplot2::autoplot
autoplot.failure_pattern <- function(object, stacked = TRUE, ...) {
  need_package("ggplot2", "autoplot()")
  if (check_flag(stacked, "stacked")) {
    return(curve_plot(object$fit, stacked = TRUE, ...))
  }
  curve_plot(object$fit, outcome = drawn_patterns(object), ...)
}

#' @rdname autoplot.failure_pattern
#' @export
plot.failure_pattern <- function(x, ...) {
  plot(x$fit, outcome = drawn_patterns(x), ...)
}

# Names of the patterns of failure that are drawn: all except death
drawn_patterns <- function(x) setdiff(x$fit$outcomes, "death")
