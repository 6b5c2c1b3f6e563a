# Rscript .dev/check.R <dir>: fails on any finding of R CMD check in <dir> that is not
# listed, line by line, in .dev/check-allowed.dcf. A size in Mb that is listed there
# allows all smaller ones.

dir <- commandArgs(trailingOnly = TRUE)[1]
log <- file.path(dir, "oligosurv.Rcheck", "00check.log")
if (!any(grepl("^Status:", readLines(log)))) stop("R CMD check did not finish: ", log)

lines_of <- function(text) {
  lines <- trimws(strsplit(text, "\n", fixed = TRUE)[[1]])
  lines[nzchar(lines)]
}

# The text of a line before its size, and the size (NA without one)
before_size <- function(lines) sub(" +[0-9.]+Mb$", "", lines)
size_of <- function(lines) {
  has_size <- grepl(" [0-9.]+Mb$", lines)
  as.numeric(ifelse(has_size, sub("^.* ([0-9.]+)Mb$", "\\1", lines), NA))
}
is_listed <- function(line, listed) {
  smaller <- before_size(line) == before_size(listed) & size_of(line) <= size_of(listed)
  line %in% listed || any(smaller, na.rm = TRUE)
}

found <- tools::check_packages_in_dir_details(dir, logs = log, drop_ok = TRUE)
found <- found[found$Status %in% c("ERROR", "WARNING", "NOTE"), ]
allowed <- read.dcf(".dev/check-allowed.dcf", keep.white = "Output")
is_allowed <- vapply(seq_len(nrow(found)), function(i) {
  texts <- allowed[allowed[, "Check"] == found$Check[i], "Output"]
  found$Status[i] == "NOTE" &&
    all(vapply(lines_of(found$Output[i]), is_listed, NA, unlist(lapply(texts, lines_of))))
}, NA)

for (i in seq_len(nrow(found))) {
  writeLines(sprintf(
    "%s: %s (%s)\n%s", found$Status[i], found$Check[i],
    if (is_allowed[i]) "allowed" else "NOT ALLOWED", found$Output[i]
  ))
}
writeLines(sprintf(
  "check: %d findings, %d of them not allowed", nrow(found), sum(!is_allowed)
))
quit(status = as.integer(!all(is_allowed)))
