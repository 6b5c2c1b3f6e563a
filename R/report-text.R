# Sentences of the report, in Markdown. Their numbers are computed, labels are escaped.

# Interpretation of the comparison of the strategies
strategy_text <- function(study) {
  what <- endpoints_of(study, c(if (!lacks_progression(study)) "pfs", "os"))
  rows <- lapply(what, function(name) endpoint(study, name))
  tests <- lapply(rows, function(x) fit_by(logrank_test, x, "strategy"))
  counts <- as.data.frame(tests[[length(tests)]])
  p <- vapply(tests, `[[`, 0, "p.value")
  open <- unlist(lapply(rows, interval_sentences))
  c(
    paragraphs(paste0(
      sprintf("With %s, %s.",
        join_words(sprintf("%s (%s)", count_nouns(counts$n, "patient"), counts$group)),
        stated_p(p, survival_words[what])
      ), equivalence_text(p, tests),
      if (length(open)) " The 95% confidence intervals are:"
    )),
    if (length(open)) bullets(open)
  )
}

# "log-rank P = 0.4 for overall survival"; also names endpoints whose P is not defined
stated_p <- function(p, words) {
  open <- is.na(p)
  if (all(open)) {
    return(sprintf("the log-rank P is not defined for %s", join_words(words)))
  }
  stated <- paste(vapply(p[!open], defined_p, ""), "for", words[!open])
  paste0("log-rank ", join_words(stated), if (any(open)) {
    sprintf("; it is not defined for %s", join_words(words[open]))
  })
}

survival_words <- c(pfs = "progression-free survival", os = "overall survival")

# A warning about interpreting a large P. It mentions low power only for small groups.
equivalence_text <- function(p, tests) {
  if (!any(p >= 0.05, na.rm = TRUE)) return("")
  few <- vapply(tests, function(test) {
    any(test$groups$n < small_subjects | test$groups$observed < small_events)
  }, NA)
  paste0(
    " A large P is not evidence that the strategies are equivalent",
    if (any(few)) ": small groups have little power", "."
  )
}

# Without any progression, the curve of progression-free survival is that of survival.
# This cannot be known if the study gives it as a time and a status.
lacks_progression <- function(study) {
  dated <- is.null(pair_table(study, "pfs")) && has_endpoint(study, "pfs")
  dated && has_endpoint(study, "os") && !is_filled(study$patients$progression_date)
}

no_progression_text <- function(study) {
  if (!lacks_progression(study)) return(character())
  paragraphs(paste(
    "No patient has a date of progression, so progression-free survival equals overall",
    "survival."
  ))
}

# When the strategies were chosen, from the column strategy_date of the patients; without
# the column this is unknown
strategy_days <- function(study) {
  day <- study$patients$strategy_date
  if (is.null(day)) return(NULL)
  day <- tryCatch(as.Date(as.character(day)), error = raise_time_limit)
  if (is.null(day) || !is_filled(study$patients$sbrt_start)) return(NULL)
  after <- as.numeric(day - study$patients$sbrt_start)
  after <- after[!is.na(study$patients$strategy) & !is.na(after)]
  if (length(after)) after
}

landmark_text <- function(study, at = 3) {
  what <- endpoints_of(study, c("pfs", "os"))
  left <- vapply(what, function(name) {
    rows <- endpoint(study, name, landmark = at)
    n <- table(droplevels(rows$strategy))
    if (!length(n)) return(paste("nobody for", survival_words[[name]]))
    groups <- join_words(sprintf_counts("%d %s", n, names(n)))
    sprintf("%s for %s", groups, survival_words[[name]])
  }, "")
  zero <- time_zero(endpoint(study, what[1L]))
  days <- strategy_days(study)
  when <- if (is.null(days)) {
    sprintf("If the strategy was chosen after %s, patients", zero)
  } else if (any(days > 0)) {
    sprintf_counts("The strategy was chosen after %s in %d of %s with a known date. They",
      zero, sum(days > 0), count_noun(length(days), "patient")
    )
  }
  immortal <- if (!is.null(when)) sprintf(
    paste(
      "%s had to be alive and event-free until that choice, and time from %s includes",
      "this immortal time. "
    ), when, zero
  )
  c(
    "### From a landmark", "",
    paragraphs(paste0(immortal, sprintf(
      paste(
        "The landmark analysis includes the patients who were event-free and in",
        "follow-up at %d months (%s), and time is counted from the landmark. This",
        "removes immortal-time bias if the strategy was chosen by then, not confounding",
        "by indication."
      ), at, paste(left, collapse = ", ")
    )))
  )
}

# The conclusion of the publication. It is quoted, because it is not a result of the
# invented patients.
conclusion_text <- function() {
  paragraphs(paste(
    "The publication (Song et al. 2025) concludes that systemic therapy with SBRT was",
    "effective and safe, and that SBRT may delay next-line therapy by blocking",
    "oligoprogression. The patients of this report are invented to have the published",
    "numbers: they neither support nor contradict these conclusions."
  ))
}

data_text <- function(study) {
  nouns <- c(
    lesions = "lesion", adverse_events = "adverse event", courses = "SBRT course",
    assessments = "lesion assessment", therapies = "systemic treatment",
    liver_function = "liver function test"
  )
  rows <- function(tables) {
    tables <- intersect(tables, names(tables_of(study)))
    paste0(", ", vapply(tables, function(table) {
      counted <- rep(TRUE, nrow(study[[table]]))
      # grade 0: assessed, no event
      if (table == "adverse_events") counted <- !study[[table]]$grade %in% 0L
      count_noun(sum(counted), nouns[[table]])
    }, ""), recycle0 = TRUE, collapse = "")
  }
  unasked <- !is.null(study$adverse_events) && !toxicity_recorded(study)
  report_escape(paste0(sprintf(
    "%s%s%s%s%s", count_noun(nrow(study$patients), "patient"), rows("lesions"),
    if (unasked) ", adverse events not recorded" else rows("adverse_events"),
    rows(setdiff(names(nouns), c("lesions", "adverse_events"))),
    if (is.null(study$cutoff)) "" else paste(", cut-off", format(study$cutoff))
  ), imputed_text(study)))
}

rule_text <- function(study, what, level = "patient") {
  rows <- endpoint(study, what, level)
  # in the report, rows are called patients or lesions
  rule <- gsub("([0-9]) row(s?)\\b", sprintf("\\1 %s\\2", level), attr(rows, "rule"))
  if (!anyDuplicated(rows$patient_id)) {
    rule <- sub("; lesions of one patient are not independent", "", rule, fixed = TRUE)
  }
  of <- if (level == "lesion") " of lesions" else ""
  report_escape(sprintf("%s%s: %s", attr(rows, "label"), of, rule))
}

version_numbers <- function() {
  packages <- c("oligosurv", "ggplot2", "rmarkdown", "knitr")
  versions <- vapply(packages, function(package) {
    as.character(utils::packageVersion(package))
  }, "")
  data.frame(
    Software = c("R", packages, "pandoc"),
    Version = c(
      as.character(getRversion()), versions, as.character(rmarkdown::pandoc_version())
    ), row.names = NULL
  )
}

# MD5 checksum of each table as CSV. The same data have the same checksums on every
# machine.
data_hashes <- function(study) {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  parts <- names(tables_of(study))
  sums <- vapply(parts, function(part) {
    rows <- as.data.frame(study[[part]])
    rows[] <- lapply(rows, function(v) enc2utf8(as.character(v)))
    con <- file(file, "wb")
    utils::write.table(rows, con, sep = ",", row.names = FALSE, eol = "\n", na = "")
    close(con)
    unname(tools::md5sum(file))
  }, "")
  data.frame(
    Table = gsub("_", " ", parts),
    Rows = vapply(parts, function(part) format_count(nrow(study[[part]])), ""),
    MD5 = sums, row.names = NULL
  )
}
