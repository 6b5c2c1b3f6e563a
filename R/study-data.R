#' A simulated cohort that reproduces the published results of a real study
#'
#' **The patients are simulated.** No row describes a real person; only the published
#' summary statistics are real. The analysis of this cohort reproduces every number in the
#' abstract of Song et al. (2025): 37 patients with hepatocellular carcinoma, 28
#' oligoprogressive (OP; 12 of them OP-N, next-line therapy, and 16 OP-C, current therapy
#' continued) and 9 oligometastatic (OM), with 65 irradiated lesions. Everything that the
#' abstract does not report, such as sites, doses, event terms and individual dates, is
#' arbitrary.
#'
#' Six OP patients are censored for progression-free survival before 11.2 months. The
#' published numbers require this: the median of all OP patients (11.2 months) is below
#' the medians of both subgroups, OP-N (11.6) and OP-C (16.5). With Kaplan-Meier curves
#' this is possible only if OP patients are censored early, and at least five of them if
#' every convention for the median is to give these numbers. For these six patients last
#' contact is the day of censoring, and they have no progression.
#'
#' The dates were found by simulated annealing (`data-raw/` in the source of the package):
#' starting from random dates of 37 patients, one date is changed at a time, and changes
#' that bring the results closer to the published ones are kept. Follow-up ends on
#' 2024-01-31.
#' @name hcc_sbrt
#' @docType data
#' @usage hcc_sbrt
#' @keywords datasets
#' @format An [sbrt_study()] with 37 `patients`, 65 `lesions` and 118 `adverse_events`;
#'   columns as in [study_schema()]. `best_change_pct` of a patient includes target
#'   lesions that were not irradiated, so it may differ from that of the lesions. The same
#'   tables are available as CSV files in `system.file("extdata/hcc_sbrt", package =
#'   "oligosurv")`.
#' @source Simulated. Published numbers: Song Z et al. Effectiveness and safety of
#'   systemic therapy and stereotactic body radiotherapy in oligoprogressive and
#'   oligometastatic hepatocellular carcinoma. *J Hepatocell Carcinoma* 2025;12:1097-1110.
#'   \doi{10.2147/JHC.S519770}
#' @examples
#' hcc_sbrt
#' # published: 47.2% of 36, and 44.4% (OP) and 55.5% (OM, 5/9 cut)
#' response_rate(hcc_sbrt)
#' response_rate(hcc_sbrt, by = "cohort")
NULL
