#' State of oligometastatic disease by the EORTC/ESTRO consensus
#'
#' Follows the decision tree of Guckenberger et al. (2020) and returns one of its nine
#' states with the answers that led to it.
#'
#' @details The questions, in their order:
#'
#' 1. polymetastatic disease at any time before? Yes: *induced*.
#' 2. If not, oligometastatic disease at any time before? Yes: *repeat*; no: *de-novo*.
#' 3. De-novo: found more than 6 months after the primary cancer? No, or found before it:
#'    *synchronous oligometastatic disease*; yes: *metachronous*.
#' 4. If not synchronous: active systemic therapy when it was found? No:
#'    *oligorecurrence*; yes: *oligoprogression* if metachronous.
#' 5. Repeat and induced under systemic therapy: any lesion progressive on current
#'    imaging? Yes: *oligoprogression*; no: *oligopersistence*.
#'
#' The consensus does not say how six months are counted. With `month = "calendar"`
#' they end on the same day of the month, six months later (or the last day of a shorter
#' month), so that 1 March to 1 September is 6 months, synchronous. With
#' `month = "days"` a month is 30.4375 days, and these 184 days are 6.05 months,
#' metachronous.
#'
#' Only the questions on the path of a patient need an answer. If one of these has none,
#' the state is `NA`, and `unanswered` names the question.
#'
#' The cohorts of the study of [hcc_sbrt] follow from the state and the number of lesions:
#' `OP` is any oligoprogression with at most 5 progressive lesions, `OM` disease newly
#' found without systemic therapy (synchronous, or metachronous oligorecurrence) with at
#' most 5 lesions. For all other states the cohort is `NA`.
#' @section Examples to follow by hand:
#' Primary cancer diagnosed on 2020-01-01.
#' - First metastases on 2020-06-30 (5 months and 29 of 30 days): synchronous; OM.
#' - First metastases on 2020-07-01 (exactly 6 months): synchronous. On 2020-07-03 (6
#'   months and 2 of 31 days, 6.06 months): metachronous; without systemic therapy
#'   oligorecurrence, OM; under it oligoprogression, OP.
#' - First metastases on 2019-12-27, 5 days before the primary cancer was found:
#'   synchronous.
#' - A second time, under systemic therapy, no lesion progressive: repeat
#'   oligopersistence.
#' - After polymetastatic disease, without therapy: induced oligorecurrence.
#' @param x `NULL`, an [sbrt_study()] (its patients) or a data frame. The other arguments
#'   are then names of its columns, by default those of [study_schema()].
#' @param prior_polymetastatic,prior_oligometastatic,systemic_therapy,progressive_lesions
#'   Without `x`, answers: logical, 0/1, `"yes"` and `"no"`, or other usual forms
#'   regardless of capitals (Y/N, T/F, ja/nein, J/N, oui/non, O/N, si/no); `NA` or empty
#'   for unknown. All of the same length, or of length 1.
#' @param months_to_omd Months from the diagnosis of the primary cancer to that of the
#'   oligometastatic disease, negative if the latter came first. If `x` has no such
#'   column: from `diagnosis_date` to `omd_date` (or to `sbrt_start` if that is empty),
#'   counted by `month`.
#' @param lesions Number of lesions (for oligoprogression, of progressive lesions), or
#'   `NULL` if it is known to be at most `max_lesions`. For a study it is counted from its
#'   table lesions.
#' @param synchronous_months Longest interval of synchronous disease, in months.
#' @param max_lesions Largest number of lesions in the cohorts.
#' @param month How months between dates are counted: by the `"calendar"`, or in `"days"`,
#'   with 30.4375 days per month.
#' @return A data frame of class `omd_class`, one row per patient: the id if `x` has one,
#'   `state` (a factor of the nine states), `history` (`de-novo`, `repeat`, `induced`),
#'   the answers used (`NA` for questions not on the path) `prior_polymetastatic`,
#'   `prior_oligometastatic`, `months_to_omd`, `systemic_therapy`, `progressive_lesions`,
#'   `path` (the answers in words), `unanswered` and `cohort` (`OP`, `OM`).
#' @section Errors:
#' `oligosurv_error_input` for missing columns, unequal lengths or answers other than yes
#' or no; `oligosurv_error_domain` for months that are not finite or a number of lesions
#' below 0.
#' @references Guckenberger et al. (2020) \doi{10.1016/S1470-2045(19)30718-1}.
#' @seealso [sbrt_study()], [baseline_table()]
#' @examples
#' omd_class(
#'   prior_polymetastatic = c("no", "no", "yes"), prior_oligometastatic = "no",
#'   months_to_omd = c(2, 14, 30), systemic_therapy = c(NA, "yes", "yes"),
#'   progressive_lesions = c(NA, NA, "no")
#' )
#' @export
omd_class <- function(x = NULL, prior_polymetastatic = NULL, prior_oligometastatic = NULL,
                      months_to_omd = NULL, systemic_therapy = NULL,
                      progressive_lesions = NULL, lesions = NULL, synchronous_months = 6,
                      max_lesions = 5, month = c("calendar", "days")) {
  month <- check_choice(month, c("calendar", "days"), "month")
  synchronous_months <- check_number(synchronous_months, "synchronous_months", 0)
  max_lesions <- check_number(max_lesions, "max_lesions", 1)
  given <- list(
    prior_polymetastatic = prior_polymetastatic,
    prior_oligometastatic = prior_oligometastatic, months_to_omd = months_to_omd,
    systemic_therapy = systemic_therapy, progressive_lesions = progressive_lesions,
    lesions = lesions
  )
  rows <- omd_rows(x)
  answers <- if (is.null(rows)) given else omd_columns(rows, given, month)
  answers <- omd_answers(answers, rows)
  found <- omd_decide(answers, synchronous_months)
  found$cohort <- omd_cohort(found$state, answers$lesions, max_lesions)
  if (!is.null(rows$patient_id)) found <- cbind(patient_id = rows$patient_id, found)
  structure(found, class = c("omd_class", "sbrt_table", "data.frame"))
}

omd_states <- c(
  "synchronous oligometastatic disease", "metachronous oligorecurrence",
  "metachronous oligoprogression", "repeat oligorecurrence", "repeat oligoprogression",
  "repeat oligopersistence", "induced oligorecurrence", "induced oligoprogression",
  "induced oligopersistence"
)

omd_rows <- function(x) {
  if (is.null(x)) return(NULL)
  if (inherits(x, "sbrt_study")) {
    rows <- study_table(x, "patients", "patient_id", "omd_class()")
    if (is.null(rows$lesions) && !is.null(x$lesions)) {
      study_table(x, "lesions", "patient_id", "omd_class()")
      rows$lesions <- lesion_count(x)
    }
    return(rows)
  }
  if (is.data.frame(x)) return(as.data.frame(check_frame_columns(x, "x")))
  stop_oligosurv("input", sprintf(
    "`x` must be an sbrt_study, a data frame or NULL; it is %s", describe(x)
  ), arg = "x")
}

# The columns named by the arguments; by default, columns with the names of the arguments
omd_columns <- function(rows, given, month) {
  answers <- Map(function(value, name) {
    if (is.null(value)) value <- name
    value <- check_string(value, name)
    if (value == "months_to_omd" && is.null(rows$months_to_omd)) {
      return(months_from_dates(rows, month))
    }
    if (value == "lesions" && is.null(rows$lesions)) return(NULL)
    if (is.null(rows[[value]])) {
      stop_oligosurv("input", sprintf(
        "`x` has no column `%s`, which the disease state needs; name the column in `%s`",
        value, name
      ), arg = name, column = value)
    }
    rows[[value]]
  }, given, names(given))
  answers
}

months_from_dates <- function(rows, month) {
  if (is.null(rows$diagnosis_date)) {
    stop_oligosurv("input", paste(
      "`x` has neither `months_to_omd` nor `diagnosis_date`; the disease state needs one",
      "of them, `diagnosis_date` together with `omd_date` or `sbrt_start`"
    ), arg = "months_to_omd")
  }
  day <- function(x) as.numeric(if (is.null(x)) NA else as.Date(x))
  found <- rep_len(day(rows$omd_date), nrow(rows))
  start <- rep_len(day(rows$sbrt_start), nrow(rows))
  found[is.na(found)] <- start[is.na(found)]
  diagnosis <- rep_len(day(rows$diagnosis_date), nrow(rows))
  if (month == "days") return((found - diagnosis) / days_in[["months"]])
  calendar_months(as_date(diagnosis), as_date(found))
}

# Months from one day to another by the calendar: the full months, and the rest as a
# proportion of the month that has begun. A day that does not exist in a month, such as
# 31 April, counts as its last day.
calendar_months <- function(from, to) {
  sign <- ifelse(to < from, -1, 1)
  first <- as_date(pmin(as.numeric(from), as.numeric(to)))
  last <- as_date(pmax(as.numeric(from), as.numeric(to)))
  part <- function(day) as.POSIXlt(day, tz = "UTC")
  n <- 12 * (part(last)$year - part(first)$year) + part(last)$mon - part(first)$mon
  n <- n - (add_months(first, n) > last)
  begun <- add_months(first, n)
  rest <- as.numeric(last - begun) / as.numeric(add_months(first, n + 1) - begun)
  sign * (n + rest)
}

add_months <- function(day, n) {
  parts <- as.POSIXlt(day, tz = "UTC")
  month <- 12 * (parts$year + 1900) + parts$mon + n
  first <- function(m) {
    text <- sprintf("%04d-%02d-01", as.integer(m %/% 12), as.integer(m %% 12) + 1L)
    as.Date(ifelse(is.na(m), NA, text))
  }
  last <- as.numeric(first(month + 1) - first(month))
  first(month) + pmin(parts$mday, last) - 1
}

omd_answers <- function(answers, rows) {
  yes_no <- setdiff(names(answers), c("months_to_omd", "lesions"))
  for (name in yes_no) {
    if (is.null(answers[[name]])) {
      stop_oligosurv("input", sprintf(
        "`%s` is missing; give NA when it is unknown", name
      ), arg = name)
    }
    answers[[name]] <- check_yes_no(answers[[name]], name)
  }
  if (is.null(answers$months_to_omd)) answers$months_to_omd <- NA_real_
  answers$months_to_omd <- check_months(answers$months_to_omd, "months_to_omd")
  if (!is.null(answers$lesions)) {
    answers$lesions <- check_months(answers$lesions, "lesions", 0)
  }
  sizes <- lengths(Filter(Negate(is.null), answers))
  n <- if (is.null(rows)) max(sizes) else nrow(rows)
  if (any(sizes == 0L)) n <- 0L
  wrong <- names(sizes)[!sizes %in% c(1L, n)]
  if (length(wrong)) {
    stop_oligosurv("input", sprintf(
      "`%s` has length %d; the answers must have the same length or length 1", wrong[1L],
      sizes[[wrong[1L]]]
    ), arg = wrong[1L])
  }
  if (is.null(answers$lesions)) answers$lesions <- 0 # known to be few
  lapply(answers, rep_len, n)
}

check_months <- function(x, arg, lower = -Inf) {
  x <- plain_column(x)
  if (!is.numeric(x) && !(is.atomic(x) && all(is.na(x)))) {
    stop_oligosurv("input", sprintf("`%s` must be numeric; it is %s", arg, describe(x)),
      arg = arg
    )
  }
  x <- as.double(x)
  bad <- !is.na(x) & (!is.finite(x) | x < lower)
  need <- if (lower == 0) "finite and at least 0" else "finite"
  if (any(bad)) stop_domain(arg, need, bad, x)
  x
}

# Follows the decision tree; `asked` marks the rows whose path includes a question
omd_decide <- function(a, synchronous_months) {
  n <- length(a$prior_polymetastatic)
  unanswered <- rep(NA_character_, n)
  path <- character(n)
  ask <- function(name, asked, yes, no, answer = a[[name]]) {
    asked <- asked & is.na(unanswered)
    unanswered[asked & is.na(answer)] <<- name
    told <- which(asked & !is.na(answer))
    words <- ifelse(answer[told], yes, no)
    path[told] <<- paste0(path[told], ifelse(nzchar(path[told]), "; ", ""), words)
    ifelse(asked, answer, NA)
  }
  all <- rep(TRUE, n)
  poly <- ask("prior_polymetastatic", all, "polymetastatic before",
    "never polymetastatic"
  )
  oligo <- ask("prior_oligometastatic", poly %in% FALSE, "oligometastatic before",
    "never oligometastatic"
  )
  late <- ask("months_to_omd", oligo %in% FALSE,
    sprintf("found more than %s months after diagnosis", format(synchronous_months)),
    sprintf("found within %s months of diagnosis", format(synchronous_months)),
    a$months_to_omd > synchronous_months
  )
  again <- poly %in% TRUE | oligo %in% TRUE
  drug <- ask("systemic_therapy", late %in% TRUE | again, "on systemic therapy",
    "off systemic therapy"
  )
  growing <- ask("progressive_lesions", again & drug %in% TRUE, "a lesion progressive",
    "no lesion progressive"
  )
  history <- ifelse(poly %in% TRUE, "induced",
    ifelse(oligo %in% TRUE, "repeat", ifelse(oligo %in% FALSE, "de-novo", NA))
  )
  kind <- ifelse(drug %in% FALSE, "oligorecurrence",
    ifelse(growing %in% FALSE, "oligopersistence", "oligoprogression")
  )
  prefix <- ifelse(history %in% "de-novo", "metachronous", history)
  state <- ifelse(late %in% FALSE, omd_states[1L], paste(prefix, kind))
  state[!is.na(unanswered)] <- NA
  data.frame(
    state = factor(state, omd_states),
    history = factor(history, c("de-novo", "repeat", "induced")),
    prior_polymetastatic = poly, prior_oligometastatic = oligo,
    months_to_omd = ifelse(is.na(late), NA_real_, a$months_to_omd),
    systemic_therapy = drug, progressive_lesions = growing, path = path,
    unanswered = unanswered
  )
}

omd_cohort <- function(state, lesions, max_lesions) {
  few <- (lesions <= max_lesions) %in% TRUE
  cohort <- rep(NA_character_, length(state))
  cohort[grepl("oligoprogression", state) & few] <- "OP"
  cohort[state %in% omd_states[1:2] & few] <- "OM"
  factor(cohort, c("OP", "OM"))
}

#' @exportS3Method NULL
result_rows.omd_class <- function(x, ...) {
  check_no_dots(...)
  if (!is_whole(x, c("state", "path", "unanswered"))) return(NULL)
  n <- tabulate(factor(x$state, omd_states), length(omd_states))
  none <- sum(is.na(x$state))
  rows <- quick_frame(list(
    state = c(omd_states, if (none > 0L) "not decided"), n = c(n, if (none > 0L) none)
  ))
  rows$estimate <- rows$n / max(1L, nrow(x))
  open <- table(x$unanswered)
  new_result(rows, quick_frame(list(n = nrow(x), n.undecided = none)),
    what = "States of oligometastatic disease",
    title = sprintf("Oligometastatic states of %s", count_noun(nrow(x), "patient")),
    basis = "EORTC/ESTRO consensus (Guckenberger et al. 2020), from the answers given",
    columns = list(
      State = sentence_case(rows$state),
      "Patients, n (%)" = joined_column(
        "%s (%s)", rows$n, number_column(100 * rows$estimate, console = 1L)
      )
    ),
    details = c(omd_paths(x[!is.na(x$state), ]), if (length(open)) {
      sprintf("Without a state: %s", paste(
        sprintf("%d without an answer to %s", open, names(open)), collapse = ", "
      ))
    }),
    remarks = if (none > 0L) {
      "Not decided: an answer that the state depends on is missing"
    },
    label = rows$state, values = list(strata = rows$state),
    sentence = "{n} {strata}"
  )
}

# The sequences of answers that lead to each state, and their numbers of patients
omd_paths <- function(known) {
  key <- paste(known$state, known$path, sep = ": ")
  first <- !duplicated(key)
  text <- sprintf("%s (%d)", key[first], tabulate(match(key, key[first])))
  text[order(match(known$state[first], omd_states))]
}
