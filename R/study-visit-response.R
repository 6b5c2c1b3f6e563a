#' Response at each visit from dated assessments
#'
#' Applies RECIST 1.1 or mRECIST to the table assessments, visit by visit: sums of
#' diameters, change from baseline and from the smallest sum so far, and the response of
#' target lesions, of non-target lesions and overall. [best_response()] derives the best
#' response from it.
#'
#' @details **Baseline** is the last day with a target lesion measured on or before
#' `sbrt_start`; visits are the days after `sbrt_start`. Target lesions are rows with role
#' `target`, or with a diameter and no role. A lesion is identified by `lesion_id` or
#' `other_lesion`; target rows with neither are added up.
#'
#' **Target lesions**, with the sum s now, the sum b at baseline and the smallest sum m of
#' baseline and all earlier complete visits:
#' - `CR`: every target is 0, lymph nodes (`node` yes) below 10 mm;
#' - `PD`: \eqn{s \ge 1.2 m}{s >= 1.2 m} and \eqn{s - m \ge 5}{s - m >= 5} mm, or a target
#'   reappears after CR (a lymph node: 10 mm or more);
#' - `PR`: \eqn{s \le 0.7 b}{s <= 0.7 b}; else `SD`;
#' - `NE` when a target was not measured, unless the other targets alone show PD.
#'
#' **mRECIST** uses `viable_mm` instead of `diameter_mm` for each target that has one at
#' baseline, and PD does not require 5 mm (Lencioni and Llovet 2010).
#'
#' **Non-target lesions** (role `non-target`, column `status`; a row without a lesion
#' describes all): any PD is `PD`, all CR is `CR`, one not assessed is `NE`, else
#' `non-CR/non-PD`.
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
#' *Example to follow by hand:* one target of 50 mm at baseline. 40 mm on day 60 is 20%
#' less: `SD`. 35 mm on day 120 is 30% less: `PR`. 41 mm on day 180 is 18% less than at
#' baseline and 17% more than the smallest, 35: `SD`. 42 mm on day 240 is 20% and 7 mm
#' more: `PD`.
#'
#' @inheritParams response_rate
#' @param criteria `"recist"` (1.1), `"mrecist"` or `"visits"` (the recorded column
#'   `response` of assessments); or one of [recist()], [mrecist()] and [visits()], whose
#'   settings matter for the best response only.
#' @param level Visits of each `"patient"`, or of each irradiated `"lesion"` as its own
#'   only target.
#' @return A data frame with one row per patient (or lesion) and visit: `patient_id`,
#'   `lesion_id` (lesions), `date`, `day` (after `sbrt_start`), `baseline_mm`, `sum_mm`,
#'   `nadir_mm` (smallest before), `change_pct` (from baseline), `target`, `non_target`,
#'   `new_lesion` and `response`. With `"visits"` only the first columns and `response`.
#' @section Errors:
#' `oligosurv_error_input` without the table or columns that the criteria need;
#' `oligosurv_error_data` when a visit has two different responses.
#' @references Eisenhauer et al. (2009) \doi{10.1016/j.ejca.2008.10.026}; Lencioni and
#'   Llovet (2010) \doi{10.1055/s-0030-1247132}.
#' @seealso [response_rate()], [spider_plot()], [endpoint()]
#' @examples
#' tables <- unclass(hcc_sbrt)[c("patients", "lesions", "adverse_events")]
#' start <- tables$patients$sbrt_start[1]
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
  criteria <- check_criteria(criteria, setdiff(all_criteria, "given"))$method
  x <- response_assessments(study, criteria, level)
  unit <- if (level == "lesion") pair_of(x, "lesion_id") else x$patient_id
  parts <- lapply(split(x, factor(unit, unique(unit))), function(rows) {
    if (criteria == "visits") given_visits(rows) else measured_visits(rows, criteria)
  })
  visits <- do.call(rbind, c(parts, list(measured_visits(x[0L, ], criteria)[
    if (criteria == "visits") visit_columns else TRUE
  ])))
  if (level == "patient") visits$lesion_id <- NULL
  rownames(visits) <- NULL
  visits
}

visit_columns <- c("patient_id", "lesion_id", "date", "day", "response")

# Assessments by patient and day, with all columns of the schema and `day`
response_assessments <- function(study, criteria, level) {
  need <- c(recist = "diameter_mm", mrecist = "viable_mm", visits = "response")
  if (is.null(study$assessments)) {
    stop_oligosurv("input", paste(
      "the study has no table assessments, from which the response is derived; give one",
      "to sbrt_study(), or use `criteria = \"given\"`"
    ), table = "assessments")
  }
  study_table(study, "patients", "sbrt_start", paste("response by", criteria))
  x <- study_table(study, "assessments", need[[criteria]],
    paste("response by", criteria)
  )
  for (column in setdiff(schema_assessments$column, names(x))) {
    text <- schema_assessments$type[schema_assessments$column == column] != "number"
    x[[column]] <- rep(if (text) NA_character_ else NA_real_, nrow(x))
  }
  x$row <- seq_len(nrow(x))
  x$day <- days_after_sbrt(study, x, x$assessment_date)
  x$label <- ifelse(!is.na(x$lesion_id), paste("lesion", x$lesion_id),
    ifelse(!is.na(x$other_lesion), paste("other", x$other_lesion), "")
  )
  if (level == "lesion") x <- x[!is.na(x$lesion_id) & !x$role %in% "new", ]
  if (level == "patient" && criteria == "visits") x <- x[is.na(x$lesion_id), ]
  x[order(match(x$patient_id, study$patients$patient_id), x$day), ]
}

given_visits <- function(x) {
  x <- x[!is.na(x$response) & x$day > 0, ]
  again <- duplicated(x$day)
  other <- again & x$response != x$response[match(x$day, x$day)]
  if (any(other)) {
    stop_oligosurv("data", sprintf(
      "assessments, %s: the visit has another response, too; keep one of them",
      format_rows(x$row[other])
    ), table = "assessments", column = "response", where = x$row[other])
  }
  x <- x[!again, ]
  quick_frame(list(
    patient_id = x$patient_id, lesion_id = x$lesion_id, date = x$assessment_date,
    day = x$day, response = factor(as.character(x$response), response_levels)
  ))
}

# Visits of one patient (or lesion)
measured_visits <- function(x, criteria) {
  is_target <- x$role %in% "target" | (is.na(x$role) & !is.na(x$diameter_mm))
  start <- x$day <= 0
  base_day <- max(x$day[is_target & start & !is.na(x$diameter_mm)], -Inf)
  base <- x[is_target & x$day == base_day, ]
  visible <- !is.na(base$viable_mm) & criteria == "mrecist"
  by_viable <- base$label[visible]
  size <- ifelse(x$label %in% by_viable, x$viable_mm, x$diameter_mm)
  days <- unique(x$day[!start])
  targets <- unique(base$label)
  sizes <- lapply(c(base_day, days), function(day) {
    vapply(targets, function(label) {
      here <- is_target & x$day == day & x$label == label
      if (any(here)) sum(size[here]) else NA_real_
    }, 0)
  })
  sizes <- matrix(unlist(sizes), length(targets), length(days) + 1L)
  node <- base$node[match(targets, base$label)] %in% "yes"
  target <- judge_targets(sizes, node, criteria)
  non_target <- judge_non_targets(x, days, base_day)
  new_lesion <- days %in% x$day[x$role %in% "new"]
  first <- match(days, x$day)
  quick_frame(list(
    patient_id = x$patient_id[first], lesion_id = x$lesion_id[first],
    date = x$assessment_date[first], day = as.double(days),
    baseline_mm = rep(target$sum[1L], length(days)), sum_mm = target$sum[-1L],
    nadir_mm = target$nadir, change_pct = target$change, target = target$response,
    non_target = non_target, new_lesion = new_lesion,
    response = overall_response(target$response, non_target, new_lesion)
  ))
}

# `sizes`: one row per target and one column per visit, the first being the baseline
judge_targets <- function(sizes, node, criteria) {
  n <- ncol(sizes) - 1L
  total <- colSums(sizes)
  if (!nrow(sizes)) {
    nothing <- rep(NA_real_, n)
    return(list(
      sum = rep(NA_real_, n + 1L), nadir = nothing, change = nothing,
      response = rep("none", n)
    ))
  }
  measured <- colSums(sizes, na.rm = TRUE)
  gone <- sizes == 0 | (node & sizes < 10)
  response <- character(n)
  nadir <- numeric(n)
  least <- total[1L]
  was_cr <- FALSE
  for (i in seq_len(n)) {
    nadir[i] <- least
    now <- sizes[, i + 1L]
    more <- measured[i + 1L] - least
    grown <- !is.na(least) && more > 0 && more >= 0.2 * least - 1e-9 &&
      (criteria == "mrecist" || more >= 5 - 1e-9)
    back <- was_cr && any(!gone[, i + 1L], na.rm = TRUE)
    response[i] <- if (!anyNA(now) && all(gone[, i + 1L])) {
      "CR"
    } else if (grown || back) {
      "PD"
    } else if (anyNA(now) || is.na(total[1L])) {
      "NE"
    } else if (measured[i + 1L] <= 0.7 * total[1L] + 1e-9) {
      "PR"
    } else {
      "SD"
    }
    if (response[i] == "CR") was_cr <- TRUE
    least <- min(least, total[i + 1L], na.rm = TRUE)
  }
  change <- if (isTRUE(total[1L] > 0)) 100 * (total[-1L] / total[1L] - 1) else
    rep(NA_real_, n)
  list(sum = total, nadir = nadir, change = change, response = response)
}

judge_non_targets <- function(x, days, base_day) {
  nt <- x[x$role %in% "non-target", ]
  from_start <- unique(nt$label[nt$day <= max(0, base_day)])
  vapply(days, function(day) {
    now <- nt[nt$day == day, ]
    if (!nrow(now)) return(if (length(from_start)) "NE" else "none")
    status <- as.character(now$status)
    unseen <- !"" %in% now$label && !all(setdiff(from_start, "") %in% now$label)
    if (any(status %in% "PD")) {
      "PD"
    } else if (unseen || anyNA(status) || any(status == "NE")) {
      "NE"
    } else if (all(status == "CR")) {
      "CR"
    } else {
      "non-CR/non-PD"
    }
  }, "")
}

# Overall response by tables 1 and 2 of RECIST 1.1; arguments of equal length
overall_response <- function(target, non_target, new_lesion) {
  response <- target
  response[target == "CR" & !non_target %in% c("CR", "none")] <- "PR"
  alone <- target == "none"
  of_others <- c(CR = "CR", "non-CR/non-PD" = "SD", NE = "NE", none = "NE", PD = "PD")
  response[alone] <- of_others[non_target[alone]]
  response[new_lesion | target == "PD" | non_target == "PD"] <- "PD"
  factor(response, response_levels)
}
