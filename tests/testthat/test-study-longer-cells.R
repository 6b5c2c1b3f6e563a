# The usual names of columns of lesions, and how cells of several columns are stacked.

test_that("names of lesion columns are recognised without number, unit and capitals", {
  expect_identical(
    lesion_part(c("lesion_dose", "L dose (Gy)", "Dose", "Lesion Fx",
      "TargetDiameter (mm)", "met site", "Lesion local failure date", "ptv_cm3",
      "PTV volume", "dose_gy"
    )),
    c("dose_gy", "dose_gy", "dose_gy", "fractions", "diameter_mm", "site",
      "local_failure_date", "ptv_cm3", "ptv_cm3", "dose_gy"
    )
  )
  # the usual names of other languages; the number after RECIST may be its version
  expect_identical(lesion_part(c("Lokalisation", "Gesamtdosis (Gy)", "BOR", "RECIST")),
    c("site", "dose_gy", "best_response", NA)
  )
  # a dose of one fraction and a size in cm are something else
  expect_identical(
    lesion_part(c("dose per fraction", "lesion size (cm)", "age", "comment")),
    rep(NA_character_, 4)
  )
})

test_that("usual names need no patterns, and a message says what was read", {
  wide <- data.frame(
    patient_id = "A", age_1 = 60, Lesion1_Dose = 50, Lesion2_Dose = 24, lesion1_fx = 5,
    lesion2_fx = 3, ptv_cm3_1 = 8, ptv_cm3_2 = NA
  )
  expect_message(long <- longer_lesions(wide), paste0(
    "columns = c(dose_gy = \"Lesion#_Dose\", fractions = \"lesion#_fx\", ",
    "ptv_cm3 = \"ptv_cm3_#\")"
  ), fixed = TRUE)
  expect_identical(long, data.frame(
    patient_id = "A", lesion_id = c("1", "2"), dose_gy = c(50, 24), fractions = c(5, 3),
    ptv_cm3 = c(8, NA)
  ))
})

test_that("what is not recognised is an error with the call to complete", {
  wide <- data.frame(patient_id = "A", lesion1_dose = 50, lesion1_mu = 2000)
  expect_error(longer_lesions(wide), paste0(
    "it is not clear what \"lesion#_mu\" hold. Say which columns belong to lesions, ",
    "with # for the number, as in columns = c(dose_gy = \"lesion#_dose\")"
  ), fixed = TRUE, class = "oligosurv_error_input")
  wide <- data.frame(patient_id = "A", lesion1_dose = 50, dose_1 = 24)
  expect_error(longer_lesions(wide), "several columns seem to mean the same",
    class = "oligosurv_error_input"
  )
  expect_error(longer_lesions(data.frame(patient_id = "A", dose = 50)),
    "no column of `data` has a usual name with a number", class = "oligosurv_error_input"
  )
})

test_that("columns of one type keep it, others become text", {
  expect_identical(stack_columns(list(1:2, c(0.5, NA))), c(1, 2, 0.5, NA))
  expect_identical(stack_columns(list(c(NA, NA), as.Date(c("2021-01-01", NA)))),
    as.Date(c(NA, NA, "2021-01-01", NA))
  )
  expect_identical(stack_columns(list(NA, NA)), c(NA, NA))
  expect_identical(stack_columns(list(as.Date("2021-01-01"), 50)), c("2021-01-01", "50"))
  expect_identical(stack_columns(list(factor("a"), factor("b"))), c("a", "b"))
  expect_identical(stack_columns(list(factor("a"), factor("a"))), factor(c("a", "a")))
})
