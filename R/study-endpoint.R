#' Endpoints of a study
#'
#' Derives `time` and `status`, ready for `Surv(time, status)`, from the dates of a study
#' or from a recorded time and status. The result states the rule in words and, for each
#' row, the values that determined it.
#'
#' | `what` | event | competing | where its date comes from |
#' |---|---|---|---|
#' | `"os"` | death from any cause | none | `death_date` |
#' | `"pfs"` | progression or death, whichever comes first | none | `progression_date`, `death_date` |
#' | `"progression"` | progression (time to progression) | death | `progression_date` |
#' | `"cause_specific_death"` | death from `cause` | death from another cause | `death_date`, `death_cause` |
#' | `"local_failure"` | local failure of the lesion; of a patient, the first | death | `local_failure_date` |
#' | `"distant_failure"` | first new lesion | death | `distant_failure_date`, or assessments with role `new` |
#' | `"intrahepatic_failure"` | first new lesion in the liver | death | `intrahepatic_failure_date`, or new lesions by `site` |
#' | `"extrahepatic_failure"` | first new lesion elsewhere | death | `extrahepatic_failure_date`, or new lesions by `site` |
#' | `"widespread_failure"` | more than `threshold` new lesions, counted together | death | `widespread_failure_date`, or new lesions with their `n_lesions` |
#' | `"next_therapy"` | start of a later line of systemic therapy | death | `next_therapy_date`, or therapies |
#' | `"pfs2"` | progression on the next line of systemic therapy or death, whichever comes first | none | `next_progression_date`, or therapies; `death_date` |
#' | `"next_line_pfs"` | the same, counted from the start of the next line | none | the same, and that of `next_therapy` |
#' | `"next_sbrt"` | start of another SBRT | death | `next_sbrt_date`, or courses |
#' | `"late_toxicity"` | first adverse event of grade `grade` or more after day `window` | death | `onset_date` |
#' | `"liver_decline"` | first Child-Pugh score of 2 points or more above baseline, or higher ALBI grade | progression or death | liver_function, see [albi()] |
#' | `"time_to_response"` | first visit with a response, CR or PR | progression or death | see [best_response()] |
#' | `"duration_of_response"` | progression or death of a responder, from that visit | none | see [best_response()] |
#' | name of a date column | the date in that column of patients or lesions | death | the column |
#'
#' If there are two sources, the column of the patients is used if it has any date,
#' otherwise the table (for `widespread_failure` with a `threshold`, always the table). A
#' column without any date, as in a file of [study_template()], is used only if the table
#' has no information either; then nobody had the event. A date column of your own holds
#' dates or text yyyy-mm-dd. Patients whose date is before day 0 had the event already and
#' are omitted; a message says how many.
#'
#' **A time and a status instead of dates.** A study without the dates of an endpoint may
#' hold `<what>_time` and `<what>_status` in the table patients, such as `os_time` and
#' `os_status`, and `local_failure_time` and `local_failure_status` in lesions. Day 0 and
#' the end of follow-up are then those chosen by the study. Rows without a time or a
#' status are omitted; a message says how many. All events in the status other than the
#' endpoint compete, or only those in `competing`; the others are then censored. If only
#' lesions have the two columns, a patient has the first failure of any lesion, otherwise
#' the earliest competing event, otherwise the longest follow-up. If there are dates too,
#' the dates are used, unless their column is empty. Options that need dates are an error:
#' `origin`, `pfs_censor` and the options of single endpoints; `landmark` can be used. The
#' rule says which columns were used.
#'
#' **Rules.** Patients without any of these events are censored at last contact, or at
#' death if death is neither the event nor a competing event. Time is counted from
#' `sbrt_start`. A month is 30.4375 days, a year 365.25 days. An event on the first day
#' has time 0 and counts. On the same day the event comes before competing events, and
#' these in the order given: a local failure and a death on one day count as the failure.
#'
#' *Another origin.* `"sbrt_end"` is the column `sbrt_end` or the last `end_date` of
#' course 1. `"diagnosis"` is the column `diagnosis_date`, `"systemic_start"` the column
#' of that name or the first therapy. Patients enter the study at SBRT, so for the last
#' two origins the time before SBRT is immortal time: use the column `entry`, the time
#' from the origin to SBRT (0 if SBRT came first), for delayed entry,
#' `Surv(entry, time, status)`. Rows without a date of origin, or with an event or the end
#' of follow-up before the origin or on the day of entry, are omitted; a message and the
#' rule say how many.
#'
#' *Lesions* have their own day 0: `sbrt_start` in lesions; if that is empty, the first
#' day of the first course of the lesion in the table courses (see [lesion_dose()]);
#' otherwise `sbrt_start` of the patient. Competing events (other than death) on or before
#' that day are ignored. The time to local failure of a patient is counted from day 0 of
#' the patient.
#'
#' *Progression* is on `progression_date` for all endpoints that use it. A local failure
#' or new lesion before that date does not replace it: [sbrt_study()] lists such patients
#' ([study_problems()]), so that the date can be corrected once, for all results.
#'
#' *The next line.* `pfs2` is the time from day 0 to progression on the next line of
#' systemic therapy or death (EMA 2017; PFS-NEST in the trial STOP-2); patients who have
#' not begun a next line, or have not progressed on it, are censored. If
#' `next_progression_date` is empty for all patients, the start of the line after the next
#' is used instead. `next_line_pfs` is counted from the start of the next line and omits
#' patients who did not begin one. Because those who began one are a selection,
#' randomisation does not protect a comparison of groups by `next_line_pfs`.
#'
#' *Polymetastatic progression*, more than k new lesions, is `widespread_failure` with
#' `threshold = k`.
#'
#' *The day of progression.* `progression_at = "imaging"` moves a progression to the day
#' of the first imaging on or after its date, `"imaging_before"` to the last imaging
#' before it (or, if the first scan shows it, to the first day of SBRT): the latest and
#' the earliest day compatible with the scans, for a sensitivity analysis (FDA 2018). If
#' there is no such imaging, the date is not changed.
#'
#' *Censoring at imaging.* `pfs_censor = "last_imaging"` censors at the date in
#' `last_imaging` or, for patients without this date, at the last day in assessments;
#' patients without imaging since SBRT are censored on day 0. `censor_at = "next_therapy"`
#' censors those who begin another treatment before the event: on that day or, with
#' `pfs_censor = "last_imaging"`, at the last imaging up to that day. A treatment on the
#' day of the event does not censor. With `max_gap`, a progression or death that comes
#' more than this many days after the previous imaging (or after SBRT, if there was none)
#' is censored at that imaging; imaging on the day of progression does not close the gap.
#' These three are rules of the FDA (2018) for sensitivity analyses of progression-free
#' survival; with them, censoring may depend on prognosis. The rule of the result says how
#' many rows each of them changed, and `audit` says why.
#'
#' *Sites in the liver.* A site is in the liver if its text names the liver ("liver",
#' "Liver S8", "left lobe of liver", "hepatic", also leber, foie, higado, fegato), unless
#' a word places it next to the liver (such as extra-, peri-, outside, near, node, hilum,
#' porta hepatis). "Segment 8" alone does not count as liver. `liver` replaces this rule
#' by a list of sites. The rule of the result shows which sites were read as liver and
#' which were not.
#'
#' *New lesions* of `widespread_failure`: a lesion with a name (`other_lesion`) counts
#' only at its first visit; later rows with that name add the increase of `n_lesions`.
#' Every row without a name counts.
#' @section Examples to follow by hand:
#' SBRT began on 2021-01-01; 2021 has 365 days.
#' - Progression 2021-04-11, alive 2022-01-01: `pfs` 100 days, event; `os` 365, censored.
#' - The same with `origin = "diagnosis"` and diagnosis on 2020-01-01 (366 days before):
#'   `pfs` 466 days, `entry` 366.
#' - No progression, last contact 2022-01-01, last imaging 2021-11-01: `pfs` 365 days,
#'   censored; with `pfs_censor = "last_imaging"` 304 days.
#' - Death 2021-01-31 without an earlier event: `local_failure` 30 days, `death`; with
#'   `competing = "none"` 30 days, censored.
#' - New lesions: 2 on 2021-03-01 and 4 more on 2021-06-01: `distant_failure` after 59
#'   days, `widespread_failure` (more than 5) after 151.
#' - Therapy line 1 from 2020-06-01, line 2 from 2021-02-10: `next_therapy` 40 days. A
#'   second drug of line 1 would not count.
#' - Adverse events of grade 3 on 2021-03-01 (day 59) and 2021-06-01 (day 151):
#'   `late_toxicity` 151 days.
#' - Visits SD 2021-02-15, PR 2021-04-01, PR 2021-06-01, PD 2021-09-01:
#'   `time_to_response` 90 days; `duration_of_response` from 2021-04-01 153 days, event.
#' - Course 1 on 2021-01-01, course 2 on 2021-06-01: `next_sbrt` 151 days. With
#'   `grace_days = 160` course 2 is part of the treatment, and there is no event.
#' - New lesions in the lung on 2021-03-01 and in the liver on 2021-06-01:
#'   `extrahepatic_failure` 59 days, `intrahepatic_failure` 151.
#' - SBRT ended on 2021-01-11, progression 2021-04-11: `pfs` with `origin = "sbrt_end"` 90
#'   days.
#' - Systemic therapy since 2020-06-01, death 2021-01-31: `os` with `origin =
#'   "systemic_start"` 244 days, event, `entry` 214.
#' - Lesion 2 was first irradiated on 2021-07-20 (day 200), by `sbrt_start` in lesions or
#'   as its only course, and failed on 2021-10-18 (day 290): by lesion its
#'   `local_failure` is at 90 days, by patient at 290.
#' - Imaging on days 60 and 200, progression on day 200, next therapy from day 80: `pfs`
#'   200 days, event. With `censor_at = "next_therapy"` 80 days, censored; with
#'   `pfs_censor = "last_imaging"` as well 60 days, censored.
#' - Imaging on day 60, death on day 400: with `max_gap = 182` `pfs` is censored on day
#'   60, 340 days before the death.
#' - Death on day 200 without progression: `progression` 200 days, `death`.
#' - Deaths on day 100 of HCC and on day 200 of liver failure: `cause_specific_death` with
#'   `cause = "HCC"` gives `death from HCC` after 100 and `other death` after 200 days.
#' - New lesions X1 and X2 on day 60 and again on day 120: `widespread_failure` counts 2.
#' - Child-Pugh 5 on 2020-12-20, 6 on day 31, 7 on day 100, progression on day 200:
#'   `liver_decline` after 100 days; a patient whose first value is on day 31 is left out.
#' - Progression after 100 days with `landmark = 60` (days): 40 days, event; a patient
#'   with an event or the last contact on day 60 or before is left out.
#' - Line 2 from 2021-03-02 (day 60), progression on it on 2021-07-20 (day 200): `pfs2`
#'   200 days, event; `next_line_pfs` 140 days, event. Without the progression and with
#'   line 3 from 2021-08-09 (day 220): `pfs2` 220 days, `next_line_pfs` 160.
#' - Imaging on days 60 and 200, `progression_date` on day 180: `pfs` 180 days; with
#'   `progression_at = "imaging"` 200, with `"imaging_before"` 60.
#' - `os_time` 10, `os_status` 1 and `time_unit = "weeks"`: `os` 70 days, event.
#' @param study An [sbrt_study()].
#' @param what The endpoint, see the table; or the name of a column of patients (with
#'   `level = "lesion"`, of lesions) that holds the date of the event.
#' @param level For `"local_failure"` and date columns: `"patient"` for one row per
#'   patient (the first failure of any lesion) or `"lesion"` for one row per lesion (then
#'   give `id = patient_id` to the estimators).
#' @param unit Unit of `time` and `entry`, to which days are converted: `"months"`,
#'   `"days"` or `"years"`. Figures, tables and texts of the endpoint use it.
#' @param landmark `NULL`, or a time in `unit` after the origin: only rows that are
#'   event-free and still followed after it are kept, and `time` is counted from it; see
#'   [late_group()].
#' @param origin Day 0: `"sbrt_start"`, `"sbrt_end"`, `"diagnosis"` or
#'   `"systemic_start"`.
#' @param pfs_censor For `"pfs"`, `"progression"` and `"duration_of_response"`: when to
#'   censor, at `"last_contact"` or `"last_imaging"`.
#' @param censor_at `NULL`, or names of events of `competing` (other than death and liver
#'   decline) at which patients are censored, such as `"next_therapy"`; see Rules.
#' @param max_gap `NULL`, or, for the same endpoints as `pfs_censor`, the longest time in
#'   days from the previous imaging to an event, such as 182 for two missed visits at
#'   intervals of 13 weeks.
#' @param progression_at For the same endpoints, the day of a progression: its `"date"`,
#'   that of the `"imaging"` that shows it, or that of the `"imaging_before"`; see Rules.
#' @param competing `NULL` for the competing events of the table; `"none"`; or names of
#'   competing events: `"death"`, `"progression"`, `"local_failure"`, `"distant_failure"`,
#'   `"intrahepatic_failure"`, `"extrahepatic_failure"`, `"widespread_failure"`,
#'   `"next_therapy"`, `"next_progression"`, `"next_sbrt"`, `"late_toxicity"`,
#'   `"liver_decline"`.
#' @param threshold For `"widespread_failure"`: more new lesions than this, 5 if `NULL`.
#' @param grade,window,attribution,from,courses,baseline For `"late_toxicity"`, also as a
#'   competing event: the lowest grade that counts; the last day of the acute phase; and
#'   which events count, as in [toxicity_table()]. Events of unknown grade do not count,
#'   and a message says so.
#' @param grace_days For `"next_therapy"`, `"pfs2"`, `"next_line_pfs"` and `"next_sbrt"`:
#'   therapies and courses that begin up to this many days after `sbrt_start` are part of
#'   the initial treatment.
#' @param response For the two endpoints of response: `NULL` for RECIST 1.1 from
#'   assessments, or a result of [best_response()] with dates, such as
#'   `best_response(study, criteria = recist(confirm = TRUE))`.
#' @param cause For `"cause_specific_death"`: one or more of the causes in `death_cause`,
#'   regardless of capitals. A death of unknown cause counts as death from another cause.
#' @param liver For `"intrahepatic_failure"` and `"extrahepatic_failure"`: `NULL`, or the
#'   sites (text) that are in the liver, such as `c("S8", "left lobe")`.
#' @param decline For `"liver_decline"`: `"child_pugh"` for a rise of the score by 2
#'   points or more, `"albi"` for a rise of the grade by 1 or more; see [albi()].
#' @return A data frame of class `sbrt_endpoint`: the rows of patients (or of lesions,
#'   with those columns of the patient that lesions do not have) plus `time`, `status`,
#'   `entry` (only with left truncation) and `audit`, the dates that determined the row.
#'   `status` is 0/1 without competing events, otherwise a factor with the levels
#'   `censored`, the event (`local failure`) and the competing events (`death`). The
#'   attributes are `rule`, the rule in words, `unit`, the unit of `time`, and `landmark`.
#' @section Errors:
#' `oligosurv_error_input` for an unknown endpoint, level or unit, for an endpoint without
#' a lesion level, for an option of other endpoints, if the study has neither a column nor
#' a table with the dates nor a time and a status, or for an option that needs dates if
#' there are none; `oligosurv_error_data` for new lesions without a site, a column of your
#' own whose values are not dates, and for late toxicity if toxicity was not recorded or
#' an event of that grade has no date.
#' @references Food and Drug Administration (2018) Clinical Trial Endpoints for the
#'   Approval of Cancer Drugs and Biologics, Guidance for Industry, table A. European
#'   Medicines Agency (2017) Guideline on the evaluation of anticancer medicinal products
#'   in man, EMA/CHMP/205/95 Rev.5.
#' @seealso [kaplan_meier()], [cumulative_incidence()]
#' @examples
#' patients <- data.frame(
#'   patient_id = c("A", "B"), cohort = "OP", sbrt_start = "2020-01-01",
#'   progression_date = c("2020-07-01", NA), death_date = c("2021-01-01", NA),
#'   last_contact = c("2021-01-01", "2022-01-01"),
#'   diagnosis_date = c("2019-01-01", "2018-01-01")
#' )
#' lesions <- data.frame(
#'   patient_id = c("A", "A", "B"), lesion_id = 1:3,
#'   local_failure_date = c("2020-08-01", NA, NA)
#' )
#' events <- data.frame(
#'   patient_id = character(), term = character(), grade = integer(),
#'   onset_date = character()
#' )
#' study <- sbrt_study(patients, lesions, events)
#' # 2020 has 366 days: A progressed on day 182 and died on day 366
#' endpoint(study, "pfs", unit = "days")
#' endpoint(study, "pfs", unit = "days")$audit
#' endpoint(study, "local_failure", "lesion", unit = "days")$status
#' # from diagnosis, 365 and 730 days before SBRT
#' since <- endpoint(study, "os", unit = "days", origin = "diagnosis")
#' kaplan_meier(Surv(entry, time, status) ~ 1, since)
#' @export
endpoint <- function(study, what, level = c("patient", "lesion"),
                     unit = c("months", "days", "years"), landmark = NULL,
                     origin = c("sbrt_start", "sbrt_end", "diagnosis", "systemic_start"),
                     pfs_censor = c("last_contact", "last_imaging"), censor_at = NULL,
                     max_gap = NULL,
                     progression_at = c("date", "imaging", "imaging_before"),
                     competing = NULL, threshold = NULL, grade = 3,
                     window = 90, grace_days = 0, response = NULL,
                     attribution = c("all", "related", "unlikely", "possible",
                       "probable", "definite"),
                     from = c("sbrt_start", "sbrt_end"), courses = c("first", "each"),
                     baseline = c("above", "ignore"), cause = NULL, liver = NULL,
                     decline = c("child_pugh", "albi")) {
  check_study(study)
  if (missing(what)) stop_missing("what")
  level <- check_choice(level, c("patient", "lesion"), "level")
  rules <- rules_of(study, what, level)
  unit <- check_choice(unit, names(days_in), "unit")
  options <- check_options(mget(names(endpoint_options)))
  options$competing <- check_competing(competing, rules)
  check_censor_at(options, rules)
  require_options(what, options, c(options$competing, options$censor_at))
  pair <- pair_table(study, what, level)
  result <- if (is.null(pair)) {
    require_endpoint(study, what, level)
    endpoint_from_dates(study, what, rules, level, unit, options)
  } else {
    pair_endpoint(study, what, pair, level, unit, options,
      if (!is.null(competing)) options$competing
    )
  }
  if (is.null(landmark)) result else from_landmark(result, landmark)
}

endpoint_from_dates <- function(study, what, rules, level, unit, options) {
  options <- with_own_origin(what, rules, with_response(study, what, options))
  rules <- with_cause(study, what, rules, options)
  options$dated <- widespread_is_dated(study, options) # for the words of this rule
  made_endpoint(endpoint_rows(study, rules, level, options), rules, level, unit, options)
}

# The result of endpoint(): time in `unit`, status, and the attributes that describe them
made_endpoint <- function(x, rules, level, unit, options) {
  status <- c("censored", rules$event, event_labels[options$competing])
  value <- x$value
  value$time <- x$days / days_in[[unit]]
  value$status <- if (length(options$competing)) {
    factor(x$code, seq_along(status) - 1L, unname(status))
  } else {
    as.integer(x$code > 0L)
  }
  if (!is.null(x$entry)) value$entry <- x$entry / days_in[[unit]]
  value$audit <- x$audit
  structure(value,
    rule = endpoint_words(rules, level, options, x), unit = unit, label = x$label,
    level = level, from = origin_words[[options$origin]], decided = x$decided,
    omitted = x$left_out,
    class = c("sbrt_endpoint", "sbrt_table", "data.frame")
  )
}

# Keeps the rows followed beyond the landmark; the rule text counts the rows left out
from_landmark <- function(x, landmark) {
  landmark <- check_number(landmark, "landmark", 0, open = TRUE)
  beyond <- x$time > landmark * (1 + default_tie_tol)
  failed <- if (is.factor(x$status)) x$status != levels(x$status)[1L] else x$status > 0L
  start <- sprintf("from the landmark at %s %s", format(landmark), attr(x, "unit"))
  rule <- sprintf_counts(
    paste(
      "%s; time is counted from the landmark, %s %s later, in %d of %d rows; left out",
      "were %d with an event by then and %d no longer in follow-up"
    ), attr(x, "rule"), format(landmark), attr(x, "unit"), sum(beyond), length(beyond),
    sum(failed & !beyond), sum(!failed & !beyond)
  )
  x <- subset_rows(x, beyond)
  x$time <- x$time - landmark
  if (!is.null(x$entry)) x$entry <- pmax(x$entry - landmark, 0)
  rownames(x) <- NULL
  attr(x, "rule") <- rule
  attr(x, "label") <- paste0(attr(x, "label"), ", ", start)
  attr(x, "landmark") <- landmark
  x
}
