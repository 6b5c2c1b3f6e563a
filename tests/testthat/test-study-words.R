# Words for the levels of a category.

spec_of <- function(table, column) {
  schema <- study_schema()
  schema[schema$table == table & schema$column == column, ]
}

# The values that the parser reads, as text
category <- function(x, levels = NULL, column = "best_response", table = "patients") {
  result <- parse_category(x, spec_of(table, column), list(levels = levels))
  list(value = as.character(result$value), rule = result$rule)
}

test_that("levels are read in any case, and responses in words", {
  words <- c("cr", " Pr ", "STABLE DISEASE", "progression", "not evaluable", NA, "")
  expect_identical(category(words)$value, c("CR", "PR", "SD", "PD", "NE", NA, NA))
  words <- c("2, PR", "1 = CR", "3: SD", "4 - PD", "CR (complete response)")
  expect_identical(category(words)$value, c("PR", "CR", "SD", "PD", "CR"))
  roles <- c("Target lesion", "nontarget", "Non Target", "New")
  expect_identical(category(roles, column = "role", table = "assessments")$value,
    c("target", "non-target", "non-target", "new")
  )
})

test_that("`levels` explains codes and other languages, before any other word", {
  own <- c("1" = "complete response", "2" = "PR", "9" = NA, pr = "SD")
  expect_identical(category(c("1", "2", "9", "PR", "sd"), own)$value,
    c("CR", "PR", NA, "SD", "SD")
  )
  expect_identical(category(c("1", "2", "9", "PR"), own)$rule, rep(NA_character_, 4))
  expect_identical(category(c("x", NA), c(x = "yes", "(empty)" = "no"), "related",
    "adverse_events")$value, c("yes", "no"))
  # a meaning that is no level
  expect_match(category("1", c("1" = "better"))$rule, "must be CR, PR")
})

test_that("a finding lists the distinct words and the argument to paste", {
  found <- category(c("1", "2", "2", "3", NA))
  expect_identical(found$value, rep(NA_character_, 5))
  expect_identical(unique(found$rule[1:4]), paste0(
    "must be CR, PR, SD, PD or NE; to say what other words mean, add ",
    "levels = list(best_response = c(\"1\" = \"CR\", \"2\" = \"PR\", \"3\" = \"SD\"))"
  ))
  # a code that is understood may be part of another coding
  rule <- category(c("1", "2"), column = "related", table = "adverse_events")$rule
  expect_match(rule[2], fixed = TRUE,
    "list(related = c(\"1\" = \"yes\", \"2\" = \"no\"))"
  )
  # words are not guessed
  expect_match(category("better")$rule, fixed = TRUE,
    "list(best_response = c(better = NA))"
  )
})

test_that("`levels` must name columns of the schema and words", {
  for (bad in list("OP", list(cohort = "OP"), list(cohort = c("1" = "OP", "OM")),
    list(cohort = list("OP")), list(cohrt = c("1" = "OP")))) {
    expect_error(do.call(sbrt_study, c(small_tables(), list(levels = bad))),
      class = "oligosurv_error_input"
    )
  }
})

test_that("an edited study is checked without its mapping", {
  tables <- small_tables()
  names(tables$patients)[1] <- "id"
  study <- do.call(sbrt_study, c(tables, list(
    columns = list(patients = c(patient_id = "id")), missing = "x",
    levels = list(strategy = c("OP-N" = "OP-C", "OP-C" = "OP-N"))
  )))
  expect_identical(as.character(study$patients$strategy), c("OP-C", "OP-N", NA, "OP-N"))
  study$patients$strategy[4] <- "OP-C"
  expect_identical(nrow(study_problems(study)), 0L)
  expect_s3_class(endpoint(study, "os"), "data.frame")
})

test_that("`levels` reads cells of every type, and \"(empty)\" or NA in every category", {
  patients <- small_tables()$patients
  patients$death_date[1] <- "unk"
  patients$cohort[1:2] <- c("", "x")
  patients$strategy <- NULL
  patients$os_time <- 10
  patients$os_status <- c(1, 0, "lost", 0)
  study <- suppressWarnings(sbrt_study(patients, time_unit = "months", levels = list(
    death_date = c(unk = NA), cohort = c("(empty)" = "OM", x = ""),
    os_status = c(Lost = NA)
  )))
  expect_identical(is.na(study$patients$death_date[1]), TRUE)
  expect_identical(as.character(study$patients$cohort[1:2]), c("OM", NA))
  expect_identical(is.na(study$patients$os_status), c(FALSE, FALSE, TRUE, FALSE))
})
