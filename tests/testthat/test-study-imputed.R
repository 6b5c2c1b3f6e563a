# Incomplete dates: the day that an imputation gives, its limits by other dates of the
# patient, and how the study shows what was imputed.

# SBRT of A and B began on 2021-03-20; A died on 2021-07-20, B is alive on 2022-01-10.
dated <- function(..., rule = "middle", cutoff = "2022-06-30") {
  patients <- data.frame(
    patient_id = c("A", "B"), cohort = "OP", sbrt_start = "2021-03-20",
    progression_date = NA, death_date = c("2021-07-20", NA),
    last_contact = c("2021-07-20", "2022-01-10")
  )
  given <- list(...)
  for (column in names(given)) patients[[column]] <- given[[column]]
  lesions <- data.frame(patient_id = c("A", "B"), lesion_id = 1, local_failure_date = NA)
  events <- data.frame(patient_id = "A", term = "pain", grade = 1, onset_date = "2021-06")
  suppressMessages(sbrt_study(patients, lesions, events, cutoff = cutoff, impute = rule))
}

days <- function(study, column) format(study$patients[[column]])

test_that("a month is its first, 15th or last day; the middle of a year is 1 July", {
  span <- data.frame(
    from = as.Date(c("2020-02-01", "2020-01-01", "2020-02-10")),
    to = as.Date(c("2020-02-29", "2020-12-31", "2020-02-10"))
  )
  expect_identical(format(imputed_day(span, "first")),
    c("2020-02-01", "2020-01-01", "2020-02-10")
  )
  expect_identical(format(imputed_day(span, "middle")),
    c("2020-02-15", "2020-07-01", "2020-02-10")
  )
  expect_identical(format(imputed_day(span, "last")),
    c("2020-02-29", "2020-12-31", "2020-02-10")
  )
})

test_that("no imputed day is before SBRT, after death or last contact, or the cut-off", {
  month <- c("2021-03", "2021-03")
  for (rule in c("first", "middle")) {
    study <- dated(progression_date = month, rule = rule)
    expect_identical(days(study, "progression_date"), c("2021-03-20", "2021-03-20"))
  }
  late <- dated(progression_date = c("2021-07", "2022"), rule = "last")
  expect_identical(days(late, "progression_date"), c("2021-07-20", "2022-01-10"))
  dead <- dated(
    death_date = c("2021-07", NA), last_contact = c("2021-07-17", "2022-01-10")
  )
  expect_identical(days(dead, "death_date"), c("2021-07-17", NA))
  seen <- dated(last_contact = c("2021-07", "2022"), rule = "last")
  expect_identical(days(seen, "last_contact"), c("2021-07-20", "2022-06-30"))
  # Death and last contact of one month: the death settles first.
  both <- dated(death_date = c("2021-07", NA), last_contact = c("2021-07", "2022-01"))
  expect_identical(days(both, "death_date"), c("2021-07-15", NA))
  expect_identical(days(both, "last_contact"), c("2021-07-15", "2022-01-15"))
  # A start in a month is not after the first event that is known.
  start <- dated(sbrt_start = c("2021-03", "2021-03"), rule = "last",
    progression_date = c("2021-03-25", NA)
  )
  expect_identical(days(start, "sbrt_start"), c("2021-03-25", "2021-03-31"))
})

test_that("an event of another table lies within the dates of its patient", {
  study <- dated()
  expect_identical(format(study$adverse_events$onset_date), "2021-06-15")
  study <- dated(
    death_date = c("2021-06-10", NA), last_contact = c("2021-06-10", "2022-01-10")
  )
  expect_identical(format(study$adverse_events$onset_date), "2021-06-10")
})

test_that("a month that contradicts other dates stays where it is and is an error", {
  expect_error(dated(progression_date = c("2021-02", NA)),
    "must not be before `sbrt_start`",
    class = "oligosurv_error_domain"
  )
})

test_that("imputation goes by column; without it an incomplete date is an error", {
  study <- dated(progression_date = c("2021-05", NA),
    rule = list(onset_date = "first", patients = c(progression_date = "last"))
  )
  expect_identical(days(study, "progression_date"), c("2021-05-31", NA))
  expect_identical(format(study$adverse_events$onset_date), "2021-06-01")
  expect_error(dated(rule = list(patients = "first")), "adverse_events.*has no day; say",
    class = "oligosurv_error_domain"
  )
})

test_that("the study lists what was imputed, and its print and report say so", {
  study <- dated(progression_date = c("UN/MAY/2021", NA), rule = "first")
  expect_identical(study$imputed, data.frame(
    table = c("patients", "adverse_events"), row = c(1L, 1L),
    column = c("progression_date", "onset_date"), written = c("UN/MAY/2021", "2021-06"),
    read = as.Date(c("2021-05-01", "2021-06-01"))
  ))
  notes <- study_problems(study)
  expect_identical(notes$severity, c("note", "note"))
  expect_identical(notes$value, study$imputed$written)
  expect_match(notes$rule, "is an incomplete date")
  expect_match(capture.output(study), "2 notes on how the tables were read", all = FALSE)
  expect_match(data_text(study), fixed = TRUE, paste(
    "; 2 incomplete dates (1 in progression\\_date of patients and 1 in onset\\_date of",
    "adverse events) were completed to the first day of the month or year, as far as",
    "other dates of the patient allow it"
  ))
  # An edit elsewhere keeps the list.
  study$patients$best_change_pct[1] <- -41
  expect_identical(nrow(study_problems(study)), 2L)
  expect_null(small_study()$imputed)
  expect_identical(imputed_text(small_study()), "")
})

test_that("random incomplete dates never contradict the dates that are known", {
  withr::local_seed(20261130)
  for (i in 1:40) {
    n <- 5L
    start <- as.Date("2015-01-01") + sample.int(2000, n)
    event <- start + sample.int(300, n, replace = TRUE) - 1
    end <- event + sample.int(300, n, replace = TRUE) - 1
    cut <- function(day) {
      text <- format(day, sample(c("%Y-%m-%d", "%Y-%m", "%m/%Y", "%Y"), 1L))
      ifelse(stats::runif(n) < 0.5, format(day), text)
    }
    patients <- data.frame(
      patient_id = seq_len(n), cohort = "OP", sbrt_start = format(start),
      progression_date = cut(event), death_date = cut(end), last_contact = cut(end)
    )
    lesions <- data.frame(
      patient_id = seq_len(n), lesion_id = 1, local_failure_date = cut(event)
    )
    found <- study_problems(list(patients = patients, lesions = lesions,
      adverse_events = data.frame(
        patient_id = 1, term = "x", grade = 1, onset_date = start[1]
      )
    ), impute = sample(c("first", "middle", "last"), 1L))
    expect_identical(found$rule[found$severity == "error"], character(), label = i)
  }
})

test_that("selected patients keep their imputed dates, with the rows of the selection", {
  patients <- data.frame(
    patient_id = c("A", "B"), sbrt_start = "2021-03-20",
    progression_date = c("2021-05", "2021-08-02"), death_date = NA,
    last_contact = "2022-01-10"
  )
  lesions <- data.frame(
    patient_id = c("A", "B"), lesion_id = 1, local_failure_date = c(NA, "2021-09")
  )
  study <- suppressMessages(sbrt_study(patients, lesions, impute = "first"))
  of <- function(study) study$imputed[c("table", "row", "column", "read")]
  b <- data.frame(table = "lesions", row = 1L, column = "local_failure_date",
    read = as.Date("2021-09-01")
  )
  expect_identical(of(study["B", ]), b)
  a <- data.frame(table = "patients", row = 1L, column = "progression_date",
    read = as.Date("2021-05-01")
  )
  expect_identical(of(study["A", ]), a)
  # the other order: patients are in the order of the selection, lesions in that of the
  # study
  a$row <- b$row <- 2L
  expect_identical(of(study[c("B", "A"), ]), rbind(a, b))
  patients$progression_date[1] <- "2021-05-01"
  one <- suppressMessages(sbrt_study(patients, lesions, impute = "first"))
  expect_null(one["A", ]$imputed)
})
