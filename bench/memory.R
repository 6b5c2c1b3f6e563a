# Rscript bench/memory.R <rows> <times> <work> <threads>: peak memory of one call, in MB
# beside what the process held before, as Linux counts it. A small call comes first, so
# that the libraries and threads of OpenMP are there already.
source("bench/cohort.R")
library(survival, warn.conflicts = FALSE)
library(oligosurv)

arguments <- commandArgs(trailingOnly = TRUE)
rows <- as.double(arguments[1])
options(oligosurv.threads = as.integer(arguments[4]))
formula <- Surv(time, event) ~ arm
works <- list(
  "event table" = function(d) event_table(formula, d),
  "Kaplan-Meier" = function(d) kaplan_meier(formula, d),
  "Kaplan-Meier at two times" = function(d) kaplan_meier(formula, d, times = c(365, 730)),
  "log-rank" = function(d) logrank_test(formula, d)
)
run <- works[[arguments[3]]]

d <- cohort(rows, arguments[2])
few <- data.frame(time = rep_len(1:9, 2e5), event = 1L, arm = factor(rep_len(1:2, 2e5)))
invisible(run(few))
rm(few)
invisible(gc(FALSE))
invisible(gc(FALSE))
kilobytes <- function(what) {
  line <- grep(what, readLines("/proc/self/status"), value = TRUE)
  as.double(gsub("[^0-9]", "", line))
}
invisible(kilobytes("VmHWM"))
writeLines("5", "/proc/self/clear_refs") # the peak counts from here
before <- kilobytes("VmRSS")
result <- run(d)
cat((kilobytes("VmHWM") - before) / 1024, as.double(utils::object.size(result)) / 2^20)
