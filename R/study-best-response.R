# Best response over all visits. Visits are sorted by day.

# Best response of one patient or lesion. `last_day` is the day of a progression known
# from another source: it counts as PD, and later visits are ignored. `end`: last days of
# the visits; `seen`: was disease seen? Returns `best` and three numbers of visits:
# `first`, the first with CR or PR (NA unless `best` is CR or PR); `pd`, the first with PD
# (NA if none); `n`, the last that counts.
best_of_visits <- function(day, response, criteria, last_day = NA, end = day,
                           seen = response %in% c("PR", "SD", "PD")) {
  response <- as.character(response)
  if (!is.na(last_day)) {
    response[end >= last_day] <- "PD"
    response <- response[day <= last_day]
  }
  complete <- cumsum(response == "CR") > 0
  disease <- seen[seq_along(response)] & response %in% c("PR", "SD")
  if (criteria$after_cr == "PD") response[complete & disease] <- "PD"
  pd <- match("PD", response)
  n <- if (is.na(pd)) length(response) else pd
  response <- response[seq_len(n)]
  day <- day[seq_len(n)]
  if (criteria$after_cr == "PR" && any(disease[seq_len(n)])) {
    response[response == "CR" & seq_len(n) < max(which(disease[seq_len(n)]))] <- "PR"
  }
  # PR after CR at a visit without visible disease means that some lesion was not
  # evaluable. This does not contradict the CR.
  unclear <- response == "PR" & complete[seq_len(n)] & !disease[seq_len(n)]
  first <- function(levels, lapses, response) {
    if (!criteria$confirm) return(match(TRUE, response %in% levels))
    first_confirmed(day, response, levels, lapses, criteria)
  }
  cr <- first("CR", 0L, replace(response, unclear, "NE"))
  pr <- first(c("CR", "PR"), 1L, response)
  stable <- response %in% c("CR", "PR", "SD") & day >= criteria$sd_days
  occurred <- c(
    CR = !is.na(cr), PR = !is.na(pr), SD = any(stable),
    PD = !is.na(pd) || !is.na(last_day), NE = TRUE
  )
  best <- names(which(occurred))[1L]
  began <- if (best %in% c("CR", "PR")) pr else NA_integer_
  list(best = best, first = began, pd = pd, n = n)
}

# First visit whose response in `levels` is confirmed by a visit at least `confirm_days`
# later. In between only responses in `levels`, up to `max_ne` NE and up to `lapses` SD
# are allowed.
first_confirmed <- function(day, response, levels, lapses, criteria) {
  allowed <- c(levels, "NE", if (lapses > 0L) "SD")
  for (i in which(response %in% levels)) {
    later <- seq_along(day) > i
    again <- later & response %in% levels & day - day[i] >= criteria$confirm_days
    many <- function(word, most) cumsum(later & response == word) > most
    broken <- later &
      (!response %in% allowed | many("SD", lapses) | many("NE", criteria$max_ne))
    if (any(again) && !any(broken[seq_len(which(again)[1L])])) return(i)
  }
  NA_integer_
}

# Computes best_response() from the responses at the visits
best_from_visits <- function(study, rows, criteria, level) {
  visits <- response_visits(study, level, criteria)
  key <- function(x) if (level == "lesion") pair_of(x, "lesion_id") else x$patient_id
  mine <- split(seq_len(nrow(visits)), factor(key(visits), key(rows)))
  ends_on <- column_or_na(rows,
    if (level == "patient") "progression_date" else "local_failure_date"
  )
  start <- response_start(study, rows, level)
  last_day <- as.numeric(ends_on) - as.numeric(start)
  end <- visits$day
  if (!is.null(visits$last_date)) {
    end <- end + as.numeric(visits$last_date) - as.numeric(visits$date)
  }
  found <- lapply(seq_along(mine), function(i) {
    at <- mine[[i]]
    result <- best_of_visits(visits$day[at], visits$response[at], criteria, last_day[i],
      end[at], visits$seen[at]
    )
    result$first <- at[result$first]
    result$pd <- at[result$pd]
    result$change <- smallest(visits$change_pct[at[seq_len(result$n)]])
    result
  })
  column <- function(name, type) vapply(found, `[[`, type, name)
  rows$best_response <- factor(column("best", ""), response_levels)
  if (criteria$method != "visits") rows$best_change_pct <- column("change", 0)
  rows$response_date <- visits$date[column("first", 0L)]
  pd <- column("pd", 0L)
  rows$progression_visit <- visits$date[pd]
  # if a given day of progression is within the visit with PD, it replaces the date of the
  # visit
  within <- which(end[pd] >= last_day & visits$day[pd] <= last_day)
  rows$progression_visit[within] <- ends_on[within]
  rows$visits <- column("n", 0L)
  rows
}

smallest <- function(x) if (all(is.na(x))) NA_real_ else min(x, na.rm = TRUE)

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
