# The fit of one outcome of hazard_ratio() by survival::coxph(): rows at risk, identified
# coefficients, cluster-robust variance and Wald tests.

# Fits the coefficients that the risk sets identify. `known` flags, by estimable(), those
# that are identified if all rows are compared; of these, the risk sets may identify
# fewer: a covariate may be constant among those at risk at every event, for example if a
# whole group leaves before the first event.
fit_identified <- function(obs, design, known, ties, robust) {
  if (any(known)) {
    x <- design$x[obs$row, known, drop = FALSE]
    fit <- fit_coxph(obs, x, design$index[known], ties, robust)
    if (all(fit$converged)) return(c(fit, list(known = known)))
    identified <- in_risk_sets(obs, x, ties)
    if (all(identified)) return(c(fit, list(known = known)))
    known[known] <- identified
    return(fit_identified(obs, design, known, ties, robust))
  }
  list(known = known, converged = logical(), fit = NULL)
}

# Returns list(fit, converged). At a maximum one more Newton step does not move a
# coefficient, but with a monotone likelihood it moves by a constant length. A coefficient
# that coxph() drops is NA and has not converged.
fit_coxph <- function(obs, x, index, ties, robust) {
  fit <- run_coxph(obs, x, index, ties, robust)
  at <- stats::coef(fit)
  if (anyNA(at)) return(list(fit = fit, converged = !is.na(unname(at))))
  control <- survival::coxph.control(iter.max = 1)
  again <- run_coxph(obs, x, index, ties, robust, init = at, control = control)
  moved <- abs(stats::coef(again) - at) * apply(x, 2L, stats::sd)
  list(fit = fit, converged = is.finite(moved) & moved < 1e-3)
}

# Calls coxph() with our rows, and turns its error into one of ours.
run_coxph <- function(obs, x, index, ties, robust, ...) {
  d <- data.frame(obs[c("start", "stop", "event", "weight", "stratum")])
  d$id <- if (is.null(obs$id)) obs$row else obs$id
  names <- paste0("x", seq_along(unique(index)))
  for (i in seq_along(names)) {
    d[[names[i]]] <- unname(x[, index == unique(index)[i], drop = FALSE])
  }
  # coxph() is faster and numerically more stable without entry times
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
        "coxph() cannot fit the model of `x` (%d rows, %d coefficients): %s",
        nrow(d), ncol(x), conditionMessage(e)
      ), arg = "x")
    }
  )
}

# Flags coefficients that the risk sets identify, from the information matrix. It is
# computed at coefficients of 0, because its rank is the same for all coefficients, but
# at the estimates of a monotone likelihood some weights are too small to determine it.
in_risk_sets <- function(obs, x, ties) {
  control <- survival::coxph.control(iter.max = 0)
  fit <- run_coxph(obs, scale_columns(x), seq_len(ncol(x)), ties, FALSE,
    control = control
  )
  diag(fit$var) > 0
}

# Columns divided by their largest absolute value, so that no square overflows
scale_columns <- function(x) {
  largest <- apply(abs(x), 2L, max, 0)
  sweep(x, 2L, ifelse(largest > 0, largest, 1), "/")
}

# Rows of the Cox model, in the same form as those of fine_gray_obs()
cox_rows <- function(rows, event) {
  n <- length(event)
  list(
    start = rows$entry, stop = rows$time, event = event, weight = rep(1, n),
    stratum = rows$stratum, row = seq_len(n), id = rows$id
  )
}

# Flags a maximal set of columns that are linearly independent within strata; of dependent
# columns the first are kept.
estimable <- function(x, stratum) {
  split <- decompose_within(x, stratum)
  seq_len(ncol(x)) %in% split$kept
}

# Splits the columns of x, centred within strata, into linearly independent and dependent
# ones, whose column numbers are in `kept` and `dependent`. `weights` holds the
# coefficients of each dependent column as a linear combination of the kept ones (one row
# per kept column). Columns that are constant within strata are in neither.
decompose_within <- function(x, stratum) {
  if (!nrow(x)) return(list(kept = integer(), dependent = integer()))
  x <- scale_columns(x)
  centred <- x - rowsum(x, stratum)[as.character(stratum), , drop = FALSE] /
    as.vector(table(stratum)[as.character(stratum)])
  size <- sqrt(colSums(centred^2))
  varies <- size > 1e-10 * sqrt(colSums(x^2))
  scaled <- sweep(centred[, varies, drop = FALSE], 2L, size[varies], "/")
  decomposed <- qr(scaled, tol = 1e-9)
  first <- seq_len(decomposed$rank)
  rest <- setdiff(seq_len(sum(varies)), first)
  root <- qr.R(decomposed)
  list(
    kept = which(varies)[decomposed$pivot[first]],
    dependent = which(varies)[decomposed$pivot[rest]],
    weights = if (length(first) && length(rest)) {
      backsolve(root[first, first, drop = FALSE], root[first, rest, drop = FALSE])
    }
  )
}

# Flags coefficients whose label names a comparison that no risk set makes. If the
# reference level of a factor is never at risk together with the other levels, the kept
# columns compare the other levels among themselves; they stay in the model, but "B
# against A" would be wrong. The same applies to all interaction terms of the factor. Of
# linearly dependent covariates the first is kept, as in coxph().
not_compared <- function(obs, design, known) {
  mislabelled <- rep(FALSE, length(known))
  single <- which(colSums(design$factors) == 1)
  for (term in single) {
    variable <- which(design$factors[, term])
    columns <- which(design$index == term)
    if (length(columns) >= design$levels[variable] || all(known[columns])) next
    chain <- risk_set_chains(obs)
    at_risk <- !is.na(chain)
    undetermined <- function(j) {
      !is_determined(design$x[obs$row[at_risk], j, drop = FALSE], chain[at_risk])
    }
    lost <- undetermined(columns)
    if (!all(lost) && !any(lost & known[columns])) next
    mislabelled[columns] <- mislabelled[columns] | lost
    with <- design$factors[, design$factors[variable, ], drop = FALSE]
    inside <- colSums(design$factors[rowSums(with) == 0, , drop = FALSE]) == 0
    related <- which(inside[design$index])
    mislabelled[related] <- mislabelled[related] | undetermined(related)
  }
  mislabelled
}

# Flags columns whose own coefficient is identified, and not only a linear combination
# with others: these columns are not part of any linear dependence within strata.
is_determined <- function(x, stratum) {
  if (!nrow(x)) return(rep(FALSE, ncol(x)))
  split <- decompose_within(x, stratum)
  kept <- split$kept
  if (!is.null(split$weights)) {
    kept <- kept[apply(abs(split$weights), 1L, max) < 1e-7]
  }
  seq_len(ncol(x)) %in% kept
}

# For each row the number of its chain of risk sets. Rows in the same risk set are
# compared, and so are rows that are linked through others. NA if a row is at risk at no
# event.
risk_set_chains <- function(obs) {
  chain <- rep(NA_integer_, length(obs$stop))
  last <- 0L
  for (rows in split(seq_along(obs$stop), obs$stratum)) {
    times <- sort(unique(obs$stop[rows][obs$event[rows]]))
    if (!length(times)) next
    first <- findInterval(obs$start[rows], times) + 1L
    final <- findInterval(obs$stop[rows], times)
    at_risk <- first <= final
    linked <- cumsum(
      tabulate(first[at_risk], length(times)) - tabulate(final[at_risk], length(times))
    ) > 0
    number <- last + cumsum(c(TRUE, !linked[-length(times)]))
    chain[rows[at_risk]] <- number[first[at_risk]]
    last <- max(number)
  }
  chain
}

# Whether rows of the same id are several subjects: two of them are at risk at the same
# time, or have an event each. Otherwise they are intervals of one follow-up (for example
# of a time-dependent covariate), and the model-based variance is valid.
has_clusters <- function(rows) {
  if (!anyDuplicated(rows$id)) return(FALSE)
  if (anyDuplicated(rows$id[rows$status > 0])) return(TRUE)
  by_id <- order(rows$id, rows$entry, rows$time)
  id <- rows$id[by_id]
  n <- length(id)
  same <- id[-1L] == id[-n]
  any(same & rows$entry[by_id][-1L] < rows$time[by_id][-n])
}

# Small-sample correction of the cluster-robust variance of p coefficients from G ids: the
# variance is multiplied by G / (G - p - 1), and the t distribution with G - p - 1 degrees
# of freedom replaces the normal distribution. NULL without ids.
id_correction <- function(id, p) {
  if (is.null(id)) return(NULL)
  n_id <- max(id, 0L)
  df <- n_id - p - 1
  list(n_id = n_id, df = df, factor = if (df > 0) n_id / df else NA_real_)
}

# Wald limits and p-values from the normal distribution, or from the t distribution with
# the correction for ids
wald <- function(fit, monotone, conf.level, correction) {
  b <- unname(fit$coefficients)
  error <- unname(sqrt(diag(fit$var)))
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

# With clustered data only the estimates of a Firth fit are valid; the other columns
# become NA.
estimates_only <- function(values, clustered) {
  if (clustered) values[-1L] <- NA_real_
  values
}

warn_monotone <- function(labels) {
  warn_oligosurv("data", sprintf(
    paste(
      "the likelihood has no maximum for %s, so the hazard ratio is 0 or Inf without",
      "confidence limits; firth = NA gives a finite estimate"
    ), join_words(labels)
  ))
}
