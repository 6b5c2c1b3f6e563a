# Toxicity in the report of studies whose adverse events have dates, phases or neither.

one_text <- function(lines) paste(lines, collapse = "\n")

recorded_events_of <- function(events, ...) {
  patients <- data.frame(patient_id = 1:4, os_time = c(3, 8, 9, 12), os_status = 1, ...)
  sbrt_study(patients, adverse_events = data.frame(
    patient_id = c(1, 2, 2), term = c("fatigue", "fatigue", "pain"), grade = c(1, 3, 2),
    events
  ), time_unit = "months")
}

test_that("adverse events with a phase are counted without days of SBRT", {
  study <- recorded_events_of(data.frame(phase = c("acute", "acute", "late")))
  expect_true(has_toxicity(study))
  expect_identical(toxicity_captions(study)[["acute"]],
    "Acute (as recorded), whatever the attribution: patients by worst grade"
  )
  expect_identical(toxicity_captions(study)[["late"]],
    "Late (as recorded), whatever the attribution: patients by worst grade"
  )
  expect_identical(toxicity_text(study), paste(
    "The data have no dates of SBRT or adverse events: adverse events are acute or late",
    "as recorded, and the cumulative incidence of late toxicity over time cannot be",
    "estimated."
  ))
  expect_identical(toxicity_numbers(study, "acute")[["Any grade"]][1L], "2 (50.0%)")
  expect_identical(toxicity_numbers(study, "late")[["Any grade"]][1L], "1 (25.0%)")
  expect_match(one_text(methods_text(study)),
    "worst grade per patient and event recorded as acute or late, whatever"
  )
  key <- one_text(key_text(study))
  expect_match(key, "Acute toxicity of grade 3 or more occurred in 1 of 4 patients")
  expect_match(key, "Late toxicity of grade 3 or more occurred in 0 of 4 patients")
  expect_no_match(abbreviations_used(study), "SBRT:")
  before <- recorded_events_of(data.frame(phase = c("acute", "baseline", "late")))
  expect_match(abbreviations_used(before), "SBRT:") # of a note below the table
})

test_that("without dates, no late event is not a rate of 0", {
  study <- recorded_events_of(data.frame(phase = "acute"))
  expect_false(late_observed(study))
  expect_match(no_late_text(study), "^No late event was recorded. Without dates, the num")
  expect_no_match(one_text(key_text(study)), "Late toxicity")
  expect_match(no_late_text(small_study()), "^No patient was followed beyond day 90: ")
  late <- recorded_events_of(data.frame(phase = c("acute", "acute", "late")))
  expect_true(late_observed(late))
})

test_that("captions say by what events are acute or late", {
  tables <- small_tables()
  dated <- do.call(sbrt_study, tables)
  days <- toxicity_captions(dated)
  expect_match(days[["acute"]], "^Acute [(]day 0 to 90 after the start of SBRT[)], what")
  expect_match(days[["late"]], "^Late [(]after day 90[)], whatever")
  expect_identical(toxicity_text(dated), character())
  expect_match(toxicity_methods(dated), "event from the first day of SBRT on, what")
  # a phase next to a date does not count
  tables$adverse_events$phase <- c("acute", "acute", "late")
  expect_identical(phase_basis(do.call(sbrt_study, tables)), "days")
  tables$adverse_events$onset_date[1L] <- NA
  both <- do.call(sbrt_study, tables)
  expect_match(toxicity_captions(both)[["late"]],
    "^Late [(]after day 90 or, without a date, as recorded[)]"
  )
  expect_match(toxicity_methods(both), "without a date: recorded as acute or late")
  expect_identical(toxicity_text(both), character())
  # days of SBRT, but none of the events
  tables$adverse_events$onset_date <- NA
  recorded <- suppressWarnings(do.call(sbrt_study, tables))
  expect_match(toxicity_text(recorded), "^The data have no dates of adverse events: ")
  expect_match(toxicity_captions(recorded)[["acute"]], "^Acute [(]as recorded[)]")
  expect_match(toxicity_methods(recorded), "recorded as acute or late")
})

test_that("neither dates nor phases, and patients assessed without an event", {
  neither <- recorded_events_of(data.frame(phase = NA))
  expect_false(has_toxicity(neither))
  expect_match(toxicity_text(neither), "^Adverse events were recorded without the dates")
  expect_null(toxicity_methods(neither))
  none <- sbrt_study(data.frame(patient_id = 1:4, os_time = 1:4, os_status = 1),
    adverse_events = data.frame(patient_id = 1:3, term = NA, grade = 0, phase = NA),
    time_unit = "months"
  )
  expect_identical(toxicity_text(none),
    "Toxicity was assessed in 3 patients: no adverse event was recorded."
  )
})
