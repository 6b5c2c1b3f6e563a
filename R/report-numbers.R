# Numbers of the report as data frames of text, computed from the study alone. Functions
# that need an endpoint or a table are called only for a study that has it.

# Labels in the column `by` of the patients; NULL without that column.
groups_in <- function(study, by) {
  values <- study$patients[[by]]
  if (!is.null(values)) levels(droplevels(values))
}

# The columns, of cohort and strategy, that have at least two groups.
splits_of <- function(study) {
  Filter(function(by) length(groups_in(study, by)) > 1L, c("cohort", "strategy"))
}

# Applies an estimator or test to the groups of `by` (NULL: to all rows as one group).
# Lesions are clustered by patient, if a patient has several.
fit_by <- function(estimator, rows, by = NULL, ...) {
  formula <- Surv(time, status) ~ 1
  if (!is.null(by)) {
    rows <- rows[!is.na(rows[[by]]), ]
    rows$group <- droplevels(rows[[by]])
    formula <- Surv(time, status) ~ group
  }
  if (!is_lesion_endpoint(rows) || !anyDuplicated(rows$patient_id)) {
    return(estimator(formula, rows, ...))
  }
  estimator(formula, rows, id = rows$patient_id, ...)
}

# "11.2" and, on the next line, "7.1-17.2" with an en dash or, if a limit is negative,
# "to". Tables show the second line in smaller type.
interval_text <- function(estimate, low, high, digits = 1L, na = "NR") {
  # an estimate of -0.01 becomes 0.0; a limit keeps its sign, which shows whether 0 is
  # inside
  value <- sub("^\u2212(0[.]?0*)$", "\\1", number_text(estimate, digits, na))
  ends <- lapply(list(low, high), number_text, digits = digits, na = na)
  limits <- paste0(ends[[1L]], range_sign(c(low, high)), ends[[2L]])
  none <- is.na(low) & is.na(high)
  ifelse(none, value, paste0(value, "\n", limits))
}

percent_cell <- function(estimate, low, high) {
  interval_text(100 * estimate, 100 * low, 100 * high, na = "\u2013")
}

landmarks <- c(12, 24)

# One column of estimates for each time in `landmarks` (months)
rate_cells <- function(at) {
  cells <- percent_cell(at$estimate, at$conf.low, at$conf.high)
  cells <- split(cells, factor(at$time, landmarks))
  quick_frame(stats::setNames(cells, sprintf("At %d months, %%", landmarks)))
}

# Binds the rows that the function `rows_of` returns for all patients (NULL) and for the
# groups of each column in `by`
bind_groups <- function(by, rows_of) {
  parts <- lapply(c(list(NULL), as.list(by)), rows_of)
  column <- intersect(c("Group", "strata"), names(parts[[1L]]))
  if (length(by) > 1L && length(column)) {
    labels <- distinct_labels(stats::setNames(lapply(parts[-1L], `[[`, column), by))
    for (i in seq_along(by)) parts[[i + 1L]][[column]] <- labels[[i]]
  }
  do.call(rbind, parts)
}

# Labels of groups, a list named by their columns: a label that two columns share is
# followed by the name of its column, as in "yes (cohort)"
distinct_labels <- function(labels) {
  each <- unlist(lapply(labels, function(x) unique(as.character(x))))
  shared <- each[duplicated(each)]
  Map(function(x, column) {
    ifelse(x %in% shared, sprintf("%s (%s)", x, column), as.character(x))
  }, labels, names(labels))
}

# The labels of the groups in these columns of the patients
shown_groups <- function(study, by = splits_of(study)) {
  distinct_labels(lapply(stats::setNames(nm = by), groups_in, study = study))
}

# Survival of all patients and of each group: median and rates, with intervals.
survival_numbers <- function(study, what) {
  rows <- endpoint(study, what)
  bind_groups(splits_of(study), function(by) {
    fit <- fit_by(kaplan_meier, rows, by)
    whole <- glance(fit)
    data.frame(
      Group = as.character(whole$strata), Patients = format_count(whole$n, each = TRUE),
      Events = format_count(whole$n.event, each = TRUE),
      "Median, months" = interval_text(whole$median, whole$conf.low, whole$conf.high),
      rate_cells(tidy(fit, times = landmarks)), check.names = FALSE
    )
  })
}

# The place of the intervals in tables of this format: below the number or, in LaTeX,
# after it
interval_place <- function(number = "number", to = report_format()) {
  if (to == "latex") return("In brackets: 95% confidence interval.")
  sprintf("Below each %s its 95%% confidence interval.", number)
}

# Explains the signs below estimates that occur in a table
legend_of <- function(table, to = report_format()) {
  cells <- unlist(lapply(table, as.character))
  limits <- any(grepl("\n", cells, fixed = TRUE))
  words <- c(
    if (any(grepl("\\bNR\\b", cells))) "NR: not reached",
    if (any(cells == "\u2013")) "dash: follow-up ended before that time"
  )
  words <- c(
    if (limits) interval_place(to = to),
    if (length(words)) paste0(sentence_case(paste(words, collapse = "; ")), ".")
  )
  if (length(words)) paste(words, collapse = " ")
}

# Cumulative incidence of a failure, by default local failure, of patients or of lesions.
failure_numbers <- function(study, level, what = "local_failure") {
  rows <- endpoint(study, what, level)
  event <- event_of(rows)
  numbers <- bind_groups(intersect("cohort", splits_of(study)), function(by) {
    fit <- fit_by(cumulative_incidence, rows, by)
    of <- function(x) x[x$outcome == event, ]
    whole <- of(glance(fit))
    rates <- of(tidy(fit, times = landmarks))
    if (level == "lesion") rates <- drop_limits(rates, lone_patient(rows, by))
    data.frame(
      Group = as.character(whole$strata), n = format_count(whole$n, each = TRUE),
      Failures = format_count(whole$n.event, each = TRUE), rate_cells(rates),
      check.names = FALSE
    )
  })
  names(numbers)[2L] <- if (level == "patient") "Patients" else "Lesions"
  if (what != "local_failure") names(numbers)[3L] <- "Events"
  numbers
}

# The number of patients in each group of `by`
patients_of <- function(rows, by = NULL) {
  group <- if (is.null(by)) rep.int(1L, nrow(rows)) else as.integer(rows[[by]])
  ids <- split(rows$patient_id, group)
  c(vapply(ids, function(id) length(unique(id)), 0L), if (!length(ids)) 0L)
}

# Are the lesions of each group of `by`, more than one, all of one patient? The variance
# between patients, and so the interval, is then unknown.
lone_patient <- function(rows, by = NULL) {
  patients <- patients_of(rows, by)
  lesions <- if (is.null(by)) nrow(rows) else tabulate(droplevels(rows[[by]]))
  lesions > 1L & patients == 1L
}

# `lone`: one value per group
drop_limits <- function(rates, lone) {
  of_lone <- lone[as.integer(rates$strata)]
  rates[of_lone, c("conf.low", "conf.high")] <- NA
  rates
}

# Note on the intervals of lesions, if there are several in a patient
lesion_note <- function(study) {
  if (!any(lesion_count(study) > 1L)) return(NULL)
  rows <- endpoint(study, "local_failure", "lesion")
  by <- intersect("cohort", splits_of(study))
  lone <- unlist(lapply(c(list(NULL), as.list(by)), lone_patient, rows = rows))
  c(
    if (!all(lone)) paste0(
      paste(
        "Lesions of one patient are not independent: the intervals are based on the",
        "infinitesimal jackknife with patients as clusters"
      ), if (any_without_failure(rows, by)) paste(
        "; at 0%, without a failure, they are exact limits for the number of patients",
        "times the proportion not yet censored"
      ), "."
    ),
    if (any(lone)) "No interval: all lesions are of one patient."
  )
}

# Has some group without a failure an interval at a time of the table?
any_without_failure <- function(rows, by) {
  any(vapply(c(list(NULL), as.list(by)), function(by) {
    rates <- tidy(fit_by(cumulative_incidence, rows, by), times = landmarks)
    rates <- rates[rates$outcome == event_of(rows), ]
    any(rates$estimate == 0 & !is.na(rates$conf.high), na.rm = TRUE)
  }, NA))
}

# "mid-p limits, exact where the standard error is 0": the limits in a column `conf.type`
limit_words <- function(conf.type) {
  type <- unique(sub("^mover, ", "", conf.type[!is.na(conf.type)]))
  named <- c(
    beta = "limits of Clopper and Pearson", "mid-p" = "mid-p limits",
    plain = "limits by the standard error"
  )
  usual <- named[intersect(names(named), type)]
  exact <- "exact" %in% type
  if (!length(usual)) return("exact limits")
  paste0(join_words(usual), if (exact) ", exact where the standard error is 0")
}

# A sentence with the p-value of a test and, in small groups, the permutation p-value.
test_sentence <- function(test, outcome = NULL, between = NULL) {
  x <- test_results(test)
  permuted <- small_sample_p(test)
  row <- if (is.null(outcome)) 1L else match(outcome, x$outcome)
  x <- x[row, ]
  method <- curved(paste(c(test$method, between), collapse = " "))
  if (is.na(x$p.value)) return(sprintf("%s: P is not defined (%s).", method, x$reason))
  sprintf(
    "%s: %s (%s %.2f, %s df%s).", method, p_with_sign(x$p.value),
    statistic_name(x), x$statistic, df_text(x, " and "), if (is.null(permuted)) {
      ""
    } else {
      paste("; permutation", p_with_sign(permuted$p.value[row]))
    }
  )
}

# "P = 0.89", with non-breaking spaces; two decimals from 0.1 on, else three
p_with_sign <- function(p) gsub(" ", "\u00a0", format_p_value(p, prefix = TRUE))

# The rates of response of all patients or lesions and of each group; NULL without
# responses
response_rates <- function(study, level) {
  criteria <- report_criteria(study, level)
  if (is.null(criteria)) return(NULL)
  by <- splits_of(study)
  if (level == "lesion") by <- intersect("cohort", by)
  x <- bind_groups(by, function(by) {
    as.data.frame(response_rate(study, by, level, criteria))
  })
  x$strata <- as.character(x$strata)
  x
}

response_numbers <- function(study, level) {
  x <- response_rates(study, level)
  if (is.null(x)) return(NULL)
  # with one lesion per patient the intervals are exact, as the methods section says
  if (level == "lesion" && all(lesion_count(study) <= 1L)) {
    x[c("conf.low", "conf.high")] <- clopper_pearson(x$n.event, x$n.evaluable, 0.95)
  }
  objective <- x[x$outcome == "objective response", ]
  control <- x[x$outcome == "disease control", ]
  share <- function(r) percent_cell(r$estimate, r$conf.low, r$conf.high)
  data.frame(
    Group = objective$strata,
    Evaluable = sprintf_counts("%d of %d", objective$n.evaluable, objective$n),
    Responded = format_count(objective$n.event, each = TRUE),
    "Objective response, %" = share(objective),
    "Disease control, %" = share(control), check.names = FALSE
  )
}

# The terms of toxicity that occurred in the phase: the row for any event first, then the
# most frequent terms. Grades 4 and 5 and an unknown grade have a column only if they
# occurred.
toxicity_numbers <- function(study, phase) {
  x <- toxicity_table(study)
  x <- x[x$phase == phase & (x$any_grade > 0L | x$term == any_event), ]
  x <- x[order(x$term != any_event, -x$any_grade, -x$grade_3_plus), ]
  share <- function(n, pct) sprintf_counts("%d (%s)", n, percent_text(pct / 100))
  grades <- as.data.frame(x)[paste0("grade_", 1:5)]
  names(grades) <- paste("Grade", 1:5)
  grades <- grades[c(rep(TRUE, 3L), colSums(grades[4:5]) > 0)]
  if (any(x$grade_unknown > 0L)) grades[["Grade unknown"]] <- x$grade_unknown
  grades[] <- lapply(grades, format_count)
  data.frame(
    Event = as.character(x$term), grades,
    "Any grade" = share(x$any_grade, x$any_grade_pct),
    "Grade 3 or more" = share(x$grade_3_plus, x$grade_3_plus_pct), check.names = FALSE
  )
}

# Patients, lesions and their outcomes, one column per group.
flow_numbers <- function(study) {
  shown <- shown_groups(study)
  groups <- c(list(All = rep(TRUE, nrow(study$patients))), unlist(unname(lapply(
    names(shown), function(by) {
      values <- groups_in(study, by)
      lapply(stats::setNames(values, shown[[by]]), function(name) {
        study$patients[[by]] %in% name
      })
    }
  )), recursive = FALSE))
  count <- function(rows) flow_counts(study, which(rows))
  columns <- do.call(cbind, lapply(groups, count))
  data.frame(
    Quantity = rownames(columns), columns, check.names = FALSE, row.names = NULL
  )
}

# Counts of one group. Which counts are listed depends on the whole study, so all groups
# have the same rows.
flow_counts <- function(study, rows) {
  part <- take_patients(study, rows)
  patients <- part$patients
  lesions <- lesion_count(part)
  months <- if (is_filled(study$patients$sbrt_start)) {
    format(range(patients$sbrt_start, na.rm = TRUE), "%Y-%m")
  }
  events <- function(what) format_count(sum(endpoint(part, what)$status))
  c(
    "Patients" = format_count(nrow(patients)),
    if (!is.null(study$lesions)) c(
      "Lesions treated" = format_count(nrow(part$lesions)),
      "Lesions per patient, median (range)" = sprintf(
        "%s (%d\u2013%d)", format(stats::median(lesions)), min(lesions), max(lesions)
      )
    ),
    "First SBRT (year-month)" = months[1L], "Last SBRT" = months[2L],
    "Response evaluable" = if (!is.null(report_criteria(study, "patient"))) {
      criteria <- report_criteria(study, "patient")
      format_count(sum(best_response(part, criteria = criteria)$evaluable))
    },
    if (!is.null(pair_table(study, "pfs"))) {
      c("Progressed or died" = events("pfs"))
    } else if (has_endpoint(study, "pfs")) {
      c("Progressed" = format_count(sum(!is.na(patients$progression_date))))
    },
    if (!is.null(pair_table(study, "os"))) {
      c(
        "Died" = events("os"),
        "Alive at last contact" = format_count(sum(endpoint(part, "os")$status == 0L))
      )
    } else if (has_endpoint(study, "os")) {
      c(
        "Died" = format_count(sum(!is.na(patients$death_date))),
        "Alive at last contact" = format_count(sum(is.na(patients$death_date)))
      )
    }
  )
}

follow_up_numbers <- function(study) {
  os <- endpoint(study, "os")
  bind_groups(intersect("cohort", splits_of(study)), function(by) {
    x <- glance(fit_by(follow_up, os, by))
    label <- if (is.null(by)) factor(rep("All", nrow(os))) else droplevels(os[[by]])
    last <- split(os$time, label)
    data.frame(
      Group = as.character(x$strata), Patients = format_count(x$n, each = TRUE),
      "Alive" = format_count(x$n.event, each = TRUE),
      "Median follow-up, months" = ifelse(x$n.event == 0L, "not estimable",
        interval_text(x$median, x$conf.low, x$conf.high)
      ),
      "Observed, months" = vapply(last, function(t) {
        sprintf("%.1f\u2013%.1f", min(t), max(t))
      }, "", USE.NAMES = FALSE), check.names = FALSE
    )
  })
}
