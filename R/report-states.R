# States over time in the report: probabilities of being without progression, progressed,
# on the next line and dead, where the study has dates of progression or of a next line.

# Text, tables and figures, one after another; empty for other studies
state_sections <- function(env) {
  study <- env$study
  if (!has_states(study)) return(knitr::asis_output(""))
  rows <- suppressMessages(study_states(study))
  if (!length(rows$time)) return(knitr::asis_output(""))
  parts <- lapply(list(NULL, intersect("cohort", splits_of(study))), function(by) {
    if (!is.null(by) && !length(by)) return(NULL)
    fit <- report_states(rows, by)
    who <- if (is.null(by)) "all patients" else by_words(study, by)
    c(
      report_table(fit, sprintf("States over time, %s", who), state_note(fit)),
      as.character(report_figures(state_figure_of(env, fit, by, who)))
    )
  })
  lines <- c(report_heading("States over time"), report_text(state_text(rows)),
    unlist(parts)
  )
  knitr::asis_output(paste(lines, collapse = "\n\n"))
}

# The fit at one and two years and, as far as all groups are followed, means to two years
report_states <- function(rows, by) {
  formula <- Surv(entry, time, status) ~ 1
  if (!is.null(by)) {
    rows <- rows[!is.na(rows[[by]]), ]
    rows$group <- droplevels(rows[[by]])
    formula <- Surv(entry, time, status) ~ group
  }
  fit <- function(tau) {
    state_occupation(formula, rows, id = patient_id, from = from, times = c(12, 24),
      tau = tau
    )
  }
  tryCatch(fit(24), oligosurv_error_data = function(e) fit(NULL))
}

state_text <- function(rows) {
  markdown_escape(sprintf(
    paste(
      "%s were followed through these states: %s. The probability of each state is its",
      "Aalen-Johansen estimate, and the mean time in it the area under that; standard",
      "errors are the infinitesimal jackknife by patient. States are left in this order",
      "only: of two that begin on one day the later one counts, and progression on a",
      "next line does not change the state."
    ),
    sentence_case(count_noun(length(unique(rows$patient_id)), "patient")),
    join_words(levels(rows$from))
  ))
}

state_note <- function(fit) {
  means <- sprintf(
    "Mean time: mean number of months in the state in the first %s months.",
    format_time(fit$options$tau)
  )
  lines <- difference_lines(fit, "months")
  c(means, if (length(lines)) paste0(lines[1L], " ",
    paste(trimws(lines[-1L]), collapse = "; "), "."
  ))
}

state_figure_of <- function(env, fit, by, who) {
  code <- if (is.null(by)) {
    quote({
      rows <- study_states(study)
      fit <- state_occupation(Surv(entry, time, status) ~ 1, rows,
        id = patient_id, from = from
      )
      autoplot(fit, xlab = "Months since SBRT", theme = theme)
    })
  } else {
    bquote({
      rows <- study_states(study)
      rows <- rows[!is.na(rows[[.(by)]]), ]
      rows$group <- droplevels(rows[[.(by)]])
      fit <- state_occupation(Surv(entry, time, status) ~ group, rows,
        id = patient_id, from = from
      )
      autoplot(fit, xlab = "Months since SBRT", theme = theme)
    })
  }
  at <- tidy(fit)
  at <- at[at$time == 12 & !is.na(at$estimate), ]
  alt <- sprintf("States over time, %s. At 12 months: %s.", who, paste(
    sprintf("%s%s %s%%", ifelse(rep(nlevels(at$strata) > 1L, nrow(at)),
      paste0(at$strata, ", "), ""
    ), at$state, number_text(100 * at$estimate)),
    collapse = "; "
  ))
  report_figure(code, sprintf("States over time, %s.", who), alt, env,
    csv = state_csv(fit)
  )
}

# The numbers of the areas as CSV
state_csv <- function(fit) {
  x <- fit$curves
  x$strata <- paste(x$strata, x$state, sep = ", ")
  csv_of_rows(x)
}
