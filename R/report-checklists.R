# The reporting guidelines STROBE (cohort studies) and REMARK (prognostic markers), item
# by item: the section of the report that answers, or what only the authors can say.

# Rows of inst/rmarkdown/checklists.csv: `section` is the word of report_sections() that
# answers, `missing` what is not in the tables. `sections`: titles of the sections that
# this report has, by that word.
checklist <- function(guideline, sections) {
  file <- system.file("rmarkdown/checklists.csv", package = "oligosurv")
  items <- utils::read.csv(file, colClasses = "character", encoding = "UTF-8")
  items <- items[items$guideline == guideline, ]
  there <- items$section %in% names(sections)
  where <- ifelse(there, sprintf("Section \"%s\"", sections[items$section]), "")
  ask <- ifelse(nzchar(items$missing),
    paste("Missing, ask the authors:", items$missing), ""
  )
  ask[!there & !nzchar(ask)] <- "Missing: the study has no data for it"
  data.frame(
    Item = items$item, Asks = items$asks,
    Answer = paste0(where, ifelse(nzchar(where) & nzchar(ask), ". ", ""), ask)
  )
}

strobe_checklist <- function(sections) checklist("strobe", sections)

remark_checklist <- function(sections) checklist("remark", sections)

# Sections of a report, by the word that the checklists use
report_sections <- function(study) {
  splits <- splits_of(study)
  c(
    "Main results" = "Main results", "Patients and lesions" = "Patients and lesions",
    Flow = "Patients and lesions", Characteristics = "Characteristics",
    if (has_dose(study)) c(Dose = "Dose"), "Follow-up" = "Follow-up",
    "Local failure" = "Local failure", Methods = "Methods",
    if ("strategy" %in% splits) {
      c(Strategies = paste(groups_in(study, "strategy"), collapse = " and "))
    },
    if (!is.null(model_numbers(study))) c(Models = "Models")
  )
}

has_dose <- function(study) {
  any(!is.na(study$lesions$dose_gy)) && any(!is.na(study$lesions$fractions))
}
