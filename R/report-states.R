# States over time in the report: probabilities of being free of progression, progressed,
# on the next line, and dead, if the study has dates of progression or of a next line.

states_title <- "States over time"

# Text, tables and figures, one after another; empty for other studies
state_sections <- function(env) {
  study <- env$study
  rows <- state_rows_or_null(study)
  if (is.null(rows)) return(knitr::asis_output(""))
  states <- levels(rows$from)
  states <- states[states %in% c(as.character(rows$from), levels(rows$status))]
  parts <- lapply(list(NULL, intersect("cohort", splits_of(study))), function(by) {
    if (!is.null(by) && !length(by)) return(NULL)
    fit <- report_states(rows, by)
    who <- if (is.null(by)) "all patients" else by_words(study, by)
    c(
      report_table(states_shown(fit), sprintf("States over time, %s", who),
        state_note(fit)
      ),
      as.character(report_figures(state_figure_of(env, fit, by, who)))
    )
  })
  lines <- c(report_heading(states_title), report_text(
    state_text(rows, states, nrow(study$patients))
  ),
    unlist(parts)
  )
  knitr::asis_output(paste(lines, collapse = "\n\n"))
}

# The fit at one and two years and, if all groups are followed long enough, means up to
# two years
report_states <- function(rows, by) {
  formula <- Surv(entry, time, status) ~ 1
  if (!is.null(by)) {
    rows <- rows[!is.na(rows[[by]]), ]
    rows$group <- droplevels(rows[[by]])
    formula <- Surv(entry, time, status) ~ group
  }
  fit <- function(tau) {
    state_occupation(formula, rows, id = "patient_id", from = "from", times = c(12, 24),
      tau = tau
    )
  }
  tryCatch(fit(24), oligosurv_error_data = function(e) fit(NULL))
}

# `patients`: the number of patients of the study
state_text <- function(rows, states, patients = 0L) {
  n <- length(unique(rows$patient_id))
  left_out <- patients - n
  unreached <- setdiff(states, c(as.character(rows$from), as.character(rows$status)))
  were <- function(n) if (n == 1L) "was" else "were"
  report_escape(paste0(
    sprintf("%s %s followed through these states: %s", count_noun(n, "patient"),
      were(n), join_words(states)
    ),
    if (left_out > 0L) sprintf("; %s without follow-up after SBRT %s left out",
      count_noun(left_out, "patient"), were(left_out)
    ), ". ",
    if (length(unreached)) {
      sprintf("Nobody reached the state %s. ", join_words(unreached, "or the state"))
    },
    paste(
      "The probability of each state is its Aalen-Johansen estimate, and the mean time",
      "in it the area under that; "
    ),
    if (n > 1L) "standard errors are the infinitesimal jackknife by patient. " else
      "one patient gives them no standard error. ",
    paste(
      "Patients move through the states in this order only; if two states begin on one",
      "day, the later state counts"
    ),
    if (all(c("progressed", "next line") %in% states)) {
      ", and progression on a next line does not change the state"
    }, ".",
    if ("dead" %in% states) paste(
      " The probability of being dead is estimated through the states, so it can differ",
      "from the complement of the Kaplan-Meier estimate of overall survival."
    )
  ))
}

# Sentences on the analysis of states, for the methods section
state_methods <- function(study) {
  rows <- state_rows_or_null(study)
  if (is.null(rows)) return(NULL)
  by <- intersect("cohort", splits_of(study))
  fits <- c(list(report_states(rows, NULL)), if (length(by)) {
    list(report_states(rows, by))
  })
  types <- unlist(lapply(fits, function(fit) c(tidy(fit)$conf.type, fit$means$conf.type)))
  types <- setdiff(types, c("none", NA))
  differences <- if (length(by) && few_differences(fits[[2L]])) {
    fit <- fits[[2L]]
    fit$contrasts <- reached_differences(fit)
    fit$estimates <- fit$means[fit$means$state %in% fit$contrasts$state, ]
    difference_types(fit, "mean")$conf.type
  }
  report_escape(paste0(
    "States over time: Aalen-Johansen probabilities of the states and means of the time ",
    "in each", if (length(unique(rows$patient_id)) > 1L) {
      "; infinitesimal jackknife by patient"
    }, if ("beta" %in% types) {
      sub("(Pearson)", "\\1 for the effective number of patients", paste0("; ",
        limit_words(types)
      ))
    }, if (length(differences)) {
      sprintf(
        paste(
          "; differences of means between groups combine %s (MOVER), P by inversion of",
          "these intervals"
        ), limit_words(differences)
      )
    }, "."
  ))
}

# Twelve differences are as many as a note can hold, if the names of groups are not long
few_differences <- function(fit) {
  NROW(fit$contrasts) %in% 1:12 && sum(nchar(as.character(fit$contrasts$contrast))) <= 700
}

# Rows of study_states() where the report has a section on them, else NULL
state_rows_or_null <- function(study) {
  if (!has_states(study)) return(NULL)
  rows <- suppressMessages(study_states(study))
  if (length(rows$time)) rows
}

# Each state once, and groups where there are some
states_shown <- function(fit) {
  table <- result_table(fit)
  table$body$State <- blank_repeats(table$body$State)
  if (nlevels(fit$means$strata) < 2L) table$body$Group <- NULL
  table
}

# The note below the table
state_note <- function(fit) {
  tau <- fit$options$tau
  means <- sprintf(
    "Moves into the state, and mean number of months in it, in the first %s months.",
    number_text(tau, if (tau == round(tau)) 0L else 1L)
  )
  lines <- if (few_differences(fit)) {
    fit$contrasts <- reached_differences(fit)
    # a line must not begin with the minus sign between two groups
    gsub(" \u2212 ", "\u00a0\u2212 ", fixed = TRUE,
      difference_lines(fit, "months", p_words = p_with_sign)
    )
  }
  several <- length(unique(fit$contrasts$contrast)) > 1L
  c(
    means,
    if (anyNA(tidy(fit)$estimate)) "Dash: follow-up ended before that time.",
    if (length(lines)) paste0(
      sub(":$", " (95% CI): ", lines[1L]), paste(trimws(lines[-1L]), collapse = "; "), "."
    ),
    if (length(lines) && several) "P-values are not adjusted for multiple comparisons."
  )
}

# Differences of means; there is nothing to compare in a state that nobody reached
reached_differences <- function(fit) {
  reached <- fit$means$state[fit$means$n.event > 0 | fit$means$estimate > 0]
  fit$contrasts[fit$contrasts$state %in% reached, ]
}

state_figure_of <- function(env, fit, by, who) {
  drawn <- as.call(c(
    list(quote(autoplot), quote(fit), xlab = "Months from the first day of SBRT"),
    min_risk_of(fit$n), list(theme = quote(theme))
  ))
  code <- if (is.null(by)) {
    bquote({
      rows <- study_states(study)
      fit <- state_occupation(Surv(entry, time, status) ~ 1, rows,
        id = patient_id, from = from
      )
      .(drawn)
    })
  } else {
    bquote({
      rows <- study_states(study)
      rows <- rows[!is.na(rows[[.(by)]]), ]
      rows$group <- droplevels(rows[[.(by)]])
      fit <- state_occupation(Surv(entry, time, status) ~ group, rows,
        id = patient_id, from = from
      )
      .(drawn)
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
    csv = state_csv(fit), most = 4.1
  )
}

# The numbers of the areas as CSV. States that nobody can leave have no number at risk.
state_csv <- function(fit) {
  x <- fit$curves
  one <- nlevels(x$strata) == 1L
  x$strata <- if (one) x$state else paste(x$strata, x$state, sep = ", ")
  x$n.risk[!x$state %in% x$state[x$n.risk > 0]] <- NA
  csv_of_rows(x)
}
