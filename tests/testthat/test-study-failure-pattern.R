# Patterns of first failure: numbers, and cumulative incidences that add up.

pattern_study <- function(n = 120) {
  withr::local_seed(42)
  simulate_study(n)
}

test_that("the example of the help page", {
  day <- function(x) as.Date("2021-01-01") + x
  study <- sbrt_study(
    data.frame(
      patient_id = c("A", "B", "C", "D"), sbrt_start = day(0),
      progression_date = day(c(100, 200, NA, 50)), death_date = day(c(NA, NA, 300, NA)),
      last_contact = day(c(400, 400, 300, 400))
    ),
    data.frame(patient_id = c("A", "B", "C", "D"), lesion_id = "1", site = "lung",
      local_failure_date = day(c(100, 200, NA, 390))
    ),
    assessments = data.frame(
      patient_id = "B", assessment_date = day(200), role = "new",
      site = c("liver", "lung"), n_lesions = c(1, 2)
    )
  )
  x <- tidy(failure_pattern(study, times = c(150, 400), unit = "days"))
  late <- x[x$time == 400, ]
  expect_identical(as.character(late$pattern),
    c("local", "local and elsewhere", "elsewhere", "any failure", "death")
  )
  expect_equal(late$estimate, c(1, 1, 1, 3, 1) / 4)
  expect_equal(late$n.event, c(1, 1, 1, 3, 1))
  expect_equal(late$percent, c(25, 25, 25, 75, 25))
  expect_equal(x$estimate[x$time == 150], c(1, 0, 1, 2, 0) / 4)
  expect_false("salvage_sbrt" %in% names(x))
})

test_that("incidences add up to that of any failure, and to survival", {
  for (pattern in c("site", "number", "organ")) {
    x <- failure_pattern(pattern_study(), by = "cohort", pattern = pattern,
      times = c(3, 6, 12)
    )
    table <- tidy(x)
    single <- !table$pattern %in% c("any failure", "death")
    all <- table[table$pattern == "any failure", ]
    sums <- tapply(table$estimate[single],
      list(table$time[single], table$strata[single]), sum
    )
    expect_equal(as.vector(sums), all$estimate, tolerance = 1e-12)
    counts <- tapply(table$n.event[single], table$strata[single], sum) / 3
    expect_equal(as.vector(counts), all$n.event[all$time == 3])
    rows <- as.data.frame(x$patients)
    rows$ended <- as.integer(rows$status != "censored")
    free <- tidy(kaplan_meier(Surv(time, ended) ~ strata, rows, times = c(3, 6, 12)))
    death <- table[table$pattern == "death", ]
    expect_equal(1 - all$estimate - death$estimate, free$estimate, tolerance = 1e-12)
  }
})

test_that("the table of each pattern is that of cumulative_incidence()", {
  x <- failure_pattern(pattern_study(), times = 12)
  peer <- tidy(cumulative_incidence(Surv(time, status) ~ 1, x$patients, times = 12))
  table <- tidy(x)
  at <- match(peer$outcome, table$pattern)
  expect_identical(table$estimate[at], peer$estimate)
  expect_identical(table$conf.low[at], peer$conf.low)
  expect_identical(sum(x$patients$status == "local"), table$n.event[1])
})

test_that("print, table and summary", {
  x <- failure_pattern(pattern_study(), by = "cohort", times = 12)
  shown <- printed(print(x))
  expect_match(paste(shown, collapse = " "), "First failure by site")
  expect_match(paste(shown, collapse = " "), "Local and elsewhere")
  body <- result_table(x)$body
  expect_identical(body[["First failure"]][4:5], c("Any failure", "Death"))
  expect_equal(glance(x)$n, as.vector(table(pattern_study()$patients$cohort)))
  expect_identical(attr(x$patients, "unit"), "months")
  expect_identical(sum(glance(x)$n.failure), sum(!is.na(x$patients$failure_date)))
})

test_that("patients without a group are left out and counted", {
  tables <- small_tables()
  x <- suppressMessages(failure_pattern(do.call(sbrt_study, tables), by = "strategy"))
  expect_identical(nrow(x$patients), 3L)
  expect_match(paste(printed(print(x)), collapse = " "), "1 patient without a value")
})

test_that("one patient, nobody failed, and a study without dates", {
  one <- sbrt_study(
    data.frame(
      patient_id = "A", sbrt_start = "2021-01-01", progression_date = NA,
      death_date = NA, last_contact = "2021-06-01"
    ),
    data.frame(patient_id = "A", lesion_id = 1, local_failure_date = NA)
  )
  x <- failure_pattern(one, times = 1)
  expect_equal(tidy(x)$estimate, numeric(5))
  expect_true(all(is.na(x$patients$organ)))
  expect_no_error(printed(print(failure_pattern(one, pattern = "organ"))))
  input <- "oligosurv_error_input"
  timed <- sbrt_study(data.frame(patient_id = "A", os_time = 1, os_status = 1),
    time_unit = "months"
  )
  expect_error(failure_pattern(timed), "`local_failure_date` in the table lesions",
    class = input
  )
  expect_error(failure_pattern(one, pattern = "dose"), "`pattern`", class = input)
  expect_error(failure_pattern(one, by = "arm"), "`by`", class = input)
  expect_error(failure_pattern(one, together = -1), "`together`")
})

test_that("abbreviations of organs keep their capitals", {
  expect_identical(organ_text(c("LUL", "pelvic LN", "Bone", "LIVER", "lymph_node", NA)),
    c("LUL", "pelvic LN", "bone", "liver", "lymph node", NA)
  )
  expect_identical(organ_text(character()), character())
})
