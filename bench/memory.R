# Rscript bench/memory.R <rows> <times> <work> <threads>: peak memory of one call above
# the memory in use before, and the memory kept by its result, in MB of 2^20 bytes. R's
# own counts are used (the package allocates only through R), because they exclude memory
# that was freed earlier. "At two times" is the fit, its rows and its medians.
# Calls with few rows come first: R compiles functions when they first run.
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
  "Kaplan-Meier at two times" = function(d) {
    fit <- kaplan_meier(formula, d, times = c(365, 730))
    list(fit, tidy(fit), median(fit))
  },
  "log-rank" = function(d) logrank_test(formula, d)
)
run <- works[[arguments[3]]]

d <- cohort(rows, arguments[2])
for (i in 1:3) invisible(run(utils::head(d, 2e5)))
mb <- function(cells) sum(cells * c(56, 8)) / 2^20 # bytes of R's list and vector cells
before <- mb(gc(reset = TRUE)[, "used"])
result <- run(d)
after <- gc()
cat(mb(after[, "max used"]) - before, mb(after[, "used"]) - before)
