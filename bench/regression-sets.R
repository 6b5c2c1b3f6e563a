# Cox and Fine-Gray models of random sets of rows next to coxph(), crr(), and coxph() with
# the rows of finegray(): ties, strata, delayed entry, ids, weights of both types,
# offsets, empty levels, dependent columns, one event or none. A gap above the limits
# below is printed with its seed, and makes the script fail, unless the peer, by the
# definition of the likelihood, is further from the maximum than the gap.
# Rscript bench/regression-sets.R [sets, 1200 of each unless given] [first seed]

suppressPackageStartupMessages({
  library(survival)
  library(oligosurv)
})
source(file.path("tests", "testthat", "helper-regression.R"))
arguments <- as.integer(commandArgs(TRUE))
sets <- c(arguments, 1200L)[1L]
seeds <- c(arguments[-1L], 1L)[1L] + seq_len(sets) - 1L

# Coefficients in standard errors; others in proportion. crr() has tolerances of its own.
limits <- c(beta = 1e-8, var = 1e-7, loglik = 1e-10, ph = 1e-5)
limits_crr <- c(beta = 1e-6, var = 1e-5)

odd <- 0L
compare <- function(model, gaps_of, peer_of, limits_of) {
  notes <- vapply(seeds, function(seed) {
    gap <- gaps_of(seed)
    if (is.character(gap)) return(gap)
    peer <- peer_of(gap)
    limit <- limits_of(gap)
    beyond <- names(limit)[which(gap[names(limit)] > limit)]
    if (!length(beyond)) return(peer)
    ours <- gap["definition.ours"]
    if (!is.na(ours) && ours < 1e-10 && gap["definition.peer"] > 10 * ours) {
      return(paste(peer, "is further from the maximum"))
    }
    odd <<- odd + 1L
    cat(model, "seed", seed, paste(names(gap), format(gap, digits = 2)), "\n")
    "differs"
  }, "")
  cat(model, "\n")
  print(as.data.frame(table(result = notes)), row.names = FALSE)
}
compare("Cox", cox_gaps, function(gap) "coxph()", function(gap) limits)
compare("Fine-Gray", fine_gray_gaps, function(gap) {
  if (gap["crr"] == 1) "crr()" else "finegray()"
}, function(gap) if (gap["crr"] == 1) limits_crr else limits[1:2])
quit(status = odd > 0L)
