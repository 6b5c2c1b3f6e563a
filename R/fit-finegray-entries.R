# Variance of a Fine-Gray model from counts with delayed entry. A table counts entries and
# exits by group, but does not say which entry belongs to which exit.
#
# The score of a subject is a(exit) - b(entry). a is the score over the risk sets up to
# its exit, including its event; b is the score over the risk sets up to its entry, at
# which it was not yet at risk. The sum of squares over subjects is
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

# The expected sum of squares. score: [p, n] of the rows `kept`
unpaired_squares <- function(rows, kept, score) {
  score <- matrix(score, ncol = length(kept))
  column <- function(name) rows[[name]][kept]
  size <- column("size")
  curve <- (column("stratum") - 1) * max(rows$pattern) + column("pattern")
  key <- paste(curve, column("time"), column("status"))
  exit <- match(key, unique(key))
  lone <- match(seq_len(max(exit)), replace(exit, size > 0, NA))
  a <- score[, lone, drop = FALSE]
  a <- a[, exit, drop = FALSE]
  b <- a - score
  weighted <- function(x) x * rep(size, each = nrow(x))
  mean <- b
  for (cells in split(seq_along(size), curve)) {
    mean[, cells] <- mean_at_risk(column("time")[cells], column("entry")[cells],
      size[cells], b[, cells, drop = FALSE]
    )
  }
  both <- tcrossprod(weighted(a), mean)
  squares <- tcrossprod(weighted(a), a) - both - t(both) + tcrossprod(weighted(b), b)
  as.vector(squares)
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
