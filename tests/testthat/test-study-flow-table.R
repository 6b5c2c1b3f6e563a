# flow_table(): numbers in each step by hand, screening, groups.

test_that("the steps are those counted by hand", {
  # D is not evaluable and died on day 30; C was last seen alive on day 100
  x <- flow_table(small_study(), times = c(3, 4))
  row <- function(step) as.data.frame(x[x$step == step, ])
  expect_identical(unlist(row("included")[3:4], use.names = FALSE), c(4L, 5L))
  response <- row("evaluable for response")
  expect_identical(c(response$n.patients, response$n.lesions), c(3L, 4L))
  expect_identical(response$n.left.out, 1L)
  expect_identical(response$reason, "1 patient not evaluable, 1 lesion not evaluable")
  # 100 days are 3.29 months
  expect_identical(row("died, or in follow-up beyond 3 months")$n.patients, 4L)
  expect_identical(row("died, or in follow-up beyond 4 months")$n.patients, 3L)
  expect_identical(row("died, or in follow-up beyond 4 months")$n.lesions, 4L)
  expect_identical(row("analysed for overall survival")$n.event, 2L)
  expect_identical(row("analysed for progression-free survival")$n.event, 3L)
  failure <- row("analysed for local failure")
  expect_identical(c(failure$n.patients, failure$n.lesions, failure$n.event),
    c(4L, 5L, 1L)
  )
})

test_that("many times have the rows of each time alone, and are counted at once", {
  study <- small_study()
  times <- c(0.5, 1, 2, 3.25, 100 / days_in[["months"]], 50)
  single <- do.call(rbind, lapply(times, function(t) {
    x <- as.data.frame(flow_table(study, times = t))
    x[grepl("^died", x$step), ]
  }))
  x <- as.data.frame(flow_table(study, times = times))
  x <- x[grepl("^died", x$step), ]
  columns <- c("n.patients", "n.lesions", "n.left.out", "reason")
  expect_identical(as.list(x[columns]), as.list(single[columns]))
  expect_identical(as.character(x$step), as.character(single$step))
  calls <- 0
  step <- local_internal("flow_step", function(...) {
    calls <<- calls + 1
    step(...)
  })
  expect_identical(nrow(flow_table(study, times = 1:3000)), 3005L)
  expect_lt(calls, 10)
})

test_that("screening must add up", {
  study <- small_study()
  x <- flow_table(study, 10, c("no imaging" = 4, "consent" = 2, "age" = 0))
  expect_identical(as.character(x$step[1]), "screened")
  expect_identical(c(x$n.patients[1], x$n.left.out[1]), c(10L, 6L))
  expect_identical(x$reason[1], "4 no imaging, 2 consent")
  expect_identical(flow_table(study, 9)$reason[1], "5 no reason given")
  expect_identical(flow_table(study, excluded = c(consent = 3))$n.patients[1], 7L)
  expect_identical(flow_table(study, 4)$reason[1], "")
  data <- "oligosurv_error_data"
  expect_error(flow_table(study, 10, c(consent = 2)), "is 10, but there are 2 excluded",
    class = data
  )
  expect_error(flow_table(study, 3), class = data)
  input <- "oligosurv_error_input"
  expect_error(flow_table(study, 10, 6), "named by the reason", class = input)
  expect_error(flow_table(study, excluded = c(a = -1)), class = input)
  expect_error(flow_table(study, excluded = c(a = 1.5)), class = input)
  expect_error(flow_table(study, 4.5), class = input)
  expect_error(flow_table(study, times = "3"), "`times`", class = input)
  expect_error(flow_table(1), class = input)
})

test_that("groups add up to all, without those who have no group", {
  x <- flow_table(hcc_sbrt, screened = 50, by = "cohort")
  expect_identical(sum(x$step == "screened"), 1L)
  for (step in setdiff(levels(x$step), "screened")) {
    rows <- x[x$step == step, ]
    expect_identical(rows$n.patients[1], sum(rows$n.patients[-1]))
    expect_identical(rows$n.event[1], sum(rows$n.event[-1]))
  }
  expect_identical(x$n.patients[x$step == "evaluable for response"], c(36L, 27L, 9L))
  expect_output(print(flow_table(hcc_sbrt, by = "strategy")), "Left out: 9 patients")
})

test_that("a study without responses lacks that step; the print is as expected", {
  tables <- small_tables()
  tables$patients$best_response <- tables$lesions$best_response <- NULL
  x <- flow_table(do.call(sbrt_study, tables))
  expect_false("evaluable for response" %in% x$step)
  expect_snapshot(print(flow_table(small_study(), 10, c(consent = 6))))
  expect_output(print(x[c("step", "n.patients")]), "included")
})

test_that("beyond 3 months by the days of the help page", {
  tables <- small_tables()
  tables$patients$last_contact[2:3] <- c("2021-04-02", "2021-04-03")
  tables$patients$progression_date[2] <- NA
  tables$adverse_events <- tables$adverse_events[1:2, ]
  flow <- flow_table(do.call(sbrt_study, tables))
  beyond <- flow[grepl("beyond", flow$step), ]
  # A and D died, C was last seen on day 92, B on day 91
  expect_identical(beyond$n.patients, 3L)
})

test_that("a patient without lesion rows counts as endpoint() counts", {
  tables <- small_tables()
  tables$lesions <- tables$lesions[-3, ]
  study <- suppressWarnings(do.call(sbrt_study, tables))
  x <- flow_table(study)
  row <- x[x$step == "analysed for local failure", ]
  failure <- endpoint(study, "local_failure")
  expect_identical(row$n.patients, nrow(failure))
  expect_identical(row$n.event, sum(failure$status == "local failure"))
  expect_identical(row$n.lesions, 4L)
})

test_that("a response column without any response is no step", {
  tables <- small_tables()
  tables$patients$best_response <- tables$lesions$best_response <- NA
  expect_false("evaluable for response" %in% flow_table(do.call(sbrt_study, tables))$step)
})

test_that("one month is no plural", {
  steps <- flow_table(hcc_sbrt, times = c(1, 1.5))$step
  expect_true("died, or in follow-up beyond 1 month" %in% steps)
  expect_true("died, or in follow-up beyond 1.5 months" %in% steps)
})
