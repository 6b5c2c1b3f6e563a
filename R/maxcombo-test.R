#' MaxCombo test: the largest of several weighted log-rank tests
#'
#' Compares two groups when it is not known whether their hazards differ early, late or
#' throughout: the largest of several Fleming-Harrington tests, with one p-value that
#' allows for their number.
#'
#' @details Each pair (rho, gamma) of `weights` is a test of [logrank_test()] with
#' \eqn{w = S(t-)^\rho (1 - S(t-))^\gamma}{w = S(t-)^rho (1 - S(t-))^gamma}, and
#' \eqn{Z_a} is its score divided by its standard error, positive if the second group has
#' more events than expected. The statistic is \eqn{\max |Z_a|}{max |Z_a|}. Under the null
#' hypothesis the \eqn{Z_a} are asymptotically normal with the correlation that follows
#' from
#' \deqn{\mathrm{Cov}(U_a, U_b) = \sum w_a w_b \frac{d (n - d)}{n - 1}
#'   \frac{n_1 n_2}{n^2}}{
#'   Cov(U_a, U_b) = sum w_a w_b d (n - d) / (n - 1) n_1 n_2 / n^2}
#' over event times and strata (Karrison 2016), and p is the probability that the largest
#' \eqn{|Z_a|} of such variables is at least as large as observed. It is computed by
#' numerical integration, not simulation, with a relative error below 1e-6, however small
#' it is.
#'
#' **Permutation.** As in [logrank_test()], each \eqn{U_a} is a sum of scores, so its
#' variance over all assignments of the subjects of a stratum to its groups is known and
#' the same for each assignment. \eqn{Z_a}, the correlation and the statistic use this
#' variance, for `"permutation"` as for `"exact"`, and p is the proportion of assignments
#' with a \eqn{\max |Z_a|}{max |Z_a|} of at least the observed one; in `components` it is
#' that for each \eqn{|Z_a|} alone. With 28 against 9 and 16 against 12 subjects the
#' normal approximation rejects up to 1.9% at the 1% level and 6.6% at the 5% level,
#' permutation 1% and 5%.
#'
#' **Weights without variance.** With some weights the score may be constant, as with
#' (0, 1) if all events are at the first time. Its Z is then `NA`, and the others are
#' combined; `method` says which are omitted.
#'
#' With `id` the covariance is by id, and
#' \eqn{Z_a \sqrt{(G - 1) / G}}{Z_a sqrt((G - 1) / G)}
#' are referred to the multivariate t distribution with G - 1 degrees of freedom (`df2`),
#' where G is the number of ids; for one weight this is the F test of [clustered_rows].
#'
#' The default weights are (0, 0), log-rank; (1, 0), early; (0, 1), late; and (1, 1),
#' middle differences. They are linearly dependent (1 is the sum of S and 1 - S), which is
#' taken into account.
#'
#' @inheritParams logrank_test
#' @param powers A list of up to 6 pairs `c(rho, gamma)`, each at least 0; for
#'   `method = "asymptotic"` at most 4 that are linearly independent.
#' @param method `"asymptotic"`: the joint normal distribution; `"permutation"` or
#'   `"exact"`: see Details.
#' @return A `maxcombo_test`: `statistic` (the largest |Z|), `df` (rank of the
#'   correlation), `df2` (with `id`), `p.value`, `p.std.error` (Monte Carlo standard
#'   error; with `"permutation"` and `"exact"`), `reason` (why it is `NA`), `components`
#'   (data frame of `rho`, `gamma`, `z`, `p.value`, two-sided and unadjusted),
#'   `correlation` (of the Z), `groups` (`group`, `n`, `observed`, `expected`), `method`,
#'   `table`. `tidy()` gives the test, `as.data.frame()` gives `groups`. Printing
#'   adds a permutation p as for [logrank_test()].
#' @section Errors: those of [logrank_test()], also of its permutations;
#'   `oligosurv_error_data` unless there are two groups; `oligosurv_error_input` for other
#'   `weights`.
#' @references Karrison (2016) \doi{10.1177/1536867X1601600308};
#'   Fleming and Harrington (1991) \doi{10.1002/9781118150672}.
#' @seealso [logrank_test()]
#' @examples
#' d <- data.frame(
#'   month = c(3, 5, 8, 12, 14, 20, 2, 4, 6, 7, 9, 13), death = c(1, 1, 0, 1, 1, 0,
#'     1, 1, 1, 0, 1, 1), arm = rep(c("A", "B"), each = 6)
#' )
#' maxcombo_test(Surv(month, death) ~ arm, d)
#' # all 924 assignments of the twelve patients
#' maxcombo_test(Surv(month, death) ~ arm, d, method = "exact")$p.value
#' # one test alone: its own p
#' maxcombo_test(Surv(month, death) ~ arm, d, powers = list(c(0, 0)))$p.value
#' logrank_test(Surv(month, death) ~ arm, d)$p.value
#' @export
maxcombo_test <- function(x, data = NULL,
                          powers = list(c(0, 0), c(1, 0), c(0, 1), c(1, 1)),
                          method = c("asymptotic", "permutation", "exact"),
                          n_permutations = 9999, id = NULL, tie_tol = 1e-9, ...) {
  check_row_dots(x, ...)
  call <- captured(substitute(id), NULL, NULL, parent.frame())
  power <- check_powers(powers)
  method <- check_p_method(method)
  n_permutations <- check_permutations(n_permutations)
  table <- estimator_table(x, data, call, tie_tol, ...)
  check_one_event(table, "maxcombo_test")
  if (length(table$groups) > 2L) table <- without_empty_groups(table)
  check_groups(table, "maxcombo_test")
  if (length(table$groups) > 2L) {
    stop_oligosurv("data", sprintf(
      "maxcombo_test() compares two groups, but there are %d (%s); see pairwise_test()",
      length(table$groups), paste(table$groups, collapse = ", ")
    ), arg = "x")
  }
  raw <- .Call(C_maxcombo, table, power, !is.null(table$id))
  spec <- test_spec(power = power)
  raw <- apply_permutation(raw, table, spec, method, n_permutations)
  new_maxcombo_test(raw, power, table, spec, method)
}

# The table without the groups that have no rows, such as unused levels of a factor. In a
# test of two groups they would be a third.
without_empty_groups <- function(table) {
  sizes <- matrix(diff(table$start), length(table$groups))
  kept <- rowSums(sizes) > 0
  if (sum(kept) < 2L || all(kept)) return(table)
  ends <- c(TRUE, rep(kept, ncol(sizes)))
  table$start <- table$start[ends]
  if (!is.null(table$entry)) table$entry$start <- table$entry$start[ends]
  table$groups <- table$groups[kept]
  if (!is.null(table$values)) table$values <- lapply(table$values, `[`, kept)
  table
}

check_powers <- function(powers) {
  if (is.list(powers)) powers <- lapply(powers, plain_argument)
  good <- is.list(powers) && length(powers) >= 1L && length(powers) <= 6L &&
    all(vapply(powers, function(w) {
      is.numeric(w) && length(w) == 2L && all(is.finite(w) & w >= 0)
    }, NA))
  if (!good) {
    stop_oligosurv("input", paste(
      "`powers` must be a list of 1 to 6 pairs c(rho, gamma) of numbers of at least 0"
    ), arg = "powers")
  }
  matrix(as.double(unlist(powers)), 2L)
}

new_maxcombo_test <- function(raw, power, table, spec, method) {
  error <- sqrt(diag(raw$variance))
  used <- error > 0
  lone <- if (!is.null(table$id) && method == "asymptotic") group_ids(table) == 1L
  if (any(lone)) used[] <- FALSE
  df2 <- if (!is.null(lone)) table$n_id - 1L
  z <- ifelse(used, raw$score / error, NA_real_)
  if (!is.null(df2)) z <- z * sqrt(df2 / table$n_id)
  correlation <- raw$variance * NA_real_
  if (any(used)) {
    correlation[used, used] <- stats::cov2cor(raw$variance[used, used, drop = FALSE])
  }
  labels <- sprintf("(%s, %s)", format_count(power[1L, ]), format_count(power[2L, ]))
  dimnames(correlation) <- list(labels, labels)
  test <- c(
    maxcombo_numbers(raw, z, correlation[used, used, drop = FALSE], df2, method),
    list(
      reason = maxcombo_reason(raw, used, lone, table),
      method = paste0(
        test_method(maxcombo_name(labels, used), table, spec, method, raw),
        if (any(used) && !is.null(df2)) sprintf(", t(%d)", df2)
      ),
      components = quick_frame(list(
        rho = power[1L, ], gamma = power[2L, ], z = z,
        p.value = if (!is.null(raw$each)) {
          ifelse(used, raw$each, NA_real_)
        } else {
          2 * stats::pt(-abs(z), if (is.null(df2)) Inf else df2)
        }
      )),
      correlation = correlation, groups = test_groups(raw, table),
      table = drop_ids(table), spec = spec, p_method = method
    )
  )
  if (!is.null(table$id)) test <- with_test_ids(test, table, raw$observed)
  class(test) <- c("maxcombo_test", "oligosurv_test")
  test
}

# Statistic, degrees of freedom and p-value. The p-value is from the joint distribution of
# the tests whose variance is above 0 or, in a permutation test, from the assignments of
# subjects to groups.
maxcombo_numbers <- function(raw, z, correlation, df2, method) {
  largest <- suppressWarnings(max(abs(z), na.rm = TRUE))
  if (!is.finite(largest)) {
    out <- list(statistic = NA_real_, df = 0L, df2 = df2, p.value = NA_real_)
    if (!is.null(df2)) out$df2 <- NA_integer_
    if (method != "asymptotic") out$p.std.error <- NA_real_
    return(out[!vapply(out, is.null, NA)])
  }
  if (method != "asymptotic") {
    rank <- qr(correlation, tol = 1e-9)$rank
    return(list(
      statistic = largest, df = rank, p.value = raw$p.value,
      p.std.error = raw$p.std.error
    ))
  }
  p <- if (is.null(df2)) {
    .Call(C_max_normal, correlation, largest)
  } else {
    .Call(C_max_t, correlation, largest, df2)
  }
  if (is.na(p[1L])) {
    stop_oligosurv("input", paste(
      "`powers` has more than 4 tests that are linearly independent; leave some out, or",
      "use method = \"permutation\""
    ), arg = "powers")
  }
  out <- list(statistic = largest, df = as.integer(p[2L]))
  out$df2 <- df2
  out$p.value <- p[1L]
  out
}

# The name of the test, such as "MaxCombo test of 3 of 4 Fleming-Harrington weights,
# without (0, 1)"
maxcombo_name <- function(labels, used) {
  noun <- "Fleming-Harrington weight"
  if (all(used) || !any(used)) {
    return(paste("MaxCombo test of", count_noun(length(used), noun)))
  }
  sprintf("MaxCombo test of %d of %s, without %s", sum(used),
    count_noun(length(used), noun), paste(labels[!used], collapse = ", ")
  )
}

maxcombo_reason <- function(raw, used, lone, table) {
  if (any(used)) return(NA_character_)
  if (sum(raw$observed) == 0) return("no events")
  if (any(lone)) return(single_id_reason(table$groups[lone]))
  "no weight has an event time at which both groups are at risk and not all fail"
}

#' @exportS3Method NULL
result_rows.maxcombo_test <- function(x, ...) {
  r <- NextMethod()
  letter <- if (is.null(x$df2)) "Z" else "t"
  delayedAssign("small", small_sample_p(x))
  r$basis <- sprintf(
    "P of the largest: two-sided, %s; those of single tests are not adjusted",
    maxcombo_law(x)
  )
  delayedAssign("columns", maxcombo_columns(x, letter, small), assign.env = r)
  delayedAssign("details", c(
    sprintf("%s: %s of %s expected events", x$groups$group,
      format_count(x$groups$observed, each = TRUE),
      number_text(x$groups$expected, NULL, no_value)
    ), maxcombo_line(x, small)
  ), assign.env = r)
  r$group <- NULL
  r$signs <- stats::setNames(if (is.na(x$reason)) {
    "the test with this weight has variance 0 here and takes no part"
  } else {
    paste("not defined,", x$reason)
  }, no_value)
  r
}

maxcombo_columns <- function(x, letter, small) {
  each <- x$components
  columns <- list(
    Test = c(
      sprintf("Fleming-Harrington (%s, %s)", format(each$rho), format(each$gamma)),
      "Largest of them"
    ),
    Z = joined_column(
      c(rep("%s", nrow(each)), sprintf("|%s| = %%s", letter)),
      number_column(c(each$z, x$statistic), 2L, console = 3L)
    ),
    P = p_column(c(each$p.value, x$p.value)),
    "Permutation P" = if (!is.null(small)) {
      joined_column(c(rep("%.0s", nrow(each)), "%s"), p_column(small$p.value))
    }
  )
  names(columns)[2L] <- letter
  columns
}

# Text on the distribution of the p-value
maxcombo_law <- function(x) {
  if (x$p_method == "exact") return("from all assignments of subjects to groups")
  if (x$p_method == "permutation") return("from random assignments of subjects to groups")
  if (is.null(x$df2)) return("from the joint normal distribution of the tests")
  sprintf("from their joint t distribution with %s of freedom", if (is.na(x$df2)) {
    "no degrees"
  } else {
    count_noun(x$df2, "degree")
  })
}

# The printed line on the largest statistic and its p-value
maxcombo_line <- function(x, small) {
  remarks <- c(
    if (identical(x$p_method, "permutation") && !is.na(x$p.value)) {
      sprintf("Monte Carlo standard error %.2g", x$p.std.error)
    },
    if (!is.null(small)) paste("permutation p", format_p(small$p.value))
  )
  paste0(if (is.na(x$p.value)) {
    paste("not defined:", x$reason)
  } else if (is.null(x$df2)) {
    sprintf("largest |z| = %.4g, p %s", x$statistic, format_p(x$p.value))
  } else {
    sprintf("largest |t| = %.4g, df = %d, p %s", x$statistic, x$df2, format_p(x$p.value))
  }, if (length(remarks)) sprintf(" (%s)", paste(remarks, collapse = "; ")))
}
