#' Local failure by dose
#'
#' The cumulative incidence of local failure of lesions, by bands of their biologically
#' effective dose, with tests of trend across the bands; patients are treated as clusters.
#'
#' @details Lesions are those of `endpoint(study, "local_failure", "lesion")`; their dose
#' is the `bed` of [lesion_dose()], that of the first course. The bands are cut at
#' `breaks` and include their lower end; lesions without a known dose are omitted, and the
#' print says how many. The incidence is the Aalen-Johansen estimate with death as
#' competing event; its variance and both tests treat patients as clusters
#' ([clustered_rows]).
#'
#' The scores of the trend are the median doses of the bands or, with `scores = "rank"`,
#' 1, 2, ... `z` is negative if lesions with higher doses fail less often. Gray's test
#' compares the incidences; the log-rank test compares the hazards of failure in lesions
#' of living patients, with deaths censored. Neither adjusts for the factors that
#' determine the dose (size, site, nearby organs). Bands chosen after seeing the outcome
#' make both p-values too small.
#' @section Example to follow by hand:
#' Lesions of 40 Gy in 5 (72 Gy10), 50 Gy in 10 (75) and 50 Gy in 5 fractions (100) with
#' `breaks = c(75, 100)`: bands `< 75`, `75 to < 100` and `>= 100` with one lesion each;
#' scores 72, 75 and 100, or 1, 2 and 3 by rank.
#' @inheritParams lesion_dose
#' @param breaks Inner limits of the bands in Gy, increasing.
#' @param times Times in months at which incidences are estimated.
#' @param scores Scores of the trend: `"median"` dose of each band, or `"rank"`.
#' @param conf.level Confidence level.
#' @return A data frame of class `dose_response` with one row per band that has lesions
#'   and time: `band`, `median_bed` (Gy), `n` (lesions), `n.id` (patients), `n.event`
#'   (local failures in the whole follow-up), `time` (months), `estimate`, `std.error`,
#'   `conf.low`, `conf.high` (cumulative incidence of local failure; `NA` after the last
#'   follow-up), `conf.level`, `conf.type`. Its attribute `tests` is a data frame with
#'   `test` (`gray`, `logrank`), `statistic`, `df`, `df2` (for the log-rank test, whose
#'   statistic with clusters is F), `p.value`, `z`, `method` and `reason` (why a statistic
#'   is `NA`).
#' @section Errors: those of [lesion_dose()] and [endpoint()]; `oligosurv_error_input` for
#'   `breaks` or `times` that are not increasing numbers; `oligosurv_error_data` when no
#'   lesion has a known dose.
#' @references Gray (1988) \doi{10.1214/aos/1176350951} for the test of incidences;
#'   [clustered_rows] has those of patients as clusters.
#' @seealso [gray_test()], [logrank_test()]
#' @examples
#' dose_response(hcc_sbrt, times = 24)
#' @export
dose_response <- function(study, breaks = c(75, 100), times = c(12, 24), alpha_beta = 10,
                          scores = c("median", "rank"), conf.level = 0.95) {
  breaks <- check_increasing(breaks, "breaks")
  times <- check_increasing(times, "times")
  scores <- check_choice(scores, c("median", "rank"), "scores")
  conf.level <- check_level(conf.level)
  dose <- lesion_dose(study, alpha_beta)
  rows <- as.data.frame(endpoint(study, "local_failure", "lesion"))
  rows$bed <- dose$bed[match(pair_of(rows, "lesion_id"), pair_of(dose, "lesion_id"))]
  known <- !is.na(rows$bed)
  if (!any(known)) {
    stop_oligosurv("data", paste(
      "no lesion has both a dose and a number of fractions; see the columns `dose_gy`",
      "and `fractions` of lesions"
    ))
  }
  rows <- rows[known, ]
  rows$band <- droplevels(dose_band(rows$bed, breaks))
  median_bed <- as.double(tapply(rows$bed, rows$band, stats::median))
  score <- if (scores == "median") median_bed else seq_along(median_bed)
  structure(band_incidence(rows, median_bed, times, conf.level),
    tests = trend_tests(rows, score), left_out = sum(!known), by = "dose and fractions",
    class = c("dose_response", "sbrt_table", "data.frame")
  )
}

check_increasing <- function(x, arg) {
  x <- check_double(x, arg, 0)
  if (!length(x) || is.unsorted(x, strictly = TRUE)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be one or more increasing numbers; it is %s", arg,
      if (length(x)) paste(utils::head(x, 10L), collapse = ", ") else "empty"
    ), arg = arg)
  }
  x
}

# "< 75", "75 to < 100", ">= 100". A dose equal to a limit up to rounding is in the upper
# band.
dose_band <- function(dose, breaks) {
  text <- format(breaks, trim = TRUE, drop0trailing = TRUE)
  last <- length(breaks)
  inner <- if (last > 1L) paste0(text[-last], " to < ", text[-1L])
  labels <- c(paste("<", text[1L]), inner, paste(">=", text[last]))
  factor(labels[findInterval(dose * (1 + default_tie_tol), breaks) + 1L], labels)
}

band_incidence <- function(rows, median_bed, times, conf.level) {
  fit <- cumulative_incidence(Surv(time, status) ~ band, rows,
    times = times, id = rows$patient_id, conf.level = conf.level
  )
  curves <- as.data.frame(tidy_rows(fit))
  curves <- curves[curves$outcome == "local failure", ]
  band <- as.integer(factor(as.character(curves$strata), levels(rows$band)))
  if (nlevels(rows$band) == 1L) band <- rep(1L, nrow(curves))
  patients <- tapply(rows$patient_id, rows$band, function(id) length(unique(id)))
  failed <- tapply(rows$status == "local failure", rows$band, sum)
  data.frame(
    band = factor(levels(rows$band)[band], levels(rows$band)),
    median_bed = median_bed[band], n = as.integer(table(rows$band))[band],
    n.id = as.integer(patients)[band], n.event = as.integer(failed)[band],
    curves[c(
      "time", "estimate", "std.error", "conf.low", "conf.high", "conf.level", "conf.type"
    )],
    row.names = NULL
  )
}

# Gray's test and the log-rank test of trend across the bands
trend_tests <- function(rows, score) {
  if (length(score) < 2L) {
    return(data.frame(
      test = c("gray", "logrank"), statistic = NA_real_, df = 0L, df2 = NA_integer_,
      p.value = NA_real_,
      z = NA_real_, method = NA_character_, reason = "all lesions are in one band"
    ))
  }
  gray <- gray_test(Surv(time, status) ~ band, rows,
    trend = score, id = rows$patient_id
  )
  rows$failed <- as.integer(rows$status == "local failure")
  logrank <- logrank_test(Surv(time, failed) ~ band, rows,
    trend = score, id = rows$patient_id
  )
  columns <- c("statistic", "df", "df2", "p.value", "z", "reason")
  chi_square <- test_results(gray)[gray$tests$outcome == "local failure", ]
  chi_square$df2 <- NA_integer_
  results <- rbind(chi_square[columns], test_results(logrank)[columns])
  data.frame(
    test = c("gray", "logrank"), results[1:5], method = c(gray$method, logrank$method),
    reason = results$reason, row.names = NULL
  )
}

#' @exportS3Method NULL
result_rows.dose_response <- function(x, ...) {
  check_no_dots(...)
  needed <- c("band", "n", "n.id", "n.event", "time", "estimate", "conf.low", "conf.high")
  if (!is_whole(x, needed)) return(NULL)
  rows <- as.data.frame(x)
  tests <- attr(x, "tests")
  new_result(rows, study_summary(x),
    scale = "probability", unit = "months",
    what = "Local failure of lesions by biologically effective dose",
    basis = paste(
      "Aalen-Johansen cumulative incidence, death competing; limits from the",
      "infinitesimal jackknife by patient"
    ),
    columns = list(
      "BED, Gy" = as.character(x$band), "Median BED" = number_column(x$median_bed),
      Lesions = x$n, Patients = x$n.id, Failures = x$n.event,
      Time = time_column(x$time),
      "Local failure" = interval_column(rows, "probability")
    ),
    remarks = c(
      if (!is.null(tests)) {
        sprintf("Trend, %s: %s", ifelse(is.na(tests$method), tests$test, tests$method),
          ifelse(is.na(tests$statistic), paste("not defined:", tests$reason),
            sprintf("%s = %s, %s", ifelse(is.na(tests$df2), "z", "t"),
              number_text(tests$z, 2L), format_p_value(tests$p.value, prefix = TRUE)
            )
          )
        )
      },
      if (isTRUE(attr(x, "left_out") > 0)) {
        sprintf("Left out: %s without %s", count_noun(attr(x, "left_out"), "lesion"),
          attr(x, "by")
        )
      }
    ),
    signs = not_followed,
    label = sprintf("BED %s Gy at %s months", x$band, format_time(x$time)),
    axis = "Cumulative incidence of local failure", heading = "Local failure",
    values = list(strata = as.character(x$band))
  )
}
