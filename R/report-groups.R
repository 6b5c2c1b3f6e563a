# What a report includes for this study: its endpoints and groups, and the words for them.

# The endpoints of `what` that the study has
endpoints_of <- function(study, what, level = "patient") {
  Filter(function(name) has_endpoint(study, name, level), what)
}

# Endpoints that the study gives as a time and a status and that have no section of their
# own in the report
other_endpoints <- function(study) {
  what <- unique(find_pairs(tables_of(study))$what)
  endpoints_of(study, setdiff(what, c("os", "pfs", "local_failure")))
}

# The level of the status that is the event of an endpoint with competing events; NULL if
# the status is 0 and 1
event_of <- function(rows) if (is.factor(rows$status)) levels(rows$status)[2L]

# Is the local failure of a patient the first failure of any of its lesions? If the study
# gives it as a time and a status of the patient, this is unknown.
is_of_any_lesion <- function(study) {
  pair <- pair_table(study, "local_failure")
  !is.null(study$lesions) && (is.null(pair) || pair == "lesions")
}

# The name of an endpoint in the report; for late toxicity, with the grade that counts
event_label <- function(rows) {
  label <- attr(rows, "label")
  if (identical(label, "Late toxicity")) "Late toxicity of grade 3 or more" else label
}

# Changes the first letter to lower case, except in abbreviations and names of persons
lower_first <- function(x) {
  own <- grepl("^([[:upper:]]{2}|Gray|Kaplan)", x)
  ifelse(own, x, paste0(lower_case(substr(x, 1L, 1L)), substring(x, 2L)))
}

# Time zero in words. It is "day 0" if the study has times instead of dates, because these
# do not say from when they are counted.
time_zero <- function(rows) attr(rows, "from")

month_title <- function(rows) {
  from <- time_zero(rows)
  if (identical(from, "day 0")) "Months" else paste("Months from", from)
}

counted_from <- function(what, rows) {
  from <- time_zero(rows)
  if (identical(from, "day 0")) what else paste(what, "from", from)
}

# The name of a column of groups: the user's label of the column, or a default name
group_word <- function(study, by) {
  label <- own_label(study$patients[[by]])
  if (is.na(label)) baseline_names[[by]] else label
}

# "by cohort". A label of the user is not changed to lower case.
by_words <- function(study, by) {
  word <- group_word(study, by)
  paste("by", if (identical(word, baseline_names[[by]])) lower_case(word) else word)
}

# "between cohorts"
between_words <- function(study, by) {
  plural <- c(cohort = "cohorts", strategy = "strategies")
  word <- group_word(study, by)
  if (identical(word, baseline_names[[by]])) {
    paste("between", plural[[by]])
  } else {
    sprintf("between groups (%s)", word)
  }
}

# "Log-rank test between cohorts: P = 0.4 (...)."; empty without groups to compare
between_text <- function(study, what, by, estimator, outcome = NULL) {
  if (!by %in% splits_of(study) || !has_endpoint(study, what)) return("")
  test <- fit_by(estimator, endpoint(study, what), by)
  report_escape(test_sentence(test, outcome, between_words(study, by)))
}

# Tables of pairwise tests, one for each column with three or more groups
pair_tests <- function(study, what, test) {
  splits <- Filter(function(by) length(groups_in(study, by)) > 2L, splits_of(study))
  if (!has_endpoint(study, what)) splits <- character()
  if (what == "local_failure") splits <- intersect(splits, "cohort")
  rows <- if (length(splits)) endpoint(study, what)
  tables <- lapply(splits, function(by) {
    x <- fit_by(pairwise_test, rows, by, test = test)
    if (!is.null(x$tests$outcome)) {
      x$tests <- x$tests[x$tests$outcome == event_of(rows), ]
    }
    x$tests$outcome <- NULL # the outcome is in the caption
    # counts of the status are in other tables
    notes <- Filter(function(note) !startsWith(note, "Status:"), result_table(x)$notes)
    report_table(x, sprintf("%s: pairs of %s", attr(rows, "label"),
      sub("^between ", "", between_words(study, by))
    ), sub("^Pairs of [0-9]+ groups; ", "", notes))
  })
  knitr::asis_output(paste(unlist(tables), collapse = "\n\n"))
}

# Explains the abbreviations of the schema, such as OP-C. If other groups of the same
# column have other labels, these are words of the study, which may have another meaning.
abbreviation_text <- function(study) {
  used <- unlist(lapply(names(known_groups), function(by) {
    groups <- groups_in(study, by)
    if (all(groups %in% known_groups[[by]])) intersect(known_groups[[by]], groups)
  }))
  if (!length(used)) return("")
  report_escape(paste0(
    paste(sprintf("%s: %s", used, group_meanings[used]), collapse = "; "), "."
  ))
}

# The source of the responses in this study: "given" in a column; "recist", derived from
# measurements by RECIST 1.1; NULL if there are no responses
report_criteria <- function(study, level) {
  table <- if (level == "patient") "patients" else "lesions"
  if (is.null(study[[table]])) return(NULL)
  if (is_filled(study[[table]]$best_response)) return("given")
  if (has_diameters(study)) "recist"
}

# Has the study diameters with dates, from which responses can be derived?
has_diameters <- function(study) {
  is_filled(study$assessments$diameter_mm) && has_dates(study)
}

# Describes the source of the responses of patients and of lesions
response_origin <- function(study) {
  criteria <- c(
    patients = report_criteria(study, "patient"),
    lesions = report_criteria(study, "lesion")
  )
  if (all(criteria == "recist")) {
    return(paste(
      "Responses are derived from the measured diameters by RECIST 1.1, unconfirmed."
    ))
  }
  if (all(criteria == "given")) return("Responses are those recorded in the tables.")
  sprintf(
    paste(
      "Responses of %s are those recorded in the tables; responses of %s are derived",
      "from the measured diameters by RECIST 1.1, unconfirmed."
    ), names(criteria)[criteria == "given"], names(criteria)[criteria == "recist"]
  )
}

# Note on the patients whose response has a duration; they may differ from those with a
# recorded response
responder_note <- function(study) {
  paste0("Responders by RECIST 1.1 from the measured diameters, unconfirmed",
    if (identical(report_criteria(study, "patient"), "given")) {
      "; they can differ from those with a recorded response"
    }, "."
  )
}

# The site and size of the lesions, or NULL if neither was recorded
lesions_or_null <- function(study) {
  if (is.null(study$lesions)) return(NULL)
  known <- vapply(study$lesions[names(study$lesions) %in% lesion_features], function(x) {
    is_filled(x) && (is.numeric(x) || length(unique(x)) <= 20L)
  }, NA)
  if (!any(known)) return(NULL)
  by <- if ("cohort" %in% splits_of(study)) "cohort"
  baseline_table(study, names(known)[known], by = by, level = "lesion")
}

lesion_features <- c("site", "diameter_mm", "gtv_cm3", "ptv_cm3")

# The baseline table, or NULL if no characteristic was recorded
baseline_or_null <- function(study) {
  by <- if ("cohort" %in% splits_of(study)) "cohort"
  rows <- baseline_rows(study, "patient")
  variables <- baseline_candidates(rows, by)
  if (!length(variables)) return(NULL)
  baseline_table(study, by = by, labels = column_labels(variables, rows))
}

# Names of columns for readers: "Age" for "age"; labels of the user are kept
column_labels <- function(variables, rows) {
  labels <- baseline_labels(variables, NULL, rows)
  own <- !is.na(vapply(variables, function(name) own_label(rows[[name]]), ""))
  stats::setNames(ifelse(own, labels, with_capitals(sentence_case(labels))), variables)
}

# "Ecog" and "baseline afp" with the capitals that these abbreviations have
with_capitals <- function(x) {
  pattern <- sprintf("\\b(%s)\\b", paste(clinical_abbreviations, collapse = "|"))
  gsub(pattern, "\\U\\1", x, ignore.case = TRUE, perl = TRUE)
}

clinical_abbreviations <- c(
  "afp", "albi", "ast", "bmi", "ca125", "cea", "crp", "ecog", "egfr", "gtv", "hbv", "hcc",
  "hcv", "her2", "inr", "kps", "kras", "ldh", "nlr", "nsclc", "psa", "ptv", "sbrt", "tki",
  "tnm"
)

# A table for each endpoint without a section of its own
other_tables <- function(study) {
  tables <- lapply(other_endpoints(study), function(what) {
    rows <- endpoint(study, what)
    event <- event_of(rows)
    if (is.null(event)) {
      test <- logrank_test
      caption <- attr(rows, "label")
      numbers <- survival_numbers(study, what)
    } else {
      test <- gray_test
      caption <- sprintf("Cumulative incidence of %s", lower_first(event_label(rows)))
      numbers <- failure_numbers(study, "patient", what)
    }
    c(
      report_table(numbers, caption, legend_of(numbers)),
      between_text(study, what, "cohort", test, event), pair_tests(study, what, test)
    )
  })
  knitr::asis_output(paste(unlist(tables), collapse = "\n\n"))
}
