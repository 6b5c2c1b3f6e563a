# Readers of tests/testthat/reference; its README names the sources.

# Path of a file of the reference folder
reference_file <- function(...) test_path("reference", ...)

# Reads a table of the reference folder, one row per number: `data`, `quantity`, `exact`
# and, for published.csv, `source`, `published`, `level`, `agrees`. All are text: "NA" is
# a value (not reached). A bare "p" or "cmprsk var, same" refers to the row above it.
reference_rows <- function(name) {
  rows <- utils::read.csv(reference_file(name),
    colClasses = "character", na.strings = character()
  )
  bare <- which(rows$quantity == "p")
  rows$quantity[bare] <- paste("p of", rows$quantity[bare - 1L])
  same <- which(rows$quantity == "cmprsk var, same")
  rows$quantity[same] <- paste("cmprsk var of", rows$quantity[same - 1L])
  rows$key <- paste0(sub("[.]csv$", "", rows$data), ": ", rows$quantity)
  rows
}

# A data set as a user would have it: `status` is 0/1, or a factor if there are several
# causes.
reference_data <- function(name) {
  d <- utils::read.csv(reference_file("data", paste0(name, ".csv")),
    colClasses = c(group = "character")
  )
  d$group <- factor(d$group)
  if (max(d$status) > 1) {
    causes <- seq_len(max(d$status))
    d$status <- factor(d$status, c(0, causes), c("censored", causes))
  }
  d
}

# Reads printed numbers: "0.0867", "6/343", "NA".
read_number <- function(text) {
  one <- function(x) {
    part <- strsplit(x, "/", fixed = TRUE)[[1L]]
    if (x == "NA") NA_real_ else Reduce(`/`, as.numeric(part))
  }
  vapply(text, one, 0, USE.NAMES = FALSE)
}

# The tolerance for a printed number: half a unit of its last digit; one unit if the
# source truncated the number, four units if it printed a double with all digits, whose
# last digits are wrong.
printed_unit <- function(text, agrees) {
  digits <- nchar(sub("^[^.]*[.]?", "", text))
  units <- c(True = 0.5, trunc = 1, "double noise" = 4)
  unname(units[agrees]) * 10^-digits * (1 + 1e-9)
}
