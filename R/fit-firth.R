# Firth's penalised likelihood: converts the results of its kernels.

# Firth's estimates for the cells of a Cox model, see cox_cells(), with limits and
# p-values from the profile of the penalised log-likelihood (Heinze and Schemper 2001)
firth_cox <- function(cells, conf.level) {
  # the penalty depends on the sum of the weights
  if (cells$sampled) cells$size <- cells$size / mean(cells$size)
  fit <- .Call(C_cox_firth, cells_at_risk(cells), stats::qchisq(conf.level, 1))
  firth_result(fit, length(cells$column))
}

# Leaves out cells before the first event of their stratum, which are in no risk set. An
# outlier among them would determine the scale of the covariate, which loses digits.
cells_at_risk <- function(cells) {
  size <- diff(c(0, cells$stratum_end))
  stratum <- rep.int(seq_along(size), size)
  event <- which(as.logical(cells$event))
  first <- cells$time[event][match(stratum, stratum[event])]
  kept <- which(!is.na(first) & cells$time >= first)
  if (length(kept) == length(stratum) || !is.null(cells$start)) return(cells)
  for (name in c("pattern", "size", "event", "time")) {
    if (!is.null(cells[[name]])) cells[[name]] <- cells[[name]][kept]
  }
  cells$stratum_end <- group_ends(stratum[kept])
  pattern <- if (is.null(cells$pattern)) kept else sort(unique(cells$pattern)) + 1L
  if (!is.null(cells$pattern)) cells$pattern <- match(cells$pattern, pattern - 1L) - 1L
  cells$x <- cells$x[pattern, , drop = FALSE]
  cells$scaling <- NULL
  if (!is.null(cells$offset)) cells$offset <- cells$offset[pattern]
  cells
}

# The result of a kernel (NULL: no estimate) for p coefficients: their `values` and the
# variance `var`
firth_result <- function(fit, p) {
  if (is.null(fit)) {
    stop_oligosurv("data", sprintf(
      "the events are too few to estimate %s; use fewer covariates",
      count_noun(p, "coefficient")
    ), arg = "x")
  }
  b <- fit[, 1L]
  list(
    values = data.frame(
      log.ratio = b, std.error = fit[, 2L], statistic = sign(b) * sqrt(fit[, 5L]),
      p.value = stats::pchisq(fit[, 5L], 1, lower.tail = FALSE), low = fit[, 3L],
      high = fit[, 4L]
    ),
    var = fit[, 5L + seq_len(p), drop = FALSE]
  )
}
