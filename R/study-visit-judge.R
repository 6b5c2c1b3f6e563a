# Responses at the visits by RECIST 1.1 or mRECIST, for all patients (or lesions) at once.

# The visits of all patients (or lesions), with the responses that follow from their
# measurements. `x`: rows of response_rows(). A visit may take several days. If it is PD
# only because of non-targets or new lesions, its date is that of the first row that shows
# PD.
measured_visits <- function(x, criteria) {
  targets <- target_lesions(x, criteria)
  rows <- polled(visit_rows(x, criteria$visit_days))
  first <- which(!duplicated(rows$visit))
  unit <- rows$unit[first]
  target <- polled(visit_targets(rows, targets, unit))
  other <- visit_non_targets(rows, x[x$day <= 0 & x$role %in% "non-target", ], unit)
  new_lesion <- seq_along(first) %in% rows$visit[rows$role %in% "new"]
  judged <- polled(judge_visits(unit, target, other, new_lesion, criteria))
  seen_on <- rows$day[first]
  shows <- rows$role %in% "new" | rows$status %in% "PD"
  by_other <- judged$response == "PD" & judged$target != "PD"
  shown <- match(which(by_other), rows$visit[shows])
  seen_on[by_other] <- pmax(rows$day[shows][shown], seen_on[by_other], na.rm = TRUE)
  last <- rows$assessment_date[!duplicated(rows$visit, fromLast = TRUE)]
  date <- rows$assessment_date[first]
  quick_frame(list(
    patient_id = rows$patient_id[first], lesion_id = rows$lesion_id[first],
    date = date + (seen_on - rows$day[first]), day = as.double(seen_on),
    last_date = last, baseline_mm = target$baseline, sum_mm = target$sum,
    nadir_mm = judged$nadir, change_pct = target$change, target = judged$target,
    non_target = other$response, new_lesion = new_lesion,
    response = judged$response, seen = judged$seen
  ))
}

# Sizes of the targets at each visit of `unit`. `sum`: sum over all targets, NA unless all
# were measured (`whole`); `measured`: sum over the measured ones; `none`: there are no
# targets; `seen`: some target was seen. A lymph node below 10 mm is normal, so it does
# not count as seen.
visit_targets <- function(x, targets, unit) {
  n <- length(unit)
  at <- match(x$lesion, targets$lesion)
  used <- !is.na(at) & is_target_row(x)
  x <- polled(x[used, ])
  at <- at[used]
  size <- ifelse(targets$viable[at], x$viable_mm, x$diameter_mm)
  code <- row_code(list(x$visit, x$lesion))
  size <- polled(sums_by(size, list(code)))
  known <- !duplicated(code) & !is.na(size)
  visit <- x$visit[known]
  size <- size[known]
  gone <- size == 0 | (targets$node[at][known] & size < 10)
  measured <- double(n)
  total <- rowsum(size, visit)
  measured[as.integer(rownames(total))] <- total
  of_unit <- tabulate(targets$unit, max(unit, targets$unit, 0L))
  base <- double(length(of_unit))
  total <- rowsum(targets$size, targets$unit)
  base[as.integer(rownames(total))] <- total
  some <- of_unit[unit] > 0L
  whole <- some & tabulate(visit, n) == of_unit[unit]
  baseline <- ifelse(some, base[unit], NA_real_)
  sum <- ifelse(whole, measured, NA_real_)
  list(
    none = !some, whole = whole, seen = tabulate(visit[!gone], n) > 0L,
    measured = measured, sum = sum, baseline = baseline,
    change = ifelse(baseline > 0, 100 * (sum / baseline - 1), NA_real_)
  )
}
# Response of the non-targets at each visit of `unit`, and whether one of them was seen.
# `start`: the rows of non-targets up to SBRT. A visit that does not assess all lesions
# named there is NE, unless one of them is PD.
visit_non_targets <- function(x, start, unit) {
  n <- length(unit)
  named <- start[!duplicated(start$lesion) & start$label != "", ]
  x <- polled(x[x$role %in% "non-target", ])
  count <- function(rows) tabulate(x$visit[rows], n)
  expected <- tabulate(named$unit, max(unit, named$unit, 0L))[unit]
  followed <- x$lesion %in% named$lesion & !duplicated(row_code(list(x$visit, x$lesion)))
  missed <- count(x$label == "") == 0L & count(followed) < expected
  doubtful <- count(x$status %in% c(NA, "NE")) > 0L
  response <- rep("non-CR/non-PD", n)
  response[count(x$status %in% "CR") == count(TRUE)] <- "CR"
  response[missed | doubtful] <- "NE"
  response[count(x$status %in% "PD") > 0L] <- "PD"
  response[count(TRUE) == 0L] <- "none"
  response[count(TRUE) == 0L & unit %in% start$unit] <- "NE"
  list(response = response, seen = count(x$status %in% c("non-CR/non-PD", "PD")) > 0L)
}

# Judges the visits in order: the first visits of all units, then the second visits, and
# so on, because a response depends on the smallest sum and on a CR at earlier visits.
judge_visits <- function(unit, target, other, new_lesion, criteria) {
  n <- length(unit)
  strict <- criteria$after_cr == "PD"
  judged <- list(
    target = character(n), nadir = double(n), response = character(n),
    seen = target$seen | other$seen | new_lesion
  )
  first <- which(!duplicated(unit))
  number <- seq_len(n) - first[match(unit, unit[first])] + 1L
  least <- target$baseline[first]
  # has the unit had a visit with no target left (`gone`), or with CR (`complete`)?
  gone <- complete <- rep(FALSE, length(first))
  for (k in seq_len(max(number, 0L))) {
    at <- which(number == k)
    of <- match(unit[at], unit[first])
    now <- judge_targets(lapply(target, `[`, at), least[of], gone[of] & strict, criteria)
    response <- overall_response(now, other$response[at], new_lesion[at])
    response[strict & complete[of] & judged$seen[at]] <- "PD"
    judged$nadir[at] <- least[of]
    judged$target[at] <- now
    judged$response[at] <- as.character(response)
    gone[of] <- gone[of] | now == "CR"
    complete[of] <- complete[of] | response == "CR"
    least[of] <- pmin(least[of], target$sum[at], na.rm = TRUE)
  }
  judged$nadir[target$none] <- NA
  judged$response <- factor(judged$response, response_levels)
  judged
}

# Response of the targets at one visit of each unit. `least`: smallest sum so far. `back`:
# TRUE if all targets were gone at an earlier visit; any target seen is then PD.
judge_targets <- function(target, least, back, criteria) {
  more <- target$measured - least
  grown <- !is.na(least) & more > 0 & more >= 0.2 * least - 1e-9 &
    (criteria$method == "mrecist" | more >= 5 - 1e-9)
  response <- rep("SD", length(least))
  response[which(target$measured <= 0.7 * target$baseline + 1e-9)] <- "PR"
  response[!target$whole | is.na(target$baseline)] <- "NE"
  response[grown | (back & target$seen)] <- "PD"
  response[target$whole & !target$seen] <- "CR"
  response[target$none] <- "none"
  response
}

# Overall response by tables 1 and 2 of RECIST 1.1; arguments of equal length
overall_response <- function(target, non_target, new_lesion) {
  response <- target
  response[target == "CR" & !non_target %in% c("CR", "none")] <- "PR"
  alone <- target == "none"
  of_others <- c(CR = "CR", "non-CR/non-PD" = "SD", NE = "NE", none = "NE", PD = "PD")
  response[alone] <- of_others[non_target[alone]]
  response[new_lesion | target == "PD" | non_target == "PD"] <- "PD"
  factor(response, response_levels)
}
