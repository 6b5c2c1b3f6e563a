# Level and coverage of the variance by patient (`id`) of hazard_ratio(), next to
# survival::coxph(cluster = ) and crrSC::crrc(), with few patients of 1 to 5 lesions.
#
#   Rscript bench/clusters.R [sets per cell, default 2000] [first cell, default 1]
#
# writes bench/validity-clusters.csv and its copy for the methods article; from a later
# cell on, rows are added to it.
#
# Half of the patients are in group B. Event times are exponential given a positive stable
# frailty of the patient (Hougaard 1986) with alpha = 0.7, Kendall's tau 0.3 between
# lesions of a patient. The hazard ratio without the frailty is then constant, its log is
# alpha times the log of that with the frailty, so that coverage can be counted. The end
# of the study is set so that the wanted number of events is expected. With competing
# risks a second cause has the same hazard and a frailty of its own. All tests and limits
# are at 5%. Sets whose likelihood has no maximum (a group without events) are left out;
# `sets` says how many remain.

library(oligosurv)

sets <- as.integer(c(commandArgs(TRUE), 2000)[1])
alpha <- 0.7
first_cell <- as.integer(c(commandArgs(TRUE)[-1], 1)[1])
results <- if (first_cell > 1) {
  list(utils::read.csv("bench/validity-clusters.csv"))
} else {
  list()
}

# Positive stable variables by Kanter's formula; exp(-s^alpha) is their Laplace transform
draw_stable <- function(n) {
  u <- stats::runif(n, 0, pi)
  sin(alpha * u) / sin(u)^(1 / alpha) *
    (sin((1 - alpha) * u) / stats::rexp(n))^((1 - alpha) / alpha)
}

# The end of the study at which a proportion `share` of lesions has had an event of the
# cause, with hazards of 1: marginally P(T > t) = exp(-t^alpha)
end_of_study <- function(share, log_ratio, competing) {
  proportion <- function(end) {
    mean(vapply(c(0, log_ratio), function(b) {
      power <- exp(b)
      if (!competing) return(1 - exp(-power * end^alpha))
      power / (power + 1) * (1 - exp(-(power + 1) * end^alpha))
    }, 0))
  }
  most <- if (competing) proportion(1e6) else 1
  if (share >= 0.95 * most) return(NA)
  stats::uniroot(function(end) proportion(end) - share, c(1e-9, 1e6))$root
}

draw_patients <- function(n, events, log_ratio, competing) {
  lesions <- sample(1:5, n, TRUE, c(0.5, 0.25, 0.12, 0.08, 0.05))
  patient <- rep.int(seq_len(n), lesions)
  b <- as.integer(seq_len(n) > n / 2)[patient]
  time_of <- function(log_ratio) {
    stats::rexp(length(b)) / (draw_stable(n)[patient] * exp(log_ratio * b / alpha))
  }
  end <- end_of_study(events / length(b), log_ratio, competing)
  if (is.na(end)) return(NULL)
  failure <- time_of(log_ratio)
  other <- if (competing) time_of(0) else Inf
  # a tenth of the patients leave earlier
  left <- ifelse(stats::runif(n) < 0.1, stats::runif(n), 1)[patient] * end
  time <- pmin(failure, other, left)
  cause <- ifelse(time == failure, 1L, ifelse(time == other, 2L, 0L))
  data.frame(time, cause, event = as.integer(cause == 1L), patient, b,
    status = factor(cause, 0:2, c("censored", "failure", "death"))
  )
}

wald <- function(b, error, df = Inf) {
  c(b, b - stats::qt(0.975, df) * error, b + stats::qt(0.975, df) * error)
}

ours <- function(fit) log(unlist(fit$table[1, c("estimate", "conf.low", "conf.high")]))

# Estimate and limits of the log hazard ratio by each method
cox_limits <- function(d) {
  one <- Surv(time, event) ~ b
  peer <- survival::coxph(one, d, cluster = patient)
  list(
    "Cox, lesions as independent" = ours(hazard_ratio(one, d, firth = FALSE)),
    "Cox, by id" = ours(hazard_ratio(one, d, id = patient, firth = FALSE)),
    "survival, coxph(cluster = )" = wald(stats::coef(peer), sqrt(diag(stats::vcov(peer))))
  )
}

fine_gray_limits <- function(d) {
  two <- Surv(time, status) ~ b
  by_id <- hazard_ratio(two, d, "fine-gray", "failure", id = patient, firth = FALSE)
  peer <- crrSC::crrc(d$time, d$cause, cbind(b = d$b), cluster = d$patient)
  list(
    "Fine-Gray, by id" = ours(by_id),
    "crrSC, crrc()" = wald(peer$coef, sqrt(diag(peer$var)))
  )
}

simulate <- function(n, events, log_ratio, competing) {
  methods <- if (competing) fine_gray_limits else cox_limits
  hits <- list()
  for (i in seq_len(sets)) {
    d <- draw_patients(n, events, log_ratio, competing)
    if (is.null(d)) next
    limits <- tryCatch(suppressMessages(methods(d)),
      warning = function(w) NULL, error = function(e) NULL
    )
    if (is.null(limits) || anyNA(unlist(limits))) next
    covers <- vapply(limits, function(x) x[2] <= log_ratio && log_ratio <= x[3], NA)
    hits[[length(hits) + 1L]] <- covers
  }
  if (length(hits) < sets / 4) return(invisible())
  hits <- do.call(rbind, hits)
  if (log_ratio == 0) hits <- !hits # the level of the test
  share <- colMeans(hits)
  rows <- data.frame(
    kind = if (log_ratio == 0) "rejection at 5%" else "coverage of 95%",
    target = sprintf("%d patients, %d events", n, events), method = colnames(hits),
    size = n, rate = events, sets = nrow(hits), share = round(share, 5),
    monte_carlo_se = round(sqrt(share * (1 - share) / nrow(hits)), 5)
  )
  print(rows, row.names = FALSE)
  results[[length(results) + 1L]] <<- rows
  all <- do.call(rbind, results)
  for (place in c("bench", "vignettes/bench")) {
    utils::write.csv(all, file.path(place, "validity-clusters.csv"), row.names = FALSE)
  }
}

cells <- list(
  c(9, 5), c(9, 10), c(12, 5), c(12, 12), c(20, 5), c(20, 15), c(37, 5), c(37, 15),
  c(37, 30), c(100, 5), c(100, 15), c(100, 30)
)
for (k in seq_along(cells)[seq_along(cells) >= first_cell]) {
  set.seed(20261129 + k)
  n <- cells[[k]][1]
  events <- cells[[k]][2]
  simulate(n, events, 0, FALSE)
  simulate(n, events, log(2), FALSE)
  simulate(n, events, 0, TRUE)
}
