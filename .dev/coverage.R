# Rscript .dev/coverage.R [filter]: lines of the R code and of the glue that the tests in R
# run, by covr and gcov. The lines that no test runs are in .build/coverage/package.txt.
# With covr's counters the tests take about twice their usual time.

filter <- commandArgs(trailingOnly = TRUE)
tests <- normalizePath("tests/testthat")
log <- file.path(normalizePath(".build"), "coverage.log")
run <- bquote({
  Sys.setenv(NOT_CRAN = "true")
  testthat::test_dir(.(tests), filter = .(if (length(filter)) filter[1]),
    perl = TRUE, package = "oligosurv", load_package = "installed",
    stop_on_failure = FALSE, reporter = testthat::LocationReporter$new(file = .(log))
  )
})
found <- as.data.frame(covr::package_coverage(".build/coverage/source",
  type = "none", code = paste(deparse(run), collapse = "\n"), quiet = TRUE
))

# Trees of expressions are counted by line: a line runs if one of its expressions does
lines <- function(rows) {
  each <- do.call(rbind, lapply(split(rows, rows$filename), function(of_file) {
    number <- Map(seq, of_file$first_line, of_file$last_line)
    data.frame(file = of_file$filename[1], line = unlist(number),
      runs = rep(of_file$value, lengths(number))
    )
  }))
  stats::aggregate(runs ~ file + line, each, max)
}
kind <- ifelse(grepl("^R/", found$filename), "R",
  ifelse(grepl("^src/(r_|init)", found$filename), "glue", "kernels")
)
result <- unlist(lapply(c("R", "glue", "kernels"), function(one) {
  all <- lines(found[kind == one, ])
  missed <- all[all$runs == 0, ]
  missed <- missed[order(missed$file, missed$line), ]
  text <- mapply(function(file, line) readLines(file)[line], missed$file, missed$line)
  ran <- sum(all$runs > 0)
  c(
    sprintf("%s: %d of %d lines (%.1f%%)", one, ran, nrow(all), 100 * ran / nrow(all)),
    sprintf("  %s:%d: %s", missed$file, missed$line, trimws(text))
  )
}))
writeLines(result, ".build/coverage/package.txt")
writeLines(grep("^ ", result, value = TRUE, invert = TRUE))
