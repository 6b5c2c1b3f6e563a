# Patterns of first failure: the class, its table and its curves. The failures of each
# patient come from study-failure-first.R.

#' Patterns of first failure
#'
#' Shows where each patient failed first after SBRT (in the irradiated lesions or
#' elsewhere, in one or several organs, in few or many lesions), with the cumulative
#' incidence of each pattern, with death as competing event, and the salvage treatment
#' that followed.
#'
#' @details **The first failure** of a patient is on the earliest day of
#' - a local failure: `local_failure_date` in lesions;
#' - a failure elsewhere: `distant_failure_date` in patients or, if it is empty in all
#'   patients, assessments with role `new`, as in [endpoint()];
#' - `progression_date`. If no other failure is recorded within `together` days from that
#'   day, the progression is elsewhere, because the irradiated lesions are controlled.
#'
#' All failures up to `together` days after that day are part of the first failure; later
#' ones do not count. Each patient has exactly one pattern, so the numbers and the
#' cumulative incidences of the patterns add up to those of any failure:
#'
#' | `pattern` | levels |
#' |---|---|
#' | `"site"` | `local`, `elsewhere`, `local and elsewhere`; with `field` in place of `local`: `in field`, `marginal` |
#' | `"number"` | `oligo` (up to `threshold` lesions), `poly` (more), `number not stated`; local failures and new lesions count together, as do `n_lesions` of a row |
#' | `"organ"` | the organ by `site`, `several organs`, `organ not stated`; organs beyond the six most frequent are `other organ` |
#'
#' A first failure with a `widespread_failure_date` up to its end is `poly`. If the new
#' lesions of the day are not in assessments, their number and organ are not stated. A
#' marginal failure together with one in field counts as in field; a local failure whose
#' cell in `field` is empty is `local`.
#'
#' **Salvage** is the first SBRT (a later course, or `next_sbrt_date`) or the first new
#' line of systemic therapy (a line above those begun before the failure, or
#' `next_therapy_date`) on the day of the first failure or later; `SBRT and drug` if both
#' begin within `together` days. Salvage is omitted if the study has none of these columns
#' and tables.
#'
#' **Curves.** `cumulative_incidence()` of the patterns and of death without failure,
#' from the first day of SBRT, censored at last contact. On one day failure comes before
#' death. `autoplot()` stacks them; with `stacked = FALSE`, and in `plot()`, they are
#' separate curves.
#' @section Example to follow by hand:
#' SBRT of A to D on day 0, all followed for 400 days. A: lesion 1 fails on day 100. B:
#' lesion 1 fails on day 200, when one new lesion is in the liver and two are in the lung.
#' C: dies on day 300 without failure. D: progression on day 50, lesion 1 fails on day
#' 390. By site: A `local`, B `local and elsewhere`, D `elsewhere`. By number: A `oligo`
#' (1 lesion), B `oligo` (4 lesions; `poly` with `threshold = 3`), D not stated. The
#' cumulative incidences on day 400 are 1/4 each, of any failure 3/4, of death 1/4.
#' @param study An [sbrt_study()] with dates.
#' @param by `NULL`, or the name (text) of a column of patients for groups.
#' @param pattern What the table and the curves distinguish: `"site"`, `"number"` or
#'   `"organ"`. The rows of `patients` have all three.
#' @param threshold The largest number of lesions of an oligo failure.
#' @param field `NULL`, or the name (text) of a column of lesions that says where a local
#'   failure was: `in field` or `marginal`.
#' @param together Failures up to this many days after the first are part of the first
#'   failure.
#' @param times Times in `unit` at which the table gives the cumulative incidence; `NULL`
#'   is one and two years.
#' @param unit,conf.level Unit of time, as in [endpoint()]; confidence level.
#' @return A list of class `failure_pattern`: `patients`, an endpoint (see [endpoint()])
#'   with the columns of patients, `strata`, `time`, `status`, `failure_date`, `site`,
#'   `number`, `organ`, `n_lesions`, `salvage`, `salvage_date` and `audit`; `fit`, the
#'   [cumulative_incidence()]; `table`, which `tidy()` gives: one row per group, pattern
#'   (the last ones are `any failure` and `death`) and time, with `n` patients, `n.event`,
#'   `percent` of `n`, numbers by salvage, and the estimate.
#' @section Errors: `oligosurv_error_input` for a study without these dates, and for a
#'   column that does not exist; `oligosurv_error_domain` for a value in `field` that is
#'   neither `in field` nor `marginal`.
#' @seealso [endpoint()], [cumulative_incidence()], [result_table()]
#' @examples
#' # first failures of 37 patients: progression with or without local failure
#' x <- failure_pattern(hcc_sbrt, times = 12)
#' x
#' # the patterns add up: the last two rows are any failure and death
#' tidy(x)[c("pattern", "n.event", "estimate")]
#' @export
failure_pattern <- function(study, by = NULL, pattern = c("site", "number", "organ"),
                            threshold = 5, field = NULL, together = 0, times = NULL,
                            unit = c("months", "days", "years"), conf.level = 0.95) {
  check_study(study)
  strata <- group_of(study$patients, by, "patients")
  pattern <- check_choice(pattern, c("site", "number", "organ"), "pattern")
  options <- list(
    threshold = check_whole(threshold, "threshold", 0, 1e6), field = field,
    together = check_number(together, "together", lower = 0), pattern = pattern,
    by = by, unit = check_choice(unit, names(days_in), "unit")
  )
  times <- if (is.null(times)) {
    floor(1:2 * days_in[["years"]] / days_in[[options$unit]])
  } else {
    check_times(times)
  }
  require_failures(study, field)
  rows <- failure_rows(study, strata, options)
  new_failure_pattern(rows, times, check_level(conf.level), options)
}

# Stops if the study lacks the dates or the column `field`.
require_failures <- function(study, field) {
  elsewhere <- c("distant_failure", "progression")
  require_dates(study, "failure_pattern()", c(
    if (!has_event_date(study, "local_failure")) {
      "`local_failure_date` in the table lesions"
    },
    if (!any(vapply(elsewhere, has_event_date, NA, study = study))) {
      "`progression_date` or `distant_failure_date`"
    }
  ))
  if (is.null(field)) return(invisible())
  study_table(study, "lesions", check_string(field, "field"), "`field`")
}

# The only place that makes a failure_pattern. `rows`: value of failure_rows().
new_failure_pattern <- function(rows, times, conf.level, options) {
  fit <- pattern_fit(rows, rows$status, conf.level)
  failed <- as.integer(rows$status) > 1L & rows$status != "death"
  overall <- factor(
    ifelse(failed, "any failure", as.character(rows$status)),
    c("censored", "any failure", "death")
  )
  overall_fit <- pattern_fit(rows, overall, conf.level)
  curves <- rbind(
    pattern_rows(fit, times, setdiff(fit$outcomes, "death")),
    pattern_rows(overall_fit, times, c("any failure", "death"))
  )
  curves <- curves[order(match(curves$strata, levels(rows$strata))), ]
  structure(
    list(
      patients = rows, fit = fit, table = failure_counts(curves, rows, overall),
      pattern = options$pattern, by = options$by, rule = attr(rows, "rule")
    ),
    class = "failure_pattern"
  )
}

pattern_fit <- function(rows, status, conf.level) {
  rows$status <- status
  if (nlevels(rows$strata) > 1L) {
    formula <- Surv(time, status) ~ strata
  } else {
    formula <- Surv(time, status) ~ 1
  }
  cumulative_incidence(formula, rows, conf.level = conf.level)
}

pattern_rows <- function(fit, times, outcomes) {
  curves <- as.data.frame(tidy_rows(fit, times))
  curves <- curves[curves$outcome %in% outcomes, ]
  curves$outcome <- as.character(curves$outcome)
  curves$strata <- as.character(curves$strata)
  curves[order(match(curves$outcome, outcomes), curves$time), ]
}

# Adds the numbers of patients to the rows of the curves. `overall`: the status with one
# level for all failures.
failure_counts <- function(curves, rows, overall) {
  outcome <- curves$outcome
  strata <- curves$strata
  mine <- lapply(seq_along(outcome), function(i) {
    (nlevels(rows$strata) < 2L | rows$strata == strata[i]) &
      (rows$status == outcome[i] | overall == outcome[i])
  })
  count <- function(keep) {
    vapply(mine, function(at) sum(at & keep, na.rm = TRUE), 0L)
  }
  n <- as.integer(table(rows$strata))
  n <- if (length(n) < 2L) sum(n) else n[match(strata, levels(rows$strata))]
  table <- data.frame(
    strata = factor(strata, unique(strata)), pattern = factor(outcome, unique(outcome)),
    time = curves$time, n = n, n.event = count(TRUE), percent = NA_real_
  )
  table$percent <- 100 * table$n.event / table$n
  if (any(!is.na(rows$salvage))) {
    for (kind in names(salvage_columns)) {
      number <- count(rows$salvage == kind)
      number[outcome == "death"] <- NA
      table[[salvage_columns[[kind]]]] <- number
    }
  }
  kept <- c("estimate", "std.error", "conf.low", "conf.high", "conf.level", "conf.type")
  cbind(table, curves[kept], row.names = NULL)
}

salvage_columns <- c(
  SBRT = "salvage_sbrt", drug = "salvage_drug", "SBRT and drug" = "salvage_both",
  none = "salvage_none"
)

#' @rawNamespace
#' S3method(print, failure_pattern, print_result)
#' S3method(tidy, failure_pattern, tidy_result)
#' S3method(glance, failure_pattern, glance_result)
#' S3method(as.data.frame, failure_pattern, frame_result)
#' @exportS3Method NULL
result_rows.failure_pattern <- function(x, ...) {
  check_no_dots(...)
  table <- x$table
  times <- unique(table$time)
  first <- table[table$time == times[1L], ]
  rates <- lapply(times, function(time) {
    interval_column(table[table$time == time, ], "probability", at = time)
  })
  names(rates) <- paste("rate", seq_along(times))
  salvage <- as.list(first[intersect(salvage_columns, names(first))])
  names(salvage) <- sprintf("Salvage: %s", names(salvage_columns)[seq_along(salvage)])
  by <- if (nlevels(first$strata) > 1L) {
    blank_repeats(sprintf_counts("%s (n = %d)", first$strata, first$n))
  }
  new_result(table, pattern_summary(x),
    scale = "probability", unit = attr(x$patients, "unit"),
    what = sprintf("First failure by %s: patients and cumulative incidence", x$pattern),
    table = x$fit$table,
    basis = "Aalen-Johansen cumulative incidence; the patterns and death compete",
    columns = c(
      list(Group = by, "First failure" = sentence_case(as.character(first$pattern)),
        "n (%)" = joined_column("%s (%s)", first$n.event,
          number_column(first$percent, console = 1L)
        )
      ), rates, salvage
    ),
    remarks = c(
      sentence_case(x$rule),
      if (length(salvage)) {
        "Salvage: the first SBRT or new line of systemic therapy since the failure"
      },
      left_out_text(x$patients, "patient")
    ),
    signs = not_followed,
    label = sprintf("%s at %s %s", table$pattern, format_time(table$time),
      attr(x$patients, "unit")
    ),
    axis = "Cumulative incidence of first failure",
    values = list(
      strata = as.character(table$strata), outcome = as.character(table$pattern)
    ),
    sentence = "{pattern}: {n.event} of {n} patients"
  )
}

# One row per group: numbers of patients, of first failures, and of deaths without failure
pattern_summary <- function(x) {
  first <- x$table[x$table$time == x$table$time[1L], ]
  all <- first[first$pattern == "any failure", ]
  data.frame(
    strata = all$strata, n = all$n, n.failure = all$n.event,
    n.death = first$n.event[first$pattern == "death"], row.names = NULL
  )
}
