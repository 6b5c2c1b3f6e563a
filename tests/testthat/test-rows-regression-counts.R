# Regression on event tables: the same numbers as from the rows.

counted <- withr::with_seed(31, {
  n <- 300
  data.frame(
    time = ceiling(stats::rexp(n) * 8), cause = sample(0:2, n, TRUE),
    cohort = factor(sample(c("OM", "OP"), n, TRUE), c("OP", "OM")),
    ecog = sample(0:2, n, TRUE), site = sample(c("x", "y"), n, TRUE)
  )
})
counted$event <- as.integer(counted$cause > 0)
counted$status <- factor(counted$cause, 0:2, c("censored", "failure", "death"))
counted$entry <- counted$time * rep(c(0, 0.3, 0.7), 100)

same_fit <- function(a, b, tolerance = 1e-12) {
  expect_equal(tidy(a), tidy(b), tolerance = tolerance)
  expect_equal(a$proportional_hazards, b$proportional_hazards, tolerance = tolerance)
  expect_equal(glance(a), glance(b), tolerance = tolerance)
}

test_that("covariates of an event table give the fit of the rows", {
  d <- counted
  for (ties in c("efron", "breslow")) {
    table <- event_table(Surv(time, event) ~ cohort + ecog + strata(site), d)
    same_fit(
      hazard_ratio(table, ~ cohort + ecog, ties = ties),
      hazard_ratio(Surv(time, event) ~ cohort + ecog + strata(site), d, ties = ties)
    )
    same_fit(
      hazard_ratio(table, ~ cohort * factor(ecog), ties = ties),
      hazard_ratio(Surv(time, event) ~ cohort * factor(ecog) + strata(site), d,
        ties = ties
      )
    )
    same_fit(
      hazard_ratio(table, ~., ties = ties),
      hazard_ratio(table, ~ cohort + ecog, ties = ties)
    )
    same_fit(
      hazard_ratio(table, ~ log(ecog + 1), ties = ties),
      hazard_ratio(Surv(time, event) ~ log(ecog + 1) + strata(site), d, ties = ties)
    )
  }
  one <- event_table(Surv(time, status) ~ cohort, d)
  same_fit(hazard_ratio(one, ~cohort), hazard_ratio(Surv(time, status) ~ cohort, d))
  same_fit(
    hazard_ratio(one, ~cohort, "fine-gray"),
    hazard_ratio(Surv(time, status) ~ cohort, d, "fine-gray"), 1e-10
  )
  expect_identical(tidy(hazard_ratio(one))$term, rep("group", 2))
})

test_that("left truncation needs no pairs of entry and exit", {
  d <- counted
  table <- event_table(Surv(entry, time, event) ~ cohort + ecog, d)
  same_fit(
    hazard_ratio(table, ~ cohort + ecog),
    hazard_ratio(Surv(entry, time, event) ~ cohort + ecog, d)
  )
})

test_that("Firth's likelihood from counts", {
  d <- counted
  d$event[d$cohort == "OM"] <- 0
  table <- event_table(Surv(time, event) ~ cohort + ecog, d)
  same_fit(
    hazard_ratio(table, ~ cohort + ecog),
    hazard_ratio(Surv(time, event) ~ cohort + ecog, d), 1e-7
  )
})

test_that("c() of tables, a part of the groups, a database: the same fit", {
  d <- counted
  whole <- hazard_ratio(Surv(time, event) ~ cohort + ecog, d)
  part <- function(rows) event_table(Surv(time, event) ~ cohort + ecog, d[rows, ])
  same_fit(hazard_ratio(c(part(1:100), part(101:300)), ~ cohort + ecog), whole)
  same_fit(hazard_ratio(c(part(d$ecog > 0), part(d$ecog == 0)), ~ cohort + ecog), whole)
  skip_if_not_installed("dbplyr")
  skip_if_not_installed("RSQLite")
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  withr::defer(DBI::dbDisconnect(con))
  DBI::dbWriteTable(con, "d", transform(d, cohort = as.character(cohort)))
  stored <- event_table(dplyr::tbl(con, "d"),
    time = "time", status = "event", group = c("cohort", "ecog")
  )
  d$cohort <- as.character(d$cohort)
  same_fit(
    hazard_ratio(stored, ~ cohort + ecog),
    hazard_ratio(Surv(time, event) ~ cohort + ecog, d)
  )
})

test_that("a table of a thousand million subjects is fitted at once", {
  counts <- expand.grid(time = 1:50, status = 0:1, group = c("A", "B"))
  counts$n <- 5e6 + 1e4 * seq_len(200)
  fit <- tidy(hazard_ratio(event_table(counts), ~group))
  small <- transform(counts, n = n / 1e4)
  expect_equal(fit$estimate, tidy(hazard_ratio(event_table(small), ~group))$estimate,
    tolerance = 1e-3
  )
  expect_lt(fit$std.error, 1e-4)
})

test_that("errors by class say what the table has", {
  table <- event_table(Surv(time, event) ~ cohort, counted)
  expect_error(hazard_ratio(table, ~ecog), "without the variable `ecog`.*has `cohort`",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(table, Surv(time, event) ~ cohort), "without a left side",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(table, counted), "second argument",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(table, ~ cohort + strata(cohort)), "leave strata",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(table, ~cohort, id = cohort), "holds only counts",
    class = "oligosurv_error_input"
  )
  ecog <- event_table(Surv(time, event) ~ ecog, counted)
  expect_error(suppressWarnings(hazard_ratio(ecog, ~ sqrt(ecog - 1))), "missing in 1",
    class = "oligosurv_error_data"
  )
  expect_error(hazard_ratio(event_table(Surv(time, event) ~ 1, counted)), "one level",
    class = "oligosurv_error_data"
  )
})
