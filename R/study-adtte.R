# Export of endpoints as an analysis data set of times to event (ADTTE of CDISC).

#' Analysis data set for times to event
#'
#' Gives endpoints of a study as the variables of ADTTE, the analysis data set of CDISC
#' for times to event: one row per patient (or lesion) and parameter, with the event or
#' the reason of censoring and its date, as in the column `audit` of [endpoint()].
#'
#' @details
#' | variable | content |
#' |---|---|
#' | `STUDYID`, `USUBJID` | `studyid`, if given; `patient_id` |
#' | `LESIONID` | `lesion_id`; only with endpoints by lesion (not a CDISC name) |
#' | `PARAMCD`, `PARAM` | code and name of the endpoint with the unit |
#' | `STARTDT`, `ADT` | day 0 and the day of the event or of censoring |
#' | `AVAL`, `AVALU` | the time of [endpoint()], `ADT` - `STARTDT` in `unit`; the unit |
#' | `CNSR` | 0 for the event, otherwise a code of the next table |
#' | `EVNTDESC` | the event in words (if there are several, the first one), or why there is none |
#' | `CNSDTDSC` | what the date of censoring is; empty for events |
#' | `ENTRY` | time from `STARTDT` to the entry; only with delayed entry (not a CDISC name) |
#' | `AUDIT` | the dates behind the row in words (not a CDISC name) |
#'
#' | `CNSR` | meaning |
#' |---|---|
#' | 0 | the event of the parameter |
#' | 1 | follow-up ended at last contact |
#' | 2 | death, if it is neither an event nor a competing event of the parameter |
#' | 3 | last imaging (`pfs_censor = "last_imaging"`) |
#' | 4 | another treatment before the event (`censor_at`) |
#' | 5 | the event came after a gap in imaging (`max_gap`) |
#' | 11, 12, ... | a competing event, in the order of `competing`; named in `EVNTDESC` |
#'
#' `Surv(AVAL, CNSR == 0)` is thus the cause-specific analysis with competing events
#' censored. For cumulative incidence make a factor with the levels censored (1 to 5),
#' event (0) and competing (11 and above). An endpoint that was given as a time and a
#' status has no dates: `STARTDT` and `ADT` are `NA`, and `CNSR` is 0, 1 or at least 11.
#'
#' Many sponsors add 1 for the first day; `AVAL` does not, so an event on day 0 has
#' `AVAL` 0. Each variable has its label as attribute `label`, which the package haven
#' writes to SAS transport files. The rules in words are in the attribute `rules`.
#' @section Example to follow by hand:
#' SBRT on 2021-01-01. A progresses on 2021-04-11 and dies on 2021-07-20: `OS` 200 days,
#' CNSR 0, "death"; `PFS` 100 days, CNSR 0, "progression"; `LF` (no local failure) 200
#' days, CNSR 11, "death". B is alive without progression on 2022-01-01: `OS`, `PFS` and
#' `LF` 365 days, CNSR 1.
#' @param study An [sbrt_study()].
#' @param what `NULL` for those of `"os"`, `"pfs"` and `"local_failure"` that the study
#'   has; names of endpoints; or a list of endpoints, each a name or a list of the name
#'   and its options, such as `list("os", PFSFDA = list("pfs", max_gap = 182))`. Names are
#'   used as `PARAMCD`, up to 8 capital letters and digits.
#' @param unit Unit of `AVAL`: `"days"`, `"months"` or `"years"`.
#' @param columns `NULL`, or names of columns of patients (or lesions) to add, such as
#'   `c("cohort", "strategy")`.
#' @param studyid `NULL`, or the text for `STUDYID`.
#' @return A data frame. Patients whom [endpoint()] omits have no row for that parameter.
#' @section Errors: those of [endpoint()]; `oligosurv_error_input` for two parameters with
#'   the same code, an invalid code, a `landmark`, or a column that does not exist.
#' @references CDISC (2012) The ADaM Basic Data Structure for Time-to-Event Analyses,
#'   version 1.0.
#' @seealso [endpoint()]
#' @examples
#' x <- adtte(hcc_sbrt, c("os", "pfs"), unit = "months", columns = "cohort")
#' head(x[c("USUBJID", "PARAMCD", "AVAL", "CNSR", "EVNTDESC", "CNSDTDSC")])
#' # the same curve as from endpoint()
#' kaplan_meier(Surv(AVAL, CNSR == 0) ~ cohort, x[x$PARAMCD == "OS", ])
#' @export
adtte <- function(study, what = NULL, unit = c("days", "months", "years"),
                  columns = NULL, studyid = NULL) {
  check_study(study)
  unit <- check_choice(unit, c("days", "months", "years"), "unit")
  if (!is.null(studyid)) check_string(studyid, "studyid")
  if (!is.null(columns)) check_study_columns(columns, study)
  calls <- adtte_calls(study, what)
  parts <- lapply(names(calls), function(code) {
    adtte_rows(study, calls[[code]], code, unit, columns)
  })
  labels <- vapply(parts, function(x) attr(x, "param"), "")
  repeated <- labels %in% labels[duplicated(labels)]
  labels[repeated] <- paste(labels, names(calls), sep = ", ")[repeated]
  result <- do.call(rbind, lapply(seq_along(parts), function(i) {
    x <- parts[[i]]
    x$PARAM <- rep(sprintf("%s (%s)", labels[i], unit), nrow(x))
    frame_only(x)
  }))
  result$STUDYID <- if (!is.null(studyid)) rep(studyid, nrow(result))
  kept <- intersect(c(names(adtte_labels), columns), names(result))
  empty <- vapply(result[kept], function(x) all(is.na(x)), NA)
  result <- result[kept[!(empty & kept %in% c("LESIONID", "ENTRY"))]]
  for (name in intersect(names(adtte_labels), names(result))) {
    attr(result[[name]], "label") <- adtte_labels[[name]]
  }
  rules <- vapply(parts, function(x) attr(x, "rule"), "")
  structure(result, rules = stats::setNames(rules, names(calls)))
}

adtte_labels <- c(
  STUDYID = "Study Identifier", USUBJID = "Unique Subject Identifier",
  LESIONID = "Lesion Identifier", PARAMCD = "Parameter Code", PARAM = "Parameter",
  STARTDT = "Time-to-Event Origin Date for Subject", ADT = "Analysis Date",
  AVAL = "Analysis Value", AVALU = "Analysis Value Unit", CNSR = "Censor",
  EVNTDESC = "Event or Censoring Description", CNSDTDSC = "Censor Date Description",
  ENTRY = "Time of Entry into the Risk Set", AUDIT = "Dates Behind the Row"
)

adtte_codes <- c(
  os = "OS", pfs = "PFS", progression = "TTP", cause_specific_death = "CSD",
  local_failure = "LF", distant_failure = "DF", intrahepatic_failure = "IHF",
  extrahepatic_failure = "EHF", widespread_failure = "WSF", next_therapy = "TTNT",
  pfs2 = "PFS2", next_line_pfs = "PFSNL", next_sbrt = "TTNSBRT",
  late_toxicity = "LATETOX", liver_decline = "LIVDEC", time_to_response = "TTR",
  duration_of_response = "DOR"
)

check_study_columns <- function(columns, study) {
  columns <- plain_argument(columns)
  known <- unique(c(names(study$patients), names(study$lesions)))
  if (is.character(columns) && all(columns %in% known)) return(columns)
  stop_oligosurv("input", sprintf(
    "`columns` must be names of columns of patients or lesions; it is %s",
    if (is.character(columns)) join_words(setdiff(columns, known)) else describe(columns)
  ), arg = "columns")
}

# The arguments of endpoint() for each parameter, with the codes as names
adtte_calls <- function(study, what) {
  if (is.null(what)) {
    what <- Filter(function(name) has_endpoint(study, name),
      c("os", "pfs", "local_failure")
    )
  }
  what <- plain_argument(what)
  each <- if (is.list(what) || is.atomic(what)) as.list(what)
  calls <- lapply(each, function(x) if (is.list(x)) x else list(x))
  named <- function(x) {
    is.character(x[[1L]]) && length(x[[1L]]) == 1L && names(c(x, list(end = 0)))[1L] %in%
      c("", "what")
  }
  if (!length(calls) || !all(lengths(calls) > 0L) || !all(vapply(calls, named, NA))) {
    stop_oligosurv("input", paste(
      "`what` must be names of endpoints, or a list of names and of lists that begin",
      "with a name, such as list(\"os\", PFSFDA = list(\"pfs\", max_gap = 182))"
    ), arg = "what")
  }
  names <- vapply(calls, `[[`, "", 1L)
  codes <- unname(ifelse(names %in% names(adtte_codes), adtte_codes[names],
    substr(gsub("[^A-Z0-9]", "", upper_case(sub("_date$", "", names))), 1L, 8L)
  ))
  given <- names(what)
  if (!is.null(given)) codes[nzchar(given)] <- given[nzchar(given)]
  if (all(grepl("^[A-Z][A-Z0-9]{0,7}$", codes)) && !anyDuplicated(codes)) {
    return(stats::setNames(calls, codes))
  }
  stop_oligosurv("input", sprintf(
    paste(
      "the codes of the parameters must differ and have up to 8 capital letters and",
      "digits; they are %s; name the elements of `what`, as in c(PFS = \"pfs\")"
    ), join_words(sprintf("\"%s\"", codes))
  ), arg = "what")
}

# The rows of one parameter
adtte_rows <- function(study, call, code, unit, columns) {
  if (any(c("landmark", "unit") %in% names(call))) {
    stop_oligosurv("input", paste(
      "the endpoints in `what` cannot have a `landmark`, which moves day 0, or a `unit`,",
      "which is that of adtte()"
    ), arg = "what")
  }
  names(call)[1L] <- "what"
  x <- do.call(endpoint, c(list(study), call, list(unit = unit)))
  n <- nrow(x)
  decided <- attr(x, "decided")
  if (is.null(decided)) {
    none <- rep(NA_character_, n)
    decided <- data.frame(
      start = as_date(rep(NA_real_, n)), day = as_date(rep(NA_real_, n)),
      source = rep("time of the study", n), event = none,
      reason = rep("last_contact", n), note = none
    )
  }
  described <- adtte_status(x$status, decided, unname(call$what))
  value <- data.frame(
    USUBJID = x$patient_id,
    LESIONID = if (attr(x, "level") == "lesion") x$lesion_id else rep(NA_character_, n),
    PARAMCD = rep(code, n), STARTDT = decided$start, ADT = decided$day, AVAL = x$time,
    AVALU = rep(upper_case(unit), n), described,
    ENTRY = if (is.null(x$entry)) rep(NA_real_, n) else x$entry, AUDIT = x$audit
  )
  for (name in columns) value[[name]] <- plain_column(column_or_na(x, name))
  structure(value, param = attr(x, "label"), rule = attr(x, "rule"))
}

# The reasons of censoring that endpoint() tells apart, in words; their order gives CNSR.
censor_reasons <- c(
  last_contact = "end of follow-up", death = "death, not an event of this parameter",
  imaging = "no event until the last imaging",
  censor_at = "other treatment before the event", max_gap = "event after a gap in imaging"
)

# CNSR and the two descriptions of each row
adtte_status <- function(status, decided, what) {
  code <- if (is.factor(status)) as.integer(status) - 1L else status
  censored <- code == 0L
  reason <- match(decided$reason, names(censor_reasons))
  event <- event_of_code(status, code, decided$event, what)
  data.frame(
    CNSR = ifelse(censored, reason, ifelse(code == 1L, 0L, code + 9L)),
    EVNTDESC = ifelse(censored, unname(censor_reasons)[reason], event),
    CNSDTDSC = ifelse(censored, paste0(decided$source,
      ifelse(is.na(decided$note), "", paste0(", ", decided$note))
    ), "")
  )
}

# The event of each row in words. If an endpoint has several events, such as "progression
# or death", dates tell which came first.
event_of_code <- function(status, code, event, what) {
  label <- if (is.factor(status)) as.character(status) else
    rep(single_event(what), length(status))
  first <- unname(event_labels[event])
  several <- code == 1L & !is.na(first) & !is.factor(status)
  label[several] <- first[several]
  label
}

# The event of an endpoint without competing events
single_event <- function(what) {
  event <- endpoint_rules[[what]]$event
  if (is.character(event)) event else event_of_column(what)
}
