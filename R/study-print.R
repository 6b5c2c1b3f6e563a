# How print() of study results writes tables.

# Prints a table of text without wrapping its rows.
print_text_table <- function(x) {
  lines <- format(x, justify = "left")
  old <- options(width = max(getOption("width"), min(10000L, sum(
    pmax(nchar(names(lines)), vapply(lines, function(v) max(nchar(v), 0L), 0)) + 2L
  ))))
  on.exit(options(old))
  print(lines, row.names = FALSE, right = FALSE)
}

# Prints the number of rows without a group as the last line.
print_left_out <- function(x, noun) {
  n <- attr(x, "left_out")
  if (is.null(n) || n == 0L) return(invisible())
  cat(sprintf(
    "\nLeft out: %d %s%s without a value of %s.\n", n, noun, if (n == 1L) "" else "s",
    attr(x, "by")
  ))
}
