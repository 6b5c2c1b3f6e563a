#' Published numbers beside those of a study
#'
#' Computes from the study every number that a publication prints, and says whether the
#' two are equal at the printed precision.
#'
#' Only the published column is typed. Each of its numbers names an `item` and a `group`:
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
#' `OP-N against OP-C`. Our number is rounded to the decimals of the published one.
#' @param study An [sbrt_study()].
#' @param published A data frame or the path of a CSV file with the columns `item`,
#'   `group`, `published` (text, as printed) and, optionally, `note`. `NULL`: the numbers
#'   of the publication when the tables of the study are those of [hcc_sbrt], else none.
#' @return A data frame with one row per published number: `item` (in words), `group`,
#'   `published`, `ours` (text) and `equal` (logical), then `note`. `NULL` when there is
#'   nothing to compare with.
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
  unknown <- !published$item %in% names(published_items)
  if (any(unknown)) {
    stop_oligosurv("input", sprintf(
      "`published`: unknown item \"%s\" in %s; known are %s", published$item[unknown][1L],
      format_rows(which(unknown)), join_words(names(published_items))
    ), arg = "published", where = which(unknown))
  }
  ours <- vapply(seq_len(nrow(published)), function(i) {
    value <- published_items[[published$item[i]]]$value(
      study_of_groups(study, published$group[i])
    )
    print_like(value, published$published[i])
  }, "")
  data.frame(
    item = vapply(published_items[published$item], `[[`, "", "label", USE.NAMES = FALSE),
    group = published$group, published = published$published, ours = ours,
    equal = ours == published$published, note = published$note
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
        "`published`: there is no file \"%s\"", published
      ), arg = "published")
    }
    published <- utils::read.csv(published, colClasses = "character", na.strings = NULL)
  }
  absent <- setdiff(c("item", "group", "published"), names(published))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "`published` needs %s", join_words(sprintf("the column `%s`", absent))
    ), arg = "published")
  }
  if (is.null(published$note)) published$note <- rep("", nrow(published))
  published[] <- lapply(published, as.character)
  published
}

study_parts <- c("patients", "lesions", "adverse_events")

# A number as the other one is printed: with as many decimals, and NR for no number.
print_like <- function(value, printed) {
  if (is.na(value)) return("NR")
  decimals <- nchar(sub("^[^.]*[.]?", "", printed))
  sprintf("%.*f", decimals, value)
}

# The study of those patients whose cohort or strategy is one of the groups.
study_of_groups <- function(study, group) {
  groups <- strsplit(group, " against ", fixed = TRUE)[[1L]]
  patients <- study$patients
  for (name in setdiff(groups, "All")) {
    if (!any(patients$cohort %in% name | patients$strategy %in% name)) {
      stop_oligosurv("data", sprintf(
        "`published`: the study has no patient of the group \"%s\"", name
      ), arg = "published")
    }
  }
  if ("All" %in% groups) return(study)
  part_of_study(study, patients$cohort %in% groups | patients$strategy %in% groups)
}

published_median <- function(what) {
  function(study) {
    stats::median(kaplan_meier(Surv(time, status) ~ 1, endpoint(study, what)))$estimate
  }
}

published_logrank <- function(what) {
  function(study) {
    by <- if (length(groups_in(study, "cohort")) > 1L) "cohort" else "strategy"
    fit_by(logrank_test, endpoint(study, what), by)$p.value
  }
}

published_response <- function(level) {
  function(study) {
    rate <- response_rate(study, level = level)
    100 * rate$estimate[rate$outcome == "objective response"]
  }
}

published_toxicity <- function(phase) {
  function(study) {
    rows <- toxicity_table(study)
    rows$grade_3_plus_pct[rows$phase == phase & rows$term == any_event]
  }
}

published_local_failure <- function(study) {
  fit <- cumulative_incidence(Surv(time, status) ~ 1, endpoint(study, "local_failure"))
  at <- tidy(fit, times = 24, extend = TRUE)
  100 * at$estimate[at$outcome == "local failure"]
}

published_follow_up <- function(study) {
  stats::median(follow_up(Surv(time, status) ~ 1, endpoint(study, "os")))$estimate
}

published_items <- list(
  patients = list(
    label = "Patients", value = function(study) nrow(study$patients)
  ),
  lesions = list(
    label = "Lesions", value = function(study) nrow(study$lesions)
  ),
  follow_up = list(
    label = "Median follow-up, months", value = published_follow_up
  ),
  response_patients = list(
    label = "Objective response, patients, %", value = published_response("patient")
  ),
  response_lesions = list(
    label = "Objective response, lesions, %", value = published_response("lesion")
  ),
  local_failure_24 = list(
    label = "Local failure at 2 years, %", value = published_local_failure
  ),
  pfs_median = list(
    label = "Median progression-free survival, months", value = published_median("pfs")
  ),
  pfs_logrank = list(
    label = "Progression-free survival, log-rank P", value = published_logrank("pfs")
  ),
  os_median = list(
    label = "Median overall survival, months", value = published_median("os")
  ),
  os_logrank = list(
    label = "Overall survival, log-rank P", value = published_logrank("os")
  ),
  toxicity_acute = list(
    label = "Acute toxicity of grade 3 or more, %", value = published_toxicity("acute")
  ),
  toxicity_late = list(
    label = "Late toxicity of grade 3 or more, %", value = published_toxicity("late")
  )
)
