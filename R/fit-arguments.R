# Checks of arguments that several estimators share.

# The end of the window: as given, or the smallest of the last times of the curves
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
        "`tau` is %s, past the last time of '%s' (%s), where its curve is not known; ",
        "take a smaller `tau`, or `extend = TRUE` to carry the curve on"
      ),
      format(tau), curve_labels(table)[first], format(last[first])
    ), arg = "tau", where = past)
  }
  tau
}

# Is nobody event-free at the end of each curve? S is 0 then, and stays so.
ended_curves <- function(table) {
  curves <- .Call(C_aj, drop_ids(table), FALSE, "none", 0.95, max_threads())
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

# The options as C_km_more() reads them; NULL when all are the usual
check_survival_options <- function(estimator, conf.lower, band, band_range, band_scale,
                                   conf.type, conf.level) {
  estimator <- check_choice(estimator, survival_estimators, "estimator")
  conf.lower <- check_choice(conf.lower, lower_types, "conf.lower")
  band <- check_choice(band, band_types, "band")
  band_scale <- check_choice(band_scale, band_scales, "band_scale")
  if (band == "none" && !is.null(band_range)) {
    stop_oligosurv("input", "`band_range` goes with `band`", arg = "band_range")
  }
  codes <- c(
    estimator = match(estimator, survival_estimators) - 1L,
    lower = match(conf.lower, lower_types) - 1L, band = match(band, band_types) - 2L
  )
  if (all(codes == c(0L, 0L, -1L))) return(NULL)
  on_curve <- any(codes[1:2] != 0L) && has_exact_limits(conf.type)
  if (on_curve || conf.type == "none") {
    other <- c("estimator", "conf.lower", "band")[codes != c(0L, 0L, -1L)][1L]
    stop_oligosurv("input", sprintf(
      "conf.type = \"%s\" has %s and does not go with `%s`", conf.type,
      if (conf.type == "none") "no limits" else "limits of its own", other
    ), arg = other)
  }
  c(as.list(codes), list(
    range = check_band_range(band_range), scale = band_scale, conf.type = conf.type,
    conf.level = conf.level
  ))
}

survival_estimators <- c("kaplan-meier", "breslow", "fleming-harrington")

lower_types <- c("usual", "peto", "modified")

band_types <- c("none", "hall-wellner", "equal-precision")

band_names <- c("hall-wellner" = "Hall-Wellner", "equal-precision" = "equal-precision")

band_scales <- c("arcsin", "plain", "log", "log-log", "logit")

# Exact limits rest on the product-limit curve. check_survival_options() checks the
# choices.
default_conf_type <- function(estimator, conf.lower) {
  usual <- mapply(function(x, all) identical(x, all) || identical(x, all[1L]),
    list(estimator, conf.lower), list(survival_estimators, lower_types)
  )
  if (all(usual)) "small-sample" else "log-log"
}

check_band_range <- function(range) {
  if (is.null(range)) return(c(0, Inf))
  range <- check_double(range, "band_range", 0)
  if (length(range) == 2L && range[1L] < range[2L]) return(range)
  stop_oligosurv("input", "`band_range` must be two times, the earlier first",
    arg = "band_range"
  )
}

check_from <- function(times, table) {
  early <- times < table_origin(table) * (1 - default_tie_tol)
  if (!any(early)) return(times)
  stop_domain("times", sprintf(
    "at least `start`, %s", format(table_origin(table))
  ), early, times)
}
