# From the three CSV files of the study to report.html.
library(oligosurv)

study_report(read_study("inst/extdata/hcc_sbrt"), "report.html")
writeLines(paste("The report is in", normalizePath("report.html")))
