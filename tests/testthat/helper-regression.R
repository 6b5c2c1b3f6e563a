# Random rows of every kind for hazard_ratio(), and the fits of peers on them: read by the
# tests and by bench/regression-sets.R.

# Rows with continuous or tied times, strata, delayed entry, units, weights, offsets, an
# empty level, dependent columns, one event or none. `offset`: widest linear predictor
regression_set <- function(seed, offset = 1) {
  withr::with_seed(seed, {
    n <- sample(c(5:14, 25, 40, 60, 60, 90, 150), 1)
    x <- stats::rnorm(n)
    time <- stats::rexp(n) * exp(-0.3 * x)
    tied <- sample(c(FALSE, TRUE, TRUE), 1)
    if (tied) time <- ceiling(time * sample(c(3, 10), 1))
    late <- time * stats::runif(n, 0, 0.8) * stats::rbinom(n, 1, 0.6)
    shares <- list(c(0.3, 0.4, 0.3), c(0.6, 0.2, 0.2), c(0, 0.5, 0.5), c(0.1, 0.8, 0.1))
    status <- sample(0:2, n, TRUE, shares[[sample(4, 1)]])
    if (seed %% 29 == 0) status[-1L] <- sample(c(0L, 2L), n - 1L, TRUE)
    if (seed %% 29 == 0) status[1L] <- 1L
    if (seed %% 31 == 0) status[status == 1L] <- 0L
    d <- data.frame(
      time, entry = if (tied) floor(late) else late, status,
      cause = factor(status, 0:2, c("censored", "failure", "death")),
      x = x * sample(c(0.1, 1, 9), 1) + sample(c(0, 60), 1),
      f = factor(sample(letters[1:3], n, TRUE, c(0.5, 0.3, 0.2)), letters[1:4]),
      b = stats::rbinom(n, 1, 0.4), s = sample(1:3, n, TRUE),
      unit = sample(ceiling(n / 2), n, TRUE), count = sample(0:3, n, TRUE),
      w = round(stats::rexp(n) + 0.1, 3), o = offset * stats::rnorm(n), row = seq_len(n)
    )
    d$y <- 1 + 2 * d$x
    d
  })
}

# What seed chooses, all combinations: form of the covariates, strata, entry, offset,
# weights, ids and ties
regression_kind <- function(seed) {
  withr::with_seed(seed + 1e6, list(
    right = sample(c("x", "x + b", "f + x", "x + I(2 * x) + b", "x * b", "f + b + y",
      "b + f + x + y"
    ), 1),
    strata = stats::runif(1) < 0.3, entry = stats::runif(1) < 0.4,
    offset = stats::runif(1) < 0.3, unit = stats::runif(1) < 0.3,
    weights = sample(c("none", "none", "frequency", "sampling"), 1),
    ties = sample(c("efron", "breslow"), 1)
  ))
}

kind_formula <- function(kind, left) {
  stats::as.formula(paste(left, "~", kind$right, if (kind$strata) "+ strata(s)",
    if (kind$offset) "+ offset(o)"
  ))
}

# hazard_ratio() of such a kind
fit_kind <- function(formula, d, kind, ...) {
  more <- list(...)
  if (kind$unit) more$id <- "unit"
  if (kind$weights != "none") {
    d$weight <- if (kind$weights == "frequency") d$count else d$w
    more <- c(more, list(weights = as.name("weight"), weight_type = kind$weights))
  }
  suppressMessages(suppressWarnings(do.call(hazard_ratio, c(
    list(formula, d, firth = FALSE, ties = kind$ties), more
  ))))
}

# Rows as a peer reads them: frequencies written out, and without empty levels
peer_rows <- function(d, kind) {
  if (kind$weights == "frequency") d <- d[rep(seq_len(nrow(d)), d$count), ]
  if (kind$weights != "sampling") d$w <- rep(1, nrow(d))
  d$row <- seq_len(nrow(d))
  d$f <- droplevels(d$f)
  if (!kind$unit) d$unit <- d$row
  d
}

# What the fit of hazard_ratio() has for the columns that coxph() has
matched_fit <- function(fit, d) {
  rows <- fit$table
  detail <- fit$model$fits[[1L]]
  has <- !(rows$term == "f" & rows$level %in% setdiff(letters, as.character(d$f)))
  list(
    beta = detail$beta[has], var = diag(stats::vcov(fit))[has],
    infinite = any(is.infinite(detail$beta[has])), apart = any(fit$apart[has]),
    ph = fit$proportional_hazards$statistic
  )
}

precise <- function() {
  suppressWarnings(survival::coxph.control(1e-13, toler.chol = 1e-13, iter.max = 60))
}

# Gaps between a fit and coxph(): of coefficients in standard errors of the model, of
# variances in proportion; or in words why there is nothing to compare
gaps <- function(ours, peer, factor) {
  if (inherits(peer, "error")) return("the peer has no result")
  theirs <- unname(stats::coef(peer))
  if (ours$infinite) return("no maximum")
  at <- !is.na(ours$beta)
  if (ours$apart) return("labels would be wrong")
  if (!any(at)) return("nothing to estimate")
  if (length(theirs) != length(at)) return("other columns")
  naive <- diag(if (is.null(peer$naive.var)) peer$var else peer$naive.var)
  # coxph() has 0 with the variance 0 where it finds no information
  if (!identical(at, !is.na(theirs) & naive > 0)) return("other columns are known")
  robust <- diag(peer$var)
  c(
    beta = max(abs(ours$beta - theirs)[at] / sqrt(naive[at])),
    var = if (is.finite(factor) && factor > 0) {
      max(abs(ours$var[at] / (robust[at] * factor) - 1))
    } else {
      0
    }
  )
}

# The factor of hazard_ratio() for the number of ids
unit_factor <- function(d, kind, ours) {
  n <- length(unique(d$unit))
  if (kind$unit) n / (n - sum(!is.na(ours$beta)) - 1) else 1
}

# Gaps of one random set between hazard_ratio() and coxph(), with those of `definition`:
# how far from the maximum both are, in standard errors, by partial_likelihood()
cox_gaps <- function(seed, offset = 1) {
  d <- regression_set(seed, offset)
  kind <- regression_kind(seed)
  left <- if (kind$entry) "Surv(entry, time, status == 1)" else "Surv(time, status == 1)"
  formula <- kind_formula(kind, left)
  fit <- fit_kind(formula, d, kind)
  d <- peer_rows(d, kind)
  robust <- kind$unit || kind$weights == "sampling"
  peer <- tryCatch(suppressWarnings(if (robust) {
    survival::coxph(formula, d, w,
      ties = kind$ties, cluster = unit, control = precise(), x = TRUE, model = TRUE
    )
  } else {
    survival::coxph(formula, d,
      ties = kind$ties, control = precise(), x = TRUE, model = TRUE
    )
  }), error = identity)
  ours <- matched_fit(fit, d)
  gap <- gaps(ours, peer, unit_factor(d, kind, ours))
  if (is.character(gap)) return(gap)
  if (kind$weights != "sampling") {
    loglik <- peer$loglik[2L]
    gap["loglik"] <- abs(as.vector(stats::logLik(fit)) - loglik) / (1 + abs(loglik))
  }
  test <- tryCatch(survival::cox.zph(peer)$table[, 1L], error = function(e) NULL)
  if (length(test) && length(test) == length(ours$ph)) {
    gap["ph"] <- max(abs(ours$ph - test) / (1 + abs(test)))
  }
  c(gap, definition = from_maximum(ours, peer, d, kind))
}

# How far both are from the maximum by the definition, in standard errors
from_maximum <- function(ours, peer, d, kind) {
  at <- !is.na(ours$beta)
  x <- peer$x[, at, drop = FALSE]
  rows <- data.frame(
    start = if (kind$entry) d$entry else -1, stop = d$time, event = d$status == 1,
    stratum = if (kind$strata) d$s else 1, weight = d$w,
    offset = if (kind$offset) d$o else 0
  )
  x <- sweep(x, 2L, colMeans(x))
  vapply(list(ours = ours$beta, peer = unname(stats::coef(peer))), function(beta) {
    at_beta <- partial_likelihood(rows, x, beta[at], kind$ties)
    step <- tryCatch(solve(at_beta$information, at_beta$score), error = function(e) NA)
    sqrt(abs(sum(at_beta$score * step)))
  }, 0)
}

# crr() takes censorings before events of the same time, has Breslow's rule, and no
# strata of the model, delayed entry, weights or offsets
suits_crr <- function(d, kind) {
  lost <- d$time[d$status == 0L]
  tied <- anyDuplicated(d$time[d$status == 1L]) > 0L
  !kind$strata && !kind$entry && !kind$offset && !kind$unit &&
    kind$weights != "sampling" && !any(lost %in% d$time[d$status != 0L]) &&
    (kind$ties == "breslow" || !tied)
}

# Gaps of one random set between a Fine-Gray model and crr() where it applies, else
# coxph() with the rows of finegray(); `by`: which
fine_gray_gaps <- function(seed) {
  d <- regression_set(seed)
  kind <- regression_kind(seed)
  rows <- peer_rows(d, kind)
  left <- if (kind$entry) "Surv(entry, time, cause)" else "Surv(time, cause)"
  formula <- kind_formula(kind, left)
  by_crr <- suits_crr(rows, kind)
  fit <- tryCatch(fit_kind(formula, d, kind,
    model = "fine-gray", outcome = "failure",
    variance = if (by_crr) "censoring" else "robust"
  ), oligosurv_error_data = identity)
  if (inherits(fit, "error")) return("refused")
  ours <- matched_fit(fit, rows)
  peer <- if (by_crr) crr_fit(ours, rows, kind) else long_fit(rows, kind)
  gap <- gaps(ours, peer, unit_factor(rows, kind, ours))
  if (is.character(gap)) return(gap)
  c(gap, crr = by_crr)
}

# crr() of the columns that are known, with the value of coxph()
crr_fit <- function(ours, d, kind) {
  x <- stats::model.matrix(kind_formula(kind, ""), d)[, -1L, drop = FALSE]
  at <- !is.na(ours$beta)
  if (length(at) != ncol(x) || !any(at)) return(list(coefficients = ours$beta))
  centred <- sweep(x, 2L, colMeans(x))
  fit <- tryCatch(suppressWarnings(cmprsk::crr(d$time, d$status,
    centred[, at, drop = FALSE], gtol = 1e-12, maxiter = 50
  )), error = identity)
  if (inherits(fit, "error") || !fit$converged) return(simpleError("crr()"))
  var <- naive <- matrix(NA_real_, length(at), length(at))
  var[at, at] <- fit$var
  naive[at, at] <- fit$invinf
  list(
    coefficients = replace(ours$beta, at, unname(fit$coef)), var = var, naive.var = naive
  )
}

# finegray() with strata gives each stratum the weights of the first rows, so they are
# given here afterwards; and it sees no delayed entry if none is after the first exit
long_fit <- function(d, kind) {
  left <- if (kind$entry) "Surv(entry, time, cause)" else "Surv(time, cause)"
  formula <- stats::as.formula(paste(left, "~ row", if (kind$strata) "+ strata(s)"))
  tryCatch(suppressWarnings({
    long <- survival::finegray(formula, d, etype = "failure", id = row)
    unseen <- kind$entry && max(d$entry) == min(d$time)
    if (unseen) stop("entries at the first exit")
    long$fgwt <- long$fgwt * d$w[long$row]
    if (!all(is.finite(long$fgwt))) stop("weights that are not numbers")
    more <- c("x", "f", "b", "y", "s", "o", "unit")
    long <- cbind(
      long[c("row", "fgstart", "fgstop", "fgstatus", "fgwt")], d[long$row, more]
    )
    survival::coxph(kind_formula(kind, "Surv(fgstart, fgstop, fgstatus)"), long, fgwt,
      cluster = unit, ties = kind$ties, control = precise()
    )
  }), error = identity)
}

# Log likelihood, score and information at beta, by the definition: each risk set is
# summed anew, without running totals. d: `start`, `stop`, `event`, `stratum`, `weight`
# and `offset`. Factors of tied events: see osv_cox_tie.
partial_likelihood <- function(d, x, beta, ties) {
  eta <- drop(x %*% beta) + d$offset
  p <- length(beta)
  sums <- list(loglik = 0, score = numeric(p), information = matrix(0, p, p))
  failed <- unique(d[d$event == 1, c("stratum", "stop")])
  for (i in seq_len(nrow(failed))) {
    t <- failed$stop[i]
    at <- which(d$stratum == failed$stratum[i] & d$start < t & d$stop >= t)
    events <- d$event[at] == 1 & d$stop[at] == t
    top <- max(eta[at])
    r <- d$weight[at] * exp(eta[at] - top)
    z <- x[at, , drop = FALSE]
    z <- sweep(z, 2L, colSums(r * z) / sum(r))
    count <- sum(events)
    w <- d$weight[at][events]
    sums$loglik <- sums$loglik + sum(w * (eta[at][events] - top))
    sums$score <- sums$score + colSums(w * z[events, , drop = FALSE])
    for (l in seq_len(count) - 1) {
      q <- r * (1 - if (ties == "efron") l / count * events else 0)
      share <- q / sum(q)
      mean <- colSums(share * z)
      off <- sweep(z, 2L, mean)
      sums$loglik <- sums$loglik - mean(w) * log(sum(q))
      sums$score <- sums$score - mean(w) * mean
      sums$information <- sums$information + mean(w) * crossprod(sqrt(share) * off)
    }
  }
  sums
}
