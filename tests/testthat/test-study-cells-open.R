# Groups with labels of their own, and the words of a status.

cohort_of <- function(x, ...) {
  n <- length(x)
  patients <- data.frame(patient_id = seq_len(n), os_time = seq_len(n), os_status = 1)
  patients$cohort <- x
  sbrt_study(patients, time_unit = "months", ...)$patients$cohort
}

test_that("groups have any labels, in an order that can be chosen", {
  expect_identical(levels(cohort_of(c("SOC", "SABR", "SOC"))), c("SABR", "SOC"))
  expect_identical(levels(cohort_of(c(10, 9, 2))), c("2", "9", "10"))
  expect_identical(levels(cohort_of(c("b", "\u00e4", "C"))), c("C", "b", "\u00e4"))
  # factor levels as they are, without empty ones
  ordered <- factor(c("SOC", "SABR"), c("SOC", "none", "SABR"))
  expect_identical(levels(cohort_of(ordered)), c("SOC", "SABR"))
  by_levels <- cohort_of(c("2", "1", "2"), levels = list(
    cohort = c("2" = "SOC", "1" = "SABR")
  ))
  expect_identical(by_levels, factor(c("SOC", "SABR", "SOC"), c("SOC", "SABR")))
  # the published labels keep their order, but for `levels`
  expect_identical(levels(cohort_of(c("OM", "OP"))), c("OP", "OM"))
  expect_identical(levels(cohort_of(factor(c("OM", "OP")))), c("OP", "OM"))
  expect_identical(levels(cohort_of(c("OM", "OM"))), "OM")
  reversed <- cohort_of(c("OM", "OP"), levels = list(cohort = c(OM = "OM", OP = "OP")))
  expect_identical(levels(reversed), c("OM", "OP"))
  state <- omd_class(
    prior_polymetastatic = c("no", "yes"), prior_oligometastatic = "no",
    months_to_omd = 3, systemic_therapy = "no", progressive_lesions = "no"
  )$state
  expect_identical(as.character(cohort_of(state)), as.character(state))
})

test_that("labels that differ in capitals or blanks are one group, with a finding", {
  expect_identical(levels(cohort_of(c("op", "om", " op "))), c("OP", "OM"))
  expect_message(
    x <- cohort_of(c("Arm A", "ARM  A", "arm a", "Arm B")), "differs only in capitals"
  )
  expect_identical(as.character(x), c("ARM A", "ARM A", "ARM A", "Arm B"))
  patients <- data.frame(patient_id = 1:3, os_time = 1, os_status = 1)
  patients$cohort <- c("OP", "op", "OM")
  found <- study_problems(list(patients = patients), time_unit = "days")
  expect_identical(found[c("row", "value")], data.frame(row = 2L, value = "op"))
  expect_identical(found$severity, "note")
})

test_that("a patient without a cohort, where others have one, is a finding", {
  expect_warning(x <- cohort_of(c("A", NA, "B")), "the patient is in no cohort")
  expect_identical(x, factor(c("A", NA, "B")))
  expect_identical(cohort_of(c(NA, NA)), factor(c(NA, NA), character()))
})

status_of <- function(x, what = "os", ...) {
  patients <- data.frame(patient_id = seq_along(x), time = seq_along(x), status = x)
  names(patients)[2:3] <- paste0(what, c("_time", "_status"))
  sbrt_study(patients, time_unit = "months", ...)$patients[[3]]
}

test_that("codes and usual words of a status are read, whatever their capitals", {
  dead <- c("censored", "death", "death")
  expect_identical(as.character(status_of(c(0, 1, 1))), dead)
  expect_identical(as.character(status_of(c(FALSE, TRUE, TRUE))), dead)
  expect_identical(as.character(status_of(c("Alive", "DEAD", "died "))), dead)
  expect_identical(as.character(status_of(c("no", "yes", "Deceased"))), dead)
  progress <- status_of(c("0", "Progression", "death", "relapse"), "pfs")
  expect_identical(as.integer(progress), c(1L, 2L, 2L, 2L))
  failed <- status_of(c("0", "1", "2", "Dead", "recurrence"), "local_failure")
  expect_identical(levels(failed), c("censored", "local failure", "death"))
  expect_identical(as.integer(failed), c(1L, 2L, 3L, 3L, 2L))
  # a competing event that nobody had is no level
  expect_identical(levels(status_of(0:1, "next_sbrt")), c("censored", "next SBRT"))
})

test_that("other codes and events are read by `levels`, and are errors without", {
  error <- tryCatch(status_of(1:2), oligosurv_error = identity)
  expect_s3_class(error, "oligosurv_error_domain")
  expect_match(conditionMessage(error), fixed = TRUE,
    "levels = list(os_status = c(\"1\" = \"censored\", \"2\" = \"death\"))"
  )
  coded <- status_of(1:2, levels = list(os_status = c("1" = "censored", "2" = "death")))
  expect_identical(as.character(coded), c("censored", "death"))
  german <- list(os_status = c(lebt = "0", tot = "1"))
  coded <- status_of(c("lebt", "Tot"), levels = german)
  expect_identical(as.character(coded), c("censored", "death"))
  expect_error(status_of(c("aive", "dead"), "local_failure"), "must be 0 = censored",
    class = "oligosurv_error_domain"
  )
  # an event that is named competes, after death, even if nobody died
  graft <- status_of(c("alive", "1", "graft"), "local_failure",
    levels = list(local_failure_status = c(graft = "transplant"))
  )
  expect_identical(levels(graft), c("censored", "local failure", "transplant"))
  # overall survival has no competing event
  expect_error(
    status_of(c("a", "b"), levels = list(os_status = c(a = "censored", b = "graft"))),
    "must be 0 = censored, 1 = death, or", class = "oligosurv_error_domain"
  )
})
