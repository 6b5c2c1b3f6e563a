# Rscript bench/peers.R [--quick | --most=<rows>]: oligosurv and its peers side by side.
# Writes bench/results.csv and bench/peers.png. --quick (under 2 minutes on an idle
# machine) stops at 1e6 rows of day-resolution and 1e5 of continuous times and leaves both
# files as they are; --most stops at fewer rows than 1e7.

library(survival, warn.conflicts = FALSE)
library(oligosurv)

arguments <- commandArgs(trailingOnly = TRUE)
quick <- "--quick" %in% arguments
most <- sub("--most=", "", grep("^--most=", arguments, value = TRUE))
most <- as.double(c(most, 1e7)[1])
repetitions <- 5L

# What is compared: the same formula or columns, from the rows to the fitted object
works <- list(
  list(
    work = "Kaplan-Meier", peer = "survival::survfit",
    ours = function(d) kaplan_meier(Surv(time, event) ~ arm, d),
    theirs = function(d) survfit(Surv(time, event) ~ arm, d, conf.type = "log-log")
  ),
  list(
    work = "log-rank", peer = "survival::survdiff",
    ours = function(d) logrank_test(Surv(time, event) ~ arm, d),
    theirs = function(d) survdiff(Surv(time, event) ~ arm, d)
  ),
  list(
    work = "CIF and Gray", peer = "cmprsk::cuminc",
    ours = function(d) {
      table <- event_table(Surv(time, status) ~ arm, d)
      list(cumulative_incidence(table), gray_test(table))
    },
    theirs = function(d) cmprsk::cuminc(d$time, d$status, d$arm, cencode = "censored")
  )
)

package_of <- function(peer) sub("::.*", "", peer)
there <- vapply(
  works, function(w) requireNamespace(package_of(w$peer), quietly = TRUE), NA
)
for (w in works[!there]) {
  message("left out: ", w$peer, " (package '", package_of(w$peer), "' is not installed)")
}
works <- works[there]

# A cohort of about ten years: two arms, two causes, a third or so censored
cohort <- function(rows, times) {
  set.seed(rows)
  arm <- sample.int(2L, rows, replace = TRUE)
  exit <- rexp(rows, c(1 / 1000, 1 / 1200)[arm])
  last <- runif(rows, 0, 3650)
  event <- as.integer(exit <= last)
  days <- pmin(exit, last)
  cause <- event * (1L + (runif(rows) < 0.4))
  data.frame(
    time = if (times == "days") ceiling(days) else days, event = event,
    status = factor(cause, 0:2, c("censored", "failure", "death")),
    arm = factor(arm, 1:2, c("A", "B"))
  )
}

# Seconds of one call; a quick one is repeated until a clock can see it
seconds_of <- function(f, d) {
  gc(FALSE)
  calls <- 1L
  repeat {
    start <- proc.time()[["elapsed"]]
    for (i in seq_len(calls)) f(d)
    took <- proc.time()[["elapsed"]] - start
    if (took >= 0.05) return(took / calls)
    calls <- calls * 4L
  }
}

# Ours with 1 and 2 threads and the peer take turns, so that a busy moment of the
# machine meets all of them.
compare <- function(w, rows, times) {
  d <- cohort(rows, times)
  runs <- replicate(repetitions, c(
    peer = seconds_of(w$theirs, d),
    vapply(1:2, function(threads) {
      options(oligosurv.threads = threads)
      seconds_of(w$ours, d)
    }, 0)
  ))
  seconds <- apply(runs, 1L, stats::median)
  out <- data.frame(
    work = w$work, rows = rows, times = times, peer = w$peer, threads = 1:2,
    seconds_ours = signif(seconds[2:3], 3), seconds_peer = signif(seconds[[1]], 3),
    ratio = signif(seconds[[1]] / seconds[2:3], 3), row.names = NULL
  )
  writeLines(sprintf(
    "%-12s %-10s %8g rows, %d thread%s: %8.3g s, %s %8.3g s, %6.1fx", out$work, out$times,
    out$rows, out$threads, c("", "s"), out$seconds_ours, out$peer, out$seconds_peer,
    out$ratio
  ))
  out
}

version_of <- function(package) paste(package, utils::packageVersion(package))
versions <- paste(c(
  paste0("R ", getRversion()),
  vapply(c("oligosurv", unique(vapply(works, function(w) package_of(w$peer), ""))),
    version_of, ""
  )
), collapse = "; ")

cases <- expand.grid(
  rows = c(37, 1e4, 1e5, 1e6, 1e7), times = c("days", "continuous"),
  work = seq_along(works), stringsAsFactors = FALSE
)
if (quick) most <- ifelse(cases$times == "days", 1e6, 1e5)
cases <- cases[cases$rows <= most, ]
results <- do.call(rbind, Map(
  function(rows, times, work) compare(works[[work]], rows, times),
  cases$rows, cases$times, cases$work
))
if (quick) quit()
results$versions <- versions
utils::write.csv(results, "bench/results.csv", row.names = FALSE)

line_of <- function(who, results, seconds) {
  data.frame(results[c("work", "rows", "times")], who = who, seconds = seconds)
}
one <- results[results$threads == 1, ]
two <- results[results$threads == 2, ]
lines <- rbind(
  line_of("oligosurv, 1 thread", one, one$seconds_ours),
  line_of("oligosurv, 2 threads", two, two$seconds_ours),
  line_of(one$peer, one, one$seconds_peer)
)
picture <- ggplot2::ggplot(lines, ggplot2::aes(rows, seconds, colour = who)) +
  ggplot2::geom_line() +
  ggplot2::geom_point() +
  ggplot2::scale_x_log10() +
  ggplot2::scale_y_log10() +
  ggplot2::facet_grid(times ~ work) +
  ggplot2::labs(x = "rows", y = "seconds, median of 5", colour = NULL) +
  ggplot2::theme_minimal() +
  ggplot2::theme(legend.position = "bottom")
ggplot2::ggsave("bench/peers.png", picture,
  width = 9, height = 6, dpi = 120, bg = "white"
)
