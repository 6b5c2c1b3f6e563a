# The endpoint liver_decline: baselines, and the first day of a decline.

# The rows of liver_function that have a score, as `score`, with the day after the first
# day of SBRT as `day`
scored_tests <- function(study, decline) {
  x <- study$liver_function
  rule <- decline_rules[[decline]]
  if (is.null(x)) {
    stop_oligosurv("input", paste(
      "the endpoint \"liver_decline\" needs the table liver_function of sbrt_study(),",
      "which the study does not have; for a column of dates in the table patients give",
      "its name, as in endpoint(study, \"rild_date\")"
    ), arg = "what", table = "liver_function")
  }
  x <- data.frame(
    patient_id = x$patient_id, date = x$test_date,
    day = days_after_sbrt(study, x, x$test_date), score = liver_score(x, decline)
  )
  none <- is.na(x$score)
  if (all(none)) {
    stop_oligosurv("data", sprintf(
      paste(
        "no row of the table liver_function has all values of %s: %s;",
        "\"liver_decline\" needs them%s"
      ), rule$name, rule$needs,
      if (decline == "child_pugh") ", or use `decline = \"albi\"`" else ""
    ), arg = "decline", table = "liver_function")
  }
  if (any(none)) {
    inform_oligosurv(sprintf(
      "Liver function decline: %s of liver_function without all values of %s not used",
      count_noun(sum(none), "row"), rule$name
    ))
  }
  x[!none & !is.na(x$day), ]
}

# The baseline of each patient: the last day up to SBRT and its worst score
liver_baselines <- function(study, x) {
  x <- x[x$day <= 0, ]
  x <- x[order(-x$day, -x$score), ]
  x[match(study$patients$patient_id, x$patient_id), c("day", "score")]
}

find_liver_decline <- function(study, options) {
  rule <- decline_rules[[options$decline]]
  x <- scored_tests(study, options$decline)
  baseline <- liver_baselines(study, x)
  later <- x[x$day > 0, ]
  later <- later[order(later$day, -later$score), ]
  before <- baseline$score[match(later$patient_id, study$patients$patient_id)]
  at <- which(later$score >= before + rule$rise)
  found <- first_by_patient(study, later$patient_id[at], later$date[at],
    sprintf("test_date (%s %g, baseline %g)", rule$short, later$score[at], before[at])
  )
  found$lacking <- is.na(baseline$score)
  tested <- study$patients$patient_id %in% later$patient_id
  found$note <- c(
    if (any(!found$lacking)) sprintf("baseline is %s before the first day of SBRT",
      range_text(-baseline$day[!found$lacking])
    ),
    if (any(!tested & !found$lacking)) sprintf("%s no later value",
      patients_have(sum(!tested & !found$lacking))
    )
  )
  found
}

# "0 to 35 days"
range_text <- function(days) {
  ends <- unique(range(days))
  paste(paste(format(ends, trim = TRUE), collapse = " to "),
    if (identical(ends, 1)) "day" else "days"
  )
}

patients_have <- function(n) paste(n, if (n == 1) "patient has" else "patients have")
