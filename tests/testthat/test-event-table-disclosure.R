# Disclosure rules of write_counts(): values by hand, and what they keep.

rule_of <- function(table, ...) {
  told <- character()
  table <- withCallingHandlers(written(table, ...), oligosurv_message = function(m) {
    told <<- c(told, conditionMessage(m))
    invokeRestart("muffleMessage")
  })
  list(rows = as.data.frame(table), told = told)
}

# Deaths on days 5, 31, 31, 61, 200; censored on days 10, 30 and 400
few <- data.frame(
  day = c(5, 31, 31, 61, 200, 10, 30, 400), dead = c(1, 1, 1, 1, 1, 0, 0, 0)
)

test_that("times are rounded up to the grid", {
  got <- rule_of(event_table(Surv(day, dead) ~ 1, few), time_grid = 30)
  expect_identical(got$rows$time, c(30, 30, 60, 90, 210, 420))
  expect_identical(got$rows$n, c(2, 1, 2, 1, 1, 1))
  expect_match(got$told, "7 distinct times became 5")
  tenths <- data.frame(day = c(0, 0.3, 0.30001, 0.7), dead = 1)
  got <- rule_of(event_table(Surv(day, dead) ~ 1, tenths), time_grid = 0.1)
  expect_equal(got$rows$time, c(0, 0.3, 0.4, 0.7)) # 0.3 / 0.1 is below 3, 0.7 above
})

test_that("small counts are joined with the next of their status", {
  # deaths 1, 2, 1, 1: with at least 2 the first moves to day 31, the last two to day 200
  got <- rule_of(event_table(Surv(day, dead) ~ 1, few), min_cell = 2)
  expect_identical(got$rows$time, c(30, 31, 200, 400)[c(2, 3, 4)])
  expect_identical(got$rows$n, c(3, 2, 3))
  expect_identical(as.character(got$rows$status), c("event", "event", "censored"))
  expect_match(got$told, "6 below 2")
  expect_match(got$told, "by group and status are unchanged")
})

test_that("no count is below the limit, and totals stay", {
  d <- hospital_rows()
  tables <- list(
    event_table(Surv(day, status) ~ arm + strata(hospital), d),
    event_table(Surv(entry, day, status) ~ arm, d)
  )
  for (table in tables) {
    for (grid in list(NULL, 30, 365.25)) {
      got <- suppressMessages(written(table, time_grid = grid, min_cell = 5))
      rows <- as.data.frame(got)
      counts <- c(rows$n, rows$n_entry)
      expect_gte(min(counts[counts > 0]), 5)
      expect_identical(summary(got)[1:5], summary(table)[1:5])
      if (!is.null(grid)) expect_identical(rows$time / grid, round(rows$time / grid))
    }
  }
})

test_that("counts are rounded to multiples, and a message gives the change", {
  got <- rule_of(event_table(Surv(day, dead) ~ 1, few),
    time_grid = 100, min_cell = 3, small_cells = "round"
  )
  # deaths: 4 by day 100, 1 by day 200; censored: 2 by day 100, 1 by day 400
  expect_identical(got$rows$n, c(3, 3))
  expect_match(got$told, "change by +0 (censored), -2 (event)", fixed = TRUE)
})

test_that("the message and the file state the rule", {
  table <- event_table(Surv(day, dead) ~ 1, few)
  expect_message(text <- counts_text(table, time_grid = 30, min_cell = 2),
    "times rounded up"
  )
  expect_true(paste(
    "# disclosure rule: times rounded up to multiples of 30; counts below 2 joined with",
    "the next of their group and status"
  ) %in% text)
  expect_true("# smallest count: 2" %in% text)
  expect_no_message(text <- counts_text(table))
  expect_true("# disclosure rule: none" %in% text)
})

test_that("the number of dropped rows is rounded up too", {
  d <- rbind(few, data.frame(day = NA, dead = 1))
  expect_message(table <- event_table(Surv(day, dead) ~ 1, d))
  text <- suppressMessages(counts_text(table, min_cell = 3))
  expect_true("# rows dropped for missing values: 3" %in% text)
})

test_that("what cannot be joined or rounded is an error by class", {
  table <- event_table(Surv(day, dead) ~ 1, few)
  expect_error(written(table, min_cell = 4), "censored in \"All\"",
    class = "oligosurv_error_data"
  )
  late <- event_table(Surv(day / 2, day, dead) ~ 1, few)
  expect_error(written(late, min_cell = 2, small_cells = "round"), "use small_cells",
    class = "oligosurv_error_input"
  )
  expect_error(written(table, min_cell = 0), class = "oligosurv_error_input")
  expect_error(written(table, min_cell = 2.5), "whole", class = "oligosurv_error_input")
  expect_error(written(table, time_grid = -1), class = "oligosurv_error_input")
  expect_error(written(table, small_cells = "drop"), class = "oligosurv_error_input")
  weighted <- kaplan_meier(Surv(day, dead) ~ 1, few,
    weights = rep(1.5, 8), weight_type = "frequency"
  )$table
  expect_error(written(weighted, min_cell = 2), "has weights",
    class = "oligosurv_error_input"
  )
})
