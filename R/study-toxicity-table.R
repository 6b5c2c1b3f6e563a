#' Adverse events by worst grade, acute and late
#'
#' Counts patients by the worst grade of each adverse event, separately for acute events
#' (first day on day 0 to `window` after `sbrt_start`, both included) and late ones.
#'
#' @details A patient counts once per term and phase, with the worst grade. The first rows
#' of each phase, `Any adverse event`, use the worst grade of all terms. The denominator
#' of every percentage is all patients of the group, with or without events. Every term of
#' the study has a row in each phase and group, even with no patient; terms are sorted by
#' the number of patients who had them.
#' @param study An [sbrt_study()].
#' @param window Last day of the acute phase, in days after `sbrt_start`.
#' @param attribution `"all"` events, or only those `"related"` to SBRT: events whose
#'   column `related` is not `no`. Events without an answer count as related, and the
#'   print counts them.
#' @param by Name (text) of a column of groups of the patients, for instance `"cohort"`;
#'   patients without a value are left out, and the print counts them.
#' @return A data frame of class `toxicity_table`: `phase` (`acute`, `late`), `term`,
#'   `strata` (`All` without `by`), `n` (patients), `grade_1` to `grade_5` (patients with
#'   that worst grade), `any_grade`, `grade_2_plus` and `grade_3_plus` (patients),
#'   `any_grade_pct`, `grade_2_plus_pct` and `grade_3_plus_pct` (percent of `n`; `NA` for
#'   a group without patients).
#' @section Example to follow by hand:
#' Four patients, all with SBRT from 2021-01-01. A has fatigue of grade 1 on 2021-01-01
#' (day 0) and of grade 3 on 2021-04-01 (day 90, the last acute one), B a rib fracture of
#' grade 2 on 2021-04-02 (day 91), C and D nothing.
#' - Acute: fatigue counts once, with grade 3: 1 of 4 patients, 25%; rib fracture 0 of 4.
#' - Late: rib fracture with grade 2, 1 of 4; of grade 3 or more 0 of 4; fatigue 0 of 4.
#' - With `window = 89` the fatigue of day 0 is acute with grade 1, that of day 90 late
#'   with grade 3.
#' - The cumulative incidence of late events of grade 2 or more, death competing, is
#'   `endpoint(study, "late_toxicity", grade = 2)`: B has it after 91 days.
#' @section Errors:
#' `oligosurv_error_input` for a `window` that is not a number of at least 0, an unknown
#' `by`, or `"related"` without a column `related`.
#' @seealso [response_rate()], [endpoint()], [result_table()]
#' @examples
#' toxicity <- toxicity_table(hcc_sbrt)
#' # Grade 3 or more: acute 15/37 = 40.5%, late 2/37 = 5.4%
#' subset(toxicity, term == "Any adverse event")
#' @export
toxicity_table <- function(study, by = NULL, window = 90,
                           attribution = c("all", "related")) {
  check_study(study)
  attribution <- check_choice(attribution, c("all", "related"), "attribution")
  window <- check_number(window, "window", lower = 0)
  study_table(study, "adverse_events", c("grade", "onset_date"), "a table of toxicity")
  patients <- study_table(study, "patients", "sbrt_start", "a table of toxicity")
  strata <- group_of(patients, by, "patients")
  events <- attributed_events(study, attribution)
  unknown <- if (attribution == "related") sum(is.na(events$related))
  of <- match(events$patient_id, patients$patient_id)
  day <- as.numeric(events$onset_date) - as.numeric(patients$sbrt_start)[of]
  phase <- factor(ifelse(day <= window, "acute", "late"), c("acute", "late"))
  patients_with <- table(unique(data.frame(of, term = events$term))$term)
  terms <- names(sort(patients_with, decreasing = TRUE))
  shown <- make.unique(c(any_event, terms))
  rows <- lapply(levels(phase), function(now) {
    lapply(seq_along(shown), function(i) {
      mine <- phase == now & (i == 1L | events$term == c(any_event, terms)[i])
      cbind(
        data.frame(phase = now, term = shown[i]),
        count_grades(events$grade[mine], of[mine], strata)
      )
    })
  })
  result <- do.call(rbind, unlist(rows, recursive = FALSE))
  result$phase <- factor(result$phase, levels(phase))
  result$term <- factor(result$term, shown)
  structure(result,
    window = window, by = by, left_out = sum(is.na(strata)), unknown = unknown,
    class = c("toxicity_table", "sbrt_table", "data.frame")
  )
}

# All adverse events, or those whose `related` is not "no"
attributed_events <- function(study, attribution) {
  events <- study$adverse_events
  if (attribution == "all") return(events)
  study_table(study, "adverse_events", "related", "attribution = \"related\"")
  events[!events$related %in% "no", ]
}

any_event <- "Any adverse event"

# Patients of each stratum by worst grade; `of` is the patient of each event.
count_grades <- function(grade, of, strata) {
  worst <- integer(length(strata))
  by_grade <- order(grade)
  # assigned from low to high, so that the worst grade of each patient remains
  worst[of[by_grade]] <- grade[by_grade]
  counts <- table(strata, factor(worst, 0:5))
  counts <- matrix(as.integer(counts), nrow = nlevels(strata))
  n <- as.integer(rowSums(counts))
  any_grade <- as.integer(n - counts[, 1L])
  at_least <- function(grade) {
    as.integer(rowSums(counts[, (grade + 1L):6L, drop = FALSE]))
  }
  grades <- as.data.frame(counts[, -1L, drop = FALSE])
  names(grades) <- paste0("grade_", 1:5)
  percent <- function(x) ifelse(n > 0L, 100 * x / n, NA_real_)
  data.frame(
    strata = factor(levels(strata), levels(strata)), n, grades, any_grade,
    grade_2_plus = at_least(2L), grade_3_plus = at_least(3L),
    any_grade_pct = percent(any_grade), grade_2_plus_pct = percent(at_least(2L)),
    grade_3_plus_pct = percent(at_least(3L))
  )
}

toxicity_columns <- c(
  "phase", "term", "strata", "n", paste0("grade_", 1:5), "any_grade", "grade_2_plus",
  "grade_3_plus", "any_grade_pct", "grade_2_plus_pct", "grade_3_plus_pct"
)

#' @exportS3Method NULL
result_rows.toxicity_table <- function(x, ...) {
  check_no_dots(...)
  if (!is_whole(x, toxicity_columns)) return(NULL)
  rows <- as.data.frame(x)
  # terms that nobody had in a phase are not printed for that phase
  seen <- stats::ave(x$any_grade, x$phase, x$term, FUN = sum) > 0 | x$term == any_event
  shown <- rows[seen, ]
  grades <- shown[paste0("grade_", 1:5)]
  names(grades) <- paste("Grade", 1:5)
  worst <- max(which(colSums(grades) > 0), 3L)
  share <- function(n, pct) joined_column("%s (%s)", n, number_column(pct, console = 1L))
  unknown <- attr(x, "unknown")
  window <- format(attr(x, "window"))
  new_result(rows, study_summary(x),
    what = sprintf("Adverse events%s: patients by worst grade",
      if (is.null(unknown)) "" else " related to SBRT"
    ),
    columns = c(
      list(
        Phase = sentence_case(blank_repeats(shown$phase)),
        Event = blank_repeats(shown$term),
        Group = if (nlevels(x$strata) > 1L) sprintf("%s (N = %d)", shown$strata, shown$n)
      ), grades[seq_len(worst)],
      list(
        "Any, n (%)" = share(shown$any_grade, shown$any_grade_pct),
        "Grade 3 or more, n (%)" = share(shown$grade_3_plus, shown$grade_3_plus_pct)
      )
    ),
    remarks = c(
      sprintf("Acute: first day on day 0 to %s after the start of SBRT", window),
      sprintf("Late: first day after day %s", window),
      "Each patient counts once per event and phase; percentages are of all patients",
      if (worst < 5L) paste("No event of grade", if (worst < 4L) "4 or 5" else "5"),
      left_out_text(x, "patient"),
      if (isTRUE(unknown > 0L)) {
        sprintf("%s without attribution counted as related", count_noun(unknown, "event"))
      }
    ),
    values = list(strata = as.character(x$strata), outcome = as.character(x$phase)),
    sentence = paste0(
      "{term}, {phase}: {any_grade} of {n} patients, grade 3 or more {grade_3_plus}"
    )
  )
}
