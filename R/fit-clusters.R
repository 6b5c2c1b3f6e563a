# Cluster-robust variance of curves and tests, and design effects.

# Curves of a table with ids. `estimate()` computes them as for independent rows; standard
# errors and limits are from the infinitesimal jackknife. The naive standard errors are
# stored too.
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

# The name of the variance of a curve. Sampling weights use the jackknife with each row as
# its own id (`own_rows`).
curve_variance <- function(table, otherwise = "greenwood") {
  if (is.null(table$id)) return(otherwise)
  if (is.null(table$own_rows)) "cluster" else "jackknife"
}

# Intra-cluster correlation that gives this design effect for this mean cluster size
intra_correlation <- function(design, id_size) {
  ifelse(id_size > 1, (design - 1) / (id_size - 1), NA_real_)
}

# Design effects, by outcome and curve: the cluster-robust variance divided by the naive
# variance at the last time with an estimate strictly between 0 and 1
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

# Replaces the variance of a test by the cluster-robust one. The variance of a group with
# a single id cannot be estimated, so this group is not compared. For the log-rank family
# `df2` holds the denominator degrees of freedom of the F distribution.
robust_test <- function(raw, table, spec) {
  if (is.null(table$id)) return(raw)
  single_id <- group_ids(table) == 1L
  raw <- .Call(
    C_cluster_test, table, raw, spec, spec$contrast, if (any(single_id)) single_id
  )
  if (any(single_id)) {
    raw$left_out <- table$groups[single_id]
    if (raw$rank == 0) raw$reason <- single_id_reason(raw$left_out)
  }
  if (is.null(spec$cause)) raw <- f_test(raw, table$n_id - sum(single_id))
  raw
}

# Converts the chi-square statistic of n ids to an F statistic, see ?clustered_rows.
f_test <- function(raw, n) {
  raw$df2 <- NA_integer_
  if (raw$rank == 0) return(raw)
  raw$statistic <- raw$statistic * (n - 1) / n / raw$rank
  raw$df2 <- as.integer(n - 1)
  raw$p.value <- stats::pf(raw$statistic, raw$rank, raw$df2, lower.tail = FALSE)
  raw
}

# Names up to three groups; more are only counted, to keep the method text short.
name_groups <- function(groups) {
  if (length(groups) > 3L) return(count_noun(length(groups), "group"))
  paste(groups, collapse = ", ")
}

single_id_reason <- function(groups) {
  sprintf(paste(
    "the rows of %s all belong to one id, so their variance cannot be estimated; use",
    "method = \"permutation\" or \"exact\", which assign whole ids to groups"
  ), paste(groups, collapse = ", "))
}
