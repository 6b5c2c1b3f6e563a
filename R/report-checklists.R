# The reporting guidelines STROBE (cohort studies) and REMARK (prognostic markers), item
# by item: the section of the report that answers, or what only the authors can say.

# Items as number, what is asked in a few words, section ("" is none), and what is missing
strobe_items <- c(
  "1|Design in title; summary of what was done and found|Main results|name the design in the title of the paper",
  "2-3|Background, rationale, objectives||why the study was done",
  "4|Study design|Patients and lesions|",
  "5|Setting, places, dates of recruitment and follow-up|Patients and lesions|name the hospitals",
  "6|Eligibility, sources and selection of patients||who was eligible, how patients were found",
  "7|Outcomes, exposures, predictors, confounders defined|Methods|",
  "8|Sources of data and how each was measured||who read the images, how often",
  "9|Efforts against bias|Methods|why patients got their strategy",
  "10|How the study size came about||a reason for the size",
  "11|How quantities and groups were handled|Methods|",
  "12a|Statistical methods, with control of confounding|Methods|",
  "12b|Subgroups and interactions|Strategies|",
  "12c|Missing data|Methods|",
  "12d|Loss to follow-up|Follow-up|",
  "12e|Sensitivity analyses|Local failure|",
  "13|Numbers at each stage, reasons for leaving|Flow|a flow before SBRT: screened, excluded",
  "14|Characteristics, missing values, follow-up time|Characteristics|",
  "15|Numbers of outcome events|Main results|",
  "16|Estimates with intervals, confounders named|Models|",
  "17|Other analyses: subgroups, sensitivity|Strategies|",
  "18-21|Key results, limitations, interpretation, generalisability||the discussion",
  "22|Funding and role of funders||who paid"
)

remark_items <- c(
  "1|Marker, objectives, hypotheses||which factor is studied as prognostic, and why",
  "2|Patients: source, inclusion and exclusion||who was eligible",
  "3|Treatments received and how chosen|Dose|systemic therapies and how they were chosen",
  "4|Specimens or material used||not applicable without a laboratory marker",
  "5|Assay or method of measurement||how the factor was measured, blinded or not",
  "6|Selection, period, end of follow-up, median follow-up|Follow-up|",
  "7|Endpoints defined|Methods|",
  "8|Candidate variables listed|Models|",
  "9|Rationale of the sample size||a reason for the size",
  "10|Statistical methods, missing data|Methods|",
  "11|How values of the factor were handled, cut points|Methods|",
  "12|Flow of patients, numbers of events|Flow|",
  "13|Distributions of characteristics, missing values|Characteristics|",
  "14|Relation of the factor to known ones|Characteristics|",
  "15|Univariable effect with interval|Models|",
  "16|Multivariable effect with interval||a model with the known factors, if events allow",
  "17|Effect together with known factors||a model with the known factors, if events allow",
  "18|Further investigations: assumptions, sensitivity|Models|",
  "19-20|Interpretation, limitations, clinical value||the discussion"
)

# `sections`: titles of the sections that this report has, by the word the items use
checklist_rows <- function(items, sections) {
  parts <- strsplit(paste0(items, " "), "|", fixed = TRUE)
  part <- function(i) trimws(vapply(parts, `[`, "", i))
  wanted <- part(3L)
  there <- wanted %in% names(sections)
  ask <- part(4L)
  missing <- ifelse(nzchar(ask), paste("Missing, ask the authors:", ask),
    ifelse(nzchar(wanted), "Missing: the study has no data for it", "")
  )
  where <- ifelse(there, sprintf("Section \"%s\"", sections[wanted]), "")
  also <- there & nzchar(ask)
  data.frame(
    Item = part(1L), Asks = part(2L),
    Answer = ifelse(also, sprintf("%s. Missing, ask the authors: %s", where, ask),
      ifelse(there, where, missing)
    )
  )
}

strobe_checklist <- function(sections) checklist_rows(strobe_items, sections)

remark_checklist <- function(sections) checklist_rows(remark_items, sections)

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
