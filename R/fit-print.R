# Text of numbers and of what a result is made from, the same in every print

#' @export
print.oligosurv_fit <- function(x, n = most_shown, ...) {
  print_curves(x, n)
  writeLines(format_more_groups(x$table, n))
  invisible(x)
}

print_curves <- function(x, n) {
  writeLines(fit_header(x))
  g <- first_groups(glance.oligosurv_fit(x), n)
  shown <- g[intersect(c("outcome", "strata"), names(g))]
  shown$n <- format_count(g$n)
  events <- if (inherits(x, "follow_up")) "censored" else "events"
  shown[[events]] <- format_count(g$n.event)
  shown$median <- format_time(g$median)
  if (x$conf.type != "none") {
    shown[[paste0(format(100 * x$conf.level), "% CI")]] <- sprintf(
      "(%s-%s)", format_time(g$conf.low), format_time(g$conf.high)
    )
  }
  if (!is.null(g$n.id)) {
    shown$ids <- g$n.id
    shown[["design effect"]] <- formatC(g$design.effect, digits = 2, format = "f")
    if (!is.null(g$intra.correlation)) {
      shown$correlation <- formatC(g$intra.correlation, digits = 2, format = "f")
    }
  }
  if (nlevels(shown$strata) == 1L) shown$strata <- NULL
  print(shown, row.names = FALSE)
  if (anyNA(g$median)) writeLines("NR: not reached")
  if (!is.null(x$times)) {
    print(first_groups(tidy_rows(x), n), row.names = FALSE, digits = 4)
  }
}
