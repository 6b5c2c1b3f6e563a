# A study of patients with SBRT on 2021-01-01 and one irradiated lesion "1", alive for
# 1000 days. Warnings about its doubtful values are suppressed.
plain_study <- function(id, assessments, progression = NA, failure = NA) {
  start <- as.Date("2021-01-01")
  suppressWarnings(sbrt_study(
    data.frame(
      patient_id = id, cohort = "OM", sbrt_start = start,
      progression_date = start + progression, death_date = as.Date(NA),
      last_contact = start + 1000
    ),
    data.frame(patient_id = id, lesion_id = "1", local_failure_date = start + failure),
    data.frame(
      patient_id = character(), term = character(), grade = integer(),
      onset_date = character()
    ),
    assessments = assessments
  ), classes = "oligosurv_warning_study")
}

# A second, independent implementation of RECIST 1.1, written from the tables of the
# guideline (Eisenhauer 2009) and the help pages, one patient and one visit at a time,
# without any code of the package. Sizes are whole tenths of a millimetre, so that every
# threshold is exact.
#
# A patient is a list of rows, each list(day, name, role, node, size, status): `role`
# "target", "non-target" or "new"; `size` or `status` NA where nothing could be assessed.

# Days of the visits. A day belongs to the current visit if it is at most `visit_days`
# after the first day of the visit, and if none of its lesions was already assessed at the
# visit.
slow_visits <- function(rows, visit_days) {
  visits <- list()
  days <- sort(unique(vapply(rows, function(r) r$day, 0)))
  running <- NULL
  for (d in days[days > 0]) {
    today <- Filter(function(r) r$day == d, rows)
    assessed <- Filter(function(r) {
      r$role == "new" || !is.na(r$size) || !(is.na(r$status) || r$status == "NE")
    }, today)
    names <- vapply(assessed, function(r) paste(r$name, r$role == "new"), "")
    joins <- !is.null(running) && d - running$first <= visit_days &&
      !any(names %in% running$names)
    if (!joins) {
      if (!is.null(running)) visits[[length(visits) + 1L]] <- running
      running <- list(first = d, days = d, names = names, rows = today)
    } else {
      running$days <- c(running$days, d)
      running$names <- c(running$names, names)
      running$rows <- c(running$rows, today)
    }
  }
  if (!is.null(running)) visits[[length(visits) + 1L]] <- running
  lapply(visits, slow_visit)
}

# Combines the days of a visit. A lesion assessed on one of the days has that value. The
# visit begins on its first day that has more than rows replaced by another day.
slow_visit <- function(visit) {
  value <- function(r) if (r$role == "non-target") r$status else r$size
  blank <- function(r) r$role != "new" && (is.na(value(r)) || value(r) == "NE")
  key <- function(r) paste(r$name, r$role == "new")
  good <- Filter(function(r) !blank(r), visit$rows)
  known <- vapply(good, key, "")
  rows <- c(good, Filter(function(r) blank(r) && !key(r) %in% known, visit$rows))
  days <- vapply(rows, function(r) r$day, 0)
  list(first = min(days), last = max(days), rows = rows)
}

# The targets at baseline: name, size, node. The last measurement up to day 0 counts.
slow_baseline <- function(rows) {
  rows <- Filter(function(r) r$role == "target" && r$day <= 0, rows)
  out <- list()
  for (name in unique(vapply(rows, function(r) r$name, ""))) {
    mine <- Filter(function(r) r$name == name, rows)
    size <- NA_real_
    latest <- -Inf
    for (r in mine) {
      if (!is.na(r$size) && r$day > latest) {
        size <- r$size
        latest <- r$day
      }
    }
    out[[length(out) + 1L]] <- list(name = name, size = size, node = mine[[1L]]$node)
  }
  out
}

# Responses at the visits of one patient, in order
slow_recist <- function(rows, criteria) {
  base <- slow_baseline(rows)
  start_sum <- sum(vapply(base, function(b) b$size, 0))
  others <- unique(unlist(lapply(rows, function(r) {
    if (r$role == "non-target" && r$day <= 0) r$name
  })))
  strict <- criteria$after_cr == "PD"
  smallest <- start_sum
  targets_gone <- complete <- FALSE
  lapply(slow_visits(rows, criteria$visit_days), function(visit) {
    seen <- FALSE
    # targets
    sizes <- vapply(base, function(b) {
      for (r in visit$rows) if (r$name == b$name && r$role == "target") return(r$size)
      NA_real_
    }, 0)
    left <- mapply(function(b, size) {
      if (is.na(size)) NA else if (b$node) size >= 100 else size > 0
    }, base, sizes)
    disease <- any(unlist(left), na.rm = TRUE)
    now <- sum(sizes, na.rm = TRUE)
    complete_sum <- !anyNA(sizes)
    more <- now - smallest
    target <- if (!length(base)) {
      "none"
    } else if (complete_sum && !disease) {
      "CR"
    } else if (!is.na(smallest) && more > 0 && 10 * now >= 12 * smallest && more >= 50) {
      "PD"
    } else if (strict && targets_gone && disease) {
      "PD"
    } else if (!complete_sum || is.na(start_sum)) {
      "NE"
    } else if (10 * now <= 7 * start_sum) {
      "PR"
    } else {
      "SD"
    }
    # non-targets
    seen_others <- Filter(function(r) r$role == "non-target", visit$rows)
    status <- vapply(seen_others, function(r) as.character(r$status), "")
    missed <- setdiff(others, vapply(seen_others, function(r) r$name, ""))
    other <- if ("PD" %in% status) {
      "PD"
    } else if (length(missed) || anyNA(status) || "NE" %in% status) {
      "NE"
    } else if (!length(status)) {
      "none"
    } else if (all(status == "CR")) {
      "CR"
    } else {
      "non-CR/non-PD"
    }
    new <- any(vapply(visit$rows, function(r) r$role == "new", NA))
    disease <- disease || new || any(status %in% c("PD", "non-CR/non-PD"))
    # tables 1 and 2
    overall <- if (new || target == "PD" || other == "PD") {
      "PD"
    } else if (target == "none") {
      switch(other, CR = "CR", "non-CR/non-PD" = "SD", "NE")
    } else if (target == "CR") {
      if (other %in% c("CR", "none")) "CR" else "PR"
    } else {
      target
    }
    if (strict && complete && disease) overall <- "PD"
    if (target == "CR") targets_gone <<- TRUE
    if (overall == "CR") complete <<- TRUE
    if (length(base) && complete_sum) smallest <<- min(smallest, now, na.rm = TRUE)
    day <- visit$first
    if (overall == "PD" && target != "PD") {
      shows <- Filter(function(r) r$role == "new" || r$status %in% "PD", visit$rows)
      if (length(shows)) day <- min(vapply(shows, function(r) r$day, 0))
    }
    list(day = day, last = visit$last, response = overall, seen = disease,
      target = target, other = other
    )
  })
}

# The best response of visits, by table 3 and section 4.6. Every pair of visits is tried.
slow_best <- function(visits, criteria, progression = NA) {
  day <- vapply(visits, function(v) v$day, 0)
  word <- vapply(visits, function(v) v$response, "")
  seen <- vapply(visits, function(v) v$seen, NA)
  if (!is.na(progression)) {
    for (i in seq_along(word)) {
      if (visits[[i]]$last >= progression) word[i] <- "PD"
    }
  }
  cr_before <- function(i) "CR" %in% word[seq_len(i - 1L)]
  last <- length(word)
  for (i in seq_along(word)) {
    back <- criteria$after_cr == "PD" && cr_before(i) && seen[i]
    if (word[i] == "PD" || (back && word[i] %in% c("PR", "SD"))) {
      word[i] <- "PD"
      last <- i - 1L
      break
    }
  }
  progressed <- "PD" %in% word || !is.na(progression)
  # after CR, PR at a visit without disease: a non-target was not evaluated
  open <- vapply(seq_along(word), function(i) {
    word[i] == "PR" && cr_before(i) && !seen[i]
  }, NA)
  used <- seq_len(last)
  if (criteria$after_cr == "PR") {
    for (i in used) {
      again <- used[used > i & seen[used] & word[used] %in% c("PR", "SD")]
      if (word[i] == "CR" && length(again)) word[i] <- "PR"
    }
  }
  reached <- function(best) {
    as_cr <- ifelse(open, "NE", word)
    shown <- if (best == "CR") as_cr else word
    good <- if (best == "CR") "CR" else c("CR", "PR")
    first <- used[shown[used] %in% good]
    if (!criteria$confirm) return(length(first) > 0L)
    for (i in first) {
      for (j in first[first > i]) {
        between <- shown[used[used > i & used < j]]
        apart <- day[j] - day[i] >= criteria$confirm_days
        few <- sum(between == "NE") <= criteria$max_ne &&
          sum(between == "SD") <= (if (best == "CR") 0 else 1)
        if (apart && few && all(between %in% c(good, "NE", "SD"))) return(TRUE)
      }
    }
    FALSE
  }
  if (reached("CR")) return("CR")
  if (reached("PR")) return("PR")
  late <- used[word[used] %in% c("CR", "PR", "SD") & day[used] >= criteria$sd_days]
  if (length(late)) "SD" else if (progressed) "PD" else "NE"
}

# Rows of one patient: 0 to 3 targets (some of them nodes), non-targets, new lesions, and
# visits of one or several days, with some missing assessments. Sizes are chosen near the
# thresholds.
random_rows_of_patient <- function() {
  pick <- function(x, n = 1L, ...) x[sample.int(length(x), n, TRUE, ...)]
  rows <- list()
  add <- function(day, name, role, node = FALSE, size = NA_real_,
                  status = NA_character_) {
    rows[[length(rows) + 1L]] <<- list(
      day = day, name = name, role = role, node = node, size = size, status = status
    )
  }
  n_target <- pick(0:3, prob = c(1, 4, 3, 2))
  targets <- paste0("T", seq_len(n_target))
  node <- pick(c(TRUE, FALSE), n_target, prob = c(1, 3))
  others <- pick(list(character(), "", "N1", c("N1", "N2")), prob = c(5, 1, 2, 2))[[1L]]
  base <- ifelse(node, pick(c(150, 180, 200, 300), n_target),
    pick(c(100, 120, 200, 250, 300, 500, 1000), n_target)
  )
  base[stats::runif(n_target) < 0.02] <- NA
  for (i in seq_len(n_target)) {
    if (stats::runif(1) < 0.2) add(-40, targets[i], "target", node[i], 400)
    add(-pick(0:27), targets[i], "target", node[i], base[i])
    if (is.na(base[i]) && rows[[length(rows)]]$day > -40) {
      before <- length(rows) > 1L && rows[[length(rows) - 1L]]$name == targets[i]
      if (before) base[i] <- 400
    }
  }
  for (name in others) add(-10, name, "non-target", status = "non-CR/non-PD")
  base[is.na(base)] <- 200
  least <- base
  day <- 0
  lost <- pick(c(0, 0.1, 0.3))
  trend <- pick(c("up", "down", "any"))
  for (k in seq_len(pick(1:7))) {
    day <- day + pick(c(9, 20, 28, 30, 42, 60))
    later <- pick(c(0, 0, 0, 2, 7, 8), n_target + length(others) + 1L)
    if (stats::runif(1) < 0.6) later[] <- 0
    for (i in seq_len(n_target)) {
      b <- base[i]
      m <- least[i]
      choices <- switch(trend,
        down = c(0, 0, 0, 99, floor(0.7 * b), m),
        up = c(m, ceiling(1.2 * m), m + 50, m + 49, b),
        c(0, 0, b, m, floor(0.7 * b), floor(0.7 * b) + 1, ceiling(1.2 * m) - 1,
          ceiling(1.2 * m), m + 49, m + 50, 99, 100, 30)
      )
      size <- max(0, pick(choices))
      luck <- stats::runif(1)
      if (luck < lost / 2) next
      if (luck < lost) size <- NA_real_
      add(day + later[i], targets[i], "target", node[i], size)
      least[i] <- min(least[i], size, na.rm = TRUE)
    }
    for (j in seq_along(others)) {
      if (stats::runif(1) < lost / 2) next
      status <- pick(c("CR", "non-CR/non-PD", "NE", "PD", NA), prob = c(8, 4, 2, 1, 1))
      add(day + later[n_target + j], others[j], "non-target", status = status)
    }
    if (stats::runif(1) < 0.04) {
      add(day + later[n_target + length(others) + 1L], "X", "new")
    }
  }
  rows
}

# A study of `n` such patients, its rows as lists, and the days of progression
random_visit_study <- function(n) {
  rows <- lapply(seq_len(n), function(i) random_rows_of_patient())
  id <- sprintf("P%06d", seq_len(n))
  field <- function(name) unlist(lapply(rows, lapply, `[[`, name), use.names = FALSE)
  of <- rep(id, lengths(rows))
  name <- field("name")
  start <- as.Date("2021-01-01")
  ends <- function() {
    vapply(rows, function(r) {
      if (!length(r) || stats::runif(1) > 0.25) return(NA_real_)
      days <- vapply(r, function(x) x$day, 0)
      max(0, days[sample.int(length(days), 1L)] + sample(c(0, 0, -1, 1), 1L))
    }, 0)
  }
  progression <- ends()
  failure <- ends()
  assessments <- data.frame(
    patient_id = of, assessment_date = start + field("day"),
    lesion_id = ifelse(name == "T1", "1", NA),
    other_lesion = ifelse(name %in% c("T1", ""), NA, name), role = field("role"),
    node = ifelse(field("node"), "yes", "no"), diameter_mm = field("size") / 10,
    status = field("status")
  )
  shuffled <- assessments[sample.int(nrow(assessments)), ]
  study <- plain_study(id, shuffled, progression, failure)
  list(study = study, rows = rows, progression = progression, failure = failure)
}

# Number of patients and lesions of `case` (see above) for which the visits or the best
# response differ between the package and the slow implementation
slow_differences <- function(case, criteria) {
  count <- function(level, rows, ends) {
    id <- case$study$patients$patient_id
    found <- visit_response(case$study, level, criteria)
    best <- as.character(best_response(case$study, level, criteria)$best_response)
    visits <- split(paste(found$day, found$response), factor(found$patient_id, id))
    sum(vapply(seq_along(rows), function(i) {
      slow <- slow_recist(rows[[i]], criteria)
      wanted <- vapply(slow, function(v) paste(v$day, v$response), "")
      !identical(as.character(visits[[i]]), wanted) ||
        best[i] != slow_best(slow, criteria, ends[i])
    }, NA))
  }
  first <- lapply(case$rows, function(r) Filter(function(x) x$name == "T1", r))
  c(
    patient = count("patient", case$rows, case$progression),
    lesion = count("lesion", first, case$failure)
  )
}
