# small_results(): compares oligosurv and its peers on a small study; returns a data frame
# with the columns of bench/results.csv except `versions`. bench/peers.R includes it;
# `Rscript bench/small.R` prints it. Oligosurv and the peer take turns in one process;
# each time is the median of `repetitions`.

library(survival, warn.conflicts = FALSE)
library(oligosurv)

# 37 patients of two arms with two causes, in days
small_cohort <- function() {
  set.seed(37)
  arm <- sample.int(2L, 37, replace = TRUE)
  exit <- rexp(37, c(1 / 1000, 1 / 1200)[arm])
  last <- runif(37, 0, 3650)
  event <- as.integer(exit <= last)
  cause <- event * (1L + (runif(37) < 0.4))
  data.frame(
    time = ceiling(pmin(exit, last)), event = event, arm = factor(arm, 1:2, c("A", "B")),
    status = factor(cause, 0:2, c("censored", "failure", "death"))
  )
}

# 28 lesions of 14 patients; `arm` by lesion, `group` by patient
small_lesions <- function() {
  set.seed(28)
  data.frame(
    time = rexp(28, 0.1), event = rbinom(28, 1, 0.7), patient = rep(1:14, each = 2),
    arm = factor(rep(c("A", "B"), c(16, 12))), group = factor(rep(c("A", "B"), c(16, 12)))
  )
}

# From the rows to the fitted object, with the default limits (exact ones in such small
# groups) and with those of the peer: log-log in survfit, none in cuminc; the default from
# an existing event table; and the estimates alone by the C entry points on that table,
# with the limits of the peer
quick_works <- function() {
  d <- small_cohort()
  one <- event_table(Surv(time, event) ~ arm, d)
  more <- event_table(Surv(time, status) ~ arm, d)
  entry <- asNamespace("oligosurv")
  km <- entry$C_km
  logrank <- entry$C_logrank
  aj <- entry$C_aj
  gray <- entry$C_gray
  work <- function(name, peer, theirs, formula, table, c_path, same = NULL) {
    kinds <- list(
      "formula" = formula, "limits of peer" = same, "event table" = table,
      "C path" = c_path
    )
    kinds <- kinds[lengths(kinds) > 0L]
    lapply(names(kinds), function(kind) {
      list(
        work = paste(name, kind, sep = ", "), rows = 37, times = "days", peer = peer,
        ours = kinds[[kind]], theirs = theirs
      )
    })
  }
  c(
    work("Kaplan-Meier", "survival::survfit",
      function() survfit(Surv(time, event) ~ arm, d, conf.type = "log-log"),
      function() kaplan_meier(Surv(time, event) ~ arm, d),
      function() kaplan_meier(one),
      function() .Call(km, one, FALSE, "log-log", 0.95),
      function() kaplan_meier(Surv(time, event) ~ arm, d, conf.type = "log-log")
    ),
    work("log-rank", "survival::survdiff",
      function() survdiff(Surv(time, event) ~ arm, d),
      function() logrank_test(Surv(time, event) ~ arm, d),
      function() logrank_test(one),
      function() .Call(logrank, one, 0L, 0, 0, NULL)
    ),
    work("CIF and Gray", "cmprsk::cuminc",
      function() cmprsk::cuminc(d$time, d$status, d$arm, cencode = "censored"),
      function() {
        table <- event_table(Surv(time, status) ~ arm, d)
        list(cumulative_incidence(table), gray_test(table))
      },
      function() list(cumulative_incidence(more), gray_test(more)),
      function() {
        list(
          .Call(aj, more, FALSE, "none", 0.95),
          .Call(gray, more, more$states[-1L], 0, NULL)
        )
      },
      function() {
        table <- event_table(Surv(time, status) ~ arm, d)
        list(cumulative_incidence(table, conf.type = "none"), gray_test(table))
      }
    )
  )
}

# 1e5 permutations and 1e4 resamples; the loop over survfit runs a hundredth of them
resampling_works <- function() {
  d <- small_lesions()
  coin <- function() {
    test <- coin::logrank_test(Surv(time, event) ~ arm, d,
      distribution = coin::approximate(nresample = 1e5)
    )
    coin::pvalue(test)
  }
  patients <- small_cohort()
  list(
    list(
      work = "log-rank, 1e5 permutations", rows = 28, times = "continuous",
      peer = "coin::logrank_test", theirs = coin,
      ours = function() {
        logrank_test(Surv(time, event) ~ arm, d,
          method = "permutation", n_permutations = 1e5
        )
      }
    ),
    list(
      work = "clustered log-rank, 1e5 permutations", rows = 28, times = "continuous",
      peer = "coin::logrank_test", theirs = coin,
      ours = function() {
        logrank_test(Surv(time, event) ~ group, d,
          id = patient, method = "permutation", n_permutations = 1e5
        )
      }
    ),
    list(
      work = "median, 1e4 patient bootstraps", rows = 37, times = "days",
      peer = "survival::survfit", factor = 100,
      ours = function() {
        bootstrap_interval(Surv(time, event) ~ 1, patients, n_resamples = 1e4)
      },
      theirs = function() {
        for (i in seq_len(100)) {
          drawn <- patients[sample.int(37, replace = TRUE), ]
          quantile(survfit(Surv(time, event) ~ 1, drawn), 0.5)
        }
      }
    )
  )
}

# Seconds of one call, from a loop long enough for the clock
small_seconds <- function(f, clock = 0.05) {
  calls <- 1L
  repeat {
    start <- proc.time()[["elapsed"]]
    for (i in seq_len(calls)) f()
    took <- proc.time()[["elapsed"]] - start
    if (took >= clock) return(took / calls)
    calls <- calls * 4L
  }
}

small_result <- function(w, repetitions, clock) {
  runs <- replicate(repetitions, {
    gc(FALSE)
    c(ours = small_seconds(w$ours, clock), theirs = small_seconds(w$theirs, clock))
  })
  seconds <- apply(runs, 1L, stats::median)
  if (!is.null(w$factor)) seconds[["theirs"]] <- seconds[["theirs"]] * w$factor
  out <- data.frame(
    work = w$work, rows = w$rows, times = w$times, peer = w$peer, threads = 1L,
    seconds_ours = signif(seconds[["ours"]], 3),
    seconds_peer = signif(seconds[["theirs"]], 3),
    ratio = signif(seconds[["theirs"]] / seconds[["ours"]], 3)
  )
  writeLines(sprintf(
    "%-37s %2g rows: %9.3g s, %s %9.3g s, %6.1fx", out$work, out$rows, out$seconds_ours,
    out$peer, out$seconds_peer, out$ratio
  ))
  out
}

# Leaves out, and names, the comparisons whose peer is not installed.
small_results <- function(repetitions = 7L, clock = 0.05) {
  works <- c(quick_works(), resampling_works())
  package <- sub("::.*", "", vapply(works, `[[`, "", "peer"))
  there <- vapply(package, requireNamespace, NA, quietly = TRUE)
  for (w in works[!there]) message("left out: ", w$work, " (", w$peer, ")")
  do.call(rbind, lapply(works[there], small_result, repetitions, clock))
}

if (sys.nframe() == 0L) small_results()
