# Coverage of the intervals and size of the tests at the sizes of small cohorts, beside
# survival and cmprsk. Writes validity-coverage.csv and validity-size.csv. About 20
# minutes on one core at 20000 sets; what is slow (peers, mid-p, Gray's test by
# permutation, MaxCombo) has a tenth of them.
# Rscript bench/validity.R [sets] [coverage|size]
#
# Exponential times, censoring uniform from 12 to 72 months (20% leave before 24), as
# simulated sets of n subjects. Coverage is of S(24), F(24) with a competing risk of 15%,
# the mean up to 24 and the median; sets whose last observation is a censoring before 24
# are left out, as nothing is known there. A limit that is undefined counts as a miss.

library(oligosurv)

sets <- as.integer(c(commandArgs(TRUE), 20000)[1])
parts <- commandArgs(TRUE)[-1]
if (!length(parts)) parts <- c("coverage", "size")
horizon <- 24
results <- new.env()

# One row a method: `hit` is TRUE where the interval covered, or the test rejected
note <- function(kind, target, size, rate, hits) {
  rows <- do.call(rbind, lapply(names(hits), function(method) {
    hit <- hits[[method]]
    hit[is.na(hit)] <- FALSE
    data.frame(
      kind, target, method, size, rate, sets = length(hit), share = mean(hit),
      monte_carlo_se = sqrt(mean(hit) * mean(!hit) / length(hit))
    )
  }))
  print(rows, digits = 3, row.names = FALSE)
  results$rows <- c(results$rows, list(rows))
}

write_part <- function(file) {
  result <- do.call(rbind, results$rows)
  number <- c("share", "monte_carlo_se")
  result[number] <- lapply(result[number], round, 5)
  utils::write.csv(result, file.path("bench", file), row.names = FALSE)
}

# --- coverage: all sets of a cell are the groups of one fit ----------------------------

draw_times <- function(n, rate, competing = 0) {
  hazard <- -log(1 - rate - competing) / horizon
  time <- stats::rexp(sets * n, hazard)
  cause <- 1L + (stats::runif(sets * n) > rate / (rate + competing))
  censor <- stats::runif(sets * n, 12, 72)
  d <- data.frame(
    time = pmin(time, censor), cause = ifelse(time <= censor, cause, 0L),
    set = factor(rep(seq_len(sets), each = n))
  )
  d$event <- as.integer(d$cause > 0)
  d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
  d
}

# What limits at the horizon rest on: later times as one censoring just after it
up_to_horizon <- function(d) {
  later <- d$time > horizon
  d$time[later] <- horizon + 1
  d$event[later] <- 0L
  d$status[later] <- "censored"
  d
}

# Sets in which the curve is known at the horizon
known_sets <- function(d) {
  last <- d$time == stats::ave(d$time, d$set, FUN = max)
  lost <- last & d$event == 0 & d$time < horizon
  !as.vector(tapply(lost, d$set, any))
}

# The row of each curve that holds at the horizon; NA before the first time
row_at <- function(time, size) {
  curve <- rep.int(seq_along(size), size)
  passed <- tabulate(curve[time <= horizon], length(size))
  ifelse(passed > 0, cumsum(c(0, size))[seq_along(size)] + passed, NA)
}

covers <- function(low, high, truth, before, size, time) {
  at <- row_at(time, size)
  pick <- function(x, start) ifelse(is.na(at), start, x[at])
  pick(low, before[1]) <= truth + 1e-12 & truth <= pick(high, before[2]) + 1e-12
}

ours <- function(fit, truth, n) {
  first <- seq_along(fit$time) # of the first outcome
  bound <- 0.025^(1 / n)
  before <- if (fit$start_value == 1) c(bound, 1) else c(0, 1 - bound)
  covers(
    fit$conf.low[first], fit$conf.high[first], truth, before, fit$size, fit$time
  )
}

# Limits of survival, a few sets at a time, which many strata at once would slow down; the
# median's, or those at the horizon
peer_covers <- function(d, formula, truth, before, column = NULL, type = "log") {
  part <- d[as.integer(d$set) <= sets %/% 10L, ]
  batches <- split(part, (as.integer(part$set) - 1L) %/% 50L)
  unlist(lapply(batches, function(rows) {
    rows$set <- droplevels(rows$set)
    fit <- survival::survfit(formula, rows, conf.type = type)
    limit <- function(x) if (is.null(column)) x else x[, column]
    covers(limit(fit$lower), limit(fit$upper), truth, before, fit$strata, fit$time)
  }), use.names = FALSE)
}

cover_survival <- function(n, rate) {
  d <- draw_times(n, rate)
  kept <- known_sets(d)
  short <- up_to_horizon(d)
  table <- event_table(Surv(time, event) ~ set, short)
  types <- c("log-log", "small-sample", "exact", "log", "plain")
  hits <- lapply(types, function(type) {
    ours(kaplan_meier(table, conf.type = type), 1 - rate, n)[kept]
  })
  names(hits) <- c("log-log (default)", types[-1])
  part <- seq_len(sets %/% 10L) # slow
  fit <- kaplan_meier(
    Surv(time, event) ~ droplevels(set), short[as.integer(short$set) %in% part, ],
    conf.type = "mid-p"
  )
  hits[["mid-p"]] <- ours(fit, 1 - rate, n)[kept[part]]
  for (type in c("log", "log-log")) {
    hits[[sprintf("survival, %s", type)]] <- peer_covers(
      short, survival::Surv(time, event) ~ set, 1 - rate, c(1, 1), type = type
    )[kept[part]]
  }
  note("coverage", "S(24)", n, rate, hits)
  cover_mean(table, kept, n, rate)
  if (rate == 0.5) cover_median(event_table(Surv(time, event) ~ set, d), n)
}

cover_mean <- function(table, kept, n, rate) {
  hazard <- -log(1 - rate) / horizon
  truth <- rate / hazard
  hits <- lapply(c(beta = "beta", plain = "plain"), function(type) {
    rows <- oligosurv:::area_rows(table, horizon, 0.95, type)
    (rows$conf.low <= truth & truth <= rows$conf.high)[kept]
  })
  names(hits)[1] <- "beta (default)"
  note("coverage", "mean to 24", n, rate, hits)
}

# The true median is the horizon; a limit that is not reached is infinite
cover_median <- function(table, n) {
  open <- function(low, high) {
    ifelse(is.na(low), Inf, low) <= horizon & horizon <= ifelse(is.na(high), Inf, high)
  }
  hits <- lapply(c("log-log", "small-sample", "exact"), function(type) {
    rows <- median(kaplan_meier(table, conf.type = type))
    open(rows$conf.low, rows$conf.high)
  })
  names(hits) <- c("log-log (default)", "small-sample", "exact")
  note("coverage", "median", n, 0.5, hits)
}

cover_incidence <- function(n, rate) {
  d <- draw_times(n, rate, 0.15)
  kept <- known_sets(d)
  d <- up_to_horizon(d)
  table <- event_table(Surv(time, status) ~ set, d)
  types <- c("log-log", "small-sample", "exact")
  hits <- lapply(types, function(type) {
    ours(cumulative_incidence(table, conf.type = type), rate, n)[kept]
  })
  names(hits) <- c("log-log (default)", types[-1])
  aalen <- cumulative_incidence(table, variance = "aalen")
  hits[["log-log, variance of cmprsk"]] <- ours(aalen, rate, n)[kept]
  hits[["survival, log"]] <- peer_covers(
    d, survival::Surv(time, status) ~ set, rate, c(0, 0), 2L
  )[kept[seq_len(sets %/% 10L)]]
  note("coverage", "F(24)", n, rate, hits)
}

# 37 patients with 65 lesions; a gamma frailty of the patient on failure and death
cover_lesions <- function(rate) {
  lesions <- rep(1:4, c(20, 9, 5, 3))
  patient <- rep(seq_len(37 * sets), rep(lesions, sets))
  frailty <- stats::rgamma(37 * sets, 1, 1)
  # F(24) = share (1 - 1 / (1 + 24 hazard)), death twice as frequent as F = 0.1
  hazard <- function(share) rate / share / (1 - rate / share) / horizon
  share <- stats::uniroot(function(s) (1 - s) * hazard(s) - 0.02, c(rate + 1e-6, 1))$root
  total <- hazard(share)
  death <- stats::rexp(37 * sets, (1 - share) * total * frailty)
  censor <- stats::runif(37 * sets, 12, 72)
  failure <- stats::rexp(length(patient), share * total * frailty[patient])
  end <- pmin(death, censor)[patient]
  cause <- ifelse(failure <= end, 1L, ifelse(death < censor, 2L, 0L)[patient])
  d <- data.frame(
    time = pmin(failure, end), patient, event = as.integer(cause > 0),
    status = factor(cause, 0:2, c("censored", "failure", "death")),
    set = factor(rep(seq_len(sets), each = 65))
  )
  kept <- known_sets(d)
  d <- up_to_horizon(d)
  f <- Surv(time, status) ~ set
  hits <- list(
    "log-log (default), by id" = cumulative_incidence(f, d, id = patient),
    "small-sample, by id" =
      cumulative_incidence(f, d, id = patient, conf.type = "small-sample"),
    "exact, by id" = cumulative_incidence(f, d, id = patient, conf.type = "exact"),
    "log-log, lesions as independent" = cumulative_incidence(f, d)
  )
  hits <- lapply(hits, function(fit) ours(fit, rate, 37)[kept])
  note("coverage", "F(24) of 65 lesions", 37, rate, hits)
}

# --- size: one test after another -------------------------------------------------------

draw_groups <- function(size, rate) {
  n <- sum(size)
  hazard <- -log(1 - rate) / horizon
  failure <- stats::rexp(n, hazard)
  death <- stats::rexp(n, 0.006)
  censor <- stats::runif(n, 12, 72)
  end <- pmin(death, censor)
  cause <- ifelse(failure <= end, 1L, ifelse(death < censor, 2L, 0L))
  data.frame(
    time = pmin(failure, censor), event = as.integer(failure <= censor),
    ctime = pmin(failure, end), cause,
    status = factor(cause, 0:2, c("censored", "failure", "death")),
    group = factor(rep(1:2, size))
  )
}

# p-values of the tests that are quick, of all sets, and of the slow ones, of a part
quick_p <- function(d) {
  one <- event_table(Surv(time, event) ~ group, d)
  p <- function(...) logrank_test(one, ...)$p.value
  gray <- gray_test(Surv(ctime, status) ~ group, d)$tests$p.value[1]
  c(
    "log-rank" = p(), "Gehan" = p(weight = "gehan"),
    "Peto-Peto" = p(weight = "peto-peto"),
    "log-rank, 999 permutations" = p(method = "permutation", n_permutations = 999),
    "Gray" = gray
  )
}

slow_p <- function(d) {
  gray <- gray_test(Surv(ctime, status) ~ group, d,
    method = "permutation", n_permutations = 499
  )
  peer <- tryCatch(survival::survdiff(survival::Surv(time, event) ~ group, d)$pvalue,
    error = function(e) NA, warning = function(w) NA
  )
  cmprsk <- tryCatch(
    cmprsk::cuminc(d$ctime, d$cause, d$group)$Tests["1", "pv"],
    error = function(e) NA, warning = function(w) NA
  )
  c(
    "Gray, 499 permutations" = gray$tests$p.value[1],
    "MaxCombo" = maxcombo_test(Surv(time, event) ~ group, d)$p.value,
    "survival, log-rank" = peer, "cmprsk, Gray" = cmprsk
  )
}

# Cells by row, sets by column; an undefined test does not reject
reject <- function(size, rate) {
  data <- function(times, fun) {
    p <- vapply(seq_len(times), function(i) fun(draw_groups(size, rate)),
      fun(draw_groups(c(9, 9), 0.5))
    )
    hits <- lapply(rownames(p), function(method) p[method, ] <= 0.05)
    stats::setNames(hits, rownames(p))
  }
  label <- paste(size, collapse = " v ")
  note("rejection at 5%", "two groups", label, rate, data(sets, quick_p))
  note("rejection at 5%", "two groups", label, rate, data(sets %/% 10L, slow_p))
}

# Each part has its own seed and file, so that they can run apart
if ("coverage" %in% parts) {
  set.seed(20260726)
  for (n in c(9, 12, 16, 28, 37)) {
    for (rate in c(0.03, 0.1, 0.3, 0.5)) {
      cover_survival(n, rate)
      cover_incidence(n, rate)
    }
  }
  for (rate in c(0.03, 0.1, 0.3)) cover_lesions(rate)
  write_part("validity-coverage.csv")
}
if ("size" %in% parts) {
  results$rows <- NULL
  set.seed(20260727)
  for (size in list(c(28, 9), c(16, 12))) {
    for (rate in c(0.1, 0.3, 0.6)) reject(size, rate)
  }
  write_part("validity-size.csv")
}
