# The largest number of threads: the option, else 2. Results do not depend on it.
max_threads <- function() {
  rows <- getOption("oligosurv.rows_per_thread")
  threads <- getOption("oligosurv.threads")
  if (is.null(rows) && is.null(threads)) return(2L)
  if (is.null(rows)) rows <- 1
  if (!is.numeric(rows) || length(rows) != 1L || is.na(rows) || rows < 1) {
    stop_oligosurv("input", sprintf(
      "option `oligosurv.rows_per_thread` must be one number of at least 1; it is %s",
      describe(rows)
    ))
  }
  if (is.null(threads)) threads <- 2L
  if (!is.numeric(threads) || length(threads) != 1L || is.na(threads) || threads < 1) {
    stop_oligosurv("input", sprintf(
      "option `oligosurv.threads` must be one whole number of at least 1; it is %s",
      describe(threads)
    ))
  }
  as.integer(min(threads, 1024))
}

# Called from C, after every worker thread has ended. `condition`: what stopped the work,
# as a limit of time that setTimeLimit() or setSessionTimeLimit() has set.
abort_status <- function(text, interrupt, condition) {
  if (inherits(condition, "error")) {
    condition["call"] <- list(NULL) # a call within this package's own question to R
    stop_again(condition)
  }
  if (interrupt) {
    signalCondition(structure(
      class = c("interrupt", "condition"), list(message = "interrupted", call = NULL)
    ))
    invokeRestart("abort")
  }
  stop_oligosurv("internal", paste("oligosurv internal error:", text)) # nocov
}
