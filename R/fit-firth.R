# Firth's penalised likelihood: the results of its kernels.

# Of the cells of a Cox model, see cox_cells(): estimates, with limits and p-values from
# the profile of the penalised log-likelihood (Heinze and Schemper 2001)
firth_cox <- function(cells, conf.level) {
  fit <- .Call(C_cox_firth, cells, stats::qchisq(conf.level, 1))
  firth_result(fit, length(cells$column))
}

# The result of a kernel (NULL: no estimate) for p coefficients
firth_result <- function(fit, p) {
  if (is.null(fit)) {
    stop_oligosurv("data", sprintf(
      "the events are too few to estimate %s; use fewer covariates",
      count_noun(p, "coefficient")
    ), arg = "x")
  }
  b <- fit[, 1L]
  data.frame(
    log.ratio = b, std.error = fit[, 2L], statistic = sign(b) * sqrt(fit[, 5L]),
    p.value = stats::pchisq(fit[, 5L], 1, lower.tail = FALSE), low = fit[, 3L],
    high = fit[, 4L]
  )
}
