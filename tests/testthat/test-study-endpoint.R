# endpoint(): times and states by hand, rules, origins, audit.

test_that("times and states of the small study are those counted by hand", {
  study <- small_study()
  os <- endpoint(study, "os", unit = "days")
  expect_identical(os$time, c(200, 365, 100, 30))
  expect_identical(os$status, c(1L, 0L, 0L, 1L))
  pfs <- endpoint(study, "pfs", unit = "days")
  # A progressed on the day of SBRT; D died without progression and has no last contact.
  expect_identical(pfs$time, c(0, 100, 100, 30))
  expect_identical(pfs$status, c(1L, 1L, 0L, 1L))
  failure <- endpoint(study, "local_failure", unit = "days")
  expect_identical(failure$time, c(50, 365, 100, 30))
  states <- c("censored", "local failure", "death")
  expect_identical(
    failure$status, factor(states[c(2, 1, 1, 3)], states)
  )
  lesions <- endpoint(study, "local_failure", "lesion", unit = "days")
  expect_identical(lesions$time, c(60, 50, 365, 100, 30))
  expect_identical(lesions$status, factor(states[c(2, 2, 1, 1, 3)], states))
  expect_identical(lesions$patient_id, c("A", "A", "B", "C", "D"))
  expect_identical(as.character(lesions$cohort), c("OP", "OP", "OP", "OM", "OP"))
  expect_identical(lesions$best_response, study$lesions$best_response)
})

test_that("a month is 30.4375 days and a year 365.25", {
  study <- small_study()
  days <- endpoint(study, "os", unit = "days")$time
  expect_identical(endpoint(study, "os")$time, days / 30.4375)
  expect_identical(endpoint(study, "os", unit = "years")$time, days / 365.25)
})

test_that("the rows keep their columns, also those outside the schema", {
  tables <- small_tables()
  tables$patients$age <- 61:64
  os <- endpoint(do.call(sbrt_study, tables), "os")
  expect_identical(os$age, 61:64)
  expect_identical(names(os), c(names(tables$patients), "time", "status", "audit"))
  expect_s3_class(os, "data.frame")
})

test_that("a local failure on the day of death is a failure", {
  tables <- small_tables()
  tables$lesions$local_failure_date[5] <- "2021-01-31"
  tables$patients$progression_date[4] <- "2021-01-31"
  failure <- endpoint(do.call(sbrt_study, tables), "local_failure", unit = "days")
  expect_identical(as.character(failure$status[4]), "local failure")
  expect_identical(failure$time[4], 30)
})

test_that("one patient without any event is a result", {
  tables <- small_tables()
  tables$patients <- tables$patients[3, ]
  tables$lesions <- tables$lesions[4, ]
  tables$adverse_events <- tables$adverse_events[0, ]
  study <- do.call(sbrt_study, tables)
  expect_identical(endpoint(study, "pfs")$status, 0L)
  failure <- endpoint(study, "local_failure")
  expect_identical(as.character(failure$status), "censored")
  expect_identical(levels(failure$status), c("censored", "local failure", "death"))
})

test_that("the rule is printed in words", {
  pfs <- endpoint(small_study(), "pfs")
  expect_match(attr(pfs, "rule"), "progression or death, whichever comes first")
  text <- paste(capture.output(print(pfs)), collapse = " ")
  expect_match(text, "censored at last contact")
  expect_match(text, "0 = censored (1), 1 = event (3)", fixed = TRUE)
  expect_output(print(endpoint(small_study(), "local_failure")),
    "censored (2), local failure (1), death (1)",
    fixed = TRUE
  )
  expect_output(print(pfs[c("patient_id", "time")]), "patient_id")
})

test_that("unknown endpoints, levels and units are errors that list the known ones", {
  study <- small_study()
  expect_error(endpoint(study, "ttp"), "\"os\", \"pfs\", \"progression\"",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(study, "os", "lesion"), class = "oligosurv_error_input")
  expect_error(endpoint(study, "os", "organ"), class = "oligosurv_error_input")
  expect_error(endpoint(study, "os", unit = "weeks"), class = "oligosurv_error_input")
  expect_error(endpoint(study$patients, "os"), class = "oligosurv_error_input")
})

test_that("a subset of the rows keeps its rule, a plain data frame does not", {
  pfs <- endpoint(small_study(), "pfs")
  part <- pfs[pfs$cohort == "OP", ]
  expect_identical(attr(part, "rule"), attr(pfs, "rule"))
  expect_identical(nrow(part), 3L)
  expect_identical(attr(subset(pfs, cohort == "OP"), "rule"), attr(pfs, "rule"))
  expect_identical(pfs[, "time"], pfs$time)
  plain <- as.data.frame(pfs)
  expect_identical(class(plain), "data.frame")
  expect_null(attr(plain, "rule"))
})

# Times in days and status as text, in the order of the patients
days_of <- function(study, what, ...) {
  x <- suppressMessages(endpoint(study, what, unit = "days", ...))
  stats::setNames(paste(x$time, x$status), x$patient_id)
}

without <- function(...) {
  tables <- full_tables()
  tables$patients[c(...)] <- NULL
  do.call(sbrt_study, tables)
}

test_that("each endpoint of the full study is that counted by hand", {
  study <- full_study()
  expect_identical(days_of(study, "distant_failure"), c(
    A = "59 distant failure", B = "100 distant failure", C = "100 censored",
    D = "30 death"
  ))
  expect_identical(days_of(study, "intrahepatic_failure"), c(
    A = "200 death", B = "100 intrahepatic failure", C = "100 censored", D = "30 death"
  ))
  expect_identical(days_of(study, "extrahepatic_failure"), c(
    A = "59 extrahepatic failure", B = "365 censored", C = "100 censored", D = "30 death"
  ))
  expect_identical(days_of(study, "widespread_failure")[1:2], c(
    A = "120 widespread failure", B = "365 censored"
  ))
  expect_identical(days_of(study, "next_therapy"), c(
    A = "40 next therapy", B = "120 next therapy", C = "100 censored", D = "30 death"
  ))
  expect_identical(days_of(study, "next_sbrt")[1:2], c(
    A = "200 death", B = "151 next SBRT"
  ))
  # grade 3 of A on day 90 is acute, grade 2 of B on day 91 is late
  expect_identical(days_of(study, "late_toxicity", grade = 2)[1:2], c(
    A = "200 death", B = "91 late toxicity"
  ))
  expect_identical(days_of(study, "late_toxicity", window = 89)[1:2], c(
    A = "90 late toxicity", B = "365 censored"
  ))
})

test_that("dates come from the optional tables where patients have no column", {
  study <- without("distant_failure_date", "intrahepatic_failure_date",
    "extrahepatic_failure_date", "widespread_failure_date", "next_therapy_date",
    "next_sbrt_date", "sbrt_end", "systemic_start", "last_imaging"
  )
  expect_identical(
    days_of(study, "distant_failure"), days_of(full_study(), "distant_failure")
  )
  # all new lesions are in the lung
  expect_identical(days_of(study, "intrahepatic_failure")[["B"]], "365 censored")
  expect_identical(days_of(study, "extrahepatic_failure")[["B"]],
    "100 extrahepatic failure"
  )
  expect_identical(days_of(study, "widespread_failure")[["A"]], "200 death")
  expect_identical(days_of(study, "widespread_failure", threshold = 1)[1:2], c(
    A = "59 widespread failure", B = "365 censored"
  ))
  # C has no line before SBRT, so line 1 on day 31 is the next therapy
  expect_identical(days_of(study, "next_therapy")[1:3], c(
    A = "40 next therapy", B = "120 next therapy", C = "31 next therapy"
  ))
  # with 40 days of grace the therapies of A and C belong to the treatment
  expect_identical(days_of(study, "next_therapy", grace_days = 40)[1:3], c(
    A = "200 death", B = "120 next therapy", C = "100 censored"
  ))
  expect_identical(days_of(study, "next_sbrt")[["B"]], "151 next SBRT")
  expect_identical(days_of(study, "os", origin = "sbrt_end"), c(A = "191 1", B = "361 0"))
  since <- suppressMessages(endpoint(without("systemic_start"), "os",
    unit = "days", origin = "systemic_start"
  ))
  expect_identical(since$entry, c(214, 352, 0))
  # imaging on days 59 and 100; C has none and is censored on day 0
  expect_identical(days_of(study, "pfs", pfs_censor = "last_imaging")[["C"]], "0 0")
})

test_that("an endpoint without its dates says what it needs", {
  study <- small_study()
  for (what in c(
    "distant_failure", "intrahepatic_failure", "widespread_failure", "next_therapy",
    "next_sbrt"
  )) {
    expect_error(endpoint(study, what), paste0("`", what, "_date` in the table patients"),
      class = "oligosurv_error_input"
    )
  }
  for (origin in c("sbrt_end", "diagnosis", "systemic_start")) {
    expect_error(endpoint(study, "os", origin = origin), class = "oligosurv_error_input")
  }
  expect_error(endpoint(study, "pfs", pfs_censor = "last_imaging"), "last_imaging",
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(full_study(), "os", pfs_censor = "last_imaging"),
    class = "oligosurv_error_input"
  )
  tables <- full_tables()
  tables$assessments$site[4] <- NA
  tables$patients$intrahepatic_failure_date <- NULL
  error <- tryCatch(endpoint(do.call(sbrt_study, tables), "intrahepatic_failure"),
    error = identity
  )
  expect_s3_class(error, "oligosurv_error_data")
  expect_identical(error$where, 4L)
})

test_that("time from another origin: left truncation from the first day of SBRT", {
  study <- full_study()
  os <- endpoint(study, "os", unit = "days", origin = "diagnosis")
  expect_identical(os$entry, c(731, 366, 31, 1096))
  expect_identical(os$time, c(931, 731, 131, 1126))
  expect_match(os$audit[1], paste(
    "diagnosis_date 2019-01-01, at risk from sbrt_start 2021-01-01,",
    "to death_date 2021-07-20"
  ), fixed = TRUE)
  # at risk in days: A 731-931, B 366-731, C 31-131, D 1096-1126: never two at a time
  expect_message(fit <- kaplan_meier(Surv(entry, time, status) ~ 1, os), "falls to 0")
  expect_s3_class(fit, "kaplan_meier")
  lf <- endpoint(study, "local_failure", origin = "diagnosis")
  fit <- suppressMessages(cumulative_incidence(Surv(entry, time, status) ~ 1, lf))
  expect_s3_class(fit, "cumulative_incidence")
  expect_message(
    since <- endpoint(study, "os", unit = "days", origin = "systemic_start"),
    "1 row without a date of origin"
  )
  expect_identical(since$patient_id, c("A", "B", "C"))
  expect_identical(since$entry, c(214, 352, 0))
  expect_identical(since$time, c(414, 717, 69))
  expect_match(attr(since, "rule"), "1 row without a date of origin")
  # A progressed on the day of entry
  pfs <- suppressMessages(endpoint(study, "pfs", origin = "diagnosis"))
  expect_identical(pfs$patient_id, c("B", "C", "D"))
  end <- days_of(study, "os", origin = "sbrt_end")
  expect_identical(end, c(A = "191 1", B = "361 0", C = "89 0"))
  late <- endpoint(study, "os", unit = "days", origin = "diagnosis", landmark = 500)
  expect_identical(late$entry, c(231, 0, 596))
})

test_that("left-truncated survival agrees with survival", {
  patients <- data.frame(hcc_sbrt$patients)
  withr::local_seed(7)
  patients$diagnosis_date <- patients$sbrt_start - sample(0:900, nrow(patients), TRUE)
  study <- sbrt_study(patients, hcc_sbrt$lesions, hcc_sbrt$adverse_events)
  os <- endpoint(study, "os", unit = "days", origin = "diagnosis")
  ours <- as.data.frame(kaplan_meier(Surv(entry, time, status) ~ 1, os, times = 1000))
  theirs <- summary(survival::survfit(survival::Surv(entry, time, status) ~ 1, os),
    times = 1000
  )
  at <- max(which(ours$time <= 1000))
  expect_equal(ours$estimate[at], theirs$surv, tolerance = 1e-12)
})

test_that("competing events and the censoring of PFS are those requested", {
  study <- full_study()
  expect_identical(days_of(study, "local_failure", competing = "none"),
    c(A = "50 1", B = "365 0", C = "100 0", D = "30 0")
  )
  expect_identical(
    days_of(study, "local_failure", competing = c("death", "next_therapy")), c(
      A = "40 next therapy", B = "120 next therapy", C = "100 censored", D = "30 death"
    )
  )
  expect_identical(days_of(study, "os", competing = "next_sbrt")[["B"]], "151 next SBRT")
  expect_identical(days_of(study, "pfs", pfs_censor = "last_imaging"),
    c(A = "0 1", B = "100 1", C = "90 0", D = "30 1")
  )
  for (bad in list("progress", "death", c("none", "progression"), 1, character(), NA)) {
    expect_error(endpoint(study, "os", competing = bad), "`competing`",
      class = "oligosurv_error_input"
    )
  }
  expect_error(endpoint(study, "late_toxicity", grade = 6),
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(study, "widespread_failure", threshold = -1),
    class = "oligosurv_error_input"
  )
})

test_that("the audit column names the dates that decided each row", {
  study <- full_study()
  expect_identical(endpoint(study, "pfs")$audit, paste("sbrt_start 2021-01-01 to", c(
    "progression_date 2021-01-01", "progression_date 2021-04-11",
    "last_contact 2021-04-11", "death_date 2021-01-31"
  )))
  expect_match(endpoint(study, "local_failure")$audit[1],
    "to local_failure_date of lesion 2 2021-02-20"
  )
  expect_match(endpoint(study, "local_failure", "lesion")$audit[1:3],
    "local_failure_date 2021-03-02|local_failure_date 2021-02-20|last_contact 2022-01-01"
  )
  expect_match(endpoint(study, "pfs", pfs_censor = "last_imaging")$audit[3],
    "last_imaging 2021-04-01"
  )
  late <- endpoint(study, "late_toxicity", grade = 2)$audit
  expect_match(late[2], "onset_date of rib fracture, grade 2 2021-04-02")
  # the date in the audit agrees with the time
  for (what in c("os", "pfs", "local_failure", "distant_failure", "next_therapy")) {
    x <- endpoint(study, what, unit = "days")
    last <- as.Date(substring(x$audit, nchar(x$audit) - 9L))
    expect_identical(as.numeric(last - x$sbrt_start), x$time)
  }
})

test_that("the rules in words", {
  rule <- function(...) attr(suppressMessages(endpoint(full_study(), ...)), "rule")
  expect_identical(rule("os"), paste(
    "from the first day of SBRT to death from any cause; patients alive are censored at",
    "last contact"
  ))
  expect_match(rule("widespread_failure", threshold = 3), "more than 3 new lesions")
  expect_match(rule("local_failure", competing = "none"),
    "patients without it are censored at last contact or death"
  )
  expect_match(rule("local_failure", competing = c("death", "progression")),
    "death or progression before it compete;"
  )
  expect_match(rule("late_toxicity", grade = 2), "grade 2 or more after day 90")
  expect_match(rule("pfs", origin = "diagnosis"), "at risk from the first day of SBRT:")
  expect_match(rule("pfs", pfs_censor = "last_imaging"), "or on day 0 if there is none")
})
