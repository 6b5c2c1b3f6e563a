# Times Cox regression next to survival: `Rscript bench/regression.R [<file.csv>]`. Ours,
# which always includes the test of proportional hazards, and the peer take turns in one
# process; each figure is the median of `repetitions`. CPU time is given too, because the
# machine may have other work; only counting uses a second thread.

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
  arm <- Surv(time, event) ~ arm
  two_arms <- function(n) {
    transform(continuous_rows(n), arm = factor(rep(c("A", "B"), length.out = n)))
  }
  lapply(list(
    list(work = "5 numbers", rows = 1e5, data = continuous_rows, formula = five),
    list(work = "3 factors, days", rows = 1e6, data = factor_rows, formula = three,
      peer = "coxph()"
    ),
    list(work = "one arm", rows = 37, data = two_arms, formula = arm, peer = "coxph()"),
    list(work = "one arm", rows = 37, data = two_arms, formula = arm),
    list(work = "5 numbers", rows = 1e6, data = continuous_rows, formula = five)
  ), function(w) {
    d <- w$data(w$rows)
    formula <- w$formula
    environment(formula) <- environment() # where cox.zph() looks for `d`
    alone <- !is.null(w$peer)
    list(
      work = w$work, rows = w$rows, ours = function() hazard_ratio(formula, d),
      peer = if (alone) {
        function() coxph(formula, d)
      } else {
        function() cox.zph(coxph(formula, d))
      },
      name = if (alone) w$peer else "coxph() + cox.zph()"
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
  middle <- unname(apply(both, 1L, stats::median))
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
file <- commandArgs(TRUE)
results <- NULL
for (work in c(list(counts), works())) { # what is done is kept if the run is stopped
  results <- rbind(results, compare(work))
  if (length(file)) write.csv(results, file[1], row.names = FALSE)
}
print(results, digits = 3)
