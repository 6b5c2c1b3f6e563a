# Grades and levels of attribution as case report forms write them, and one spelling for
# the same word.

grades_read <- function(x) {
  tables <- small_tables()
  tables$adverse_events <- data.frame(
    patient_id = "A", term = paste("event", seq_along(x)), grade = x,
    onset_date = "2021-01-05"
  )
  suppressWarnings(do.call(sbrt_study, tables))$adverse_events$grade
}

related_read <- function(x) {
  tables <- small_tables()
  tables$adverse_events <- data.frame(
    patient_id = "A", term = paste("event", seq_along(x)), grade = 1,
    onset_date = "2021-01-05", related = x
  )
  as.character(do.call(sbrt_study, tables)$adverse_events$related)
}

test_that("grades with a word, a letter or Roman numerals are numbers", {
  expect_identical(
    grades_read(c("2", "Grade 2", "grade: 3", "G3", "g 4", "Gr. 1", "CTCAE grade 5", "IV",
      "Grade II", " 0 ", "2.0"
    )),
    c(2L, 2L, 3L, 3L, 4L, 1L, 5L, 4L, 2L, 0L, 2L)
  )
  expect_identical(grades_read(factor(c("G1", "G2"))), 1:2)
  expect_identical(grades_read(c(0, 3)), c(0L, 3L))
})

test_that("an unknown grade is an empty cell", {
  expect_identical(
    grades_read(c("", NA, "unknown", "UNK", "Not graded", "n/a", "?", "1")),
    c(rep(NA, 7), 1L)
  )
  for (bad in c("mild", "2-3", ">=3", "grade", "6", "1.5", "-1")) {
    expect_error(grades_read(bad), "whole number from 0 to 5",
      class = "oligosurv_error_domain"
    )
  }
})

test_that("attribution is yes, no or one of the five levels of the NCI", {
  expect_identical(
    related_read(c("yes", "No", "UNRELATED", "Unlikely", "possible", "Probable ",
      "DEFINITE", "", NA
    )),
    c("yes", "no", "unrelated", "unlikely", "possible", "probable", "definite", NA, NA)
  )
  expect_identical(
    related_read(c("Not related", "unlikely related", "Possibly related", "probably",
      "definitely related", "related", "TRUE", "n"
    )),
    c("unrelated", "unlikely", "possible", "probable", "definite", "yes", "yes", "no")
  )
  expect_identical(related_read(c(TRUE, FALSE, NA)), c("yes", "no", NA))
  # 1 is "unrelated" in the codes of the NCI and "yes" elsewhere
  for (bad in c("maybe", "1")) {
    expect_error(related_read(bad), "unrelated, unlikely, possible, probable or definite",
      class = "oligosurv_error_domain"
    )
  }
})

test_that("words that differ in capitals or blanks have the most frequent spelling", {
  expect_identical(
    one_spelling(c("fatigue", "Rib  fracture", "Fatigue", "rib fracture", "Fatigue", NA)),
    c("Fatigue", "Rib  fracture", "Fatigue", "Rib  fracture", "Fatigue", NA)
  )
  expect_identical(one_spelling(c("b", "B", "a")), c("b", "b", "a"))
  expect_identical(one_spelling(character()), character())
  expect_identical(one_spelling(c(NA_character_, NA)), c(NA_character_, NA))
})

test_that("Fatigue, fatigue and FATIGUE are one term with a note; the same for sites", {
  tables <- small_tables()
  tables$adverse_events <- data.frame(
    patient_id = c("A", "B", "C"), term = c("Fatigue", "fatigue", " FATIGUE "), grade = 1,
    onset_date = "2021-01-05"
  )
  tables$lesions$site <- c("Liver", "liver", "lung", "Lung", "lung ")
  expect_message(study <- do.call(sbrt_study, tables), "is \"Fatigue\" in other rows",
    class = "oligosurv_message"
  )
  expect_identical(study$adverse_events$term, rep("Fatigue", 3))
  expect_identical(study$lesions$site, c("Liver", "Liver", "lung", "lung", "lung"))
  x <- toxicity_table(study)
  expect_identical(levels(x$term), c("Any adverse event", "Fatigue"))
  expect_identical(x$any_grade[x$phase == "acute"], c(3L, 3L))
  problems <- study_problems(study)
  expect_identical(paste(problems$table, problems$column, problems$row), c(
    "lesions site 2", "lesions site 4", "adverse_events term 2", "adverse_events term 3"
  ))
  expect_identical(problems$value, c("liver", "Lung", "fatigue", "FATIGUE"))
  expect_true(all(problems$severity == "note"))
  # " Fatigue " and "Fatigue" differ in blanks around the word only, which no one sees
  tables$adverse_events$term <- c("Fatigue", " Fatigue ", "Fatigue")
  tables$lesions$site <- "lung"
  expect_silent(do.call(sbrt_study, tables))
  # an edited study has one term, too
  study$adverse_events$term[1] <- "fatigue"
  expect_identical(nlevels(toxicity_table(study)$term), 2L)
})

test_that("`levels` says what words of an attribution mean, before their usual meaning", {
  tables <- small_tables()
  tables$adverse_events <- data.frame(
    patient_id = "A", term = c("nausea", "fatigue", "pain"), grade = 1,
    onset_date = "2021-01-05", related = c("1", "0", "related")
  )
  study <- do.call(sbrt_study, c(tables, list(
    levels = list(related = c("1" = "possible", "0" = "unrelated", related = "definite"))
  )))
  expect_identical(as.character(study$adverse_events$related),
    c("possible", "unrelated", "definite")
  )
})
