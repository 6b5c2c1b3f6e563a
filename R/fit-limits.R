# Confidence limits before the first event of a curve, and where small samples need exact
# limits; numbers of subjects for them.

has_exact_limits <- function(conf.type) {
  conf.type %in% c("small-sample", "exact", "mid-p")
}

# Flags the curves (by outcome) whose limits are defined before the first event. Exact
# limits are; the other types are not defined without an event. With delayed entry the few
# subjects first at risk would decide the limits of all quantiles, so exact limits are
# then used only from the first event on, if there is an event.
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

# Limits of each curve before its first time, for the subjects at risk from the first
# entry on; `any` flags curves with subjects.
limits_at_start <- function(fit) {
  n <- if (is.null(fit$limit_start)) curve_subjects(fit)$start else fit$limit_start
  limits <- limits_no_event(n, fit$start_value, fit$conf.level, fit$conf.type)
  c(limits, list(any = curve_sizes(fit$table) > 0))
}

# Exact limits before the first event, with n subjects at risk from the start
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

# Flags rows where conf.type = "small-sample" has exact limits.
small_sample_exact <- function(fit, x) {
  x$cum.event <= few_events | (fit_sizes(fit) <= few_subjects)[x$curve]
}

# Number of subjects of each curve of a fit, of ids if it has them, or of rows if each row
# is a sampling unit
fit_sizes <- function(fit) {
  if (!is.null(fit$ids)) return(fit$ids)
  if (!is.null(fit$limit_start)) return(curve_sizes(fit$table))
  curve_subjects(fit)$n
}

# Number of subjects of each curve, of those at risk from its start, and whether others
# enter later
curve_subjects <- function(fit) {
  .Call(C_curve_subjects, fit$table, inherits(fit, "follow_up"))
}
