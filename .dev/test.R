# Rscript .dev/test.R [filter]: runs tests/testthat against the installed package and
# leaves the counts of tests (not of expectations) in .build/counts/testthat. A file that
# leaves something behind (an option, a connection, a device) counts as a failed test.
# Prints the files that took longest.

dir.create(".build/counts", recursive = TRUE, showWarnings = FALSE)
unlink(".build/counts/testthat")

torture <- as.integer(Sys.getenv("OLIGOSURV_TORTURE", "0"))
if (torture > 0) gctorture2(torture, inhibit_release = TRUE)

# State of the session that tests must not change; snapshots may be written
tests <- normalizePath("tests")
state <- function() {
  list(
    options = options(), connections = showConnections(), devices = grDevices::dev.list(),
    directory = getwd(), locale = Sys.getlocale(), random = RNGkind(),
    files = grep("_snaps/", list.files(tests, all.files = TRUE, recursive = TRUE),
      fixed = TRUE, value = TRUE, invert = TRUE
    ),
    variables = Sys.getenv(c("TZ", "HOME", "OMP_THREAD_LIMIT", "OMP_NUM_THREADS"))
  )
}

changes <- function(before, after) {
  # loading a package adds options, so only options that were set before are compared
  had <- intersect(names(before$options), names(after$options))
  changed <- had[!mapply(identical, before$options[had], after$options[had])]
  same <- mapply(identical, before[-1], after[-1])
  c(changed, names(before)[-1][!same])
}

state_reporter <- R6::R6Class("state_reporter",
  inherit = testthat::Reporter,
  public = list(
    name = "", before = NULL, left = character(),
    start_file = function(filename) {
      self$name <- filename
      self$before <- state()
    },
    end_file = function() {
      left <- toString(changes(self$before, state()))
      if (nzchar(left)) self$left <- c(self$left, paste(self$name, "leaves", left))
    }
  )
)$new()

filter <- commandArgs(trailingOnly = TRUE)
results <- as.data.frame(testthat::test_dir("tests/testthat",
  filter = if (length(filter) > 0) filter[1],
  reporter = testthat::MultiReporter$new(
    reporters = list(testthat::CheckReporter$new(), state_reporter)
  ), package = "oligosurv", load_package = "installed", stop_on_failure = FALSE
))

failed <- results$failed > 0 | results$error
skipped <- results$skipped & !failed
left <- state_reporter$left
writeLines(left)
counts <- c(sum(!failed & !skipped), sum(failed) + length(left), sum(skipped))
writeLines(paste(counts, collapse = " "), ".build/counts/testthat")
seconds <- sort(tapply(results$real, results$file, sum), decreasing = TRUE)
slow <- utils::head(seconds[seconds > 5], 20L)
writeLines(sprintf("%5.0f s %s", slow, names(slow)))
quit(status = as.integer(any(failed) || length(left) > 0))
