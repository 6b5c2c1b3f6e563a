# Figures of the report, each with caption and alternative text, or NULL when the study
# has nothing to draw. Each figure is drawn by an expression that the appendix also shows.
# Labels of the study enter it as string constants, so that no text of the data is parsed
# as code.

# Patients included and analysed
flow_figure <- function(env) {
  flow <- flow_table(env$study)
  steps <- sprintf("%s, %s", flow$step, count_nouns(flow$n.patients, "patient"))
  report_figure(quote(flow_plot(flow_table(study), theme = theme)),
    if (is.null(env$study$lesions)) "Figure S1. Flow of patients." else
      "Figure S1. Flow of patients and lesions.",
    sprintf("Diagram of the flow: %s.", paste(steps, collapse = "; ")), env
  )
}

count_nouns <- function(n, noun) vapply(n, count_noun, "", noun)

# Waterfall plot of the best change of each patient of a group (`by` NULL: all patients).
waterfall_figure <- function(env, number, by = NULL, group = NULL) {
  patients <- env$study$patients
  mine <- if (is.null(by)) rep(TRUE, nrow(patients)) else patients[[by]] %in% group
  change <- patients$best_change_pct[mine]
  if (is.null(patients$best_response) || !any(!is.na(change))) return(NULL)
  code <- if (is.null(by)) {
    quote(waterfall_plot(study, theme = theme))
  } else {
    bquote(waterfall_plot(study, keep = .(as.name(by)) == .(group), theme = theme))
  }
  who <- if (is.null(group)) "all patients" else paste(group, "patients")
  report_figure(code,
    sprintf(
      "Figure %s. Best change of the sum of diameters, %s, one bar per patient.",
      number, who
    ),
    sprintf(
      paste(
        "Waterfall plot of %s: %d measured, %d smaller by 30%% or more, %d larger by",
        "20%% or more."
      ),
      who, sum(!is.na(change)), sum(change <= -30, na.rm = TRUE),
      sum(change >= 20, na.rm = TRUE)
    ), env
  )
}

# One waterfall plot per group of a column, numbered 1A, 1B, ...; without groups, one.
waterfall_figures <- function(env, by, number) {
  groups <- if (by %in% splits_of(env$study)) groups_in(env$study, by)
  if (is.null(groups)) {
    return(if (by == "cohort") waterfall_figure(env, paste0(number, "A")))
  }
  lapply(seq_along(groups), function(i) {
    waterfall_figure(env, paste0(number, LETTERS[i]), by, groups[i])
  })
}

# Survival curves of all patients or of the groups of a column.
survival_figure <- function(env, what, number, by = NULL) {
  if (!is.null(by) && !by %in% splits_of(env$study)) return(NULL)
  if (!has_endpoint(env$study, what)) return(NULL)
  rows <- endpoint(env$study, what)
  name <- attr(rows, "label")
  curve_figure_of(env, rows, what, number, by, name, quote(kaplan_meier),
    quote(logrank_test), list(ylab = name)
  )
}

failure_figure <- function(env, number, by = NULL) {
  if (!is.null(by) && !by %in% splits_of(env$study)) return(NULL)
  if (!has_endpoint(env$study, "local_failure")) return(NULL)
  rows <- endpoint(env$study, "local_failure")
  curve <- tidy(fit_by(cumulative_incidence, rows, by))
  low <- max(curve$estimate[curve$outcome == "local failure"]) < 0.25
  curve_figure_of(env, rows, "local_failure", number, by, "Cumulative local failure",
    quote(cumulative_incidence), quote(gray_test), list(
      ylab = "Local failure", outcome = "local failure", ylim = c(0, if (low) 0.5 else 1)
    )
  )
}

# The figure of one endpoint, drawn by self-contained code.
curve_figure_of <- function(env, rows, what, number, by, name, estimator, test, options) {
  fit <- fit_by(eval(estimator), rows, by)
  compared <- if (!is.null(by)) fit_by(eval(test), rows, by)
  formula <- call("~", quote(Surv(time, status)), if (is.null(by)) 1 else quote(group))
  drawn <- as.call(c(
    list(quote(autoplot), as.call(list(estimator, formula, quote(rows)))),
    if (!is.null(by)) list(p.value = as.call(list(test, formula, quote(rows)))),
    list(xlab = month_title(rows), unit = "months", min_risk = 3),
    options, list(theme = quote(theme))
  ))
  code <- if (is.null(by)) {
    bquote({
      rows <- endpoint(study, .(what))
      .(drawn)
    })
  } else {
    bquote({
      rows <- endpoint(study, .(what))
      rows <- rows[!is.na(rows[[.(by)]]), ]
      rows$group <- droplevels(rows[[.(by)]])
      .(drawn)
    })
  }
  who <- if (is.null(by)) "all patients" else by_words(env$study, by)
  title <- counted_from(sprintf("%s in months", name), rows)
  report_figure(code, sprintf("Figure %s. %s, %s.", number, name, who),
    curve_alt(fit, compared, sub("the first day of ", "", title)), env
  )
}

curve_alt <- function(fit, test, title) {
  at <- glance(fit)
  if (!is.null(at$outcome)) at <- at[at$outcome == "local failure", ]
  median <- ifelse(is.na(at$median), "not reached", sprintf("%.1f months", at$median))
  groups <- sprintf(
    "%s, %s with %s, median %s", at$strata, count_nouns(at$n, "patient"),
    count_nouns(at$n.event, "event"), median
  )
  alt <- sprintf("%s. %s.", title, paste(groups, collapse = "; "))
  if (is.null(test)) return(alt)
  paste(alt, test_sentence(test, if (!is.null(glance(test)$outcome)) "local failure"))
}
