# Variance of a Fine-Gray model from counts with delayed entry, of its coefficients and of
# its curves. A table counts entries and exits by group, but does not say which entry
# belongs to which exit.
#
# The score of a subject, like its influence on a curve, is a(exit) - b(entry). a is the
# score over the risk sets up to its exit, including its event; b is the score over the
# risk sets up to its entry, at which it was not yet at risk. The sum of squares over
# subjects is
#   sum a a' - sum (a b' + b a') + sum b b',
# and only the middle sum depends on the pairs. Its expectation, given the counts, has in
# place of b its mean over the subjects of the group who are at risk at the exit. This
# holds because the model assumes that the time of entry is independent of later events,
# so each of these subjects is equally likely to leave.

has_unpaired_entries <- function(rows) isTRUE(rows$unpaired) && any(rows$entry > 0L)

# Adds, for each group, time and status of an exit, a row with weight 0 that is at risk
# from the start. Its score is a(exit), because b is 0 at the start.
add_lone_exits <- function(rows) {
  key <- rows[c("stratum", "time", "pattern", "status")]
  lone <- which(!duplicated(quick_frame(key)))
  vectors <- names(rows)[lengths(rows) == length(rows$time)]
  vectors <- setdiff(vectors, c("table", "design", "unpaired"))
  rows[vectors] <- lapply(rows[vectors], function(x) c(x, x[lone]))
  added <- length(rows$time) - rev(seq_along(lone)) + 1L
  rows$entry[added] <- 0L
  rows$size[added] <- 0
  o <- order(rows$stratum, rows$time)
  rows[vectors] <- lapply(rows[vectors], `[`, o)
  rows
}

# What the expectation needs of the rows `kept`: `lone`, for each row the one of weight 0
# with the same exit; `time`, `entry` and `size`; and `curves`, the rows of each group
entry_pairs <- function(rows, kept) {
  column <- function(name) rows[[name]][kept]
  size <- column("size")
  curve <- (column("stratum") - 1) * max(rows$pattern) + column("pattern")
  key <- paste(curve, column("time"), column("status"))
  exit <- match(key, unique(key))
  lone <- match(seq_len(max(exit)), replace(exit, size > 0, NA))
  list(
    lone = lone[exit], time = column("time"), entry = column("entry"), size = size,
    curves = unname(split(seq_along(size), curve))
  )
}

# a, b and the mean of b over those at risk, for the scores or influences x [rows, .]
parts_of_pairs <- function(pairs, x) {
  a <- x[pairs$lone, , drop = FALSE]
  b <- a - x
  mean <- b
  for (at in pairs$curves) {
    mean[at, ] <- t(mean_at_risk(
      pairs$time[at], pairs$entry[at], pairs$size[at], t(b[at, , drop = FALSE])
    ))
  }
  list(a = a, b = b, mean = mean)
}

# The expected sum of x y' over subjects
expected_cross <- function(pairs, x, y = NULL) {
  x <- parts_of_pairs(pairs, x)
  y <- if (is.null(y)) x else parts_of_pairs(pairs, y)
  crossprod(x$a * pairs$size, y$a) - crossprod(x$a * pairs$size, y$mean) -
    crossprod(x$mean, y$a * pairs$size) + crossprod(x$b * pairs$size, y$b)
}

# The expected sum of x y over subjects, column by column
expected_products <- function(pairs, x, y) {
  x <- parts_of_pairs(pairs, x)
  y <- parts_of_pairs(pairs, y)
  colSums(pairs$size * (x$a * y$a - x$a * y$mean - x$mean * y$a + x$b * y$b))
}

# The mean of b over those of one group at risk at each of the times; time, entry: ranks
mean_at_risk <- function(time, entry, size, b) {
  ranks <- sort(unique(c(entry, time)))
  sums <- function(x, rank) {
    out <- matrix(0, length(ranks), ncol(x))
    out[match(sort(unique(rank)), ranks), ] <- rowsum(x, rank)
    out
  }
  left <- sums(cbind(size), time)
  came <- sums(cbind(size, t(b) * size), entry)
  mean <- matrix(0, nrow(b), length(ranks))
  now <- numeric(nrow(b))
  at_risk <- 0
  for (i in seq_along(ranks)) { # those who enter at a time are at risk only after it
    mean[, i] <- now
    at_risk <- at_risk - left[i]
    if (came[i, 1L] == 0) next
    now <- (now * at_risk + came[i, -1L]) / (at_risk + came[i, 1L])
    at_risk <- at_risk + came[i, 1L]
  }
  mean[, match(time, ranks), drop = FALSE]
}
