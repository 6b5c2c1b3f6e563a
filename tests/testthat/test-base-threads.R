# Interrupts: only the main thread polls R, at intervals of rows; the pending condition is
# raised after every worker has ended. OLIGOSURV_LONG=<rows> runs the tests at that size.

long_rows <- as.double(Sys.getenv("OLIGOSURV_LONG", "0"))
many <- if (long_rows > 0) long_rows else 1e6

# Sends a signal `after` seconds after the start of an endless computation. Returns the
# seconds from the signal to its handler.
seconds_to_stop <- function(work, after = 0.3) {
  withr::local_message_sink(withr::local_tempfile()) # R writes a blank line when stopped
  sent <- withr::local_tempfile()
  send <- sprintf(
    "(sleep %s; date +%%s.%%N > '%s'; kill -INT %d) > /dev/null 2>&1", after, sent,
    Sys.getpid()
  )
  tryCatch(
    {
      system(send, wait = FALSE)
      begun <- Sys.time()
      repeat {
        work()
        # background jobs of a shell ignore the signal
        if (Sys.time() > begun + 60) stop("the signal did not reach R")
      }
    },
    interrupt = function(e) NULL
  )
  stopped <- as.double(Sys.time())
  stopped - as.double(readLines(sent))
}

long_times <- function(n) {
  withr::with_seed(1, list(
    days = ceiling(stats::runif(n, 0, 3650)), continuous = stats::runif(n, 0, 3650)
  ))
}

test_that("an interrupt soon stops every stage of a computation and leaks no memory", {
  withr::local_options(oligosurv.rows_per_thread = 1)
  skip_on_os("windows")
  skip_on_cran()
  times <- long_times(many)
  arm <- factor(rep_len(c("A", "B", "B"), many))
  event <- rep_len(c(1L, 0L, 1L, 1L, 0L), many)
  two <- rep_len(0:2, many) + 1L
  two <- structure(two, levels = c("censored", "failure", "death"), class = "factor")
  works <- list(
    function() event_table(Surv(times$days, event) ~ arm),
    function() event_table(Surv(times$continuous, event) ~ arm),
    function() logrank_test(Surv(times$continuous, event) ~ arm),
    function() kaplan_meier(Surv(times$continuous, event) ~ arm)
  )
  if (many <= 1e7) {
    table <- event_table(Surv(times$continuous, two) ~ arm)
    works <- c(works, list(
      function() gray_test(table), function() cumulative_incidence(table)
    ))
  }
  used <- function() {
    gc(FALSE)
    sum(gc(FALSE)[, 2L])
  }
  # A busy machine may stop the whole process, so the bound of 0.2 s is checked only at
  # the requested size.
  bound <- if (long_rows > 0) 0.2 else 2
  for (work in works) {
    before <- used()
    after <- if (long_rows > 0) c(0.05, 0.3, 1, 3, 6) else c(0.1, 0.25)
    waited <- vapply(after, function(s) seconds_to_stop(work, s), 0)
    if (long_rows > 0) message(paste(format(waited, digits = 2), collapse = " "))
    expect_lt(max(waited), bound)
    expect_lt(used() - before, 1)
  }
})

test_that("mid-p limits of a long curve, which take seconds, can be interrupted", {
  skip_on_os("windows")
  skip_on_cran()
  d <- data.frame(time = long_times(6e4)$continuous, event = rep_len(c(1, 0), 6e4))
  d$status <- factor(d$event, 0:2, c("censored", "failure", "death"))
  survival <- function(times) {
    kaplan_meier(Surv(time, event) ~ 1, d, conf.type = "mid-p", times = times)
  }
  later <- survival(5)
  expect_true(is_lazy(later))
  expect_lt(seconds_to_stop(function() survival(NULL)), 1)
  expect_lt(seconds_to_stop(function() tidy(later)), 1)
  expect_lt(seconds_to_stop(function() later$conf.low[1]), 1)
  expect_lt(seconds_to_stop(function() {
    cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = "mid-p")
  }), 1)
})

test_that("a time limit is an ordinary error, also in a session without a user", {
  skip_on_os("windows")
  skip_on_cran()
  # One long call, so that the limit is reached while threads are running
  code <- withr::local_tempfile(fileext = ".R", lines = "
    library(oligosurv)
    time <- stats::runif(1.2e7)
    event <- rep_len(c(1L, 0L, 1L), 1.2e7)
    used <- function() {
      gc(FALSE)
      sum(gc(FALSE)[, 2L])
    }
    small <- function() nrow(as.data.frame(event_table(Surv(1:3, c(1, 0, 1)) ~ 1)))
    invisible(small())
    before <- used() # a column of the rows has 96 MB
    stopped_by <- function(set) {
      stopped <- tryCatch(
        {
          set()
          kaplan_meier(Surv(time, event) ~ 1)
        },
        error = identity, interrupt = identity
      )
      setTimeLimit()
      setSessionTimeLimit()
      busy <- proc.time()[[1]]
      Sys.sleep(0.2)
      cat(class(stopped)[[1]], proc.time()[[1]] - busy < 0.1, used() - before < 8,
        small(), conditionMessage(stopped),
        fill = 99
      )
    }
    stopped_by(function() setTimeLimit(elapsed = 0.05, transient = TRUE))
    setSessionTimeLimit(elapsed = 0.05) # from the next expression of a script on
    stopped_by(function() NULL)
  ")
  out <- withr::with_envvar(
    c(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), R_TESTS = ""),
    system2(file.path(R.home("bin"), "Rscript"), code, stdout = TRUE, stderr = TRUE)
  )
  expect_identical(out, paste(
    "simpleError TRUE TRUE 3 reached",
    c("elapsed time limit", "session elapsed time limit")
  ))
})

test_that("the number of threads is read from the option and changes no bit", {
  withr::local_options(oligosurv.rows_per_thread = 1) # two threads from 65,536 rows
  times <- long_times(2e5)
  status <- factor(rep_len(c(0:2, 1L, 0L), 2e5), 0:2, c("censored", "failure", "death"))
  arm <- rep_len(c("A", "B", "B"), 2e5)
  for (time in times) {
    run <- function(threads) {
      withr::local_options(oligosurv.threads = threads)
      table <- event_table(Surv(time, status) ~ arm)
      alive <- Surv(time, status != "censored") ~ arm
      tests <- lapply(c("logrank", "gehan", "peto-peto"), function(weight) {
        logrank_test(alive, weight = weight)
      })
      list(
        table, cumulative_incidence(table), gray_test(table), kaplan_meier(alive), tests
      )
    }
    expect_identical(run(1), run(2))
  }
  withr::local_options(oligosurv.threads = 0)
  expect_error(event_table(Surv(1, 1) ~ 1), "oligosurv.threads",
    class = "oligosurv_error_input"
  )
  withr::local_options(oligosurv.threads = 2, oligosurv.rows_per_thread = "all")
  expect_error(event_table(Surv(times$days, status) ~ 1), "oligosurv.rows_per_thread",
    class = "oligosurv_error_input"
  )
})
