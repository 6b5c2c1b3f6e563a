# glance() of the tables of a study.

# Rows of the table, and patients or lesions that were left out of its groups
study_summary <- function(x) {
  left <- attr(x, "left_out")
  quick_frame(list(
    n.row = nrow(x), n.strata = length(unique(x$strata)),
    n.left.out = if (is.null(left)) 0L else as.integer(left)
  ))
}
