# The main results of a study, one sentence each with its interval.

# "32.6 (95% CI 21.2 to 69.1)", with non-breaking spaces in the bracket; without brackets
# if there is no interval
with_interval <- function(text, x, scale = 1) {
  if (is.na(x$conf.low) && is.na(x$conf.high)) return(text)
  ends <- number_text(scale * c(x$conf.low, x$conf.high), na = "not reached")
  # the bracket stays on one line
  limits <- sprintf("(95%% CI %s to %s)", ends[1L], ends[2L])
  paste(text, gsub(" ", "\u00a0", limits))
}

# One result: its name, its estimate and interval as text, and a sentence about it
key_row <- function(label, x, sentence, scale = 1) {
  limits <- number_text(scale * c(x$conf.low, x$conf.high))
  unknown <- is.na(x$conf.low) && is.na(x$conf.high)
  data.frame(
    Result = label, Value = number_text(scale * x$estimate),
    "95% interval" = if (unknown) "" else paste(limits, collapse = " to "),
    Sentence = sentence, check.names = FALSE
  )
}

# `verb`: "was seen in", "occurred in"
key_share <- function(label, r, n, verb, of = "patients") {
  if (n == 0L) return(NULL)
  x <- cbind(estimate = r / n, clopper_pearson(r, n, 0.95))
  sentence <- sprintf_counts("%s %s %d of %d %s, %s.", label, verb, r, n, of,
    with_interval(percent_text(x$estimate), x, 100)
  )
  key_row(sprintf_counts("%s (%d of %s), %%", label, r, count_noun(n, "patient")), x,
    sentence, 100
  )
}

# The latest of the usual times up to which some patient was followed; NULL if there is
# none
key_time <- function(rows) {
  times <- c(24, 12, 6)
  times <- times[times <= max(rows$time)]
  if (length(times)) times[1L]
}

# Cumulative incidence at key_time()
key_failure <- function(study, what) {
  rows <- endpoint(study, what)
  time <- key_time(rows)
  if (is.null(time)) return(NULL)
  failure <- tidy(fit_by(cumulative_incidence, rows), times = time)
  x <- failure[failure$outcome == event_of(rows), ]
  if (is.na(x$estimate)) return(NULL)
  label <- event_label(rows)
  several <- what == "local_failure" && is_of_any_lesion(study) &&
    any(lesion_count(study) > 1L)
  sentence <- sprintf("The cumulative incidence of %s%s at %d months was %s.",
    lower_first(label), if (several) " of any lesion of a patient" else "", time,
    with_interval(percent_text(x$estimate), x, 100)
  )
  key_row(sprintf("%s at %d months, %%", label, time), x, sentence, 100)
}

# The median of the fit of all patients, in months
key_median <- function(label, fit) {
  x <- stats::median(fit)
  value <- if (is.na(x$estimate)) "not reached" else
    paste(number_text(x$estimate), "months")
  key_row(sprintf("Median %s, months", label), x,
    sprintf("Median %s was %s.", label, with_interval(value, x))
  )
}

# Without a patient alive the reverse Kaplan-Meier curve has no event, which does not mean
# that its median is long.
key_follow_up <- function(study) {
  fit <- fit_by(follow_up, endpoint(study, "os"))
  x <- key_median("follow-up", fit)
  if (glance(fit)$n.event > 0L) return(x)
  x[c("Value", "95% interval")] <- ""
  x$Sentence <- "Median follow-up cannot be estimated, because all patients died."
  x
}

key_survival <- function(study, what) {
  rows <- endpoint(study, what)
  key_median(lower_first(attr(rows, "label")), fit_by(kaplan_meier, rows))
}

# Survival at one and two years, if some patient was followed up to that time
key_rates <- function(study, what) {
  rows <- endpoint(study, what)
  rates <- tidy(fit_by(kaplan_meier, rows), times = landmarks)
  rates <- rates[!is.na(rates$estimate), ]
  label <- attr(rows, "label")
  parts <- lapply(seq_len(nrow(rates)), function(i) {
    x <- rates[i, ]
    key_row(sprintf("%s at %d months, %%", label, x$time), x, sprintf(
      "%s at %d months was %s.", label, x$time,
      with_interval(percent_text(x$estimate), x, 100)
    ), 100)
  })
  do.call(rbind, parts)
}

# One line for each result that the study has. There is no rate of toxicity if no adverse
# event was recorded, because toxicity may not have been assessed, and none of late
# toxicity if no patient was followed so long.
key_numbers <- function(study) {
  has <- function(what) has_endpoint(study, what)
  response <- report_criteria(study, "patient")
  toxicity <- if (has_toxicity(study)) toxicity_table(study)
  severe <- toxicity[toxicity$term == any_event, ]
  if (NROW(severe) && !late_observed(study)) severe <- severe[severe$phase != "late", ]
  rbind(
    if (has("os")) rbind(
      key_survival(study, "os"), key_rates(study, "os"),
      key_follow_up(study)
    ),
    if (has("pfs") && !lacks_progression(study)) key_survival(study, "pfs"),
    if (!is.null(response)) {
      x <- response_rate(study, criteria = response)[1L, ]
      key_share("Objective response", x$n.event, x$n.evaluable, "was seen in",
        if (x$n.evaluable == 1L) "evaluable patient" else "evaluable patients"
      )
    },
    if (has("local_failure")) key_failure(study, "local_failure"),
    do.call(rbind, lapply(c(failures_of(study), failure_endpoints(study)), key_failure,
      study = study
    )),
    do.call(rbind, lapply(seq_len(NROW(severe)), function(i) {
      phase <- sentence_case(as.character(severe$phase[i]))
      key_share(paste(phase, "toxicity of grade 3 or more"), severe$grade_3_plus[i],
        severe$n[i], "occurred in", if (severe$n[i] == 1L) "patient" else "patients"
      )
    }))
  )
}

# The format of days that states no month and no day that was imputed
stated_part <- function(days, imputed, column) {
  imputed <- imputed[imputed$column == column & imputed$read %in% days, ]
  if (!NROW(imputed)) return("%Y-%m-%d")
  year <- grepl("^[^0-9A-JL-MO-TV-WY-Z]*[0-9]{4}[^0-9A-JL-MO-TV-WY-Z]*$",
    toupper(imputed$written)
  ) # as in 2020 and UN/UNK/2020
  if (any(year)) "%Y" else "%Y-%m"
}

# One sentence on the patients treated: numbers of patients and lesions, first and last
# day of SBRT
treated_sentence <- function(study) {
  days <- study$patients$sbrt_start
  dated <- is_filled(days)
  days <- if (dated) range(days, na.rm = TRUE)
  part <- stated_part(days, imputed_now(study), "sbrt_start")
  days <- format(days, part)
  n <- nrow(study$patients)
  who <- paste0(count_noun(n, "patient"), if (!is.null(study$lesions)) {
    paste(" with", count_noun(nrow(study$lesions), "lesion"))
  })
  sprintf("%s %s %s%s.", who, if (n == 1L) "was" else "were",
    if (dated) "treated" else "analysed", if (!dated) {
      ""
    } else if (days[1L] == days[2L]) {
      on <- if (part == "%Y-%m-%d") "" else "in "
      sprintf("; the first day of SBRT was %s%s", on, days[1L])
    } else {
      sprintf("; the first days of SBRT were between %s and %s", days[1L], days[2L])
    }
  )
}

# The sentences at the top of the report
key_text <- function(study) {
  bullets(treated_sentence(study), key_numbers(study)$Sentence)
}

# Other endpoints with competing events, for which the report shows cumulative incidences
failure_endpoints <- function(study) {
  Filter(function(what) length(endpoint_rules[[what]]$competing) > 0L,
    other_endpoints(study)
  )
}
