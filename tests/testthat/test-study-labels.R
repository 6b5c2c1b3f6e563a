# Value labels of SPSS, Stata and SAS files and of REDCap.

spss <- function(x, values = NULL, ...) {
  structure(x, labels = values, ...,
    class = c("haven_labelled_spss", "haven_labelled", "vctrs_vctr", "double")
  )
}

test_that("labelled codes are read as their labels, numbers and ids as their codes", {
  tables <- small_tables()
  tables$patients$cohort <- spss(c(1, 1, 2, 1), c(OP = 1, OM = 2))
  tables$patients$best_response <- spss(c(2, 3, 1, 9),
    c("Complete response" = 1, PR = 2, SD = 3, "not evaluable" = 9)
  )
  tables$patients$best_change_pct <- spss(c(-40.5, 10, -100, 999), c(unknown = 999))
  tables$lesions$site <- spss(c(1, 1, 1, 1, 1), c(lung = 1, liver = 2))
  tables$adverse_events$term <- spss(c(1, 1, 2), c(fatigue = 1, "rib fracture" = 2))
  tables$adverse_events$grade <- spss(c(1, 3, 2), c("Grade 1" = 1, "Grade 3" = 3))
  expect_identical(do.call(sbrt_study, tables), small_study())
})

test_that("`levels` may explain the codes, and values declared missing are empty", {
  tables <- small_tables()
  tables$patients$cohort <- spss(c(1, 1, 2, 1), c(progressive = 1, metastatic = 2))
  other <- tables
  other$patients$best_response <- spss(c(2, 3, 1, 9), c(gone = 1, smaller = 2))
  expect_match(study_error(other)$problems$rule, "gone = NA", all = FALSE)
  study <- do.call(sbrt_study, c(tables, list(
    levels = list(cohort = c("1" = "OP", metastatic = "OM"))
  )))
  expect_identical(study, {
    expected <- small_study()
    attr(expected, "reading") <- attr(study, "reading")
    expected
  })
  tables <- small_tables()
  tables$patients$best_change_pct <- spss(c(-40.5, 10, -100, 999), na_values = 999)
  expect_identical(do.call(sbrt_study, tables), small_study())
  tables$patients$best_change_pct <- spss(c(-40.5, 10, -100, 97), na_range = c(90, 99))
  expect_identical(do.call(sbrt_study, tables), small_study())
})

test_that("labelled columns outside the schema become factors, labels come along", {
  tables <- small_tables()
  tables$patients$ecog <- spss(c(0, 2, 1, NA), c(fit = 0, ill = 2, restricted = 1),
    label = "ECOG status"
  )
  tables$patients$age <- spss(c(61, 70, 75, 58), c("not known" = 999), label = "Age")
  study <- do.call(sbrt_study, tables)
  expect_identical(study$patients$ecog, structure(
    factor(c("fit", "ill", "restricted", NA), c("fit", "restricted", "ill")),
    label = "ECOG status"
  ))
  expect_identical(study$patients$age, structure(c(61, 70, 75, 58), label = "Age"))
})

test_that("the factors that REDCap adds are read in place of the codes, with a note", {
  tables <- small_tables()
  tables$patients$cohort <- c(1, 1, 2, 1)
  tables$patients$cohort.factor <- factor(c("OP", "OP", "OM", "OP"))
  expect_message(study <- do.call(sbrt_study, tables), "read from `cohort.factor`")
  expect_identical(study$patients, small_study()$patients)
})
