# Makes `hcc_sbrt` and the CSV files of inst/extdata/hcc_sbrt, and stops if a published
# number is not reproduced. Run in the package folder, with the package installed:
# Rscript data-raw/hcc_sbrt.R
#
# The patients are invented; only the published summary statistics are real.
#
# found_patients.csv has the days after SBRT that search_days.R finds by simulated
# annealing with seed 209. Day of SBRT and response were then drawn at random:
# weekdays from January 2017 to June 2023, responders among patients with PFS above 118
# days, diameters that agree with the category. found_lesions.csv and found_events.csv
# were drawn likewise: 25 OP and 8 OM lesions in patients at risk at the only local
# failure, 33 responders of 51 evaluable lesions, 15 patients with acute grade 3, 2 late.

library(oligosurv)

found <- function(name) {
  utils::read.csv(file.path("data-raw", sprintf("found_%s.csv", name)), na.strings = "")
}
patients <- found("patients")
lesions <- found("lesions")
events <- found("events")

start <- as.Date(patients$sbrt_start)
start_of <- function(x) start[match(x$patient_id, patients$patient_id)]
change <- function(x) round(100 * (x$best_mm - x$baseline_mm) / x$baseline_mm, 1)

tables <- list(
  patients = data.frame(
    patients[c("patient_id", "cohort", "strategy", "sbrt_start")],
    progression_date = start + patients$progression_day,
    death_date = start + patients$death_day,
    last_contact = start + patients$last_day,
    best_response = patients$best_response, best_change_pct = change(patients)
  ),
  lesions = data.frame(
    lesions[c("patient_id", "lesion_id", "site", "dose_gy", "fractions")],
    diameter_mm = lesions$baseline_mm,
    best_response = lesions$best_response, best_change_pct = change(lesions),
    local_failure_date = start_of(lesions) + lesions$local_failure_day
  ),
  adverse_events = data.frame(
    events[c("patient_id", "term", "grade")],
    onset_date = start_of(events) + events$onset_day
  )
)

dir <- "inst/extdata/hcc_sbrt"
for (name in names(tables)) {
  utils::write.csv(tables[[name]], file.path(dir, paste0(name, ".csv")),
    row.names = FALSE, na = "", quote = FALSE
  )
}
hcc_sbrt <- read_study(dir)
source("data-raw/check_hcc_sbrt.R")
save(hcc_sbrt, file = "data/hcc_sbrt.rda", version = 3, compress = "xz")
