# The first failure of each patient: its day, the lesions that belong to it, and the
# salvage treatment that followed.

# One row per patient with a known stratum, as an endpoint whose status is the pattern of
# the first failure. Every patient has a first day of SBRT.
failure_rows <- function(study, strata, options) {
  found <- first_failures(study, options)
  value <- study$patients
  value$strata <- strata
  outcome <- first_event(value$sbrt_start, list(found$day, value$death_date),
    censor_date(study, "last_contact")$date
  )
  pattern <- found[[options$pattern]]
  # a level for what is unknown is shown only if it occurs
  unknown <- c("number not stated", if (!is.null(options$field)) "local")
  pattern <- factor(pattern, setdiff(levels(pattern), setdiff(unknown, pattern)))
  status <- c("censored", levels(pattern), "death")
  value$time <- outcome$days / days_in[[options$unit]]
  value$status <- factor(ifelse(outcome$event == 1L, as.character(pattern),
    c("censored", "death")[(outcome$event > 1L) + 1L]
  ), status)
  value$failure_date <- found$day
  copied <- c("site", "number", "organ", "n_lesions")
  value[copied] <- found[copied]
  salvage <- first_salvage(study, found$day, options$together)
  value$salvage <- salvage$kind
  value$salvage_date <- salvage$day
  value$audit <- found$audit
  value <- subset_rows(value, !is.na(strata))
  rownames(value) <- NULL
  structure(value,
    rule = failure_rule(options), unit = options$unit, label = "First failure",
    level = "patient", from = origin_words[["sbrt_start"]], by = options$by,
    left_out = sum(is.na(strata)), class = c("sbrt_endpoint", "sbrt_table", "data.frame")
  )
}

failure_rule <- function(options) {
  paste0(
    "from the first day of SBRT to the first local failure, new lesion or other ",
    "progression; failures ", if (options$together > 0) {
      sprintf("within %g days count as one", options$together)
    } else {
      "on one day count as one"
    },
    sprintf("; up to %g lesions are called oligo, more are called poly",
      options$threshold
    ),
    "; death before it competes; patients alive without failure are censored at last ",
    "contact"
  )
}

# Per patient the day, patterns, lesions and sources of the first failure
first_failures <- function(study, options) {
  n <- nrow(study$patients)
  lesions <- failed_lesions(study, options$field)
  located <- located_failures(study)
  events <- rbind(lesions, located$new, other_progressions(study))
  # only dates that endpoint() would use define the day of the first failure
  dated <- events[!(located$by_column & events$source == new_lesion_source), ]
  first <- as.double(tapply(dated$day, factor(dated$patient, seq_len(n)), min))
  since <- events$day - first[events$patient]
  events <- events[which(since >= 0 & since <= options$together), ]
  # a progression without a location counts only if no located failure belongs to it
  other <- events$source == "progression_date"
  events <- events[!other | !events$patient %in% events$patient[!other], ]
  by <- split(seq_len(nrow(events)), factor(events$patient, seq_len(n)))
  of <- function(f, type) vapply(by, function(at) f(events[at, ]), type)
  widespread <- column_or_na(study$patients, "widespread_failure_date")
  many <- as.numeric(widespread) <= first + options$together
  number <- of(lesions_failed, 0)
  list(
    day = as_date(first),
    site = factor(of(site_of_failure, ""), site_levels(options$field)),
    number = number_of_failure(number, many %in% TRUE, options$threshold, !is.na(first)),
    organ = organ_levels(of(organ_of_failure, "")), n_lesions = unname(number),
    audit = unname(of(function(x) {
      if (!nrow(x)) return(NA_character_)
      text <- sprintf("%s %s", x$source, day_text(as_date(x$day)))
      paste(unique(text[order(x$day)]), collapse = ", ")
    }, ""))
  )
}

failure_frame <- function(patient, day, where, organ, n, source) {
  size <- length(patient)
  data.frame(
    patient = patient, day = as.numeric(day), where = rep_len(where, size),
    organ = rep_len(as.character(organ), size), n = rep_len(as.double(n), size),
    source = rep_len(source, size)
  )
}

failed_lesions <- function(study, field) {
  x <- study$lesions
  at <- which(!is.na(x$local_failure_date))
  where <- rep("local", nrow(x))
  if (!is.null(field)) {
    where <- field_words(x[[field]], field)
    where[is.na(where)] <- "local"
  }
  failure_frame(match(x$patient_id[at], study$patients$patient_id),
    x$local_failure_date[at], where[at], column_or_na(x, "site")[at], 1,
    sprintf("local_failure_date of lesion %s", x$lesion_id[at])
  )
}

# "in field", "marginal" or NA, from the words of the user
field_words <- function(x, field) {
  text <- cell_text(plain_column(x))
  known <- c(infield = "in field", field = "in field", marginal = "marginal")
  where <- unname(known[simplify_word(text)])
  bad <- which(!is.na(text) & is.na(where))
  if (length(bad)) {
    stop_oligosurv("domain", sprintf(
      paste(
        "the column `%s` of lesions says \"%s\" in %s; expected are \"in field\",",
        "\"marginal\" or an empty cell"
      ), field, x[bad[1L]], format_rows(bad)
    ), arg = "field", where = bad)
  }
  where
}

new_lesion_source <- "assessment_date of a new lesion"

# Distant failures: the new lesions of assessments and, if they take precedence
# (`by_column`), the dates of the patients
located_failures <- function(study) {
  x <- table_with(study, "assessments", "role")
  by_column <- is_filled(study$patients[["distant_failure_date"]])
  new <- failure_frame(integer(), numeric(), "elsewhere", NA, NA, "")
  if (!is.null(x)) {
    x <- new_lesions(study, "distant_failure")
    x <- x[order(x$assessment_date), ]
    added <- added_lesions(x)
    x <- x[added > 0, ]
    new <- failure_frame(match(x$patient_id, study$patients$patient_id),
      x$assessment_date, "elsewhere", column_or_na(x, "site"), added[added > 0],
      new_lesion_source
    )
  }
  if (by_column) {
    date <- study$patients$distant_failure_date
    at <- which(!is.na(date))
    new <- rbind(
      new, failure_frame(at, date[at], "elsewhere", NA, NA, "distant_failure_date")
    )
  }
  list(new = new, by_column = by_column)
}

other_progressions <- function(study) {
  date <- study$patients$progression_date
  at <- which(!is.na(date))
  failure_frame(at, date[at], "elsewhere", NA, NA, "progression_date")
}

# Number of lesions that failed; NA without a failure or if it is unknown. A date without
# lesions is ignored if the lesions of that failure are known.
lesions_failed <- function(x) {
  if (!nrow(x)) return(NA_real_)
  listed <- x$source == new_lesion_source
  if (any(listed)) x <- x[!is.na(x$n), ]
  sum(x$n)
}

site_of_failure <- function(x) {
  if (!nrow(x)) return(NA_character_)
  near <- unique(x$where[x$where != "elsewhere"])
  near <- intersect(c("in field", "marginal", "local"), near)[1L]
  elsewhere <- any(x$where == "elsewhere")
  if (is.na(near)) "elsewhere" else if (elsewhere) "local and elsewhere" else near
}

site_levels <- function(field) {
  c(
    if (!is.null(field)) c("in field", "marginal"), "local", "local and elsewhere",
    "elsewhere"
  )
}

number_of_failure <- function(number, widespread, threshold, failed) {
  level <- c(
    sprintf("oligo (up to %g)", threshold), sprintf("poly (more than %g)", threshold),
    "number not stated"
  )
  many <- widespread | (number > threshold) %in% TRUE
  at <- ifelse(many, 2L, ifelse(is.na(number), 3L, 1L))
  factor(level[ifelse(failed, at, NA_integer_)], level)
}

organ_of_failure <- function(x) {
  if (!nrow(x)) return(NA_character_)
  organ <- unique(organ_text(x$organ))
  organ <- organ[!is.na(organ) & nzchar(organ)]
  switch(min(length(organ), 2L) + 1L, "organ not stated", organ, "several organs")
}

# Sites in lower case, except abbreviations such as LUL and LN
organ_text <- function(site) {
  given <- plain_site(site)
  text <- lower_case(given)
  known <- !is.na(given)
  short <- gregexpr("\\b[A-Z]{2,3}\\b", given[known], perl = TRUE)
  regmatches(text[known], short) <- regmatches(given[known], short)
  text
}

# Levels of organs: the most frequent first, "other" last
organ_levels <- function(organ) {
  last <- c("other organ", "several organs", "organ not stated")
  counts <- sort(-table(organ[!organ %in% last]))
  shown <- names(counts)[seq_len(min(6L, length(counts)))]
  organ[!is.na(organ) & !organ %in% c(shown, last)] <- "other organ"
  levels <- c(shown, last)
  factor(unname(organ), levels[levels %in% c(shown, organ)])
}

# The first SBRT or new line of therapy of each patient on the day of failure or later
first_salvage <- function(study, failure, together) {
  sbrt <- first_since(study, failure, "next_sbrt_date", later_courses(study))
  drug <- first_since(study, failure, "next_therapy_date", new_lines(study, failure))
  known <- !is.null(sbrt) || !is.null(drug)
  none <- rep(NA_real_, length(failure))
  if (is.null(sbrt)) sbrt <- none
  if (is.null(drug)) drug <- none
  first <- pmin(sbrt, drug, na.rm = TRUE)
  near <- function(day) !is.na(day) & day - first <= together
  kind <- ifelse(near(sbrt) & near(drug), "SBRT and drug",
    ifelse(near(sbrt), "SBRT", ifelse(near(drug), "drug", "none"))
  )
  kind[is.na(failure) | !known] <- NA
  list(kind = factor(kind, names(salvage_columns)), day = as_date(first))
}

# The first date on or after `failure`, from a column of patients and the rows of a table
first_since <- function(study, failure, column, x) {
  given <- study$patients[[column]]
  if (is.null(x) && is.null(given)) return(NULL)
  id <- c(x$patient_id, if (!is.null(given)) study$patients$patient_id)
  day <- c(as.numeric(x$start_date), as.numeric(given))
  kept <- which(day >= as.numeric(failure)[match(id, study$patients$patient_id)])
  as.numeric(first_by_patient(study, id[kept], day[kept], "")$date)
}

later_courses <- function(study) {
  study$courses[which(study$courses$course > 1L), ]
}

# Therapies from the day of failure on whose line is above those begun before
new_lines <- function(study, failure) {
  x <- study$therapies
  if (is.null(x)) return(NULL)
  since <- as.numeric(failure)[match(x$patient_id, study$patients$patient_id)]
  lines_above(x, as.numeric(x$start_date) >= since)
}
