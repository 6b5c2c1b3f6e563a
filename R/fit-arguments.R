# Checks of arguments that several estimators share.

# Returns the time up to which areas are computed: `tau` or, if it is NULL, the earliest
# of the last times of the curves. Unless `extend`, stops if a curve is not known up to
# `tau`.
area_end <- function(table, tau, extend, tie_tol) {
  n_curve <- length(table$start) - 1L
  last <- ifelse(diff(table$start) > 0, table$time[table$start[-1L]], NA_real_)[
    seq_len(n_curve)
  ]
  if (is.null(tau)) return(if (all(is.na(last))) NA_real_ else min(last, na.rm = TRUE))
  past <- which(tau * (1 - tie_tol) > last)
  if (length(past) && !extend) past <- past[!ended_curves(table)[past]]
  if (length(past) && !extend) {
    first <- past[which.min(last[past])]
    stop_oligosurv("data", sprintf(
      paste0(
        "`tau` is %s, but the curve of '%s' is known only up to its last time, %s; give ",
        "a smaller `tau`, or `extend = TRUE` to continue the curve as constant"
      ),
      format(tau), curve_labels(table)[first], format(last[first])
    ), arg = "tau", where = past)
  }
  tau
}

# Flags curves that reach S = 0, so that S is known at all later times.
ended_curves <- function(table) {
  curves <- .Call(C_aj, drop_ids(table), FALSE, "none", 0.95)
  end <- cumsum(curves$size)
  known <- curves$size > 0
  out <- logical(length(known))
  out[known] <- curves$surv[end[known]] == 0
  out
}

conf_types <- c(
  "small-sample", "log-log", "log", "plain", "logit", "arcsin", "exact", "mid-p"
)

curve_conf_types <- c(conf_types, "none")

check_times <- function(times) {
  if (is.null(times)) return(NULL)
  times <- check_double(times, "times", 0)
  if (is.unsorted(times, strictly = TRUE)) sort(unique(times)) else times
}

# Stops for a table with competing risks; `who` is the name of the calling function.
check_one_event <- function(table, who) {
  if (length(table$states) == 2L) return(invisible())
  stop_oligosurv("data", sprintf(
    paste0(
      "%s() takes one event type, but the status has %d (%s); use ",
      "cumulative_incidence() and gray_test(), or make the status logical"
    ),
    who, length(table$states) - 1L, paste(table$states[-1L], collapse = ", ")
  ))
}
