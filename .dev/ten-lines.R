# Rscript .dev/ten-lines.R <dir>: runs the README's ten lines with the installed package
# in <dir>, and writes their output and the report there. Fails unless the last line
# prints the text shown in the README, and the published numbers are all equal.
# Rscript .dev/ten-lines.R <dir> <other>: fails unless both folders have the same numbers.

args <- commandArgs(trailingOnly = TRUE)

# Text of the report without markup, pictures and software versions
report_words <- function(dir) {
  page <- readLines(file.path(dir, "report.html"), encoding = "UTF-8")
  page <- paste(page, collapse = " ")
  page <- sub(".*<body>", "", page)
  page <- gsub("<[^>]*>", " ", page)
  entities <- c("&lt;" = "<", "&gt;" = ">", "&quot;" = "\"", "&#39;" = "'", "&#96;" = "`",
    "&amp;" = "&"
  )
  for (i in names(entities)) page <- gsub(i, entities[[i]], page, fixed = TRUE)
  page <- sub("Software Version .* Table Rows MD5", "", gsub("\\s+", " ", page))
  strsplit(trimws(page), " ", fixed = TRUE)[[1]]
}

run <- function(dir) {
  readme <- readLines("README.md")
  section <- readme[-seq_len(match("## Ten lines", readme))]
  fences <- grep("^```", section)
  lines <- section[(fences[1] + 1):(fences[2] - 1)]
  shown <- section[(fences[3] + 1):(fences[4] - 1)]
  unlink(dir, recursive = TRUE)
  dir.create(dir, recursive = TRUE)
  setwd(dir)
  writeLines(lines, "lines.R")
  printed <- utils::capture.output(source("lines.R", echo = FALSE, print.eval = TRUE))
  writeLines(printed, "printed.txt")
  text <- paste(report_words("."), collapse = " ")
  last <- utils::tail(printed, length(shown))
  stopifnot(
    "the last line prints something else than the README shows" =
      identical(trimws(last, "right"), trimws(shown, "right")),
    "report.html is empty" = file.size("report.html") > 1e5,
    "a published number is not reproduced" =
      grepl("30 of 30 published numbers are equal", text, fixed = TRUE)
  )
  cat("ten lines:", R.version.string, "with", find.package("oligosurv"), "\n")
}

compare <- function(dir, other) {
  differ <- function(what, a, b) {
    if (identical(a, b)) return(FALSE)
    n <- min(length(a), length(b))
    at <- c(which(a[seq_len(n)] != b[seq_len(n)]), n + 1)[1]
    near <- function(x) toString(x[seq(max(1, at - 5), min(length(x), at + 5))])
    cat(what, "differ:", near(a), "|", near(b), "\n")
    TRUE
  }
  printed <- lapply(c(dir, other), function(d) readLines(file.path(d, "printed.txt")))
  words <- lapply(c(dir, other), report_words)
  bad <- c(
    differ("printed lines", printed[[1]], printed[[2]]),
    differ("reports", words[[1]], words[[2]])
  )
  if (!any(bad)) {
    cat("ten lines: the same", length(printed[[1]]), "lines and", length(words[[1]]),
      "words of the report under both versions of R\n"
    )
  }
  quit(status = as.integer(any(bad)))
}

if (length(args) == 1) run(args[1]) else compare(args[1], args[2])
