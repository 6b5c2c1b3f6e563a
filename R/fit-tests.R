# What tests of groups share: numbers, groups, reasons; tidy() and glance().

# A test needs at least two groups, and at most as many as fit in memory
check_groups <- function(table, who) {
  k <- length(table$groups)
  if (k < 2L) {
    stop_oligosurv("data", sprintf(
      "%s() compares groups, but there is only one; name them right of the `~`",
      who
    ), arg = "x")
  }
  if (k > most_groups) {
    stop_oligosurv("data", sprintf(
      "%s() takes at most %d groups, but there are %s", who, most_groups, format_count(k)
    ), arg = "x")
  }
}

# "Log-rank test for trend, 2 strata, 9999 permutations"; of a raw result
test_method <- function(name, table, spec, method, raw) {
  times <- raw$times
  strata <- length(table$strata)
  if (strata == 1L && is.null(spec$contrast) && is.null(table$id) && is.null(times)) {
    return(name)
  }
  paste0(
    name, if (!is.null(spec$contrast)) " for trend",
    if (strata > 1L) sprintf(", %d strata", strata),
    if (!is.null(table$id)) sprintf(", clustered by id (%s)", format_ids(table)),
    if (length(raw$left_out) && raw$rank > 0) {
      sprintf(", %s not compared (one %s)", lone_text(raw$left_out), table$words[2L])
    },
    if (!is.null(raw$df2) && !is.na(raw$df2)) {
      sprintf(", F(%d, %d)", as.integer(raw$rank), raw$df2)
    },
    switch(method,
      permutation = paste0(", ", count_noun(times, "permutation")),
      exact = sprintf(", exact over %s", count_noun(times, "assignment"))
    )
  )
}

# Statistic, degrees of freedom and p of a C result; undefined is NA with the reason
test_numbers <- function(raw, spec) {
  out <- list(statistic = raw$statistic, df = as.integer(raw$rank))
  out$df2 <- raw$df2
  out$p.value <- if (!is.null(raw$p.value)) {
    raw$p.value
  } else if (is.null(raw$df2)) {
    stats::pchisq(out$statistic, out$df, lower.tail = FALSE)
  } else {
    stats::pf(out$statistic, out$df, out$df2, lower.tail = FALSE)
  }
  if (!is.null(raw$p.std.error)) out$p.std.error <- raw$p.std.error
  if (!is.null(spec$contrast)) {
    out$z <- sign(sum(spec$contrast * raw$score)) * sqrt(raw$statistic)
  }
  if (out$df > 0L && is.finite(out$statistic)) {
    out$reason <- NA_character_
    return(out)
  }
  out[!names(out) %in% c("df", "df2")] <- NA_real_
  if (!is.null(raw$df2)) out$df2 <- NA_integer_
  out$reason <- why_undefined(raw)
  out
}

why_undefined <- function(raw) {
  if (sum(raw$observed) == 0) {
    "no events"
  } else if (!is.null(raw$reason)) {
    raw$reason
  } else if (anyNA(raw$variance)) {
    "the pooled incidence passes 1, where the weights are undefined"
  } else {
    "at each event time only one group is at risk, or all at risk fail together"
  }
}

# Subjects by group, over strata
group_sizes <- function(table) {
  sizes <- curve_sizes(table)
  if (length(table$strata) == 1L) return(sizes)
  rowSums(matrix(sizes, length(table$groups)))
}

test_groups <- function(raw, table) {
  quick_frame(list(
    group = quick_factor(seq_along(table$groups), table$groups), n = group_sizes(table),
    observed = raw$observed, expected = raw$expected
  ))
}

# One row a test: what glance() gives and print() reads
test_results <- function(x) {
  if (!is.null(x$tests)) return(x$tests)
  columns <- c("statistic", "df", "df2", "p.value", "p.std.error", "z", "reason")
  quick_frame(unclass(x)[intersect(columns, names(x))])
}

#' Data frames of a test
#'
#' @param x A test of [logrank_test()] or [gray_test()], or a [hazard_ratio()].
#' @param ... Not used.
#' @return `tidy()`: one row a group (and outcome) with `group`, `n`, `observed`,
#'   `expected`. `glance()`: one row (an outcome) with `statistic`, `df`, `df2` (of the F
#'   or t law of the log-rank family with `id`), `p.value`, `p.std.error` (permutation and
#'   exact tests), `z` (tests of trend), `method`.
#'   For hazard ratios see there.
#' @examples
#' test <- logrank_test(Surv(1:6, rep(1, 6)) ~ rep(c("A", "B"), 3))
#' tidy(test)
#' glance(test)
#' @name tidy.oligosurv_test
#' @order 1
#' @export
tidy.oligosurv_test <- function(x, ...) {
  check_no_dots(...)
  x$groups
}

#' @rdname tidy.oligosurv_test
#' @export
glance.oligosurv_test <- function(x, ...) {
  check_no_dots(...)
  out <- test_results(x)
  out$reason <- NULL
  out$method <- rep(x$method, nrow(out))
  out
}

#' @export
as.data.frame.oligosurv_test <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$groups
}
