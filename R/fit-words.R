# What a print says about a fit: estimator, variance, interval, band.

# First lines of every printed fit: what was estimated from what, and how
fit_header <- function(fit) {
  c(
    sprintf("%s: %s", format_estimator(fit), format_counts(fit$table)),
    fit_basis(fit), format_losses(fit$table)
  )
}

# Variance, intervals and band
fit_basis <- function(fit) {
  c(
    sprintf("%s; %s", format_variance(fit), format_interval_type(fit)),
    if (!is.null(fit$band)) format_band(fit)
  )
}

format_estimator <- function(fit) {
  other <- !is.null(fit$estimator) && fit$estimator != "kaplan-meier"
  if (!other) return(fit_names[[class(fit)[1]]])
  sprintf("%s survival, exp(-H)", c(
    breslow = "Breslow", "fleming-harrington" = "Fleming-Harrington"
  )[[fit$estimator]])
}

fit_names <- c(
  kaplan_meier = "Kaplan-Meier", follow_up = "Follow-up, reverse Kaplan-Meier",
  cumulative_incidence = "Cumulative incidence, Aalen-Johansen"
)

format_variance <- function(fit) {
  if (!is.null(fit$estimator) && fit$estimator != "kaplan-meier") {
    return("Variance of the cumulative hazard")
  }
  switch(fit$variance,
    greenwood = "Greenwood-type variance",
    aalen = "Aalen's variance, as cmprsk",
    jackknife = "Infinitesimal jackknife variance",
    cluster = sprintf("Robust (infinitesimal jackknife) variance, %s", fit$clusters)
  )
}

# Which limits a small-sample fit has
format_small_sample <- function(fit) {
  by_row <- fit$variance %in% c("cluster", "jackknife")
  what <- if (!is.null(fit$ids)) "ids" else if (by_row) "rows" else "subjects"
  small <- sprintf("exact in curves of up to %d %s", few_subjects, what)
  is_small <- fit_sizes(fit) <= few_subjects
  if (all(is_small)) return(small)
  large <- sprintf("exact up to %d events and at 0 or 1, else log-log", few_events)
  if (any(is_small)) sub("exact", paste0(small, ","), large) else large
}

format_interval_type <- function(fit) {
  if (fit$conf.type == "none") return("no intervals")
  type <- paste0(format(100 * fit$conf.level), "% ", fit$conf.type, " intervals")
  if (fit$conf.type %in% c("exact", "mid-p")) return(type)
  if (fit$conf.type == "small-sample") {
    return(sprintf("%s (%s)", type, format_small_sample(fit)))
  }
  if (!is.null(fit$conf.lower) && fit$conf.lower != "usual") {
    how <- c(peto = "Peto's", modified = "the modified")[[fit$conf.lower]]
    type <- sprintf("%s, lower ones by %s effective n", type, how)
  }
  paste0(type, ", exact where the estimate is 0 or 1")
}

# The band of a fit in words, a line a curve
format_band <- function(fit) {
  labels <- utils::head(curve_labels(fit$table), most_shown)
  of <- lapply(fit$band[c("from", "to", "critical")], utils::head, most_shown)
  text <- sprintf(
    "%s%% %s band (%s)%s: %s", format(100 * fit$conf.level), band_names[[fit$band$type]],
    fit$band$scale, if (length(labels) > 1L) paste(" of", labels) else "",
    ifelse(is.na(of$critical), "none, no time with an estimate between 0 and 1",
      sprintf("from %s to %s, critical value %s", format_time(of$from),
        format_time(of$to), formatC(of$critical, digits = 4, format = "f")
      )
    )
  )
  c(text, format_more_groups(fit$table, most_shown))
}
