# Data frames and factors from columns that are known to be valid, without the checks that
# make data.frame() and factor() slow.

# A data frame of a named list of columns of one length. The first columns may be codes of
# factors, whose levels are the vectors of the list `levels`.
quick_frame <- function(columns, levels = NULL) .Call(C_quick_frame, columns, levels)

quick_factor <- function(code, labels) .Call(C_quick_factor, code, labels)

# Which combination of two factors each row has, ordered by the second and then the first.
# interaction() joins labels instead, and different combinations can give the same text.
line_of <- function(first, second) {
  factor(as.integer(first) + nlevels(first) * (as.integer(second) - 1L))
}
