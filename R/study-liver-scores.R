# The ALBI score and the Child-Pugh score of values.

#' Liver function: ALBI and Child-Pugh
#'
#' The albumin-bilirubin score with its grade, and the points and class of Child-Pugh.
#' [endpoint()] counts their decline after SBRT as `"liver_decline"`, from the table
#' `liver_function` of a study.
#'
#' @details **ALBI** (Johnson et al. 2015), with bilirubin in umol/l and albumin in g/l:
#' \deqn{0.66 \log_{10}(\mathrm{bilirubin}) - 0.085\,\mathrm{albumin}}{
#'   0.66 log10(bilirubin) - 0.085 albumin}
#' Grade 1 is a score of -2.60 or less, grade 2 a score above -2.60 and up to -1.39, grade
#' 3 a score above -1.39; the score is not rounded first. 1 mg/dl of bilirubin is 17.104
#' umol/l.
#'
#' **Child-Pugh** (Pugh et al. 1973, with the INR in place of the prothrombin time):
#'
#' | | 1 point | 2 points | 3 points |
#' |---|---|---|---|
#' | bilirubin, mg/dl | below 2 | 2 to 3 | above 3 |
#' | bilirubin, umol/l | below 34 | 34 to 51 | above 51 |
#' | albumin, g/dl | above 3.5 | 2.8 to 3.5 | below 2.8 |
#' | albumin, g/l | above 35 | 28 to 35 | below 28 |
#' | INR | below 1.7 | 1.7 to 2.3 | above 2.3 |
#' | ascites | none | slight, or controlled by diuretics | moderate or more, or refractory |
#' | encephalopathy | none | grade 1 or 2 | grade 3 or 4 |
#'
#' A value at a limit has 2 points: bilirubin 2.0 and 3.0 mg/dl, albumin 2.8 and 3.5 g/dl,
#' INR 1.7 and 2.3. The limits are those of the unit in which the value is given; other
#' authors use 50 umol/l, 3.0 g/dl or an INR of 2.2. With `cholestatic` the limits of
#' bilirubin are 4 and 10 mg/dl (68 and 170 umol/l). Class A is 5 or 6 points, B 7 to 9,
#' C 10 to 15.
#'
#' **Units** must be given, because a bilirubin of 3 can be normal (umol/l) or 3 points
#' (mg/dl). Values that are impossible in the unit are an error: bilirubin outside 1 to
#' 1200 umol/l (0.05 to 70 mg/dl), albumin outside 10 to 70 g/l (1 to 7 g/dl), INR outside
#' 0.5 to 15. A median bilirubin below 3 umol/l or above 6 mg/dl gives a warning.
#'
#' **Signs** may be in other words: ascites `absent`, `mild`, `controlled`, `severe`,
#' `refractory`; encephalopathy `grade 1` to `grade 4`; `no` is none. Numbers are grades
#' (ascites 0 none, 1 slight, 2 and 3 moderate; encephalopathy 0 to 4) if one of them is
#' 0; otherwise they could be points, where 1 is none, and are an error. `yes` alone has
#' no grade and is an error.
#' @section The endpoint liver_decline:
#' The table `liver_function` of [sbrt_study()] has one row per patient and day, with
#' `test_date`, bilirubin and albumin in columns whose names give the unit
#' (`bilirubin_umol_l` or `bilirubin_mg_dl`, `albumin_g_l` or `albumin_g_dl`), `inr`,
#' `ascites`, `encephalopathy` and, if only the points were recorded, `child_pugh`; see
#' [study_schema()].
#'
#' `endpoint(study, "liver_decline")` is the first day after the start of SBRT with a
#' Child-Pugh score of 2 points or more above baseline; with `decline = "albi"` the first
#' with a higher ALBI grade. Baseline is the last value on or before the first day of
#' SBRT. If a day has several rows, the worst counts. The decline need not be confirmed by
#' a second value. Progression and death compete; a decline after progression does not
#' count, except with `competing = "death"`. Patients without a baseline are omitted, and
#' so are rows without all values of the score; messages say how many. The rule says how
#' long before SBRT the baselines are, and how many patients have no later value: they are
#' censored at last contact like others, although a decline could not be observed.
#'
#' Radiation-induced liver disease is a diagnosis: give its day as a column of the
#' patients, as `rild_date`, and use `endpoint(study, "rild_date", competing =
#' c("progression", "death"))`.
#' @section Examples to follow by hand:
#' - Bilirubin 10 umol/l, albumin 40 g/l: ALBI 0.66 x 1 - 0.085 x 40 = -2.74, grade 1.
#' - Bilirubin 100 umol/l, albumin 30 g/l: 0.66 x 2 - 0.085 x 30 = -1.23, grade 3.
#' - Bilirubin 2.5 mg/dl (2 points), albumin 3.5 g/dl (2), INR 1.2 (1), slight ascites
#'   (2), no encephalopathy (1): 8 points, class B.
#' - SBRT on 2021-01-01; 5 points on 2020-12-20, 6 on 2021-02-01, 7 on 2021-04-11 (day
#'   100): `liver_decline` after 100 days.
#' @param albumin,bilirubin,inr Numbers; `NA` for unknown.
#' @param albumin_unit,bilirubin_unit Their units, without a default: `"g/l"` or `"g/dl"`,
#'   `"umol/l"` or `"mg/dl"`.
#' @param ascites,encephalopathy Text or factors, see Details; `NA` for unknown.
#' @param cholestatic Does the patient have cholestatic disease (primary biliary
#'   cholangitis, sclerosing cholangitis)? `TRUE` or `FALSE`.
#' @return A data frame with one row per element: `albi()` gives `score` and `grade` (1, 2
#'   or 3), `child_pugh()` gives `points` and `class` (a factor of A, B, C); `NA` where a
#'   value is missing. All arguments except the units have the same length, or length 1.
#' @section Errors:
#' `oligosurv_error_input` for a missing or unknown unit, and arguments of the wrong type
#' or length; `oligosurv_error_domain` for values that are impossible in the unit and for
#' unknown words (element `where`).
#' @references Johnson et al. (2015) \doi{10.1200/JCO.2014.57.9151};
#'   Pugh et al. (1973) \doi{10.1002/bjs.1800600817}.
#' @seealso [endpoint()], [toxicity_table()]
#' @examples
#' albi(albumin = c(40, 30), bilirubin = c(10, 100), "g/l", "umol/l")
#' child_pugh(
#'   bilirubin = c(2.5, 0.8), albumin = c(3.5, 4.1), inr = c(1.2, 1),
#'   ascites = c("slight", "none"), encephalopathy = "none",
#'   bilirubin_unit = "mg/dl", albumin_unit = "g/dl"
#' )
#' # SBRT on 2021-01-01; 5 points before it, 7 on day 100
#' study <- sbrt_study(
#'   data.frame(
#'     patient_id = "A", sbrt_start = "2021-01-01", progression_date = NA,
#'     death_date = NA, last_contact = "2022-01-01"
#'   ),
#'   liver_function = data.frame(
#'     patient_id = "A", test_date = c("2020-12-20", "2021-02-01", "2021-04-11"),
#'     bilirubin_umol_l = c(12, 20, 30), albumin_g_l = c(41, 34, 33),
#'     inr = c(1.1, 1.2, 1.2), ascites = c("none", "none", "slight"),
#'     encephalopathy = "none"
#'   )
#' )
#' decline <- endpoint(study, "liver_decline", unit = "days")
#' decline[c("time", "status", "audit")]
#' # ALBI -2.77, -2.03 and -1.83: from grade 1 to grade 2 after 31 days
#' endpoint(study, "liver_decline", unit = "days", decline = "albi")$time
#' @export
albi <- function(albumin, bilirubin, albumin_unit, bilirubin_unit) {
  albumin_unit <- check_liver_unit(albumin_unit, "albumin")
  bilirubin_unit <- check_liver_unit(bilirubin_unit, "bilirubin")
  x <- same_lengths(list(
    albumin = check_measured(albumin, "albumin", albumin_unit),
    bilirubin = check_measured(bilirubin, "bilirubin", bilirubin_unit)
  ))
  if (albumin_unit == "g/dl") x$albumin <- 10 * x$albumin
  if (bilirubin_unit == "mg/dl") x$bilirubin <- umol_per_mg * x$bilirubin
  score <- albi_score(x$albumin, x$bilirubin)
  data.frame(score = score, grade = albi_grade(score))
}

#' @rdname albi
#' @export
child_pugh <- function(bilirubin, albumin, inr, ascites, encephalopathy, bilirubin_unit,
                       albumin_unit, cholestatic = FALSE) {
  albumin_unit <- check_liver_unit(albumin_unit, "albumin")
  bilirubin_unit <- check_liver_unit(bilirubin_unit, "bilirubin")
  x <- same_lengths(list(
    bilirubin = check_measured(bilirubin, "bilirubin", bilirubin_unit),
    albumin = check_measured(albumin, "albumin", albumin_unit),
    inr = check_inr(inr),
    ascites = check_sign(ascites, "ascites", ascites_levels),
    encephalopathy = check_sign(encephalopathy, "encephalopathy", encephalopathy_levels),
    cholestatic = check_yes(cholestatic, "cholestatic")
  ))
  limits <- child_pugh_limits
  of_bilirubin <- ifelse(x$cholestatic,
    rising_points(x$bilirubin, limits$cholestatic[[bilirubin_unit]]),
    rising_points(x$bilirubin, limits$bilirubin[[bilirubin_unit]])
  )
  points <- as.integer(
    of_bilirubin + falling_points(x$albumin, limits$albumin[[albumin_unit]]) +
      rising_points(x$inr, limits$inr) + x$ascites + x$encephalopathy
  )
  data.frame(points = points, class = child_pugh_class(points))
}

albi_score <- function(albumin, bilirubin) 0.66 * log10(bilirubin) - 0.085 * albumin

albi_grade <- function(score) 1L + (score > -2.60) + (score > -1.39)

rising_points <- function(x, limits) 1L + (x >= limits[1L]) + (x > limits[2L])

falling_points <- function(x, limits) 1L + (x <= limits[2L]) + (x < limits[1L])

child_pugh_class <- function(points) {
  cut(points, c(4, 6, 9, 15), labels = c("A", "B", "C"))
}
