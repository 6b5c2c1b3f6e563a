# Rows of patients in hospitals, for tests of files of counts.

hospital_rows <- function(seed = 11, n = 240) {
  withr::with_seed(seed, {
    d <- data.frame(
      day = ceiling(stats::rexp(n, 1 / 400)), age = sample(45:80, n, TRUE),
      arm = sample(c("A", "B"), n, TRUE), ecog = sample(0:2, n, TRUE),
      hospital = sample(c("Aachen", "K\u00f6ln", "\u0130zmir"), n, TRUE),
      cause = sample(0:2, n, TRUE, c(0.3, 0.4, 0.3))
    )
    d$status <- factor(d$cause, 0:2, c("censored", "local failure", "death"))
    d$dead <- as.integer(d$cause > 0)
    d$entry <- floor(d$day * stats::runif(n) * stats::rbinom(n, 1, 0.6))
    d
  })
}

# Writes a table and reads it back
written <- function(table, unit = "days", ...) {
  file <- withr::local_tempfile(fileext = ".csv")
  write_counts(table, file, unit = unit, ...)
  read_counts(file)
}

# The lines of the file of a table
counts_text <- function(table, ...) {
  file <- withr::local_tempfile(fileext = ".csv")
  write_counts(table, file, unit = "days", ...)
  readLines(file, encoding = "UTF-8")
}

# Reads these lines (or bytes) as a file of counts
read_lines <- function(lines, name = "b.csv") {
  file <- file.path(withr::local_tempdir(), name)
  if (is.character(lines)) {
    lines <- charToRaw(paste0(enc2utf8(lines), "\n", collapse = ""))
  }
  writeBin(lines, file)
  read_counts(file)
}
