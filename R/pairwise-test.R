#' Tests of every pair of groups
#'
#' Tests each pair of groups as if there were no others, and adjusts the p-values for the
#' number of pairs.
#'
#' @details Strata are kept. Each pair is tested on its own event table, so its risk sets
#' hold these two groups only. Adjustment is over the pairs, for each outcome by itself;
#' a pair whose test is undefined (`NA`) does not count. For the methods see
#' [stats::p.adjust()]; Holm's keeps the chance of any false finding below the level,
#' whatever the dependence between the pairs.
#'
#' @inheritParams logrank_test
#' @param x A formula `Surv(time, status) ~ group + strata(s)` or an [event_table()].
#' @param test The test: [logrank_test()], [gray_test()], [maxcombo_test()], or a function
#'   of an event table that returns one of theirs.
#' @param adjust One of [stats::p.adjust.methods].
#' @param weight `NULL`, or the `weight` of [logrank_test()], such as `"gehan"`.
#' @param ... Arguments of the test, such as `rho =`, `powers =` or
#'   `method = "permutation"`; with a formula also `censor`, `na.action` and `landmark` of [event_table()].
#' @return A `pairwise_test`: `tests`, the rows of `tidy()` with `reason` (why a statistic
#'   is `NA`); `adjust`; `table`. `tidy()`: one row a pair (and outcome) with `outcome`
#'   (for Gray's test), `group1`, `group2`, `statistic`, `df`, `df2` (with `id`, as in
#'   [logrank_test()]), `p.value`, `p.adjusted`, `method`, `adjust`. `glance()`: one row
#'   (an outcome) with `n.pair`, the number of pairs, `p.adjusted`, the smallest,
#'   `method`, `adjust`.
#' @section Errors: those of the test and of [event_table()]; `oligosurv_error_input` for
#'   an unknown `adjust` or a `test` that is no test; `oligosurv_error_data` for one
#'   group.
#' @references Holm (1979) Scandinavian Journal of Statistics 6, 65-70.
#' @seealso [logrank_test()], [gray_test()]
#' @examples
#' d <- data.frame(month = 1:9, status = 1, arm = rep(c("A", "B", "C"), each = 3))
#' pairwise_test(Surv(month, status) ~ arm, d)
#' # each pair is apart: 2 of 20 assignments, p = 0.1, times 3
#' pairwise_test(Surv(month, status) ~ arm, d, method = "exact", adjust = "bonferroni")
#' @export
pairwise_test <- function(x, data = NULL, test = logrank_test, adjust = "holm",
                          weight = NULL, id = NULL, weights = NULL, weight_type = NULL,
                          ...) {
  if (missing(x)) stop_missing("x")
  call <- captured(substitute(id), substitute(weights), weight_type, parent.frame())
  if (!is.function(test)) {
    stop_oligosurv("input", sprintf(
      "`test` must be a function such as logrank_test; it is %s", describe(test)
    ), arg = "test")
  }
  adjust <- check_choice(adjust, stats::p.adjust.methods, "adjust")
  dots <- list(...)
  dots$weight <- weight # an argument of its own, or `...` would take it for `weights`
  of_table <- names(dots) %in% c("censor", "na.action", "landmark")
  # ties are joined pair by pair
  table <- do.call(estimator_table, c(
    list(x, data, call, 0), dots[of_table], list(use = "pairwise_test")
  ))
  check_groups(table, "pairwise_test")
  pairs <- utils::combn(length(table$groups), 2L, simplify = FALSE)
  results <- lapply(pairs, function(pair) {
    result <- do.call(test, c(list(subset_groups(table, pair)), dots[!of_table]))
    if (inherits(result, "oligosurv_test")) return(result)
    stop_oligosurv("input", sprintf(
      "`test` must return a test of oligosurv; it returned %s", describe(result)
    ), arg = "test")
  })
  new_pairwise_test(results, pairs, adjust, table)
}

# Rows of one pair: an outcome each, or one
pair_rows <- function(result, pair, groups) {
  rows <- test_results(result)
  side <- function(i) factor(rep(groups[i], nrow(rows)), groups)
  quick_frame(c(
    if (!is.null(rows$outcome)) list(outcome = rows$outcome),
    list(group1 = side(pair[1L]), group2 = side(pair[2L])),
    as.list(rows)[
      intersect(c("statistic", "df", "df2", "p.value", "reason"), names(rows))
    ],
    list(method = rep(result$method, nrow(rows)))
  ))
}

new_pairwise_test <- function(results, pairs, adjust, table) {
  rows <- do.call(rbind, Map(pair_rows, results, pairs, list(table$groups)))
  outcome <- if (is.null(rows$outcome)) rep(1L, nrow(rows)) else as.integer(rows$outcome)
  rows <- quick_frame(lapply(rows, `[`, order(outcome)))
  rows$p.adjusted <- stats::ave(rows$p.value, sort(outcome),
    FUN = function(p) stats::p.adjust(p, adjust)
  )
  rows$adjust <- rep(adjust, nrow(rows))
  columns <- c(
    "outcome", "group1", "group2", "statistic", "df", "df2", "p.value", "p.adjusted",
    "method", "adjust", "reason"
  )
  structure(list(
    tests = rows[intersect(columns, names(rows))], adjust = adjust,
    table = drop_ids(table)
  ), class = "pairwise_test")
}

#' @export
tidy.pairwise_test <- function(x, ...) {
  check_no_dots(...)
  x$tests[setdiff(names(x$tests), "reason")]
}

#' @export
glance.pairwise_test <- function(x, ...) {
  check_no_dots(...)
  rows <- x$tests
  by <- if (is.null(rows$outcome)) factor(rep("All", nrow(rows))) else rows$outcome
  parts <- split(rows$p.adjusted, by)
  out <- list(
    n.pair = lengths(parts, use.names = FALSE),
    p.adjusted = vapply(parts, function(p) {
      if (all(is.na(p))) NA_real_ else min(p, na.rm = TRUE)
    }, 0, USE.NAMES = FALSE),
    method = rep(pairwise_method(x), length(parts)), adjust = rep(x$adjust, length(parts))
  )
  if (!is.null(rows$outcome)) {
    out <- c(list(outcome = factor(names(parts), levels(by))), out)
  }
  quick_frame(out)
}

# The pairs differ in their method where it counts assignments
pairwise_method <- function(x) {
  paste(unique(x$tests$method), collapse = "; ")
}

#' @export
as.data.frame.pairwise_test <- function(x, row.names = NULL, optional = FALSE, ...) {
  tidy.pairwise_test(x)
}

#' @export
print.pairwise_test <- function(x, ...) {
  rows <- x$tests
  writeLines(c(
    sprintf("Pairs of %d groups: %s", length(x$table$groups), pairwise_method(x)),
    sprintf("Status: %s", format_states(x$table)), format_losses(x$table),
    sprintf("p-values adjusted by %s for the number of pairs", x$adjust)
  ))
  shown <- rows[intersect(c("outcome", "group1", "group2"), names(rows))]
  name <- if (!all(startsWith(rows$method, "MaxCombo"))) {
    statistic_name(rows)
  } else if (is.null(rows$df2)) {
    "largest |z|"
  } else {
    "largest |t|"
  }
  shown[[name]] <- ifelse(
    is.na(rows$statistic), "NA", sprintf("%.4g", rows$statistic)
  )
  shown$df <- df_text(rows)
  shown$p <- format_p(rows$p.value, equals = "")
  shown$adjusted <- format_p(rows$p.adjusted, equals = "")
  print(shown, row.names = FALSE)
  reasons <- unique(rows$reason[!is.na(rows$reason)])
  if (length(reasons)) writeLines(paste("not defined:", reasons))
  invisible(x)
}
