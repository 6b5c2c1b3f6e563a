# Firth's penalised Cox regression. Covariates are centred and divided by their standard
# deviations, which changes neither the likelihood nor, up to a constant, the penalty.

# The fit of cells, see fit_cox(). Those of several subjects with an event become one row
# for each; of the others `size` is the weight.
firth_cells <- function(obs, x, ties, conf.level) {
  n <- length(obs$stop)
  size <- if (is.null(obs$size)) rep(1, n) else obs$size
  several <- obs$event & size > 1
  cell <- rep.int(seq_len(n), ifelse(several, size, 1))
  rows <- list(
    start = if (is.null(obs$start)) rep(0, n) else obs$start, stop = obs$stop,
    event = obs$event, weight = ifelse(several, 1, size), stratum = obs$stratum
  )
  pattern <- if (is.null(obs$pattern)) seq_len(n) else obs$pattern
  firth_fit(lapply(rows, `[`, cell), x[pattern[cell], , drop = FALSE], ties, conf.level)
}

# Estimates, with limits and p-values from the profile of the penalised log-likelihood
# (Heinze and Schemper 2001)
firth_fit <- function(obs, x, ties, conf.level) {
  scale <- apply(x, 2L, stats::sd)
  rows <- risk_set_rows(obs, sweep(sweep(x, 2L, colMeans(x)), 2L, scale, "/"), ties)
  firth_result(.Call(C_firth, rows, stats::qchisq(conf.level, 1)), scale)
}

# The result of the kernel (NULL: no estimate) for covariates divided by `scale`
firth_result <- function(fit, scale) {
  if (is.null(fit)) {
    stop_oligosurv("data", sprintf(
      "the events are too few to estimate %s; use fewer covariates",
      count_noun(length(scale), "coefficient")
    ), arg = "x")
  }
  b <- fit[, 1L] / scale
  data.frame(
    log.ratio = b, std.error = fit[, 2L] / scale, statistic = sign(b) * sqrt(fit[, 5L]),
    p.value = stats::pchisq(fit[, 5L], 1, lower.tail = FALSE), low = fit[, 3L] / scale,
    high = fit[, 4L] / scale
  )
}

# The rows as the kernel reads them, sorted by stratum and time. The distinct times of all
# strata are numbered in this order; `first_time` is the number, from 0, of the first time
# at which each row is at risk. `time_end` says where each time ends among the rows,
# `stratum_end` where each stratum ends among the times.
risk_set_rows <- function(obs, x, ties) {
  o <- order(obs$stratum, obs$stop)
  times <- sort(unique(c(obs$start, obs$stop)))
  stratum <- match(obs$stratum[o], unique(obs$stratum[o]))
  key <- function(time) stratum * (length(times) + 1) + match(time[o], times)
  last <- key(obs$stop)
  distinct <- unique(last)
  first <- findInterval(key(obs$start), distinct)
  list(
    x = t(x[o, , drop = FALSE]), weight = as.double(obs$weight[o]),
    event = as.integer(obs$event[o]), time_end = findInterval(distinct, last),
    stratum_end = cumsum(tabulate(stratum[match(distinct, last)])), first_time = first,
    by_first = order(first) - 1L, efron = ties == "efron",
    delayed = any(obs$start > min(obs$start))
  )
}
