# Figures of the report, each with caption and alternative text, or NULL if the study has
# no data for the figure. Each figure is drawn by an expression that the appendix also
# shows. Labels of the study are string constants in it, so that no text of the data is
# parsed as code.

# Patients included and analysed
flow_figure <- function(env) {
  flow <- flow_table(env$study)
  steps <- sprintf("%s, %s", flow$step, count_nouns(flow$n.patients, "patient"))
  report_figure(quote(flow_plot(flow_table(study), theme = theme)),
    if (is.null(env$study$lesions)) "Flow of patients." else
      "Flow of patients and lesions.",
    sprintf("Diagram of the flow: %s.", paste(steps, collapse = "; ")), env, most = 4.6
  )
}

count_nouns <- function(n, noun) vapply(n, count_noun, "", noun)

has_waterfall <- function(study) {
  is_filled(study$patients$best_change_pct) && !is.null(study$patients$best_response)
}

# Waterfall plot of the best change of each patient, in a group or (`by` NULL) in all
# patients. `published`: the name of the figure in the publication.
waterfall_figure <- function(env, published = NULL, by = NULL, group = NULL) {
  patients <- env$study$patients
  mine <- if (is.null(by)) rep(TRUE, nrow(patients)) else patients[[by]] %in% group
  change <- patients$best_change_pct[mine]
  if (!has_waterfall(env$study) || all(is.na(change))) return(NULL)
  code <- if (is.null(by)) {
    quote(waterfall_plot(study, theme = theme))
  } else {
    bquote(waterfall_plot(study, keep = .(as.name(by)) == .(group), theme = theme))
  }
  n <- sum(!is.na(change))
  who <- "all patients"
  if (!is.null(group)) {
    shown <- shown_groups(env$study)[[by]]
    who <- paste(shown[match(group, groups_in(env$study, by))], "patients")
  }
  report_figure(code,
    sprintf_counts(
      "Best change of the sum of diameters, %s, one bar per patient (n = %d).", who, n
    ),
    sprintf_counts(
      paste(
        "Waterfall plot of %s: %d measured, %d smaller by 30%% or more, %d larger by",
        "20%% or more."
      ),
      who, n, sum(change <= -30, na.rm = TRUE), sum(change >= 20, na.rm = TRUE)
    ), env, published,
    most = 3.6 # so that a page of Word and PDF has room for two
  )
}

# One waterfall plot for each group of a column, named 1A, 1B, ... in the publication; one
# plot if there are no groups.
waterfall_figures <- function(env, by, published) {
  groups <- if (by %in% splits_of(env$study)) groups_in(env$study, by)
  if (is.null(groups)) {
    return(if (by == "cohort") waterfall_figure(env))
  }
  lapply(seq_along(groups), function(i) {
    waterfall_figure(env, paste0(published, LETTERS[i]), by, groups[i])
  })
}

# Survival curves of all patients or of the groups of a column.
survival_figure <- function(env, what, published = NULL, by = NULL) {
  if (!is.null(by) && !by %in% splits_of(env$study)) return(NULL)
  if (!has_endpoint(env$study, what)) return(NULL)
  rows <- endpoint(env$study, what)
  name <- attr(rows, "label")
  curve_figure_of(env, rows, what, published, by, name, quote(kaplan_meier),
    quote(logrank_test), list(ylab = name), most = if (is.null(by)) 3.8 else 4.1
  )
}

# Cumulative incidence of a failure. If the axis ends below 100%, the caption says so.
failure_figure <- function(env, published = NULL, by = NULL, what = "local_failure") {
  if (!is.null(by) && !by %in% splits_of(env$study)) return(NULL)
  if (!has_endpoint(env$study, what)) return(NULL)
  rows <- endpoint(env$study, what)
  event <- event_of(rows)
  curve <- tidy(fit_by(cumulative_incidence, rows, by))
  most <- max(0, curve$estimate[curve$outcome == event], na.rm = TRUE)
  top <- if (most < 0.25) 0.5 else 1
  label <- event_label(rows)
  curve_figure_of(env, rows, what, published, by,
    sprintf("Cumulative incidence of %s", lower_first(label)),
    quote(cumulative_incidence), quote(gray_test),
    # a long title would be cut off in a low figure
    list(ylab = wrap_text(label, 20L), outcome = event, ylim = c(0, top)),
    if (top < 1) sprintf("The axis ends at %d%%.", 100 * top),
    # so that a page of Word and PDF has room for the table as well
    most = if (is.null(by)) 3.3 else 4.1
  )
}

# The figure of one endpoint, drawn by self-contained code.
curve_figure_of <- function(env, rows, what, published, by, name, estimator, test,
                            options, remark = NULL, most = 4.6) {
  if (!any(rows$time > 0)) return(NULL) # the curves would have no width
  fit <- fit_by(eval(estimator), rows, by)
  compared <- if (!is.null(by)) fit_by(eval(test), rows, by)
  formula <- call("~", quote(Surv(time, status)), if (is.null(by)) 1 else quote(group))
  drawn <- as.call(c(
    list(quote(autoplot), as.call(list(estimator, formula, quote(rows)))),
    if (!is.null(by)) list(p.value = as.call(list(test, formula, quote(rows)))),
    list(xlab = month_title(rows), unit = "months"),
    min_risk_of(glance(fit)$n),
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
  caption <- paste(c(sprintf("%s, %s.", name, who), remark), collapse = " ")
  report_figure(code, caption,
    curve_alt(fit, compared, sub("the first day of ", "", title), options$outcome), env,
    published, curve_csv(fit, options$outcome), most
  )
}

# The argument that dims curves and areas of fewer than 3 patients; none if a group has
# fewer from the start
min_risk_of <- function(n) if (all(n >= 3)) list(min_risk = 3)

# The numbers of a curve as CSV
curve_csv <- function(fit, outcome = NULL) csv_of_rows(as.data.frame(tidy(fit)), outcome)

csv_of_rows <- function(x, outcome = NULL) {
  if (!is.null(outcome)) x <- x[x$outcome == outcome, ]
  columns <- c("time", "strata", "n.risk", "n.event", "estimate", "conf.low", "conf.high")
  x <- x[intersect(columns, names(x))]
  numbers <- vapply(x, is.double, NA)
  x[numbers] <- lapply(x[numbers], signif, 6)
  strata <- gsub("\"", "\"\"", spreadsheet_text(as.character(x$strata)))
  x$strata <- sprintf("\"%s\"", strata)
  cells <- lapply(x, function(v) ifelse(is.na(v), "", as.character(v)))
  c(paste(names(x), collapse = ","), do.call(paste, c(unname(cells), sep = ",")))
}

curve_alt <- function(fit, test, title, outcome = NULL) {
  at <- glance(fit)
  if (!is.null(at$outcome)) at <- at[at$outcome == outcome, ]
  median <- ifelse(is.na(at$median), "not reached", sprintf("%.1f months", at$median))
  groups <- sprintf(
    "%s, %s with %s, median %s", at$strata, count_nouns(at$n, "patient"),
    count_nouns(at$n.event, "event"), median
  )
  alt <- sprintf("%s. %s.", title, paste(groups, collapse = "; "))
  if (is.null(test)) return(alt)
  paste(alt, test_sentence(test, outcome))
}
