# Damaged and hostile files: every reader answers or stops with a classed error, and
# leaves the session, the folder and the file as they were. `.dev/fuzz-readers.R` tries
# many more.

good <- good_files(withr::local_tempdir(.local_envir = teardown_env()), test_path())

# The faults of reading these bytes (or a copy of a file) as a file of this name
faults_of <- function(kind, name, bytes) {
  dir <- withr::local_tempdir()
  withr::local_dir(dir)
  writeBin(bytes, name)
  reader_faults(kind, name, good)
}

bytes_of <- function(file) readBin(file, "raw", 1e7)

test_that("good files are read, with all their rows", {
  skip_if_not_installed("readxl")
  for (kind in c("study", "counts", "stream", "redcap", "workbook")) {
    for (file in good[[kind]]) {
      expect_identical(faults_of(kind, basename(file), bytes_of(file)), character())
    }
  }
  withr::local_dir(withr::local_tempdir())
  file.copy(good$stream, "rows.csv")
  expect_identical(plain_lines("rows.csv"), 41L)
  expect_identical(sum(read_file("stream", "rows.csv", good)$n), 40)
})

test_that("the contract notices an unclassed error, a lost row and a file that is left", {
  withr::local_dir(withr::local_tempdir())
  file.copy(good$stream, "rows.csv")
  file.copy(good$counts[1L], "counts.csv")
  whole <- read_file("stream", "rows.csv", good)
  lost <- whole
  lost$n[1L] <- lost$n[1L] - 1
  expect_null(what_is_lost(whole, "stream", "rows.csv", good))
  expect_identical(what_is_lost(lost, "stream", "rows.csv", good), "39 rows of 41 lines")
  expect_identical(what_is_lost(lost, "counts", "counts.csv", good),
    "damaged counts pass"
  )
  leaving <- function(...) {
    writeLines("x", "left")
    warning("a warning of R")
    whole
  }
  expect_setequal(reader_faults("stream", "rows.csv", good, leaving),
    c("warning a warning of R", "state files")
  )
  failing <- function(...) stop("an error of R")
  expect_match(reader_faults("stream", "rows.csv", good, failing), "error an error of R")
  expect_identical(reader_faults("counts", "counts.csv", good, function(...) lost),
    "damaged counts pass"
  )
})

# Small texts that are put into the middle of a line, between lines, or at an end
inserted <- c(
  nul = "00", invalid = "ff", bom = "efbbbf", quote = "22", cr = "0d", lf = "0a0a",
  comma = "2c2c2c", formula = "3d312b31", huge = "3165393939", control = "1a0b",
  right_to_left = "e280ae", surrogate = "eda080"
)
raw_of <- function(hex) {
  as.raw(strtoi(substring(hex, seq(1, nchar(hex), 2), seq(2, nchar(hex), 2)), 16L))
}

test_that("text files with odd bytes anywhere, cut short, or repeated", {
  skip_on_cran() # takes seconds
  for (kind in c("study", "counts", "stream", "redcap")) {
    file <- good[[kind]][1L]
    x <- bytes_of(file)
    n <- length(x)
    line <- which(x == as.raw(0x0a))[2L]
    cases <- list(empty = raw(), half = x[seq_len(n %/% 2)], twice = c(x, x),
      no_end = x[-n], one_line = x[seq_len(line)], header = x[x != as.raw(0x0a)])
    for (name in names(inserted)) {
      new <- raw_of(inserted[[name]])
      cases[[name]] <- c(x[seq_len(line + 3L)], new, x[-seq_len(line + 3L)])
      if (kind == "study") next # a study takes longer
      cases[[paste(name, "first")]] <- c(new, x)
      cases[[paste(name, "last")]] <- c(x, new)
    }
    for (name in names(cases)) {
      found <- faults_of(kind, basename(file), cases[[name]])
      expect_identical(found, character(), label = paste(kind, name))
    }
  }
})

test_that("every byte of a file of counts counts", {
  skip_on_cran() # takes seconds
  withr::local_seed(1)
  x <- bytes_of(good$counts[1L])
  for (at in sample(length(x), 60)) {
    changed <- x
    changed[at] <- as.raw(bitwXor(as.integer(x[at]), 1L))
    found <- faults_of("counts", "counts.csv", changed)
    expect_identical(found, character(), label = paste("byte", at))
  }
})

test_that("a workbook with damaged bytes or parts", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("readxl")
  withr::local_seed(1)
  x <- bytes_of(good$workbook)
  cases <- c(
    list(raw(), x[seq_len(length(x) %/% 2)], c(x, x), x[-seq_len(30)], rev(x)),
    lapply(sample(length(x), 8), function(at) replace(x, at, as.raw(0xff)))
  )
  for (i in seq_along(cases)) {
    found <- faults_of("workbook", "study.xlsx", cases[[i]])
    expect_identical(found, character(), label = paste("case", i))
  }
})
