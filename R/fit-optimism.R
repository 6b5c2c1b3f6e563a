# Models of resampled patients and their performance: coefficients, baseline hazard, and
# measures of performance.

# Coefficients of all columns of the design, as hazard_ratio() fits them: with Firth's
# penalty if the likelihood has no maximum, and 0 if they are not identified
fit_resample <- function(rows, spec) {
  p <- ncol(rows$design$x)
  beta <- double(p)
  event <- rows$status == spec$cause
  fine_gray <- spec$model == "fine-gray"
  obs <- if (fine_gray) fine_gray_obs(rows, spec$cause) else cox_rows(rows, event)
  fit <- if (fine_gray) {
    fit_fine_gray(rows, obs, spec$cause, spec$ties, "robust")
  } else {
    fit_cox(obs, rows$design, spec$ties)
  }
  if (!any(fit$known)) return(beta)
  beta[fit$known] <- fit$beta
  if (any(fit$monotone)) {
    firth <- if (fine_gray) {
      firth_fine_gray(rows, spec$cause, fit$known, spec$ties, 0.95)
    } else {
      firth_cox(fit$cells, 0.95)
    }
    beta[fit$known] <- firth$values$log.ratio
  }
  replace(beta, !is.finite(beta), 0)
}

# Performance in `rows` of the coefficients that were fitted to the `trained` rows:
# concordance, slope of the linear predictor, and Brier score at the times
model_performance <- function(beta, trained, rows, spec) {
  lp <- linear_predictor(rows$design, beta)
  pairs <- concordance_pairs(rows, spec$cause, "harrell", Inf)
  c(
    concordance = concordance_of(lp, rows, pairs, FALSE)$estimate,
    slope = predictor_slope(lp, rows, spec),
    if (length(spec$times)) {
      risk <- baseline_risks(beta, trained, rows, lp, spec)
      values <- brier_of(risk, spec$times, rows, censoring_curve(rows), spec$cause)$value
      stats::setNames(values, rep("brier", length(values)))
    }
  )
}

linear_predictor <- function(design, beta) {
  lp <- drop(design$x %*% beta)
  if (is.null(design$offset)) lp else lp + design$offset
}

# The coefficient of a linear predictor, NA if it is constant or has no maximum
predictor_slope <- function(lp, rows, spec) {
  if (!length(lp) || max(lp) - min(lp) < rounding_tol) return(NA_real_)
  rows$design <- list(x = cbind(lp), index = 1L)
  event <- rows$status == spec$cause
  fit <- if (spec$model == "fine-gray") {
    fit_fine_gray(rows, fine_gray_obs(rows, spec$cause), spec$cause, spec$ties, "robust")
  } else {
    fit_cox(cox_rows(rows, event), rows$design, spec$ties)
  }
  if (!any(fit$known) || any(fit$monotone)) NA_real_ else unname(fit$beta)
}

# Predicted risks of `rows` at the times, from the baseline hazard of the `trained` rows
# in their stratum. S0 is the sum of exp(lp) over those at risk, and E0 over the d events
# of a time. The hazard of a time is d / S0 with Breslow's ties; with Efron's it is the
# sum over l = 0 .. d - 1 of 1 / (S0 - E0 l / d).
baseline_risks <- function(beta, trained, rows, lp, spec) {
  x <- linear_predictor(trained$design, beta)
  middle <- if (length(x)) mean(x) else 0
  risk <- exp(x - middle)
  n <- length(x)
  new <- c(TRUE[n > 0L], trained$time[-1L] != trained$time[-n] |
    trained$stratum[-1L] != trained$stratum[-n])
  cell <- cumsum(new)
  stratum <- trained$stratum[new]
  event <- trained$status == spec$cause
  sums <- function(x) sum_cells(x, cell)
  at_risk <- by_stratum(sums(risk), stratum, function(v) rev(cumsum(rev(v))))
  d <- sums(as.double(event))
  of_events <- sums(risk * event)
  step <- ifelse(d > 0, d / at_risk, 0)
  if (spec$ties == "efron") {
    for (j in which(d > 1)) {
      step[j] <- sum(1 / (at_risk[j] - of_events[j] * (seq_len(d[j]) - 1) / d[j]))
    }
  }
  hazard <- by_stratum(step, stratum, cumsum)
  real <- trained$real[new]
  risks <- lapply(spec$times, function(t) {
    by_t <- real <= t * (1 + default_tie_tol)
    reached <- by_stratum(ifelse(by_t, hazard, 0), stratum, function(v) {
      rep(max(v), length(v))
    })
    own <- reached[match(rows$stratum, stratum)]
    own[is.na(own)] <- 0
    -expm1(-own * exp(lp - middle))
  })
  matrix(unlist(risks), length(lp))
}
