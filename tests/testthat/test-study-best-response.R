# Days and responses of a patient, the best response without and with confirmation (28
# days; SD from day 42), and the rule of Eisenhauer 2009 that decides
cases <- utils::read.csv(test_path("recist", "best-response.csv"))

best <- function(visits, confirm, ...) {
  words <- strsplit(visits, " ", fixed = TRUE)[[1L]]
  odd <- seq_along(words) %% 2 == 1
  best_of_visits(as.numeric(words[odd]), words[!odd], recist(confirm), ...)
}

test_that("the best of the visits is that of the table of constructed cases", {
  expect_gte(nrow(cases), 60L)
  expect_true(all(nzchar(cases$rule)))
  expect_false(anyDuplicated(cases$visits) > 0L)
  for (i in seq_len(nrow(cases))) {
    expect_identical(best(cases$visits[i], FALSE)$best, cases$best[i],
      label = cases$visits[i]
    )
    expect_identical(best(cases$visits[i], TRUE)$best, cases$confirmed[i],
      label = paste(cases$visits[i], "confirmed")
    )
  }
})

test_that("every pair of consecutive responses is among the cases", {
  pairs <- unlist(lapply(strsplit(gsub("[0-9]+ ", "", cases$visits), " "), function(x) {
    paste(x[-length(x)], x[-1L])
  }))
  first <- c("CR", "PR", "SD", "NE")
  all <- paste(rep(first, each = 5), c("CR", "PR", "SD", "PD", "NE"))
  expect_identical(setdiff(all, pairs), character())
})

test_that("without visits it is NE; the response begins with its first visit", {
  none <- best_of_visits(double(), character(), recist(TRUE))
  expect_identical(none$best, "NE")
  expect_identical(best("60 SD 120 PR 180 CR 240 CR", FALSE)$first, 2L)
  expect_identical(best("60 PR 90 SD 120 PR 180 PR", TRUE)$first, 1L)
  expect_identical(best("60 PR 90 SD 120 SD 150 PR 180 PR", TRUE)$first, 4L)
  expect_identical(best("60 SD 120 PD", FALSE)$first, NA_integer_)
  expect_identical(best("60 SD 120 PD 180 PR", FALSE)$pd, 2L)
})

test_that("a progression found otherwise is PD, and visits after it do not count", {
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 119)$best, "SD")
  # a response first seen on the day of progression is none
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 120)$best, "SD")
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 120)$pd, 2L)
  expect_identical(best("60 PR", FALSE, last_day = 60)$best, "PD")
  expect_identical(best("60 SD", FALSE, last_day = 60)$best, "PD")
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 121)$best, "PR")
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 0)$best, "PD")
  expect_identical(best("30 SD", FALSE, last_day = 50)$best, "PD")
  expect_identical(best("30 PR", TRUE, last_day = 50)$best, "PD")
})

test_that("between a response and its confirmation up to `max_ne` NE may lie", {
  best_ne <- function(visits, max_ne) {
    words <- strsplit(visits, " ", fixed = TRUE)[[1L]]
    odd <- seq_along(words) %% 2 == 1
    best_of_visits(as.numeric(words[odd]), words[!odd], recist(TRUE, max_ne = max_ne))
  }
  expect_identical(best_ne("60 PR 90 NE 120 NE 150 PR", Inf)$best, "PR")
  expect_identical(best_ne("60 PR 90 NE 120 NE 150 PR", 2)$best, "PR")
  expect_identical(best_ne("60 PR 90 NE 120 NE 150 PR", 1)$best, "SD")
  expect_identical(best_ne("60 CR 90 NE 120 CR", 1)$best, "CR")
  expect_identical(best_ne("60 CR 90 NE 120 CR", 0)$best, "SD")
  # from the second PR on, one NE lies between
  expect_identical(best_ne("60 PR 80 NE 85 PR 90 NE 120 PR", 1)$first, 3L)
  expect_error(recist(max_ne = -1), "`max_ne`", class = "oligosurv_error_input")
  expect_error(visits(max_ne = 0.5), "`max_ne`", class = "oligosurv_error_input")
})

test_that("disease after CR: both readings of the footnote of table 3, and as recorded", {
  read <- function(visits, after_cr, confirm) {
    words <- strsplit(visits, " ", fixed = TRUE)[[1L]]
    odd <- seq_along(words) %% 2 == 1
    best_of_visits(as.numeric(words[odd]), words[!odd],
      recist(confirm, after_cr = after_cr)
    )$best
  }
  expect_identical(read("60 CR 120 PR", "PD", FALSE), "CR")
  expect_identical(read("60 CR 120 PR", "PD", TRUE), "SD")
  expect_identical(read("60 CR 120 PR", "PR", FALSE), "PR")
  expect_identical(read("60 CR 120 PR", "PR", TRUE), "PR")
  expect_identical(read("60 CR 120 PR", "keep", FALSE), "CR")
  expect_identical(read("60 CR 120 PR", "keep", TRUE), "PR")
  # a PD ends all: the CR before it stays
  expect_identical(read("60 CR 90 CR 120 PD 150 PR", "PR", TRUE), "CR")
  expect_identical(read("60 CR 120 PR 180 CR 240 CR", "PR", TRUE), "CR")
  expect_error(recist(after_cr = "SD"), "`after_cr`", class = "oligosurv_error_input")
})

# Patient A: a target and, in the row "N", a non-target; SBRT began on 2021-01-01
complete_study <- function(mm, other, day = c(-10, 60, 120, 180), progression = NA) {
  rows <- data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + rep(day, 2),
    lesion_id = rep(c("1", NA), each = length(day)),
    other_lesion = rep(c(NA, "N"), each = length(day)),
    role = rep(c("target", "non-target"), each = length(day)),
    diameter_mm = c(mm, rep(NA, length(day))), status = c(rep(NA, length(day)), other)
  )
  plain_study("A", rows, progression = progression)
}

test_that("after CR only disease that is seen is PD", {
  confirmed <- recist(confirm = TRUE)
  unseen <- complete_study(c(50, 0, 0, 0), c("non-CR/non-PD", "CR", "NE", "CR"))
  expect_identical(as.character(visit_response(unseen)$response), c("CR", "PR", "CR"))
  x <- best_response(unseen, criteria = confirmed)
  expect_identical(as.character(x$best_response), "CR")
  lasting <- endpoint(unseen, "duration_of_response", unit = "days")
  expect_identical(c(lasting$time, lasting$status), c(940, 0))
  # the visit counts as NE between two CR
  none <- best_response(unseen, criteria = recist(TRUE, max_ne = 0))
  expect_identical(as.character(none$best_response), "PR")
  # the non-target is seen again: PD, also when the target was not measured
  back <- complete_study(c(50, 0, 0, 0),
    c("non-CR/non-PD", "CR", "non-CR/non-PD", "CR")
  )
  expect_identical(as.character(visit_response(back)$response), c("CR", "PD", "CR"))
  back <- complete_study(c(50, 0, NA, 0),
    c("non-CR/non-PD", "CR", "non-CR/non-PD", "CR")
  )
  expect_identical(as.character(visit_response(back)$response), c("CR", "PD", "CR"))
  kept <- visit_response(back, criteria = recist(after_cr = "keep"))
  expect_identical(as.character(kept$response), c("CR", "NE", "CR"))
  # a target of 3 mm after CR is less than 5 mm of growth
  small <- complete_study(c(50, 0, 3, 3), c("CR", "CR", "CR", "CR"))
  expect_identical(as.character(visit_response(small)$response), c("CR", "PD", "PD"))
  other <- recist(TRUE, after_cr = "PR")
  read <- visit_response(small, criteria = other)
  expect_identical(as.character(read$response), c("CR", "PR", "PR"))
  best <- best_response(small, criteria = other)
  expect_identical(as.character(best$best_response), "PR")
})

test_that("a response first seen on the day of progression has no duration", {
  rows <- data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + 60, response = "PR"
  )
  study <- plain_study("A", rows, progression = 60)
  found <- best_response(study, criteria = "visits")
  expect_identical(as.character(found$best_response), "PD")
  expect_identical(found$progression_visit, as.Date("2021-01-01") + 60)
  lasting <- endpoint(study, "duration_of_response", response = found)
  expect_identical(nrow(lasting), 0L)
})

test_that("the best response of a lesion ends at its local failure", {
  rows <- data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + c(-10, 60, 200),
    lesion_id = "1", diameter_mm = c(50, 30, 0)
  )
  best_until <- function(day) {
    study <- plain_study("A", rows, progression = day, failure = day)
    as.character(best_response(study, "lesion", "recist")$best_response)
  }
  expect_identical(best_until(NA), "CR")
  expect_identical(best_until(201), "CR")
  expect_identical(best_until(200), "PR")
  expect_identical(best_until(90), "PR")
  expect_identical(best_until(60), "PD")
})

test_that("the response of one other lesion is not that of the patient", {
  rows <- data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + c(60, 120),
    other_lesion = c("N", NA), role = c("non-target", NA), response = c("PR", "SD")
  )
  study <- plain_study("A", rows)
  found <- visit_response(study, criteria = "visits")
  expect_identical(as.character(found$response), "SD")
})

test_that("responses of lesions are refused as those of patients", {
  rows <- data.frame(
    patient_id = "A", assessment_date = as.Date("2021-01-01") + c(-10, 60),
    lesion_id = "1", diameter_mm = c(50, 20)
  )
  study <- plain_study("A", rows)
  of_lesion <- best_response(study, "lesion", "recist")
  expect_error(endpoint(study, "duration_of_response", response = of_lesion),
    "for the patients", class = "oligosurv_error_input"
  )
  of_patient <- best_response(study, criteria = "recist")
  lasting <- endpoint(study, "duration_of_response", unit = "days", response = of_patient)
  expect_identical(lasting$time, 940)
})

# Patients A to D of the small study; their visits are given as text
visits_study <- function(A = "", B = "", C = "", ...) {
  given <- c(A = A, B = B, C = C)
  given <- given[nzchar(given)]
  rows <- lapply(names(given), function(id) {
    words <- strsplit(given[[id]], " ", fixed = TRUE)[[1L]]
    odd <- seq_along(words) %% 2 == 1
    data.frame(
      patient_id = id, assessment_date = as.Date("2021-01-01") + as.numeric(words[odd]),
      response = words[!odd]
    )
  })
  tables <- small_tables()
  tables$patients$progression_date <- c(NA, "2021-04-11", NA, NA)
  tables$lesions$local_failure_date <- NA
  # PD of A without a progression_date gives a warning
  withCallingHandlers(
    do.call(sbrt_study, c(tables, list(assessments = do.call(rbind, rows), ...))),
    oligosurv_warning_study = function(w) invokeRestart("muffleWarning")
  )
}

test_that("best_response() and rates from given visits", {
  study <- visits_study(A = "60 PR 120 PR 180 PD", B = "60 SD 120 CR", C = "60 CR")
  x <- best_response(study, criteria = "visits")
  # B progressed on day 100, so the visit on day 120 does not count
  expect_identical(as.character(x$best_response), c("PR", "SD", "CR", "NE"))
  expect_identical(x$response_date, as.Date("2021-01-01") + c(60, NA, 60, NA))
  expect_identical(x$progression_visit, as.Date("2021-01-01") + c(180, NA, NA, NA))
  expect_identical(x$visits, c(3L, 1L, 1L, 0L))
  rate <- response_rate(study, criteria = "visits")
  expect_identical(rate$n.event, c(2L, 3L))
  expect_identical(rate$n.evaluable, c(3L, 3L))
  confirmed <- response_rate(study, criteria = visits(confirm = TRUE))
  expect_identical(confirmed$n.event, c(1L, 3L))
  given <- best_response(study)
  expect_identical(given$best_response, study$patients$best_response)
  expect_null(given$response_date)
})

test_that("time to and duration of response by hand", {
  study <- visits_study(A = "60 PR 120 PR 180 PD", B = "60 SD 120 CR", C = "60 CR")
  found <- best_response(study, criteria = "visits")
  time <- endpoint(study, "time_to_response", unit = "days", response = found)
  expect_identical(time$time, c(60, 100, 60, 30))
  expect_identical(as.character(time$status),
    c("response", "progression", "response", "death")
  )
  alone <- endpoint(study, "time_to_response", unit = "days", response = found,
    competing = "none"
  )
  expect_identical(alone$status, c(1L, 0L, 1L, 0L))
  expect_s3_class(kaplan_meier(Surv(time, status) ~ 1, alone), "kaplan_meier")
  # duration of A: day 60 to PD on day 180; of C: day 60 to last contact on day 100
  lasting <- endpoint(study, "duration_of_response", unit = "days", response = found)
  expect_identical(lasting$patient_id, c("A", "C"))
  expect_identical(lasting$time, c(120, 40))
  expect_identical(lasting$status, c(1L, 0L))
  expect_identical(lasting$audit[1], paste(
    "assessment_date with response 2021-03-02 to assessment_date with PD 2021-06-30"
  ))
  expect_match(attr(lasting, "rule"), "2 rows without a response")
  fit <- kaplan_meier(Surv(time, status) ~ 1, lasting)
  expect_identical(median(fit)$estimate, 120)
})

test_that("requests that cannot be met name what is missing", {
  study <- small_study()
  for (criteria in c("recist", "mrecist", "visits")) {
    expect_error(best_response(study, criteria = criteria), "assessments",
      class = "oligosurv_error_input"
    )
  }
  expect_error(endpoint(study, "time_to_response"), class = "oligosurv_error_input")
  study <- visits_study(A = "60 PR")
  expect_error(best_response(study, criteria = "recist"), "`diameter_mm`",
    class = "oligosurv_error_input"
  )
  found <- best_response(study, criteria = "visits")
  expect_error(endpoint(study, "os", response = found), "`response`",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(study, "time_to_response", response = found[1:2, ]), "`response`",
    class = "oligosurv_error_input"
  )
  expect_error(
    endpoint(study, "duration_of_response", response = found, origin = "diagnosis"),
    class = "oligosurv_error_input"
  )
  twice <- visits_study(A = "60 PR 60 SD")
  error <- tryCatch(best_response(twice, criteria = "visits"), error = identity)
  expect_s3_class(error, "oligosurv_error_data")
  expect_identical(error$where, 2L)
  expect_error(visits(confirm = NA), "`confirm`", class = "oligosurv_error_input")
  expect_error(recist(sd_days = -1), "`sd_days`", class = "oligosurv_error_input")
  expect_error(visit_response(study, criteria = "given"), "`criteria`",
    class = "oligosurv_error_input"
  )
  expect_error(best_response(study, confirm = TRUE), "`confirm`",
    class = "oligosurv_error_input"
  )
})

test_that("a word gives the defaults of the function of its name", {
  study <- visits_study(A = "30 SD", B = "50 PR")
  expect_identical(
    best_response(study, criteria = "visits"), best_response(study, criteria = visits())
  )
  early <- best_response(study, criteria = visits(sd_days = 30))
  expect_identical(as.character(early$best_response)[1:2], c("SD", "PR"))
  expect_identical(check_criteria("recist", all_criteria), recist(FALSE, 28, 42, Inf))
  # what an investigator recorded stays as it is
  again <- visits_study(A = "60 CR 120 PR")
  kept <- best_response(again, criteria = "visits")
  expect_identical(kept$progression_visit[1], as.Date(NA))
  strict <- best_response(again, criteria = visits(after_cr = "PD"))
  expect_identical(strict$progression_visit[1], as.Date("2021-01-01") + 120)
  expect_identical(formals(mrecist), formals(recist))
})
