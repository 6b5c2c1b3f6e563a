# Functions that all tests of groups share: statistics, group sizes, reasons for undefined
# results, and printed text.

# Stops unless a test has at least two groups, and not more than fit in memory
check_groups <- function(table, who) {
  k <- length(table$groups)
  if (k < 2L) {
    stop_oligosurv("data", sprintf(
      "%s() compares groups, but there is only one; put a group right of the `~`",
      who
    ), arg = "x")
  }
  if (k > most_groups) {
    stop_oligosurv("data", sprintf(
      "%s() takes at most %d groups, but there are %s", who, most_groups, format_count(k)
    ), arg = "x")
  }
}

# Name of a test with its variant, such as "Log-rank test for trend, 2 strata, 9999
# permutations". `raw` is the list that the C code returned.
test_method <- function(name, table, spec, method, raw) {
  strata <- length(table$strata)
  usual <- method == "asymptotic" && strata == 1L && is.null(spec$contrast)
  if (usual && is.null(table$id)) return(name)
  times <- raw$times
  paste0(
    name, if (!is.null(spec$contrast)) " for trend",
    if (strata > 1L) sprintf(", %d strata", strata),
    if (!is.null(table$id)) sprintf(", clustered by id (%s)", format_ids(table)),
    if (length(raw$left_out) && raw$rank[1L] > 0) {
      sprintf(", %s not compared (one %s)", name_groups(raw$left_out), table$words[2L])
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

# Statistic, degrees of freedom and p-value of a C result, of one test or one per outcome.
# `results` are the single tests. Undefined values are NA, and the reason is given.
test_numbers <- function(raw, contrast, results = single_tests(raw)) {
  statistic <- raw$statistic
  df <- as.integer(raw$rank)
  reason <- rep.int(NA_character_, length(df))
  # as r_group_tests.c returns tests, without a p-value where they are undefined
  if (length(raw) == 8L && is.null(contrast) && !anyNA(raw$p.value)) {
    return(list(statistic = statistic, df = df, p.value = raw$p.value, reason = reason))
  }
  bad <- df == 0L | !is.finite(statistic)
  z <- if (!is.null(contrast)) {
    direction <- vapply(results, function(x) sign(sum(contrast * x$score)), 0)
    direction * sqrt(statistic)
  }
  out <- list(
    statistic = statistic, df = df, df2 = raw$df2, p.value = raw$p.value,
    p.std.error = raw$p.std.error, z = z
  )
  out <- out[lengths(out) > 0L]
  if (any(bad)) {
    reason[bad] <- vapply(results[bad], why_undefined, "")
    for (name in setdiff(names(out), "df")) out[[name]][bad] <- NA
  }
  c(out, list(reason = reason))
}

single_tests <- function(raw) {
  if (!is.list(raw$score)) return(list(raw))
  if (is.null(raw$tests)) tests_of_causes(raw) else raw$tests
}

why_undefined <- function(raw) {
  if (sum(raw$observed) == 0) {
    "no events"
  } else if (!is.null(raw$reason)) {
    raw$reason
  } else if (anyNA(raw$variance)) {
    "the pooled incidence passes 1, beyond which the weights are undefined"
  } else {
    "at each event time only one group is at risk, or all at risk fail together"
  }
}

# Number of subjects by group, over strata
group_sizes <- function(table) {
  sizes <- curve_sizes(table)
  if (length(table$strata) == 1L) return(sizes)
  rowSums(matrix(sizes, length(table$groups)))
}

test_groups <- function(raw, table) {
  groups <- table$groups
  quick_frame(list(
    group = seq_along(groups), n = if (is.null(raw$n)) group_sizes(table) else raw$n,
    observed = raw$observed, expected = raw$expected
  ), list(groups))
}

# One row per test, for glance() and print()
test_results <- function(x) {
  if (!is.null(x$tests)) return(x$tests)
  columns <- c("statistic", "df", "df2", "p.value", "p.std.error", "z", "reason")
  quick_frame(unclass(x)[intersect(columns, names(x))])
}

# Test results with the column names of broom: `parameter` is the degrees of freedom of a
# chi-square, `num.df` and `den.df` are those of an F or t test
test_rows <- function(rows, method) {
  f <- !is.null(rows$df2)
  out <- c(
    rows[intersect(c("outcome", "group1", "group2"), names(rows))],
    list(statistic = rows$statistic),
    if (f) list(num.df = rows$df, den.df = rows$df2) else list(parameter = rows$df),
    rows[intersect(c("p.value", "p.std.error", "adj.p.value", "z"), names(rows))],
    list(method = rep_len(method, length(rows$statistic)))
  )
  quick_frame(out)
}

# The row of glance(): numbers of subjects and events of each outcome, the test statistic,
# and the degrees of freedom under their names in broom's glance()
test_summary <- function(x, rows) {
  degrees <- c(parameter = "df", num.df = "df", den.df = "df2")
  known <- names(rows) %in% names(degrees)
  names(rows)[known] <- degrees[names(rows)[known]]
  g <- x$groups
  outcome <- if (is.null(g$outcome)) rep(1L, nrow(g)) else as.integer(g$outcome)
  total <- function(v) as.vector(rowsum(v, outcome))
  at <- match("statistic", names(rows))
  quick_frame(c(
    rows[seq_len(at - 1L)], list(n = total(g$n), n.event = total(g$observed)),
    rows[at:length(rows)]
  ))
}

#' @export
as.data.frame.oligosurv_test <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$groups
}

#' @exportS3Method NULL
result_rows.oligosurv_test <- function(x, ...) {
  check_no_dots(...)
  results <- test_results(x)
  rows <- test_rows(results, x$method)
  delayedAssign("small", small_sample_p(x)) # permutations run only for a print or table
  new_result(rows, test_summary(x, rows),
    what = x$method, title = x$method, table = x$table, basis = p_basis(x, results),
    columns = test_columns(x, results, small), group = x$groups$group,
    details = test_lines(x, small),
    remarks = if (!is.null(small)) small_sample_note(x), signs = undefined_sign(results),
    values = test_values(results, x$method), sentence = "{p} ({test})"
  )
}

# Text on the distribution of the p-value
p_basis <- function(x, rows) {
  if (!x$p_method %in% c("asymptotic", "by id")) return(paste(x$p_method, "P"))
  if (is.null(rows$df2)) "two-sided chi-square P" else "P from the F distribution"
}

# The explanation of the sign that is printed for undefined results, with their reasons
undefined_sign <- function(rows, what = "not defined,") {
  reasons <- unique(rows$reason[!is.na(rows$reason)])
  if (length(reasons)) {
    stats::setNames(paste(what, paste(reasons, collapse = "; ")), no_value)
  }
}

test_columns <- function(x, rows, small) {
  g <- x$groups
  first <- if (is.null(g$outcome)) seq_len(nrow(g)) == 1L else !duplicated(g$outcome)
  columns <- list(
    Outcome = if (!is.null(g$outcome)) blank_repeats(g$outcome),
    Group = label_text(g$group), N = g$n, Observed = g$observed,
    Expected = number_column(g$expected, 1L, console = 2L),
    statistic = once(statistic_column(rows), first),
    P = once(p_column(rows$p.value), first),
    "Permutation P" = if (!is.null(small)) once(p_column(small$p.value), first)
  )
  names(columns)[6L] <- statistic_head(rows)
  columns
}

statistic_column <- function(rows) {
  joined_column("%s (%s)", number_column(rows$statistic, 2L), df_text(rows),
    unknown = is.na(rows$statistic)
  )
}

# Heading of the statistic: "Chi-square (df)" or "F (df)"
statistic_head <- function(rows) sprintf("%s (df)", sentence_case(statistic_name(rows)))

# Lower-cases "Log-rank test" within a sentence; names keep their capital letter
in_sentence <- function(method) sub("^Log-rank", "log-rank", method)

test_values <- function(rows, method) {
  list(
    test = rep_len(in_sentence(method), nrow(rows)),
    statistic = number_text(rows$statistic, 2L, "NA"), df = df_text(rows)
  )
}

# Name of the test statistic, and its degrees of freedom (two numbers for an F test)
statistic_name <- function(rows) if (is.null(rows$df2)) "chi-square" else "F"

df_text <- function(rows, between = ", ") {
  if (is.null(rows$df2)) return(as.character(rows$df))
  ifelse(is.na(rows$df2), rows$df, paste(rows$df, rows$df2, sep = between))
}

# "chi-square = 16.79, df = 1, p < 0.001 (permutation p < 0.001)", one line per result;
# small: value of small_sample_p()
test_lines <- function(x, small) {
  rows <- test_results(x)
  vapply(seq_len(nrow(rows)), function(i) {
    r <- rows[i, ]
    permuted <- if (!is.null(small) && !is.na(small$p.value[i])) {
      paste("permutation p", format_p(small$p.value[i]))
    }
    line <- if (is.na(r$statistic)) {
      paste0(
        "not defined: ", r$reason, if (!is.null(permuted)) sprintf(" (%s)", permuted)
      )
    } else {
      remarks <- c(
        if (!is.null(r$z)) sprintf("%s = %.3g", if (is.null(r$df2)) "z" else "t", r$z),
        if (identical(x$p_method, "permutation")) {
          sprintf("Monte Carlo standard error %.2g", r$p.std.error)
        },
        permuted
      )
      paste0(
        sprintf("%s = %.4g, df = %s, p ", statistic_name(r), r$statistic,
          df_text(r, " and ")
        ), format_p(r$p.value),
        if (length(remarks)) sprintf(" (%s)", paste(remarks, collapse = "; "))
      )
    }
    if (is.null(r$outcome)) line else paste0(r$outcome, ": ", line)
  }, "")
}
