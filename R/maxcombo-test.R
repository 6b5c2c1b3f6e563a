#' MaxCombo test: the largest of several weighted log-rank tests
#'
#' Compares two groups when it is not known whether their hazards differ early, late or
#' throughout: several Fleming-Harrington tests at once, with one p-value that counts them
#' all.
#'
#' @details Each pair (rho, gamma) of `weights` is a test of [logrank_test()] with
#' \eqn{w = S(t-)^\rho (1 - S(t-))^\gamma}{w = S(t-)^rho (1 - S(t-))^gamma}, and
#' \eqn{Z_a} is its score over its standard error, above 0 where the second group has more
#' events than expected. The statistic is \eqn{\max |Z_a|}{max |Z_a|}. Without a
#' difference the \eqn{Z_a} are normal with the correlation that follows from
#' \deqn{\mathrm{Cov}(U_a, U_b) = \sum w_a w_b \frac{d (n - d)}{n - 1}
#'   \frac{n_1 n_2}{n^2}}{
#'   Cov(U_a, U_b) = sum w_a w_b d (n - d) / (n - 1) n_1 n_2 / n^2}
#' over event times and strata (Karrison 2016), and p is the chance that the largest
#' \eqn{|Z_a|} of such variables is at least as large, integrated without simulation to a
#' relative error below 1e-6, however small it is. With `id` the covariance is by id, see
#' [clustered_rows].
#'
#' The default weights: (0, 0) log-rank; (1, 0) early, (0, 1) late, (1, 1) middle
#' differences. They depend on each other (1 is the sum of S and 1 - S), which is allowed
#' for.
#'
#' @inheritParams logrank_test
#' @param weights A list of up to 6 pairs `c(rho, gamma)`, each at least 0; at most 4 that
#'   do not depend on each other.
#' @return A `maxcombo_test`: `statistic` (the largest |Z|), `df` (rank of the
#'   correlation), `p.value`, `reason` (why it is `NA`), `components` (data frame of
#'   `rho`, `gamma`, `z`, `p.value`, two-sided and unadjusted), `correlation` (of the Z),
#'   `groups` (`group`, `n`, `observed`, `expected`), `method`, `table`. `tidy()` gives
#'   `groups`, [glance()] one row.
#' @section Errors: those of [logrank_test()]; `oligosurv_error_data` unless there are two
#'   groups; `oligosurv_error_input` for other `weights`.
#' @references Karrison (2016) \doi{10.1177/1536867X1601600309};
#'   Fleming and Harrington (1991) \doi{10.1002/9781118150672}.
#' @seealso [logrank_test()]
#' @examples
#' d <- data.frame(
#'   month = c(3, 5, 8, 12, 14, 20, 2, 4, 6, 7, 9, 13), death = c(1, 1, 0, 1, 1, 0,
#'     1, 1, 1, 0, 1, 1), arm = rep(c("A", "B"), each = 6)
#' )
#' maxcombo_test(Surv(month, death) ~ arm, d)
#' # one test alone: its own p
#' maxcombo_test(Surv(month, death) ~ arm, d, weights = list(c(0, 0)))$p.value
#' logrank_test(Surv(month, death) ~ arm, d)$p.value
#' @export
maxcombo_test <- function(x, data = NULL,
                          weights = list(c(0, 0), c(1, 0), c(0, 1), c(1, 1)),
                          id = NULL, tie_tol = 1e-9, ...) {
  id <- list(expr = substitute(id), env = parent.frame())
  check_row_dots(x, ...)
  power <- check_powers(weights)
  table <- estimator_table(x, data, id, tie_tol, ...)
  check_one_event(table, "maxcombo_test")
  check_groups(table, "maxcombo_test")
  if (length(table$groups) > 2L) {
    stop_oligosurv("data", sprintf(
      "maxcombo_test() compares two groups, but there are %d (%s); see pairwise_test()",
      length(table$groups), paste(table$groups, collapse = ", ")
    ), arg = "x")
  }
  raw <- .Call(C_maxcombo, table, power, !is.null(table$id))
  new_maxcombo_test(raw, power, table)
}

check_powers <- function(weights) {
  good <- is.list(weights) && length(weights) >= 1L && length(weights) <= 6L &&
    all(vapply(weights, function(w) {
      is.numeric(w) && length(w) == 2L && all(is.finite(w) & w >= 0)
    }, NA))
  if (!good) {
    stop_oligosurv("input", paste(
      "`weights` must be a list of 1 to 6 pairs c(rho, gamma) of numbers of at least 0"
    ), arg = "weights")
  }
  matrix(as.double(unlist(weights)), 2L)
}

new_maxcombo_test <- function(raw, power, table) {
  error <- sqrt(diag(raw$variance))
  defined <- all(error > 0)
  lone <- if (!is.null(table$id)) group_ids(table) == 1L else FALSE
  if (any(lone)) defined <- FALSE
  correlation <- raw$variance * NA_real_
  if (defined) correlation <- stats::cov2cor(raw$variance)
  z <- if (defined) raw$score / error else rep(NA_real_, length(error))
  p <- if (defined) .Call(C_max_normal, correlation, max(abs(z))) else c(NA_real_, 0)
  if (defined && is.na(p[1L])) {
    stop_oligosurv("input", paste(
      "`weights` hold more than 4 tests that do not depend on each other"
    ), arg = "weights")
  }
  labels <- sprintf("(%s, %s)", format_count(power[1L, ]), format_count(power[2L, ]))
  dimnames(correlation) <- list(labels, labels)
  structure(list(
    statistic = if (defined) max(abs(z)) else NA_real_, df = as.integer(p[2L]),
    p.value = p[1L], reason = maxcombo_reason(raw, defined, lone, table),
    method = test_method(
      sprintf("MaxCombo test of %s", count_noun(length(z), "Fleming-Harrington weight")),
      table, list(), "asymptotic", NULL
    ),
    components = quick_frame(list(
      rho = power[1L, ], gamma = power[2L, ], z = z,
      p.value = 2 * stats::pnorm(-abs(z))
    )),
    correlation = correlation, groups = test_groups(raw, table), table = drop_ids(table),
    spec = list(), p_method = "maxcombo"
  ), class = c("maxcombo_test", "oligosurv_test"))
}

maxcombo_reason <- function(raw, defined, lone, table) {
  if (defined) return(NA_character_)
  if (sum(raw$observed) == 0) return("no events")
  if (any(lone)) {
    return(sprintf("the rows of %s all belong to one id",
      paste(table$groups[lone], collapse = ", ")
    ))
  }
  paste(
    "with one of the weights there is no event time at which both groups are at risk",
    "and not all fail"
  )
}

#' @export
print.maxcombo_test <- function(x, ...) {
  writeLines(c(x$method, sprintf("Status: %s", format_states(x$table))))
  writeLines(format_losses(x$table))
  groups <- x$groups
  counts <- c("n", "observed")
  groups[counts] <- lapply(groups[counts], format_count)
  groups$expected <- formatC(groups$expected, digits = 2, format = "f")
  print(groups, row.names = FALSE)
  parts <- x$components
  parts$z <- ifelse(is.na(parts$z), "NA", formatC(parts$z, digits = 3, format = "f"))
  names(parts)[4L] <- "p, alone"
  parts[[4L]] <- format_p(parts[[4L]], equals = "")
  print(parts, row.names = FALSE)
  writeLines(if (is.na(x$p.value)) {
    paste("not defined:", x$reason)
  } else {
    sprintf("largest |z| = %.4g, p %s", x$statistic, format_p(x$p.value))
  })
  invisible(x)
}
