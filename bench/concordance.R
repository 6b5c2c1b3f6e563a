# Times concordance next to survival: `Rscript bench/concordance.R [<file.csv>]`. Ours and
# the peer, both with their variance, take turns in one process; each figure is the median
# of `repetitions`. CPU time is given too, because the machine may have other work.

library(survival, warn.conflicts = FALSE)
library(oligosurv)

repetitions <- 7L
options(oligosurv.threads = 1)

rows_of <- function(n, levels = n) {
  set.seed(1)
  x <- sample(levels, n, TRUE) / levels
  exit <- rexp(n, exp(2 * x))
  last <- rexp(n, 0.5)
  data.frame(
    x = x, event = as.integer(exit <= last), time = pmin(exit, last),
    start = pmin(exit, last) * runif(n)
  )
}

seconds <- function(call) {
  time <- system.time(call(), gcFirst = FALSE)
  c(cpu = sum(time[1:2]), elapsed = time[[3]])
}

compare <- function(work, d, ours, peer) {
  ours(d)
  both <- replicate(repetitions, {
    c(seconds(function() ours(d)), seconds(function() peer(d)))
  })
  middle <- unname(apply(both, 1L, stats::median))
  data.frame(
    work = work, rows = nrow(d), ours_cpu = middle[1L], ours_elapsed = middle[2L],
    peer_cpu = middle[3L], peer_elapsed = middle[4L], ratio_cpu = middle[3L] / middle[1L],
    ratio_elapsed = middle[4L] / middle[2L]
  )
}

one <- Surv(time, event) ~ x
late <- Surv(start, time, event) ~ x
harrell <- function(f) function(d) concordance_index(f, d)
peer <- function(f, ...) function(d) concordance(f, d, reverse = TRUE, ...)
results <- rbind(
  compare("Harrell's C", rows_of(1e5), harrell(one), peer(one)),
  compare("Harrell's C", rows_of(1e6), harrell(one), peer(one)),
  compare("Harrell's C, 20 scores", rows_of(1e5, 20), harrell(one), peer(one)),
  compare("Harrell's C, delayed entry", rows_of(1e5), harrell(late), peer(late)),
  compare(
    "Uno's C", rows_of(1e5),
    function(d) concordance_index(one, d, "uno", tau = 1),
    peer(one, timewt = "n/G2", ymax = 1)
  )
)
file <- commandArgs(TRUE)
if (length(file)) write.csv(results, file[1], row.names = FALSE)
print(results, digits = 3)
