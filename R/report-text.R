# Sentences of the report, in Markdown. Their numbers are computed, labels are escaped.

# Interpretation of the comparison of the strategies
strategy_text <- function(study) {
  what <- endpoints_of(study, c("pfs", "os"))
  rows <- lapply(what, function(name) endpoint(study, name))
  tests <- lapply(rows, function(x) fit_by(logrank_test, x, "strategy"))
  counts <- as.data.frame(tests[[length(tests)]])
  p <- vapply(tests, function(test) {
    if (is.na(test$p.value)) "not defined" else paste0("P\u00a0", p_text_of(test$p.value))
  }, "")
  name <- c(pfs = "progression-free", os = "overall")[what]
  p <- paste(p, "for", name, ifelse(seq_along(p) == length(p), "survival", ""))
  open <- unlist(lapply(rows, interval_sentences))
  c(
    paragraphs(paste0(
      sprintf("With %s patients, log-rank %s. ",
        join_words(sprintf("%.0f (%s)", counts$n, counts$group)),
        join_words(trimws(p))
      ),
      "A large P is not evidence that the strategies are equivalent: small groups have ",
      "little power.", if (length(open)) " The 95% confidence intervals are:"
    )),
    if (length(open)) bullets(open)
  )
}

landmark_text <- function(study, at = 3) {
  what <- endpoints_of(study, c("pfs", "os"))
  left <- vapply(what, function(name) {
    rows <- endpoint(study, name, landmark = at)
    n <- table(droplevels(rows$strategy))
    sprintf("%s for %s", join_words(sprintf("%d %s", n, names(n))),
      c(pfs = "progression-free survival", os = "overall survival")[[name]]
    )
  }, "")
  zero <- time_zero(endpoint(study, what[1L]))
  c(
    "### From a landmark", "",
    paragraphs(sprintf(
      paste(
        "If the strategy was chosen after %s, patients had to be alive and event-free",
        "until that choice, and time from %s includes this immortal time. The landmark",
        "analysis includes the patients who were event-free and in follow-up at %d",
        "months (%s), and time is counted from the landmark. This removes immortal-time",
        "bias, not confounding by indication."
      ), zero, zero, at, paste(left, collapse = ", ")
    ))
  )
}

# Conclusions of the publication with the numbers of the simulated cohort. The reports of
# other studies have no conclusions.
conclusion_text <- function(study) {
  key <- key_numbers(study)
  value <- function(label) key$Value[startsWith(key$Result, label)]
  median_pfs <- stats::median(fit_by(kaplan_meier, endpoint(study, "pfs"), "strategy"))
  worst <- max(study$adverse_events$grade, na.rm = TRUE)
  c(paragraphs("In these invented patients, as in the publication:"), bullets(
    sprintf(
      paste(
        "Systemic therapy with SBRT was effective: objective response in %s%% of",
        "evaluable patients, local failure in %s%% at 24 months, median",
        "progression-free survival %s and overall survival %s months."
      ), value("Objective"), value("Local"), value("Median prog"), value("Median over")
    ),
    sprintf(
      paste(
        "Treatment was considered safe: acute toxicity of grade 3 or more in %s%% and",
        "late toxicity in %s%% of patients; the worst grade was %d."
      ), value("Acute"), value("Late"), worst
    ),
    sprintf(
      paste(
        "SBRT may delay next-line therapy by blocking oligoprogression: patients who",
        "kept their current therapy (OP-C) had a median progression-free survival of",
        "%s months, those who changed it (OP-N) of %s months. The groups were not",
        "randomised, and the confidence intervals above are compatible with large",
        "differences in either direction."
      ), number_text(median_pfs$estimate[median_pfs$strata == "OP-C"]),
      number_text(median_pfs$estimate[median_pfs$strata == "OP-N"])
    )
  ))
}

data_text <- function(study) {
  rows <- function(table) {
    noun <- c(lesions = "lesion", adverse_events = "adverse event")[[table]]
    if (!is.null(study[[table]])) paste0(", ", count_noun(nrow(study[[table]]), noun))
  }
  unasked <- !is.null(study$adverse_events) && !toxicity_recorded(study)
  markdown_escape(paste0(sprintf(
    "%s%s%s%s; no row was excluded", count_noun(nrow(study$patients), "patient"),
    c(rows("lesions"), "")[1L],
    if (unasked) ", adverse events not recorded" else c(rows("adverse_events"), "")[1L],
    if (is.null(study$cutoff)) "" else paste(", cut-off", format(study$cutoff))
  ), imputed_text(study)))
}

# What the table of toxicity counted and did not count, below its rows
toxicity_notes <- function(study) {
  notes <- attr(toxicity_table(study), "notes")
  if (length(notes)) paste0(paste(notes, collapse = "; "), ".")
}

rule_text <- function(study, what) {
  rows <- endpoint(study, what)
  markdown_escape(sprintf("%s: %s", attr(rows, "label"), attr(rows, "rule")))
}

version_numbers <- function() {
  packages <- c("oligosurv", "survival", "ggplot2", "rmarkdown", "knitr")
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

# MD5 of each table as CSV: the same data have the same checksums on every machine.
data_hashes <- function(study) {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  parts <- Filter(function(part) !is.null(study[[part]]), study_parts)
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
