# Estimators written from their formulas in basic R, for comparison. They share no code
# with the package and may be slow. `cause` is 0 for censored, 1.. for the causes. Events
# at a time precede censorings at that time.

# Distinct times, in order
oracle_times <- function(time) sort(unique(time))

# Kaplan-Meier; variance by V <- V (1 - h)^2 + S-^2 d (n - d) / n^3, which is
# Greenwood's S^2 sum d / (n (n - d)) and 0 once S is 0.
oracle_km <- function(time, cause) {
  times <- oracle_times(time)
  surv <- 1
  variance <- 0
  rows <- lapply(times, function(t) {
    n <- sum(time >= t)
    d <- sum(time == t & cause > 0)
    variance <<- variance * (1 - d / n)^2 + surv^2 * d * (n - d) / n^3
    surv <<- surv * (n - d) / n
    data.frame(
      time = t, n.risk = n, n.event = d, n.censor = sum(time == t) - d,
      estimate = surv, std.error = sqrt(variance)
    )
  })
  do.call(rbind, rows)
}

# Reverse Kaplan-Meier: censoring is the event; events of the same time come before it.
oracle_reverse_km <- function(time, cause) {
  times <- oracle_times(time)
  surv <- vapply(times, function(t) {
    n <- sum(time >= t) - sum(time == t & cause > 0)
    if (n > 0) 1 - sum(time == t & cause == 0) / n else 1
  }, 0)
  data.frame(time = times, estimate = cumprod(surv))
}

# Aalen-Johansen: `estimate` and `std.error` are matrices of times by causes. The
# covariance C of (S, F1, .., FK) is updated by C <- A'CA + S-^2 M, with A the transition
# matrix of the time, S- the survival before it, and M the multinomial covariance of the
# increments.
oracle_aj <- function(time, cause, causes = sort(unique(cause[cause > 0]))) {
  times <- oracle_times(time)
  k <- length(causes)
  state <- c(1, numeric(k))
  covariance <- matrix(0, k + 1, k + 1)
  estimate <- std.error <- matrix(0, length(times), k)
  surv <- numeric(length(times))
  for (i in seq_along(times)) {
    n <- sum(time >= times[i])
    h <- vapply(causes, function(x) sum(time == times[i] & cause == x), 0) / n
    step <- diag(k + 1)
    step[1, ] <- c(1 - sum(h), h)
    spread <- rbind(-1, diag(k))
    multinomial <- spread %*% (diag(h, k) - h %o% h) %*% t(spread) / n
    covariance <- t(step) %*% covariance %*% step + state[1]^2 * multinomial
    state <- drop(state %*% step)
    surv[i] <- state[1]
    estimate[i, ] <- state[-1]
    std.error[i, ] <- sqrt(pmax(diag(covariance)[-1], 0))
  }
  list(time = times, surv = surv, estimate = estimate, std.error = std.error)
}

# The statistic U' V^- U, its rank and its p-value.
oracle_quadratic <- function(score, variance) {
  e <- eigen(variance, symmetric = TRUE)
  keep <- e$values > 1e-10 * max(e$values, 1e-300)
  rank <- if (any(variance != 0)) sum(keep) else 0L
  if (rank == 0) return(list(statistic = NA_real_, df = 0L, p.value = NA_real_))
  part <- drop(crossprod(e$vectors[, keep, drop = FALSE], score))
  statistic <- sum(part^2 / e$values[keep])
  list(
    statistic = statistic, df = rank,
    p.value = stats::pchisq(statistic, rank, lower.tail = FALSE)
  )
}

# k-sample log-rank test, stratified: U_j = sum d_j - d n_j / n, hypergeometric variance.
oracle_logrank <- function(time, event, group, stratum = rep(1, length(time))) {
  group <- droplevels(factor(group))
  levels <- levels(group)
  observed <- expected <- stats::setNames(numeric(length(levels)), levels)
  variance <- matrix(0, length(levels), length(levels))
  for (s in unique(stratum)) {
    at <- stratum == s
    for (t in unique(time[at & event > 0])) {
      n_group <- as.vector(table(group[at & time >= t]))
      d_group <- as.vector(table(group[at & time == t & event > 0]))
      n <- sum(n_group)
      d <- sum(d_group)
      observed <- observed + d_group
      expected <- expected + d * n_group / n
      if (n > 1) {
        share <- n_group / n
        variance <- variance +
          d * (n - d) / (n - 1) * (diag(share, length(share)) - share %o% share)
      }
    }
  }
  c(
    list(observed = observed, expected = expected),
    oracle_quadratic(observed - expected, variance)
  )
}

# Gray (1988) doi:10.1214/aos/1176350951 with weight (1 - F0)^rho: score and
# variance in two passes, summed over strata.
oracle_gray <- function(time, cause, group, of, stratum = rep(1, length(time)),
                        rho = 0, entry = rep(-Inf, length(time))) {
  group <- droplevels(factor(group))
  free <- seq_len(nlevels(group) - 1L)
  parts <- lapply(unique(stratum), function(s) {
    at <- stratum == s
    oracle_gray_stratum(time[at], cause[at], group[at], of, rho, entry[at])
  })
  score <- Reduce(`+`, lapply(parts, `[[`, "score"))[free]
  variance <- Reduce(`+`, lapply(parts, `[[`, "variance"))[free, free, drop = FALSE]
  oracle_quadratic(score, variance)
}

# Score and variance of Gray's test in one stratum
oracle_gray_stratum <- function(time, cause, group, of, rho, entry) {
  k <- nlevels(group)
  tally <- function(at) as.vector(table(group[at]))
  surv <- rep(1, k) # event-free probability by group, just before t
  cif <- numeric(k) # incidence of the cause, by group
  pooled <- 0 # F0, the incidence under the null
  score <- numeric(k)
  slope <- matrix(0, k, k) # cumulative derivative of the score by the hazard
  jumps <- list()
  for (t in sort(unique(time[cause > 0]))) {
    n <- tally(time >= t & entry < t)
    d1 <- tally(time == t & cause == of)
    d2 <- tally(time == t & cause > 0 & cause != of)
    h <- ifelse(n > 0, n / surv, 0)
    r <- h * (1 - cif)
    weight <- (1 - pooled)^rho
    a <- weight * (diag(h, k) - h %o% h / sum(h))
    pooled_next <- pooled + sum(d1) / sum(h)
    if (sum(d1) > 0) {
      score <- score + weight * (d1 - sum(d1) * r / sum(r))
      slope <- slope + a * sum(d1) / (sum(h) * (1 - pooled))
    }
    surv_next <- ifelse(n > 0, surv * (n - d1 - d2) / n, surv)
    jumps[[length(jumps) + 1L]] <- list(
      n = n, d1 = sum(d1), d2 = d2, h = h,
      pooled = pooled_next, before = surv, after = surv_next, a = a,
      slope = slope
    )
    cif <- cif + ifelse(n > 0, surv * d1 / n, 0)
    surv <- surv_next
    pooled <- pooled_next
  }
  variance <- matrix(0, k, k)
  for (j in jumps) {
    for (g in which(j$n > 0)) {
      rest <- slope[, g] - j$slope[, g]
      lost <- if (j$after[g] > 0) (1 - j$pooled) / j$after[g] else 0
      if (j$d1 > 0) {
        ties <- if (j$d1 > 1) 1 - (j$d1 - 1) / (sum(j$h) * j$before[g] - 1) else 1
        e <- j$a[, g] + (1 - lost) * rest
        variance <- variance + ties * j$d1 / (sum(j$h) * j$h[g]) * e %o% e
      }
      if (j$d2[g] > 0 && j$after[g] > 0) {
        ties <- if (j$d2[g] > 1) 1 - (j$d2[g] - 1) / (j$n[g] - 1) else 1
        e <- -lost * rest
        variance <- variance +
          ties * j$before[g]^2 * j$d2[g] / j$n[g]^2 * e %o% e
      }
    }
  }
  list(score = score, variance = variance)
}

# Every distinct assignment of the groups of one stratum, one per column
all_assignments <- function(group) {
  if (!length(group)) return(matrix(0L, 0L, 1L))
  parts <- lapply(unique(group), function(g) {
    rest <- all_assignments(group[-match(g, group)])
    rbind(g, rest, deparse.level = 0)
  })
  do.call(cbind, parts)
}

# Proportion of the assignments whose statistic is at least the observed one
oracle_exact <- function(group, statistic) {
  values <- apply(all_assignments(group), 2L, statistic)
  mean(values >= statistic(group) * (1 - 1e-9))
}

# Log-rank scores by their formula
oracle_scores <- function(time, event, weight = function(t) 1) {
  hazard <- function(t) weight(t) * sum(event[time == t]) / sum(time >= t)
  vapply(seq_along(time), function(i) {
    passed <- unique(time[event > 0 & time <= time[i]])
    event[i] * weight(time[i]) - sum(vapply(passed, hazard, 0))
  }, 0)
}
