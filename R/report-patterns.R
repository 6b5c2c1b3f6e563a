# Patterns of first failure, and liver function before SBRT, if the study recorded them.

# The patterns of first failure; NULL if the study lacks the dates or no patient failed.
# `pattern`: see failure_pattern(). NULL also if the number or organ is not stated for any
# patient.
patterns_or_null <- function(study, pattern = "site", by = NULL) {
  if (!has_dates(study)) return(NULL)
  x <- tryCatch(
    suppressMessages(failure_pattern(study, by = by, pattern = pattern)),
    oligosurv_error_input = function(e) NULL, oligosurv_error_data = function(e) NULL
  )
  failed <- setdiff(x$table$pattern[x$table$n.event > 0], c("any failure", "death"))
  if (!length(setdiff(failed, c("number not stated", "organ not stated")))) return(NULL)
  x
}

# Tables by site, also by group; by number of lesions and by organ if these are stated
pattern_section <- function(env) {
  study <- env$study
  all <- patterns_or_null(study)
  if (is.null(all)) return(knitr::asis_output(""))
  by <- intersect("cohort", splits_of(study))
  groups <- if (length(by)) patterns_or_null(study, by = by)
  other <- Filter(Negate(is.null), lapply(c("number", "organ"), patterns_or_null,
    study = study
  ))
  parts <- c(
    report_heading(first_failure_title),
    report_text(report_escape(pattern_rule(all, counted = length(other) > 0L))),
    lapply(c(list(all), if (!is.null(groups)) list(groups), other), pattern_table,
      who = if (length(by)) by_words(study, by)
    ),
    as.character(report_figures(pattern_figure(env, all)))
  )
  knitr::asis_output(paste(unlist(parts), collapse = "\n\n"))
}

first_failure_title <- "First failure"

# The rule of the patterns as sentences. The definition of an oligo failure is included
# only if lesions were `counted`, the rule on a progression without a location only if
# there is one.
pattern_rule <- function(x, counted) {
  rule <- x$rule
  if (!counted) rule <- sub("; up to [0-9]+ lesions are called oligo[^;]*", "", rule)
  failed <- !x$patients$status %in% c("censored", "death")
  paste0(sentence_case(rule), ".",
    if (any(startsWith(x$patients$audit[failed], "progression_date"))) {
      paste(
        " A progression date counts as a failure elsewhere if no other failure is",
        "recorded on that day."
      )
    }
  )
}

# Explains the organs that are not the name of one organ, and an unknown number
organ_notes <- function(x) {
  found <- x$table$pattern[x$table$n.event > 0]
  c(
    if ("several organs" %in% found) {
      "Several organs: failures of the same day in more than one organ."
    },
    if ("other organ" %in% found) "Other organ: organs beyond the six most frequent.",
    if ("number not stated" %in% found) {
      "Number not stated: each of these failures may be oligo or poly."
    }
  )
}

pattern_methods <- function(study) {
  x <- patterns_or_null(study)
  if (is.null(x)) return(NULL)
  report_escape(sprintf("%s: %s, each pattern and death competing.",
    first_failure_title, "Aalen-Johansen cumulative incidence"
  ))
}

# The patterns and, in a table of its own so that both have type of a size to read, the
# salvage after them. `who`: the words for the groups
pattern_table <- function(x, who = "by cohort") {
  table <- result_table(x)
  salvage <- grepl("^Salvage: ", names(table$body))
  caption <- sprintf("First failure by %s%s: patients and cumulative incidence",
    word_of(c(site = "site", number = "number of lesions", organ = "organ"), x$pattern,
      "pattern"
    ),
    if (is.null(x$by)) "" else paste0(", ", who)
  )
  # The rule is above the tables, which also show the numbers of the status.
  notes <- grep("^Status:|^From ", table$notes, value = TRUE, invert = TRUE)
  # replaced by the text of legend_of()
  open <- startsWith(notes, no_value)
  notes[open] <- "Dash: follow-up ended before that time."
  of_salvage <- startsWith(notes, "Salvage: ")
  whole <- table
  table$body <- whole$body[!salvage]
  c(
    report_table(table, caption, c(notes[!of_salvage], organ_notes(x))),
    if (any(salvage)) {
      report_table(salvage_table(whole, salvage),
        sub(": patients and .*", ": salvage", caption), notes[of_salvage]
      )
    }
  )
}

# Of the failures; there is no salvage after death
salvage_table <- function(table, salvage) {
  rates <- startsWith(names(table$body), "At ")
  death <- table$body[["First failure"]] == "Death"
  names(table$body)[salvage] <- sentence_case(
    sub("^Salvage: ", "", names(table$body)[salvage])
  )
  table$body <- table$body[!death, !rates]
  table
}

pattern_figure <- function(env, x) {
  if (max(x$patients$time) == 0) return(NULL) # the areas would have no width
  failed <- x$table[x$table$time == x$table$time[1L], ]
  # all failures together are not an area
  failed <- failed[failed$n.event > 0 & failed$pattern != "any failure", ]
  drawn <- as.call(c(
    list(quote(autoplot), quote(failure_pattern(study)),
      xlab = month_title(x$patients), unit = "months"
    ), min_risk_of(glance(x$fit)$n), list(theme = quote(theme))
  ))
  report_figure(drawn,
    "Cumulative incidence of first failure by site, and of death without failure.",
    sprintf("Stacked areas: %s.", paste(failed$pattern,
      count_nouns(failed$n.event, "patient"), collapse = "; "
    )), env, csv = pattern_csv(x)
  )
}

# The stacked probabilities of the figure, as CSV text for download
pattern_csv <- function(x) {
  rows <- as.data.frame(tidy(x$fit))
  rows$strata <- rows$outcome
  csv_of_rows(rows)
}

liver_title <- "Liver function before SBRT"

# Sentences on the table of liver function before SBRT
liver_methods <- function(study) {
  if (is.null(liver_baseline_table(study))) return(NULL)
  paste(
    "Liver function: Child-Pugh score (Pugh 1973, with INR) and albumin-bilirubin (ALBI)",
    "grade (Johnson 2015) of the last values on or before the first day of SBRT; of",
    "several on one day the worst."
  )
}

# Numbers of patients by Child-Pugh class and ALBI grade at baseline, if the values are
# known; NULL without the table
liver_baseline_table <- function(study) {
  if (is.null(study$liver_function) || !has_dates(study)) return(NULL)
  points <- liver_at_baseline(study, "child_pugh")
  grade <- liver_at_baseline(study, "albi")
  class <- child_pugh_class(points)
  rows <- c(
    share_rows("Child-Pugh class", class, levels(class)),
    share_rows("ALBI grade", grade, 1:3)
  )
  if (!length(rows)) return(NULL)
  do.call(rbind, rows)
}

# The scores of the last values up to the first day of SBRT, in the order of patients
liver_at_baseline <- function(study, decline) {
  tests <- tryCatch(suppressMessages(scored_tests(study, decline)),
    oligosurv_error_data = function(e) NULL
  )
  if (is.null(tests)) return(rep(NA_real_, nrow(study$patients)))
  liver_baselines(study, tests)$score
}

share_rows <- function(name, values, levels) {
  known <- sum(!is.na(values))
  if (!known) return(NULL)
  n <- vapply(levels, function(level) sum(values %in% level), 0L)
  list(data.frame(
    Result = paste(name, levels), Patients = sprintf_counts("%d of %d", n, known),
    Percent = sprintf("%.1f", 100 * n / known)
  ))
}
