#' Compare published numbers with those of a study
#'
#' Computes every published number from the study, and tests whether the two are equal at
#' the printed precision.
#'
#' Each published number has an `item` and a `group`:
#'
#' | `item` | computed as |
#' |---|---|
#' | `patients`, `lesions` | rows |
#' | `follow_up` | median of [follow_up()] on overall survival, months |
#' | `response_patients`, `response_lesions` | objective response of [response_rate()], % |
#' | `local_failure_24` | [cumulative_incidence()] of local failure at 24 months, patient level, death competing, % |
#' | `pfs_median`, `os_median` | median of [kaplan_meier()], months; `NR` not reached |
#' | `pfs_logrank`, `os_logrank` | p of [logrank_test()] between the groups |
#' | `toxicity_acute`, `toxicity_late` | patients with grade 3 or more of [toxicity_table()], % |
#'
#' A `group` is `All`, a cohort or a strategy; for a test two of them, as in
#' `OP-N against OP-C`. The computed number is rounded to the decimals of the published
#' one; a percent sign and blanks do not matter, and a bound such as `<0.001` is equal to
#' every number on its side.
#' @param study An [sbrt_study()].
#' @param published A data frame or the path of a CSV file with the columns `item`,
#'   `group`, `published` (text, as printed) and, optionally, `note`. `NULL`: the numbers
#'   of the publication if the tables of the study are those of [hcc_sbrt], else none.
#' @return A data frame with one row per published number: `item` (in words), `group`,
#'   `published`, `ours` (the computed number as text), `equal` (logical) and `note`.
#'   `NULL` without published numbers.
#' @section Errors:
#' `oligosurv_error_input` for an unknown item, a missing column or file;
#' `oligosurv_error_data` for a group without patients in the study.
#' @seealso [study_report()]
#' @examples
#' compared <- compare_published(hcc_sbrt)
#' compared[compared$group == "All", 1:5]
#' all(compared$equal)
#' @export
compare_published <- function(study, published = NULL) {
  check_study(study)
  published <- read_published(published, study)
  if (is.null(published)) return(NULL)
  unknown <- !published$item %in% names(published_labels)
  if (any(unknown)) {
    stop_oligosurv("input", sprintf(
      "`published` has the unknown item \"%s\" in %s; known items are %s",
      published$item[unknown][1L], format_rows(which(unknown)),
      join_words(names(published_labels))
    ), arg = "published", where = which(unknown))
  }
  ours <- vapply(seq_len(nrow(published)), function(i) {
    part <- study_of_groups(study, published$group[i])
    print_like(published_value(published$item[i], part), published$published[i])
  }, "")
  printed <- gsub("\\s", "", published$published)
  data.frame(
    item = unname(published_labels[published$item]),
    group = published$group, published = published$published, ours = ours,
    equal = ours == printed, note = published$note
  )
}

read_published <- function(published, study) {
  if (is.null(published)) {
    tables_of <- function(x) unclass(x)[study_parts]
    if (!identical(tables_of(study), tables_of(oligosurv::hcc_sbrt))) return(NULL)
    published <- system.file("extdata/hcc_sbrt/published.csv", package = "oligosurv")
  }
  if (!is.data.frame(published)) {
    check_string(published, "published")
    if (!file.exists(published)) {
      stop_oligosurv("input", sprintf(
        "`published` is \"%s\", a file that does not exist", published
      ), arg = "published")
    }
    published <- utils::read.csv(published, colClasses = "character", na.strings = NULL)
  }
  absent <- setdiff(c("item", "group", "published"), names(published))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "`published` has no %s; it needs the columns `item`, `group` and `published`",
      join_words(sprintf("column `%s`", absent))
    ), arg = "published")
  }
  if (is.null(published$note)) published$note <- rep("", nrow(published))
  published[] <- lapply(published, as.character)
  published
}

study_parts <- c("patients", "lesions", "adverse_events")

# Formats a value as the printed one: with as many decimals, with its percent sign, and as
# "<0.001" if it is below that bound. NA becomes NR.
print_like <- function(value, printed) {
  if (is.na(value)) return("NR")
  printed <- gsub("\\s", "", printed)
  number <- gsub("[<>%]", "", printed)
  percent <- if (endsWith(printed, "%")) "%" else ""
  side <- regmatches(printed, regexpr("^[<>]", printed))
  bound <- suppressWarnings(as.double(number))
  if (length(side) && !is.na(bound)) {
    inside <- if (side == "<") value < bound else value > bound
    if (inside) return(printed)
  }
  decimals <- nchar(sub("^[^.]*[.]?", "", number))
  paste0(sprintf("%.*f", decimals, value), percent)
}

# The study restricted to patients whose cohort or strategy is one of the groups.
study_of_groups <- function(study, group) {
  groups <- strsplit(group, " against ", fixed = TRUE)[[1L]]
  patients <- study$patients
  for (name in setdiff(groups, "All")) {
    if (!any(in_groups(patients, name))) {
      stop_oligosurv("data", sprintf(
        "`published` has the group \"%s\", but no patient of the study is in it", name
      ), arg = "published")
    }
  }
  if ("All" %in% groups) return(study)
  take_patients(study, which(in_groups(patients, groups)))
}

in_groups <- function(patients, groups) {
  inside <- lapply(names(known_groups), function(by) {
    as.character(column_or_na(patients, by)) %in% groups
  })
  Reduce(`|`, inside)
}

published_labels <- c(
  patients = "Patients", lesions = "Lesions", follow_up = "Median follow-up, months",
  response_patients = "Objective response, patients, %",
  response_lesions = "Objective response, lesions, %",
  local_failure_24 = "Local failure at 2 years, %",
  pfs_median = "Median progression-free survival, months",
  pfs_logrank = "Progression-free survival, log-rank P",
  os_median = "Median overall survival, months",
  os_logrank = "Overall survival, log-rank P",
  toxicity_acute = "Acute toxicity of grade 3 or more, %",
  toxicity_late = "Late toxicity of grade 3 or more, %"
)

# Computes one item of `published_labels` from a study
published_value <- function(item, study) {
  median_of <- function(estimator, what) {
    stats::median(fit_by(estimator, endpoint(study, what)))$estimate
  }
  logrank_p <- function(what) {
    by <- if (length(groups_in(study, "cohort")) > 1L) "cohort" else "strategy"
    fit_by(logrank_test, endpoint(study, what), by)$p.value
  }
  response <- function(level) {
    rate <- response_rate(study, level = level)
    100 * rate$estimate[rate$outcome == "objective response"]
  }
  toxicity <- function(phase) {
    if (!toxicity_recorded(study)) return(NA_real_)
    rows <- toxicity_table(study)
    rows$grade_3_plus_pct[rows$phase == phase & rows$term == any_event]
  }
  local_failure <- function(time) {
    fit <- fit_by(cumulative_incidence, endpoint(study, "local_failure"))
    at <- tidy(fit, times = time, extend = TRUE)
    100 * at$estimate[at$outcome == "local failure"]
  }
  switch(item,
    patients = nrow(study$patients), lesions = NROW(study$lesions),
    follow_up = median_of(follow_up, "os"), response_patients = response("patient"),
    response_lesions = response("lesion"), local_failure_24 = local_failure(24),
    pfs_median = median_of(kaplan_meier, "pfs"), pfs_logrank = logrank_p("pfs"),
    os_median = median_of(kaplan_meier, "os"), os_logrank = logrank_p("os"),
    toxicity_acute = toxicity("acute"), toxicity_late = toxicity("late")
  )
}
