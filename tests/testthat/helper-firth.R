# Firth's penalised likelihood in R, risk set by risk set. It is slow, and shares no code
# with the C code that it checks.

# The risk set of each event time in each stratum. `removed` is the proportion of the tied
# events that is subtracted from the denominator: (0, ..., d - 1) / d for Efron's method,
# 0 for Breslow's.
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

# Like likelihood_moments(), for the penalised log likelihood l* = l + log|I| / 2
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

# Limits from the kernel for the same rows
firth_of <- function(obs, x, ties, conf.level = 0.95) {
  o <- order(obs$stratum, obs$stop)
  obs <- lapply(obs, `[`, o)
  ranks <- sort(unique(c(obs$start, obs$stop)))
  obs$stop <- match(obs$stop, ranks)
  obs$start <- if (any(obs$start > min(obs$start))) match(obs$start, ranks)
  obs$size <- obs$weight
  cells <- oligosurv:::cox_cells(obs, x[o, , drop = FALSE], ties)
  oligosurv:::firth_cox(cells, conf.level)$values
}
