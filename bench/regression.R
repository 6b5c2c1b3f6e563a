# Times Cox regression beside survival: `Rscript bench/regression.R [<file.csv>]`. Ours
# and the peer take turns in one process; each figure is the median of `repetitions`. CPU
# time is given too, because the machine may have other work; only counting uses a second
# thread.

library(survival, warn.conflicts = FALSE)
library(oligosurv)

repetitions <- 5L

continuous_rows <- function(n) {
  set.seed(1)
  d <- data.frame(
    x1 = rnorm(n), x2 = rnorm(n), x3 = rnorm(n), x4 = runif(n), x5 = rnorm(n)
  )
  exit <- rexp(n, exp(0.3 * d$x1 - 0.2 * d$x2 + 0.1 * d$x4))
  last <- rexp(n, 0.5)
  d$event <- as.integer(exit <= last)
  d$time <- pmin(exit, last)
  d
}

factor_rows <- function(n) {
  set.seed(2)
  d <- data.frame(
    a = factor(sample(2L, n, TRUE)), b = factor(sample(3L, n, TRUE)),
    c = factor(sample(4L, n, TRUE))
  )
  exit <- rexp(n, exp(0.3 * as.integer(d$a) - 0.2 * as.integer(d$b)) / 700)
  last <- runif(n, 0, 3650)
  d$event <- as.integer(exit <= last)
  d$time <- ceiling(pmin(exit, last))
  d
}

# A table of n subjects in 24 patterns on 3,650 days
counted_table <- function(n) {
  cells <- expand.grid(time = 1:3650, status = 0:1, group = sprintf("p%02d", 1:24))
  cells$n <- round(n / nrow(cells) * (1 + sin(seq_len(nrow(cells))) / 2))
  event_table(cells)
}

works <- function() {
  five <- Surv(time, event) ~ x1 + x2 + x3 + x4 + x5
  three <- Surv(time, event) ~ a + b + c
  small <- continuous_rows(37)
  small$arm <- factor(rep(c("A", "B"), length.out = 37))
  lapply(list(
    list("5 numbers, variance and PH test", 1e5, continuous_rows, five, TRUE),
    list("5 numbers, variance and PH test", 1e6, continuous_rows, five, TRUE),
    list("3 factors, days, with PH test", 1e6, factor_rows, three, FALSE),
    list("one arm, with PH test", 37, function(n) small, Surv(time, event) ~ arm, FALSE)
  ), function(w) {
    d <- w[[3]](w[[2]])
    formula <- w[[4]]
    environment(formula) <- environment() # where cox.zph() looks for `d`
    list(
      work = w[[1]], rows = w[[2]], ours = function() hazard_ratio(formula, d),
      peer = if (w[[5]]) {
        function() cox.zph(coxph(formula, d))
      } else {
        function() coxph(formula, d)
      },
      name = if (w[[5]]) "coxph() + cox.zph()" else "coxph()"
    )
  })
}

seconds <- function(call, times) {
  time <- system.time(for (i in seq_len(times)) call(), gcFirst = FALSE)
  c(cpu = sum(time[1:2]), elapsed = time[[3]]) / times
}

# Ours with one and with two threads and the peer in turn
compare <- function(work) {
  times <- if (work$rows < 1000) 200L else 1L
  ours <- function(threads) {
    options(oligosurv.threads = threads)
    gc()
    seconds(work$ours, times)
  }
  work$ours()
  both <- replicate(repetitions, {
    peer <- if (is.null(work$peer)) c(NA, NA) else seconds(work$peer, times)
    c(ours(1L), ours(2L), peer)
  })
  middle <- apply(both, 1L, stats::median)
  data.frame(
    work = work$work, rows = work$rows, peer = work$name, threads = 1:2,
    ours_cpu = middle[c(1L, 3L)], ours_elapsed = middle[c(2L, 4L)],
    peer_cpu = middle[5L], peer_elapsed = middle[6L],
    ratio_cpu = middle[5L] / middle[c(1L, 3L)],
    ratio_elapsed = middle[6L] / middle[c(2L, 4L)]
  )
}

table <- counted_table(1e9)
counts <- list(
  work = "24 patterns, 3,650 days from counts", rows = 1e9, name = "-",
  ours = function() hazard_ratio(table, ~group)
)
results <- do.call(rbind, lapply(c(works(), list(counts)), compare))
file <- commandArgs(TRUE)
if (length(file)) write.csv(results, file[1], row.names = FALSE)
print(results, digits = 3)
