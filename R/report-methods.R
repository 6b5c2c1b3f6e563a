# The methods section of a report: a sentence for each method that was used, and none for
# others.

methods_text <- function(study, models = NULL) {
  shown <- shown_endpoints(study)
  fits <- report_fits(study, shown)
  lines <- c(
    sprintf("Data: %s.", data_text(study)),
    vapply(shown, function(what) paste0(rule_text(study, what), "."), ""),
    if (has_endpoint(study, "local_failure", "lesion")) {
      paste0(rule_text(study, "local_failure", "lesion"), ".")
    },
    failed_endpoints(study),
    if (length(shown)) c(time_text(study), estimator_text(fits), interval_rule(fits)),
    if (any(fits$kind == "curve")) median_text,
    if (has_endpoint(study, "os")) paste(
      "Follow-up: reverse Kaplan-Meier method; of tied times, deaths leave the risk set",
      "first."
    ),
    pattern_methods(study), state_methods(study), liver_methods(study),
    dose_methods(study),
    if (length(shown)) ties_text, test_methods(study, shown), strategy_methods(study),
    response_text(study), model_methods(models), missing_text(study, models),
    adjustment_text(study, shown, models)
  )
  c("", paste("-", lines), "")
}

shown_endpoints <- function(study) {
  c(endpoints_of(study, c("pfs", "os", "local_failure")), failures_of(study),
    other_endpoints(study), if (has_duration(study)) "duration_of_response"
  )
}

ties_text <- paste(
  "Ties: events come before censorings at the same time; times that differ by less than",
  "one part in a billion are tied."
)

# One row for each curve that the report estimates: its endpoint; its numbers of patients,
# which determine the type of interval, and of lesions; and the description of the fit
report_fits <- function(study, shown) {
  levels <- c("patient", "lesion")
  parts <- lapply(shown, function(what) {
    lapply(Filter(function(level) has_endpoint(study, what, level), levels), function(l) {
      if (l == "lesion" && what != "local_failure") return(NULL)
      rows <- endpoint(study, what, l)
      failure <- is.factor(rows$status)
      by <- if (failure) intersect("cohort", splits_of(study)) else splits_of(study)
      bind_groups(by, function(by) {
        fit <- fit_by(if (failure) cumulative_incidence else kaplan_meier, rows, by)
        note <- result_table(fit)$notes[1L]
        label <- attr(rows, "label")
        # without intervals the variance is not described
        lone <- l == "lesion" && all(lone_patient(rows, by))
        if (lone) note <- sub("; Robust.*", "", note)
        data.frame(
          label = if (l == "lesion") paste(label, "of lesions") else label,
          kind = if (failure) "incidence" else "curve",
          # keep variance and estimator; the rule of the intervals is stated only once
          basis = sub("; (95% )?[^;]*intervals.*$", "", note),
          small = grepl("small-sample", note), n = patients_of(rows, by),
          lesions = l == "lesion" && grepl("Robust", note, fixed = TRUE)
        )
      })
    })
  })
  none <- data.frame(
    label = "", kind = "", basis = "", small = NA, n = 0, lesions = NA
  )[0, ]
  do.call(rbind, c(list(none), unlist(parts, recursive = FALSE)))
}

# "Overall survival: Kaplan-Meier; Greenwood-type variance.", one sentence for all
# endpoints with the same method
estimator_text <- function(fits) {
  vapply(unique(fits$basis), function(basis) {
    labels <- unique(fits$label[fits$basis == basis])
    labels[-1L] <- lower_first(labels[-1L])
    basis <- sub("; Robust", "; robust", sub("[.]$", "", basis), fixed = TRUE)
    basis <- lower_first(basis)
    report_escape(sprintf("%s: %s.", join_words(labels), basis))
  }, "", USE.NAMES = FALSE)
}

# The methods for the intervals of curves, for the sizes of the curves in this report
interval_rule <- function(fits) {
  fits <- fits[fits$small, ]
  patients <- fits$n[!fits$lesions]
  lesions <- fits$n[fits$lesions]
  c(
    if (length(patients)) sprintf("95%% confidence intervals of curves%s: %s.",
      if (length(lesions)) " of patients" else "",
      interval_words(patients, "exact limits from the beta product")
    ),
    if (length(lesions)) sprintf("95%% confidence intervals of curves of lesions: %s.",
      interval_words(lesions, paste(
        "limits of Clopper and Pearson for the effective number of lesions (by the",
        "robust standard error; the upper limit is at least that for no failure in the",
        "number of patients times the proportion not yet censored)"
      ))
    )
  )
}

# `n`: numbers of patients of the curves; `exact`: the limits of small ones
interval_words <- function(n, exact) {
  large <- paste(
    "up to the fifth event and where the estimate is 0% or 100%, else log-log",
    "limits"
  )
  if (all(n <= 50)) return(exact)
  if (all(n > 50)) return(paste(exact, large))
  paste(exact, "in groups of up to 50 patients; in larger ones such limits", large)
}

median_text <- paste(
  "Medians: the first time at which the curve is at or below 50%, or the midpoint of an",
  "interval at exactly 50%; their confidence limits: the first times at which the",
  "confidence limits of the curve are at or below 50%. NR: the curve, or its confidence",
  "limit, does not reach 50%."
)

# The tests between groups for these endpoints; those without a defined P are not methods
# of the report
tests_of <- function(study, shown) {
  splits <- splits_of(study)
  tests <- unlist(lapply(shown, function(what) {
    rows <- endpoint(study, what)
    failure <- is.factor(rows$status)
    by <- if (what %in% c("pfs", "os")) splits else intersect("cohort", splits)
    if (what == "duration_of_response") by <- NULL
    lapply(by, function(by) fit_by(if (failure) gray_test else logrank_test, rows, by))
  }), recursive = FALSE)
  Filter(function(test) any(!is.na(test_results(test)$p.value)), tests)
}

test_methods <- function(study, shown) {
  tests <- tests_of(study, shown)
  if (!length(tests)) return(NULL)
  names <- unique(vapply(tests, `[[`, "", "method"))
  permuted <- !vapply(lapply(tests, small_sample_p), is.null, NA)
  ranked <- vapply(tests, inherits, NA, "logrank_test")
  pairs <- any(has_pairs(study))
  paste0("Comparison of groups: ", join_words(lower_first(names)),
    " with two-sided P from the chi-square distribution", if (any(permuted)) {
      paste(
        "; if a group has fewer than 50 subjects or 10 events, also the P of 9999",
        "permutations with a fixed seed"
      )
    }, if (any(permuted) && pairs) " (not in tests of pairs of groups)",
    if (any(permuted)) ", which assume that censoring does not depend on the group",
    if (any(permuted & ranked)) "; for the log-rank test all have the same variance", "."
  )
}

strategy_methods <- function(study) {
  if (length(groups_in(study, "strategy")) != 2L) return(NULL)
  limits <- comparison_limits(study)
  if (is.null(limits)) return(NULL)
  means <- limits$measure == "mean"
  sprintf(
    paste(
      "Confidence intervals of differences between strategies, of rates%s, combine the",
      "limits of the two groups (MOVER): %s."
    ),
    if (any(means)) " and of restricted means" else "", limit_words(limits$conf.type)
  )
}

# Columns of three or more groups, which pair_tests() compares in pairs
has_pairs <- function(study) {
  vapply(splits_of(study), function(by) length(groups_in(study, by)) > 2L, NA)
}

# States that p-values of tests and of models are not adjusted, except those in the tables
# of pairs of groups
adjustment_text <- function(study, shown, models) {
  tested <- length(tests_of(study, shown)) > 0L
  if (!tested && !length(unlist(lapply(models, attr, "method")))) return(NULL)
  paste0("P-values were not adjusted for multiple comparisons",
    if (tested && any(has_pairs(study))) {
      ", except those in the tables of pairs of groups, by Holm's method"
    }, "."
  )
}

dose_methods <- function(study) {
  if (!has_dose(study)) return(NULL)
  "Dose: BED and EQD2 by the linear-quadratic model without a time factor."
}

time_text <- function(study) {
  if (!nrow(find_pairs(tables_of(study)))) {
    return("Times were computed in days; a month is 30.4375 days.")
  }
  unit <- attr(study, "reading")$given$time_unit
  if (identical(unit, "months")) return("Times were recorded in months.")
  "A month is 30.4375 days, a week 7 days and a year 365.25 days."
}

response_text <- function(study) {
  criteria <- lapply(c(patient = "patient", lesion = "lesion"), report_criteria,
    study = study
  )
  shown <- names(criteria)[!vapply(criteria, is.null, NA)]
  response <- if (length(shown)) {
    paste0(
      "Response: complete or partial response; disease control: response or stable ",
      "disease; both among evaluable ", paste0(shown, "s", collapse = " or "), ", ",
      response_source_words(unlist(criteria)),
      ", with exact (Clopper-Pearson) confidence intervals",
      if ("lesion" %in% shown && any(lesion_count(study) > 1L)) {
        sprintf(
          paste(
            ", for lesions on the effective sample size (number of lesions divided by",
            "the design effect, which counts as at least 1%s)"
          ), effective_size_text(study)
        )
      }, "."
    )
  }
  duration <- if (has_duration(study)) paste(
    "Duration of response: of responders by RECIST 1.1 from the measured diameters,",
    "unconfirmed."
  )
  c(response, duration, toxicity_methods(study))
}

# The design effect is not defined where all lesions of a group have the outcome or none
# has it, nor for a single patient.
effective_size_text <- function(study) {
  rates <- response_rates(study, "lesion")
  extreme <- rates$estimate %in% 0:1
  paste(c(
    if (any(extreme)) "; at 0% or 100% the number of patients",
    if (any(rates$n.id == 1L & !extreme)) "; for a single patient 1"
  ), collapse = "")
}

# Describes the source of the responses. `criteria` are named by level, "patient" and
# "lesion".
response_source_words <- function(criteria) {
  words <- c(
    given = "as recorded in the tables",
    recist = "by RECIST 1.1 from the measured diameters, unconfirmed"
  )
  if (length(unique(criteria)) == 1L) return(words[[criteria[1L]]])
  join_words(sprintf("%s (%ss)", words[criteria], names(criteria)))
}

# Describes who is omitted from which analysis, and why. `models` are tables of hazard
# ratios.
missing_text <- function(study, models = NULL) {
  flow <- flow_table(study)
  n <- nrow(study$patients)
  flow <- flow[flow$n.left.out > 0L & startsWith(as.character(flow$step), "analysed"), ]
  lost <- count_nouns(flow$n.left.out, "patient")
  step <- sub("^analysed for ", "the analysis of ", flow$step)
  reason <- single_reason(flow$reason, flow$n.left.out)
  steps <- sprintf_counts("%s: %s of %d (%s)", step, lost, n, reason)
  groups <- vapply(splits_of(study), function(by) {
    open <- sum(is.na(study$patients[[by]]))
    if (!open) return("")
    sprintf("comparisons %s: %s without one", by_words(study, by),
      count_noun(open, "patient")
    )
  }, "")
  groups <- groups[nzchar(groups)]
  responses <- c(response_missing(study, "patient"), response_missing(study, "lesion"))
  missing <- c(responses, steps, failures_missing(study), models_missing(study, models))
  report_escape(paste(c(
    if (length(missing)) {
      paste0("Those with missing data",
        if (length(responses)) " or without an evaluable response", " were left out of ",
        # the parts of a longer list have commas of their own
        paste(missing, collapse = if (length(missing) > 2L) "; of " else ", and of "),
        "."
      )
    } else {
      "No patient was left out of an analysis for missing data."
    },
    # not missing: for example, patients without a strategy
    sprintf("Left out of %s.", groups)
  ), collapse = " "))
}

# The patients or lesions that are not in the analysis of response, with the reasons
response_missing <- function(study, level) {
  criteria <- report_criteria(study, level)
  if (is.null(criteria)) return(NULL)
  lost <- if (criteria == "given") {
    tables <- c(patient = "patients", lesion = "lesions")
    not_rated(study[[tables[[level]]]]$best_response)
  } else {
    rated <- suppressWarnings(best_response(study, level, criteria))$evaluable
    c("not evaluable by the measured diameters" = sum(!rated))
  }
  if (!any(lost > 0L)) return(NULL)
  n <- if (level == "patient") nrow(study$patients) else nrow(study$lesions)
  reason <- paste(reason_text(lost), collapse = ", ")
  sprintf_counts("the analysis of response%s: %s of %d (%s)",
    if (level == "lesion") " of lesions" else "", count_noun(sum(lost), level), n,
    single_reason(reason, sum(lost))
  )
}

# The findings of the checks of the tables: doubtful values, and notes on how cells were
# read
problems_text <- function(study) {
  titles <- c(
    warning = "These doubtful values of the tables were used as they are:",
    note = "These parts of the tables were converted, or not read:"
  )
  problems <- study$problems
  unlist(lapply(names(titles), function(severity) {
    found <- problems[problems$severity == severity, ]
    if (is.null(found) || !nrow(found)) return(NULL)
    lines <- sub("^[*] ", "", problem_lines(found, 50L))
    c(paragraphs(titles[[severity]]), paste("-", report_escape(lines)), "")
  }))
}

response_meanings <- c(
  CR = "CR: complete response", PR = "PR: partial response", SD = "SD: stable disease",
  PD = "PD: progressive disease", NE = "NE: not evaluable"
)

# The categories of response that the report names, in the legend of a waterfall plot
responses_shown <- function(study) {
  patients <- study$patients
  drawn <- has_waterfall(study) & !is.na(patients$best_change_pct)
  as.character(patients$best_response[drawn])
}

# The abbreviations that the report uses
abbreviations_used <- function(study) {
  tested <- length(tests_of(study, shown_endpoints(study))) > 0L
  used <- c(
    "CI: confidence interval",
    if (tested) "df: degrees of freedom",
    if (is_filled(study$patients$sbrt_start) || (has_toxicity(study) &&
      any(grepl("SBRT", toxicity_notes(study))))) {
      "SBRT: stereotactic body radiotherapy"
    },
    if (has_dose(study)) c(
      "BED: biologically effective dose", "EQD2: equivalent dose in fractions of 2 Gy",
      "GTV: gross tumour volume", "PTV: planning target volume",
      "AAPM: American Association of Physicists in Medicine", "TG: Task Group",
      "ICRU: International Commission on Radiation Units and Measurements"
    ),
    if ("cohort" %in% splits_of(study) && !is.null(baseline_or_null(study))) {
      "SMD: standardised mean difference"
    },
    response_meanings[names(response_meanings) %in% responses_shown(study)],
    if (any(grepl("RECIST", response_text(study)))) {
      "RECIST: Response Evaluation Criteria in Solid Tumours"
    },
    if (any(grepl("MOVER", c(strategy_methods(study), state_methods(study))))) {
      "MOVER: method of variance estimates recovery"
    },
    if (!is.null(liver_baseline_table(study))) c(
      "ALBI: albumin-bilirubin", "INR: international normalised ratio"
    )
  )
  paste0(paste(used, collapse = "; "), ".")
}
