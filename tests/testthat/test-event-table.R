# event_table(): counts, merging, missing rows, bad values.

d <- data.frame(
  month = c(6, 6, 6, 7, 10), status = c(1, 1, 0, 1, 0), arm = c("A", "B", "A", "A", "B")
)

test_that("counts by time, group and status, in order", {
  long <- as.data.frame(event_table(Surv(month, status) ~ arm, d))
  expect_identical(names(long), c("time", "stratum", "group", "status", "n"))
  expect_identical(long$time, c(6, 6, 7, 6, 10))
  expect_identical(as.character(long$group), c("A", "A", "A", "B", "B"))
  expect_identical(
    as.character(long$status), c("censored", "event", "event", "event", "censored")
  )
  expect_identical(long$n, c(1, 1, 1, 1, 1))
  pooled <- as.data.frame(event_table(Surv(month, status) ~ 1, d))
  expect_identical(pooled$n, c(1, 2, 1, 1))
})

test_that("sorting and hashing give one table, however many distinct times there are", {
  withr::local_seed(1)
  n <- 2e5
  time <- round(rexp(n), 7) # too many distinct times for the hash table
  group <- sample(c("x", "y"), n, TRUE)
  event <- sample(c(TRUE, FALSE), n, TRUE)
  long <- as.data.frame(event_table(Surv(time, event) ~ group))
  expect_equal(sum(long$n), n)
  for (g in c("x", "y")) {
    for (e in c(TRUE, FALSE)) {
      rows <- long$group == g & (long$status == "event") == e
      mine <- sort(time[group == g & event == e])
      expect_identical(rep(long$time[rows], long$n[rows]), mine)
    }
  }
})

test_that("integer, double and difftime times, logical and factor status agree", {
  base <- as.data.frame(event_table(Surv(month, status) ~ arm, d))
  other <- list(
    transform(d, month = as.integer(month)),
    transform(d, month = as.difftime(month, units = "days")),
    transform(d, status = status == 1),
    transform(d, status = factor(status, 0:1, c("censored", "event"))),
    transform(d, arm = factor(arm))
  )
  for (x in other) {
    expect_identical(as.data.frame(event_table(Surv(month, status) ~ arm, x)), base)
  }
})

test_that("tables merge by adding counts, in any grouping of the rows", {
  whole <- event_table(Surv(month, status) ~ arm, d)
  parts <- c(
    event_table(Surv(month, status) ~ arm, d[c(1, 3), ]),
    event_table(Surv(month, status) ~ arm, d[c(2, 4, 5), ])
  )
  expect_identical(as.data.frame(parts), as.data.frame(whole))
  expect_identical(
    tidy(kaplan_meier(parts)), tidy(kaplan_meier(Surv(month, status) ~ arm, d))
  )
  expect_identical(as.data.frame(event_table(as.data.frame(whole))), as.data.frame(whole))
})

test_that("objects that cannot be merged or counted are errors by class", {
  one <- event_table(Surv(month, status) ~ 1, d)
  two <- event_table(Surv(1, factor("a", c("censored", "a", "b"))) ~ 1)
  expect_error(c(one, two), class = "oligosurv_error_data")
  expect_error(c(one, 3), class = "oligosurv_error_input")
  expect_error(event_table(data.frame(time = 1)), class = "oligosurv_error_input")
  counts <- data.frame(time = 1, status = 1, n = 0.5)
  expect_error(event_table(counts), "`n` must be whole", class = "oligosurv_error_domain")
  # a table is returned unchanged, even with further arguments
  expect_identical(event_table(one, data = d, foo = 1), one)
  expect_error(kaplan_meier(one, d), class = "oligosurv_error_input")
})

test_that("missing rows are dropped with a message that names them, or an error", {
  x <- transform(d, month = replace(month, 2, NA), arm = replace(arm, 5, NA))
  expect_message(
    table <- event_table(Surv(month, status) ~ arm, x),
    "2 rows with a missing time, status, group or stratum dropped \\(rows 2 and 5\\)"
  )
  expect_identical(sum(as.data.frame(table)$n), 3)
  err <- expect_error(
    event_table(Surv(month, status) ~ arm, x, na.action = na.fail),
    class = "oligosurv_error_data"
  )
  expect_identical(err$where, c(2L, 5L))
})

test_that("bad times and codes name their rows", {
  err <- expect_error(
    event_table(Surv(c(1, -2, Inf), c(1, 0, 1)) ~ 1),
    class = "oligosurv_error_domain"
  )
  expect_identical(err$where, 2:3)
  err <- expect_error(
    event_table(Surv(1:3, c(0, 1, 3)) ~ 1),
    class = "oligosurv_error_domain"
  )
  expect_identical(err$where, 3L)
  expect_error(event_table(Surv(1:3, c(0, 1, 2)) ~ 1), "both 0 and 2",
    class = "oligosurv_error_domain"
  )
})

test_that("entries are counted beside the exits", {
  late <- data.frame(entry = c(0, 1, 1), exit = c(2, 2, 4), status = c(1, 0, 1))
  long <- as.data.frame(event_table(Surv(entry, exit, status) ~ 1, late))
  expect_identical(long$time, c(0, 1, 2, 2, 4))
  expect_identical(long$n, c(0, 0, 1, 1, 1))
  expect_identical(long$n_entry, c(1, 2, 0, 0, 0))
  expect_identical(as.data.frame(event_table(long)), long)
  err <- expect_error(
    event_table(Surv(c(0, 5), c(1, 5), c(1, 1)) ~ 1),
    class = "oligosurv_error_domain"
  )
  expect_identical(err$where, 2L)
  plain <- event_table(Surv(exit, status) ~ 1, late)
  expect_error(c(plain, event_table(long)), class = "oligosurv_error_data")
})

test_that("the print says how the status was read", {
  expect_snapshot(print(event_table(Surv(month, status) ~ arm, d)))
  # Not in the snapshot, because versions of testthat print the class differently
  expect_message(coded <- event_table(Surv(c(1, 2), c(1, 2)) ~ 1),
    "^status has the codes 1 and 2: read as 1 = censored, 2 = event\n$",
    class = "oligosurv_message"
  )
  expect_snapshot(print(coded))
})

test_that("a label attribute does not change a factor, a date or a difftime", {
  # like Hmisc::label<-: an attribute, and an additional first class
  labelled <- function(x) {
    structure(x, label = "shown", class = c("labelled", class(x)))
  }
  d <- data.frame(t = c(3, 5, 8, 12, 20, 24), s = c(1, 0, 1, 1, 0, 1))
  d$arm <- factor(rep(c("SBRT", "TACE"), 3), c("TACE", "SBRT"))
  d$state <- factor(d$s, 0:1, c("dead", "alive"))
  d$days <- as.difftime(d$t, units = "days")
  d$date <- as.Date("2020-01-01") + d$t
  d$moment <- as.POSIXct(d$date, tz = "UTC")
  l <- d
  l[-1] <- lapply(d[-1], labelled)
  l$t <- structure(d$t, label = "months", units = "mo", class = c("labelled", "numeric"))
  f <- Surv(t, s) ~ arm
  expect_identical(event_table(f, l), event_table(f, d))
  f <- Surv(t, state) ~ 1
  expect_identical(
    event_table(f, l, censor = "alive"), event_table(f, d, censor = "alive")
  )
  f <- Surv(days, s) ~ date + moment
  expect_identical(event_table(f, l), event_table(f, d))
  expect_identical(
    tidy(hazard_ratio(Surv(t, s) ~ arm, l)), tidy(hazard_ratio(Surv(t, s) ~ arm, d))
  )
  for (f in c(Surv(date, s) ~ 1, Surv(moment, s) ~ 1)) {
    expect_error(event_table(f, l), "not a date", class = "oligosurv_error_input")
  }
  expect_identical(
    plain_column(structure(c(1, 9, 2),
      labels = c(no = 1), na_values = 9,
      class = c("haven_labelled_spss", "haven_labelled", "vctrs_vctr", "double")
    )),
    c(1, NA, 2)
  )
})

test_that("many times that each occur twice become counts", {
  withr::local_seed(2)
  n <- 1e5
  # pairs next to each other: a sample of the rows sees distinct times only
  time <- rep(stats::runif(n / 2), each = 2)
  event <- rep(sample(0:1, n / 2, TRUE), each = 2)
  group <- rep(sample(c("x", "y"), n / 2, TRUE), each = 2)
  counted <- event_table(Surv(time, event) ~ group)
  expect_length(counted$time, n / 2)
  for (g in c("x", "y")) {
    want <- table(time[group == g], event[group == g])
    rows <- as.data.frame(counted)
    rows <- rows[rows$group == g, ]
    expect_identical(nrow(rows), nrow(want))
    expect_identical(as.vector(want[cbind(
      seq_len(nrow(want)), as.integer(rows$status)
    )]), as.integer(rows$n))
    expect_identical(rows$time, sort(unique(time[group == g])))
  }
})

test_that("changed names of variables are named as the component at fault", {
  d <- data.frame(t = 1:4, s = 1, g = c("a", "b"), h = c("u", "u", "v", "v"))
  table <- event_table(Surv(t, s) ~ g + strata(h), d)
  for (variables in list(
    list(group = 1, stratum = "h"), list(group = "g", stratum = TRUE),
    structure(list(group = "g"), class = "other")
  )) {
    changed <- table
    changed$variables <- variables
    expect_error(kaplan_meier(changed), "`variables` is missing or does not match",
      class = "oligosurv_error_data"
    )
  }
})
