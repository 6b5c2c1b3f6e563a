# Cells of publication tables: numbers with their limits, as text.

# "24.1-NR" with an en dash; "to" where a limit is below 0 and dashes would meet
limits_text <- function(low, high, digits = 1L, na = "NR") {
  ends <- lapply(list(low, high), number_text, digits = digits, na = na)
  between <- if (any(c(low, high) < 0, na.rm = TRUE)) " to " else "\u2013"
  paste0(ends[[1L]], between, ends[[2L]])
}

# "34.9 (24.1-NR)"; nothing in brackets where there is no limit at all
estimate_cell <- function(estimate, low, high, digits = 1L, na = "NR",
                          na_limits = na) {
  value <- number_text(estimate, digits, na)
  none <- is.na(low) & is.na(high)
  ifelse(none, value,
    sprintf("%s (%s)", value, limits_text(low, high, digits, na_limits))
  )
}

# As many decimals as three significant digits need, at most three
ratio_digits <- function(x) {
  size <- suppressWarnings(max(abs(x[is.finite(x)])))
  if (is.finite(size) && size >= 100) 1L else 2L
}

level_text <- function(conf.level) paste0(format(100 * conf.level[1L]), "%")

no_value <- "\u2013"

# A label is written once for the rows that share it
blank_repeats <- function(x) {
  x <- as.character(x)
  x[c(FALSE, x[-1L] == x[-length(x)])] <- ""
  x
}

with_unit <- function(label, unit) {
  if (is.null(unit)) label else sprintf("%s, %s", label, unit)
}
