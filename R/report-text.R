# Sentences of the report, in Markdown. Their numbers are computed, labels are escaped.

# Interpretation of the comparison of the strategies
strategy_text <- function(study) {
  pfs <- endpoint(study, "pfs")
  os <- endpoint(study, "os")
  counts <- as.data.frame(fit_by(logrank_test, os, "strategy"))
  p <- vapply(list(pfs, os), function(rows) {
    p_text_of(fit_by(logrank_test, rows, "strategy")$p.value)
  }, "")
  open <- unlist(lapply(list(pfs, os), interval_sentences))
  c(
    paragraphs(sprintf(
      paste(
        "With %s patients, log-rank P\u00a0%s for progression-free and P\u00a0%s for",
        "overall survival. A large P is not evidence that the strategies are equivalent:",
        "small groups have little power. The 95%% confidence intervals are:"
      ),
      paste(sprintf("%.0f (%s)", counts$n, counts$group), collapse = " and "),
      p[1L], p[2L]
    )),
    if (length(open)) bullets(open)
  )
}

landmark_text <- function(study, at = 3) {
  left <- vapply(c("pfs", "os"), function(what) {
    rows <- endpoint(study, what, landmark = at)
    n <- table(droplevels(rows$strategy))
    paste(sprintf("%d %s", n, names(n)), collapse = " and ")
  }, "")
  c(
    "### From a landmark", "",
    paragraphs(sprintf(
      paste(
        "The strategy was chosen after the first day of SBRT, so patients had to be",
        "alive and event-free until that choice; time from the first day of SBRT",
        "includes this immortal time. The landmark analysis includes the patients who",
        "were event-free and in follow-up at %d months (%s for progression-free",
        "survival, %s for overall survival), and time is counted from the landmark. This",
        "removes immortal-time bias, not confounding by indication."
      ), at, left[1L], left[2L]
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
  markdown_escape(paste0(sprintf(
    "%d patients, %d lesions, %s%s; no row was excluded",
    nrow(study$patients), nrow(study$lesions),
    if (toxicity_recorded(study)) {
      count_noun(nrow(study$adverse_events), "adverse event")
    } else {
      "adverse events not recorded"
    },
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
  sums <- vapply(study_parts, function(part) {
    rows <- as.data.frame(study[[part]])
    rows[] <- lapply(rows, function(v) enc2utf8(as.character(v)))
    con <- file(file, "wb")
    utils::write.table(rows, con, sep = ",", row.names = FALSE, eol = "\n", na = "")
    close(con)
    unname(tools::md5sum(file))
  }, "")
  data.frame(
    Table = gsub("_", " ", study_parts),
    Rows = vapply(study_parts, function(part) format_count(nrow(study[[part]])), ""),
    MD5 = sums, row.names = NULL
  )
}
