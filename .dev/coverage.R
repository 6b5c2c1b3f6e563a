# Rscript .dev/coverage.R [filter]: measures with covr and gcov which lines of R code and
# of the glue are run by the R tests. Lines that no test runs are listed in
# .build/coverage/package.txt. COVERAGE_SECONDS=<number>: starts no test file after that
# time; small files come first.
# Counting doubles the time of the tests.

filter <- commandArgs(trailingOnly = TRUE)
files <- list.files("tests/testthat", "^test-.*[.]R$", full.names = TRUE)
names <- sub("^test-(.*)[.]R$", "\\1", basename(files))
first <- grepl("^every-", names) # first the files that call each function and method
names <- names[order(!first, file.size(files))]
if (length(filter)) names <- grep(filter[1], names, value = TRUE, perl = TRUE)
folder <- normalizePath(".build/coverage")
run <- bquote({
  Sys.setenv(NOT_CRAN = "true")
  end <- Sys.time() + .(as.numeric(Sys.getenv("COVERAGE_SECONDS", "1e6")))
  for (name in .(names)) {
    if (Sys.time() > end || file.exists(.(file.path(folder, "stop")))) break
    took <- system.time(testthat::test_dir(.(normalizePath("tests/testthat")),
      filter = paste0("^", name, "$"), package = "oligosurv", reporter = "silent",
      load_package = "installed", stop_on_failure = FALSE
    ))
    cat(name, took[["elapsed"]], "\n", file = .(file.path(folder, "files.txt")),
      append = TRUE
    )
  }
  # an R that a test has killed leaves part of a file, which covr could not read
  library <- dirname(find.package("oligosurv"))
  for (file in list.files(library, "^covr_trace", full.names = TRUE)) {
    tryCatch(readRDS(file), error = function(e) unlink(file))
  }
})
unlink(file.path(folder, c("files.txt", "stop")))
found <- as.data.frame(covr::package_coverage(file.path(folder, "source"),
  type = "none", code = paste(deparse(run), collapse = "\n"), quiet = TRUE
))

# covr counts expressions, which may take several lines; a line runs if one of them does
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
  text <- mapply(function(file, line) readLines(file.path(folder, "source", file))[line],
    missed$file, missed$line)
  ran <- sum(all$runs > 0)
  c(
    sprintf("%s: %d of %d lines (%.1f%%)", one, ran, nrow(all), 100 * ran / nrow(all)),
    sprintf("  %s:%d: %s", missed$file, missed$line, trimws(text))
  )
}))
writeLines(result, file.path(folder, "package.txt"))
writeLines(c(
  grep("^ ", result, value = TRUE, invert = TRUE),
  sprintf("%d of %d test files", length(readLines(file.path(folder, "files.txt"))),
    length(files)
  )
))
