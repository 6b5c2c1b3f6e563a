# Best response over all visits. Visits are sorted by day.

# Best response of one patient or lesion. `last_day` is the day of a progression known
# from elsewhere: it counts as PD, and later visits do not count.
best_of_visits <- function(day, response, criteria, last_day = NA) {
  response <- as.character(response)
  if (!is.na(last_day)) {
    response <- response[day <= last_day]
    day <- day[seq_along(response)]
  }
  # PR or SD after a complete response: the disease has returned
  after <- cumsum(response == "CR") > 0 & response %in% c("PR", "SD")
  response[after] <- "PD"
  pd <- match("PD", response)
  n <- if (is.na(pd)) length(response) else pd
  response <- response[seq_len(n)]
  day <- day[seq_len(n)]
  first <- function(levels, lapses) {
    if (!criteria$confirm) return(match(TRUE, response %in% levels))
    first_confirmed(day, response, levels, lapses, criteria$confirm_days)
  }
  cr <- first("CR", 0L)
  pr <- first(c("CR", "PR"), 1L)
  stable <- response %in% c("CR", "PR", "SD") & day >= criteria$sd_days
  occurred <- c(
    CR = !is.na(cr), PR = !is.na(pr), SD = any(stable),
    PD = !is.na(pd) || !is.na(last_day), NE = TRUE
  )
  best <- names(which(occurred))[1L]
  began <- if (best %in% c("CR", "PR")) pr else NA_integer_
  list(best = best, first = began, pd = pd, n = n)
}

# First visit with a response in `levels` that a visit at least `confirm_days` later
# confirms; between the two only responses in `levels`, NE and up to `lapses` SD may occur
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

# Computes best_response() from the responses at the visits
best_from_visits <- function(study, rows, criteria, level) {
  visits <- visit_response(study, level, criteria)
  key <- function(x) if (level == "lesion") pair_of(x, "lesion_id") else x$patient_id
  mine <- split(seq_len(nrow(visits)), factor(key(visits), key(rows)))
  last <- if (level == "patient") {
    as.numeric(column_or_na(rows, "progression_date")) - as.numeric(rows$sbrt_start)
  } else {
    rep(NA, nrow(rows))
  }
  found <- Map(function(at, last_day) {
    result <- best_of_visits(visits$day[at], visits$response[at], criteria, last_day)
    counted <- at[seq_len(result$n)]
    change <- c(visits$change_pct[counted], NA)
    data.frame(
      best = result$best, first = at[result$first], pd = at[result$pd], n = result$n,
      change = if (all(is.na(change))) NA_real_ else min(change, na.rm = TRUE)
    )
  }, mine, last)
  found <- do.call(rbind, unname(found))
  rows$best_response <- factor(found$best, response_levels)
  if (criteria$method != "visits") rows$best_change_pct <- found$change
  rows$response_date <- visits$date[found$first]
  rows$progression_visit <- visits$date[found$pd]
  rows$visits <- found$n
  rows
}

#' @rdname response_rate
#' @export
best_response <- function(study, level = c("patient", "lesion"),
                          criteria = c("given", "recist", "mrecist", "visits"), ...) {
  check_no_dots(...)
  check_study(study)
  level <- check_choice(level, c("patient", "lesion"), "level")
  criteria <- check_criteria(criteria, all_criteria)
  table <- if (level == "patient") "patients" else "lesions"
  rows <- if (level == "patient") study$patients else lesions_with_patient(study)
  if (criteria$method == "given") {
    study_table(study, table, "best_response", "the best response")
  } else {
    rows <- best_from_visits(study, rows, criteria, level)
  }
  response <- rows$best_response
  rows$evaluable <- !is.na(response) & response != "NE"
  among <- function(levels) ifelse(rows$evaluable, response %in% levels, NA)
  rows$responder <- among(c("CR", "PR"))
  rows$controlled <- among(c("CR", "PR", "SD"))
  rows
}
