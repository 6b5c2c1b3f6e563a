# Rscript bench/peers.R [--quick | --most=<rows>]: speed of oligosurv and its peers.
# Writes bench/results.csv, scale.csv (oligosurv alone, 1e4 to 1e8 rows), memory.csv and
# peers.png, and copies all four to vignettes/bench, where the article on large data
# finds them. --quick (under 2 minutes on an idle machine) stops at 1e6 rows of days and
# 1e5 of continuous times and writes no files; --most lowers the largest numbers of rows,
# which are 1e7 in the comparison and 1e8 for oligosurv alone.
#
# Each time is the median of five runs. A peer whose first run takes more than 5 seconds,
# or 1 with --quick, is run only once: see `runs_peer` in the results.

source("bench/cohort.R")
library(survival, warn.conflicts = FALSE)
library(oligosurv)

arguments <- commandArgs(trailingOnly = TRUE)
quick <- "--quick" %in% arguments
most <- sub("--most=", "", grep("^--most=", arguments, value = TRUE))
most <- as.double(c(most, 1e8)[1])
repetitions <- 5L
too_long <- if (quick) 1 else 5
clock <- if (quick) 0.02 else 0.05 # seconds that the clock can measure

# The comparisons: the same formula or columns, from the rows to the fitted object. The
# incidence is compared without limits: cuminc has none. `rows` is by kind of times.
one <- Surv(time, event) ~ arm
two <- Surv(time, status) ~ arm
every <- c(1e4, 1e5, 1e6, 1e7)
# Times and events with twelve numbers a row
twelve <- function(d) {
  cbind(d[c("time", "event")], x = sin(outer(seq_len(nrow(d)), 1:12)))
}
both <- function(rows) list(days = rows, continuous = rows)
works <- list(
  list(
    work = "Kaplan-Meier", peer = "survival::survfit", rows = both(every),
    ours = function(d) kaplan_meier(one, d),
    theirs = function(d) survfit(one, d, conf.type = "log-log")
  ),
  list(
    work = "log-rank", peer = "survival::survdiff", rows = both(every),
    ours = function(d) logrank_test(one, d), theirs = function(d) survdiff(one, d)
  ),
  list(
    work = "CIF and Gray", peer = "cmprsk::cuminc", rows = both(c(1e4, 1e5, 1e6)),
    ours = function(d) {
      table <- event_table(two, d)
      list(cumulative_incidence(table, conf.type = "none"), gray_test(table))
    },
    theirs = function(d) cmprsk::cuminc(d$time, d$status, d$arm, cencode = "censored")
  ),
  list(
    work = "CIF, jackknife variance", peer = "survival::survfit",
    rows = list(continuous = c(1e3, 1e4, if (!quick) 1e5)), # the peer takes a minute
    ours = function(d) cumulative_incidence(two, d, variance = "jackknife"),
    theirs = function(d) survfit(two, d)
  ),
  list(
    work = "Kaplan-Meier against sorting alone", peer = "base::order",
    rows = list(continuous = c(1e6, 1e7)),
    ours = function(d) kaplan_meier(one, d),
    theirs = function(d) order(d$time, method = "radix")
  )
)

# Other estimators, each at one number of rows
at <- function(rows) list(days = rows)
patient <- function(d) rep_len(seq_len(ceiling(nrow(d) / 2)), nrow(d))
in_four <- function(d) transform(d, four = rep_len(1:4, nrow(d)))
works <- c(works, list(
  list(
    work = "CIF with limits", peer = "cmprsk::cuminc",
    rows = both(if (quick) 1e5 else 1e6),
    ours = function(d) cumulative_incidence(two, d),
    theirs = function(d) cmprsk::cuminc(d$time, d$status, d$arm, cencode = "censored")
  ),
  list(
    work = "reverse Kaplan-Meier", peer = "prodlim::prodlim", rows = at(1e5),
    ours = function(d) follow_up(one, d),
    theirs = function(d) {
      prodlim::prodlim(prodlim::Hist(time, event) ~ arm, d, reverse = TRUE)
    }
  ),
  list(
    work = "restricted mean", peer = "survival::survfit", rows = at(1e5),
    ours = function(d) restricted_mean(one, d, tau = 1500),
    theirs = function(d) summary(survfit(one, d), rmean = 1500)$table
  ),
  list(
    work = "Kaplan-Meier by id", peer = "survival::survfit", rows = at(1e4),
    ours = function(d) {
      d$id <- patient(d)
      kaplan_meier(one, d, id = id)
    },
    theirs = function(d) {
      d$id <- patient(d)
      survfit(one, d, cluster = id)
    }
  ),
  list(
    work = "pseudo-values at two times", peer = "prodlim::jackknife", rows = at(1e4),
    ours = function(d) pseudo_values(Surv(time, event) ~ 1, d, times = c(365, 730)),
    theirs = function(d) {
      fit <- prodlim::prodlim(prodlim::Hist(time, event) ~ 1, d)
      prodlim::jackknife(fit, times = c(365, 730))
    }
  ),
  list(
    work = "Fleming-Harrington (1, 0)", peer = "survival::survdiff", rows = at(1e5),
    ours = function(d) logrank_test(one, d, weight = "fleming-harrington", rho = 1),
    theirs = function(d) survdiff(one, d, rho = 1)
  ),
  list(
    work = "rates at two times", peer = "survival::survfit", rows = at(1e5),
    ours = function(d) rate_difference(one, d, times = c(365, 730)),
    theirs = function(d) summary(survfit(one, d), times = c(365, 730))
  ),
  list(
    work = "pseudo-values, jackknife", peer = "survival::pseudo", rows = at(1e4),
    ours = function(d) {
      pseudo_values(Surv(time, event) ~ 1, d, times = c(365, 730), method = "jackknife")
    },
    # pseudo() evaluates the call of the fit again, where it finds global objects only.
    theirs = function(d) {
      peer_rows <<- d
      survival::pseudo(survfit(Surv(time, event) ~ 1, peer_rows), times = c(365, 730))
    }
  ),
  list(
    work = "influence on S at two times", peer = "survival::survfit", rows = at(1e3),
    ours = function(d) influence_values(Surv(time, event) ~ 1, d, times = c(365, 730)),
    theirs = function(d) {
      fit <- survfit(Surv(time, event) ~ 1, d, influence = TRUE)
      fit$influence.surv[, findInterval(c(365, 730), fit$time)]
    }
  ),
  list(
    work = "cumulative hazard", peer = "survival::survfit", rows = at(1e5),
    ours = function(d) cumulative_hazard(kaplan_meier(one, d)),
    theirs = function(d) summary(survfit(one, d))[c("cumhaz", "std.chaz")]
  ),
  list(
    work = "Hall-Wellner band", peer = "km.ci::km.ci", rows = at(1e3),
    ours = function(d) {
      survival_band(kaplan_meier(Surv(time, event) ~ 1, d), "hall-wellner")
    },
    theirs = function(d) {
      km.ci::km.ci(survfit(Surv(time, event) ~ 1, d), method = "hall-wellner")
    }
  ),
  list(
    work = "restricted mean, difference", peer = "survRM2::rmst2", rows = at(1e4),
    ours = function(d) restricted_mean(one, d, tau = 1500),
    theirs = function(d) survRM2::rmst2(d$time, d$event, as.integer(d$arm) - 1L, 1500)
  ),
  list(
    work = "one-sample log-rank", peer = "survival::survdiff", rows = at(1e5),
    ours = function(d) one_sample_test(Surv(time, event) ~ 1, d, hazard = 1e-3),
    theirs = function(d) survdiff(Surv(time, event) ~ offset(exp(-1e-3 * time)), d)
  ),
  list(
    work = "MaxCombo of four", peer = "nph::logrank.maxtest", rows = at(1e4),
    ours = function(d) maxcombo_test(one, d),
    theirs = function(d) nph::logrank.maxtest(d$time, d$event, d$arm)
  ),
  list(
    work = "six pairs of four groups", peer = "survival::survdiff", rows = at(1e5),
    ours = function(d) pairwise_test(Surv(time, event) ~ four, in_four(d)),
    theirs = function(d) {
      d <- in_four(d)
      p <- apply(utils::combn(4L, 2L), 2L, function(pair) {
        survdiff(Surv(time, event) ~ four, d[d$four %in% pair, ])$pvalue
      })
      stats::p.adjust(p, "holm")
    }
  ),
  list(
    work = "the same", peer = "survminer::pairwise_survdiff", rows = at(1e5),
    ours = function(d) pairwise_test(Surv(time, event) ~ four, in_four(d)),
    theirs = function(d) {
      survminer::pairwise_survdiff(Surv(time, event) ~ four, in_four(d), "holm")
    }
  ),
  list(
    work = "hazard ratio, Cox", peer = "survival::coxph", rows = at(1e4),
    ours = function(d) hazard_ratio(one, d),
    theirs = function(d) summary(coxph(one, d)) # ours tests proportional hazards too
  ),
  list(
    work = "hazard ratio, Firth, 12 numbers", peer = "coxphf::coxphf", rows = at(195),
    ours = function(d) hazard_ratio(Surv(time, event) ~ ., twelve(d), firth = TRUE),
    theirs = function(d) coxphf::coxphf(Surv(time, event) ~ ., twelve(d))
  ),
  list(
    work = "hazard ratio, Fine-Gray", peer = "cmprsk::crr", rows = at(1e3),
    ours = function(d) {
      hazard_ratio(two, d, model = "fine-gray", outcome = "failure")
    },
    theirs = function(d) {
      cmprsk::crr(d$time, d$status, as.integer(d$arm),
        failcode = "failure", cencode = "censored"
      )
    }
  )
))

package_of <- function(peer) sub("::.*", "", peer)
there <- vapply(
  works, function(w) requireNamespace(package_of(w$peer), quietly = TRUE), NA
)
for (w in works[!there]) {
  message(
    "left out: ", w$work, ", ", w$peer, " (package '", package_of(w$peer),
    "' is not installed)"
  )
}
works <- works[there]

# Seconds of one call; a short call is repeated until the clock can measure it. Garbage is
# collected before a long call, which takes 0.2 s.
seconds_of <- function(f, d) {
  if (length(d$time) > 1e5) gc(FALSE)
  calls <- 1L
  repeat {
    start <- proc.time()[["elapsed"]]
    for (i in seq_len(calls)) f(d)
    took <- proc.time()[["elapsed"]] - start
    if (took >= clock) return(took / calls)
    calls <- calls * 4L
  }
}

with_threads <- function(threads, f, d) {
  options(oligosurv.threads = threads)
  seconds_of(f, d)
}

# Oligosurv with 1 and 2 threads and the peer take turns, so that other load of the
# machine affects all of them.
compare <- function(w, rows, times) {
  d <- cohort(rows, times)
  failed <- tryCatch(
    {
      w$theirs(cohort(100, times))
      NULL
    },
    error = conditionMessage
  )
  if (!is.null(failed)) {
    message("left out: ", w$work, ", ", w$peer, " fails: ", failed)
    return(NULL)
  }
  peer <- double()
  ours <- matrix(0, repetitions, 2L)
  for (i in seq_len(repetitions)) {
    if (rows <= 1e5) gc(FALSE)
    if (i == 1L || peer[1L] < too_long) peer <- c(peer, seconds_of(w$theirs, d))
    ours[i, ] <- vapply(1:2, with_threads, 0, w$ours, d)
  }
  ours <- apply(ours, 2L, stats::median)
  peer_median <- stats::median(peer)
  out <- data.frame(
    work = w$work, rows = rows, times = times, peer = w$peer, threads = 1:2,
    seconds_ours = signif(ours, 3), seconds_peer = signif(peer_median, 3),
    ratio = signif(peer_median / ours, 3), runs_peer = length(peer)
  )
  writeLines(sprintf(
    "%-34s %-10s %6g rows, %d thread%s: %8.3g s, %s %8.3g s, %6.1fx", out$work, out$times,
    out$rows, out$threads, c(" ", "s"), out$seconds_ours, out$peer, out$seconds_peer,
    out$ratio
  ))
  out
}

compare_all <- function(w, limit) {
  sizes <- lapply(names(w$rows), function(times) {
    rows <- w$rows[[times]]
    rows <- rows[rows <= min(limit[[times]], most)]
    data.frame(times = rep(times, length(rows)), rows = rows)
  })
  sizes <- do.call(rbind, sizes)
  do.call(rbind, Map(function(rows, times) compare(w, rows, times),
    sizes$rows, sizes$times
  ))
}

limit <- list(days = if (quick) 1e6 else 1e7, continuous = if (quick) 1e5 else 1e7)
results <- do.call(rbind, lapply(works, compare_all, limit))
if (file.exists("bench/small.R")) {
  source("bench/small.R")
  small <- if (quick) small_results(3L, clock) else small_results()
  small$runs_peer <- if (quick) 3L else 7L
  results <- rbind(results, small)
}
if (quick) quit()

# ---- oligosurv alone: time and memory by number of rows ----

scale_works <- list(
  list(
    work = "Kaplan-Meier, days", times = "days", ours = function(d) kaplan_meier(one, d)
  ),
  list(
    work = "log-rank, continuous", times = "continuous",
    ours = function(d) logrank_test(one, d)
  )
)
scale_row <- function(w, rows) {
  d <- long_cohort(rows, w$times)
  runs <- replicate(if (rows > 1e7) 3L else repetitions,
    vapply(1:2, with_threads, 0, w$ours, d)
  )
  seconds <- apply(runs, 1L, stats::median)
  out <- data.frame(
    work = w$work, rows = rows, threads = 1:2, seconds = signif(seconds, 3),
    ns_per_row = signif(1e9 * seconds / rows, 3)
  )
  writeLines(sprintf(
    "%-21s %6g rows, %d thread%s: %8.3g s, %6.3g ns a row", out$work, out$rows,
    out$threads, c(" ", "s"), out$seconds, out$ns_per_row
  ))
  out
}
sizes <- 10^(4:8)
scale <- do.call(rbind, lapply(scale_works, function(w) {
  do.call(rbind, lapply(sizes[sizes <= most], function(rows) scale_row(w, rows)))
}))

memory_row <- function(work, times, threads, rows) {
  said <- system2("Rscript", c(
    "bench/memory.R", rows, times, shQuote(work), threads
  ), stdout = TRUE)
  mb <- as.double(strsplit(utils::tail(said, 1L), " ")[[1L]])
  data.frame(
    work = work, rows = rows, times = times, threads = threads,
    peak_mb = signif(mb[1L], 3), result_mb = signif(mb[2L], 3),
    peak_bytes_per_row = signif(mb[1L] * 2^20 / rows, 3)
  )
}
cases <- expand.grid(
  threads = 1:2, times = c("days", "continuous"), stringsAsFactors = FALSE,
  work = c("event table", "Kaplan-Meier", "Kaplan-Meier at two times", "log-rank")
)
memory <- do.call(rbind, Map(
  memory_row, cases$work, cases$times, cases$threads, min(most, 1e7)
))
print(memory, row.names = FALSE)

# ---- files ----

version_of <- function(package) paste(package, utils::packageVersion(package))
versions <- paste(c(
  paste0("R ", getRversion()),
  vapply(
    c("oligosurv", setdiff(package_of(unique(results$peer)), "base")), version_of, ""
  )
), collapse = "; ")
results$versions <- versions
write <- function(x, name) {
  utils::write.csv(x, file.path("bench", name), row.names = FALSE)
}
write(results, "results.csv")
write(scale, "scale.csv")
write(memory, "memory.csv")

line_of <- function(who, results, seconds) {
  data.frame(results[c("work", "rows", "times")], who = who, seconds = seconds)
}
drawn <- results[results$work %in% c(
  "Kaplan-Meier", "log-rank", "CIF and Gray", "CIF, jackknife variance"
), ]
one_thread <- drawn[drawn$threads == 1, ]
two_threads <- drawn[drawn$threads == 2, ]
lines <- rbind(
  line_of("oligosurv, 1 thread", one_thread, one_thread$seconds_ours),
  line_of("oligosurv, 2 threads", two_threads, two_threads$seconds_ours),
  line_of(one_thread$peer, one_thread, one_thread$seconds_peer)
)
colours <- c(
  "oligosurv, 1 thread" = "#0072B2", "oligosurv, 2 threads" = "#56B4E9",
  "survival::survfit" = "#D55E00", "survival::survdiff" = "#CC79A7",
  "cmprsk::cuminc" = "#009E73"
)
lines$who <- factor(lines$who, names(colours))
lines$work <- factor(lines$work, unique(drawn$work))
picture <- ggplot2::ggplot(lines, ggplot2::aes(rows, seconds, colour = who)) +
  ggplot2::geom_line() +
  ggplot2::geom_point(size = 1) +
  ggplot2::scale_x_log10(
    breaks = 10^(3:7), labels = function(x) sprintf("1e%.0f", log10(x))
  ) +
  ggplot2::scale_y_log10(labels = function(x) format(x, drop0trailing = TRUE)) +
  ggplot2::scale_colour_manual(values = colours) +
  ggplot2::facet_grid(times ~ work) +
  ggplot2::labs(x = "rows", y = "seconds, median of 5", colour = NULL) +
  ggplot2::theme_minimal() +
  ggplot2::theme(
    legend.position = "bottom", panel.spacing.x = grid::unit(14, "pt"),
    panel.border = ggplot2::element_rect(fill = NA, colour = "grey80")
  )
ggplot2::ggsave("bench/peers.png", picture,
  width = 9, height = 5.5, dpi = 110, bg = "white"
)

dir.create("vignettes/bench", showWarnings = FALSE)
copied <- file.copy(
  file.path("bench", c("results.csv", "scale.csv", "memory.csv", "peers.png")),
  "vignettes/bench", overwrite = TRUE
)
