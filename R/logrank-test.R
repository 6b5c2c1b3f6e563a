#' Log-rank tests
#'
#' Compares the survival of two or more groups, optionally stratified, with any weight of
#' the log-rank family.
#'
#' @details With \eqn{d_j} events among \eqn{n_j} at risk in group j and \eqn{d} among
#' \eqn{n} in all at an event time,
#' \deqn{U_j = \sum w \left(d_j - d \frac{n_j}{n}\right),\quad
#'   V_{jl} = \sum w^2 \frac{d (n - d)}{n - 1} \frac{n_j}{n}
#'   \left(\delta_{jl} - \frac{n_l}{n}\right)}{
#'   U_j = sum w (d_j - d n_j / n),
#'   V_jl = sum w^2 d (n - d) / (n - 1) n_j / n (delta_jl - n_l / n)}
#' summed over the event times of each stratum, then over strata. The statistic is
#' \eqn{U' V^- U} with a chi-square distribution of rank(V) degrees of freedom; groups
#' without any expected event are ignored. Weights \eqn{w}:
#'
#' | `weight` | w |
#' |---|---|
#' | `"logrank"` | 1 (Mantel 1966) |
#' | `"gehan"` | n (Gehan 1965; "Wilcoxon" in SAS) |
#' | `"tarone-ware"` | square root of n |
#' | `"peto-peto"` | S~(t) = prod (1 - d / (n + 1)), right-continuous |
#' | `"fleming-harrington"` | S(t-)^rho (1 - S(t-))^gamma, S of the pooled stratum |
#' | `"modified-peto-peto"` | S~(t) n / (n + 1) (Andersen et al. 1982) |
#' | `"kaplan-meier"` | S(t) of the pooled stratum, right-continuous |
#'
#' **Trend.** With scores c of the groups the statistic is
#' \deqn{\frac{(c'U)^2}{c'Vc}}{(c'U)^2 / c'Vc}
#' with 1 degree of freedom; `z`, its signed root (with `id` a t value), is positive if
#' groups with higher scores have more events than expected.
#'
#' **Permutation.** If the groups do not differ, in censoring either, every assignment of
#' the subjects of a stratum to its groups is as likely as the observed one. U is a sum of
#' scores \eqn{a_i}: the score of subject i is w at its event (0 if censored) minus the
#' sum of \eqn{w d / n} up to its time. V is the variance over all assignments: with
#' \eqn{m_j} of the m subjects of a stratum in group j
#' \deqn{V_{jl} = \frac{\sum_i (a_i - \bar a)^2}{m - 1} m_j
#'   \left(\delta_{jl} - \frac{m_l}{m}\right)}{
#'   V_jl = sum (a_i - mean a)^2 / (m - 1) m_j (delta_jl - m_l / m)}
#' The statistic is \eqn{U' V^- U} with this V, which is the same for all assignments; for
#' two groups or a trend it orders the assignments by \eqn{|U|}, as the V above does.
#' `method = "permutation"` draws random assignments (`set.seed()` makes them
#' reproducible); p is (1 + number with a statistic of at least the observed one, within
#' 1e-9) / (1 + drawn), with standard error \eqn{\sqrt{p (1 - p) / (1 + drawn)}}.
#' `method = "exact"` evaluates all assignments, at most 1e7, and p is the proportion with
#' a statistic of at least the observed one. If censoring differs between groups, neither
#' is exact. With `id` whole ids are assigned, with the sums of their scores; an id with
#' rows in several groups or strata is an error.
#'
#' **With `id`** the variance is that by id and the statistic is F, see [clustered_rows].
#'
#' `survival::survdiff(rho = 1)`, sometimes called Peto-Peto, is Fleming-Harrington with
#' `rho = 1`, `gamma = 0`.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ group + strata(s)` or an [event_table()].
#' @param weight One of the weights of the table.
#' @param rho,gamma Powers of the Fleming-Harrington weight, at least 0.
#' @param method `"asymptotic"`: chi-square, with `id` F; `"permutation"` or `"exact"`:
#'   see Details.
#' @param n_permutations Number of assignments drawn by `method = "permutation"`.
#' @param weights,weight_type `NULL`, or the number of subjects that each row represents,
#'   an unquoted column of `data`, with `weight_type = "frequency"`: see [row_weights].
#' @param trend `NULL`; `TRUE` for a test of trend with the scores 1, 2, ... in the order
#'   of the groups; or the scores, one number per group, in their order or with their
#'   names.
#' @return A `logrank_test`: `statistic`, `df`, `df2` (with `id`: `statistic` is then F
#'   with `df` and `df2` degrees of freedom), `p.value` (upper tail), `p.std.error`
#'   (Monte Carlo standard error; with `"permutation"` and `"exact"`), `z` (with `trend`),
#'   `method`, `reason` (why the statistic is `NA`; otherwise `NA`), `groups` (`group`,
#'   `n`, `observed`, `expected`: unweighted counts), `score` and `variance` (weighted),
#'   `table`. `tidy()` gives the test, `as.data.frame()` gives `groups`, see [results].
#'   Printing an asymptotic test in which a group has fewer than 50 subjects (with `id`:
#'   ids) or 10 events adds the p-value of 9999 permutations with a fixed seed; the state
#'   of your random number generator does not change.
#' @section Errors: those of [event_table()] and [clustered_rows]; `oligosurv_error_data`
#'   for one group or more than one event type, for `"exact"` with more than 1e7
#'   assignments (element `n_assignments` holds their number), and for permutations under
#'   left truncation. Without events, or if all subjects have the event at the same time,
#'   the statistic is `NA` with a reason.
#' @references Mantel (1966) Cancer Chemotherapy Reports 50, 163-170;
#'   Fleming and Harrington (1991) \doi{10.1002/9781118150672}.
#' @seealso [kaplan_meier()], [pairwise_test()], [maxcombo_test()], [gray_test()],
#'   [rate_difference()]
#' @examples
#' # Freireich et al. 1963: chi-square 16.79
#' mp <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
#' mp_relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
#' placebo <- c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
#' d <- data.frame(
#'   week = c(mp, placebo), relapse = c(mp_relapse, rep(1, 21)),
#'   arm = rep(c("6-MP", "placebo"), each = 21)
#' )
#' logrank_test(Surv(week, relapse) ~ arm, d)
#' logrank_test(Surv(week, relapse) ~ arm, d, weight = "gehan") # 13.46
#' # Three against three, no overlap: 2 of the 20 assignments are as extreme, p = 0.1
#' logrank_test(Surv(1:6, rep(1, 6)) ~ rep(c("A", "B"), each = 3), method = "exact")
#' @export
logrank_test <- function(x, data = NULL, weight = c(
                           "logrank", "gehan", "tarone-ware", "peto-peto",
                           "fleming-harrington", "modified-peto-peto", "kaplan-meier"
                         ), rho = 0, gamma = 0,
                         method = c("asymptotic", "permutation", "exact"),
                         n_permutations = 9999, trend = NULL, id = NULL,
                         weights = NULL, weight_type = NULL, tie_tol = 1e-9, ...) {
  if (missing(x) || ...length()) check_row_dots(x, ...)
  call <- if (!missing(id) || !missing(weights)) {
    captured(substitute(id), substitute(weights), weight_type, parent.frame())
  }
  weight <- if (missing(weight)) {
    names(weight_names)[1L]
  } else {
    check_choice(weight, names(weight_names), "weight")
  }
  if (!missing(rho)) rho <- check_number(rho, "rho", 0)
  if (!missing(gamma)) gamma <- check_number(gamma, "gamma", 0)
  if (weight != "fleming-harrington" && (rho != 0 || gamma != 0)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`rho` and `gamma` are used only with weight = \"fleming-harrington\"; `weight`",
        "is \"%s\""
      ), weight
    ), arg = "rho")
  }
  method <- if (missing(method)) p_methods[1L] else check_p_method(method)
  if (!missing(n_permutations)) n_permutations <- check_permutations(n_permutations)
  table <- unclass(estimator_table(x, data, call, tie_tol, ..., use = "logrank_test"))
  if (!is.null(table$weights)) check_whole_weights(table, "logrank_test()")
  if (length(table$states) != 2L) check_one_event(table, "logrank_test")
  check_groups(table, "logrank_test")
  code <- match(weight, names(weight_names)) - 1L
  contrast <- if (!is.null(trend)) check_trend(trend, table)
  spec <- test_spec(code, rho, gamma, contrast = contrast)
  raw <- .Call(C_logrank, table, code, rho, gamma, contrast)
  if (!is.null(table$id)) raw <- robust_test(raw, table, spec)
  if (method != "asymptotic") {
    raw <- apply_permutation(raw, table, spec, method, n_permutations)
  }
  name <- weight_names[[weight]]
  if (weight == "fleming-harrington") {
    name <- sprintf("%s (rho = %s, gamma = %s)", name, format(rho), format(gamma))
  }
  new_logrank_test(raw, table, spec, method, name)
}

weight_names <- c(
  "logrank" = "Log-rank test", "gehan" = "Gehan test", "tarone-ware" = "Tarone-Ware test",
  "peto-peto" = "Peto-Peto test", "fleming-harrington" = "Fleming-Harrington test",
  "modified-peto-peto" = "Modified Peto-Peto test",
  "kaplan-meier" = "Test weighted by S(t)"
)

new_logrank_test <- function(raw, table, spec, method, name) {
  test <- c(test_numbers(raw, spec$contrast), list(
    method = test_method(name, table, spec, method, raw),
    groups = test_groups(raw, table), score = raw$score, variance = raw$variance,
    table = drop_ids(table), spec = spec, p_method = method
  ))
  if (!is.null(table$id)) test <- with_test_ids(test, table, raw$observed)
  class(test) <- c("logrank_test", "oligosurv_test")
  test
}
