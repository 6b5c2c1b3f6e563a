# What the reports of studies as an untidy clinic would have them revealed: months instead
# of days, a group of two, five groups with long names, missing covariates, and one lesion
# per patient. Each is shown printed and left out.

test_that("a first day of SBRT that was completed to a day is stated as a month", {
  tables <- small_tables()
  tables$patients$sbrt_start <- c("2021-01", "2021-02", "2021-02-03", "2021-01-01")
  tables$patients$progression_date <- NA
  tables$lesions$local_failure_date <- NA
  tables$adverse_events <- NULL
  month <- suppressMessages(do.call(sbrt_study, c(tables, impute = "middle")))
  expect_match(treated_sentence(month), "between 2021-01 and 2021-02[.]$")
  expect_match(treated_sentence(hcc_sbrt), "between 2017-01-06 and 2023-06-28[.]$")
  one <- suppressMessages(month[1, ])
  expect_match(treated_sentence(one), "the first day of SBRT was in 2021-01[.]$")
  expect_match(treated_sentence(small_study()), "the first day of SBRT was 2021-01-01")
  for (written in c("2021", "UN/UNK/2021")) { # no month
    tables$patients$sbrt_start[2L] <- written
    year <- suppressMessages(do.call(sbrt_study, c(tables, impute = "last")))
    expect_match(treated_sentence(year), "the first day of SBRT was in 2021[.]$")
  }
  expect_match(imputed_text(month), "completed to the middle .*[(]the 15th or 1 July[)]")
  expect_identical(imputed_words("last"), "the last day of the month or year")
  expect_identical(imputed_words(c(a = "last", b = "first")),
    "a day as declared for each column"
  )
})

test_that("hazard ratios by Firth's likelihood are marked in a table with others", {
  study <- times_study(40, rep(c(1, 0), 20),
    cohort = rep(c("x", "y"), 20), age = rep(50:69, 2)
  )
  models <- model_numbers(study)
  marked <- endsWith(models[[5L]], firth_sign)
  expect_identical(marked, c(TRUE, FALSE))
  notes <- paste(model_notes(study, models), collapse = " ")
  expect_match(notes, "* Firth\u2019s penalised likelihood, with profile", fixed = TRUE)
  methods <- model_methods(list(models))
  expect_match(methods, "Firth.{1,2}s penalised likelihood with profile limits and P[.]")
  expect_match(methods, "no finite estimate [(]")
  plain <- times_study(40, rep(c(1, 1, 0, 0), 10),
    cohort = rep(c("x", "y"), 20), age = rep(50:69, 2)
  )
  models <- model_numbers(plain)
  expect_false(any(endsWith(models[[5L]], firth_sign)))
  expect_no_match(paste(model_notes(plain, models), collapse = " "), "Firth")
})

test_that("events of a model that was not fitted are those of complete patients", {
  few <- function(age) {
    times_study(12, rep(c(1, 0), 6), age = age, ecog = rep(c("0", "1"), each = 6))
  }
  whole <- paste(joint_text(few(60:71)), collapse = " ")
  expect_match(whole, "and there are 6[.]")
  missing <- paste(joint_text(few(c(NA, 61:71))), collapse = " ")
  expect_match(missing, "and there are 5 in the patients with all covariates known[.]")
})

test_that("tests are methods, and df is spelled out, where a P is defined", {
  expect_match(abbreviations_used(hcc_sbrt), "df: degrees of freedom")
  expect_match(test_methods(hcc_sbrt, "os"), "^Comparison of groups: log-rank test")
  expect_no_match(abbreviations_used(twelve_studies()$times_alone()), "degrees")
  # no events: P is not defined
  none <- times_study(20, 0, cohort = rep(c("x", "y"), 10))
  expect_no_match(abbreviations_used(none), "degrees")
  expect_null(test_methods(none, "os"))
  expect_null(adjustment_text(none, "os", NULL))
})

test_that("failures of an unknown number of lesions are explained", {
  note <- function(pattern, n) {
    organ_notes(list(table = data.frame(pattern, n.event = n)))
  }
  expect_match(note("number not stated", 2), "may be oligo or poly")
  expect_null(note("number not stated", 0))
  expect_null(note("poly (more than 5)", 2))
})

test_that("names of columns that are clinical abbreviations have capitals", {
  expect_identical(with_capitals(c("Ecog", "Baseline afp", "Cracked", "Age")),
    c("ECOG", "Baseline AFP", "Cracked", "Age")
  )
  rows <- data.frame(ecog = 0:1, crp = 1:2)
  attr(rows$crp, "label") <- "crp of the lab"
  expect_identical(unname(column_labels(c("ecog", "crp"), rows)),
    c("ECOG", "crp of the lab")
  )
})

test_that("a table of categories alone explains its cells with a capital", {
  study <- small_study()
  sites <- baseline_table(study, "site", level = "lesion")
  expect_match(result_table(sites)$notes, "^Number \\(%\\)", all = FALSE)
  both <- baseline_table(study, c("site", "diameter_mm"), level = "lesion")
  expect_match(result_table(both)$notes, "^Median .* or n \\(%\\)", all = FALSE)
})

test_that("one lesion per patient has the intervals of the patients", {
  tables <- small_tables()
  tables$lesions <- tables$lesions[!duplicated(tables$lesions$patient_id), ]
  one <- do.call(sbrt_study, tables)
  patients <- failure_numbers(one, "patient")
  lesions <- failure_numbers(one, "lesion")
  expect_identical(unname(as.list(lesions)), unname(as.list(patients)))
  expect_no_match(rule_text(one, "local_failure", "lesion"), "independent")
  expect_match(rule_text(small_study(), "local_failure", "lesion"), "not independent")
})

five_groups <- function(name) {
  stats::setNames(
    data.frame("Age, years", "", rbind(rep("69 (66\u201373.2; 49\u201387)", 7L)), "0.52"),
    c("Characteristic", "Category", "All (n = 120)",
      paste0(name, " ", LETTERS[1:5], " (n = 24)"), "Sex", "SMD"
    )
  )
}

test_that("a table of many groups is divided where its type would be too small", {
  long <- five_groups("Oligoprogression under immunotherapy")
  table <- new_result_table(long, "Characteristics", "Median.", character())
  expect_false(fits_page(long))
  parts <- column_parts(table)
  expect_length(parts, 2L)
  expect_true(all(vapply(parts, function(x) fits_page(x$body), NA)))
  expect_identical(lapply(parts, function(x) names(x$body)[1:2]),
    rep(list(names(long)[1:2]), 2L)
  )
  shown <- unlist(lapply(parts, function(x) names(x$body)[-(1:2)]))
  expect_identical(shown, names(long)[-(1:2)])
  expect_identical(parts[[2L]]$caption, "Characteristics (continued)")
  expect_identical(lapply(parts, `[[`, "notes"), list(character(), "Median."))
  # of two groups, and of one result per row
  expect_length(column_parts(new_result_table(long[1:4], "x", NULL, character())), 1L)
  rows <- stats::setNames(long, c("Group", letters[1:9]))
  expect_length(column_parts(new_result_table(rows, "x", NULL, character())), 1L)
  expect_match(report_table(long, "x", to = "word"), "x (continued)", fixed = TRUE)
  expect_no_match(report_table(long, "x", to = "html"), "continued")
})

test_that("a table continued in LaTeX repeats the label of its first row", {
  body <- data.frame(Group = c("first", rep("", 30)), n = as.character(1:31))
  table <- new_result_table(body, "Patterns", NULL, character())
  lines <- paste(report_latex(table), collapse = "\n")
  expect_length(gregexpr("first &", lines, fixed = TRUE)[[1L]], 2L)
  expect_identical(repeated_labels(body, 1L), body[1L, ])
  expect_identical(repeated_labels(body[-1L, ], 2L)$Group, "")
})

test_that("a figure of many panels is high enough for its axes", {
  skip_if_not_installed("ggplot2", "3.5.0")
  skip_on_cran() # takes a second
  rows <- study_states(hcc_sbrt)
  rows$group <- factor(rep_len(paste("group", 1:5), nrow(rows)))
  rows$group <- rows$group[match(rows$patient_id, rows$patient_id)]
  draw <- function(formula) {
    fit <- state_occupation(formula, rows, id = patient_id, from = from)
    ggplot2::autoplot(fit, theme = figure_theme())
  }
  many <- report_height(draw(Surv(entry, time, status) ~ group), quote(autoplot()), 4.1)
  one <- report_height(draw(Surv(entry, time, status) ~ 1), quote(autoplot()), 4.1)
  expect_gt(many, 7)
  expect_lte(many, page_height)
  expect_lt(one, 7)
})

test_that("states that are not estimated at 24 months have a dash that is explained", {
  note <- function(study, by = NULL) {
    fit <- report_states(suppressMessages(study_states(study)), by)
    paste(state_note(fit), collapse = " ")
  }
  short <- simulated_tables(40, function(tables) {
    patients <- tables$patients
    end <- patients$sbrt_start + 500
    late <- pmin(patients$last_contact, end)
    after <- function(day) replace(day, !is.na(day) & day > end, NA)
    patients$death_date <- after(patients$death_date)
    patients$progression_date <- after(patients$progression_date)
    patients$last_contact <- late
    list(patients = patients)
  })
  expect_match(note(short), "Dash: follow-up ended before that time[.]")
  expect_no_match(note(hcc_sbrt), "Dash")
  # names that are too long for the differences in a note
  expect_match(note(hcc_sbrt, "cohort"), "Differences of mean times")
  long <- hcc_sbrt
  levels(long$patients$cohort)[levels(long$patients$cohort) == "OM"] <- strrep("OM ", 90)
  expect_no_match(note(long, "cohort"), "Differences of mean times")
  expect_no_match(state_methods(long), "differences of means")
  expect_match(state_methods(hcc_sbrt), "differences of means")
})
