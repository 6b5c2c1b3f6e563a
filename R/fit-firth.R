# Firth's penalised Cox regression in R, which is fast enough for the small studies that
# use it. Covariates are divided by their standard deviations, which changes neither the
# likelihood nor, up to a constant, the penalty.

# Risk set of each event time in each stratum. `removed` is the proportion of the tied
# events that is taken out of the denominator: (0, ..., d - 1) / d for Efron's and 0 for
# Breslow's method.
risk_sets <- function(obs, x, ties) {
  scale <- apply(x, 2L, stats::sd)
  failed <- which(obs$event)
  key <- unique(data.frame(time = obs$stop[failed], stratum = obs$stratum[failed]))
  sets <- lapply(seq_len(nrow(key)), function(i) {
    in_stratum <- obs$stratum == key$stratum[i]
    at_risk <- which(in_stratum & obs$start < key$time[i] & obs$stop >= key$time[i])
    event <- obs$event[at_risk] & obs$stop[at_risk] == key$time[i]
    d <- sum(event)
    list(
      at_risk = at_risk, event = event,
      removed = if (ties == "efron") (seq_len(d) - 1) / d else rep(0, d)
    )
  })
  list(
    x = sweep(x, 2L, scale, "/"), scale = scale, weight = obs$weight, sets = sets
  )
}

# Log likelihood, score, information, and the derivative of the information with respect
# to each coefficient, from the first three moments of the covariates over each risk set
likelihood_moments <- function(risk, beta) {
  p <- length(beta)
  eta <- drop(risk$x %*% beta)
  loglik <- 0
  score <- numeric(p)
  info <- matrix(0, p, p)
  slope <- array(0, c(p, p, p))
  for (set in risk$sets) {
    x <- risk$x[set$at_risk, , drop = FALSE]
    top <- max(eta[set$at_risk])
    relative <- risk$weight[set$at_risk] * exp(eta[set$at_risk] - top)
    loglik <- loglik + sum(eta[set$at_risk][set$event])
    score <- score + colSums(x[set$event, , drop = FALSE])
    for (removed in set$removed) {
      weight <- relative * (1 - removed * set$event)
      total <- sum(weight)
      weight <- weight / total
      mean <- colSums(x * weight)
      centred <- sweep(x, 2L, mean)
      loglik <- loglik - log(total) - top
      score <- score - mean
      info <- info + crossprod(centred * weight, centred)
      for (j in seq_len(p)) {
        slope[, , j] <- slope[, , j] + crossprod(centred * weight * centred[, j], centred)
      }
    }
  }
  list(loglik = loglik, score = score, info = info, slope = slope)
}

# likelihood_moments() for the penalised log likelihood l* = l + log|I| / 2, where I is
# the information
penalised_moments <- function(risk, beta) {
  m <- likelihood_moments(risk, beta)
  root <- tryCatch(chol(m$info), error = function(e) NULL)
  if (is.null(root)) return(list(loglik = -Inf))
  inverse <- chol2inv(root)
  m$loglik <- m$loglik + sum(log(diag(root)))
  m$score <- m$score + apply(m$slope, 3L, function(s) sum(inverse * s)) / 2
  m$inverse <- inverse
  m
}

stop_undetermined <- function(beta) {
  stop_oligosurv("data", sprintf(
    "the events are too few to estimate %s; use fewer covariates",
    count_noun(length(beta), "coefficient")
  ), arg = "x")
}

# Maximises l* over the coefficients in `free` and keeps the others at `beta`, by Newton
# steps that are halved until l* increases.
maximise_penalised <- function(risk, beta, free = seq_along(beta)) {
  now <- penalised_moments(risk, beta)
  if (is.null(now$inverse)) stop_undetermined(beta)
  if (!length(free)) return(c(now, list(beta = beta)))
  for (iteration in 1:500) {
    step <- numeric(length(beta))
    step[free] <- tryCatch(
      solve(now$info[free, free, drop = FALSE], now$score[free]),
      error = function(e) stop_undetermined(beta)
    )
    gain <- sum(step * now$score)
    step <- step * min(1, 2 / max(abs(step)))
    repeat {
      new <- penalised_moments(risk, beta + step)
      if (new$loglik >= now$loglik || max(abs(step)) < 1e-12) break
      step <- step / 2
    }
    if (new$loglik < now$loglik) break
    beta <- beta + step
    now <- new
    if (gain < 1e-16) break
  }
  c(now, list(beta = beta))
}

# Estimates, with limits and p-values from the profile of l* (Heinze and Schemper 2001)
firth_fit <- function(obs, x, ties, conf.level) {
  risk <- risk_sets(obs, x, ties)
  p <- ncol(x)
  best <- maximise_penalised(risk, numeric(p))
  error <- sqrt(diag(best$inverse))
  cut <- stats::qchisq(conf.level, 1)
  columns <- vapply(seq_len(p), function(j) {
    start <- best$beta
    drop_from_best <- function(value) {
      start[j] <<- value
      fit <- maximise_penalised(risk, start, seq_len(p)[-j])
      start <<- fit$beta
      2 * (best$loglik - fit$loglik)
    }
    limit <- function(direction) {
      start <<- best$beta
      width <- direction * sqrt(cut) * error[j]
      outer <- width
      while (drop_from_best(best$beta[j] + outer) < cut) outer <- 2 * outer
      inner <- if (outer == width) 0 else outer / 2
      stats::uniroot(function(b) drop_from_best(best$beta[j] + b) - cut,
        sort(c(inner, outer)),
        tol = 1e-8
      )$root + best$beta[j]
    }
    range <- c(limit(-1), limit(1))
    start <- best$beta
    c(best$beta[j], error[j], range, max(drop_from_best(0), 0))
  }, numeric(5L))
  b <- columns[1L, ] / risk$scale
  data.frame(
    log.ratio = b, std.error = columns[2L, ] / risk$scale,
    statistic = sign(b) * sqrt(columns[5L, ]),
    p.value = stats::pchisq(columns[5L, ], 1, lower.tail = FALSE),
    low = columns[3L, ] / risk$scale, high = columns[4L, ] / risk$scale
  )
}
