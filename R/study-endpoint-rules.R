# Definitions of the endpoints: the events that count, the default competing events, and
# the sentences that describe the rule. The rows of an endpoint are made from them.

endpoint_rules <- list(
  os = list(
    label = "Overall survival", event = "death", events = "death",
    to = "death from any cause", without = "patients alive are"
  ),
  pfs = list(
    label = "Progression-free survival", event = "progression or death",
    events = c("progression", "death"),
    to = "progression or death, whichever comes first",
    without = "patients alive without progression are"
  ),
  progression = list(
    label = "Time to progression", event = "progression", events = "progression",
    competing = "death", to = "the first progression at any site"
  ),
  cause_specific_death = list(
    label = "Death from a cause", events = "death_from_cause", competing = "other_death",
    event = function(options) paste("death from", join_words(options$cause, "or")),
    to = function(options) paste("death from", join_words(options$cause, "or")),
    without = "patients alive are"
  ),
  local_failure = list(
    label = "Local failure", event = "local failure", events = "local_failure",
    competing = "death", levels = c("patient", "lesion"),
    to = "the first local failure of any lesion of the patient"
  ),
  distant_failure = list(
    label = "Distant failure", event = "distant failure", events = "distant_failure",
    competing = "death", to = "the first new lesion"
  ),
  intrahepatic_failure = list(
    label = "Intrahepatic failure", event = "intrahepatic failure",
    events = "intrahepatic_failure", competing = "death",
    to = "the first new lesion in the liver"
  ),
  extrahepatic_failure = list(
    label = "Extrahepatic failure", event = "extrahepatic failure",
    events = "extrahepatic_failure", competing = "death",
    to = "the first new lesion outside the liver"
  ),
  widespread_failure = list(
    label = "Widespread failure", event = "widespread failure",
    events = "widespread_failure", competing = "death",
    to = function(options) {
      if (options$dated) return("the day in the column `widespread_failure_date`")
      sprintf("more than %g new lesions in all", widespread_threshold(options))
    }
  ),
  next_therapy = list(
    label = "Next systemic therapy", event = "next therapy", events = "next_therapy",
    competing = "death",
    to = function(options) {
      paste0("the start of a later line of systemic therapy", grace_words(options))
    }
  ),
  pfs2 = list(
    label = "PFS2", event = "progression or death",
    events = c("next_progression", "death"),
    to = "progression on the next line of systemic therapy or death, whichever is first",
    without = "patients alive without progression on the next line are"
  ),
  next_line_pfs = list(
    label = "Progression-free survival on the next line", event = "progression or death",
    events = c("next_progression", "death"), origin = "next_therapy",
    needs = "next_therapy", to = "progression on that line or death, whichever is first",
    without = "patients alive without progression on that line are"
  ),
  next_sbrt = list(
    label = "Next SBRT", event = "next SBRT", events = "next_sbrt", competing = "death",
    to = function(options) {
      paste0("the start of another SBRT course", grace_words(options))
    }
  ),
  late_toxicity = list(
    label = "Late toxicity", event = "late toxicity", events = "late_toxicity",
    competing = "death",
    to = function(options) {
      sprintf("the first adverse event%s of grade %g or more after day %g%s",
        if (options$attribution == "all") "" else " related to SBRT", options$grade,
        options$window, window_words(options)
      )
    }
  ),
  liver_decline = list(
    label = "Liver function decline", event = "liver decline", events = "liver_decline",
    competing = c("progression", "death"),
    to = function(options) decline_rules[[options$decline]]$words
  ),
  time_to_response = list(
    label = "Time to response", event = "response", events = "response",
    competing = c("progression", "death"),
    to = "the first visit with a response, CR or PR"
  ),
  duration_of_response = list(
    label = "Duration of response", event = "progression or death",
    events = c("progression", "death"),
    origin = "response", to = "progression or death, whichever comes first",
    without = "responders alive without progression are"
  )
)

grace_words <- function(options) {
  if (options$grace_days == 0) return("")
  sprintf(" more than %g days after the first day of SBRT", options$grace_days)
}

window_words <- function(options) {
  paste0(
    if (options$from == "sbrt_end") " from the end of SBRT",
    if (options$courses == "each") " of the latest course",
    if (options$attribution == "all") ", whatever the attribution" else
      sprintf(" (%s)", attribution_text(options$attribution))
  )
}

# The rules of an endpoint: an entry of the table above, or rules for a date column of the
# user
rules_of <- function(study, what, level) {
  if (length(what) != 1L || !is.character(what) || what %in% names(endpoint_rules) ||
    !what %in% c(names(study$patients), names(study$lesions))) {
    rules <- endpoint_rules[[check_choice(what, names(endpoint_rules), "what")]]
    if (level == "patient" || level %in% rules$levels) return(rules)
    stop_oligosurv("input", sprintf(
      "`level` must be \"patient\" for the endpoint \"%s\"; it is \"%s\"", what, level
    ), arg = "level")
  }
  table <- if (level == "lesion") "lesions" else "patients"
  study_table(study, table, what, sprintf("the endpoint \"%s\"", what))
  event <- event_of_column(what)
  list(
    label = sentence_case(event), event = event, events = "own", own = what,
    competing = "death", levels = c("patient", "lesion"),
    to = sprintf("the date in the column `%s`", what)
  )
}

# The event that a date column, such as rild_date, is named after
event_of_column <- function(column) {
  gsub("_", " ", sub("_date$", "", column), fixed = TRUE)
}

# Adds the best responses to the options of the endpoints that need them.
with_response <- function(study, what, options) {
  if (!takes_option(what, "response")) return(options)
  x <- options$response
  if (is.null(x)) x <- best_response(study, criteria = "recist")
  dated <- is.data.frame(x) &&
    all(c("patient_id", "response_date", "progression_visit") %in% names(x)) &&
    identical(as.character(x$patient_id), study$patients$patient_id) &&
    # stops for responses of lesions, even if each patient has only one lesion
    !"lesion_id" %in% setdiff(names(x), names(study$patients))
  if (!dated) {
    stop_oligosurv("input", paste(
      "`response` must be the result of best_response() for the patients of this study,",
      "with `criteria` \"recist\", \"mrecist\" or \"visits\""
    ), arg = "response")
  }
  options$response <- x
  options
}

check_competing <- function(competing, rules) {
  if (is.null(competing)) return(as.character(rules$competing))
  competing <- plain_argument(competing)
  if (identical(competing, "none")) return(character())
  known <- setdiff(c(other_events, rules$competing), rules$events)
  ok <- is.character(competing) && length(competing) && all(competing %in% known) &&
    !anyDuplicated(competing)
  if (!ok) {
    stop_oligosurv("input", sprintf(
      "`competing` must be \"none\" or names of other events, each once: %s; it is %s",
      paste0("\"", known, "\"", collapse = ", "),
      if (is.character(competing)) paste(competing, collapse = ", ") else
        describe(competing)
    ), arg = "competing")
  }
  competing
}

# The rows of an endpoint that have an origin and are at risk after it: days, status code
# (0 censored, 1 the event, 2 and above competing events), and the dates used.
endpoint_rows <- function(study, rules, level, options) {
  names <- c(rules$events, options$competing)
  code <- c(rep(1L, length(rules$events)), seq_along(options$competing) + 1L)
  patients <- study$patients
  if (!is.null(rules$own)) {
    options$own <- rules$own
    if (level == "patient") {
      study$patients[[rules$own]] <- own_dates(study, "patients", rules$own)
    }
    warn_late_own(study, rules$own, if (level == "patient") "patients" else "lesions")
  }
  dates <- lapply(stats::setNames(names, names), function(name) {
    if (name == "own" && level == "lesion") {
      return(list(date = rep(as_date(NA), nrow(patients)), source = ""))
    }
    event_date(study, name, options)
  })
  parts <- list(
    dates = with_progression_at(dates, study, options),
    end = censor_date(study, options$pfs_censor), early = early_rules(study, options),
    floor = as.numeric(patients$sbrt_start), value = patients
  )
  if (level == "lesion") {
    parts <- lesion_parts(study, parts, rules, options)
  } else {
    parts$start <- origin_date(study, options)
    if (options$origin == "next_therapy") parts <- since_next_line(parts)
  }
  origin_rows(parts, code, rules, options)
}

# Counts time from the origin, drops rows without an origin or time at risk, and writes
# the dates behind each row to `audit`. `parts` are those of endpoint_rows(). Imaging
# before `floor` does not count.
origin_rows <- function(parts, code, rules, options) {
  value <- parts$value
  start <- parts$start
  outcome <- first_event(start$date, lapply(parts$dates, `[[`, "date"), parts$end$date)
  outcome <- censor_early(
    outcome, as.numeric(start$date), parts$floor, parts$early, parts$dates, options
  )
  days <- outcome$days
  delayed <- options$origin %in% c("diagnosis", "systemic_start")
  entry <- as.numeric(value$sbrt_start) - as.numeric(start$date)
  entry <- if (delayed) pmax(entry, 0)
  no_origin <- is.na(start$date)
  lacking <- !no_origin & lacks_baseline(parts$dates, length(no_origin))
  too_early <- !no_origin & !lacking & (if (delayed) days <= entry else days < 0)
  kept <- !no_origin & !lacking & !too_early
  left_out <- c(
    sum(no_origin), "without a baseline of liver function" = sum(lacking),
    "that ended before the origin or on the day of entry" = sum(too_early)
  )
  names(left_out)[1L] <- switch(options$origin,
    response = "without a response", next_therapy = "without a next line of therapy",
    "without a date of origin"
  )
  decided <- deciding_dates(start, outcome, parts)
  audit <- audit_text(decided, if (delayed) value$sbrt_start)
  value <- subset_rows(value, kept)
  if (any(!kept)) {
    rownames(value) <- NULL
    expected <- options$origin %in% c("response", "next_therapy")
    if (!expected || any(too_early | lacking)) {
      inform_oligosurv(paste0(rules$label, ": ", left_out_words(left_out)))
    }
  }
  notes <- unique(unlist(lapply(parts$dates, `[[`, "note")))
  list(
    value = value, days = days[kept], code = c(0L, code)[outcome$event + 1L][kept],
    entry = entry[kept], audit = audit[kept], decided = decided[kept, ],
    label = rules$label, left_out = left_out,
    notes = c(
      unname(progression_at_words(options$progression_at)),
      early_words(options, outcome$rule[kept]), notes
    ),
    own_start = isTRUE(parts$own_start)
  )
}

# Rows for which an event cannot be determined, see find_liver_decline()
lacks_baseline <- function(dates, n) {
  unknown <- Filter(Negate(is.null), lapply(dates, `[[`, "lacking"))
  Reduce(`|`, unknown, rep(FALSE, n))
}

# For each row: day 0 and the last day with their sources, the event (NA if censored), the
# reason of censoring (NA for events), and early censoring in words (`note`, else NA)
deciding_dates <- function(start, outcome, parts) {
  n <- length(outcome$days)
  sources <- vapply(parts$dates, `[[`, character(n), "source")
  sources <- matrix(sources, nrow = n)
  source <- sources[cbind(seq_len(n), pmax(outcome$event, 1L))]
  none <- outcome$event == 0L
  source[none] <- parts$end$source[none]
  reason <- ifelse(none, parts$end$reason, NA_character_)
  early <- !is.na(outcome$rule)
  source[early] <- outcome$decided[early]
  reason[early] <- outcome$rule[early]
  quick_frame(list(
    start = start$date, start_source = rep_len(start$source, n),
    day = as_date(as.numeric(start$date) + outcome$days), source = source,
    event = c(NA, names(parts$dates))[outcome$event + 1L], reason = reason,
    note = outcome$note
  ))
}

# Describes deciding_dates() in words
audit_text <- function(decided, entry) {
  paste0(
    decided$start_source, " ", day_text(decided$start),
    if (!is.null(entry)) paste0(", at risk from sbrt_start ", day_text(entry), ","),
    " to ", decided$source, " ", day_text(decided$day),
    ifelse(is.na(decided$note), "", paste(",", decided$note))
  )
}

left_out_words <- function(left_out) {
  left_out <- left_out[left_out > 0]
  paste("left out:", paste(
    vapply(left_out, count_noun, "", noun = "row"), names(left_out), collapse = ", "
  ))
}

# Describes the rule of an endpoint in one sentence, which print() and the report show.
endpoint_words <- function(rules, level, options, x) {
  to <- if (is.function(rules$to)) rules$to(options) else rules$to
  if (level == "lesion" && is.null(rules$own)) to <- "the local failure of the lesion"
  names <- event_labels[options$competing]
  without <- if (!is.null(rules$without)) {
    rules$without
  } else if (level == "lesion") {
    "lesions without it are"
  } else if ("death" %in% options$competing) {
    "patients alive without it are"
  } else {
    "patients without it are"
  }
  at <- if (options$pfs_censor == "last_imaging") {
    "their last imaging, or on day 0 if there is none"
  } else if (any(c("death", "other_death") %in% c(rules$events, options$competing))) {
    "last contact"
  } else {
    "last contact or death"
  }
  paste(c(
    sprintf("from %s%s to %s", origin_words[[options$origin]],
      if (x$own_start && startsWith(options$origin, "sbrt")) " of the lesion" else "", to
    ),
    if (length(names)) {
      sprintf("%s before it %s", join_words(unname(names), "or"),
        if (length(names) > 1L) "compete" else "competes"
      )
    },
    paste(without, "censored at", at),
    x$notes,
    if (!is.null(x$entry)) {
      "at risk from the first day of SBRT: Surv(entry, time, status)"
    },
    if (any(x$left_out > 0)) left_out_words(x$left_out),
    if (level == "lesion") "lesions of one patient are not independent"
  ), collapse = "; ")
}
