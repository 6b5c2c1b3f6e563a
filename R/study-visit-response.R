#' Response at each visit from dated assessments
#'
#' Applies RECIST 1.1 or mRECIST to the table assessments, visit by visit: sums of
#' diameters, change from baseline and from the smallest sum so far, and the response of
#' target lesions, of non-target lesions and overall. [best_response()] derives the best
#' response from the result.
#'
#' @details **Baseline** of a lesion is its last measurement on or before `sbrt_start`, so
#' baseline imaging may be spread over several days (CT, then MRI); [sbrt_study()] warns
#' if a baseline is more than 28 days before SBRT, and `recist(baseline_days = 28)`
#' ignores such measurements. **Visits** are the days with assessments after `sbrt_start`.
#' A visit may take several days: a day up to `visit_days` (7) after its first day belongs
#' to the visit, unless a lesion is assessed again. A row without a diameter or with the
#' status `NE` is replaced by an assessment of the lesion on another day of the visit.
#'
#' Target lesions are rows with role `target`, or with a diameter and no role. A lesion is
#' identified by `lesion_id` or `other_lesion`; target rows with neither are added up. A
#' lesion that was not measured before SBRT is not included in the sums, and
#' [sbrt_study()] reports it. It also reports targets below 10 mm and lymph nodes below 15
#' mm, which are not measurable by RECIST 1.1 (3.1).
#'
#' **Target lesions**, with the sum s at the visit, the sum b at baseline and the smallest
#' sum m of baseline and all earlier complete visits:
#' - `CR`: every target is 0, lymph nodes (`node` yes) below 10 mm;
#' - `PD`: \eqn{s \ge 1.2 m}{s >= 1.2 m} and \eqn{s - m \ge 5}{s - m >= 5} mm, or a target
#'   reappears after CR (a lymph node: 10 mm or more);
#' - `PR`: \eqn{s \le 0.7 b}{s <= 0.7 b}; otherwise `SD`;
#' - `NE` if a target was not measured, unless the other targets alone show PD.
#'
#' **mRECIST** uses `viable_mm` instead of `diameter_mm` for each target that enhances at
#' baseline (last `viable_mm` above 0); the others are followed by `diameter_mm`. PD does
#' not require 5 mm (Lencioni and Llovet 2010).
#'
#' **Non-target lesions** (role `non-target`, column `status`; a row without a lesion
#' describes all of them): `PD` if any is PD, `CR` if all are CR, `NE` if one was not
#' assessed, otherwise `non-CR/non-PD`.
#'
#' **Overall response** (Eisenhauer 2009, tables 1 and 2):
#'
#' | target | non-target | new lesion | response |
#' |---|---|---|---|
#' | CR | CR or none | no | CR |
#' | CR | non-CR/non-PD or NE | no | PR |
#' | PR | not PD | no | PR |
#' | SD | not PD | no | SD |
#' | NE | not PD | no | NE |
#' | any | any | yes | PD |
#' | PD | any | any | PD |
#' | any | PD | any | PD |
#' | none | CR | no | CR |
#' | none | non-CR/non-PD | no | SD (not a response, disease control) |
#' | none | NE | no | NE |
#'
#' After a CR any visible disease is PD (table 3, footnote; `after_cr` of [recist()]
#' selects other interpretations). A PR that only means that a non-target lesion was not
#' evaluated does not count as visible disease.
#'
#' *Example to follow by hand:* one target of 50 mm at baseline. 40 mm on day 60 is 20%
#' less: `SD`. 35 mm on day 120 is 30% less: `PR`. 41 mm on day 180 is 18% less than at
#' baseline and 17% more than the smallest, 35: `SD`. 42 mm on day 240 is 20% and 7 mm
#' more: `PD`. *Two targets*, 50 mm by CT on day -20 and 30 mm by MRI on day -10, have a
#' baseline of 80 mm; 30 mm on day 60 and 20 mm on day 62 are one visit of 50 mm, 37.5%
#' less: `PR` on day 60.
#'
#' @inheritParams response_rate
#' @param criteria `"recist"` (1.1), `"mrecist"` or `"visits"` (the recorded column
#'   `response` of assessments); or one of [recist()], [mrecist()] and [visits()] with
#'   settings, of which only `baseline_days`, `visit_days` and `after_cr` are used here.
#' @param level `"patient"` for the visits of each patient; `"lesion"` for the visits of
#'   each irradiated lesion, judged as if it were the only target lesion.
#' @return A data frame with one row per patient (or lesion) and visit: `patient_id`,
#'   `lesion_id` (lesions), `date` and `day` (after `sbrt_start`) of the first day of the
#'   visit, or of the day on which a new or a progressive non-target lesion was seen,
#'   `last_date` (last day of the visit), `baseline_mm`, `sum_mm`, `nadir_mm` (smallest
#'   before), `change_pct` (from baseline), `target`, `non_target`, `new_lesion` and
#'   `response`. With `"visits"` only `patient_id`, `lesion_id`, `date`, `day` and
#'   `response`: each day with a `response` of the patient (a row without a lesion) or of
#'   the lesion.
#' @section Errors:
#' `oligosurv_error_input` without the table or columns that the criteria need;
#' `oligosurv_error_data` if a visit has two different responses.
#' @references Eisenhauer et al. (2009) \doi{10.1016/j.ejca.2008.10.026}; Lencioni and
#'   Llovet (2010) \doi{10.1055/s-0030-1247132}.
#' @seealso [response_rate()], [spider_plot()], [endpoint()]
#' @examples
#' tables <- unclass(hcc_sbrt)[c("patients", "lesions", "adverse_events")]
#' start <- tables$patients$sbrt_start[1]
#' tables$patients$progression_date[1] <- start + 240
#' tables$lesions$local_failure_date[1] <- start + 240
#' tables$assessments <- data.frame(
#'   patient_id = "P01", lesion_id = "P01-1",
#'   assessment_date = start + c(-10, 60, 120, 180, 240),
#'   diameter_mm = c(50, 40, 35, 41, 42)
#' )
#' study <- do.call(sbrt_study, tables)
#' visit_response(study)
#' @export
visit_response <- function(study, level = c("patient", "lesion"),
                           criteria = c("recist", "mrecist", "visits")) {
  check_study(study)
  level <- check_choice(level, c("patient", "lesion"), "level")
  criteria <- check_criteria(criteria, setdiff(all_criteria, "given"))
  visits <- response_visits(study, level, criteria)
  visits[setdiff(names(visits), c(if (level == "patient") "lesion_id", "seen"))]
}

# visit_response() with the column `seen`: was disease seen at the visit? After CR this
# means that it has returned.
response_visits <- function(study, level, criteria) {
  need <- c(recist = "diameter_mm", mrecist = "viable_mm", visits = "response")
  method <- criteria$method
  if (is.null(study$assessments)) {
    stop_oligosurv("input", paste(
      "the study has no table assessments, from which the response is derived; give one",
      "to sbrt_study(), or use `criteria = \"given\"`"
    ), table = "assessments")
  }
  study_table(study, "patients", "sbrt_start", paste("response by", method))
  if (level == "lesion") {
    study_table(study, "lesions", "lesion_id", paste("response of lesions by", method))
  }
  study_table(study, "assessments", need[[method]], paste("response by", method))
  x <- response_rows(study, level, method)
  if (method == "visits") given_visits(x) else measured_visits(x, criteria)
}

given_visits <- function(x) {
  x <- x[!is.na(x$response) & x$day > 0, ]
  visit <- row_code(list(x$unit, x$day))
  again <- duplicated(visit)
  other <- again & x$response != x$response[match(visit, visit)]
  if (any(other)) {
    stop_oligosurv("data", sprintf(
      "assessments, %s: the visit has more than one response; keep one of them",
      format_rows(x$row[other])
    ), table = "assessments", column = "response", where = x$row[other])
  }
  x <- x[!again, ]
  quick_frame(list(
    patient_id = x$patient_id, lesion_id = x$lesion_id, date = x$assessment_date,
    day = x$day, response = factor(x$response, response_levels),
    seen = x$response %in% c("PR", "SD", "PD")
  ))
}
