# Prose of the report, in Markdown. Every number in it is computed; labels are escaped.

# What the comparison of the strategies can and cannot say.
strategy_text <- function(study) {
  pfs <- endpoint(study, "pfs")
  os <- endpoint(study, "os")
  counts <- as.data.frame(fit_by(logrank_test, os, "strategy"))
  p <- vapply(list(pfs, os), function(rows) {
    p_text_of(fit_by(logrank_test, rows, "strategy")$p.value)
  }, "")
  open <- unlist(lapply(list(pfs, os), open_sentences))
  c(
    paragraphs(sprintf(
      paste(
        "With %s patients, log-rank P\u00a0%s for progression-free and P\u00a0%s for",
        "overall survival do not show that the strategies are equivalent: they show",
        "that so few patients cannot tell them apart. The data do not exclude, with",
        "95%% confidence:"
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
        "The strategy was chosen after the first day of SBRT, so that a patient had",
        "to live long enough, without the event, to be given it. Counting from the",
        "first day credits that time to the strategy. The landmark analysis takes",
        "those who were event-free and in follow-up at %d months (%s for",
        "progression-free survival, %s for overall survival) and counts from there.",
        "It mends this one bias, not that patients were chosen for a strategy."
      ), at, left[1L], left[2L]
    ))
  )
}

# For the simulated cohort alone: what the publication concludes, on our numbers.
conclusion_text <- function(study) {
  key <- key_numbers(study)
  value <- function(label) key$Value[startsWith(key$Result, label)]
  median_pfs <- stats::median(fit_by(kaplan_meier, endpoint(study, "pfs"), "strategy"))
  worst <- max(study$adverse_events$grade)
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
        "It was safe: acute toxicity of grade 3 or more in %s%%, late in %s%% of",
        "patients; the worst grade was %d."
      ), value("Acute"), value("Late"), worst
    ),
    sprintf(
      paste(
        "SBRT may delay next-line therapy by blocking oligoprogression: patients who",
        "kept their current therapy (OP-C) had a median progression-free survival of",
        "%s months, those who changed it (OP-N) of %s. This is an observation, not a",
        "comparison of randomised groups, and the intervals above leave large",
        "differences open both ways."
      ), number_text(median_pfs$estimate[median_pfs$strata == "OP-C"]),
      number_text(median_pfs$estimate[median_pfs$strata == "OP-N"])
    )
  ))
}

method_text <- function(study) {
  rule <- function(what) {
    rows <- endpoint(study, what)
    sprintf("%s: %s.", attr(rows, "label"), attr(rows, "rule"))
  }
  bullets(
    sprintf(
      "Data: %d patients, %d lesions, %d adverse events%s; no row was left out.",
      nrow(study$patients), nrow(study$lesions), nrow(study$adverse_events),
      if (is.null(study$cutoff)) "" else paste(", cut-off", format(study$cutoff))
    ),
    rule("pfs"), rule("os"), rule("local_failure"),
    "Time is counted in whole days; a month is 30.4375 days.",
    paste(
      "Survival: Kaplan-Meier estimate, Greenwood variance, 95% small-sample intervals:",
      "exact (beta product) in curves of up to 50 patients, up to the fifth event of",
      "larger ones and where the estimate is 0% or 100%, else log-log. They keep their",
      "level in groups of 9 to 37, and none has width zero."
    ),
    paste(
      "Local failure: Aalen-Johansen estimate with death competing, Greenwood-type",
      "variance, small-sample intervals (exact, by the beta product on the",
      "subdistribution risk set, up to 50 patients or five failures, else log-log),",
      "Gray's test."
    ),
    paste(
      "Medians: the first time the curve is at or below 50%, and the middle of a",
      "stretch at exactly 50%. A median that the curve does not reach is NR."
    ),
    paste(
      "Follow-up: reverse Kaplan-Meier; at one time deaths leave before the",
      "censored."
    ),
    paste(
      "Ties: at one time events come before censorings; times closer than one part",
      "in a billion are one time."
    ),
    paste(
      "Groups: log-rank test, two-sided P from chi-square; where a group has fewer than",
      "50 subjects or 10 events also that of 9999 permutations. Intervals of differences",
      "of rates and of restricted means come from the mid-p limits of both groups",
      "(MOVER); the P beside an interval is the level at which it touches no difference.",
      "Restricted means have beta limits, which cover in small groups."
    ),
    paste(
      "Response: complete or partial response among evaluable patients or lesions,",
      "with exact (Clopper-Pearson) limits, of lesions on their number over the design",
      "effect of several in one patient. Toxicity: the worst grade per patient and",
      "event, of all patients."
    ),
    "No P-value is adjusted for the number of comparisons."
  )
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

# MD5 of each table as CSV: the same data give the same sums on every machine.
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
