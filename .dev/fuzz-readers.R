# Rscript .dev/fuzz-readers.R [--seconds=60] [--calls=<most>] [--seed=<number>]
# [--from=<call>]: changes valid files and reads them, in child processes with limits of
# time and memory. The files are the CSV files and the workbook of a study, a file of
# counts, the rows of a stream, and a REDCap export. An answer and a classed error are
# allowed. Findings: a crash, a hang, other errors and warnings, a file that was written
# or changed, a connection that stays open, lost rows, and a damaged file of counts that
# is accepted. A changed file depends only on the seed and the number of the call. To
# write it to the working folder and read it:
# Rscript .dev/fuzz-readers.R --seed=<seed> --call=<number>
# Status 1 if there is a finding.

this <- normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
folder <- dirname(this)
sys.source(file.path(folder, "fuzz-children.R"), globalenv())
sys.source(file.path(folder, "../tests/testthat/helper-readers.R"), globalenv())
limit <- 60
batch <- 500
seed <- option("seed", 1)

# Changing a file ------------------------------------------------------------------------

tokens <- c(
  ",", ";", "\t", "\"", "\"\"", "\r", "\n", "\r\n", "#", "'", "NA", "", " ", "0", "-1",
  "1e999", "9007199254740993", "NaN", "Inf", "1e-320", "2020-02-30", "9999-12-31",
  "31.12.2020", "1,5", "1.234,5", "=1+1", "<script>", "&#0;", "&e;", "]]>", "<!--", "/>",
  "<c r=\"XFD1048576\"><v>1</v></c>", "<row r=\"0\">", "r=\"A0\"", "t=\"s\"", "t=\"e\"",
  "<v>99999999</v>", "../../x", "patient_id", "status", "time", "group",
  strrep("9", 400), strrep("a", 5000), strrep(",", 300), strrep("\n", 50)
)
odd_bytes <- lapply(list(0, 0xff, c(0xff, 0xfe), c(0xef, 0xbb, 0xbf), c(0xc3, 0x28),
  c(0xed, 0xa0, 0x80), 0x1a, 0x0b, c(0xe2, 0x80, 0xae)), as.raw)

change_bytes <- function(x) {
  n <- length(x)
  at <- sample.int(n + 1L, 1L) - 1L
  size <- min(n - at, sample(c(1L, 4L, 30L, 300L), 1L))
  before <- x[seq_len(at)]
  taken <- x[at + seq_len(size)]
  after <- x[seq_len(n) > at + size]
  new <- if (chance(0.8)) charToRaw(pick(tokens)) else pick(odd_bytes)
  switch(sample.int(8L, 1L),
    c(before, new, taken, after), c(before, new, after), c(before, after), before,
    c(before, taken, taken, after), c(after, taken, before),
    c(before, as.raw(sample.int(256L, length(taken), TRUE) - 1L), after),
    c(before, taken, new, new, after)
  )
}

# Moves, removes or repeats lines or cells
change_lines <- function(x) {
  text <- rawToChar(x[x != as.raw(0)])
  lines <- strsplit(text, "\n", fixed = TRUE, useBytes = TRUE)[[1L]]
  i <- sample.int(length(lines), 1L)
  j <- sample.int(length(lines), 1L)
  lines <- switch(sample.int(6L, 1L),
    lines[-i], append(lines, lines[i], j), replace(lines, c(i, j), lines[c(j, i)]),
    c(lines, lines), replace(lines, i, paste0(lines[i], ",", pick(tokens))),
    {
      cells <- strsplit(lines[i], ",", fixed = TRUE, useBytes = TRUE)[[1L]]
      if (length(cells)) cells[sample.int(length(cells), 1L)] <- pick(tokens)
      replace(lines, i, paste(cells, collapse = ","))
    }
  )
  charToRaw(paste0(lines, pick(c("\n", "\n", "\n", "\r\n", "\r")), collapse = ""))
}

changed <- function(bytes) {
  for (i in seq_len(sample.int(3L, 1L))) {
    if (length(bytes) < 2L) break
    bytes <- if (chance(0.5)) change_lines(bytes) else change_bytes(bytes)
  }
  bytes
}

# Makes the changed file of a call in the working folder: list(kind, file)
make_file <- function(number, good) {
  set.seed((seed * 1000003 + number) %% 2^31) # seeds share no calls
  kind <- pick(c("study", "study", "counts", "counts", "stream", "redcap", "workbook",
    "workbook"))
  if (kind == "workbook" && chance(0.75)) {
    return(list(kind = kind, file = changed_part(good)))
  }
  file <- pick(good[[kind]])
  bytes <- readBin(file, "raw", 1e7)
  bytes <- if (kind == "workbook") change_bytes(bytes) else changed(bytes)
  writeBin(bytes, basename(file))
  list(kind = kind, file = basename(file))
}

# Changes one part of a workbook
changed_part <- function(good) {
  parts <- list.files(good$parts, recursive = TRUE, all.files = TRUE)
  dir.create("parts")
  file.copy(list.files(good$parts, full.names = TRUE, all.files = TRUE, no.. = TRUE),
    "parts", recursive = TRUE)
  at <- file.path("parts", pick(c(parts, rep(grep("sheet1|sharedStrings|workbook[.]xml",
    parts, value = TRUE), 3L))))
  writeBin(changed(readBin(at, "raw", 1e7)), at)
  old <- setwd("parts")
  utils::zip("../study.xlsx", list.files(), flags = "-r1Xq")
  setwd(old)
  unlink("parts", recursive = TRUE)
  "study.xlsx"
}

# Calls in a child -----------------------------------------------------------------------

one_call <- function(number, good) {
  made <- make_file(number, good)
  c(list(found = reader_faults(made$kind, made$file, good)), made)
}

in_new_folder <- function(expr) {
  dir <- tempfile_dir()
  old <- setwd(dir)
  on.exit({
    setwd(old)
    unlink(dir, recursive = TRUE)
  })
  expr
}

child <- function(numbers, dir) {
  force(dir)
  suppressMessages(suppressWarnings(library(oligosurv)))
  good <- good_files(tempfile_dir(), file.path(folder, "../tests/testthat"))
  results <- file(file.path(dir, "results"), "a")
  for (number in numbers) {
    cat(number, file = file.path(dir, "progress"))
    done <- in_new_folder(one_call(number, good))
    if (!length(done$found)) next
    found <- gsub("[\t\n\r]", " ", iconv(done$found, "", "ASCII", "byte"))
    writeLines(paste(number, done$kind, found, done$file, sep = "\t"), results)
    flush(results)
  }
  cat("done", file = file.path(dir, "progress"))
}

if (option("child", 0) == 1) {
  child(seq(option("from", 1), option("to", 1)), getwd())
} else if (option("show", 0) + option("call", 0) > 0) {
  suppressMessages(suppressWarnings(library(oligosurv)))
  good <- good_files(tempfile_dir(), file.path(folder, "../tests/testthat"))
  if (option("show", 0) > 0) {
    made <- in_new_folder(make_file(option("show", 0), good))
    writeLines(c(made$kind, made$file))
  } else {
    print(one_call(option("call", 0), good)[c("kind", "file", "found")])
  }
} else {
  main()
}
