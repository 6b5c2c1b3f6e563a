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
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 120)$best, "PR")
  expect_identical(best("60 SD 120 PR", FALSE, last_day = 0)$best, "PD")
  expect_identical(best("30 SD", FALSE, last_day = 50)$best, "PD")
  expect_identical(best("30 PR", TRUE, last_day = 50)$best, "PD")
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
  expect_identical(check_criteria("recist", all_criteria), recist(FALSE, 28, 42))
  expect_identical(formals(mrecist), formals(recist))
})
