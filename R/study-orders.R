# The tables of a study and the required order of dates.

# `key`: columns that together identify a row. `min_rows`: the number of rows that a table
# must have at least; only the table of patients must not be empty.
schema_tables <- data.frame(
  table = c(
    "patients", "lesions", "adverse_events", "courses", "assessments", "therapies",
    "liver_function"
  ),
  required = c(TRUE, FALSE, FALSE, FALSE, FALSE, FALSE, FALSE),
  min_rows = c(1L, 0L, 0L, 0L, 0L, 0L, 0L),
  key = c("patient_id", "patient_id,lesion_id", "", "", "", "", "")
)

# Orders of days: `column` must be on or after (>=), or on or before (<=), `other` in the
# same row. If the table has no such column or the cell is empty, the day of the patient
# is used. A missing day is not compared. `last_contact` ends follow-up only of patients
# alive: between it and a known death, anything may have been recorded.
schema_orders <- utils::read.table(
  header = TRUE,
  text = "table        column                    relation other            severity
    patients       omd_date                  <=       sbrt_start       error
    patients       progression_date          >=       sbrt_start       error
    patients       death_date                >=       sbrt_start       error
    patients       last_contact              >=       sbrt_start       error
    patients       progression_date          <=       death_date       error
    patients       last_contact              <=       death_date       error
    patients       progression_date          <=       last_contact     error
    patients       sbrt_end                  >=       sbrt_start       error
    patients       sbrt_end                  <=       death_date       error
    patients       sbrt_end                  <=       last_contact     error
    patients       diagnosis_date            <=       sbrt_start       error
    patients       systemic_start            >=       diagnosis_date   warning
    patients       systemic_start            <=       death_date       error
    patients       systemic_start            <=       last_contact     error
    patients       last_imaging              <=       death_date       error
    patients       last_imaging              <=       last_contact     error
    patients       last_imaging              >=       sbrt_start       warning
    patients       distant_failure_date      >=       sbrt_start       error
    patients       distant_failure_date      <=       death_date       error
    patients       distant_failure_date      <=       last_contact     error
    patients       distant_failure_date      >=       progression_date warning
    patients       intrahepatic_failure_date >=       sbrt_start       error
    patients       intrahepatic_failure_date <=       death_date       error
    patients       intrahepatic_failure_date <=       last_contact     error
    patients       intrahepatic_failure_date >=       distant_failure_date warning
    patients       extrahepatic_failure_date >=       sbrt_start       error
    patients       extrahepatic_failure_date <=       death_date       error
    patients       extrahepatic_failure_date <=       last_contact     error
    patients       extrahepatic_failure_date >=       distant_failure_date warning
    patients       widespread_failure_date   >=       sbrt_start       error
    patients       widespread_failure_date   <=       death_date       error
    patients       widespread_failure_date   <=       last_contact     error
    patients       widespread_failure_date   >=       distant_failure_date warning
    patients       next_therapy_date         >=       sbrt_start       error
    patients       next_therapy_date         <=       death_date       error
    patients       next_therapy_date         <=       last_contact     error
    patients       next_progression_date     >=       sbrt_start       error
    patients       next_progression_date     <=       death_date       error
    patients       next_progression_date     <=       last_contact     error
    patients       next_progression_date     >=       next_therapy_date warning
    patients       next_sbrt_date            >=       sbrt_start       error
    patients       next_sbrt_date            <=       death_date       error
    patients       next_sbrt_date            <=       last_contact     error
    lesions        sbrt_start                <=       death_date       error
    lesions        sbrt_start                <=       last_contact     error
    lesions        sbrt_end                  >=       sbrt_start       error
    lesions        sbrt_end                  <=       death_date       error
    lesions        sbrt_end                  <=       last_contact     error
    lesions        local_failure_date        >=       sbrt_start       error
    lesions        local_failure_date        <=       death_date       error
    lesions        local_failure_date        <=       last_contact     error
    lesions        local_failure_date        >=       progression_date warning
    adverse_events end_date                  >=       onset_date       error
    adverse_events onset_date                <=       death_date       error
    adverse_events onset_date                <=       last_contact     warning
    courses        start_date                >=       sbrt_start       error
    courses        start_date                <=       death_date       error
    courses        start_date                <=       last_contact     error
    courses        end_date                  >=       start_date       error
    courses        end_date                  <=       death_date       error
    courses        end_date                  <=       last_contact     error
    assessments    assessment_date           <=       death_date       error
    assessments    assessment_date           <=       last_contact     warning
    therapies      start_date                >=       diagnosis_date   warning
    therapies      start_date                <=       death_date       error
    therapies      start_date                <=       last_contact     error
    liver_function test_date                 <=       death_date       error
    liver_function test_date                 <=       last_contact     warning"
)
