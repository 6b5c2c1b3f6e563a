# Rscript bench/digits.R: digits that oligosurv and its peers keep on long data, against
# 60-digit sums (bench/digits.py, which wants python3). Writes bench/digits.csv, the worst
# relative error of each quantity over 2,000 times and the last hundred, and copies it to
# vignettes/bench for the methods article. A peer that is not installed is left out by
# name. Some minutes.

library(survival, warn.conflicts = FALSE)
library(oligosurv)

# Made by rule, so that every program reads the same integers
data_sets <- list(
  "half censored" = list(n = 1e6, cause = function(i) c(1, 0, 2, 0, 1, 0)[i %% 6 + 1]),
  "50 events" = list(n = 1e6, cause = function(i) {
    ifelse(i %% 20011 == 0, ifelse(i %% 2 == 1, 1, 2), 0)
  }),
  "all events" = list(n = 1e6, cause = function(i) ifelse(i %% 1000 == 7, 2, 1)),
  "3,650 times" = list(n = 1e6, cause = function(i) c(1, 0, 2, 0, 1, 0)[i %% 6 + 1],
    time = function(i) ceiling(i * 0.00365)
  ),
  "cancellation" = list(n = 2e5, cause = function(i) {
    ifelse(i %% 1000 == 7, 2, ifelse(i %% 100 == 50, 0, 1))
  })
)

rows_of <- function(set) {
  i <- seq_len(set$n)
  cause <- set$cause(i)
  data.frame(
    time = if (is.null(set$time)) i else set$time(i), event = as.integer(cause > 0),
    cause, status = factor(cause, 0:2),
    group = as.integer(i %% 10 < ifelse(i %% 1e6 < 1e5, 6, 4))
  )
}

exact_values <- function(d, times) {
  counts <- as.data.frame(stats::aggregate(
    cbind(d1 = d$cause == 1, d2 = d$cause == 2, c = d$cause == 0) ~ group + time, d, sum
  ))[c("time", "group", "d1", "d2", "c")]
  files <- tempfile(rep("digits", 3))
  on.exit(unlink(files))
  utils::write.csv(format(counts, scientific = FALSE, trim = TRUE), files[1],
    row.names = FALSE, quote = FALSE
  )
  writeLines(format(times, scientific = FALSE, trim = TRUE), files[2])
  done <- system2("python3", c("bench/digits.py", files[1:2]), stdout = files[3])
  stopifnot(done == 0)
  utils::read.csv(files[3])
}

at <- function(value, time, times) value[findInterval(times, time)]
long <- function(quantity, time, value) data.frame(quantity, time, value)

by_oligosurv <- function(d, times) {
  km <- tidy(kaplan_meier(Surv(time, event) ~ 1, d, conf.type = "none"), times = times)
  any <- cumulative_incidence(Surv(time, event) ~ 1, d, conf.type = "none")
  any <- tidy(any, times = times)
  rows <- function(...) {
    fit <- cumulative_incidence(Surv(time, status) ~ 1, d, conf.type = "none", ...)
    tidy(fit, times = times)
  }
  f <- rows()
  aalen <- rows(variance = "aalen")
  tau <- times[length(times) * c(0.25, 0.5, 0.75, 1)]
  rbind(
    long("S", times, km$estimate), long("var S", times, km$std.error^2),
    long("1 - S", times, any$estimate),
    long(paste0("F", f$outcome), f$time, f$estimate),
    long(paste0("var F", f$outcome), f$time, f$std.error^2),
    long(paste0("Aalen F", f$outcome), f$time, aalen$std.error^2),
    long("mean", tau, vapply(tau, function(t) {
      tidy(restricted_mean(Surv(time, event) ~ 1, d, tau = t))$estimate
    }, 0)),
    long("chi-square", max(d$time),
      logrank_test(Surv(time, event) ~ group, d)$statistic
    )
  )
}

# Competing risks of survfit() take hours at a million distinct times
by_survival <- function(d, times) {
  fit <- survfit(Surv(time, event) ~ 1, d)
  surv <- at(fit$surv, fit$time, times)
  tau <- times[length(times) * c(0.25, 0.5, 0.75, 1)]
  out <- rbind(
    long("S", times, surv), long("1 - S", times, 1 - surv),
    long("var S", times, (surv * at(fit$std.err, fit$time, times))^2),
    long("mean", tau, vapply(tau, function(t) {
      summary(fit, rmean = t)$table[["rmean"]]
    }, 0)),
    long("chi-square", max(d$time), survdiff(Surv(time, event) ~ group, d)$chisq)
  )
  if (length(unique(d$time)) > 1e4) return(out)
  fit <- survfit(Surv(time, status) ~ 1, d)
  for (k in 1:2) {
    out <- rbind(out,
      long(paste0("F", k), times, at(fit$pstate[, k + 1], fit$time, times)),
      long(paste0("var F", k), times, at(fit$std.err[, k + 1], fit$time, times)^2)
    )
  }
  out
}

by_prodlim <- function(d, times) {
  one <- prodlim::prodlim(prodlim::Hist(time, event) ~ 1, d)
  two <- prodlim::prodlim(prodlim::Hist(time, cause) ~ 1, d)
  out <- long("S", times, at(one$surv, one$time, times))
  for (k in 1:2) {
    out <- rbind(out,
      long(paste0("F", k), times, at(two$cuminc[[k]], two$time, times)),
      long(paste0("var F", k), times, at(two$se.cuminc[[k]], two$time, times)^2)
    )
  }
  out
}

by_cmprsk <- function(d, times) {
  fit <- cmprsk::timepoints(cmprsk::cuminc(d$time, d$cause), times)
  do.call(rbind, lapply(1:2, function(k) {
    rbind(
      long(paste0("F", k), times, fit$est[k, ]),
      long(paste0("Aalen F", k), times, fit$var[k, ])
    )
  }))
}

peers <- list(
  oligosurv = by_oligosurv, survival = by_survival, prodlim = by_prodlim,
  cmprsk = by_cmprsk
)
there <- vapply(names(peers), requireNamespace, NA, quietly = TRUE)
for (peer in names(peers)[!there]) message("left out: ", peer, " is not installed")

results <- do.call(rbind, lapply(names(data_sets), function(name) {
  set <- data_sets[[name]]
  d <- rows_of(set)
  last <- max(d$time)
  times <- sort(unique(c(round(seq_len(2000) / 2000 * last), last - 0:100)))
  exact <- exact_values(d, times)
  do.call(rbind, lapply(names(peers)[there], function(peer) {
    got <- merge(peers[[peer]](d, times), exact)
    got <- got[got$near != 0, ]
    got$error <- abs((got$value - got$near - got$rest) / got$near)
    # what is compared is the same quantity of every cause
    got$quantity <- sub("(F)[12]$", "\\1", got$quantity)
    worst <- tapply(got$error, got$quantity, function(x) max(x, na.rm = TRUE))
    lost <- tapply(is.na(got$value), got$quantity, sum)
    out <- data.frame(
      data = name, quantity = names(worst), package = peer,
      error = signif(as.vector(worst), 2), undefined = as.vector(lost)
    )
    print(out, row.names = FALSE)
    out
  }))
}))
utils::write.csv(results, "bench/digits.csv", row.names = FALSE)
copied <- file.copy("bench/digits.csv", "vignettes/bench", overwrite = TRUE)
