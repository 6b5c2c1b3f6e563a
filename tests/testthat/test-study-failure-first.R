# First failures and the salvage that followed, computed by hand. SBRT is on day 0.

fail_day <- function(x) as.Date("2021-01-01") + x

# A: lesion 1 in the lung fails on day 100. B: lesion 1 and new lesions in the liver (1)
# and lung (2) on day 200. C: dies on day 300. D: progression on day 50, lesion 1 fails on
# day 390. E: lesion 1 fails on day 90, a new lesion of the bone on day 95.
fail_study <- function(patients = list(), new = NULL, ...) {
  ids <- c("A", "B", "C", "D", "E")
  p <- data.frame(
    patient_id = ids, sbrt_start = fail_day(0),
    progression_date = fail_day(c(100, 200, NA, 50, 90)),
    death_date = fail_day(c(NA, NA, 300, NA, NA)),
    last_contact = fail_day(c(400, 400, 300, 400, 400))
  )
  p[names(patients)] <- patients
  lesions <- data.frame(
    patient_id = ids, lesion_id = "1", site = c("lung", "lung", "lung", "liver", "bone"),
    local_failure_date = fail_day(c(100, 200, NA, 390, 90)),
    where = c("In-field", "marginal", NA, NA, NA)
  )
  assessments <- rbind(data.frame(
    patient_id = c("B", "B", "E"), assessment_date = fail_day(c(200, 200, 95)),
    role = "new", site = c("liver", "lung", "bone"), n_lesions = c(1, 2, NA)
  ), new)
  sbrt_study(p, lesions, assessments = assessments, ...)
}

first_of <- function(column, ..., study = fail_study()) {
  x <- failure_pattern(study, unit = "days", ...)$patients
  value <- x[[column]]
  stats::setNames(if (is.numeric(value)) value else as.character(value), x$patient_id)
}

test_that("each patient has the site of the first failure", {
  expect_identical(first_of("site"),
    c(A = "local", B = "local and elsewhere", C = NA, D = "elsewhere", E = "local")
  )
  expect_identical(first_of("status")[["C"]], "death")
  expect_equal(first_of("time"), c(A = 100, B = 200, C = 300, D = 50, E = 90))
  # five days later is the same failure, if so defined
  expect_identical(first_of("site", together = 4)[["E"]], "local")
  expect_identical(first_of("site", together = 5)[["E"]], "local and elsewhere")
})

test_that("a column says which local failures were marginal", {
  expect_identical(first_of("site", field = "where"),
    c(A = "in field", B = "local and elsewhere", C = NA, D = "elsewhere", E = "local")
  )
  x <- failure_pattern(fail_study(), field = "where")
  expect_identical(levels(x$patients$status), c(
    "censored", "in field", "marginal", "local", "local and elsewhere", "elsewhere",
    "death"
  ))
  expect_error(failure_pattern(fail_study(), field = "site"), "\"lung\" in rows 1, 2, 3",
    class = "oligosurv_error_domain"
  )
  expect_error(failure_pattern(fail_study(), field = "zone"), "`zone`",
    class = "oligosurv_error_input"
  )
})

test_that("number and organs of the failed lesions", {
  expect_equal(first_of("n_lesions"), c(A = 1, B = 4, C = NA, D = NA, E = 1))
  expect_identical(unname(first_of("number", threshold = 3)), c(
    "oligo (up to 3)", "poly (more than 3)", NA, "number not stated", "oligo (up to 3)"
  ))
  expect_identical(unname(first_of("number"))[2], "oligo (up to 5)")
  expect_identical(first_of("organ"), c(
    A = "lung", B = "several organs", C = NA, D = "organ not stated", E = "bone"
  ))
  # widespread by the date of the patients
  wide <- fail_study(list(widespread_failure_date = fail_day(c(NA, NA, NA, 50, 96))))
  expect_identical(first_of("number", study = wide)[c("D", "E")],
    c(D = "poly (more than 5)", E = "oligo (up to 5)")
  )
})

test_that("rare organs are one level", {
  n <- 9
  sites <- c("lung", "lung", paste("organ", 1:7))
  study <- sbrt_study(
    data.frame(
      patient_id = seq_len(n), sbrt_start = fail_day(0), progression_date = fail_day(50),
      death_date = as.Date(NA), last_contact = fail_day(400)
    ),
    data.frame(patient_id = seq_len(n), lesion_id = 1, site = sites,
      local_failure_date = fail_day(50)
    )
  )
  organ <- failure_pattern(study, pattern = "organ")$patients$organ
  expect_identical(as.integer(table(organ)), c(2L, 1L, 1L, 1L, 1L, 1L, 2L))
  expect_identical(levels(organ)[c(1, 7)], c("lung", "other organ"))
})

test_that("the date of the patients counts before assessments, which describe it", {
  study <- suppressWarnings(
    fail_study(list(distant_failure_date = fail_day(c(150, 200, NA, 50, NA))))
  )
  # the new lesion of E on day 95 is not a distant failure by that column
  expect_identical(first_of("site", study = study, together = 5)[c("B", "D")],
    c(B = "local and elsewhere", D = "elsewhere")
  )
  expect_equal(first_of("n_lesions", study = study),
    c(A = 1, B = 4, C = NA, D = NA, E = 1)
  )
  expect_identical(first_of("audit", study = study)[["D"]],
    "distant_failure_date 2021-02-20"
  )
})

test_that("a new lesion seen again is not new", {
  new <- data.frame(patient_id = "A", assessment_date = fail_day(c(60, 100)),
    role = "new", site = "liver", n_lesions = NA
  )
  study <- suppressWarnings(fail_study(new = new))
  # unnamed: two lesions; the first of them decides
  expect_identical(first_of("site", study = study)[["A"]], "elsewhere")
  expect_equal(first_of("time", study = study)[["A"]], 60)
})

test_that("salvage is the first treatment since the failure", {
  study <- fail_study(
    therapies = data.frame(
      patient_id = c("A", "A", "A", "D", "E"), line = c(1, 1, 2, 2, 1),
      start_date = fail_day(c(-100, 105, 120, 60, 40))
    ),
    courses = data.frame(patient_id = c("A", "B", "D"), course = c(2, 2, 2),
      start_date = fail_day(c(110, 150, 65))
    )
  )
  # A: line 1 again is not a new line; B: SBRT before the failure; E: no new line
  expect_identical(first_of("salvage", study = study),
    c(A = "SBRT", B = "none", C = NA, D = "drug", E = "none")
  )
  expect_identical(first_of("salvage_date", study = study)[c("A", "D")],
    c(A = "2021-04-21", D = "2021-03-02")
  )
  expect_identical(
    first_of("salvage", study = study, together = 10)[c("A", "D")],
    c(A = "SBRT and drug", D = "SBRT and drug")
  )
  expect_true(all(is.na(first_of("salvage"))))
  given <- fail_study(list(next_sbrt_date = fail_day(c(100, 100, NA, NA, 95))))
  expect_identical(first_of("salvage", study = given),
    c(A = "SBRT", B = "none", C = NA, D = "none", E = "SBRT")
  )
})
