# The Cox fit of one outcome: the input of the C code, the coefficients with their
# variance, and the test of proportional hazards.

# Makes the input of the C code. `obs` holds cells, sorted by stratum and time. A cell is
# a set of subjects with the same covariates that leave at the same time, with an event or
# without; with continuous covariates each row is a cell. `start` (NULL: all are at risk
# from the time origin) and `stop` are ranks of times, `pattern` is the row of the model
# matrix (NULL: cell i has row i), `size` is the number of subjects (NULL: one each) or,
# with `sampled`, the sampling weight.
cox_cells <- function(obs, x, ties) {
  list(
    x = x, column = seq_len(dim(x)[2L]), sampled = isTRUE(obs$sampled),
    pattern = if (!is.null(obs$pattern)) obs$pattern - 1L, size = obs$size,
    event = obs$event, time = obs$stop, start = obs$start,
    by_start = if (!is.null(obs$start)) order(obs$stratum, obs$start) - 1L,
    stratum_end = group_ends(obs$stratum), efron = ties == "efron"
  )
}

# Where each run of equal values of a sorted vector ends
group_ends <- function(x) {
  n <- length(x)
  if (!n || x[1L] == x[n]) return(if (n) as.double(n) else double())
  as.double(c(which(x[-1L] != x[-n]), n))
}

unique_of_sorted <- function(x) x[group_ends(x)]

# Fits the coefficients that the risk sets of events identify. Returns a list: `known`
# flags them among the columns of the design. For these coefficients: `beta`, the variance
# `var`, and `monotone`, which flags coefficients without a finite maximum. `loglik` is
# that of the null model and of the fit. If `obs$id` is given (whole numbers from 1), the
# variance is cluster-robust.
fit_cox <- function(obs, design, ties) {
  p <- dim(design$x)[2L]
  if (!p || !any(obs$event)) return(list(known = rep(FALSE, p), loglik = c(0, 0)))
  cells <- cox_cells(obs, design$x, ties)
  cells$offset <- design$offset
  fit <- check_risk_sets(.Call(C_cox_fit, cells))
  known <- fit$known
  cells$scaling <- fit$scaling
  fit$scaling <- NULL
  if (!all(known)) {
    fit$beta <- fit$beta[known]
    fit$var <- fit$var[known, known, drop = FALSE]
    fit$monotone <- fit$monotone[known]
    cells$column <- which(known)
  }
  fit$naive <- fit$var
  fit$cells <- cells
  if (!is.null(obs$id) && any(known)) fit$var <- robust_variance(fit, obs$id)
  fit
}

# The cluster-robust variance: the sum over the units of the squared influence on the
# estimate (Lin and Wei 1989). If a coefficient diverges, rounding errors may make a risk
# set useless; the variance is then NA.
robust_variance <- function(fit, id) {
  by_unit <- .Call(C_cox_residuals, fit$cells, fit$beta, id - 1L, max(id))
  if (is.null(by_unit) && any(fit$monotone)) return(fit$naive * NA)
  fit$naive %*% tcrossprod(check_risk_sets(by_unit)$score) %*% fit$naive
}

# Stops if C returns NULL, which means that rounding errors made a risk set useless
check_risk_sets <- function(x) {
  if (!is.null(x)) return(x)
  stop_oligosurv("domain", paste(
    "at the time of an event, the relative hazards of those at risk are too small,",
    "compared with those of other rows, for an accurate sum; check the covariates and",
    "offset() for extreme values, and the model for coefficients far from 0"
  ), arg = "x")
}

# The score test of proportional hazards, by term (number of each coefficient) and for all
# terms: statistic and degrees of freedom
ph_test <- function(fit, obs, term) {
  .Call(C_cox_ph, fit$cells, fit$beta, km_transform(obs), term, term[length(term)])
}

# Flags the first column of each term; columns of a term follow each other
begins_term <- function(index) {
  if (length(index) == 1L) return(TRUE)
  c(TRUE, index[-1L] != index[-length(index)])
}

# The test of proportional hazards as a table; NULL if it is not defined
ph_table <- function(fit, obs, design, fine_gray) {
  known <- fit$known
  first <- begins_term(design$index[known])
  test <- if (fine_gray) fit$trend else ph_test(fit, obs, cumsum(first))
  if (is.null(test) || anyNA(test)) return(NULL)
  statistic <- test[, 1L]
  df <- test[, 2L]
  quick_frame(list(
    term = c(design$term[known][first], "GLOBAL"), statistic = statistic, df = df,
    p.value = pchisq(statistic, df, lower.tail = FALSE)
  ))
}

# One minus the Kaplan-Meier curve of all cells just before each rank of time (from 0),
# centred at its mean over the events
km_transform <- function(obs) {
  .Call(C_km_transform, obs$stop, obs$start, obs$event, obs$count)
}
