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
  patients <- study$patients
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

#' @export
print.toxicity_table <- function(x, ...) {
  if (!all(toxicity_columns %in% names(x))) return(print(as.data.frame(x), ...))
  window <- format(attr(x, "window"))
  unknown <- attr(x, "unknown")
  cat(if (is.null(unknown)) "Adverse events" else "Adverse events related to SBRT",
    ": patients by worst grade\n",
    sep = ""
  )
  headings <- c(
    acute = sprintf("Acute: first day on day 0 to %s after the start of SBRT", window),
    late = sprintf("Late: first day after day %s", window)
  )
  share <- function(r, n, pct) sprintf("%d/%d %s", r, n, percent_text(pct / 100))
  for (phase in intersect(names(headings), x$phase)) {
    rows <- x[x$phase == phase, ]
    shown <- data.frame(term = format(as.character(rows$term)))
    if (nlevels(x$strata) > 1L) shown$group <- format(as.character(rows$strata))
    shown[as.character(1:5)] <- rows[paste0("grade_", 1:5)]
    shown[["any"]] <- share(rows$any_grade, rows$n, rows$any_grade_pct)
    shown[["2+"]] <- share(rows$grade_2_plus, rows$n, rows$grade_2_plus_pct)
    shown[["3+"]] <- share(rows$grade_3_plus, rows$n, rows$grade_3_plus_pct)
    cat("\n", headings[[phase]], "\n", sep = "")
    print(shown, row.names = FALSE)
  }
  print_left_out(x, "patient")
  if (!is.null(unknown) && unknown > 0L) {
    cat(sprintf("\n%s without attribution counted as related.\n",
      count_noun(unknown, "event")
    ))
  }
  invisible(x)
}
