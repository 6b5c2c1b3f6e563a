# Rscript .dev/test.R [filter]: runs tests/testthat against the installed package and
# leaves the counts of tests (not of expectations) in .build/counts/testthat.

dir.create(".build/counts", recursive = TRUE, showWarnings = FALSE)
unlink(".build/counts/testthat")

torture <- as.integer(Sys.getenv("OLIGOSURV_TORTURE", "0"))
if (torture > 0) gctorture2(torture, inhibit_release = TRUE)

filter <- commandArgs(trailingOnly = TRUE)
results <- as.data.frame(testthat::test_dir("tests/testthat",
  filter = if (length(filter) > 0) filter[1], reporter = "check",
  package = "oligosurv", load_package = "installed", stop_on_failure = FALSE
))

failed <- results$failed > 0 | results$error
skipped <- results$skipped & !failed
counts <- c(sum(!failed & !skipped), sum(failed), sum(skipped))
writeLines(paste(counts, collapse = " "), ".build/counts/testthat")
quit(status = as.integer(any(failed)))
