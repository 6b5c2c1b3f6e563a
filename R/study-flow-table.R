#' The flow of patients and lesions through a study
#'
#' Numbers of patients and lesions screened, included, evaluable and analysed, and the
#' reasons for exclusions.
#'
#' @details Screening is not in the tables of a study, so its numbers are arguments. The
#' other steps are counted:
#'
#' * `included`: every patient of the table patients, every lesion of the table lesions;
#' * `evaluable for response`: best response known and not `NE`, separately for patients
#'   and lesions by the column `best_response` of each table; if only lesions have
#'   responses, the patients with such a lesion;
#' * `died, or in follow-up beyond 3 months` (one for each of `times`): observed for
#'   longer, or dead by then;
#' * `analysed for ...`: rows of [endpoint()], with the events among them in `n.event`. A
#'   patient without rows in the table lesions counts as having no local failure, as in
#'   [endpoint()] (and [sbrt_study()] warns).
#' @section Example to follow by hand:
#' 52 screened, 9 without imaging and 6 with other SBRT excluded: 37 included. SBRT on
#' 2021-01-01: alive and last seen on 2021-04-02 (91 days, 2.99 months) is not in
#' follow-up beyond 3 months, last seen on 2021-04-03 (92 days, 3.02) is, and so is a
#' patient who died on 2021-02-01.
#' @param study An [sbrt_study()].
#' @param screened Number of patients screened, or `NULL`.
#' @param excluded Numbers of patients screened but not included, with the reasons as
#'   names. With `screened` they must add up: screened = excluded + included.
#' @param by Name (text) of a column of groups of the patients; screening has no groups.
#' @param times Times in months beyond which follow-up is counted.
#' @param ... Not used.
#' @return A data frame of class `flow_table` with one row per step and group: `step`,
#'   `strata` (`All`, then the groups), `n.patients`, `n.lesions` (`NA` where the step is
#'   about patients only), `n.event`, `n.left.out` (included patients who are missing from
#'   the step; for `screened` the excluded ones) and `reason`.
#' @section Errors:
#' `oligosurv_error_input` for numbers that are not whole or not named;
#' `oligosurv_error_data` if screened, excluded and included do not add up.
#' @seealso [flow_plot()], [baseline_table()]
#' @examples
#' flow_table(hcc_sbrt, screened = 52, excluded = c("no imaging" = 9, "other SBRT" = 6))
#' flow_table(hcc_sbrt, by = "cohort")
#' @export
flow_table <- function(study, screened = NULL, excluded = NULL, by = NULL,
                       times = 3, ...) {
  check_no_dots(...)
  check_study(study)
  times <- check_increasing(times, "times")
  screening <- check_screening(screened, excluded, nrow(study$patients))
  strata <- group_of(study$patients, by, "patients")
  groups <- strata_rows(strata)
  counted <- lapply(names(groups), function(name) {
    ids <- study$patients$patient_id[groups[[name]]]
    cbind(strata = name, flow_steps(study, ids, times))
  })
  result <- do.call(rbind, c(list(screening), counted))
  result$step <- factor(result$step, unique(result$step))
  result$strata <- factor(result$strata, names(groups))
  result <- result[order(result$step, result$strata), ]
  rownames(result) <- NULL
  columns <- c(
    "step", "strata", "n.patients", "n.lesions", "n.event", "n.left.out", "reason"
  )
  structure(result[columns],
    by = by, left_out = sum(is.na(strata)),
    class = c("flow_table", "sbrt_table", "data.frame")
  )
}

flow_step <- function(step, patients, lesions = NA_integer_, event = NA_integer_,
                      left_out = 0L, reason = "") {
  data.frame(
    step, n.patients = as.integer(patients), n.lesions = as.integer(lesions),
    n.event = as.integer(event), n.left.out = as.integer(left_out),
    reason = ifelse(left_out > 0L, reason, "")
  )
}

check_screening <- function(screened, excluded, included) {
  if (is.null(screened) && is.null(excluded)) return(NULL)
  if (!is.null(excluded)) {
    excluded <- plain_argument(excluded)
    whole <- is.numeric(excluded) && length(excluded) > 0L && all(is.finite(excluded)) &&
      all(excluded >= 0 & excluded == round(excluded))
    if (!whole || is.null(names(excluded)) || any(names(excluded) %in% c("", NA))) {
      stop_oligosurv("input", paste(
        "`excluded` must be whole numbers of at least 0, named by the reason, as in",
        "c(\"no imaging\" = 9)"
      ), arg = "excluded")
    }
  }
  check_text(names(excluded), "excluded")
  left <- sum(excluded)
  if (is.null(screened)) screened <- included + left
  screened <- check_whole(screened, "screened", 0, 1e9)
  if (is.null(excluded)) {
    left <- screened - included
    excluded <- c("no reason given" = left)
  }
  if (left < 0 || screened != left + included) {
    stop_oligosurv("data", sprintf(
      "`screened` is %s, but there are %s excluded and %s included patients; correct one",
      format_count(screened), format_count(left), format_count(included)
    ), arg = "screened")
  }
  shown <- excluded[excluded > 0]
  reason <- paste(format_count(shown), names(shown), collapse = ", ")
  cbind(strata = "All", flow_step("screened", screened, left_out = left, reason = reason))
}

flow_steps <- function(study, ids, times) {
  patients <- study$patients[study$patients$patient_id %in% ids, , drop = FALSE]
  lesions <- study$lesions[study$lesions$patient_id %in% ids, ]
  steps <- list(
    flow_step("included", nrow(patients), rows_or_na(lesions)),
    response_step(study, patients, lesions)
  )
  what <- union(flow_endpoints, find_pairs(tables_of(study))$what)
  what <- Filter(function(name) has_endpoint(study, name), what)
  os <- if ("os" %in% what) endpoint(study, "os")
  os <- os[os$patient_id %in% ids, ]
  beyond <- if (!is.null(os)) beyond_steps(os, lesions, times)
  analysed <- lapply(what, function(name) endpoint_step(study, name, ids))
  do.call(rbind, c(steps, list(beyond), analysed))
}

# A row for each of `times`, of any number: patients who died or were seen for longer, and
# their lesions
beyond_steps <- function(os, lesions, times) {
  alive <- os[os$status != 1L, ]
  lost <- findInterval(times, sort(alive$time))
  of <- match(lesions$patient_id, alive$patient_id)
  lesions_lost <- findInterval(times, sort(alive$time[of]))
  n_lesions <- if (is.null(lesions)) NA else sum(lesions$patient_id %in% os$patient_id)
  flow_step(
    paste("died, or in follow-up beyond", vapply(times, format, ""),
      ifelse(times == 1, "month", "months")
    ), nrow(os) - lost, n_lesions - lesions_lost,
    left_out = lost, reason = paste(format_count(lost), "last seen alive before")
  )
}

rows_or_na <- function(x) if (is.null(x)) NA else nrow(x)

response_step <- function(study, patients, lesions) {
  known <- function(x) {
    if (!is_filled(x[["best_response"]])) return(rep(FALSE, nrow(x)))
    !is.na(x$best_response) & x$best_response != "NE"
  }
  tables <- list(study$patients, study$lesions)
  given <- vapply(tables, function(x) is_filled(x[["best_response"]]), NA)
  if (!any(given)) return(NULL)
  rated <- if (given[1L]) known(patients) else
    patients$patient_id %in% lesions$patient_id[known(lesions)]
  lost <- if (given[1L]) not_rated(patients$best_response) else
    c("without an evaluable lesion" = sum(!rated))
  lesions_lost <- if (given[2L]) not_rated(lesions$best_response)
  step <- flow_step("evaluable for response", sum(rated),
    if (given[2L]) sum(known(lesions)) else NA, left_out = sum(lost)
  )
  # where lesions are counted as well, the patients are called so
  several <- any(lesions_lost > 0L)
  step$reason <- paste(c(
    reason_text(lost, if (several) "patient"), reason_text(lesions_lost, "lesion")
  ), collapse = ", ")
  step
}

# Numbers without a response that can be evaluated, named by the reason
not_rated <- function(response) {
  c(
    "not evaluable" = sum(response %in% "NE"),
    "without a recorded response" = sum(is.na(response))
  )
}

# "2 not evaluable", "1 lesion not evaluable": one text for each reason that occurs
reason_text <- function(counts, noun = NULL) {
  counts <- counts[counts > 0L]
  number <- if (is.null(noun)) format_count(counts) else
    vapply(counts, count_noun, "", noun)
  paste(number, names(counts), recycle0 = TRUE)
}

# Endpoints that get a step in the table if the study has them, from dates or as a time
# and a status
flow_endpoints <- c("os", "pfs", "local_failure")

endpoint_step <- function(study, what, ids) {
  rows <- function(level) {
    x <- endpoint(study, what, level)
    x[x$patient_id %in% ids & !is.na(x$time), ]
  }
  x <- rows("patient")
  first <- if (is.factor(x$status)) x$status == levels(x$status)[2L] else x$status == 1L
  lost <- length(ids) - nrow(x)
  flow_step(paste("analysed for", lower_case(attr(x, "label"))), nrow(x),
    if (what == "local_failure" && has_endpoint(study, what, "lesion")) {
      nrow(rows("lesion"))
    } else {
      NA
    }, sum(first),
    left_out = lost, reason = sprintf(
      if (is.null(pair_table(study, what))) "%s without a date" else
        "%s without a time or a status", format_count(lost)
    )
  )
}

#' @exportS3Method NULL
result_rows.flow_table <- function(x, ...) {
  check_no_dots(...)
  needed <- c("step", "strata", "n.patients", "n.lesions", "n.event", "reason")
  if (!is_whole(x, needed)) return(NULL)
  rows <- as.data.frame(x)
  new_result(rows, study_summary(x),
    what = if (all(is.na(x$n.lesions))) "Flow of patients" else
      "Flow of patients and lesions",
    columns = list(
      Step = sentence_case(blank_repeats(x$step)),
      Group = group_column(x$strata),
      Patients = x$n.patients,
      Lesions = if (!all(is.na(x$n.lesions))) x$n.lesions, Events = x$n.event,
      "Left out" = if (any(nzchar(x$reason))) x$reason
    ),
    remarks = left_out_text(x, "patient"), values = list(strata = as.character(x$strata)),
    sentence = "{step}: {n.patients} patients"
  )
}
