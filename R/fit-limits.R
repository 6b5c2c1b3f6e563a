# Which confidence limits hold where a curve has no event yet, and in small samples.

small_sample_exact <- function(fit, x) {
  x$cum.event <= few_events | (fit_sizes(fit) <= few_subjects)[x$curve]
}

# Exact limits of an estimate that no event has moved yet, n subjects at risk from the
# start
limits_no_event <- function(n, start_value, conf.level, conf.type) {
  if (conf.type == "none") {
    unknown <- rep(NA_real_, length(n))
    return(list(low = unknown, high = unknown))
  }
  tail <- (1 - conf.level) / if (conf.type == "mid-p") 1 else 2
  bound <- ifelse(n > 0, exp(log(tail) / n), 0)
  if (start_value == 1) {
    list(low = bound, high = rep(1, length(n)))
  } else {
    list(low = rep(0, length(n)), high = 1 - bound)
  }
}

# Limits of each curve before its first time, of those at risk from its first entry on;
# `any`: has it subjects?
limits_at_start <- function(fit) {
  n <- if (is.null(fit$limit_start)) curve_subjects(fit)$start else fit$limit_start
  limits <- limits_no_event(n, fit$start_value, fit$conf.level, fit$conf.type)
  c(limits, list(any = curve_sizes(fit$table) > 0))
}

has_exact_limits <- function(conf.type) {
  conf.type %in% c("small-sample", "exact", "mid-p")
}

# Do the limits hold before the first event too? By curve, then outcome. Exact ones do;
# the others say nothing of a time without an event. Where subjects enter late, the few at
# risk first would decide on all quantiles, so there they hold from the first event on, if
# there is one.
limits_from_start <- function(fit) {
  n_curve <- length(fit$size)
  exact <- rep(has_exact_limits(fit$conf.type), n_curve * max(1L, length(fit$outcomes)))
  if (is.null(fit$table$entry)) return(exact)
  curve <- factor(rep.int(seq_len(n_curve), fit$size), seq_len(n_curve))
  by_outcome <- split(fit$n.event, rep(seq_len(length(exact) / n_curve),
    each = length(fit$time)
  ))
  events <- vapply(by_outcome, function(n) {
    as.vector(tapply(n, curve, sum, default = 0))
  }, double(n_curve))
  exact & (!curve_subjects(fit)$gains | as.vector(events) == 0)
}

# Subjects of each curve, at risk from its start, and whether more enter later
curve_subjects <- function(fit) {
  .Call(C_curve_subjects, fit$table, inherits(fit, "follow_up"))
}

# Subjects of each curve of a fit, or its ids, or rows where each is one of a sample
fit_sizes <- function(fit) {
  if (!is.null(fit$ids)) return(fit$ids)
  if (!is.null(fit$limit_start)) return(curve_sizes(fit$table))
  curve_subjects(fit)$n
}
