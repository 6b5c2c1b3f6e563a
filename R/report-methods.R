# The methods of a report: a sentence for what was done, and none for what was not.

methods_text <- function(study) {
  survival <- endpoints_of(study, c("os", "pfs"))
  failure <- c(endpoints_of(study, "local_failure"), other_endpoints(study))
  c("", paste("-", c(
    sprintf("Data: %s.", data_text(study)),
    vapply(c(endpoints_of(study, c("pfs", "os", "local_failure")),
      other_endpoints(study)
    ), function(what) paste0(rule_text(study, what), "."), ""),
    time_text(study),
    if (length(survival)) survival_text,
    if (length(failure)) failure_text(study, failure),
    if (length(survival)) median_text,
    if ("os" %in% survival) paste(
      "Follow-up: reverse Kaplan-Meier method; of tied times, deaths leave the risk set",
      "first."
    ),
    paste(
      "Ties: events come before censorings at the same time; times that differ by less",
      "than one part in a billion are tied."
    ),
    if (length(splits_of(study))) comparison_text(study),
    response_text(study),
    paste0(
      "Patients", if (!is.null(study$lesions)) " or lesions", " with missing values are ",
      "left out of the results that need them, and counted there."
    ),
    if (length(splits_of(study))) adjustment_text(study)
  )), "")
}

# States that p-values are not adjusted, except those of the pairs of three or more
# groups; see pair_tests().
adjustment_text <- function(study) {
  several <- vapply(splits_of(study), function(by) length(groups_in(study, by)) > 2L, NA)
  paste0("P-values were not adjusted for multiple comparisons", if (any(several)) {
    ", except those of pairs of groups, by Holm's method"
  }, ".")
}

time_text <- function(study) {
  if (!nrow(find_pairs(tables_of(study)))) {
    return("Times were computed in days; a month is 30.4375 days.")
  }
  "A month is 30.4375 days, a week 7 days and a year 365.25 days."
}

survival_text <- paste(
  "Survival: Kaplan-Meier estimates with Greenwood's variance and 95% small-sample",
  "confidence intervals: exact (beta product) for curves of up to 50 patients, for",
  "larger ones up to the fifth event and where the estimate is 0% or 100%, else log-log.",
  "They",
  "have nominal coverage in groups of 9 to 37 patients, and none has width zero."
)

failure_text <- function(study, what) {
  local <- identical(what, "local_failure")
  text <- paste(
    if (local) "Local failure:" else "Failures:",
    "Aalen-Johansen estimates with death as competing event, Greenwood-type variance",
    "and small-sample confidence intervals (exact, by the beta product on the",
    "subdistribution risk set, up to 50 patients or five failures, else log-log)"
  )
  competing <- vapply(what, function(name) {
    status <- endpoint(study, name)$status
    is.factor(status) && nlevels(status) > 2L
  }, NA)
  if (!any(competing)) {
    text <- sub("with death as competing event", "without competing events", text)
  } else if (!local) {
    text <- sub("death as competing event", "the competing events named above", text)
  }
  paste0(text, if ("cohort" %in% splits_of(study)) "; Gray's test", ".")
}

median_text <- paste(
  "Medians: the first time at which the curve is at or below 50%, or the midpoint of an",
  "interval at exactly 50%. NR: the curve does not reach 50%."
)

comparison_text <- function(study) {
  paste(c(
    "Comparison of groups: log-rank test with two-sided P from the chi-square",
    "distribution; if a group has fewer than 50 subjects or 10 events, also the P of",
    "9999 permutations.",
    if (length(groups_in(study, "strategy")) == 2L) c(
      "Confidence intervals of differences of rates and of restricted means are computed",
      "from the mid-p limits of both groups (MOVER); their P is 1 minus the confidence",
      "level at which the interval touches no difference. Restricted means have limits",
      "from a beta distribution, with nominal coverage in small groups."
    )
  ), collapse = " ")
}

response_text <- function(study) {
  criteria <- lapply(c(patient = "patient", lesion = "lesion"), report_criteria,
    study = study
  )
  shown <- names(criteria)[!vapply(criteria, is.null, NA)]
  response <- if (length(shown)) {
    paste0(
      "Response: complete or partial response among evaluable ",
      paste0(shown, "s", collapse = " or "),
      if ("recist" %in% unlist(criteria)) ", by RECIST 1.1 from the measured diameters",
      ", with exact (Clopper-Pearson) confidence intervals", if ("lesion" %in% shown) {
        paste(
          ", for lesions on the effective sample size (number of lesions divided by the",
          "design effect)"
        )
      }, "."
    )
  }
  toxicity <- if (has_toxicity(study)) {
    paste(
      "Toxicity: worst grade per patient and event after SBRT, whatever the attribution,",
      "among all patients."
    )
  }
  if (length(c(response, toxicity))) paste(c(response, toxicity), collapse = " ")
}

# What the checks of the tables found: doubtful values, and notes on how cells were read
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
    c(paragraphs(titles[[severity]]), paste("-", markdown_escape(lines)), "")
  }))
}
