# print() and summary() of a study and of its endpoints.

#' @export
print.sbrt_study <- function(x, ...) {
  print(summary(x))
  writeLines("See summary(), endpoint(), response_rate(), toxicity_table().")
  invisible(x)
}

#' Summary of a study
#'
#' @param object An [sbrt_study()].
#' @param ... Not used.
#' @return A list of class `summary.sbrt_study`: `counts` (a data frame with one row per
#'   quantity and one column per group: `All` and each cohort), `follow_up` (a data frame
#'   with the group, first and last day of SBRT (`NA` without dates), the shortest and
#'   longest time in months to death or last contact, and the median [follow_up()] in
#'   months with its confidence limits; `NULL` without overall survival), `cutoff` and
#'   `problems`. Optional tables are counted if the study has them.
#' @examples
#' summary(hcc_sbrt)
#' @export
summary.sbrt_study <- function(object, ...) {
  check_study(object, "object")
  patients <- object$patients
  cohorts <- if (!is.null(patients$cohort)) levels(droplevels(patients$cohort))
  groups <- c(list(All = rep(TRUE, nrow(patients))), lapply(
    stats::setNames(cohorts, cohorts), function(name) patients$cohort %in% name
  ))
  structure(list(
    counts = do.call(cbind, lapply(groups, function(rows) study_counts(object, rows))),
    follow_up = study_follow_up(object, groups),
    cutoff = object$cutoff,
    problems = object$problems
  ), class = "summary.sbrt_study")
}

study_counts <- function(study, rows) {
  patients <- study$patients[rows, , drop = FALSE]
  of <- function(x) x[x$patient_id %in% patients$patient_id, ]
  lesions <- if (!is.null(study$lesions)) of(study$lesions)
  count <- function(what, level = "patient") {
    if (!has_endpoint(study, what, level)) return(NULL)
    x <- suppressMessages(endpoint(study, what, level))
    x <- x[x$patient_id %in% patients$patient_id, ]
    sum(if (is.factor(x$status)) x$status == levels(x$status)[2L] else x$status)
  }
  c(
    patients = nrow(patients), lesions = if (!is.null(lesions)) nrow(lesions),
    if (!is.null(pair_table(study, "pfs"))) {
      c("progressed or died" = count("pfs"))
    } else if (has_endpoint(study, "pfs")) {
      c(progressed = sum(!is.na(patients$progression_date)))
    },
    died = count("os"),
    "lesions with local failure" = count("local_failure", "lesion"),
    event_counts(study, patients$patient_id),
    unlist(lapply(
      c(
        "SBRT courses" = "courses", assessments = "assessments", therapies = "therapies",
        "liver function tests" = "liver_function"
      ),
      function(name) if (!is.null(study[[name]])) nrow(of(study[[name]]))
    ))
  )
}

# Numbers of adverse events after SBRT, without grade 0, and of patients with grade 3 or
# more; NULL if toxicity was not recorded. Without the days of SBRT only the column
# `phase` says which events were before it.
event_counts <- function(study, patients) {
  if (!toxicity_recorded(study)) return(NULL)
  options <- default_options(toxicity_options)
  start <- toxicity_start(study, options$from)$day
  events <- counted_events(study, options, toxicity_windows(study, options, start))$events
  events <- events[events$patient_id %in% patients, ]
  c(
    "adverse events" = nrow(events),
    "patients with grade 3 or more" = length(unique(events$of[events$grade %in% 3:5]))
  )
}

study_follow_up <- function(study, groups) {
  if (!has_endpoint(study, "os")) return(NULL)
  os <- endpoint(study, "os")
  parts <- lapply(names(groups), function(name) {
    rows <- os$patient_id %in% study$patients$patient_id[groups[[name]]]
    if (!any(rows)) return(NULL)
    start <- as.Date(c(NA, NA))
    if (is_filled(os$sbrt_start)) start <- range(os$sbrt_start[rows], na.rm = TRUE)
    median <- stats::median(follow_up(Surv(time, status) ~ 1, os[rows, ]))
    data.frame(
      strata = name, first_sbrt = start[1L], last_sbrt = start[2L],
      shortest = min(os$time[rows]), longest = max(os$time[rows]),
      median = median$estimate, conf.low = median$conf.low, conf.high = median$conf.high
    )
  })
  do.call(rbind, parts)
}

first_days_text <- function(first, last) {
  if (first == last) return(paste("First day of SBRT", format(first)))
  sprintf("First days of SBRT from %s to %s", format(first), format(last))
}

#' @export
print.summary.sbrt_study <- function(x, ...) {
  all <- x$follow_up[1L, ]
  counts <- as.data.frame(x$counts)
  dated <- !is.null(all) && !is.na(all$first_sbrt)
  writeLines("Study of SBRT")
  print_columns(
    c(list(Rows = rownames(x$counts)), lapply(counts, format_count)), "Rows"
  )
  writeLines(as.character(c( # there may be no line
    if (dated) {
      sprintf("%s; cut-off %s", first_days_text(all$first_sbrt, all$last_sbrt),
        if (is.null(x$cutoff)) "not given" else format(x$cutoff)
      )
    },
    if (!is.null(all)) {
      c(
        sprintf("Observed %sto death or last contact: %s months",
          if (dated) "from SBRT " else "", if (all$shortest == all$longest) {
            number_text(all$shortest)
          } else {
            limits_text(all$shortest, all$longest)
          }
        ),
        if (identical(x$counts[["died", "All"]], x$counts[["patients", "All"]])) {
          "Median follow-up: not estimable, because all patients died"
        } else {
          sprintf("Median follow-up (reverse Kaplan-Meier): %s months (95%% CI %s)",
            number_text(all$median), limits_text(all$conf.low, all$conf.high)
          )
        }
      )
    },
    problem_block("Doubtful values:", x$problems[x$problems$severity != "note", ]),
    notes_line(x$problems)
  )))
  invisible(x)
}

# A line with the number of notes on how the tables were read; NULL if there is none
notes_line <- function(problems) {
  n <- sum(problems$severity == "note")
  if (!n) return(NULL)
  sprintf("%s on how the tables were read: see study_problems()", count_noun(n, "note"))
}

problem_block <- function(title, problems) {
  if (nrow(problems)) c(title, problem_lines(problems))
}

# Attributes that print() of a result shows besides its columns; subsets of rows keep
# them.
printed_attributes <- c(
  "rule", "unit", "label", "level", "window", "by", "left_out", "landmark", "source",
  "completeness", "tests", "notes", "attribution", "from", "outcomes"
)

# Attributes of an endpoint that describe all its rows: the deciding dates, and the
# numbers of rows left out by reason
row_attributes <- c("decided", "omitted")

#' @export
`[.sbrt_table` <- function(x, i, ...) {
  if (!missing(i)) {
    i <- plain_argument(i)
    check_factor(i, "i")
  }
  by_row <- nargs() > 2L && !missing(i) && is.numeric(i)
  if (by_row && any(i > nrow(x), na.rm = TRUE)) { # R would make rows of NA
    stop_oligosurv("input", sprintf("there is no row %s; the table has %s",
      format_position(max(i, na.rm = TRUE)), count_noun(nrow(x), "row")
    ), arg = "i")
  }
  result <- try_index(NextMethod())
  if (is.data.frame(result)) {
    for (name in printed_attributes) attr(result, name) <- attr(x, name)
    for (name in row_attributes) attr(result, name) <- NULL
  }
  result
}

#' @export
as.data.frame.sbrt_table <- function(x, ...) {
  for (name in c(printed_attributes, row_attributes)) attr(x, name) <- NULL
  class(x) <- "data.frame"
  x
}

#' @export
print.sbrt_endpoint <- function(x, n = 6L, ...) {
  if (!all(c("time", "status") %in% names(x))) return(print(as.data.frame(x), ...))
  status <- x$status
  unit <- attr(x, "unit")
  labels <- if (is.factor(status)) {
    counts <- table(status)
    sprintf("%s (%d)", names(counts), counts)
  } else {
    sprintf(c("0 = censored (%d)", "1 = event (%d)"), tabulate(status + 1L, 2L))
  }
  text <- c(
    sprintf("%s, %d rows, time in %s", attr(x, "label"), nrow(x), unit),
    paste("Rule:", attr(x, "rule")), paste("Status:", paste(labels, collapse = ", ")),
    if ("audit" %in% names(x)) "The column audit holds the dates used for each row"
  )
  writeLines(unlist(lapply(text, strwrap, width = 80, exdent = 2)))
  columns <- c(
    "patient_id", "lesion_id", "cohort", "strategy", "from", "entry", "time", "status"
  )
  shown <- as.data.frame(x)[seq_len(min(n, nrow(x))), intersect(columns, names(x))]
  print(shown, row.names = FALSE, digits = 4)
  if (nrow(x) > n) {
    writeLines(sprintf("... and %d rows more, %d columns in all", nrow(x) - n, ncol(x)))
  }
  invisible(x)
}
