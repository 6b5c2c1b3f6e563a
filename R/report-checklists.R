# The reporting guidelines STROBE (cohort studies) and REMARK (prognostic markers): for
# each item the section of the report, or the information that only the authors have.

# The items of one guideline with their answers. In inst/rmarkdown/checklists.csv,
# `section` is a name of report_sections() and `missing` is information that the study
# does not hold. `sections` is the value of report_sections().
checklist <- function(guideline, sections) {
  file <- system.file("rmarkdown/checklists.csv", package = "oligosurv")
  items <- utils::read.csv(file, colClasses = "character", encoding = "UTF-8")
  items <- items[items$guideline == guideline, ]
  there <- items$section %in% names(sections)
  where <- ifelse(there, sprintf("Section \"%s\"", sections[items$section]), "")
  ask <- ifelse(nzchar(items$missing),
    paste("To be added by the authors:", items$missing), ""
  )
  ask[!there & !nzchar(ask)] <- "Not available: the study has no such data"
  data.frame(
    Item = items$item, Recommendation = items$asks,
    Answer = paste0(where, ifelse(nzchar(where) & nzchar(ask), ". ", ""), ask)
  )
}

# Titles of the sections that this report has, named as in the column `section` of the
# checklists
report_sections <- function(study) {
  splits <- splits_of(study)
  patients <- if (is.null(study$lesions)) "Patients" else "Patients and lesions"
  c(
    if (!is.null(key_numbers(study))) c("Main results" = "Main results"),
    "Patients and lesions" = patients, Flow = patients,
    if (!is.null(baseline_or_null(study))) c(Characteristics = "Characteristics"),
    if (has_dose(study)) c(Dose = "Dose"),
    if (has_endpoint(study, "os")) c("Follow-up" = "Follow-up"),
    if (has_endpoint(study, "local_failure")) c("Local failure" = "Local failure"),
    Methods = "Methods",
    if ("strategy" %in% splits && length(endpoints_of(study, c("pfs", "os")))) {
      c(Strategies = join_words(groups_in(study, "strategy")))
    },
    if (!is.null(model_numbers(study))) c(Models = "Models")
  )
}

has_dose <- function(study) {
  !is.null(table_with(study, "lesions", c("dose_gy", "fractions")))
}
