# Which adverse events count, and in which phase: baseline, dates and phases, windows,
# attribution, unknown grades.

# The small study with these events; `...` are columns of one event each
events_study <- function(events, ..., patients = list()) {
  tables <- small_tables()
  tables$patients[names(patients)] <- patients
  tables$adverse_events <- events
  suppressWarnings(do.call(sbrt_study, c(tables, list(...))))
}

event <- function(patient, day, grade, term = "pain", ...) {
  data.frame(
    patient_id = patient, term = term, grade = grade,
    onset_date = as.character(as.Date("2021-01-01") + day), ...
  )
}

# "any grade / grade 2 or more / grade 3 or more / unknown of n" of a phase
counts <- function(x, phase, term = "Any adverse event") {
  row <- as.data.frame(x)[x$phase == phase & x$term == term, ]
  sprintf("%d/%d/%d/%d of %d", row$any_grade, row$grade_2_plus, row$grade_3_plus,
    row$grade_unknown, row$n
  )
}

notes_of <- function(x) paste(attr(x, "notes"), collapse = "\n")

test_that("an event before SBRT is kept, flagged and no toxicity", {
  expect_warning(
    study <- do.call(sbrt_study, c(
      small_tables()[1:2], list(adverse_events = event("A", -10, 3))
    )), "is before `sbrt_start`: a baseline event"
  )
  expect_identical(nrow(study$adverse_events), 1L)
  x <- toxicity_table(study)
  expect_identical(counts(x, "acute"), "0/0/0/0 of 4")
  expect_match(notes_of(x), "1 event before SBRT (baseline) not counted", fixed = TRUE)
  expect_identical(unname(summary(study)$counts["adverse events", "All"]), 0L)
  # said by the form, it is not doubtful
  expect_silent(do.call(sbrt_study, c(
    small_tables()[1:2], list(adverse_events = event("A", -10, 3, phase = "baseline"))
  )))
})

test_that("a baseline event counts after SBRT if its grade is above that before", {
  before <- event("B", -12, 2)
  same <- rbind(before, event("B", 31, 2))
  worse <- rbind(before, event("B", 31, 3))
  other <- rbind(before, event("B", 31, 2, "nausea"), event("A", 31, 1))
  x <- toxicity_table(events_study(same))
  expect_identical(counts(x, "acute"), "0/0/0/0 of 4")
  expect_match(notes_of(x), "1 event after SBRT not counted: the grade is not above")
  expect_identical(counts(toxicity_table(events_study(worse)), "acute"), "1/1/1/0 of 4")
  expect_identical(counts(toxicity_table(events_study(other)), "acute"), "2/1/0/0 of 4")
  ignored <- toxicity_table(events_study(same), baseline = "ignore")
  expect_identical(counts(ignored, "acute"), "1/1/0/0 of 4")
  # a baseline event that was over on the first day of SBRT is not compared
  ended <- rbind(
    event("B", -12, 2, end_date = "2020-12-31"), event("B", 31, 2, end_date = NA)
  )
  expect_identical(counts(toxicity_table(events_study(ended)), "acute"), "1/1/0/0 of 4")
  ended$end_date[1] <- "2021-01-01"
  expect_identical(counts(toxicity_table(events_study(ended)), "acute"), "0/0/0/0 of 4")
  # of unknown grade before or after, the event counts
  expect_identical(counts(
    toxicity_table(events_study(rbind(event("B", -12, NA), event("B", 31, 2)))), "acute"
  ), "1/1/0/0 of 4")
  late <- rbind(before, event("B", 120, 2))
  expect_identical(
    as.character(endpoint(events_study(late), "late_toxicity", grade = 2)$status[2]),
    "censored"
  )
  late$grade[2] <- 3
  expect_identical(
    endpoint(events_study(late), "late_toxicity", grade = 2, unit = "days")$time[2], 120
  )
})

test_that("without a date the phase of the form counts; with one, the date does", {
  events <- data.frame(
    patient_id = c("A", "B", "C", "D"), term = "pain", grade = 1:4,
    phase = c("Acute", "late", "baseline", NA)
  )
  events$phase <- tolower(events$phase)
  x <- toxicity_table(events_study(events))
  expect_identical(counts(x, "acute"), "1/0/0/0 of 4")
  expect_identical(counts(x, "late"), "1/1/0/0 of 4")
  expect_match(notes_of(x), paste(
    "1 event without `onset_date` and `phase` in neither phase (worst grade 4)"
  ), fixed = TRUE)
  expect_match(notes_of(x), "1 event before SBRT")
  problems <- study_problems(events_study(cbind(events, onset_date = NA)))
  expect_identical(paste(problems$column, problems$row, problems$severity),
    "onset_date 4 warning"
  )
  events$onset_date <- c("2021-04-02", NA, NA, "2021-01-02")
  x <- toxicity_table(events_study(events))
  expect_identical(counts(x, "acute"), "1/1/1/0 of 4")
  expect_identical(counts(x, "late"), "2/1/0/0 of 4")
  expect_match(notes_of(x), "1 event with a `phase` that differs")
})

test_that("a late event without a date has no time, which is an error", {
  events <- data.frame(
    patient_id = c("A", "B"), term = "pain", grade = 2:3, phase = c("late", "acute")
  )
  study <- events_study(events)
  expect_true(all(endpoint(study, "late_toxicity")$status != "late toxicity"))
  error <- expect_error(endpoint(study, "late_toxicity", grade = 2),
    "`onset_date` in the table adverse_events is empty in row 1, of grade 2 or more",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, 1L)
})

test_that("an unknown grade is any grade, and no late toxicity of grade 2 or more", {
  events <- rbind(
    event("A", 5, NA), event("A", 6, NA, "nausea"), event("A", 7, 2, "nausea"),
    event("B", 120, NA)
  )
  study <- events_study(events)
  x <- toxicity_table(study)
  expect_identical(counts(x, "acute", "pain"), "1/0/0/1 of 4")
  expect_identical(counts(x, "acute", "nausea"), "1/1/0/0 of 4")
  expect_identical(counts(x, "acute"), "1/1/0/0 of 4")
  expect_identical(counts(x, "late"), "1/0/0/1 of 4")
  expect_match(notes_of(x), "3 events of unknown grade counted as any grade, but not as")
  expect_output(print(x), "Grade unknown", width = 120)
  expect_identical(toxicity_numbers(study, "late")[["Grade unknown"]], c("1", "1"))
  expect_message(late <- endpoint(study, "late_toxicity", grade = 2),
    "Late toxicity: 1 event of unknown grade not counted"
  )
  expect_true(all(late$status != "late toxicity"))
})

test_that("the window may begin on the last day of SBRT", {
  # SBRT from day 0 to 14; day 100 is 86 days after its end, day 105 is 91 days after it
  ends <- list(sbrt_end = c("2021-01-15", "2021-01-15", NA, NA))
  study <- events_study(rbind(event("A", 100, 3), event("B", 105, 3), event("C", 95, 1)),
    patients = ends
  )
  expect_identical(counts(toxicity_table(study), "late"), "3/2/2/0 of 4")
  x <- toxicity_table(study, from = "sbrt_end")
  expect_identical(counts(x, "acute"), "1/1/1/0 of 4")
  expect_identical(counts(x, "late"), "2/1/1/0 of 4")
  expect_match(notes_of(x), "Window from `sbrt_start` in 2 patients without a date")
  expect_output(print(x), "first day from the start of SBRT to day 90 after its end")
  late <- endpoint(study, "late_toxicity", from = "sbrt_end", unit = "days")
  expect_identical(as.character(late$status[1:2]), c("death", "late toxicity"))
  # time is still counted from the origin
  expect_identical(late$time[2], 105)
  expect_match(attr(late, "rule"),
    "grade 3 or more after day 90 from the end of SBRT, whatever the attribution"
  )
  # an event during SBRT is acute
  during <- events_study(event("A", 3, 1), patients = ends)
  expect_identical(counts(toxicity_table(during, from = "sbrt_end"), "acute"),
    "1/0/0/0 of 4"
  )
  expect_error(toxicity_table(small_study(), from = "sbrt_end"), "sbrt_end",
    class = "oligosurv_error_input"
  )
})

test_that("each course may have its own window", {
  courses <- data.frame(
    patient_id = c("B", "B", "A"), course = c(1, 2, 1),
    start_date = c("2021-01-01", "2021-07-20", "2021-01-01"),
    end_date = c("2021-01-11", "2021-07-30", NA)
  )
  # course 2 of B begins on day 200 and ends on day 210
  study <- events_study(rbind(event("B", 215, 2), event("B", 150, 1, "nausea")),
    courses = courses
  )
  first <- toxicity_table(study)
  expect_identical(counts(first, "acute"), "0/0/0/0 of 4")
  expect_identical(counts(first, "late"), "1/1/0/0 of 4")
  each <- toxicity_table(study, courses = "each")
  expect_identical(counts(each, "acute", "pain"), "1/1/0/0 of 4")
  expect_identical(counts(each, "late", "pain"), "0/0/0/0 of 4")
  expect_identical(counts(each, "late", "nausea"), "1/0/0/0 of 4")
  expect_output(print(each), "Each course of SBRT has its own acute phase")
  # day 295 is 95 days after the start of course 2 and 85 days after its end
  study <- events_study(event("B", 295, 2), courses = courses)
  by <- function(...) counts(toxicity_table(study, courses = "each", ...), "acute")
  expect_identical(by(), "0/0/0/0 of 4")
  expect_identical(by(from = "sbrt_end"), "1/1/0/0 of 4")
  expect_identical(
    as.character(endpoint(study, "late_toxicity", grade = 2)$status[2]), "late toxicity"
  )
  expect_identical(
    as.character(endpoint(study, "late_toxicity",
      grade = 2, courses = "each", from = "sbrt_end"
    )$status[2]),
    "censored"
  )
  expect_error(toxicity_table(small_study(), courses = "each"), "needs the table courses",
    class = "oligosurv_error_input"
  )
})

test_that("late events may have the patients at risk as denominator", {
  # A died on day 200, B is followed to day 365, C to day 100, D died on day 30
  x <- toxicity_table(small_study(), denominator = "at_risk")
  expect_identical(counts(x, "acute"), "1/1/1/0 of 4")
  expect_identical(counts(x, "late"), "1/1/0/0 of 3")
  expect_identical(x$any_grade_pct[x$phase == "late"][1], 100 / 3)
  expect_output(print(x), "At risk of late events: 3 of 4 patients")
  # after day 100 C is not at risk: its last contact is on day 100
  at <- function(...) toxicity_table(small_study(), denominator = "at_risk", ...)$n
  expect_identical(at(window = 99)[4], 3L)
  expect_identical(at(window = 100)[4], 2L)
  expect_identical(at(by = "cohort")[7:8], c(2L, 1L))
  # a late event without a date shows that its patient was at risk
  undated <- data.frame(patient_id = "D", term = "x", grade = 1, phase = "late")
  study <- events_study(undated)
  expect_identical(toxicity_table(study, denominator = "at_risk")$n, c(4L, 4L, 4L, 4L))
  # the last course of B began on day 160, and B is followed to day 365
  courses <- data.frame(
    patient_id = "B", course = 2:3, start_date = c("2021-03-22", "2021-06-10")
  )
  study <- small_study(courses = courses)
  of_each <- function(window) {
    toxicity_table(study, denominator = "at_risk", courses = "each", window = window)$n[4]
  }
  expect_identical(of_each(90), 3L)
  expect_identical(of_each(204), 1L)
  expect_identical(of_each(205), 0L)
})

test_that("attribution: possible or higher is related, or another least level", {
  levels <- c(attribution_levels, "yes", "no", NA)
  study <- events_study(event("A", 1:8, 1, paste("event", 1:8), related = levels))
  terms <- function(...) {
    sort(setdiff(levels(toxicity_table(study, ...)$term), "Any adverse event"))
  }
  expect_identical(terms(), paste("event", 1:8))
  expect_identical(terms(attribution = "related"), paste("event", c(3:6, 8)))
  expect_identical(terms(attribution = "possible"), paste("event", c(3:6, 8)))
  expect_identical(terms(attribution = "unlikely"), paste("event", c(2:6, 8)))
  expect_identical(terms(attribution = "probable"), paste("event", c(4:6, 8)))
  expect_identical(terms(attribution = "definite"), paste("event", c(5, 6, 8)))
  x <- toxicity_table(study, attribution = "probable")
  expect_output(print(x), "Adverse events related to SBRT: patients by worst grade")
  expect_output(print(x), "Related to SBRT: attribution probable, definite or yes")
  expect_output(print(toxicity_table(study)), "Adverse events, whatever the attribution:")
})

test_that("endpoint and table agree on events made at random", {
  withr::local_seed(48)
  study <- simulate_study(60)
  events <- as.data.frame(study$adverse_events)
  events$onset_date <- events$onset_date - sample(0:40, nrow(events), TRUE)
  events$term <- sample(c("a", "b"), nrow(events), TRUE)
  tables <- c(unclass(study)[c("patients", "lesions")], list(adverse_events = events))
  study <- suppressWarnings(do.call(sbrt_study, tables))
  for (attribution in c("all", "related")) {
    for (baseline in c("above", "ignore")) {
      x <- toxicity_table(study, attribution = attribution, baseline = baseline)
      late <- endpoint(study, "late_toxicity",
        grade = 2, attribution = attribution, baseline = baseline, competing = "none"
      )
      row <- x$phase == "late" & x$term == "Any adverse event"
      expect_identical(sum(late$status), x$grade_2_plus[row])
    }
  }
})

test_that("without the days of SBRT the recorded phase decides", {
  patients <- data.frame(patient_id = c("A", "B", "C"), cohort = c("OP", "OM", "OM"),
    os_time = c(100, 200, 300), os_status = c(1, 0, 1)
  )
  events <- data.frame(patient_id = c("A", "A", "B", "B", "C"), term = "pain",
    grade = c(3, 4, 2, 3, 0), phase = c("baseline", "acute", "acute", "late", "late")
  )
  studies <- list(
    sbrt_study(patients, adverse_events = events, time_unit = "days"),
    sbrt_study(cbind(patients, sbrt_start = NA), adverse_events = events,
      time_unit = "days"
    )
  )
  for (study in studies) {
    x <- toxicity_table(study)
    # A has grade 4 after grade 3 before SBRT, B grade 2 and later grade 3
    expect_identical(counts(x, "acute"), "2/2/1/0 of 3")
    expect_identical(counts(x, "late"), "1/1/1/0 of 3")
    expect_match(notes_of(x), "1 event before SBRT (baseline) not counted", fixed = TRUE)
    now <- summary(study)$counts[c("adverse events", "patients with grade 3 or more"), ]
    expect_identical(now[1L, ], c(All = 3L, OP = 1L, OM = 2L))
    expect_identical(now[2L, ], c(All = 2L, OP = 1L, OM = 1L))
    # nobody knows who was followed beyond the acute phase
    error <- expect_error(toxicity_table(study, denominator = "at_risk"),
      "needs the dates `sbrt_start`", class = "oligosurv_error_input"
    )
    expect_identical(error$arg, "denominator")
  }
})

test_that("the last contact alone says who reaches the late phase", {
  patients <- data.frame(patient_id = c("A", "B"), sbrt_start = "2021-01-01",
    last_contact = c("2021-02-01", "2021-12-31"), os_time = c(1, 12), os_status = c(1, 0)
  )
  study <- sbrt_study(patients, adverse_events = event("A", 5, 1), time_unit = "months")
  expect_identical(counts(toxicity_table(study, denominator = "at_risk"), "late"),
    "0/0/0/0 of 1"
  )
})
