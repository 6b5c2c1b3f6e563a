# Texts on the test and the hazard ratio in a figure of curves: a vector with one text per
# outcome, named by the outcome (NA for one event type), or NULL.

# Returns the only fit. Several fits have no common test or ratio, so that is an error.
one_fit <- function(fits, arg) {
  wrong <- if (length(fits) > 1L) "several fits" else class(fits[[1L]])[1L]
  if (!wrong %in% c("several fits", "follow_up")) return(fits[[1L]])
  stop_oligosurv("input", sprintf(
    "`%s` needs one fit of kaplan_meier() or cumulative_incidence(); `x` is %s", arg,
    sub("follow_up", "of follow_up()", wrong)
  ), arg = arg)
}

# A test can be computed from the counts stored in a fit, unless the fit has cluster ids.
check_counts_suffice <- function(fit, arg, what) {
  if (is.null(fit$ids)) return(invisible())
  stop_oligosurv("data", sprintf(paste(
    "the fit was made with `id`, but its stored counts have no ids; compute %s with the",
    "same `id` and give its result as `%s`"
  ), what, arg), arg = arg)
}

figure_test <- function(test, fits, outcome, style) {
  if (is.null(test) || isFALSE(test)) return(NULL)
  fit <- one_fit(fits, "p.value")
  one <- is.null(fit$outcomes)
  if (isTRUE(test)) {
    who <- if (one) "logrank_test" else "gray_test"
    check_counts_suffice(fit, "p.value", paste0(who, "()"))
    test <- match.fun(who)(fit$table, tie_tol = 0)
  }
  test_text(test, fit, outcome[[1L]], style)
}

# "Log-rank P = 0.89"; an error if the test was computed from other rows than the fit
test_text <- function(test, fit, outcome, style) {
  wanted <- if (is.null(fit$outcomes)) "logrank_test" else "gray_test"
  if (!inherits(test, wanted)) {
    stop_oligosurv("input", sprintf(
      "`p.value` must be TRUE or the result of %s() for this fit; it is %s", wanted,
      describe(test)
    ), arg = "p.value")
  }
  if (!is.null(fit$weights)) {
    stop_oligosurv("data", paste(
      "the fit has sampling weights, which the test in `p.value` ignores; omit `p.value`"
    ), arg = "p.value")
  }
  if (!isTRUE(all.equal(group_totals(test$table), group_totals(fit$table), 1e-6))) {
    stop_oligosurv("data", paste(
      "the test in `p.value` was not computed from the rows and groups of the fit;",
      "use the same formula and data for both"
    ), arg = "p.value")
  }
  results <- test_results(test)
  method <- regmatches(test$method, regexpr(", ", test$method), invert = TRUE)[[1L]]
  name <- sub("(?<!'s) test", "", method[1L], perl = TRUE)
  strata <- if (length(method) > 1L) sprintf(" (%s)", method[2L]) else ""
  text <- paste0(name, " ", p_words(results, style), strata)
  if (wanted == "gray_test") text <- text[match(outcome, results$outcome)]
  stats::setNames(text, outcome)
}

# "P = 0.47" in the style of a journal, or why a P-value is not defined
p_words <- function(results, style = "plain") {
  p <- results$p.value
  letter <- if (style == "lancet") "p" else "P"
  ifelse(is.na(p), paste(letter, "not defined:", results$reason),
    format_p_value(p, style, prefix = TRUE)
  )
}

# Number of subjects and total time by group and status, to check that a test and a fit
# were computed from the same rows
group_totals <- function(table) {
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  group <- table$groups[(curve - 1L) %% length(table$groups) + 1L]
  n <- if (is.null(table$n)) rep(1, length(table$time)) else table$n
  totals <- rowsum(cbind(n, n * table$time), paste(group, table$status, sep = "\r"))
  dimnames(totals)[[2L]] <- c("n", "time")
  totals[totals[, "n"] > 0, , drop = FALSE]
}

figure_ratio <- function(ratio, fits, outcome, style) {
  if (is.null(ratio) || isFALSE(ratio)) return(NULL)
  fit <- one_fit(fits, "hazard_ratio")
  if (isTRUE(ratio)) {
    check_counts_suffice(fit, "hazard_ratio", "hazard_ratio()")
    check_groups(fit$table, "hazard_ratio")
    ratio <- hazard_ratio(fit$table)
  }
  if (!inherits(ratio, "hazard_ratio")) {
    stop_oligosurv("input", sprintf(
      "`hazard_ratio` must be TRUE or the result of hazard_ratio(); it is %s",
      describe(ratio)
    ), arg = "hazard_ratio")
  }
  with_object(ratio, ratio_text(ratio, fit, outcome[[1L]], style))
}

# "HR 0.69 (95% CI 0.26-1.88), B vs A", with an en dash, one line per group
ratio_text <- function(ratio, fit, outcome, style = "plain") {
  rows <- ratio$table
  same <- isTRUE(all.equal(
    sum(count_states(ratio$event_table)), sum(count_states(fit$table))
  ))
  of_groups <- rows$level %in% fit$table$groups & rows$reference %in% fit$table$groups
  if (!same || !any(of_groups)) {
    stop_oligosurv("data", paste(
      "the ratio in `hazard_ratio` was not computed from the rows and groups of the fit;",
      "use the same groups and data for both"
    ), arg = "hazard_ratio")
  }
  adjusted <- if (!all(of_groups)) "adjusted " else ""
  of_cause <- if (grepl("^Fine-Gray", rows$method[1L])) {
    "subdistribution "
  } else if (is.null(fit$outcomes)) {
    ""
  } else {
    "cause-specific "
  }
  number <- function(x) journal_point(ratio_number(x), style)
  text <- sprintf(
    "%s%sHR %s%s, %s vs %s", adjusted, of_cause,
    ifelse(is.na(rows$estimate), "not estimable", number(rows$estimate)),
    ifelse(is.na(rows$conf.low), "", sprintf(
      " (%s%% CI %s\u2013%s)", format(100 * rows$conf.level), number(rows$conf.low),
      number(rows$conf.high)
    )), shorten(rows$level, 20), shorten(rows$reference, 20)
  )
  unlist(lapply(outcome, function(o) {
    mine <- of_groups
    if (!is.null(rows$outcome)) mine <- mine & rows$outcome %in% o
    stats::setNames(text[mine], rep(o, sum(mine)))
  }))
}

# Ratios have two decimals; three below 0.1, none from 10 on; "< 0.001" and "> 999" for
# extreme values
ratio_number <- function(x) {
  digits <- ifelse(x < 0.1, 3L, ifelse(x < 10, 2L, 0L))
  text <- vapply(seq_along(x), function(i) {
    if (is.na(x[i])) "NA" else formatC(x[i], digits = digits[i], format = "f")
  }, "")
  text[x %in% x[!is.na(x) & x < 0.001]] <- "< 0.001"
  text[x %in% x[!is.na(x) & x > 999]] <- "> 999"
  text
}
