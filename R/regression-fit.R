# The fit of one outcome of hazard_ratio() by survival::coxph(): rows at risk, which
# coefficients are identified, variance by id and tests.

# The fit of the coefficients that the risk sets identify (`known`): beyond what
# estimable() sees in the rows, a covariate may be constant among those at risk whenever
# an event occurs, as where a whole group leaves before the first event.
fit_known <- function(obs, design, known, ties, robust) {
  if (any(known)) {
    x <- design$x[obs$row, known, drop = FALSE]
    fit <- fit_coxph(obs, x, design$index[known], ties, robust)
    if (all(fit$settled)) return(c(fit, list(known = known)))
    identified <- in_risk_sets(obs, x, ties)
    if (all(identified)) return(c(fit, list(known = known)))
    known[known] <- identified
    return(fit_known(obs, design, known, ties, robust))
  }
  list(known = known, settled = logical(), fit = NULL)
}

# Small-sample correction of the variance by id, a sum of squares over G ids whose p + 1
# degrees of freedom are taken: it is multiplied by G / (G - p - 1), and t with G - p - 1
# degrees of freedom takes the place of the normal distribution. NULL without ids.
id_correction <- function(id, p) {
  if (is.null(id)) return(NULL)
  n_id <- max(id, 0L)
  df <- n_id - p - 1
  list(n_id = n_id, df = df, factor = if (df > 0) n_id / df else NA_real_)
}

cox_rows <- function(rows, event) {
  n <- length(event)
  list(
    start = rows$entry, stop = rows$time, event = event, weight = rep(1, n),
    stratum = rows$stratum, row = seq_len(n), id = rows$id
  )
}

# Who had another event stays at risk, with the weights of finegray()
fine_gray_rows <- function(rows, cause) {
  status <- factor(
    ifelse(rows$status == cause, 1L, ifelse(rows$status == 0L, 0L, 2L)), 0:2
  )
  if (any(rows$entry > 0)) {
    stop_oligosurv("data", "a Fine-Gray model is not fitted here to left-truncated data")
  }
  d <- data.frame(
    time = rows$time, status = status, stratum = rows$stratum, row = seq_along(status)
  )
  long <- if (any(status == "2") && any(status == "1")) {
    survival::finegray(Surv(time, status) ~ row + strata(stratum), d, etype = "1")
  } else {
    data.frame(
      row = d$row, fgstart = 0, fgstop = d$time, fgstatus = status == "1", fgwt = 1
    )
  }
  list(
    start = long$fgstart, stop = long$fgstop, event = long$fgstatus == 1,
    weight = long$fgwt, stratum = rows$stratum[long$row], row = long$row,
    id = if (is.null(rows$id)) long$row else rows$id[long$row]
  )
}

# Columns that the rows can tell apart, within strata
estimable <- function(x, stratum) {
  x <- scale_columns(x)
  centred <- x - rowsum(x, stratum)[as.character(stratum), , drop = FALSE] /
    as.vector(table(stratum)[as.character(stratum)])
  size <- sqrt(colSums(centred^2))
  some <- size > 1e-10 * sqrt(colSums(x^2))
  decomposed <- qr(sweep(centred[, some, drop = FALSE], 2L, size[some], "/"), tol = 1e-9)
  seq_along(some) %in% which(some)[decomposed$pivot[seq_len(decomposed$rank)]]
}

# Columns divided by their largest absolute value, so that no square overflows
scale_columns <- function(x) {
  largest <- apply(abs(x), 2L, max, 0)
  sweep(x, 2L, ifelse(largest > 0, largest, 1), "/")
}

# The rank of the information is the same for all coefficients; at 0 no risk set has lost
# its weight, as it has where the likelihood is monotone.
in_risk_sets <- function(obs, x, ties) {
  control <- survival::coxph.control(iter.max = 0)
  fit <- run_coxph(obs, scale_columns(x), seq_len(ncol(x)), ties, FALSE,
    control = control
  )
  diag(fit$var) > 0
}

run_coxph <- function(obs, x, index, ties, robust, ...) {
  d <- data.frame(obs[c("start", "stop", "event", "weight", "stratum")])
  d$id <- if (is.null(obs$id)) obs$row else obs$id
  names <- paste0("x", seq_along(unique(index)))
  for (i in seq_along(names)) {
    d[[names[i]]] <- unname(x[, index == unique(index)[i], drop = FALSE])
  }
  # coxph() is faster and steadier without entry times
  response <- if (all(obs$start == 0)) {
    quote(Surv(stop, event))
  } else {
    quote(Surv(start, stop, event))
  }
  formula <- stats::reformulate(c(names, "strata(stratum)"), response)
  tryCatch(
    suppressWarnings(survival::coxph(formula, d,
      weights = d$weight, ties = ties, robust = robust, cluster = d$id, ...
    )),
    error = function(e) {
      stop_oligosurv("data", sprintf(
        "the model could not be fitted to %d rows and %d coefficients: %s",
        nrow(d), ncol(x), conditionMessage(e)
      ), arg = "x")
    }
  )
}

# The fit, and for each coefficient whether it has settled: at a maximum one more Newton
# step goes nowhere, where the likelihood is monotone it goes on by a fixed length. A
# coefficient that coxph() gives up on is NA and not settled.
fit_coxph <- function(obs, x, index, ties, robust) {
  fit <- run_coxph(obs, x, index, ties, robust)
  at <- stats::coef(fit)
  if (anyNA(at)) return(list(fit = fit, settled = !is.na(unname(at))))
  control <- survival::coxph.control(iter.max = 1)
  again <- run_coxph(obs, x, index, ties, robust, init = at, control = control)
  moved <- abs(stats::coef(again) - at) * apply(x, 2L, stats::sd)
  list(fit = fit, settled = is.finite(moved) & moved < 1e-3)
}

# Limits and p of the normal distribution, or of t with the correction by id
wald <- function(fit, monotone, conf.level, correction) {
  b <- unname(stats::coef(fit))
  error <- unname(sqrt(diag(stats::vcov(fit))))
  df <- Inf
  if (!is.null(correction)) {
    error <- error * sqrt(correction$factor)
    df <- if (correction$df > 0) correction$df else NA_real_
  }
  error[monotone] <- NA
  width <- stats::qt((1 + conf.level) / 2, df) * error
  z <- b / error
  monotone <- monotone & !is.na(b)
  b[monotone] <- sign(b[monotone]) * Inf
  data.frame(
    log.ratio = b, std.error = error, statistic = z, df = df,
    p.value = 2 * stats::pt(-abs(z), df),
    low = ifelse(monotone, -Inf, b - width), high = ifelse(monotone, Inf, b + width)
  )
}

blank_inference <- function(values, clustered) {
  if (clustered) values[-1L] <- NA_real_
  values
}

warn_monotone <- function(labels) {
  warn_oligosurv("data", sprintf(
    paste(
      "the likelihood has no maximum for %s: the estimate is 0 or Inf and has no limits;",
      "firth = NA gives a finite one"
    ), join_words(labels)
  ))
}
