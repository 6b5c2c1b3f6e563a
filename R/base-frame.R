# Data frames and factors of columns that are known to be right, made without the cost of
# data.frame() and factor().

# A data frame without the cost of data.frame(), for columns known to be right
quick_frame <- function(columns) {
  attr(columns, "row.names") <- c(NA_integer_, -length(columns[[1L]]))
  class(columns) <- "data.frame"
  columns
}

# A factor without the cost of factor(), of codes known to be right
quick_factor <- function(code, labels) {
  attr(code, "levels") <- labels
  class(code) <- "factor"
  code
}
