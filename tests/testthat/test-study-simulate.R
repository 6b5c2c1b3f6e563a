# simulate_study(): the data follow the requested model.

truth_of <- function(study) attr(study, "truth")

test_that("lesions fail as the gamma frailty says", {
  withr::local_seed(20251)
  study <- simulate_study(3000, lesions = 2, local_failure = 0.3, frailty = 2)
  truth <- truth_of(study)
  # P(T > t) = (1 + v h t)^(-1 / v), with 0.3 failed at 12 months
  h <- (0.7^-2 - 1) / (2 * 12)
  for (month in c(3, 12, 48)) {
    want <- 1 - (1 + 2 * h * month)^(-1 / 2)
    got <- tapply(truth$failure_time <= month, truth$patient_id, mean)
    expect_lt(abs(mean(got) - want), 4 * stats::sd(got) / sqrt(length(got)))
  }
  z <- truth$frailty[!duplicated(truth$patient_id)]
  expect_lt(abs(mean(z) - 1), 4 * sqrt(2 / 3000))
  expect_lt(abs(stats::var(z) - 2), 0.6)
  expect_lt(abs(nrow(truth) / 3000 - 2), 0.08)
})

test_that("lesions of one patient are correlated with frailty, not without", {
  pairs <- function(v) {
    truth <- truth_of(simulate_study(1000, 5, local_failure = 0.4, frailty = v))
    early <- truth$failure_time <= 12
    first <- which(!duplicated(truth$patient_id))
    stats::cor(early[first], early[first + 1L])
  }
  withr::local_seed(20252)
  expect_gt(pairs(2), 0.3)
  expect_lt(abs(pairs(0)), 4 / sqrt(1000))
})

test_that("death and progression have their proportions and hazard ratios", {
  withr::local_seed(20253)
  study <- simulate_study(2500,
    death = 0.3, progression = 0.4, om = 0.5, local_failure = 0, loss = 0,
    visit_every = 3, accrual = 1, follow_up = 24,
    hazard_ratio = c(death = 2, progression = 0.5)
  )
  os <- endpoint(study, "os")
  fit <- summary(kaplan_meier(Surv(time, status) ~ cohort, os), times = 12)
  expect_lt(max(abs(fit$estimate - c(0.7, 0.7^2))), 0.05)
  pfs <- as.data.frame(endpoint(study, "pfs"))
  pfs$progressed <- ifelse(is.na(pfs$progression_date), 0, 1)
  fit <- summary(kaplan_meier(Surv(time, progressed) ~ cohort, pfs), times = 12)
  expect_lt(max(abs(fit$estimate - c(0.6, sqrt(0.6)))), 0.05)
  expect_true(all(is.na(study$lesions$local_failure_date)))
})

test_that("failure is found at the first visit after it, in follow-up", {
  withr::local_seed(20254)
  study <- simulate_study(400, local_failure = 0.5, visit_every = 4, frailty = 1)
  rows <- as.data.frame(endpoint(study, "local_failure", "lesion"))
  truth <- truth_of(study)
  found <- rows$status == "local failure"
  visit <- pmax(1, ceiling(truth$failure_time / 4))
  expect_equal(rows$time[found], round(visit * 4 * 30.4375)[found] / 30.4375)
  expect_true(all((truth$failure_time[!found] > rows$time[!found] - 4 - 0.05)))
  seen <- paste(study$assessments$patient_id, study$assessments$assessment_date)
  failed <- study$lesions[found, ]
  expect_true(all(paste(failed$patient_id, failed$local_failure_date) %in% seen))
  # no visit is after the last contact
  last <- study$patients$last_contact[
    match(study$assessments$patient_id, study$patients$patient_id)
  ]
  expect_true(all(study$assessments$assessment_date <= last))
})

test_that("more dose gives fewer failures where it has an effect", {
  withr::local_seed(20255)
  study <- simulate_study(1500, local_failure = 0.3, dose_effect = 0.7)
  truth <- truth_of(study)
  dose <- lesion_dose(study)$bed
  early <- tapply(truth$failure_time <= 12, dose, mean)
  expect_true(all(diff(early[c("48", "72", "100")]) < 0))
  expect_lt(abs(early[["100"]] - 0.3), 0.08)
  expect_lt(attr(dose_response(study), "tests")$z[1], -4)
})

test_that("a seed gives the study again, and every study is valid", {
  withr::local_seed(7)
  first <- simulate_study(30)
  withr::local_seed(7)
  expect_identical(simulate_study(30), first)
  for (seed in 1:10) {
    withr::local_seed(seed)
    study <- simulate_study(
      sample(c(1, 2, 30), 1), sample(c(1, 2.5, 5), 1), stats::runif(1), stats::runif(1),
      stats::runif(1), sample(c(0, 3), 1), om = sample(c(0, 0.5, 1), 1),
      visit_every = sample(c(0.25, 3, 30), 1), accrual = sample(c(0, 20), 1),
      loss = sample(0:1, 1)
    )
    expect_identical(nrow(study_problems(study)), 0L)
    expect_true(all(table(study$lesions$patient_id) <= 5))
  }
  one <- simulate_study(1, lesions = 1, local_failure = 0, death = 0, progression = 0)
  expect_identical(nrow(one$lesions), 1L)
  expect_identical(truth_of(one)$failure_time, Inf)
})

test_that("a study that cannot be simulated is an input error", {
  input <- "oligosurv_error_input"
  expect_error(simulate_study(0), "`n`", class = input)
  expect_error(simulate_study(5, lesions = 6), "`lesions`", class = input)
  expect_error(simulate_study(5, local_failure = 1), "below 1", class = input)
  expect_error(simulate_study(5, frailty = -1), "`frailty`", class = input)
  expect_error(simulate_study(5, hazard_ratio = 2), "`hazard_ratio`", class = input)
  expect_error(simulate_study(5, hazard_ratio = c(os = 2)), class = input)
  expect_error(simulate_study(5, first_day = "2018-01"), "`first_day`", class = input)
  expect_error(simulate_study(5, dose_effect = 0), class = input)
})

test_that("best responses follow the diameters up to the progression", {
  withr::local_seed(20256)
  study <- simulate_study(300)
  p <- study$patients
  sizes <- study$assessments[study$assessments$role == "target", ]
  day <- as.numeric(sizes$assessment_date - p$sbrt_start[
    match(sizes$patient_id, p$patient_id)
  ])
  # an oracle for one unit: its sizes, their days, the day of progression
  want <- function(rows, failed) {
    sums <- tapply(sizes$diameter_mm[rows], day[rows], sum)
    at <- as.numeric(names(sums))
    change <- 100 * (sums / sums[[1L]] - 1)
    before <- at > 0 & at < min(failed, Inf, na.rm = TRUE)
    least <- min(change[before], Inf)
    if (least <= -99.99) return("CR")
    if (least <= -29.99) return("PR")
    if (any(before)) return("SD")
    if (is.na(failed)) "NE" else "PD"
  }
  of_patient <- vapply(seq_len(300), function(i) {
    want(sizes$patient_id == p$patient_id[i],
      as.numeric(p$progression_date[i] - p$sbrt_start[i])
    )
  }, "")
  expect_identical(as.character(p$best_response), of_patient)
  x <- study$lesions
  of_lesion <- vapply(seq_len(nrow(x)), function(i) {
    start <- p$sbrt_start[match(x$patient_id[i], p$patient_id)]
    want(sizes$patient_id == x$patient_id[i] & sizes$lesion_id == x$lesion_id[i],
      as.numeric(x$local_failure_date[i] - start)
    )
  }, "")
  expect_identical(as.character(x$best_response), of_lesion)
})

test_that("response and disease control of 300 patients are credible", {
  withr::local_seed(7)
  study <- simulate_study(300)
  p <- study$patients
  first <- as.numeric(p$progression_date - p$sbrt_start) < 100
  expect_true(all(p$best_response[which(first)] == "PD"))
  expect_gt(mean(p$best_response %in% "PD"), 0.1)
  control <- mean(p$best_response[p$best_response != "NE"] != "PD")
  expect_true(control > 0.7 && control < 0.9)
  response <- mean(p$best_response[p$best_response != "NE"] %in% c("CR", "PR"))
  expect_true(response > 0.35 && response < 0.6)
  lesion <- study$lesions$best_response
  response <- mean(lesion[lesion != "NE"] %in% c("CR", "PR"))
  expect_true(response > 0.45 && response < 0.7)
  # a local failure is PD by size, and a distant progression a new lesion
  visits <- visit_response(study, "lesion")
  failed <- which(!is.na(study$lesions$local_failure_date))
  key <- paste(visits$patient_id, visits$lesion_id, visits$date)
  at <- match(paste(study$lesions$patient_id, study$lesions$lesion_id,
    study$lesions$local_failure_date
  )[failed], key)
  expect_true(all(visits$response[at] == "PD"))
  distant <- endpoint(study, "distant_failure")
  pfs <- endpoint(study, "pfs")
  expect_true(all(distant$time[distant$status == "distant failure"] >=
    pfs$time[distant$status == "distant failure"]))
  expect_gt(sum(distant$status == "distant failure"), 80)
})
