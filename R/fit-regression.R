# The rows at risk for one outcome of hazard_ratio(), the comparisons that their risk sets
# make, and Wald tests.

# Columns divided by their largest absolute value, so that no square overflows
scale_columns <- function(x) {
  largest <- apply(abs(x), 2L, max, 0)
  sweep(x, 2L, ifelse(largest > 0, largest, 1), "/")
}

# The rows of a regression with the given numbers (ascending, possibly repeated)
rows_subset <- function(rows, at) {
  columns <- intersect(
    c("time", "entry", "stratum", "status", "real", "since", "unit"), names(rows)
  )
  rows[columns] <- lapply(rows[columns], `[`, at)
  rows$design$x <- rows$design$x[at, , drop = FALSE]
  rows$design$offset <- rows$design$offset[at]
  rows
}

# Cells of the Cox model, in the same form as those of fine_gray_obs()
cox_rows <- function(rows, event) {
  size <- rows$size
  entry <- rows$entry
  list(
    start = if (!is.null(entry) && any(entry > 0L)) entry, stop = rows$time,
    event = event, stratum = rows$stratum, pattern = rows$pattern, size = size,
    count = if (!rows$sampled) size, sampled = rows$sampled, id = variance_units(rows)
  )
}

# The units over which the variance is summed: ids; without ids but with sampling weights,
# rows; NULL for the model-based variance
variance_units <- function(rows) {
  if (rows$sampled && is.null(rows$id)) return(seq_along(rows$time))
  rows$id
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
# columns compare the other levels among themselves. They stay in the model, but the label
# "B against A" would be wrong. The same applies to all interaction terms of the factor.
# Of linearly dependent covariates the first is kept, as in coxph().
not_compared <- function(obs, design, known) {
  mislabelled <- rep(FALSE, length(known))
  single <- which(colSums(design$factors) == 1)
  for (term in single) {
    variable <- which(design$factors[, term])
    columns <- which(design$index == term)
    if (length(columns) >= design$levels[variable] || all(known[columns])) next
    chain <- risk_set_chains(obs)
    at_risk <- !is.na(chain)
    row <- if (is.null(obs$pattern)) seq_along(chain) else obs$pattern
    undetermined <- function(j) {
      !is_determined(design$x[row[at_risk], j, drop = FALSE], chain[at_risk])
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
# with others. Such columns are not part of any linear dependence within strata.
is_determined <- function(x, stratum) {
  if (!nrow(x)) return(rep(FALSE, ncol(x)))
  split <- decompose_within(x, stratum)
  kept <- split$kept
  if (!is.null(split$weights)) {
    kept <- kept[apply(abs(split$weights), 1L, max) < 1e-7]
  }
  seq_len(ncol(x)) %in% kept
}

# Rows that share a risk set, directly or through a sequence of other rows, form a chain.
# Returns the number of the chain of each row; NA if the row is at risk at no event time.
# Rows of different chains are never compared, so a chain acts like a stratum.
risk_set_chains <- function(obs) {
  chain <- rep(NA_integer_, length(obs$stop))
  last <- 0L
  for (rows in split(seq_along(obs$stop), obs$stratum)) {
    times <- sort(unique(obs$stop[rows][obs$event[rows]]))
    if (!length(times)) next
    first <- if (is.null(obs$start)) {
      rep(1L, length(rows))
    } else {
      findInterval(obs$start[rows], times) + 1L
    }
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

# Are rows of the same id several subjects? This is so if two of them are at risk at the
# same time, if two have an event, or if a row counts several times. Otherwise they are
# intervals of one follow-up (for example of a time-dependent covariate), and the
# model-based variance is valid.
has_clusters <- function(rows) {
  if (is.null(rows$id)) return(FALSE)
  if (!is.null(rows$size) && !rows$sampled && any(rows$size > 1)) return(TRUE)
  if (!anyDuplicated(rows$id)) return(FALSE)
  if (anyDuplicated(rows$id[rows$status > 0])) return(TRUE)
  if (is.null(rows$entry)) rows$entry <- integer(length(rows$time))
  by_id <- order(rows$id, rows$entry, rows$time)
  id <- rows$id[by_id]
  n <- length(id)
  same <- id[-1L] == id[-n]
  any(same & rows$entry[by_id][-1L] < rows$time[by_id][-n])
}

# Small-sample correction of the cluster-robust variance of p coefficients from G ids: the
# variance is multiplied by G / (G - p - 1), and the t distribution with G - p - 1 degrees
# of freedom replaces the normal distribution.
id_correction <- function(id, p) {
  n_id <- max(id, 0L)
  df <- n_id - p - 1
  list(n_id = n_id, df = df, factor = if (df > 0) n_id / df else NA_real_)
}

# Wald limits and p-values from the normal distribution, or from the t distribution with
# the correction for ids; NA where `lost`, see any_value_fits()
wald <- function(fit, monotone, conf.level, correction, lost = FALSE) {
  b <- fit$beta
  p <- length(b)
  error <- sqrt(fit$var[1L + (p + 1L) * (seq_len(p) - 1L)]) # of the diagonal
  df <- Inf
  if (!is.null(correction)) {
    error <- error * sqrt(correction$factor)
    df <- if (correction$df > 0) correction$df else NA_real_
  }
  diverges <- any(monotone)
  if (diverges) error[monotone] <- NA
  # qt() and pt() are imported, because `::` takes longer than they do
  width <- qt((1 + conf.level) / 2, df) * error
  z <- b / error
  low <- b - width
  high <- b + width
  if (diverges) {
    monotone <- monotone & !is.na(b)
    b[monotone] <- sign(b[monotone]) * Inf
    low[monotone] <- -Inf
    high[monotone] <- Inf
  }
  values <- list(
    log.ratio = b, std.error = error, statistic = z, df = rep(df, p),
    p.value = 2 * pt(-abs(z), df), low = low, high = high
  )
  if (any(lost)) values <- lapply(values, replace, lost, NA_real_)
  values
}

# Flags coefficients that no event determines if others have no maximum, such as that of a
# level without events if the reference has no events either. Their model-based standard
# error is then more than 1000 per standard deviation of the covariate, and a robust one,
# a sum over scores of 0, is meaningless.
any_value_fits <- function(fit, monotone, x) {
  if (!any(monotone)) return(logical(length(monotone)))
  x <- x[, fit$known, drop = FALSE]
  variance <- diag(fit$naive) * apply(x, 2L, stats::var)
  !monotone & (is.na(variance) | variance > 1e6)
}

# With clustered data only the estimates of a Firth fit are valid; the other columns
# become NA.
estimates_only <- function(values, clustered) {
  if (clustered) values[-1L] <- NA_real_
  values
}

warn_monotone <- function(labels) {
  if (!length(labels)) return(invisible())
  warn_oligosurv("data", sprintf(
    paste(
      "the likelihood has no maximum for %s, so the hazard ratio is 0 or Inf without",
      "confidence limits; firth = NA gives a finite estimate"
    ), join_words(labels)
  ))
}

# One outcome of kept_model(): coefficients and their variance, NA if unknown
fit_detail <- function(fit, values, apart, model, cause, penalised, correction,
                       sampled) {
  known <- fit$known
  usual <- length(known) && all(known) && !any(apart)
  if (usual && !penalised && is.null(correction)) {
    beta <- values$log.ratio
    var <- fit$var
  } else {
    beta <- rep(NA_real_, length(known))
    var <- matrix(NA_real_, length(known), length(known))
    beta[known] <- values$log.ratio
    if (any(known)) {
      by <- if (is.null(correction)) 1 else correction$factor
      if (penalised && anyNA(values$std.error)) by <- NA # rows that are not independent
      var[known, known] <- fit$var * by
    }
    beta[apart] <- var[apart, ] <- var[, apart] <- NA
  }
  list(
    beta = beta, var = var, known = known, apart = apart, cause = cause,
    naive = fit$naive,
    loglik = if (model == "cox" && !penalised && !sampled) fit$loglik,
    cells = if (model == "cox") fit$cells,
    data = fit$data
  )
}

# Input for predicted curves from a fit. `at` flags the columns of the model matrix in the
# likelihood, including those for which fit_detail() has NA because a label would be
# wrong. infinite: flags the coefficients without a finite maximum, or of which any value
# fits, among those `at`; NULL without any
curve_detail <- function(fit, values, at, infinite, fine_gray, penalised, correction,
                         variance, rows) {
  list(
    cox = if (!fine_gray) TRUE,
    beta = if (penalised) values$log.ratio else fit$beta, known = which(at),
    infinite = if (is.null(infinite)) character() else rows$design$label[at][infinite],
    fine_gray = fit$curve_data, correction = correction, variance = variance,
    # as for the coefficients, there are no limits
    blank = penalised && (has_clusters(rows) || rows$sampled),
    var = if (!penalised && any(at)) {
      if (is.null(correction)) fit$var else fit$var * correction$factor
    }
  )
}
