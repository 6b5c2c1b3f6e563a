#' Dose of each lesion over all courses
#'
#' Computes for each lesion the biologically effective dose of the first course and of all
#' courses, and the maximum dose that follows from the prescription isodose.
#'
#' @details The first course is `dose_gy` in `fractions` of the table lesions. If the
#' study has a table `courses` with the columns `lesion_id`, `dose_gy` and `fractions`,
#' the rows of the lesion are added; rows with `course` 1 and a dose replace the dose in
#' lesions. Each part is converted by [bed()] before the parts are added up; if the dose
#' of one part is unknown, so is the sum. Later courses are not known at the start of the
#' first course and often follow a local failure, so only the first course belongs in an
#' analysis of outcome by dose.
#'
#' For a prescription to the p percent isodose the maximum dose is
#' \deqn{D_{max} = D \cdot 100 / p}{Dmax = D * 100 / p}
#' and `max_bed` is its BED in the same number of fractions. `dose_per_fraction`,
#' `max_dose` and `max_bed` refer to the first part of the first course.
#' @section Example to follow by hand:
#' A lesion receives 40 Gy in 5 fractions (8 Gy each) to the 80% isodose. Its BED is
#' 40 (1 + 8 / 10) = 72 Gy10 and its EQD2 72 / 1.2 = 60 Gy. The maximum dose is 40 / 0.8 =
#' 50 Gy with a BED of 50 (1 + 10 / 10) = 100 Gy10. Course 2 with 30 Gy in 3 fractions
#' adds 30 (1 + 10 / 10) = 60: `total_dose` is 70 Gy and `total_bed` 132 Gy10; `bed`
#' remains 72.
#' @param study An [sbrt_study()].
#' @param alpha_beta Ratio \eqn{\alpha/\beta} in Gy, one number.
#' @return A data frame with one row per lesion: the columns of lesions, the other columns
#'   of the patient, `courses` (number of courses), and in Gy `dose_per_fraction`, `bed`,
#'   `eqd2` (first course), `total_dose`, `total_bed`, `total_eqd2` (all courses),
#'   `max_dose` and `max_bed`, which are `NA` if unknown.
#' @section Errors:
#' `oligosurv_error_input` if the columns `dose_gy` and `fractions` are missing, or if
#' `alpha_beta` is not a number above 0.
#' @seealso [dose_table()], [dose_response()]
#' @examples
#' dose <- lesion_dose(hcc_sbrt)
#' # 40 Gy in 5 fractions are 72 Gy10, 50 Gy in 10 are 75, 50 Gy in 5 are 100
#' head(dose[c("lesion_id", "dose_gy", "fractions", "bed", "eqd2")], 3)
#' @export
lesion_dose <- function(study, alpha_beta = 10) {
  check_study(study)
  study_table(study, "lesions", c("dose_gy", "fractions"), "the dose")
  alpha_beta <- check_number(alpha_beta, "alpha_beta", 0, Inf, open = TRUE)
  rows <- lesions_with_patient(study)
  parts <- dose_parts(study)
  each <- parts$dose_gy / parts$fractions
  effect <- function(dose_per_fraction, fractions, per_gray = 1) {
    linear_quadratic(schedule_parts(dose_per_fraction, fractions, alpha_beta), per_gray)
  }
  parts$bed <- effect(each, parts$fractions)
  parts$eqd2 <- effect(each, parts$fractions, 1 + 2 / alpha_beta)
  lesion <- seq_len(nrow(rows))
  first <- parts[match(lesion, parts$lesion), ]
  early <- parts$course == first$course[parts$lesion]
  total <- function(column, keep = rep(TRUE, nrow(parts))) {
    sums <- split(parts[[column]][keep], factor(parts$lesion[keep], lesion))
    as.double(vapply(sums, sum, 0))
  }
  rows$courses <- tabulate(unique(parts[c("lesion", "course")])$lesion, nrow(rows))
  rows$dose_per_fraction <- first$dose_gy / first$fractions
  rows$bed <- total("bed", early)
  rows$eqd2 <- total("eqd2", early)
  rows$total_dose <- total("dose_gy")
  rows$total_bed <- total("bed")
  rows$total_eqd2 <- total("eqd2")
  isodose <- rows$prescription_isodose_pct
  if (is.null(isodose)) isodose <- rep(NA_real_, nrow(rows))
  rows$max_dose <- first$dose_gy * 100 / isodose
  rows$max_bed <- effect(rows$max_dose / first$fractions, first$fractions)
  rows
}

# All parts of all courses: `lesion` (row number of the lesion), `course`, `dose_gy`,
# `fractions`; sorted by lesion and course
dose_parts <- function(study) {
  lesions <- study$lesions
  first <- data.frame(
    lesion = seq_len(nrow(lesions)), course = 1L, dose_gy = lesions$dose_gy,
    fractions = lesions$fractions
  )
  courses <- study$courses
  if (!has_columns(courses, c("course", "lesion_id", "dose_gy", "fractions"))) {
    return(first)
  }
  key <- function(x) paste(x$patient_id, x$lesion_id, sep = "\r")
  more <- data.frame(
    lesion = match(key(courses), key(lesions)),
    courses[c("course", "dose_gy", "fractions")]
  )
  more <- more[!is.na(more$lesion) & !is.na(courses$lesion_id), ]
  # Doses of course 1 in the table courses replace those in the table lesions.
  more <- more[more$course > 1L | !is.na(more$dose_gy), ]
  parts <- rbind(first[!first$lesion %in% more$lesion[more$course == 1L], ], more)
  parts[order(parts$lesion, parts$course), ]
}
