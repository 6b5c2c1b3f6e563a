# The schema of a study as data. Checks, template and data dictionary read these tables,
# so a new column needs only one new entry.

# One row of the schema
schema_column <- function(table, column, type, required, needed_for, description,
                          unit = "", allowed = "", lower = "", upper = "") {
  data.frame(
    table, column, type, unit, allowed, lower, upper, required, needed_for, description
  )
}

# The patient of each row of a table; `row` says what a row is.
schema_owner <- function(table, row) {
  schema_column(table, "patient_id", "id", "value", "everything",
    sprintf("The patient of the %s; must be in patients", row)
  )
}

response_levels <- c("CR", "PR", "SD", "PD", "NE")

# Attribution of an adverse event to SBRT, in the five levels of the NCI
attribution_levels <- c("unrelated", "unlikely", "possible", "probable", "definite")

response_allowed <- paste(response_levels, collapse = "|")

schema_patients <- rbind(
  schema_column("patients", "patient_id", "id", "value", "everything",
    "One row and one id per patient; no names"
  ),
  schema_column("patients", "cohort", "group", "optional", "comparison of cohorts",
    "Cohort or arm, in your own words, as OP = oligoprogressive, OM = oligometastatic"
  ),
  schema_column("patients", "strategy", "group", "optional", "comparison of strategies",
    paste(
      "Strategy, in your own words, as OP-N = next-line therapy, OP-C = current therapy",
      "continued; empty for patients to whom none applies"
    )
  ),
  schema_column("patients", "sbrt_start", "date", "value", "every time",
    "First day of SBRT: day 0 of every endpoint"
  ),
  schema_column("patients", "progression_date", "date", "column", "pfs",
    "First progression at any site; empty if there was none"
  ),
  schema_column("patients", "death_date", "date", "column", "os, pfs, local_failure",
    "Death from any cause; empty if alive at last contact"
  ),
  schema_column("patients", "last_contact", "date", "column", "os, pfs, local_failure",
    "Last day known to be alive; may be empty only if there is a death_date"
  ),
  schema_column("patients", "death_cause", "text", "optional", "cause_specific_death",
    "Cause of death in words, the same for the same cause; empty if alive or unknown"
  ),
  schema_column("patients", "sbrt_end", "date", "optional", "origin sbrt_end",
    "Last day of SBRT"
  ),
  schema_column("patients", "diagnosis_date", "date", "optional", "origin diagnosis",
    "Diagnosis of the cancer"
  ),
  schema_column("patients", "systemic_start", "date", "optional",
    "origin systemic_start",
    "First day of systemic therapy; if all empty, the first of therapies"
  ),
  schema_column("patients", "last_imaging", "date", "optional",
    "pfs_censor last_imaging",
    "Last imaging of the whole disease; where empty, the last day of assessments"
  ),
  schema_column("patients", "distant_failure_date", "date", "optional",
    "distant_failure",
    "First new lesion at any site; if all empty, from assessments"
  ),
  schema_column("patients", "intrahepatic_failure_date", "date", "optional",
    "intrahepatic_failure",
    "First new lesion in the liver; if all empty, from assessments"
  ),
  schema_column("patients", "extrahepatic_failure_date", "date", "optional",
    "extrahepatic_failure",
    "First new lesion outside the liver; if all empty, from assessments"
  ),
  schema_column("patients", "widespread_failure_date", "date", "optional",
    "widespread_failure",
    "First day with more new lesions than SBRT can treat; if all empty, from assessments"
  ),
  schema_column("patients", "next_therapy_date", "date", "optional", "next_therapy",
    "First day of the next line of systemic therapy; if all empty, from therapies"
  ),
  schema_column("patients", "next_progression_date", "date", "optional",
    "pfs2, next_line_pfs",
    "First progression on the next line of systemic therapy; if all empty, from therapies"
  ),
  schema_column("patients", "next_sbrt_date", "date", "optional", "next_sbrt",
    "First day of the next SBRT; if all empty, from courses"
  ),
  schema_column("patients", "best_response", "category", "optional", "response rates",
    "Best response of the patient; NE or empty = not evaluable",
    allowed = response_allowed
  ),
  schema_column("patients", "best_change_pct", "number", "optional", "waterfall plots",
    "Best change of the sum of diameters from baseline",
    unit = "%", lower = "-100"
  )
)

# Answers to the questions of the EORTC/ESTRO decision tree at the start of SBRT
schema_omd <- rbind(
  schema_column("patients", "omd_date", "date", "optional", "disease state",
    "Diagnosis of the oligometastatic disease that SBRT treats"
  ),
  schema_column("patients", "prior_polymetastatic", "category", "optional",
    "disease state", "Polymetastatic disease at any time before",
    allowed = "yes|no"
  ),
  schema_column("patients", "prior_oligometastatic", "category", "optional",
    "disease state", "Oligometastatic disease at any time before",
    allowed = "yes|no"
  ),
  schema_column("patients", "systemic_therapy", "category", "optional",
    "disease state", "Active systemic therapy when the disease was found",
    allowed = "yes|no"
  ),
  schema_column("patients", "progressive_lesions", "category", "optional",
    "disease state", "Progression of any oligometastatic lesion on current imaging",
    allowed = "yes|no"
  )
)

schema_lesions <- rbind(
  schema_column("lesions", "patient_id", "id", "value", "everything",
    "The patient of the lesion; must be in patients"
  ),
  schema_column("lesions", "lesion_id", "id", "value", "everything",
    "One id per irradiated lesion, unique within the patient"
  ),
  schema_column("lesions", "site", "text", "optional", "baseline table",
    "Organ or region"
  ),
  schema_column("lesions", "dose_gy", "number", "optional", "dose table",
    "Total prescribed dose",
    unit = "Gy", lower = "0.1", upper = "150"
  ),
  schema_column("lesions", "fractions", "whole", "optional", "dose table",
    "Number of fractions",
    lower = "1", upper = "50"
  ),
  schema_column("lesions", "diameter_mm", "number", "optional", "baseline table",
    "Longest diameter before SBRT",
    unit = "mm", lower = "0", upper = "500"
  ),
  schema_column("lesions", "best_response", "category", "optional", "response rates",
    "Best response of the lesion; NE or empty = not evaluable",
    allowed = response_allowed
  ),
  schema_column("lesions", "best_change_pct", "number", "optional", "waterfall plots",
    "Best change of the lesion's diameter from baseline",
    unit = "%", lower = "-100"
  ),
  schema_column("lesions", "sbrt_start", "date", "optional", "local_failure by lesion",
    "First day of SBRT of this lesion; empty = that of its first course, or the patient"
  ),
  schema_column("lesions", "sbrt_end", "date", "optional", "origin sbrt_end by lesion",
    "Last day of SBRT of this lesion; empty = that of its first course, or the patient"
  ),
  schema_column("lesions", "local_failure_date", "date", "column", "local_failure",
    "First progression of this lesion after SBRT; empty if it remained controlled"
  )
)

# Items that AAPM TG-101 and ICRU Report 91 require, besides total dose and fractions
schema_dose <- rbind(
  schema_column("lesions", "prescription_isodose_pct", "number", "optional",
    "dose table", "Prescription isodose, as a percentage of the maximum dose",
    unit = "%", lower = "10", upper = "100"
  ),
  schema_column("lesions", "prescription_volume_pct", "number", "optional", "dose table",
    "Percentage of the PTV that receives the prescribed dose",
    unit = "%", lower = "0", upper = "100"
  ),
  schema_column("lesions", "treatment_days", "whole", "optional", "dose table",
    "Days from the first to the last fraction, both included",
    unit = "days", lower = "1", upper = "90"
  ),
  schema_column("lesions", "gtv_cm3", "number", "optional", "dose table",
    "Volume of the GTV",
    unit = "cm3", lower = "0", upper = "5000"
  ),
  schema_column("lesions", "ptv_cm3", "number", "optional", "dose table",
    "Volume of the PTV",
    unit = "cm3", lower = "0", upper = "5000"
  ),
  schema_column("lesions", "ptv_d50_gy", "number", "optional", "dose table",
    "Median dose of the PTV, D50%",
    unit = "Gy", lower = "0", upper = "300"
  ),
  schema_column("lesions", "ptv_near_max_gy", "number", "optional", "dose table",
    "Near-maximum dose of the PTV: D2%, or D35mm3 for a PTV below 2 cm3",
    unit = "Gy", lower = "0", upper = "300"
  ),
  schema_column("lesions", "ptv_near_min_gy", "number", "optional", "dose table",
    "Near-minimum dose of the PTV: D98%, or for a PTV below 2 cm3 D(V - 35 mm3)",
    unit = "Gy", lower = "0", upper = "300"
  ),
  schema_column("lesions", "conformity_index", "number", "optional", "dose table",
    "Conformity of the prescription isodose to the PTV; name the index in the paper",
    lower = "0", upper = "20"
  ),
  schema_column("lesions", "gradient_index", "number", "optional", "dose table",
    "Volume of half the prescribed dose divided by that of the prescribed dose",
    lower = "1", upper = "100"
  ),
  schema_column("lesions", "heterogeneity_index", "number", "optional", "dose table",
    "Heterogeneity of the dose in the PTV; name the index in the paper",
    lower = "0", upper = "20"
  ),
  schema_column("lesions", "oar_dose", "text", "optional", "dose table",
    "Doses of the organs at risk, in words; empty if not reported"
  ),
  schema_column("lesions", "dose_algorithm", "text", "optional", "dose table",
    "Algorithm of the dose calculation"
  ),
  schema_column("lesions", "image_guidance", "text", "optional", "dose table",
    "Image guidance at delivery"
  )
)

schema_events <- rbind(
  schema_owner("adverse_events", "event"),
  schema_column("adverse_events", "term", "text", "column", "toxicity table",
    "Name of the event, for instance the CTCAE term; may be empty with grade 0"
  ),
  schema_column("adverse_events", "grade", "whole", "column", "toxicity table",
    "CTCAE grade; 0 = assessed, no event; empty = unknown grade",
    lower = "0", upper = "5"
  ),
  schema_column("adverse_events", "onset_date", "date", "column", "acute or late",
    "First day of the event, before SBRT for a baseline event; empty with a phase"
  ),
  schema_column("adverse_events", "phase", "category", "optional", "acute or late",
    "Phase of an event without onset_date; with this column, onset_date is optional",
    allowed = "baseline|acute|late"
  ),
  schema_column("adverse_events", "related", "category", "optional",
    "attributable toxicity", "Is the event attributed to SBRT? Yes or no, or NCI levels",
    allowed = paste(c("yes", "no", attribution_levels), collapse = "|")
  ),
  schema_column("adverse_events", "end_date", "date", "optional", "baseline events",
    "Last day of the event; empty if it goes on"
  ),
  schema_column("adverse_events", "serious", "category", "optional", "nothing",
    "Serious adverse event?",
    allowed = "yes|no"
  )
)

schema_courses <- rbind(
  schema_owner("courses", "course"),
  schema_column("courses", "course", "whole", "value", "next_sbrt",
    "Number of the course within the patient; 1 is the SBRT that the study is about",
    lower = "1", upper = "50"
  ),
  schema_column("courses", "start_date", "date", "value", "next_sbrt",
    "First day of the course"
  ),
  schema_column("courses", "end_date", "date", "optional", "origin sbrt_end",
    "Last day of the course"
  ),
  schema_column("courses", "lesion_id", "id", "optional", "dose table",
    "A lesion treated in the course, one row each; empty if the row is about all lesions"
  ),
  schema_column("courses", "dose_gy", "number", "optional", "dose table",
    "Total prescribed dose of the course",
    unit = "Gy", lower = "0.1", upper = "150"
  ),
  schema_column("courses", "fractions", "whole", "optional", "dose table",
    "Number of fractions of the course",
    lower = "1", upper = "50"
  )
)

schema_assessments <- rbind(
  schema_owner("assessments", "assessment"),
  schema_column("assessments", "assessment_date", "date", "value", "dated response",
    "Day of the imaging; may be before SBRT, and a visit may take several days"
  ),
  schema_column("assessments", "lesion_id", "id", "optional", "response by lesion",
    "The irradiated lesion; empty for other lesions and for rows about the patient"
  ),
  schema_column("assessments", "other_lesion", "id", "optional", "dated response",
    "Name of a lesion that was not irradiated, the same at each visit"
  ),
  schema_column("assessments", "role", "category", "optional", "dated response",
    "Role of the lesion in response assessment; empty = target if a diameter is given",
    allowed = "target|non-target|new"
  ),
  schema_column("assessments", "node", "category", "optional", "dated response",
    "yes = lymph node, measured by its short axis and normal below 10 mm",
    allowed = "yes|no"
  ),
  schema_column("assessments", "site", "text", "optional",
    "intrahepatic_failure, extrahepatic_failure",
    "Organ or region; sites that name the liver are intrahepatic, see endpoint()"
  ),
  schema_column("assessments", "diameter_mm", "number", "optional", "dated response",
    "Longest diameter at this assessment (lymph node: short axis); 0 = gone",
    unit = "mm", lower = "0", upper = "500"
  ),
  schema_column("assessments", "viable_mm", "number", "optional", "mRECIST",
    "Longest diameter of the arterially enhancing part; 0 = no enhancement",
    unit = "mm", lower = "0", upper = "500"
  ),
  schema_column("assessments", "status", "category", "optional", "dated response",
    "Status of a non-target lesion, or of all of them in one row",
    allowed = "CR|non-CR/non-PD|PD|NE"
  ),
  schema_column("assessments", "n_lesions", "whole", "optional", "widespread_failure",
    "Number of new lesions in a row with role new; empty = 1",
    lower = "1", upper = "1000"
  ),
  schema_column("assessments", "response", "category", "optional", "given visit response",
    "Reported response of the patient (row without a lesion) or of the irradiated lesion",
    allowed = response_allowed
  )
)

schema_therapies <- rbind(
  schema_owner("therapies", "therapy"),
  schema_column("therapies", "line", "whole", "value", "next_therapy",
    "Line of systemic therapy",
    lower = "1", upper = "30"
  ),
  schema_column("therapies", "drug", "text", "optional", "baseline table",
    "Drug or combination, one row each"
  ),
  schema_column("therapies", "start_date", "date", "value",
    "next_therapy, origin systemic_start", "First day of the therapy; may be before SBRT"
  )
)

# A time and a status for each endpoint, instead of dates
pair_columns <- function(what, table) {
  pair <- pair_endpoints[[what]]
  codes <- c("0 = censored", paste("1 =", pair$event), if (length(pair$competing) == 1L) {
    paste("2 =", pair$competing)
  })
  rbind(
    schema_column(table, time_of_pair(what), "time", "optional", what,
      "Time to the event or to the end of follow-up; its unit by `time_unit`",
      lower = "0"
    ),
    schema_column(table, status_of_pair(what), "status", "optional", what,
      paste0(paste(codes, collapse = ", "), ", or these words; others by `levels`")
    )
  )
}

schema_all <- rbind(
  schema_patients, schema_omd,
  do.call(rbind, lapply(names(pair_endpoints), pair_columns, table = "patients")),
  schema_lesions, pair_columns("local_failure", "lesions"), schema_dose, schema_events,
  schema_courses, schema_assessments, schema_therapies, schema_liver()
)

schema_of <- function(table) schema_all[schema_all$table == table, ]

allowed_levels <- function(spec) strsplit(spec$allowed, "|", fixed = TRUE)[[1L]]

date_range <- as.Date(c("1950-01-01", "2099-12-31"))

#' The tables and columns of a study
#'
#' The data dictionary, with one row for every column that [sbrt_study()] knows.
#' [study_template()] writes it to a file, and all checks are based on it.
#' @return A data frame with the columns
#'
#' | column | meaning |
#' |---|---|
#' | `table`, `column` | table and column; the file of a table is `<table>.csv` |
#' | `type` | `id`, `text`, `category`, `group` (a category with labels of your own), `date`, `number`, `whole` (number), `time` and `status` (together in place of dates) |
#' | `unit` | unit of a number |
#' | `allowed` | levels of a category, separated by a vertical bar, in their order |
#' | `lower`, `upper` | smallest and largest number |
#' | `required` | `value` in every row, `column` (cells may be empty) or `optional`; in a study with a time and a status no date is required |
#' | `needed_for`, `description` | which result uses the column, and what it holds |
#'
#' Columns that are not in this list are kept as they are.
#' @seealso [sbrt_study()], [study_template()]
#' @examples
#' study_schema()[, c("table", "column", "type", "required")]
#' @export
study_schema <- function() schema_all
