#' Adverse events by worst grade, acute and late
#'
#' Counts patients by the worst grade of each adverse event, separately for acute events
#' (from the first day up to and including day `window` after `sbrt_start`) and late
#' events.
#'
#' @details A patient counts once per term and phase, with the worst grade. The first rows
#' of each phase, `Any adverse event`, use the worst grade of all terms. Every term of
#' the study has a row in each phase and group, even with no patient; terms are sorted by
#' the number of patients who had them.
#'
#' **What counts** (for the columns see [study_schema()]):
#' * Grade 0 means that the patient was assessed and had no event. An empty grade is
#'   unknown: the event counts in `any_grade`, but not as grade 2 or more or grade 3 or
#'   more.
#' * Terms that differ only in capitals or blanks are one term, in its most frequent
#'   spelling.
#' * An event before `sbrt_start` is a baseline event, not toxicity. An event of the same
#'   term after SBRT counts, with its own grade, if this grade is above the highest grade
#'   before SBRT (`baseline = "above"`). Baseline events with an `end_date` before
#'   `sbrt_start` had ended and are not compared.
#' * The date determines the phase; the column `phase` is used if there is no date. Events
#'   without either are in no phase, and the print says how many.
#'
#' **Recorded or not.** A study without the table adverse_events, or with a table without
#' rows, has no record of toxicity, so this function stops instead of reporting 0%. If
#' toxicity was assessed and there was none, give rows of grade 0, one for each patient
#' who was assessed.
#' @param study An [sbrt_study()].
#' @param window Last day of the acute phase, in days after `from`.
#' @param attribution `"all"` events, whatever the attribution, or only those `"related"`
#'   to SBRT by the column `related`: `yes`, `possible`, `probable` and `definite`. Or the
#'   lowest level that counts, one of `"unlikely"`, `"possible"` (the same as
#'   `"related"`), `"probable"` and `"definite"`; `yes` counts at each of them. Events
#'   without an answer count as related, and the print says how many.
#' @param by Name (text) of a column of groups of the patients, for instance `"cohort"`;
#'   patients without a value are omitted, and the print says how many.
#' @param from Day 0 of `window`: `"sbrt_start"`, or `"sbrt_end"`, the last day of SBRT
#'   (`sbrt_start` for patients whose last day is unknown; the print says how many).
#'   Events during SBRT are acute.
#' @param courses `"first"`: the window begins with the first course of SBRT. `"each"`:
#'   each course in the table courses has its own window, and an event belongs to the last
#'   course that began on its day or before.
#' @param baseline `"above"`: an event counts only if its grade is above that of events of
#'   the same term before SBRT. `"ignore"`: all events after SBRT count.
#' @param denominator Denominator of the percentages: `"all"` patients of the group, or
#'   those `"at_risk"`, which are for late events the patients alive and in follow-up on
#'   at least one day after the window and those with a late event, and for acute events
#'   all patients.
#' @return A data frame of class `toxicity_table`: `phase` (`acute`, `late`), `term`,
#'   `strata` (`All` without `by`), `n` (patients of the denominator), `grade_1` to
#'   `grade_5` (patients with that worst grade), `any_grade`, `grade_2_plus` and
#'   `grade_3_plus` (patients), `any_grade_pct`, `grade_2_plus_pct` and
#'   `grade_3_plus_pct` (percent of `n`; `NA` if `n` is 0), and `grade_unknown` (patients
#'   whose events all have an unknown grade; they are in `any_grade`).
#' @section Example to follow by hand:
#' Four patients, all with SBRT from 2021-01-01. A has fatigue of grade 1 on 2021-01-01
#' (day 0) and of grade 3 on 2021-04-01 (day 90, the last acute one), B a rib fracture of
#' grade 2 on 2021-04-02 (day 91), C and D nothing; D died on 2021-01-31.
#' - Acute: fatigue counts once, with grade 3: 1 of 4 patients, 25%; rib fracture 0 of 4.
#' - Late: rib fracture with grade 2, 1 of 4, 25%; with `denominator = "at_risk"` 1 of 3,
#'   33.3%, as D died within the window.
#' - With `window = 89` the fatigue of day 0 is acute with grade 1, that of day 90 late
#'   with grade 3. With SBRT until 2021-01-11 and `from = "sbrt_end"` the rib fracture,
#'   81 days later, is acute.
#' - With a second course of B from 2021-04-01 and `courses = "each"` the rib fracture,
#'   one day later, is acute.
#' - With pain of B of grade 2 on 2020-12-20 (baseline), pain of grade 2 on 2021-02-01
#'   does not count, pain of grade 3 counts as grade 3.
#' - The cumulative incidence of late events of grade 2 or more, death competing, is
#'   `endpoint(study, "late_toxicity", grade = 2)`: B has it after 91 days.
#' @section Errors:
#' `oligosurv_error_input` for a `window` that is not a number of at least 0, an unknown
#' `by` or choice, `attribution` other than `"all"` without a column `related`,
#' `"sbrt_end"` without its date, `courses = "each"` without the table courses, or
#' `"at_risk"` without dates of follow-up; `oligosurv_error_data` if toxicity was not
#' recorded.
#' @seealso [longer_events()] for one column per term, [response_rate()], [endpoint()],
#'   [result_table()]
#' @examples
#' toxicity <- toxicity_table(hcc_sbrt)
#' # Grade 3 or more: acute 15/37 = 40.5%, late 2/37 = 5.4%
#' subset(toxicity, term == "Any adverse event")
#' # of the patients still followed after day 90
#' subset(toxicity_table(hcc_sbrt, denominator = "at_risk"), phase == "late")[1, ]
#' @export
toxicity_table <- function(study, by = NULL, window = 90,
                           attribution = c("all", "related", "unlikely", "possible",
                             "probable", "definite"),
                           from = c("sbrt_start", "sbrt_end"),
                           courses = c("first", "each"), baseline = c("above", "ignore"),
                           denominator = c("all", "at_risk")) {
  check_study(study)
  options <- check_options(mget(toxicity_options))
  denominator <- check_choice(denominator, c("all", "at_risk"), "denominator")
  strata <- group_of(study$patients, by, "patients")
  recorded_events(study)
  start <- toxicity_start(study, options$from)
  windows <- toxicity_windows(study, options, start$day)
  counted <- counted_events(study, options, windows)
  events <- counted$events[!is.na(counted$events$phase), ]
  phase <- factor(events$phase, event_phases[-1L])
  at_risk <- rep(TRUE, nrow(study$patients))
  if (denominator == "at_risk") {
    check_follow_up_dates(study)
    end <- censor_date(study, "last_contact")$date
    at_risk <- reaches_late_phase(windows, options$window, end) |
      seq_along(at_risk) %in% events$of[phase == "late"]
  }
  of_phase <- list(acute = strata, late = replace(strata, !at_risk, NA))
  patients_with <- table(unique(data.frame(events$of, term = events$term))$term)
  terms <- names(sort(patients_with, decreasing = TRUE))
  terms <- c(terms, setdiff(counted$terms[!is.na(counted$terms)], terms))
  shown <- make.unique(c(any_event, terms))
  rows <- lapply(levels(phase), function(now) {
    lapply(seq_along(shown), function(i) {
      mine <- phase == now & (i == 1L | events$term == c(any_event, terms)[i])
      cbind(
        data.frame(phase = now, term = shown[i]),
        count_grades(events$grade[mine], events$of[mine], of_phase[[now]])
      )
    })
  })
  result <- do.call(rbind, unlist(rows, recursive = FALSE))
  result$phase <- factor(result$phase, levels(phase))
  result$term <- factor(result$term, shown)
  structure(result,
    window = options$window, by = by, left_out = sum(is.na(strata)),
    attribution = options$attribution,
    rule = toxicity_rule(options, denominator), notes = c(
      counted$notes, if (start$unknown > 0L) {
        sprintf("Window from `sbrt_start` in %s without a date of the end of SBRT",
          count_noun(start$unknown, "patient")
        )
      }
    ),
    class = c("toxicity_table", "sbrt_table", "data.frame")
  )
}

# Without these dates nobody knows who was followed beyond the acute phase.
has_follow_up_dates <- function(study) {
  filled <- function(column) is_filled(study$patients[[column]])
  filled("sbrt_start") && (filled("last_contact") || filled("death_date"))
}

check_follow_up_dates <- function(study) {
  if (has_follow_up_dates(study)) return(invisible())
  stop_oligosurv("input", paste(
    "`denominator = \"at_risk\"` needs the dates `sbrt_start` and `last_contact` or",
    "`death_date` of the patients, but the study lacks them; use `denominator = \"all\"`"
  ), arg = "denominator")
}

# Patients of each stratum by worst grade. `of` is the patient of each event. If a patient
# has known and unknown grades, the worst known grade counts.
count_grades <- function(grade, of, strata) {
  level <- ifelse(is.na(grade), 1L, grade + 1L)
  worst <- integer(length(strata))
  by_level <- order(level)
  # assigned from low to high, so that the worst grade of each patient remains
  worst[of[by_level]] <- level[by_level]
  counts <- table(strata, factor(worst, 0:6))
  counts <- matrix(as.integer(counts), nrow = nlevels(strata))
  n <- as.integer(rowSums(counts))
  any_grade <- as.integer(n - counts[, 1L])
  at_least <- function(grade) {
    as.integer(rowSums(counts[, (grade + 2L):7L, drop = FALSE]))
  }
  grades <- as.data.frame(counts[, 3:7, drop = FALSE])
  names(grades) <- paste0("grade_", 1:5)
  percent <- function(x) ifelse(n > 0L, 100 * x / n, NA_real_)
  data.frame(
    strata = factor(levels(strata), levels(strata)), n, grades, any_grade,
    grade_2_plus = at_least(2L), grade_3_plus = at_least(3L),
    any_grade_pct = percent(any_grade), grade_2_plus_pct = percent(at_least(2L)),
    grade_3_plus_pct = percent(at_least(3L)), grade_unknown = counts[, 2L]
  )
}

attribution_text <- function(least) {
  if (least == "related") least <- "possible"
  at <- match(least, attribution_levels)
  paste("attribution", join_words(c(attribution_levels[at:5], "yes"), "or"))
}

# The rules of the table in sentences, which are shown with it
toxicity_rule <- function(options, denominator) {
  window <- format(options$window)
  c(
    if (options$from == "sbrt_start") {
      days <- if (options$window == 0) "0" else paste("0 to", window)
      sprintf("Acute: first day on day %s after the start of SBRT", days)
    } else {
      sprintf("Acute: first day from the start of SBRT to day %s after its end", window)
    },
    sprintf("Late: first day after day %s", window),
    if (options$courses == "each") {
      "Each course of SBRT has its own acute phase, which ends when the next one begins"
    },
    if (options$attribution != "all") {
      paste("Related to SBRT:", attribution_text(options$attribution))
    },
    paste0("Each patient counts once per event and phase; ", if (denominator == "all") {
      "percentages are of all patients"
    } else {
      "percentages of late events are of patients alive and in follow-up after that day"
    })
  )
}

toxicity_columns <- c(
  "phase", "term", "strata", "n", paste0("grade_", 1:5), "any_grade", "grade_2_plus",
  "grade_3_plus", "any_grade_pct", "grade_2_plus_pct", "grade_3_plus_pct",
  "grade_unknown"
)

#' @exportS3Method NULL
result_rows.toxicity_table <- function(x, ...) {
  check_no_dots(...)
  if (!is_whole(x, toxicity_columns)) return(NULL)
  rows <- as.data.frame(x)
  # terms without events in a phase are not printed for that phase
  seen <- stats::ave(x$any_grade, x$phase, x$term, FUN = sum) > 0 | x$term == any_event
  shown <- rows[seen, ]
  grades <- shown[paste0("grade_", 1:5)]
  names(grades) <- paste("Grade", 1:5)
  worst <- max(which(colSums(grades) > 0), 3L)
  share <- function(n, pct) joined_column("%s (%s)", n, number_column(pct, console = 1L))
  new_result(rows, study_summary(x),
    what = sprintf("Adverse events%s: patients by worst grade",
      if (attr(x, "attribution") == "all") ", whatever the attribution" else
        " related to SBRT"
    ),
    columns = c(
      list(
        Phase = sentence_case(blank_repeats(shown$phase)),
        Event = blank_repeats(shown$term, shown$phase),
        Group = if (nlevels(x$strata) > 1L) {
          sprintf_counts("%s (n = %d)", shown$strata, shown$n)
        }
      ), grades[seq_len(worst)],
      list(
        "Grade unknown" = if (any(shown$grade_unknown > 0L)) shown$grade_unknown,
        "Any, n (%)" = share(shown$any_grade, shown$any_grade_pct),
        "Grade 3 or more, n (%)" = share(shown$grade_3_plus, shown$grade_3_plus_pct)
      )
    ),
    remarks = c(
      attr(x, "rule"),
      if (nlevels(x$strata) == 1L && length(unique(x$n)) > 1L) {
        sprintf_counts("At risk of late events: %d of %d patients", min(x$n), max(x$n))
      },
      if (worst < 5L) paste("No event of grade", if (worst < 4L) "4 or 5" else "5"),
      left_out_text(x, "patient"), attr(x, "notes")
    ),
    values = list(strata = as.character(x$strata), outcome = as.character(x$phase)),
    sentence = paste0(
      "{term}, {phase}: {any_grade} of {n} patients, grade 3 or more {grade_3_plus}"
    )
  )
}
