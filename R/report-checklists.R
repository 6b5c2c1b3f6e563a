# The reporting guidelines STROBE (cohort studies), REMARK (prognostic factors) and RECORD
# (routinely collected data). Each item has the section of the report with this
# information, or the information that only the authors have.

# The items of one guideline with their answers. In inst/rmarkdown/checklists.csv,
# `section` names one or more topics of report_sections(), separated by "|", and
# `missing` is information that the study does not hold, see missing_parts(). `sections`
# is the value of report_sections().
checklist <- function(guideline, sections) {
  file <- system.file("rmarkdown/checklists.csv", package = "oligosurv")
  items <- utils::read.csv(file, colClasses = "character", encoding = "UTF-8")
  items <- items[items$guideline == guideline, ]
  where <- vapply(strsplit(items$section, "|", fixed = TRUE), function(topics) {
    titles <- unique(sections[names(sections) %in% topics])
    if (!length(titles)) return("")
    sprintf("%s %s", if (length(titles) > 1L) "Sections" else "Section",
      join_words(sprintf("\u201c%s\u201d", titles))
    )
  }, "")
  missing <- strsplit(items$missing, "|", fixed = TRUE)
  ask <- vapply(seq_along(missing), function(i) {
    text <- missing_parts(missing[[i]], nzchar(where[i]), names(sections))
    if (!length(text)) return("")
    paste("To be added by the authors:", paste(text, collapse = "; "))
  }, "")
  ask[!nzchar(where) & !nzchar(ask)] <- "This report has no section on this"
  data.frame(
    Item = sub("-", "\u2013", items$item), Recommendation = items$asks,
    Answer = paste0(where, ifelse(nzchar(where) & nzchar(ask), ". ", ""), ask)
  )
}

# The parts of what is missing that this report lacks. A part that begins with "else" is
# missing only in a report without a section for the item, and one that begins with "else"
# and a topic, as in "else Dose: ...", only in a report without this topic.
missing_parts <- function(parts, has_section, topics) {
  topic <- sub("^else ([A-Z][[:alpha:]-]*): .*", "\\1", parts)
  of_topic <- topic != parts
  there <- ifelse(of_topic, topic %in% topics, startsWith(parts, "else ") & has_section)
  sub("^else ([A-Z][[:alpha:]-]*: )?", "", parts[!there])
}

# Titles of the sections in this report, named by their topics as in the column `section`
# of the checklists. A topic may have several sections. `covariates`: those of the models
report_sections <- function(study, covariates = NULL) {
  has <- function(what) has_endpoint(study, what)
  patients <- if (is.null(study$lesions)) "Patients" else "Patients and lesions"
  survival <- endpoint_titles[endpoints_of(study, c("local_failure", "pfs", "os"))]
  failures <- vapply(failures_of(study), function(what) {
    event_label(endpoint(study, what))
  }, "")
  first <- if (!is.null(patterns_or_null(study))) first_failure_title
  states <- if (!is.null(state_rows_or_null(study))) states_title
  shown <- unname(c(survival, failures, first, states))
  others <- if (length(other_endpoints(study))) "Other endpoints"
  events <- c(shown, others)
  joint <- !is.null(joint_numbers(study, covariates))
  topics <- list(
    Summary = if (!is.null(key_numbers(study))) "Main results", Flow = patients,
    Dates = if (is_filled(study$patients$sbrt_start)) patients,
    Cutoff = if (!is.null(study$cutoff)) "Methods",
    Characteristics = if (!is.null(baseline_or_null(study))) "Characteristics",
    Lesions = if (!is.null(lesions_or_null(study))) "Lesions",
    Characteristics = if (!is.null(liver_baseline_table(study))) liver_title,
    Dose = if (has_dose(study)) "Dose",
    `Follow-up` = if (has("os")) "Follow-up",
    Response = if (has_response_table(study)) "Response",
    Definitions = if (length(events)) "Methods", Statistics = "Methods",
    Missing = "Methods", Cleaning = if (NROW(study$problems)) "Methods",
    Events = events,
    # the states of one patient have no intervals
    Estimates = if (nrow(study$patients) > 1L) events else setdiff(events, states_title),
    Toxicity = if (has_toxicity(study)) "Toxicity",
    Groups = grouped_titles(study, events),
    Strategies = if (has_strategies(study)) strategy_title(study),
    Models = if (!is.null(model_numbers(study, covariates))) "Models",
    Joint = if (joint) "Models",
    Adjusted = if (joint && is_adjusted(study, covariates)) "Models",
    Code = if (length(events)) "R code of the figures"
  )
  titles <- unlist(topics)
  names(titles) <- rep(names(topics), lengths(topics))
  titles
}

has_response_table <- function(study) {
  tables <- lapply(c("patient", "lesion"), response_numbers, study = study)
  !all(vapply(tables, is.null, NA))
}

# Are the groups that the report compares among the covariates of its models?
is_adjusted <- function(study, covariates = NULL) {
  all(splits_of(study) %in% names(model_covariates(study, covariates)))
}

# Titles of sections that compare groups; failures are compared only by cohort
grouped_titles <- function(study, events) {
  splits <- splits_of(study)
  if ("cohort" %in% splits) return(events)
  if (length(splits)) intersect(endpoint_titles[c("pfs", "os")], events)
}

endpoint_titles <- c(
  local_failure = "Local failure", pfs = "Progression-free survival",
  os = "Overall survival"
)

has_strategies <- function(study) {
  "strategy" %in% splits_of(study) && length(endpoints_of(study, c("pfs", "os"))) > 0L
}

strategy_title <- function(study) sentence_case(join_words(groups_in(study, "strategy")))

has_dose <- function(study) {
  !is.null(table_with(study, "lesions", c("dose_gy", "fractions")))
}
