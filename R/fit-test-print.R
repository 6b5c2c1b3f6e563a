# print() of tests of groups.

# What the statistic of a test is, and its degrees of freedom: two numbers of an F test
statistic_name <- function(rows) if (is.null(rows$df2)) "chi-square" else "F"

df_text <- function(rows, between = ", ") {
  if (is.null(rows$df2)) return(as.character(rows$df))
  ifelse(is.na(rows$df2), rows$df, paste(rows$df, rows$df2, sep = between))
}

# "chi-square = 16.79, df = 1, p < 0.001 (permutation p < 0.001)", a line a result; small:
# value of small_sample_p()
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

#' @export
print.oligosurv_test <- function(x, n = most_shown, ...) {
  small <- small_sample_p(x)
  writeLines(c(x$method, sprintf("Status: %s", format_states(x$table))))
  writeLines(format_losses(x$table))
  groups <- first_groups(x$groups, n, "group")
  counts <- c("n", "observed")
  groups[counts] <- lapply(groups[counts], format_count)
  groups$expected <- formatC(groups$expected, digits = 2, format = "f")
  print(groups, row.names = FALSE)
  writeLines(format_more_groups(x$table, n, x$table$groups))
  writeLines(test_lines(x, small))
  if (!is.null(small)) writeLines(small_sample_note(x))
  invisible(x)
}
