# Several rows of one patient without `id`: an error, a warning, or accepted
lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
plain <- as.data.frame(lesions)

# All functions that take a formula and data
takers <- list(
  kaplan_meier = function(d) kaplan_meier(Surv(time, status != "censored") ~ 1, d),
  cumulative_incidence = function(d) cumulative_incidence(Surv(time, status) ~ cohort, d),
  logrank_test = function(d) logrank_test(Surv(time, status == "death") ~ cohort, d),
  gray_test = function(d) gray_test(Surv(time, status) ~ cohort, d),
  maxcombo_test = function(d) maxcombo_test(Surv(time, status == "death") ~ cohort, d),
  pairwise_test = function(d) {
    pairwise_test(Surv(time, status) ~ cohort, d, gray_test)
  },
  hazard_ratio = function(d) hazard_ratio(Surv(time, status == "death") ~ cohort, d),
  restricted_mean = function(d) restricted_mean(Surv(time, status) ~ 1, d, tau = 6),
  state_occupation = function(d) state_occupation(Surv(time, status) ~ 1, d),
  rate_difference = function(d) {
    rate_difference(Surv(time, status) ~ cohort, d, times = 6)
  },
  bootstrap_interval = function(d) {
    bootstrap_interval(Surv(time, status) ~ 1, d, "rate", times = 6, n_resamples = 39)
  },
  pseudo_values = function(d) pseudo_values(Surv(time, status) ~ 1, d, times = 6),
  influence_values = function(d) influence_values(Surv(time, status) ~ 1, d, times = 6),
  one_sample_test = function(d) {
    one_sample_test(Surv(time, status == "death") ~ 1, d, hazard = 0.01)
  },
  concordance_index = function(d) {
    concordance_index(Surv(time, status == "death") ~ cohort, d)
  },
  brier_score = function(d) {
    brier_score(Surv(time, status == "death") ~ I(0 * time), d, times = 6)
  },
  calibration = function(d) {
    calibration(Surv(time, status == "death") ~ I(0 * time), d, times = 6)
  },
  bootstrap_optimism = function(d) {
    bootstrap_optimism(Surv(time, status == "death") ~ cohort, d, n_resamples = 39)
  },
  follow_up = function(d) follow_up(Surv(time, status) ~ 1, d),
  event_table = function(d) event_table(Surv(time, status) ~ cohort, d)
)

expect_refused <- function(code, pattern = "not independent") {
  error <- expect_error(code, pattern, class = "oligosurv_error_data")
  invisible(error)
}

test_that("every function refuses lesion rows, with their class or without", {
  for (f in takers) {
    expect_refused(f(lesions), "65 lesions of 37 patients|lesions")
    error <- expect_refused(f(plain), "65 rows of 37 patients \\(4 of P02\\)")
    expect_identical(error$where, which(duplicated(plain$patient_id)))
    expect_match(conditionMessage(error), "leave the column out")
  }
  for (f in takers[c("kaplan_meier", "gray_test", "hazard_ratio", "event_table")]) {
    expect_match(conditionMessage(expect_refused(f(plain))), "id = patient_id")
  }
})

test_that("without an id column, or with one row per patient, there is no message", {
  no_ids <- plain[setdiff(names(plain), c("patient_id", "lesion_id"))]
  one_each <- plain[!duplicated(plain$patient_id), ]
  patients <- endpoint(hcc_sbrt, "local_failure")
  for (name in names(takers)) {
    quietly <- function(d) {
      suppressMessages(takers[[name]](d))
      TRUE
    }
    for (d in list(no_ids, one_each, patients, as.data.frame(patients))) {
      expect_no_warning(expect_true(quietly(d)))
    }
  }
})

test_that("with `id`, weighted or not, the rows are accepted", {
  f <- Surv(time, status) ~ cohort
  expect_identical(
    glance(cumulative_incidence(f, plain, id = patient_id))$n.id, c(28, 9, 28, 9)
  )
  expect_s3_class(gray_test(Surv(time, status) ~ cohort + cluster(patient_id), plain),
    "oligosurv_test"
  )
  plain$w <- 1
  weigh <- function(type) cumulative_incidence(f, plain, weights = w, weight_type = type)
  expect_refused(weigh("frequency"))
  expect_refused(weigh("sampling"))
})

test_that("in a list, a merged frame or a file an id column is recognised", {
  f <- Surv(time, status) ~ 1
  expect_refused(cumulative_incidence(f, as.list(plain)))
  merged <- merge(plain[c("patient_id", "lesion_id", "time", "status")],
    data.frame(patient_id = unique(plain$patient_id), centre = 1)
  )
  expect_refused(cumulative_incidence(f, merged))
  expect_refused(cumulative_incidence(f, lesions[c("patient_id", "time", "status")]))
  file <- withr::local_tempfile()
  utils::write.csv(merged, file, row.names = FALSE)
  expect_refused(cumulative_incidence(f, utils::read.csv(file)))
  expect_refused(
    with(utils::read.csv(file), cumulative_incidence(f, list2env(mget(c(
      "time", "status", "patient_id"
    )))))
  )
})

test_that("repeated ids are found in a tibble, a data.table and dplyr results", {
  from <- getExportedValue # the packages are not suggested ones
  f <- Surv(time, status) ~ cohort
  skip_if_not_installed("tibble")
  expect_refused(gray_test(f, from("tibble", "as_tibble")(lesions)))
  skip_if_not_installed("dplyr")
  expect_refused(gray_test(f, dplyr::mutate(lesions, x = 1)))
  tibble <- from("tibble", "as_tibble")(lesions)
  expect_refused(gray_test(f, dplyr::filter(tibble, time > 1)))
  skip_if_not_installed("data.table")
  expect_refused(gray_test(f, from("data.table", "as.data.table")(lesions)))
})

test_that("names of ids: the schema's, in any case and with any separator", {
  d <- data.frame(t = c(1, 2, 3), s = 1)
  named <- function(name, id = c("a", "a", "b")) {
    d[[name]] <- id
    kaplan_meier(Surv(t, s) ~ 1, d)
  }
  for (name in c(
    "patient_id", "PatientID", "patientId", "PATIENT_ID", "Patient.ID", "patient-id",
    "Patient ID", "patientid"
  )) {
    error <- expect_refused(named(name))
    name_in_call <- deparse(as.name(name), backtick = TRUE)
    expect_match(conditionMessage(error), paste("id =", name_in_call), fixed = TRUE)
    expect_refused(named(name, c(7L, 7L, 8L)))
    expect_refused(named(name, factor(c("x", "y", "y"))))
    expect_no_warning(named(name, c("a", "b", "c")))
    expect_no_warning(named(name, c("a", NA, NA)))
    expect_no_warning(named(name, 3:1))
  }
  for (name in c(
    "id", "patient", "id_patients", "patient_idx", "patient_id2", "inpatient_id", "idpat",
    "subject_id", "site_id", "patient_id.y", "atient_id"
  )) {
    expect_no_warning(named(name))
  }
})

test_that("lesions without a column of patients get a warning", {
  d <- data.frame(t = c(1, 2, 3), s = 1, lesion_id = 1:3)
  warned <- "oligosurv_warning_data"
  expect_warning(kaplan_meier(Surv(t, s) ~ 1, d), "lesions", class = warned)
  expect_warning(logrank_test(Surv(t, s) ~ t > 1, d), "`lesion_id`", class = warned)
  names(d)[3] <- "LesionID"
  expect_warning(kaplan_meier(Surv(t, s) ~ 1, d), "`LesionID`", class = warned)
  expect_no_warning(kaplan_meier(Surv(t, s) ~ 1, d, id = c(1, 1, 2)))
  rest <- lesions[c("time", "status")]
  expect_warning(cumulative_incidence(Surv(time, status) ~ 1, rest), "are lesions,",
    class = warned
  )
  expect_no_warning(kaplan_meier(Surv(t, s) ~ 1, transform(d, patient_id = 1:3)))
})

test_that("consecutive rows of one patient are accepted", {
  d <- data.frame(
    patient_id = c("a", "a", "b", "c", "c", "c"), en = c(3, 0, 0, 0, 2, 7),
    t = c(8, 3, 9, 2, 5, 8), s = c(1, 0, 1, 0, 0, 1)
  )
  f <- Surv(en, t, s) ~ 1
  for (x in list(d, d[6:1, ], transform(d, lesion_id = 1:6))) {
    expect_no_warning(kaplan_meier(f, x))
    expect_no_warning(hazard_ratio(Surv(en, t, s) ~ en, x))
    expect_no_warning(event_table(f, x))
    expect_no_warning(kaplan_meier(with(x, Surv(en, t, s)) ~ 1, x))
  }
  # times equal up to rounding: 0.1 + 0.2 and 0.3
  d$t[2] <- 0.1 + 0.2
  d$en[1] <- 0.3
  expect_no_warning(kaplan_meier(f, d))
  d$en[1] <- 0.2
  error <- expect_refused(kaplan_meier(f, d))
  expect_identical(error$where, c(2L, 5L, 6L))
  expect_refused(kaplan_meier(Surv(t, s) ~ 1, d))
})

test_that("rows that overlap in different strata only get a warning", {
  d <- data.frame(
    patient_id = rep(c("a", "b"), each = 2), t = c(1, 2, 3, 4), s = 1,
    transition = rep(1:2, 2), x = c(1, 3, 2, 5)
  )
  expect_warning(kaplan_meier(Surv(t, s) ~ strata(transition), d), "several strata",
    class = "oligosurv_warning_data"
  )
  expect_warning(hazard_ratio(Surv(t, s) ~ x + strata(transition), d), "several strata",
    class = "oligosurv_warning_data"
  )
  expect_refused(kaplan_meier(Surv(t, s) ~ transition, d))
  # each patient has a separate stratum or curve
  expect_no_warning(hazard_ratio(Surv(t, s) ~ x + strata(patient_id), d))
  expect_no_warning(kaplan_meier(Surv(t, s) ~ patient_id, d))
  d$transition <- 1
  expect_refused(kaplan_meier(Surv(t, s) ~ strata(transition), d))
})

test_that("a sample with replacement gives a warning, lesions are not taken for one", {
  d <- data.frame(patient_id = letters[1:6], t = 1:6, s = c(1, 0, 1, 1, 0, 1), x = 6:1)
  drawn <- d[c(1, 1, 3, 4, 4, 4), ]
  expect_warning(kaplan_meier(Surv(t, s) ~ 1, drawn), "as in a bootstrap sample",
    class = "oligosurv_warning_data"
  )
  drawn$x[2] <- 9
  expect_refused(kaplan_meier(Surv(t, s) ~ 1, drawn))
  drawn$x <- NULL
  drawn$lesion_id <- 1
  expect_refused(kaplan_meier(Surv(t, s) ~ 1, drawn))
})

test_that("rows that are left out do not count as repeated", {
  d <- data.frame(patient_id = c("a", "a", "b"), t = c(1, NA, 3), s = 1)
  expect_message(kaplan_meier(Surv(t, s) ~ 1, d), "row 2")
  d <- data.frame(patient_id = c("a", "a", "b"), t = 1:3, s = c(NA, 0, 1))
  expect_message(kaplan_meier(Surv(t, s) ~ 1, d), "row 1")
  # invalid formulas give the error of the formula reader
  expect_error(kaplan_meier(Surv(t, nothing) ~ 1, d), "nothing",
    class = "oligosurv_error_input"
  )
  expect_error(kaplan_meier(t ~ 1, d), class = "oligosurv_error_input")
  expect_error(kaplan_meier(~1, d), class = "oligosurv_error_input")
})

test_that("columns of ids are checked whatever their names, also of easy rows", {
  d <- data.frame(t = c(1, 2, 3), s = c(1, 0, 1), patient_id = c("a", "b", "c"))
  f <- Surv(t, s) ~ 1
  refused <- function(d) inherits(try(kaplan_meier(f, d), silent = TRUE), "try-error")
  expect_false(refused(d))
  expect_true(refused(transform(d, patient_id = c("a", "b", "a"))))
  expect_false(refused(transform(d, patient_id = 1:3)))
  expect_warning(kaplan_meier(f, transform(d[1:2], lesion_id = 1)), "lesions")
  names(d)[3] <- "Patient ID"
  expect_false(refused(d))
  d[["Patient ID"]][3] <- "a"
  expect_true(refused(d))
  many <- data.frame(t = 1:4096, s = 1, patient_id = sprintf("P%04d", 1:4096))
  expect_false(refused(many))
  many$patient_id[4000] <- "P0007"
  expect_true(refused(many))
})

test_that("ids that differ in white space at the ends are one; a blank id is missing", {
  d <- data.frame(t = c(3, 5, 8, 12, 20, 24), s = c(1, 0, 1, 1, 0, 1))
  f <- Surv(t, s) ~ 1
  d$id <- c("P1", "P1 ", "P2", "\u00a0P2", "P3", "P4")
  clean <- transform(d, id = c("P1", "P1", "P2", "P2", "P3", "P4"))
  for (column in list(d$id, factor(d$id))) {
    d$id <- column
    expect_message(padded <- kaplan_meier(f, d, id = id), "`id`: labels that differ only")
    expect_equal(tidy(padded), tidy(kaplan_meier(f, clean, id = id)))
    suppressMessages(expect_equal(
      tidy(hazard_ratio(Surv(t, s) ~ I(t > 6) + cluster(id), d)),
      tidy(hazard_ratio(Surv(t, s) ~ I(t > 6) + cluster(id), clean))
    ))
    d$patient_id <- d$id
    suppressMessages(expect_refused(kaplan_meier(f, d)))
    d$patient_id <- NULL
  }
  blank <- transform(clean, id = NULL, patient_id = c("P1", "P2", "", " ", "P3", "P4"))
  for (take in list(kaplan_meier, event_table)) {
    expect_no_warning(take(f, blank))
    blank$patient_id <- factor(blank$patient_id)
  }
})

test_that("a patient's second row that is not analysed does not count", {
  d <- data.frame(
    patient_id = c("P1", "P1", "P2", "P3", "P4", "P5"), t = c(3, 5, 8, 12, 20, 24),
    s = c("dead", "alive", "dead", "dead", "alive", "dead"),
    arm = c("A", "B", "A", "B", "A", "B"), age = c(50, 60, 70, 55, 65, 61)
  )
  taken <- function(x, f = Surv(t, s == "dead") ~ arm, ...) {
    suppressMessages(expect_no_warning(kaplan_meier(f, x, ...)))
  }
  set <- function(column, value) {
    d[[column]][2] <- value
    d
  }
  expect_refused(suppressMessages(taken(d)))
  taken(set("arm", NA))
  taken(set("arm", " "))
  taken(set("arm", NA), Surv(t, s == "dead") ~ strata(arm))
  taken(set("s", ""), Surv(t, s) ~ arm, censor = "alive")
  x <- d
  x$t <- structure(replace(d$t, 2, 99),
    na_values = 99,
    class = c("haven_labelled_spss", "haven_labelled", "vctrs_vctr", "double")
  )
  taken(x)
  taken(d[c(2, 1, 3:6), ], landmark = 4)
  expect_refused(suppressMessages(taken(d, landmark = 2)))
  f <- Surv(t, s == "dead") ~ age
  expect_refused(hazard_ratio(f, d))
  expect_message(hazard_ratio(f, set("age", NA)), "row 2")
  expect_message(hazard_ratio(Surv(t, s == "dead") ~ age + arm, set("age", NA)), "row 2")
  expect_refused(hazard_ratio(Surv(t, s == "dead") ~ arm, set("age", NA)))
})
