# Fine-Gray regression with analytic variance and its peers. `Rscript bench/finegray.R`;
# with `--large` also 500,000 rows of 100 covariates (2 GB of memory). CPU time of one
# thread, which depends little on other work on the machine; the median of five runs, of
# one where a run takes more than 5 s. Ours is hazard_ratio() from formula to table, with
# the test of proportional hazards; `kernel` is fit_fine_gray() alone, the fit, variance
# and test of rows that are sorted already.

library(survival, warn.conflicts = FALSE)
library(oligosurv)

options(oligosurv.threads = 1L)

# Half of the subjects are censored or have a competing event
cohort <- function(n, p) {
  set.seed(1)
  x <- matrix(rnorm(n * p), n, p, dimnames = list(NULL, paste0("x", seq_len(p))))
  event <- rexp(n) * exp(-x[, 1] * 0.3)
  censored <- rexp(n, 0.5)
  cause <- ifelse(event <= censored, 1 + rbinom(n, 1, 0.4), 0)
  list(x = x, time = pmin(event, censored), cause = cause)
}

frame_of <- function(d) {
  data.frame(
    id = seq_along(d$time), time = d$time, d$x,
    status = factor(d$cause, 0:2, c("censored", "failure", "death"))
  )
}

cpu <- function(expr) sum(system.time(expr, gcFirst = TRUE)[c("user.self", "sys.self")])

# Median CPU seconds of a call. Calls of less than 0.1 s are made many times at once.
seconds <- function(f) {
  first <- cpu(f())
  if (first > 5) return(first)
  times <- max(1, ceiling(0.1 / max(first, 1e-3)))
  stats::median(replicate(5, cpu(for (i in seq_len(times)) f()) / times))
}

formula_of <- function(d) {
  stats::reformulate(colnames(d$x), quote(Surv(time, status)))
}

ours <- function(d, ...) {
  rows <- frame_of(d)
  formula <- formula_of(d)
  seconds(function() hazard_ratio(formula, rows, "fine-gray", "failure", ...))
}

kernel <- function(d) {
  n <- length(d$time)
  entry <- asNamespace("oligosurv")
  o <- order(d$time)
  rows <- list(
    time = seq_len(n), status = as.integer(d$cause[o]), stratum = rep(1L, n),
    design = list(x = d$x[o, , drop = FALSE], index = seq_len(ncol(d$x)))
  )
  seconds(function() {
    obs <- entry$fine_gray_obs(rows, 1L)
    entry$fit_fine_gray(rows, obs, 1L, "breslow", "censoring")
  })
}

crr <- function(d) seconds(function() cmprsk::crr(d$time, d$cause, d$x))

expanded <- function(d) {
  rows <- frame_of(d)
  wide <- stats::reformulate(colnames(d$x), quote(Surv(fgstart, fgstop, fgstatus)))
  seconds(function() {
    long <- finegray(Surv(time, status) ~ ., rows, etype = "failure")
    coxph(wide, long, weights = fgwt, cluster = id)
  })
}

note <- function(rows, covariates, fit, c, peer, other) {
  cat(sprintf(
    "| %s | %d | %.4g | %.4g | %.0f | %s | %s |\n", format(rows, big.mark = ","),
    covariates, fit, c, 1e9 * c / rows, peer, other
  ))
}

cat(
  "| rows | covariates | ours, s | kernel, s | ns a row | `cmprsk::crr()` |",
  "`finegray()` and `coxph()` |\n|---|---|---|---|---|---|---|\n"
)
ratio <- function(theirs, fit, c) {
  sprintf("%.3g s, %.0fx (kernel %.0fx)", theirs, theirs / fit, theirs / c)
}
for (n in c(300, 1000, 4000)) {
  d <- cohort(n, 4)
  fit <- ours(d)
  c <- kernel(d)
  note(n, 4, fit, c, ratio(crr(d), fit, c), ratio(expanded(d), fit, c))
}
for (n in c(1e5, 1e6)) {
  d <- cohort(n, 4)
  note(n, 4, ours(d), kernel(d), "", "")
}
if ("--large" %in% commandArgs(TRUE)) {
  d <- cohort(5e5, 100)
  c <- kernel(d)
  note(5e5, 100, NA, c, "", "")
}
