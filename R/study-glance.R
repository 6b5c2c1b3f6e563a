# glance() of the tables of a study.

# Number of rows and groups, and of patients or lesions that have no group
study_summary <- function(x) {
  left <- attr(x, "left_out")
  quick_frame(list(
    n.row = nrow(x), n.strata = length(unique(x$strata)),
    n.left.out = if (is.null(left)) 0L else as.integer(left)
  ))
}
