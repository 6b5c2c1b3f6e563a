#' Tests of every pair of groups
#'
#' Tests each pair of groups without the other groups, and adjusts the p-values for the
#' number of pairs.
#'
#' @details Strata are kept. Each pair is tested on its own event table, so its risk sets
#' contain only these two groups. P-values are adjusted over the pairs, separately for
#' each outcome; a pair whose test is undefined (`NA`) does not count. For the methods see
#' [stats::p.adjust()]; Holm's method controls the probability of any false positive,
#' whatever the dependence between the pairs.
#'
#' @inheritParams logrank_test
#' @param x A formula `Surv(time, status) ~ group + strata(s)` or an [event_table()].
#' @param test The test: [logrank_test()], [gray_test()], [maxcombo_test()], or a function
#'   of an event table that returns a result of one of these.
#' @param adjust One of [stats::p.adjust.methods].
#' @param weight `NULL`, or the `weight` of [logrank_test()], such as `"gehan"`.
#' @param ... Arguments of the test, such as `rho =`, `powers =` or
#'   `method = "permutation"`; with a formula also `censor`, `na.action` and `landmark` of
#'   [event_table()].
#' @return A `pairwise_test`: `tests`, one row per pair with `df`, `df2` (with `id`, as in
#'   [logrank_test()]) and `reason` (why a statistic is `NA`); `adjust`; `table`.
#'   `tidy()`: one row per pair (and outcome) with `outcome` (for Gray's test), `group1`,
#'   `group2`, `statistic`, `parameter` (or `num.df` and `den.df`, see [results]),
#'   `p.value`, `adj.p.value`, `method`, `adjust`. `glance()`: one row (per outcome) with
#'   `n.pair`, the number of pairs, `adj.p.value`, the smallest adjusted p-value,
#'   `method`, `adjust`.
#' @section Errors: those of the test and of [event_table()]; `oligosurv_error_input` for
#'   an unknown `adjust` or a `test` that is not a test; `oligosurv_error_data` for one
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
  # `weight` must be an argument, because partial matching would use it as `weights`
  dots$weight <- weight
  of_table <- names(dots) %in% c("censor", "na.action", "landmark")
  # The tolerance for ties is 0 here: `test` merges the tied times of each pair.
  table <- do.call(estimator_table, c(
    list(x, data, call, 0), dots[of_table], list(use = "pairwise_test")
  ), quote = TRUE)
  check_groups(table, "pairwise_test")
  check_event_table(table)
  pairs <- utils::combn(length(table$groups), 2L, simplify = FALSE)
  results <- lapply(pairs, function(pair) {
    arguments <- c(list(subset_groups(table, pair)), dots[!of_table])
    result <- with_function(do.call(test, arguments, quote = TRUE), "test")
    if (inherits(result, "oligosurv_test")) return(result)
    stop_oligosurv("input", sprintf(
      "`test` must return a test result of oligosurv; it returned %s", describe(result)
    ), arg = "test")
  })
  new_pairwise_test(results, pairs, adjust, table)
}

# Rows of one pair: one per outcome, or a single row
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
  rows$adj.p.value <- stats::ave(rows$p.value, sort(outcome),
    FUN = function(p) stats::p.adjust(p, adjust)
  )
  rows$adjust <- rep(adjust, nrow(rows))
  columns <- c(
    "outcome", "group1", "group2", "statistic", "df", "df2", "p.value", "adj.p.value",
    "method", "adjust", "reason"
  )
  structure(list(
    tests = rows[intersect(columns, names(rows))], adjust = adjust,
    table = drop_ids(table)
  ), class = "pairwise_test")
}

#' @exportS3Method NULL
result_rows.pairwise_test <- function(x, ...) {
  check_no_dots(...)
  tests <- x$tests
  pair <- sprintf("%s against %s", tests$group1, tests$group2)
  rows <- test_rows(tests, tests$method)
  rows$adjust <- tests$adjust
  columns <- list(
    Outcome = if (!is.null(tests$outcome)) blank_repeats(tests$outcome), Pair = pair,
    statistic = statistic_column(tests), P = p_column(tests$p.value),
    "Adjusted P" = p_column(tests$adj.p.value)
  )
  names(columns)[3L] <- pair_statistic_head(tests)
  new_result(rows, pair_summary(x),
    what = "Pairs of groups", table = x$table,
    title = sprintf("Pairs of %d groups", length(x$table$groups)),
    basis = sprintf(
      "%s; P %s for the number of pairs", pairwise_method(x), adjusted_by(x$adjust)
    ),
    columns = columns, signs = undefined_sign(tests), label = pair,
    values = c(test_values(tests, tests$method), list(p.value = tests$adj.p.value)),
    sentence = "{p} ({test}, {adjust})"
  )
}

# "adjusted by Holm's method", for a method of p.adjust.methods
adjusted_by <- function(adjust) {
  who <- c(
    holm = "Holm", hochberg = "Hochberg", hommel = "Hommel", bonferroni = "Bonferroni",
    BH = "Benjamini and Hochberg", BY = "Benjamini and Yekutieli",
    fdr = "Benjamini and Hochberg"
  )
  if (adjust == "none") return("not adjusted")
  sprintf("adjusted by %s's method", word_of(who, adjust, "adjust"))
}

pair_statistic_head <- function(rows) {
  if (!all(startsWith(rows$method, "MaxCombo"))) return(statistic_head(rows))
  if (is.null(rows$df2)) "Largest |z| (df)" else "Largest |t| (df)"
}

pair_summary <- function(x) {
  rows <- x$tests
  by <- if (is.null(rows$outcome)) factor(rep("All", nrow(rows))) else rows$outcome
  parts <- split(rows$adj.p.value, by)
  out <- list(
    n.pair = lengths(parts, use.names = FALSE),
    adj.p.value = vapply(parts, function(p) {
      if (all(is.na(p))) NA_real_ else min(p, na.rm = TRUE)
    }, 0, USE.NAMES = FALSE),
    method = rep(pairwise_method(x), length(parts)), adjust = rep(x$adjust, length(parts))
  )
  if (!is.null(rows$outcome)) {
    out <- c(list(outcome = factor(names(parts), levels(by))), out)
  }
  quick_frame(out)
}

# Combines the different methods of the pairs. Those of permutation tests differ if they
# mention the number of assignments, which depends on the pair.
pairwise_method <- function(x) {
  paste(unique(x$tests$method), collapse = "; ")
}
