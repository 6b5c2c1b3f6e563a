# Censoring of endpoint(): last imaging, other treatment, gaps without imaging. The rules
# are those of FDA (2018), table A.

imaged <- function(patient, day = c(-10, 60, 200)) {
  lone_study(patient, assessments = lone_targets(day, c(50, 40, 80)[seq_along(day)]))
}

test_that("last imaging: the cell of the patient, else the last assessment, else day 0", {
  pfs <- function(study) lone_times(study, "pfs", pfs_censor = "last_imaging")
  expect_identical(pfs(imaged(list(last_imaging = no_day), c(-10, 60, 240))), "240 0")
  expect_identical(pfs(imaged(list(last_imaging = lone_day(300)))), "300 0")
  expect_identical(pfs(imaged(list(), -10)), "0 0")
  # cell by cell: A has a date, B has none
  patients <- data.frame(
    patient_id = c("A", "B"), cohort = "OM", sbrt_start = "2021-01-01",
    progression_date = NA, death_date = NA, last_contact = "2022-01-01",
    last_imaging = c("2021-11-01", NA)
  )
  lesions <- data.frame(
    patient_id = c("A", "B"), lesion_id = 1, local_failure_date = NA
  )
  seen <- data.frame(patient_id = c("A", "B"), assessment_date = lone_day(c(100, 200)))
  study <- sbrt_study(patients, lesions, small_tables()$adverse_events[0, ], seen)
  x <- endpoint(study, "pfs", unit = "days", pfs_censor = "last_imaging")
  expect_identical(x$time, c(304, 200))
  expect_match(x$audit, "last_imaging 2021-11-01|last assessment_date 2021-07-20")
  # an empty column alone would censor everybody on day 0
  expect_error(
    endpoint(lone_study(list(last_imaging = no_day)), "pfs", pfs_censor = "last_imaging"),
    "assessments", class = "oligosurv_error_input"
  )
})

test_that("another treatment before the event censors, at imaging if requested", {
  study <- imaged(list(
    progression_date = lone_day(200), next_therapy_date = lone_day(80)
  ))
  expect_identical(lone_times(study, "pfs"), "200 1")
  x <- endpoint(study, "pfs", unit = "days", censor_at = "next_therapy")
  expect_identical(paste(x$time, x$status), "80 0")
  expect_identical(x$audit, paste(
    "sbrt_start 2021-01-01 to next_therapy_date 2021-03-22, censored by censor_at",
    "(next_therapy_date 2021-03-22)"
  ))
  expect_match(attr(x, "rule"), "next therapy before it censors, as in 1 row")
  y <- endpoint(study, "pfs",
    unit = "days", censor_at = "next_therapy", pfs_censor = "last_imaging"
  )
  expect_identical(paste(y$time, y$status), "60 0")
  expect_match(y$audit, "to last imaging 2021-03-02, censored by censor_at")
  # on the day of progression the event counts
  same <- imaged(list(
    progression_date = lone_day(200), next_therapy_date = lone_day(200)
  ))
  expect_identical(lone_times(same, "pfs", censor_at = "next_therapy"), "200 1")
  # without an event, and with another endpoint
  none <- imaged(list(next_therapy_date = lone_day(80)))
  expect_identical(lone_times(none, "pfs", censor_at = "next_therapy"), "80 0")
  expect_identical(
    lone_times(none, "pfs", censor_at = "next_therapy", pfs_censor = "last_imaging"),
    "60 0"
  )
  expect_identical(
    lone_times(none, "local_failure", censor_at = "next_therapy"), "80 censored"
  )
  # the first of two
  two <- imaged(list(
    next_therapy_date = lone_day(80), next_sbrt_date = lone_day(70)
  ))
  expect_identical(
    lone_times(two, "pfs", censor_at = c("next_therapy", "next_sbrt")), "70 0"
  )
  # no imaging between SBRT and the therapy
  early <- imaged(list(next_therapy_date = lone_day(30)))
  expect_identical(
    lone_times(early, "pfs", censor_at = "next_therapy", pfs_censor = "last_imaging"),
    "0 0"
  )
})

test_that("an event after too long a gap is censored at the imaging before", {
  gap <- function(study, what = "pfs", ...) lone_times(study, what, max_gap = 182, ...)
  died <- list(death_date = lone_day(400), last_contact = lone_day(400))
  study <- imaged(died, c(-10, 60))
  expect_identical(gap(study), "60 0")
  expect_identical(gap(study, pfs_censor = "last_imaging"), "60 0")
  expect_identical(gap(study, "progression"), "60 censored")
  x <- endpoint(study, "pfs", max_gap = 182)
  expect_match(x$audit, paste(
    "to last imaging 2021-03-02, censored by max_gap (death_date 2022-02-05, 340 days",
    "later)"
  ), fixed = TRUE)
  expect_match(attr(x, "rule"), "more than 182 days after the imaging before.* 1 row")
  # the gap itself is allowed, one day more is not
  expect_identical(lone_times(study, "pfs", max_gap = 340), "400 1")
  expect_identical(lone_times(study, "pfs", max_gap = 339), "60 0")
  # imaging on the day of progression finds it, imaging on the day of death closes a gap
  late <- imaged(list(progression_date = lone_day(300)), c(-10, 60, 300))
  expect_identical(gap(late), "60 0")
  expect_identical(gap(imaged(died, c(-10, 60, 400))), "400 1")
  # without imaging since SBRT the gap begins on day 0
  expect_identical(gap(imaged(died, -10)), "0 0")
  soon <- list(death_date = lone_day(150), last_contact = lone_day(150))
  expect_identical(gap(imaged(soon, -10)), "150 1")
  # those without an event stay censored where they are
  expect_identical(gap(imaged(list(), c(-10, 60))), "900 0")
})

test_that("the three rules together, against the same rules written row by row", {
  withr::local_seed(20261)
  study <- simulate_study(60, progression = 0.6)
  withr::local_seed(20262)
  day <- ifelse(stats::runif(60) < 0.5, sample(1:500, 60, TRUE), NA)
  last <- pmin(study$patients$last_contact, study$patients$death_date, na.rm = TRUE)
  day[which(study$patients$sbrt_start + day > last)] <- NA
  study$patients$next_therapy_date <- study$patients$sbrt_start + day
  # some visits were missed
  kept <- stats::runif(nrow(study$assessments)) < 0.6 |
    study$assessments$assessment_date <= min(study$patients$sbrt_start)
  study$assessments <- study$assessments[kept, ]
  x <- endpoint(study, "pfs",
    unit = "days", pfs_censor = "last_imaging", censor_at = "next_therapy", max_gap = 150
  )
  p <- study$patients
  for (i in seq_len(nrow(p))) {
    seen <- study$assessments$assessment_date[
      study$assessments$patient_id == p$patient_id[i]
    ]
    seen <- sort(c(0, as.numeric(seen - p$sbrt_start[i])))
    seen <- seen[seen >= 0]
    progression <- as.numeric(p$progression_date[i] - p$sbrt_start[i])
    death <- as.numeric(p$death_date[i] - p$sbrt_start[i])
    event <- min(progression, death, Inf, na.rm = TRUE)
    before <- if (progression %in% event) seen[seen < event] else seen[seen <= event]
    want <- if (is.infinite(event)) c(max(seen), 0) else c(event, 1)
    if (!is.na(day[i]) && day[i] < want[1L]) {
      want <- c(max(seen[seen <= day[i]]), 0)
    } else if (want[2L] == 1 && event - max(before) > 150) {
      want <- c(max(before), 0)
    }
    expect_identical(c(x$time[i], x$status[i]), want)
  }
  expect_true(all(c("censor_at", "max_gap") %in% sub(".*censored by (\\w+).*", "\\1",
    x$audit
  )))
})

test_that("rules that an endpoint cannot have are input errors", {
  study <- imaged(list(next_therapy_date = lone_day(80)))
  input <- "oligosurv_error_input"
  expect_error(endpoint(study, "os", max_gap = 90), "\"progression\"", class = input)
  expect_error(endpoint(study, "pfs", max_gap = -1), "`max_gap`", class = input)
  for (bad in list("progression", "death", "therapy", 1, character(), NA_character_)) {
    expect_error(endpoint(study, "pfs", censor_at = bad), "`censor_at`", class = input)
  }
  expect_error(
    endpoint(study, "pfs", competing = "next_therapy", censor_at = "next_therapy"),
    "`censor_at`", class = input
  )
  expect_error(endpoint(lone_study(), "pfs", max_gap = 90), "assessments", class = input)
  expect_error(endpoint(lone_study(), "pfs", censor_at = "next_therapy"), "therapies",
    class = input
  )
})

test_that("progression after the last contact of somebody who died later is ordinary", {
  seen <- list(
    death_date = lone_day(500), last_contact = lone_day(300),
    progression_date = lone_day(400)
  )
  study <- lone_study(seen)
  expect_identical(nrow(study_problems(study)), 0L)
  expect_identical(lone_times(study, "pfs"), "400 1")
  expect_identical(lone_times(study, "os"), "500 1")
  failed <- lone_lesions(1)
  failed$local_failure_date <- lone_day(400)
  expect_identical(
    lone_times(lone_study(seen, failed), "local_failure"), "400 local failure"
  )
  # after death, or alive: still an error
  seen$progression_date <- lone_day(501)
  expect_error(lone_study(seen), "`death_date`", class = "oligosurv_error_domain")
  expect_error(lone_study(list(progression_date = lone_day(901))), "`last_contact`",
    class = "oligosurv_error_domain"
  )
})

test_that("time to progression: death competes, or censors", {
  died <- list(death_date = lone_day(200), last_contact = lone_day(200))
  study <- lone_study(died)
  expect_identical(lone_times(study, "progression"), "200 death")
  expect_identical(lone_times(study, "progression", competing = "none"), "200 0")
  study <- lone_study(c(died, list(progression_date = lone_day(150))))
  expect_identical(lone_times(study, "progression"), "150 progression")
  expect_match(attr(endpoint(study, "progression"), "rule"),
    "to the first progression at any site; death before it competes"
  )
})
