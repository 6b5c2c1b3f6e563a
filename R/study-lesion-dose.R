#' Dose of each lesion over all courses
#'
#' Computes for each lesion the biologically effective dose of the first course and of all
#' courses, and the maximum dose that follows from the prescription isodose.
#'
#' @details The first course is `dose_gy` in `fractions` of the table lesions. If the
#' study has a table `courses` with the columns `lesion_id`, `dose_gy` and `fractions`,
#' the rows of the lesion in that table are added; rows of its first course with a dose
#' replace the dose in lesions. Each part is converted by [bed()] before the parts are
#' added; if the dose of one part is unknown, the sum is unknown. Later courses are not
#' known at the start of the first course and often follow a local failure, so only the
#' first course belongs in an analysis of outcome by dose.
#'
#' **The first course of a lesion** is course 1 of its patient, unless the lesion was
#' first irradiated in a later course, so that its dose does not count twice. This is
#' assumed if the lesion has no row of course 1 and its `sbrt_start` in lesions is the
#' first day of a later course; or, if it has no such date, if its dose in lesions is
#' empty or that of the later course and the rows of course 1 belong to other lesions of
#' the patient.
#'
#' For a dose D prescribed to the p percent isodose the maximum dose is
#' \deqn{D_{max} = D \cdot 100 / p}{Dmax = D * 100 / p}
#' and `max_bed` is its BED in the same number of fractions. `dose_per_fraction`,
#' `max_dose` and `max_bed` refer to the first part of the first course.
#' @section Example to follow by hand:
#' A lesion receives 40 Gy in 5 fractions (8 Gy each) to the 80% isodose. Its BED is
#' 40 (1 + 8 / 10) = 72 Gy10 and its EQD2 72 / 1.2 = 60 Gy. The maximum dose is 40 / 0.8 =
#' 50 Gy with a BED of 50 (1 + 10 / 10) = 100 Gy10. Course 2 with 30 Gy in 3 fractions
#' adds 30 (1 + 10 / 10) = 60: `total_dose` is 70 Gy and `total_bed` 132 Gy10; `bed`
#' remains 72.
#'
#' Course 1 treats lesion 1 and course 2 lesion 2, each with 50 Gy in 5 fractions: both
#' lesions have one course, and `total_bed` is 100 Gy10 for each. With
#' `alpha_beta = c(1.5, 10)` the `bed` of lesion 1 is 50 (1 + 10 / 1.5) = 383.3.
#' @param study An [sbrt_study()].
#' @param alpha_beta Ratio \eqn{\alpha/\beta} in Gy: one number, one for each row of
#'   lesions, or the name (text) of a column of lesions or patients that holds it, such as
#'   1.5 for prostate cancer and 10 for others. If it is missing, BED and EQD2 are `NA`.
#' @return A data frame with one row per lesion: the columns of lesions, the other columns
#'   of the patient, `courses` (number of courses), and in Gy `dose_per_fraction`, `bed`,
#'   `eqd2` (first course), `total_dose`, `total_bed`, `total_eqd2` (all courses),
#'   `max_dose` and `max_bed`, which are `NA` if unknown.
#' @section Errors:
#' `oligosurv_error_input` if the columns `dose_gy` and `fractions` are missing, or if
#' `alpha_beta` is not numeric, has the wrong length, or names no column;
#' `oligosurv_error_domain` for a ratio that is not above 0 (element `where`).
#' @seealso [dose_table()], [dose_response()]
#' @examples
#' dose <- lesion_dose(hcc_sbrt)
#' # 40 Gy in 5 fractions are 72 Gy10, 50 Gy in 10 are 75, 50 Gy in 5 are 100
#' head(dose[c("lesion_id", "dose_gy", "fractions", "bed", "eqd2")], 3)
#' @export
lesion_dose <- function(study, alpha_beta = 10) {
  check_study(study)
  study_table(study, "lesions", c("dose_gy", "fractions"), "the dose")
  rows <- lesions_with_patient(study)
  ratio <- lesion_ratios(alpha_beta, rows)
  parts <- dose_parts(study)
  each <- parts$dose_gy / parts$fractions
  effect <- function(dose_per_fraction, fractions, ratio, per_gray = 1) {
    linear_quadratic(schedule_parts(dose_per_fraction, fractions, ratio), per_gray)
  }
  of_part <- ratio[parts$lesion]
  parts$bed <- effect(each, parts$fractions, of_part)
  parts$eqd2 <- effect(each, parts$fractions, of_part, 1 + 2 / of_part)
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
  rows$max_bed <- effect(rows$max_dose / first$fractions, first$fractions, ratio)
  rows
}

# One ratio per lesion, from one number, one per row, or the name of a column
lesion_ratios <- function(alpha_beta, rows) {
  alpha_beta <- plain_argument(alpha_beta)
  if (is.character(alpha_beta)) {
    name <- check_string(alpha_beta, "alpha_beta")
    if (is.null(rows[[name]])) {
      stop_oligosurv("input", sprintf(
        paste(
          "`alpha_beta` is \"%s\", which is not a column of lesions or patients; give a",
          "number, such as alpha_beta = 10, or the name of a column that holds numbers"
        ), name
      ), arg = "alpha_beta")
    }
    cells <- cell_text(plain_column(rows[[name]]))
    alpha_beta <- suppressWarnings(as.double(cells))
    bad <- !is.na(cells) & is.na(alpha_beta)
    if (any(bad)) {
      need <- sprintf("numbers above 0 (in the column `%s`)", name)
      stop_domain("alpha_beta", need, bad, cells, "row")
    }
  } else if (length(alpha_beta) == 1L) {
    alpha_beta <- check_number(alpha_beta, "alpha_beta", 0, Inf, open = TRUE)
  }
  alpha_beta <- check_positive(alpha_beta, "alpha_beta")
  n <- nrow(rows)
  if (!length(alpha_beta) %in% c(1L, n)) {
    stop_oligosurv("input", sprintf(
      "`alpha_beta` has %d values; it must have one, or one for each of the %s",
      length(alpha_beta), count_noun(n, "lesion")
    ), arg = "alpha_beta")
  }
  rep_len(alpha_beta, n)
}

# Text of the ratio for labels: the number of Gy, or that it differs between lesions
alpha_beta_text <- function(alpha_beta) {
  if (is.numeric(alpha_beta) && length(unique(alpha_beta)) == 1L) {
    paste(format(alpha_beta[1L]), "Gy")
  } else {
    "by lesion"
  }
}

# The doses of each lesion in all courses, one row for each part of a schedule: `lesion`
# (row number of the lesion), `course`, `dose_gy` and `fractions`. The rows are sorted by
# lesion and course.
dose_parts <- function(study) {
  lesions <- study$lesions
  first <- data.frame(
    lesion = seq_len(nrow(lesions)), course = lesion_starts(study)$course,
    dose_gy = lesions$dose_gy, fractions = lesions$fractions
  )
  dosed <- !is.null(table_with(study, "courses", c("dose_gy", "fractions")))
  if (!dosed) return(first)
  more <- lesion_courses(study)[c("lesion", "course", "dose_gy", "fractions")]
  # Doses of the first course in the table courses replace those in the table lesions.
  is_first <- more$course == first$course[more$lesion]
  more <- more[!is_first | !is.na(more$dose_gy), ]
  replaced <- more$lesion[more$course == first$course[more$lesion]]
  parts <- rbind(first[!first$lesion %in% replaced, ], more)
  parts[order(parts$lesion, parts$course), ]
}
