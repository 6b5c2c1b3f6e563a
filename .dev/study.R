# Rscript .dev/study.R [<folder or file>]: writes report.html from the CSV or Excel files
# of a study, else from those of the example. If the folder contains study.R, that script
# is run instead of read_study(folder); its last value must be the study. Write study.R if
# your files need a call of read_study() with further arguments, for column names, date
# formats or codes.
library(oligosurv)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given) && nzchar(given[1])) given[1] else "inst/extdata/hcc_sbrt"
script <- file.path(folder, "study.R")

read_it <- function() {
  if (!file.exists(script)) return(read_study(folder))
  home <- setwd(folder)
  on.exit(setwd(home))
  study <- source("study.R", local = new.env())$value
  if (!inherits(study, "sbrt_study")) {
    stop("the last value of ", script, " must be a study, made by read_study()")
  }
  study
}

study_report(read_it(), "report.html")
writeLines(paste("The report is in", normalizePath("report.html")))
