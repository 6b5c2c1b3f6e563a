# The best of the responses of all visits. Visits are in order of days.

# One patient or lesion. `last_day` is the day of a progression that was found otherwise:
# it is PD, and later visits do not count.
best_of_visits <- function(day, response, confirm, confirm_days, sd_days, last_day = NA) {
  response <- as.character(response)
  if (!is.na(last_day)) {
    response <- response[day <= last_day]
    day <- day[seq_along(response)]
  }
  # What is seen after a complete response has come back
  after <- cumsum(response == "CR") > 0 & response %in% c("PR", "SD")
  response[after] <- "PD"
  pd <- match("PD", response)
  n <- if (is.na(pd)) length(response) else pd
  response <- response[seq_len(n)]
  day <- day[seq_len(n)]
  first <- function(levels, lapses) {
    if (confirm) return(first_confirmed(day, response, levels, lapses, confirm_days))
    match(TRUE, response %in% levels)
  }
  cr <- first("CR", 0L)
  pr <- first(c("CR", "PR"), 1L)
  stable <- response %in% c("CR", "PR", "SD") & day >= sd_days
  best <- if (!is.na(cr)) {
    "CR"
  } else if (!is.na(pr)) {
    "PR"
  } else if (any(stable)) {
    "SD"
  } else if (!is.na(pd) || !is.na(last_day)) {
    "PD"
  } else {
    "NE"
  }
  began <- if (best %in% c("CR", "PR")) pr else NA_integer_
  list(best = best, first = began, pd = pd, n = n)
}

# First visit with a response of `levels` that a visit at least `confirm_days` later
# repeats, with nothing else between them but NE and `lapses` visits with SD
first_confirmed <- function(day, response, levels, lapses, confirm_days) {
  for (i in which(response %in% levels)) {
    later <- seq_along(day) > i
    again <- later & response %in% levels & day - day[i] >= confirm_days
    other <- later & !response %in% c(levels, "NE", if (lapses > 0L) "SD")
    broken <- other | (later & cumsum(later & response == "SD") > lapses)
    if (any(again) && !any(broken[seq_len(which(again)[1L])])) return(i)
  }
  NA_integer_
}

# The rows of best_response() with what the visits say
best_from_visits <- function(study, rows, criteria, level, settings) {
  visits <- visit_response(study, criteria, level)
  key <- function(x) if (level == "lesion") pair_of(x, "lesion_id") else x$patient_id
  mine <- split(seq_len(nrow(visits)), factor(key(visits), key(rows)))
  last <- if (level == "patient") {
    as.numeric(rows$progression_date) - as.numeric(rows$sbrt_start)
  } else {
    rep(NA, nrow(rows))
  }
  found <- Map(function(at, last_day) {
    result <- best_of_visits(visits$day[at], visits$response[at], settings$confirm,
      settings$confirm_days, settings$sd_days, last_day
    )
    counted <- at[seq_len(result$n)]
    change <- c(visits$change_pct[counted], NA)
    data.frame(
      best = result$best, first = at[result$first], pd = at[result$pd], n = result$n,
      change = if (all(is.na(change))) NA_real_ else min(change, na.rm = TRUE)
    )
  }, mine, last)
  found <- do.call(rbind, unname(found))
  rows$best_response <- factor(found$best, response_levels)
  if (criteria != "visits") rows$best_change_pct <- found$change
  rows$response_date <- visits$date[found$first]
  rows$progression_visit <- visits$date[found$pd]
  rows$visits <- found$n
  rows
}

#' @rdname response_rate
#' @export
best_response <- function(study, level = c("patient", "lesion"),
                          criteria = c("given", "recist", "mrecist", "visits"),
                          confirm = FALSE, confirm_days = 28, sd_days = 42) {
  check_study(study)
  level <- check_choice(level, c("patient", "lesion"), "level")
  criteria <- check_choice(
    criteria, c("given", "recist", "mrecist", "visits"), "criteria"
  )
  settings <- list(
    confirm = check_flag(confirm, "confirm"),
    confirm_days = check_number(confirm_days, "confirm_days", lower = 0),
    sd_days = check_number(sd_days, "sd_days", lower = 0)
  )
  table <- if (level == "patient") "patients" else "lesions"
  rows <- if (level == "patient") study$patients else lesions_with_patient(study)
  if (criteria == "given") {
    study_table(study, table, "best_response", "the best response")
  } else {
    rows <- best_from_visits(study, rows, criteria, level, settings)
  }
  response <- rows$best_response
  rows$evaluable <- !is.na(response) & response != "NE"
  among <- function(levels) ifelse(rows$evaluable, response %in% levels, NA)
  rows$responder <- among(c("CR", "PR"))
  rows$controlled <- among(c("CR", "PR", "SD"))
  rows
}

# Where a best response comes from, for the print; nothing when it is given
response_source <- function(criteria, confirm) {
  source <- c(recist = "RECIST 1.1", mrecist = "mRECIST", visits = "given visits")
  if (criteria[1L] == "given") return("")
  sprintf(" by %s, %s", source[[criteria]], if (confirm) "confirmed" else "unconfirmed")
}
