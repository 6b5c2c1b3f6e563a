# event_table_parts(): counting on mirai daemons gives the table of all rows.

skip_if_not_installed("mirai")

# Starts daemons in a compute profile of the test, and stops them when it ends
local_parts_daemons <- function(n = 2, frame = parent.frame()) {
  skip_on_cran()
  withr::local_options(cli.progress_show_after = 600, .local_envir = frame)
  mirai::daemons(n, .compute = "parts")
  withr::defer(mirai::daemons(0, .compute = "parts"), frame)
}

parts_rows <- function(n = 3000) {
  withr::with_seed(6, data.frame(
    from = round(rexp(n, 2), 2), month = 4 + rexp(n, 0.1), day = ceiling(rexp(n, 0.01)),
    event = rbinom(n, 1, 0.5),
    status = factor(sample(c("no", "fail", "dead"), n, TRUE), c("no", "fail", "dead")),
    arm = factor(sample(c("B", "A"), n, TRUE), c("B", "A")), site = sample(3, n, TRUE)
  ))
}

in_parts <- function(rows, n = 5) {
  unname(split(rows, sample.int(n, nrow(rows), replace = TRUE)))
}

parts_table <- function(...) event_table_parts(..., compute = "parts")

test_that("parts counted by daemons give the table and the estimates of all rows", {
  local_parts_daemons()
  rows <- parts_rows()
  parts <- withr::with_seed(2, in_parts(rows))
  for (formula in list(
    Surv(month, event) ~ arm, Surv(day, status) ~ arm, Surv(from, month, event) ~ arm
  )) {
    got <- parts_table(parts, formula)
    want <- event_table(formula, rows)
    expect_identical(as.data.frame(got), as.data.frame(want))
    curves <- if (length(want$states) > 2L) cumulative_incidence else kaplan_meier
    expect_identical(as.data.frame(curves(got)), as.data.frame(curves(want)))
  }
})

test_that("a part whose daemon is killed in the middle is counted again", {
  local_parts_daemons()
  rows <- parts_rows()
  parts <- withr::with_seed(3, in_parts(rows))
  killed <- withr::local_tempfile()
  dying <- parts[[2]]
  parts[[2]] <- function() {
    if (!file.exists(killed)) {
      writeLines(as.character(Sys.getpid()), killed)
      tools::pskill(Sys.getpid(), tools::SIGKILL)
      Sys.sleep(60)
    }
    dying
  }
  got <- parts_table(parts, Surv(month, event) ~ arm)
  expect_identical(as.data.frame(got), as.data.frame(event_table(
    Surv(month, event) ~ arm, rows
  )))
  pid <- as.integer(readLines(killed))
  expect_false(pid == Sys.getpid())
  expect_identical(as.integer(mirai::status("parts")$connections), 1L)
})

test_that("files are read where the daemons run; dropped rows are reported once", {
  local_parts_daemons()
  rows <- parts_rows(300)
  rows$day[c(4, 200)] <- NA
  files <- lapply(withr::with_seed(4, in_parts(rows, 3)), function(part) {
    file <- withr::local_tempfile(.local_envir = parent.frame(2))
    write.csv(part, file, row.names = FALSE)
    file
  })
  expect_message(
    got <- parts_table(files, time = "day", status = "status", group = "arm",
      states = levels(rows$status), groups = levels(rows$arm)
    ),
    "^2 rows with a missing time, status, group or stratum dropped\n$"
  )
  want <- suppressMessages(event_table(Surv(day, status) ~ arm, rows))
  expect_identical(as.data.frame(got), as.data.frame(want))
})

test_that("errors have their class and the number of the part", {
  expect_error(parts_table(list(data.frame()), Surv(t, s) ~ 1), "no mirai daemons",
    class = "oligosurv_error_data"
  )
  local_parts_daemons(1)
  good <- data.frame(t = 1, s = 1)
  bad <- data.frame(t = c(1, -1), s = 1)
  e <- expect_error(parts_table(list(good, bad), Surv(t, s) ~ 1),
    class = "oligosurv_error_domain"
  )
  expect_identical(e$part, 2L)
  expect_identical(e$where, 2L)
  expect_error(parts_table(good, Surv(t, s) ~ 1), class = "oligosurv_error_input")
  expect_error(parts_table(list(good, 3), Surv(t, s) ~ 1),
    class = "oligosurv_error_input"
  )
  expect_error(parts_table(list(good), "t"), class = "oligosurv_error_input")
  die <- function() {
    tools::pskill(Sys.getpid(), tools::SIGKILL)
    Sys.sleep(60)
  }
  expect_error(parts_table(list(die), Surv(t, s) ~ 1), "its daemon stopped",
    class = "oligosurv_error_data"
  )
})

test_that("labels of parts are those of all rows", {
  local_parts_daemons()
  rows <- data.frame(
    t = 1:12, s = factor(rep(c("alive", " ", "death"), 4), c("alive", " ", "death")),
    arm = rep(c("A", "A ", "B", ""), 3), site = rep(c("x", "y"), 6)
  )
  formula <- Surv(t, s) ~ arm + site
  expect_message(got <- parts_table(split(rows, rep(1:2, 6)), formula),
    "rows with a missing")
  want <- suppressMessages(event_table(formula, rows))
  expect_setequal(got$groups, want$groups)
  expect_true(all(grepl("^arm=[AB], site=[xy]$", got$groups)))
  expect_identical(sum(as.data.frame(got)$n), sum(as.data.frame(want)$n))
  expect_identical(got$dropped, want$dropped)
  two <- data.frame(t = 1:4, s = c("alive", "censored"))
  error <- expect_error(parts_table(list(two), Surv(t, s) ~ 1), "look like censoring",
    class = "oligosurv_error_input"
  )
  expect_identical(error$part, 1L)
  both <- c("alive", "censored")
  got <- parts_table(list(two, two), Surv(t, s) ~ 1, censor = both)
  expect_identical(as.data.frame(got), as.data.frame(event_table(
    Surv(t, s) ~ 1, rbind(two, two), censor = both
  )))
})

test_that("a compute profile needs a name", {
  error <- expect_error(
    event_table_parts(list(data.frame(t = 1, s = 1)), Surv(t, s) ~ 1, compute = ""),
    "`compute` must be NULL or a name", class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "compute")
})
