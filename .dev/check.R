# Rscript .dev/check.R <dir>: fails on any finding of R CMD check in <dir> that is not
# listed, line by line, in .dev/check-allowed.dcf.

dir <- commandArgs(trailingOnly = TRUE)[1]
log <- file.path(dir, "oligosurv.Rcheck", "00check.log")
if (!any(grepl("^Status:", readLines(log)))) stop("R CMD check did not finish: ", log)

lines_of <- function(text) {
  lines <- trimws(strsplit(text, "\n", fixed = TRUE)[[1]])
  lines[nzchar(lines)]
}

found <- tools::check_packages_in_dir_details(dir, logs = log, drop_ok = TRUE)
found <- found[found$Status %in% c("ERROR", "WARNING", "NOTE"), ]
allowed <- read.dcf(".dev/check-allowed.dcf", keep.white = "Output")
is_allowed <- vapply(seq_len(nrow(found)), function(i) {
  texts <- allowed[allowed[, "Check"] == found$Check[i], "Output"]
  found$Status[i] == "NOTE" &&
    all(lines_of(found$Output[i]) %in% unlist(lapply(texts, lines_of)))
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
