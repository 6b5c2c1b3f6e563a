# Coverage of the intervals and size of the tests at the sizes of small cohorts, next to
# survival and cmprsk. Writes validity-<part>.csv for each part:
#   coverage  limits of S(24), F(24), mean and median
#   sizes     limits of S(24) and F(24) at every size from 9 to 37
#   binomial  limits of S and F, and of differences, without censoring: a sum over
#             the binomial distribution, without simulation
#   lesions   limits of F(24) of 65 lesions of 37 patients
#   exact-limits  limits with many competing deaths and few failures, left truncation,
#             split rows and sampling weights
#   others    limits of quantiles, follow-up, bands, the bootstrap
#   contrasts limits and p-values of differences and ratios of rates, means and responses;
#             power of single-arm designs by Kaplan-Meier
#   size      tests of groups of patients
#   maxcombo  MaxCombo tests next to the log-rank test, at 5% and at 1%
#   cluster   tests of groups of patients with several lesions, at 5% and at 1%
#   regression  tests of coefficients of hazard_ratio() by id, of such groups
# Takes about an hour on one core at 20000 sets; peers, mid-p and the bootstrap use a
# tenth of them. Each part has its own seed; the file of a part has its number of sets.
# Rscript bench/validity.R [sets] [part ...]
#
# Event times are exponential, censoring is uniform from 12 to 72 months (20% are censored
# before 24), in simulated sets of n subjects. Coverage is of S(24), F(24) with a
# competing risk of 15%, the mean up to 24 and the median. Sets whose last observation is
# a censoring before 24 are left out: they leave the curve unknown. Undefined limits miss.

library(oligosurv)

sets <- as.integer(c(commandArgs(TRUE), 20000)[1])
parts <- commandArgs(TRUE)[-1]
if (!length(parts)) {
  parts <- c(
    "coverage", "sizes", "binomial", "lesions", "exact-limits", "others", "contrasts",
    "size", "maxcombo", "cluster", "regression"
  )
}
horizon <- 24
results <- new.env()

# Adds one row per method: `hit` is TRUE if the interval covered or the test rejected
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

write_part <- function(part) {
  result <- do.call(rbind, results$rows)
  number <- c("share", "monte_carlo_se")
  result[number] <- lapply(result[number], round, 5)
  file <- file.path("bench", sprintf("validity-%s.csv", part))
  utils::write.csv(result, file, row.names = FALSE)
  file.copy(file, "vignettes/bench", overwrite = TRUE) # read by the methods article
  results$rows <- NULL
}

# Makes a data frame faster than data.frame()
frame <- function(...) {
  x <- list(...)
  structure(x, row.names = c(NA, -length(x[[1]])), class = "data.frame")
}

code <- function(x, labels) structure(x, levels = labels, class = "factor")
causes <- c("censored", "failure", "death")

# --- coverage: the simulated sets are the groups of one fit -----------------------------

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

# Keeps what affects limits at the horizon: later times become censorings just after it
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

# The last row of each curve up to the horizon; NA if there is none
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
  first <- seq_along(fit$time) # rows of the first outcome
  bound <- 0.025^(1 / n)
  before <- if (fit$start_value == 1) c(bound, 1) else c(0, 1 - bound)
  covers(
    fit$conf.low[first], fit$conf.high[first], truth, before, fit$size, fit$time
  )
}

# Coverage of survfit's limits, at the horizon or of the median, in small batches of sets,
# because survfit is slow with many strata
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

# Unknown limits count as infinite
within <- function(rows, truth) {
  low <- ifelse(is.na(rows$conf.low), -Inf, rows$conf.low)
  high <- ifelse(is.na(rows$conf.high), Inf, rows$conf.high)
  low <= truth + 1e-12 & truth - 1e-12 <= high
}

default_first <- function(types) sub("^small-sample$", "small-sample (default)", types)

cover_survival <- function(n, rate) {
  d <- draw_times(n, rate)
  kept <- known_sets(d)
  short <- up_to_horizon(d)
  table <- event_table(Surv(time, event) ~ set, short)
  types <- c("log-log", "small-sample", "exact", "log", "plain")
  hits <- lapply(types, function(type) {
    ours(kaplan_meier(table, conf.type = type), 1 - rate, n)[kept]
  })
  names(hits) <- default_first(types)
  part <- seq_len(sets %/% 10L) # fewer sets, because this is slow
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

# The true median is the horizon; a limit that is not reached counts as infinite
cover_median <- function(table, n) {
  open <- function(low, high) {
    ifelse(is.na(low), Inf, low) <= horizon & horizon <= ifelse(is.na(high), Inf, high)
  }
  hits <- lapply(c("log-log", "small-sample", "exact"), function(type) {
    rows <- median(kaplan_meier(table, conf.type = type))
    open(rows$conf.low, rows$conf.high)
  })
  names(hits) <- default_first(c("log-log", "small-sample", "exact"))
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
  names(hits) <- default_first(types)
  aalen <- cumulative_incidence(table, conf.type = "log-log", variance = "aalen")
  hits[["log-log, variance of cmprsk"]] <- ours(aalen, rate, n)[kept]
  hits[["survival, log"]] <- peer_covers(
    d, survival::Surv(time, status) ~ set, rate, c(0, 0), 2L
  )[kept[seq_len(sets %/% 10L)]]
  note("coverage", "F(24)", n, rate, hits)
}

# 37 patients with 65 lesions; both failure and death have a gamma frailty of the patient
cover_lesions <- function(rate) {
  lesions <- rep(1:4, c(20, 9, 5, 3))
  patient <- rep(seq_len(37 * sets), rep(lesions, sets))
  frailty <- stats::rgamma(37 * sets, 1, 1)
  # F(24) = share (1 - 1 / (1 + 24 hazard)); death is twice as frequent as F = 0.1
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
    "log-log, by id" = cumulative_incidence(f, d, id = patient, conf.type = "log-log"),
    "small-sample (default), by id" = cumulative_incidence(f, d, id = patient),
    "exact, by id" = cumulative_incidence(f, d, id = patient, conf.type = "exact"),
    "log-log, lesions as independent" = cumulative_incidence(f, d, conf.type = "log-log")
  )
  hits <- lapply(hits, function(fit) ours(fit, rate, 37)[kept])
  note("coverage", "F(24) of 65 lesions", 37, rate, hits)
}

# Coverage at every size from 9 to 37
cover_every_size <- function(n, rate, competing) {
  d <- draw_times(n, rate, competing)
  kept <- known_sets(d)
  d <- up_to_horizon(d)
  one <- competing == 0
  table <- event_table(if (one) Surv(time, event) ~ set else Surv(time, status) ~ set, d)
  fit <- function(type) {
    (if (one) kaplan_meier else cumulative_incidence)(table, conf.type = type)
  }
  truth <- if (one) 1 - rate else rate
  types <- c("log-log", "small-sample")
  hit <- lapply(types, function(type) ours(fit(type), truth, n)[kept])
  names(hit) <- default_first(types)
  note("coverage", if (one) "S(24)" else "F(24)", n, rate, hit)
}

# --- coverage without censoring: summed over the binomial distribution ------------------

small_rates <- c(0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)

exact_row <- function(target, method, size, rate, share) {
  results$rows <- c(results$rows, list(data.frame(
    kind = "coverage", target, method, size, rate, sets = Inf, share, monte_carlo_se = 0
  )))
}

# One curve per possible number of events of n: events at time 1, others followed to 2
events_of <- function(n, curve, event) {
  data.frame(time = 2 - event, event, curve = rep(curve, each = n))
}

cover_binomial <- function(n) {
  events <- 0:n
  event <- as.vector(vapply(events, function(x) rep(1:0, c(x, n - x)), double(n)))
  d <- events_of(n, factor(events), event)
  d$status <- code(d$event + 1L, causes)
  for (type in c("small-sample", "log-log", "exact", "mid-p")) {
    s <- tidy(kaplan_meier(Surv(time, event) ~ curve, d, conf.type = type), times = 1)
    f <- cumulative_incidence(Surv(time, status) ~ curve, d, conf.type = type)
    f <- tidy(f, times = 1)
    f <- f[f$outcome == "failure", ]
    for (rate in small_rates) {
      weight <- stats::dbinom(events, n, rate)
      exact_row("S, none censored", default_first(type), n, rate,
        sum(weight[within(s, 1 - rate)]))
      exact_row("F, none censored", default_first(type), n, rate,
        sum(weight[within(f, rate)]))
    }
  }
}

difference_types <- c("mid-p", "small-sample", "log-log", "plain")
default_difference <- function(types) sub("^mid-p$", "mid-p (default)", types)

# Every pair of event numbers is a stratum
cover_binomial_difference <- function(size) {
  pair <- expand.grid(a = 0:size[1], b = 0:size[2])
  event <- as.vector(vapply(seq_len(nrow(pair)), function(i) {
    c(rep(1:0, c(pair$a[i], size[1] - pair$a[i])),
      rep(1:0, c(pair$b[i], size[2] - pair$b[i])))
  }, double(sum(size))))
  d <- events_of(sum(size), factor(seq_len(nrow(pair))), event)
  d$group <- rep(rep(1:2, size), nrow(pair))
  f <- Surv(time, event) ~ group + strata(curve)
  for (type in difference_types) {
    rows <- tidy(rate_difference(f, d, times = 1, conf.type = type))
    for (i in seq_along(small_rates)) {
      for (rate in unique(small_rates[c(i, length(small_rates))])) {
        first <- small_rates[i]
        weight <- stats::dbinom(pair$a, size[1], first) *
          stats::dbinom(pair$b, size[2], rate)
        exact_row(
          if (rate == first) "difference of S, none censored" else
            "difference of S, none censored, 0.5 in the second",
          default_difference(type), paste(size, collapse = " v "), first,
          sum(weight[within(rows, first - rate)])
        )
      }
    }
  }
}

# --- coverage for differences of curves, and for quantiles and bands --------------------

# Two groups of one distribution, with or without a competing risk: all sets are strata of
# one fit
cover_differences <- function(size, rate, competing) {
  n <- sum(size)
  d <- draw_times(n, rate, competing)
  d$group <- rep(rep(1:2, size), sets)
  last <- tapply(d$time, list(d$set, d$group), max)
  kept <- pmin(last[, 1], last[, 2]) >= horizon
  one <- competing == 0
  table <- event_table(
    if (one) {
      Surv(time, event) ~ group + strata(set)
    } else {
      Surv(time, status) ~ group + strata(set)
    },
    d[kept[as.integer(d$set)], ]
  )
  of_failure <- function(rows) {
    rows <- rows[!is.na(rows$estimate), ]
    if (one) rows else rows[rows$outcome == "failure", ]
  }
  label <- paste(size, collapse = " v ")
  put <- function(target, rows) {
    null <- if (startsWith(target, "ratio")) 1 else 0
    note("coverage", target, label, rate, lapply(rows, within, truth = null))
    note("rejection at 5%", target, label, rate,
      lapply(rows, function(x) x$p.value < 0.05)
    )
  }
  rates <- lapply(difference_types, function(type) {
    of_failure(tidy(rate_difference(table, times = horizon, conf.type = type)))
  })
  names(rates) <- default_difference(difference_types)
  put(if (one) "difference of S(24)" else "difference of F(24)", rates)
  of <- if (one) "means to 24" else "time lost to 24"
  types <- c("mid-p", "beta", "plain")
  means <- lapply(types, function(type) {
    of_failure(restricted_mean(table, tau = horizon, conf.type = type)$contrasts)
  })
  names(means) <- default_difference(types)
  put(paste("difference of", of), lapply(means, function(x) {
    x[x$measure == "difference", ]
  }))
  put(paste("ratio of", of), lapply(means, function(x) {
    x[x$measure == "ratio" & !is.na(x$conf.low), ]
  }))
}

# Responses of 65 lesions of 37 patients, correlated within a patient, tested by the score
# test on numbers of lesions divided by the common design effect
reject_response <- function(size, rate, correlation) {
  lesions <- rep(1:4, c(20, 9, 5, 3))
  spread <- (1 - correlation) / correlation
  p <- replicate(sets, {
    m <- sample(lesions)
    id <- rep.int(1:37, m)
    group <- code(rep.int(rep(1:2, size), m), c("A", "B"))
    chance <- stats::rbeta(37, rate * spread, (1 - rate) * spread)
    y <- stats::runif(65) < chance[id]
    n <- tabulate(group, 2)
    r <- tabulate(group[y], 2)
    test <- function(design) {
      oligosurv:::difference_limits(r / design, n / design, "miettinen-nurminen", 0.95)[3]
    }
    own <- oligosurv:::response_effects(y, group, id)$design
    c(test(oligosurv:::common_effect(y, group, id, 1:2)), test(own), test(1))
  })
  hits <- lapply(1:3, function(i) p[i, ] < 0.05)
  names(hits) <- c(
    "common design effect (default)", "a design effect each", "lesions as independent"
  )
  note("rejection at 5%", sprintf("response of lesions, correlation %s", correlation),
    paste(size, collapse = " v "), rate, hits
  )
}

# Power: lower log-log limit of S(12) above p0, at the n of sample_size(); accrual 24
power_single_arm <- function(p0, p1, power, follow_up) {
  n <- sample_size("single-arm", p0, p1,
    method = "kaplan-meier", power = power, time = 12, accrual = 24, follow_up = follow_up
  )$n
  time <- stats::rexp(n * sets, -log(p1) / 12)
  censor <- follow_up + 24 * stats::runif(n * sets)
  late <- pmin(time, censor) > 12
  d <- frame(
    time = ifelse(late, 13, pmin(time, censor)),
    event = as.integer(time <= censor & !late),
    set = code(rep(seq_len(sets), each = n), as.character(seq_len(sets)))
  )
  fit <- kaplan_meier(Surv(time, event) ~ set, d,
    conf.type = "log-log", conf.level = 0.9, times = 12
  )
  hits <- list(tidy(fit, extend = TRUE)$conf.low > p0)
  names(hits) <- sprintf("followed %s or more", follow_up)
  note("power", sprintf("S(12) %s against %s", p1, p0), n, power, hits)
}

# Coverage of the times to a probability of 10% and 25%, of any event or of one cause;
# `rate` is the probability by the horizon
cover_quantile <- function(n, rate, prob, competing) {
  d <- draw_times(n, rate, competing)
  one <- competing == 0
  hazard <- -log(1 - rate - competing) / horizon
  truth <- -log(1 - prob * (rate + competing) / rate) / hazard
  types <- c("small-sample", "log-log")
  table <- event_table(if (one) Surv(time, event) ~ set else Surv(time, status) ~ set, d)
  hits <- lapply(types, function(type) {
    fit <- (if (one) kaplan_meier else cumulative_incidence)(table, conf.type = type)
    rows <- quantile(fit, prob)
    within(if (one) rows else rows[rows$outcome == "failure", ], truth)
  })
  names(hits) <- default_first(types)
  note("coverage", sprintf(
    "time to %s = %s", if (one) "S" else "F", if (one) 1 - prob else prob
  ), n, rate, hits)
}

# Coverage of median follow-up; the true median of the censoring times is 42 months
cover_follow_up <- function(n, rate) {
  d <- draw_times(n, rate)
  table <- event_table(Surv(time, event) ~ set, d)
  types <- c("small-sample", "log-log")
  hits <- lapply(types, function(type) {
    within(median(follow_up(table, conf.type = type)), 42)
  })
  names(hits) <- default_first(types)
  note("coverage", "median follow-up", n, rate, hits)
}

# Does the band contain the whole curve between the first event and the last?
band_holds <- function(fit, rate) {
  set <- rep.int(seq_along(fit$size), fit$size)
  # S is continuous: the band must contain it at each step and just before the next
  high <- exp(log(1 - rate) / horizon * fit$time)
  out <- !is.na(fit$band.low) & (high < fit$band.low - 1e-12 | high > fit$band.high)
  before <- c(NA, fit$band.low[-length(set)])
  before[c(TRUE, diff(set) > 0)] <- NA
  out <- out | (!is.na(before) & !is.na(fit$band.low) & high < before)
  missed <- tabulate(set[out], length(fit$size)) > 0
  (!missed)[!is.na(fit$band$critical)]
}

# Uses a quarter of the sets
cover_band <- function(n, rate) {
  d <- draw_times(n, rate)
  part <- as.integer(d$set) <= sets %/% 4L
  table <- event_table(Surv(time, event) ~ droplevels(set), d[part, ])
  for (band in c("hall-wellner", "equal-precision")) {
    holds <- function(conf.type = "small-sample", ...) {
      fit <- kaplan_meier(table, conf.type = conf.type)
      band_holds(survival_band(fit, band, ...), rate)
    }
    note("coverage", paste("band of S,", band), n, rate, list(
      "arcsin, with exact limits (default)" = holds(), "arcsin" = holds("log-log"),
      "log-log" = holds("log-log", scale = "log-log")
    ))
  }
}

# Uses a tenth of the sets, with 999 resamples
cover_bootstrap <- function(size) {
  once <- function() {
    d <- draw_groups(size, 0.5)
    at <- function(statistic, type, ...) {
      fit <- bootstrap_interval(Surv(time, event) ~ group, d, statistic,
        n_resamples = 999, conf.type = type, ...
      )
      list(within(fit$estimates[1, ], if (statistic == "rate") 0.5 else horizon),
        within(fit$contrasts, 0)
      )
    }
    unlist(c(
      at("quantile", "percentile"), at("rate", "percentile", times = horizon),
      at("rate", "bca", times = horizon)
    ))
  }
  hit <- replicate(sets %/% 10L, once())
  label <- paste(size, collapse = " v ")
  put <- function(target, rows, methods) {
    note("coverage", target, label, 0.5, stats::setNames(
      lapply(rows, function(i) hit[i, ]), methods
    ))
  }
  put("median", 1, "bootstrap, percentile")
  put("difference of medians", 2, "bootstrap, percentile")
  put("S(24)", c(3, 5), c("bootstrap, percentile", "bootstrap, bca"))
  put("difference of S(24)", c(4, 6), c("bootstrap, percentile", "bootstrap, bca"))
}

# Clopper-Pearson limits, summed over the binomial distribution
cover_response <- function() {
  for (n in c(9, 28, 36)) {
    r <- 0:n
    low <- stats::qbeta(0.025, r, n - r + 1)
    high <- stats::qbeta(0.975, r + 1, n - r)
    for (rate in c(0.1, 0.3, 0.5)) {
      share <- sum(stats::dbinom(r, n, rate)[low <= rate & rate <= high])
      results$rows <- c(results$rows, list(data.frame(
        kind = "coverage", target = "response rate", method = "Clopper-Pearson",
        size = n, rate, sets = Inf, share, monte_carlo_se = 0
      )))
    }
  }
}

# --- coverage of exact limits: competing deaths, late entry, split rows, weights --------

# Rows at the horizon, for sets whose curve is known there
rows_at_horizon <- function(fit, kept) {
  rows <- suppressMessages(tidy(fit, times = horizon))
  if (!is.null(rows$outcome)) rows <- rows[rows$outcome == "failure", ]
  rows[kept, ]
}

# Coverage; also the mean width of the interval, and the mean upper (or lower) limit of
# the sets without an event
note_limits <- function(target, size, rate, truth, rows, upper = FALSE) {
  note("coverage", target, size, rate, lapply(rows, function(x) within(x, truth)))
  means <- function(kind, of) {
    value <- lapply(rows, of)
    value <- value[lengths(value) > 1L]
    if (!length(value)) return(invisible())
    results$rows <- c(results$rows, list(data.frame(
      kind, target, method = names(value), size, rate,
      sets = lengths(value), share = vapply(value, mean, 0),
      monte_carlo_se = vapply(value, stats::sd, 0) / sqrt(lengths(value)),
      row.names = NULL
    )))
  }
  means("mean width", function(x) x$conf.high - x$conf.low)
  means("mean limit without an event", function(x) {
    (if (upper) x$conf.high else x$conf.low)[x$cum.event == 0]
  })
}

# Failure with probability `rate` by the horizon, with a constant hazard of death
draw_deaths <- function(n, rate, death, censored) {
  share <- function(h) h / (h + death) * (1 - exp(-horizon * (h + death))) - rate
  hazard <- stats::uniroot(share, c(1e-9, 10), tol = 1e-12)$root
  time <- stats::rexp(sets * n, hazard + death)
  cause <- 1L + (stats::runif(sets * n) > hazard / (hazard + death))
  end <- if (censored) stats::runif(sets * n, 12, 72) else rep(Inf, sets * n)
  cause[time > end] <- 0L
  d <- frame(
    time = pmin(time, end), event = as.integer(cause > 0),
    status = code(cause + 1L, causes), id = seq_len(sets * n),
    set = code(rep(seq_len(sets), each = n), as.character(seq_len(sets)))
  )
  d
}

cover_deaths <- function(n, rate, death, censored) {
  d <- draw_deaths(n, rate, death, censored)
  kept <- known_sets(d)
  d <- up_to_horizon(d)
  f <- Surv(time, status) ~ set
  table <- event_table(f, d)
  types <- c("small-sample", "exact", "mid-p", "log-log")
  rows <- lapply(types, function(type) {
    rows_at_horizon(cumulative_incidence(table, conf.type = type), kept)
  })
  names(rows) <- default_first(types)
  rows[["small-sample, by id"]] <- rows_at_horizon(
    cumulative_incidence(f, d, id = id), kept
  )
  note_limits(sprintf(
    "F(24), death hazard %s%s", death, if (censored) ", censored from 12" else ""
  ), n, rate, rate, rows, upper = TRUE)
}

# S(24) with delayed entry: `late` subjects enter at a uniform time before the horizon
cover_late <- function(n, rate, late) {
  hazard <- -log(1 - rate) / horizon
  all <- sets * n
  entry <- (stats::runif(all) < late) * stats::runif(all, 0, horizon)
  time <- entry + stats::rexp(all, hazard)
  censor <- entry + stats::runif(all, 12, 72)
  d <- frame(
    entry = entry, time = pmin(time, censor), event = as.integer(time <= censor),
    set = code(rep(seq_len(sets), each = n), as.character(seq_len(sets)))
  )
  last <- d$time == stats::ave(d$time, d$set, FUN = max)
  kept <- !as.vector(tapply(last & d$event == 0 & d$time < horizon, d$set, any))
  table <- event_table(Surv(entry, time, event) ~ set, d)
  types <- c("small-sample", "mid-p", "log-log")
  rows <- lapply(types, function(type) {
    rows_at_horizon(suppressMessages(kaplan_meier(table, conf.type = type)), kept)
  })
  names(rows) <- default_first(types)
  label <- if (late == 1) "all enter by 24" else sprintf("%s%% enter by 24", 100 * late)
  note_limits(paste0("S(24), ", label), n, rate, 1 - rate, rows)
  if (rate != 0.5) return(invisible())
  medians <- lapply(types, function(type) {
    within(median(suppressMessages(kaplan_meier(table, conf.type = type))), horizon)
  })
  names(medians) <- default_first(types)
  note("coverage", paste0("median, ", label), n, rate, medians)
}

# The same subjects, with their follow-up split into rows of six months
cover_split <- function(n, rate) {
  d <- draw_times(n, rate)
  kept <- known_sets(d)
  pieces <- lapply(seq(0, 66, 6), function(from) {
    at <- d$time > from
    last <- d$time[at] <= from + 6
    frame(
      entry = rep(from, sum(at)), time = pmin(d$time[at], from + 6),
      event = d$event[at] * last, set = d$set[at]
    )
  })
  split <- do.call(rbind, pieces)
  rows <- list(
    "small-sample (default)" = rows_at_horizon(kaplan_meier(Surv(time, event) ~ set, d),
      kept
    ),
    "small-sample, split rows" = rows_at_horizon(
      kaplan_meier(Surv(entry, time, event) ~ set, split), kept
    )
  )
  note_limits("S(24), rows of 6 months", n, rate, 1 - rate, rows)
}

# Gamma-distributed weights of mean 1 and variance 1; events do not depend on them
cover_weights <- function(n, rate) {
  d <- draw_times(n, rate)
  kept <- known_sets(d)
  d <- up_to_horizon(d)
  d$weight <- pmax(stats::rgamma(nrow(d), 1), 1e-6)
  rows <- list("small-sample (default), sampling weights" = rows_at_horizon(
    kaplan_meier(Surv(time, event) ~ set, d, weights = weight, weight_type = "sampling"),
    kept
  ))
  note_limits("S(24), sampling weights", n, rate, 1 - rate, rows)
}

# --- size: one test after another -------------------------------------------------------

draw_groups <- function(size, rate) {
  n <- sum(size)
  failure <- stats::rexp(n, -log(1 - rate) / horizon)
  death <- stats::rexp(n, 0.006)
  censor <- stats::runif(n, 12, 72)
  end <- pmin(death, censor)
  cause <- ifelse(failure <= end, 1L, ifelse(death < censor, 2L, 0L))
  frame(
    time = pmin(failure, censor), event = as.integer(failure <= censor),
    ctime = pmin(failure, end), cause = cause, status = code(cause + 1L, causes),
    group = code(rep(seq_along(size), size), LETTERS[seq_along(size)]),
    stratum = code(sample(2L, n, TRUE), c("x", "y"))
  )
}

# With four |z|, the largest rejects at 1% from 3.03 on (Bonferroni) and at 5% not below
# 1.96; only between them is the integral needed
maxcombo_p <- function(table) {
  powers <- c(0, 0, 0, 1, 1, 0, 1, 1)
  raw <- .Call(oligosurv:::C_maxcombo, table, matrix(powers, 2), FALSE)
  z <- max(0, abs(raw$score) / sqrt(diag(raw$variance)), na.rm = TRUE)
  if (z < 1.95) return(1)
  if (z > 3.03) return(0)
  maxcombo_test(table)$p.value
}

combined_p <- function(d) {
  one <- event_table(Surv(time, event) ~ group, d)
  permuted <- function(test) {
    test(one, method = "permutation", n_permutations = 499)$p.value
  }
  c(
    "log-rank" = logrank_test(one)$p.value,
    "log-rank, 499 permutations" = permuted(logrank_test),
    "MaxCombo" = maxcombo_p(one), "MaxCombo, 499 permutations" = permuted(maxcombo_test)
  )
}

# For groups so small that all assignments can be enumerated
combined_exact_p <- function(d) {
  one <- event_table(Surv(time, event) ~ group, d)
  c(
    "log-rank, exact" = logrank_test(one, method = "exact")$p.value,
    "MaxCombo" = maxcombo_p(one),
    "MaxCombo, exact" = maxcombo_test(one, method = "exact")$p.value
  )
}

two_group_p <- function(d) {
  one <- event_table(Surv(time, event) ~ group, d)
  two <- event_table(Surv(ctime, status) ~ group, d)
  p <- function(...) logrank_test(one, ...)$p.value
  gray <- function(...) gray_test(two, ...)$tests$p.value[1]
  c(
    "log-rank" = p(), "Gehan" = p(weight = "gehan"),
    "Tarone-Ware" = p(weight = "tarone-ware"), "Peto-Peto" = p(weight = "peto-peto"),
    "modified Peto-Peto" = p(weight = "modified-peto-peto"),
    "Fleming-Harrington (0, 1)" = p(weight = "fleming-harrington", rho = 0, gamma = 1),
    "log-rank, 499 permutations" = p(method = "permutation", n_permutations = 499),
    "log-rank, stratified" = logrank_test(
      Surv(time, event) ~ group + strata(stratum), d
    )$p.value,
    "Gray" = gray(), "Gray, rho = 1" = gray(rho = 1),
    "Gray, 199 permutations" = gray(method = "permutation", n_permutations = 199),
    "Gray, stratified" = gray_test(
      Surv(ctime, status) ~ group + strata(stratum), d
    )$tests$p.value[1]
  )
}

three_group_p <- function(d) {
  one <- event_table(Surv(time, event) ~ group, d)
  two <- event_table(Surv(ctime, status) ~ group, d)
  gray <- function(...) gray_test(two, ...)$tests$p.value[1]
  c(
    "log-rank, 3 groups" = logrank_test(one)$p.value,
    "log-rank, trend" = logrank_test(one, trend = TRUE)$p.value,
    "log-rank, trend, 499 permutations" = logrank_test(
      one, trend = TRUE, method = "permutation", n_permutations = 499
    )$p.value,
    "Gray, 3 groups" = gray(), "Gray, trend" = gray(trend = TRUE)
  )
}

# For groups so small that all assignments can be enumerated
exact_p <- function(d) {
  one <- event_table(Surv(time, event) ~ group, d)
  c(
    "log-rank" = logrank_test(one)$p.value,
    "log-rank, exact" = logrank_test(one, method = "exact")$p.value
  )
}

one_sample_p <- function(rate) {
  hazard <- -log(1 - rate) / horizon
  function(d) {
    test <- one_sample_test(Surv(time, event) ~ 1, d, hazard = hazard)
    p <- as.data.frame(test)[c("p.value", "p.exact")]
    c("one-sample log-rank" = p[[1]], "one-sample log-rank, exact" = p[[2]])
  }
}

peer_p <- function(d) {
  quiet <- function(p) tryCatch(p, error = function(e) NA, warning = function(w) NA)
  c(
    "survival, log-rank" = quiet(
      survival::survdiff(survival::Surv(time, event) ~ group, d)$pvalue
    ),
    "cmprsk, Gray" = quiet(cmprsk::cuminc(d$ctime, d$cause, d$group)$Tests["1", "pv"])
  )
}

# Records rejections; an undefined test does not reject
reject <- function(target, size, rate, times, draw, p_values, levels = 0.05) {
  p <- vapply(seq_len(times), function(i) p_values(draw()), p_values(draw()))
  p <- matrix(p, ncol = times, dimnames = list(names(p_values(draw())), NULL))
  for (level in levels) {
    hits <- lapply(rownames(p), function(method) p[method, ] <= level + 1e-12)
    note(sprintf("rejection at %g%%", 100 * level), target, size, rate,
      stats::setNames(hits, rownames(p))
    )
  }
}

test_size <- function(size, rate, target, p_values, times = sets, ...) {
  reject(target, paste(size, collapse = " v "), rate, times,
    function() draw_groups(size, rate), p_values, ...
  )
}

# 37 patients with 65 lesions; failure and death have a gamma frailty of the patient; all
# lesions of a patient are in one group
draw_cohort <- function(size) {
  n <- sum(size)
  frailty <- stats::rgamma(n, 1, 1)
  death <- stats::rexp(n, 0.03 * frailty)
  censor <- stats::runif(n, 12, 72)
  lesions <- sample(rep(1:4, c(20, 9, 5, 3)))
  patient <- rep.int(seq_len(n), lesions)
  failure <- stats::rexp(length(patient), 0.02 * frailty[patient])
  time <- pmin(failure, death[patient], censor[patient])
  cause <- ifelse(time == failure, 1L, ifelse(time == death[patient], 2L, 0L))
  frame(
    time = time, patient = patient, event = as.integer(cause > 0),
    status = code(cause + 1L, causes),
    group = code(rep(seq_along(size), size)[patient], LETTERS[seq_along(size)])
  )
}

cluster_p <- function(d) {
  any <- Surv(time, event) ~ group
  by_cause <- Surv(time, status) ~ group
  gray <- function(...) gray_test(by_cause, d, ...)$tests$p.value
  naive <- gray()
  by_id <- gray(id = patient)
  permuted <- gray(id = patient, method = "permutation", n_permutations = 199)
  combined <- function(...) maxcombo_test(any, d, id = patient, ...)$p.value
  c(
    "log-rank, lesions as independent" = logrank_test(any, d)$p.value,
    "log-rank, by id" = logrank_test(any, d, id = patient)$p.value,
    "log-rank, by id, 499 permutations" = logrank_test(any, d,
      id = patient, method = "permutation", n_permutations = 499
    )$p.value,
    "Gray, failure, lesions as independent" = naive[1],
    "Gray, failure, by id" = by_id[1],
    "Gray, failure, by id, 199 permutations" = permuted[1],
    "Gray, death, lesions as independent" = naive[2], "Gray, death, by id" = by_id[2],
    "Gray, death, by id, 199 permutations" = permuted[2],
    "MaxCombo, by id" = if (nlevels(d$group) == 2L) combined(),
    "MaxCombo, by id, 499 permutations" = if (nlevels(d$group) == 2L) {
      combined(method = "permutation", n_permutations = 499)
    }
  )
}

# One coefficient (the group), or two more covariates of the patient: a normal and a
# binary one. A coefficient without a maximum does not reject.
regression_p <- function(more) {
  function(d) {
    n <- max(d$patient)
    d$x <- stats::rnorm(n)[d$patient]
    d$z <- stats::rbinom(n, 1, 0.5)[d$patient]
    any <- if (more) Surv(time, event) ~ group + x + z else Surv(time, event) ~ group
    by_cause <- stats::update(any, Surv(time, status) ~ .)
    ours <- function(formula, rows, ...) {
      fit <- suppressWarnings(hazard_ratio(formula, d, firth = FALSE, ...))
      tidy(fit)$p.value[rows]
    }
    rows <- if (more) 1:2 else 1L
    names <- c("", ", normal covariate")[rows]
    peer <- suppressWarnings(survival::coxph(any, d, cluster = patient))
    p <- c(
      stats::setNames(ours(any, rows), paste0("Cox", names, ", lesions as independent")),
      stats::setNames(ours(any, rows, id = patient), paste0("Cox", names, ", by id")),
      stats::setNames(
        ours(by_cause, rows, id = patient, outcome = "failure"),
        paste0("cause-specific, failure", names, ", by id")
      )
    )
    z <- stats::coef(peer)[rows] / sqrt(diag(stats::vcov(peer)))[rows]
    p <- c(p, stats::setNames(
      2 * stats::pnorm(-abs(z)), paste0("survival, coxph(cluster = )", names)
    ))
    if (more) return(p)
    c(p, "Fine-Gray, failure, by id" = ours(
      by_cause, 1L, id = patient, outcome = "failure", model = "fine-gray"
    ))
  }
}

if ("coverage" %in% parts) {
  set.seed(20260726)
  for (n in c(9, 12, 16, 28, 37)) {
    for (rate in c(0.03, 0.1, 0.3, 0.5)) {
      cover_survival(n, rate)
      cover_incidence(n, rate)
    }
  }
  write_part("coverage")
}
if ("lesions" %in% parts) {
  set.seed(20260731)
  for (rate in c(0.03, 0.1, 0.3)) cover_lesions(rate)
  write_part("lesions")
}
if ("exact-limits" %in% parts) {
  set.seed(20260801)
  cover_deaths(37, 0.03, 0.06, FALSE)
  for (rate in c(0.03, 0.05, 0.1, 0.3)) cover_deaths(37, rate, 0.06, TRUE)
  for (rate in c(0.1, 0.2)) cover_deaths(16, rate, 0.06, TRUE)
  cover_deaths(60, 0.03, 0.04, TRUE)
  for (late in c(1, 0.5)) {
    for (n in c(16, 37, 50)) {
      for (rate in c(0.1, 0.2, 0.5)) cover_late(n, rate, late)
    }
  }
  for (rate in c(0.03, 0.3)) cover_split(30, rate)
  for (rate in c(0.01, 0.03, 0.1)) cover_weights(37, rate)
  write_part("exact-limits")
}
if ("sizes" %in% parts) {
  set.seed(20260728)
  for (n in 9:37) {
    for (rate in c(0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)) {
      for (competing in c(0, 0.15)) cover_every_size(n, rate, competing)
    }
  }
  write_part("sizes")
}
if ("binomial" %in% parts) {
  for (n in 9:37) cover_binomial(n)
  write_part("binomial")
}
if ("others" %in% parts) {
  set.seed(20260729)
  for (size in list(c(28, 9), c(16, 12))) cover_bootstrap(size)
  for (n in c(9, 16, 37)) {
    for (rate in c(0.1, 0.3, 0.5)) {
      for (prob in c(0.1, 0.25)) {
        for (competing in c(0, 0.15)) cover_quantile(n, rate, prob, competing)
      }
      cover_follow_up(n, rate)
      cover_band(n, rate)
    }
  }
  cover_response()
  write_part("others")
}
if ("contrasts" %in% parts) {
  set.seed(20260801)
  for (size in list(c(28, 9), c(16, 12), c(9, 9))) cover_binomial_difference(size)
  for (size in list(c(28, 9), c(16, 12))) {
    for (rate in c(0.03, 0.1, 0.3, 0.5)) {
      for (competing in c(0, 0.15)) cover_differences(size, rate, competing)
    }
  }
  for (size in list(c(28, 9), c(19, 18))) {
    for (rate in c(0.2, 0.5)) {
      for (correlation in c(0.05, 0.3, 0.6)) reject_response(size, rate, correlation)
    }
  }
  for (p in list(c(0.5, 0.6), c(0.7, 0.85), c(0.85, 0.95), c(0.9, 0.97))) {
    for (power in c(0.8, 0.9)) {
      for (follow_up in c(12, 6)) power_single_arm(p[1], p[2], power, follow_up)
    }
  }
  write_part("contrasts")
}
if ("size" %in% parts) {
  set.seed(20260727)
  for (rate in c(0.1, 0.3, 0.6)) {
    for (size in list(c(28, 9), c(16, 12))) {
      test_size(size, rate, "two groups", two_group_p)
      test_size(size, rate, "two groups", peer_p, sets %/% 10L)
    }
    test_size(c(12, 16, 9), rate, "three groups", three_group_p)
    test_size(c(6, 6), rate, "two groups", exact_p)
    for (n in c(9, 37)) test_size(n, rate, "one group", one_sample_p(rate))
  }
  write_part("size")
}
if ("maxcombo" %in% parts) {
  set.seed(20261128)
  for (rate in c(0.1, 0.3, 0.6)) {
    for (size in list(c(28, 9), c(16, 12))) {
      test_size(size, rate, "two groups", combined_p, levels = c(0.05, 0.01))
    }
    test_size(c(6, 6), rate, "two groups", combined_exact_p, levels = c(0.05, 0.01))
  }
  write_part("maxcombo")
}
if ("cluster" %in% parts) {
  cohorts <- list(c(28, 9), c(19, 18), c(12, 16, 9))
  for (cell in seq_along(cohorts)) {
    set.seed(20260729 + cell) # own seeds, so that cells can run in parallel
    size <- cohorts[[cell]]
    reject("patients with lesions", paste(size, collapse = " v "), NA, sets,
      function() draw_cohort(size), cluster_p, levels = c(0.05, 0.01)
    )
  }
  write_part("cluster")
}
if ("regression" %in% parts) {
  set.seed(20260801)
  for (size in list(c(28, 9), c(19, 18))) {
    for (more in c(FALSE, TRUE)) {
      reject(if (more) "three covariates" else "one covariate",
        paste(size, collapse = " v "), NA, max(2L, sets %/% 10L),
        function() draw_cohort(size), regression_p(more)
      )
    }
  }
  write_part("regression")
}
