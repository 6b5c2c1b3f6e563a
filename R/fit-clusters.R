# Cluster-robust curves and tests, design effects.

# Curves of a table with ids, `estimate`d as if the rows were independent, with standard
# error and limits by the infinitesimal jackknife
cluster_curves <- function(table, survival, conf.type, conf.level, estimate) {
  curves <- estimate(table)
  curves$naive_error <- curves$std_error
  sampled <- identical(table$weights$type, "sampling")
  none <- conf.type == "none"
  jackknife <- function(table, survival) {
    made <- .Call(
      C_cluster_curves, table, survival, if (none) "plain" else conf.type, conf.level,
      sampled
    )
    if (none) made[setdiff(names(made), c("conf_low", "conf_high"))] else made
  }
  robust <- jackknife(table, survival)
  curves[names(robust)] <- robust
  if (!survival) curves$free <- jackknife(pool_events(table), TRUE)
  if (sampled) count_unweighted(curves, estimate(unweighted(table))) else curves
}

curve_variance <- function(table, otherwise = "greenwood") {
  if (is.null(table$id)) return(otherwise)
  if (is.null(table$own_rows)) "cluster" else "jackknife"
}

# The correlation of rows of one id that gives ids of these sizes this design effect
intra_correlation <- function(design, id_size) {
  ifelse(id_size > 1, (design - 1) / (id_size - 1), NA_real_)
}

# Variance by id over the variance that ignores ids, at the last time with an estimate
# between 0 and 1; by outcome and curve
design_effects <- function(fit) {
  n_curve <- length(fit$size)
  ratio <- rep(NA_real_, n_curve * max(1L, length(fit$outcomes)))
  curve <- rep.int(rep.int(seq_len(n_curve), fit$size), length(ratio) / n_curve)
  outcome <- rep(seq_len(length(ratio) / n_curve) - 1L, each = length(fit$time))
  at <- which(fit$estimate > 0 & fit$estimate < 1 & fit$naive.error > 0)
  to <- (outcome * n_curve + curve)[at]
  last <- !duplicated(to, fromLast = TRUE)
  at <- at[last]
  ratio[to[last]] <- (fit$std.error[at] / fit$naive.error[at])^2
  ratio
}

# A test with the variance by id in place of its own. What one id alone says of its group
# has no variance but its own square: that group is not compared. The F law of the
# log-rank family is in `df2`.
robust_test <- function(raw, table, spec) {
  if (is.null(table$id)) return(raw)
  lone <- group_ids(table) == 1L
  raw <- .Call(
    C_cluster_test, table, raw, spec, spec$contrast, if (any(lone)) lone
  )
  if (any(lone)) {
    raw$left_out <- table$groups[lone]
    if (raw$rank == 0) raw$reason <- lone_reason(raw$left_out)
  }
  if (is.null(spec$cause)) raw <- f_test(raw, table$n_id - sum(lone))
  raw
}

# A chi-square by id of n ids as F, see ?clustered_rows
f_test <- function(raw, n) {
  raw$df2 <- NA_integer_
  if (raw$rank == 0) return(raw)
  raw$statistic <- raw$statistic * (n - 1) / n / raw$rank
  raw$df2 <- as.integer(n - 1)
  raw
}

lone_text <- function(groups) {
  if (length(groups) > 3L) return(count_noun(length(groups), "group"))
  paste(groups, collapse = ", ")
}

lone_reason <- function(groups) {
  sprintf(paste(
    "the rows of %s all belong to one id; method = \"permutation\" and \"exact\" move",
    "whole ids"
  ), paste(groups, collapse = ", "))
}
