#' Simulate a study of lesions in patients
#'
#' Simulates patients, their irradiated lesions, dated visits and adverse events, as a
#' valid [sbrt_study()], for examples, tests and the power of an analysis plan.
#'
#' @details **Local failure** of a lesion has the constant hazard \eqn{Z h}, with a gamma
#' frailty Z of mean 1 and variance \eqn{\theta} that the lesions of a patient share.
#' Without death this gives
#' \deqn{P(T > t) = (1 + \theta h t)^{-1/\theta}}{P(T > t) = (1 + theta h t)^(-1 / theta)}
#' and h is such that a proportion `local_failure` has failed after 12 months. **Death**
#' and **distant progression** have constant hazards, given by `death` and `progression`,
#' the probabilities at 12 months in the absence of other events.
#'
#' Failure and progression are detected at the first visit after they happened; those
#' after the last visit remain unknown. Detected times are therefore later than true ones
#' by half a visit interval on average, as in real data. Accrual is uniform over `accrual`
#' months; the data cut-off is `follow_up` months after its end; a proportion `loss` of
#' the patients is lost before that, at a uniform time.
#'
#' **Response.** The diameters of irradiated lesions shrink by 40% on average (SD 40%; at
#' most 15% growth), half of it at the first visit and all at the second. A local failure
#' grows by 30%, and by at least 6 mm, from the smallest size before; a distant
#' progression is a row with role `new` in assessments. The best responses of patients and
#' lesions are derived from these diameters by [recist()] without confirmation: visits up
#' to the progression of the patient (for lesions, the failure of the lesion) count, and
#' the visit of progression is PD. With the defaults about 55% of the evaluable lesions
#' and 45% of the evaluable patients respond, and in 80% of these patients the disease is
#' controlled.
#'
#' [set.seed()] makes a study reproducible.
#' @param n Number of patients.
#' @param lesions Mean number of lesions per patient, from 1 to 5: 1 plus a binomial
#'   number of up to 4.
#' @param local_failure,death,progression Probabilities of the event at 12 months in
#'   cohort OP, at least 0 and below 1; see Details.
#' @param frailty Variance \eqn{\theta} of the frailty, at least 0; 0 makes lesions
#'   independent.
#' @param hazard_ratio Hazard ratios of cohort OM against OP, with the names
#'   `local_failure`, `death` or `progression`; those not given are 1.
#' @param dose_effect Hazard ratio of local failure per 10 Gy of BED10; `local_failure`
#'   then applies to 100 Gy10.
#' @param om Proportion of patients in cohort OM.
#' @param visit_every Months between visits.
#' @param accrual,follow_up Months; see Details.
#' @param loss Proportion of patients lost to follow-up.
#' @param first_day First possible day of SBRT.
#' @param ... Not used.
#' @return An [sbrt_study()] with `patients`, `lesions`, `adverse_events`, `assessments`
#'   (diameter of each lesion before SBRT and at each visit; new lesions) and the cut-off.
#'   Its attribute `truth` is a data frame, one row per lesion, with the `patient_id`,
#'   `lesion_id`, `frailty` and `failure_time`, the true time of failure in months (`Inf`
#'   if the hazard is 0), whether or not it was observed.
#' @section Errors:
#' `oligosurv_error_input` for arguments outside their range.
#' @seealso [sbrt_study()], [sample_size()]
#' @examples
#' set.seed(1)
#' study <- simulate_study(60, lesions = 2, local_failure = 0.2, frailty = 1)
#' study
#' gray_test(Surv(time, status) ~ cohort, endpoint(study, "local_failure", "lesion"),
#'   id = patient_id
#' )
#' @export
simulate_study <- function(n, lesions = 1.8, local_failure = 0.1, death = 0.25,
                           progression = 0.5, frailty = 0.5, hazard_ratio = NULL,
                           dose_effect = 1, om = 0.25, visit_every = 3, accrual = 36,
                           follow_up = 12, loss = 0.1,
                           first_day = "2018-01-01", ...) {
  check_no_dots(...)
  n <- check_whole(n, "n", 1, 1e6)
  below_one <- function(x, arg) {
    x <- check_number(x, arg, 0, 1)
    if (x < 1) return(x)
    stop_oligosurv("input", sprintf("`%s` is 1; it must be below 1", arg), arg = arg)
  }
  spec <- list(
    lesions = check_number(lesions, "lesions", 1, 5),
    local_failure = below_one(local_failure, "local_failure"),
    death = below_one(death, "death"),
    progression = below_one(progression, "progression"),
    frailty = check_number(frailty, "frailty", 0, 1e3),
    ratio = check_ratios(hazard_ratio),
    dose_effect = check_number(dose_effect, "dose_effect", 0, Inf, open = TRUE),
    om = check_number(om, "om", 0, 1),
    visit_every = check_number(visit_every, "visit_every", 0.25, 60),
    accrual = check_number(accrual, "accrual", 0, 600),
    follow_up = check_number(follow_up, "follow_up", 0.25, 600),
    loss = check_number(loss, "loss", 0, 1), first_day = check_day(first_day, "first_day")
  )
  patients <- simulate_patients(n, spec)
  lesions <- simulate_lesions(patients, spec)
  assessments <- simulate_visits(patients, lesions, spec)
  seen <- study_from_truth(patients, lesions, assessments, spec)
  study <- sbrt_study(seen$patients, seen$lesions, simulate_events(patients),
    assessments = seen$assessments, cutoff = patients$cutoff[1L]
  )
  attr(study, "truth") <- lesions[c("patient_id", "lesion_id", "frailty", "failure_time")]
  study
}

check_ratios <- function(x) {
  result <- c(local_failure = 1, death = 1, progression = 1)
  if (is.null(x)) return(result)
  x <- plain_argument(x)
  named <- is.numeric(x) && length(x) > 0L && all(names(x) %in% names(result))
  if (!named || is.null(names(x)) || any(!is.finite(x) | x < 0)) {
    stop_oligosurv("input", sprintf(
      "`hazard_ratio` must be numbers of at least 0, named by %s, such as c(death = 2)",
      join_words(paste0("\"", names(result), "\""), "or")
    ), arg = "hazard_ratio")
  }
  result[names(x)] <- x
  result
}

# The hazard per month with which the probability of an event by 12 months is p, under a
# gamma frailty with variance v
monthly_hazard <- function(p, v = 0) {
  if (v == 0) return(-log1p(-p) / 12)
  expm1(-v * log1p(-p)) / (v * 12)
}

# Exponential times; Inf where the hazard is 0
draw_time <- function(hazard) stats::rexp(length(hazard)) / hazard

as_days <- function(months) round(months * days_in[["months"]])

simulate_patients <- function(n, spec) {
  om <- stats::runif(n) < spec$om
  ratio <- function(name) ifelse(om, spec$ratio[[name]], 1)
  start <- spec$first_day + as_days(stats::runif(n) * spec$accrual)
  cutoff <- spec$first_day + as_days(spec$accrual + spec$follow_up)
  death <- pmax(1, as_days(draw_time(monthly_hazard(spec$death) * ratio("death"))))
  open <- as.numeric(cutoff - start)
  leaves <- ifelse(stats::runif(n) < spec$loss,
    round(stats::runif(n) * open), open
  )
  strategy <- ifelse(om, NA, ifelse(stats::runif(n) < 0.5, "OP-N", "OP-C"))
  data.frame(
    patient_id = sprintf("S%0*d", max(3L, floor(log10(n)) + 1), seq_len(n)),
    cohort = ifelse(om, "OM", "OP"), strategy = strategy, sbrt_start = start,
    cutoff = cutoff, died = death <= leaves, last_day = pmin(death, leaves),
    progression = draw_time(monthly_hazard(spec$progression) * ratio("progression"))
  )
}

schedules <- data.frame(
  dose_gy = c(50, 60, 48, 40, 35, 30), fractions = c(5L, 8L, 4L, 5L, 5L, 5L)
)

lesion_sites <- c("lung", "liver", "bone", "lymph node", "adrenal gland")

simulate_lesions <- function(patients, spec) {
  n <- nrow(patients)
  count <- 1L + stats::rbinom(n, 4L, (spec$lesions - 1) / 4)
  of <- rep(seq_len(n), count)
  m <- length(of)
  z <- if (spec$frailty > 0) {
    stats::rgamma(n, 1 / spec$frailty, 1 / spec$frailty)
  } else {
    rep(1, n)
  }
  schedule <- schedules[sample.int(nrow(schedules), m, TRUE), ]
  dose <- bed(schedule$dose_gy / schedule$fractions, schedule$fractions)
  ratio <- ifelse(patients$cohort == "OM", spec$ratio[["local_failure"]], 1)
  hazard <- monthly_hazard(spec$local_failure, spec$frailty) * (z * ratio)[of] *
    spec$dose_effect^((dose - 100) / 10)
  data.frame(
    patient_id = patients$patient_id[of], lesion_id = as.character(sequence(count)),
    site = sample(lesion_sites, m, TRUE), dose_gy = schedule$dose_gy,
    fractions = schedule$fractions,
    diameter_mm = round(pmin(120, pmax(10, stats::rlnorm(m, log(22), 0.45)))),
    shrink = pmin(0.15, pmax(-1, stats::rnorm(m, -0.4, 0.4))),
    of = of, frailty = z[of], failure_time = draw_time(hazard)
  )
}

# Number of the first visit at or after a time in months; Inf if there is none
first_visit <- function(time, spec) pmax(1, ceiling(time / spec$visit_every))

# Day of a visit after SBRT. Two visits are never on one day, because `visit_every` is at
# least a quarter of a month.
visit_day <- function(visit, spec) as_days(visit * spec$visit_every)

# One row per lesion and visit: 7 days before SBRT, then during follow-up, with the number
# of the visit. Shrinkage is complete at the second visit. A failure is seen as growth by
# 30% and at least 6 mm from the smallest size before, which is PD by RECIST.
simulate_visits <- function(patients, lesions, spec) {
  last <- patients$last_day[lesions$of]
  visits <- floor(last / (spec$visit_every * days_in[["months"]]) + 1e-9)
  # rounding to whole days can place the last visit one day after the end of follow-up
  visits <- visits - (visit_day(visits, spec) > last & visits > 0)
  row <- rep(seq_along(visits), visits + 1)
  visit <- sequence(visits + 1) - 1
  found <- first_visit(lesions$failure_time, spec)
  size_at <- function(visit, lesion) {
    lesions$diameter_mm[lesion] * (1 + lesions$shrink[lesion] * pmin(visit, 2) / 2)
  }
  least <- pmin(size_at(found - 1, seq_along(found)), lesions$diameter_mm)
  grown <- pmax(1.3 * least, least + 6)
  failed <- visit >= found[row]
  day <- ifelse(visit == 0, -7, visit_day(visit, spec))
  data.frame(
    patient_id = lesions$patient_id[row], lesion_id = lesions$lesion_id[row],
    assessment_date = patients$sbrt_start[lesions$of[row]] + day,
    diameter_mm = round(ifelse(failed, grown[row], size_at(visit, row)), 1),
    lesion = row, visit = visit
  )
}

response_of <- function(change) {
  as.character(cut(change, c(-Inf, -99.99, -29.99, 19.99, Inf), response_levels[1:4]))
}

# Best response and best change of each unit (lesion or patient) from its sizes, sorted by
# visit within a unit. `failed` is the number of the visit that shows the failure (Inf if
# none). That visit is PD, earlier visits are CR, PR or SD, and later visits are ignored.
# SD counts from day 42 on, as in recist().
best_of_sizes <- function(size, unit, visit, failed, spec) {
  n <- length(failed)
  base <- size[visit == 0][match(seq_len(n), unit[visit == 0])]
  change <- 100 * (size / base[unit] - 1)
  counted <- visit > 0 & visit <= failed[unit]
  least_change <- function(rows) {
    as.double(tapply(change[rows], factor(unit[rows], seq_len(n)), min))
  }
  before <- counted & visit < failed[unit]
  response <- response_of(least_change(before))
  late <- seq_len(n) %in% unit[before & visit_day(visit, spec) >= 42]
  response[response %in% c("SD", "PD") & !late] <- NA
  seen <- seq_len(n) %in% unit[counted & visit == failed[unit]]
  response[is.na(response)] <- ifelse(seen[is.na(response)], "PD", "NE")
  list(response = response, change = round(least_change(counted), 1))
}

# The study as observed: events are detected at visits
study_from_truth <- function(patients, lesions, assessments, spec) {
  in_follow_up <- function(visit, last) {
    ifelse(visit_day(pmin(visit, 1e6), spec) > last, Inf, visit)
  }
  local <- in_follow_up(
    first_visit(lesions$failure_time, spec), patients$last_day[lesions$of]
  )
  distant <- in_follow_up(first_visit(patients$progression, spec), patients$last_day)
  best <- best_of_sizes(assessments$diameter_mm, assessments$lesion, assessments$visit,
    local, spec
  )
  lesions$best_change_pct <- best$change
  lesions$best_response <- best$response
  lesions$local_failure_date <- patients$sbrt_start[lesions$of] + seen_day(local, spec)
  owner <- factor(lesions$of, seq_len(nrow(patients)))
  progressed <- pmin(distant, as.double(tapply(local, owner, min)))
  of <- lesions$of[assessments$lesion]
  key <- row_code(list(of, assessments$visit))
  first <- !duplicated(key)
  sums <- as.double(rowsum(assessments$diameter_mm, key, reorder = FALSE))
  best <- best_of_sizes(sums, of[first], assessments$visit[first], progressed, spec)
  patients$best_response <- best$response
  patients$best_change_pct <- best$change
  patients$progression_date <- patients$sbrt_start + seen_day(progressed, spec)
  last <- patients$sbrt_start + patients$last_day
  patients$death_date <- last
  patients$death_date[!patients$died] <- NA
  patients$last_contact <- last
  list(
    patients = patients[c(
      "patient_id", "cohort", "strategy", "sbrt_start", "progression_date", "death_date",
      "last_contact", "best_change_pct", "best_response"
    )],
    lesions = lesions[setdiff(names(lesions), c(
      "shrink", "of", "frailty", "failure_time"
    ))],
    assessments = with_new_lesions(assessments, patients, seen_day(distant, spec))
  )
}

# The day of a visit after SBRT; NA if `visit` is Inf
seen_day <- function(visit, spec) {
  day <- rep(NA_real_, length(visit))
  day[is.finite(visit)] <- visit_day(visit[is.finite(visit)], spec)
  day
}

# Adds the new lesion of each distant progression at the visit that detects it.
with_new_lesions <- function(assessments, patients, day) {
  at <- which(!is.na(day))
  rows <- assessments[c("patient_id", "lesion_id", "assessment_date", "diameter_mm")]
  rows$other_lesion <- rep(NA_character_, nrow(rows))
  rows$role <- rep("target", nrow(rows))
  rows$site <- rep(NA_character_, nrow(rows))
  rbind(rows, data.frame(
    patient_id = patients$patient_id[at], lesion_id = rep(NA_character_, length(at)),
    assessment_date = patients$sbrt_start[at] + day[at],
    diameter_mm = rep(NA_real_, length(at)), other_lesion = rep("N1", length(at)),
    role = rep("new", length(at)), site = sample(lesion_sites, length(at), TRUE)
  ))
}

event_terms <- c("fatigue", "nausea", "pain", "dermatitis radiation", "pneumonitis")

# Simulates an average of one acute and 0.25 late events per patient, within follow-up
simulate_events <- function(patients) {
  n <- nrow(patients)
  acute <- rep(seq_len(n), stats::rpois(n, 1))
  late <- rep(seq_len(n), stats::rpois(n, 0.25))
  of <- c(acute, late)
  count <- length(of)
  day <- c(
    floor(stats::runif(length(acute), 0, 91)),
    91 + floor(stats::rexp(length(late), 1 / 200))
  )
  events <- data.frame(
    patient_id = patients$patient_id[of], term = sample(event_terms, count, TRUE),
    grade = sample.int(4L, count, TRUE, c(0.55, 0.3, 0.13, 0.02)),
    onset_date = patients$sbrt_start[of] + day,
    related = sample(c("yes", "no"), count, TRUE, c(0.7, 0.3))
  )
  events[day <= patients$last_day[of] & !duplicated(events[1:4]), ]
}
