# Columns that a baseline table leaves out.

test_that("outcomes under other names are no characteristics, and are named", {
  x <- data.frame(
    age = 1:3, "Dead?" = c("yes", "no", "no"), vital_status = 1:3,
    "Last status" = c("dead of disease", "alive", "alive"), hpv_status = c("a", "b", "a"),
    check.names = FALSE
  )
  table <- baseline_table(x)
  expect_identical(unique(table$variable), c("age", "hpv_status"))
  expect_output(print(table), "outcomes: Dead\\?, vital_status and Last status")
  # by name they are shown
  expect_identical(unique(baseline_table(x, "Dead?")$variable), "Dead?")
})

test_that("events and times to events are no characteristics", {
  chosen <- function(names) {
    rows <- as.data.frame(lapply(seq_along(names), function(i) c(3, 1, 2)))
    names(rows) <- names
    unique(baseline_table(cbind(age = 7:5, rows))$variable)
  }
  outcomes <- c(
    "OS_months", "os", "PFS event", "DFS.status", "FU (months)", "follow_up",
    "followup mo", "time_to_progression", "Recurrence", "Relapsed?", "local recurrence",
    "months OS"
  )
  expect_identical(chosen(outcomes), "age")
  known <- c(
    "prior recurrence", "Recurrence before SBRT", "smoking_status", "hpv status", "5-FU",
    "OS laterality", "months on therapy", "ECOG", "time since diagnosis"
  )
  expect_identical(chosen(known), c("age", known))
})

test_that("numbers of the rows are no characteristic", {
  chosen <- function(...) {
    unique(baseline_table(data.frame(..., check.names = FALSE))$variable)
  }
  expect_identical(chosen(X = 1:3, "Unnamed: 0" = 0:2, age = 5:7), "age")
  expect_identical(chosen(number = 1:10, id = 0:9, age = 5:14), "age")
  # few rows, or other numbers, may be values
  expect_identical(chosen(number = 1:3, age = 5:7), c("number", "age"))
  expect_identical(chosen(X = c(1, 3, 2), age = 5:7), c("X", "age"))
})

test_that("the level NA of a factor is a missing value", {
  x <- addNA(factor(c("a", "b", NA, "a")))
  got <- baseline_table(data.frame(x = x))
  want <- baseline_table(data.frame(x = factor(c("a", "b", NA, "a"))))
  expect_identical(got$text, want$text)
  expect_identical(got$count[got$category == "missing"], 1L)
})
