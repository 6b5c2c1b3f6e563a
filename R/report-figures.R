# Figures of the report, each with its caption and its text for who cannot see it. NULL
# where the study has nothing to draw.

figure_theme <- function() theme_oligosurv(base_size = 11)

# The measured change of each patient of a group (`by` NULL: of all).
waterfall_figure <- function(study, number, by = NULL, group = NULL) {
  patients <- study$patients
  mine <- if (is.null(by)) rep(TRUE, nrow(patients)) else patients[[by]] %in% group
  change <- patients$best_change_pct[mine]
  if (is.null(patients$best_response) || !any(!is.na(change))) return(NULL)
  plot <- waterfall_plot(study, keep = mine, theme = figure_theme())
  who <- if (is.null(group)) "all patients" else paste(group, "patients")
  html_figure(plot,
    sprintf(
      "Figure %s. Best change of the sum of diameters, %s, one bar per patient.",
      number, who
    ),
    sprintf(
      "Waterfall plot of %s: %d measured, %d smaller by 30%% or more, %d larger by 20%%.",
      who, sum(!is.na(change)), sum(change <= -30, na.rm = TRUE),
      sum(change >= 20, na.rm = TRUE)
    )
  )
}

# Waterfalls of the groups of a column, numbered 1A, 1B, ...; without groups, of all.
waterfall_figures <- function(study, by, number) {
  groups <- if (by %in% splits_of(study)) groups_in(study, by)
  if (is.null(groups)) {
    return(if (by == "cohort") waterfall_figure(study, paste0(number, "A")))
  }
  lapply(seq_along(groups), function(i) {
    waterfall_figure(study, paste0(number, LETTERS[i]), by, groups[i])
  })
}

# Survival curves of all patients or of the groups of a column.
survival_figure <- function(study, what, number, by = NULL) {
  if (!is.null(by) && !by %in% splits_of(study)) return(NULL)
  rows <- endpoint(study, what)
  fit <- fit_by(kaplan_meier, rows, by)
  test <- if (!is.null(by)) fit_by(logrank_test, rows, by)
  name <- attr(rows, "label")
  curve_html(fit, test, name, number, by, list(ylab = name))
}

failure_figure <- function(study, number, by = NULL) {
  if (!is.null(by) && !by %in% splits_of(study)) return(NULL)
  rows <- endpoint(study, "local_failure")
  fit <- fit_by(cumulative_incidence, rows, by)
  test <- if (!is.null(by)) fit_by(gray_test, rows, by)
  curve <- tidy(fit)
  low <- max(curve$estimate[curve$outcome == "local failure"]) < 0.25
  curve_html(fit, test, "Cumulative local failure", number, by, list(
    ylab = "Local failure", outcome = "local failure", ylim = c(0, if (low) 0.5 else 1)
  ))
}

curve_html <- function(fit, test, name, number, by, options) {
  plot <- do.call(ggplot2::autoplot, c(
    list(fit, p.value = test, xlab = "Months from the first day of SBRT",
      breaks = time_breaks(max(0, fit$time), "months"), theme = figure_theme()
    ), options
  ))
  at <- glance(fit)
  if (!is.null(at$outcome)) at <- at[at$outcome == "local failure", ]
  median <- ifelse(is.na(at$median), "not reached", sprintf("%.1f months", at$median))
  groups <- sprintf(
    "%s, %d patients with %d events, median %s", at$strata, at$n, at$n.event, median
  )
  alt <- sprintf("%s in months from SBRT. %s.", name, paste(groups, collapse = "; "))
  if (!is.null(test)) {
    outcome <- if (!is.null(glance(test)$outcome)) "local failure"
    alt <- paste(alt, test_sentence(test, outcome))
  }
  who <- c(cohort = "by cohort", strategy = "by strategy")
  html_figure(plot, sprintf(
    "Figure %s. %s, %s.", number, name, if (is.null(by)) "all patients" else who[[by]]
  ), alt)
}
