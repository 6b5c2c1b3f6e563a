# write_counts(): what the file says, and that it is read back as it was.

# Without what the file adds: the unit that was given and the name of the file
same_table <- function(a, b) {
  expect_identical(as.data.frame(a), as.data.frame(b))
  kept <- setdiff(names(a), c("file", "origin", "n"))
  expect_identical(unclass(a)[kept], unclass(b)[kept])
}

test_that("a file is the text that its description says", {
  d <- data.frame(
    day = c(12, 40, 40, 75, 100), dead = c(1, 1, 0, 1, 0), arm = rep(c("A", "B"), 3:2)
  )
  text <- counts_text(event_table(Surv(day, dead) ~ arm, d))
  expect_identical(text[!startsWith(text, "##") & !grepl("written by|checksum", text)], c(
    "# oligosurv counts", "# schema: 1", "# time unit: days", "# tie tolerance: 1e-09",
    "# times merged by the tie rule: 0", "# delayed entry: no", "# weights: no",
    "# disclosure rule: none", "# smallest count: 1", "# subjects: 5",
    "# rows dropped for missing values: 0", "# states: censored, event",
    "# status codes: 0/1", "# strata: All", "# variable: arm, labels, A, B",
    "# group: A, A", "# group: B, B", "time,stratum,group,status,n", "12,All,A,event,1",
    "40,All,A,censored,1", "40,All,A,event,1", "75,All,B,event,1", "100,All,B,censored,1"
  ))
})

test_that("every kind of table comes back as it was", {
  d <- hospital_rows()
  d$continuous <- d$day / 7 + 1 / 3
  tables <- list(
    event_table(Surv(day, status) ~ arm + ecog + strata(hospital), d),
    event_table(Surv(day, dead) ~ hospital, d),
    suppressMessages(event_table(Surv(day, dead + 1) ~ 1, d)),
    event_table(Surv(continuous, status) ~ ecog, d),
    event_table(Surv(entry, day, status) ~ arm + strata(hospital), d),
    event_table(Surv(entry / 7, continuous, status) ~ arm, d),
    event_table(Surv(day, dead) ~ 1, d[0, ]),
    event_table(Surv(day, dead) ~ factor(arm, c("none", "B", "A")), d),
    event_table(Surv(day, dead) ~ addNA(arm), transform(d, arm = replace(arm, 1:9, NA))),
    suppressMessages(
      event_table(Surv(day, dead) ~ arm, transform(d, day = replace(day, 1, NA)))
    ),
    suppressMessages(event_table(Surv(day, dead) ~ arm, d, landmark = 90))
  )
  for (table in tables) same_table(written(table), table)
})

test_that("labels in any script, with commas, quotes and line ends", {
  label <- c(
    "a, b", "\"c\"", "d#e", "\u00f6l\u00fcm", "\u75c5\u9662", "\u0130\u0131", "f\ng",
    "h\\ni", "\\NA", "NA", "=1+1", "# x", "k\tl", "\U0001f600", "1e5"
  )
  d <- data.frame(day = seq_along(label), dead = 1, arm = factor(label, label))
  table <- event_table(Surv(day, dead) ~ arm, d)
  same_table(written(table), table)
  strata <- event_table(Surv(day, dead) ~ strata(arm), d)
  same_table(written(strata), strata)
  d$status <- factor(label, label)
  table <- event_table(Surv(day, status) ~ 1, d, censor = "NA")
  same_table(written(table), table)
})

test_that("frequency weights come back and add up", {
  d <- hospital_rows()
  w <- withr::with_seed(1, stats::runif(nrow(d)))
  weighted <- function(rows) {
    kaplan_meier(Surv(day, dead) ~ arm, d[rows, ],
      weights = w[rows], weight_type = "frequency"
    )$table
  }
  table <- weighted(1:240)
  back <- written(table)
  expect_identical(as.data.frame(back), as.data.frame(table))
  expect_equal(back$weights, table$weights[names(back$weights)])
  expect_equal(tidy(kaplan_meier(back)), tidy(kaplan_meier(table)))
  both <- c(written(weighted(1:100)), written(weighted(101:240)))
  expect_equal(both$weights[names(table$weights)], table$weights)
  expect_equal(as.data.frame(both), as.data.frame(table), tolerance = 1e-12)
})

test_that("other programs can read the table of counts", {
  file <- withr::local_tempfile(fileext = ".csv")
  table <- event_table(Surv(day, status) ~ arm + strata(hospital), hospital_rows())
  write_counts(table, file, unit = "days")
  rows <- utils::read.csv(file, comment.char = "#", encoding = "UTF-8")
  want <- as.data.frame(table)
  expect_identical(names(rows), names(want))
  expect_equal(rows$n, want$n)
  expect_identical(rows$stratum, as.character(want$stratum))
})

test_that("unit and label of an endpoint, and none of other rows", {
  os <- endpoint(hcc_sbrt, "os")
  table <- event_table(Surv(time, status) ~ cohort, os)
  file <- withr::local_tempfile(fileext = ".csv")
  write_counts(table, file)
  expect_identical(read_counts(file)$origin, table$origin)
  expect_error(write_counts(table, file, unit = "days"), "times in months",
    class = "oligosurv_error_input"
  )
  plain <- event_table(Surv(day, dead) ~ 1, hospital_rows())
  expect_error(write_counts(plain, file), "unit of the times of the table is unknown",
    class = "oligosurv_error_input"
  )
  expect_error(write_counts(plain, file, unit = "weeks"), "one of \"days\"",
    class = "oligosurv_error_input"
  )
})

test_that("a file is written whole or not at all", {
  table <- event_table(Surv(day, dead) ~ 1, hospital_rows())
  dir <- withr::local_tempdir()
  file <- file.path(dir, "a.csv")
  expect_error(write_counts(table, file.path(dir, "none", "a.csv"), unit = "days"),
    class = "oligosurv_error_input"
  )
  writeLines("old", file)
  expect_error(write_counts(table, file, unit = "days", min_cell = 1e5),
    class = "oligosurv_error_data"
  )
  expect_identical(readLines(file), "old")
  write_counts(table, file, unit = "days")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "a.csv")
})

test_that("tables that counts cannot hold are errors", {
  d <- hospital_rows()
  file <- withr::local_tempfile(fileext = ".csv")
  expect_error(write_counts(d, file), "must be an event table",
    class = "oligosurv_error_input"
  )
  expect_error(write_counts(), class = "oligosurv_error_input")
  fit <- kaplan_meier(Surv(day, dead) ~ 1, d,
    weights = rep(0.5, 240), weight_type = "sampling"
  )
  expect_error(write_counts(fit$table, file, unit = "days"), "sampling weights",
    class = "oligosurv_error_data"
  )
  fit <- kaplan_meier(Surv(day, dead) ~ 1, d, from = 30)
  expect_error(write_counts(fit$table, file, unit = "days"), "conditional",
    class = "oligosurv_error_data"
  )
  expect_false(file.exists(file))
})
