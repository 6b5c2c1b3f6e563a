#' Gray's test of cumulative incidence
#'
#' Compares the cumulative incidence of each cause between groups.
#'
#' @details With \eqn{n_j} at risk in group j, \eqn{S_j} and \eqn{F_j} its event-free
#' curve and cumulative incidence just before t and \eqn{R_j = n_j (1 - F_j) / S_j}, the
#' score of group j is
#' \deqn{U_j = \sum (1 - F_0)^\rho \left(d_{1j} - d_1 \frac{R_j}{\sum_l R_l}\right)}{
#'   U_j = sum (1 - F0)^rho (d1_j - d1 R_j / sum R)}
#' over the times with \eqn{d_1} events of the cause, \eqn{F_0} the pooled cumulative
#' incidence. The variance is that of Gray (1988) with the tie factors of his program
#' (equal to cmprsk); it is computed in two passes, as a sum of squares. Scores and
#' variances are summed over strata. P-values are computed from the upper tail of
#' chi-square, so small ones keep their precision.
#'
#' Trend, permutation and exact p-values are those of [logrank_test()], except that the
#' score depends on the curves of the groups: score, variance and statistic are recomputed
#' for every assignment. Each cause has its own permutations. With `id` whole ids are
#' reassigned to groups, and the statistic is that of the rows without `id`. The
#' asymptotic test with `id` is referred to chi-square: it keeps its level without the
#' correction that the log-rank test needs, see [clustered_rows].
#'
#' **Left truncation.** `Surv(entry, exit, status)`: the same formulas with those at risk
#' who have entered, since \eqn{n_j (1 - F_j) / S_j}{n_j (1 - F_j) / S_j} then corrects
#' the risk set for delayed entry as it does for censoring (Geskus 2011). If the
#' event-free curve of a group falls to 0 and others enter later, the test is undefined:
#' `NA` with the reason. Times at which only one group is at risk do not contribute to the
#' comparison, but change its curves. There are no permutation tests, because subjects who
#' enter at different times are not exchangeable between groups.
#'
#' @inheritParams logrank_test
#' @param x A formula `Surv(time, status) ~ group + strata(s)` with a factor status whose
#'   first level is censoring, or an [event_table()].
#' @param rho Power of the weight \eqn{(1 - F_0)^\rho}, at least 0.
#' @return A `gray_test`: `tests`, one row per cause (`outcome`, `statistic`, `df`,
#'   `p.value`, `reason`, and `p.std.error` and `z` as in [logrank_test()]); `groups`
#'   (`outcome`, `group`, `n`, `observed`, `expected`); `method`, `score` and `variance`
#'   (lists by cause), `table`.
#' @section Errors: those of [event_table()] and [clustered_rows]; `oligosurv_error_data`
#'   for one group and, as in [logrank_test()], for `"exact"` with too many assignments.
#' @references Gray (1988) \doi{10.1214/aos/1176350951};
#'   Geskus (2011) \doi{10.1111/j.1541-0420.2010.01420.x}.
#' @seealso [cumulative_incidence()], [pairwise_test()], [logrank_test()],
#'   [rate_difference()]
#' @examples
#' d <- data.frame(
#'   month = c(1, 2, 3, 4, 5, 6, 7, 8),
#'   status = factor(c(1, 1, 2, 1, 0, 1, 2, 0), 0:2, c("censored", "relapse", "death")),
#'   arm = rep(c("A", "B"), each = 4)
#' )
#' gray_test(Surv(month, status) ~ arm, d)
#' gray_test(Surv(month, status) ~ arm, d, method = "exact") # over choose(8, 4) = 70
#' @export
gray_test <- function(x, data = NULL, rho = 0,
                      method = c("asymptotic", "permutation", "exact"),
                      n_permutations = 9999, trend = NULL, id = NULL, weights = NULL,
                      weight_type = NULL, tie_tol = 1e-9, ...) {
  if (missing(x) || ...length()) check_row_dots(x, ...)
  call <- if (!missing(id) || !missing(weights)) {
    captured(substitute(id), substitute(weights), weight_type, parent.frame())
  }
  if (!missing(rho)) rho <- check_number(rho, "rho", 0)
  method <- if (missing(method)) p_methods[1L] else check_p_method(method)
  if (!missing(n_permutations)) n_permutations <- check_permutations(n_permutations)
  table <- unclass(estimator_table(x, data, call, tie_tol, ..., use = "gray_test"))
  if (!is.null(table$weights)) check_whole_weights(table, "gray_test()")
  check_groups(table, "gray_test")
  emptied <- if (!is.null(table$entry)) early_end(table)
  causes <- table$states[-1L]
  contrast <- if (!is.null(trend)) check_trend(trend, table)
  spec <- test_spec(cause = seq_along(causes), rho = rho, contrast = contrast)
  raw <- .Call(C_gray, table, causes, rho, contrast)
  if (!is.null(table$id) || !is.null(emptied) || method != "asymptotic") {
    tests <- Map(tests_of_causes(raw), specs_of_causes(spec), f = function(raw, spec) {
      raw <- robust_test(raw, table, spec)
      if (!is.null(emptied)) raw[c("rank", "reason")] <- list(0, emptied)
      apply_permutation(raw, table, spec, method, n_permutations)
    })
    raw <- join_tests(tests, raw)
  }
  name <- "Gray's test"
  if (rho != 0) name <- sprintf("%s (rho = %s)", name, format(rho))
  new_gray_test(raw, table, causes, spec, method, name)
}

# Gray's test divides the number at risk in a group by the event-free curve of that group,
# so it is undefined if subjects enter after this curve has fallen to 0. Returns a text
# that says so, or NULL if no curve falls to 0 too early.
early_end <- function(table) {
  pooled <- pool_events(table)
  curves <- .Call(C_km, pooled, FALSE, "log-log", 0.95)
  curve <- rep.int(seq_along(curves$size), curves$size)
  bad <- which(curves$surv[-length(curve)] == 0 & curve[-1L] == curve[-length(curve)])
  if (!length(bad)) return(NULL)
  sprintf(
    "the event-free curve of %s falls to 0 at time %s, and others enter later",
    curve_labels(table)[curve[bad[1L]]], format(curves$time[bad[1L]])
  )
}

new_gray_test <- function(raw, table, causes, spec, method, name) {
  groups <- table$groups
  m <- length(causes)
  k <- length(groups)
  results <- c(list(outcome = seq_len(m)), test_numbers(raw, spec$contrast))
  test <- list(
    tests = quick_frame(results, list(causes)),
    method = test_method(name, table, spec, method, raw),
    groups = quick_frame(list(
      outcome = rep(seq_len(m), each = k), group = rep.int(seq_len(k), m),
      n = rep.int(raw$n, m), observed = raw$observed, expected = raw$expected
    ), list(causes, groups)),
    score = raw$score, variance = raw$variance,
    table = drop_ids(table), spec = spec, p_method = method
  )
  if (!is.null(table$id)) test <- with_test_ids(test, table, raw$observed)
  class(test) <- c("gray_test", "oligosurv_test")
  test
}
