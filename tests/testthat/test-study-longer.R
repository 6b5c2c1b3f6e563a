# longer_lesions() and longer_events(): wide tables as spreadsheets and REDCap have them.

wide_lesions <- function() {
  data.frame(
    patient_id = c("A", "B"), lesion1_dose = c(50, 48), lesion1_fx = c(5, 4),
    lesion2_dose = c(24, NA), lesion2_fx = c(3, NA)
  )
}

lesion_patterns <- c(dose_gy = "lesion#_dose", fractions = "lesion#_fx")

test_that("one row per lesion; a block without any cell is no lesion", {
  expect_identical(longer_lesions(wide_lesions(), lesion_patterns), data.frame(
    patient_id = c("A", "A", "B"), lesion_id = c("1", "2", "1"),
    dose_gy = c(50, 24, 48), fractions = c(5, 3, 4)
  ))
  # a block with a part of its cells is a lesion, an empty text is an empty cell
  wide <- wide_lesions()
  wide$lesion2_fx <- c("3", " ")
  wide$lesion2_dose <- c(NA, "")
  expect_identical(longer_lesions(wide, lesion_patterns)$dose_gy, c("50", NA, "48"))
  expect_identical(nrow(longer_lesions(wide[0, ], lesion_patterns)), 0L)
})

test_that("the number may be anywhere in the name, of any length, with leading zeros", {
  names_of <- list(
    "dose_#" = c("dose_1", "dose_2"), "L# dose (Gy)" = c("L1 dose (Gy)", "L2 dose (Gy)"),
    "L# dose (Gy)" = c("L1.dose..Gy.", "L2.dose..Gy."),
    "Lesion #: dose" = c("lesion_01_.dose", "lesion_02_.dose"),
    "#. dose" = c("X1..dose", "X2..dose"), "l#dose5" = c("l1dose5", "l2dose5")
  )
  for (i in seq_along(names_of)) {
    wide <- stats::setNames(data.frame("A", 50, 24), c("patient_id", names_of[[i]]))
    long <- longer_lesions(wide, c(dose_gy = names(names_of)[i]))
    expect_identical(long$lesion_id, c("1", "2"))
    expect_identical(long$dose_gy, c(50, 24))
  }
  wide <- data.frame(id = 7, as.list(stats::setNames(1:12, sprintf("d%d", 12:1))))
  long <- longer_lesions(wide, c(dose_gy = "d#"), id = "id")
  expect_identical(long$lesion_id, as.character(1:12))
  expect_identical(long$dose_gy, 12:1)
  expect_identical(long$patient_id, rep(7, 12))
})

test_that("columns of the patient are copied, own columns and ids of lesions are kept", {
  wide <- cbind(wide_lesions(), organ = c("liver", "lung"), lesion1_name = c("x", "y"),
    lesion2_name = c("z", NA)
  )
  long <- longer_lesions(wide,
    c(lesion_patterns, lesion_id = "lesion#_name", site = "organ")
  )
  expect_identical(long$lesion_id, c("x", "z", "y"))
  expect_identical(long$site, c("liver", "liver", "lung"))
})

test_that("cells keep their type, labels and units, or become text", {
  wide <- wide_lesions()
  wide$lesion1_dose <- structure(wide$lesion1_dose, units = "Gy", label = "Dose 1")
  wide$lesion2_dose <- structure(wide$lesion2_dose, units = "Gy", label = "Dose 2")
  wide$lesion1_lf <- as.Date(c("2021-03-01", NA))
  wide$lesion2_lf <- NA
  wide$lesion1_site <- structure(c(1, 2), labels = c(liver = 1, lung = 2),
    class = c("haven_labelled", "vctrs_vctr", "double")
  )
  wide$lesion2_site <- wide$lesion1_site
  patterns <- c(lesion_patterns, local_failure_date = "lesion#_lf", site = "lesion#_site")
  long <- longer_lesions(wide, patterns)
  expect_identical(attributes(long$dose_gy), list(units = "Gy"))
  expect_identical(long$local_failure_date, as.Date(c("2021-03-01", NA, NA, NA)))
  expect_identical(attr(long$site, "labels"), c(liver = 1, lung = 2))
  wide$lesion2_lf <- factor(c("2021-05-01", ""))
  expect_identical(longer_lesions(wide, patterns)$local_failure_date,
    c("2021-03-01", "2021-05-01", NA, NA)
  )
})

test_that("what does not fit is an input error that names the columns", {
  wide <- wide_lesions()
  expect_error(longer_lesions(wide, lesion_patterns[1]),
    "\"lesion1_fx\" and \"lesion2_fx\" of `data` seem to belong to lesions",
    class = "oligosurv_error_input"
  )
  expect_error(longer_lesions(wide, c(dose_gy = "met#_dose")),
    "no column of `data` matches",
    class = "oligosurv_error_input"
  )
  expect_error(longer_lesions(wide, c(a = "lesion#_dose", b = "lesion#.dose")),
    "matches more than one pattern", class = "oligosurv_error_input"
  )
  expect_error(
    longer_lesions(cbind(wide, lesion01_dose = 1), lesion_patterns),
    "both match the pattern of `dose_gy`", class = "oligosurv_error_input"
  )
  for (bad in list("lesion#_dose", c(dose_gy = "dose"), c(a = "#_#"), 1, character())) {
    expect_error(longer_lesions(wide, bad), "`columns` must be names of your columns",
      class = "oligosurv_error_input"
    )
  }
  expect_error(longer_lesions(wide, lesion_patterns, id = "ID"), "no column \"ID\"",
    class = "oligosurv_error_input"
  )
  expect_error(longer_lesions(1, lesion_patterns), class = "oligosurv_error_input")
  expect_error(longer_lesions(wide, lesion_patterns, ids = "A"), "`ids`",
    class = "oligosurv_error_input"
  )
  wide$patient_id[2] <- ""
  error <- expect_error(longer_lesions(wide, lesion_patterns), "must not be empty",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, 2L)
  wide <- wide_lesions()
  wide$lesion2_fx <- NULL
  expect_message(long <- longer_lesions(wide, lesion_patterns), "column \"lesion2_fx\"")
  expect_identical(long$fractions, c(5, NA, 4))
})

test_that("a column per term becomes rows, grade 0 among them", {
  wide <- data.frame(
    patient_id = c("A", "B", "C"), "Fatigue grade" = c(2, NA, NA),
    "Nausea grade" = c(0, NA, 1), "Fatigue date" = c("2021-02-01", "2021-02-03", ""),
    "Nausea date" = c("", "", "2021-03-01"), "SBRT date" = "2021-01-01",
    check.names = FALSE
  )
  expected <- data.frame(
    patient_id = c("A", "A", "B", "C"),
    term = c("Fatigue", "Nausea", "Fatigue", "Nausea"),
    grade = c(2, 0, NA, 1), onset_date = c("2021-02-01", "", "2021-02-03", "2021-03-01")
  )
  patterns <- c(grade = "# grade", onset_date = "# date")
  expect_identical(longer_events(wide, patterns), expected)
  names(wide) <- make.names(names(wide))
  expect_identical(longer_events(wide, patterns), expected)
  names(wide)[2:3] <- c("grade_rib_fracture", "grade_chest_pain")
  long <- longer_events(wide, c(grade = "grade_#", onset_date = "SBRT.date"))
  expect_identical(long$term, c("rib fracture", "chest pain", "chest pain"))
  expect_identical(long$onset_date, rep("2021-01-01", 3))
  # a longer pattern takes the columns that a shorter one fits, too
  wide$rib_fracture_date <- "2021-02-01"
  wide$rib_fracture_end_date <- "2021-03-01"
  long <- longer_events(wide,
    c(grade = "grade_#", onset_date = "#_date", end_date = "#_end_date")
  ) |> suppressMessages()
  expect_identical(long$end_date, c("2021-03-01", NA, "2021-03-01", "2021-03-01", NA))
})

test_that("columns may be named by their terms alone", {
  wide <- data.frame(patient_id = c("A", "B"), age = 60, fatigue = c(2, NA),
    rib_fracture = c(NA, "1")
  )
  expect_identical(
    longer_events(wide, c(grade = "#"), terms = c("fatigue", "rib fracture")),
    data.frame(
      patient_id = c("A", "B"), term = c("fatigue", "rib fracture"), grade = c("2", "1")
    )
  )
  expect_error(longer_events(wide, c(grade = "#")), "matches every column",
    class = "oligosurv_error_input"
  )
})

test_that("checkboxes of REDCap with codes, labels or choices in their names", {
  wide <- data.frame(
    record_id = 1:2, ae___1 = c(1, 0), ae___2 = c(0, 1), ae_grade_1 = c(3, NA),
    ae_grade_2 = NA, ae_date_1 = c("2021-02-01", ""), ae_date_2 = c("", "2021-02-05")
  )
  patterns <- c(checked = "ae___#", grade = "ae_grade_#", onset_date = "ae_date_#")
  expected <- data.frame(
    patient_id = 1:2, term = c("Fatigue", "Nausea"), grade = c(3, NA),
    onset_date = c("2021-02-01", "2021-02-05")
  )
  long <- longer_events(wide, patterns, "record_id", c("1" = "Fatigue", "2" = "Nausea"))
  expect_identical(long, expected)
  expect_error(longer_events(wide, patterns, "record_id"), "what the codes 1 and 2 mean",
    class = "oligosurv_error_input"
  )
  expect_error(longer_events(wide, patterns, "record_id", c("1" = "Fatigue")),
    "no term for the column \"ae___2\"", class = "oligosurv_error_input"
  )
  labelled <- wide
  attr(labelled$ae___1, "label") <- "Adverse events (choice=Fatigue)"
  attr(labelled$ae___2, "label") <- "Adverse events (choice=Nausea)"
  expect_identical(longer_events(labelled, patterns, "record_id"), expected)
  choices <- data.frame(
    patient_id = 1:2, "Adverse events (choice=Fatigue)" = c("Checked", "Unchecked"),
    "Adverse events (choice=Rib fracture)" = c("Unchecked", "Checked"),
    check.names = FALSE
  )
  expect_identical(
    longer_events(choices, c(checked = "Adverse events (choice=#)")),
    data.frame(patient_id = 1:2, term = c("Fatigue", "Rib fracture"))
  )
  wide$ae_grade_1[2] <- 2
  expect_error(
    longer_events(wide, patterns, "record_id", c("1" = "Fatigue", "2" = "Nausea")),
    "`grade` is 2 for \"Fatigue\" of patient 2, but its box is not checked",
    class = "oligosurv_error_data"
  )
  wide$ae___1[1] <- 2
  expect_error(
    longer_events(wide, patterns, "record_id", c("1" = "Fatigue", "2" = "Nausea")),
    "must be 1 or 0, yes or no, or empty; \"2\" was found",
    class = "oligosurv_error_domain"
  )
})

test_that("numbered blocks with a term each", {
  wide <- data.frame(
    patient_id = "A", ae1_term = "pain", ae1_grade = 2, ae2_term = "", ae2_grade = NA,
    ae10_term = "nausea", ae10_grade = 1
  )
  long <- longer_events(wide, c(term = "ae#_term", grade = "ae#_grade"))
  expect_identical(long, data.frame(
    patient_id = "A", term = c("pain", "nausea"), grade = c(2, 1)
  ))
})

test_that("requests without events are input errors", {
  wide <- wide_lesions()
  expect_error(longer_events(wide), "`columns` is missing",
    class = "oligosurv_error_input"
  )
  expect_error(longer_events(wide, c(onset_date = "# date")), "`grade` or `checked`",
    class = "oligosurv_error_input"
  )
  for (bad in list(1, "", c("a", "A"), NA_character_)) {
    expect_error(longer_events(wide, c(grade = "#_dose"), terms = bad),
      "`terms` must be distinct", class = "oligosurv_error_input"
    )
  }
})

test_that("a wide spreadsheet becomes a study", {
  wide <- small_tables()$patients[c(
    "patient_id", "cohort", "strategy", "sbrt_start", "progression_date", "death_date",
    "last_contact"
  )]
  wide[c("lesion1_dose", "lesion2_dose", "lesion1_fx", "lesion2_fx")] <- list(
    "50", c("24", "", "", ""), "5", c("3", "", "", "")
  )
  wide[c("lesion1_lf", "lesion2_lf")] <- list(c("2021-03-02", "", "", ""), "")
  wide[c("fatigue", "nausea", "ae_day")] <- list(
    c("G3", "", "0", ""), c("1", "", "", "unknown"), "2021-01-15"
  )
  study <- sbrt_study(wide[1:7],
    longer_lesions(wide, c(lesion_patterns, local_failure_date = "lesion#_lf")),
    longer_events(wide, c(grade = "#", onset_date = "ae_day"),
      terms = c(fatigue = "Fatigue", nausea = "Nausea")
    )
  )
  expect_identical(nrow(study$lesions), 5L)
  x <- toxicity_table(study)
  acute <- as.data.frame(x[x$phase == "acute", ])
  expect_identical(as.character(acute$term), c("Any adverse event", "Nausea", "Fatigue"))
  expect_identical(acute$any_grade, c(2L, 2L, 1L))
  expect_identical(acute$grade_3_plus, c(1L, 0L, 1L))
  expect_identical(acute$grade_unknown, c(1L, 1L, 0L))
})
